"""The gradient check as a dial: a step size, a method and a mistake, and what each block says.

The dial knows nothing of misconceptions: it is given a function that breaks a network, and the
names of what it can break.  The gradients of a broken network are compared with numeric slopes of
the error, which the mistake does not touch: they need the forward pass alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from backprop_kit.numeric import (
    Gradients,
    Network,
    check_gradients,
    gradients_of_step,
    structured_gradients,
)
from backprop_kit.numeric.gradcheck import (
    AGREE,
    DIFFERS,
    METHODS,
    ROUNDING_MARGIN,
    TOLERANCES,
    TOO_SMALL,
    BlockReport,
    Report,
)
from backprop_kit.numeric.network import require_network
from backprop_kit.numeric.validation import as_positive
from backprop_kit.visual import svg
from backprop_kit.visual.controls import Options, Slider, Surface
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.gradient_dial_picture import LOWEST, dial_picture
from backprop_kit.visual.explorers.live import Live

MOST_PARAMETERS = 100  # of which slopes can be computed between two pictures
POWERS = np.arange(2 * LOWEST, -1) / 2  # of ten: the step sizes of the curves
NO_MISTAKE = "no mistake"
GRADIENTS, STEP = CHECKED = "the gradients", "one step of training"
_METHODS = {"central differences": "central", "complex step": "complex"}
_ROBUST = 1000  # times as large as rounding: the digits drawn are those of any processor
_LETTERS = {"W1": "v", "theta1": "gamma", "W2": "w", "theta2": "theta"}
_ADVICE = "Take a larger step, or the complex step."
_HELP = (
    "Drag across a plot to change the step size; the slider does the same. "
    "Choose a block (click its name, or Tab and Enter) for its worst entry."
)


# ---------------------------------------------------------------- the states


@dataclass(frozen=True, eq=False)
class Curve:
    """The relative error of one block at every step size.

    Attributes
    ----------
    errors : ndarray, shape (T,)
        At the step sizes ``10.0**POWERS``; NaN where a step is too small to move a parameter.
    rounding : ndarray, shape (T,)
        About how much of it rounding alone can make with central differences.
    seen : ndarray of bool, shape (T,)
        Where the error is drawn.
    """

    errors: np.ndarray
    rounding: np.ndarray
    seen: np.ndarray


@dataclass(frozen=True, eq=False)
class DialState:
    """A check, and what the same check finds at other step sizes.

    Attributes
    ----------
    mistake : str
        In words; ``"no mistake"`` where there is none.
    checked : {"the gradients", "one step of training"}
    power : int
        The step size is 10 to this power.
    report : Report
    curves : mapping of str to Curve
        By block.
    false_alarms : tuple of str
        The blocks that differ, and yet are right.
    """

    mistake: str
    checked: str
    power: int
    report: Report
    curves: Mapping[str, Curve]
    false_alarms: tuple[str, ...]


class Bench:
    """A network, its broken copies, and the numeric slopes at every step size, computed once.

    Parameters
    ----------
    network, X, Y, faulty, mistakes, eta
        See `gradient_check_dial`.

    Examples
    --------
    >>> bench = Bench(Network((2, 2, 1)), [[0.5, -1.0]], [[1.0]], None, {}, eta=0.5)
    >>> bench.state(NO_MISTAKE, GRADIENTS, "central", -5).report.passed
    True
    """

    def __init__(self, network, X, Y, faulty, mistakes, *, eta):
        require_network(network)
        if len(network.sizes) != 3:
            raise ValueError(f"network must have one hidden layer, got {network!r}")
        if network.n_parameters > MOST_PARAMETERS:
            raise ValueError(
                f"network must have {MOST_PARAMETERS} parameters at most, "
                f"got {network.n_parameters}"
            )
        if NO_MISTAKE in mistakes:
            raise ValueError(f"mistakes must not hold {NO_MISTAKE!r}: it is there already")
        network.loss(X, Y)  # checks X and Y
        self.network, self.eta = network.copy(), as_positive("eta", eta)
        self.X, self.Y = (np.array(samples, dtype=float) for samples in (X, Y))
        broken = {words: faulty(network, name) for words, name in mistakes.items()}
        self.networks = {NO_MISTAKE: self.network} | broken
        self.slopes = {method: self._slopes(method) for method in METHODS}
        at_one = check_gradients(self.network, self.X, self.Y, method="central", step=1.0)
        self.rounding = at_one.rounding / 10.0**POWERS
        self.given = cache(self._given)  # no step size in it: computed once, when first asked for

    def _given(self, mistake, checked):
        """Return the gradients to check."""
        network = self.networks[mistake]
        if checked == STEP:
            return gradients_of_step(network, self.X, self.Y, self.eta)
        return network.backward(network.forward(self.X), self.Y)

    def _slopes(self, method):
        """Return the slopes of each block at every step size, each of shape (T, n)."""
        rows = [self._slopes_at(method, step) for step in 10.0**POWERS]
        return {name: np.array([row[name] for row in rows]) for name in _LETTERS}

    def _slopes_at(self, method, step):
        try:
            slopes = structured_gradients(self.network, self.X, self.Y, method=method, step=step)
        except ValueError:  # the step is too small to move a parameter
            slopes = Gradients(
                tuple(w + np.nan for w in self.network.weights),
                tuple(theta + np.nan for theta in self.network.thresholds),
            )
        return _blocks(slopes)

    def state(self, mistake, checked, method, power, *, robust=False) -> DialState:
        """Check the network with this mistake; `robust` leaves errors out that may be rounding."""
        given = self.given(mistake, checked)
        report = check_gradients(
            self.network, self.X, self.Y, method=method, step=10.0**power, gradients=given
        )
        curves, right = {}, set()
        for name, block in _blocks(given).items():
            exact = self.slopes["complex"][name][:1]
            errors = _relative_errors(block, self.slopes[method][name])
            if _relative_errors(block, exact) < TOLERANCES["complex"]:
                right.add(name)
            with np.errstate(divide="ignore"):
                rounding = self.rounding / max(np.abs(block).max(), np.abs(exact).max())
            seen = np.isfinite(errors)
            if robust and method == "central":
                seen &= errors > _ROBUST * rounding
            curves[name] = Curve(errors, rounding, seen)
        alarms = (b.name for b in report.blocks if b.verdict == DIFFERS and b.name in right)
        return DialState(mistake, checked, power, report, curves, tuple(alarms))


def _relative_errors(given, expected):
    """Return the error of a block at each step size, as `BlockReport` has it."""
    largest = np.maximum(np.abs(expected).max(axis=1), np.abs(given).max())
    with np.errstate(invalid="ignore"):  # a block of zeros has no relative error
        return np.abs(given - expected).max(axis=1) / largest


def _blocks(gradients):
    (v, w), (gamma, theta) = gradients.weights, gradients.thresholds
    return {"W1": v.ravel(), "theta1": gamma, "W2": w.ravel(), "theta2": theta}


# ---------------------------------------------------------------- the words of a state


def state_words(state) -> str:
    """Say what was checked and how, the verdict on each block, and what to make of it.

    Examples
    --------
    >>> bench = Bench(Network((2, 2, 1)), [[0.5, -1.0]], [[1.0]], None, {}, eta=0.5)
    >>> print(state_words(bench.state(NO_MISTAKE, GRADIENTS, "central", -5)))
    Checked: the gradients of a network with no mistake, by central differences with step size 10⁻⁵.
    W1 agrees, theta1 agrees, W2 agrees, theta2 agrees (relative errors below 10⁻⁶).
    """
    report = state.report
    what = state.mistake if state.mistake == NO_MISTAKE else f"a mistake ({state.mistake})"
    how = {"central": "central differences", "complex": "the complex step"}[report.method]
    verdicts = ", ".join(f"{block.name} {_verdict(block)}" for block in report.blocks)
    below = f" (relative errors below {_tolerance(report)})" if report.passed else ""
    words = (
        f"Checked: {state.checked} of a network with {what}, "
        f"by {how} with step size 10{svg.raised(state.power)}.\n{verdicts}{below}."
    )
    return "\n".join([words, *_readings(state)])


def _readings(state):
    """Say what the verdicts mean, where they do not speak for themselves."""
    verdicts = {block.verdict for block in state.report.blocks}
    if state.checked == STEP:
        yield "Compared: the change of each block, divided by −η."
    if state.mistake != NO_MISTAKE and state.report.passed:
        (other,) = set(CHECKED) - {state.checked}
        yield f"The mistake is there, and this check does not see it. Check {other}, too."
    if state.false_alarms:
        yield (
            f"The alarm is false for {', '.join(state.false_alarms)}: the step is too large, "
            "and the bend of E shows. Take a smaller one."
        )
    if TOO_SMALL["central"] in verdicts:
        yield (
            "Too small to tell: the tick needs the relative error and rounding below the "
            "tolerance, the cross a relative error above the tolerance and above "
            f"{ROUNDING_MARGIN} times rounding. {_ADVICE}"
        )
    if state.report.method == "complex":
        yield (
            "The complex step subtracts nothing, so it loses no digits to rounding: "
            f"the tolerance can be {_tolerance(state.report)}."
        )


def block_note(block, state) -> str:
    """Say of a block which entry differs most, that all agree, or how much is rounding."""
    letter = _LETTERS[block.name]
    start = f"{block.name}: every {_named(letter)}; {block.n} compared."
    if block.verdict == DIFFERS:
        entry = f"{block.name}[{', '.join(map(str, block.worst))}]"
        units = "".join(str(k + 1) for k in block.worst)
        return (
            f"{start} The worst is {letter}_{units}, in Python {entry}: "
            f"given {block.given:.6g}, expected {block.expected:.6g}.".replace("-", "−")
        )
    if block.verdict == AGREE:
        return f"{start} Their relative error is below the tolerance, {_tolerance(state.report)}."
    if block.verdict == TOO_SMALL["central"]:
        rounding = float(state.curves[block.name].rounding[state.power == POWERS][0])
        return (
            f"{start} Too small to tell: here rounding makes a relative error of about "
            f"{rounding:.1g}. {_ADVICE}"
        )
    return f"{start} {block.verdict.capitalize()}."


def _named(letter):
    return {"v": "v_ih", "gamma": "gamma_h", "w": "w_hj", "theta": "theta_j"}[letter]


def _verdict(block: BlockReport):
    if block.verdict == DIFFERS:
        return f"differs (relative error {block.error:#.2g})"
    return "agrees" if block.verdict == AGREE else block.verdict.partition(":")[0]


def _tolerance(report):
    return "10" + svg.raised(round(np.log10(report.tolerance)))


# ---------------------------------------------------------------- the explorer


def gradient_check_dial(
    network: Network,
    X,
    Y,
    *,
    faulty: Callable[[Network, str], Network],
    mistakes: Mapping[str, str],
    eta: float = 0.5,
) -> Live:
    """Turn the step size of a gradient check, put mistakes in, and see which block turns red.

    Parameters
    ----------
    network : Network
        One hidden layer, 100 parameters at most; left unchanged.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    faulty : callable
        ``faulty(network, name)`` returns a copy that makes the mistake of this name, as
        `backprop_kit.exercises.faulty.faulty` does; the code shown imports it.
    mistakes : mapping of str to str
        From what a mistake is in the student's words to its name.
    eta : float, default 0.5
        The learning rate, where a step of training is checked.

    Returns
    -------
    Live

    Raises
    ------
    TypeError, ValueError
        If the network has another form, or the samples or a mistake do not fit it.

    Notes
    -----
    Complex step: Squire and Trapp, SIAM Review 40 (1998).  The picture that is stored holds no
    error that is about as small as rounding: it is the same on every processor.

    Examples
    --------
    >>> from backprop_kit.exercises.faulty import faulty
    >>> mistakes = {"hidden slope missing": "missing-slope-hidden"}
    >>> dial = gradient_check_dial(
    ...     Network((2, 2, 1)), [[0.5, -1.0]], [[1.0]], faulty=faulty, mistakes=mistakes
    ... )
    >>> frame = dial.move(mistake="hidden slope missing")
    >>> "theta1 differs" in frame.says, "W2 agrees, theta2 agrees" in frame.says
    (True, True)
    """
    bench = Bench(network, X, Y, faulty, mistakes, eta=eta)

    def show(values, *, robust=False):
        method, power = _METHODS[values["method"]], values["power"]
        mistake, checked = values["mistake"], values["checked"]
        state = bench.state(mistake, checked, method, power, robust=robust)
        words = state_words(state)
        notes = {block.name: block_note(block, state) for block in state.report.blocks}
        code = _code(bench, state, faulty, mistakes.get(mistake))
        return Frame(dial_picture(state, POWERS, words), words, notes, code=code)

    controls = [
        Slider("power", "step size", LOWEST, -1, -5, 1, power=True),
        Options("method", "method", list(_METHODS), next(iter(_METHODS))),
        Options("mistake", "mistake", list(bench.networks), NO_MISTAKE),
        Options("checked", "check", CHECKED, GRADIENTS),
    ]
    still = show({control.key: control.value for control in controls}, robust=True)
    surfaces = [Surface(f"step size {name}", _pointed) for name in _LETTERS]
    return Live("Gradient check", [*controls, *surfaces], show, help=_HELP, still=still)


def _pointed(values, x, y):
    return {"power": min(-1, max(LOWEST, round(x)))}


def _code(bench, state, faulty, name):
    """Write the lines that make this check."""
    network, is_step = bench.network, state.checked == STEP
    (v, w), (gamma, theta) = (
        [p.tolist() for p in group] for group in (network.weights, network.thresholds)
    )
    lines = ["from backprop_kit import Network, check_gradients"]
    if is_step:
        lines.append("from backprop_kit.numeric import gradients_of_step")
    if name:
        lines.append(f"from {faulty.__module__} import {faulty.__name__}")
    lines += [
        "",
        "network = Network.from_parameters(",
        f"    weights=[{v},",
        f"             {w}],",
        f"    thresholds=[{gamma}, {theta}],",
        ")",
        f"X, Y = {bench.X.tolist()}, {bench.Y.tolist()}",
    ]
    if name:
        lines.append(f'network = {faulty.__name__}(network, "{name}")')
    how = f'method="{state.report.method}", step=10**{state.power}'
    if is_step:
        lines.append(f"gradients = gradients_of_step(network, X, Y, eta={bench.eta})")
        how += ", gradients=gradients"
    return "\n".join([*lines, f"print(check_gradients(network, X, Y, {how}))"])
