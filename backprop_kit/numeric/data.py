"""Small data sets: the logic gates, and the worked example of SOURCES D."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .validation import as_choice

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
