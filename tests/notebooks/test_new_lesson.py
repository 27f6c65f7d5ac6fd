"""The template of a lesson: what `python -m tools.notebooks new` writes keeps every rule."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.notebooks.test_strictness import run_nbval
from tools import new_lesson
from tools.notebooks import LESSONS, main
from tools.run_tests import ROOT

LAST = sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))[-1]
NEXT = f"{int(LAST.name[:2]) + 1:02}"


@pytest.fixture
def copy(tmp_path):
    """Give a copy of what the command reads and writes."""
    for name in ("backprop_kit", "tools", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def notebooks(copy, *arguments):
    result = subprocess.run(
        [sys.executable, "-m", "tools.notebooks", *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    return result.returncode, result.stdout + result.stderr


def test_a_new_lesson_runs_and_keeps_every_rule(copy, monkeypatch):
    status, said = notebooks(copy, "new", NEXT, "What Anne asked: NN?")
    lesson = copy / "notebooks" / f"{NEXT}_what_anne_asked_nn.ipynb"
    assert (status, lesson.exists()) == (0, True), said
    for part in (lesson.name, f"lesson_{NEXT}.py", LAST.name, f"refresh {NEXT}", "README.md"):
        assert part in said
    status, said = notebooks(copy, "refresh", NEXT)
    assert "nothing to mend" in said, said
    assert notebooks(copy, "check", NEXT)[0] == 0
    assert f"do not link to {lesson.name}" in notebooks(copy, "check", LAST.name[:2])[1]
    title = nbformat.read(lesson, as_version=4).cells[0].source.splitlines()[0]
    assert title == f"# {NEXT} · What Anne asked: NN?"
    monkeypatch.setenv("PYTHONPATH", str(copy))
    result = run_nbval(lesson)
    assert result.returncode == 0, result.stdout


def test_its_exercises_keep_the_rules_of_all_exercises(copy):
    notebooks(copy, "new", NEXT, "A title")
    shutil.copytree(ROOT / "tests" / "exercises", copy / "tests" / "exercises")
    test = [
        "tests/exercises/test_all_exercises.py",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *test, "-k", f"{NEXT} or every"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, result.stdout
    assert int(result.stdout.rpartition(" passed")[0].split()[-1]) > 6 * 16


@pytest.mark.parametrize(
    ("number", "title", "said"),
    [
        (LAST.name[:2], "A title", f"the next lesson, {NEXT}, got"),
        ("99", "A title", f"the next lesson, {NEXT}, got '99'"),
        (NEXT + "0", "A title", f"the next lesson, {NEXT}"),
        (NEXT, "?!", "a word in it, got"),
        (NEXT, "", "a word in it, got"),
        (NEXT, "A\nB", "must be one line"),
    ],
)
def test_a_wrong_number_or_title_is_refused_and_nothing_is_written(
    number, title, said, monkeypatch
):
    written = []
    monkeypatch.setattr(new_lesson, "write_new", lambda *what: written.append(what))
    with pytest.raises(ValueError, match=said):
        new_lesson.new_lesson(number, title)
    assert written == []


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    (tmp_path / "lesson_13.py").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        new_lesson.write_new(tmp_path / "lesson_13.py", "yours")
    assert (tmp_path / "lesson_13.py").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("arguments", [["new"], ["new", NEXT], ["new", NEXT, "A", "title"]])
def test_new_takes_a_number_and_a_title(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "takes a number and a title" in capsys.readouterr().err
