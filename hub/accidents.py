"""What happens to one student when something breaks, and what the others notice: nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from statistics import median

import nbformat
from tornado.httpclient import HTTPError
from traitlets.config import PyFileConfigLoader

from hub.memory import kernels_of
from hub.running import EXAMPLE, Hub, Origin
from hub.student import Explorer, KernelDiedError, Student, errors, explorer, run_lesson
from tools.notebooks import LESSONS, code_cells

PAUSE = 0.3  # seconds between two moves of an explorer
NOTE, NEWS = "# my own note", "# news from the teacher"
GREEDY = "kept = [bytearray(50_000_000) for _ in range(40)]"  # twice the example's limit
GUESS = 'predict("05-predict-step", "b")'
RECORD = 'print(open(".backprop_progress.json").read())'


@dataclass(frozen=True)
class Finding:
    """One sentence of what should be so, whether it was, and what was seen."""

    expected: str
    held: bool
    seen: str = ""


async def rehearse(hub: Hub, origin: Origin, link: str) -> list[Finding]:
    """Break one student's kernel and server in every way while another one works on."""
    victim, neighbor = hub.student("victim"), hub.student("neighbor")
    path, _ = await asyncio.gather(arrive(victim, link), arrive(neighbor, link))
    async with neighbor.kernel(path) as kernel:
        dial = explorer(kernel, await run_lesson(kernel, await neighbor.read(path)))
        before = await dial.moves(20, pause=PAUSE)
        work = asyncio.create_task(work_on(dial))
        findings = [every_setting_is_known()]
        findings += await attempt(break_kernel(victim, path))
        findings += await attempt(break_server(victim, path))
        findings += await attempt(fetch_news(victim, path, origin, link))
        work.cancel()
        answers = (await asyncio.gather(work, return_exceptions=True))[0]
        findings.append(undisturbed(before, answers))
    return findings + await attempt(leave_idle(hub, [victim, neighbor], link))


async def attempt(accident: Coroutine) -> list[Finding]:
    """Return what an accident shows; where it goes otherwise than thought of, that."""
    try:
        return await accident
    except Exception as error:
        return [Finding(f"{accident.__name__} goes as rehearsed", False, repr(error))]


def every_setting_is_known() -> Finding:
    """Look up each setting of the example in the libraries: loopback uses only some of them."""
    # Here, because the tests' environment has no JupyterHub.
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import PAMAuthenticator
    from jupyterhub.spawner import Spawner
    from systemdspawner import SystemdSpawner

    config = PyFileConfigLoader(EXAMPLE.name, path=str(EXAMPLE.parent)).load_config()
    classes = [JupyterHub, Spawner, SystemdSpawner, PAMAuthenticator]
    known = {each.__name__: each.class_traits(config=True) for each in classes}
    unknown = [
        f"{section}.{name}"
        for section, settings in config.items()
        for name in settings
        if name not in known.get(section, {})
    ]
    expected = "every setting of the example is one that JupyterHub knows"
    return Finding(expected, not unknown, ", ".join(unknown))


async def arrive(student: Student, link: str) -> str:
    """Log in, start a server and fetch the lessons; return the path of the one to open."""
    await student.enrol()
    await student.start()
    return await student.follow(link)


async def work_on(dial: Explorer) -> list[float]:
    """Move an explorer until cancelled; return how long each answer took."""
    answers = []
    try:
        while True:
            answers.append(await dial.move())
            await asyncio.sleep(PAUSE)
    except asyncio.CancelledError:
        return answers


def undisturbed(before: list[float], answers: list[float] | Exception) -> Finding:
    """Judge what the neighbor saw meanwhile."""
    expected = "a neighbor who moves an explorer all the while gets every answer"
    if isinstance(answers, BaseException):
        return Finding(expected, False, repr(answers))
    seen = (
        f"{len(answers)} answers, median {1000 * median(answers):.0f} ms "
        f"(before: {1000 * median(before):.0f} ms), slowest {1000 * max(answers):.0f} ms"
    )
    return Finding(expected, len(answers) > 20, seen)


async def break_kernel(student: Student, path: str) -> list[Finding]:
    """Let a kernel eat up to its limit, then kill it as Linux does when memory runs out."""
    findings = []
    async with student.kernel(path) as kernel:
        notebook = await student.read(path)
        await run_lesson(kernel, notebook)
        await kernel.run(GUESS)
        code_cells(notebook)[0].source += f"\n{NOTE}"
        await student.save(path, notebook)

        wrong = errors(await kernel.run(GREEDY))
        alive = errors(await kernel.run("network.sizes")) == []
        findings.append(
            Finding(
                "a cell that eats memory up to the limit ends in MemoryError; the kernel and its "
                "variables stay",
                wrong == ["MemoryError"] and alive,
                ", ".join(wrong),
            )
        )

        endless = asyncio.create_task(kernel.run("while True: pass"))
        await asyncio.sleep(1)
        began = time.monotonic()
        for process in kernels_of(await student.server()):
            os.kill(process.pid, signal.SIGKILL)
        (died,) = await asyncio.gather(endless, return_exceptions=True)
    noticed = time.monotonic() - began
    findings.append(
        Finding(
            "a killed kernel is told to its notebook, and the server starts a new one",
            isinstance(died, KernelDiedError),
            f"told after {noticed:.1f} s: {died!r}",
        )
    )
    return [*findings, await is_saved(student, path, "after the kernel was killed")]


async def is_saved(student: Student, path: str, when: str) -> Finding:
    """Open the notebook again, look for what was saved, and run all of it."""
    expected = f"{when}, notebook and record of answers are there, and the lesson runs again"
    try:
        notebook = await student.read(path)
        async with student.kernel(path) as kernel:
            record = await kernel.run(RECORD)
            await run_lesson(kernel, notebook)
    except (RuntimeError, KernelDiedError, HTTPError) as error:
        return Finding(expected, False, repr(error))
    kept = NOTE in code_cells(notebook)[0].source
    recorded = any("05-predict-step" in m.content.get("text", "") for m in record)
    return Finding(expected, kept and recorded)


async def break_server(student: Student, path: str) -> list[Finding]:
    """Kill a student's server and kernels at once, as when the machine runs out of memory."""
    server = await student.server()
    began = time.monotonic()
    for number in (server, *(process.pid for process in kernels_of(server))):
        os.kill(number, signal.SIGKILL)
    while await student.server() is not None and time.monotonic() - began < 120:
        await asyncio.sleep(0.5)
    noticed = time.monotonic() - began
    await student.start()
    again = await student.server()
    return [
        Finding(
            "a killed server is noticed by the hub and can be started again",
            again not in (None, server),
            f"noticed after {noticed:.0f} s, there again after {time.monotonic() - began:.0f} s",
        ),
        await is_saved(student, path, "after the whole server was killed"),
    ]


async def fetch_news(student: Student, path: str, origin: Origin, link: str) -> list[Finding]:
    """Publish a changed lesson and a new file; let a student with edits follow the link again."""
    file = origin.folder / LESSONS.name / path.rpartition("/")[2]
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[-1].source += f"\n\n{NEWS}"
    nbformat.write(notebook, file)
    (file.parent / "homework.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    origin.publish("News")
    expected = "the link, clicked again, brings the teacher's changes and keeps the student's"
    try:
        await student.follow(link)
        merged = await student.read(path)
        nbformat.validate(merged)
        await student.read(path.replace(file.name, "homework.ipynb"))
    except (RuntimeError, HTTPError, nbformat.ValidationError) as error:
        return [Finding(expected, False, repr(error))]
    both = NEWS in merged.cells[-1].source and NOTE in code_cells(merged)[0].source
    return [Finding(expected, both)]


async def leave_idle(hub: Hub, students: list[Student], link: str) -> list[Finding]:
    """Stop idle servers as the example's service does, only sooner; then come back."""
    command = [
        *(sys.executable, "-m", "jupyterhub_idle_culler", f"--url={hub.address}/hub/api"),
        *("--timeout=1", "--cull-every=1"),
    ]
    env = os.environ | {"JUPYTERHUB_API_TOKEN": hub.culler_token}
    began = time.monotonic()
    culler = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - began < 60:
            if [await student.server() for student in students] == [None] * len(students):
                break
            await asyncio.sleep(0.5)
    finally:
        culler.terminate()
        culler.wait()
    stopped = [await student.server() for student in students] == [None] * len(students)
    await students[0].start()
    path = await students[0].follow(link)
    return [
        Finding("idle servers are stopped by the example's service", stopped),
        await is_saved(students[0], path, "after an idle server was stopped"),
    ]
