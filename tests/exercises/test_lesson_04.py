"""The exercises of lesson 04: right answers pass, the usual wrong ones are told what is wrong."""

import re

import numpy as np
import pytest
import sympy
from sympy import Sum

from backprop_kit.exercises.diagnosis import random_case
from backprop_kit.exercises.formulas import so_far
from backprop_kit.exercises.lesson_04 import EXERCISES
from backprop_kit.numeric import Network
from backprop_kit.symbolic import E, Partial, evaluate
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    d,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    q,
    sigma,
    theta,
    v,
    w,
    x,
    y,
    y_hat,
)

BY_ID = {exercise.id: exercise for exercise in EXERCISES}
OUTPUT = y_hat[j] * (1 - y_hat[j]) * (y[j] - y_hat[j])
PATHS = Sum(w[h, j] * OUTPUT, (j, 1, l))
SLOPE = b[h] * (1 - b[h])
TARGET_SLOPE = y[j] * (1 - y[j]) * (y[j] - y_hat[j])
SHORT = sigma(alpha[h]) * (1 - sigma(alpha[h]))
SPLIT = Sum(w[h, j], (j, 1, l)) * Sum(OUTPUT, (j, 1, l))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_solution_passes_the_check(exercise):
    assert exercise.check(exercise.answer()).correct
    assert not exercise.check(...).tried


def test_every_right_formula_is_told_what_it_means():
    asked = [exercise for exercise in EXERCISES if "predict" not in exercise.id]
    replies = {exercise.check(exercise.answer()).message for exercise in asked}
    assert len(replies) == len(asked)
    assert all(len(reply) > len("It agrees on networks of three sizes.") for reply in replies)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_letters_are_spelled_as_in_code(exercise):
    said = " ".join([*exercise.hints, exercise.explanation])
    assert not re.search(r"(hat|theta|gamma|alpha|beta|\b[bwvxy])_[hij1-9]\b", said)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_there_are_three_hints(exercise):
    assert len(set(exercise.hints)) == 3


def test_the_required_names_are_there():
    assert set(BY_ID) >= {"update-w", "update-theta", "update-gamma", "update-v"}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize(
    "nonsense",
    ["?", "", -7.25, float("nan"), [1, 2], {}, object(), np.zeros(3), b"x", sympy.zoo, 10**400],
)
def test_nonsense_gets_a_reply(exercise, nonsense):
    verdict = exercise.check(nonsense)
    assert not verdict.correct
    assert verdict.message


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("04-count", (d + 1) * q + (q + 1) * l),
        ("update-w", eta * (y_hat[j] ** 2 - y_hat[j]) * (y_hat[j] - y[j]) * b[h]),
        ("update-w", -b[h] * (-eta * OUTPUT)),
        ("update-w", eta * OUTPUT * sigma(alpha[h] - gamma[h])),
        ("update-theta", eta * (y_hat[j] - y[j]) * (y_hat[j] - y_hat[j] ** 2)),
        ("update-theta", (-eta * OUTPUT).subs(y_hat[j], sigma(beta[j] - theta[j]))),
        ("update-gamma", Sum(-eta * SLOPE * w[h, j] * OUTPUT, (j, 1, l))),
        ("update-gamma", -eta * (b[h] - b[h] ** 2) * PATHS.doit()),
        ("update-v", eta * x[i] * SLOPE * PATHS.xreplace({j: sympy.Symbol("n", integer=True)})),
        ("04-error-at-hidden", Sum(w[h, j] * (y_hat[j] - y[j]) * y_hat[j], (j, 1, l))
         - Sum(w[h, j] * (y_hat[j] - y[j]) * y_hat[j] ** 2, (j, 1, l))),
        ("04-input", -Sum(v[i, h] * SLOPE * w[h, j] * OUTPUT, (h, 1, q), (j, 1, l))),
        ("04-bias", eta * OUTPUT),
    ],
)  # fmt: skip
def test_another_form_of_the_right_answer_passes(name, answer):
    assert BY_ID[name].check(answer).correct


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("04-count", (d + l) * q, "thresholds are parameters"),
        ("04-count", (d + l + 1) * q, "thresholds of the output units"),
        ("04-count", d + q + l, "These are the units"),
        ("04-count", 19, "19 is right for the drawing"),
        ("04-count", 18, "changes with d, q, l"),
        ("04-factor-theta", y_hat[j] * (1 - y_hat[j]), "subtracted"),
        ("update-w", eta * (y[j] - y_hat[j]) * b[h], "y_hat[j]*(1 - y_hat[j]) is missing"),
        ("update-w", -eta * OUTPUT * b[h], "sign"),
        ("update-w", OUTPUT * b[h], "learning rate eta is missing"),
        ("update-w", eta * OUTPUT * w[h, j], "w[h, j] stands where b[h] should"),
        ("update-w", eta * Sum(OUTPUT, (j, 1, l)) * b[h], "no sum over j"),
        ("update-theta", -eta * Sum(OUTPUT, (j, 1, l)), "no sum over j"),
        ("04-bias", eta * Sum(OUTPUT, (j, 1, l)), "no sum over j"),
        ("update-w", eta * TARGET_SLOPE * b[h], "y[j] is the target"),
        ("update-w", eta * OUTPUT * alpha[h], "alpha[h] is the net input"),
        ("update-w", eta * SLOPE * (y[j] - y_hat[j]) * b[h], "slope of the hidden unit"),
        ("update-w", w[h, j] + eta * OUTPUT * b[h], "This is the new w[h, j]"),
        ("update-theta", -eta * TARGET_SLOPE, "y[j] is the target"),
        ("update-theta", theta[j] - eta * OUTPUT, "This is the new theta[j]"),
        ("04-factor-theta", -eta * OUTPUT, "Only one factor"),
        ("04-factor-theta", eta * OUTPUT, "Only one factor"),
        ("04-factor-theta", -y_hat[j], "the slope is σ"),
        ("04-error-at-hidden", -Sum(w[h, j] * TARGET_SLOPE, (j, 1, l)), "y[j] is the target"),
        ("04-error-at-hidden", -Sum(b[h] * OUTPUT, (j, 1, l)), "what stands beside b[h]"),
        ("04-error-at-hidden", -Sum(w[h, j] * OUTPUT, (j, 1, 1)), "the letter l"),
        ("update-gamma", -eta * SLOPE * Sum(b[h] * OUTPUT, (j, 1, l)), "what stands beside b[h]"),
        ("update-gamma", -eta * Partial(E, b[h]) * Partial(b[h], gamma[h]), "still stands"),
        ("update-gamma", -eta * SHORT * PATHS, "the threshold is missing"),
        ("update-gamma", -eta * alpha[h] * (1 - alpha[h]) * PATHS, "alpha[h] is the net input"),
        ("update-gamma", gamma[h] - eta * SLOPE * PATHS, "This is the new gamma[h]"),
        ("update-v", eta * SHORT * PATHS * x[i], "the threshold is missing"),
        ("update-v", eta * SLOPE * Sum(v[i, h] * OUTPUT, (j, 1, l)) * x[i], "leads into b[h]"),
        ("update-v", v[i, h] + eta * SLOPE * PATHS * x[i], "This is the new v[i, h]"),
        ("update-theta", eta * OUTPUT, "Three minus signs"),
        ("update-theta", -eta * OUTPUT * b[h], "A threshold has no link."),
        ("04-error-at-hidden", -w[h, j] * OUTPUT, "sum over j is missing"),
        ("04-error-at-hidden", -SPLIT, "not a product of sums"),
        ("04-error-at-hidden", -PATHS / l, "divided by l"),
        ("04-factor-gamma", SLOPE, "derivative by alpha[h]"),
        ("04-factor-gamma", -y_hat[j] * (1 - y_hat[j]), "This is the slope of output unit j"),
        ("04-factor-gamma", y_hat[j] * (1 - y_hat[j]), "This is the slope of output unit j"),
        ("04-error-at-hidden", -Sum(PATHS, (h, 1, q)), "no sum over h"),
        ("update-gamma", -eta * SLOPE * Sum(PATHS, (h, 1, q)), "no sum over h"),
        ("update-v", Sum(eta * SLOPE * PATHS * x[i], (h, 1, q)), "no sum over h"),
        ("update-gamma", eta * SLOPE * PATHS, "of the threshold (in B)"),
        ("update-gamma", -eta * SLOPE * w[h, j] * OUTPUT, "sum over j is missing"),
        ("update-gamma", -eta * SLOPE * SPLIT, "not a product of sums"),
        ("update-gamma", -eta * PATHS, "b[h]*(1 - b[h]) is missing"),
        ("update-gamma", -eta * SLOPE * Sum(w[h, j] * OUTPUT, (h, 1, q)), "keeps h"),
        ("update-v", eta * SLOPE * PATHS, "One factor is left"),
        ("update-v", -eta * SLOPE * PATHS * x[i], "of your ∂E/∂b[h]"),
        ("update-v", eta * SLOPE * w[h, j] * OUTPUT * x[i], "sum over j is missing"),
        ("04-bias", -eta * OUTPUT, "A bias is added"),
        ("04-input", -v[i, h] * SLOPE * PATHS, "sum over h is missing"),
        ("04-input", -Sum(v[i, h] * PATHS, (h, 1, q)), "its slope is missing"),
        ("04-input", eta * Sum(v[i, h] * SLOPE * PATHS, (h, 1, q)), "undo both, eta and the sign"),
        ("update-w", eta * OUTPUT * x[h], "x (input number i) does not belong in this formula"),
        ("update-w", eta * OUTPUT * x[i], "x[i] stands where b[h] should"),
        ("update-gamma", -eta * so_far(A=...)[0] * SLOPE, "Answer question A first"),
        ("update-v", -x[i] * so_far(C=...)[0], "Answer question C first"),
    ],
)
def test_a_usual_mistake_is_named(name, answer, reason):
    verdict = BY_ID[name].check(answer)
    assert not verdict.correct
    assert reason in verdict.message


@pytest.mark.parametrize(
    "name", [exercise.id for exercise in EXERCISES if "predict" in exercise.id]
)
def test_every_guess_gets_its_own_reply(name):
    verdicts = [BY_ID[name].check(letter) for letter in "abc"]
    assert sum(verdict.correct for verdict in verdicts) == 1
    assert len({verdict.message for verdict in verdicts}) == 3


def test_the_derivative_by_an_input_is_the_difference_quotient():
    case, step = random_case((3, 4, 2), 5).arrays, 1e-6
    network = Network.from_parameters((case["v"], case["w"]), (case["gamma"], case["theta"]))
    by_formula = evaluate(BY_ID["04-input"].answer(), case, (i,))
    for number in range(3):
        move = step * np.eye(3)[[number]]
        up, down = (network.loss(case["x"] + s * move, case["y"][None]) for s in (1, -1))
        assert by_formula[number] == pytest.approx((up - down) / (2 * step), rel=1e-6)
