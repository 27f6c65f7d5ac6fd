"""An explorer can be read without a kernel: the saved lesson holds a picture or a formula."""

from __future__ import annotations

import re

import nbformat
import pytest

from tools.notebooks import LESSONS, WIDGET_VIEW, code_cells

STORED = [
    pytest.param(output["data"], id=f"{path.stem[:2]}: {output['data']['text/plain']}")
    for path in sorted(LESSONS.glob("[0-9]*.ipynb"))
    for cell in code_cells(nbformat.read(path, as_version=4))
    for output in cell.outputs
    if output.get("data", {}).get("text/plain", "").startswith("Explorer: ")
]


def test_there_are_explorers_in_the_lessons():
    assert len(STORED) >= 4


@pytest.mark.parametrize("data", STORED)
def test_the_saved_lesson_shows_a_picture_or_a_formula_and_no_widget(data):
    assert WIDGET_VIEW not in data
    if "text/latex" in data:
        assert set(data) == {"text/plain", "text/latex"}
        assert re.fullmatch(r"\$[^$]{20,}\$", data["text/latex"])
        return
    assert set(data) == {"text/plain", "text/html"}
    alt = re.match(r'<img alt="([^"]+)"', data["text/html"])[1]
    assert len(alt) > 20
