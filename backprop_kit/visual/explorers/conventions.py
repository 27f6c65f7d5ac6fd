"""One update in five notations at once: what each document writes, why all agree (SOURCES X1).

Nothing here states a formula: `translate_update` translates the derived ones.
"""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from backprop_kit.numeric.network import Network, require_network
from backprop_kit.symbolic import CONVENTIONS, notation
from backprop_kit.symbolic.dialects import PARAMETERS, TranslatedUpdate, translate_update
from backprop_kit.symbolic.notation import SIZES, Entry, d, l, q
from backprop_kit.visual import svg
from backprop_kit.visual.diagram import network_diagram
from backprop_kit.visual.explorers.backpropagation_formulas import greek
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.stepper import Stepper
from backprop_kit.visual.layout import fits_labels
from backprop_kit.visual.palette import FAINT, FAINT_TINT, INK, MUTED, PAPER

_HELP = (
    "Choose a row: what does this document do otherwise, and why must the number agree? Choose a "
    "weight or threshold in the network for another update. A click, or Tab and Enter."
)
_CODE = """\
from backprop_kit import Network
from backprop_kit.symbolic import compare_updates, translate

network = Network.from_parameters(
    {weights},
    {thresholds},
)
x, y, eta = {x}, {y}, {eta:g}
for document, _, _, rate, *_ in compare_updates(network, [x], [y], eta).rows:
    after = translate(network, document).step([x], [y], rate).to_network()
    change = after.{block} - network.{block}
    print(f"{{document}}: rate {{rate:.4g}}, change {{change[{place}]:.6f}}")"""
_BLOCKS = {"v": "weights[0]", "w": "weights[1]", "gamma": "thresholds[0]", "theta": "thresholds[1]"}


# The states.


@dataclass(frozen=True)
class UpdateState:
    """One update and how each document writes it.

    Attributes
    ----------
    parameter : Entry
        In the letters of document A, ``w[2, 1]``.
    rows : tuple of TranslatedUpdate
        Of document A to E.
    eta : float
        The rate of document A.
    """

    parameter: Entry
    rows: tuple[TranslatedUpdate, ...]
    eta: float

    @property
    def key(self) -> str:
        """The parameter as the drawing names it, ``"w_21"``."""
        return self.rows[0].parameter

    @property
    def is_threshold(self) -> bool:
        """Whether it is a threshold, and no weight."""
        return len(self.parameter.indices) == 1


def update_states(network, x, y, *, eta=0.5) -> tuple[UpdateState, ...]:
    """Return one state for each parameter: first one of each kind, then all the others.

    See `convention_switcher` for the arguments.

    Examples
    --------
    >>> states = update_states(*example())
    >>> [state.key for state in states[:4]]
    ['w_21', 'theta_1', 'gamma_1', 'v_31']
    >>> [row.parameter for row in states[0].rows]
    ['w_21', 'w^(2)_21', 'W_ho,21', 'w_8', 'W^(2)_12']
    >>> [f"{row.value:.4f}" for row in states[1].rows]
    ['-0.0388', '-0.0388', '0.0388', '0.0388', '0.0388']
    """
    sizes = dict(zip((d, q, l), network.sizes, strict=False))
    kinds = []
    for letter, indices in PARAMETERS.items():
        shape = tuple(sizes.get(SIZES[index], 1) for index in indices)
        places = [tuple(n + 1 for n in place) for place in np.ndindex(*shape)]
        if len(indices) == 2:  # first one whose indices differ, so that their order shows
            places.sort(key=lambda place: place != (shape[0], 1))
        kinds.append([getattr(notation, letter)[place] for place in places])
    first = [entries[0] for entries in kinds]
    return tuple(
        UpdateState(
            entry,
            tuple(translate_update(name, entry, network, x, y, eta) for name in CONVENTIONS),
            float(eta),
        )
        for entry in (*first, *(entry for entries in kinds for entry in entries[1:]))
    )


def example():
    """Return a 3-2-3 network and one sample: two layers in a row are never of one size.

    With 2 outputs document C's ``1/n`` could not be told from a half.

    Examples
    --------
    >>> network, x, y = example()
    >>> network.sizes, x, y
    ((3, 2, 3), [1.0, 0.5, -0.5], [1.0, 0.0, 1.0])
    """
    rng = np.random.default_rng(337)  # no gradient of it is small
    sizes = (3, 2, 3)
    weights = [rng.uniform(-1, 1, pair).round(1) for pair in pairwise(sizes)]
    thresholds = [rng.uniform(-1, 1, size).round(1) for size in sizes[1:]]
    return Network.from_parameters(weights, thresholds), [1.0, 0.5, -0.5], [1.0, 0.0, 1.0]


# The words of a state.


def state_words(state) -> str:
    """Say what the update is in each notation, and in the letters of document A."""
    changes = ", ".join(f"{row.document} {_result(row.value)}" for row in state.rows)
    same = _result(state.rows[0].textbook_value)
    return greek(
        f"One step of gradient descent for {state.key}, in five notations: {changes}. "
        f"Back in the letters of A, each is Δ{state.key} = {same}."
    )


def row_notes(state) -> dict[str, str]:
    """Say of each document what it does otherwise, and why the number must agree."""
    return {row.document: _note(state, row) for row in state.rows}


def _note(state, row):
    lines = [_about_parameter(state, row), _about_rate(state, row)]
    if row.terms:
        lines.append("The terms of the sum, which are the numbers in the row's brackets:")
        terms = enumerate(row.terms, start=1)
        lines += [f"j = {n}: {letters} = {numbers}" for n, (letters, numbers) in terms]
    return greek("\n".join(lines))


def _about_parameter(state, row):
    """Say how the parameter is named, and what its index order or its sign does."""
    convention, own, key = CONVENTIONS[row.document], row.parameter, state.key
    if row.document == "A":
        order = "" if state.is_threshold else f" The indices of {key} say from, to."
        sign = " A threshold is subtracted." if state.is_threshold else ""
        return f"A, which lesson 04 follows: the row to compare with.{order}{sign}"
    if state.is_threshold and convention.sign:
        return (
            f"{row.document} adds a bias where A subtracts a threshold: {own} = −{key}. "
            f"So it moves the other way, by {_result(row.value)}; the sign turned back gives "
            f"Δ{key} = {_result(row.textbook_value)}."
        )
    if state.is_threshold:
        return (
            f"{row.document} has no thresholds. {key} is the weight {own} of a dummy unit whose "
            "output is always −1: the last factor of the formula. So a threshold moves by the "
            "rule of a weight."
        )
    if convention.vectors == "numbered":
        return (
            f"{row.document} numbers its weights, first all that lead into unit 1, then all into "
            f"unit 2; those into the outputs come last. {key} is {own}: another name, no other "
            f"number."
        )
    if convention.by_columns:
        return (
            f"{row.document} writes a sample as a column, and a weight's indices as to, from: "
            f"{key} is {own}. The place in the matrix is another, the link is the same."
        )
    return f"{row.document} writes rows, and from, to, as A does. {key} is {own}."


def _about_rate(state, row):
    """Say what the number in front of the loss does to the step."""
    same = f"{state.eta:g}"
    if row.document == "A":
        return f"Its loss is half the sum of squares; eta = {same}."
    if not row.ratio:
        return f"Its loss is half the sum of squares, as in A: the rate is {same}, too."
    factor, what = state.eta / row.rate, "samples" if "N" in row.ratio else "outputs"
    mean = f"Its loss is a mean over the {what}: its gradient is {row.ratio} = {factor:.4g} times"
    if np.isclose(factor, 1):
        return f"{mean} that of A, so here the rate is {same}, too."
    return (
        f"{mean} that of A, and its rate must be {same} / {factor:.4g} = {row.rate:.4g}. With "
        f"{same} it would move by {_result(row.value * factor)}: another step."
    )


def _result(value):
    return svg.short(value, signed=True)


# The picture of a state.

_WIDTH, _ROW = 720, 56
_NAME, _FORMULA, _OWN, _SAME = 20, 96, 634, 704  # px: where the columns stand
_LEGEND = (
    "Bold column: each result back in the letters of A (grey row).  Numbers are rounded.",
    "In the network: violet tag, a threshold, subtracted (black and thick when chosen); blue "
    "letter, flows forward.",
)
_LEGEND_LINES = len(_LEGEND) + 1  # one more explains a sum; its place is kept where none stands
_MOST_OUTPUTS = 4  # terms of a sum that fit in a row
_write = partial(svg.write, size=13)


def state_picture(state, network, x, y) -> str:
    """Draw the network with the parameter lit, and below it one row for each document.

    Examples
    --------
    >>> network, x, y = example()
    >>> drawing = state_picture(update_states(network, x, y)[0], network, x, y)
    >>> drawing.count('data-label="document '), "to, from" in drawing
    (5, True)
    """
    letter, places = state.parameter.base.name, tuple(map(int, state.parameter.indices))
    lit = "highlight_thresholds" if state.is_threshold else "highlight_links"
    drawing = network_diagram(
        network.sizes,
        unit_values=network.forward([x]).outputs,
        decimals=4,
        **{lit: [(letter, *places)]},
        highlight="update",
        caption="",
        choices=True,
    )
    elements, drawn, top = svg.contents(drawing)
    shift = svg.number((_WIDTH - drawn) / 2)
    elements = [f'<g transform="translate({shift} 0)">', *elements, "</g>"]
    elements.append(_write(_NAME, top + 12, _setting(state, y)))
    top += 58
    elements += _head(state, top - 16)
    for number, row in enumerate(state.rows):
        elements.append(_row(state, row, top + (number + 0.5) * _ROW))
    top += len(state.rows) * _ROW
    for number, text in enumerate((*_LEGEND, *_about_sum(state))):
        elements.append(_write(_NAME, top + 18 + 20 * number, text))
    height = top + 20 * _LEGEND_LINES + 14
    return svg.document(elements, _WIDTH, height, state_words(state))


def _setting(state, y):
    """Say in a line what is stepped, and with which numbers."""
    rates = {row.document: row.rate for row in state.rows}
    kind = "threshold" if state.is_threshold else "weight"
    targets = ", ".join(f"{target:.4g}" for target in y)
    return (
        f"One step of the {kind} ${state.key}$ (thick), $eta$ = {state.eta:g} in A, B, D and E, "
        f"$alpha$ = {rates['C']:.4g} in C.  "
        f"One sample ($N$ = 1), targets $y$ = ({targets})."
    ).replace("-", "−")


def _about_sum(state):
    """Say where the terms of the sum are written out, and which weights D counts in it."""
    return [
        "$Σ_j$ [ ]: a sum over the outputs; choose a row for its terms.  "
        f"${_summed_weight(row)}$ in D: the weight from $b_{state.parameter.indices[-1]}$ "
        "into output $j$."
        for row in state.rows
        if row.document == "D" and row.terms
    ]


def _summed_weight(row):
    """Return the label of the weight in a sum, which is its first factor."""
    return row.formula.partition("[$")[2].partition("$")[0]


def _head(state, y):
    heads = (
        (_NAME, "document", "start"),
        (_FORMULA, "its formula, and the same with its numbers", "start"),
        (_OWN, "its result", "end"),
        (_SAME, f"Δ${state.key}$", "end"),
    )
    return [
        _write(at, y, text, anchor=anchor, bold=at == _SAME, colour=INK)
        for at, text, anchor in heads
    ]


def _row(state, row, y):
    """Draw what one document writes; its ground makes the whole row a place to click."""
    above, below = y - 12, y + 13
    fill = FAINT_TINT if row.document == "A" else PAPER  # either takes a click
    parts = [
        svg.rectangle(_WIDTH / 2, y, _WIDTH - 16, _ROW, fill=fill, stroke=FAINT, stroke_width=1),
        _write(_NAME, above, row.document, size=16, bold=True),
        _write(_NAME, below, _tag(state, row), size=svg.SMALL, colour=MUTED),
        _write(_FORMULA, above, f"Δ${row.parameter}$ = {row.formula}", size=15),
        _write(_FORMULA, below, f"= {row.numbers}"),
        _write(_OWN, y, _result(row.value), anchor="end", size=14),
        _write(_SAME, y, _result(row.textbook_value), anchor="end", size=14, bold=True),
    ]
    return svg.choice(parts, row.document, label=f"document {row.document}")


def _tag(state, row):
    """Say in a word what kind of parameter it is here, or in which order its indices stand."""
    convention = CONVENTIONS[row.document]
    if state.is_threshold:
        return {-1: "threshold", 0: "dummy unit", 1: "bias"}[convention.sign]
    return "counted" if convention.vectors == "numbered" else convention.weight


# The explorer.


def convention_switcher(network=None, x=None, y=None, *, eta=0.5) -> Stepper:
    """Show one update in the notation of five documents at once.

    One frame a parameter: first one of each kind (w, theta, gamma, v), then the others.  A
    parameter that is chosen in the network comes up with its frame; a row that is chosen says what
    its document does otherwise.

    Parameters
    ----------
    network : Network, optional
        With one hidden layer of sigmoids; of two layers in a row, one has at most 3 units and none
        more than 5; at most 4 outputs.  By default a 3-2-3 network.
    x, y : array_like, shape (d,) and (l,), optional
        One sample and its targets; they belong to a network that is given.
    eta : float, default 0.5
        The rate of document A.  Each document gets the one that makes the same step.

    Returns
    -------
    Stepper

    Raises
    ------
    TypeError, ValueError
        If something does not fit, or a network is given without a sample.

    Notes
    -----
    Source: SOURCES X1, A12-A15; the rates from A8, C1, E3.

    Examples
    --------
    >>> switcher = convention_switcher()
    >>> switcher, len(switcher.frames), switcher.frames[0].goto["v_12"]
    (Explorer: one update in five notations, 17, 13)
    """
    given = [value is not None for value in (network, x, y)]
    if not any(given):
        network, x, y = example()
    elif not all(given):
        raise ValueError("network, x and y must be given together, or none of them")
    _require_drawable(network)
    states = update_states(network, x, y, eta=eta)
    goto = {state.key: number for number, state in enumerate(states)}
    frames = [
        Frame(
            state_picture(state, network, x, y),
            state_words(state),
            notes=row_notes(state),
            goto=goto,
            code=_code(state, network, x, y),
        )
        for state in states
    ]
    return Stepper("one update in five notations", frames, "", help=_HELP)


def _require_drawable(network):
    require_network(network)
    sizes = network.sizes
    small = len(sizes) == 3 and fits_labels(sizes, 1) and fits_labels(sizes, 2)
    if not small or sizes[-1] > _MOST_OUTPUTS:
        raise ValueError(
            "network must have one hidden layer, and be small enough to name every link: at most "
            "5 units in a layer, at most 3 in one of two layers in a row, and at most "
            f"{_MOST_OUTPUTS} outputs; got {sizes}"
        )


def _code(state, network, x, y):
    letter = state.parameter.base.name
    return _CODE.format(
        weights=[W.tolist() for W in network.weights],
        thresholds=[theta.tolist() for theta in network.thresholds],
        x=np.asarray(x, dtype=float).tolist(),
        y=np.asarray(y, dtype=float).tolist(),
        eta=state.eta,
        block=_BLOCKS[letter],
        place=", ".join(str(int(n) - 1) for n in state.parameter.indices),
    )
