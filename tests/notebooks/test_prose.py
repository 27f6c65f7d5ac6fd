"""The prose says what the machine derives, and a slip in it is caught."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbformat.v4 import new_output

from tests.notebooks.samples import good_notebook, write_lesson
from tools import prose
from tools.formulas import disagreement, registry
from tools.hygiene import hygiene
from tools.notebooks import LESSONS, code_cells
from tools.prose import formulas, unused_entries

NOTEBOOKS = sorted(LESSONS.glob("*.ipynb"))
UPDATE = r"\Delta w_{hj} = \eta\,\hat{y}_j(1-\hat{y}_j)(y_j-\hat{y}_j)\,b_h"


def _named():
    """Return name and text of every formula of the lessons that has a name."""
    found = []
    for path in NOTEBOOKS:
        explained = prose.UNCHECKED.get(path.stem, {})
        for math in formulas(nbformat.read(path, as_version=4)):
            parts = [part for part in math.parts if part not in explained]
            found += zip(math.names, parts, strict=False)
    return sorted(set(found))


def _flipped(text):
    """Yield the formula with one sign turned, or one added behind a relation."""
    for sign in re.finditer("[+-]", text):
        yield text[: sign.start()] + "+-"[sign[0] == "+"] + text[sign.end() :]
    for relation in re.finditer(r"=(?![^{}]*\})|\\approx", text):
        if not re.match(r"\s*-", text[relation.end() :]):
            yield f"{text[: relation.end()]} -{text[relation.end() :]}"


def test_many_formulas_of_the_lessons_are_compared():
    assert len(_named()) >= 35


@pytest.mark.parametrize(("name", "text"), _named())
def test_formula_agrees_and_each_sign_of_it_matters(name, text):
    assert disagreement(name, text) is None
    flips = list(_flipped(text))
    assert flips or name == "count"
    for flipped in flips:
        assert disagreement(name, flipped), flipped


def test_every_entry_is_used_by_a_lesson():
    assert unused_entries(NOTEBOOKS) == []


def test_an_entry_that_no_lesson_uses_is_reported(monkeypatch):
    monkeypatch.setitem(prose.QUOTED, "99_gone", {"1.2345": "why"})
    monkeypatch.setitem(registry(), "nothing", registry()["slope"])
    reported = unused_entries(NOTEBOOKS)
    assert "tools/formulas.py: no lesson names nothing" in reported
    assert "tools/prose.py: no lesson is 99_gone" in reported


@pytest.mark.parametrize(
    "text",
    [
        UPDATE,
        UPDATE.partition("=")[2],
        r"\Delta w_{hj} = -\eta \frac{\partial E}{\partial w_{hj}}",
        r"\Delta w_{hj} = -\eta\,\partial E/\partial\beta_j \; b_h = -b_h \Delta \theta_j",
        r"w_{hj} \leftarrow w_{hj} - \eta \, \frac{\partial E}{\partial w_{hj}}",
    ],
)
def test_any_form_of_a_formula_agrees(text):
    assert disagreement("update-w", text) is None


@pytest.mark.parametrize(
    "text",
    [
        UPDATE.replace("y_j-", "y_j+"),
        UPDATE.replace("(1-", "(2-"),
        UPDATE.replace("b_h", "b_j"),
        UPDATE.replace(r"\eta", ""),
        r"w_{hj} \leftarrow w_{hj} + \eta \, \frac{\partial E}{\partial w_{hj}}",
        r"w_{hj} \leftarrow \Delta w_{hj}",
        r"\Delta w_{hj} = \eta \frac{\partial \theta_j}{\partial E}",
        r"\Delta w_{hj} = \mathbf{w}",
        "",
    ],
)
def test_a_slip_or_an_unreadable_formula_is_told(text):
    assert disagreement("update-w", text)


def test_numbers_after_an_approximation_may_be_rounded():
    slope = r"\frac{\partial E}{\partial \theta_1} \approx "
    assert disagreement("xor-slope", slope + "-0.039") is None
    assert disagreement("xor-slope", slope + "-0.038")
    assert disagreement("xor-slope", slope.replace(r"\approx", "=") + "-0.039")


# What the rules let pass; what they refuse is in test_hygiene.py.


def _with_prose(tmp_path, text, shown=None):
    notebook = good_notebook()
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    cells[4].source = text
    if shown is not None:
        code_cells(notebook)[0].outputs = [new_output("stream", name="stdout", text=shown)]
    return hygiene(write_lesson(tmp_path, notebook))


@pytest.mark.parametrize(
    "text",
    [
        f"So:\n\n<!-- formula: update-w -->\n$${UPDATE} .$$\n\nWords.",
        "<!-- formula: update-w, slope -->\n"
        rf"$$\begin{{aligned}} {UPDATE} \\[4pt] f' &= f \\ &= 0 \end{{aligned}}$$".replace(
            r"f' &= f \\ &= 0", r"f' &= f (1 - f) \\ &= f - f^2"
        ),
        "The slope <!-- formula: slope -->$f' = f(1 - f)$, and $x = 2$, cost \\$5.",
        "The slope is <!-- formula: slope -->\n$f' = f(1 - f)$.",
        "In code, `$$x = 1$$` displays a formula:\n\n```\n$$x = 1$$\n```",
    ],
)
def test_named_formulas_and_code_pass(tmp_path, text):
    assert _with_prose(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is 0.1326.", "-0.132647"),
        ("It is $-0.1326$, or $1.326 \\cdot 10^{-1}$.", "1.326e-01"),
        ("It is 1,234.56 or $1{,}234.56$.", "1234.56"),
        ("It is 0.015, less than 0.0275, in 1986 and 10,000 steps of 3.14.", "0"),
        ("`0.123456` and [here](https://a.org/0.123456), arXiv:1604.06174v2", "0"),
        ("The version is 1.2345.6.", "0"),
    ],
)
def test_numbers_that_an_output_shows_pass(tmp_path, text, shown):
    assert _with_prose(tmp_path, text, shown) == []


@pytest.mark.parametrize(
    ("shown", "passes"),
    [
        ('<img alt="the slope is 0.13261" src="x">', True),
        ("<img alt='a' src=\"data:image/svg+xml,%3Csvg%3E%3Ctext%3E0.1326%3C/text%3E\">", True),
        ('<svg aria-label="a" width="0.1326"><path d="M0.1326 0"/></svg>', False),
        ("0.13266", False),
        ("0.133", False),
    ],
)
def test_numbers_are_looked_for_in_what_a_reader_sees(tmp_path, shown, passes):
    problems = _with_prose(tmp_path, "It is 0.1326.", shown)
    assert problems == (
        [] if passes else ["numbers_shown: cell 8 says 0.1326, which no output shows"]
    )


def test_an_explained_formula_or_number_passes_while_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setitem(prose.UNCHECKED, "01_sample", {"u = 1": "why"})
    monkeypatch.setitem(prose.QUOTED, "01_sample", {"4.2001": "a misprint"})
    assert _with_prose(tmp_path, "$$u = 1 .$$\n\nIt prints 4.2001.") == []
    assert _with_prose(tmp_path, "$$u = 1 .$$\n\nIt prints 4.2001.", "4.2001") == [
        "numbers_shown: tools/prose.py explains a number that needs no reason: 4.2001"
    ]
    assert _with_prose(tmp_path, "Nothing.") == [
        "formulas_named: tools/prose.py explains a formula that is not displayed: u = 1",
        "numbers_shown: tools/prose.py explains a number that needs no reason: 4.2001",
    ]
