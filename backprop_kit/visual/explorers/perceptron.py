"""The perceptron rule on the student's own points: a correction a step, and the line's turn.

The letters are those of lesson 01: ``W = (W1, W2, W_dum)`` with the threshold as the weight of an
input that is always -1, so that one rule changes all three (SOURCES A2, A3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from backprop_kit.numeric.data import GATES, gate
from backprop_kit.numeric.neuron import (
    MODES,
    MPNeuron,
    PerceptronRecord,
    PerceptronStep,
    train_perceptron,
)
from backprop_kit.numeric.validation import as_array, as_choice
from backprop_kit.visual.controls import Action, Options, Slider, Surface
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.live import Live
from backprop_kit.visual.explorers.perceptron_picture import HIGH, LOW, Picture
from backprop_kit.visual.explorers.perceptron_words import Words

MOST_POINTS = 12
GRID = 0.25  # a click goes to the nearest point of it, so that the numbers stay short
OWN = "points of your own"
LABELS = {"1 (square)": 1, "0 (circle)": 0}


# The states.


@dataclass(frozen=True, eq=False)
class PerceptronState:
    """What is seen at once; state n is correction n.

    Attributes
    ----------
    record : PerceptronRecord
        The run that it belongs to.
    number : int
        The state's number, 0 for the start.
    kind : {"start", "correction", "end"}
    round : int
        The round that the correction belongs to; 0 at the start.
    step : PerceptronStep or None
        The correction; None at the start and at the end.
    weights : ndarray, shape (3,)
        After the correction, the dummy's last.
    repeats : int or None
        The first earlier correction of the same sample from the same weights.
    """

    record: PerceptronRecord
    number: int
    kind: str
    round: int
    step: PerceptronStep | None
    weights: np.ndarray
    repeats: int | None = None

    @cached_property
    def wrong(self) -> tuple[int, ...]:
        """The samples that are wrong with these weights."""
        if not len(self.record.X):
            return ()
        fires = MPNeuron.from_dummy(self.weights).fire(self.record.X)
        return tuple(int(k) for k in np.flatnonzero(fires != self.record.y))


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
    states = [PerceptronState(record, 0, "start", 0, None, record.start)]
    seen = {}
    for number, (turn, step) in enumerate(numbered, 1):
        first = seen.setdefault(_place(step), number)
        repeats = first if first < number else None
        states.append(
            PerceptronState(record, number, "correction", turn, step, step.weights_after, repeats)
        )
    if numbered:
        last = states[-1]
        states.append(
            PerceptronState(record, last.number + 1, "end", last.round, None, last.weights)
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


# What the controls do: from values to values.


def samples_of(values) -> tuple[tuple[float, float, int], ...]:
    """Return the samples ``(x1, x2, label)`` that the controls ask for."""
    return values["points"] if values["gate"] == OWN else _of_gate(values["gate"])


def _of_gate(name):
    return _tuples(*gate(name))


def _tuples(X, y):
    return tuple((float(x1), float(x2), int(label)) for (x1, x2), label in zip(X, y, strict=True))


def add_point(values) -> dict[str, Any]:
    """Add the next point; the training begins anew."""
    samples = samples_of(values)
    if len(samples) == MOST_POINTS:
        raise ValueError(f"points must be {MOST_POINTS} at most; take one away first")
    new = (float(values["x1"]), float(values["x2"]), LABELS[values["label"]])
    return {"gate": OWN, "points": (*samples, new)}


def add_point_at(values, x1, x2) -> dict[str, Any]:
    """Add a point where the student has clicked, or as near to it as the grid allows."""
    place = {"x1": _on_grid(x1), "x2": _on_grid(x2)}
    return place | add_point({**values, **place})


def _on_grid(value):
    return min(max(GRID * round(value / GRID), LOW), HIGH) + 0.0  # + 0.0 turns -0.0 into 0.0


def remove_point(values) -> dict[str, Any]:
    """Take the point away that was added last."""
    return {"gate": OWN, "points": samples_of(values)[:-1]}


def remove_all(values) -> dict[str, Any]:
    """Take all points away."""
    return {"gate": OWN, "points": ()}


def number_of(values) -> int:
    """Return how many steps are made: none if points or rate were changed since."""
    asked, number = values["made"]
    return number if asked == _asked(values) else 0


def step_on(values) -> dict[str, Any]:
    """Go on to the next correction, or to the end."""
    last = len(run_of(values).states) - 1
    return _at(values, min(number_of(values) + 1, last))


def step_back(values) -> dict[str, Any]:
    """Go back by one correction."""
    return _at(values, max(number_of(values) - 1, 0))


def start_over(values) -> dict[str, Any]:
    """Go back to the first weights; the points stay."""
    return _at(values, 0)


def _at(values, number):
    return {"made": (_asked(values), number)}


def _asked(values):
    """Return what a run depends on."""
    return samples_of(values), float(values["eta"]), values["mode"], values["start"]


@dataclass(frozen=True, eq=False)
class Run:
    """A training, and what is said and drawn of its states."""

    states: tuple[PerceptronState, ...]
    words: Words
    picture: Picture


def run_of(values) -> Run:
    """Return the training that the values ask for."""
    return _run(*_asked(values))


@lru_cache(maxsize=16)
def _run(samples, eta, mode, start):
    if samples:
        X, y = np.array([sample[:2] for sample in samples]), [sample[2] for sample in samples]
        record = train_perceptron(X, y, eta=eta, mode=mode, start=start)
    else:
        nothing = np.empty((0, 2)), np.empty(0, dtype=int), eta, mode, np.array(start), ()
        record = PerceptronRecord(*nothing, rounds=0, outcome="separated", period=None)
    states = perceptron_states(record)
    words = Words(record, states)
    return Run(states, words, Picture(words))


# The code of a state.


def code_of(state, gate_name) -> str:
    """Write the lines that reproduce the weights of a state."""
    record = state.record
    if not len(record.X):
        return "# no points yet"
    lines = ["from backprop_kit import gate, train_perceptron", ""]
    if gate_name == OWN:
        lines = ["from backprop_kit import train_perceptron", ""]
        lines.append(f"X = [{', '.join(_list(row) for row in record.X)}]")
        lines.append(f"y = {_list(record.y)}")
    else:
        lines.append(f'X, y = gate("{gate_name}")')
    mode = "" if record.mode == "one" else f', mode="{record.mode}"'
    start = f", start={_list(record.start)}" if record.start.any() else ""
    number = min(state.repeats or state.number, len(record.steps))
    if state.kind == "end" and record.outcome == "cycle":  # where the second time round ends
        number = next(
            k for k, W in enumerate(record.weight_path) if np.array_equal(W, state.weights)
        )
    lines += [
        f"record = train_perceptron(X, y, eta={_exact(record.eta)}{mode}{start})",
        "print(record.message)",
        f"W = record.weight_path[{number}]  # after so many corrections",
        "print(W)",
    ]
    return "\n".join(lines)


def _list(values):
    return "[" + ", ".join(_exact(value) for value in values) + "]"


def _exact(value):
    """Write a number so that Python reads the same number."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


# The explorer.


def show(values: Mapping[str, Any]) -> Frame:
    """Return the frame that belongs to the values of the controls."""
    run, number = run_of(values), number_of(values)
    state = run.states[number]
    return Frame(
        run.picture.draw(state, (values["x1"], values["x2"])),
        run.words.says(state),
        run.words.notes(state),
        code=code_of(state, values["gate"]),
    )


def perceptron_bench(X=None, y=None, *, eta=1.0, mode="one", start=(0, 0, 0)) -> Live:
    """Put points of two labels into the plane, and step through the perceptron rule.

    Parameters
    ----------
    X : array_like, shape (N, 2), optional
        The points at the start, one a row, up to 12, from -1 to 2; those of AND by default.
    y : array_like, shape (N,), optional
        Their labels 0 and 1.
    eta : float, default 1.0
        The learning rate at the start, 0.1 to 4.
    mode : {"one", "all"}, default "one"
        Correct at each wrong sample, or for all wrong samples together.
    start : array_like, shape (3,), default zeros
        First weights ``(W1, W2, W_dum)``.

    Returns
    -------
    Live
        A step is a correction; a cycle is gone through twice, so that its return is seen.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Notes
    -----
    Source: SOURCES A2, A3; `train_perceptron` makes the corrections.

    Examples
    --------
    >>> bench = perceptron_bench()
    >>> bench
    Explorer: The perceptron rule, step by step
    >>> print(bench.press("step").says.split(": ")[0])
    Correction 1, round 1
    >>> print(bench.point("plane", 0.52, 1.71).says.split(".")[0])
    Start: W = (0, 0, 0)
    """
    samples = _of_gate("AND") if X is None and y is None else _given(X, y)
    name = next((name for name in GATES if _of_gate(name) == samples), OWN)
    eta = Slider("eta", "learning rate η", 0.1, 4, eta, 0.1)
    hidden = {
        "points": samples,
        "mode": as_choice("mode", mode, MODES),
        "start": tuple(as_array("start", start, shape=(3,)).tolist()),
    }
    middle = (LOW + HIGH) / 2
    return Live(
        "The perceptron rule, step by step",
        [
            Options("gate", "points", (*GATES, OWN), name),
            eta,
            Action("back", "◀ back", step_back, "one correction back"),
            Action("step", "▶| step", step_on, "one correction on"),
            Action("run", "▶ run", step_on, "run to the end, one correction after the other", True),
            Action("over", "◀◀ first weights", start_over, "to the first weights; the points stay"),
            Options("label", "next point: label", tuple(LABELS), next(iter(LABELS))),
            Slider("x1", "x₁", LOW, HIGH, middle, GRID),
            Slider("x2", "x₂", LOW, HIGH, middle, GRID),
            Action("add", "add the point", add_point),
            Action("remove", "take the last away", remove_point),
            Action("clear", "clear", remove_all, "take all points away"),
            Surface("plane", add_point_at),
        ],
        show,
        start=hidden | {"made": ((), 0)},
        help="Click into the plane to add a point. Choose a sample (click it, or Tab and Enter): "
        'its excess W · x appears here. "reset" takes your points away, too; '
        '"first weights" leaves them.',
    )


def _given(X, y):
    """Return the samples given, checked."""
    X = as_array("X", X, shape=(None, 2))
    if len(X) > MOST_POINTS:
        raise ValueError(f"X must hold {MOST_POINTS} samples at most, got {len(X)}")
    if X.min() < LOW or X.max() > HIGH:
        raise ValueError(
            f"X must lie between {LOW:g} and {HIGH:g}, got values from {X.min():g} to {X.max():g}"
        )
    record = train_perceptron(X, y, max_rounds=1)  # it checks the labels
    return _tuples(record.X, record.y)
