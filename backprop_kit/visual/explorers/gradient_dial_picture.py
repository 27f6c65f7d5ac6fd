"""The picture of a gradient check: a panel for each block, with its curve and its verdict."""

from functools import partial

import numpy as np

from backprop_kit.numeric.gradcheck import AGREE, DIFFERS, ROUNDING_MARGIN
from backprop_kit.visual import svg
from backprop_kit.visual.palette import (
    BACKWARD,
    BACKWARD_TEXT,
    BACKWARD_TINT,
    FAINT,
    INK,
    MUTED,
    PAPER,
)

LOWEST = -16  # the smallest step size is 10 to this power
_FLOOR, _CEILING = -12, 1  # powers of ten; what is smaller lies on the floor
_WIDTH, _HEIGHT = 720, 546
_PANEL = (342, 190)
_PLACES = {"W1": (10, 50), "W2": (368, 50), "theta1": (10, 250), "theta2": (368, 250)}
_PLOT = (58, 50, 270, 100)  # left, top, width and height inside the panel
_NAMES = {
    "W1": "weights $v_ih$",
    "theta1": "thresholds $gamma_h$",
    "W2": "weights $w_hj$",
    "theta2": "thresholds $theta_j$",
}
_words = partial(svg.write, size=13)


def dial_picture(state, powers, label) -> str:
    """Draw a panel for each block: its verdict, its errors at all step sizes, the step chosen.

    Parameters
    ----------
    state : DialState
    powers : ndarray, shape (T,)
        The step sizes of the curves, as powers of ten.
    label : str
        The state in words.
    """
    panels = [_Panel(block, state, powers) for block in state.report.blocks]
    elements = _title(state)
    for panel in panels:
        elements += panel.draw()
    elements += _legend(state.report, any(panel.has_bar for panel in panels))
    return svg.document(elements, _WIDTH, _HEIGHT, label)


def _title(state):
    failing = [block.name for block in state.report.blocks if not block.passed]
    words, colour = "passed: every block agrees", INK
    if failing:
        words, colour = f"NOT passed: {', '.join(failing)}", BACKWARD_TEXT
    how = {"central": "central differences", "complex": "complex step"}[state.report.method]
    runs = svg.power_of_ten(state.power, 13, before=f"{how}, step size ")
    runs.append((f"; {state.checked}; {state.mistake}", 13, False, 0))
    return [
        _words(14, 16, words, size=16, bold=True, colour=colour),
        svg.text(14, 38, runs, colour=INK, anchor="start"),
    ]


class _Panel:
    """One block: where its errors stand on the page."""

    def __init__(self, block, state, powers):
        self.block, self.state, self.powers = block, state, powers
        self.x, self.y = _PLACES[block.name]
        left, top, self.width, self.height = _PLOT
        self.left, self.top = self.x + left, self.y + top
        self.bottom = self.top + self.height
        self.curve = state.curves[block.name]
        (self.at,) = np.flatnonzero(powers == state.power)

    @property
    def has_bar(self):
        """Whether the error is left open: rounding, or too near to it."""
        return not self.curve.seen[self.at] and np.isfinite(self.curve.rounding[self.at])

    def draw(self):
        limits = (LOWEST - 0.5, -0.5)
        return [
            self._frame(),
            *self._rounding(),
            *self._grid(),
            self._tolerance(),
            *self._errors(),
            *self._chosen(),
            svg.choice(self._heading(), self.block.name, label=self._spoken()),
            svg.surface(
                f"step size {self.block.name}", self.left, self.top, self.width, self.height,
                limits, (_FLOOR, _CEILING), drag=True,
            ),
        ]  # fmt: skip

    def _across(self, power):
        return self.left + (power - LOWEST + 0.5) / -LOWEST * self.width

    def _up(self, error):
        """Return the height of an error, in half px: further digits are those of one processor."""
        power = np.log10(np.clip(error, 10.0**_FLOOR, 10.0**_CEILING))
        share = (power - _FLOOR) / (_CEILING - _FLOOR)
        return np.round(2 * (self.bottom - share * self.height)) / 2

    def _frame(self):
        width, height = _PANEL
        look = dict(stroke=MUTED, stroke_width=1)
        if self.block.verdict == DIFFERS:
            look = dict(fill=BACKWARD_TINT, stroke=BACKWARD, stroke_width=4)
        frame = svg.rectangle(self.x + width / 2, self.y + height / 2, width, height, **look)
        plot = svg.rectangle(
            self.left + self.width / 2, self.top + self.height / 2, self.width, self.height,
            fill=PAPER, radius=0,
        )  # fmt: skip
        return frame + plot

    def _rounding(self):
        """Draw how far up rounding alone can lift a central difference, and the margin above."""
        if self.state.report.method == "complex":
            return []
        rounding = self.curve.rounding
        edge, margin = self._edge(rounding), self._edge(ROUNDING_MARGIN * rounding)
        points = [*edge, (edge[-1][0], self.bottom), (self.left, self.bottom)]
        places = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in points)
        band = f'<polygon points="{places}" fill="{FAINT}"/>'
        return [band, svg.polyline(margin, stroke=MUTED, width=1)]

    def _edge(self, errors):
        (_, first), *others = zip(self._across(self.powers), self._up(errors), strict=True)
        return [(self.left, first), *others]

    def _grid(self):
        elements = []
        for power in (0, -4, -8, -12):
            y = self._up(10.0**power)
            elements.append(
                svg.line((self.left, y), (self.left + self.width, y), stroke=FAINT, width=1)
            )
            before = "≤ " if power == _FLOOR else ""  # what is smaller lies there, too
            elements.append(_tick(self.left - 6, y, power, anchor="end", before=before))
        elements.append(_words(self.x + 12, self.top - 12, "relative error"))
        for power in range(LOWEST + 1, 0, 3):
            elements.append(_tick(self._across(power), self.bottom + 13, power))
        middle = self.left + self.width / 2
        elements.append(_words(middle, self.bottom + 29, "step size", anchor="middle"))
        return elements

    def _tolerance(self):
        y = self._up(self.block.tolerance)
        ends = (self.left, y), (self.left + self.width, y)
        return svg.line(*ends, stroke=MUTED, width=1.5, dash="6 4")

    def _errors(self):
        """Draw the curve, parted where nothing is drawn."""
        seen = np.flatnonzero(self.curve.seen)
        runs = np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1)
        points = np.column_stack(
            [self._across(self.powers), self._up(np.nan_to_num(self.curve.errors))]
        )
        return [svg.polyline(points[run], stroke=INK, width=2.5) for run in runs if len(run)]

    def _chosen(self):
        """Draw a line at the step size, and on it the error, or the range where rounding is."""
        x = self._across(self.state.power)
        parts = [svg.line((x, self.top), (x, self.bottom), stroke=MUTED, width=1)]
        if self.curve.seen[self.at]:
            y = self._up(self.curve.errors[self.at])
            # Open, so that the lines show which decide about it.
            parts.append(svg.circle(x, y, 6, fill="none", stroke=INK, stroke_width=2))
        elif self.has_bar:
            top = self._up(self.curve.rounding[self.at])
            parts.append(_bar(x, min(top, self.bottom - 6), self.bottom))
        return parts

    def _heading(self):
        width, _ = _PANEL
        mark = {AGREE: _tick_mark, DIFFERS: _cross}.get(self.block.verdict, _question)
        differs = self.block.verdict == DIFFERS
        look = dict(bold=True, colour=BACKWARD_TEXT) if differs else {}
        y = self.y + 18
        # With a ground of its own the whole line is a place to click.
        ground = BACKWARD_TINT if differs else PAPER
        return [
            svg.rectangle(self.x + width / 2, y, width - 8, 26, fill=ground),
            mark(self.x + 20, y),
            _words(self.x + 38, y, f"{self.block.name}: {_NAMES[self.block.name]}", bold=differs),
            _words(self.x + width - 12, y, _verdict(self.block), anchor="end", **look),
        ]

    def _spoken(self):
        verdict = _verdict(self.block).replace(": ", ", relative error ")
        return f"block {self.block.name}: {verdict}"


def _verdict(block):
    if block.verdict == DIFFERS:
        return f"differs: {block.error:#.2g}"
    return "agrees" if block.verdict == AGREE else block.verdict.partition(":")[0]


def _tick(x, y, power, *, anchor="middle", before=""):
    runs = (
        svg.power_of_ten(power, svg.SMALL, before=before) if power else [("1", svg.SMALL, False, 0)]
    )
    return svg.text(x, y, runs, colour=INK, anchor=anchor)


def _cross(x, y):
    return "".join(
        svg.line((x - 8, y - 8 * way), (x + 8, y + 8 * way), stroke=BACKWARD, width=4)
        for way in (1, -1)
    )


def _tick_mark(x, y):
    return svg.polyline([(x - 8, y), (x - 2, y + 6), (x + 8, y - 7)], stroke=INK, width=3)


def _question(x, y):
    return _words(x, y, "?", size=18, bold=True, anchor="middle")


def _bar(x, top, bottom):
    return svg.line((x, top), (x, bottom), stroke=INK, width=6)


def _legend(report, has_bar):
    """Say what each mark, line and ground means, and when a block gets which mark."""
    first, second, third, fourth = (_HEIGHT - 16 - 24 * k for k in (3, 2, 1, 0))
    limit = svg.power_of_ten(round(np.log10(report.tolerance)), 13, before="tolerance ")
    agrees, differs = "error below the dashed line", "error above the dashed line"
    elements = [
        svg.line((14, first), (44, first), stroke=INK, width=2.5),
        _words(52, first, "relative error of the block"),
        svg.line((29, second - 9), (29, second + 9), stroke=MUTED, width=1),
        svg.circle(29, second, 5, fill="none", stroke=INK, stroke_width=2),
        _words(52, second, "at this step size"),
        svg.line((14, third), (44, third), stroke=MUTED, width=1.5, dash="6 4"),
        svg.text(52, third, limit, colour=INK, anchor="start"),
    ]
    if report.method == "central":
        agrees = "error and grey below the dashed line"
        differs = "error above the dashed and the thin line"
        elements += [
            svg.rectangle(29, fourth + 3, 30, 12, fill=FAINT, radius=0),
            svg.line((14, fourth - 9), (44, fourth - 9), stroke=MUTED, width=1),
            _words(
                52, fourth, f"about what rounding makes; thin line: {ROUNDING_MARGIN} times that"
            ),
        ]
    if has_bar:
        elements += [
            _bar(180, second - 8, second + 8),
            _words(192, second, "or somewhere on this bar"),
        ]
    return [
        *elements,
        _tick_mark(386, first),
        _words(404, first, f"agrees: {agrees}"),
        _cross(386, second),
        _words(404, second, f"differs: {differs}"),
        _words(404, third, "(and a thick vermilion frame)"),
        _question(386, fourth),
        _words(404, fourth, "neither: too small to tell"),
    ]
