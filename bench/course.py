"""What a student waits for: each lesson from Run All to its last cell, and the package's import."""

import subprocess
import sys
import time

import nbformat
import numpy as np
from nbclient import NotebookClient

from bench.measure import ROOT
from tools.run_tests import quiet_environment

IMPORTS = """
import time
a = time.perf_counter(); import numpy; b = time.perf_counter(); import backprop_kit
print(b - a, time.perf_counter() - b)
"""


def run_all(path):
    """Run a lesson in a new kernel.

    Returns
    -------
    dict
        Seconds: ``kernel`` until it is ready, ``run`` of all cells, ``first_figure`` from ready
        until the first picture is there (None where there is none).
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}})
    first_figure = None
    with quiet_environment() as env:
        began = time.perf_counter()
        with client.setup_kernel(env=env):
            ready = time.perf_counter()
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
                if first_figure is None and any(map(_is_picture, cell.get("outputs", ()))):
                    first_figure = time.perf_counter() - ready
            done = time.perf_counter()
    return {"kernel": ready - began, "run": done - ready, "first_figure": first_figure}


def _is_picture(output):
    data = output.get("data", {})
    return any(mime.startswith("image/") for mime in data) or "<img" in data.get("text/html", "")


def lessons(names):
    """Return `run_all` of each lesson whose number is in `names`; all of them without names."""
    paths = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    return {path.stem: run_all(path) for path in paths if not names or path.stem[:2] in names}


def imports(rounds):
    """Return milliseconds to import NumPy, and then the package, each the median of new Pythons."""
    command = [sys.executable, "-c", IMPORTS]
    times = [
        [float(number) for number in subprocess.check_output(command, cwd=ROOT).split()]
        for _ in range(rounds)
    ]
    numpy_ms, package_ms = 1e3 * np.median(times, axis=0)
    return {"numpy_ms": float(numpy_ms), "package_ms": float(package_ms)}
