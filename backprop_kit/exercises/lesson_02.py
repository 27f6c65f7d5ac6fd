"""Exercises of lesson 02: the XOR network (SOURCES A4-A6, A9, A18; slip 1)."""

import re
import unicodedata

from backprop_kit.exercises.checks import choice, number, right, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.numeric import Network, gate

# What a unit of two inputs computes, by its answers to 00, 01, 10, 11.
_GATE_NAMES = {
    (0, 0, 0, 0): "never",
    (0, 0, 0, 1): "AND",
    (0, 0, 1, 0): "first but not second",
    (0, 0, 1, 1): "first alone",
    (0, 1, 0, 0): "second but not first",
    (0, 1, 0, 1): "second alone",
    (0, 1, 1, 1): "OR",
    (1, 0, 0, 0): "NOR",
    (1, 0, 1, 0): "not second",
    (1, 0, 1, 1): "first or not second",
    (1, 1, 0, 0): "not first",
    (1, 1, 0, 1): "second or not first",
    (1, 1, 1, 0): "NAND",
    (1, 1, 1, 1): "always",
}


def _other_solution():
    """Return a solution that is not the lesson's: "one but not the other", either way round."""
    return Network.from_parameters(
        [[[1, -1], [-1, 1]], [[1], [1]]], [[0.5, 0.5], [0.5]], activation="step"
    )


def examine_xor_network(answer):
    """Run the student's network on the four inputs; any 2-2-1 network of M-P neurons will do."""
    if not isinstance(answer, Network):
        return wrong(
            "This exercise takes a network: "
            'answer = Network.from_parameters(weights, thresholds, activation="step").'
        )
    if answer.sizes != (2, 2, 1):
        sizes = "-".join(map(str, answer.sizes))
        return wrong(f"Two inputs, two hidden units and one output are asked for; this is {sizes}.")
    if answer.activation != "step":
        return wrong(
            f'M-P neurons use the step function: give activation="step", not {answer.activation!r}.'
        )
    X, y = gate("XOR")
    try:
        _, B, y_hat = answer.forward(X).outputs
    except ValueError as error:
        return wrong(f"The network cannot be run: {error}.")
    for x, b, given, wanted in zip(X, B, y_hat[:, 0], y, strict=True):
        if given != wanted:
            return wrong(
                f"For the input ({x[0]:g}, {x[1]:g}) the hidden units answer ({b[0]:g}, {b[1]:g}) "
                f"and the output unit {given:g}; XOR wants {wanted:g}."
            )
    gates = [_GATE_NAMES[tuple(int(one) for one in column)] for column in B.T]
    if sorted(gates) == ["NAND", "OR"]:
        return wrong(
            "All four rows are XOR, but the hidden units still are OR and NAND, as in section 2. "
            "Let one of them be another gate."
        )
    together = "(0, 1) and (1, 0)" if (B[1] == B[2]).all() else "(0, 0) and (1, 1)"
    return right(
        f"All four rows are XOR. Your hidden units: {gates[0]}; {gates[1]}. With them {together} "
        "fall together, and one line is enough."
    )


_NAME = re.compile(r"(theta|gamma|[A-Za-z])[\s_\[{(]*(\d)[\s,]*(\d)?")


def examine_missing_two(answer):
    """Compare two names with the two weights that document A's list leaves out (slip 1)."""
    several = isinstance(answer, list | tuple | set | frozenset)
    text = "; ".join(str(one) for one in answer) if several else str(answer)
    plain = unicodedata.normalize("NFKC", text).replace("θ", "theta").replace("γ", "gamma")
    names = {"".join(parts) for parts in _NAME.findall(plain)}
    if not names:
        return wrong('Name two parameters, such as "v_11, v_12".')
    if names == {"w11", "w21"}:
        return right("w_11 and w_21 lead from the two hidden units to the output. 7 + 2 = 9.")
    if names == {"W13", "W23"}:
        return wrong(
            "The right two links, in document A's manner: they lead to its neuron 3. This lesson "
            "writes w_hj, and its only output unit is j = 1."
        )
    if names == {"W31", "W32"}:
        return wrong(
            "The right two links, but the first index says where a link starts. This lesson writes "
            "w_hj: from hidden unit h to output unit j, and there j = 1."
        )
    if {"w11", "w21"} < names:
        return wrong(f"You name {len(names)} parameters, and two of them are right. Which two?")
    for name in sorted(names):
        if (reason := _why_not(name)) is not None:
            return wrong(reason)
    if len(names) == 1:
        return wrong("That is one of the two. Which link leads from the other hidden unit?")
    return wrong("Exactly two are missing. Cross out on the drawing what the list has.")


def _why_not(name):
    if name.startswith(("theta", "gamma")):
        return (
            "The list has three thresholds, and there are three neurons: none is missing. "
            "Look at the links."
        )
    if name[0] == "v":
        return "The links from the inputs are there: the list calls them W11, W12, W21, W22."
    if name in ("W11", "W12", "W21", "W22"):
        return (
            f"{name} with a capital W stands in the list: it belongs to a link from an input. "
            "Answer in this lesson's letters."
        )
    if name in ("w12", "w22"):
        return (
            f"w_{name[1:]} would lead to output unit 2, and there is one output unit only. "
            "The first index says where a link starts, the second where it ends."
        )
    if name in ("w11", "w21"):
        return None
    return f"This network has no parameter {name}. Read the names from the drawing in section 2."


EXERCISES = (
    Exercise(
        id="02-predict-fold",
        prompt="The output unit sees the hidden units' answers $(b_1, b_2)$ only. How many "
        'different pairs does it see for the four inputs? `"a"` four, `"b"` three, `"c"` two.',
        examine=choice(
            {
                "a": "Two inputs give the same pair: (0, 1) and (1, 0) make both OR and NAND "
                "answer 1. So three pairs are left, and that is what helps.",
                "b": "(0, 1) and (1, 0) give the same pair (1, 1). The other two inputs keep a "
                "pair each.",
                "c": "Two labels need two pairs at least, but here there are three: (0, 0) gives "
                "(0, 1) and (1, 1) gives (1, 0). Only (0, 1) and (1, 0) share theirs.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "What does OR answer for each of the four inputs?",
            "And NAND? Write the two answers side by side.",
            "Which two rows of your table are the same?",
        ),
    ),
    Exercise(
        id="02-another-solution",
        prompt="Build **another** network of three M-P neurons that computes XOR. The answer is a "
        '`Network.from_parameters(weights, thresholds, activation="step")` with 2 inputs, '
        "2 hidden units and 1 output. At least one of its hidden units must be another gate than "
        "OR and NAND.",
        examine=examine_xor_network,
        answer=_other_solution,
        hints=(
            "XOR in other words: which other two questions about $x_1$ and $x_2$, joined by one "
            "more gate, say “exactly one of them”?",
            "Either $x_1$ and not $x_2$, or $x_2$ and not $x_1$. Each half is one hidden unit.",
            "“$x_1$ and not $x_2$” has weights 1 and -1 and threshold 0.5. The other half turns "
            "the two weights round. The output unit is an OR: weights 1 and 1, threshold 0.5.",
        ),
        written="Network.from_parameters([[[1, -1], [-1, 1]], [[1], [1]]], "
        '[[0.5, 0.5], [0.5]], activation="step")',
        explanation="The hidden units fire for (1, 0) alone and for (0, 1) alone, the output unit "
        "is an OR. Here (0, 0) and (1, 1) fall together, on the pair (0, 0), while (0, 1) and "
        "(1, 0) stay apart; in section 3 it was the other way round. Either way one line is then "
        "enough.",
    ),
    Exercise(
        id="02-missing-two",
        prompt="Document A lists the parameters of this network as $W_{11}, W_{12}, W_{21}, "
        "W_{22}, \\theta_1, \\theta_2, \\theta_3$. Its $W_{12}$ leads from input 1 to neuron 2, "
        "and its neuron 3 is the output unit: its $\\theta_1, \\theta_2$ are our "
        "$\\gamma_1, \\gamma_2$, its $\\theta_3$ our $\\theta_1$. Which two are missing? Answer "
        'with their names in this lesson\'s letters, such as `"v_11, v_12"`.',
        examine=examine_missing_two,
        answer=lambda: "w_11, w_21",
        hints=(
            "How many links does the drawing have, and how many neurons?",
            "The list has one threshold for each neuron. So both missing ones sit on links.",
            "The four W sit on the links from the inputs. Which links enter the output unit?",
        ),
        explanation="The list forgets the two links from the hidden units to the output unit.",
    ),
    Exercise(
        id="02-count",
        prompt="How many parameters has a 4-3-2 network: 4 inputs, 3 hidden units, 2 outputs?",
        examine=number(
            23,
            tolerance=1e-9,
            near={
                18: "These are the weights alone, 4 · 3 + 3 · 2. Each neuron has a threshold, too.",
                20: "The thresholds of the 3 hidden units are missing.",
                21: "The thresholds of the 2 output units are missing.",
                27: "The 4 inputs are no neurons: they have no threshold.",
                19: "Check the places of the sizes: q = 3 counts hidden units, l = 2 outputs.",
                26: "Check the places of the sizes: d = 4 counts inputs, q = 3 hidden units.",
                24: "Links lead from one layer to the next: 4 · 3 and 3 · 2, not 4 · 3 · 2.",
                29: "The 5 thresholds are there. The links are 4 · 3 and 3 · 2, not 4 · 3 · 2.",
                9: "That is how many units there are. Count links and thresholds.",
            },
        ),
        answer=lambda: 23,
        hints=(
            "Which two kinds of parameters are there, and where does each sit?",
            "There are 4 · 3 links into the hidden layer. How many into the output layer?",
            "12 + 6 links, and 3 + 2 thresholds.",
        ),
        explanation="(4 + 2 + 1) · 3 + 2: twelve and six weights, three and two thresholds.",
    ),
    Exercise(
        id="02-predict-step",
        prompt="M-P neurons: the threshold $\\theta_1$ is raised by 0.01. What does the error do? "
        '`"a"` it falls a little, `"b"` it rises a little, `"c"` it does not change at all.',
        examine=choice(
            {
                "a": "It would fall a little if the output could change a little. A step cannot: "
                "it answers 0 or 1, and no net input has crossed its threshold yet.",
                "b": "The threshold moves towards its right value, so if anything E would fall. "
                "With steps E cannot change: no net input has crossed its threshold yet.",
                "c": "Not in the last digit. No net input crosses its threshold, so every unit "
                "answers as before.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Which values can a step function have?",
            "The output unit gets $b_1 + b_2$, which is 1 or 2. Its threshold goes from 0.5 to "
            "0.51.",
            "Does 1 or 2 fall below 0.51?",
        ),
    ),
    Exercise(
        id="02-one-step",
        prompt="In the same network with sigmoids, $w_{11} = 1$. With $w_{11} = 0.99$ its error is "
        "$E = 0.136943$, with $w_{11} = 1.01$ it is $0.137391$. Where does $w_{11}$ go in one step "
        "of gradient descent with $\\eta = 2$? Four decimals.",
        examine=number(
            0.9552,
            tolerance=2e-4,
            near={
                1.0448: "That is uphill: a step goes against the slope.",
                0.0224: "That is the slope. Where does the step lead?",
                0.0448: "That is how far it goes. Where does it start, and which way?",
                -0.0448: "That is the change. Add it to where it starts.",
                0.9776: "The learning rate is missing: the slope counts twice.",
                0.9104: "The slope is half as large: from 0.99 to 1.01 it is 0.02, not 0.01.",
                0.9991: "Divide the change of E by the change of w_11, which is 0.02.",
                0.9452: "The step starts at 1, not at 0.99.",
                0.9652: "The step starts at 1, not at 1.01.",
                **dict.fromkeys(
                    (0.4552, 0.5448), "The step starts at w_11, which is 1; theta_1 is 0.5."
                ),
                0.578: "That is where theta_1 goes. The two errors here belong to w_11.",
            },
            praise="The slope is positive, so w_11 falls.",
        ),
        answer=lambda: 0.9552,
        hints=(
            "How much does E change between the two, and how far apart are they?",
            "The slope is about (0.137391 - 0.136943) / 0.02 = 0.0224.",
            "Go against it, from 1, by the learning rate times the slope.",
        ),
        explanation="The slope is 0.000448 / 0.02 = 0.0224, and 1 - 2 · 0.0224 = 0.9552.",
    ),
    Exercise(
        id="02-predict-cost",
        prompt="Random nudging against gradient descent, 3000 forward passes each. Who is ahead? "
        '`"a"` descent, with 9 and with 148 parameters; `"b"` nudging, with both; `"c"` with 9 '
        "nudging keeps up, with 148 descent is far ahead.",
        examine=choice(
            {
                "a": "With 148 parameters, yes. With 9 a random nudge helps often enough: nudging "
                "keeps up, and where it learns it even ends lower.",
                "b": "With 9 parameters it keeps up. With 148 most of a nudge goes sideways, "
                "across the slope, and that raises E: no run learned, and descent learned in "
                "every run.",
                "c": "Half of all tiny nudges point downhill, with 9 parameters and with 148. But "
                "with 148 far more of a nudge goes sideways, which raises E. The cost of a "
                "gradient stays at 3 passes at most.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "How many directions are there to nudge in?",
            "What does one gradient cost, in forward passes, when there are more parameters?",
            "The gradient stays at 3 passes at most. Does a random nudge stay as good?",
        ),
    ),
    Exercise(
        id="02-predict-seeds",
        prompt="Twenty 2-2-1 sigmoid networks, each from another random start; some do not learn "
        'XOR. How do their error curves end? `"a"` each at a height of its own, `"b"` all near one '
        'level, `"c"` still falling steeply, only later than the others.',
        examine=choice(
            {
                "a": "The starts differ, but the six that do not learn all end near one level.",
                "b": "Fourteen learn, and the six others end near one level. The start decides.",
                "c": "Some that learn do fall late. But the six that do not all lie flat, near "
                "one level.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Which answers are cheapest for a network that cannot tell two samples apart?",
            "A network may come to rest where no small step helps much.",
            "Those that come to rest all make the same compromise.",
        ),
    ),
    Exercise(
        id="02-stuck-error",
        prompt="A stuck network answers 0, 1, 0.5, 0.5 for the four rows of XOR (labels 0, 1, 1, "
        "0). What is its error $E$, the mean over the four samples?",
        examine=number(
            0.0625,
            near={
                0.125: "The factor 1/2 is missing, or you divided by 2 samples: there are four, "
                "and the two right ones count, too.",
                0.25: "This is the sum over the samples. Divide by their number.",
                0.5: "This is the sum of the squares. Halve it, and take the mean over four "
                "samples.",
                **dict.fromkeys(
                    (0.06, 0.062, 0.0626, 0.0627, 0.063, 0.0634, 0.064, 0.065),
                    "That is the level read off. Compute the exact value.",
                ),
                0.03125: "One factor 1/2 too many, or one of the two wrong samples is missing.",
            },
        ),
        answer=lambda: 0.0625,
        hints=(
            "Which samples contribute, and by how much is each wrong?",
            "Two samples are wrong by 0.5: each has half the square of 0.5.",
            "Each is 0.125. Add both, and divide by four.",
        ),
        explanation="Two samples contribute 0.125 each, two contribute 0; a quarter of 0.25.",
    ),
)
