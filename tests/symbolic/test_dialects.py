"""One update in five notations, against the networks that the documents would write."""

import itertools
import re

import numpy as np
import pytest
import sympy

from backprop_kit.numeric import Network
from backprop_kit.symbolic import CONVENTIONS, compare_updates, dialects, notation, translate
from backprop_kit.symbolic.dialects import PARAMETERS, translate_update
from backprop_kit.symbolic.evaluation import by_letter
from backprop_kit.symbolic.notation import gamma, theta, v, w

SIZES = (3, 2, 4)
FIRST = (w[2, 3], theta[3], gamma[2], v[3, 1])


def case(sizes=SIZES, seed=5):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=pair) for pair in itertools.pairwise(sizes)]
    network = Network.from_parameters(weights, [rng.normal(size=n) for n in sizes[1:]])
    return network, rng.normal(size=sizes[0]), rng.random(sizes[-1])


def all_parameters(network):
    for letter, block in by_letter(network).items():
        for place in np.ndindex(block.shape):
            yield getattr(notation, letter)[tuple(n + 1 for n in place)], block[place]


def own_number(translation, label):
    """Return the parameter that a document's label names, from the arrays in its own layout."""
    weights, intercepts = translation.weights, translation.intercepts
    letter, above, below = re.fullmatch(r"(\w)(?:\^\((\d)\))?_(.+)", label).groups()
    document = translation.convention.document
    if document == "C":
        layer, place = below.split(",")
        block = (weights if letter == "W" else intercepts)[("ih", "ho").index(layer)]
    elif document == "D" and letter == "w":
        return np.concatenate(weights)[int(below) - 1]
    elif document == "D":
        layer, unit = below.split(",")
        return intercepts[int(layer) - 1][int(unit[1:]) - 1]
    else:
        block, place = (intercepts if letter == "b" else weights)[int(above) - 1], below
    return block[tuple(int(n) - 1 for n in place)]


@pytest.mark.parametrize("document", "BCDE")
def test_every_name_is_the_place_of_that_parameter_in_the_documents_own_layout(document):
    network, x, y = case()
    translation, sign = translate(network, document), CONVENTIONS[document].sign
    for parameter, number in all_parameters(network):
        label = translate_update(document, parameter, network, x, y, 0.5).parameter
        turned = -1 if sign > 0 and parameter.base in (gamma, theta) else 1
        assert own_number(translation, label) == turned * number


@pytest.mark.parametrize("document", CONVENTIONS)
@pytest.mark.parametrize("sizes", [(3, 2, 4), (1, 3, 1), (2, 4, 3)])
def test_every_update_is_the_step_that_the_document_takes_with_its_rate(document, sizes):
    network, x, y = case(sizes)
    rates = {row[0]: row[3] for row in compare_updates(network, [x], [y], 0.7).rows}
    theirs = translate(network, document)
    moved = theirs.step([x], [y], rates[document])
    before, after = by_letter(network), by_letter(moved.to_network())
    for parameter, _ in all_parameters(network):
        update = translate_update(document, parameter, network, x, y, 0.7)
        place = tuple(int(n) - 1 for n in parameter.indices)
        change = (after[parameter.base.name] - before[parameter.base.name])[place]
        assert update.rate == pytest.approx(rates[document], rel=1e-12)
        assert update.textbook_value == pytest.approx(change, rel=1e-9, abs=1e-15)
        if document != "A":
            own = own_number(moved, update.parameter) - own_number(theirs, update.parameter)
            assert update.value == pytest.approx(own, rel=1e-9, abs=1e-15)


def worked_out(numbers):
    signs = str.maketrans({"−": "-", "·": "*", "[": "(", "]": ")"})
    return float(sympy.sympify(numbers.translate(signs)))


@pytest.mark.parametrize("document", CONVENTIONS)
@pytest.mark.parametrize("parameter", FIRST)
def test_the_numbers_put_in_come_to_the_value(document, parameter):
    update = translate_update(document, parameter, *case(), 0.5)
    assert worked_out(update.numbers) == pytest.approx(update.value, rel=0.02, abs=1e-4)
    assert bool(update.terms) == (parameter.base in (gamma, v))
    if update.terms:
        total = sum(worked_out(numbers) for _, numbers in update.terms)
        shown = re.search(r"\[.*\]", update.numbers)[0]
        assert worked_out(shown) == pytest.approx(total, abs=5e-4)


def test_the_letters_are_those_of_the_dictionary():
    inside = {"A": "b_", "B": "b^(1)", "C": "a_h", "D": "out_h", "E": "x^(1)"}
    for document, convention in CONVENTIONS.items():
        update = translate_update(document, w[2, 3], *case(), 0.5)
        assert inside[document] in update.formula
        stem = inside[document][: 3 if document == "D" else 1]
        assert convention.after.startswith(stem)
        assert ("$alpha$" in update.formula) == (convention.rate == r"\alpha")


def test_a_bias_turns_the_sign_and_a_dummy_brings_it():
    for document, convention in CONVENTIONS.items():
        for parameter in (theta[2], gamma[1]):
            update = translate_update(document, parameter, *case(), 0.5)
            assert update.value == (-1 if convention.sign > 0 else 1) * update.textbook_value
            assert update.formula.startswith("−") == (document == "A")
            assert update.numbers.endswith("· (−1)") == (document == "B")


def test_the_number_in_front_is_that_of_the_loss():
    ratios = {d: translate_update(d, w[1, 1], *case(), 0.5).ratio for d in CONVENTIONS}
    assert ratios == {"A": "", "B": "", "C": "2/n", "D": "", "E": "1/N"}
    update = translate_update("C", w[1, 1], *case(), 0.5)
    assert update.rate == pytest.approx(0.5 * 4 / 2)
    assert update.numbers.startswith("2/4 · 1 · ")


def test_document_d_counts_on_in_the_sum():
    update = translate_update("D", v[3, 1], *case(), 0.5)
    assert "$w_2j+5$" in update.formula
    assert [letters.split("$")[1] for letters, _ in update.terms] == ["w_7", "w_9", "w_11", "w_13"]


def test_the_formula_is_the_derived_one(monkeypatch):
    right = translate_update("E", w[1, 1], *case(), 0.5)
    derived = dialects.derive_updates()

    class Wrong:
        def formula(self, name):
            formula = derived.formula(name)
            return type(formula)(formula.left, 3 * formula.right)

    monkeypatch.setattr(dialects, "derive_updates", Wrong)
    wrong = translate_update("E", w[1, 1], *case(), 0.5)
    assert wrong.value == pytest.approx(3 * right.value)
    assert wrong.formula != right.formula


def test_every_parameter_has_a_formula_in_every_document():
    assert set(PARAMETERS) == {"w", "theta", "gamma", "v"}
    for document in CONVENTIONS:
        for parameter in FIRST:
            assert repr(translate_update(document, parameter, *case(), 0.5)).startswith("Δ")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"document": "F"}, ValueError, "document must be one of"),
        ({"parameter": "w"}, TypeError, "parameter must be an entry"),
        ({"parameter": notation.b[1]}, TypeError, "parameter must be an entry"),
        ({"parameter": w[3, 1]}, ValueError, "h must be 1 to 2"),
        ({"parameter": theta[0]}, ValueError, "j must be 1 to 4"),
        ({"parameter": theta[notation.j]}, ValueError, "j must be 1 to 4"),
        ({"network": None}, TypeError, "network must be a Network"),
        ({"network": Network((3, 4))}, ValueError, "one hidden layer"),
        ({"network": Network((3, 2, 4), activation="tanh")}, ValueError, "sigmoids"),
        ({"x": [1, 2]}, ValueError, "x must have shape"),
        ({"y": [1]}, ValueError, "y must have shape"),
        ({"eta": 0}, ValueError, "eta must be"),
    ],
)
def test_what_does_not_fit_is_refused(change, error, message):
    network, x, y = case()
    arguments = {"document": "A", "parameter": w[1, 1], "network": network, "x": x, "y": y}
    with pytest.raises(error, match=message):
        translate_update(**(arguments | {"eta": 0.5} | change))
