"""The five lemmas of matrix calculus that backpropagation needs (SOURCES E5-E10).

Each is derived in index form: the definition is differentiated, and a sum over a Kronecker delta
leaves its one term.  The matrix form is then read off the indices, transposes and all.  No
result is typed here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy
from sympy.concrete.delta import deltasummation

from backprop_kit.numeric.validation import as_array, as_count, as_rng
from backprop_kit.symbolic.derivation import Chain
from backprop_kit.symbolic.letters import g, i, j, m, n_in, r, s, single
from backprop_kit.symbolic.matrices import MatrixForm, matrix_form
from backprop_kit.symbolic.typeset import Formula, Partial

_STEP = 1e-30  # of the complex step; nothing is subtracted, so it may be this small
_TOLERANCE = 1e-9


def collapse(expression):
    """Collapse sums over a Kronecker delta; take out of the others what does not hold their index.

    Parameters
    ----------
    expression : sympy.Expr
        The free indices are taken to be in range.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> x = single("x")
    >>> collapse(sympy.Sum(sympy.KroneckerDelta(i, r) * x[r], (r, 1, m)))
    x[i]
    """
    return expression.replace(lambda part: isinstance(part, sympy.Sum), _collapse_sum)


def _collapse_sum(total):
    limit, *outer = total.limits  # the first range is the innermost
    if total.has(sympy.KroneckerDelta):
        term = deltasummation(total.function, limit, no_piecewise=True)
        return _collapse_sum(sympy.Sum(term, *outer)) if outer else term
    if outer:
        return total
    constant, term = total.function.as_independent(limit[0], as_Add=False)
    return constant * sympy.Sum(term, limit)


def through(start, outer, by, size, *, target=None, of="f") -> Chain:
    """Apply the chain rule of E5: ``by`` acts through every ``start.left``, so sum over them.

    Parameters
    ----------
    start : Formula
        What the quantity with index ``r`` is, in terms of `by`.
    outer : sympy.Expr
        The known derivative by ``start.left``.
    by : Entry
        What to differentiate by; its indices are free.
    size : sympy.Expr
        How far ``r`` runs.
    target : sympy.Expr, optional
        A name for the derivative sought.
    of : str
        What is differentiated, when there is no `target`.

    Returns
    -------
    Chain

    Examples
    --------
    >>> through(Formula(_y[r], g(_x[r])), _by_y[r], _x[i], m).result
    ∂f/∂x[i] = ∂f/∂y[i]*g'(x[i])
    """
    target = Partial(sympy.Symbol(of), by) if target is None else target
    inner = Partial(start.left, by)
    slope = collapse(start.right.diff(by))
    return Chain(
        start=start,
        split=Formula(target, sympy.Sum(outer * inner, (r, 1, size))),
        factors=(Formula(inner, slope),),
        result=Formula(target, collapse(sympy.Sum(outer * slope, (r, 1, size)))),
    )


@dataclass(frozen=True)
class LemmaCheck:
    """What came of one comparison of a matrix form with the complex step.

    Attributes
    ----------
    passed : bool
    message : str
        One plain sentence.
    """

    passed: bool
    message: str

    def __repr__(self):
        return self.message

    def _repr_markdown_(self):
        return f"{'✓' if self.passed else '✗'} {self.message}"


@dataclass(frozen=True, eq=False)
class Lemma:
    r"""One lemma: its index form derived, its matrix form read off, and its check.

    Attributes
    ----------
    number : int
    name : str
        What it is about, in words.
    chain : Chain
        The derivation.
    matrix : MatrixForm
        The right side in matrices; vectors are columns.
    matrix_left : str
        The left side's LaTeX, such as ``\nabla_{W} f``.
    """

    number: int
    name: str
    chain: Chain
    matrix: MatrixForm
    matrix_left: str

    @property
    def lines(self) -> tuple[Formula, ...]:
        """The derivation in index form, line by line."""
        return self.chain.lines

    @property
    def statement(self) -> Formula:
        """What is proven, in index form."""
        return self.chain.result

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the arrays that a matrix form of it may use, in order."""
        return _GIVEN[self.number]

    def check(self, form: Callable | None = None, *, rng=0, sizes=(3, 4)) -> LemmaCheck:
        """Compare a matrix form with the derivatives of a random function, by the complex step.

        Parameters
        ----------
        form : callable, optional
            Takes the arrays of `given` in that order, vectors as columns (n, 1), and returns the
            gradient.  The lemma's own matrix form when left out.
        rng : int or numpy.random.Generator
        sizes : (int, int)
            Entries of ``y`` (and of ``u``), entries of ``x``; keep them unequal, so that a
            transpose shows.  Lemma 3 needs one size, the first.

        Returns
        -------
        LemmaCheck

        Raises
        ------
        TypeError, ValueError
            When `sizes` or `rng` does not fit.

        Examples
        --------
        >>> lemma(2).check()
        lemma 2 holds: the matrix form equals the derivative to 1e-9
        >>> lemma(2).check(lambda W, grad_y: W @ grad_y)
        it cannot be computed: the shapes do not fit; W (3, 4), grad_y (3, 1)
        """
        if form is not None and not callable(form):
            raise TypeError(f"form must be a function of {', '.join(self.given)}, got {form!r}")
        arrays, expected = _random_case(self.number, as_rng(rng), _two_sizes(sizes))
        given = [arrays[name] for name in self.given]
        if form is None:
            value = self.matrix.compute({_MATRIX_NAMES[name]: a for name, a in arrays.items()})
            return _compared(value, expected, f"lemma {self.number} holds")
        try:
            value = form(*(array.copy() for array in given))
        except ValueError:
            shapes = ", ".join(f"{name} {arrays[name].shape}" for name in self.given)
            return LemmaCheck(False, f"it cannot be computed: the shapes do not fit; {shapes}")
        return _compared(value, expected, f"lemma {self.number}, right")

    def __repr__(self):
        left = self.matrix_left.replace(r"\nabla_{", "∇_").replace("}", "")
        return f"{self.chain}\n{left} = {self.matrix}"

    def _repr_latex_(self):
        chain = self.chain._repr_latex_().removesuffix(r"\end{aligned}$$")
        return rf"{chain} \\[4pt] {self.matrix_left} &= {self.matrix.latex}\end{{aligned}}$$"


_GIVEN = {
    1: ("grad_y", "x"),
    2: ("W", "grad_y"),
    3: ("grad_y", "slope"),
    4: ("W", "grad_y", "slope"),
    5: ("J", "grad_y"),
}


@cache
def lemma(number: int) -> Lemma:
    """Derive one of the five lemmas; ``f`` is any function of ``y``, vectors are columns.

    1. ``y = W x``, by ``W``.  2. ``y = W x``, by ``x``.  3. ``y = g(x)`` entry by entry, by ``x``.
    4. ``u = W x``, ``y = g(u)``, by ``x``: lemma 3 put into lemma 2.  5. ``y_i = g_i(x)``, any
    functions, by ``x``.

    Parameters
    ----------
    number : int
        1 to 5.

    Returns
    -------
    Lemma

    Raises
    ------
    TypeError, ValueError
        When `number` is not a whole number from 1 to 5.
    ArithmeticError
        If lemma 4, composed, disagrees with its direct derivation: then something is broken.

    Notes
    -----
    Source: SOURCES E6-E10; lemma 4 is blank in the document.

    Examples
    --------
    >>> lemma(1)
    y[r] = Sum(W[r, s]*x[s], (s, 1, n))
    ∂f/∂W[i, j] = Sum(∂f/∂y[r]*∂y[r]/∂W[i, j], (r, 1, m))
    ∂y[r]/∂W[i, j] = KroneckerDelta(i, r)*x[j]
    ∂f/∂W[i, j] = ∂f/∂y[i]*x[j]
    ∇_W f = ∇_y f x^T
    """
    if as_count("number", number) > len(_LEMMAS):
        raise ValueError(f"number must be 1 to {len(_LEMMAS)}, got {number}")
    name, derive, by = _LEMMAS[number]
    chain = derive()
    free = (i, j) if by == "W" else (i,)
    form = matrix_form(chain.result.right, free, column_vectors=True)
    return Lemma(number, name, chain, form, rf"\nabla_{{{by}}} f")


_x, _u, _y, _W, _J = (single(name) for name in ("x", "u", "y", "W", "J"))
_by_y, _by_u = single("∂f/∂y"), single("∂f/∂u")


def _product(result):
    return Formula(result, sympy.Sum(_W[r, s] * _x[s], (s, 1, n_in)))


def _lemma_1():
    return through(_product(_y[r]), _by_y[r], _W[i, j], m)


def _lemma_2():
    return through(_product(_y[r]), _by_y[r], _x[i], m)


def _lemma_3():
    return through(Formula(_y[r], g(_x[r])), _by_y[r], _x[i], m)


def _lemma_4():
    """Put lemma 3, read as a step from ``u`` to ``y``, into lemma 2, read as one from x to u."""
    to_u = through(_product(_u[r]), _by_u[r], _x[i], m)
    to_y = through(Formula(_y[r], g(_u[r])), _by_y[r], _u[i], m)
    by_u = Formula(_by_u[r], to_y.result.right.xreplace({i: r}))
    composed = to_u.result.right.xreplace({by_u.left: by_u.right})
    direct = through(Formula(_y[r], g(_product(_u[r]).right)), _by_y[r], _x[i], m).result.right
    if direct.xreplace({_product(_u[r]).right: _u[r]}) != composed:
        raise ArithmeticError(f"two routes to lemma 4 disagree: {direct} and {composed}")
    return Chain(
        start=to_u.start,
        split=to_y.start,
        factors=(to_u.result, by_u),
        result=Formula(to_u.result.left, composed),
    )


def _lemma_5():
    jacobian = Formula(Partial(_y[r], _x[i]), _J[r, i])
    target = Partial(sympy.Symbol("f"), _x[i])
    return Chain(
        split=Formula(target, sympy.Sum(_by_y[r] * jacobian.left, (r, 1, m))),
        factors=(jacobian,),
        result=Formula(target, sympy.Sum(_by_y[r] * jacobian.right, (r, 1, m))),
    )


_LEMMAS = {
    1: ("a linear step, by its weights", _lemma_1, "W"),
    2: ("a linear step, by its inputs", _lemma_2, "x"),
    3: ("a function entry by entry", _lemma_3, "x"),
    4: ("a whole layer, by its inputs", _lemma_4, "x"),
    5: ("any step: the Jacobian", _lemma_5, "x"),
}
# how the matrix forms call the arrays that a student's function is given
_MATRIX_NAMES = {
    "grad_y": "∇_y f",
    "x": "x",
    "W": "W",
    "J": "J",
    "slope": "slope",
    "slope_x": "g'(x)",
    "slope_u": "g'(u)",
}


def _two_sizes(sizes):
    if not isinstance(sizes, tuple | list) or len(sizes) != 2:
        raise TypeError(f"sizes must be two whole numbers, got {sizes!r}")
    return tuple(as_count("sizes", size) for size in sizes)


def complex_step(function, at):
    """Return the derivatives of a function by every entry of one array.

    Parameters
    ----------
    function : callable
        From an array like `at` to a number or an array; must take complex numbers.
    at : ndarray
        Where.

    Returns
    -------
    ndarray
        Shape ``shape of the function's value + at.shape``.

    Examples
    --------
    >>> complex_step(lambda x: (x**2).sum(), np.array([1.0, 3.0])).tolist()
    [2.0, 6.0]
    """
    slopes = []
    for place in np.ndindex(at.shape):
        moved = at.astype(complex)
        moved[place] += 1j * _STEP
        slopes.append(np.imag(function(moved)) / _STEP)
    return np.moveaxis(slopes, 0, -1).reshape(np.shape(slopes[0]) + at.shape)


def _random_case(number, rng, sizes):
    """Return random arrays, and the gradient wanted, from the definitions by complex step."""
    n_y, n_x = sizes if number != 3 else (sizes[0], sizes[0])
    x, W = rng.normal(size=(n_x, 1)), rng.normal(size=(n_y, n_x))
    curve, tilt = rng.normal(size=(2, n_y, 1))
    step = {
        1: lambda x, W: W @ x,
        2: lambda x, W: W @ x,
        3: lambda x, W: np.tanh(x),
        4: lambda x, W: np.tanh(W @ x),
        5: lambda x, W: np.tanh(W @ x) * np.sin(x).sum(),
    }[number]

    def outer(y):  # the random f: every y_i has a slope of its own
        return (tilt * np.sin(y)).sum() + (curve * y).sum() ** 2

    y = step(x, W)
    u = x if number == 3 else W @ x
    slope = complex_step(lambda shift: np.tanh(u + shift).sum(), np.zeros_like(u))
    arrays = {
        "x": x,
        "W": W,
        "grad_y": complex_step(outer, y),
        **{"slope": slope, "slope_x" if number == 3 else "slope_u": slope},
        "J": complex_step(lambda x: step(x, W)[:, 0], x)[:, :, 0],
    }
    if number == 1:
        return arrays, complex_step(lambda W: outer(step(x, W)), W)
    return arrays, complex_step(lambda x: outer(step(x, W)), x)


def _compared(value, expected, praise) -> LemmaCheck:
    try:
        value = as_array("value", value)
    except (TypeError, ValueError) as problem:
        return LemmaCheck(False, str(problem))
    if value.shape != expected.shape:
        return LemmaCheck(
            False, f"the shape is {value.shape}, that of the gradient is {expected.shape}"
        )
    error = np.linalg.norm(value - expected) / np.linalg.norm(expected)
    if error < _TOLERANCE:
        return LemmaCheck(True, f"{praise}: the matrix form equals the derivative to 1e-9")
    return LemmaCheck(
        False, f"the shape fits, the numbers do not: off by {error:.0%} of the gradient"
    )
