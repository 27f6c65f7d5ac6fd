"""HIPS autograd: derivatives of NumPy code."""

import autograd.numpy as anp
from autograd import grad


class Step:
    """``grad`` of the error, then one step."""

    def __init__(self, work):
        self.batches = list(zip(work.X, work.Y, strict=True))
        self.eta, self.output = work.eta, work.output
        self.p = [*work.weights, *work.thresholds]
        self.gradient = grad(self.error)

    def error(self, p, X, Y):
        """Return the mean error of a batch."""
        n_layers = len(p) // 2
        b = X
        for w, theta in zip(p[: n_layers - 1], p[n_layers:-1], strict=True):
            b = _sigmoid(anp.dot(b, w) - theta)
        u = anp.dot(b, p[n_layers - 1]) - p[-1]
        if self.output == "softmax":
            u = u - anp.max(u, axis=1, keepdims=True)
            log_sum = anp.log(anp.sum(anp.exp(u), axis=1, keepdims=True))
            return -anp.sum(Y * (u - log_sum)) / len(X)
        return 0.5 * anp.sum((_sigmoid(u) - Y) ** 2) / len(X)

    def run(self, steps):
        """Train on."""
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                gradients = self.gradient(self.p, X, Y)
                self.p = [p - self.eta * g for p, g in zip(self.p, gradients, strict=True)]

    def parameters(self):
        """Return weights and thresholds."""
        n_layers = len(self.p) // 2
        return self.p[:n_layers], self.p[n_layers:]


def _sigmoid(u):
    return 0.5 * (anp.tanh(0.5 * u) + 1)
