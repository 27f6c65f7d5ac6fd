"""Gradient descent, one sample, a mini-batch or all samples at a time (SOURCES A10, E3, E13)."""

from dataclasses import dataclass

import numpy as np

from .network import Network
from .validation import as_count, as_positive, as_rng


@dataclass(frozen=True, eq=False)
class History:
    """How the error went.

    Attributes
    ----------
    losses : ndarray, shape (epochs + 1,)
        The mean error over all samples before each epoch, and after the last.
    """

    losses: np.ndarray

    def __repr__(self):
        """Return the first and the last error."""
        first, last = self.losses[0], self.losses[-1]
        return f"History({len(self.losses) - 1} epochs, error {first:.4g} -> {last:.4g})"


def train(network, X, Y, *, eta, epochs, batch_size=None, rng=0):
    """Train `network` in place by gradient descent on the mean error.

    How many epochs is a person's choice: backpropagation has no convergence of its own
    (SOURCES A17).

    Parameters
    ----------
    network : Network
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    eta : float
        The learning rate, above 0.
    epochs : int
        How often every sample is used; 0 is allowed.
    batch_size : int, optional
        Samples a step: 1 is one at a time, None is all. Below N the samples are shuffled anew in
        each epoch, and the last batch may be smaller.
    rng : int or numpy.random.Generator
        For the shuffling.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit: then the network is unchanged. Also when a step would make a
        parameter infinite or NaN: the network then keeps its last finite parameters.

    Examples
    --------
    >>> network = Network.from_parameters([[[0.0]]], [[0.0]], activation="identity")
    >>> history = train(network, [[1.0]], [[1.0]], eta=0.5, epochs=1)
    >>> history.losses.tolist()
    [0.5, 0.0]
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    eta = as_positive("eta", eta)
    epochs = as_count("epochs", epochs, minimum=0)
    rng = as_rng(rng)
    losses = [network.loss(X, Y)]  # checks X and Y before anything moves
    X, Y = np.array(X, dtype=float), np.array(Y, dtype=float)
    batch_size = len(X) if batch_size is None else as_count("batch_size", batch_size)

    for _ in range(epochs):
        for batch in _batches(len(X), batch_size, rng):
            gradients = network.backward(network.forward(X[batch]), Y[batch])
            network.step(gradients, eta)
        losses.append(network.loss(X, Y))
    return History(np.array(losses))


def _batches(n_samples, batch_size, rng):
    if batch_size >= n_samples:
        return [slice(None)]
    order = rng.permutation(n_samples)
    return [order[k : k + batch_size] for k in range(0, n_samples, batch_size)]
