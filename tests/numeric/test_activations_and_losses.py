import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_kit import (
    ACTIVATIONS,
    Activation,
    Loss,
    get_activation,
    get_loss,
    half_squared_error,
    identity,
    relu,
    sigmoid,
    step,
    tanh,
)

any_float = st.floats(allow_nan=False)
moderate = st.floats(-30, 30)


def exact_sigmoid(u):
    getcontext().prec = 60
    return 1 / (1 + (-Decimal(u)).exp())


@given(any_float)
def test_sigmoid_of_any_float_without_a_warning(u):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert 0 <= sigmoid(u) <= 1


@given(st.floats(-700, 700))
def test_sigmoid_is_accurate_to_rounding(u):
    assert abs(Decimal(sigmoid(u)) - exact_sigmoid(u)) < Decimal("2.3e-16")


def test_sigmoid_loses_relative_accuracy_in_the_left_tail_as_it_says():
    assert abs(Decimal(sigmoid(-5.0)) / exact_sigmoid(-5) - 1) < Decimal("1e-13")
    assert abs(Decimal(sigmoid(-35.0)) / exact_sigmoid(-35) - 1) > Decimal("1e-3")


def test_values_at_the_ends_and_in_the_middle():
    ends = [-math.inf, 0.0, math.inf]
    assert sigmoid(ends).tolist() == [0, 0.5, 1]
    assert tanh(ends).tolist() == [-1, 0, 1]
    assert relu(ends).tolist() == [0, 0, math.inf]
    assert step(ends).tolist() == [0, 1, 1]
    assert step(-0.0) == 1
    assert identity(ends).tolist() == ends


@given(moderate)
def test_slope_from_the_output_is_the_central_difference(u):
    h = 1e-6
    for f in (sigmoid, tanh, identity):
        assert f.slope(f(u)) == pytest.approx((f(u + h) - f(u - h)) / (2 * h), abs=1e-8)
    if abs(u) > 2 * h:
        assert relu.slope(relu(u)) == pytest.approx((relu(u + h) - relu(u - h)) / (2 * h))
        assert step.slope(step(u)) == 0


@given(moderate.filter(lambda u: u != 0))
def test_slope_is_the_complex_step(u):
    for f in ACTIVATIONS.values():
        slope = f.function(np.array(u + 1e-30j)).imag / 1e-30
        assert f.slope(f(u)) == pytest.approx(slope, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("f", ACTIVATIONS.values(), ids=lambda f: f.name)
def test_calls_return_fresh_floats_and_check(f):
    u = np.array([[0.5, -0.5]])
    assert f(u).shape == u.shape
    assert f(u) is not u
    assert not np.shares_memory(f(u), u)
    assert type(f(1)) is float
    assert type(f.slope(f(1))) is float
    with pytest.raises(ValueError, match="u must hold numbers, got NaN"):
        f([0.0, math.nan])
    with pytest.raises(TypeError, match="u must hold real numbers"):
        f("0.5")
    with pytest.raises(TypeError, match="output must hold real numbers"):
        f.slope(None)


@pytest.mark.parametrize(("f", "net_input"), [(sigmoid, 2.0), (tanh, -1.5), (relu, -0.1)])
def test_slope_notices_a_net_input(f, net_input):
    with pytest.raises(ValueError, match="give the output"):
        f.slope([0.5, net_input])


def test_get_activation():
    assert all(get_activation(name) is f for name, f in ACTIVATIONS.items())
    own = Activation("double", lambda u: 2 * u, lambda b: 2 + 0 * b)
    assert get_activation(own) is own
    with pytest.raises(ValueError, match=r"activation must be one of 'step', 'sigmoid', .*'swish'"):
        get_activation("swish")
    with pytest.raises(TypeError, match="activation must be one of"):
        get_activation(np.tanh)
    assert repr(sigmoid) == "Activation(name='sigmoid')"


def test_half_squared_error_by_hand():
    y_hat, y = [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    # Samples: (0 + 4 + 9) / 2 = 6.5 and (1 + 1 + 0) / 2 = 1: outputs summed, samples averaged.
    assert half_squared_error.value(y_hat, y) == 3.75
    assert half_squared_error.value(y_hat, y, "sum") == 7.5
    assert half_squared_error.gradient(y_hat, y).tolist() == [[0, 1, 1.5], [-0.5, -0.5, 0]]
    assert half_squared_error.gradient(y_hat, y, "sum").tolist() == [[0, 2, 3], [-1, -1, 0]]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_loss_gradient_is_the_central_difference(reduction):
    rng = np.random.default_rng(0)
    y_hat, y, h = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), 1e-5
    gradient = half_squared_error.gradient(y_hat, y, reduction)
    for index in np.ndindex(y_hat.shape):
        move = np.zeros(y_hat.shape)
        move[index] = h
        ahead = half_squared_error.value(y_hat + move, y, reduction)
        behind = half_squared_error.value(y_hat - move, y, reduction)
        assert gradient[index] == pytest.approx((ahead - behind) / (2 * h), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1.0], [1.0]), ValueError, r"y_hat must have shape \(N, l\)"),
        (([[1.0], [2.0]], [1.0, 2.0]), ValueError, r"y must have shape \(2, 1\), got \(2,\)"),
        (([[math.nan]], [[1.0]]), ValueError, r"y_hat\[0, 0\] = nan"),
        (([[1.0]], [["a"]]), TypeError, "y must hold real numbers, got text"),
        (([[1.0]], [[1.0]], "median"), ValueError, "reduction must be one of 'mean', 'sum'"),
        (([[1.0]], [[1.0]], None), TypeError, "reduction must be one of"),
    ],
)
def test_losses_check_their_arguments(arguments, error, message):
    for function in (half_squared_error.value, half_squared_error.gradient):
        with pytest.raises(error, match=message):
            function(*arguments)


def test_an_error_too_large_for_a_float_is_refused():
    with pytest.raises(ValueError, match="too large for a float"):
        half_squared_error.value([[1e200]], [[0.0]])


def test_get_loss():
    assert get_loss("half_squared_error") is half_squared_error
    own = Loss("zero", lambda y_hat, y: 0 * y[:, 0], lambda y_hat, y: 0 * y)
    assert get_loss(own) is own
    with pytest.raises(ValueError, match=r"loss must be one of .*'cross_entropy', got 'mse'"):
        get_loss("mse")
