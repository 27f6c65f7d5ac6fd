import numpy as np
import pytest

from backprop_kit.exercises import exercise


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("10-predict-wrong-sign", "a", "2,220 weights"),
        ("10-predict-wrong-sign", "b", "learn around"),
        ("10-predict-modes", "b", "on the clock"),
        ("10-predict-modes", "c", "exact at one place only"),
        ("10-predict-zeros", "a", "Equal units get equal gradients"),
        ("10-predict-zeros", "b", "b_h is 1/2"),
        ("10-predict-optimiser", "a", "forgets"),
        ("10-predict-optimiser", "b", "comes second"),
        ("10-predict-rate", "b", "uphill"),
        ("10-predict-rate", "c", "Slower, yes"),
        ("10-predict-optimiser", "d", "spends many gradients"),
        ("10-predict-optimiser", "b", "from this start"),
        ("10-predict-optimiser", "e", 'Answer with one of "a", "b", "c", "d"'),
        ("10-count-steps", 45, "one epoch"),
        ("10-count-steps", 44.9375, "batches are whole"),
        ("10-count-steps", 440, "other 30"),
        ("10-count-steps", 449.375, "in part"),
        ("10-count-steps", 449, "in part"),
        ("10-count-steps", 14380, "one sample at a time"),
        ("10-count-steps", 10, "full batch"),
        ("10-count-steps", "450", "without quotation marks"),
        ("10-slope-product", 0.25**4, "four slopes"),
        ("10-slope-product", 0.25**6, "six slopes"),
        ("10-slope-product", 1024, "upside down"),
        ("10-slope-product", 1.25, "a sum"),
        ("10-slope-product", 1 / 32, "not 1/2"),
        ("10-slope-product", 0.00098, "more digits"),
        ("10-slope-product", 0.001, "at least three digits"),
        ("10-momentum", 0.0561, "eta is in it twice"),
        ("10-momentum", 0.29, "first two steps"),
        ("10-momentum", 0.3, "forgets"),
        ("10-momentum", 0.271, "third step alone"),
        ("10-momentum", 5.61, "eta * m"),
        ("10-momentum", -0.561, "positive number"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("10-count-steps", 450),
        ("10-count-steps", np.int64(450)),
        ("10-slope-product", 0.0009766),
        ("10-slope-product", 0.000977),
        ("10-momentum", 0.561),
    ],
)
def test_a_right_number_in_any_form(name, answer):
    assert exercise(name).check(answer).correct


@pytest.mark.parametrize(
    ("name", "answer", "remark"),
    [
        ("10-count-steps", 450, "44 batches of 32 and one of 30"),
        ("10-slope-product", 0.25**5, "1/1024"),
        ("10-momentum", 0.561, "ten times as long"),
    ],
)
def test_a_right_number_gets_its_remark(name, answer, remark):
    assert remark in exercise(name).check(answer).message


def test_the_order_of_the_optimisers_is_claimed_for_this_start_only():
    message = exercise("10-predict-optimiser").check("c").message
    assert "from this start; another start can turn the order round" in message


@pytest.mark.parametrize("name", ["wrong-sign", "modes", "rate", "zeros", "optimiser"])
def test_the_solution_of_a_prediction_says_why(name):
    predict = exercise(f"10-predict-{name}")
    why = predict.check(predict.answer()).message
    assert why in predict.solution().text


# ------------------------------------------------------------------ the confusion matrix


def by_loop(labels, answers, n):
    counts = [[0] * n for _ in range(n)]
    for label, answer in zip(labels, answers, strict=True):
        counts[label][answer] += 1
    return counts


def once_only(labels, answers, n):
    counts = np.zeros((n, n))
    counts[labels, answers] += 1
    return counts


def test_a_good_confusion_is_right_whatever_its_form():
    products = lambda y, z, n: np.eye(n)[y].T @ np.eye(n)[z]  # noqa: E731
    for good in (by_loop, products):
        assert exercise("10-confusion").check(good).correct


@pytest.mark.parametrize(
    ("bad", "reply"),
    [
        (lambda y, z, n: np.transpose(by_loop(y, z, n)), "swapped"),
        (once_only, "np.add.at"),
        (lambda y, z, n: np.diag(np.diag(by_loop(y, z, n))), "mistakes are counted nowhere"),
        (lambda y, z, n: 2 * np.array(by_loop(y, z, n)), "add up to 12; there are 6"),
        (lambda y, z, n: by_loop(y, np.roll(z, 1), n), "your count is"),
        (lambda y, z, n: by_loop(y, z, max(y.max(), z.max()) + 1), "does not occur"),
        (lambda y, z, n: None, "did you forget return?"),
        (lambda y, z, n: "yes", "should give an array"),
        (lambda y, z: 0, "stopped with TypeError"),
        (np.zeros((10, 10)), "Hand in your function"),
    ],
)
def test_a_confusion_that_errs_is_told_where(bad, reply):
    verdict = exercise("10-confusion").check(bad)
    assert verdict.tried
    assert not verdict.correct
    assert reply in verdict.message


def test_an_untouched_confusion_is_not_yet_tried():
    assert not exercise("10-confusion").check(lambda y, z, n: ...).tried


def test_the_solution_of_the_confusion_can_be_typed():
    names = {"np": np}
    exec(f"def confusion(labels, answers, n):\n    {exercise('10-confusion').answer()}", names)
    assert exercise("10-confusion").check(names["confusion"]).correct
