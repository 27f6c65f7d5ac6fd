import numpy as np
import pytest

from backprop_kit.numeric.activations import ACTIVATIONS
from backprop_kit.visual import (
    draw_activation,
    draw_cost_curves,
    draw_descent,
    draw_dots,
    draw_loss_bundle,
    draw_loss_curves,
    draw_step_size_curve,
    figure,
    palette,
)


@pytest.fixture
def ax():
    return figure()[1]


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_sigmoid_and_its_slope(ax):
    value, slope = draw_activation("sigmoid", ax)
    u = value.get_xdata()
    np.testing.assert_allclose(value.get_ydata(), 1 / (1 + np.exp(-u)), rtol=1e-12)
    np.testing.assert_allclose(slope.get_ydata(), np.exp(-u) / (1 + np.exp(-u)) ** 2, rtol=1e-9)
    assert (value.get_color(), slope.get_color()) == (palette.FORWARD, palette.BACKWARD)
    assert value.get_linestyle() != slope.get_linestyle()
    assert ax.get_xlabel() == "$u$ = net input − threshold"
    assert slope.get_ydata().max() == 0.25
    flat = np.abs(u) > 4
    assert slope.get_ydata()[flat].max() < 0.02


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_each_activation_is_drawn_as_it_is(name, ax):
    value, slope = draw_activation(name, ax)
    u, heights = value.get_xdata(), value.get_ydata()
    kept = np.isfinite(heights)
    np.testing.assert_array_equal(heights[kept], ACTIVATIONS[name](u[kept]))
    assert ax.get_title() == name
    assert legend_texts(ax) == ["value $f(u)$", "slope $f'(u)$"]
    assert np.isfinite(slope.get_ydata()).sum() == kept.sum()


def test_a_jump_is_left_open_and_a_dot_shows_the_value_there(ax):
    value, slope = draw_activation("step", ax)
    assert np.isnan(value.get_ydata()).sum() == 1
    assert not np.isnan(slope.get_ydata()).any()
    assert slope.get_ydata().max() == 0
    (dot,) = (line for line in ax.lines if line.get_marker() == "o")
    assert (list(dot.get_xdata()), list(dot.get_ydata())) == ([0], [1])


def test_an_activation_of_unknown_name(ax):
    with pytest.raises(ValueError, match="activation"):
        draw_activation("staircase", ax)


def test_loss_curves_carry_their_losses(ax):
    lines = draw_loss_curves({"small": [0.3, 0.2, 0.1], "large": [0.3, 0.5]}, ax)
    assert [line.get_ydata().tolist() for line in lines] == [[0.3, 0.2, 0.1], [0.3, 0.5]]
    assert legend_texts(ax) == ["small", "large"]
    assert ax.get_yscale() == "log"
    assert lines[0].get_linestyle() != lines[1].get_linestyle()


def test_a_loss_of_zero_is_left_out_of_the_log_scale(ax):
    (line,) = draw_loss_curves({"a": [0.1, 0.0]}, ax)
    assert np.isnan(line.get_ydata()[1])


def test_losses_that_are_all_zero_stay_on_a_linear_scale(ax):
    draw_loss_curves({"a": [0.0, 0.0]}, ax)
    assert ax.get_yscale() == "linear"


def test_linear_losses_start_at_zero(ax):
    (line,) = draw_loss_curves({"a": [0.1, 0.0]}, ax, log=False)
    assert line.get_ydata().tolist() == [0.1, 0.0]
    assert ax.get_ylim()[0] == 0


def test_a_bundle_counts_what_succeeded(ax):
    losses = np.array([[0.3, 0.0], [0.3, 0.2], [0.3, 0.1]])
    lines = draw_loss_bundle(losses, ax, np.array([True, False, True]))
    assert [line.get_ydata().tolist() for line in lines] == losses.tolist()
    assert legend_texts(ax) == ["learned: 2 of 3", "not learned: 1 of 3"]
    assert [line.get_linestyle() for line in lines] == ["-", "--", "-"]


def test_step_size_curves(ax):
    steps = 10.0 ** -np.arange(1, 5)
    errors = {"central": steps**2, "complex step": [1e-2, 1e-4, 0.0, 0.0]}
    central, complex_step = draw_step_size_curve(steps, errors, ax)
    np.testing.assert_array_equal(central.get_xdata(), steps)
    np.testing.assert_array_equal(central.get_ydata(), steps**2)
    np.testing.assert_array_equal(complex_step.get_ydata(), [1e-2, 1e-4, 1e-17, 1e-17])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in ax.texts] == ["hollow: error exactly 0"]
    assert legend_texts(ax) == ["central", "complex step"]
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert sum(len(line.get_xdata()) for line in hollow) == 2


def test_markers_of_a_long_step_size_curve_leave_room_for_the_dashes(ax):
    (line,) = draw_step_size_curve(np.logspace(-1, -15, 57), {"a": np.full(57, 0.1)}, ax)
    assert line.get_markevery() == 4


def test_without_a_zero_no_note(ax):
    draw_step_size_curve([0.1], {"a": [0.1]}, ax)
    assert not ax.texts


def test_dots_carry_their_numbers(ax):
    dots = draw_dots({"W1": 1.04e-5, "W2": 0.5}, ax, xlabel="size")
    assert dots.get_xdata().tolist() == [1.04e-5, 0.5]
    assert [text.get_text() for text in ax.texts] == ["1.04e-05", "5.00e-01"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["W1", "W2"]
    assert (ax.get_xlabel(), ax.get_xscale()) == ("size", "log")
    assert ax.yaxis_inverted()


def test_bad_input_is_refused(ax):
    with pytest.raises(TypeError, match="losses must be a dictionary"):
        draw_loss_curves([0.1, 0.2], ax)
    with pytest.raises(TypeError, match="losses must be a dictionary"):
        draw_loss_curves({}, ax)
    with pytest.raises(ValueError, match=r"losses\['a'\] must not be negative"):
        draw_loss_curves({"a": [-1.0]}, ax)
    with pytest.raises(ValueError, match=r"losses\['a'\] must hold finite numbers"):
        draw_loss_curves({"a": [float("nan")]}, ax)
    with pytest.raises(ValueError, match="succeeded must hold True or False"):
        draw_loss_bundle([[0.1]], ax, [1])
    with pytest.raises(ValueError, match="succeeded must hold True or False"):
        draw_loss_bundle([[0.1]], ax, [True, False])
    with pytest.raises(ValueError, match="steps must be positive"):
        draw_step_size_curve([0.0], {"a": [0.1]}, ax)
    with pytest.raises(ValueError, match=r"errors\['a'\] must have shape"):
        draw_step_size_curve([0.1, 0.2], {"a": [0.1]}, ax)
    with pytest.raises(ValueError, match=r"errors\['a'\] must not be negative"):
        draw_step_size_curve([0.1], {"a": [-0.1]}, ax)
    with pytest.raises(TypeError, match="values must be a dictionary"):
        draw_dots([1, 2], ax)
    with pytest.raises(ValueError, match="above 0 on a log scale"):
        draw_dots({"a": 0}, ax)
    with pytest.raises(TypeError, match="ax must be one Axes"):
        draw_dots({"a": 1}, None)
    assert not ax.lines
    assert not ax.patches


def test_a_descent_shows_every_step_on_the_curve():
    axes = figure(ncols=2)[1]
    paths = {"short": [2.0, 1.0, 0.5], "long": [2.0, -2.5]}
    steps = draw_descent(lambda p: p * p, paths, axes, limits=(-3, 3), xlabel="weight $w$")
    assert [ax.get_title() for ax in axes] == ["short", "long"]
    np.testing.assert_allclose(steps[0].get_xydata(), [[2, 4], [1, 1], [0.5, 0.25]])
    assert axes[1].get_xlim() == (-3, 3)
    assert axes[0].get_ylim() == axes[1].get_ylim()
    start, end = axes[0].lines[-2:]
    assert (start.get_marker(), end.get_marker()) == ("o", "s")
    assert [text.get_text() for text in axes[0].texts] == ["start", "end"]


def test_a_descent_needs_a_panel_for_each_path(ax):
    with pytest.raises(ValueError, match="one panel for each of 2 paths, got 1"):
        draw_descent(abs, {"a": [1], "b": [2]}, ax, limits=(0, 1))


# ------------------------------------------------------------------ costs


def test_costs_stand_on_two_logarithmic_scales(ax):
    costs = {"reverse": [40, 400], "differences": [100, 10_000]}
    lines = draw_cost_curves([9, 90], costs, ax)
    assert [line.get_ydata().tolist() for line in lines] == list(costs.values())
    assert [line.get_xdata().tolist() for line in lines] == [[9, 90], [9, 90]]
    assert legend_texts(ax) == ["reverse", "differences"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("number of parameters $P$", "operations")


def test_a_square_rises_twice_as_steeply(ax):
    once, twice = draw_cost_curves([1, 10], {"once": [3, 30], "twice": [3, 300]}, ax)
    ax.figure.draw_without_rendering()
    rises = [
        np.diff(ax.transData.transform(np.column_stack(line.get_data()))[:, 1])
        for line in (once, twice)
    ]
    assert rises[1] == pytest.approx(2 * rises[0])


@pytest.mark.parametrize(
    ("sizes", "costs", "what"),
    [
        ([0, 1], {"a": [1, 2]}, "sizes must be positive"),
        ([1, 2], {"a": [1, 0]}, "must be positive, got 0"),
        ([1, 2], {"a": [1, 2, 3]}, "costs"),
        ([], {"a": []}, "sizes"),
    ],
)
def test_costs_that_cannot_be_drawn(sizes, costs, what, ax):
    with pytest.raises(ValueError, match=what):
        draw_cost_curves(sizes, costs, ax)
