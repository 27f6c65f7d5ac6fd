"""The pieces of work that every peer does: a network, its start, its data, batch by batch."""

from dataclasses import dataclass, replace

import numpy as np

from backprop_kit import Network, digits, gate, one_hot, worked_example


@dataclass(frozen=True, eq=False)
class Work:
    """Training steps on the half squared error of sigmoid units (or softmax, cross-entropy).

    Attributes
    ----------
    name : str
    X : ndarray, shape (n_batches, B, d)
        The batches, in the order in which they come round again and again.
    Y : ndarray, shape (n_batches, B, l)
    weights, thresholds : tuple of ndarray, each (n_in, n_out) and (n_out,)
        The start; for many networks one axis more, the first.
    eta : float
        The learning rate.
    output : {"sigmoid", "softmax"}
        Softmax goes with the cross-entropy.
    """

    name: str
    X: np.ndarray
    Y: np.ndarray
    weights: tuple[np.ndarray, ...]
    thresholds: tuple[np.ndarray, ...]
    eta: float
    output: str = "sigmoid"

    @property
    def sizes(self):
        """Units in each layer, inputs first."""
        return (self.X.shape[-1], *(w.shape[-1] for w in self.weights))

    @property
    def n_networks(self):
        """How many networks are trained at once."""
        return len(self.weights[0]) if self.weights[0].ndim == 3 else 1

    @property
    def n_parameters(self):
        """How many weights and thresholds one network has."""
        return sum(p.size for p in self.weights + self.thresholds) // self.n_networks

    @property
    def loss(self):
        """The name of the error function."""
        return "cross_entropy" if self.output == "softmax" else "half_squared_error"

    def network(self, r=0):
        """Return the network at its start; of many, the one numbered `r`."""
        weights, thresholds = self.weights, self.thresholds
        if weights[0].ndim == 3:
            weights, thresholds = [w[r] for w in weights], [t[r] for t in thresholds]
        return Network.from_parameters(weights, thresholds, loss=self.loss, output=self.output)

    def whole_cycles(self, steps):
        """Return the smallest number of steps from `steps` on that uses every batch equally often.

        Examples
        --------
        >>> images_784(10, n_batches=7).whole_cycles(200)
        203
        """
        return -(-steps // len(self.X)) * len(self.X)


def _work(name, network, X, Y, eta, batch_size=None, output="sigmoid"):
    """Return the work of training `network`, without the samples that fill no batch."""
    B = batch_size or len(X)
    n = len(X) // B
    X, Y = (A[: n * B].reshape(n, B, A.shape[1]) for A in (X, Y))
    return Work(name, X, Y, network.weights, network.thresholds, eta, output)


def example_222():
    """Return the 2-2-2 worked example, one sample (SOURCES D)."""
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    return _work("2-2-2 example", network, example.x[None], example.y[None], example.eta)


def xor():
    """Return XOR by a 2-2-1 network, its four samples a step."""
    X, y = gate("XOR")
    return _work("XOR, full batch", Network((2, 2, 1)), X, y[:, None].astype(float), 0.5)


def many_xor(n_networks=1000):
    """Return XOR by `n_networks` 2-2-1 networks, each from a start of its own."""
    one = xor()
    starts = [Network((2, 2, 1), rng=seed) for seed in range(n_networks)]
    return replace(
        one,
        name=f"{n_networks:,} XOR networks",
        weights=stacked(network.weights for network in starts),
        thresholds=stacked(network.thresholds for network in starts),
    )


def stacked(blocks_of_networks):
    """Return one array a block, with the networks along its first axis.

    Examples
    --------
    >>> [block.shape for block in stacked([[np.ones((2, 3))], [np.ones((2, 3))]])]
    [(2, 2, 3)]
    """
    return tuple(np.stack(blocks) for blocks in zip(*blocks_of_networks, strict=True))


def digits_64(output="sigmoid"):
    """Return the handwritten digits by a 64-30-10 network, 10 samples a step."""
    X, y = digits()
    loss = "cross_entropy" if output == "softmax" else "half_squared_error"
    network = Network((64, 30, 10), output=output, loss=loss)
    name = f"digits 64-30-10{', softmax' if output == 'softmax' else ''}, batch 10"
    return _work(name, network, X, one_hot(y, 10), 0.1, 10, output)


def images_784(batch_size, sizes=(784, 30, 10), n_batches=40):
    """Return work of MNIST's size; its numbers are random, since only their size costs time."""
    rng = np.random.default_rng(1)
    X = rng.random((n_batches * batch_size, sizes[0]))
    Y = np.eye(sizes[-1])[rng.integers(sizes[-1], size=len(X))]
    name = f"{'-'.join(map(str, sizes))}, batch {batch_size}"
    return _work(name, Network(sizes), X, Y, 0.1, batch_size)


def table():
    """Return the rows of the main table."""
    return [
        example_222(),
        xor(),
        digits_64(),
        digits_64("softmax"),
        images_784(10),
        images_784(32),
        images_784(256, (784, 256, 128, 10), n_batches=4),
    ]


def growing():
    """Return works of 9 to a million parameters, a batch of 10 each."""
    shapes = [(2, 2, 1), *((n, n, n) for n in (6, 22, 70, 223, 707))]
    return [images_784(10, sizes, n_batches=4) for sizes in shapes]
