"""Every lesson keeps every rule, and every rule catches a notebook that was spoilt for it."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.notebooks.samples import good_notebook, write_lesson
from tools.hygiene import RULES, hygiene
from tools.notebooks import LESSONS, WIDGET_VIEW, code_cells, normal_text

NOTEBOOKS = sorted(LESSONS.glob("**/*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_lesson_keeps_every_rule(path):
    assert hygiene(path) == []


def test_the_sample_keeps_every_rule(tmp_path):
    assert hygiene(write_lesson(tmp_path, good_notebook())) == []


# What spoils the good notebook, one function a way.


def _code(notebook, number):
    return code_cells(notebook)[number - 1]


def _print(text, **kwargs):
    def spoil(notebook):
        _code(notebook, 1).outputs = [new_output("stream", text=text, **kwargs)]

    return spoil


def _source(text, cell_type="code", number=1):
    def spoil(notebook):
        cells = [cell for cell in notebook.cells if cell.cell_type == cell_type]
        cells[number - 1].source = text

    return spoil


def _tag(tag, **metadata):
    def spoil(notebook):
        _code(notebook, 1).metadata = nbformat.from_dict({"tags": [tag], **metadata})

    return spoil


def _strip(notebook):
    for cell in code_cells(notebook):
        cell.execution_count, cell.outputs = None, []


def _swap_counts(notebook):
    first, second = _code(notebook, 1), _code(notebook, 5)
    first.execution_count, second.execution_count = 5, 1


def _skip_a_cell(notebook):
    _code(notebook, 1).execution_count = None


def _foreign_result(notebook):
    _code(notebook, 2).outputs[0].execution_count = 7


def _drop_outputs(notebook):
    for cell in code_cells(notebook):
        cell.outputs = []


def _error(notebook):
    error = new_output("error", ename="ValueError", evalue="no", traceback=[])
    _code(notebook, 1).outputs = [error]


def _widget_state(notebook):
    notebook.metadata["widgets"] = {"state": {}}


def _widget_view(notebook):
    _code(notebook, 2).outputs[0].data[WIDGET_VIEW] = {"model_id": "1f"}


def _other_kernel(notebook):
    notebook.metadata["kernelspec"] = {"name": "my-env", "display_name": "mine"}


def _version(notebook):
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.2"}


def _timing(notebook):
    _code(notebook, 1).metadata["execution"] = {"iopub.execute_input": "2020-01-01T00:00:00Z"}


def _output_metadata(notebook):
    _code(notebook, 2).outputs[0].metadata = nbformat.from_dict({"image/png": {"width": 320}})


def _many_cells(notebook):
    for number in range(41):
        notebook.cells.append(new_code_cell(f"x = {number}", id=f"more-{number}"))
        notebook.cells.append(new_markdown_cell("Words.", id=f"words-{number}"))


def _long_median(notebook):
    for cell in code_cells(notebook):
        cell.source += "\nx = 1" * 5


def _little_prose(notebook):
    notebook.cells.insert(1, new_code_cell("x = 1", id="extra"))
    del notebook.cells[8:11:2]


def _bare_png(notebook):
    _code(notebook, 2).outputs = [new_output("display_data", {"image/png": "iVBORw0KGgo="})]


def _svg_without_label(notebook):
    output = _code(notebook, 4).outputs[0]
    output.data["image/svg+xml"] = output.data["image/svg+xml"].replace("aria-label", "title")


def _img_without_alt(notebook):
    output = _code(notebook, 3).outputs[0]
    output.data["text/html"] = output.data["text/html"].replace("a point", " ")


def _no_predictions(notebook):
    notebook.cells[1].source = "Think about the product."


def _two_exercises(notebook):
    _code(notebook, 6).source = "a = exercise('one')\nb = exercise('two')\nc = exercise('two')"


def _prediction_by_name(notebook):
    source = _code(notebook, 6).source
    _code(notebook, 6).source = source.replace("'two'", "'01-predict-two'")


def _exercise_that_predicts(notebook):
    notebook.cells[-3].source = "**Predict** something else."


_UPDATE = "<!-- formula: update-w -->\n$$\\Delta w_{hj} = -b_h \\, \\Delta\\theta_j .$$"

# Saved as spoilt, not through the normal form, which would mend them.
AS_IT_IS = [
    ("executed_in_order", _swap_counts),
    ("executed_in_order", _foreign_result),
    ("no_widget_state", _widget_state),
    ("no_widget_state", _widget_view),
    ("normal_form", _other_kernel),
    ("normal_form", _version),
    ("normal_form", _timing),
    ("nothing_hidden_from_nbval", _output_metadata),
]
SPOILT = [
    ("executed_in_order", _strip),
    ("executed_in_order", _skip_a_cell),
    ("has_outputs", _drop_outputs),
    ("no_error", _error),
    ("no_error", _print("a warning", name="stderr")),
    ("nothing_hidden_from_nbval", _print("12.5\r13.5\n")),
    ("covered_skips", _tag("nbval-ignore-output")),
    ("covered_skips", _tag("nbval-skip")),
    ("covered_skips", _tag("NBVAL_IGNORE_OUTPUT")),
    ("covered_skips", _tag("raises-exception")),
    ("covered_skips", _tag("nbval-skip", covered_by="tests/notebooks/test_hygiene.py::absent")),
    ("covered_skips", _source("# NBVAL_SKIP\nx = 1")),
    ("covered_skips", _source("x = 1\n# NBVAL_IGNORE_OUTPUT")),
    ("small_file", _print("x" * 1_000_001)),
    ("no_machine_path", _print("/home/someone/lesson")),
    ("no_machine_path", _print("in /tmp/ipykernel_12/1.py")),
    ("no_machine_path", _print("File /root")),
    ("no_machine_path", _print("'/work'")),
    ("no_machine_path", _print(r"C:\Users\someone")),
    ("no_machine_path", _print("Lib\\site-packages\\numpy")),
    ("no_machine_path", _source("open('/home/someone/x')")),
    ("no_machine_path", _source("Look in /tmp/x.", "markdown", 3)),
    ("short_cells", _source("x = 1\n" * 26)),
    ("few_cells", _many_cells),
    ("short_median", _long_median),
    ("enough_prose", _little_prose),
    ("no_empty_cell", _source(" \n")),
    ("no_empty_cell", _source("", "markdown", 5)),
    ("no_semicolon", _source("plot();")),
    ("runs_unattended", _source("name = input('Who? ')")),
    ("runs_unattended", _source("!pip install torch")),
    ("runs_unattended", _source("  %pip install torch")),
    ("no_raw_scalar", _print("np.float64(0.5)")),
    ("no_raw_scalar", _print("[np.True_, np.bool_(1)]")),
    ("pictures_have_text", _source("![](x.png)", "markdown", 5)),
    ("pictures_have_text", _source("<img src='https://a.org/x.png'>", "markdown", 5)),
    ("pictures_have_text", _bare_png),
    ("pictures_have_text", _svg_without_label),
    ("pictures_have_text", _img_without_alt),
    ("links_work", _source("[notes](absent.md)", "markdown", 5)),
    ("links_work", _source("![a line](figures/absent.png)", "markdown", 5)),
    ("links_work", _source("<a href='absent.ipynb'>next</a>", "markdown", 5)),
    ("links_work", _source("[next](02_next.ipynb#No-such-heading)", "markdown", 5)),
    ("links_work", _source("[above](#No-such-heading)", "markdown", 5)),
    ("links_to_neighbours", _source("Back to [00](00_before.ipynb).", "markdown", 8)),
    ("links_to_neighbours", _source("On to [02](02_next.ipynb).", "markdown", 8)),
    ("has_title", _source("A sample of 5 minutes", "markdown")),
    ("states_minutes", _source("# 01 A sample", "markdown")),
    ("asks_predictions", _no_predictions),
    ("asks_exercises", _two_exercises),
    ("asks_exercises", _exercise_that_predicts),
    ("asks_exercises", _prediction_by_name),
    ("formulas_agree", _source(_UPDATE.replace("= -b", "= b"), "markdown", 5)),
    ("formulas_agree", _source(_UPDATE.replace("theta", "gamma"), "markdown", 5)),
    ("formulas_agree", _source(_UPDATE.replace("update-w", "update-q"), "markdown", 5)),
    ("formulas_agree", _source("<!-- formula: update-w -->\n\nWords.", "markdown", 5)),
    ("formulas_agree", _source("<!-- formula update-w -->\n$$x$$", "markdown", 5)),
    ("formulas_agree", _source(_UPDATE.replace("-->\n", "-->\n\n"), "markdown", 5)),
    ("formulas_agree", _source("<!-- formula: slope -->\n$$f' = f (1 - $$", "markdown", 5)),
    ("formulas_agree", _source("So <!-- formula: slope -->$f' = f (1 + f)$.", "markdown", 5)),
    ("formulas_agree", _source("<!-- formula: slope -->$f' = f (1 - f)$.", "markdown", 5)),
    ("formulas_agree", _source(_UPDATE.replace("$$", "$$u = 1 \\qquad ", 1), "markdown", 5)),
    ("formulas_named", _source(_UPDATE.partition("\n")[2], "markdown", 5)),
    ("formulas_named", _source("The update is $$u = 1$$ here.", "markdown", 5)),
    ("numbers_shown", _source("The product is 42.001.", "markdown", 5)),
    ("numbers_shown", _source("| 0.04200 | or 1,234.5 |", "markdown", 5)),
    ("numbers_shown", _source("It is $x = -10.52$.", "markdown", 5)),
]


@pytest.mark.parametrize(("rule", "spoil"), SPOILT)
def test_rule_catches_what_was_spoilt(tmp_path, rule, spoil):
    notebook = good_notebook()
    spoil(notebook)
    assert rule in _rules_broken(write_lesson(tmp_path, notebook))


@pytest.mark.parametrize(("rule", "spoil"), AS_IT_IS)
def test_rule_catches_what_was_saved_by_hand(tmp_path, rule, spoil):
    notebook = nbformat.reads(normal_text(good_notebook()), as_version=4)
    spoil(notebook)
    path = write_lesson(tmp_path, notebook, normal=False)
    assert rule in _rules_broken(path)
    if rule != "executed_in_order":  # which only a new run can mend
        assert hygiene(write_lesson(tmp_path, notebook)) == []


@pytest.mark.parametrize("text", ["{", '{"cells": {}, "nbformat": 4, "nbformat_minor": 5}'])
def test_a_file_that_is_no_notebook_is_reported(tmp_path, text):
    path = tmp_path / "01_sample.ipynb"
    path.write_text(text, encoding="utf-8")
    assert _rules_broken(path) == {"valid"}


def test_every_rule_has_a_notebook_spoilt_for_it():
    assert {rule for rule, _ in SPOILT + AS_IT_IS} == set(RULES)


def test_a_skipped_cell_may_name_the_test_that_covers_it(tmp_path):
    notebook = good_notebook()
    here = "tests/notebooks/test_hygiene.py::test_every_rule_has_a_notebook_spoilt_for_it"
    _tag("nbval-ignore-output", covered_by=here)(notebook)
    assert hygiene(write_lesson(tmp_path, notebook)) == []


@pytest.mark.parametrize(
    "text", ["see https://a.org/home/x", "and/or/work", "the workbook's /10", "~/tmp", "a/root"]
)
def test_words_that_only_look_like_a_machine_path_pass(tmp_path, text):
    notebook = good_notebook()
    _source(text, "markdown", 5)(notebook)
    assert hygiene(write_lesson(tmp_path, notebook)) == []


def _rules_broken(path):
    return {problem.partition(":")[0] for problem in hygiene(path)}
