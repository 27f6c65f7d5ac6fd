"""The formulas behind a step of backpropagation, all derived, and how a page writes them.

Nothing here states a gradient.  The formulas come from `derive_updates` and `derive_deltas`, their
numbers from `substituted`, so what a formula says and what it comes to cannot disagree.
"""

import math
import re
from functools import cache

import numpy as np
import sympy

from backprop_kit.symbolic import E, Formula, Partial, derive_updates, substituted
from backprop_kit.symbolic.messages import delta, derive_deltas
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    eta,
    gamma,
    h,
    i,
    j,
    theta,
    v,
    w,
    x,
    y_hat,
)
from backprop_kit.symbolic.typeset import TextbookStrPrinter
from backprop_kit.visual import svg

PARAMETERS = {"v": v[i, h], "gamma": gamma[h], "w": w[h, j], "theta": theta[j]}
ENTRIES = {
    **PARAMETERS, "x": x[i], "alpha": alpha[h], "b": b[h], "beta": beta[j], "y_hat": y_hat[j],
}  # fmt: skip


@cache
def backward():
    """Return the derivative of the error by every letter, as a formula."""
    updates, deltas = derive_updates(), derive_deltas()
    right = {name: getattr(updates, name) / -eta for name in PARAMETERS}
    right["y_hat"] = updates.chain("w").factors[0].right
    right["b"] = updates.chain("v").factors[0].result.right
    right["beta"] = deltas.in_full(delta[j])
    right["alpha"] = deltas.in_full(delta[h])
    return {name: Formula(Partial(E, ENTRIES[name]), formula) for name, formula in right.items()}


@cache
def terms_of_b():
    """Return what the sum in the derivative by `b_h` adds up: one term for each `w_hj`."""
    derivative = backward()["b"].right
    (total,) = derivative.atoms(sympy.Sum)
    return derivative.xreplace({total: total.function})


@cache
def chains():
    """Return the same derivatives as products of partial derivatives, where there are several."""
    updates, deltas = derive_updates(), derive_deltas()
    factors = {name: updates.chain(name).split.right.args for name in PARAMETERS}
    names = {
        name: sympy.Mul(*(f for f in of if f not in (-1, eta)), evaluate=False)
        for name, of in factors.items()
    }
    error, slope = deltas.output.factors
    names["beta"] = sympy.Mul(error.left, slope.left, evaluate=False)
    names["b"] = updates.chain("v").factors[0].split.right
    names["alpha"] = sympy.Mul(Partial(E, b[h]), deltas.hidden.factors[1].left, evaluate=False)
    return names


GREEK = svg.LETTERS | {"sigma": "σ"}
_NAME = re.compile(rf"(?<![A-Za-z_])({'|'.join(GREEK)})(?![A-Za-z])")


def greek(sentence) -> str:
    """Write the labels of a sentence without dollar signs and with Greek letters.

    Examples
    --------
    >>> greek("back to every $theta_j$")
    'back to every θ_j'
    """
    return _NAME.sub(lambda name: GREEK[name[0]], sentence.replace("$", ""))


class _Plain(TextbookStrPrinter):
    """Formulas as plain text with numbers for indices: ``ŷ_2``, ``Σ_j [ ... ]``."""

    printmethod = None  # so that our own symbols come through the methods below

    def at(self, places):
        """Return the printer, told the numbers of the free indices."""
        self.places = places
        return self

    def _print_Entry(self, expr):
        letter = expr.base.name
        indices = "".join(self._print(index) for index in expr.indices)
        return f"{GREEK.get(letter, letter)}_{indices}"

    def _print_Symbol(self, expr):
        return str(self.places.get(expr, GREEK.get(expr.name, expr.name)))

    def _print_Partial(self, expr):
        return f"∂{self._print(expr.of)}/∂{self._print(expr.by)}"

    def _print_Sum(self, expr):
        (index, *_), bare = expr.limits[0], expr.function
        return f"Σ_{index} [{self._print(bare)}]"

    def _print_sigma(self, expr):
        return f"σ({self._print(expr.args[0])})"


def plain(expr, places):
    """Write an expression, its free indices as the numbers of `places`."""
    return signs(_Plain().at(places).doprint(expr))


def signs(text):
    """Write Python's signs as a page does."""
    for python, page in (("**2", "²"), ("*", " · "), ("-", "−"), ("sigma", "σ")):
        text = text.replace(python, page)
    return text


def worked(formula, arrays, places):
    """Return a formula, the same with its numbers, and the result: ``a = b = c``."""
    worked = substituted(formula, arrays, places, decimals=6)
    if 0 < abs(worked.value) < 1e-4:  # three digits of a small result
        decimals = min(15, 2 - math.floor(math.log10(abs(worked.value))))
        worked = substituted(formula, arrays, places, decimals=decimals)
    bound = {limit[0] for total in formula.right.atoms(sympy.Sum) for limit in total.limits}
    places = {index: n for index, n in places.items() if index not in bound}
    first = [plain(formula.left, places), plain(formula.right, places)]
    return " = ".join([*first, *(signs(line) for line in worked.text)])


def key_of(name, numbers):
    """Return the key of a part in the picture: ``"w_12"``."""
    return "_".join([name, "".join(map(str, numbers))]) if numbers else name


def places_of(name, numbers):
    """Return the numbers of a letter's indices by index."""
    return dict(zip(ENTRIES[name].indices, numbers, strict=True)) if name != "E" else {}


def positions_of(state, name):
    """Return the positions of one letter, counted from 1."""
    return [tuple(n + 1 for n in at) for at in np.ndindex(state.arrays[name].shape)]
