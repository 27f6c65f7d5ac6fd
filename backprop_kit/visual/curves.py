"""Figures of curves and dots: activations, losses, the error of a finite difference, costs.

Each function draws arrays on the axes it is given and returns what it drew.
"""

import numpy as np

from backprop_kit.numeric.activations import get_activation
from backprop_kit.numeric.validation import as_array
from backprop_kit.visual.axes import as_axes, place_legend, stands_alone
from backprop_kit.visual.palette import (
    BACKWARD,
    FAINT,
    FORWARD,
    INK,
    MUTED,
    SERIES,
    SMALL_POINTS,
    style,
)

_HALF_WIDTH = 8.0


@style()
def draw_activation(name, ax):
    """Draw an activation function and its slope.

    Parameters
    ----------
    name : str or Activation
        ``"step"``, ``"sigmoid"``, ``"tanh"``, ``"relu"`` or ``"identity"``.
    ax : matplotlib.axes.Axes
        Where to draw.

    Returns
    -------
    list of Line2D
        The value and the slope; a jump is left open, with a dot at the value there.

    Raises
    ------
    TypeError, ValueError
        If there is no activation of that name.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> value, slope = draw_activation("step", ax)
    >>> import numpy as np
    >>> float(np.nanmax(slope.get_ydata()))
    0.0
    """
    as_axes("ax", ax)
    activation = get_activation(name) if isinstance(name, str) else name
    lines = _value_and_slope(activation, ax)
    if np.isnan(lines[0].get_ydata()).any():  # at a jump: which side the value at 0 stands on
        ax.plot(0, activation(0.0), "o", color=FORWARD)
    ax.set_title(activation.name)
    return lines


def _value_and_slope(activation, ax):
    """Draw an activation (blue) and its slope (vermilion, dashed) from -8 to 8."""
    u = np.linspace(-_HALF_WIDTH, _HALF_WIDTH, 401)
    value = np.array(activation(u))
    slope = np.array(activation.slope(value))
    curves = []
    for numbers, colour, dashes, label in (
        (value, FORWARD, "-", "value $f(u)$"),
        (slope, BACKWARD, "--", "slope $f'(u)$"),
    ):
        jumps = np.flatnonzero(np.abs(np.diff(numbers)) > 0.5)
        broken = np.insert(numbers, jumps + 1, np.nan)
        places = np.insert(u, jumps + 1, u[jumps])
        (line,) = ax.plot(places, broken, color=colour, linestyle=dashes, label=label)
        curves.append(line)
    low, high = (-0.08, 1.08) if value.min() >= 0 and value.max() <= 1 else (-1.15, 1.15)
    if value.max() > 2:
        low, high = (-0.3, 3.2) if value.min() >= 0 else (-3.2, 3.2)
    ax.set(xlim=(-_HALF_WIDTH, _HALF_WIDTH), ylim=(low, high), xlabel="$u$ = net input − threshold")
    ax.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    ax.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
    if stands_alone(ax):
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0.95))
    else:
        place_legend(ax)
    return curves


@style()
def draw_loss_curves(losses, ax, *, log=True, xlabel="epoch", ylabel="loss $E$"):
    """Draw one curve of losses for each label.

    Parameters
    ----------
    losses : dict of str to array_like, each of shape (T,)
        Losses of each run, at least 0; the runs may differ in length.
    ax : matplotlib.axes.Axes
        Where to draw.
    log : bool, default True
        Whether the losses stand on a logarithmic scale; a loss of 0 is left out of it.
    xlabel, ylabel : str
        Texts of the axes.

    Returns
    -------
    list of Line2D
        One curve a label.

    Raises
    ------
    TypeError, ValueError
        If `losses` is not such a dictionary.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> (line,) = draw_loss_curves({"eta = 0.5": [0.3, 0.2, 0.1]}, ax)
    >>> line.get_label(), len(line.get_ydata())
    ('eta = 0.5', 3)
    """
    as_axes("ax", ax)
    rows = _table("losses", losses)
    lines = []
    for number, (label, values) in enumerate(rows.items()):
        if values.min() < 0:
            raise ValueError(f"losses[{label!r}] must not be negative, got {values.min():g}")
        colour, dashes, marker = SERIES[number % len(SERIES)]
        (line,) = ax.plot(
            np.arange(len(values)),
            np.where(values > 0, values, np.nan) if log else values,
            color=colour,
            linestyle=dashes,
            marker=marker,
            markevery=max(1, len(values) // 8),
            markersize=5,
            label=label,
        )
        lines.append(line)
    if log and any((values > 0).any() for values in rows.values()):
        ax.set_yscale("log")
    elif not log:
        ax.set_ylim(bottom=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    _legend(ax)
    return lines


@style()
def draw_loss_bundle(losses, ax, succeeded, *, log=False, xlabel="epoch", ylabel="loss $E$"):
    """Draw many runs at once: those that learned, and those that did not.

    Parameters
    ----------
    losses : array_like, shape (R, T)
        One run a row.
    ax : matplotlib.axes.Axes
        Where to draw.
    succeeded : array_like of bool, shape (R,)
        Which runs learned.
    log : bool, default False
        Whether the losses stand on a logarithmic scale.
    xlabel, ylabel : str
        Texts of the axes.

    Returns
    -------
    list of Line2D
        One curve a run, in order; solid where it learned, dashed where not.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> runs = draw_loss_bundle([[0.3, 0.01], [0.3, 0.2]], ax, [True, False])
    >>> [run.get_linestyle() for run in runs]
    ['-', '--']
    """
    as_axes("ax", ax)
    losses = as_array("losses", losses, shape=(None, None))
    succeeded = np.asarray(succeeded)
    if succeeded.shape != (len(losses),) or succeeded.dtype != bool:
        raise ValueError(
            f"succeeded must hold True or False for each of the {len(losses)} runs, "
            f"got shape {succeeded.shape} of {succeeded.dtype}"
        )
    texts = {
        True: f"learned: {succeeded.sum()} of {len(losses)}",
        False: f"not learned: {(~succeeded).sum()} of {len(losses)}",
    }
    lines = []
    for values, good in zip(losses, succeeded.tolist(), strict=True):
        (line,) = ax.plot(
            np.arange(len(values)),
            values,
            color=SERIES[1][0] if good else SERIES[2][0],
            linestyle="-" if good else "--",
            linewidth=1.2,
            alpha=0.7,
            zorder=2 if good else 3,
            label=texts.pop(good, "_more"),
        )
        lines.append(line)
    if log:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    _legend(ax)
    return lines


@style()
def draw_step_size_curve(steps, errors, ax, *, floor=1e-17):
    """Draw how the error of a numerical slope depends on its step, both logarithmic.

    Parameters
    ----------
    steps : array_like, shape (T,)
        Step sizes, all positive.
    errors : dict of str to array_like, each of shape (T,)
        Relative errors of each method, at least 0.
    ax : matplotlib.axes.Axes
        Where to draw.
    floor : float, default 1e-17
        Where errors of exactly 0, which no logarithmic scale can hold, are drawn (hollow).

    Returns
    -------
    list of Line2D
        One curve a method.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, a step is not positive, or an error is negative.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> (line,) = draw_step_size_curve([1e-2, 1e-4], {"complex step": [1e-5, 0.0]}, ax)
    >>> [float(error) for error in line.get_ydata()]
    [1e-05, 1e-17]
    """
    as_axes("ax", ax)
    steps = as_array("steps", steps, ndim=1)
    if steps.min() <= 0:
        raise ValueError(f"steps must be positive, got {steps.min():g}")
    lines, any_zero = [], False
    for number, (label, values) in enumerate(_table("errors", errors, len(steps)).items()):
        if values.min() < 0:
            raise ValueError(f"errors[{label!r}] must not be negative, got {values.min():g}")
        colour, dashes, marker = SERIES[number % len(SERIES)]
        zero = values <= 0
        heights = np.maximum(values, floor)
        (line,) = ax.plot(
            steps,
            heights,
            color=colour,
            linestyle=dashes,
            marker=marker,
            markevery=max(1, len(steps) // 14),  # markers side by side hide the dashes
            markersize=5,
            label=label,
        )
        ax.plot(
            steps[zero],
            heights[zero],
            color=colour,
            linestyle="none",
            marker=marker,
            markersize=5,
            markerfacecolor="white",
            zorder=4,
            label="_zero",
        )
        any_zero |= bool(zero.any())
        lines.append(line)
    ax.set(xscale="log", yscale="log", xlabel="step size", ylabel="relative error")
    if any_zero:
        ax.axhline(floor, color=FAINT, linewidth=0.8, zorder=0)
        ax.text(
            0.01,
            floor / 3,
            "hollow: error exactly 0",
            fontsize=SMALL_POINTS,
            color=MUTED,
            transform=ax.get_yaxis_transform(),
            va="top",
        )
        ax.set_ylim(bottom=floor / 300)  # room for the text, below every point
    _legend(ax)
    return lines


@style()
def draw_cost_curves(sizes, costs, ax, *, xlabel="number of parameters $P$", ylabel="operations"):
    """Draw how costs grow with a size, both logarithmic: a straight line is a power.

    Parameters
    ----------
    sizes : array_like, shape (T,)
        What grows, all positive.
    costs : dict of str to array_like, each of shape (T,)
        Counts of each way, all positive.
    ax : matplotlib.axes.Axes
        Where to draw.
    xlabel, ylabel : str
        Texts of the axes.

    Returns
    -------
    list of Line2D
        One curve a way.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, or a size or a cost is not positive.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> (line,) = draw_cost_curves([10, 100], {"one evaluation": [30, 300]}, ax)
    >>> line.get_label(), ax.get_xscale(), ax.get_yscale()
    ('one evaluation', 'log', 'log')
    """
    as_axes("ax", ax)
    sizes = as_array("sizes", sizes, ndim=1)
    if sizes.min() <= 0:
        raise ValueError(f"sizes must be positive, got {sizes.min():g}")
    lines = []
    for number, (label, values) in enumerate(_table("costs", costs, len(sizes)).items()):
        if values.min() <= 0:
            raise ValueError(f"costs[{label!r}] must be positive, got {values.min():g}")
        colour, dashes, marker = SERIES[number % len(SERIES)]
        (line,) = ax.plot(
            sizes,
            values,
            color=colour,
            linestyle=dashes,
            marker=marker,
            markersize=5,
            label=label,
        )
        lines.append(line)
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    _legend(ax)
    return lines


@style()
def draw_descent(error, paths, axes, *, limits, xlabel="parameter $p$"):
    """Draw the error over one parameter, and the steps of gradient descent on it.

    Parameters
    ----------
    error : callable
        From one value of the parameter to the error there.
    paths : dict of str to array_like, each of shape (T,)
        The parameter at the start and after each step; the label becomes the panel's title.
    axes : sequence of Axes
        One panel a path: ``figure(ncols=3)[1]``.
    limits : pair of float
        What of the parameter's axis is shown.
    xlabel : str
        Name of the parameter.

    Returns
    -------
    list of Line2D
        The steps, one line a path; the start is a hollow circle, the end a filled square.

    Raises
    ------
    TypeError, ValueError
        If `paths` is not such a dictionary, or there is not one panel for each path.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, axes = figure(ncols=2)
    >>> paths = {"short": [2, 1.6, 1.28], "long": [2, -1.6, 1.28]}
    >>> steps = draw_descent(lambda p: p * p, paths, axes, limits=(-2.5, 2.5))
    >>> [ax.get_title() for ax in axes]
    ['short', 'long']
    """
    rows = _table("paths", paths)
    axes = np.ravel(axes)
    if len(axes) != len(rows):
        raise ValueError(f"axes must hold one panel for each of {len(rows)} paths, got {len(axes)}")
    p = np.linspace(*as_array("limits", limits, shape=(2,)), 201)
    curve = [error(value) for value in p.tolist()]
    lines = []
    for ax, (label, places) in zip(axes, rows.items(), strict=True):
        heights = [error(value) for value in places.tolist()]
        ax.plot(p, curve, color=FAINT, linewidth=3, zorder=1)
        (line,) = ax.plot(
            places, heights, color=SERIES[0][0], linewidth=1, marker="o", markersize=4, zorder=2
        )
        ax.plot(places[0], heights[0], "o", color=INK, markerfacecolor="white", zorder=3)
        ax.plot(places[-1], heights[-1], "s", color=SERIES[1][0], markersize=8, zorder=3)
        for name, place, shift in (("start", 0, (8, 4)), ("end", -1, (0, 14))):
            ax.annotate(
                name, (places[place], heights[place]), xytext=shift, textcoords="offset points",
                fontsize=SMALL_POINTS,
            )  # fmt: skip
        ax.set(xlim=(p[0], p[-1]), ylim=(-0.05 * max(curve), 1.15 * max(curve)))
        ax.set(title=label, xlabel=xlabel, ylabel="error $E$" if ax is axes[0] else "")
        lines.append(line)
    return lines


@style()
def draw_dots(values, ax, *, xlabel=""):
    """Draw one dot for each name on a logarithmic scale, with its number beside it.

    Dots, not bars: a logarithmic scale has no zero for a bar to start from.

    Parameters
    ----------
    values : dict of str to float
        What to compare, from the top down; above 0.
    ax : matplotlib.axes.Axes
        Where to draw.
    xlabel : str
        What is measured, and its unit.

    Returns
    -------
    Line2D
        The dots.

    Raises
    ------
    TypeError, ValueError
        If `values` is not such a dictionary.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure(height=1.6)
    >>> dots = draw_dots({"first": 0.00002, "last": 0.03}, ax, xlabel="size")
    >>> [text.get_text() for text in ax.texts]
    ['2.00e-05', '3.00e-02']
    """
    as_axes("ax", ax)
    if not isinstance(values, dict) or not values:
        raise TypeError(f"values must be a dictionary of numbers, got {values!r}")
    numbers = as_array("values", list(values.values()), ndim=1)
    if numbers.min() <= 0:
        raise ValueError(f"values must be above 0 on a log scale, got {numbers.min():g}")
    (dots,) = ax.plot(numbers, range(len(numbers)), "o", color=INK, markersize=7)
    for row, number in enumerate(numbers):
        ax.annotate(
            f"{number:.2e}", (number, row), xytext=(9, 0), textcoords="offset points", va="center"
        )
    ax.set(xscale="log", xlabel=xlabel, yticks=range(len(numbers)), yticklabels=list(values))
    ax.set_xlim(numbers.min() / 2, numbers.max() * 6)  # room for the last number
    ax.set_ylim(len(numbers) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    return dots


def _table(name, rows, length=None):
    """Return a dictionary of checked vectors, each of the given length if there is one."""
    if not isinstance(rows, dict) or not rows:
        raise TypeError(
            f"{name} must be a dictionary from labels to arrays, got {type(rows).__name__}"
        )
    shape = (length,)
    return {str(k): as_array(f"{name}[{k!r}]", v, shape=shape) for k, v in rows.items()}


def _legend(ax):
    """Put the legend beside lone axes, inside axes that stand side by side."""
    if stands_alone(ax):
        place_legend(ax)
    else:
        ax.legend(loc="upper right")
