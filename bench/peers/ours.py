"""The workbook's own code: the step inside `train`, `train`, `train_many`, the plain network."""

import numpy as np

from backprop_kit import train
from backprop_kit.numeric.many import train_many
from backprop_kit.numeric.workspace import Workspace
from bench.works import stacked


class Step:
    """One step of the loop inside `train`."""

    def __init__(self, work):
        self.batches = list(zip(work.X, work.Y, strict=True))
        self.workspace = Workspace(work.network(), eta=work.eta)

    def run(self, steps):
        """Train on."""
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                self.workspace.step(X, Y)

    def parameters(self):
        """Return weights and thresholds."""
        return self.workspace.weights, self.workspace.thresholds


class Plain:
    """The network's own methods, which read like the equations: what every peer is checked by."""

    def __init__(self, work, r=0):
        self.batches = list(zip(work.X, work.Y, strict=True))
        self.network, self.eta = work.network(r), work.eta

    def run(self, steps):
        """Train on."""
        network = self.network
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                network.step(network.backward(network.forward(X), Y), self.eta)

    def parameters(self):
        """Return weights and thresholds."""
        return self.network.weights, self.network.thresholds


class SameOrder(np.random.Generator):
    """Chance left out: `train` shuffles with this and gets the batches that all peers get."""

    def permutation(self, n):
        """Return the numbers below `n` as they are."""
        return np.arange(n)


class Train:
    """The public function, as a lesson calls it: it shuffles, and sees the error every epoch."""

    def __init__(self, work):
        self.network, self.n_batches = work.network(), len(work.X)
        self.X, self.Y = (A.reshape(-1, A.shape[-1]) for A in (work.X, work.Y))
        self.settings = {
            "eta": work.eta,
            "batch_size": work.X.shape[1],
            "rng": SameOrder(np.random.PCG64(0)),
        }

    def run(self, steps):
        """Train on."""
        train(self.network, self.X, self.Y, epochs=steps // self.n_batches, **self.settings)

    def parameters(self):
        """Return weights and thresholds."""
        return self.network.weights, self.network.thresholds


class TrainMany:
    """The public function for many networks; it returns their errors in every epoch, too."""

    def __init__(self, work):
        self.networks = [work.network(r) for r in range(work.n_networks)]
        self.X, self.Y, self.eta = work.X[0], work.Y[0], work.eta

    def run(self, steps):
        """Train on."""
        train_many(self.networks, self.X, self.Y, eta=self.eta, epochs=steps)

    def parameters(self):
        """Return weights and thresholds, of all networks."""
        return (
            stacked(network.weights for network in self.networks),
            stacked(network.thresholds for network in self.networks),
        )


class OneByOne:
    """Many networks by our own best step for one: each trains on alone."""

    def __init__(self, work):
        self.X, self.Y = work.X[0], work.Y[0]
        networks = [work.network(r) for r in range(work.n_networks)]
        self.workspaces = [Workspace(network, eta=work.eta) for network in networks]

    def run(self, steps):
        """Train on."""
        for workspace in self.workspaces:
            for _ in range(steps):
                workspace.step(self.X, self.Y)

    def parameters(self):
        """Return weights and thresholds, of all networks."""
        return (
            stacked(workspace.weights for workspace in self.workspaces),
            stacked(workspace.thresholds for workspace in self.workspaces),
        )
