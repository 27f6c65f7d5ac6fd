"""How an answer leaves a graded notebook: as plain data, to be judged elsewhere.

The student's kernel hands in and does not judge: whatever runs there can be changed by who writes
it. `tools.grading` makes the notebooks that call this, and judges what they hand in.
"""

import numbers

import numpy as np
import sympy

from backprop_kit.exercises.checks import is_untouched, shown
from backprop_kit.exercises.diagnosis import random_case
from backprop_kit.symbolic import Formula
from backprop_kit.symbolic.typeset import as_text

MIME = "application/vnd.backprop-workbook.answer+json"
LETTERS = ("x", "y", "v", "gamma", "w", "theta")  # what a function that is handed in takes


def hand_in(id, answer, *, seed=None) -> None:
    """Display an answer as data: a formula as text, numbers as numbers, a function by its values.

    Parameters
    ----------
    id : str
        The name of the graded question.
    answer : str, sympy.Expr, number, array_like or callable
        A function takes the arrays of one network and one sample, ``x, y, v, gamma, w, theta``.
    seed : int, optional
        Draws the network and the sample for a function.

    Raises
    ------
    AssertionError
        If the answer is still ``...``, if a function returns nothing, or for what cannot be
        handed in.

    Examples
    --------
    >>> hand_in("graded-04-update-w", ...)
    Traceback (most recent call last):
        ...
    AssertionError: ○ Not yet tried. Replace the ... by your answer and run both cells.
    """
    from IPython.display import display

    if callable(answer) and not isinstance(answer, sympy.Basic):
        answer = answer(*arguments(seed))
        if answer is None:
            raise AssertionError("✗ The function returned nothing. Does it end with `return`?")
    plain = as_data(answer)
    handed_in = {"id": id, "seed": seed, "answer": plain}
    text = f"Handed in, not yet judged: {shown(plain)}"
    display({"text/plain": text, MIME: handed_in}, raw=True)


def arguments(seed) -> tuple[np.ndarray, ...]:
    """Return the arrays of a random network whose layers differ in size, and of one sample.

    Examples
    --------
    >>> [array.ndim for array in arguments(1)]
    [1, 1, 2, 1, 2, 1]
    """
    arrays = drawn_case(seed).arrays
    return tuple(np.array(arrays[letter]) for letter in LETTERS)


def drawn_case(seed):
    """Return the `Case` that a function meets: one network, one sample, by a seed.

    Examples
    --------
    >>> len(set(drawn_case(1).network.sizes))
    3
    """
    sizes = np.random.default_rng(seed).permutation([2, 3, 4, 5])[:3]
    return random_case(tuple(map(int, sizes)), seed)


def as_data(answer):
    """Return an answer as what JSON can hold.

    Raises
    ------
    AssertionError
        If it is untouched, or of a kind that no question asks for.

    Examples
    --------
    >>> as_data((1, [np.float64(0.5), sympy.Rational(1, 4)])), as_data(sympy.Symbol("eta") / 2)
    ([1.0, [0.5, 0.25]], '1/2*eta')
    """
    if is_untouched(answer):
        raise AssertionError("○ Not yet tried. Replace the ... by your answer and run both cells.")
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Formula):
        answer = answer.right
    if isinstance(answer, sympy.Expr) and not (answer.is_number and answer.is_real):
        return as_text(answer)
    if isinstance(answer, (numbers.Real, sympy.Expr)):
        return float(answer)
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if isinstance(answer, (list, tuple)):
        return [as_data(part) for part in answer]
    kind = type(answer).__name__
    raise AssertionError(
        f"✗ A text, a number, an array or a function can be handed in; this is {kind}."
    )
