"""The graded questions: each is drawn from the teacher's secret, and so is its answer.

The code is public and the numbers are not: the name of a question and the secret give a seed
(HMAC-SHA256), the seed gives the instance, and the answer is derived from the instance when it is
judged. No answer is stored anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy
from sympy import Sum

from backprop_kit.exercises.checks import Verdict, array, number, right, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.formulas import formula
from backprop_kit.exercises.handing_in import LETTERS, as_data, drawn_case
from backprop_kit.exercises.misconceptions import BACKWARD, PARAMETERS, TABLE
from backprop_kit.numeric import Network, append_dummy, perceptron_step
from backprop_kit.symbolic import E, by_letter, derive_updates, differentiate, evaluate
from backprop_kit.symbolic.evaluation import sample_arrays
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    sigma,
    theta,
    v,
    w,
    y,
    y_hat,
)

AXES = {"w": (h, j), "theta": (j,), "gamma": (h,), "v": (i, h)}
SPELLED = {
    "w": r"\Delta w_{hj}",
    "theta": r"\Delta\theta_j",
    "gamma": r"\Delta\gamma_h",
    "v": r"\Delta v_{ih}",
}

_BLOCKS = tuple(letter for letter in LETTERS if letter in AXES)  # what a graded function returns
_ADDED = (
    "These are the derivatives of a network that adds its thresholds. Here they are subtracted."
)


@dataclass(frozen=True)
class Question:
    """One graded question.

    Attributes
    ----------
    exercise : Exercise
        Its prompt, its examiner and its answer; `examine` takes what `hand_in` has made of it.
    given : str
        Code that holds the numbers of the instance, or nothing.
    stub : str
        What the student replaces; ``{name}`` is the name of the answer.
    seed : int or None
        For a function: draws the network on which it is judged, which no student sees before.
    points : int
    """

    exercise: Exercise
    given: str = ""
    stub: str = "{name} = ..."
    seed: int | None = None
    points: int = 2

    @property
    def fingerprint(self) -> str:
        """Tells two instances apart; it says nothing about the answer that the prompt does not."""
        text = f"{self.exercise.prompt}\n{self.given}\n{self.seed}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


Maker = Callable[[str, int], Question]


def questions(lesson: str, secret: str) -> dict[str, Question]:
    """Return the graded questions of a lesson by their names, drawn with the secret.

    Raises
    ------
    ValueError
        If the lesson has none.

    Examples
    --------
    >>> list(questions("04", "a secret"))
    ['graded-04-update-w', 'graded-04-update-gamma', 'graded-04-update-v']
    """
    if lesson not in MAKERS:
        raise ValueError(
            f"lesson {lesson} has no graded questions; these have some: {', '.join(MAKERS)}"
        )
    names = {f"graded-{lesson}-{name}": maker for name, maker in MAKERS[lesson].items()}
    return {id: maker(id, _seed(id, secret)) for id, maker in names.items()}


def question(id: str, secret: str) -> Question | None:
    """Return the graded question of that name, or None for a name that is none of ours."""
    word, _, rest = id.partition("-")
    lesson = rest[:2]
    return questions(lesson, secret).get(id) if word == "graded" and lesson in MAKERS else None


def _seed(id: str, secret: str) -> int:
    digest = hmac.new(secret.encode(), id.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> 11  # 53 bits: every JSON reader keeps them


# -------------------------------------------------------------------------- formulas, made anew


def _altered(letter: str) -> Maker:
    """Ask for an update in a network whose error and whose slopes are drawn."""

    def make(id, seed):
        rng = np.random.default_rng(seed)
        power = int(rng.choice([4, 6]))
        factor = sympy.Rational(1, int(rng.choice([3, 5, 7])))
        outer, inner = (int(k) for k in rng.permutation([2, 3, 4, 5])[:2])
        plus = bool(rng.integers(2))
        expected = _altered_update(letter, factor, power, outer, inner, plus)
        usual = derive_updates()
        sign, kind = ("+", "added") if plus else ("-", "subtracted")
        prompt = (
            f"A network with one hidden layer differs from ours in four places: the error is "
            rf"$E = {sympy.latex(factor)} \sum_{{j=1}}^{{l}} (y_j - \hat y_j)^{power}$, the "
            rf"outputs are $\hat y_j = \sigma({outer}\,(\beta_j {sign} \theta_j))$ and "
            rf"$b_h = \sigma({inner}\,(\alpha_h {sign} \gamma_h))$: what stood as a threshold is "
            f"{kind}. Net inputs are as ever. Write ${SPELLED[letter]} = -\\eta\\,\\partial E / "
            f"\\partial {sympy.latex(PARAMETERS[letter])}$ as text, with the letters of lesson 04; "
            "write slopes through `y_hat` and `b`."
        )

        def near():
            return {getattr(usual, letter): "This is the update of our own network."} | {
                _altered_update(letter, factor, power, *slopes, plus): reason
                for slopes, reason in (
                    ((1, inner), f"The {outer} inside the output's sigmoid has a derivative."),
                    ((outer, 1), f"The {inner} inside the hidden sigmoid has a derivative."),
                    ((1, 1), "The factors inside the sigmoids have derivatives."),
                )
                if letter in ("v", "gamma") or slopes[0] == 1
            }

        examiner = formula(lambda: expected, AXES[letter], near=near)
        return Question(Exercise(id, prompt, examiner, lambda: expected))

    return make


def _altered_update(letter, factor, power, outer, inner, plus):
    """Derive an update by SymPy from the altered definitions, factor by factor."""
    turn = 1 if plus else -1
    output = sigma(outer * (beta[j] + turn * theta[j]))
    hidden = sigma(inner * (alpha[h] + turn * gamma[h]))
    by_output = (factor * (y[j] - y_hat[j]) ** power).diff(y_hat[j])

    def along(unit, name, by):
        return unit.diff(by).xreplace({unit: name})

    if letter == "theta":
        return -eta * by_output * along(output, y_hat[j], theta[j])
    by_net_input = by_output * along(output, y_hat[j], beta[j])
    if letter == "w":
        return -eta * by_net_input * differentiate(beta[j], w[h, j])
    by_hidden = Sum(by_net_input * differentiate(beta[j], b[h]), (j, 1, l))
    if letter == "gamma":
        return -eta * by_hidden * along(hidden, b[h], gamma[h])
    through = along(hidden, b[h], alpha[h]) * differentiate(alpha[h], v[i, h])
    return -eta * by_hidden * through


# ------------------------------------------------------------------- numbers of a drawn network


def _drawn_network(rng, sizes):
    """Return the numbers of a network and a sample, two decimals each, by letter."""
    d, q, l = sizes  # noqa: E741  (the field's letter)
    shapes = {"x": (d,), "v": (d, q), "gamma": (q,), "w": (q, l), "theta": (l,), "y": (l,)}
    given = {letter: rng.uniform(-1, 1, shape).round(2) for letter, shape in shapes.items()}
    given["y"] = rng.integers(2, size=l).astype(float)
    given["eta"] = float(rng.choice([0.2, 0.3, 0.4, 0.6, 0.7]))
    network = Network.from_parameters([given["v"], given["w"]], [given["gamma"], given["theta"]])
    trace = network.forward(given["x"][None])
    return given, sample_arrays(network, trace, given["y"][None], 0) | {"eta": given["eta"]}


def _shown(given) -> str:
    numbers = {name: np.asarray(value).tolist() for name, value in given.items()}
    return "\n".join(f"given_{name} = {value}" for name, value in numbers.items())


def _update_number(letter: str, sizes) -> Maker:
    """Ask for one entry of one update in a drawn network."""

    def make(id, seed):
        rng = np.random.default_rng(seed)
        given, arrays = _drawn_network(rng, sizes)
        of = dict(zip((i, h, j), sizes, strict=True))
        place = tuple(int(rng.integers(of[index])) for index in AXES[letter])
        expected = getattr(derive_updates(), letter)

        def value(expression):
            return float(evaluate(expression, arrays, AXES[letter])[place])

        target = value(expected)
        near = _slips(expected, letter, value, target)
        named = f"{letter}_{{{''.join(str(k + 1) for k in place)}}}".replace("theta", r"\theta")
        prompt = (
            f"A {'-'.join(map(str, sizes))} network of sigmoids as in lesson 04, and one sample, "
            f"stand in the cell below. Give $\\Delta {named.replace('gamma', chr(92) + 'gamma')}$ "
            "after one step of gradient descent on $E = \\frac12\\sum_j (y_j - \\hat y_j)^2$, to "
            "four significant digits. Indices count from 1."
        )
        examiner = number(target, tolerance=5e-4, near=near)
        return Question(Exercise(id, prompt, examiner, lambda: target), given=_shown(given))

    return make


def _slips(expected, letter, value, target):
    """Return the numbers that known mistakes lead to, and what to say of each."""
    near = {-target: _count_signs(letter)}  # several mistakes turn a sign: which, nobody can tell
    for mistake in TABLE.values():
        for slip in (mistake.slip, *mistake.variants):
            try:
                found = value(slip(expected, letter))
            except (TypeError, ValueError):
                continue  # the mistake cannot be made here, or gives no number
            if abs(found - target) > 1e-3 * abs(target):
                near.setdefault(found, mistake.message)
    return near


def _count_signs(letter):
    signs = ["one from the difference y - y_hat", "one from the step downhill"]
    if letter in ("theta", "gamma"):
        signs.append("one from the threshold, which is subtracted")
    return f"The size is right, the sign is not. Count the minus signs: {', '.join(signs)}."


# --------------------------------------------------------------- a function, on unseen networks


def _gradient_function(id, seed) -> Question:
    """Ask for backpropagation as a function; it is judged on a network that nobody has seen."""
    case = drawn_case(seed)
    slopes = {
        letter: evaluate(getattr(derive_updates(), letter) / -eta, case.arrays, AXES[letter])
        for letter in _BLOCKS
    }

    def examine(answer) -> Verdict:
        if not isinstance(answer, list) or len(answer) != len(slopes):
            return wrong(f"Return four arrays: the derivatives of E by {', '.join(slopes)}.")
        wrongs = _wrong_blocks(answer, slopes)
        if not wrongs:
            return right("All four blocks agree with the formulas, on a network not seen before.")
        said = _slip_of_code(answer, case) or next(iter(wrongs.values()))
        so_far = ", ".join(letter for letter in slopes if letter not in wrongs)
        return wrong(
            f"The derivatives by {', '.join(wrongs)}: {said}"
            + (f" Those by {so_far} are right." if so_far else "")
        )

    prompt = (
        "Write backpropagation for any sigmoid network with one hidden layer: a function of "
        f"`{', '.join(LETTERS)}` (arrays of one sample and one network, as in lesson 05; "
        "thresholds are subtracted) that returns the four arrays of derivatives of "
        "$E = \\frac12\\sum_j (y_j - \\hat y_j)^2$ by `v`, `gamma`, `w`, `theta`, in this order "
        "and each of the parameter's shape. It is judged on a network of other sizes."
    )
    stub = f"def {{name}}({', '.join(LETTERS)}):\n    return ..."
    exercise = Exercise(id, prompt, examine, lambda: as_data(tuple(slopes.values())))
    return Question(exercise, stub=stub, seed=seed, points=4)


def _wrong_blocks(answer, slopes) -> dict[str, str]:
    """Return what is wrong with each block that is, by its parameter's letter."""
    verdicts = {
        letter: array(expected, tolerance=1e-9)(block)
        for (letter, expected), block in zip(slopes.items(), answer, strict=True)
    }
    return {letter: one.message for letter, one in verdicts.items() if not one.correct}


def _slip_of_code(answer, case) -> str | None:
    """Return the message of a mistake that gives all four of these blocks; None if none does."""
    return next(
        (said for said, made in _slips_of_code(case) if not _wrong_blocks(answer, made)), None
    )


def _slips_of_code(case):
    """Yield what each mistake makes of the four blocks, and what to say of it."""
    network = case.network
    added = Network.from_parameters(network.weights, [-theta for theta in network.thresholds])
    blocks = _blocks_of(added, case)
    yield _ADDED, blocks
    yield _ADDED, blocks | {letter: -blocks[letter] for letter in ("theta", "gamma")}
    for mistake in TABLE.values():
        if mistake.stage == BACKWARD and mistake.mark is None:  # no mark: its numbers tell it
            try:
                yield mistake.message, _blocks_of(faulty(network, mistake.name), case)
            except ValueError:  # an exchanged index: layers of these sizes cannot hold the mistake
                continue


def _blocks_of(network, case) -> dict[str, np.ndarray]:
    gradients = by_letter(network.backward(network.forward(case.X), case.Y))
    return {letter: gradients[letter] for letter in _BLOCKS}


# ---------------------------------------------------------------------------- the other lessons


def _correction(id, seed) -> Question:
    """Ask for one correction by all samples, by the perceptron rule."""
    rng = np.random.default_rng(seed)
    while True:
        X, labels = rng.integers(-3, 4, (5, 3)), rng.integers(2, size=5)
        start, rate = rng.integers(-2, 3, 4), float(rng.choice([0.5, 0.25, 2.0]))
        rows = append_dummy(X)
        expected = perceptron_step(start, rows, labels, rate)
        if 0 < labels.sum() < 5 and np.abs(expected - start).min() > 0:  # every number moves
            break
    given = {"X": X, "y": labels, "weights": start[:3], "threshold": int(start[3]), "eta": rate}
    prompt = (
        "The cell below gives five samples (rows of `given_X`), their labels, and a neuron that "
        "fires when its net input reaches its threshold. It takes **one** correction by all the "
        "samples at once. Give the three new weights and the new threshold, in this order."
    )
    exercise = Exercise(id, prompt, array(expected), lambda: expected.tolist())
    return Question(exercise, given=_shown(given))


def _count(id, seed) -> Question:
    """Ask how many parameters a network of four layers has."""
    rng = np.random.default_rng(seed)
    sizes = [int(size) for size in rng.integers(11, 60, 4)]
    links = sum(a * c for a, c in itertools.pairwise(sizes))
    thresholds = sum(sizes[1:])
    near = {
        links: "These are the weights. The thresholds are parameters, too.",
        links + sum(sizes): "Input nodes only carry signals: they have no thresholds.",
        sum(sizes): "These are the units. Each link between two units carries a weight.",
    }
    prompt = (
        f"How many parameters, weights and thresholds together, has a {'-'.join(map(str, sizes))} "
        "network (two hidden layers)?"
    )
    examiner = number(links + thresholds, tolerance=1e-9, near=near)
    return Question(Exercise(id, prompt, examiner, lambda: links + thresholds), points=1)


def _slope(id, seed) -> Question:
    """Ask for the slope of a stretched and shifted sigmoid at one place."""
    rng = np.random.default_rng(seed)
    u = sympy.Symbol("u")
    height, steep = (int(k) for k in rng.permutation([2, 3, 4, 5])[:2])
    shift, at = round(float(rng.uniform(0.2, 0.9)), 2), round(float(rng.uniform(0.2, 0.9)), 2)
    curve = height * sigma(steep * u - shift)
    here = {sigma(steep * u - shift): sigma.definition(steep * u - shift)}
    target = float(curve.diff(u).xreplace(here).subs(u, at))
    near = {
        target / steep: f"The inner derivative, {steep}, is missing.",
        target / height: f"The factor {height} before the sigmoid is missing.",
        target / steep / height: "The factors before and inside the sigmoid are missing.",
        float(curve.xreplace(here).subs(u, at)): "This is the value. Asked is the slope.",
    }
    prompt = (
        f"$g(u) = {height}\\,\\sigma({steep}u - {shift})$ with the sigmoid $\\sigma$. Give its "
        f"slope $g'({at})$ to four significant digits."
    )
    examiner = number(target, tolerance=5e-4, near=near)
    return Question(Exercise(id, prompt, examiner, lambda: target))


def _hidden_slope(id, seed) -> Question:
    """Ask how the error changes with one hidden output, over three paths."""
    rng = np.random.default_rng(seed)
    given = {
        "w": rng.uniform(-1, 1, (1, 3)).round(2),
        "y_hat": rng.uniform(0.1, 0.9, 3).round(2),
        "y": rng.integers(2, size=3).astype(float),
    }
    by_output = differentiate(E, y_hat[j]) * differentiate(y_hat[j], beta[j])
    by_hidden = Sum(w[h, j] * by_output, (j, 1, l))
    target = float(evaluate(by_hidden, given, (h,))[0])
    near = {
        target / 3: "This is the mean of the paths. The chain rule adds them.",
        float(evaluate(Sum(by_output, (j, 1, l)), given)): "The weights are missing.",
    }
    prompt = (
        "One hidden unit feeds three sigmoid outputs. The cell below gives the three weights, the "
        "outputs and the targets. Give $\\partial E/\\partial b$ for "
        "$E = \\frac12\\sum_j (y_j - \\hat y_j)^2$ to four significant digits."
    )
    examiner = number(target, tolerance=5e-4, near=near)
    return Question(Exercise(id, prompt, examiner, lambda: target), given=_shown(given))


def _deep_delta(id, seed) -> Question:
    """Ask for one delta of the first hidden layer, two layers from the end."""
    rng = np.random.default_rng(seed)
    sizes = (2, 3, 2, 2)
    weights = [rng.uniform(-1, 1, pair).round(2) for pair in itertools.pairwise(sizes)]
    thresholds = [rng.uniform(-1, 1, size).round(2) for size in sizes[1:]]
    sample, aim = rng.uniform(-1, 1, (1, 2)).round(2), rng.integers(2, size=(1, 2)).astype(float)
    network = Network.from_parameters(weights, thresholds)
    unit = int(rng.integers(3))
    # a net input acts as minus its threshold
    target = -float(network.backward(network.forward(sample), aim).thresholds[0][unit])
    prompt = (
        "The cell below gives a 2-3-2-2 network of sigmoids and one sample. Give "
        f"$\\partial E/\\partial$(net input of unit {unit + 1} of the **first** hidden layer) for "
        "$E = \\frac12\\sum_j (y_j - \\hat y_j)^2$ to four significant digits."
    )
    given = _shown({"x": sample[0], "y": aim[0]}) + "".join(
        f"\ngiven_weights_{k} = {W.tolist()}\ngiven_thresholds_{k} = {t.tolist()}"
        for k, (W, t) in enumerate(zip(weights, thresholds, strict=True), 1)
    )
    examiner = number(target, tolerance=5e-4)
    return Question(Exercise(id, prompt, examiner, lambda: target), given=given)


def _program(id, seed) -> Question:
    """Ask for one derivative of a small program."""
    rng = np.random.default_rng(seed)
    first, second, third = (sympy.Symbol(name) for name in "pqr")
    scale = int(rng.integers(2, 6))
    result = sympy.tanh(first * second) * third + sympy.exp(-scale * first) / second
    at = {symbol: round(float(rng.uniform(0.3, 0.9)), 2) for symbol in (first, second, third)}
    by = (first, second)[int(rng.integers(2))]
    target = float(result.diff(by).subs(at))
    numbers = ", ".join(f"{name} = {value}" for name, value in at.items())
    prompt = (
        f"A program computes `s = p * q`, `f = tanh(s) * r + exp(-{scale} * p) / q`. Give "
        f"$\\partial f/\\partial {by}$ at {numbers} to four significant digits."
    )
    examiner = number(target, tolerance=5e-4)
    return Question(Exercise(id, prompt, examiner, lambda: target))


def _momentum(id, seed) -> Question:
    """Ask how far momentum carries a parameter on a constant slope."""
    rng = np.random.default_rng(seed)
    rate, keep = (float(rng.choice(values)) for values in ([0.05, 0.2, 0.3], [0.6, 0.7, 0.8]))
    slope, steps = float(rng.choice([1.5, 2.5, 3.5])), int(rng.integers(4, 7))
    motion = target = 0.0
    for _ in range(steps):
        motion = keep * motion + slope
        target += rate * motion
    near = {
        steps * rate * slope: "This is plain gradient descent, without momentum.",
        rate * motion: "This is the last step alone. Asked is the whole way.",
        target / slope: "This is for a gradient of 1.",
    }
    prompt = (
        f"A parameter's gradient is {slope} in every step. Momentum is {keep}, eta is {rate}, and "
        f"the motion is 0 at the start, as in this lesson. How far has it moved after {steps} "
        "steps? Give the distance, to four significant digits."
    )
    examiner = number(target, tolerance=5e-4, near=near)
    return Question(Exercise(id, prompt, examiner, lambda: target))


MAKERS: dict[str, dict[str, Maker]] = {
    "01": {"correction": _correction},
    "02": {"count": _count},
    "03": {"slope": _slope, "paths": _hidden_slope},
    "04": {f"update-{letter}": _altered(letter) for letter in ("w", "gamma", "v")},
    "05": {"number": _update_number("gamma", (2, 3, 2)), "gradients": _gradient_function},
    "06": {"w": _update_number("w", (2, 2, 2)), "v": _update_number("v", (2, 2, 2))},
    "07": {"update-gamma": _altered("gamma"), "v": _update_number("v", (3, 2, 3))},
    "08": {"delta": _deep_delta, "gradients": _gradient_function},
    "09": {f"update-{letter}": _altered(letter) for letter in ("theta", "v")},
    "10": {"momentum": _momentum},
    "11": {"program": _program},
    "12": {"update-w": _altered("w"), "gamma": _update_number("gamma", (3, 2, 2))},
}
