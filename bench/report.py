"""The tables, for a terminal and for the README, and the figure."""

import math
from itertools import cycle, pairwise

import numpy as np
from matplotlib.figure import Figure

from backprop_kit.visual.palette import FAINT, INK, MUTED, style
from bench import goals
from bench.measure import TOLERANCE, VERIFIED_STEPS
from bench.peers import GROWTH_PEERS, JAX_LOOP, MANY_PEERS, OURS, PEERS

BEGIN, END = "<!-- how fast: begin -->", "<!-- how fast: end -->"
HOW_TO_READ = (
    "The first row is the time of our own step; the others say how many times as long each takes: "
    "the median of paired rounds, with least and most. Below 1, in bold, it is quicker than ours."
)
HOW_TO_SEE = (
    "each peer's time in steps of ours for each piece of work, ours at 1; below, "
    "the time of a step against the number of parameters"
)
# A peer keeps its hue and its mark, so no two share both.
HUES = ("#0072B2", "#D55E00", "#007D5B", "#A8507F", "#8A6100", "#1A1A1A", "#6A5A8C", "#56B4E9")
LOOKS = {
    peer.name: look for peer, look in zip(PEERS, zip(cycle(HUES), "ovD*sPXd^<>"), strict=False)
}
MARKS = {True: "met", False: "missed", None: "not measured"}


def markdown(results):
    """Return everything that was measured, in tables.

    Parameters
    ----------
    results : dict
        Of `bench.__main__`; sections may be missing.
    """
    parts = ["# How fast", _about(results["about"])]
    if results["quick"]:
        parts.append("A quick look, on few and short rounds: not to be quoted.")
    if steps := results.get("steps"):
        parts += ["## One training step", HOW_TO_READ, _races(steps, PEERS)]
        parts += ["## What a start costs", _starts(steps)]
    if many := results.get("many"):
        parts += ["## Many networks at once", _races(many, MANY_PEERS)]
    if gradients := results.get("gradients"):
        parts += ["## Gradient checks", _gradients(gradients)]
    if growth := results.get("growth"):
        parts += ["## One step against the number of parameters, batch 10", _growth(growth)]
    if course := results.get("course"):
        parts += ["## What a student waits for", _course(course)]
    parts += ["## The goals", _goals(goals.outcomes(results))]
    parts += ["## Who is who", _notes(PEERS + MANY_PEERS)]
    return "\n\n".join(parts) + "\n"


def summary(results):
    """Return what the README shows of a whole run."""
    outcomes = goals.outcomes(results)
    missed = [outcome for outcome in outcomes if outcome.met is not True]
    parts = [
        _about(results["about"]),
        HOW_TO_READ,
        _races(results["steps"], PEERS),
        _races(results["many"], MANY_PEERS),
        f"![Dots on a logarithmic axis: {HOW_TO_SEE}](bench/results/how_fast.png)",
        _jax_loop(next(iter(results["steps"].values()))),
        f"Of {len(outcomes)} goals, {len(outcomes) - len(missed)} are met."
        + (" These are not:" if missed else ""),
    ]
    if missed:
        parts.append(_goals(missed))
    return "\n\n".join(parts)


def put_into(text, section):
    """Return `text` with what stands between the two marks replaced.

    Raises
    ------
    ValueError
        When `text` does not hold both marks, in order.

    Examples
    --------
    >>> put_into(f"{BEGIN}old{END}", "new").splitlines()[1]
    'new'
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"text must hold {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{section.strip()}\n{END}{after}"


def _about(about):
    libraries = ", ".join(f"{name} {version}" for name, version in about["libraries"].items())
    return (
        f"{about['processor']}, one thread each, float64, {about['system']}, Python "
        f"{about['python']}; {libraries}. Before it is timed, every peer must reach the parameters "
        f"of the plain network within {TOLERANCE:g} after {VERIFIED_STEPS} steps or more."
    )


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _races(races, peers):
    base, *others = (peer.name for peer in peers)
    head = ["", *races]
    rows = [[f"{base}, µs a step", *(_us(race[base]) for race in races.values())]]
    for name in others:
        rows.append([name, *(_ratio(race.get(name)) for race in races.values())])
    return _table(head, rows)


def _us(found):
    return _two_digits(found["us"])


def _ratio(found):
    if found is None:
        return "–"
    if "skipped" in found:
        return "skipped"
    median, low, high = (_two_digits(found["ratio"][key]) for key in ("median", "low", "high"))
    if found["ratio"]["median"] < 1:
        median = f"**{median}**"
    return f"{median} ({low}–{high})"


def _two_digits(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _growth(growth):
    names = [peer.name for peer in GROWTH_PEERS]
    slopes = ["", *(f"{_slope(*pair):.2f}" for pair in pairwise(growth))]
    rows = []
    for race, slope in zip(growth, slopes, strict=True):
        times = [_us(race[name]) if "us" in race[name] else "–" for name in names]
        rows.append([f"{race['parameters']:,}", *times, slope])
    table = _table(["parameters", *(f"{name}, µs" for name in names), "slope of ours"], rows)
    return (
        f"{table}\n\nThe slope is that of log time against log parameters, from the row above. "
        "Near 0, a step costs its calls, whatever they compute; near 1, its arithmetic; above 1, "
        "the parameters and their moves leave a cache."
    )


def _slope(before, after):
    times = after[OURS.name]["us"] / before[OURS.name]["us"]
    return math.log(times) / math.log(after["parameters"] / before["parameters"])


def _starts(steps):
    work, race = next(iter(steps.items()))
    rows = [
        [name, f"{of['importing']:.2f}", f"{of['first']:.2f}", f"{of['memory']:.0f}"]
        for name, of in race.items()
        if "us" in of
    ]
    return _table([work, "import, s", "set-up and first step, s", "memory, MB"], rows)


def _jax_loop(race):
    """Return in a sentence what the whole loop compiled gains on a tiny network, and costs."""
    ours, loop = race[OURS.name], race[JAX_LOOP.name]
    if "us" not in loop:
        return f"{JAX_LOOP.name}: {loop['skipped']}."
    wait, our_wait = (of["importing"] + of["first"] for of in (loop, ours))
    return (
        f"On one tiny network JAX's compiled loop is about {1 / loop['ratio']['median']:.0f} times "
        f"as quick as ours. It takes {wait:.1f} s to its first result and {loop['memory']:.0f} MB "
        f"of memory, ours {our_wait:.1f} s and {ours['memory']:.0f} MB."
    )


def _gradients(found):
    rows = [
        ["backward pass (forward and back)", f"{found['backward_ms']:.3g}"],
        ["check by a random direction", f"{found['check_ms']:.3g}"],
        ["every slope, structured", f"{found['structured_ms']:.3g}"],
        ["every slope, the plain loop", f"{found['plain_ms']:.3g}"],
    ]
    return _table([found["work"], "ms"], rows)


def _course(course):
    rows = [
        [name, f"{times['run']:.1f}", _seconds(times["first_figure"])]
        for name, times in course["lessons"].items()
    ]
    table = _table(["lesson", "Run All, s", "kernel ready to first figure, s"], rows)
    imports = course["imports"]
    return (
        f"{table}\n\n`import backprop_kit` adds {imports['package_ms']:.0f} ms to NumPy's "
        f"{imports['numpy_ms']:.0f} ms."
    )


def _seconds(value):
    return "no figure" if value is None else f"{value:.1f}"


def _goals(outcomes):
    rows = [[of.work, of.goal, of.measured, MARKS[of.met], of.floor] for of in outcomes]
    return _table(["work", "goal", "measured", "", "NumPy floor in our place"], rows)


def _notes(peers):
    return "\n".join(f"- {peer.name}: {peer.what}" for peer in peers)


# ---------------------------------------------------------------- the figure


def figure(results):
    """Draw how the peers compare, and how a step's cost grows; return a matplotlib Figure.

    Parameters
    ----------
    results : dict
        With the sections ``steps`` and ``growth``.
    """
    with style():
        fig = Figure(figsize=(9.6, 9.6), dpi=100, layout="constrained")
        upper, lower = fig.subplots(2, height_ratios=[3, 2])
        _draw_races(upper, results["steps"])
        _draw_growth(lower, results["growth"])
    return fig


def _draw_races(ax, races):
    names = [peer.name for peer in PEERS if peer is not OURS]
    places = dict(zip(names, np.linspace(0.36, -0.36, len(names)), strict=True))
    for row, race in enumerate(races.values()):
        for name in names:
            ratio = race.get(name, {}).get("ratio")
            if ratio is None:
                continue
            height, (hue, mark) = places[name] - row, LOOKS[name]
            ax.plot([ratio["low"], ratio["high"]], [height, height], color=hue, linewidth=1.2)
            ax.plot(ratio["median"], height, mark, color=hue, markersize=6)
    for row in range(1, len(races)):
        ax.axhline(0.5 - row, color=FAINT, linewidth=0.8)
    for name in names:
        ax.plot([], [], LOOKS[name][1], color=LOOKS[name][0], label=name)
    ax.axvline(1, color=INK, linewidth=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    ax.set_yticks([-row for row in range(len(races))], list(races))
    ax.set_ylim(0.5 - len(races), 0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("times as long as our step takes (bars: least to most)")
    ax.set_title("right of the line, ours is quicker", loc="left", color=MUTED)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _draw_growth(ax, growth):
    parameters = [race["parameters"] for race in growth]
    for name in (peer.name for peer in GROWTH_PEERS if "us" in growth[0].get(peer.name, {})):
        hue, mark = LOOKS[name]
        times = [race[name]["us"] for race in growth]
        ax.plot(parameters, times, f"{mark}-", color=hue, label=name, linewidth=1.4)
    last = growth[-1][OURS.name]["us"]
    line = [last * p / parameters[-1] for p in parameters]
    ax.plot(parameters[-3:], line[-3:], ":", color=MUTED, label="in proportion", linewidth=1.2)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("parameters")
    ax.set_ylabel("µs a step, batch 10")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
