"""Is the gradient right? A second, independent way to compute it, compared block by block.

Backpropagation is checked against slopes of the error that are measured, see `slopes`. The forward
pass is all that both use, so a slip in `Network.backward` cannot hide.
"""

import math
from dataclasses import dataclass

import numpy as np

from .network import Gradients, require_network
from .slopes import METHODS, Measured
from .validation import as_choice, as_positive

TOLERANCES = {"central": 1e-6, "complex": 1e-10}

ROUNDING_MARGIN = 10  # a gap speaks against a gradient only above so many times rounding
DIRECTION_MARGIN = 0.01  # of the tolerance: to that, wrong entries can cancel along a direction

AGREE = "agree"
DIFFERS = "differs"
ALL_ZERO = "all zero: nothing was tested"
TOO_SMALL = {
    "central": "too small to tell: use method='complex'",
    "complex": "too small to tell: below rounding",
}


@dataclass(frozen=True, eq=False)
class BlockReport:
    """One row of the report: the weights or the thresholds of one layer.

    Attributes
    ----------
    name : str
        ``"W1"``, ``"theta1"``, ``"W2"``, ...
    n : int
        How many entries were compared.
    error : float
        ``max |given - expected|`` over the block's largest entry in either; NaN when all are 0.
    worst : tuple of int
        The index of the entry that differs most; empty where one random direction was measured
        for the whole block.
    given, expected : float
        That entry's two values, or the slopes along that direction.
    tolerance : float
        The largest `error` that passes.
    verdict : str
        ``"agree"``, ``"differs"``, or why nothing can be said.
    """

    name: str
    n: int
    error: float
    worst: tuple[int, ...]
    given: float
    expected: float
    tolerance: float
    verdict: str

    @property
    def passed(self):
        """Whether the two gradients agree."""
        return self.verdict == AGREE

    def __repr__(self):
        """Return the row, and the worst entry where the block differs."""
        row = f"{self.name:<8} {self.n:>8}  {self._error_text():<14}  {self.verdict}"
        if self.verdict != DIFFERS:
            return row
        entry = f"{self.name}[{', '.join(map(str, self.worst))}]"
        given, expected = (self._value_text(v) for v in (self.given, self.expected))
        return f"{row}\n         worst entry {entry}: given {given}, expected {expected}"

    def _error_text(self):
        if self.verdict not in (AGREE, DIFFERS):
            return "-"
        # An error below the tolerance is rounding: its digits differ from processor to processor.
        return f"< {self.tolerance:.0e}" if self.passed else f"{self.error:#.2g}"

    def _value_text(self, value):
        scale = max(abs(self.given), abs(self.expected))
        return "0" if abs(value) < 1e-6 * scale else f"{value:.6g}"


@dataclass(frozen=True, eq=False)
class Report:
    """The outcome of `check_gradients`; it prints as a table.

    Attributes
    ----------
    blocks : tuple of BlockReport
        In the order W1, theta1, W2, theta2, ...
    method : {"central", "complex"}
    tolerance : float
    rounding : float
        About how much of each expected slope is rounding and nothing else.
    """

    blocks: tuple[BlockReport, ...]
    method: str
    tolerance: float
    rounding: float

    @property
    def passed(self):
        """Whether every block was tested and agrees."""
        return len(self.blocks) > 0 and all(block.passed for block in self.blocks)

    def __repr__(self):
        """Return the table."""
        head = f"{'block':<8} {'entries':>8}  {'relative error':<14}  verdict"
        failing = [block.name for block in self.blocks if not block.passed]
        how = {"central": "central differences", "complex": "the complex step"}[self.method]
        if not failing:
            last = f"passed: every block agrees with {how}"
        else:
            last = f"NOT passed, against {how}: {', '.join(failing)}"
        return "\n".join([head, *map(repr, self.blocks), last])


def check_gradients(network, X, Y, *, method="central", step=None, tolerance=None, gradients=None):
    """Compare the network's backpropagation with numeric derivatives, block by block.

    Parameters
    ----------
    network : Network
        Left unchanged.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    method : {"central", "complex"}
        How the expected gradients are computed.
    step : float, optional
        See `numeric_gradients`.
    tolerance : float, optional
        The largest relative error that passes, below 1; 1e-6 for central differences and 1e-10 for
        the complex step. A loose one passes wrong gradients.
    gradients : Gradients, optional
        Your own, of ``network.loss(X, Y)``, to check instead of the network's.

    Returns
    -------
    Report

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Notes
    -----
    A block's relative error is its largest difference over its largest entry. A block that is zero
    on both sides is refused, since nothing was tested. Differences of two errors E resolve a slope
    to about ``eps * E / step`` only: a block with smaller entries is "too small to tell". A block
    "differs" only where the gap is well above what rounding and the step can explain.
    With a net input at ReLU's kink, or within a step of it, differences straddle the kink and a
    right gradient "differs"; the complex step takes one side and does not.

    The complex step first measures one slope for each block, along a random direction: weight
    (i, j) moves by ``a_i c_j`` with random `a` and `c`. Only a layer where that disagrees is
    measured entry by entry, to name the worst. So a right gradient costs a few forward passes,
    whatever the number of parameters.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> check_gradients(Network((2, 3, 1)), [[0.5, -1.0]], [[1.0]])
    block     entries  relative error  verdict
    W1              6  < 1e-06         agree
    theta1          3  < 1e-06         agree
    W2              3  < 1e-06         agree
    theta2          1  < 1e-06         agree
    passed: every block agrees with central differences
    """
    require_network(network)
    as_choice("method", method, METHODS)
    tolerance = as_positive("tolerance", TOLERANCES[method] if tolerance is None else tolerance)
    if tolerance >= 1:
        raise ValueError(f"tolerance must be below 1, or any gradient passes, got {tolerance:g}")
    if gradients is None:
        gradients = network.backward(network.forward(X), Y)
    given = Gradients(*network.checked_gradients(gradients))
    measured = Measured(network, X, Y, method, step)
    noise = _rounding(network, measured)
    rng = np.random.default_rng(0)
    blocks = []
    for layer, pair in enumerate(zip(given.weights, given.thresholds, strict=True)):
        named = {f"W{layer + 1}": pair[0], f"theta{layer + 1}": pair[1]}
        reports = ()
        if method == "complex":
            reports = _by_direction(named, measured, layer, tolerance, rng)
        if not (reports and all(report.passed for report in reports)):
            reports = _by_entry(named, measured, layer, tolerance, noise)
        blocks += reports
    return Report(tuple(blocks), method, tolerance, noise)


def check_step(network, X, Y, *, eta, method="central"):
    """Compare one step of training with gradient descent, ``p <- p - eta * dE/dp``, block by block.

    Right gradients can still be used wrongly: this looks at how far every parameter has moved.

    Parameters
    ----------
    network : Network
        Left unchanged: the step is taken by a copy.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    eta : float
        The learning rate.
    method : {"central", "complex"}
        How the expected gradients are computed.

    Returns
    -------
    Report
        Of ``(old - new) / eta`` against numeric gradients at the old parameters.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Notes
    -----
    Source: SOURCES A10; the order of updates of document D is a mistake of this kind.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> check_step(Network((2, 3, 1)), [[0.5, -1.0]], [[1.0]], eta=0.5).passed
    True
    """
    require_network(network)
    step = gradients_of_step(network, X, Y, eta)
    return check_gradients(network, X, Y, method=method, gradients=step)


def gradients_of_step(network, X, Y, eta):
    """Return ``(old - new) / eta``: what one step of training takes for the gradients.

    Parameters
    ----------
    network : Network
        Left unchanged: the step is taken by a copy.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    eta : float
        The learning rate.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
    >>> step = gradients_of_step(network, [[3.0]], [[5.0]], eta=0.5)
    >>> print(f"{step.weights[0][0, 0]:.3f}")
    3.000
    """
    eta = as_positive("eta", eta)
    moved = network.copy()
    moved.step(moved.backward(moved.forward(X), Y), eta)

    def taken(old, new):
        return tuple((p - p_new) / eta for p, p_new in zip(old, new, strict=True))

    return Gradients(
        taken(network.weights, moved.weights), taken(network.thresholds, moved.thresholds)
    )


def _rounding(network, measured):
    """Return about how much of a slope is rounding and nothing else."""
    eps = np.finfo(float).eps
    y_hat, loss = measured.signals[-1], network._loss
    # Softmax's small outputs are as exact as its large ones, a sigmoid's carry an error near eps.
    size = y_hat if network.output == "softmax" else np.maximum(1, np.abs(y_hat))
    pull = float((np.abs(loss.gradient(y_hat, measured.Y)) * size).sum())
    if measured.method == "complex":
        return eps * pull
    return eps * (loss.value(y_hat, measured.Y) + pull) / measured.step


def _by_direction(named, measured, layer, tolerance, rng):
    """Compare the slopes of a layer's two blocks along one random direction each."""
    (_, weights), (_, thresholds) = named.items()
    rows, columns = (_random_numbers(rng, n) for n in weights.shape)
    moves = np.outer(measured.signals[layer] @ rows, columns), -columns
    slopes = rows @ weights @ columns, thresholds @ columns
    reports = []
    for (name, block), move, given in zip(named.items(), moves, slopes, strict=True):
        given, expected = float(given), measured.along(layer, move)
        gap, largest = abs(given - expected), float(np.abs(block).max())
        agrees = largest > 0 and gap <= DIRECTION_MARGIN * tolerance * largest
        error = gap / largest if largest > 0 else math.nan
        verdict = AGREE if agrees else DIFFERS
        reports.append(
            BlockReport(name, block.size, error, (), given, expected, tolerance, verdict)
        )
    return reports


def _random_numbers(rng, n):
    """Return `n` numbers of either sign, none near 0: no single wrong entry can hide."""
    return np.copysign(rng.uniform(0.5, 1, n), rng.uniform(-1, 1, n))


def _by_entry(named, measured, layer, tolerance, noise):
    """Compare every entry of a layer's two blocks."""
    expected = measured.entries(layer)
    return [
        _compare(name, block, slopes, noise, tolerance, measured.method)
        for (name, block), slopes in zip(named.items(), expected, strict=True)
    ]


def _compare(name, given, expected, noise, tolerance, method):
    difference = np.abs(given - expected)
    gap = float(difference.max())
    largest = float(max(np.abs(given).max(), np.abs(expected).max()))
    if largest == 0:
        verdict = ALL_ZERO
    elif gap > max(tolerance * largest, ROUNDING_MARGIN * noise):
        verdict = DIFFERS
    elif gap > tolerance * largest or (method == "central" and noise > tolerance * largest):
        verdict = TOO_SMALL[method]
    else:
        verdict = AGREE
    # The first of the equally bad entries: which is worst must not hang on the last bits.
    first = int(np.flatnonzero(difference >= gap * (1 - 1e-6))[0])
    worst = tuple(int(k) for k in np.unravel_index(first, given.shape))
    error = gap / largest if largest > 0 else math.nan
    values = float(given[worst]), float(expected[worst])
    return BlockReport(name, given.size, error, worst, *values, tolerance, verdict)
