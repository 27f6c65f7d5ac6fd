import copy
import pickle

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit.symbolic import (
    Change,
    Formula,
    LineTable,
    Partial,
    evaluate,
    notation,
    textbook_latex,
)
from backprop_kit.symbolic.notation import TABLE, b, eta, h, i, j, sigma, v, w, x, y, y_hat
from backprop_kit.symbolic.typeset import as_text


@pytest.mark.parametrize(
    ("entry", "latex"),
    [
        (w[h, j], "w_{hj}"),
        (y_hat[j], r"\hat{y}_{j}"),
        (notation.gamma[h], r"\gamma_{h}"),
        (v[i, h], "v_{ih}"),
        (v[1, 12], "v_{1,12}"),
    ],
)
def test_a_symbol_is_written_as_in_the_textbook(entry, latex):
    assert sympy.latex(entry) == latex
    assert textbook_latex(entry) == latex


def test_every_row_of_the_table_is_a_letter_of_the_module_with_its_indices():
    for name, letter in TABLE.items():
        indices = tuple(getattr(notation, index) for index in letter.indices)
        assert notation.letter_of(getattr(notation, name)[indices]) == letter


def test_a_wrong_number_of_indices_names_the_letter():
    with pytest.raises(ValueError, match=r"w takes 2 indices \(w\[h, j\]\), got 1"):
        w[h]


def test_a_missing_star_is_named():
    with pytest.raises(TypeError, match=r"put \* between y_hat\[j\] and the bracket"):
        y_hat[j](1 - y_hat[j])


def test_letter_of_refuses_what_is_no_entry():
    with pytest.raises(TypeError, match="indexed symbol"):
        notation.letter_of(eta)


def test_the_sigmoid_s_slope_is_that_of_its_definition():
    u = sympy.Symbol("u")
    value = sigma.definition(u)
    slope = sigma(u).diff(u).xreplace({sigma(u): value})
    assert sympy.simplify(slope - value.diff(u)) == 0


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (eta * b[h] * (y[j] - y_hat[j]), "eta*(y[j] - y_hat[j])*b[h]"),
        (y_hat[j] - y[j], "-(y[j] - y_hat[j])"),
        (-b[h] * (1 - b[h]), "-b[h]*(1 - b[h])"),
        (x[i] * (b[h] - 1), "-(1 - b[h])*x[i]"),
        (sympy.Rational(1, 2) * x[i], "1/2*x[i]"),
        (1 / (1 + sympy.exp(-x[i])), "1/(1 + exp(-x[i]))"),
        (x[i] - x[i] ** 2, "x[i] - x[i]**2"),
        (1 - y[j], "1 - y[j]"),
        (y[j] - 1, "-(1 - y[j])"),
        (-1 - y[j], "-(1 + y[j])"),
        (1 - x[i], "1 - x[i]"),
        (y[j] - y[h], "y[j] - y[h]"),
        (y[j] * (1 - y[j]) * x[i], "y[j]*(1 - y[j])*x[i]"),
        ((1 - y[j]) ** 2, "(1 - y[j])**2"),
        (1 / (1 - y[j]), "1/(1 - y[j])"),
        (sympy.Sum(1 - y[j], (j, 1, notation.l)), "Sum(1 - y[j], (j, 1, l))"),
    ],
)
def test_text_keeps_the_textbook_s_order(expr, text):
    assert as_text(expr) == text


@pytest.mark.parametrize(
    "expr",
    [
        eta * b[h] * (1 - b[h]) * sympy.Sum(w[h, j] * (y_hat[j] - y[j]), (j, 1, notation.l)) * x[i],
        y_hat[j] - y[j] + b[h] ** 2 / 3,
        -2 * (y_hat[j] - 1) / (1 + b[h]),
    ],
)
def test_the_printed_text_means_the_same_expression(expr):
    names = {name: getattr(notation, name) for name in [*TABLE, "eta", "i", "h", "j", "l"]}
    read = eval(as_text(expr), {"Sum": sympy.Sum, **names})
    assert sympy.expand(read - expr) == 0


_LETTERS = [x[i], b[h], y[j], y_hat[j], w[h, j], eta]


def _larger(parts):
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map(lambda pair: pair[0] + pair[1]),
        pairs.map(lambda pair: pair[0] - pair[1]),
        pairs.map(lambda pair: pair[0] * pair[1]),
        parts.map(lambda part: 1 - part),
        parts.map(lambda part: part**2),
        parts.map(lambda part: 1 / (5 + part**2)),
        parts.map(lambda part: sympy.Sum(part, (j, 1, notation.l))),
    )


_LEAVES = st.sampled_from([*_LETTERS, *map(sympy.Integer, (-2, -1, 1, 2))])


@given(expr=st.recursive(_LEAVES, _larger, max_leaves=5))
@settings(max_examples=150, deadline=None)
def test_every_formula_prints_and_the_text_means_the_same(expr):
    names = {name: getattr(notation, name) for name in [*TABLE, "eta", "i", "h", "j", "l"]}
    read = sympy.sympify(eval(as_text(expr), {"Sum": sympy.Sum, **names}))
    rng = np.random.default_rng(0)
    sizes = {"x": 2, "b": 3, "y": 4, "y_hat": 4, "w": (3, 4)}
    arrays = {name: rng.uniform(0.1, 0.9, size) for name, size in sizes.items()} | {"eta": 0.5}
    found, wanted = (evaluate(each, arrays, axes=(i, h, j)) for each in (read, expr))
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    latex = textbook_latex(expr, colour=True)
    assert latex.count(r"\left(") == latex.count(r"\right)")


def test_colour_follows_the_kind_of_the_letter():
    text = Formula(b[h], notation.gamma[h] * w[h, j])._repr_latex_()
    assert r"\textcolor{#0072B2}{b_{h}}" in text
    assert r"\textcolor{#6A5A8C}{\gamma_{h}}" in text
    assert r" w_{hj} \," in text


@pytest.mark.parametrize("symbol", [Partial(y_hat[j], w[h, j]), Change(w[h, j])])
def test_named_symbols_survive_copying(symbol):
    assert copy.deepcopy(symbol) == symbol
    assert pickle.loads(pickle.dumps(symbol)) == symbol
    assert sympy.latex(symbol) == sympy.latex(copy.copy(symbol))


def test_a_sum_whose_term_starts_with_a_minus_gets_brackets():
    text = textbook_latex(sympy.Sum(-2 * y[j], (j, 1, notation.l)))
    assert text == r"\sum_{j=1}^{l} \left(-2 \, y_{j}\right)"


def test_a_table_of_lines_keeps_their_order_and_marks_them():
    u = sympy.Symbol("u")
    line = sympy.parse_expr("(1 + exp(-u) - 1) / (1 + exp(-u))**2", {"u": u}, evaluate=False)
    table = LineTable([("start", sympy.exp(-u), None), ("next", line, True), ("slip", u, False)])
    head, _, start, second, third = table._repr_markdown_().splitlines()
    assert "equal to the line above?" in head
    assert start.endswith("|  |")
    assert r"\frac{1 + e^{- u} - 1}{\left(1 + e^{- u}\right)^{2}}" in second
    assert "✓ yes" in second
    assert "✗ no" in third
    assert "equal to the line above: no" in repr(table).splitlines()[-1]


def test_the_number_in_front_of_a_sum_is_written_in_front():
    total = sympy.Sum(y[j], (j, 1, notation.l))
    assert textbook_latex(total / notation.l).startswith(r"\frac{1}{l} \, \sum_{j=1}^{l}")
    assert textbook_latex(-total / 2 / notation.l).startswith(r"- \frac{1}{2 l} \, \sum_{j=1}^{l}")
    assert textbook_latex(1 / total).startswith(r"\frac{1}{\sum")
