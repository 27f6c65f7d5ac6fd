"""scikit-learn's MLP: sigmoid hidden layers, and for classes always softmax with cross-entropy."""

import numpy as np
from sklearn.neural_network import MLPClassifier


class Classifier:
    """``partial_fit`` on all the data: one pass, batch by batch, in the order given.

    Shuffling, weight decay and momentum are switched off. A call checks its input and encodes the
    labels once a pass, as it does for anyone who calls it.
    """

    def __init__(self, work):
        self.X, Y = (A.reshape(-1, A.shape[-1]) for A in (work.X, work.Y))
        self.labels, self.n_batches = Y.argmax(axis=1), len(work.X)
        self.network = MLPClassifier(
            hidden_layer_sizes=work.sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0.0,
            momentum=0.0,
            nesterovs_momentum=False,
            learning_rate_init=work.eta,
            batch_size=work.X.shape[1],
            shuffle=False,
        )
        self.network.partial_fit(self.X, self.labels, classes=np.arange(Y.shape[1]))
        for k, (w, theta) in enumerate(zip(work.weights, work.thresholds, strict=True)):
            self.network.coefs_[k][:] = w
            self.network.intercepts_[k][:] = -theta

    def run(self, steps):
        """Train on."""
        for _ in range(steps // self.n_batches):
            self.network.partial_fit(self.X, self.labels)

    def parameters(self):
        """Return weights and thresholds."""
        return self.network.coefs_, [-bias for bias in self.network.intercepts_]
