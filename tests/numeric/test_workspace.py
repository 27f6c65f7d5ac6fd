"""The buffered step against the network's own methods, bit by bit or to 12 digits."""

import numpy as np
import pytest

from backprop_kit import ACTIVATIONS, Activation, Network, one_hot, train
from backprop_kit.numeric.activations import softmax
from backprop_kit.numeric.workspace import Workspace, in_place

cube = Activation("cube", lambda u: u**3, lambda output: 3 * np.cbrt(output) ** 2)
rng = np.random.default_rng(0)


def by_methods(network):
    """A twin that is trained by its methods, since one of them is set by hand."""
    twin = network.copy()
    twin.step = twin.step
    return twin


@pytest.mark.parametrize("activation", [*ACTIVATIONS.values(), cube], ids=lambda f: f.name)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_in_place_is_the_activation_and_its_slope(activation, dtype):
    u = np.concatenate([[0.0, -0.0, -800.0, 800.0], rng.normal(size=9)]).astype(dtype)
    expected, out = activation.function(u), np.empty_like(u)
    f, slope = in_place(activation, dtype)
    f(u)
    assert u.dtype == dtype
    assert np.array_equal(u, expected)
    slope(u, out)
    assert out.dtype == dtype
    assert np.array_equal(out, activation.slope_of_output(u))


def test_softmax_in_place_is_softmax():
    u = np.concatenate([[[800.0, -800.0, 0.0]], rng.normal(size=(4, 3))])
    expected = softmax.function(u)
    in_place(softmax, "float64")[0](u)
    assert np.array_equal(u, expected)


SETTINGS = {
    "one layer": ((3, 2), {}),
    "sigmoid": ((3, 5, 2), {}),
    "deep tanh": ((3, 5, 4, 2), {"activation": "tanh"}),
    "relu, identity": ((3, 5, 2), {"activation": "relu", "output": "identity"}),
    "softmax": ((3, 5, 2), {"output": "softmax", "loss": "cross_entropy"}),
    "one's own": ((3, 5, 2), {"activation": cube, "output": "sigmoid"}),
}


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("batch_size", [None, 1, 4])
@pytest.mark.parametrize("name", SETTINGS)
def test_200_steps_agree_with_the_methods_to_12_digits(name, batch_size, momentum):
    sizes, functions = SETTINGS[name]
    X, Y = rng.normal(size=(10, sizes[0])), one_hot(rng.integers(0, 2, size=10), 2)
    buffered = Network(sizes, rng=1, **functions)
    written = by_methods(buffered)
    epochs = -(-200 // (1 if batch_size is None else -(-10 // batch_size)))
    settings = {"eta": 0.02, "epochs": epochs, "batch_size": batch_size, "momentum": momentum}
    losses = [train(network, X, Y, **settings).losses for network in (buffered, written)]
    np.testing.assert_allclose(*losses, rtol=1e-12)
    for p, q in zip(
        buffered.weights + buffered.thresholds, written.weights + written.thresholds, strict=True
    ):
        assert np.abs(p - q).max() <= 1e-12 * np.abs(q).max()


def test_many_samples_are_judged_in_pieces():
    X = rng.normal(size=(2500, 3))
    Y = one_hot(rng.integers(0, 2, size=2500), 2)
    network = Network((3, 4, 2), rng=0)
    history = train(network, X, Y, eta=0.5, epochs=1, batch_size=32)
    assert history.losses[-1] == pytest.approx(network.loss(X, Y), rel=1e-12)


def test_single_precision_keeps_seven_digits_and_hands_back_doubles():
    X, Y = rng.normal(size=(10, 3)), rng.random(size=(10, 2))
    double, single = Network((3, 4, 2), rng=0), Network((3, 4, 2), rng=0)
    train(double, X, Y, eta=0.5, epochs=50, batch_size=4)
    train(single, X, Y, eta=0.5, epochs=50, batch_size=4, dtype="float32")
    error = max(np.abs(p - q).max() for p, q in zip(double.weights, single.weights, strict=True))
    assert 1e-10 < error < 1e-4
    assert all(p.dtype == np.float64 for p in single.weights + single.thresholds)
    assert Workspace(single, eta=1.0, dtype="float32").flat.dtype == np.float32


def test_what_the_network_hands_out_shares_no_memory():
    X, Y = rng.normal(size=(4, 3)), rng.random(size=(4, 2))
    network = Network((3, 4, 2), rng=0)
    train(network, X, Y, eta=0.5, epochs=2)
    first, second = network.forward(X), network.forward(X)
    gradients, again = network.backward(first, Y), network.backward(second, Y)
    groups = [
        first.outputs + first.net_inputs,
        second.outputs + second.net_inputs,
        gradients.weights + gradients.thresholds,
        again.weights + again.thresholds,
        network.weights + network.thresholds,
        network.copy().weights + network.copy().thresholds,
    ]
    for k, group in enumerate(groups):
        for other in groups[:k]:
            assert not any(np.shares_memory(a, b) for a in group for b in other)
