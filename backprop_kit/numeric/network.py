"""A feed-forward network of any depth: forward pass, backpropagation, one step downhill.

Rows are samples. Layer L has weights of shape (n_in, n_out) and thresholds of shape (n_out,),
which are *subtracted* (SOURCES A7; several layers as in B1 and B2, rows as in E15).
"""

import math
from dataclasses import dataclass

import numpy as np

from .activations import get_activation, get_output, softmax
from .losses import cross_entropy, get_loss, softmax_delta
from .validation import TooLargeError, as_array, as_count, as_positive, as_rng


@dataclass(frozen=True, eq=False)
class Trace:
    """What a forward pass computed, layer by layer.

    Attributes
    ----------
    net_inputs : tuple of ndarray, each (N, n_out)
        ``b @ w`` of each layer, the threshold *not* subtracted: alpha and beta of SOURCES A7.
    outputs : tuple of ndarray, each (N, n)
        One more than layers: ``outputs[0]`` is X, ``outputs[-1]`` is `y_hat`.

    Examples
    --------
    >>> [b.shape for b in Network((3, 4, 2)).forward([[0.0, 1.0, 0.0]]).outputs]
    [(1, 3), (1, 4), (1, 2)]
    """

    net_inputs: tuple[np.ndarray, ...]
    outputs: tuple[np.ndarray, ...]

    @property
    def y_hat(self):
        """The last layer's outputs, (N, l)."""
        return self.outputs[-1]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Derivatives of the error by every parameter, each of its parameter's shape.

    Attributes
    ----------
    weights : tuple of ndarray, each (n_in, n_out)
    thresholds : tuple of ndarray, each (n_out,)

    Examples
    --------
    >>> network = Network((2, 2, 1))
    >>> gradients = network.backward(network.forward([[0.0, 1.0]]), [[1.0]])
    >>> [g.shape for g in gradients.weights], [g.shape for g in gradients.thresholds]
    ([(2, 2), (2, 1)], [(2,), (1,)])
    """

    weights: tuple[np.ndarray, ...]
    thresholds: tuple[np.ndarray, ...]


def propagate(weights, thresholds, functions, X):
    """Run the forward pass on bare arrays, real or complex, without any check.

    Parameters
    ----------
    weights : sequence of ndarray, each (n_in, n_out)
    thresholds : sequence of ndarray, each (n_out,)
    functions : sequence of callable
        The activation of each layer.
    X : ndarray, shape (N, d)

    Returns
    -------
    net_inputs, outputs : tuple of ndarray
        As in `Trace` (SOURCES A7, B3).

    Examples
    --------
    >>> _, outputs = propagate([np.ones((2, 1))], [np.array([0.5])], [abs], np.ones((1, 2)))
    >>> outputs[-1].tolist()
    [[1.5]]
    """
    b = X
    net_inputs = []
    outputs = [X]
    for w, theta, f in zip(weights, thresholds, functions, strict=True):
        alpha = b @ w
        b = f(alpha - theta)
        net_inputs.append(alpha)
        outputs.append(b)
    return tuple(net_inputs), tuple(outputs)


class Network:
    """A feed-forward network, its layers in a row (SOURCES A7, B1).

    Parameters
    ----------
    sizes : sequence of int
        Units in each layer, inputs first: ``(d, q, l)`` for the textbook's network. The inputs
        only carry signals, they are no neurons.
    activation : str or Activation
        One of ``ACTIVATIONS``; of every layer, or of the hidden ones where `output` is given.
    loss : str or Loss
        One of ``LOSSES``.
    output : str or Activation, optional
        The output layer's activation: one of ``ACTIVATIONS``, or ``"softmax"``, which goes with
        ``loss="cross_entropy"`` and with nothing else.
    rng : int or numpy.random.Generator
        For the initial parameters.

    Notes
    -----
    Weights and thresholds start as normal random numbers divided by ``sqrt(n_in)``: net inputs are
    then of order 1 whatever the layer's size, so that no sigmoid starts saturated. With it a 2-2-1
    sigmoid network learns XOR from about 8 of 10 seeds (full batch, eta = 5, 2000 epochs); the
    others stick. Thresholds start off 0 so that the all-zero input does not meet ReLU's kink.

    A student may change an entry in place, ``network.weights[0][1, 0] += 1e-5``. A step puts new
    arrays in place of the old ones, so arrays taken out before it keep the old values.

    Raises
    ------
    TypeError, ValueError
        For sizes that are not two or more whole numbers from 1 on, an unknown activation or loss,
        an `output` and a `loss` that do not go together, or an `rng` that is no seed.

    Examples
    --------
    >>> Network((2, 2, 1))
    Network(2-2-1, sigmoid, half_squared_error, 9 parameters)
    >>> Network((64, 30, 10), output="softmax", loss="cross_entropy")
    Network(64-30-10, sigmoid, softmax, cross_entropy, 2260 parameters)
    """

    def __init__(
        self, sizes, *, activation="sigmoid", loss="half_squared_error", output=None, rng=0
    ):
        self._set_up(sizes, activation, loss, output)
        rng = as_rng(rng)
        weights, thresholds = [], []
        for n_in, n_out in zip(self._sizes[:-1], self._sizes[1:], strict=True):
            weights.append(rng.normal(size=(n_in, n_out)) / math.sqrt(n_in))
            thresholds.append(rng.normal(size=n_out) / math.sqrt(n_in))
        self._weights = tuple(weights)
        self._thresholds = tuple(thresholds)

    @classmethod
    def from_parameters(
        cls, weights, thresholds, *, activation="sigmoid", loss="half_squared_error", output=None
    ):
        """Build a network from given parameters; the arrays are copied.

        Parameters
        ----------
        weights : sequence of array_like, each (n_in, n_out)
        thresholds : sequence of array_like, each (n_out,)
            Subtracted: an added bias ``b`` is the threshold ``-b``.
        activation, loss, output
            As for `Network`.

        Raises
        ------
        TypeError, ValueError
            When the shapes do not chain, or a parameter is not finite.

        Examples
        --------
        >>> Network.from_parameters([[[1.0], [1.0]]], [[1.5]], activation="step").predict([[1, 1]])
        array([[1.]])
        """
        weights = [as_array(f"weights[{k}]", w, ndim=2) for k, w in _listed("weights", weights)]
        thresholds = [as_array(f"thresholds[{k}]", t) for k, t in _listed("thresholds", thresholds)]
        if len(weights) != len(thresholds):
            raise ValueError(
                f"thresholds must be one array a layer: {len(weights)} for these weights, "
                f"got {len(thresholds)}"
            )
        sizes = [len(weights[0]), *(w.shape[1] for w in weights)]
        network = cls.__new__(cls)  # no random start to draw and throw away
        network._set_up(sizes, activation, loss, output)
        network._weights, network._thresholds = network._like_parameters(
            weights, thresholds, ("weights", "thresholds")
        )
        return network

    @property
    def sizes(self):
        """Units in each layer, inputs first."""
        return self._sizes

    @property
    def weights(self):
        """Weights of each layer, (n_in, n_out); entries may be changed in place."""
        return self._weights

    @property
    def thresholds(self):
        """Thresholds of each layer, (n_out,), subtracted; entries may be changed in place."""
        return self._thresholds

    @property
    def activation(self):
        """The activation's name; of the hidden layers, where `output` is another."""
        return self._activation.name

    @property
    def output(self):
        """The name of the output layer's activation."""
        return self._output.name

    @property
    def loss_name(self):
        """The loss's name; `loss` computes it."""
        return self._loss.name

    @property
    def functions(self):
        """The activation of each layer as a bare function, as `propagate` takes them."""
        hidden = len(self._sizes) - 2
        return (self._activation.function,) * hidden + (self._output.function,)

    @property
    def n_parameters(self):
        """How many weights and thresholds: (d + l + 1) q + l for d-q-l (SOURCES A9)."""
        return sum(p.size for p in self._weights + self._thresholds)

    @np.errstate(all="ignore")  # what overflows is reported below
    def forward(self, X):
        """Compute every layer's net inputs and outputs (SOURCES A7, B3).

        Parameters
        ----------
        X : array_like, shape (N, d)
            One row a sample; for a single sample ``x[np.newaxis, :]``.

        Returns
        -------
        Trace
            Fresh arrays.

        Raises
        ------
        TypeError, ValueError
            When `X` does not fit, a parameter is not finite, or a net input overflows.

        Examples
        --------
        >>> Network((2, 1), activation="tanh").forward([[0.0, 0.0]]).net_inputs[0].tolist()
        [[0.0]]
        """
        X = self._as_inputs(X)
        self._require_finite_parameters()
        net_inputs, outputs = propagate(self._weights, self._thresholds, self.functions, X.copy())
        for layer, (alpha, b) in enumerate(zip(net_inputs, outputs[1:], strict=True), start=1):
            if not (np.isfinite(alpha).all() and np.isfinite(b).all()):
                raise TooLargeError(
                    f"X gives net inputs too large for a float in layer {layer}; "
                    "scale X or the parameters down"
                )
        return Trace(net_inputs, outputs)

    @np.errstate(all="ignore")  # what overflows is reported below
    def backward(self, trace, Y, *, reduction="mean"):
        """Return the gradients of ``loss(X, Y)`` by backpropagation (SOURCES A12-A15, E11, E15).

        With ``delta`` the derivative of the error by ``alpha - theta`` of a layer, its weights get
        ``b.T @ delta``, its thresholds ``-delta`` (they are subtracted), both summed over the
        samples. The layer before gets ``delta @ w.T``: the sum over every unit it feeds.
        Softmax with cross-entropy has its own first ``delta``, see `losses.softmax_delta`.

        Parameters
        ----------
        trace : Trace
            From this network's `forward`, its parameters unchanged since.
        Y : array_like, shape (N, l)
            Targets, one row a sample.
        reduction : {"mean", "sum"}
            Over the samples, as in `loss`.

        Returns
        -------
        Gradients
            Fresh arrays; all of them are taken before any parameter moves.

        Raises
        ------
        TypeError, ValueError
            When `trace` or `Y` does not fit, a parameter is not finite, or a gradient overflows.

        Examples
        --------
        >>> network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
        >>> network.backward(network.forward([[3.0]]), [[5.0]]).weights[0].tolist()
        [[3.0]]
        """
        self._require_trace(trace)
        Y = self._as_targets(Y, len(trace.y_hat))
        self._require_finite_parameters()
        weights, thresholds = [], []

        if self._output is softmax:
            delta = softmax_delta(trace.y_hat, Y, reduction)
        else:
            slope = self._output.slope_of_output
            dE_dy_hat = self._loss.gradient(trace.y_hat, Y, reduction)
            delta = dE_dy_hat * slope(trace.y_hat)
        slope = self._activation.slope_of_output
        for layer in reversed(range(len(self._weights))):
            w = self._weights[layer]
            b = trace.outputs[layer]
            grad_w = b.T @ delta
            grad_theta = -delta.sum(axis=0)
            weights.insert(0, grad_w)
            thresholds.insert(0, grad_theta)
            if layer > 0:  # the inputs are no neurons: nothing flows further back
                dE_db = delta @ w.T
                delta = dE_db * slope(b)

        if not all(np.isfinite(g).all() for g in weights + thresholds):
            raise TooLargeError("a gradient is too large for a float; scale X, Y or the parameters")
        return Gradients(tuple(weights), tuple(thresholds))

    def loss(self, X, Y, *, reduction="mean"):
        """Return the error of the network's outputs for `X` against `Y` (SOURCES A8, E3).

        Parameters
        ----------
        X : array_like, shape (N, d)
        Y : array_like, shape (N, l)
        reduction : {"mean", "sum"}
            Over the samples; the outputs of one sample are always summed.

        Raises
        ------
        TypeError, ValueError
            When `X`, `Y` or `reduction` does not fit.

        Examples
        --------
        >>> network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
        >>> network.loss([[3.0]], [[5.0]])
        0.5
        """
        y_hat = self.predict(X)
        return self._loss.value(y_hat, self._as_targets(Y, len(y_hat)), reduction)

    def predict(self, X):
        """Return the outputs ``y_hat``, shape (N, l), for `X`, shape (N, d).

        Raises
        ------
        TypeError, ValueError
            As `forward` does.

        Examples
        --------
        >>> Network((2, 3, 1)).predict([[0, 0], [0, 1]]).shape
        (2, 1)
        """
        return self.forward(X).y_hat

    @np.errstate(all="ignore")  # what overflows is refused below
    def step(self, gradients, eta):
        """Move every parameter downhill: ``p <- p - eta * dE/dp`` (SOURCES A10).

        Parameters
        ----------
        gradients : Gradients
            Of this network's shapes.
        eta : float
            The learning rate, above 0.

        Raises
        ------
        TypeError, ValueError
            When `gradients` or `eta` does not fit, or a parameter would not stay finite. The
            network is then unchanged.

        Examples
        --------
        >>> network = Network.from_parameters([[[2.0]]], [[0.0]], activation="identity")
        >>> gradients = network.backward(network.forward([[3.0]]), [[5.0]])
        >>> network.step(gradients, eta=0.1)
        >>> print(f"{network.weights[0][0, 0]:.2f}")
        1.70
        """
        d_weights, d_thresholds = self.checked_gradients(gradients)
        eta = as_positive("eta", eta)
        weights = tuple(w - eta * g for w, g in zip(self._weights, d_weights, strict=True))
        thresholds = tuple(t - eta * g for t, g in zip(self._thresholds, d_thresholds, strict=True))
        if not all(np.isfinite(p).all() for p in weights + thresholds):
            raise TooLargeError(
                f"eta = {eta:g} would make a parameter infinite or NaN, so no step was taken; "
                "use a smaller eta, or start from smaller parameters"
            )
        self._weights, self._thresholds = weights, thresholds

    def checked_gradients(self, gradients):
        """Return copies of the weights' and the thresholds' gradients, or say what does not fit.

        Raises
        ------
        TypeError
            When `gradients` is no `Gradients`.
        ValueError
            When a gradient is not finite or not of its parameter's shape.

        Examples
        --------
        >>> network = Network((2, 1))
        >>> weights, thresholds = network.checked_gradients(
        ...     Gradients((np.ones((2, 1)),), (np.ones(1),))
        ... )
        >>> len(weights), len(thresholds)
        (1, 1)
        """
        if not isinstance(gradients, Gradients):
            raise TypeError(f"gradients must be Gradients, got {type(gradients).__name__}")
        return self._like_parameters(
            [g for _, g in _listed("gradients.weights", gradients.weights)],
            [g for _, g in _listed("gradients.thresholds", gradients.thresholds)],
            ("gradients.weights", "gradients.thresholds"),
        )

    def copy(self):
        """Return a network with the same, copied parameters.

        Examples
        --------
        >>> network = Network((2, 1))
        >>> network.copy().weights[0] is network.weights[0]
        False
        """
        return type(self).from_parameters(
            self._weights,
            self._thresholds,
            activation=self._activation,
            loss=self._loss,
            output=self._output,
        )

    def __repr__(self):
        """Return sizes, activations, error function and the number of parameters."""
        sizes = "-".join(map(str, self._sizes))
        names = [self.activation, self.output, self._loss.name]
        if self._output is self._activation:
            names.remove(self.output)
        return f"{type(self).__name__}({sizes}, {', '.join(names)}, {self.n_parameters} parameters)"

    def _set_up(self, sizes, activation, loss, output):
        self._sizes = _as_sizes(sizes)
        self._activation = get_activation(activation)
        self._loss = get_loss(loss)
        self._output = self._activation if output is None else get_output(output)
        if (self._output is softmax) != (self._loss is cross_entropy):
            raise ValueError(
                'output="softmax" and loss="cross_entropy" go together, each with nothing else; '
                f"got output={self.output!r} with loss={self._loss.name!r}"
            )
        if self._output is softmax and self._sizes[-1] == 1:
            raise ValueError(
                f"sizes must end with 2 outputs or more for softmax, got {self._sizes}"
            )

    def _like_parameters(self, weights, thresholds, names):
        """Return both lists as tuples of copies, each entry of its parameter's shape."""
        links = list(zip(self._sizes[:-1], self._sizes[1:], strict=True))
        units = [(n_out,) for n_out in self._sizes[1:]]
        checked = []
        for name, values, shapes in ((names[0], weights, links), (names[1], thresholds, units)):
            if len(values) != len(shapes):
                raise ValueError(
                    f"{name} must hold {len(shapes)} arrays, one a layer, got {len(values)}"
                )
            checked.append(
                tuple(
                    as_array(f"{name}[{k}]", value, shape=shape).copy()
                    for k, (value, shape) in enumerate(zip(values, shapes, strict=True))
                )
            )
        return tuple(checked)

    def _as_inputs(self, X):
        X = as_array("X", X)
        d = self._sizes[0]
        if X.ndim == 1:
            advice = (
                "for N samples of one input use x[:, np.newaxis]"
                if d == 1 and len(X) > 1
                else "for one sample use x[np.newaxis, :]"
            )
            raise ValueError(
                f"X must have shape (N, {d}), one row a sample, got {X.shape}; {advice}"
            )
        return as_array("X", X, shape=(None, d))

    def _as_targets(self, Y, n_samples):
        Y = as_array("Y", Y)
        expected = (n_samples, self._sizes[-1])
        if Y.ndim == 1 and Y.shape != expected:
            advice = (
                "for one output use Y[:, np.newaxis]"
                if Y.shape == (n_samples,) and expected[1] == 1
                else "for one sample use y[np.newaxis, :]"
            )
            raise ValueError(
                f"Y must have shape {expected}, one row a sample and one column an output, "
                f"got {Y.shape}; {advice}"
            )
        return as_array("Y", Y, shape=expected)

    def _require_trace(self, trace):
        if not isinstance(trace, Trace):
            raise TypeError(f"trace must be a Trace from forward, got {type(trace).__name__}")
        found = tuple(np.shape(b)[-1] for b in trace.outputs)
        if found != self._sizes:
            raise ValueError(
                f"trace must come from a {'-'.join(map(str, self._sizes))} network, "
                f"got layers of {'-'.join(map(str, found))} units"
            )
        for layer, b in enumerate(trace.outputs):
            as_array(f"trace.outputs[{layer}]", b, shape=(len(trace.y_hat), self._sizes[layer]))

    def _require_finite_parameters(self):
        for layer, (w, theta) in enumerate(zip(self._weights, self._thresholds, strict=True)):
            for name, values in (("weights", w), ("thresholds", theta)):
                if not np.isfinite(values).all():
                    raise ValueError(f"network.{name}[{layer}] holds NaN or infinity; set it right")


def _as_sizes(sizes):
    if isinstance(sizes, str | bytes) or not hasattr(sizes, "__iter__"):
        raise TypeError(f"sizes must be whole numbers such as (2, 2, 1), got {sizes!r}")
    sizes = tuple(as_count(f"sizes[{k}]", n) for k, n in enumerate(sizes))
    if len(sizes) < 2:
        raise ValueError(f"sizes must have an input and an output layer at least, got {sizes}")
    return sizes


def _listed(name, values):
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise TypeError(f"{name} must be a list of arrays, one a layer, got {values!r}")
    if len(values) == 0:
        raise ValueError(f"{name} must hold one array a layer at least, got none")
    return list(enumerate(values))


def require_network(network, name="network"):
    """Refuse what is no `Network`.

    Parameters
    ----------
    network : object
    name : str
        The argument's name, for the message.

    Raises
    ------
    TypeError
        When `network` is no `Network`.

    Examples
    --------
    >>> require_network([0.5])
    Traceback (most recent call last):
    TypeError: network must be a Network, got list
    """
    if not isinstance(network, Network):
        raise TypeError(f"{name} must be a Network, got {type(network).__name__}")
