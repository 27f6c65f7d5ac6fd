"""The error term, layer by layer, at any depth; and softmax (SOURCES B1-B4, E11, E12, E15).

Everything is derived in index form for a symbolic layer ``L``, as in `lemmas`; the matrix forms
are read off the indices.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from backprop_kit.numeric.activations import get_activation
from backprop_kit.numeric.validation import as_array, as_choice
from backprop_kit.symbolic import notation
from backprop_kit.symbolic.derivation import Chain, E
from backprop_kit.symbolic.lemmas import collapse, through
from backprop_kit.symbolic.letters import L, M, W, b, delta, f, i, j, n, r, s, single, theta, u, x
from backprop_kit.symbolic.matrices import MatrixForm, matrix_form, numbers
from backprop_kit.symbolic.typeset import Formula, Partial


@dataclass(frozen=True, eq=False)
class Walk:
    """Error terms and gradients of one sample, found by evaluating the derived formulas.

    Attributes
    ----------
    deltas : tuple of ndarray, each (n_L,)
        From layer 1 to layer M.
    weights : tuple of ndarray, each of its weights' shape
    intercepts : tuple of ndarray, each (n_L,)
        Derivatives by the thresholds (rows) or the biases (columns).
    """

    deltas: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]
    intercepts: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class DeltaRecursion:
    """Backpropagation at any depth, derived for a symbolic layer ``L``.

    Attributes
    ----------
    output, hidden, weights, intercept : Chain
        ``delta`` of the last layer ``M``; ``delta`` of layer ``L`` from that of ``L + 1``; the
        derivatives by ``W^(L)`` and by the threshold or bias of layer ``L``.
    matrix : dict of str to MatrixForm
        The four right sides in matrices, by the same names.
    column_vectors : bool
    """

    output: Chain
    hidden: Chain
    weights: Chain
    intercept: Chain
    matrix: dict[str, MatrixForm]
    column_vectors: bool

    @property
    def chains(self) -> dict[str, Chain]:
        """The four derivations by name, in the order of the backward pass."""
        names = ("output", "hidden", "weights", "intercept")
        return {name: getattr(self, name) for name in names}

    @property
    def lines(self) -> tuple[Formula, ...]:
        """All lines of the four derivations."""
        return tuple(line for chain in self.chains.values() for line in chain.lines)

    @property
    def results(self) -> tuple[Formula, ...]:
        """The four formulas alone: all that the backward pass of any network needs."""
        return tuple(chain.result for chain in self.chains.values())

    def walk(self, weights, intercepts, x, y, *, activation="sigmoid") -> Walk:
        """Run the four formulas on one sample, from the last layer to the first.

        Parameters
        ----------
        weights : sequence of array_like
            Of each layer: (n_in, n_out) with row vectors, (n_out, n_in) with columns.
        intercepts : sequence of array_like, each (n_out,)
            Thresholds, subtracted (rows); biases, added (columns).
        x, y : array_like, shapes (d,) and (l,)
        activation : str

        Returns
        -------
        Walk

        Raises
        ------
        TypeError, ValueError
            When the shapes do not chain.

        Examples
        --------
        >>> rows = delta_recursion("row")
        >>> walk = rows.walk([[[2.0]]], [[0.0]], [3.0], [5.0], activation="identity")
        >>> walk.deltas[0].tolist(), walk.weights[0].tolist(), walk.intercepts[0].tolist()
        ([1.0], [[3.0]], [-1.0])
        """
        if len(weights) != len(intercepts):
            raise ValueError(
                f"intercepts must be one array a layer: {len(weights)}, got {len(intercepts)}"
            )
        letters = self._forward(weights, intercepts, x, y, get_activation(activation))
        last = len(letters["W"]) - 1
        letters["M"] = last
        for layer in range(last, 0, -1):
            formula = self.output.result if layer == last else self.hidden.result
            letters["L"] = layer
            places = {i: np.arange(letters["n"][layer])}
            letters["delta"][layer] = numbers(formula.right, places, letters)
        layers = range(1, last + 1)
        return Walk(
            tuple(letters["delta"][1:]),
            tuple(self._all_entries(self.weights, letters, k) for k in layers),
            tuple(self._all_entries(self.intercept, letters, k) for k in layers),
        )

    def _forward(self, weights, intercepts, x, y, activation):
        """Return every letter's numbers, those with a layer as lists by layer."""
        sign = 1 if self.column_vectors else -1
        outputs = [as_array("x", x, ndim=1)]
        W, nets = [None], [None]
        for layer, (given, intercept) in enumerate(zip(weights, intercepts, strict=True), start=1):
            n_before = outputs[-1].size
            shape = (None, n_before) if self.column_vectors else (n_before, None)
            W.append(as_array(f"weights of layer {layer}", given, shape=shape))
            towards = W[-1].T if self.column_vectors else W[-1]
            shift = as_array(f"intercepts of layer {layer}", intercept, shape=towards.shape[1:])
            nets.append(outputs[-1] @ towards + sign * shift)
            outputs.append(activation.function(nets[-1]))
        y = as_array("y", y, shape=outputs[-1].shape)
        return {
            **{"x": outputs, "u": nets, "W": W, "y": y, "delta": [None] * len(W)},
            "n": [output.size for output in outputs],
            "f_prime": lambda u: activation.slope_of_output(activation.function(u)),
        }

    @staticmethod
    def _all_entries(chain, letters, layer):
        letters["L"] = layer
        shape = letters["W"][layer].shape if chain.result.left.by.base == W else None
        if shape is None:
            places = {i: np.arange(letters["n"][layer])}
        else:
            places = dict(zip((i, j), np.ogrid[: shape[0], : shape[1]], strict=True))
        return numbers(chain.result.right, places, letters)

    def __repr__(self):
        return "\n".join(map(str, self.results))

    def _repr_latex_(self):
        rows = (formula.latex(colour=True).replace(" = ", " &= ", 1) for formula in self.results)
        return r"$$\begin{aligned}" + r" \\[4pt] ".join(rows) + r"\end{aligned}$$"


@cache
def delta_recursion(vectors: str = "row") -> DeltaRecursion:
    """Derive backpropagation for a layer ``L`` of a network of any depth.

    Parameters
    ----------
    vectors : {"row", "column"}
        ``"row"``: documents A and B, and `Network`: ``u = x W - theta``, first index of a weight
        = from.  ``"column"``: document E: ``u = W x + b``, first index = to.

    Returns
    -------
    DeltaRecursion

    Raises
    ------
    TypeError, ValueError
        When `vectors` is neither.

    Notes
    -----
    The error is that of one sample, ``1/2 sum_i (y_i - x_i^(M))^2``; for many samples the rows of
    ``x`` and ``delta`` pile up and ``x^T delta`` sums over them.  Source: SOURCES E11, E12 for
    columns, E15 and B1-B4 for rows.

    Examples
    --------
    >>> delta_recursion().hidden
    u^(L+1)[r] = Sum(W^(L+1)[s, r]*f(u^(L)[s]), (s, 1, n_(L))) - theta^(L+1)[r]
    delta^(L)[i] = Sum(delta^(L+1)[r]*∂u^(L+1)[r]/∂u^(L)[i], (r, 1, n_(L+1)))
    ∂u^(L+1)[r]/∂u^(L)[i] = W^(L+1)[i, r]*f'(u^(L)[i])
    delta^(L)[i] = Sum(delta^(L+1)[r]*W^(L+1)[i, r], (r, 1, n_(L+1)))*f'(u^(L)[i])
    >>> delta_recursion("column").matrix["hidden"]
    ((W^(L+1))^T delta^(L+1)) ⊙ f'(u^(L))
    """
    column = as_choice("vectors", vectors, ("row", "column")) == "column"

    def net_input(layer, before):
        weight = W[layer, r, s] if column else W[layer, s, r]
        total = sympy.Sum(weight * before, (s, 1, n[layer - 1]))
        return Formula(u[layer, r], total + b[layer, r] if column else total - theta[layer, r])

    here = net_input(L, x[L - 1, s])
    above = net_input(L + 1, f(u[L, s]))
    chains = {
        "output": _output_delta(),
        "hidden": through(above, delta[L + 1, r], u[L, i], n[L + 1], target=delta[L, i]),
        "weights": through(here, delta[L, r], W[L, i, j], n[L], of="E"),
        "intercept": through(here, delta[L, r], (b if column else theta)[L, i], n[L], of="E"),
    }
    matrix = {
        name: matrix_form(
            chain.result.right, (i, j) if name == "weights" else (i,), column_vectors=column
        )
        for name, chain in chains.items()
    }
    return DeltaRecursion(**chains, matrix=matrix, column_vectors=column)


def _output_delta():
    y = notation.y
    error = Formula(E, sympy.Rational(1, 2) * sympy.Sum((y[r] - x[M, r]) ** 2, (r, 1, n[M])))
    output = Formula(x[M, i], f(u[M, i]))
    factors = (
        Formula(Partial(E, x[M, i]), sympy.expand(collapse(error.right.diff(x[M, i])))),
        Formula(Partial(x[M, i], u[M, i]), output.right.diff(u[M, i])),
    )
    split = sympy.Mul(*(factor.left for factor in factors), evaluate=False)
    return Chain(
        start=error,
        split=Formula(delta[M, i], split),
        factors=factors,
        result=Formula(delta[M, i], sympy.Mul(*(factor.right for factor in factors))),
    )


@cache
def softmax_delta() -> Chain:
    """Derive ``∂E/∂u_j`` for softmax outputs and cross-entropy, for any number ``l`` of outputs.

    Returns
    -------
    Chain
        It ends in ``y_hat[j] - y[j]``: no slope is left over, unlike in A12.

    Notes
    -----
    It holds for targets with ``sum_j y_j = 1``, such as one 1 among zeros.  Here ``u`` is the net
    input, the threshold already subtracted.

    Examples
    --------
    >>> softmax_delta().result
    ∂E/∂u[j] = -(y[j] - y_hat[j])
    """
    y, y_hat, size = notation.y, notation.y_hat, notation.l
    u_single = single("u")  # one layer alone
    k, total = notation.j, sympy.Sum(sympy.exp(u_single[s]), (s, 1, notation.l))
    softmax = Formula(y_hat[r], sympy.exp(u_single[r]) / total)
    error = Formula(E, -sympy.Sum(y[r] * sympy.log(y_hat[r]), (r, 1, size)))

    by_output = collapse(error.right.xreplace({r: s}).diff(y_hat[r]))
    slope = collapse(softmax.right.diff(u_single[k]))
    named = {sympy.exp(u_single[index]): y_hat[index] * total for index in (r, k)}
    slope = sympy.factor(sympy.expand(slope.xreplace(named)))

    terms = sympy.Add.make_args(sympy.expand(by_output * slope))
    summed = sympy.Add(*(collapse(sympy.Sum(term, (r, 1, size))) for term in terms))
    sum_of_targets = Formula(sympy.Sum(y[r], (r, 1, size)), sympy.Integer(1))
    target = Partial(E, u_single[k])
    factors = (
        Formula(Partial(E, y_hat[r]), by_output),
        Formula(Partial(y_hat[r], u_single[k]), slope),
    )
    names = sympy.Mul(*(factor.left for factor in factors), evaluate=False)
    return Chain(
        start=error,
        split=Formula(target, sympy.Sum(names, (r, 1, size))),
        factors=(softmax, *factors, Formula(target, summed), sum_of_targets),
        result=Formula(target, summed.xreplace({sum_of_targets.left: sum_of_targets.right})),
    )
