import numpy as np
import pytest

from backprop_kit import Network, check_gradients, check_step
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.ratios import BLOCKS, ratios, side_by_side

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(2, 3)), RNG.random((2, 2))
SOUND = Network((3, 4, 2), rng=1)


def failing(report):
    return {block.name for block in report.blocks if not block.passed}


def test_a_sound_network_has_ones_everywhere():
    for found in (ratios(SOUND, X, Y), ratios(SOUND, X, Y, eta=0.3)):
        for block in BLOCKS:
            np.testing.assert_allclose(found.of(block), 1, rtol=1e-9)


def test_the_step_is_looked_at_where_eta_is_given():
    network = faulty(SOUND, "missing-eta")
    np.testing.assert_allclose(ratios(network, X, Y).of("W1"), 1)
    np.testing.assert_allclose(ratios(network, X, Y, eta=0.25).of("W1"), 4)


def test_an_entry_with_no_slope_has_no_ratio():
    found = ratios(SOUND, [[0.0, 1.0, 2.0]], Y[:1])
    assert np.isnan(found.of("W1")[0]).all()
    assert "-" in str(found).splitlines()[2].split()


def test_tables_have_one_line_for_each_unit_a_link_comes_from():
    lines = str(ratios(SOUND, X, Y)).splitlines()
    assert len(lines) == 1 + 4 + 2 + 5 + 2
    titles = [
        line for line in str(side_by_side(SOUND, X, Y, "W2")).splitlines() if " = " not in line
    ]
    assert titles == ["given", "expected", "given / expected"]


def test_a_large_ratio_does_not_touch_its_neighbor():
    network = faulty(SOUND, "missing-x")
    lines = str(ratios(network, [[1e-3, 1.0, 2.0]], Y[:1])).splitlines()
    assert lines[2].split()[3:] == ["+1000.000"] * 4


def test_the_network_is_left_unchanged():
    before = SOUND.copy()
    ratios(SOUND, X, Y, eta=0.5)
    for old, new in zip(before.weights, SOUND.weights, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        (lambda: ratios("network", X, Y), TypeError, "network must be a Network"),
        (lambda: ratios(Network((3, 2, 2, 2)), X, Y), ValueError, "one hidden layer"),
        (lambda: ratios(SOUND, X, Y, eta=0), ValueError, "eta must be"),
        (lambda: side_by_side(SOUND, X, Y, "W3"), ValueError, "block must be one of"),
    ],
)
def test_bad_input_is_named(call, error, reason):
    with pytest.raises(error, match=reason):
        call()


def test_two_faults_of_two_stages_show_in_two_checks():
    network = faulty(SOUND, "missing-x", "updated-w")
    assert failing(check_gradients(network, X, Y)) == {"W1"}
    assert failing(check_step(network, X, Y, eta=0.4)) == {"W1", "theta1"}
    again = network.copy()
    assert failing(check_step(again, X, Y, eta=0.4)) == {"W1", "theta1"}


def test_two_faults_of_one_stage_add_up():
    network = faulty(SOUND, "half-lost", "threshold-sign")
    found = ratios(network, X, Y)
    np.testing.assert_allclose(found.of("W1"), 2)
    np.testing.assert_allclose(found.of("theta2"), -2)
