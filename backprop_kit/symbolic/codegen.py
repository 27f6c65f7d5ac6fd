"""The derivation trains the network: one step of gradient descent as plain Python source.

Every line that computes comes from a formula of `derivation`: the forward pass from `DEFINITIONS`,
the changes from the four derived updates. Only the frame around them is written here.
"""

import math
import textwrap
from itertools import product

import sympy

from backprop_kit.numeric.validation import as_count
from backprop_kit.symbolic.derivation import DEFINITIONS, derive_updates
from backprop_kit.symbolic.notation import (
    SIZES,
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
from backprop_kit.symbolic.substitution import with_indices, without_sums
from backprop_kit.symbolic.typeset import Change, Formula, TextbookStrPrinter

MAX_PARAMETERS = 1000  # each gets a line of its own
WIDTH = 90  # characters of a line

FRAME = """\
def step(p, samples, eta):  # one step of gradient descent, for a {network} network
    {old} = p
    {new} = p
    eta = eta / len(samples)  # the step follows the mean over the samples
    for {inputs}, {targets} in samples:
        {forward}

        {shared}

        {moves}
    return {result}
"""


def write_step(d, q, l):  # noqa: E741  (the field's letter)
    """Write one training step of a ``d-q-l`` sigmoid network as Python source.

    Parameters
    ----------
    d, q, l : int
        Inputs, hidden units, outputs.

    Returns
    -------
    str
        The source of ``step(p, samples, eta)``, for reading and for `compile_step`. It takes and
        returns the ``(d + l + 1) q + l`` parameters in one row, in the order `v`, `gamma`, `w`,
        `theta`, a matrix row by row. `samples` is a list of pairs ``(x, y)``; the step follows
        the mean of their errors, as `numeric.train` does with a whole batch.

    Raises
    ------
    TypeError, ValueError
        When a size is no whole number from 1 on, or there are more than 1,000 parameters.

    Notes
    -----
    What the changes share is found by division: ``Δw[h, j] / Δtheta[j]`` is ``-b[h]``, and
    ``Δv[i, h] / Δgamma[h]`` is ``-x[i]``. Every change is taken at the old parameters; the new
    ones are collected beside them.
    Source: SOURCES A7 and A12-A15, as derived; A10 and E3 for the step.

    Examples
    --------
    >>> print(write_step(1, 1, 1))
    def step(p, samples, eta):  # one step of gradient descent, for a 1-1-1 network
        v_11, gamma_1, w_11, theta_1 = p
        new_v_11, new_gamma_1, new_w_11, new_theta_1 = p
        eta = eta / len(samples)  # the step follows the mean over the samples
        for (x_1,), (y_1,) in samples:
            alpha_1 = v_11*x_1
            b_1 = 0.5*tanh(0.5*(alpha_1 - gamma_1)) + 0.5
            beta_1 = w_11*b_1
            y_hat_1 = 0.5*tanh(0.5*(beta_1 - theta_1)) + 0.5
    <BLANKLINE>
            Δtheta_1 = -eta*y_hat_1*(1 - y_hat_1)*(y_1 - y_hat_1)
            Δgamma_1 = w_11*b_1*(1 - b_1)*Δtheta_1
    <BLANKLINE>
            new_v_11 -= x_1*Δgamma_1
            new_gamma_1 += Δgamma_1
            new_w_11 -= b_1*Δtheta_1
            new_theta_1 += Δtheta_1
        return new_v_11, new_gamma_1, new_w_11, new_theta_1
    <BLANKLINE>
    """
    sizes = _checked_sizes(d, q, l)
    shared, changes = _changes()
    moves = {name: line for change in changes for name, line in _moves(change, sizes)}
    forward = [DEFINITIONS[letter] for letter in (alpha, b, beta, y_hat)]
    new = [f"new_{name}" for name in moves]
    return FRAME.format(
        network=f"{d}-{q}-{l}",
        old=_row(moves),
        new=_row(new),
        inputs=_pattern(x[i], sizes),
        targets=_pattern(y[j], sizes),
        forward=_lines(forward, sizes),
        shared=_lines(shared, sizes),
        moves=_NEXT.join(moves.values()),
        result=_row(new),
    )


def compile_step(source):
    """Turn the source of a training step into the function it defines.

    Parameters
    ----------
    source : str
        From `write_step`. It is executed: hand in no text from elsewhere.

    Returns
    -------
    callable
        ``step(p, samples, eta)``, see `write_step`.

    Raises
    ------
    TypeError
        When `source` is no text.
    ValueError
        When it defines no function ``step``.

    Examples
    --------
    >>> step = compile_step(write_step(1, 1, 1))
    >>> p = step((0.0, 0.0, 1.0, 0.0), [((1.0,), (1.0,))], eta=8.0)
    >>> print(*(f"{number:.4f}" for number in p))
    0.1774 -0.1774 1.3549 -0.7098
    """
    if not isinstance(source, str):
        raise TypeError(f"source must be text from write_step, got {type(source).__name__}")
    names = {"tanh": math.tanh}
    exec(compile(source, "<write_step>", "exec"), names)
    if not callable(names.get("step")):
        raise ValueError("source must be text from write_step: it defines no function step")
    return names["step"]


_INDENT = 8 * " "  # inside the loop
_NEXT = "\n" + _INDENT


def _checked_sizes(d, q, l):  # noqa: E741
    sizes = tuple(as_count(name, size) for name, size in (("d", d), ("q", q), ("l", l)))
    d, q, l = sizes  # noqa: E741
    parameters = (d + l + 1) * q + l
    if parameters > MAX_PARAMETERS:
        raise ValueError(
            f"d, q, l must be small: {d}-{q}-{l} has {parameters:,} parameters, and each gets a "
            f"line of its own; up to {MAX_PARAMETERS:,} are written"
        )
    return dict(zip(SIZES.values(), map(sympy.Integer, sizes), strict=True))


def _changes():
    """Return the changes that others share, and all four in terms of these (SOURCES A13-A15)."""
    updates = derive_updates()
    d_theta, d_gamma = Change(theta[j]), Change(gamma[h])
    (paths,) = updates.gamma.atoms(sympy.Sum)
    path = eta * paths.function / updates.theta * d_theta
    sign, path = path.as_coeff_Mul()
    by_paths = sign * updates.gamma / (eta * paths) * sympy.Sum(path, *paths.limits)
    shared = (Formula(d_theta, updates.theta), Formula(d_gamma, by_paths))
    return shared, (
        Formula(v[i, h], updates.v / updates.gamma * d_gamma),
        Formula(gamma[h], d_gamma),
        Formula(w[h, j], updates.w / updates.theta * d_theta),
        Formula(theta[j], d_theta),
    )


def _lines(formulas, sizes):
    lines = (
        f"{_text(left)} = {_text(right)}"
        for formula in formulas
        for left, right in _written_out(formula, sizes)
    )
    return _NEXT.join(lines)


def _moves(change, sizes):
    """Yield each parameter's name, and the line that adds its change."""
    for left, right in _written_out(change, sizes):
        text = _text(right)
        sign, size = ("-", text[1:]) if text.startswith("-") else ("+", text)
        yield _text(left), f"new_{_text(left)} {sign}= {size}"


def _written_out(formula, sizes):
    """Yield both sides of a formula for each unit or link, its sums term by term."""
    entry = formula.left.parameter if isinstance(formula.left, Change) else formula.left
    right = formula.right.xreplace(sizes)
    for places in _places(entry, sizes):
        yield with_indices(formula.left, places), without_sums(with_indices(right, places), {})


def _pattern(entry, sizes):
    """Return a tuple of names, ``(x_1, x_2)``, for a sample's numbers to go into."""
    names = [_text(with_indices(entry, places)) for places in _places(entry, sizes)]
    return f"({', '.join(names)}{',' * (len(names) == 1)})"


def _places(entry, sizes):
    """Yield numbers for the indices of an entry, from 1 on, the last one fastest."""
    ranges = (range(1, int(sizes[SIZES[index]]) + 1) for index in entry.indices)
    for numbers in product(*ranges):
        yield dict(zip(entry.indices, numbers, strict=True))


def _row(names):
    text = ", ".join(names)
    if len(text) <= WIDTH:
        return text
    return f"({_NEXT}{_NEXT.join(textwrap.wrap(text, WIDTH - len(_INDENT)))}\n    )"


def _text(expr):
    return _PythonPrinter().doprint(expr)


class _PythonPrinter(TextbookStrPrinter):
    """Write an expression as Python, ``w[1, 2]`` as ``w_12``."""

    printmethod = None  # so that our own symbols come through the methods below

    def _print_Entry(self, entry):
        numbers = [str(index) for index in entry.indices]
        joint = "" if all(len(number) == 1 for number in numbers) else "_"  # w_1_12, not w_112
        return f"{entry.base.name}_{joint.join(numbers)}"

    def _print_Change(self, change):
        return f"Δ{self._print(change.parameter)}"

    def _print_sigma(self, expr):
        return f"0.5*tanh(0.5*({self._print(expr.args[0])})) + 0.5"  # as numeric.sigmoid has it
