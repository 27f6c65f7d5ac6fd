import matplotlib
import pytest

from backprop_kit.visual import palette


@pytest.mark.parametrize(
    "name",
    ["FORWARD", "BACKWARD_TEXT", "THRESHOLD", "INK", "MUTED"],
)
def test_text_colours_are_readable_on_white(name):
    assert palette.contrast(getattr(palette, name)) >= 4.5


@pytest.mark.parametrize(
    ("text", "fill"),
    [
        ("FORWARD", "FORWARD_TINT"),
        ("FORWARD", "BACKWARD_TINT"),
        ("THRESHOLD", "THRESHOLD_TINT"),
        ("THRESHOLD", "FORWARD_TINT"),
        ("THRESHOLD", "BACKWARD_TINT"),
        ("INK", "CLASS_ONE_TINT"),
    ],
)
def test_text_is_readable_on_the_tints(text, fill):
    assert palette.contrast(getattr(palette, text), getattr(palette, fill)) >= 4.5


def test_lines_stand_out_from_white():
    # 3 : 1 is WCAG's ratio for graphical objects
    for colour in (palette.FORWARD, palette.BACKWARD, palette.THRESHOLD):
        assert palette.contrast(colour) >= 3
    for colour, _, _ in palette.SERIES:
        assert palette.contrast(colour) >= 4.5


def test_nothing_is_told_by_colour_alone():
    assert palette.CLASS_ZERO_MARKER != palette.CLASS_ONE_MARKER
    colours, dashes, markers = zip(*palette.SERIES, strict=True)
    assert len(set(colours)) == len(set(dashes)) == len(set(markers)) == len(palette.SERIES)


def test_contrast_of_black_on_white_is_21():
    assert palette.contrast("#000000") == pytest.approx(21)
    assert palette.contrast("#FFFFFF", "#000000") == pytest.approx(21)


def test_contrast_refuses_names():
    with pytest.raises(ValueError, match="#0072B2"):
        palette.contrast("red")


def test_style_leaves_matplotlibs_settings_alone():
    before = dict(matplotlib.rcParams)
    with palette.style():
        assert matplotlib.rcParams["font.size"] == palette.FONT_POINTS
    assert dict(matplotlib.rcParams) == before


def test_sizes():
    assert palette.SMALL_POINTS >= 9
    assert 700 <= palette.WIDTH * palette.PIXELS_PER_INCH <= 750
