"""Look at a lesson: `python -m tests.browser.screenshots 03 --out DIR [--as-opened]`.

Opens lessons in a real browser, runs them and saves pictures of the whole page. Each lesson is
photographed as a student opens it, after Run All, and with all outputs unfolded where some are not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.browser.lab import chromium, lab_server, reader
from tools.notebooks import find_lessons


def main(arguments: list[str]) -> int:
    """Save the pictures, print their names and what is wrong on the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("lessons", nargs="*", help="numbers or files; all by default")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--as-opened", action="store_true", help="do not run the cells")
    options = parser.parse_args(arguments)
    bad = False
    lessons = find_lessons(options.lessons)
    folders = {path.resolve().parent for path in lessons}
    if len(folders) != 1:
        parser.error("the lessons must lie in one folder")
    with (
        tempfile.TemporaryDirectory(prefix="workbook-lab-") as folder,
        lab_server(Path(folder), folders.pop()) as address,
        chromium() as browser,
        reader(browser, address) as person,
    ):
        for path in lessons:
            report = look(person, path.name, options.out, run=not options.as_opened)
            for what, found in report.items():
                for text in found:
                    bad = True
                    print(f"{path.name}: {what}: {text}")
        for outside in person.left_the_machine:
            bad = True
            print(f"left the machine: {outside}")
    return 1 if bad else 0


def look(person, name: str, out: Path, *, run: bool = True) -> dict[str, list[str]]:
    """Open (and run) one lesson, photograph it whole, and return what is wrong on the page."""
    stem = name.removesuffix(".ipynb")
    person.open(name)
    saved = person.photograph(out, f"{stem}-opened")
    opened = person.report()
    opened["answers given away"] = [text for text in person.folded_texts() if text.strip()]
    report = {f"as opened, {what}": found for what, found in opened.items()}
    if run:
        person.run_all()
        saved += person.photograph(out, f"{stem}-run")
        if person.folded_texts():
            person.command("notebook:show-all-cell-outputs")
            person.settle()
            saved += person.photograph(out, f"{stem}-unfolded")
        report |= person.report()
    for path in saved:
        print(path)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
