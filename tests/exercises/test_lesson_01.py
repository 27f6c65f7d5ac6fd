import numpy as np
import pytest
import sympy

from backprop_kit import MPNeuron, append_dummy, gate, train_perceptron
from backprop_kit.exercises import exercise, exercises
from backprop_kit.symbolic.notation import eta

y, y_hat, theta, x1, x_dum = sympy.symbols("y yhat theta x1 x_dum")
AND, NAND = gate("AND"), gate("NAND")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("01-and-by-hand", (1, 1, 2)),
        ("01-and-by-hand", [0.2, 0.3, 0.4]),
        ("01-and-by-hand", (0.3, 0.6, 0.9)),  # 0 at 11 on paper, below 0 in the machine
        ("01-and-by-hand", np.array([2.0, 1.0, 3.0])),
        ("01-and-by-hand", MPNeuron([5, 5], 9)),
        ("01-and-by-hand", train_perceptron(AND.X, AND.y, mode="all")),
        ("01-or-by-hand", (3, 2, 0.1)),
        ("01-threshold-update", eta * (y_hat - y)),
        ("01-threshold-update", sympy.Symbol("eta") * y_hat - y * sympy.Symbol("eta")),
        ("01-threshold-update", -eta * (y - sympy.Symbol("y_hat"))),  # another spelling
        ("01-one-correction", [2, 0.5, 1.5]),
        ("01-nand", (-1, -1, -1.5)),
        ("01-nand", train_perceptron(NAND.X, NAND.y)),
        ("01-nand", train_perceptron(NAND.X, NAND.y, mode="all").weights),
        ("01-xor-three", (-1, -1, -1.5)),
        ("01-xor-three", (-1, 1, 0.5)),
        ("01-predict-xor", " C "),
    ],
)
def test_every_right_answer_is_right(name, answer):
    verdict = exercise(name).check(answer)
    assert verdict.correct, verdict


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("01-and-by-hand", (1, 1, 0.5), "01 and 10 are answered wrongly"),
        ("01-and-by-hand", (1, 1, 0.5), "This is OR."),
        ("01-and-by-hand", (1, 1, 1), "At 01 and 10 it is exactly 0, and the neuron fires"),
        ("01-and-by-hand", (1, 1, -1.5), "The threshold is subtracted"),
        ("01-and-by-hand", (-1, -1, -1.5), "Every answer is turned round"),
        ("01-and-by-hand", (1, 1, 3), "11 is answered wrongly"),
        ("01-and-by-hand", (1, 1, 3), "It fires nowhere"),
        ("01-and-by-hand", (1, 2, 1.5), "01 is answered wrongly"),
        ("01-and-by-hand", (1, 1), "Three numbers are needed"),
        ("01-and-by-hand", "1, 1, 1.5", "without quotes"),
        ("01-and-by-hand", [[1, 1, 1.5]], "One pair of brackets is enough: (W1, W2, theta)"),
        ("01-and-by-hand", max, "This is a function"),
        ("01-and-by-hand", (1, 1, float("inf")), "finite"),
        ("01-or-by-hand", (1, 1, 1.5), "This is AND."),
        ("01-or-by-hand", (1, 1, 0), "At 00 it is exactly 0"),
        ("01-threshold-update", eta * (y - y_hat), "The sign is turned"),
        ("01-threshold-update", y_hat - y, "eta is missing"),
        ("01-threshold-update", y - y_hat, "eta is missing, and the sign"),
        ("01-threshold-update", theta - eta * (y - y_hat), "the new threshold"),
        ("01-threshold-update", eta * (y - y_hat) * x_dum, "x_dum is still in it"),
        ("01-threshold-update", eta * (y - y_hat) * x1, "x1 should not appear"),
        ("01-threshold-update", "-eta*(y - y_hat", "never closed"),
        ("01-threshold-update", -eta * y, "nothing may change"),
        ("01-threshold-update", eta * y, "Put y = y_hat"),
        ("01-threshold-update", 0, "nothing would ever change"),
        ("01-threshold-update", -2 * eta * (y - y_hat), "the rule gives -0.63"),
        ("01-threshold-update", -eta * (y - y_hat) / 0, "no finite value"),
        ("01-one-correction", (2, 1, 1), "exactly 0"),
        ("01-one-correction", (2, 0, 2), "eta = 0.5 is missing"),
        ("01-one-correction", (2, 1.5, 0.5), "The wrong way"),
        ("01-one-correction", (2, 0.5, 0.5), "W_dum belongs to the input -1"),
        ("01-one-correction", (2, 0.5, 1), "W_dum learns, too"),
        ("01-one-correction", (2, 0.5, 7), "W_dum is not right yet"),
        ("01-one-correction", (2, 0.5), "(W1, W2, W_dum)"),
        ("01-one-correction", (1.5, 0.5, 1.5), "W1 must stay"),
        ("01-one-correction", (2, 0.7, 1.5), "W2 is not right yet"),
        ("01-nand", (-2, -1, -3), "At 11 it is exactly 0"),
        ("01-nand", (2, 1, 3), "Every answer is turned round"),
        ("01-nand", train_perceptron, "This is a function"),
        ("01-nand", train_perceptron, "the record that train_perceptron returns"),
        ("01-nand", NAND, "the record that train_perceptron returns"),
        ("01-nand", train_perceptron(append_dummy(NAND.X), NAND.y), "appends the dummy input"),
        ("01-nand", train_perceptron(AND.X, AND.y), "Every answer is turned round"),
        ("01-xor-three", (1, 1, 3), "Only 2 of 4 right (00 and 11)"),
        ("01-xor-three", (0, 0, 0), "Only 2 of 4 right"),
        ("01-xor-three", (0, 1, 0.5), "Only 2 of 4 right (00 and 01)"),
        ("01-predict-ascent", "a", "never looks at the labels"),
        ("01-predict-ascent", "c", "going down"),
        ("01-predict-start", "a", "enough to fire"),
        ("01-predict-start", "c", "its own input"),
        ("01-predict-eta", "a", "a quarter"),
        ("01-predict-eta", "b", "the same places"),
        ("01-predict-xor", "a", "no such line"),
        ("01-predict-xor", "b", "only when nothing is wrong"),
        ("01-predict-xor", "d", 'Answer with one of "a", "b", "c"'),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert verdict.tried
    assert not verdict.correct
    assert reply in verdict.message


def test_what_is_at_rounding_level_is_never_told():
    verdict = exercise("01-and-by-hand").check((0.1, 0.2, 0.3))
    assert verdict.correct
    assert "is -0.3, -0.1, -0.2, 0." in verdict.message


@pytest.mark.parametrize("name", [one for one in exercises() if one.startswith("01-predict")])
def test_the_solution_of_a_prediction_says_why(name):
    assert len(str(exercise(name).solution(reveal=True))) > len('Solution: `"c"`.') + 20


def test_xor_has_the_right_count_for_every_sign_of_the_weights():
    grid = np.linspace(-2, 2, 9)
    counts = set()
    for weights in np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(-1, 3):
        hits = int((MPNeuron.from_dummy(weights).fire(gate("XOR").X) == gate("XOR").y).sum())
        counts.add(hits)
        assert exercise("01-xor-three").check(tuple(weights)).correct == (hits == 3)
    assert counts == {1, 2, 3}  # never 4: the proof of the lesson, tried


@pytest.mark.parametrize("rate", [0.25, 1.0, 4.0])
def test_what_the_lesson_says_about_eta(rate):
    unit, scaled = (train_perceptron(AND.X, AND.y, eta=eta) for eta in (1.0, rate))
    assert [step.sample for step in scaled.steps] == [step.sample for step in unit.steps]
    np.testing.assert_array_equal(scaled.weight_path, rate * unit.weight_path)


def test_what_the_lesson_says_about_the_cost_and_the_two_rules():
    X_dummy = append_dummy(AND.X)
    one, every = (train_perceptron(AND.X, AND.y, mode=mode) for mode in ("one", "all"))
    nets = X_dummy @ one.weight_path.T
    costs = ((nets >= 0) - AND.y[:, None]) * nets
    assert costs.sum(axis=0).tolist() == [0, 1, 2, 0, 1, 1, 0, 2, 0, 1, 0, 0]  # up and down
    for n, step in enumerate(one.steps):  # its own sample's cost never rises
        assert costs[step.sample, n + 1] <= costs[step.sample, n]
    assert one.weights.tolist() == [2, 1, 3]
    assert every.weights.tolist() == [1, 1, 2]


def test_what_the_lesson_says_about_the_first_step():
    assert train_perceptron(AND.X, AND.y).weight_path[1].tolist() == [0, 0, 1]
    assert exercise("01-predict-start").check("b").correct
