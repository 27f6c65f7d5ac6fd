"""Both columns of SOURCES D, and the replies of lesson 06."""

import numpy as np
import pytest
import sympy

from backprop_kit.exercises import exercise
from backprop_kit.numeric import Gradients, Network, check_gradients, worked_example
from backprop_kit.symbolic.notation import h, i, j, l, v, x, y, y_hat

EXAMPLE = worked_example()
X, Y, RATE = [EXAMPLE.x], [EXAMPLE.y], EXAMPLE.eta


def start():
    return Network.from_parameters(EXAMPLE.weights, EXAMPLE.thresholds)


def all_at_old(network):
    gradients = network.backward(network.forward(X), Y)
    for weights, gradient in zip(network.weights, gradients.weights, strict=True):
        weights -= RATE * gradient


def output_first(network):
    trace = network.forward(X)
    for layer in (1, 0):
        network.weights[layer][:] -= RATE * network.backward(trace, Y).weights[layer]


def hidden_first(network):
    trace = network.forward(X)
    for layer in (0, 1):
        network.weights[layer][:] -= RATE * network.backward(trace, Y).weights[layer]


def forward_between(network):
    for layer in (1, 0):
        gradients = network.backward(network.forward(X), Y)
        network.weights[layer][:] -= RATE * gradients.weights[layer]


def no_transpose(network):
    trace = network.forward(X)
    gradients = network.backward(trace, Y)
    first, second = network.weights
    turned = Network.from_parameters([first, second.T], network.thresholds).backward(trace, Y)
    first -= RATE * turned.weights[0]
    second -= RATE * gradients.weights[1]


def shared_intercepts(network):
    gradients = network.backward(network.forward(X), Y)
    for layer in (0, 1):
        network.weights[layer][:] -= RATE * gradients.weights[layer]
        network.thresholds[layer][:] -= RATE * gradients.thresholds[layer].sum()


def intercepts_too(network):
    network.step(network.backward(network.forward(X), Y), RATE)


def after(order, steps=1):
    network = start()
    for _ in range(steps):
        order(network)
    return network


def in_page_order(network):
    """Return w1 to w8: unit by unit."""
    return [f"{w:.8f}" for weights in network.weights for w in weights.T.ravel()]


# ------------------------------------------------------------------ SOURCES D, to every digit


def test_before_the_step():
    network = start()
    outputs = [f"{output:.8f}" for output in network.predict(X)[0]]
    assert outputs == ["0.75136507", "0.77292847"]
    assert network.loss(X, Y) == pytest.approx(0.2983711087600027, rel=1e-14)


OUTPUT_WEIGHTS = ["0.35891648", "0.40866619", "0.51130127", "0.56137012"]


@pytest.mark.parametrize(
    ("order", "hidden_weights", "error", "printed"),
    [
        (
            all_at_old,
            ["0.14978072", "0.19956143", "0.24975114", "0.29950229"],
            0.29102777369359933,
            "0.291027774",
        ),
        (
            output_first,
            ["0.14981764", "0.19963528", "0.24978819", "0.29957637"],
            0.29102792390544197,
            "0.291027924",
        ),
    ],
)
def test_after_one_step(order, hidden_weights, error, printed):
    network = after(order)
    assert in_page_order(network) == hidden_weights + OUTPUT_WEIGHTS
    assert network.loss(X, Y) == pytest.approx(error, rel=1e-14)
    assert f"{network.loss(X, Y):.9f}" == printed


@pytest.mark.parametrize(
    ("order", "error", "printed", "outputs"),
    [
        (all_at_old, 3.510187782978859e-05, "0.000035102", [0.01591362, 0.98406427]),
        (output_first, 3.5084786296312774e-05, "0.000035085", [0.015912196, 0.984065734]),
    ],
)
def test_after_ten_thousand_steps(order, error, printed, outputs):
    network = after(order, 10_000)
    # 10,000 steps carry the last bits along: other processors agree to about 13 digits
    assert network.loss(X, Y) == pytest.approx(error, rel=1e-11)
    assert f"{network.loss(X, Y):.9f}" == printed
    decimals = 8 if order is all_at_old else 9
    assert np.round(network.predict(X)[0], decimals).tolist() == outputs


def test_the_original_s_error_after_ten_thousand_steps_fits_neither_order():
    printed = "0.0000351085"
    assert printed.replace("351085", "35085") == "0.000035085"
    for order in (all_at_old, output_first):
        assert f"{after(order, 10_000).loss(X, Y):.10f}" != printed


def test_the_missing_transpose_lowers_the_error_more():
    assert f"{after(no_transpose).loss(X, Y):.8f}" == "0.29102766"


def test_the_path_in_numbers():
    network = start()
    trace = network.forward(X)
    net = [n - t for n, t in zip(trace.net_inputs, network.thresholds, strict=True)]
    gradients = network.backward(trace, Y)
    halves = 0.5 * (EXAMPLE.y - trace.y_hat[0]) ** 2
    delta = -gradients.thresholds[1]
    terms = delta * network.weights[1][0]
    numbers = {
        "net_h1": (net[0][0, 0], "0.377500000"),
        "out_h1": (trace.outputs[1][0, 0], "0.593269992"),
        "net_o1": (net[1][0, 0], "1.105905967"),
        "E_o1": (halves[0], "0.274811083"),
        "E_o2": (halves[1], "0.023560026"),
        "by w5": (gradients.weights[1][0, 0], "0.082167041"),
        "first term": (terms[0], "0.055399425"),
        "second term": (terms[1], "-0.019049118"),
        "by out_h1": (terms.sum(), "0.036350306"),
        "by w1": (gradients.weights[0][0, 0], "0.000438568"),
    }
    for name, (value, printed) in numbers.items():
        assert f"{value:.9f}" == printed, name


# ------------------------------------------------------------------ what replies and prose claim


def test_the_printed_weights_give_our_error():
    printed = Network.from_parameters(
        [
            [[0.14978072, 0.24975114], [0.19956143, 0.29950229]],
            [[0.35891648, 0.51130127], [0.40866619, 0.56137012]],
        ],
        EXAMPLE.thresholds,
    )
    assert f"{printed.loss(X, Y):.9f}" == "0.291027774"
    gradients = printed.backward(printed.forward(X), Y)
    assert max(np.abs(g).max() for g in gradients.weights) < 0.1
    assert sum(np.abs(g).sum() for g in gradients.weights) * 5e-9 < 5e-9


def test_the_hidden_layer_may_move_first():
    assert in_page_order(after(hidden_first)) == in_page_order(after(all_at_old))
    assert f"{after(hidden_first).loss(X, Y):.9f}" == "0.291027774"
    assert f"{after(forward_between).loss(X, Y):.9f}" == "0.291027900"


def test_the_wrong_order_is_ahead_from_step_5_on():
    ours, theirs = start(), start()
    lead = []
    for _ in range(300):
        all_at_old(ours)
        output_first(theirs)
        lead.append(theirs.loss(X, Y) < ours.loss(X, Y))
    assert lead == [False] * 4 + [True] * 296
    gap = 1 - 3.5084786296312774e-05 / 3.510187782978859e-05
    assert f"{gap:.2%}" == "0.05%"


@pytest.mark.parametrize(
    ("order", "differ"), [(all_at_old, []), (output_first, ["W1"]), (no_transpose, ["W1"])]
)
def test_the_step_is_checked_as_a_gradient(order, differ):
    old, new = start(), after(order)
    pairs = zip(old.weights, new.weights, strict=True)
    found = Gradients(
        tuple((before - moved) / RATE for before, moved in pairs),
        old.backward(old.forward(X), Y).thresholds,
    )
    blocks = check_gradients(old, X, Y, gradients=found).blocks
    assert [block.name for block in blocks if not block.passed] == differ


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        (shared_intercepts, "0.285750887", 4.355321066e-06),
        (intercepts_too, "0.280471447", 2.447562236e-06),
    ],
)
def test_intercepts_that_learn(order, first, last):
    once = after(order)
    assert f"{once.loss(X, Y):.9f}" == first
    assert in_page_order(once) == in_page_order(after(all_at_old))
    assert after(order, 10_000).loss(X, Y) == pytest.approx(last, rel=1e-8)


def test_the_shared_gradient_is_the_derivative_by_the_intercept():
    def error_at(move):
        moved = start()
        moved.thresholds[1][:] -= move
        return moved.loss(X, Y)

    slope = (error_at(1e-5) - error_at(-1e-5)) / 2e-5
    gradients = start().backward(start().forward(X), Y)
    assert slope == pytest.approx(-gradients.thresholds[1].sum(), rel=1e-8)
    assert f"{slope:+.5f}" == "+0.10040"


def test_the_misprint_s_reply_shows_all_eight_decimals():
    assert exercise("06-misprint").check(0.75136507).message.startswith("0.75136507")


# ------------------------------------------------------------------ the exercises


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("06-misprint", 0.75136507),
        ("06-misprint", 0.751365069),
        ("06-misprint", start().predict(X)[0, 0]),
        ("06-other-weight", -0.02274),
        ("06-hidden-weight", 0.0009954),
        ("06-two-signs", 0.4411),
        ("06-five-outputs", sympy.Rational(2, 5)),
        (
            "06-shared-intercept",
            sympy.Sum((y_hat[j] - y[j]) * y_hat[j] * (1 - y_hat[j]), (j, 1, l)),
        ),
        ("06-predict-suspect", "(B)"),
    ],
)
def test_a_right_answer_in_another_form_is_right(name, answer):
    verdict = exercise(name).check(answer)
    assert verdict.correct, verdict


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("06-misprint", 0.75136079, "what the page prints for out_o1"),
        ("06-misprint", 0.2748079, "one line up first"),
        ("06-misprint", 0.274811083, "does not follow from the out_o1"),
        ("06-misprint", 1.105905967, "Look at the next line"),
        ("06-misprint", 0.75136, "what the page prints for out_o1"),
        ("06-misprint", 0.751361, "what the page prints for out_o1"),
        ("06-misprint", 0.75136508, "Round at the end only"),
        ("06-misprint", 0.7514, "more digits"),
        ("06-misprint", 0.751365, "more digits"),
        ("06-misprint", 0.7513651, "more digits"),
        ("06-misprint", "out_o1", "takes one number"),
        ("06-other-weight", 0.02274024, "the sign is not"),
        ("06-other-weight", -0.0226025, "derivative by w7"),
        ("06-other-weight", 0.0826676, "derivative by w6"),
        ("06-other-weight", 0.01137012, "change of w8"),
        ("06-other-weight", 0.56137012, "the new w8"),
        ("06-other-weight", -0.0226, "derivative by w7"),
        ("06-other-weight", -0.0229, "Round at the end only"),
        ("06-other-weight", -0.0227, "more digits"),
        ("06-other-weight", -0.023, "more digits"),
        ("06-other-weight", -0.01137012, "η times the derivative"),
        ("06-other-weight", 0.0227, "The sign is not right"),
        ("06-other-weight", -0.0380982, "this factor, b_2, is missing."),
        ("06-other-weight", 0.0380982, "The sign is turned, too"),
        ("06-hidden-weight", 0.000497713, "This is half of it"),
        ("06-hidden-weight", 0.2995, "the new w4"),
        ("06-hidden-weight", 0.00246932, "factor 1 - b_2 is missing"),
        ("06-hidden-weight", 0.00166771, "factor b_2 is missing"),
        ("06-hidden-weight", 0.000877, "derivative by w2"),
        ("06-hidden-weight", 0.000877135, "derivative by w2"),
        ("06-hidden-weight", 0.00149961, "comes through output 1"),
        ("06-hidden-weight", -0.000504184, "comes through output 2"),
        ("06-hidden-weight", 0.0041370323, "b_2 (1 - b_2), is missing"),
        ("06-hidden-weight", 0.00995425, "One factor is left"),
        ("06-hidden-weight", 0.000847259, "have already moved"),
        ("06-hidden-weight", 0.00116205, "wrong two weights"),
        ("06-hidden-weight", -0.0004977125, "change of w4"),
        ("06-two-signs", 0.442, "Round at the end only"),
        ("06-two-signs", 0.35891648, "delta and step from one convention"),
        ("06-two-signs", 0.482167041, "rate is missing"),
        ("06-two-signs", 0.46925, "out_h1 is missing: "),
        ("06-two-signs", 0.33075, "out_h1 is missing, and"),
        ("06-two-signs", 0.04108352, "Add it to the old weight"),
        ("06-predict-printed", "a", "printed weights give 0.291027774"),
        ("06-predict-printed", "c", "A fair guess"),
        ("06-predict-suspect", "a", "0.280471447"),
        ("06-predict-suspect", "c", "0.291027661"),
        ("06-mend-order", "b", "0.291027900"),
        ("06-mend-order", "c", "weights that have moved"),
        ("06-predict-lower", "a", "by about 0.05 %"),
        ("06-predict-lower", "c", "0.000035102 and 0.000035085"),
        ("06-five-outputs", 0.2, "What does the square bring down"),
        ("06-five-outputs", 2.5, "the second's step over the first's"),
        ("06-five-outputs", 1, "With 5?"),
        ("06-five-outputs", 0.1, "1/5 times 1/2"),
        ("06-five-outputs", 0.16, "the squared lengths"),
        ("06-predict-block", "b", "they hold w5 to w8"),
        ("06-predict-block", "c", "Only those of w1 to w4"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert not verdict.correct
    assert reply in verdict.message


SLOPE = y_hat[j] * (1 - y_hat[j]) * (y[j] - y_hat[j])


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (sympy.Sum(SLOPE, (j, 1, l)), "sign is not"),
        (-sympy.Sum(SLOPE, (j, 1, l)) / l, "the mean over the units"),
        (-SLOPE, "j"),
        (-sympy.Sum(y[j] - y_hat[j], (j, 1, l)), "."),
        (-sympy.Sum(SLOPE * x[i] * v[i, h], (j, 1, l)), "."),
        (-l * sympy.Sum(SLOPE, (j, 1, l)), "Nothing multiplies it"),
        (-SLOPE.subs(j, 1) - SLOPE.subs(j, 2), "Right for two outputs"),
        (sympy.Sum((y_hat[j] - y[j]) * y_hat[j] * (1 - y[j]), (j, 1, l)), "the output alone"),
        (sympy.Sum((y_hat[j] - y[j]) * y[j] * (1 - y_hat[j]), (j, 1, l)), "the output alone"),
        (sympy.Sum((y_hat[j] - y[j]) * y[j] * (1 - y[j]), (j, 1, l)), "the output alone"),
        (1 - y[j], "."),
        (0.1004, "this is its value here"),
        (-0.1004, "."),
    ],
)
def test_the_shared_intercept_s_wrong_answers(answer, reply):
    verdict = exercise("06-shared-intercept").check(answer)
    assert not verdict.correct
    assert reply in verdict.message
    assert len(verdict.message) > 15
