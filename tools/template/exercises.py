"""Exercises of lesson NN: one sentence on what they ask."""

from backprop_kit.exercises.checks import choice, number
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import formula
from backprop_kit.symbolic.notation import b, h


def _prediction(name, prompt, replies, correct, hints):
    return Exercise(f"NN-predict-{name}", prompt, choice(replies, correct), lambda: correct, hints)


EXERCISES = (
    _prediction(
        "slope",
        prompt="What is the slope of a sigmoid where its output is 1/2?",
        replies={
            "a": "1/4 = 1/2 · (1 - 1/2): the output times what is missing to 1.",
            "b": "That is the output. The slope is the output times what is missing to 1.",
            "c": "It is flat only far out, where the output is almost 0 or almost 1.",
        },
        correct="a",
        hints=("What is f' in terms of f?", "Put 1/2 in for f.", "What is 1/2 · 1/2?"),
    ),
    _prediction(
        "steepest",
        prompt="Where is it steepest?",
        replies={
            "a": "There it is almost flat: the output is almost 0.",
            "b": "In the middle: no product f · (1 - f) is greater than 1/4.",
            "c": "There it is almost flat: the output is almost 1.",
        },
        correct="b",
        hints=("When is f (1 - f) largest?", "Try f = 1/2.", "Try f = 0.9, and compare."),
    ),
    _prediction(
        "falls",
        prompt="How does the slope change when the output goes from 0.9 to 0.99?",
        replies={
            "a": "It does not stay: the second factor, 1 - f, falls to a tenth.",
            "b": "The output grows a little, but the slope holds 1 - f, too.",
            "c": "From 0.09 to about 0.0099: to a tenth.",
        },
        correct="c",
        hints=("Which factor changes much?", "What is 1 - 0.9?", "What is 1 - 0.99?"),
    ),
    Exercise(
        id="NN-slope",
        prompt="What is the slope of a sigmoid where its output is 0.8?",
        examine=number(0.16, near={0.8: "That is the output. What is f (1 - f)?"}),
        answer=lambda: 0.16,
        hints=("What is f' in terms of f?", "f is 0.8.", "0.8 · 0.2 is the product."),
    ),
    Exercise(
        id="NN-slope-hidden",
        prompt="Write the slope of hidden unit $h$ in terms of its output $b_h$.",
        examine=formula(lambda: b[h] * (1 - b[h]), axes=(h,)),
        answer=lambda: b[h] * (1 - b[h]),
        hints=("It is f (1 - f).", "What is f for unit h?", "It is b_h: put it in twice."),
        explanation="The output of the unit takes the place of f.",
    ),
    Exercise(
        id="NN-output",
        prompt="At which output is the slope of a sigmoid 1/4?",
        examine=number(0.5, near={0.25: "That is the slope. Which output gives it?"}),
        answer=lambda: 0.5,
        hints=("Solve f (1 - f) = 1/4.", "It is where the slope is largest.", "The middle."),
    ),
)
