"""Five documents, five ways to write one network: the dictionary (SOURCES X1).

What differs: the letters, whether an intercept is added or subtracted, whether a sample is a row
or a column, and the number in front of the loss.  The last one changes the gradient's length, and
so which learning rate makes the same step.  `translation` writes a network, and `dialects` an
update, by this dictionary.
"""

from dataclasses import dataclass
from functools import cache

import sympy

from backprop_kit.numeric.validation import as_choice
from backprop_kit.symbolic.lemmas import collapse
from backprop_kit.symbolic.letters import y_hat_of, y_of
from backprop_kit.symbolic.notation import eta, j, l
from backprop_kit.symbolic.typeset import Formula, Partial, textbook_latex

N = sympy.Symbol("N", integer=True, positive=True)
_k, _r, _s = sympy.symbols("k r s", integer=True, positive=True)


@dataclass(frozen=True)
class Convention:
    """How one document writes a network.

    Attributes
    ----------
    document : str
        ``"A"`` to ``"E"``, as in SOURCES.md.
    before, after : str
        The letters before and after the activation, LaTeX.  In A the threshold is still to be
        subtracted from `before`; in all others the intercept is part of it.
    intercept : str
        Its letter and what is done with it, in words.
    sign : int
        +1 where the intercept is added, -1 where it is subtracted, 0 where there is none: there
        a dummy unit of output -1 carries the threshold as a weight (A2).
    loss_factor : sympy.Expr
        What stands before the sum of squares over outputs and samples; in ``l`` and ``N``.
    loss_note : str
        How the document says so, and what is ours.
    vectors : str
        ``"row"``, ``"column"``, or ``"numbered"``: no vectors, the weights are counted through.
    weight : str
        The order of a weight's indices, in words.
    rate : str
        The learning rate's letter, LaTeX.
    """

    document: str
    before: str
    after: str
    intercept: str
    sign: int
    loss_factor: sympy.Expr
    loss_note: str
    vectors: str
    weight: str
    rate: str = r"\eta"
    before_note: str = ""

    @property
    def by_columns(self) -> bool:
        """Whether a weight matrix has one row for each unit it leads to."""
        return self.vectors != "row"

    def factor_at(self, n_outputs, n_samples) -> float:
        """Return the loss factor as a number."""
        return float(self.loss_factor.subs({l: n_outputs, N: n_samples}))


_HALF = sympy.Rational(1, 2)
CONVENTIONS = {
    convention.document: convention
    for convention in (
        Convention(
            *("A", r"\alpha_h,\ \beta_j", r"b_h,\ \hat{y}_j"),
            *("thresholds gamma, theta, subtracted", -1),
            *(_HALF, "half the sum over outputs; one sample"),
            *("row", "from, to"),
            before_note=" (threshold not yet subtracted)",
        ),
        Convention(
            *("B", "a^{(L)}", "b^{(L)}", "none; we add a weight on a dummy unit of output -1", 0),
            *(_HALF, "left open; half the sum is our choice"),
            *("row", "from, to"),
        ),
        Convention(
            *("C", "z", "a", "biases b, added", 1),
            *(1 / l, "mean over the outputs; one sample"),
            *("row", "from, to", r"\alpha"),
        ),
        Convention(
            *(
                "D",
                "net",
                "out",
                "biases b1, b2, added; one a layer (in our version one a unit)",
                1,
            ),
            *(_HALF, "half the sum over outputs; one sample"),
            *("numbered", "none: w1, w2, ... lists all that lead into unit 1, then into unit 2"),
        ),
        Convention(
            *("E", "u^{(L)}", "x^{(L)}", "biases b, added", 1),
            *(1 / (2 * N), "half the mean over the samples"),
            *("column", "to, from"),
        ),
    )
}
OURS = 1 / (2 * N)  # Network.loss: half the sum over outputs, mean over samples

CLASHES = {
    "b": {"A, B": "an activation", "C, D, E": "a bias"},
    "a": {"B": "before the activation", "C": "after it"},
    "alpha": {"A": "a net input", "C": "the learning rate"},
    "N": {"A": "how many samples", "B": "the last layer"},
    "h": {
        "A": "the index of a hidden unit",
        "C, D": "the hidden layer, in W_ho and out_h1",
        "E": "the network as a function",
    },
    "i": {"A": "the index of an input", "C": "the input layer, in W_ih"},
    "f": {
        "A, B": "the activation",
        "E": "the activation, and an outer function (applied to the result of another)",
    },
    "E": {
        "here": "document E; our loss; E_C: the loss of document C; E_k: the loss of sample k",
    },
    "x": {"A": "an input", "E": "the outputs of any layer"},
    "y": {"A": "a target", "E": "a target, and on an earlier page a hidden output"},
    "n": {"B": "the units of a layer", "C": "the outputs"},
    "a weight's first index": {"A, B, C": "from", "E": "to"},
    "brackets, raised": {"here": "the sample, (k)", "B, E": "the layer, (L)"},
}


class ConventionTable:
    r"""The five notations side by side, and the letters that clash.

    Examples
    --------
    >>> print(str(ConventionTable()).splitlines()[2])
    C: before z; after a; biases b, added
    """

    def __repr__(self):
        lines = (
            f"{c.document}: before {c.before}{c.before_note}; after {c.after}; {c.intercept}"
            for c in CONVENTIONS.values()
        )
        clashes = (f"{letter}: {_meanings(uses)}" for letter, uses in CLASHES.items())
        return "\n".join([*lines, *clashes])

    def _repr_markdown_(self):
        head = (
            "| document | before | after | threshold or bias | loss = … × Σ (y − ŷ)² | vectors "
            "| weight's indices | rate |\n|:--|:--|:--|:--|:--|:--|:--|:--|"
        )
        rows = (
            f"| {c.document} | {_math(c.before)}{c.before_note} | {_math(c.after)} | {c.intercept} "
            f"| ${textbook_latex(c.loss_factor)}$: {c.loss_note} | {_layout(c)} | {c.weight} "
            f"| ${c.rate}$ |"
            for c in CONVENTIONS.values()
        )
        clashes = (f"| {letter} | {_meanings(uses)} |" for letter, uses in CLASHES.items())
        return "\n".join([head, *rows, "", "| letter | means |\n|:--|:--|", *clashes])


def _meanings(uses):
    return "; ".join(f"{documents}: {meaning}" for documents, meaning in uses.items())


def _layout(convention):
    numbered = convention.vectors == "numbered"
    return "none: single numbers" if numbered else convention.vectors


def _math(letters):
    return f"${letters}$" if letters not in ("net", "out") else letters


@dataclass(frozen=True)
class Rescaling:
    """Why one document's gradient is a multiple of ours, and which rate makes the same step.

    Attributes
    ----------
    lines : tuple of Formula
        Their loss, ours, the derivatives of both by one output, and the rate.
    factor : sympy.Expr
        Their gradient divided by ours; in ``l`` outputs and ``N`` samples.
    eta : sympy.Expr
        The rate to use with their loss, so that the step is that of ours with ``eta``.
    """

    lines: tuple[Formula, ...]
    factor: sympy.Expr
    eta: sympy.Expr

    def __repr__(self):
        return "\n".join(map(str, self.lines))

    def _repr_latex_(self):
        rows = (line.latex(colour=True).replace(" = ", " &= ", 1) for line in self.lines)
        lines = r" \\[4pt] ".join(rows)
        return rf"$\displaystyle \begin{{aligned}}{lines}\end{{aligned}}$"


@cache
def rescaling(document: str) -> Rescaling:
    """Derive by which factor a document's gradient differs from that of `Network`.

    Parameters
    ----------
    document : str
        ``"A"`` to ``"E"``.

    Returns
    -------
    Rescaling

    Raises
    ------
    TypeError, ValueError
        When there is no such document.
    ArithmeticError
        If the two derivatives are no multiples of each other, or a translated intercept would
        take another step: then the dictionary is wrong.

    Notes
    -----
    A, B, C and D write the loss of one sample; for ``N`` samples theirs are added up here.
    Source: SOURCES A8, C1, D, E3.

    Examples
    --------
    >>> rescaling("C").factor, rescaling("E").factor
    (2*N/l, 1)
    >>> rescaling("C")
    E_C = Sum((y^(r)[s] - y_hat^(r)[s])**2, (s, 1, l), (r, 1, N))/l
    E = Sum((y^(r)[s] - y_hat^(r)[s])**2, (s, 1, l), (r, 1, N))/(2*N)
    ∂E_C/∂y_hat^(k)[j] = -2*(y^(k)[j] - y_hat^(k)[j])/l
    ∂E/∂y_hat^(k)[j] = -(y^(k)[j] - y_hat^(k)[j])/N
    eta_C = eta*l/(2*N)
    """
    convention = get_convention(document)
    name = sympy.Symbol(f"E_{convention.document}")
    theirs, ours = _loss(convention.loss_factor), _loss(OURS)
    output = y_hat_of[_k, j]
    by_theirs, by_ours = (_slope(loss, output) for loss in (theirs, ours))
    factor = sympy.cancel(by_theirs / by_ours)
    if factor.atoms(sympy.Indexed):
        raise ArithmeticError(f"the gradients of {name} and E are no multiples: {factor}")
    rate = eta / factor
    _check_intercept(convention, factor, rate)
    lines = (
        Formula(name, theirs),
        Formula(sympy.Symbol("E"), ours),
        Formula(Partial(name, output), by_theirs),
        Formula(Partial(sympy.Symbol("E"), output), by_ours),
        Formula(sympy.Symbol(f"eta_{convention.document}"), rate),
    )
    return Rescaling(lines, factor, rate)


def _loss(factor):
    square = (y_of[_r, _s] - y_hat_of[_r, _s]) ** 2
    return factor * sympy.Sum(square, (_s, 1, l), (_r, 1, N))


def _slope(loss, output):
    return sympy.factor(collapse(loss.diff(output)))


def _check_intercept(convention, factor, rate):
    """Make sure that a translated intercept, after its own step, is the translated threshold."""
    theta, delta = sympy.symbols("theta delta")  # delta: our dE/du
    their_value = written_threshold(convention, theta)
    their_slope = factor * delta * (convention.sign or -1)
    step = their_value - rate * their_slope
    if sympy.expand(step - written_threshold(convention, theta - eta * -delta)) != 0:
        raise ArithmeticError(f"document {convention.document}: the intercepts step apart")


def written_threshold(convention, theta):
    """Return how a document writes a threshold: as it is, or as the bias ``-theta``."""
    return -theta if convention.sign > 0 else theta


def get_convention(document) -> Convention:
    """Return the convention of document A, B, C, D or E; raise if there is no such document."""
    return CONVENTIONS[as_choice("document", document, CONVENTIONS)]
