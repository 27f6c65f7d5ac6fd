"""The perceptron rule, one correction a frame: the wrong sample, the correction, the line's turn.

The letters are those of lesson 01: ``W = (W1, W2, W_dum)`` with the threshold as the weight of an
input that is always -1, so that one rule changes all three (SOURCES A2, A3).
"""

import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np

from backprop_kit.numeric.neuron import (
    MPNeuron,
    PerceptronRecord,
    PerceptronStep,
    append_dummy,
    train_perceptron,
)
from backprop_kit.numeric.validation import as_array, as_count
from backprop_kit.visual import svg
from backprop_kit.visual.explorers.stepper import Frame, Stepper
from backprop_kit.visual.figures import _clip, _unseen
from backprop_kit.visual.palette import (
    BACKWARD,
    BACKWARD_TEXT,
    CLASS_ONE,
    CLASS_ONE_TINT,
    CLASS_ZERO,
    FAINT,
    INK,
    MUTED,
    PAPER,
)

MOST_SAMPLES = 12
MOST_ROUNDS = 50
_HELP = "Choose a sample (click it, or Tab and Enter): its own sum W · x appears here."


# ---------------------------------------------------------------- the states


@dataclass(frozen=True, eq=False)
class PerceptronState:
    """What one frame shows; frame n is correction n.

    Attributes
    ----------
    number : int
        The frame's number, 0 for the start.
    kind : {"start", "correction", "end"}
    round : int
        The round that the correction belongs to; 0 at the start.
    step : PerceptronStep or None
        The correction; None at the start and at the end.
    weights : ndarray, shape (3,)
        After the correction, the dummy's last.
    wrong : tuple of int
        The samples that are wrong with these weights.
    repeats : int or None
        The first earlier frame with the same correction from the same weights.
    """

    number: int
    kind: str
    round: int
    step: PerceptronStep | None
    weights: np.ndarray
    wrong: tuple[int, ...]
    repeats: int | None


def perceptron_states(record) -> tuple[PerceptronState, ...]:
    """Return the states of a record: the start, every correction, the end.

    A cycle is gone through twice, so that its return is seen.

    Parameters
    ----------
    record : PerceptronRecord
        From `train_perceptron`.

    Raises
    ------
    TypeError
        If `record` is none.

    Examples
    --------
    >>> from backprop_kit import gate
    >>> xor = gate("XOR")
    >>> states = perceptron_states(train_perceptron(xor.X, xor.y))
    >>> [state.repeats for state in states if state.repeats]
    [4, 5, 6, 7]
    """
    if not isinstance(record, PerceptronRecord):
        raise TypeError(f"record must be a PerceptronRecord, got {type(record).__name__}")
    numbered = list(zip(_rounds(record), record.steps, strict=True))
    if record.outcome == "cycle":
        numbered += _once_more(numbered, record)
    states = [PerceptronState(0, "start", 0, None, record.start, _wrong(record, None), None)]
    seen = {}
    for number, (turn, step) in enumerate(numbered, 1):
        first = seen.setdefault(_place(step), number)
        states.append(
            PerceptronState(
                number,
                "correction",
                turn,
                step,
                step.weights_after,
                _wrong(record, step),
                first if first < number else None,
            )
        )
    if numbered:
        last = states[-1]
        states.append(
            PerceptronState(
                last.number + 1, "end", last.round, None, last.weights, last.wrong, None
            )
        )
    return tuple(states)


def _once_more(numbered, record):
    """Return what follows the record of a cycle, until each of its corrections was seen twice."""
    # What follows hangs on the weights alone, so the last rounds, one period of them, come again.
    period = [(turn, step) for turn, step in numbered if turn > record.rounds - record.period]
    places = {_place(step) for _, step in period}
    begin = next(n for n, (_, step) in enumerate(numbered) if _place(step) in places)
    more = begin + 2 * len(period) - len(numbered)
    return [(turn + record.period, step) for turn, step in period[:more]]


def _place(step):
    """Return what all that follows depends on."""
    return step.sample, step.weights_before.tobytes()


def _rounds(record):
    """Return the round of each correction, from 1.

    Weights that stay find the next wrong sample within one visit to all: a new round has begun
    whenever the next sample does not lie behind the last one.
    """
    turn, rounds, before = 0, [], None
    for step in record.steps:
        if before is None or step.sample is None or step.sample <= before:
            turn += 1
        before = step.sample
        rounds.append(turn)
    return rounds


def _wrong(record, step):
    """Return the indices of the samples that are wrong after a correction, or at the start."""
    weights = record.start if step is None else step.weights_after
    fires = MPNeuron.from_dummy(weights).fire(record.X)
    return tuple(int(k) for k in np.flatnonzero(fires != record.y))


# ---------------------------------------------------------------- the words


class _Words:
    """The sentences of one run; the names of its samples and the size of its numbers."""

    def __init__(self, record, states):
        self.record = record
        self.states = states
        self.X_dummy = append_dummy(record.X)
        self.names = _names(record.X)
        self.size = max(np.abs(record.weight_path).max(), np.abs(self.X_dummy).max())

    def number(self, value):
        """Write a number; what rounding has left of 0 is written as 0."""
        value = float(value)
        text = "0" if abs(value) < 1e-12 * self.size else f"{value:g}"
        return text.replace("-", "−")

    def factor(self, value):
        text = self.number(value)
        return f"({text})" if text.startswith("−") else text

    def row(self, values):
        return "(" + ", ".join(self.number(value) for value in values) + ")"

    def named(self, samples):
        return ", ".join(self.names[k] for k in samples)

    def products(self, weights, k):
        """Write W · x of sample k as a sum of products."""
        pairs = zip(weights, self.X_dummy[k], strict=True)
        return " + ".join(f"{self.factor(w)} · {self.factor(x)}" for w, x in pairs)

    def verdict(self, weights, k):
        """Write the value of W · x and what the neuron does: ``"= 1 ≥ 0: it fires, ŷ = 1"``."""
        net = float((self.X_dummy[k] * weights).sum())
        fires = int(MPNeuron.from_dummy(weights).fire(self.record.X[k : k + 1])[0])
        if fires:
            return f"= {self.number(net)} ≥ 0: it fires, ŷ = 1"
        value = self.number(net)
        below = "a hair below 0" if value == "0" else f"{value} < 0"  # what rounding has left
        return f"= {below}: it is silent, ŷ = 0"

    def rule(self, step):
        """Return the rule and the rule with its numbers, in four pieces."""
        after = f"= {self.row(step.weights_after)}"
        eta = self.number(self.record.eta)
        if step.sample is not None:
            k = step.sample
            errors = f"({self.record.y[k]} − {step.predictions[k]})"
            return (
                "W ← W + η (y − ŷ) x",
                self.row(step.weights_before),
                f"+ {eta} · {errors} · {self.row(self.X_dummy[k])}",
                after,
            )
        terms = [
            f"({self.record.y[k]} − {step.predictions[k]}) · {self.row(self.X_dummy[k])}"
            for k in step.wrong
        ]
        return (
            "W ← W + η Σ (y − ŷ) x",
            self.row(step.weights_before),
            f"+ {eta} · [{' + '.join(terms)}]",
            after,
        )

    def side(self, weights):
        """Say where the neuron fires: ``"It fires where 2 x₁ + x₂ ≥ 3."``."""
        if not weights[:2].any():
            everywhere = "everywhere" if weights[2] <= 0 else "nowhere"
            return f"There is no line: it fires {everywhere}."
        text = ""
        for weight, letter in zip(weights, ("x₁", "x₂"), strict=False):
            size = self.number(abs(weight))
            if size == "0":
                continue
            sign = "−" if weight < 0 else "+"
            text += (f" {sign} " if text else sign.strip("+")) + (
                letter if size == "1" else f"{size} {letter}"
            )
        return f"It fires where {text} ≥ {self.number(weights[2])}."

    def state_of_wrong(self, state):
        return f"Wrong now: {self.named(state.wrong)}." if state.wrong else "Wrong now: none."

    def says(self, state):
        """Say what a frame shows, with its numbers."""
        if state.kind == "start":
            text = f"Start: W = {self.row(state.weights)}. {self.side(state.weights)} "
            text += self.state_of_wrong(state)
            return text if len(self.states) > 1 else f"{text} {self.record.message}"
        if state.kind == "end":
            text = f"{self.record.message} {self.loop()}".strip()
            return (
                f"End. {text} W = {self.row(state.weights)}. {self.side(state.weights)} "
                f"{self.state_of_wrong(state)}"
            )
        step = state.step
        if step.sample is None:
            at = f"all wrong samples together: {self.named(step.wrong)}."
        else:
            k = step.sample
            verdict = self.verdict(step.weights_before, k)
            at = (
                f"sample {self.names[k]} is wrong. W · x = "
                f"{self.products(step.weights_before, k)} {verdict}, but its label is "
                f"y = {self.record.y[k]}."
            )
        rule, *numbers = self.rule(step)
        text = (
            f"Correction {state.number}, round {state.round}: {at} {rule}: {' '.join(numbers)}. "
            f"{self.turn(step)}{self.side(state.weights)} {self.state_of_wrong(state)}"
        )
        return text if state.repeats is None else f"{text} {self.again(state)}"

    def turn(self, step):
        """Say it where the correction turns nothing."""
        if step.correction[:2].any() or not step.weights_before[:2].any():
            return ""
        return "Only the last weight, the threshold, changes: the line is pushed, not turned. "

    def again(self, state):
        at = "the same sample" if state.step.sample is not None else "the same wrong samples"
        return f"This frame repeats frame {state.repeats}: the same weights, {at}."

    def loop(self):
        """Say which frames repeat which, for a cycle."""
        again = [state for state in self.states if state.repeats is not None]
        if not again:
            return ""
        return (
            f"{_span(s.number for s in again)} repeat {_span(s.repeats for s in again).lower()}, "
            "and so it goes on."
        )

    def notes(self, state):
        """Return what is said of each sample, by the key of its mark."""
        return {_key(name): self.note(state, k) for k, name in enumerate(self.names)}

    def note(self, state, k):
        inputs = f"Sample {self.names[k]}: x = {self.row(self.X_dummy[k])}, label y = "
        lines = [f"{inputs}{self.record.y[k]}."]
        weights = {"now": state.weights}
        if state.step is not None:
            weights = {"before": state.step.weights_before} | weights
        for when, W in weights.items():
            lines.append(f"{when}: W · x = {self.products(W, k)} {self.verdict(W, k)}.")
        lines.append("Wrong now." if k in state.wrong else "Right now.")
        return "\n".join(lines)


def _names(X):
    """Return the digits of the samples of a gate, else letters."""
    digits = [f"{a:g}{b:g}" for a, b in X]
    if np.isin(X, (0, 1)).all() and len(set(digits)) == len(digits):
        return digits
    return list("ABCDEFGHIJKL"[: len(X)])


def _key(name):
    return f"sample {name}"


def _span(numbers):
    first, *rest = numbers
    return f"Frames {first} to {rest[-1]}" if rest else f"Frame {first}"


# ---------------------------------------------------------------- the picture

_WIDTH, _HEIGHT = 720, 474
_PLANE = (56, 50, 330)  # left, top and side of the square of the inputs
_WEIGHTS = (430, 244, 136)  # of the square of the weights
_LEFT = 414  # of the text at the right
_RING, _OUTER_RING = 15, 20


class _Square:
    """A square of the plane on the page: from numbers to px."""

    def __init__(self, low, span, place):
        self.low, self.span = np.asarray(low, dtype=float), float(span)
        self.left, self.top, self.side = place

    def at(self, point):
        share = (np.asarray(point, dtype=float) - self.low) / self.span
        return (
            self.left + self.side * float(share[0]),
            self.top + self.side * (1 - float(share[1])),
        )

    @property
    def box(self):
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        return self.low + self.span * corners

    @property
    def middle(self):
        return (self.left + self.side / 2, self.top + self.side / 2)

    def frame(self, fill="none"):
        return svg.rectangle(
            *self.middle, self.side, self.side, fill=fill, stroke=MUTED, stroke_width=1, radius=0
        )


class _Picture:
    """The drawing of any state of one run: one scale for all its frames."""

    def __init__(self, words):
        self.words = words
        self.record = words.record
        X = self.record.X
        self.gate = bool(np.isin(X, (0, 1)).all())
        if self.gate:
            low, span = np.array([-0.5, -0.5]), 2.0  # as in the other pictures of gates
        else:
            middle = (X.min(axis=0) + X.max(axis=0)) / 2
            span = 1.4 * float(np.ptp(X, axis=0).max()) or 2.0
            low = middle - span / 2
        self.plane = _Square(low, span, _PLANE)
        path = np.vstack([self.record.weight_path[:, :2], [[0, 0]]])
        middle = (path.min(axis=0) + path.max(axis=0)) / 2
        span = 1.25 * float(np.ptp(path, axis=0).max()) or 2.0
        self.weights = _Square(middle - span / 2, span, _WEIGHTS)
        self.points = [self.plane.at(x) for x in X]

    def draw(self, state):
        parts = [
            *self._title(state),
            *self._inputs(state),
            *self._text(state),
            *self._weights_plane(state),
            *_legend(),
        ]
        return svg.document(parts, _WIDTH, _HEIGHT, self.words.says(state))

    def _title(self, state):
        title = {
            "start": "start",
            "correction": f"correction {state.number}, round {state.round}",
            "end": "end: a cycle"
            if self.record.outcome == "cycle"
            else f"end: {self.record.outcome}",
        }[state.kind]
        parts = [_write(_PLANE[0], 14, title, bold=True)]
        if state.repeats is not None:
            parts.append(_write(_LEFT, 14, f"↻ repeats frame {state.repeats}", bold=True))
        return parts

    def _inputs(self, state):
        """Draw the plane of the inputs: sides, lines, rings, samples."""
        plane, box = self.plane, self.plane.box
        W = _scaled(state.weights)
        firing = _clip(box, W[:2], W[2])
        parts = [plane.frame(PAPER)]
        if len(firing):
            parts.append(_polygon([plane.at(corner) for corner in firing], CLASS_ONE_TINT))
        parts += [plane.frame(), *self._axes()]
        unseen = {}
        if state.step is not None:
            before = _scaled(state.step.weights_before)
            parts += self._line(before, MUTED, "7 5", unseen, "before")
        parts += self._line(W, INK, "", unseen, "now")
        corrected = self._corrected(state)
        for k, (x, y) in enumerate(self.points):
            if k in corrected:
                parts.append(_ring(x, y))
            if k in state.wrong:
                parts.append(_ring(x, y, dashed=True))
        if "now" not in unseen:
            parts += self._fires(W)
        parts += self._tag(state)
        parts += self._samples()
        said = "; ".join(f"{when}: {why}" for when, why in unseen.items())
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
            for tick in (0, 1) if self.gate else _ticks(plane.low[axis], plane.span):
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

    def _line(self, W, colour, dash, unseen, when):
        """Draw a decision line, or put into `unseen` why there is none to see."""
        why = _unseen(W, self.plane.box)
        if why:
            unseen[when] = ", ".join(why)
            return []
        start, end = (self.plane.at(point) for point in _segment(self.plane.box, W))
        return [svg.line(start, end, stroke=colour, width=2.5, dash=dash)]

    def _fires(self, W):
        """Draw the arrow to the firing side, where it hides no sample."""
        start, end = (np.array(self.plane.at(point)) for point in _segment(self.plane.box, W))
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
        x, y = foot + 46 * along
        x = min(max(x, left + 18), left + side - 18)
        y = min(max(y, top + 9), top + side - 9)
        return [
            _arrow(foot, foot + 30 * along, INK),
            _write(x, y, "fires", size=12, anchor="middle"),
        ]

    def _tag(self, state):
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
                (x, y + 34), (x, y - 38), (x + width / 2 + 26, y), (x - width / 2 - 26, y)
            )
        ]  # fmt: skip
        occupied = [(x, y, 14) for x, y in self.points]
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
            mark = _mark(x, y, self.record.y[k])
            wide = svg.circle(x, y, 13, fill="transparent", stroke="none", stroke_width=0)
            parts.append(svg.choice([wide, mark], _key(self.words.names[k])))
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
        if state.kind == "end":
            weights = f"$W$ = {words.row(state.weights)}"
            return _lines([*_wrapped(self.record.message), *_wrapped(words.loop()), "", weights])
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
        parts.append(_arrow(origin, now, INK))
        rows = [("$W$ now", state.weights[:2], INK, "")]
        if state.step is not None:
            step = state.step
            before = plane.at(step.weights_before[:2])
            shift = _aside(origin, before, now)
            parts += [
                _arrow(np.add(origin, shift), np.add(before, shift), MUTED, dash="5 4"),
                _arrow(np.add(before, shift), np.add(now, shift), BACKWARD, width=3),
            ]
            rows = [
                ("$W$ before", step.weights_before[:2], MUTED, "5 4"),
                ("correction", step.correction[:2], BACKWARD, ""),
                *rows,
            ]
        parts.append(_write(x, top + 8, "($W_1$, $W_2$)", size=13))
        for place, (label, pair, colour, dash) in enumerate(rows):
            y = top + 34 + 38 * place
            width = 3 if colour == BACKWARD else 2
            parts.append(_arrow((x, y), (x + 30, y), colour, width=width, dash=dash))
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


def _segment(box, W):
    """Return the two points where the line leaves a box that it crosses."""
    heights = box @ W[:2] - W[2]
    ends = []
    for k in range(4):
        here, after = heights[k], heights[(k + 1) % 4]
        if (here >= 0) != (after >= 0):
            ends.append(box[k] + here / (here - after) * (box[(k + 1) % 4] - box[k]))
    return ends


def _ticks(low, span):
    """Return three to six round numbers inside an axis."""
    rough = span / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
    first = np.ceil(low / step - 1e-9)
    return [
        round(float(k * step), 12)
        for k in itertools.takewhile(
            lambda k: k * step <= low + span * (1 + 1e-9), itertools.count(first)
        )
    ]


def _aside(origin, before, now):
    """Return a shift in px that keeps arrows apart that would lie on one another."""
    first, second = np.subtract(before, origin), np.subtract(now, before)
    along = first if first.any() else second
    length = np.hypot(*along)
    if length == 0 or abs(first[0] * second[1] - first[1] * second[0]) > 1:
        return (0.0, 0.0)
    return (5 * along[1] / length, -5 * along[0] / length)


def _arrow(start, end, colour, *, width=2, dash=""):
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
    return shaft + _polygon([end, neck + across, neck - across], colour)


def _polygon(corners, colour):
    points = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def _ring(x, y, *, dashed=False, radius=None):
    radius = radius or (_OUTER_RING if dashed else _RING)
    dash = "4 3" if dashed else ""
    return svg.circle(x, y, radius, fill="none", stroke=BACKWARD, stroke_width=2.5, dash=dash)


def _mark(x, y, label):
    if label:
        return svg.rectangle(x, y, 11, 11, fill=CLASS_ONE, stroke=INK, stroke_width=1.7, radius=0)
    return svg.circle(x, y, 8, fill=CLASS_ZERO, stroke=INK, stroke_width=1.7)


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


def _wrapped(text, most=38):
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
        (upper, _mark(64, upper, 0), 80, "$y$ = 0"),
        (upper, _mark(144, upper, 1), 160, "$y$ = 1"),
        (upper, _ring(230, upper, radius=9), 248, "was wrong, is corrected here"),
        (upper, _ring(464, upper, radius=9, dashed=True), 482, "wrong now"),
        (lower, _sample_line(56, lower, MUTED, "7 5"), 100, "line before"),
        (lower, _sample_line(196, lower, INK, ""), 240, "line now"),
        (lower, _fires_key(330, lower), 374, "side that fires now"),
    ]
    return [mark + _write(x, y, text, size=13) for y, mark, x, text in items]


def _sample_line(x, y, colour, dash):
    return svg.line((x, y), (x + 36, y), stroke=colour, width=2.5, dash=dash)


def _fires_key(x, y):
    box = svg.rectangle(x + 18, y, 36, 16, fill=CLASS_ONE_TINT, stroke=MUTED, stroke_width=1)
    return box + _arrow((x + 6, y), (x + 30, y), INK)


# ---------------------------------------------------------------- the explorer


def perceptron_stepper(X, y, *, eta=1.0, mode="one", start=None, max_rounds=20) -> Stepper:
    """Step through the corrections of a perceptron in the plane (SOURCES A3).

    Parameters
    ----------
    X : array_like, shape (N, 2)
        One sample a row, up to 12; a gate's are ``gate("AND").X``.
    y : array_like, shape (N,)
        Labels 0 and 1.
    eta : float, default 1.0
        The learning rate, above 0.
    mode : {"one", "all"}, default "one"
        Correct at each wrong sample, or for all wrong samples together.
    start : array_like, shape (3,), optional
        First weights ``(W1, W2, W_dum)``; zeros by default.
    max_rounds : int, default 20
        Where to give up, up to 50.

    Returns
    -------
    Stepper
        Frame 0 is the start, frame n the correction n, the last one the outcome.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Examples
    --------
    >>> from backprop_kit import gate
    >>> stepper = perceptron_stepper(*gate("AND"))
    >>> stepper
    Explorer: The perceptron rule, step by step
    >>> len(stepper.frames)
    13
    """
    X = as_array("X", X, shape=(None, 2))
    if len(X) > MOST_SAMPLES:
        raise ValueError(f"X must hold {MOST_SAMPLES} samples at most, got {len(X)}")
    if as_count("max_rounds", max_rounds) > MOST_ROUNDS:
        raise ValueError(f"max_rounds must be {MOST_ROUNDS} at most, got {max_rounds}")
    record = train_perceptron(X, y, eta=eta, mode=mode, start=start, max_rounds=max_rounds)
    states = perceptron_states(record)
    words = _Words(record, states)
    drawing = _Picture(words)
    frames = [Frame(drawing.draw(state), words.says(state), words.notes(state)) for state in states]
    return Stepper(
        "The perceptron rule, step by step", frames, _code(record, max_rounds), help=_HELP
    )


def _code(record, max_rounds):
    """Write the lines that reproduce the run."""
    rows = ", ".join(_list(row) for row in record.X)
    start = f", start={_list(record.start)}" if record.start.any() else ""
    return "\n".join(
        [
            "from backprop_kit import train_perceptron",
            "",
            f"X = [{rows}]",
            f"y = {_list(record.y)}",
            f"record = train_perceptron(X, y, eta={_exact(record.eta)}, "
            f'mode="{record.mode}"{start}, max_rounds={max_rounds})',
            "print(record.message)",
            "for number, step in enumerate(record.steps, 1):",
            "    print(number, step)",
        ]
    )


def _list(values):
    return "[" + ", ".join(_exact(value) for value in values) + "]"


def _exact(value):
    """Write a number so that Python reads the same number."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
