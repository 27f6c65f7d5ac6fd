"""An indexed formula and arrays in, an array out: the bridge from symbols to numbers.

Each subexpression is computed over its own indices only, and meets the others by broadcasting.
So ``Δv`` of a network with 784 inputs costs one product per weight, at the very end.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from backprop_kit.numeric.activations import sigmoid
from backprop_kit.numeric.validation import as_array
from backprop_kit.symbolic import notation
from backprop_kit.symbolic.notation import SIZES, TABLE, Entry

_INDEX_SIZE = {index.name: size for index, size in SIZES.items()}

_FUNCTIONS = {
    notation.sigma: sigmoid.function,
    sympy.exp: np.exp,
    sympy.log: np.log,
    sympy.tanh: np.tanh,
}


def evaluate(expression, arrays: Mapping, axes=()):
    """Evaluate an indexed formula at the numbers of one network and one sample.

    Parameters
    ----------
    expression : sympy.Expr or number
        A formula in the letters of `notation`; sums must run over a whole index range.
    arrays : mapping of str to array_like
        The numbers by letter: ``x`` (d,), ``v`` (d, q), ``gamma``, ``alpha``, ``b`` (q,), ``w``
        (q, l), ``theta``, ``beta``, ``y_hat``, ``y`` (l,), ``eta`` a number.  Only the letters
        that the formula holds are needed.
    axes : sequence of index symbols
        The free indices, in the order of the axes wanted: ``(i, h)`` for ``Δv``.  An index that
        the formula does not hold is allowed: the result is constant along that axis.

    Returns
    -------
    numpy.ndarray
        Shape: one axis for each index in `axes`.

    Raises
    ------
    TypeError
        If `expression` is no formula, or holds a function that is not known here.
    ValueError
        If a letter has no array, or one of the wrong shape; if two arrays disagree on a size; if
        a free index is missing from `axes`; if a sum leaves its range; if the result is not
        finite.

    Notes
    -----
    Source: SOURCES A12-A15 are evaluated with it; a sum over ``j`` is a sum over an axis.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, h, j, theta
    >>> evaluate(b[h] * theta[j], {"b": [1, 2], "theta": [10, 20, 30]}, axes=(h, j))
    array([[10., 20., 30.],
           [20., 40., 60.]])
    """
    try:
        expression = sympy.sympify(expression, strict=True)
    except sympy.SympifyError:
        raise TypeError(
            f"expression must be a formula in the letters of notation, got {expression!r}"
        ) from None
    if not isinstance(expression, sympy.Expr):
        raise TypeError(f"expression must be a formula, got {expression!r}")
    if not isinstance(arrays, Mapping):
        raise TypeError(f"arrays must map letters to arrays, got {type(arrays).__name__}")
    walk = _Walk(*_checked(arrays))
    axes = tuple(axes)
    walk.check_axes(expression, axes)
    with np.errstate(all="ignore"):  # the result is checked instead
        value = walk.visit(expression).over(axes)
    result = np.broadcast_to(value, [walk.size(axis) for axis in axes])
    if not np.isfinite(result).all():
        raise ValueError(f"expression is not finite at these arrays: {expression}")
    return np.array(result, dtype=float)


def by_letter(parts) -> dict:
    """Return the parameters of a d-q-l network by letter, or its gradients.

    Parameters
    ----------
    parts : Network or Gradients
        With ``weights`` and ``thresholds``, two of each.

    Returns
    -------
    dict of str to ndarray
        ``w`` (q, l), ``theta`` (l,), ``gamma`` (q,), ``v`` (d, q).

    Examples
    --------
    >>> from backprop_kit.numeric import Network
    >>> {letter: block.shape for letter, block in by_letter(Network((2, 3, 1))).items()}
    {'w': (3, 1), 'theta': (1,), 'gamma': (3,), 'v': (2, 3)}
    """
    (v, w), (gamma, theta) = parts.weights, parts.thresholds
    return {"w": w, "theta": theta, "gamma": gamma, "v": v}


def sample_arrays(network, trace, Y, k: int) -> dict:
    """Return the arrays of sample ``k`` of a d-q-l network by letter, as `evaluate` takes them.

    Parameters
    ----------
    network : Network
    trace : Trace
        Of the network's `forward`.
    Y : array_like, shape (N, l)
        Targets.
    k : int
        Counts from 0.

    Examples
    --------
    >>> from backprop_kit.numeric import Network
    >>> network = Network((2, 3, 1))
    >>> arrays = sample_arrays(network, network.forward([[0, 1]]), [[1]], 0)
    >>> arrays["b"].shape, arrays["v"].shape
    ((3,), (2, 3))
    """
    x, b, y_hat = (outputs[k] for outputs in trace.outputs)
    alpha, beta = (net_inputs[k] for net_inputs in trace.net_inputs)
    values = {"x": x, "alpha": alpha, "b": b, "beta": beta, "y_hat": y_hat}
    return values | by_letter(network) | {"y": np.asarray(Y[k], dtype=float)}


def _checked(arrays):
    """Return the arrays as float64, and the size of every index, one each."""
    checked, sizes = {}, {}
    for name, given in arrays.items():
        if name == "eta":
            checked[name] = as_array("eta", given, shape=())
            continue
        if name not in TABLE:
            raise ValueError(f"arrays holds {name!r}; known letters are {', '.join(TABLE)}, eta")
        letters = TABLE[name].indices
        checked[name] = as_array(name, given, ndim=len(letters))
        for letter, size in zip(letters, checked[name].shape, strict=True):
            known_from, known = sizes.setdefault(_INDEX_SIZE[letter], (name, size))
            if known != size:
                raise ValueError(
                    f"arrays disagree on {_INDEX_SIZE[letter]}: "
                    f"{known_from} has {known}, {name} has {size}"
                )
    return checked, {symbol: size for symbol, (_, size) in sizes.items()}


@dataclass(frozen=True)
class _Value:
    """An array with one axis for each of `indices`."""

    array: np.ndarray
    indices: tuple

    def over(self, axes):
        """Return the array with its axes in the order of `axes`, length 1 where it has none."""
        order = [self.indices.index(axis) for axis in axes if axis in self.indices]
        shape = iter(self.array.transpose(order).shape)
        return self.array.transpose(order).reshape(
            [next(shape) if axis in self.indices else 1 for axis in axes]
        )


class _Walk:
    """One visit of every part of an expression, from the leaves up."""

    def __init__(self, arrays, sizes):
        self.arrays = arrays
        self.sizes = sizes
        self.bound = {}  # index of a sum -> the number it runs up to
        self.known = {}  # parts already computed: a formula repeats its slopes

    def size(self, index):
        """Return how far `index` runs."""
        if index in self.bound:
            return self.bound[index]
        size = SIZES.get(index)
        if size not in self.sizes:
            raise ValueError(f"no array tells how far the index {index} runs")
        return self.sizes[size]

    def check_axes(self, expression, axes):
        """Refuse unknown or repeated axes, and free indices that have no axis."""
        for axis in axes:
            if axis not in SIZES:
                raise ValueError(f"axes may hold i, h, j; got {axis!r}")
        if len(set(axes)) != len(axes):
            raise ValueError(f"axes must not repeat an index, got {axes}")
        entries = [index for e in expression.atoms(Entry) for index in e.indices]
        free = {s for s in expression.free_symbols if s in SIZES or s in entries}
        missing = sorted(str(index) for index in free - set(axes))
        if missing:
            raise ValueError(
                f"the index {missing[0]} is free in the expression but not in axes {axes}; "
                "sum over it, or name it in axes"
            )

    def visit(self, part) -> _Value:
        """Return the value of one part of the expression."""
        if part not in self.known:
            self.known[part] = self._compute(part)
        return self.known[part]

    def _compute(self, part):
        if part.is_Number or part.is_NumberSymbol:
            return _Value(np.asarray(float(part)), ())
        if isinstance(part, Entry):
            return self._entry(part)
        if isinstance(part, sympy.Sum):
            return self._sum(part.function, part.limits)
        if part.is_Add:
            return self._combine(np.add, part.args)
        if part.is_Mul:
            return self._combine(np.multiply, part.args)
        if part.is_Pow:
            return self._combine(np.power, part.args, ordered=True)
        if isinstance(part, sympy.KroneckerDelta):
            return self._combine(np.equal, [self._positions(i) for i in part.args])
        if part.func in _FUNCTIONS:
            inner = self.visit(part.args[0])
            return _Value(_FUNCTIONS[part.func](inner.array), inner.indices)
        if part.is_Symbol:
            return self._symbol(part)
        raise TypeError(f"expression holds {part.func.__name__}, which cannot be evaluated here")

    def _symbol(self, symbol):
        if symbol in SIZES.values():
            if symbol not in self.sizes:
                raise ValueError(f"no array tells the size {symbol}")
            return _Value(np.asarray(float(self.sizes[symbol])), ())
        if symbol in SIZES or symbol in self.bound:
            return self._positions(symbol)
        if symbol.name not in self.arrays:
            raise ValueError(f"arrays must hold {symbol.name}; it holds {_names(self.arrays)}")
        return _Value(self.arrays[symbol.name], ())

    def _positions(self, index):
        """Return an index as the numbers 1, 2, ... it runs through."""
        if index.is_Integer:
            return _Value(np.asarray(float(index)), ())
        return _Value(np.arange(1.0, self.size(index) + 1), (index,))

    def _entry(self, entry):
        name = entry.base.name
        if name not in self.arrays:
            raise ValueError(f"arrays must hold {name}; it holds {_names(self.arrays)}")
        array, indices = self.arrays[name], []
        for axis, index in enumerate(entry.indices):
            length = array.shape[len(indices)]
            if index.is_Integer:
                if not 1 <= index <= length:
                    raise ValueError(f"{entry} is out of range: {name} has {length} along there")
                array = array.take(int(index) - 1, axis=len(indices))
            elif not index.is_Symbol:
                raise ValueError(f"{entry}: an index is a letter or a number, got {index}")
            elif self.size(index) != length:
                letter = TABLE[name].indices[axis]
                raise ValueError(
                    f"{entry}: index {index} runs to {self.size(index)}, "
                    f"but {name} has {length} entries along {letter}"
                )
            else:
                indices.append(index)
        if len(set(indices)) < len(indices):  # w[h, h]: the diagonal
            array, indices = array.diagonal(), indices[:1]
        return _Value(array, tuple(indices))

    def _sum(self, function, limits):
        *inner_limits, (index, low, high) = limits  # the last range is the outermost
        top = int(high) if high.is_Integer else self.sizes.get(high)
        if low != 1 or top is None:
            raise ValueError(f"a sum runs from 1 to d, q, l or a number; got {low} to {high}")
        inner = _Walk(self.arrays, self.sizes)
        inner.bound = {**self.bound, index: top}
        value = inner._sum(function, inner_limits) if inner_limits else inner.visit(function)
        if index not in value.indices:
            return _Value(value.array * top, value.indices)
        axis = value.indices.index(index)
        return _Value(value.array.sum(axis=axis), value.indices[:axis] + value.indices[axis + 1 :])

    def _combine(self, ufunc, parts, ordered=False):
        """Apply `ufunc` from left to right; small parts first, so that big ones come last."""
        values = [part if isinstance(part, _Value) else self.visit(part) for part in parts]
        if not ordered:
            values.sort(key=lambda value: value.array.size)
        result, *rest = values
        for value in rest:
            joint = result.indices + tuple(i for i in value.indices if i not in result.indices)
            result = _Value(ufunc(result.over(joint), value.over(joint)), joint)
        return result


def _names(arrays):
    return ", ".join(arrays) or "nothing"
