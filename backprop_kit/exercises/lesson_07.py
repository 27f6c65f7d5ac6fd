"""Exercises of lesson 07: who needs which δ, in which order, and how often it is computed."""

from dataclasses import dataclass

import numpy as np
import sympy
from sympy import Sum

from backprop_kit.exercises.checks import (
    Verdict,
    choice,
    is_untouched,
    number,
    right,
    shown,
    wrong,
)
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import formula, read
from backprop_kit.symbolic.messages import delta, derive_deltas
from backprop_kit.symbolic.notation import b, d, h, i, j, l, q, w

# ------------------------------------------------------------------ numbers that count


@dataclass
class Tally:
    """How much work was done.

    Attributes
    ----------
    multiplications : int
    """

    multiplications: int = 0


def counted(values):
    """Return the same numbers, such that each multiplication between them is counted.

    Parameters
    ----------
    values : mapping of str to array_like
        Vectors and matrices by name.

    Returns
    -------
    numbers : dict of str to list
        The vectors as lists, the matrices as lists of rows.  They add, subtract and multiply like
        floats, and so do the results.
    tally : Tally
        Its `multiplications` grow with every ``*``.

    Raises
    ------
    TypeError, ValueError
        When an entry is no number.

    Examples
    --------
    >>> numbers, tally = counted({"x": [2, 3], "w": [4, 5]})
    >>> print(numbers["x"][0] * numbers["w"][0] + numbers["x"][1] * numbers["w"][1])
    23.0
    >>> tally.multiplications
    2
    """
    tally = Tally()

    class Counted(float):
        """A float whose multiplications are counted; sums and differences are free."""

        def __mul__(self, other):
            tally.multiplications += 1
            return Counted(float(self) * float(other))

        __rmul__ = __mul__

        def __add__(self, other):
            return Counted(float(self) + float(other))

        __radd__ = __add__

        def __sub__(self, other):
            return Counted(float(self) - float(other))

        def __rsub__(self, other):
            return Counted(float(other) - float(self))

        def __neg__(self):
            return Counted(-float(self))

    def listed(array):
        if array.ndim == 0:
            return Counted(array)
        return [listed(part) for part in array]

    return {k: listed(np.asarray(given, dtype=float)) for k, given in values.items()}, tally


# ------------------------------------------------------------------ a formula that may hold deltas


def _hidden_delta():
    return derive_deltas().hidden.result.right


def _formula_with_deltas(expected, axes, near):
    """Examine a formula that may hold ``delta[j]``, what output j hands back."""
    deltas = derive_deltas()
    examine_full = formula(lambda: deltas.in_full(expected()), axes, near=near)

    def examine(answer):
        inner = read(answer, {"delta": delta})
        if isinstance(inner, Verdict):
            return inner
        if delta[h] in inner.atoms(type(delta[h])):
            return wrong(
                "delta[h] is what is asked. What may stand on the right is what the "
                "outputs hand back, delta[j]."
            )
        if delta[i] in inner.atoms(type(delta[i])):
            return wrong("Use j for the outputs, as in delta[j] and w[h, j]; i counts the inputs.")
        inner = deltas.in_full(inner)
        if left := sorted(map(str, deltas.left_in(inner))):
            return wrong(f"Write delta[j], with the index of an output; {left[0]} has no value.")
        return examine_full(inner)

    return examine


def _hidden_slips():
    deltas = derive_deltas()
    own = b[h] * (1 - b[h])
    slips = {
        own * Sum(w[h, j], (j, 1, l)) * Sum(delta[j], (j, 1, l)): "A sum of products is not a "
        "product of sums: each w[h, j] belongs to the delta[j] that comes along its link.",
        own * Sum(delta[j], (j, 1, l)): "Each message comes along a link. What does the link do "
        "to it?",
        own * Sum(delta[j] * b[h], (j, 1, l)): "Inside the sum, b[h] stands where another factor "
        "should. In beta[j], what stands beside b[h]?",
        deltas.hidden.result.right / l: "The messages are added, not averaged.",
    }
    return {deltas.in_full(slip): reason for slip, reason in slips.items()}


# ------------------------------------------------------------------ one by hand

_BY_HAND = (-0.025, 0.03, -0.01)  # delta, change of v, change of gamma


def _examine_by_hand(answer):
    if isinstance(answer, (list, tuple)) and any(is_untouched(entry) for entry in answer):
        return Verdict(False, "Replace every ... by a number and run the cell.", tried=False)
    try:
        given = np.asarray(answer)
        if given.dtype.kind not in "iuf" or given.shape != (3,) or not np.isfinite(given).all():
            raise TypeError
    except (TypeError, ValueError):
        return wrong(f"Answer with three numbers in brackets; this is {shown(answer)}.")
    handed, by_v, by_gamma = (float(entry) for entry in given)

    def close(value, target):
        return abs(value - target) <= 1e-3 * abs(target)

    if not close(handed, _BY_HAND[0]):
        for slip, reason in _SLIPS_BY_HAND.items():
            if close(handed, slip):
                return wrong(f"The first number: {reason}")
        return wrong(
            "The first number, what the unit hands back, is another one. Add the two messages "
            "first; each is a weight times what came back through it."
        )
    if not close(by_v, _BY_HAND[1]):
        for slip, reason in _SLIPS_OF_V.items():
            if close(by_v, slip):
                return wrong(f"The first number is right. The second: {reason}")
        return wrong(
            "The first number is right. The second is minus eta, times the first number, times "
            "what came in through this link."
        )
    if not close(by_gamma, _BY_HAND[2]):
        if close(by_gamma, -_BY_HAND[2]):
            return wrong(
                "Two are right. The third has the right size; the threshold is subtracted, so its "
                "sign is the other one."
            )
        return wrong(
            "Two are right. The third needs no input: a threshold has no signal that comes through."
        )
    return right("One δ, computed once, and used for both changes.")


_SLIPS_BY_HAND = {
    0.025: "the size is right, the sign is not. The two messages are 0.2 and -0.3.",
    -0.03: "this is rounded too far. Give all three decimals.",
    -0.1: "this is the sum of the messages. The unit's own slope, b (1 - b), is missing.",
    0.1: "this takes the sum without the weights, or the wrong sign. Each message is w times "
    "delta, and the second weight is negative.",
    0.4: "this is the sum of what the outputs hand back. Each comes along a link with a weight, "
    "and the unit's own slope is missing.",
    -0.05: "this is the sum times b. The slope is b (1 - b).",
    0.125: "one message has lost its minus: the second weight is -1.",
    -0.0125: "this is half of it. The messages are added, not averaged.",
    0.05: "this is the message of the first output alone. The unit has to wait for the second.",
    -0.075: "this is the message of the second output alone. The first counts, too.",
}
_SLIPS_OF_V = {
    -0.03: "the size is right. With delta = ∂E/∂(net input), the change is minus eta times it.",
    0.01: "the input 3 is missing.",
    -0.01: "this is the change of the threshold.",
    -0.075: "this is the derivative. The change is minus eta times it.",
    0.075: "the rate eta is missing.",
    0.005: "this takes b; what came in through this link is x = 3.",
}

# ------------------------------------------------------------------ the order of the jobs

# What must come before what, and why.
_BEFORE = {
    ("b", "d"): "the outputs add up what the hidden units send, so d needs b",
    ("d", "e"): "the δ of an output holds its y_hat, so e needs d",
    ("e", "c"): "a hidden unit adds up the messages of the outputs, so c needs e",
    ("e", "a"): "the changes of w and theta hold the outputs' δ, so a needs e",
    ("c", "f"): "the changes of v and gamma hold the hidden units' δ, so f needs c",
    ("c", "a"): "c reads the weights w at their old values, so a must not overwrite them yet",
}


def _examine_order(answer):
    if isinstance(answer, (list, tuple)) and all(isinstance(part, str) for part in answer):
        answer = "".join(answer)
    letters = [c for c in answer.lower() if c.isalpha()] if isinstance(answer, str) else []
    if sorted(letters) != list("abcdef"):
        return wrong(
            "Answer with the six letters a to f, each once, such as "
            f'"abcdef"; this is {shown(answer)}.'
        )
    place = {letter: letters.index(letter) for letter in letters}
    for (first, then), reason in _BEFORE.items():
        if place[first] > place[then]:
            return wrong(f"In this order, {then} comes before {first}. But {reason}.")
    return right(
        "a and f may change places: by then every δ is there, and nobody reads a parameter "
        "any more."
    )


EXERCISES = (
    Exercise(
        id="07-delta-output",
        prompt="An output unit gives 0.8, its target is 1. What does it hand back? "
        "Compute $\\delta_j$ by hand.",
        examine=number(
            -0.032,
            near={
                0.032: "The size is right. δ is the derivative of E: raise this unit's net input "
                "and the error falls, so δ is negative. (0.032 is δ in books with the other sign.)",
                -0.2: "That is the derivative by y_hat. The net input is one step further back: "
                "times the slope.",
                0.2: "That is the difference y - y_hat. Its sign turns, and the slope is missing.",
                0.16: "That is the slope. It multiplies -(y - y_hat).",
                -0.16: "The slope is y_hat (1 - y_hat); here 1 - y_hat is missing.",
                -0.04: "The slope is y_hat (1 - y_hat); here y_hat is missing.",
                0.04: "The sign first: δ is the derivative of E, and E falls when this unit's net "
                "input rises. And the slope is y_hat (1 - y_hat); here y_hat is missing.",
                -0.03: "This is rounded too far. Give all three decimals.",
                0.03: "The sign first: δ is the derivative of E, and E falls when this unit's net "
                "input rises. And it is rounded too far; give all three decimals.",
                0.0: "The slope is computed from the unit's output 0.8, not from its target.",
            },
        ),
        answer=lambda: -0.032,
        hints=(
            "Which two factors does the chain above hold?",
            "The first is -(y - y_hat) = -(1 - 0.8). What is the slope of a unit that gives 0.8?",
            "The slope is 0.8 · 0.2 = 0.16. Multiply it by -0.2.",
        ),
        explanation="-(1 - 0.8) · 0.8 · (1 - 0.8) = -0.2 · 0.16.",
    ),
    Exercise(
        id="07-delta-hidden",
        prompt="Write $\\delta_h = \\partial E/\\partial \\alpha_h$, what hidden unit $h$ hands "
        "back. You may use `delta[j]` for what output $j$ hands back. The answer holds the free "
        "index `h` only.",
        examine=_formula_with_deltas(_hidden_delta, (h,), _hidden_slips),
        answer=_hidden_delta,
        hints=(
            "In lesson 04, why did the update of gamma[h] hold a sum? Over which index?",
            "Output j hands back ∂E/∂beta[j]. One step further back lies b[h]: what is "
            "∂beta[j]/∂b[h]?",
            "Each output's message is w[h, j] * delta[j]. Sum them over j, "
            "then take the last step, from b[h] to alpha[h]: the hidden unit's own slope.",
        ),
        explanation="One message from each output, added; then the unit's own slope.",
    ),
    Exercise(
        id="07-predict-sign",
        prompt="The δ of every output comes with the other sign. Which of the 26 parameters move "
        'the wrong way? `"a"` w and theta, `"b"` all 26, `"c"` the 20 weights.',
        examine=choice(
            {
                "a": "The δ of a hidden unit is made of messages, and each message is a weight "
                "times the δ of an output. Turn all of those, and the hidden ones turn with them. "
                "There is no second minus on the way.",
                "b": "The δ of every hidden unit is made of those of the outputs, so one turned "
                "sign at the start turns everything behind it.",
                "c": "The thresholds' changes hold the same δ as the weights', so they turn, too.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which formula turns delta[j] into delta[h]?",
            "If every delta[j] is multiplied by -1, what happens to the sum of w[h, j] delta[j]?",
            "The sum is multiplied by -1, too. So are all changes that hold delta[h].",
        ),
    ),
    Exercise(
        id="07-by-hand",
        prompt="A hidden unit gives $b = 0.5$. Its links to the two outputs carry the weights 2 "
        "and -1; the outputs hand back $\\delta = 0.1$ and $\\delta = 0.3$. On one of its own "
        "links the input $x = 3$ comes in, and $\\eta = 0.4$. Give three numbers: what the unit "
        "hands back, the change of the weight on that link, the change of its threshold.",
        examine=_examine_by_hand,
        answer=lambda: _BY_HAND,
        hints=(
            "Which messages arrive at this unit? There are two.",
            "2 · 0.1 and -1 · 0.3 arrive. Add them, and multiply by the slope 0.5 · 0.5.",
            "The unit hands back 0.25 · (-0.1). The weight moves by -0.4 times this times 3, the "
            "threshold by +0.4 times this.",
        ),
        explanation="The messages 0.2 and -0.3 add up to -0.1, times the slope 0.25.",
    ),
    Exercise(
        id="07-order",
        prompt="Put the six jobs of one iteration in an order that works, as one text such as "
        '`"abcdef"`:\n\n'
        "- **a** every $w_{hj}$ and $\\theta_j$ is overwritten by its new value\n"
        "- **b** every $b_h$ is computed\n"
        "- **c** every $\\delta_h$ is computed\n"
        "- **d** every $\\hat y_j$ is computed\n"
        "- **e** every $\\delta_j$ is computed\n"
        "- **f** every $v_{ih}$ and $\\gamma_h$ is overwritten by its new value",
        examine=_examine_order,
        answer=lambda: "bdecaf",
        hints=(
            "Which jobs belong to the way forward, and which of the two comes first?",
            "After the way forward, which delta can be computed from what is there?",
            "b, d, e. Now c reads the weights w: must a wait for it?",
        ),
        explanation="`bdecfa` works as well.",
    ),
    Exercise(
        id="07-predict-early",
        prompt="Hidden unit 3 computes its δ when output 2 has not yet answered. How many of "
        'the 26 derivatives come out wrong? `"a"` 1, `"b"` 4, `"c"` 16.',
        examine=choice(
            {
                "a": "Its threshold is one. But the same δ serves the three weights that "
                "lead into the unit, too.",
                "b": "The three weights into unit 3 and its threshold. A hidden unit hands its "
                "δ to nobody else, so the damage ends there.",
                "c": "These are all the parameters of the hidden layer. The other three units "
                "waited, and no unit of a layer needs the δ of its neighbour.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which formulas hold the δ of hidden unit 3?",
            "The changes of gamma_3 and of every v_i3. Does any other unit use it?",
            "There are three inputs, so three weights v_i3, and one threshold.",
        ),
    ),
    Exercise(
        id="07-messages",
        prompt="How many messages are sent back in one iteration of a network with $d$ inputs, "
        "$q$ hidden units and $l$ outputs? A message is what one hidden unit receives along one "
        "link. Write it with the letters `d`, `q`, `l`.",
        examine=formula(
            lambda: q * l,
            axes=(),
            near=lambda: {
                q + l: "That is how many δ are computed, one a unit. The δ of each output "
                "is sent to every hidden unit.",
                d * q + q * l: "The input nodes get no message: they have no threshold and no "
                "weight leads into them, so they have nothing to learn.",
                (d + 1) * q + (q + 1) * l: "That is the number of parameters.",
                d * q: "These are the links between inputs and hidden units. No message needs to "
                "go along them.",
                q * l + l: "What the outputs get from E comes along no link between units.",
                sympy.Integer(8): "That is the count of the 3-4-2 network; for any network, "
                "write it with letters.",
                d * q * l: "That counts the paths from all inputs. Messages of several paths are "
                "added on the way, and go on as one δ.",
                l: "Each of the l outputs answers more than one hidden unit.",
                q: "Each of the q hidden units hears from more than one output.",
            },
            praise="One message for each weight w[h, j].",
        ),
        answer=lambda: q * l,
        hints=(
            "How many messages did the 3-4-2 network send? Look at the drawing.",
            "Each of the 2 outputs sent one to each of the 4 hidden units.",
            "So l outputs send one each to q hidden units.",
        ),
        explanation="Each output sends one message to each hidden unit.",
    ),
    Exercise(
        id="07-predict-slopes",
        prompt="Each parameter works out its own formula, alone. How often is the slope of output "
        '1 of a 784-30-10 network computed? `"a"` 31 times, `"b"` 845 times, `"c"` 23,581 times.',
        examine=choice(
            {
                "a": "These are the 30 weights w_h1 and the threshold theta_1. But the sum in "
                "every hidden parameter's formula holds this slope, too.",
                "b": "This counts one weight v for each of 784 inputs. But each input has a link "
                "to each of the 30 hidden units: 784 · 30 weights, each with the sum for itself.",
                "c": "Once for each of 23,520 weights v_ih, 30 thresholds gamma_h, 30 weights w_h1 "
                "and theta_1. It is the same number every time.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Which of the four formulas hold the slope of output 1?",
            "All four do: those of v and gamma for every hidden unit, inside the sum.",
            "There are 784 · 30 weights v_ih. Each has the sum for itself.",
        ),
    ),
    Exercise(
        id="07-predict-cost",
        prompt="How do the multiplications of the way back compare with those of the way forward, "
        'in a 30-30-30 network? `"a"` about as many, `"b"` about one and a half times as many, '
        '`"c"` about twice as many.',
        examine=choice(
            {
                "a": "That holds where nearly all weights are v, as in 784-30-10: a v takes one "
                "multiplication each way. Here half of the weights are w, and back a w takes two: "
                "one for its derivative, one for its message.",
                "b": "Back, each v takes one multiplication and each w two: one for its "
                "derivative, one for its message. Here half of the weights are w.",
                "c": "That would hold if every weight passed a message on. The weights v pass none "
                "on, because the inputs have nothing to learn.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "How many multiplications does one weight take on the way forward?",
            "On the way back a weight v_ih takes one, x_i times the δ of its unit. And a w_hj?",
            "A w_hj takes two. Here there are 900 weights v and 900 weights w.",
        ),
    ),
    Exercise(
        id="07-predict-next",
        prompt="Output 1 comes nearer to its target with each of three steps. What does the size "
        'of its δ do? `"a"` it shrinks each time, `"b"` it grows, then shrinks, `"c"` it stays '
        "nearly the same.",
        examine=choice(
            {
                "a": "The difference shrinks each time. But δ is the difference times the slope, "
                "and the slope grows as the output comes nearer to 0.5.",
                "b": "At first the slope grows faster than the difference shrinks: the output "
                "climbs from 0.2 towards 0.5, where a sigmoid is steepest. Then the difference "
                "wins.",
                "c": "Both factors of δ change with every step, the difference and the slope, and "
                "not at the same rate.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which two factors does the δ of an output hold?",
            "The difference shrinks. What does the slope do, while the output goes from 0.22 to "
            "0.31 and 0.44?",
            "0.78 · 0.17, then 0.69 · 0.22, then 0.56 · 0.25.",
        ),
    ),
)
