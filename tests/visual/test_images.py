import numpy as np
import pytest
from matplotlib.colors import to_hex

from backprop_kit.numeric import digits
from backprop_kit.visual import figure
from backprop_kit.visual.images import draw_confusion, draw_digits
from backprop_kit.visual.palette import contrast


@pytest.fixture
def ax():
    return figure()[1]


def test_digits_are_drawn_as_they_are(ax):
    X, y = digits()
    drawn = draw_digits(X[:12], ax, y[:12], columns=5)
    for image, pixels in zip(drawn, X, strict=False):
        np.testing.assert_array_equal(image.get_array(), pixels.reshape(8, 8))
        assert image.get_clim() == (0, 1)  # the same grey means the same in every image
    assert [text.get_text() for text in ax.texts] == [str(label) for label in y[:12].tolist()]


def test_images_of_a_row_stand_side_by_side_and_rows_below_each_other(ax):
    places = [image.get_extent() for image in draw_digits(np.zeros((3, 4)), ax, columns=2)]
    (left, right, bottom, top), second, third = places
    assert (right - left, bottom - top) == (1, 1)
    assert second[0] > right
    assert third[0] == left
    assert third[3] > bottom
    assert not ax.texts


def test_counts_are_written_and_mistakes_framed(ax):
    draw_confusion([[5, 1, 0], [0, 4, 0], [2, 0, 3]], ax)
    found = {t.get_position(): (t.get_text(), t.get_bbox_patch() is not None) for t in ax.texts}
    assert found == {
        (0, 0): ("5", False),
        (1, 0): ("1", True),  # the row is the label: it is counted downwards
        (1, 1): ("4", False),
        (0, 2): ("2", True),
        (2, 2): ("3", False),
    }
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("answer of the network", "label")


def test_the_numbers_of_a_confusion_matrix_stand_out(ax):
    shading = draw_confusion([[36, 1], [0, 30]], ax)
    darkest = to_hex(shading.to_rgba(36))
    assert contrast(ax.texts[0].get_color(), darkest) >= 7


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda ax: draw_digits(np.zeros((2, 63)), ax), r"s \* s pixels a row, got 63"),
        (lambda ax: draw_digits(np.zeros((2, 4)), ax, ["one"]), "each of 2 images, got 1"),
        (lambda ax: draw_digits(np.zeros(64), ax), "images"),
        (lambda ax: draw_confusion([[1, 2]], ax), "counts must be square"),
        (lambda ax: draw_confusion([[-1]], ax), "whole numbers"),
        (lambda ax: draw_confusion([[0.5]], ax), "whole numbers"),
    ],
)
def test_bad_input_is_refused(call, words, ax):
    with pytest.raises(ValueError, match=words):
        call(ax)
    assert not ax.images


def test_all_axes_at_once_are_refused():
    axes = figure(ncols=2)[1]
    with pytest.raises(TypeError, match="one Axes"):
        draw_digits(np.zeros((1, 4)), axes)
    with pytest.raises(TypeError, match="one Axes"):
        draw_confusion([[1]], axes)
