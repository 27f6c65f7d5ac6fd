import re

import pytest

from backprop_kit.numeric import Network
from backprop_kit.visual import network_diagram, stage_diagram


def words(drawing):
    return "".join(re.findall(r">([^<>]+)<", drawing))


def test_stage_1_shows_what_the_forward_pass_computed():
    network = Network((2, 2, 1), rng=3)
    trace = network.forward([[0.5, 1.0]])
    x, b, y_hat = trace.outputs
    alpha, beta = trace.net_inputs
    (v, w), (gamma, theta) = network.weights, network.thresholds
    drawing = stage_diagram(
        network.sizes,
        1,
        {
            "x": x, "v": v, "alpha": alpha, "gamma": gamma, "b": b,
            "w": w, "beta": beta, "theta": theta, "y_hat": y_hat, "E": 0.125,
        },
    )  # fmt: skip
    assert drawing == network_diagram(
        network.sizes,
        stage=1,
        decimals=4,
        unit_values=trace.outputs,
        net_input_values=trace.net_inputs,
        threshold_values=network.thresholds,
        link_values=network.weights,
        error_value=0.125,
    )


def test_a_stage_on_the_way_back_says_that_its_numbers_are_derivatives():
    drawing = stage_diagram((2, 2, 2), 3, {"theta": [0.1, 0.2], "w": [[1, 2], [3, 4]]}, decimals=1)
    said = words(drawing)
    assert "stage 3: derivatives of E by every θj and whj" in said
    assert all(number in said for number in ("0.1", "0.2", "1.0", "2.0", "3.0", "4.0"))


@pytest.mark.parametrize(
    ("stage", "values", "error", "message"),
    [
        (2, {"delta": [1.0]}, ValueError, "holds 'delta'; known letters are x, b"),
        (2, [1.0], TypeError, "values must map letters to numbers, got list"),
        (4, {"b": [1.0, 2.0, 3.0]}, ValueError, "shape"),
        (7, {"b": [1.0, 2.0]}, ValueError, "stage must be 1 to 6"),
        ("one", {"b": [1.0, 2.0]}, TypeError, "stage"),
    ],
)
def test_what_does_not_fit_is_named(stage, values, error, message):
    with pytest.raises(error, match=message):
        stage_diagram((2, 2, 1), stage, values)
