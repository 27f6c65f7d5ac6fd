import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit import Activation, Gradients, Network, Trace, sigmoid, worked_example

smooth = st.sampled_from(["sigmoid", "tanh", "identity", "relu"])


@st.composite
def cases(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = Network(sizes, activation=draw(smooth), rng=rng)
    n = draw(st.integers(1, 4))
    return network, rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))


def parameters(network):
    return [p.copy() for p in network.weights + network.thresholds]


def same(before, network):
    return all(np.array_equal(a, b) for a, b in zip(before, parameters(network), strict=True))


def by_loops(network, x, f):
    """Document A's formulas, written out unit by unit."""
    for w, theta in zip(network.weights, network.thresholds, strict=True):
        x = [
            f(sum(w[i, j] * x[i] for i in range(w.shape[0])) - theta[j]) for j in range(w.shape[1])
        ]
    return x


@given(st.integers(0, 1000))
def test_forward_is_the_formula_unit_by_unit(seed):
    rng = np.random.default_rng(seed)
    network, X = Network((3, 4, 2), rng=rng), rng.normal(size=(5, 3))
    expected = [by_loops(network, x, lambda u: 1 / (1 + math.exp(-u))) for x in X]
    np.testing.assert_allclose(network.predict(X), expected, rtol=1e-12)


def test_a_trace_keeps_net_inputs_without_the_threshold():
    network, X = Network((3, 4, 2), rng=1), np.ones((5, 3))
    trace = network.forward(X)
    assert [a.shape for a in trace.net_inputs] == [(5, 4), (5, 2)]
    assert [b.shape for b in trace.outputs] == [(5, 3), (5, 4), (5, 2)]
    np.testing.assert_array_equal(trace.net_inputs[0], X @ network.weights[0])
    np.testing.assert_allclose(
        trace.outputs[1], sigmoid(trace.net_inputs[0] - network.thresholds[0])
    )
    assert trace.y_hat is trace.outputs[-1]
    assert not np.shares_memory(trace.outputs[0], X)


@settings(deadline=None)
@given(cases())
def test_backward_is_the_complex_step_of_the_loss(case):
    network, X, Y = case
    f, h = network._activation.function, 1e-30

    def error(weights, thresholds):
        b = X
        for w, theta in zip(weights, thresholds, strict=True):
            b = f(b @ w - theta)
        return ((b - Y) ** 2).sum() / 2 / len(X)

    gradients = network.backward(network.forward(X), Y)
    given = [*gradients.weights, *gradients.thresholds]
    n_layers = len(network.weights)
    for block, gradient in enumerate(given):
        scale = max(1e-3, np.abs(gradient).max())
        for index in np.ndindex(gradient.shape):
            moved = [p.astype(complex) for p in parameters(network)]
            moved[block][index] += 1j * h
            slope = error(moved[:n_layers], moved[n_layers:]).imag / h
            assert abs(gradient[index] - slope) <= 1e-10 * scale


@given(cases())
def test_reductions(case):
    network, X, Y = case
    trace = network.forward(X)
    mean, total = network.backward(trace, Y), network.backward(trace, Y, reduction="sum")
    singles = [network.backward(network.forward(X[k : k + 1]), Y[k : k + 1]) for k in range(len(X))]
    for layer in range(len(network.weights)):
        summed = sum(single.weights[layer] for single in singles)
        np.testing.assert_allclose(total.weights[layer], summed, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(mean.weights[layer], summed / len(X), rtol=1e-9, atol=1e-12)
    by_sample = [network.loss(X[k : k + 1], Y[k : k + 1]) for k in range(len(X))]
    assert network.loss(X, Y) == pytest.approx(np.mean(by_sample))
    assert network.loss(X, Y, reduction="sum") == pytest.approx(np.sum(by_sample))


@given(cases())
def test_the_chain_of_the_thresholds(case):
    """SOURCES A13: with one sample, the weight's gradient is -b times the threshold's."""
    network, X, Y = case
    trace = network.forward(X[:1])
    gradients = network.backward(trace, Y[:1])
    for b, g_w, g_theta in zip(
        trace.outputs, gradients.weights, gradients.thresholds, strict=False
    ):
        np.testing.assert_allclose(g_w, -np.outer(b[0], g_theta), atol=1e-12)


# The worked example of SOURCES D, against the numbers measured there.

EXAMPLE = worked_example()
X, Y = EXAMPLE.x[np.newaxis, :], EXAMPLE.y[np.newaxis, :]


def example_network():
    return Network.from_parameters(EXAMPLE.weights, EXAMPLE.thresholds)


def step_right(network):
    """All gradients first; the example holds its intercepts fixed."""
    gradients = network.backward(network.forward(X), Y)
    fixed = tuple(np.zeros_like(t) for t in gradients.thresholds)
    network.step(Gradients(gradients.weights, fixed), EXAMPLE.eta)


def step_wrong(network):
    """Output weights first, and the hidden gradients from the new ones."""
    trace = network.forward(X)
    network.weights[1][...] -= EXAMPLE.eta * network.backward(trace, Y).weights[1]
    network.weights[0][...] -= EXAMPLE.eta * network.backward(trace, Y).weights[0]


def test_the_worked_example_before():
    network = example_network()
    trace = network.forward(X)
    np.testing.assert_allclose(trace.y_hat, [[0.75136507, 0.77292847]], atol=5e-9)
    assert network.loss(X, Y) == pytest.approx(0.2983711087600027, rel=1e-14)
    assert trace.net_inputs[0][0, 0] + 0.35 == pytest.approx(0.3775, rel=1e-14)
    assert trace.outputs[1][0, 0] == pytest.approx(0.593269992, abs=5e-10)
    assert trace.net_inputs[1][0, 0] + 0.60 == pytest.approx(1.105905967, abs=5e-10)
    gradients = network.backward(trace, Y)
    assert gradients.weights[1][0, 0] == pytest.approx(0.082167041, abs=5e-10)
    assert gradients.weights[0][0, 0] == pytest.approx(0.000438568, abs=5e-10)


@pytest.mark.parametrize(
    ("step", "w1_to_w4", "error_after_1", "error_after_10000", "outputs"),
    [
        (
            step_right,
            [0.14978072, 0.19956143, 0.24975114, 0.29950229],
            0.29102777369359933,
            3.510187782978859e-05,
            [0.01591362, 0.98406427],
        ),
        (
            step_wrong,
            [0.14981764, 0.19963528, 0.24978819, 0.29957637],
            0.29102792390544197,
            3.5084786296312774e-05,
            [0.015912196, 0.984065734],
        ),
    ],
)
def test_the_worked_example_in_both_orders(
    step, w1_to_w4, error_after_1, error_after_10000, outputs
):
    network = example_network()
    step(network)
    np.testing.assert_allclose(network.weights[0].T.ravel(), w1_to_w4, atol=5e-9)
    np.testing.assert_allclose(
        network.weights[1].T.ravel(), [0.35891648, 0.40866619, 0.51130127, 0.56137012], atol=5e-9
    )
    assert network.loss(X, Y) == pytest.approx(error_after_1, rel=1e-13)
    for _ in range(9_999):
        step(network)
    assert network.loss(X, Y) == pytest.approx(error_after_10000, rel=1e-9)
    np.testing.assert_allclose(network.predict(X)[0], outputs, atol=5e-9)
    np.testing.assert_array_equal(network.thresholds[0], EXAMPLE.thresholds[0])


# Parameters: copies, in-place changes, steps.


def test_parameters_are_copied_and_can_be_changed_in_place():
    w = [np.ones((2, 1))]
    network = Network.from_parameters(w, [np.zeros(1)], activation="identity")
    w[0][...] = 9
    twin = network.copy()
    network.weights[0][1, 0] += 1e-5
    assert network.predict([[0.0, 1.0]])[0, 0] == 1 + 1e-5
    assert twin.predict([[0.0, 1.0]])[0, 0] == 1
    assert twin.activation == "identity"


def test_a_step_moves_everything_at_once_and_leaves_old_arrays_alone():
    network = Network((2, 3, 1), rng=0)
    old = network.weights + network.thresholds
    before = parameters(network)
    gradients = network.backward(network.forward([[1.0, 2.0]]), [[1.0]])
    network.step(gradients, 0.5)
    given = gradients.weights + gradients.thresholds
    for array, b, g, now in zip(old, before, given, parameters(network), strict=True):
        np.testing.assert_array_equal(array, b)
        np.testing.assert_array_equal(now, b - 0.5 * g)


def test_an_activation_of_your_own():
    softplus = Activation("softplus", lambda u: np.log1p(np.exp(u)), lambda b: 1 - np.exp(-b))
    network = Network((2, 3, 1), activation=softplus)
    assert network.activation == "softplus"
    assert network.copy().activation == "softplus"


def test_counts_and_repr():
    assert Network((784, 30, 10)).n_parameters == (784 + 10 + 1) * 30 + 10 == 23_860
    assert Network([2, 2, 1]).n_parameters == 9
    assert Network((2, 2, 1)).sizes == (2, 2, 1)
    assert Network((2, 2, 1)).loss_name == "half_squared_error"
    assert repr(Network((3, 4, 2), activation="tanh")) == (
        "Network(3-4-2, tanh, half_squared_error, 26 parameters)"
    )


def test_the_seed_decides_the_initial_parameters():
    assert same(parameters(Network((2, 3, 1), rng=5)), Network((2, 3, 1), rng=5))
    assert not same(parameters(Network((2, 3, 1), rng=5)), Network((2, 3, 1), rng=6))


def test_initial_net_inputs_are_of_order_one_at_any_size():
    X = np.random.default_rng(0).normal(size=(200, 784))
    alpha = Network((784, 30, 10)).forward(X).net_inputs[0]
    assert 0.8 < alpha.std() < 1.2


# Bad input: named, and nothing changed.

NAN = math.nan
GOOD = Network((2, 3, 1), rng=0)
GRADIENTS = GOOD.backward(GOOD.forward([[0.0, 1.0]]), [[1.0]])
TRACE_OF_TWO = GOOD.forward([[0.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda n: n.forward([1.0, 2.0]), ValueError, r"X .*\(2,\); .*use x\[np.newaxis, :\]"),
        (lambda n: n.forward([[1.0]]), ValueError, r"X must have shape \(any, 2\), got \(1, 1\)"),
        (lambda n: n.forward([[[1.0, 2.0]]]), ValueError, "X must have shape"),
        (lambda n: n.forward([[1.0, NAN]]), ValueError, r"X\[0, 1\] = nan"),
        (lambda n: n.forward([["a", "b"]]), TypeError, "X must hold real numbers, got text"),
        (lambda n: n.forward(np.empty((0, 2))), ValueError, "X must not be empty"),
        (lambda n: n.forward(None), TypeError, "X must hold real numbers"),
        (lambda n: n.predict([[1.0]]), ValueError, "X must have shape"),
        (
            lambda n: n.loss([[0, 1], [1, 1]], [1.0, 0.0]),
            ValueError,
            r"Y must have shape \(2, 1\).*got \(2,\); for one output use Y\[:, np.newaxis\]",
        ),
        (lambda n: n.loss([[0, 1]], [[1.0, 2.0]]), ValueError, r"Y must have shape \(1, 1\)"),
        (lambda n: n.loss([[0, 1]], [[1], [2]]), ValueError, r"shape \(1, 1\), got \(2, 1\)"),
        (lambda n: n.loss([[0, 1]], [["1"]]), TypeError, "Y must hold real numbers"),
        (lambda n: n.loss([[0, 1]], [[1.0]], reduction="all"), ValueError, "reduction"),
        (lambda n: n.loss([[0, 1]], [[1e200]]), ValueError, "too large for a float"),
        (lambda n: n.backward(TRACE_OF_TWO, [[1.0]]), ValueError, r"Y must have shape \(2, 1\)"),
        (lambda n: n.backward(TRACE_OF_TWO, [[1.0], [NAN]]), ValueError, r"Y\[1, 0\] = nan"),
        (lambda n: n.backward([[1.0]], [[1.0]]), TypeError, "trace must be a Trace"),
        (
            lambda n: n.backward(Network((2, 4, 1)).forward([[0, 1]]), [[1.0]]),
            ValueError,
            "trace must come from a 2-3-1 network, got layers of 2-4-1 units",
        ),
        (
            lambda n: n.backward(
                Trace((), (np.ones((2, 2)), np.ones((1, 3)), np.ones((2, 1)))), [[1.0], [1.0]]
            ),
            ValueError,
            r"trace.outputs\[1\] must have shape \(2, 3\), got \(1, 3\)",
        ),
        (
            lambda n: n.backward(TRACE_OF_TWO, [[0.0], [1.0]], reduction=None),
            TypeError,
            "reduction",
        ),
        (lambda n: n.step(GRADIENTS, 0), ValueError, "eta must be a positive, finite number"),
        (lambda n: n.step(GRADIENTS, NAN), ValueError, "eta must be a positive, finite number"),
        (lambda n: n.step(GRADIENTS, "0.1"), TypeError, "eta must be a positive number"),
        (lambda n: n.step("gradients", 0.1), TypeError, "gradients must be Gradients, got str"),
        (
            lambda n: n.step(Gradients(GRADIENTS.weights[:1], GRADIENTS.thresholds), 0.1),
            ValueError,
            "gradients.weights must hold 2 arrays, one a layer, got 1",
        ),
        (
            lambda n: n.step(Gradients(GRADIENTS.weights[::-1], GRADIENTS.thresholds), 0.1),
            ValueError,
            r"gradients.weights\[0\] must have shape \(2, 3\), got \(3, 1\)",
        ),
        (
            lambda n: n.step(
                Gradients(GRADIENTS.weights, (np.full(3, NAN), GRADIENTS.thresholds[1])), 0.1
            ),
            ValueError,
            r"gradients.thresholds\[0\] must hold finite numbers",
        ),
        (
            lambda n: n.step(
                Gradients(tuple(1e300 * g for g in GRADIENTS.weights), GRADIENTS.thresholds), 1e300
            ),
            ValueError,
            "no step was taken; use a smaller eta",
        ),
    ],
)
def test_bad_input_is_named_and_changes_nothing(call, error, message):
    network = GOOD.copy()
    before = parameters(network)
    with pytest.raises(error, match=message):
        call(network)
    assert same(before, network)


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ("2-2-1", TypeError, "sizes must be whole numbers"),
        (3, TypeError, "sizes must be whole numbers"),
        ((2,), ValueError, "an input and an output layer at least"),
        ((2, 0, 1), ValueError, r"sizes\[1\] must be at least 1, got 0"),
        ((2, 2.0, 1), TypeError, r"sizes\[1\] must be a whole number, got 2.0"),
        ((2, True), TypeError, r"sizes\[1\] must be a whole number"),
    ],
)
def test_bad_sizes(sizes, error, message):
    with pytest.raises(error, match=message):
        Network(sizes)


def test_unknown_names():
    with pytest.raises(ValueError, match=r"activation must be one of .*got 'sigmod'"):
        Network((2, 1), activation="sigmod")
    with pytest.raises(ValueError, match=r"loss must be one of .*got 'mse'"):
        Network((2, 1), loss="mse")
    with pytest.raises(TypeError, match="rng must be"):
        Network((2, 1), rng=None)


@pytest.mark.parametrize(
    ("weights", "thresholds", "error", "message"),
    [
        ([np.ones((2, 3)), np.ones((2, 1))], [np.ones(3), np.ones(1)], ValueError,
         r"weights\[1\] must have shape \(3, 1\), got \(2, 1\)"),
        ([np.ones((2, 3))], [np.ones(2)], ValueError, r"thresholds\[0\] must have shape \(3,\)"),
        ([np.ones((2, 3))], [np.ones((1, 3))], ValueError, r"thresholds\[0\] must have shape"),
        ([np.ones((2, 3))], [], ValueError, "thresholds must hold one array a layer"),
        ([np.ones((2, 1))], [np.ones(1)] * 2, ValueError, "thresholds must be one array a layer"),
        ([np.ones(2)], [np.ones(1)], ValueError, r"weights\[0\] must have 2 axes"),
        ([np.full((1, 1), NAN)], [np.ones(1)], ValueError, r"weights\[0\] must hold finite"),
        ("weights", [np.ones(1)], TypeError, "weights must be a list of arrays"),
    ],
)  # fmt: skip
def test_bad_parameters(weights, thresholds, error, message):
    with pytest.raises(error, match=message):
        Network.from_parameters(weights, thresholds)


def test_a_nan_put_in_place_is_reported():
    network = Network((2, 3, 1))
    trace = network.forward([[0.0, 1.0]])
    network.thresholds[1][0] = NAN
    with pytest.raises(ValueError, match=r"network.thresholds\[1\] holds NaN"):
        network.forward([[0.0, 1.0]])
    with pytest.raises(ValueError, match=r"network.thresholds\[1\] holds NaN"):
        network.backward(trace, [[1.0]])


def test_net_inputs_too_large_for_a_float_are_reported_by_layer():
    network = Network.from_parameters([[[1.0]], [[1e10]]], [[0.0], [0.0]], activation="identity")
    with pytest.raises(ValueError, match="X gives net inputs too large for a float in layer 2"):
        network.forward([[1e300]])


def test_importing_the_package_loads_numpy_alone():
    code = (
        "import sys, backprop_kit; "
        "heavy = {'sympy', 'matplotlib', 'IPython', 'ipywidgets', 'pandas', 'scipy'}; "
        "print(sorted(heavy & set(sys.modules)), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True"


def test_every_public_name_is_there():
    import backprop_kit

    assert all(hasattr(backprop_kit, name) for name in backprop_kit.__all__)
    assert len(set(backprop_kit.__all__)) == len(backprop_kit.__all__)
