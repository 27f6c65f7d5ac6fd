"""The lessons as pages that need no kernel, no server and no network.

`python -m tools.site --out DIR` writes a page for each lesson, one for the sources, and
`index.html`; open that in a browser.  A lesson with an explorer is executed, so that a stepper's
frames are in its page and it still steps there; the others are taken as they are committed.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from tools.notebooks import (
    WIDGET_VIEW,
    RefusedError,
    code_cells,
    execute,
    find_lessons,
    is_cover,
)
from tools.run_tests import ROOT

TEMPLATE = ROOT / "tools" / "reading"
ASSETS = ("page.css", "page.js")
MATHJAX = "sphinx-mathjax-offline/static/mathjax/tex-svg-full.js"  # one file, no fonts beside it
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
ANSWERS_ELSEWHERE = "This explorer answers in JupyterLab; here you see how it begins."


class SiteError(Exception):
    """Something that keeps the pages from being written or read; the text says what."""


def main(arguments: list[str]) -> int:
    """Write the pages and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--mathjax", type=Path, help="MathJax's tex-svg-full.js, if you have it")
    options = parser.parse_args(arguments)
    try:
        write_site(options.out, find_lessons([]), mathjax=options.mathjax)
    except (RefusedError, SiteError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Open {options.out / 'index.html'}")
    return 0


def write_site(out: Path, lessons: list[Path], *, mathjax: Path | None = None) -> None:
    """Write a page for each lesson, for each Markdown file beside them, and an index.

    Parameters
    ----------
    out : Path
        A folder that is new or empty.
    lessons : list of Path
        Notebooks of one folder.
    mathjax : Path, optional
        MathJax's ``tex-svg-full.js``; fetched from PyPI if not given.

    Raises
    ------
    RefusedError
        If a lesson cannot be executed.
    SiteError
        If `out` holds something, MathJax cannot be fetched, or a link leads nowhere.
    """
    if out.exists() and any(out.iterdir()):
        raise SiteError(f"{out} is not empty; name a new folder, or delete this one")
    assets = out / "assets"
    assets.mkdir(parents=True)
    for name in ASSETS:
        shutil.copyfile(TEMPLATE / name, assets / name)
    if mathjax is None:
        fetch_mathjax(assets / "mathjax.js")
    else:
        shutil.copyfile(mathjax, assets / "mathjax.js")
    texts = sorted(lessons[0].parent.glob("*.md"))
    names = {path.name: f"{path.stem}.html" for path in [*lessons, *texts]}
    exporter = HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        embed_images=True,
    )
    beside = {"metadata": {"path": str(lessons[0].parent)}}  # where images of prose are looked for

    def export(notebook):
        return exporter.from_notebook_node(notebook, beside)[0]

    for lesson in lessons:
        _write_page(export, out / names[lesson.name], with_explorers(lesson), names)
        print(names[lesson.name], flush=True)
    for text in texts:
        page = _from_markdown(text.read_text(encoding="utf-8"))
        _write_page(export, out / names[text.name], page, names)
    _write_page(export, out / "index.html", _from_markdown(_contents()), names)
    if found := problems(out):
        raise SiteError("\n".join(found))


def fetch_mathjax(to: Path) -> None:
    """Fetch MathJax from PyPI, in the version and with the hash that `mathjax.txt` names."""
    with tempfile.TemporaryDirectory(prefix="workbook-mathjax-") as folder:
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--only-binary=:all:", "--dest", folder),
            *("--requirement", str(TEMPLATE / "mathjax.txt")),
        ]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise SiteError(f"MathJax could not be fetched; pip said:\n{result.stderr.strip()}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as files:
            to.write_bytes(files.read(MATHJAX))


# ---------------------------------------------------------------- a page


def with_explorers(path: Path) -> NotebookNode:
    """Return a lesson, and in it each explorer as HTML: its picture, and its frames if it steps."""
    notebook = nbformat.read(path, as_version=4)
    if any(_is_explorer(output) for cell in code_cells(notebook) for output in cell.outputs):
        execute(notebook, path, keep_widgets=True)
    widgets = notebook.metadata.pop("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for cell in code_cells(notebook):
        cell.outputs = [output for output in cell.outputs if not is_cover(output)]
        for output in filter(_is_explorer, cell.outputs):
            model = widgets[output.data[WIDGET_VIEW]["model_id"]]["state"]
            output.data = nbformat.from_dict({"text/html": explorer_html(output.data, model)})
    return notebook


def explorer_html(data: dict, state: dict) -> str:
    """Return what a page shows of an explorer.

    Parameters
    ----------
    data : dict
        Its output by type: a picture or a formula, and one line of text.
    state : dict
        Its widget's.  With ``"frames"`` it steps without a kernel, and the state goes along.
    """
    name = html.escape(data["text/plain"])
    still = data.get("text/html") or html.escape(data["text/latex"])
    if "frames" not in state:
        return f'<div class="explorer">{still}<p><b>{name}.</b> {ANSWERS_ELSEWHERE}</p></div>'
    kept = json.dumps(state, ensure_ascii=False).replace("<", "\\u003c")  # so no tag ends it
    return (
        f'<div class="explorer steps"><div class="still">{still}<p><b>{name}</b></p></div>'
        f'<script type="application/json">{kept}</script></div>'
    )


def _is_explorer(output):
    return output.get("data", {}).get("text/plain", "").startswith("Explorer: ")


def _from_markdown(text):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


def _contents():
    """Return the index: the README's list of lessons."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    title = readme.partition("\n")[0]
    (lessons,) = re.findall(r"^## The lessons\n(.+?)(?=^## )", readme, re.DOTALL | re.MULTILINE)
    more = "[Where each piece comes from](notebooks/sources.md)"
    return f"{title}\n\n## The lessons\n{lessons}\n{more}\n"


def _write_page(export, to, notebook, names):
    """Export a notebook as a page; `names` says which file of the lessons is which page."""
    heading = re.search(r"^# (.+)$", "\n".join(cell.source for cell in notebook.cells), re.M)
    notebook.metadata["title"] = heading[1] if heading else to.stem
    page = BeautifulSoup(export(notebook), "html.parser")
    for mark in page.select("a.anchor-link"):
        mark.decompose()
    for table in page.select("table"):
        table.wrap(page.new_tag("div", attrs={"class": "table"}))  # which scrolls if it is wide
    for header in page.select("th:empty"):
        header.name = "td"  # a header without words is none
    for link in page.select("a[href]"):
        path, _, heading = link["href"].partition("#")
        if name := names.get(Path(path).name):
            link["href"] = f"{name}#{heading}" if heading else name
    to.write_text(str(page), encoding="utf-8", newline="\n")


# ---------------------------------------------------------------- what must hold


def problems(folder: Path) -> list[str]:
    """Return each link of the pages in `folder` that leads nowhere, and each request outside."""
    pages = {
        path.name: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(folder.glob("*.html"))
    }
    targets = {name: {tag["id"] for tag in page.select("[id]")} for name, page in pages.items()}
    found = []
    for name, page in pages.items():
        for link in page.select("a[href]"):
            address = urlsplit(link["href"])
            if address.scheme in ("http", "https", "mailto"):
                continue
            to = unquote(address.path) or name
            if not (folder / to).exists():
                found.append(f"{name}: a link to {to}, which is not there")
            elif address.fragment and unquote(address.fragment) not in targets.get(to, ()):
                found.append(f"{name}: a link to {link['href']}, which has no such heading")
        for address in _asked_for(page):
            if not (address.startswith("data:") or (folder / address).is_file()):
                found.append(f"{name}: asks for {address}, which does not come along")
    return found


def _asked_for(page) -> Iterable[str]:
    """Yield the address of all that a browser fetches by itself."""
    yield from (tag["src"] for tag in page.select("[src]"))
    yield from (tag["href"] for tag in page.select("link[href]"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
