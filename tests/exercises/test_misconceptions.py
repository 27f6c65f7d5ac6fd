"""One table, three uses: answers are named, networks broken, and each check catches its own."""

import itertools

import numpy as np
import pytest
import sympy
from sympy import Sum

from backprop_kit import Network, check_gradients, check_step, train
from backprop_kit.exercises import exercise
from backprop_kit.exercises.diagnosis import diagnose, equal
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.formulas import formula
from backprop_kit.exercises.misconceptions import (
    BACKWARD,
    FORMULA,
    PARAMETERS,
    TABLE,
    UPDATE,
    UPDATES,
)
from backprop_kit.symbolic import derive_updates, differentiate
from backprop_kit.symbolic.notation import b, beta, eta, gamma, h, j, l, sigma, theta, w, y, y_hat
from backprop_kit.symbolic.typeset import as_text

RIGHT = {name: getattr(derive_updates(), name) for name in UPDATES}
PART = b[h] * (1 - b[h]) * Sum(w[h, j] * y_hat[j] * (1 - y_hat[j]) * (y[j] - y_hat[j]), (j, 1, l))
MADE = [
    (mistake, name)
    for mistake in TABLE.values()
    for name in UPDATES
    if mistake.slip(RIGHT[name], name) is not None
]


def _id(value):
    return getattr(value, "name", value)


# Five other forms of a formula, each with the same values.
FORMS = {
    "expanded": sympy.expand,
    "as text": as_text,
    "sigmoids written out": lambda e: e.subs(theta[j], theta[j]).replace(
        lambda part: part == 1 - y_hat[j], lambda part: sigma(theta[j] - beta[j])
    ),
    "another letter summed": lambda e: e.replace(
        lambda part: isinstance(part, Sum) and part.limits[0][0] == j,
        lambda total: total.xreplace({j: sympy.Symbol("n", integer=True, positive=True)}),
    ),
    "numbers spread": lambda e: 2 * e / 2 + e / 3 - e / 3,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", UPDATES)
def test_a_right_answer_is_right_in_any_form(name, form):
    assert exercise(f"update-{name}").check(FORMS[form](RIGHT[name])).correct


@pytest.mark.parametrize("form", ["expanded", "as text", "numbers spread"])
@pytest.mark.parametrize(("mistake", "name"), MADE, ids=_id)
def test_a_wrong_answer_is_named_in_any_form(mistake, name, form):
    wrong = FORMS[form](mistake.slip(RIGHT[name], name))
    verdict = exercise(f"update-{name}").check(wrong)
    assert not verdict.correct
    assert verdict.misconception in _same(mistake, name)


def _same(mistake, name):
    """Return what may be named: of the mistakes with this very formula the first of the table.

    One that is told apart by its form may lose that form when the formula is rewritten.
    """
    wrong = mistake.slip(RIGHT[name], name)
    without = (one for one in TABLE.values() if one.mark is None)
    first = next(one.name for one in without if _alike(one.slip(RIGHT[name], name), wrong))
    return {first} if mistake.mark is None else {first, mistake.name}


def _alike(one, other):
    return one is not None and (one == other or equal(one, other))


def test_every_mistake_is_the_first_to_be_named_somewhere():
    named = {next(iter(diagnose(m.slip(RIGHT[n], n), RIGHT[n], n)), m).name for m, n in MADE}
    named |= {one.name for one in diagnose(-PART, PART)}
    with_mark = -1 * RIGHT["gamma"].subs(y[j] - y_hat[j], 2 * (y_hat[j] - y[j])) / 2
    named |= {one.name for one in diagnose(-with_mark, RIGHT["gamma"], "gamma")}
    assert len(TABLE) >= 30
    assert named >= set(TABLE) - {"difference-turned"}


def test_a_turned_difference_is_told_from_a_turned_sign():
    text = "-eta b_h (1 - b_h) Σ_j w_hj ŷ_j (1 - ŷ_j)(ŷ_j - y_j)"
    assert exercise("update-gamma").check(text).misconception == "difference-turned"
    text = "eta b_h (1 - b_h) Σ_j w_hj ŷ_j (1 - ŷ_j)(y_j - ŷ_j)"
    assert exercise("update-gamma").check(text).misconception == "threshold-sign"


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("w", "missing-b", "update-sign"),
        ("w", "missing-slope-output", "missing-b"),
        ("w", "signal-index", "missing-eta"),
        ("theta", "half-lost", "tanh-slope-output"),
        ("gamma", "missing-sum", "missing-w"),
        ("gamma", "missing-slope-hidden", "missing-w"),
        ("gamma", "product-of-sums", "missing-eta"),
        ("v", "missing-x", "cross-entropy-delta"),
        ("v", "w-transposed", "missing-eta"),
        ("v", "b-for-w", "value-for-slope-output"),
    ],
)
def test_two_mistakes_at_once_are_both_named(name, one, other):
    first, second = TABLE[one], TABLE[other]
    wrong = first.slip(second.slip(RIGHT[name], name), name)
    verdict = exercise(f"update-{name}").check(wrong)
    assert set(verdict.misconception.split(" and ")) == {one, other}
    assert verdict.message.startswith("Two things: 1)")


def test_the_evidence_is_measured():
    verdict = exercise("update-w").check(-RIGHT["w"])
    given, measured = verdict.evidence.split(" this gives ")[1].split("; -eta times ")
    assert measured.startswith("the slope of E, measured by nudging w_34, is")
    assert given.split()[0].lstrip("+-") == measured.split()[-1].rstrip(".").lstrip("+-")
    assert given[0] != measured.split()[-1][0]


def test_no_mistake_is_seen_where_there_is_none():
    assert diagnose(sympy.Integer(7), RIGHT["w"], "w") == ()
    assert diagnose(b[h] + eta, differentiate(b[h], gamma[h])) == ()


def test_every_reply_explains_and_asks():
    for mistake in TABLE.values():
        assert mistake.explanation.endswith(".")
        assert mistake.question.endswith("?")
        assert mistake.stage in {FORMULA, BACKWARD, UPDATE}


# ------------------------------------------------------------------------------- the checks

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(3, 3)), RNG.random((3, 3))
EQUAL = Network.from_parameters(Network((3, 3, 3), rng=1).weights, RNG.normal(size=(2, 3)))
RUNNABLE = [mistake for mistake in TABLE.values() if mistake.stage != FORMULA]


def _failing(report):
    return {block.name for block in report.blocks if not block.passed}


BLOCKS = {"v": "W1", "gamma": "theta1", "w": "W2", "theta": "theta2"}


@pytest.mark.parametrize("mistake", RUNNABLE, ids=_id)
def test_the_check_of_its_stage_catches_a_mistake(mistake):
    network = faulty(EQUAL, mistake.name)
    broken = {BLOCKS[name] for one, name in MADE if one is mistake}
    of_gradients = _failing(check_gradients(network, X, Y))
    of_step = _failing(check_step(network, X, Y, eta=0.3))
    assert of_step == broken
    assert of_gradients == (broken if mistake.stage == BACKWARD else set())


@pytest.mark.parametrize("mistake", [m for m in TABLE.values() if m.stage == FORMULA], ids=_id)
def test_a_mistake_of_a_formula_cannot_run(mistake):
    with pytest.raises(ValueError, match="a network can make"):
        faulty(EQUAL, mistake.name)
    free = {index for one, n in MADE if one is mistake for index in _loose(mistake, n)}
    assert free, "a formula whose indices all fit belongs to another stage"


def _loose(mistake, name):
    return mistake.slip(RIGHT[name], name).free_symbols & {
        index for parameter in PARAMETERS.values() for index in parameter.indices
    } - set(PARAMETERS[name].indices)


def test_a_network_without_a_mistake_passes_and_learns_as_network_does():
    network, sound = faulty(EQUAL), EQUAL.copy()
    assert check_gradients(network, X, Y).passed
    assert check_step(network, X, Y, eta=0.3).passed
    losses = [train(one, X, Y, eta=0.5, epochs=20).losses for one in (network, sound)]
    np.testing.assert_allclose(*losses, rtol=1e-12)


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 2, 0)])
def test_a_correct_variant_passes(order):
    """Another order of samples, an added bias, stored transposes: the gradients are the same."""
    rows = list(order)
    assert check_gradients(faulty(EQUAL), X[rows], Y[rows]).passed
    right = EQUAL.backward(EQUAL.forward(X), Y)
    by_bias = tuple(-gradient for gradient in right.thresholds)  # of b = -theta
    stored = [np.ascontiguousarray(gradient.T) for gradient in right.weights]
    again = type(right)(tuple(g.T for g in stored), tuple(-g for g in by_bias))
    assert check_gradients(EQUAL, X, Y, gradients=again).passed


def test_a_mended_network_passes():
    network = faulty(EQUAL, "missing-slope-hidden")
    half = network.mended("gamma", RIGHT["gamma"])
    assert _failing(check_gradients(half, X, Y)) == {"W1"}
    whole = half.mended("v", "η b_h (1 - b_h) Σ_j w_hj ŷ_j (1 - ŷ_j)(y_j - ŷ_j) x_i")
    assert check_gradients(whole, X, Y).passed
    assert not check_gradients(network, X, Y).passed  # the patient itself is unchanged


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: faulty(EQUAL, "no-such"), "name must be one of"),
        (lambda: faulty(Network((2, 3, 3, 1))), "one hidden layer"),
        (lambda: faulty(Network((2, 3, 1), activation="tanh")), "sigmoids"),
        (lambda: faulty(EQUAL).mended("u", eta), "name must be one of"),
        (lambda: faulty(EQUAL).mended("w", "eta b_k"), "k is no index"),
        (
            lambda: faulty(Network((2, 3, 4)), "w-transposed").backward(
                Network((2, 3, 4)).forward([[0, 1]]), np.zeros((1, 4))
            ),
            "index",
        ),
    ],
)
def test_bad_input_is_named(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


def test_names_and_pairs_never_name_a_right_answer():
    examine = formula(lambda: RIGHT["w"], (h, j), asked="w")
    for one, other in itertools.combinations(RUNNABLE[:8], 2):
        wrong = one.slip(RIGHT["w"], "w")
        twice = None if wrong is None else other.slip(wrong, "w")
        if twice is not None and not equal(twice, RIGHT["w"]):
            assert not examine(twice).correct
