r"""What the formulas in the lessons' prose are compared with.

A lesson names a formula by a comment before it, ``<!-- formula: update-w -->``, and `registry`
says what that name stands for.  Nothing there is typed in: each entry is computed from the
definitions of the network, by the same code that derives the formulas in the outputs.  A formula
in the prose is read by `parse` and compared by value; one of matrices, which `parse` cannot read,
is compared with the LaTeX that the derived object gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import sympy

from backprop_kit.exercises.diagnosis import equal
from backprop_kit.exercises.parsing import Unreadable, parse
from backprop_kit.numeric import Network, gate
from backprop_kit.symbolic import (
    DEFINITIONS,
    E,
    delta_recursion,
    derive_updates,
    differentiate,
    matrix_form,
    notation,
    softmax_delta,
)
from backprop_kit.symbolic import letters as layered
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
    sigma,
    theta,
    v,
    w,
    y,
    y_hat,
)

ERROR = DEFINITIONS[E].right
EXCESS = beta[j] - theta[j]  # what the sigmoid of an output unit receives


@dataclass(frozen=True)
class Named:
    r"""What a name in a marker stands for.

    Attributes
    ----------
    value : sympy.Expr, tuple or str
        What every side of the formula must be equal to, in the letters of `notation`; two values
        for a formula with ``\pm``; the LaTeX of a formula of matrices.
    letters : mapping
        The lesson's own letters, as its LaTeX spells them: what each stands for, an expression or
        another spelling.
    """

    value: sympy.Expr | tuple | str
    letters: Mapping = field(default_factory=dict)


# ---------------------------------------------------------------- derivatives, by machine


def derivative(of, by):
    """Return the derivative of one quantity of the network by another.

    Parameters
    ----------
    of : sympy.Expr
        `ERROR`, an entry such as ``y_hat[j]``, or a net input less its threshold.
    by : sympy.Expr
        An entry, numbers as indices allowed, or a net input less its threshold.

    Raises
    ------
    ValueError
        If this module does not know the way from one to the other.

    Examples
    --------
    >>> derivative(beta[j], b[1])
    w[1, j]
    >>> derivative(beta[j] - theta[j], theta[j])
    -1
    """
    if by.is_Add:  # the threshold stays: what the net input does, the excess does
        (by,) = (term for term in by.args if isinstance(term, Entry))
    if of != ERROR and not isinstance(of, Entry):
        parts = (term.as_coeff_Mul() for term in sympy.Add.make_args(of))
        return sympy.Add(*(factor * derivative(term, by) for factor, term in parts))
    if not isinstance(by, Entry):
        raise ValueError(f"no derivative by {by} is known here")
    names = [getattr(notation, name) for name in by.base.letter.indices]
    numbered = dict(zip(names, by.indices, strict=True))
    return _derivative(of, by.base[tuple(names)]).xreplace(numbered)


def _derivative(of, by):
    if of == by:
        return sympy.Integer(1)
    if of != ERROR:
        given = of.base not in DEFINITIONS
        apart = (of.base, by.base) in ((alpha, gamma), (beta, theta))
        return sympy.Integer(0) if given or apart else differentiate(of, by)
    if by.base == y_hat:
        return differentiate(E, by)
    if by.base in (v, w, gamma, theta):
        return -update(by) / eta
    if by.base == beta:
        return derivative(ERROR, y_hat[j]) * differentiate(y_hat[j], by)
    if by.base == b:
        return sympy.Sum(derivative(ERROR, beta[j]) * differentiate(beta[j], by), (j, 1, l))
    if by.base == alpha:
        return derivative(ERROR, b[h]) * differentiate(b[h], by)
    raise ValueError(f"no derivative of E by {by} is known here")


def update(parameter):
    """Return the change of one parameter in a step of gradient descent.

    Examples
    --------
    >>> update(theta[1])
    -eta*(1 - y_hat[1])*(y[1] - y_hat[1])*y_hat[1]
    """
    if not isinstance(parameter, Entry) or not hasattr(derive_updates(), parameter.base.name):
        raise ValueError(f"{parameter} is no parameter of the network")
    names = (getattr(notation, name) for name in parameter.base.letter.indices)
    numbered = dict(zip(names, parameter.indices, strict=True))
    return getattr(derive_updates(), parameter.base.name).xreplace(numbered)


# ---------------------------------------------------------------- from the prose to a value

_LETTER = r"(?:\\hat\s*\{?y\}?|\\[a-z]+|[A-Za-z]+)(?:_(?:\{[^{}]*\}|\w))?"
_PARTIAL = re.compile(
    rf"\\[dt]?frac\s*\{{\s*\\partial\s*({_LETTER})\s*\}}\s*\{{\s*\\partial\s*({_LETTER})\s*\}}"
    rf"|\\partial\s*({_LETTER})\s*/\s*\\partial\s*({_LETTER})"
)
_CHANGE = re.compile(rf"\\Delta\s*({_LETTER})")
_RELATION = re.compile(r"(\\approx|\\leftarrow|=)(?![^{}]*\})")  # not that of \sum_{j=1}
_SPACE = re.compile(r"(?:\\[,;:! ]|\s)+")
_DECIMAL = re.compile(r"\s*-?\s*\d+\.(\d+)\s*")


def disagreement(name: str, text: str) -> str | None:
    r"""Return what is wrong with one formula of the prose; None if it says what its name says.

    Parameters
    ----------
    name : str
        A name of `registry`.
    text : str
        The LaTeX of one formula.  All sides of ``=`` must have the value of the name; the two
        sides of ``\leftarrow`` must differ by it; a number after ``\approx`` may be rounded.

    Examples
    --------
    >>> disagreement("slope", r"\sigma' = \sigma\,(1 - \sigma)")
    >>> disagreement("slope", r"\sigma' = \sigma\,(1 + \sigma)")
    'it differs from what is derived: \\sigma (1 + \\sigma)'
    """
    if name not in registry():
        return f"no formula is called {name}"
    named = registry()[name]
    wanted = named.value
    if isinstance(wanted, str):
        return None if _bare(text) == _bare(wanted) else f"it is not the derived {wanted}"
    if r"\pm" not in text:
        return _compared(text, wanted, named.letters)
    if not isinstance(wanted, tuple):
        return r"it has a \pm, what is derived has none"
    both = (
        _compared(re.sub(r"\\pm(?![A-Za-z])", sign, text), one, named.letters)
        for sign, one in zip("+-", wanted, strict=True)
    )
    return next(filter(None, both), None)


def _compared(text, wanted, letters):
    text = _SPACE.sub(" ", text).strip(" .,")
    side, *rest = _RELATION.split(text)
    relations, sides = rest[::2], [side, *rest[1::2]]
    try:
        values = [_read(side, letters) for side in sides]
        if "\\leftarrow" in relations:
            if len(sides) != 2:
                return "an arrow stands between two sides, and nothing else does"
            sides, values = sides[1:], [values[1] - values[0]]
        decimals = [len(found[1]) for side in sides if (found := _DECIMAL.fullmatch(side))]
        rounded = 10.0 ** -min(decimals) / 2 if "\\approx" in relations and decimals else 0
        for side, value in zip(sides, values, strict=True):
            if not _same(value, wanted, rounded):
                return f"it differs from what is derived: {side.strip()}"
    except Unreadable as error:
        return f"it cannot be read: {error.reason} ({text})"
    except ValueError as error:
        return f"it cannot be read: {error} ({text})"
    return None


def _read(text, letters):
    """Return the value of one side, with what no student may type put in first."""
    names = {}

    def named(value):
        word = f"Z{chr(ord('a') + len(names) // 26)}{chr(ord('a') + len(names) % 26)}"
        names[word] = value
        return f" {word} "

    def plain(piece):
        return parse(piece, names=names)

    for spelling in sorted(letters, key=len, reverse=True):
        value = letters[spelling]
        text = _spelled(spelling).sub(
            lambda _, value=value: value if isinstance(value, str) else named(value), text
        )
    text = _spelled("E").sub(lambda _: named(ERROR), text)
    text = _PARTIAL.sub(
        lambda found: named(derivative(*(plain(part) for part in found.groups() if part))), text
    )
    text = _CHANGE.sub(lambda found: named(update(plain(found[1]))), text)
    return plain(text)


def _spelled(letter):
    """Return the pattern of a spelling that is no part of a longer one."""
    before = "" if letter.startswith("\\") else r"(?<![A-Za-z\\])"
    after = r"(?![A-Za-z'_])" if letter[-1].isalpha() else r"(?!')"
    return re.compile(before + re.escape(letter) + after)


def _same(one, other, rounded):
    """Return whether two values are equal, the letters that are no quantity at random numbers."""
    one, other = sympy.sympify(one), sympy.sympify(other)
    known = {eta.name, *notation.TABLE, *(k.name for pair in notation.SIZES.items() for k in pair)}
    symbols = sorted(one.atoms(sympy.Symbol) | other.atoms(sympy.Symbol), key=str)
    numbers = {
        symbol: sympy.Rational(2 * place + 3, 7)
        for place, symbol in enumerate(symbols)
        if symbol.name not in known
    }
    one, other = one.xreplace(numbers), other.xreplace(numbers)
    if one.is_number and other.is_number:
        return bool(abs(sympy.N(one - other)) <= max(rounded, 1e-9))
    return equal(one, other)


def _bare(text):
    """Return LaTeX without what changes only its looks."""
    return re.sub(r"\\left|\\right(?![a-z])|\\[,;:!]|\s|[.,]$", "", text.strip())


# ---------------------------------------------------------------- the values


def _count():
    """Return how many weights and thresholds there are: one number for each of their indices."""
    rows = (one for one in notation.TABLE.values() if one.kind in ("weight", "threshold"))
    ranges = {index.name: size for index, size in notation.SIZES.items()}
    return sympy.Add(*(sympy.Mul(*(ranges[name] for name in row.indices)) for row in rows))


# Document A's two parts of the perceptron's cost (SOURCES A3), y_hat held fixed.
_W, _input = sympy.symbols("W_ x_")
_COSTS = {"fires": y_hat[j] * _W * _input, "should fire": -y[j] * _W * _input}


_PERCEPTRON = {  # sample k is output j, its input beta[j]
    **{"W": _W, "x": _input, "y": y[j], r"\hat y": y_hat[j]},
    **{"x^{(k)}": beta[j], "y^{(k)}": y[j], r"\hat y^{(k)}": y_hat[j], r"\sum_k": r"\sum_j"},
}


def _perceptron_step():
    return -eta * sympy.Add(*_COSTS.values()).diff(_W)


def _perceptron_steps():
    return sympy.Sum(_perceptron_step().xreplace({_input: beta[j]}), (j, 1, l))


def _spoilt_xor_slope():
    """Return the slope of lesson 02: the network for XOR, its last threshold lowered to 0.5."""
    parameters = [[[1, -1], [1, -1]], [[1], [1]]], [[0.5, -1.5], [0.5]]
    network, data = Network.from_parameters(*parameters), gate("XOR")
    gradients = network.backward(network.forward(data.X), data.y[:, np.newaxis])
    return sympy.Float(gradients.thresholds[1][0])


_STEP = sympy.Symbol("s_")
_SLOPES = sympy.symbols("E_0:5")  # the error at one place and its derivatives there


def _nudged(by, terms):
    """Return the error at a distance, as the polynomial that has these derivatives."""
    t = sympy.Symbol("t")
    error = sympy.Integer(0)
    for slope in reversed(_SLOPES[:terms]):
        error = slope + sympy.integrate(error, (t, 0, t))
    return error.xreplace({t: by})


def _nudges(terms, rest=0):
    """Return the letters of the formulas that nudge one weight; `rest` is what dots stand for."""
    places = {"+ s": _STEP, "- s": -_STEP, r"+ 1\mathrm{j} \cdot s": sympy.I * _STEP}
    orders = {"E" + "'" * order: slope for order, slope in enumerate(_SLOPES)}
    return {
        **{f"E(w_{{11}} {place})": _nudged(by, terms) for place, by in places.items()},
        **{f"{name}(w_{{11}})": slope for name, slope in orders.items()},
        **orders,
        **{r"1\mathrm{j}": sympy.I, "s": _STEP, r"\dots": sympy.sympify(rest)},
    }


def _last(by, terms):
    return _nudged(by, terms) - _nudged(by, terms - 1)


def _delta(name):
    """Return a result of the delta recursion in the letters of the d-q-l network."""
    at = layered
    output = delta_recursion().output.result.right.xreplace(
        {
            at.x[at.M, at.i]: y_hat[j],
            y[at.i]: y[j],
            at.f_prime(at.u[at.M, at.i]): differentiate(y_hat[j], beta[j]),
        }
    )
    if name == "output":
        return output
    back = delta_recursion().hidden.result.right
    back = back.xreplace(
        {
            at.delta[at.L + 1, at.r]: output,
            at.W[at.L + 1, at.i, at.r]: w[h, j],
            at.f_prime(at.u[at.L, at.i]): differentiate(b[h], alpha[h]),
        }
    )
    return back.xreplace({at.r: j, at.n[at.L + 1]: l})


def _layer():
    """Return what a layer receives, in matrices: the recursion's own first line."""
    start = delta_recursion().weights.start
    total, threshold = sorted(start.right.args, key=lambda term: not term.has(sympy.Sum))
    return f"{_matrix(start.left)} = {_matrix(total)} {_matrix(threshold)}"


def _layer_output():
    """Return x^(L) by what the layer above receives in its place."""
    (given,) = delta_recursion().weights.start.right.atoms(sympy.Sum)
    (written,) = delta_recursion().hidden.start.right.atoms(sympy.Sum)
    (output,) = (part for part in given.function.args if part.base == layered.x)
    (formula,) = (part for part in written.function.args if not isinstance(part, Entry))
    return f"{_matrix(output.xreplace({layered.L: layered.L + 1}))} = {_matrix(formula)}"


def _matrix(expression):
    """Return the LaTeX of a vector's entry number r or s, without that number."""
    bound = {limit[0] for total in expression.atoms(sympy.Sum) for limit in total.limits}
    (index,) = {layered.r, layered.s} & expression.free_symbols - bound
    return matrix_form(expression, (index,), column_vectors=False).latex


# ---------------------------------------------------------------- the names


@cache
def registry() -> dict[str, Named]:
    """Return every formula that a marker may name; each must be used by a lesson."""
    layers = {  # a neuron with one input is an output unit that sees one hidden unit
        **{r"\hat y": y_hat[j], r"\theta": theta[j], r"\beta": beta[j]},
        **{"u": EXCESS, "w": w[h, j], "x": b[h]},
        **{"u_j": EXCESS, "x_i": b[h], "W_{ij}": w[h, j], r"\sum_{i}": r"\sum_h"},
    }
    slope = differentiate(y_hat[j], beta[j])
    softmax = softmax_delta().result.right
    by_w, by_theta = (softmax * derivative(EXCESS, by) for by in (w[h, j], theta[j]))
    by_b = sympy.Sum(softmax * derivative(EXCESS, b[h]), (j, 1, l))
    by_v = by_b * derivative(b[h], alpha[h]) * derivative(alpha[h], v[i, h])
    u = sympy.Symbol("u_")
    g_slope = (1 / sigma.definition(u)).diff(u)
    saturated = derivative(ERROR, EXCESS).xreplace({y[j]: sympy.Integer(0)})
    return {
        # the network and its error (A7, A8, A9)
        "hidden-output": Named(DEFINITIONS[b].right),
        "net-input": Named(DEFINITIONS[beta].right),
        "output": Named(DEFINITIONS[y_hat].right),
        "error": Named(ERROR),
        "count": Named(_count()),
        "count-2-2-2": Named(
            sympy.Integer(Network((2, 2, 2)).n_parameters),
            dict.fromkeys(("d", "q", "l"), sympy.Integer(2)),
        ),
        # one neuron (A1, A3)
        "neuron-excess": Named(
            DEFINITIONS[alpha].right.subs(d, 2).doit() - gamma[h],
            {
                "u": DEFINITIONS[alpha].right.subs(d, 2).doit() - gamma[h],
                **{"W_1": v[1, h], "W_2": v[2, h], r"\theta": gamma[h]},
            },
        ),
        "cost-fires": Named(_COSTS["fires"], {"L_{True}": _COSTS["fires"], **_PERCEPTRON}),
        "cost-should-fire": Named(
            _COSTS["should fire"], {"L_{False}": _COSTS["should fire"], **_PERCEPTRON}
        ),
        "perceptron-step": Named(_perceptron_step(), _PERCEPTRON),
        "perceptron-steps": Named(_perceptron_steps(), _PERCEPTRON),
        # the sigmoid (A11)
        "sigmoid": Named(sigma(EXCESS), {"f(u)": sigma(EXCESS), "f": sigma(EXCESS), "u": EXCESS}),
        "sigmoid-denominator-slope": Named(g_slope, {"g'": g_slope, "u": u}),
        "slope": Named(
            slope,
            {
                **dict.fromkeys((r"\sigma'", "f'(u)", "f'"), slope),
                **dict.fromkeys((r"\sigma", "f", "x"), y_hat[j]),
            },
        ),
        # gradient descent (A10); p is any parameter, here one weight
        "descent": Named(update(w[h, j]), {"p": w[h, j]}),
        "descent-theta": Named(update(theta[1])),
        "xor-slope": Named(
            _spoilt_xor_slope(), {r"\frac{\partial E}{\partial \theta_1}": _spoilt_xor_slope()}
        ),
        # factors of the chain rule (A12 to A15)
        "error-by-weight": Named(derivative(ERROR, w[h, j]), layers),
        "error-by-excess-target-0": Named(
            saturated, {r"\partial E / \partial u": saturated, "f": y_hat[j]}
        ),
        "output-by-excess": Named(slope, layers),
        "excess-by-net-input": Named(derivative(EXCESS, beta[j]), layers),
        "excess-by-weight": Named(derivative(EXCESS, w[h, j]), layers),
        "excess-by-threshold": Named(derivative(EXCESS, theta[j]), layers),
        "net-input-by-hidden": Named(derivative(beta[j], b[1])),
        "excess": Named(DEFINITIONS[beta].right - theta[j], layers),
        # the updates (A12, A14, A15)
        "update-w": Named(update(w[h, j])),
        "update-gamma": Named(update(gamma[h])),
        "update-v": Named(update(v[i, h])),
        # error terms (E11, E12, E15)
        "delta-output": Named(derivative(ERROR, beta[j]), {r"\delta_j": _delta("output")}),
        "delta-layer": Named(
            derivative(ERROR, alpha[h]),
            {r"\delta^{(L)}_i": _delta("hidden"), "u^{(L)}_i": alpha[h]},
        ),
        "error-by-input": Named(
            derivative(ERROR, b[h]),
            {"x_{ki}": b[h], r"\delta_{kj}": _delta("output"), "W_{ij}": w[h, j]},
        ),
        # softmax with cross-entropy: the output's error term, times what the parameter receives
        "softmax-by-w": Named(by_w, {r"\frac{\partial E}{\partial w_{hj}}": by_w}),
        "softmax-by-theta": Named(by_theta, {r"\frac{\partial E}{\partial \theta_j}": by_theta}),
        "softmax-by-v": Named(by_v, {r"\frac{\partial E}{\partial v_{ih}}": by_v}),
        "layer-excess": Named(_layer()),
        "layer-output": Named(_layer_output()),
        # differences of the error (lesson 05)
        "central-difference": Named(_SLOPES[1], _nudges(3)),
        "nudged-error": Named((_nudged(_STEP, 5), _nudged(-_STEP, 5)), _nudges(5, _last(_STEP, 5))),
        "complex-step": Named(_nudged(sympy.I * _STEP, 4), _nudges(4, -_last(sympy.I * _STEP, 4))),
    }
