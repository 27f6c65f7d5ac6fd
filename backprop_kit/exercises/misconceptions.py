"""The mistakes people make with these formulas: one table, three uses.

A misconception is a *slip*: from a right formula to the wrong one that it leads to.  The table
names wrong answers (`backprop_kit.exercises.formulas`), breaks networks on purpose
(`backprop_kit.exercises.faulty`), and proves in the tests that no gradient check is vacuous.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Expr, Sum

from backprop_kit.symbolic import derive_updates, differentiate
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    d,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    q,
    sigma,
    theta,
    v,
    w,
    x,
    y,
    y_hat,
)

FORMULA, BACKWARD, UPDATE = "formula", "backward", "update"

#: The parameter that each update changes.
PARAMETERS = {"w": w[h, j], "theta": theta[j], "gamma": gamma[h], "v": v[i, h]}
UPDATES = tuple(PARAMETERS)
_THRESHOLDS, _HIDDEN = {"theta", "gamma"}, {"gamma", "v"}

Slip = Callable[[Expr, str | None], Expr | None]


@dataclass(frozen=True)
class Misconception:
    """One mistake.

    Attributes
    ----------
    name : str
        Its name, ``"missing-eta"``.
    stage : {"formula", "backward", "update"}
        Where it lives: in a formula that no network could run, in the gradients, or in the step
        that uses right gradients.
    slip : callable
        From a right formula, and the letter of the update it is (None for a part of one), to the
        wrong formula; None where the mistake cannot be made.
    explanation : str
        What is wrong.
    question : str
        What leads back.
    mark : Expr or None
        For a mistake that differs from another by its form alone: the part that gives it away.
    variants : tuple of callable
        More slips that the same mistake leads to.
    """

    name: str
    stage: str
    slip: Slip
    explanation: str
    question: str
    mark: Expr | None = None
    variants: tuple[Slip, ...] = ()

    @property
    def message(self) -> str:
        """The explanation and the question that leads back."""
        return f"{self.explanation} {self.question}"


# --------------------------------------------------------------------------- kinds of slips


def exchanged(right: Expr, old: Expr, new: Expr) -> Expr | None:
    """Return a product with the factor `old` replaced by `new`, inside its sum if it stands there.

    Returns
    -------
    Expr or None
        None when `right` does not hold the factor.

    Examples
    --------
    >>> exchanged(eta * b[h] * y[j], b[h], x[i])
    eta*x[i]*y[j]
    >>> exchanged(eta * y[j], b[h], x[i]) is None
    True
    """
    factors = sympy.Mul.make_args(right)
    if set(sympy.Mul.make_args(old)) <= set(factors):
        return right / old * new
    for total in factors:
        if isinstance(total, Sum) and (inside := exchanged(total.function, old, new)) is not None:
            return right / total * total.func(inside, *total.limits)
    return None


def _exchange(old, new=1, only=None):
    def slip(right, asked):
        return exchanged(right, old, sympy.sympify(new, strict=True)) if _may(asked, only) else None

    return slip


def _times(factor, only=None):
    def slip(right, asked):
        return factor * right if _may(asked, only) and right.has(y) else None

    return slip


def _turned(only):
    return lambda right, asked: -right if asked in only else None


def _may(asked, only):
    return only is None or asked in only


def _on_the_sum(change):
    """Return a slip that treats the sum over the outputs in a way of its own."""

    def slip(right, asked):
        for total in sympy.Mul.make_args(right):
            if isinstance(total, Sum) and total.limits[0][0] == j:
                changed = change(total.function)
                return None if changed is None else right / total * changed
        return None

    return slip


def _summed(index, size):
    def slip(right, asked):
        return None if right.has(Sum) or not right.has(index) else Sum(right, (index, 1, size))

    return slip


def _w_alone(change):
    """Return a change of the sum that parts w[h, j] from the rest of its term."""

    def split(term):
        held = w[h, j] in sympy.Mul.make_args(term)
        return change(Sum(term / w[h, j], (j, 1, l))) if held else None

    return _on_the_sum(split)


def _already_moved(right, asked):
    """Return a hidden update that meets output weights already changed by this very step."""
    if asked in _HIDDEN:
        return right.xreplace({w[h, j]: w[h, j] + derive_updates().w})
    return None


def _gradient(right, asked):
    return -right / eta if asked in UPDATES else None


def _new_value(right, asked):
    return PARAMETERS[asked] + right if asked in UPDATES else None


# --------------------------------------------------------------------------- the table

_OUTPUT_SLOPE = differentiate(y_hat[j], beta[j])
_HIDDEN_SLOPE = differentiate(b[h], alpha[h])
_ERROR = y[j] - y_hat[j]
_TURN = {h: j, j: h}


def _slope_at(u):
    return sigma(u) * (1 - sigma(u))


def _slopes(where, slope, output, net_input, threshold, missing_from):
    """Return what goes wrong with the slope of one layer's units."""
    unit, excess = f"the {where} unit", net_input - threshold
    return (
        Misconception(
            f"missing-slope-{where}",
            BACKWARD,
            _exchange(slope, only=missing_from),
            f"The factor {output}*(1 - {output}) is missing: the slope of {unit}.",
            f"The error reaches the net input of {unit} through its activation. What is the "
            "derivative of that step?",
        ),
        Misconception(
            f"value-for-slope-{where}",
            BACKWARD,
            _exchange(slope, output),
            f"{output} is the value of the sigmoid, not its slope: the factor (1 - {output}) is "
            "missing.",
            "What is σ', written through σ?",
        ),
        Misconception(
            f"half-slope-{where}",
            BACKWARD,
            _exchange(slope, 1 - output),
            f"Of the slope of {unit} only (1 - {output}) is there: the factor {output} is missing.",
            "What is σ', written through σ?",
        ),
        Misconception(
            f"slope-twice-{where}",
            BACKWARD,
            _exchange(slope, slope**2),
            f"The slope of {unit} stands there twice.",
            "How often does a path pass through the activation of one unit?",
        ),
        Misconception(
            f"slope-at-net-input-{where}",
            BACKWARD,
            _exchange(slope, net_input * (1 - net_input)),
            f"f (1 - f) wants the output of the unit; {net_input} is its net input.",
            f"Which letter is the value f of {unit}?",
            variants=(_exchange(slope, excess * (1 - excess)),),
        ),
        Misconception(
            f"tanh-slope-{where}",
            BACKWARD,
            _exchange(slope, 1 - output**2),
            "1 - f² is the slope of tanh. These units are sigmoids.",
            "What is σ', written through σ?",
        ),
    )


def _net_input_slopes(where, slope, net_input, threshold):
    return (
        Misconception(
            f"missing-threshold-in-slope-{where}",
            BACKWARD,
            _exchange(slope, _slope_at(net_input)),
            f"σ({net_input}) is not the unit's output: the threshold {threshold} is missing.",
            f"What does the {where} unit subtract before it applies σ?",
        ),
        Misconception(
            f"bias-for-threshold-{where}",
            BACKWARD,
            _exchange(slope, _slope_at(net_input + threshold)),
            f"The threshold {threshold} is added here, as a bias would be. In this network "
            "thresholds are subtracted.",
            "When a threshold rises, does its unit fire more easily, or less?",
        ),
    )


TABLE: dict[str, Misconception] = {
    one.name: one
    for one in (
        # ------------------------------------------------------------------ the step
        Misconception(
            "missing-eta",
            UPDATE,
            _exchange(eta),
            "The learning rate eta is missing.",
            "How far does a step go for each unit of slope?",
        ),
        Misconception(
            "gradient-for-update",
            UPDATE,
            _gradient,
            "This is the gradient ∂E/∂p. The update is -eta times it.",
            "Which way does gradient descent go, and how far?",
        ),
        Misconception(
            "eta-twice",
            UPDATE,
            _exchange(eta, eta**2),
            "The learning rate eta stands there twice.",
            "Where does eta come in, in Δp = -eta ∂E/∂p?",
        ),
        Misconception(
            "new-value-for-change",
            UPDATE,
            _new_value,
            "This is the new value of the parameter. Only its change is asked.",
            "What is added to the old value?",
        ),
        Misconception(
            "updated-w",
            UPDATE,
            _already_moved,
            "Here the hidden layer meets output weights that this very step has already moved. "
            "All derivatives belong to one network: the old one.",
            "At which values of w was E computed?",
        ),
        # ------------------------------------------------------------------ signs
        Misconception(
            "difference-turned",
            BACKWARD,
            _turned(_HIDDEN),
            "y_hat - y stands where y - y_hat should, and no other sign makes up for it.",
            "∂E/∂y_hat is -(y - y_hat). How many minus signs meet on this path?",
            mark=y_hat[j] - y[j],
        ),
        Misconception(
            "threshold-sign",
            BACKWARD,
            _turned(_THRESHOLDS),
            "The sign is turned: so a bias would move, which is added. A threshold is subtracted.",
            "When the threshold rises, does the net effect on the unit rise or fall?",
        ),
        Misconception(
            "update-sign",
            UPDATE,
            _turned(set(UPDATES)),
            "The sign is turned: this step climbs.",
            "Two minus signs meet here, of the descent and of ∂E/∂y_hat. What do they make?",
        ),
        Misconception(
            "gradient-sign",
            BACKWARD,
            lambda right, asked: -right,
            "The sign is turned.",
            "Follow the minus signs one by one: which one is lost, or one too many?",
        ),
        # ------------------------------------------------------------------ slopes
        *_slopes("output", _OUTPUT_SLOPE, y_hat[j], beta[j], theta[j], {"w", "theta", None}),
        *_slopes("hidden", _HIDDEN_SLOPE, b[h], alpha[h], gamma[h], {"gamma", "v", None}),
        Misconception(
            "cross-entropy-delta",
            BACKWARD,
            _exchange(_OUTPUT_SLOPE, only=set(UPDATES)),
            "The factor y_hat[j]*(1 - y_hat[j]) is missing: the slope of the output unit. Without "
            "it, this is what cross-entropy hands back; our E is half the sum of squares.",
            "What is ∂E/∂beta[j] for our E?",
        ),
        *_net_input_slopes("output", _OUTPUT_SLOPE, beta[j], theta[j]),
        *_net_input_slopes("hidden", _HIDDEN_SLOPE, alpha[h], gamma[h]),
        Misconception(
            "target-slope",
            BACKWARD,
            _exchange(_OUTPUT_SLOPE, y[j] * (1 - y[j])),
            "y[j] is the target. A slope is computed from the unit's own output, y_hat[j].",
            "Which of the two numbers comes out of the sigmoid?",
        ),
        Misconception(
            "hidden-slope-at-output",
            BACKWARD,
            _exchange(_OUTPUT_SLOPE, _HIDDEN_SLOPE),
            "This is the slope of the hidden unit, where that of the output unit belongs.",
            "Which unit's activation lies between beta[j] and the error?",
        ),
        Misconception(
            "output-slope-at-hidden",
            FORMULA,
            _exchange(_HIDDEN_SLOPE, _OUTPUT_SLOPE),
            "Before the sum stands the slope of an output unit, where that of the hidden unit "
            "belongs.",
            "Which unit's activation lies between alpha[h] and b[h]?",
        ),
        # ------------------------------------------------------------------ the error
        Misconception(
            "missing-error",
            BACKWARD,
            _exchange(_ERROR),
            "The factor y[j] - y_hat[j] is missing.",
            "What is ∂E/∂y_hat[j]? And how does a unit that is right learn to stay as it is?",
        ),
        Misconception(
            "target-for-error",
            BACKWARD,
            _exchange(_ERROR, y[j]),
            "The target y[j] stands where the difference y[j] - y_hat[j] should.",
            "What is ∂E/∂y_hat[j]?",
        ),
        Misconception(
            "output-for-error",
            BACKWARD,
            _exchange(_ERROR, y_hat[j]),
            "The output y_hat[j] stands where the difference y[j] - y_hat[j] should.",
            "What is ∂E/∂y_hat[j]?",
        ),
        Misconception(
            "square-not-differentiated",
            BACKWARD,
            _exchange(_ERROR, _ERROR**2),
            "The difference is still squared: E was not differentiated.",
            "What is the derivative of a square?",
        ),
        # ------------------------------------------------------------------ the number in front
        Misconception(
            "half-lost",
            BACKWARD,
            _times(2),
            "This is twice the right formula: a 2 from the square has no 1/2 to cancel it.",
            "What stands before the sum in E, and what does it do to the 2?",
        ),
        Misconception(
            "half-kept",
            BACKWARD,
            _times(sympy.Rational(1, 2)),
            "This is half the right formula: the 1/2 of E is still there.",
            "What becomes of the 1/2 when the square is differentiated?",
        ),
        Misconception(
            "mean-over-outputs",
            BACKWARD,
            _times(1 / l),
            "This is the right formula divided by l: E adds the outputs' terms, with no mean.",
            "What stands before the sum in our E?",
        ),
        Misconception(
            "two-over-n",
            BACKWARD,
            _times(2 / l),
            "The 2/l belongs to another error, the mean of the squares over the outputs. Ours is "
            "half their sum.",
            "What stands before the sum in our E?",
        ),
        # ------------------------------------------------------------------ the sum over paths
        Misconception(
            "missing-sum",
            BACKWARD,
            _on_the_sum(lambda term: term),
            "The terms are right, but they are not summed: the sum over j is missing.",
            "How many outputs does b[h] feed?",
        ),
        Misconception(
            "needless-sum",
            BACKWARD,
            _summed(j, l),
            "There is one path here: no sum over j.",
            "Which outputs does this parameter touch?",
        ),
        Misconception(
            "sum-over-h",
            FORMULA,
            _on_the_sum(lambda term: Sum(term, (h, 1, q))),
            "The sum runs over h, but the answer keeps h; what is left free instead is j.",
            "Which index is summed, and why?",
        ),
        Misconception(
            "product-of-sums",
            BACKWARD,
            _w_alone(lambda rest: Sum(w[h, j], (j, 1, l)) * rest),
            "A sum of products is not a product of sums: w[h, j] changes with j, so it belongs "
            "inside the same sum as the terms it multiplies.",
            "Write both out for l = 2. Which terms appear in one and not in the other?",
        ),
        Misconception(
            "w-outside-sum",
            FORMULA,
            _w_alone(lambda rest: w[h, j] * rest),
            "w[h, j] stands outside the sum over j. Everything that changes with j belongs inside.",
            "Which j would the w outside mean?",
        ),
        Misconception(
            "sum-over-inputs",
            BACKWARD,
            lambda right, asked: Sum(right, (i, 1, d)) if asked == "v" else None,
            "There is no sum over i: each input's weight has an update of its own.",
            "How many of the v does one x[i] touch, for one h?",
        ),
        # ------------------------------------------------------------------ the weights on the way
        Misconception(
            "missing-w",
            BACKWARD,
            _exchange(w[h, j]),
            "The factor w[h, j] is missing, the weight of the link from h to j.",
            "In beta[j], what stands beside b[h]?",
        ),
        Misconception(
            "b-for-w",
            BACKWARD,
            _exchange(w[h, j], b[h]),
            "b[h] stands where w[h, j] should.",
            "In beta[j], what stands beside b[h]?",
        ),
        Misconception(
            "v-for-w",
            FORMULA,
            _exchange(w[h, j], v[i, h]),
            "v[i, h], a weight of the first layer, stands where w[h, j] should.",
            "Which link leads from hidden unit h to output j?",
        ),
        Misconception(
            "w-transposed",
            BACKWARD,
            lambda right, asked: right.xreplace({w[h, j]: w[j, h]}) if right.has(w) else None,
            "w[j, h] has its indices in the wrong order: write w[h, j], from hidden unit h to "
            "output j.",
            "The first index says where a weight comes from. Where does this one?",
        ),
        # ------------------------------------------------------------------ the signal
        Misconception(
            "missing-b",
            BACKWARD,
            _exchange(b[h], only={"w"}),
            "The factor b[h] is missing: what came through this link.",
            "What is ∂beta[j]/∂w[h, j]?",
        ),
        Misconception(
            "missing-x",
            BACKWARD,
            _exchange(x[i], only={"v"}),
            "The factor x[i] is missing: what came through this link.",
            "What is ∂alpha[h]/∂v[i, h]?",
        ),
        Misconception(
            "b-twice",
            BACKWARD,
            _exchange(b[h], b[h] ** 2, only={"w"}),
            "The factor b[h] stands there once too often.",
            "What is ∂beta[j]/∂w[h, j]?",
        ),
        Misconception(
            "net-input-for-b",
            BACKWARD,
            _exchange(b[h], alpha[h], only={"w"}),
            "alpha[h] is the net input of the hidden unit. What it sends on is its output.",
            "What travels along the link from h to j?",
        ),
        Misconception(
            "w-for-b",
            BACKWARD,
            _exchange(b[h], w[h, j], only={"w"}),
            "w[h, j] stands where b[h] should.",
            "beta[j] is a sum of w[h, j] b[h]. What is its derivative by w[h, j]?",
        ),
        Misconception(
            "x-for-b",
            FORMULA,
            _exchange(b[h], x[i], only={"w"}),
            "x[i] stands where b[h] should: the inputs do not reach the output layer directly.",
            "What travels along the link from h to j?",
        ),
        Misconception(
            "b-for-x",
            BACKWARD,
            _exchange(x[i], b[h], only={"v"}),
            "b[h] stands where x[i] should: it comes out of the hidden unit, it does not go in.",
            "What travels along the link from i to h?",
        ),
        Misconception(
            "v-for-x",
            BACKWARD,
            _exchange(x[i], v[i, h], only={"v"}),
            "v[i, h] stands where x[i] should.",
            "alpha[h] is a sum of v[i, h] x[i]. What is its derivative by v[i, h]?",
        ),
        Misconception(
            "threshold-with-signal",
            FORMULA,
            lambda right, asked: {"theta": b[h] * right, "gamma": x[i] * right}.get(asked),
            "This has the factor of a weight: what comes in through a link. A threshold has no "
            "link.",
            "On which fixed input can a threshold be thought to sit?",
        ),
        # ------------------------------------------------------------------ indices
        Misconception(
            "outer-product-transposed",
            BACKWARD,
            lambda right, asked: {
                "w": right.xreplace(_TURN),
                "v": right.xreplace({i: h, h: i}),
            }.get(asked),
            "The indices of the two layers are exchanged throughout: this is the right table of "
            "numbers, transposed.",
            "The first index of the answer says where a link comes from. Which letter carries it?",
        ),
        Misconception(
            "signal-index",
            BACKWARD,
            lambda right, asked: {
                "w": exchanged(right, b[h], b[j]),
                "v": exchanged(right, x[i], x[h]),
            }.get(asked),
            "The signal has an index out of place: inputs are counted by i, hidden units by h.",
            "From which unit does this link come?",
        ),
    )
}
