"""Data sets: the logic gates, the worked example of SOURCES D, and handwritten digits."""

import io
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .validation import as_array, as_choice, as_count, as_fraction, as_rng

GATES = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "NAND": (1, 1, 1, 0), "XOR": (0, 1, 1, 0)}


class Gate(NamedTuple):
    """Inputs `X`, (4, 2), and labels `y`, (4,), of a logic gate."""

    X: np.ndarray
    y: np.ndarray


def gate(name):
    """Return the truth table of a logic gate, rows 00, 01, 10, 11 (SOURCES A1, A4).

    Parameters
    ----------
    name : {"AND", "OR", "NAND", "XOR"}

    Returns
    -------
    Gate
        ``X`` of shape (4, 2), floats; ``y`` of shape (4,), whole numbers 0 and 1.

    Raises
    ------
    TypeError, ValueError
        When `name` is none of these texts.

    Examples
    --------
    >>> gate("XOR").y.tolist()
    [0, 1, 1, 0]
    """
    labels = GATES[as_choice("name", name, GATES)]
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return Gate(X, np.array(labels, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class WorkedExample:
    """The 2-2-2 network of SOURCES D, one sample, its parameters and its learning rate.

    Attributes
    ----------
    x, y : ndarray, shape (2,)
        The sample and its targets.
    weights : tuple of ndarray, each (2, 2)
        w1..w4 and w5..w8; a column holds the weights *into* one unit.
    thresholds : tuple of ndarray, each (2,)
        The source adds b1 = 0.35 and b2 = 0.60 and holds them fixed; here they are subtracted, so
        their signs are turned.
    eta : float
        The learning rate.
    """

    x: np.ndarray
    y: np.ndarray
    weights: tuple[np.ndarray, np.ndarray]
    thresholds: tuple[np.ndarray, np.ndarray]
    eta: float


def worked_example():
    """Return the worked example in numbers (SOURCES D, after Matt Mazur); fresh arrays.

    Examples
    --------
    >>> worked_example().weights[0].tolist()
    [[0.15, 0.25], [0.2, 0.3]]
    """
    return WorkedExample(
        x=np.array([0.05, 0.10]),
        y=np.array([0.01, 0.99]),
        weights=(
            np.array([[0.15, 0.25], [0.20, 0.30]]),
            np.array([[0.40, 0.50], [0.45, 0.55]]),
        ),
        thresholds=(np.array([-0.35, -0.35]), np.array([-0.60, -0.60])),
        eta=0.5,
    )


class Digits(NamedTuple):
    """Images `X`, (1797, 64), floats from 0 (paper) to 1 (ink); labels `y`, (1797,), 0 to 9."""

    X: np.ndarray
    y: np.ndarray


class Split(NamedTuple):
    """Samples to learn from, and samples held out to test on; the order is scikit-learn's."""

    X_train: np.ndarray
    X_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray


def digits():
    """Return 1,797 handwritten digits of 8 by 8 pixels (Alpaydin and Kaynak, 1998); fresh arrays.

    Returns
    -------
    Digits
        ``X`` of shape (1797, 64), floats in 0..1, an image row by row: ``X[k].reshape(8, 8)``;
        ``y`` of shape (1797,), whole numbers 0 to 9.

    Notes
    -----
    From "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, CC BY 4.0;
    ``datasets/digits.txt`` says more. The source counts 0..16, here divided by 16. The file comes
    with the package: nothing is downloaded.

    Examples
    --------
    >>> X, y = digits()
    >>> X.shape, y[:5].tolist()
    ((1797, 64), [0, 1, 2, 3, 4])
    """
    from importlib import resources  # only here: it loads more than the rest of this package

    file = resources.files(__package__) / "datasets" / "digits.npz"
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
        return Digits(stored["images"] / 16.0, stored["labels"].astype(np.int64))


def split(X, y, *, test_fraction=0.2, rng=0):
    """Shuffle the samples and hold some of them out.

    Parameters
    ----------
    X : array_like, shape (N, d)
    y : array_like, shape (N,) or (N, l)
        Labels or targets; kept as whole numbers where they are.
    test_fraction : float
        Between 0 and 1, both excluded; rounded to whole samples, at least one on each side.
    rng : int or numpy.random.Generator
        For the shuffling.

    Returns
    -------
    Split
        Copies; no sample is on both sides.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Examples
    --------
    >>> X_train, X_test, y_train, y_test = split([[1.0], [2.0], [3.0], [4.0]], [1, 2, 3, 4])
    >>> len(X_train), len(X_test)
    (3, 1)
    """
    X = as_array("X", X)
    as_array("y", y)  # for its checks: labels keep their whole numbers
    y = np.asarray(y)
    if X.ndim == 0 or len(X) < 2:
        raise ValueError(f"X must have 2 samples or more, got shape {X.shape}")
    if y.ndim == 0 or len(y) != len(X):
        raise ValueError(f"y must have one entry a sample, {len(X)} as X has, got shape {y.shape}")
    fraction = as_fraction("test_fraction", test_fraction)
    if fraction == 0:
        raise ValueError("test_fraction must be above 0, got 0")
    n_test = min(max(1, math.floor(fraction * len(X) + 0.5)), len(X) - 1)
    order = as_rng(rng).permutation(len(X))
    test, train = order[:n_test], order[n_test:]
    return Split(X[train], X[test], y[train], y[test])


def one_hot(y, n_classes):
    """Return a row for each label, 1 in the label's column and 0 elsewhere.

    Parameters
    ----------
    y : array_like, shape (N,)
        Whole numbers from 0 to ``n_classes - 1``.
    n_classes : int

    Returns
    -------
    ndarray, shape (N, n_classes)
        Floats; every row sums to 1.

    Raises
    ------
    TypeError, ValueError
        When `y` is not of one axis, or holds anything but such numbers.

    Examples
    --------
    >>> one_hot([2, 0], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    labels = as_array("y", y, ndim=1)
    n_classes = as_count("n_classes", n_classes)
    others = labels[(labels < 0) | (labels >= n_classes) | (labels != np.floor(labels))]
    if others.size:
        raise ValueError(f"y must hold whole numbers from 0 to {n_classes - 1}, got {others[0]:g}")
    return np.eye(n_classes)[labels.astype(np.int64)]
