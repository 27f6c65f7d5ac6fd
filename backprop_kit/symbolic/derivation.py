"""From the definition of the error to the four updates, by machine (SOURCES A7, A8, A10-A15).

Nothing here states a gradient.  `DEFINITIONS` says what the network is and what its error is;
every other formula is differentiated from that, for any sizes ``d, q, l``.  Two routes are taken
and compared: the chain rule factor by factor, as a textbook walks it, and one single derivative
of the error with everything substituted.

All formulas assume that the free indices are in range: ``1 <= i <= d``, ``1 <= h <= q``,
``1 <= j <= l``.  That is what allows ``Sum(KroneckerDelta(n, j) * f[n], (n, 1, l))`` to become
``f[j]``.
"""

from dataclasses import dataclass
from functools import cache

import sympy
from sympy.concrete.delta import deltasummation

from backprop_kit.symbolic.notation import (
    Entry,
    alpha,
    b,
    beta,
    d,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    q,
    sigma,
    theta,
    v,
    w,
    x,
    y,
    y_hat,
)
from backprop_kit.symbolic.typeset import Change, Formula, Partial, facing

E = sympy.Symbol("E", positive=True)

DEFINITIONS = {
    alpha: Formula(alpha[h], sympy.Sum(v[i, h] * x[i], (i, 1, d))),
    b: Formula(b[h], sigma(alpha[h] - gamma[h])),
    beta: Formula(beta[j], sympy.Sum(w[h, j] * b[h], (h, 1, q))),
    y_hat: Formula(y_hat[j], sigma(beta[j] - theta[j])),
    E: Formula(E, sympy.Rational(1, 2) * sympy.Sum((y[j] - y_hat[j]) ** 2, (j, 1, l))),
}

# The index letters in use inside a sum, so that none is ever free and bound at once (slip 6).
_BOUND = dict(zip((i, h, j), sympy.symbols("r m n", integer=True, positive=True), strict=True))


def differentiate(quantity, by):
    """Differentiate one definition of the network by one entry that it holds.

    Parameters
    ----------
    quantity : Entry or sympy.Symbol
        ``y_hat[j]``, ``beta[j]``, ``b[h]``, ``alpha[h]``, or `E`.
    by : Entry
        A symbol in its definition, such as ``w[h, j]`` in that of ``beta[j]``.

    Returns
    -------
    sympy.Expr
        The derivative, with the sigmoids written as ``b[h]`` and ``y_hat[j]``.

    Raises
    ------
    ValueError
        If `quantity` has no definition, or its definition does not hold `by`.

    Notes
    -----
    Source: SOURCES A12-A15, the single factors.

    Examples
    --------
    >>> differentiate(beta[j], w[h, j])
    b[h]
    >>> differentiate(y_hat[j], theta[j])
    -(1 - y_hat[j])*y_hat[j]
    """
    key = quantity.base if isinstance(quantity, Entry) else quantity
    if key not in DEFINITIONS:
        known = ", ".join(str(f.left) for f in DEFINITIONS.values())
        raise ValueError(f"quantity must be one of {known}; got {quantity}")
    body = _rename_bound(DEFINITIONS[key].right)
    if by.base not in {entry.base for entry in body.atoms(Entry)}:
        raise ValueError(f"by must stand in the definition of {quantity}; {by} does not")
    return tidy_up(
        body.diff(by), folds={DEFINITIONS[k].right: DEFINITIONS[k].left for k in (b, y_hat)}
    )


@dataclass(frozen=True)
class Chain:
    """One use of the chain rule, line by line, as a textbook walks it.

    Attributes
    ----------
    split : Formula
        The quantity as a product of partial derivatives.
    factors : tuple of Formula or Chain
        Each partial derivative, derived from the definitions; one that takes a chain rule of its
        own (``∂E/∂b_h``, a sum over paths) is a chain in turn.
    result : Formula
        The product of the factors.
    start : Formula or None
        For an update: gradient descent (A10), ``Δw = -eta ∂E/∂w``.
    """

    split: Formula
    factors: tuple["Formula | Chain", ...]
    result: Formula
    start: Formula | None = None

    @property
    def lines(self) -> tuple[Formula, ...]:
        """All lines of the derivation, in reading order."""
        inner = [f.lines if isinstance(f, Chain) else (f,) for f in self.factors]
        first = () if self.start is None else (self.start,)
        return (*first, self.split, *(line for lines in inner for line in lines), self.result)

    def __repr__(self):
        return "\n".join(str(line) for line in self.lines)

    def _repr_latex_(self):
        rows = (line.latex(colour=True).replace(" = ", " &= ", 1) for line in self.lines)
        return r"$$\begin{aligned}" + r" \\[4pt] ".join(rows) + r"\end{aligned}$$"


@dataclass(frozen=True)
class Updates:
    """The four updates of the d-q-l network, and how each was derived.

    Attributes
    ----------
    w, theta, gamma, v : sympy.Expr
        The change of ``w[h, j]``, ``theta[j]``, ``gamma[h]``, ``v[i, h]`` in one step, derived
        from the error alone by one derivative.
    chains : dict of str to Chain
        The same four, derived factor by factor.
    """

    w: sympy.Expr
    theta: sympy.Expr
    gamma: sympy.Expr
    v: sympy.Expr
    chains: dict[str, Chain]

    def chain(self, name: str) -> Chain:
        """Return the derivation of one update, line by line.

        Raises
        ------
        ValueError
            If `name` is not one of the four letters.
        """
        if name not in self.chains:
            raise ValueError(f"name must be one of {', '.join(self.chains)}; got {name!r}")
        return self.chains[name]

    def formula(self, name: str) -> Formula:
        """Return one update as an equation, ready to show."""
        return self.chain(name).result

    def __repr__(self):
        return "\n".join(str(chain.result) for chain in self.chains.values())


@cache
def derive_updates() -> Updates:
    """Derive the four updates for symbolic sizes ``d, q, l`` from the definition of the error.

    Returns
    -------
    Updates
        ``.w .theta .gamma .v`` and their chains.

    Raises
    ------
    ArithmeticError
        If the two routes to an update disagree: then the derivation itself is broken.

    Notes
    -----
    Source: SOURCES A12 (w), A13 (theta), A14 (gamma), A15 (v).

    Examples
    --------
    >>> derive_updates().theta
    -eta*(1 - y_hat[j])*(y[j] - y_hat[j])*y_hat[j]
    """
    output_error = _factor(E, y_hat[j])
    output_slope = _factor(y_hat[j], beta[j])
    hidden_error = _sum_over_paths(output_error, output_slope, _factor(beta[j], b[h]))
    chains = {
        "w": _update(w[h, j], output_error, output_slope, _factor(beta[j], w[h, j])),
        "theta": _update(theta[j], output_error, _factor(y_hat[j], theta[j])),
        "gamma": _update(gamma[h], hidden_error, _factor(b[h], gamma[h])),
        "v": _update(v[i, h], hidden_error, _factor(b[h], alpha[h]), _factor(alpha[h], v[i, h])),
    }
    direct = {
        "w": _direct(w[h, j]),
        "theta": _direct(theta[j]),
        "gamma": _direct(gamma[h]),
        "v": _direct(v[i, h]),
    }
    for name, chain in chains.items():
        if sympy.expand(direct[name] - chain.result.right) != 0:
            raise ArithmeticError(f"two routes to the update of {name} disagree: {direct[name]}")
    return Updates(**direct, chains=chains)


def _factor(quantity, by) -> Formula:
    return Formula(Partial(quantity, by), differentiate(quantity, by))


def _sum_over_paths(*factors: Formula) -> Chain:
    """Return ∂E/∂b_h: ``b_h`` feeds every output, so its paths are summed over ``j`` (A14)."""
    target = Partial(E, b[h])
    names, values = _product(factors)
    return Chain(
        split=Formula(target, sympy.Sum(names, (j, 1, l))),
        factors=factors,
        result=Formula(target, _tidy_sum(sympy.Sum(values, (j, 1, l)))),
    )


def _update(parameter, *factors: "Formula | Chain") -> Chain:
    change = Change(parameter)
    names, values = _product([f.result if isinstance(f, Chain) else f for f in factors])
    return Chain(
        start=Formula(change, -eta * Partial(E, parameter)),
        split=Formula(change, sympy.Mul(-1, eta, *names.args, evaluate=False)),
        factors=factors,
        result=Formula(change, _face(-eta * values)),
    )


def _product(factors):
    """Return the product of the left sides, in the order given, and that of the right sides."""
    names = sympy.Mul(*(factor.left for factor in factors), evaluate=False)
    return names, sympy.Mul(*(factor.right for factor in factors))


def error_in_full():
    """Return the error of one sample with every definition put in.

    Returns
    -------
    sympy.Expr
        It holds parameters, inputs and targets alone.  Its sums run over spare letters, so that
        ``i``, ``h`` and ``j`` are free to name one parameter.

    Notes
    -----
    Source: SOURCES A7 put into A8.

    Examples
    --------
    >>> error_in_full().has(y_hat), error_in_full().has(theta)
    (False, True)
    """
    _, output = _sigmoids_in_full()
    return _rename_bound(DEFINITIONS[E].right).xreplace({y_hat[_BOUND[j]]: output})


def _sigmoids_in_full():
    """Return ``b`` and ``y_hat``, each at its spare letter, with every definition put in."""
    hidden = _at_bound(DEFINITIONS[b], alpha)
    return hidden, _at_bound(DEFINITIONS[y_hat], beta).xreplace({b[_BOUND[h]]: hidden})


def _direct(parameter):
    """Return ``-eta ∂E/∂parameter`` from the error with every definition substituted."""
    hidden, output = _sigmoids_in_full()
    folds = {output: y_hat[_BOUND[j]], hidden: b[_BOUND[h]]}
    return _face(-eta * tidy_up(error_in_full().diff(parameter), folds))


def _at_bound(definition: Formula, inner):
    """Return a sigmoid's definition at its bound letter, the net input `inner` substituted."""
    (entry,) = (e for e in definition.right.atoms(Entry) if e.base == inner)
    body = definition.right.xreplace({entry: _rename_bound(DEFINITIONS[inner].right)})
    return body.xreplace(_BOUND)


def _rename_bound(expr):
    """Return `expr` with the letters that its sums run over replaced by spare ones."""
    bound = {limit[0] for total in expr.atoms(sympy.Sum) for limit in total.limits}
    return expr.xreplace({index: _BOUND[index] for index in bound})


def tidy_up(expr, folds):
    """Name the sigmoids, collapse sums over a Kronecker delta, put bound letters back."""
    sums = expr.xreplace(folds).replace(lambda part: isinstance(part, sympy.Sum), _tidy_sum)
    tidy = sympy.factor_terms(sums)
    return _restore_bound(tidy.replace(lambda part: part.is_Mul, _face))


def _tidy_sum(total):
    """Collapse a sum over a Kronecker delta; else take out what does not hold its index."""
    (limit,) = total.limits
    if total.has(sympy.KroneckerDelta):
        return deltasummation(total.function, limit, no_piecewise=True)
    term = _face(sympy.factor_terms(total.function))
    constant, term = term.as_independent(limit[0], as_Add=False)
    return constant * sympy.Sum(term, limit)


def _face(product):
    """Write the factors ``z - 1`` and ``y_hat - y`` as the source does, target and 1 first."""
    if not product.is_Mul:
        return product  # the args of an entry such as w[h, j] are no factors
    sign, factors = 1, []
    for factor in product.args:
        turn, factor = facing(factor)
        sign *= turn
        factors.append(factor)
    return sympy.Mul(sign, *factors)


def _restore_bound(expr):
    free = expr.free_symbols
    return expr.xreplace({spare: index for index, spare in _BOUND.items() if index not in free})
