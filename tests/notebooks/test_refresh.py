"""The refresh command: what it runs, what it saves, and what it refuses to save."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from tests.notebooks.samples import good_notebook, write_lesson
from tests.notebooks.test_strictness import run_nbval
from tools.hygiene import hygiene
from tools.notebooks import (
    LESSONS,
    RefusedError,
    find_lessons,
    is_cover,
    main,
    normal_text,
    refresh,
)


def test_refresh_brings_a_spoilt_copy_back_to_the_committed_bytes(tmp_path):
    path = write_lesson(tmp_path, good_notebook())
    good = path.read_bytes()
    notebook = good_notebook()
    for cell in notebook.cells:
        cell.metadata["execution"] = {"iopub.status.busy": "2020-01-01T00:00:00Z"}
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = 99, []
    notebook.metadata = nbformat.from_dict(
        {
            "widgets": {"state": {}},
            "kernelspec": {"name": "python3", "display_name": "my env"},
            "language_info": {"name": "python", "version": "3.9.1"},
        }
    )
    write_lesson(tmp_path, notebook, normal=False)
    assert path.read_bytes() != good
    refresh([path])
    assert path.read_bytes() == good
    assert hygiene(path) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "code cell 2 of 7 failed"),
        ("import os\nprint(os.getcwd())", "code cell 2 shows a path of this machine"),
    ],
)
def test_refresh_refuses_and_leaves_the_file(tmp_path, source, said):
    notebook = good_notebook()
    notebook.cells.insert(3, new_code_cell(source, id="spoilt"))
    path = write_lesson(tmp_path, notebook)
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=said):
        refresh([path])
    assert path.read_bytes() == before


def test_refresh_runs_in_the_notebooks_folder_and_merges_streams(tmp_path):
    notebook = good_notebook()
    (tmp_path / "beside.txt").write_text("4.5", encoding="utf-8")
    notebook.cells[
        2
    ].source = (
        "import time\nprint(open('beside.txt').read(), flush=True)\ntime.sleep(0.3)\nprint('5.5')"
    )
    path = write_lesson(tmp_path, notebook)
    refresh([path])
    (output,) = nbformat.read(path, as_version=4).cells[2].outputs
    assert output.text == "4.5\n5.5\n"


def test_a_folded_answer_stays_folded_and_its_first_line_is_covered(tmp_path):
    notebook = good_notebook()
    folded = {"jupyter": {"outputs_hidden": True}, "tags": ["answer"]}
    notebook.cells[2].metadata = nbformat.from_dict({**folded, "scrolled": True})
    path = write_lesson(tmp_path, notebook)
    refresh([path])
    cell = nbformat.read(path, as_version=4).cells[2]
    assert cell.metadata == folded
    cover, answer = cell.outputs
    assert is_cover(cover)
    assert list(cover.data) == ["image/png"]  # no text, so JupyterLab shows dots alone
    assert answer.text == "42.00\n"
    assert hygiene(path) == []
    assert run_nbval(path).returncode == 0

    # Unfolded again, the cover goes too.
    again = nbformat.read(path, as_version=4)
    again.cells[2].metadata = nbformat.from_dict({"tags": ["answer"]})
    assert not any(map(is_cover, nbformat.reads(normal_text(again), as_version=4).cells[2].outputs))


def test_lessons_are_found_by_number_and_by_file(tmp_path):
    path = write_lesson(tmp_path, good_notebook())
    assert find_lessons([str(path)]) == [path]
    assert find_lessons([]) == sorted(LESSONS.glob("*.ipynb"))
    with pytest.raises(ValueError, match="'77' names 0 lessons"):
        find_lessons(["77"])
    assert main(["check", "77"]) == 1
    assert main(["check", str(path)]) == 0
