"""One training step without a new array: what `train` runs in place of a plain network's methods.

The formulas are those of `Network.forward` and `Network.backward`, in their order. What differs is
where the numbers go: into buffers made once for each batch size. All parameters lie in one flat
vector, and so do their moves, so that a step ends with one addition. The buffers are private:
nothing here is handed to a student.
"""

from itertools import pairwise

import numpy as np
from numpy import add, multiply, subtract

from .activations import relu, sigmoid, softmax, tanh
from .losses import half_squared_error


class Workspace:
    """A network's parameters in one vector, and the arrays that its steps use again and again.

    Parameters
    ----------
    network : Network
        With the half squared error, or softmax with cross-entropy. It is copied from, not changed.
    eta : float
    momentum : float
    dtype : {"float64", "float32"}
        Of the arithmetic.

    Attributes
    ----------
    flat : ndarray, shape (n_parameters,)
        Weights and thresholds, layer by layer.

    Examples
    --------
    >>> from .network import Network
    >>> network = Network.from_parameters([[[0.0]]], [[0.0]], activation="identity")
    >>> workspace = Workspace(network, eta=0.5)
    >>> workspace.step(np.ones((1, 1)), np.ones((1, 1)))
    >>> workspace.flat.tolist()
    [0.5, -0.5]
    """

    def __init__(self, network, *, eta, momentum=0.0, dtype="float64"):
        self.sizes, self.dtype, self.eta = network.sizes, np.dtype(dtype), eta
        self.activation, self.output = network._activation, network._output
        self.loss = network._loss
        self.flat = np.empty(network.n_parameters, dtype)
        self.weights, self.thresholds = parameter_views(self.flat, self.sizes)
        self.move = np.empty_like(self.flat)
        self.motion = np.zeros_like(self.flat) if momentum else self.move  # momentum's m
        self.momentum = np.array(momentum, dtype)
        self._batches = {}
        self.read(network)

    def read(self, network):
        """Take over the parameters of `network`."""
        own, given = self.weights + self.thresholds, network.weights + network.thresholds
        for ours, theirs in zip(own, given, strict=True):
            ours[...] = theirs

    def step(self, X, Y):
        """Move the parameters by ``-eta * dE/dp``, E the mean error of this batch.

        Parameters
        ----------
        X, Y : ndarray of the workspace's dtype, shapes (n, d) and (n, l)
        """
        batch = self._batch(len(X))
        batch.forward(X, Y)
        batch.backward(X)
        self._move()

    def step_again(self, X):
        """Do a `step` on the samples that the last `error` looked at: their outputs are known."""
        self._batch(len(X)).backward(X)
        self._move()

    def error(self, X, Y):
        """Return the sum over the samples of their errors."""
        batch = self._batch(len(X))
        batch.forward(X, Y)
        if self.loss is half_squared_error:
            difference = batch.difference.ravel()
            return 0.5 * float(difference.dot(difference))
        return float(self.loss.of_samples(batch.outputs[-1], Y).sum())

    def _move(self):
        if self.motion is not self.move:
            multiply(self.motion, self.momentum, self.motion)
            add(self.motion, self.move, self.motion)
        add(self.flat, self.motion, self.flat)

    def _batch(self, n):
        batch = self._batches.get(n)
        if batch is None:
            batch = self._batches[n] = _Batch(self, n)
        return batch


class _Batch:
    """The buffers for `n` samples, and the two passes through them."""

    def __init__(self, workspace, n):
        sizes, dtype = workspace.sizes, workspace.dtype
        last = len(sizes) - 2
        weights = workspace.weights
        move_w, move_theta = parameter_views(workspace.move, sizes)

        def buffers():
            return [np.empty((n, size), dtype) for size in sizes[1:]]

        self.outputs, deltas, slopes = buffers(), buffers(), buffers()
        self.difference = np.empty_like(deltas[-1])  # y - y_hat
        self.share = np.array(workspace.eta / n, dtype)  # in the last delta, so in every move
        self.minus_ones = np.full(n, -1, dtype)
        f, self.slope = in_place(workspace.activation, dtype)
        f_output, slope_of_output = in_place(workspace.output, dtype)

        functions = [f] * last + [f_output]
        self.up = list(zip(weights, workspace.thresholds, functions, self.outputs, strict=True))
        # Softmax with cross-entropy: the slope has cancelled (see `losses.softmax_delta`).
        self.top = deltas[-1], slopes[-1], None if workspace.output is softmax else slope_of_output
        self.down = []
        for k in range(last, 0, -1):
            below = self.outputs[k - 1], deltas[k - 1], slopes[k - 1]
            self.down.append((weights[k], deltas[k], move_w[k], move_theta[k], *below))
        self.bottom = deltas[0], move_w[0], move_theta[0]

    def forward(self, X, Y):
        b = X
        for w, theta, activate, output in self.up:
            b.dot(w, output)
            subtract(output, theta, output)
            activate(output)
            b = output
        subtract(Y, b, self.difference)

    def backward(self, X):
        """Fill the moves: ``b.T @ delta`` for weights, ``-delta`` summed for thresholds."""
        slope, minus_ones = self.slope, self.minus_ones
        delta, slopes, slope_of_output = self.top
        multiply(self.difference, self.share, delta)  # -eta * dE/dy_hat
        if slope_of_output is not None:
            slope_of_output(self.outputs[-1], slopes)
            multiply(delta, slopes, delta)
        for w, delta, move_w, move_theta, b, delta_b, slopes in self.down:
            b.T.dot(delta, move_w)
            minus_ones.dot(delta, move_theta)
            delta.dot(w.T, delta_b)
            slope(b, slopes)
            multiply(delta_b, slopes, delta_b)
        delta, move_w, move_theta = self.bottom
        X.T.dot(delta, move_w)
        minus_ones.dot(delta, move_theta)


def parameter_views(flat, sizes):
    """Return weights and thresholds, layer by layer, as views of one flat array.

    Parameters
    ----------
    flat : ndarray, shape (n_parameters, ...)
        Further axes, such as one for many networks, stay behind.
    sizes : sequence of int

    Returns
    -------
    weights, thresholds : tuple of ndarray, each (n_in, n_out, ...) and (n_out, ...)

    Examples
    --------
    >>> weights, thresholds = parameter_views(np.arange(9), (2, 2, 1))
    >>> weights[0].tolist(), thresholds[0].tolist()
    ([[0, 1], [2, 3]], [4, 5])
    """
    weights, thresholds, used = [], [], 0
    for n_in, n_out in pairwise(sizes):
        weights.append(flat[used : used + n_in * n_out].reshape(n_in, n_out, *flat.shape[1:]))
        used += n_in * n_out
        thresholds.append(flat[used : used + n_out])
        used += n_out
    return tuple(weights), tuple(thresholds)


def in_place(activation, dtype):
    """Return ``f(u)``, which overwrites `u`, and ``slope(output, out)`` of an activation.

    Examples
    --------
    >>> f, slope = in_place(sigmoid, "float64")
    >>> u, out = np.zeros(1), np.zeros(1)
    >>> f(u), slope(u, out), u.item(), out.item()
    (None, None, 0.5, 0.25)
    """
    return _IN_PLACE.get(activation, _any)(activation, dtype)


# Constants are arrays without axes: a ufunc takes them faster than Python's numbers.
def _sigmoid(_, dtype):
    half, one = np.array(0.5, dtype), np.array(1, dtype)

    def f(u):
        multiply(u, half, u)
        np.tanh(u, u)
        multiply(u, half, u)
        add(u, half, u)

    def slope(output, out):
        subtract(one, output, out)
        multiply(out, output, out)

    return f, slope


def _tanh(_, dtype):
    one = np.array(1, dtype)

    def f(u):
        np.tanh(u, u)

    def slope(output, out):
        multiply(output, output, out)
        subtract(one, out, out)

    return f, slope


def _relu(_, dtype):
    zero = np.array(0, dtype)

    def f(u):
        np.maximum(u, zero, out=u)

    def slope(output, out):
        np.greater(output, zero, out)

    return f, slope


def _softmax(activation, _):
    def f(u):
        subtract(u, u.max(axis=1, keepdims=True), u)
        np.exp(u, u)
        np.divide(u, u.sum(axis=1, keepdims=True), u)

    return f, activation.slope_of_output


def _any(activation, _):
    def f(u):
        u[...] = activation.function(u)

    def slope(output, out):
        out[...] = activation.slope_of_output(output)

    return f, slope


_IN_PLACE = {sigmoid: _sigmoid, tanh: _tanh, relu: _relu, softmax: _softmax}
