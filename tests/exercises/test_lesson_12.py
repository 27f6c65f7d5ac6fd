import itertools
import math

import numpy as np
import pytest

from backprop_kit import check_gradients, check_step, train
from backprop_kit.exercises import exercise, exercises
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.lesson_12 import mend, patient
from backprop_kit.exercises.ratios import ratios
from backprop_kit.symbolic.notation import b

RIGHT = {
    "v": exercise("12-mend-1").answer(),
    "theta": exercise("12-mend-2").answer(),
    "gamma": exercise("12-mend-3").answer(),
    "w": exercise("12-mend-4").answer(),
}

# Per patient: which blocks each check refuses, and which formulas the lesson mends.
PATTERNS = {
    1: ({"W1", "theta1"}, {"W1", "theta1"}, "gamma v"),
    2: ({"theta1", "theta2"}, {"theta1", "theta2"}, "theta gamma"),
    3: ({"W1", "theta1"}, {"W1", "theta1"}, "gamma v"),
    4: ({"W1", "W2"}, {"W1", "W2"}, "w v"),
    5: ({"W1", "theta1", "W2", "theta2"}, {"W1", "theta1", "W2", "theta2"}, "w theta gamma v"),
    6: ({"W1"}, {"W1", "theta1"}, "gamma v"),
}


def failing(report):
    return {block.name for block in report.blocks if not block.passed}


def checks(network, one):
    of_gradients = check_gradients(network, one.X, one.Y)
    return failing(of_gradients), failing(check_step(network, one.X, one.Y, eta=one.eta))


@pytest.mark.parametrize("number", PATTERNS)
def test_a_patient_is_caught_by_the_blocks_that_the_lesson_says(number):
    one = patient(number)
    assert checks(one.network, one) == PATTERNS[number][:2]
    assert checks(one.sound, one) == (set(), set())


@pytest.mark.parametrize("number", PATTERNS)
def test_each_mend_passes_and_none_is_needless(number):
    one = patient(number)
    letters = PATTERNS[number][2].split()
    assert checks(mend(one.network, **{k: RIGHT[k] for k in letters}), one) == (set(), set())
    for left in letters:
        half = mend(one.network, **{k: RIGHT[k] for k in letters if k != left})
        assert checks(half, one) != (set(), set())


@pytest.mark.parametrize("number", PATTERNS)
def test_a_patient_does_not_tell_its_fault(number):
    one = patient(number)
    told = repr(one) + repr(one.network)
    assert "Patient(" in told
    assert not any(word in told for word in ("missing", "slope", "transposed", "sign", "updated"))


def test_the_symptoms_are_as_the_lesson_says():
    last = {}
    for number in PATTERNS:
        curves = patient(number).curves(200 if number == 1 else 120)
        sound, sick = curves["sound network"], curves["patient"]
        assert sound[0] == sick[0]
        last[number] = sound[-1], sick[-1]
        if number == 1:
            assert sick.min() > 0.12
            assert sick.max() < 0.132
        if number == 2:
            assert sick[30] < sound[30]
        if number == 4:
            assert 60 < sick.argmin() < 80
            assert sick[60] < sick[120] - 0.02
    told = {
        1: (0.024, 0.123),
        2: (0.0101, 0.0149),
        3: (0.016, 0.028),
        4: (0.0315, 0.2274),
        5: (0.027, 0.048),
        6: (0.044, 0.120),
    }
    for number, pair in told.items():
        assert last[number] == pytest.approx(pair, abs=6e-4)
    assert all(sick > 1.3 * sound for sound, sick in last.values())


def test_patient_1_answers_a_half_to_everything():
    one = patient(1)
    trained = one.network.copy()
    for _ in range(200):
        trained.step(trained.backward(trained.forward(one.X), one.Y), one.eta)
    answers = trained.predict(one.X)
    assert answers.min() > 0.49
    assert answers.max() < 0.51


def test_patient_1_goes_downhill_at_first_and_then_uphill():
    one = patient(1)
    network = one.network.copy()
    before = ratios(network, one.X, one.Y)
    assert min(before.of("W1").min(), before.of("theta1").min()) > 0
    errors = train(network, one.X, one.Y, eta=one.eta, epochs=1).losses
    assert ratios(network, one.X, one.Y).of("W1").min() < 0
    rest = train(network, one.X, one.Y, eta=one.eta, epochs=9).losses
    changes = np.diff(np.concatenate([errors, rest[1:]]))
    assert (changes[:3] < 0).all()
    assert (changes[3:] > 0).all()


def test_the_ratios_are_the_fingerprints():
    one = patient(1)
    x, y = one.sample(4)
    out = one.sound.forward(x).outputs[1][0]
    np.testing.assert_allclose(ratios(one.network, x, y).of("theta1"), 1 / (out * (1 - out)))
    two = patient(2)
    np.testing.assert_allclose(ratios(two.network, two.X, two.Y).of("theta2"), -1)
    four = patient(4)
    block = ratios(four.network, *four.sample(1))
    np.testing.assert_allclose(block.given["W2"], block.expected["W2"].T)
    five = patient(5)
    np.testing.assert_allclose(ratios(five.network, five.X, five.Y).of("W1"), 2 / 3)
    six = patient(6)
    x, y = six.sample(1)
    np.testing.assert_allclose(ratios(six.network, x, y).of("W1"), np.repeat(1 / x.T, 3, axis=1))


def test_one_output_at_a_time_tells_the_fault_of_patient_3():
    three = patient(3)
    x, y = three.sample(1)
    for j in range(3):
        target = three.sound.predict(x)
        target[0, j] = y[0, j]
        found = ratios(three.network, x, target).of("theta1")
        np.testing.assert_allclose(found, 1 if j == 2 else 0, atol=1e-9)


def test_the_fault_in_the_step_of_patient_6_fades_with_eta():
    six = patient(6)
    far = [ratios(six.network, *six.sample(1), eta=eta).of("theta1") - 1 for eta in (1, 0.1, 0.01)]
    for more, less in itertools.pairwise(far):
        np.testing.assert_allclose(more / less, 10, rtol=0.02)
    np.testing.assert_allclose(far[0], [0.49, 0.21, 0.08], atol=0.005)
    np.testing.assert_allclose(far[1], [0.05, 0.02, 0.01], atol=0.005)


def test_patient_5_walks_as_the_sound_network_does_at_another_rate():
    five = patient(5)
    sound, sick = five.sound.copy(), five.network.copy()
    for network, eta in ((sound, five.eta), (sick, 1.5 * five.eta)):
        for _ in range(20):
            network.step(network.backward(network.forward(five.X), five.Y), eta)
    for own, other in zip(sound.weights, sick.weights, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-10)


SUM = "Σ_j w_hj ŷ_j (1 - ŷ_j)(y_j - ŷ_j)"


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("12-predict-1", "a", "need not be wrong everywhere"),
        ("12-predict-1", "c", "it seems the first suspect"),
        ("12-predict-1", "(D)", "the same start"),
        ("12-predict-2", "a", "A falling error proves nothing"),
        ("12-predict-2", "b", "walk straight uphill"),
        ("12-predict-5", "b", "constant ratio does neither"),
        ("12-predict-5", "c", "the length of the step"),
        ("12-predict-6", "a", "depends on η"),
        ("12-predict-6", "c", "if the step forgot η"),
        ("12-name-1", "a", "W2 and theta2 would differ"),
        ("12-name-1", "c", "theta1 would agree"),
        ("12-name-1", "d", "one output"),
        ("12-name-1", "missing slope", 'Answer with one of "a", "b", "c", "d"'),
        ("12-name-2", "a", "W1 and W2 would be turned"),
        ("12-name-2", "b", "asks before the step"),
        ("12-name-2", "b", "refuse all four blocks"),
        ("12-name-2", "d", "another number for each unit"),
        ("12-name-3", "a", "would be alike"),
        ("12-name-3", "b", "fourth output"),
        ("12-name-3", "d", "theta1 would agree"),
        ("12-name-4", "a", "theta1 agrees"),
        ("12-name-4", "b", "negative ratios"),
        ("12-name-4", "d", "diagonal"),
        ("12-name-5", "a", "0.5"),
        ("12-name-5", "b", "1/3"),
        ("12-name-5", "d", "the step's rate"),
        ("12-name-6", "a", "one for each row"),
        ("12-name-6", "a", "yet theta1 differs"),
        ("12-name-6", "b", "The step is read rightly"),
        ("12-name-6", "c", "at η = 1 a forgotten η would not show"),
        ("12-rate-5", 0.45, "three outputs"),
        ("12-rate-5", 0.06, "must be larger"),
        ("12-rate-5", 3, "not 1/l"),
        ("12-rate-5", 0.3, "must differ"),
        ("12-rate-5", "1.5", "without quotation marks"),
        ("12-write-5", "-eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "the right update"),
        ("12-write-5", "-2/3 eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "which letter is 3"),
        ("12-write-5", "-eta/l ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "one third"),
        ("12-write-5", "-eta l/2 ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "given / expected"),
        ("12-write-5", "-eta/2 ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "every ratio 0.5."),
        ("12-write-5", "-eta l ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "every ratio 3."),
        ("12-write-5", "-2 eta/l^2 ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "every ratio 0.222."),
        ("12-write-5", "-2 eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "What divides it"),
        ("12-write-5", "-2 l eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "does l multiply"),
        ("12-write-5", "-0.667 eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "which letter is 3"),
        ("12-write-5", "-2/q eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "q counts the hidden units"),
        ("12-write-5", "-2/d eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "d counts the inputs"),
        ("12-write-5", "-2/L eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "counted by small l"),
        ("12-write-5", "-2/m eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "d, q, l count"),
        ("12-write-5", "eta δ_j", "the right update"),
        ("12-write-5", "-2 eta/l (1 - ŷ_j)(y_j - ŷ_j) x_i b_h", "free"),
        ("12-write-5", "0", "zero on every network"),
        ("12-write-6", "-eta b_h (1-b_h) Σ_j (w_hj + Δw_hj) δ_j", "put in what it equals"),
        ("12-write-5", "2 eta/l ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "the sign is not"),
        ("12-write-6", f"-eta b_h (1 - b_h) {SUM}", "as it was"),
        (
            "12-write-6",
            "-eta b_h (1-b_h) Σ_j (w_hj - eta b_h ŷ_j (1-ŷ_j)(y_j-ŷ_j)) ŷ_j (1-ŷ_j)(y_j-ŷ_j)",
            "subtracted",
        ),
        (
            "12-write-6",
            "-eta b_h (1-b_h) Σ_j (w_hj + b_h ŷ_j (1-ŷ_j)(y_j-ŷ_j)) ŷ_j (1-ŷ_j)(y_j-ŷ_j)",
            "missing here: eta",
        ),
        (
            "12-write-6",
            "-eta b_h (1-b_h) Σ_j (w_hj + eta ŷ_j (1-ŷ_j)(y_j-ŷ_j)) ŷ_j (1-ŷ_j)(y_j-ŷ_j)",
            "through the link, b_h",
        ),
        (
            "12-write-6",
            "-eta b_h (1-b_h) Σ_j eta b_h ŷ_j (1-ŷ_j)(y_j-ŷ_j) ŷ_j (1-ŷ_j)(y_j-ŷ_j)",
            "Only the change",
        ),
        ("12-mend-1", "eta x_i b_h (1 - b_h) Σ_j w_hj δ_j", "a minus of its own"),
        ("12-mend-1", f"-eta x_i b_h (1 - b_h) {SUM}", "Two minus signs meet"),
        ("12-mend-2", "-eta δ_j", "a minus of its own"),
        ("12-mend-3", "-eta b_h (1 - b_h) Σ_j w_hj δ_j", "a minus of its own"),
        ("12-mend-4", "eta b_h δ_j", "a minus of its own"),
        ("12-mend-3", "eta b_h (1 - b_h) Σ_j w_hj δ", "needs an index"),
        ("12-mend-3", "eta b_h (1 - b_h) Σ_j w_hj δ_i", "with the index of an output"),
        ("12-mend-3", "eta b_h (1 - b_h", "never closed"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in str(verdict)


@pytest.mark.parametrize(
    ("name", "answer", "mistake"),
    [
        ("12-mend-1", f"-eta b_h (1 - b_h) {SUM} x_i", "update-sign"),
        ("12-mend-1", f"eta {SUM} x_i", "missing-slope-hidden"),
        ("12-mend-1", f"eta b_h (1 - b_h) {SUM}", "missing-x"),
        ("12-mend-2", "eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "threshold-sign"),
        ("12-mend-3", "eta b_h (1 - b_h) w_hj δ_j", "missing-sum"),
        ("12-mend-3", "eta Σ_j w_hj δ_j", "missing-slope-hidden"),
        ("12-mend-4", "eta ŷ_h (1 - ŷ_h)(y_h - ŷ_h) b_j", "outer-product-transposed"),
        ("12-mend-4", "ŷ_j (1 - ŷ_j)(y_j - ŷ_j) b_h", "missing-eta"),
    ],
)
def test_a_wrong_mend_is_named(name, answer, mistake):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert verdict.misconception == mistake


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (
            "12-mend-1",
            "Δv_ih = eta*x[i]*b[h]*(1-b[h])*sum_j(w[h,j]*yhat[j]*(1-yhat[j])*(y[j]-yhat[j]))",
        ),
        ("12-mend-2", "η ŷ_j (1 - ŷ_j)(ŷ_j - y_j)"),
        ("12-mend-3", "eta*b[h]*(1-b[h])*sum_j(w[h,j]*delta[j])"),
        ("12-mend-3", f"-eta b_h (1 - b_h) {SUM}"),
        ("12-mend-3", "eta delta_h"),
        ("12-mend-1", "-eta x_i b_h (1 - b_h) Σ_j w_hj δ_j"),
        ("12-mend-2", "eta δ_j"),
        ("12-mend-4", "-eta b_h δ_j"),
        ("12-write-5", "2/l eta δ_j"),
        ("12-write-6", "eta b_h (1 - b_h) Σ_j (w_hj - eta b_h δ_j) δ_j"),
        ("12-mend-4", "-eta δ_j b_h".replace("δ_j", "(ŷ_j - y_j) ŷ_j (1 - ŷ_j)")),
        ("12-write-5", "2/l * eta * ŷ_j (1 - ŷ_j)(ŷ_j - y_j)"),
        ("12-name-6", " D "),
        ("12-rate-5", np.float64(1.5)),
    ],
)
def test_a_right_answer_is_right_in_other_forms(name, answer):
    assert exercise(name).check(answer).correct


ODD = [
    (..., "not yet answered"),
    (None, "not yet answered"),
    ("eta b_h (", "no formula"),
    ([1, 2], "no formula"),
    (object(), "no formula"),
    ("eta x_i w_hj", "no sum over h"),
    ("eta x_j", "no value"),
    (b, "no "),
    ("eta δ", "no formula"),
    (3, "no eta"),
    ("theta_j", "no eta"),
    ("-ŷ_j (1 - ŷ_j)(y_j - ŷ_j)", "no eta"),
]


@pytest.mark.parametrize(("answer", "reason"), ODD)
def test_an_odd_formula_leaves_the_patient_as_it_is(answer, reason, capsys):
    two = patient(2)
    after = mend(two.network, theta=answer)
    said = capsys.readouterr().out
    assert said.startswith("theta: ")
    assert reason in said
    assert checks(after, two) == PATTERNS[2][:2]


@pytest.mark.parametrize("answer", ["eta", "eta y_j", "eta/(y_j - y_j)", "eta theta_j"])
def test_a_wrong_formula_can_be_put_in_and_is_refused_by_the_check(answer):
    two = patient(2)
    try:
        after = mend(two.network, theta=answer, gamma=RIGHT["gamma"])
    except (TypeError, ValueError) as error:  # pragma: no cover
        pytest.fail(str(error))
    assert "theta2" in failing(check_gradients(after, two.X, two.Y))


@pytest.mark.parametrize("number", PATTERNS)
def test_an_update_without_eta_is_refused_by_its_exercise_and_by_the_patient(number, capsys):
    one = patient(number)
    letters = PATTERNS[number][2].split()
    after = mend(one.network, **{k: RIGHT[k].replace("eta ", "", 1) for k in letters})
    assert capsys.readouterr().out.count("holds no eta") == len(letters)
    assert checks(after, one) == PATTERNS[number][:2]


def test_a_right_reply_says_what_is_worth_knowing():
    spelled = exercise("12-mend-3").check(f"-eta b_h (1 - b_h) {SUM}")
    assert spelled.correct
    assert f"Shorter with δ_j: {RIGHT['gamma']}" in spelled.message
    assert "Shorter" not in exercise("12-mend-3").check(RIGHT["gamma"]).message
    assert "0.3 · 10/2" in exercise("12-rate-5").check(1.5).message
    assert "last term over the whole sum" in exercise("12-name-3").check("c").message
    assert "with its $\\eta$" in exercise("12-write-6").prompt


def test_the_first_ratios_of_patient_3_are_the_last_term_over_the_whole_sum():
    three = patient(3)
    x, y = three.sample(1)
    answer = three.sound.predict(x)
    terms = three.sound.weights[1] * answer * (1 - answer) * (y - answer)
    found = ratios(three.network, x, y).of("theta1")
    np.testing.assert_allclose(found, terms[:, -1] / terms.sum(axis=1))


def test_the_evidence_calls_no_faulty_formula_right():
    verdict = exercise("12-write-5").check("-eta ŷ_j (1 - ŷ_j)(y_j - ŷ_j)")
    assert "the patient's formula gives" in verdict.evidence


def test_the_evidence_is_taken_where_the_two_formulas_differ():
    verdict = exercise("12-write-5").check("-eta/2 ŷ_j (1 - ŷ_j)(y_j - ŷ_j)")
    given, wanted = (part.split()[0] for part in verdict.evidence.split("gives ")[1:])
    assert given != wanted.rstrip(".")


@pytest.mark.parametrize("number", [1, 3])
def test_a_lost_sum_mends_no_patient(number, capsys):
    one = patient(number)
    answer = "eta x_i b_h (1 - b_h) w_hj ŷ_j (1 - ŷ_j)(y_j - ŷ_j)"
    after = mend(one.network, gamma=RIGHT["gamma"], v=answer)
    assert "no sum over j" in capsys.readouterr().out
    assert checks(after, one)[0] == {"W1"}


def test_a_formula_put_into_a_patient_shows_in_its_gradients():
    five, six = patient(5), patient(6)
    short = {letter: right.replace("eta", "2/3 eta", 1) for letter, right in RIGHT.items()}
    after = ratios(mend(five.network, **short), five.X, five.Y)
    np.testing.assert_allclose(after.of("W1"), 2 / 3)
    moved = mend(six.network, gamma=exercise("12-write-6").answer(), v=RIGHT["v"])
    assert "theta1" in checks(moved, six)[0]


def test_a_wrong_sign_of_the_step_alone_is_seen_by_check_step_alone():
    two = patient(2)
    sick = faulty(two.sound, "update-sign")
    assert checks(sick, two) == (set(), {"W1", "theta1", "W2", "theta2"})
    np.testing.assert_allclose(ratios(sick, two.X, two.Y, eta=two.eta).of("W1"), -1)


def test_lost_factors_have_the_ratios_of_the_table():
    six = patient(6)
    x, y = six.sample(1)
    signals = six.sound.forward(x).outputs[1].T

    def found(fault, block):
        return ratios(faulty(six.sound, fault), x, y).of(block)

    for fault in ("missing-slope-hidden", "missing-sum"):
        table = found(fault, "W1")
        np.testing.assert_allclose(table, np.broadcast_to(table[0], table.shape))
    assert (found("missing-slope-hidden", "W1") >= 4).all()
    assert (found("missing-slope-output", "W2") >= 4).all()
    np.testing.assert_allclose(found("missing-x", "W1"), np.repeat(1 / x.T, 3, axis=1))
    np.testing.assert_allclose(found("missing-b", "W2"), np.repeat(1 / signals, 2, axis=1))


def test_a_mended_formula_meets_the_weights_before_the_step():
    six = patient(6)
    after = mend(six.network, gamma=RIGHT["gamma"], v=RIGHT["v"])
    x, y = six.sample(1)
    np.testing.assert_allclose(ratios(after, x, y, eta=1).of("theta1"), 1, rtol=1e-6)


def test_a_missing_hidden_slope_would_make_the_lines_of_the_experiment_alike():
    three = patient(3)
    x, y = three.sample(1)
    out = three.sound.forward(x).outputs[1][0]
    sick = faulty(three.sound, "missing-slope-hidden")
    for j in range(3):
        target = three.sound.predict(x)
        target[0, j] = y[0, j]
        found = ratios(sick, x, target).of("theta1")
        np.testing.assert_allclose(found, 1 / (out * (1 - out)))


def test_a_step_without_eta_shows_at_a_small_rate_alone():
    six = patient(6)
    sick = faulty(six.sound, "missing-eta")
    for eta in (1, 0.1):
        found = ratios(sick, *six.sample(1), eta=eta).of("theta1")
        np.testing.assert_allclose(found, 1 / eta)
    assert ratios(six.network, *six.sample(1), eta=0.1).of("theta1").max() < 1.05


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="number must be one of 1 to 6"):
        patient(7)
    with pytest.raises(ValueError, match="letter must be one of"):
        mend(patient(1).network, u="eta")


def test_every_hunt_has_a_name_and_a_mend():
    ids = {id for id in exercises() if id.startswith("12-")}
    assert {f"12-name-{number}" for number in PATTERNS} <= ids
    assert sum("predict" in id for id in ids) >= 3
    assert math.isclose(exercise("12-rate-5").answer() * 2 / 10, 0.3)
