import ast
import contextlib
import io
import math

import numpy as np
import pytest

from backprop_kit import ACTIVATIONS
from backprop_kit.visual.explorers import slope_stepper
from backprop_kit.visual.explorers.slopes import slope_states
from backprop_kit.visual.palette import FAINT_TINT, FORWARD, INK, contrast
from tests.drawings import SVG, drawing, numbers_in, texts

NAMES = ("sigmoid", "tanh", "relu")
DEFAULT = [k / 2 for k in range(-12, 13)]


def number_of(text):
    (number,) = numbers_in(text)
    return number


def part(frame, key):
    (group,) = (g for g in drawing(frame).iter(f"{SVG}g") if g.get("data-key") == key)
    return group


def about(number, digits=3):
    return pytest.approx(number, rel=10 ** (1 - digits), abs=1e-300)


@pytest.mark.parametrize("name", NAMES)
def test_states_are_what_the_package_computes_and_true(name):
    f, true_slope = {
        "sigmoid": (lambda u: 1 / (1 + math.exp(-u)), lambda u: 1 / (4 * math.cosh(u / 2) ** 2)),
        "tanh": (math.tanh, lambda u: 1 / math.cosh(u) ** 2),
        "relu": (lambda u: max(u, 0), lambda u: float(u > 0)),
    }[name]
    states = slope_states(name, depth=5)
    assert [state.u for state in states] == DEFAULT
    for state in states:
        assert state.value == pytest.approx(f(state.u))
        assert state.slope == pytest.approx(true_slope(state.u))
        assert state.slope == ACTIVATIONS[name].slope(ACTIVATIONS[name](state.u))
        assert state.products == pytest.approx(np.cumprod([state.slope] * 5))
        assert state.saturated == (state.slope < 0.01)


@pytest.mark.parametrize("name", NAMES)
def test_words_and_picture_give_the_numbers_of_their_state(name):
    states = slope_states(name)
    for frame, state in zip(slope_stepper(name).frames, states, strict=True):
        u, value, slope, depth, product = numbers_in(frame.says)[:5]
        assert (u, depth) == (state.u, 6)
        assert value == pytest.approx(state.value, abs=5e-7)
        assert slope == about(state.slope)
        assert product == about(state.products[-1])
        words = texts(drawing(frame))
        assert frame_title(words).split(":")[0] == f"{name} at u = {state.u:g}".replace("-", "−")
        (value_text,) = (text for text in words if text.startswith("value f(u) ="))
        (slope_text,) = (text for text in words if text.startswith("slope f\u2009′(u) ="))
        assert number_of(value_text.split("=")[1]) == pytest.approx(state.value, abs=5e-7)
        assert number_of(slope_text.split("=")[1]) == about(state.slope)
        assert drawing(frame).get("aria-label") == frame.says


def frame_title(words):
    (title,) = (text for text in words if " at u = " in text)
    return title


@pytest.mark.parametrize("name", NAMES)
def test_each_layer_has_a_bar_as_long_as_the_logarithm_of_its_product(name):
    states = slope_states(name)
    lengths = {}
    for frame, state in zip(slope_stepper(name).frames, states, strict=True):
        for layers, product in enumerate(state.products, start=1):
            row = part(frame, f"{layers} layer{'s' * (layers > 1)}")
            said = texts(row)
            assert number_of(said[-1]) == about(product)
            bars = [float(bar.get("width")) for bar in row.findall(f"{SVG}rect")[1:]]
            if product == 0:
                assert bars == []
                assert "no bar: a log scale has no 0" in said
            else:
                lengths[product] = bars[0]
    logarithms = np.log10(list(lengths))
    full = max(lengths.values())
    if name == "relu":
        assert lengths == {1.0: full}
    else:
        slope, _ = np.polyfit(logarithms, list(lengths.values()), 1)
        straight = full + slope * (logarithms - logarithms.max())
        assert np.allclose(list(lengths.values()), straight, atol=0.05)
        assert min(lengths.values()) >= 0


@pytest.mark.parametrize("name", NAMES)
def test_the_tangent_has_the_slope_of_the_curve_and_both_dots_lie_on_curves(name):
    for frame, state in zip(slope_stepper(name).frames, slope_states(name), strict=True):
        dot = part(frame, "value").find(f"{SVG}circle")
        x, y = float(dot.get("cx")), float(dot.get("cy"))
        curves = [
            [tuple(map(float, point.split(","))) for point in curve.get("points").split()]
            for curve in drawing(frame).iter(f"{SVG}polyline")
        ]
        blue = curves[0]
        assert np.interp(x, *zip(*blue, strict=True)) == pytest.approx(y, abs=0.5)
        slope_dot = part(frame, "slope").find(f"{SVG}circle")
        assert float(slope_dot.get("cx")) == x
        assert any(
            np.interp(x, *zip(*red, strict=True))
            == pytest.approx(float(slope_dot.get("cy")), abs=0.5)
            for red in curves[1:]
        )
        line = part(frame, "slope").find(f"{SVG}line")
        if line is None:
            assert (name, state.u) == ("relu", 0)  # a corner has no tangent
            continue
        x1, y1, x2, y2 = (float(line.get(end)) for end in ("x1", "y1", "x2", "y2"))
        rise = (y2 - y1) / (x2 - x1)
        steepest = np.gradient([p[1] for p in blue], [p[0] for p in blue])
        assert rise == pytest.approx(np.interp(x, [p[0] for p in blue], steepest), abs=0.03)


def test_saturated_is_defined_on_the_picture_and_said_in_words():
    for frame, state in zip(slope_stepper().frames, slope_states(), strict=True):
        words = texts(drawing(frame))
        assert "saturated: slope below 0.01" in words
        assert frame_title(words).endswith(": saturated") == state.saturated
        assert ("Saturated: the slope is below 0.01." in frame.says) == state.saturated
        assert ("Not saturated." in frame.says) == (not state.saturated)
    assert [s.u for s in slope_states() if s.saturated] == [-6, -5.5, -5, 5, 5.5, 6]
    assert all(s.saturated == (s.u <= 0) for s in slope_states("relu"))


def test_notes_hold_for_each_state():
    stepper = slope_stepper(depth=3)
    for frame, state in zip(stepper.frames, slope_states(depth=3), strict=True):
        assert list(frame.notes) == ["value", "slope", "1 layer", "2 layers", "3 layers"]
        assert numbers_in(frame.notes["value"]) == pytest.approx([state.u, state.value], abs=1e-6)
        value, rest, slope = numbers_in(frame.notes["slope"].split(":")[2])
        assert value * rest == pytest.approx(state.slope, abs=2e-6)
        assert slope == about(state.slope)
        assert number_of(frame.notes["1 layer"].split("by")[1]) == about(state.slope)
        for layers in (2, 3):
            factors = numbers_in(frame.notes[f"{layers} layers"].split(",")[1])
            wanted = state.products[layers - 2], state.slope, state.products[layers - 1]
            assert factors == [about(number) for number in wanted]


def test_notes_tell_how_the_slope_comes_from_the_value():
    tanh = slope_stepper("tanh", net_inputs=[-0.5]).frames[0].notes["slope"]
    assert "1 − f · f: 1 − (−0.462117) × (−0.462117) = 0.7864." in tanh
    relu = slope_stepper("relu", net_inputs=[1.5]).frames[0].notes["slope"]
    assert "1 where f > 0, else 0: here f = 1.5, so 1." in relu


def test_the_corner_of_relu_is_named():
    (at_corner,) = slope_stepper("relu", net_inputs=[0]).frames
    assert "At this corner there is no slope; the package takes 0." in at_corner.says
    (smooth,) = slope_stepper("tanh", net_inputs=[0]).frames
    assert "corner" not in smooth.says


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("places", [None, [0.25, -2.0]])
def test_the_code_shown_gives_the_states(name, places):
    stepper = slope_stepper(name, depth=4, net_inputs=places)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(stepper.code, {})
    for line, state in zip(
        printed.getvalue().splitlines(),
        slope_states(name, depth=4, net_inputs=places),
        strict=True,
    ):
        head, products = line.split(" [")
        assert [float(n) for n in head.split()] == [state.u, state.value, state.slope]
        assert ast.literal_eval("[" + products) == list(state.products)


def test_every_colour_and_line_is_explained_on_the_picture():
    words = texts(drawing(slope_stepper().frames[0]))
    for said in (
        "value f(u)", "slope f\u2009′(u)", "tangent: 1 right, f\u2009′(u) up", "this u",
        "product of slopes", "log scale; the same u in each layer, every weight taken as 1",
        "u = net input − threshold",
    ):  # fmt: skip
        assert said in words


def test_nothing_is_told_by_colour_alone():
    curves = list(drawing(slope_stepper().frames[0]).iter(f"{SVG}polyline"))
    assert curves[0].get("stroke") == FORWARD
    assert len({curve.get("stroke-dasharray") for curve in curves}) == len(curves) == 2


@pytest.mark.parametrize("depth", [1, 6, 12])
@pytest.mark.parametrize("name", NAMES)
def test_text_is_large_and_everything_is_on_the_page(name, depth):
    for frame in slope_stepper(name, depth=depth, net_inputs=[-7, 0, 7]).frames:
        root = drawing(frame)
        assert float(root.get("width")) <= 720
        for text in root.iter(f"{SVG}text"):
            assert 0 <= float(text.get("x")) <= 720
            assert 0 <= float(text.get("y")) <= float(root.get("height"))
            assert contrast(text.get("fill")) >= 4.5
        sizes = [float(t.get("font-size")) for t in root.iter() if t.get("font-size")]
        assert min(sizes) >= 12


def test_grey_lies_where_the_slope_is_below_a_hundredth():
    grounds = [r for r in drawing(slope_stepper("relu").frames[0]).iter(f"{SVG}rect")]
    grey = [r for r in grounds if r.get("fill") == FAINT_TINT]
    assert len(grey) == 3  # both panels, and the legend
    grounds = [r for r in drawing(slope_stepper("tanh").frames[0]).iter(f"{SVG}rect")]
    assert sum(r.get("fill") == FAINT_TINT for r in grounds) == 5
    assert contrast(INK, FAINT_TINT) >= 4.5


def test_same_call_same_text():
    first, second = slope_stepper("tanh"), slope_stepper("tanh")
    assert first.frames == second.frames
    assert first.code == second.code
    assert repr(first) == "Explorer: tanh, its slope, and products of slopes"


def test_depth_one_speaks_of_no_product():
    says = slope_stepper(depth=1, net_inputs=[0]).frames[0].says
    assert says == "sigmoid at u = 0: value 0.5, slope 0.25. Not saturated."


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"activation": "sigmoyd"},
            ValueError,
            "activation must be one of .*did you mean 'sigmoid'",
        ),
        ({"activation": "step"}, ValueError, "activation must be one of"),
        ({"activation": 3}, TypeError, "activation must be one of"),
        ({"depth": 0}, ValueError, "depth must be at least 1, got 0"),
        ({"depth": 13}, ValueError, "depth must be 12 at most, got 13"),
        ({"depth": 2.5}, TypeError, "depth must be a whole number"),
        ({"net_inputs": []}, ValueError, "net_inputs must not be empty"),
        ({"net_inputs": [0, 9]}, ValueError, "net_inputs must lie between -7 and 7, got .* 0 to 9"),
        ({"net_inputs": [math.nan]}, ValueError, "net_inputs must hold finite numbers"),
        ({"net_inputs": 1.0}, ValueError, "net_inputs must have 1 axes"),
        ({"net_inputs": "far"}, TypeError, "net_inputs must hold real numbers"),
    ],
)
def test_what_does_not_fit_is_named(given, error, message):
    with pytest.raises(error, match=message):
        slope_stepper(**given)


def test_parts_are_called_by_what_they_are():
    root = drawing(slope_stepper(depth=2).frames[0])
    labels = {g.get("data-key"): g.get("data-label") for g in root.iter(f"{SVG}g")}
    assert labels == {
        "value": "value of f at u",
        "slope": "slope of f at u",
        "1 layer": "product of slopes over 1 layer",
        "2 layers": "product of slopes over 2 layers",
    }
