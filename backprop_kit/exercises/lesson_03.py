"""Exercises of lesson 03: the sigmoid's slope, gradient descent, the chain rule."""

import itertools
import math
import numbers

import sympy

from backprop_kit.exercises.checks import Examiner, Verdict, choice, number, right, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import read
from backprop_kit.numeric import sigmoid
from backprop_kit.symbolic.notation import sigma

# ------------------------------------------------- formulas in one letter, judged by numbers

_ABOVE_ZERO = (0.13, 0.37, 0.62, 0.91)  # where a sigmoid's output lies
_BOTH_SIDES = (-0.86, -0.31, 0.22, 0.74)  # where tanh's output lies, and net inputs too
_TOLERANCE = 1e-9


def in_one_letter(expected, letter, places, *, slips=(), strangers="") -> Examiner:
    """Examine a formula in one letter by its values at several places; nothing is simplified.

    Parameters
    ----------
    expected : sympy.Expr
        A right formula.
    letter : str
        The one letter that an answer may hold.
    places : sequence of float
        Where both formulas are evaluated.
    slips : sequence of (sympy.Expr, str)
        Wrong formulas that people give, and what to say of each.
    strangers : str
        What to say when the answer holds another letter.

    Examples
    --------
    >>> u = sympy.Symbol("u")
    >>> examine = in_one_letter(u**2 - 1, "u", (0.3, 0.8))
    >>> examine((u - 1) * (u + 1)).correct
    True
    >>> examine(2 * u**2 - 2)
    ✗ Not yet. This is 2 times the right formula.
    """
    symbol = sympy.Symbol(letter)

    def values(formula):
        return [complex(formula.xreplace({symbol: sympy.Float(at)}).evalf()) for at in places]

    wanted = values(expected)

    def examine(answer):
        if isinstance(answer, str):
            answer = read(answer, {name: sympy.Symbol(name) for name in "uft"})
            if isinstance(answer, Verdict):
                return answer
        try:
            formula = sympy.sympify(answer, strict=True)
        except sympy.SympifyError:
            formula = None
        if isinstance(answer, bool) or not isinstance(formula, sympy.Expr):
            return wrong(f"This exercise takes a formula in {letter}; this is something else.")
        formula = formula.replace(sigma, sigma.definition)
        # by name: a student may have made the letter anew, with assumptions of its own
        formula = formula.xreplace({s: sympy.Symbol(s.name) for s in formula.free_symbols})
        others = sorted(str(s) for s in formula.free_symbols - {symbol})
        if others:
            return wrong(strangers or f"Only the letter {letter} may stand here, not {others[0]}.")
        try:
            given = values(formula)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            given = [complex("nan")]
        if not all(math.isfinite(z.real) and abs(z.imag) < _TOLERANCE for z in given):
            return wrong("The formula gives no finite number at some places.")
        return _judge([z.real for z in given], [z.real for z in wanted])

    def _judge(given, wanted):
        if _agree(given, wanted):
            return right(f"It has the right value at {len(places)} places.")
        for slip, reason in slips:
            if _agree(given, [z.real for z in values(slip)]):
                return wrong(reason)
        ratio = given[0] / wanted[0]
        if ratio and _agree(given, [ratio * value for value in wanted]):
            if math.isclose(ratio, -1):
                return wrong("Everything is right but the sign: it is turned.")
            return wrong(f"This is {ratio:.4g} times the right formula.")
        return wrong(
            f"At {letter} = {places[-1]:g} this gives {given[-1]:.4f}, "
            f"and it must give {wanted[-1]:.4f}."
        )

    return examine


def _agree(given, wanted):
    return all(math.isclose(g, w, rel_tol=_TOLERANCE) for g, w in zip(given, wanted, strict=True))


_u, _f, _t = sympy.symbols("u f t")
_sigmoid = sigma.definition(_u)

_bracket_in_u = in_one_letter(
    1 - _sigmoid,
    "u",
    _BOTH_SIDES,
    slips=(
        (
            _sigmoid * (1 - _sigmoid),
            "This is the whole product. Divide by what you took out: what is left in the bracket?",
        ),
        (
            _sigmoid,
            "This is what you took out. What is left of the *first* term, and what of the second?",
        ),
        (
            1 - _sigmoid**2,
            "The second term had two such factors. One is taken out: how many are left?",
        ),
        (_sigmoid - 1, "The sign is turned: the first term is the positive one."),
        (
            1 - (1 + sympy.exp(-_u)),
            "Taken out was 1/(1 + e^-u), so its inverse cannot be left: the second term still "
            "holds 1/(1 + e^-u) once.",
        ),
        (sympy.exp(-_u), "You took out too much: one 1/(1 + e^-u) must stay inside."),
    ),
    strangers="The bracket holds the letter u only. You will give it the name f in the next line.",
)


def _examine_bracket(answer):
    """Examine the bracket; one that is right in f is told that u was asked for."""
    if isinstance(answer, sympy.Expr):
        in_u = answer.xreplace({s: _sigmoid for s in answer.free_symbols if s.name == "f"})
        if in_u != answer and _bracket_in_u(in_u).correct:
            return wrong(
                "Equal, but in f: that is the next line. Here the bracket is asked for in u: "
                "write out what f stands for."
            )
    return _bracket_in_u(answer)


# ------------------------------------------------------- gradient descent on one weight

_MOST_STEPS = 1000
_GOOD = 0.001  # how near the output must come to its target
_OFTEN = 10  # who passes the best weight more often than this, bounces
_X = 2.0


def descend(eta, w=0.5, x=_X, theta=1.0, y=0.8):
    """Return the weights that gradient descent visits in the lesson's one-weight problem.

    Parameters
    ----------
    eta : float
        The learning rate.
    w, x, theta, y : float
        Start weight, input, threshold and target of the neuron.

    Returns
    -------
    list of float
        The start and the weight after each step: until the output is within 0.001 of its target,
        or 1000 steps.

    Examples
    --------
    >>> [f"{weight:.2f}" for weight in descend(1.0)[:3]]
    ['0.50', '0.65', '0.76']
    """
    path = [w]
    while abs(y - sigmoid(w * x - theta)) > _GOOD and len(path) <= _MOST_STEPS:
        y_hat = sigmoid(w * x - theta)
        w = w + eta * (y - y_hat) * y_hat * (1 - y_hat) * x
        path.append(w)
    return path


def _examine_eta(answer):
    """Run the descent with the student's learning rate, and say what it did."""
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        return wrong("This exercise takes one number, the learning rate.")
    eta = float(answer)
    if not math.isfinite(eta) or eta <= 0:
        return wrong(
            "The learning rate is a finite number above 0; a negative one would climb, "
            "and 0 would stand still."
        )
    path = descend(min(eta, 1e6))
    steps = len(path) - 1
    if steps <= 10:
        return right(f"{steps} steps with eta = {eta:g}.")
    best = 0.5 * (1 + math.log(4))  # where the output is 0.8
    taken = f"{steps} steps" if steps < _MOST_STEPS else f"More than {_MOST_STEPS} steps"
    if path[1] < best:
        return wrong(f"{taken} with eta = {eta:g}: every step is too short. Try a larger one.")
    if _crossings(path, best) > _OFTEN:
        times = eta * (_X * 0.8 * (1 - 0.8)) ** 2  # the slope near the best weight grows so
        return wrong(
            f"{taken} with eta = {eta:g}: near the best weight {best:.2f} each step is "
            f"{times:.1f} times as long as the way that is left, so w bounces from side to side. "
            "Try a smaller one."
        )
    if steps < _MOST_STEPS:
        return wrong(
            f"{steps} steps with eta = {eta:g}: the first step jumps to w = {path[1]:.2f}, past "
            f"the best weight {best:.2f}, to where the slope is small. Try a smaller one."
        )
    return wrong(
        f"After {_MOST_STEPS} steps with eta = {eta:g} the answer is still wrong: the first "
        f"step jumps to w = {path[1]:.4g}, far past the best weight {best:.2f}. "
        "Try a much smaller one."
    )


def _crossings(path, place):
    """Count how often a path passes a place."""
    return sum((a - place) * (b - place) < 0 for a, b in itertools.pairwise(path))


# ------------------------------------------------------------ numbers for the chain rule


def _threshold_path():
    """Return dE/dtheta of the neuron with x = 2, w = 1, theta = 1, y = 0.8, and its slips."""
    y_hat = sigmoid(1.0)
    first, second = -(0.8 - y_hat), y_hat * (1 - y_hat)
    slips = {
        first * second: "Almost: theta is subtracted, so the third factor is -1, not +1.",
        first * second * 2: "This is the derivative with respect to w: its third factor is x = 2. "
        "How does u = beta - theta change when theta grows by 1?",
        0: "It is not 0. True, theta does not stand in beta = w x. But it stands in "
        "u = beta - theta, and there it counts with the factor -1.",
        first * second * -2: "The input x does not stand on this path: theta is subtracted from "
        "beta as it is. The third factor is -1.",
        -first: "The second factor is missing: the slope of the sigmoid, y_hat (1 - y_hat).",
        first: "Two factors are missing: the slope of the sigmoid, and the -1 of the threshold.",
    }
    return first * second * -1, slips


def three_paths(b=0.5, w=(1.0, -2.0, 3.0), theta=(0.5, 0.0, 1.0), y=(0.0, 1.0, 1.0)):
    """Return the terms of dE/db, one a path, and the errors without slopes and weights."""
    rows = []
    for weight, threshold, target in zip(w, theta, y, strict=True):
        y_hat = sigmoid(weight * b - threshold)
        error, slope = -(target - y_hat), y_hat * (1 - y_hat)
        rows.append((error * slope * weight, error, slope, weight))
    return rows


def _three_paths_examiner():
    rows = three_paths()
    terms = [row[0] for row in rows]
    total = sum(terms)
    slips = {
        **{total - term: f"Path {n} is missing." for n, term in enumerate(terms, 1)},
        **{
            term: f"This is path {n} alone; b feeds three outputs."
            for n, term in enumerate(terms, 1)
        },
        total / 3: "This is the mean of the paths. The chain rule adds them.",
        sum(e * s for _, e, s, _ in rows): "The weights are missing: the step from b to a net "
        "input has the slope w.",
        sum(e * w for _, e, _, w in rows): "The slopes of the sigmoid, y_hat (1 - y_hat), are "
        "missing.",
        sum(e for _, e, _, _ in rows): "These are the errors of the outputs, added. Each must "
        "travel back through a slope and a weight.",
        math.prod(terms): "Along a path one multiplies; over several paths one adds.",
    }
    return number(total, near=slips)


# ------------------------------------------------------------------------- the exercises

_BY_THRESHOLD, _THRESHOLD_SLIPS = _threshold_path()

EXERCISES = (
    Exercise(
        id="03-bracket",
        prompt="After cancelling, both terms hold $\\dfrac{1}{1+e^{-u}}$. Take it out: "
        "$f'(u) = \\dfrac{1}{1+e^{-u}} \\cdot \\big(\\;?\\;\\big)$. What stands in the bracket? "
        "Answer with an expression in `u`; the exponential is `exp(-u)`.",
        examine=_examine_bracket,
        answer=lambda: 1 - _sigmoid,
        hints=(
            "What is left of a term when you take out all of it?",
            "The first term leaves 1. The second is a square: take one of its two factors away.",
            "1 minus one of the two equal factors of the second term.",
        ),
        explanation="The first term leaves 1, the square leaves one of its two factors.",
    ),
    Exercise(
        id="03-exp-through-f",
        prompt="Solve $f = \\dfrac{1}{1+e^{-u}}$ for $e^{-u}$. Answer with an expression that "
        "holds the letter `f` and no `u`.",
        examine=in_one_letter(
            1 / _f - 1,
            "f",
            _ABOVE_ZERO,
            slips=(
                (1 / _f, "This is 1 + e^-u. One step is left."),
                (1 / (1 - _f), "Take the inverse of both sides first: 1/f = 1 + e^-u."),
                (1 / _f + 1, "From 1/f = 1 + e^-u, the 1 goes to the other side."),
                (1 - 1 / _f, "The sign is turned: e^-u is positive, and 1/f is above 1."),
                (1 / (1 / _f - 1), "This is e^u. Look at the sign in the exponent."),
                (_f / (1 - _f), "This is e^u. Look at the sign in the exponent."),
                (sympy.log(1 / _f - 1), "This is -u. Stop one step earlier, at e^-u."),
            ),
            strangers="Use the letter f and no other: the point is to get rid of u.",
        ),
        answer=lambda: (1 - _f) / _f,  # printed in this order
        hints=(
            "How do you get a sum out of a denominator?",
            "Take the inverse of both sides: 1/f = ...",
            "1/f = 1 + e^-u. Now subtract 1.",
        ),
        explanation="1/f = 1 + e^-u, so e^-u = 1/f - 1 = (1 - f)/f.",
    ),
    Exercise(
        id="03-predict-steepest",
        prompt="Where is the sigmoid steepest, and how steep is it there?",
        examine=choice(
            {
                "a": "The place is right, the size is not: at u = 0 the output is 1/2, and the "
                "slope is 1/2 · (1 - 1/2): one to the right, only a quarter up. The drawn tangent "
                "looks steeper, because its axes have different scales.",
                "b": "At u = 0 the output is 1/2, and 1/2 · (1 - 1/2) = 1/4. So each sigmoid on "
                "the way back shrinks what passes through it to a quarter at best.",
                "c": "There the *output* is largest. The slope f (1 - f) is small when f is close "
                "to 1, because 1 - f is close to 0.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "For which f is the product f (1 - f) largest?",
            "It is 0 at f = 0 and at f = 1, and the same on both sides of the middle.",
            "In the middle f = 1/2.",
        ),
    ),
    Exercise(
        id="03-tanh-slope",
        prompt="The function tanh is another smooth step. Its output $t = \\tanh u = \\sinh u / "
        "\\cosh u$ lies between -1 and 1, and its slope is $1/\\cosh^2 u$. You need one fact: "
        "$\\cosh^2 u - \\sinh^2 u = 1$. Write the slope of tanh through its output `t` alone.",
        examine=in_one_letter(
            1 - _t**2,
            "t",
            _BOTH_SIDES,
            slips=(
                (
                    _t * (1 - _t),
                    "This is the form of the sigmoid's slope. At u = 0 tanh gives t = 0, and "
                    "there it is steepest: its slope is 1.",
                ),
                (1 - _t, "Nearly: the fact holds *squares* of cosh and sinh."),
                ((1 - _t) ** 2, "Square t, not the difference."),
                (_t**2 - 1, "The sign is turned: tanh rises everywhere, so its slope is positive."),
                (1 + _t**2, "The slope must go to 0 where t comes close to 1 or -1."),
            ),
            strangers="Write it through t alone: t is the output of tanh.",
        ),
        answer=lambda: 1 - _t**2,
        hints=(
            "Which form of the fact has 1/cosh² in it?",
            "Divide cosh² u - sinh² u = 1 by cosh² u.",
            "1 - (sinh u / cosh u)² = 1 / cosh² u.",
        ),
        explanation="Divide the fact by cosh² u: 1 - tanh² u = 1/cosh² u, so the slope is "
        "1 - t². At u = 0 it is 1, four times that of the sigmoid.",
    ),
    Exercise(
        id="03-choose-eta",
        prompt="Find a learning rate with which this neuron comes within 0.001 of its target "
        "in at most 10 steps.",
        examine=_examine_eta,
        answer=lambda: 5,
        hints=(
            "Are the steps with eta = 1 too short, or do they jump past the best weight?",
            "The first step has length 0.15 · eta. How far is it from w = 0.5 to w = 1.19?",
            "Try numbers between 4 and 8.",
        ),
        explanation="The first step is 0.75 long, and the best weight lies 0.69 away.",
    ),
    Exercise(
        id="03-predict-half",
        prompt="Leave the 1/2 out of the error and keep eta = 0.5. What happens to the 87 steps?",
        examine=choice(
            {
                "a": "The best weight stays where it is, but the road to it changes: every slope "
                "is twice as large, so every step starts out twice as long.",
                "b": "The other way round: without the 1/2 the slope is larger, not smaller.",
                "c": "Without the 1/2 every slope doubles. That is as if eta had been 1, and then "
                "about half as many steps do.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "What is the derivative of (y - y_hat)², and what that of half of it?",
            "Each step is eta times the slope.",
            "Twice the slope with the same eta is the same step as the slope with twice the eta.",
        ),
    ),
    Exercise(
        id="03-predict-saturated",
        prompt="Two units should answer 0 and do not. A has $u = 1$, B has $u = 10$. "
        "Which one gets its output below 1/2 in fewer steps?",
        examine=choice(
            {
                "a": "A needs 7 steps and B more than 22,000. B is more wrong, but its sigmoid is "
                "flat there: its slope is more than 4,000 times smaller.",
                "b": "B has the larger error, 1.0000 against 0.7311, but the error is multiplied "
                "by the slope of the sigmoid, and at u = 10 that is 0.000045. B needs more than "
                "22,000 steps.",
                "c": "Their errors are of one size, but their slopes are not: 0.197 at u = 1, "
                "0.000045 at u = 10.",
            },
            "a",
        ),
        answer=lambda: "a",
        hints=(
            "A step is eta times the derivative. Of which factors does the derivative consist?",
            "The error, and the slope of the sigmoid.",
            "Look the two slopes up in the table of section 4.",
        ),
    ),
    Exercise(
        id="03-threshold-path",
        prompt="The same neuron at another place: $x = 2$, $w = 1$, $\\theta = 1$, target "
        "$y = 0.8$. What is $\\partial E/\\partial\\theta$, to 4 significant digits?",
        examine=number(_BY_THRESHOLD, near=_THRESHOLD_SLIPS),
        answer=lambda: round(_BY_THRESHOLD, 6),
        hints=(
            "Which of the three factors stay the same when you ask for theta instead of w?",
            "The first two stay. The third says how u = beta - theta changes as theta grows by 1.",
            "y_hat = sigmoid(1 * 2 - 1), and -(0.8 - y_hat) * y_hat * (1 - y_hat) * (-1).",
        ),
        explanation="The factors are -(0.8 - 0.7311), 0.1966 and -1.",
    ),
    Exercise(
        id="03-predict-paths",
        prompt="Along path 1 the derivative is +0.250, along path 2 it is -0.075. What is "
        "$\\partial E/\\partial b_1$?",
        examine=choice(
            {
                "a": "A small change of b reaches E on both paths at once. The weaker path does "
                "not wait for the stronger one: both changes count, with their signs.",
                "b": "Both changes reach E at the same time, so they add: 0.250 - 0.075 = 0.175.",
                "c": "Along one path one multiplies. But the two paths are not one behind the "
                "other, they lie side by side, so they are added.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Let b grow by a small amount. By how much does each part of E change?",
            "E is a sum of two parts, one an output.",
            "The derivative of a sum is the sum of the derivatives.",
        ),
    ),
    Exercise(
        id="03-three-paths",
        prompt="Now alone. A hidden unit with output $b = 0.5$ feeds three outputs with weights "
        "$1, -2, 3$; their thresholds are $0.5, 0, 1$, their targets $0, 1, 1$. "
        "What is $\\partial E/\\partial b$, to 4 significant digits?",
        examine=_three_paths_examiner(),
        answer=lambda: round(sum(row[0] for row in three_paths()), 6),
        hints=(
            "How many paths lead from b to E, and which factors stand on each?",
            "Each path: -(y - y_hat), then y_hat (1 - y_hat), then w. Multiply along, add across.",
            "The net inputs minus thresholds are 0, -1 and 0.5. Write a loop like the one above.",
        ),
        explanation="The three terms are 0.1250, 0.2875 and -0.2662.",
    ),
)
