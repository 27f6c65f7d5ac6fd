"""Figures of the plane: samples, decision lines, regions, the hidden space.

Each function draws arrays on the axes it is given (made by `figure`) and returns what it drew;
`show` puts the finished figure on the page.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke

from backprop_kit.numeric.validation import as_array, as_choice, as_count
from backprop_kit.visual.axes import as_axes, place_legend, share_legend
from backprop_kit.visual.palette import (
    BACKWARD,
    CLASS_ONE,
    CLASS_ONE_MARKER,
    CLASS_ONE_TINT,
    CLASS_ZERO,
    CLASS_ZERO_MARKER,
    CLASS_ZERO_TINT,
    INK,
    PAPER,
    SERIES,
    SMALL_POINTS,
    style,
)
from backprop_kit.visual.plane import clip, unseen

_GATE_LIMITS = (-0.5, 1.5)
_REGIONS = LinearSegmentedColormap.from_list("regions", ["#F3C766", PAPER, "#7CC9AE"])
# Class 0 is the larger marker and drawn first, so that a 1 on the same spot hides neither.
_CLASSES = (
    (0, CLASS_ZERO, CLASS_ZERO_MARKER, 130, 4),
    (1, CLASS_ONE, CLASS_ONE_MARKER, 60, 5),
)


@style()
def draw_samples(X, y, ax, *, names=None, legend=True):
    """Draw points of two inputs; colour and shape both tell the label.

    Parameters
    ----------
    X : array_like, shape (N, 2)
        One sample a row.
    y : array_like, shape (N,)
        Labels, each 0 or 1.
    ax : matplotlib.axes.Axes
        Where to draw.
    names : sequence of str, optional
        A text beside each point.
    legend : bool, default True
        Whether to draw the legend.

    Returns
    -------
    list of PathCollection
        The points of label 0 and of label 1, where there are any.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, or a label is neither 0 nor 1.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> [points.get_label() for points in draw_samples([[0, 0], [1, 1]], [0, 1], ax)]
    ['y = 0', 'y = 1']
    """
    as_axes("ax", ax)
    X, y = _samples(X, y)
    if names is not None and len(names) != len(X):
        raise ValueError(f"names must hold one text a sample ({len(X)}), got {len(names)}")
    _set_limits(ax, X)
    artists = []
    for label, colour, marker, size, order in _CLASSES:
        rows = y == label
        if rows.any():
            points = ax.scatter(
                *X[rows].T,
                s=size,
                c=colour,
                marker=marker,
                edgecolors=INK,
                linewidths=1.2,
                zorder=order,
                label=f"y = {label}",
            )
            artists.append(points)
    for point, text in _names_by_place(X, names, ax) if names is not None else ():
        _name(ax, text, point, offset=(9, 7))
    if legend:
        place_legend(ax)
    return artists


@style()
def draw_decision_line(
    weights,
    ax,
    *,
    label="decision line",
    side="shade",
    colour=INK,
    linestyle="-",
    legend=True,
    note=True,
):
    """Draw the line ``w1 x1 + w2 x2 = theta`` and the side on which the neuron fires.

    Call it after `draw_samples`: the line crosses the limits the axes have.

    Parameters
    ----------
    weights : array_like, shape (3,)
        ``(w1, w2, theta)``: the threshold is the weight of the dummy input -1 (SOURCES A2).
    ax : matplotlib.axes.Axes
        Where to draw.
    label : str, default "decision line"
        Text in the legend.
    side : {"shade", "arrow", "none"}, default "shade"
        How the firing side is shown.  Use the arrow where several lines share the axes.
    colour : str, default black
        Colour of the line.
    linestyle : str, default "-"
        Its style, so that several lines differ by more than colour.
    legend : bool, default True
        Whether to draw the legend.
    note : bool, default True
        Whether the axes say so where no line can be seen.

    Returns
    -------
    Line2D or None
        None if ``w1 = w2 = 0``: there is no line then, and the axes say what happens instead.

    Raises
    ------
    TypeError, ValueError
        If `weights` does not hold three finite numbers, or `side` is unknown.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> line = draw_decision_line([1, 1, 1.5], ax)
    >>> bool(abs(line.get_xdata() + line.get_ydata() - 1.5).max() < 1e-12)
    True
    >>> draw_decision_line([0, 0, 0], ax) is None
    True
    """
    as_axes("ax", ax)
    weights = as_array("weights", weights, shape=(3,))
    side = as_choice("side", side, ("shade", "arrow", "none"))
    _set_limits(ax)
    direction, theta = weights[:2], weights[2]
    length = np.hypot(*direction)
    box = _box(ax)
    firing = clip(box, direction, theta)
    if side == "shade" and len(firing):
        ax.add_patch(
            Polygon(firing, facecolor=CLASS_ONE_TINT, edgecolor="none", zorder=0, label="fires")
        )
    why = unseen(weights, box)
    if why and note:
        _note(ax, "\n".join(why))
    if length == 0:
        line = None
    else:
        unit = direction / length
        centre = box.mean(axis=0)
        foot = centre - (unit @ centre - theta / length) * unit
        diagonal = np.hypot(*(box[2] - box[0]))
        ends = foot + np.outer([-diagonal, diagonal], [-unit[1], unit[0]])
        (line,) = ax.plot(
            *ends.T,
            color=colour,
            linestyle=linestyle,
            label=label,
            zorder=2,
            scalex=False,
            scaley=False,
        )
        if side == "arrow" and not why:
            ax.annotate(
                "",
                foot + 0.11 * diagonal * unit,
                xytext=foot,
                arrowprops={"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "lw": 1.5},
                zorder=3,
            )
    if legend:
        place_legend(ax)
    return line


@style()
def draw_regions(predict, ax, *, limits=_GATE_LIMITS, points=101, legend=True):
    """Draw what a predictor answers all over the plane.

    Answers that are all 0 or 1 become two regions with a legend; others get a colour bar
    from 0 to 1 and the curve where the answer is 1/2.

    Parameters
    ----------
    predict : callable
        Takes an array of shape (N, 2), returns one number a row: shape (N,) or (N, 1).
    ax : matplotlib.axes.Axes
        Where to draw.
    limits : pair of float, default (-0.5, 1.5)
        Lower and upper limit of both inputs.
    points : int, default 101
        Number of grid points a side.
    legend : bool, default True
        Whether to draw the legend or the colour bar.

    Returns
    -------
    AxesImage
        Its array holds the answers, ``x2`` down the rows and ``x1`` along them.

    Raises
    ------
    TypeError, ValueError
        If `predict` cannot be called, or does not return one finite number a row.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> image = draw_regions(lambda X: X[:, 0] > X[:, 1], ax, points=5)
    >>> image.get_array().shape
    (5, 5)
    """
    as_axes("ax", ax)
    if not callable(predict):
        raise TypeError(f"predict must be a function of X, got {type(predict).__name__}")
    low, high = as_array("limits", limits, shape=(2,))
    if not low < high:
        raise ValueError(f"limits must rise, got {low:g} and {high:g}")
    points = as_count("points", points, minimum=2)
    along = np.linspace(low, high, points)
    grid = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    answers = np.asarray(predict(grid))
    if answers.shape not in ((len(grid),), (len(grid), 1)):
        raise ValueError(
            f"predict must return one number a row, shape ({len(grid)},), got {answers.shape}"
        )
    if answers.dtype.kind not in "biuf":
        raise TypeError(f"predict must return numbers, got {answers.dtype}")
    answers = as_array("predict(X)", answers.astype(float)).reshape(points, points)
    two_levels = bool(np.isin(answers, (0.0, 1.0)).all())
    half_step = (high - low) / (points - 1) / 2
    edges = (low - half_step, high + half_step)
    image = ax.imshow(
        answers,
        origin="lower",
        extent=(*edges, *edges),
        cmap=LinearSegmentedColormap.from_list("two", [CLASS_ZERO_TINT, CLASS_ONE_TINT])
        if two_levels
        else _REGIONS,
        vmin=0,
        vmax=1,
        interpolation="nearest",
        zorder=-1,
    )
    _set_limits(ax, limits=(low, high))
    if answers.min() < 0.5 <= answers.max():
        ax.contour(along, along, answers, levels=[0.5], colors=INK, linewidths=1.5)
    if legend and two_levels:
        for level, tint in ((0, CLASS_ZERO_TINT), (1, CLASS_ONE_TINT)):
            # An empty rectangle: only its entry in the legend is wanted.
            ax.add_patch(
                Rectangle((low, low), 0, 0, fc=tint, ec=INK, label=rf"$\hat{{y}}$ = {level}")
            )
        place_legend(ax)
    elif legend:
        bar = ax.figure.colorbar(image, ax=ax, ticks=[0, 0.5, 1], shrink=0.9)
        bar.set_label(r"answer $\hat{y}$")
    return image


@style()
def draw_perceptron_path(weight_path, X, y, axes, *, names=None, corrected=None):
    """Draw a perceptron's line after each correction; samples still wrong are ringed.

    Parameters
    ----------
    weight_path : array_like, shape (T, 3)
        ``(w1, w2, theta)`` at the start and after each of the T - 1 corrections.
    X : array_like, shape (N, 2)
        One sample a row.
    y : array_like, shape (N,)
        Labels, each 0 or 1.
    axes : Axes or ndarray of Axes
        One panel a step: ``figure(ncols=3, nrows=2, height=5)``.  With more steps than panels,
        the panels spread evenly from the first to the last.
    names : sequence of str, optional
        A text beside each sample.
    corrected : sequence of int, optional
        Which sample each of the T - 1 corrections was for; the titles say its name, or its row.

    Returns
    -------
    list of int
        The row of `weight_path` in each panel.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, axes = figure(ncols=3)
    >>> path = [[0, 0, 0], [1, 0, -1], [1, 1, 0], [1, 1, 1], [1, 1, 1.5]]
    >>> draw_perceptron_path(path, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], axes)
    [0, 2, 4]
    """
    path = as_array("weight_path", weight_path, shape=(None, 3))
    X, y = _samples(X, y)
    panels = [as_axes("axes", ax) for ax in np.atleast_1d(axes).ravel()]
    if names is not None and len(names) != len(X):
        raise ValueError(f"names must hold one text a sample ({len(X)}), got {len(names)}")
    if corrected is not None and len(corrected) != len(path) - 1:
        raise ValueError(
            f"corrected must hold one sample a correction ({len(path) - 1}), got {len(corrected)}"
        )
    shown = np.unique(
        np.linspace(0, len(path) - 1, min(len(panels), len(path))).round().astype(int)
    )
    for ax, step in zip(panels, shown, strict=False):
        weights = path[step]
        draw_samples(X, y, ax, legend=False)
        # A note inside a small panel would hide samples and rings: it goes into the title.
        line = draw_decision_line(weights, ax, legend=False, note=False)
        wrong = (X @ weights[:2] >= weights[2]) != (y == 1)
        if wrong.any():
            ax.scatter(
                *X[wrong].T,
                s=420,
                facecolors="none",
                edgecolors=BACKWARD,
                linewidths=2.2,
                zorder=6,
                label="wrong",
            )
        for point, name in zip(X, names or (), strict=False):
            _name(ax, name, point, offset=(10, 8))  # outside the ring of a wrong sample
        when = "start" if step == 0 else f"correction {step}"
        if corrected is not None and step > 0:
            row = as_count("corrected", corrected[step - 1], minimum=0)
            when += f" at {names[row] if names is not None else row}"
        why = unseen(weights, _box(ax))
        if why and line is not None:
            line.remove()  # a speck in the corner at most
        ax.set_title("\n".join([f"{when}: {wrong.sum()} wrong", ", ".join(why)]).strip())
        ax.label_outer()  # room for the panels: the scales are the same in all of them
    for ax in panels[len(shown) :]:
        ax.set_visible(False)
    share_legend(panels)
    return [int(step) for step in shown]


@style()
def draw_hidden_space(X, B, y, axes, *, input_lines=(), hidden_line=None, names=None):
    """Draw the same samples twice: as the inputs have them, and as the hidden units see them.

    Parameters
    ----------
    X : array_like, shape (N, 2)
        Inputs, one sample a row.
    B : array_like, shape (N, 2)
        Outputs of the two hidden units for the same samples.
    y : array_like, shape (N,)
        Labels, each 0 or 1.
    axes : sequence of two Axes
        Input space at the left, hidden space at the right: ``figure(ncols=2)``.
    input_lines : sequence of array_like, shape (3,), optional
        ``(v1h, v2h, gamma_h)`` of each hidden unit, drawn in the input space.
    hidden_line : array_like, shape (3,), optional
        ``(w1, w2, theta)`` of the output unit, drawn in the hidden space.
    names : sequence of str, optional
        Text at each point; by default the input's digits, ``"01"``.  Points that fall
        together share one text: ``"01, 10"``.

    Returns
    -------
    dict of str to list
        ``"points"`` (the collections drawn) and ``"lines"``.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, or there are not two axes.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, axes = figure(ncols=2)
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> B = [[0, 0], [1, 0], [1, 0], [1, 1]]
    >>> drawn = draw_hidden_space(X, B, [0, 1, 1, 0], axes, hidden_line=[1, -1, 0.5])
    >>> [text.get_text() for text in axes[1].texts]
    ['00', '01, 10', '11']
    """
    X, y = _samples(X, y)
    B = as_array("B", B, shape=(len(X), 2))
    axes = [as_axes("axes", ax) for ax in np.atleast_1d(axes).ravel()]
    if len(axes) != 2:
        raise ValueError(f"axes must be two: input space and hidden space, got {len(axes)}")
    names = [f"{a:g}{b:g}" for a, b in X] if names is None else names
    points, lines = [], []
    for ax, places, title, letter in (
        (axes[0], X, "input space", "x"),
        (axes[1], B, "hidden space", "b"),
    ):
        drawn = draw_samples(places, y, ax, names=names, legend=False)
        for group in drawn:
            if group.get_label() == "y = 0":
                group.set_sizes([220])  # still to be seen where the other label lies on it
        points += drawn
        ax.set(title=title, xlabel=f"${letter}_1$", ylabel=f"${letter}_2$")
    for number, weights in enumerate(input_lines, start=1):
        colour, dashes, _ = SERIES[1 + (number - 1) % (len(SERIES) - 1)]
        lines.append(
            draw_decision_line(
                weights,
                axes[0],
                label=f"hidden unit {number}",
                side="arrow",
                colour=colour,
                linestyle=dashes,
                legend=False,
            )
        )
    if hidden_line is not None:
        lines.append(draw_decision_line(hidden_line, axes[1], label="output unit", legend=False))
    share_legend(axes)
    return {"points": points, "lines": lines}


def _samples(X, y):
    """Return `X` (N, 2) and labels `y` (N,) of 0 and 1, checked."""
    X = as_array("X", X, shape=(None, 2))
    y = as_array("y", y, shape=(len(X),))
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError(f"y must hold labels 0 and 1 only, got {sorted(set(y.tolist()))}")
    return X, y


def _set_limits(ax, X=None, limits=None):
    """Give empty axes the limits of the gates, or of the points; make them square."""
    fresh = not ax.has_data() and not ax.patches and not ax.images
    if limits is not None or fresh:
        low, high = _GATE_LIMITS if limits is None else limits
        if X is not None:
            low, high = min(low, X.min() - 0.3), max(high, X.max() + 0.3)
        ax.set(xlim=(low, high), ylim=(low, high), aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
        if (low, high) == _GATE_LIMITS:
            ax.set(xticks=(0, 1), yticks=(0, 1))


def _box(ax):
    """Return the four corners of what the axes show, shape (4, 2), counter-clockwise."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    return np.array([[left, low], [right, low], [right, high], [left, high]])


def _names_by_place(X, names, ax):
    """Return (point, text) pairs; points too close to be told apart share one text."""
    near = 0.08 * np.ptp(ax.get_xlim())
    groups = []
    for point, name in zip(X, names, strict=True):
        for group in groups:
            if np.hypot(*(group[0] - point)) < near:
                group[1].append(name)
                break
        else:
            groups.append((point, [name]))
    return [(point, ", ".join(texts)) for point, texts in groups]


def _name(ax, text, point, offset):
    """Write a sample's name beside it, readable where a line passes."""
    ax.annotate(
        text,
        point,
        xytext=offset,
        textcoords="offset points",
        zorder=6,
        path_effects=[withStroke(linewidth=3, foreground=PAPER)],
    )


def _note(ax, text):
    """Write a note in the middle of the axes, where no gate has a sample."""
    ax.text(
        0.5,
        0.5,
        text,
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=SMALL_POINTS,
        zorder=7,
        bbox={"facecolor": PAPER, "edgecolor": INK, "linewidth": 0.8, "pad": 3},
    )
