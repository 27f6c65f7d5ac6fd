"""Exercises of lesson 12: six networks, each with a fault to find, to name and to mend."""

from dataclasses import dataclass, replace

import numpy as np

from backprop_kit.exercises.checks import Verdict, choice, is_untouched, number, wrong
from backprop_kit.exercises.diagnosis import cases, equal
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.faulty import FaultyNetwork, faulty
from backprop_kit.exercises.formulas import formula, read
from backprop_kit.exercises.misconceptions import PARAMETERS, TABLE
from backprop_kit.numeric import Network, gate, train
from backprop_kit.numeric.validation import as_choice
from backprop_kit.symbolic import derive_updates
from backprop_kit.symbolic.messages import delta, derive_deltas
from backprop_kit.symbolic.notation import SIZES, b, d, eta, h, j, l, q, w

# ------------------------------------------------------------------ the patients

_XOR = gate("XOR")
_TWO_INPUTS = ((0.5, -1), (-1, 2), (2, 1), (-0.5, -2))
_THREE_INPUTS = ((0.5, -1, 2), (-2, 0.5, 1), (1, 2, -0.5), (-1, -1, -1))
_TWO_TARGETS = ((1, 0), (0, 1), (0, 0), (1, 1))
_THREE_TARGETS = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0))


@dataclass(frozen=True)
class _File:
    """What is written of a patient."""

    sizes: tuple
    seed: int
    eta: float
    X: tuple
    Y: tuple
    faults: tuple


_FILES = {
    1: _File((2, 3, 1), 5, 4.0, _XOR.X, _XOR.y[:, np.newaxis], ("missing-slope-hidden",)),
    2: _File((3, 4, 2), 4, 2.0, _THREE_INPUTS[:3], _TWO_TARGETS[:3], ("threshold-sign",)),
    3: _File((2, 4, 3), 3, 2.0, _TWO_INPUTS, _THREE_TARGETS, ("missing-sum",)),
    4: _File((3, 3, 3), 0, 2.0, _THREE_INPUTS, _THREE_TARGETS, ("outer-product-transposed",)),
    5: _File((2, 4, 3), 2, 1.5, _TWO_INPUTS, _THREE_TARGETS, ("two-over-n",)),
    6: _File((3, 3, 2), 2, 1.0, _THREE_INPUTS, _TWO_TARGETS, ("missing-x", "updated-w")),
}


@dataclass(frozen=True, eq=False)
class Patient:
    """A network that makes a mistake, and all that is needed to examine it.

    Attributes
    ----------
    network : FaultyNetwork
    sound : Network
        The same start, without a fault.
    X : ndarray, shape (N, d)
    Y : ndarray, shape (N, l)
    eta : float
        The learning rate.
    """

    network: FaultyNetwork
    sound: Network
    X: np.ndarray
    Y: np.ndarray
    eta: float

    def sample(self, k: int):
        """Return sample number ``k``, from 1 on: its input and its target, one row each."""
        return self.X[k - 1 : k], self.Y[k - 1 : k]

    def curves(self, epochs: int) -> dict:
        """Train copies of both networks, with all samples in each step.

        Returns
        -------
        dict of str to ndarray, each of shape (epochs + 1,)
            The error before each epoch and after the last.
        """
        trained = {"sound network": self.sound.copy(), "patient": self.network.copy()}
        return {
            name: train(one, self.X, self.Y, eta=self.eta, epochs=epochs).losses
            for name, one in trained.items()
        }

    def __repr__(self):
        """Return what a doctor sees at the door."""
        sizes = "-".join(map(str, self.network.sizes))
        return f"Patient({sizes}, {len(self.X)} samples, eta = {self.eta:g})"


def patient(number: int) -> Patient:
    """Return one of the six networks of lesson 12.

    Raises
    ------
    ValueError
        If there is no patient of that number.

    Examples
    --------
    >>> patient(1)
    Patient(2-3-1, 4 samples, eta = 4)
    """
    if number not in _FILES:
        raise ValueError(f"number must be one of 1 to {len(_FILES)}, got {number!r}")
    file = _FILES[number]
    rng = np.random.default_rng(file.seed)
    weights = [1.5 * block for block in Network(file.sizes, rng=rng).weights]
    sound = Network.from_parameters(weights, [rng.normal(size=size) for size in file.sizes[1:]])
    X, Y = np.array(file.X, dtype=float), np.array(file.Y, dtype=float)
    return Patient(faulty(sound, *file.faults), sound, X, Y, file.eta)


def mend(network: FaultyNetwork, **formulas) -> FaultyNetwork:
    """Return a copy of a patient that uses other formulas for its updates.

    Parameters
    ----------
    network : FaultyNetwork
    **formulas
        Updates by the letter of their parameter: w, theta, gamma, v.  What is still ``...``, is no
        formula, leaves an index free, or holds no eta, is left out, and a line is printed that
        says so.

    Raises
    ------
    ValueError
        If a letter is none of the four.

    Examples
    --------
    >>> one = patient(2)
    >>> mended = mend(one.network, theta="-eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", gamma=...)
    gamma: not yet answered, so it stays as it is
    """
    for letter, answer in formulas.items():
        as_choice("letter", letter, PARAMETERS)
        if is_untouched(answer):
            print(f"{letter}: not yet answered, so it stays as it is")
            continue
        update = read(answer, {"delta": delta})
        if isinstance(update, Verdict):
            print(f"{letter}: this is no formula, so it stays as it is")
            continue
        update = derive_deltas().in_full(update)
        if loose := _loose(update, letter):
            # the network itself would take it for a loop that keeps its last term
            print(
                f"{letter}: this has no sum over {loose}, and {loose} is no index of {letter}, "
                "so it stays as it is"
            )
            continue
        if not update.has(eta):
            # check_gradients takes eta = 1, where a forgotten eta does not show
            print(f"{letter}: this holds no eta, so it stays as it is")
            continue
        try:
            with np.errstate(all="ignore"):
                network = network.mended(letter, update)
        except (TypeError, ValueError):
            print(f"{letter}: this has no value in this network, so it stays as it is")
    return network


def _loose(update, letter):
    """Return the first index that an update leaves free and its parameter does not have."""
    loose = (update.free_symbols & set(SIZES)) - set(PARAMETERS[letter].indices)
    return min(map(str, loose), default="")


# ------------------------------------------------------------------ formulas


def _update(letter, name=None):
    """Return the update of a parameter, right or with a mistake."""
    right = getattr(derive_updates(), letter)
    return right if name is None else TABLE[name].slip(right, letter)


_DELTA_TURNED = (
    "The sign is turned. δ_j holds -(y_j - ŷ_j), so it brings a minus of its own: the update has "
    "another sign before δ_j than before y_j - ŷ_j."
)


def _with_delta(examine):
    """Return an examiner that lets an answer hold ``delta[j]``, as lesson 07 defines it."""

    def examine_in_full(answer):
        inner = read(answer, {"delta": delta})
        if isinstance(inner, Verdict):
            return inner
        if not inner.has(delta):
            return examine(inner)
        inner = derive_deltas().in_full(inner)
        if derive_deltas().left_in(inner):
            return wrong("Write delta[j] or δ_j: delta with the index of an output.")
        verdict = examine(inner)
        if not verdict.correct and examine(-inner).correct:
            return replace(verdict, message=_DELTA_TURNED)
        return verdict

    return examine_in_full


def _shorter_with_delta(examine):
    """Return an examiner that shows the form with ``δ_j`` to whoever is right without it."""

    def examine_form(answer):
        verdict = examine(answer)
        if not verdict.correct or read(answer, {"delta": delta}).has(delta):
            return verdict
        shorter = f"{verdict.message} Shorter with δ_j: {_GAMMA_BY_DELTA}"
        return replace(verdict, message=shorter)

    return examine_form


def _by_small_l(examine):
    """Return an examiner that knows what a capital L is meant to count."""

    def examine_letters(answer):
        verdict = examine(answer)
        if verdict.message.startswith("L is no letter"):
            return replace(verdict, message="Outputs are counted by small l.")
        return verdict

    return examine_letters


def _with_working(examine, working):
    """Return an examiner whose reply to a right number shows how it comes about."""

    def examine_number(answer):
        verdict = examine(answer)
        return replace(verdict, message=working) if verdict.correct else verdict

    return examine_number


def _of_patient(examine):
    """Return an examiner that does not call a patient's formula the right one."""

    def examine_patient(answer):
        verdict = examine(answer)
        message, evidence = (
            text.replace("the right formula", "the patient's formula")
            for text in (verdict.message, verdict.evidence)
        )
        return replace(verdict, message=message, evidence=evidence)

    return examine_patient


def _of_patient_5(examine):
    """Return an examiner that knows what a wrong constant would have shown in the ratios."""

    def examine_factor(answer):
        verdict = _of_patient(examine)(answer)
        if verdict.correct or isinstance(update := read(answer), Verdict):
            return verdict
        near = {reply for slip, reply in _near_two_over_l().items() if equal(update, slip)}
        reply = None if near else _wrong_factor(update)
        return replace(verdict, message=reply, misconception=None) if reply else verdict

    return examine_factor


def _wrong_factor(update):
    """Say which ratios an update has that is the right one times a number and a power of l."""
    right, case = _update("theta"), cases()[0]
    values, wanted = case.values(update, (j,)), case.values(right, (j,))
    if values is None or not values.all():
        return None
    for power in range(-3, 4):
        factor = float(values[0] / wanted[0]) / len(wanted) ** power
        if not equal(update, right * factor * l**power):
            continue
        if power == 0 and 0.66 <= factor <= 0.67:  # 2/3, as a decimal
            return _IS_TWO_THIRDS
        ratio = factor * 3**power
        return (
            f"With three outputs this would make every ratio {ratio:.3g}. "
            "The patient's are 2/3 = 0.667."
        )
    return None


_IS_TWO_THIRDS = (
    "With three outputs this is what the patient computes. But 2/3 is the value of a formula "
    "here: which letter is 3 in this network, and would be 10 in another?"
)


def _near_two_over_l():
    right = _update("theta")
    return {
        right: "This is the right update. Asked is what the patient computes: a factor is still "
        "missing, the one that made every ratio 2/3.",
        right * 2 / 3: _IS_TWO_THIRDS,
        right * 2 / q: "q counts the hidden units, which are 4. Which letter counts the outputs?",
        right * 2 / d: "d counts the inputs, which are 2. Which letter counts the outputs?",
        right / l: "With three outputs this is one third of the right update. The ratio was 2/3.",
        right * l / 2: "This is longer than the right update, the patient's is shorter: the ratio "
        "is given / expected.",
        right * 2: "The 2 is right. What divides it, so that three outputs make 2/3?",
        right * 2 * l: "The 2 and the l are right. But the ratio is 2/3: does l multiply, or "
        "divide?",
        -right * 2 / l: "The factor is right, the sign is not: with it the ratios would be -2/3.",
    }


def _near_moved_w():
    right, change = _update("gamma"), _update("w")
    return {
        right: "This is the right update: it holds w_hj as it was. Which w_hj does the patient "
        "meet, when the output layer has moved before?",
        right.xreplace({w[h, j]: w[h, j] - change}): "The output layer has moved by +Δw_hj. Here "
        "Δw_hj is subtracted.",
        right.xreplace({w[h, j]: change}): "The moved weight is the old one plus its change. Only "
        "the change stands here.",
        right.xreplace(
            {w[h, j]: w[h, j] + change / eta}
        ): "The change of w_hj has a factor that is missing here: eta.",
        right.xreplace({w[h, j]: w[h, j] + change / b[h]}): "The change of w_hj has a factor that "
        "is missing here: what came in through the link, b_h.",
    }


def _name(number, question, options, correct, hints, explanation=""):
    """Return the exercise that asks which fault a patient has."""
    listed = "\n".join(f"- **{letter}** {fault}" for letter, (fault, _) in options.items())
    return Exercise(
        id=f"12-name-{number}",
        prompt=f"{question}\n\n{listed}",
        examine=choice({letter: reply for letter, (_, reply) in options.items()}, correct),
        answer=lambda: correct,
        hints=hints,
        explanation=explanation,
    )


_V = "eta b_h (1 - b_h) Σ_j w_hj ŷ_j (1 - ŷ_j)(y_j - ŷ_j) x_i"
_THETA = "-eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)"
_GAMMA_BY_DELTA = "eta b_h (1 - b_h) Σ_j w_hj δ_j"
_W = "eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j) b_h"
_THETA_OF_5 = "-2 eta/l ŷ_j (1 - ŷ_j)(y_j - ŷ_j)"
_GAMMA_OF_6 = (
    "-eta b_h (1 - b_h) Σ_j (w_hj + eta b_h ŷ_j (1 - ŷ_j)(y_j - ŷ_j)) ŷ_j (1 - ŷ_j)(y_j - ŷ_j)"
)

EXERCISES = (
    # ------------------------------------------------------------------ hunt 1
    Exercise(
        id="12-predict-1",
        prompt="Patient 1 learns nothing. Which blocks will its gradient check refuse? "
        '`"a"` all four, `"b"` W1 and theta1, `"c"` W2 and theta2, `"d"` none.',
        examine=choice(
            {
                "a": "A network that learns nothing need not be wrong everywhere. Here the output "
                "layer's gradients are right; but it can only use what the hidden units offer.",
                "b": "The output layer is right, and stuck all the same: it can only use what the "
                "hidden units offer.",
                "c": "The output layer is next to the error, so it seems the first suspect. But it "
                "is right here; it can only use what the hidden units offer, and these go astray.",
                "d": "Bad luck is real: some starts stick. But the sound network has the same "
                "start, the same data and the same rate, and it learns.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "The two networks differ in one thing only. Can the start be to blame?",
            "Is a network stuck only when everything in it is wrong?",
            "The fault lies in one of the two layers.",
        ),
    ),
    _name(
        1,
        "Which fault does patient 1 have?",
        {
            "a": (
                "the slope of the output unit, $\\hat y_j (1 - \\hat y_j)$, is missing",
                "That factor enters all four updates, so W2 and theta2 would differ, too. They "
                "agree.",
            ),
            "b": (
                "the slope of the hidden units, $b_h (1 - b_h)$, is missing",
                "W1 and theta1 are the two updates that hold it, and the ratios are 1 / slope, one "
                "for each hidden unit. A slope is at most 1/4, so such a ratio is never below 4.",
            ),
            "c": (
                "the input $x_i$ is missing",
                "Then theta1 would agree: its update holds no x_i. And each ratio of W1 would be "
                "1/x_i, which is 1 for this sample.",
            ),
            "d": (
                "the sum over the outputs is missing",
                "This network has one output. A sum of one term cannot lose the others.",
            ),
        },
        "b",
        (
            "Which blocks differ? Strike out each fault that would make other blocks differ.",
            "Within theta1 the ratio changes from h to h. Which factor belongs to a hidden unit?",
            "The hidden outputs stand below the ratios. Compute 1 / (b_h (1 - b_h)) of each.",
        ),
        "W1 and theta1 fail, the ratio is one number for each hidden unit, and it is 1 / slope.",
    ),
    Exercise(
        id="12-mend-1",
        prompt="Type the right update $\\Delta v_{ih}$, as a text.",
        examine=_with_delta(
            formula(
                lambda: _update("v"),
                PARAMETERS["v"].indices,
                asked="v",
                praise="Keep it: my_v will mend others, too.",
            )
        ),
        answer=lambda: _V,
        hints=(
            "How does it differ from the update of γ_h, which stands in the cell?",
            "Two things: the sign, since a threshold is subtracted, and what comes in through the "
            "link.",
            "It is the update of γ_h without the minus, times x_i.",
        ),
        explanation="$\\Delta v_{ih} = -x_i \\, \\Delta\\gamma_h$.",
    ),
    # ------------------------------------------------------------------ hunt 2
    Exercise(
        id="12-predict-2",
        prompt="Patient 2 trains nearly as well as the sound network. What will its check say? "
        '`"a"` it passes, `"b"` some blocks differ, by a few per cent, `"c"` some blocks differ, '
        "and all their signs are turned.",
        examine=choice(
            {
                "a": "A falling error proves nothing (lesson 05). Half of the blocks go the wrong "
                "way here, and the other half drags the error down against them.",
                "b": "So one should think from the curve. But a fault's size in the gradient and "
                "its size in the curve are two things: here two blocks walk straight uphill.",
                "c": "Both blocks of thresholds walk uphill, and the weights drag the error down "
                "against them.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "In lesson 05, which faults still lowered the error?",
            "The patient has 26 weights and thresholds. Must all of them help?",
            "20 weights can outweigh 6 thresholds.",
        ),
    ),
    _name(
        2,
        "Which fault does patient 2 have?",
        {
            "a": (
                "$\\hat y_j - y_j$ stands where $y_j - \\hat y_j$ should, everywhere",
                "That difference enters all four updates: W1 and W2 would be turned as well. They "
                "agree.",
            ),
            "b": (
                "the *step* climbs: it uses $+\\eta$ where $-\\eta$ should stand",
                "Then check_gradients would pass, since it asks before the step, and check_step "
                "would refuse all four blocks.",
            ),
            "c": (
                "the thresholds are treated as biases, which are added",
                "The derivatives by θ_j and β_j, and by γ_h and α_h, differ by their sign alone. "
                "Whoever thinks of b = -θ forgets it, in both layers, and in no weight.",
            ),
            "d": (
                "the thresholds' updates hold no slope",
                "Then the ratio would be another number for each unit. Here it is -1 throughout.",
            ),
        },
        "c",
        (
            "Which two blocks differ, and what do they have in common?",
            "Which faults would turn the weights, too?",
            "What is ∂(β_j - θ_j)/∂θ_j?",
        ),
        "theta1 and theta2 fail, every ratio is -1, and the weights agree.",
    ),
    Exercise(
        id="12-mend-2",
        prompt="Type the right update $\\Delta\\theta_j$.",
        examine=_with_delta(
            formula(
                lambda: _update("theta"),
                PARAMETERS["theta"].indices,
                asked="theta",
                praise="Keep it, as my_theta.",
            )
        ),
        answer=lambda: _THETA,
        hints=(
            "Which way should the threshold go when the output is too low?",
            "It has one path to the error: through ŷ_j. No sum.",
            "It is -eta times the slope of output j, times y_j - ŷ_j.",
        ),
    ),
    # ------------------------------------------------------------------ hunt 3
    _name(
        3,
        "Which fault does patient 3 have?",
        {
            "a": (
                "the slope of the hidden units is missing",
                "Then every ratio would be at least 4, and never negative. And the three lines of "
                "the experiment would be alike: 1 / slope of each hidden unit.",
            ),
            "b": (
                "$w_{jh}$ stands where $w_{hj}$ should",
                "There are four hidden units and three outputs: w_jh would ask for a fourth "
                "output, and the code would stop.",
            ),
            "c": (
                "the terms of the sum over $j$ overwrite one another, so that the last one is left",
                "As in a loop with = where += belongs: outputs 1 and 2 alone make ratios of 0, "
                "output 3 of 1. In the first table each ratio is the last term over the whole "
                "sum, so it may have any sign.",
            ),
            "d": (
                "the input $x_i$ is missing",
                "Then theta1 would agree, and the ratio would belong to a row. Here it belongs to "
                "a column.",
            ),
        },
        "c",
        (
            "The ratio belongs to a hidden unit, and can be negative. Is it a slope?",
            "In the experiment: whose messages arrive at the hidden units, and whose do not?",
            "Which sign in the formula says that all outputs' messages are added?",
        ),
        "W1 and theta1 fail, one ratio for each hidden unit, of any size and sign. When only the "
        "last output errs, nothing is wrong.",
    ),
    Exercise(
        id="12-mend-3",
        prompt="Type the right update $\\Delta\\gamma_h$, and this time use $\\delta_j$ "
        "(`δ_j`, `delta_j` or `delta[j]`). Mind the sign.",
        examine=_shorter_with_delta(
            _with_delta(
                formula(
                    lambda: _update("gamma"),
                    PARAMETERS["gamma"].indices,
                    asked="gamma",
                    praise="Keep it, as my_gamma.",
                )
            )
        ),
        answer=lambda: _GAMMA_BY_DELTA,
        hints=(
            "Which outputs does hidden unit h send to, and what does each of them hand back?",
            "The messages δ_j come along the links w_hj and are added. Then they pass the slope of "
            "unit h.",
            "∂E/∂α_h is b_h (1 - b_h) times the sum of w_hj δ_j. By γ_h the sign is turned, and "
            "the descent turns it again.",
        ),
    ),
    # ------------------------------------------------------------------ hunt 4
    _name(
        4,
        "Which fault does patient 4 have?",
        {
            "a": (
                "on the way back, $w_{jh}$ stands where $w_{hj}$ should",
                "The way back through w leads to W1 and theta1. Here theta1 agrees, and W2 "
                "differs, which lies before that way.",
            ),
            "b": (
                "the signals are those of other units: $b_j$ for $b_h$, and $x_h$ for $x_i$",
                "That would leave the diagonal right, too. But then given / expected in W2 would "
                "be b_j / b_h, and no b is negative. Here there are negative ratios.",
            ),
            "c": (
                "each table of weight gradients is transposed",
                "Row 1 of `given` is column 1 of `expected`: what belongs to the link from h to j "
                "stands in row j, column h. The diagonal does not notice.",
            ),
            "d": (
                "the weights' updates hold no slope",
                "Then no ratio on the diagonal would be 1.",
            ),
        },
        "c",
        (
            "The thresholds agree. So is the error that arrives at each unit right, or wrong?",
            "Look for the number at h = 1, j = 2 of `given` in the table of `expected`.",
            "It stands at h = 2, j = 1.",
        ),
        "W1 and W2 fail, the thresholds agree, the diagonal ratios are 1, and the numbers are the "
        "right ones, mirrored.",
    ),
    Exercise(
        id="12-mend-4",
        prompt="Type the right update $\\Delta w_{hj}$.",
        examine=_with_delta(
            formula(
                lambda: _update("w"),
                PARAMETERS["w"].indices,
                asked="w",
                praise="Keep it, as my_w.",
            )
        ),
        answer=lambda: _W,
        hints=(
            "Which unit does the link come from, and which does it lead to?",
            "Everything of the output has the index j, what came through the link has the index h.",
            "Δw_hj = -b_h Δθ_j.",
        ),
    ),
    # ------------------------------------------------------------------ hunt 5
    _name(
        5,
        "Where does the 2/3 of patient 5 come from?",
        {
            "a": (
                "$\\frac12$, kept from $E$",
                "Then every ratio would be 0.5.",
            ),
            "b": (
                "$\\frac1l$: a mean over the outputs",
                "With three outputs every ratio would be 1/3.",
            ),
            "c": (
                "$\\frac2l$: the mean of the squares, without the $\\frac12$",
                "With three outputs 2/l is 2/3. It is the gradient of another error, "
                "(1/l) Σ (y_j - ŷ_j)², and a right one for that.",
            ),
            "d": (
                "the $\\eta$ used by the *step* is too small: $\\frac23 \\eta$",
                "check_gradients never meets the step's rate, and refuses all the same. The "
                "gradients themselves are shorter.",
            ),
        },
        "c",
        (
            "The ratio is the same in all blocks. So is it a slope, a signal, or a constant?",
            "How many outputs has the patient?",
            "Try each factor with l = 3.",
        ),
        "All blocks fail with one ratio, 2/3, which is 2/l.",
    ),
    Exercise(
        id="12-write-5",
        prompt="Describe the fault as a formula: type the update of $\\theta_j$ that **patient 5** "
        "uses, so that it fits any number of outputs.",
        examine=_by_small_l(
            _with_delta(
                _of_patient_5(
                    formula(
                        lambda: _update("theta", "two-over-n"),
                        PARAMETERS["theta"].indices,
                        near=_near_two_over_l,
                    )
                )
            )
        ),
        answer=lambda: _THETA_OF_5,
        hints=(
            "By which factor does the patient's update differ from the right one?",
            "Which letter counts the outputs?",
            "It is the right update of θ_j, times 2 and divided by l.",
        ),
    ),
    Exercise(
        id="12-predict-5",
        prompt="The patient gets a rate that is 3/2 of the sound network's. How do their errors "
        'go? `"a"` the same in every epoch, `"b"` near each other at first, then apart, `"c"` the '
        "patient diverges.",
        examine=choice(
            {
                "a": "A step is the rate times the gradient, and 3/2 times 2/3 is 1: each step is "
                "the same, so each next network is.",
                "b": "They would drift apart if the ratio changed from entry to entry, or from "
                "step to step. A constant ratio does neither.",
                "c": "What may make a descent diverge is the length of the step. That of the "
                "patient is 3/2 times 2/3 of the sound network's.",
            },
            "a",
        ),
        answer=lambda: "a",
        hints=(
            "What is a step the product of?",
            "The ratio is 2/3 in every entry, and in every epoch.",
            "3/2 times 2/3 is 1.",
        ),
    ),
    Exercise(
        id="12-rate-5",
        prompt="Another network with the fault of patient 5 has 10 outputs. With which rate does "
        "it walk as a sound network does with $\\eta = 0.3$? (A number, without quotation marks.)",
        examine=_with_working(
            number(
                1.5,
                near={
                    0.45: "3/2 was for three outputs. What is the ratio for ten?",
                    0.06: "With 2/l the patient's gradients are shorter, so its rate must be "
                    "larger.",
                    3.0: "The ratio is 2/l, not 1/l.",
                    0.3: "The patient's gradients are shorter than the sound ones, so the rate "
                    "must differ.",
                    0.6: "That is 2 times 0.3. The ratio is 2/10: divide by it.",
                },
            ),
            "0.3 · 10/2 = 1.5",
        ),
        answer=lambda: 1.5,
        hints=(
            "What is given / expected for ten outputs?",
            "The rate times the ratio should be 0.3.",
            "0.3 divided by 2/10.",
        ),
    ),
    # ------------------------------------------------------------------ hunt 6
    Exercise(
        id="12-predict-6",
        prompt="In the step of patient 6, the ratios of theta1 are 1.49, 1.21 and 1.08 at "
        "$\\eta = 1$. If the hidden layer meets $w_{hj}$ that have already moved, what are they at "
        '$\\eta = 0.1$? `"a"` the same, `"b"` ten times nearer to 1, `"c"` ten times as large.',
        examine=choice(
            {
                "a": "So it would be if the step had lost a slope or a signal. But how far w_hj "
                "has moved depends on η.",
                "b": "w_hj moves by η times its gradient. Ten times less η, and the hidden layer "
                "meets a w_hj that is ten times nearer to the old one.",
                "c": "So it would be if the step forgot η, since what moved is divided by it. But "
                "w_hj moves less at a smaller rate.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "How far has w_hj moved, when the hidden layer meets it?",
            "Its change is η times its gradient.",
            "With η = 0 nothing would move, and every ratio would be 1.",
        ),
    ),
    _name(
        6,
        "What is wrong with patient 6?",
        {
            "a": (
                "the sum over $j$ is missing in the update of $v$, and the step forgets $\\eta$",
                "A lost sum makes one ratio for each column of W1; here it is one for each row. "
                "And at η = 1 a forgotten η would not show at all, yet theta1 differs.",
            ),
            "b": (
                "the sum over $j$ is missing in the update of $v$, and the hidden layer meets "
                "$w_{hj}$ that have already moved",
                "The step is read rightly. But a lost sum makes one ratio for each column of W1; "
                "here it is one for each row.",
            ),
            "c": (
                "$x_i$ is missing in the update of $v$, and the step forgets $\\eta$",
                "x_i is right. But at η = 1 a forgotten η would not show at all, yet theta1 "
                "differs. At η = 0.1 its ratios would be 10, and they are 1.05 at most.",
            ),
            "d": (
                "$x_i$ is missing in the update of $v$, and the hidden layer meets $w_{hj}$ that "
                "have already moved",
                "The first makes ratios of 1/x_i, one for each row of W1. The second spoils W1 and "
                "theta1 in the step alone; and the shorter the step, the less w_hj has moved, and "
                "the less it shows.",
            ),
        },
        "d",
        (
            "Two reports differ. Which block passes one of them only?",
            "The fault of theta1 fades with eta: ten times smaller, ten times nearer to 1. What, "
            "during a step, changes in proportion to eta?",
            "All the weights do, also w_hj; and the update of γ_h holds w_hj.",
        ),
        "In the gradients, W1 fails with ratios 1/x_i. In the step, theta1 fails too, the less so "
        "the smaller eta is: the weights w_hj moved too early.",
    ),
    Exercise(
        id="12-write-6",
        prompt="Type the change of $\\gamma_h$ in the *step* of **patient 6**, as you have named "
        "the fault. Spell out every $\\Delta$, with its $\\eta$.",
        examine=_with_delta(
            _of_patient(
                formula(
                    lambda: _update("gamma", "updated-w"),
                    PARAMETERS["gamma"].indices,
                    near=_near_moved_w,
                )
            )
        ),
        answer=lambda: _GAMMA_OF_6,
        hints=(
            "It is the right update, but it meets the w_hj that the output layer has just moved. "
            "What is that weight?",
            "In the right update, put (w_hj + Δw_hj) in the place of w_hj.",
            "Inside the sum stands (w_hj + eta b_h ŷ_j (1 - ŷ_j)(y_j - ŷ_j)), times ŷ_j (1 - ŷ_j)"
            "(y_j - ŷ_j).",
        ),
    ),
)
