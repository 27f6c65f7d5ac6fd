"""One way onto the page for every figure: a picture with a text alternative.

JupyterLab drops the alternative text of a plain PNG output, and matplotlib's SVG differs from
run to run.  So both a figure and a drawing of `diagram` are stored as an ``<img alt>`` inside
HTML: PNG for the one, SVG for the other.  (JupyterLab shows an image before the notebook has been
run, where it takes an inline ``<svg>`` apart.)  Both stand on white, readable in the dark theme.
"""

import base64
import html
import io
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

from IPython.display import display
from matplotlib.figure import Figure

from backprop_kit.visual.palette import PAPER, PIXELS_PER_INCH, style

_STORED_PIXELS_PER_INCH = 150  # sharper than the page shows it, for dense screens
_PLAIN_IN_URI = " /:=,;()'+-"
_ON_PAGE = f"max-width:100%;height:auto;background:{PAPER}"


class Picture:
    """A picture as JupyterLab stores it: HTML, and one stable line of text.

    Parameters
    ----------
    markup : str
        The HTML.
    alt : str
        What the picture says, in words.
    """

    def __init__(self, markup, alt):
        self.markup = markup
        self.alt = alt

    def __repr__(self):
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.markup, "text/plain": repr(self)}


def show(figure, alt=""):
    """Show a figure or drawing with its text alternative.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or str
        A figure, or an SVG drawing from `network_diagram`.
    alt : str
        What the picture shows, in a sentence or two, for those who cannot see it.  Required.

    Returns
    -------
    None
        So the last line of a cell needs no semicolon.  A figure is closed after it is shown.

    Raises
    ------
    TypeError
        If `figure` is neither a figure nor a string, or `alt` is not a string.
    ValueError
        If `alt` is empty, or the string is not an SVG drawing.

    Examples
    --------
    >>> from backprop_kit.visual import network_diagram
    >>> show(network_diagram((2, 2, 1)), alt="Two inputs, two hidden units, one output.")
    Figure: Two inputs, two hidden units, one output.
    """
    display(picture(figure, alt))
    # Only pyplot keeps figures alive; without it there is nothing to close.
    if isinstance(figure, Figure) and "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


def picture(figure, alt="") -> Picture:
    """Return what `show` displays; see there for the arguments and errors.

    Examples
    --------
    >>> from backprop_kit.visual import network_diagram
    >>> picture(network_diagram((2, 1)), alt="One neuron, two inputs.")
    Figure: One neuron, two inputs.
    """
    if not isinstance(figure, (Figure, str)):
        raise TypeError(
            "figure must be a matplotlib Figure or an SVG drawing (a string), "
            f"got {type(figure).__name__}"
        )
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a string, got {type(alt).__name__}")
    alt = " ".join(alt.split())
    if not alt:
        raise ValueError("alt must say in words what the picture shows, got an empty text")
    markup = _figure_html(figure, alt) if isinstance(figure, Figure) else _svg_html(figure, alt)
    return Picture(markup, alt)


def _figure_html(figure, alt):
    """Return an ``<img>`` holding the figure as PNG, at its size in inches."""
    stored = io.BytesIO()
    with style():
        # No Software entry: it would name matplotlib's version.
        figure.savefig(
            stored, format="png", dpi=_STORED_PIXELS_PER_INCH, metadata={"Software": None}
        )
    data = base64.b64encode(stored.getvalue()).decode("ascii")
    width = round(figure.get_figwidth() * PIXELS_PER_INCH)
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" style="{_ON_PAGE}" '
        f'src="data:image/png;base64,{data}">'
    )


def _svg_html(drawing, alt):
    """Return an ``<img>`` holding the drawing, its numbers readable in the stored text."""
    try:
        root = ElementTree.fromstring(drawing)
    except ElementTree.ParseError as error:
        raise ValueError(f"figure must be an SVG drawing, got text that is not: {error}") from None
    if root.tag not in ("svg", "{http://www.w3.org/2000/svg}svg"):
        raise ValueError(f"figure must be an SVG drawing, got <{root.tag}>")
    return (
        f'<img alt="{html.escape(alt)}" width="{root.get("width")}" style="{_ON_PAGE}" '
        f'src="data:image/svg+xml,{urllib.parse.quote(drawing, safe=_PLAIN_IN_URI)}">'
    )
