import pytest

from backprop_kit.visual import svg
from backprop_kit.visual.controls import Action, Options, Slider, Surface, TextBox, Toggle
from backprop_kit.visual.explorers import Frame, Live


def show(values):
    if values["size"] == 9:
        raise ZeroDivisionError("no square of nine")
    says = ", ".join(f"{key} {value}" for key, value in values.items())
    latex = rf"$x = {values['size']}$" if values["formula"] else ""
    return Frame(svg.document([], 90, 60, says), says, code=f"size = {values['size']}", latex=latex)


def live(formula=False, **more):
    controls = [
        Slider("size", "size", 0, 10, 5, 1),
        Options("colour", "colour", ("blue", "red"), "blue"),
        Toggle("round", "round", False),
        TextBox("name", "name", "box"),
        Action("grow", "grow", lambda values: {"size": min(10, values["size"] + 1)}),
        Action("count", "count", lambda values: {"clicks": (*values["clicks"], "c")}),
        Surface("plane", lambda values, x, y: {"size": x, "clicks": (*values["clicks"], y)}),
    ]
    return Live("a box", controls, show, start={"clicks": (), "formula": formula} | more)


def from_browser(explorer, *steps, serial=1):
    """Do what live.js does: send steps, and return what it gets back."""
    shown = dict(explorer.view.shown["values"])
    request = [{"values": shown | values, "act": act} for values, act in steps]
    explorer._answer(explorer.view, {"steps": request, "answer": [7, serial]}, [])
    assert explorer.view.shown["answer"] == [7, serial]
    return explorer.view.shown


def test_the_frame_is_a_function_of_the_values_and_every_control_changes_them():
    explorer = live()
    assert explorer.move(size=7, colour="red").says.startswith("clicks (), formula False, size 7")
    assert explorer.move(round=True, name="b").says.endswith("colour red, round True, name b")
    assert explorer.press("grow").code == "size = 8"
    assert explorer.point("plane", 3, 0.5).code == "size = 3"
    assert explorer.values["clicks"] == (0.5,)
    explorer.reset()
    assert dict(explorer.values) == dict(live().values)
    with pytest.raises(TypeError):
        explorer.values["size"] = 1


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda e: e.move(size=11), "size must be 0 to 10, got 11"),
        (lambda e: e.move(width=1), "there is no control 'width', only size, colour"),
        (lambda e: e.move(clicks=()), "there is no control 'clicks'"),
        (lambda e: e.press("shrink"), "there is no button 'shrink', only grow, count"),
        (lambda e: e.point("wall", 0, 0), "there is no surface 'wall', only plane"),
    ],
)
def test_a_value_that_does_not_fit_changes_nothing(act, words):
    explorer = live()
    before, frame = dict(explorer.values), explorer.frame
    with pytest.raises(ValueError, match=words):
        act(explorer)
    assert (dict(explorer.values), explorer.frame) == (before, frame)


def test_an_error_in_python_is_raised_and_in_the_browser_is_said_beside_its_control():
    explorer = live()
    with pytest.raises(ZeroDivisionError):
        explorer.move(size=9)
    shown = from_browser(explorer, ({"size": 9}, None))
    assert shown["error"] == "This cannot be shown: no square of nine (ZeroDivisionError)"
    assert shown["at"] == "size"
    assert shown["values"]["size"] == explorer.values["size"] == 5
    assert shown["code"] == "size = 5"
    shown = from_browser(explorer, ({"size": 8}, ["press", "grow"]), serial=2)
    assert shown["at"] == "grow"
    shown = from_browser(explorer, ({"size": 6}, None), serial=3)
    assert "error" not in shown
    assert explorer.values["size"] == 6


def test_steps_are_done_in_their_order_and_answered_once():
    explorer = live()
    shown = from_browser(
        explorer,
        ({"size": 2}, ["press", "grow"]),
        ({"size": 3}, ["press", "count"]),
        ({"size": 3}, ["point", "plane", 4.0, 0.25, "down"]),
    )
    assert shown["values"]["size"] == 4
    assert explorer.values["clicks"] == ("c", 0.25)
    assert from_browser(explorer, ({}, ["reset"]))["values"]["size"] == 5


def test_a_button_that_repeats_ends_where_nothing_changes():
    explorer = live()
    assert not from_browser(explorer, ({"size": 9.5}, ["press", "grow"]))["over"]
    assert from_browser(explorer, ({}, ["press", "grow"]), serial=2)["over"]


def test_python_moves_the_controls_in_the_browser_too():
    explorer = live()
    explorer.view  # noqa: B018 - it is made when it is first shown
    explorer.move(size=2)
    assert explorer.view.shown["values"]["size"] == 2
    assert explorer.view.shown["says"] == explorer.frame.says


def test_it_is_stored_as_a_picture_or_as_a_formula():
    bundle = live()._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer: a box"
    assert "<img alt=" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    formula = live(formula=True)
    assert "<img alt=" in formula._repr_mimebundle_()["text/html"]
    assert formula.view.children[1].value == "$x = 5$"
    formula.move(size=2)
    assert formula.view.children[1].value == "$x = 2$"

    bare = Live("x", [], lambda values: Frame("", "x is 1", latex="$x = 1$"))
    assert bare._repr_mimebundle_()["text/latex"] == "$x = 1$"
    assert "text/html" not in bare._repr_mimebundle_()


def test_two_controls_of_one_key_and_strange_controls_are_refused():
    slider = Slider("size", "size", 0, 10, 5, 1)
    with pytest.raises(ValueError, match="the key 'size' stands twice"):
        Live("x", [slider, Action("size", "size", dict)], show)
    with pytest.raises(ValueError, match="the key 'size' stands twice"):
        Live("x", [slider], show, start={"size": 1})
    with pytest.raises(TypeError, match="controls must be controls, got str"):
        Live("x", ["size"], show)
