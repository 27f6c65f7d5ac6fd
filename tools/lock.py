"""Write the lock: one exact version of every library, for Binder, conda and the locked tests.

`python -m tools.lock` writes binder/requirements.txt anew, for the Python of binder/runtime.txt:
the newest versions that pyproject.toml allows. Where Binder's base image brings a library along,
the lock keeps that version, so that the image holds it once. Needs `pip install -e ".[binder]"`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from tools.run_tests import ROOT

BINDER = ROOT / "binder"
LOCK = BINDER / "requirements.txt"
# What conda-forge calls otherwise than PyPI; None has no counterpart there.
PYPI_NAMES = {
    "brotli-python": "brotli",
    "cpython": None,
    "jupyterhub-base": "jupyterhub",
    "nbconvert-core": "nbconvert",
    "python-fastjsonschema": "fastjsonschema",
}


def main() -> int:
    """Compile the lock with uv and return its exit status."""
    with tempfile.TemporaryDirectory(prefix="workbook-") as folder:
        base = Path(folder) / "base-image.txt"
        base.write_text("\n".join(base_image_pins(python_version())), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"),
            *("pyproject.toml", "--extra", "test", "--constraint", str(base)),
            *("--python-version", python_version(), "--universal", "--no-annotate"),
            *("--custom-compile-command", "python -m tools.lock"),
            *("--output-file", str(LOCK.relative_to(ROOT))),
        ]
        return subprocess.call(command, cwd=ROOT)


def python_version() -> str:
    """Return the Python of `binder/runtime.txt`, such as "3.12"."""
    return (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")


def base_image_pins(python: str) -> list[str]:
    """Return the Python libraries of Binder's base image, as `name==version`.

    repo2docker carries the list, a file with one address of a conda package a line.
    """
    name = f"environment.py-{python}-linux-64.lock"
    (file,) = [file for file in metadata.files("jupyter-repo2docker") if file.name == name]
    found = re.findall(r"(?m)/([\w.-]+)-([\w.]+)-py[\w]+\.(?:conda|tar\.bz2)#", file.read_text())
    pypi = ((PYPI_NAMES.get(name, name), version) for name, version in found)
    return [f"{name}=={version}" for name, version in pypi if name]


def locked() -> dict[str, str]:
    """Return the lock as a table from a library's name to its version."""
    pins = re.findall(r"(?m)^([a-z0-9-]+)==([^\s;]+)", LOCK.read_text(encoding="utf-8"))
    return dict(pins)


if __name__ == "__main__":
    sys.exit(main())
