import numpy as np
import pytest

from backprop_kit.numeric import Network, worked_example
from backprop_kit.symbolic import (
    DEFINITIONS,
    E,
    Formula,
    Partial,
    derive_updates,
    evaluate,
    substituted,
)
from backprop_kit.symbolic.notation import alpha, b, beta, eta, h, i, j, v, w, x, y_hat


def _arrays(sizes=None):
    """Return every number of a network: of the worked example, or of random ones."""
    if sizes is None:
        example = worked_example()
        network = Network.from_parameters(example.weights, example.thresholds)
        given, wanted = example.x, example.y
    else:
        rng = np.random.default_rng(3)
        network = Network(sizes, rng=rng)
        given, wanted = rng.normal(size=sizes[0]), rng.uniform(size=sizes[-1])
    trace = network.forward([given])
    (net_1, net_2), (_, hidden, output) = trace.net_inputs, trace.outputs
    return {
        "x": given, "v": network.weights[0], "gamma": network.thresholds[0], "alpha": net_1[0],
        "b": hidden[0], "w": network.weights[1], "theta": network.thresholds[1],
        "beta": net_2[0], "y_hat": output[0], "y": wanted, "eta": 0.5,
    }  # fmt: skip


# Every number of SOURCES D1, beside its formula.
@pytest.mark.parametrize(
    ("formula", "indices", "lines"),
    [
        (DEFINITIONS[alpha], {h: 1}, ["0.15*0.05 + 0.2*0.1", "0.0075 + 0.02", "0.0275"]),
        (DEFINITIONS[b], {h: 1}, ["sigma(0.0275 - (-0.35))", "0.593269992"]),
        (DEFINITIONS[beta], {j: 1}, None),
        (DEFINITIONS[y_hat], {j: 1}, ["sigma(0.505905967 - (-0.6))", "0.75136507"]),
        (
            DEFINITIONS[E],
            {},
            [
                "1/2*(0.01 - 0.75136507)**2 + 1/2*(0.99 - 0.772928465)**2",
                "0.274811083 + 0.023560026",
                "0.298371109",
            ],
        ),
    ],
)
def test_the_worked_example_forward(formula, indices, lines):
    found = substituted(formula, _arrays(), indices)
    if lines is None:
        assert found.text[-2:] == ("0.237307997 + 0.26859797", "0.505905967")
        assert found.value + 0.60 == pytest.approx(1.105905967, abs=5e-10)
    else:
        assert list(found.text) == lines


def test_the_worked_example_backward():
    arrays, updates = _arrays(), derive_updates()
    by_w = Formula(Partial(E, w[h, j]), -updates.w / eta)
    assert substituted(by_w, arrays, {h: 1, j: 1}).text[-1] == "0.082167041"
    to_b, _, _ = updates.chain("v").factors
    found = substituted(to_b.result, arrays, {h: 1})
    assert found.text[-2:] == ("0.055399425 - 0.019049118", "0.036350306")
    by_v = Formula(Partial(E, v[i, h]), -updates.v / eta)
    assert substituted(by_v, arrays, {i: 1, h: 1}).text[-1] == "0.000438568"


@pytest.mark.parametrize("sizes", [(2, 3, 4), (3, 2, 1)])
@pytest.mark.parametrize("name", ["w", "theta", "gamma", "v"])
def test_the_value_is_that_of_the_formula_at_any_size(sizes, name):
    updates, arrays = derive_updates(), _arrays(sizes)
    axes = {"w": (h, j), "theta": (j,), "gamma": (h,), "v": (i, h)}[name]
    found = evaluate(getattr(updates, name), arrays, axes)
    for place in np.ndindex(found.shape):
        indices = {axis: n + 1 for axis, n in zip(axes, place, strict=True)}
        one = substituted(updates.formula(name), arrays, indices)
        assert one.value == pytest.approx(found[place], rel=1e-12)


@pytest.mark.parametrize("sizes", [(2, 3, 4), (4, 2, 1)])
def test_the_line_of_numbers_means_the_value(sizes):
    arrays = _arrays(sizes)
    to_b, _, _ = derive_updates().chain("v").factors
    formulas = [*DEFINITIONS.values(), to_b.result, derive_updates().formula("v")]
    for formula in formulas:
        one = substituted(formula, arrays, {i: 2, h: 1, j: 1}, decimals=15)
        for line in one.text:
            read = eval(line, {"sigma": lambda u: 1 / (1 + np.exp(-u))})
            assert read == pytest.approx(one.value, rel=1e-12, abs=1e-14)


def test_the_typeset_form_has_the_same_lines_and_the_letters_colours():
    to_b, _, _ = derive_updates().chain("v").factors
    text = substituted(to_b.result, _arrays(), {h: 1})._repr_latex_()
    assert text.startswith(r"$\displaystyle \begin{aligned}\textcolor")
    assert r"w_{1j}" in text
    # a long line is broken before its second term
    assert r"\left(0.01 - 0.75136507\right) \\ &\quad {} - 0.5 \cdot" in text
    assert text.endswith(r"&= 0.055399425 - 0.019049118 \\[2pt] &= 0.036350306\end{aligned}$")


def test_a_long_sum_that_starts_with_a_plus():
    text = substituted(DEFINITIONS[E], _arrays((2, 3, 4)))._repr_latex_()
    assert text.count(r"\\ &\quad {} + \frac{1}{2}") == 3


@pytest.mark.parametrize(
    ("formula", "arrays", "lines"),
    [
        (Formula(b[h], b[h]), {"b": [-0.5]}, ("-0.5",)),
        (Formula(b[h], 2 * b[h]), {"b": [-0.5]}, ("2*(-0.5)", "-1")),
        (Formula(b[h], b[h] * x[1]), {"b": [-0.5], "x": [-4e-12]}, ("(-0.5)*0", "0")),
    ],
)
def test_negative_numbers_stand_in_brackets_and_no_zero_has_a_sign(formula, arrays, lines):
    assert substituted(formula, arrays, {h: 1}).text == lines


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (TypeError, "formula must be a Formula", (b[h], {"b": [1]}, {h: 1})),
        (TypeError, "indices must map", (DEFINITIONS[b], {}, [h])),
        (ValueError, "index h is free", (DEFINITIONS[b], _arrays())),
        (ValueError, "out of range", (DEFINITIONS[b], _arrays(), {h: 3})),
        (ValueError, "at least 1", (DEFINITIONS[b], _arrays(), {h: 0})),
        (ValueError, "indices may hold i, h, j", (DEFINITIONS[b], _arrays(), {eta: 1})),
        (ValueError, "arrays must hold gamma", (DEFINITIONS[b], {"alpha": [1.0]}, {h: 1})),
    ],
)
def test_what_does_not_fit_is_named(error, words, arguments):
    with pytest.raises(error, match=words):
        substituted(*arguments)
