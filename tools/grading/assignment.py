"""From a lesson to an nbgrader course folder: the assignment's source, the secret, the settings."""

from __future__ import annotations

import ast
import re
import secrets
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from tools.grading.questions import Question, questions
from tools.notebooks import find_lessons
from tools.run_tests import ROOT

SECRET = "secret.txt"
CONFIG = "nbgrader_config.py"
PUBLIC_SEED = 1  # of the network on which a student's function runs before it is handed in
_LOCAL_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#|attachment:)[^)]+\)")
_INTRODUCTION = """## Graded questions

The numbers and formulas here were drawn for this class. Replace each `...` by your answer and run \
the cell, then the one below it. That cell hands the answer in; it does not say whether it is right.
Keep the names `graded_1` and so on: by its name an answer is found.
The exercises above count {practice}."""
_CONFIG = '''"""nbgrader's settings for this course, written by `python -m tools.grading make`."""

import sys

sys.path.insert(0, {root!r})  # where the workbook is

from tools.grading.judge import configure

configure(get_config(), {course!r})
'''


def make(lesson: str, course: Path, *, practice: float = 0) -> Path:
    """Write the source of an nbgrader assignment, and what the course folder needs beside it.

    Parameters
    ----------
    lesson : str
        Its number, ``"04"``.
    course : Path
        The course folder; made if it is not there. Its secret and its settings are kept.
    practice : float, default 0
        Points for each exercise of the lesson itself. Their solutions are in the package.

    Returns
    -------
    Path
        The notebook that was written.

    Raises
    ------
    ValueError
        If there is no such lesson, or it has no graded questions; nothing is written then.
    FileExistsError
        If the course has this assignment already: its release may be out.
    """
    (path,) = find_lessons([lesson])
    graded = questions(path.name[:2], "")  # raises where there are none
    name = f"lesson-{path.name[:2]}"  # not the lesson's own: both may lie in one folder
    target = course / "source" / name / f"{name}.ipynb"
    if target.exists():
        raise FileExistsError(f"{target} is there already; delete its folder to make it anew")
    target.parent.mkdir(parents=True, exist_ok=True)
    graded = questions(path.name[:2], read_secret(course, create=True))
    notebook = assignment(nbformat.read(path, as_version=4), graded, practice=practice)
    nbformat.write(notebook, target)
    config = _CONFIG.format(root=str(ROOT), course=str(course.resolve()))
    (course / CONFIG).write_text(config, encoding="utf-8")
    return target


def read_secret(course: Path, *, create: bool = False) -> str:
    """Return the secret of a course.

    Raises
    ------
    FileNotFoundError
        If there is none; a new one would judge by answers to other questions.
    """
    path = course / SECRET
    if create and not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
    secret = path.read_text(encoding="utf-8").strip()
    if not secret:
        raise ValueError(f"{path} is empty")
    return secret


def assignment(
    lesson: NotebookNode, graded: dict[str, Question], *, practice: float = 0
) -> NotebookNode:
    """Return a lesson as an assignment: no outputs, checks that assert, graded questions last."""
    cells: list[NotebookNode] = []
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            # the other lessons are not handed out with this one
            cells.append(new_markdown_cell(_LOCAL_LINK.sub(r"\1", cell.source)))
        else:
            cells += _asserting(cell.source, practice)
    counted = f"{practice:g} each" if practice else "nothing: they are for practice"
    cells.append(new_markdown_cell(_INTRODUCTION.format(practice=counted)))
    for number, (id, question) in enumerate(graded.items(), 1):
        cells += _question_cells(number, id, question)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=lesson.metadata)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return notebook


def _question_cells(number, id, question) -> list[NotebookNode]:
    name = f"graded_{number}"
    points = f"{question.points} point{'s' * (question.points > 1)}"
    cells = [new_markdown_cell(f"**Question {number}** ({points}). {question.exercise.prompt}")]
    if question.given:
        cells.append(new_code_cell(question.given))
    cells.append(new_code_cell(question.stub.format(name=name)))
    return [*cells, _graded_cell(id, _hand_in(id, name, question), question.points)]


def _hand_in(id, name, question) -> str:
    """Return the cell that hands in; what stands between the marks never reaches a student.

    It raises: an answer that nobody has judged must not count.
    """
    public = "" if question.seed is None else f", seed={PUBLIC_SEED}"
    lines = [
        "from backprop_kit.exercises.handing_in import hand_in",
        "",
        f'hand_in("{id}", {name}{public})',
        "### BEGIN HIDDEN TESTS",
        f"# instance {question.fingerprint}",
        'raise AssertionError("Handed in, but not judged: nbgrader ran without our settings.")',
        "### END HIDDEN TESTS",
    ]
    if question.seed is not None:
        lines.insert(-2, f'hand_in("{id}", {name}, seed={question.seed})')
    return "\n".join(lines)


# ------------------------------------------------------------ the lesson's own exercises


def _asserting(source: str, practice: float) -> list[NotebookNode]:
    """Return a code cell of a lesson with each check of an answer in a cell of its own.

    The stub stays as it is. The check raises where the verdict is not "right": nbgrader gives all
    points to a cell that does not raise.
    """
    checks = [
        (statement, call) for statement in ast.parse(source).body for call in _checks(statement)
    ]
    if not checks:
        return [new_code_cell(source)]
    lines = source.splitlines()
    for statement, _ in checks:
        for number in range(statement.lineno - 1, statement.end_lineno):
            lines[number] = None
    stub = "\n".join(line for line in lines if line is not None).rstrip()
    cells = [new_code_cell(stub)] if stub else []
    for _, call in checks:
        text = ast.get_source_segment(source, call)
        asserting = f"verdict = {text}\nassert verdict.correct, verdict\nverdict"
        cells.append(_graded_cell(f"practice-{call.func.value.args[0].value}", asserting, practice))
    return cells


def _checks(statement: ast.stmt) -> list[ast.Call]:
    """Return the calls `exercise("...").check(name)` that a statement only shows."""
    if not isinstance(statement, ast.Expr):
        return []
    return [
        node
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "check"
        and isinstance(node.func.value, ast.Call)
        and ast.unparse(node.func.value.func) == "exercise"
        and all(isinstance(argument, ast.Name) for argument in node.args)
    ]


def _graded_cell(id: str, source: str, points: float) -> NotebookNode:
    cell = new_code_cell(source)
    cell.metadata["tags"] = ["raises-exception"]  # Run All goes on after an open question
    cell.metadata["nbgrader"] = graded_metadata(id, points)
    return cell


def graded_metadata(id: str, points: float) -> dict:
    """Return what says to nbgrader that a cell is a locked test, worth so many points."""
    return {
        "grade": True,
        "grade_id": id,
        "locked": True,
        "points": points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
