"""The M-P neuron and the perceptron rule (SOURCES A1-A3)."""

from dataclasses import dataclass

import numpy as np

from .activations import step
from .validation import as_array, as_choice, as_count, as_positive

MODES = ("one", "all")


@dataclass(frozen=True, eq=False)
class MPNeuron:
    """A McCulloch-Pitts neuron: ``y = f(x . w - theta)`` with the step function (SOURCES A1).

    Parameters
    ----------
    weights : array_like, shape (d,)
    threshold : float
        Subtracted: the neuron fires when ``x . w`` reaches it.

    Raises
    ------
    TypeError, ValueError
        When a parameter is not a finite number, or `weights` has no axis or several.

    Examples
    --------
    >>> MPNeuron([1, 1], 1.5).fire([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist()
    [0, 0, 0, 1]
    """

    weights: np.ndarray
    threshold: float

    def __post_init__(self):
        """Check the parameters and keep copies of them."""
        object.__setattr__(self, "weights", as_array("weights", self.weights, ndim=1).copy())
        object.__setattr__(self, "threshold", float(as_array("threshold", self.threshold, ndim=0)))

    def fire(self, X):
        """Return 1 where ``x . w - theta >= 0`` and 0 elsewhere.

        Computed in the dummy form, so that both forms round alike and a tie falls the same way.

        Parameters
        ----------
        X : array_like, shape (N, d)
            One row a sample.

        Returns
        -------
        ndarray of int, shape (N,)

        Raises
        ------
        TypeError, ValueError
            When `X` does not fit.

        Examples
        --------
        >>> MPNeuron([2.0], 1.0).fire([[0.0], [0.5]]).tolist()
        [0, 1]
        """
        return _fires(append_dummy(_as_samples(X, len(self.weights))), self.with_dummy())

    def with_dummy(self):
        """Return the weights with the threshold as one more, the last (SOURCES A2).

        The dummy input is -1 for ever, so its weight *is* the threshold.

        Returns
        -------
        ndarray, shape (d + 1,)

        Examples
        --------
        >>> MPNeuron([1, 1], 1.5).with_dummy().tolist()
        [1.0, 1.0, 1.5]
        """
        return np.append(self.weights, self.threshold)

    @classmethod
    def from_dummy(cls, weights):
        """Return the neuron of weights with the dummy's last.

        Parameters
        ----------
        weights : array_like, shape (d + 1,)

        Raises
        ------
        TypeError, ValueError
            When `weights` is not at least two finite numbers in a row.

        Examples
        --------
        >>> MPNeuron.from_dummy([1.0, 1.0, 1.5]).threshold
        1.5
        """
        weights = as_array("weights", weights, ndim=1)
        if len(weights) < 2:
            raise ValueError("weights must hold one weight and the dummy's at least, got 1 number")
        return cls(weights[:-1], weights[-1])


def append_dummy(X):
    """Return `X` with the dummy input, -1 for ever, as its last column (SOURCES A2).

    Parameters
    ----------
    X : array_like, shape (N, d)

    Returns
    -------
    ndarray, shape (N, d + 1)

    Raises
    ------
    TypeError, ValueError
        When `X` is not a finite array of rows.

    Examples
    --------
    >>> append_dummy([[0, 1]]).tolist()
    [[0.0, 1.0, -1.0]]
    """
    X = _as_samples(X)
    with_dummy = np.full((X.shape[0], X.shape[1] + 1), -1.0)
    with_dummy[:, :-1] = X
    return with_dummy


def perceptron_step(weights_with_dummy, X_with_dummy, y, eta):
    """Return new weights by the perceptron rule, from all the samples given (SOURCES A3).

    ``W <- W + eta * sum_k (y_k - y_hat_k) x_k``: samples that are right contribute 0. For the
    one-sample rule hand in one row.

    Parameters
    ----------
    weights_with_dummy : array_like, shape (d + 1,)
    X_with_dummy : array_like, shape (N, d + 1)
        From `append_dummy`.
    y : array_like, shape (N,)
        Labels 0 and 1.
    eta : float
        The learning rate, above 0.

    Returns
    -------
    ndarray, shape (d + 1,)
        The argument is left as it was.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit, or a weight would not stay finite.

    Examples
    --------
    >>> perceptron_step([0, 0, 0], [[1, 1, -1]], [0], eta=1).tolist()
    [-1.0, -1.0, 1.0]
    """
    W = as_array("weights_with_dummy", weights_with_dummy, ndim=1)
    X = as_array("X_with_dummy", X_with_dummy, shape=(None, len(W)))
    y = _as_labels(y, len(X))
    eta = as_positive("eta", eta)
    return _finite_weights(W + eta * _correction(W, X, y), eta)


@dataclass(frozen=True, eq=False)
class PerceptronStep:
    """One change of the weights.

    Attributes
    ----------
    weights_before, weights_after : ndarray, shape (d + 1,)
        The dummy's weight, the threshold, is the last.
    sample : int or None
        The sample that was visited; None when all were used together.
    predictions : ndarray of int, shape (N,)
        Of every sample, with the weights before.
    errors : ndarray of int, shape (N,)
        ``y - y_hat``.
    wrong : ndarray of int
        The indices of all samples with an error.
    correction : ndarray, shape (d + 1,)
        What was added: ``eta * sum (y - y_hat) x`` over the samples used.
    """

    weights_before: np.ndarray
    sample: int | None
    predictions: np.ndarray
    errors: np.ndarray
    wrong: np.ndarray
    correction: np.ndarray
    weights_after: np.ndarray

    def __repr__(self):
        """Return the weights before and after in a line."""
        used = "all samples" if self.sample is None else f"sample {self.sample}"
        before, after = (_numbers(w) for w in (self.weights_before, self.weights_after))
        return f"PerceptronStep({used}: {before} -> {after})"


@dataclass(frozen=True, eq=False)
class PerceptronRecord:
    """A training run of a perceptron that a figure can replay.

    Attributes
    ----------
    X : ndarray, shape (N, d)
    y : ndarray of int, shape (N,)
    eta : float
    mode : {"one", "all"}
    start : ndarray, shape (d + 1,)
        The weights at the start, the dummy's last.
    steps : tuple of PerceptronStep
        Only the steps that changed the weights.
    rounds : int
        Rounds begun. A round visits every sample once (``"one"``) or is one step (``"all"``).
    outcome : {"separated", "cycle", "unfinished"}
    period : int or None
        For a cycle, after how many rounds the same weights come back.
    """

    X: np.ndarray
    y: np.ndarray
    eta: float
    mode: str
    start: np.ndarray
    steps: tuple[PerceptronStep, ...]
    rounds: int
    outcome: str
    period: int | None

    @property
    def weights(self):
        """The weights at the end, (d + 1,), the dummy's last."""
        return self.weight_path[-1].copy()

    @property
    def neuron(self):
        """The `MPNeuron` at the end."""
        return MPNeuron.from_dummy(self.weights)

    @property
    def weight_path(self):
        """The weights at the start and after every step, (steps + 1, d + 1)."""
        return np.array([self.start, *(step.weights_after for step in self.steps)])

    @property
    def message(self):
        """The outcome in one plain sentence."""
        changes = f"{_counted(len(self.steps), 'correction')} in {_counted(self.rounds, 'round')}"
        if self.outcome == "separated":
            return f"Separated after {changes}: every prediction equals its label."
        if self.outcome == "cycle":
            return (
                f"A cycle after {changes}: the weights are those of "
                f"{_counted(self.period, 'round')} before, so this never stops."
            )
        wrong = int((self.neuron.fire(self.X) != self.y).sum())
        return f"Unfinished after {changes}: {wrong} of {len(self.y)} samples still wrong."

    def __repr__(self):
        """Return the outcome."""
        return f"PerceptronRecord({self.message})"


def train_perceptron(X, y, *, eta=1.0, mode="one", start=None, max_rounds=100):
    """Train an M-P neuron by the perceptron rule, and record every change (SOURCES A3).

    Parameters
    ----------
    X : array_like, shape (N, d)
        One row a sample, without the dummy.
    y : array_like, shape (N,)
        Labels 0 and 1.
    eta : float
        The learning rate, above 0.
    mode : {"one", "all"}
        ``"one"`` visits the samples in their order again and again and corrects at each wrong one;
        ``"all"`` corrects for all wrong samples together.
    start : array_like, shape (d + 1,), optional
        First weights, the dummy's last; zeros by default.
    max_rounds : int
        Where to give up.

    Returns
    -------
    PerceptronRecord
        ``"separated"``: every prediction equals its label. ``"cycle"``: the weights at a round's
        end are those of an earlier round, so it would go on for ever. ``"unfinished"``: neither,
        up to `max_rounds`.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit, or a weight would not stay finite.

    Examples
    --------
    >>> train_perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]).outcome
    'separated'
    >>> train_perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]).outcome
    'cycle'
    """
    X = _as_samples(X).copy()
    y = _as_labels(y, len(X))
    eta = as_positive("eta", eta)
    as_choice("mode", mode, MODES)
    n_weights = X.shape[1] + 1
    start = np.zeros(n_weights) if start is None else start
    start = as_array("start", start, shape=(n_weights,)).copy()
    max_rounds = as_count("max_rounds", max_rounds)

    steps, rounds, outcome, period = _run(X, y, eta, mode, start, max_rounds)
    return PerceptronRecord(X, y, eta, mode, start, tuple(steps), rounds, outcome, period)


def _run(X, y, eta, mode, start, max_rounds):
    """Return steps, rounds, outcome and period."""
    X_dummy = append_dummy(X)
    groups = [[k] for k in range(len(X))] if mode == "one" else [list(range(len(X)))]
    # The state is the summed corrections, W = start + eta * total: whole numbers for whole-number
    # samples, so that weights that come back are recognised whatever eta rounds to.
    total = np.zeros(len(start))
    W = start
    seen = {total.tobytes(): 0}
    steps = []
    if not (y - _fires(X_dummy, W)).any():
        return steps, 0, "separated", None
    for rounds in range(1, max_rounds + 1):
        for group in groups:
            predictions = _fires(X_dummy, W)
            errors = y - predictions
            if not errors[group].any():
                continue
            change = errors[group] @ X_dummy[group]
            total = total + change + 0.0  # + 0.0 turns -0.0 into 0.0
            W_after = _finite_weights(start + eta * total, eta)
            sample = group[0] if mode == "one" else None
            wrong = np.flatnonzero(errors)
            steps.append(
                PerceptronStep(W, sample, predictions, errors, wrong, eta * change, W_after)
            )
            W = W_after
            if not (y - _fires(X_dummy, W)).any():
                return steps, rounds, "separated", None
        key = total.tobytes()
        if key in seen:
            return steps, rounds, "cycle", rounds - seen[key]
        seen[key] = rounds
    return steps, max_rounds, "unfinished", None


@np.errstate(all="ignore")  # what overflows is reported below
def _fires(X_dummy, W):
    # A plain sum and no matrix product: a row's rounding must not depend on the other rows.
    net = (np.ascontiguousarray(X_dummy) * W).sum(axis=1)
    if not np.isfinite(net).all():
        raise ValueError("X or the weights are so large that a net input overflows")
    return step.function(net).astype(np.int64)


def _correction(W, X_dummy, y):
    return (y - _fires(X_dummy, W)) @ X_dummy


def _finite_weights(W, eta):
    if not np.isfinite(W).all():
        raise ValueError(f"eta = {eta:g} would make a weight infinite; use a smaller eta")
    return W


def _as_samples(X, d=None):
    X = as_array("X", X)
    if X.ndim == 1:
        raise ValueError(
            f"X must have one row a sample, got shape {X.shape}; for one sample "
            "use x[np.newaxis, :]"
        )
    return as_array("X", X, shape=(None, d))


def _as_labels(y, n_samples):
    y = as_array("y", y)
    if y.shape == (n_samples, 1) and n_samples > 1:
        raise ValueError(f"y must have shape ({n_samples},), got {y.shape}; use y[:, 0]")
    y = as_array("y", y, shape=(n_samples,))
    others = y[(y != 0) & (y != 1)]
    if others.size:
        raise ValueError(f"y must hold labels 0 and 1, got {others[0]:g}")
    return y.astype(np.int64)


def _numbers(values):
    return "(" + ", ".join(f"{v:g}" for v in values) + ")"


def _counted(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
