"""A live explorer in JupyterLab in a real Chromium: whatever a student does comes back drawn."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import v4

from tests.browser.lab import lab_server, reader

pytestmark = pytest.mark.browser

CELL = """
import time
from backprop_kit.visual import svg
from backprop_kit.visual.controls import Action, Options, Slider, Surface, TextBox, Toggle
from backprop_kit.visual.explorers import Frame, Live

frames = []

def show(values):
    frames.append(values["size"])
    if values["size"] == 9:
        raise ZeroDivisionError("no square of nine")
    if values["slow"]:
        time.sleep(2 if values["name"] == "late" else 0.05)
    says = f"size {values['size']:g}, {values['colour']}, {values['name']}, {values['clicks']}"
    box = svg.rectangle(10, 10, 10 * values["size"], 40, fill="#0072B2")
    plane = svg.surface("plane", 150, 0, 100, 100, (0, 8), (-1, 1), drag=True)
    part = svg.choice([box], "box")
    drawing = svg.document([part, plane], 260, 100, says)
    return Frame(drawing, says, {"box": f"A box of {values['size']:g}."}, code=f"{values['size']}")

controls = [
    Slider("size", "size", 0, 10, 5, 0.5),
    Options("colour", "colour", ("blue", "red"), "blue"),
    Toggle("slow", "slow", False),
    TextBox("name", "name", "box"),
    Action("grow", "grow", lambda v: {"size": min(8, v["size"] + 1)}, repeats=True),
    Surface("plane", lambda v, x, y: {"size": round(x), "clicks": v["clicks"] + 1}),
]
Live("a box", controls, show, start={"clicks": 0}, help="Choose the box.")
"""

UNREADABLE = """
from IPython.display import HTML, display
display(HTML('<input type="range"><p style="color: #ccc">pale on white</p>'))
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory, browser):
    lessons = tmp_path_factory.mktemp("lessons")
    cells = [v4.new_code_cell(text) for text in (CELL, "len(frames)", UNREADABLE)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=kernel), lessons / "box.ipynb")
    with (
        lab_server(tmp_path_factory.mktemp("lab"), lessons) as address,
        reader(browser, address) as person,
    ):
        yield person


@pytest.fixture
def box(bench):
    bench.left_the_machine.clear()
    bench.open("box.ipynb")
    bench.run_all()
    box = bench.page.get_by_role("region", name="Explorer: a box")
    yield box
    assert bench.report()["error outputs"] == []
    assert bench.left_the_machine == []


def test_every_control_by_key_and_by_pointer(bench, box):
    from playwright.sync_api import expect

    says, keyboard = box.locator(".says"), bench.page.keyboard
    slider = box.get_by_role("slider", name="size")
    slider.focus()
    keyboard.press("ArrowRight")
    expect(says).to_contain_text("size 5.5, blue")
    expect(box.locator(".number")).to_have_text("5.5")
    keyboard.press("Home")
    expect(says).to_contain_text("size 0, blue")
    area = slider.bounding_box()
    bench.page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    expect(says).to_contain_text("size 5, blue")
    box.get_by_role("combobox", name="colour").select_option("red")
    expect(says).to_contain_text("size 5, red, box")
    box.get_by_role("textbox", name="name").fill("carton")
    expect(says).to_contain_text("red, carton")
    box.get_by_role("button", name="show me the code").click()
    expect(box.locator("pre")).to_have_text("5")
    box.get_by_role("button", name="box", exact=True).click()
    expect(box.locator(".note")).to_have_text("A box of 5.")
    box.get_by_role("button", name="reset").click()
    expect(says).to_have_text("size 5, blue, box, 0")


def test_a_place_is_pointed_at_and_dragged(bench, box):
    from playwright.sync_api import expect

    says = box.locator(".says")
    area = box.locator('[data-surface="plane"]').bounding_box()
    x, y = area["x"] + area["width"] / 4, area["y"] + 20
    bench.page.mouse.move(x, y)
    bench.page.mouse.down()
    expect(says).to_contain_text("size 2, blue, box, 1")
    bench.page.mouse.move(x + area["width"] / 2, y, steps=5)
    expect(says).to_contain_text("size 6, blue")
    bench.page.mouse.up()
    expect(box.locator(".number")).to_have_text("6.0")


def test_an_exception_in_the_kernel_is_said_beside_the_control(bench, box):
    from playwright.sync_api import expect

    slider = box.get_by_role("slider", name="size")
    slider.fill("9")
    words = "This cannot be shown: no square of nine (ZeroDivisionError)"
    expect(box.get_by_role("alert").filter(has_text=words)).to_be_visible()
    field = box.locator(".field", has=bench.page.get_by_role("slider"))
    expect(field.get_by_role("alert")).to_have_text(words)
    expect(box.locator(".says")).to_contain_text("size 5, blue")  # the last that could be shown
    expect(slider).to_have_value("9")  # and the student's own value still stands
    slider.fill("8")
    expect(field.get_by_role("alert")).to_have_text("")
    expect(box.locator(".says")).to_contain_text("size 8, blue")


def test_a_drag_does_not_queue_up_and_a_busy_kernel_is_said(bench, box):
    from playwright.sync_api import expect

    box.get_by_role("checkbox", name="slow").check()
    expect(box.get_by_role("status")).to_have_text("")
    slider = box.get_by_role("slider", name="size")
    slider.evaluate(
        """input => { for (let size = 0; size < 9; size += 0.5) {
            input.value = size; input.dispatchEvent(new Event("input"));
        } }"""
    )
    expect(box.locator(".says")).to_contain_text("size 8.5, blue")
    counted = bench.page.locator(".jp-CodeCell").nth(1)
    counted.locator(".cm-content").click()
    bench.page.keyboard.press("Control+Enter")
    expect(counted.locator(".jp-InputPrompt")).not_to_have_text("[*]:")
    # At most: the start, the checkbox, the first of the eighteen, and the last.
    assert int(counted.locator(".jp-OutputArea-output").last.inner_text()) <= 4

    box.get_by_role("textbox", name="name").fill("late")
    expect(box.get_by_role("status")).to_contain_text("The kernel is busy")
    expect(box.locator(".says")).to_contain_text("late")
    expect(box.get_by_role("status")).to_have_text("")


def test_a_button_repeats_until_nothing_changes_or_it_is_pressed_again(bench, box):
    from playwright.sync_api import expect

    grow = box.get_by_role("button", name="grow")
    grow.click()
    expect(grow).to_have_text("❚❚ pause")
    expect(box.locator(".says")).to_contain_text("size 8, blue")
    expect(grow).to_have_text("grow")
    box.get_by_role("slider", name="size").fill("0")
    grow.click()
    expect(box.locator(".says")).to_contain_text("size 2, blue")
    grow.click()
    expect(grow).to_have_text("grow")


def test_axe_sees_what_cannot_be_read_in_an_output_and_finds_nothing_else(bench, box):
    found = {violation.split(":")[0] for violation in bench.violations()}
    assert found == {"label", "color-contrast"}
