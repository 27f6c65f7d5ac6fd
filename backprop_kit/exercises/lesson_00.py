"""Exercises of lesson 00: how predictions and answers work here."""

from backprop_kit.exercises.checks import choice, number
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import formula
from backprop_kit.symbolic.notation import b, h, j, w

EXERCISES = (
    Exercise(
        id="00-predict-count",
        prompt="How many parameters does a network with 784 inputs, 30 hidden units and 10 outputs "
        'adjust while it learns? `"a"` about 800, `"b"` about 8,000, `"c"` about 24,000.',
        examine=choice(
            {
                "a": "800 is about the number of units: 784 + 30 + 10. It is the links between "
                "units that carry the weights, and there are 784 · 30 of them in the first layer.",
                "b": "More: the first layer alone has 784 · 30 = 23,520 links, each with a weight.",
                "c": "The links decide: 784 · 30 + 30 · 10 weights, and 30 + 10 thresholds.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "What carries a number: a unit, or a link between two units?",
            "Every input is linked to every hidden unit.",
            "784 · 30 is 23,520.",
        ),
    ),
    Exercise(
        id="00-derivative",
        prompt="What is the derivative of $\\tfrac12 (3 - p)^2$ with respect to $p$, at $p = 1$?",
        examine=number(
            -2,
            near={
                4: "This is the square itself, (3 - p)². Differentiate before you insert p = 1.",
                2: "Is this the square at p = 1, with its 1/2? Differentiate first, then insert "
                "p = 1. If you did, look at the inner derivative, of 3 - p.",
                -4: "The factor 1/2 cancels the 2 of the square.",
            },
        ),
        answer=lambda: -2,
        hints=(
            "Which function is outside, and which is inside?",
            "The outer derivative is (3 - p). What is the inner one?",
            "The inner derivative, of 3 - p, is -1.",
        ),
        explanation="The outer derivative 3 - p is 2, the inner one is -1.",
    ),
    Exercise(
        id="00-first-formula",
        prompt="Write the product of the weight $w_{hj}$ and the output $b_h$ of hidden unit $h$.",
        examine=formula(lambda: w[h, j] * b[h], axes=(h, j)),
        answer=lambda: w[h, j] * b[h],
        hints=(
            "How is the letter with its index spelled in the table above?",
            "An index goes into square brackets; `*` multiplies.",
            "Start with w[h, j] and multiply by b[h].",
        ),
    ),
)
