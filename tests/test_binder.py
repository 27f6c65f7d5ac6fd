"""What Binder builds: the lock it installs, and the Dockerfile that repo2docker makes of our files.

The tests with the marker `binder` need `pip install -e ".[test,binder]"` and a package index:
`python -m pytest tests/test_binder.py -m binder`. None of them needs Docker.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib

import pytest

from tools.binder import copy_tracked, disk_usage
from tools.lock import LOCK, base_image_pins, locked, python_version
from tools.run_tests import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CONDA_SPECS = ["python=3.12", "pip"]


def imports_of(notebook):
    """Return the top-level packages that a notebook's cells import, Python's own left out."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)


def test_the_lock_holds_exact_versions_and_nothing_else():
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    for line in pins:
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", line), line
    assert len(pins) == len(locked())


def test_the_lock_has_what_pyproject_asks_for():
    from packaging.requirements import Requirement
    from packaging.version import Version

    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]:
        asked = Requirement(text)
        assert Version(locked()[asked.name]) in asked.specifier, text


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_lesson_imports_is_in_the_lock(notebook):
    found = imports_of(notebook)
    assert found
    assert {name.lower() for name in found} - {"backprop_kit"} <= locked().keys()


def test_conda_installs_the_lock_for_the_python_of_binder():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    items = [line.strip()[2:] for line in lines if line.strip().startswith("- ")]
    pip = ["--requirement binder/requirements.txt", "--editable ."]
    assert items == ["conda-forge", "nodefaults", *CONDA_SPECS, "pip:", *pip]
    assert CONDA_SPECS[0] == f"python={python_version()}"


def test_binder_holds_what_repo2docker_reads_and_nothing_else():
    names = {file.name for file in (ROOT / "binder").iterdir()}
    assert names == {"postBuild", "requirements.txt", "runtime.txt"}
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert "pip install --no-cache-dir --no-deps --editable .\n" in script.read_text("utf-8")


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(bytes(3000))
    (tmp_path / "file").write_bytes(bytes(500))
    assert disk_usage(tmp_path) == 0.0035


# ---------------------------------------------------------------- with the tools of Binder


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """Give the Dockerfile that repo2docker makes of a clone, as lines."""
    clone = tmp_path_factory.mktemp("binder") / "clone"
    copy_tracked(clone)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    made = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=True)
    return (made.stdout + made.stderr).splitlines()


@pytest.mark.binder
def test_the_dockerfile_installs_our_lock_and_runs_our_script(dockerfile):
    copy = "COPY --chown={0}:{0} {1} ${{REPO_DIR}}/{2}"
    user = next(re.search(r"--chown=(\d+)", line)[1] for line in dockerfile if "--chown=" in line)
    install = '${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "binder/requirements.txt"'
    # In this order: a push that leaves the lock alone does not install the libraries again.
    steps = [
        copy.format(user, "src/binder/requirements.txt", "binder/requirements.txt"),
        f"RUN {install}",
        copy.format(user, "src/", ""),
        "RUN ./binder/postBuild",
    ]
    assert [line for line in dockerfile if line in steps] == steps


@pytest.mark.binder
def test_the_dockerfile_has_the_python_of_the_lock_and_no_second_environment(dockerfile):
    text = "\n".join(dockerfile)
    assert f"Building conda environment for python={python_version()}" in text
    assert "environment.yml" not in text  # that one is for conda users
    assert text.count("pip install") == 1  # libraries: from the lock alone


@pytest.mark.binder
def test_the_lock_keeps_the_base_image_as_it_is():
    brought = {
        re.sub(r"[-_.]+", "-", name): version
        for name, version in (pin.split("==") for pin in base_image_pins(python_version()))
    }
    assert {"jupyterlab", "ipywidgets", "ipykernel", "lark"} <= brought.keys() & locked().keys()
    assert not {n: v for n, v in locked().items() if brought.get(n, v) != v}


@pytest.mark.binder
@pytest.mark.parametrize("spec", CONDA_SPECS)
def test_conda_reads_our_specs_strictly(spec):
    from rattler import MatchSpec

    assert MatchSpec(spec, strict=True).name.normalized == spec.partition("=")[0]


@pytest.mark.binder
def test_a_loose_spec_is_refused():
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    with pytest.raises(InvalidMatchSpecError):
        MatchSpec("python>=3.12=", strict=True)


@pytest.mark.binder
@pytest.mark.parametrize("platform", ["linux", "macos", "windows"])
def test_the_lock_resolves_for_its_python_and_is_complete(platform):
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate"]
    command += ["--no-header", "--only-binary", ":all:", "--python-platform", platform]
    command += ["--python-version", python_version(), str(LOCK)]
    given = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert given.returncode == 0, given.stderr
    resolved = dict(re.findall(r"(?m)^([a-z0-9-]+)==([^\s;]+)", given.stdout))
    assert resolved.items() <= locked().items()
    assert {"numpy", "jupyterlab", "anywidget", "pytest"} <= resolved.keys()
