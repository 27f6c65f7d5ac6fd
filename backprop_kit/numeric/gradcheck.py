"""Is the gradient right? A second, independent way to compute it, compared block by block.

Backpropagation is checked against the definition of a derivative: central differences, or the
complex step (Squire and Trapp, SIAM Review 40, 1998), which subtracts nothing and is exact to
rounding. The forward pass is all that both use, so a slip in `Network.backward` cannot hide.
"""

import math
from dataclasses import dataclass

import numpy as np

from .network import Gradients, Network, propagate
from .validation import as_choice, as_positive

METHODS = ("central", "complex")
STEPS = {"central": 1e-5, "complex": 1e-30}
TOLERANCES = {"central": 1e-6, "complex": 1e-10}

AGREE = "agree"
DIFFERS = "differs"
ALL_ZERO = "all zero: nothing was tested"
TOO_SMALL = "too small to tell"
TRY_COMPLEX = "too small to tell: use method='complex'"
TOO_ROUGH = "step too large to tell: use method='complex'"


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
        The index of the entry that differs most.
    given, expected : float
        That entry's two values.
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
    """

    blocks: tuple[BlockReport, ...]
    method: str
    tolerance: float

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
    At ReLU's kink, where there is no derivative, the two sides rightly differ.

    Examples
    --------
    >>> check_gradients(Network((2, 3, 1)), [[0.5, -1.0]], [[1.0]])
    block     entries  relative error  verdict
    W1              6  < 1e-06         agree
    theta1          3  < 1e-06         agree
    W2              3  < 1e-06         agree
    theta2          1  < 1e-06         agree
    passed: every block agrees with central differences
    """
    _require_network(network)
    as_choice("method", method, METHODS)
    tolerance = as_positive("tolerance", TOLERANCES[method] if tolerance is None else tolerance)
    if tolerance >= 1:
        raise ValueError(f"tolerance must be below 1, or any gradient passes, got {tolerance:g}")
    if gradients is None:
        gradients = network.backward(network.forward(X), Y)
    given = Gradients(*network.checked_gradients(gradients))
    expected = numeric_gradients(network, X, Y, method=method, step=step)
    noise = _rounding(network, X, Y, method, step)
    doubt = noise
    if method == "central" and _any_gap(given, expected, tolerance):
        # How far the differences can be trusted shows when they are taken with twice the step.
        steps = _steps(network, X, method, step)
        doubled = Gradients(*(tuple(2 * h for h in hs) for hs in (steps.weights, steps.thresholds)))
        wider = _slopes(network, X, Y, method, doubled)
        doubt = _blockwise(lambda e, d: float(np.abs(e - d).max()), expected, wider)
    verdicts = _blockwise(
        lambda g, e, n, d: _verdict(g, e, n, d, tolerance, method), given, expected, noise, doubt
    )
    rows = zip(*map(_named_blocks, (given, expected, verdicts)), strict=True)
    blocks = tuple(_row(name, g, e, tolerance, v) for (name, g), (_, e), (_, v) in rows)
    return Report(blocks, method, tolerance)


def numeric_gradients(network, X, Y, *, method="central", step=None):
    """Return the gradients of ``network.loss(X, Y)`` without backpropagation.

    Parameters
    ----------
    network : Network
        Left unchanged.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    method : {"central", "complex"}
        ``(E(p + step) - E(p - step)) / 2 step``, or ``Im E(p + i step) / step``.
    step : float, optional
        1e-5 for central differences, divided for a layer's weights by the layer's largest input
        where that is above 1: much larger, and the curve's bend shows; much smaller, and the
        subtraction loses its digits. 1e-30 for the complex step, which subtracts nothing.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit, or `step` is too small to move a parameter.

    Examples
    --------
    >>> network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
    >>> exact = numeric_gradients(network, [[3.0]], [[5.0]], method="complex")
    >>> print(f"{exact.weights[0][0, 0]:.3f}")
    3.000
    """
    _require_network(network)
    as_choice("method", method, METHODS)
    network.loss(X, Y)  # checks X and Y
    return _slopes(network, X, Y, method, _steps(network, X, method, step))


def _slopes(network, X, Y, method, steps):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    number = float if method == "central" else complex
    weights = [w.astype(number) for w in network.weights]
    thresholds = [t.astype(number) for t in network.thresholds]
    f, of_samples = network._activation.function, network._loss.of_samples

    def error():
        _, outputs = propagate(weights, thresholds, f, X)
        return of_samples(outputs[-1], Y).sum() / len(X)

    slopes = _central_slopes if method == "central" else _complex_slopes
    with np.errstate(all="ignore"):
        return Gradients(
            tuple(slopes(error, w, h) for w, h in zip(weights, steps.weights, strict=True)),
            tuple(slopes(error, t, h) for t, h in zip(thresholds, steps.thresholds, strict=True)),
        )


def _steps(network, X, method, step):
    """Return one step a block, as `Gradients` of numbers; the caller's own serves every block."""
    n_layers = len(network.weights)
    inputs = network.forward(X).outputs[:-1]
    if step is not None:
        step = as_positive("step", step)
    elif method == "central":
        largest = [max(1.0, float(np.abs(b).max())) for b in inputs]
        h = STEPS["central"]
        return Gradients(tuple(h / size for size in largest), (h,) * n_layers)
    else:
        step = STEPS["complex"]
    return Gradients((step,) * n_layers, (step,) * n_layers)


def _central_slopes(error, p, step):
    """Return the slope of `error` along each entry of `p`, which is moved and put back."""
    slopes = np.empty(p.shape)
    for index in np.ndindex(p.shape):
        middle = p[index]
        right, left = middle + step, middle - step
        if right == left:
            raise ValueError(f"step = {step:g} is too small to move a parameter of {middle:g}")
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


def _rounding(network, X, Y, method, step):
    """Return about how far rounding alone moves the slopes of each block, as `Gradients`."""
    eps = np.finfo(float).eps
    trace = network.forward(X)
    if method == "central":  # the error's rounding, and its outputs' carried over, over the step
        pull = np.abs(network._loss.gradient(trace.y_hat, Y)) * np.maximum(1, np.abs(trace.y_hat))
        error = network.loss(X, Y) + float(pull.sum())
        return _blockwise(lambda h: eps * error / h, _steps(network, X, method, step))
    # Nothing is divided: backpropagation with every size made positive and every slope 1.
    weights, thresholds = [], []
    delta = (np.abs(trace.y_hat) + np.abs(np.asarray(Y, dtype=float))) / len(trace.y_hat)
    for w, b in zip(reversed(network.weights), reversed(trace.outputs[:-1]), strict=True):
        weights.insert(0, eps * float((np.abs(b).T @ delta).max()))
        thresholds.insert(0, eps * float(delta.sum(axis=0).max()))
        delta = delta @ np.abs(w).T
    return Gradients(tuple(weights), tuple(thresholds))


def _blockwise(function, *gradients):
    """Apply `function` block by block."""
    return Gradients(
        tuple(map(function, *(g.weights for g in gradients))),
        tuple(map(function, *(g.thresholds for g in gradients))),
    )


def _sizes(given, expected):
    """Return the largest difference and the largest entry of a block."""
    gap = float(np.abs(given - expected).max())
    return gap, float(max(np.abs(given).max(), np.abs(expected).max()))


def _any_gap(given, expected, tolerance):
    pairs = zip(_named_blocks(given), _named_blocks(expected), strict=True)
    sizes = (_sizes(g, e) for (_, g), (_, e) in pairs)
    return any(gap > tolerance * largest for gap, largest in sizes)


def _verdict(given, expected, noise, doubt, tolerance, method):
    gap, largest = _sizes(given, expected)
    if largest == 0:
        return ALL_ZERO
    if gap > tolerance * largest and gap > 10 * max(noise, doubt):
        return DIFFERS
    if gap <= tolerance * largest and (method == "complex" or noise <= tolerance * largest):
        return AGREE
    if method == "complex":
        return TOO_SMALL
    return TOO_ROUGH if doubt > 10 * noise else TRY_COMPLEX


def _row(name, given, expected, tolerance, verdict):
    gap, largest = _sizes(given, expected)
    # The first of the equally bad entries: which is worst must not hang on the last bits.
    flat = int(np.flatnonzero(np.abs(given - expected) >= gap * (1 - 1e-6))[0])
    worst = tuple(int(k) for k in np.unravel_index(flat, given.shape))
    error = gap / largest if largest > 0 else math.nan
    values = float(given[worst]), float(expected[worst])
    return BlockReport(name, given.size, error, worst, *values, tolerance, verdict)


def _named_blocks(gradients):
    layers = zip(gradients.weights, gradients.thresholds, strict=True)
    for layer, (w, theta) in enumerate(layers, start=1):
        yield f"W{layer}", w
        yield f"theta{layer}", theta


def _require_network(network):
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
