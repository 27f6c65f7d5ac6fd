"""What pictures of a plane share as SVG: the square, its lines, the marks of samples, arrows."""

import itertools

import numpy as np

from backprop_kit.visual import svg
from backprop_kit.visual.palette import CLASS_ONE, CLASS_ZERO, INK, MUTED


class Square:
    """A square of the plane on the page: from numbers to px.

    Parameters
    ----------
    low : array_like, shape (2,)
        The corner at the bottom left.
    span : float
        How much of the plane a side shows.
    place : tuple of float
        Left, top and side in px.

    Examples
    --------
    >>> square = Square((0, 0), 2, (10, 20, 100))
    >>> square.at((1, 2))
    (60.0, 20.0)
    >>> square.all_at([(0, 0), (2, 2)]).tolist()
    [[10.0, 120.0], [110.0, 20.0]]
    """

    def __init__(self, low, span, place):
        self.low, self.span = np.asarray(low, dtype=float), float(span)
        self.left, self.top, self.side = place

    def at(self, point):
        """Return where a point stands."""
        x, y = self.all_at(point).tolist()
        return x, y

    def all_at(self, points):
        """Return where points stand, shape (..., 2)."""
        share = (np.asarray(points, dtype=float) - self.low) / self.span
        share[..., 1] = 1 - share[..., 1]
        return (self.left, self.top) + self.side * share

    @property
    def box(self):
        """The four corners, shape (4, 2), counter-clockwise."""
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        return self.low + self.span * corners

    @property
    def middle(self):
        """The middle in px."""
        return (self.left + self.side / 2, self.top + self.side / 2)

    def frame(self, fill="none"):
        """Draw the square itself."""
        return svg.rectangle(
            *self.middle, self.side, self.side, fill=fill, stroke=MUTED, stroke_width=1, radius=0
        )


def segment(box, W):
    """Return the two points where the line ``W[:2] . x = W[2]`` leaves a box that it crosses.

    Examples
    --------
    >>> box = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    >>> [point.tolist() for point in segment(box, np.array([2, 0, 1]))]
    [[0.5, 0.0], [0.5, 1.0]]
    """
    heights = box @ W[:2] - W[2]
    ends = []
    for k in range(4):
        here, after = heights[k], heights[(k + 1) % 4]
        if (here >= 0) != (after >= 0):
            ends.append(box[k] + here / (here - after) * (box[(k + 1) % 4] - box[k]))
    return ends


def clip(corners, direction, theta):
    """Return the part of a convex polygon where ``direction . x >= theta``, shape (n, 2).

    Examples
    --------
    >>> box = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    >>> clip(box, np.array([2, 0]), 1).tolist()
    [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]
    """
    kept = []
    heights = corners @ direction - theta
    for k in range(len(corners)):
        here, after = heights[k], heights[(k + 1) % len(corners)]
        if here >= 0:
            kept.append(corners[k])
        if (here >= 0) != (after >= 0):
            share = here / (here - after)
            kept.append(corners[k] + share * (corners[(k + 1) % len(corners)] - corners[k]))
    return np.array(kept)


def unseen(W, box):
    """Return why no line is seen in the box, and how the neuron answers; else an empty tuple.

    Examples
    --------
    >>> unseen(np.array([0, 0, 1]), np.array([[0, 0], [1, 0], [1, 1], [0, 1]]))
    ('no line', 'fires nowhere')
    """
    direction, theta = W[:2], W[2]
    length = np.hypot(*direction)
    if length == 0:
        return "no line", f"fires {'everywhere' if theta <= 0 else 'nowhere'}"
    heights = (box @ direction - theta) / length
    edge = 0.02 * np.ptp(box[:, 0])  # a line that only grazes a corner is not seen
    if heights.max() <= edge:
        return "line outside", "silent here"
    if heights.min() >= -edge:
        return "line outside", "fires here"
    return ()


def ticks(low, span):
    """Return three to six round numbers inside an axis.

    Examples
    --------
    >>> ticks(0, 600)
    [0.0, 200.0, 400.0, 600.0]
    """
    rough = span / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
    first = np.ceil(low / step - 1e-9) + 0.0  # no minus zero
    return [
        round(float(k * step), 12)
        for k in itertools.takewhile(
            lambda k: k * step <= low + span * (1 + 1e-9), itertools.count(first)
        )
    ]


def sample_mark(x, y, label):
    """Draw a sample: a circle for label 0, a square for label 1."""
    if label:
        return svg.rectangle(x, y, 11, 11, fill=CLASS_ONE, stroke=INK, stroke_width=1.7, radius=0)
    return svg.circle(x, y, 8, fill=CLASS_ZERO, stroke=INK, stroke_width=1.7)


def arrow(start, end, colour, *, width=2, dash=""):
    """Draw an arrow whose head is never longer than half of it; a speck is left out."""
    start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    length = float(np.hypot(*(end - start)))
    if length < 1:
        return ""
    along = (end - start) / length
    head = min(9.0, length / 2)
    neck = end - head * along
    across = np.array([-along[1], along[0]]) * head * 0.55
    shaft = svg.line(start, neck, stroke=colour, width=width, dash=dash)
    return shaft + polygon([end, neck + across, neck - across], colour)


def polygon(corners, colour):
    """Fill a polygon."""
    points = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'
