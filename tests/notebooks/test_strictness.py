"""Nobody can edit a committed number unnoticed: nbval's own comparison sees every one."""

from __future__ import annotations

import copy
import random
import re
import subprocess
import sys

import nbformat
import pytest
from nbval.plugin import IPyNbFile, coalesce_streams, get_sanitize_patterns

from tests.notebooks.samples import FIGURE, SVG, good_notebook, write_lesson
from tools.hygiene import hygiene
from tools.notebooks import LESSONS, PNG_DATA, normal_text
from tools.run_tests import NBVAL, SANITIZE, quiet_environment

NOTEBOOKS = sorted(LESSONS.glob("**/*.ipynb"))
NUMBER = re.compile(r"\d+(?:\.\d+)?")
MOST_PER_TEXT = 150  # numbers tried in one text (an SVG holds thousands); drawn with a fixed seed


def nbval_cells(session, path):
    """Return nbval's own test items for a notebook, as a strict run would build them."""
    file = IPyNbFile.from_parent(session, path=path)
    file.compare_outputs = True  # what --nbval sets, against --nbval-lax
    file.sanitize_patterns.update(get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")))
    return list(file.collect())


def is_compared(item):
    """Say whether nbval compares this cell's outputs at all (its runtest has the same test)."""
    return item.options["check"] and not item.options["skip"] and item.cell.execution_count


def notices(item, output_number, edit):
    """Say whether nbval reports a difference after `edit` changed one stored output."""
    stored = copy.deepcopy(item.cell.outputs)
    edit(stored[output_number])
    fresh = coalesce_streams(copy.deepcopy(item.cell.outputs))
    return not item.compare_outputs(fresh, coalesce_streams(stored))


def stored_texts(output):
    """Yield the place and text of whatever an output stores, PNG pixels apart."""
    if "text" in output:
        yield ("text",), output["text"]
    for mime, text in output.get("data", {}).items():
        if mime != "image/png":
            yield ("data", mime), text


def edits(text, seed):
    """Yield the text with one digit of one number changed, for a sample of its numbers."""
    pixels = [found.span() for found in PNG_DATA.finditer(text)]
    numbers = [
        found
        for found in NUMBER.finditer(text)
        if not any(start <= found.start() < stop for start, stop in pixels)
    ]
    rng = random.Random(seed)
    if len(numbers) > MOST_PER_TEXT:
        numbers = sorted(rng.sample(numbers, MOST_PER_TEXT), key=lambda found: found.start())
    for found in numbers:
        digits = [at for at in range(*found.span()) if text[at].isdigit()]
        at = digits[-1] if rng.random() < 0.5 else rng.choice(digits)
        yield text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def unnoticed(session, path):
    """Return the edits of one digit in a notebook's outputs that nbval does not notice."""
    missed, tried = [], 0
    for item in nbval_cells(session, path):
        if not is_compared(item):
            # Allowed only where the cell's metadata names the test that covers it (hygiene).
            assert item.cell.metadata.get("covered_by") or not item.cell.outputs
            continue
        for number, output in enumerate(item.cell.outputs):
            for place, text in stored_texts(output):
                assert isinstance(text, str), f"{place} stores no text"
                for edited in edits(text, seed=f"{item.cell.id}-{number}-{place}"):
                    tried += 1

                    def edit(stored, place=place, edited=edited):
                        (stored if len(place) == 1 else stored["data"])[place[-1]] = edited

                    if not notices(item, number, edit):
                        missed.append((item.name, place, edited[:80]))
    return missed, tried


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_committed_number_can_be_edited_unnoticed(request, path):
    missed, tried = unnoticed(request.session, path)
    assert missed == []
    assert tried > 0


def test_every_kind_of_output_is_compared(request, tmp_path):
    missed, tried = unnoticed(request.session, write_lesson(tmp_path, good_notebook()))
    assert missed == []
    in_figure = len(NUMBER.findall(PNG_DATA.sub("", FIGURE)))
    in_drawing = len(NUMBER.findall(SVG))
    assert (in_figure, in_drawing) == (1, 4)
    assert tried == 1 + 1 + in_figure + in_drawing + 2


def test_the_comparison_under_test_accepts_the_notebook_itself(request, tmp_path):
    for item in nbval_cells(request.session, write_lesson(tmp_path, good_notebook())):
        assert is_compared(item)
        if item.cell.outputs:
            assert not notices(item, 0, lambda stored: None)


@pytest.mark.parametrize("tag", ["nbval-ignore-output", "nbval-skip"])
def test_a_cell_that_is_passed_over_is_not_taken_for_compared(request, tmp_path, tag):
    notebook = good_notebook()
    notebook.cells[2].metadata = nbformat.from_dict({"tags": [tag]})
    with pytest.raises(AssertionError):
        unnoticed(request.session, write_lesson(tmp_path, notebook))


def test_the_sanitizer_takes_out_pixels_and_nothing_else():
    ((pattern, replacement),) = get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8"))
    text = 'x = 1.5 <img alt="7" src="data:image/png;base64,iVBO1+/9=" width="320"> 2.5'
    assert re.sub(pattern, replacement, text) == 'x = 1.5 <img alt="7" src="PNG" width="320"> 2.5'


# ---------------------------------------------------------------- the whole way, in a process


def run_nbval(path):
    """Run strict nbval on one notebook as the test command does, in its own process."""
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(path.parent)]
    command = [sys.executable, "-m", "pytest", *NBVAL, *options, str(path)]
    with quiet_environment() as env:
        env.pop("PYTEST_ADDOPTS", None)
        return subprocess.run(
            command, cwd=path.parent, env=env, capture_output=True, text=True, timeout=180
        )


def test_strict_nbval_passes_the_sample_and_fails_it_with_one_digit_changed(tmp_path):
    path = write_lesson(tmp_path, good_notebook())
    result = run_nbval(path)
    assert result.returncode == 0, result.stdout
    assert "6 passed" in result.stdout

    stored = path.read_text(encoding="utf-8")
    assert stored.count("42.00") == 1
    path.write_text(stored.replace("42.00", "42.01"), encoding="utf-8")
    result = run_nbval(path)
    assert result.returncode == 1
    assert "Cell outputs differ" in result.stdout
    assert "1 failed, 5 passed" in result.stdout


def test_a_stripped_notebook_which_nbval_alone_passes_is_caught_by_hygiene(request, tmp_path):
    notebook = good_notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    path = write_lesson(tmp_path, notebook)
    assert not any(is_compared(item) for item in nbval_cells(request.session, path))
    assert any(problem.startswith("executed_in_order") for problem in hygiene(path))


def test_normal_form_is_a_fixed_point():
    once = normal_text(good_notebook())
    assert normal_text(nbformat.reads(once, as_version=4)) == once
