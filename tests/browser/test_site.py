"""The exported pages, read from the disk in a real Chromium that reaches nothing else.

Not among the default tests: `python -m pytest tests/browser/test_site.py -m browser`.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from backprop_kit import Network
from tests.browser.lab import VIEWPORT
from tools.notebooks import LESSONS, code_cells, find_lessons, is_folded
from tools.prose import formulas
from tools.site import write_site

pytestmark = pytest.mark.browser

PAGES = sorted(path.stem for path in [*LESSONS.glob("*.ipynb"), *LESSONS.glob("*.md")])

REPORT = """() => {
    const all = selector => [...document.querySelectorAll(selector)];
    const text = nodes => nodes.map(n => (n.textContent.trim() || n.outerHTML).slice(0, 200));
    const body = document.querySelector('main').cloneNode(true);
    body.querySelectorAll('mjx-container, code, pre, script').forEach(n => n.remove());
    return {
        'broken formulas': text(all('merror, mtext[mathcolor="red"]')),
        'formulas left as text': body.textContent.match(/\\$[^$]+\\$|\\\\[a-z]{3,}.*/gi) ?? [],
        'images not drawn': all('img').filter(i => !i.naturalWidth).map(i => i.alt),
        'images without a text': all('img').filter(i => !i.alt.trim()).map(i => i.src.slice(0, 80)),
        'explorers that do not step': text(all('.explorer.steps').filter(
            box => !box.querySelector('.backprop-explorer .stage > *'))),
        'names that stand twice': text(all('[id]').filter(
            n => document.getElementById(n.id) !== n)),
    };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "pages"
    write_site(out, find_lessons([]))
    return out


@pytest.fixture
def reader(browser, site):
    """Give a page without a network, and the list of all that goes wrong on it."""
    context = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce", offline=True)
    wrong = []

    def stay(route):
        if route.request.url.startswith((site.as_uri(), "data:", "blob:")):
            return route.continue_()
        wrong.append(f"asked for {route.request.url}")
        return route.abort()

    context.route("**/*", stay)
    page = context.new_page()
    page.on("console", lambda said: wrong.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:200]}"))
    yield page, wrong
    context.close()


def open_page(page, site, name):
    """Open a page and wait until its formulas are set and its explorers step."""
    page.goto((site / f"{name}.html").as_uri())
    page.evaluate("() => MathJax.startup.promise")
    page.wait_for_function("() => !document.querySelector('.explorer.steps > .still')")


def photograph(page, name):
    if out := os.environ.get("BROWSER_ARTIFACTS"):
        page.screenshot(path=Path(out) / f"{name}.png", full_page=True)


def violations(page, **options):
    """Return what axe finds wrong outside MathJax's own formulas."""
    from axe_playwright_python.sync_playwright import Axe

    # With "preload" it would fetch the style sheet, which no page may do from the disk.
    options |= {"resultTypes": ["violations", "passes"], "preload": False}
    found = Axe().run(page, {"exclude": [["mjx-container"]]}, options).response
    assert any(rule["id"] == "color-contrast" for rule in found["passes"])
    return [f"{v['id']}: {node['html'][:200]}" for v in found["violations"] for node in v["nodes"]]


@pytest.mark.parametrize("name", [*PAGES, "index"])
def test_a_page_is_whole_without_a_network(reader, site, name):
    page, wrong = reader
    open_page(page, site, name)
    report = page.evaluate(REPORT)
    assert report == {what: [] for what in report}
    lesson = LESSONS / f"{name}.ipynb"
    if lesson.exists():
        notebook = nbformat.read(lesson, as_version=4)
        assert page.locator("mjx-container").count() >= len(formulas(notebook))
        folded = [cell for cell in code_cells(notebook) if is_folded(cell)]
        assert page.locator("details.outputs:not([open])").count() == len(folded)
        for outputs in page.locator("details.outputs > :not(summary)").all():
            assert not outputs.is_visible()
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert violations(page) == []
    photograph(page, f"site-{name}")
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=["color-contrast"]) == []
    photograph(page, f"site-{name}-dark")
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 420
    assert wrong == []


def test_a_link_leads_to_its_heading(reader, site):
    page, wrong = reader
    open_page(page, site, "00_start_here")
    link = page.locator("a[href*='.html#']:visible").first
    heading = link.get_attribute("href").partition("#")[2]
    link.click()
    page.wait_for_load_state()
    where = page.evaluate(
        "() => document.querySelector(':target').getBoundingClientRect().top / innerHeight"
    )
    assert page.url.endswith(f"#{heading}")
    assert page.url.startswith(site.as_uri())
    assert 0 <= where < 1
    assert wrong == []


def test_an_explorer_steps_without_a_kernel(reader, site):
    trace = Network((3, 4, 2), rng=4).forward([[0.5, 1.0, -0.5]])  # that of lesson 07
    page, wrong = reader
    open_page(page, site, "07_error_flows_back")
    box = page.get_by_role("region", name="Explorer: Backpropagation, step by step")

    def drawn(key):
        texts = box.locator(f'[data-key="{key}"] text').all_text_contents()
        return float(texts[1].replace("−", "-")) if len(texts) > 1 else None

    assert drawn("alpha_1") is None
    box.get_by_role("button", name="one step on").click()
    assert drawn("alpha_1") == round(trace.net_inputs[0][0, 0], 4)
    page.keyboard.press("ArrowRight")
    assert drawn("b_2") == round(trace.outputs[1][0, 1], 4)
    box.locator('[data-key="b_2"]').click()
    assert box.locator(".note.chosen").inner_text().startswith("b_2")
    box.get_by_role("button", name="reset").click()
    assert drawn("alpha_1") is None
    assert wrong == []


def test_an_explorer_that_needs_a_kernel_says_so(reader, site):
    page, _ = reader
    open_page(page, site, "05_check_the_formulas")
    box = page.locator(".explorer:not(.steps)", has_text="Explorer: Gradient check")
    assert "answers in JupyterLab" in box.inner_text()
    assert box.locator("img").get_attribute("alt")


# What the checks above rely on: they must see what is wrong on a page.

SPOILT = r"""
$\notamacro{x}$ \alpha <img alt="gone" src="data:image/png;base64,AAAA">
<img alt=" " src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>">
<img alt="outside" src="https://example.org/x.png">
<div class="explorer steps"></div> <b id="twice"></b> <b id="twice"></b>
"""


def test_the_checks_see_what_is_wrong(reader, site):
    page, wrong = reader
    good = (site / "index.html").read_text(encoding="utf-8")
    (site / "spoilt.html").write_text(good.replace("</main>", f"{SPOILT}</main>"), "utf-8")
    open_page(page, site, "spoilt")
    report = page.evaluate(REPORT)
    assert [what for what, found in report.items() if not found] == []
    assert "asked for https://example.org/x.png" in wrong
    assert any(line.startswith("error: ") for line in wrong)
    assert any("image-alt" in line for line in violations(page))
