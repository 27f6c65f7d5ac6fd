r"""A formula as a student types it, read into the letters of `notation`.

Python, LaTeX and textbook spellings are alike: ``eta*b[h]``, ``η b_h`` and ``\eta\,b_h``.
The text goes through one grammar, and nothing in it is ever executed.

Where a spelling leaves a choice, this is what is read:

- ``a/b c`` is ``(a/b) c``: products and quotients go from left to right, as in Python, whether
  the product is written ``*``, ``·`` or not at all.
- Σ, ∑ and ``\sum`` take the whole product that follows, up to a + or - of the same level or the
  bracket that closes around them: ``Σ_j a b * c + d`` is ``(Σ_j a b c) + d``.  So does the word
  ``sum_j``; but with a bracket right behind it, as in code, ``sum_j(a) b`` takes the bracket alone.
- A letter before a bracket is a factor, ``b_h(1 - b_h)``; the functions are ``sigma``, ``sigmoid``
  and ``f`` (all the sigmoid), ``exp``, and ``f'`` or ``sigma'`` of a net input: the slope there.
- ``-u^2`` is ``-(u^2)``, and a decimal such as ``0.5`` is exact: one half.
- ``o`` is the output ``y_hat`` and ``t`` the target ``y``.  A left side ``Δw_hj =`` is dropped.
- A sum may count with a letter of its own where it says how far: ``Sum(y[n], (n, 1, l))``.
- ``w_jh`` is readable: it says ``w[j, h]``, and whoever checks the answer names the slip.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from re import finditer, fullmatch

import sympy
from lark import Token
from lark.exceptions import UnexpectedInput, VisitError
from lark.visitors import Transformer_NonRecursive

from backprop_kit.exercises.grammar import grammar, normalised
from backprop_kit.symbolic import notation

# What no answer to an exercise comes near; beyond it a text is refused before it can cost time.
MAX_LENGTH = 2_000  # characters
MAX_DEPTH = 40  # brackets inside brackets, each sum counted as one
MAX_TOKENS = 600  # letters, numbers, signs
MAX_PARTS = 1_500  # nodes of the expression
MAX_EXPONENT = 8
MAX_DEGREE = 32  # factors of a product, with those that its brackets hold
MAX_CONSTANT_DEGREE = 4  # the same, where no letter occurs
MAX_INDEX = 9_999
MAX_DIGITS = 16  # of a number as typed
MAX_NUMBER = 10**40  # of a number as computed, and of its denominator

_PAIRS = {")": "(", "]": "[", "}": "{"}
_FUNCTIONS = ("sigma", "sigmoid", "f", "exp")
_LETTERS = {
    **{name: getattr(notation, name) for name in notation.TABLE},
    **{size.name: size for size in notation.SIZES.values()},
    "eta": notation.eta,
    **dict.fromkeys(("yhat", "yh", "o"), notation.y_hat),
    "t": notation.y,
}
_INDICES = {index.name: index for index in notation.SIZES}
_COUNTED = {"d": "inputs", "q": "hidden units", "l": "output units"}


class Unreadable(ValueError):  # noqa: N818  (what the text is, not what went wrong)
    """A text that is no formula, with the place where reading stopped.

    Attributes
    ----------
    text : str
        The text as it was typed.
    position : int
        The index of the character in question; the length of the text when its end is.
    reason : str
        What is wrong there, in one sentence or two.

    Examples
    --------
    >>> print(Unreadable("b_q", 2, "q is the number of hidden units, not an index."))
    b_q
      ^
    q is the number of hidden units, not an index.
    """

    def __init__(self, text, position, reason):
        super().__init__(text, position, reason)
        self.text, self.position, self.reason = text, position, reason

    def __str__(self):
        first, last = max(0, self.position - 40), self.position + 30
        before, after = (
            "".join(char if char.isprintable() else " " for char in part)
            for part in (self.text[first : self.position], self.text[self.position : last])
        )
        before = "…" * (first > 0) + before
        shown = before + after + "…" * (last < len(self.text))
        return f"{shown}\n{' ' * sum(map(_columns, before))}^\n{self.reason}"


def parse(text, *, names: Mapping | None = None) -> sympy.Expr:
    r"""Read a formula in any usual spelling.

    Parameters
    ----------
    text : str
        What the student typed, a left side such as ``Δw_hj =`` allowed.
    names : mapping of str to Quantity or sympy.Expr, optional
        Letters that the lesson has defined besides those of `notation`, such as ``"delta"``; a
        name here goes before the same name there.

    Returns
    -------
    sympy.Expr
        In the letters of `notation` and the values of `names`.

    Raises
    ------
    Unreadable
        For any text that is no formula, or one beyond the limits of this module.
    TypeError
        If `text` is no text.

    Examples
    --------
    >>> parse("η ŷ_j (1-ŷ_j)(y_j-ŷ_j) b_h") == parse(r"\eta\,\hat{y}_j(1-\hat y_j)(y_j-o_j)b[h]")
    True
    >>> parse("Δγ_h = -η b_h (1-b_h) Σ_j w_hj δ_j", names={"delta": notation.y_hat})
    -eta*(1 - b[h])*b[h]*Sum(w[h, j]*y_hat[j], (j, 1, l))
    >>> parse("eta*b_q")
    Traceback (most recent call last):
        ...
    backprop_kit.exercises.parsing.Unreadable: eta*b_q
          ^
    q is the number of hidden units, not an index.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise Unreadable(text, MAX_LENGTH, f"A formula has at most {MAX_LENGTH:,} characters.")
    return _Reader(text, dict(names or {})).read()


@dataclass(frozen=True)
class Reading:
    """How far a text can be read.

    Attributes
    ----------
    formula : sympy.Expr or None
        What was read, with the brackets closed that stand open; None where nothing was.
    end : int
        How many characters of the text that is.
    stop : Unreadable or None
        Why the text is no formula as it stands.
    """

    formula: sympy.Expr | None
    end: int
    stop: Unreadable | None = None


def read_so_far(text, *, names: Mapping | None = None) -> Reading:
    """Read a text that may still be growing: all of it, or as much as makes sense already.

    Takes what `parse` takes, and raises only for what is no text.

    Examples
    --------
    >>> reading = read_so_far("eta b_h (1 - b_h + ")
    >>> reading.formula, reading.end
    (eta*(1 - b[h])*b[h], 16)
    >>> reading.stop.reason
    'Nothing follows the +.'
    """
    try:
        return Reading(parse(text, names=names), len(text))
    except Unreadable as unreadable:
        stop = unreadable
    end = min(len(text), MAX_LENGTH)
    while end > 0:
        beginning = text[:end].rstrip()
        try:
            formula = parse(beginning + _closing(beginning), names=names)
            return Reading(formula, len(beginning), stop)
        except Unreadable as unreadable:
            end = min(len(beginning) - 1, unreadable.position)
    return Reading(None, 0, stop)


def _closing(text):
    """Return the brackets that close those still open, innermost first."""
    closing = {opener: closer for closer, opener in _PAIRS.items()}
    still = ""
    for char in normalised(text)[0]:
        if char in closing:
            still = closing[char] + still
        elif still.startswith(char):
            still = still[1:]
    return still


def _columns(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


# ------------------------------------------------------------------ from text to tree


class _Reader:
    """One text on its way through the grammar; the first thing that does not fit ends it."""

    def __init__(self, text, names):
        self.text, self.names = text, names
        self.clean, self.places = normalised(text)
        self.letters = {**_LETTERS, **names}
        self.tokens = []  # as far as they were read
        self.sums = []  # those that are sums
        self.open = []  # the brackets still open, each with the token before it
        self.closed = (None, None)  # the last pair that was closed

    def fail(self, place, reason):
        raise Unreadable(self.text, self.places[place], reason)

    def read(self):
        reader = grammar().parse_interactive(self.clean)
        try:
            for token in reader.iter_parse():  # a token comes by before the grammar takes it
                self.look_at(token)
                if len(self.open) + len(self.sums) > MAX_DEPTH:
                    self.fail(token.start_pos, f"Brackets and sums go at most {MAX_DEPTH} deep.")
                if len(self.tokens) == MAX_TOKENS:
                    self.fail(token.start_pos, f"A formula has at most {MAX_TOKENS} signs.")
                self.tokens.append(token)
            return _Builder(self).transform(reader.feed_eof())
        except UnexpectedInput as error:
            ends = getattr(error, "token", Token("", "")).type == "$END"
            self.explain(len(self.clean) if ends else error.pos_in_stream)
        except VisitError as error:  # lark wraps what the builder raises
            raise error.orig_exc from None

    def look_at(self, token):
        """Settle what the grammar cannot know: which name is what, which bracket closes which."""
        end = token[-1] if token.type.startswith("_") else ""
        if token.type == "NAME":
            token.type = self.kind_of(token)
        elif token.type.startswith("SUM_"):
            self.sums.append(token)
        elif end in _PAIRS.values():
            self.open.append((token, self.tokens[-1] if self.tokens else None))
            if token.type == "_CALL" and self.sums[-1].type == "SUM_SIGN":
                token.type = "_OPEN"  # a sign takes more than the bracket behind it
        elif end in _PAIRS:
            opener = self.open[-1][0][-1] if self.open else ""
            if not opener:
                self.fail(token.start_pos, f"This {end} closes nothing that is open.")
            if opener != _PAIRS[end]:
                self.fail(token.start_pos, f"This {end} cannot close the {opener} before it.")
            self.closed = self.open.pop()

    def kind_of(self, token):
        """Return the type of a name: what it stands for decides what may follow."""
        name = self.name(token)
        if name in _FUNCTIONS and name not in self.names:
            return "FUNCTION"
        if name in self.letters:
            return "QUANTITY" if isinstance(self.letters[name], sympy.IndexedBase) else "NAME"
        if set(name) <= set(_COUNTED):  # "dq" is a product
            return "NAME"
        letters = ", ".join(dict.fromkeys([*notation.TABLE, "eta", *self.names]))
        unknown = (
            f"{token} is no letter of the network; the letters are {letters}; "
            "d, q, l count inputs, hidden units, outputs."
        )
        self.fail(token.start_pos, _NO_LETTER.get(name, unknown))

    def name(self, token):
        """Return what a name token is called in the tables."""
        if fullmatch(r".*[}\u0302]|y_?hat|\\(wide)?hat\s*y", token):
            return "yhat" if "yhat" in self.names and "y_hat" not in self.names else "y_hat"
        return token.removeprefix("\\")

    def explain(self, place):
        """Say why the grammar cannot go on: what came last, and which character comes now."""
        char = self.clean[place : place + 1]
        last = next((token for token in self.tokens[::-1] if token.start_pos < place), None)
        kind, start = (last.type, last.start_pos) if last else ("", 0)
        opened = kind.startswith("_") and last[-1] in _PAIRS.values()
        dangling = kind in ("SIGN", "TIMES", "OVER", "POWER", "_LOW")
        operator = char != "" and char in "+-*/^"
        caller = self.closed[1]
        if not self.clean.strip():
            self.fail(place, "Nothing is written here.")
        if kind == "QUANTITY":
            form = _form(self.letters[self.name(last)])
            self.fail(start, f"{form.partition('[')[0]} needs an index: {form}.")
        if kind in _INCOMPLETE:
            self.fail(start, _INCOMPLETE[kind])
        if dangling and (not char or char in _PAIRS):
            self.fail(start, f"Nothing follows the {last}.")
        if self.open and not char:
            self.fail(self.open[-1][0].end_pos - 1, "This bracket is never closed.")
        if opened and char in _PAIRS:
            self.fail(place, "Nothing stands between these brackets.")
        if char == ")" and caller is not None and caller.type == "SUM_WORD":
            self.fail(caller.start_pos, _INCOMPLETE["SUM_WORD"])
        if char in _PAIRS and not self.tokens:
            self.fail(place, f"This {char} closes nothing that is open.")
        if operator and kind == "INDEX":
            self.fail(place, "An index is one of the letters i, h, j or a number.")
        if operator and dangling:
            self.fail(place, f"Two operators stand side by side: {last} and {char}.")
        if operator and (opened or kind in ("", "CHANGE")):
            self.fail(place, f"Nothing stands before the {char}.")
        if self.clean.startswith(("^", "**"), place):
            self.fail(place, "One power stands on another: put brackets around the first.")
        visible = char.isprintable() and not unicodedata.combining(char or " ")
        shown = char if visible else f"character U+{ord(char):04X}"
        self.fail(place, _NO_PLACE.get(char, f"The {shown} has no place here."))


_NO_LETTER = {
    **{
        name: f"{name} is an index: it stands behind a letter, as in x[i], b[h] and y[j]."
        for name in _INDICES
    },
    **dict.fromkeys(
        ("hat", "widehat"),
        r"Only y wears a hat, and its index stands outside: y_hat[j], \hat{y}_j.",
    ),
    "delta": "delta is not defined in this question.",
    "e": "e stands alone: write exp(...) or e^(...).",
    "partial": "A derivative still stands here: put in what it equals.",
    "Delta": "A change stands on the left side alone, before =; elsewhere put in what it equals.",
}
_INCOMPLETE = {
    **dict.fromkeys(
        ("FUNCTION", "PRIME"),
        "A function needs its argument in brackets: sigma(...), exp(...).",
    ),
    **dict.fromkeys(
        ("SUM_SIGN", "SUM_WORD"),
        "A sum needs its index: Sum(..., j), sum_j(...) or Σ_j ....",
    ),
    "FRACTION": r"A fraction is written \frac{...}{...} or .../....",
}
_NO_PLACE = {
    "": "The formula ends too early.",
    ",": "A comma stands between indices or before the index of a Sum; a decimal has a point.",
    "=": "An = stands here: write the right side alone, or one = behind a change such as Δw_hj.",
    ".": "A point stands inside a number or at the very end, nowhere else.",
    "_": "An index stands right behind its letter: w_hj or w[h, j].",
    **dict.fromkeys("\"'", "Write the formula without quotation marks; only f and sigma have a '."),
}


def _form(quantity):
    return f"{quantity.letter.name}[{', '.join(quantity.letter.indices)}]"


# ------------------------------------------------------------------ from tree to expression


class _Builder(Transformer_NonRecursive):
    """One method for each rule of the grammar: the parts that were read in, an expression out."""

    def __init__(self, reader):
        super().__init__()
        self.reader, self.letters, self.fail = reader, reader.letters, reader.fail
        self.measured = {}
        self.spare = {}  # letters that are no index unless a sum counts with them, by place
        self.place = 0  # of the letter, number or function that was read last

    def value(self, token):
        """Return what a name stands for, or None."""
        self.place = token.start_pos
        return self.letters.get(self.reader.name(token))

    def start(self, items):
        formula = next(item for item in items if not isinstance(item, Token))
        for letter, place in self.spare.items():
            if letter in formula.free_symbols:
                reason = f"{letter} is no index: i counts inputs, h hidden units, j outputs."
                self.fail(place, reason)
        return formula

    def total(self, items):
        terms, sign = [], 1
        for item in items:
            if isinstance(item, Token):
                sign = -1 if item == "-" else 1
            else:
                terms.append(sign * item)
        return self.moderate(sympy.Add(*terms))

    def product(self, items):
        factors, over, sign = [], None, 1
        for item in items:
            if not isinstance(item, Token):
                factors.append(sign * (self.divided(1, over, item) if over else item))
                over, sign = None, 1
            elif item.type == "OVER":
                over = item
            elif item == "-":
                sign = -1
        return self.moderate(sympy.Mul(*factors))

    def tail(self, items):
        _, span, *signs, body = items
        return sympy.Sum(-body if "-" in signs else body, span)

    def listed(self, items):
        _, body, *spans = items
        return sympy.Sum(body, *spans)

    def power(self, items):
        base, operator, *signs, exponent = items
        if not (exponent.is_Integer and abs(exponent) <= MAX_EXPONENT):
            whole = f"a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}"
            reason = f"An exponent is {whole}; the exponential is exp(...) or e^(...)."
            self.fail(operator.start_pos, reason)
        exponent = -exponent if "-" in signs else exponent
        if exponent < 0:
            return self.divided(1, operator, base**-exponent)
        return self.moderate(base**exponent)

    def exponential(self, items):
        _, _, *signs, argument = items
        return self.raised(-argument if "-" in signs else argument)

    def number(self, items):
        (token,) = items
        self.place = token.start_pos
        if len(token) > MAX_DIGITS + 1:
            self.fail(self.place, f"A number has at most {MAX_DIGITS} digits.")
        return sympy.Rational(token.rstrip("."))

    def plain(self, items):
        (token,) = items
        value = self.value(token)
        letters = map(self.letters.get, self.reader.name(token))
        return sympy.Mul(*letters) if value is None else value

    def entry(self, items):
        token, *indices = items
        quantity = self.value(token)
        names = quantity.letter.indices
        found = [
            (piece[0], index.start_pos + piece.start())
            for index in indices
            for piece in finditer("[A-Za-z]|[0-9]+", index)
        ]
        if len(found) == 1 < len(names):  # w_12, as the textbook writes numbers
            found = [(digit, found[0][1] + place) for place, digit in enumerate(found[0][0])]
        if len(found) != len(names):
            count = "one index" if len(names) == 1 else "two indices"
            form = _form(quantity)
            reason = f"{quantity.letter.name} takes {count}, {' and '.join(names)}: {form}."
            self.fail(token.start_pos, reason)
        return quantity[tuple(self.index(*piece) for piece in found)]

    def hatted(self, items):
        (token,) = items
        start = token.rindex("_")
        index = Token("SUBSCRIPT", token[start:], start_pos=token.start_pos + start)
        return self.entry([token.update(value="y_hat"), index])

    def call(self, items):
        token, *primes, argument = items
        self.place = token.start_pos
        if self.reader.name(token) == "exp":
            return self.raised(argument)
        value = notation.sigma(argument)
        return self.moderate(value * (1 - value) if primes else value)

    def fraction(self, items):
        token, *sides = items
        over, under = (sympy.Integer(s) if isinstance(s, Token) else s for s in sides)
        return self.divided(over, token, under)

    def lower(self, items):
        return items

    def upper(self, items):
        return items[-1]

    def range(self, items):
        (index, *low), *high = sorted(items, key=lambda item: isinstance(item, Token))
        return self.span(index, low, high)

    def limit(self, items):
        index, *bounds = items
        return self.span(index, bounds[:1], bounds[1:])

    # -------------------------------------------------------------- what several rules need

    def span(self, token, low, high):
        place = token.end_pos - 1
        index = self.index(token[-1], place)
        if index not in notation.SIZES and not (index in self.spare and high):
            self.fail(place, "A sum runs over i, h or j, as in Sum(..., (j, 1, l)).")
        low, high = ([self.bound(token) for token in side] for side in (low, high))
        return (index, *(low or [1]), *(high or [notation.SIZES[index]]))

    def bound(self, token):
        if token.isdigit():
            return self.index(token, token.start_pos)
        if token not in _COUNTED:
            self.fail(token.start_pos, "A sum runs from 1 to d, q, l or a number.")
        return _LETTERS[token]

    def index(self, text, place):
        if text.isdigit():
            if not 1 <= int(text[:MAX_DIGITS]) <= MAX_INDEX:
                self.fail(place, f"Indices count 1, 2, 3 and so on, here up to {MAX_INDEX:,}.")
            return sympy.Integer(text)
        if text in _COUNTED:
            self.fail(place, f"{text} is the number of {_COUNTED[text]}, not an index.")
        index = _INDICES.get(text) or self.reader.names.get(text)
        if not isinstance(index, sympy.Symbol):  # a letter that a sum further out may count with
            index = sympy.Symbol(text, integer=True, positive=True)
            self.spare.setdefault(index, place)
        return index

    def divided(self, over, operator, under):
        if under == 0:
            self.fail(operator.start_pos, "This divides by zero.")
        return self.moderate(over / under)

    def raised(self, argument):
        # SymPy may try to compute a number such as exp(exp(99)), and would never end
        if not argument.free_symbols and not (argument.is_Rational and abs(argument) < 100):
            self.fail(self.place, "This exponential is too large.")
        return self.moderate(sympy.exp(argument))

    def moderate(self, expression):
        """Return the expression, unless it is out of bounds: SymPy multiplies out unasked."""
        self.measure(expression)
        return expression

    def measure(self, part):
        """Return number of nodes, degree, and whether a letter occurs; each part is met once."""
        if part in self.measured:
            return self.measured[part]
        if part in (sympy.zoo, sympy.nan):
            self.fail(self.place, "This divides by zero.")
        if part.is_Rational and max(abs(part.p), part.q) > MAX_NUMBER:
            self.fail(self.place, "The numbers become too large here.")
        inner = part.args
        if isinstance(part, sympy.Sum):  # its index is no letter
            inner = (part.function, *(bound for limit in part.limits for bound in limit[1:]))
        known = [self.measure(one) for one in inner]
        nodes = 1 + sum(one[0] for one in known)
        degrees = [one[1] for one in known]
        lettered = part.is_Symbol or any(one[2] for one in known)
        if part.is_Number or part.is_Add:
            degree = max(degrees, default=0)
        elif part.is_Mul:
            degree = sum(degrees)
        elif part.is_Pow and part.exp.is_Integer:
            degree = abs(int(part.exp)) * degrees[0]
        else:
            degree = max(degrees, default=1) or 1
        # without a letter, a power such as (exp(2) + 1)^8 would be multiplied out for its value
        if nodes > MAX_PARTS or degree > (MAX_DEGREE if lettered else MAX_CONSTANT_DEGREE):
            self.fail(self.place, "The formula becomes too long here.")
        self.measured[part] = nodes, degree, lettered
        return self.measured[part]
