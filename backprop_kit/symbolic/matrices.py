"""From an index formula to its matrix form, and from either to numbers.

Nobody has to guess a transpose (SOURCES C4): the indices say it.  The letter that is summed over
must stand at the inner places of the product; a matrix that holds it at the outer place is
transposed.  `matrix_form` reads a formula by that rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import sympy

from backprop_kit.symbolic.letters import ElementwiseBase, LayerEntry
from backprop_kit.symbolic.notation import Entry


@dataclass(frozen=True, eq=False)
class MatrixForm:
    """A formula of matrices: to read, to typeset, and to compute.

    Attributes
    ----------
    text : str
        For a terminal, ``"W^T ∇_y f"``.
    latex : str
        For a notebook.
    compute : callable
        From a mapping of names to arrays to an array.  Column vectors have shape (n, 1), row
        vectors (N, n).
    names : tuple of str
        The names that `compute` looks up.
    """

    text: str
    latex: str
    compute: Callable
    names: tuple[str, ...]

    def __repr__(self):
        return self.text

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex}$"


def matrix_form(expression, free, *, column_vectors) -> MatrixForm:
    """Read an index formula as a product of matrices.

    Parameters
    ----------
    expression : sympy.Expr
        A product of entries, slopes and at most one sum over a matrix and a vector.
    free : tuple of index symbols
        ``(i,)`` for a vector, ``(i, j)`` for a matrix with rows ``i``.
    column_vectors : bool
        Whether a vector is a column (document E) or a row (documents B and C, and `Network`).

    Returns
    -------
    MatrixForm

    Raises
    ------
    ValueError
        When the formula is no such product.

    Notes
    -----
    Source: SOURCES C4, and the right sides of E6-E12 and E15.

    Examples
    --------
    >>> from backprop_kit.symbolic.letters import L, W, delta, i, n, r
    >>> back = sympy.Sum(delta[L, r] * W[L, r, i], (r, 1, n[L]))
    >>> matrix_form(back, (i,), column_vectors=True)
    (W^(L))^T delta^(L)
    >>> matrix_form(back, (i,), column_vectors=False)
    delta^(L) W^(L)
    """
    sign, factors = _factors(expression)
    sums = [factor for factor in factors if isinstance(factor, sympy.Sum)]
    others = [factor for factor in factors if factor not in sums]
    if len(free) == 1 and len(sums) <= 1:
        parts = [_contract(total, free[0], column_vectors) for total in sums]
        parts += [_leaf(factor) for factor in others if _places(factor) == free]
        complete = len(parts) == len(factors)
        if len(factors) > 1:  # the product first, then entry by entry: brackets say so
            parts[: len(sums)] = map(_bracketed, parts[: len(sums)])
        result = _entrywise(parts) if complete and parts else None
    elif len(free) == 2 and not sums:
        left, right = (
            [_leaf(factor) for factor in others if _places(factor) == (index,)] for index in free
        )
        complete = len(left) + len(right) == len(factors) and left and right
        result = _outer(_entrywise(left), _entrywise(right), column_vectors) if complete else None
    else:
        result = None
    if result is None:
        raise ValueError(f"expression must be a product that reads as matrices, got {expression}")
    return result if sign > 0 else _negative(result)


def _factors(expression):
    """Return the sign and the factors, in the order of the textbook: sums, then the others."""
    factors = list(sympy.Mul.make_args(expression))
    sign = -1 if sympy.S.NegativeOne in factors else 1
    factors = [factor for factor in factors if factor != -1]
    return sign, sorted(factors, key=lambda factor: (_rank(factor), str(factor)))


def _rank(factor):
    kind = factor.base.letter.kind if isinstance(factor, Entry) else ""
    return ("backward", "weight").index(kind) if kind in ("backward", "weight") else 2


def _places(factor):
    """Return the unit indices of an entry, or of what a slope is taken at."""
    entries = sorted(factor.atoms(Entry), key=str) if not isinstance(factor, Entry) else [factor]
    places = {e.indices[isinstance(e, LayerEntry) :] for e in entries}
    return places.pop() if len(places) == 1 else None


def _leaf(factor) -> MatrixForm:
    """Return one matrix or vector by its name; a difference of vectors in brackets."""
    if factor.is_Add:
        first, *rest = (_signed(term) for term in sorted(factor.args, key=_is_negative))
        return _bracketed(reduce(_plus, rest, first))
    name = _name(factor)
    return MatrixForm(name, _latex(factor), lambda arrays: arrays[name], (name,))


def _is_negative(term):
    return term.could_extract_minus_sign()


def _signed(term):
    return _negative(_leaf(-term)) if _is_negative(term) else _leaf(term)


def _name(factor):
    if isinstance(factor, ElementwiseBase):
        return f"{type(factor).__name__.replace('_prime', chr(39))}({_name(factor.args[0])})"
    name = factor.base.name
    if isinstance(factor, LayerEntry):
        return f"{name}^({str(factor.layer).replace(' ', '')})"
    over, _, under = name.partition("/∂")
    return f"∇_{under} {over.removeprefix('∂')}" if under else name


def _latex(factor):
    if isinstance(factor, ElementwiseBase):
        name = type(factor).__name__.replace("_prime", "'")
        return rf"{name}\left({_latex(factor.args[0])}\right)"
    layer = str(factor.layer).replace(" ", "") if isinstance(factor, LayerEntry) else ""
    return factor.base.letter.latex + (f"^{{({layer})}}" if layer else "")


def _contract(total, free, column_vectors):
    """Read a sum over one index: the matrix on the side, and turned the way, that it needs."""
    (index, _, _) = total.limits[0]
    _, factors = _factors(total.function)
    matrices = [factor for factor in factors if len(_places(factor) or ()) == 2]
    vectors = [_leaf(factor) for factor in factors if _places(factor) == (index,)]
    if len(matrices) != 1 or not vectors or len(vectors) + 1 != len(factors):
        raise ValueError(f"a sum must hold one matrix and vectors at {index}, got {total}")
    matrix, places = _leaf(matrices[0]), _places(matrices[0])
    wanted = (free, index) if column_vectors else (index, free)  # the summed letter goes inside
    if places != wanted:
        matrix = _transpose(matrix)
    vector = _entrywise(vectors)
    if len(vectors) > 1:
        vector = _bracketed(vector)
    return _times(matrix, vector) if column_vectors else _times(vector, matrix)


def _outer(left, right, column_vectors):
    if column_vectors:
        return _times(left, _transpose(right))
    return _times(_transpose(left), right)


def _joined(left, right, text, latex, combine):
    return MatrixForm(
        f"{left.text}{text}{right.text}",
        f"{left.latex}{latex}{right.latex}",
        lambda arrays: combine(left.compute(arrays), right.compute(arrays)),
        left.names + right.names,
    )


def _times(left, right):
    return _joined(left, right, " ", r" \, ", np.matmul)


def _plus(left, right):
    if right.text.startswith("-"):
        return _joined(left, right, " ", " ", np.add)
    return _joined(left, right, " + ", " + ", np.add)


def _entrywise(parts):
    return reduce(lambda left, right: _joined(left, right, " ⊙ ", r" \odot ", np.multiply), parts)


def _bracketed(form):
    return MatrixForm(f"({form.text})", rf"\left({form.latex}\right)", form.compute, form.names)


def _transpose(form):
    bare = not {" ", "^", "_"} & set(form.text)
    inner = form if bare else _bracketed(form)
    return MatrixForm(
        f"{inner.text}^T",
        rf"{inner.latex}^{{\top}}",
        lambda arrays: form.compute(arrays).T,
        form.names,
    )


def _negative(form):
    return MatrixForm(
        f"- {form.text}", f"- {form.latex}", lambda arrays: -form.compute(arrays), form.names
    )


def numbers(expression, at, letters):
    """Evaluate an index formula at many places at once.

    Parameters
    ----------
    expression : sympy.Expr
        A formula in the letters of `letters`.
    at : dict of index symbol to ndarray of int
        Places counted from 0; all arrays broadcast against each other.
    letters : dict of str to object
        Arrays by letter, for a letter with a layer a sequence of arrays, one a layer; functions
        by the name of their class; a number for a layer symbol such as ``"L"``.

    Returns
    -------
    ndarray
        Of the places' common shape.

    Raises
    ------
    TypeError
        When the formula holds something else.

    Examples
    --------
    >>> from backprop_kit.symbolic.letters import i, m, r, single
    >>> total = sympy.Sum(single("W")[r, i], (r, 1, m))
    >>> numbers(total, {i: np.arange(2)}, {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "m": 2})
    array([4., 6.])
    """

    def visit(part, at):
        if part.is_Number:
            return float(part)
        if isinstance(part, LayerEntry):
            array = letters[part.base.name][int(visit(part.layer, {}))]
            places = part.indices[1:]
            return array[tuple(at[index] for index in places)] if places else array
        if isinstance(part, Entry):
            return letters[part.base.name][tuple(at[index] for index in part.indices)]
        if isinstance(part, sympy.Sum):
            ((index, _, top),) = part.limits
            inner = {letter: places[..., np.newaxis] for letter, places in at.items()}
            return visit(part.function, inner | {index: np.arange(int(visit(top, at)))}).sum(-1)
        if part.is_Symbol:
            return letters[part.name]
        if isinstance(part, ElementwiseBase):
            return letters[type(part).__name__](visit(part.args[0], at))
        operation = {sympy.Add: np.add, sympy.Mul: np.multiply, sympy.Pow: np.power}.get(part.func)
        if operation is None:
            raise TypeError(f"expression holds {part.func.__name__}, unknown here")
        return reduce(operation, (visit(argument, at) for argument in part.args))

    return visit(expression, dict(at))
