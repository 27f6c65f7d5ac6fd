"""Pictures that a student plays with; each can be read without a kernel, too."""

from backprop_kit.visual.explorers.backpropagation import backpropagation_stepper
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.live import Live
from backprop_kit.visual.explorers.paths import path_viewer
from backprop_kit.visual.explorers.perceptron import perceptron_stepper
from backprop_kit.visual.explorers.slopes import slope_stepper
from backprop_kit.visual.explorers.stepper import Stepper

__all__ = [
    "Frame",
    "Live",
    "Stepper",
    "backpropagation_stepper",
    "path_viewer",
    "perceptron_stepper",
    "slope_stepper",
]
