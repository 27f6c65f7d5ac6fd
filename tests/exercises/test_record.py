"""The student's record: what is noted, what is shown, and that nothing is lost or breaks."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_kit.exercises import (
    Exercise,
    exercise,
    exercises,
    lessons,
    predict,
    progress,
    record,
    reveal,
)
from backprop_kit.exercises.checks import Choice, number
from backprop_kit.exercises.record import EMPTY, Guess, Tries, merge
from tests.notebooks.test_strictness import run_nbval
from tools.notebooks import LESSONS, code_cells, refresh
from tools.run_tests import NBVAL, ROOT, quiet_environment

COUNT = "00-predict-count"  # its right answer is c


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Give the record's path in an empty folder, which is the working folder too."""
    monkeypatch.delenv("BACKPROP_PROGRESS")
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".backprop_progress.json"


@pytest.fixture
def restart():
    """Give a function that forgets what this kernel knows, as a new kernel does."""
    return record._noted.clear


def stored(path):
    return json.loads(path.read_text(encoding="utf-8"))


def row(lesson="all"):
    return next(row for row in progress().rows if row.lesson == lesson)


# ----------------------------------------------------------------------------------- predictions


@pytest.mark.parametrize("guess", ["b", "B", "(b)", " b.", "'b'", '"B" '])
def test_a_guess_is_read_generously(file, guess):
    assert repr(predict(COUNT, guess)) == "● Noted: b. Now run the next cell."
    assert stored(file)["predictions"][COUNT]["first"] == "b"


@pytest.mark.parametrize("untouched", [..., None])
def test_an_untouched_guess_asks_for_the_options_letters(file, untouched):
    said = 'Write "a", "b" or "c" in place of the ... .'
    assert repr(predict(COUNT, untouched)) == f"○ Not yet guessed. {said}"
    assert '"a", "b", "c" or "d"' in repr(predict("10-predict-optimiser"))
    assert not file.exists()


@pytest.mark.parametrize("nonsense", ["zebra", "d", "", 2, ["b"], b"b", object, float("nan")])
def test_nonsense_is_told_and_not_noted(file, nonsense):
    assert 'Not noted. Write "a", "b" or "c"; this is ' in repr(predict(COUNT, nonsense))
    assert not file.exists()


@pytest.mark.parametrize("id", ["update-w", "00-derivative", "no-such-exercise"])
@pytest.mark.parametrize("ask", [lambda id: predict(id, "a"), reveal])
def test_what_offers_no_options_is_refused_by_name(file, ask, id):
    with pytest.raises(ValueError, match=id):
        ask(id)
    assert not file.exists()


@pytest.mark.parametrize("one", exercises().values(), ids=lambda one: one.id)
def test_every_prediction_offers_options(one):
    assert isinstance(one.examine, Choice) or "-predict-" not in one.id


def test_the_reply_to_a_guess_does_not_tell_what_is_right():
    said = set()
    for letter in "abc":
        noted = predict(COUNT, letter)
        assert noted.correct is None
        assert row("00").right_at_first == 0  # nor does the summary, before the reveal
        both = (repr(noted) + noted._repr_html_()).replace(f"Noted: {letter}.", "Noted: _.")
        said.add(both.replace(" Your first guess, a, stays on record.", ""))
    assert len(said) == 1


def test_the_reveal_speaks_to_the_guess():
    assert not reveal(COUNT).tried
    assert f'Go back to predict("{COUNT}", ...)' in repr(reveal(COUNT))
    for letter in "abc":
        predict(COUNT, letter)
        assert reveal(COUNT) == exercise(COUNT).judge(letter)


def test_a_restarted_kernel_knows_the_guess(file, restart):
    predict(COUNT, "b")
    restart()
    assert repr(predict(COUNT, ...)).startswith("● Noted earlier: b.")
    assert reveal(COUNT) == exercise(COUNT).judge("b")


def test_the_first_guess_stays_also_when_it_is_changed_before_the_reveal(file):
    predict(COUNT, "a")
    predict(COUNT, "c")  # the answer may have been seen in between
    assert reveal(COUNT).correct
    assert stored(file)["predictions"][COUNT]["first"] == "a"
    assert row("00")[4:] == ("1 of 1", 0)


def test_after_the_reveal_the_first_guess_stays(file, restart):
    predict(COUNT, "b")
    reveal(COUNT)
    assert "Your first guess, b, stays on record" in repr(predict(COUNT, "c"))
    restart()
    assert reveal(COUNT).correct
    assert row("00")[4:] == ("1 of 1", 0)
    predict(COUNT, "b")  # and back
    assert not reveal(COUNT).correct
    assert stored(file)["predictions"][COUNT] == {
        "revealed": True,
        "guesses": 3,
        "first": "b",
        "latest": "b",
    }


def test_running_a_cell_again_changes_nothing(file):
    for _ in range(3):
        predict(COUNT, "b")
        reveal(COUNT)
    assert stored(file)["predictions"][COUNT]["guesses"] == 1


def test_a_guess_that_the_exercise_no_longer_offers_is_asked_for_again():
    record.note_guess(COUNT, Guess(True, 1, "z", "z"))
    assert not reveal(COUNT).tried


# ----------------------------------------------------------------------------------------- tries


def test_tries_are_counted_up_to_the_first_right_answer(file):
    for answer in (..., 4, 5, -2, 7, -2):
        exercise("00-derivative").check(answer)
    assert stored(file) == {
        "format": "backprop_kit progress",
        "version": 1,
        "exercises": {"00-derivative": {"right": True, "attempts": 3}},
        "predictions": {},
    }


def test_what_is_not_tried_or_no_exercise_of_the_workbook_is_not_noted(file):
    exercise("00-derivative").check(...)
    exercise("00-derivative").check(1, 2)
    Exercise("00-derivative", "?", number(1), lambda: 1).check(1)
    reveal(COUNT)
    progress()
    assert not file.exists()


def test_no_answer_stands_in_the_file(file):
    exercise("00-first-formula").check("my name is Zebra 8143")
    text = file.read_text(encoding="utf-8")
    assert "Zebra" not in text
    assert "8143" not in text


# -------------------------------------------------------------------------------------- progress


def test_an_empty_record_is_one_line():
    text = "Nothing on record yet: answer an exercise, or predict."
    assert repr(progress()) == text
    assert progress()._repr_html_() == f"<p>{text}</p>"
    assert "progress()" in repr(progress)


def test_the_summary_counts_by_lesson():
    exercise("00-derivative").check(-2)
    exercise("update-w").check(0)
    predict("04-predict-paths", "a")
    exercise("05-which-line").check("a")  # a choice, and no prediction
    assert row("00")[1:5] == (1, 0, 1, "0 of 1")
    assert row("04")[1:3] == (0, 1)
    assert row("04").predictions == "1 of 5"
    assert row("05")[2:3] == (1,)
    assert row()[1:3] == (1, 2)
    assert sum(row()[1:4]) + int(row().predictions.split()[2]) == len(exercises())
    text = repr(progress()).splitlines()
    assert text[0].split()[:4] == ["lesson", "right", "tried", "open"]
    rows = 1 + len(lessons()) + 1  # the head, a row for each lesson, the total
    assert len({len(line) for line in text[:rows]}) == 1
    assert progress()._repr_html_().count("<tr>") == rows


def test_a_choice_that_was_predicted_counts_as_a_prediction():
    before = row() if progress().rows else None
    predict("05-which-line", "a")
    assert before is None
    asked = sum("-predict-" in one.id for one in lessons()["05"])
    assert row("05").predictions == f"1 of {asked + 1}"


# -------------------------------------------------------------------------------------- the file


def test_it_lies_in_the_working_folder_unless_the_variable_moves_it(file, tmp_path, monkeypatch):
    predict(COUNT, "a")
    assert file.exists()
    moved = tmp_path / "other.json"
    monkeypatch.setenv("BACKPROP_PROGRESS", str(moved))
    assert not progress().rows
    predict(COUNT, "b")
    assert stored(moved)["predictions"][COUNT]["first"] == "b"
    assert stored(file)["predictions"][COUNT]["first"] == "a"


def test_two_kernels_keep_each_others_entries(file):
    """Two kernels that know nothing of each other write in turn, and one overtakes the other."""
    kernels = [{}, {}]

    def as_kernel(number, act):
        record._noted.clear()
        record._noted.update(kernels[number])
        act()
        kernels[number] = dict(record._noted)

    as_kernel(0, lambda: predict(COUNT, "a"))
    as_kernel(1, lambda: exercise("00-derivative").check(-2))
    as_kernel(0, lambda: exercise("update-w").check(1))
    assert set(stored(file)["exercises"]) == {"00-derivative", "update-w"}
    earlier = file.read_bytes()
    as_kernel(1, lambda: exercise("update-v").check(1))
    file.write_bytes(earlier)  # a write that was under way lands
    as_kernel(1, progress)
    assert set(stored(file)["exercises"]) == {"00-derivative", "update-v", "update-w"}
    assert COUNT in stored(file)["predictions"]


SCRIPT = """
import sys
from backprop_kit.exercises import exercise, exercises, predict
ids = [id for id in exercises() if "-predict-" not in id][int(sys.argv[1])::2][:8]
for id in ids:
    exercise(id).check(object())
print(*ids)
"""


def test_two_processes_at_once_leave_a_whole_file(file):
    command = [sys.executable, "-c", SCRIPT]
    started = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True)
        for number in (0, 1)
    ]
    ids = [process.communicate(timeout=120)[0].split() for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert set(stored(file)["exercises"]) <= {*ids[0], *ids[1]}
    assert any(set(mine) <= set(stored(file)["exercises"]) for mine in ids)  # the last writer's
    assert os.listdir(file.parent) == [file.name]


DAMAGED = {
    "cut": b'{"format": "backprop_kit progress", "version": 1, "exer',
    "no text": b"\xff\xfe\x00\x9d" * 9,
    "foreign": b'{"format": "another program", "version": 1}',
    "no mapping": b"[1, 2]",
    "nested": b"[" * 200_000,
    "later version": b'{"format": "backprop_kit progress", "version": 2}',
    "no entries": b'{"format": "backprop_kit progress", "version": 1}',
    "large": b" " * 1_000_001,
    "long number": b"9" * 10_000,
    **{
        f"entry {number}": json.dumps(
            {"format": "backprop_kit progress", "version": 1, "predictions": {}, **bad}
        ).encode()
        for number, bad in enumerate(
            [
                {"exercises": []},
                {"exercises": "abc"},
                {"exercises": {"update-w": True}},
                {"exercises": {"update-w": {"right": 1, "attempts": 1}}},
                {"exercises": {"update-w": {"right": True, "attempts": True}}},
                {"exercises": {"update-w": {"right": True, "attempts": 10**9}}},
                {"exercises": {"update-w": {"right": True}}},
                {"exercises": {"update-w": {"right": True, "attempts": 1, "name": "Zoe"}}},
                {"exercises": {"<b>": {"right": True, "attempts": 1}}},
            ]
        )
    },
}
FOREIGN = pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)


@FOREIGN
def test_a_damaged_file_is_set_aside_unchanged(file, restart, content):
    file.write_bytes(content)
    assert exercise("00-derivative").check(-2).correct
    aside = file.with_name(file.name + ".damaged-1")
    assert aside.read_bytes() == content
    assert stored(file)["exercises"]["00-derivative"]["right"]
    assert progress().notes[-1].endswith(f"set aside unchanged as {aside.name}.")


def test_each_damaged_file_gets_a_name_of_its_own(file, restart):
    for damage in ("damage 1", "damage 2", "damage 3"):
        file.write_text(damage, encoding="utf-8")
        predict(COUNT, "a")
        restart()
    found = sorted(file.parent.glob("*.damaged-*"))
    assert [aside.read_text(encoding="utf-8") for aside in found] == [
        "damage 1",
        "damage 2",
        "damage 3",
    ]
    assert len(progress().notes) == 1 + 3
    assert "<p>A damaged" in progress()._repr_html_()


def test_an_empty_file_is_an_empty_record(file):
    file.touch()
    predict(COUNT, "a")
    assert os.listdir(file.parent) == [file.name]


def nowhere(folder):
    return folder / "no-such-folder" / "record.json"


def below_a_file(folder):
    (folder / "file").touch()
    return folder / "file" / "record.json"


def a_folder(folder):
    (folder / "record.json").mkdir()
    return folder / "record.json"


@pytest.mark.parametrize("place", [nowhere, below_a_file, a_folder])
def test_where_nothing_can_be_written_the_kernel_still_knows(tmp_path, monkeypatch, place):
    path = place(tmp_path)
    monkeypatch.setenv("BACKPROP_PROGRESS", str(path))
    before = sorted(tmp_path.rglob("*"))
    assert exercise("00-derivative").check(-2).correct
    assert repr(predict(COUNT, "c")) == "● Noted: c. Now run the next cell."
    assert reveal(COUNT).correct
    assert row("00")[1:] == (1, 0, 1, "1 of 1", 1)
    (warning,) = [note for note in progress().notes if "cannot be kept" in note]
    assert "until it stops" in warning
    assert str(tmp_path) not in warning
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_write_that_fails_leaves_the_old_file_and_no_draft(file, monkeypatch, step):
    predict(COUNT, "a")
    before = file.read_bytes()

    def fails(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(record.os, step, fails)
        assert exercise("00-derivative").check(-2).correct
        assert "(Permission denied)" in progress().notes[-1]
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]
    assert len(progress().notes) == 1  # written now
    assert stored(file)["exercises"]["00-derivative"]["right"]


def test_a_damaged_file_that_cannot_be_set_aside_stays_as_it_is(file, monkeypatch):
    file.write_text("damage", encoding="utf-8")

    def fails(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(record.os, "replace", fails)
    predict(COUNT, "a")
    assert "cannot be kept" in progress().notes[-1]
    assert file.read_text(encoding="utf-8") == "damage"
    assert os.listdir(file.parent) == [file.name]


def test_a_file_that_cannot_be_read_is_not_written_over(file, monkeypatch, restart):
    predict(COUNT, "a")
    before = file.read_bytes()
    restart()

    def fails(path):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(record, "read_file", fails)
        exercise("00-derivative").check(-2)
    assert file.read_bytes() == before
    assert row("00")[1:5] == (1, 0, 1, "1 of 1")  # both, once it can be read


def test_a_record_does_not_outgrow_its_limit(file):
    many = {f"x-{number}": Tries(True, 1) for number in range(17_000)}
    file.write_bytes(record.to_bytes({**EMPTY, "exercises": many}))
    before = file.read_bytes()
    assert len(before) < record.MOST_BYTES < len(before) + 60 * 17_000
    assert row().right == 0
    more = {f"y-{number}": Tries(True, 1) for number in range(17_000)}
    other = file.with_name("other.json")
    other.write_bytes(record.to_bytes({**EMPTY, "exercises": more}))
    with pytest.raises(ValueError, match="too large"):
        progress.import_("other.json")
    assert file.read_bytes() == before


def test_a_link_stays_a_link(file, tmp_path):
    (tmp_path / "real").mkdir()
    try:
        file.symlink_to(tmp_path / "real" / "record.json")
    except OSError:
        pytest.skip("no links here")
    predict(COUNT, "a")
    assert file.is_symlink()
    assert stored(tmp_path / "real" / "record.json")["predictions"]


# ------------------------------------------------------------------------------- merging, copies

WORDS = st.sampled_from(["a", "b", "update-w", "x-1"])
TRIES = st.builds(Tries, st.booleans(), st.integers(1, 4))
GUESSES = st.builds(Guess, st.booleans(), st.integers(1, 3), WORDS, WORDS)
RECORDS = st.fixed_dictionaries(
    {
        "exercises": st.dictionaries(WORDS, TRIES, max_size=3),
        "predictions": st.dictionaries(WORDS, GUESSES, max_size=3),
    }
)


@given(RECORDS, RECORDS, RECORDS)
def test_merging_is_idempotent_order_free_and_never_loses_a_right_answer(one, two, three):
    joined = {
        json.dumps(record.to_bytes(merge(merge(first, second), third)).decode())
        for first, second, third in itertools.permutations([one, two, three])
    }
    assert len(joined) == 1
    both = merge(one, two)
    assert merge(both, one) == merge(both, both) == merge(one, merge(one, two)) == both
    assert merge(EMPTY, one) == one
    for part in (one, two):
        for kind in part:
            assert set(part[kind]) <= set(both[kind])
        for id, tries in part["exercises"].items():
            assert both["exercises"][id].right >= tries.right
        for id, guess in part["predictions"].items():
            assert both["predictions"][id].revealed >= guess.revealed


@given(RECORDS)
def test_a_record_comes_back_from_its_file(one):
    assert record.from_bytes(record.to_bytes(one)) == one


def test_a_copy_carries_the_record_to_another_place(file, tmp_path, monkeypatch):
    exercise("00-derivative").check(-2)
    said = repr(progress.export())
    assert "Saved as `backprop_progress.json`" in said
    assert "download it now" in said
    copy = tmp_path / "backprop_progress.json"
    monkeypatch.setenv("BACKPROP_PROGRESS", str(tmp_path / "elsewhere.json"))
    exercise("00-derivative").check(7)
    exercise("update-w").check(7)
    assert "1 entry is new" in repr(progress.import_(copy))
    assert "0 entries are new" in repr(progress.import_(copy))
    assert row()[1:3] == (1, 1)


def test_an_earlier_copy_is_added_to(file, restart):
    exercise("00-derivative").check(-2)
    progress.export("mine.json")
    file.unlink()
    restart()
    assert "nothing was saved" in repr(progress.export("mine.json"))
    exercise("update-w").check(7)
    progress.export("mine.json")
    assert set(stored(file.with_name("mine.json"))["exercises"]) == {"00-derivative", "update-w"}


@FOREIGN
def test_a_foreign_copy_is_refused_and_changes_nothing(file, content):
    predict(COUNT, "a")
    before = file.read_bytes()
    foreign = file.with_name("foreign.json")
    foreign.write_bytes(content)
    for act in (progress.import_, progress.export):
        with pytest.raises(ValueError, match=r"^path must name .*foreign\.json: .*; nothing was"):
            act("foreign.json")
    assert file.read_bytes() == before
    assert foreign.read_bytes() == content


def test_a_missing_copy_a_folder_and_no_path_are_told(file):
    predict(COUNT, "a")
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        progress.import_("none.json")
    with pytest.raises(OSError, match="is no file"):
        progress.import_(file.parent)
    for wrong in (file.parent, "no-such-folder/x.json"):
        with pytest.raises(ValueError, match="in a folder that exists"):
            progress.export(wrong)
    for act in (progress.import_, progress.export):
        for wrong in (3, None, b"x.json"):
            with pytest.raises(TypeError, match="path must be a file's name, got"):
                act(wrong)


# ----------------------------------------------------------------- runs that do not depend on it


def test_git_leaves_the_record_and_its_copies_out():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".backprop_progress*", "backprop_progress*.json"} <= set(ignored)


def test_a_filled_record_does_not_change_a_lessons_outputs(file, tmp_path):
    lesson = Path(shutil.copy(LESSONS / "00_start_here.ipynb", tmp_path))
    committed = lesson.read_bytes()
    predict(COUNT, "a")
    exercise("00-derivative").check(-2)
    kept = file.read_bytes()
    refresh([lesson])
    assert lesson.read_bytes() == committed
    assert run_nbval(lesson).returncode == 0
    assert file.read_bytes() == kept
    assert list(tmp_path.glob(".backprop_progress*")) == [file]


@pytest.mark.parametrize("bare", [False, True], ids=["by the tools", "by pytest alone"])
def test_a_test_run_leaves_no_record_beside_the_lessons(tmp_path, bare):
    notebook = nbformat.read(LESSONS / "00_start_here.ipynb", as_version=4)
    (cell,) = [cell for cell in code_cells(notebook) if cell.source.startswith("predict(")]
    cell.source = f'predict("{COUNT}", "b")'
    lesson = tmp_path / "00_start_here.ipynb"
    nbformat.write(notebook, lesson)
    if bare:
        shutil.copy(ROOT / "conftest.py", tmp_path)
        options = ["-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(tmp_path)]
        command = [sys.executable, "-m", "pytest", *NBVAL, *options, str(lesson)]
        with quiet_environment() as env:
            del env["BACKPROP_PROGRESS"]
            result = subprocess.run(
                command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=180
            )
    else:
        result = run_nbval(lesson)
    assert result.returncode == 1
    # The answer did arrive: the guess, its reveal and the summary are not as committed.
    assert re.search(r"\b3 failed\b", result.stdout), result.stdout
    assert not list(tmp_path.glob("*backprop_progress*"))


def test_each_test_has_an_empty_record_of_its_own(tmp_path):
    path = Path(os.environ["BACKPROP_PROGRESS"])
    assert path.is_absolute()
    assert not path.exists()
    assert path.parent not in (Path.cwd(), LESSONS)
    with quiet_environment() as env:
        assert Path(env["BACKPROP_PROGRESS"]).parent == Path(env["IPYTHONDIR"])
