"""The network as a drawing: units, links, thresholds, and what is lit among them.

Positions count from 1, as in the textbook; layer 0 is the input, layer M the output.  A unit is
``(layer, number)``, a link ``(layer it enters, from, to)``, a threshold ``(layer, number)``.  In
a network with one hidden layer the textbook's letters say the same: ``("v", 1, 2)`` is the link
``(1, 1, 2)``, ``("theta", 1)`` the threshold ``(2, 1)``, ``("b", 2)`` the unit ``(1, 2)``.
"""

import math

from backprop_kit.numeric.validation import as_array, as_choice, as_count
from backprop_kit.visual import svg
from backprop_kit.visual.layout import DIRECTIONS, PAGE, Drawing, Lit, fits_labels, shown

# Letters of SOURCES A7: what they name, and in which layer.
_LETTERS = {
    "x": ("units", 0),
    "b": ("units", 1),
    "y_hat": ("units", 2),
    "v": ("links", 1),
    "w": ("links", 2),
    "gamma": ("thresholds", 1),
    "theta": ("thresholds", 2),
    "alpha": ("net_inputs", 1),
    "beta": ("net_inputs", 2),
}
_STAGES = (
    "stage 1: forward, every value is computed",
    "stage 2: back to every $y_hat_j$",
    "stage 3: back to every $theta_j$ and $w_hj$",
    "stage 4: back to every $b_h$",
    "stage 5: back to every $gamma_h$ and $alpha_h$",
    "stage 6: back to every $v_ih$",
)
_SCALES = {"normal": 1.0, "large": 1.4}


def path_highlights(sizes, parameter) -> dict:
    """Return what lies on the paths from a parameter to the error, as arguments of the drawing.

    Every path contributes one term to the derivative (SOURCES E5): `v_ih` reaches the error
    through every output, `theta_j` through one.

    Parameters
    ----------
    sizes : sequence of int
        Number of units in each layer, input first.
    parameter : tuple
        A link or threshold: ``("v", 1, 2)``, ``("w", 2, 1)``, ``("gamma", 1)``, ``("theta", 1)``;
        at any depth ``(layer, from, to)`` or ``(layer, number)``.

    Returns
    -------
    dict
        Sets under ``"highlight_links"``, ``"highlight_units"``, ``"highlight_thresholds"`` and
        ``"highlight_net_inputs"``, and ``"error": True``.  A net input is a station wherever a
        link leads into its unit; a threshold acts on the output of its own unit directly.

    Raises
    ------
    TypeError, ValueError
        If the network has no such parameter.

    Examples
    --------
    >>> lit = path_highlights((2, 2, 2), ("v", 1, 2))
    >>> sorted(lit["highlight_links"])
    [(1, 1, 2), (2, 2, 1), (2, 2, 2), (3, 1, 1), (3, 2, 1)]
    """
    sizes = _sizes(sizes)
    kind = _kind_of_parameter(parameter)
    layer, *numbers = _position(sizes, kind, parameter, "paths", error=False)
    links = {(layer, *numbers)} if kind == "links" else set()
    units = reached = {(layer, numbers[-1])}
    for above in range(layer + 1, len(sizes)):
        ahead = {(above, to) for to in range(1, sizes[above] + 1)}
        links |= {(above, start, to) for _, start in reached for _, to in ahead}
        units = units | ahead
        reached = ahead
    last = len(sizes)
    return {
        "highlight_links": links | {(last, number, 1) for _, number in reached},
        "highlight_units": units | {(last, 1)},
        "highlight_thresholds": {(layer, *numbers)} if kind == "thresholds" else set(),
        "highlight_net_inputs": {(entered, end) for entered, _, end in links},
        "error": True,
    }


def stage_highlights(sizes, stage) -> dict:
    """Return what lights up at one stage of an iteration (SOURCES A16), as arguments.

    Stage 1 computes forward.  Then the derivatives arrive, from the error backwards: at the
    outputs (2), at every `theta_j` and `w_hj` (3), along all the `w_hj` at every `b_h` (4), at
    every `gamma_h` and `alpha_h` (5), at every `v_ih` (6).  `beta_j` goes with `theta_j`: their
    derivatives differ by a sign only (A15).

    Parameters
    ----------
    sizes : sequence of int
        Sizes of a network with one hidden layer: ``(d, q, l)``.
    stage : int
        1 to 6.

    Returns
    -------
    dict
        Sets under ``"highlight_..."``, the direction under ``"highlight"``, and what the
        drawing must show besides.

    Raises
    ------
    TypeError, ValueError
        If there is not exactly one hidden layer, or the stage is not 1 to 6.

    Examples
    --------
    >>> sorted(stage_highlights((2, 2, 1), 3)["highlight_links"])
    [(2, 1, 1), (2, 2, 1)]
    """
    sizes = _sizes(sizes)
    if len(sizes) != 3:
        raise ValueError(f"stage needs one hidden layer (three sizes), got {sizes}")
    stage = as_count("stage", stage)
    if stage > len(_STAGES):
        raise ValueError(f"stage must be 1 to {len(_STAGES)}, got {stage}")

    def units(*layers):
        return {(layer, number) for layer in layers for number in range(1, sizes[layer] + 1)}

    def links(layer):
        fro, to = range(1, sizes[layer - 1] + 1), range(1, sizes[layer] + 1)
        return {(layer, start, end) for start in fro for end in to}

    to_error = {(3, number, 1) for number in range(1, sizes[2] + 1)}
    lit = {
        1: {
            "units": units(0, 1, 2) | {(3, 1)},
            "links": links(1) | links(2) | to_error,
            "net_inputs": units(1, 2),
        },
        2: {"units": units(2), "links": to_error},
        3: {"thresholds": units(2), "net_inputs": units(2), "links": links(2)},
        4: {"units": units(1), "links": links(2)},  # the ways that the sum over j runs through
        5: {"thresholds": units(1), "net_inputs": units(1)},
        6: {"links": links(1)},
    }[stage]
    return {
        **{f"highlight_{kind}": lit.get(kind, set()) for kind in Lit.KINDS},
        "highlight": "forward" if stage == 1 else "backward",
        "net_inputs": True,
        "error": True,
    }


def network_diagram(
    sizes,
    *,
    unit_labels=None,
    unit_values=None,
    link_values=None,
    threshold_values=None,
    net_input_values=None,
    highlight_units=(),
    highlight_links=(),
    highlight_thresholds=(),
    highlight_net_inputs=(),
    highlight=None,
    paths=None,
    stage=None,
    notation="textbook",
    letters=True,
    indices=True,
    thresholds=True,
    net_inputs=False,
    error=False,
    error_value=None,
    decimals=3,
    caption=None,
    size="normal",
    choices=False,
    page=False,
) -> str:
    """Draw a network as SVG: layers from left to right, names as in the textbook.

    What is lit is thick and coloured; forward it is solid and points to the right, backward it
    is dashed and points to the left.  A layer of more than 8 units shows its first three, dots
    and its last; names of links are left out where they would not fit.

    Parameters
    ----------
    sizes : sequence of int
        Number of units in each layer, input first; at least two layers.
    unit_labels : sequence of (sequence of str or None), optional
        Names of the units of each layer, such as ``[None, ["OR", "NAND"], ["AND"]]``; None
        keeps the textbook's.  ``"b_1"`` and ``"y_hat_1"`` come out as in a formula.
    unit_values, net_input_values, threshold_values : sequence of array_like, optional
        Numbers for every unit of a layer, shape (n,) or (1, n); None leaves a layer out.
        ``trace.outputs``, ``trace.net_inputs`` and ``network.thresholds`` fit as they are.
    link_values : sequence of array_like, optional
        Numbers for the links into layers 1 to M, each of shape (n_in, n_out):
        ``network.weights`` fits as it is.
    highlight_units, highlight_links, highlight_thresholds, highlight_net_inputs : iterable
        Positions that are lit; see the top of this module.  With `error`, the error is the
        unit ``(M + 1, 1)``, and ``(M + 1, j, 1)`` the link from output j to it.
    highlight : {"forward", "backward", "update"}, optional
        Direction of what is lit.  Forward if not given, except in stages 2 to 6.  An update has
        none: what is lit is new.
    paths : tuple, optional
        A parameter, such as ``("v", 1, 2)``: every path from it to the error is lit too.
    stage : int, optional
        A stage of an iteration, 1 to 6: see `stage_highlights`.
    notation : {"textbook", "layers"}, default "textbook"
        Which letters name the parts.  ``"layers"`` has those of the delta recursion at any depth:
        ``x^(L)`` for units, inputs and outputs too, ``u^(L)`` for net inputs with the threshold
        subtracted, ``W^(L)`` for links.  Captions use them, too.
    letters : bool, default True
        Whether links carry their names.
    indices : bool, default True
        Whether names carry indices; only a chain of single units can do without.
    thresholds, net_inputs : bool, default True and False
        Whether units carry tags with their threshold (above) and net input (below).
    error : bool, default False
        Whether the error stands at the right, linked to every output.
    error_value : float, optional
        Its number.
    decimals : int, default 3
        Decimals of all numbers.
    caption : str, optional
        Line below the drawing, with labels between dollar signs (``"from $v_12$ to $E$"``).
        By default it says what is lit; ``""`` for none.
    size : {"normal", "large"}, default "normal"
        Large suits a projector.
    choices : bool, default False
        Whether an explorer lets the student choose parts: each unit, tag and link's label is then a
        group with its name as ``data-key``, ``"w_11"``.
    page : bool, default False
        Whether the drawing is one of many to be turned like pages: 720 px wide, every part in the
        same place whatever numbers are shown.  Numbers are short, those of links carry their
        sign, a link's colour and thickness show its sign and size, and a key explains all marks.

    Returns
    -------
    str
        The drawing; `show` puts it on the page.  The same call gives the same text.

    Raises
    ------
    TypeError, ValueError
        If sizes, positions, names or numbers do not fit each other, or numbers are asked for
        links too many to carry them; if a page is too narrow for the network.

    Examples
    --------
    >>> drawing = network_diagram((2, 2, 1), highlight_links=[("v", 1, 2)])
    >>> drawing[:4], drawing.count("<circle"), drawing == network_diagram(
    ...     (2, 2, 1), highlight_links=[(1, 1, 2)]
    ... )
    ('<svg', 5, True)
    """
    sizes = _sizes(sizes)
    if not indices and (max(sizes) > 1 or len(sizes) > 3):
        raise ValueError(f"indices can be left out only of (1, 1) and (1, 1, 1), got {sizes}")
    layered = as_choice("notation", notation, ("textbook", "layers")) == "layers"
    if layered and not indices:
        raise ValueError("indices cannot be left out with notation='layers'")
    asked = {
        "highlight_units": highlight_units,
        "highlight_links": highlight_links,
        "highlight_thresholds": highlight_thresholds,
        "highlight_net_inputs": highlight_net_inputs,
    }
    extras = []
    if stage is not None:
        extras.append(stage_highlights(sizes, stage))
        caption = _STAGES[stage - 1] if caption is None else caption
    if paths is not None:
        extras.append(path_highlights(sizes, paths))
        caption = _path_caption(sizes, paths, layered) if caption is None else caption
    for extra in extras:
        highlight = extra.get("highlight") if highlight is None else highlight
        net_inputs = net_inputs or extra.get("net_inputs", False)
        error = error or extra["error"]
    error = error or error_value is not None
    lit = Lit()
    for kind in Lit.KINDS:
        name = f"highlight_{kind}"
        for item in (*asked[name], *(item for extra in extras for item in extra.get(name, ()))):
            getattr(lit, kind).add(_position(sizes, kind, item, name, error))
    direction = as_choice("highlight", highlight or "forward", DIRECTIONS)
    if caption is None and lit.any():
        caption = "flows forward" if direction == "forward" else "flows back"
    decimals = None if page else as_count("decimals", decimals, minimum=0)
    net_inputs = net_inputs or net_input_values is not None or bool(lit.net_inputs)
    tagged = range(1, len(sizes))
    values = {
        "units": _numbers("unit_values", unit_values, sizes, range(len(sizes)), decimals),
        "thresholds": _numbers("threshold_values", threshold_values, sizes, tagged, decimals),
        "net_inputs": _numbers("net_input_values", net_input_values, sizes, tagged, decimals),
        "links": _link_numbers(
            link_values, sizes, lambda number: _written(number, decimals, signed=True)
        ),
    }
    if error_value is not None:
        number = as_array("error_value", error_value, ndim=0)
        values["units"][(len(sizes), 1)] = _written(number, decimals)
    drawing = Drawing(
        sizes=sizes,
        names=_unit_names(sizes, unit_labels, indices, layered),
        values=values,
        lit=lit,
        direction=direction,
        letters=letters,
        indices=bool(indices),
        tags={"thresholds": bool(thresholds), "net_inputs": net_inputs},
        error=error,
        caption=caption or "",
        layered=layered,
        choices=bool(choices),
        page=bool(page),
        link_numbers=_link_numbers(link_values, sizes, float),
    )
    if page and drawing.width > PAGE:
        raise ValueError(f"sizes {sizes} need {drawing.width:.0f} px, and a page has {PAGE}")
    scale = _SCALES[as_choice("size", size, tuple(_SCALES))]
    return drawing.draw(scale)


def _sizes(sizes):
    """Return the sizes as a tuple of counts, at least two."""
    try:
        sizes = tuple(sizes)
    except TypeError:
        raise TypeError(f"sizes must be a sequence of counts, got {sizes!r}") from None
    if len(sizes) < 2:
        raise ValueError(f"sizes must hold at least two layers, got {sizes}")
    return tuple(as_count(f"sizes[{layer}]", size) for layer, size in enumerate(sizes))


def _kind_of_parameter(parameter):
    """Tell whether a parameter is a link or a threshold."""
    if isinstance(parameter, tuple) and parameter:
        kind = (
            _LETTERS.get(parameter[0], (None,))[0]
            if isinstance(parameter[0], str)
            else ({3: "links", 2: "thresholds"}.get(len(parameter)))
        )
        if kind in ("links", "thresholds"):
            return kind
    raise ValueError(
        "paths must be a weight or threshold such as ('v', 1, 2) or ('theta', 1), "
        f"got {parameter!r}"
    )


def _position(sizes, kind, item, name, error):
    """Return a position as numbers, checked against the network."""
    form = "(layer, from, to)" if kind == "links" else "(layer, number)"
    if not isinstance(item, tuple) or not item:
        raise TypeError(f"{name} must hold tuples {form} or letters such as ('b', 1), got {item!r}")
    letter, *numbers = item
    position = item
    if isinstance(letter, str):
        known = _LETTERS.get(letter)
        if known is None or known[0] != kind:
            fitting = ", ".join(key for key, (of, _) in _LETTERS.items() if of == kind)
            raise ValueError(f"{name}: unknown letter {letter!r}; known are {fitting}")
        if len(sizes) != 3:
            raise ValueError(
                f"{name}: letters belong to one hidden layer; with sizes {sizes} give {form}"
            )
        position = (known[1], *numbers)
    full = (*sizes, 1) if error else sizes
    expected = 3 if kind == "links" else 2
    if len(position) != expected or not all(
        isinstance(entry, int) and not isinstance(entry, bool) for entry in position
    ):
        raise ValueError(f"{name} must hold {form}, got {item!r}")
    layer = position[0]
    lowest = 0 if kind == "units" else 1
    highest = len(full) - 1 if kind in ("units", "links") else len(sizes) - 1
    if not lowest <= layer <= highest:
        raise ValueError(f"{name}: layer must be {lowest} to {highest}, got {item!r}")
    limits = (full[layer - 1], full[layer]) if kind == "links" else (full[layer],)
    for entry, limit in zip(position[1:], limits, strict=True):
        if not 1 <= entry <= limit:
            raise ValueError(f"{name}: the network {sizes} has no {item!r}")
    return position


def _path_caption(sizes, parameter, layered):
    kind = _kind_of_parameter(parameter)
    layer, *numbers = _position(sizes, kind, parameter, "paths", error=False)
    count = math.prod(sizes[layer + 1 :])
    if isinstance(parameter[0], str) and not layered:
        label = f"{parameter[0]}_{''.join(map(str, numbers))}"
    else:
        letter = "theta" if kind == "thresholds" else "W" if layered else "w"
        label = f"{letter}^({layer})_{''.join(map(str, numbers))}"
    return f"{count} path{'s' * (count > 1)} from ${label}$ to $E$"


def _unit_names(sizes, unit_labels, indices, layered):
    """Return the name of every unit shown, by position."""
    if unit_labels is None:
        unit_labels = [None] * len(sizes)
    if isinstance(unit_labels, str) or len(unit_labels) != len(sizes):
        raise ValueError(
            f"unit_labels must hold one entry a layer ({len(sizes)}), got {unit_labels!r}"
        )
    last, names = len(sizes) - 1, {}
    for layer, (size, labels) in enumerate(zip(sizes, unit_labels, strict=True)):
        letter = "x" if layer == 0 else "y_hat" if layer == last else "b"
        if 0 < layer < last and last > 2:
            letter = f"b^({layer})"
        if layered:
            letter = f"x^({layer})"
        if labels is None:
            labels = [f"{letter}_{n}" if indices else letter for n in range(1, size + 1)]
        if isinstance(labels, str) or len(labels) != size:
            raise ValueError(f"unit_labels[{layer}] must hold {size} names, got {labels!r}")
        names |= {(layer, n): str(labels[n - 1]) for n in shown(size) if n}
    return names


def _numbers(name, values, sizes, layers, decimals):
    """Return written numbers by position, for the layers given."""
    if values is None:
        return {}
    if len(values) != len(layers):
        raise ValueError(f"{name} must hold one entry a layer ({len(layers)}), got {len(values)}")
    written = {}
    for layer, numbers in zip(layers, values, strict=True):
        if numbers is None:
            continue
        numbers = as_array(f"{name}[{layer - layers[0]}]", numbers)
        if numbers.shape not in ((sizes[layer],), (1, sizes[layer])):
            raise ValueError(
                f"{name}[{layer - layers[0]}] must have shape ({sizes[layer]},), "
                f"got {numbers.shape}"
            )
        written |= {
            (layer, n): _written(numbers.flat[n - 1], decimals) for n in shown(sizes[layer]) if n
        }
    return written


def _written(number, decimals, *, signed=False):
    """Write a number with its decimals, or short, as on a page, where `decimals` is None."""
    if decimals is None:
        return svg.short(number, signed=signed)
    return svg.decimal(number, decimals)


def _link_numbers(values, sizes, write):
    """Return what `write` makes of each link's number, by layer and (from, to)."""
    if values is None:
        return {}
    if len(values) != len(sizes) - 1:
        raise ValueError(
            f"link_values must hold one matrix for each of {len(sizes) - 1} layers, "
            f"got {len(values)}"
        )
    written = {}
    for layer, matrix in enumerate(values, start=1):
        if matrix is None:
            continue
        shape = (sizes[layer - 1], sizes[layer])
        matrix = as_array(f"link_values[{layer - 1}]", matrix, shape=shape)
        if not fits_labels(sizes, layer):
            raise ValueError(
                f"link_values[{layer - 1}]: numbers fit only layers of at most 3 and 5 units, "
                f"got {shape[0]} and {shape[1]}; give None"
            )
        written[layer] = {
            (i + 1, j + 1): write(matrix[i, j]) for i in range(shape[0]) for j in range(shape[1])
        }
    return written
