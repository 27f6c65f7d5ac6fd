"""Exercises of lesson 05: whether a gradient is right, and if not, which line is at fault."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop_kit.exercises.checks import Verdict, choice, number, right, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.numeric import Gradients, Network, worked_example

_STEP = 1e-5

#: Mistakes to put into a network: those of the lesson's section 7 under its names, and more; the
#: last three are of the step.  The names on the right are of `misconceptions.TABLE`.
MISTAKES = {
    "sign turned": "gradient-sign",
    "output slope missing": "cross-entropy-delta",
    "sum over outputs missing: output 2 alone": "missing-sum",
    "weights not transposed": "w-transposed",
    "hidden slope missing": "missing-slope-hidden",
    "sign turned in the hidden layer": "difference-turned",
    "weights w missing on the way back": "missing-w",
    "input x missing": "missing-x",
    "hidden output b missing": "missing-b",
    "target y in place of y - ŷ": "target-for-error",
    "every gradient halved: the 1/2 of E kept": "half-kept",
    "thresholds moved as if they were added": "threshold-sign",
    "gradients of the weights transposed": "outer-product-transposed",
    "step too early: the output layer moves first": "updated-w",
    "eta missing in the step": "missing-eta",
    "sign turned in the step: it climbs": "update-sign",
}


def mystery_gradients(network, X, Y) -> Gradients:
    """Return gradients with one line of backpropagation broken; which one is the exercise.

    Parameters
    ----------
    network : Network
        With one hidden layer.
    X : array_like, shape (1, d)
    Y : array_like, shape (1, l)

    Examples
    --------
    >>> from backprop_kit import check_gradients
    >>> network, X, Y = Network((2, 2, 1)), [[0.0, 1.0]], [[1.0]]
    >>> check_gradients(network, X, Y, gradients=mystery_gradients(network, X, Y)).passed
    False
    """
    x, b, y_hat = network.forward(X).outputs
    E_by_beta = y_hat - np.asarray(Y, dtype=float)
    E_by_alpha = E_by_beta @ network.weights[1].T * b * (1 - b)
    return Gradients(
        (x.T @ E_by_alpha, b.T @ E_by_beta), (-E_by_alpha.sum(axis=0), -E_by_beta.sum(axis=0))
    )


def _example():
    """Return the worked example's network, its one sample and its learning rate."""
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    return network, example.x[np.newaxis, :], example.y[np.newaxis, :], example.eta


def _after():
    """Return the worked example after one step, as the lesson's `after`."""
    network, X, Y, eta = _example()
    network.step(network.backward(network.forward(X), Y), eta)
    return network, X, Y


def _difference_for_gamma_2(divide_by=2 * _STEP):
    """Return the central difference of E along the second hidden threshold of `after`."""
    after, X, Y = _after()

    def loss_at(move):
        moved = after.copy()
        moved.thresholds[0][1] += move
        return moved.loss(X, Y)

    return (loss_at(_STEP) - loss_at(-_STEP)) / divide_by


def _difference_examiner():
    network, X, Y, eta = _example()
    before = network.backward(network.forward(X), Y)
    after, X, Y = _after()
    found = after.backward(after.forward(X), Y)
    (gamma_1, gamma_2), (theta_1, theta_2) = found.thresholds
    output_unit = (
        "the threshold of an output unit. The hidden layer's thresholds are moved.thresholds[0]."
    )
    near = {
        before.thresholds[0][1]: "This is the derivative before the step. In the first line of "
        "loss_at_gamma, copy `after` in place of `network`.",
        before.weights[1][0, 0]: "This is the derivative by w_11, from loss_at. Call your own "
        "function, loss_at_gamma.",
        gamma_1: "This is the derivative by γ_1. Python counts from 0: where does γ_2 stand?",
        theta_1: f"This is the derivative by θ_1, {output_unit}",
        theta_2: f"This is the derivative by θ_2, {output_unit}",
        -eta * gamma_2: "That is the update, -η times the derivative. The derivative is asked.",
        2 * gamma_2: "This is twice the right number: from -s to +s the threshold moved by 2s.",
        gamma_2 / _STEP: "This is the slope, divided by s once more.",
        float(found.weights[0][1, 1]): "This is the derivative by the weight v_22.",
        _difference_for_gamma_2(divide_by=2): "This is the difference of the two errors, "
        "divided by 2. Divide by the step, too.",
        _difference_for_gamma_2(divide_by=1): "This is the difference of the two errors. "
        "A slope is that difference divided by how far the threshold moved.",
        # The last entry: with a target of 0, all that is below the tolerance counts as near.
        0: "This is 0, or next to it. Did you divide by (2 * s)? Is your s still 1e-5? With a far "
        "smaller one, the two errors come out equal. And does loss_at_gamma give the loss of "
        "`moved`?",
    }
    return number(gamma_2, tolerance=1e-4, near=near)


# ------------------------------------------------------------------ the student's own check


@dataclass(frozen=True)
class _Trial:
    """One pair that the student's check must judge, and what to say if it errs."""

    given: tuple
    expected: tuple
    verdict: bool
    lesson: str

    def arrays(self):
        """Return fresh arrays: a check that changes its arguments spoils no later trial."""
        return np.array(self.given, dtype=float), np.array(self.expected, dtype=float)


_TINY = (4e-4, -9e-4, 2e-5)
_LARGE = (4e6, -9e6, 2e5)


def _scaled(values, factor):
    return tuple(value * factor for value in values)


_TRIALS = (
    _Trial(_TINY, _TINY, True, "It refuses a gradient that is exactly right."),
    _Trial(
        _LARGE,
        (1, 2, -3),
        False,
        "It passes everything, or nearly: even a gradient in the millions where the largest entry "
        "should be 3. Compare given with expected.",
    ),
    _Trial(
        _scaled(_LARGE, -1),
        _LARGE,
        False,
        "It ignores the sign: compare given - expected, and take np.abs of that difference.",
    ),
    _Trial(
        _scaled(_TINY, -1),
        _TINY,
        False,
        "It passes a small gradient whose sign is turned. Compare with the size of the block: "
        "an absolute tolerance is larger than the whole gradient.",
    ),
    _Trial(
        _scaled(_TINY, 2),
        _TINY,
        False,
        "It passes a gradient that is twice too large: by our gap of 0.5, half of it is wrong.",
    ),
    _Trial(
        (0, 0, 0),
        _TINY,
        False,
        "It passes a gradient of zeros where the expected one is small, but not zero.",
    ),
    _Trial(
        (-5e-4, 3e-4),
        (5e-4, -3e-4),
        False,
        "It passes a turned sign when the entries add up to little. Take sizes before the "
        "maximum: np.abs first, then .max().",
    ),
    _Trial(
        _scaled(_TINY, 1.001),
        _TINY,
        False,
        "It passes a gradient that is off by a thousandth: the difference is 9e-7, and the largest "
        "entry is 9e-4. Their ratio is what counts, and a tolerance of 1e-6 can stand.",
    ),
    _Trial(
        _scaled(_TINY, -1e-6),
        _scaled(_TINY, 1e-6),
        False,
        "It passes a turned sign in a block as small as 1e-9, as the first layers of a deep "
        "network have. np.allclose has an absolute tolerance of its own: atol=1e-8 if not given.",
    ),
    _Trial(
        (0.5, 0.1, -9e-4),
        (0.5, 0.1, 9e-4),
        False,
        "It passes a block of which one small entry has its sign turned. The difference is 0.0018 "
        "beside a largest entry of 0.5: a tolerance of 1e-6 finds it.",
    ),
    _Trial(
        (0.3, 0.2, 0.1),
        (0.1, 0.2, 0.3),
        False,
        "It passes a block whose entries stand in the wrong places. Compare entry by entry.",
    ),
    _Trial(
        _scaled(_TINY, 1 + 1e-15),
        _TINY,
        True,
        "It refuses a gradient that is off in the 15th digit. That is rounding: leave room for it.",
    ),
    _Trial(
        _scaled(_LARGE, 1 + 1e-14),
        _LARGE,
        True,
        "It refuses a large gradient that is right to 14 digits: the difference is 9e-8, but the "
        "entries are in the millions. Divide the difference by the largest entry.",
    ),
    _Trial(
        _scaled(_LARGE, 1 + 1e-9),
        _LARGE,
        True,
        "It refuses a gradient that is right to nine digits: your tolerance is too tight. Formula "
        "and code agreed within 1e-12, but a difference of two errors leaves more rounding; 1e-6 "
        "can stand.",
    ),
    _Trial(
        (0.5, 1e-12),
        (0.5, 0.0),
        True,
        "It refuses a block because of one entry that is 0 but for rounding. Divide by the "
        "largest entry of the block, not entry by entry.",
    ),
    _Trial(
        (0, 0, 0),
        (0, 0, 0),
        False,
        "It passes two blocks of zeros. Nothing was tested there: a check should refuse that.",
    ),
)

_ASK_FOR_FUNCTION = "Hand in your function, as in check(passes)"


def _examine_own_check(function) -> Verdict:
    if not callable(function):
        return wrong(f"{_ASK_FOR_FUNCTION}; this is {type(function).__name__}.")
    for trial in _TRIALS:
        try:
            # A division 0 / 0 is the student's to meet: the trial's reply speaks of it.
            with np.errstate(all="ignore"):
                answer = function(*trial.arrays())
        except Exception as error:
            return wrong(f"Your function stopped with {type(error).__name__}: {error}.")
        if answer is None or answer is Ellipsis:
            return Verdict(
                False,
                "Replace the ... by your rule, and give its result back with return.",
                tried=False,
            )
        if isinstance(answer, np.ndarray) and answer.size != 1:
            return wrong("Your function gives one answer an entry. Ask for one: True or False.")
        if not isinstance(answer, bool | np.bool_ | np.ndarray):
            return wrong(f"Your function should give True or False; it gave {answer!r:.40}.")
        if bool(answer) != trial.verdict:
            return wrong(trial.lesson)
    return right(
        "Your check stands: small and large gradients, turned signs, swapped entries, zeros."
    )


@dataclass(frozen=True)
class _Code:
    """A function that shows its text, so that a solution can be read."""

    text: str
    function: Callable

    def __call__(self, given, expected):
        return self.function(given, expected)

    def __str__(self):
        return self.text


_OWN_CHECK = _Code(
    "return np.abs(expected).max() > 0 and "
    "np.abs(given - expected).max() <= 1e-6 * np.abs(expected).max()",
    lambda given, expected: (
        np.abs(expected).max() > 0
        and np.abs(given - expected).max() <= 1e-6 * np.abs(expected).max()
    ),
)


EXERCISES = (
    Exercise(
        id="05-predict-step",
        prompt="The central difference has a step size $s$. Is a smaller one always better? "
        '`"a"` yes, `"b"` no, there is a best size, `"c"` below 0.001 it makes no difference.',
        examine=choice(
            {
                "a": "That is so on paper, where numbers have all their digits. A computer keeps "
                "about 16: when s is tiny, the two values of E agree in nearly all of them, and "
                "subtracting them leaves little but rounding.",
                "b": "Two effects pull against each other: the curve's bend, which shrinks with s, "
                "and rounding, which grows as s shrinks. In between lies a best size.",
                "c": "Down to about 1e-5 the slope still gains digits, and below it loses them "
                "again. In no range does the size make no difference.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "What do two numbers have in common that differ by 1e-15 only?",
            "A computer keeps about 16 digits of each E. How many are left after subtracting?",
            "At s = 1e-17, w + s comes out as w itself.",
        ),
    ),
    Exercise(
        id="05-gamma-by-difference",
        prompt="Find $\\partial E / \\partial \\gamma_2$ of the network `after`, which has taken "
        "the step, by a central difference: $\\gamma_2$ is the second threshold of the hidden "
        "layer. Use the cell above as a model, but write a new function, `loss_at_gamma`: the next "
        "cells need `loss_at` as it is. Give four significant digits.",
        examine=_difference_examiner(),
        answer=_difference_for_gamma_2,
        hints=(
            "Two lines of `loss_at` say which network is copied, and what is moved. Which? In "
            "`loss_at_gamma` these two differ.",
            "Copy `after`. The hidden layer's thresholds are `moved.thresholds[0]`; Python counts "
            "from 0.",
            "In `loss_at_gamma(move)`, write `moved = after.copy()` and "
            "`moved.thresholds[0][1] += move`. Then subtract `loss_at_gamma(-s)` from "
            "`loss_at_gamma(+s)` and divide by `2 * s`, with s = 1e-5.",
        ),
        explanation="A larger threshold makes the unit's output smaller; here that lowers the "
        "error, so the slope is negative.",
    ),
    Exercise(
        id="05-predict-loose",
        prompt="A colleague checks the gradients of `W1` with a tolerance of 0.01. Which of three "
        'wrong gradients will that check find? `"a"` all three, `"b"` only the one with the turned '
        'sign, `"c"` none.',
        examine=choice(
            {
                "a": "It would, were the gradients about as large as 1. These are below 0.001: "
                "even their double differs from them by less than 0.01.",
                "b": "With its sign turned a number is off by twice its size, but twice a number "
                "below 0.001 is still below 0.01. A wrong sign is no safer than a wrong size here.",
                "c": "All four entries lie below 0.001. Whatever stays below 0.01 passes: turned, "
                "doubled, or not computed at all.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "How large are the four gradients of W1, and how large is the tolerance?",
            "How far is a number g from -g?",
            "The largest entry is 0.000995, so its turned sign is off by 0.00199.",
        ),
    ),
    Exercise(
        id="05-own-check",
        prompt="Write a check of your own: `passes(given, expected)` takes two arrays, the "
        "gradients of one block, and gives `True` or `False`. It should pass a gradient that is "
        "right to nine digits, whether its entries are tiny or huge, and refuse one that is off by "
        "a thousandth or more. Two blocks of zeros tested nothing: refuse them too.",
        examine=_examine_own_check,
        answer=lambda: _OWN_CHECK,
        hints=(
            "What did `gap` divide by, and why?",
            "First the largest difference, then the largest entry: which tolerance fits their "
            "ratio? And what is the largest entry of a block of zeros?",
            "Compare `np.abs(given - expected).max()` with `1e-6 * np.abs(expected).max()`, and "
            "ask that the latter is above 0.",
        ),
    ),
    Exercise(
        id="05-predict-hidden-slope",
        prompt="The slope $b_h (1 - b_h)$ of the hidden units is left out. Which blocks will "
        'differ? `"a"` all four, `"b"` `W1` and `theta1`, `"c"` `W1` only.',
        examine=choice(
            {
                "a": "The hidden slope does not enter the gradients of W2 and theta2: they hold "
                "b_h, the outputs and the targets, but no b_h (1 - b_h).",
                "b": "v and gamma lie behind the hidden slope, w and theta lie before it. So a "
                "report tells how far back the gradient was still right.",
                "c": "The threshold gamma_h sits inside the same sigmoid as the net input alpha_h, "
                "so its derivative needs the same slope. Both blocks of the layer differ.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Walk back from the error. Where do you meet the hidden slope?",
            "Which of the four updates hold the factor b_h (1 - b_h)?",
            "Two of them do: those of stage 5 and stage 6.",
        ),
    ),
    Exercise(
        id="05-predict-win",
        prompt="One step with the right gradient lowers the error of the worked example. What do "
        'the five wrong gradients do? `"a"` none lowers it, `"b"` some lower it, but by less than '
        'the right one, `"c"` most lower it, and by more than the right one.',
        examine=choice(
            {
                "a": "Whatever points roughly downhill lowers the error, right or not. Of these "
                "five, the turned sign alone points uphill.",
                "b": "The gradient is the steepest direction, but its length need not be the best "
                "one: a wrong gradient that is longer can go further down.",
                "c": "The turned sign alone raises the error. The other four point roughly "
                "downhill and are longer than the right gradient: here they get further down.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Which of the five point uphill?",
            "A slope lies between 0 and 1/4. Without it, is a gradient longer or shorter?",
            "A longer step downhill goes further down, if it does not go too far.",
        ),
    ),
    Exercise(
        id="05-which-line",
        prompt="One line of `my_backward` was changed, and the report above came out. Which line "
        "was it? Answer with its letter.\n\n"
        "- **a** `E_by_y_hat`: its sign was turned\n"
        "- **b** `E_by_beta`: the slope of the outputs is missing\n"
        "- **c** `E_by_b`: the weights were not transposed\n"
        "- **d** `E_by_alpha`: the slope of the hidden units is missing",
        examine=choice(
            {
                "a": "A turned sign does make all four blocks differ, but then each given value "
                "would be the expected one with the other sign. Divide the two and look.",
                "b": "All four blocks differ, so the line enters the outputs' own gradients, too. "
                "And given / expected is 5.35 for theta2[0], our θ_1, which is "
                "1 / (ŷ_1 (1 - ŷ_1)): that factor is missing.",
                "c": "That line does not enter the gradients of W2 and theta2, so these two would "
                "still agree.",
                "d": "That line does not enter the gradients of W2 and theta2, so these two would "
                "still agree.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which blocks differ, and which lines can reach all of them?",
            "Two lines can. For these, what would given / expected be?",
            "In theta2[0] the ratio is 0.741365 / 0.138499 = 5.35. Compare it with -1 and with "
            "1 / (0.7514 · 0.2486).",
        ),
        explanation="All four blocks differ, so `E_by_y_hat` or `E_by_beta` is at fault. In "
        "`theta2[0]`, our $\\theta_1$, the ratio given / expected is 5.35. It is not -1, as a "
        "turned sign gives; it is $1 / (\\hat y_1 (1 - \\hat y_1))$, the missing slope.",
    ),
    Exercise(
        id="05-predict-early",
        prompt="`layer_by_layer` moves the output layer before it computes the hidden layer's "
        "gradients. What will the gradient check of `backward` at the old weights say, and is its "
        'step right? `"a"` `W1` and `theta1` differ, and the step is wrong, `"b"` it passes, and '
        'the step is right, `"c"` it passes, and the step is wrong all the same.',
        examine=choice(
            {
                "a": "At the old weights trace and weights belong together, and `backward` is "
                "right. The fault lies in layer_by_layer: it calls `backward` again when the "
                "weights have moved.",
                "b": "The sum over j uses the weights w_hj. When they have already moved, another "
                "sum comes out, and with it another step for v and gamma.",
                "c": "`backward` is right when trace and weights belong together; the second call "
                "mixes an old trace with new weights. So compare the whole step.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "What does check_gradients look at: a gradient or a step?",
            "Which letters does the formula for Δv hold, besides x and b?",
            "It holds w_hj: the value before the step, or after it?",
        ),
    ),
)
