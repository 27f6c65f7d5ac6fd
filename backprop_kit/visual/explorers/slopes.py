"""An activation and its slope: where it saturates, and what many slopes in a row come to."""

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from backprop_kit.numeric.activations import ACTIVATIONS
from backprop_kit.numeric.validation import as_array, as_choice, as_count
from backprop_kit.visual import svg
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.stepper import Stepper
from backprop_kit.visual.palette import (
    BACKWARD,
    BACKWARD_TEXT,
    FAINT,
    FAINT_TINT,
    FORWARD,
    INK,
    MUTED,
    PAPER,
)

SATURATED_BELOW = 0.01  # a slope below this lets less than 1/100 of a change through
_NAMES = ("sigmoid", "tanh", "relu")
_FARTHEST = 7.0  # farther out, tanh is 1 to all the decimals shown
_DEEPEST = 12  # bars that fit
_FROM_OUTPUT = {"sigmoid": "f (1 − f)", "tanh": "1 − f · f", "relu": "1 where f > 0, else 0"}


# The states.


@dataclass(frozen=True)
class SlopeState:
    """An activation at one place.

    Attributes
    ----------
    activation : str
        Its name.
    u : float
        The place: net input minus threshold.
    value, slope : float
        ``f(u)``, and ``f'(u)`` computed from the value.
    products : tuple of float
        ``f'(u)`` to the power 1, 2, ...: the slopes of so many units in a row, all at the same
        `u`; the weights between them are left out.
    """

    activation: str
    u: float
    value: float
    slope: float
    products: tuple[float, ...]

    @property
    def saturated(self) -> bool:
        """Whether the slope is below `SATURATED_BELOW`."""
        return self.slope < SATURATED_BELOW


def slope_states(activation="sigmoid", *, depth=6, net_inputs=None) -> tuple[SlopeState, ...]:
    """Compute value, slope and products of slopes; see `slope_stepper` for the arguments.

    Examples
    --------
    >>> slope_states("sigmoid", depth=3, net_inputs=[0])[0].products
    (0.25, 0.0625, 0.015625)
    """
    f = ACTIVATIONS[as_choice("activation", activation, _NAMES)]
    depth = as_count("depth", depth)
    if depth > _DEEPEST:
        raise ValueError(f"depth must be {_DEEPEST} at most, got {depth}")
    places = _default_places() if net_inputs is None else net_inputs
    places = as_array("net_inputs", places, ndim=1)
    if np.abs(places).max() > _FARTHEST:
        raise ValueError(
            f"net_inputs must lie between -{_FARTHEST:g} and {_FARTHEST:g}, "
            f"got values from {places.min():g} to {places.max():g}"
        )
    states = []
    for u in places.tolist():
        value = f(u)
        slope = f.slope(value)
        products = tuple(slope**layers for layers in range(1, depth + 1))
        states.append(SlopeState(f.name, u, value, slope, products))
    return tuple(states)


def _default_places():
    return np.arange(-6, 6.5, 0.5)


# The words of a state.


def state_words(state) -> str:
    """Say where the state is, its numbers, and whether it is saturated.

    Examples
    --------
    >>> print(state_words(slope_states(depth=2, net_inputs=[0])[0]))
    sigmoid at u = 0: value 0.5, slope 0.25. 2 such slopes multiplied: 0.0625. Not saturated.
    """
    depth = len(state.products)
    words = f"{_headline(state)}: value {_plain(state.value)}, slope {_small(state.slope)}. "
    if depth > 1:
        words += f"{depth} such slopes multiplied: {_small(state.products[-1])}. "
    words += f"Saturated: the slope is below {SATURATED_BELOW}." if state.saturated else ""
    words += "" if state.saturated else "Not saturated."
    if _at_corner(state):
        words += " At this corner there is no slope; the package takes 0."
    return words


def state_notes(state) -> dict[str, str]:
    """Say of each part that can be chosen what it is, with its numbers.

    Examples
    --------
    >>> print(state_notes(slope_states(depth=2, net_inputs=[0])[0])["2 layers"])
    2 layers: the product above times one more slope, 0.25 × 0.25 = 0.0625. Weights left out.
    """
    u, value, slope = _plain(state.u), _plain(state.value), _small(state.slope)
    rest = _plain(1 - state.value)
    numbers = {
        "sigmoid": f"{value} × {rest} = {slope}",
        "tanh": f"1 − {_factor(value)} × {_factor(value)} = {slope}",
        "relu": f"here f = {value}, so {slope}",
    }[state.activation]
    notes = {
        "value": f"Value: f({u}) = {value}. The forward pass computes it and keeps it.",
        "slope": f"Slope, from the value f alone: {_FROM_OUTPUT[state.activation]}: {numbers}.",
    }
    once = _small(state.products[0])
    notes[_key(1)] = f"1 layer: what flows back through it is multiplied by {once}."
    for layers, (above, product) in enumerate(pairwise(state.products), start=2):
        notes[_key(layers)] = (
            f"{_key(layers)}: the product above times one more slope, "
            f"{_small(above)} × {slope} = {_small(product)}. Weights left out."
        )
    return notes


def _headline(state):
    return f"{state.activation} at u = {_plain(state.u)}"


def _key(layers):
    return f"{layers} layer" if layers == 1 else f"{layers} layers"


def _at_corner(state):
    return state.activation == "relu" and state.u == 0


def _plain(value):
    """Write a value with 6 decimals at most: ``0.5``, ``−0.964028``."""
    text = svg.decimal(value, 6)
    return text.rstrip("0").rstrip(".")


def _factor(text):
    return f"({text})" if text.startswith("−") else text


def _small(value):
    """Write a slope or a product: ``0.105``, ``2.25e−16``."""
    text = svg.short(value, digits=3, tiny=True)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


# The picture of a state.

_WIDTH, _HEIGHT = 720, 456
_LEFT, _RIGHT = 44, 344  # of both curves
_VALUE_TOP, _VALUE_BOTTOM = 66, 204
_SLOPE_TOP, _SLOPE_BOTTOM = 246, 352
_BAR_LEFT, _BAR_RIGHT = 442, 618
_TANGENT = 58  # px to each side of the point
_LIMITS = {  # of value and of slope, and the numbers written beside their axes
    "sigmoid": ((-0.1, 1.15), (0, 0.5, 1), (-0.02, 0.3), (0, 0.25)),
    "tanh": ((-1.25, 1.25), (-1, 0, 1), (-0.08, 1.2), (0, 1)),
    "relu": ((-0.6, 7.6), (0, 2, 4, 6), (-0.08, 1.2), (0, 1)),
}


def state_picture(state, lowest_power) -> str:
    """Draw the curve with its tangent, the slope below it, and the products as bars.

    Parameters
    ----------
    state : SlopeState
    lowest_power : int
        Where the logarithmic scale starts: 10 to this power; a multiple of 4 below 0.

    Examples
    --------
    >>> drawing = state_picture(slope_states(depth=2, net_inputs=[0])[0], -4)
    >>> "sigmoid at u = 0" in drawing, 'data-key="2 layers"' in drawing
    (True, True)
    """
    f = ACTIVATIONS[state.activation]
    value_limits, value_ticks, slope_limits, slope_ticks = _LIMITS[state.activation]
    value_place = _scale(value_limits, _VALUE_BOTTOM, _VALUE_TOP)
    slope_place = _scale(slope_limits, _SLOPE_BOTTOM, _SLOPE_TOP)
    u = np.arange(-65, 66) / 65 * (_FARTHEST + 0.2)  # 0 is among them: a corner of relu
    values = f(u)
    slopes = f.slope(values)
    x, y, below = _across(state.u), value_place(state.value), slope_place(state.slope)
    elements = [
        *_panel(_VALUE_TOP, _VALUE_BOTTOM, value_place, value_ticks, u, slopes),
        *_panel(_SLOPE_TOP, _SLOPE_BOTTOM, slope_place, slope_ticks, u, slopes),
        *_u_axis(),
        svg.line((x, _VALUE_TOP), (x, _VALUE_BOTTOM), stroke=MUTED, width=1),
        svg.line((x, _SLOPE_TOP), (x, _SLOPE_BOTTOM), stroke=MUTED, width=1),
        *_curve(u, values, value_place, stroke=FORWARD),
        *_curve(u, slopes, slope_place, stroke=BACKWARD, dash="7 4"),
        *_titles(state),
    ]
    look = dict(fill=PAPER, stroke_width=3)
    parts = [] if _at_corner(state) else [_tangent(state, value_place)]
    parts.append(svg.circle(x, below, 6, stroke=BACKWARD, **look))
    elements.append(svg.choice(parts, "slope", label="slope of f at u"))
    dot = svg.circle(x, y, 6, stroke=FORWARD, **look)
    elements.append(svg.choice([dot], "value", label="value of f at u"))
    elements += _bars(state, lowest_power)
    elements += _legend()
    return svg.document(elements, _WIDTH, _HEIGHT, state_words(state))


def _scale(limits, start, end):
    """Return the function from a quantity to its place in px."""
    low, high = limits
    return lambda value: start + (value - low) / (high - low) * (end - start)


_across = _scale((-_FARTHEST - 0.2, _FARTHEST + 0.2), _LEFT, _RIGHT)


_words = partial(svg.write, size=13)


def _panel(top, bottom, place, ticks, u, slopes):
    """Draw what stands behind a curve: grey where it is saturated, lines at the ticks."""
    elements = []
    flat = np.concatenate([[False], slopes < SATURATED_BELOW, [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        left, right = _across(u[start]), _across(u[end - 1])
        middle, height = (left + right) / 2, bottom - top
        elements.append(
            svg.rectangle(
                middle, (top + bottom) / 2, right - left, height, fill=FAINT_TINT, radius=0
            )
        )
    for tick in ticks:
        y = place(tick)
        elements.append(svg.line((_LEFT, y), (_RIGHT, y), stroke=FAINT, width=1))
        elements.append(_words(_LEFT - 6, y, _plain(tick), anchor="end", size=svg.SMALL))
    elements.append(svg.line((_across(0), top), (_across(0), bottom), stroke=FAINT, width=1))
    return elements


def _u_axis():
    elements = [
        _words(_across(u), _SLOPE_BOTTOM + 12, _plain(u), anchor="middle", size=svg.SMALL)
        for u in range(-6, 7, 2)
    ]
    label = "$u$ = net input − threshold"
    middle = (_LEFT + _RIGHT) / 2
    return [*elements, _words(middle, _SLOPE_BOTTOM + 30, label, anchor="middle")]


def _curve(u, numbers, place, *, stroke, dash=""):
    """Draw a curve; a jump is left open."""
    jumps = np.flatnonzero(np.abs(np.diff(numbers)) > 0.5) + 1
    pieces = []
    for start, end in zip([0, *jumps], [*jumps, len(u)], strict=True):
        points = [
            (_across(at), place(n)) for at, n in zip(u[start:end], numbers[start:end], strict=True)
        ]
        if start:  # the piece after a jump begins at the place of the jump
            points.insert(0, (_across(u[start - 1]), place(numbers[start])))
        pieces.append(svg.polyline(points, stroke=stroke, width=2.5, dash=dash))
    return pieces


def _tangent(state, value_place):
    """Draw the tangent as long as it stays inside the panel."""
    x, y = _across(state.u), value_place(state.value)
    along = _across(1) - _across(0), state.slope * (value_place(1) - value_place(0))
    length = math.hypot(*along)
    ends = []
    for side in (-1, 1):
        dx, dy = side * along[0] / length, side * along[1] / length
        reach = min(_TANGENT, ((_RIGHT if dx > 0 else _LEFT) - x) / dx)
        if dy:
            reach = min(reach, ((_VALUE_BOTTOM if dy > 0 else _VALUE_TOP) - y) / dy)
        ends.append((x + reach * dx, y + reach * dy))
    return svg.line(*ends, stroke=BACKWARD, width=4)


def _titles(state):
    note = "saturated" if state.saturated else "not saturated"
    middle = (_LEFT + _RIGHT) / 2
    return [
        _words(14, 18, f"{_headline(state)}: {note}", size=15, bold=True),
        _words(
            middle, 48, f"value $f$($u$) = {_plain(state.value)}",
            colour=FORWARD, anchor="middle", size=14,
        ),
        _words(
            middle, 228, f"slope $f$\u2009′($u$) = {_small(state.slope)}",
            colour=BACKWARD_TEXT, anchor="middle", size=14,
        ),
    ]  # fmt: skip


def _bars(state, lowest_power):
    """Draw one bar for each layer: the product of the slopes so far, on a logarithmic scale."""
    depth = len(state.products)
    pitch = min(40, (_SLOPE_BOTTOM - _VALUE_TOP) / depth)
    top, bottom = _VALUE_TOP, _VALUE_TOP + depth * pitch
    place = _scale((lowest_power, 0), _BAR_LEFT, _BAR_RIGHT)
    title = "product of the slopes, layer by layer"
    elements = [_words(380, 48, title, colour=BACKWARD_TEXT, size=14)]
    powers = range(lowest_power, 1, -lowest_power // 4)
    for power in powers:
        elements.append(_grid_line(place(power), top, bottom))
        runs = svg.power_of_ten(power, svg.SMALL) if power else [("1", svg.SMALL, False, 0)]
        elements.append(svg.text(place(power), bottom + 14, runs, colour=INK))
    middle = (_BAR_LEFT + _BAR_RIGHT) / 2
    scale = "log scale; the same u in each layer, every weight taken as 1"
    elements.append(_words(middle, bottom + 34, scale, anchor="middle"))
    for layers, product in enumerate(state.products, start=1):
        y = top + (layers - 0.5) * pitch
        # With a ground of its own the whole row is a place to click, however short its bar.
        row = [svg.rectangle(545, y, 334, pitch - 4)]
        row += [
            _grid_line(place(power), y - pitch / 2 + 2, y + pitch / 2 - 2)
            for power in powers
            if product > 0
        ]
        row.append(_words(_BAR_LEFT - 8, y, _key(layers), anchor="end"))
        if product > 0:
            length = place(math.log10(product)) - _BAR_LEFT
            row.append(
                svg.rectangle(
                    _BAR_LEFT + length / 2, y, length, min(18, pitch - 6), fill=BACKWARD, radius=0
                )
            )
        else:
            row.append(_words(_BAR_LEFT + 6, y, "no bar: a log scale has no 0", size=svg.SMALL))
        row.append(_words(_BAR_RIGHT + 8, y, _small(product)))
        label = f"product of slopes over {_key(layers)}"
        elements.append(svg.choice(row, _key(layers), label=label))
    return elements


def _grid_line(x, top, bottom):
    return svg.line((x, top), (x, bottom), stroke=FAINT, width=1)


def _legend():
    """Say what each line, dot, ground and bar means."""
    y, second = _HEIGHT - 44, _HEIGHT - 20

    def sample(x, y, **look):
        return svg.line((x, y), (x + 30, y), **look)

    grey = svg.rectangle(265, second, 30, 14, fill=FAINT_TINT, stroke=FAINT, stroke_width=1)
    return [
        svg.line((14, y - 18), (_WIDTH - 14, y - 18), stroke=FAINT, width=1),
        sample(14, y, stroke=FORWARD, width=2.5),
        _words(52, y, "value $f$($u$)"),
        sample(14, second, stroke=BACKWARD, width=2.5, dash="7 4"),
        _words(52, second, "slope $f$\u2009′($u$)"),
        sample(250, y, stroke=BACKWARD, width=4),
        _words(288, y, "tangent: 1 right, $f$\u2009′($u$) up"),
        grey,
        _words(288, second, f"saturated: slope below {SATURATED_BELOW}"),
        svg.line((527, y - 9), (527, y + 9), stroke=MUTED, width=1),
        svg.circle(527, y, 5, fill=PAPER, stroke=INK, stroke_width=2),
        _words(548, y, "this $u$"),
        svg.rectangle(527, second, 30, 12, fill=BACKWARD, radius=0),
        _words(548, second, "product of slopes"),
    ]


# The explorer.


def slope_stepper(activation="sigmoid", *, depth=6, net_inputs=None) -> Stepper:
    """Step along an activation and see its slope, and the product of many such slopes.

    Parameters
    ----------
    activation : str, default "sigmoid"
        ``"sigmoid"``, ``"tanh"`` or ``"relu"``.
    depth : int, default 6
        How many slopes are multiplied, 1 to 12: as many layers, each unit at the same place;
        the weights between them are left out.
    net_inputs : array_like, shape (T,), optional
        The places ``u`` (net input minus threshold) to step through, from -7 to 7; by default
        from -6 to 6 in steps of 0.5.

    Returns
    -------
    Stepper
        One frame for each place.

    Raises
    ------
    TypeError, ValueError
        If there is no such activation, or a number does not fit.

    Notes
    -----
    The slope is computed from the value alone (SOURCES A11, C5).  A unit is called *saturated*
    where its slope is below 0.01.

    Examples
    --------
    >>> slope_stepper("tanh", depth=3)
    Explorer: tanh, its slope, and products of slopes
    """
    states = slope_states(activation, depth=depth, net_inputs=net_inputs)
    lowest_power = _lowest_power(states)
    frames = [
        Frame(state_picture(state, lowest_power), state_words(state), state_notes(state))
        for state in states
    ]
    return Stepper(
        f"{activation}, its slope, and products of slopes",
        frames,
        _code(states),
        help="Choose a dot or a bar for its numbers: click it, or use Tab and Enter.",
    )


def _lowest_power(states):
    """Return where the scale of all the frames starts: a multiple of 4 below every product."""
    smallest = min((p for state in states for p in state.products if p > 0), default=1)
    return min(-4, 4 * math.floor(math.log10(smallest) / 4))


def _code(states):
    """Write the lines that compute the states."""
    name, depth = states[0].activation, len(states[0].products)
    places, imports = [state.u for state in states], ""
    if places == _default_places().tolist():
        places, imports = "np.arange(-6, 6.5, 0.5).tolist()", "import numpy as np\n"
    return f"""\
{imports}from backprop_kit import {name}

for u in {places}:
    value = {name}(u)
    slope = {name}.slope(value)  # from the value alone
    products = [slope**layers for layers in range(1, {depth + 1})]
    print(u, value, slope, products)
"""
