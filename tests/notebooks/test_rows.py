"""The map in lesson 00 is true, and every row of the sources is reachable from there by a link.

That the links lead to headings that are there is the rule `links_work`, in `test_hygiene.py`.
"""

from __future__ import annotations

import re

import nbformat
import pytest

from tools.notebooks import LESSONS

COUNTS = {"A": 18, "B": 4, "C": 5, "D": 4, "E": 15, "X": 1}
ROWS = [f"{document}{number + 1}" for document, count in COUNTS.items() for number in range(count)]
SECTION = re.compile(r"\]\((\d\d)_\w+\.ipynb#\d+\.-[^)]+\)")


def rows_of_the_table():
    """Return the sections that lesson 00 links to, by row."""
    notebook = nbformat.read(LESSONS / "00_start_here.ipynb", as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    lines = re.findall(r"(?m)^\| ([A-EX]\d+) \|(.*)$", prose)
    assert len(lines) == len(dict(lines)), "a row stands in the table twice"
    return {row: SECTION.findall(rest) for row, rest in lines}


def test_no_row_is_missing_and_none_is_invented():
    assert list(rows_of_the_table()) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_row_leads_to_a_section(row):
    assert rows_of_the_table()[row], f"{row} has no link to a section of a lesson"


@pytest.mark.parametrize("row", ROWS)
def test_the_sources_page_has_the_row(row):
    page = (LESSONS / "sources.md").read_text(encoding="utf-8")
    if row == "X1":
        assert "Row X1" in page
        return
    listed = set()
    for first, last in re.findall(r"(?m)^\| ([A-E]\d+)(?:(?:–|, )([A-E]\d+))? \|", page):
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        listed |= {f"{first[0]}{number}" for number in numbers}
    assert row in listed


def test_the_map_has_every_lesson_with_its_title_and_its_minutes():
    prose = {
        path.name: [cell.source for cell in nbformat.read(path, as_version=4).cells[:6]]
        for path in sorted(LESSONS.glob("[0-9]*.ipynb"))
    }
    (table,) = [text for text in prose.pop("00_start_here.ipynb") if "## 2. The map" in text]
    rows = re.findall(r"(?m)^\| \[(.+?)\]\((.+?)\) \|.*\| (\d+) \| [^|]+ \|$", table)
    assert [name for _, name, _ in rows] == list(prose)
    for title, name, minutes in rows:
        assert f"# {title}\n" in prose[name][0]
        assert f"about {minutes} minutes" in prose[name][0]
