"""The loss landscape: the error over two parameters, and gradient descent that moves only these.

Descent is restricted to the two on purpose: the map shows the error with all others held, so only
a path that holds them, too, lies on this map (the step itself: SOURCES A10).
"""

import math
from functools import cache

import numpy as np

from backprop_kit.numeric.network import require_network
from backprop_kit.numeric.validation import as_array, as_count, as_positive
from backprop_kit.visual import svg
from backprop_kit.visual.controls import Action, Options, Slider, Surface
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.landscape_picture import ground, landscape_picture
from backprop_kit.visual.explorers.landscape_states import (
    descend,
    landscape,
    parameter_places,
    two_places,
    values_at,
)
from backprop_kit.visual.explorers.live import Live

MOST_PARAMETERS = 100  # more names than that are no choice
MOST_STEPS = 50
_FLAT = 1e-3  # of both slopes
_HELP = (
    "Drop the circle, the start of the path, anywhere on the map; the sliders do the same. "
    "Choose start or end at the right (click, or Tab and Enter): its next step appears here."
)


# ---------------------------------------------------------------- words and code


def descent_words(descent, limits) -> str:
    """Say where the path starts and ends, and what the error did on the way.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> neuron = Network.from_parameters([[[0.0], [0.0]]], [[0.0]], activation="identity")
    >>> path = descend(neuron, [[1, 1]], [[3]], ("w_11", "w_21"), (0, 0), eta=2, steps=3)
    >>> print(descent_words(path, (-5, 5)))  # doctest: +ELLIPSIS
    Start: w_11 = 0, w_21 = 0, E = 4.5000.
    After 3 steps with η = 2: w_11 = 42.0000, w_21 = 42.0000, E = 3280.5.
    It diverges: in each of the last 3 steps the error grew. η is too large. The path leaves ...
    """
    first, second = descent.names

    def at(k):
        x, y = (svg.short(value) for value in descent.places[k])
        return f"{first} = {x}, {second} = {y}, E = {svg.short(descent.errors[k])}."

    if descent.steps == 0 and not descent.too_large:
        return f"Start: {at(0)}\nNo step yet. {_slopes_in_words(descent, 0)}"
    steps = f"{descent.steps} step{'s' * (descent.steps != 1)}"
    said = [f"Start: {at(0)}", f"After {steps} with η = {descent.eta:g}: {at(-1)}"]
    return "\n".join([*said, " ".join(_verdict(descent, limits))])


def _verdict(descent, limits):
    """Yield what the error did, and what that means."""
    rises = int(descent.rose.sum())
    if descent.too_large:
        yield (
            f"It diverges: in step {descent.steps + 1} a number becomes too large for a float. "
            "η is too large."
        )
    elif descent.rises_at_the_end >= 3:
        last = descent.rises_at_the_end
        yield f"It diverges: in each of the last {last} steps the error grew. η is too large."
    elif rises:
        yield (
            f"The error rose in {rises} of the {descent.steps} steps: a long step jumps over the "
            "valley."
        )
        if descent.errors[-1] > descent.errors[0]:
            yield "It ends higher than it started."
    elif not descent.slopes.any():
        yield "Both slopes are 0, so nothing moves."
    else:
        yield "The error never rose."
        turns = (descent.slopes[1:] * descent.slopes[:-1] < 0).any(axis=1)
        if turns.sum() > descent.steps / 2:
            yield "But a slope turns its sign again and again: each step jumps across the valley."
    outside = np.flatnonzero(((descent.places < limits[0]) | (descent.places > limits[1])).any(1))
    if outside.size:
        yield f"The path leaves the map in step {outside[0]}."
    if descent.slopes.any() and np.abs(descent.slopes[-1]).max() < _FLAT:
        yield f"Where it ends it is nearly flat: both slopes are below {_FLAT:g} in size."


def _slopes_in_words(descent, k):
    slopes = zip(descent.names, descent.slopes[k], strict=True)
    return "; ".join(f"∂E/∂{name} = {svg.short(slope)}" for name, slope in slopes) + "."


def descent_notes(descent) -> dict[str, str]:
    """Return the next step from the start and from the end, with its numbers.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> neuron = Network.from_parameters([[[0.0], [0.0]]], [[0.0]], activation="identity")
    >>> path = descend(neuron, [[1, 1]], [[3]], ("w_11", "w_21"), (0, 0), eta=0.5, steps=1)
    >>> print(descent_notes(path)["start"])
    The start. ∂E/∂w_11 = −3.0000; ∂E/∂w_21 = −3.0000.
    w_11 ← 0 − 0.5 · (−3.0000) = 1.5000
    w_21 ← 0 − 0.5 · (−3.0000) = 1.5000
    """
    notes = {}
    for key, k in (("start", 0), ("end", -1)):
        lines = [f"The {key}. {_slopes_in_words(descent, k)}"]
        for name, value, slope in zip(
            descent.names, descent.places[k], descent.slopes[k], strict=True
        ):
            factor = f"({svg.short(slope)})" if slope < 0 else svg.short(slope)
            after = svg.short(value - descent.eta * slope)
            lines.append(f"{name} ← {svg.short(value)} − {descent.eta:g} · {factor} = {after}")
        notes[key] = "\n".join(lines)
    return notes


def _code(descent, places):
    """Write the lines that take the steps of a descent."""
    entries = [_spelled(place) for place in places]
    start = [
        f"student.{entry} = {float(value)}  # {name}"
        for entry, value, name in zip(entries, descent.places[0], descent.names, strict=True)
    ]
    moves = [f"    student.{e} -= {descent.eta} * gradients.{e}" for e in entries]
    values = ", ".join(f"student.{entry}" for entry in entries)
    return "\n".join([
        "student = network.copy()  # network, X and Y: what loss_landscape was given",
        *start,
        f"for step in range({descent.steps}):",
        "    gradients = student.backward(student.forward(X), Y)",
        *moves,
        f"print({values}, student.loss(X, Y))",
    ])  # fmt: skip


def _spelled(place):
    """Write an entry as a student does: ``weights[0][1, 0]``."""
    layer, *units = place
    block = "weights" if len(units) == 2 else "thresholds"
    return f"{block}[{layer - 1}][{', '.join(str(unit - 1) for unit in units)}]"


# ---------------------------------------------------------------- the explorer


def loss_landscape(
    network,
    X,
    Y,
    first,
    second,
    *,
    start=None,
    eta=5.0,
    largest_eta=50.0,
    steps=30,
    limits=(-10, 10),
    level=None,
) -> Live:
    """Walk downhill on the error over two parameters, all the others held.

    Parameters
    ----------
    network : Network
        Of at most 100 parameters; not changed.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    first, second : str
        The parameters that go across and up, such as ``"v_21"``, ``"theta_1"``; with two hidden
        layers or more ``"w^(2)_11"``, ``"theta^(3)_1"``. The student can choose others.
    start : tuple of float, optional
        Where the path starts; by default where the network itself stands, rounded.
    eta, largest_eta : float, default 5 and 50
        The learning rate at first, and the largest that can be set.
    steps : int, default 30
        At first, 0 to 50.
    limits : tuple of float, default (-10, 10)
        The ends of the map, of both parameters.
    level : float, optional
        One more error to draw a line at, besides those at equal intervals.

    Returns
    -------
    Live

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.

    Notes
    -----
    The map of a pair is computed once and then kept.

    Examples
    --------
    >>> from backprop_kit import Network, gate
    >>> X, y = gate("XOR")
    >>> explorer = loss_landscape(Network((2, 2, 1)), X, y[:, None], "w_11", "w_21", steps=2)
    >>> explorer
    Explorer: Loss landscape
    >>> print(explorer.point("map", 3.02, -4).says.splitlines()[0])
    Start: w_11 = 3.0000, w_21 = −4.0000, E = 0.1399.
    """
    require_network(network)
    if network.n_parameters > MOST_PARAMETERS:
        raise ValueError(
            f"network must have {MOST_PARAMETERS} parameters at most, got {network.n_parameters}"
        )
    low, high = limits = tuple(as_array("limits", limits, shape=(2,)).tolist())
    if low >= high:
        raise ValueError(f"limits must rise, got {low:g} and {high:g}")
    network.loss(X, Y)  # checks X and Y
    network, X, Y = network.copy(), np.array(X, float), np.array(Y, float)
    level = None if level is None else as_positive("level", level)
    names = list(parameter_places(network.sizes))
    decimals = -math.floor(math.log10((high - low) / 100))

    def snap(value):
        return min(high, max(low, round(float(value), decimals)))

    if start is None:
        start = values_at(network, two_places(network, (first, second)))
    elif not (low <= min(start := as_array("start", start, shape=(2,))) and max(start) <= high):
        raise ValueError(f"start must lie within the limits {low:g} and {high:g}, got {start}")
    x, y = map(snap, start)
    rate = float(f"{as_positive('largest_eta', largest_eta) / 100:.0e}")  # one step of the slider
    eta = round(round(as_positive("eta", eta) / rate) * rate, 12)

    @cache
    def mapped(first, second):
        found = landscape(network, X, Y, (first, second), limits)
        return found, ground(found, level)

    def show(values):
        pair = values["first"], values["second"]
        found, drawn = mapped(*pair)
        start = values["x"], values["y"]
        taken = dict(eta=values["eta"], steps=values["steps"])
        descent = descend(network, X, Y, pair, start, **taken)
        words = descent_words(descent, limits)
        picture = landscape_picture(found, drawn, descent, words)
        code = _code(descent, two_places(network, pair))
        return Frame(picture, words, descent_notes(descent), code=code)

    def one_more(values):
        return {"steps": min(values["steps"] + 1, MOST_STEPS)}

    def drop(_values, x, y):
        return {"x": snap(x), "y": snap(y)}

    controls = [
        Options("first", "across", names, first),
        Options("second", "up", names, second),
        Slider("x", "start, across", low, high, x, 10**-decimals),
        Slider("y", "start, up", low, high, y, 10**-decimals),
        Slider("eta", "learning rate η", rate, largest_eta, eta, rate),
        Slider("steps", "steps", 0, MOST_STEPS, as_count("steps", steps, minimum=0), 1),
        Action("walk", "▶ walk on", one_more, "take one step after the other", repeats=True),
        Surface("map", drop),
    ]
    return Live("Loss landscape", controls, show, help=_HELP)
