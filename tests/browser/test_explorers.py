"""Each explorer, moved in JupyterLab in a real Chromium, as a student does.

Not among the default tests: `python -m pytest tests/browser -m browser`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from backprop_kit import Network, append_dummy, gate, train_perceptron
from backprop_kit.visual.explorers import path_viewer, slope_stepper

pytestmark = pytest.mark.browser


def explorer(student, lesson, name):
    """Open a lesson, run it, and return the explorer's box."""
    student.left_the_machine.clear()
    student.open(lesson)
    student.run_all()
    student.command("notebook:show-all-cell-outputs")  # some stand below a prediction, folded
    box = student.page.get_by_role("region", name=f"Explorer: {name}").first
    box.scroll_into_view_if_needed()
    return box


def test_backpropagation_is_stepped_and_every_number_is_the_network_s(student):
    network = Network((3, 4, 2), rng=4)  # that of the lesson
    trace = network.forward([[0.5, 1.0, -0.5]])
    gradients = network.backward(trace, [[1.0, 0.0]])
    box = explorer(student, "07_error_flows_back.ipynb", "Backpropagation, step by step")

    def drawn(key):
        texts = box.locator(f'[data-key="{key}"] text').all_text_contents()
        return float(texts[1].replace("−", "-")) if len(texts) > 1 else None

    note, says = box.locator(".note"), box.locator(".says")
    assert drawn("alpha_1") is None
    for key in ("step", "arrow"):
        if key == "step":
            box.get_by_role("button", name="one step on").click()
            assert drawn("alpha_1") == round(trace.net_inputs[0][0, 0], 4)
        else:
            student.page.keyboard.press("ArrowRight")
            assert drawn("b_2") == round(trace.outputs[1][0, 1], 4)
    assert "forward to every b_h" in says.inner_text()

    box.locator('[data-key="w_31"]').click()
    assert "∂E/∂w_31: not yet computed." in note.inner_text()
    for _ in range(5):
        student.page.keyboard.press("ArrowRight")
    derivative = gradients.weights[1][2, 0]
    assert drawn("w_31") == round(derivative, 4)
    assert note.inner_text().endswith(f"= {derivative:.6f}".replace("-", "−"))
    for _ in range(3):
        student.page.keyboard.press("ArrowRight")
    for hidden in range(4):
        found = drawn(f"gamma_{hidden + 1}")
        assert abs(found - gradients.thresholds[0][hidden]) < 5e-5
        assert abs(drawn(f"v_2{hidden + 1}") - gradients.weights[0][1, hidden]) < 5e-5

    box.locator('[data-key="w_31"]').focus()
    student.page.keyboard.press("Tab")
    key = student.page.evaluate("() => document.activeElement.dataset.key")
    student.page.keyboard.press("Enter")
    assert key.startswith("w_")
    assert note.inner_text().startswith(f"{key}: weight from hidden unit")
    student.page.keyboard.press("End")
    network.step(gradients, 0.5)
    assert drawn("w_12") == round(network.weights[1][0, 1], 4)
    assert drawn("theta_2") == round(network.thresholds[1][1], 4)
    box.get_by_role("button", name="reset").click()
    assert drawn("alpha_1") is None
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_slopes_are_stepped_and_every_text_is_that_of_the_state(student):
    frames = slope_stepper().frames
    name = "sigmoid, its slope, and products of slopes"
    box = explorer(student, "03_sigmoid_and_chain_rule.ipynb", name)
    press, note = student.page.keyboard.press, box.locator(".note")

    def assert_shown(number):
        frame = frames[number]
        root = ElementTree.fromstring(frame.svg)
        texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
        assert box.locator(".stage svg text").all_text_contents() == texts
        assert box.locator(".says").inner_text() == frame.says
        assert box.locator(".stage svg").get_attribute("aria-label") == frame.says

    assert_shown(0)
    box.get_by_role("button", name="one step on").click()
    assert_shown(1)
    for _ in range(9):
        press("ArrowRight")
    assert_shown(10)
    press("ArrowLeft")
    assert_shown(9)

    box.get_by_role("button", name="3 layers", exact=True).click()
    assert note.inner_text() == frames[9].notes["3 layers"]
    press("ArrowRight")  # the choice stays while the frames turn
    assert_shown(10)
    assert note.inner_text() == frames[10].notes["3 layers"]
    box.locator('[data-key="slope"]').focus()
    press("Enter")
    assert note.inner_text() == frames[10].notes["slope"]
    press("Tab")
    press("Enter")
    assert note.inner_text() == frames[10].notes["value"]
    assert box.locator('[data-key="value"]').get_attribute("aria-pressed") == "true"
    press("End")
    assert_shown(len(frames) - 1)
    box.get_by_role("button", name="reset").click()
    assert_shown(0)
    assert note.inner_text() == slope_stepper().help
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_the_perceptron_is_stepped_by_keys_and_buttons_and_xor_goes_round(student):
    from playwright.sync_api import expect

    AND = gate("AND")
    record, rows = train_perceptron(AND.X, AND.y, eta=1), append_dummy(AND.X)
    name = "The perceptron rule, step by step"
    box = explorer(student, "01_perceptron.ipynb", name)
    says, note = box.locator(".says"), box.locator(".note")
    expect(says).to_contain_text("Start: W = (0, 0, 0).")
    box.get_by_role("button", name="one step on").click()
    box.get_by_role("slider").focus()
    for number, step in enumerate(record.steps, 1):
        after = ", ".join(f"{weight:g}" for weight in step.weights_after).replace("-", "−")
        expect(says).to_contain_text(f"Correction {number},")
        expect(says).to_contain_text(f"= ({after}).")
        assert f"= ({after})" in box.locator(".stage text").all_text_contents()
        expect(box.locator(".count")).to_have_text(f"{number} / {len(record.steps) + 1}")
        student.page.keyboard.press("ArrowRight")
    expect(says).to_contain_text(record.message)

    def sum_now(k):
        return f"{rows[k] @ record.weights:g}".replace("-", "−")

    box.locator('[data-key="sample 10"] circle').last.click()
    expect(note).to_contain_text(f"= {sum_now(2)} < 0: it is silent")
    box.locator('[data-key="sample 10"]').focus()
    student.page.keyboard.press("Tab")
    assert student.page.evaluate("() => document.activeElement.dataset.key") == "sample 11"
    student.page.keyboard.press("Enter")
    expect(note).to_contain_text(f"= {sum_now(3)} ≥ 0: it fires")
    box.get_by_role("button", name="one step back").click()
    expect(note).to_contain_text("before: W · x = ")  # the choice stays

    cell = student.page.locator(".jp-CodeCell", has=box)
    cell.locator(".cm-content").click()
    student.page.keyboard.press("Control+A")
    student.page.keyboard.insert_text('perceptron_stepper(*gate("XOR"))')
    student.page.keyboard.press("Control+Enter")
    expect(says).to_contain_text("Wrong now: 00, 11.")
    box.get_by_role("slider").focus()
    student.page.keyboard.press("End")
    expect(says).to_contain_text("A cycle after 10 corrections")
    student.page.keyboard.press("ArrowLeft")
    expect(says).to_contain_text("This frame repeats frame 7")
    assert "↻ repeats frame 7" in box.locator(".stage text").all_text_contents()
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_a_parameter_chosen_in_the_picture_comes_up_with_its_paths(student):
    from playwright.sync_api import expect

    viewer = path_viewer((2, 3, 2), derived=False)
    place = viewer.frames[0].goto
    box = explorer(student, "04_derive_the_updates.ipynb", "paths to the error")

    def assert_shown(key):
        frame = viewer.frames[place[key]]
        expect(box.locator(".says")).to_have_text(frame.says)
        root = ElementTree.fromstring(frame.svg)
        texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
        assert box.locator(".stage svg text").all_text_contents() == texts
        assert box.locator(".stage svg").first.get_attribute("aria-label") == frame.says
        pressed = box.locator('[data-key][aria-pressed="true"]')
        assert [part.get_attribute("data-key") for part in pressed.all()] == [key]

    assert_shown("w_11")
    box.get_by_role("button", name="one step on").click()
    assert_shown("theta_1")
    student.page.keyboard.press("ArrowRight")
    assert_shown("gamma_1")
    box.locator('[data-key="v_21"]').click()
    assert_shown("v_21")
    assert "The sum runs over j: 2 paths, one for each output." in box.inner_text()
    student.page.keyboard.press("Tab")
    key = student.page.evaluate("() => document.activeElement.dataset.key")
    assert key in place
    assert key != "v_21"
    student.page.keyboard.press("Enter")
    assert_shown(key)
    assert student.page.evaluate("() => document.activeElement.dataset.key") == key
    box.locator('[data-key="theta_2"]').click()
    assert_shown("theta_2")
    assert "One path, no sum." in box.inner_text()
    assert box.locator('[data-key="b_1"]').get_attribute("tabindex") is None  # no parameter
    box.get_by_role("button", name="play or pause").click()
    box.locator('[data-key="gamma_3"]').click()  # whoever chooses is not carried on
    student.page.wait_for_timeout(1500)
    assert_shown("gamma_3")
    box.get_by_role("button", name="reset").click()
    assert_shown("w_11")
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []
