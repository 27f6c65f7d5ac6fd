import math
import warnings

import numpy as np
import pytest
import sympy

from backprop_kit.numeric.validation import as_array, as_choice, as_count, as_positive, as_rng

TEXT_AND_OBJECTS = ["text", ["1", "2"], None, [None], {}, object(), [True, False], 1j, [sympy.pi]]


@pytest.mark.parametrize("value", TEXT_AND_OBJECTS, ids=lambda value: type(value).__name__)
def test_as_array_wants_real_numbers(value):
    with pytest.raises(TypeError, match=r"^data must hold real numbers, got "):
        as_array("data", value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, math.nan], r"data must hold finite numbers, got data\[1\] = nan"),
        ([[0, math.inf]], r"got data\[0, 1\] = inf"),
        (math.nan, "got data = nan"),
        ([], "data must not be empty"),
        (np.empty((0, 2)), "data must not be empty"),
        (np.empty(0, dtype=object), "data must not be empty"),
        ([[1, 2], [3]], "rows of one length"),
        (np.ma.masked_equal([1.0, 2.0], 1.0), "masked"),
    ],
)
def test_as_array_refuses(value, message):
    with pytest.raises(ValueError, match=message):
        as_array("data", value)


def test_as_array_refuses_whole_numbers_beyond_a_float():
    with pytest.raises(TypeError, match="real numbers"):
        as_array("data", [10**400])


def test_as_array_names_both_shapes():
    with pytest.raises(ValueError, match=r"x must have shape \(any, 3\), got \(2, 2\)"):
        as_array("x", np.ones((2, 2)), shape=(None, 3))
    with pytest.raises(ValueError, match=r"x must have 1 axes, got shape \(2, 2\)"):
        as_array("x", np.ones((2, 2)), ndim=1)
    assert as_array("x", np.ones((5, 3), dtype=np.float32), shape=(None, 3)).dtype == np.float64


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, 10**400])
def test_as_positive_refuses_numbers(value):
    with pytest.raises(ValueError, match="eta must be a positive, finite number, got"):
        as_positive("eta", value)


@pytest.mark.parametrize("value", ["1", None, True, np.True_, [1.0], np.array([1.0]), 1j])
def test_as_positive_refuses_other_kinds(value):
    with pytest.raises(TypeError, match="eta must be a positive number, got"):
        as_positive("eta", value)


def test_as_positive_takes_numpy_and_integers():
    assert as_positive("eta", np.float32(0.5)) == 0.5
    assert as_positive("eta", np.int64(2)) == 2.0


@pytest.mark.parametrize("value", [1.0, "3", None, True, np.array([2])])
def test_as_count_refuses_other_kinds(value):
    with pytest.raises(TypeError, match="epochs must be a whole number, got"):
        as_count("epochs", value)


def test_as_count_has_a_minimum():
    assert as_count("epochs", np.int64(3)) == 3
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        as_count("epochs", 0)


def test_as_choice_lists_the_choices():
    with pytest.raises(ValueError, match="mode must be one of 'a', 'b', got 'c'"):
        as_choice("mode", "c", ("a", "b"))
    with pytest.raises(TypeError, match="mode must be one of 'a', 'b', got 1"):
        as_choice("mode", 1, ("a", "b"))
    with pytest.raises(ValueError, match=r"got 'nand'; did you mean 'NAND'\?$"):
        as_choice("name", "nand", iter(("AND", "NAND")))
    with pytest.raises(ValueError, match=r"got 'swish'$"):
        as_choice("activation", "swish", ("step", "tanh"))


def test_as_rng():
    generator = np.random.default_rng(3)
    assert as_rng(generator) is generator
    for value in (None, "seed", 1.5, True, np.random):
        with pytest.raises(TypeError, match="rng must be"):
            as_rng(value)
    with pytest.raises(ValueError, match="rng must be at least 0, got -1"):
        as_rng(-1)


def test_long_doubles_that_overflow_are_refused_without_a_warning():
    huge = np.array([np.finfo(np.longdouble).max])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if np.isinf(np.float64(0) + float(huge[0])):
            with pytest.raises(ValueError, match="finite"):
                as_array("data", huge)
