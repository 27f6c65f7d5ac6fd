import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backprop_kit import MPNeuron, append_dummy, gate, perceptron_step, train_perceptron

GATES = ("AND", "OR", "NAND", "XOR")


@st.composite
def neurons_and_samples(draw, elements):
    d, n = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    neuron = MPNeuron(draw(arrays(float, d, elements=elements)), draw(elements))
    return neuron, draw(arrays(float, (n, d), elements=elements))


@given(neurons_and_samples(st.integers(-50, 50).map(float)))
def test_threshold_and_dummy_form_fire_alike(case):
    neuron, X = case
    by_hand = [
        int(sum(Fraction(w) * Fraction(x) for w, x in zip(neuron.weights, row, strict=True))
            >= Fraction(neuron.threshold))
        for row in X
    ]  # fmt: skip
    dummy_form = append_dummy(X) @ neuron.with_dummy() >= 0
    assert neuron.fire(X).tolist() == by_hand == dummy_form.astype(int).tolist()


@given(neurons_and_samples(st.floats(-1e6, 1e6)))
def test_the_two_forms_convert_back_and_forth(case):
    neuron, X = case
    again = MPNeuron.from_dummy(neuron.with_dummy())
    assert again.weights.tolist() == neuron.weights.tolist()
    assert again.threshold == neuron.threshold
    assert again.fire(X).tolist() == neuron.fire(X).tolist()
    alone = [int(neuron.fire(row[np.newaxis, :])[0]) for row in X]
    assert neuron.fire(X).tolist() == alone  # no row's rounding hangs on the others


def test_a_neuron_keeps_copies():
    weights = np.ones(2)
    neuron = MPNeuron(weights, 1.5)
    weights[0] = 9
    assert neuron.weights.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("weights", "threshold", "error", "message"),
    [
        ([[1.0]], 0, ValueError, "weights must have 1 axes"),
        ([], 0, ValueError, "weights must not be empty"),
        ([1.0], math.nan, ValueError, "threshold must hold finite numbers"),
        ([1.0], [0.5], ValueError, "threshold must have 0 axes"),
        (["a"], 0, TypeError, "weights must hold real numbers"),
        ([1.0], "a", TypeError, "threshold must hold real numbers"),
    ],
)
def test_neurons_check_their_parameters(weights, threshold, error, message):
    with pytest.raises(error, match=message):
        MPNeuron(weights, threshold)


def test_neurons_check_their_inputs():
    neuron = MPNeuron([1.0, 1.0], 1.5)
    with pytest.raises(ValueError, match=r"use x\[np.newaxis, :\]"):
        neuron.fire([1.0, 1.0])
    with pytest.raises(ValueError, match=r"X must have shape \(any, 2\), got \(1, 3\)"):
        neuron.fire([[1.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match="overflows"):
        neuron.fire([[1.7e308, 1.7e308]])
    with pytest.raises(ValueError, match="weights must hold one weight and the dummy's"):
        MPNeuron.from_dummy([1.0])


def test_perceptron_step_by_hand():
    X = append_dummy([[0, 0], [1, 1]])
    W = np.array([0.0, 0.0, 0.0])  # everything fires: y_hat = (1, 1)
    # errors (-1, 0): W + 0.5 * -(0, 0, -1)
    assert perceptron_step(W, X, [0, 1], 0.5).tolist() == [0, 0, 0.5]
    # errors (-1, -1): W - (0, 0, -1) - (1, 1, -1)
    assert perceptron_step(W, X, [0, 0], 1).tolist() == [-1, -1, 2]
    assert W.tolist() == [0, 0, 0]


@pytest.mark.parametrize("mode", ["one", "all"])
@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("eta", [1.0, 0.1, 0.3])
def test_a_record_replays_by_the_rule(name, mode, eta):
    X, y = gate(name)
    record = train_perceptron(X, y, mode=mode, eta=eta)
    X_dummy = append_dummy(X)
    W = np.zeros(3)
    for step in record.steps:
        np.testing.assert_allclose(step.weights_before, W, atol=1e-12)
        predictions = MPNeuron.from_dummy(step.weights_before).fire(X)
        assert step.predictions.tolist() == predictions.tolist()
        assert step.errors.tolist() == (y - predictions).tolist()
        assert step.wrong.tolist() == [k for k in range(4) if predictions[k] != y[k]]
        used = slice(None) if mode == "all" else [step.sample]
        assert mode == "all" or step.sample in step.wrong
        W = perceptron_step(step.weights_before, X_dummy[used], y[used], eta)
        np.testing.assert_allclose(step.weights_after, W, atol=1e-12)
        np.testing.assert_allclose(step.correction, W - step.weights_before, atol=1e-12)
    assert record.weight_path.shape == (len(record.steps) + 1, 3)
    np.testing.assert_array_equal(record.weight_path[-1], record.weights)
    if name == "XOR":
        assert record.outcome == "cycle"
        assert (record.neuron.fire(X) != y).any()
    else:
        assert record.outcome == "separated"
        assert record.period is None
        assert record.neuron.fire(X).tolist() == y.tolist()


def test_samples_are_visited_in_order():
    X, y = gate("AND")
    record = train_perceptron(X, y)
    assert record.steps[0].sample == 0
    assert record.steps[0].weights_after.tolist() == [0, 0, 1]  # only the threshold moves
    assert record.steps[1].sample == 3
    assert record.message == (
        "Separated after 11 corrections in 5 rounds: every prediction equals its label."
    )


@pytest.mark.parametrize(("mode", "period"), [("one", 1), ("all", 2)])
def test_xor_is_a_cycle_with_its_period(mode, period):
    X, y = gate("XOR")
    record = train_perceptron(X, y, mode=mode)
    assert record.period == period
    assert "never stops" in record.message
    again = train_perceptron(X, y, mode=mode, start=record.weights)
    assert again.period == period  # it is in the cycle already
    assert again.rounds == period
    np.testing.assert_array_equal(again.weights, record.weights)


def test_too_few_rounds_are_unfinished():
    X, y = gate("AND")
    record = train_perceptron(X, y, max_rounds=1)
    assert record.outcome == "unfinished"
    assert record.rounds == 1
    assert record.message.startswith("Unfinished after 2 corrections in 1 round: ")


def test_right_from_the_start():
    X, y = gate("AND")
    record = train_perceptron(X, y, start=[1.0, 1.0, 1.5])
    assert record.outcome == "separated"
    assert record.steps == ()
    assert record.rounds == 0
    assert record.weight_path.tolist() == [[1.0, 1.0, 1.5]]


@given(st.integers(0, 2**32 - 1))
def test_separable_data_are_separated(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(8, 3))
    margin = X @ rng.normal(size=3) - rng.normal()
    keep = np.abs(margin) > 0.3
    if keep.sum() < 2:
        return
    X, y = X[keep], (margin[keep] > 0).astype(int)
    record = train_perceptron(X, y, max_rounds=5000)
    assert record.outcome == "separated"
    assert record.neuron.fire(X).tolist() == y.tolist()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"y": [0, 1, 1, 2]}, ValueError, "y must hold labels 0 and 1, got 2"),
        ({"y": [-1, 1, 1, -1]}, ValueError, "y must hold labels 0 and 1, got -1"),
        ({"y": [0, 1, 1]}, ValueError, r"y must have shape \(4,\), got \(3,\)"),
        ({"y": [[0], [1], [1], [0]]}, ValueError, r"use y\[:, 0\]"),
        ({"y": [True, False, True, True]}, TypeError, "y must hold real numbers, got booleans"),
        ({"X": []}, ValueError, "X must not be empty"),
        ({"X": [1.0, 2.0]}, ValueError, "X must have one row a sample"),
        ({"eta": 0}, ValueError, "eta must be a positive"),
        ({"eta": "1"}, TypeError, "eta must be a positive"),
        ({"mode": "both"}, ValueError, "mode must be one of 'one', 'all', got 'both'"),
        ({"start": [0.0, 0.0]}, ValueError, r"start must have shape \(3,\), got \(2,\)"),
        ({"max_rounds": 0}, ValueError, "max_rounds must be at least 1"),
        ({"eta": 1e308, "X": np.full((4, 2), 100.0)}, ValueError, "use a smaller eta"),
    ],
)
def test_training_checks_its_arguments(changes, error, message):
    X, y = gate("AND")
    arguments = {"X": X, "y": y, **changes}
    with np.errstate(all="ignore"), pytest.raises(error, match=message):
        train_perceptron(arguments.pop("X"), arguments.pop("y"), **arguments)


def test_a_record_keeps_copies_and_prints_shortly():
    X, y = gate("OR")
    record = train_perceptron(X, y)
    X[0] = 7
    assert record.X[0].tolist() == [0, 0]
    assert repr(record).startswith("PerceptronRecord(Separated after ")
    assert repr(record.steps[0]) == "PerceptronStep(sample 0: (0, 0, 0) -> (0, 0, 1))"
