"""Graded questions: drawn from a secret, derived answers, notebooks that assert."""

import re

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from backprop_kit.exercises.handing_in import arguments, as_data, drawn_case, hand_in
from backprop_kit.numeric import numeric_gradients
from backprop_kit.symbolic import by_letter, evaluate
from tools.grading.__main__ import main
from tools.grading.assignment import assignment, make, read_secret
from tools.grading.questions import AXES, MAKERS, question, questions
from tools.notebooks import find_lessons

EVERY = [id for lesson in MAKERS for id in questions(lesson, "any")]


@pytest.mark.parametrize("id", EVERY)
@pytest.mark.parametrize("secret", ["one", "two", "three"])
def test_the_derived_answer_is_right_as_it_is_handed_in(id, secret):
    one = question(id, secret)
    verdict = one.exercise.judge(as_data(one.exercise.answer()))
    assert verdict.correct, verdict


@pytest.mark.parametrize("id", EVERY)
def test_another_secret_asks_another_question_and_its_answer_is_wrong_here(id):
    one, other = question(id, "one"), question(id, "two")
    assert one.fingerprint != other.fingerprint
    assert not one.exercise.judge(as_data(other.exercise.answer())).correct
    assert one.fingerprint == question(id, "one").fingerprint


@pytest.mark.parametrize("id", [id for id in EVERY if "gradients" in id])
def test_a_function_is_judged_by_what_finite_differences_say(id):
    one = question(id, "a secret")
    case = drawn_case(one.seed)
    found = by_letter(numeric_gradients(case.network, case.X, case.Y))
    answer = as_data(one.exercise.answer())
    for letter, block in zip(("v", "gamma", "w", "theta"), answer, strict=True):
        np.testing.assert_allclose(block, found[letter], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("letter", "id"),
    [(id.rsplit("-", 1)[1], id) for id in EVERY if "-update-" in id],
)
@pytest.mark.parametrize("secret", ["one", "two", "three"])
def test_an_altered_update_is_minus_eta_times_a_measured_slope(letter, id, secret):
    one = question(id, secret).exercise
    share, power = re.search(r"frac\{1\}\{(\d)\}.*\^(\d)\$", one.prompt).groups()
    outer, sign = re.search(r"sigma\((\d)\\,\(\\beta_j ([+-])", one.prompt).groups()
    inner = re.search(r"sigma\((\d)\\,\(\\alpha_h", one.prompt)[1]
    turn = 1 if sign == "+" else -1
    rng = np.random.default_rng(3)
    shapes = {"v": (2, 3), "gamma": (3,), "w": (3, 4), "theta": (4,)}
    at = {name: rng.normal(size=shape) / 3 for name, shape in shapes.items()}
    x, y, eta = rng.normal(size=2), rng.random(4), 0.3

    def forward(parameters):
        alpha, turned = x @ parameters["v"], turn * parameters["gamma"]
        b = 1 / (1 + np.exp(-int(inner) * (alpha + turned)))
        beta, turned = b @ parameters["w"], turn * parameters["theta"]
        return b, 1 / (1 + np.exp(-int(outer) * (beta + turned)))

    def error(parameters):
        return ((y - forward(parameters)[1]) ** int(power)).sum() / int(share)

    b, y_hat = forward(at)
    arrays = {**at, "x": x, "y": y, "eta": eta, "b": b, "y_hat": y_hat}
    given = evaluate(one.answer(), arrays, AXES[letter])
    for place in np.ndindex(given.shape):
        up, down = ({k: v.copy() for k, v in at.items()} for _ in range(2))
        up[letter][place] += 1e-5
        down[letter][place] -= 1e-5
        slope = (error(up) - error(down)) / 2e-5
        assert given[place] == pytest.approx(-eta * slope, rel=1e-5, abs=1e-10)


def test_a_known_mistake_is_named():
    one = question("graded-05-number", "a secret")
    reply = one.exercise.judge(-one.exercise.answer())
    assert not reply.correct
    assert "sign" in reply.message or "minus" in reply.message
    update = question("graded-04-update-w", "a secret")
    reply = update.exercise.judge("eta y_hat_j (1 - y_hat_j)(y_j - y_hat_j) b_h")
    assert "our own network" in reply.message


SLIPS = {
    "hidden slope missing": ("v, gamma: The factor b[h]*(1 - b[h]) is missing", {"slope": False}),
    "thresholds added": ("v, gamma, w, theta: These are the derivatives of a network", {"add": -1}),
    "every sign turned": ("v, gamma, w, theta: The sign is turned", {"sign": -1}),
}


def backpropagation(x, y, v, gamma, w, theta, *, slope=True, add=1, sign=1):
    b = 1 / (1 + np.exp(add * gamma - x @ v))
    y_hat = 1 / (1 + np.exp(add * theta - b @ w))
    by_beta = sign * (y_hat - y) * y_hat * (1 - y_hat)
    by_alpha = w @ by_beta * (b * (1 - b) if slope else 1)
    return np.outer(x, by_alpha), -add * by_alpha, np.outer(b, by_beta), -add * by_beta


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_function_is_named_by_what_it_returns(slip):
    one = question("graded-05-gradients", "a secret")
    said, change = SLIPS[slip]
    wrong = one.exercise.judge(as_data(backpropagation(*arguments(one.seed), **change)))
    assert not wrong.correct
    assert said in wrong.message
    assert ("are right" in wrong.message) == (slip == "hidden slope missing")
    assert one.exercise.judge(as_data(backpropagation(*arguments(one.seed)))).correct


def test_one_wrong_block_is_told_from_the_right_ones():
    one = question("graded-05-gradients", "a secret")
    v, gamma, w, theta = backpropagation(*arguments(one.seed))
    assert one.exercise.judge(as_data((v, -gamma, w, theta))).message == (
        "The derivatives by gamma: The sizes are right, every sign is turned. "
        "Those by v, w, theta are right."
    )


# ------------------------------------------------------------------------------- handing in


@pytest.mark.parametrize("answer", [..., None, [1.0, ...], {"a": 1}, 1j])
def test_what_is_no_answer_is_refused(answer):
    with pytest.raises(AssertionError):
        hand_in("graded-04-update-w", answer)


def test_a_function_is_handed_in_by_its_values(capsys):
    hand_in("graded-05-gradients", lambda x, y, v, gamma, w, theta: v.shape, seed=7)
    assert str(list(map(float, arguments(7)[2].shape))) in capsys.readouterr().out
    with pytest.raises(AssertionError, match="returned nothing"):
        hand_in("graded-05-gradients", lambda *arrays: None, seed=7)
    with pytest.raises(AssertionError, match="Not yet tried"):
        hand_in("graded-05-gradients", lambda *arrays: ..., seed=7)
    with pytest.raises(ZeroDivisionError):
        hand_in("graded-05-gradients", lambda *arrays: 1 / 0, seed=7)


# ------------------------------------------------------------------------------ the notebook

LESSON = new_notebook(
    cells=[
        new_markdown_cell("[Lesson 03](03_x.ipynb), [a page](https://example.org), ![](a.png)"),
        new_code_cell('exercise("update-w").check(eta * b[h])'),
        new_code_cell('a = ...\nb = ...\ndisplay(exercise("x-a").check(a))\n'
                      'display(exercise("x-b"), exercise("x-b").check(b))\nafter(a)'),
    ]
)  # fmt: skip


def test_stubs_stay_stubs_and_checks_assert():
    cells = assignment(LESSON, {}, practice=1).cells
    assert cells[0].source == "Lesson 03, [a page](https://example.org), ![](a.png)"
    assert [cell.source for cell in cells[1:3]] == [
        'exercise("update-w").check(eta * b[h])',
        "a = ...\nb = ...\nafter(a)",
    ]
    checks = [cell for cell in cells if "nbgrader" in cell.metadata]
    assert [cell.metadata.nbgrader["grade_id"] for cell in checks] == [
        "practice-x-a",
        "practice-x-b",
    ]
    for cell in checks:
        assert "assert verdict.correct, verdict" in cell.source
        assert cell.metadata.nbgrader["locked"]


def test_every_check_of_every_lesson_becomes_one_that_asserts():
    for lesson in MAKERS:
        (path,) = find_lessons([lesson])
        notebook = assignment(nbformat.read(path, as_version=4), questions(lesson, "any"))
        nbformat.validate(notebook)
        loose = [
            cell.source
            for cell in notebook.cells
            if cell.cell_type == "code" and "nbgrader" not in cell.metadata
        ]
        assert not any(re.search(r'exercise\("[^"]+"\)\.check\(\w+\)', source) for source in loose)
        assert not any("outputs" in cell and cell.outputs for cell in notebook.cells)


def test_without_our_settings_an_answer_does_not_count(capsys):
    cell = assignment(LESSON, questions("04", "any")).cells[-1]
    namespace = {"graded_3": "eta b_h"}
    with pytest.raises(AssertionError, match="not judged"):
        exec(cell.source, namespace)
    assert "Handed in" in capsys.readouterr().out


# -------------------------------------------------------------------------------- the command


def test_make_writes_a_course_once(tmp_path, capsys):
    assert main(["make", "04", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    assert str(tmp_path) in (tmp_path / "nbgrader_config.py").read_text()
    secret = read_secret(tmp_path)
    assert main(["make", "04", "--out", str(tmp_path)]) == 1
    assert "there already" in capsys.readouterr().err
    assert make("05", tmp_path).exists()
    assert read_secret(tmp_path) == secret
    written = "".join(path.read_text() for path in tmp_path.rglob("*.ipynb"))
    assert secret not in written


def test_a_lesson_without_graded_questions_is_refused(tmp_path, capsys):
    assert main(["make", "00", "--out", str(tmp_path / "course")]) == 1
    assert "lesson 00 has no graded questions" in capsys.readouterr().err
    assert not (tmp_path / "course").exists()
