import contextlib
import io
import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import sympy

from backprop_kit import Network
from backprop_kit.symbolic import E, Partial, derive_updates, differentiate, evaluate, notation
from backprop_kit.symbolic.notation import eta, j, y_hat
from backprop_kit.symbolic.typeset import as_text
from backprop_kit.visual.diagram import network_diagram
from backprop_kit.visual.explorers import path_viewer
from backprop_kit.visual.explorers.paths import path_states, state_picture, state_words
from tests.drawings import SVG, texts

SIZES = [(2, 3, 2), (1, 1, 1), (3, 2, 4), (2, 5, 3)]


def formula_texts(root):
    """Return what stands below the network, which is a group of its own."""
    return [element for element in root if element.tag == f"{SVG}text"]


def by_key(sizes):
    return {state.key: state for state in path_states(sizes)}


@pytest.mark.parametrize("sizes", SIZES)
def test_one_state_for_each_parameter_and_one_of_each_kind_first(sizes):
    d, q, outputs = sizes
    keys = [state.key for state in path_states(sizes)]
    assert keys[:4] == ["w_11", "theta_1", "gamma_1", "v_11"]
    assert len(set(keys)) == len(keys) == (d + outputs + 1) * q + outputs


@pytest.mark.parametrize("sizes", SIZES)
def test_as_many_paths_as_the_drawing_lights(sizes):
    for state in path_states(sizes):
        caption = texts(network_diagram(sizes, paths=(state.letter, *state.places.values())))[-1]
        assert caption.startswith(f"{len(state.paths)} path")
        assert len(state.paths) == (sizes[2] if state.letter in ("gamma", "v") else 1)
        assert (state.summed is None) == (state.letter in ("w", "theta"))


@pytest.mark.parametrize("sizes", SIZES)
def test_the_products_add_up_to_the_networks_own_gradient(sizes):
    network, rng = Network(sizes, rng=3), np.random.default_rng(4)
    x, y = rng.normal(size=sizes[0]), rng.normal(size=sizes[2])
    trace = network.forward([x])
    gradients = network.backward(trace, [y])
    arrays = {
        **{"x": x, "y": y, "b": trace.outputs[1][0], "y_hat": trace.y_hat[0]},
        **{"v": network.weights[0], "w": network.weights[1]},
        **{"gamma": network.thresholds[0], "theta": network.thresholds[1]},
    }
    blocks = {
        "v": gradients.weights[0],
        "w": gradients.weights[1],
        "gamma": gradients.thresholds[0],
        "theta": gradients.thresholds[1],
    }
    for state in path_states(sizes):
        expected = blocks[state.letter][tuple(n - 1 for n in state.places.values())]
        terms = [
            math.prod(float(evaluate(factor.right, arrays)) for factor in path)
            for path in state.paths
        ]
        assert sum(terms) == pytest.approx(expected, rel=1e-12)
        assert float(evaluate(state.derived.right, arrays)) == pytest.approx(expected, rel=1e-12)


def test_every_factor_is_the_derivative_that_its_name_says_and_they_link_up():
    for state in path_states((2, 3, 2)):
        for path in state.paths:
            assert path[0].left.of == E
            assert path[-1].left.by == state.parameter
            for factor, after in itertools.pairwise(path):
                assert factor.left.by == after.left.of
            for factor in path:
                if factor.left.of != E:  # the definition of E holds its outputs under a sum
                    assert sympy.expand(factor.right - _again(factor.left)) == 0


def _again(partial):
    """Differentiate in letters, then put the numbers in."""
    names = {"w": "h j", "theta": "j", "gamma": "h", "v": "i h", "b": "h"}
    names |= {"alpha": "h", "beta": "j", "y_hat": "j"}

    def letters(entry):
        indices = [getattr(notation, n) for n in names[entry.base.name].split()]
        return entry.base[tuple(indices)], dict(zip(indices, entry.indices, strict=True))

    (of, here), (by, there) = letters(partial.of), letters(partial.by)
    return differentiate(of, by).xreplace(here | there)


def test_the_sum_runs_over_j_and_the_formula_is_the_machines():
    states = by_key((2, 3, 2))
    state = states["v_21"]
    assert as_text(state.total.right) == (
        "Sum(∂E/∂y_hat[j]*∂y_hat[j]/∂beta[j]*∂beta[j]/∂b[1]*∂b[1]/∂alpha[1]*∂alpha[1]/∂v[2, 1], "
        "(j, 1, 2))"
    )
    derived = derive_updates().theta / -eta
    assert (
        sympy.expand(states["theta_2"].derived.right - derived.xreplace({j: sympy.Integer(2)})) == 0
    )
    assert states["theta_2"].factors[0].left == Partial(E, y_hat[2])


def test_words_say_the_count_the_sum_and_the_formula():
    for state in path_states((2, 3, 2)):
        said = state_words(state)
        assert said.startswith(f"{state.key}, the ")
        chain = str(state.total).replace("Sum(", "Σ_j ").replace(", (j, 1, 2))", "")
        assert f"{chain.replace('*', ' · ')}." in said
        assert as_text(state.derived.right) not in said
        assert f" = {as_text(state.derived.right)}." in state_words(state, derived=True)
        if state.letter in ("gamma", "v"):
            assert "2 paths lead from it to E." in said
            assert "The sum runs over j: 2 paths, one for each output." in said
        else:
            assert "one path leads from it to E." in said
            assert "One path, no sum." in said
        for index, number in state.places.items():
            assert f"{index} = {number}" in said
    assert "the weight from input 2 to hidden unit 3:" in state_words(by_key((2, 3, 2))["v_23"])
    assert "1 path, for the one output" in state_words(by_key((2, 3, 1))["gamma_1"])


def test_the_picture_writes_each_product_and_the_sum():
    states = by_key((2, 3, 2))
    found = texts(state_picture(states["v_21"], (2, 3, 2)))
    assert {"path j = 1", "path j = 2", "Σ", "j = 1"} <= set(found)
    start = found.index("path j = 2")
    parts = [t for t in found[start + 1 : start + 15] if t != "·"]
    assert parts == ["∂E", "∂ŷ2", "∂ŷ2", "∂β2", "∂β2", "∂b1", "∂b1", "∂α1", "∂α1", "∂v21"]
    assert "2 paths from v21 to E" in found
    assert "The sum runs over j: 2 paths, one for each output. i = 2 and h = 1 stay." in found
    found = texts(state_picture(states["theta_2"], (2, 3, 2)))
    assert "Σ" not in found
    assert not any(text.startswith("path j") for text in found)
    assert "One path, no sum. j = 2 stays." in found


def test_an_index_letter_behind_a_number_is_slanted():
    drawing = state_picture(by_key((2, 3, 2))["gamma_3"], (2, 3, 2), derived=True)
    assert '>3</tspan><tspan font-size="12" font-style="italic">j</tspan>' in drawing


@pytest.mark.parametrize("derived", [False, True])
def test_each_dot_stands_midway_between_its_fractions(derived):
    for state in path_states((2, 3, 2)):
        root = ElementTree.fromstring(state_picture(state, (2, 3, 2), derived=derived))
        bars = [
            tuple(float(bar.get(at)) for at in ("x1", "x2", "y1"))
            for bar in root.iter(f"{SVG}line")
        ]
        dots = [text for text in formula_texts(root) if "".join(text.itertext()) == "·"]
        between = 0
        for x, y in ((float(dot.get("x")), float(dot.get("y")) - 0.35 * 15) for dot in dots):
            row = [(start, end) for start, end, height in bars if abs(height - y) < 0.1]
            if row:  # and not what the fractions come to
                before = max(end for _, end in row if end < x)
                behind = min(start for start, _ in row if start > x)
                assert x == pytest.approx((before + behind) / 2, abs=0.02)
                between += 1
        rows = 1 if state.summed is None else len(state.paths) + 1
        assert between == rows * (len(state.factors) - 1)


def test_the_picture_works_factors_out_only_when_asked():
    states = by_key((2, 3, 2))
    named, derived = (
        texts(state_picture(states["gamma_3"], (2, 3, 2), derived=derived))
        for derived in (False, True)
    )
    values = {"−(y1 − ŷ1)", "ŷ1 · (1 − ŷ1)", "(−b3 · (1 − b3))", "−(yj − ŷj)", "w3j"}
    assert values <= set(derived)
    assert not values & set(named)
    assert derived.count("w31") == named.count("w31") + 1


def test_what_changes_from_path_to_path_is_bold_and_the_picture_says_so():
    drawing = state_picture(by_key((2, 3, 2))["gamma_1"], (2, 3, 2))
    assert any("Bold in it: changes with the path." in text for text in texts(drawing))
    fractions = [
        ("".join(e.itertext()), e.get("font-weight"))
        for e in ElementTree.fromstring(drawing).iter(f"{SVG}text")
        if "".join(e.itertext()).startswith("∂")
    ]
    for text, weight in fractions:
        assert (weight == "bold") == (text[1] in "ŷβ")


@pytest.mark.parametrize("derived", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_all_pictures_are_of_one_size_fit_the_page_and_are_readable(sizes, derived):
    drawings = [state_picture(s, sizes, derived=derived) for s in path_states(sizes)]
    roots = [ElementTree.fromstring(drawing) for drawing in drawings]
    assert len({(root.get("width"), root.get("height")) for root in roots}) == 1
    assert float(roots[0].get("width")) <= 720
    height = float(roots[0].get("height"))
    for root in roots:
        assert all(float(e.get("y")) < height for e in root.iter(f"{SVG}text"))
        assert all(float(e.get("x")) < 560 for e in formula_texts(root))
        sizes_of_text = [float(e.get("font-size")) for e in root.iter() if e.get("font-size")]
        assert min(sizes_of_text) >= 12
    lowest = {max(float(e.get("y")) for e in root.iter(f"{SVG}text")) for root in roots}
    assert len(lowest) == 1  # the legend stays where it is


@pytest.mark.parametrize("sizes", SIZES)
def test_every_parameter_in_the_picture_leads_to_its_frame(sizes):
    viewer = path_viewer(sizes)
    keys = [state.key for state in path_states(sizes)]
    for frame in viewer.frames:
        drawn = re.findall(r'data-key="(.+?)"', frame.svg)
        assert set(keys) <= set(drawn)
        for key, number in frame.goto.items():
            assert viewer.frames[number].says.startswith(f"{key}, ")
        assert set(frame.goto) == set(keys)


def test_the_same_call_gives_the_same_text():
    assert path_viewer((2, 2, 2)).frames == path_viewer((2, 2, 2)).frames
    assert repr(path_viewer()) == "Explorer: paths to the error"
    assert path_viewer().frames == path_viewer((2, 3, 2), derived=True).frames


@pytest.mark.parametrize("derived", [False, True])
def test_the_code_prints_what_is_shown(derived):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(path_viewer(derived=derived).code, {})
    for name in ("w", "theta", "gamma", "v"):
        chain = derive_updates().chain(name)
        assert str(chain.split) in printed.getvalue()
        assert (str(chain.result) in printed.getvalue()) == derived
    assert str(derive_updates().chain("v").factors[0].split) in printed.getvalue()


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        (3, TypeError, "sizes must be three counts"),
        ((2, 2), ValueError, "sizes must be three counts"),
        ((2, 2, 2, 2), ValueError, "sizes must be three counts"),
        ((2, 0, 2), ValueError, r"sizes\[1\]"),
        ((2, 2.5, 2), (TypeError, ValueError), r"sizes\[1\]"),
        ((4, 4, 2), ValueError, "small enough to name every link"),
        ((2, 3, 6), ValueError, "small enough to name every link"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(sizes, error, message):
    for ask in (path_states, path_viewer):
        with pytest.raises(error, match=message):
            ask(sizes)


def test_derived_is_yes_or_no():
    with pytest.raises(TypeError, match="derived must be True or False"):
        path_viewer((2, 2, 2), derived="no")
