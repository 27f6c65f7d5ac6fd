"""The derivation against the textbook's formulas, typed here and nowhere else."""

import inspect
import os
import subprocess
import sys

import numpy as np
import pytest
import sympy

from backprop_kit.numeric import Network
from backprop_kit.symbolic import (
    DEFINITIONS,
    E,
    derivation,
    derive_updates,
    differentiate,
    error_in_full,
    evaluate,
)
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    theta,
    v,
    w,
    x,
    y,
    y_hat,
)

OUTPUT = y_hat[j] * (1 - y_hat[j]) * (y[j] - y_hat[j])
HIDDEN = b[h] * (1 - b[h]) * sympy.Sum(w[h, j] * OUTPUT, (j, 1, l))
TEXTBOOK = {
    "w": eta * OUTPUT * b[h],  # A12
    "theta": -eta * OUTPUT,  # A13
    "gamma": -eta * HIDDEN,  # A14
    "v": eta * HIDDEN * x[i],  # A15
}
PRINTED = {
    "w": "Δw[h, j] = eta*y_hat[j]*(1 - y_hat[j])*(y[j] - y_hat[j])*b[h]",
    "theta": "Δtheta[j] = -eta*y_hat[j]*(1 - y_hat[j])*(y[j] - y_hat[j])",
    "gamma": "Δgamma[h] = -eta*b[h]*(1 - b[h])"
    "*Sum(w[h, j]*y_hat[j]*(1 - y_hat[j])*(y[j] - y_hat[j]), (j, 1, l))",
    "v": "Δv[i, h] = eta*b[h]*(1 - b[h])"
    "*Sum(w[h, j]*y_hat[j]*(1 - y_hat[j])*(y[j] - y_hat[j]), (j, 1, l))*x[i]",
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_derived_update_is_the_textbook_s(name):
    assert getattr(derive_updates(), name) == TEXTBOOK[name]


@pytest.mark.parametrize("name", PRINTED)
def test_the_derived_update_reads_like_the_textbook_s(name):
    assert str(derive_updates().formula(name)) == PRINTED[name]


@pytest.mark.parametrize(
    ("quantity", "by", "factor"),
    [
        (E, y_hat[j], -(y[j] - y_hat[j])),
        (y_hat[j], beta[j], y_hat[j] * (1 - y_hat[j])),
        (y_hat[j], theta[j], -y_hat[j] * (1 - y_hat[j])),
        (beta[j], w[h, j], b[h]),
        (beta[j], b[h], w[h, j]),
        (b[h], alpha[h], b[h] * (1 - b[h])),
        (b[h], gamma[h], -b[h] * (1 - b[h])),
        (alpha[h], v[i, h], x[i]),
    ],
)
def test_each_factor_is_the_source_s(quantity, by, factor):
    assert sympy.expand(differentiate(quantity, by) - factor) == 0


def test_the_factors_of_a_chain_multiply_to_its_result():
    for name, chain in derive_updates().chains.items():
        results = [getattr(factor, "result", factor) for factor in chain.factors]
        product = sympy.Mul(*(result.right for result in results))
        assert sympy.expand(-eta * product - TEXTBOOK[name]) == 0


def test_a_hidden_chain_shows_the_sum_over_paths():
    lines = [str(line) for line in derive_updates().chain("gamma").lines]
    assert lines[0] == "Δgamma[h] = -eta*∂E/∂gamma[h]"
    assert lines[2] == ("∂E/∂b[h] = Sum(∂E/∂y_hat[j]*∂y_hat[j]/∂beta[j]*∂beta[j]/∂b[h], (j, 1, l))")
    assert lines[-1] == PRINTED["gamma"]


@pytest.mark.parametrize(
    ("letter", "change"),
    [
        (y_hat, lambda right: right.subs(theta[j], -theta[j])),
        (E, lambda right: 2 * right),
        (beta, lambda right: right.function),
    ],
    ids=["threshold added", "no one half", "sum lost"],
)
def test_another_definition_gives_another_update(monkeypatch, letter, change):
    """The formulas come from the definitions, and from nowhere else."""
    changed = dict(DEFINITIONS)
    changed[letter] = derivation.Formula(changed[letter].left, change(changed[letter].right))
    monkeypatch.setattr(derivation, "DEFINITIONS", changed)
    try:
        updates = derive_updates.__wrapped__()
    except (ArithmeticError, ValueError):
        return  # no derivation at all is an answer, too
    assert any(getattr(updates, name) != TEXTBOOK[name] for name in TEXTBOOK)


def test_two_routes_that_disagree_are_refused(monkeypatch):
    monkeypatch.setattr(derivation, "_direct", lambda parameter: eta)
    with pytest.raises(ArithmeticError, match="two routes"):
        derive_updates.__wrapped__()


def test_no_update_is_typed_in_the_module():
    source = inspect.getsource(derivation)
    assert "(1 - y_hat[j])*" not in source.split('"""', 2)[2].replace(" ", "").replace(
        ">>>derive_updates().theta\n-eta*(1-y_hat[j])*(y[j]-y_hat[j])*y_hat[j]", ""
    ).replace("-(1-y_hat[j])*y_hat[j]", "")


@pytest.mark.parametrize(
    ("quantity", "by", "message"),
    [
        (theta[j], w[h, j], "quantity must be one of"),
        (beta[j], theta[j], "by must stand in the definition"),
    ],
)
def test_differentiate_names_what_does_not_fit(quantity, by, message):
    with pytest.raises(ValueError, match=message):
        differentiate(quantity, by)


def test_the_error_in_full_is_the_networks_loss():
    rng = np.random.default_rng(4)
    network = Network((3, 4, 2), rng=rng)
    sample, target = rng.normal(size=(1, 3)), rng.random((1, 2))
    arrays = {
        **{"x": sample[0], "y": target[0], "v": network.weights[0], "w": network.weights[1]},
        **{"gamma": network.thresholds[0], "theta": network.thresholds[1]},
    }
    assert evaluate(error_in_full(), arrays) == pytest.approx(network.loss(sample, target))


def test_an_unknown_update_is_refused():
    with pytest.raises(ValueError, match="w, theta, gamma, v"):
        derive_updates().chain("u")


def test_the_derivation_is_the_same_in_a_fresh_process():
    code = "from backprop_kit.symbolic import derive_updates; print(derive_updates())"
    for seed in ("1", "2"):
        fresh = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            encoding="utf8",
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PYTHONUTF8": "1",
            },
        )
        assert fresh.stdout.splitlines() == list(PRINTED.values())
