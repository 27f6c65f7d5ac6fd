"""What nbgrader calls: run a submission to its end, put back what was deleted, judge, score.

Judging happens in nbgrader's process, never in the kernel that ran the student's code: a checker
that was overwritten there is not asked. What crosses over is data.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, OverwriteCells
from traitlets import Unicode

from backprop_kit.exercises.checks import Verdict, wrong
from backprop_kit.exercises.handing_in import MIME
from tools.grading.assignment import graded_metadata, read_secret
from tools.grading.questions import Question, question

MOST_CHARACTERS = 20_000  # of an answer
TIMEOUT = 60  # seconds a cell may take


def configure(config, course: str) -> None:
    """Set nbgrader up for a course folder: its own steps, with three of ours among them."""
    config.CourseDirectory.root = course
    config.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        PutBack,  # does the work of DeduplicateIds, too, which leaves what nbgrader cannot read
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        RunToTheEnd,
        Judge,
        "nbgrader.preprocessors.IgnorePattern",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.PutBack.add_missing_cells = True
    config.RunToTheEnd.timeout = TIMEOUT
    config.Judge.course = course


class PutBack(OverwriteCells):
    """Restore changed check cells, and deleted ones at the end, where every answer is known."""

    def preprocess(self, nb, resources):
        """Restore a submission; of a cell that is there twice, the last one counts."""
        seen = set()
        for cell in reversed(nb.cells):
            held = cell.metadata.get("nbgrader")
            id = held.get("grade_id") if isinstance(held, dict) else None
            if not isinstance(id, str) or id in seen:
                cell.metadata.pop("nbgrader", None)
            else:
                seen.add(id)
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, index):
        """Restore one cell; what is no cell of the source is an ordinary one."""
        id = cell.metadata.get("nbgrader", {}).get("grade_id")
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        locked = {one.name: one.locked for one in source.source_cells}
        if id not in locked:
            cell.metadata.pop("nbgrader", None)
            return cell, resources
        points = {one.name: one.max_score for one in source.grade_cells}
        if locked[id] and id in points:
            cell.metadata["nbgrader"] = NotebookNode(graded_metadata(id, points[id]))
        return super().preprocess_cell(cell, resources, index)

    def add_missing_grade_cells(self, nb, resources):
        """Add each graded cell of the source that the submission lacks."""
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        points = {cell.name: cell.max_score for cell in source.grade_cells}
        for cell in source.source_cells:
            if cell.name in points and cell.name not in there:
                self.log.warning("Check cell %s was deleted; it is put back", cell.name)
                nb.cells.append(self.missing_cell_transform(cell, points[cell.name]))
        return nb, resources


class RunToTheEnd(Execute):
    """Execute; once the kernel has died, or cannot be interrupted, no cell passes."""

    def preprocess(self, nb, resources, km=None):
        """Run all cells of one submission."""
        self.stopped = ""
        said = f"Stopped after {self.timeout} seconds. Is there a loop that does not end?"
        self.error_on_timeout = _failure("CellTimeoutError", said)
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell, resources, index):
        """Run one cell, unless an earlier one has ended the kernel."""
        if cell.cell_type != "code":
            return cell, resources
        if not self.stopped:
            try:
                return super().preprocess_cell(cell, resources, index)
            except Exception as error:  # nbgrader would give up on the whole submission
                self.stopped = f"{type(error).__name__} in cell {index + 1}"
        cell.outputs = [_failure("NotRun", f"This cell was not run to its end: {self.stopped}.")]
        return cell, resources


class Judge(NbGraderPreprocessor):
    """Judge what the graded cells have handed in, and put the verdict in their output's place."""

    course = Unicode(help="The course folder, which holds the secret.").tag(config=True)

    def preprocess_cell(self, cell, resources, index):
        """Judge one cell; an exercise of the lesson has been judged where it ran."""
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        asked = question(id, read_secret(Path(self.course)))
        if asked is not None:
            if asked.fingerprint not in cell.source:
                raise RuntimeError(f"{id} was drawn with another secret or version: make it anew")
            cell.outputs = judged(id, asked, cell.outputs)
        elif cell.cell_type == "code":
            cell.outputs = [_explained(output) for output in cell.outputs]
        return cell, resources


def judged(id: str, asked: Question, outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return what a graded cell shows after judging: praise, or an error with the diagnosis."""
    handed_in = [output.data[MIME] for output in outputs if MIME in output.get("data", {})]
    answers = [
        one.get("answer")
        for one in handed_in
        if isinstance(one, dict) and (one.get("id"), one.get("seed")) == (id, asked.seed)
    ]
    if not answers:
        return [_explained(output) for output in outputs if output.output_type == "error"] or [
            _failure("NotHandedIn", "No answer was handed in.")
        ]
    verdict = _verdict(asked, answers)
    if not verdict.correct:
        return [_failure("NotRight", repr(verdict))]
    data = {"text/plain": repr(verdict), "text/html": verdict._repr_html_()}
    return [new_output("display_data", data)]


def _verdict(asked: Question, answers: list) -> Verdict:
    if len(answers) > 1:
        return wrong(f"{len(answers)} answers were handed in; one is asked for.")
    try:
        if len(json.dumps(answers)) > MOST_CHARACTERS:
            return wrong("The answer is longer than any that is asked for.")
        return asked.exercise.judge(answers[0])
    except Exception as error:
        return wrong(f"The answer cannot be judged: {type(error).__name__}. Ask your teacher.")


def _explained(output: NotebookNode) -> NotebookNode:
    """Return an error in words alone, where it is ours or a known one; all else as it is."""
    name, said = output.get("ename"), str(output.get("evalue", ""))
    if name == "AssertionError" and said.startswith(("○", "✗")):  # a verdict
        return _failure("NotRight" if said.startswith("✗") else "NotTried", said)
    if name == "NameError" and (missing := re.search(r"'(graded_\d+)'", said)):
        return _failure(
            "NotHandedIn",
            f"There is no answer under the name {missing[1]}. Its cell stopped with an error, "
            "or the answer has another name.",
        )
    return output


def _failure(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text.splitlines()[0], traceback=[text])
