"""What a gradient check costs: all entries one by one, structured, and one random direction."""

import time

import numpy as np

from backprop_kit.numeric.gradcheck import check_gradients
from backprop_kit.numeric.slopes import numeric_gradients, structured_gradients
from bench.measure import Ratio, deviation


def measure(work, *, rounds, plain_rounds):
    """Time the checks of one work's network on its first batch, turn by turn.

    Parameters
    ----------
    work : Work
    rounds : int
        For the quick checks.
    plain_rounds : int
        For the plain loop, which takes long.

    Returns
    -------
    dict
        ``work``: its name; ``backward_ms`` (forward and back), ``check_ms``, ``structured_ms``,
        ``plain_ms``: medians; ``check`` in backward passes, ``plain`` in structured checks: the
        ratios; ``error``: how far structured and plain slopes differ, relative.
    """
    network, X, Y = work.network(), work.X[0], work.Y[0]
    gradients = network.backward(network.forward(X), Y)
    complex_step = {"method": "complex"}
    routes = {
        "backward": lambda: network.backward(network.forward(X), Y),
        "check": lambda: check_gradients(network, X, Y, gradients=gradients, **complex_step),
    }
    slow = {
        "structured": lambda: structured_gradients(network, X, Y, **complex_step),
        "plain": lambda: numeric_gradients(network, X, Y, **complex_step),
    }
    times = _interleaved(routes, rounds) | _interleaved(slow, plain_rounds)
    pairs = [(g.weights, g.thresholds) for g in (slow["structured"](), slow["plain"]())]
    return {
        "work": work.name,
        **{f"{name}_ms": 1e3 * float(np.median(of_route)) for name, of_route in times.items()},
        "check": vars(Ratio.of(times["check"], times["backward"])),
        "plain": vars(Ratio.of(times["plain"], times["structured"])),
        "error": deviation(*pairs),
    }


def _interleaved(routes, rounds):
    times = {name: [] for name in routes}
    for _ in range(rounds):
        for name, route in routes.items():
            began = time.perf_counter()
            route()
            times[name].append(time.perf_counter() - began)
    return times
