import ast

import numpy as np
import pytest

from backprop_kit.numeric import Network, gate, train, worked_example
from backprop_kit.symbolic import compile_step, write_step


def in_one_row(network):
    (v, w), (gamma, theta) = network.weights, network.thresholds
    return np.concatenate([block.ravel() for block in (v, gamma, w, theta)])


def trained_by_source(sizes, p, X, Y, eta, steps, source=None):
    step = compile_step(source or write_step(*sizes))
    samples = list(zip(np.asarray(X).tolist(), np.asarray(Y).tolist(), strict=True))
    p = p.tolist()
    for _ in range(steps):
        p = step(p, samples, eta)
    return np.array(p)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 3, 1), (3, 1, 2), (3, 4, 2), (11, 2, 12)])
@pytest.mark.parametrize("n", [1, 5])
def test_the_source_trains_as_the_network_does(sizes, n):
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(n, sizes[0])), rng.random(size=(n, sizes[-1]))
    network = Network(sizes, rng=2)
    found = trained_by_source(sizes, in_one_row(network), X, Y, eta=0.7, steps=200)
    train(network, X, Y, eta=0.7, epochs=200)
    np.testing.assert_allclose(found, in_one_row(network), rtol=1e-12, atol=1e-14)


def test_the_source_learns_xor():
    X, y = gate("XOR")
    p = trained_by_source((2, 2, 1), in_one_row(Network((2, 2, 1))), X, y[:, None], 5.0, 2000)
    network = Network.from_parameters([p[:4].reshape(2, 2), p[6:8, None]], [p[4:6], p[8:]])
    np.testing.assert_allclose(network.predict(X)[:, 0], y, atol=0.1)


def test_one_step_of_the_worked_example():
    """With the thresholds learning, too; w1..w8 are those of the correct order (SOURCES D)."""
    example = worked_example()
    start = Network.from_parameters(example.weights, example.thresholds)
    p = trained_by_source((2, 2, 2), in_one_row(start), [example.x], [example.y], example.eta, 1)
    v, w = p[:4].reshape(2, 2), p[6:10].reshape(2, 2)
    expected_v = [0.14978072, 0.19956143, 0.24975114, 0.29950229]
    expected_w = [0.35891648, 0.40866619, 0.51130127, 0.56137012]
    np.testing.assert_allclose(v.T.ravel(), expected_v, atol=5e-9)
    np.testing.assert_allclose(w.T.ravel(), expected_w, atol=5e-9)


@pytest.mark.parametrize(
    ("old", "new"),
    [("-eta*", "eta*"), ("(1 - b_2)*", ""), ("new_w_21 -= b_2", "new_w_21 -= b_1")],
)
def test_a_changed_source_trains_otherwise(old, new):
    source, sizes = write_step(2, 3, 1), (2, 3, 1)
    assert source.count(old) == 1
    p = in_one_row(Network(sizes))
    X, Y = [[0.5, -1.0]], [[0.9]]
    right = trained_by_source(sizes, p, X, Y, 0.7, 1)
    wrong = trained_by_source(sizes, p, X, Y, 0.7, 1, source.replace(old, new))
    assert not np.allclose(wrong, right, rtol=1e-6)


def test_the_source_names_what_the_textbook_names():
    lines = [line.strip() for line in write_step(2, 2, 2).splitlines()]
    for line in (
        "alpha_1 = v_11*x_1 + v_21*x_2",
        "beta_2 = w_12*b_1 + w_22*b_2",
        "Δtheta_1 = -eta*y_hat_1*(1 - y_hat_1)*(y_1 - y_hat_1)",
        "Δgamma_1 = b_1*(1 - b_1)*(w_11*Δtheta_1 + w_12*Δtheta_2)",
        "new_w_12 -= b_1*Δtheta_2",
        "new_v_21 -= x_2*Δgamma_1",
        "for (x_1, x_2), (y_1, y_2) in samples:",
    ):
        assert lines.count(line) == 1, line


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 2, 1), (3, 4, 2), (4, 4, 4)])
def test_the_lines_fit_a_page(sizes):
    assert max(map(len, write_step(*sizes).splitlines())) <= 100


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 4, 2), (11, 11, 2), (9, 40, 10)])
def test_every_name_is_defined_once(sizes):
    source = write_step(*sizes)
    step = ast.parse(source).body[0]
    targets = [
        name.id
        for node in ast.walk(step)
        if isinstance(node, ast.Assign | ast.For)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    ]
    assert len(targets) == len(set(targets))  # w_1_12 and w_11_2 are not one name
    d, q, l = sizes  # noqa: E741
    assert len(compile_step(source)([0.1] * ((d + l + 1) * q + l), [([1.0] * d, [1.0] * l)], 1))


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ((0, 2, 1), ValueError, "d must be at least 1, got 0"),
        ((2, 2.0, 1), TypeError, "q must be a whole number"),
        ((2, 2, "1"), TypeError, "l must be a whole number"),
        ((784, 30, 10), ValueError, "d, q, l must be small: 784-30-10 has 23,860 parameters"),
    ],
)
def test_sizes_that_do_not_fit_are_named(sizes, error, message):
    with pytest.raises(error, match=message):
        write_step(*sizes)


@pytest.mark.parametrize(
    ("source", "error"), [(None, TypeError), (b"step = 1", TypeError), ("x = 1", ValueError)]
)
def test_what_is_no_step_is_refused(source, error):
    with pytest.raises(error, match="source must be text from write_step"):
        compile_step(source)
