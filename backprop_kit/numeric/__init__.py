"""What a network computes: NumPy alone, nothing else."""

from .activations import (
    ACTIVATIONS,
    Activation,
    get_activation,
    identity,
    relu,
    sigmoid,
    step,
    tanh,
)
from .data import gate, worked_example
from .gradcheck import Report, check_gradients, numeric_gradients
from .losses import LOSSES, Loss, get_loss, half_squared_error
from .network import Gradients, Network, Trace
from .neuron import (
    MPNeuron,
    PerceptronRecord,
    PerceptronStep,
    append_dummy,
    perceptron_step,
    train_perceptron,
)
from .training import History, train

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "Activation",
    "Gradients",
    "History",
    "Loss",
    "MPNeuron",
    "Network",
    "PerceptronRecord",
    "PerceptronStep",
    "Report",
    "Trace",
    "append_dummy",
    "check_gradients",
    "gate",
    "get_activation",
    "get_loss",
    "half_squared_error",
    "identity",
    "numeric_gradients",
    "perceptron_step",
    "relu",
    "sigmoid",
    "step",
    "tanh",
    "train",
    "train_perceptron",
    "worked_example",
]
