"""Slopes of the error, measured and not derived: what a gradient is checked against.

Central differences, or the complex step (Squire and Trapp, SIAM Review 40, 1998), which subtracts
nothing and is exact to rounding. `numeric_gradients` is the definition of a derivative, entry by
entry; `structured_gradients` measures the same in a fraction of the time.
"""

import numpy as np

from .network import Gradients, propagate, require_network
from .validation import as_choice, as_positive

METHODS = ("central", "complex")
STEPS = {"central": 1e-5, "complex": 1e-30}
ROWS_AT_ONCE = 2**11  # of samples with one entry moved: more, and they leave the cache


def numeric_gradients(network, X, Y, *, method="central", step=None):
    """Return the gradients of ``network.loss(X, Y)`` without backpropagation.

    The plain loop: one parameter after the other is moved, and the whole network is run.

    Parameters
    ----------
    network : Network
        Left unchanged.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    method : {"central", "complex"}
        ``(E(p + step) - E(p - step)) / 2 step``, or ``Im E(p + i step) / step``.
    step : float, optional
        1e-5 for central differences, divided by the largest entry of `X` where that is above 1:
        much larger, and the curve's bend shows; much smaller, and the subtraction loses its
        digits. 1e-30 for the complex step, which subtracts nothing.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit, or `step` is too small to move a parameter.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
    >>> exact = numeric_gradients(network, [[3.0]], [[5.0]], method="complex")
    >>> print(f"{exact.weights[0][0, 0]:.3f}")
    3.000
    """
    X, Y, step = _checked(network, X, Y, method, step)
    number = float if method == "central" else complex
    weights = [w.astype(number) for w in network.weights]
    thresholds = [t.astype(number) for t in network.thresholds]
    functions, of_samples = network.functions, network._loss.of_samples

    def error():
        _, outputs = propagate(weights, thresholds, functions, X)
        return of_samples(outputs[-1], Y).sum() / len(X)

    slopes = _central_slopes if method == "central" else _complex_slopes
    with np.errstate(all="ignore"):
        return Gradients(
            tuple(slopes(error, w, step) for w in weights),
            tuple(slopes(error, theta, step) for theta in thresholds),
        )


def _central_slopes(error, p, step):
    """Return the slope of `error` along each entry of `p`, which is moved and put back."""
    slopes = np.empty(p.shape)
    for index in np.ndindex(p.shape):
        middle = p[index]
        right, left = middle + step, middle - step
        p[index] = right
        error_right = error()
        p[index] = left
        error_left = error()
        p[index] = middle
        slopes[index] = (error_right - error_left) / (right - left)
    return slopes


def _complex_slopes(error, p, step):
    slopes = np.empty(p.shape)
    for index in np.ndindex(p.shape):
        middle = p[index]
        p[index] = middle + 1j * step
        slopes[index] = np.imag(error()) / step
        p[index] = middle
    return slopes


def structured_gradients(network, X, Y, *, method="central", step=None):
    """Return what `numeric_gradients` returns, to rounding, and much sooner.

    A weight moves one net input of each sample, and so does a threshold, as a weight on an input
    of -1 (SOURCES A2). So the layers before are run once, and those behind for many entries at a
    time. This is no backpropagation: every slope is measured on the error itself.

    Parameters
    ----------
    network, X, Y, method, step
        As for `numeric_gradients`.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        As `numeric_gradients` does.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> network, X, Y = Network((2, 3, 1)), [[0.5, -1.0]], [[1.0]]
    >>> plain = numeric_gradients(network, X, Y, method="complex")
    >>> fast = structured_gradients(network, X, Y, method="complex")
    >>> all(np.allclose(a, b, rtol=1e-14) for a, b in zip(plain.weights, fast.weights))
    True
    """
    measured = Measured(network, X, Y, method, step)
    layers = [measured.entries(layer) for layer in range(len(network.weights))]
    return Gradients(*zip(*layers, strict=True))


class Measured:
    """The error of a network as a function of one layer's net inputs.

    Parameters
    ----------
    network, X, Y, method, step
        As for `numeric_gradients`.

    Raises
    ------
    TypeError, ValueError
        As `numeric_gradients` does.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> measured = Measured(Network((2, 3, 1)), [[0.5, -1.0]], [[1.0]], "complex", None)
    >>> [block.shape for block in measured.entries(0)]
    [(2, 3), (3,)]
    """

    def __init__(self, network, X, Y, method, step):
        X, self.Y, self.step = _checked(network, X, Y, method, step)
        self.method = method
        self.weights, self.thresholds = network.weights, network.thresholds
        self.functions, self.of_samples = network.functions, network._loss.of_samples
        net_inputs, self.signals = propagate(self.weights, self.thresholds, self.functions, X)
        self.nets = [net - theta for net, theta in zip(net_inputs, self.thresholds, strict=True)]

    @np.errstate(all="ignore")
    def along(self, layer, move):
        """Return the slope of the error when the net inputs of a layer move together.

        Parameters
        ----------
        layer : int
            Counts from 0.
        move : ndarray, shape (N, n_out) or (n_out,)
        """
        nets = self.nets[layer]
        return float(self._slope(lambda step: self._error(layer, nets + step * move)))

    @np.errstate(all="ignore")
    def entries(self, layer):
        """Return the slopes along each weight of a layer, (n_in, n_out), and each threshold."""
        signals = self.signals[layer]
        signals = np.column_stack([signals, np.full(len(signals), -1.0)])
        count = max(1, ROWS_AT_ONCE // len(signals))
        parts = [signals[:, k : k + count].T for k in range(0, signals.shape[1], count)]
        units = range(self.nets[layer].shape[1])
        slopes = [[self._unit_slopes(layer, unit, part) for part in parts] for unit in units]
        slopes = np.array([np.concatenate(of_unit) for of_unit in slopes]).T
        return slopes[:-1], slopes[-1]

    def _unit_slopes(self, layer, unit, moves):
        """Return the slope along each of `moves`, (n, N), of one unit's net inputs."""
        net = self.nets[layer]

        def error(step):
            moved = net[:, unit] + step * moves
            if layer + 1 == len(self.nets):
                nets = np.repeat(net[np.newaxis].astype(moved.dtype), len(moves), axis=0)
                nets[:, :, unit] = moved
                return self._error(layer, nets)
            change = self.functions[layer](moved) - self.signals[layer + 1][:, unit]
            onward = change[:, :, np.newaxis] * self.weights[layer + 1][unit]
            return self._error(layer + 1, self.nets[layer + 1] + onward)

        return self._slope(error)

    def _slope(self, error):
        if self.method == "complex":
            return np.imag(error(1j * self.step)) / self.step
        return (error(self.step) - error(-self.step)) / (2 * self.step)

    def _error(self, layer, nets):
        """Return the mean error for net inputs of a layer, (..., N, n) to (...)."""
        *shape, n = nets.shape
        rows = self.functions[layer](nets.reshape(-1, n))
        rest = slice(layer + 1, None)
        _, outputs = propagate(
            self.weights[rest], self.thresholds[rest], self.functions[rest], rows
        )
        targets = np.broadcast_to(self.Y, (*shape, self.Y.shape[1])).reshape(len(rows), -1)
        return self.of_samples(outputs[-1], targets).reshape(shape).mean(axis=-1)


def _checked(network, X, Y, method, step):
    """Return X, Y and the step, or say what does not fit."""
    require_network(network)
    as_choice("method", method, METHODS)
    network.loss(X, Y)  # checks X and Y
    step = _step(method, step, X)
    if method == "central":
        for p in network.weights + network.thresholds:
            stuck = p[p + step == p - step]
            if stuck.size:
                raise ValueError(
                    f"step = {step:g} is too small to move a parameter of {stuck[0]:g}"
                )
    return np.asarray(X, dtype=float), np.asarray(Y, dtype=float), step


def _step(method, step, X):
    if step is not None:
        return as_positive("step", step)
    largest = float(np.abs(X).max()) if method == "central" else 1.0
    return STEPS[method] / max(1.0, largest)
