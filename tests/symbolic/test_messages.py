import sympy

from backprop_kit.numeric import Network
from backprop_kit.symbolic import derive_updates, evaluate
from backprop_kit.symbolic.messages import delta, derive_deltas
from backprop_kit.symbolic.notation import b, eta, h, i, j, l, w, x
from backprop_kit.symbolic.typeset import Formula


def test_the_four_updates_follow_from_the_deltas():
    short = {
        "w": -eta * delta[j] * b[h],
        "theta": eta * delta[j],
        "v": -eta * delta[h] * x[i],
        "gamma": eta * delta[h],
    }
    for name, change in short.items():
        full = derive_deltas().in_full(change)
        assert sympy.expand(full - getattr(derive_updates(), name)) == 0


def test_a_delta_is_the_derivative_by_the_net_input():
    network = Network((3, 4, 2), rng=1)
    sample, target = [[0.2, -0.4, 1.0]], [[0.0, 1.0]]
    trace = network.forward(sample)
    arrays = {"b": trace.outputs[1][0], "w": network.weights[1]}
    arrays |= {"y_hat": trace.y_hat[0], "y": target[0]}
    gradients = network.backward(trace, target)  # a threshold is subtracted from the net input
    for index, thresholds in zip((h, j), gradients.thresholds, strict=True):
        value = evaluate(derive_deltas().in_full(delta[index]), arrays, axes=(index,))
        assert abs(value + thresholds).max() < 1e-15


def test_it_is_typeset_in_the_colour_of_what_flows_back():
    latex = Formula(delta[h], delta[h]).latex(colour=True)
    assert latex.count(r"\textcolor") == 2
    assert r"\delta_{h}" in latex


def test_a_sum_of_bare_entries_keeps_them_whole():
    total = sympy.Sum(w[h, j], (j, 1, l))
    assert derive_deltas().in_full(total) == total


def test_a_sum_may_count_with_a_letter_of_its_own():
    n = sympy.Symbol("n", integer=True, positive=True)
    own = sympy.Sum(w[h, n] * delta[n], (n, 1, l))
    usual = sympy.Sum(w[h, j] * delta[j], (j, 1, l))
    in_full = derive_deltas().in_full(own)
    assert derive_deltas().left_in(in_full) == set()
    assert in_full.xreplace({n: j}) == derive_deltas().in_full(usual)
