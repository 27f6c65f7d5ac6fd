import contextlib
import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from backprop_kit import Network
from backprop_kit.symbolic import CONVENTIONS, derive_updates, evaluate
from backprop_kit.symbolic.dialects import translate_update
from backprop_kit.symbolic.evaluation import by_letter, sample_arrays
from backprop_kit.visual import svg
from backprop_kit.visual.explorers import convention_switcher
from backprop_kit.visual.explorers.conventions import (
    example,
    row_notes,
    state_picture,
    state_words,
    update_states,
)
from tests.drawings import SVG, texts

EXAMPLE = example()
STATES = {state.key: state for state in update_states(*EXAMPLE)}


def rows(drawing):
    """Return the texts of each source's row."""
    groups = ElementTree.fromstring(drawing).iter(f"{SVG}g")
    return {g.get("data-key"): texts(g) for g in groups if g.get("data-key") in CONVENTIONS}


def drawn(sentence):
    """Return what a sentence with labels looks like without its fonts."""
    return "".join(run[0] for run in svg.sentence(sentence, 15))


def greek(words):
    """Return a label as the words spell it."""
    pairs = {"theta": "θ", "gamma": "γ", "y_hat": "ŷ", "$": ""}
    for name, letter in pairs.items():
        words = words.replace(name, letter)
    return words


def change_of(state, eta=0.5):
    """Return the change that `Network` makes."""
    network, x, y = EXAMPLE
    gradients = by_letter(network.backward(network.forward([x]), [y]))
    place = tuple(int(n) - 1 for n in state.parameter.indices)
    return -eta * gradients[state.parameter.base.name][place]


def test_one_state_for_each_parameter_and_one_of_each_kind_first():
    assert list(STATES)[:4] == ["w_21", "theta_1", "gamma_1", "v_31"]
    assert len(STATES) == (3 + 3 + 1) * 2 + 3
    one_unit = update_states(Network((2, 1, 1), rng=1), [1, 2], [1])
    assert [state.key for state in one_unit] == ["w_11", "theta_1", "gamma_1", "v_21", "v_11"]


def test_every_source_comes_to_the_step_of_the_network_and_of_the_derived_formula():
    network, x, y = EXAMPLE
    arrays = sample_arrays(network, network.forward([x]), [y], 0) | {"eta": 0.5}
    for state in STATES.values():
        letter = state.parameter.base.name
        numbers = state.parameter.indices
        indices = {"w": "hj", "theta": "j", "gamma": "h", "v": "ih"}[letter]
        formula = derive_updates().formula(letter).right
        names = {str(s): s for s in formula.free_symbols}
        at = {names[n]: number for n, number in zip(indices, numbers, strict=True) if n in names}
        derived = float(evaluate(formula.xreplace(at), arrays))
        assert derived == pytest.approx(change_of(state), rel=1e-9)
        assert [row.document for row in state.rows] == list(CONVENTIONS)
        for row in state.rows:
            assert row.textbook_value == pytest.approx(change_of(state), rel=1e-9)


def test_no_step_of_the_example_is_too_small_to_be_seen():
    assert all(abs(state.rows[0].value) > 0.01 for state in STATES.values())


def test_each_row_shows_its_formula_its_numbers_its_result_and_the_textbook_s():
    for state in STATES.values():
        shown = rows(state_picture(state, *EXAMPLE))
        assert list(shown) == list(CONVENTIONS)
        for row in state.rows:
            document, tag, formula, numbers, own, same = shown[row.document]
            assert document == row.document
            assert formula == drawn(f"Δ${row.parameter}$ = {row.formula}")
            assert numbers == f"= {row.numbers}"
            assert own == svg.short(row.value, signed=True)
            assert same == svg.short(change_of(state), signed=True)
            assert tag
        assert len({row[-1] for row in shown.values()}) == 1


def test_the_rates_are_said_and_a_sum_is_explained_where_one_stands():
    heights = set()
    for key, state in STATES.items():
        root = ElementTree.fromstring(state_picture(state, *EXAMPLE))
        heights.add(root.get("height"))
        found = texts(root)
        assert any("η = 0.5 in A, B, D and E, α = 0.75 in C." in text for text in found)
        explained = [text for text in found if text.startswith("Σj [ ]: ")]
        assert len(explained) == (key[0] in "gv")
        for text in explained:
            unit = int(state.parameter.indices[-1])  # D numbers 6 weights of layer 1 first
            assert f"w2j+{unit + 4} in D: the weight from b{unit} into output j." in text
    assert len(heights) == 1  # nothing below the picture jumps


def test_the_tag_says_index_order_or_sign():
    tags = {
        key: [row[1] for row in rows(state_picture(STATES[key], *EXAMPLE)).values()]
        for key in ("w_21", "theta_1")
    }
    assert tags["w_21"] == ["from, to"] * 3 + ["counted", "to, from"]
    assert tags["theta_1"] == ["threshold", "dummy unit", "bias", "bias", "bias"]


def test_words_state_all_numbers():
    for state in STATES.values():
        said = state_words(state)
        for row in state.rows:
            assert f"{row.document} {svg.short(row.value, signed=True)}" in said
        change = svg.short(change_of(state), signed=True)
        assert said.endswith(f"each is Δ{greek(state.key)} = {change}.")


def test_notes_say_what_is_otherwise_and_why_the_number_agrees():
    weight, threshold = row_notes(STATES["w_21"]), row_notes(STATES["theta_1"])
    assert "The indices of w_21 say from, to." in weight["A"]
    assert "w_21 is W^(2)_12" in weight["E"]
    assert "w_21 is w_8" in weight["D"]
    assert "1/N = 1 times that of A, so here the rate is 0.5, too." in weight["E"]
    row = STATES["w_21"].rows[2]
    assert f"its rate must be 0.5 / 0.6667 = {row.rate:g}" in weight["C"]
    assert f"it would move by {svg.short(row.value * 2 / 3, signed=True)}: another" in weight["C"]
    assert "a dummy unit whose output is always −1" in threshold["B"]
    for document in "CDE":
        assert "adds a bias where A subtracts a threshold" in threshold[document]
        turned = svg.short(change_of(STATES["theta_1"]), signed=True)
        assert f"gives Δθ_1 = {turned}." in threshold[document]


def test_notes_write_out_the_sum():
    for key, state in STATES.items():
        for row in state.rows:
            note = row_notes(state)[row.document]
            lines = [line for line in note.split("\n") if "j = " in line]
            assert len(lines) == (3 if key[0] in "gv" else 0)
            assert ("the numbers in the row's brackets:" in note) == bool(lines)
            for number, (line, (letters, numbers)) in enumerate(
                zip(lines, row.terms, strict=True), start=1
            ):
                assert line == f"j = {number}: {greek(letters)} = {numbers}"


def test_with_two_outputs_the_mean_over_outputs_has_the_same_rate():
    state = update_states(Network((2, 3, 2), rng=1), [1, 2], [1, 0])[0]
    assert "2/n = 1 times that of A, so here the rate is 0.5, too." in row_notes(state)["C"]


@pytest.mark.parametrize("sizes", [(3, 2, 3), (1, 1, 1), (5, 3, 4), (2, 5, 3)])
def test_the_picture_fits_and_is_readable(sizes):
    network = Network(sizes, rng=1)
    x, y = np.linspace(-1, 1, sizes[0]), np.linspace(0, 1, sizes[2])
    for state in update_states(network, x, y)[:4]:
        root = ElementTree.fromstring(state_picture(state, network, x, y))
        assert float(root.get("width")) == 720
        assert all(float(e.get("y")) < float(root.get("height")) for e in root.iter(f"{SVG}text"))
        assert min(float(e.get("font-size")) for e in root.iter() if e.get("font-size")) >= 12
    found = " ".join(texts(root))
    for mark in (
        "Bold column:",
        "grey row",
        "(thick)",
        "thick when chosen",
        "blue letter, flows forward",
        "(N = 1)",
        "Σj [ ]:",
    ):
        assert mark in found


def test_every_parameter_leads_to_its_frame_and_every_row_has_its_note():
    switcher = convention_switcher()
    for frame, state in zip(switcher.frames, STATES.values(), strict=True):
        keys = set(re.findall(r'data-key="(.+?)"', frame.svg))
        assert set(STATES) | set(CONVENTIONS) <= keys
        assert set(frame.notes) == set(CONVENTIONS)
        assert list(frame.goto) == list(STATES)
        assert switcher.frames[frame.goto[state.key]] is frame
        for document in CONVENTIONS:
            assert f'data-key="{document}" data-label="document {document}"' in frame.svg


def test_the_code_prints_the_number_of_every_row():
    for frame, state in zip(convention_switcher().frames, STATES.values(), strict=True):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(frame.code, {})
        assert printed.getvalue().splitlines() == [
            f"{row.document}: rate {row.rate:.4g}, change {row.textbook_value:.6f}"
            for row in state.rows
        ]


def test_the_same_call_gives_the_same_text_and_a_given_network_is_shown():
    assert convention_switcher().frames == convention_switcher(*EXAMPLE).frames
    assert repr(convention_switcher()) == "Explorer: one update in five notations"
    mine = Network((2, 2, 1), rng=3), [1, 0], [1]
    row = convention_switcher(*mine, eta=0.1).frames[1]
    update = translate_update("C", by_parameter("theta", 1), *mine, 0.1)
    assert svg.short(update.value, signed=True) in row.says


def by_parameter(letter, number):
    from backprop_kit.symbolic import notation

    return getattr(notation, letter)[number]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((Network((2, 2, 1)),), ValueError, "given together"),
        ((3, [1], [1]), TypeError, "network must be a Network"),
        ((Network((2, 1)), [1, 1], [1]), ValueError, "one hidden layer"),
        ((Network((4, 4, 1)), [1] * 4, [1]), ValueError, "small enough to name every link"),
        ((Network((2, 2, 5)), [1, 1], [1] * 5), ValueError, "at most 4 outputs"),
        ((Network((2, 2, 1), activation="tanh"), [1, 1], [1]), ValueError, "sigmoids"),
        ((Network((2, 2, 1)), [1], [1]), ValueError, "x must have shape"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        convention_switcher(*arguments)


def test_eta_is_positive():
    with pytest.raises(ValueError, match="eta must be"):
        convention_switcher(eta=0)
