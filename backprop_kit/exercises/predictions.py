"""A guess before the reveal: `predict` notes it, `reveal` answers it."""

from dataclasses import dataclass, replace

from backprop_kit import exercises as workbook  # still loading: it is asked at call time only
from backprop_kit.exercises.checks import Choice, Verdict, is_untouched, shown
from backprop_kit.exercises.record import MOST_TIMES, Guess, note_guess, sync


@dataclass(frozen=True, repr=False)
class Noted(Verdict):
    """The reply to a guess: it looks like a verdict and is silent on what is right.

    Attributes
    ----------
    correct : None
        Never says.
    word : str
        What became of the guess.
    """

    word: str = ""

    @property
    def _face(self):
        return "●" if self.tried else "○", self.word, "#595959"


def predict(id: str, guess=...) -> Noted:
    """Note a guess before the reveal.

    Parameters
    ----------
    id : str
        The name of an exercise that offers options to choose from.
    guess : str
        The letter of an option; ``...`` is no guess yet.

    Returns
    -------
    Noted
        Shows what was noted; it never says whether the guess is right, `reveal` does.

    Raises
    ------
    ValueError
        If there is no such exercise, or it offers no options.

    Notes
    -----
    A guess can be changed, and `reveal` speaks to the latest one. The first one stays in the
    record: the answer is often seen before `reveal` is run.

    Examples
    --------
    >>> predict("00-predict-count", ...)
    ○ Not yet guessed. Write "a", "b" or "c" in place of the ... .
    >>> predict("00-predict-count", "(B)")
    ● Noted: b. Now run the next cell.
    """
    options = _asked(id).examine
    *most, last = (f'"{letter}"' for letter in options.options)
    letters = f"{', '.join(most)} or {last}"
    before = sync()[0]["predictions"].get(id)
    if is_untouched(guess):
        if before:
            advice = f"To change it, write {letters} in place of the ... ."
            return Noted(None, advice, word=f"Noted earlier: {before.latest}.")
        advice = f"Write {letters} in place of the ... ."
        return Noted(None, advice, tried=False, word="Not yet guessed.")
    letter = options.read(guess)
    if letter is None:
        advice = f"Write {letters}; this is {shown(guess)}."
        return Noted(None, advice, tried=False, word="Not noted.")
    after = _changed(before, letter)
    if after != before:
        note_guess(id, after)
    stays = "" if after.first == letter else f" Your first guess, {after.first}, stays on record."
    return Noted(None, "Now run the next cell." + stays, word=f"Noted: {letter}.")


def _changed(before: Guess | None, letter: str) -> Guess:
    if before is None:
        return Guess(False, 1, letter, letter)
    if before.latest == letter:
        return before
    return Guess(before.revealed, min(before.guesses + 1, MOST_TIMES), before.first, letter)


def reveal(id: str) -> Verdict:
    """Answer the guess that `predict` noted: the exercise's verdict on it.

    It is the guess in the record's file, so that a restarted kernel, or another day, still knows
    it; the latest one, where it was changed.

    Raises
    ------
    ValueError
        If there is no such exercise, or it offers no options.

    Examples
    --------
    >>> reveal("00-predict-count")
    ○ Not yet tried. Go back to predict("00-predict-count", ...), guess, and run both cells.
    >>> predict("00-predict-count", "c")
    ● Noted: c. Now run the next cell.
    >>> reveal("00-predict-count")  # doctest: +ELLIPSIS
    ✓ Right. The links decide: ...
    """
    one = _asked(id)
    guess = sync()[0]["predictions"].get(id)
    if guess is None or guess.latest not in one.examine.options:
        advice = f'Go back to predict("{id}", ...), guess, and run both cells.'
        return Verdict(False, advice, tried=False)
    if not guess.revealed:
        note_guess(id, replace(guess, revealed=True))
    return one.judge(guess.latest)


def _asked(id):
    one = workbook.exercise(id)
    if not isinstance(one.examine, Choice):
        raise ValueError(
            f"a prediction needs options to choose from, and {id!r} has none; "
            f'answer it by exercise("{id}").check(...)'
        )
    return one
