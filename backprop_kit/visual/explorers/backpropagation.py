"""Backpropagation, stepped: forward, back and one step downhill, with every number in its formula.

What is computed is here; see `backpropagation_formulas`, `_words` and `_picture` for the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backprop_kit.numeric.network import require_network
from backprop_kit.numeric.validation import as_array, as_count, as_positive
from backprop_kit.symbolic import DEFINITIONS, E
from backprop_kit.symbolic.evaluation import evaluate, sample_arrays
from backprop_kit.visual.diagram import network_diagram
from backprop_kit.visual.explorers.backpropagation_formulas import (
    ENTRIES,
    PARAMETERS,
    backward,
    worked,
)
from backprop_kit.visual.explorers.backpropagation_picture import picture_of
from backprop_kit.visual.explorers.backpropagation_words import notes_of, words_of
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.stepper import Stepper

_MOST_ITERATIONS = 10  # stage by stage: all frames are sent at once, at most some MB
_MOST_FOLLOWED = 40  # frames of the training that goes on


# The states.


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
        The stage of SOURCES A16; 0 for the inputs, 7 for the update, 8 for a whole iteration.
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
FOLLOWED = Stage("the training goes on", number=8)


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
    formulas_worked : dict
        What is worked out already, shared by the steps of an iteration: it takes long.
    """

    iteration: int
    stage: Stage
    arrays: Mapping[str, np.ndarray]
    derivatives: Mapping[str, np.ndarray]
    error: float
    formulas_worked: dict = field(default_factory=dict, repr=False)

    @property
    def updated(self) -> dict:
        """The parameters after the step, ``p - eta ∂E/∂p``, by letter."""
        step = self.arrays["eta"]
        return {name: self.arrays[name] - step * self.derivatives[name] for name in PARAMETERS}

    def worked(self, formula, places) -> str:
        """Return a formula, the same with the numbers of this iteration, and the result."""
        key = formula.left, tuple(places.items())
        if key not in self.formulas_worked:
            self.formulas_worked[key] = worked(formula, self.arrays, places)
        return self.formulas_worked[key]

    @property
    def is_back(self) -> bool:
        """Whether the step flows back."""
        return 2 <= self.stage.number <= 6

    def knows(self, name, *, derivative=False) -> bool:
        """Tell whether a value or derivative is computed by now."""
        kind = "derivatives" if derivative else "values"
        now = len(STAGES) if self.stage is FOLLOWED else STAGES.index(self.stage)
        return any(name in getattr(stage, kind) for stage in STAGES[: now + 1])


def backpropagation_states(
    network, x, y, *, eta=None, iterations=1, until=None, every=20
) -> tuple[State, ...]:
    """Compute every step of some iterations on one sample (SOURCES A16).

    The arguments and errors are those of `backpropagation_stepper`.

    Returns
    -------
    tuple of State
        For each iteration 11 states, and a twelfth for the update if `eta` is given; then one for
        each later iteration that is followed.

    Examples
    --------
    >>> from backprop_kit import Network
    >>> states = backpropagation_states(Network((2, 2, 1), rng=0), [0, 1], [1], eta=0.5, until=60)
    >>> len(states), states[11].stage.title, [state.iteration for state in states[12:]]
    (15, 'the update', [20, 40, 60])
    """
    network, x, y = _checked(network, x, y)
    iterations = as_count("iterations", iterations)
    if iterations > _MOST_ITERATIONS:
        raise ValueError(f"iterations must be at most {_MOST_ITERATIONS}, got {iterations}")
    last = iterations if until is None else as_count("until", until)
    every = as_count("every", every)
    if not iterations <= last <= _MOST_FOLLOWED * every:
        raise ValueError(
            f"until must be {iterations} to {_MOST_FOLLOWED * every}, "
            f"{_MOST_FOLLOWED} times every, got {last}"
        )
    if eta is not None:
        eta = as_positive("eta", eta)
    elif last > 1:
        raise ValueError("eta must be given for more than one iteration: it makes the step")
    stages = STAGES if eta is not None else STAGES[:-1]
    states = []
    for iteration in range(1, last + 1):
        trace = network.forward([x])
        if iteration <= iterations:
            states += _states_of(network, trace, y, eta, iteration, stages)
        elif iteration % every == 0 or iteration == last:
            states += _states_of(network, trace, y, eta, iteration, (FOLLOWED,))
        if eta is not None:
            network.step(network.backward(trace, [y]), eta)
    return tuple(states)


def _states_of(network, trace, y, eta, iteration, stages):
    """Return the states of one iteration."""
    arrays = sample_arrays(network, trace, [y], 0) | ({} if eta is None else {"eta": eta})
    derivatives = {
        name: evaluate(formula.right, arrays, ENTRIES[name].indices)
        for name, formula in backward().items()
    }
    error = float(evaluate(DEFINITIONS[E].right, arrays))
    shared = (arrays, derivatives, error, {})
    return [State(iteration, stage, *shared) for stage in stages]


def _checked(network, x, y):
    """Return a copy of the network, and the sample, checked."""
    require_network(network)
    if len(network.sizes) != 3:
        raise ValueError(f"network must have one hidden layer (d, q, l), got {network.sizes}")
    if (network.activation, network.output) != ("sigmoid", "sigmoid"):
        raise ValueError(
            "network must have sigmoids in both layers, "
            f"got {network.activation} and {network.output}"
        )
    if network.loss_name != "half_squared_error":
        raise ValueError(f"network must have the half squared error, got {network.loss_name}")
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


# The explorer.


def backpropagation_stepper(
    network, x, y, *, eta=None, iterations=1, until=None, every=20
) -> Stepper:
    """Return an explorer that steps through backpropagation with real numbers.

    Each iteration goes forward stage by stage, back as in SOURCES A16, and ends with the update.
    Every unit, tag and link can be chosen; its note then follows the frames, also while the
    training goes on.

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
        How many are gone through stage by stage, at most 10.
    until : int, optional
        Until which iteration the training then goes on, a frame at every so many iterations.
    every : int, default 20
        At which; 40 frames at most.

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
    >>> from backprop_kit import Network
    >>> stepper = backpropagation_stepper(
    ...     Network((2, 2, 1), rng=0), [0, 1], [1], eta=0.5, until=200
    ... )
    >>> stepper
    Explorer: Backpropagation, step by step
    >>> print(stepper.frames[-1].says.split(".")[0])
    Iteration 200, the training goes on
    """
    states = backpropagation_states(
        network, x, y, eta=eta, iterations=iterations, until=until, every=every
    )
    start = states[0].arrays
    frames = [
        Frame(
            picture_of(state),
            words_of(state),
            notes_of(state),
            code=_code(start, state.iteration),
        )
        for state in states
    ]
    help_text = (
        "Choose a link's name, a unit or a tag (click, or Tab and Enter): its value and its "
        "chain-rule product appear here, with the numbers of this step."
    )
    return Stepper("Backpropagation, step by step", frames, frames[-1].code, help=help_text)


def _code(arrays, iterations):
    """Return the lines that compute the numbers of one iteration."""
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
