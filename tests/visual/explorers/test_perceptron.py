import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from backprop_kit import MPNeuron, append_dummy, gate, train_perceptron
from backprop_kit.visual.explorers import perceptron_bench
from backprop_kit.visual.explorers.perceptron import GRID, LABELS, OWN, perceptron_states
from backprop_kit.visual.explorers.perceptron_words import key_of
from backprop_kit.visual.palette import BACKWARD, CLASS_ONE, CLASS_ZERO, INK

AND, OR, NAND, XOR = (gate(name) for name in ("AND", "OR", "NAND", "XOR"))
CLOUD = np.array([[1.25, -0.5], [-0.75, 1.5], [0.25, 0.25], [1.5, 1.0], [-1.0, -1.0]])
CLOUD_LABELS = [1, 0, 0, 1, 0]
RUNS = [
    (AND.X, AND.y, {}),
    (AND.X, AND.y, {"eta": 0.1}),
    (OR.X, OR.y, {"start": [-2, 3, 1]}),
    (NAND.X, NAND.y, {"mode": "all"}),
    (XOR.X, XOR.y, {}),
    (XOR.X, XOR.y, {"mode": "all", "eta": 0.25}),
    (XOR.X, XOR.y, {"eta": 0.1, "start": [0.3, -0.7, 1]}),
    (CLOUD, CLOUD_LABELS, {"eta": 0.5}),
    (CLOUD, [1, 0, 1, 0, 1], {"eta": 0.5}),
]
TWO_MODES = [run for run in RUNS if run[2].get("mode") != "all"]


def record_of(X, y, kwargs):
    return train_perceptron(X, y, **kwargs)


def frames_of(X, y, **kwargs):
    """Step through a bench from the first frame to the last."""
    bench = perceptron_bench(X, y, **kwargs)
    frames = [bench.frame]
    while (frame := bench.press("step")) != frames[-1]:
        frames.append(frame)
    return frames


def plain(text):
    return text.replace("−", "-")


def triples(text):
    """Return every bracket of three numbers in a text."""
    number = r"(-?[\d.]+(?:e[-+]\d+)?)"
    found = re.findall(rf"\({number}, {number}, {number}\)", plain(text))
    return [[float(v) for v in values] for values in found]


def excess_said(text):
    """Read ``"−1 < 0"``, ``"2 ≥ 0"`` or ``"a hair below 0"``."""
    return 0.0 if text == "a hair below 0" else float(plain(text).split()[0])


def near(first, second):
    return np.allclose(first, second, rtol=1e-5, atol=1e-12)


def words(drawing):
    root = ElementTree.fromstring(drawing)
    return ["".join(t.itertext()) for t in root.iter() if t.tag.endswith("text")]


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_the_words_hold_the_numbers_of_the_record(X, y, kwargs):
    record = record_of(X, y, kwargs)
    frames = frames_of(X, y, **kwargs)
    rows = append_dummy(record.X)
    for step, frame in zip(record.steps, frames[1:], strict=False):
        before, *added, after = triples(frame.says)
        assert near(before, step.weights_before)
        assert near(after, step.weights_after)
        used = [step.sample] if step.sample is not None else step.wrong
        assert near(added, rows[used])
        factors = re.findall(r"\((\d) − (\d)\) · \(", frame.says)
        assert [int(a) - int(b) for a, b in factors] == step.errors[used].tolist()
        changed = np.array(before) + record.eta * (step.errors[used] @ np.array(added))
        assert near(after, changed)
        assert f"{record.eta:g} · " in frame.says


@pytest.mark.parametrize(("X", "y", "kwargs"), TWO_MODES)
def test_the_words_and_the_picture_say_the_sum_and_the_answer(X, y, kwargs):
    record = record_of(X, y, kwargs)
    frames = frames_of(X, y, **kwargs)
    rows = append_dummy(record.X)
    for step, frame in zip(record.steps, frames[1:], strict=False):
        k = step.sample
        for text in (frame.says, " ".join(words(frame.svg))):
            said = re.search(r"W · x = .*?= ([^=]+): it (fires|is silent), ŷ = (\d)", text)
            excess, does, y_hat = said.groups()
            assert excess_said(excess) == pytest.approx(
                float(rows[k] @ step.weights_before), rel=1e-5, abs=1e-12
            )
            assert int(y_hat) == step.predictions[k] == ("≥" in excess) == (does == "fires")
            assert re.search(rf"label (is )?y = {record.y[k]}", text)


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_the_picture_writes_the_rule_with_its_numbers(X, y, kwargs):
    record = record_of(X, y, kwargs)
    rows = append_dummy(record.X)
    for step, frame in zip(record.steps, frames_of(X, y, **kwargs)[1:], strict=False):
        before, change, after = triples(" ".join(words(frame.svg)))
        used = [step.sample] if step.sample is not None else step.wrong
        assert near(before, step.weights_before)
        assert near(after, step.weights_after)
        total = step.errors[used] @ rows[used]
        assert near(change, rows[step.sample] if step.sample is not None else total)


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_wrong_samples_are_named_ringed_and_as_computed(X, y, kwargs):
    record = record_of(X, y, kwargs)
    frames = frames_of(X, y, **kwargs)
    for state, frame in zip(perceptron_states(record), frames, strict=True):
        fires = MPNeuron.from_dummy(state.weights).fire(record.X)
        assert list(state.wrong) == np.flatnonzero(fires != record.y).tolist()
        names = [key.removeprefix("sample ") for key in frame.notes]
        said = ", ".join(names[k] for k in state.wrong) or "none"
        assert f"Wrong now: {said}." in frame.says
        for k, note in enumerate(frame.notes.values()):
            assert note.splitlines()[-1] == ("Wrong now." if k in state.wrong else "Right now.")
        root = ElementTree.fromstring(frame.svg)
        rings = [c for c in root.iter() if c.get("stroke") == BACKWARD and c.get("cx")]
        dashed = [c for c in rings if c.get("stroke-dasharray")]
        assert len(rings) - len(dashed) == len(state.wrong) + 1  # one in the legend
        corrected = 0
        if state.step is not None:
            corrected = 1 if state.step.sample is not None else len(state.step.wrong)
        assert len(dashed) == corrected + 1


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_the_notes_say_each_samples_sum_now(X, y, kwargs):
    record = record_of(X, y, kwargs)
    frames = frames_of(X, y, **kwargs)
    rows = append_dummy(record.X)
    for state, frame in zip(perceptron_states(record), frames, strict=True):
        for k, note in enumerate(frame.notes.values()):
            assert f"label y = {record.y[k]}." in note
            now = note.splitlines()[-2]
            excess, y_hat = re.search(r"= ([^=]+): .* ŷ = (\d)\.$", now).groups()
            net = float(rows[k] @ state.weights)
            assert excess_said(excess) == pytest.approx(net, rel=1e-5, abs=1e-12)
            assert int(y_hat) == MPNeuron.from_dummy(state.weights).fire(record.X)[k]


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_the_outcome_stands_at_the_end(X, y, kwargs):
    record = record_of(X, y, kwargs)
    frames = frames_of(X, y, **kwargs)
    last = frames[-1]
    assert record.message in last.says
    assert record.message in " ".join(words(last.svg)).replace("  ", " ")
    assert all(record.message not in frame.says for frame in frames[:-1])


def lines_of(drawing):
    """Return the decision lines: (dashed or not, ends in px), the legend's left out."""
    root = ElementTree.fromstring(drawing)
    found = [e for e in root.iter() if e.get("stroke-width") == "2.50" and e.get("x1")]
    ends = [(e.get("stroke-dasharray"), [float(e.get(n)) for n in ("x1", "y1", "x2", "y2")])
            for e in found]  # fmt: skip
    return [(bool(dash), np.reshape(px, (2, 2))) for dash, px in ends if px[1] < 400]


def test_the_line_before_is_dashed_the_line_now_solid_and_both_where_they_belong():
    record = record_of(AND.X, AND.y, {})
    seen = set()
    for step, frame in zip(record.steps, frames_of(*AND)[1:], strict=False):
        for dashed, ends in lines_of(frame.svg):
            seen.add(dashed)
            W = step.weights_before if dashed else step.weights_after
            at = (ends - [56, 380]) / 330 * [3.5, -3.5] - 1.25  # the corner, 330 px for 3.5
            assert np.abs(append_dummy(at) @ W).max() < 1e-3
    assert seen == {True, False}


def test_a_line_that_cannot_be_seen_is_spoken_of():
    start, first = frames_of(*AND)[:2]
    assert lines_of(start.svg) == []
    assert "now: no line, fires everywhere" in words(start.svg)
    assert "It fires where" not in start.says
    assert "before: no line, fires everywhere; now: no line, fires nowhere" in words(first.svg)


def test_the_correction_is_drawn_from_the_old_weights_to_the_new():
    record = record_of(AND.X, AND.y, {})
    step = record.steps[7]
    frame = frames_of(*AND)[8]
    root = ElementTree.fromstring(frame.svg)
    heads = [e.get("points").split() for e in root.iter() if e.get("fill") == BACKWARD
             and e.get("points")]  # fmt: skip
    shafts = [e for e in root.iter() if e.get("stroke") == BACKWARD and e.get("x1")]
    begin = np.array([float(shafts[0].get("x1")), float(shafts[0].get("y1"))])
    tip = np.array([float(v) for v in heads[0][0].split(",")])
    scale = 136 / (1.25 * 2)  # px a unit: the weights of this run reach from 0 to 2
    assert np.allclose((tip - begin) / [scale, -scale], step.correction[:2], atol=1e-3)


def test_xor_goes_round_and_says_so():
    record = record_of(XOR.X, XOR.y, {})
    assert record.outcome == "cycle"
    states = perceptron_states(record)
    frames = frames_of(*XOR)
    assert [s.repeats for s in states[-5:]] == [4, 5, 6, 7, None]
    for state, frame in zip(states, frames, strict=True):
        says = f"This repeats correction {state.repeats}:" in frame.says
        assert says == (state.repeats is not None)
        assert (f"↻ repeats correction {state.repeats}" in words(frame.svg)) == says
        if says:
            first = frames[state.repeats]
            assert frame.notes == first.notes
            assert lines_of(frame.svg)[0][0] == lines_of(first.svg)[0][0]
    assert "Corrections 8 to 11 repeat corrections 4 to 7, and so it goes on:" in frames[-1].says


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_a_cycle_is_gone_through_exactly_twice(X, y, kwargs):
    record = record_of(X, y, kwargs)
    states = perceptron_states(record)
    again = [state for state in states if state.repeats is not None]
    if record.outcome != "cycle":
        assert again == []
        assert len(states) == len(record.steps) + 2
        return
    more = train_perceptron(record.X, record.y, eta=record.eta, mode=record.mode,
                            start=record.weights, max_rounds=20)  # fmt: skip
    assert len(again) == len(more.steps)
    first, last = again[0], again[-1]
    assert last.number == len(states) - 2
    assert [s.repeats for s in again] == list(range(first.repeats, first.number))
    for state in again:
        earlier = states[state.repeats]
        assert state.step.sample == earlier.step.sample
        assert np.array_equal(state.weights, earlier.weights)
        assert np.array_equal(state.step.weights_before, states[state.number - 1].weights)


def test_rounds_are_those_of_the_record():
    for X, y, kwargs in RUNS:
        record = record_of(X, y, kwargs)
        rounds = [s.round for s in perceptron_states(record) if s.kind == "correction"]
        assert rounds[len(record.steps) - 1] == record.rounds
        assert rounds == sorted(rounds)


def test_a_neuron_that_is_right_from_the_start_has_one_frame():
    frames = frames_of(*AND, start=[1, 1, 1.5])
    assert len(frames) == 1
    assert "Separated after 0 corrections" in frames[0].says


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_the_code_reproduces_every_state(X, y, kwargs, capsys):
    record = record_of(X, y, kwargs)
    for state, frame in zip(perceptron_states(record), frames_of(X, y, **kwargs), strict=True):
        space = {}
        exec(frame.code, space)
        assert np.array_equal(space["W"], state.weights)
        assert np.array_equal(space["record"].X, record.X)
        assert record.message in capsys.readouterr().out


def test_labels_differ_by_shape_and_every_mark_is_in_the_legend():
    frame = frames_of(*AND)[2]
    root = ElementTree.fromstring(frame.svg)
    parts = {g.get("data-key"): g for g in root.iter() if g.get("data-key")}
    assert set(parts) == set(frame.notes)
    shapes = {key: [e.tag.split("}")[1] for e in part][-1] for key, part in parts.items()}
    assert shapes["sample 11"] == "rect"
    assert shapes["sample 00"] == "circle"
    assert parts["sample 11"][-1].get("fill") == CLASS_ONE
    assert parts["sample 00"][-1].get("fill") == CLASS_ZERO
    said = words(frame.svg)
    for mark in ("y = 0", "y = 1", "was wrong, is corrected here", "wrong now", "line before",
                 "line now", "side that fires now", "next point", "W before", "correction", "W now",
                 "was silent, should fire", "fires"):  # fmt: skip
        assert mark in said


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_text_is_large_enough_and_the_picture_fits(X, y, kwargs):
    for frame in frames_of(X, y, **kwargs):
        root = ElementTree.fromstring(frame.svg)
        assert float(root.get("width")) <= 720
        sizes = [float(e.get("font-size")) for e in root.iter() if e.get("font-size")]
        assert min(sizes) >= 12
        assert "nan" not in frame.svg
        assert root.get("aria-label") == frame.says


def test_the_same_call_gives_the_same_text():
    assert frames_of(CLOUD, CLOUD_LABELS, eta=0.1) == frames_of(CLOUD, CLOUD_LABELS, eta=0.1)
    assert repr(perceptron_bench()) == "Explorer: The perceptron rule, step by step"


def samples_in(frame):
    """Return the samples drawn: place in the plane, and label by shape."""
    root = ElementTree.fromstring(frame.svg)
    found = []
    for group in (g for g in root.iter() if g.get("data-key")):
        px = np.array([float(group[0].get("cx")), float(group[0].get("cy"))])
        x1, x2 = ((px - [56, 380]) / 330 * [3.5, -3.5] - 1.25).round(2).tolist()
        label = int(group[-1].tag.endswith("rect"))
        assert group.get("data-label").endswith(f", label {label}")
        found.append((x1, x2, label))
    return sorted(found)


def test_points_are_clicked_into_the_plane_and_go_to_the_grid():
    bench = perceptron_bench()
    bench.press("clear")
    first = bench.point("plane", 0.55, 1.71)
    assert samples_in(first) == [(0.5, 1.75, 1)]
    assert bench.values["gate"] == OWN
    assert (bench.values["x1"], bench.values["x2"]) == (0.5, 1.75)
    bench.move(label=list(LABELS)[1])
    frame = bench.point("plane", -1.24, -0.1)
    assert samples_in(frame) == [(-1.0, 0.0, 0), (0.5, 1.75, 1)]
    assert "−0" not in bench.press("step").notes["sample B"]
    assert 'data-surface="plane" data-limits="-1.25 2.25 -1.25 2.25"' in frame.svg


def test_whatever_the_pointer_does_sliders_and_a_button_do_too():
    by_hand, by_key = perceptron_bench(), perceptron_bench()
    by_hand.move(label="0 (circle)")
    by_key.move(label="0 (circle)", x1=-0.75, x2=1.25)
    assert by_hand.point("plane", -0.7, 1.3) == by_key.press("add")
    assert len(by_key.frame.notes) == 5


def test_points_are_taken_away_one_by_one_or_all_at_once():
    bench = perceptron_bench(CLOUD, CLOUD_LABELS)
    assert len(bench.press("remove").notes) == 4
    rest = zip(CLOUD[:4].tolist(), CLOUD_LABELS, strict=False)
    assert samples_in(bench.frame) == sorted((*x, label) for x, label in rest)
    cleared = bench.press("clear")
    assert cleared.notes == {}
    assert cleared.says.startswith("No points yet.")
    assert bench.press("remove") == bench.press("step") == bench.press("back") == cleared
    exec(cleared.code, {})


@pytest.mark.parametrize("name", ["AND", "OR", "NAND", "XOR"])
def test_a_gate_is_loaded_and_trained_as_the_package_trains_it(name):
    bench = perceptron_bench(CLOUD, CLOUD_LABELS)
    frame = bench.move(gate=name, eta=0.5)
    assert set(frame.notes) == {key_of(digits) for digits in ("00", "01", "10", "11")}
    record = train_perceptron(*gate(name), eta=0.5)
    for step in record.steps:
        assert near(triples(bench.press("step").says)[-1], step.weights_after)
    assert f'gate("{name}")' in bench.frame.code
    assert len(bench.move(gate=OWN).notes) == len(CLOUD)  # they are still there


def test_steps_go_back_and_over_and_begin_anew_where_points_or_rate_change():
    bench = perceptron_bench()
    start = bench.frame
    first, second = bench.press("step"), bench.press("step")
    assert bench.press("back") == first
    assert bench.press("step") == second
    assert bench.press("over") == start
    bench.press("step")
    assert bench.move(eta=2).says.startswith("Start: W = (0, 0, 0).")
    bench.press("step")
    assert bench.move(gate="OR").says.startswith("Start: ")
    bench.press("step")
    assert bench.point("plane", 0, 0).says.startswith("Start: ")
    bench.press("step")
    assert bench.move(x1=GRID).says.startswith("Correction 1,")  # this changes no point
    assert bench.reset() == start


def test_a_run_goes_on_until_nothing_changes():
    bench = perceptron_bench(*XOR)
    while (values := dict(bench.values)) and bench.press("run") and dict(bench.values) != values:
        pass
    assert bench.frame == frames_of(*XOR)[-1]


def test_more_points_than_names_are_refused_in_words():
    bench = perceptron_bench()
    for _ in range(8):
        bench.press("add")
    with pytest.raises(ValueError, match="points must be 12 at most; take one away first"):
        bench.press("add")
    assert len(bench.frame.notes) == 12


def test_samples_on_one_spot_share_a_name_and_can_both_be_chosen():
    frame = perceptron_bench([[1, 1], [1, 1], [2, 0]], [0, 1, 1]).frame
    assert "11, A" in words(frame.svg)
    assert set(frame.notes) == {"sample 11", "sample A", "sample B"}


def test_the_samples_of_a_gate_keep_their_names_when_points_are_added():
    bench = perceptron_bench()
    gate_names = list(bench.frame.notes)
    bench.point("plane", 0.5, 0.5)
    assert list(bench.point("plane", 1, 1.5).notes) == [*gate_names, "sample A", "sample B"]


def test_a_tag_never_lies_over_the_next_point():
    bench = perceptron_bench()
    spots = set()
    for x2 in np.arange(0, 2.25, GRID):
        bench.move(x1=0.5, x2=x2)
        while bench.press("step").says.startswith("Correction "):
            root = ElementTree.fromstring(bench.frame.svg)
            tag = next(e for e in root.iter() if e.get("height") == "18.00")
            left, top, width = (float(tag.get(n)) for n in ("x", "y", "width"))
            x, y = (np.array([0.5, x2]) + 1.25) / 3.5 * [330, -330] + [56, 380]
            assert not (left - 8 < x < left + width + 8 and top - 8 < y < top + 26)
            spots.add((left, top))
        bench.press("over")
    assert len(spots) > 3


def test_arrows_on_one_line_are_said_to_be_drawn_side_by_side():
    frames = frames_of(*AND)
    said = ["drawn side by side" in words(frame.svg) for frame in frames]
    assert said[7]
    assert not said[8]


@pytest.mark.parametrize(
    ("circle", "count"), [((1.25, 0.5), 47), ((1, 0.75), 88), ((0.75, 0.75), 5)]
)
def test_a_circle_near_11_takes_as_many_corrections_as_lesson_01_says(circle, count):
    bench = perceptron_bench([*AND.X, circle], [*AND.y, 0])
    while not bench.press("run").says.startswith("End: "):
        pass
    assert f"Separated after {count} corrections" in bench.frame.says


def test_a_cycle_is_said_to_stop_where_the_steps_stop():
    last = frames_of(*XOR)[-1]
    stopped = "topped here, after correction 11: the cycle seen twice"
    assert last.says.startswith(f"S{stopped}. A cycle after 10 ")
    assert f"s{stopped}" in words(last.svg)


def test_giving_up_is_told_from_a_proof_that_there_is_no_line():
    unfinished, cycle = (
        frames_of([*AND.X, circle], [*AND.y, 0])[-1] for circle in ((0.9, 1), (1.25, 1))
    )
    gave_up, proof = "It only gave up after 100 rounds: a line may exist.", "no line can do it."
    # A line exists: all five are right with (11, 1, 12), on paper.
    assert [11 * a + b >= 12 for a, b in (*AND.X, (0.9, 1))] == [*AND.y, 0]
    for frame in (unfinished, cycle):
        for text in (frame.says, " ".join(words(frame.svg))):
            assert (gave_up in text) == (frame is unfinished)
            assert (proof in text) == (frame is cycle)


@pytest.mark.parametrize(("X", "y", "kwargs"), RUNS)
def test_the_arrow_to_the_firing_side_stays_in_the_plane_and_off_its_word(X, y, kwargs):
    def fires(px, W):
        return np.append((np.array(px) - [56, 380]) / 330 * [3.5, -3.5] - 1.25, -1) @ W > -1e-6

    states = perceptron_states(record_of(X, y, kwargs))
    for state, frame in zip(states, frames_of(X, y, **kwargs), strict=True):
        root = ElementTree.fromstring(frame.svg)
        heads = [e.get("points").split() for e in root.iter() if e.get("fill") == INK
                 and e.get("points")]  # fmt: skip
        tips = [np.array([float(v) for v in head[0].split(",")]) for head in heads]
        tips = [tip for tip in tips if tip[0] < 400 and tip[1] < 400]  # not the weights, the legend
        assert len(tips) == len([1 for dashed, _ in lines_of(frame.svg) if not dashed])
        places = [e for e in root.iter() if e.tag.endswith("text")
                  and "".join(e.itertext()) == "fires"]  # fmt: skip
        for tip in tips:
            assert (tip >= (56, 50)).all()
            assert (tip <= (56 + 330, 50 + 330)).all()
            assert fires(tip, state.weights)
            for word in places:
                middle = np.array([float(word.get("x")), float(word.get("y")) - 4])
                assert (np.abs(tip - middle) >= (17, 8)).any()
                assert all(
                    fires(np.add(middle, (dx, dy)), state.weights)
                    for dx in (-16, 16)
                    for dy in (-7, 7)
                )


def test_one_sample_will_do():
    assert len(frames_of([[1.0, 2.0]], [0])) >= 2


def test_given_arrays_are_left_as_they_were():
    X, y = CLOUD.copy(), np.array(CLOUD_LABELS)
    frames_of(X, y)
    assert np.array_equal(X, CLOUD)
    assert y.tolist() == CLOUD_LABELS


@pytest.mark.parametrize(
    ("X", "y", "kwargs", "error", "message"),
    [
        ([[0, 0, 1]], [1], {}, ValueError, "X must have shape"),
        (np.zeros((13, 2)), np.zeros(13), {}, ValueError, "X must hold 12 samples at most, got 13"),
        ([[0, 3]], [1], {}, ValueError, "X must lie between -1 and 2, got values from 0 to 3"),
        ("AND", [1], {}, TypeError, "X"),
        (AND.X, None, {}, (TypeError, ValueError), "y"),
        ([[0, float("nan")]], [1], {}, ValueError, "X"),
        (AND.X, [0, 1], {}, ValueError, "y"),
        (AND.X, [0, 1, 2, 1], {}, ValueError, "y must hold labels 0 and 1"),
        (AND.X, AND.y, {"eta": 0}, ValueError, "eta must be 0.1 to 4, got 0"),
        (AND.X, AND.y, {"mode": "some"}, ValueError, "mode"),
        (AND.X, AND.y, {"start": [1, 2]}, ValueError, "start"),
    ],
)
def test_what_does_not_fit_is_named(X, y, kwargs, error, message):
    with pytest.raises(error, match=message):
        perceptron_bench(X, y, **kwargs)


def test_states_need_a_record():
    with pytest.raises(TypeError, match="record must be a PerceptronRecord, got list"):
        perceptron_states([])
