"""What is said of a step of backpropagation, and of each part that is chosen."""

import re

from backprop_kit.symbolic import DEFINITIONS, E
from backprop_kit.symbolic.notation import TABLE
from backprop_kit.visual.explorers.backpropagation_formulas import (
    ENTRIES,
    PARAMETERS,
    backward,
    chains,
    greek,
    key_of,
    places_of,
    plain,
    positions_of,
    signs,
)
from backprop_kit.visual.svg import short


def words_of(state) -> str:
    """Say what a state's step does: formula, formula with numbers, and every result.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> from backprop_kit.visual.explorers.backpropagation import backpropagation_states
    >>> network = Network.from_parameters([[[1.0]], [[2.0]]], [[0.0], [0.5]])
    >>> print(words_of(backpropagation_states(network, [0.5], [1])[1]))
    Iteration 1, forward to every α_h.
    α_1 = Σ_i [v_i1 · x_i] = 1 · 0.5 = 0.5.
    """
    stage = state.stage
    start = f"Iteration {state.iteration}, {greek(stage.title)}."
    if stage.number == 0:
        given = f"x = {_row(state.arrays['x'])}, targets y = {_row(state.arrays['y'])}"
        return f"{start} {given}. Nothing is computed yet."
    if stage.number == 8:
        return f"{start} {_far_on(state)}"
    if stage.number == 7:
        steps = [_update(state, name, positions_of(state, name)[0]) for name in PARAMETERS]
        return f"{start} " + "; ".join(steps) + ". Every other one moves in the same way."
    if stage.values == ("E",):
        return f"{start}\n{state.worked(DEFINITIONS[E], {})}."
    letters, back = stage.values or stage.derivatives, not stage.values
    lines = [start, *(_results(state, name, back) for name in letters)]
    if stage.number == 6:
        lines.append("The arrows only mark the links: nothing goes back to the inputs.")
    return "\n".join(lines)


def _results(state, name, back):
    """Return the first result worked out, and the others."""
    first, *others = positions_of(state, name)
    formula = backward()[name] if back else DEFINITIONS[ENTRIES[name].base]
    numbers = state.derivatives[name] if back else state.arrays[name]
    text = state.worked(formula, places_of(name, first))
    if back and name in ("alpha", "beta"):  # a threshold is subtracted (SOURCES A15)
        left, *_, result = text.split(" = ")
        text = f"The same with the other sign: {left} = {result}"
    rest = [
        f"{plain(formula.left, places_of(name, at))} = {short(numbers[tuple(n - 1 for n in at)])}"
        for at in others
    ]
    return f"{text}{'; ' if rest else ''}{', '.join(rest)}."


def _far_on(state):
    """Say where the training has got to: answers, error, and the steepest direction."""
    sizes = {
        (name, at): abs(state.derivatives[name][tuple(n - 1 for n in at)])
        for name in PARAMETERS
        for at in positions_of(state, name)
    }
    name, at = max(sizes, key=sizes.get)
    steepest = plain(backward()[name].left, places_of(name, at))
    number = state.derivatives[name][tuple(n - 1 for n in at)]
    return (
        f"The answers are ŷ = {_row(state.arrays['y_hat'])}, the targets "
        f"y = {_row(state.arrays['y'])}; E = {short(state.error)}. "
        f"The largest derivative by a parameter: {steepest} = {short(number)}."
    )


def _row(numbers):
    return f"({', '.join(signs(f'{number:.6g}') for number in numbers)})"


def _update(state, name, at):
    """Return one parameter's step with its numbers."""
    entry, place = plain(ENTRIES[name], places_of(name, at)), tuple(n - 1 for n in at)
    old, slope = state.arrays[name][place], state.derivatives[name][place]
    new, step = state.updated[name][place], state.arrays["eta"]
    return (
        f"new {entry} = {entry} − η · ∂E/∂{entry} = "
        f"{signs(f'{old:.6g}')} − {signs(f'{step:.6g}')} · {_bracketed(slope)} = "
        f"{signs(f'{new:.6f}')}"
    )


def _bracketed(number):
    text = signs(f"{number:.6g}")
    return f"({text})" if text.startswith("−") else text


def notes_of(state) -> dict:
    """Say of every part what it is, its value, and its derivative with the numbers plugged in.

    Returns
    -------
    dict of str to str
        By the keys of the picture: ``"v_11"``, ``"gamma_1"``, ``"E"``.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> from backprop_kit.visual.explorers.backpropagation import backpropagation_states
    >>> network = Network.from_parameters([[[1.0]], [[2.0]]], [[0.0], [0.5]])
    >>> first, *_, last = backpropagation_states(network, [0.5], [1])
    >>> print(notes_of(first)["b_1"])
    b_1: output of hidden unit 1, in iteration 1.
    Value: not yet computed.
    ∂E/∂b_1: not yet computed.
    """
    notes = {
        key_of(name, at): _note(state, name, at)
        for name in ENTRIES
        for at in positions_of(state, name)
    }
    return notes | {"E": _note_on_error(state)}


def _note(state, name, at):
    places = places_of(name, at)
    entry = plain(ENTRIES[name], places)
    meaning = TABLE[name].meaning
    for index, number in places.items():
        meaning = re.sub(rf"\b{index}\b", str(number), meaning)
    lines = [f"{entry}: {meaning}, in iteration {state.iteration}.", _value(state, name, at)]
    if name == "x":
        lines.append("It is given: nothing in it can be learned, so nothing flows back to it.")
    elif not state.knows(name, derivative=True):
        lines.append(f"∂E/∂{entry}: not yet computed.")
    else:
        formula, chain = backward()[name], chains().get(name)
        if chain is not None:
            lines.append(f"∂E/∂{entry} = {plain(chain, places)}")
        lines.append(state.worked(formula, places))
    if state.stage.number >= 7 and name in PARAMETERS:
        lines.append(_update(state, name, at))
    return "\n".join(lines)


def _value(state, name, at):
    """Return the line about a part's value."""
    definition = DEFINITIONS.get(ENTRIES[name].base)
    if not state.knows(name):
        return "Value: not yet computed."
    if definition is None:
        entry = plain(ENTRIES[name], places_of(name, at))
        number = state.arrays[name][tuple(n - 1 for n in at)]
        return f"Value: {entry} = {signs(f'{number:.6g}')}."
    return f"Value: {state.worked(definition, places_of(name, at))}."


def _note_on_error(state):
    known = state.knows("E")
    value = f"Value: {state.worked(DEFINITIONS[E], {})}." if known else ""
    return "\n".join(
        [
            f"E: error of this sample, in iteration {state.iteration}.",
            value or "Value: not yet computed.",
            f"The targets are y = {_row(state.arrays['y'])}. The way back starts here.",
        ]
    )
