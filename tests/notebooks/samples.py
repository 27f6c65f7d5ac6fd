"""A small lesson that keeps every rule, made in memory; tests spoil copies of it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.notebooks import normal_text

PNG = (  # one black pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
FIGURE = f'<img alt="a point" src="data:image/png;base64,{PNG}" width="320">'
SVG = '<svg role="img" aria-label="a unit" width="20"><circle cx="10.5" cy="10" r="4"/></svg>'


def good_notebook() -> NotebookNode:
    """Return a lesson of a few cells with each kind of output, as if it had just been run."""
    cells = [
        new_markdown_cell("# 01 A sample\n\nWhat is 6 times 7? You need 5 minutes."),
        new_markdown_cell("**Predict** the product."),
        new_code_cell("print(f'{6 * 7:.2f}')"),
        new_markdown_cell("**Predict** its half."),
        new_code_cell("6 * 7 // 2"),
        new_markdown_cell("**Predict** what `show` draws, see [lesson 02](02_next.ipynb)."),
        new_code_cell(f"from IPython.display import HTML, SVG, Latex, display\nHTML({FIGURE!r})"),
        new_markdown_cell("The same as a drawing and as a formula, with a word on each."),
        new_code_cell(f"display(SVG({SVG!r}), Latex('$x_1 = 4.5$'))"),
        new_markdown_cell("Now it is your turn. Write your answers in the next cells."),
        new_code_cell("class exercise:\n    def __init__(self, name):\n        pass"),
        new_markdown_cell("Three exercises."),
        new_code_cell("a = exercise('one')\nb = exercise('two')\nc = exercise('three')"),
        new_markdown_cell("Back to [00](00_before.ipynb), on to [02](02_next.ipynb#2.-On-and-on)."),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    code = [cell for cell in cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        cell.execution_count = number
    code[0].outputs = [new_output("stream", name="stdout", text="42.00\n")]
    code[1].outputs = [new_output("execute_result", {"text/plain": "21"}, execution_count=2)]
    html = {"text/html": FIGURE, "text/plain": "<IPython.core.display.HTML object>"}
    code[2].outputs = [new_output("execute_result", html, execution_count=3)]
    svg = {"image/svg+xml": SVG, "text/plain": "<IPython.core.display.SVG object>"}
    latex = {"text/latex": "$x_1 = 4.5$", "text/plain": "<IPython.core.display.Latex object>"}
    code[3].outputs = [new_output("display_data", svg), new_output("display_data", latex)]
    return new_notebook(cells=cells)


def write_lesson(folder: Path, notebook: NotebookNode, *, normal: bool = True) -> Path:
    """Save `notebook` as lesson 01 between two neighbours, in normal form unless told."""
    for name in ("00_before.ipynb", "02_next.ipynb"):
        heading = new_markdown_cell("## 2. On and on", id="only")
        nbformat.write(new_notebook(cells=[heading]), folder / name)
    path = folder / "01_sample.ipynb"
    text = normal_text(notebook) if normal else nbformat.writes(notebook) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
