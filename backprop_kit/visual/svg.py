"""A small SVG writer: fixed decimals, no ids, the same bytes for the same call.

Labels are written in the workbook's spelling and come out as the textbook's: ``"v_12"`` is an
italic v with a subscript, ``"y_hat_1"`` a hatted y, ``"b^(2)_1"`` has a superscript too.
"""

import math
import re
from html import escape

from backprop_kit.visual.palette import INK, PAPER

SMALL = 12  # px: subscripts and numbers; nothing is smaller
LETTERS = {  # by the names of the notation
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "theta": "θ",
    "eta": "η",
    "y_hat": "ŷ",
}
_UPRIGHT = ("out", "Σ")
_LABEL = re.compile(
    rf"({'|'.join((*LETTERS, *_UPRIGHT))}|[^\W\d_])(?:\^\(([^)]+)\))?(?:_([\w,+]+))?"
)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAN = 1.5  # px between an italic letter and the power at its top right
_EM = 0.6  # width of a character; generous for Arial and for DejaVu Sans


def number(value) -> str:
    """Write a length with two decimals, the same on every processor.

    Examples
    --------
    >>> number(1 / 3), number(-0.0001)
    ('0.33', '0.00')
    """
    # Rounding to 6 decimals first keeps the last bits from deciding a tie.
    text = f"{round(float(value), 6):.2f}"
    return "0.00" if text == "-0.00" else text


def decimal(value, decimals) -> str:
    """Write a quantity for the reader with fixed decimals and a true minus sign.

    Examples
    --------
    >>> decimal(-0.35, 2), decimal(-0.0001, 2)
    ('−0.35', '0.00')
    """
    text = f"{round(float(value), 9):.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def short(value, *, signed=False, digits=2, tiny=False) -> str:
    """Write a quantity in at most 8 characters or so: 4 decimals, a small one with 2 digits.

    Parameters
    ----------
    value : float
    signed : bool, default False
        Whether a plus stands before what is above 0.
    digits : int, default 2
        How many a small one has.
    tiny : bool, default False
        Whether what is below 1e-12 is a number, too, and not what rounding has left of 0.

    Examples
    --------
    >>> short(-0.35), short(0.000438568), short(2.5e-6), short(0.0, signed=True)
    ('−0.3500', '0.00044', '2.5e−6', '0')
    >>> short(0.0822, signed=True), short(1234.5), short(2.2486e-16, digits=3, tiny=True)
    ('+0.0822', '1234.5', '2.25e−16')
    """
    value = float(value) if tiny else round(float(value), 12)
    size = abs(value)
    if size == 0:
        return "0"
    if size < 1e-4 or size >= 1e6:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa}e{int(power)}"
    else:
        decimals = max(4, digits - 1 - math.floor(math.log10(size)))
        text = f"{value:.{decimals if size < 100 else 1}f}"
    return ("+" if signed and value > 0 else "") + text.replace("-", "−")


def spans(label, size):
    """Split a label into runs of text: (text, font size, italic, shift of the baseline).

    Examples
    --------
    >>> spans("v_12", 16)
    [('v', 16, True, 0), ('12', 12, False, 4)]
    >>> spans("NAND", 16)
    [('NAND', 16, False, 0)]
    """
    match = _LABEL.fullmatch(label)
    if not match:
        return [(label, size, False, 0)]
    letter, above, below = match.groups()
    runs = [(LETTERS.get(letter, letter), size, letter not in _UPRIGHT, 0)]
    if above:
        runs.append((f"({above})", SMALL, False, -8))
    if below:
        runs.append((below, max(SMALL, round(size * 0.72)), below.isalpha(), 6 if above else 4))
    return runs


def sentence(text, size):
    """Split a sentence whose labels stand between dollar signs: ``"from $v_12$ to $E$"``."""
    parts = text.split("$")
    return [
        run
        for position, part in enumerate(parts)
        if part
        for run in (spans(part, size) if position % 2 else [(part, size, False, 0)])
    ]


def raised(power) -> str:
    """Write a whole number as an exponent, for words.

    Examples
    --------
    >>> "10" + raised(-16)
    '10⁻¹⁶'
    """
    return str(power).translate(_RAISED)


def power_of_ten(power, size, *, before=""):
    """Write a power of ten as runs of text; the exponent is not below 12 px.

    Examples
    --------
    >>> power_of_ten(-4, 13)
    [('10', 13, False, 0), ('−4', 12, False, -6)]
    """
    exponent = str(power).replace("-", "−")
    return [(f"{before}10", size, False, 0), (exponent, SMALL, False, -6)]


def width_of(runs) -> float:
    """Return the width in px that runs of text need at most; an index stands under a power."""
    raised = max((len(text) * size * _EM for text, size, _, shift in runs if shift < 0), default=0)
    rest = [(len(text) * size * _EM, shift) for text, size, _, shift in runs if shift >= 0]
    lowered = sum(width for width, shift in rest if shift > 0)
    return sum(width for width, shift in rest if shift == 0) + max(raised, lowered)


def text(x, y, runs, *, colour, anchor="middle", bold=False):
    """Write runs of text whose capitals are centred on height `y`."""
    size = runs[0][1]
    weight = ' font-weight="bold"' if bold else ""
    pieces, baseline, back, over = [], 0, 0, 0
    for content, run_size, italic, shift in runs:
        attributes = f' font-size="{run_size}"' if run_size != size else ""
        attributes += ' font-style="italic"' if italic else ""
        attributes += f' dy="{shift - baseline}"' if shift != baseline else ""
        # A slanted letter leans into the power behind it; a long power ends behind its index.
        gap = _LEAN if shift < 0 else -back if shift > 0 else over
        attributes += f' dx="{number(gap)}"' if gap else ""
        # The index below starts where the power above it started: Arial's "(" is 1/3 em wide.
        over = max(0.0, back - _below_width(content) * run_size) + _LEAN if back else 0
        back = (len(content) - 2) * 0.56 * run_size + 0.67 * run_size + _LEAN if shift < 0 else 0
        baseline = shift
        pieces.append(f"<tspan{attributes}>{escape(content)}</tspan>")
    return (
        f'<text x="{number(x)}" y="{number(y + 0.35 * size)}" font-size="{size}"{weight} '
        f'text-anchor="{anchor}" fill="{colour}" xml:space="preserve">{"".join(pieces)}</text>'
    )


def _below_width(index):
    """Return the width in em of an index: i, j and l are narrow."""
    return sum(0.25 if character in "ijl" else 0.56 for character in index)


def write(x, y, sentence_, size, *, colour=INK, anchor="start", bold=False):
    """Write a sentence whose labels stand between dollar signs.

    Examples
    --------
    >>> "slope" in write(0, 0, "the slope at $u$", 13)
    True
    """
    return text(x, y, sentence(sentence_, size), colour=colour, anchor=anchor, bold=bold)


def rectangle(x, y, width, height, *, fill=PAPER, stroke="none", stroke_width=0, radius=3):
    """Draw a rectangle centred on (x, y)."""
    return (
        f'<rect x="{number(x - width / 2)}" y="{number(y - height / 2)}" '
        f'width="{number(width)}" height="{number(height)}" rx="{number(radius)}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{number(stroke_width)}"/>'
    )


def circle(x, y, radius, *, fill, stroke, stroke_width, dash=""):
    """Draw a circle."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="{number(stroke_width)}"{dashes}/>'
    )


def line(start, end, *, stroke, width, dash=""):
    """Draw a line from `start` to `end`."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{number(start[0])}" y1="{number(start[1])}" x2="{number(end[0])}" '
        f'y2="{number(end[1])}" stroke="{stroke}" stroke-width="{number(width)}"{dashes}/>'
    )


def polyline(points, *, stroke, width, dash=""):
    """Draw an open curve through points.

    Examples
    --------
    >>> polyline([(0, 1), (2, 1 / 3)], stroke="#000000", width=2)[:38]
    '<polyline points="0.00,1.00 2.00,0.33"'
    """
    places = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{places}" fill="none" stroke="{stroke}" '
        f'stroke-width="{number(width)}"{dashes}/>'
    )


def arrow(start, end, *, stroke, width=4.0, dash="", head=None):
    """Draw a line with a head at `end`, which may have a colour of its own."""
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    neck = (end[0] - 11 * along[0], end[1] - 11 * along[1])
    corners = (
        end,
        (neck[0] - 7 * along[1], neck[1] + 7 * along[0]),
        (neck[0] + 7 * along[1], neck[1] - 7 * along[0]),
    )
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    shaft = line(start, neck, stroke=stroke, width=width, dash=dash)
    return f'{shaft}<polygon points="{points}" fill="{head or stroke}"/>'


def choice(elements, key, *, label="") -> str:
    """Group elements as one part that an explorer lets the student choose, by its key.

    The label is what a screen reader says for it, where the key alone is no word.

    Examples
    --------
    >>> choice([circle(1, 1, 1, fill="none", stroke="none", stroke_width=0)], "b_1")[:20]
    '<g data-key="b_1"><c'
    >>> choice([], "w_11", label="weight w_11")
    '<g data-key="w_11" data-label="weight w_11"></g>'
    """
    named = f' data-label="{escape(label)}"' if label else ""
    return f'<g data-key="{escape(key)}"{named}>{"".join(elements)}</g>'


def document(elements, width, height, label, *, scale=1.0) -> str:
    """Wrap the elements as one drawing on white with an accessible name."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width * scale)}" '
        f'height="{number(height * scale)}" viewBox="0 0 {number(width)} {number(height)}" '
        f'font-family="Arial, Helvetica, sans-serif" role="img" aria-label="{escape(label)}">\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n' + "\n".join(elements) + "\n</svg>"
    )


def contents(drawing):
    """Return the elements of a `document`, without its paper, and its width and height.

    Examples
    --------
    >>> contents(document(["<g/>"], 90, 60, "a dot"))
    (['<g/>'], 90.0, 60.0)
    """
    opening, _paper, *elements, _closing = drawing.split("\n")
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', opening).groups()
    return elements, float(width), float(height)


def surface(key, left, top, width, height, x_limits, y_limits, *, drag=False) -> str:
    """Cover a rectangle in which an explorer lets the student point at any place.

    Parameters
    ----------
    key : str
        That of the explorer's `Surface`.
    left, top, width, height : float
    x_limits, y_limits : tuple of float
        What the left and right ends, and the lower and upper ends, stand for.
    drag : bool
        Whether the place follows the pointer while it is held down.

    Examples
    --------
    >>> surface("plane", 0, 0, 90, 60, (-1, 1), (0, 2))[:46]
    '<rect data-surface="plane" data-limits="-1 1 0'
    """
    limits = " ".join(format(limit, "g") for limit in (*x_limits, *y_limits))
    held = ' data-drag=""' if drag else ""
    return (
        f'<rect data-surface="{escape(key)}" data-limits="{limits}"{held} x="{number(left)}" '
        f'y="{number(top)}" width="{number(width)}" height="{number(height)}" '
        'fill="transparent"/>'
    )
