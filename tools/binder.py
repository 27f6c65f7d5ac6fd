"""Build by hand, in an empty folder and without Docker, what Binder builds in an image.

`python -m tools.binder FOLDER` makes FOLDER/environment with the Python libraries of Binder's
base image, then does what repo2docker's Dockerfile says: it installs binder/requirements.txt,
copies the repository to FOLDER/home, and runs binder/postBuild there. It prints what each step adds
on disk, and fails if a library of the base image is replaced, for the image would hold it twice.
`--tests [ARGUMENTS...]` then adds playwright and axe and runs pytest there, on
`tests/browser -m browser` if nothing else is said. Needs `pip install -e ".[binder]"` in the
Python of binder/runtime.txt.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from tools.lock import LOCK, base_image_pins, python_version
from tools.run_tests import ROOT

BROWSER_TESTS = ["tests/browser", "-m", "browser"]


def main(arguments: list[str]) -> int:
    """Build, print the sizes, run the tests that were asked for; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("--tests", nargs=argparse.REMAINDER, help="arguments for pytest")
    options = parser.parse_args(arguments)
    image = Image(options.folder.resolve())
    try:
        image.folder.mkdir(parents=True)
        image.build()
    except (FileExistsError, subprocess.CalledProcessError, RuntimeError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if options.tests is None:
        return 0
    return image.test(options.tests or BROWSER_TESTS)


class Image:
    """A folder that holds what the image would: an environment, and a home with the repository."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = folder / "environment"
        self.home = folder / "home"
        self.python = self.environment / "bin" / "python"

    def build(self) -> None:
        """Do what the Dockerfile does, and print what each step adds.

        Raises
        ------
        RuntimeError
            If this Python is not that of the image, or a library of the base image was replaced.
        """
        here = "{}.{}".format(*sys.version_info)
        if here != python_version():
            raise RuntimeError(f"this is Python {here}; the image has {python_version()}")
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "--quiet", "--python", sys.executable, str(self.environment)], check=True
        )
        install = [*uv, "pip", "install", "--quiet", "--compile-bytecode", "--no-deps"]
        pins = base_image_pins(python_version())
        subprocess.run([*install, "--python", str(self.python), *pins], check=True)
        base, brought = disk_usage(self.environment), self._installed()
        print(f"{base:7.1f} MB  Python libraries of Binder's base image", flush=True)

        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
        self._call([*pip, "--requirement", str(LOCK)])
        ours = disk_usage(self.environment) - base
        print(f"{ours:7.1f} MB  what binder/requirements.txt adds to them", flush=True)
        if replaced := brought - self._installed():
            raise RuntimeError(f"replaced in the base image: {', '.join(sorted(replaced))}")

        copy_tracked(self.home)
        repository = disk_usage(self.home)
        print(f"{repository:7.1f} MB  the repository, without its history", flush=True)
        self._call([str(self.home / "binder" / "postBuild")], cwd=self.home)
        warmed = disk_usage(self.folder) - base - ours - repository
        print(f"{warmed:7.1f} MB  what binder/postBuild adds: byte-code, fonts, settings")
        print(f"{ours + repository + warmed:7.1f} MB  ours, on top of the base image", flush=True)

    def test(self, arguments: list[str]) -> int:
        """Run pytest in the home, with the browser's tools beside what the image has."""
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--constraint", str(LOCK)]
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        self._call([*pip, *project["optional-dependencies"]["browser"]])
        command = [str(self.python), "-m", "pytest", *arguments]
        return subprocess.call(command, cwd=self.home, env=self._variables())

    def _installed(self) -> set[str]:
        command = [str(self.python), "-m", "pip", "list", "--format=freeze"]
        return set(subprocess.check_output(command, text=True).split())

    def _call(self, command: list[str], cwd: Path = ROOT) -> None:
        subprocess.run(command, cwd=cwd, env=self._variables(), check=True)

    def _variables(self) -> dict[str, str]:
        """Return the environment of the image: its programs first, its own home."""
        path = f"{self.environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "PATH": path, "HOME": str(self.home)}


def copy_tracked(target: Path) -> None:
    """Copy the files that a clone would hold, with changes not yet committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.check_output(command, cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
            (target / name).chmod((ROOT / name).stat().st_mode)


def disk_usage(folder: Path) -> float:
    """Return the size of the files in a folder, in MB (10^6 bytes); links count nothing."""
    return sum(_sizes(folder.rglob("*"))) / 1e6


def _sizes(files: Iterable[Path]) -> Iterable[int]:
    return (file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
