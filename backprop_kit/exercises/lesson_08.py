"""Exercises of lesson 08: layers as matrices, and which transpose on which side."""

import re

import numpy as np

from backprop_kit.exercises.checks import Verdict, array, choice, right, shown, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.symbolic.lemmas import complex_step, lemma
from backprop_kit.symbolic.transposes import transpose_lab

# ------------------------------------------------------------------ forms of the lemmas


def _call(form, **arrays):
    """Return what a student's function makes of copies of the arrays, and a verdict if it fails."""
    if not callable(form):
        return None, wrong(f"Hand in your function, as in check(form); this is {shown(form)}.")
    try:
        value = form(*(given.copy() for given in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} is {_by(given)}" for name, given in arrays.items())
        return None, wrong(f"The shapes do not fit: {shapes}. What meets inside your product?")
    except Exception as error:
        return None, wrong(f"Your function stopped with {type(error).__name__}: {error}.")
    if value is None or value is Ellipsis:
        message = "Replace the ... by your form, and give its result back with return."
        return None, Verdict(False, message, tried=False)
    return value, None


def _is(value, expected):
    """Return whether a student's value equals an array in shape and numbers."""
    try:
        value = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    return value.shape == expected.shape and bool(np.allclose(value, expected))


def _lemma_examiner(number, near, praise, misfits=()):
    """Examine the matrix form of a lemma; `near` are known mistakes as (function, reason).

    So are `misfits`, which cannot be computed: only a square W shows what they do.
    """
    rng = np.random.default_rng(8)
    shapes = {"W": (3, 4), "grad_y": (3, 1), "slope": (3, 1)}
    arrays = {name: rng.normal(size=shapes[name]) for name in lemma(number).given}
    square = {name: array[:, :3] for name, array in arrays.items()}

    def known(value, mistakes, arrays):
        return next((why for slip, why in mistakes if _is(value, slip(*arrays.values()))), None)

    def examine(form):
        value, refused = _call(form, **arrays)
        if refused:
            reason = known(_call(form, **square)[0], misfits, square)
            return wrong(reason) if reason else refused
        reason = known(value, near, arrays)
        if reason:
            return wrong(reason)
        verdict = lemma(number).check(form)
        if verdict.passed:
            return right(praise)
        return wrong(verdict.message[0].upper() + verdict.message[1:] + ".")

    return examine


_ENTRYWISE = "`*` multiplies entry by entry and sums nothing. The matrix product is `@`."
_ROW = "The numbers are right, but they stand in a row. x is a column, and so is its gradient."


# ------------------------------------------------------------------ numbers on paper


class _Plain(tuple):
    """Numbers to quote back, each as a student would write it."""

    def __new__(cls, numbers):
        return super().__new__(cls, (f"{number:.6g}" for number in numbers))

    def __repr__(self):
        return self[0] if len(self) == 1 else f"({', '.join(self)})"


def _could_be_rounded(value, expected):
    """Return whether a number is the right one, or what rounding makes of it."""
    return any(np.isclose(value, float(f"{expected:.{digits}g}"), atol=0) for digits in (1, 2, 6))


def _numbers_examiner(expected, near):
    """Examine a few numbers in a row; `near` are known mistakes as (numbers, reason)."""
    judge = array(expected, tolerance=1e-3)

    def examine(answer):
        if isinstance(answer, tuple | list) and any(part is Ellipsis for part in answer):
            return Verdict(False, "Replace each ... by a number.", tried=False)
        if isinstance(answer, str):
            return wrong(
                f"This exercise takes {len(expected)} numbers, without quotation marks; "
                f"this is {shown(answer)}."
            )
        try:
            given = np.asarray(answer, dtype=float).ravel()
        except (TypeError, ValueError):
            return judge(answer)
        if given.shape != (len(expected),):
            if isinstance(answer, np.ndarray | np.number | list | tuple):
                answer = _Plain(given)
            return wrong(
                f"This exercise takes {len(expected)} numbers, one for each unit; "
                f"this is {shown(answer)}."
            )
        verdict = judge(given)
        if verdict.correct or not np.isfinite(given).all():
            return verdict
        for mistake, reason in near:
            if np.allclose(given, mistake, rtol=1e-3, atol=1e-6):
                return wrong(reason)
        if "sign is turned" in verdict.message:
            return verdict
        if all(map(_could_be_rounded, given, expected)):
            return wrong("Close: exact numbers, please. Do not round.")
        fine = np.isclose(given, expected, rtol=1e-3, atol=1e-6)
        if fine.any():
            *more, last = (str(k + 1) for k in np.flatnonzero(~fine))
            units = f"units {', '.join(more)} and {last}" if more else f"unit {last}"
            return wrong(f"Not all are right yet. Look again at {units}.")
        return wrong("No unit is right yet. Which factors does the formula have?")

    return examine


_X_LAST = np.array([0.8, 0.4])
_Y_LAST = np.array([1.0, 0.0])
_DELTA_LAST = np.array([0.1, -0.2])
_W_LAST = np.array([[2.0, -1.0], [0.0, 3.0], [1.0, 1.0]])
_X_HIDDEN = np.array([0.5, 0.5, 0.6])


def _slope(x):
    return x * (1 - x)


def _sigmoid(u):
    return 1 / (1 + np.exp(-u))


def _delta_last():
    return ((_X_LAST - _Y_LAST) * _slope(_X_LAST)).tolist()


def _delta_hidden():
    return (_DELTA_LAST @ _W_LAST.T * _slope(_X_HIDDEN)).tolist()


# ------------------------------------------------------------------ transposes


_COLUMNS = transpose_lab("x", n_in=6, n_out=2, n_samples=5, vectors="column")


_FACTOR = r"(delta|δ|W)\s*((?:\^|\.)\s*T|\^?[ᵀ⊤])?"
_PRODUCT = re.compile(rf"\s*{_FACTOR}\s*[@*·]?\s*{_FACTOR}\s*", re.IGNORECASE)


def _product_text(answer):
    """Return a product as the lab writes it, whatever the spelling; None if it is none."""
    plain = re.sub(r"[\\${}]", "", answer).replace("top", "T")
    plain = re.sub(rf"\(\s*({_FACTOR})\s*\)", r"\1", plain, flags=re.IGNORECASE)
    match = _PRODUCT.fullmatch(plain)  # brackets round a product may turn it: none is guessed
    if not match:
        return None
    first, turned, second, turned_too = match.groups()
    names = ["W" if name in "wW" else "delta" for name in (first, second)]
    marks = ["^T" if mark else "" for mark in (turned, turned_too)]
    return " ".join(name + mark for name, mark in zip(names, marks, strict=True))


def _examine_product(answer):
    if not isinstance(answer, str):
        return wrong(
            'Answer with a product in quotation marks, such as "delta W^T"; this is '
            f"{shown(answer)}."
        )
    text = _product_text(answer)
    for row in _COLUMNS.rows:
        if row.text == text and row.correct:
            return right(
                "W^T is 6×2, delta is 2×5: the two output units stand inside and are summed over, "
                "and the samples stay apart as columns."
            )
        if row.text == text:
            return wrong(f"{row.text} {row.reason}.")
    return wrong(
        "Name a product of delta and W without brackets, each with or without ^T, such as "
        f'"delta W^T"; this is {shown(answer)}.'
    )


def _third_case():
    """Return arrays of a layer ``u = x W^T`` and its two gradients, by complex step.

    All are 3×3, so that no shape gives the answer away.
    """
    rng = np.random.default_rng(8)
    x, W, tilt = (rng.normal(size=shape) for shape in [(3, 3)] * 3)

    def error(u):
        return (tilt * np.sin(u)).sum()

    delta = complex_step(error, x @ W.T)
    by_W = complex_step(lambda W: error(x @ W.T), W)
    by_x = complex_step(lambda x: error(x @ W.T), x)
    return {"delta": delta, "x": x, "W": W}, by_W, by_x


def _examine_third(form):
    arrays, by_W, by_x = _third_case()
    value, refused = _call(form, **arrays)
    if refused:
        return refused
    if not isinstance(value, tuple | list) or len(value) != 2:
        return wrong("Return the two gradients, the one by W first: return ..., ...")
    if any(part is Ellipsis or part is None for part in value):
        return Verdict(False, "Replace each ... by a product.", tried=False)
    if _is(value[0], by_x) and _is(value[1], by_W):
        return wrong("Both are right, in the other order. Return the gradient by W first.")
    for name, part, gradient in (("W", value[0], by_W), ("x", value[1], by_x)):
        if not _is(part, gradient):
            return wrong(f"The gradient by {name} is not right. {_why_not(name, part, gradient)}")
    return right("Another way to store W, other transposes, and the same procedure found them.")


_INDICES = {
    "W": "∂E/∂W_ji = Σ_k δ_kj x_ki: j comes first, and k is summed.",
    "x": "∂E/∂x_ki = Σ_j δ_kj W_ji: k comes first, and j is summed.",
}


def _why_not(name, part, gradient):
    """Say what keeps an answer from being the gradient by x or W."""
    if np.shape(part) != gradient.shape:
        return f"It must be {_by(gradient)}, as {name} is; yours has the shape {np.shape(part)}."
    if _is(part, gradient.T):
        return f"The numbers are right, but transposed. {_INDICES[name]}"
    fits = "The shape fits, the numbers do not"
    try:
        times = np.asarray(part, dtype=float) / gradient
    except (TypeError, ValueError):
        return "It must hold real numbers."
    if np.allclose(times, times[0, 0]):
        return f"{fits}: they are {times[0, 0]:.4g} times the right ones."
    return f"{fits}. Which index is summed, and does it stand inside?"


def _by(matrix):
    return "×".join(map(str, matrix.shape))


EXERCISES = (
    Exercise(
        id="08-lemma-2",
        prompt="Write the right side of lemma 2 in matrices: `form(W, grad_y)` takes $W$ and the "
        "column $\\nabla_y f$ and returns the column $\\nabla_x f$. In Python, `@` is the matrix "
        "product and `.T` the transpose.",
        examine=_lemma_examiner(
            2,
            [
                (lambda W, grad_y: grad_y.T @ W, _ROW),
                (
                    lambda W, grad_y: W.T @ np.ones_like(grad_y),
                    "The weights are summed, but not weighted with the derivatives of f.",
                ),
            ],
            "The sum runs over r, the first index of W. In a matrix product it must be the second "
            "of the left factor, and so W is transposed.",
            misfits=[(lambda W, grad_y: W.T * grad_y, _ENTRYWISE)],
        ),
        answer=lambda: lambda W, grad_y: W.T @ grad_y,
        written="return W.T @ grad_y",
        hints=(
            "Over which index of W does the sum run, the first or the second?",
            "A matrix product A B sums over the second index of A and the first of B. "
            "Which of A and B must W be, and which way round?",
            "The left factor needs r as its second index: that is `W.T`.",
        ),
        explanation="∂f/∂x_i = Σ_r W_ri ∂f/∂y_r. i comes first and belongs to W, so W stands on "
        "the left. The summed r must stand inside, so W is turned. The shapes are a check: n×m "
        "times m×1 gives n×1.",
    ),
    Exercise(
        id="08-lemma-4",
        prompt="Supply what document E leaves blank. With $u = W x$ and $y = g(u)$, write "
        "$\\nabla_x f$ in matrices: `form(W, grad_y, slope)`, where `slope` is the column of all "
        "$g'(u_r)$.",
        examine=_lemma_examiner(
            4,
            [
                (
                    lambda W, grad_y, slope: W.T @ grad_y,
                    "That is lemma 2 alone. On the way from y to x you also pass g: where does its "
                    "slope enter?",
                ),
                (
                    lambda W, grad_y, slope: W.T @ slope,
                    "The derivatives of f by y are missing: the chain starts with them.",
                ),
                (lambda W, grad_y, slope: (grad_y * slope).T @ W, _ROW),
                (
                    lambda W, grad_y, slope: grad_y * slope,
                    "That is ∇_u f, by lemma 3. One step is left, from u back to x.",
                ),
            ],
            "First lemma 3, from y back to u, and then lemma 2, from u back to x.",
            misfits=[
                (
                    lambda W, grad_y, slope: W.T @ grad_y * slope,
                    "slope has 3 rows, one for each u; what it meets here has 4, one for each x. "
                    "Multiply ∇_y f by it, before W^T.",
                ),
                (lambda W, grad_y, slope: W.T * grad_y * slope, _ENTRYWISE),
            ],
        ),
        answer=lambda: lambda W, grad_y, slope: W.T @ (grad_y * slope),
        written="return W.T @ (grad_y * slope)",
        hints=(
            "Which two steps lead from x to y? Go back through them, the last one first.",
            "Lemma 3 gives ∇_u f from ∇_y f. Which lemma gives ∇_x f from ∇_u f?",
            "∇_u f is `grad_y * slope`. Put it into lemma 2 in place of `grad_y`.",
        ),
        explanation="The slope g'(u_r) carries r, the index that is summed, so it must be "
        "multiplied before W^T, not after it.",
    ),
    Exercise(
        id="08-predict-paths",
        prompt="How many paths lead from $W^{(1)}_{12}$ to the error in a 4-5-3-2 network? "
        '`"a"` 2, `"b"` 5, `"c"` 6.',
        examine=choice(
            {
                "a": "There are 2 outputs, but each can be reached through any of the 3 units of "
                "the second hidden layer: 3 · 2 = 6 paths.",
                "b": "5 is 3 + 2, or the units of layer 1, but the weight enters only one of them. "
                "A path takes one of the 3 units and then one of the 2 outputs, "
                "whichever unit it took: choices in turn multiply, and that makes 6.",
                "c": "3 units in the second hidden layer, and from each of them 2 outputs: 3 · 2.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "The weight leads into one unit of the first hidden layer. Where can one go from "
            "there?",
            "Each unit of a layer is joined to every unit of the next.",
            "First 3 choices, and then, for each of them, 2.",
        ),
    ),
    Exercise(
        id="08-delta-last",
        prompt="On paper. The last layer has two sigmoid units with outputs $0.8$ and $0.4$; the "
        "targets are $1$ and $0$. Find $\\delta^{(M)}$: two exact numbers, as `(first, second)`.",
        examine=_numbers_examiner(
            _delta_last(),
            [
                (
                    _X_LAST - _Y_LAST,
                    "This is the derivative by the outputs. To get back to u, one more factor is "
                    "needed: the slope of the sigmoid.",
                ),
                (_slope(_X_LAST), "These are the slopes alone. Multiply them by x - y."),
                (
                    (_X_LAST - _Y_LAST) * _slope(_sigmoid(_X_LAST)),
                    "You put the outputs through the sigmoid once more. They are outputs already: "
                    "the slope is x (1 - x).",
                ),
                (
                    (_X_LAST - _Y_LAST) * _X_LAST,
                    "Half of the slope is missing: it is x (1 - x), not x.",
                ),
            ],
        ),
        answer=_delta_last,
        written="(-0.032, 0.096)",
        hints=(
            "Which two factors does the formula of the last layer have?",
            "The slope of a sigmoid, from its output x, is x (1 - x): here 0.16 for the first.",
            "The first number is (0.8 - 1) · 0.16.",
        ),
        explanation="(0.8 - 1) · 0.16 and (0.4 - 0) · 0.24. The first output is too low, so its "
        "delta is negative.",
    ),
    Exercise(
        id="08-delta-hidden",
        prompt="On paper, one layer back. In another network the weights into the two outputs are "
        "$W^{(M)} = \\begin{pmatrix} 2 & -1 \\\\ 0 & 3 \\\\ 1 & 1 \\end{pmatrix}$ (row: from, "
        "column: to), and the three hidden sigmoid units put out $0.5$, $0.5$ and $0.6$. With "
        "$\\delta^{(M)} = (0.1,\\ -0.2)$, find $\\delta^{(M-1)}$: three exact numbers.",
        examine=_numbers_examiner(
            _delta_hidden(),
            [
                (
                    _DELTA_LAST @ _W_LAST.T,
                    "This is the product with the transposed weights, and it is right so far. "
                    "Now multiply each entry by the slope of its own hidden unit.",
                ),
                (
                    _W_LAST.sum(axis=1) * _slope(_X_HIDDEN),
                    "Each weight must be multiplied by the delta it leads to before you add.",
                ),
                (
                    _DELTA_LAST @ _W_LAST.T * _X_HIDDEN,
                    "You multiplied by the outputs. The slope is x (1 - x).",
                ),
                (
                    _DELTA_LAST[0] * _W_LAST[:, 0] * _slope(_X_HIDDEN),
                    "This is the share of the first output alone. Each hidden unit feeds both.",
                ),
                (
                    _DELTA_LAST[1] * _W_LAST[:, 1] * _slope(_X_HIDDEN),
                    "This is the share of the second output alone. Each hidden unit feeds both.",
                ),
            ],
        ),
        answer=_delta_hidden,
        written="(0.1, -0.15, -0.024)",
        hints=(
            "Which weights lead out of the first hidden unit, and to which outputs?",
            "They are 2 and -1. Multiply each by the delta of its output, and add.",
            "For the first unit: (2 · 0.1 + (-1) · (-0.2)) · 0.25.",
        ),
        explanation="The sums are 0.4, -0.6 and -0.1; the slopes are 0.25, 0.25 and 0.24.",
    ),
    Exercise(
        id="08-predict-batch",
        prompt="A batch of 6 samples goes through `backward`. What is the gradient of the weights "
        'that comes out? `"a"` six gradients, stacked, `"b"` their sum, `"c"` their mean.',
        examine=choice(
            {
                "a": "Look at the shape: x^T is n×6 and delta is 6×m, so the product is n×m, the "
                "shape of one gradient. The 6 stands inside, and is summed over.",
                "b": "In x^T delta the samples stand inside, and a matrix product sums over what "
                "stands inside. It divides by nothing.",
                "c": "Nothing in x^T delta divides by 6. A mean needs a division of its own; "
                "Network.backward makes it unless told reduction='sum'.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "What are the shapes of x^T and of delta, and what is the shape of their product?",
            "Over which index does the product x^T delta sum?",
            "It sums over the samples. Is there a division anywhere?",
        ),
    ),
    Exercise(
        id="08-transpose",
        prompt="Now in document E's form: a sample is a *column*, and $u = W x$. The layer leads "
        "from 6 units to 2, and there are 5 samples: `W` is 2×6, `delta` is 2×5. Which product of "
        'the two is $\\nabla_x E$? Write it in quotation marks, such as `"delta W^T"`.',
        examine=_examine_product,
        answer=lambda: "W^T delta",
        hints=(
            "Write u_jk as a sum: which entries of W and x does it hold?",
            "u_jk = Σ_i W_ji x_ik. So ∂E/∂x_ik = Σ_j W_ji δ_jk: which index comes first, and over "
            "which is summed?",
            "i comes first and belongs to W, so W stands on the left. The summed j must stand "
            "inside, so turn W. The shapes are a check: 6×2 times 2×5.",
        ),
        explanation="∂E/∂x_ik = Σ_j W_ji δ_jk: i comes first, so W stands on the left; the summed "
        "j must stand inside, so W is turned.",
    ),
    Exercise(
        id="08-predict-fits",
        prompt="A layer leads from 3 units to 3, with 5 samples as rows. How many of the eight "
        'products have the shape of $\\nabla_W E$? `"a"` 1, `"b"` 2, `"c"` 4.',
        examine=choice(
            {
                "a": "With 3 units on one side and 4 on the other there was one. Now δ^T x is 3×3, "
                "too: equal sizes let its transpose through.",
                "b": "x^T δ and δ^T x are both 3×3. One is the transpose of the other, and no "
                "shape can tell them apart.",
                "c": "Four products can be computed, but two of them, δ x^T and x δ^T, sum over "
                "the units and come out as 5×5.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Both matrices are 5×3, and the result must be 3×3. Where must the 5 stand?",
            "The 5 must stand inside: the left factor is 3×5, the right one 5×3.",
            "So the left factor is transposed, and the right one is not. Which is which is free.",
        ),
    ),
    Exercise(
        id="08-third-convention",
        prompt="Alone. A third form: samples are *rows*, but `W` is stored with a row for each "
        "unit it leads *to*, so that $u = x W^{\\top}$ (the library PyTorch does so). Write "
        "`gradients(delta, x, W)`, which returns $\\nabla_W E$ and $\\nabla_x E$. The check takes "
        "3×3 matrices only, so that every product fits.",
        examine=_examine_third,
        answer=lambda: lambda delta, x, W: (delta.T @ x, delta @ W),
        written="return delta.T @ x, delta @ W",
        hints=(
            "Write u_kj as a sum: which entries of x and W does it hold?",
            "u_kj = Σ_i x_ki W_ji. So ∂E/∂W_ji = Σ_k δ_kj x_ki: over what is summed, and which "
            "index comes first?",
            "By W: j comes first, it belongs to delta, and k stands inside: `delta.T @ x`. By x: "
            "Σ_j δ_kj W_ji needs no transpose.",
        ),
        explanation="Here the gradient by x has no transpose at all. Transposes are no law of "
        "backpropagation, they come from how W is stored.",
    ),
    Exercise(
        id="08-predict-recompute",
        prompt="Ten layers, nothing kept. How many matrix products do forward and backward take "
        'together, where keeping takes 29? `"a"` up to 40, `"b"` 41 to 60, `"c"` more than 60.',
        examine=choice(
            {
                "a": "That would be one forward pass more. But each of the ten layers asks for "
                "values of its own, and each time the way there starts at X.",
                "b": "Near. Layer 10 needs 10 products, layer 9 needs 9, and so on down to 1: 55 "
                "in all. And the 19 of the backward pass come on top.",
                "c": "10 + 9 + ... + 1 = 55 to find the values again and again, and 19 backward.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "How many products lead from X to the output of layer 10? Of layer 9?",
            "10 for layer 10, 9 for layer 9, and so on. Add them up.",
            "10 + 9 + ... + 1 = 55, and the backward pass has 19 of its own.",
        ),
    ),
)
