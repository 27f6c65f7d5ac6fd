"""Each lesson, opened and run in JupyterLab in a real Chromium, as a student does.

Not among the default tests: `python -m pytest tests/browser -m browser`. The pictures go to the
folder named by BROWSER_ARTIFACTS, else to a temporary one.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import nbformat
import pytest

from tests.browser.lab import lab_server, reader
from tests.browser.screenshots import look
from tests.notebooks.samples import good_notebook, write_lesson
from tools.notebooks import LESSONS, code_cells, is_cover

NOTEBOOKS = sorted(LESSONS.glob("*.ipynb"))
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def artifacts():
    given = os.environ.get("BROWSER_ARTIFACTS")
    out = Path(given) if given else Path(tempfile.mkdtemp(prefix="workbook-browser-"))
    print(f"pictures in {out}")
    return out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_lesson_runs_in_the_browser(student, artifacts, path):
    notebook = nbformat.read(path, as_version=4)
    student.left_the_machine.clear()
    report = look(student, path.name, artifacts)
    assert report == {what: [] for what in report}
    for theme in ("JupyterLab Dark", "JupyterLab Light"):  # and the next lesson starts light
        student.change_theme(theme)
        assert student.violations() == [], theme
    assert student.counts() == list(range(1, len(code_cells(notebook)) + 1))
    assert student.figures() >= figures_stored(notebook)
    assert student.left_the_machine == []


def test_a_wrong_answer_a_hint_a_second_try_and_right(student, artifacts):
    student.open("04_derive_the_updates.ipynb")
    student.run_all()
    ask = 'update_w = {}\nexercise("update-w").check(update_w)'
    turned = "r'-\\eta\\,\\hat{y}_j(1-\\hat{y}_j)(y_j-\\hat{y}_j)\\,b_h'"
    right = "'η ŷ_j (1-ŷ_j)(y_j-ŷ_j) b_h'"
    tries = [
        (ask.format("..."), "○ Not yet tried."),
        (
            ask.format("'η ŷ_j (1-ŷ_j)(y_j-ŷ_j) b_q'"),
            "q is the number of hidden units, not an index.",
        ),
        (ask.format(turned), "✗ Not yet. The sign is turned"),
        ('exercise("update-w").hint()', "Hint 1 of 3"),
        (ask.format(right), "✓ Right."),
    ]
    cells = student.page.locator(".jp-CodeCell")
    (place,) = [n for n, text in enumerate(cells.all_inner_texts()) if "update_w = ..." in text]
    cell = cells.nth(place)
    for number, (source, reply) in enumerate(tries, 1):
        cell.locator(".cm-content").click()
        student.page.keyboard.press("Control+A")
        student.page.keyboard.insert_text(source)
        student.page.keyboard.press("Control+Enter")
        cell.locator(".jp-OutputArea", has_text=reply).wait_for(timeout=30_000)
        cell.screenshot(path=artifacts / f"04-answer-{number}.png")
    assert student.report()["error outputs"] == []


def figures_stored(notebook):
    """Count the figures among the committed outputs."""
    count = 0
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/html" in data:
                count += len(re.findall(r"<img\b|<svg\b[^>]*role=.img", data["text/html"]))
            elif not is_cover(output) and ("image/svg+xml" in data or "image/png" in data):
                count += 1
    return count


# What the checks above rely on: they must see what is wrong on a page.

BAD_CELLS = {
    "error outputs": "1 / 0",
    "text on stderr": "import sys\nprint('a warning', file=sys.stderr)",
    "broken formulas": r"from IPython.display import Latex" + "\n" + r"Latex(r'$\notamacro{x}$')",
    "formulas left as text": "from IPython.display import Latex\nLatex(r'$\\frac{1$')",
    "figures without a text": "from IPython.display import HTML\nHTML('<svg width=\"9\"></svg>')",
    "figures not drawn": "from IPython.display import HTML\n"
    'HTML(\'<img alt="gone" src="data:image/png;base64,AAAA">\')',
}


OUTSIDE = "https://example.org/x.png"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory, browser):
    """Give a reader of one bad lesson for each entry of BAD_CELLS, and of two more."""
    lessons = tmp_path_factory.mktemp("bad")
    sources = {
        **BAD_CELLS,
        "outside": f'from IPython.display import HTML\nHTML(\'<img alt="x" src="{OUTSIDE}">\')',
        "folded": "print(42)",
    }
    for name, source in sources.items():
        notebook = good_notebook()
        notebook.cells[2].source = source
        if name == "folded":
            notebook.cells[2].metadata["jupyter"] = {"outputs_hidden": True}
        write_lesson(lessons, notebook).rename(lessons / f"{name}.ipynb")
        if name == "folded":  # as it is saved when nobody takes care
            stored = nbformat.read(lessons / f"{name}.ipynb", as_version=4)
            stored.cells[2].outputs = [o for o in stored.cells[2].outputs if not is_cover(o)]
            nbformat.write(stored, lessons / "given away.ipynb")
    with (
        lab_server(tmp_path_factory.mktemp("lab"), lessons) as address,
        reader(browser, address) as person,
    ):
        yield person


@pytest.mark.parametrize("what", BAD_CELLS)
def test_the_report_sees_what_is_wrong(visitor, tmp_path, what):
    report = look(visitor, f"{what}.ipynb", tmp_path)
    assert report[what]


def test_a_folded_answer_does_not_show_its_first_line(visitor, tmp_path):
    given_away = "as opened, answers given away"
    assert look(visitor, "folded.ipynb", tmp_path, run=False)[given_away] == []
    assert look(visitor, "given away.ipynb", tmp_path, run=False)[given_away] == ["42.00"]


def test_a_request_that_leaves_the_machine_is_noted(visitor, tmp_path):
    visitor.left_the_machine.clear()
    look(visitor, "outside.ipynb", tmp_path)
    assert set(visitor.left_the_machine) == {OUTSIDE}
