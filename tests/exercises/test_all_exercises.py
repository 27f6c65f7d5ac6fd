"""What holds for every exercise of every lesson."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import sympy

from backprop_kit.exercises import Verdict, exercise, exercises

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EVERY = pytest.mark.parametrize("one", exercises().values(), ids=lambda one: one.id)


@EVERY
def test_its_own_solution_is_right(one):
    verdict = one.check(one.answer())
    assert verdict.correct, verdict


@EVERY
@pytest.mark.parametrize("untouched", [..., None])
def test_an_untouched_answer_is_not_yet_tried(one, untouched):
    verdict = one.check(untouched)
    assert not verdict.tried
    assert not verdict.correct


@EVERY
@pytest.mark.parametrize(
    "odd",
    [
        "",
        "something else",
        -12345.678,
        float("nan"),
        True,
        [],
        [["a", 1]],
        {"a": 1},
        np.full((2, 3), np.inf),
        np.zeros(0),
        sympy.Symbol("no_such_letter"),
        sympy.zoo,
        object(),
        len,
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_an_odd_answer_is_answered_in_words(one, odd):
    verdict = one.check(odd)
    assert isinstance(verdict, Verdict)
    assert not verdict.correct
    assert len(verdict.message) > 10


@EVERY
def test_numbers_that_lost_their_brackets_are_answered_in_words(one):
    verdict = one.check(1, 1, 1.5)
    assert verdict.tried
    assert not verdict.correct
    assert "Put brackets round the three numbers" in verdict.message


@EVERY
def test_it_has_a_question_and_three_hints(one):
    assert len(one.prompt) > 10
    assert len(one.hints) == 3
    assert len(set(one.hints)) == 3


def test_every_exercise_is_asked_in_its_lesson_and_every_name_exists():
    asked = {}
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        answered = re.findall(r'exercise\("([^"]+)"\)\.check|\breveal\("([^"]+)"\)', code)
        for name in map("".join, answered):
            asked.setdefault(name, path.name)
        assert_each_reveal_follows_its_prediction(code)
    assert set(asked) == set(exercises())


def assert_each_reveal_follows_its_prediction(code):
    predicted = []
    for what, name in re.findall(r'\b(predict|reveal)\("([^"]+)"', code):
        if what == "predict":
            predicted.append(name)
        else:
            assert name in predicted
            predicted.remove(name)
    assert predicted == []  # each is revealed


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean '00-derivative'"):
        exercise("00-derivativ")
    with pytest.raises(ValueError, match="there are: "):
        exercise("?")


def test_hints_come_in_turn_and_the_solution_after_a_try():
    one = type(exercise("00-derivative"))(
        **{
            name: getattr(exercise("00-derivative"), name)
            for name in ("id", "prompt", "examine", "answer", "hints", "explanation")
        }
    )
    hints = [str(one.hint()) for _ in range(4)]
    assert [hint.split(":")[0] for hint in hints] == [f"Hint {n} of 3" for n in (1, 2, 3, 3)]
    assert "Try an answer first" in str(one.solution())
    assert "-2" in str(one.solution(reveal=True))
    one.check(...)
    assert "Try an answer first" in str(one.solution())
    one.check(5)
    assert "-2" in str(one.solution())
