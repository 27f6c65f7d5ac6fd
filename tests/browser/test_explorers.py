"""Each explorer, moved in JupyterLab in a real Chromium, as a student does.

Not among the default tests: `python -m pytest tests/browser -m browser`.
"""

from __future__ import annotations

import numpy as np
import pytest

from backprop_kit import (
    Network,
    append_dummy,
    check_gradients,
    check_step,
    gate,
    train,
    train_perceptron,
    worked_example,
)
from backprop_kit.exercises import exercise
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.lesson_05 import MISTAKES
from backprop_kit.exercises.parsing import read_so_far
from backprop_kit.symbolic.evaluation import by_letter
from backprop_kit.visual.explorers import (
    convention_switcher,
    formula_box,
    path_viewer,
    slope_stepper,
)
from backprop_kit.visual.explorers.conventions import example
from backprop_kit.visual.explorers.landscape import descent_words
from backprop_kit.visual.explorers.landscape_states import descend
from tests.drawings import texts

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
    student.page.keyboard.press("ArrowRight")
    network.step(gradients, 0.5)
    assert drawn("w_12") == round(network.weights[1][0, 1], 4)
    assert drawn("theta_2") == round(network.thresholds[1][1], 4)
    student.page.keyboard.press("End")  # the choice stays, and its product is that of iteration 300
    for _ in range(298):
        network.step(network.backward(network.forward([[0.5, 1.0, -0.5]]), [[1.0, 0.0]]), 0.5)
    trace = network.forward([[0.5, 1.0, -0.5]])
    row, column = int(key[2]) - 1, int(key[3]) - 1
    derivative = network.backward(trace, [[1.0, 0.0]]).weights[1][row, column]
    product = note.inner_text().split("\n")[3]
    assert abs(float(product.split(" = ")[-1].replace("−", "-")) - derivative) < 1e-6
    assert drawn("y_hat_1") == round(trace.y_hat[0, 0], 4)
    assert "Iteration 300" in says.inner_text()
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
        assert box.locator(".stage svg text").all_text_contents() == texts(frame.svg)
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

    box.get_by_role("button", name="product of slopes over 3 layers", exact=True).click()
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


def test_the_perceptron_learns_points_from_a_gate_a_click_and_a_slider_and_xor_goes_round(student):
    from playwright.sync_api import expect

    AND, XOR = gate("AND"), gate("XOR")
    record, rows = train_perceptron(AND.X, AND.y, eta=1), append_dummy(AND.X)
    box = explorer(student, "01_perceptron.ipynb", "The perceptron rule, step by step")
    says, note, keyboard = box.locator(".says"), box.locator(".note"), student.page.keyboard

    def press(name):
        box.get_by_role("button", name=name, exact=True).click()

    def written(weights):
        return ", ".join(f"{weight:g}" for weight in weights).replace("-", "−")

    def samples():
        return box.locator('[data-key^="sample "]')

    expect(says).to_contain_text("Start: W = (0, 0, 0).")
    for number, step in enumerate(record.steps, 1):
        press("one correction on")
        expect(says).to_contain_text(f"Correction {number},")
        expect(says).to_contain_text(f"= ({written(step.weights_after)}).")
        texts = box.locator(".stage text").all_text_contents()
        assert f"= ({written(step.weights_after)})" in texts
    press("one correction on")
    expect(says).to_contain_text(record.message)

    def sum_now(k):
        return f"{rows[k] @ record.weights:g}".replace("-", "−")

    box.locator('[data-key="sample 10"] circle').last.click()
    expect(note).to_contain_text(f"= {sum_now(2)} < 0: it is silent")
    box.get_by_role("button", name="sample 10, label 0").focus()
    keyboard.press("Tab")
    assert student.page.evaluate("() => document.activeElement.dataset.key") == "sample 11"
    keyboard.press("Enter")
    expect(note).to_contain_text(f"= {sum_now(3)} ≥ 0: it fires")
    press("one correction back")
    expect(note).to_contain_text("before: W · x = ")  # the choice stays

    box.locator('[data-control="gate"]').select_option("XOR")
    expect(says).to_contain_text("Start: W = (0, 0, 0).")
    press("run to the end, one correction after the other")
    expect(says).to_contain_text("A cycle after 10 corrections", timeout=20_000)
    expect(says).to_contain_text("Corrections 8 to 11 repeat corrections 4 to 7")
    press("one correction back")
    expect(box.locator(".stage")).to_contain_text("↻ repeats correction 7")

    # A fifth point: by the pointer, then by the keyboard alone.
    plane = box.locator('[data-surface="plane"]').bounding_box()

    def click(x1, x2):
        across, up = (x1 + 1.25) / 3.5, (x2 + 1.25) / 3.5
        student.page.mouse.click(
            plane["x"] + across * plane["width"], plane["y"] + (1 - up) * plane["height"]
        )

    click(0.52, 1.48)
    expect(samples()).to_have_count(5)
    assert box.locator('[data-control="gate"]').input_value() == "points of your own"
    run = train_perceptron([*XOR.X, [0.5, 1.5]], [*XOR.y, 1])
    press("one correction on")
    expect(says).to_contain_text(f"= ({written(run.steps[0].weights_after)}).")
    box.locator('[data-control="x1"]').focus()
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    box.locator('[data-control="label"]').focus()
    keyboard.press("ArrowDown")
    box.get_by_role("button", name="add the point").focus()
    keyboard.press("Enter")
    expect(samples()).to_have_count(6)
    added = box.get_by_role("button", name="sample B, label 0")
    added.focus()
    keyboard.press("Enter")
    expect(note).to_contain_text("x = (0, 1.5, −1), label y = 0")
    press("take all points away")
    expect(says).to_contain_text("No points yet.")
    expect(samples()).to_have_count(0)
    for x1, x2 in ((-1, 2), (2, -1), (0, 0)):
        click(x1, x2)
    expect(samples()).to_have_count(3)
    for _ in range(10):
        press("add the point")
    expect(box.locator(".status")).to_contain_text("points must be 12 at most")
    press("reset")
    expect(samples()).to_have_count(4)
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
        assert box.locator(".stage svg text").all_text_contents() == texts(frame.svg)
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


def test_a_formula_is_typeset_while_it_is_typed_and_judged_when_typing_pauses(student):
    from playwright.sync_api import expect

    asked = [exercise(f"update-{name}") for name in ("w", "theta", "gamma", "v")]
    mirror = formula_box(asked, read_so_far, start="eta (y_j - y_hat_j) b_h")
    box = explorer(student, "04_derive_the_updates.ipynb", mirror.name)
    keyboard, says = student.page.keyboard, box.locator(".says")
    typed, question = box.get_by_label("your formula"), box.get_by_label("question")
    output = student.page.locator(".jp-OutputArea-output").filter(has=box)

    def assert_shown(frame):
        expect(says).to_have_text(frame.says)
        assert box.locator(".code").text_content() == frame.code

    assert_shown(mirror.frame)
    typed.focus()
    keyboard.press("End")
    keyboard.press("Enter")
    assert_shown(mirror.press("judge"))
    keyboard.type(" ŷ_j (1 -")
    text = "eta (y_j - y_hat_j) b_h ŷ_j (1 -"
    expect(says).to_have_text(mirror.move(text=text).says)  # calm at first
    assert "⋯" in output.locator(".widget-htmlmath").text_content()
    expect(says).to_have_text(mirror.press("judge").says)  # and after a pause, by itself
    expect(says).to_contain_text("▸")
    keyboard.type(" ŷ_j)")
    assert_shown(tried(mirror, text=text + " ŷ_j)"))
    expect(says).to_contain_text("✓ Right.")
    in_lesson = student.page.locator(".jp-RenderedLatex mjx-assistive-mml").all_text_contents()
    assert output.locator(".widget-htmlmath mjx-assistive-mml").text_content() in in_lesson
    assert typed.evaluate("e => e === document.activeElement")

    question.focus()
    keyboard.press("ArrowDown")
    assert_shown(mirror.move(question="update-theta"))
    expect(typed).to_have_value("")  # another question needs its own formula
    typed.fill("b" * 400)
    assert len(typed.input_value()) == 300
    typed.fill("-eta ŷ_j (1 - ŷ_j) (y_j - ŷ_j)")
    box.get_by_role("button", name="say the verdict").click()
    assert_shown(tried(mirror, text="-eta ŷ_j (1 - ŷ_j) (y_j - ŷ_j)"))
    box.get_by_role("button", name="reset").click()
    student.page.wait_for_timeout(1200)  # a pause after a reset asks for nothing
    assert_shown(mirror.reset())
    assert student.report()["error outputs"] == []
    assert student.report()["broken formulas"] == []
    assert student.left_the_machine == []


def tried(box, **values):
    """Move the controls, and press what a pause in typing presses."""
    box.move(**values)
    return box.press("judge")


def test_the_xor_bench_is_moved_and_trained_and_shows_what_the_package_computes(student):
    import re

    from playwright.sync_api import expect

    X, y = gate("XOR")
    Y = y[:, None]
    box = explorer(student, "02_xor_network.ipynb", "The XOR bench")
    says, rows = box.locator(".says"), box.locator('[data-key^="sample "]')

    def slider(key):
        return box.locator(f'[data-control="{key}"]')

    def press(name):
        box.get_by_role("button", name=name).click()

    def assert_shown(network, headline):
        """Compare the words, the table and the sliders with the package's network."""
        expect(says).to_contain_text(f"{headline}: E = {network.loss(X, Y):.4f}")
        _, B, y_hat = network.forward(X).outputs
        for k, name in enumerate(("00", "01", "10", "11")):
            near_half = f"{y_hat[k, 0]:.2f}" == "0.50"
            numbers = [*(f"{b:.2f}" for b in B[k]), f"{y_hat[k, 0]:.{3 if near_half else 2}f}"]
            verdict = "✓ right" if y_hat[k, 0].round() == y[k] else "✗ wrong"
            row = [name, *numbers, f"{y[k]:.0f}", verdict]
            expect(rows.nth(k).locator("text")).to_have_text(row)  # E alone may not tell a move
        (v, w), (gamma, theta) = network.weights, network.thresholds
        nine = dict(v_11=v[0, 0], v_21=v[1, 0], gamma_1=gamma[0], v_12=v[0, 1], v_22=v[1, 1])
        nine |= dict(gamma_2=gamma[1], w_11=w[0, 0], w_21=w[1, 0], theta_1=theta[0])
        for key, value in nine.items():
            assert abs(float(slider(key).input_value()) - value) < 0.051

    network = Network((2, 2, 1), rng=3)
    train(network, X, Y, eta=10, epochs=600)
    assert_shown(network, "600 epochs, learning rate 10")

    # Trained on for as long as the student likes, by the network's own numbers, not the sliders'.
    press("train, again and again")
    expect(says).to_contain_text(re.compile(r"(?:7[05]|[89][05])0 epochs"))
    press("train, again and again")
    student.page.wait_for_timeout(600)
    epochs = int(re.search(r"(\d+) epochs", says.inner_text())[1])
    train(network, X, Y, eta=10, epochs=epochs - 600)
    assert_shown(network, f"{epochs} epochs, learning rate 10")

    # A change during the training is not undone by it, nor does it undo the training.
    press("train, again and again")
    expect(says).to_contain_text(re.compile(rf"{epochs + 100}|{epochs + 150} epochs"))
    slider("eta").focus()
    student.page.keyboard.press("ArrowLeft")
    student.page.wait_for_timeout(600)
    assert box.get_by_role("button", name="train, again and again").inner_text() == "▶ train"
    now = int(re.search(r"(\d+) epochs", says.inner_text())[1])
    train(network, X, Y, eta=10, epochs=now - epochs)
    assert_shown(network, f"{now} epochs, learning rate 10")
    assert slider("eta").input_value() == "9.5"

    slider("gamma_1").focus()
    was = float(slider("gamma_1").input_value())
    for _ in range(3):
        student.page.keyboard.press("ArrowRight")
    network.thresholds[0][0] = round(was + 0.3, 1)
    assert_shown(network, f"{now} epochs, changed by hand")
    place = slider("v_22").bounding_box()
    student.page.mouse.move(place["x"] + place["width"] / 4, place["y"] + place["height"] / 2)
    student.page.mouse.down()
    student.page.mouse.move(
        place["x"] + 0.7 * place["width"], place["y"] + place["height"] / 2, steps=12
    )
    student.page.mouse.up()
    student.page.wait_for_timeout(600)
    network.weights[0][1, 1] = float(slider("v_22").input_value())
    assert 5 < network.weights[0][1, 1] < 11
    assert_shown(network, f"{now} epochs, changed by hand")

    rows.nth(2).focus()
    student.page.keyboard.press("Enter")
    answer = network.predict(X)[2, 0]
    expect(box.locator(".note")).to_contain_text(f"its sigmoid is {answer:.4f}.\nWanted: 1")
    slider("epochs").select_option("50")
    press("load the next start known to stick, untrained")
    press("train, again and again")
    expect(says).to_contain_text(re.compile(r"\d50 epochs"))
    press("train, again and again")
    student.page.wait_for_timeout(600)
    epochs = int(re.search(r"(\d+) epochs", says.inner_text())[1])
    network = Network((2, 2, 1), rng=11)  # the next one that sticks after 3
    train(network, X, Y, eta=10, epochs=epochs)
    assert_shown(network, f"Start of seed 11, {epochs} epochs, learning rate 10")
    press("reset")
    network = Network((2, 2, 1), rng=3)
    train(network, X, Y, eta=10, epochs=600)
    assert_shown(network, "Start of seed 3, 600 epochs, learning rate 10")
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_one_update_is_read_in_five_notations_and_every_row_comes_to_the_same_number(student):
    from playwright.sync_api import expect

    switcher = convention_switcher()
    goto = switcher.frames[0].goto
    box = explorer(student, "09_conventions.ipynb", "one update in five notations")
    press, note = student.page.keyboard.press, box.locator(".note")

    def assert_shown(key):
        frame = switcher.frames[goto[key]]
        expect(box.locator(".says")).to_have_text(frame.says)
        assert box.locator(".stage svg text").all_text_contents() == texts(frame.svg)
        last = [
            box.locator(f'[data-key="{source}"] text').all_text_contents()[-1] for source in "ABCDE"
        ]
        change = _change_of_the_example(key)
        assert {float(text.replace("−", "-")) for text in last} == {round(change, 4)}

    assert_shown("w_21")
    box.get_by_role("button", name="document C").click()
    expect(note).to_contain_text("its rate must be 0.5 / 0.6667 = 0.75")
    press("ArrowRight")  # the choice stays while the frames turn
    assert_shown("theta_1")
    expect(note).to_contain_text("C adds a bias where A subtracts a threshold")
    press("Tab")
    assert student.page.evaluate("() => document.activeElement.dataset.key") == "D"
    press("Enter")
    expect(note).to_contain_text("b_2,o1 = −θ_1")
    box.get_by_role("button", name="one step on").click()
    assert_shown("gamma_1")
    box.locator('[data-key="v_12"]').click()
    assert_shown("v_12")
    expect(note).to_contain_text("v_12 is w_4")
    box.locator('[data-key="theta_3"]').focus()
    press("Enter")
    assert_shown("theta_3")
    press("End")
    assert_shown(list(goto)[-1])
    press("Escape")
    expect(note).to_have_text(switcher.help)
    box.get_by_role("button", name="show me the code").click()
    expect(box.locator(".code")).to_have_text(switcher.frames[-1].code)
    box.get_by_role("button", name="reset").click()
    assert_shown("w_21")
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def _change_of_the_example(key, eta=0.5):
    """Return what `Network` makes of a parameter of the switcher's example."""
    network, x, y = example()
    gradients = by_letter(network.backward(network.forward([x]), [y]))
    letter, numbers = key.split("_")
    return -eta * gradients[letter][tuple(int(number) - 1 for number in numbers)]


def test_the_gradient_check_is_turned_and_the_broken_blocks_get_a_cross(student):
    from playwright.sync_api import expect

    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    X, Y = [example.x], [example.y]
    box = explorer(student, "05_check_the_formulas.ipynb", "Gradient check")
    says, note, press = box.locator(".says"), box.locator(".note"), student.page.keyboard.press
    step = box.get_by_role("slider", name="step size")
    method = box.get_by_role("combobox", name="method")
    blocks = ("W1", "theta1", "W2", "theta2")

    def assert_shown(checked, **how):
        """Compare the verdict of every panel, its words and its mark, with the check's."""
        report = check_gradients(checked, X, Y, **how)
        expect(box.locator(".code")).to_contain_text(
            f'method="{report.method}", step=10**{round(np.log10(how["step"]))}'
        )
        for block in report.blocks:
            heading = box.locator(f'[data-key="{block.name}"]')
            verdict = "agrees" if block.passed else block.verdict.partition(":")[0]
            if verdict == "differs":
                verdict = f"differs: {block.error:#.2g}"
            expect(heading.locator("text").last).to_have_text(verdict)
            crossed = heading.locator("line").count() == 2
            assert crossed == verdict.startswith("differs")

    assert_shown(network, step=1e-5)
    step.focus()
    for _ in range(4):
        press("ArrowLeft")
    assert_shown(network, step=1e-9)
    expect(says).to_contain_text("Too small to tell")
    press("End")
    assert_shown(network, step=1e-1)
    expect(says).to_contain_text("The alarm is false for W1, theta1, W2, theta2")

    plot = box.locator('[data-surface="step size theta2"]').bounding_box()
    x, y = plot["x"] + plot["width"] * 0.75, plot["y"] + 40
    student.page.mouse.move(x, y)
    student.page.mouse.down()
    student.page.mouse.move(plot["x"] + plot["width"] * (16.5 - 5) / 16, y, steps=12)
    student.page.mouse.up()
    assert_shown(network, step=1e-5)
    expect(step).to_have_value("-5")

    method.focus()
    press("ArrowDown")
    assert_shown(network, method="complex", step=1e-5)
    step.focus()
    press("Home")
    assert_shown(network, method="complex", step=1e-16)
    method.select_option("central differences")
    assert_shown(network, step=1e-16)
    expect(box.locator(".number")).to_have_text("10⁻¹⁶")
    for _ in range(10):
        step.press("ArrowRight")

    for words, name in MISTAKES.items():
        box.get_by_role("combobox", name="mistake").select_option(words)
        expect(says).to_contain_text(f"a mistake ({words})")
        assert_shown(faulty(network, name), step=1e-6)
    expect(says).to_contain_text("this check does not see it")
    box.get_by_role("combobox", name="check").select_option("one step of training")
    expect(says).to_contain_text("W1 differs")
    seen = [b for b in blocks if box.locator(f'[data-key="{b}"] line').count() == 2]
    report = check_step(faulty(network, list(MISTAKES.values())[-1]), X, Y, eta=example.eta)
    assert seen == [block.name for block in report.blocks if not block.passed]

    box.locator('[data-key="W1"]').click()
    expect(note).to_contain_text("The worst is v_22, in Python W1[1, 1]: given")
    press("Tab")
    press("Enter")
    assert student.page.evaluate("() => document.activeElement.dataset.key") == "theta1"
    expect(note).to_contain_text("theta1: every gamma_h; 2 compared.")
    box.get_by_role("button", name="reset").click()
    assert_shown(network, step=1e-5)
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_a_start_is_dropped_on_the_landscape_and_a_rate_too_large_diverges(student):
    from playwright.sync_api import expect

    X, Y = gate("XOR").X, gate("XOR").y[:, np.newaxis]
    stuck = Network((2, 2, 1), rng=3)
    train(stuck, X, Y, eta=10, epochs=600)
    box = explorer(student, "02_xor_network.ipynb", "Loss landscape")
    says, note, press = box.locator(".says"), box.locator(".note"), student.page.keyboard.press
    across, up, eta, steps = (
        box.get_by_role("slider", name=name)
        for name in ("start, across", "start, up", "learning rate", "steps")
    )
    pair = "gamma_1", "theta_1"

    def assert_shown(names, start, eta, steps):
        path = descend(stuck, X, Y, names, start, eta=eta, steps=steps)
        words = descent_words(path, (-10, 10))
        expect(says).to_have_text(words)
        assert box.locator(".stage svg").get_attribute("aria-label") == words
        for end, k in (("start", 0), ("end", -1)):
            texts = box.locator(f'[data-key="{end}"] text').all_text_contents()
            shown = [float(text.split("=")[1].replace("−", "-")) for text in texts]
            assert np.allclose(shown, [path.errors[k], *path.places[k]], atol=6e-5)

    assert_shown(pair, (5, 3), 50, 10)
    across.focus()
    for _ in range(12):
        press("ArrowLeft")
    assert_shown(pair, (3.8, 3), 50, 10)
    up.press("PageDown")
    height = float(up.input_value())
    assert height < 3
    assert_shown(pair, (3.8, height), 50, 10)
    eta.press("ArrowRight")
    assert_shown(pair, (3.8, height), 51, 10)
    steps.press("Home")
    assert_shown(pair, (3.8, height), 51, 0)
    box.get_by_role("button", name="take one step after the other").click()
    expect(steps).to_have_value("50", timeout=30_000)
    assert_shown(pair, (3.8, height), 51, 50)

    ground = box.locator('[data-surface="map"]').bounding_box()

    def place(x, y):
        return (
            ground["x"] + ground["width"] * (x + 10) / 20,
            ground["y"] + ground["height"] * (10 - y) / 20,
        )

    student.page.mouse.move(*place(3.8, height))
    student.page.mouse.down()
    student.page.mouse.move(*place(-2, 6), steps=15)
    student.page.mouse.up()
    expect(across).to_have_value("-2")
    expect(up).to_have_value("6")
    assert_shown(pair, (-2, 6), 51, 50)

    box.get_by_role("combobox", name="up").select_option("gamma_1")
    alert = box.get_by_role("alert").filter(has_text="must differ, got gamma_1 twice")
    expect(alert).to_be_visible()
    box.get_by_role("combobox", name="across").select_option("w_21")
    assert_shown(("w_21", "gamma_1"), (-2, 6), 51, 50)
    box.get_by_role("button", name="the start of the path").click()
    expect(note).to_contain_text("The start. ∂E/∂w_21 = ")
    box.get_by_role("button", name="reset").click()
    assert_shown(pair, (5, 3), 50, 10)
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []

    box = explorer(student, "10_train_on_real_data.ipynb", "Loss landscape")
    expect(box.locator(".says")).not_to_contain_text("diverges")
    box.get_by_role("slider", name="learning rate").press("End")
    expect(box.locator(".says")).to_contain_text("with η = 5:")
    expect(box.locator(".says")).to_contain_text("It diverges")
    assert "off the top" in box.locator(".stage svg text").all_text_contents()
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_the_worked_example_is_stepped_with_the_numbers_of_the_pages(student):
    box = explorer(student, "06_worked_example.ipynb", "Backpropagation, step by step")
    press, note = student.page.keyboard.press, box.locator(".note")

    def drawn(key):
        texts = box.locator(f'[data-key="{key}"] text').all_text_contents()
        return texts[1] if len(texts) > 1 else None

    box.get_by_role("button", name="one step on").click()
    for _ in range(4):
        press("ArrowRight")
    assert drawn("E") == "0.2984"
    for _ in range(3):
        press("ArrowRight")
    assert (drawn("w_11"), drawn("w_12")) == ("+0.0554", "−0.0190")  # the two terms of b_1
    assert drawn("b_1") == "0.0364"
    press("End")
    box.get_by_role("button", name="weight v_12 from input 1 to hidden unit 2").click()
    assert note.inner_text().endswith("= 0.000498")  # of the pages' w3
    box.get_by_role("button", name="output unit 1, y_hat_1").focus()
    press("Enter")
    assert "0.751365" in note.inner_text()
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []


def test_the_slopes_of_a_deep_network_are_stepped_in_lesson_10(student):
    frames = slope_stepper("sigmoid", depth=5, net_inputs=np.arange(0, 5.5, 0.5)).frames
    name = "sigmoid, its slope, and products of slopes"
    box = explorer(student, "10_train_on_real_data.ipynb", name)
    assert box.locator(".says").inner_text() == frames[0].says
    box.get_by_role("button", name="one step on").click()
    for _ in range(3):
        student.page.keyboard.press("ArrowRight")
    assert box.locator(".says").inner_text() == frames[4].says
    box.get_by_role("button", name="product of slopes over 5 layers").click()
    assert box.locator(".note").inner_text() == frames[4].notes["5 layers"]
    assert student.report()["error outputs"] == []
    assert student.left_the_machine == []
