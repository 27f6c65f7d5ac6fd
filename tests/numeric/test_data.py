from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_kit import digits, gate, one_hot, split, worked_example


def test_gates():
    X = gate("AND").X
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    truth = {"AND": all, "OR": any, "NAND": lambda x: not all(x), "XOR": lambda x: x[0] != x[1]}
    for name, rule in truth.items():
        assert gate(name).y.tolist() == [int(rule(x)) for x in X.astype(int).tolist()]
    assert gate("XOR").X is not gate("XOR").X


@pytest.mark.parametrize(("name", "error"), [("and", ValueError), (3, TypeError)])
def test_gates_check_the_name(name, error):
    with pytest.raises(error, match="name must be one of 'AND', 'OR', 'NAND', 'XOR', got"):
        gate(name)


def test_the_worked_example_turns_the_intercepts_sign():
    example = worked_example()
    assert example.thresholds[0].tolist() == [-0.35, -0.35]
    assert example.thresholds[1].tolist() == [-0.60, -0.60]
    assert example.weights[1][:, 0].tolist() == [0.40, 0.45]  # w5 and w6 go into o1


def test_the_digits_are_those_of_the_source():
    X, y = digits()
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((1797, 64), np.float64, (1797,), np.int64)
    # The class counts that the source lists for its test set (optdigits.tes).
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert set(np.unique(X * 16)) == set(range(17))
    # The first image, a zero, as the source's first line has it.
    assert (X[0] * 16).astype(int)[:16].tolist() == [
        *(0, 0, 5, 13, 9, 1, 0, 0),
        *(0, 0, 13, 15, 10, 15, 5, 0),
    ]
    X[:] = 0  # fresh arrays: the next reader gets the whole set
    assert digits().X.max() == 1


def test_the_digits_come_with_their_source_and_licence():
    folder = resources.files("backprop_kit.numeric") / "datasets"
    text = (folder / "digits.txt").read_text(encoding="utf-8")
    for name in ("Alpaydin", "Kaynak", "UCI", "CC BY 4.0", "https://"):
        assert name in text
    assert len((folder / "digits.npz").read_bytes()) < 120_000


@given(st.integers(2, 40), st.floats(0.001, 0.999), st.integers(0, 99))
def test_a_split_loses_nothing_and_shares_nothing(n, fraction, seed):
    X, y = np.arange(n)[:, np.newaxis] * 1.0, np.arange(n)
    parts = split(X, y, test_fraction=fraction, rng=seed)
    assert sorted([*parts.y_train, *parts.y_test]) == list(range(n))
    assert len(parts.y_test) == min(max(1, int(fraction * n + 0.5)), n - 1)
    assert parts.X_train[:, 0].tolist() == parts.y_train.tolist()
    assert parts.X_test[:, 0].tolist() == parts.y_test.tolist()
    again = split(X, y, test_fraction=fraction, rng=seed)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))
    assert parts.y_test.dtype == y.dtype
    assert not np.shares_memory(parts.X_train, X)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"X": [[1.0]]}, ValueError, "X must have 2 samples or more"),
        ({"X": 1.0}, ValueError, "X must have 2 samples or more"),
        ({"y": [1, 2]}, ValueError, "y must have one entry a sample, 3 as X has"),
        ({"y": ["a", "b", "c"]}, TypeError, "y must hold real numbers"),
        ({"test_fraction": 0}, ValueError, "test_fraction must be above 0"),
        ({"test_fraction": 1}, ValueError, "test_fraction must be at least 0 and below 1"),
        ({"test_fraction": None}, TypeError, "test_fraction must be a number"),
        ({"rng": None}, TypeError, "rng must be"),
    ],
)
def test_split_checks_its_arguments(changes, error, message):
    arguments = {"X": np.ones((3, 2)), "y": [0, 1, 2], "test_fraction": 0.5, "rng": 0, **changes}
    with pytest.raises(error, match=message):
        split(arguments.pop("X"), arguments.pop("y"), **arguments)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_one_hot_is_undone_by_the_largest_entry(labels):
    rows = one_hot(labels, 7)
    assert rows.shape == (len(labels), 7)
    assert rows.argmax(axis=1).tolist() == labels
    assert rows.sum(axis=1).tolist() == [1.0] * len(labels)


@pytest.mark.parametrize(
    ("y", "n_classes", "error", "message"),
    [
        ([0, 3], 3, ValueError, "y must hold whole numbers from 0 to 2, got 3"),
        ([0, -1], 3, ValueError, "y must hold whole numbers from 0 to 2, got -1"),
        ([0.5], 3, ValueError, "y must hold whole numbers from 0 to 2, got 0.5"),
        ([[0, 1]], 3, ValueError, "y must have 1 axes"),
        (["0"], 3, TypeError, "y must hold real numbers"),
        ([0], 0, ValueError, "n_classes must be at least 1"),
    ],
)
def test_one_hot_checks_its_arguments(y, n_classes, error, message):
    with pytest.raises(error, match=message):
        one_hot(y, n_classes)
