"""The states of a loss landscape: the error over two parameters, and a path of descent on it."""

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from backprop_kit.numeric.many import loss_grid
from backprop_kit.numeric.validation import TooLargeError

_GRID = 41  # places along each axis of the map


@dataclass(frozen=True, eq=False)
class Landscape:
    """The error over two parameters, all the others held.

    Attributes
    ----------
    names : tuple of str
        The first parameter goes across, the second up.
    own : tuple of float
        Where the network itself stands.
    held : int
        How many parameters are held.
    values : ndarray, shape (n,)
        Of both parameters.
    errors : ndarray, shape (n, n)
        The mean error; ``errors[i, k]`` with ``values[i]`` across and ``values[k]`` up.
    """

    names: tuple[str, str]
    own: tuple[float, float]
    held: int
    values: np.ndarray
    errors: np.ndarray


@dataclass(frozen=True, eq=False)
class Descent:
    """Gradient descent that moves two parameters.

    Attributes
    ----------
    names : tuple of str
    eta : float
    places : ndarray, shape (steps + 1, 2)
    errors : ndarray, shape (steps + 1,)
    slopes : ndarray, shape (steps + 1, 2)
        Of the mean error by the two, at each place.
    too_large : bool
        The next step would leave the range of a float.
    """

    names: tuple[str, str]
    eta: float
    places: np.ndarray
    errors: np.ndarray
    slopes: np.ndarray
    too_large: bool

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.errors) - 1

    @property
    def rose(self) -> np.ndarray:
        """Which steps made the error larger; rounding does not count, shape (steps,)."""
        return np.diff(self.errors) > 1e-12 * np.maximum(1, self.errors[:-1])

    @property
    def rises_at_the_end(self) -> int:
        """How many steps, without a break up to the last, made the error larger."""
        return self.steps - int(np.flatnonzero(np.append(True, ~self.rose))[-1])


def parameter_places(sizes) -> dict[str, tuple[int, ...]]:
    """Return where each parameter of a network stands, by its name in the pictures.

    Parameters
    ----------
    sizes : sequence of int

    Returns
    -------
    dict
        As `loss_grid` counts: ``(layer, i, j)`` is a weight, ``(layer, j)`` a threshold.

    Examples
    --------
    >>> parameter_places((2, 1, 1))
    {'v_11': (1, 1, 1), 'v_21': (1, 2, 1), 'gamma_1': (1, 1), 'w_11': (2, 1, 1), 'theta_1': (2, 1)}
    >>> list(parameter_places((1, 1, 1, 1)))[:3]
    ['w^(1)_11', 'theta^(1)_1', 'w^(2)_11']
    """
    layers = len(sizes) - 1
    found = {}
    for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        letters = [("v", "gamma"), ("w", "theta")][layer - layers - 1] if layers < 3 else None
        weight, threshold = letters or (f"w^({layer})", f"theta^({layer})")
        for i, j in product(range(1, n_in + 1), range(1, n_out + 1)):
            comma = "," if max(i, j) > 9 else ""
            found[f"{weight}_{i}{comma}{j}"] = layer, i, j
        found |= {f"{threshold}_{j}": (layer, j) for j in range(1, n_out + 1)}
    return found


def _entry(parts, place):
    """Return the array and the index at a place of a network, or of gradients."""
    layer, *units = place
    blocks = parts.weights if len(units) == 2 else parts.thresholds
    return blocks[layer - 1], tuple(unit - 1 for unit in units)


def _set(network, places, values):
    for place, value in zip(places, values, strict=True):
        array, index = _entry(network, place)
        array[index] = value


def values_at(parts, places) -> tuple[float, ...]:
    """Return the numbers at places of a network, or of gradients.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> values_at(Network.from_parameters([[[2.0]]], [[3.0]]), [(1, 1, 1), (1, 1)])
    (2.0, 3.0)
    """
    return tuple(float(array[index]) for array, index in (_entry(parts, p) for p in places))


def two_places(network, names) -> list[tuple[int, ...]]:
    """Return where two parameters stand; raise if one is none or both are the same.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> two_places(Network((2, 1)), ("w_21", "theta_1"))
    [(1, 2, 1), (1, 1)]
    """
    known = parameter_places(network.sizes)
    for name in names:
        if name not in known:
            raise ValueError(f"there is no parameter {name!r}, only {', '.join(known)}")
    if names[0] == names[1]:
        raise ValueError(f"the two parameters must differ, got {names[0]} twice")
    return [known[name] for name in names]


def landscape(network, X, Y, names, limits) -> Landscape:
    """Compute the map of the error over two parameters.

    Parameters
    ----------
    network : Network
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    names : tuple of str
        Two of `parameter_places`.
    limits : tuple of float
        The ends of the map, of both parameters.

    Raises
    ------
    TypeError, ValueError
        If there is no such parameter, both are the same, or `X` and `Y` do not fit.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> neuron = Network.from_parameters([[[2.0], [0.0]]], [[0.0]], activation="identity")
    >>> found = landscape(neuron, [[1, 1]], [[3]], ("w_11", "w_21"), (0, 2))
    >>> print(found.own, found.errors[0, 0], found.errors[-1, -1])
    (2.0, 0.0) 4.5 0.5
    """
    places = two_places(network, names)
    values = np.linspace(*limits, _GRID)
    errors = loss_grid(network, X, Y, *places, values, values)
    if not np.isfinite(errors).all():
        raise ValueError(f"limits {limits} are too far apart: an error is too large for a float")
    own = values_at(network, places)
    return Landscape(tuple(names), own, network.n_parameters - 2, values, errors)


def descend(network, X, Y, names, start, *, eta, steps) -> Descent:
    """Do gradient descent on two parameters of a network, all the others held.

    Parameters
    ----------
    network : Network
        Not changed; only the values of the other parameters matter.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    names : tuple of str
        Two of `parameter_places`.
    start : tuple of float
    eta : float
    steps : int
        Fewer are taken where a number becomes too large for a float.

    Raises
    ------
    TypeError, ValueError
        As `landscape` does.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> neuron = Network.from_parameters([[[0.0], [0.0]]], [[0.0]], activation="identity")
    >>> path = descend(neuron, [[1, 1]], [[3]], ("w_11", "w_21"), (0, 0), eta=0.5, steps=1)
    >>> path.places.tolist(), path.errors.tolist()
    ([[0.0, 0.0], [1.5, 1.5]], [4.5, 0.0])
    """
    places = two_places(network, names)
    trial, at, too_large = network.copy(), np.array(start, float), False
    found = []
    while len(found) <= steps and not too_large:
        try:
            _set(trial, places, at)
            slope = np.array(values_at(trial.backward(trial.forward(X), Y), places))
            found.append((at, trial.loss(X, Y), slope))
            with np.errstate(over="ignore"):
                at = at - eta * slope
            too_large = not np.isfinite(at).all()
        except TooLargeError:
            if not found:
                raise
            too_large = True
    at, errors, slopes = (np.array(part) for part in zip(*found, strict=True))
    return Descent(tuple(names), float(eta), at, errors, slopes, too_large and len(found) <= steps)
