"""Rehearse a class on this machine: students who all arrive at once, and what can go wrong.

`python -m hub.load --users 1 5 10 20` starts JupyterHub, with the settings of jupyterhub_config.py,
on loopback.  Each student starts a server, follows the teacher's link, runs lesson 05 and moves its
explorer, all through the hub's proxy.  Then a kernel eats its memory, kernels and servers are
killed and idle ones stopped.  `--write` puts what was measured into docs/classroom.md.

It needs Linux, `pip install -e ".[hub]"`, git, and configurable-http-proxy from npm; the nox
session `hub` brings all but git and npm.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from hub.accidents import PAUSE, Finding, arrive, rehearse
from hub.link import lesson_link
from hub.memory import Use, kernels_of, peak_of, use_of, use_of_student
from hub.running import Hub, Origin, running_hub
from hub.student import Student, explorer, first_output, run_lesson
from tools.notebooks import LESSONS
from tools.run_tests import ROOT

LESSON = "05_check_the_formulas.ipynb"
LESSON_NAMES = sorted(path.name for path in LESSONS.glob("[0-9]*.ipynb"))
MOVES = 20
PAGE = ROOT / "docs" / "classroom.md"
START, END = "<!-- measured -->", "<!-- /measured -->"
CLASSES = (30, 300)
MINUTES = 2  # in which a class wants to have run its first lesson
SYSTEM = 2.0  # GB for Linux itself


@dataclass
class Visit:
    """One student's lesson; times in seconds from the click on the link."""

    first_output: float = float("nan")
    done: float = float("nan")
    pressed: list[float] = field(default_factory=list)
    dragged: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    server: Use = field(default_factory=Use)
    kernel: Use = field(default_factory=Use)


@dataclass(frozen=True)
class Round:
    """All visits of students who came at the same time, and what the hub itself took."""

    visits: Sequence[Visit]
    hub: Use

    @property
    def seconds(self) -> float:
        """Seconds of one processor that a student's visit took, the hub's share included."""
        own = median((visit.server + visit.kernel).seconds for visit in self.visits)
        return own + self.hub.seconds / len(self.visits)

    @property
    def student(self) -> Use:
        """What the hungriest student would use with two lessons open."""
        uses = (visit.server + visit.kernel + visit.kernel for visit in self.visits)
        return max(uses, key=lambda use: use.shared)


def main(arguments: list[str]) -> int:
    """Run the rehearsal, print what was measured; return 1 if anything went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, nargs="+", default=[1, 5, 10, 20])
    parser.add_argument("--proxy", default=shutil.which("configurable-http-proxy"))
    parser.add_argument("--write", action="store_true", help="into docs/classroom.md")
    options = parser.parse_args(arguments)
    if not options.proxy:
        parser.error("no configurable-http-proxy: npm install --global configurable-http-proxy@5")
    busy = os.getloadavg()[0]
    rounds, peaks, findings = rehearse_all(options.users, options.proxy)
    text = report(rounds, peaks, findings, busy)
    print(text)
    if options.write:
        PAGE.write_text(with_block(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    wrong = [error for each in rounds for visit in each.visits for error in visit.errors]
    print(*wrong, sep="\n", file=sys.stderr)
    return int(bool(wrong) or not all(finding.held for finding in findings))


Measured = tuple[list[Round], dict[str, float], list[Finding]]


def rehearse_all(sizes: Sequence[int], proxy: str) -> Measured:
    """Start a hub and return the rounds of these sizes, the peak of each lesson, the accidents."""
    with TemporaryDirectory(prefix="workbook-hub-") as name:
        origin = Origin.make(Path(name) / "origin")
        with running_hub(Path(name), proxy) as hub:
            return asyncio.run(_rehearse_all(hub, origin, sizes))


async def _rehearse_all(hub: Hub, origin: Origin, sizes: Sequence[int]) -> Measured:
    link = lesson_link(hub.address, origin.address, LESSON)
    rounds = []
    await hold(hub, ["teacher"], link)  # who tries the link first finds no byte-code yet
    for size in sizes:
        print(f"{size} at once ...", flush=True, file=sys.stderr)
        rounds.append(await hold(hub, [f"of-{size}-{n}" for n in range(1, size + 1)], link))
    print("every lesson ...", flush=True, file=sys.stderr)
    peaks = await open_every_lesson(hub.student("reader"), link)
    print("accidents ...", flush=True, file=sys.stderr)
    return rounds, peaks, await rehearse(hub, origin, link)


async def hold(hub: Hub, names: Sequence[str], link: str) -> Round:
    """Let students arrive at the same time; measure when all of them have the lesson open."""
    students = [hub.student(name) for name in names]
    for student in students:
        await student.enrol()
    before = use_of_hub(hub)
    visits = await asyncio.gather(*(visit(student, link) for student in students))
    for student, seen in zip(students, visits, strict=True):
        if server := await student.server():
            seen.server, seen.kernel = use_of_student(server)
    after = use_of_hub(hub)
    await asyncio.gather(*(student.stop() for student in students))
    return Round(visits, replace(after, seconds=after.seconds - before.seconds))


def use_of_hub(hub: Hub) -> Use:
    """Return what the hub, its proxy and its services use, the students' servers left out."""
    process = psutil.Process(hub.pid)
    below = [p for p in process.children() if "jupyterhub-singleuser" not in " ".join(p.cmdline())]
    return sum(map(use_of, [process, *below]), Use())


async def visit(student: Student, link: str) -> Visit:
    """Click the link, run the lesson, move its explorer."""
    seen, began = Visit(), time.monotonic()
    try:
        await student.start()
        path = await student.follow(link)
        await student.open_lab(path)
        notebook = await student.read(path)
        async with student.kernel(path) as kernel:
            said = await run_lesson(kernel, notebook)
            seen.first_output, seen.done = first_output(said) - began, time.monotonic() - began
            dial = explorer(kernel, said)
            seen.pressed = await dial.moves(MOVES, pause=PAUSE)
            seen.dragged = await dial.moves(MOVES)
    except Exception as error:  # whatever it is, it is what a student would have seen
        seen.errors.append(f"{student.name}: {error!r}")
    return seen


async def open_every_lesson(student: Student, link: str) -> dict[str, float]:
    """Run each lesson in a kernel of its own; return the kernel's peak of memory in MB."""
    path = await arrive(student, link)
    server, peaks, before = await student.server(), {}, set()
    for lesson in LESSON_NAMES:
        path = f"{path.rpartition('/')[0]}/{lesson}"
        async with student.kernel(path) as kernel:
            await run_lesson(kernel, await student.read(path))
            (own,) = set(kernels_of(server)) - before
            peaks[lesson] = peak_of(own)
            before.add(own)
    await student.stop()
    return peaks


# ---------------------------------------------------------------- what is said of it


def report(
    rounds: Sequence[Round], peaks: Mapping[str, float], findings: Sequence[Finding], busy: float
) -> str:
    """Return all that was measured, as Markdown."""
    command = "python -m hub.load --users " + " ".join(str(len(each.visits)) for each in rounds)
    where = (
        f"Measured by `{command}` with Python {platform.python_version()}, on a machine with "
        f"{os.cpu_count()} processors, whose load was {busy:.1f} from other work when it began. "
        "The simulated students run on the same machine."
    )
    heaviest = max(peaks, key=peaks.get)
    kernels = (
        f"The kernel of a lesson takes {min(peaks.values()):.0f} MB at its peak, at the most "
        f"{peaks[heaviest]:.0f} MB (lesson {heaviest[:2]})."
    )
    return "\n\n".join(
        [where, load_table(rounds), kernels, size_table(rounds[-1]), found(findings)]
    )


def load_table(rounds: Sequence[Round]) -> str:
    """Return one line for each round."""
    rows = [
        "| students at once | first output, s | lesson run, s | key pressed, ms | dragging, ms "
        "| server + kernel, MB | processor time, s | errors |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in rounds:
        visits = each.visits
        cells = [
            str(len(visits)),
            _middle_and_worst([v.first_output for v in visits]),
            _middle_and_worst([v.done for v in visits]),
            _middle_and_worst([1000 * answer for v in visits for answer in v.pressed]),
            _middle_and_worst([1000 * answer for v in visits for answer in v.dragged]),
            f"{median(v.server.shared for v in visits):.0f} + "
            f"{median(v.kernel.shared for v in visits):.0f}",
            f"{each.seconds:.0f}",
            str(sum(len(v.errors) for v in visits) or "none"),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _middle_and_worst(values: Sequence[float]) -> str:
    return f"{median(values):.0f}, slowest {max(values):.0f}" if values else "none"


def size_table(measured: Round) -> str:
    """Return what classes need, reckoned from the students of one round."""
    student, hub = measured.student, measured.hub.shared
    rows = [
        f"| class | memory, one machine | memory, containers | processors for {MINUTES} minutes |",
        "|---|---|---|---|",
    ]
    for size in CLASSES:
        shared = ceil((size * student.shared + hub) / 1024 + SYSTEM)
        alone = ceil((size * student.alone + hub) / 1024 + SYSTEM)
        processors = ceil(size * measured.seconds / (60 * MINUTES))
        rows.append(f"| {size} | {shared} GB | {alone} GB | {processors} |")
    return "\n".join(rows)


def found(findings: Sequence[Finding]) -> str:
    """Return one line for each accident."""
    lines = []
    for finding in findings:
        seen = f" ({finding.seen})" if finding.seen else ""
        lines.append(f"- {'Yes' if finding.held else '**No**'}: {finding.expected}{seen}.")
    return "\n".join(lines)


def with_block(page: str, text: str) -> str:
    """Return `page` with `text` between its two marks; raise ValueError if they are not there."""
    if (page.count(START), page.count(END)) != (1, 1) or page.index(START) > page.index(END):
        raise ValueError(f"expected one {START} and, after it, one {END}")
    return page[: page.index(START)] + f"{START}\n{text}\n{END}" + page.split(END)[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
