"""A computation as a drawing: one box a number, one arrow from each number to what it feeds."""

from collections import defaultdict

from backprop_kit.numeric.validation import as_count
from backprop_kit.visual import svg
from backprop_kit.visual.palette import BACKWARD_TEXT, FORWARD, INK, MUTED, PAPER

_BOX = (228, 28)
_GAP = (24, 62)  # between boxes side by side, and from row to row
_MOST_NODES = 40
_TEXT = 13


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
    rows = _rows(result)
    height = len(rows) * _GAP[1] - (_GAP[1] - _BOX[1]) + 16
    width = max(len(row) for row in rows) * (_BOX[0] + _GAP[0]) - _GAP[0] + 140
    places = _places(rows, width)
    elements = []
    for node in (node for row in rows for node in row):
        elements += _arrows(node, places, decimals, backward, width / 2)
    for row in rows:
        for node in row:
            elements += _box(node, places[id(node)], decimals, backward)
    names = ", ".join(node.name or "a number" for row in rows for node in row)
    return svg.document(elements, width, height, f"Computation graph: {names}")


def _rows(result):
    """Return the nodes row by row from the top; each stands above all that it feeds."""
    order, seen, to_visit = [], set(), [(result, False)]
    while to_visit:  # no recursion: a graph may be deep
        node, done = to_visit.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            if len(seen) > _MOST_NODES:
                raise ValueError(f"result has more than {_MOST_NODES} nodes behind it")
            to_visit.append((node, True))
            try:
                to_visit += [(source, False) for source, _ in reversed(node.links)]
            except AttributeError:
                raise TypeError(f"result must be a node with links, got {node!r:.60}") from None
    distance = defaultdict(int)  # of a node to the result, along the longest path
    for node in reversed(order):
        for source, _ in node.links:
            distance[id(source)] = max(distance[id(source)], distance[id(node)] + 1)
    rows = [[] for _ in range(max(distance.values(), default=0) + 1)]
    for node in order:
        rows[-1 - distance[id(node)]].append(node)
    return rows


def _places(rows, width):
    """Return the centre of every node's box by its id; each row is centred."""
    places = {}
    for number, row in enumerate(rows):
        step = _BOX[0] + _GAP[0]
        left = (width - (len(row) - 1) * step) / 2
        for position, node in enumerate(row):
            places[id(node)] = (left + position * step, 8 + _BOX[1] / 2 + number * _GAP[1])
    return places


def _arrows(node, places, decimals, backward, centre):
    """Return the arrows into a node, twins side by side, slopes on the side away from `centre`."""
    twins, drawn, elements = defaultdict(int), defaultdict(int), []
    for source, _ in node.links:
        twins[id(source)] += 1
    for source, slope in node.links:
        shift = 40 * (drawn[id(source)] - (twins[id(source)] - 1) / 2)
        drawn[id(source)] += 1
        (x0, y0), (x1, y1) = places[id(source)], places[id(node)]
        start, end = (x0 + shift, y0 + _BOX[1] / 2), (x1 + shift, y1 - _BOX[1] / 2)
        elements.append(svg.arrow(start, end, stroke=MUTED, width=1.6))
        if backward:
            lean = abs(end[0] - start[0]) / (end[1] - start[1])
            away = 10 + min(30, 8 * lean)  # a slanted arrow passes under the corners of its text
            x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 3
            side = -1 if x < centre else 1
            words = [(f"slope {svg.decimal(slope, decimals)}", svg.SMALL, False, 0)]
            anchor = "end" if side < 0 else "start"
            elements.append(
                svg.text(x + side * away, y, words, colour=BACKWARD_TEXT, anchor=anchor)
            )
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
