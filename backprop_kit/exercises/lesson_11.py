"""Exercises of lesson 11: derivatives of any program, by numbers that remember."""

import inspect
import math
import random
from itertools import count, permutations

import numpy as np

from backprop_kit.exercises.checks import Verdict, choice, number, right, shown, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.numeric import Network, sigmoid

# ------------------------------------------------------------------ numbers to try answers on


class _TooLongError(Exception):
    """A student's sweep does not come to an end."""


_MOST_READS = 100_000


class Number:
    """A number as in the lesson: value, links, name, grad and born; `reads` counts its users.

    It bears the lesson's name because a student may meet it in the message of an error.
    """

    def __init__(self, value, links=(), name="", *, births=None, reads=None):
        self.value, self.name, self.grad = value, name, 0.0
        self._links = list(links)
        self._births = count() if births is None else births
        self.born = next(self._births)
        self.reads = [0] if reads is None else reads

    @property
    def links(self):
        """Return the pairs (number, slope), and count that someone looked."""
        self.reads[0] += 1
        if self.reads[0] > _MOST_READS:
            raise _TooLongError
        return self._links

    def _made(self, value, links, name):
        return Number(value, links, name, births=self._births, reads=self.reads)

    def __add__(self, other):
        return self._made(self.value + other.value, [(self, 1.0), (other, 1.0)], "+")

    def __mul__(self, other):
        links = [(self, other.value), (other, self.value)]
        return self._made(self.value * other.value, links, "×")


def _called(function, *arguments):
    """Return what a student's function gives, and a verdict if it fails."""
    if not callable(function):
        message = f"Hand in your function by its name, without brackets; this is {shown(function)}."
        return None, wrong(message)
    try:
        return function(*arguments), None
    except _TooLongError:
        return None, wrong("Your sweep does not come to an end: some number is taken up for ever.")
    except RecursionError:
        return None, wrong("Your function calls itself without end.")
    except Exception as error:
        return None, wrong(f"Your function stopped with {type(error).__name__}: {error}.")


def _is_number(value):
    return isinstance(value, int | float) and math.isfinite(value)


def _close(value, target):
    return _is_number(value) and math.isclose(value, target, rel_tol=1e-6, abs_tol=1e-9)


# ------------------------------------------------------------------ a node of one's own


def _class_seen_by(function):
    """Return the class `Number` that a student's function uses; else the one of this file."""
    try:
        names = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
        made = names["Number"](0.5, name="u")
        return names["Number"] if made.value == 0.5 and not list(made.links) else Number
    except Exception:
        return Number


def _derivative(result, u):
    """Return the sum over all paths from `result` to u, or None where the links are malformed."""
    order, seen = [], set()

    def visit(one):
        if id(one) not in seen:
            seen.add(id(one))
            for source, _ in one.links:
                visit(source)
            order.append(one)

    try:
        visit(result)
        arrived = {id(one): 0.0 for one in order} | {id(u): 0.0, id(result): 1.0}
        for one in reversed(order):
            for source, slope in one.links:
                arrived[id(source)] += slope * arrived[id(one)]
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None
    return arrived[id(u)]


_TRIALS = (0.5, -1.2)
_SLIPS_OF_TANH = (
    (lambda u: 1 - u**2, "1 - u². Which number must be squared, what goes in or what comes out?"),
    (lambda u: math.tanh(u), "the value itself. How fast does tanh change there?"),
    (lambda u: 1.0, "1 everywhere, as if tanh were the identity."),
    (
        lambda u: math.tanh(u) * (1 - math.tanh(u)),
        "tanh u (1 - tanh u). That is the sigmoid's pattern.",
    ),
    (
        lambda u: 1 + math.tanh(u) ** 2,
        "1 + tanh² u. Look at the sign: tanh is flat where it is near 1.",
    ),
    (lambda u: math.tanh(u) ** 2 - 1, "tanh² u - 1. Its sign is turned: tanh rises everywhere."),
)


def _examine_node(function):
    number = _class_seen_by(function)
    for place in _TRIALS:
        u = number(place, name="u")
        made, refused = _called(function, u)
        if refused:
            return refused
        if made is None:
            return wrong("Your function gives nothing back. Is `return` missing?")
        if made is Ellipsis:
            return Verdict(False, "Replace the ... by a Number, made from u.", tried=False)
        if _is_number(made):
            return wrong(
                "This gives a plain number back, and it has forgotten u. Return a Number, with "
                "its value and its links."
            )
        value, links = getattr(made, "value", None), getattr(made, "links", None)
        if value is None or links is None:
            return wrong(f"Return a Number, with its value and its links; this is {shown(made)}.")
        if not _close(value, math.tanh(place)):
            return wrong(f"At u = {place} the value is {shown(value)}, not tanh u.")
        if _close(_derivative(made, u), 1 - math.tanh(place) ** 2):
            continue  # with one link, or made from operations that Number has
        verdict = _examine_links(links, u)
        if verdict:
            return verdict
        slope = links[0][1]
        for slip, reason in _SLIPS_OF_TANH:
            if _close(slope, slip(place)):
                return wrong(f"The value is right. The local slope is {reason}")
        return wrong(
            f"The value is right. At u = {place} the local slope is {shown(slope)}; "
            "compare it with a difference of tanh."
        )
    return _examine_plain(function) or right(
        "The value once more gives the slope, as with the sigmoid. Any function can join in this "
        "way, and the sweep need not be told."
    )


def _examine_plain(function):
    """Return what is wrong with a plain number in place of a Number, or None."""
    place = _TRIALS[0]
    made, refused = _called(function, place)
    if not refused and _close(made, math.tanh(place)):
        return None
    reason = refused.message if refused else f"For {place} it gives {shown(made)}."
    return wrong(
        "It is right for a Number. For a plain number return math.tanh(u): that is what "
        f"`differences` hands in. {reason}"
    )


def _examine_links(links, u):
    """Return what is wrong with the form of the links, or None."""
    try:
        pairs = [tuple(link) for link in links]
    except TypeError:
        return wrong("The links are a list of pairs: [(u, slope)].")
    if not pairs:
        return wrong("The value is right, but there are no links: the sweep would stop here.")
    if len(pairs) != 1:
        return wrong(f"tanh is made from one number, so one link is enough; here are {len(pairs)}.")
    if len(pairs[0]) != 2:
        return wrong("A link is a pair: the number it was made from, then the local slope.")
    if pairs[0][0] is not u:
        return wrong("The link must lead to u itself, not to its value or to another number.")
    return None


def _tanh_node(u):
    if not hasattr(u, "value"):
        return math.tanh(u)
    value = math.tanh(u.value)
    return Number(value, [(u, 1 - value**2)], "tanh")


# ------------------------------------------------------------------ a sweep to mend

_FAR = 12  # doublings; one visit a path would be 2 ** 13 - 1 visits
_FAIR_READS = 200
_SHARED = (  # t = s s; what is made from it; its derivative by s at s = 2
    ("t t + t", lambda t: t * t + t, 36.0),
    ("t + t t", lambda t: t + t * t, 36.0),
    ("u u t + t, with u = t t", lambda t: (t * t) * (t * t) * t + t, 5124.0),
    ("t + t (u u), with u = t t", lambda t: t + t * ((t * t) * (t * t)), 5124.0),
)
_PLACE = (-0.9, 1.1)  # negative, too: the order of values is no order of making
_PROGRAMS = tuple((steps, seed) for steps in range(3, 8) for seed in range(12))


def _any_program(steps, seed):
    """Return a program of random sums and products: its two inputs, its result, its text."""
    rng = random.Random(1000 * steps + seed)
    made = list(_pair(*_PLACE))
    names, lines = ["s", "t"], []
    for name in "abcdefgh"[:steps]:
        first, second = rng.randrange(len(made)), rng.choice((-1, rng.randrange(len(made))))
        sign = rng.choice("+×")
        one, other = made[first], made[second]
        lines.append(f"{name} = {names[first]} {sign} {names[second]}")
        made.append(one + other if sign == "+" else one * other)
        names.append(name)
    return made[:2], made[-1], ", ".join(lines)


def _examine_sweep(sweep):
    s, t = _pair(3.0, 2.0)
    refused = _called(sweep, s * t)[1]
    if refused:
        return refused
    if s.grad == 0 and t.grad == 0:
        return wrong(
            "After the sweep of s t, no derivative has arrived at s and t. The result itself must "
            "start with 1."
        )
    if not (_close(s.grad, 2.0) and _close(t.grad, 3.0)):
        return wrong(
            f"Even for s t at s = 3, t = 2, where each number is used once, the derivatives come "
            f"out as {shown(s.grad)} and {shown(t.grad)}. They are 2 and 3."
        )
    s, _ = _pair(3.0, 2.0)
    refused = _called(sweep, s * s + s)[1]
    if refused:
        return refused
    if _close(s.grad, 1.0):
        return wrong(
            "s s + s at s = 3 gives 1 in place of 7. That is what the sum hands to s. The two "
            "contributions of the product are missing: it handed on too early, or it was "
            "overwritten."
        )
    if not _close(s.grad, 7.0):
        return wrong(
            f"s s + s at s = 3 gives {shown(s.grad)} in place of 7: three links lead back to s, "
            "and what comes along them must be added."
        )
    return _examine_order(sweep)


def _examine_order(sweep):
    for text, program, expected in _SHARED:
        s, _ = _pair(2.0, 1.0)
        result = program(s * s)
        refused = _called(sweep, result)[1]
        if refused:
            return refused
        if not _close(s.grad, expected):
            return wrong(
                f"s s + s is right. But take t = s s and r = {text}, at s = 2: ∂r/∂s comes out as "
                f"{shown(s.grad)} in place of {expected:.0f}. t has several users. It must hand "
                "on once, after all of them, wherever they stand in the program."
            )
    for steps, seed in _PROGRAMS:
        inputs, result, text = _any_program(steps, seed)
        refused = _called(sweep, result)[1]
        if refused:
            return refused
        found = [one.grad for one in inputs]
        _sweep(result)
        for name, one, grad in zip("st", inputs, found, strict=True):
            if not _close(grad, one.grad):
                return wrong(
                    f"Many programs come out right, but not {text}, at s = {_PLACE[0]}, t = "
                    f"{_PLACE[1]}: the derivative of the last number by {name} comes out as "
                    f"{shown(grad)} in place of {one.grad:.6g}. Does each number hand on "
                    "after all its users?"
                )
    return _examine_repetition(sweep)


def _examine_repetition(sweep):
    s, _ = _pair(2.0, 1.0)
    t = s * s
    result = t * t + t
    for _ in range(2):
        refused = _called(sweep, result)[1]
        if refused:
            return refused
    if not _close(s.grad, 36.0):
        return wrong(
            f"One sweep is right. A second one over the same numbers gives {shown(s.grad)} in "
            "place of 36: what the first one left is still there."
        )
    far, _ = _pair(1.0, 1.0)
    result, reads = far, far.reads
    for _ in range(_FAR):
        result = result + result
    reads[0] = 0
    refused = _called(sweep, result)[1]
    if refused:
        return refused
    if not _close(far.grad, 2.0**_FAR):
        return wrong(f"After {_FAR} doublings the derivative is {2**_FAR}, not {shown(far.grad)}.")
    if reads[0] > _FAIR_READS:
        return wrong(
            f"The derivatives are right. But {_FAR} doublings make {_FAR + 1} numbers, and your "
            f"sweep reads links {reads[0]} times: it walks every path. Let each number hand on "
            "once."
        )
    code = getattr(sweep, "__code__", None)
    if getattr(code, "co_name", "") == "backward":
        return wrong(
            "This is `backward` itself, and it is right. Mend `sweep`; `newest_first` may help."
        )
    if "backward" in getattr(code, "co_names", ()):
        return wrong(
            "The derivatives are right, but `backward` found them. Write its steps out in your own "
            "sweep; `newest_first` may help."
        )
    return right("Added, once for each number, after all its users, and from a clean start.")


def _pair(first, second):
    s = Number(first, name="s")
    return s, s._made(second, [], "t")


def _sweep(result):
    found, waiting = {}, [result]
    while waiting:
        one = waiting.pop()
        if one.born not in found:
            found[one.born] = one
            waiting += [source for source, _ in one.links]
    order = [found[born] for born in sorted(found, reverse=True)]
    for one in order:
        one.grad = 0.0
    result.grad = 1.0
    for one in order:
        for source, slope in one.links:
            source.grad += slope * one.grad


# ------------------------------------------------------------------ a link that skips

SAMPLE = (0.5, -1.2, 0.8)
TARGET = (1.0, 0.0)
SKIP = 0.3


def _skip_slope(weight=SKIP, source=1, target=0, sign=1.0):
    """Return ∂E/∂c of the 3-4-2 network with a link from an input to an output, by hand."""
    network = Network((3, 4, 2), rng=11)
    trace = network.forward([SAMPLE])
    net = trace.net_inputs[1][0, target] + sign * weight * SAMPLE[source]
    y_hat = float(sigmoid(net - network.thresholds[1][target]))
    delta = -(TARGET[target] - y_hat) * y_hat * (1 - y_hat)
    return sign * delta * SAMPLE[source]


def _after_the_sigmoid():
    """Return ∂E/∂c where the link is added to the output, behind the sigmoid."""
    y_hat = float(Network((3, 4, 2), rng=11).forward([SAMPLE]).y_hat[0, 0])
    return -(TARGET[0] - (y_hat + SKIP * SAMPLE[1])) * SAMPLE[1]


_SKIP_SLIPS = {
    -_skip_slope() / SAMPLE[1]: "This is ∂E/∂θ_1, a neighbour in the list. The derivative by c is "
    "the last entry.",
    -_skip_slope(target=1, weight=0.0) / SAMPLE[1]: "This is ∂E/∂θ_2, the entry before. The "
    "derivative by c is the last one.",
    _skip_slope() / SAMPLE[1]: "This is δ_1, what output 1 hands back. One factor is missing: the "
    "signal that came along the link, x_2.",
    0.0: "0 means that c does not reach the error. Where does with_skip use c?",
    _skip_slope(weight=0.0): "This is the derivative at c = 0. The new weight is 0.3: it is the "
    "last number of the list.",
    _skip_slope(sign=-1.0): "The new link works against the output: a signal is added to the net "
    "input, and theta is subtracted from it. Which sign must c x_2 get beside theta[0]?",
    _skip_slope(source=0): "That link starts at x_1. In Python x[0] is x_1.",
    _skip_slope(source=2): "That link starts at x_3. In Python x[1] is x_2.",
    _skip_slope(target=1): "That link leads to output 2. In Python theta[0] is that of output 1.",
    _after_the_sigmoid(): "That link is added behind the sigmoid. It leads into the unit, so its "
    "signal belongs to the net input.",
}

_SKIP_NUMBER = number(_skip_slope(), near=_SKIP_SLIPS)
_WITH_C = 27  # parameters, c the last


def _examine_skip(answer):
    if isinstance(answer, list | tuple | np.ndarray) and np.size(answer) == _WITH_C:
        return wrong("This is the whole gradient, 27 numbers. Take the last entry, the one by c.")
    return _SKIP_NUMBER(answer)


# ------------------------------------------------------------------ XOR with one hidden unit

_XOR = (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0))
_BY_HAND = (10.0, 10.0, 15.0, -20.0, 10.0, 10.0, 5.0)
_LETTERS = {"v": 2, "gamma": 1, "w": 1, "c": 2, "theta": 1}  # in this order, so many numbers
_NEAR_ENOUGH = 0.1
_HALF = 0.5
# Orders and signs that students use, as (places in their list, signs).
_OTHER_WAYS = (
    ((0, 1, 2, 3, 4, 5, 6), (1, 1, -1, 1, 1, 1, -1), "with thresholds that are added. Here they "
     "are subtracted: turn the signs of gamma and theta."),
    ((0, 1, 2, 5, 3, 4, 6), (1,) * 7, "in the order v, gamma, c, w, theta. Here w stands before "
     "c."),
    ((0, 1, 6, 2, 3, 4, 5), (1,) * 7, "with gamma at the end. Here it stands after v."),
    ((0, 1, 5, 2, 3, 4, 6), (1,) * 7, "with both thresholds at the end. Here gamma stands after "
     "v."),
)  # fmt: skip


def _xor_outputs(parameters):
    """Return the outputs for 00, 01, 10, 11 of a 2-1-1 network with two links that skip."""
    v1, v2, gamma, w, c1, c2, theta = parameters
    X = np.array([x for x, _ in _XOR], dtype=float)
    b = sigmoid(X @ [v1, v2] - gamma)
    return sigmoid(w * b + X @ [c1, c2] - theta)


def _order_that_works(given):
    """Return the order of the letters in which seven numbers compute XOR, or None."""
    for order in permutations(_LETTERS):
        numbers, dealt = iter(given), {}
        for letter in order:
            dealt[letter] = [next(numbers) for _ in range(_LETTERS[letter])]
        if _xor_gaps([one for letter in _LETTERS for one in dealt[letter]]).max() <= _NEAR_ENOUGH:
            return ", ".join(order)
    return None


def _xor_gaps(parameters):
    return np.abs(_xor_outputs(parameters) - [y for _, y in _XOR])


@np.errstate(all="ignore")
def _examine_xor(answer):
    try:
        given = np.asarray(answer)
        if given.dtype.kind not in "iuf" or given.size != 7 or not np.isfinite(given).all():
            raise TypeError
        given = given.astype(float).ravel()
        if np.abs(given).max() > 1e6:
            raise TypeError
    except (TypeError, ValueError):
        return wrong(
            "Answer with seven numbers in the order v_1, v_2, gamma, w, c_1, c_2, theta; this is "
            f"{shown(answer)}."
        )
    gaps = _xor_gaps(given)
    if gaps.max() <= _NEAR_ENOUGH:
        return right(
            "One hidden unit is enough for XOR when links may skip it. And you wrote no formula "
            "for a gradient."
        )
    if gaps.max() < _HALF:
        return wrong(
            f"All four outputs are on the right side. The farthest is {gaps.max():.2f} from its "
            "target, and 0.1 is allowed: go on training."
        )
    for places, signs, reason in _OTHER_WAYS:
        if _xor_gaps(given[list(places)] * signs).max() <= _NEAR_ENOUGH:
            return wrong(f"These seven numbers do compute XOR {reason}")
    order = _order_that_works(given)
    if order:
        return wrong(
            f"These seven numbers do compute XOR in the order {order}. Check the order: v, gamma, "
            "w, c, theta is asked for."
        )
    if not given.any():
        return wrong(
            "All seven are 0. There each output is 0.5, the slopes of the four samples cancel, and "
            "every derivative is 0: no step moves anything. Start from small random numbers."
        )
    outputs = ", ".join(f"{output:.2f}" for output in _xor_outputs(given))
    missed = int((gaps >= _HALF).sum())
    return wrong(
        f"For the inputs 00, 01, 10, 11 the outputs are {outputs}, and the targets 0, 1, 1, 0: "
        f"{missed} of 4 not on the right side. Train longer, with a larger rate, or from another "
        "start: small random numbers."
    )


_OPERATIONS = number(
    5800,
    tolerance=1e-6,
    near={
        5600: "Nearly. A sigmoid also works out its local slope, f (1 - f), on the way forward.",
        5500: "That counts 5 for every number. A sigmoid has another share: count its forward "
        "operations, its slope, and its one link.",
        4200: "That is the sweep alone, 2 for each of the 2,100 links. The way forward comes on "
        "top.",
        4400: "That is the sweep with two links for every number. A sigmoid has one, and the way "
        "forward comes on top.",
        7000: "5 times is right for +, − and ×. A sigmoid is dearer forward, but has one link "
        "only: its factor is smaller.",
        6000: "A sigmoid has one link, not two.",
        5400: "The 100 sigmoids take 4 + 2 forward and 2 for their link. Which of these is "
        "missing?",
        1400: "That is the evaluation alone. The slopes and the sweep come on top.",
        5000: "That is the share of +, − and ×. The sigmoids are missing.",
        800: "That is the share of the sigmoids. The other 1,000 numbers are missing.",
    },
)


def _examine_ratio(answer):
    verdict = _OPERATIONS(answer)
    if not verdict.correct:
        return verdict
    return right("5 · 1,000 + 8 · 100 = 5,800: about 4.1 times one evaluation.")


EXERCISES = (
    Exercise(
        id="11-node",
        prompt="Let tanh join in: write `tanh(u)`. For a `Number` it returns a `Number` with the "
        "value `math.tanh(u.value)`; the derivative is $1 - \\tanh^2 u$. For a plain number it "
        "returns `math.tanh(u)`, so that `differences` can judge.",
        examine=_examine_node,
        answer=lambda: _tanh_node,
        written="plain number: return math.tanh(u); Number: value = math.tanh(u.value); "
        "return Number(value, [(u, 1 - value**2)], 'tanh')",
        hints=(
            "What does the method `sigmoid` compute first, and what does it hand to Number?",
            "First the value, from `u.value`. Then one link: a pair of u and the local slope.",
            "With `value = math.tanh(u.value)`, the link is `(u, 1 - value**2)`. The function "
            "`sigmoid` shows how to tell a plain number: by `hasattr`.",
        ),
        explanation="Two lines for a function: its value, and its slope there.",
    ),
    Exercise(
        id="11-predict-assign",
        prompt="$r = s\\,s + s$ at $s = 3$, swept with `=` in place of `+=`. What arrives at $s$? "
        '`"a"` 7, `"b"` 3, `"c"` 1.',
        examine=choice(
            {
                "a": "7 is the derivative, 2 s + 1. But it is a sum of three contributions, 1, 3 "
                "and 3, and `=` keeps only the last one: 3.",
                "b": "Three contributions arrive: 1 from the sum, then 3 and 3 from the product. "
                "Each overwrites the one before, and the last 3 stays.",
                "c": "1 arrives first, from the sum, which is the newest number. The product has "
                "its turn after that, and its 3 overwrites the 1.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "How many links lead back to s?",
            "Three: one from the sum, two from the product. Which of the two numbers is newer?",
            "The sum sweeps first and leaves 1. Then the product writes twice.",
        ),
    ),
    Exercise(
        id="11-predict-paths",
        prompt="16 doublings, and `pass_on` hands down at once whatever arrives. How many calls "
        'does it make? `"a"` 33, `"b"` 272, `"c"` more than 100,000.',
        examine=choice(
            {
                "a": "33 would be one call for each of the 32 links, and one for the start. But a "
                "number that gets two messages calls twice for each of its links, and so on down.",
                "b": "272 is 16 · 17, a growth with the square. Each number doubles the calls of "
                "the next one: they grow as a power of 2.",
                "c": "1, 2, 4, 8, ...: the calls double with each number. Together they are "
                "131,071, one for each path and each piece of a path.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "How often is the newest number called? And the one before it, by its two links?",
            "1, then 2, then 4. What comes next, and how often?",
            "The oldest alone is called 2 to the power 16 times.",
        ),
    ),
    Exercise(
        id="11-sweep",
        prompt="Mend `sweep`, without a call of `backward`. It must be right for every program, "
        "and for a second sweep over the same numbers. Run its cell, and hand it in by its name: "
        "`answer = sweep`.",
        examine=_examine_sweep,
        answer=lambda: _sweep,
        written="order = newest_first(result); set every grad to 0.0 and result.grad to 1.0; "
        "then hand down from each number of order, once",
        hints=(
            "In what order does `waiting` hand out the numbers, and how often each?",
            "A number must hand on once, and only after everything that uses it. Which function "
            "of this lesson gives such an order?",
            "Go through `newest_first(result)` in place of `waiting`. And where do the grads of an "
            "earlier sweep go?",
        ),
        explanation="The loop over the links was right. The order, the repetition and the start "
        "were not.",
    ),
    Exercise(
        id="11-ratio",
        prompt="A program makes 1,000 numbers by +, − or × and 100 by the sigmoid. One evaluation "
        "takes 1,000 + 4 · 100 = 1,400 operations. How many does reverse mode take, forward and "
        "sweep together?",
        examine=_examine_ratio,
        answer=lambda: 5800,
        hints=(
            "What does one number made by + cost in all, forward and in the sweep?",
            "5. And a sigmoid: 4 for its value; then its slope f (1 - f); then its one link.",
            "A sigmoid costs 4 + 2 + 2 = 8. So 5 · 1,000 + 8 · 100.",
        ),
        explanation="The 3-4-2 network has 53 numbers of the first kind (sums start at 0) "
        "and 6 of the second: 5 · 53 + 8 · 6 = 313, as measured. Each kind costs at most 5 times "
        "what it costs forward, and so does every program made of them.",
    ),
    Exercise(
        id="11-predict-slopes",
        prompt="A network with 4 times as many parameters. By which factor, about, does each cost "
        'grow? `"a"` differences 4, forward 4, reverse 4; `"b"` 16, 16, 4; `"c"` 16, 4, 4.',
        examine=choice(
            {
                "a": "One evaluation takes about 4 times as much. But differences and forward mode "
                "make one pass for each parameter, and so there are 4 times as many passes, too.",
                "b": "Differences and forward mode: 4 times as many passes, each 4 times as long. "
                "Reverse mode: one pass and one sweep, each 4 times as long.",
                "c": "Duals are exact, but a dual knows its derivative by one parameter only. So "
                "forward mode also needs a pass for each: 4 times as many, each 4 times as long.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "How many times does each way run the program?",
            "Differences P + 1 times, forward mode P times, reverse mode once and one sweep.",
            "Number of runs times length of a run: which of the two grow with P?",
        ),
    ),
    Exercise(
        id="11-predict-wide",
        prompt="One number in, forty out, and all forty derivatives are wanted. Which way takes "
        'fewer operations? `"a"` reverse mode, `"b"` forward mode, `"c"` about the same.',
        examine=choice(
            {
                "a": "A sweep starts at one result. Forty results need forty sweeps, while one "
                "dual carries its derivative into all forty.",
                "b": "One pass with duals serves every output. Reverse mode needs a sweep for each "
                "of the forty.",
                "c": "The graph is the same, but it is used differently: forward mode goes through "
                "it once, reverse mode sweeps back once for each output.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Whose derivative does a dual carry, and by what? And a grad?",
            "A dual: of every number by one input. A grad: of one result by every number.",
            "Here is one input, and there are forty results.",
        ),
    ),
    Exercise(
        id="11-skip-link",
        prompt="Add one link to the 3-4-2 network, from input $x_2$ straight to output 1, with the "
        "weight $c = 0.3$. Complete `with_skip`. What is $\\partial E/\\partial c$? Compare "
        "`gradient` with `differences` before you answer; give 4 significant digits.",
        examine=_examine_skip,
        answer=_skip_slope,
        written="0.1014",
        hints=(
            "The signal c x_2 must join the net input of output 1. Which line of with_skip makes "
            "that unit's output, and what does it subtract?",
            "The unit works with net input minus theta[0]. Adding c x_2 to the net input is the "
            "same as changing theta[0].",
            "Before the return: `theta[0] = theta[0] - p[26] * x[1]`. Then `gradient(with_skip, "
            "longer)[-1]`.",
        ),
        explanation="It is δ_1 x_2, with δ_1 = -(y_1 - ŷ_1) ŷ_1 (1 - ŷ_1): what the output hands "
        "back, times the signal that came along the link. No new formula is needed.",
    ),
    Exercise(
        id="11-capstone",
        prompt="Alone. A network for XOR with **one** hidden unit: $b = f(v_1 x_1 + v_2 x_2 - "
        "\\gamma)$ and $\\hat y = f(w b + c_1 x_1 + c_2 x_2 - \\theta)$. Write its error over the "
        "four samples, train it with `gradient`, and hand in $(v_1, v_2, \\gamma, w, c_1, c_2, "
        "\\theta)$. Each output must come within 0.1 of its target.",
        examine=_examine_xor,
        answer=lambda: _BY_HAND,
        hints=(
            "Which seven numbers does a list p hold? Write `xor_error(p)` with `sigmoid`, +, − "
            "and ×, and test it: do `gradient` and `differences` agree?",
            "Then a loop: `slopes = gradient(xor_error, p)`, and each number of p moves by minus "
            "eta times its slope.",
            "Start from seven small random numbers. One step is "
            "`p = [a - 5 * slope for a, slope in zip(p, slopes)]`; take 2,000.",
        ),
        explanation="The hidden unit is AND. Without it the output is OR, and the weight -20 takes "
        "(1, 1) out again.",
    ),
    Exercise(
        id="11-predict-text",
        prompt="One training step as a written text, or with NumPy arrays: which is at least twice "
        "as fast? Three cases: nine parameters and 4 samples; nine and 1,024; 408 and 4. "
        '`"a"` the text each time, `"b"` the text in the first, the arrays in the others, `"c"` '
        "the arrays each time.",
        examine=choice(
            {
                "a": "The text works off every number of every sample by itself. With 1,024 "
                "samples, or 408 parameters, arrays do that work in a few calls.",
                "b": "A call of NumPy has a fixed price. It is too high for little work, and pays "
                "as soon as samples or parameters are many.",
                "c": "A call of NumPy has a fixed price, however little it computes. For nine "
                "parameters and 4 samples the text is done before.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "What does a call of NumPy cost when its arrays hold four numbers?",
            "About as much as ten or twenty products of plain numbers. How many has the text?",
            "Few in the first case. In the others a hundred times as many, and arrays take them "
            "together.",
        ),
    ),
)
