"""The empty figure, and where its legend goes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backprop_kit.numeric.validation import as_count, as_positive
from backprop_kit.visual.palette import HEIGHT, PIXELS_PER_INCH, WIDTH, style


@style()
def figure(ncols=1, height=HEIGHT, nrows=1):
    """Make a figure as wide as JupyterLab's page, with its axes.

    Parameters
    ----------
    ncols, nrows : int, default 1
        Number of axes side by side, and of rows of them.
    height : float, default 3.2
        Height of the whole figure in inches.

    Returns
    -------
    tuple of (Figure, Axes or ndarray of Axes)
        One Axes; a vector of them if there is one row or column; else a matrix.

    Raises
    ------
    TypeError, ValueError
        If a number is not positive.

    Examples
    --------
    >>> fig, axes = figure(ncols=2)
    >>> len(axes), float(fig.get_figwidth())
    (2, 7.2)
    """
    ncols, nrows = as_count("ncols", ncols), as_count("nrows", nrows)
    # Not made by pyplot: nothing to close, and no second picture under the cell.
    fig = Figure(
        figsize=(WIDTH, as_positive("height", height)), dpi=PIXELS_PER_INCH, layout="constrained"
    )
    fig.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    return fig, fig.subplots(nrows, ncols)


def as_axes(name, ax):
    """Return `ax` if it is one Axes, else say what is wrong with it.

    Raises
    ------
    TypeError
        If it is anything else, such as the whole array that ``figure(ncols=2)`` returns.

    Examples
    --------
    >>> fig, axes = figure(ncols=2)
    >>> as_axes("ax", axes)
    Traceback (most recent call last):
        ...
    TypeError: ax must be one Axes (such as axes[0]), got ndarray
    """
    if not isinstance(ax, Axes):
        raise TypeError(f"{name} must be one Axes (such as axes[0]), got {type(ax).__name__}")
    return ax


def stands_alone(ax) -> bool:
    """Tell whether the axes have the width of the figure to themselves."""
    grid = ax.get_subplotspec()
    return grid is None or grid.get_gridspec().ncols == 1


def place_legend(ax):
    """Give lone axes a legend at their right; axes side by side share one under the figure."""
    if stands_alone(ax):
        handles, labels = _handles([ax])
        ax.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)
    else:
        share_legend([other for other in ax.figure.axes if other.get_legend() is None])


def share_legend(axes):
    """Put one legend for all these axes under the figure, in place of an earlier one."""
    figure_of_all = axes[0].figure
    for earlier in list(figure_of_all.legends):
        earlier.remove()
    handles, labels = _handles(axes)
    figure_of_all.legend(handles, labels, loc="outside lower center", ncols=6, markerscale=0.8)


def _handles(axes):
    """Return legend handles and labels of several axes, each label once."""
    found = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)
