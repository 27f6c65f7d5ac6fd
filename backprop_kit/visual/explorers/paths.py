"""The paths from a parameter to the error, their products, and which index is summed (SOURCES E5).

Nothing here states a derivative: the factors are those of `derive_updates`.
"""

import re
from dataclasses import dataclass
from functools import partial

import sympy

from backprop_kit.numeric.validation import as_count
from backprop_kit.symbolic import E, Formula, Partial, derive_updates
from backprop_kit.symbolic.derivation import Chain
from backprop_kit.symbolic.notation import SIZES, TABLE, Entry, d, h, i, j, l, q
from backprop_kit.symbolic.substitution import with_indices
from backprop_kit.symbolic.typeset import as_text
from backprop_kit.visual import svg
from backprop_kit.visual.diagram import network_diagram
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.stepper import Stepper
from backprop_kit.visual.layout import fits_labels
from backprop_kit.visual.palette import BACKWARD_TEXT, INK

_PARAMETERS = {"w": (h, j), "theta": (j,), "gamma": (h,), "v": (i, h)}  # in the lessons' order
_INDICES = {index.name: index for index in SIZES}
_LEAST_WIDTH = 580  # px: what the longest product and the legend need
_MARGIN, _EQUALS, _LEFT = 24, 114, 128  # px: where lines, equals signs and products stand
_TEXT, _WORDS, _LEGEND = 15, 14, 13  # px
_LINE, _FRACTION, _VALUES = 24, 54, 30  # px: heights of words, of a product, of what it comes to
_BELOW = 38  # px: from the middle of a product down to what it comes to
_CODE = """\
from backprop_kit.symbolic import derive_updates

for name in ("w", "theta", "gamma", "v"):
    chain = derive_updates().chain(name)
{body}"""
_NAMES = """\
    print(chain.split)
    if name in ("gamma", "v"):  # the first factor is a sum over paths
        print(chain.factors[0].split)
"""
_LEGEND_LINES = (
    "Thick and blue: on a path.  Vermilion fraction: derivative.  Bold in it: changes with the "
    "path.",
    "Square tag, violet: threshold.  Round tag: net input.  Blue name: flows forward.",
)
_HELP = (
    "Choose a weight or threshold in the picture: click its name, "
    "or press Tab until it is outlined, then Enter."
)


# The states.


@dataclass(frozen=True)
class PathState:
    """One parameter and what lies between it and the error.

    Attributes
    ----------
    letter : str
        ``"w"``, ``"theta"``, ``"gamma"`` or ``"v"``.
    places : dict of index symbol to int
        Its own indices, ``{i: 1, h: 2}``: they stay free in the formula.
    factors : tuple of Formula
        One partial derivative for each step, from the error back to the parameter.  Free indices
        are numbers; the one that is summed is a letter.
    summed : tuple or None
        Index, first and last value, ``(j, 1, 2)``; None where one path needs no sum.
    """

    letter: str
    places: dict
    factors: tuple[Formula, ...]
    summed: tuple | None

    @property
    def key(self) -> str:
        """The parameter as the drawing names it, ``"v_12"``."""
        return f"{self.letter}_{''.join(map(str, self.places.values()))}"

    @property
    def parameter(self) -> Entry:
        """The parameter as formulas name it, ``v[1, 2]``."""
        return self.factors[-1].left.by

    @property
    def paths(self) -> tuple[tuple[Formula, ...], ...]:
        """The factors along each path, every index a number."""
        if self.summed is None:
            return (self.factors,)
        index, first, last = self.summed
        return tuple(
            tuple(_formula_at(factor, {index: number}) for factor in self.factors)
            for number in range(first, last + 1)
        )

    @property
    def total(self) -> Formula:
        """The derivative of the error by the parameter, in the names of its factors."""
        names = sympy.Mul(*(factor.left for factor in self.factors), evaluate=False)
        return Formula(Partial(E, self.parameter), self._summed(names))

    @property
    def derived(self) -> Formula:
        """The same with each factor worked out."""
        product = sympy.Mul(*(factor.right for factor in self.factors))
        return Formula(Partial(E, self.parameter), self._summed(product))

    def _summed(self, product):
        return product if self.summed is None else sympy.Sum(product, self.summed)


def path_states(sizes=(2, 3, 2)) -> tuple[PathState, ...]:
    """Return one state for each parameter: first one of each kind, then all the others.

    Parameters
    ----------
    sizes : sequence of int, default (2, 3, 2)
        ``(d, q, l)``; of two layers in a row, one has at most 3 units and none more than 5.

    Returns
    -------
    tuple of PathState

    Raises
    ------
    TypeError, ValueError
        If `sizes` are not three such counts.

    Notes
    -----
    Source: SOURCES A12-A15 and E5: every path contributes one term.

    Examples
    --------
    >>> states = path_states((2, 3, 2))
    >>> [state.key for state in states[:5]]
    ['w_11', 'theta_1', 'gamma_1', 'v_11', 'w_12']
    >>> [len(state.paths) for state in states[:4]]
    [1, 1, 2, 2]
    >>> states[1].total
    ∂E/∂theta[1] = ∂E/∂y_hat[1]*∂y_hat[1]/∂theta[1]
    >>> states[1].derived
    ∂E/∂theta[1] = y_hat[1]*(1 - y_hat[1])*(y[1] - y_hat[1])
    """
    limits = dict(zip((d, q, l), _checked(sizes), strict=True))
    kinds = [
        [_state(letter, indices, numbers, limits) for numbers in _numbers(indices, limits)]
        for letter, indices in _PARAMETERS.items()
    ]
    first = [states[0] for states in kinds]
    return (*first, *(state for states in kinds for state in states[1:]))


def _checked(sizes):
    """Return three sizes whose links all carry names."""
    try:
        sizes = tuple(sizes)
    except TypeError:
        raise TypeError(f"sizes must be three counts (d, q, l), got {sizes!r}") from None
    if len(sizes) != 3:
        raise ValueError(f"sizes must be three counts (d, q, l), got {sizes}")
    sizes = tuple(as_count(f"sizes[{layer}]", size) for layer, size in enumerate(sizes))
    if not (fits_labels(sizes, 1) and fits_labels(sizes, 2)):
        raise ValueError(
            "sizes must be small enough to name every link: at most 5 units in a layer, "
            f"and at most 3 in one of two layers in a row; got {sizes}"
        )
    return sizes


def _numbers(indices, limits):
    """Return every tuple of numbers that the indices can take, the last one turning fastest."""
    numbers = [()]
    for index in indices:
        numbers = [(*n, m) for n in numbers for m in range(1, limits[SIZES[index]] + 1)]
    return numbers


def _state(letter, indices, numbers, limits):
    places = dict(zip(indices, numbers, strict=True))
    factors, summed = [], None
    for factor in derive_updates().chain(letter).factors:
        if isinstance(factor, Chain):  # a sum over paths: its factors lie on each of them
            ((index, low, high),) = factor.split.right.limits
            summed = (index, int(low), limits[high])
            factors += factor.factors
        else:
            factors.append(factor)
    factors = tuple(_formula_at(factor, places) for factor in factors)
    return PathState(letter, places, factors, summed)


def _formula_at(formula, places):
    return Formula(with_indices(formula.left, places), with_indices(formula.right, places))


# Words and picture of a state.


def state_words(state, *, derived=False) -> str:
    """Say which paths there are, what is multiplied, what is summed, and the formula in letters.

    Each of the four on a line of its own.

    Examples
    --------
    >>> print(state_words(path_states((1, 1, 2))[1]))
    theta_1, the threshold of output unit 1: one path leads from it to E.
    Multiply along it: how E changes with y_hat[1], how y_hat[1] changes with theta[1].
    One path, no sum. j = 1 stays.
    ∂E/∂theta[1] = ∂E/∂y_hat[1] · ∂y_hat[1]/∂theta[1].
    """
    meaning = re.sub(
        r"\b[ihj]\b",
        lambda letter: str(state.places[_INDICES[letter[0]]]),
        TABLE[state.letter].meaning,
    )
    count = len(state.paths)
    lead = "one path leads" if count == 1 else f"{count} paths lead"
    steps = ", ".join(
        f"how {as_text(factor.left.of)} changes with {as_text(factor.left.by)}"
        for factor in state.factors
    )
    along = "it" if count == 1 else "each"
    formula = _spoken(f"{state.total}") + (f" = {as_text(state.derived.right)}" if derived else "")
    return (
        f"{state.key}, the {meaning}: {lead} from it to E.\n"
        f"Multiply along {along}: {steps}.\n"
        f"{_which_is_summed(state)}\n{formula}."
    )


def _spoken(formula):
    """Write a chain as it is read: Σ_j and points, no stars."""
    formula = re.sub(r"Sum\((.+), \((\w), 1, \w+\)\)", r"Σ_\2 \1", formula)
    return formula.replace("*", " · ")


def _which_is_summed(state):
    """Return the sentence that the explorer is about."""
    count = len(state.paths)
    stay = " and ".join(f"{index} = {number}" for index, number in state.places.items())
    stay += " stays." if len(state.places) == 1 else " stay."
    if state.summed is None:
        return f"One path, no sum. {stay}"
    paths = "1 path, for the one output" if count == 1 else f"{count} paths, one for each output"
    return f"The sum runs over {state.summed[0]}: {paths}. {stay}"


def state_picture(state, sizes, *, derived=False) -> str:
    """Draw the network with the paths lit, and below it their products and the sum.

    Parameters
    ----------
    state : PathState
        From ``path_states(sizes)``.
    sizes : sequence of int
        ``(d, q, l)``.
    derived : bool, default False
        Whether the products stand there worked out, too.

    Returns
    -------
    str
        The drawing, as large for every parameter of the network.

    Examples
    --------
    >>> states = path_states((2, 2, 2))
    >>> drawing = state_picture(states[3], (2, 2, 2))
    >>> drawing.count(">Σ<"), state_picture(states[1], (2, 2, 2)).count(">Σ<")
    (1, 0)
    """
    network = network_diagram(
        sizes,
        paths=(state.letter, *state.places.values()),
        net_inputs=True,
        error=True,
        choices=True,
    )
    elements, drawn, top = svg.contents(network)
    width = max(drawn, _LEAST_WIDTH)
    shift = svg.number((width - drawn) / 2)
    elements = [f'<g transform="translate({shift} 0)">', *elements, "</g>"]
    row = _FRACTION + (_VALUES if derived else 0)
    y = top + _FRACTION / 2
    if state.summed is not None:
        for number in range(1, len(state.paths) + 1):
            elements.append(_line(_MARGIN, y, f"path ${state.summed[0]}$ = {number}"))
            elements += _product(state, _LEFT, y, number, derived)
            y += row
    elements += _total(state, y, derived)
    y += row + 6
    elements.append(_line(_MARGIN, y, _in_italics(_which_is_summed(state)), bold=True))
    height = top + (sizes[-1] + 1) * row + 4 * _LINE  # room for as many paths as there can be
    for number, text in enumerate(_LEGEND_LINES):
        elements.append(_line(_MARGIN, height - 36 + 20 * number, text, size=_LEGEND))
    words = state_words(state, derived=derived).replace("\n", " ")
    return svg.document(elements, width, height, words)


_line = partial(svg.write, size=_WORDS)


def _in_italics(sentence):
    """Mark index letters as letters."""
    return re.sub(r"\b([ihj])\b", r"$\1$", sentence)


def _total(state, y, derived):
    """Draw the derivative by the parameter as one product, behind a Σ if there are paths to add."""
    elements = _fraction(state.total.left, _LEFT - 48, y)
    elements.append(_sign("=", _EQUALS, y))
    x = _LEFT
    if state.summed is not None:
        index, first, last = state.summed
        elements.append(_sign("Σ", x + 11, y, size=28))
        below = [(str(index), svg.SMALL, True, 0), (f" = {first}", svg.SMALL, False, 0)]
        elements.append(svg.text(x + 11, y + 22, below, colour=INK, bold=True))
        elements.append(_sign(str(last), x + 11, y - 20, size=svg.SMALL))
        if derived:
            again = [("Σ", 20, False, 0), (str(index), svg.SMALL, True, 4)]
            elements.append(svg.text(x + 13, y + _BELOW, again, colour=INK))
        x += 40
    return elements + _product(state, x, y, None, derived)


def _product(state, x, y, number, derived):
    """Draw the factors in a row; without a path's number, the summed index stays a letter."""
    index = state.summed[0] if state.summed else None
    at = {} if index is None or number is None else {index: number}
    elements = [_sign("=", _EQUALS, y + _BELOW)] if derived else []
    edge = x  # the right end of the fraction before
    for place, factor in enumerate(state.factors):
        shown = _formula_at(factor, at)
        value = _as_label(shown.right)
        value = _runs(f"({value})" if place and value.startswith("−") else value)
        fraction = max(_width(_term(part)) for part in (shown.left.of, shown.left.by)) / 2 + 3
        half = max(fraction, _width(value) / 2 + 3 if derived else 0)
        if place:
            elements += [_sign("·", x, y + _BELOW)] if derived else []
            x += 9
            elements.append(_sign("·", (edge + x + half - fraction) / 2, y))
        edge = x + half + fraction
        bold = [index is not None and part.has(index) for part in _parts(factor)]
        elements += _fraction(shown.left, x + half, y, *bold[:2])
        if derived:
            elements.append(svg.text(x + half, y + _BELOW, value, colour=INK, bold=bold[2]))
        x += 2 * half + 9
    return elements


def _parts(factor):
    """Return what stands above and below the line of a factor, and what it comes to."""
    return factor.left.of, factor.left.by, factor.right


def _sign(text, x, y, *, size=_TEXT):
    return svg.text(x, y, [(text, size, False, 0)], colour=INK)


def _fraction(partial, x, y, bold_above=False, bold_below=False):
    """Draw a partial derivative around (x, y)."""
    above, below = _term(partial.of), _term(partial.by)
    half = max(_width(above), _width(below)) / 2 + 2
    return [
        svg.text(x, y - 12, above, colour=BACKWARD_TEXT, bold=bold_above),
        svg.line((x - half, y), (x + half, y), stroke=BACKWARD_TEXT, width=1.3),
        svg.text(x, y + 11, below, colour=BACKWARD_TEXT, bold=bold_below),
    ]


def _term(entry):
    return _runs(f"∂{_as_label(entry)}" if entry != E else "∂$E$")


def _runs(sentence):
    """Split a sentence into runs of text; an index letter behind a number is slanted: w_1j."""
    runs = []
    for text, size, italic, shift in svg.sentence(sentence, _TEXT):
        mixed = re.fullmatch(r"(\d+)([ihj])", text)
        pieces = mixed.groups() if mixed else [text]
        runs += [(piece, size, italic or piece in _INDICES, shift) for piece in pieces]
    return runs


def _width(runs):
    return 0.78 * svg.width_of(runs)  # a line of text is narrower than what labels reserve


def _as_label(expr):
    """Return an expression as a sentence whose letters are labels: ``$w_12$ · (1 − $b_1$)``."""
    text = re.sub(
        r"(\w+)\[([^\]]+)\]",
        lambda entry: f"${entry[1]}_{entry[2].replace(', ', '')}$",
        as_text(expr),
    )
    return text.replace("*", " · ").replace("-", "−")


# The explorer.


def path_viewer(sizes=(2, 3, 2), *, derived=True) -> Stepper:
    """Show the paths from each parameter to the error, their products, and the sum over them.

    One frame a parameter: first one of each kind (w, theta, gamma, v), then the others.  A
    parameter that is chosen in the picture comes up with its frame.

    Parameters
    ----------
    sizes : sequence of int, default (2, 3, 2)
        ``(d, q, l)``; of two layers in a row, one has at most 3 units and none more than 5.
    derived : bool, default True
        Whether each partial derivative is worked out.  Without, only its name stands there, for
        those who want to find it.

    Returns
    -------
    Stepper

    Raises
    ------
    TypeError, ValueError
        If `sizes` do not fit, or `derived` is not True or False.

    Notes
    -----
    Source: SOURCES A12-A15, E5.

    Examples
    --------
    >>> viewer = path_viewer((2, 2, 2))
    >>> viewer, len(viewer.frames), viewer.frames[0].goto["v_12"]
    (Explorer: paths to the error, 12, 9)
    """
    if not isinstance(derived, bool):
        raise TypeError(f"derived must be True or False, got {derived!r}")
    sizes = _checked(sizes)
    states = path_states(sizes)
    goto = {state.key: number for number, state in enumerate(states)}
    frames = [
        Frame(
            state_picture(state, sizes, derived=derived),
            state_words(state, derived=derived),
            goto=goto,
        )
        for state in states
    ]
    code = _CODE.format(body="    print(chain)\n" if derived else _NAMES)
    return Stepper("paths to the error", frames, code, help=_HELP)
