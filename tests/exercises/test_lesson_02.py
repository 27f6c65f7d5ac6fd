"""The exercises of lesson 02: right, wrong because of something, sloppy, nothing."""

import numpy as np
import pytest

from backprop_kit.exercises import exercise
from backprop_kit.exercises.lesson_02 import EXERCISES
from backprop_kit.numeric import Network, train
from backprop_kit.symbolic.notation import v, w


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.id)
def test_every_exercise_accepts_its_own_answer_and_waits_for_one(one):
    assert one.check(one.answer()).correct
    assert not one.check(...).tried
    assert len(one.hints) == 3
    assert one.prompt


def step_network(weights, thresholds, activation="step"):
    return Network.from_parameters(weights, thresholds, activation=activation)


LESSON = ([[[1, -1], [1, -1]], [[1], [1]]], [[0.5, -1.5], [1.5]])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (step_network([[[1, -1], [-1, 1]], [[1], [1]]], [[0.5, 0.5], [0.5]]), "(0, 0) and (1, 1)"),
        (step_network([[[1, 1], [1, 1]], [[1], [-1]]], [[0.5, 1.5], [0.5]]), "(0, 1) and (1, 0)"),
        (step_network([[[1, 1], [1, 1]], [[1], [-1]]], [[0.5, 1.5], [0.5]]), "OR; AND"),
        (step_network([[[1, 1], [1, 1]], [[-1], [1]]], [[1.5, 0.5], [0.5]]), "AND; OR"),
        (step_network([[[-1, 1], [-1, 1]], [[-1], [-1]]], [[-0.5, 1.5], [-0.5]]), "NOR; AND"),
    ],
)
def test_any_network_with_another_gate_that_computes_xor_is_right(answer, says):
    verdict = exercise("02-another-solution").check(answer)
    assert verdict.correct
    assert says in verdict.message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (step_network(*LESSON), "OR and NAND, as in section 2"),
        (step_network(LESSON[0], [[0.5, -1.5], [1.4]]), "another gate"),
        (step_network([[[-1, 1], [-1, 1]], [[1], [1]]], [[-1.5, 0.5], [1.5]]), "another gate"),
        (step_network([[[2, -3], [2, -3]], [[5], [5]]], [[1, -4], [8]]), "another gate"),
        (step_network(*LESSON, activation="sigmoid"), 'activation="step"'),
        (step_network(LESSON[0], [[0.5, -1.5], [0.5]]), "For the input (0, 0) the hidden units"),
        (step_network(LESSON[0], [[0.5, -1.5], [2.5]]), "For the input (0, 1)"),
        (step_network([[[1], [1]]], [[1.5]]), "this is 2-1"),
        (LESSON, "takes a network"),
        ("OR, NAND, AND", "takes a network"),
        (7, "takes a network"),
    ],
)
def test_a_network_that_is_no_other_solution_is_told_why(answer, says):
    verdict = exercise("02-another-solution").check(answer)
    assert not verdict.correct
    assert says in verdict.message


def test_the_solution_can_be_typed_and_names_its_fold():
    one = exercise("02-another-solution")
    assert one.check(eval(one.written, {"Network": Network})).correct
    text = one.solution(reveal=True).text
    assert "half_squared_error" not in text
    assert "(0, 0) and (1, 1) fall together" in text


def test_a_network_spoilt_in_place_gives_a_reply_and_no_error():
    network = step_network(*LESSON)
    network.weights[0][0, 0] = np.nan
    assert "cannot be run" in exercise("02-another-solution").check(network).message


@pytest.mark.parametrize(
    "answer",
    [
        "w_11, w_21",
        "w21 and w11",
        ["w11", "w21"],
        ("w_{21}", "w_{11}"),
        {"w[1, 1]", "w[2, 1]"},
        [w[1, 1], w[2, 1]],
        "w₁₁, w₂₁",
    ],
)
def test_the_missing_two_may_be_spelled_in_many_ways(answer):
    assert exercise("02-missing-two").check(answer).correct


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("theta_1, theta_2", "three neurons"),
        ("gamma_1, w_11", "three neurons"),
        ([v[1, 1], v[1, 2]], "W11"),
        ("W11, W21", "capital W"),
        ("W13, W23", "j = 1"),
        ("W31, W32", "first index"),
        ("W13, w_21", "no parameter W13"),
        ("w_11, w_12", "one output unit only"),
        ("w_11", "one of the two"),
        ("w_11, w_21, theta_1", "You name 3"),
        ("θ₁, w₁₁", "three neurons"),
        ("w_31, w_11", "no parameter w31"),
        ("the last ones", "Name two"),
        (2, "Name two"),
    ],
)
def test_a_wrong_name_is_told_why(answer, says):
    verdict = exercise("02-missing-two").check(answer)
    assert not verdict.correct
    assert says in verdict.message


@pytest.mark.parametrize(
    ("id", "answer", "says"),
    [
        ("02-count", 18, "threshold"),
        ("02-count", 27, "no neurons"),
        ("02-count", 21, "output units"),
        ("02-count", 25, "too large"),
        ("02-count", 24, "3 · 2"),
        ("02-count", 29, "5 thresholds"),
        ("02-count", "23", "without quotation marks"),
        ("02-stuck-error", "1/16", "without quotation marks"),
        ("02-stuck-error", 0.063, "exact value"),
        ("02-stuck-error", 0.0626, "exact value"),
        ("02-predict-step", "b", "E cannot change"),
        ("02-one-step", 1.0448, "against"),
        ("02-one-step", 0.0224, "slope"),
        ("02-one-step", -0.0448, "Add it"),
        ("02-one-step", 0.9776, "learning rate"),
        ("02-one-step", 0.9104, "half as large"),
        ("02-one-step", 0.9991, "0.02"),
        ("02-one-step", 0.955, "more digits"),
        ("02-one-step", 0.578, "theta_1"),
        ("02-one-step", 0.4552, "starts at w_11"),
        ("02-one-step", 0.5448, "starts at w_11"),
        ("02-stuck-error", 0.125, "1/2"),
        ("02-stuck-error", 0.25, "Divide"),
        ("02-stuck-error", 0.5, "squares"),
        ("02-predict-fold", "c", "three"),
        ("02-predict-cost", "a", "With 9"),
        ("02-predict-cost", "b", "sideways"),
        ("02-predict-seeds", "all", '"a"'),
    ],
)
def test_the_likely_mistakes_get_their_own_reply(id, answer, says):
    verdict = exercise(id).check(answer)
    assert not verdict.correct
    assert says in verdict.message


def test_the_step_on_paper_is_that_of_the_network():
    def spoilt(w_11):
        return Network.from_parameters([[[1, -1], [1, -1]], [[w_11], [1]]], [[0.5, -1.5], [0.5]])

    one, network = exercise("02-one-step"), spoilt(1.0)
    for w_11 in (0.99, 1.01):
        assert f"{spoilt(w_11).loss(_X, _Y):.6f}" in one.prompt
    network.step(network.backward(network.forward(_X), _Y), eta=2)
    assert one.check(round(float(network.weights[1][0, 0]), 4)).correct


def test_the_document_s_letters_are_translated():
    prompt = exercise("02-missing-two").prompt
    assert "from input 1 to neuron 2" in prompt
    assert "$\\theta_3$ our $\\theta_1$" in prompt


_X, _Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
_TASKS = [((2, 2, 1), (_X, _Y)), ((16, 4, 16), (np.eye(16), np.eye(16)))]


def test_nudges_point_downhill_half_the_time_and_still_raise_the_error_in_a_large_network():
    """What the reply to "c" of 02-predict-cost says, measured on the lesson's encoders."""
    message = exercise("02-predict-cost").check("c").message
    assert "Half of all tiny nudges" in message
    assert "sideways" in message
    small, large = (_shares_that_help(sizes, data) for sizes, data in _TASKS)
    for shares in (small, large):
        assert 0.4 < shares[0.001] < 0.6
    assert large[0.1] < small[0.1] / 2


def _shares_that_help(sizes, data):
    rng, helped = np.random.default_rng(1), {0.001: 0, 0.1: 0}
    for seed in range(5):
        network = Network(sizes, rng=seed)
        error = train(network, *data, eta=5, epochs=100).losses[-1]
        for size in helped:
            for _ in range(100):
                trial = network.copy()
                for parameter in trial.weights + trial.thresholds:
                    parameter += size * rng.normal(size=parameter.shape)
                helped[size] += trial.loss(*data) < error
    return {size: count / 500 for size, count in helped.items()}
