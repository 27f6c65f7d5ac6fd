"""PyTorch, eager, in float64 on one thread."""

import torch

torch.set_num_threads(1)


class Modules:
    """As the tutorials write it: modules, a loss, an optimizer."""

    def __init__(self, work):
        self.batches = _batches(work)
        layers = []
        for w, theta in zip(work.weights, work.thresholds, strict=True):
            layer = torch.nn.Linear(*w.shape, dtype=torch.float64)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w.T))
                layer.bias.copy_(torch.from_numpy(-theta))
            layers += [layer, torch.nn.Sigmoid()]
        self.linear = layers[::2]
        if work.output == "softmax":
            layers.pop()  # PyTorch's cross-entropy takes net inputs
            self.loss = torch.nn.CrossEntropyLoss()
        else:
            self.loss = _half_squared_error
        self.network = torch.nn.Sequential(*layers)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=work.eta)

    def run(self, steps):
        """Train on."""
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                self.optimizer.zero_grad()
                self.loss(self.network(X), Y).backward()
                self.optimizer.step()

    def parameters(self):
        """Return weights and thresholds."""
        weights = [layer.weight.detach().numpy().T for layer in self.linear]
        return weights, [-layer.bias.detach().numpy() for layer in self.linear]


class ByHand:
    """With tensors alone, which is quicker: no modules, no optimizer."""

    def __init__(self, work):
        self.batches = _batches(work)
        self.eta, self.output = work.eta, work.output
        self.weights = [torch.tensor(w, requires_grad=True) for w in work.weights]
        self.biases = [torch.tensor(-theta, requires_grad=True) for theta in work.thresholds]

    def run(self, steps):
        """Train on."""
        p = self.weights + self.biases
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                gradients = torch.autograd.grad(self.error(X, Y), p)
                with torch.no_grad():
                    torch._foreach_add_(p, gradients, alpha=-self.eta)

    def error(self, X, Y):
        """Return the mean error of a batch."""
        b = X
        for w, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            b = torch.sigmoid(torch.addmm(bias, b, w))
        u = torch.addmm(self.biases[-1], b, self.weights[-1])
        if self.output == "softmax":
            return torch.nn.functional.cross_entropy(u, Y)
        return _half_squared_error(torch.sigmoid(u), Y)

    def parameters(self):
        """Return weights and thresholds."""
        return [w.detach().numpy() for w in self.weights], [
            -b.detach().numpy() for b in self.biases
        ]


class Many:
    """``torch.vmap`` of the gradient, over networks."""

    def __init__(self, work):
        self.X, self.Y = (torch.from_numpy(A[0]) for A in (work.X, work.Y))
        self.eta, self.n_layers = work.eta, len(work.weights)
        self.p = [torch.tensor(p) for p in (*work.weights, *(-t for t in work.thresholds))]
        self.gradient = torch.vmap(torch.func.grad(self.error))

    def error(self, p):
        """Return the mean error of one network."""
        b = self.X
        for w, bias in zip(p[: self.n_layers], p[self.n_layers :], strict=True):
            b = torch.sigmoid(b @ w + bias)
        return _half_squared_error(b, self.Y)

    def run(self, steps):
        """Train on."""
        for _ in range(steps):
            torch._foreach_add_(self.p, self.gradient(self.p), alpha=-self.eta)

    def parameters(self):
        """Return weights and thresholds."""
        p = [block.numpy() for block in self.p]
        return p[: self.n_layers], [-bias for bias in p[self.n_layers :]]


def _half_squared_error(y_hat, Y):
    return 0.5 * ((y_hat - Y) ** 2).sum() / len(Y)


def _batches(work):
    return [(torch.from_numpy(X), torch.from_numpy(Y)) for X, Y in zip(work.X, work.Y, strict=True)]
