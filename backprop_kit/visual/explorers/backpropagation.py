"""Backpropagation, stepped: forward, back and one step downhill, with every number in its formula.

Nothing here states a gradient.  The formulas come from `derive_updates` and `derive_deltas`, their
numbers from `substituted`, so what a formula says and what it comes to cannot disagree.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from backprop_kit.numeric import Network
from backprop_kit.numeric.validation import as_array, as_count, as_positive
from backprop_kit.symbolic import DEFINITIONS, E, Formula, Partial, derive_updates, substituted
from backprop_kit.symbolic.evaluation import evaluate, sample_arrays
from backprop_kit.symbolic.messages import delta, derive_deltas
from backprop_kit.symbolic.notation import (
    TABLE,
    alpha,
    b,
    beta,
    eta,
    gamma,
    h,
    i,
    j,
    theta,
    v,
    w,
    x,
    y_hat,
)
from backprop_kit.symbolic.typeset import TextbookStrPrinter
from backprop_kit.visual.diagram import network_diagram, stage_highlights
from backprop_kit.visual.explorers.stepper import Frame, Stepper
from backprop_kit.visual.svg import short

_MOST_ITERATIONS = 10  # all frames are sent at once, at most some MB
_PARAMETERS = {"v": v[i, h], "gamma": gamma[h], "w": w[h, j], "theta": theta[j]}
_ENTRIES = {
    **_PARAMETERS, "x": x[i], "alpha": alpha[h], "b": b[h], "beta": beta[j], "y_hat": y_hat[j],
}  # fmt: skip


# ---------------------------------------------------------------- states


@dataclass(frozen=True)
class Stage:
    """One step of an iteration: what becomes known in it.

    Attributes
    ----------
    title : str
        In words, with labels between dollar signs.
    values, derivatives : tuple of str
        The letters whose values, or whose derivatives of the error, are computed.
    number : int
        The stage of SOURCES A16; 0 for the inputs, 7 for the update.
    """

    title: str
    values: tuple[str, ...] = ()
    derivatives: tuple[str, ...] = ()
    number: int = 1


STAGES = (
    Stage("inputs and parameters", ("x", "v", "gamma", "w", "theta"), number=0),
    Stage("forward to every $alpha_h$", ("alpha",)),
    Stage("forward to every $b_h$", ("b",)),
    Stage("forward to every $beta_j$", ("beta",)),
    Stage("forward to every $y_hat_j$", ("y_hat",)),
    Stage("the error $E$", ("E",)),
    Stage("back to every $y_hat_j$", derivatives=("y_hat",), number=2),
    Stage(
        "back to every $theta_j$, $beta_j$ and $w_hj$",
        derivatives=("theta", "beta", "w"),
        number=3,
    ),
    Stage("back to every $b_h$", derivatives=("b",), number=4),
    Stage("back to every $gamma_h$ and $alpha_h$", derivatives=("gamma", "alpha"), number=5),
    Stage("back to every $v_ih$", derivatives=("v",), number=6),
    Stage("the update", number=7),
)


@dataclass(frozen=True, eq=False)
class State:
    """The network at one step of one iteration.

    Attributes
    ----------
    iteration : int
        From 1 on.
    stage : Stage
    arrays : dict of str to ndarray
        Every value of this iteration by letter, as `evaluate` takes them; ``"eta"`` if given.
    derivatives : dict of str to ndarray
        The derivatives of the error by letter, of the same shapes.
    error : float
        The error of the sample.
    """

    iteration: int
    stage: Stage
    arrays: Mapping[str, np.ndarray]
    derivatives: Mapping[str, np.ndarray]
    error: float

    @property
    def updated(self) -> dict:
        """The parameters after the step, ``p - eta ∂E/∂p``, by letter."""
        step = self.arrays["eta"]
        return {name: self.arrays[name] - step * self.derivatives[name] for name in _PARAMETERS}

    def knows(self, name, *, derivative=False) -> bool:
        """Tell whether a value or derivative is computed by now."""
        kind = "derivatives" if derivative else "values"
        now = STAGES.index(self.stage)
        return any(name in getattr(stage, kind) for stage in STAGES[: now + 1])


def backpropagation_states(network, x, y, *, eta=None, iterations=1) -> tuple[State, ...]:
    """Compute every step of some iterations on one sample (SOURCES A16).

    The arguments and errors are those of `backpropagation_stepper`.

    Returns
    -------
    tuple of State
        For each iteration 11 states, and a twelfth for the update if `eta` is given.

    Examples
    --------
    >>> states = backpropagation_states(Network((2, 2, 1), rng=0), [0, 1], [1], eta=0.5)
    >>> len(states), states[-1].stage.title
    (12, 'the update')
    """
    network, x, y = _checked(network, x, y)
    iterations = as_count("iterations", iterations)
    if iterations > _MOST_ITERATIONS:
        raise ValueError(f"iterations must be at most {_MOST_ITERATIONS}, got {iterations}")
    if eta is not None:
        eta = as_positive("eta", eta)
    elif iterations > 1:
        raise ValueError("eta must be given for more than one iteration: it makes the step")
    stages = STAGES if eta is not None else STAGES[:-1]
    states = []
    for iteration in range(1, iterations + 1):
        trace = network.forward([x])
        arrays = sample_arrays(network, trace, [y], 0) | ({} if eta is None else {"eta": eta})
        derivatives = {
            name: evaluate(formula.right, arrays, _ENTRIES[name].indices)
            for name, formula in _backward().items()
        }
        error = float(evaluate(DEFINITIONS[E].right, arrays))
        states += [State(iteration, stage, arrays, derivatives, error) for stage in stages]
        if eta is not None:
            network.step(network.backward(trace, [y]), eta)
    return tuple(states)


def _checked(network, x, y):
    """Return a copy of the network, and the sample, checked."""
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    if len(network.sizes) != 3:
        raise ValueError(f"network must have one hidden layer (d, q, l), got {network.sizes}")
    if (network.activation, network.output) != ("sigmoid", "sigmoid"):
        raise ValueError(
            "network must have sigmoids in both layers, "
            f"got {network.activation} and {network.output}"
        )
    if network._loss.name != "half_squared_error":
        raise ValueError(f"network must have the half squared error, got {network._loss.name}")
    sizes = network.sizes
    try:
        network_diagram(sizes, link_values=network.weights, error=True, net_inputs=True, page=True)
    except ValueError as error:
        raise ValueError(f"network must be small enough to draw: {error}") from None
    return (
        network.copy(),
        as_array("x", x, shape=(sizes[0],)),
        as_array("y", y, shape=(sizes[2],)),
    )


# ---------------------------------------------------------------- formulas, all derived


@cache
def _backward():
    """Return the derivative of the error by every letter, as a formula."""
    updates, deltas = derive_updates(), derive_deltas()
    right = {name: getattr(updates, name) / -eta for name in _PARAMETERS}
    right["y_hat"] = updates.chain("w").factors[0].right
    right["b"] = updates.chain("v").factors[0].result.right
    right["beta"] = deltas.in_full(delta[j])
    right["alpha"] = deltas.in_full(delta[h])
    return {name: Formula(Partial(E, _ENTRIES[name]), formula) for name, formula in right.items()}


@cache
def _chains():
    """Return the same derivatives as products of partial derivatives, where there are several."""
    updates, deltas = derive_updates(), derive_deltas()
    factors = {name: updates.chain(name).split.right.args for name in _PARAMETERS}
    names = {
        name: sympy.Mul(*(f for f in of if f not in (-1, eta)), evaluate=False)
        for name, of in factors.items()
    }
    error, slope = deltas.output.factors
    names["beta"] = sympy.Mul(error.left, slope.left, evaluate=False)
    names["b"] = updates.chain("v").factors[0].split.right
    names["alpha"] = sympy.Mul(Partial(E, b[h]), deltas.hidden.factors[1].left, evaluate=False)
    return names


_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "theta": "θ", "eta": "η", "y_hat": "ŷ", "sigma": "σ",
}  # fmt: skip


class _Plain(TextbookStrPrinter):
    """Formulas as plain text with numbers for indices: ``ŷ_2``, ``Σ_j [ ... ]``."""

    printmethod = None  # so that our own symbols come through the methods below

    def at(self, places):
        """Return the printer, told the numbers of the free indices."""
        self.places = places
        return self

    def _print_Entry(self, expr):
        letter = expr.base.name
        indices = "".join(self._print(index) for index in expr.indices)
        return f"{_GREEK.get(letter, letter)}_{indices}"

    def _print_Symbol(self, expr):
        return str(self.places.get(expr, _GREEK.get(expr.name, expr.name)))

    def _print_Partial(self, expr):
        return f"∂{self._print(expr.of)}/∂{self._print(expr.by)}"

    def _print_Sum(self, expr):
        (index, *_), bare = expr.limits[0], expr.function
        return f"Σ_{index} [{self._print(bare)}]"

    def _print_sigma(self, expr):
        return f"σ({self._print(expr.args[0])})"


def _plain(expr, places):
    return _signs(_Plain().at(places).doprint(expr))


def _signs(text):
    """Write Python's signs as a page does."""
    for python, page in (("**2", "²"), ("*", " · "), ("-", "−"), ("sigma", "σ")):
        text = text.replace(python, page)
    return text


def _worked(formula, arrays, places):
    """Return a formula, the same with its numbers, and the result: ``a = b = c``."""
    worked = substituted(formula, arrays, places, decimals=6)
    if 0 < abs(worked.value) < 1e-4:  # three digits of a small result
        decimals = min(15, 2 - math.floor(math.log10(abs(worked.value))))
        worked = substituted(formula, arrays, places, decimals=decimals)
    bound = {limit[0] for total in formula.right.atoms(sympy.Sum) for limit in total.limits}
    places = {index: n for index, n in places.items() if index not in bound}
    first = [_plain(formula.left, places), _plain(formula.right, places)]
    return " = ".join([*first, *(_signs(line) for line in worked.text)])


def _key(name, numbers):
    return "_".join([name, "".join(map(str, numbers))]) if numbers else name


def _places(name, numbers):
    return dict(zip(_ENTRIES[name].indices, numbers, strict=True)) if name != "E" else {}


def _positions(state, name):
    """Return the positions of one letter, counted from 1."""
    return [tuple(n + 1 for n in at) for at in np.ndindex(state.arrays[name].shape)]


# ---------------------------------------------------------------- picture


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
    >>> states = backpropagation_states(Network((2, 2, 1), rng=0), [0, 1], [1])
    >>> 'data-key="w_21"' in picture_of(states[0])
    True
    """
    stage = state.stage
    sizes = tuple(len(state.arrays[name]) for name in ("x", "b", "y_hat"))
    shown = _numbers_shown(state)
    kind = {0: "values", 1: "values", 7: "new values"}.get(
        stage.number, "$E$ derived by each letter"
    )
    return network_diagram(
        sizes,
        unit_values=[shown.get(name) for name in ("x", "b", "y_hat")],
        net_input_values=[shown.get(name) for name in ("alpha", "beta")],
        threshold_values=[shown.get(name) for name in ("gamma", "theta")],
        link_values=[shown.get(name) for name in ("v", "w")],
        error_value=state.error if stage.number < 2 and state.knows("E") else None,
        error=True,
        choices=True,
        page=True,
        caption=f"Iteration {state.iteration}: {stage.title}. Numbers: {kind}",
        **_lit(sizes, stage),
    )


def _numbers_shown(state):
    """Return the numbers on the picture by letter: those known by now, of one kind."""
    if state.stage.number == 7:
        return state.updated | {"x": state.arrays["x"]}
    back = state.stage.number > 1
    numbers = state.derivatives if back else state.arrays
    return {
        name: numbers[name]
        for name in _ENTRIES
        if name in numbers and state.knows(name, derivative=back)
    }


def _lit(sizes, stage):
    """Return what lights up, as arguments of the drawing."""
    if 2 <= stage.number <= 6:
        lit = stage_highlights(sizes, stage.number)
        return {name: lit[name] for name in lit if name.startswith("highlight")}
    everything = stage_highlights(sizes, 1)

    def of(kind, *layers):
        return {part for part in everything[f"highlight_{kind}"] if part[0] in layers}

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


# ---------------------------------------------------------------- words


def words_of(state) -> str:
    """Say what a state's step does: formula, formula with numbers, and every result.

    Examples
    --------
    >>> network = Network.from_parameters([[[1.0]], [[2.0]]], [[0.0], [0.5]])
    >>> print(words_of(backpropagation_states(network, [0.5], [1])[1]))
    Iteration 1, forward to every α_h. α_1 = Σ_i [v_i1 · x_i] = 1 · 0.5 = 0.5.
    """
    stage = state.stage
    title = stage.title.replace("$", "").replace("y_hat", "ŷ")
    for letter, sign in _GREEK.items():
        title = title.replace(f"{letter}_", f"{sign}_")
    start = f"Iteration {state.iteration}, {title}."
    if stage.number == 0:
        given = f"x = {_row(state.arrays['x'])}, targets y = {_row(state.arrays['y'])}"
        return f"{start} {given}. Nothing is computed yet."
    if stage.number == 7:
        steps = [_update(state, name, _positions(state, name)[0]) for name in _PARAMETERS]
        return f"{start} " + "; ".join(steps) + ". Every other one moves in the same way."
    if stage.values == ("E",):
        return f"{start} {_worked(DEFINITIONS[E], state.arrays, {})}."
    letters, back = stage.values or stage.derivatives, not stage.values
    return " ".join([start, *(_results(state, name, back) for name in letters)])


def _results(state, name, back):
    """Return the first result worked out, and the others."""
    first, *others = _positions(state, name)
    formula = _backward()[name] if back else DEFINITIONS[_ENTRIES[name].base]
    numbers = state.derivatives[name] if back else state.arrays[name]
    text = _worked(formula, state.arrays, _places(name, first))
    rest = [
        f"{_plain(formula.left, _places(name, at))} = {short(numbers[tuple(n - 1 for n in at)])}"
        for at in others
    ]
    return f"{text}{'; ' if rest else ''}{', '.join(rest)}."


def _row(numbers):
    return f"({', '.join(_signs(f'{number:.6g}') for number in numbers)})"


def _update(state, name, at):
    """Return one parameter's step with its numbers."""
    entry, place = _plain(_ENTRIES[name], _places(name, at)), tuple(n - 1 for n in at)
    old, slope = state.arrays[name][place], state.derivatives[name][place]
    new, step = state.updated[name][place], state.arrays["eta"]
    return (
        f"new {entry} = {entry} − η · ∂E/∂{entry} = "
        f"{_signs(f'{old:.6g}')} − {_signs(f'{step:.6g}')} · {_bracketed(slope)} = "
        f"{_signs(f'{new:.6f}')}"
    )


def _bracketed(number):
    text = _signs(f"{number:.6g}")
    return f"({text})" if text.startswith("−") else text


def notes_of(state) -> dict:
    """Say of every part what it is, its value, and its derivative with the numbers plugged in.

    Returns
    -------
    dict of str to str
        By the keys of the picture: ``"v_11"``, ``"gamma_1"``, ``"E"``.

    Examples
    --------
    >>> network = Network.from_parameters([[[1.0]], [[2.0]]], [[0.0], [0.5]])
    >>> first, *_, last = backpropagation_states(network, [0.5], [1])
    >>> print(notes_of(first)["b_1"])
    b_1: output of hidden unit 1, in iteration 1.
    Value: not yet computed.
    ∂E/∂b_1: not yet computed.
    """
    notes = {
        _key(name, at): _note(state, name, at)
        for name in _ENTRIES
        for at in _positions(state, name)
    }
    return notes | {"E": _note_on_error(state)}


def _note(state, name, at):
    places = _places(name, at)
    entry = _plain(_ENTRIES[name], places)
    meaning = TABLE[name].meaning
    for index, number in places.items():
        meaning = re.sub(rf"\b{index}\b", str(number), meaning)
    lines = [f"{entry}: {meaning}, in iteration {state.iteration}.", _value(state, name, at)]
    if name == "x":
        lines.append("It is given: nothing in it can be learned, so nothing flows back to it.")
    elif not state.knows(name, derivative=True):
        lines.append(f"∂E/∂{entry}: not yet computed.")
    else:
        formula, chain = _backward()[name], _chains().get(name)
        if chain is not None:
            lines.append(f"∂E/∂{entry} = {_plain(chain, places)}")
        lines.append(_worked(formula, state.arrays, places))
    if state.stage.number == 7 and name in _PARAMETERS:
        lines.append(_update(state, name, at))
    return "\n".join(lines)


def _value(state, name, at):
    """Return the line about a part's value."""
    definition = DEFINITIONS.get(_ENTRIES[name].base)
    if not state.knows(name):
        return "Value: not yet computed."
    if definition is None:
        entry = _plain(_ENTRIES[name], _places(name, at))
        number = state.arrays[name][tuple(n - 1 for n in at)]
        return f"Value: {entry} = {_signs(f'{number:.6g}')}."
    return f"Value: {_worked(definition, state.arrays, _places(name, at))}."


def _note_on_error(state):
    known = state.knows("E")
    value = f"Value: {_worked(DEFINITIONS[E], state.arrays, {})}." if known else ""
    return "\n".join(
        [
            f"E: error of this sample, in iteration {state.iteration}.",
            value or "Value: not yet computed.",
            f"The targets are y = {_row(state.arrays['y'])}. The way back starts here.",
        ]
    )


# ---------------------------------------------------------------- the explorer


def backpropagation_stepper(network, x, y, *, eta=None, iterations=1) -> Stepper:
    """Return an explorer that steps through backpropagation with real numbers.

    Each iteration goes forward stage by stage, back as in SOURCES A16, and ends with the update.
    Every unit, tag and link can be chosen; its note then follows the frames.

    Parameters
    ----------
    network : Network
        With one hidden layer, sigmoids and the half squared error, small enough to draw, such as
        3-4-2.  It is not changed.
    x : array_like, shape (d,)
        One sample.
    y : array_like, shape (l,)
        Its target.
    eta : float, optional
        The learning rate.  Without it there is no update.
    iterations : int, default 1
        At most 10.

    Returns
    -------
    Stepper

    Raises
    ------
    TypeError, ValueError
        If the network is of another kind or too large to draw, or an argument does not fit.

    Notes
    -----
    Source: SOURCES A7, A8 (forward), A12-A15 (derivatives), A10 (update), A16 (the stages).

    Examples
    --------
    >>> backpropagation_stepper(Network((2, 2, 1), rng=0), [0, 1], [1], eta=0.5)
    Explorer: Backpropagation, step by step
    """
    states = backpropagation_states(network, x, y, eta=eta, iterations=iterations)
    frames = [Frame(picture_of(state), words_of(state), notes_of(state)) for state in states]
    help_text = (
        "Choose a link's name, a unit or a tag (click, or Tab and Enter): its value and its "
        "chain-rule product appear here, with the numbers of this step."
    )
    code = _code(states[0].arrays, iterations)
    return Stepper("Backpropagation, step by step", frames, code, help=help_text)


def _code(arrays, iterations):
    """Return the lines that compute the last state's numbers."""
    given = {name: np.asarray(array).tolist() for name, array in arrays.items()}
    lines = [
        "from backprop_kit import Network",
        "",
        "network = Network.from_parameters(",
        f"    weights=[{given['v']},",
        f"             {given['w']}],",
        f"    thresholds=[{given['gamma']}, {given['theta']}],",
        ")",
        f"x, y = {given['x']}, {given['y']}",
        f"for iteration in range({iterations}):",
        "    trace = network.forward([x])",
        "    error = network.loss([x], [y])",
        "    gradients = network.backward(trace, [y])",
    ]
    if "eta" in given:
        lines.append(f"    network.step(gradients, eta={given['eta']})")
    return "\n".join(lines)
