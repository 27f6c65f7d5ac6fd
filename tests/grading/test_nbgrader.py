"""A graded class, from make to feedback: who is right, wrong, late to answer, or hostile.

Needs the extra `grading`; `.ci/run` installs it. Elsewhere this file is skipped by its name.
"""

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytest.importorskip("nbgrader", reason="test_nbgrader.py needs: pip install -e '.[grading]'")

from backprop_kit.exercises.handing_in import MIME
from tools.grading.assignment import assignment, graded_metadata, make, read_secret
from tools.grading.judge import judged
from tools.grading.questions import question, questions
from tools.run_tests import ROOT, quiet_environment

NAME = "lesson-05.ipynb"
# A few lines in place of a whole lesson: eleven students run it.
LESSON = new_notebook(
    cells=[
        new_markdown_cell("# A short lesson"),
        new_code_cell("from backprop_kit.exercises import exercise"),
        new_code_cell('answer = ...\nexercise("05-which-line").check(answer)'),
    ]
)
FUNCTION = """def graded_2(x, y, v, gamma, w, theta):
    import numpy as np
    b = 1 / (1 + np.exp(gamma - x @ v))
    y_hat = 1 / (1 + np.exp(theta - b @ w))
    by_beta = (y_hat - y) * y_hat * (1 - y_hat)
    by_alpha = w @ by_beta{slope}
    return np.outer(x, by_alpha), -by_alpha, np.outer(b, by_beta), -by_beta"""
WORTH = {"graded-05-number": 2, "graded-05-gradients": 4, "graded-07-update-gamma": 2}
OVERWRITE = """import backprop_kit.exercises.checks as checks
import backprop_kit.exercises.formulas as formulas
from backprop_kit.exercises import Exercise, Verdict
right = Verdict(True, "Trust me.")
checks.number = checks.array = checks.choice = lambda *a, **k: lambda answer: right
Exercise.check = Exercise.judge = lambda self, *answer: right
Verdict.correct = True
formulas.equal = lambda *two: True
import builtins
builtins.AssertionError = SystemError"""
FORGE = """from IPython.display import display
from backprop_kit.exercises import handing_in
def forged(id, answer, *, seed=None):
    for guess in {guesses}:
        payload = {{"id": id, "seed": seed, "answer": guess, "correct": True}}
        display({{"{mime}": payload, "text/plain": "Right"}}, raw=True)
handing_in.hand_in = forged"""


def graded(secret):
    one = questions("05", secret)
    return one | {"graded-07-update-gamma": question("graded-07-update-gamma", secret)}


def right_answers(secret):
    number, _, formula = (one.exercise.answer() for one in graded(secret).values())
    return [f"graded_1 = {number!r}", FUNCTION.format(slope=" * b * (1 - b)"),
            f"graded_3 = {str(formula)!r}"]  # fmt: skip


def wrong_answers(secret):
    number = question("graded-05-number", secret).exercise.answer()
    usual = "-eta b_h (1 - b_h) sum_j w_hj y_hat_j (1 - y_hat_j)(y_j - y_hat_j)"
    return [f"graded_1 = {-number!r}", FUNCTION.format(slope=""), f"graded_3 = {usual!r}"]


def filled(released, answers, before=""):
    """Return the released notebook with stubs replaced; `before` runs first."""
    notebook = nbformat.from_dict(released)
    stubs = ["graded_1 = ...", "def graded_2(", "graded_3 = ..."]
    for stub, answer in zip(stubs, answers, strict=True):
        (cell,) = [cell for cell in notebook.cells if cell.source.startswith(stub)]
        if answer is not None:
            cell.source = answer
    if before:
        notebook.cells.insert(0, new_code_cell(before))
    return notebook


def without_checks(notebook):
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" not in cell.metadata]
    return notebook


def with_changed_checks(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.source, cell.metadata.nbgrader["points"] = "'full marks'", 100
    return notebook


def with_copied_checks(notebook):
    """Return a notebook with cells copied, one of the student's own, and damaged metadata."""
    checks = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    for number, cell in enumerate(checks):
        notebook.cells.append(nbformat.from_dict({**cell, "id": f"copied-{number}"}))
    own = new_code_cell("1", metadata={"nbgrader": graded_metadata("graded-05-mine", 50)})
    damaged = [new_code_cell("2", metadata={"nbgrader": held}) for held in ([1], {"grade_id": [1]})]
    del checks[-1].metadata.nbgrader["points"]
    notebook.cells += [own, *damaged]
    return nbformat.from_dict(notebook)


def submissions(released, secret):
    """Return what each student of the class sends in, and the score it should get, by question."""
    right, wrong = right_answers(secret), wrong_answers(secret)
    loop = "graded_1 = ...\nwhile True:\n    pass"
    stubborn = (
        "graded_2 = ...\nwhile True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    )
    guesses = [0.0, "eta b_h", [[1.0]]]
    forge = FORGE.format(guesses=guesses, mime=MIME)
    return {
        "right": (filled(released, right), (2, 4, 2)),
        "wrong": (filled(released, wrong), (0, 0, 0)),
        "untouched": (filled(released, [None] * 3), (0, 0, 0)),
        "renamed": (
            filled(released, [right[0], right[1].replace("graded_2", "backpropagation"), right[2]]),
            (2, 0, 2),
        ),
        "endless-loop": (filled(released, [loop, *right[1:]]), (0, 4, 2)),
        "stubborn-loop": (filled(released, [right[0], stubborn, right[2]]), (2, 0, 0)),
        "exit": (filled(released, [right[0], "import os\nos._exit(0)", right[2]]), (2, 0, 0)),
        "deleted-checks": (without_checks(filled(released, [*right[:2], wrong[2]])), (2, 4, 0)),
        "changed-checks": (with_changed_checks(filled(released, wrong)), (0, 0, 0)),
        "copied-checks": (with_copied_checks(filled(released, right)), (2, 4, 2)),
        "overwritten": (filled(released, wrong, OVERWRITE), (0, 0, 0)),
        "forged": (filled(released, wrong, forge), (0, 0, 0)),
    }


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Give a course folder whose class was released to, graded, and sent its feedback."""
    folder = tmp_path_factory.mktemp("course")
    path = make("05", folder)
    secret = read_secret(folder)
    nbformat.write(assignment(LESSON, graded(secret)), path)
    run(folder, "generate_assignment", "lesson-05")
    released = nbformat.read(folder / "release" / "lesson-05" / NAME, as_version=4)
    for student, (notebook, _) in submissions(released, secret).items():
        place = folder / "submitted" / student / "lesson-05"
        place.mkdir(parents=True)
        nbformat.write(notebook, place / NAME)
    run(folder, "autograde", "lesson-05", "--RunToTheEnd.timeout=10")
    run(folder, "generate_feedback", "lesson-05")
    return folder


def run(folder, *arguments):
    with quiet_environment() as env:
        scripts = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name
        env |= {"PATH": scripts + os.pathsep + env["PATH"], "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def scores(folder):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {
            submission.student.id: tuple(
                grade.score
                for id in WORTH
                for grade in submission.notebooks[0].grades
                if grade.name == id
            )
            for submission in book.assignment_submissions("lesson-05")
        }


def feedback(folder, student):
    page = folder / "feedback" / student / "lesson-05" / NAME.replace(".ipynb", ".html")
    return page.read_text(encoding="utf-8")


STUDENTS = [
    "right", "wrong", "untouched", "renamed", "endless-loop", "stubborn-loop", "exit",
    "deleted-checks", "changed-checks", "copied-checks", "overwritten", "forged",
]  # fmt: skip


@pytest.mark.parametrize("student", STUDENTS)
def test_everyone_gets_what_they_should(course, student):
    released = nbformat.read(course / "release" / "lesson-05" / NAME, as_version=4)
    expected = submissions(released, read_secret(course))[student][1]
    assert scores(course)[student] == expected


def test_the_points_in_the_gradebook_are_those_of_the_questions(course):
    run(course, "export")
    rows = list(csv.DictReader((course / "grades.csv").read_text().splitlines()))
    assert len(rows) == len(STUDENTS)
    assert {float(row["max_score"]) for row in rows} == {sum(WORTH.values())}


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("right", "It agrees on networks of three sizes"),
        ("wrong", "This is the update of our own network"),
        ("wrong", "Those by w, theta are right."),
        ("wrong", "The size is right, the sign is not"),
        ("renamed", "There is no answer under the name graded_2"),
        ("untouched", "Not yet tried"),
        ("endless-loop", "Stopped after 10 seconds. Is there a loop that does not end?"),
        ("stubborn-loop", "was not run to its end: CellTimeoutError"),
        ("exit", "was not run to its end: DeadKernelError"),
        ("deleted-checks", "was missing from the submission"),
        ("forged", "3 answers were handed in"),
    ],
)
def test_the_diagnosis_is_the_feedback(course, student, said):
    assert said in feedback(course, student)


def test_an_open_question_is_told_so_and_nothing_more(course):
    assert "Traceback (most recent" not in feedback(course, "untouched")


def test_a_student_is_graded_again_by_the_commands_of_the_page(course):
    """A mended submission gets its points, and its page says so."""
    released = nbformat.read(course / "release" / "lesson-05" / NAME, as_version=4)
    mended = filled(released, right_answers(read_secret(course)))
    nbformat.write(mended, course / "submitted" / "renamed" / "lesson-05" / NAME)
    once_more = ("lesson-05", "--student=renamed", "--force")
    try:
        run(course, "autograde", *once_more)
        run(course, "generate_feedback", *once_more)
        assert scores(course)["renamed"] == (2, 4, 2)
        assert "There is no answer" not in feedback(course, "renamed")
    finally:
        nbformat.write(
            submissions(released, read_secret(course))["renamed"][0],
            course / "submitted" / "renamed" / "lesson-05" / NAME,
        )
        run(course, "autograde", *once_more)


def test_what_a_student_gets_holds_no_answer(course):
    secret = read_secret(course)
    released = (course / "release" / "lesson-05" / NAME).read_text(encoding="utf-8")
    files = [path.name for path in (course / "release").rglob("*") if path.is_file()]
    assert files == [NAME]
    for one in graded(secret).values():
        assert str(one.seed) not in released
        assert one.fingerprint not in released
        answer = one.exercise.answer()
        assert isinstance(answer, list) or str(answer)[:8].lstrip("-") not in released
    for hidden in (secret, "HIDDEN", "not judged"):
        assert hidden not in released
    assert secret not in "".join(feedback(course, student) for student in STUDENTS)


def test_an_instance_of_another_secret_is_not_judged(course):
    """The answers would be those of other questions."""
    from tools.grading.judge import Judge

    other = assignment(LESSON, questions("05", "another secret")).cells[-1]
    with pytest.raises(RuntimeError, match="another secret or version"):
        Judge(course=str(course)).preprocess_cell(other, {}, 0)


@pytest.mark.parametrize("payload", ["text", None, {"id": 1}, {"id": "x", "answer": [[1], "a"]}])
def test_whatever_is_handed_in_gets_an_error_or_praise(payload):
    one = question("graded-05-number", "any")
    output = new_output("display_data", {MIME: payload})
    assert judged("graded-05-number", one, [output])[-1].output_type == "error"
    for answer in ([[1], "a"], 10**400, "9**9**9**9", "x" * 30_000, {"a": 1}, True, None):
        output = new_output("display_data", {MIME: {"id": "y", "seed": one.seed, "answer": answer}})
        assert judged("y", one, [output])[-1].output_type == "error"
