"""With every solution filled in, every lesson runs to its end and every reply is "right"."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbclient import NotebookClient

from backprop_kit.exercises import exercises
from tools.notebooks import LESSONS, code_cells

CHECK = re.compile(r'^(.*)exercise\("([^"]+)"\)\.check\((\w+)\)', re.MULTILINE)
PREDICT = re.compile(r'predict\("([^"]+)", \.\.\.\)')
REVEAL = re.compile(r'reveal\("([^"]+)"\)')


def filled_in(source: str) -> str:
    """Return a cell with the solution in place of each answer, and the right guess of a guess."""
    source = PREDICT.sub(lambda found: f'predict("{found[1]}", {_answer(found[1])})', source)
    return CHECK.sub(
        lambda found: f'{found[3]} = exercise("{found[2]}").answer()\n{found[0]}', source
    )


def _answer(id):
    return repr(exercises()[id].answer())


@pytest.mark.parametrize("path", sorted(LESSONS.glob("[0-9]*.ipynb")), ids=lambda path: path.stem)
def test_every_exercise_of_a_lesson_reports_right(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    asked = {}
    for cell in code_cells(notebook):
        asked[cell.id] = len(CHECK.findall(cell.source)) + len(REVEAL.findall(cell.source))
        cell.source = filled_in(cell.source)
    folder = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder).execute()
    for cell in code_cells(notebook):
        if asked[cell.id]:
            texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
            replies = [text[:7] for text in texts if text.startswith(("✓", "✗", "○"))]
            assert replies == ["✓ Right"] * asked[cell.id], cell.source
