import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import backprop_kit.numeric.network as network_module
from backprop_kit import (
    ACTIVATIONS,
    Activation,
    Gradients,
    Network,
    check_gradients,
    gate,
    numeric_gradients,
    train,
    worked_example,
)

EXAMPLE = worked_example()
X_EXAMPLE, Y_EXAMPLE = EXAMPLE.x[np.newaxis, :], EXAMPLE.y[np.newaxis, :]
SMOOTH = [name for name in ACTIVATIONS if name != "step"]


def example_network():
    return Network.from_parameters(EXAMPLE.weights, EXAMPLE.thresholds)


def data(sizes, n=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))


def gradients_of(network, X, Y):
    return network.backward(network.forward(X), Y)


def verdicts(report):
    return {block.name: block.verdict for block in report.blocks}


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 4, 2), (2, 5, 4, 3)])
def test_right_gradients_pass(sizes, activation, method):
    network = Network(sizes, activation=activation, rng=3)
    before = [p.copy() for p in network.weights + network.thresholds]
    report = check_gradients(network, *data(sizes), method=method)
    live = [b for b in report.blocks if b.verdict != "all zero: nothing was tested"]
    assert all(block.passed for block in live), report
    assert activation == "relu" or report.passed  # a dead ReLU layer is refused, and rightly
    after = network.weights + network.thresholds
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(["central", "complex"]),
    st.floats(-2, 1.2),
    st.floats(-1, 2.4),
    st.floats(-4, 0),
)
def test_right_gradients_never_differ(seed, activation, method, weights, inputs, misfit):
    """Saturated, large, well fitted: a right gradient may be undecidable, but never wrong."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, size=rng.integers(2, 5)).tolist()
    network = Network(sizes, activation=activation, rng=rng)
    for p in network.weights + network.thresholds:
        p *= 10.0**weights
    X = rng.normal(size=(3, sizes[0])) * 10.0**inputs
    Y = network.predict(X) + rng.normal(size=(3, sizes[-1])) * 10.0**misfit
    if activation == "relu":  # differences must not straddle the kink
        trace = network.forward(X)
        pairs = zip(trace.net_inputs, network.thresholds, strict=True)
        assume(min(np.abs(alpha - theta).min() for alpha, theta in pairs) > 1e-2)
    report = check_gradients(network, X, Y, method=method)
    assert "differs" not in verdicts(report).values(), report


def test_a_trained_network_passes():
    X, y = gate("XOR")
    network = Network((2, 2, 1), rng=0)
    train(network, X, y[:, np.newaxis], eta=5, epochs=2000)
    assert check_gradients(network, X, y[:, np.newaxis]).passed
    assert check_gradients(network, X, y[:, np.newaxis], method="complex").passed


def test_unscaled_inputs_pass():
    X, Y = data((4, 3, 2))
    network = Network((4, 3, 2), rng=0)
    network.weights[0][...] /= 255
    assert check_gradients(network, 255 * X, Y).passed


def test_the_two_methods_agree():
    network, (X, Y) = Network((3, 4, 2), rng=1), data((3, 4, 2))
    central = numeric_gradients(network, X, Y)
    exact = numeric_gradients(network, X, Y, method="complex")
    for a, b in zip(central.weights + central.thresholds, exact.weights + exact.thresholds,
                    strict=True):  # fmt: skip
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-9)


def test_a_function_of_one_parameter_by_hand():
    """E = 1/2 (5 - 3 w + theta)^2 at w = 2, theta = 0: dE/dw = 3, dE/dtheta = -1."""
    network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
    for method in ("central", "complex"):
        gradients = numeric_gradients(network, [[3.0]], [[5.0]], method=method)
        assert gradients.weights[0][0, 0] == pytest.approx(3, rel=1e-8)
        assert gradients.thresholds[0][0] == pytest.approx(-1, rel=1e-8)


# Networks broken on purpose: by their source text, by a subclass, by hand.

SOURCE = Path(network_module.__file__).read_text(encoding="utf-8")
PATCHES = {
    "sign of the thresholds": ("grad_theta = -delta", "grad_theta = delta", {"theta1", "theta2"}),
    "sign of the error": ("delta = dE_dy_hat * ", "delta = -dE_dy_hat * ",
                          {"W1", "theta1", "W2", "theta2"}),
    "hidden slope dropped": ("delta = dE_db * slope(b)", "delta = dE_db", {"W1", "theta1"}),
    "output slope dropped": ("delta = dE_dy_hat * slope(trace.y_hat)", "delta = dE_dy_hat",
                             {"W1", "theta1", "W2", "theta2"}),
    "transpose dropped": ("dE_db = delta @ w.T", "dE_db = delta @ w", {"W1", "theta1"}),
    "sum over outputs dropped": ("dE_db = delta @ w.T", "dE_db = delta[:, :1] @ w.T[:1]",
                                 {"W1", "theta1"}),
    "slope of the wrong layer": ("dE_db * slope(b)", "dE_db * slope(trace.y_hat)",
                                 {"W1", "theta1"}),
}  # fmt: skip


def broken_gradients(old, new, network, X, Y):
    assert SOURCE.count(old) == 1
    namespace = {"__name__": network_module.__name__, "__package__": network_module.__package__}
    exec(compile(SOURCE.replace(old, new), "network.py", "exec"), namespace)
    broken = namespace["Network"].from_parameters(network.weights, network.thresholds)
    gradients = broken.backward(broken.forward(X), Y)
    return Gradients(gradients.weights, gradients.thresholds)


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize("slip", PATCHES)
def test_a_slip_in_the_source_is_caught_and_its_blocks_named(slip, method):
    old, new, blocks = PATCHES[slip]
    network = example_network()
    given = broken_gradients(old, new, network, X_EXAMPLE, Y_EXAMPLE)
    report = check_gradients(network, X_EXAMPLE, Y_EXAMPLE, method=method, gradients=given)
    assert not report.passed
    assert {block.name for block in report.blocks if block.verdict == "differs"} == blocks
    assert all(block.passed for block in report.blocks if block.name not in blocks)
    # By block and relative, even a loose tolerance sees these.
    loose = check_gradients(network, X_EXAMPLE, Y_EXAMPLE, tolerance=1e-2, gradients=given)
    assert not loose.passed


class FlippedHidden(Network):
    def backward(self, trace, Y, *, reduction="mean"):
        g = super().backward(trace, Y, reduction=reduction)
        return dataclasses.replace(g, weights=(-g.weights[0], *g.weights[1:]))


class SumInsteadOfMean(Network):
    def backward(self, trace, Y, *, reduction="mean"):
        return super().backward(trace, Y, reduction="sum")


class UpdatedFirst(Network):
    """The classic: the last layer moves before the hidden gradients are taken."""

    def backward(self, trace, Y, *, reduction="mean"):
        g = super().backward(trace, Y, reduction=reduction)
        moved = self.copy()
        moved.weights[-1][...] -= 0.5 * g.weights[-1]
        late = Network.backward(moved, trace, Y, reduction=reduction)
        return Gradients((*late.weights[:-1], g.weights[-1]), (*late.thresholds[:-1],
                         g.thresholds[-1]))  # fmt: skip


class OneEntryOff(Network):
    def backward(self, trace, Y, *, reduction="mean"):
        g = super().backward(trace, Y, reduction=reduction)
        g.weights[1][2, 1] *= 1.001
        return g


@pytest.mark.parametrize(
    ("kind", "blocks"),
    [
        (FlippedHidden, {"W1"}),
        (SumInsteadOfMean, {"W1", "theta1", "W2", "theta2"}),
        (UpdatedFirst, {"W1", "theta1"}),
        (OneEntryOff, {"W2"}),
    ],
)
@pytest.mark.parametrize("method", ["central", "complex"])
def test_broken_networks_are_caught(kind, blocks, method):
    sizes = (3, 4, 2)
    report = check_gradients(kind(sizes, rng=2), *data(sizes), method=method)
    assert {block.name for block in report.blocks if not block.passed} == blocks
    if kind is OneEntryOff:
        assert report.blocks[2].worst == (2, 1)


def test_no_transpose_lowers_the_error_and_only_the_check_tells():
    network = example_network()
    given = broken_gradients(
        "dE_db = delta @ w.T", "dE_db = delta @ w", network, X_EXAMPLE, Y_EXAMPLE
    )
    fixed = tuple(np.zeros(2) for _ in range(2))
    network.step(Gradients(given.weights, fixed), EXAMPLE.eta)
    assert network.loss(X_EXAMPLE, Y_EXAMPLE) == pytest.approx(0.29102766, abs=5e-9)


@pytest.mark.parametrize("slip", [lambda g: 0 * g, lambda g: 2 * g, lambda g: -g])
def test_a_loose_comparison_passes_what_the_check_refuses(slip):
    network = example_network()
    right = gradients_of(network, X_EXAMPLE, Y_EXAMPLE)
    wrong = Gradients((slip(right.weights[0]), right.weights[1]), right.thresholds)
    assert np.allclose(wrong.weights[0], right.weights[0], rtol=1e-2, atol=1e-2)
    report = check_gradients(network, X_EXAMPLE, Y_EXAMPLE, gradients=wrong)
    assert verdicts(report)["W1"] == "differs"


def test_a_loose_tolerance_passes_a_small_slip():
    network = example_network()
    right = gradients_of(network, X_EXAMPLE, Y_EXAMPLE)
    wrong = Gradients((1.005 * right.weights[0], right.weights[1]), right.thresholds)
    assert check_gradients(network, X_EXAMPLE, Y_EXAMPLE, tolerance=1e-2, gradients=wrong).passed
    assert not check_gradients(network, X_EXAMPLE, Y_EXAMPLE, gradients=wrong).passed


# What cannot be tested is not passed.


@pytest.mark.parametrize("method", ["central", "complex"])
def test_all_zero_is_refused(method):
    X, y = gate("XOR")
    network = Network((2, 2, 1), activation="step")
    report = check_gradients(network, X, y[:, np.newaxis], method=method)
    assert not report.passed
    assert set(verdicts(report).values()) == {"all zero: nothing was tested"}
    assert "NOT passed" in str(report)


def test_one_zero_block_is_enough_to_refuse():
    network, (_, Y) = Network((3, 4, 2)), data((3, 4, 2))
    report = check_gradients(network, np.zeros((3, 3)), Y)
    assert verdicts(report)["W1"] == "all zero: nothing was tested"
    assert verdicts(report)["W2"] == "agree"
    assert not report.passed


def test_too_small_for_differences_is_settled_by_the_complex_step():
    network, (X, Y) = Network((3, 4, 2), rng=0), data((3, 4, 2))
    network.weights[1][...] *= 1e-7  # hardly anything flows back
    report = check_gradients(network, X, Y)
    assert verdicts(report)["W1"] == "too small to tell: use method='complex'"
    assert not report.passed
    assert check_gradients(network, X, Y, method="complex").passed
    right = gradients_of(network, X, Y)
    wrong = Gradients((-right.weights[0], right.weights[1]), right.thresholds)
    exact = check_gradients(network, X, Y, method="complex", gradients=wrong)
    assert verdicts(exact)["W1"] == "differs"


def test_a_fine_step_is_not_held_against_the_gradient():
    network, (X, Y) = Network((3, 4, 2), rng=0), data((3, 4, 2))
    report = check_gradients(network, X, Y, step=1e-13)
    assert not report.passed
    assert "differs" not in verdicts(report).values()


def test_an_empty_report_has_not_passed():
    report = check_gradients(example_network(), X_EXAMPLE, Y_EXAMPLE)
    assert report.passed
    assert not dataclasses.replace(report, blocks=()).passed


# The table.


def test_the_table_of_a_failing_check():
    network = example_network()
    right = gradients_of(network, X_EXAMPLE, Y_EXAMPLE)
    wrong = Gradients(
        (-right.weights[0], right.weights[1]), (0 * right.thresholds[0], right.thresholds[1])
    )
    report = check_gradients(network, X_EXAMPLE, Y_EXAMPLE, method="complex", gradients=wrong)
    assert str(report) == repr(report)
    assert str(report).splitlines() == [
        "block     entries  relative error  verdict",
        "W1              4  2.0             differs",
        "         worst entry W1[1, 1]: given -0.000995425, expected 0.000995425",
        "theta1          2  1.0             differs",
        "         worst entry theta1[1]: given 0, expected -0.00995425",
        "W2              4  < 1e-10         agree",
        "theta2          2  < 1e-10         agree",
        "NOT passed, against the complex step: W1, theta1",
    ]
    assert repr(report.blocks[2]) == "W2              4  < 1e-10         agree"
    assert report.blocks[0].error == pytest.approx(2)
    assert report.blocks[0].n == 4


def test_equally_bad_entries_name_the_first():
    network = Network.from_parameters([np.ones((2, 2))], [np.zeros(2)])
    right = gradients_of(network, [[1.0, 1.0]], [[0.0, 0.0]])
    wrong = Gradients(tuple(-g * [1 - 1e-12, 1] for g in right.weights), right.thresholds)
    report = check_gradients(network, [[1.0, 1.0]], [[0.0, 0.0]], gradients=wrong)
    assert report.blocks[0].worst == (0, 0)


def test_deep_networks_name_every_block():
    sizes = (2, 3, 3, 2)
    report = check_gradients(Network(sizes, rng=1), *data(sizes))
    assert [b.name for b in report.blocks] == ["W1", "theta1", "W2", "theta2", "W3", "theta3"]
    assert [b.n for b in report.blocks] == [6, 3, 9, 3, 6, 2]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"network": "net"}, TypeError, "network must be a Network, got str"),
        ({"X": np.empty((0, 2))}, ValueError, "X must not be empty"),
        ({"X": [0.05, 0.1]}, ValueError, r"use x\[np.newaxis, :\]"),
        ({"Y": [0.01, 0.99]}, ValueError, r"Y must have shape \(1, 2\)"),
        ({"method": "forward"}, ValueError, "method must be one of 'central', 'complex'"),
        ({"step": 0}, ValueError, "step must be a positive"),
        ({"step": 1e-300}, ValueError, "step = 1e-300 is too small to move a parameter of 0.15"),
        ({"tolerance": -1}, ValueError, "tolerance must be a positive"),
        ({"tolerance": 1}, ValueError, "tolerance must be below 1"),
        ({"gradients": [1, 2]}, TypeError, "gradients must be Gradients, got list"),
        ({"gradients": Gradients((), ())}, ValueError, "gradients.weights must hold one array"),
        (
            {"gradients": Gradients((np.ones((2, 2)), np.ones(2)), (np.ones(2), np.ones(2)))},
            ValueError,
            r"gradients.weights\[1\] must have shape \(2, 2\), got \(2,\)",
        ),
        (
            {"gradients": Gradients((np.full((2, 2), np.nan),) * 2, (np.ones(2),) * 2)},
            ValueError,
            r"gradients.weights\[0\] must hold finite numbers",
        ),
    ],
)
def test_bad_input_is_named_and_changes_nothing(changes, error, message):
    network = example_network()
    arguments = {"network": network, "X": X_EXAMPLE, "Y": Y_EXAMPLE, **changes}
    with pytest.raises(error, match=message):
        check_gradients(**arguments)
    for a, b in zip(network.weights, EXAMPLE.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_activation_of_your_own_is_checked():
    right = Activation("cube", lambda u: u**3, lambda b: 3 * np.cbrt(b) ** 2)
    wrong = dataclasses.replace(right, slope_of_output=lambda b: 2 * np.cbrt(b) ** 2)
    X, Y = data((2, 3, 1))
    assert check_gradients(Network((2, 3, 1), activation=right), X, Y).passed
    assert not check_gradients(Network((2, 3, 1), activation=wrong), X, Y).passed


def test_a_digit_network_is_checked_whole():
    rng = np.random.default_rng(0)
    network, X, Y = Network((784, 30, 10)), rng.random((1, 784)), np.eye(10)[[3]]
    report = check_gradients(network, X, Y)
    assert report.passed
    assert sum(block.n for block in report.blocks) == 23_860
