"""Figures of images and of a classifier's counts: digits in a grid, a confusion matrix."""

import math

import numpy as np

from backprop_kit.numeric.validation import as_array, as_count
from backprop_kit.visual.axes import as_axes
from backprop_kit.visual.palette import FAINT, INK, PAPER, SMALL_POINTS, style

_GAP = 0.15  # between two images, as a share of one
_CAPTION = 0.35  # height of a line of text under an image


@style()
def draw_digits(images, ax, captions=None, *, columns=10):
    """Draw square images side by side, dark where a pixel is high, each with a caption.

    Parameters
    ----------
    images : array_like, shape (K, P)
        One image a row, its P = s * s pixels row by row, 0 (white) to 1 (black); values outside
        are drawn as the nearer of the two.
    ax : matplotlib.axes.Axes
        Where to draw.
    captions : sequence of str or None, optional
        A text under each image.
    columns : int, default 10
        How many images stand in a row.

    Returns
    -------
    list of AxesImage
        One an image, in order.

    Raises
    ------
    TypeError, ValueError
        If a row is not a square image, or there is not one caption for each image.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure(height=1)
    >>> drawn = draw_digits([[0, 1, 1, 0], [1, 0, 0, 1]], ax, ["up", "down"])
    >>> [text.get_text() for text in ax.texts]
    ['up', 'down']
    """
    as_axes("ax", ax)
    images = as_array("images", images, ndim=2)
    columns = as_count("columns", columns)
    side = math.isqrt(images.shape[1])
    if side * side != images.shape[1]:
        raise ValueError(f"images must have s * s pixels a row, got {images.shape[1]}")
    captions = [] if captions is None else [str(text) for text in captions]
    if captions and len(captions) != len(images):
        raise ValueError(
            f"captions must be one text for each of {len(images)} images, got {len(captions)}"
        )
    down = 1 + _GAP + _CAPTION * bool(captions)
    drawn = []
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        left, top = column * (1 + _GAP), row * down
        drawn.append(
            ax.imshow(
                image.reshape(side, side),
                cmap="gray_r",
                vmin=0,
                vmax=1,
                extent=(left, left + 1, top + 1, top),
            )
        )
        # A thin frame: a white image would have no edge.
        ax.plot(
            left + np.array([0, 1, 1, 0, 0]),
            top + np.array([0, 0, 1, 1, 0]),
            color=FAINT,
            linewidth=0.8,
        )
    for number, text in enumerate(captions):
        row, column = divmod(number, columns)
        ax.text(
            column * (1 + _GAP) + 0.5, row * down + 1.05, text,
            ha="center", va="top", fontsize=SMALL_POINTS,
        )  # fmt: skip
    rows = math.ceil(len(images) / columns)
    wide = min(len(images), columns)
    ax.set(xlim=(-_GAP, wide * (1 + _GAP)), ylim=(rows * down, -_GAP), aspect="equal")
    ax.set_axis_off()
    return drawn


@style()
def draw_confusion(counts, ax):
    """Draw a confusion matrix: a row for each true class, a column for each answer.

    Parameters
    ----------
    counts : array_like, shape (C, C)
        How many samples of class ``row`` were answered ``column``; whole numbers from 0 on.
    ax : matplotlib.axes.Axes
        Where to draw.

    Returns
    -------
    AxesImage
        The shading. The mistakes, off the diagonal, are framed; a 0 is left empty.

    Raises
    ------
    TypeError, ValueError
        If `counts` is not such a matrix.

    Examples
    --------
    >>> from backprop_kit.visual import figure
    >>> fig, ax = figure()
    >>> shading = draw_confusion([[5, 1], [0, 4]], ax)
    >>> [text.get_text() for text in ax.texts]
    ['5', '1', '4']
    """
    as_axes("ax", ax)
    counts = as_array("counts", counts, ndim=2)
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"counts must be square, got shape {counts.shape}")
    if (counts < 0).any() or (counts != np.floor(counts)).any():
        raise ValueError("counts must hold whole numbers from 0 on")
    highest = max(1, counts.max())
    shading = ax.imshow(counts, cmap="Greys", vmin=0, vmax=3 * highest, aspect="auto")
    for row, column in zip(*np.nonzero(counts), strict=True):
        mistake = row != column
        ax.text(
            column, row, f"{counts[row, column]:.0f}",
            ha="center", va="center", fontsize=SMALL_POINTS, color=INK,
            weight="bold" if mistake else "normal",
            bbox={"boxstyle": "square,pad=0.3", "fc": PAPER, "ec": INK} if mistake else None,
        )  # fmt: skip
    classes = np.arange(len(counts))
    ax.set(xticks=classes, yticks=classes, xlabel="answer of the network", ylabel="label")
    ax.tick_params(length=0)
    return shading
