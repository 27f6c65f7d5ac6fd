"""The colours and sizes of every figure, in one place.

The three that carry meaning are those of formulas, too: `backprop_kit.colours`.
A shape, a line style or a label always says the same thing as the colour.
"""

import matplotlib

from backprop_kit.colours import BACKWARD, BACKWARD_TEXT, FORWARD, THRESHOLD  # noqa: F401

INK = "#1A1A1A"
MUTED = "#5F5F5F"
FAINT = "#C8C8C8"  # grid lines and quiet outlines only, never text
FAINT_TINT = "#ECECEC"  # a ground that sets a part of a plot apart
PAPER = "#FFFFFF"

FORWARD_TINT = "#E6F2FA"
BACKWARD_TINT = "#FDEEE4"
THRESHOLD_TINT = "#ECE8F3"

# The two classes of a gate: hue and marker differ, and both markers get an outline in INK.
CLASS_ZERO, CLASS_ONE = "#E69F00", "#009E73"
CLASS_ZERO_TINT, CLASS_ONE_TINT = "#FCEFD3", "#D5EFE6"
CLASS_ZERO_MARKER, CLASS_ONE_MARKER = "o", "s"

# Curves that are neither forward nor backward: colour, line style and marker change together.
SERIES = (
    (INK, "-", "o"),
    ("#007D5B", "--", "s"),
    ("#A8507F", "-.", "^"),
    ("#8A6100", ":", "D"),
)

# The sign of a number on a link; a dash pattern and an arrow's head say where it flows.
POSITIVE, NEGATIVE = "#007D5B", "#A8507F"

WIDTH = 7.2  # inches: 720 px at 100 px an inch, inside JupyterLab's default cell
HEIGHT = 3.2
PIXELS_PER_INCH = 100
FONT_POINTS = 10
SMALL_POINTS = 9  # nothing in a figure is smaller

_STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib: the same on every machine
    "mathtext.fontset": "dejavusans",
    "font.size": FONT_POINTS,
    "axes.titlesize": FONT_POINTS,
    "axes.labelsize": FONT_POINTS,
    "xtick.labelsize": SMALL_POINTS,
    "ytick.labelsize": SMALL_POINTS,
    "legend.fontsize": SMALL_POINTS,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "savefig.bbox": None,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "lines.linewidth": 2.0,
    "text.usetex": False,
}


def style():
    """Return a context (also a decorator) in which matplotlib draws in the workbook's manner.

    Returns
    -------
    context manager
        matplotlib's settings are as before when it ends.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["legend.frameon"]
    >>> with style():
    ...     matplotlib.rcParams["legend.frameon"]
    False
    >>> matplotlib.rcParams["legend.frameon"] == before
    True
    """
    return matplotlib.rc_context(_STYLE)


def contrast(colour, background=PAPER) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2 defines it.

    Parameters
    ----------
    colour, background : str
        ``"#RRGGBB"``.

    Raises
    ------
    ValueError
        If a colour is not of that form.

    Examples
    --------
    >>> contrast("#000000") > 20.9, contrast(FORWARD) >= 4.5
    (True, True)
    """
    lighter, darker = sorted((_luminance(colour), _luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    """Return the relative luminance of ``"#RRGGBB"``, 0 to 1."""
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"colour must look like '#0072B2', got {colour!r}")
    shares = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
