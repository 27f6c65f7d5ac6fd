import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from backprop_kit.visual import (
    draw_decision_line,
    draw_hidden_space,
    draw_perceptron_path,
    draw_regions,
    draw_samples,
    figure,
    palette,
    picture,
)

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])


@pytest.fixture
def ax():
    return figure()[1]


def legend_texts(owner):
    legend = owner.get_legend() if hasattr(owner, "get_legend") else owner.legends[0]
    return [text.get_text() for text in legend.get_texts()]


def test_a_figure_has_the_pages_width():
    fig, axes = figure(ncols=3, nrows=2, height=5)
    assert axes.shape == (2, 3)
    assert fig.get_size_inches().tolist() == [palette.WIDTH, 5.0]
    assert to_hex(fig.get_facecolor()) == "#ffffff"


@pytest.mark.parametrize("bad", [{"ncols": 0}, {"height": -1.0}, {"height": float("nan")}])
def test_a_figure_needs_positive_sizes(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        figure(**bad)


def test_samples_carry_the_data_and_both_cues(ax):
    zero, one = draw_samples(X, AND, ax)
    assert zero.get_offsets().tolist() == [[0, 0], [0, 1], [1, 0]]
    assert one.get_offsets().tolist() == [[1, 1]]
    assert to_hex(zero.get_facecolor()[0]).upper() == palette.CLASS_ZERO
    assert to_hex(one.get_facecolor()[0]).upper() == palette.CLASS_ONE
    shapes = [points.get_paths()[0].vertices.shape for points in (zero, one)]
    assert shapes[0] != shapes[1]
    assert legend_texts(ax) == ["y = 0", "y = 1"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x_1$", "$x_2$")


def test_samples_of_one_label_give_one_artist(ax):
    assert len(draw_samples([[0.2, 3.0]], [1], ax)) == 1
    assert ax.get_ylim()[1] > 3


def test_names_stand_beside_the_samples(ax):
    draw_samples(X, AND, ax, names=["00", "01", "10", "11"])
    assert [text.get_text() for text in ax.texts] == ["00", "01", "10", "11"]


@pytest.mark.parametrize(
    "weights", [(1, 1, 1.5), (1, 0, 0.5), (0, 1, 0.5), (-2, 3, 0.25), (1e-3, 2e-3, 1e-3)]
)
def test_the_line_is_where_the_net_input_equals_the_threshold(weights, ax):
    draw_samples(X, AND, ax)
    limits = ax.get_xlim(), ax.get_ylim()
    line = draw_decision_line(weights, ax)
    points = np.column_stack([line.get_xdata(), line.get_ydata()])
    np.testing.assert_allclose(points @ weights[:2], weights[2], atol=1e-12)
    assert (ax.get_xlim(), ax.get_ylim()) == limits
    # it spans the whole picture
    assert np.hypot(*(points[1] - points[0])) >= 2 * np.hypot(2, 2) - 1e-9


def test_the_shaded_side_is_where_the_neuron_fires(ax):
    draw_samples(X, AND, ax)
    draw_decision_line([1, 1, 1.5], ax)
    (shade,) = ax.patches
    corners = shade.get_xy()
    assert (corners.sum(axis=1) >= 1.5 - 1e-12).all()
    inside = shade.get_path().contains_points(X)
    assert inside.tolist() == [False, False, False, True]
    assert legend_texts(ax) == ["y = 0", "y = 1", "fires", "decision line"]


@pytest.mark.parametrize(("theta", "word"), [(0, "everywhere"), (-1, "everywhere"), (1, "nowhere")])
def test_without_weights_there_is_no_line_and_the_axes_say_so(theta, word, ax):
    draw_samples(X, AND, ax)
    assert draw_decision_line([0, 0, theta], ax) is None
    assert not ax.lines
    assert f"no line\nfires {word}" in ax.texts[-1].get_text()


def test_a_line_outside_the_picture_is_announced(ax):
    draw_samples(X, AND, ax)
    draw_decision_line([1, 1, 9], ax)
    assert ax.texts[-1].get_text() == "line outside\nsilent here"


@pytest.mark.parametrize(
    ("weights", "seen"),
    [([1, 0, 1.7], False), ([1, 1, 3], False), ([1, 1, 2.9], True), ([1, 0, 1.4], True)],
)
def test_a_line_is_announced_as_unseen_when_no_part_of_it_crosses_the_picture(weights, seen, ax):
    draw_samples(X, AND, ax)
    draw_decision_line(weights, ax)
    assert (not ax.texts) is seen


def test_the_note_can_be_left_out(ax):
    draw_decision_line([0, 0, 0], ax, note=False)
    assert not ax.texts


def test_an_arrow_can_point_to_the_firing_side(ax):
    draw_decision_line([1, 0, 0.5], ax, side="arrow")
    arrow = ax.texts[0]
    assert arrow.xy[0] > 0.5
    assert not ax.patches


def test_two_regions_get_a_legend(ax):
    image = draw_regions(lambda points: (points.sum(axis=1) >= 1.5).astype(int), ax, points=21)
    along = np.linspace(-0.5, 1.5, 21)
    expected = (along[:, None] + along[None, :]) >= 1.5
    np.testing.assert_array_equal(image.get_array(), expected)
    assert legend_texts(ax) == [r"$\hat{y}$ = 0", r"$\hat{y}$ = 1"]


def test_rows_of_the_regions_are_x2(ax):
    image = draw_regions(lambda points: points[:, 1] > 0.9, ax, points=11)
    assert image.get_array()[-1].all()
    assert not image.get_array()[0].any()


def test_graded_answers_get_a_colour_bar(ax):
    draw_regions(lambda points: 1 / (1 + np.exp(-points[:, :1])), ax, points=11)
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == r"answer $\hat{y}$"


def test_a_constant_answer_has_no_border(ax):
    draw_regions(lambda points: np.zeros(len(points)), ax, points=5)
    assert not [c for c in ax.collections if not isinstance(c, PathCollection)]


PATH = [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1], [2, 1, 2], [2, 1, 3]]


def test_the_path_shows_every_step_that_fits():
    fig, axes = figure(ncols=3, nrows=2, height=5)
    assert draw_perceptron_path(PATH, X, AND, axes) == [0, 1, 2, 3, 4, 5]
    titles = [ax.get_title() for ax in axes.flat]
    assert titles[0] == "start: 3 wrong\nno line, fires everywhere"
    assert not any(ax.texts for ax in axes.flat)  # a note would hide samples
    assert titles[-1] == "correction 5: 0 wrong"
    assert {"y = 0", "y = 1", "fires", "wrong", "decision line"} == set(legend_texts(fig))


def test_a_line_that_grazes_a_corner_is_left_out_of_the_path():
    _, axes = figure(ncols=2)
    draw_perceptron_path([[1, 1, 1.5], [1, 1, 3]], X, AND, axes)
    assert [len(ax.lines) for ax in axes] == [1, 0]
    assert axes[1].get_title() == "correction 1: 1 wrong\nline outside, silent here"


def test_the_path_rings_the_wrong_samples():
    _, axes = figure(ncols=2)
    draw_perceptron_path([[1, 0, 0.5], [1, 1, 1.5]], X, AND, axes)
    rings = [c for c in axes[0].collections if c.get_label() == "wrong"]
    assert rings[0].get_offsets().tolist() == [[1, 0]]
    assert not [c for c in axes[1].collections if c.get_label() == "wrong"]


def test_the_path_names_the_samples_and_the_corrected_one():
    _, axes = figure(ncols=3, nrows=2, height=5)
    at = [0, 3, 0, 1, 2]
    draw_perceptron_path(PATH, X, AND, axes, names=["00", "01", "10", "11"], corrected=at)
    assert axes[0, 1].get_title().startswith("correction 1 at 00: ")
    assert axes[0, 2].get_title().startswith("correction 2 at 11: ")
    assert axes[1, 2].get_title() == "correction 5 at 10: 0 wrong"
    assert [text.get_text() for text in axes[1, 1].texts] == ["00", "01", "10", "11"]
    assert (axes[0, 0].get_xlabel(), axes[0, 0].get_ylabel()) == ("", "$x_2$")
    with pytest.raises(ValueError, match=r"names must hold one text a sample \(4\), got 1"):
        draw_perceptron_path(PATH, X, AND, axes, names=["00"])
    with pytest.raises(ValueError, match=r"corrected must hold one sample a correction \(5\)"):
        draw_perceptron_path(PATH, X, AND, axes, corrected=at[:2])


def test_a_long_path_is_thinned_and_a_short_one_hides_panels():
    _, axes = figure(ncols=3)
    assert draw_perceptron_path(np.tile([1.0, 1, 1.5], (11, 1)), X, AND, axes) == [0, 5, 10]
    _, axes = figure(ncols=3)
    assert draw_perceptron_path(PATH[:2], X, AND, axes) == [0, 1]
    assert [ax.get_visible() for ax in axes] == [True, True, False]


def test_hidden_space_names_the_inputs_and_joins_what_coincides():
    fig, axes = figure(ncols=2)
    hidden = np.array([[0, 0], [1, 0], [1, 0], [1, 1]])
    drawn = draw_hidden_space(
        X, hidden, XOR, axes, input_lines=[[1, 1, 0.5], [1, 1, 1.5]], hidden_line=[1, -1, 0.5]
    )
    assert [text.get_text() for text in axes[0].texts if text.get_text()] == [
        "00",
        "01",
        "10",
        "11",
    ]
    assert [text.get_text() for text in axes[1].texts] == ["00", "01, 10", "11"]
    zeros, ones = (points.get_sizes().max() for points in drawn["points"][2:])
    assert zeros > 3 * ones  # a circle is seen round a square on the same spot
    assert len(drawn["lines"]) == 3
    assert len({line.get_linestyle() for line in drawn["lines"]}) == 3
    assert (axes[1].get_xlabel(), axes[1].get_ylabel()) == ("$b_1$", "$b_2$")
    assert {"hidden unit 1", "hidden unit 2", "output unit"} <= set(legend_texts(fig))


def test_side_by_side_axes_share_one_legend():
    fig, axes = figure(ncols=3)
    for ax in axes:
        draw_samples(X, AND, ax)
        draw_decision_line([1, 1, 1.5], ax)
    assert len(fig.legends) == 1
    assert legend_texts(fig) == ["y = 0", "y = 1", "fires", "decision line"]


def test_no_text_is_smaller_than_9_points():
    fig, axes = figure(ncols=2)
    draw_hidden_space(X, X, XOR, axes, hidden_line=[0, 0, 1])
    picture(fig, alt="drawn once, so that every text exists")
    texts = [t for t in fig.findobj(lambda a: hasattr(a, "get_fontsize")) if t.get_text()]
    assert len(texts) > 10
    assert min(text.get_fontsize() for text in texts) >= 9


def test_bad_input_is_refused(ax):
    with pytest.raises(ValueError, match="X must have shape"):
        draw_samples([[0, 0, 0]], [1], ax)
    with pytest.raises(ValueError, match="y must have shape"):
        draw_samples(X, [1], ax)
    with pytest.raises(ValueError, match="y must hold labels 0 and 1 only"):
        draw_samples(X, [0, 1, 2, 1], ax)
    with pytest.raises(ValueError, match="names must hold one text a sample"):
        draw_samples(X, AND, ax, names=["a"])
    with pytest.raises(ValueError, match="weights must have shape"):
        draw_decision_line([1, 1], ax)
    with pytest.raises(ValueError, match="side"):
        draw_decision_line([1, 1, 1], ax, side="left")
    with pytest.raises(TypeError, match="predict must be a function"):
        draw_regions(X, ax)
    with pytest.raises(ValueError, match="predict must return one number a row"):
        draw_regions(lambda points: points, ax)
    with pytest.raises(TypeError, match="predict must return numbers"):
        draw_regions(lambda points: np.full(len(points), "a"), ax)
    with pytest.raises(ValueError, match="limits must rise"):
        draw_regions(lambda points: points[:, 0], ax, limits=(1, 0))
    with pytest.raises(ValueError, match="weight_path must have shape"):
        draw_perceptron_path([[1, 1]], X, AND, ax)
    with pytest.raises(ValueError, match="axes must be two"):
        draw_hidden_space(X, X, XOR, ax)
    with pytest.raises(TypeError, match="ax must be one Axes"):
        draw_samples(X, AND, figure(ncols=2)[1])
    assert not ax.collections
    assert not ax.lines
