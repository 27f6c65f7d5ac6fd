"""How an answer is judged: right, not yet tried, or wrong because of something nameable.

An *examiner* is a function from an answer to a `Verdict`.  The makers below return examiners for
the kinds of answer that lessons ask for: a formula, a number, an array, a choice.
"""

import html
import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import sympy

from backprop_kit.symbolic.typeset import as_text


@dataclass(frozen=True)
class Verdict:
    """The answer to an answer.

    Attributes
    ----------
    correct : bool
        Whether the answer is right.
    message : str
        What to tell the student, in plain words.
    tried : bool
        False while the answer is still ``...``.
    misconception : str or None
        The name of the mistake, where it is a known one; two of them are joined by " and ".
    evidence : str
        What shows it: numbers, or the place in the text.

    Examples
    --------
    >>> Verdict(True, "That is it.")
    ✓ Right. That is it.
    """

    correct: bool
    message: str
    tried: bool = True
    misconception: str | None = None
    evidence: str = ""

    @property
    def _face(self):
        if not self.tried:
            return "○", "Not yet tried.", "#595959"
        if self.correct:
            return "✓", "Right.", "#0072B2"
        return "✗", "Not yet.", "#B84B00"

    def __repr__(self):
        icon, word, _ = self._face
        lines = [f"{icon} {word} {self.message}", *self.evidence.splitlines()]
        return "\n  ".join(lines)

    def _repr_html_(self):
        icon, word, colour = self._face
        return (
            f'<div style="border-left:4px solid {colour};padding:4px 12px;background:#fff;'
            f'color:#222;font-size:14px"><b style="color:{colour}">{icon} {word}</b> '
            f"{html.escape(self.message)}{self._evidence_html()}</div>"
        )

    def _evidence_html(self):
        if not self.evidence:
            return ""
        return (
            '<pre style="margin:4px 0 0;background:#fff;color:#222;font-size:13px;'
            f'white-space:pre-wrap;word-break:normal">{html.escape(self.evidence)}</pre>'
        )


Examiner = Callable[[object], Verdict]


def right(message="") -> Verdict:
    """Return the verdict on a right answer."""
    return Verdict(True, message)


def wrong(message, misconception=None, evidence="") -> Verdict:
    """Return the verdict on a wrong answer, with the reason and what shows it."""
    return Verdict(False, message, misconception=misconception, evidence=evidence)


def is_untouched(answer) -> bool:
    """Return whether the student has left the ``...`` of the cell as it was."""
    return answer is None or answer is Ellipsis


# --------------------------------------------------------------------------- choices and numbers


@dataclass(frozen=True)
class Choice:
    """The examiner that `choice` returns; it can be asked for its options.

    Attributes
    ----------
    options : mapping of str to str
        The reply to each letter.
    correct : str
        The letter of the right option.
    """

    options: Mapping[str, str]
    correct: str

    def __call__(self, answer) -> Verdict:
        """Judge an answer."""
        letter = self.read(answer)
        if letter is None:
            letters = ", ".join(f'"{option}"' for option in self.options)
            return wrong(f"Answer with one of {letters}; this is {shown(answer)}.")
        return Verdict(letter == self.correct, self.options[letter])

    def read(self, answer) -> str | None:
        """Return the letter that an answer means, None where it means no option."""
        letter = answer.strip().strip("()\"'.").lower() if isinstance(answer, str) else None
        return letter if letter in self.options else None


def choice(options: Mapping[str, str], correct: str) -> Choice:
    """Examine a choice between lettered options; each option has a reply of its own.

    Parameters
    ----------
    options : mapping of str to str
        The reply to each letter.
    correct : str
        The letter of the right option.

    Examples
    --------
    >>> examine = choice({"a": "A line cannot.", "b": "Four inequalities clash."}, "b")
    >>> examine("B")
    ✓ Right. Four inequalities clash.
    """
    return Choice(options, correct)


_MOST_TIMES = 20  # a larger whole multiple says nothing to anyone
_NEARLY = 1e-2  # so near, the way was right


def number(
    expected: float,
    *,
    tolerance=1e-3,
    near: Mapping[float, str] | None = None,
    praise: str = "",
) -> Examiner:
    """Examine a number, to a relative tolerance.

    Parameters
    ----------
    expected : float
        The right number.
    tolerance : float, default 1e-3
        The largest relative error that passes (absolute where `expected` is 0).
    near : mapping of float to str, optional
        Numbers that a known mistake leads to, and what to say of each.
    praise : str, optional
        Why the right number is right; the reply to it ends with this.

    Notes
    -----
    Where the right number is not whole, the first digits of it are told from those of a slip, and
    both from a number within 1 % of it: that one was rounded on the way.

    Examples
    --------
    >>> number(0.25)(-0.25)
    ✗ Not yet. The size is right, the sign is not.
    >>> number(0.3333)(0.33)
    ✗ Not yet. Right so far; give it to more digits.
    """

    def close(value, target):
        return math.isclose(value, target, rel_tol=tolerance, abs_tol=0 if target else tolerance)

    def examine(answer):
        value = _as_number(answer)
        if value is None:
            bare = ", without quotation marks" if isinstance(answer, str) else ""
            return wrong(f"This exercise takes one number{bare}; this is {shown(answer)}.")
        if close(value, expected):
            return right(f"{value:.6g}. {praise}" if praise else f"{value:.6g}")
        for slip, reason in (near or {}).items():
            if close(value, slip):
                return wrong(reason)
        if close(value, -expected):
            return wrong("The size is right, the sign is not.")
        if expected % 1 and _is_rounded(value, expected):
            return wrong("Right so far; give it to more digits.")
        for slip, reason in (near or {}).items():
            if slip % 1 and _is_rounded(value, slip):
                return wrong(reason)
        if expected % 1 and math.isclose(value, expected, rel_tol=_NEARLY):
            return wrong("Within 1 %, but not right. Round at the end only.")
        if expected % 1 and math.isclose(value, -expected, rel_tol=_NEARLY):
            return wrong("The sign is not right. Give it to more digits, too.")
        times = value / expected if expected else math.inf
        if 1.5 < abs(times) <= _MOST_TIMES and close(times, round(times)):
            return wrong(f"This is {round(times)} times the right number.")
        if value * expected < 0:
            return wrong("The sign is wrong, and the size is, too.")
        larger, smaller = ("high", "low") if expected < 0 else ("large", "small")
        return wrong(f"{value:.6g} is too {larger if value > expected else smaller}.")

    return examine


def _is_rounded(value, expected):
    """Return whether these are the first digits of the right number, two at least."""
    digits = len(Decimal(repr(value)).normalize().as_tuple().digits)
    return digits > 1 and float(f"{expected:.{digits}g}") == value


def array(expected, *, tolerance=1e-6) -> Examiner:
    """Examine an array, entry by entry, relative to its largest entry.

    Parameters
    ----------
    expected : array_like
        The right array.
    tolerance : float, default 1e-6
        The largest error that passes, as a share of the largest entry of `expected`.

    Examples
    --------
    >>> array([[1, 2]])([[1], [2]])
    ✗ Not yet. The shape is (2, 1), expected (1, 2): these are the right numbers, transposed.
    """
    expected = np.asarray(expected, dtype=float)

    @np.errstate(all="ignore")  # an answer may be as large as a float can be
    def examine(answer):
        try:
            given = np.asarray(answer)
            if given.dtype.kind not in "biufO":
                raise TypeError(f"not real numbers: {given.dtype}")
            given = given.astype(float)
        except (TypeError, ValueError, OverflowError):
            return wrong(f"This exercise takes an array of numbers; this is {shown(answer)}.")
        if given.shape != expected.shape:
            turned = given.T.shape == expected.shape and np.allclose(given.T, expected)
            more = ": these are the right numbers, transposed" if turned else ""
            return wrong(f"The shape is {given.shape}, expected {expected.shape}{more}.")
        if not np.isfinite(given).all():
            return wrong("Some entries are not finite numbers.")
        return _compare_arrays(given, expected, tolerance)

    return examine


def _compare_arrays(given, expected, tolerance):
    scale = np.abs(expected).max() or 1.0
    error = np.abs(given - expected) / scale
    if error.max() <= tolerance:
        return right("Every entry agrees.")
    if np.abs(given + expected).max() / scale <= tolerance:
        return wrong("The sizes are right, every sign is turned.")
    square = given.ndim == 2 and given.shape[0] == given.shape[1]
    if square and np.abs(given.T - expected).max() / scale <= tolerance:
        return wrong("These are the right numbers, transposed.")
    place = np.unravel_index(error.argmax(), error.shape)
    where = ", ".join(str(index) for index in place)
    return wrong(
        f"{int((error > tolerance).sum())} of {error.size} entries differ; the worst is "
        f"[{where}]: {given[place]:.6g}, expected {expected[place]:.6g}."
    )


def _as_number(answer):
    if isinstance(answer, sympy.Expr) and answer.is_number:
        answer = float(answer) if answer.is_real else None
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        return None
    try:
        value = float(answer)
    except OverflowError:  # a whole number beyond every float
        return None
    return value if math.isfinite(value) else None


def shown(answer) -> str:
    """Return an answer as a short text, to quote it back."""
    text = as_text(answer) if isinstance(answer, sympy.Basic) else repr(answer)
    return text if len(text) <= 40 else text[:37] + "..."
