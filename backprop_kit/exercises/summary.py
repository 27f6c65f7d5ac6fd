"""What the record says, lesson by lesson; a copy of it to take along."""

import html
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from backprop_kit import exercises as workbook  # still loading: it is asked at call time only
from backprop_kit.exercises.record import (
    EMPTY,
    KINDS,
    MOST_BYTES,
    Record,
    from_bytes,
    merge,
    names_set_aside,
    read_file,
    record_path,
    sync,
    to_bytes,
    write_record,
)

EXPORTED = "backprop_progress.json"  # without the dot, which hides a file in JupyterLab


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
        record, trouble = sync()
        notes = [
            f"A damaged file, or one that is no record, was set aside unchanged as {name}."
            for name in names_set_aside(record_path())
        ]
        if trouble:
            notes.append(
                f"The record cannot be kept in {record_path().name} ({trouble}). This kernel still "
                "knows it until it stops; progress.export(path) saves it elsewhere."
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
        record = sync()[0]
        if record == EMPTY:
            return workbook.Note("Nothing is on record yet, so nothing was saved.")
        if target.exists():
            record = merge(record, _copy_in(target, f"a new file or an earlier copy; {path}"))
        write_record(Path(os.path.realpath(target)), record)
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
        before = sync()[0]
        if len(to_bytes(merge(before, added))) > MOST_BYTES:
            raise ValueError(f"path must name a smaller record; with {path}, yours grows too large")
        after, trouble = sync(added)
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
        return from_bytes(read_file(path))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"path must name {expected}: there is no such file beside this notebook"
        ) from None
    except ValueError as error:
        raise ValueError(f"path must name {expected}: {error}; nothing was changed") from None
