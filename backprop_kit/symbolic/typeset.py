"""Formulas as the textbook prints them: its order of factors, its signs, one colour a kind.

SymPy sorts factors and terms in an order of its own, so ``eta * y_hat (1 - y_hat)(y - y_hat) b``
comes out shuffled.  The printer here changes the order on the page and nothing else.
"""

from dataclasses import dataclass
from functools import lru_cache

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from backprop_kit.colours import BACKWARD_TEXT, FORWARD, THRESHOLD
from backprop_kit.symbolic import notation

COLOURS = {"forward": FORWARD, "backward": BACKWARD_TEXT, "threshold": THRESHOLD}


class Partial(sympy.Symbol):
    """A partial derivative as a name: it is typeset, multiplied, and never evaluated.

    Parameters
    ----------
    of, by : sympy.Expr
        ``Partial(E, w[h, j])`` stands for the derivative of ``E`` by ``w[h, j]``.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import h, j, w, y_hat
    >>> Partial(y_hat[j], w[h, j])
    ∂y_hat[j]/∂w[h, j]
    """

    def __new__(cls, of, by):
        """Return the symbol named after both."""
        symbol = super().__new__(cls, f"∂{of}/∂{by}")
        symbol.of, symbol.by = of, by
        return symbol

    def __getnewargs_ex__(self):
        """Return what copying needs: the two expressions."""
        return (self.of, self.by), {}

    def _latex(self, printer):
        return rf"\frac{{\partial {printer._print(self.of)}}}{{\partial {printer._print(self.by)}}}"


class TextbookPrinter(LatexPrinter):
    """SymPy's LaTeX printer with the textbook's order and, where wanted, its colours."""

    printmethod = None  # so that our own symbols come through the methods below, too

    def __init__(self, colour=False):
        super().__init__()
        self.colour = colour

    def coloured(self, text, kind):
        """Return `text` in the colour of `kind`, or unchanged."""
        if not self.colour or kind not in COLOURS:
            return text
        return rf"\textcolor{{{COLOURS[kind]}}}{{{text}}}"

    def _print_Entry(self, expr):
        return self.coloured(expr._latex(self), notation.letter_of(expr).kind)

    def _print_Add(self, expr, order=None):
        return _join_terms(self, expr, r"\left(%s\right)")

    def _print_Mul(self, expr):
        # SymPy sends 1/l, a power, here as well
        if expr.is_Pow or any(f.is_Pow and f.exp.could_extract_minus_sign() for f in expr.args):
            sums = [f for f in expr.args if expr.is_Mul and isinstance(f, sympy.Sum)]
            if len(sums) == 1:  # the number in front stays in front
                return rf"{self._print(expr / sums[0])} \, {self._print(sums[0])}"
            return super()._print_Mul(expr)  # a fraction
        return join_factors(self, expr, r" \, ", r"\left(%s\right)", (sympy.Add, sympy.Sum))

    def _print_Sum(self, expr):
        ranges = "".join(
            rf"\sum_{{{self._print(index)}={self._print(low)}}}^{{{self._print(high)}}} "
            for index, low, high in expr.limits
        )
        body = self._print(expr.function)
        bare = not expr.function.is_Add and not body.startswith("-")
        return ranges + (body if bare else rf"\left({body}\right)")

    def _print_sigma(self, expr):
        return expr._latex(self)

    _print_ElementwiseBase = _print_sigma

    def _print_Partial(self, expr):
        return self.coloured(expr._latex(TextbookPrinter()), "backward")

    def _print_Change(self, expr):
        return self.coloured(expr._latex(TextbookPrinter()), "backward")


class TextbookStrPrinter(StrPrinter):
    """SymPy's text printer with the textbook's order, for a terminal and for screen readers."""

    def _print_Add(self, expr, order=None):
        return _join_terms(self, expr, "(%s)")

    def _print_Mul(self, expr):
        if any(f.is_Pow and f.exp.could_extract_minus_sign() for f in expr.args):
            return super()._print_Mul(expr)
        return join_factors(self, expr, "*", "(%s)", (sympy.Add,))


def _join_terms(printer, expr, brackets):
    sign, difference = facing(expr)
    if sign < 0:
        return "-" + brackets % printer._print(difference)
    text = ""
    for term in sorted(expr.args, key=term_rank):
        negative = term.could_extract_minus_sign() and not term.is_Add
        body = printer._print(-term if negative else term)
        body = brackets % body if term.is_Add else body
        if text:
            text += (" - " if negative else " + ") + body
        else:
            text = ("-" if negative else "") + body
    return text


def join_factors(printer, expr, times, brackets, bracketed):
    """Print a product in a textbook's order, its sign in front, `bracketed` kinds in brackets."""
    sign, factors = 1, []
    for factor in expr.args:
        turn, factor = facing(factor)
        if factor.is_Number and factor < 0:
            turn, factor = -turn, -factor
        sign *= turn
        if factor != 1:
            factors.append(factor)
    factors = sorted(factors, key=lambda factor: _factor_rank(factor, factors))
    texts = [printer._print(factor) for factor in factors]
    for position, factor in enumerate(factors):
        open_ended = isinstance(factor, sympy.Sum) and factor is factors[-1]
        if isinstance(factor, bracketed) and not open_ended:
            texts[position] = brackets % texts[position]
    return ("-" if sign < 0 else "") + (times.join(texts) or "1")


def facing(expr):
    """Return ``(sign, expr)`` such that a difference starts with its target, or with its 1.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import j, y, y_hat
    >>> facing(y_hat[j] - y[j])
    (-1, y[j] - y_hat[j])
    >>> facing(y_hat[j] - 1)
    (-1, 1 - y_hat[j])
    >>> facing(1 - y[j])
    (1, 1 - y[j])
    """
    if not expr.is_Add or len(expr.args) != 2:
        return 1, expr
    # a 1 goes before a target, and what starts well is never turned: no turn is undone by the next
    for starts in (lambda term: term == 1, _is_target):
        if any(starts(term) for term in expr.args):
            return 1, expr
        if any(starts(-term) for term in expr.args):
            return -1, -expr
    return 1, expr


def _is_target(term):
    if not isinstance(term, notation.Entry):
        return False
    letter = notation.letter_of(term)
    return (letter.name, letter.kind) == ("y", "given")


def term_rank(term):
    """Return where a term stands in a sum, as a key to sort by: numbers first, subtracted last."""
    return (term.could_extract_minus_sign(), not term.is_Number, sympy.default_sort_key(term))


def _factor_rank(factor, factors):
    """Rank: number, eta, weight, slope ``z (1 - z)``, difference, sum, and what is left."""
    if factor.is_Number:
        return (0,)
    if factor == notation.eta:
        return (1,)
    kind = notation.letter_of(factor).kind if isinstance(factor, notation.Entry) else ""
    if isinstance(factor, Partial) or kind == "backward":
        return (2, kind == "")  # ∂E/∂u_r by its name delta_r comes first, as in the chain rule
    if kind == "weight":
        return (3,)
    if (1 - factor) in factors:  # z beside (1 - z): the slope of the unit z
        unit = factor if not factor.is_Add else 1 - factor
        return (4, _spelled(unit), factor.is_Add)
    if factor.is_Add:
        return (5, _spelled(factor))
    if isinstance(factor, sympy.Sum):
        return (6,)
    return (7, _spelled(factor))


_spelled = lru_cache(maxsize=4096)(str)  # SymPy is slow at this, and asked again and again


def textbook_latex(expr, *, colour=False) -> str:
    r"""Return the LaTeX of an expression in the textbook's order.

    Parameters
    ----------
    expr : sympy.Expr
        Any expression in the letters of `notation`.
    colour : bool, default False
        Whether each letter wears the colour of its kind.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, eta, h, j, y, y_hat
    >>> print(textbook_latex(eta * b[h] * (y[j] - y_hat[j])))
    \eta \, \left(y_{j} - \hat{y}_{j}\right) \, b_{h}
    """
    return TextbookPrinter(colour=colour).doprint(sympy.sympify(expr))


def as_text(expr) -> str:
    """Return an expression as plain text in the textbook's order; other objects as ``str`` does.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, h
    >>> as_text((1 - b[h]) * b[h])
    'b[h]*(1 - b[h])'
    """
    return TextbookStrPrinter().doprint(expr) if isinstance(expr, sympy.Basic) else str(expr)


@dataclass(frozen=True)
class Formula:
    r"""An equation that a notebook typesets and a terminal prints.

    Attributes
    ----------
    left : sympy.Expr or str
        What is defined; a text names an update, ``"Δw[h, j]"``.
    right : sympy.Expr
        What it equals.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import alpha, b, gamma, h, sigma
    >>> Formula(b[h], sigma(alpha[h] - gamma[h]))
    b[h] = sigma(alpha[h] - gamma[h])
    """

    left: sympy.Expr
    right: sympy.Expr

    def __repr__(self):
        return f"{as_text(self.left)} = {as_text(self.right)}"

    def latex(self, *, colour=False) -> str:
        """Return both sides as LaTeX, joined by an equals sign."""
        sides = (textbook_latex(side, colour=colour) for side in (self.left, self.right))
        return " = ".join(sides)

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex(colour=True)}$"


class Change(sympy.Symbol):
    """The change of a parameter in one step, ``Δw[h, j]``, as a name.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import j, theta
    >>> Change(theta[j])
    Δtheta[j]
    """

    def __new__(cls, parameter):
        """Return the symbol named after the parameter."""
        symbol = super().__new__(cls, f"Δ{parameter}")
        symbol.parameter = parameter
        return symbol

    def __getnewargs_ex__(self):
        """Return what copying needs: the parameter."""
        return (self.parameter,), {}

    def _latex(self, printer):
        return rf"\Delta {printer._print(self.parameter)}"


class NotationTable:
    """The table of letters, as a notebook shows it: typeset, in colour, with code beside it.

    Examples
    --------
    >>> print(str(NotationTable()).splitlines()[1])
    v[i, h]: weight from input i to hidden unit h (d by q numbers)
    """

    def _rows(self):
        for name, letter in notation.TABLE.items():
            entry = getattr(notation, name)[tuple(getattr(notation, n) for n in letter.indices)]
            sizes = " by ".join(str(notation.SIZES[getattr(notation, n)]) for n in letter.indices)
            yield entry, letter.meaning, f"{sizes} numbers"

    def __repr__(self):
        return "\n".join(f"{entry}: {meaning} ({size})" for entry, meaning, size in self._rows())

    def _repr_markdown_(self):
        head = "| in a formula | in code | what it is | how many |\n|---|---|---|---|"
        rows = (
            f"| ${textbook_latex(entry, colour=True)}$ | `{entry}` | {meaning} | {size} |"
            for entry, meaning, size in self._rows()
        )
        return "\n".join([head, *rows])


@dataclass(frozen=True)
class LineTable:
    """Lines of a calculation under each other, each with the outcome of a check.

    Attributes
    ----------
    rows : sequence of (str, sympy.Expr, bool or None)
        Name of the step, the line, and whether it equals the line above; None for the first.

    Examples
    --------
    >>> a = sympy.Symbol("a")
    >>> LineTable([("start", 2 * a, None), ("a slip", a**2, False)])
    start: 2*a
    a slip: a**2  [equal to the line above: no]
    """

    rows: list

    def __repr__(self):
        said = {None: "", True: "yes", False: "no"}
        return "\n".join(
            f"{name}: {line}" + f"  [equal to the line above: {said[equal]}]" * (equal is not None)
            for name, line, equal in self.rows
        )

    def _repr_markdown_(self):
        marks = {None: "", True: "✓ yes", False: "✗ no"}
        head = "| step | line | equal to the line above? |\n|:--|:--|:--|"
        # unevaluated lines keep the order typed; SymPy puts a 1 before their fractions
        formulas = (
            sympy.latex(line, order="none").replace(r"1 \frac", r"\frac")
            for _, line, _ in self.rows
        )
        rows = (
            rf"| {name} | $\displaystyle {formula}$ | {marks[equal]} |"
            for (name, _, equal), formula in zip(self.rows, formulas, strict=True)
        )
        return "\n".join([head, *rows])
