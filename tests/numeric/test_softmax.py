"""Softmax with cross-entropy: the one output layer that is not elementwise."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit import (
    ACTIVATIONS,
    Gradients,
    Loss,
    Network,
    check_gradients,
    cross_entropy,
    get_activation,
    numeric_gradients,
    softmax,
)
from backprop_kit.numeric.losses import softmax_delta

TOGETHER = {"output": "softmax", "loss": "cross_entropy"}


@st.composite
def cases(draw):
    hidden = draw(st.lists(st.integers(1, 5), max_size=3))
    sizes = (draw(st.integers(1, 5)), *hidden, draw(st.integers(2, 5)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    activation = draw(st.sampled_from(["sigmoid", "tanh", "identity", "relu"]))
    network = Network(sizes, activation=activation, rng=rng, **TOGETHER)
    n = draw(st.integers(1, 6))
    return network, rng.normal(size=(n, sizes[0])), rng.dirichlet(np.ones(sizes[-1]), size=n)


def jacobian_delta(u, y):
    """Return J^T dE/dy_hat of one sample from the definitions, loop by loop."""
    e = [np.exp(v) for v in u]
    p = [v / sum(e) for v in e]
    n = range(len(u))
    return [sum(-y[j] / p[j] * p[j] * ((1 if j == m else 0) - p[m]) for j in n) for m in n]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_any_finite_row_gives_shares(u):
    with np.errstate(all="raise", under="ignore"):
        p = softmax(u)
    assert (p >= 0).all()
    assert p.sum() == pytest.approx(1, rel=1e-12)
    assert p[np.argmax(u)] == p.max()


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=5), st.floats(-1e3, 1e3))
def test_a_common_shift_changes_nothing(u, shift):
    np.testing.assert_allclose(softmax(np.add(u, shift)), softmax(u), rtol=1e-9, atol=1e-300)


def test_two_outputs_are_the_sigmoid_of_their_difference():
    u = np.linspace(-5, 5, 11)
    p = softmax(np.stack([u, np.zeros(11)], axis=1))
    np.testing.assert_allclose(p[:, 0], 1 / (1 + np.exp(-u)), rtol=1e-13)


@given(st.integers(2, 6), st.integers(0, 1000))
def test_the_delta_is_the_jacobian_times_the_slope(n, seed):
    rng = np.random.default_rng(seed)
    u, y = rng.normal(size=n), rng.dirichlet(np.ones(n))
    given_delta = softmax_delta(softmax([u]), [y], "sum")[0]
    np.testing.assert_allclose(given_delta, jacobian_delta(u, y), atol=1e-12)


@settings(deadline=None)
@given(cases())
def test_backward_is_the_complex_step_and_the_central_difference(case):
    network, X, Y = case
    given_gradients = network.backward(network.forward(X), Y)
    exact = numeric_gradients(network, X, Y, method="complex")
    near = numeric_gradients(network, X, Y)
    for kind in ("weights", "thresholds"):
        for g, e, c in zip(
            *(getattr(gradients, kind) for gradients in (given_gradients, exact, near)), strict=True
        ):
            np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-12)
            if network.activation != "relu":  # a difference may straddle the kink
                np.testing.assert_allclose(g, c, rtol=1e-5, atol=1e-8)


@settings(deadline=None)
@given(cases())
def test_the_full_batch_is_the_mean_of_the_samples(case):
    network, X, Y = case
    whole = network.backward(network.forward(X), Y)
    singles = [network.backward(network.forward(X[k : k + 1]), Y[k : k + 1]) for k in range(len(X))]
    for layer, g in enumerate(whole.weights):
        mean = np.mean([single.weights[layer] for single in singles], axis=0)
        np.testing.assert_allclose(g, mean, rtol=1e-9, atol=1e-12)


def test_the_check_passes_the_right_and_not_the_wrong():
    network = Network((3, 4, 3), rng=0, **TOGETHER)
    X, Y = np.random.default_rng(0).normal(size=(5, 3)), np.eye(3)[[0, 1, 2, 0, 1]]
    assert check_gradients(network, X, Y).passed
    assert check_gradients(network, X, Y, method="complex").passed
    good = network.backward(network.forward(X), Y)
    doubled = Gradients(tuple(1.001 * g for g in good.weights), good.thresholds)
    assert not check_gradients(network, X, Y, gradients=doubled).passed


def test_the_check_can_tell_where_the_network_is_surely_wrong():
    network = Network.from_parameters([np.array([[20.0, 0.0, 1.0]])], [np.zeros(3)], **TOGETHER)
    assert network.loss([[1.0]], [[0.0, 1.0, 0.0]]) == pytest.approx(20)
    assert check_gradients(network, [[1.0]], [[0.0, 1.0, 0.0]], method="complex").passed
    assert check_gradients(network, [[1.0]], [[0.0, 1.0, 0.0]], tolerance=1e-5).passed


def test_saturated_outputs_cost_much_but_nothing_infinite():
    network = Network.from_parameters([np.array([[1e6, 0.0]])], [np.zeros(2)], **TOGETHER)
    with np.errstate(all="raise", under="ignore"):
        assert 700 < network.loss([[1.0]], [[0.0, 1.0]]) < 710
        assert network.loss([[1.0]], [[1.0, 0.0]]) == 0
        gradients = network.backward(network.forward([[1.0]]), [[0.0, 1.0]])
    assert gradients.weights[0].tolist() == [[1.0, -1.0]]
    assert np.isfinite(cross_entropy.gradient([[1.0, 0.0]], [[0.0, 1.0]])).all()


def test_cross_entropy_by_hand():
    y_hat, y = [[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]
    total = np.log(2) - 0.5 * (np.log(0.1) + np.log(0.8))
    assert cross_entropy.value(y_hat, y, "sum") == pytest.approx(total, rel=1e-14)
    assert cross_entropy.value(y_hat, y) == pytest.approx(total / 2, rel=1e-14)
    np.testing.assert_allclose(
        cross_entropy.gradient(y_hat, y, "sum"), [[-2, 0, 0], [0, -5, -0.625]]
    )


@pytest.mark.parametrize(
    ("y_hat", "y", "message"),
    [
        ([[0.5, 0.5]], [[1.0, 1.0]], "rows that sum to 1, got 2 in row 0; for labels use one_hot"),
        ([[0.5, 0.5]], [[0.0, 0.0]], "rows that sum to 1, got 0 in row 0"),
        ([[0.5, 0.5]], [[1.5, -0.5]], "y must hold probabilities, got -0.5"),
        ([[-0.5, 1.5]], [[1.0, 0.0]], "y_hat must hold probabilities, got -0.5"),
    ],
)
def test_what_is_no_share_is_refused(y_hat, y, message):
    for function in (cross_entropy.value, cross_entropy.gradient, softmax_delta):
        with pytest.raises(ValueError, match=message):
            function(y_hat, y)


def test_softmax_and_cross_entropy_go_together_alone():
    own = Loss("own", lambda y_hat, y: 0 * y[:, 0], lambda y_hat, y: 0 * y)
    for output, loss in itertools.product(
        [None, *ACTIVATIONS, "softmax"], ["half_squared_error", "cross_entropy", own]
    ):
        fits = (output == "softmax") == (loss == "cross_entropy")
        if fits:
            Network((2, 3, 2), output=output, loss=loss)
        else:
            with pytest.raises(ValueError, match="go together, each with nothing else; got output"):
                Network((2, 3, 2), output=output, loss=loss)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"activation": "softmax", **TOGETHER}, ValueError, 'give output="softmax"'),
        ({"activation": softmax}, ValueError, 'give output="softmax"'),
        ({"output": "softmix"}, ValueError, "did you mean 'softmax'"),
        ({"output": 3}, TypeError, "output must be one of"),
        ({"sizes": (2, 1), **TOGETHER}, ValueError, "2 outputs or more"),
    ],
)
def test_bad_choices_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        Network(**{"sizes": (2, 3, 2), **arguments})


def test_softmax_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="no slope of its own"):
        softmax.slope([0.5, 0.5])
    with pytest.raises(ValueError, match="one row a sample"):
        softmax(1.0)
    with pytest.raises(ValueError, match="finite"):
        softmax([np.inf, 0.0])
    with pytest.raises(ValueError, match="elementwise"):
        get_activation("softmax")


@settings(deadline=None)
@given(
    st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(sorted(ACTIVATIONS)), st.integers(0, 99)
)
def test_an_output_of_its_own(activation, output, seed):
    rng = np.random.default_rng(seed)
    network = Network((2, 3, 2), activation=activation, output=output, rng=rng)
    X, Y = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
    trace = network.forward(X)
    u = trace.net_inputs[1] - network.thresholds[1]
    np.testing.assert_array_equal(trace.y_hat, ACTIVATIONS[output](u))
    given_gradients = network.backward(trace, Y)
    exact = numeric_gradients(network, X, Y, method="complex")
    for g, e in zip(given_gradients.weights, exact.weights, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-13)
    assert network.copy().output == output


def test_no_output_changes_nothing():
    a, b = Network((2, 3, 2), rng=1), Network((2, 3, 2), output="sigmoid", rng=1)
    X = [[0.5, -1.0]]
    assert a.predict(X).tolist() == b.predict(X).tolist()
    assert repr(a) == repr(b) == "Network(2-3-2, sigmoid, half_squared_error, 17 parameters)"
    assert a.output == "sigmoid"
    net = Network((2, 3, 2), **TOGETHER)
    assert repr(net.copy()) == "Network(2-3-2, sigmoid, softmax, cross_entropy, 17 parameters)"
