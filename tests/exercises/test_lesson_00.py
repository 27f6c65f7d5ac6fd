import pytest

from backprop_kit.exercises import exercise
from backprop_kit.symbolic.notation import b, h, j, w


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("00-predict-count", "a", "It is the links"),
        ("00-predict-count", "b", "23,520"),
        ("00-predict-count", "d", 'Answer with one of "a", "b", "c"'),
        ("00-derivative", 2, "look at the inner derivative"),
        ("00-derivative", 4, "Differentiate before"),
        ("00-derivative", -4, "cancels the 2"),
        ("00-first-formula", b[h], "The factor w[h, j] is missing"),
        ("00-first-formula", "w[h, j] * b h", "b needs an index"),
        ("00-first-formula", 2 * w[h, j] * b[h], "2 times the right formula"),
        ("00-first-formula", w[j, h] * b[h], "index"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message
