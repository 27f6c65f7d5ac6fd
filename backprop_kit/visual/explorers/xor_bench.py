"""The XOR bench: nine parameters to move by hand or to train, and what they do to the plane.

The letters are those of lesson 02: ``v_ih`` and ``gamma_h`` of the hidden units, ``w_hj`` and
``theta_j`` of the output unit; thresholds are subtracted (SOURCES A7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from backprop_kit.numeric.network import Network
from backprop_kit.numeric.training import train
from backprop_kit.numeric.validation import as_count
from backprop_kit.visual import svg
from backprop_kit.visual.controls import Action, Options, Slider
from backprop_kit.visual.explorers.frame import Frame
from backprop_kit.visual.explorers.live import Live
from backprop_kit.visual.explorers.xor_bench_picture import (
    LABELS,
    NAMES,
    X,
    answer_in_words,
    picture_of,
)

LETTERS = {  # a row for each unit: its weights, its threshold
    "v_11": "v₁₁", "v_21": "v₂₁", "gamma_1": "γ₁",
    "v_12": "v₁₂", "v_22": "v₂₂", "gamma_2": "γ₂",
    "w_11": "w₁₁", "w_21": "w₂₁", "theta_1": "θ₁",
}  # fmt: skip
FARTHEST = 20.0  # ends of the nine sliders
LAST_SEED = 19
STUCK_SEEDS = (3, 11, 12, 13, 14, 18)  # of 0 to 19, at the rate below; a test trains them all
STUCK_ETA = 10.0
MOST_EPOCHS = 20_000  # more makes the curve too slow to draw
BY_HAND = (10.0, 10.0, 5.0, -10.0, -10.0, -15.0, 10.0, 10.0, 15.0)  # OR, NAND, AND: 10 × lesson 02

Y = LABELS[:, np.newaxis]


# The states.


@dataclass(frozen=True, eq=False)
class Run:
    """Training from one start with one learning rate.

    Attributes
    ----------
    start, end : tuple of nine floats
        The parameters before and after it, in the order of `LETTERS`.
    losses : ndarray, shape (epochs + 1,)
        The error before each epoch and after the last.
    eta : float
    seed : int or None
        Where the start was drawn from; None where it was set by hand.
    """

    start: tuple[float, ...]
    end: tuple[float, ...]
    losses: np.ndarray
    eta: float
    seed: int | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were done."""
        return len(self.losses) - 1


@dataclass(frozen=True, eq=False)
class BenchState:
    """The network now, and how it came about.

    Attributes
    ----------
    parameters : tuple of nine floats
        In the order of `LETTERS`.
    runs : tuple of Run
        The training so far; the first run may have no epochs.
    """

    parameters: tuple[float, ...]
    runs: tuple[Run, ...]

    @cached_property
    def network(self) -> Network:
        """The network itself, 2-2-1 with sigmoids."""
        return network_of(self.parameters)

    @cached_property
    def trace(self):
        """The forward pass of the four inputs of XOR."""
        return self.network.forward(X)

    @property
    def hidden(self) -> np.ndarray:
        """Where the four inputs land in hidden space, (4, 2)."""
        return self.trace.outputs[1]

    @property
    def answers(self) -> np.ndarray:
        """The four answers `y_hat`, (4,)."""
        return self.trace.y_hat[:, 0]

    @cached_property
    def error(self) -> float:
        """The error E, the mean over the four samples."""
        return self.network.loss(X, Y)

    @property
    def right(self) -> np.ndarray:
        """Whether each answer, rounded to 0 or 1, is the label, (4,)."""
        return self.answers.round() == LABELS

    @property
    def moved(self) -> bool:
        """Whether a parameter was changed by hand since the last run."""
        return self.parameters != self.runs[-1].end

    @property
    def epochs(self) -> int:
        """The epochs of all runs."""
        return sum(run.epochs for run in self.runs)

    @property
    def losses(self) -> np.ndarray:
        """The error before each epoch of all runs, and now, (epochs + 1,)."""
        return np.concatenate([run.losses[: run.epochs] for run in self.runs] + [[self.error]])

    @property
    def changes(self) -> tuple[int, ...]:
        """After which epochs a parameter or the learning rate was changed by hand."""
        ends = np.cumsum([run.epochs for run in self.runs]).tolist()
        return tuple(ends if self.moved else ends[:-1])


def network_of(parameters) -> Network:
    """Build the network from its nine parameters.

    Examples
    --------
    >>> network_of(BY_HAND).predict(X).round().ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    weights, thresholds = _arrays(parameters)
    return Network.from_parameters(weights, thresholds)


def parameters_of(network) -> tuple[float, ...]:
    """Return the nine parameters of a 2-2-1 network in the order of `LETTERS`.

    Examples
    --------
    >>> parameters_of(network_of(BY_HAND)) == BY_HAND
    True
    """
    (v, w), (gamma, theta) = network.weights, network.thresholds
    return tuple(map(float, (*v[:, 0], gamma[0], *v[:, 1], gamma[1], *w[:, 0], *theta)))


def _arrays(parameters):
    v_11, v_21, gamma_1, v_12, v_22, gamma_2, w_11, w_21, theta_1 = parameters
    weights = [[[v_11, v_12], [v_21, v_22]], [[w_11], [w_21]]]
    return weights, [[gamma_1, gamma_2], [theta_1]]


# What the buttons do: from values to values.


def state_of(values) -> BenchState:
    """Return the state that belongs to the values of the controls."""
    return BenchState(tuple(float(values[letter]) for letter in LETTERS), values["runs"])


def start_from_seed(values) -> dict[str, Any]:
    """Draw the nine parameters from the seed, as ``Network((2, 2, 1), rng=seed)`` does."""
    seed = values["seed"]
    return _start(parameters_of(Network((2, 2, 1), rng=seed)), values["eta"], seed)


def start_by_hand(values) -> dict[str, Any]:
    """Set the parameters to ten times those that lesson 02 sets by hand: OR, NAND and AND."""
    return _start(BY_HAND, values["eta"])


def start_stuck(values) -> dict[str, Any]:
    """Go to the next start that is known to stick, and to the rate at which it does."""
    seed = next((seed for seed in STUCK_SEEDS if seed > values["seed"]), STUCK_SEEDS[0])
    rest = {"seed": seed, "eta": STUCK_ETA}
    return rest | start_from_seed(rest)


def train_on(values) -> dict[str, Any]:
    """Train the network as it is now for some epochs more."""
    state = state_of(values)
    epochs, eta = int(values["epochs"]), float(values["eta"])
    if state.epochs + epochs > MOST_EPOCHS:
        raise ValueError(f"epochs must be {MOST_EPOCHS:,} at most in all; take a new start")
    run, earlier = state.runs[-1], state.runs[:-1]
    if state.moved or (run.epochs and eta != run.eta):
        earlier = tuple(run for run in state.runs if run.epochs)
        run = Run(state.parameters, state.parameters, np.array([state.error]), eta)
    network = network_of(state.parameters)
    losses = train(network, X, Y, eta=eta, epochs=epochs).losses
    end = parameters_of(network)
    beyond = [letter for letter, at in zip(LETTERS, end, strict=True) if abs(at) > FARTHEST]
    if beyond:
        raise ValueError(
            f"{', '.join(beyond)} must be -{FARTHEST:g} to {FARTHEST:g}, the ends of the sliders; "
            "training would go beyond"
        )
    longer = np.concatenate([run.losses[:-1], losses])
    return _at(end) | {"runs": (*earlier, replace(run, end=end, losses=longer, eta=eta))}


def _start(parameters, eta, seed=None):
    """Return the values of a fresh start."""
    losses = np.array([network_of(parameters).loss(X, Y)])
    return _at(parameters) | {"runs": (Run(parameters, parameters, losses, float(eta), seed),)}


def _at(parameters):
    return dict(zip(LETTERS, parameters, strict=True))


# The words of a state.


def headline_of(state) -> str:
    """Say where the parameters come from, and the error.

    Examples
    --------
    >>> headline_of(state_of(start_by_hand({"eta": 10.0})))
    'Set by hand: E < 0.0001'
    """
    first, last = state.runs[0], state.runs[-1]
    parts = ["Set by hand" if first.seed is None else f"Start of seed {first.seed}"]
    if state.epochs:
        parts.append(f"{state.epochs} {'epoch' if state.epochs == 1 else 'epochs'}")
    if state.changes and (state.epochs or first.seed is not None):
        parts.append("changed by hand" if state.moved else "changed by hand on the way")
    if state.epochs and not state.moved:
        parts.append(f"learning rate {last.eta:g}")
    small = state.error < 0.00005
    return f"{', '.join(parts)}: E {'< 0.0001' if small else '= ' + svg.decimal(state.error, 4)}"


def words_of(state) -> str:
    """Say where the parameters come from, the error, the answers, and what falls together.

    Examples
    --------
    >>> print(words_of(state_of(start_by_hand({"eta": 10.0}))).split(". ")[0])
    Set by hand: E < 0.0001
    """
    answers = "; ".join(
        f"{name} gives {answer_in_words(answer)}"
        for name, answer in zip(NAMES, state.answers, strict=True)
    )
    first, second, distance = nearest(state)
    labels = LABELS[[first, second]]
    apart = "less than 0.01" if distance < 0.005 else svg.decimal(distance, 2)
    kind = f"both with label {labels[0]}" if labels[0] == labels[1] else "whose labels differ"
    return (
        f"{headline_of(state)}. "
        f"Answers ŷ: {answers}; {state.right.sum()} of 4 right when rounded. "
        f"Nearest to each other in hidden space: {NAMES[first]} and {NAMES[second]}, "
        f"{apart} apart, {kind}."
    )


def nearest(state) -> tuple[int, int, float]:
    """Return the two samples nearest to each other in hidden space, and their distance."""
    pairs = combinations(range(4), 2)
    apart = [(float(np.hypot(*(state.hidden[a] - state.hidden[b]))), a, b) for a, b in pairs]
    distance, first, second = min(apart)
    return first, second, distance


def notes_of(state) -> dict[str, str]:
    """Say of each sample how its answer comes about, with the numbers.

    Examples
    --------
    >>> print(notes_of(state_of(start_by_hand({"eta": 10.0})))["sample 01"].splitlines()[0])
    b₁: net input 10.00, less γ₁ = 5.00, is 5.00; its sigmoid is 0.9933.
    """
    letters = (("b₁", "γ₁"), ("b₂", "γ₂"), ("ŷ", "θ₁"))
    thresholds = np.concatenate(state.network.thresholds)
    net_inputs, outputs = np.hstack(state.trace.net_inputs), np.hstack(state.trace.outputs[1:])
    notes = {}
    for k, name in enumerate(NAMES):
        lines = []
        for unit, (letter, threshold) in enumerate(letters):
            net_input, theta = net_inputs[k, unit], thresholds[unit]
            two = [svg.decimal(number, 2) for number in (net_input, theta, net_input - theta)]
            lines.append(
                f"{letter}: net input {two[0]}, less {threshold} = {two[1]}, is {two[2]}; "
                f"its sigmoid is {svg.decimal(outputs[k, unit], 4)}."
            )
        verdict = "right" if state.right[k] else "wrong"
        lines.append(f"Wanted: {LABELS[k]}, so the rounded answer is {verdict}.")
        notes[f"sample {name}"] = "\n".join(lines)
    return notes


# The code of a state.


def code_of(state) -> str:
    """Write the lines that reproduce the network: the last start, and the training since."""
    run = state.runs[-1]
    is_drawn = run.seed is not None and not state.moved
    trained = run.epochs > 0 and not state.moved
    lines = [f"from backprop_kit import Network, gate{', train' if trained else ''}", ""]
    lines += ['X, y = gate("XOR")', "Y = y[:, None]"]
    if is_drawn:
        lines.append(f"network = Network((2, 2, 1), rng={run.seed})")
    else:
        weights, thresholds = _arrays(state.parameters if state.moved else run.start)
        lines += [
            f"v, w = {weights[0]}, {weights[1]}",
            f"gamma, theta = {thresholds[0]}, {thresholds[1]}",
            "network = Network.from_parameters([v, w], [gamma, theta])",
        ]
    if trained:
        lines.append(f"train(network, X, Y, eta={run.eta!r}, epochs={run.epochs})")
    lines += [
        "_, B, y_hat = network.forward(X).outputs  # B: where the four inputs land",
        'print(B, y_hat, f"E = {network.loss(X, Y):.4f}", sep="\\n")',
    ]
    return "\n".join(lines)


# The explorer.


def show(values: Mapping[str, Any]) -> Frame:
    """Return the frame that belongs to the values of the controls."""
    state = state_of(values)
    words = words_of(state)
    return Frame(
        picture_of(state, headline_of(state), words), words, notes_of(state), code=code_of(state)
    )


def xor_bench(seed=0, *, epochs=0) -> Live:
    """Move the nine parameters of a 2-2-1 network, or train it, and see both planes change.

    Parameters
    ----------
    seed : int, default 0
        The start, 0 to 19: that of ``Network((2, 2, 1), rng=seed)``.
    epochs : int, default 0
        How long it is trained before it is shown, with learning rate 10, 20,000 at most.

    Returns
    -------
    Live

    Raises
    ------
    TypeError, ValueError
        If a number does not fit.

    Notes
    -----
    Full-batch gradient descent on the mean of the halved squared errors (SOURCES A8, A10).

    Examples
    --------
    >>> bench = xor_bench()
    >>> bench
    Explorer: The XOR bench
    >>> print(bench.press("gates").says.split(". ")[0])
    Set by hand: E < 0.0001
    """
    seed = as_count("seed", seed, minimum=0)
    first = {"seed": seed, "eta": STUCK_ETA, "epochs": as_count("epochs", epochs, minimum=0)}
    nine = start_from_seed(first)
    if first["epochs"]:
        nine = train_on(first | nine)
    runs = nine.pop("runs")
    sliders = [
        Slider(key, letter, -FARTHEST, FARTHEST, nine[key], 0.1) for key, letter in LETTERS.items()
    ]
    return Live(
        "The XOR bench",
        [
            *sliders,
            Slider("seed", "seed", 0, LAST_SEED, seed, 1),
            Action("take", "start from this seed", start_from_seed),
            Action(
                "stuck",
                "a start that will stick",
                start_stuck,
                "load the next start known to stick, untrained",
            ),
            Action("gates", "OR, NAND, AND", start_by_hand, "set the three gates by hand"),
            Slider("eta", "learning rate η", 0.5, 20, STUCK_ETA, 0.5),
            Options("epochs", "epochs at a time", ("1", "10", "50"), "50"),
            Action("train", "▶ train", train_on, "train, again and again", repeats=True),
        ],
        show,
        start={"runs": runs},
        help="A new seed counts when “start from this seed” is pressed. "
        "“A start that will stick” comes untrained: train it for 600 epochs. "
        "Choose a row of the table (click it, or Tab and Enter): how its answer comes about.",
    )
