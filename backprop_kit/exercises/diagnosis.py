"""Which mistake turns the right formula into this one: by numbers, never by its looks.

Every formula becomes its values on small networks whose layers all have different sizes, so that
no exchanged index can hide.  An answer that no such network can evaluate (its indices do not fit)
is compared on a network whose layers are all of one size.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from sympy import Expr, Mul, Sum

from backprop_kit.exercises.misconceptions import PARAMETERS, TABLE, Misconception
from backprop_kit.numeric import Network
from backprop_kit.symbolic import evaluate, sample_arrays
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
    y,
    y_hat,
)

GRID = (i, h, j)
_SIZES = ((2, 3, 4), (5, 2, 3), (3, 4, 2))
_TOLERANCE = 1e-9
_LETTERS = (
    *(eta, x[i], v[i, h], alpha[h], gamma[h], b[h]),
    *(w[h, j], beta[j], theta[j], y_hat[j], y[j]),
)
_REGROUPING = ("product-of-sums", "w-outside-sum")


@dataclass(frozen=True, eq=False)
class Case:
    """One network and one sample, all numbers random.

    Attributes
    ----------
    network : Network
    X, Y : numpy.ndarray, shapes (1, d) and (1, l)
    arrays : dict
        The numbers by letter, `eta` too, as `evaluate` takes them.
    """

    network: Network
    X: np.ndarray
    Y: np.ndarray
    arrays: dict

    def values(self, formula: Expr, axes=GRID) -> np.ndarray | None:
        """Return a formula's values over all indices; None where it has none."""
        return _values(self, formula, tuple(axes))


@lru_cache(maxsize=4096)
def _values(case, formula, axes):
    """Evaluate each formula once: an answer is met many times on the way to its reply."""
    try:
        values = evaluate(formula, case.arrays, axes)
    except (TypeError, ValueError):
        return None
    values.flags.writeable = False  # one array serves all who ask
    return values


@cache
def cases() -> tuple[Case, ...]:
    """Return three cases whose layers all differ in size."""
    return tuple(random_case(sizes, seed) for seed, sizes in enumerate(_SIZES))


@cache
def _square() -> tuple[Case, ...]:
    return random_case((3, 3, 3), 3), random_case((4, 4, 4), 4)


def random_case(sizes, seed) -> Case:
    """Return a case of the sizes given."""
    rng = np.random.default_rng(seed)
    weights = Network(sizes, rng=rng).weights
    network = Network.from_parameters(weights, [rng.normal(size=size) for size in sizes[1:]])
    X, Y = rng.normal(size=(1, sizes[0])), rng.random((1, sizes[-1]))
    arrays = sample_arrays(network, network.forward(X), Y, 0)
    return Case(network, X, Y, arrays | {"eta": rng.uniform(0.1, 0.9)})


def agree(given, wanted) -> bool:
    """Return whether two arrays are equal up to rounding; None agrees with nothing."""
    if given is None or wanted is None:
        return False
    return bool(
        np.abs(given - wanted).max() <= _TOLERANCE * max(np.abs(wanted).max(), np.abs(given).max())
    )


def equal(one: Expr, other: Expr) -> bool:
    """Return whether two formulas have the same values on every case.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b
    >>> equal(b[h] * (1 - b[h]), b[h] - b[h] ** 2)
    True
    """
    return all(agree(case.values(one), case.values(other)) for case in cases())


@np.errstate(all="ignore")
def diagnose(answer: Expr, right: Expr, asked: str | None = None) -> tuple[Misconception, ...]:
    """Return the mistake, or the two, that turn the right formula into the answer.

    Parameters
    ----------
    answer, right : Expr
        In the letters of `notation`.
    asked : {"w", "theta", "gamma", "v"}, optional
        The update that the right formula is; None for a part of one.

    Returns
    -------
    tuple of Misconception
        One or two; empty for a mistake that is not in the table.

    Examples
    --------
    >>> from backprop_kit.symbolic import derive_updates
    >>> from backprop_kit.symbolic.notation import eta
    >>> [one.name for one in diagnose(derive_updates().w / eta, derive_updates().w, "w")]
    ['missing-eta']
    """
    if cases()[0].values(answer) is None:
        return _on_squares(answer, right, asked)
    slips = [slip for slip in _slips(right, asked) if slip.values is not None and slip.fits(answer)]
    slips.sort(key=lambda slip: slip.mistake.mark is None)
    if single := _single(answer, slips):
        return (single,)
    if asked and (single := _single(answer - PARAMETERS[asked], slips)):
        return TABLE["new-value-for-change"], single
    return _pair(answer, right, asked)


def surplus(answer: Expr, right: Expr) -> Expr | None:
    """Return the letter that, as one more factor, turns the right formula into the answer.

    Examples
    --------
    >>> surplus(eta * b[h] * w[h, j], eta * b[h])
    w[h, j]
    """
    more = ((letter, _with_factor(right, letter)) for letter in _LETTERS)
    return next((letter for letter, formula in more if equal(answer, formula)), None)


def _with_factor(formula, factor):
    """Return a formula with one more factor, inside its sum over j where there is one."""
    sums = _sums_over_j(formula)
    inside = {total: total.func(total.function * factor, *total.limits) for total in sums}
    return formula.xreplace(inside) if inside else formula * factor


def _single(answer, slips):
    given = cases()[0].values(answer)
    for slip in slips:
        if agree(given, slip.values) and equal(answer, slip.formula):
            return slip.mistake
    return None


@dataclass(frozen=True)
class _Slip:
    mistake: Misconception
    formula: Expr
    values: np.ndarray | None  # on the first case

    def fits(self, answer):
        """Return whether the answer shows what gives this mistake away, if anything does."""
        return self.mistake.mark is None or answer.has(self.mistake.mark)


@lru_cache(maxsize=64)
def _slips(right, asked):
    """Return what every mistake makes of a right formula."""
    made = (
        (mistake, slip(right, asked))
        for mistake in TABLE.values()
        for slip in (mistake.slip, *mistake.variants)
    )
    return tuple(
        _Slip(mistake, formula, cases()[0].values(formula))
        for mistake, formula in made
        if formula is not None
    )


def _pair(answer, right, asked):
    """Return the two mistakes that act together, each as a factor on every term."""
    given = [case.values(answer) for case in cases()]
    if any(values is None for values in given):
        return ()
    first = _composed(right, asked)
    for one in range(len(first.slips)):
        for other in np.flatnonzero(first.hits(given[0], one)):
            pair = first.slips[one], first.slips[other]
            rest = (_Composed(right, pair, case) for case in cases()[1:])
            if all(slip.fits(answer) for slip in pair) and all(
                c.hits(g, 0)[1] for c, g in zip(rest, given[1:], strict=True)
            ):
                return pair[0].mistake, pair[1].mistake
    for one, other, formula, values in _regrouped(right, asked):
        if agree(given[0], values) and equal(answer, formula):
            return one.mistake, other.mistake
    return ()


@lru_cache(maxsize=64)
def _regrouped(right, asked):
    """Return the pairs of which one takes w[h, j] out of its sum: there factors do not multiply."""
    pairs = []
    for one in (slip for slip in _slips(right, asked) if slip.mistake.name in _REGROUPING):
        for other in _slips(right, asked):
            formula = one.mistake.slip(other.formula, asked)
            if formula is not None:
                pairs.append((one, other, formula, cases()[0].values(formula)))
    return tuple(pairs)


@lru_cache(maxsize=64)
def _composed(right, asked):
    slips = [slip for slip in _slips(right, asked) if slip.values is not None]
    return _Composed(right, slips, cases()[0])


class _Composed:
    """Slips, two at a time: each a factor on the terms of the sum over j, or a toggle of it."""

    def __init__(self, right, slips, case):
        self.terms = case.values(_term(right))
        self.summed = _is_summed(right)
        factors = [case.values(_term(slip.formula)) for slip in slips]
        self.slips = [
            slip for slip, values in zip(slips, factors, strict=True) if values is not None
        ]
        self.factors = np.array([f for f in factors if f is not None]) / self.terms
        self.toggles = np.array([_is_summed(slip.formula) != self.summed for slip in self.slips])

    def hits(self, given, one):
        """Return for every other slip whether it makes, with slip number `one`, what was given."""
        terms = self.terms * self.factors[one] * self.factors
        added = np.broadcast_to(terms.sum(axis=-1, keepdims=True), terms.shape)
        summed = self.summed ^ self.toggles[one] ^ self.toggles
        made = np.where(summed[:, None, None, None], added, terms)
        gap = np.abs(made - given).max(axis=(1, 2, 3))
        found = gap <= _TOLERANCE * np.maximum(
            np.abs(made).max(axis=(1, 2, 3)), np.abs(given).max()
        )
        alike = np.abs(self.factors - self.factors[one]).max(axis=(1, 2, 3)) < _TOLERANCE
        return found & ~(alike & (self.toggles == self.toggles[one]))


def _sums_over_j(formula):
    factors = Mul.make_args(formula)
    return [part for part in factors if isinstance(part, Sum) and part.limits[0][0] == j]


def _is_summed(formula):
    return bool(_sums_over_j(formula))


def _term(formula):
    """Return what stands inside the sum over j, times what stands before it."""
    return formula.xreplace({total: total.function for total in _sums_over_j(formula)})


def _on_squares(answer, right, asked):
    """Return the mistake in an answer whose indices fit only layers of one size."""
    given = [case.values(answer) for case in _square()]
    if given[0] is None:
        return ()
    turned = [slip for slip in _slips(right, asked) if slip.values is None]
    for slip in turned:
        if all(
            agree(g, case.values(slip.formula)) for g, case in zip(given, _square(), strict=True)
        ):
            return (slip.mistake,)
    for slip, other in ((s, o) for s in turned for o in _slips(right, asked) if o not in turned):
        both = slip.mistake.slip(other.formula, asked)
        if both is not None and all(
            agree(g, case.values(both)) for g, case in zip(given, _square(), strict=True)
        ):
            return slip.mistake, other.mistake
    return ()
