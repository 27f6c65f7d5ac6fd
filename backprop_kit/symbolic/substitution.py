"""A formula with the numbers put in: letters, then numbers in their places, then the result.

>>> from backprop_kit.symbolic import DEFINITIONS
>>> from backprop_kit.symbolic.notation import alpha, h
>>> numbers = {"x": [0.05, 0.1], "v": [[0.15, 0.25], [0.2, 0.3]]}
>>> substituted(DEFINITIONS[alpha], numbers, {h: 1})
alpha[1] = Sum(v[i, 1]*x[i], (i, 1, d))
         = 0.15*0.05 + 0.2*0.1
         = 0.0075 + 0.02
         = 0.0275
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from backprop_kit.numeric.validation import as_count
from backprop_kit.symbolic import notation
from backprop_kit.symbolic.evaluation import evaluate
from backprop_kit.symbolic.notation import SIZES
from backprop_kit.symbolic.typeset import (
    Change,
    Formula,
    Partial,
    TextbookPrinter,
    TextbookStrPrinter,
    as_text,
    join_factors,
    term_rank,
)

_WIDE = 75  # characters of a line of numbers, above which each term gets a line of its own


@dataclass(frozen=True)
class Substituted:
    """One formula in letters and in numbers, ready to be typeset.

    Attributes
    ----------
    formula : Formula
        With its indices put in, ``alpha[1] = Sum(v[i, 1]*x[i], (i, 1, d))``.
    value : float
        What the right side comes to.
    text, latex : tuple of str
        The lines after the first, each the right side of an equals sign.
    """

    formula: Formula
    value: float
    text: tuple[str, ...]
    latex: tuple[str, ...]

    def __repr__(self):
        start = f"{as_text(self.formula.left)} = "
        first = start + as_text(self.formula.right)
        return "\n".join([first, *(f"{'= ':>{len(start)}}{line}" for line in self.text)])

    def _repr_latex_(self):
        first = self.formula.latex(colour=True).replace(" = ", " &= ", 1)
        rows = [first, *(f"&= {line}" for line in self.latex)]
        lines = r" \\[2pt] ".join(rows)
        return rf"$\displaystyle \begin{{aligned}}{lines}\end{{aligned}}$"


def substituted(formula, arrays, indices=None, *, decimals=9) -> Substituted:
    """Put numbers into a formula, and keep what stands between the letters and the result.

    The lines are the formula with its indices put in; the same with a number in each letter's
    place and each sum written out; where a sum has several terms, the number of each; the result.
    A line that says nothing new is left out.

    Parameters
    ----------
    formula : Formula
        In the letters of `notation`.
    arrays : mapping of str to array_like
        The numbers by letter, as `evaluate` takes them.
    indices : mapping of index symbol to int, optional
        A number from 1 on for each free index: ``{h: 1, j: 2}``.  One that the formula does not
        hold, or sums over, is passed over.
    decimals : int, default 9
        Decimals of each number; zeros at the end are left out.

    Returns
    -------
    Substituted

    Raises
    ------
    TypeError
        If `formula` is no Formula, or `indices` no mapping.
    ValueError
        If an index has no number or one out of range, or `evaluate` finds a fault in `arrays`.

    Notes
    -----
    Source: SOURCES D1, where each formula stands beside its numbers.

    Examples
    --------
    >>> from backprop_kit.symbolic import E, differentiate
    >>> from backprop_kit.symbolic.notation import j, y_hat
    >>> rule = Formula(Partial(E, y_hat[j]), differentiate(E, y_hat[j]))
    >>> substituted(rule, {"y": [0.01, 0.99], "y_hat": [0.75, 0.77]}, {j: 2})
    ∂E/∂y_hat[2] = -(y[2] - y_hat[2])
                 = -(0.99 - 0.77)
                 = -0.22
    """
    if not isinstance(formula, Formula):
        raise TypeError(f"formula must be a Formula, got {type(formula).__name__}")
    if not isinstance(indices or {}, Mapping):
        raise TypeError(f"indices must map index letters to numbers, got {indices!r}")
    decimals = as_count("decimals", decimals, minimum=0)
    places = {index: as_count(f"indices[{index}]", n) for index, n in (indices or {}).items()}
    for index in places:
        if index not in SIZES:
            raise ValueError(f"indices may hold i, h, j; got {index}")
    bound = {limit[0] for total in formula.right.atoms(sympy.Sum) for limit in total.limits}
    places = {index: n for index, n in places.items() if index not in bound}
    formula = Formula(with_indices(formula.left, places), with_indices(formula.right, places))
    value = float(evaluate(formula.right, arrays))
    written_out = without_sums(formula.right, arrays)
    last = printed_number(value, decimals)
    lines = []
    if not isinstance(written_out, notation.Entry):  # one letter is one number: the result
        lines.append(_numbers_in(written_out, arrays, decimals))
    if written_out.is_Add and formula.right.has(sympy.Sum):
        terms = [float(evaluate(term, arrays)) for term in _in_order(written_out)]
        line = joined(printed_number(term, decimals) for term in terms)
        lines.append((line, line))
    lines.append((last, last))
    new = [line for line, after in zip(lines, [*lines[1:], None], strict=True) if line != after]
    return Substituted(formula, value, *(tuple(texts) for texts in zip(*new, strict=True)))


def with_indices(expr, places):
    """Put numbers in the places of free indices, inside the names of derivatives, too.

    Parameters
    ----------
    expr : sympy.Expr
        In the letters of `notation`; a `Partial` or `Change`, too.
    places : mapping of index symbol to int
        ``{h: 1, j: 2}``.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, beta, h, j
    >>> with_indices(Partial(beta[j], b[h]), {h: 1})
    ∂beta[j]/∂b[1]
    """
    if isinstance(expr, Partial):
        return Partial(with_indices(expr.of, places), with_indices(expr.by, places))
    if isinstance(expr, Change):
        return Change(with_indices(expr.parameter, places))
    expr = sympy.sympify(expr)
    names = {name: with_indices(name, places) for name in expr.atoms(Partial, Change)}
    numbers = {index: sympy.Integer(n) for index, n in places.items()}
    return expr.xreplace(names).xreplace(numbers)


def without_sums(expr, arrays):
    """Write each sum out, term by term."""

    def write_out(total):
        index, _, last = total.limits[0]
        length = int(last) if last.is_Integer else _size(last, arrays)
        term = without_sums(total.function, arrays)
        return sympy.Add(*(with_indices(term, {index: n + 1}) for n in range(length)))

    return expr.replace(lambda part: isinstance(part, sympy.Sum), write_out)


def _size(letter, arrays):
    """Return how far a sum up to `letter` runs at these arrays."""
    return int(evaluate(letter, arrays))


def _in_order(total):
    """Return the terms of a sum in the order in which the printers write them."""
    return sorted(total.args, key=term_rank)


def printed_number(value, decimals):
    """Return a number as a page prints it: no zeros at the end, no minus before a zero."""
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def joined(numbers):
    """Return the sum of numbers as text: a negative one is subtracted."""
    first, *rest = numbers
    return first + "".join(f" - {n[1:]}" if n.startswith("-") else f" + {n}" for n in rest)


class _Numbers:
    """What both printers share: an entry is printed as its number, in brackets if negative."""

    printmethod = None  # so that our own symbols come through the methods below, too

    def of(self, arrays, decimals):
        """Return the printer, told which numbers to print."""
        self.arrays, self.decimals = arrays, decimals
        return self

    def _print_Entry(self, expr):
        return self._bracketed(printed_number(float(evaluate(expr, self.arrays)), self.decimals))

    def _print_Symbol(self, expr):
        if expr != notation.eta:
            return super()._print_Symbol(expr)
        return printed_number(float(evaluate(expr, self.arrays)), self.decimals)

    def _bracketed(self, text):
        return self.brackets % text if text.startswith("-") else text


class _LatexNumbers(_Numbers, TextbookPrinter):
    brackets = r"\left(%s\right)"

    def _print_Mul(self, expr):
        return join_factors(self, expr, r" \cdot ", self.brackets, (sympy.Add,))


class TextNumbers(_Numbers, TextbookStrPrinter):
    """A printer of plain text that puts numbers in the letters' places."""

    brackets = "(%s)"


def _numbers_in(expr, arrays, decimals):
    """Return an expression with numbers in the letters' places, as text and as LaTeX."""
    text = TextNumbers().of(arrays, decimals).doprint(expr)
    printer = _LatexNumbers().of(arrays, decimals)
    if not (expr.is_Add and len(text) > _WIDE):
        return text, printer.doprint(expr)
    first, *rest = (printer.doprint(term) for term in _in_order(expr))
    rest = (f"{{}} - {row[1:]}" if row.startswith("-") else f"{{}} + {row}" for row in rest)
    return text, r" \\ &\quad ".join([first, *rest])
