"""One update in the letters of each document: the derived formula, translated (SOURCES X1).

Nothing here states a formula.  `derive_updates` gives it, the dictionary of `conventions` turns
its sign and sets the number in front, and a printer spells each letter as the document does.
"""

from dataclasses import dataclass

import numpy as np
import sympy

from backprop_kit.numeric.validation import as_array, as_positive
from backprop_kit.symbolic import notation
from backprop_kit.symbolic.conventions import N, get_convention, rescaling, written_threshold
from backprop_kit.symbolic.derivation import derive_updates
from backprop_kit.symbolic.evaluation import evaluate, sample_arrays
from backprop_kit.symbolic.notation import Entry, d, eta, gamma, h, i, j, l, q, theta, v, w
from backprop_kit.symbolic.substitution import TextNumbers, joined, printed_number, with_indices
from backprop_kit.symbolic.translation import require_translatable
from backprop_kit.symbolic.typeset import TextbookStrPrinter, join_factors

PARAMETERS = {"w": (h, j), "theta": (j,), "gamma": (h,), "v": (i, h)}  # in the lessons' order

# How a document spells an entry with the indices i, h, j; a power in brackets is a layer.
# Where a document's own letter for inputs or targets is not known, x and y are kept.
_SPELLINGS = {
    "A": {
        **{"x": "x_{i}", "v": "v_{i}{h}", "gamma": "gamma_{h}", "b": "b_{h}"},
        **{"w": "w_{h}{j}", "theta": "theta_{j}", "y_hat": "y_hat_{j}", "y": "y_{j}"},
    },
    "B": {
        **{"x": "b^(0)_{i}", "v": "w^(1)_{i}{h}", "b": "b^(1)_{h}"},
        **{"w": "w^(2)_{h}{j}", "y_hat": "b^(2)_{j}", "y": "y_{j}"},
    },
    "C": {
        **{"x": "x_{i}", "v": "W_ih,{i}{h}", "gamma": "b_ih,{h}", "b": "a_h,{h}"},
        **{"w": "W_ho,{h}{j}", "theta": "b_ho,{j}", "y_hat": "a_o,{j}", "y": "y_t,{j}"},
    },
    "D": {
        **{"x": "x_{i}", "v": "w_{number}", "gamma": "b_1,h{h}", "b": "out_h{h}"},
        **{"w": "w_{number}", "theta": "b_2,o{j}", "y_hat": "out_o{j}", "y": "y_{j}"},
    },
    "E": {
        **{"x": "x^(0)_{i}", "v": "W^(1)_{h}{i}", "gamma": "b^(1)_{h}", "b": "x^(1)_{h}"},
        **{"w": "W^(2)_{j}{h}", "theta": "b^(2)_{j}", "y_hat": "x^(2)_{j}", "y": "y_{j}"},
    },
}
_COUNTED = {"v": (h - 1) * d + i, "w": d * q + (j - 1) * q + h}  # D: unit by unit, layer by layer
_RATES = {r"\eta": "eta", r"\alpha": "alpha"}
_DECIMALS = 4


@dataclass(frozen=True)
class TranslatedUpdate:
    """One update of one sample, as one document writes it.

    Letters stand as labels between dollar signs, ``"$W^(2)_12$"``, as the drawings take them.

    Attributes
    ----------
    document : str
        ``"A"`` to ``"E"``.
    parameter : str
        The label of the document's own parameter.
    formula, numbers : str
        Its change in letters, and with the numbers put in; a sum over outputs by its terms.
    terms : tuple of (str, str)
        Each term of that sum in letters and in numbers; empty without a sum.
    ratio : str
        The number in front that comes from the document's loss, such as ``"2/n"``; may be empty.
    rate : float
        The document's rate for the step that the textbook takes.
    value : float
        The change of the document's own parameter.
    textbook_value : float
        The same in the textbook's letters: that of a threshold where the document has a bias.
    """

    document: str
    parameter: str
    formula: str
    numbers: str
    terms: tuple[tuple[str, str], ...]
    ratio: str
    rate: float
    value: float
    textbook_value: float

    def __repr__(self):
        return f"Δ${self.parameter}$ = {self.formula} = {self.numbers}".replace("$", "")


def translate_update(document, parameter, network, x, y, eta) -> TranslatedUpdate:
    """Write the update of one parameter as a document writes it, with its numbers.

    Parameters
    ----------
    document : str
        ``"A"`` to ``"E"``.
    parameter : Entry
        In the textbook's letters: ``w[2, 1]``, ``theta[1]``, ``gamma[2]``, ``v[3, 1]``.
    network : Network
        With one hidden layer of sigmoids, and sigmoid outputs.
    x, y : array_like, shape (d,) and (l,)
        One sample and its targets.
    eta : float
        The textbook's rate; the document gets the one that makes the same step.

    Returns
    -------
    TranslatedUpdate

    Raises
    ------
    TypeError, ValueError
        When something does not fit.

    Notes
    -----
    Source: SOURCES X1 for the letters, A12-A15 for the updates.  A bias is the negative of a
    threshold, so its step is, too.  Document B has no thresholds: there one is the weight of a
    dummy unit of output -1 (A2), the last of its layer, and has a weight's update.

    Examples
    --------
    >>> from backprop_kit.numeric import Network
    >>> network = Network.from_parameters([[[1], [-1]], [[1, 1, 2]]], [[0], [0, 0, 0]])
    >>> sample = [1, 1], [1, 0, 1]
    >>> translate_update("A", theta[1], network, *sample, 0.5)
    Δtheta_1 = −eta y_hat_1 (1 − y_hat_1) (y_1 − y_hat_1) = −0.5 · 0.6225 · (1 − 0.6225) · \
(1 − 0.6225)
    >>> translate_update("E", w[1, 3], network, *sample, 0.5).parameter
    'W^(2)_31'
    >>> update = translate_update("C", theta[1], network, *sample, 0.5)
    >>> update
    Δb_ho,1 = (2/n) alpha a_o,1 (1 − a_o,1) (y_t,1 − a_o,1) = 2/3 · 0.75 · 0.6225 · (1 − 0.6225) · \
(1 − 0.6225)
    >>> update.value == -update.textbook_value
    True
    """
    convention = get_convention(document)
    arrays, sizes = _checked(network, x, y)
    places = _places(parameter, sizes)
    ratio = rescaling(document).factor / N  # theirs / ours, both for one sample
    rate = as_positive("eta", eta) / float(ratio.xreplace(sizes))
    turned = parameter.base in (gamma, theta)  # a threshold, written as a bias
    if turned and not convention.sign:
        parameter, arrays = _weight_of_the_dummy(parameter, arrays)
        places = dict(zip(PARAMETERS[parameter.base.name], parameter.indices, strict=True))
        turned = False
    right = with_indices(derive_updates().formula(parameter.base.name).right, places)
    right = written_threshold(convention, right) if turned else right
    arrays = {name: arrays[name] for name in {e.base.name for e in right.atoms(Entry)}}
    arrays["eta"] = rate
    value = float(ratio.xreplace(sizes)) * float(evaluate(right, arrays))
    letters = _Letters(document, sizes)
    in_numbers = _InNumbers().of(arrays, _DECIMALS)
    front, front_in_numbers = _fraction(ratio, document, sizes)
    return TranslatedUpdate(
        document,
        letters.doprint(parameter).strip("$"),
        _with_front(f"({front})" if front else "", letters.doprint(right), " "),
        _with_front(front_in_numbers, in_numbers.doprint(right), " · "),
        tuple((_said(letters, term), _said(in_numbers, term)) for term in _terms(right, arrays)),
        front.replace("$", ""),
        rate,
        value,
        written_threshold(convention, value) if turned else value,
    )


def _checked(network, x, y):
    """Return the sample's numbers by letter, and the sizes as numbers."""
    require_translatable(network)
    if len(network.sizes) != 3 or network.activation != "sigmoid":
        raise ValueError(
            "network must have one hidden layer and sigmoids, as the formulas have; "
            f"got sizes {network.sizes} and {network.activation}"
        )
    x = as_array("x", x, shape=(network.sizes[0],))
    y = as_array("y", y, shape=(network.sizes[-1],))
    arrays = sample_arrays(network, network.forward([x]), [y], 0)
    return arrays, dict(zip((d, q, l), map(sympy.Integer, network.sizes), strict=True)) | {
        N: sympy.Integer(1)
    }


def _places(parameter, sizes):
    """Return the numbers of a parameter's indices."""
    if not isinstance(parameter, Entry) or parameter.base.name not in PARAMETERS:
        raise TypeError(f"parameter must be an entry such as w[2, 1], got {parameter!r}")
    places = dict(zip(PARAMETERS[parameter.base.name], parameter.indices, strict=True))
    for index, number in places.items():
        last = sizes[notation.SIZES[index]]
        if not (number.is_Integer and 1 <= number <= last):
            raise ValueError(f"parameter: {index} must be 1 to {last}, got {parameter}")
    return places


def _weight_of_the_dummy(parameter, arrays):
    """Return the weight that carries a threshold, and the arrays with the dummy unit last."""
    unit, weight = ("x", v) if parameter.base == gamma else ("b", w)
    arrays = arrays | {unit: np.append(arrays[unit], -1.0)}
    return weight[len(arrays[unit]), parameter.indices[0]], arrays


def _fraction(ratio, document, sizes):
    """Return what stands in front in letters and in numbers; nothing where it is 1."""
    above, below = ratio.as_numer_denom()
    if below == 1:
        return "", ""
    return f"{above}/{_Letters(document, sizes).doprint(below)}", f"{above}/{below.xreplace(sizes)}"


def _with_front(front, product, times):
    sign = "-" if product.startswith("-") else ""
    body = product.removeprefix("-")
    return f"{sign}{front}{times if front else ''}{body}".replace("-", "−")


def _terms(product, arrays):
    """Return the terms of the sum in a product, if there is one."""
    return [
        total.function.xreplace({j: sympy.Integer(n + 1)})
        for total in product.atoms(sympy.Sum)
        for n in range(len(arrays["y"]))
    ]


def _said(printer, term):
    return printer.doprint(term).replace("-", "−")


class _Letters(TextbookStrPrinter):
    """The textbook's formula in the letters of a document, as labels between dollar signs."""

    printmethod = None  # so that our own symbols come through the methods below, too

    def __init__(self, document, sizes):
        super().__init__()
        self.document, self.sizes = document, sizes

    def _print_Entry(self, expr):
        name = expr.base.name
        indices = dict(zip(map(str, _indices(name)), expr.indices, strict=True))
        number = ""
        if name in _COUNTED:
            places = dict(zip(_indices(name), expr.indices, strict=True))
            number = str(sympy.expand(_COUNTED[name].xreplace(places | self.sizes)))
        number = number.replace("*", "").replace(" ", "")
        return f"${_SPELLINGS[self.document][name].format(**indices, number=number)}$"

    def _print_Symbol(self, expr):
        if expr == eta:
            return f"${_RATES[get_convention(self.document).rate]}$"
        return "$n$" if expr == l and self.document == "C" else f"${expr}$"

    def _print_Sum(self, expr):
        return f"$Σ_{expr.limits[0][0]}$ [{self._print(expr.function)}]"

    def _print_Mul(self, expr):
        return join_factors(self, expr, " ", "(%s)", (sympy.Add,))


def _indices(name):
    return tuple(getattr(notation, index) for index in notation.TABLE[name].indices)


class _InNumbers(TextNumbers):
    """The same with numbers; a sum by the numbers of its terms."""

    def _print_Sum(self, expr):
        terms = (float(evaluate(term, self.arrays)) for term in _terms(expr, self.arrays))
        return f"[{joined(printed_number(term, self.decimals) for term in terms)}]"

    def _print_Mul(self, expr):
        return join_factors(self, expr, " · ", "(%s)", (sympy.Add,))
