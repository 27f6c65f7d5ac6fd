"""The heavy checks, each in an environment of its own; GitHub runs the same ones every week.

`nox --list` shows them, `nox -s "tests(3.13-newest)"` runs one, `nox -s tests` the whole matrix for
this system. The matrix stands in pyproject.toml, where the workflow reads it, too. A Python that is
not on the PATH is skipped by name (on GitHub: an error). What follows `--` goes on to the tool.
"""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from itertools import product
from pathlib import Path

import nox

MATRIX = nox.project.load_toml("pyproject.toml")["tool"]["workbook"]["matrix"]
LOCK = "binder/requirements.txt"
IMAGE = Path("binder/runtime.txt").read_text(encoding="utf-8")
INSTALL = {
    # The floors of pyproject.toml; where one has no wheel for this Python, the next that has.
    "oldest": ("--resolution=lowest-direct", "--only-binary=:all:"),
    "locked": (f"--constraint={LOCK}",),
    "newest": ("--upgrade",),
}
# Where pip-audit asks for each library, by version. A mirror of the packages has no advisories.
ADVISORIES = "https://pypi.org/pypi/pip/25.0/json"

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"  # the Pythons of this computer, as they are
nox.options.error_on_missing_interpreters = "CI" in os.environ
nox.options.sessions = ["tests"]


def combinations() -> list[nox.param]:
    """Return each Python with each choice of libraries, those left out that cannot be."""
    return [
        nox.param(python, libraries, id=f"{python}-{libraries}")
        for python, libraries in product(MATRIX["python"], MATRIX["libraries"])
        if {"python": python, "libraries": libraries} not in MATRIX["exclude"]
    ]


@nox.session
@nox.parametrize("python,libraries", combinations())
def tests(session: nox.Session, libraries: str) -> None:
    """Run every test that needs no browser, as `workbook.py test` does."""
    session.install("--editable", ".[test]", *INSTALL[libraries])
    session.run("python", "-m", "tools.run_tests", *session.posargs)


@nox.session(python=IMAGE.strip().removeprefix("python-"))
def binder(session: nox.Session) -> None:
    """Build by hand what Binder builds, print its size, and run the browser tests in it."""
    session.install("--editable", ".[binder]")
    image = Path(session.create_tmp()) / "image"
    shutil.rmtree(image, ignore_errors=True)
    session.run("python", "-m", "tools.binder", str(image), "--tests", *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Look the locked libraries up among the known vulnerabilities; needs pypi.org itself."""
    try:
        urllib.request.urlopen(ADVISORIES, timeout=20).close()
    except (urllib.error.URLError, OSError) as error:
        said = f"pip-audit asks https://pypi.org for advisories, which does not answer: {error}"
        (session.error if "CI" in os.environ else session.skip)(said)
    session.install("pip-audit")
    # The lock is complete and exact: nothing is resolved, nothing of it is installed. Strict,
    # because a library that nothing is known of would count as sound.
    exact = ("--strict", "--no-deps", "--disable-pip", "--progress-spinner=off")
    session.run("pip-audit", *exact, "--requirement", LOCK, *session.posargs)


@nox.session
def schemas(session: nox.Session) -> None:
    """Check CITATION.cff and the workflow against their schemas, which the tool brings along."""
    session.install("check-jsonschema")
    for schema, file in (
        ("vendor.citation-file-format", "CITATION.cff"),
        ("vendor.github-workflows", ".github/workflows/tests.yml"),
    ):
        session.run("check-jsonschema", "--builtin-schema", schema, file)


@nox.session
def hub(session: nox.Session) -> None:
    """Rehearse a class on a JupyterHub of this machine; needs Linux, git and npm."""
    session.install("--editable", ".[hub]")
    node = session.create_tmp()
    proxy = ("npm", "install", "--silent", "--prefix", node, "configurable-http-proxy@5")
    session.run(*proxy, external=True)
    command = f"{node}/node_modules/.bin/configurable-http-proxy"
    session.run("python", "-m", "hub.load", f"--proxy={command}", *session.posargs)


@nox.session
def grading(session: nox.Session) -> None:
    """Grade a class of twelve with nbgrader: right, wrong, untouched and hostile answers."""
    session.install("--editable", ".[test,grading]")
    session.run("python", "-m", "pytest", "tests/grading", "tools/grading", *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """Write the static pages, and read each one in Chromium with the network off."""
    session.install("--editable", ".[test,browser]", "pip")  # pip fetches MathJax
    browser_test = ("tests/browser/test_site.py", "-m", "browser")
    session.run("python", "-m", "pytest", *browser_test, *session.posargs)
