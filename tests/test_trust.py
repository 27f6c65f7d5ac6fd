"""What SECURITY.md promises: a student's text is read, never run, and files are data."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from backprop_kit import Network, load, save
from backprop_kit.exercises import progress
from backprop_kit.numeric import storage
from tools.run_tests import ROOT

PACKAGE = ROOT / "backprop_kit"
FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [file.relative_to(PACKAGE).as_posix() for file in FILES]

# What turns text or bytes into something that runs. By the name that a call or an import ends in.
RUNS_TEXT = {"eval", "exec", "compile", "__import__", "parse_expr", "lambdify"}
RUNS_FILES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
RUNS_PROGRAMS = {"subprocess", "ctypes", "pty", "multiprocessing", "system", "popen", "startfile"}
REACHES_OUT = {"socket", "urllib.request", "http.client", "requests", "httpx", "ftplib"}
FORBIDDEN = RUNS_TEXT | RUNS_FILES | RUNS_PROGRAMS | REACHES_OUT

# By file: what it may use all the same, and why.
ALLOWED = {
    "symbolic/codegen.py": {
        "compile": "the step that `write_step` wrote from the derived formulas",
        "exec": "the same; no text of a student's reaches it",
    },
}


def used(tree):
    """Return the forbidden names that a module calls or imports, each with its line."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [module, *(alias.name for alias in node.names)]
            names += [f"{module}.{alias.name}" for alias in node.names]
        elif isinstance(node, (ast.Name, ast.Attribute)):
            names = [node.id if isinstance(node, ast.Name) else node.attr]
            if names == ["compile"] and ast.unparse(node) == "re.compile":
                continue
        else:
            continue
        found |= {(name, node.lineno) for name in names if name in FORBIDDEN}
        found |= {(name, node.lineno) for name in names if name.split(".")[0] in RUNS_FILES}
    return found


def loose_readers(tree):
    """Return the lines where SymPy or NumPy is let read what it would run."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        said = {word.arg: ast.unparse(word.value) for word in node.keywords}
        loose = name.endswith("sympify") and said.get("strict") != "True"
        loose |= name in {"sympy.S", "S"}
        loose |= name in {"np.load", "numpy.load"} and said.get("allow_pickle") != "False"
        if loose:
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_nothing_in_the_package_runs_text_files_or_programs(file):
    allowed = ALLOWED.get(file.relative_to(PACKAGE).as_posix(), {})
    found = used(ast.parse(file.read_text(encoding="utf-8")))
    assert {one for one in found if one[0] not in allowed} == set()
    assert set(allowed) <= {name for name, _ in found}  # an exception that is not used goes


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if "exercises" in file.parts or "numeric" in file.parts],
    ids=lambda file: file.relative_to(PACKAGE).as_posix(),
)
def test_what_students_hand_over_is_read_strictly(file):
    assert loose_readers(ast.parse(file.read_text(encoding="utf-8"))) == []


def test_grading_reads_what_was_handed_in_strictly():
    files = sorted((ROOT / "tools" / "grading").rglob("*.py"))
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert not {name for name, _ in used(tree)} & (RUNS_TEXT | RUNS_FILES), file.name
        assert loose_readers(tree) == [], file.name


@pytest.mark.parametrize(
    "code",
    [
        "eval(text)",
        "builtins.eval(text)",
        "run = exec",
        "compile(text, '', 'eval')",
        "sympy.parse_expr(text)",
        "from sympy.parsing.sympy_parser import parse_expr",
        "import pickle",
        "import numpy, pickle as p",
        "from pickle import loads",
        "import multiprocessing.shared_memory as m, marshal",
        "os.system('x')",
        "import subprocess",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import socket",
    ],
)
def test_the_search_finds(code):
    assert used(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "sympify(text)",
        "sympy.sympify(x, strict=False)",
        "sympy.S(x)",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
    ],
)
def test_the_search_finds_loose_readers(code):
    assert loose_readers(ast.parse(code))


def test_the_search_leaves_patterns_alone():
    assert not used(ast.parse("import re\nre.compile('x')\nfrom urllib.parse import quote"))


# ---------------------------------------------------------------- in the running program

WATCH = """
import json, os, sys
from backprop_kit.exercises import exercises

texts = json.loads(sys.argv[1])
watching, seen = [], []

def hook(event, arguments):
    if not watching:
        return
    ran = event == "compile" or event == "exec" and arguments[0].co_filename == "<string>"
    others = ("os.", "subprocess.", "socket.", "ctypes.", "pickle.", "marshal.", "urllib.")
    if ran or event == "open" or event.startswith(others):
        seen.append([watching[0], event, repr(arguments)[:200]])

sys.addaudithook(hook)
for one in exercises().values():
    one.judge(one.answer())  # what is loaded at the first check is ours
    one.judge("b_h")
    for text in texts:
        watching[:] = [one.id, text]
        one.judge(text)
        watching.clear()
assert not os.path.exists("trap")
watching[:] = ["the hook itself"]
eval("1")
watching.clear()
print(json.dumps(seen))
"""
HOSTILE = [
    "__import__('os').system('touch trap')",
    "open('trap', 'w').write('x')",
    "exec(\"open('trap','w')\")",
    "().__class__.__base__.__subclasses__()",
    "b[open('trap', 'w')]",
    "b_{__import__('os').mkdir('trap')}",
    "Sum(open('trap', 'w'), (j, 1, l))",
    "cos\nsystem\n(S'touch trap'\ntR.",  # a pickle
    "@touch trap",
    "$(touch trap)",
    "!!python/object/apply:os.system ['touch trap']",
]


def test_no_exercise_runs_what_is_typed(tmp_path):
    """Hand hostile texts to every exercise while Python reports all that is compiled or run."""
    result = subprocess.run(
        [sys.executable, "-c", WATCH, json.dumps(HOSTILE)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BACKPROP_PROGRESS": str(tmp_path / "r.json")},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert {name for name, *_ in seen} == {"the hook itself"}
    assert os.listdir(tmp_path) in ([], ["r.json"])


# ---------------------------------------------------------------- files are data


class Trap:
    """Makes a folder when a pickle of it is loaded."""

    def __reduce__(self):
        return (os.mkdir, ("trap",))


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "network.npz"


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, held):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)


def refused(path):
    with pytest.raises(ValueError, match="path must name a network written by save") as caught:
        load(path)
    return str(caught.value)


def test_a_saved_network_holds_plain_numbers_and_words(path):
    save(Network((2, 3, 1)), path)
    for name, content in parts(path).items():
        array = np.load(io.BytesIO(content), allow_pickle=False)
        assert name.endswith(".npy")
        assert array.dtype.kind in "fiU"


def test_a_pickle_by_the_name_of_a_network_is_not_loaded(path):
    for content in (pickle.dumps(Trap()), pickle.dumps(Network((2, 1)))):
        path.write_bytes(content)
        refused(path)
    save(Network((2, 1)), path)
    write(path, {**parts(path), "weights_0.npy": pickle.dumps(Trap())})
    refused(path)
    held = io.BytesIO()
    np.save(held, np.array([Trap()], dtype=object), allow_pickle=True)
    write(path, {**parts(path), "weights_0.npy": held.getvalue()})
    assert "allow_pickle" in refused(path)
    assert not (path.parent / "trap").exists()


def test_a_network_that_unpacks_without_end_is_refused_before_it_does(path, monkeypatch):
    monkeypatch.setattr(storage, "MOST_BYTES", 10_000_000)
    save(Network((2, 1)), path)
    write(path, {**parts(path), "weights_0.npy": bytes(11_000_000)})
    assert path.stat().st_size < 20_000
    assert "unpacks to more than 10,000,000 bytes" in refused(path)


@pytest.mark.parametrize("shape", ["(10000000000000,)", "(-3,)", "(2, 1), 'x': ().__class__", "()"])
def test_a_network_with_a_false_header_is_refused(path, shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(118 - 1) + "\n"
    false = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(16)
    save(Network((2, 1)), path)
    write(path, {**parts(path), "weights_0.npy": false})
    refused(path)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_by_the_name_of_a_record_is_not_loaded(path, protocol, monkeypatch):
    monkeypatch.delenv("BACKPROP_PROGRESS")
    content = pickle.dumps(Trap(), protocol)
    (path.parent / ".backprop_progress.json").write_bytes(content)
    (path.parent / "mine.json").write_bytes(content)
    assert "set aside unchanged" in repr(progress()) + repr(progress())
    with pytest.raises(ValueError, match="nothing was changed"):
        progress.import_("mine.json")
    assert not (path.parent / "trap").exists()


def test_the_threat_page_names_tests_that_there_are():
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page))
    assert len(named) > 3
    for file, test in named:
        assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8"), (file, test)
