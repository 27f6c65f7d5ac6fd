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
    NEGATIVE,
    PAPER,
    POSITIVE,
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
    "update": (INK, INK, PAPER, ""),  # new values: nothing flows
}
DIRECTIONS = tuple(_COLOURS)
PAGE = 720  # px: the width of a page of a book of drawings
_PAGE_NUMBERS = {"units": 56, "links": 60, "tags": 52}  # px: room for numbers, shown or not
_KEY_LINE = 24


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
    choices: bool = False  # units, tags and the names of links can be chosen, by their names
    page: bool = False  # a page of a book: parts stand where they stand on every other page
    link_numbers: dict = field(default_factory=dict)  # the numbers behind values["links"]

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
        self.air = 0 if self.page else self.air
        gap = 22 if self.page or not below else 36
        room = 2 * self.radius + above + below + gap + self.air
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
            + (3 * _KEY_LINE if self.page else 0)
        )
        self.columns = [self.radius + 12 if self.page else float(max(52, self.radius + 12))]
        for layer in range(1, len(self.rows)):
            self.columns.append(self.columns[-1] + self._column_distance(layer))
        self.width = self.columns[-1] + self.columns[0]
        needed = svg.width_of(svg.sentence(self.caption, _TEXT)) + 80
        if self.page:
            needed = PAGE
            self._stretch()
        if (self.caption or self.page) and needed > self.width:
            shift = (needed - self.width) / 2
            self.columns = [column + shift for column in self.columns]
            self.width = needed

    def _stretch(self):
        """Give what is left of the page's width to the links, up to a point."""
        last = len(self.sizes) - 1
        spare = max(0.0, min((PAGE - self.width) / last, 60.0))
        self.columns = [
            column + spare * min(layer, last) for layer, column in enumerate(self.columns)
        ]
        self.width += spare * last

    def _blocks(self):
        """Return the layers whose links carry labels."""
        return [layer for layer in range(1, len(self.sizes)) if self._labelled(layer)]

    def _radius(self):
        widest = max(svg.width_of(_name_runs(name)) for name in self.names.values())
        if self.page:
            return max(widest / 2, _PAGE_NUMBERS["units"] / 2) + 3
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
        if self.page:
            return max(*widths[: len(keys)], _PAGE_NUMBERS["tags"]) + 6, self.line + 22.0
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
        if self.page:
            return _PAGE_NUMBERS["links"], self.line * bool(self.letters) + _NUMBER_LINE
        widest = max([name, *(len(n) * 13 * 0.6 for n in numbers.values())])
        return widest + 4, self.line * bool(self.letters) + _NUMBER_LINE * bool(numbers)

    def _column_distance(self, layer):
        if layer == len(self.sizes):
            return 96.0 if self.page else max(112.0, 2 * self.radius + 58)
        rise = self.spacing * (len(self.rows[layer]) + len(self.rows[layer - 1]) - 2) / 2
        beside = (self.tag_sizes.get((kind, at)) for kind in self.tags for at in (layer - 1, layer))
        tag = max(size[0] for size in beside if size) / 2 + 3
        distance = max(170.0, 0.6 * rise, 0.6 * rise * tag / self.radius)
        if self._labelled(layer):
            # Beside a label an arrow needs room for its head and a piece of its shaft; in every
            # layer, so that the stages of an iteration stand in the same places.
            gap = (22 if self.lit.any() else 14) + self.air
            gap = 6 if self.page else gap  # numbers rarely fill their room
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
        parts += [*self._caption(), *(self._key() if self.page else ())]
        return svg.document(parts, self.width, self.height, self._spoken(), scale=scale)

    def _spoken(self):
        shape = "-".join(str(size) for size in self.sizes)
        return f"Network {shape}" + (f"; {self.caption.replace('$', '')}" if self.caption else "")

    def _choice(self, elements, key, label):
        return [svg.choice(elements, key, label=label)] if self.choices else elements

    def _called(self, layer, number):
        """Say which unit it is, for those who do not see where it stands."""
        last = len(self.sizes) - 1
        if layer > last:
            return "error"
        if 0 < layer < last:
            return f"hidden unit {number}" if last == 2 else f"unit {number} of layer {layer}"
        return f"output unit {number}" if layer else f"input {number}"

    def _colours(self, kind, position):
        """Return (lit, line colour, text colour, fill, dash) of one part.

        Light changes lines and fills; a letter keeps the colour it has everywhere else.
        """
        edge, ink, fill = {
            "units": (MUTED, self._letter_colour(position), PAPER),
            "links": (MUTED, MUTED, PAPER),
            "thresholds": (THRESHOLD, THRESHOLD, THRESHOLD_TINT),
            "net_inputs": (MUTED, FORWARD, PAPER),
        }[kind]
        if position not in getattr(self.lit, kind):
            return False, edge, ink, fill, ""
        edge, text, fill, dash = _COLOURS[self.direction]
        return True, edge, text if kind == "links" else ink, fill, dash

    def _letter_colour(self, position):
        if position[0] == len(self.sizes):
            return INK
        name = self.names.get(position, "").partition("_")[0]
        return BACKWARD_TEXT if name == "delta" else FORWARD

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
            stroke, width = self._strength(layer, start, end) or (colour, 4.0 if lit else 1.1)
            if not lit or self.direction == "update":
                yield svg.line(first, second, stroke=stroke, width=width)
            elif self.direction == "forward":
                yield svg.arrow(first, second, stroke=stroke, width=width, head=colour)
            else:
                yield svg.arrow(second, first, stroke=stroke, width=width, dash=dash, head=colour)

    def _strength(self, layer, start, end):
        """Return colour and thickness by the sign and size of a link's number; None for none."""
        number = self.link_numbers.get(layer, {}).get((start, end))
        if not self.page or number is None:
            return None
        colour = POSITIVE if number > 0 else NEGATIVE if number < 0 else MUTED
        return colour, 1.5 + 5.5 * abs(number) / (self._largest() or 1.0)

    def _largest(self):
        """Return the size of the largest number on a link."""
        every = [abs(n) for layer in self.link_numbers.values() for n in layer.values()]
        return max(every, default=0.0)

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
                name = self.names.get((layer, number), "E")
                called = self._called(layer, number)
                yield from self._choice(self._unit(layer, number), name, f"{called}, {name}")
                if 0 < layer < len(self.sizes):
                    yield from self._tags(layer, number)

    def _tags(self, layer, number):
        x, y = self.place(layer, number)
        for kind, side in (("thresholds", -1), ("net_inputs", 1)):
            if self.tags[kind]:
                name = self._full_tag_name(kind, layer, number)
                label = f"{kind.replace('_', ' ')[:-1]} {name} of {self._called(layer, number)}"
                yield from self._choice(self._tag(kind, layer, number, x, y, side), name, label)

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
                    drawn = self._link_label(layer, start, end, x, y, width, height)
                    name = self._link_name(layer, start, end)
                    ends = self._called(layer - 1, start), self._called(layer, end)
                    label = f"weight {name} from {ends[0]} to {ends[1]}"
                    yield from self._choice(drawn, name, label)

    def _link_label(self, layer, start, end, x, y, width, height):
        lit, _, ink, _, _ = self._colours("links", (layer, start, end))
        value = self.values["links"].get(layer, {}).get((start, end))
        size = 13
        if self.page:  # no wider than what it holds, so that an arrow's head shows beside it
            size = svg.SMALL
            width = max(len(value or "") * size * 0.57, 34)
        yield svg.rectangle(x, y, width, height)
        both = 8 * (self.letters and value is not None)
        if self.letters:
            runs = svg.spans(self._link_name(layer, start, end), _TEXT)
            yield svg.text(x, y - both - 1, runs, colour=ink, bold=lit)
        if value is not None:
            yield svg.text(x, y + both, [(value, size, False, 0)], colour=INK, bold=lit)

    def _caption(self):
        if not self.caption:
            return
        y = self.height - 20 - (3 * _KEY_LINE if self.page else 0)
        runs = svg.sentence(self.caption, _TEXT)
        if self.page:  # the key below explains the arrows
            yield svg.text(self.width / 2, y, runs, colour=INK, bold=True)
            return
        left = (self.width - svg.width_of(runs) * 0.85 - 54) / 2
        if self.lit.links:  # a key to what is drawn: no arrow where none is lit
            colour, _, _, dash = _COLOURS[self.direction]
            ends = ((left, y), (left + 42, y))
            yield svg.arrow(
                *(ends if self.direction == "forward" else ends[::-1]), stroke=colour, dash=dash
            )
            left += 54
        yield svg.text(left, y, runs, colour=INK, anchor="start")

    def _key(self):
        """Say below a page what colours, thickness and marks mean: the same lines on every page."""
        largest = self._largest()
        here = f" (thickest here: {svg.short(largest)})" if largest else ""
        rows = (
            (
                ("link", POSITIVE, 4.0, "above 0 (+)"),
                ("link", NEGATIVE, 4.0, "below 0 (−)"),
                ("", "", 0, f"thicker: larger{here}"),
                ("link", MUTED, 1.1, "no number yet"),
            ),
            (
                ("forward", FORWARD, 4.0, "flows forward now"),
                ("backward", BACKWARD, 4.0, "flows back now"),
                ("ring", INK, 4.0, "bold, thick outline: this step (blue: forward, orange: back)"),
            ),
            (
                ("round", MUTED, 1.2, "unit"),
                ("thresholds", THRESHOLD, 1.2, "threshold, subtracted"),
                ("net_inputs", MUTED, 1.2, "net input"),
                ("letter", FORWARD, 0, "flows forward"),
                ("letter", THRESHOLD, 0, "threshold"),
                *([("square", MUTED, 1.2, "error")] if self.error else []),
            ),
        )
        for number, row in enumerate(rows):
            y = self.height - 16 - _KEY_LINE * (len(rows) - 1 - number)
            widths = [(34 if mark else 0) + len(said) * 13 * 0.48 for mark, *_, said in row]
            x = (self.width - sum(widths) - 16 * (len(row) - 1)) / 2
            for (mark, colour, width, said), length in zip(row, widths, strict=True):
                yield from self._mark(mark, x, y, colour, width)
                left = x + (34 if mark else 0)
                yield svg.text(left, y, [(said, 13, False, 0)], colour=INK, anchor="start")
                x += length + 16

    def _mark(self, mark, x, y, colour, width):
        """Draw one mark of the key, 28 px wide, its left end at `x`."""
        left, right = (x, y), (x + 28, y)
        if mark == "link":
            yield svg.line(left, right, stroke=colour, width=width)
        elif mark == "forward":
            yield svg.arrow(left, right, stroke=MUTED, width=width, head=colour)
        elif mark == "backward":
            dash = _COLOURS[mark][3]
            yield svg.arrow(right, left, stroke=MUTED, width=width, dash=dash, head=colour)
        elif mark in ("ring", "round"):
            yield svg.circle(x + 17, y, 7, fill=PAPER, stroke=colour, stroke_width=width)
        elif mark == "square":
            yield svg.rectangle(
                x + 17, y, 14, 14, fill=PAPER, stroke=colour, stroke_width=width, radius=0
            )
        elif mark in ("thresholds", "net_inputs"):
            square = mark == "thresholds"
            yield svg.rectangle(
                *(x + 14, y, 24, 14),
                fill=THRESHOLD_TINT if square else PAPER,
                stroke=colour,
                stroke_width=width,
                radius=0 if square else 7,
            )
        elif mark == "letter":
            name = "γ" if colour == THRESHOLD else "b"
            yield svg.text(x + 18, y, [(name, _NAME, True, 0)], colour=colour)
