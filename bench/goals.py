"""What is aimed at: each goal with where its number is, and whether it was met."""

from dataclasses import dataclass

from bench import works
from bench.peers import FLOOR, OURS


@dataclass(frozen=True)
class Outcome:
    """One goal, what was measured, and whether that is enough (None: it was not measured)."""

    work: str
    goal: str
    measured: str
    met: bool | None
    floor: str = ""  # what the NumPy floor would reach in our place: how far NumPy code can go


@dataclass(frozen=True)
class Race:
    """A bound on how many times as long as `faster` the peer `slower` takes for one work."""

    section: str
    work: str
    slower: str
    faster: str
    at_least: float | None = None
    at_most: float | None = None

    def judge(self, results):
        """Return the outcome."""
        sign, bound = ("≥", self.at_least) if self.at_most is None else ("≤", self.at_most)
        goal = f"{self.slower} / {self.faster} {sign} {bound:g}"
        peers = results.get(self.section, {}).get(self.work, {})
        value = _times(peers, self.slower, self.faster)
        if value is None:
            return Outcome(self.work, goal, "not measured", None)
        met = _holds(value, sign, bound)
        return Outcome(self.work, goal, f"{value:.3g}", met, self._with_the_floor(peers))

    def _with_the_floor(self, peers):
        pair = self.slower, self.faster
        if OURS.name not in pair or FLOOR.name in pair:
            return ""
        value = _times(peers, *(FLOOR.name if name == OURS.name else name for name in pair))
        return "" if value is None else f"{value:.3g}"


def _times(peers, slower, faster):
    """Return how many times as long the one takes as the other; None where one has no time."""
    try:
        return peers[slower]["ratio"]["median"] / peers[faster]["ratio"]["median"]
    except KeyError:
        return None


def _holds(value, sign, bound):
    return value >= bound if sign == "≥" else value <= bound


EXAMPLE, XOR, DIGITS, SOFTMAX, SMALL_BATCH, BATCH_32, LARGE = (work.name for work in works.table())
MANY = works.many_xor(1000).name

RACES = (
    *(
        Race("steps", work, *pair)
        for work in (EXAMPLE, XOR)
        for pair in (
            ("ours", "NumPy floor", None, 2),
            ("PyTorch", "ours", 15),
            ("autograd", "ours", 30),
            ("JAX step", "generated", 1),
        )
    ),
    Race("steps", EXAMPLE, "ours", "generated", 8),
    Race("steps", XOR, "ours", "generated", 3),
    Race("many", MANY, "ours, one by one", "train_many()", 100),
    Race("many", MANY, "JAX vmap", "train_many()", 1.2),
    Race("many", MANY, "torch.vmap", "train_many()", 5),
    Race("steps", DIGITS, "PyTorch", "ours", 12),
    Race("steps", SOFTMAX, "scikit-learn", "ours", 4),
    Race("steps", DIGITS, "JAX step", "ours", 1.2),
    *(
        Race("steps", work, *pair)
        for work, pytorch in ((SMALL_BATCH, 6), (BATCH_32, 4))
        for pair in (
            ("ours", "NumPy floor", None, 1.4),
            ("PyTorch", "ours", pytorch),
            ("JAX step", "ours", 1.3),
            ("ours", "JAX loop", None, 1.1),
        )
    ),
    Race("steps", LARGE, "ours", "NumPy floor", None, 1.15),
    Race("steps", LARGE, "PyTorch", "ours", 1),
    Race("steps", LARGE, "ours", "JAX step", None, 1.15),
)


GRADIENT_CHECK = works.images_784(10).name


def outcomes(results):
    """Return the outcome of every goal, in order.

    Parameters
    ----------
    results : dict
        Of `bench.__main__`, whole or with sections missing.

    Examples
    --------
    >>> {outcome.met for outcome in outcomes({})}
    {None}
    """
    races = [race.judge(results) for race in RACES]
    return [*races, *_gradients(results.get("gradients")), *_course(results.get("course"))]


def _gradients(found):
    work = f"gradient check, {GRADIENT_CHECK}"
    if not found or found["work"] != GRADIENT_CHECK:
        return [Outcome(work, "direction, structured, digits", "not measured", None)]
    check, plain, error = found["check"]["median"], found["plain"]["median"], found["error"]
    return [
        Outcome(work, "random direction / backward pass ≤ 4", f"{check:.3g}", check <= 4),
        Outcome(work, "plain loop / structured ≥ 20", f"{plain:.3g}", plain >= 20),
        Outcome(work, "structured against plain ≤ 1e-14", f"{error:.0e}", error <= 1e-14),
    ]


def _course(found):
    work = "whole course"
    if not found or not found["whole"]:
        return [Outcome(work, "Run All, first figure, import", "not measured", None)]
    slowest, run = _most(found["lessons"], "run")
    latest, figure = _most(found["lessons"], "first_figure")
    package = found["imports"]["package_ms"]
    return [
        Outcome(work, "every Run All ≤ 15 s", f"{run:.1f} s ({slowest})", run <= 15),
        Outcome(work, "kernel to first figure ≤ 2 s", f"{figure:.1f} s ({latest})", figure <= 2),
        Outcome(work, "import ≤ NumPy's + 10 ms", f"+ {package:.1f} ms", package <= 10),
    ]


def _most(lessons, key):
    """Return the lesson that waits longest, its number, and seconds."""
    seconds = {name[:2]: times[key] for name, times in lessons.items() if times[key] is not None}
    slowest = max(seconds, key=seconds.get)
    return slowest, seconds[slowest]
