"""The checker against answers that were written without knowing it (see student_answers.py)."""

import pytest

from backprop_kit.exercises import exercise
from tests.exercises.student_answers import ANSWERS

LEAST_SHARE_NAMED = 0.85

READABLE = [row for row in ANSWERS if row[2] != "unreadable"]
UNREADABLE = [row for row in ANSWERS if row[2] == "unreadable"]
NAMED = [row for row in ANSWERS if isinstance(row[2], set)]


def misses(rows, agrees):
    """Return one readable paragraph for each of `rows` whose verdict does not agree."""
    found = []
    for name, text, expected in rows:
        verdict = exercise(name).check(text)
        if not agrees(verdict, expected):
            found.append(
                f"{name}: {text}\n    expected {expected}, got correct={verdict.correct}, "
                f"misconception={verdict.misconception!r}\n    {verdict.message}"
            )
    return found


def names_it(verdict, expected):
    """Tell whether the verdict gives one of the expected names, two in any order."""
    given = frozenset((verdict.misconception or "").split(" and "))
    return given in {frozenset(names.split(" + ")) for names in expected}


def test_there_is_enough_of_each_kind():
    assert len(set(row[:2] for row in ANSWERS)) == len(ANSWERS) >= 160
    assert sum(expected is True for *_, expected in ANSWERS) >= 50
    assert sum(expected is None for *_, expected in ANSWERS) >= 15
    assert len(UNREADABLE) >= 10
    pairs = [row for row in NAMED if any(" + " in names for names in row[2])]
    assert len(pairs) >= 15
    assert len(NAMED) - len(pairs) >= 70


@pytest.mark.parametrize("name", ["update-w", "update-theta", "update-gamma", "update-v"])
def test_right_is_called_right_and_wrong_wrong(name):
    rows = [row for row in READABLE if row[0] == name]
    missed = misses(rows, lambda verdict, expected: verdict.correct is (expected is True))
    assert not missed, f"{len(missed)} of {len(rows)}:\n" + "\n".join(missed)


def test_what_cannot_be_read_is_not_right():
    # nor does `check` raise, or name a mistake in what it could not read
    missed = misses(
        UNREADABLE, lambda verdict, _: not verdict.correct and verdict.misconception is None
    )
    assert not missed, "\n".join(missed)


def test_mistakes_are_named():
    missed = misses(NAMED, names_it)
    share = 1 - len(missed) / len(NAMED)
    assert share > LEAST_SHARE_NAMED, (
        f"only {share:.1%} of {len(NAMED)} named, missed:\n" + "\n".join(missed)
    )
