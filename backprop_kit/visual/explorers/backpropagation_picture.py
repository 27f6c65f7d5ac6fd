"""The picture of a step of backpropagation: values forward, derivatives of the error back."""

from backprop_kit.symbolic.evaluation import evaluate
from backprop_kit.visual.diagram import network_diagram, stage_highlights
from backprop_kit.visual.explorers.backpropagation_formulas import ENTRIES, terms_of_b


def picture_of(state) -> str:
    """Draw a state: values on the way forward, derivatives of the error on the way back.

    Parameters
    ----------
    state : State

    Returns
    -------
    str
        SVG, 720 px wide; every unit, tag and link can be chosen.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> from backprop_kit.visual.explorers.backpropagation import backpropagation_states
    >>> states = backpropagation_states(Network((2, 2, 1), rng=0), [0, 1], [1])
    >>> 'data-key="w_21"' in picture_of(states[0])
    True
    """
    stage = state.stage
    sizes = tuple(len(state.arrays[name]) for name in ("x", "b", "y_hat"))
    shown = _numbers_shown(state)
    return network_diagram(
        sizes,
        unit_values=[shown.get(name) for name in ("x", "b", "y_hat")],
        net_input_values=[shown.get(name) for name in ("alpha", "beta")],
        threshold_values=[shown.get(name) for name in ("gamma", "theta")],
        link_values=[shown.get(name) for name in ("v", "w")],
        error_value=state.error if stage.number in (0, 1, 8) and state.knows("E") else None,
        error=True,
        choices=True,
        page=True,
        caption=f"Iteration {state.iteration}: {stage.title}. Numbers: {_kind(stage)}",
        **_lit(sizes, stage),
    )


def _kind(stage):
    """Say what the numbers on the picture are."""
    derivatives = "∂$E$/∂(letter), not values"
    return {
        4: f"{derivatives}; on links the terms for $b_h$",
        7: "new values",
    }.get(stage.number, derivatives if 2 <= stage.number <= 6 else "values")


def _numbers_shown(state):
    """Return the numbers on the picture by letter: those known by now, of the kind said."""
    if state.stage.number == 7:
        return state.updated | {"x": state.arrays["x"]}
    numbers = state.derivatives if state.is_back else state.arrays
    shown = {
        name: numbers[name]
        for name in ENTRIES
        if name in numbers and state.knows(name, derivative=state.is_back)
    }
    if state.stage.number == 4:  # what flows along the links in this step
        shown["w"] = evaluate(terms_of_b(), state.arrays, ENTRIES["w"].indices)
    return shown


def _lit(sizes, stage):
    """Return what lights up, as arguments of the drawing."""
    if 2 <= stage.number <= 6:
        lit = stage_highlights(sizes, stage.number)
        return {name: lit[name] for name in lit if name.startswith("highlight")}
    everything = stage_highlights(sizes, 1)

    def of(kind, *layers):
        return {part for part in everything[f"highlight_{kind}"] if part[0] in layers}

    if stage.number == 8:
        return {"highlight": "update"}
    if stage.number == 7:
        tags = of("net_inputs", 1, 2)
        return {
            "highlight": "update",
            "highlight_links": of("links", 1, 2),
            "highlight_thresholds": tags,
        }
    by_letter = {
        "x": {"highlight_units": of("units", 0)},
        "alpha": {"highlight_links": of("links", 1), "highlight_net_inputs": of("net_inputs", 1)},
        "b": {"highlight_units": of("units", 1)},
        "beta": {"highlight_links": of("links", 2), "highlight_net_inputs": of("net_inputs", 2)},
        "y_hat": {"highlight_units": of("units", 2)},
        "E": {"highlight_links": of("links", 3), "highlight_units": of("units", 3)},
    }
    return {"highlight": "forward"} | by_letter[stage.values[0]]
