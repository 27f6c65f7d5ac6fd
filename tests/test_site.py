"""The lessons as pages: nothing is lost on the way, no link is dead, nothing is outside."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, output_from_msg

from tools import site
from tools.notebooks import COVER, normal_text
from tools.site import SiteError, explorer_html, problems, write_site

EXPLORERS = """\
from backprop_kit.visual import svg
from backprop_kit.visual.explorers import Frame, Stepper
drawing = svg.document([], 9, 9, "a dot")
Stepper("Dots", [Frame(drawing, "One."), Frame(drawing, "</script> two.")], "dots(2)")
"""


def output(data):
    content = {"data": data, "metadata": {}, "execution_count": 1}
    return output_from_msg({"header": {"msg_type": "execute_result"}, "content": content})


@pytest.fixture
def lessons(tmp_path):
    """Give two lessons that hold all that lessons hold, and a text beside them."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    first = new_notebook(
        cells=[
            new_markdown_cell("# 01 · First\n\nSee [two](02_b.ipynb#Why,-then?), $a < b$."),
            new_code_cell("1 + 1", outputs=[output({"text/plain": "2 < 3"})], execution_count=1),
            new_code_cell("", outputs=[]),
            new_code_cell(
                "reveal()",
                metadata={"jupyter": {"outputs_hidden": True}},
                outputs=[output({"image/png": COVER["image/png"]}), output({"text/plain": "42"})],
            ),
            new_code_cell("x", outputs=[output({"text/latex": "$x < y$", "text/plain": "x"})]),
            new_code_cell("y", outputs=[output({"text/markdown": "**bold**", "text/plain": "y"})]),
            new_code_cell("z", outputs=[output({"text/html": "<i>z</i>", "text/plain": "z"})]),
        ]
    )
    stepper = output(
        {"text/plain": "Explorer: Dots", "text/html": "<img alt='a dot' src='data:,'>"}
    )
    second = new_notebook(
        cells=[
            new_markdown_cell("# 02 · Second\n\n## Why, then?\n\nSee [sources](sources.md)."),
            new_code_cell(EXPLORERS, outputs=[stepper]),
        ]
    )
    for name, notebook in {"01_a": first, "02_b": second}.items():
        (folder / f"{name}.ipynb").write_text(normal_text(notebook), encoding="utf-8")
    (folder / "sources.md").write_text(
        "# Sources\n\n[one](01_a.ipynb) ![b](b.svg)\n", encoding="utf-8"
    )
    (folder / "b.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    return sorted(folder.glob("*.ipynb"))


@pytest.fixture
def written(lessons, tmp_path, monkeypatch):
    """Write the pages; give each by its name."""
    out, mathjax = tmp_path / "out", tmp_path / "tex-svg-full.js"
    mathjax.write_text("// formulas", encoding="utf-8")
    index = "# Index\n\n[one](notebooks/01_a.ipynb)"
    monkeypatch.setattr(site, "_contents", lambda: index)
    write_site(out, lessons, mathjax=mathjax)
    pages = out.glob("*.html")
    return {page.stem: BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in pages}


def test_everything_is_on_the_pages(written):
    assert set(written) == {"01_a", "02_b", "sources", "index"}
    first = written["01_a"]
    assert first.title.text == "01 · First"
    assert len(first.select(".cell")) == 5  # the empty cell is left out
    shown = [cell.select_one(".outputs").get_text().split() for cell in first.select(".cell")]
    answer = ["Show", "the", "output", "42"]
    assert shown == [["2", "<", "3"], answer, ["$x", "<", "y$"], ["bold"], ["z"]]
    assert "$a < b$" in first.text
    assert first.select(".outputs strong")
    assert first.select(".outputs i")


def test_links_lead_to_the_pages_and_their_headings(written):
    def links(name):
        return [link["href"] for link in written[name].select("main a")]

    assert links("01_a") == ["02_b.html#Why,-then?"]
    assert written["02_b"].find(id="Why,-then?").name == "h2"
    assert links("02_b") == ["sources.html"]
    assert links("sources") == links("index") == ["01_a.html"]


def test_an_image_beside_the_lessons_comes_along(written):
    assert written["sources"].img["src"].startswith("data:image/svg+xml;base64,")


def test_what_is_folded_stays_folded_and_has_no_cover(written):
    (folded,) = written["01_a"].select("details")
    assert not folded.has_attr("open")
    assert folded.select("pre")[0].text == "42"
    assert not folded.select("img")


def test_a_stepper_takes_all_its_frames_along(written):
    (box,) = written["02_b"].select(".explorer.steps")
    kept = box.script.string
    assert "<" not in kept  # a frame's text cannot end the element
    state = json.loads(kept)
    assert [frame["says"] for frame in state["frames"]] == ["One.", "</script> two."]
    assert "render" in state["_esm"]
    assert ".backprop-explorer" in state["_css"]
    assert box.select_one(".still img")["alt"]


def test_an_explorer_that_needs_a_kernel_shows_how_it_begins_and_says_so():
    data = {"text/plain": "Explorer: A box", "text/latex": "$a < b$"}
    text = explorer_html(data, {"_model_name": "VBoxModel"})
    assert "$a &lt; b$" in text
    assert "Explorer: A box" in text
    assert "answers in JupyterLab" in text
    assert "steps" not in text


def test_a_folder_that_holds_something_is_left_alone(lessons, tmp_path):
    (tmp_path / "precious").write_text("x", "utf-8")
    with pytest.raises(SiteError, match="is not empty"):
        write_site(tmp_path, lessons)
    assert not (tmp_path / "assets").exists()


def test_without_a_network_the_command_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SiteError, match="MathJax could not be fetched"):
        site.fetch_mathjax(tmp_path / "mathjax.js")


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ('<a href="b.html">b</a>', "a link to b.html, which is not there"),
        ('<a href="#no">b</a>', "a link to #no, which has no such heading"),
        ('<a href="notes.ipynb">b</a>', "a link to notes.ipynb, which is not there"),
        ('<img src="https://example.org/x.png">', "asks for https://example.org/x.png"),
        ('<script src="gone.js"></script>', "asks for gone.js"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "asks for //example.org/x.css"),
    ],
)
def test_a_dead_link_and_a_request_are_found(tmp_path, spoilt, said):
    (tmp_path / "a.html").write_text(f'<h1 id="a">A</h1><a href="#a">A</a>{spoilt}', "utf-8")
    (found,) = problems(tmp_path)
    assert said in found


def test_the_index_lists_what_the_readme_lists():
    text = site._contents()
    assert text.startswith("# The backprop workbook\n")
    assert re.findall(r"\(notebooks/(\d\d)_", text)[:3] == ["00", "01", "02"]
