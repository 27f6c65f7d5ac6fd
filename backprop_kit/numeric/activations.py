"""Activation functions, and their slopes written through the function's own output.

Backpropagation keeps the outputs of the forward pass and needs ``f'`` at the same places, so the
slope is computed from the *output* (SOURCES A11, E15). The functions in the table accept complex
arrays too: the complex-step gradient check runs them a tiny step off the real axis.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .validation import as_array, as_choice, as_real


@dataclass(frozen=True)
class Activation:
    """An activation function with its slope.

    Parameters
    ----------
    name : str
        The name a network knows it by.
    function : callable
        Array of net inputs ``u`` to array of outputs ``f(u)``, elementwise, real or complex.
    slope_of_output : callable
        Array of outputs ``f(u)`` to array of slopes ``f'(u)``, elementwise.
    low, high : float
        The range of the outputs, ends included.

    Notes
    -----
    Calling the object, ``sigmoid(u)``, and ``sigmoid.slope(output)`` check what they are given;
    `function` and `slope_of_output` do not.

    Examples
    --------
    >>> sigmoid(0)
    0.5
    >>> sigmoid.slope(0.5)
    0.25
    """

    name: str
    function: Callable = field(repr=False)
    slope_of_output: Callable = field(repr=False)
    low: float = field(default=-math.inf, repr=False)
    high: float = field(default=math.inf, repr=False)

    def __call__(self, u):
        """Return ``f(u)``, elementwise; a float for a single number.

        Raises
        ------
        TypeError
            When `u` holds anything but real numbers.
        ValueError
            When `u` holds NaN; infinity is fine.

        Examples
        --------
        >>> step([-1, 0, 1]).tolist()
        [0.0, 1.0, 1.0]
        """
        return _plain(self.function(_without_nan("u", u)))

    def slope(self, output):
        """Return ``f'(u)``, elementwise, from the output ``f(u)``.

        Raises
        ------
        TypeError
            When `output` holds anything but real numbers.
        ValueError
            When `output` holds NaN, or a number the function never gives: the likely cause is a
            net input handed in where the output belongs.

        Examples
        --------
        >>> tanh.slope(0.0)
        1.0
        """
        output = _without_nan("output", output)
        if ((output < self.low) | (output > self.high)).any():
            raise ValueError(
                f"output must lie between {self.low:g} and {self.high:g}, as {self.name}'s outputs "
                f"do, got values from {output.min():g} to {output.max():g}; "
                f"give the output f(u), not the net input u"
            )
        return _plain(self.slope_of_output(output))


def _without_nan(name, value):
    array = as_real(name, value)
    if np.isnan(array).any():
        raise ValueError(f"{name} must hold numbers, got NaN")
    return array


def _plain(array):
    return array.item() if np.ndim(array) == 0 else array


def _step(u):
    return np.where(np.real(u) >= 0, 1.0, 0.0)


def _step_slope(output):
    return np.zeros(np.shape(output))


def _sigmoid(u):
    """Return ``1 / (1 + exp(-u))`` in the form ``0.5 * tanh(0.5 * u) + 0.5``.

    This form never overflows, needs no case distinction, is smooth for complex numbers too, and is
    the fastest. Its price: below about u = -20 the *relative* accuracy goes, while the absolute
    error stays near 1e-16. An accurate left tail would buy backpropagation nothing, since the
    slope ``f (1 - f)`` loses the same on the right side whatever the formula.
    """
    return 0.5 * np.tanh(0.5 * u) + 0.5


def _sigmoid_slope(output):
    return output * (1 - output)


def _tanh_slope(output):
    return 1 - output * output


def _relu(u):
    return np.where(np.real(u) > 0, u, 0.0)


def _relu_slope(output):
    return np.where(np.real(output) > 0, 1.0, 0.0)


def _identity_slope(output):
    return np.ones(np.shape(output))


def _softmax(u):
    # Taking the row's largest off changes no quotient, and exp cannot overflow.
    with np.errstate(over="ignore", under="ignore"):
        e = np.exp(u - np.real(u).max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def _no_slope(output):
    raise ValueError(
        "softmax has no slope of its own: each output depends on every net input of its row; "
        "with cross-entropy the two together give y_hat - y"
    )


class Softmax(Activation):
    """The one activation that is not elementwise: ``exp(u_j) / sum_n exp(u_n)`` in each row.

    The outputs of a row are positive and sum to 1. For the output layer only, and only together
    with ``cross_entropy``: see `backprop_kit.numeric.losses.softmax_delta`.

    Examples
    --------
    >>> softmax([[1.0, 1.0], [800.0, -800.0]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """

    def __call__(self, u):
        """Return the outputs, each row (the last axis) on its own; an array.

        Raises
        ------
        TypeError, ValueError
            When `u` is a single number, or holds anything but finite real numbers.

        Examples
        --------
        >>> softmax([0.0, 0.0]).tolist()
        [0.5, 0.5]
        """
        u = as_array("u", u)
        if u.ndim == 0:
            raise ValueError("u must have one row a sample, got a single number")
        return self.function(u)

    def slope(self, output):
        """Refuse: softmax has a whole matrix of slopes for each row.

        Raises
        ------
        ValueError
            Always.
        """
        return self.slope_of_output(output)


step = Activation("step", _step, _step_slope, 0.0, 1.0)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_slope, 0.0, 1.0)
tanh = Activation("tanh", np.tanh, _tanh_slope, -1.0, 1.0)
relu = Activation("relu", _relu, _relu_slope, 0.0)
identity = Activation("identity", np.positive, _identity_slope)
softmax = Softmax("softmax", _softmax, _no_slope, 0.0, 1.0)

ACTIVATIONS = {f.name: f for f in (step, sigmoid, tanh, relu, identity)}


def get_activation(name):
    """Return the activation called `name`; an `Activation` of your own is returned as it is.

    Raises
    ------
    TypeError
        When `name` is neither text nor an `Activation`.
    ValueError
        When no activation has that name, or it is softmax, which is for the output layer.

    Examples
    --------
    >>> get_activation("relu").name
    'relu'
    """
    if isinstance(name, Softmax) or (isinstance(name, str) and name == softmax.name):
        raise ValueError('activation must be elementwise, got softmax; give output="softmax"')
    if isinstance(name, Activation):
        return name
    return ACTIVATIONS[as_choice("activation", name, ACTIVATIONS)]


def get_output(name):
    """Return the output layer's activation called `name`: any of the activations, or softmax.

    Raises
    ------
    TypeError
        When `name` is neither text nor an `Activation`.
    ValueError
        When no activation has that name.

    Examples
    --------
    >>> get_output("softmax").name
    'softmax'
    """
    if isinstance(name, Activation):
        return name
    choices = {**ACTIVATIONS, softmax.name: softmax}
    return choices[as_choice("output", name, choices)]
