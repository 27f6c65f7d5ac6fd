"""Where everything in a network drawing stands, and how it is drawn.

`diagram` checks and names; this module measures, places and writes.
"""

import math
from dataclasses import dataclass, field

from backprop_kit.visual import svg
from backprop_kit.visual.palette import (
    BACKWARD,
    BACKWARD_TEXT,
    BACKWARD_TINT,
    FORWARD,
    FORWARD_TINT,
    INK,
    MUTED,
    PAPER,
    THRESHOLD,
    THRESHOLD_TINT,
)

_MOST_UNITS = 8  # a larger layer shows its first three units, dots, and its last
_LINE, _TALL_LINE, _NUMBER_LINE = 18, 26, 16  # px: heights of names and numbers
_TEXT, _NAME, _WORD = 15, 18, 14  # px: sizes of link names, of unit names, of words
# The colours and the dashes of what is lit: line, text, fill, dash.
_COLOURS = {
    "forward": (FORWARD, FORWARD, FORWARD_TINT, ""),
    "backward": (BACKWARD, BACKWARD_TEXT, BACKWARD_TINT, "9 5"),
}
DIRECTIONS = tuple(_COLOURS)


def shown(size):
    """Return the numbers of the units shown; None stands for the dots."""
    return list(range(1, size + 1)) if size <= _MOST_UNITS else [1, 2, 3, None, size]


def fits_labels(sizes, layer):
    """Tell whether the links into a layer are few enough to carry labels."""
    fan_in, fan_out = sizes[layer - 1], sizes[layer]
    return min(fan_in, fan_out) <= 3 and max(fan_in, fan_out) <= 5


def _name_runs(name):
    """Return a unit's name as runs of text: a letter large, a word such as NAND smaller."""
    runs = svg.spans(name, _NAME)
    return runs if runs[0][2] else svg.spans(name, _WORD)


@dataclass
class Lit:
    """The parts that are lit, by kind; the positions are those of `diagram`."""

    units: set = field(default_factory=set)
    links: set = field(default_factory=set)
    thresholds: set = field(default_factory=set)
    net_inputs: set = field(default_factory=set)

    KINDS = ("units", "links", "thresholds", "net_inputs")

    def any(self):
        """Tell whether anything is."""
        return any(getattr(self, kind) for kind in self.KINDS)


@dataclass
class Drawing:
    """One drawing: measures first, then the elements from back to front."""

    sizes: tuple
    names: dict
    values: dict
    lit: Lit
    direction: str
    letters: bool
    indices: bool
    tags: dict
    error: bool
    caption: str
    layered: bool = False  # x, u and W with their layer, at any depth

    def __post_init__(self):
        # A power above an index, as in deeper networks, makes a name taller.
        self.line = _TALL_LINE if len(self.sizes) > 3 or self.layered else _LINE
        self.radius = self._radius()
        self.tag_sizes = {
            (kind, layer): self._tag_size(kind, layer)
            for kind in self.tags
            for layer in range(1, len(self.sizes))
        }
        self.rows = [shown(size) for size in self.sizes] + ([[1]] if self.error else [])
        above, below = (
            max(height for (of, _), (_, height) in self.tag_sizes.items() if of == kind)
            for kind in ("thresholds", "net_inputs")
        )
        # Numbers on the way back need air: lit tags are thick, and short dashes are no arrow.
        back = self.direction == "backward" and any(self.values.values())
        self.air = 12 if back else 0
        room = 2 * self.radius + above + below + (36 if below else 22) + self.air
        rungs = (
            (self._lanes(layer) + 1) * (self._label_size(layer)[1] + 6 + self.air / 2)
            for layer in self._blocks()
        )
        self.spacing = max([room, *rungs])
        rows = max(len(row) for row in self.rows)
        self.top = 40 + above
        self.middle = self.top + self.radius + (rows - 1) * self.spacing / 2
        self.height = (
            self.middle
            + (rows - 1) * self.spacing / 2
            + self.radius
            + below
            + 16
            + (32 if self.caption else 0)
        )
        self.columns = [float(max(52, self.radius + 12))]
        for layer in range(1, len(self.rows)):
            self.columns.append(self.columns[-1] + self._column_distance(layer))
        self.width = self.columns[-1] + self.columns[0]
        needed = svg.width_of(svg.sentence(self.caption, _TEXT)) + 80
        if self.caption and needed > self.width:
            shift = (needed - self.width) / 2
            self.columns = [column + shift for column in self.columns]
            self.width = needed

    def _blocks(self):
        """Return the layers whose links carry labels."""
        return [layer for layer in range(1, len(self.sizes)) if self._labelled(layer)]

    def _radius(self):
        widest = max(svg.width_of(_name_runs(name)) for name in self.names.values())
        numbers = [0.0, *(len(n) * svg.SMALL * 0.56 for n in self.values["units"].values())]
        return max(24.0, widest / 2 + 6, max(numbers) / 2 + 8)

    def _tag_size(self, kind, layer):
        """Return width and height of the tags of one kind in a layer; (0, 0) for none."""
        if not self.tags[kind]:
            return 0.0, 0.0
        keys = [key for key in self.names if key[0] == layer]
        widths = [svg.width_of(svg.spans(self._tag_name(kind, *key), _TEXT)) for key in keys]
        numbers = [self.values[kind][key] for key in keys if key in self.values[kind]]
        widths += [len(number) * svg.SMALL * 0.6 for number in numbers]
        return max(widths) + 10, self.line + 6.0 + (15 if numbers else 0)

    def _lanes(self, layer):
        """Return the number of lanes that keep the labels of a layer's links apart."""
        return min(self.sizes[layer - 1], self.sizes[layer])

    def _labelled(self, layer):
        return (self.letters or bool(self.values["links"].get(layer))) and fits_labels(
            self.sizes, layer
        )

    def _label_size(self, layer):
        """Return width and height of the labels of a layer's links."""
        numbers = self.values["links"].get(layer, {})
        name = svg.width_of(svg.spans(self._link_name(layer, 1, 1), _TEXT)) if self.letters else 0
        widest = max([name, *(len(n) * 13 * 0.6 for n in numbers.values())])
        return widest + 4, self.line * bool(self.letters) + _NUMBER_LINE * bool(numbers)

    def _column_distance(self, layer):
        if layer == len(self.sizes):
            return max(112.0, 2 * self.radius + 58)
        rise = self.spacing * (len(self.rows[layer]) + len(self.rows[layer - 1]) - 2) / 2
        beside = (self.tag_sizes.get((kind, at)) for kind in self.tags for at in (layer - 1, layer))
        tag = max(size[0] for size in beside if size) / 2 + 3
        distance = max(170.0, 0.6 * rise, 0.6 * rise * tag / self.radius)
        if self._labelled(layer):
            # Beside a label an arrow needs room for its head and a piece of its shaft; in every
            # layer, so that the stages of an iteration stand in the same places.
            gap = (22 if self.lit.any() else 14) + self.air
            room = self.radius + self._label_size(layer)[0] / 2 + gap
            return max(distance, (self._lanes(layer) + 1) * room)
        return min(distance, 250.0)  # three layers of any size stay as wide as the page

    def place(self, layer, number):
        """Return the centre of a unit; the error is the one unit of the layer after the last."""
        row = self.rows[layer]
        offset = row.index(number) - (len(row) - 1) / 2
        return self.columns[layer], self.middle + offset * self.spacing

    def draw(self, scale):
        """Return the drawing as SVG, `scale` times as large."""
        parts = [*self._headers(), *self._links(), *self._units(), *self._link_labels()]
        parts += self._caption()
        return svg.document(parts, self.width, self.height, self._spoken(), scale=scale)

    def _spoken(self):
        shape = "-".join(str(size) for size in self.sizes)
        return f"Network {shape}" + (f"; {self.caption.replace('$', '')}" if self.caption else "")

    def _colours(self, kind, position):
        """Return (lit, line colour, text colour, fill, dash) of one part.

        Light changes lines and fills; a letter keeps the colour it has everywhere else.
        """
        edge, ink, fill = {
            "units": (MUTED, INK if position[0] == len(self.sizes) else FORWARD, PAPER),
            "links": (MUTED, MUTED, PAPER),
            "thresholds": (THRESHOLD, THRESHOLD, THRESHOLD_TINT),
            "net_inputs": (MUTED, FORWARD, PAPER),
        }[kind]
        if position not in getattr(self.lit, kind):
            return False, edge, ink, fill, ""
        edge, text, fill, dash = _COLOURS[self.direction]
        return True, edge, text if kind == "links" else ink, fill, dash

    def _headers(self):
        last = len(self.sizes) - 1
        for layer, x in enumerate(self.columns[: last + 1]):
            if last > 2:
                name = f"layer {layer}"
            else:
                name = "inputs" if layer == 0 else "outputs" if layer == last else "hidden"
            yield svg.text(x, 16, [(name, 13, False, 0)], colour=MUTED)
        if self.error:
            yield svg.text(self.columns[-1], 16, [("error", 13, False, 0)], colour=MUTED)

    def _links(self):
        """Draw the links, the lit ones last so that they lie on top."""
        every = [
            (layer, start, end)
            for layer in range(1, len(self.rows))
            for start in self.rows[layer - 1]
            for end in self.rows[layer]
            if start and end
        ]
        for layer, start, end in sorted(every, key=lambda link: (link in self.lit.links, link)):
            lit, colour, _, _, dash = self._colours("links", (layer, start, end))
            tail, head = self.place(layer - 1, start), self.place(layer, end)
            length = math.hypot(head[0] - tail[0], head[1] - tail[1])
            inset = (self.radius + (4 if lit else 1)) / length
            first = tuple(a + inset * (b - a) for a, b in zip(tail, head, strict=True))
            if layer == len(self.sizes):  # the error is a square, not a circle
                inset *= length / max(abs(head[0] - tail[0]), abs(head[1] - tail[1]))
            second = tuple(b + inset * (a - b) for a, b in zip(tail, head, strict=True))
            if not lit:
                yield svg.line(first, second, stroke=colour, width=1.1)
            elif self.direction == "forward":
                yield svg.arrow(first, second, stroke=colour)
            else:
                yield svg.arrow(second, first, stroke=colour, dash=dash)

    def _units(self):
        for layer, row in enumerate(self.rows):
            for index, number in enumerate(row):
                if number is None:
                    y = self.middle + (index - (len(row) - 1) / 2) * self.spacing
                    for step in (-12, 0, 12):
                        yield svg.circle(
                            self.columns[layer],
                            y + step,
                            2.5,
                            fill=MUTED,
                            stroke=MUTED,
                            stroke_width=0,
                        )
                    continue
                yield from self._unit(layer, number)

    def _unit(self, layer, number):
        x, y = self.place(layer, number)
        lit, edge, ink, fill, _ = self._colours("units", (layer, number))
        width = 4 if lit else 1.6
        if layer == len(self.sizes):
            side = 2 * self.radius
            yield svg.rectangle(
                x, y, side, side, fill=fill, stroke=edge, stroke_width=width, radius=6
            )
        else:
            yield svg.circle(x, y, self.radius, fill=fill, stroke=edge, stroke_width=width)
        value = self.values["units"].get((layer, number))
        runs = _name_runs(self.names.get((layer, number), "E"))
        yield svg.text(x, y - (8 if value else 0), runs, colour=ink, bold=lit)
        if value:
            yield svg.text(x, y + 11, [(value, svg.SMALL, False, 0)], colour=INK)
        if 0 < layer < len(self.sizes):
            for kind, side in (("thresholds", -1), ("net_inputs", 1)):
                if self.tags[kind]:
                    yield from self._tag(kind, layer, number, x, y, side)

    def _tag(self, kind, layer, number, x, y, side):
        """Draw the tag above (side -1) or below (side 1) a unit."""
        width, height = self.tag_sizes[kind, layer]
        lit, edge, ink, fill, _ = self._colours(kind, (layer, number))
        centre = y + side * (self.radius + 5 + height / 2)
        yield svg.rectangle(
            x,
            centre,
            width,
            height,
            fill=fill,
            stroke=edge,
            stroke_width=3 if lit else 1.2,
            radius=0 if kind == "thresholds" else 8,
        )
        value = self.values[kind].get((layer, number))
        runs = svg.spans(self._tag_name(kind, layer, number), _TEXT)
        yield svg.text(
            x, centre - (9 if value else 2 * (self.line == _LINE)), runs, colour=ink, bold=lit
        )
        if value:
            yield svg.text(x, centre + 11, [(value, svg.SMALL, False, 0)], colour=INK)

    def _tag_name(self, kind, layer, number):
        name = self._full_tag_name(kind, layer, number)
        return name if self.indices else name.split("_")[0]

    def _full_tag_name(self, kind, layer, number):
        if self.layered:
            return f"{'theta' if kind == 'thresholds' else 'u'}^({layer})_{number}"
        if len(self.sizes) == 3:
            letter = {"thresholds": ("gamma", "theta"), "net_inputs": ("alpha", "beta")}[kind]
            return f"{letter[layer - 1]}_{number}"
        if len(self.sizes) == 2:  # one layer of neurons: it is the output layer
            return f"{'theta' if kind == 'thresholds' else 'beta'}_{number}"
        return f"{'theta' if kind == 'thresholds' else 'a'}^({layer})_{number}"

    def _link_name(self, layer, start, end):
        index = f"{start}{end}" if max(start, end) < 10 else f"{start},{end}"
        if self.layered:
            return f"W^({layer})_{index}"
        if len(self.sizes) == 3 or not self.indices:
            letter = "vw"[layer - len(self.sizes)]
            return f"{letter}_{index}" if self.indices else letter
        return f"w_{index}" if len(self.sizes) == 2 else f"w^({layer})_{index}"

    def _link_labels(self):
        """Label the links of a layer in one column, where all of them are equally far apart.

        With n units on the smaller side, the links' heights at 1 / (n + 1) of the way from the
        larger side form an even ladder with rungs spacing / (n + 1) apart: no two labels meet.
        """
        for layer in self._blocks():
            wider_start = self.sizes[layer - 1] >= self.sizes[layer]
            share = 1 / (self._lanes(layer) + 1)
            share = share if wider_start else 1 - share
            width, height = self._label_size(layer)
            for start in self.rows[layer - 1]:
                for end in self.rows[layer]:
                    tail, head = self.place(layer - 1, start), self.place(layer, end)
                    x, y = (a + share * (b - a) for a, b in zip(tail, head, strict=True))
                    lit, _, ink, _, _ = self._colours("links", (layer, start, end))
                    yield svg.rectangle(x, y, width, height)
                    value = self.values["links"].get(layer, {}).get((start, end))
                    both = 8 * (self.letters and value is not None)
                    if self.letters:
                        runs = svg.spans(self._link_name(layer, start, end), _TEXT)
                        yield svg.text(x, y - both - 1, runs, colour=ink, bold=lit)
                    if value is not None:
                        yield svg.text(x, y + both, [(value, 13, False, 0)], colour=INK, bold=lit)

    def _caption(self):
        if not self.caption:
            return
        y = self.height - 20
        runs = svg.sentence(self.caption, _TEXT)
        left = (self.width - svg.width_of(runs) * 0.85 - 54) / 2
        if self.lit.links:  # a key to what is drawn: no arrow where none is lit
            colour, _, _, dash = _COLOURS[self.direction]
            ends = ((left, y), (left + 42, y))
            yield svg.arrow(
                *(ends if self.direction == "forward" else ends[::-1]), stroke=colour, dash=dash
            )
            left += 54
        yield svg.text(left, y, runs, colour=INK, anchor="start")
