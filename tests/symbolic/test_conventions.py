"""Five ways to write a network against one network, and against derivatives by complex step."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit.numeric import Network, worked_example
from backprop_kit.symbolic import (
    CONVENTIONS,
    ConventionTable,
    Translation,
    compare_updates,
    conventions,
    rescaling,
    textbook_latex,
    translate,
)
from backprop_kit.symbolic.conventions import N
from backprop_kit.symbolic.notation import eta, l
from backprop_kit.symbolic.translation import agrees

DOCUMENTS = tuple(CONVENTIONS)


def case(seed=0, sizes=(3, 4, 6, 5), n_samples=4, activation="sigmoid"):
    rng = np.random.default_rng(seed)
    network = Network(sizes, rng=rng, activation=activation)
    return network, rng.normal(size=(n_samples, sizes[0])), rng.random((n_samples, sizes[-1]))


@pytest.mark.parametrize(
    ("document", "factor"), [("A", N), ("B", N), ("C", 2 * N / l), ("D", N), ("E", 1)]
)
def test_the_factor_is_derived(document, factor):
    assert sympy.cancel(rescaling(document).factor - factor) == 0
    assert sympy.cancel(rescaling(document).eta - eta / factor) == 0


def test_a_changed_loss_or_sign_changes_the_factor_or_is_refused(monkeypatch):
    changed = {**CONVENTIONS, "C": replace(CONVENTIONS["C"], loss_factor=2 / l)}
    monkeypatch.setattr(conventions, "CONVENTIONS", changed)
    assert rescaling.__wrapped__("C").factor == 4 * N / l
    monkeypatch.setattr(conventions, "written_threshold", lambda convention, theta: theta)
    with pytest.raises(ArithmeticError, match="intercepts"):
        rescaling.__wrapped__("E")


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "identity"])
@settings(max_examples=15, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    n_samples=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)
def test_five_ways_make_the_same_step(activation, sizes, n_samples, seed):
    network, X, Y = case(seed, sizes, n_samples, activation)
    assert compare_updates(network, X, Y, 0.3).agree


def test_only_the_rate_makes_the_difference():
    table = compare_updates(*case(), 0.5)
    assert [row[4] for row in table.rows] == [False, False, False, False, True]
    two_outputs = compare_updates(*case(sizes=(3, 4, 2), n_samples=1), 0.5)
    assert all(row[4] for row in two_outputs.rows)  # the trap: 1/n equals 1/2 here


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_gradients_are_those_of_the_document_s_own_loss(document):
    network, X, Y = case()
    theirs = translate(network, document)
    h = 1e-6
    for kind, gradients in zip(("weights", "intercepts"), theirs.gradients(X, Y), strict=True):
        for layer, gradient in enumerate(gradients):
            assert gradient.shape == getattr(theirs, kind)[layer].shape
            place = tuple(size - 1 for size in gradient.shape)
            moved = []
            for shift in (h, -h):
                arrays = [array.copy() for array in getattr(theirs, kind)]
                arrays[layer][place] += shift
                moved.append(replace(theirs, **{kind: tuple(arrays)}).loss(X, Y))
            assert gradient[place] == pytest.approx((moved[0] - moved[1]) / (2 * h), rel=1e-6)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_there_and_back_again(document):
    network, X, Y = case()
    theirs = translate(network, document)
    assert agrees(theirs, network)
    outputs = CONVENTIONS[document].factor_at(5, 4) * ((network.predict(X) - Y) ** 2).sum()
    assert theirs.loss(X, Y) == pytest.approx(outputs)


@pytest.mark.parametrize("document", ["A", "C", "D", "E"])
def test_a_wrong_sign_is_caught(document):
    network, X, Y = case(sizes=(3, 3, 3))
    right = translate(network, document)
    wrong = replace(right, intercepts=tuple(-p for p in right.intercepts))
    assert not agrees(wrong, network)
    assert wrong.loss(X, Y) != pytest.approx(right.loss(X, Y))
    network.step(network.backward(network.forward(X), Y), 0.5)
    assert not agrees(wrong.step(X, Y, 0.5), network)


@pytest.mark.parametrize("document", ["A", "C", "E"])
def test_a_wrong_transpose_is_caught(document):
    network, _, _ = case()
    right = translate(network, document)
    with pytest.raises(ValueError, match=r"weights|thresholds"):
        replace(right, weights=tuple(W.T for W in right.weights)).to_network()
    square, _, _ = case(sizes=(3, 3, 3))
    right = translate(square, document)
    assert not agrees(replace(right, weights=tuple(W.T for W in right.weights)), square)


def test_document_d_counts_its_weights_as_printed():
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    theirs = translate(network, "D")
    assert theirs.weights[0] == pytest.approx([0.15, 0.20, 0.25, 0.30])
    assert theirs.weights[1] == pytest.approx([0.40, 0.45, 0.50, 0.55])
    assert [p.tolist() for p in theirs.intercepts] == [[0.35, 0.35], [0.6, 0.6]]
    x, y = example.x[np.newaxis], example.y[np.newaxis]
    assert theirs.loss(x, y) == pytest.approx(0.2983711087600027)
    stepped = theirs.step(x, y, 0.5)
    assert stepped.weights[0] == pytest.approx(
        [0.14978072, 0.19956143, 0.24975114, 0.29950229], abs=5e-9
    )


def test_a_translation_shares_nothing_with_the_network():
    for document in DOCUMENTS:
        network, _, _ = case()
        theirs = translate(network, document)
        for array in (*theirs.weights, *theirs.intercepts):
            array += 1
        assert agrees(translate(network, document), case()[0])


def test_the_dictionary_is_shown():
    table = ConventionTable()._repr_markdown_()
    assert r"$\frac{1}{l}$: mean over the outputs; one sample" in table
    assert all(f"\n| {document} |" in table for document in DOCUMENTS)
    assert "| h | A: the index of a hidden unit; C, D: the hidden layer, in W_ho" in table
    assert "| i | A: the index of an input; C: the input layer, in W_ih |" in table
    assert textbook_latex(1 / l) == r"\frac{1}{l}"
    assert r"\eta_{C} &= \frac{\eta l}{2 N}" in rescaling("C")._repr_latex_()
    updates = compare_updates(*case(), 0.5)._repr_markdown_()
    assert "| E | 0." in updates
    assert all(text in updates for text in ("| $N = 4$ |", "= 1.6$ |", "| $1$ |"))


def test_the_dictionary_says_where_the_threshold_stands_and_whose_version_it_is():
    for table in (str(ConventionTable()), ConventionTable()._repr_markdown_()):
        assert table.count("threshold not yet subtracted") == 1  # only A's before is without it
        assert "one a layer (in our version one a unit)" in table
        assert "none; we add a weight on a dummy unit" in table
    assert "\nE: here: document E; our loss" in str(ConventionTable())
    assert {"x", "y", "n", "E"} <= set(conventions.CLASHES)
    assert "C" in next(iter(conventions.CLASHES["a weight's first index"]))


def test_the_derivation_of_the_rate_states_both_losses():
    lines = str(rescaling("C")).splitlines()
    assert [line.split(" = ")[0] for line in lines[:2]] == ["E_C", "E"]
    assert lines[1].endswith("/(2*N)")
    assert lines[-1].startswith("eta_C")
    typeset = rescaling("C")._repr_latex_()
    assert r"E_{C} &= \frac{1}{l} \, \sum_{s=1}" in typeset  # the number in front, as the text says
    assert r"E &= \frac{1}{2 N} \, \sum_{s=1}" in typeset
    assert typeset.startswith(r"$\displaystyle")  # at the left, as the single rates below it


def test_what_does_not_fit_is_named():
    network, X, Y = case()
    with pytest.raises(ValueError, match="document"):
        translate(network, "F")
    with pytest.raises(TypeError, match="network"):
        translate("A", "A")
    with pytest.raises(TypeError, match="network"):
        compare_updates("A", X, Y, 0.5)
    classifier = Network((3, 4, 5), output="softmax", loss="cross_entropy")
    for other in (classifier, Network((3, 4, 5), output="identity")):
        with pytest.raises(ValueError, match="one activation"):
            translate(other, "A")
        with pytest.raises(ValueError, match="one activation"):
            compare_updates(other, X, Y, 0.5)
    with pytest.raises(ValueError, match="Y"):
        translate(network, "E").gradients(X, Y[:2])
    with pytest.raises(ValueError, match="eta"):
        translate(network, "E").step(X, Y, 0.0)
    assert isinstance(translate(network, "E").step(X, Y, 0.1), Translation)
