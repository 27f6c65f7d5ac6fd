"""Make a graded assignment from a lesson: `python -m tools.grading make 04 --out DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.grading.assignment import make


def main(arguments: list[str]) -> int:
    """Run one command and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.grading", description=__doc__)
    parser.add_argument("command", choices=["make"])
    parser.add_argument("lesson", help="its number, e.g. 04")
    parser.add_argument("--out", type=Path, required=True, help="the course folder")
    parser.add_argument(
        "--practice", type=float, default=0, help="points for each exercise of the lesson itself"
    )
    options = parser.parse_args(arguments)
    try:
        written = make(options.lesson, options.out, practice=options.practice)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Written: {written}\nNext, in {options.out}: nbgrader generate_assignment", end=" ")
    print(written.parent.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
