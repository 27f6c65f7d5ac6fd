"""One network as each document writes it, and one step taken five ways (SOURCES X1).

A `Translation` computes in the document's own layout and never asks `Network`, so that agreement
proves the dictionary of `conventions`.
"""

from dataclasses import dataclass

import numpy as np
import sympy

from backprop_kit.numeric.activations import get_activation
from backprop_kit.numeric.network import Network, require_network
from backprop_kit.numeric.validation import as_array, as_positive
from backprop_kit.symbolic.conventions import (
    CONVENTIONS,
    Convention,
    N,
    get_convention,
    rescaling,
    written_threshold,
)
from backprop_kit.symbolic.notation import l


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
            thresholds = [written_threshold(self.convention, p) for p in self.intercepts]
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
    require_translatable(network)
    convention = get_convention(document)
    if not convention.sign:
        pairs = zip(network.weights, network.thresholds, strict=True)
        weights, intercepts = [np.vstack([W, theta]) for W, theta in pairs], []
    else:
        weights = [W.T.copy() if convention.by_columns else W.copy() for W in network.weights]
        intercepts = [written_threshold(convention, theta.copy()) for theta in network.thresholds]
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
            "| document | its loss | its gradient / ours | its rate | same step, same rate? "
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
    require_translatable(network)
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


def require_translatable(network):
    """Refuse a network that the five documents cannot write: they have one activation, and squares.

    Raises
    ------
    TypeError
        When `network` is no `Network`.
    ValueError
        When its output layer has another activation than the hidden ones.
    """
    require_network(network)
    # no need to ask for the loss: another than the squares needs another output
    if network.output != network.activation:
        raise ValueError(
            f"network must have one activation in all layers, got {network.activation} "
            f"with output {network.output}"
        )


def _samples(X, Y):
    X = as_array("X", X, ndim=2)
    return X, as_array("Y", Y, shape=(len(X), None))
