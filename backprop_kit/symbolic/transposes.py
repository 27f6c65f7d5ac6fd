"""The transpose lab: every product of two matrices, and why it cannot be the gradient (C4).

Shapes rule out most products.  With equal sizes they rule out too few: then the numbers decide.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from backprop_kit.numeric.validation import as_choice, as_count, as_rng
from backprop_kit.symbolic.lemmas import complex_step


@dataclass(frozen=True)
class Product:
    """One way to multiply the two matrices.

    Attributes
    ----------
    text : str
        ``"x^T delta"``.
    shapes : tuple of two shapes
        Of the two factors as they are multiplied.
    shape : tuple of int or None
        Of the product; None when it cannot be computed.
    fits : bool
        Whether the product has the gradient's shape.
    correct : bool
        Whether it is the gradient, at these sizes and at any others.
    reason : str
        Why it cannot be, or that it is.
    """

    text: str
    shapes: tuple[tuple[int, int], tuple[int, int]]
    shape: tuple[int, int] | None
    fits: bool
    correct: bool
    reason: str


@dataclass(frozen=True)
class TransposeLab:
    """All eight products, as a table.

    Attributes
    ----------
    sought : str
        ``"W"`` or ``"x"``.
    shapes : dict of str to shape
        Of the two factors and of the gradient sought.
    rows : tuple of Product
    """

    sought: str
    shapes: dict[str, tuple[int, int]]
    rows: tuple[Product, ...]

    @property
    def fitting(self) -> tuple[Product, ...]:
        """The products that have the right shape; shapes alone leave these."""
        return tuple(row for row in self.rows if row.fits)

    @property
    def correct(self) -> Product:
        """The one product that equals the gradient."""
        return next(row for row in self.rows if row.correct)

    def _head(self):
        sizes = ", ".join(f"{name} {_by(shape)}" for name, shape in self.shapes.items())
        return f"sought: ∇_{self.sought} E; {sizes}"

    def __repr__(self):
        width = max(len(row.text) for row in self.rows)
        lines = (f"{row.text:<{width}}  {row.reason}" for row in self.rows)
        return "\n".join([self._head(), *lines])

    def _repr_markdown_(self):
        sought = rf"$\nabla_{self.sought} E$"
        names = {"delta": r"$\delta$", "x": "$x$", "W": "$W$"}
        sizes = ", ".join(
            f"{names.get(name, sought)} {_by(shape)}" for name, shape in self.shapes.items()
        )
        head = f"sought: {sought}; {sizes}\n\n| product | sizes | verdict |\n|:--|:--|:--|"
        rows = (
            f"| ${_latex(row.text)}$ | {_by(row.shapes[0])} times {_by(row.shapes[1])} "
            f"| {'✓' if row.correct else '✗'} {row.reason} |"
            for row in self.rows
        )
        return "\n".join([head, *rows])


def transpose_lab(sought, *, n_in, n_out, n_samples=1, vectors="row", rng=0) -> TransposeLab:
    """List every product of the two matrices, and say which can be the gradient and which is.

    Parameters
    ----------
    sought : {"W", "x"}
        The gradient by the weights, from ``delta`` and ``x``; or by the layer's inputs, from
        ``delta`` and ``W``.
    n_in, n_out : int
        Units before and behind the weights.
    n_samples : int
    vectors : {"row", "column"}
        A sample is a row (``u = x W``; documents A, B and C, `Network`) or a column (``u = W x``;
        document E).
    rng : int or numpy.random.Generator
        For the numbers that decide where shapes do not.

    Returns
    -------
    TransposeLab

    Raises
    ------
    TypeError, ValueError
        For anything else.

    Notes
    -----
    Source: SOURCES C4, E12, E15.  The gradient is found by complex step, not by a product.

    Examples
    --------
    >>> transpose_lab("x", n_in=3, n_out=4, n_samples=5)
    sought: ∇_x E; delta 5×4, W 3×4, ∇_x E 5×3
    delta W      cannot be computed: 4 columns against 3 rows
    delta W^T    right: it equals the derivative
    delta^T W    cannot be computed: 5 columns against 3 rows
    delta^T W^T  cannot be computed: 5 columns against 4 rows
    W delta      cannot be computed: 4 columns against 5 rows
    W delta^T    gives 3×5, the gradient is 5×3
    W^T delta    cannot be computed: 3 columns against 5 rows
    W^T delta^T  cannot be computed: 3 columns against 4 rows
    """
    sought = as_choice("sought", sought, ("W", "x"))
    column = as_choice("vectors", vectors, ("row", "column")) == "column"
    n_in, n_out = as_count("n_in", n_in), as_count("n_out", n_out)
    arrays = _random_layer(as_rng(rng), n_in, n_out, as_count("n_samples", n_samples), column)
    general = _random_layer(np.random.default_rng(0), 2, 3, 4, column)  # no two sizes equal
    other = "x" if sought == "W" else "W"
    expected = arrays[f"∇_{sought} E"]
    turned = [
        (f"{name}{mark}", name, bool(mark)) for name in ("delta", other) for mark in ("", "^T")
    ]
    pairs = [pair for pair in product(turned, turned) if pair[0][1] != pair[1][1]]
    return TransposeLab(
        sought,
        {name: arrays[name].shape for name in ("delta", other, f"∇_{sought} E")},
        tuple(
            _judged(pair, arrays, expected, _is_gradient(pair, general, f"∇_{sought} E"))
            for pair in pairs
        ),
    )


def _random_layer(rng, n_in, n_out, n_samples, column):
    """Return x, W and delta of one layer, and the derivatives of a random error by x and W."""
    x, W = rng.normal(size=(n_samples, n_in)), rng.normal(size=(n_in, n_out))
    tilt = rng.normal(size=(n_samples, n_out))
    x, W, tilt = (array.T.copy() if column else array for array in (x, W, tilt))

    def net_input(x, W):
        return W @ x if column else x @ W

    def error(u):
        return (tilt * np.sin(u)).sum() + (tilt * u).sum() ** 2

    return {
        "x": x,
        "W": W,
        "delta": complex_step(error, net_input(x, W)),
        "∇_x E": complex_step(lambda x: error(net_input(x, W)), x),
        "∇_W E": complex_step(lambda W: error(net_input(x, W)), W),
    }


def _factors(pair, arrays):
    return [arrays[name].T if turned else arrays[name] for _, name, turned in pair]


def _is_gradient(pair, arrays, sought):
    left, right = _factors(pair, arrays)
    return left.shape[1] == right.shape[0] and _equal(left @ right, arrays[sought])


def _judged(pair, arrays, expected, holds_in_general):
    factors = _factors(pair, arrays)
    text = " ".join(name for name, _, _ in pair)
    shapes = tuple(factor.shape for factor in factors)
    (rows, inner), (meets, columns) = shapes
    if inner != meets:
        reason = f"cannot be computed: {_many(inner, 'column')} against {_many(meets, 'row')}"
        return Product(text, shapes, None, False, False, reason)
    shape = (rows, columns)
    if shape != expected.shape:
        reason = f"gives {_by(shape)}, the gradient is {_by(expected.shape)}"
        return Product(text, shapes, shape, False, False, reason)
    value = factors[0] @ factors[1]
    if _equal(value, expected) and holds_in_general:
        return Product(text, shapes, shape, True, True, "right: it equals the derivative")
    if _equal(value, expected):
        reason = "equal here, where sizes are 1; not the gradient at other sizes"
    elif _equal(value.T, expected):
        reason = "fits by chance: it is the gradient transposed"
    else:
        reason = "fits by chance: it sums over the wrong index"
    return Product(text, shapes, shape, True, False, reason)


def _equal(value, expected):
    return value.shape == expected.shape and np.allclose(value, expected, rtol=1e-9, atol=1e-12)


def _by(shape):
    return "×".join(map(str, shape))


def _many(number, word):
    return f"{number} {word}" + "s" * (number != 1)


def _latex(text):
    return text.replace("delta", r"\delta").replace("^T", r"^{\top}").replace(" ", r" \, ")
