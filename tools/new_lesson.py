"""Begin a lesson from the template: a notebook that keeps every rule, and its exercises."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

from tools.notebooks import LESSONS, normal_text
from tools.run_tests import ROOT

TEMPLATE = ROOT / "tools" / "template"
EXERCISES = ROOT / "backprop_kit" / "exercises"
NEXT_STEPS = """\
{lesson} and {exercises} are there. Now:
1. Write them: the rules are under "Lessons" in CONTRIBUTING.md.
2. python3 workbook.py refresh {number}
3. Link to it at the end of {before}, and list it in README.md.
4. Test its exercises in tests/exercises/test_lesson_{number}.py, the wrong answers above all.
5. python3 workbook.py test"""


def new_lesson(number: str, title: str) -> str:
    """Write the notebook and the exercises of a lesson, and return what to do next.

    Parameters
    ----------
    number : str
        Two digits, one more than the last lesson has.
    title : str
        As it stands in the notebook; the file's name is made of its letters and digits.

    Raises
    ------
    ValueError
        If the number is not the next one, or the title holds no word. Nothing is written.
    """
    lessons = sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))
    expected = f"{int(lessons[-1].name[:2]) + 1:02}"
    if number != expected:
        raise ValueError(f"number must be that of the next lesson, {expected}, got {number!r}")
    name = "_".join(re.findall(r"[a-z0-9]+", title.lower()))
    if not name or len(title.splitlines()) > 1:
        raise ValueError(f"title must be one line with a word in it, got {title!r}")
    words = {"NN": number, "TITLE": title, "BEFORE": lessons[-1].stem}
    lesson, exercises = LESSONS / f"{number}_{name}.ipynb", EXERCISES / f"lesson_{number}.py"
    notebook = nbformat.read(TEMPLATE / "lesson.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = fill_in(cell.source, words)
    text = fill_in((TEMPLATE / "exercises.py").read_text(encoding="utf-8"), words)
    write_new(exercises, text)
    write_new(lesson, normal_text(notebook))
    return NEXT_STEPS.format(
        lesson=lesson.relative_to(ROOT).as_posix(),
        exercises=exercises.relative_to(ROOT).as_posix(),
        number=number,
        before=lessons[-1].name,
    )


def fill_in(text: str, words: dict[str, str]) -> str:
    """Return a text of the template with its words in capitals replaced.

    Examples
    --------
    >>> fill_in("NN · TITLE", {"NN": "13", "TITLE": "ANNE"})
    '13 · ANNE'
    """
    return re.sub("|".join(words), lambda found: words[found[0]], text)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
