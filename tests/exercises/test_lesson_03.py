import math

import numpy as np
import pytest
import sympy
from sympy import exp, log

from backprop_kit.exercises import exercise
from backprop_kit.exercises.lesson_03 import EXERCISES, descend, in_one_letter, three_paths
from backprop_kit.numeric import Network, sigmoid
from backprop_kit.symbolic.notation import sigma

u, f, t = sympy.symbols("u f t")
S = 1 / (1 + exp(-u))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("03-bracket", 1 - S),
        ("03-bracket", exp(-u) / (1 + exp(-u))),
        ("03-bracket", 1 / (1 + exp(u))),
        ("03-bracket", 1 - sigma(u)),
        ("03-bracket", (1 - sympy.tanh(u / 2)) / 2),
        ("03-bracket", 1 - S.subs(u, sympy.Symbol("u", real=True))),
        ("03-exp-through-f", (1 - f) / f),
        ("03-tanh-slope", (1 - t) * (1 + t)),
        ("03-choose-eta", 4),
        ("03-choose-eta", np.float64(7.5)),
        ("03-choose-eta", sympy.Rational(25, 2)),
        ("03-threshold-path", 0.01355),
        ("03-three-paths", 0.1463),
    ],
)
def test_another_form_of_the_right_answer_is_right(name, answer):
    assert exercise(name).check(answer).correct


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("03-bracket", S * (1 - S), "the whole product"),
        ("03-bracket", S, "what you took out"),
        ("03-bracket", 1 - S**2, "two such factors"),
        ("03-bracket", S - 1, "sign is turned"),
        ("03-bracket", -exp(-u), "was 1/(1 + e^-u)"),
        ("03-bracket", exp(-u), "took out too much"),
        ("03-bracket", 1 - f, "Equal, but in f: that is the next line"),
        ("03-bracket", f * (1 - f), "the letter u only"),
        ("03-bracket", 2 - 2 * S, "2 times the right formula"),
        ("03-bracket", u, "At u = 0.74"),
        ("03-bracket", "1 - f", "The bracket holds the letter u only"),
        ("03-bracket", 1 / (u - u), "no finite number"),
        ("03-bracket", sympy.Function("g")(u), "no finite number"),
        ("03-exp-through-f", exp(-u), "get rid of u"),
        ("03-exp-through-f", 1 / f, "One step is left"),
        ("03-exp-through-f", 1 / f + 1, "other side"),
        ("03-exp-through-f", f / (1 - f), "This is e^u"),
        ("03-exp-through-f", log(1 / f - 1), "one step earlier"),
        ("03-tanh-slope", t * (1 - t), "the sigmoid's slope"),
        ("03-tanh-slope", 1 - t, "squares"),
        ("03-tanh-slope", (1 - t) ** 2, "not the difference"),
        ("03-tanh-slope", 1 - sympy.tanh(u) ** 2, "through t alone"),
        ("03-tanh-slope", 1 - f**2, "t is the output of tanh"),
        ("03-choose-eta", 0.5, "87 steps with eta = 0.5: every step is too short"),
        ("03-choose-eta", 0.001, "More than 1000 steps"),
        ("03-choose-eta", 15, "15 steps with eta = 15: the first step jumps to w = 2.75"),
        ("03-choose-eta", 22, "47 steps with eta = 22: the first step jumps to w = 3.80"),
        ("03-choose-eta", 19, "75 steps with eta = 19: near the best weight"),
        ("03-choose-eta", 20, "2.0 times as long as the way that is left, so w bounces"),
        ("03-choose-eta", 25, "More than 1000 steps with eta = 25: near the best weight"),
        ("03-choose-eta", 40, "far past the best weight"),
        ("03-choose-eta", 1e300, "far past the best weight"),
        ("03-choose-eta", -1, "above 0"),
        ("03-choose-eta", math.inf, "finite"),
        ("03-choose-eta", "5", "one number"),
        ("03-threshold-path", -0.0135547, "theta is subtracted"),
        ("03-threshold-path", -0.0271094, "with respect to w"),
        ("03-threshold-path", 0.0271094, "does not stand on this path"),
        ("03-threshold-path", 0.0689414, "second factor is missing"),
        ("03-threshold-path", 0, "It is not 0"),
        ("03-threshold-path", 0.0136, "more digits"),
        ("03-threshold-path", 0.0135, "Within 1 %"),
        ("03-three-paths", 0.146, "more digits"),
        ("03-three-paths", -0.1462992, "the sign is not"),
        ("03-three-paths", 0.125, "path 1 alone"),
        ("03-three-paths", 0.1462992 - 0.125, "Path 1 is missing"),
        ("03-three-paths", 0.1462992 + 0.2661704, "Path 3 is missing"),
        ("03-three-paths", 0.1462992 / 3, "the mean of the paths"),
        ("03-predict-steepest", "a", "the size is not"),
        ("03-predict-half", "b", "other way round"),
        ("03-predict-saturated", "b", "slope of the sigmoid"),
        ("03-predict-paths", "a", "both changes count"),
        ("03-predict-paths", "c", "side by side"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


def test_the_numbers_are_those_of_the_network():
    one = Network.from_parameters([[[1.0]]], [[1.0]])
    gradients = one.backward(one.forward([[2.0]]), [[0.8]])
    expected = gradients.thresholds[0][0]
    assert exercise("03-threshold-path").answer() == pytest.approx(expected, abs=1e-6)

    # A hidden threshold of a linear unit carries dE/db with its sign turned.
    def error(b):
        outputs = [sigmoid(weight * b - theta) for weight, theta in ((1, 0.5), (-2, 0), (3, 1))]
        return sum(0.5 * (y - o) ** 2 for y, o in zip((0, 1, 1), outputs, strict=True))

    slope = (error(0.5 + 1e-5) - error(0.5 - 1e-5)) / 2e-5
    assert sum(row[0] for row in three_paths()) == pytest.approx(slope, abs=1e-9)


def test_no_slip_is_taken_for_another_answer():
    rows = three_paths()
    values = [row[0] for row in rows]
    total = sum(values)
    known = [*values, *(total - value for value in values), total / 3]
    assert all(not math.isclose(value, total, rel_tol=1e-2) for value in known)


def test_counts_that_the_lesson_states():
    steps = {eta: len(descend(eta)) - 1 for eta in (0.5, 1, 2, 14, 40)}
    assert steps == {0.5: 87, 1: 42, 2: 20, 14: 13, 40: 1000}


def test_a_formula_is_judged_without_simplifying(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("simplify was called")

    for name in ("simplify", "nsimplify"):
        monkeypatch.setattr(sympy, name, refuse)
    monkeypatch.setattr(sympy.Basic, "simplify", refuse)
    monkeypatch.setattr(sympy.Expr, "equals", refuse)
    assert in_one_letter(u**2, "u", (0.3,))(u * u).correct


def test_solutions_read_well():
    assert "`(1 - f)/f`" in exercise("03-exp-through-f").solution(reveal=True).text
    assert "the slope is 1 - t²" in exercise("03-tanh-slope").solution(reveal=True).text


@pytest.mark.parametrize("name", ["03-threshold-path", "03-three-paths"])
def test_a_number_is_asked_for_with_its_digits(name):
    assert "to 4 significant digits" in exercise(name).prompt
    assert exercise(name).check(float(f"{exercise(name).answer():.4g}")).correct


def test_the_lesson_has_its_exercises():
    assert [one.id for one in EXERCISES if "predict" not in one.id] == [
        "03-bracket",
        "03-exp-through-f",
        "03-tanh-slope",
        "03-choose-eta",
        "03-threshold-path",
        "03-three-paths",
    ]
