import itertools
import math
import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit import (
    Loss,
    Network,
    digits,
    gate,
    numeric_gradients,
    one_hot,
    split,
    train,
)
from backprop_kit.numeric.validation import TooLargeError
from backprop_kit.numeric.workspace import Workspace

X, y = gate("XOR")
Y = y[:, np.newaxis]


def by_hand(network, batches, eta):
    for batch in batches:
        network.step(network.backward(network.forward(X[batch]), Y[batch]), eta)


def equal(a, b):
    pairs = zip(a.weights + a.thresholds, b.weights + b.thresholds, strict=True)
    return all(np.array_equal(p, q) for p, q in pairs)


def close(a, b, rtol=1e-12):
    pairs = zip(a.weights + a.thresholds, b.weights + b.thresholds, strict=True)
    return all(np.allclose(p, q, rtol=rtol, atol=1e-15) for p, q in pairs)


def by_methods(network):
    """A twin that is trained by its methods, since one of them is set by hand."""
    twin = network.copy()
    twin.step = twin.step
    return twin


def test_full_batch_is_the_step_repeated():
    network, twin = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    losses = [twin.loss(X, Y)]
    for _ in range(5):
        by_hand(twin, [slice(None)], 2.0)
        losses.append(twin.loss(X, Y))
    history = train(network, X, Y, eta=2.0, epochs=5)
    assert close(network, twin)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_batches_use_every_sample_once_an_epoch(batch_size):
    network, twin = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    history = train(network, X, Y, eta=1.0, epochs=3, batch_size=batch_size, rng=7)
    rng = np.random.default_rng(7)
    for _ in range(3):
        order = rng.permutation(4)
        by_hand(twin, [order[k : k + batch_size] for k in range(0, 4, batch_size)], 1.0)
    assert close(network, twin)
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
        ({"momentum": 1}, ValueError, "momentum must be at least 0 and below 1"),
        ({"momentum": -0.1}, ValueError, "momentum must be at least 0 and below 1"),
        ({"momentum": math.nan}, ValueError, "momentum must be at least 0 and below 1"),
        ({"momentum": "0.9"}, TypeError, "momentum must be a number"),
        ({"callback": 3}, TypeError, "callback must be a function, got int"),
        ({"progress": "yes"}, TypeError, "progress must be True or False, got str"),
        ({"dtype": "float16"}, ValueError, "dtype must be one of 'float64', 'float32'"),
        ({"dtype": np.float32}, TypeError, "dtype must be one of 'float64', 'float32'"),
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


def diverging():
    return Network((1, 1), activation="identity", rng=0)


def test_a_run_that_diverges_goes_back_to_the_last_finite_state(capsys):
    network = diverging()
    history = train(network, [[1e3]], [[1.0]], eta=10.0, epochs=1000)
    assert history.outcome == "diverged"
    assert 0 < history.epochs < 1000
    assert np.isfinite(history.losses).all()
    assert network.loss([[1e3]], [[1.0]]) == pytest.approx(history.losses[-1], rel=1e-12)
    assert f"diverged in epoch {history.epochs + 1}: " in history.message
    assert history.message.endswith("try a smaller eta.")
    assert capsys.readouterr().out == history.message + "\n"
    assert repr(history).endswith(", diverged)")


def test_a_batch_that_diverges_takes_the_whole_epoch_back():
    network = diverging()
    X = np.full((50, 1), 1e3)
    history = train(network, X, np.ones((50, 1)), eta=1e9, epochs=5, batch_size=1)
    assert history.outcome == "diverged"
    assert history.epochs == 0
    assert equal(network, diverging())


@pytest.mark.parametrize("where", ["step", "backward", "loss", "callback"])
def test_an_interrupt_returns_what_was_done(where, monkeypatch, capsys):
    network, twin = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    calls = []

    def interrupting(*arguments, wrapped=None):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return wrapped(*arguments) if wrapped else None

    callback = interrupting if where == "callback" else None
    if callback is None:
        wrapped = getattr(network, where)
        monkeypatch.setattr(network, where, lambda *a: interrupting(*a, wrapped=wrapped))
    settings = {"eta": 1.0, "batch_size": 3, "rng": 5}
    history = train(network, X, Y, epochs=20, callback=callback, **settings)
    assert history.outcome == "interrupted"
    assert history.epochs == (3 if where == "callback" else 1)
    assert "interrupted in epoch" in capsys.readouterr().out
    expected = train(twin, X, Y, epochs=history.epochs, **settings)
    assert equal(network, twin)
    assert history.losses.tolist() == expected.losses.tolist()


@pytest.mark.parametrize(("where", "batch_size"), [("step", 3), ("step_again", 4), ("error", 3)])
def test_an_interrupt_between_buffers_returns_what_was_done(where, batch_size, monkeypatch, capsys):
    settings = {"eta": 1.0, "batch_size": batch_size, "rng": 5}
    network, twin = Network((2, 2, 1), rng=0), Network((2, 2, 1), rng=0)
    method, calls = getattr(Workspace, where), []

    def interrupting(*arguments):
        calls.append(1)
        result = method(*arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, where, interrupting)
        history = train(network, X, Y, epochs=20, **settings)
    assert (history.outcome, history.epochs) == ("interrupted", 1 if where == "step" else 3)
    assert "interrupted in epoch" in capsys.readouterr().out
    assert (
        history.losses.tolist()
        == train(twin, X, Y, epochs=history.epochs, **settings).losses.tolist()
    )
    assert equal(network, twin)


@pytest.fixture
def listening():
    """Let Ctrl+C reach Python, also where a shell started it in the background, deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_a_real_signal_interrupts():
    network = Network((2, 2, 1), rng=0)

    def callback(epoch, network, loss):
        if epoch == 4:
            signal.raise_signal(signal.SIGINT)

    history = train(network, X, Y, eta=1.0, epochs=20, callback=callback)
    assert (history.outcome, history.epochs) == ("interrupted", 4)
    assert network.loss(X, Y) == pytest.approx(history.losses[-1], rel=1e-12)


def test_the_callback_sees_each_epoch_and_stops():
    network, seen = Network((2, 2, 1), rng=0), []

    def callback(epoch, net, loss):
        assert net is network
        seen.append((epoch, loss, net.loss(X, Y)))
        return np.bool_(epoch == 3)

    history = train(network, X, Y, eta=1.0, epochs=9, callback=callback)
    assert [epoch for epoch, *_ in seen] == [1, 2, 3]
    assert [loss for _, loss, _ in seen] == pytest.approx([again for *_, again in seen], rel=1e-12)
    assert history.losses[1:].tolist() == [loss for _, loss, _ in seen]
    assert history.outcome == "stopped"
    assert history.message == "stopped by the callback after epoch 3"


@pytest.mark.parametrize("answer", [None, False, 1, 0.97, "stop", np.ones(3)])
def test_only_true_stops(answer):
    network = Network((2, 2, 1), rng=0)
    history = train(network, X, Y, eta=1.0, epochs=2, callback=lambda *_: answer)
    assert (history.outcome, history.message) == ("finished", "finished: 2 epochs done")


@pytest.mark.parametrize("batch_size", [3, None])
@pytest.mark.parametrize("change", ["in place", "step"])
def test_what_the_callback_changes_stays_changed(batch_size, change):
    def callback(epoch, network, loss):
        if change == "in place":
            network.weights[0][...] *= 0.9
        else:
            network.step(network.backward(network.forward(X), Y), 0.5)

    one = Network((2, 2, 1), rng=0)
    other = by_methods(one)
    losses = [
        train(net, X, Y, eta=1.0, epochs=5, batch_size=batch_size, callback=callback).losses
        for net in (one, other)
    ]
    assert close(one, other)
    np.testing.assert_allclose(*losses, rtol=1e-12)


def test_what_the_callback_spoils_is_refused():
    def callback(epoch, network, loss):
        network.weights[0][0, 0] = math.nan

    with pytest.raises(ValueError, match=r"network.weights\[0\] holds NaN"):
        train(Network((2, 2, 1)), X, Y, eta=1.0, epochs=5, callback=callback)


def test_what_the_callback_keeps_is_never_overwritten():
    kept = []
    network = Network((2, 2, 1), rng=0)
    train(network, X, Y, eta=1.0, epochs=3, callback=lambda _, net, __: kept.append(net.weights[0]))
    assert len({w.tobytes() for w in kept}) == 3
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(kept, 2))


def test_a_method_of_ones_own_does_the_training():
    network, calls = Network((2, 2, 1), rng=0), []
    right = network.backward
    network.backward = lambda *arguments: calls.append(1) or right(*arguments)
    train(network, X, Y, eta=1.0, epochs=3)
    assert len(calls) == 3
    with pytest.raises(ValueError, match="dtype must be 'float64' for a network with"):
        train(network, X, Y, eta=1.0, epochs=3, dtype="float32")


def test_an_error_function_of_ones_own_does_the_training():
    quarter = Loss(
        "quarter",
        lambda y_hat, y: 0.25 * ((y - y_hat) ** 2).sum(axis=1),
        lambda y_hat, y: -0.5 * (y - y_hat),
    )
    one, other = Network((2, 2, 1), loss=quarter), Network((2, 2, 1))
    train(one, X, Y, eta=2.0, epochs=5)
    train(other, X, Y, eta=1.0, epochs=5)
    assert close(one, other)


def test_an_error_in_the_callback_is_passed_on():
    network = Network((2, 2, 1), rng=0)
    with pytest.raises(ZeroDivisionError):
        train(network, X, Y, eta=1.0, epochs=2, callback=lambda *_: 1 / 0, progress=True)
    with pytest.raises(TooLargeError):  # no divergence of this network
        train(
            network,
            X,
            Y,
            eta=1.0,
            epochs=2,
            callback=lambda *_: diverging().loss([[1e300]], [[1.0]]),
        )


@st.composite
def cases(draw):
    output, loss = draw(
        st.sampled_from(
            [
                (None, "half_squared_error"),
                ("identity", "half_squared_error"),
                ("softmax", "cross_entropy"),
            ]
        )
    )
    sizes = (
        draw(st.integers(1, 4)),
        *draw(st.lists(st.integers(1, 4), max_size=2)),
        draw(st.integers(2, 3)),
    )
    activation = draw(st.sampled_from(["sigmoid", "tanh", "relu"]))
    seed, n = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 7))
    rng = np.random.default_rng(seed)
    inputs, targets = rng.normal(size=(n, sizes[0])), rng.dirichlet(np.ones(sizes[-1]), size=n)
    network = Network(sizes, activation=activation, output=output, loss=loss, rng=rng)
    return network, inputs, targets, draw(st.integers(1, 8)), seed


@settings(deadline=None, max_examples=50)
@given(cases(), st.sampled_from([0.0, 0.5, 0.9]))
def test_training_is_the_rule_written_out(case, momentum):
    """Velocity form, v <- mu v - eta g, p <- p + v, as Sutskever et al. (2013) write it."""
    network, X, Y, batch_size, seed = case
    twin, eta = network.copy(), 0.1
    history = train(
        network, X, Y, eta=eta, epochs=3, batch_size=batch_size, rng=seed, momentum=momentum
    )
    v = [0 * p for p in twin.weights + twin.thresholds]
    rng = np.random.default_rng(seed)
    for _ in range(3):
        order = rng.permutation(len(X)) if batch_size < len(X) else np.arange(len(X))
        for k in range(0, len(X), batch_size):
            batch = order[k : k + batch_size]
            singles = [numeric_gradients(twin, X[[s]], Y[[s]], method="complex") for s in batch]
            blocks = zip(*(g.weights + g.thresholds for g in singles), strict=True)
            for n, block in enumerate(blocks):
                v[n] = momentum * v[n] - eta * sum(block) / len(batch)
            for p, move in zip(twin.weights + twin.thresholds, v, strict=True):
                p += move
    for p, q in zip(
        network.weights + network.thresholds, twin.weights + twin.thresholds, strict=True
    ):
        np.testing.assert_allclose(p, q, rtol=1e-8, atol=1e-11)
    assert history.losses[-1] == pytest.approx(network.loss(X, Y), rel=1e-12)


@given(cases())
@settings(deadline=None, max_examples=25)
def test_no_momentum_is_plain_to_the_bit(case):
    network, X, Y, batch_size, seed = case
    network = by_methods(network)
    twin = network.copy()
    train(network, X, Y, eta=0.5, epochs=3, batch_size=batch_size, rng=seed, momentum=0)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        order = rng.permutation(len(X)) if batch_size < len(X) else None
        for k in range(0, len(X), batch_size):
            batch = slice(None) if order is None else order[k : k + batch_size]
            twin.step(twin.backward(twin.forward(X[batch]), Y[batch]), 0.5)
    assert equal(network, twin)


def accuracy_on_digits(seed, **settings):
    X_train, X_test, y_train, y_test = split(*digits())
    network = Network((64, 30, 10), output="softmax", loss="cross_entropy", rng=seed)
    train(network, X_train, one_hot(y_train, 10), rng=seed, **settings)
    return (network.predict(X_test).argmax(axis=1) == y_test).mean()


@pytest.mark.parametrize("seed", [0, 1])
def test_handwritten_digits_are_learned(seed):
    assert accuracy_on_digits(seed, eta=0.5, epochs=30, batch_size=32, momentum=0.9) > 0.97
