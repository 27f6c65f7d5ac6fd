"""What a gradient check leaves to the eye: given over expected, entry by entry.

A check says which block differs; the pattern of its ratios says why.  A constant ratio is a
constant that is wrong, one ratio for each unit is a factor of that unit.
"""

from dataclasses import dataclass

import numpy as np

from backprop_kit.numeric import Network, gradients_of_step, numeric_gradients
from backprop_kit.numeric.validation import as_choice

BLOCKS = {"W1": "ih", "theta1": "h", "W2": "hj", "theta2": "j"}
_NOTHING = 1e-6  # what is smaller beside the largest entry of its block is 0 but for rounding


@dataclass(frozen=True, eq=False)
class Ratios:
    """The ratios of all blocks; it prints as one table for each.

    Attributes
    ----------
    given, expected : dict of str to ndarray
        The network's gradients and the measured ones, by block.
    """

    given: dict
    expected: dict

    def of(self, block: str) -> np.ndarray:
        """Return given / expected of one block; NaN where the expected one is 0."""
        as_choice("block", block, BLOCKS)
        expected = self.expected[block]
        blank = np.where(np.abs(expected) > _NOTHING * np.abs(expected).max(), expected, np.nan)
        return self.given[block] / blank

    def __repr__(self):
        """Return the tables, one below the other."""
        tables = (_table(self.of(name), name) for name in BLOCKS)
        return "given / expected\n" + "\n".join(tables)


@dataclass(frozen=True, eq=False)
class SideBySide:
    """One block: what is given, what is expected, and the ratio.

    Attributes
    ----------
    block : str
    ratios : Ratios
    """

    block: str
    ratios: Ratios

    def __repr__(self):
        """Return the three tables, one below the other."""
        tables = {
            "given": (self.ratios.given[self.block], "+.5f"),
            "expected": (self.ratios.expected[self.block], "+.5f"),
            "given / expected": (self.ratios.of(self.block), "+.3f"),
        }
        return "\n".join(
            f"{title}\n{_table(values, self.block, form)}"
            for title, (values, form) in tables.items()
        )


def ratios(network: Network, X, Y, *, eta: float | None = None) -> Ratios:
    """Divide a network's gradients by measured ones, entry by entry.

    Parameters
    ----------
    network : Network
        With one hidden layer; left unchanged.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    eta : float, optional
        With it, the network takes a step of this rate, and what its step makes of the gradients,
        ``(old - new) / eta``, is divided instead; see `check_step`.

    Returns
    -------
    Ratios

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Examples
    --------
    >>> network = Network((1, 2, 1))
    >>> ratios(network, [[1.0]], [[0.0]])
    given / expected
    W1          h = 1    h = 2
      i = 1    +1.000   +1.000
    theta1      h = 1    h = 2
               +1.000   +1.000
    W2          j = 1
      h = 1    +1.000
      h = 2    +1.000
    theta2      j = 1
               +1.000
    """
    expected = numeric_gradients(network, X, Y, method="complex")
    if len(network.sizes) != 3:
        raise ValueError(f"network must have one hidden layer, got {network!r}")
    given = network.backward(network.forward(X), Y)
    if eta is not None:
        given = gradients_of_step(network, X, Y, eta)
    return Ratios(_by_block(given), _by_block(expected))


def side_by_side(network: Network, X, Y, block: str, *, eta: float | None = None) -> SideBySide:
    """Show one block of a network's gradients above the measured one.

    Parameters
    ----------
    network, X, Y, eta
        As in `ratios`.
    block : {"W1", "theta1", "W2", "theta2"}

    Returns
    -------
    SideBySide

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Examples
    --------
    >>> network = Network.from_parameters([[[1.0]], [[1.0]]], [[0.0], [0.0]])
    >>> side_by_side(network, [[1.0]], [[0.0]], "theta2")
    given
    theta2      j = 1
             -0.14808
    expected
    theta2      j = 1
             -0.14808
    given / expected
    theta2      j = 1
               +1.000
    """
    as_choice("block", block, BLOCKS)
    return SideBySide(block, ratios(network, X, Y, eta=eta))


def _by_block(gradients):
    (v, w), (gamma, theta) = gradients.weights, gradients.thresholds
    return dict(zip(BLOCKS, (v, gamma, w, theta), strict=True))


def _table(values, name, form="+.3f"):
    """Return a block as text: links come from the unit of the row and go to that of the column."""
    *rows, column = BLOCKS[name]
    head = f"{name:<8}" + "".join(f"{f'{column} = {k + 1}':>9}" for k in range(values.shape[-1]))
    labels = [f"  {rows[0]} = {k + 1}" for k in range(len(values))] if rows else [""]
    lines = (
        f"{label:<8}" + "".join(f" {_entry(value, form):>8}" for value in row)
        for label, row in zip(labels, np.atleast_2d(values), strict=True)
    )
    return "\n".join((head, *lines))


def _entry(value, form):
    if np.isnan(value):
        return "-"
    text = format(value, form)
    return "0" if float(text) == 0 else text
