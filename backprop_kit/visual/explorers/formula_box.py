"""A formula, typeset while it is typed, and what is said of it: the right one, or which mistake.

The box knows nothing of exercises: it is given the questions and the function that reads.  What is
typed here is a trial: a question's `examine` is asked, which notes nothing, and never its `check`.

While the student types, the box says how far the text was read and no more.  The verdict comes
once typing pauses, or with Enter: said after each letter, it would give the missing factors away.
Another question empties the box, or the old text would stand behind the new left side.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import sympy

from backprop_kit.symbolic import textbook_latex
from backprop_kit.visual.controls import Action, Options, TextBox
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.live import Live


class Question(Protocol):
    """What the box must know of an exercise."""

    id: str
    left: sympy.Expr | None
    examine: Callable[[str], Any]


class Reading(Protocol):
    """What `read` must return: a formula, where in the text it ends, and what stopped it there."""

    formula: sympy.Expr | None
    end: int
    stop: Any


def formula_box(
    questions: Sequence[Question], read: Callable[[str], Reading], *, start: str = ""
) -> Live:
    """Return a box to try formulas in, before they are handed in or instead of it.

    Parameters
    ----------
    questions : sequence of Exercise
        Those whose answer is a formula; the student chooses between them.
    read : callable
        From a text to a reading, as `backprop_kit.exercises.parsing.read_so_far` does it.
    start : str, default ""
        What stands in the box at first; its verdict is asked for by Enter.

    Returns
    -------
    Live

    Raises
    ------
    ValueError
        If there are no questions, or two of one name.

    Examples
    --------
    >>> from backprop_kit.exercises import exercise
    >>> from backprop_kit.exercises.parsing import read_so_far
    >>> box = formula_box([exercise("update-w")], read_so_far)
    >>> box.move(text="eta (y_j - y_hat_j").says.splitlines()[0]
    'Read so far: eta (y_j - y_hat_j …'
    >>> frame = box.move(text="eta (y_j - y_hat_j) b_h")
    >>> box.press("judge").says.partition(":")[0]
    '✗ Not yet. The factor y_hat[j]*(1 - y_hat[j]) is missing'
    """
    questions = list(questions)
    known = {question.id: question for question in questions}
    if not known or len(known) < len(questions):
        names = ", ".join(question.id for question in questions) or "none"
        raise ValueError(f"questions must be one or more, each once; got {names}")

    def show(values):
        question, text = known[values["question"]], values["text"]
        reading, is_judged = read(text), values["judged"] == _trial(values)
        return Frame(
            svg="",
            says=_words(question, text, reading, is_judged),
            code=_code(question, text, is_judged),
            latex=rf"$\displaystyle {_typeset(question, reading)}$",
        )

    first, *others = known
    chooser = Options("question", "question", list(known), first)
    controls = [
        *([chooser] if others else []),
        TextBox("text", "your formula", start, size=70, longest=300, then="judge"),
        Action("judge", "verdict", _judged, "say the verdict on the formula; Enter does it too"),
    ]
    unseen = {"judged": None} | ({} if others else {"question": first})
    return _Box("type a formula", controls, show, start=unseen, help=_HELP)


class _Box(Live):
    def _moved(self, values, new):
        moved = super()._moved(values, new)
        is_left_over = moved["question"] != values["question"] and moved["text"] == values["text"]
        return moved | {"text": ""} if is_left_over else moved


_HELP = (
    "Write as on paper or as in Python: η b_h, eta*b[h], \\eta b_h; ŷ_j or y_hat_j; "
    "Σ_j … or Sum(…, j). What is typed here is not recorded."
)


def _judged(values):
    return {"judged": _trial(values)}


def _trial(values):
    """Return what a verdict is on: another question, or another text, needs its own."""
    return values["question"], values["text"]


def _typeset(question, reading):
    """Return what was read as LaTeX, behind what it is to equal; dots stand for the rest."""
    left = [] if question.left is None else [textbook_latex(question.left, colour=True), "="]
    read = [] if reading.formula is None else [textbook_latex(reading.formula, colour=True)]
    dots = [] if reading.stop is None else [r"\;\cdots"]
    return " ".join(left + read + dots)


def _words(question, text, reading, is_judged):
    if not text.strip():
        return "Nothing is written yet."
    if not is_judged:
        return _progress(text, reading)
    if reading.stop is not None:
        at = reading.stop.position
        return (
            f"○ Not readable yet. {reading.stop.reason}\n"
            f"It is where the ▸ stands: {text[:at]}▸{text[at:]}"
        )
    return str(question.examine(text))


def _progress(text, reading):
    if reading.stop is None:
        return "All of it was read. Enter or a pause in typing brings the verdict."
    return f"Read so far: {text[: reading.end]} …".replace(":  …", ": nothing yet.")


def _code(question, text, is_judged):
    lines = [
        "from backprop_kit.exercises import exercise",
        "from backprop_kit.exercises.parsing import read_so_far",
        "",
        f"text = {text!r}",
        "reading = read_so_far(text)",
        "print(reading.formula)",
    ]
    if is_judged and text.strip():
        lines += [f'verdict = exercise("{question.id}").examine(text)', "print(verdict)"]
    return "\n".join(lines)
