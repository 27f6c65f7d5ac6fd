"""What a formula is compared with, and what is said of a wrong one.

Both formulas are evaluated on networks of several sizes; nothing is ever simplified.  A wrong one
is compared with what every known mistake would give, and with every two of them together; what is
left is told where it differs: a factor, a constant, an index, a number.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import sympy

from backprop_kit.exercises.checks import Examiner, Verdict, is_untouched, right, shown, wrong
from backprop_kit.exercises.diagnosis import GRID, agree, cases, diagnose, equal, surplus
from backprop_kit.exercises.parsing import Unreadable, parse
from backprop_kit.numeric import numeric_gradients
from backprop_kit.symbolic import Change, Formula, Partial, by_letter, notation
from backprop_kit.symbolic.notation import b, eta, gamma, h, i, j, theta, v, w, x, y, y_hat
from backprop_kit.symbolic.typeset import as_text

# What an answer may have lost, or have once too often.
_FACTORS = (
    eta,
    x[i],
    b[h],
    1 - b[h],
    b[h] * (1 - b[h]),
    y_hat[j],
    1 - y_hat[j],
    y_hat[j] * (1 - y_hat[j]),
    y[j] - y_hat[j],
    w[h, j],
    v[i, h],
    theta[j],
    gamma[h],
)

# The letters of `notation` that carry no index.  An answer may hold a symbol of the same name
# that a student made; it means the same.
_PLAIN = {symbol.name: symbol for symbol in (*notation.SIZES, *notation.SIZES.values(), eta)}


class Unanswered(sympy.Symbol):
    """The answer to an earlier question, still ``...``, as it stands in a later formula."""


def so_far(**answers):
    """Return the answers to earlier questions, fit to be used in a formula.

    Parameters
    ----------
    **answers
        The answers by the letter of their question, as they were handed in.

    Returns
    -------
    list
        Each answer as a formula, a text too; in place of one that is still ``...`` stands a
        symbol, and the check of a formula that holds it asks for that answer first.

    Raises
    ------
    ValueError
        If an answer is no formula.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, h
    >>> slope, rest = so_far(A="b_h", B=...)
    >>> formula(lambda: b[h], axes=(h,))(slope * rest)
    ✗ Not yet. Answer question B first.
    """
    return [_passed_on(letter, answer) for letter, answer in answers.items()]


def _passed_on(letter, answer):
    if is_untouched(answer):
        return Unanswered(letter)
    answer = read(answer)
    if isinstance(answer, Verdict):
        raise ValueError(f"the answer to question {letter} is no formula yet: {answer.message}")
    return answer


def formula(
    expected: Callable[[], sympy.Expr],
    axes,
    *,
    asked: str | None = None,
    near: Callable[[], Mapping[sympy.Expr, str]] | None = None,
    praise: str = "",
) -> Examiner:
    """Examine a formula, typed as text or built from the letters; any equivalent form is right.

    Parameters
    ----------
    expected : callable
        Returns the right formula; called at the first check, so that a lesson opens fast.
    axes : sequence of index symbols
        The indices of the answer, ``(h, j)`` for ``Δw_hj``.
    asked : {"w", "theta", "gamma", "v"}, optional
        The update that is asked for, where it is a whole one; the evidence is then compared with
        finite differences of the error.
    near : callable, optional
        Returns formulas that a mistake of this question alone leads to, and what to say of each;
        the mistakes of all questions are in `backprop_kit.exercises.misconceptions`.
    praise : str, optional
        What a right answer means; the reply to it ends with this.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import alpha, b, gamma, h, sigma
    >>> examine = formula(lambda: b[h] * (1 - b[h]), axes=(h,))
    >>> examine(sigma(alpha[h] - gamma[h]) * (1 - b[h])).correct
    True
    >>> examine("b_h (1 - b_h)").correct
    True
    >>> examine("1 - b_h").misconception
    'half-slope-hidden'
    """
    axes = tuple(axes)

    @np.errstate(all="ignore")
    def examine(answer):
        answer = read(answer)
        if isinstance(answer, Verdict):
            return answer
        if slip := _foreign_part(answer):
            return wrong(slip)
        wanted = expected()
        if equal(answer, wanted):
            return right(f"It agrees on networks of three sizes. {praise}".rstrip())
        return _reply(answer, wanted, axes, asked, near() if near else {})

    return examine


def read(answer, names: Mapping | None = None) -> "sympy.Expr | Verdict":
    """Return an answer as a formula in our letters, or the verdict on one that is none.

    Examples
    --------
    >>> read("b_h ( 1 - b_h")
    ✗ Not yet. This bracket is never closed.
      b_h ( 1 - b_h
          ^
    """
    if isinstance(answer, str):
        try:
            return parse(answer, names=names)
        except Unreadable as unreadable:
            *picture, reason = str(unreadable).splitlines()
            return wrong(reason, evidence="\n".join(picture))
    if isinstance(answer, Formula):
        answer = answer.right
    try:
        answer = sympy.sympify(answer, strict=True)
    except (sympy.SympifyError, TypeError, ValueError):
        return wrong(f"This exercise takes a formula; this is {shown(answer)}.")
    if not isinstance(answer, sympy.Expr) or answer in (sympy.nan, sympy.zoo):
        return wrong(f"This exercise takes a formula; this is {shown(answer)}.")
    return _in_our_letters(answer)


def _reply(answer, wanted, axes, asked, near):
    """Say what is wrong with a wrong formula, and show it in numbers."""
    mistakes = diagnose(answer, wanted, asked)
    name = " and ".join(mistake.name for mistake in mistakes) or None
    evidence = _evidence(answer, wanted, axes, asked)
    own = next((reason for slip, reason in near.items() if equal(answer, slip)), None)
    if own is not None:
        return wrong(own, name, evidence)
    if len(mistakes) == 1:
        return wrong(mistakes[0].message, name, evidence)
    extra = surplus(answer, wanted)
    if mistakes and extra is None:
        parts = (f"{number}) {one.explanation}" for number, one in enumerate(mistakes, 1))
        return wrong(f"Two things: {' '.join(parts)} {mistakes[0].question}", name, evidence)
    if any(case.values(answer) is None for case in cases()):
        reason = _misplaced_index(answer, wanted) or "The formula has no value on our networks."
        return wrong(reason)
    loose = _free_index(answer, wanted, axes)
    if loose:
        return wrong(loose)
    if extra is not None:
        often = "stands there once too often" if wanted.has(extra) else "is too much"
        return wrong(f"The factor {as_text(extra)} {often}.", evidence=evidence)
    return wrong(_difference(answer, wanted, axes), evidence=evidence)


def _in_our_letters(answer):
    return answer.xreplace(
        {
            symbol: _PLAIN[symbol.name]
            for symbol in answer.atoms(sympy.Symbol)
            if symbol.name in _PLAIN and symbol != _PLAIN[symbol.name]
        }
    )


def _foreign_part(answer):
    """Name a part of the answer that has no value: a derivative, a letter without its index."""
    for symbol in sorted(answer.atoms(sympy.Symbol), key=str):
        if isinstance(symbol, Unanswered):
            return f"Answer question {symbol} first."
        if isinstance(symbol, (Partial, Change)):
            return f"{symbol} still stands in the formula: put in what it equals."
    for part in _parts_outside_entries(answer):
        if isinstance(part, notation.Quantity):
            letters = ", ".join(notation.TABLE[part.name].indices)
            return f"{part} stands without its index: write {part}[{letters}]."
    for symbol in sorted(answer.free_symbols - set(_PLAIN.values()), key=str):
        known = isinstance(symbol, (notation.Entry, notation.Quantity)) or (
            symbol.name in notation.TABLE
        )
        if not known:
            letters = ", ".join(notation.TABLE)
            return (
                f"{symbol} is no letter of the network; the letters are {letters}, eta; "
                "d, q, l count inputs, hidden units, outputs."
            )
    return None


def _parts_outside_entries(answer):
    walk = sympy.preorder_traversal(answer)
    for part in walk:
        yield part
        if isinstance(part, notation.Entry):
            walk.skip()


def _free_index(answer, expected, axes):
    """Say what is wrong where an index is free that the answer must not have."""
    loose = sorted((answer.free_symbols & set(notation.SIZES)) - set(axes), key=str)
    if not loose:
        return None
    names = " and ".join(map(str, loose))
    along = tuple(GRID.index(index) for index in loose)
    target = cases()[0].values(expected)
    if agree(cases()[0].values(answer).sum(axis=along, keepdims=True) + 0 * target, target):
        return f"The terms are right, but they are not summed: the sum over {names} is missing."
    summed = {limit[0] for total in answer.atoms(sympy.Sum) for limit in total.limits}
    if both := [str(index) for index in loose if index in summed]:
        return (
            f"{both[0]} stands inside a sum over {both[0]} and outside it, too. Everything that "
            f"changes with {both[0]} belongs inside the sum."
        )
    if kept := [str(index) for index in axes if index in summed]:
        return (
            f"The sum runs over {kept[0]}, but the answer keeps {kept[0]}; "
            f"what is left free instead is {names}. Which index is summed, and why?"
        )
    needless = [entry for entry in _strangers(answer, expected) if set(entry.indices) & set(loose)]
    return _one_number_for_each(axes, names, needless)


def _one_number_for_each(axes, names, needless=()):
    kept = f"one number for each {', '.join(map(str, axes))}" if axes else "one number"
    why = f": {as_text(needless[0])} does not belong in it" if needless else ""
    return f"The answer is {kept}, but this formula leaves the index {names} free{why}."


def _strangers(answer, expected):
    """Return the entries, outside every sigmoid, of letters that the right formula lacks."""
    letters = {entry.base for entry in expected.atoms(notation.Entry)}
    held = {part for part in _outside_functions(answer) if isinstance(part, notation.Entry)}
    return sorted((entry for entry in held if entry.base not in letters), key=str)


def _misplaced_index(answer, expected):
    """Name an index that stands in another one's place, or a sum with another one's range."""
    for entry in sorted(answer.atoms(notation.Entry), key=str):
        if any(index.is_Integer and index < 1 for index in entry.indices):
            return f"{as_text(entry)}: indices count from 1. Or leave them as letters."
    strangers = _strangers(answer, expected)
    for total in sorted(answer.atoms(sympy.Sum), key=str):
        for index, low, high in total.limits:
            size = notation.SIZES.get(index)
            if size is not None and (low != 1 or high != size):
                letter = f", the letter {size}" if high.is_Integer else ""
                return (
                    f"The sum over {index} runs from {low} to {high}; "
                    f"{index} counts from 1 to {size}{letter}."
                )
    for entry in sorted(answer.atoms(notation.Entry), key=str):
        letter = notation.TABLE[entry.base.name]
        for index, usual in zip(entry.indices, letter.indices, strict=True):
            if index in notation.SIZES and str(index) != usual:
                if entry in strangers:
                    return (
                        f"{letter.name} ({letter.meaning}) does not belong in this formula. "
                        "Which factors lie on the path to E?"
                    )
                form = f"{letter.name}[{', '.join(letter.indices)}]"
                return (
                    f"{as_text(entry)} has an index out of place: write {form}, {letter.meaning}."
                )
    return None


def _difference(answer, wanted, axes):
    """Say how a wrong formula differs: by a sign, a number, a factor, or a letter it lacks."""
    given, target = cases()[0].values(answer), cases()[0].values(wanted)
    if not given.any():
        return "The formula is zero on every network."
    if not target.any():
        return "The right answer is zero on every network; this one is not."
    ratio = given.flat[0] / target.flat[0]
    if agree(given, ratio * target) and equal(answer, sympy.Float(ratio, 17) * wanted):
        if math.isclose(ratio, -1):
            return "The sign is turned."
        return f"Everything is right but a constant: this is {ratio:.4g} times the right formula."
    factors = [(f, cases()[0].values(f)) for f in _FACTORS if set(axes) >= _indices(f)]
    for sign, also in ((1, ""), (-1, " and the sign is turned")):
        for factor, values in factors:
            if agree(sign * given * values, target) and equal(sign * answer * factor, wanted):
                return f"The factor {as_text(factor)} is missing{also}."
            if agree(sign * given, target * values) and equal(sign * answer, wanted * factor):
                return f"The factor {as_text(factor)} stands there once too often{also}."
        for (there, extra), (absent, lost) in itertools.permutations(factors, 2):
            if agree(sign * given * lost, target * extra):
                return f"{as_text(there)} stands where {as_text(absent)} should{also}."
    return (
        _unused_letter(answer, wanted, axes)
        or "This differs from the right formula by more than one factor."
    )


def _outside_functions(answer):
    """Yield the parts that are not inside a sigmoid: there they belong to a net input."""
    walk = sympy.preorder_traversal(answer)
    for part in walk:
        if isinstance(part, sympy.Function):
            walk.skip()
        else:
            yield part


def _unused_letter(answer, expected, axes):
    """Say which index, or which size where there is no index, the answer should hold."""
    wanted = axes or (() if expected.has(sympy.Sum) else tuple(notation.SIZES.values()))
    held = expected.free_symbols - answer.free_symbols
    lost = [str(letter) for letter in wanted if letter in held]
    if not lost:
        return ""
    return f"The answer changes with {', '.join(lost)}, this formula does not. "


def _evidence(answer, wanted, axes, asked):
    """Return in numbers what an answer gives on one network, beside what it should give."""
    # by chance a wrong formula may agree on one of them: 2/l is 1/2 where l is 4
    differing = (one for one in cases() if not agree(one.values(answer), one.values(wanted)))
    case = next(differing, cases()[0])
    given, right = case.values(answer, axes), case.values(wanted, axes)
    if given is None:
        return ""
    if asked is not None:
        right = _by_differences(case, asked)
    place = np.unravel_index(np.abs(given - right).argmax(), right.shape)
    sizes = "-".join(map(str, case.network.sizes))
    if not axes:
        form = "+.4f" if right % 1 else "g"  # a count is a whole number
        return (
            f"On a {sizes} network this gives {float(given):{form}}; "
            f"the right formula gives {float(right):{form}}."
        )
    at, witness = f"at {_named(axes, place)}", "the right formula gives"
    if asked is not None:
        name = f"{asked}_{''.join(str(index + 1) for index in place)}"
        at, witness = f"for {name}", f"-eta times the slope of E, measured by nudging {name}, is"
    return (
        f"On a {sizes} network with random numbers this gives {given[place]:+.4f} {at}; "
        f"{witness} {right[place]:+.4f}."
    )


def _named(axes, place):
    return ", ".join(f"{axis} = {index + 1}" for axis, index in zip(axes, place, strict=True))


@cache
def _by_differences(case, asked):
    """Return what an update should be: -eta times the measured slopes of the error."""
    slopes = numeric_gradients(case.network, case.X, case.Y)
    return -case.arrays["eta"] * by_letter(slopes)[asked]


def _indices(expr):
    return {index for entry in expr.atoms(notation.Entry) for index in entry.indices}
