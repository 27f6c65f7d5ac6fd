"""Any form of a right answer is right, and no text at all can do harm."""

import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy import Sum

from backprop_kit.exercises import Verdict, exercises
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    eta,
    gamma,
    h,
    j,
    sigma,
    theta,
    w,
    y_hat,
)
from backprop_kit.symbolic.typeset import as_text

FORMULAS = {one.id: one for one in exercises().values() if isinstance(one.answer(), sympy.Expr)}


def _turn_differences(e):
    """Write every a - b as -(b - a)."""
    return e.replace(
        lambda part: part.is_Add and len(part.args) == 2,
        lambda part: sympy.Mul(-1, -part, evaluate=False),
    )


def _rename(e):
    """Sum over another letter; inner sums of a sigmoid keep theirs."""
    return e.replace(
        lambda part: isinstance(part, Sum),
        lambda total: total.xreplace({total.limits[0][0]: sympy.Symbol(f"{total.limits[0][0]}2")}),
    )


def _spread(e):
    """Take what stands before a sum into it, where the sum's letter is not in use."""
    sums = [part for part in sympy.Mul.make_args(e) if isinstance(part, Sum)]
    if len(sums) != 1:
        return e
    rest, index = e / sums[0], sums[0].limits[0][0]
    return e if index in rest.free_symbols else Sum(rest * sums[0].function, *sums[0].limits)


def _split_sum(e):
    """Write a sum as two sums of its halves."""
    return e.replace(
        lambda part: isinstance(part, Sum),
        lambda total: (
            Sum(total.function / 3, *total.limits) + Sum(2 * total.function / 3, *total.limits)
        ),
    )


REWRITES = {
    "expand": sympy.expand,
    "turn differences": _turn_differences,
    "rename": _rename,
    "spread": _spread,
    "split the sum": _split_sum,
    "write out b": lambda e: e.xreplace({b[h]: sigma(alpha[h] - gamma[h])}),
    "write out y_hat": lambda e: e.xreplace({y_hat[j]: 1 / (1 + sympy.exp(theta[j] - beta[j]))}),
    "times one": lambda e: e * (eta + 1) / (eta + 1),
    "plus nothing": lambda e: e + eta - eta * (w[1, 1] / w[1, 1]),
    "factor": sympy.factor_terms,
    "nothing": lambda e: e,
}


@pytest.mark.parametrize("id", FORMULAS)
@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(list(REWRITES)), max_size=4))
def test_any_rewriting_of_the_solution_is_right(id, names):
    formula = FORMULAS[id].answer()
    for name in names:
        formula = REWRITES[name](formula)
    assert FORMULAS[id].check(formula).correct, names


@pytest.mark.parametrize("id", FORMULAS)
@pytest.mark.parametrize("name", [name for name in REWRITES if name != "rename"])
def test_any_rewriting_is_right_as_text(id, name):
    text = as_text(REWRITES[name](FORMULAS[id].answer()))
    verdict = FORMULAS[id].check(text)
    assert verdict.correct, (text, verdict)


LIKELY = st.text(st.sampled_from("ηŷ_jbhwvxy()[]{}+-*/^²Σ\\ 019.,'=$"), max_size=60)
HOSTILE = [
    "__import__('os').system('echo harm')",
    "b[h].__class__.__mro__",
    "lambda: 0",
    "9**9**9**9",
    "eta^99999999999",
    "(" * 10_000,
    "((" * 39 + "eta" + "))" * 39,
    "a" * 100_000,
    "b_h" * 600,
    "Σ_j " * 300 + "b_h",
    "\x00\x1b[31m\u202e\ud800",
    "ŷ_j" + "\u0302" * 500,
    "\\frac{" * 200,
    "1/0",
    "1e999",
    "b_h/(b_h - b_h)",
]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), LIKELY))
@example("")
def test_any_text_ends_in_a_verdict(text):
    for id in ("update-w", "update-gamma"):
        verdict = FORMULAS[id].check(text)
        assert isinstance(verdict, Verdict)
        assert verdict.message
        assert repr(verdict)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("id", ["update-w", "update-v", "04-count"])
def test_a_hostile_text_ends_in_a_verdict_and_does_nothing(text, id, capfd):
    verdict = FORMULAS[id].check(text)
    assert not verdict.correct
    assert len(verdict.message) + len(verdict.evidence) < 1_000
    assert capfd.readouterr() == ("", "")
