from itertools import permutations

import numpy as np
import pytest
from sympy import Sum, Symbol

from backprop_kit.exercises import exercise
from backprop_kit.exercises.lesson_07 import counted
from backprop_kit.symbolic import Formula
from backprop_kit.symbolic.messages import delta
from backprop_kit.symbolic.notation import b, d, eta, h, i, j, l, q, w, y, y_hat

OWN = b[h] * (1 - b[h])
MESSAGES = Sum(w[h, j] * delta[j], (j, 1, l))
IN_FULL = Sum(w[h, j] * (y_hat[j] - y[j]) * y_hat[j] * (1 - y_hat[j]), (j, 1, l))


@pytest.mark.parametrize(
    "answer",
    [
        OWN * MESSAGES,
        Formula(delta[h], OWN * MESSAGES),
        OWN * IN_FULL,
        Sum(OWN * w[h, j] * delta[j], (j, 1, l)),
        (b[h] - b[h] ** 2) * MESSAGES,
    ],
)
def test_any_form_of_the_hidden_delta_is_right(answer):
    verdict = exercise("07-delta-hidden").check(answer)
    assert verdict.correct, verdict


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (MESSAGES, "b[h]*(1 - b[h]) is missing"),
        (-OWN * MESSAGES, "sign"),
        (OWN * w[h, j] * delta[j], "sum over j is missing"),
        (OWN * Sum(delta[j], (j, 1, l)), "What does the link do"),
        (OWN * Sum(w[h, j], (j, 1, l)) * Sum(delta[j], (j, 1, l)), "not a product of sums"),
        (OWN * Sum(b[h] * delta[j], (j, 1, l)), "b[h] stands where another factor should"),
        (OWN * MESSAGES / l, "not averaged"),
        (eta * OWN * MESSAGES, "factor eta is too much"),
        (OWN**2 * MESSAGES, "stands there twice"),
        (OWN * Sum(w[h, j] * delta[h], (j, 1, l)), "delta[h] is what is asked"),
        (delta[h], "delta[h] is what is asked"),
        (OWN * Sum(w[h, j] * delta[1], (j, 1, l)), "Write delta[j]"),
        (OWN * Sum(w[h, i] * delta[i], (i, 1, l)), "Use j for the outputs"),
        (OWN * Symbol("delta"), "Write delta[j]"),
        (delta, "Write delta[j]"),
        ("b_h (1 - b_h) Σ_j w_hj δ_k", "k is no index"),
        (3, "."),
    ],
)
def test_a_wrong_hidden_delta_is_told_why(answer, reply):
    verdict = exercise("07-delta-hidden").check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("07-delta-output", 0.032, "other sign"),
        ("07-delta-output", -0.2, "derivative by y_hat"),
        ("07-delta-output", 0.2, "slope is missing"),
        ("07-delta-output", 0.16, "That is the slope"),
        ("07-delta-output", -0.16, "1 - y_hat is missing"),
        ("07-delta-output", -0.04, "y_hat is missing"),
        ("07-delta-output", 0.04, "The sign first"),
        ("07-delta-output", 0.04, "y_hat is missing"),
        ("07-delta-output", -0.03, "rounded too far"),
        ("07-delta-output", 0.03, "The sign first"),
        ("07-delta-output", 0, "not from its target"),
        ("07-delta-output", "-0.032", "takes one number"),
        ("07-predict-sign", "a", "no second minus"),
        ("07-predict-sign", "C", "thresholds' changes"),
        ("07-predict-early", "a", "three weights"),
        ("07-predict-early", "c", "waited"),
        ("07-predict-slopes", "a", "every hidden parameter"),
        ("07-predict-slopes", "b", "784 · 30 weights"),
        ("07-predict-cost", "a", "half of the weights are w"),
        ("07-predict-cost", "c", "pass none"),
        ("07-predict-next", "a", "the slope grows"),
        ("07-predict-next", "c", "Both factors"),
        ("07-messages", q + l, "are computed, one a unit"),
        ("07-messages", d * q + q * l, "input nodes get no message"),
        ("07-messages", (d + l + 1) * q + l, "number of parameters"),
        ("07-messages", d * q * l, "added on the way"),
        ("07-messages", 8, "3-4-2"),
        ("07-messages", 7, "."),
        ("07-by-hand", (0.025, 0.03, -0.01), "sign is not"),
        ("07-by-hand", (0.125, -0.15, 0.05), "one message has lost its minus"),
        ("07-by-hand", (-0.03, 0.03, -0.01), "rounded too far"),
        ("07-by-hand", (-0.1, 0.12, -0.04), "slope, b (1 - b), is missing"),
        ("07-by-hand", (0.05, 0.03, -0.01), "wait for the second"),
        ("07-by-hand", (7, 0.03, -0.01), "Add the two messages"),
        ("07-by-hand", (-0.025, -0.03, -0.01), "minus eta times"),
        ("07-by-hand", (-0.025, 0.01, -0.01), "input 3 is missing"),
        ("07-by-hand", (-0.025, 0.03, 0.01), "the other one"),
        ("07-by-hand", (-0.025, 0.03, 0.03), "needs no input"),
        ("07-by-hand", -0.025, "three numbers in brackets"),
        ("07-by-hand", (-0.025, 0.03), "three numbers in brackets"),
        ("07-order", "bdeacf", "must not overwrite them yet"),
        ("07-order", "bdcaef", "adds up the messages"),
        ("07-order", "dbecaf", "d needs b"),
        ("07-order", "bdefca", "f needs c"),
        ("07-order", "bdec", "each once"),
        ("07-order", 5, "each once"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    "answer", ["bdecaf", "bdecfa", "B D E C A F", "b, d, e, c, f, a", list("bdecfa")]
)
def test_both_orders_that_work_are_right(answer):
    assert exercise("07-order").check(answer).correct


def test_only_these_two_orders_are_right():
    check = exercise("07-order").check
    right = ["".join(order) for order in permutations("abcdef") if check("".join(order)).correct]
    assert right == ["bdecaf", "bdecfa"]


def test_the_unit_by_hand_is_computed_from_what_the_prompt_says():
    handed = 0.5 * 0.5 * (2 * 0.1 + -1 * 0.3)
    answer = np.array([handed, -0.4 * handed * 3, 0.4 * handed])
    assert exercise("07-by-hand").check(answer).correct
    assert exercise("07-delta-output").check(-(1 - 0.8) * 0.8 * (1 - 0.8)).correct


def test_counted_numbers_give_the_same_results():
    given = {"x": [2.0, -3.0], "w": [[1.0, 2.0], [3.0, 4.0]]}
    numbers, tally = counted(given)
    total = sum(v * numbers["w"][k][0] for k, v in enumerate(numbers["x"]))
    assert total == 2.0 * 1.0 - 3.0 * 3.0
    assert tally.multiplications == 2
    assert -(1 - total) * 2 == -16.0
    assert tally.multiplications == 3
    assert hash(numbers["x"][0]) == hash(2.0)  # a Counter finds it by its value


def test_each_tally_counts_for_itself():
    (first, one), (_, other) = counted({"x": [2.0]}), counted({"x": [2.0]})
    first["x"][0] * first["x"][0]
    assert (one.multiplications, other.multiplications) == (1, 0)


@pytest.mark.parametrize("bad", [{"x": ["a"]}, {"x": object()}])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises((TypeError, ValueError)):
        counted(bad)


def test_the_counts_in_the_replies_add_up():
    inputs, hidden = 784, 30
    assert inputs * hidden + hidden + hidden + 1 == 23_581
    assert inputs + hidden + hidden + 1 == 845
    assert (inputs + 10 + 1) * hidden + 10 == 23_860


@pytest.mark.parametrize("answer", [(..., ..., ...), [-0.025, ..., ...]])
def test_brackets_that_still_hold_dots_are_not_yet_tried(answer):
    assert not exercise("07-by-hand").check(answer).tried


def test_most_of_the_work_alone_is_in_the_weights_of_the_first_layer():
    assert 784 * 30 * (3 * 10 + 3) == 776_160  # the count of the whole is in the lesson: 778,040


def test_the_ratio_of_back_and_forward_is_one_and_a_half():
    v = w = 30 * 30
    slopes = 2 * (30 + 30)
    assert 1.5 < (v + 2 * w + slopes) / (v + w) < 1.6
