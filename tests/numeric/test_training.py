import math

import numpy as np
import pytest

from backprop_kit import Network, gate, train

X, y = gate("XOR")
Y = y[:, np.newaxis]


def by_hand(network, batches, eta):
    for batch in batches:
        network.step(network.backward(network.forward(X[batch]), Y[batch]), eta)


def equal(a, b):
    pairs = zip(a.weights + a.thresholds, b.weights + b.thresholds, strict=True)
    return all(np.array_equal(p, q) for p, q in pairs)


def test_full_batch_is_the_step_repeated():
    network, twin = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    losses = [twin.loss(X, Y)]
    for _ in range(5):
        by_hand(twin, [slice(None)], 2.0)
        losses.append(twin.loss(X, Y))
    history = train(network, X, Y, eta=2.0, epochs=5)
    assert equal(network, twin)
    assert history.losses.tolist() == losses


@pytest.mark.parametrize("batch_size", [1, 3])
def test_batches_use_every_sample_once_an_epoch(batch_size):
    network, twin = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    history = train(network, X, Y, eta=1.0, epochs=3, batch_size=batch_size, rng=7)
    rng = np.random.default_rng(7)
    for _ in range(3):
        order = rng.permutation(4)
        by_hand(twin, [order[k : k + batch_size] for k in range(0, 4, batch_size)], 1.0)
    assert equal(network, twin)
    assert history.losses.shape == (4,)


def test_a_batch_beyond_the_data_is_the_full_batch():
    a, b = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    train(a, X, Y, eta=1.0, epochs=2, batch_size=99)
    train(b, X, Y, eta=1.0, epochs=2)
    assert equal(a, b)


def test_xor_succeeds_from_some_seeds_and_sticks_from_others():
    learned = []
    for seed in range(4):
        network = Network((2, 2, 1), rng=seed)
        train(network, X, Y, eta=5, epochs=2000)
        learned.append(((network.predict(X) > 0.5) == Y).all())
    assert learned == [True, True, True, False]


def test_no_epochs_leave_everything():
    network = Network((2, 2, 1), rng=0)
    history = train(network, X, Y, eta=1, epochs=0)
    assert equal(network, Network((2, 2, 1), rng=0))
    assert history.losses.tolist() == [network.loss(X, Y)]
    assert repr(history).startswith("History(0 epochs, error ")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"eta": 0}, ValueError, "eta must be a positive"),
        ({"eta": math.nan}, ValueError, "eta must be a positive"),
        ({"eta": None}, TypeError, "eta must be a positive"),
        ({"epochs": -1}, ValueError, "epochs must be at least 0"),
        ({"epochs": 2.5}, TypeError, "epochs must be a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"rng": None}, TypeError, "rng must be"),
        ({"Y": y}, ValueError, r"use Y\[:, np.newaxis\]"),
        ({"Y": Y[:3]}, ValueError, r"Y must have shape \(4, 1\), got \(3, 1\)"),
        ({"X": X[:, 0]}, ValueError, "X must have shape"),
        ({"X": X + math.inf}, ValueError, "X must hold finite"),
        ({"network": "net"}, TypeError, "network must be a Network, got str"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(changes, error, message):
    network = Network((2, 2, 1), rng=0)
    arguments = {"network": network, "X": X, "Y": Y, "eta": 1.0, "epochs": 1, **changes}
    with pytest.raises(error, match=message):
        train(**arguments)
    assert equal(network, Network((2, 2, 1), rng=0))


def test_a_run_that_diverges_keeps_the_last_finite_parameters():
    network = Network((1, 1), activation="identity", rng=0)
    with pytest.raises(ValueError, match=r"too large for a float|smaller eta"):
        train(network, [[1e3]], [[1.0]], eta=10.0, epochs=1000)
    assert all(np.isfinite(p).all() for p in network.weights + network.thresholds)
