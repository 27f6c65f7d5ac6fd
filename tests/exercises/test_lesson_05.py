import numpy as np
import pytest

from backprop_kit.exercises import exercise
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.lesson_05 import MISTAKES, mystery_gradients
from backprop_kit.numeric import Network, check_gradients, worked_example


@pytest.fixture(scope="module")
def example():
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    return network, [example.x], [example.y]


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("05-predict-step", "a", "about 16"),
        ("05-predict-step", "c", "In no range"),
        ("05-predict-step", "d", 'Answer with one of "a", "b", "c"'),
        ("05-predict-loose", "a", "below 0.001"),
        ("05-predict-loose", "B", "off by twice its size"),
        ("05-predict-hidden-slope", "a", "does not enter the gradients of W2 and theta2"),
        ("05-predict-hidden-slope", "c", "same sigmoid"),
        ("05-predict-win", "a", "the turned sign alone points uphill"),
        ("05-predict-win", "b", "a wrong gradient that is longer"),
        ("05-predict-early", "a", "calls `backward` again when the weights have moved"),
        ("05-predict-early", "b", "have already moved"),
        ("05-which-line", "a", "the other sign"),
        ("05-which-line", "c", "does not enter the gradients of W2 and theta2"),
        ("05-which-line", "d", "does not enter the gradients of W2 and theta2"),
        ("05-gamma-by-difference", 0.00905231, "the sign is not"),
        ("05-gamma-by-difference", -0.00995425, "before the step"),
        ("05-gamma-by-difference", -0.00995425, "first line of loss_at_gamma"),
        ("05-gamma-by-difference", 0.08216704, "by w_11, from loss_at"),
        ("05-gamma-by-difference", 0.0, "Is your s still 1e-5?"),
        ("05-gamma-by-difference", 0.004526155, "That is the update"),
        ("05-gamma-by-difference", -0.00905, "more digits"),
        ("05-gamma-by-difference", -0.00781077, "Python counts from 0"),
        ("05-gamma-by-difference", -0.1421181, "an output unit"),
        ("05-gamma-by-difference", 0.03650631, "an output unit"),
        ("05-gamma-by-difference", -0.01810462, "moved by 2s"),
        ("05-gamma-by-difference", 0.000905231, "the weight v_22"),
        ("05-gamma-by-difference", -1.810462e-7, "how far the threshold moved"),
        ("05-gamma-by-difference", -9.05231e-8, "Divide by the step, too"),
        ("05-gamma-by-difference", -1.8e-7, "Did you divide by (2 * s)?"),
        ("05-gamma-by-difference", -905.2, "divided by s once more"),
        ("05-gamma-by-difference", "-0.00905", "takes one number"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize("answer", [-0.009052, -0.00905231, np.float64(-0.00905231)])
def test_a_difference_to_four_significant_digits_is_enough(answer):
    assert exercise("05-gamma-by-difference").check(answer).correct


def test_a_one_sided_difference_is_near_enough(example):
    network, X, Y = example
    after = network.copy()
    after.step(after.backward(after.forward(X), Y), worked_example().eta)
    moved = after.copy()
    moved.thresholds[0][1] += 1e-5
    slope = (moved.loss(X, Y) - after.loss(X, Y)) / 1e-5
    assert exercise("05-gamma-by-difference").check(slope).correct


def test_the_difference_exercise_leaves_the_functions_of_the_lesson_alone():
    task = exercise("05-gamma-by-difference")
    assert "write a new function, `loss_at_gamma`" in task.prompt
    assert "`loss_at_gamma(+s)`" in task.hints[-1]


def test_a_small_right_gradient_can_be_too_small_to_tell(example):
    network, X, Y = example
    small = network.copy()
    small.weights[1][:] *= 1e-3
    report = check_gradients(small, X, Y)
    assert [block.verdict for block in report.blocks[:2]] == [
        "too small to tell: use method='complex'"
    ] * 2
    assert "NOT passed" in str(report)
    assert check_gradients(small, X, Y, method="complex").passed


# ------------------------------------------------------------------ the student's own check


@pytest.mark.parametrize(
    "good",
    [
        lambda g, e: e.any() and np.abs(g - e).max() / np.abs(e).max() < 1e-6,
        lambda g, e: bool(np.linalg.norm(g - e) < 1e-5 * np.linalg.norm(e)),
        lambda g, e: np.any(e != 0) and np.allclose(g, e, rtol=0, atol=1e-7 * np.abs(e).max()),
        lambda g, e: np.abs(g - e).max() / np.abs(e).max() <= 1e-6,  # 0 / 0 is not <= 1e-6
    ],
    ids=("maximum", "norm", "allclose with a scaled atol", "division"),
)
def test_a_good_check_is_right_whatever_its_form(good):
    verdict = exercise("05-own-check").check(good)
    assert verdict.correct, verdict


@pytest.mark.parametrize(
    ("bad", "reply"),
    [
        (lambda g, e: np.allclose(g, e, rtol=1e-2, atol=1e-2), "sign is turned"),
        (lambda g, e: np.allclose(g, e), "tolerance of its own"),
        (lambda g, e: np.allclose(g, e, rtol=1e-5, atol=0), "one entry that is 0 but for rounding"),
        (lambda g, e: True, "passes everything"),
        (lambda g, e: e.any(), "passes everything"),
        (
            lambda g, e: np.abs(np.abs(g) - np.abs(e)).max() <= 1e-6 * np.abs(e).max(),
            "ignores the sign",
        ),
        (lambda g, e: np.allclose(g**2, e**2, rtol=1e-6, atol=0), "ignores the sign"),
        (lambda g, e: np.abs(g - e).max() < 100, "an absolute tolerance"),
        (lambda g, e: False, "exactly right"),
        (lambda g, e: (g == e).all(), "That is rounding"),
        (lambda g, e: np.abs(g - e).max() / np.abs(e).max() <= 1e-12, "tolerance is too tight"),
        (lambda g, e: np.abs(g - e).max() < 1e-6, "Their ratio is what counts"),
        (lambda g, e: np.abs(g - e).max() < 1e-12, "Divide the difference by the largest entry"),
        (lambda g, e: np.abs(g - e).max() < 1e-9, "Divide the difference by the largest entry"),
        (lambda g, e: np.abs(g - e).max() <= 1e-2 * np.abs(e).max(), "off by a thousandth"),
        (lambda g, e: np.abs(g - e).max() <= 1e-6 * np.abs(e).max(), "two blocks of zeros"),
        (lambda g, e: (g - e).max() <= 1e-6 * e.max(), "."),
        (lambda g, e: abs(g.sum() - e.sum()) <= 1e-6 * abs(e.sum()), "."),
        (lambda g, e: np.abs(g) <= np.abs(e), "one answer an entry"),
        (lambda g, e: "yes", "True or False"),
        (lambda g, e: g.nothing, "stopped with AttributeError"),
        (lambda g: True, "stopped with TypeError"),
        (True, "Hand in your function"),
        ("np.allclose", "Hand in your function"),
    ],
)
def test_a_check_that_errs_is_told_where(bad, reply):
    verdict = exercise("05-own-check").check(bad)
    assert verdict.tried
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize("untouched", [lambda g, e: ..., lambda g, e: None])
def test_an_untouched_function_is_not_yet_tried(untouched):
    assert not exercise("05-own-check").check(untouched).tried


def test_a_check_that_changes_its_arguments_spoils_no_later_trial():
    def rude(given, expected):
        size = np.abs(expected).max()
        given -= expected
        expected[:] = 0
        return bool(size > 0 and np.abs(given).max() <= 1e-6 * size)

    assert exercise("05-own-check").check(rude).correct


def test_the_solution_of_the_own_check_can_be_read_and_typed():
    text = str(exercise("05-own-check").solution(reveal=True))
    assert "return np.abs(expected).max() > 0" in text
    code = f"def passes(given, expected):\n    {exercise('05-own-check').answer()}"
    names = {"np": np}
    exec(code, names)
    assert exercise("05-own-check").check(names["passes"]).correct


# ------------------------------------------------------------------ the mystery


def test_the_mystery_is_what_the_replies_say(example):
    network, X, Y = example
    report = check_gradients(network, X, Y, gradients=mystery_gradients(network, X, Y))
    assert [block.passed for block in report.blocks] == [False] * 4
    last = report.blocks[-1]
    (y_hat,) = network.predict(X)
    assert last.worst == (0,)
    assert last.given / last.expected == pytest.approx(1 / (y_hat[0] * (1 - y_hat[0])))
    reply = exercise("05-which-line").check("b").message
    assert f"{last.given / last.expected:.2f} for theta2[0], our θ_1" in reply
    solution = str(exercise("05-which-line").solution(reveal=True))
    assert "`theta2[0]`, our $\\theta_1$, the ratio given / expected is 5.35" in solution
    hint = exercise("05-which-line").hints[-1]
    assert f"{abs(last.given):.6f} / {abs(last.expected):.6f}" in hint


def test_the_worst_entry_of_the_first_layer_mixes_the_factors_of_both_outputs(example):
    network, X, Y = example
    report = check_gradients(network, X, Y, gradients=mystery_gradients(network, X, Y))
    (y_hat,) = network.predict(X)
    first, _, _, last = report.blocks
    both = 1 / (y_hat * (1 - y_hat))
    assert np.abs(both - first.given / first.expected).min() > 0.1
    assert np.abs(both - last.given / last.expected).min() < 1e-6


# ------------------------------------------------------------------ wrong, and further down


@pytest.mark.parametrize(
    "mistake",  # the lesson's missing sum keeps output 1, that of `faulty` output 2
    ["sign turned", "output slope missing", "weights not transposed", "hidden slope missing"],
)
def test_all_wrong_gradients_but_the_turned_sign_are_longer_and_lower_the_error_more(
    example, mistake
):
    network, X, Y = example
    broken = faulty(network, MISTAKES[mistake])
    right, wrong = (net.backward(net.forward(X), Y) for net in (network, broken))
    losses = []
    for gradients in (right, wrong):
        stepped = network.copy()
        stepped.step(gradients, worked_example().eta)
        losses.append(stepped.loss(X, Y))
    uphill = mistake == "sign turned"
    assert (losses[1] > network.loss(X, Y)) is uphill
    assert (losses[1] < losses[0]) is not uphill
    assert (_length(wrong) > _length(right) * (1 + 1e-9)) is not uphill


def _length(gradients):
    return np.sqrt(sum(np.sum(part**2) for part in (*gradients.weights, *gradients.thresholds)))


# ------------------------------------------------------------------ the step that comes too early


def test_the_reply_on_the_early_step_is_true(example):
    network, X, Y = example
    trace = network.forward(X)
    old = network.backward(trace, Y)
    assert check_gradients(network, X, Y, gradients=old).passed
    moved = network.copy()
    moved.weights[1][:] -= 0.5 * old.weights[1]
    moved.thresholds[1][:] -= 0.5 * old.thresholds[1]
    mixed = moved.backward(trace, Y)
    for weights in (network, moved):  # the mixture is the gradient at neither point
        report = check_gradients(weights, X, Y, gradients=mixed)
        assert report.blocks[0].verdict == "differs"
    assert report.blocks[0].error == pytest.approx(0.064, abs=5e-4)
    assert "mixes an old trace with new weights" in exercise("05-predict-early").check("c").message
