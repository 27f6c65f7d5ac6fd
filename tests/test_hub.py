"""The classroom's hub: its links, its settings, its load test's arithmetic, and the teacher's page.

The load test itself is the nox session `hub`; it needs JupyterHub and npm.
"""

from __future__ import annotations

import asyncio
import doctest
import json
import re
import shutil
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from nbformat import v4
from traitlets.config import PyFileConfigLoader

from backprop_kit.visual import svg
from backprop_kit.visual.controls import Slider, Toggle
from backprop_kit.visual.explorers import Frame, Live
from hub import link, load
from hub.accidents import Finding, attempt, undisturbed
from hub.link import NO_REMOTE, hub_address, lesson_link, main, public_address
from hub.memory import Use, kernels_of, use_of
from hub.running import EXAMPLE, LOOPBACK
from hub.student import Explorer, Kernel, KernelDiedError, Message, explorer, run_lesson
from tests.test_project import PROJECT, imported_packages, project_name
from tools.notebooks import LESSONS
from tools.run_tests import ROOT

# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:owner/repo.git", "https://github.com/owner/repo"),
        ("https://token@github.com/owner/repo.git", "https://github.com/owner/repo"),
        ("ssh://git@gitlab.com:22/group/part/repo", "https://gitlab.com/group/part/repo"),
        ("https://git.school.edu:8443/a/repo.git", "https://git.school.edu:8443/a/repo"),
    ],
)
def test_students_fetch_from_the_public_address_of_the_remote(remote, address):
    assert public_address(remote) == address


def test_a_link_says_what_to_fetch_where_to_and_what_to_open():
    parts = urlsplit(lesson_link("https://hub.edu", "https://github.com/o/r", "05_x.ipynb"))
    assert (parts.netloc, parts.path) == ("hub.edu", "/hub/user-redirect/git-pull")
    assert parse_qs(parts.query) == {
        "repo": ["https://github.com/o/r"],
        "targetpath": ["backprop-workbook"],
        "urlpath": ["lab/tree/backprop-workbook/notebooks/05_x.ipynb"],
    }


def test_the_examples_in_the_documentation_are_true():
    result = doctest.testmod(link)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("address", ["hub.edu", "//hub.edu", "https://", "ftp://hub.edu", ""])
def test_what_is_no_address_of_a_hub_is_refused(address, capsys):
    with pytest.raises(SystemExit):
        main([address])
    assert f"{address!r} must be an address" in capsys.readouterr().err


@pytest.mark.parametrize("end", ["", "/", "/hub", "/hub/"])
def test_an_address_copied_from_the_browser_will_do(end):
    assert hub_address(f"https://school.edu/jupyter{end}") == "https://school.edu/jupyter"


def test_the_command_prints_a_link_for_each_lesson_or_says_what_is_missing(tmp_path, capsys):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def git(*arguments):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True, capture_output=True)

    (tmp_path / "notebooks").mkdir()
    for name in ("00_a.ipynb", "01_b.ipynb"):
        (tmp_path / "notebooks" / name).write_text("", encoding="utf-8")
    git("init")
    assert main(["https://hub.edu"], root=tmp_path) == 1
    assert capsys.readouterr().out == NO_REMOTE + "\n"
    git("remote", "add", "origin", "git@github.com:o/r.git")
    assert main(["https://hub.edu"], root=tmp_path) == 0
    printed = capsys.readouterr().out.split()
    wanted = [
        lesson_link("https://hub.edu", "https://github.com/o/r", name)
        for name in ("00_a.ipynb", "01_b.ipynb")
    ]
    assert printed == wanted


# ---------------------------------------------------------------- the example's settings


def test_the_example_limits_memory_and_stops_what_is_idle():
    config = PyFileConfigLoader(EXAMPLE.name, path=str(EXAMPLE.parent)).load_config()
    assert config.Spawner.mem_limit == "1G"
    (role,) = config.JupyterHub.load_roles
    (culler,) = config.JupyterHub.services
    assert role["services"] == [culler["name"]]
    assert "delete:servers" in role["scopes"]
    assert "--timeout=3600" in culler["command"]
    assert any("cull_idle_timeout=1800" in argument for argument in config.Spawner.args)


def test_loopback_takes_the_example_as_it_is_and_listens_to_this_machine_alone():
    text = LOOPBACK.read_text(encoding="utf-8")
    assert f'with_name("{EXAMPLE.name}")' in text
    changed = re.findall(r"(?m)^ *c\.(\w+\.\w+) =", text)
    assert not any(name.startswith("Spawner.") for name in changed)
    assert re.findall(r"(?:bind_url|api_url) = f\"http://([\d.]+):", text) == ["127.0.0.1"] * 2


def test_what_the_hub_imports_is_declared():
    brought_by_jupyterlab = {"jupyter-server", "tornado", "traitlets"}
    extras = PROJECT["optional-dependencies"]
    groups = PROJECT["dependencies"] + extras["test"] + extras["hub"]
    declared = {project_name(name).removeprefix("jupyterhub-") for name in groups}
    found = {name.replace("_", "-") for name in imported_packages(EXAMPLE.parent.glob("*.py"))}
    assert "jupyterhub" in found
    assert found <= declared | brought_by_jupyterlab


# ---------------------------------------------------------------- a simulated student


class Socket:
    """Stands for the websocket: replies to each request with given messages."""

    def __init__(self, *replies):
        self.replies, self.waiting = replies, []

    async def write_message(self, text):
        number = json.loads(text)["header"]["msg_id"]
        for channel, kind, content, parent in self.replies:
            header = {"msg_type": kind}
            parent = {"msg_id": parent or number}
            message = {"header": header, "parent_header": parent, "content": content}
            self.waiting.append(json.dumps(message | {"channel": channel}))

    async def read_message(self):
        return self.waiting.pop(0) if self.waiting else None


IDLE = ("iopub", "status", {"execution_state": "idle"}, None)


def said_by(*replies):
    return asyncio.run(Kernel(Socket(*replies)).run("1"))


def output(text, name="stdout"):
    return ("iopub", "stream", {"name": name, "text": text}, None)


def test_a_cell_has_said_what_came_for_it_until_the_kernel_was_idle():
    other = ("iopub", "status", {"execution_state": "idle"}, "another request")
    reply = ("shell", "execute_reply", {"status": "ok"}, None)
    said = said_by(other, output("a"), reply, output("b"), IDLE, output("late"))
    assert [message.content["text"] for message in said] == ["a", "b"]


class ForgetfulSocket(Socket):
    """Loses the answers to its first requests, as a kernel does that starts again."""

    def __init__(self, lost):
        super().__init__(IDLE)
        self.lost = lost

    async def write_message(self, text):
        if self.lost:
            self.lost -= 1
        else:
            await super().write_message(text)

    async def read_message(self):
        return await super().read_message() if self.waiting else await asyncio.sleep(60)


def test_a_kernel_is_asked_until_it_answers():
    socket = ForgetfulSocket(lost=2)
    asyncio.run(asyncio.wait_for(Kernel(socket).answers(again=0.01), 10))
    assert socket.lost == 0
    with pytest.raises(KernelDiedError, match="the connection was closed"):
        asyncio.run(Kernel(Socket()).answers())


def test_a_dead_kernel_and_a_lost_connection_are_noticed():
    with pytest.raises(KernelDiedError, match="restarting"):
        said_by(output("a"), ("iopub", "status", {"execution_state": "restarting"}, "none"))
    with pytest.raises(KernelDiedError, match="closed"):
        said_by(output("a"))


@pytest.mark.parametrize("reply", [("iopub", "error", {"ename": "E"}, None), output("w", "stderr")])
def test_a_lesson_that_puts_out_something_red_is_an_error(reply):
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1")])
    with pytest.raises(RuntimeError, match="from the cell '1'"):
        asyncio.run(run_lesson(Kernel(Socket(reply, IDLE)), notebook))
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    assert len(asyncio.run(run_lesson(Kernel(Socket(reply, IDLE)), notebook))) == 1


class ExplorerKernel:
    """Stands for a kernel: hands a message to a live explorer, as its comm would."""

    def __init__(self, live):
        live._made_view()
        self.live, self.panel = live, live._panel

    def opened(self):
        state = {"controls": self.panel.controls, "shown": self.panel.shown}
        content = {"comm_id": "c", "data": {"state": state}}
        other = {"comm_id": "b", "data": {"state": {}}}
        return [Message("comm_open", other, 0.0), Message("comm_open", content, 0.0)]

    async def send(self, comm, data):
        assert (comm, data["method"]) == ("c", "custom")
        self.live._answer(self.panel, data["content"], [])
        content = {"data": {"method": "update", "state": {"shown": self.panel.shown}}}
        return [Message("comm_msg", content, float("inf"))]


def live_of(show):
    return Live("a box", [Toggle("big", "big", False), Slider("size", "size", 1, 3, 1, 0.5)], show)


def box(values):
    return Frame(svg.document([], 9, 9, "a box"), f"{values['size']}", code="")


def test_a_simulated_student_moves_an_explorer_as_its_front_end_does():
    kernel = ExplorerKernel(live_of(box))
    dial = explorer(kernel, kernel.opened())
    seen = []
    for _ in range(5):
        asyncio.run(dial.move())
        seen.append(kernel.live.values["size"])
    assert seen == [1.5, 2.0, 2.5, 1.0, 1.5]
    assert len(asyncio.run(dial.moves(3))) == 3
    assert kernel.live.values["size"] == 1.0


def test_an_explorer_that_cannot_answer_is_an_error():
    def broken(values):
        if values["size"] > 1:
            raise ZeroDivisionError("no")
        return box(values)

    kernel = ExplorerKernel(live_of(broken))
    with pytest.raises(RuntimeError, match="shows something else"):
        asyncio.run(explorer(kernel, kernel.opened()).move())
    with pytest.raises(RuntimeError, match="opens no live explorer"):
        explorer(kernel, kernel.opened()[:1])
    silent = type("Silent", (), {"send": lambda *_: asyncio.sleep(0, [])})()
    with pytest.raises(RuntimeError, match="did not answer"):
        asyncio.run(Explorer(silent, "c", {"key": "k", "low": 0, "high": 1, "step": 1}).move())


# ---------------------------------------------------------------- what it measures


@pytest.mark.skipif(sys.platform != "linux", reason="the load test reads Linux's /proc")
def test_the_memory_of_a_process_is_what_linux_says():
    process = psutil.Process()
    used = use_of(process)
    assert 0 < used.shared <= used.alone
    assert used.alone == pytest.approx(process.memory_info().rss / 2**20, rel=0.1)
    assert kernels_of(process.pid) == []


def visits(*first_outputs, wrong=()):
    return [
        load.Visit(
            first, first + 10, [0.02, 0.06], [0.05], list(wrong), Use(100, 120, 2), Use(130, 160, 4)
        )
        for first in first_outputs
    ]


def test_a_round_is_one_line_of_middle_and_slowest():
    rounds = [load.Round(visits(3), Use(90, 90, 1)), load.Round(visits(4, 9, 5), Use(90, 90, 6))]
    *_, one, three = load.load_table(rounds).splitlines()
    rest = "40, slowest 60 | 50, slowest 50 | 100 + 130"
    assert one == f"| 1 | 3, slowest 3 | 13, slowest 13 | {rest} | 7 | none |"
    assert three == f"| 3 | 5, slowest 9 | 15, slowest 19 | {rest} | 8 | none |"
    wrong = load.Round(visits(3, 4, wrong=["x"]), Use())
    assert load.load_table([wrong]).endswith("| 2 |")


def test_a_class_needs_servers_two_kernels_each_the_hub_and_the_system():
    measured = load.Round(visits(4, 9, 5), Use(200, 250, 6))
    *_, thirty, many = load.size_table(measured).splitlines()
    # 30 * (100 + 2 * 130) + 200 MB and 2 GB; 30 * (120 + 2 * 160) + 200 MB; 30 * 8 s in 120 s
    assert thirty == "| 30 | 13 GB | 16 GB | 2 |"
    assert many == "| 300 | 108 GB | 132 GB | 20 |"


def test_what_did_not_hold_is_said_and_is_the_exit_status(monkeypatch, tmp_path, capsys):
    held, failed = Finding("a", True, "seen"), Finding("b", False)
    assert load.found([held, failed]) == "- Yes: a (seen).\n- **No**: b."
    page = tmp_path / "page.md"
    page.write_text("before <!-- measured --> old <!-- /measured --> after", encoding="utf-8")
    monkeypatch.setattr(load, "PAGE", page)

    def status(wrong, finding):
        measured = [load.Round(visits(3, wrong=wrong), Use())], {"05_x.ipynb": 200.0}, [finding]
        monkeypatch.setattr(load, "rehearse_all", lambda *_: measured)
        return load.main(["--users", "1", "--proxy", "p", "--write"])

    assert status([], held) == 0
    written = page.read_text(encoding="utf-8")
    assert written.startswith(
        "before <!-- measured -->\nMeasured by `python -m hub.load --users 1`"
    )
    assert written.endswith("- Yes: a (seen).\n<!-- /measured --> after")
    assert status([], failed) == 1
    assert status(["an error"], held) == 1
    assert "an error" in capsys.readouterr().err
    with pytest.raises(ValueError, match="expected one"):
        load.with_block("no marks", "text")


def test_a_neighbor_who_lost_an_answer_or_hardly_worked_was_disturbed():
    assert undisturbed([0.02], [0.02] * 30).held
    assert not undisturbed([0.02], [0.02] * 3).held
    assert not undisturbed([0.02], RuntimeError("no answer")).held


def test_an_accident_that_goes_otherwise_does_not_hide_the_rest():
    async def break_all():
        raise OSError("gone")

    (finding,) = asyncio.run(attempt(break_all()))
    assert not finding.held
    assert load.found([finding]) == "- **No**: break_all goes as rehearsed (OSError('gone'))."


# ---------------------------------------------------------------- the teacher's page


def test_the_page_shows_a_measured_class_without_errors():
    page = load.PAGE.read_text(encoding="utf-8")
    assert load.with_block(page, "") != page
    assert "`python -m hub.load --users 1 5 10 20`" in page
    rows = re.findall(r"(?m)^\| (\d+) \|.+\| (\S+) \|$", page)
    assert [(size, wrong) for size, wrong in rows if wrong == "none"] == [
        ("1", "none"),
        ("5", "none"),
        ("10", "none"),
        ("20", "none"),
    ]
    assert page.count("- Yes: ") >= 9
    assert "**No**" not in page


def test_the_page_shows_the_link_that_the_command_makes():
    first = sorted(LESSONS.glob("[0-9]*.ipynb"))[0].name
    address = lesson_link("https://hub.school.edu", "https://github.com/OWNER/REPO", first)
    page = load.PAGE.read_text(encoding="utf-8")
    assert address in page
    for target in re.findall(r"\]\(([^)#:]+)\)", page):
        assert (load.PAGE.parent / target).exists(), target
    assert "docs/classroom.md" in (ROOT / "README.md").read_text(encoding="utf-8")
