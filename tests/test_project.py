"""What the project's own files promise: one list of libraries, a README that is true, a set-up
script that speaks plainly."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import workbook
from backprop_kit.exercises import exercise
from tools.run_tests import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What ipykernel, matplotlib, ipywidgets, nbconvert and jupyterlab themselves require: an HTML
# reader, the shell, a version parser, a PNG writer, a reader of processes, the traits of widgets,
# a YAML reader.
COME_ALONG = {"bs4", "ipython", "packaging", "pil", "psutil", "traitlets", "yaml"}
PACKAGE_FILES = sorted((ROOT / "backprop_kit").rglob("*.py"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def project_name(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()


def imported_packages(files):
    """Return the top-level packages that Python files import, our own and Python's left out."""
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.split(".")[0])
    ours = {"backprop_kit", "bench", "hub", "tests", "tools", "workbook"}
    names = found - ours - set(sys.stdlib_module_names)
    return {name.replace("_", "-").lower() for name in names}


# ---------------------------------------------------------------- one list of libraries


def test_every_place_agrees_on_the_oldest_python():
    major, minor = workbook.OLDEST_PYTHON
    assert PROJECT["requires-python"] == f">={major}.{minor}"
    assert f"Python {major}.{minor}" in read("README.md")
    binder = re.fullmatch(r"python-(\d+)\.(\d+)\s*", read("binder/runtime.txt"))
    assert (int(binder[1]), int(binder[2])) >= (major, minor)
    assert f'target-version = "py{major}{minor}"' in read("pyproject.toml")


def test_the_linter_has_one_version():
    (ruff,) = [name for name in PROJECT["optional-dependencies"]["lint"] if "ruff" in name]
    assert f"rev: v{ruff.partition('~=')[2]}\n" in read(".pre-commit-config.yaml")


def test_every_library_has_a_floor():
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for requirement in (name for group in groups for name in group):
        assert re.fullmatch(r"[a-z0-9-]+(>=|~=)[\d.]+", requirement), requirement


def test_what_the_package_imports_is_declared():
    declared = {project_name(name) for name in PROJECT["dependencies"]}
    assert imported_packages(PACKAGE_FILES) <= declared | COME_ALONG


def test_what_the_tests_import_is_declared():
    extras = PROJECT["optional-dependencies"]
    groups = PROJECT["dependencies"] + extras["test"] + extras["browser"] + extras["binder"]
    groups += extras["grading"]
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]
    declared = {project_name(name).removeprefix("py-") for name in groups}
    assert imported_packages(files) <= declared | COME_ALONG


# ---------------------------------------------------------------- the README is true


def test_the_readme_links_only_to_files_that_are_there():
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read("README.md"))
    assert len(links) > 6
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_the_readme_lists_every_lesson():
    listed = re.findall(r"\]\(notebooks/(\d\d_\w+)\.ipynb\)", read("README.md"))
    assert listed == sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    assert f"notebooks/{listed[0]}.ipynb" == workbook.FIRST_LESSON


def test_the_readme_shows_a_reply_that_is_given():
    name, text, reply = re.search(
        r'>>> exercise\("(.+?)"\)\.check\("(.+?)"\)\n(.+?)\n```', read("README.md"), re.DOTALL
    ).groups()
    assert repr(exercise(name).check(text)) == reply


def test_the_readme_names_the_commands_that_there_are():
    for command in ("python3 workbook.py\n", "python3 workbook.py test", "workbook.py refresh"):
        assert command in read("README.md")


# ---------------------------------------------------------------- citation, changelog


def test_the_citation_says_what_pyproject_says():
    cited = yaml.safe_load(read("CITATION.cff"))
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)
    assert (cited["version"], cited["license"]) == (PROJECT["version"], PROJECT["license"]["text"])
    assert cited["authors"] == PROJECT["authors"]


def test_the_changelog_begins_with_this_version():
    heads = re.findall(r"(?m)^## (\d+\.\d+\.\d+), (.+)$", read("CHANGELOG.md"))
    assert heads[0][0] == PROJECT["version"]
    versions = [tuple(map(int, version.split("."))) for version, _ in heads]
    assert versions == sorted(set(versions), reverse=True)
    for _, date in heads[1:]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", date)  # only the newest may be unreleased
    assert re.fullmatch(r"\d{4}-\d\d-\d\d|not yet released", heads[0][1])


def test_every_page_links_only_to_files_that_are_there():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            there = link.startswith("https://") or (page.parent / link).exists()
            assert there, f"{page.name}: {link}"


# ---------------------------------------------------------------- workbook.py


def run_workbook(*arguments, python=sys.executable, root=ROOT, **env):
    command = [python, str(Path(root) / "workbook.py"), *arguments]
    return subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def clone(tmp_path):
    """Give the few files that the set-up reads, in a folder of their own."""
    for name in ("workbook.py", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


@pytest.fixture
def elsewhere(clone, monkeypatch):
    """Point the imported script at the clone, and replace its slow steps by notes."""
    steps = []
    monkeypatch.setattr(workbook, "ROOT", str(clone))
    for name, part in {
        "VENV": ".venv",
        "STAMP": ".venv/workbook-stamp.json",
        "OURS": ".venv/made-by-workbook.txt",
    }.items():
        monkeypatch.setattr(workbook, name, str(clone / part))
    monkeypatch.setattr(workbook, "make_venv", lambda: steps.append("venv"))
    monkeypatch.setattr(workbook, "install", lambda python, extras: steps.append(extras))
    monkeypatch.setattr(workbook, "starts", lambda python: True)
    return clone, steps


def test_the_set_up_script_is_readable_to_an_old_python():
    # It must get as far as the sentence that says that this Python is too old.
    tree = ast.parse(read("workbook.py"), feature_version=(3, 6))
    assert imported_packages([ROOT / "workbook.py"]) == set()
    assert not any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree))


def test_an_old_python_is_told(monkeypatch, capsys):
    monkeypatch.setattr(workbook.sys, "version_info", (3, 8, 18, "final", 0))
    assert workbook.main([]) == 1
    assert "This is Python 3.8, and the workbook needs 3.11 or newer" in capsys.readouterr().out


def test_a_missing_ensurepip_is_told(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert workbook.main([]) == 1
    assert "apt install python3-venv" in capsys.readouterr().out


def test_a_set_up_is_done_once(elsewhere):
    _, steps = elsewhere
    workbook.set_up(extras=["test"])
    assert steps == ["venv", ["test"]]
    workbook.set_up(extras=["test"])
    workbook.set_up(extras=[])
    assert steps == ["venv", ["test"]]


def test_tests_add_to_what_is_there(elsewhere):
    _, steps = elsewhere
    workbook.set_up(extras=[])
    workbook.set_up(extras=["test"])
    assert steps == ["venv", [], ["test"]]


def test_a_changed_pyproject_is_installed_again(elsewhere):
    clone, steps = elsewhere
    workbook.set_up(extras=["test"])
    with (clone / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    workbook.set_up(extras=[])
    assert steps == ["venv", ["test"], ["test"]]


def test_an_interrupted_set_up_is_made_anew(elsewhere, monkeypatch):
    clone, steps = elsewhere

    def interrupted(python, extras):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workbook, "install", interrupted)
        assert workbook.main([]) == 130
    (clone / ".venv" / "half").write_text("")
    workbook.set_up(extras=[])
    assert steps == ["venv", "venv", []]
    assert not (clone / ".venv" / "half").exists()


@pytest.mark.parametrize("key", ["root", "python"])
def test_a_moved_folder_or_another_python_is_made_anew(elsewhere, key):
    clone, steps = elsewhere
    workbook.set_up(extras=[])
    stamp = json.loads((clone / ".venv" / "workbook-stamp.json").read_text())
    (clone / ".venv" / "workbook-stamp.json").write_text(json.dumps({**stamp, key: "other"}))
    workbook.set_up(extras=[])
    assert steps == ["venv", [], "venv", []]


def test_a_venv_of_somebody_else_is_left_alone(elsewhere, capsys):
    clone, steps = elsewhere
    (clone / ".venv").mkdir()
    (clone / ".venv" / "precious").write_text("x")
    assert workbook.main([]) == 1
    assert "that workbook.py did not make" in capsys.readouterr().out
    assert (clone / ".venv" / "precious").exists()
    assert steps == []


def test_a_failed_installation_is_told_and_tried_again(clone):
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_RETRIES": "0",
    }
    nowhere |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(clone), "PIP_CONFIG_FILE": os.devnull}
    result = run_workbook(root=clone, **nowhere)
    assert result.returncode == 1
    assert "Is there a network connection here" in result.stdout
    assert "run the same command again" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert not (clone / ".venv" / "workbook-stamp.json").exists()


def test_root_and_a_missing_browser_are_provided_for(monkeypatch, capsys):
    monkeypatch.setattr(workbook.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(workbook, "has_browser", lambda: False)
    arguments = workbook.lab_arguments(["--port=9999"])
    assert {"--allow-root", "--no-browser", "--port=9999"} <= set(arguments)
    assert "Copy the address" in capsys.readouterr().out
    monkeypatch.setattr(workbook.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(workbook, "has_browser", lambda: True)
    assert {"--allow-root", "--no-browser"}.isdisjoint(workbook.lab_arguments([]))


def test_what_follows_two_dashes_is_passed_on():
    assert workbook.split_at_dashes(["test", "--", "-k", "--"]) == (["test"], ["-k", "--"])
    assert run_workbook("test", "-k", "x").returncode == 2
