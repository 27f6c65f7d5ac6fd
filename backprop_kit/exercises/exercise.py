"""One exercise: a question, a check that answers answers, three hints, a solution."""

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy

from backprop_kit.exercises.checks import Examiner, Verdict, is_untouched, wrong
from backprop_kit.exercises.record import note_try
from backprop_kit.symbolic.typeset import as_text

_COUNTS = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class Note:
    """A text from the workbook to the student: typeset in a notebook, plain in a terminal."""

    text: str

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        return self.text


@dataclass(eq=False)
class Exercise:
    """A question of a lesson.

    Parameters
    ----------
    id : str
        Its name, ``"update-w"``.
    prompt : str
        The question, in Markdown.
    examine : callable
        From an answer to a `Verdict`; see `backprop_kit.exercises.checks`.
    answer : callable
        Returns a right answer; it is what the tests check, and what `solution` shows.
    hints : tuple of str
        From a question that leads back to almost there.
    explanation : str, default ""
        What `solution` adds to the answer: why it is so.
    written : str, default ""
        The answer as a student would type it, where the answer's own text does not say it.
    left : sympy.Expr, optional
        What the answer equals, ``Δw[h, j]``; it is typeset in front of what is being typed.

    Examples
    --------
    >>> from backprop_kit.exercises.checks import number
    >>> Exercise("two", "1 + 1?", number(2), lambda: 2, ("Count.",)).check(3)
    ✗ Not yet. 3 is too large.
    """

    id: str
    prompt: str
    examine: Examiner
    answer: Callable[[], object]
    hints: tuple[str, ...] = ()
    explanation: str = ""
    written: str = ""
    left: sympy.Expr | None = None
    _attempted: bool = field(default=False, init=False, repr=False)
    _hints_given: int = field(default=0, init=False, repr=False)

    def check(self, answer=..., *more) -> Verdict:
        """Judge an answer; ``...`` counts as not yet tried.

        Several answers at once are numbers that lost their brackets; the verdict says so.
        Whether the answer was right goes to the student's record, the answer itself does not.
        """
        if more:
            count = _COUNTS.get(1 + len(more), str(1 + len(more)))
            return wrong(
                f"Put brackets round the {count} numbers, so that they are one answer: "
                "check((first, second, ...))."
            )
        verdict = self.judge(answer)
        if verdict.tried:
            note_try(self, verdict.correct)
        return verdict

    def judge(self, answer=...) -> Verdict:
        """Judge one answer as `check` does, and leave the student's record as it is."""
        if is_untouched(answer):
            return Verdict(False, "Replace the ... by your answer and run the cell.", tried=False)
        self._attempted = True
        return self.examine(answer)

    def hint(self) -> Note:
        """Return the next hint; after the last one, the last one again."""
        if not self.hints:
            return Note("There is no hint for this one.")
        number = min(self._hints_given, len(self.hints) - 1)
        self._hints_given = number + 1
        return Note(f"Hint {number + 1} of {len(self.hints)}: {self.hints[number]}")

    def solution(self, *, reveal=False) -> Note:
        """Return the solution, once an answer was tried or when `reveal` is true."""
        if not (self._attempted or reveal):
            return Note("Try an answer first; or call solution(reveal=True).")
        answer = self.written or as_text(self.answer())
        return Note(f"Solution: `{answer}`. {self.explanation}".rstrip())

    def __repr__(self):
        return f"Exercise {self.id}: {self.prompt}"

    def _repr_markdown_(self):
        return f"**Exercise {self.id}.** {self.prompt}"
