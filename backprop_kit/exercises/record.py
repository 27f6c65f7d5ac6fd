"""The student's record: guesses, and which exercises came out right; what reads and shows it.

The record is one small JSON file in the student's folder. It holds a guess's letter, how often an
exercise was tried and whether it came out right: no answer, no name, no time.

Entries only grow: each kind of entry has an order, and of two entries for one exercise the greater
one stays (`merge`). So it does not matter in which order records are joined, or how often, and the
file needs no lock: every kernel keeps all it has noted, and each write joins that with the file, so
what the simultaneous write of another kernel overtook comes back with the next one.
"""

import glob
import html
import itertools
import json
import os
import re
import stat
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from backprop_kit import exercises as workbook  # still loading: it is asked at call time only
from backprop_kit.exercises.checks import Choice, Verdict, is_untouched, shown
from backprop_kit.numeric.storage import write_whole

FORMAT, VERSION = "backprop_kit progress", 1
FILE = ".backprop_progress.json"
EXPORTED = "backprop_progress.json"  # without the dot, which hides a file in JupyterLab
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


def _path() -> Path:
    named = os.environ.get("BACKPROP_PROGRESS") or FILE
    try:
        return Path(os.path.realpath(named))  # a link stays one
    except OSError:  # the working folder is gone
        return Path(named)


def _to_bytes(record: Record) -> bytes:
    entries = {
        kind: {id: asdict(entry) for id, entry in sorted(record[kind].items())} for kind in KINDS
    }
    content = {"format": FORMAT, "version": VERSION, **entries}
    return (json.dumps(content, indent=1) + "\n").encode()


def _from_bytes(content: bytes) -> Record:
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


def _read(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"{path.name} is no file")
    with open(path, "rb") as file:
        return file.read(MOST_BYTES + 1)


def _write(path: Path, record: Record) -> None:
    content = _to_bytes(record)
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
        return _from_bytes(_read(path) or _to_bytes(EMPTY))
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


def _names_set_aside(path: Path) -> list[str]:
    names = (found.name for found in path.parent.glob(glob.escape(path.name) + ".damaged-*"))
    return sorted(name for name in names if re.search(r"\.damaged-\d{1,9}$", name))


# ------------------------------------------------------------------------------- reading, noting

_noted: dict[Path, Record] = {}  # all that this kernel knows of each file


def _sync(news: Record = EMPTY) -> tuple[Record, str]:
    """Join the file, what this kernel knows and `news`; return it all, and what went wrong.

    Never raises: where the file can be neither read nor written, the kernel still knows.
    """
    path = _path()
    record = _noted[path] = merge(_noted.get(path, EMPTY), news)
    try:
        stored = _load(path)
        record = _noted[path] = merge(stored, record)
        if record != stored:
            _write(path, record)
    except OSError as error:
        return record, error.strerror or str(error)
    return record, ""


def note_try(one, right: bool) -> None:
    """Note that `one`, an exercise of the workbook, was tried; nothing after a right answer."""
    if workbook.exercises().get(one.id) is not one:
        return  # made by hand: it belongs to no lesson
    before = _sync()[0]["exercises"].get(one.id)
    if before and before.right:
        return
    attempts = min((before.attempts if before else 0) + 1, MOST_TIMES)
    _sync({**EMPTY, "exercises": {one.id: Tries(bool(right), attempts)}})


def _note_guess(id: str, guess: Guess) -> None:
    _sync({**EMPTY, "predictions": {id: guess}})


# ----------------------------------------------------------------------------------- predictions


@dataclass(frozen=True, repr=False)
class Noted(Verdict):
    """The reply to a guess: it looks like a verdict and is silent on what is right.

    Attributes
    ----------
    correct : None
        Never says.
    word : str
        What became of the guess.
    """

    word: str = ""

    @property
    def _face(self):
        return "●" if self.tried else "○", self.word, "#595959"


def predict(id: str, guess=...) -> Noted:
    """Note a guess before the reveal.

    Parameters
    ----------
    id : str
        The name of an exercise that offers options to choose from.
    guess : str
        The letter of an option; ``...`` is no guess yet.

    Returns
    -------
    Noted
        Shows what was noted; it never says whether the guess is right, `reveal` does.

    Raises
    ------
    ValueError
        If there is no such exercise, or it offers no options.

    Notes
    -----
    A guess can be changed, and `reveal` speaks to the latest one. The first one stays in the
    record: the answer is often seen before `reveal` is run.

    Examples
    --------
    >>> predict("00-predict-count", ...)
    ○ Not yet guessed. Write "a", "b" or "c" in place of the ... .
    >>> predict("00-predict-count", "(B)")
    ● Noted: b. Now run the next cell.
    """
    options = _asked(id).examine
    *most, last = (f'"{letter}"' for letter in options.options)
    letters = f"{', '.join(most)} or {last}"
    before = _sync()[0]["predictions"].get(id)
    if is_untouched(guess):
        if before:
            advice = f"To change it, write {letters} in place of the ... ."
            return Noted(None, advice, word=f"Noted earlier: {before.latest}.")
        advice = f"Write {letters} in place of the ... ."
        return Noted(None, advice, tried=False, word="Not yet guessed.")
    letter = options.read(guess)
    if letter is None:
        advice = f"Write {letters}; this is {shown(guess)}."
        return Noted(None, advice, tried=False, word="Not noted.")
    after = _changed(before, letter)
    if after != before:
        _note_guess(id, after)
    stays = "" if after.first == letter else f" Your first guess, {after.first}, stays on record."
    return Noted(None, "Now run the next cell." + stays, word=f"Noted: {letter}.")


def _changed(before: Guess | None, letter: str) -> Guess:
    if before is None:
        return Guess(False, 1, letter, letter)
    if before.latest == letter:
        return before
    return Guess(before.revealed, min(before.guesses + 1, MOST_TIMES), before.first, letter)


def reveal(id: str) -> Verdict:
    """Answer the guess that `predict` noted: the exercise's verdict on it.

    It is the guess in the record's file, so that a restarted kernel, or another day, still knows
    it; the latest one, where it was changed.

    Raises
    ------
    ValueError
        If there is no such exercise, or it offers no options.

    Examples
    --------
    >>> reveal("00-predict-count")
    ○ Not yet tried. Go back to predict("00-predict-count", ...), guess, and run both cells.
    >>> predict("00-predict-count", "c")
    ● Noted: c. Now run the next cell.
    >>> reveal("00-predict-count")  # doctest: +ELLIPSIS
    ✓ Right. The links decide: ...
    """
    one = _asked(id)
    guess = _sync()[0]["predictions"].get(id)
    if guess is None or guess.latest not in one.examine.options:
        advice = f'Go back to predict("{id}", ...), guess, and run both cells.'
        return Verdict(False, advice, tried=False)
    if not guess.revealed:
        _note_guess(id, replace(guess, revealed=True))
    return one.judge(guess.latest)


def _asked(id):
    one = workbook.exercise(id)
    if not isinstance(one.examine, Choice):
        raise ValueError(
            f"a prediction needs options to choose from, and {id!r} has none; "
            f'answer it by exercise("{id}").check(...)'
        )
    return one


# -------------------------------------------------------------------------------------- progress


class Row(NamedTuple):
    """One lesson in the summary; a field's name is its column's title."""

    lesson: str
    right: int
    tried: int
    open: int
    predictions: str
    right_at_first: int


_LEGEND = (
    "right, tried (not yet right), open: exercises. predictions: guesses made. "
    "right at first: of the guesses revealed."
)


@dataclass(frozen=True)
class Summary:
    """What the record says, lesson by lesson, and what must be said about the record itself."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def _table(self):
        titles = [name.replace("_", " ") for name in Row._fields]
        return [titles, *([str(value) for value in row] for row in self.rows)]

    def __repr__(self):
        lines = []
        if self.rows:
            widths = [max(map(len, column)) for column in zip(*self._table(), strict=True)]
            for line in self._table():
                cells = [text.rjust(width) for text, width in zip(line, widths, strict=True)]
                lines.append("  ".join(cells))
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self):
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        if not self.rows:
            return notes
        head, *body = self._table()
        titles = "".join(f'<th scope="col">{text}</th>' for text in head)
        lines = "".join(
            f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
            for name, *cells in body
        )
        return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>{notes}"


def _row(lesson, ones, record):
    """Count one lesson; a guess counts as right once it is revealed, or this would tell."""
    guesses = record["predictions"]
    predictions = [one for one in ones if "-predict-" in one.id or one.id in guesses]
    rest = [record["exercises"].get(one.id) for one in ones if one not in predictions]
    made = [(one, guesses[one.id]) for one in predictions if one.id in guesses]
    return Row(
        lesson,
        sum(bool(tries and tries.right) for tries in rest),
        sum(bool(tries and not tries.right) for tries in rest),
        rest.count(None),
        f"{len(made)} of {len(predictions)}",
        sum(guess.revealed and guess.first == one.examine.correct for one, guess in made),
    )


class Progress:
    """The student's record: call it to see the record; save a copy of it, and take one over."""

    def __repr__(self):
        return "progress() shows your record; .export() saves a copy, .import_() takes one over."

    def __call__(self) -> Summary:
        """Return what is done, lesson by lesson.

        Examples
        --------
        >>> progress()
        Nothing on record yet: answer an exercise, or predict.
        """
        record, trouble = _sync()
        notes = [
            f"A damaged file, or one that is no record, was set aside unchanged as {name}."
            for name in _names_set_aside(_path())
        ]
        if trouble:
            notes.append(
                f"The record cannot be kept in {_path().name} ({trouble}). This kernel still knows "
                "it until it stops; progress.export(path) saves it elsewhere."
            )
        if record == EMPTY:
            return Summary((), ("Nothing on record yet: answer an exercise, or predict.", *notes))
        lessons = workbook.lessons()
        rows = [_row(lesson, ones, record) for lesson, ones in lessons.items()]
        rows.append(_row("all", list(workbook.exercises().values()), record))
        return Summary(tuple(rows), (_LEGEND, *notes))

    def export(self, path=EXPORTED):
        """Save a copy of the record in the file `path`, to take it to another computer.

        An earlier copy there is added to, never thrown away.

        Raises
        ------
        TypeError, ValueError
            If `path` is no file's name, or names a file of another kind. Nothing is written.
        OSError
            If the file cannot be written. What stood there before is untouched.
        """
        target = _as_path(path)
        if target.is_dir() or not target.parent.is_dir():
            raise ValueError(f"path must name a file in a folder that exists, got {str(path)!r}")
        record = _sync()[0]
        if record == EMPTY:
            return workbook.Note("Nothing is on record yet, so nothing was saved.")
        if target.exists():
            record = merge(record, _copy_in(target, f"a new file or an earlier copy; {path}"))
        _write(Path(os.path.realpath(target)), record)
        return workbook.Note(
            f"Saved as `{path}`. On Binder, download it now, for the session will vanish with all "
            "its files: right-click it in the list on the left, and choose Download. To go on "
            f'elsewhere, upload it there and run `progress.import_("{target.name}")`.'
        )

    def import_(self, path=EXPORTED):
        """Add what `export` saved in the file `path` to the record; a right answer stays right.

        Raises
        ------
        TypeError, ValueError
            If `path` is no file's name, or names a file of another kind, or a damaged one. The
            record is as it was.
        OSError
            If the file cannot be read, ``FileNotFoundError`` if there is none.
        """
        added = _copy_in(_as_path(path), f"a file that progress.export() saved; {path}")
        before = _sync()[0]
        if len(_to_bytes(merge(before, added))) > MOST_BYTES:
            raise ValueError(f"path must name a smaller record; with {path}, yours grows too large")
        after, trouble = _sync(added)
        new = sum(after[kind][id] != before[kind].get(id) for kind in KINDS for id in after[kind])
        kept = f" It cannot be kept in a file ({trouble}), only in this kernel." if trouble else ""
        entries = "1 entry is" if new == 1 else f"{new} entries are"
        return workbook.Note(
            f"Added `{path}` to the record: {entries} new. `progress()` shows it all.{kept}"
        )


progress = Progress()


def _as_path(path) -> Path:
    if isinstance(path, bytes) or not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a file's name, got {type(path).__name__}")
    return Path(path)


def _copy_in(path: Path, expected: str) -> Record:
    try:
        return _from_bytes(_read(path))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"path must name {expected}: there is no such file beside this notebook"
        ) from None
    except ValueError as error:
        raise ValueError(f"path must name {expected}: {error}; nothing was changed") from None
