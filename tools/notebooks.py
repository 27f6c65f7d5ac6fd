"""Re-execute, normalise and check the lessons.

`python -m tools.notebooks refresh [LESSON ...]` runs lessons in a clean kernel and saves them
in one normal form; `check` prints what the rules in `tools/hygiene.py` find. A lesson is named by
its number (`03`) or by its file; without a name, all lessons are meant.
`python -m tools.notebooks new 13 "Title"` begins a lesson from the template.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.run_tests import ROOT, quiet_environment

LESSONS = ROOT / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT = 120
CELL_METADATA = {"tags", "jupyter", "covered_by"}  # all else is one person's editor speaking
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|root|tmp|work|opt|Users|private/var|var/folders|mnt)(?=/|\b)"
    r"|\b[A-Za-z]:\\+Users\b|site-packages|dist-packages|ipykernel_\d+"
)
# JupyterLab shows the first line of a folded output, and so gives the answer away. A first output
# that has no text leaves only dots; nbval compares no PNG, and running the cell takes it away.
COVER = {
    "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR4nGNg"
    "YAAAAAMAAbitOmMAAAAASUVORK5CYII="
}
PNG_DATA = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")


class RefusedError(Exception):
    """A notebook that must not be saved as it is; the message names the cell."""


def refresh(paths: list[Path]) -> None:
    """Execute each notebook in a clean kernel and save it in normal form.

    A notebook whose run raises, or whose output holds a path of this machine, is left as it was.

    Raises
    ------
    RefusedError
        Names the notebook and the cell.
    """
    for path in paths:
        started = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        execute(notebook, path)
        text = normal_text(notebook)
        _refuse_machine_paths(notebook, path)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.name}: executed in {time.perf_counter() - started:.0f} s", flush=True)


def execute(notebook: NotebookNode, path: Path, *, keep_widgets: bool = False) -> None:
    """Run all cells of `notebook` in a new kernel, in the folder of `path`.

    With `keep_widgets` the widgets' state is left in the notebook's metadata.

    Raises
    ------
    RefusedError
        If a cell raises or takes too long.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.execution_count, cell.outputs = None, []
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name=KERNEL["name"],
        resources={"metadata": {"path": str(path.resolve().parent)}},
        record_timing=False,
        store_widget_state=keep_widgets,
        coalesce_streams=True,
        allow_errors=False,
        force_raise_errors=True,
    )
    with quiet_environment() as env:
        try:
            client.execute(env=env)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            # A cell that is cut off has no count yet; the one after the last count is at fault.
            finished = [i for i, cell in enumerate(cells, 1) if cell.execution_count]
            raised = [i for i, cell in enumerate(cells, 1) if _raised(cell)]
            at = (raised or [max(finished, default=0) + 1])[0]
            raise RefusedError(
                f"{path.name}: not saved, code cell {at} of {len(cells)} failed\n{error}"
            ) from error


def _raised(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _refuse_machine_paths(notebook: NotebookNode, path: Path) -> None:
    """Refuse an output that shows where this machine keeps its files."""
    for number, cell in enumerate(code_cells(notebook), 1):
        for text in output_texts(cell):
            if found := MACHINE_PATH.search(PNG_DATA.sub("", text)):
                raise RefusedError(
                    f"{path.name}: not saved, the output of code cell {number} shows a path "
                    f"of this machine: {text[max(0, found.start() - 20) : found.end() + 40]!r}"
                )


# ---------------------------------------------------------------- the normal form


def normal_text(notebook: NotebookNode) -> str:
    """Return `notebook` as the text that is committed; the notebook itself is tidied.

    Counts run 1..n, streams are merged, and what hangs on the machine, the editor or the
    moment (timing, widget models, versions) is left out.
    """
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in sorted(cell.metadata) if key in CELL_METADATA}
        )
        if cell.cell_type != "code":
            cell.pop("attachments", None)
    for number, cell in enumerate(code_cells(notebook), 1):
        if cell.execution_count is not None:
            cell.execution_count = number
        outputs = [output for output in cell.outputs if not is_cover(output)]
        cell.outputs = [_tidy_output(output, cell) for output in _merge_streams(outputs)]
        if cell.outputs and is_folded(cell):
            cell.outputs.insert(0, nbformat.v4.new_output("display_data", COVER))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: where a kernel cuts them is chance."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _tidy_output(output: NotebookNode, cell: NotebookNode) -> NotebookNode:
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)  # a random id; the picture beside it is what stays
        output.metadata = NotebookNode()  # nbval compares no metadata, so none may say anything
    if "execution_count" in output:
        output.execution_count = cell.execution_count
    return output


def is_folded(cell: NotebookNode) -> bool:
    """Say whether a cell's output is hidden until it is run."""
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def is_cover(output: NotebookNode) -> bool:
    """Say whether an output is the one that keeps a folded answer from showing its first line."""
    return output.get("data") == COVER


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def output_texts(cell: NotebookNode) -> list[str]:
    """Return each text among a cell's outputs: streams, tracebacks and every text mime type."""
    texts: list[str] = []
    for output in cell.outputs:
        texts += [output[key] for key in ("text", "ename", "evalue") if key in output]
        texts += output.get("traceback", [])
        for mime, value in output.get("data", {}).items():
            if mime != "image/png":
                texts.append(value if isinstance(value, str) else repr(value))
    return texts


# ---------------------------------------------------------------- command line


def find_lessons(names: list[str]) -> list[Path]:
    """Return the notebooks that `names` (numbers or files) mean; all lessons for none.

    Raises
    ------
    ValueError
        If a name fits no lesson, or more than one.
    """
    if not names:
        return sorted(LESSONS.glob("*.ipynb"))
    found = []
    for name in names:
        path = Path(name)
        fitting = [path] if path.suffix == ".ipynb" else sorted(LESSONS.glob(f"{name}*.ipynb"))
        if path.suffix == ".ipynb" and not path.exists():
            fitting = [LESSONS / path.name] if (LESSONS / path.name).exists() else []
        if len(fitting) != 1:
            known = ", ".join(lesson.stem for lesson in sorted(LESSONS.glob("*.ipynb")))
            raise ValueError(f"{name!r} names {len(fitting)} lessons; there are: {known or 'none'}")
        found += fitting
    return found


def main(arguments: list[str]) -> int:
    """Run one command and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("command", choices=["refresh", "check", "new"])
    parser.add_argument("lessons", nargs="*", help='for new: the number and the title, 13 "Title"')
    options = parser.parse_args(arguments)
    if options.command == "new" and len(options.lessons) != 2:
        parser.error('new takes a number and a title: new 13 "Title"')
    try:
        if options.command == "new":
            from tools.new_lesson import new_lesson

            print(new_lesson(*options.lessons))
            return 0
        paths = find_lessons(options.lessons)
        if options.command == "refresh":
            refresh(paths)
    except (RefusedError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    from tools.hygiene import hygiene
    from tools.prose import unused_entries

    problems = [f"{path.name}: {problem}" for path in paths for problem in hygiene(path)]
    if not options.lessons:
        problems += unused_entries(paths)
    print("\n".join(problems) or f"{len(paths)} notebooks: nothing to mend")
    return 1 if problems and options.command == "check" else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
