"""Many networks of one shape at once: restarts, learning rates, loss landscapes.

The arrays of `Network.forward` and `Network.backward` get one axis more, the last: one entry for
each network. One NumPy call then serves them all, and for small networks the calls are the cost.
"""

import numpy as np
from numpy import add, multiply, subtract

from .activations import softmax
from .losses import LOSSES, half_squared_error
from .network import Network, require_network
from .validation import as_array, as_count, as_positive
from .workspace import in_place, parameter_views

MOST_NETWORKS = 2048  # at a time; more gain nothing
MOST_NUMBERS = 2**18  # in one buffer: what a processor keeps near


def train_many(networks, X, Y, *, eta, epochs):
    """Train many networks in place, each by full-batch gradient descent on its own mean error.

    Each network goes where ``train(network, X, Y, eta=eta, epochs=epochs)`` takes it. A thousand
    small networks take about a hundredth of the time; large ones gain nothing.

    Parameters
    ----------
    networks : sequence of Network
        R of them, different in their parameters alone.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    eta : float or array_like, shape (R,)
        The learning rate, above 0: one for all, or one for each network.
    epochs : int
        How many steps; 0 is allowed.

    Returns
    -------
    ndarray, shape (epochs + 1, R)
        The mean error of each network before each epoch, and after the last; infinity when it, or
        in the end a parameter, is too large for a float. Such a network stays as it was.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit: then every network is unchanged.

    Examples
    --------
    >>> networks = [Network.from_parameters([[[w]]], [[0]], activation="identity") for w in (0, 4)]
    >>> train_many(networks, [[1.0]], [[2.0]], eta=0.5, epochs=1).tolist()
    [[2.0, 2.0], [0.0, 0.0]]
    >>> [network.weights[0].item() for network in networks]
    [1.0, 3.0]
    """
    networks = _as_networks(networks)
    first, n_networks = networks[0], len(networks)
    eta = _as_rates(eta, n_networks)
    epochs = as_count("epochs", epochs, minimum=0)
    first.loss(X, Y)  # checks X and Y
    X, Y = np.array(X, dtype=float), np.array(Y, dtype=float)
    parameters, rates = _stacked(networks), eta / len(X)

    losses = np.empty((epochs + 1, n_networks))
    for part in _parts(n_networks, first, len(X)):
        stack = _Stack(first, X, Y, parameters[:, part])
        losses[0, part] = stack.errors()
        for epoch in range(1, epochs + 1):
            stack.step(rates[part])
            losses[epoch, part] = stack.errors()
        parameters[:, part] = stack.parameters

    losses[np.isnan(losses)] = np.inf
    losses[-1, ~np.isfinite(parameters).all(axis=0)] = np.inf
    for network, flat, error in zip(networks, parameters.T.copy(), losses[-1], strict=True):
        if error < np.inf:
            network._weights, network._thresholds = parameter_views(flat, network.sizes)
    return losses


def loss_grid(network, X, Y, first, second, first_values, second_values):
    """Return the mean error with two parameters varied and the others held: a piece of landscape.

    Parameters
    ----------
    network : Network
        Not changed.
    X : array_like, shape (N, d)
    Y : array_like, shape (N, l)
    first, second : tuple of int
        Which parameters, counted from 1 as in `network_diagram`: ``(layer, i, j)`` is the weight
        from unit i to unit j of that layer, ``(layer, j)`` the threshold of its unit j. So w_21 of
        a d-q-l network is ``(2, 2, 1)``, and gamma_2 is ``(1, 2)``.
    first_values, second_values : array_like, shapes (n1,) and (n2,)

    Returns
    -------
    ndarray, shape (n1, n2)
        Infinity where the error is too large for a float.

    Raises
    ------
    TypeError, ValueError
        When an argument does not fit.

    Examples
    --------
    >>> network = Network.from_parameters([[[1.0]]], [[0.0]], activation="identity")
    >>> loss_grid(network, [[1.0]], [[0.0]], (1, 1, 1), (1, 1), [0, 2], [0, 2]).tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    _as_networks([network])
    network.loss(X, Y)  # checks X and Y
    X, Y = np.array(X, dtype=float), np.array(Y, dtype=float)
    places = _place(network, "first", first), _place(network, "second", second)
    if places[0] == places[1]:
        raise ValueError(f"second must be another parameter than first, got {second} twice")
    values1 = as_array("first_values", first_values, ndim=1)
    values2 = as_array("second_values", second_values, ndim=1)
    points = np.stack(np.meshgrid(values1, values2, indexing="ij")).reshape(2, -1)

    errors = np.empty(points.shape[1])
    for part in _parts(len(errors), network, len(X)):
        parameters = np.repeat(_stacked([network]), errors[part].size, axis=1)
        parameters[places, :] = points[:, part]
        errors[part] = _Stack(network, X, Y, parameters).errors()
    errors[np.isnan(errors)] = np.inf
    return errors.reshape(len(values1), len(values2))


class _Stack:
    """R networks with the layout of `network`; every buffer is (..., R)."""

    def __init__(self, network, X, Y, parameters):
        self.X, self.Y, self.loss = X, Y[:, :, np.newaxis], network._loss
        self.minus_ones = np.full(len(X), -1.0)
        self.parameters = np.ascontiguousarray(parameters)
        self.moves = np.empty_like(self.parameters)
        weights, thresholds = parameter_views(self.parameters, network.sizes)
        move_w, move_theta = parameter_views(self.moves, network.sizes)
        last = len(weights) - 1

        def buffers():
            shapes = [(len(X), size, self.parameters.shape[1]) for size in network.sizes[1:]]
            return [np.empty(shape) for shape in shapes]

        outputs, deltas, slopes = buffers(), buffers(), buffers()
        self.y_hat, self.difference = outputs[-1], np.empty_like(outputs[-1])  # y - y_hat
        f, self.slope = in_place(network._activation, float)
        f_output, slope_of_output = in_place(network._output, float)
        functions = [f] * last + [f_output]

        # The first layer is one matrix product for all networks, since all see the same X.
        self.first = _rows(weights[0]), _rows(outputs[0])
        self.up = list(
            zip([None, *outputs[:-1]], weights, thresholds, functions, outputs, strict=True)
        )
        # Softmax with cross-entropy: the slope has cancelled (see `losses.softmax_delta`).
        self.top = deltas[-1], slopes[-1], None if network._output is softmax else slope_of_output
        self.down = []
        for k in range(last, 0, -1):
            below = outputs[k - 1], deltas[k - 1], slopes[k - 1]
            theta = _rows(deltas[k]), move_theta[k].ravel()
            self.down.append((weights[k], deltas[k], move_w[k], *theta, *below))
        self.bottom = _rows(deltas[0]), _rows(move_w[0]), move_theta[0].ravel()

    @np.errstate(all="ignore")  # what overflows becomes infinity
    def errors(self):
        """Run the forward pass; return each network's mean error, (R,)."""
        self.X.dot(*self.first)
        for b, w, theta, activate, output in self.up:
            if b is not None:
                np.einsum("nhr,hjr->njr", b, w, out=output)
            subtract(output, theta, output)
            activate(output)
        subtract(self.Y, self.y_hat, self.difference)
        if self.loss is half_squared_error:
            squares = np.einsum("njr,njr->r", self.difference, self.difference)
            return squares / (2 * len(self.X))
        return self.loss.of_samples(self.y_hat, self.Y).sum(axis=0) / len(self.X)

    @np.errstate(all="ignore")
    def step(self, rates):
        """Move every parameter downhill from the outputs that `errors` left; (R,) ``eta / N``."""
        slope, minus_ones = self.slope, self.minus_ones
        delta, slopes, slope_of_output = self.top
        multiply(self.difference, rates, delta)  # -eta * dE/dy_hat
        if slope_of_output is not None:
            slope_of_output(self.y_hat, slopes)
            multiply(delta, slopes, delta)
        for w, delta, move_w, delta_rows, move_theta, b, delta_b, slopes in self.down:
            np.einsum("nhr,njr->hjr", b, delta, out=move_w)
            minus_ones.dot(delta_rows, move_theta)
            np.einsum("njr,hjr->nhr", delta, w, out=delta_b)
            slope(b, slopes)
            multiply(delta_b, slopes, delta_b)
        delta_rows, move_w_rows, move_theta = self.bottom
        self.X.T.dot(delta_rows, move_w_rows)
        minus_ones.dot(delta_rows, move_theta)
        add(self.parameters, self.moves, self.parameters)


def _rows(array):
    return array.reshape(len(array), -1)  # a view: every buffer is contiguous


def _stacked(networks):
    """Return the parameters of all networks, (n_parameters, R)."""
    parameters = np.empty((networks[0].n_parameters, len(networks)))
    weights, thresholds = parameter_views(parameters, networks[0].sizes)
    for layer, (w, theta) in enumerate(zip(weights, thresholds, strict=True)):
        np.stack([network.weights[layer] for network in networks], axis=-1, out=w)
        np.stack([network.thresholds[layer] for network in networks], axis=-1, out=theta)
    return parameters


def _parts(n_networks, network, n_samples):
    numbers = max(network.n_parameters, n_samples * max(network.sizes[1:]))
    size = min(max(MOST_NUMBERS // numbers, 1), MOST_NETWORKS)
    return [slice(k, k + size) for k in range(0, n_networks, size)]


def _as_networks(networks):
    if isinstance(networks, Network) or not hasattr(networks, "__iter__"):
        raise TypeError(f"networks must be a list of networks, got {type(networks).__name__}")
    networks = list(networks)
    if not networks:
        raise ValueError("networks must hold one network at least, got none")
    for k, network in enumerate(networks):
        require_network(network, f"networks[{k}]")
        if _layout(network) != _layout(networks[0]):
            raise ValueError(
                f"networks[{k}] must differ from networks[0] in its parameters alone: "
                f"{network} is not {networks[0]}"
            )
    if networks[0]._loss not in LOSSES.values():
        raise ValueError(
            "networks must have an error function of this package, "
            f"got one of your own, {networks[0]._loss.name!r}"
        )
    if len({id(network) for network in networks}) < len(networks):
        raise ValueError("networks must be different objects, got one of them twice")
    finite = np.isfinite(_stacked(networks)).all(axis=0)
    if not finite.all():
        raise ValueError(f"networks[{finite.argmin()}] holds NaN or infinity; set it right")
    return networks


def _layout(network):
    return network.sizes, network._activation, network._output, network._loss


def _as_rates(eta, n_networks):
    if np.ndim(eta) == 0:
        eta = np.full(n_networks, as_positive("eta", eta))
    eta = as_array("eta", eta, shape=(n_networks,))
    if (eta <= 0).any():
        raise ValueError(f"eta must hold positive numbers, got {eta.min():g}")
    return eta


def _place(network, name, position):
    """Return where the parameter stands in the flat vector."""
    places = parameter_views(np.arange(network.n_parameters), network.sizes)
    if not isinstance(position, tuple) or len(position) not in (2, 3):
        raise TypeError(
            f"{name} must be (layer, i, j) for a weight or (layer, j) for a threshold, "
            f"got {position!r}"
        )
    layer, *units = (as_count(name, number) for number in position)
    blocks = places[0] if len(units) == 2 else places[1]
    try:
        return int(blocks[layer - 1][tuple(unit - 1 for unit in units)])
    except IndexError:
        raise ValueError(
            f"{name} must be a parameter of a {'-'.join(map(str, network.sizes))} network, "
            f"counted from 1, got {position}"
        ) from None
