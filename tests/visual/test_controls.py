import pytest

from backprop_kit.visual.controls import Action, Options, Slider, TextBox, Toggle

GOOD = [
    (Slider("eta", "η", 0, 2, 0.5, 0.05), 2),
    (Options("gate", "gate", ("AND", "XOR"), "AND"), "XOR"),
    (Toggle("fold", "fold", True), False),
    (TextBox("answer", "answer", "", longest=5), "b[h]"),
]


@pytest.mark.parametrize(("control", "value"), GOOD, ids=lambda c: getattr(c, "key", ""))
def test_a_control_returns_what_it_can_hold_and_describes_itself(control, value):
    assert control.read(value) == value
    told = control.describe()
    assert told["key"] == control.key
    assert told["label"] == control.label
    assert told["value"] == control.value


@pytest.mark.parametrize(
    ("control", "value", "error", "words"),
    [
        (GOOD[0][0], 2.1, ValueError, "eta must be 0 to 2, got 2.1"),
        (GOOD[0][0], float("nan"), ValueError, "eta must be 0 to 2, got nan"),
        (GOOD[0][0], "1", TypeError, "eta must be a number, got str"),
        (GOOD[0][0], True, TypeError, "eta must be a number, got bool"),
        (GOOD[1][0], "OR", ValueError, "gate must be one of AND, XOR, got 'OR'"),
        (GOOD[2][0], 1, TypeError, "fold must be True or False, got int"),
        (GOOD[3][0], 1, TypeError, "answer must be text, got int"),
        (GOOD[3][0], "123456", ValueError, "answer must have 5 characters at most, got 6"),
    ],
)
def test_what_a_control_cannot_hold_is_refused_by_name(control, value, error, words):
    with pytest.raises(error, match=words):
        control.read(value)


def test_a_start_out_of_range_is_refused_at_once():
    with pytest.raises(ValueError, match="eta must be 0 to 1, got 3"):
        Slider("eta", "η", 0, 1, 3, 0.1)


@pytest.mark.parametrize(("step", "decimals"), [(1, 0), (0.5, 1), (0.05, 2), (1e-3, 3)])
def test_a_slider_shows_as_many_decimals_as_its_step_has(step, decimals):
    assert Slider("eta", "η", 0, 2, 1, step).describe()["decimals"] == decimals


def test_a_button_keeps_its_function_to_itself():
    told = Action("go", "go on", lambda values: values, repeats=True).describe()
    assert told == {
        "kind": "action",
        "key": "go",
        "label": "go on",
        "title": "go on",
        "repeats": True,
    }
