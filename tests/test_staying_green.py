"""What keeps the workbook running elsewhere and later: one matrix, a pinned workflow, no warning
of our own, and what Windows does otherwise."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import warnings
from itertools import product
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import HealthCheck, settings

import workbook
from backprop_kit.numeric import storage
from tools.run_tests import ROOT, quiet_environment

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MATRIX = PYPROJECT["tool"]["workbook"]["matrix"]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
JOBS = WORKFLOW["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
NOXFILE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
OURS = [
    file
    for folder in ("backprop_kit", "tests", "tools")
    for file in sorted((ROOT / folder).rglob("*.py"))
] + [ROOT / "conftest.py", ROOT / "noxfile.py", ROOT / "workbook.py"]


# ---------------------------------------------------------------- one matrix


def test_the_matrix_covers_what_pyproject_promises():
    pythons = [tuple(map(int, name.split("."))) for name in MATRIX["python"]]
    assert pythons[0] == workbook.OLDEST_PYTHON
    assert pythons == [(3, minor) for minor in range(pythons[0][1], pythons[-1][1] + 1)]
    assert MATRIX["libraries"] == ["oldest", "locked", "newest"]
    assert {name.split("-")[0] for name in MATRIX["system"]} == {"ubuntu", "macos", "windows"}


def test_only_the_lock_is_left_out_and_only_below_its_own_python():
    binder = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    locked = binder.removeprefix("python-")
    assert locked in MATRIX["python"]
    older = MATRIX["python"][: MATRIX["python"].index(locked)]
    assert MATRIX["exclude"] == [{"python": name, "libraries": "locked"} for name in older]


def test_the_workflow_reads_the_matrix_that_nox_reads(tmp_path):
    """Run the step that hands the matrix to GitHub, and expand it as GitHub does."""
    (read,) = [step for step in JOBS["plan"]["steps"] if step.get("id") == "read"]
    output = tmp_path / "output"
    subprocess.run(
        [sys.executable, "-c", read["run"]],
        env={**os.environ, "GITHUB_OUTPUT": str(output)},
        cwd=ROOT,
        check=True,
    )
    name, _, value = output.read_text(encoding="utf-8").partition("=")
    assert JOBS["plan"]["outputs"][name] == "${{ steps.read.outputs.matrix }}"
    assert JOBS["tests"]["strategy"]["matrix"] == "${{ fromJSON(needs.plan.outputs.matrix) }}"
    assert json.loads(value) == MATRIX
    used = set(re.findall(r"matrix\.(\w+)", str(JOBS["tests"])))
    assert used == set(MATRIX) - {"exclude"}


def nox_sessions():
    """Return the functions of noxfile.py that are sessions, without nox."""
    marks = {
        node: [ast.unparse(mark) for mark in node.decorator_list]
        for node in NOXFILE.body
        if isinstance(node, ast.FunctionDef)
    }
    return {node.name for node, mark in marks.items() if any("nox.session" in one for one in mark)}


def test_nox_installs_each_choice_of_libraries_and_the_workflow_runs_its_sessions():
    (install,) = [
        node.value
        for node in NOXFILE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "INSTALL"
    ]
    assert [key.value for key in install.keys] == MATRIX["libraries"]
    assert "nox -s" in JOBS["tests"]["steps"][-1]["run"]
    assert "tests" in nox_sessions()
    listed = JOBS["sessions"]["strategy"]["matrix"]["session"]
    assert set(listed) <= nox_sessions() - {"tests"}


def test_nox_lists_every_combination(tmp_path):
    nox = pytest.importorskip("nox", reason="nox is not in the test extra; the workflow has it")
    command = [sys.executable, "-m", "nox", "--list", "--json", "--session", "tests"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    left_out = [tuple(one.values()) for one in MATRIX["exclude"]]
    wanted = set(product(MATRIX["python"], MATRIX["libraries"])) - set(left_out)
    assert nox
    assert {one["session"] for one in json.loads(listed)} == {
        f"tests({python}-{libraries})" for python, libraries in wanted
    }


# ---------------------------------------------------------------- the workflow


def test_actions_are_pinned_by_commit_and_name_their_version():
    text = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    uses = re.findall(r"uses: (.+)", text)
    assert len(uses) == sum("uses" in step for _, step in STEPS) > 3
    for line in uses:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    versions = {line.partition("@")[0]: line for line in uses}
    assert set(uses) == set(versions.values())  # one version of each action


def test_the_workflow_runs_each_week_and_may_only_read():
    events = WORKFLOW[True]  # YAML 1.1 reads the key `on` as true
    assert set(events) == {"push", "pull_request", "schedule", "workflow_dispatch"}
    (minute, hour, *_, weekday) = events["schedule"][0]["cron"].split()
    assert (minute.isdigit(), hour.isdigit(), weekday.isdigit()) == (True, True, True)
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in JOBS.values())
    for name, step in STEPS:
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False, name
        assert "github.event" not in step.get("run", "")  # what a stranger wrote is no shell code
    assert all("timeout-minutes" in job for job in JOBS.values())


def test_the_workflow_runs_the_acceptance_script():
    assert {"run": ".ci/run"} in JOBS["acceptance"]["steps"]


# ---------------------------------------------------------------- warnings


@pytest.mark.parametrize("category", [DeprecationWarning, PendingDeprecationWarning, UserWarning])
@pytest.mark.parametrize(
    "module", ["backprop_kit.visual.svg", "tests.test_x", "tools.prose", "workbook"]
)
def test_a_warning_from_our_code_is_an_error(module, category):
    with pytest.raises(category):
        warnings.warn_explicit("old", category, "x.py", 1, module=module)


def test_a_warning_among_others_is_theirs():
    with pytest.warns(DeprecationWarning, match="^old$"):
        warnings.warn_explicit("old", DeprecationWarning, "x.py", 1, module="nbval.plugin")


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_file_of_ours_warns_when_it_is_compiled(file):
    # No pytest filter reaches these: pytest compiles before it filters.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(file.read_text(encoding="utf-8"), str(file), "exec")


# ---------------------------------------------------------------- Windows


def test_text_is_utf_8_in_whatever_we_start():
    assert workbook.clean_environment()["PYTHONUTF8"] == "1"
    with quiet_environment() as env:
        assert env["PYTHONUTF8"] == "1"


def test_what_pip_says_is_printed_to_a_windows_pipe(monkeypatch):
    with open(os.devnull, "w", encoding="cp1252") as narrow:
        monkeypatch.setattr(workbook.sys, "stdout", narrow)
        workbook.say("→ \ufffd Ω")  # a UnicodeEncodeError otherwise


def on_windows(module, monkeypatch):
    """Let a module believe that it is on Windows; the rest of Python knows better."""
    parts = {name: getattr(os, name) for name in dir(os)}
    monkeypatch.setattr(module, "os", SimpleNamespace(**{**parts, "name": "nt"}))


def test_on_windows_the_environments_python_is_elsewhere(monkeypatch):
    on_windows(workbook, monkeypatch)
    assert workbook.venv_python() == os.path.join(workbook.VENV, "Scripts", "python.exe")


def test_on_windows_ctrl_c_waits_for_jupyterlab(monkeypatch):
    on_windows(workbook, monkeypatch)
    answers = iter([KeyboardInterrupt, KeyboardInterrupt, 7])

    class Process:
        def wait(self):
            answer = next(answers)
            if answer is KeyboardInterrupt:
                raise answer
            return answer

    monkeypatch.setattr(workbook.subprocess, "Popen", lambda *_, **__: Process())
    assert workbook.run("python", ["-m", "jupyterlab"]) == 7


def test_on_windows_a_file_that_is_held_is_tried_again(tmp_path, monkeypatch):
    on_windows(storage, monkeypatch)
    replace, refused = os.replace, []

    def held_twice(*paths):
        if len(refused) < 2:
            refused.append(paths)
            raise PermissionError(13, "Permission denied")
        return replace(*paths)

    storage.os.replace = held_twice
    storage.write_whole(tmp_path / "x", b"42")
    assert len(refused) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_on_windows_a_file_that_stays_held_is_left_as_it_was(tmp_path, monkeypatch):
    on_windows(storage, monkeypatch)
    monkeypatch.setattr(storage, "HELD_FOR", (0, 0))
    (tmp_path / "x").write_bytes(b"old")

    def held(*_):
        raise PermissionError(13, "Permission denied")

    storage.os.replace = held
    with pytest.raises(PermissionError):
        storage.write_whole(tmp_path / "x", b"42")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


# ---------------------------------------------------------------- slow computers


def test_no_test_fails_because_a_computer_is_slow():
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check
