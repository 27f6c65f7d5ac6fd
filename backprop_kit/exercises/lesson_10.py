"""Exercises of lesson 10: training on real data, and what a training proves."""

import math

import numpy as np

from backprop_kit.exercises.checks import Verdict, choice, number, right, wrong
from backprop_kit.exercises.exercise import Exercise

# ------------------------------------------------------------------ the confusion matrix

_CONFUSION = (
    "counts = np.zeros((n, n), dtype=int); np.add.at(counts, (labels, answers), 1); return counts"
)


class _Confusion:
    """A right answer that shows its text, so that the solution can be read."""

    def __call__(self, labels, answers, n):
        counts = np.zeros((n, n), dtype=int)
        np.add.at(counts, (labels, answers), 1)
        return counts

    def __str__(self):
        return _CONFUSION


_TRIALS = (
    ((0, 0, 1, 1, 1, 2), (0, 1, 1, 1, 1, 0), 3),
    ((0, 1), (1, 1), 4),  # classes 2 and 3 never occur
)


def _examine_confusion(function) -> Verdict:
    if not callable(function):
        return wrong(
            "Hand in your function, as in check(confusion); "
            f"this is {type(function).__name__}. Leave its brackets off."
        )
    for labels, answers, n in _TRIALS:
        labels, answers = np.array(labels), np.array(answers)
        expected = _Confusion()(labels, answers, n)
        try:
            given = function(labels.copy(), answers.copy(), n)
        except Exception as error:
            return wrong(f"Your function stopped with {type(error).__name__}: {error}.")
        if given is None:
            return wrong("Your function gave None back: did you forget return?")
        if given is Ellipsis:
            return Verdict(
                False, "Replace the ... by your rule, and hand the counts back.", tried=False
            )
        try:
            given = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            return wrong(f"Your function should give an array; it gave {given!r:.40}.")
        reply = _confusion_reply(given, expected, len(labels))
        if reply:
            return wrong(reply)
    return right("Rows are labels, columns are answers, and each sample is counted once.")


def _confusion_reply(given, expected, n_samples):
    n = len(expected)
    if given.shape != expected.shape:
        return (
            f"For {n} classes the shape is {given.shape}, expected {expected.shape}: every class "
            "has its row and column, even one that does not occur."
        )
    if np.array_equal(given, expected):
        return ""
    if np.array_equal(given, expected.T):
        return "Rows and columns are swapped: a row belongs to a label, a column to an answer."
    if np.array_equal(given, expected > 0):
        return (
            "Samples of the same label and answer are counted once only. counts[labels, answers] "
            "+= 1 adds 1 to each place once, however often the place is named. Use a loop, or "
            "np.add.at."
        )
    if np.array_equal(given, np.diag(np.diag(expected))):
        return "The diagonal is right. The mistakes are counted nowhere."
    if given.sum() != n_samples:
        return f"The counts add up to {given.sum():g}; there are {n_samples} samples."
    row, column = np.argwhere(given != expected)[0]
    return (
        f"Label {row}, answer {column}: your count is {given[row, column]:g}, "
        f"expected {expected[row, column]}."
    )


# ------------------------------------------------------------------ counting


def _with_remark(examine, remark):
    """Return the examiner with a remark added to its word on a right answer."""

    def examine_and_remark(answer):
        verdict = examine(answer)
        return right(f"{verdict.message}. {remark}") if verdict.correct else verdict

    return examine_and_remark


def _prediction(id, prompt, replies, correct, hints):
    """Return a choice whose solution says why, in the words of its reply."""
    return Exercise(
        id=id,
        prompt=prompt,
        examine=choice(replies, correct),
        answer=lambda: correct,
        hints=hints,
        explanation=replies[correct],
    )


def _momentum_distance(steps=3, momentum=0.9, eta=0.1):
    """Return how far a parameter has moved when its gradient is 1 in every step."""
    motion = moved = 0.0
    for _ in range(steps):
        motion = momentum * motion + 1
        moved += eta * motion
    return moved


EXERCISES = (
    _prediction(
        id="10-predict-wrong-sign",
        prompt="`backward` is broken: every threshold moves the wrong way. How will the network "
        'do on the held-out digits? `"a"` about 10 %, as by guessing, `"b"` it learns, but stays '
        'below 90 %, `"c"` over 97 %.',
        replies={
            "a": "The weights' gradients are still right, for the thresholds as they are. "
            "2,220 weights make up for 40 numbers that wander off.",
            "b": "So one would hope. But the 2,220 weights learn around the 40 thresholds so "
            "well that the result does not show the fault.",
            "c": "The weights learn around the fault. High accuracy shows that a network is "
            "useful; it does not show that its gradients are right. The gradient check does.",
        },
        correct="c",
        hints=(
            "How many parameters are weights, and how many are thresholds?",
            "Whatever the thresholds are, are the gradients of the weights right?",
            "Recall the first line of lesson 05's summary: what does a falling error prove?",
        ),
    ),
    Exercise(
        id="10-confusion",
        prompt="Write `confusion(labels, answers, n)`: it takes two arrays of whole numbers from "
        "0 to `n - 1`, one entry a sample, and gives an array of shape `(n, n)`. Its entry "
        "`[i, j]` is the number of samples with label `i` and answer `j`. The cell above used a "
        "matrix product; yours may count sample by sample.",
        examine=_examine_confusion,
        answer=_Confusion,
        hints=(
            "Each sample adds 1 to one place. Which row, which column?",
            "Start from `np.zeros((n, n), dtype=int)` and loop over `zip(labels, answers)`.",
            "Inside the loop: `counts[label, answer] += 1`. After it: `return counts`.",
        ),
    ),
    Exercise(
        id="10-count-steps",
        prompt="1,438 samples, mini-batches of 32, 10 epochs. How many times do the parameters "
        "move?",
        examine=_with_remark(
            number(
                450,
                tolerance=1e-6,
                near={
                    45: "This is one epoch. There are 10.",
                    44.9375: "This is one epoch, and batches are whole.",
                    440: "44 batches of 32 are 1,408 samples. What happens to the other 30?",
                    449.375: "A batch cannot be used in part: the last 30 samples of an epoch "
                    "are a batch, too.",
                    449: "A batch cannot be used in part: the last 30 samples of each epoch are a "
                    "batch of their own.",
                    14380: "This is the count for one sample at a time.",
                    10: "This is the count for the full batch.",
                    320: "The number of batches counts, not their size.",
                },
            ),
            "An epoch has 44 batches of 32 and one of 30.",
        ),
        answer=lambda: math.ceil(1438 / 32) * 10,
        hints=(
            "How many batches does one epoch have?",
            "1438 / 32 is 44.9. `train` does use the samples that are left over.",
            "45 batches an epoch, and 10 epochs.",
        ),
        explanation="An epoch has 44 batches of 32 and one of 30.",
    ),
    _prediction(
        id="10-predict-modes",
        prompt="The same learning rate 0.5, the same 10 passes over the data. Which way reaches "
        'the lowest error on the training samples? `"a"` one sample at a time, `"b"` '
        'mini-batches of 32, `"c"` all samples at once, since only that gradient is exact.',
        replies={
            "a": "14,380 rough steps beat 450 better ones, and 10 exact ones by far. In "
            "exchange the passes are slow: many small products in place of few large ones.",
            "b": "A good guess on the clock, where mini-batches win. In passes over the data, "
            "14,380 rough steps still get further than 450 better ones.",
            "c": "The exact gradient is exact at one place only, and 10 steps do not go far. "
            "A rough direction taken 14,380 times goes further.",
        },
        correct="a",
        hints=(
            "How many steps does each of the three take?",
            "A step from one sample points roughly downhill. How rough may it be?",
            "10 steps, 450 steps, or 14,380 steps, each with the same rate.",
        ),
    ),
    _prediction(
        id="10-predict-zeros",
        prompt="Every weight and every threshold starts at 0. What will training do? "
        '`"a"` it learns as usual, `"b"` nothing: every gradient is 0, and stays 0, `"c"` it '
        "learns a little, with all 30 hidden units alike.",
        replies={
            "a": "Whatever tells hidden units apart is a difference in their parameters, and "
            "there is none at the start. Equal units get equal gradients.",
            "b": "The first gradients of the hidden layer are 0, since w is 0. But those of "
            "w are not: b_h is 1/2. After one step w has moved, and then v moves, too.",
            "c": "Equal units get equal gradients, so 30 units do the work of one.",
        },
        correct="c",
        hints=(
            "What is b_h when all its parameters are 0? Does w_hj get a gradient?",
            "Does anything in the formula for w_hj depend on h, if all b_h are the same?",
            "Two units with equal parameters and equal gradients: are they equal after the step?",
        ),
    ),
    _prediction(
        id="10-predict-rate",
        prompt="Mini-batches of 32, no momentum, ten epochs, and eta = 0.001, 0.01, 0.1, 1, 10, "
        '100. Which of the six networks read over 90 % of the held-out digits? `"a"` only one, '
        '`"b"` all from 0.1 on, `"c"` all but the largest: a smaller rate is only slower.',
        replies={
            "a": "Smaller rates do not get far in ten epochs, and larger ones leap about. Here "
            "the good range is narrower than a factor of ten either way.",
            "b": "The gradient is the slope at one place. A step far beyond that place can lead "
            "uphill, and from 10 on they do.",
            "c": "Slower, yes: in ten epochs the rates up to 0.1 do not get there. And 10 is too "
            "large already.",
        },
        correct="a",
        hints=(
            "The default of this lesson is 0.5. What does a step of a five-hundredth of it reach?",
            "How far from its place can a gradient be trusted?",
            "Both ends fail. How wide is what is left between them?",
        ),
    ),
    Exercise(
        id="10-slope-product",
        prompt="A way from the output layer's net input back to the net input of the first hidden "
        "layer goes through 5 hidden layers of sigmoids. How large can the product of these five "
        "slopes be at most? At least three significant digits.",
        examine=_with_remark(
            number(
                0.25**5,
                near={
                    0.001: "About that, yes. The exercise asks for at least three digits.",
                    0.25**4: "This is the product of four slopes. The first hidden layer has "
                    "one, too.",
                    0.25**6: "This is the product of six slopes: the output layer's is not on this "
                    "way, which starts at its net input.",
                    1024: "Turned upside down.",
                    1.25: "This is a sum. Along a way, factors multiply.",
                    0.5**5: "The largest slope of the sigmoid is not 1/2. How large is it?",
                    1.0: "No slope of the sigmoid is above 1/4, which it has at the output 1/2.",
                },
            ),
            "It is 1/1024, less than a thousandth: five factors of 1/4.",
        ),
        answer=lambda: 0.25**5,
        hints=(
            "A sigmoid with output b has the slope b (1 - b). How large can that be?",
            "At most 1/4, at b = 1/2. And factors along a way multiply.",
            "Five factors of 1/4.",
        ),
        explanation="It is $(1/4)^5$, less than a thousandth.",
    ),
    _prediction(
        id="10-predict-optimiser",
        prompt="Four uses of the same gradients, 200 digits, at most 100 gradients, eta = 1 "
        "where one is needed. Which has the "
        'lowest error afterwards? `"a"` gradient descent, `"b"` gradient descent with momentum, '
        '`"c"` L-BFGS, `"d"` Newton-CG.',
        replies={
            "a": "It forgets each gradient after one step. The others remember something, or "
            "ask for the bend.",
            "b": "At eta = 1 momentum comes second; from this start, a well-chosen eta lets it "
            "win. L-BFGS remembers how the gradient changed along its last steps, and so estimates "
            "the bend.",
            "c": "It estimates the bend from the gradients that it has seen anyway, and it "
            "needs no eta. With a well-chosen eta, momentum does better from this start; another "
            "start can turn the order round.",
            "d": "It takes the best steps of the four, but 100 gradients pay for about ten: to "
            "learn the bend it spends many gradients on each.",
        },
        correct="c",
        hints=(
            "Which of the four remember earlier gradients?",
            "How many gradients does a step cost each of them?",
            "One remembers several earlier gradients, and spends about one a step.",
        ),
    ),
    Exercise(
        id="10-momentum",
        prompt="A parameter has the gradient 1 in each of three steps. With `eta = 0.1` and "
        "`momentum = 0.9`, and $m = 0$ at the start: how far has it moved after the three steps? "
        "Give the distance, as a positive number.",
        examine=_with_remark(
            number(
                _momentum_distance(),
                near={
                    0.0561: "eta is in it twice. m holds no eta; a step multiplies m by it, once.",
                    0.29: "These are the first two steps. There is a third, 0.1 * 2.71.",
                    0.3: "This is plain gradient descent, which forgets earlier gradients.",
                    0.271: "This is the third step alone. Add the first two.",
                    0.461: "The first two steps are 0.1 and 0.19. What is the third?",
                    2.71: "This is m after the third step. A step is eta * m, and there are three.",
                    5.61: "This is the sum of the three m. A step is eta * m.",
                    0.57: "m is 1.9 after the second step; the third m is 0.9 * 1.9 + 1.",
                    -_momentum_distance(): "It moves down by that much; the exercise asks for the "
                    "distance, a positive number.",
                },
            ),
            "Plain gradient descent moves 0.3. With the gradient 1 for ever, m tends to 10: "
            "momentum 0.9 makes steps up to ten times as long, where the gradients agree.",
        ),
        answer=_momentum_distance,
        hints=(
            "What is m after the first step?",
            "m is 1, then 0.9 * 1 + 1 = 1.9, then?",
            "Add the three m, 1 + 1.9 + 2.71, and multiply by eta.",
        ),
        explanation="With the gradient 1 for ever, $m$ tends to $1 / (1 - 0.9) = 10$: momentum 0.9 "
        "makes steps up to ten times as long, where the gradients agree.",
    ),
)
