import re
from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_kit.numeric import Network, worked_example
from backprop_kit.visual.explorers import backpropagation_stepper
from backprop_kit.visual.explorers.backpropagation import (
    FOLLOWED,
    STAGES,
    backpropagation_states,
)
from backprop_kit.visual.explorers.backpropagation_picture import picture_of
from backprop_kit.visual.explorers.backpropagation_words import notes_of, words_of
from backprop_kit.visual.svg import short
from tests.drawings import SVG, texts

SIZES = [(1, 1, 1), (2, 2, 2), (3, 4, 2), (2, 3, 1), (1, 2, 3)]
LETTERS = {"weights": ("v", "w"), "thresholds": ("gamma", "theta")}


def sample_of(sizes):
    rng = np.random.default_rng(sum(sizes))
    return rng.normal(size=sizes[0]), rng.random(sizes[2])


def number_at_the_end(text):
    return float(text.rstrip(".").split(" = ")[-1].replace("−", "-"))


def written(drawing):
    """Return the number under each name that can be chosen; None where there is none."""
    found = {}
    for group in ElementTree.fromstring(drawing).iter(f"{SVG}g"):
        said = texts(group)
        found[group.get("data-key")] = said[1] if len(said) > 1 else None
    return found


def entries(name, array):
    for at in np.ndindex(np.shape(array)):
        yield f"{name}_{''.join(str(n + 1) for n in at)}", array[at]


@pytest.mark.parametrize("sizes", SIZES)
def test_states_are_what_the_network_computes(sizes):
    network = Network(sizes, rng=7)
    x, y = sample_of(sizes)
    states = backpropagation_states(network, x, y, eta=0.5, iterations=3)
    assert len(states) == 3 * len(STAGES)
    learner = network.copy()
    for state in states[len(STAGES) - 1 :: len(STAGES)]:
        trace = learner.forward([x])
        gradients = learner.backward(trace, [y])
        assert state.error == pytest.approx(learner.loss([x], [y]), rel=1e-12)
        for name, array in zip(("x", "b", "y_hat"), trace.outputs, strict=True):
            np.testing.assert_allclose(state.arrays[name], array[0], rtol=1e-12)
        for name, array in zip(("alpha", "beta"), trace.net_inputs, strict=True):
            np.testing.assert_allclose(state.arrays[name], array[0], rtol=1e-12)
        learner.step(gradients, 0.5)
        for kind, letters in LETTERS.items():
            for layer, name in enumerate(letters):
                found = state.derivatives[name]
                np.testing.assert_allclose(found, getattr(gradients, kind)[layer], rtol=1e-9)
                new = getattr(learner, kind)[layer]
                np.testing.assert_allclose(state.updated[name], new, rtol=1e-9)
        for threshold, net_input in (("theta", "beta"), ("gamma", "alpha")):
            np.testing.assert_allclose(
                state.derivatives[net_input], -state.derivatives[threshold], rtol=1e-9
            )


def test_derivatives_by_outputs_and_hidden_units_are_those_of_central_differences():
    network = Network((2, 3, 2), rng=1)
    x, y = sample_of((2, 3, 2))
    state = backpropagation_states(network, x, y)[-1]
    b, y_hat = state.arrays["b"], state.arrays["y_hat"]
    w, theta = network.weights[1], network.thresholds[1]

    def error(b):
        return 0.5 * np.sum((y - 1 / (1 + np.exp(theta - b @ w))) ** 2)

    step = 1e-6
    slopes = [(error(b + step * e) - error(b - step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(state.derivatives["b"], slopes, rtol=1e-6)
    np.testing.assert_allclose(state.derivatives["y_hat"], y_hat - y, rtol=1e-12)


def test_the_network_given_is_not_changed():
    network = Network((2, 2, 1), rng=0)
    before = [array.copy() for array in (*network.weights, *network.thresholds)]
    backpropagation_stepper(network, [0, 1], [1], eta=5.0, iterations=2)
    for old, new in zip(before, (*network.weights, *network.thresholds), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("sizes", SIZES)
def test_every_number_on_the_picture_is_the_one_computed(sizes):
    x, y = sample_of(sizes)
    for state in backpropagation_states(Network(sizes, rng=7), x, y, eta=0.5, until=3, every=2):
        back, update = 2 <= state.stage.number <= 6, state.stage.number == 7
        numbers = state.updated if update else state.derivatives if back else state.arrays
        found = written(picture_of(state))
        expected = {}
        for name, array in state.arrays.items():
            if name in ("y", "eta"):
                continue
            known = name in state.updated if update else state.knows(name, derivative=back)
            for key, _ in entries(name, array):
                expected[key] = None
            if known:
                shown = numbers[name]
                if (state.stage.number, name) == (4, "w"):  # the terms that b_h adds up
                    shown = state.arrays["w"] * state.derivatives["beta"]
                for key, number in entries(name, shown):
                    expected[key] = short(number, signed=name in "vw")
            elif update and name == "x":
                expected |= {key: short(number) for key, number in entries("x", array)}
        seen = state.stage.number in (1, 8) and state.knows("E")
        assert found == expected | {"E": short(state.error) if seen else None}


@pytest.mark.parametrize("sizes", SIZES)
def test_on_the_way_to_b_the_numbers_on_links_add_up_to_those_in_the_units(sizes):
    x, y = sample_of(sizes)
    (state,) = (
        state
        for state in backpropagation_states(Network(sizes, rng=7), x, y)
        if state.stage.derivatives == ("b",)
    )
    drawing = picture_of(state)
    numbers = {
        key: float(n.replace("−", "-")) for key, n in written(drawing).items() if n is not None
    }
    for h in range(1, sizes[1] + 1):
        terms = [numbers[f"w_{h}{j}"] for j in range(1, sizes[2] + 1)]
        assert sum(terms) == pytest.approx(numbers[f"b_{h}"], abs=5e-5 * (len(terms) + 1))
    words = "".join(re.findall(r">([^<>]*)<", drawing))
    assert "on links the terms for bh" in words
    largest = max(abs(n) for key, n in numbers.items() if key[0] == "w")
    assert f"thickest here: {short(largest)}" in words


def test_training_is_followed_with_the_numbers_of_each_iteration_shown():
    network = Network((3, 4, 2), rng=4)
    x, y = [0.5, 1.0, -0.5], [1.0, 0.0]
    stepper = backpropagation_stepper(network, x, y, eta=0.5, until=130, every=50)
    states = backpropagation_states(network, x, y, eta=0.5, until=130, every=50)
    assert [state.iteration for state in states[12:]] == [50, 100, 130]
    assert len(states) == len(stepper.frames)
    learner = network.copy()
    for iteration in range(1, 131):
        trace = learner.forward([x])
        gradients = learner.backward(trace, [y])
        for state, frame in zip(states, stepper.frames, strict=True):
            if state.stage is not FOLLOWED or state.iteration != iteration:
                continue
            assert state.error == pytest.approx(learner.loss([x], [y]), rel=1e-12)
            assert f"E = {short(state.error)}." in frame.says
            assert frame.says.startswith(f"Iteration {iteration}, the training goes on.")
            every = np.concatenate([g.ravel() for g in gradients.weights + gradients.thresholds])
            largest = every[np.abs(every).argmax()]
            assert frame.says.endswith(f" = {short(largest)}.")
            product = frame.notes["v_21"].split("\n")[3]
            assert number_at_the_end(product) == pytest.approx(gradients.weights[0][1, 0], rel=1e-2)
            assert "Σ_j [w_1j · ŷ_j" in product
            assert written(frame.svg)["w_31"] == short(learner.weights[1][2, 0], signed=True)
            done = {}
            exec(frame.code, done)
            np.testing.assert_allclose(done["gradients"].weights[0], gradients.weights[0])
        learner.step(gradients, 0.5)


def test_parts_are_called_by_what_they_are():
    labels = dict(
        re.findall(
            r'data-key="([^"]+)" data-label="([^"]+)"',
            backpropagation_stepper(Network((2, 2, 1), rng=0), [0, 1], [1]).frames[0].svg,
        )
    )
    assert labels["w_21"] == "weight w_21 from hidden unit 2 to output unit 1"
    assert labels["v_12"] == "weight v_12 from input 1 to hidden unit 2"
    assert labels["gamma_2"] == "threshold gamma_2 of hidden unit 2"
    assert labels["beta_1"] == "net input beta_1 of output unit 1"
    assert labels["y_hat_1"] == "output unit 1, y_hat_1"
    assert labels["E"] == "error, E"
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize("sizes", SIZES)
def test_notes_end_in_the_number_computed_and_say_when_there_is_none(sizes):
    x, y = sample_of(sizes)
    for state in backpropagation_states(Network(sizes, rng=7), x, y, eta=0.5, iterations=2):
        notes = notes_of(state)
        assert set(notes) == set(written(picture_of(state)))
        for name in ("x", "v", "alpha", "gamma", "b", "w", "beta", "theta", "y_hat"):
            for key, value in entries(name, state.arrays[name]):
                lines = notes[key].split("\n")
                assert f"in iteration {state.iteration}" in lines[0]
                if state.knows(name):
                    assert number_at_the_end(lines[1]) == pytest.approx(value, abs=1e-5)
                else:
                    assert lines[1] == "Value: not yet computed."
                if name == "x":
                    assert "given" in lines[2]
                elif not state.knows(name, derivative=True):
                    assert len(lines) == 3
                    assert lines[2].endswith(": not yet computed.")
                    assert lines[2].startswith("∂E/∂")
                else:
                    derivative = dict(entries(name, state.derivatives[name]))[key]
                    worked = lines[3] if name != "y_hat" else lines[2]
                    found = number_at_the_end(worked)
                    assert found == pytest.approx(derivative, rel=0.01, abs=1e-6)
        assert state.knows("E") == ("not yet" not in notes["E"])


def test_a_note_is_the_chain_rule_with_its_numbers():
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    last = backpropagation_states(network, example.x, example.y, eta=example.eta)[-1]
    notes = notes_of(last)
    assert notes["w_11"].split("\n")[2:] == [
        "∂E/∂w_11 = ∂E/∂ŷ_1 · ∂ŷ_1/∂β_1 · ∂β_1/∂w_11",
        "∂E/∂w_11 = −ŷ_1 · (1 − ŷ_1) · (y_1 − ŷ_1) · b_1"
        " = −0.751365 · (1 − 0.751365) · (0.01 − 0.751365) · 0.59327 = 0.082167",
        "new w_11 = w_11 − η · ∂E/∂w_11 = 0.4 − 0.5 · 0.082167 = 0.358916",
    ]
    assert notes["b_1"].split("\n")[2] == "∂E/∂b_1 = Σ_j [∂E/∂ŷ_j · ∂ŷ_j/∂β_j · ∂β_j/∂b_1]"
    assert notes["b_1"].endswith("= 0.055399 − 0.019049 = 0.03635")  # SOURCES D1
    hidden = notes["v_11"].split("\n")[3]
    assert "Σ_j [w_1j · ŷ_j · (1 − ŷ_j) · (y_j − ŷ_j)] · x_1 = " in hidden
    assert "(0.4 · 0.751365 · (1 − 0.751365) · (0.01 − 0.751365) + 0.5 · 0.772928" in hidden
    assert hidden.endswith("= 0.000439")
    assert notes["v_11"].split("\n")[0].startswith("v_11: weight from input 1 to hidden unit 1")
    assert notes["y_hat_2"].startswith("ŷ_2: output 2: the network's answer")


def test_a_tiny_derivative_keeps_its_digits():
    network = Network.from_parameters([[[9.0]], [[9.0]]], [[0.0], [0.0]])
    state = backpropagation_states(network, [1.0], [0.0])[-1]
    said = number_at_the_end(notes_of(state)["v_11"])
    assert said == pytest.approx(state.derivatives["v"][0, 0], rel=0.01)
    assert said != 0
    assert "e−" in written(picture_of(state))["v_11"]


def test_words_state_formula_numbers_and_every_result():
    network = Network((3, 4, 2), rng=4)
    states = backpropagation_states(network, [0.5, 1.0, -0.5], [1.0, 0.0], eta=0.5)
    for state in states[1:]:
        said = words_of(state)
        assert said.startswith("Iteration 1, ")
        back = not state.stage.values
        for name in state.stage.values or state.stage.derivatives:
            if name == "E":
                assert number_at_the_end(said) == pytest.approx(state.error, abs=1e-6)
                continue
            first, *others = (state.derivatives if back else state.arrays)[name].flat
            assert f"{first:.6f}".rstrip("0").replace("-", "−") in said
            assert all(f"= {short(number)}" in said for number in others)
    back_to_hidden = words_of(states[9]).split("\n")
    assert len(back_to_hidden) == 3
    alpha_1 = f"{states[9].derivatives['alpha'][0]:.6f}".replace("-", "−")
    assert back_to_hidden[2].startswith(f"The same with the other sign: ∂E/∂α_1 = {alpha_1}; ")
    ends = [state.stage for state in states if "back to the inputs" in words_of(state)]
    assert [stage.derivatives for stage in ends] == [("v",)]
    assert "x = (0.5, 1, −0.5), targets y = (1, 0)" in words_of(states[0])
    assert f"{states[-1].updated['w'][0, 0]:.6f}".replace("-", "−") in words_of(states[-1])


def test_sign_size_and_direction_are_not_told_by_colour_alone():
    network = Network((2, 2, 2), rng=3)
    states = backpropagation_states(network, [0.5, 1.0], [1.0, 0.0], eta=0.5)
    for state in states:
        drawing = picture_of(state)
        for key, number in written(drawing).items():
            if key[0] in "vw" and number not in (None, "0"):
                assert number[0] in "+−"
        words = "".join(re.findall(r">([^<>]*)<", drawing))
        for explained in (
            "above 0 (+)", "below 0 (−)", "thicker: larger", "no number yet", "flows forward now",
            "flows back now", "this step (blue: forward, orange: back)",
            "threshold, subtracted", "net input",
        ):  # fmt: skip
            assert explained in words
        assert ("∂E/∂(letter), not values" in words) == state.is_back
        assert drawing.count(">error</") == 2  # above its square, and in the key
        largest = max((abs(float(n.replace("−", "-"))) for k, n in written(drawing).items()
                       if n and k[0] in "vw"), default=None)  # fmt: skip
        assert ("thickest here" in words) == (largest is not None)


@pytest.mark.parametrize("sizes", SIZES)
def test_parts_stand_still_while_the_pages_turn(sizes):
    x, y = sample_of(sizes)
    states = backpropagation_states(Network(sizes, rng=7), x, y, eta=0.5)
    circles, frames = set(), set()
    for state in states:
        drawing = picture_of(state)
        circles.add(tuple(re.findall(r'<circle cx="(.+?)" cy="(.+?)" r="(.+?)"', drawing)))
        frames.add(re.search(r'width="720.00" height="[\d.]+"', drawing)[0])
        assert min(map(int, re.findall(r'font-size="(\d+)"', drawing))) >= 12
    assert len(circles) == len(frames) == 1


def test_the_same_call_gives_the_same_frames():
    def frames():
        network = Network((2, 2, 1), rng=0)
        return backpropagation_stepper(network, [0, 1], [1], eta=0.5, iterations=2).frames

    assert frames() == frames()


def test_the_code_reproduces_the_last_state():
    network = Network((3, 2, 2), rng=5)
    x, y = sample_of((3, 2, 2))
    stepper = backpropagation_stepper(network, x, y, eta=0.5, iterations=2)
    last = backpropagation_states(network, x, y, eta=0.5, iterations=2)[-1]
    done = {}
    exec(stepper.code, done)
    assert done["error"] == pytest.approx(last.error, rel=1e-12)
    np.testing.assert_allclose(done["gradients"].weights[0], last.derivatives["v"], rtol=1e-9)
    np.testing.assert_allclose(done["network"].weights[1], last.updated["w"], rtol=1e-9)
    assert repr(stepper) == "Explorer: Backpropagation, step by step"


def test_without_a_learning_rate_there_is_no_update():
    stepper = backpropagation_stepper(Network((2, 2, 1), rng=0), [0, 1], [1])
    assert len(stepper.frames) == len(STAGES) - 1
    assert "step(" not in stepper.code


GOOD = {"network": Network((2, 2, 1), rng=0), "x": [0, 1], "y": [1]}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"network": "2-2-1"}, TypeError, "network must be a Network, got str"),
        ({"network": Network((2, 1))}, ValueError, "network must have one hidden layer"),
        ({"network": Network((2, 2, 2, 1))}, ValueError, "network must have one hidden layer"),
        ({"network": Network((2, 2, 1), activation="tanh")}, ValueError, "network .* sigmoids"),
        (
            {"network": Network((2, 2, 2), output="softmax", loss="cross_entropy")},
            ValueError,
            "network must have sigmoids in both layers, got sigmoid and softmax",
        ),
        ({"network": Network((5, 5, 5))}, ValueError, "network must be small enough to draw"),
        ({"network": Network((3, 5, 3))}, ValueError, "network must be small enough to draw"),
        ({"x": [0, 1, 2]}, ValueError, "x"),
        ({"x": "ab"}, (TypeError, ValueError), "x"),
        ({"y": [np.nan]}, ValueError, "y"),
        ({"eta": 0}, ValueError, "eta"),
        ({"eta": "fast"}, TypeError, "eta"),
        ({"iterations": 0}, ValueError, "iterations"),
        ({"iterations": 2}, ValueError, "eta must be given for more than one iteration"),
        ({"iterations": 11, "eta": 1.0}, ValueError, "iterations must be at most 10"),
        ({"until": 300}, ValueError, "eta must be given for more than one iteration"),
        ({"until": 801, "eta": 1.0}, ValueError, "until must be 1 to 800, 40 times every, got 801"),
        ({"until": 2, "iterations": 3, "eta": 1.0}, ValueError, "until must be 3 to 800"),
        ({"every": 0, "eta": 1.0}, ValueError, "every"),
    ],
)
def test_what_does_not_fit_is_named(change, error, message):
    with pytest.raises(error, match=message):
        backpropagation_stepper(**(GOOD | change))
