"""Exercises of lesson 09: translate between conventions, and find the slip in a text."""

import numpy as np

from backprop_kit.exercises.checks import Verdict, array, choice, number, right, shown, wrong
from backprop_kit.exercises.exercise import Exercise

# ------------------------------------------------------------------ translate

_NUMBERED = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])


def _examine_renumber(answer):
    verdict = array(_NUMBERED)(answer)
    if verdict.correct:
        return right("Column h holds what leads into hidden unit h, as in v[i, h].")
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return _ragged(answer) or verdict
    if given.shape == (2, 3) and np.allclose(given, [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]):
        return wrong(
            "The shape fits, the places do not. In the first column you have 0.1 and 0.4, but w1 "
            "and w2 lead into hidden unit 1, and these are 0.1 and 0.2."
        )
    if given.shape == (3, 2) and np.allclose(given, _NUMBERED.T):
        return wrong(
            "This is the matrix of document E, one row for each hidden unit. Document A's v[i, h] "
            "has one row for each input."
        )
    if given.shape != (2, 3) or not np.isfinite(given).all():
        return verdict
    if np.allclose(given, _NUMBERED[::-1]):
        return wrong("Your rows are exchanged: the first row is that of input 1.")
    if np.allclose(given, 10 * _NUMBERED):
        return wrong("The places are right, but every number is ten times too large: w1 is 0.1.")
    misses = np.abs(given - _NUMBERED) > 1e-6
    row, column = (int(n) + 1 for n in np.argwhere(misses)[0])
    return wrong(
        f"{int(misses.sum())} of 6 entries differ; the first is {given[row - 1, column - 1]:.6g} "
        f"in row {row}, column {column}. Which weight leads from input {row} to hidden unit "
        f"{column}?"
    )


def _ragged(answer):
    if not isinstance(answer, list | tuple) or not all(isinstance(r, list | tuple) for r in answer):
        return None
    lengths = [len(row) for row in answer]
    if len(set(lengths)) < 2:
        return None
    counts = " and ".join(map(str, lengths))
    return wrong(f"The rows of a matrix are equally long; yours hold {counts} numbers.")


_read_line = choice(
    {
        "1": "That is how documents C, D and E use b. Document B has no biases at all, "
        "and a bias is added; it does not meet a weight matrix.",
        "2": "In document B the letter a stands before the activation and b after it: "
        "outputs of one layer times weights are the net inputs of the next.",
        "3": "That is A1. In document B the letter a stands before the activation and b "
        "after it. In document C it is a that stands after it.",
    },
    "2",
)


def _examine_line(answer):
    whole = isinstance(answer, int) and not isinstance(answer, bool)
    return _read_line(str(answer) if whole else answer)


def _gradient_factors(n_outputs, n_samples):
    """Return by document how many times ours its gradient is."""
    return {
        "A, B and D": n_samples,
        "C": 2 * n_samples / n_outputs,
        "E": 1.0,
    }


def _counted(count, what):
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _examine_sizes(answer):
    try:
        values = list(answer)
        whole = all(not isinstance(n, bool) and int(n) == n and n >= 1 for n in values)
        if len(values) != 2 or not whole or isinstance(answer, (str, dict)):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        return wrong(
            "This exercise takes two whole numbers in round brackets, (outputs, samples), both at "
            f"least 1; this is {shown(answer)}."
        )
    n_outputs, n_samples = (int(n) for n in values)
    if (n_outputs, n_samples) == (5, 4):
        return wrong("That pair does it, and it is the one we used. Find another.")
    factors = _gradient_factors(n_outputs, n_samples)
    names = list(factors)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            if abs(factors[first] - factors[second]) < 1e-12:
                return wrong(
                    f"With {_counted(n_outputs, 'output')} and {_counted(n_samples, 'sample')} the "
                    f"gradients of {first} and of {second} are the same: both are "
                    f"{factors[first]:g} times ours."
                )
    times = ", ".join(f"{name}: {factor:g}" for name, factor in factors.items())
    return right(f"Three lengths that differ, as multiples of ours: {times}.")


# ------------------------------------------------------------------ find the slip


def _examine_counts(answer):
    try:
        given = [float(n) for n in answer]
        if isinstance(answer, (str, dict)) or len(given) != 2:
            raise ValueError
    except (TypeError, ValueError):
        return wrong(
            "This exercise takes two numbers in round brackets, (net inputs, links); this is "
            f"{shown(answer)}."
        )
    if given == [4, 12]:
        return right(
            "Four net inputs, twelve links. No list of four can name twelve: α_h has one index "
            "and belongs to a unit, and a link needs two, i and h."
        )
    if given == [12, 4]:
        return wrong("These are the right numbers in the other order: net inputs come first.")
    if given[0] == 12:
        return wrong("A net input is a sum over i. How many such sums are there, one for each h?")
    if given[0] == 4 and given[1] == 20:
        return wrong("20 counts all links. Asked are those from the inputs to the hidden units.")
    if given[0] == 4:
        return wrong("The first is right. Each of 3 inputs is linked to each of 4 hidden units.")
    return wrong("Only hidden units have an α, one each; and a link joins one i to one h.")


def _examine_term(answer):
    try:
        term, change = (float(n) for n in answer)
        if isinstance(answer, (str, dict)):
            raise ValueError
    except (TypeError, ValueError):
        return wrong(
            "This exercise takes two numbers in round brackets, (term, change); this is "
            f"{shown(answer)}."
        )
    if abs(term) < 1e-9:
        return wrong("The term is 0 only if output 1 has met its target. It is 0.2 away from it.")
    if abs(term - 0.04) < 1e-6:
        return wrong("The 1/2 in front is missing.")
    if not abs(term - 0.02) < 1e-5:
        return wrong("The term is half the square of 0 - 0.2.")
    if not abs(change) < 1e-9:
        return wrong("The term is right. Does it hold the output that moved?")
    return right(
        "The term is 0.02, and it stands still when another output moves: its derivative by ŷ_2 "
        "is 0, the term is not. With terms of 0 the error of the sample would come out too small."
    )


_VECTOR = 2 / 3 * np.array([0.2, -0.3, 0.4])


def _examine_vector(answer):
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return wrong(f"This exercise takes three numbers in round brackets, not {shown(answer)}.")
    if given.size == 1:
        return wrong(
            "This is one number, but Loss has one derivative for each output: three of them. "
            "Adding them up is the slip itself."
        )
    if given.shape in ((1, 3), (3, 1)):
        given = given.reshape(3)
    if given.shape != (3,):
        return wrong(f"There are three outputs, so three numbers; the shape is {given.shape}.")
    if not np.isfinite(given).all():
        return wrong("Some entries are not finite numbers.")
    if np.allclose(given, _VECTOR, rtol=2e-3, atol=0):
        return right("One component for each output, none of them a sum.")
    worst = np.abs(given - _VECTOR).max()
    if worst < 5.1e-3:  # rounded to two digits behind the point, or to three
        digits = "two" if worst > 5.1e-4 else "three"
        return wrong(f"Right to {digits} digits; give four.")
    if np.allclose(given, -_VECTOR, rtol=2e-3, atol=0):
        return wrong("Every sign is turned. Where an output is too high, raising it raises Loss.")
    for factor, reason in (
        (1.5, "The factor 2/n is missing: n is 3 here."),
        (0.5, "The 2 is missing: the square brings it down."),
        (3.0, "The n is missing: document C divides by the number of outputs."),
    ):
        if np.allclose(given, factor * _VECTOR, rtol=2e-3, atol=0):
            return wrong(reason)
    place = int(np.abs(given - _VECTOR).argmax())
    return wrong(
        f"Component {place + 1} is {given[place]:.4g}, and -(2/3) times its own y_t - a_o is not."
    )


_OUTER_SIZES = ((4, 3), (2, 5), (3, 3))


def outer_gradient(a_h, delta):
    """Return the derivative by ``W_ho``, shape (q, l), from rows ``a_h`` (1, q), ``delta`` (1, l).

    Examples
    --------
    >>> outer_gradient(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0, 5.0]])).tolist()
    [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]
    """
    return a_h.T @ delta


def _examine_outer(answer):
    if not callable(answer):
        return wrong(f"Hand in your function, without calling it; this is {shown(answer)}.")
    rng = np.random.default_rng(9)
    for q, n_outputs in _OUTER_SIZES:
        a_h, delta = rng.random((1, q)), rng.normal(size=(1, n_outputs))
        sizes = f"With {q} hidden units and {n_outputs} outputs"
        try:
            value = answer(a_h.copy(), delta.copy())
        except ValueError:
            return wrong(
                f"{sizes} your function stopped with ValueError: the two rows do not fit as you "
                "join them. Which of them must stand upright?"
            )
        except Exception as error:  # a student's function may raise anything
            return wrong(
                f"{sizes} your function stopped before it returned anything. Python says "
                f"{type(error).__name__}: {error}."
            )
        if value is ... or value is None:
            return Verdict(False, "Replace the ... by your answer and run the cell.", tried=False)
        try:
            given = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return wrong(f"Your function should return an array; it returns {shown(value)}.")
        expected = outer_gradient(a_h, delta)
        if given.shape == expected.T.shape and np.allclose(given, expected.T):
            return wrong(
                f"{sizes} the shape is {given.shape}, but W_ho is {expected.shape}: these are the "
                "right products, transposed."
            )
        if given.shape != expected.shape:
            return wrong(f"{sizes} the shape is {given.shape}, but W_ho is {expected.shape}.")
        if not np.allclose(given, expected, rtol=1e-6, atol=0):
            return wrong("The shape fits. The entry [h, j] should be a_h[h] times delta[j].")
    return right("An outer product: a column times a row, every a_h with every delta.")


_MATCH = "dacbe"
_STATEMENTS = (
    "the seven parameters",
    "the formula of b_h",
    "the perceptron's L_True",
    "the l updates",
    "the weights that move first",
)


def _examine_match(answer):
    letters = None
    if isinstance(answer, str):
        letters = "".join(letter for letter in answer.lower() if letter.isalnum())
    if letters is None or len(letters) != 5 or sorted(letters) != list("abcde"):
        return wrong(
            'Answer with the five letters in the order of the statements, such as "abcde", each '
            f"letter once; this is {shown(answer)}."
        )
    misses = [k for k in range(5) if letters[k] != _MATCH[k]]
    if not misses:
        return right(
            "d counts nine. a: without γ_h the derivative is 0. c: adding makes the neuron fire "
            "always. b: l steps and one differ. e: weights that moved give another step than the "
            "slope at the old values."
        )
    k = misses[0]
    if letters[k] == "e" and k in (1, 3):  # the others it cannot notice
        return wrong(
            f"{5 - len(misses)} of 5 fit. Check e might notice statement {k + 1}, too, but each "
            "check is used once, and another statement can do with nothing less."
        )
    return wrong(
        f"{5 - len(misses)} of 5 fit. Look at statement {k + 1} again ({_STATEMENTS[k]}): "
        f'would check "{letters[k]}" notice it?'
    )


EXERCISES = (
    Exercise(
        id="09-read-line",
        prompt="A program holds the line `A2 = B1 @ W2`, in the letters of document B. What is "
        '`B1`? `"1"` the biases of layer 1, `"2"` the outputs of layer 1, `"3"` the net inputs of '
        "layer 1.",
        examine=_examine_line,
        answer=lambda: "2",
        hints=(
            "Which row of the table is document B's?",
            "What enters a layer's sum: something before the activation, or after it?",
            "Read the columns `before` and `after` of row B.",
        ),
    ),
    Exercise(
        id="09-renumber",
        prompt="A network has 2 inputs and 3 hidden units. Document D would number its weights "
        "w1 = 0.1, w2 = 0.2, ..., w6 = 0.6: w1 and w2 lead into hidden unit 1, w3 and w4 into 2, "
        "w5 and w6 into 3. Write the matrix $v$ of document A, with one row for each input.",
        examine=_examine_renumber,
        answer=lambda: _NUMBERED,
        hints=(
            "Which number leads from input 1 to hidden unit 2?",
            "Document D counts unit by unit. In $v$, what leads into one unit: a row or a column?",
            "The first column is 0.1, 0.2 and the second is 0.3, 0.4.",
        ),
        written="[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]",
    ),
    Exercise(
        id="09-bias-step",
        prompt="A unit subtracts a threshold of 0.7. The derivative of the error by this threshold "
        "is 0.3. A second program writes the same unit with a bias, $-0.7$. Both take one step of "
        "gradient descent with $\\eta = 0.5$. What is the **bias** after the step?",
        examine=number(
            -0.55,
            near={
                -0.85: "Here the bias moved by -0.15, with the derivative by the threshold. The "
                "derivative by the bias has the other sign.",
                0.55: "That is the threshold after its step. Asked is the bias.",
                0.85: "The threshold goes down when its derivative is positive. And asked is the "
                "bias.",
                0.15: "That is the step of the bias. Asked is the bias after it.",
                -0.15: "That is the step of the threshold. Asked is the bias after its own.",
                -1.0: "Two things are missing: eta, and the sign. The derivative by the bias is "
                "-0.3.",
                -0.4: "The step is eta times the derivative, 0.5 times 0.3.",
                -0.7: "The bias is a parameter as well, and takes a step.",
            },
            praise="The threshold goes to 0.55, so the two programs still hold the same unit.",
        ),
        answer=lambda: -0.55,
        hints=(
            "Raising the threshold by a little: what does the bias do?",
            "The derivative by the bias is the negative of that by the threshold: -0.3.",
            "The new bias is -0.7 - 0.5 · (-0.3).",
        ),
        explanation="The threshold goes to 0.55, the bias to -0.55: two turned signs, in the value "
        "and in the derivative, and the two programs still hold the same unit.",
    ),
    Exercise(
        id="09-library-rate",
        prompt="A common library divides the sum of squares by the number of outputs **and** by "
        "the number of samples: $\\frac{1}{lN} \\sum (y - \\hat y)^2$. You have $l = 10$ outputs, "
        "$N = 32$ samples, and a rate of 0.1 that works well with the loss of document E. Which "
        "rate makes the same step with the library's loss?",
        examine=number(
            0.5,
            near={
                0.05: "You halved the rate instead of solving for it. The library's gradient is "
                "2/l = 0.2 times ours, so 0.2 times its rate must be 0.1.",
                0.02: "You multiplied by 2/l where you should divide: a shorter gradient needs "
                "a larger rate.",
                5.0: "5 is l/2: so many times the rate of document E. And which rate is that?",
                1.0: "The 2 that the square brings down meets a 1/2 in document E's loss, but not "
                "in the library's.",
                16.0: "Both losses divide by N, so N does not enter.",
                0.015625: "That is the rate of document C for a sum over the samples. The "
                "library's loss divides by N, too.",
                0.64: "6.4 is 2 N/l, document C's factor. Here both losses divide by N; and a "
                "shorter gradient needs a larger rate: divide by the factor.",
                0.1: "The same rate makes the same step only if the two gradients are equal. "
                "Divide one by the other.",
            },
            praise="The library's gradient is 2/l = 0.2 times that of E, so its rate is five "
            "times that of E.",
        ),
        answer=lambda: 0.5,
        hints=(
            "What stands in front of the sum of squares here, and in document E?",
            "Divide the two: (1/(l N)) / (1/(2 N)). The gradients have the same ratio.",
            "The library's gradient is 2/l times ours. So its rate is l/2 times ours.",
        ),
        explanation="The ratio is 2/l = 0.2, so the rate is 0.1 / 0.2. The N cancels.",
    ),
    Exercise(
        id="09-predict-factor",
        prompt="A 3-4-6-5 network and 4 samples. Five programs write it in the five ways, and all "
        "take one step with the same rate 0.5. How many of them take the step of `Network`? "
        '`"a"` all five, `"b"` four, all but C, `"c"` one, E.',
        examine=choice(
            {
                "a": "The direction is the same in all five. But a factor in front of the loss "
                "stays in the gradient, and so in the step.",
                "b": "All but C have the same 1/2, but only E divides by the number of samples, "
                "as `Network` does. With 4 samples the others step four times as far.",
                "c": "Only E has both, the 1/2 and the mean over the samples. A, B and D step four "
                "times as far, C 1.6 times.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "What stands in front of the sum in the loss of `Network`?",
            "1/(2 N) with N = 4. Who has the same?",
            "Look at the column `loss` of the table in section 1.",
        ),
    ),
    Exercise(
        id="09-predict-trap",
        prompt="Somebody tests all five programs on the worked example: two outputs, one sample. "
        "A program passes if, with the same rate, it takes the step of `Network`. How many pass? "
        '`"a"` one, E, `"b"` four, all but C, '
        '`"c"` all five.',
        examine=choice(
            {
                "a": "With one sample, dividing by N changes nothing: A, B and D join E. And C "
                "divides by 2, since there are two outputs.",
                "b": "C divides by the number of outputs, and that number is 2. So its 1/n is the "
                "1/2 of the others.",
                "c": "N is 1 and l is 2, so 1/2, 1/l and 1/(2 N) are one number. This example "
                "cannot tell the conventions apart.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Put l = 2 and N = 1 into the factors.",
            "A's is 1/2. What are 1/l and 1/(2 N)?",
            "All three are 1/2.",
        ),
    ),
    Exercise(
        id="09-telling-sizes",
        prompt="Find a number of outputs and a number of samples for which the gradients of all "
        "three kinds of loss differ: that of A, B and D, that of C, and that of E. Answer with "
        "`(outputs, samples)`. We used (5, 4); find another pair.",
        examine=_examine_sizes,
        answer=lambda: (3, 7),
        hints=(
            "As multiples of ours the gradients are N, 2 N / l and 1. When are two of them equal?",
            "N and 1 are equal for N = 1. N and 2 N / l are equal for one l. And 2 N / l and 1?",
            "Avoid N = 1, l = 2 and l = 2 N.",
        ),
        explanation="Any sizes without N = 1, l = 2 and l = 2 N will do.",
    ),
    Exercise(
        id="09-predict-sign",
        prompt="A program takes the update of a *bias* from one document and uses it on the "
        "*thresholds* of another: every threshold steps the wrong way. The weights step "
        "correctly. Two networks train on the worked example's sample, with 2 and with 20 hidden "
        'units. What does the error do in 1000 steps? `"a"` it rises in both, `"b"` it falls in '
        'both, `"c"` it rises with 2 and falls with 20.',
        examine=choice(
            {
                "a": "With 2 hidden units it does. With 20, the weights of an output pull harder "
                "than its one threshold at first, and here they do so to the end.",
                "b": "With 20 hidden units it does. With 2, the wrong threshold outweighs the "
                "two right weights from the first step on: each counts only b_h², about 0.15; "
                "b_h comes once in the step, and once on the way into the net input.",
                "c": "At first the 20 weights of an output outweigh its threshold, and two do not. "
                "The first step does not settle the rest: networks between these widths can "
                "begin well and still fail. But a wrong sign can hide behind a falling error, "
                "and a gradient check would show it in either.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Into each output unit lead 2 or 20 weights, and there is one threshold. Who pulls "
            "harder?",
            "A first step of the weights moves the net input by an amount that grows with the sum "
            "of b_h squared, a step of the threshold by 1 in the same measure.",
            "At first, is the sum of b_h squared above or below 1, for 2 units, and for 20?",
        ),
    ),
    Exercise(
        id="09-slip-alpha",
        prompt="**Slip 4**, document A's picture: *$\\alpha_h$ is the weight of a link into hidden "
        "unit $h$.* Expose it by **counting**. In a 3-4-2 network, how many numbers "
        "$\\alpha_h$ are there, and how many links lead from the inputs to the hidden units? "
        "Answer with `(net inputs, links)`.",
        examine=_examine_counts,
        answer=lambda: (4, 12),
        hints=(
            "How many indices has α_h, and how many has v_ih?",
            "h runs from 1 to q, and i from 1 to d. Which numbers are q and d here?",
            "q is 4, and d · q is 3 · 4.",
        ),
    ),
    Exercise(
        id="09-slip-sample",
        prompt="**Slip 7**, document A: *$v_{ih}$ carries a sample number (k), and so should "
        "$\\theta_j$ and $\\gamma_h$.* Expose it by a **definition**: a parameter is shared by all "
        "samples. In training with one sample a step, which of $x_i$, $v_{ih}$, $b_h$ and the "
        "derivative $\\partial E_k / \\partial v_{ih}$ belong to a sample, and so "
        'may carry its number? `"a"` $x_i$ and $b_h$, `"b"` $x_i$, $b_h$ and the derivative, '
        '`"c"` all four.',
        examine=choice(
            {
                "a": "These two do. But the derivative is that of one sample's error E_k, and "
                "another sample gives another number.",
                "b": "A new sample brings a new x_i, a new b_h and a new derivative. The weight it "
                "meets is the one the last sample left. (A weight may carry the number of a "
                "*step*. That is another count.)",
                "c": "Had every sample a v_ih of its own, nothing learned from one would help with "
                "the next. With 100 samples the 3-4-2 network would have 2600 parameters, "
                "not 26.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Put another sample in. Which of the four are there already?",
            "How many weights has a 3-4-2 network with 100 samples?",
            "The weights stay. What is computed from a sample changes with it.",
        ),
    ),
    Exercise(
        id="09-slip-zero",
        prompt="**Slip 6**, document A, the first factor, $\\partial E/\\partial \\hat y_j$: *in "
        "the sum of $E$, the terms of the other outputs are 0.* Expose it by computing one. A "
        "**finite difference** then shows what *is* 0. For the targets (0, 1, 0) and the outputs "
        "(0.2, 0.7, 0.4), what is the term of output 1, $\\frac12 (y_1 - \\hat y_1)^2$, and by "
        "how much does it change when $\\hat y_2$ moves to 0.701? Answer with `(term, change)`.",
        examine=_examine_term,
        answer=lambda: (0.02, 0.0),
        hints=(
            "Which letters stand in the term of output 1?",
            "Half of 0.2 squared. And is there a ŷ_2 in it?",
            "Half of 0.04; and what does not hold ŷ_2 does not move with it.",
        ),
    ),
    Exercise(
        id="09-slip-vector",
        prompt="**Slip 9**, document C: *the derivative of Loss by the row $a_o$ is the sum of all "
        "$-\\frac2n (y_t - a_o)$.* Expose it by **shapes**: a derivative has the shape of what one "
        "differentiates with respect to. For targets $y_t$ = (0, 1, 0) and outputs $a_o$ = "
        "(0.2, 0.7, 0.4), write the derivative as it should be, to 4 significant digits.",
        examine=_examine_vector,
        answer=lambda: _VECTOR.tolist(),
        hints=(
            "How many outputs are there, and so how many derivatives?",
            "Each component has its own y_t - a_o. What is n?",
            "The first is -(2/3) · (0 - 0.2).",
        ),
        written="(0.13333, -0.2, 0.26667)",
    ),
    Exercise(
        id="09-slip-outer",
        prompt="**Slip 10**, document C, where a dot marks the matrix product: in the gradient of "
        "$W_{ho}$ (hidden to output), two rows stand side by side with no dot, as if they were "
        "multiplied entry by entry. Expose it by **shapes**, then mend it: write "
        "`gradient(a_h, delta)` for two rows, the hidden outputs `a_h` of shape (1, q) and the "
        "derivative by $z_o$, `delta` of shape (1, l). It returns the derivative by $W_{ho}$, "
        "which has the shape (q, l).",
        examine=_examine_outer,
        answer=lambda: outer_gradient,
        hints=(
            "Which shape has `a_h * delta` when q is 4 and l is 3, and which when both are 3?",
            "Entry [h, j] is a_h[h] times delta[j]: a column times a row.",
            "A row becomes a column by `.T`; the matrix product is `@`.",
        ),
        written="return a_h.T @ delta",
    ),
    Exercise(
        id="09-slip-title",
        prompt="**Slip 12**, document E: the famous paper in *Nature* 323, 533–536 (1986) is first "
        "cited under a title that it does not bear. Expose it by **looking it up**, at "
        "**[doi.org/10.1038/323533a0](https://doi.org/10.1038/323533a0)**: what does "
        'the page say? `"a"` Learning internal representations by error propagation, '
        '`"b"` Learning representations by back-propagating errors, `"c"` Learning internal '
        "representations by back-propagating errors.",
        examine=choice(
            {
                "a": "That is another text by the same three authors and of the same year, a "
                "chapter in the book Parallel Distributed Processing.",
                "b": "So it stands on the page. The chapter in Parallel Distributed Processing, "
                "by the same authors and of the same year, is called Learning internal "
                "representations by error propagation: the two are easily blended.",
                "c": "A blend of two titles: that of the paper, and that of a chapter by the same "
                "authors and of the same year. Volume and pages lead to one of the two.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which lessons ended with this paper under What to read next?",
            "Lessons 02 and 04 did. Does its title hold the word internal?",
            "It does not, and it does hold back-propagating.",
        ),
    ),
    Exercise(
        id="09-slip-distance",
        prompt="**Slip 13**, document E: *the mean squared error is the Euclidean distance of "
        "outputs and targets.* Expose it by a **definition**: make all differences "
        "$y - \\hat y$ three times as large. A distance becomes three times as large. How many "
        "times as large becomes the mean squared error?",
        examine=number(
            9.0,
            near={
                3.0: "So would a distance. But the differences are squared, and no root is taken "
                "in the end.",
                1.5: "The factor 1/2 in front stands in both errors, before and after.",
                4.5: "The factor 1/2 in front stands in both errors, before and after.",
                27.0: "Each difference is squared, not cubed.",
            },
            praise="Each square grows ninefold. A distance takes the root of their sum, and grows "
            "threefold.",
        ),
        answer=lambda: 9,
        hints=(
            "Take one difference, 1, and make it 3. What is each of them squared?",
            "Every term of the sum grows by the same factor.",
            "It is 3 squared.",
        ),
        explanation="9: a distance would take the root of the sum. The derivative differs as well, "
        "so it matters which of the two a program means.",
    ),
    Exercise(
        id="09-match",
        prompt="Five slips that earlier lessons found, and five checks. Which check exposes "
        "which slip? Each check is used once. Answer with five letters in the order of the "
        "statements.\n\n"
        "1. The XOR network of lesson 02, with 2 inputs, 2 hidden units and 1 output, has seven "
        "parameters: four weights, three thresholds. (A, slip 1)\n"
        "2. $b_h$ is the sigmoid of $\\sum_i v_{ih} x_i$, in the line that leads to "
        "$\\Delta\\gamma_h$ in lesson 04. (A, slip 2)\n"
        "3. The perceptron of lesson 01 wants $L_{True}$ as large as possible: the sum of the "
        "excess (weighted sum minus threshold) of all samples that fire. (A, slip 3)\n"
        "4. Each hidden unit updates its weights $l$ times an iteration, once for each output that "
        "it feeds. (A, slip 5)\n"
        "5. First move the output weights, then use them for the hidden gradients. (C, slip 8; "
        "and the famous numbers of D, slip 11)\n\n"
        "- **a** (redo it) Differentiate the line as it stands, with respect to the threshold.\n"
        "- **b** (redo it) Take one step from the sum of all terms. From the same start, step once "
        "for each term, and compute its gradient anew before each step. Compare many "
        "digits: the difference is of order η².\n"
        "- **c** (redo it) Train on AND twice: subtract the gradient of $L_{True}$, then add it.\n"
        "- **d** (count) Count the links and the units that have a threshold.\n"
        "- **e** (finite difference) Compare the whole step with a finite difference of $E$ at the "
        "old values.",
        examine=_examine_match,
        answer=lambda: _MATCH,
        hints=(
            "Start with the surest: which statement is about how many there are?",
            "Statement 1 is counted, statement 2 is differentiated. Which is tried both ways?",
            "Statement 3 is tried both ways. Statement 4 is about a sum of terms.",
        ),
    ),
)
