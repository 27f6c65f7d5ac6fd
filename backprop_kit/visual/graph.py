"""A computation as a drawing: one box a number, one arrow from each number to what it feeds."""

from dataclasses import dataclass
from itertools import pairwise

from backprop_kit.numeric.validation import as_count
from backprop_kit.visual import svg
from backprop_kit.visual.palette import BACKWARD_TEXT, FORWARD, INK, MUTED, PAPER

_BOX = (228, 28)
_GAP = (24, 62)  # between boxes side by side, and from row to row
_BEND = 26  # room beside a box for an arrow that passes it
_MARGIN = 78  # left and right of all boxes, for the slopes
_MOST_NODES = 40
_TEXT = 13


@dataclass(eq=False)
class _Place:
    """Where a number stands; unlike numbers, two places are never equal."""

    node: object
    links: list


@dataclass(eq=False)
class _Bend:
    """A place where an arrow passes a row of boxes."""


@dataclass(eq=False)
class _Arrow:
    """From a number to one that it feeds, over bends; `shift` sets twins side by side."""

    slope: float
    stations: list
    shift: float


def graph_diagram(result, *, decimals=4, backward=True) -> str:
    """Draw what a number was made from, from the top down (SOURCES E5).

    Parameters
    ----------
    result : object
        A node with a ``name``, a ``value``, a ``grad`` and ``links``: pairs of a node that it was
        made from and the local slope.
    decimals : int, default 4
        Decimals of all numbers.
    backward : bool, default True
        Whether to write the slopes at the arrows and `grad` into the boxes.

    Returns
    -------
    str
        The drawing; `show` puts it on the page.

    Raises
    ------
    TypeError
        If `result` is no such node.
    ValueError
        If there are more nodes than a drawing can hold (40).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> u = SimpleNamespace(name="u", value=3.0, grad=6.0, links=[])
    >>> square = SimpleNamespace(name="*", value=9.0, grad=1.0, links=[(u, 3.0), (u, 3.0)])
    >>> drawing = graph_diagram(square)
    >>> "9.0000" in drawing, drawing.count("slope 3.0000")
    (True, 2)
    """
    decimals = as_count("decimals", decimals, minimum=0)
    nodes = _behind(result)
    rows, arrows = _rows(nodes)
    places = _places(rows, arrows)
    left = min(x - _width(item) / 2 for item, (x, _) in places.items()) - _MARGIN
    right = max(x + _width(item) / 2 for item, (x, _) in places.items()) + _MARGIN
    places = {item: (x - left, y) for item, (x, y) in places.items()}
    elements = []
    for arrow in arrows:
        elements += _lines(arrow, places, decimals, backward)
    for node in nodes:
        elements += _box(node.node, places[node], decimals, backward)
    height = (len(rows) - 1) * _GAP[1] + _BOX[1] + 16
    names = ", ".join(node.node.name or "a number" for node in nodes)
    return svg.document(elements, right - left, height, f"Computation graph: {names}")


def _behind(result):
    """Return the numbers that a result was made from, each after its sources."""
    order, seen, to_visit = [], {}, [(result, False)]
    while to_visit:  # no recursion: a graph may be deep
        node, done = to_visit.pop()
        if done:
            links = [(seen[id(source)], slope) for source, slope in node.links]
            seen[id(node)].links.extend(links)
            order.append(seen[id(node)])
        elif id(node) not in seen:
            seen[id(node)] = _Place(node, [])
            if len(seen) > _MOST_NODES:
                raise ValueError(f"result has more than {_MOST_NODES} nodes behind it")
            to_visit.append((node, True))
            try:
                to_visit += [(source, False) for source, _ in reversed(node.links)]
            except AttributeError:
                raise TypeError(f"result must be a node with links, got {node!r:.60}") from None
    return order


def _rows(nodes):
    """Return nodes and bends row by row from the top, and the arrows between them."""
    distance = dict.fromkeys(nodes, 0)  # of a node to the result, along the longest path
    for node in reversed(nodes):
        for source, _ in node.links:
            distance[source] = max(distance[source], distance[node] + 1)
    last = max(distance.values())
    rows = [[] for _ in range(last + 1)]
    for node in nodes:
        rows[last - distance[node]].append(node)
    arrows = []
    for node in nodes:
        sources = [source for source, _ in node.links]
        for number, (source, slope) in enumerate(node.links):
            passed = range(last - distance[source] + 1, last - distance[node])
            bends = [_Bend() for _ in passed]
            for row, bend in zip(passed, bends, strict=True):
                rows[row].append(bend)
            before, twins = sources[:number].count(source), sources.count(source)
            shift = 0 if bends else 40 * (before - (twins - 1) / 2)
            arrows.append(_Arrow(slope, [source, *bends, node], shift))
    return rows, arrows


def _width(item):
    return _BEND if isinstance(item, _Bend) else _BOX[0]


def _places(rows, arrows):
    """Return the centre of every node and bend: above what it feeds, and none on another."""
    feeds = {item: [] for row in rows for item in row}
    for arrow in arrows:
        for upper, lower in pairwise(arrow.stations):
            feeds[upper].append(lower)
    places = {}
    for number in range(len(rows) - 1, -1, -1):
        wished = {item: _wish(feeds[item], places) for item in rows[number]}
        row = sorted(rows[number], key=wished.get)  # stable: equals stay in the order of making
        taken, edge = {}, 0.0
        for item in row:
            taken[item] = edge + _width(item) / 2
            edge += _width(item) + _GAP[0]
        shift = sum(wished[item] - taken[item] for item in row) / len(row)
        height = 8 + _BOX[1] / 2 + number * _GAP[1]
        places |= {item: (x + shift, height) for item, x in taken.items()}
    return places


def _wish(lower, places):
    """Return where a box would stand above what it feeds; boxes count before bends."""
    lower = [item for item in lower if isinstance(item, _Place)] or lower
    return sum(places[item][0] for item in lower) / max(1, len(lower))


def _lines(arrow, places, decimals, backward):
    """Return an arrow, its slope on the side that it comes from."""
    (x0, y0), *bends, (x1, y1) = (places[station] for station in arrow.stations)
    if bends:  # leave at the corner, clear of the slopes under the box
        leaves = x0 + max(-100, min(100, bends[0][0] - x0))
    else:
        leaves = x0 + arrow.shift + max(-60, min(60, (x1 - x0) / 4))
    last = bends[-1][0] if bends else x0
    enters = x1 + arrow.shift + max(-60, min(60, (last - x1) / 4))
    points = [(leaves, y0 + _BOX[1] / 2)]
    for x, y in bends:  # straight down past the boxes of the row
        points += [(x, y - _BOX[1] / 2), (x, y + _BOX[1] / 2)]
    points.append((enters, y1 - _BOX[1] / 2))
    elements = [
        svg.line(start, end, stroke=MUTED, width=1.6) for start, end in pairwise(points[:-1])
    ]
    start, end = points[-2:]
    elements.append(svg.arrow(start, end, stroke=MUTED, width=1.6))
    if backward:
        lean = abs(end[0] - start[0]) / (end[1] - start[1])
        away = 10 + min(40, 7 * lean)  # a slanted arrow passes under the corners of its text
        side = -1 if (arrow.shift or start[0] - end[0]) < 0 else 1
        middle = ((start[0] + end[0]) / 2 + side * away, (start[1] + end[1]) / 2 - 3)
        words = [(f"slope {svg.decimal(arrow.slope, decimals)}", svg.SMALL, False, 0)]
        anchor = "end" if side < 0 else "start"
        elements.append(svg.text(*middle, words, colour=BACKWARD_TEXT, anchor=anchor))
    return elements


def _box(node, place, decimals, backward):
    """Return a node's box: its name, its value and, at the right, its derivative."""
    x, y = place
    name = svg.spans(node.name, _TEXT)
    left = x - _BOX[0] / 2
    elements = [svg.rectangle(x, y, *_BOX, fill=PAPER, stroke=INK, stroke_width=1.2)]
    if node.name:
        elements.append(svg.text(left + 8, y, name, colour=INK, anchor="start", bold=True))
    value = [(svg.decimal(node.value, decimals), _TEXT, False, 0)]
    elements.append(svg.text(x + 10, y, value, colour=FORWARD, anchor="end"))
    if backward:
        grad = [(f"grad {svg.decimal(node.grad, decimals)}", _TEXT, False, 0)]
        elements.append(svg.text(x + _BOX[0] / 2 - 8, y, grad, colour=BACKWARD_TEXT, anchor="end"))
    return elements
