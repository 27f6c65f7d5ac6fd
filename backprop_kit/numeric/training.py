"""Gradient descent, one sample, a mini-batch or all samples at a time (SOURCES A10, E3, E13)."""

import math
from dataclasses import dataclass

import numpy as np

from .losses import LOSSES
from .network import Gradients, Network, require_network
from .progress import ProgressBar
from .validation import TooLargeError, as_choice, as_count, as_fraction, as_positive, as_rng
from .workspace import Workspace, parameter_views


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
    dtype="float64",
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
    dtype : {"float64", "float32"}
        What the steps compute in; the network keeps float64. Single precision halves the time of
        large networks, and leaves about 7 digits.

    Returns
    -------
    History
        When the error diverges, or on an interrupt, the message is printed too. The network then
        goes back to the end of the last whole epoch, the one that ``losses[-1]`` belongs to.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit: then the network is unchanged.

    Notes
    -----
    A step is ``network.step(network.backward(network.forward(X), Y), eta)``. As long as these are
    `Network`'s own methods, and the error function is one of this package, the same formulas run
    without making new arrays, several times faster; the results agree to 12 digits. A network with
    a method of its own is trained by that method.

    How many threads the matrix products use is left to NumPy's BLAS. Two help from batches of about
    128 samples on; one is better below. Set ``OPENBLAS_NUM_THREADS=1`` before Python starts.

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
    require_network(network)
    eta = as_positive("eta", eta)
    epochs = as_count("epochs", epochs, minimum=0)
    rng = as_rng(rng)
    momentum = as_fraction("momentum", momentum)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be a function, got {type(callback).__name__}")
    if not isinstance(progress, bool | np.bool_):
        raise TypeError(f"progress must be True or False, got {type(progress).__name__}")
    batch_size = None if batch_size is None else as_count("batch_size", batch_size)
    dtype = as_choice("dtype", dtype, ("float64", "float32"))
    if dtype != "float64" and not _is_plain(network):
        raise ValueError(
            f"dtype must be 'float64' for a network with a method or an error function of its own, "
            f"got {dtype!r}"
        )
    losses = [network.loss(X, Y)]  # checks X and Y before anything moves
    X, Y = np.array(X, dtype=float, order="C"), np.array(Y, dtype=float, order="C")
    if batch_size is not None and batch_size >= len(X):
        batch_size = None
    bar = ProgressBar(epochs) if progress else None

    settings = (network, X, Y, eta, momentum, batch_size, rng)
    trainer = _InBuffers(*settings, dtype) if _is_plain(network) else _ByMethods(*settings)
    last = len(losses), trainer.state()  # one value: an interrupt finds the old or the new
    outcome, reason = "finished", ""
    try:
        for epoch in range(1, epochs + 1):
            try:
                loss = trainer.epoch()
            except TooLargeError as error:
                outcome, reason = "diverged", str(error)
                break
            losses.append(loss)
            last = len(losses), trainer.state()
            if bar is not None:
                bar.update(epoch, f"epochs, error {loss:.4g}")
            if callback is not None:
                trainer.hand_over(last[1])
                stop = _says_stop(callback(epoch, network, loss))
                trainer.take_back()
                if stop:
                    outcome = "stopped"
                    break
    except KeyboardInterrupt:
        outcome = "interrupted"
    finally:
        if bar is not None:
            bar.clear()

    failed = outcome in ("diverged", "interrupted")
    if failed or callback is None:  # a callback may have changed the network it was handed
        trainer.hand_over(last[1])
    del losses[last[0] :]
    history = History(np.array(losses), outcome, _message(outcome, reason, losses))
    if failed:
        print(history.message)
    return history


def _is_plain(network):
    """Whether the buffers do what the network's own methods, or a student's in their place, do."""
    replaced = {"forward", "backward", "step", "loss"} & vars(network).keys()
    known = network._loss in LOSSES.values()
    return type(network) is Network and not replaced and known


class _ByMethods:
    """The rule as it is written, by the network's own methods, whoever wrote them."""

    def __init__(self, network, X, Y, eta, momentum, batch_size, rng):
        self.network, self.X, self.Y, self.eta, self.momentum = network, X, Y, eta, momentum
        self.batch_size, self.rng = batch_size, rng
        self.motion = None  # momentum's m

    def epoch(self):
        network = self.network
        for batch in self._batches():
            gradients = network.backward(network.forward(self.X[batch]), self.Y[batch])
            self.motion = _with_momentum(gradients, self.motion, self.momentum)
            network.step(self.motion, self.eta)
        return network.loss(self.X, self.Y)

    def state(self):
        return self.network._weights, self.network._thresholds  # steps replace them: no copies

    def hand_over(self, state):
        self.network._weights, self.network._thresholds = state

    def take_back(self):
        pass  # whoever changed the network changed what the next step reads

    def _batches(self):
        if self.batch_size is None:
            return [slice(None)]
        order = self.rng.permutation(len(self.X))
        return [order[part] for part in _parts(len(order), self.batch_size)]


class _InBuffers:
    """The same rule in a `Workspace`; the network gets its parameters when someone may look."""

    def __init__(self, network, X, Y, eta, momentum, batch_size, rng, dtype):
        self.network, self.eta, self.rng = network, eta, rng
        self.X, self.Y = X.astype(dtype, copy=False), Y.astype(dtype, copy=False)
        self.workspace = Workspace(network, eta=eta, momentum=momentum, dtype=dtype)
        if batch_size is None:
            self.shuffled = None
            self.judged = [(self.X, self.Y)]
            self._error()  # leaves the outputs that the first step starts from
        else:
            self.shuffled = np.empty_like(self.X), np.empty_like(self.Y)
            self.batches = _views(*self.shuffled, batch_size)
            self.judged = _views(self.X, self.Y, 1024)  # what fits into a cache

    @np.errstate(all="ignore")  # what overflows is reported by _error
    def epoch(self):
        if self.shuffled is None:
            self.workspace.step_again(self.X)
        else:
            order = self.rng.permutation(len(self.X))
            for data, shuffled in zip((self.X, self.Y), self.shuffled, strict=True):
                data.take(order, axis=0, out=shuffled, mode="clip")  # other modes buffer
            for X, Y in self.batches:
                self.workspace.step(X, Y)
        return self._error()

    def state(self):
        return self.workspace.flat.copy()

    def hand_over(self, state):
        fresh = parameter_views(state.astype(float), self.network.sizes)
        self.network._weights, self.network._thresholds = fresh

    def take_back(self):
        self.network._require_finite_parameters()
        self.workspace.read(self.network)
        if self.shuffled is None:
            self._error()

    def _error(self):
        workspace = self.workspace
        error = sum(workspace.error(X, Y) for X, Y in self.judged) / len(self.X)
        if not math.isfinite(error):
            raise TooLargeError("y_hat and y are too far apart: the error is too large for a float")
        if not math.isfinite(workspace.flat.dot(workspace.flat)):
            raise TooLargeError(f"with eta = {self.eta:g} a parameter became too large for a float")
        return error


def _parts(n_samples, size):
    return [slice(k, k + size) for k in range(0, n_samples, size)]


def _views(X, Y, size):
    return [(X[part], Y[part]) for part in _parts(len(X), size)]


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
