"""What the student sees: one palette, the network drawing, figures, and `show`.

>>> from backprop_kit.visual import network_diagram, show
>>> show(network_diagram((2, 2, 1)), alt="A network of two inputs, two hidden units, one output.")
Figure: A network of two inputs, two hidden units, one output.
"""

from backprop_kit.visual.axes import figure
from backprop_kit.visual.curves import (
    draw_activation,
    draw_cost_curves,
    draw_descent,
    draw_dots,
    draw_loss_bundle,
    draw_loss_curves,
    draw_step_size_curve,
)
from backprop_kit.visual.diagram import network_diagram, path_highlights, stage_highlights
from backprop_kit.visual.display import Picture, picture, show
from backprop_kit.visual.figures import (
    draw_decision_line,
    draw_hidden_space,
    draw_perceptron_path,
    draw_regions,
    draw_samples,
)
from backprop_kit.visual.graph import graph_diagram
from backprop_kit.visual.images import draw_confusion, draw_digits
from backprop_kit.visual.stages import stage_diagram

__all__ = [
    "Picture",
    "draw_activation",
    "draw_confusion",
    "draw_cost_curves",
    "draw_decision_line",
    "draw_descent",
    "draw_digits",
    "draw_dots",
    "draw_hidden_space",
    "draw_loss_bundle",
    "draw_loss_curves",
    "draw_perceptron_path",
    "draw_regions",
    "draw_samples",
    "draw_step_size_curve",
    "figure",
    "graph_diagram",
    "network_diagram",
    "path_highlights",
    "picture",
    "show",
    "stage_diagram",
    "stage_highlights",
]
