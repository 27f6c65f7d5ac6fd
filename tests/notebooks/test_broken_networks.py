"""Break the workbook on purpose: a lesson must fail under strict nbval each time.

Each way of breaking it is one replacement in a copy of `network.py`; what only softmax outputs use
is broken in `losses.py`, and lesson 10 must tell. The text to replace must stand in its file once,
so that a rewritten network cannot turn a test into one that breaks nothing.

Mistakes of the table of misconceptions, from each of its stages, are put in by a few lines at the
end of a copied module instead: there the table itself says what goes wrong.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

import nbformat
import pytest

from backprop_kit.exercises.misconceptions import BACKWARD, FORMULA, TABLE, UPDATE
from tools.notebooks import code_cells
from tools.run_tests import NBVAL, ROOT, quiet_environment

LESSON = ROOT / "notebooks" / "05_check_the_formulas.ipynb"
SOFTMAX_LESSON = ROOT / "notebooks" / "10_train_on_real_data.ipynb"
NETWORK = ROOT / "backprop_kit" / "numeric" / "network.py"
LOSSES = NETWORK.with_name("losses.py")

BROKEN = {
    "sign of the weights' gradient": ("grad_w = b.T @ delta", "grad_w = -(b.T @ delta)"),
    "sign of the thresholds' gradient": (
        "grad_theta = -delta.sum(axis=0)",
        "grad_theta = delta.sum(axis=0)",
    ),
    "sign of the error": (
        "dE_dy_hat = self._loss.gradient(trace.y_hat, Y, reduction)",
        "dE_dy_hat = -self._loss.gradient(trace.y_hat, Y, reduction)",
    ),
    "threshold added": ("b = f(alpha - theta)", "b = f(alpha + theta)"),
    "output slope dropped": ("delta = dE_dy_hat * slope(trace.y_hat)", "delta = dE_dy_hat"),
    "hidden slope dropped": ("delta = dE_db * slope(b)", "delta = dE_db"),
    "sum over the outputs dropped": (
        "dE_db = delta @ w.T",
        "dE_db = delta[:, :1] @ w[:, :1].T",
    ),
    "sum over the samples dropped": ("-delta.sum(axis=0)", "-delta[0]"),
    "weight not transposed": ("dE_db = delta @ w.T", "dE_db = delta @ w"),
    "weight transposed to the right shape and the wrong entries": (
        "dE_db = delta @ w.T",
        "dE_db = delta @ w.reshape(w.shape[::-1])",
    ),
    "weights moved before the hidden gradient": (
        "dE_db = delta @ w.T",
        "dE_db = delta @ (w - 0.5 * grad_w).T",
    ),
}


BROKEN_SOFTMAX = {
    "softmax delta without the target": ("return (y_hat - y) * share", "return y_hat * share"),
    "sign of the softmax delta": ("return (y_hat - y) * share", "return (y - y_hat) * share"),
}
ALL = [(NETWORK, *pair) for pair in BROKEN.values()]
ALL += [(LOSSES, *pair) for pair in BROKEN_SOFTMAX.values()]


# What stands at the end of the copied package, by the stage of the mistake.
_NETWORK_ENDS = """
from backprop_kit.exercises.faulty import faulty as _faulty
from backprop_kit.numeric.network import Network as _Network

_backward, _step = _Network.backward, _Network.step


def _sound(network):
    plain = (network.activation, network.output, network._loss.name)
    return (
        type(network) is not _Network
        or len(network.sizes) != 3
        or plain != ("sigmoid", "sigmoid", "half_squared_error")
    )


def _wrong_backward(self, trace, Y, *, reduction="mean"):
    if _sound(self):
        return _backward(self, trace, Y, reduction=reduction)
    self._patient = _faulty(self, "{name}")
    return self._patient.backward(trace, Y, reduction=reduction)


def _wrong_step(self, gradients, eta):
    patient = self.__dict__.pop("_patient", None)
    if patient is None:
        return _step(self, gradients, eta)
    patient.step(gradients, eta)
    self._weights, self._thresholds = patient.weights, patient.thresholds


_Network.backward, _Network.step = _wrong_backward, _wrong_step
"""
_FORMULAS_END = """
from dataclasses import replace as _replace

import backprop_kit.symbolic as _symbolic
from backprop_kit.exercises.misconceptions import TABLE as _TABLE
from backprop_kit.symbolic.derivation import derive_updates as _derive


def _mistaken():
    right = _derive()
    slip = _TABLE["{name}"].slip
    made = {{name: slip(getattr(right, name), name) for name in ("w", "theta", "gamma", "v")}}
    return _replace(right, **{{name: made[name] for name in made if made[name] is not None}})


_symbolic.derive_updates = _mistaken
"""
MISTAKEN = {BACKWARD: _NETWORK_ENDS, UPDATE: _NETWORK_ENDS, FORMULA: _FORMULAS_END}
STEP_LESSON = ROOT / "notebooks" / "06_worked_example.ipynb"
MISTAKES = {
    "sum-over-h": LESSON,
    "threshold-with-signal": LESSON,
    "missing-slope-hidden": LESSON,
    "product-of-sums": LESSON,
    "updated-w": STEP_LESSON,
    "missing-eta": STEP_LESSON,
}


def run_lesson(folder, old=None, new=None, *, source=NETWORK, lesson=LESSON, mistake=None):
    """Run a lesson with a copy of the package, `old` replaced by `new` in one of its files.

    Or, with the name of a `mistake`, with that mistake of the table in every network or formula.
    """
    package = folder / "backprop_kit"
    shutil.copytree(NETWORK.parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    if old is not None:
        copy = package / "numeric" / source.name
        copy.write_text(
            copy.read_text(encoding="utf-8").replace(old, new), encoding="utf-8", newline="\n"
        )
    if mistake is not None:
        with (package / "exercises" / "__init__.py").open("a", encoding="utf-8") as module:
            module.write(MISTAKEN[TABLE[mistake].stage].format(name=mistake))
    # nbval passes a lesson that was never run, whatever the network does.
    assert all(cell.execution_count for cell in code_cells(nbformat.read(lesson, as_version=4)))
    (folder / "notebooks").mkdir()
    lesson = shutil.copy(lesson, folder / "notebooks")
    options = ["-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(folder)]
    command = [sys.executable, "-m", "pytest", *NBVAL, *options, str(lesson)]
    with quiet_environment() as env:
        env.pop("PYTEST_ADDOPTS", None)
        env["PYTHONPATH"] = str(folder)  # before the installed package
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=300
        )


@pytest.mark.parametrize(("source", "old", "new"), ALL, ids=[*BROKEN, *BROKEN_SOFTMAX])
def test_the_text_to_break_stands_in_its_file_once(source, old, new):
    assert source.read_text(encoding="utf-8").count(old) == 1
    assert old not in new


def test_the_lesson_passes_with_a_faithful_copy(tmp_path):
    result = run_lesson(tmp_path)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", BROKEN)
def test_the_lesson_fails_with_a_broken_network(tmp_path, name):
    result = run_lesson(tmp_path, *BROKEN[name])
    assert result.returncode == 1, result.stdout  # 1: a test failed; anything else is an accident
    assert "Notebook cell execution failed" in result.stdout


@pytest.mark.parametrize("name", BROKEN_SOFTMAX)
def test_lesson_10_fails_at_its_gradient_check_with_a_broken_softmax(tmp_path, name):
    result = run_lesson(tmp_path, *BROKEN_SOFTMAX[name], source=LOSSES, lesson=SOFTMAX_LESSON)
    assert result.returncode == 1, result.stdout
    assert "Notebook cell execution failed" in result.stdout
    # Every cell before it passed, so this is no accident of the copy.
    assert "check_gradients(network, X_train[:20], Y_train[:20])" in result.stdout
    assert "1 failed" in result.stdout


def test_the_mistakes_come_from_every_stage():
    assert {TABLE[name].stage for name in MISTAKES} == {FORMULA, BACKWARD, UPDATE}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_lesson_fails_with_a_mistake_of_the_table(tmp_path, name):
    result = run_lesson(tmp_path, lesson=MISTAKES[name], mistake=name)
    assert result.returncode == 1, result.stdout
    assert "Notebook cell execution failed" in result.stdout or "mismatch" in result.stdout
