import pytest

from backprop_kit.visual.explorers import Frame, Stepper

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<g data-key="a"/><g data-key="b"/></svg>'
)


def stepper(*frames):
    return Stepper("dots", [Frame(DRAWING, "A dot.", **frame) for frame in frames], "1 + 1")


def test_a_part_may_lead_to_a_frame_and_the_browser_is_told():
    view = stepper({"goto": {"a": 0, "b": 1}}, {"goto": {"a": 0}, "notes": {}}).view
    assert [frame["goto"] for frame in view.frames] == [{"a": 0, "b": 1}, {"a": 0}]
    assert stepper({}).view.frames[0]["goto"] == {}


@pytest.mark.parametrize("to", [-1, 2, "1", 0.5, None])
def test_a_frame_that_is_not_there_is_refused(to):
    with pytest.raises(ValueError, match=r"frames\[1\]\.goto\['b'\] must be 0 to 1"):
        stepper({}, {"goto": {"b": to}})


def test_a_part_has_a_note_or_leads_elsewhere():
    with pytest.raises(ValueError, match=r"frames\[0\]: 'a' is in notes and in goto"):
        stepper({"notes": {"a": "A part."}, "goto": {"a": 0}})
