"""Error functions with their gradients, each with its reduction stated.

The error of one sample always *sums* over the outputs (SOURCES A8; C divides by their number).
Over the samples, ``reduction="mean"`` divides by their number N (SOURCES E3) and ``"sum"`` does
not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .validation import TooLargeError, as_array, as_choice

REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True)
class Loss:
    """An error function.

    Parameters
    ----------
    name : str
        The name a network knows it by.
    of_samples : callable
        ``(y_hat, y)``, both (N, l), to the error of each sample, (N,); real or complex `y_hat`.
    slope : callable
        ``(y_hat, y)`` to the derivative of each sample's error by its outputs, (N, l).
    refuse : callable, optional
        ``(y_hat, y)``; raises a ``ValueError`` when the numbers mean nothing to this function.

    Examples
    --------
    >>> half_squared_error.value([[0.0, 2.0]], [[1.0, 0.0]])
    2.5
    """

    name: str
    of_samples: Callable = field(repr=False)
    slope: Callable = field(repr=False)
    refuse: Callable | None = field(default=None, repr=False)

    @np.errstate(all="ignore")  # an error too large for a float is reported below
    def value(self, y_hat, y, reduction="mean"):
        """Return the error of all samples as one float.

        Parameters
        ----------
        y_hat, y : array_like, shape (N, l)
            Outputs and targets, one row a sample.
        reduction : {"mean", "sum"}
            Over the samples; the outputs of one sample are always summed.

        Raises
        ------
        TypeError, ValueError
            For anything but two finite arrays of one shape (N, l) and a known reduction, and when
            the error is too large for a float.

        Examples
        --------
        >>> half_squared_error.value([[1.0], [1.0]], [[0.0], [0.0]], reduction="sum")
        1.0
        """
        y_hat, y, share = self._checked(y_hat, y, reduction)
        error = float(self.of_samples(y_hat, y).sum() * share)
        if not np.isfinite(error):
            raise TooLargeError("y_hat and y are too far apart: the error is too large for a float")
        return error

    def gradient(self, y_hat, y, reduction="mean"):
        """Return the derivative of `value` by every entry of `y_hat`.

        Parameters
        ----------
        y_hat, y : array_like, shape (N, l)
            Outputs and targets, one row a sample.
        reduction : {"mean", "sum"}
            As in `value`.

        Returns
        -------
        ndarray, shape (N, l)

        Raises
        ------
        TypeError, ValueError
            As `value` does.

        Examples
        --------
        >>> half_squared_error.gradient([[0.0, 2.0]], [[1.0, 0.0]]).tolist()
        [[-1.0, 2.0]]
        """
        y_hat, y, share = self._checked(y_hat, y, reduction)
        return self.slope(y_hat, y) * share

    def _checked(self, y_hat, y, reduction):
        y_hat, y, share = _checked(y_hat, y, reduction)
        if self.refuse is not None:
            self.refuse(y_hat, y)
        return y_hat, y, share


def _checked(y_hat, y, reduction):
    y_hat = as_array("y_hat", y_hat)
    if y_hat.ndim != 2:
        raise ValueError(
            f"y_hat must have shape (N, l), one row a sample, got {y_hat.shape}; "
            "use [np.newaxis, :] for one sample, [:, np.newaxis] for one output"
        )
    y = as_array("y", y, shape=y_hat.shape)
    share = 1 / len(y) if as_choice("reduction", reduction, REDUCTIONS) == "mean" else 1.0
    return y_hat, y, share


def _half_squares(y_hat, y):
    return 0.5 * ((y - y_hat) ** 2).sum(axis=1)


def _half_squares_slope(y_hat, y):
    return -(y - y_hat)


half_squared_error = Loss("half_squared_error", _half_squares, _half_squares_slope)

# Far below any output that matters: an output that underflows to 0 counts as this.
SMALLEST = np.finfo(float).tiny


def _cross_entropies(y_hat, y):
    return -(y * np.log(_above_zero(y_hat))).sum(axis=1)


def _cross_entropies_slope(y_hat, y):
    return -y / _above_zero(y_hat)


def _above_zero(y_hat):
    return np.where(np.real(y_hat) > SMALLEST, y_hat, SMALLEST)


def _refuse_no_shares(y_hat, y):
    if (y_hat < 0).any():
        raise ValueError(f"y_hat must hold probabilities, got {y_hat.min():g}")
    if (y < 0).any():
        raise ValueError(f"y must hold probabilities, got {y.min():g}")
    sums = y.sum(axis=1)
    off = np.flatnonzero(np.abs(sums - 1) > 1e-6)
    if off.size:
        raise ValueError(
            f"y must have rows that sum to 1, got {sums[off[0]]:g} in row {off[0]}; "
            "for labels use one_hot"
        )


# -sum_j y_j ln y_hat_j, between the shares y and y_hat of the classes. No sample costs more than
# about 708, what an output of SMALLEST costs: so the error stays finite for any outputs.
cross_entropy = Loss("cross_entropy", _cross_entropies, _cross_entropies_slope, _refuse_no_shares)

LOSSES = {loss.name: loss for loss in (half_squared_error, cross_entropy)}


def softmax_delta(y_hat, y, reduction="mean"):
    """Return the derivative of the cross-entropy by softmax's net inputs: ``y_hat - y``.

    Softmax is not elementwise, so its step back is the Jacobian's (SOURCES E10)::

        dE/du_n = sum_j dE/dy_hat_j * dy_hat_j/du_n
                = sum_j (-y_j / y_hat_j) * y_hat_j ([j = n] - y_hat_n)
                = y_hat_n sum_j y_j - y_n

    which is ``y_hat_n - y_n``, since every row of `y` sums to 1. The quotients cancel, so nothing
    is divided by an output near 0. It holds for softmax with `cross_entropy`, and for no other pair
    in this package; a half squared error behind the identity gives the same difference because
    its slope is 1.

    Parameters
    ----------
    y_hat, y : array_like, shape (N, l)
        Softmax's outputs, and targets whose rows sum to 1.
    reduction : {"mean", "sum"}
        Over the samples, as in `Loss.value`.

    Returns
    -------
    ndarray, shape (N, l)

    Raises
    ------
    TypeError, ValueError
        As ``cross_entropy.value`` does.

    Examples
    --------
    >>> softmax_delta([[0.25, 0.75]], [[0.0, 1.0]]).tolist()
    [[0.25, -0.25]]
    """
    y_hat, y, share = cross_entropy._checked(y_hat, y, reduction)
    return (y_hat - y) * share


def get_loss(name):
    """Return the error function called `name`; a `Loss` of your own is returned as it is.

    Raises
    ------
    TypeError
        When `name` is neither text nor a `Loss`.
    ValueError
        When no error function has that name.

    Examples
    --------
    >>> get_loss("half_squared_error").name
    'half_squared_error'
    """
    if isinstance(name, Loss):
        return name
    return LOSSES[as_choice("loss", name, LOSSES)]
