"""The student's record: guesses, and which exercises came out right; its file.

The record is one small JSON file in the student's folder. It holds a guess's letter, how often an
exercise was tried and whether it came out right: no answer, no name, no time.

Entries only grow: each kind of entry has an order, and of two entries for one exercise the greater
one stays (`merge`). So it does not matter in which order records are joined, or how often, and the
file needs no lock: every kernel keeps all it has noted, and each write joins that with the file, so
what the simultaneous write of another kernel overtook comes back with the next one.
"""

import glob
import itertools
import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from backprop_kit import exercises as workbook  # still loading: it is asked at call time only
from backprop_kit.numeric.storage import write_whole

FORMAT, VERSION = "backprop_kit progress", 1
FILE = ".backprop_progress.json"
MOST_BYTES = 1_000_000
MOST_TIMES = 1_000_000  # more tries than this are not counted


@dataclass(frozen=True, order=True)
class Tries:
    """How often an exercise was tried, up to the first right answer; ordered by its fields."""

    right: bool
    attempts: int

    def __post_init__(self):
        _require(type(self.right) is bool, _is_count(self.attempts))


@dataclass(frozen=True, order=True)
class Guess:
    """The guesses at one prediction; the first one stays."""

    revealed: bool
    guesses: int
    first: str
    latest: str

    def __post_init__(self):
        _require(type(self.revealed) is bool, _is_count(self.guesses))
        _require(_is_word(self.first), _is_word(self.latest))


KINDS = {"exercises": Tries, "predictions": Guess}
Record = dict[str, dict[str, Tries | Guess]]
EMPTY: Record = {kind: {} for kind in KINDS}


def merge(one: Record, other: Record) -> Record:
    """Return what two records hold together; of two entries for one exercise, the greater.

    Examples
    --------
    >>> mine = {"exercises": {"update-w": Tries(False, 9)}, "predictions": {}}
    >>> other = {"exercises": {"update-w": Tries(True, 2)}, "predictions": {}}
    >>> merge(mine, other) == merge(other, mine) == other
    True
    """
    return {
        kind: one[kind]
        | {id: max(entry, one[kind].get(id, entry)) for id, entry in other[kind].items()}
        for kind in KINDS
    }


def _require(*conditions):
    if not all(conditions):
        raise ValueError("an entry does not hold what it should")


def _is_count(value):
    return type(value) is int and 1 <= value <= MOST_TIMES


def _is_word(value):
    return isinstance(value, str) and re.fullmatch("[a-z0-9-]{1,60}", value) is not None


# ------------------------------------------------------------------------------------- the file


def record_path() -> Path:
    """Return where the record lies: in the working folder, or where the environment says."""
    named = os.environ.get("BACKPROP_PROGRESS") or FILE
    try:
        return Path(os.path.realpath(named))  # a link stays one
    except OSError:  # the working folder is gone
        return Path(named)


def to_bytes(record: Record) -> bytes:
    """Return the record as its file holds it."""
    entries = {
        kind: {id: asdict(entry) for id, entry in sorted(record[kind].items())} for kind in KINDS
    }
    content = {"format": FORMAT, "version": VERSION, **entries}
    return (json.dumps(content, indent=1) + "\n").encode()


def from_bytes(content: bytes) -> Record:
    """Return the record, or raise a ValueError that says what this is instead."""
    if len(content) > MOST_BYTES:
        raise ValueError("it is too large for a record")
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is damaged, or another kind of file") from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise ValueError("it is another kind of file")
    if held.get("version") != VERSION:
        raise ValueError("another version of the workbook wrote it")
    try:
        _require(all(type(held[kind]) is dict for kind in KINDS))
        _require(all(_is_word(id) for kind in KINDS for id in held[kind]))
        return {
            kind: {id: entry(**held[kind][id]) for id in held[kind]}
            for kind, entry in KINDS.items()
        }
    except (KeyError, TypeError, ValueError):
        raise ValueError("some of its entries are damaged") from None


def read_file(path: Path) -> bytes:
    """Return what a file holds, up to one byte more than a record may have."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"{path.name} is no file")
    with open(path, "rb") as file:
        return file.read(MOST_BYTES + 1)


def write_record(path: Path, record: Record) -> None:
    """Write the file whole, or leave what is there; raise an OSError if it cannot be written."""
    content = to_bytes(record)
    if len(content) > MOST_BYTES:
        raise OSError("the record is too large")
    write_whole(path, content)


def _load(path: Path) -> Record:
    """Return the record in the file; a file that holds none is set aside under a name of its own.

    Raises
    ------
    OSError
        If it can be neither read nor set aside.
    """
    try:
        return from_bytes(read_file(path) or to_bytes(EMPTY))
    except FileNotFoundError:
        return EMPTY
    except ValueError:
        _set_aside(path)
        return EMPTY


def _set_aside(path: Path) -> None:
    for number in itertools.count(1):
        aside = Path(f"{path}.damaged-{number}")
        try:
            open(aside, "xb").close()  # taken in one step, so that no kernel takes another's
        except FileExistsError:
            continue
        try:
            return os.replace(path, aside)
        except OSError:
            aside.unlink()
            raise


def names_set_aside(path: Path) -> list[str]:
    """Return the names of the files that were no record, and were set aside."""
    names = (found.name for found in path.parent.glob(glob.escape(path.name) + ".damaged-*"))
    return sorted(name for name in names if re.search(r"\.damaged-\d{1,9}$", name))


# ------------------------------------------------------------------------------- reading, noting

_noted: dict[Path, Record] = {}  # all that this kernel knows of each file


def sync(news: Record = EMPTY) -> tuple[Record, str]:
    """Join the file, what this kernel knows and `news`; return it all, and what went wrong.

    Never raises: where the file can be neither read nor written, the kernel still knows.
    """
    path = record_path()
    record = _noted[path] = merge(_noted.get(path, EMPTY), news)
    try:
        stored = _load(path)
        record = _noted[path] = merge(stored, record)
        if record != stored:
            write_record(path, record)
    except OSError as error:
        return record, error.strerror or str(error)
    return record, ""


def note_try(one, right: bool) -> None:
    """Note that `one`, an exercise of the workbook, was tried; nothing after a right answer."""
    if workbook.exercises().get(one.id) is not one:
        return  # made by hand: it belongs to no lesson
    before = sync()[0]["exercises"].get(one.id)
    if before and before.right:
        return
    attempts = min((before.attempts if before else 0) + 1, MOST_TIMES)
    sync({**EMPTY, "exercises": {one.id: Tries(bool(right), attempts)}})


def note_guess(id: str, guess: Guess) -> None:
    """Note what has become of the guess at a prediction."""
    sync({**EMPTY, "predictions": {id: guess}})
