"""The rules every lesson keeps, beside "it runs and its outputs are as stored" (nbval's part).

One function per rule; each takes the notebook and its path and yields one sentence per problem.
`hygiene(path)` runs the whole table `RULES`.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

from tools.notebooks import (
    MACHINE_PATH,
    PNG_DATA,
    WIDGET_VIEW,
    code_cells,
    is_cover,
    normal_text,
    output_texts,
)
from tools.prose import formulas_agree, formulas_named, numbers_shown
from tools.run_tests import ROOT

MAX_CELL_LINES = 25
MAX_CODE_CELLS = 40
MAX_MEDIAN_LINES = 5
MAX_BYTES = 1_000_000
MIN_PREDICTIONS = 3
MIN_EXERCISES = 3

Problems = Iterator[str]
Rule = Callable[[NotebookNode, Path], Problems]


def hygiene(path: Path) -> list[str]:
    """Return what is wrong with a notebook, as sentences that begin with the rule's name."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        nbformat.validate(stored)
    except (nbformat.ValidationError, ValueError) as error:
        return [f"valid: not a valid notebook: {str(error).splitlines()[0]}"]
    notebook = nbformat.read(path, as_version=4)
    return [f"{name}: {said}" for name, rule in RULES.items() for said in rule(notebook, path)]


def _prose(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def _numbered(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    return enumerate(code_cells(notebook), 1)


def _lesson_number(path: Path) -> int | None:
    found = re.match(r"(\d\d)_", path.name)
    return int(found[1]) if found else None


# ---------------------------------------------------------------- how it was run and saved


def executed_in_order(notebook: NotebookNode, path: Path) -> Problems:
    """Every cell ran, from a fresh kernel, top to bottom; a stripped notebook fails here.

    nbval does not compare a cell without a count, so this rule is what makes it strict.
    """
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"not executed in order from a fresh kernel: counts {counts}"
    for number, cell in _numbered(notebook):
        for output in cell.outputs:
            if output.get("execution_count", cell.execution_count) != cell.execution_count:
                yield f"code cell {number} shows the output of another run"


def has_outputs(notebook: NotebookNode, path: Path) -> Problems:
    """Hold outputs at all: they are the lesson's claims."""
    if not any(cell.outputs for cell in code_cells(notebook)):
        yield "no stored outputs at all"


def no_error(notebook: NotebookNode, path: Path) -> Problems:
    """Store no exception and nothing on stderr (warnings show paths)."""
    for number, cell in _numbered(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"code cell {number} stores the error {output.ename}"
            if output.get("name") == "stderr":
                yield f"code cell {number} stores text on stderr: {output.text[:60]!r}"


def no_widget_state(notebook: NotebookNode, path: Path) -> Problems:
    """Store no widget models: their ids are random."""
    if "widgets" in notebook.metadata:
        yield "holds metadata.widgets"
    for number, cell in _numbered(notebook):
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs):
            yield f"code cell {number} stores a widget view"


def normal_form(notebook: NotebookNode, path: Path) -> Problems:
    """Be saved exactly as the refresh command saves."""
    as_saved = path.read_text(encoding="utf-8")
    if normal_text(nbformat.from_dict(notebook)) != as_saved:
        yield "not in normal form: run `python3 workbook.py refresh`"


def nothing_hidden_from_nbval(notebook: NotebookNode, path: Path) -> Problems:
    """Keep what nbval never compares (metadata, text before a carriage return) empty."""
    for number, cell in _numbered(notebook):
        for output in cell.outputs:
            if output.get("metadata"):
                yield f"code cell {number} has output metadata, which is never compared"
            if "\r" in output.get("text", "") or "\b" in output.get("text", ""):
                yield f"code cell {number} prints control characters, which hide text"


def covered_skips(notebook: NotebookNode, path: Path) -> Problems:
    r"""Name the test that covers a cell which nbval is told to pass over.

    The cell's metadata say `{"covered_by": "tests/visual/test_x.py::test_y"}`.
    """
    tag = re.compile(r"nbval[-_](skip|ignore[-_]output|raises[-_]exception)", re.IGNORECASE)
    comment = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)", re.MULTILINE)
    for number, cell in _numbered(notebook):
        tags = [name for name in cell.metadata.get("tags", []) if tag.search(name)]
        tags += [name for name in cell.metadata.get("tags", []) if name == "raises-exception"]
        tags += comment.findall(cell.source)
        if tags and not _is_test(cell.metadata.get("covered_by", "")):
            yield f"code cell {number} has {tags[0]} and names no test in `covered_by`"


def _is_test(name: str) -> bool:
    file, _, function = name.partition("::")
    source = ROOT / file
    return bool(function) and source.is_file() and f"def {function}(" in source.read_text("utf-8")


def small_file(notebook: NotebookNode, path: Path) -> Problems:
    """Stay under 1 MB."""
    if path.stat().st_size > MAX_BYTES:
        yield f"{path.stat().st_size / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:.0f} MB"


def no_machine_path(notebook: NotebookNode, path: Path) -> Problems:
    """Show no path of one machine, in text, code or output."""
    for number, cell in enumerate(notebook.cells, 1):
        texts = [cell.source] + (output_texts(cell) if cell.cell_type == "code" else [])
        for text in texts:
            if found := MACHINE_PATH.search(PNG_DATA.sub("", text)):
                yield f"cell {number} shows a path of one machine: {found[0]!r}"
                break


# ---------------------------------------------------------------- code cells


def short_cells(notebook: NotebookNode, path: Path) -> Problems:
    """Keep each code cell readable in one look."""
    for number, cell in _numbered(notebook):
        if (lines := len(cell.source.splitlines())) > MAX_CELL_LINES:
            yield f"code cell {number} has {lines} lines, more than {MAX_CELL_LINES}"


def few_cells(notebook: NotebookNode, path: Path) -> Problems:
    """Keep a lesson to a sitting."""
    if (count := len(code_cells(notebook))) > MAX_CODE_CELLS:
        yield f"{count} code cells, more than {MAX_CODE_CELLS}"


def short_median(notebook: NotebookNode, path: Path) -> Problems:
    """Keep most code cells to a few lines."""
    lines = [len(cell.source.splitlines()) for cell in code_cells(notebook)]
    if lines and (median := statistics.median(lines)) > MAX_MEDIAN_LINES:
        yield f"the median code cell has {median:g} lines, more than {MAX_MEDIAN_LINES}"


def enough_prose(notebook: NotebookNode, path: Path) -> Problems:
    """Explain at least as often as compute."""
    prose, code = len(_prose(notebook)), len(code_cells(notebook))
    if prose < code:
        yield f"{prose} prose cells for {code} code cells"


def no_empty_cell(notebook: NotebookNode, path: Path) -> Problems:
    """Leave no empty cell."""
    for number, cell in enumerate(notebook.cells, 1):
        if not cell.source.strip():
            yield f"cell {number} is empty"


def no_semicolon(notebook: NotebookNode, path: Path) -> Problems:
    """End no cell with `;`: the kernel under test does not hide the value then."""
    for number, cell in _numbered(notebook):
        if cell.source.rstrip().endswith(";"):
            yield f"code cell {number} ends with a semicolon"


def runs_unattended(notebook: NotebookNode, path: Path) -> Problems:
    """Ask for no input, install nothing."""
    asking = re.compile(r"(?<![\w.])input\(|^\s*[!%]\s*(pip|conda|mamba)\b", re.MULTILINE)
    for number, cell in _numbered(notebook):
        if found := asking.search(cell.source):
            yield f"code cell {number} uses {found[0].strip()!r}"


def no_raw_scalar(notebook: NotebookNode, path: Path) -> Problems:
    """Print numbers in a fixed format, never as `np.float64(...)`."""
    raw = re.compile(r"\bnp\.(float|int|uint|bool|complex|str)\w*\(")
    for number, cell in _numbered(notebook):
        for text in output_texts(cell):
            if found := raw.search(text):
                yield f"code cell {number} prints a raw NumPy scalar, {found[0]}...)"
                break


# ---------------------------------------------------------------- pictures and links

HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
HTML_ALT = re.compile(r"""\balt=(["'])\s*(?!\1)\S""", re.IGNORECASE)
SVG_START = re.compile(r"<svg\b[^>]*>", re.IGNORECASE)
SVG_LABEL = re.compile(r"""\baria-label=(["'])\s*(?!\1)\S""", re.IGNORECASE)


def pictures_have_text(notebook: NotebookNode, path: Path) -> Problems:
    """Give every picture a text for those who do not see it."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown" and re.search(r"!\[\s*\]\(", cell.source):
            yield f"cell {number} has a markdown image without alternative text"
        texts = [cell.source] if cell.cell_type == "markdown" else output_texts(cell)
        for text in texts:
            if any(not HTML_ALT.search(image) for image in HTML_IMAGE.findall(text)):
                yield f"cell {number} has an <img> without alt"
            # An <svg> inside another one is part of its picture.
            first = SVG_START.search(text)
            if first and not SVG_LABEL.search(first[0]):
                yield f"cell {number} has an <svg> without aria-label"
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}) and not is_cover(output):
                yield f"cell {number} stores a bare PNG, whose alt JupyterLab drops: use show()"


def links_work(notebook: NotebookNode, path: Path) -> Problems:
    """Link only to files that are there, and to headings that stand in them."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "markdown":
            continue
        for target, heading in _relative_links(cell.source):
            file = path.parent / target if target else path
            if not file.exists():
                yield f"cell {number} links to {target}, which is not there"
            elif heading and heading not in headings(file):
                yield f"cell {number} links to {target}#{heading}, a heading that is not there"


def _relative_links(markdown: str) -> list[tuple[str, str]]:
    """Return the file (empty for the notebook itself) and the heading of each link."""
    found = re.findall(r"\]\(\s*<?([^)\s>]+)", markdown)
    found += re.findall(r"""\b(?:href|src)=["']([^"']+)["']""", markdown)
    return [
        tuple(unquote(part) for part in link.partition("#")[::2])
        for link in found
        if not re.match(r"[a-z][a-z0-9+.-]*:|//", link, re.IGNORECASE)
    ]


def headings(file: Path) -> set[str]:
    """Return what stands after the # of a link to a heading, as JupyterLab spells it."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        text = "\n".join(_prose(nbformat.reads(text, as_version=4)))
    return {title.strip().replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", text)}


def links_to_neighbours(notebook: NotebookNode, path: Path) -> Problems:
    """Close with links to the lessons before and after."""
    if _lesson_number(path) is None:
        return
    lessons = sorted(path.parent.glob("[0-9][0-9]_*.ipynb"))
    here = [lesson.name for lesson in lessons].index(path.name)
    closing = _relative_links("\n".join(_prose(notebook)[-3:]))
    for neighbour in lessons[max(0, here - 1) : here] + lessons[here + 1 : here + 2]:
        if neighbour.name not in [Path(file).name for file, _ in closing]:
            yield f"the closing cells do not link to {neighbour.name}"


# ---------------------------------------------------------------- the parts of a lesson


def has_title(notebook: NotebookNode, path: Path) -> Problems:
    """Open with a title."""
    first = notebook.cells[0] if notebook.cells else None
    if not first or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell is not a title (`# ...`)"


def states_minutes(notebook: NotebookNode, path: Path) -> Problems:
    """Say at the top how long it takes."""
    if not re.search(r"\bminutes?\b|\bmin\b", "\n".join(_prose(notebook)[:4])):
        yield "the opening does not say how many minutes the lesson takes"


def asks_predictions(notebook: NotebookNode, path: Path) -> Problems:
    """Ask for a guess before a reveal (from lesson 01 on)."""
    count = sum("**Predict" in text for text in _prose(notebook))
    if (_lesson_number(path) or 0) >= 1 and count < MIN_PREDICTIONS:
        yield f"{count} predictions (`**Predict`), fewer than {MIN_PREDICTIONS}"


def asks_exercises(notebook: NotebookNode, path: Path) -> Problems:
    """Ask exercises that are checked, beside the predictions (from lesson 01 on)."""
    asked: set[str] = set()
    predicting = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            predicting = "**Predict" in cell.source
        elif not predicting:
            asked.update(re.findall(r"""\bexercise\(\s*["']([\w-]+)["']""", cell.source))
    asked = {name for name in asked if "predict" not in name}
    if (_lesson_number(path) or 0) >= 1 and len(asked) < MIN_EXERCISES:
        yield f"{len(asked)} exercises beside the predictions, fewer than {MIN_EXERCISES}"


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        executed_in_order,
        has_outputs,
        no_error,
        no_widget_state,
        normal_form,
        nothing_hidden_from_nbval,
        covered_skips,
        small_file,
        no_machine_path,
        short_cells,
        few_cells,
        short_median,
        enough_prose,
        no_empty_cell,
        no_semicolon,
        runs_unattended,
        no_raw_scalar,
        pictures_have_text,
        links_work,
        links_to_neighbours,
        has_title,
        states_minutes,
        asks_predictions,
        asks_exercises,
        formulas_agree,
        formulas_named,
        numbers_shown,
    )
}
