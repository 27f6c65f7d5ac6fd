import contextlib
import io
import re
import time

import nbformat
import numpy as np
import pytest

from backprop_kit import (
    Gradients,
    Network,
    check_gradients,
    check_step,
    gradients_of_step,
    structured_gradients,
    worked_example,
)
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.lesson_05 import MISTAKES
from backprop_kit.exercises.misconceptions import FORMULA, TABLE, UPDATE
from backprop_kit.numeric.gradcheck import DIFFERS, ROUNDING_MARGIN
from backprop_kit.visual.display import picture
from backprop_kit.visual.explorers import gradient_check_dial
from backprop_kit.visual.explorers.gradient_dial import POWERS, Bench
from backprop_kit.visual.palette import contrast
from tests.drawings import SVG, drawing, texts
from tools.run_tests import ROOT

LESSON = ROOT / "notebooks" / "05_check_the_formulas.ipynb"
EXAMPLE = worked_example()
X, Y = [EXAMPLE.x], [EXAMPLE.y]
BLOCKS = ("W1", "theta1", "W2", "theta2")
METHODS = {"central differences": "central", "complex step": "complex"}
HIDDEN = "hidden slope missing"
EARLY = "step too early: the output layer moves first"
OF_THE_STEP = [EARLY, "eta missing in the step", "sign turned in the step: it climbs"]


def example():
    return Network.from_parameters(EXAMPLE.weights, EXAMPLE.thresholds)


def made(network=None, x=X, y=Y, **given):
    given = {"faulty": faulty, "mistakes": MISTAKES} | given
    return gradient_check_dial(network or example(), x, y, **given)


@pytest.fixture(scope="module")
def one_dial():
    return made()


@pytest.fixture
def dial(one_dial):
    one_dial.reset()
    return one_dial


def headings(frame):
    return {g.get("data-key"): g for g in drawing(frame).iter(f"{SVG}g") if g.get("data-key")}


def report_of(mistake, checked, **how):
    network = example() if mistake == "no mistake" else faulty(example(), MISTAKES[mistake])
    if checked == "the gradients":
        return check_gradients(network, X, Y, **how)
    return check_gradients(
        network, X, Y, gradients=gradients_of_step(network, X, Y, EXAMPLE.eta), **how
    )


@pytest.mark.parametrize("checked", ["the gradients", "one step of training"])
@pytest.mark.parametrize("mistake", ["no mistake", *MISTAKES])
def test_every_verdict_is_that_of_the_check(dial, mistake, checked):
    for words, method in METHODS.items():
        for power in (-1, -5, -9):
            values = dict(mistake=mistake, checked=checked, method=words, power=power)
            frame, report = dial.move(**values), report_of(
                mistake, checked, method=method, step=10.0**power
            )  # fmt: skip
            shown = headings(frame)
            assert list(shown) == list(BLOCKS)
            for block in report.blocks:
                title, verdict = texts(shown[block.name])[-2:]
                assert title.startswith(f"{block.name}: ")
                if block.verdict == DIFFERS:
                    assert verdict == f"differs: {block.error:#.2g}"
                    assert f"{block.name} differs (relative error {block.error:#.2g})" in frame.says
                else:
                    short = "agrees" if block.passed else block.verdict.partition(":")[0]
                    assert verdict == short
                    assert f"{block.name} {short}" in frame.says
            (title,) = (t for t in texts(drawing(frame)) if "passed" in t.lower())
            failing = [block.name for block in report.blocks if not block.passed]
            wanted = (
                f"NOT passed: {', '.join(failing)}" if failing else "passed: every block agrees"
            )
            assert title == wanted


def test_the_curve_is_the_check_s_error_at_every_step_size():
    bench = Bench(example(), X, Y, faulty, {HIDDEN: MISTAKES[HIDDEN]}, eta=0.5)
    for mistake in ("no mistake", HIDDEN):
        for method in METHODS.values():
            state = bench.state(mistake, "the gradients", method, -5)
            for power, column in ((-1, -1), (-3, -5), (-6, -11), (-12, -23)):
                assert POWERS[column] == power
                report = report_of(mistake, "the gradients", method=method, step=10.0**power)
                for block in report.blocks:
                    error = state.curves[block.name].errors[column]
                    if block.worst:
                        assert error == block.error
                    else:  # measured along one direction, not entry by entry
                        assert max(error, block.error) < block.tolerance


def test_the_curves_are_drawn_where_they_stand_and_the_step_is_marked(dial):
    """Errors of 1 and 1e-12 lie 12 powers of ten apart on the page; a circle is on its curve."""
    for power in (-12, -5, -1):
        root = drawing(dial.move(power=power))
        curves = [p for p in root.iter(f"{SVG}polyline") if p.get("stroke-width") == "2.50"]
        circles = [c for c in root.iter(f"{SVG}circle") if c.get("r") == "6.00"]
        assert len(curves) == len(circles) == 4
        for curve, circle in zip(curves, circles, strict=True):
            points = [tuple(map(float, p.split(","))) for p in curve.get("points").split()]
            assert len(points) == len(POWERS)
            assert (float(circle.get("cx")), float(circle.get("cy"))) in points
            xs = np.array([x for x, _ in points])
            assert np.allclose(np.diff(xs), xs[1] - xs[0], atol=0.011)


def test_the_u_has_a_rounding_arm_and_the_complex_step_has_none(dial):
    bench = Bench(example(), X, Y, faulty, {}, eta=0.5)
    states = (bench.state("no mistake", "the gradients", m, -5) for m in METHODS.values())
    central, complex_step = (state.curves for state in states)
    for name in BLOCKS:
        errors, lowest = central[name].errors, central[name].errors.argmin()
        assert errors[0] > 0.01
        assert errors[lowest] < 1e-9
        assert errors[-1] > 1e-6
        assert (errors[:lowest] < central[name].rounding[:lowest]).all()
        assert (complex_step[name].errors[: len(errors) // 2] < 1e-12).all()
        assert complex_step[name].errors[-1] == pytest.approx(errors[-1], rel=0.01)


@pytest.mark.parametrize("mistake", ["no mistake", *MISTAKES])
def test_the_lines_drawn_tell_the_verdict(mistake):
    """As the legend says: a cross above both lines, a tick where error and grey are below one."""
    bench = Bench(example(), X, Y, faulty, MISTAKES, eta=0.5)
    for power, column in zip(range(-16, 0), range(0, len(POWERS), 2), strict=True):
        state = bench.state(mistake, "the gradients", "central", power)
        for block in state.report.blocks:
            curve = state.curves[block.name]
            error, rounding = curve.errors[column], curve.rounding[column]
            above = error > block.tolerance
            assert (block.verdict == DIFFERS) == (above and error > ROUNDING_MARGIN * rounding)
            assert block.passed == (not above and rounding <= block.tolerance)


def test_the_thin_line_lies_ten_times_above_the_grey(dial):
    root = drawing(dial.move(power=-12))
    margins = [p for p in root.iter(f"{SVG}polyline") if p.get("stroke-width") == "1.00"]
    bands = list(root.iter(f"{SVG}polygon"))
    assert len(margins) == len(bands) == 4
    for margin, band in zip(margins, bands, strict=True):
        line, edge = (
            np.array([p.split(",") for p in shape.get("points").split()], dtype=float)
            for shape in (margin, band)
        )
        assert (line[:, 0] == edge[:-2, 0]).all()
        rises = (edge[:-2, 1] - line[:, 1])[8:14]  # where neither is cut off at an end
        assert rises == pytest.approx(100 * np.log10(ROUNDING_MARGIN) / 13, abs=0.5)


def test_no_step_size_gives_a_broken_block_a_tick(dial):
    """The lesson says so, and which mistakes get no cross, and where alarms are false."""
    bench = Bench(example(), X, Y, faulty, MISTAKES, eta=0.5)
    unseen = []
    for mistake in MISTAKES:
        crossed = [b.name for b in report_of(mistake, "the gradients").blocks if not b.passed]
        if not crossed:
            unseen.append(mistake)
        for method in METHODS.values():
            for power in range(-16, 0):
                report = bench.state(mistake, "the gradients", method, power).report
                assert not any(b.passed for b in report.blocks if b.name in crossed)
        tiny = bench.state(mistake, "the gradients", "central", -16).report
        assert not any(b.passed or b.verdict == DIFFERS for b in tiny.blocks)
    assert unseen == OF_THE_STEP
    alarms, open_ = {}, []
    for method in METHODS.values():
        states = [bench.state("no mistake", "the gradients", method, p) for p in range(-16, 0)]
        alarms[method] = [s.power for s in states if s.false_alarms]
        open_ += [s.power for s in states if not (s.report.passed or s.false_alarms)]
    assert alarms == {"central": [-2, -1], "complex": [-4, -3, -2, -1]}
    assert open_ == list(range(-16, -6))


def test_the_faults_of_the_lesson_keep_their_names_and_their_gradients():
    """One name means one fault, in the lesson's `my_backward` and in the menu."""
    cells = nbformat.read(LESSON, as_version=4).cells
    (code,) = (c.source for c in cells if c.source.startswith("def my_backward("))
    names = {"Gradients": Gradients}
    exec(code.partition("\n\n\n")[0], names)
    (faults,) = (c.source for c in cells if c.source.startswith("FAULTS = "))
    exec(faults.partition("\nprint(")[0], names)
    _none, *faults = names["FAULTS"]
    assert [words.partition(":")[0] for words in MISTAKES][: len(faults)] == faults
    network = example()
    right = network.backward(network.forward(X), Y)
    for fault, (words, name) in zip(faults, MISTAKES.items(), strict=False):
        broken = faulty(network, name)
        found = broken.backward(broken.forward(X), Y)
        expected = names["my_backward"](network, np.array(X), np.array(Y), fault)
        if words.endswith("output 2 alone"):  # the lesson keeps output 1: the rest of the sum
            pairs = zip((right.weights[0], right.thresholds[0]),
                        (expected.weights[0], expected.thresholds[0]),
                        (found.weights[0], found.thresholds[0]), strict=True)  # fmt: skip
            for whole, first, second in pairs:
                assert second == pytest.approx(whole - first, rel=1e-9)
            continue
        for one, other in zip(
            (*found.weights, *found.thresholds),
            (*expected.weights, *expected.thresholds),
            strict=True,
        ):
            assert one == pytest.approx(other, rel=1e-9)


def test_a_wrong_block_stays_wrong_at_every_step_size():
    bench = Bench(example(), X, Y, faulty, {HIDDEN: MISTAKES[HIDDEN]}, eta=0.5)
    curves = bench.state(HIDDEN, "the gradients", "central", -5).curves
    assert curves["W1"].errors.min() > 0.1
    assert curves["theta1"].errors.min() > 0.1
    assert curves["W2"].errors.min() < 1e-9


def test_the_cross_the_frame_and_the_word_say_the_same(dial):
    root = drawing(dial.move(mistake=HIDDEN))
    thick = [r for r in root.iter(f"{SVG}rect") if r.get("stroke-width") == "4.00"]
    assert len(thick) == 2
    lines = {k: len(list(g.iter(f"{SVG}line"))) for k, g in headings(dial.frame).items()}
    assert lines == {"W1": 2, "theta1": 2, "W2": 0, "theta2": 0}  # a cross is two lines
    ticks = {k: len(list(g.iter(f"{SVG}polyline"))) for k, g in headings(dial.frame).items()}
    assert ticks == {"W1": 0, "theta1": 0, "W2": 1, "theta2": 1}
    small = headings(dial.move(mistake="no mistake", power=-10))
    assert all("?" in texts(group) for group in small.values())


def test_a_mistake_of_the_step_is_seen_by_the_other_check_alone(dial):
    blind = dial.move(mistake=EARLY)
    assert check_gradients(faulty(example(), "updated-w"), X, Y).passed
    assert "this check does not see it. Check one step of training, too." in blind.says
    seen = dial.move(checked="one step of training")
    blocks = check_step(faulty(example(), "updated-w"), X, Y, eta=EXAMPLE.eta).blocks
    assert [b.passed for b in blocks] == [False, False, True, True]
    assert "W1 differs" in seen.says
    assert "Compared: the change of each block, divided by −η." in seen.says
    assert "Compared:" not in blind.says
    assert "does not see it" not in seen.says


def test_a_false_alarm_is_named_and_only_that(dial):
    assert "The alarm is false for W1, theta1, W2, theta2" in dial.move(power=-1).says
    assert "The alarm is false for W2, theta2:" in dial.move(mistake=HIDDEN).says
    assert "alarm" not in dial.move(power=-5).says
    dial.move(mistake="no mistake", power=-9)
    assert "Too small to tell: the tick needs the relative error and rounding" in dial.frame.says
    exact = dial.move(method="complex step").says
    assert "Too small to tell" not in exact
    assert exact.endswith("loses no digits to rounding: the tolerance can be 10⁻¹⁰.")


def test_notes_give_the_worst_entry_and_what_it_should_be(dial):
    frame, report = dial.move(mistake=HIDDEN), report_of(HIDDEN, "the gradients")
    block = report.blocks[0]
    assert block.worst == (1, 1)
    assert frame.notes["W1"] == (
        "W1: every v_ih; 4 compared. The worst is v_22, in Python W1[1, 1]: "
        f"given {block.given:.6g}, expected {block.expected:.6g}."
    )
    assert "The worst is gamma_2, in Python theta1[1]: given −0.0413703" in frame.notes["theta1"]
    assert frame.notes["W2"].endswith("relative error is below the tolerance, 10⁻⁶.")
    complex_step = dial.move(method="complex step", mistake="no mistake").notes
    assert complex_step["W2"].endswith("10⁻¹⁰.")
    note = dial.move(method="central differences", power=-9).notes["W1"]
    share = report_of("no mistake", "the gradients", method="central", step=1e-9).rounding
    share /= np.abs(example().backward(example().forward(X), Y).weights[0]).max()
    said = f"rounding makes a relative error of about {share:.1g}. Take a larger step, or the"
    assert said in note


@pytest.mark.parametrize("checked", ["the gradients", "one step of training"])
@pytest.mark.parametrize("mistake", ["no mistake", HIDDEN, EARLY])
@pytest.mark.parametrize("method", list(METHODS))
def test_the_code_shown_makes_the_check(dial, mistake, checked, method):
    frame = dial.move(mistake=mistake, checked=checked, method=method, power=-4)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(frame.code, {})
    report = report_of(mistake, checked, method=METHODS[method], step=1e-4)
    assert printed.getvalue().strip() == str(report)


def test_pointing_sets_the_step_size_the_slider_can_set(dial):
    for x, power in ((-7.4, -7), (-0.6, -1), (-16.4, -16)):
        assert dial.point("step size theta1", x, 0) == dial.move(power=power)
    assert dial.reset() == made().frame


def test_what_is_stored_holds_no_rounding(dial, monkeypatch):
    """The same picture comes out where rounding is another: gradients off by a few last bits."""
    stored = dial._repr_mimebundle_()
    assert stored["text/plain"] == "Explorer: Gradient check"
    assert stored["text/html"] == picture(dial.still.svg, alt=dial.still.says).markup
    assert dial.still.says == dial.frame.says
    assert dial.still.svg != dial.frame.svg
    assert "or somewhere on this bar" in texts(drawing(dial.still))
    assert "or somewhere on this bar" not in texts(drawing(dial.frame))
    rng = np.random.default_rng(3)

    def noisy(network, X, Y, *, method, step):
        exact = structured_gradients(network, X, Y, method=method, step=step)
        size = 3e-16 / step if method == "central" else 3e-17

        def shaken(arrays):
            return tuple(a + size * rng.standard_normal(a.shape) for a in arrays)

        return Gradients(shaken(exact.weights), shaken(exact.thresholds))

    # Where doctests run, too, a module may be there twice: this is the one in use.
    monkeypatch.setitem(gradient_check_dial.__globals__, "structured_gradients", noisy)
    for _ in range(5):
        other = made()
        assert other.frame.svg != dial.frame.svg
        assert other.still == dial.still


def test_same_call_same_text_and_the_network_is_left_alone():
    network = example()
    first, second = made(network), made(network)
    assert first.frame == second.frame
    first.move(mistake=HIDDEN, checked="one step of training")
    network.weights[0][:] = 9.0
    first.reset()
    assert first.frame == second.frame
    assert network.weights[1].tolist() == example().weights[1].tolist()


def test_every_mistake_is_one_a_network_can_make_and_some_check_finds_it():
    for words, name in MISTAKES.items():
        assert TABLE[name].stage != FORMULA, words
        reports = [
            report_of(words, checked) for checked in ("the gradients", "one step of training")
        ]
        assert reports[0].passed == (TABLE[name].stage == UPDATE)
        assert not reports[1].passed
    found = {
        tuple(block.name for block in report_of(words, "the gradients").blocks if not block.passed)
        for words in MISTAKES
    }
    assert {("W1",), ("W2",), ("W1", "theta1"), ("theta1", "theta2"), ("W1", "W2"), BLOCKS} <= found


def test_a_step_too_small_to_move_a_parameter_is_answered_in_words():
    large = Network.from_parameters([[[30.0]], [[0.5]]], [[0.0], [0.0]])
    dial = made(large, [[1.0]], [[1.0]], mistakes={})
    with pytest.raises(ValueError, match="step = 1e-16 is too small to move a parameter of 30"):
        dial.move(power=-16)
    assert dial.values["power"] == -5
    dial.move(power=-16, method="complex step")


def test_a_block_of_zeros_is_not_called_right():
    frame = made(x=[[0.0, 0.0]], mistakes={}).frame
    assert "W1 all zero" in frame.says
    assert texts(headings(frame)["W1"])[-1] == "all zero"
    assert not re.search(r'="[^"]*\b(nan|inf)\b', frame.svg)


def test_all_is_explained_large_enough_and_on_the_page(dial):
    for values in ({}, {"mistake": HIDDEN, "power": -1}, {"power": -9}, {"method": "complex step"}):
        frame = dial.move(**values)
        root = drawing(frame)
        words = " | ".join(texts(root))
        for said in (
            "relative error of the block", "tolerance 10−", "at this step size", "≤ 10−12",
            "differs: error above the dashed",
            "thick vermilion frame", "neither: too small to tell", "step size",
        ):  # fmt: skip
            assert said in words
        assert texts(root).count("relative error") == 4  # an axis in each panel
        central = values.get("method") != "complex step"
        assert ("agrees: error and grey below the dashed line" in words) == central
        assert ("agrees: error below the dashed line" in words) != central
        assert ("about what rounding makes" in words) == central
        assert len(list(root.iter(f"{SVG}polygon"))) == (4 if central else 0)
        assert root.get("aria-label") == frame.says.replace("\n", " ")  # as XML reads it
        assert float(root.get("width")) <= 720
        for text in root.iter(f"{SVG}text"):
            assert 0 <= float(text.get("x")) <= 720
            assert 0 <= float(text.get("y")) <= float(root.get("height"))
            assert contrast(text.get("fill")) >= 4.5
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', frame.svg)]
        assert min(sizes) >= 12
        for name, group in headings(frame).items():
            assert group.get("data-label").startswith(f"block {name}: ")


def test_the_longest_words_fit(dial):
    for mistake in MISTAKES:
        line = texts(
            drawing(dial.move(mistake=mistake, checked="one step of training", power=-16))
        )[1]
        assert len(line) * 6.4 <= 700, line


def test_every_control_changes_the_frame(dial):
    start = dial.frame
    changes = [
        {"power": -3}, {"method": "complex step"}, {"mistake": HIDDEN},
        {"checked": "one step of training"},
    ]  # fmt: skip
    for change in changes:
        assert dial.move(**change) != start
        dial.reset()


def test_a_frame_is_made_in_time(dial):
    taken = []
    for number, mistake in enumerate(MISTAKES):
        begin = time.perf_counter()
        dial.move(mistake=mistake, power=-1 - number % 16)
        taken.append(time.perf_counter() - begin)
    assert np.median(taken) < 0.05  # 0.004 s on one core that is free


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"network": 3}, TypeError, "network must be a Network, got int"),
        ({"network": Network((2, 2, 2, 2))}, ValueError, "network must have one hidden layer"),
        ({"network": Network((2, 30, 2))}, ValueError, "100 parameters at most, got 152"),
        ({"x": [[1.0]]}, ValueError, "X must have"),
        ({"y": [["a", "b"]]}, TypeError, "Y must hold"),
        ({"eta": 0}, ValueError, "eta must be"),
        ({"mistakes": {"wrong": "no-such"}}, ValueError, "name must be one of"),
        ({"mistakes": {"no mistake": "missing-eta"}}, ValueError, "mistakes must not hold"),
    ],
)
def test_what_does_not_fit_is_named(given, error, message):
    with pytest.raises(error, match=message):
        made(**given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"power": -17}, "power must be -16 to -1, got -17"),
        ({"power": 0}, "power must be -16 to -1"),
        ({"method": "one-sided"}, "method must be one of central differences, complex step"),
        ({"mistake": "none"}, "mistake must be one of no mistake"),
        ({"checked": "all"}, "checked must be one of the gradients"),
    ],
)
def test_what_is_no_value_is_refused_and_nothing_changes(dial, change, message):
    before = dial.frame
    with pytest.raises(ValueError, match=message):
        dial.move(**change)
    assert dial.frame == before
