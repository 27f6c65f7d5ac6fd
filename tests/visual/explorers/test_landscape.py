import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter

import numpy as np
import pytest
from scipy.ndimage import label

from backprop_kit import Network, digits, gate, loss_grid, one_hot, split, train
from backprop_kit.visual.diagram import network_diagram
from backprop_kit.visual.explorers import landscape_states as states
from backprop_kit.visual.explorers import loss_landscape
from backprop_kit.visual.explorers.landscape import descent_notes, descent_words
from backprop_kit.visual.explorers.landscape_picture import ground
from backprop_kit.visual.explorers.landscape_states import (
    Descent,
    descend,
    landscape,
    parameter_places,
)
from tests.drawings import SVG, drawing, numbers_in, texts

X = gate("XOR").X
Y = gate("XOR").y[:, np.newaxis]
LEFT, TOP, SIDE = 56, 52, 372


@pytest.fixture(scope="module")
def stuck():
    """Return the network of lesson 02 that has not learned XOR."""
    network = Network((2, 2, 1), rng=3)
    train(network, X, Y, eta=10, epochs=600)
    return network


def bowl():
    """Return a neuron whose error is a bowl: eta must stay below 2 / 2.5."""
    neuron = Network.from_parameters([[[0.0], [0.0]]], [[0.0]], activation="identity")
    inputs = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    return neuron, 2**0.5 * inputs, np.zeros((4, 1))


def explorer_of_bowl(**more):
    chosen = dict(start=(1, 0.5), eta=0.5, largest_eta=2, steps=4, limits=(-2, 2)) | more
    return loss_landscape(*bowl(), "w_11", "w_21", **chosen)


def with_values(network, names, values):
    trial = network.copy()
    for name, value in zip(names, values, strict=True):
        letter, units = re.fullmatch(r"([a-z]+)_(\d+)", name).groups()
        layer = {"v": 0, "gamma": 0, "w": 1, "theta": 1}[letter]
        index = tuple(int(unit) - 1 for unit in units)
        blocks = trial.weights if letter in "vw" else trial.thresholds
        blocks[layer][index] = value
    return trial


# ---------------------------------------------------------------- the states


@pytest.mark.parametrize("sizes", [(3, 2), (2, 3, 2), (2, 2, 2, 1)])
def test_parameters_have_the_names_of_the_network_diagram(sizes):
    picture = ElementTree.fromstring(network_diagram(sizes, choices=True))
    shown = {group.get("data-key") for group in picture.iter(f"{SVG}g")} - {None}
    known = parameter_places(sizes)
    letters = r"(v|w|gamma|theta)[_^]"
    assert {name for name in shown if re.match(letters, name)} == set(known)
    assert len(set(known.values())) == len(known) == Network(sizes).n_parameters
    assert "w_1,10" in parameter_places((1, 10))


@pytest.mark.parametrize("names", [("v_21", "gamma_2"), ("w_11", "theta_1"), ("w_21", "v_12")])
def test_the_map_and_the_path_are_what_the_package_computes(stuck, names):
    before = [p.copy() for p in stuck.weights + stuck.thresholds]
    found = landscape(stuck, X, Y, names, (-4, 4))
    for i, k in [(0, 0), (3, 40), (17, 22), (40, 1)]:
        trial = with_values(stuck, names, (found.values[i], found.values[k]))
        assert found.errors[i, k] == pytest.approx(trial.loss(X, Y), rel=1e-12)
    assert with_values(stuck, names, found.own).loss(X, Y) == stuck.loss(X, Y)
    assert found.held == 7

    path = descend(stuck, X, Y, names, (1.5, -2), eta=8, steps=6)
    place, nudge = np.array([1.5, -2.0]), 1e-6
    for k in range(7):
        assert path.places[k] == pytest.approx(place, abs=1e-6)

        def error(at):
            return with_values(stuck, names, at).loss(X, Y)

        assert path.errors[k] == pytest.approx(error(path.places[k]), rel=1e-12)
        slope = [(error(place + d) - error(place - d)) / (2 * nudge) for d in nudge * np.eye(2)]
        assert path.slopes[k] == pytest.approx(slope, abs=1e-8)
        place = place - 8 * np.array(slope)
    for now, then in zip(stuck.weights + stuck.thresholds, before, strict=True):
        assert (now == then).all()


@pytest.mark.parametrize(("eta", "grows"), [(0.75, False), (0.85, True)])
def test_descent_in_a_bowl_diverges_from_the_known_rate_on(eta, grows):
    path = descend(*bowl(), ("w_11", "w_21"), (1, 0), eta=eta, steps=9)
    assert path.places[:, 0] == pytest.approx((1 - 2.5 * eta) ** np.arange(10.0))
    assert path.rose.tolist() == [grows] * 9
    words = descent_words(path, (-2, 2))
    assert ("It diverges: in each of the last 9 steps the error grew." in words) == grows
    assert ("each step jumps across the valley" in words) != grows


def test_words_say_what_the_error_did():
    def words(errors, slopes=((1, 1),), places=None, too_large=False):
        n = len(errors)
        places = np.zeros((n, 2)) if places is None else np.array(places, float)
        slopes = np.resize(np.array(slopes, float), (n, 2))
        names, errors = ("w_11", "theta_1"), np.array(errors, float)
        path = Descent(names, 0.5, places, errors, slopes, too_large)
        return descent_words(path, (-1, 1))

    assert "No step yet. ∂E/∂w_11 = 1.0000; ∂E/∂theta_1 = 1.0000." in words([3])
    assert "diverges" not in words([1, 2, 3])  # two rises are no rule
    assert "rose in 2 of the 2 steps" in words([1, 2, 3])
    assert "It ends higher than it started." in words([1, 2, 3])
    assert "rose in 1 of the 3 steps" in words([4, 2, 3, 1])
    assert "higher" not in words([4, 2, 3, 1])
    assert "The error never rose." in words([3, 2, 2 + 1e-14])
    assert "last 3 steps the error grew" in words([9, 1, 2, 3, 4])
    assert "in step 2 a number becomes too large" in words([1, 2], too_large=True)
    assert "nothing moves" in words([1, 1], slopes=[(0, 0)])
    assert "nearly flat" in words([1, 1], slopes=[(1e-4, -1e-4)])
    assert "nearly flat" not in words([1, 1], slopes=[(1e-4, -1e-2)])
    assert "leaves the map in step 2." in words([3, 2, 1], places=[(0, 0), (1, 1), (0, 1.1)])
    assert "leaves" not in words([3, 2], places=[(0, 0), (1, -1)])


def test_a_number_too_large_for_a_float_ends_the_path():
    path = descend(*bowl(), ("w_11", "w_21"), (1, 0), eta=1e40, steps=20)
    assert path.too_large
    assert path.steps < 20
    assert np.isfinite(path.errors).all()
    explorer = loss_landscape(*bowl(), "w_11", "w_21", start=(1, 0), eta=1e40, largest_eta=1e40)
    assert f"in step {path.steps + 1} a number becomes too large" in explorer.frame.says
    assert "nan" not in explorer.frame.svg


def test_steps_have_no_slope_and_a_flat_map_has_no_lines():
    flat = Network.from_parameters([[[0.0]], [[0.0]]], [[0.0], [0.0]], activation="step")
    explorer = loss_landscape(flat, [[1.0]], [[0.0]], "v_11", "w_11", start=(-2, 3))
    assert "nothing moves" in explorer.frame.says
    identity = Network.from_parameters([[[0.0]], [[0.0]]], [[0.0], [0.0]], activation="identity")
    found = landscape(identity, [[0.0]], [[2.0]], ("v_11", "w_11"), (-1, 1))
    assert np.ptp(found.errors) == 0
    assert "<polyline" not in "".join(ground(found))


# ---------------------------------------------------------------- the explorer


def test_every_control_moves_what_is_shown(stuck):
    explorer = loss_landscape(stuck, X, Y, "v_11", "v_21", start=(3, 3), eta=20, steps=5)
    values = dict(first="v_11", second="v_21", x=3.0, y=3.0, eta=20.0, steps=5)

    def assert_shown(**changed):
        values.update(changed)
        assert dict(explorer.values) == values
        names = values["first"], values["second"]
        start, frame = (values["x"], values["y"]), explorer.frame
        path = descend(stuck, X, Y, names, start, eta=values["eta"], steps=values["steps"])
        assert frame.says == descent_words(path, (-10, 10))
        said = frame.says.replace(names[0], "a").replace(names[1], "b")
        first, last = said.splitlines()[:2]
        assert numbers_in(first) == pytest.approx([*start, path.errors[0]], abs=6e-5)
        last_numbers = [path.steps, path.eta, *path.places[-1], path.errors[-1]]
        assert numbers_in(last) == pytest.approx(last_numbers, abs=6e-5)
        assert frame.notes == descent_notes(path)
        root = drawing(explorer.frame)
        assert root.get("aria-label") == frame.says.replace("\n", " ")
        ends = [g for g in root.iter(f"{SVG}g") if g.get("data-key")]
        for group, k in zip(ends, (0, -1), strict=True):
            shown = [numbers_in(text.split("=")[1])[0] for text in texts(group)]
            wanted = [path.errors[k], *path.places[k]]
            assert shown == pytest.approx(wanted, abs=6e-5)

    assert_shown()
    explorer.move(first="gamma_1")
    assert_shown(first="gamma_1")
    explorer.move(second="theta_1", x=-4.5)
    assert_shown(second="theta_1", x=-4.5)
    explorer.move(y=2.25, eta=31.5, steps=9)
    assert_shown(y=2.25, eta=31.5, steps=9)
    explorer.point("map", 1.234, -9.876)
    assert_shown(x=1.2, y=-9.9)
    explorer.press("walk")
    assert_shown(steps=10)
    explorer.move(steps=50)
    explorer.press("walk")
    assert_shown(steps=50)  # no more: the button stops
    explorer.reset()
    assert_shown(first="v_11", second="v_21", x=3.0, y=3.0, eta=20.0, steps=5)


def test_the_code_shown_reproduces_the_state(stuck, capsys):
    explorer = loss_landscape(stuck, X, Y, "v_12", "theta_1", start=(2, -3), eta=7.5, steps=12)
    for change in ({}, {"first": "w_21", "x": 4.1}, {"second": "gamma_2", "eta": 0.5, "steps": 0}):
        explorer.move(**change)
        exec(explorer.frame.code, {"network": stuck, "X": X, "Y": Y})
        v = explorer.values
        path = descend(
            stuck, X, Y, (v["first"], v["second"]), (v["x"], v["y"]),
            eta=v["eta"], steps=v["steps"],
        )  # fmt: skip
        printed = numbers_in(capsys.readouterr().out)
        assert printed == pytest.approx([*path.places[-1], path.errors[-1]], rel=1e-12)


def test_a_note_does_the_next_step_with_its_numbers():
    path = descend(*bowl(), ("w_11", "w_21"), (1, 0.5), eta=0.5, steps=3)
    for key, k in (("start", 0), ("end", -1)):
        slopes, *moves = descent_notes(path)[key].splitlines()
        assert [numbers_in(part)[-1] for part in slopes.split(";")] == pytest.approx(
            path.slopes[k].tolist(), abs=6e-5
        )
        for move, value, slope in zip(moves, path.places[k], path.slopes[k], strict=True):
            _, formula = move.split("←")
            before, eta, factor, after = (abs(n) for n in numbers_in(formula))
            wanted = [value, 0.5, slope, value - 0.5 * slope]
            assert [before, eta, factor, after] == pytest.approx(np.abs(wanted), abs=6e-5)


def test_the_map_is_computed_once_for_each_pair(stuck, monkeypatch):
    asked = Counter()

    def counted(network, X, Y, first, second, *values):
        asked[first, second] += 1
        return loss_grid(network, X, Y, first, second, *values)

    monkeypatch.setattr(states, "loss_grid", counted)
    explorer = loss_landscape(stuck, X, Y, "v_11", "v_21")
    for x in range(-5, 6):
        explorer.move(x=x, eta=10 + x)
        explorer.point("map", 1, x)
    explorer.move(second="w_11")
    explorer.reset()
    assert asked == {((1, 1, 1), (1, 2, 1)): 1, ((1, 1, 1), (2, 1, 1)): 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": "XOR"}, "network must be a Network, got str"),
        ({"network": Network((10, 10, 1))}, "network must have 100 parameters at most, got 121"),
        ({"X": [[1, 2, 3]]}, "X must have"),
        ({"first": "w_12"}, "there is no parameter 'w_12', only v_11"),
        ({"second": "v_11"}, "the two parameters must differ, got v_11 twice"),
        ({"start": (0, 11)}, "start must lie within the limits -10 and 10"),
        ({"start": (0, float("nan"))}, "start must hold finite numbers"),
        ({"eta": 60}, "eta must be 0.5 to 50, got 60"),
        ({"eta": 0}, "eta must be a positive, finite number"),
        ({"largest_eta": -1}, "largest_eta must be a positive"),
        ({"steps": 51}, "steps must be 0 to 50, got 51"),
        ({"steps": -1}, "steps must be at least 0"),
        ({"limits": (3, 3)}, "limits must rise, got 3 and 3"),
    ],
)
def test_bad_input_is_named(stuck, change, words):
    given = dict(network=stuck, X=X, Y=Y, first="v_11", second="v_21") | change
    with pytest.raises((TypeError, ValueError), match=re.escape(words)):
        loss_landscape(**given)


def test_one_parameter_chosen_twice_is_answered_in_words_and_changes_nothing(stuck):
    explorer = loss_landscape(stuck, X, Y, "v_11", "v_21")
    before = explorer.frame
    values = dict(explorer.view.shown["values"]) | {"second": "v_11"}
    request = {"steps": [{"values": values, "act": None}], "answer": [1, 1]}
    explorer._answer(explorer.view, request, [])
    shown = explorer.view.shown
    assert shown["at"] == "second"
    assert "the two parameters must differ, got v_11 twice" in shown["error"]
    assert explorer.frame is before


def test_the_network_given_may_change_afterwards(stuck):
    network = stuck.copy()
    explorer = loss_landscape(network, X, Y, "v_11", "v_21")
    before = explorer.frame.svg
    network.weights[1][:] = 0
    assert explorer.move(x=explorer.values["x"]).svg == before


# ---------------------------------------------------------------- the picture


def points_of(element):
    return np.array(
        [pair.split(",") for pair in element.get("points").split()], dtype=float
    )  # fmt: skip


def on_map(points, limits):
    """Return what places in px stand for."""
    low, high = limits
    share = (np.asarray(points, float) - (LEFT, TOP)) / SIDE
    share[:, 1] = 1 - share[:, 1]
    return low + share * (high - low)


def test_lines_join_places_of_equal_error_at_the_levels_of_the_legend():
    network, inputs, targets = bowl()
    found = landscape(network, inputs, targets, ("w_11", "w_21"), (-2, 2))
    root = ElementTree.fromstring(f"<svg>{''.join(ground(found))}</svg>")
    heights = []
    for line in root.iter("polyline"):
        x, y = on_map(points_of(line), (-2, 2)).T
        errors = (2.5 * x**2 + 0.5 * y**2) / 2
        assert np.ptp(errors) < 0.05 * 0.5 + 0.03 * errors.mean()
        heights.append(errors.mean())
    legend = [
        (float(text.get("y")), numbers_in(words)[0])
        for text in root.iter("text")
        if float(text.get("x")) == LEFT + SIDE + 34
        and (words := "".join(text.itertext()))
    ]  # fmt: skip
    levels = [level for _, level in sorted(legend, reverse=True)]
    assert levels == sorted(levels)
    assert len(levels) >= 5
    assert np.ptp(np.diff(levels)) < 1e-9
    for height in heights:
        assert min(abs(height - level) for level in levels) < 0.03
    assert "one E, at equal intervals: lines" in " ".join(texts(root))
    on_lines = {
        numbers_in("".join(text.itertext()))[0]
        for text in root.iter("text")
        if LEFT + 20 < float(text.get("x")) < LEFT + SIDE - 20 and float(text.get("y")) < TOP + SIDE
    }
    assert on_lines
    assert on_lines <= set(levels)


def test_one_more_level_is_drawn_named_and_left_out_where_the_map_does_not_reach_it():
    found = landscape(*bowl(), ("w_11", "w_21"), (-2, 2))

    def drawn(level):
        root = ElementTree.fromstring(f"<svg>{''.join(ground(found, level))}</svg>")
        lines = []
        for line in root.iter("polyline"):
            x, y = on_map(points_of(line), (-2, 2)).T
            lines.append(((2.5 * x**2 + 0.5 * y**2) / 2).mean())
        return texts(root), sorted(lines)

    words, lines = drawn(0.125)
    assert "one E, at equal intervals and at 0.125: lines" in " ".join(words)
    assert {"0.125", "1.000", "2.000"} <= set(words)
    assert lines[0] == pytest.approx(0.125, abs=0.01)
    without = drawn(None)
    assert len(lines) == len(without[1]) + 1
    assert drawn(7.5) == without
    assert "at 0.2: " in explorer_of_bowl(level=0.2).frame.svg
    with pytest.raises(ValueError, match="level must be a positive"):
        explorer_of_bowl(level=-1)


def test_dots_stand_where_the_path_goes_and_dashes_where_the_error_rose():
    explorer = explorer_of_bowl(eta=0.9, steps=3)
    path = descend(*bowl(), ("w_11", "w_21"), (1, 0.5), eta=0.9, steps=3)
    places = on_map(
        [
            (float(dot.get("cx")), float(dot.get("cy")))
            for dot in drawing(explorer.frame).iter(f"{SVG}circle")
            if dot.get("r") == "2.50"
            and LEFT <= float(dot.get("cx")) <= LEFT + SIDE
            and float(dot.get("cy")) <= TOP + SIDE
        ],
        (-2, 2),
    )
    assert places == pytest.approx(path.places[np.abs(path.places).max(axis=1) <= 2], abs=1e-4)
    dashed = [
        line
        for line in drawing(explorer.frame).iter(f"{SVG}line")
        if line.get("stroke-dasharray") and float(line.get("y1")) < TOP + SIDE
    ]
    assert sum(float(line.get("x1")) < LEFT + SIDE for line in dashed) == path.rose.sum() == 3
    assert len(dashed) == 3 + 2  # in the curve beside the map, the third is off the top
    assert explorer_of_bowl(eta=0.5).frame.svg.count('dasharray="6 3"') == 1  # the legend's


def test_a_path_off_the_map_is_cut_at_its_edge():
    explorer = explorer_of_bowl(eta=2, steps=8)
    assert "leaves the map in step 1." in explorer.frame.says
    assert "off the top" in texts(drawing(explorer.frame))
    assert "off the top" not in texts(drawing(explorer_of_bowl().frame))
    for line in drawing(explorer.frame).iter(f"{SVG}line"):
        for end in "12":
            assert 0 <= float(line.get(f"x{end}")) <= 720
            assert 0 <= float(line.get(f"y{end}")) <= 516


def test_the_picture_explains_itself_and_can_be_read(stuck):
    explorer = loss_landscape(stuck, X, Y, "gamma_1", "theta_1", start=(5, 3), eta=50)
    root = drawing(explorer.frame)
    words = " ".join(texts(root))
    for said in (
        "only these two move; 7 others are held", "η = 50, 30 steps", "the levels", "start", "end",
        "E fell or stayed", "E rose", "where the network stands", "steep",
    ):  # fmt: skip
        assert said in words
    sizes = re.findall(r'font-size="(\d+)"', explorer.frame.svg)
    assert min(map(int, sizes)) >= 12
    assert float(root.get("width")) <= 720
    (surface,) = (r for r in root.iter(f"{SVG}rect") if r.get("data-surface"))
    assert surface.get("data-limits") == "-10 10 -10 10"
    again = loss_landscape(stuck, X, Y, "gamma_1", "theta_1", start=(5, 3), eta=50)
    assert again.frame.svg == explorer.frame.svg


def test_softmax_and_deeper_networks_have_maps_too():
    deep = Network((2, 2, 2, 2), output="softmax", loss="cross_entropy", rng=1)
    explorer = loss_landscape(deep, X, one_hot([0, 1, 1, 0], 2), "w^(2)_12", "theta^(3)_1")
    assert explorer.frame.says.startswith("Start: w^(2)_12 = ")
    code = explorer.frame.code
    assert "student.weights[1][0, 1] -=" in code
    assert "student.thresholds[2][0] -=" in code


# ---------------------------------------------------------------- what the lessons say


def test_lesson_02_the_map_of_two_thresholds_shows_a_pit_and_another_lower_ground(stuck):
    along, places = np.linspace(-10, 10, 81), parameter_places(stuck.sizes)

    def lowest(first, second):
        return loss_grid(stuck, X, Y, places[first], places[second], along, along).min()

    assert lowest("gamma_1", "theta_1") >= stuck.loss(X, Y) - 1e-4
    out = [pair for pair in itertools.combinations(places, 2) if lowest(*pair) < 0.06]
    assert out == [("v_22", "w_21"), ("v_22", "theta_1")]
    pit = loss_landscape(
        stuck, X, Y, "gamma_1", "theta_1",
        start=(5, 3), eta=50, largest_eta=100, steps=10, level=0.065,
    )  # fmt: skip
    assert "0.065: " in pit.frame.svg
    for _ in range(40):
        pit.press("walk")
    assert "After 50 steps" in pit.frame.says
    assert "E = 0.0634." in pit.frame.says
    pit.move(first="v_22", second="w_21", x=3, y=2)
    assert "E = 0.0523." in pit.frame.says
    found = landscape(stuck, X, Y, ("v_22", "w_21"), (-10, 10))
    regions, _ = label(found.errors < 0.065)  # what the line drawn at 0.065 bounds
    own = [np.abs(found.values - value).argmin() for value in found.own]
    lower = np.unravel_index(found.errors.argmin(), found.errors.shape)
    assert 0 < regions[tuple(own)] != regions[lower] > 0


def test_lesson_10_the_rate_at_which_two_pixels_diverge():
    images, labels = digits()
    X_train, _, labels_train, _ = split(images, labels)
    shown = labels_train < 2
    pixels, targets = X_train[shown][:, [26, 36]], one_hot(labels_train, 10)[shown, :1]
    neuron = Network.from_parameters([[[0], [0]]], [[0]], activation="identity")
    explorer = loss_landscape(
        neuron, pixels, targets, "w_11", "w_21", start=(1.6, 0.8), eta=1, largest_eta=5,
        limits=(-2, 2), level=0.2,
    )  # fmt: skip
    assert "at 0.2: " in explorer.frame.svg  # the lesson's one line inside the valley
    largest = np.linalg.eigvalsh(pixels.T @ pixels / len(pixels))[-1]
    assert 2.75 < 2 / largest < 2.8
    assert "jumps across" not in explorer.frame.says
    assert "never rose. But a slope turns its sign again and again" in explorer.move(eta=2.5).says
    assert "never rose" in explorer.move(eta=2.75).says
    for eta in (2.85, 3):
        assert "It diverges" in explorer.move(eta=eta).says
