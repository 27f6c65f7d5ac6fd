"""What each unit hands back: one number, the derivative of the error by its net input.

``delta[j]`` belongs to an output unit, ``delta[h]`` to a hidden one; the index letter tells.
The sign is that of the derivative, so a parameter moves by ``-eta`` times it (SOURCES D2 has both
signs).  Nothing here states a gradient: both formulas are derived from the definitions.
"""

from dataclasses import dataclass
from functools import cache

import sympy

from backprop_kit.symbolic.derivation import Chain, E, differentiate, tidy_up
from backprop_kit.symbolic.notation import Letter, Quantity, alpha, b, beta, h, j, l, y_hat
from backprop_kit.symbolic.typeset import Formula, Partial

_DELTA = Letter("delta", r"\delta", ("j",), "backward", "∂E/∂(net input): what a unit hands back")


class DeltaQuantity(Quantity):
    """The letter delta, with the index of an output (``j``) or of a hidden unit (``h``)."""

    @property
    def letter(self) -> Letter:
        """What it stands for; `notation.TABLE` holds the letters of the definitions alone."""
        return _DELTA


delta = DeltaQuantity("delta")


@dataclass(frozen=True)
class Deltas:
    """What the units of the d-q-l network hand back, each derived factor by factor.

    Attributes
    ----------
    output, hidden : Chain
        Of output unit ``j`` and of hidden unit ``h``; the latter in terms of ``delta[j]``.
    """

    output: Chain
    hidden: Chain

    def in_full(self, expression):
        """Return an expression with every ``delta[h]`` and ``delta[j]`` replaced by what it equals.

        Parameters
        ----------
        expression : sympy.Expr
            In the letters of `notation` and `delta`.  A sum over the outputs may count with a
            letter of its own.

        Returns
        -------
        sympy.Expr

        Examples
        --------
        >>> derive_deltas().in_full(-delta[j])
        (1 - y_hat[j])*(y[j] - y_hat[j])*y_hat[j]
        """
        output = self.output.result
        counted = {limit[0] for total in expression.atoms(sympy.Sum) for limit in total.limits}
        expression = expression.xreplace({self.hidden.result.left: self.hidden.result.right})
        expression = expression.xreplace(
            {delta[n]: output.right.xreplace({j: n}) for n in (counted | {j}) - {h}}
        )
        return tidy_up(expression, folds={})  # signs out of the sums, as in the four updates

    @staticmethod
    def left_in(expression) -> set:
        """Return what is left of delta: without an index, with another one, or a plain letter.

        Examples
        --------
        >>> deltas = derive_deltas()
        >>> deltas.left_in(deltas.in_full(delta[j] * b[h]))
        set()
        """
        return {
            part
            for part in sympy.preorder_traversal(expression)
            if part == delta
            or getattr(part, "base", None) == delta
            or (isinstance(part, sympy.Symbol) and part.name == "delta")
        }

    def __repr__(self):
        return f"{self.output.result}\n{self.hidden.result}"


@cache
def derive_deltas() -> Deltas:
    """Derive what an output unit and a hidden unit hand back, from the definitions.

    Returns
    -------
    Deltas

    Notes
    -----
    Source: SOURCES A14 (the sum), E5 (one term for each path), E11, E12.

    Examples
    --------
    >>> derive_deltas()
    delta[j] = -y_hat[j]*(1 - y_hat[j])*(y[j] - y_hat[j])
    delta[h] = b[h]*(1 - b[h])*Sum(delta[j]*w[h, j], (j, 1, l))
    """
    error = Formula(Partial(E, y_hat[j]), differentiate(E, y_hat[j]))
    output_slope = Formula(Partial(y_hat[j], beta[j]), differentiate(y_hat[j], beta[j]))
    link = Formula(Partial(beta[j], b[h]), differentiate(beta[j], b[h]))
    hidden_slope = Formula(Partial(b[h], alpha[h]), differentiate(b[h], alpha[h]))
    output = Chain(
        start=Formula(delta[j], Partial(E, beta[j])),
        split=Formula(delta[j], sympy.Mul(error.left, output_slope.left, evaluate=False)),
        factors=(error, output_slope),
        result=Formula(delta[j], error.right * output_slope.right),
    )
    paths = sympy.Sum(sympy.Mul(delta[j], link.left, evaluate=False), (j, 1, l))
    hidden = Chain(
        start=Formula(delta[h], Partial(E, alpha[h])),
        split=Formula(delta[h], sympy.Mul(hidden_slope.left, paths, evaluate=False)),
        factors=(link, hidden_slope),
        result=Formula(delta[h], hidden_slope.right * sympy.Sum(delta[j] * link.right, (j, 1, l))),
    )
    return Deltas(output, hidden)
