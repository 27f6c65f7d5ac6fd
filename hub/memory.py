"""What a student's processes take of a Linux machine: memory and processor time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 2**20


@dataclass(frozen=True)
class Use:
    """What some processes use.

    Attributes
    ----------
    shared : float
        MB, pages that several processes hold counted once in all (PSS): as on one machine.
    alone : float
        MB, each page counted in full (RSS): as in a container of its own.
    seconds : float
        Of one processor, since the processes started.
    """

    shared: float = 0.0
    alone: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: Use) -> Use:
        return Use(
            self.shared + other.shared, self.alone + other.alone, self.seconds + other.seconds
        )


def use_of(process: psutil.Process) -> Use:
    """Return what one process uses.

    Raises
    ------
    OSError
        If there is no such process any more, or it belongs to somebody else.
    """
    sizes = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    kilobytes = dict(re.findall(r"^(\w+): +(\d+) kB", sizes, re.MULTILINE))
    times = process.cpu_times()
    return Use(
        int(kilobytes["Pss"]) * 1024 / MB,
        int(kilobytes["Rss"]) * 1024 / MB,
        times.user + times.system + times.children_user + times.children_system,
    )


def peak_of(process: psutil.Process) -> float:
    """Return the most memory that a process ever held, in MB, each page counted in full."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / MB


def kernels_of(server: int) -> list[psutil.Process]:
    """Return the kernels of the Jupyter server with this process number."""
    below = psutil.Process(server).children(recursive=True)
    return [process for process in below if "ipykernel_launcher" in process.cmdline()]


def use_of_student(server: int) -> tuple[Use, Use]:
    """Return what a student's server and what its kernels use."""
    return use_of(psutil.Process(server)), sum(map(use_of, kernels_of(server)), Use())
