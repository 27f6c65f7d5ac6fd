"""The NumPy floor: what no NumPy code can leave out, written for one network and one batch size."""

import numpy as np


class Floor:
    """Steps with every buffer made before, gradients and parameters views of two flat vectors.

    A layer costs two products forward and back (the first layer one), one sum, and these ufuncs:
    forward ``theta - alpha``, exp, ``1 +``, ``1 /``; back ``1 - b``, ``* b``, ``* delta``. The
    output adds ``y_hat - y`` and the rate; softmax has exp, a sum and a quotient, and no slope.
    One subtraction moves all parameters. Nothing guards against overflow.
    """

    def __init__(self, work):
        self.batches = list(zip(work.X, work.Y, strict=True))
        self.rate = np.array(work.eta / work.X.shape[1])
        self.minus_ones = np.full(work.X.shape[1], -1.0)  # a threshold is subtracted
        self.p, self.weights, self.thresholds = _flat(work.weights, work.thresholds)
        self.g, *gradients = _flat(work.weights, work.thresholds)
        buffers = [np.empty((2, work.X.shape[1], n)) for n in work.sizes[1:]]
        self.outputs = [b for b, _ in buffers]
        self.deltas = [delta for _, delta in buffers]
        layers = list(zip(self.weights, self.thresholds, self.outputs, strict=True))
        self.softmax = work.output == "softmax"
        self.sigmoid_layers = layers[:-1] if self.softmax else layers
        self.last = (*layers[-1], self.deltas[-1])
        before = [None, *self.outputs[:-1]]
        deltas_before = [None, *self.deltas[:-1]]
        transposed = [w.T for w in self.weights]
        self.backward = list(
            zip(self.deltas, before, *gradients, transposed, deltas_before, strict=True)
        )[::-1]

    def run(self, steps):
        """Train on."""
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                self.step(X, Y)

    def step(self, X, Y):
        """Take one step."""
        one, minus_ones = _ONE, self.minus_ones
        b = X
        for w, theta, out in self.sigmoid_layers:
            b.dot(w, out)
            np.subtract(theta, out, out)
            np.exp(out, out)
            np.add(out, one, out)
            np.reciprocal(out, out)
            b = out
        w, theta, y_hat, delta = self.last
        if self.softmax:
            b.dot(w, y_hat)
            np.subtract(y_hat, theta, y_hat)
            np.exp(y_hat, y_hat)
            np.divide(y_hat, np.add.reduce(y_hat, 1, keepdims=True), y_hat)
            np.subtract(y_hat, Y, delta)
            np.multiply(delta, self.rate, delta)
        else:
            np.subtract(one, y_hat, delta)
            np.multiply(delta, y_hat, delta)
            np.subtract(y_hat, Y, y_hat)
            np.multiply(y_hat, self.rate, y_hat)
            np.multiply(delta, y_hat, delta)
        for delta, b, grad_w, grad_theta, w_T, delta_before in self.backward:
            minus_ones.dot(delta, grad_theta)
            if b is None:
                X.T.dot(delta, grad_w)
            else:
                b.T.dot(delta, grad_w)
                delta.dot(w_T, delta_before)
                # b is used up: it becomes the slope.
                np.multiply(delta_before, b, delta_before)
                np.subtract(one, b, b)
                np.multiply(delta_before, b, delta_before)
        np.subtract(self.p, self.g, self.p)

    def parameters(self):
        """Return weights and thresholds."""
        return self.weights, self.thresholds


_ONE = np.array(1.0)


def _flat(weights, thresholds):
    """Return one vector and its views, weights and thresholds, with their values."""
    blocks = [*weights, *thresholds]
    vector = np.concatenate([block.ravel() for block in blocks])
    pieces = np.split(vector, np.cumsum([block.size for block in blocks])[:-1])
    views = [piece.reshape(block.shape) for piece, block in zip(pieces, blocks, strict=True)]
    return vector, views[: len(weights)], views[len(weights) :]
