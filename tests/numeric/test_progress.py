import io
import json
import sys

import nbformat
from nbclient import NotebookClient

from backprop_kit.numeric import progress
from backprop_kit.numeric.progress import NotebookScreen, ProgressBar


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def in_a_terminal(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def on_screen(text):
    """Return what a terminal's line shows after `text`."""
    line, place = [" "] * 200, 0
    for letter in text:
        if letter == "\r":
            place = 0
        else:
            line[place] = letter
            place += 1
    return "".join(line).rstrip()


def test_a_terminal_shows_the_bar_and_gets_its_line_back(monkeypatch):
    terminal = in_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar(10, clock=clock)
    clock.now = 1.0
    bar.update(5, "epochs, error 0.12345")
    assert on_screen(terminal.getvalue()) == f"[{'#' * 15}{'.' * 15}] 5 of 10 epochs, error 0.12345"
    clock.now = 2.0
    bar.update(10, "short")
    assert on_screen(terminal.getvalue()) == f"[{'#' * 30}] 10 of 10 short"
    bar.clear()
    assert on_screen(terminal.getvalue()) == ""


def test_what_is_over_soon_shows_nothing_and_pictures_are_rare(monkeypatch):
    terminal = in_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar(1000, clock=clock)
    for done in range(400):
        clock.now = done / 1000
        bar.update(done)
    bar.clear()
    assert terminal.getvalue() == ""
    for done in range(1000):
        clock.now = done / 1000
        bar.update(done)
    assert 2 <= terminal.getvalue().count("\r") <= 6


def test_no_terminal_no_bar(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        assert progress._find_screen() is None


class Handle:
    def __init__(self):
        self.pictures = []

    def update(self, data, raw):
        self.pictures.append(data)


def test_a_notebook_has_one_output_replaced_in_place():
    handle = Handle()

    def display(data, raw, display_id):
        assert raw
        assert display_id
        handle.pictures.append(data)
        return handle

    screen = NotebookScreen(display)
    screen.show(3, 10, "epochs")
    screen.show(4, 10, "epochs")
    screen.clear()
    assert [data["text/plain"] for data in handle.pictures] == [
        "3 of 10 epochs",
        "4 of 10 epochs",
        "",
    ]
    assert 'value="3" max="10" aria-label="training"' in handle.pictures[0]["text/html"]
    assert handle.pictures[-1]["text/html"] == ""


SLOW = """
from backprop_kit import Network, gate, train
import time
X, y = gate("XOR")
train(Network((2, 2, 1)), X, y[:, None], eta=1.0, epochs=4, progress=True,
      callback=lambda *_: time.sleep(0.3))
"""


def test_a_notebook_run_by_a_tool_stores_nothing_but_the_result():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "execute_result"
    assert output.data["text/plain"].startswith("History(4 epochs")


def test_a_person_in_a_notebook_sees_it_come_and_go():
    """The same, with a client that can answer questions, as JupyterLab is."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW)])
    seen = []

    class Watching(NotebookClient):
        def process_message(self, msg, cell, index):
            seen.append((msg["msg_type"], json.dumps(msg["content"].get("data", {}))))
            return super().process_message(msg, cell, index)

        async def async_start_new_kernel_client(self):
            client = await super().async_start_new_kernel_client()
            client.allow_stdin = True
            return client

    Watching(notebook, timeout=60, kernel_name="python3").execute()
    bars = [data for kind, data in seen if "display_data" in kind]
    assert "of 4 epochs" in bars[0]
    assert json.loads(bars[-1]) == {"text/html": "", "text/plain": ""}
    stored = [o.data for o in notebook.cells[0].outputs if o.output_type == "display_data"]
    assert stored == [{"text/html": "", "text/plain": ""}]
