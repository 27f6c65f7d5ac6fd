"""The picture of the XOR bench: input space, hidden space, the truth table, the error so far."""

from functools import partial
from itertools import pairwise

import contourpy
import numpy as np

from backprop_kit.numeric.data import gate
from backprop_kit.visual import svg
from backprop_kit.visual.palette import (
    BACKWARD,
    CLASS_ONE_TINT,
    CLASS_ZERO,
    FAINT,
    FORWARD,
    INK,
    MUTED,
    PAPER,
    SERIES,
)
from backprop_kit.visual.plane import (
    Square,
    arrow,
    clip,
    polygon,
    sample_mark,
    segment,
    ticks,
)

_WIDTH, _HEIGHT = 720, 612
_INPUTS = Square((-0.5, -0.5), 2.0, (44, 52, 270))
_HIDDEN = Square((-0.25, -0.25), 1.5, (406, 52, 270))
_TABLE = (14, 386)  # left, and the height of its first line
_CURVE = (406, 378, 270, 110)  # left, top, width, height
_UNITS = ((SERIES[1][0], "8 4"), (SERIES[2][0], "9 3 2 3"))  # of the hidden units: colour, dashes
_MOST_POINTS = 250  # of the curve
_write = partial(svg.write, size=14)
_note = partial(svg.write, size=svg.SMALL)

X, LABELS = gate("XOR")
NAMES = tuple("".join(str(int(digit)) for digit in x) for x in X)


# What is computed once: the places of the input plane at which the network is asked.

_REGION_AXIS = np.linspace(-0.5, 1.5, 49)
_REGION = np.stack(np.meshgrid(_REGION_AXIS, _REGION_AXIS), axis=-1).reshape(-1, 2)


def _lines_at(places, along):
    """Return straight lines of both directions, (2 * places, along, 2)."""
    upright = np.stack(np.broadcast_arrays(places[:, None], along[None, :]), axis=-1)
    return np.concatenate([upright, upright[..., ::-1]])


_GRID = _lines_at(np.linspace(-0.5, 1.5, 9), np.linspace(-0.5, 1.5, 33))
_EDGES = _lines_at(np.array([0.0, 1.0]), np.linspace(0.0, 1.0, 33))


def picture_of(state, headline, words) -> str:
    """Draw a state.

    Parameters
    ----------
    state : BenchState
    headline : str
        Where the parameters come from, and the error.
    words : str
        The text alternative.
    """
    elements = [
        _write(14, 14, headline.replace("E ", "$E$ "), bold=True),
        *_input_space(state),
        *_hidden_space(state),
        *_table(state),
        *_curve(state),
        *_legend(),
    ]
    return svg.document(elements, _WIDTH, _HEIGHT, words)


# The two planes.


def _input_space(state):
    """Draw the plane of the inputs: where the output is above 0.5, the hidden units' lines."""
    square, network = _INPUTS, state.network
    parts = [square.frame(PAPER)]
    heights = network.forward(_REGION).net_inputs[-1][:, 0] - network.thresholds[-1][0]
    side = len(_REGION_AXIS)
    contours = contourpy.contour_generator(
        _REGION_AXIS, _REGION_AXIS, heights.reshape(side, side),
        fill_type=contourpy.FillType.OuterOffset,
    )  # fmt: skip
    top = max(float(heights.max()), 0.0) + 1.0
    outlines = [
        points[start:end]
        for points, offsets in zip(*contours.filled(0.0, top), strict=True)
        for start, end in pairwise(offsets)
    ]
    if outlines:
        parts.append(_path(square, outlines, fill=CLASS_ONE_TINT, closed=True))
    parts += _grid(square, _GRID, _EDGES)
    boundary = contours.lines(0.0)
    if boundary:
        parts.append(_path(square, boundary, stroke=INK, width=2.5))
    lines, unseen = _unit_lines(square, _rows(state)[:2], X, boundary)
    parts += lines
    parts += _frame_and_axes(square, "input space", "x", unseen)
    parts += _samples(square, X)
    return parts


def _hidden_space(state):
    """Draw the plane of the hidden units' answers: where the input plane lands in it."""
    square = _HIDDEN
    line = _rows(state)[2]
    parts = [square.frame(PAPER)]
    heights = square.box @ line[:2] - line[2]
    if (heights > 0).any():
        firing = clip(square.box, line[:2], line[2])
        parts.append(polygon([square.at(corner) for corner in firing], CLASS_ONE_TINT))
    landed = [
        state.network.forward(lines.reshape(-1, 2)).outputs[1].reshape(lines.shape)
        for lines in (_GRID, _EDGES)
    ]
    parts += _grid(square, *landed)
    for h, (colour, dash) in enumerate(_UNITS):
        ends = np.full((2, 2), 0.5)
        ends[:, 1 - h] = 0.0, 1.0
        start, end = square.all_at(ends)
        parts.append(svg.line(start, end, stroke=colour, width=1.5, dash=dash))
    unseen = []
    if (heights > 0).any() and (heights < 0).any():
        start, end = (square.at(point) for point in segment(square.box, line))
        parts.append(svg.line(start, end, stroke=INK, width=2.5))
    else:
        unseen.append(f"$y_hat$ {_side(heights)}")
    parts += _frame_and_axes(square, "hidden space", "b", unseen)
    parts += _samples(square, state.hidden)
    return parts


def _rows(state):
    """Return weights and threshold of the three units, (3, 3)."""
    return np.array(state.parameters).reshape(3, 3)


def _grid(square, lines, edges):
    """Draw the grid of the inputs where it is, or where it has landed."""
    return [
        _path(square, lines, stroke=FORWARD, width=0.7),
        _path(square, edges, stroke=FORWARD, width=2),
    ]


def _path(square, lines, *, fill="none", stroke="none", width=0.0, closed=False):
    """Draw many lines as one element."""
    pieces = []
    for line in lines:
        places = [f"{svg.number(x)},{svg.number(y)}" for x, y in square.all_at(line).tolist()]
        pieces.append(f"M{' '.join(places)}{'Z' if closed else ''}")
    return (
        f'<path d="{"".join(pieces)}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" '
        f'stroke-width="{svg.number(width)}"/>'
    )


def _unit_lines(square, rows, points, boundary):
    """Return the hidden units' lines with arrows, and what to say where one is not seen."""
    parts, unseen = [], []
    places = [square.at(point) for point in points]
    taken = places + [_name_at(square, *place, "00") for place in places]
    curve = np.concatenate([np.empty((0, 2)), *map(square.all_at, boundary)])
    for h, (row, (colour, dash)) in enumerate(zip(rows, _UNITS, strict=True)):
        heights = square.box @ row[:2] - row[2]
        if not ((heights > 0).any() and (heights < 0).any()):
            unseen.append(f"$b_{h + 1}$ {_side(heights)}")
            continue
        start, end = (np.array(square.at(point)) for point in segment(square.box, row))
        parts.append(svg.line(start, end, stroke=colour, width=2.5, dash=dash))
        along = row[:2] / np.hypot(*row[:2]) * (1, -1)
        feet = [start + share * (end - start) for share in (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)]
        foot = max(feet, key=partial(_room, square, along, taken, curve))
        parts.append(arrow(foot, foot + 26 * along, colour, width=2.5))
        x, y = foot + 38 * along
        parts.append(_write(x, y, f"$b_{h + 1}$", anchor="middle", colour=colour, bold=True))
        taken += [(x, y), tuple(foot)]
    return parts, unseen


def _room(square, along, taken, curve, foot):
    """Return how far an arrow and its letter stay from what is there already, 45 px at most.

    From the curve only the letter must stay away, and half as far.
    """
    tip = foot + 38 * along
    left, top, side = square.left, square.top, square.side
    edges = min(tip[0] - left, left + side - tip[0], tip[1] - top, top + side - tip[1])
    gaps = [float(np.hypot(*(at - np.array(spot)))) for spot in taken for at in (tip, foot)]
    off_curve = np.hypot(*(curve - tip).T).min(initial=45.0)
    return min(2 * edges, *gaps, 2 * off_curve, 45.0)


def _side(heights):
    """Say on which side of 0.5 the whole square lies."""
    if (heights == 0).all():
        return "= 0.5"
    return "> 0.5" if heights.max() > 0 else "< 0.5"


def _frame_and_axes(square, title, letter, unseen):
    left, top, side = square.left, square.top, square.side
    bottom = top + side
    parts = [square.frame(), _write(left, 38, title, bold=True)]
    if unseen:
        parts.append(_note(left + side, 38, f"here {', '.join(unseen)}", anchor="end"))
    for tick in (0, 1):
        x, y = square.at((tick, tick))
        parts += [
            svg.line((x, bottom), (x, bottom + 4), stroke=MUTED, width=1),
            svg.line((left - 4, y), (left, y), stroke=MUTED, width=1),
            _note(x, bottom + 13, str(tick), anchor="middle"),
            _note(left - 8, y, str(tick), anchor="end"),
        ]
    parts.append(_write(left + side / 2, bottom + 16, f"${letter}_1$", anchor="middle"))
    parts.append(_write(left - 22, top + side / 2, f"${letter}_2$", anchor="middle"))
    return parts


def _samples(square, points):
    """Draw the four samples, each with its input beside it; those that fall together share it."""
    places = [square.at(point) for point in points]
    groups = []
    for k, place in enumerate(places):
        near = (g for g in groups if np.hypot(*np.subtract(places[g[0]], place)) < 22)
        group = next(near, None)
        groups.append([k]) if group is None else group.append(k)
    parts = []
    for k in sorted(range(4), key=LABELS.__getitem__):
        (group,) = (group for group in groups if k in group)
        if LABELS[group].any() and not LABELS[k]:  # still to be seen where a square lies on it
            parts.append(svg.circle(*places[k], 11, fill=CLASS_ZERO, stroke=INK, stroke_width=1.7))
        else:
            parts.append(sample_mark(*places[k], LABELS[k]))
    for group in groups:
        x, y = np.mean([places[k] for k in group], axis=0)
        text = ", ".join(NAMES[k] for k in group)
        at = _name_at(square, x, y, text)
        parts.append(svg.rectangle(*at, _width_of(text) + 4, 16, fill=PAPER))
        parts.append(_write(*at, text, size=13, anchor="middle"))
    return parts


def _name_at(square, x, y, text):
    """Return where the name of a sample stands, beside its mark."""
    side = -1 if x > square.left + square.side / 2 else 1
    return x + side * (13 + _width_of(text) / 2), y - 17 if y > square.top + 30 else y + 17


def _width_of(name):
    return svg.width_of(svg.sentence(name, 13))


# The truth table and the error so far.


def answer_in_words(answer) -> str:
    """Write an answer; near 0.5, where rounding decides, with one more decimal.

    Examples
    --------
    >>> [answer_in_words(answer) for answer in (0.0321, 0.4987, 0.5026)]
    ['0.03', '0.499', '0.503']
    """
    return svg.decimal(answer, 3 if svg.decimal(answer, 2) == "0.50" else 2)


_COLUMNS = (34, 92, 150, 212, 258, 308)


def _table(state):
    left, top = _TABLE
    heads = ("input", "$b_1$", "$b_2$", "$y_hat$", "$y$", "rounded")
    parts = [
        _write(left + x, top, head, anchor="middle", size=13)
        for x, head in zip(_COLUMNS, heads, strict=True)
    ]
    parts.append(svg.line((left, top + 13), (left + 340, top + 13), stroke=FAINT, width=1))
    for k, name in enumerate(NAMES):
        y = top + 28 + 26 * k
        cells = (
            *(svg.decimal(b, 2) for b in state.hidden[k]),
            answer_in_words(state.answers[k]),
            str(LABELS[k]),
            "✓ right" if state.right[k] else "✗ wrong",
        )
        row = [
            svg.rectangle(left + 170, y, 340, 24),
            sample_mark(left + 12, y, LABELS[k]),
            _write(_COLUMNS[0] + left + 6, y, name, anchor="middle"),
        ]
        row += [
            _write(left + x, y, cell, anchor="middle")
            for x, cell in zip(_COLUMNS[1:], cells, strict=True)
        ]
        parts.append(svg.choice(row, f"sample {name}"))
    return parts


def _curve(state):
    """Draw the error against the epochs of all runs, a dot at what it is now."""
    left, top, width, height = _CURVE
    losses, epochs = state.losses, state.epochs
    right, highest = max(epochs, 100), max(0.2, float(np.ceil(losses.max() * 20) / 20))

    def at(epoch, loss):
        return left + width * epoch / right, top + height * (1 - loss / highest)

    bottom = top + height
    parts = [_write(left - 36, top + height / 2, "$E$", anchor="middle")]
    for tick in ticks(0, highest):
        y = at(0, tick)[1]
        parts.append(svg.line((left, y), (left + width, y), stroke=FAINT, width=1))
        parts.append(_note(left - 6, y, f"{tick:g}", anchor="end"))
    for tick in ticks(0, right):
        x = at(tick, 0)[0]
        parts.append(svg.line((x, bottom), (x, bottom + 4), stroke=MUTED, width=1))
        parts.append(_note(x, bottom + 13, f"{tick:g}", anchor="middle"))
    parts.append(_note(left + width, bottom + 29, "epochs of training", anchor="end"))
    for epoch in state.changes:
        x = at(epoch, 0)[0]
        parts.append(svg.line((x, top), (x, bottom), stroke=INK, width=1.5, dash="2 3"))
    shown = np.unique(np.linspace(0, epochs, min(epochs + 1, _MOST_POINTS)).round().astype(int))
    if epochs:
        points = [at(k, losses[k]) for k in shown.tolist()]
        parts.append(svg.polyline(points, stroke=BACKWARD, width=2))
    parts.append(svg.circle(*at(epochs, losses[-1]), 5, fill=PAPER, stroke=INK, stroke_width=2))
    return parts


def _legend():
    """Explain every line, ground and mark."""
    first, second, third = _HEIGHT - 66, _HEIGHT - 42, _HEIGHT - 18
    text = partial(svg.write, size=13)

    def sample(x, y, **look):
        return svg.line((x, y), (x + 30, y), **look)

    (colour_1, dash_1), (colour_2, dash_2) = _UNITS
    return [
        svg.line((14, first - 18), (_WIDTH - 14, first - 18), stroke=FAINT, width=1),
        sample_mark(24, first, 0),
        text(38, first, "label 0"),
        sample_mark(100, first, 1),
        text(114, first, "label 1"),
        svg.rectangle(205, first, 30, 14, fill=CLASS_ONE_TINT, stroke=FAINT, stroke_width=1),
        text(228, first, "output $y_hat$ above 0.5"),
        sample(420, first, stroke=INK, width=2.5),
        text(458, first, "$y_hat$ = 0.5; straight in hidden space"),
        sample(14, second, stroke=colour_1, width=2.5, dash=dash_1),
        text(52, second, "$b_1$ = 0.5"),
        sample(130, second, stroke=colour_2, width=2.5, dash=dash_2),
        text(168, second, "$b_2$ = 0.5; arrow: where it is above"),
        sample(420, second + 0.5, stroke=FORWARD, width=0.7),  # on a row of pixels, not between
        text(458, second, "grid of the inputs, and where it lands"),
        sample(14, third, stroke=BACKWARD, width=2),
        text(52, third, "error $E$"),
        svg.circle(145, third, 5, fill=PAPER, stroke=INK, stroke_width=2),
        text(168, third, "now"),
        svg.line((225, third - 9), (225, third + 9), stroke=INK, width=1.5, dash="2 3"),
        text(236, third, "changed by hand"),
        sample(420, third, stroke=FORWARD, width=2),
        text(458, third, "square of the four inputs"),
    ]
