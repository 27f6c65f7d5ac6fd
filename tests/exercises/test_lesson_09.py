import numpy as np
import pytest

from backprop_kit.exercises import exercise
from backprop_kit.exercises.lesson_09 import outer_gradient
from backprop_kit.numeric import Gradients, Network, numeric_gradients, worked_example
from backprop_kit.symbolic import compare_updates, rescaling, translate
from backprop_kit.symbolic.conventions import N
from backprop_kit.symbolic.notation import eta, l


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("09-read-line", "1", "no biases at all"),
        ("09-read-line", "3", "That is A1"),
        ("09-read-line", 3, "That is A1"),
        ("09-read-line", "b", 'Answer with one of "1", "2", "3"'),
        ("09-renumber", [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], "The shape fits, the places do not"),
        ("09-renumber", [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], "document E"),
        ("09-renumber", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "expected (2, 3)"),
        ("09-renumber", [[0.1, 0.3, 0.5], [0.2, 0.4, 0.7]], "0.7 in row 2, column 3"),
        ("09-renumber", [[0.2, 0.4, 0.6], [0.1, 0.3, 0.5]], "Your rows are exchanged"),
        ("09-renumber", [[1, 3, 5], [2, 4, 6]], "ten times too large"),
        ("09-renumber", "v", "takes an array"),
        ("09-renumber", [[0.1, 0.3, 0.5], [0.2, 0.4]], "yours hold 3 and 2 numbers"),
        ("09-renumber", [["a", "b"], ["c", "d"]], "takes an array"),
        ("09-bias-step", 0.15, "the step of the bias"),
        ("09-bias-step", -0.15, "the step of the threshold"),
        ("09-bias-step", -1.0, "eta, and the sign"),
        ("09-bias-step", -0.85, "has the other sign"),
        ("09-bias-step", 0.55, "That is the threshold"),
        ("09-bias-step", 0.85, "goes down"),
        ("09-bias-step", -0.7, "takes a step"),
        ("09-library-rate", 0.02, "a larger rate"),
        ("09-library-rate", 0.05, "You halved the rate instead of solving"),
        ("09-library-rate", 1, "the square brings down"),
        ("09-library-rate", 16, "N does not enter"),
        ("09-library-rate", 0.015625, "document C for a sum"),
        ("09-library-rate", 0.64, "6.4 is 2 N/l"),
        ("09-library-rate", 5, "And which rate is that"),
        ("09-library-rate", 0.1, "only if the two gradients are equal"),
        ("09-predict-factor", "a", "stays in the gradient"),
        ("09-predict-factor", "b", "four times as far"),
        ("09-predict-trap", "a", "A, B and D join E"),
        ("09-predict-trap", "b", "that number is 2"),
        ("09-telling-sizes", (5, 1), "With 5 outputs and 1 sample the"),
        ("09-telling-sizes", (1, 1), "With 1 output and 1 sample the"),
        ("09-telling-sizes", (5, 1), "A, B and D and of E are the same"),
        ("09-telling-sizes", (2, 7), "A, B and D and of C are the same"),
        ("09-telling-sizes", (6, 3), "C and of E are the same"),
        ("09-telling-sizes", (5, 4), "Find another"),
        ("09-telling-sizes", 5, "two whole numbers"),
        ("09-telling-sizes", (2.5, 3), "two whole numbers"),
        ("09-telling-sizes", (0, 3), "at least 1"),
        ("09-telling-sizes", "37", "two whole numbers"),
        ("09-predict-sign", "a", "at first"),
        ("09-predict-sign", "b", "outweighs the two"),
        ("09-predict-sign", "b", "b_h², about 0.15"),
        ("09-slip-alpha", (12, 4), "the other order"),
        ("09-slip-alpha", (12, 12), "A net input is a sum over i"),
        ("09-slip-alpha", (4, 20), "all links"),
        ("09-slip-alpha", (4, 7), "The first is right"),
        ("09-slip-alpha", (6, 8), "Only hidden units"),
        ("09-slip-alpha", 12, "two numbers in round brackets"),
        ("09-slip-sample", "a", "one sample's error"),
        ("09-slip-sample", "c", "2600 parameters"),
        ("09-slip-zero", (0, 0), "only if output 1 has met its target"),
        ("09-slip-zero", (0.04, 0), "1/2 in front"),
        ("09-slip-zero", (0.2, 0), "half the square"),
        ("09-slip-zero", (0.02, 0.001), "Does it hold the output that moved"),
        ("09-slip-zero", 0.02, "two numbers in round brackets"),
        ("09-slip-vector", 0.2, "Adding them up is the slip"),
        ("09-slip-vector", [0.2, -0.3, 0.4], "2/n is missing"),
        ("09-slip-vector", [0.4, -0.6, 0.8], "The n is missing"),
        ("09-slip-vector", [0.0667, -0.1, 0.1333], "The 2 is missing"),
        ("09-slip-vector", [-0.1333, 0.2, -0.2667], "Every sign"),
        ("09-slip-vector", (0.13, -0.2, 0.27), "Right to two digits; give four."),
        ("09-slip-vector", (0.133, -0.2, 0.267), "Right to three digits; give four."),
        ("09-slip-vector", [0.1333, 0.2, 0.2667], "Component 2"),
        ("09-slip-vector", [0.1, 0.2], "three numbers"),
        ("09-slip-outer", lambda a_h, delta: a_h * delta, "stopped with ValueError"),
        ("09-slip-outer", lambda a_h, delta: a_h @ delta, "stopped with ValueError"),
        ("09-slip-outer", lambda a_h, delta: delta.T @ a_h, "transposed"),
        ("09-slip-outer", lambda a_h, delta: a_h.T @ delta * 2, "a_h[h] times delta[j]"),
        ("09-slip-outer", lambda a_h, delta: a_h, "but W_ho is (4, 3)"),
        ("09-slip-outer", lambda a_h, delta: nowhere, "NameError: name 'nowhere'"),  # noqa: F821
        ("09-slip-outer", lambda a_h, delta: a_h.turned, "AttributeError"),
        ("09-slip-outer", lambda a_h: a_h, "TypeError"),
        ("09-slip-outer", "a_h.T @ delta", "Hand in your function"),
        ("09-slip-title", "a", "a chapter in the book"),
        ("09-slip-title", "c", "A blend"),
        ("09-slip-distance", 3, "no root is taken"),
        ("09-slip-distance", 4.5, "before and after"),
        ("09-match", "dacb", "each letter once"),
        ("09-match", "dabce", "3 of 5 fit. Look at statement 3"),
        ("09-match", "abcde", "statement 1 again (the seven parameters)"),
        ("09-match", "daceb", "Check e might notice statement 4"),
        ("09-match", "decba", "Check e might notice statement 2"),
        ("09-match", "edcba", 'statement 1 again (the seven parameters): would check "e" notice'),
        ("09-match", "daecb", 'would check "e" notice'),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("09-match", "d, a, c, b, e"),
        ("09-match", "D-A-C-B-E"),
        ("09-telling-sizes", np.array([3, 2])),
        ("09-slip-alpha", [4, 12]),
        ("09-slip-zero", [0.02, 0]),
        ("09-slip-vector", np.array([[0.1333, -0.2, 0.2667]])),
        ("09-slip-outer", lambda a_h, delta: np.outer(a_h, delta)),
        ("09-bias-step", np.float64(-0.55)),
    ],
)
def test_another_form_of_a_right_answer_is_right(name, answer):
    assert exercise(name).check(answer).correct


@pytest.mark.parametrize("untouched", [lambda a_h, delta: ..., lambda a_h, delta: None])
def test_an_untouched_function_is_not_yet_tried(untouched):
    assert not exercise("09-slip-outer").check(untouched).tried


# ------------------------------------------------------------------ what the replies claim


def _deep():
    rng = np.random.default_rng(9)
    return Network((3, 4, 6, 5), rng=rng), rng.normal(size=(4, 3)), rng.random((4, 5))


def test_with_one_rate_for_all_only_document_e_takes_the_step():
    table = compare_updates(*_deep(), 0.5)
    assert [row[0] for row in table.rows if row[4]] == ["E"]
    assert table.agree
    assert {row[0]: row[3] for row in table.rows}["C"] == pytest.approx(0.3125)


def test_on_the_worked_example_all_five_agree_with_one_rate():
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    assert all(row[4] for row in compare_updates(network, [example.x], [example.y], 0.5).rows)


def test_the_gradient_of_document_c_is_what_the_lesson_divides():
    network, X, Y = _deep()
    ours = network.backward(network.forward(X), Y)
    weights, biases = translate(network, "C").gradients(X, Y)
    for theirs, mine in zip(weights, ours.weights, strict=True):
        np.testing.assert_allclose(theirs, 1.6 * mine)
    for theirs, mine in zip(biases, ours.thresholds, strict=True):
        np.testing.assert_allclose(theirs, -1.6 * mine)


def test_the_rate_of_the_library_loss_follows_from_that_of_document_c():
    rate = rescaling("C").eta * N  # the library divides by N, too, so its rate is N times C's
    assert rate == eta * l / 2
    assert float(rate.subs({eta: 0.1, l: 10})) == exercise("09-library-rate").answer()


def test_the_widths_between_begin_well_and_fail_later():
    example = worked_example()
    X, Y = [example.x], [example.y]
    network = Network((2, 8, 2), rng=1)
    losses, squares = [], []
    for _ in range(1000):
        losses.append(network.loss(X, Y))
        squares.append((network.forward(X).outputs[1] ** 2).sum())
        gradients = network.backward(network.forward(X), Y)
        turned = tuple(-slope for slope in gradients.thresholds)
        network.step(Gradients(gradients.weights, turned), 0.5)
    assert losses[1] < losses[0]
    assert losses[-1] == pytest.approx(0.9766, abs=1e-3)  # the lesson's numbers
    assert squares[0] == pytest.approx(2.01, abs=5e-3)
    assert squares[-1] < 0.1
    assert np.argmin(losses) == 36
    assert min(losses) == pytest.approx(0.092, abs=5e-4)


def test_a_coding_mistake_is_not_called_a_misfit():
    verdict = exercise("09-slip-outer").check(lambda a_h, delta: nowhere)  # noqa: F821
    assert "two rows" not in verdict.message


@pytest.mark.parametrize(("hidden", "falls"), [(2, False), (20, True)])
def test_thresholds_that_step_the_wrong_way_hide_in_a_wide_network(hidden, falls):
    example = worked_example()
    X, Y = [example.x], [example.y]
    network = Network((2, hidden, 2), rng=1)
    first = network.loss(X, Y)
    squares = (network.forward(X).outputs[1] ** 2).sum()
    assert squares == pytest.approx(5.81 if falls else 0.29, abs=5e-3)  # the lesson's numbers
    for _ in range(1000):
        gradients = network.backward(network.forward(X), Y)
        turned = tuple(-slope for slope in gradients.thresholds)
        network.step(Gradients(gradients.weights, turned), 0.5)
    if falls:
        assert (network.forward(X).outputs[1] ** 2).sum() == pytest.approx(5.32, abs=5e-3)
    assert network.loss(X, Y) < 0.01 * first if falls else network.loss(X, Y) > 3 * first


def test_the_bias_and_the_threshold_step_alike():
    theta, slope, rate = 0.7, 0.3, 0.5
    assert exercise("09-bias-step").answer() == pytest.approx(-(theta - rate * slope))


def test_the_mended_outer_product_is_the_gradient():
    network = Network((3, 4, 2), rng=9)
    X, Y = np.ones((1, 3)), np.zeros((1, 2))
    _, b, y_hat = network.forward(X).outputs
    delta = (y_hat - Y) * y_hat * (1 - y_hat)
    expected = numeric_gradients(network, X, Y, method="complex", step=None).weights[1]
    np.testing.assert_allclose(outer_gradient(b, delta), expected)


def test_the_counts_of_the_3_4_2_network_are_true():
    assert Network((3, 4, 2)).n_parameters == 26
