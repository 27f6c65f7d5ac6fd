"""The picture of a perceptron's training: the plane of the inputs, the rule, the weights."""

from functools import partial

import numpy as np

from backprop_kit.visual import svg
from backprop_kit.visual.explorers.perceptron_words import key_of
from backprop_kit.visual.palette import (
    BACKWARD,
    BACKWARD_TEXT,
    CLASS_ONE_TINT,
    FAINT,
    INK,
    MUTED,
    PAPER,
)
from backprop_kit.visual.plane import (
    Square,
    arrow,
    clip,
    polygon,
    sample_mark,
    segment,
    ticks,
    unseen,
)

LOW, HIGH = -1.0, 2.0  # of both inputs: where points may stand

_EDGES = (LOW - 0.25, HIGH + 0.25)  # room for the marks of points at the ends
_WIDTH, _HEIGHT = 720, 474
_PLANE = (56, 50, 330)  # left, top and side of the square of the inputs
_WEIGHTS = (430, 244, 136)  # of the square of the weights
_LEFT = 414  # of the text at the right
_RING, _OUTER_RING = 15, 20


class Picture:
    """The drawing of any state of one run: one scale of the weights for all of them.

    Parameters
    ----------
    words : Words
    """

    def __init__(self, words):
        self.words = words
        self.record = words.record
        self.plane = Square((_EDGES[0], _EDGES[0]), _EDGES[1] - _EDGES[0], _PLANE)
        path = np.vstack([self.record.weight_path[:, :2], [[0, 0]]])
        middle = (path.min(axis=0) + path.max(axis=0)) / 2
        span = 1.25 * float(np.ptp(path, axis=0).max()) or 2.0
        self.weights = Square(middle - span / 2, span, _WEIGHTS)
        self.points = [self.plane.at(x) for x in self.record.X]

    def draw(self, state, next_point) -> str:
        """Draw a state, and where the next point would be put."""
        parts = [
            *self._title(state),
            *self._inputs(state),
            *self._tag(state, next_point),
            _cross(*self.plane.at(next_point)),
            svg.surface("plane", *_PLANE, _PLANE[2], _EDGES, _EDGES),
            *self._samples(),
            *self._text(state),
            *self._weights_plane(state),
            *_legend(),
        ]
        return svg.document(parts, _WIDTH, _HEIGHT, self.words.says(state))

    def _title(self, state):
        title = {
            "start": "start",
            "correction": f"correction {state.number}, round {state.round}",
            "end": self.words.ending(state),
        }[state.kind]
        parts = [_write(_PLANE[0], 14, title, bold=True)]
        if state.repeats is not None:
            parts.append(_write(_LEFT, 14, f"↻ repeats correction {state.repeats}", bold=True))
        return parts

    def _inputs(self, state):
        """Draw the plane of the inputs: sides, lines, rings."""
        plane, box = self.plane, self.plane.box
        W = _scaled(state.weights)
        firing = clip(box, W[:2], W[2])
        parts = [plane.frame(PAPER)]
        if len(firing):
            parts.append(polygon([plane.at(corner) for corner in firing], CLASS_ONE_TINT))
        parts += [plane.frame(), *self._axes()]
        hidden = {}
        if state.step is not None:
            before = _scaled(state.step.weights_before)
            parts += self._line(before, MUTED, "7 5", hidden, "before")
        parts += self._line(W, INK, "", hidden, "now")
        corrected = self._corrected(state)
        for k, (x, y) in enumerate(self.points):
            if k in state.wrong:
                parts.append(_ring(x, y))
            if k in corrected:
                parts.append(_ring(x, y, dashed=True))
        if "now" not in hidden:
            parts += self._fires(W)
        said = "; ".join(f"{when}: {why}" for when, why in hidden.items())
        if said:  # above the plane, where it hides no sample
            parts.append(_write(plane.left, 35, said, size=12))
        return parts

    def _corrected(self, state):
        if state.step is None:
            return ()
        if state.step.sample is None:
            return tuple(int(k) for k in state.step.wrong)
        return (state.step.sample,)

    def _axes(self):
        plane = self.plane
        bottom = plane.top + plane.side
        parts = [
            _write(plane.left + plane.side / 2, bottom + 24, "$x_1$", anchor="middle"),
            _write(plane.left - 44, plane.top + plane.side / 2, "$x_2$", anchor="middle"),
        ]
        for axis in (0, 1):
            for tick in ticks(plane.low[axis], plane.span):
                share = plane.side * (tick - plane.low[axis]) / plane.span
                label = f"{tick:g}".replace("-", "−")
                if axis == 0:
                    x = plane.left + share
                    parts.append(
                        svg.line((x, bottom), (x, bottom + 4), stroke=MUTED, width=1)
                        + _write(x, bottom + 12, label, size=12, anchor="middle")
                    )
                else:
                    y = bottom - share
                    parts.append(
                        svg.line((plane.left - 4, y), (plane.left, y), stroke=MUTED, width=1)
                        + _write(plane.left - 7, y, label, size=12, anchor="end")
                    )
        return parts

    def _line(self, W, colour, dash, hidden, when):
        """Draw a decision line, or put into `hidden` why there is none to see."""
        why = unseen(W, self.plane.box)
        if why:
            hidden[when] = ", ".join(why)
            return []
        start, end = (self.plane.at(point) for point in segment(self.plane.box, W))
        return [svg.line(start, end, stroke=colour, width=2.5, dash=dash)]

    def _fires(self, W):
        """Draw the arrow to the firing side, where it hides no sample."""
        start, end = (np.array(self.plane.at(point)) for point in segment(self.plane.box, W))
        along = W[:2] / np.hypot(*W[:2]) * (1, -1)
        left, top, side = _PLANE

        taken = [(x + shift, y - shift) for x, y in self.points for shift in (0, 22)]

        def room(share):
            word = start + share * (end - start) + 46 * along
            edges = min(word[0] - left, left + side - word[0], word[1] - top, top + side - word[1])
            ways = [
                float(np.hypot(*(word - far * along - spot))) for spot in taken for far in (0, 25)
            ]
            return min(edges, *ways, 40)

        share = max((0.5, 0.35, 0.65, 0.2, 0.8, 0.08, 0.92), key=room)
        foot = start + share * (end - start)
        half = np.array([18, 9])  # of the word
        corner = np.array([left, top])
        word = np.clip(foot + 46 * along, corner + half, corner + side - half)
        free = float((word - foot) @ along - half @ np.abs(along))
        if free >= 14:
            named = _write(*word, "fires", size=12, anchor="middle")
            return [arrow(foot, foot + min(free, 30) * along, INK), named]
        # The strip is too narrow for the word; the legend explains the arrow.
        reach = min(
            float(((edge if way > 0 else edge - side) - spot) / way)
            for spot, way, edge in zip(foot, along, (left + side, top + side), strict=True)
            if way
        )
        return [arrow(foot, foot + min(reach - 2, 30) * along, INK)]

    def _tag(self, state, next_point):
        """Write beside the corrected sample what was wrong there."""
        if state.step is None or state.step.sample is None:
            return []  # many tags would hide samples: the text at the right says it
        left, top, side = _PLANE
        k = state.step.sample
        fired = state.step.predictions[k]
        text = "fired, should not" if fired else "was silent, should fire"
        width = 104 if fired else 136
        x, y = self.points[k]
        spots = [
            (
                min(max(a, left + width / 2 + 2), left + side - width / 2 - 2),
                min(max(b, top + 11), top + side - 11),
            )
            for a, b in (
                (x, y + 34), (x, y - 42), (x + width / 2 + 26, y), (x - width / 2 - 26, y)
            )
        ]  # fmt: skip
        occupied = [(x, y, 14) for x, y in (*self.points, self.plane.at(next_point))]
        occupied += [(x + 24, y - 20, 10) for x, y in self.points]  # the names

        def hidden(spot):
            return sum(
                abs(spot[0] - x) < width / 2 + size and abs(spot[1] - y) < 9 + size
                for x, y, size in occupied
            )

        a, b = min(spots, key=hidden)
        return [
            svg.rectangle(a, b, width, 18, stroke=BACKWARD, stroke_width=1),
            _write(a, b, text, size=12, anchor="middle", colour=BACKWARD_TEXT),
        ]

    def _samples(self):
        """Draw the samples; a 1 comes last, so that a 0 on the same spot is seen around it."""
        order = sorted(range(len(self.points)), key=lambda k: self.record.y[k])
        parts = []
        for k in order:
            x, y = self.points[k]
            mark = sample_mark(x, y, self.record.y[k])
            wide = svg.circle(x, y, 13, fill="transparent", stroke="none", stroke_width=0)
            label = f"sample {self.words.names[k]}, label {self.record.y[k]}"
            parts.append(svg.choice([wide, mark], key_of(self.words.names[k]), label=label))
        placed = {}
        for k, point in enumerate(self.points):
            placed.setdefault(point, []).append(self.words.names[k])
        parts += [
            _write(x + 17, y - 19, ", ".join(names), size=13) for (x, y), names in placed.items()
        ]
        return parts

    def _text(self, state):
        """Write the rule with its numbers, or what there is to say at the start and the end."""
        words, step = self.words, state.step
        if not len(self.record.X):
            return _lines(_wrapped(words.says(state)))
        if state.kind == "end":
            weights = f"$W$ = {words.row(state.weights)}"
            return _lines([*_wrapped(self.record.message), *_wrapped(words.beyond()), "", weights])
        if state.kind == "start":
            mode = "one sample at a time" if self.record.mode == "one" else "all samples at once"
            lines = [
                "$W$ = ($W_1$, $W_2$, $W_dum$)",
                f"= {words.row(state.weights)}",
                "",
                f"$eta$ = {words.number(self.record.eta)}, {mode}",
            ]
            if len(words.states) == 1:
                lines += ["", *_wrapped(self.record.message)]
            return _lines(lines)
        rule, before, added, after = words.rule(step)
        if step.sample is None:
            lines = ["all wrong samples together"]
            for fired, what in ((1, "fired, should not"), (0, "were silent, should fire")):
                those = [k for k in step.wrong if step.predictions[k] == fired]
                lines += [f"{what}: {words.named(those)}"] if those else []
            total = self.words.row(sum(step.errors[k] * words.X_dummy[k] for k in step.wrong))
            added = f"+ {words.number(self.record.eta)} · {total}"
        else:
            k = step.sample
            lines = [
                f"sample {words.names[k]}, label $y$ = {self.record.y[k]}",
                f"$W$ · $x$ = {words.products(step.weights_before, k)}",
                words.verdict(step.weights_before, k).replace("ŷ", "$y_hat$"),
            ]
        for letter, label in (("W", "$W$"), ("η", "$eta$"), ("ŷ", "$y_hat$"), ("x", "$x$")):
            rule = rule.replace(letter, label)
        rule = rule.replace("(y ", "($y$ ")
        return _lines([*lines, "", rule, f"= {before}", added, after])

    def _weights_plane(self, state):
        """Draw (W1, W2): before, the correction, now."""
        plane = self.weights
        left, top, side = _WEIGHTS
        origin = plane.at((0, 0))
        parts = [
            plane.frame(PAPER),
            svg.line((left, origin[1]), (left + side, origin[1]), stroke=FAINT, width=1),
            svg.line((origin[0], top), (origin[0], top + side), stroke=FAINT, width=1),
            _write(origin[0], top + side + 10, "0", size=12, anchor="middle"),
            _write(left - 9, origin[1], "0", size=12, anchor="middle"),
            *self._letters(origin),
        ]
        now = plane.at(state.weights[:2])
        x = left + side + 16
        parts.append(arrow(origin, now, INK))
        rows = [("$W$ now", state.weights[:2], INK, "")]
        if state.step is not None:
            step = state.step
            before = plane.at(step.weights_before[:2])
            shift = _aside(origin, before, now)
            parts += [
                arrow(np.add(origin, shift), np.add(before, shift), MUTED, dash="5 4"),
                arrow(np.add(before, shift), np.add(now, shift), BACKWARD, width=3),
            ]
            if any(shift):
                parts.append(_write(x, top + side + 12, "drawn side by side", size=12))
            rows = [
                ("$W$ before", step.weights_before[:2], MUTED, "5 4"),
                ("correction", step.correction[:2], BACKWARD, ""),
                *rows,
            ]
        parts.append(_write(x, top + 8, "($W_1$, $W_2$)", size=13))
        for place, (label, pair, colour, dash) in enumerate(rows):
            y = top + 34 + 38 * place
            width = 3 if colour == BACKWARD else 2
            parts.append(arrow((x, y), (x + 30, y), colour, width=width, dash=dash))
            parts.append(_write(x + 38, y, label, size=13))
            parts.append(_write(x + 38, y + 16, self.words.row(pair), size=13))
        return parts

    def _letters(self, origin):
        """Name the axes of the weights where the 0 leaves room."""
        left, top, side = _WEIGHTS
        x = left + side - 10 if origin[0] < left + side / 2 else left + 10
        y = top + 10 if origin[1] > top + side / 2 else top + side - 10
        return [
            _write(x, top + side + 12, "$W_1$", anchor="middle"),
            _write(left - 16, y, "$W_2$", anchor="middle"),
        ]


def _scaled(weights):
    """Return weights of the same line and the same sides, the largest of size 1."""
    size = np.abs(weights).max()
    return weights / size if size > 0 else weights


def _aside(origin, before, now):
    """Return a shift in px that keeps arrows apart that would lie on one another."""
    first, second = np.subtract(before, origin), np.subtract(now, before)
    along = first if first.any() else second
    length = np.hypot(*along)
    if length == 0 or abs(first[0] * second[1] - first[1] * second[0]) > 1:
        return (0.0, 0.0)
    return (5 * along[1] / length, -5 * along[0] / length)


def _ring(x, y, *, dashed=False, radius=None):
    radius = radius or (_OUTER_RING if dashed else _RING)
    dash = "4 3" if dashed else ""
    return svg.circle(x, y, radius, fill="none", stroke=BACKWARD, stroke_width=2.5, dash=dash)


_write = partial(svg.write, size=14)


def _lines(lines):
    """Write lines from the top of the right side."""
    room = _WIDTH - _LEFT
    parts, y = [], 58
    for line in lines:
        if line:
            fits = svg.width_of(svg.sentence(line, 14)) <= room
            parts.append(_write(_LEFT, y, line, size=14 if fits else 12))
        y += 22 if line else 8
    return parts


def _wrapped(text, most=36):
    """Break a sentence into lines."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _legend():
    """Explain every mark of the plane of the inputs."""
    upper, lower = _HEIGHT - 38, _HEIGHT - 14
    items = [
        (upper, sample_mark(64, upper, 0), 80, "$y$ = 0"),
        (upper, sample_mark(144, upper, 1), 160, "$y$ = 1"),
        (upper, _ring(230, upper, radius=9), 248, "wrong now"),
        (upper, _ring(350, upper, radius=9, dashed=True), 368, "was wrong, is corrected here"),
        (lower, _sample_line(56, lower, MUTED, "7 5"), 100, "line before"),
        (lower, _sample_line(196, lower, INK, ""), 240, "line now"),
        (lower, _fires_key(330, lower), 374, "side that fires now"),
        (lower, _cross(536, lower), 552, "next point"),
    ]
    return [mark + _write(x, y, text, size=13) for y, mark, x, text in items]


def _sample_line(x, y, colour, dash):
    return svg.line((x, y), (x + 36, y), stroke=colour, width=2.5, dash=dash)


def _cross(x, y):
    return svg.line((x - 8, y), (x + 8, y), stroke=MUTED, width=2) + svg.line(
        (x, y - 8), (x, y + 8), stroke=MUTED, width=2
    )


def _fires_key(x, y):
    box = svg.rectangle(x + 18, y, 36, 16, fill=CLASS_ONE_TINT, stroke=MUTED, stroke_width=1)
    return box + arrow((x + 6, y), (x + 30, y), INK)
