"""Checks of what a caller hands in: every message names the argument, what came and what fits.

Text where a number belongs is a ``TypeError``; a number or a shape that does not fit is a
``ValueError``. Nothing here changes its argument.
"""

import math
import numbers
import operator
from collections.abc import Iterable

import numpy as np


class TooLargeError(ValueError):
    """A number on the way through a network left the range of a float: training diverged."""


_NUMBER_KINDS = "iuf"  # integers and floats: no bool, complex, text, dates or objects


def as_array(name, value, *, shape=None, ndim=None):
    """Return `value` as a finite float64 array, or say what is wrong with it.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Numbers; text, booleans, complex numbers and objects are refused, and so is an empty array.
    shape : tuple of (int or None), optional
        The shape that fits; ``None`` in a place stands for any length.
    ndim : int, optional
        The number of axes that fits.

    Returns
    -------
    ndarray of float64
        Not a copy when `value` is a float64 array already.

    Raises
    ------
    TypeError
        When `value` does not consist of real numbers.
    ValueError
        When it is ragged, empty, holds NaN or infinity, or has another shape.

    Examples
    --------
    >>> as_array("x", [1, 2], shape=(2,)).tolist()
    [1.0, 2.0]
    """
    array = as_real(name, value)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}")
    if shape is not None and not _fits(array.shape, shape):
        raise ValueError(f"{name} must have shape {_shape_text(shape)}, got {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        place = f"{name}[{', '.join(map(str, where))}]" if where else name
        raise ValueError(f"{name} must hold finite numbers, got {place} = {array[where]}")
    return array


def as_real(name, value):
    """Return `value` as a float64 array; NaN, infinity and any shape are let through.

    Raises
    ------
    TypeError
        When `value` does not consist of real numbers.
    ValueError
        When its rows have different lengths, or some of its entries are masked.

    Examples
    --------
    >>> as_real("u", [0, float("inf")]).tolist()
    [0.0, inf]
    """
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value
    if np.ma.is_masked(value):
        raise ValueError(f"{name} must hold a number everywhere, got masked entries")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must have rows of one length, got ragged rows") from None
    if array.size == 0 and array.dtype == object:
        raise ValueError(f"{name} must not be empty")
    if array.dtype.kind not in _NUMBER_KINDS:
        advice = "; use .astype(float) for 0 and 1" if array.dtype.kind == "b" else ""
        raise TypeError(f"{name} must hold real numbers, got {_kind_text(value, array)}{advice}")
    with np.errstate(over="ignore"):  # a long double may become infinite here
        return array.astype(np.float64, copy=False)


def as_positive(name, value):
    """Return `value` as a float above 0.

    Raises
    ------
    TypeError
        When `value` is no real number.
    ValueError
        When it is 0, negative, NaN, infinite, or too large for a float.

    Examples
    --------
    >>> as_positive("eta", 1)
    1.0
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a positive number, got {_short(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be a positive, finite number, got {_short(value)}")
    return number


def as_fraction(name, value):
    """Return `value` as a float from 0 on and below 1.

    Raises
    ------
    TypeError
        When `value` is no real number.
    ValueError
        When it is NaN, negative, or 1 or more.

    Examples
    --------
    >>> as_fraction("momentum", 0.9)
    0.9
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number from 0 on and below 1, got {_short(value)}")
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, got {_short(value)}")
    return float(value)


def as_count(name, value, minimum=1):
    """Return `value` as an int of at least `minimum`.

    Raises
    ------
    TypeError
        When `value` is no whole number (``2.0`` is none).
    ValueError
        When it is below `minimum`.

    Examples
    --------
    >>> as_count("epochs", 0, minimum=0)
    0
    """
    try:
        if isinstance(value, bool | np.bool_ | np.ndarray):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {_short(value)}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}")
    return number


def as_choice(name, value, choices: Iterable[str]):
    """Return `value` when it is one of the texts in `choices`.

    Raises
    ------
    TypeError
        When `value` is no text.
    ValueError
        When it is another text; the message lists the choices, and names the nearest.

    Examples
    --------
    >>> as_choice("mode", "one", ("one", "all"))
    'one'
    """
    choices = tuple(choices)
    known = ", ".join(repr(choice) for choice in choices)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {known}, got {_short(value)}")
    if value not in choices:
        spellings = {choice.casefold(): choice for choice in choices}
        import difflib  # only for an error's advice

        near = difflib.get_close_matches(value.casefold(), spellings, n=1)
        advice = f"; did you mean {spellings[near[0]]!r}?" if near else ""
        raise ValueError(f"{name} must be one of {known}, got {value!r}{advice}")
    return value


def as_rng(rng):
    """Return a NumPy generator from a whole-number seed, or the generator itself.

    ``None`` is refused: a lesson's numbers must come out the same in every run.

    Raises
    ------
    TypeError
        When `rng` is neither a whole number nor a ``numpy.random.Generator``.
    ValueError
        When the seed is negative.

    Examples
    --------
    >>> int(as_rng(0).integers(10)) == int(as_rng(0).integers(10))
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    try:
        seed = as_count("rng", rng, minimum=0)
    except TypeError:
        raise TypeError(
            f"rng must be a whole-number seed or a numpy.random.Generator, got {_short(rng)}"
        ) from None
    return np.random.default_rng(seed)


def _fits(found, wanted):
    return len(found) == len(wanted) and all(
        want is None or have == want for have, want in zip(found, wanted, strict=True)
    )


def _shape_text(shape):
    inside = ", ".join("any" if n is None else str(n) for n in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def _kind_text(value, array):
    kinds = {"b": "booleans", "c": "complex numbers", "U": "text", "S": "text"}
    return kinds.get(array.dtype.kind, f"{type(value).__name__} {_short(value)}")


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
