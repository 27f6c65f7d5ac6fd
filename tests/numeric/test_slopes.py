import numpy as np
import pytest

import backprop_kit.numeric.slopes as slopes_module
from backprop_kit import (
    ACTIVATIONS,
    Gradients,
    Network,
    check_gradients,
    numeric_gradients,
    one_hot,
    structured_gradients,
)
from backprop_kit.numeric.slopes import Measured

SHAPES = [(1, 1), (2, 3, 1), (3, 4, 2), (2, 5, 4, 3)]


def data(sizes, n=3):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))


def blocks(gradients):
    return gradients.weights + gradients.thresholds


def worst_gap(found, expected):
    """Return the largest difference over the largest entry, of the worst block."""
    pairs = zip(blocks(found), blocks(expected), strict=True)
    return max(np.abs(a - b).max() / max(np.abs(b).max(), 1e-300) for a, b in pairs)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SHAPES)
def test_structured_is_the_plain_loop(sizes, activation):
    network, (X, Y) = Network(sizes, activation=activation, rng=1), data(sizes)
    exact = numeric_gradients(network, X, Y, method="complex")
    assert worst_gap(structured_gradients(network, X, Y, method="complex"), exact) < 1e-14
    central = numeric_gradients(network, X, Y)
    assert worst_gap(structured_gradients(network, X, Y), central) < 1e-7
    assert [b.shape for b in blocks(exact)] == [p.shape for p in network.weights
                                                + network.thresholds]  # fmt: skip


def test_structured_is_the_plain_loop_behind_softmax():
    network = Network((3, 4, 5), output="softmax", loss="cross_entropy", rng=1)
    X, Y = data((3, 4, 5))[0], one_hot([4, 0, 2], 5)
    exact = numeric_gradients(network, X, Y, method="complex")
    assert worst_gap(structured_gradients(network, X, Y, method="complex"), exact) < 1e-14
    assert check_gradients(network, X, Y, method="complex").passed


@pytest.mark.parametrize("rows", [1, 5, 7])
def test_parts_make_the_whole(rows, monkeypatch):
    network, (X, Y) = Network((7, 4, 2), rng=1), data((7, 4, 2))
    whole = structured_gradients(network, X, Y, method="complex")
    monkeypatch.setattr(slopes_module, "ROWS_AT_ONCE", rows)
    parts = structured_gradients(network, X, Y, method="complex")
    assert worst_gap(parts, whole) < 1e-14


def test_nothing_is_changed():
    network, (X, Y) = Network((2, 3, 1), rng=1), data((2, 3, 1))
    before = [p.copy() for p in network.weights + network.thresholds]
    for method in ("central", "complex"):
        structured_gradients(network, X, Y, method=method)
    after = network.weights + network.thresholds
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("measure", [numeric_gradients, structured_gradients])
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"network": "net"}, TypeError, "network must be a Network, got str"),
        ({"X": [0.5, 1.0]}, ValueError, r"use x\[np.newaxis, :\]"),
        ({"Y": [[1.0, 2.0]]}, ValueError, r"Y must have shape \(1, 1\)"),
        ({"method": "forward"}, ValueError, "method must be one of 'central', 'complex'"),
        ({"step": -1}, ValueError, "step must be a positive"),
        ({"step": 1e-300}, ValueError, "step = 1e-300 is too small to move a parameter of"),
    ],
)
def test_bad_input_is_named(measure, changes, error, message):
    arguments = {"network": Network((2, 1)), "X": [[0.5, 1.0]], "Y": [[1.0]], **changes}
    with pytest.raises(error, match=message):
        measure(**arguments)


# The route of the complex step: a random direction first, the entries only where it disagrees.


@pytest.fixture
def measured_layers(monkeypatch):
    """Return a list that gets the number of each layer measured entry by entry."""
    layers, entries = [], Measured.entries

    def noted(self, layer):
        layers.append(layer)
        return entries(self, layer)

    monkeypatch.setattr(Measured, "entries", noted)
    return layers


@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 4, 2), (2, 5, 4, 3), (784, 30, 10)])
def test_right_gradients_never_reach_the_entries(sizes, measured_layers):
    report = check_gradients(Network(sizes, rng=1), *data(sizes), method="complex")
    assert report.passed
    assert all(block.worst == () for block in report.blocks)
    assert measured_layers == []


def test_central_differences_are_what_they_say(measured_layers):
    assert check_gradients(Network((2, 3, 1), rng=1), *data((2, 3, 1))).passed
    assert measured_layers == [0, 1]


def test_one_wrong_entry_of_784_30_10_is_named(measured_layers):
    sizes = (784, 30, 10)
    network, (X, Y) = Network(sizes, rng=1), data(sizes)
    given = network.backward(network.forward(X), Y)
    given.weights[0][500, 17] += 1e-8 * np.abs(given.weights[0]).max()
    report = check_gradients(network, X, Y, method="complex", gradients=given)
    assert [block.name for block in report.blocks if not block.passed] == ["W1"]
    assert report.blocks[0].worst == (500, 17)
    assert measured_layers == [0]


def test_any_single_wrong_entry_is_found_and_named():
    """Just above the tolerance, in a block of any size."""
    sizes = (2, 5, 4, 3)
    network, (X, Y) = Network(sizes, rng=2), data(sizes)
    right = network.backward(network.forward(X), Y)
    for number, block in enumerate(blocks(right)):
        for index in np.ndindex(block.shape):
            wrong = [b.copy() for b in blocks(right)]
            wrong[number][index] += 3e-10 * np.abs(block).max()
            given = Gradients(tuple(wrong[:3]), tuple(wrong[3:]))
            report = check_gradients(network, X, Y, method="complex", gradients=given)
            failing = [(b.name, b.worst) for b in report.blocks if not b.passed]
            name = f"W{number + 1}" if number < 3 else f"theta{number - 2}"
            assert failing == [(name, index)]


def test_a_block_of_zeros_is_looked_at_closely(measured_layers):
    network, (_, Y) = Network((3, 4, 2)), data((3, 4, 2))
    report = check_gradients(network, np.zeros((3, 3)), Y, method="complex")
    assert report.blocks[0].verdict == "all zero: nothing was tested"
    assert measured_layers == [0]
