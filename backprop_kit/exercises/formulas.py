"""What a formula is compared with, and what is said of a wrong one.

Both formulas are evaluated on networks of several sizes; nothing is ever simplified.  A wrong one
is compared with what a slip would give: a turned sign, a lost factor, a missing sum.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import sympy

from backprop_kit.exercises.checks import Examiner, is_untouched, right, shown, wrong
from backprop_kit.numeric import Network
from backprop_kit.symbolic import Change, Formula, Partial, evaluate, notation
from backprop_kit.symbolic.notation import b, eta, gamma, h, i, j, l, theta, v, w, x, y, y_hat
from backprop_kit.symbolic.typeset import as_text

# Sizes that all differ, so that no swapped index can hide.
_SIZES = ((2, 3, 4), (5, 2, 3), (3, 4, 2))
_TOLERANCE = 1e-9

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
        The answers by the letter of their question.

    Returns
    -------
    list
        Each answer as it is; in place of one that is still ``...`` stands a symbol, and the check
        of a formula that holds it asks for that answer first.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, h
    >>> slope, rest = so_far(A=b[h], B=...)
    >>> formula(lambda: b[h], axes=(h,))(slope * rest)
    ✗ Not yet. Answer question B first.
    """
    return [
        Unanswered(letter) if is_untouched(answer) else answer for letter, answer in answers.items()
    ]


def formula(
    expected: Callable[[], sympy.Expr],
    axes,
    *,
    near: Callable[[], Mapping[sympy.Expr, str]] | None = None,
    praise: str = "",
) -> Examiner:
    """Examine a formula in the letters of `notation`; any equivalent form is right.

    Both formulas are evaluated on networks of several sizes; nothing is simplified.

    Parameters
    ----------
    expected : callable
        Returns the right formula; called at the first check, so that a lesson opens fast.
    axes : sequence of index symbols
        The indices of the answer, ``(h, j)`` for ``Δw_hj``.
    near : callable, optional
        Returns formulas that a known mistake leads to, and what to say of each.
    praise : str, optional
        What a right answer means; the reply to it ends with this.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import alpha, b, gamma, h, sigma
    >>> examine = formula(lambda: b[h] * (1 - b[h]), axes=(h,))
    >>> examine(sigma(alpha[h] - gamma[h]) * (1 - b[h])).correct
    True
    >>> examine(b[h])
    ✗ Not yet. The factor 1 - b[h] is missing.
    """
    axes = tuple(axes)

    @np.errstate(all="ignore")
    def examine(answer):
        if isinstance(answer, str):
            return wrong("Build the formula from the letters, without quotation marks.")
        if isinstance(answer, Formula):
            answer = answer.right
        try:
            answer = sympy.sympify(answer, strict=True)
        except (sympy.SympifyError, TypeError, ValueError):
            return wrong(f"This exercise takes a formula; this is {shown(answer)}.")
        if not isinstance(answer, sympy.Expr) or answer in (sympy.nan, sympy.zoo):
            return wrong(f"This exercise takes a formula; this is {shown(answer)}.")
        answer = _in_our_letters(answer)
        wanted = [evaluate(expected(), case, axes) for case in _cases()]
        if slip := _foreign_part(answer) or _free_index(answer, expected(), wanted, axes):
            return wrong(slip)
        try:
            given = [evaluate(answer, case, axes) for case in _cases()]
        except (TypeError, ValueError) as error:
            reason = (
                _misplaced_index(answer, expected()) or f"The formula cannot be evaluated: {error}."
            )
            return wrong(reason)
        if _agree(given, wanted):
            return right(f"It agrees on networks of three sizes. {praise}".rstrip())
        for slip, reason in (near() if near else {}).items():
            if _agree(given, [evaluate(slip, case, axes) for case in _cases()]):
                return wrong(reason)
        return wrong(_difference(answer, given, expected(), wanted, axes))

    return examine


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
            return f"{symbol} is no letter of the network; the letters are {letters}, eta."
    return None


def _parts_outside_entries(answer):
    walk = sympy.preorder_traversal(answer)
    for part in walk:
        yield part
        if isinstance(part, notation.Entry):
            walk.skip()


def _free_index(answer, expected, wanted, axes):
    """Say what is wrong where an index is free that the answer must not have."""
    loose = sorted((answer.free_symbols & set(notation.SIZES)) - set(axes), key=str)
    if not loose:
        return None
    names = " and ".join(map(str, loose))
    totals = []
    try:
        for case in _cases():
            terms = evaluate(answer, case, (*axes, *loose))
            totals.append(terms.sum(axis=tuple(range(len(axes), terms.ndim))))
    except (TypeError, ValueError):
        return _misplaced_index(answer, expected) or _one_number_for_each(axes, names)
    sums = answer.atoms(sympy.Sum)
    summed = {limit[0] for total in sums for limit in total.limits}
    if _agree(totals, wanted):
        return f"The terms are right, but they are not summed: the sum over {names} is missing."
    if _agree([-total for total in totals], wanted):
        return f"The sum over {names} is missing, and the sign is turned."
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


def _difference(answer, given, expected, wanted, axes):
    """Say how a wrong formula differs: by a sign, a number, a factor, or at which entry."""
    if all(np.abs(values).max() == 0 for values in given):
        return "The formula is zero on every network."
    if any(np.abs(values).max() == 0 for values in wanted):
        return "The right answer is zero on every network; this one is not."
    if needless := _needless_sum(answer, expected, axes):
        return needless
    ratio = given[0].flat[0] / wanted[0].flat[0]
    if _agree(given, [ratio * values for values in wanted]):
        if math.isclose(ratio, -1):
            return "Everything is right but the sign: it is turned."
        return f"Everything is right but a constant: this is {ratio:.4g} times the right formula."
    for sign, also in ((1, ""), (-1, " and the sign is turned")):
        signed = [sign * values for values in given]
        for name, factor in _factors(axes):
            values = [evaluate(factor, case, axes) for case in _cases()]
            if _agree([g * f for g, f in zip(signed, values, strict=True)], wanted):
                verb = "factors {} are" if " and " in name else "factor {} is"
                return f"The {verb.format(name)} missing{also}."
            if _agree(signed, [t * f for t, f in zip(wanted, values, strict=True)]):
                verb = "factors {} stand" if " and " in name else "factor {} stands"
                return f"The {verb.format(name)} there once too often{also}."
        if lost := _lost_inside(expected, signed, axes):
            return f"Inside the sum, the factor {lost} is missing{also}."
        if swap := _swapped(signed, wanted, axes):
            return f"{swap[0]} stands where {swap[1]} should{also}."
    outputs = [evaluate(l, case) for case in _cases()]
    if _agree([g * n for g, n in zip(given, outputs, strict=True)], wanted):
        return "This is the right formula divided by l: E adds the outputs' terms, with no mean."
    return _unused_letter(answer, expected, axes) + _evidence(given[0], wanted[0], axes)


def _needless_sum(answer, expected, axes):
    """Name a sum over an index that the answer must keep, where nothing is summed at all."""
    if expected.has(sympy.Sum):
        return None
    free = {str(notation.SIZES[axis]) for axis in axes}
    sums = (part for part in _outside_functions(answer) if isinstance(part, sympy.Sum))
    for total in sorted(sums, key=str):
        for index, _, high in total.limits:
            if str(high) in free:
                return f"There is one path here: no sum over {index}."
    return None


def _outside_functions(answer):
    """Yield the parts that are not inside a sigmoid: there they belong to a net input."""
    walk = sympy.preorder_traversal(answer)
    for part in walk:
        if isinstance(part, sympy.Function):
            walk.skip()
        else:
            yield part


def _factors(axes):
    """Yield name and formula of what may be lost: one factor, or eta and one more."""
    fitting = [factor for factor in _FACTORS if set(axes) >= _indices(factor)]
    for factor in fitting:
        yield as_text(factor), factor
    for factor in fitting[1:]:
        yield f"eta and {as_text(factor)}", eta * factor


def _lost_inside(expected, given, axes):
    """Name a factor without which, inside its sums, the right formula gives what was given."""
    for factor in _FACTORS if expected.has(sympy.Sum) else ():
        shorter = expected.replace(
            lambda part: isinstance(part, sympy.Sum),
            lambda total, lost=factor: sympy.Sum(total.function / lost, *total.limits),
        )
        if not _indices(shorter) <= {*axes, *_summed(expected)}:
            continue
        try:
            values = [evaluate(shorter, case, axes) for case in _cases()]
        except ValueError:
            continue
        if _agree(given, values):
            return as_text(factor)
    return None


def _swapped(given, wanted, axes):
    """Name a factor and the one in whose place it stands."""
    single = [f for f in _FACTORS if isinstance(f, notation.Entry) and set(axes) >= _indices(f)]
    for there, absent in itertools.permutations(single, 2):
        extra = [evaluate(there, case, axes) for case in _cases()]
        lost = [evaluate(absent, case, axes) for case in _cases()]
        if _agree(
            [g * f for g, f in zip(given, lost, strict=True)],
            [t * f for t, f in zip(wanted, extra, strict=True)],
        ):
            return as_text(there), as_text(absent)
    return None


def _summed(expr):
    return {limit[0] for total in expr.atoms(sympy.Sum) for limit in total.limits}


def _unused_letter(answer, expected, axes):
    """Say which index, or which size where there is no index, the answer should hold."""
    wanted = axes or (() if expected.has(sympy.Sum) else tuple(notation.SIZES.values()))
    held = expected.free_symbols - answer.free_symbols
    lost = [str(letter) for letter in wanted if letter in held]
    if not lost:
        return ""
    return f"The answer changes with {', '.join(lost)}, this formula does not. "


def _evidence(given, wanted, axes):
    place = np.unravel_index(np.abs(given - wanted).argmax(), given.shape)
    where = ", ".join(f"{axis} = {index + 1}" for axis, index in zip(axes, place, strict=True))
    d, q, l = _SIZES[0]  # noqa: E741  (the field's letter)
    at = f" at {where}" if where else ""
    form = "+.4f" if where or wanted[place] % 1 else "g"  # a count is a whole number
    return (
        f"On a {d}-{q}-{l} network{' with random numbers' if form != 'g' else ''} this gives "
        f"{given[place]:{form}}{at}, and the right formula gives {wanted[place]:{form}}."
    )


def _indices(expr):
    return {index for entry in expr.atoms(notation.Entry) for index in entry.indices}


def _agree(given, wanted):
    return all(
        np.abs(g - t).max() <= _TOLERANCE * max(np.abs(t).max(), np.abs(g).max())
        for g, t in zip(given, wanted, strict=True)
    )


@cache
def _cases():
    """Return arrays by letter of three networks, each after a real forward pass."""
    return tuple(_case(sizes, seed) for seed, sizes in enumerate(_SIZES))


def _case(sizes, seed):
    rng = np.random.default_rng(seed)
    network = Network(sizes, rng=rng)
    thresholds = [rng.normal(size=size) for size in sizes[1:]]
    network = Network.from_parameters(network.weights, thresholds)
    trace = network.forward(rng.normal(size=(1, sizes[0])))
    letters = {
        x: trace.outputs[0],
        v: network.weights[0],
        gamma: network.thresholds[0],
        notation.alpha: trace.net_inputs[0],
        b: trace.outputs[1],
        w: network.weights[1],
        theta: network.thresholds[1],
        notation.beta: trace.net_inputs[1],
        y_hat: trace.y_hat,
        y: rng.random((1, sizes[-1])),
    }
    arrays = {
        letter.name: values[0]
        if len(notation.TABLE[letter.name].indices) == 1 and values.ndim == 2
        else values
        for letter, values in letters.items()
    }
    return {**arrays, "eta": rng.uniform(0.1, 0.9)}
