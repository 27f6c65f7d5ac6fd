"""Exercises of lesson 01: the perceptron (SOURCES A1-A3)."""

import math

import numpy as np
import sympy

from backprop_kit.exercises.checks import Verdict, choice, right, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import read
from backprop_kit.numeric import MPNeuron, PerceptronRecord, append_dummy, gate
from backprop_kit.numeric.data import GATES
from backprop_kit.symbolic.notation import eta

_ROWS = ("00", "01", "10", "11")
_ALWAYS = {(1, 1, 1, 1): "It fires everywhere.", (0, 0, 0, 0): "It fires nowhere."}


# ---------------------------------------------------------------------- neurons of two inputs


_NUMBERS = "three numbers in brackets, (W1, W2, {last}), without quotes"


def _neuron(answer, *, last="theta", form=_NUMBERS):
    """Return the neuron that an answer describes, or the verdict on why it describes none."""
    form = form.format(last=last)
    if isinstance(answer, PerceptronRecord):
        if len(answer.weights) == 4:
            return wrong(
                "This record has four weights: train_perceptron appends the dummy input itself, "
                "so hand it the two columns of X."
            )
        answer = answer.weights
    if isinstance(answer, MPNeuron):
        answer = answer.with_dummy()
    if callable(answer):
        return wrong(f"This is a function, and not yet what it returns. Answer with {form}.")
    try:
        numbers = np.asarray(answer)
        if numbers.dtype == bool or numbers.dtype.kind not in "iuf":
            raise TypeError
    except (TypeError, ValueError):
        return wrong(f"Answer with {form}.")
    if numbers.size == 3 and numbers.shape != (3,):
        return wrong(f"One pair of brackets is enough: (W1, W2, {last}).")
    if numbers.shape != (3,):
        return wrong(f"Three numbers are needed, (W1, W2, {last}); this holds {numbers.size}.")
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e100:
        return wrong("The three numbers must be finite, and not astronomically large.")
    return MPNeuron.from_dummy(numbers)


def _net_inputs(neuron):
    """Return the excesses at the four rows; what is 0 but for rounding is 0."""
    terms = append_dummy(gate("AND").X) * neuron.with_dummy()
    nets = terms.sum(axis=1)
    return np.where(np.abs(nets) <= 1e-12 * np.abs(terms).sum(axis=1), 0.0, nets)


def _fires(neuron, name):
    """Return the neuron's answers to the four rows of a gate."""
    wanted = gate(name).y
    # 0.3 + 0.6 - 0.9 is 0 on paper and below 0 in the machine: paper's answer counts, too.
    candidates = (_net_inputs(neuron) >= 0).astype(int), neuron.fire(gate(name).X)
    return next((c for c in candidates if np.array_equal(c, wanted)), candidates[0])


def _listed(names):
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _nets_in_words(neuron):
    nets = [f"{net + 0.0:+.4g}" if net else "0" for net in _net_inputs(neuron)]
    return f"W1 x1 + W2 x2 - theta at {', '.join(_ROWS)} is {', '.join(nets)}."


def _reason(neuron, name, fires):
    """Say which known mistake made the neuron answer `fires` instead of the gate `name`."""
    wanted = gate(name).y
    turned = MPNeuron(neuron.weights, -neuron.threshold).fire(gate(name).X)
    if np.array_equal(turned, wanted) and neuron.threshold:
        return "The threshold is subtracted: with the other sign of theta this would be right."
    if np.array_equal(1 - fires, wanted):
        return "Every answer is turned round: think about the signs."
    nets = _net_inputs(neuron)
    ties = [row for row, net, y in zip(_ROWS, nets, wanted, strict=True) if net == 0 and not y]
    if ties:
        return f"At {_listed(ties)} it is exactly 0, and the neuron fires from 0 on."
    if tuple(fires) in _ALWAYS:
        return _ALWAYS[tuple(fires)]
    others = [other for other, labels in GATES.items() if labels == tuple(fires)]
    return f"This is {others[0]}." if others else ""


def _gate_examiner(name, praise, form=_NUMBERS):
    """Examine a neuron for a gate; every valid choice is right."""

    def examine(answer):
        neuron = _neuron(answer, form=form)
        if isinstance(neuron, Verdict):
            return neuron
        fires = _fires(neuron, name)
        wanted = gate(name).y
        if np.array_equal(fires, wanted):
            return right(f"{_nets_in_words(neuron)} {praise}")
        bad = [row for row, f, y in zip(_ROWS, fires, wanted, strict=True) if f != y]
        return wrong(
            f"{_listed(bad)} {'is' if len(bad) == 1 else 'are'} answered wrongly. "
            f"{_nets_in_words(neuron)} {_reason(neuron, name, fires)}".rstrip()
        )

    return examine


def _examine_xor_three(answer):
    neuron = _neuron(answer)
    if isinstance(neuron, Verdict):
        return neuron
    xor = gate("XOR")
    hits = (_net_inputs(neuron) >= 0) == xor.y
    rows = [row for row, hit in zip(_ROWS, hits, strict=True) if hit]
    if len(rows) == 3:
        missed = next(row for row in _ROWS if row not in rows)
        return right(f"{_listed(rows)} are right, {missed} is not. No neuron gets further.")
    count = f"Only {len(rows)} of 4" if rows else "None of the 4"
    which = f" ({_listed(rows)})" if rows else ""
    return wrong(f"{count} right{which}. {_nets_in_words(neuron)} Start from a neuron for OR.")


# ---------------------------------------------------------------------- updates


# Seen through the letters' names, so that any symbol called eta will do.
_LETTERS = ("eta", "y", "yhat", "theta")
_SPELLINGS = {"y_hat": "yhat", r"\hat{y}": "yhat", r"\hat y": "yhat"}
_POINTS = ((0.7, 1.3, 0.4, 2.1), (0.3, 0.2, 1.9, 0.8), (1.6, 0.9, 2.2, 0.5))


def _examine_threshold_update(answer):
    if isinstance(answer, str):
        answer = read(answer, {letter: sympy.Symbol(letter) for letter in _LETTERS})
        if isinstance(answer, Verdict):
            return answer
    if isinstance(answer, bool) or not isinstance(answer, (sympy.Expr, int, float)):
        return wrong("This exercise takes a formula in eta, y and y_hat.")
    answer = sympy.sympify(answer, strict=True)
    names = {_letter(symbol) for symbol in answer.free_symbols}
    strangers = sorted(names.difference(_LETTERS))
    if "x_dum" in strangers:
        return wrong("x_dum is still in it: it is a number, -1. Put that in.")
    if strangers:
        return wrong(
            f"{_listed(strangers)} should not appear: theta is the weight of the dummy input "
            "alone, and that input is -1."
        )
    given = [_value(answer, point) for point in _POINTS]
    if not all(math.isfinite(value) for value in given):
        return wrong("This formula has no finite value.")
    cases = (
        (lambda eta, y, y_hat, theta: -eta * (y - y_hat), None),
        (
            lambda eta, y, y_hat, theta: eta * (y - y_hat),
            "The sign is turned: the dummy input is -1, not +1.",
        ),
        (lambda eta, y, y_hat, theta: -(y - y_hat), "The step size eta is missing."),
        (
            lambda eta, y, y_hat, theta: y - y_hat,
            "eta is missing, and the sign is turned: the dummy input is -1.",
        ),
        (
            lambda eta, y, y_hat, theta: theta - eta * (y - y_hat),
            "This is the new threshold. The question is about the change: leave the old theta out.",
        ),
    )
    for formula, reason in cases:
        wanted = [formula(*point) for point in _POINTS]
        if all(math.isclose(g, t, rel_tol=1e-9) for g, t in zip(given, wanted, strict=True)):
            if reason:
                return wrong(reason)
            return right("A neuron that is silent and should fire gets a lower threshold.")
    if not any(given):
        return wrong("With this, nothing would ever change, even where the neuron is wrong.")
    when_right = [_value(answer, (eta, y, y, theta)) for eta, y, _, theta in _POINTS]
    if not np.allclose(when_right, 0, rtol=0, atol=1e-9):
        return wrong(
            "Put y = y_hat: the prediction is right, so nothing may change, "
            "but this formula is not 0 then."
        )
    return wrong(
        f"With eta = 0.7, y = 1.3, y_hat = 0.4 (any numbers will do for a formula) this gives "
        f"{given[0]:.4g}, and the rule gives {-0.7 * (1.3 - 0.4):.4g}."
    )


def _letter(symbol):
    name = getattr(symbol, "name", str(symbol))
    return _SPELLINGS.get(name, name)


def _value(formula, point):
    numbers = dict(zip(_LETTERS, point, strict=True))
    value = formula.subs({s: numbers[_letter(s)] for s in formula.free_symbols})
    return float(value) if value.is_real and value.is_finite else math.nan


_ONE_CORRECTION = (2.0, 0.5, 1.5)
_SLIPS = {
    (2.0, 1.0, 1.0): "Nothing has changed. The excess 2·0 + 1·1 - 1·1 is exactly 0, "
    "so the neuron fires, and it should not.",
    (2.0, 0.0, 2.0): "The step is 1 here: eta = 0.5 is missing.",
    (2.0, 1.5, 0.5): "The wrong way: y - y_hat is 0 - 1 = -1.",
    (2.0, 0.5, 0.5): "W1 and W2 are right. W_dum belongs to the input -1, "
    "so it moves against them.",
    (2.0, 0.5, 1.0): "W1 and W2 are right. W_dum learns, too: its input is -1.",
    (1.5, 0.5, 1.5): "W1 must stay: its input x1 is 0 in this sample.",
    (1.5, 1.0, 1.5): "This is the step for sample 10. The sample here is x1 = 0, x2 = 1.",
}


def _examine_one_correction(answer):
    neuron = _neuron(answer, last="W_dum")
    if isinstance(neuron, Verdict):
        return neuron
    given = neuron.with_dummy()
    if np.allclose(given, _ONE_CORRECTION, rtol=0, atol=1e-6):
        return right("The excess at 01 is now 0.5 - 1.5 = -1: the neuron is silent there.")
    for slip, reason in _SLIPS.items():
        if np.allclose(given, slip, rtol=0, atol=1e-6):
            return wrong(reason)
    letters = ("W1", "W2", "W_dum")
    bad = [
        letter
        for letter, g, t in zip(letters, given, _ONE_CORRECTION, strict=True)
        if not math.isclose(g, t, abs_tol=1e-6)
    ]
    return wrong(
        f"{_listed(bad)} {'is' if len(bad) == 1 else 'are'} not right yet. "
        "Each old number plus eta · (y - y_hat) · its own input."
    )


# ---------------------------------------------------------------------- the exercises

EXERCISES = (
    Exercise(
        id="01-and-by-hand",
        prompt="Find numbers $W_1$, $W_2$ and $\\theta$ with which the neuron computes AND. "
        "Any choice that works is right. Answer with three numbers, `(W1, W2, theta)`.",
        examine=_gate_examiner("AND", "Only the last one is not below 0."),
        answer=lambda: (1, 1, 1.5),
        hints=(
            "Which of the four inputs must reach the threshold, and which must stay below it?",
            "Take both weights equal to 1. How large is the weighted sum at 01, and at 11?",
            "With weights 1 and 1 the sums are 0, 1, 1, 2. Put theta between 1 and 2.",
        ),
        explanation="Every theta above 1 and up to 2 works with these weights.",
    ),
    Exercise(
        id="01-or-by-hand",
        prompt="Now OR, by hand: it should be silent for 00 only. Can you get there from a neuron "
        "for AND by changing one number? Answer with `(W1, W2, theta)`.",
        examine=_gate_examiner("OR", "Only the first one is below 0."),
        answer=lambda: (1, 1, 0.5),
        hints=(
            "Which of the three numbers shifts the line without turning it?",
            "The line must now pass between 00 and the other three points.",
            "Keep the weights 1 and 1 and put theta between 0 and 1.",
        ),
        explanation="Every theta above 0 and up to 1 works with these weights.",
    ),
    Exercise(
        id="01-threshold-update",
        prompt="The rule changes $W_{dum}$, too, and $W_{dum}$ is the threshold. "
        "Write $\\Delta\\theta$, what one sample adds to $\\theta$, "
        "as a formula in `eta`, `y` and `y_hat`.",
        examine=_examine_threshold_update,
        answer=lambda: -eta * (sympy.Symbol("y") - sympy.Symbol("yhat")),
        hints=(
            "Which input belongs to the weight W_dum, and what is its value?",
            "What one sample adds to any weight is eta, times the error y - y_hat, "
            "times the input of that weight.",
            "Write eta * (y - y_hat) * x_dum and put in the number for x_dum.",
        ),
        explanation="Here yhat is the symbol's name for y_hat. The minus is the dummy input.",
    ),
    Exercise(
        id="01-predict-ascent",
        prompt="Start at a neuron that is right, $(1, 1, 1.5)$, and climb on $L_{True}$ with "
        '$\\eta = 1$. `"a"` it stays where it is; `"b"` it ends firing everywhere; '
        '`"c"` it ends firing nowhere.',
        examine=choice(
            {
                "a": "That would be so if only errors counted. L_True alone never looks at the "
                "labels: sample 11 is right, and still its excess is pushed up.",
                "b": "What fires is pushed up further, and takes its neighbours along. "
                "There is no label in L_True to stop it.",
                "c": "Firing nowhere is where going down on L_True leads: it silences "
                "what fires. Climbing pushes up what fires already.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which samples contribute to L_True at the start?",
            "Only 11 fires. Climbing adds its inputs (1, 1, -1) to the weights.",
            "That gives (2, 2, 0.5). Which samples fire now, and what will be added next?",
        ),
        explanation="Every step adds the inputs of whatever fires, and the threshold falls with "
        "each of them, until all four fire.",
    ),
    Exercise(
        id="01-one-correction",
        prompt="One step on paper. The weights are $(W_1, W_2, W_{dum}) = (2, 1, 1)$, the gate is "
        "AND, the sample is $x_1 = 0$, $x_2 = 1$, and $\\eta = 0.5$. "
        "What are the three numbers after the step? Answer with `(W1, W2, W_dum)`.",
        examine=_examine_one_correction,
        answer=lambda: _ONE_CORRECTION,
        hints=(
            "What does the neuron answer for this sample, and what should it answer?",
            "The excess is exactly 0, so the neuron fires: y - y_hat = -1.",
            "Add 0.5 · (-1) · (0, 1, -1) to (2, 1, 1).",
        ),
        explanation="The step is 0.5 · (0 - 1) · (0, 1, -1) = (0, -0.5, 0.5).",
    ),
    Exercise(
        id="01-predict-start",
        prompt="All three weights are 0, and the first sample is 00 of AND, with $\\eta = 1$. "
        'Which weights does the step change? `"a"` none; `"b"` $W_{dum}$ alone; `"c"` all three.',
        examine=choice(
            {
                "a": "That would be so if 00 were right, and its cost is 0. But an excess of 0 "
                "is enough to fire, and the label is 0: y - y_hat = -1.",
                "b": "00 fires, as its excess is 0, and should not. The error is multiplied by "
                "the inputs (0, 0, -1), so the threshold alone rises, to 1.",
                "c": "Each weight moves by its own input, and x1 and x2 are 0 here.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "What is the excess for 00, and does the neuron fire there?",
            "It fires at excess 0 and should not: y - y_hat = -1.",
            "The step is -1 times the inputs of 00. What are the three inputs?",
        ),
        explanation="The step is 1 · (0 - 1) · (0, 0, -1) = (0, 0, 1).",
    ),
    Exercise(
        id="01-predict-eta",
        prompt="AND from weights 0, with $\\eta = 0.25$ instead of 1. "
        '`"a"` it needs more corrections; `"b"` fewer; `"c"` just as many, at the same samples.',
        examine=choice(
            {
                "a": "Smaller steps, but towards smaller weights: every number is a quarter of "
                "what it was, and a quarter of an excess has the same sign.",
                "b": "No overshooting is avoided here: the line goes through the same places.",
                "c": "From 0, eta is a common factor of all the weights. "
                "It changes no sign, so no prediction either.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "What are the weights after the first correction, with each eta?",
            "Starting from 0, the weights are eta times a sum of inputs.",
            "Does f(eta · u) differ from f(u) when eta is positive?",
        ),
        explanation="From 0 every excess is eta times what it is for eta = 1: "
        "no sign changes, so no prediction and no correction does.",
    ),
    Exercise(
        id="01-nand",
        prompt="NAND is AND turned round: silent for 11 only. Train a neuron for it with "
        "`train_perceptron`, then hand in the record, or three numbers of your own.",
        examine=_gate_examiner(
            "NAND",
            "Only the last one is below 0.",
            form="the record that train_perceptron returns, or with " + _NUMBERS,
        ),
        answer=lambda: (-2, -1, -2),
        hints=(
            "What did you hand to train_perceptron for AND, and which part is another one now?",
            'gate("NAND") holds the inputs .X and the labels .y.',
            'nand = gate("NAND"), then answer = train_perceptron(nand.X, nand.y).',
        ),
        explanation="Training from 0 with one sample at a time ends there.",
    ),
    Exercise(
        id="01-predict-xor",
        prompt='And XOR? `"a"` after more rounds it finds a line; `"b"` it stops with one sample '
        'wrong; `"c"` it never stops.',
        examine=choice(
            {
                "a": "There is no such line to be found, however long it looks. "
                "The next cells prove it.",
                "b": "One wrong sample is the best a neuron can do, but the rule does not know "
                "that: it stops only when nothing is wrong.",
                "c": "As long as one sample is wrong the weights move, and one always is.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "When does the rule stop?",
            "It stops when every prediction equals its label.",
            "Try to draw a line that separates 01 and 10 from 00 and 11.",
        ),
        explanation="The rule stops when nothing is wrong, and with any line something is.",
    ),
    Exercise(
        id="01-xor-three",
        prompt="No neuron gets all four samples of XOR right. Find one that gets three right. "
        "Answer with `(W1, W2, theta)`.",
        examine=_examine_xor_three,
        answer=lambda: (1, 1, 0.5),
        hints=(
            "Give one sample up. Which gate is left?",
            "XOR and OR differ in one row only.",
            "Take your own numbers for OR; they get 00, 01 and 10 right.",
        ),
        explanation="This is OR. NAND gets three right, too.",
    ),
)
