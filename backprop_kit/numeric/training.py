"""Gradient descent, one sample, a mini-batch or all samples at a time (SOURCES A10, E3, E13)."""

from dataclasses import dataclass

import numpy as np

from .network import Gradients, Network
from .progress import ProgressBar
from .validation import TooLargeError, as_count, as_fraction, as_positive, as_rng


@dataclass(frozen=True, eq=False)
class History:
    """How the error went, and how the training ended.

    Attributes
    ----------
    losses : ndarray, shape (epochs done + 1,)
        The mean error over all samples before each epoch, and after the last; always finite.
    outcome : {"finished", "stopped", "diverged", "interrupted"}
        Whether all epochs were done, the callback said stop, a number left the range of a float,
        or a person interrupted.
    message : str
        The outcome in a plain sentence.
    """

    losses: np.ndarray
    outcome: str = "finished"
    message: str = ""

    @property
    def epochs(self):
        """How many epochs were done."""
        return len(self.losses) - 1

    def __repr__(self):
        """Return the first and the last error, and the outcome unless all epochs were done."""
        first, last = self.losses[0], self.losses[-1]
        ending = "" if self.outcome == "finished" else f", {self.outcome}"
        return f"History({self.epochs} epochs, error {first:.4g} -> {last:.4g}{ending})"


def train(
    network,
    X,
    Y,
    *,
    eta,
    epochs,
    batch_size=None,
    rng=0,
    momentum=0.0,
    callback=None,
    progress=False,
):
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
        each epoch, and the last batch may be smaller. A step follows the mean over its batch.
    rng : int or numpy.random.Generator
        For the shuffling.
    momentum : float
        From 0 on and below 1: a step follows ``m <- momentum * m + dE/dp`` in place of the
        gradient, with ``m = 0`` at first (Polyak, 1964). 0 is plain gradient descent.
    callback : callable, optional
        ``callback(epoch, network, loss)`` after each epoch, which count from 1; returning True
        ends the training.
    progress : bool
        Show a bar in a notebook or a terminal while a person waits. It vanishes at the end, and a
        tool that runs the notebook never sees it.

    Returns
    -------
    History
        When the error diverges, or on an interrupt, the message is printed too. The network then
        goes back to the end of the last whole epoch, the one that ``losses[-1]`` belongs to.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit: then the network is unchanged.

    Examples
    --------
    >>> network = Network.from_parameters([[[0.0]]], [[0.0]], activation="identity")
    >>> history = train(network, [[1.0]], [[1.0]], eta=0.5, epochs=1)
    >>> history.losses.tolist()
    [0.5, 0.0]
    >>> train(network, [[1.0]], [[2.0]], eta=1e200, epochs=9)
    diverged in epoch 1: y_hat and y are too far apart: the error is too large for a float. \
The network is back at epoch 0, where the error was 0.5; try a smaller eta.
    History(0 epochs, error 0.5 -> 0.5, diverged)
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    eta = as_positive("eta", eta)
    epochs = as_count("epochs", epochs, minimum=0)
    rng = as_rng(rng)
    momentum = as_fraction("momentum", momentum)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be a function, got {type(callback).__name__}")
    if not isinstance(progress, bool | np.bool_):
        raise TypeError(f"progress must be True or False, got {type(progress).__name__}")
    batch_size = None if batch_size is None else as_count("batch_size", batch_size)
    losses = [network.loss(X, Y)]  # checks X and Y before anything moves
    X, Y = np.array(X, dtype=float), np.array(Y, dtype=float)
    bar = ProgressBar(epochs) if progress else None

    motion = None  # momentum's m
    last = _snapshot(losses, network)
    outcome, reason = "finished", ""
    try:
        for epoch in range(1, epochs + 1):
            try:
                for batch in _batches(len(X), batch_size, rng):
                    gradients = network.backward(network.forward(X[batch]), Y[batch])
                    motion = _with_momentum(gradients, motion, momentum)
                    network.step(motion, eta)
                loss = network.loss(X, Y)
            except TooLargeError as error:
                outcome, reason = "diverged", str(error)
                break
            losses.append(loss)
            last = _snapshot(losses, network)
            if bar is not None:
                bar.update(epoch, f"epochs, error {loss:.4g}")
            if callback is not None and _says_stop(callback(epoch, network, loss)):
                outcome = "stopped"
                break
    except KeyboardInterrupt:
        outcome = "interrupted"
    finally:
        if bar is not None:
            bar.clear()

    if outcome in ("diverged", "interrupted"):
        done, network._weights, network._thresholds = last
        del losses[done:]
    history = History(np.array(losses), outcome, _message(outcome, reason, losses))
    if outcome in ("diverged", "interrupted"):
        print(history.message)
    return history


def _batches(n_samples, batch_size, rng):
    if batch_size is None or batch_size >= n_samples:
        return [slice(None)]
    order = rng.permutation(n_samples)
    return [order[k : k + batch_size] for k in range(0, n_samples, batch_size)]


def _with_momentum(gradients, motion, momentum):
    """Return ``momentum * motion + gradients``, block by block."""
    if motion is None or momentum == 0:
        return gradients
    return Gradients(
        tuple(momentum * m + g for m, g in zip(motion.weights, gradients.weights, strict=True)),
        tuple(
            momentum * m + g for m, g in zip(motion.thresholds, gradients.thresholds, strict=True)
        ),
    )


def _snapshot(losses, network):
    # One value, so that an interrupt finds the old or the new. Steps replace arrays, so no copies.
    return len(losses), network._weights, network._thresholds


def _says_stop(answer):
    # A callback that hands back a number, such as an accuracy, does not mean "stop".
    return isinstance(answer, bool | np.bool_) and bool(answer)


def _message(outcome, reason, losses):
    epochs = len(losses) - 1
    place = f"The network is back at epoch {epochs}, where the error was {losses[-1]:.4g}"
    return {
        "finished": f"finished: {epochs} epochs done",
        "stopped": f"stopped by the callback after epoch {epochs}",
        "diverged": f"diverged in epoch {epochs + 1}: {reason}. {place}; try a smaller eta.",
        "interrupted": f"interrupted in epoch {epochs + 1}. {place}.",
    }[outcome]
