"""How a formula may be spelled: its characters, and the one grammar that all spellings share."""

import unicodedata
from functools import cache
from itertools import groupby

from lark import Lark

# Names that begin with _ leave no trace in the tree.  The lexer is contextual: an INDEX is looked
# for only where an index may stand.  QUANTITY (takes indices) and FUNCTION are NAMEs; which name
# is which, the reader in `parsing` tells the grammar as it goes.
_GRAMMAR = r"""
start: CHANGE? total _STOP?

total: SIGN? product (SIGN product)*
product: power _step* _last?
       | tail
_step: power | (TIMES | OVER) SIGN? power
_last: tail | (TIMES | OVER) SIGN? tail
tail: (SUM_SIGN | SUM_WORD) range SIGN? product      // Σ_j and all that it takes

?power: atom
      | atom POWER SIGN? atom
      | BASE_E POWER SIGN? atom                      -> exponential
?atom: NUMBER                                        -> number
     | NAME                                          -> plain
     | QUANTITY _index (SUBSCRIPT | _NEXT INDEX "]")*   -> entry
     | HATTED                                        -> hatted
     | FUNCTION PRIME? _group                        -> call
     | FRACTION _OPEN_BRACE total _CLOSE_BRACE _OPEN_BRACE total _CLOSE_BRACE  -> fraction
     | FRACTION DIGIT DIGIT                          -> fraction
     | SUM_WORD range _CALL total _CLOSE             -> tail
     | SUM_WORD _OPEN total (_COMMA limit)+ _CLOSE   -> listed
     | _group
_group: _OPEN total _CLOSE | _OPEN_SQUARE total _CLOSE_SQUARE | _OPEN_BRACE total _CLOSE_BRACE

_index: SUBSCRIPT
      | _LOW _OPEN_BRACE _indices _CLOSE_BRACE
      | _LOW _OPEN _indices _CLOSE
      | _OPEN_SQUARE _indices _CLOSE_SQUARE
_indices: INDEX (_COMMA? INDEX)*

range: lower upper? | upper lower
lower: RUNNING | _LOW _OPEN_BRACE _start _CLOSE_BRACE | _LOW _OPEN _start _CLOSE
_start: INDEX (_EQUALS INDEX)?
upper: POWER INDEX | POWER _OPEN_BRACE INDEX _CLOSE_BRACE | POWER _OPEN INDEX _CLOSE
limit: INDEX | _OPEN INDEX _COMMA INDEX _COMMA INDEX _CLOSE

END: /(?![A-Za-z])/
CHANGED: /\\?(v|w|gamma|theta)/ END
PLACE: /_\s*\w+|_?\s*[\[{(][\w\s,]*[\]})]/
CHANGE.9: (/\\?[Dd]elta\s*/ CHANGED? | /d\s*/ CHANGED) /\s*/ PLACE? /\s*=(?!=)/
SPACE.8: /\s+|\$+|~|\\[,;:!()\[\]\s\\]/
       | /\\(q?quad|left|right|[Bb]igg?[lr]?|(no)?limits|displaystyle)/ END
FRACTION.5: /\\[dt]?frac/ END
SUM_SIGN.5: /\\(sum|Sigma)/ END
SUM_WORD.5: /[Ss]um/ END
HATTED.5: /\\(wide)?hat\s*\{\s*y\s*_\s*([A-Za-z0-9]|\{\s*[A-Za-z0-9]+\s*\})\s*\}/
BASE_E.5: /e(?=\s*(\^|\*\*))/
TIMES.5: /\*(?!\*)|\\(cdot|times|ast)/ END
OVER.5: "/" | /\\div/ END
PRIME.5: /'|\^\s*(\\prime|\{\s*\\prime\s*\})/
NAME: /y\u0302|\\(wide)?hat\s*\{\s*y\s*\}/
    | /y_?hat|\\(wide)?hat\s*y/ END
    | /\\?[A-Za-z]+(?!\u0302)/
NUMBER: /[0-9]+(\.[0-9]*)?|\.[0-9]+/
DIGIT.2: /[0-9]/
INDEX: /[A-Za-z]|[0-9]+/
SUBSCRIPT.2: /_\s*([A-Za-z0-9]{1,2}(?=[A-Za-z]_)|[A-Za-z0-9]+)/    // x_ib_h is x_i b_h
RUNNING.2: /_\s*[A-Za-z]/
SIGN: /[+-]/
POWER: /\^|\*\*/
_CALL.2: /(?<!\s)\(/
_NEXT.2: /\[(?=\s*([A-Za-z]|[0-9]+)\s*\])/
_OPEN: "("
_CLOSE: ")"
_OPEN_SQUARE: "["
_CLOSE_SQUARE: "]"
_OPEN_BRACE: /\\?\{/
_CLOSE_BRACE: /\\?\}/
_LOW: "_"
_EQUALS: "="
_COMMA: ","
_STOP: /[.;]+\s*\Z/
%ignore SPACE
%declare QUANTITY FUNCTION
"""

_SAME = str.maketrans(
    {
        **dict.fromkeys("·×∙⋅∗•✕", "*"),
        **dict.fromkeys("−–—‐‑", "-"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("′’‘´`", "'"),
        **{"。": ".", "、": ",", "【": "[", "】": "]", "½": "(1/2)", "ŷ": "y\u0302"},
        **{"∑": r"\sum ", "∆": r"\Delta ", "∂": r"\partial "},
    }
)
_SCRIPTS = {"<super>": ("^(", ")"), "<sub>": ("_{", "}"), "": ("", "")}


@cache
def grammar() -> Lark:
    """Return the grammar, compiled at the first call."""
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


def normalised(text) -> tuple[str, list[int]]:
    """Return the text in the characters of the grammar, and where each of them comes from.

    The one step before the grammar, character by character: raised and lowered ones become
    ``^(...)`` and ``_{...}`` first, because Unicode's own normalisation makes ``ŷ2`` of ``ŷ²``;
    then full-width forms, signs and Greek letters get the spelling of ASCII and LaTeX.
    """
    pieces = []
    for script, run in groupby(enumerate(text), key=lambda numbered: _script(numbered[1])):
        run = list(run)
        before, after = _SCRIPTS[script]
        pieces += [(before, run[0][0])]
        pieces += [(_plain(char), place) for place, char in run]
        pieces += [(after, run[-1][0])]
    clean = "".join(piece for piece, _ in pieces)
    return clean, [place for piece, place in pieces for _ in piece] + [len(text)]


def _script(char):
    kind = unicodedata.decomposition(char).partition(" ")[0]
    return kind if kind in _SCRIPTS else ""


def _plain(char):
    composed = unicodedata.normalize("NFKC", char.translate(_SAME))
    char = composed.translate(_SAME) if len(composed) == 1 else char.translate(_SAME)
    name = unicodedata.name(char, "") if len(char) == 1 else ""
    if name.startswith("GREEK SMALL LETTER "):
        return f"\\{name.split()[-1].lower()} "
    if name in ("GREEK CAPITAL LETTER DELTA", "GREEK CAPITAL LETTER SIGMA"):
        return f"\\{name.split()[-1].capitalize()} "
    return " " if unicodedata.category(char[0]) == "Cf" else char  # no-width spaces and marks
