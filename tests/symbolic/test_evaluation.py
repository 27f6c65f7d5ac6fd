import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit import Network
from backprop_kit.symbolic import DEFINITIONS, derive_updates, evaluate
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

AXES = {"w": (h, j), "theta": (j,), "gamma": (h,), "v": (i, h)}


def network_and_arrays(sizes, seed):
    rng = np.random.default_rng(seed)
    network = Network(sizes, rng=rng)
    X, Y = rng.normal(size=(1, sizes[0])), rng.random((1, sizes[2]))
    trace = network.forward(X)
    arrays = {
        "x": X[0],
        "v": network.weights[0],
        "alpha": trace.net_inputs[0][0],
        "gamma": network.thresholds[0],
        "b": trace.outputs[1][0],
        "w": network.weights[1],
        "beta": trace.net_inputs[1][0],
        "theta": network.thresholds[1],
        "y_hat": trace.y_hat[0],
        "y": Y[0],
        "eta": 0.5,
    }
    return network.backward(trace, Y), arrays


def assert_updates_match(sizes, seed):
    gradients, arrays = network_and_arrays(sizes, seed)
    updates = derive_updates()
    expected = {
        "w": gradients.weights[1],
        "theta": gradients.thresholds[1],
        "gamma": gradients.thresholds[0],
        "v": gradients.weights[0],
    }
    for name, gradient in expected.items():
        change = evaluate(getattr(updates, name), arrays, AXES[name])
        assert change.shape == gradient.shape
        assert np.abs(change + 0.5 * gradient).max() <= 1e-12 * np.abs(change).max()


@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 2, 2), (3, 4, 2), (784, 30, 10)])
def test_the_derived_formulas_are_the_network_s_backpropagation(sizes):
    assert_updates_match(sizes, seed=0)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.integers(1, 6)] * 3), st.integers(0, 10**6))
def test_they_are_at_any_size(sizes, seed):
    assert_updates_match(sizes, seed)


def test_the_definitions_evaluate_to_the_forward_pass():
    _, arrays = network_and_arrays((3, 4, 2), 1)
    for letter, axis in ((alpha, h), (b, h), (beta, j), (y_hat, j)):
        value = evaluate(DEFINITIONS[letter].right, arrays, (axis,))
        np.testing.assert_allclose(value, arrays[letter.name], rtol=1e-12)


ARRAYS = {"x": [1.0, 2.0], "b": [3.0, 4.0, 5.0], "w": np.arange(6.0).reshape(3, 2) + 1}
M = sympy.Symbol("m", integer=True, positive=True)


@pytest.mark.parametrize(
    ("expr", "axes", "expected"),
    [
        (x[i] * b[h], (i, h), np.outer([1, 2], [3, 4, 5])),
        (x[i] * b[h], (h, i), np.outer([3, 4, 5], [1, 2])),
        (b[h], (i, h), [[3, 4, 5]] * 2),
        (sympy.Sum(w[h, j] * b[h], (h, 1, q)), (j,), np.array([3, 4, 5]) @ ARRAYS["w"]),
        (sympy.Sum(w[M, j] * b[M], (M, 1, q)), (j,), np.array([3, 4, 5]) @ ARRAYS["w"]),
        (sympy.Sum(w[h, j] * b[h], (h, 1, q), (j, 1, l)), (), 40 + 52),
        (b[h] * sympy.Sum(b[h], (h, 1, q)), (h,), [36, 48, 60]),
        (sympy.Sum(1 + 0 * b[h], (h, 1, q)), (), 3),
        (sympy.Sum(b[h], (h, 1, q)) / q, (), 4),
        (sympy.Sum(sympy.KroneckerDelta(M, h) * b[M], (M, 1, q)), (h,), [3, 4, 5]),
        (w[2, j] - w[1, j], (j,), [2, 2]),
        (b[h] ** 2 / 2, (h,), [4.5, 8, 12.5]),
        (sympy.exp(0 * x[i]) + sigma(0), (i,), [1.5, 1.5]),
        (0.25, (i,), [0.25, 0.25]),
        (d + q, (), 5),
    ],
)
def test_evaluate_by_hand(expr, axes, expected):
    np.testing.assert_allclose(evaluate(expr, ARRAYS, axes), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("expr", "arrays", "axes", "error", "message"),
    [
        ("b[h]", ARRAYS, (h,), TypeError, "expression must be a formula"),
        (b[h], [1, 2], (h,), TypeError, "arrays must map"),
        (b[h], {}, (h,), ValueError, "arrays must hold b"),
        (b[h], {"b": [[1.0]]}, (h,), ValueError, "b"),
        (b[h], {"b": [1.0, np.nan]}, (h,), ValueError, "b"),
        (b[h], {"b": ["one"]}, (h,), (TypeError, ValueError), "b"),
        (b[h], {"c": [1.0]}, (h,), ValueError, "'c'"),
        (b[h] * w[h, j], {"b": [1.0], "w": [[1.0], [2.0]]}, (h, j), ValueError, "disagree on q"),
        (b[h] * x[i], ARRAYS, (h,), ValueError, "index i is free"),
        (b[h], ARRAYS, (h, h), ValueError, "repeat"),
        (b[h], ARRAYS, (h, M), ValueError, "axes may hold"),
        (w[j, h], ARRAYS, (h, j), ValueError, "runs to"),
        (b[4], ARRAYS, (), ValueError, "out of range"),
        (b[h + 1], ARRAYS, (h,), ValueError, "a letter or a number"),
        (sympy.Sum(b[h], (h, 2, q)), ARRAYS, (), ValueError, "a sum runs from 1"),
        (sympy.gamma(b[h]), ARRAYS, (h,), TypeError, "cannot be evaluated"),
        (sympy.log(0 * b[h] - 1), ARRAYS, (h,), (TypeError, ValueError), "expression"),
        (1 / (b[h] - 3), ARRAYS, (h,), ValueError, "not finite"),
        (eta * b[h], ARRAYS, (h,), ValueError, "arrays must hold eta"),
        (theta[j] + gamma[h] + y[j] + v[i, h], ARRAYS, (i, h, j), ValueError, "must hold"),
    ],
)
def test_what_does_not_fit_is_named(expr, arrays, axes, error, message):
    with pytest.raises(error, match=message):
        evaluate(expr, arrays, axes)


def test_the_arrays_are_left_alone_and_the_result_is_fresh():
    given_b = np.array([1.0, 2.0])
    result = evaluate(b[h], {"b": given_b}, (h,))
    result[0] = 9.0
    assert given_b[0] == 1.0
