import itertools
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from backprop_kit.visual import (
    network_diagram,
    palette,
    path_highlights,
    stage_highlights,
    svg,
)
from tests.drawings import SVG, texts

STANDARD = [(2, 1), (2, 2, 1), (2, 2, 2), (3, 4, 2), (3, 2, 3), (2, 3, 3, 2), (784, 30, 10)]


def numbers_for(sizes):
    rng = np.random.default_rng(3)
    return {
        "unit_values": [rng.uniform(size=n) for n in sizes],
        "threshold_values": [rng.normal(size=n) for n in sizes[1:]],
        "net_input_values": [rng.normal(size=n) for n in sizes[1:]],
        "link_values": [rng.normal(size=pair) for pair in itertools.pairwise(sizes)],
        "error_value": 0.298,
    }


DRAWINGS = {
    **{f"plain {sizes}": (sizes, {}) for sizes in STANDARD},
    **{f"numbers {sizes}": (sizes, numbers_for(sizes)) for sizes in STANDARD[:5]},
    **{f"stage {k}": ((2, 2, 2), {"stage": k}) for k in range(1, 7)},
    "paths of v": ((3, 4, 2), {"paths": ("v", 2, 3)}),
    "paths of gamma": ((3, 2, 3), {"paths": ("gamma", 1)}),
    "stage 3 with numbers": (
        (2, 2, 2),
        {"stage": 3, "link_values": [None, [[0.1, -0.2], [0.3, 0.4]]], "decimals": 4},
    ),
    "everything": ((3, 4, 2), {"stage": 1, **numbers_for((3, 4, 2))}),
    "words": ((2, 2, 1), {"unit_labels": [None, ["OR", "NAND"], ["AND"]]}),
    "layers": ((2, 3, 2), {"notation": "layers", "paths": (1, 1, 2)}),
    "layers, deep": ((2, 3, 3, 2), {"notation": "layers", "letters": False}),
    "large": ((2, 2, 1), {"size": "large"}),
    "stage 3 of many": ((784, 30, 10), {"stage": 3}),
}


@pytest.fixture(params=DRAWINGS, ids=str)
def drawing(request):
    sizes, options = DRAWINGS[request.param]
    return network_diagram(sizes, **options)


def words(element):
    return "".join(element.itertext())


def box_of_text(element):
    """Estimate the box of a text from Arial's widths: left, top, right, bottom."""
    size = float(element.get("font-size"))
    width, high, low = 0.0, 0.72 * size, 0.0
    shift = 0.0
    for run in element:
        run_size = float(run.get("font-size", size))
        shift += float(run.get("dy", 0))
        width += 0.57 * run_size * len(run.text) + float(run.get("dx", 0))
        high, low = max(high, 0.72 * run_size - shift), max(low, shift)
    x, y = float(element.get("x")), float(element.get("y"))
    left = x - width / 2 if element.get("text-anchor") == "middle" else x
    return left, y - high, left + width, y + low


def box_of_rectangle(element):
    x, y, width, height = (float(element.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(first, second):
    return (
        min(first[2], second[2]) - max(first[0], second[0]) > 0
        and min(first[3], second[3]) - max(first[1], second[1]) > 0
    )


def test_it_is_an_accessible_drawing_on_white(drawing):
    root = ElementTree.fromstring(drawing)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("Network ")
    assert next(iter(root)).get("fill") == "#FFFFFF"


def test_lengths_have_two_decimals(drawing):
    for name in ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "stroke-width", "height"):
        for value in re.findall(rf'\s{name}="([^"]*)"', drawing):
            assert value == "100%" or re.fullmatch(r"-?\d+\.\d\d", value), (name, value)
    assert "-0.00" not in drawing


def test_nothing_depends_on_the_page(drawing):
    # ids would clash between drawings, scripts would not run, links would load
    assert not re.search(r"\sid=|href|<script|<style", drawing)


def test_no_text_is_smaller_than_12_px(drawing):
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawing)]
    assert min(sizes) >= 12


def test_it_fits_the_page(drawing):
    root = ElementTree.fromstring(drawing)
    width, height = (float(part) for part in root.get("viewBox").split()[2:])
    assert width <= 750
    for element in root.iter(f"{SVG}text"):
        left, top, right, bottom = box_of_text(element)
        assert 0 <= left < right <= width, words(element)
        assert 0 <= top < bottom <= height, words(element)


def test_no_two_texts_overlap(drawing):
    elements = list(ElementTree.fromstring(drawing).iter(f"{SVG}text"))
    assert len(elements) > 3
    for first, second in itertools.combinations(elements, 2):
        assert not overlap(box_of_text(first), box_of_text(second)), (words(first), words(second))


def test_labels_and_tags_stay_clear_of_each_other_and_of_the_units(drawing):
    root = ElementTree.fromstring(drawing)
    boxes = [box_of_rectangle(element) for element in list(root.iter(f"{SVG}rect"))[1:]]
    for first, second in itertools.combinations(boxes, 2):
        assert not overlap(first, second)
    for element in root.iter(f"{SVG}circle"):
        x, y, radius = (float(element.get(key)) for key in ("cx", "cy", "r"))
        for left, top, right, bottom in boxes:
            nearest = np.clip(x, left, right), np.clip(y, top, bottom)
            assert np.hypot(x - nearest[0], y - nearest[1]) > radius


@pytest.mark.parametrize("sizes", STANDARD)
def test_the_same_call_gives_the_same_text(sizes):
    assert network_diagram(sizes) == network_diagram(sizes)


def test_the_names_are_the_textbooks():
    found = texts(network_diagram((2, 2, 1)))
    assert {"x1", "x2", "b1", "b2", "ŷ1", "γ1", "γ2", "θ1"} <= set(found)
    assert {"v11", "v12", "v21", "v22", "w11", "w21"} <= set(found)
    assert {"inputs", "hidden", "outputs"} <= set(found)


def test_letters_are_italic_and_their_numbers_are_not():
    runs = ElementTree.fromstring(network_diagram((2, 1))).iter(f"{SVG}tspan")
    styles = {run.text: run.get("font-style") for run in runs}
    assert styles["x"] == "italic"
    assert styles["1"] is None


def test_deeper_networks_write_the_layer_above():
    found = texts(network_diagram((2, 2, 2, 1)))
    assert {"b(1)1", "b(2)2", "w(3)21", "θ(1)1", "layer 0", "layer 3"} <= set(found)


def test_every_unit_and_link_of_a_small_network_is_drawn():
    root = ElementTree.fromstring(network_diagram((3, 4, 2)))
    assert len(list(root.iter(f"{SVG}circle"))) == 3 + 4 + 2
    assert len(list(root.iter(f"{SVG}line"))) == 3 * 4 + 4 * 2


def test_large_layers_show_three_units_dots_and_the_last():
    found = texts(network_diagram((784, 30, 10)))
    assert {"x1", "x2", "x3", "x784", "b30", "ŷ10", "γ30"} <= set(found)
    assert "x4" not in found
    assert not any(text.startswith(("v", "w")) for text in found)
    circles = list(ElementTree.fromstring(network_diagram((784, 30, 10))).iter(f"{SVG}circle"))
    assert len(circles) == 3 * (4 + 3)


def test_numbers_have_fixed_decimals_and_a_minus_sign():
    found = texts(
        network_diagram(
            (2, 1),
            unit_values=[[0.5, -1 / 3], [1e-9]],
            link_values=[[[1.0], [-2.0]]],
            threshold_values=[[-1e-9]],
            decimals=2,
        )
    )
    assert {"0.50", "−0.33", "1.00", "−2.00"} <= set(found)
    assert found.count("0.00") == 2


def test_a_networks_own_arrays_fit_as_they_are():
    from backprop_kit import Network

    network = Network((2, 3, 2), rng=1)
    trace = network.forward([[0.05, 0.10]])
    found = texts(
        network_diagram(
            network.sizes,
            unit_values=trace.outputs,
            net_input_values=trace.net_inputs,
            link_values=network.weights,
            threshold_values=network.thresholds,
        )
    )
    assert "0.050" in found
    assert f"{trace.y_hat[0, 1]:.3f}" in found
    assert {"α1", "β2"} <= set(found)


def test_one_layer_of_neurons_is_an_output_layer():
    found = set(texts(network_diagram((2, 1), net_inputs=True)))
    assert {"θ1", "β1", "ŷ1", "w21"} <= found


def test_letters_can_be_left_out():
    found = texts(network_diagram((2, 1), letters=False, thresholds=False))
    assert set(found) == {"x1", "x2", "ŷ1", "inputs", "outputs"}


def test_indices_can_be_left_out_of_a_chain():
    found = texts(network_diagram((1, 1), net_inputs=True, error=True, indices=False))
    assert {"x", "w", "θ", "β", "ŷ", "E"} <= set(found)
    found = texts(network_diagram((1, 1, 1), net_inputs=True, indices=False))
    assert {"x", "v", "γ", "α", "b", "w", "θ", "β", "ŷ"} <= set(found)
    with pytest.raises(ValueError, match="indices can be left out only"):
        network_diagram((1, 2), indices=False)


def lines_of(drawing, colour):
    root = ElementTree.fromstring(drawing)
    return [element for element in root.iter(f"{SVG}line") if element.get("stroke") == colour]


def test_forward_light_is_blue_thick_and_points_to_the_right():
    drawing = network_diagram((2, 2, 1), highlight_links=[("v", 1, 2)], caption="")
    (line,) = lines_of(drawing, palette.FORWARD)
    assert float(line.get("stroke-width")) == 4
    assert line.get("stroke-dasharray") is None
    assert float(line.get("x2")) > float(line.get("x1"))


def test_backward_light_is_vermilion_dashed_and_points_to_the_left():
    drawing = network_diagram(
        (2, 2, 1), highlight_links=[("v", 1, 2)], highlight="backward", caption=""
    )
    (line,) = lines_of(drawing, palette.BACKWARD)
    assert line.get("stroke-dasharray")
    assert float(line.get("x2")) < float(line.get("x1"))


def test_light_comes_with_words():
    assert "flows forward" in texts(network_diagram((2, 1), highlight_units=[(1, 1)]))
    backward = network_diagram((2, 1), highlight_units=[(1, 1)], highlight="backward")
    assert "flows back" in texts(backward)
    assert "2 paths from v12 to E" in texts(network_diagram((2, 2, 2), paths=("v", 1, 2)))
    assert "stage 3: back to every θj and whj" in texts(network_diagram((2, 2, 2), stage=3))


def test_a_tag_without_a_number_stays_small():
    drawing = network_diagram((2, 2, 2), threshold_values=[None, [0.1, -0.2]])
    heights = re.findall(rf'height="([\d.]+)" rx="0.00" fill="{palette.THRESHOLD_TINT}"', drawing)
    assert heights == ["24.00"] * 2 + ["39.00"] * 2


def test_an_arrow_into_a_unit_shows_its_shaft_beside_a_label():
    values = [None, [[0.1, -0.2], [0.3, 0.4]]]
    drawing = network_diagram((2, 2, 2), stage=3, link_values=values, decimals=4, caption="")
    labels = [
        box_of_rectangle(element)
        for element in ElementTree.fromstring(drawing).iter(f"{SVG}rect")
        if element.get("rx") == "3.00"
    ]
    for line in lines_of(drawing, palette.BACKWARD):
        neck = float(line.get("x2"))
        assert not any(left < neck < right for left, _, right, _ in labels)


def test_a_lit_letter_keeps_its_colour():
    drawing = network_diagram((2, 2, 2), stage=5)
    by_text = {words(e): e for e in ElementTree.fromstring(drawing).iter(f"{SVG}text")}
    assert by_text["γ1"].get("fill") == palette.THRESHOLD
    assert by_text["α1"].get("fill") == palette.FORWARD
    assert by_text["γ1"].get("font-weight") == "bold"


def test_letters_and_positions_name_the_same_parts():
    by_letter = network_diagram(
        (2, 3, 2),
        highlight_units=[("x", 1), ("b", 3), ("y_hat", 2)],
        highlight_links=[("v", 1, 3), ("w", 3, 2)],
        highlight_thresholds=[("gamma", 3), ("theta", 2)],
        highlight_net_inputs=[("alpha", 1), ("beta", 1)],
    )
    by_position = network_diagram(
        (2, 3, 2),
        highlight_units=[(0, 1), (1, 3), (2, 2)],
        highlight_links=[(1, 1, 3), (2, 3, 2)],
        highlight_thresholds=[(1, 3), (2, 2)],
        highlight_net_inputs=[(1, 1), (2, 1)],
    )
    assert by_letter == by_position


@pytest.mark.parametrize(
    ("sizes", "parameter", "count"),
    [
        ((2, 2, 2), ("v", 1, 2), 2),
        ((3, 2, 5), ("v", 1, 1), 5),
        ((3, 2, 3), ("gamma", 2), 3),
        ((2, 2, 2), ("w", 2, 1), 1),
        ((2, 2, 2), ("theta", 1), 1),
        ((2, 3, 4, 2), (1, 1, 1), 8),
    ],
)
def test_as_many_paths_as_terms_in_the_sum(sizes, parameter, count):
    word = "path" if count == 1 else "paths"
    assert texts(network_diagram(sizes, paths=parameter))[-1].startswith(f"{count} {word} from ")
    # counted again, by walking the lit links forward to the error
    lit = path_highlights(sizes, parameter)
    layer = len(sizes)
    ways = {(layer, 1): 1}
    for link in sorted(lit["highlight_links"], reverse=True):
        into, start, end = link
        ways[into - 1, start] = ways.get((into - 1, start), 0) + ways[into, end]
    is_link = parameter[0] in ("v", "w") or len(parameter) == 3
    first = min(lit["highlight_links"])
    start = (first[0] - 1, first[1]) if is_link else min(lit["highlight_units"])
    assert ways[start] == count


def test_paths_of_a_threshold_light_its_tag_and_no_link_before_it():
    lit = path_highlights((2, 2, 2), ("gamma", 1))
    assert lit["highlight_thresholds"] == {(1, 1)}
    assert {link[0] for link in lit["highlight_links"]} == {2, 3}
    assert lit["highlight_units"] == {(1, 1), (2, 1), (2, 2), (3, 1)}


@pytest.mark.parametrize(
    ("parameter", "stations"),
    [
        (("w", 1, 2), {(2, 2)}),
        (("theta", 1), set()),  # y_hat_1 holds theta_1 itself
        (("gamma", 1), {(2, 1), (2, 2), (2, 3)}),
        (("v", 3, 2), {(1, 2), (2, 1), (2, 2), (2, 3)}),
    ],
)
def test_paths_light_the_net_inputs_they_lead_through(parameter, stations):
    assert path_highlights((4, 2, 3), parameter)["highlight_net_inputs"] == stations


def test_the_stages_light_every_parameter_exactly_once():
    sizes = (3, 4, 2)
    lit = [stage_highlights(sizes, stage) for stage in (2, 3, 5, 6)]
    thresholds = [t for stage in lit for t in stage["highlight_thresholds"]]
    links = [t for stage in lit for t in stage["highlight_links"] if t[0] < 3]
    assert len(thresholds) == len(set(thresholds)) == 4 + 2
    assert len(links) == len(set(links)) == 3 * 4 + 4 * 2
    assert all(stage["highlight"] == "backward" for stage in lit)
    assert stage_highlights(sizes, 1)["highlight"] == "forward"
    assert {link[0] for link in lit[1]["highlight_links"]} == {2}  # stage 3: all the w
    assert {link[0] for link in lit[3]["highlight_links"]} == {1}  # stage 6: all the v


def test_stage_4_lights_every_way_from_the_outputs_into_the_hidden_units():
    lit = stage_highlights((3, 4, 2), 4)
    assert lit["highlight_links"] == stage_highlights((3, 4, 2), 3)["highlight_links"]
    assert lit["highlight_units"] == {(1, number) for number in range(1, 5)}
    assert lit["highlight"] == "backward"


@pytest.mark.parametrize("stage", range(1, 7))
def test_the_caption_shows_an_arrow_only_where_one_is_lit(stage):
    drawing = network_diagram((2, 2, 2), stage=stage)
    lit = stage_highlights((2, 2, 2), stage)
    caption = 1 if lit["highlight_links"] else 0
    assert drawing.count("<polygon") == len(lit["highlight_links"]) + caption


@pytest.mark.parametrize("stage", [3, 5, 6])
def test_numbers_on_the_way_back_get_air(stage):
    values = {
        3: {"link_values": [None, [[0.1, -0.2], [0.3, 0.4]]]},
        5: {"threshold_values": [[0.1, 0.2], None], "net_input_values": [[0.1, 0.2], None]},
        6: {"link_values": [[[0.1, -0.2], [0.3, 0.4]], None]},
    }[stage]

    def height(direction):
        lit = stage_highlights((2, 2, 2), stage) | {"highlight": direction}
        root = ElementTree.fromstring(network_diagram((2, 2, 2), **lit, **values))
        return float(root.get("viewBox").split()[3])

    assert height("backward") - height("forward") >= 10


def test_the_stages_stand_in_the_same_places():
    def circles(stage):
        root = ElementTree.fromstring(network_diagram((2, 3, 2), stage=stage))
        return [(e.get("cx"), e.get("cy")) for e in root.iter(f"{SVG}circle")]

    assert all(circles(stage) == circles(1) for stage in range(2, 7))


def test_a_helpers_answer_can_be_passed_on():
    sizes = (2, 2, 2)
    assert network_diagram(sizes, **stage_highlights(sizes, 4), caption="") == network_diagram(
        sizes, stage=4, caption=""
    )
    assert network_diagram(
        sizes, **path_highlights(sizes, ("theta", 1)), caption=""
    ) == network_diagram(sizes, paths=("theta", 1), caption="")


def test_names_and_captions_are_escaped():
    drawing = network_diagram((1, 1), unit_labels=[["<b>"], None], caption="a < b & c")
    assert "<b>" in texts(drawing)
    assert "a < b & c" in texts(drawing)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"highlight_links": [(1, 3, 1)]}, r"highlight_links: the network \(2, 2, 1\) has no"),
        ({"highlight_links": [("b", 1, 1)]}, "unknown letter 'b'; known are v, w"),
        ({"highlight_links": [(1, 1)]}, r"must hold \(layer, from, to\)"),
        ({"highlight_units": [(3, 1)]}, "layer must be 0 to 2"),
        ({"highlight_units": [("b", 3)]}, "has no"),
        ({"highlight_units": [(1, 1.0)]}, r"must hold \(layer, number\)"),
        ({"highlight_thresholds": [(0, 1)]}, "layer must be 1 to 2"),
        ({"highlight": "sideways"}, "highlight"),
        ({"paths": ("b", 1)}, "paths must be a weight or threshold"),
        ({"paths": ("v", 1, 3)}, "has no"),
        ({"stage": 7}, "stage must be 1 to 6"),
        ({"stage": 0}, "stage"),
        ({"size": "huge"}, "size"),
        ({"unit_labels": [None, ["a"], None]}, r"unit_labels\[1\] must hold 2 names"),
        ({"unit_labels": [None]}, "one entry a layer"),
        ({"unit_values": [[0, 0], [0, 0, 0], [0]]}, r"unit_values\[1\] must have shape \(2,\)"),
        ({"unit_values": [[0, 0]]}, "unit_values must hold one entry a layer"),
        ({"unit_values": [[0, float("nan")], None, None]}, r"unit_values\[0\]"),
        ({"link_values": [np.ones((2, 2))]}, "link_values must hold one matrix"),
        ({"link_values": [np.ones((2, 1)), None]}, r"link_values\[0\]"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        network_diagram((2, 2, 1), **options)


def test_other_kinds_are_refused():
    with pytest.raises(TypeError, match="sizes must be a sequence"):
        network_diagram(3)
    with pytest.raises(ValueError, match="at least two layers"):
        network_diagram((3,))
    with pytest.raises(ValueError, match=r"sizes\[1\]"):
        network_diagram((3, 0))
    with pytest.raises(TypeError, match="must hold tuples"):
        network_diagram((2, 1), highlight_units=["b"])
    with pytest.raises(ValueError, match="letters belong to one hidden layer"):
        network_diagram((2, 1), highlight_links=[("v", 1, 1)])
    with pytest.raises(ValueError, match="one hidden layer"):
        network_diagram((2, 2, 2, 1), stage=2)
    with pytest.raises(ValueError, match="numbers fit only layers"):
        network_diagram((9, 9), link_values=[np.ones((9, 9))])


def test_numbers_of_the_writer_do_not_hang_on_the_last_bits():
    assert svg.number(0.1 + 0.2) == svg.number(0.3)
    assert svg.number(1.005 - 1e-13) == svg.number(1.005 + 1e-13)
    assert svg.decimal(0.125 - 1e-13, 2) == svg.decimal(0.125 + 1e-13, 2)


def test_a_delta_has_the_colour_of_what_flows_back():
    drawing = network_diagram((1, 2, 1), unit_labels=[None, ["delta"] * 2, None])
    letters = {words(e): e.get("fill") for e in ElementTree.fromstring(drawing).iter(f"{SVG}text")}
    assert letters["δ"] == palette.BACKWARD_TEXT
    assert letters["x1"] == letters["ŷ1"] == palette.FORWARD


@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 3), (2, 2, 3, 2)])
def test_the_letters_of_the_delta_recursion_at_any_depth(sizes):
    drawing = network_diagram(sizes, notation="layers", paths=(1, 1, 2))
    last = len(sizes) - 1
    expected = {f"x({layer}){n}" for layer, size in enumerate(sizes) for n in range(1, size + 1)}
    expected |= {f"{t}({k}){n}" for t in "uθ" for k in range(1, last + 1) for n in (1, 2)}
    expected |= {f"W({layer})12" for layer in range(1, last + 1)}
    written = texts(drawing)
    assert expected <= set(written)
    assert "from W(1)12 to E" in written[-1]
    assert not {word[0] for word in written} & set("abvwyŷαβγ")


def test_letters_for_layers_are_a_choice():
    with pytest.raises(ValueError, match="notation must be"):
        network_diagram((2, 2, 1), notation="greek")
    with pytest.raises(ValueError, match="indices cannot be left out"):
        network_diagram((1, 1, 1), notation="layers", indices=False)


def test_what_follows_a_power_and_its_index_keeps_clear_of_both():
    def runs(label):
        drawing = svg.text(0, 0, svg.sentence(f"from ${label}$ to $E$", 15), colour="#000")
        return ElementTree.fromstring(drawing)

    letter, power, index, after = runs("W^(1)_12")[1:5]
    assert (letter.text, power.text, index.text, after.text) == ("W", "(1)", "12", " to ")
    assert float(power.get("dx")) > 0  # the slanted letter leans into it
    assert float(index.get("dx")) < 0  # below the power
    # the power is wider than the index by about 2 px
    assert float(after.get("dx")) > 2
    assert runs("W_12")[3].get("dx") is None


def test_parts_can_be_chosen_by_their_names_and_look_the_same():
    plain = network_diagram((2, 2, 1), net_inputs=True, error=True)
    chosen = network_diagram((2, 2, 1), net_inputs=True, error=True, choices=True)
    keys = re.findall(r'data-key="(.+?)"', chosen)
    units = ["x_1", "x_2", "b_1", "b_2", "y_hat_1", "E"]
    tags = ["gamma_1", "gamma_2", "alpha_1", "alpha_2", "theta_1", "beta_1"]
    links = ["v_11", "v_12", "v_21", "v_22", "w_11", "w_21"]
    assert sorted(keys) == sorted(units + tags + links)
    assert re.sub(r"</?g\b[^>]*>|\n", "", chosen) == plain.replace("\n", "")


def test_on_a_page_a_link_shows_sign_and_size_and_a_key_explains_it():
    drawing = network_diagram((2, 1), link_values=[[[0.5], [-1.0]]], page=True)
    lines = {
        stroke: float(width)
        for stroke, width in re.findall(r'<line [^>]*stroke="(.+?)" stroke-width="(.+?)"', drawing)
        if float(width) not in (4.0, 1.1)  # those of the key
    }
    assert lines == {palette.POSITIVE: 1.5 + 5.5 / 2, palette.NEGATIVE: 7.0}
    written = texts(drawing)
    assert {"+0.5000", "−1.0000", "above 0 (+)", "below 0 (−)"} <= set(written)
    assert "thicker: larger (thickest here: 1.0000)" in written


def test_pages_of_one_network_have_every_part_in_the_same_place():
    plain = network_diagram((2, 2, 1), page=True, error=True, net_inputs=True, caption="a")
    full = network_diagram(
        (2, 2, 1),
        page=True,
        stage=3,
        link_values=[np.ones((2, 2)), -np.ones((2, 1))],
        unit_values=[[1, 2], [-3, 4], [5]],
        threshold_values=[[1, 2], [-3]],
        caption="a longer one",
    )
    circles = re.compile(r'<circle cx="(.+?)" cy="(.+?)" r="(.+?)"')
    assert circles.findall(plain) == circles.findall(full)
    assert all('width="720.00"' in drawing for drawing in (plain, full))


def test_an_update_lights_parts_and_nothing_flows():
    lit = {"highlight_links": [(1, 1, 1)], "highlight_thresholds": [(1, 1)]}
    drawing = network_diagram((2, 1), highlight="update", caption="", **lit)
    assert "<polygon" not in drawing
    assert "<polygon" in network_diagram((2, 1), highlight="forward", caption="", **lit)


def test_a_page_too_narrow_for_the_network_is_refused():
    with pytest.raises(ValueError, match=r"sizes \(3, 5, 3\) need \d+ px, and a page has 720"):
        network_diagram((3, 5, 3), page=True, error=True, net_inputs=True)
