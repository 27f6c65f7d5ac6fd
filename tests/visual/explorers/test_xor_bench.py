import itertools
import re
import time

import numpy as np
import pytest

from backprop_kit import Network, gate, train, train_many
from backprop_kit.visual.explorers import xor_bench
from backprop_kit.visual.explorers.xor_bench import (
    BY_HAND,
    FARTHEST,
    LETTERS,
    MOST_EPOCHS,
    STUCK_SEEDS,
    network_of,
    parameters_of,
    state_of,
)
from backprop_kit.visual.explorers.xor_bench_picture import _HIDDEN, _INPUTS
from backprop_kit.visual.palette import CLASS_ONE, CLASS_ONE_TINT, CLASS_ZERO, FORWARD, SERIES
from tests.drawings import SVG, drawing, texts

X, LABELS = gate("XOR")

Y = LABELS[:, np.newaxis]
NAMES = ("00", "01", "10", "11")


def decimals_in(text):
    return [float(n) for n in re.findall(r"-?\d+\.\d+", text.replace("−", "-"))]


def network_from(bench):
    """Build the network from the values of the sliders, without the explorer's own helpers."""
    p = bench.values
    v = [[p["v_11"], p["v_12"]], [p["v_21"], p["v_22"]]]
    w = [[p["w_11"]], [p["w_21"]]]
    return Network.from_parameters([v, w], [[p["gamma_1"], p["gamma_2"]], [p["theta_1"]]])


def answer_shown(answer):
    """Write an answer as the bench must: near 0.5, two decimals would hide its side."""
    return f"{answer:.3f}" if f"{answer:.2f}" == "0.50" else f"{answer:.2f}"


def same_network(one, other):
    return parameters_of(one) == parameters_of(other)


def assert_true(bench):
    """Compare every number shown with what the package computes."""
    frame, network = bench.frame, network_from(bench)
    _, B, y_hat = network.forward(X).outputs
    E = network.loss(X, Y)
    right = y_hat[:, 0].round() == LABELS
    root = drawing(frame)
    small = f"E {'< 0.0001' if E < 5e-5 else f'= {E:.4f}'}"
    assert small in frame.says
    assert small in texts(root)[0]
    for name, answer in zip(NAMES, y_hat[:, 0], strict=True):
        assert f"{name} gives {answer_shown(answer)}" in frame.says
    assert f"{right.sum()} of 4 right" in frame.says
    pairs = list(itertools.combinations(range(4), 2))
    apart = [float(np.hypot(*(B[a] - B[b]))) for a, b in pairs]
    first, second = pairs[int(np.argmin(apart))]
    assert f"hidden space: {NAMES[first]} and {NAMES[second]}, " in frame.says
    same = LABELS[first] == LABELS[second]
    assert frame.says.endswith("whose labels differ." if not same else f"label {LABELS[first]}.")
    for k, name in enumerate(NAMES):
        row = texts(part(root, f"sample {name}"))
        verdict = "✓ right" if right[k] else "✗ wrong"
        numbers = [*(f"{b:.2f}" for b in B[k]), answer_shown(y_hat[k, 0])]
        assert row == [name, *numbers, str(LABELS[k]), verdict]
        note = frame.notes[f"sample {name}"]
        alpha = X[k] @ network.weights[0]
        beta = B[k] @ network.weights[1]
        (gamma, theta) = network.thresholds
        expected = [
            *(alpha[0], gamma[0], alpha[0] - gamma[0], B[k, 0]),
            *(alpha[1], gamma[1], alpha[1] - gamma[1], B[k, 1]),
            *(beta[0], theta[0], beta[0] - theta[0], y_hat[k, 0]),
        ]
        assert decimals_in(note) == pytest.approx(expected, abs=0.0051)
        assert f"Wanted: {LABELS[k]}" in note
        assert ("right." if right[k] else "wrong.") in note


def part(root, key):
    (group,) = (g for g in root.iter(f"{SVG}g") if g.get("data-key") == key)
    return group


def samples_of(root, square):
    """Return the places of the marks inside a square, in its own units: zeros, ones."""
    found = {CLASS_ZERO: [], CLASS_ONE: []}
    for shape in root.iter():
        if shape.get("fill") not in found:
            continue
        if shape.tag == f"{SVG}circle":
            x, y = float(shape.get("cx")), float(shape.get("cy"))
        else:
            x = float(shape.get("x")) + float(shape.get("width")) / 2
            y = float(shape.get("y")) + float(shape.get("height")) / 2
        u = square.low[0] + square.span * (x - square.left) / square.side
        v = square.low[1] + square.span * (1 - (y - square.top) / square.side)
        if square.low[0] <= u <= square.low[0] + square.span and v >= square.low[1]:
            found[shape.get("fill")].append((u, v))
    return sorted(found[CLASS_ZERO]), sorted(found[CLASS_ONE])


def paths(root, **attributes):
    """Return the lines of the paths with these attributes, as arrays of places in px."""
    return [
        [
            np.array([point.split(",") for point in piece.rstrip("Z").split()], dtype=float)
            for piece in path.get("d").split("M")[1:]
        ]
        for path in root.iter(f"{SVG}path")
        if all(path.get(key.replace("_", "-")) == value for key, value in attributes.items())
    ]


def test_every_slider_moves_its_own_parameter_and_the_numbers_follow():
    bench = xor_bench(4)
    assert_true(bench)
    for place, letter in enumerate(LETTERS):
        before = list(parameters_of(network_from(bench)))
        before[place] = round(before[place] + 1.3, 1)
        bench.move(**{letter: before[place]})
        assert parameters_of(network_from(bench)) == tuple(before)
        assert_true(bench)
    assert bench.frame.says.startswith("Start of seed 4, changed by hand: E")
    bench.reset()
    assert same_network(network_from(bench), Network((2, 2, 1), rng=4))
    assert bench.frame.says.startswith("Start of seed 4: E")


def test_a_seed_is_the_start_of_the_package():
    bench = xor_bench()
    for seed in (0, 7, 19):
        bench.move(seed=seed)
        bench.press("take")
        assert same_network(network_from(bench), Network((2, 2, 1), rng=seed))
        assert_true(bench)


@pytest.mark.parametrize("at_a_time", ["1", "10", "50"])
def test_training_is_the_package_s_however_it_is_cut_up(at_a_time):
    bench = xor_bench(2)
    bench.move(eta=4.5, epochs=at_a_time)
    for _ in range(3):
        bench.press("train")
    network = Network((2, 2, 1), rng=2)
    losses = train(network, X, Y, eta=4.5, epochs=3 * int(at_a_time)).losses
    state = state_of(bench.values)
    assert same_network(network_from(bench), network)
    assert state.losses.tolist() == losses.tolist()
    assert f"{3 * int(at_a_time)} epochs, learning rate 4.5: E" in bench.frame.says
    assert_true(bench)
    curve = curve_of(bench.frame)
    assert len(curve) == 3 * int(at_a_time) + 1
    down = -np.diff(curve[:, 1])
    assert down / np.abs(down).max() == pytest.approx(
        np.diff(losses) / np.abs(np.diff(losses)).max(), abs=0.05
    )


def curve_of(frame):
    (curve,) = (line.get("points") for line in drawing(frame).iter(f"{SVG}polyline"))
    return np.array([point.split(",") for point in curve.split()], dtype=float)


def test_a_long_curve_keeps_its_ends():
    frame = xor_bench(3, epochs=3000).frame
    curve = curve_of(frame)
    assert 200 < len(curve) <= 250
    ring = next(c for c in drawing(frame).iter(f"{SVG}circle") if c.get("r") == "5.00")
    assert curve[-1].tolist() == [float(ring.get("cx")), float(ring.get("cy"))]


def test_what_is_changed_by_hand_is_marked_in_the_curve_and_begins_a_new_run():
    bench = xor_bench(3, epochs=100)

    def marks():
        root = drawing(bench.frame)
        return [n for n in root.iter(f"{SVG}line") if n.get("stroke-dasharray") == "2 3"][:-1]

    assert marks() == []  # the one left out is the legend's
    bench.move(gamma_1=5.0)
    assert len(marks()) == 1
    assert "100 epochs, changed by hand: E" in bench.frame.says
    moved = network_from(bench)
    assert state_of(bench.values).losses[-1] == moved.loss(X, Y)
    bench.press("train")
    losses = train(moved, X, Y, eta=10, epochs=50).losses
    state = state_of(bench.values)
    assert same_network(network_from(bench), moved)
    assert state.losses[100:].tolist() == losses.tolist()
    assert state.changes == (100,)
    assert len(marks()) == 1
    assert "150 epochs, changed by hand on the way, learning rate 10: E" in bench.frame.says
    bench.move(eta=2.0)
    bench.press("train")
    assert state_of(bench.values).changes == (100, 150)
    bench.move(gamma_1=bench.values["gamma_1"])
    assert not state_of(bench.values).moved
    bench.press("take")
    assert state_of(bench.values).epochs == 0
    assert marks() == []


def test_the_stuck_starts_are_those_that_stick():
    stuck = []
    for seed in range(20):
        network = Network((2, 2, 1), rng=seed)
        train(network, X, Y, eta=10, epochs=600)
        if not (network.predict(X).round() == Y).all():
            stuck.append(seed)
            longer = train(network, X, Y, eta=10, epochs=3000).losses
            assert longer[-1] == pytest.approx(1 / 16, rel=0.01)  # two right, two at 1/2
            assert (np.diff(longer) < 0).all()
    assert tuple(stuck) == STUCK_SEEDS


def test_the_button_goes_from_one_stuck_start_to_the_next():
    bench = xor_bench()
    bench.move(eta=1.0)
    for seed in (*STUCK_SEEDS, STUCK_SEEDS[0]):
        bench.press("stuck")
        assert (bench.values["seed"], bench.values["eta"]) == (seed, 10)
        assert same_network(network_from(bench), Network((2, 2, 1), rng=seed))


def test_answers_near_one_half_show_their_side():
    bench = xor_bench(3, epochs=600)
    answers = [texts(part(drawing(bench.frame), f"sample {name}"))[3] for name in ("10", "11")]
    assert answers == ["0.499", "0.503"]
    assert "10 gives 0.499; 11 gives 0.503" in bench.frame.says


def test_lesson_02_v_22_at_10_frees_start_3_in_50_epochs():
    bench = xor_bench(3, epochs=600)
    _, B, _ = network_from(bench).forward(X).outputs
    assert np.hypot(*(B[2] - B[3])) < 0.01
    bench.move(v_22=10.0, epochs="50")
    _, B, _ = network_from(bench).forward(X).outputs
    assert B[2, 1] < 0.5 < B[3, 1]  # the line of hidden unit 2 passes between the two
    assert "E = 0.139" in bench.frame.says
    bench.press("train")
    assert "4 of 4 right" in bench.frame.says
    assert "in hidden space: 00 and 11, 0.12 apart, both with label 0" in bench.frame.says
    assert_true(bench)
    assert not xor_bench(3, epochs=600).press("train").says.count("4 of 4 right")


@pytest.mark.parametrize(
    ("moves", "pair", "kind", "right"),
    [
        ({"v_21": -10.0}, "10 and 11, less than 0.01", "whose labels differ", 2),
        ({"gamma_1": 5.5}, "01 and 10, 0.05", "both with label 1", 4),
    ],
)
def test_lesson_02_to_pass_between_the_pair_is_not_always_enough(moves, pair, kind, right):
    bench = xor_bench(3, epochs=600)
    bench.move(**moves)
    _, B, _ = network_from(bench).forward(X).outputs
    assert B[3, 0] < 0.5 < B[2, 0]  # the line of hidden unit 1 passes between the two
    for _ in range(12):
        bench.press("train")
    assert f"in hidden space: {pair} apart, {kind}" in bench.frame.says
    assert f"{right} of 4 right" in bench.frame.says


def test_reset_keeps_the_fifty_epochs_at_a_time_of_the_lesson():
    bench = xor_bench(3, epochs=600)
    bench.move(v_22=10.0)
    bench.press("train")
    bench.reset()
    assert bench.values["epochs"] == "50"


def test_lesson_02_where_one_slider_frees_start_3():
    stuck = np.array(parameters_of(network_from(xor_bench(3, epochs=600))))
    along = np.linspace(-20, 20, 401).round(1)
    places = [(letter, value) for letter in LETTERS for value in along.tolist()]
    moved = np.repeat(stuck[np.newaxis], len(places), axis=0)
    moved[np.arange(len(places)), np.repeat(np.arange(9), len(along))] = np.tile(along, 9)
    networks = [network_of(parameters) for parameters in moved]

    def after(epochs):
        train_many(networks, X, Y, eta=10, epochs=epochs)
        free = [bool((network.predict(X).round() == Y).all()) for network in networks]
        freed = {letter: [] for letter in LETTERS}
        for (letter, value), learned in zip(places, free, strict=True):
            if learned:
                freed[letter].append(value)
        return freed

    freed = after(50)
    assert {round(value, 1) for value in np.linspace(3, 20, 171)} <= set(freed["v_22"])
    freed = after(550)
    assert (freed["gamma_1"][0], freed["gamma_1"][-1], len(freed["gamma_1"])) == (5.1, 6.2, 12)
    assert freed["v_11"] == [-0.4, -0.3]
    assert freed["v_21"] == []
    freed = after(1400)
    assert (freed["v_21"][0], freed["v_21"][-1], len(freed["v_21"])) == (4.2, 5.2, 11)
    assert {letter for letter in LETTERS if freed[letter]} == {"v_11", "v_21", "gamma_1", "v_22"}
    for letter, values in freed.items():  # the lesson: "more than 5 away"
        own = stuck[list(LETTERS).index(letter)]
        assert all(abs(value - own) > 5 for value in values)


def test_the_three_gates_set_by_hand_are_ten_times_the_lesson_s():
    bench = xor_bench(6)
    bench.press("gates")
    weights = ([[10, -10], [10, -10]], [[10], [10]])
    by_hand = Network.from_parameters(weights, [[5, -15], [15]])
    assert same_network(network_from(bench), by_hand)
    assert_true(bench)
    assert "01 and 10, less than 0.01 apart, both with label 1" in bench.frame.says
    assert "01, 10" in texts(drawing(bench.frame))


@pytest.mark.parametrize("start", ["seed", "trained", "gates", "moved"])
def test_both_planes_are_those_of_the_network(start):
    bench = xor_bench(5, epochs=600 if start == "trained" else 0)
    if start == "gates":
        bench.press("gates")
    if start == "moved":
        bench.move(v_11=3.3, w_21=-7.0)
    network, root = network_from(bench), drawing(bench.frame)
    _, B, _ = network.forward(X).outputs
    for square, points in ((_INPUTS, X), (_HIDDEN, B)):
        zeros, ones = samples_of(root, square)
        for found, label in ((zeros, 0), (ones, 1)):
            expected = sorted(map(tuple, points[label == LABELS]))
            # a table's row and the legend have marks, too, outside of both squares
            assert np.allclose(found, expected, atol=0.01)
        for name, point in zip(NAMES, points, strict=True):
            assert nearest_text(root, square.at(point), name) < 45

    inputs, landed = (p for p in paths(root, stroke=FORWARD, stroke_width="0.70"))
    assert len(inputs) == len(landed) == 18
    for before, after in zip(inputs, landed, strict=True):
        mapped = network.forward(unplaced(_INPUTS, before)).outputs[1]
        assert np.allclose(unplaced(_HIDDEN, after), mapped, atol=0.005)

    for lines in paths(root, stroke_width="2.50"):
        answers = network.predict(unplaced(_INPUTS, np.concatenate(lines)))
        assert np.abs(answers - 0.5).max() < 0.02
    for h, (colour, dash) in enumerate(((SERIES[1][0], "8 4"), (SERIES[2][0], "9 3 2 3"))):
        v, gamma = network.weights[0][:, h], network.thresholds[0][h]
        lines = [
            n
            for n in root.iter(f"{SVG}line")
            if (n.get("stroke"), n.get("stroke-dasharray")) == (colour, dash)
        ]
        seen = [n for n in lines if n.get("stroke-width") == "2.50" and float(n.get("y1")) < 500]
        corners = np.array(list(itertools.product((-0.5, 1.5), repeat=2))) @ v - gamma
        assert len(seen) == (corners.min() < 0 < corners.max())
        if not seen:
            continue
        (line,) = seen
        ends = np.array([[line.get("x1"), line.get("y1")], [line.get("x2"), line.get("y2")]])
        ends = unplaced(_INPUTS, ends.astype(float))
        assert np.allclose(ends @ v, gamma, atol=0.01 * np.abs(v).max())


@pytest.mark.parametrize("seed", range(20))
def test_the_letter_of_a_line_lies_on_no_curve(seed):
    root = drawing(xor_bench(seed, epochs=600).frame)
    (path,) = (p for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "2.50")
    curve = np.array(re.findall(r"([\d.]+),([\d.]+)", path.get("d")), dtype=float)
    letters = [
        n for n in root.iter(f"{SVG}text") if n.get("font-weight") and float(n.get("y")) < 330
    ]
    letters = [n for n in letters if "".join(n.itertext()) in ("b1", "b2")]
    assert letters
    for letter in letters:
        place = float(letter.get("x")), float(letter.get("y"))
        assert np.hypot(*(curve - place).T).min() > 12


def test_a_circle_under_a_square_is_still_seen():
    root = drawing(xor_bench(3, epochs=600).frame)
    x, y = _HIDDEN.at(network_from(xor_bench(3, epochs=600)).forward(X).outputs[1][3])
    (circle,) = (
        c
        for c in root.iter(f"{SVG}circle")
        if np.hypot(float(c.get("cx")) - x, float(c.get("cy")) - y) < 0.1
    )
    assert float(circle.get("r")) > 11 / 2 * np.sqrt(2) + 2  # half the diagonal of the square


def nearest_text(root, place, name):
    """Return how far from a place the text is that names a sample, or several."""
    return min(
        np.hypot(float(n.get("x")) - place[0], float(n.get("y")) - place[1])
        for n in root.iter(f"{SVG}text")
        if name in "".join(n.itertext()).split(", ")
    )


def unplaced(square, places):
    share = (places - (square.left, square.top)) / square.side
    return square.low + square.span * np.stack([share[:, 0], 1 - share[:, 1]], axis=-1)


def inside(point, outlines):
    """Tell by the even-odd rule whether a point lies in a path."""
    x, y = point
    crossings = 0
    for outline in outlines:
        for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize("seed", [0, 3, 8])
def test_shaded_is_where_the_answer_is_above_one_half(seed):
    bench = xor_bench(seed, epochs=600)
    network, root = network_from(bench), drawing(bench.frame)
    (outlines,) = paths(root, fill=CLASS_ONE_TINT)
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.5, 1.5, size=(200, 2))
    answers = network.predict(points)[:, 0]
    clear = np.abs(answers - 0.5) > 0.05
    assert clear.sum() > 80
    for point, answer in zip(points[clear], answers[clear], strict=True):
        assert inside(_INPUTS.at(point), outlines) == (answer > 0.5)
    (corners,) = (
        n.get("points") for n in root.iter(f"{SVG}polygon") if n.get("fill") == CLASS_ONE_TINT
    )
    corners = [np.array([c.split(",") for c in corners.split()], dtype=float)]
    (w, theta) = network.weights[1][:, 0], network.thresholds[1][0]
    for point in rng.uniform(-0.25, 1.25, size=(200, 2)):
        if abs(point @ w - theta) > 0.1:
            assert inside(_HIDDEN.at(point), corners) == (point @ w > theta)


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ({"v_11": 0.0, "v_21": 0.0, "gamma_1": -1.0}, "here b1 > 0.5, b2 < 0.5"),
        ({"v_12": 1.0, "v_22": 1.0, "gamma_2": 9.0}, "here b1 > 0.5, b2 < 0.5"),
        ({"v_12": 0.0, "v_22": 0.0, "gamma_2": 0.0}, "here b1 > 0.5, b2 = 0.5"),
        ({"w_11": 0.0, "w_21": 0.0, "theta_1": 0.0}, "here ŷ = 0.5"),
        ({"w_11": 1.0, "w_21": 1.0, "theta_1": -9.0}, "here ŷ > 0.5"),
    ],
)
def test_a_line_that_is_not_seen_is_answered_in_words(moves, said):
    bench = xor_bench()
    frame = bench.move(**moves)
    assert said in texts(drawing(frame))
    assert_true(bench)
    shaded = [p for p in paths(drawing(frame), fill=CLASS_ONE_TINT)]
    assert bool(shaded) == bool((network_from(bench).predict([[0, 0], [1.5, 1.5]]) > 0.5).any())


@pytest.mark.parametrize("ends", list(itertools.product((-FARTHEST, 0.0, FARTHEST), repeat=3)))
def test_every_corner_of_the_sliders_can_be_shown(ends):
    bench = xor_bench()
    bench.move(**dict(zip(LETTERS, [*ends, *ends[::-1], ends[1], ends[0], ends[2]], strict=True)))
    assert_true(bench)


def test_the_code_reproduces_the_state(capsys):
    bench = xor_bench(3, epochs=30)

    def assert_reproduced():
        scope = {}
        exec(bench.frame.code, scope)
        assert same_network(scope["network"], network_from(bench))
        assert f"E = {network_from(bench).loss(X, Y):.4f}" in capsys.readouterr().out
        assert len(bench.frame.code.splitlines()) <= 10

    assert_reproduced()
    bench.move(v_12=0.7)
    assert_reproduced()
    for _ in range(2):
        bench.press("train")
        assert_reproduced()
    bench.move(eta=3.5)
    bench.press("train")
    assert_reproduced()
    for button in ("gates", "stuck", "take"):
        bench.press(button)
        assert_reproduced()


def test_bad_input_is_answered_and_changes_nothing():
    bench = xor_bench(3)
    before = dict(bench.values)
    for bad in ({"v_11": 20.1}, {"seed": 20}, {"eta": 0.0}, {"epochs": "7"}, {"theta_1": "5"}):
        with pytest.raises((TypeError, ValueError), match=next(iter(bad))):
            bench.move(**bad)
    assert dict(bench.values) == before
    with pytest.raises(ValueError, match="seed must be 0 to 19"):
        xor_bench(20)
    with pytest.raises(TypeError, match="seed"):
        xor_bench("3")
    with pytest.raises(ValueError, match="epochs must be 20,000 at most"):
        xor_bench(3, epochs=MOST_EPOCHS + 1)


def test_training_ends_at_the_ends_of_the_sliders_in_words():
    bench = xor_bench(3)
    bench.move(v_21=-FARTHEST, w_11=5.0, eta=20.0, epochs="50")

    def train_on():
        for _ in range(60):
            bench.press("train")

    with pytest.raises(ValueError, match=r"v_21 must be -20 to 20, the ends of the sliders"):
        train_on()
    assert all(abs(bench.values[letter]) <= FARTHEST for letter in LETTERS)
    assert_true(bench)


def test_training_ends_before_the_curve_is_too_long():
    bench = xor_bench(3, epochs=100)
    (run,) = bench.values["runs"]
    bench._values = bench._values | {
        "runs": (type(run)(run.start, run.end, np.full(MOST_EPOCHS, 0.1), 10.0, 3),)
    }
    with pytest.raises(ValueError, match="epochs must be 20,000 at most in all; take a new start"):
        bench.press("train")


def test_parameters_and_network_are_two_sides_of_one_thing():
    assert parameters_of(network_of(BY_HAND)) == BY_HAND
    assert network_of(range(1, 10)).weights[0].tolist() == [[1, 4], [2, 5]]


def test_the_same_call_gives_the_same_text_in_little_time():
    one, other = xor_bench(3, epochs=50), xor_bench(3, epochs=50)
    assert one.frame == other.frame
    assert repr(one) == "Explorer: The XOR bench"
    spent = []
    for k in range(20):
        start = time.perf_counter()
        one.move(v_11=k / 2)
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[10] < 0.05  # a third of that on a machine at rest
    assert len(one.frame.svg) < 60_000


def test_text_is_large_enough_and_the_picture_fits():
    root = drawing(xor_bench(3, epochs=50).frame)
    sizes = [float(n.get("font-size")) for n in root.iter() if n.get("font-size")]
    assert min(sizes) >= 12
    assert float(root.get("width")) == 720
    assert root.get("aria-label") == xor_bench(3, epochs=50).frame.says
