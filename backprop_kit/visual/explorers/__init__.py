"""Pictures that a student plays with; each can be read without a kernel, too."""

from backprop_kit.visual.explorers.backpropagation import backpropagation_stepper
from backprop_kit.visual.explorers.conventions import convention_switcher
from backprop_kit.visual.explorers.formula_box import formula_box
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.gradient_dial import gradient_check_dial
from backprop_kit.visual.explorers.landscape import loss_landscape
from backprop_kit.visual.explorers.live import Live
from backprop_kit.visual.explorers.paths import path_viewer
from backprop_kit.visual.explorers.perceptron import perceptron_bench
from backprop_kit.visual.explorers.slopes import slope_stepper
from backprop_kit.visual.explorers.stepper import Stepper
from backprop_kit.visual.explorers.xor_bench import xor_bench

__all__ = [
    "Frame",
    "Live",
    "Stepper",
    "backpropagation_stepper",
    "convention_switcher",
    "formula_box",
    "gradient_check_dial",
    "loss_landscape",
    "path_viewer",
    "perceptron_bench",
    "slope_stepper",
    "xor_bench",
]
