"""Run peers side by side: each in a process of its own, one at a time, round by round.

Libraries in one process would share a memory allocator, a garbage collector with a million objects
of the largest of them, and thread pools. Processes of their own keep them apart. They still take
turns in every round, so that whatever else the computer does meets all of them alike; what is
compared is two times of the same round. A pipe's delay lies outside the times.
"""

import os
import pickle
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.peers.ours import Plain
from bench.works import stacked

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-12
VERIFIED_STEPS = 200
UNDISTURBED = 0.95  # of a core's time was the peer's own
TRIES = 3
ONE_THREAD = {
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        "1",
    ),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "NPROC": "1",  # XLA's own pool
    "JAX_PLATFORMS": "cpu",
}


@dataclass(frozen=True)
class Ratio:
    """How many times as long as ours a peer takes, round by round: median, least, most."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, times, base):
        """Return the ratio of two lists of times, paired by round.

        Examples
        --------
        >>> Ratio.of([2.0, 9.0, 4.0], [1.0, 3.0, 1.0])
        Ratio(median=3.0, low=2.0, high=4.0)
        """
        ratios = np.divide(times, base)
        return cls(*(float(f(ratios)) for f in (np.median, np.min, np.max)))


class WrongPeerError(ValueError):
    """A peer computed something else, so its time means nothing."""


class Process:
    """A peer at work in a Python of its own, started by `bench.worker`.

    Parameters
    ----------
    peer : Peer
    """

    def __init__(self, peer):
        self.peer = peer
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker"],
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self):
        self.importing = self.ask("load", self.peer)
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def ask(self, command, *arguments):
        """Have a function of `bench.worker` called there, and return what it returns."""
        pickle.dump((command, arguments), self._process.stdin)
        self._process.stdin.flush()
        try:
            failed, answer = pickle.load(self._process.stdout)
        except EOFError:
            raise RuntimeError(f"{self.peer.name}: its process ended") from None
        if failed:
            raise RuntimeError(f"{self.peer.name} failed:\n{answer}")
        return answer


def deviation(found, expected):
    """Return the largest relative difference, each block against its own largest entry.

    Examples
    --------
    >>> deviation(([np.array([1.0, 4.0])], []), ([np.array([1.0, 2.0])], []))
    1.0
    """
    pairs = [
        pair for blocks in zip(found, expected, strict=True) for pair in zip(*blocks, strict=True)
    ]
    return float(max(np.abs(f - e).max() / np.abs(e).max() for f, e in pairs))


def expected_parameters(work):
    """Return the parameters that the plain network has after the verified steps."""
    runners = [Plain(work, r) for r in range(work.n_networks)]
    for plain in runners:
        plain.run(work.whole_cycles(VERIFIED_STEPS))
    if work.weights[0].ndim == 2:
        return runners[0].parameters()
    return tuple(map(stacked, zip(*(plain.parameters() for plain in runners), strict=True)))


def verify(name, found, expected):
    """Refuse a peer whose parameters differ from the plain network's.

    Returns
    -------
    float
        The largest relative difference.

    Raises
    ------
    WrongPeerError
        When it is above 1e-12, or not a number.
    """
    error = deviation(found, expected)
    if not error <= TOLERANCE:
        raise WrongPeerError(
            f"{name} does other mathematics: after {VERIFIED_STEPS} steps its parameters differ by "
            f"{error:.1e} of the largest, and at most {TOLERANCE:g} is rounding"
        )
    return error


def race(work, peers, *, rounds, seconds, say=print):
    """Time all peers on one work, and compare them with the first.

    Parameters
    ----------
    work : Work
    peers : sequence of Peer
        Those that are not installed, or cannot do such work, are left out; the first are named.
    rounds : int
        How often each takes its turn.
    seconds : float
        About how long a turn lasts.
    say : callable
        Told who is skipped.

    Returns
    -------
    dict
        For each peer's name: ``us`` a step (median), ``ratio`` to the first peer, ``error`` of
        the verification, ``cores`` kept busy, ``importing`` and ``first`` (set-up and the first
        cycle) in seconds, ``memory`` in MB; or ``skipped`` and why.

    Raises
    ------
    WrongPeerError
        When a peer does other mathematics.
    """
    able = [peer for peer in peers if peer.can(work)]
    missing = {peer.name: peer.library for peer in able if not peer.installed}
    for name, library in missing.items():
        say(f"  {name}: skipped, {library} is not installed")
    expected = expected_parameters(work)
    found = {name: {"skipped": f"{library} is not installed"} for name, library in missing.items()}
    with ExitStack() as stack:
        running = [stack.enter_context(Process(peer)) for peer in able if peer.installed]
        for process in running:
            first = process.ask("start", work)
            process.ask("run", work.whole_cycles(VERIFIED_STEPS) - len(work.X))
            error = verify(process.peer.name, process.ask("parameters"), expected)
            found[process.peer.name] = {
                "error": error,
                "importing": process.importing,
                "first": first,
            }
        steps = [_steps_of_a_turn(process, work, seconds) for process in running]
        turns = [
            [_turn(process, n) for process, n in zip(running, steps, strict=True)]
            for _ in range(rounds)
        ]
        for process in running:
            found[process.peer.name]["memory"] = process.ask("memory")
    base = [turn[0].wall for turn in turns]
    for k, process in enumerate(running):
        walls = [turn[k].wall for turn in turns]
        found[process.peer.name] |= {
            "us": 1e6 * float(np.median(walls)),
            "cores": float(np.median([turn[k].cores for turn in turns])),
            "ratio": asdict(Ratio.of(walls, base)),
        }
    return found


@dataclass(frozen=True)
class _Turn:
    wall: float  # seconds a step
    cores: float


def _turn(process, steps):
    """Return one turn of a peer; one that other programs broke into is taken again."""
    turns = []
    for _ in range(TRIES):
        wall, cpu = process.ask("run", steps)
        turns.append(_Turn(wall / steps, cpu / wall))
        if turns[-1].cores > UNDISTURBED:
            break
    return max(turns, key=lambda turn: turn.cores)


def _steps_of_a_turn(process, work, seconds):
    """Return how many steps fill a turn; finding out warms up, too."""
    steps = work.whole_cycles(1)
    while True:
        wall, _ = process.ask("run", steps)
        if wall >= seconds / 4:
            return work.whole_cycles(max(1, round(steps * seconds / wall)))
        steps *= 4
