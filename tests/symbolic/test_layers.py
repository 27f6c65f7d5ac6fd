"""The lemmas and the error term against derivatives taken without them."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit.numeric import Network
from backprop_kit.symbolic import (
    delta_recursion,
    lemma,
    matrix_form,
    softmax_delta,
    textbook_latex,
    transpose_lab,
)
from backprop_kit.symbolic.lemmas import collapse
from backprop_kit.symbolic.letters import L, W, delta, f, g_prime, i, j, m, n, r, s, single, u, x
from backprop_kit.symbolic.matrices import numbers
from backprop_kit.symbolic.notation import y, y_hat

SIZE = st.integers(1, 5)
SEED = st.integers(0, 2**16)

INDEX_FORM = {
    1: "∂f/∂W[i, j] = ∂f/∂y[i]*x[j]",
    2: "∂f/∂x[i] = Sum(∂f/∂y[r]*W[r, i], (r, 1, m))",
    3: "∂f/∂x[i] = ∂f/∂y[i]*g'(x[i])",
    4: "∂f/∂x[i] = Sum(∂f/∂y[r]*W[r, i]*g'(u[r]), (r, 1, m))",
    5: "∂f/∂x[i] = Sum(∂f/∂y[r]*J[r, i], (r, 1, m))",
}
MATRIX_FORM = {  # SOURCES E6-E10
    1: "∇_y f x^T",
    2: "W^T ∇_y f",
    3: "∇_y f ⊙ g'(x)",
    4: "W^T (∇_y f ⊙ g'(u))",
    5: "J^T ∇_y f",
}
WRONG = {
    1: lambda grad_y, x: x @ grad_y.T,
    2: lambda W, grad_y: W @ grad_y,
    3: lambda grad_y, slope: grad_y + slope,
    4: lambda W, grad_y, slope: (W.T @ grad_y) * slope,
    5: lambda J, grad_y: J @ grad_y,
}
RIGHT = {
    1: lambda grad_y, x: grad_y @ x.T,
    2: lambda W, grad_y: W.T @ grad_y,
    3: lambda grad_y, slope: grad_y * slope,
    4: lambda W, grad_y, slope: W.T @ (grad_y * slope),
    5: lambda J, grad_y: J.T @ grad_y,
}


@pytest.mark.parametrize("number", INDEX_FORM)
def test_the_lemma_is_the_source_s(number):
    assert str(lemma(number).statement) == INDEX_FORM[number]
    assert str(lemma(number).matrix) == MATRIX_FORM[number]


@pytest.mark.parametrize("number", INDEX_FORM)
@settings(max_examples=15, deadline=None)
@given(n_y=SIZE, n_x=SIZE, seed=SEED)
def test_the_lemma_holds_at_any_size(number, n_y, n_x, seed):
    assert lemma(number).check(rng=seed, sizes=(n_y, n_x)).passed
    assert lemma(number).check(RIGHT[number], rng=seed, sizes=(n_y, n_x)).passed


@pytest.mark.parametrize("number", WRONG)
@pytest.mark.parametrize("sizes", [(3, 4), (3, 3)])
def test_a_wrong_matrix_form_is_refused(number, sizes):
    check = lemma(number).check(WRONG[number], sizes=sizes)
    assert not check.passed
    assert "shape" in check.message


def test_a_check_shows_its_verdict_in_a_notebook():
    assert lemma(2).check()._repr_markdown_().startswith("✓ lemma 2 holds")
    assert lemma(2).check(RIGHT[2])._repr_markdown_().startswith("✓ lemma 2, right")
    assert lemma(2).check(lambda W, grad_y: W)._repr_markdown_().startswith("✗ the shape is")


def test_the_index_form_and_the_matrix_form_agree():
    rng = np.random.default_rng(3)
    arrays = {"W": rng.normal(size=(3, 4)), "∂f/∂y": rng.normal(size=3), "u": rng.normal(size=3)}
    by_index = numbers(
        lemma(4).statement.right, {i: np.arange(4)}, {**arrays, "g_prime": np.cos, "m": 3}
    )
    columns = {"W": arrays["W"], "∇_y f": arrays["∂f/∂y"][:, None]}
    by_matrix = lemma(4).matrix.compute({**columns, "g'(u)": np.cos(arrays["u"])[:, None]})
    assert by_index == pytest.approx(by_matrix[:, 0])


@pytest.mark.parametrize("number", INDEX_FORM)
def test_a_lemma_is_typeset_line_by_line(number):
    latex = lemma(number)._repr_latex_()
    assert latex.count(r"\\[4pt]") == len(lemma(number).lines)
    assert "prime" not in latex
    assert "KroneckerDelta" not in latex
    assert repr(lemma(number)).splitlines()[-1].startswith("∇_")


@pytest.mark.parametrize(("number", "error"), [(0, ValueError), (6, ValueError), ("1", TypeError)])
def test_an_unknown_lemma_is_refused(number, error):
    with pytest.raises(error, match="number"):
        lemma(number)


def test_check_names_what_does_not_fit():
    with pytest.raises(TypeError, match="form must be a function of W, grad_y"):
        lemma(2).check("W^T grad_y")
    with pytest.raises(TypeError, match="sizes"):
        lemma(2).check(sizes=3)
    assert not lemma(2).check(lambda W, grad_y: None).passed


# --- the error term


SIZES = (3, 4, 5, 2)


def sample(seed=0, sizes=SIZES):
    rng = np.random.default_rng(seed)
    return rng.normal(size=sizes[0]), rng.random(sizes[-1])


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "identity"])
def test_the_derived_recursion_is_backpropagation_on_every_layer(activation):
    network = Network(SIZES, rng=1, activation=activation)
    point, target = sample()
    expected = network.backward(network.forward([point]), [target])
    walk = delta_recursion().walk(
        network.weights, network.thresholds, point, target, activation=activation
    )
    for layer in range(3):
        assert walk.weights[layer] == pytest.approx(expected.weights[layer], rel=1e-12)
        assert walk.intercepts[layer] == pytest.approx(expected.thresholds[layer], rel=1e-12)
        assert walk.deltas[layer] == pytest.approx(-expected.thresholds[layer], rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(SIZE, min_size=2, max_size=5), seed=SEED)
def test_rows_and_columns_say_the_same(sizes, seed):
    network = Network(sizes, rng=seed)
    point, target = sample(seed, sizes)
    rows = delta_recursion("row").walk(network.weights, network.thresholds, point, target)
    biases = [-theta for theta in network.thresholds]
    turned = [weights.T for weights in network.weights]
    columns = delta_recursion("column").walk(turned, biases, point, target)
    for layer in range(len(turned)):
        turned_back = columns.weights[layer].T
        assert turned_back == pytest.approx(rows.weights[layer])
        assert columns.intercepts[layer] == pytest.approx(-rows.intercepts[layer])


@pytest.mark.parametrize(
    ("vectors", "forms"),
    [
        (
            "column",  # E11, E12
            {
                "output": "(x^(M) - y) ⊙ f'(u^(M))",
                "hidden": "((W^(L+1))^T delta^(L+1)) ⊙ f'(u^(L))",
                "weights": "delta^(L) (x^(L-1))^T",
                "intercept": "delta^(L)",
            },
        ),
        (
            "row",  # E15
            {
                "output": "(x^(M) - y) ⊙ f'(u^(M))",
                "hidden": "(delta^(L+1) (W^(L+1))^T) ⊙ f'(u^(L))",
                "weights": "(x^(L-1))^T delta^(L)",
                "intercept": "- delta^(L)",
            },
        ),
    ],
)
def test_the_matrix_forms_are_the_source_s(vectors, forms):
    assert {name: str(form) for name, form in delta_recursion(vectors).matrix.items()} == forms


def test_the_matrix_forms_run_on_a_whole_batch():
    network, rng = Network(SIZES, rng=2), np.random.default_rng(5)
    X, Y = rng.normal(size=(6, 3)), rng.random((6, 2))
    trace = network.forward(X)
    expected = network.backward(trace, Y, reduction="sum")
    form = delta_recursion().matrix
    delta_here = form["output"].compute(
        {"x^(M)": trace.y_hat, "y": Y, "f'(u^(M))": trace.y_hat * (1 - trace.y_hat)}
    )
    for layer in (2, 1, 0):
        before = trace.outputs[layer]
        grad = form["weights"].compute({"x^(L-1)": before, "delta^(L)": delta_here})
        assert grad == pytest.approx(expected.weights[layer])
        arrays = {"delta^(L+1)": delta_here, "W^(L+1)": network.weights[layer]}
        delta_here = form["hidden"].compute({**arrays, "f'(u^(L))": before * (1 - before)})


def test_all_lines_are_there_and_typeset():
    recursion = delta_recursion()
    assert len(recursion.lines) == 5 + 3 * 4
    assert repr(recursion).splitlines() == [str(line) for line in recursion.results]
    assert r"\delta^{(L+1)}_{r}" in recursion._repr_latex_()
    assert str(recursion.intercept.result) == "∂E/∂theta^(L)[i] = -delta^(L)[i]"


def test_a_walk_refuses_shapes_that_do_not_chain():
    with pytest.raises(ValueError, match="weights of layer 1"):
        delta_recursion().walk([np.ones((2, 3))], [np.ones(3)], np.ones(4), np.ones(3))
    with pytest.raises(ValueError, match="vectors"):
        delta_recursion("diagonal")


# --- softmax


def test_the_softmax_delta_is_the_difference():
    assert softmax_delta().result.right == y_hat[j] - y[j]


def test_the_softmax_delta_is_the_numerical_derivative():
    net, target = np.array([0.3, -1.0, 2.0, 0.1]), np.array([0.0, 0.7, 0.3, 0.0])

    def error(net):
        return -(target * np.log(np.exp(net) / np.exp(net).sum())).sum()

    slopes = [np.imag(error(net + 1e-30j * unit)) / 1e-30 for unit in np.eye(4)]
    assert slopes == pytest.approx(np.exp(net) / np.exp(net).sum() - target)


def test_the_softmax_derivation_shows_where_the_targets_sum_to_one():
    lines = [str(line) for line in softmax_delta().lines]
    assert "∂y_hat[r]/∂u[j] = (KroneckerDelta(j, r) - y_hat[j])*y_hat[r]" in lines
    assert "∂E/∂u[j] = -(y[j] - Sum(y[r], (r, 1, l))*y_hat[j])" in lines


# --- from indices to matrices


def test_collapse_works_from_the_inside_out():
    double = sympy.Sum(
        single("W")[r, s] * sympy.KroneckerDelta(r, i) * sympy.KroneckerDelta(s, j),
        (s, 1, m),
        (r, 1, m),
    )
    assert collapse(double) == single("W")[i, j]
    plain = sympy.Sum(single("W")[r, s], (s, 1, m), (r, 1, m))
    assert collapse(plain) == plain


@pytest.mark.parametrize(
    ("expression", "free"),
    [
        (single("x")[i] * single("x")[j], (i,)),
        (single("x")[i], (i, j)),
        (sympy.Sum(single("x")[r] * single("y")[r], (r, 1, m)), (i,)),
        (sympy.Sum(W[L, i, r] * W[L, r, i] * x[L, r], (r, 1, n[L])), (i,)),
        (2 * single("x")[i], (i,)),
    ],
)
def test_what_is_no_matrix_product_is_refused(expression, free):
    with pytest.raises(ValueError, match=r"product|one matrix"):
        matrix_form(expression, free, column_vectors=True)


def test_letters_with_a_layer_are_written_with_a_superscript():
    assert textbook_latex(W[L + 1, r, i]) == "W^{(L+1)}_{ri}"
    assert textbook_latex(n[L - 1]) == "n_{L-1}"
    assert textbook_latex(f(u[L, i]).diff(u[L, i])) == r"f'\left(u^{(L)}_{i}\right)"
    assert textbook_latex(g_prime(single("x")[i])) == r"g'\left(x_{i}\right)"
    assert delta[L, i].diff(delta[L + 1, i]) == 0
    with pytest.raises(ValueError, match="W takes 3 indices"):
        W[i, j]
    with pytest.raises(KeyError):
        single("v")


def test_numbers_refuses_an_unknown_function():
    with pytest.raises(TypeError, match="Abs"):
        numbers(sympy.Abs(sympy.Symbol("t")), {}, {})


# --- the transpose lab


@pytest.mark.parametrize(
    ("sought", "vectors", "product"),
    [
        ("W", "row", "x^T delta"),
        ("W", "column", "delta x^T"),
        ("x", "row", "delta W^T"),
        ("x", "column", "W^T delta"),
    ],
)
def test_with_unequal_sizes_one_product_is_left(sought, vectors, product):
    lab = transpose_lab(sought, n_in=3, n_out=4, n_samples=5, vectors=vectors)
    assert len(lab.rows) == 8
    assert [row.text for row in lab.fitting] == [product]
    assert lab.correct.text == product


def test_with_equal_layers_shapes_cannot_decide():
    lab = transpose_lab("W", n_in=3, n_out=3)
    assert [row.text for row in lab.fitting] == ["delta^T x", "x^T delta"]
    assert lab.correct.text == "x^T delta"
    assert "transposed" in lab.fitting[0].reason
    every = transpose_lab("x", n_in=3, n_out=3, n_samples=3)
    assert (len(every.fitting), sum(row.correct for row in every.rows)) == (8, 1)


@settings(max_examples=30, deadline=None)
@given(n_in=SIZE, n_out=SIZE, n_samples=SIZE, seed=SEED, sought=st.sampled_from("Wx"))
def test_one_product_is_always_right(n_in, n_out, n_samples, seed, sought):
    for vectors in ("row", "column"):
        lab = transpose_lab(
            sought, n_in=n_in, n_out=n_out, n_samples=n_samples, vectors=vectors, rng=seed
        )
        assert lab.correct.fits
        for row in lab.rows:
            assert row.fits == (row.shape == tuple(lab.shapes.values())[2])


def test_the_lab_is_shown_as_a_table():
    lab = transpose_lab("W", n_in=2, n_out=3)
    assert str(lab).splitlines()[1] == "delta x      cannot be computed: 3 columns against 1 row"
    assert r"| $x^{\top} \, \delta$ | 2×1 times 1×3 | ✓ right" in lab._repr_markdown_()
    with pytest.raises(ValueError, match="sought"):
        transpose_lab("b", n_in=2, n_out=3)
    with pytest.raises(ValueError, match="n_in"):
        transpose_lab("W", n_in=0, n_out=3)


@pytest.mark.parametrize("vectors", ["row", "column"])
@pytest.mark.parametrize("sought", ["W", "x"])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 1, 5), (4, 1, 1), (1, 4, 1)])
def test_where_sizes_are_1_one_product_alone_is_right(vectors, sought, sizes):
    n_in, n_out, n_samples = sizes
    lab = transpose_lab(sought, n_in=n_in, n_out=n_out, n_samples=n_samples, vectors=vectors)
    large = transpose_lab(sought, n_in=3, n_out=4, n_samples=5, vectors=vectors)
    assert [row.text for row in lab.rows if row.correct] == [large.correct.text]
    if sizes == (1, 1, 1):
        others = [row.reason for row in lab.rows if not row.correct]
        assert others == ["equal here, where sizes are 1; not the gradient at other sizes"] * 7


def test_the_lab_s_head_is_typeset_in_a_notebook():
    head = transpose_lab("W", n_in=3, n_out=4)._repr_markdown_().splitlines()[0]
    assert head == r"sought: $\nabla_W E$; $\delta$ 1×4, $x$ 1×3, $\nabla_W E$ 3×4"
