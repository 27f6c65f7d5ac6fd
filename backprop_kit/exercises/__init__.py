"""What the student answers: exercises by name, each with a check, hints and a solution."""

import difflib
import importlib
import itertools
import pkgutil
from functools import cache

from backprop_kit.exercises.checks import Verdict
from backprop_kit.exercises.exercise import Exercise, Note
from backprop_kit.exercises.predictions import predict, reveal
from backprop_kit.exercises.summary import progress

__all__ = [
    "Exercise",
    "Note",
    "Verdict",
    "exercise",
    "exercises",
    "lessons",
    "predict",
    "progress",
    "reveal",
]


@cache
def lessons() -> dict[str, tuple[Exercise, ...]]:
    """Return the exercises of each lesson, by the lesson's number (``"00"``), in order."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return {
        name.removeprefix("lesson_"): importlib.import_module(f"{__name__}.{name}").EXERCISES
        for name in sorted(names)
        if name.startswith("lesson_")
    }


@cache
def exercises() -> dict[str, Exercise]:
    """Return every exercise of the workbook by its name, in the order of the lessons.

    Raises
    ------
    RuntimeError
        If two exercises bear the same name.
    """
    known = {}
    for one in itertools.chain(*lessons().values()):
        if one.id in known:
            raise RuntimeError(f"two exercises are named {one.id!r}")
        known[one.id] = one
    return known


def exercise(id: str) -> Exercise:
    """Return the exercise of that name.

    Raises
    ------
    ValueError
        If there is none; the message names the nearest one.

    Examples
    --------
    >>> exercise("update-w").check(...)
    ○ Not yet tried. Replace the ... by your answer and run the cell.
    """
    known = exercises()
    if id not in known:
        near = difflib.get_close_matches(str(id), known, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        raise ValueError(f"there is no exercise {id!r}; {advice}")
    return known[id]
