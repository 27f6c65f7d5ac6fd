"""What a network computes: NumPy alone, nothing else."""

from .activations import (
    ACTIVATIONS,
    Activation,
    get_activation,
    identity,
    relu,
    sigmoid,
    softmax,
    step,
    tanh,
)
from .data import digits, gate, one_hot, split, worked_example
from .gradcheck import (
    Report,
    check_gradients,
    check_step,
    gradients_of_step,
)
from .losses import LOSSES, Loss, cross_entropy, get_loss, half_squared_error
from .many import loss_grid, train_many
from .network import Gradients, Network, Trace
from .neuron import (
    MPNeuron,
    PerceptronRecord,
    PerceptronStep,
    append_dummy,
    perceptron_step,
    train_perceptron,
)
from .slopes import numeric_gradients, structured_gradients
from .storage import load, save
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
    "check_step",
    "cross_entropy",
    "digits",
    "gate",
    "get_activation",
    "get_loss",
    "gradients_of_step",
    "half_squared_error",
    "identity",
    "load",
    "loss_grid",
    "numeric_gradients",
    "one_hot",
    "perceptron_step",
    "relu",
    "save",
    "sigmoid",
    "softmax",
    "split",
    "step",
    "structured_gradients",
    "tanh",
    "train",
    "train_many",
    "train_perceptron",
    "worked_example",
]
