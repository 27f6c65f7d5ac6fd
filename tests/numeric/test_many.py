"""Many networks at once against the same networks one by one."""

import math

import numpy as np
import pytest

from backprop_kit import Activation, Loss, Network, gate, loss_grid, one_hot, train, train_many
from backprop_kit.numeric import many

cube = Activation("cube", lambda u: u**3, lambda output: 3 * np.cbrt(output) ** 2)
SETTINGS = {
    "one layer": ((3, 2), {}),
    "sigmoid": ((3, 5, 2), {}),
    "deep tanh": ((3, 5, 4, 2), {"activation": "tanh"}),
    "relu, identity": ((3, 5, 2), {"activation": "relu", "output": "identity"}),
    "softmax": ((3, 5, 2), {"output": "softmax", "loss": "cross_entropy"}),
    "one's own": ((3, 5, 2), {"activation": cube, "output": "sigmoid"}),
}
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(7, 3)), one_hot(rng.integers(0, 2, size=7), 2)


def made(name="sigmoid", n=5):
    sizes, functions = SETTINGS[name]
    return [Network(sizes, rng=seed, **functions) for seed in range(n)]


def parameters(network):
    return np.concatenate([p.ravel() for p in network.weights + network.thresholds])


def equal(some, others):
    pairs = zip(some, others, strict=True)
    return all(np.array_equal(parameters(a), parameters(b)) for a, b in pairs)


@pytest.mark.parametrize("in_one_go", [2048, 2])
@pytest.mark.parametrize("name", SETTINGS)
def test_all_at_once_is_one_by_one(name, in_one_go, monkeypatch):
    monkeypatch.setattr(many, "MOST_NETWORKS", in_one_go)
    networks, twins = made(name), made(name)
    eta = np.linspace(0.01, 0.05, 5)
    losses = train_many(networks, X, Y, eta=eta, epochs=200)
    assert losses.shape == (201, 5)
    for r, twin in enumerate(twins):
        alone = train(twin, X, Y, eta=eta[r], epochs=200)
        np.testing.assert_allclose(losses[:, r], alone.losses, rtol=1e-12)
        p, q = parameters(networks[r]), parameters(twin)
        assert np.abs(p - q).max() <= 1e-12 * np.abs(q).max()


def test_few_numbers_at_a_time_change_nothing(monkeypatch):
    networks, twins = made(), made()
    expected = train_many(networks, X, Y, eta=0.5, epochs=3)
    monkeypatch.setattr(many, "MOST_NUMBERS", 1)  # smaller than any network: one by one
    np.testing.assert_allclose(train_many(twins, X, Y, eta=0.5, epochs=3), expected, rtol=1e-12)


def test_no_epochs_leave_everything():
    networks = made()
    losses = train_many(networks, X, Y, eta=1, epochs=0)
    assert equal(networks, made())
    np.testing.assert_allclose(losses, [[net.loss(X, Y) for net in networks]], rtol=1e-12)


def test_trained_networks_share_no_memory():
    networks = made()
    train_many(networks, X, Y, eta=1, epochs=1)
    before = parameters(networks[1])
    networks[0].weights[0][...] = 7
    assert np.array_equal(parameters(networks[1]), before)


def test_one_that_diverges_stays_as_it_was_and_spoils_no_other():
    def pair():
        return [Network((3, 2), activation="identity", rng=seed) for seed in range(2)]

    networks, twins = pair(), pair()
    losses = train_many(networks, 100 * X, Y, eta=[10.0, 1e-6], epochs=500)
    assert losses[-1, 0] == math.inf
    assert not np.isnan(losses).any()
    assert equal(networks[:1], twins[:1])
    alone = train(twins[1], 100 * X, Y, eta=1e-6, epochs=500)
    np.testing.assert_allclose(losses[:, 1], alone.losses, rtol=1e-12)


def test_an_infinite_weight_behind_a_small_error_counts_as_diverged():
    network = Network.from_parameters([[[0.0]]], [[0.0]])
    losses = train_many([network], [[1e5]], [[1.0]], eta=1e308, epochs=1)
    assert losses[:, 0].tolist() == [0.125, math.inf]
    assert parameters(network).tolist() == [0.0, 0.0]
    assert train(network, [[1e5]], [[1.0]], eta=1e308, epochs=1).outcome == "diverged"


quarter = Loss(
    "quarter", lambda y_hat, y: 0.25 * ((y - y_hat) ** 2).sum(axis=1), lambda a, b: a - b
)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"networks": Network((3, 2))}, TypeError, "networks must be a list of networks, got Netw"),
        ({"networks": []}, ValueError, "networks must hold one network at least"),
        ({"networks": [3]}, TypeError, r"networks\[0\] must be a Network, got int"),
        ({"networks": made() + made("one layer")}, ValueError, r"networks\[5\] must differ from"),
        ({"networks": made()[:1] * 2}, ValueError, "networks must be different objects"),
        ({"networks": [Network((3, 2), loss=quarter)]}, ValueError, "one of your own, 'quarter'"),
        ({"eta": 0}, ValueError, "eta must be a positive"),
        ({"eta": [1.0, 1, 1, 1, -1]}, ValueError, "eta must hold positive numbers, got -1"),
        ({"eta": [1.0]}, ValueError, r"eta must have shape \(5,\), got \(1,\)"),
        ({"eta": "big"}, TypeError, "eta must be a positive"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"X": X[:, :2]}, ValueError, "X must have shape"),
        ({"Y": Y[:3]}, ValueError, "Y must have shape"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(changes, error, message):
    networks = made()
    arguments = {"networks": networks, "X": X, "Y": Y, "eta": 1.0, "epochs": 1, **changes}
    with pytest.raises(error, match=message):
        train_many(**arguments)
    assert equal(networks, made())


def test_a_spoilt_network_is_named():
    networks = made()
    networks[3].weights[0][0, 0] = math.nan
    with pytest.raises(ValueError, match=r"networks\[3\] holds NaN or infinity"):
        train_many(networks, X, Y, eta=1.0, epochs=1)


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "deep tanh"])
def test_a_grid_is_the_loss_point_by_point(name):
    network = made(name)[0]
    before = parameters(network)
    first_values, second_values = [-1.0, 0.5, 2.0], [0.0, 3.0]
    grid = loss_grid(network, X, Y, (2, 4, 1), (1, 3), first_values, second_values)
    assert np.array_equal(parameters(network), before)
    for a, p in enumerate(first_values):
        for b, q in enumerate(second_values):
            at = network.copy()
            at.weights[1][3, 0], at.thresholds[0][2] = p, q
            assert grid[a, b] == pytest.approx(at.loss(X, Y), rel=1e-12)


def test_a_point_too_far_is_infinite():
    network = Network((3, 2), activation="identity")
    grid = loss_grid(network, X, Y, (1, 1, 1), (1, 1), [0.0, 1e200], [0.0])
    assert np.isfinite(grid[0, 0])
    assert grid[1, 0] == math.inf


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"first": (2, 6, 1)}, ValueError, "first must be a parameter of a 3-5-2 network"),
        ({"first": (3, 1, 1)}, ValueError, "first must be a parameter of a 3-5-2 network"),
        ({"second": (0, 1)}, ValueError, "second must be at least 1, got 0"),
        ({"second": "w_11"}, TypeError, r"second must be \(layer, i, j\) for a weight"),
        ({"second": (1, 1, 1)}, ValueError, "second must be another parameter"),
        ({"first_values": [[1.0]]}, ValueError, "first_values must have 1 axes"),
        ({"second_values": []}, ValueError, "second_values must not be empty"),
        ({"network": 3}, TypeError, "must be a Network, got int"),
    ],
)
def test_a_grid_names_what_does_not_fit(changes, error, message):
    arguments = {
        "first": (1, 1, 1),
        "second": (1, 1),
        "first_values": [0.0],
        "second_values": [0.0],
    }
    arguments = {"network": made()[0], "X": X, "Y": Y, **arguments, **changes}
    with pytest.raises(error, match=message):
        loss_grid(**arguments)


def test_a_thousand_starts_of_xor():
    inputs, y = gate("XOR")
    networks = [Network((2, 2, 1), rng=seed) for seed in range(1000)]
    losses = train_many(networks, inputs, y[:, np.newaxis], eta=10, epochs=600)
    stuck = losses[-1] > 0.03
    assert 200 < stuck.sum() < 400
    twins = [Network((2, 2, 1), rng=seed) for seed in range(20)]
    alone = [train(twin, inputs, y[:, np.newaxis], eta=10, epochs=600).losses[-1] for twin in twins]
    np.testing.assert_allclose(losses[-1, :20], alone, rtol=1e-9)
