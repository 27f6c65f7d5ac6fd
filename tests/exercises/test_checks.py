"""The makers of checks: what they accept, what they refuse and why, and that they never raise."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Sum, Symbol

from backprop_kit.exercises import exercise
from backprop_kit.exercises.checks import Verdict, array, choice, number
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import formula, so_far
from backprop_kit.symbolic import Change, E, Formula, Partial
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    d,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    q,
    sigma,
    theta,
    v,
    w,
    x,
    y,
    y_hat,
)

STRANGE = [
    None,
    ...,
    "",
    "abc",
    "0.5",
    True,
    float("nan"),
    math.inf,
    -math.inf,
    1j,
    10**400,
    10**30,
    1e308,
    -1.7e308 * np.ones((2, 3)),
    Fraction(1, 3),
    b"bytes",
    [],
    [1, [2, 3]],
    (),
    {},
    {"a": 1},
    set(),
    object(),
    int,
    len,
    np.array([]),
    np.array("text"),
    np.array([1j]),
    np.array([None, 1]),
    np.bool_(True),
    np.float64("nan"),
    np.datetime64("2020-01-01"),
    sympy.nan,
    sympy.zoo,
    sympy.oo,
    sympy.I,
    sympy.true,
    sympy.Eq(Symbol("z"), 1),
    sympy.Matrix([1, 2]),
    sympy.Function("g")(Symbol("z")),
    sympy.Derivative(Symbol("z") ** 2, Symbol("z")),
    Symbol("z"),
    b,
    b[h],
    b[7],
    w[j, h],
    b[Symbol("m", integer=True)],
    b[h + 1],
    Sum(b[h], (h, 1, 100)),
    Sum(b[h], (h, 0, q)),
    Sum(w[h, j], (h, 1, q), (j, 1, l)),
    1 / (b[h] - b[h]),
    Partial(E, b[h]),
    Formula(b[h], b[h]),
]
MAKERS = {
    "choice": choice({"a": "No.", "b": "Yes."}, "b"),
    "number": number(0.25, near={0.5: "Halve it."}),
    "number 0": number(0),
    "array": array([[1, 2, 3], [4, 5, 6]]),
    "array of one": array(2.0),
    "formula h": formula(lambda: w[h, j] * b[h] + theta[j], (h, j)),
    "formula sum": formula(lambda: Sum(w[h, j] * y[j], (j, 1, l)), (h,)),
    "formula of sizes": formula(lambda: d * q, ()),
    "formula 0": formula(lambda: sympy.Integer(0), (h,)),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("answer", STRANGE, ids=lambda answer: type(answer).__name__)
def test_a_strange_answer_is_wrong_and_never_raises(maker, answer):
    verdict = MAKERS[maker](answer)
    assert isinstance(verdict, Verdict)
    assert not verdict.correct
    assert verdict.message


@settings(max_examples=60, deadline=None)
@given(answer=st.one_of(st.text(), st.floats(), st.integers(), st.lists(st.floats(), max_size=6)))
def test_no_answer_raises(answer):
    for examine in MAKERS.values():
        assert isinstance(examine(answer), Verdict)


@pytest.mark.parametrize("untouched", [None, ...])
def test_an_untouched_answer_is_not_yet_tried(untouched):
    verdict = exercise("update-w").check(untouched)
    assert (verdict.correct, verdict.tried) == (False, False)
    assert "Not yet tried" in repr(verdict)


def test_a_verdict_is_safe_html():
    html = Verdict(False, "<b>x</b> is < y")._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt; is &lt; y" in html


# ------------------------------------------------------------------------------------- choice


@pytest.mark.parametrize("answer", ["b", "B", " b ", "(b)", "b ", "b)", "B."])
def test_a_choice_is_read_generously(answer):
    assert MAKERS["choice"](answer).correct


def test_each_option_has_its_reply_and_others_name_the_options():
    assert MAKERS["choice"]("a").message == "No."
    assert '"a", "b"' in MAKERS["choice"]("d").message


# ------------------------------------------------------------------------------------- number


@pytest.mark.parametrize(
    "answer",
    [0.25, np.float32(0.25), np.array([0.25]), Fraction(1, 4), sympy.Rational(1, 4), 0.2502],
)
def test_a_number_in_any_form_is_right(answer):
    assert number(0.25)(answer).correct


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (-0.25, "the sign is not"),
        (0.5, "Halve it."),
        (0.75, "3 times"),
        (-0.5, "-2 times"),
        (0.3, "too large"),
        (0.2, "too small"),
        (-0.2, "The sign is wrong"),
        (1e308, "too large"),
    ],
)
def test_a_wrong_number_is_told_how(answer, reason):
    assert reason in MAKERS["number"](answer).message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (0.0136, "Right so far"),
        (0.014, "Right so far"),
        (0.0135, "Within 1 %"),
        (0.01365, "Within 1 %"),
        (0.013, "too small"),
        (0.01, "too small"),
    ],
)
def test_too_few_digits_are_told_from_wrong_ones(answer, said):
    verdict = number(0.0135547, near={0.01365 / 2: "Double it."})(answer)
    assert not verdict.correct
    assert said in verdict.message


def test_the_first_digits_of_a_slip_are_that_slip():
    judge = number(-0.02274, near={-0.0226025: "This is the other weight's."})
    assert judge(-0.0226).message == "This is the other weight's."
    assert "Right so far" in judge(-0.023).message  # both begin so
    assert "Right so far" in judge(-0.0227).message
    assert "Within 1 %" in judge(-0.0229).message


def test_too_few_digits_with_the_sign_turned_are_told_of_both():
    verdict = number(-0.02274)(0.0227)
    assert not verdict.correct
    assert verdict.message == "The sign is not right. Give it to more digits, too."


def test_a_known_mistake_and_a_whole_number_are_not_asked_for_digits():
    assert number(0.5, near={0.503: "You rounded."})(0.503).message == "You rounded."
    assert "too large" in number(200)(201).message
    assert "too large" in number(0.0135547)(0.0138).message


@pytest.mark.parametrize("answer", ["0.25", "1/4"])
def test_a_number_in_quotation_marks_is_told_to_leave_them_out(answer):
    message = MAKERS["number"](answer).message
    assert "one number, without quotation marks; this is '" in message


def test_near_zero_the_tolerance_is_absolute():
    assert number(0)(1e-5).correct
    assert number(4, praise="Two and two.")(4).message == "4. Two and two."
    assert "too small" in number(0)(-1).message


# -------------------------------------------------------------------------------------- array


@pytest.mark.parametrize("answer", [[[1, 2], [3, 4]], np.array([[1, 2], [3, 4 + 1e-9]])])
def test_an_equal_array_is_right(answer):
    assert array([[1, 2], [3, 4]])(answer).correct


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([[1, 3], [2, 4]], "transposed"),
        ([[-1, -2], [-3, -4]], "sign"),
        ([1, 2, 3, 4], "shape is (4,), expected (2, 2)"),
        ([[1, 2], [3, 5]], "1 of 4 entries differ; the worst is [1, 1]: 5, expected 4"),
        ([[1, 2], [3, math.nan]], "not finite"),
    ],
)
def test_a_wrong_array_is_told_where(answer, reason):
    assert reason in array([[1, 2], [3, 4]])(answer).message


# ------------------------------------------------------------------------------------ formula

TERM = y_hat[j] * (1 - y_hat[j]) * (y[j] - y_hat[j])
PER_WEIGHT = formula(lambda: eta * TERM * b[h], (h, j))
PER_UNIT = formula(lambda: b[h] * (1 - b[h]) * Sum(w[h, j] * TERM, (j, 1, l)), (h,))


@pytest.mark.parametrize(
    "answer",
    [
        eta * TERM * b[h],
        sympy.expand(eta * TERM * b[h]),
        eta * (y_hat[j] - y[j]) * (y_hat[j] - 1) * y_hat[j] * b[h],
        eta * TERM * sigma(alpha[h] - gamma[h]),
        eta * TERM * b[h] * sympy.exp(0),
        (eta * TERM * b[h]).subs(y_hat[j], 1 / (1 + sympy.exp(theta[j] - beta[j]))),
        Formula(Change(w[h, j]), eta * TERM * b[h]),
        Symbol("eta") * TERM * b[h],  # a letter the student made
        (eta * TERM * b[h]).xreplace({j: Symbol("j"), h: Symbol("h")}),
    ],
)
def test_an_equivalent_formula_is_right(answer):
    assert PER_WEIGHT(answer).correct


@pytest.mark.parametrize(
    "answer",
    [
        Sum(b[h] * (1 - b[h]) * w[h, j] * TERM, (j, 1, l)),
        b[h] * (1 - b[h]) * Sum(w[h, j] * TERM, (j, 1, l)).xreplace({j: Symbol("n")}),
        (b[h] - b[h] ** 2) * Sum((w[h, j] * TERM).expand(), (j, 1, l)),
    ],
)
def test_an_equivalent_sum_is_right(answer):
    assert PER_UNIT(answer).correct


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("eta * b[h]", "Two things: 1) The factor y_hat[j]*(1 - y_hat[j]) is missing"),
        (-eta * TERM * b[h], "The sign is turned."),
        (2 * eta * TERM * b[h], "twice the right formula"),
        (3 * eta * TERM * b[h], "this is 3 times the right formula"),
        (TERM * b[h], "The learning rate eta is missing."),
        (-TERM * b[h], "1) The learning rate eta is missing. 2) The sign is turned."),
        (
            (y[j] - y_hat[j]) * b[h],
            "1) The learning rate eta is missing. 2) The factor y_hat[j]*(1 - y",
        ),
        (eta * TERM * b[h] ** 2, "The factor b[h] stands there once too often"),
        (eta * TERM * b[h] * w[h, j], "The factor w[h, j] is too much."),
        (eta * TERM * b[h] * y_hat[j], "The factor y_hat[j] stands there once too often."),
        (eta * TERM * w[h, j], "w[h, j] stands where b[h] should"),
        (eta * TERM * b[h] / l, "divided by l"),
        (eta * TERM * b[j], "b[j] has an index out of place: write b[h]"),
        (eta * TERM * b, "b stands without its index: write b[h]"),
        (eta * TERM * b[0], "b[0]: indices count from 1"),
        (eta * TERM * b[h] * x[i], "leaves the index i free: x[i] does not belong in it."),
        (eta * TERM * x[h], "x (input number i) does not belong in this formula."),
        (eta * TERM * sigma(alpha[j] - gamma[h]), "alpha[j] has an index out of place"),
        (eta * Sum(TERM, (j, 1, l)) * b[h], "There is one path here: no sum over j."),
        (-Sum(eta * TERM * b[h], (j, 1, l)), "There is one path here: no sum over j."),
        (eta**2 * TERM * (y[j] - y_hat[j]) * b[h], "eta stands there twice. 2) The difference is"),
        (
            eta * TERM * sigma(Sum(w[h, j] * b[h], (h, 1, q)) - theta[j]),
            "y_hat[j] stands where b[h]",  # a net input written out is no sum over paths
        ),
        (eta * TERM + b[h], "by more than one factor"),
        (0 * b[h], "zero on every network"),
        (Partial(E, w[h, j]), "∂E/∂w[h, j] still stands in the formula"),
        (eta * TERM * Symbol("out"), "out is no letter"),
    ],
)
def test_a_wrong_formula_is_told_why(answer, reason):
    verdict = PER_WEIGHT(answer)
    assert not verdict.correct
    assert reason in verdict.message


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b[h] * (1 - b[h]) * w[h, j] * TERM, "the sum over j is missing"),
        (-b[h] * (1 - b[h]) * w[h, j] * TERM, "1) The sign is turned. 2) The terms are right"),
        (b[h] * (1 - b[h]) * Sum(TERM, (j, 1, l)), "The factor w[h, j] is missing"),
        (
            b[h] * (1 - b[h]) * Sum(w[h, j] * (y[j] - y_hat[j]), (j, 1, l)),
            "The factor y_hat[j]*(1 - y_hat[j]) is missing",
        ),
        (b[h] * (1 - b[h]) * Sum(w[h, j], (j, 1, l)) * TERM, "and outside it, too"),
        (b[h] * (1 - b[h]) * Sum(w[h, j] * TERM, (h, 1, q)), "The sum runs over h"),
        (b[h] * (1 - b[h]) * Sum(w[h, j] * TERM, (j, 1, q)), "j counts from 1 to l"),
        (b[h] * (1 - b[h]) * Sum(w[h, j] * TERM, (j, 0, l - 1)), "j counts from 1 to l"),
        *(
            (b[h] * (1 - b[h]) * Sum(w[h, j] * TERM, (j, 1, top)), "1 to l, the letter l")
            for top in (1, 3, 4)
        ),
        (b[h] * (1 - b[h]) * Sum(w[j, h] * TERM, (j, 1, l)), "write w[h, j]"),
        (b[h] * (1 - b[h]) * Sum(v[i, h] * TERM, (j, 1, l)), "a weight of the first layer"),
    ],
)
def test_a_wrong_sum_is_told_why(answer, reason):
    verdict = PER_UNIT(answer)
    assert not verdict.correct
    assert reason in verdict.message


def test_a_letter_too_much_inside_a_sum_is_named():
    answer = b[h] * (1 - b[h]) * Sum(w[h, j] ** 2 * TERM, (j, 1, l))
    assert PER_UNIT(answer).message == "The factor w[h, j] stands there once too often."


def test_an_earlier_question_is_asked_for_first():
    first, second = so_far(A=..., B=b[h])
    assert PER_UNIT(first * second).message == "Answer question A first."
    assert so_far(A=first) == [first]
    assert second == b[h]


def test_an_earlier_answer_may_be_a_text():
    slope, rest = so_far(A="b_h (1 - b_h)", B="-b[h]")
    assert slope * rest == -b[h] * b[h] * (1 - b[h])


@pytest.mark.parametrize("answer", ["b_h (1 - b_h", "", [1]])
def test_an_earlier_answer_that_is_no_formula_is_named(answer):
    with pytest.raises(ValueError, match="the answer to question B is no formula yet: "):
        so_far(A=b[h], B=answer)


def test_a_right_formula_is_told_what_it_means():
    assert formula(lambda: b[h], (h,), praise="It fires.")(b[h]).message.endswith("It fires.")
    assert formula(lambda: b[h], (h,))(b[h]).message == "It agrees on networks of three sizes."


def test_a_formula_of_sizes_is_compared_as_a_whole_number():
    examine = formula(lambda: (d + l + 1) * q + l, (), near=lambda: {d + q: "These are units."})
    assert examine(d * q + l * q + q + l).correct
    assert examine(d + q).message == "These are units."
    assert "this gives 24; the right formula gives 25" in examine(d * q * l).evidence
    assert "changes with d, q, l" in examine(25).message


def test_a_swapped_pair_of_sizes_is_caught():
    examine = formula(lambda: d * q + l, ())
    assert not any(examine(wrong).correct for wrong in (d * l + q, q * l + d, d + q * l))


# ----------------------------------------------------------------------------------- exercise


def test_hints_come_in_turn_and_the_last_one_stays():
    one = Exercise("x", "?", number(1), lambda: 1, ("first", "second", "third"))
    given = [one.hint().text for _ in range(4)]
    assert given[0] == "Hint 1 of 3: first"
    assert given[2] == given[3] == "Hint 3 of 3: third"


def test_the_solution_comes_after_a_try_or_when_asked():
    one = Exercise("x", "?", number(1), lambda: 1)
    one.check(...)
    assert "Try an answer first" in one.solution().text
    assert "`1`" in one.solution(reveal=True).text
    one.check(3)
    assert "`1`" in one.solution().text


def test_the_solution_shows_the_answer_as_it_is_typed():
    one = Exercise("x", "?", number(1), lambda: 1, written="cos(0)")
    assert one.solution(reveal=True).text == "Solution: `cos(0)`."


def test_an_unknown_exercise_names_the_nearest():
    with pytest.raises(ValueError, match="update-theta"):
        exercise("update-thet")
