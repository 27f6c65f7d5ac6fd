r"""What the lessons say in words and formulas is checked as well.

A formula is named by a comment: on the line before ``$$``, or right before ``$`` in a line.

    <!-- formula: update-w -->
    $$\Delta w_{hj} = ...$$

Several formulas in one ``$$`` (lines of an aligned block, or parts set apart by ``\qquad``) take
several names, with commas between.  `tools/formulas.py` says what each name stands for.  Every
displayed formula needs a name, or a reason in `UNCHECKED`.

A decimal number of four or more digits must occur in an output of its lesson, as it is or with
more digits; `QUOTED` holds the exceptions.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

from tools.formulas import disagreement, registry
from tools.notebooks import PNG_DATA, code_cells, output_texts

Problems = Iterator[str]

MIN_DIGITS = 4

# By lesson: a displayed formula that has no name, and why.
UNCHECKED: dict[str, dict[str, str]] = {
    "01_perceptron": {
        r"\hat y = f(u)": "names the output of a neuron; nothing to compute",
        r"f(u) = 1 \text{ if } u \ge 0, \text{ else } 0": "defines the step, which has cases",
    },
    "02_xor_network": {
        r"\{(x_k, y_k) : k = 1, \ldots, N\}": "says what the data are",
        r"x_k \in \mathbb{R}^d": "says what an input is",
        r"y_k \in \mathbb{R}^l": "says what a target is",
    },
    "11_from_backprop_to_autodiff": {
        r"\text{slope} \times \frac{\partial r}{\partial\,\text{itself}}": "half in words",
    },
}

# By lesson: a number that stands in no output, and why.
QUOTED: dict[str, dict[str, str]] = {
    "05_check_the_formulas": {
        "0.3775": "0.0275 + 0.35, worked out in the same line",
        "0.59688": "b_2 as the reader finds it by hand, for the quotient beside it",
        "0.40312": "1 - 0.59688",
        "4.156": "0.00413703 / 0.000995425, worked out in the same line",
    },
    "06_worked_example": {
        "0.3775": "0.0275 + 0.35, worked out in the same line",
        "0.0000351085": "a misprint of the published original; no run gives it",
    },
    "08_layers_and_matrices": {"1604.06174": "the number of an article at arXiv"},
    "11_from_backprop_to_autodiff": {"0.2689": "1 - 0.7311"},
}


# ---------------------------------------------------------------- formulas


@dataclass(frozen=True)
class Found:
    """One piece of mathematics in a cell: its parts, and the names that a marker gives them."""

    cell: int
    parts: tuple[str, ...]
    names: tuple[str, ...]
    displayed: bool


_CODE = re.compile(r"^```.*?^```|(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL | re.MULTILINE)
_MATH = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?!\$)(.+?)(?<!\\)\$", re.DOTALL)
_MARKER = re.compile(r"<!--\s*formula\b(.*?)-->", re.DOTALL)
_NAMES = re.compile(r":\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*")
_APART = re.compile(r",?\s*\\q?quad(?![A-Za-z])|\\\\(?:\[[^\]]*\])?")


def formulas(notebook: NotebookNode) -> list[Found]:
    """Return all mathematics in a lesson's prose, in reading order."""
    return [found for cell, text in _prose(notebook) for found in _in_cell(cell, text)[0]]


def _prose(notebook):
    """Yield the number and the text of each Markdown cell, its code blanked."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            yield number, _CODE.sub(lambda code: " " * len(code[0]), cell.source)


def _in_cell(number, text):
    """Return the mathematics of one cell, and what is wrong with its markers."""
    markers = {marker.end(): marker for marker in _MARKER.finditer(text)}
    found, wrong = [], []
    for math in _MATH.finditer(text):
        displayed = math[1] is not None
        end = len(text[: math.start()].rstrip())
        marker = markers.pop(end, None)
        between = text[end : math.start()]
        names = ()
        if marker is not None:
            listed = _NAMES.fullmatch(marker[1])
            names = tuple(re.split(r"\s*,\s*", listed[1])) if listed else ()
            begins = not text[: marker.start()].rpartition("\n")[2].strip()
            if not listed:
                wrong.append(f"a marker without a name: {marker[0]}")
            elif displayed and not (begins and between.count("\n") == 1):
                wrong.append(f"a marker that is not the line right before its $$: {marker[0]}")
            elif not displayed and (begins or "\n\n" in between):
                # Markdown takes a line that begins with a comment out of its paragraph
                wrong.append(
                    f"a marker that begins a line (put it last on the one before): {marker[0]}"
                )
        found.append(Found(number, _parts(math[1] or math[2], displayed), names, displayed))
    wrong += [f"a marker without a formula: {marker[0]}" for marker in markers.values()]
    return found, wrong


def _parts(text, displayed):
    """Return the formulas in one piece of mathematics, without what sets them side by side."""
    if not displayed:
        return (text.strip(),)
    text = re.sub(r"\\(begin|end)\{[a-z]+\*?\}|&", " ", text)
    parts: list[str] = []
    for part in _APART.split(text):
        part = re.sub(r"\s+", " ", part).strip().rstrip(".,").strip()
        if part.startswith("=") and parts:
            parts[-1] += f" {part}"  # a line that goes on with the formula above it
        elif part:
            parts.append(part)
    return tuple(parts)


def formulas_agree(notebook: NotebookNode, path: Path) -> Problems:
    """State no formula that differs from what is derived."""
    for number, text in _prose(notebook):
        found, wrong = _in_cell(number, text)
        yield from (f"cell {number} has {what}" for what in wrong)
        for math in found:
            unnamed = _unnamed(math, path)
            checked = [part for part in math.parts if part not in unnamed or not math.displayed]
            if math.names and len(math.names) != len(checked):
                yield (
                    f"cell {number} names {len(math.names)} formulas where {len(checked)} stand: "
                    f"{'; '.join(checked)}"
                )
                continue
            for name, part in zip(math.names, checked, strict=False):
                if said := disagreement(name, part):
                    yield f"cell {number}, {name}: {said}"


def formulas_named(notebook: NotebookNode, path: Path) -> Problems:
    """Display no formula that nothing checks, but for those that `UNCHECKED` explains."""
    used = set()
    for math in formulas(notebook):
        if math.displayed:
            used |= _unnamed(math, path)
            if not math.names:
                for part in math.parts:
                    if part not in used:
                        yield f"cell {math.cell} displays a formula without a name: {part}"
    for text in UNCHECKED.get(path.stem, {}):
        if text not in used:
            yield f"tools/prose.py explains a formula that is not displayed: {text}"


def _unnamed(math, path):
    return set(math.parts) & set(UNCHECKED.get(path.stem, {}))


# ---------------------------------------------------------------- numbers

_LINK_TARGET = re.compile(r"\]\([^)]*\)|<https?:[^>]*>|\bhttps?://\S+")
_TAG = re.compile(r"<[A-Za-z/!][^>]*>", re.DOTALL)
_SPOKEN = re.compile(r"""\b(?:alt|aria-label|title)=(?:"([^"]*)"|'([^']*)')""")
_DRAWING = re.compile(r"data:image/svg\+xml,([^\"']*)")
_SEPARATOR = re.compile(r"(?<=\d)(?:,|\{,\}|\\,|[\u2009\u202f])(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"(?<![\w.])(\d*\.\d+)(?:[eE]([+-]?\d+))?(?![\d\w]|\.\d)")
_POWER = re.compile(r"\s*\\(?:cdot|times)\s*10\^\{?(-?\d+)\}?")


def numbers_shown(notebook: NotebookNode, path: Path) -> Problems:
    """State no decimal number that no output of the lesson shows."""
    shown = _shown(notebook)
    quoted = QUOTED.get(path.stem, {})
    used = set()
    for cell, text in _prose(notebook):
        for number, value in _numbers(_TAG.sub(" ", _LINK_TARGET.sub("]", text))):
            if len(re.sub(r"\D", "", number).lstrip("0")) < MIN_DIGITS:
                continue
            if any(_is_rounding(value, other) for other in shown):
                continue
            if number in quoted:
                used.add(number)
            else:
                yield f"cell {cell} says {number}, which no output shows"
    for number in quoted:
        if number not in used:
            yield f"tools/prose.py explains a number that needs no reason: {number}"


def _shown(notebook):
    """Return the decimal numbers that the outputs show, in text, formulas and descriptions."""
    texts = []
    for cell in code_cells(notebook):
        for output in output_texts(cell):
            drawings = [unquote(drawing) for drawing in _DRAWING.findall(output)]
            text = "\n".join([_DRAWING.sub("", PNG_DATA.sub("", output)), *drawings])
            spoken = [html.unescape(one or other) for one, other in _SPOKEN.findall(text)]
            texts += [html.unescape(_TAG.sub(" ", text)), *spoken]
    return {value for text in texts for _, value in _numbers(text)}


def _numbers(text):
    """Yield each decimal number as it is written, and its value."""
    text = _SEPARATOR.sub("", text)
    for found in _NUMBER.finditer(text):
        power = _POWER.match(text, found.end())
        exponent = int(found[2] or 0) + int(power[1] if power else 0)
        yield found[1], Decimal(found[1]).scaleb(exponent)


def _is_rounding(value, longer):
    """Return whether a number is another one with as many or fewer decimals."""
    if longer.as_tuple().exponent > value.as_tuple().exponent:
        return False
    return any(
        longer.quantize(value, rounding=rounding) == value
        for rounding in (ROUND_HALF_EVEN, ROUND_HALF_UP)
    )


# ---------------------------------------------------------------- the workbook as a whole


def unused_entries(lessons: list[Path]) -> list[str]:
    """Return the names and lessons in the tables of this check that no lesson uses.

    Parameters
    ----------
    lessons : list of Path
        All lessons.
    """
    notebooks = [nbformat.read(path, as_version=4) for path in lessons]
    used = {name for one in notebooks for math in formulas(one) for name in math.names}
    stems = {path.stem for path in lessons}
    return [
        *(f"tools/formulas.py: no lesson names {name}" for name in registry() if name not in used),
        *(f"tools/prose.py: no lesson is {s}" for s in {**UNCHECKED, **QUOTED} if s not in stems),
    ]
