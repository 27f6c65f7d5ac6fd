"""Run every test that needs no browser, in whatever environment this Python belongs to.

`python -m tools.run_tests [pytest arguments]`: unit tests, doctests, the hygiene of the lessons,
and each lesson executed with its outputs compared (strict nbval), in one pytest session.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SANITIZE = ROOT / "tools" / "nbval_sanitize.cfg"
NBVAL = (
    "--nbval",
    "--nbval-current-env",
    "--nbval-cell-timeout=120",
    f"--nbval-sanitize-with={SANITIZE}",
)


def main(arguments: list[str]) -> int:
    """Run pytest with the workbook's options and return its exit status."""
    # Two workers at least: much of the time is spent waiting for kernels to start.
    workers = max(2, min(os.cpu_count() or 1, 4))
    spread = ("-n", str(workers), "--dist", "loadfile")  # a lesson's cells stay in one kernel
    command = [sys.executable, "-m", "pytest", *NBVAL, *spread, *arguments]
    with quiet_environment() as env:
        return subprocess.call(command, cwd=ROOT, env=env)


@contextmanager
def quiet_environment() -> Iterator[dict[str, str]]:
    """Give an environment in which nothing of one person reaches a notebook's output."""
    # Windows deletes no file that a kernel on its way out still holds.
    with TemporaryDirectory(prefix="workbook-", ignore_cleanup_errors=True) as ipython:
        env = dict(os.environ)
        env["IPYTHONDIR"] = ipython  # no start-up files, no history of one person
        env["BACKPROP_PROGRESS"] = str(Path(ipython) / "progress.json")  # an empty record
        env["JUPYTER_PLATFORM_DIRS"] = "1"
        env["PYTHONUTF8"] = "1"  # for all that is printed and read, on Windows too
        env["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the debugger warns about frozen modules
        for name in ("MPLBACKEND", "MATPLOTLIBRC", "PYTHONWARNINGS", "PYTHONSTARTUP"):
            env.pop(name, None)
        yield env


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
