"""The picture of a loss landscape: bands of equal error, a path of descent, the error beside it."""

from itertools import pairwise

import contourpy
import numpy as np
from matplotlib.ticker import MaxNLocator

from backprop_kit.visual import svg
from backprop_kit.visual.palette import BACKWARD, FAINT, INK, MUTED, PAPER
from backprop_kit.visual.plane import Square, ticks

_WIDTH, _HEIGHT = 720, 516
_LEFT, _TOP, _SIDE = 56, 52, 372  # of the map, a square: both axes have one scale
_BOTTOM = _TOP + _SIDE
_BAR = _LEFT + _SIDE + 22  # the middle of the bar that tells the levels
_PANEL, _PANEL_RIGHT = 538, 708
_CURVE_TOP, _CURVE_BOTTOM = 262, 392
_LOW_BAND, _HIGH_BAND = (255, 255, 255), (150, 176, 199)  # the ends of the tints of error
_FAR = 26  # px between the numbers on lines


def _map_of(landscape):
    low, high = landscape.values[0], landscape.values[-1]
    return Square((low, low), high - low, (_LEFT, _TOP, _SIDE))


# ---------------------------------------------------------------- the map, drawn once


def ground(landscape, level=None) -> list[str]:
    """Draw what stays while the start moves: the bands, their lines, the axes and the levels.

    Parameters
    ----------
    landscape : Landscape
    level : float, optional
        One more error to draw a line at; left out where the map does not reach it.

    Returns
    -------
    list of str
        Elements of a drawing.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> from backprop_kit.visual.explorers.landscape_states import landscape
    >>> neuron = Network.from_parameters([[[2.0], [0.0]]], [[0.0]], activation="identity")
    >>> drawn = ground(landscape(neuron, [[1, 1]], [[3]], ("w_11", "w_21"), (0, 2)))
    >>> any("the levels" in element for element in drawn)
    True
    """
    plane = _map_of(landscape)
    levels, decimals = _levels(landscape.errors, level)
    tints = _tints(len(levels) + 1)
    elements = [plane.frame(tints[0])]
    contours = contourpy.contour_generator(
        landscape.values, landscape.values, landscape.errors.T, name="serial",
        fill_type=contourpy.FillType.OuterOffset, line_type=contourpy.LineType.Separate,
    )  # fmt: skip
    above = 2 * landscape.errors.max() + 1
    lines = []
    for error, tint in zip(levels, tints[1:], strict=True):
        elements += [
            _area(plane.all_at(points), offsets, tint)
            for points, offsets in zip(*contours.filled(error, above), strict=True)
        ]
        lines.append([plane.all_at(line) for line in contours.lines(error)])
    for pieces in lines:
        elements += [svg.polyline(piece, stroke=MUTED, width=1) for piece in pieces]
    elements += _numbers_on(lines, levels, decimals)
    elements += _axes(landscape.names, plane)
    elements += _bar(levels, decimals, tints)
    return [*elements, _key_to_lines(level if level in levels else None)]


def _levels(errors, level=None):
    """Return errors in equal intervals and one more, and the decimals they are written with."""
    low, high = errors.min(), errors.max()
    if high - low < 1e-9 * max(1, high):
        return np.array([]), 0
    ticks = MaxNLocator(10, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    levels = ticks[(ticks > low) & (ticks < high)]
    written = [ticks[1] - ticks[0]]
    if level is not None and low < level < high:
        levels = np.union1d(levels, [level])
        written.append(level)
    return levels, max(len(f"{number:.9f}".rstrip("0").split(".")[1]) for number in written)


def _tints(count):
    shares = np.linspace(0, 1, max(count, 2))[:count, np.newaxis]
    mixed = (1 - shares) * _LOW_BAND + shares * _HIGH_BAND
    return ["#" + "".join(f"{round(part):02X}" for part in colour) for colour in mixed]


def _area(points, offsets, fill):
    """Draw an area with holes, each ring from one offset to the next."""
    rings = []
    for begin, end in pairwise(offsets.tolist()):
        ring = points[begin : end - 1]
        rings.append("M" + "L".join(f"{svg.number(x)},{svg.number(y)}" for x, y in ring) + "Z")
    return f'<path d="{"".join(rings)}" fill="{fill}" fill-rule="evenodd"/>'


def _numbers_on(lines, levels, decimals):
    """Write each level on its longest line, as far as possible from the other numbers."""
    taken, elements = [], []
    for pieces, level in zip(lines, levels, strict=True):
        points = max(pieces, key=len)
        inside = [
            (x, y) for x, y in points
            if _LEFT + 24 < x < _LEFT + _SIDE - 24 and _TOP + 12 < y < _BOTTOM - 12
        ]  # fmt: skip
        if not inside:
            continue
        centre = points[len(points) // 2]
        far = [min((np.hypot(x - a, y - b) for a, b in taken), default=0) for x, y in inside]
        if taken and max(far) < _FAR:
            continue
        near = [np.hypot(x - centre[0], y - centre[1]) for x, y in inside]
        x, y = inside[int(np.argmax(far)) if taken else int(np.argmin(near))]
        taken.append((x, y))
        words = [(svg.decimal(level, decimals), svg.SMALL, False, 0)]
        elements.append(svg.rectangle(x, y, svg.width_of(words) + 2, 14, fill=PAPER))
        elements.append(svg.text(x, y, words, colour=INK))
    return elements


def _axes(names, plane):
    first, second = names
    elements = []
    for tick in ticks(plane.low[0], plane.span):
        (x, y), words = plane.at((tick, tick)), f"{tick:g}".replace("-", "−")
        elements += [
            svg.line((x, _BOTTOM), (x, _BOTTOM + 4), stroke=MUTED, width=1),
            svg.write(x, _BOTTOM + 13, words, svg.SMALL, anchor="middle"),
            svg.line((_LEFT - 4, y), (_LEFT, y), stroke=MUTED, width=1),
            svg.write(_LEFT - 7, y, words, svg.SMALL, anchor="end"),
        ]
    return [
        *elements,
        svg.write(_LEFT + _SIDE / 2, _BOTTOM + 30, f"${first}$", 15, anchor="middle"),
        svg.write(12, _TOP + _SIDE / 4, f"${second}$", 15),
    ]


def _bar(levels, decimals, tints):
    """Draw the bar that tells which tint and which line stands for which error."""
    height = _SIDE / len(tints)
    elements = [svg.write(_BAR - 8, _TOP - 10, "$E$: the levels", svg.SMALL)]
    for k, tint in enumerate(tints):
        y = _BOTTOM - (k + 0.5) * height
        elements.append(svg.rectangle(_BAR, y, 16, height, fill=tint, radius=0))
    for k, level in enumerate(levels, start=1):
        y = _BOTTOM - k * height
        elements.append(svg.line((_BAR - 8, y), (_BAR + 8, y), stroke=MUTED, width=1))
        elements.append(svg.write(_BAR + 12, y, svg.decimal(level, decimals), svg.SMALL))
    middle = _TOP + _SIDE / 2
    outline = dict(fill="none", stroke=MUTED, stroke_width=1, radius=0)
    return [*elements, svg.rectangle(_BAR, middle, 16, _SIDE, **outline)]


# ---------------------------------------------------------------- the path, drawn at each move


def landscape_picture(landscape, drawn, descent, words) -> str:
    """Draw the map with the path of a descent, and the error at each of its steps.

    Parameters
    ----------
    landscape : Landscape
    drawn : list of str
        Its `ground`.
    descent : Descent
        Of the same two parameters.
    words : str
        What is seen, for those who do not see it.

    Returns
    -------
    str
        The SVG.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> from backprop_kit.visual.explorers.landscape_states import descend, landscape
    >>> neuron = Network.from_parameters([[[2.0], [0.0]]], [[0.0]], activation="identity")
    >>> given = neuron, [[1, 1]], [[3]], ("w_11", "w_21")
    >>> found, path = landscape(*given, (0, 2)), descend(*given, (0, 0), eta=0.1, steps=9)
    >>> 'data-surface="map"' in landscape_picture(found, ground(found), path, "nine steps")
    True
    """
    plane = _map_of(landscape)
    first, second = landscape.names
    limits = landscape.values[0], landscape.values[-1]
    box = _LEFT, _TOP, _LEFT + _SIDE, _BOTTOM
    own = plane.at(landscape.own)
    others = f"{landscape.held} others are" if landscape.held != 1 else "1 other is"
    eta, steps = f"{descent.eta:g}", f"{descent.steps} step{'s' * (descent.steps != 1)}"
    elements = [
        svg.write(14, 16, f"Error $E$ over ${first}$ and ${second}$", 15, bold=True),
        svg.write(_PANEL_RIGHT, 16, f"only these two move; {others} held", 13, anchor="end"),
        *drawn,
        *_walk(plane.all_at(descent.places), descent.rose, box),
        *(_cross_mark(*own) if _is_inside(own, box) else []),
        plane.frame(),
        svg.write(_PANEL, _TOP + 6, "gradient descent", 13, bold=True),
        svg.write(_PANEL, _TOP + 24, f"$eta$ = {eta}, {steps}", 13),
        *_ends(descent),
        *_curve(descent),
        *_marks_legend(),
        svg.surface("map", _LEFT, _TOP, _SIDE, _SIDE, limits, limits, drag=True),
    ]  # fmt: skip
    return svg.document(elements, _WIDTH, _HEIGHT, words)


def _walk(points, rose, box):
    """Draw the steps, a dot at each place, the start and the end, as far as they are in the box.

    A step from outside to outside is left out: many of them would hide the map.
    """
    inside = [_is_inside(point, box) for point in points]
    elements = []
    for k, up in enumerate(rose):
        begin, end = points[k], points[k + 1]
        if inside[k] and not inside[k + 1]:
            end = _as_far_as(begin, end, box)
        elif inside[k + 1] and not inside[k]:
            begin = _as_far_as(end, begin, box)
        if inside[k] or inside[k + 1]:
            elements.append(svg.line(begin, end, **_look(up)))
    dots = [point for point, seen in zip(points, inside, strict=True) if seen]
    elements += [svg.circle(*dot, 2.5, fill=INK, stroke=INK, stroke_width=0) for dot in dots]
    if inside[-1] and len(points) > 1:
        elements.append(_end_mark(*points[-1]))
    if inside[0]:
        elements.append(_start_mark(*points[0]))
    return elements


def _look(rose):
    """Return how a step is drawn: one that made the error larger is dashed."""
    return dict(stroke=BACKWARD, width=2.5, dash="6 3") if rose else dict(stroke=INK, width=2)


def _start_mark(x, y):
    return svg.circle(x, y, 6, fill=PAPER, stroke=INK, stroke_width=3)


def _end_mark(x, y):
    return svg.rectangle(x, y, 11, 11, fill=PAPER, stroke=INK, stroke_width=3, radius=0)


def _cross_mark(x, y):
    return [svg.line((x - 7, y + lean), (x + 7, y - lean), stroke=INK, width=2) for lean in (-7, 7)]


def _is_inside(point, box):
    left, top, right, bottom = box
    return left <= point[0] <= right and top <= point[1] <= bottom


def _as_far_as(inside, outside, box):
    """Return where the way from a point inside the box to one outside leaves it."""
    left, top, right, bottom = box
    share = 1.0
    for at, to, low, high in zip(inside, outside, (left, top), (right, bottom), strict=True):
        if not low <= to <= high:
            share = min(share, ((low if to < low else high) - at) / (to - at))
    return inside + share * (outside - inside)


def _ends(descent):
    """Write where the path starts and ends; both can be chosen."""
    rows, y = [], _TOP + 52
    for key, k, mark in (("start", 0, _start_mark), ("end", -1, _end_mark)):
        lines = [
            f"{key}: $E$ = {svg.short(descent.errors[k])}",
            *(
                f"${name}$ = {svg.short(value)}"
                for name, value in zip(descent.names, descent.places[k], strict=True)
            ),
        ]
        row = [svg.rectangle((_PANEL + _PANEL_RIGHT) / 2, y + 17, 176, 58), mark(_PANEL + 7, y)]
        row += [svg.write(_PANEL + 22, y + 18 * n, text, 13) for n, text in enumerate(lines)]
        rows.append(svg.choice(row, key, label=f"the {key} of the path"))
        y += 68
    return rows


def _curve(descent):
    """Draw the error at each step; what is above twice the error of the start is not seen."""
    errors = descent.errors
    top = max(min(errors.max(), 2 * errors[0]), 1e-12)
    box = _PANEL, _CURVE_TOP, _PANEL_RIGHT, _CURVE_BOTTOM
    x = np.linspace(_PANEL, _PANEL_RIGHT, len(errors)) if descent.steps else np.array([_PANEL])
    y = _CURVE_BOTTOM + errors / top * (_CURVE_TOP - _CURVE_BOTTOM)
    return [
        svg.write(_PANEL, _CURVE_TOP - 16, f"$E$ at each step, 0 to {svg.short(top)}", svg.SMALL),
        *([svg.write(_PANEL_RIGHT, _CURVE_TOP + 8, "off the top", svg.SMALL, anchor="end")]
          if errors.max() > top else []),
        svg.line((_PANEL, _CURVE_BOTTOM), (_PANEL_RIGHT, _CURVE_BOTTOM), stroke=MUTED, width=1),
        svg.line((_PANEL, _CURVE_TOP), (_PANEL, _CURVE_BOTTOM), stroke=MUTED, width=1),
        *_walk(np.column_stack([x, y]), descent.rose, box),
        svg.write(_PANEL, _CURVE_BOTTOM + 13, "0", svg.SMALL, anchor="middle"),
        svg.write(_PANEL_RIGHT, _CURVE_BOTTOM + 13, f"step {descent.steps}", svg.SMALL,
                  anchor="end"),
    ]  # fmt: skip


def _key_to_lines(level):
    """Say what the lines and tints of the ground mean."""
    y = _HEIGHT - 12
    more = "" if level is None else f" and at {level:g}"
    words = (
        f"places of one $E$, at equal intervals{more}: lines close together, steep ground;"
        " darker, higher"
    )
    return svg.line((14, y), (42, y), stroke=MUTED, width=1) + svg.write(50, y, words, 13)


def _marks_legend():
    """Say what each mark and each step of the path means."""
    y = _HEIGHT - 34
    return [
        svg.line((14, y - 14), (_WIDTH - 14, y - 14), stroke=FAINT, width=1),
        _start_mark(22, y),
        svg.write(36, y, "start", 13),
        _end_mark(92, y),
        svg.write(104, y, "end", 13),
        svg.line((146, y), (178, y), **_look(False)),
        *(svg.circle(x, y, 2.5, fill=INK, stroke=INK, stroke_width=0) for x in (146, 178)),
        svg.write(186, y, "a step: $E$ fell or stayed", 13),
        svg.line((360, y), (392, y), **_look(True)),
        svg.write(400, y, "a step: $E$ rose", 13),
        *_cross_mark(528, y),
        svg.write(542, y, "where the network stands", 13),
    ]
