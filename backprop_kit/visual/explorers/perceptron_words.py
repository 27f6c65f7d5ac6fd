"""What is said of a perceptron's training: every sentence with the numbers of its state.

The letters are those of lesson 01: ``W = (W1, W2, W_dum)``, the dummy input is always -1.
"""

import numpy as np

from backprop_kit.numeric.neuron import MPNeuron, append_dummy


class Words:
    """The sentences of one run; the names of its samples and the size of its numbers.

    Parameters
    ----------
    record : PerceptronRecord
    states : sequence of PerceptronState
    """

    def __init__(self, record, states):
        self.record = record
        self.states = states
        self.X_dummy = append_dummy(record.X) if len(record.X) else np.empty((0, 3))
        self.names = _names(record.X)
        self.size = max(np.abs(record.weight_path).max(), np.abs(self.X_dummy).max(initial=1))

    def number(self, value):
        """Write a number; what rounding has left of 0 is written as 0."""
        value = float(value)
        text = "0" if abs(value) < 1e-12 * self.size else f"{value:g}"
        return text.replace("-", "−")

    def factor(self, value):
        """Write a number as a factor: what is below 0 in brackets."""
        text = self.number(value)
        return f"({text})" if text.startswith("−") else text

    def row(self, values):
        """Write numbers in a row."""
        return "(" + ", ".join(self.number(value) for value in values) + ")"

    def named(self, samples):
        """Name some samples."""
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
        """Say which samples are wrong with these weights."""
        return f"Wrong now: {self.named(state.wrong)}." if state.wrong else "Wrong now: none."

    def says(self, state):
        """Say what a state shows, with its numbers."""
        if not self.names:
            return "No points yet. Click into the plane, or move x₁ and x₂ and add a point."
        if state.kind == "start":
            text = f"Start: W = {self.row(state.weights)}. {self.side(state.weights)} "
            text += self.state_of_wrong(state)
            return text if len(self.states) > 1 else f"{text} {self.record.message}"
        if state.kind == "end":
            text = f"{self.record.message} {self.beyond()}".strip()
            return (
                f"{self.ending(state).capitalize()}. {text} W = {self.row(state.weights)}. "
                f"{self.side(state.weights)} {self.state_of_wrong(state)}"
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

    def ending(self, state):
        """Say whether the training is over, or only the steps shown here."""
        if self.record.outcome == "separated":
            return "end: separated"
        why = "the cycle seen twice" if self.record.outcome == "cycle" else self.record.outcome
        return f"stopped here, after correction {state.number - 1}: {why}"

    def turn(self, step):
        """Say it where the correction turns nothing."""
        if step.correction[:2].any() or not step.weights_before[:2].any():
            return ""
        return "Only the last weight, the threshold, changes: the line is pushed, not turned. "

    def again(self, state):
        """Say which earlier correction this one repeats."""
        at = "the same sample" if state.step.sample is not None else "the same wrong samples"
        return f"This repeats correction {state.repeats}: the same weights, {at}."

    def beyond(self):
        """Say what follows from an end without success: a cycle proves more than giving up."""
        if self.record.outcome == "separated":
            return ""
        if self.record.outcome == "unfinished":
            return f"It only gave up after {self.record.rounds} rounds: a line may exist."
        again = [state for state in self.states if state.repeats is not None]
        first = _span(state.repeats for state in again).lower()
        verb = "repeats" if len(again) == 1 else "repeat"
        span = _span(state.number for state in again)
        return f"{span} {verb} {first}, and so it goes on: no line can do it."

    def notes(self, state):
        """Return what is said of each sample, by the key of its mark."""
        return {key_of(name): self.note(state, k) for k, name in enumerate(self.names)}

    def note(self, state, k):
        """Say of sample k what it is, its sum before and now, and whether it is right."""
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
    """Return digits for what stands where a gate has a sample, letters for every other."""
    names, letters = [], iter("ABCDEFGHIJKL")
    for a, b in X:
        digits = f"{a:g}{b:g}"
        free = digits in ("00", "01", "10", "11") and digits not in names
        names.append(digits if free else next(letters))
    return names


def key_of(name):
    """Return the key of a sample's mark."""
    return f"sample {name}"


def _span(numbers):
    first, *rest = numbers
    return f"Corrections {first} to {rest[-1]}" if rest else f"Correction {first}"
