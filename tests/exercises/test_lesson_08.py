import nbformat
import numpy as np
import pytest

from backprop_kit.exercises import exercise
from backprop_kit.numeric import Network
from backprop_kit.symbolic import delta_recursion, transpose_lab
from tools.notebooks import LESSONS


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("08-predict-paths", "a", "3 · 2 = 6"),
        ("08-predict-paths", "b", "5 is 3 + 2, or the units of layer 1"),
        ("08-predict-batch", "a", "Look at the shape"),
        ("08-predict-batch", "c", "divides by 6"),
        ("08-predict-fits", "a", "equal sizes let its transpose through"),
        ("08-predict-fits", "c", "come out as 5×5"),
        ("08-predict-recompute", "a", "each time the way there starts at X"),
        ("08-predict-recompute", "b", "55 in all"),
        ("08-delta-last", (-0.2, 0.4), "the slope of the sigmoid"),
        ("08-delta-last", (0.16, 0.24), "slopes alone"),
        ("08-delta-last", (0.032, -0.096), "every sign is turned"),
        ("08-delta-last", (-0.16, 0.16), "x (1 - x), not x"),
        ("08-delta-last", (-0.0428, 0.0961), "once more"),
        ("08-delta-last", (-0.032, 0.2), "Look again at unit 2"),
        ("08-delta-last", (-0.03, 0.1), "Close: exact numbers"),
        ("08-delta-hidden", (0.1, -0.15, -0.02), "Close: exact numbers"),
        ("08-delta-hidden", (0.1, -0.15, -0.027), "Look again at unit 3"),
        ("08-delta-last", "-0.032, 0.096", "takes 2 numbers, without quotation marks"),
        ("08-delta-last", -0.032, "takes 2 numbers, one for each unit; this is -0.032."),
        ("08-delta-last", np.array([0.1, -0.05 * 3, 1]), "this is (0.1, -0.15, 1)."),
        ("08-delta-hidden", (0.1, 3, 4), "Look again at units 2 and 3."),
        ("08-delta-last", (1, 1), "No unit is right yet"),
        ("08-delta-hidden", (0.4, -0.6, -0.1), "right so far"),
        ("08-delta-hidden", (0.25, 0.75, 0.48), "before you add"),
        ("08-delta-hidden", (0.2, -0.3, -0.06), "multiplied by the outputs"),
        ("08-delta-hidden", (0.05, 0, 0.024), "first output alone"),
        ("08-delta-hidden", (0.05, -0.15, -0.048), "second output alone"),
        ("08-delta-hidden", (0.1, -0.15), "takes 3 numbers"),
        ("08-transpose", "delta W^T", "cannot be computed: 5 columns against 6 rows"),
        ("08-transpose", "delta.T @ W", "gives 5×6, the gradient is 6×5"),
        ("08-transpose", "x delta", "Name a product of delta and W"),
        *(
            ("08-transpose", text, "Name a product of delta and W without brackets")
            for text in (
                "(delta^T W)^T",
                "(delta.T @ W).T",
                "(W^T delta)",
                r"\left(\delta W\right)",
            )
        ),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("08-delta-last", [-0.032, 0.096]),
        ("08-delta-last", np.array([[-0.032, 0.096]])),
        ("08-delta-hidden", [[0.1], [-0.15], [-0.024]]),
        ("08-delta-hidden", (0.1, -0.15, -0.024)),
        ("08-transpose", "W.T @ delta"),
        *(
            ("08-transpose", text)
            for text in (
                " w^t δ ",
                "W.T@delta",
                "W^Tdelta",
                "(W^T) delta",
                "(W).T @ (delta)",
                "Wᵀ δ",
                "Wᵀδ",
                "W^T * delta",
            )
        ),
        ("08-transpose", r"$W^{\top} \delta$"),
    ],
)
def test_a_right_answer_is_right_whatever_its_form(name, answer):
    assert exercise(name).check(answer).correct


# ------------------------------------------------------------------ the student's functions


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("08-lemma-2", lambda W, grad_y: np.matmul(W.T, grad_y)),
        ("08-lemma-2", lambda W, grad_y: (grad_y.T @ W).T),
        ("08-lemma-4", lambda W, grad_y, slope: (slope * W).T @ grad_y),
        ("08-lemma-4", lambda W, grad_y, slope: W.T @ np.diag(slope[:, 0]) @ grad_y),
        ("08-third-convention", lambda delta, x, W: [(x.T @ delta).T, delta @ W]),
    ],
)
def test_a_right_form_is_right_however_it_is_written(name, form):
    assert exercise(name).check(form).correct


@pytest.mark.parametrize(
    ("name", "form", "reply"),
    [
        ("08-lemma-2", lambda W, grad_y: W @ grad_y, "do not fit: W is 3×4, grad_y is 3×1"),
        ("08-lemma-2", lambda W, grad_y: W.T * grad_y, "entry by entry"),
        ("08-lemma-2", lambda W, grad_y: grad_y.T @ W, "stand in a row"),
        ("08-lemma-2", lambda W, grad_y: W.T @ (grad_y * 0 + 1), "not weighted"),
        ("08-lemma-2", lambda W, grad_y: -W.T @ grad_y, "the numbers do not"),
        ("08-lemma-2", lambda W: W, "stopped with TypeError"),
        ("08-lemma-2", "W.T @ grad_y", "Hand in your function"),
        ("08-lemma-4", lambda W, grad_y, slope: W.T @ grad_y, "lemma 2 alone"),
        ("08-lemma-4", lambda W, grad_y, slope: W.T @ grad_y * slope, "∇_y f by it, before W^T"),
        ("08-lemma-4", lambda W, grad_y, slope: W.T * slope @ grad_y, "what it meets here has 4"),
        ("08-lemma-4", lambda W, grad_y, slope: W.T * (grad_y * slope), "entry by entry"),
        ("08-lemma-4", lambda W, grad_y, slope: slope * (W.T @ grad_y), "slope has 3"),
        ("08-lemma-4", lambda W, grad_y, slope: W @ (grad_y * slope), "do not fit: W is 3×4"),
        ("08-lemma-4", lambda W, grad_y, slope: W.T @ slope, "derivatives of f by y are missing"),
        ("08-lemma-4", lambda W, grad_y, slope: grad_y * slope, "One step is left"),
        ("08-lemma-4", lambda W, grad_y, slope: (grad_y * slope).T @ W, "stand in a row"),
        (
            "08-third-convention",
            lambda d, x, W: (x.T @ d, d @ W),
            "right, but transposed. ∂E/∂W_ji",
        ),
        ("08-third-convention", lambda d, x, W: (d.T @ x, W.T @ d.T), "transposed. ∂E/∂x_ki"),
        ("08-third-convention", lambda d, x, W: (d.T @ x, d @ W.T), "does it stand inside?"),
        (
            "08-third-convention",
            lambda d, x, W: (d @ x, d @ W),
            "by W is not right. The shape fits",
        ),
        ("08-third-convention", lambda d, x, W: (d.T @ x / len(x), d @ W), "they are 0.3333 times"),
        ("08-third-convention", lambda d, x, W: (-d.T @ x, d @ W), "they are -1 times"),
        ("08-third-convention", lambda d, x, W: (d.T @ x, x[0]), "must be 3×3, as x is; yours"),
        ("08-third-convention", lambda d, x, W: (d.T @ x[:2], d), "do not fit: delta is 3×3"),
        ("08-third-convention", lambda d, x, W: (d @ W, d.T @ x), "the other order"),
        ("08-third-convention", lambda d, x, W: d.T @ x, "Return the two gradients"),
    ],
)
def test_a_wrong_form_is_told_why(name, form, reply):
    verdict = exercise(name).check(form)
    assert verdict.tried
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("08-lemma-2", lambda W, grad_y: ...),
        ("08-lemma-4", lambda W, grad_y, slope: None),
        ("08-third-convention", lambda delta, x, W: (..., ...)),
        ("08-third-convention", lambda delta, x, W: (delta.T @ x, ...)),
    ],
)
def test_an_untouched_function_is_not_yet_tried(name, form):
    assert not exercise(name).check(form).tried


@pytest.mark.parametrize("name", ["08-delta-last", "08-delta-hidden"])
def test_dots_in_brackets_are_not_yet_a_try(name):
    assert not exercise(name).check((..., ...)).tried
    assert not exercise(name).check([0.1, ..., 0.2]).tried


@pytest.mark.parametrize("name", ["08-delta-last", "08-delta-hidden"])
def test_a_solution_on_paper_shows_plain_numbers(name):
    one = exercise(name)
    assert one.check(eval(one.written)).correct
    assert f"`{one.written}`" in one.solution(reveal=True).text


def test_no_shape_gives_the_third_convention_away():
    """Any two of the three matrices can be multiplied, either way round."""
    seen = []
    exercise("08-third-convention").check(lambda *arrays: seen.extend(arrays))
    assert [array.shape for array in seen] == [(3, 3)] * 3


@pytest.mark.parametrize("name", ["08-lemma-2", "08-lemma-4", "08-third-convention"])
def test_a_written_solution_can_be_typed(name):
    one = exercise(name)
    arguments = {"08-lemma-2": "W, grad_y", "08-lemma-4": "W, grad_y, slope"}
    code = f"def form({arguments.get(name, 'delta, x, W')}):\n    {one.written}"
    names = {}
    exec(code, names)
    assert one.check(names["form"]).correct


# ------------------------------------------------------------------ what the lesson says


def test_the_row_of_ones_is_explained_after_the_guess():
    path = LESSONS / "08_layers_and_matrices.ipynb"
    texts = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    after = texts[texts.index('reveal("08-predict-batch")') + 1]
    assert "the row of ones adds the rows" in after


def test_the_reasons_are_indices_and_not_shapes_alone():
    for name, formula in [
        ("08-lemma-2", "Σ_r W_ri ∂f/∂y_r"),
        ("08-transpose", "∂E/∂x_ik = Σ_j W_ji δ_jk"),
    ]:
        assert formula in exercise(name).solution(reveal=True).text
    assert "Σ_j W_ji δ_jk" in exercise("08-transpose").hints[1]


@pytest.mark.parametrize("name", ["08-delta-last", "08-delta-hidden"])
def test_numbers_on_paper_are_asked_for_exactly(name):
    assert "exact numbers" in exercise(name).prompt


def test_the_paper_exercises_agree_with_the_derived_recursion():
    """Inputs and thresholds are chosen so that the units put out the numbers of the prompts."""

    def logit(p):
        return np.log(p / (1 - p))

    x_hidden, W = np.array([0.5, 0.5, 0.6]), np.array([[2.0, -1.0], [0.0, 3.0], [1.0, 1.0]])
    thresholds = [-logit(x_hidden), x_hidden @ W - logit(np.array([0.8, 0.4]))]
    recursion = delta_recursion("row")
    walk = recursion.walk([np.zeros((1, 3)), W], thresholds, [1.0], [1.0, 0.0])
    assert exercise("08-delta-last").check(walk.deltas[1]).correct
    # a target that makes delta^(M) the one of the other prompt
    target = np.array([0.8, 0.4]) - np.array([0.1, -0.2]) / np.array([0.16, 0.24])
    walk = recursion.walk([np.zeros((1, 3)), W], thresholds, [1.0], target)
    assert exercise("08-delta-hidden").check(walk.deltas[0]).correct


def test_the_reply_on_fitting_products_is_true():
    lab = transpose_lab("W", n_in=3, n_out=3, n_samples=5)
    assert [row.text for row in lab.fitting] == ["delta^T x", "x^T delta"]
    others = [row for row in lab.rows if row.shape and not row.fits]
    assert [(row.text, row.shape) for row in others] == [
        ("delta x^T", (5, 5)),
        ("x delta^T", (5, 5)),
    ]


def test_columns_and_rows_give_the_same_gradients():
    network, x, y = Network((4, 5, 3, 2), rng=8), np.arange(4) / 4, [1.0, 0.0]
    rows = delta_recursion("row").walk(network.weights, network.thresholds, x, y)
    columns = delta_recursion("column").walk(
        [w.T for w in network.weights], [-theta for theta in network.thresholds], x, y
    )
    for as_row, as_column in zip(rows.weights, columns.weights, strict=True):
        np.testing.assert_allclose(as_column, as_row.T, atol=1e-15)
