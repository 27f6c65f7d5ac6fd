"""Five documents, five ways to write one network: a dictionary, and a translator (SOURCES X1).

What differs: the letters, whether an intercept is added or subtracted, whether a sample is a row
or a column, and the number in front of the loss.  The last one changes the gradient's length, and
so which learning rate makes the same step.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from backprop_kit.numeric.activations import get_activation
from backprop_kit.numeric.network import Network
from backprop_kit.numeric.validation import as_array, as_choice, as_positive
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
    "h": {"A": "the index of a hidden unit", "E": "the network as a function"},
    "f": {"A, B": "the activation", "E": "the activation, and an outer function"},
    "E": {
        "here": "document E; our loss; E_C: the loss of document C; E_k: the loss of sample k",
    },
    "x": {"A": "an input", "E": "the outputs of any layer"},
    "y": {"A": "a target", "E": "a target, and on an earlier page a hidden output"},
    "n": {"B": "the units of a layer", "C": "the outputs"},
    "a weight's first index": {"A, B, C": "from", "E": "to"},
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
            "| | before | after | threshold or bias | loss = … × Σ (y − ŷ)² | vectors "
            "| weight's indices | rate |\n|:--|:--|:--|:--|:--|:--|:--|:--|"
        )
        rows = (
            f"| {c.document} | {_math(c.before)}{c.before_note} | {_math(c.after)} | {c.intercept} "
            f"| ${textbook_latex(c.loss_factor)}$: {c.loss_note} | {c.vectors} | {c.weight} "
            f"| ${c.rate}$ |"
            for c in CONVENTIONS.values()
        )
        clashes = (f"| {letter} | {_meanings(uses)} |" for letter, uses in CLASHES.items())
        return "\n".join([head, *rows, "", "| letter | means |\n|:--|:--|", *clashes])


def _meanings(uses):
    return "; ".join(f"{documents}: {meaning}" for documents, meaning in uses.items())


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
    convention = _convention(document)
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
    their_value = _value_of(convention, theta)
    their_slope = factor * delta * (convention.sign or -1)
    step = their_value - rate * their_slope
    if sympy.expand(step - _value_of(convention, theta - eta * -delta)) != 0:
        raise ArithmeticError(f"document {convention.document}: the intercepts step apart")


def _value_of(convention, theta):
    """Return how a document writes a threshold: as it is, or as the bias ``-theta``."""
    return -theta if convention.sign > 0 else theta


def _convention(document) -> Convention:
    return CONVENTIONS[as_choice("document", document, CONVENTIONS)]


@dataclass(frozen=True, eq=False)
class Translation:
    """One network as one document writes it: its own parameters, loss, gradients and step.

    Nothing here asks `Network`: forward and backward pass follow the document's own layout, so
    that agreement proves the dictionary.

    Attributes
    ----------
    convention : Convention
    weights : tuple of ndarray
        Of each layer: (n_in, n_out) for rows; (n_out, n_in) for columns; counted through,
        (n_out * n_in,), in document D; (n_in + 1, n_out) with the dummy's row last in B.
    intercepts : tuple of ndarray, each (n_out,)
        Thresholds or biases; empty in B.
    activation : str
    """

    convention: Convention
    weights: tuple[np.ndarray, ...]
    intercepts: tuple[np.ndarray, ...]
    activation: str

    def loss(self, X, Y) -> float:
        """Return the document's loss of samples X (N, d) and targets Y (N, l)."""
        X, Y = _samples(X, Y)
        _, y_hat = self._forward(X)
        y_hat = y_hat.T if self.convention.by_columns else y_hat
        return self.convention.factor_at(Y.shape[1], len(Y)) * float(((Y - y_hat) ** 2).sum())

    def gradients(self, X, Y) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Return the derivatives of `loss` by the weights and by the intercepts, in their shapes.

        Parameters
        ----------
        X : array_like, shape (N, d)
        Y : array_like, shape (N, l)

        Raises
        ------
        TypeError, ValueError
            When they do not fit.
        """
        X, Y = _samples(X, Y)
        column, slope = self.convention.by_columns, get_activation(self.activation).slope_of_output
        inputs, y_hat = self._forward(X)
        factor = 2 * self.convention.factor_at(Y.shape[1], len(Y))
        delta = factor * (y_hat - (Y.T if column else Y)) * slope(y_hat)
        weights, intercepts = [], []
        for W, x in zip(reversed(self._matrices()), reversed(inputs), strict=True):
            grad = delta @ x.T if column else x.T @ delta
            weights.insert(0, grad.reshape(-1) if self.convention.vectors == "numbered" else grad)
            if self.intercepts:
                shift = delta.sum(axis=1 if column else 0)
                intercepts.insert(0, self.convention.sign * shift)
            delta = W.T @ delta if column else delta @ W.T
            if not self.convention.sign:  # nothing flows back into the dummy unit
                delta, x = delta[:, :-1], x[:, :-1]
            delta = delta * slope(x)
        return tuple(weights), tuple(intercepts)

    def step(self, X, Y, eta) -> "Translation":
        """Return the network after one step of gradient descent on the document's loss.

        Raises
        ------
        TypeError, ValueError
            When `X`, `Y` or `eta` does not fit.
        """
        eta = as_positive("eta", eta)
        moved = [
            tuple(p - eta * g for p, g in zip(old, slopes, strict=True))
            for old, slopes in zip(
                (self.weights, self.intercepts), self.gradients(X, Y), strict=True
            )
        ]
        return Translation(self.convention, *moved, self.activation)

    def to_network(self) -> Network:
        """Return the same network with row vectors and thresholds: `Network`.

        Raises
        ------
        TypeError, ValueError
            When the parameters' shapes do not chain.
        """
        matrices = self._matrices()
        if not self.convention.sign:
            pairs = [(W[:-1], W[-1]) for W in matrices]
        else:
            rows = [W.T if self.convention.by_columns else W for W in matrices]
            thresholds = [_value_of(self.convention, p) for p in self.intercepts]
            pairs = list(zip(rows, thresholds, strict=True))
        weights, thresholds = zip(*pairs, strict=True)
        return Network.from_parameters(weights, thresholds, activation=self.activation)

    def _matrices(self):
        if self.convention.vectors != "numbered":
            return self.weights
        return tuple(
            W.reshape(len(b), -1) for W, b in zip(self.weights, self.intercepts, strict=True)
        )

    def _forward(self, X):
        """Return what goes into each layer, and the outputs, in the document's layout."""
        column = self.convention.by_columns
        x, inputs = X.T if column else X, []
        for layer, W in enumerate(self._matrices()):
            if not self.convention.sign:
                x = np.hstack([x, np.full((len(x), 1), -1.0)])
            inputs.append(x)
            u = W @ x if column else x @ W
            if self.intercepts:
                shift = self.intercepts[layer]
                u = u + self.convention.sign * (shift[:, np.newaxis] if column else shift)
            x = get_activation(self.activation).function(u)
        return inputs, x


def translate(network, document) -> Translation:
    """Write a network as a document writes it.

    Parameters
    ----------
    network : Network
        With the half squared error and one activation in all layers.
    document : str
        ``"A"`` to ``"E"``.  Document D shares one intercept a layer and holds it fixed; here
        every unit has its own.

    Returns
    -------
    Translation
        Its arrays are copies.

    Raises
    ------
    TypeError, ValueError
        When `network` is none, has another output or loss, or there is no such document.

    Examples
    --------
    >>> network = Network.from_parameters([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]], [[0.5, 0.7]])
    >>> translate(network, "E").weights[0].tolist()
    [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]
    >>> translate(network, "E").intercepts[0].tolist()
    [-0.5, -0.7]
    >>> translate(network, "D").weights[0].tolist()
    [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]
    """
    _require_network(network)
    convention = _convention(document)
    if not convention.sign:
        pairs = zip(network.weights, network.thresholds, strict=True)
        weights, intercepts = [np.vstack([W, theta]) for W, theta in pairs], []
    else:
        weights = [W.T.copy() if convention.by_columns else W.copy() for W in network.weights]
        intercepts = [_value_of(convention, theta.copy()) for theta in network.thresholds]
    if convention.vectors == "numbered":
        weights = [W.reshape(-1) for W in weights]
    return Translation(convention, tuple(weights), tuple(intercepts), network.activation)


@dataclass(frozen=True)
class UpdateTable:
    """One step taken five ways, and whether each is the step of `Network`.

    Attributes
    ----------
    rows : tuple of (str, float, sympy.Expr, float, bool, bool)
        Document, its loss, the factor of its gradient, its rescaled rate; whether the step is the
        same with the same rate, and with the rescaled one.
    eta : float
        The rate of our step.
    """

    rows: tuple
    eta: float

    @property
    def agree(self) -> bool:
        """Whether all five rescaled steps are the same."""
        return all(row[-1] for row in self.rows)

    def __repr__(self):
        return "\n".join(
            f"{document}: loss {loss:.6f}, gradient {factor} times ours, eta {rate:.6g}; "
            f"same step with the same eta: {_yes(plain)}, with this one: {_yes(rescaled)}"
            for document, loss, factor, rate, plain, rescaled in self.rows
        )

    def _repr_markdown_(self):
        head = (
            "| | its loss | its gradient / ours | its rate | same step, same rate? "
            "| same step, its rate? |\n|:--|--:|:-:|--:|:-:|:-:|"
        )
        rows = (
            f"| {document} | {loss:.6f} | ${self._sized(factor, rate)}$ | {rate:.6g} "
            f"| {_yes(plain)} | {_yes(rescaled)} |"
            for document, loss, factor, rate, plain, rescaled in self.rows
        )
        return "\n".join([head, *rows])

    def _sized(self, factor, rate):
        """Return a factor as LaTeX, and where it holds letters, what it is here."""
        value = f" = {self.eta / rate:.6g}" if factor.free_symbols else ""
        return sympy.latex(factor) + value


def _yes(same):
    return "✓ yes" if same else "✗ no"


def compare_updates(network, X, Y, eta) -> UpdateTable:
    """Take one step with each document's loss and layout, and compare it with `Network`'s.

    Parameters
    ----------
    network : Network
        Unchanged afterwards.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    eta : float
        The rate of our step.

    Returns
    -------
    UpdateTable

    Raises
    ------
    TypeError, ValueError
        When something does not fit.

    Notes
    -----
    With two outputs and one sample no loss factor can be told from another, and C's looks like
    the half sum: use another number of outputs.  Source: SOURCES X1 and the last section.

    Examples
    --------
    >>> X, Y = np.eye(2, 3), [[0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0]]
    >>> table = compare_updates(Network((3, 5, 4)), X, Y, 0.5)
    >>> table.agree, [row[2] for row in table.rows]
    (True, [N, N, 2*N/l, N, 1])
    """
    _require_network(network)
    ours = network.copy()
    ours.step(network.backward(network.forward(X), Y), eta)
    sizes = {l: network.sizes[-1], N: len(X)}
    rows = []
    for document in CONVENTIONS:
        theirs = translate(network, document)
        factor = rescaling(document).factor
        rate = as_positive("eta", eta) / float(factor.subs(sizes))
        same = (agrees(theirs.step(X, Y, used), ours) for used in (eta, rate))
        rows.append((document, theirs.loss(X, Y), factor, rate, *same))
    return UpdateTable(tuple(rows), float(eta))


def agrees(translation, network) -> bool:
    """Tell whether a translation, written back, has the parameters of a network, to 1e-9.

    Examples
    --------
    >>> network = Network((3, 4, 2))
    >>> agrees(translate(network, "E"), network), agrees(translate(network, "E"), Network((3, 2)))
    (True, False)
    """
    back = translation.to_network()
    if back.sizes != network.sizes:
        return False
    pairs = zip(back.weights + back.thresholds, network.weights + network.thresholds, strict=True)
    return all(np.allclose(p, q, rtol=1e-9, atol=1e-12) for p, q in pairs)


def _require_network(network):
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    # the five documents have one activation and squares; another loss needs another output
    if network.output != network.activation:
        raise ValueError(
            f"network must have one activation in all layers, got {network.activation} "
            f"with output {network.output}"
        )


def _samples(X, Y):
    X = as_array("X", X, ndim=2)
    return X, as_array("Y", Y, shape=(len(X), None))
