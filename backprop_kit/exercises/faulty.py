"""Networks that are broken on purpose: each computes with a formula that holds a mistake.

A faulty network evaluates four formulas, one for each kind of parameter, instead of running the
code of `Network`.  Which formulas, the table of misconceptions says; a bug hunt asks the student
to name the mistake, and to put the right formula in its place.
"""

from collections.abc import Mapping

import numpy as np
import sympy

from backprop_kit.exercises.misconceptions import BACKWARD, FORMULA, PARAMETERS, TABLE, UPDATE
from backprop_kit.exercises.parsing import parse
from backprop_kit.numeric import Gradients, Network
from backprop_kit.numeric.validation import as_choice, as_positive
from backprop_kit.symbolic import by_letter, derive_updates, evaluate, sample_arrays
from backprop_kit.symbolic.notation import h, i, j

_AXES = {name: parameter.indices for name, parameter in PARAMETERS.items()}


class FaultyNetwork(Network):
    """A network of one hidden layer that learns by the formulas it is given; see `faulty`."""

    def backward(self, trace, Y, *, reduction="mean"):
        """Return what this network takes for its gradients; see `Network.backward`."""
        gradients = super().backward(trace, Y, reduction=reduction)  # checks what it is given
        self._seen = trace, np.asarray(Y, dtype=float), reduction
        if self._gradients is None:
            return gradients
        w, theta, gamma, v = (-change for change in self._changes(self._gradients, eta=1.0))
        return Gradients((v, w), (gamma, theta))

    def step(self, gradients, eta):
        """Take the step that this network takes for right; see `Network.step`."""
        if self._steps is None:
            return super().step(gradients, eta)
        self.checked_gradients(gradients)
        eta = as_positive("eta", eta)
        w, theta, gamma, v = (-change / eta for change in self._changes(self._steps, eta))
        return super().step(Gradients((v, w), (gamma, theta)), eta)

    def copy(self):
        """Return a network with the same, copied parameters and the same formulas."""
        return _with_formulas(self, self._gradients, self._steps)

    def mended(self, name, formula):
        """Return a copy that uses another formula for one kind of parameter.

        Parameters
        ----------
        name : {"w", "theta", "gamma", "v"}
        formula : Expr or str
            The update, as in the exercises of lesson 04.

        Raises
        ------
        ValueError
            When there is no such parameter, or the formula cannot be evaluated.
        """
        as_choice("name", name, PARAMETERS)
        text = isinstance(formula, str)
        formula = parse(formula) if text else sympy.sympify(formula, strict=True)
        mended = _with_formulas(
            self,
            *(kept and {**kept, name: formula} for kept in (self._gradients, self._steps)),
        )
        tried = mended.copy()
        trace = tried.forward(np.zeros((1, self.sizes[0])))
        gradients = tried.backward(trace, np.zeros((1, self.sizes[-1])))
        tried.step(gradients, 1.0)  # now every formula was evaluated once
        return mended

    def _changes(self, formulas, eta):
        """Return the changes of w, theta, gamma, v, over the samples as the loss is."""
        trace, Y, reduction = self._seen
        totals = [np.zeros(p.shape) for p in by_letter(self).values()]
        for k in range(len(Y)):
            arrays = sample_arrays(self, trace, Y, k) | {"eta": eta}
            for total, (name, formula) in zip(totals, formulas.items(), strict=True):
                total += _fitting(formula, arrays, _AXES[name])
        return [total / len(Y) if reduction == "mean" else total for total in totals]


def faulty(network: Network, *names: str) -> FaultyNetwork:
    """Return a copy of a network that makes a mistake of the table, or several at once.

    Parameters
    ----------
    network : Network
        One hidden layer, sigmoids, half squared error.
    *names : str
        Misconceptions of stage "backward" or "update"; without any, the network is right.

    Raises
    ------
    ValueError
        When there is no such misconception, when it lives in a formula alone, or when the network
        has another form; an exchanged index needs layers of equal sizes.

    Examples
    --------
    >>> from backprop_kit import check_gradients
    >>> network = faulty(Network((2, 3, 2), rng=1), "missing-slope-hidden")
    >>> check_gradients(network, [[0.5, -1.0]], [[1.0, 0.0]]).passed
    False
    """
    if len(network.sizes) != 3 or (network.activation, network.output) != ("sigmoid", "sigmoid"):
        raise ValueError(f"network must have one hidden layer and sigmoids, got {network!r}")
    mistakes = [TABLE[as_choice("name", name, TABLE)] for name in names]
    if stuck := [mistake.name for mistake in mistakes if mistake.stage == FORMULA]:
        raise ValueError(f"name must be a mistake that a network can make; {stuck[0]!r} is none")
    gradients = {letter: getattr(derive_updates(), letter) for letter in PARAMETERS}
    for mistake in (mistake for mistake in mistakes if mistake.stage == BACKWARD):
        gradients = _slipped(mistake, gradients)
    steps = gradients  # a step uses the gradients; what is wrong with them is wrong with it, too
    for mistake in (mistake for mistake in mistakes if mistake.stage == UPDATE):
        steps = _slipped(mistake, steps)
    stages = {mistake.stage for mistake in mistakes}
    return _with_formulas(
        network,
        None if stages == {UPDATE} else gradients,
        steps if UPDATE in stages else None,
    )


def _slipped(mistake, formulas):
    """Return the formulas after a mistake; those that cannot hold it stay as they are."""
    wrong = {letter: mistake.slip(formula, letter) for letter, formula in formulas.items()}
    return {
        letter: formulas[letter] if wrong[letter] is None else wrong[letter] for letter in wrong
    }


def _with_formulas(network, gradients: Mapping | None, steps: Mapping | None) -> FaultyNetwork:
    """Return a copy that computes by formulas; where there are none, as `Network` does."""
    made = FaultyNetwork.from_parameters(network.weights, network.thresholds)
    made._gradients, made._steps = gradients, steps
    return made


def _fitting(formula, arrays, axes):
    """Evaluate a formula for one kind of parameter.

    An index that is left free stands for a loop whose last value alone is kept: `=` for `+=`.
    """
    loose = [index for index in (i, h, j) if index in formula.free_symbols and index not in axes]
    values = evaluate(formula, arrays, (*axes, *loose))
    return values[(..., *(-1 for _ in loose))]
