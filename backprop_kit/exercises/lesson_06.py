"""Exercises of lesson 06: the worked example in numbers, and where its printed ones come from."""

from sympy import Sum

from backprop_kit.exercises.checks import choice, number, right, wrong
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import formula
from backprop_kit.numeric import Network, worked_example
from backprop_kit.symbolic.notation import j, l, y, y_hat

_MISPRINT = 0.75136079


def _gradients():
    """Return the forward pass, dE/d net of both layers, and the gradients of the weights."""
    example = worked_example()
    network = Network.from_parameters(example.weights, example.thresholds)
    trace = network.forward([example.x])
    found = network.backward(trace, [example.y])
    return trace, -found.thresholds[0], -found.thresholds[1], found.weights


def _misprint_examiner():
    trace, *_ = _gradients()
    output = float(trace.y_hat[0, 0])
    near = {
        _MISPRINT: "That is what the page prints for out_o1. Does the sigmoid of net_o1 give it?",
        0.5 * (0.01 - _MISPRINT) ** 2: "This is E_o1 from the out_o1 that is printed. Go one line "
        "up first: does out_o1 follow from net_o1?",
        0.274811083: "E_o1 is printed so, and it is right, but it does not follow from the "
        "out_o1 that is printed. Which of the two breaks the chain?",
        1.105905967: "net_o1 is printed so, and it is right: 0.4 · 0.593269992 + "
        "0.45 · 0.596884378 + 0.6. Look at the next line.",
    }
    roughly, exactly = number(output, tolerance=1e-7, near=near), number(output, tolerance=1e-8)

    def examine(answer):
        # what replies recognise is rounded more coarsely than the answer may be
        verdict = roughly(answer)
        if not verdict.correct:
            return verdict
        verdict = exactly(answer)
        return right(f"{output:.8f}") if verdict.correct else verdict

    return examine


def _other_weight_examiner():
    _, _, E_by_beta, (_, by_w) = _gradients()
    rate = worked_example().eta
    expected = float(by_w[1, 1])
    old = float(worked_example().weights[1][1, 1])
    no_input = "w8 multiplies a hidden output, and this factor, b_2, is missing"
    near = {
        float(E_by_beta[1]): f"{no_input}.",
        -float(E_by_beta[1]): f"{no_input}. The sign is turned, too.",
        float(by_w[0, 1]): "This is the derivative by w7, our w_12. Which hidden output does w8 "
        "multiply?",
        float(by_w[1, 0]): "This is the derivative by w6, our w_21. Into which output does w8 "
        "lead?",
        -rate * expected: "This is the change of w8. The derivative comes before -η.",
        rate * expected: "This is η times the derivative. The derivative comes before η.",
        old - rate * expected: "This is the new w8. Asked is the derivative.",
    }
    return number(expected, tolerance=1e-4, near=near)


def _hidden_weight_examiner():
    trace, E_by_alpha, E_by_beta, (by_v, by_w) = _gradients()
    example = worked_example()
    b, w, x, rate = trace.outputs[1][0], example.weights[1], example.x, example.eta
    w_4, expected = example.weights[0][1, 1], float(by_v[1, 1])
    behind = b[1] * (1 - b[1]) * x[1]  # what follows the sum over the outputs
    terms = E_by_beta * w[1]
    early = float(E_by_beta @ (w - rate * by_w)[1] * behind)
    near = {
        float(by_v[0, 1]): "This is half of it: the derivative by w3, which multiplies input 1, or "
        "η times the one by w4. w4 multiplies input 2, and η comes later.",
        float(by_v[1, 0]): "This is the derivative by w2, our v_21. Into which hidden unit does "
        "w4 lead?",
        float(terms[0] * behind): "This is the part that comes through output 1. The other path, "
        "through output 2, adds its term.",
        float(terms[1] * behind): "This is the part that comes through output 2. The other path, "
        "through output 1, adds its term.",
        float(terms.sum() * x[1]): "The slope of the hidden unit, b_2 (1 - b_2), is missing.",
        float(terms.sum() * b[1] * x[1]): "The factor 1 - b_2 is missing.",
        float(terms.sum() * (1 - b[1]) * x[1]): "The factor b_2 is missing.",
        float(E_by_alpha[1]): "This is the derivative by the net input of hidden unit 2. One "
        "factor is left: what does w4 multiply?",
        early: "The sum has weights in it that have already moved. Take w6 and w8 as they were "
        "before the step.",
        float(E_by_beta @ w[:, 1] * behind): "The sum has the wrong two weights. Hidden unit 2 "
        "feeds the outputs through w6 and w8.",
        -rate * expected: "This is the change of w4. The derivative comes before -η.",
        float(w_4 - rate * expected): "This is the new w4. Asked is the derivative.",
    }
    return number(expected, tolerance=1e-4, near=near)


def _two_signs_examiner():
    _, _, E_by_beta, (_, by_w) = _gradients()
    rate, old = worked_example().eta, float(worked_example().weights[1][0, 0])
    slope, delta = float(by_w[0, 0]), float(E_by_beta[0])
    near = {
        old - rate * slope: "This is the right new weight: delta and step from one convention. "
        "The student has mixed the two.",
        old + rate * delta: "The factor out_h1 is missing: the step has three factors.",
        old - rate * delta: "The factor out_h1 is missing, and the two conventions are not mixed.",
        old + slope: "The learning rate is missing: η is 0.5.",
        old - slope: "The learning rate is missing, and the two conventions are not mixed.",
        rate * slope: "This is the change. Add it to the old weight, 0.4.",
    }
    return number(old + rate * slope, tolerance=1e-4, near=near)


def _shared_gradient():
    """Return the derivative of the error by an intercept that all output units share."""
    return -Sum(y_hat[j] * (1 - y_hat[j]) * (y[j] - y_hat[j]), (j, 1, l))


def _near_shared_gradient():
    right_one = _shared_gradient()
    ahead = y_hat[j] - y[j]
    targets = (
        "The slope of the sigmoid is made of the output alone: y_hat_j (1 - y_hat_j). A target "
        "stands in it here."
    )
    written_out = sum((ahead * y_hat[j] * (1 - y_hat[j])).subs(j, unit) for unit in (1, 2))
    return {
        right_one / l: "This is the mean over the units. The paths from c_2 to the error add up; "
        "nothing divides them by their number.",
        right_one * l: "The sum has one term for each path already. Nothing multiplies it by "
        "their number.",
        -right_one: "The size is right, the sign is not. The intercept is added, so it acts as "
        "the net input does; a threshold would have this sign.",
        written_out: "Right for two outputs. It should hold for any l, so write it with Sum.",
        Sum(ahead * y_hat[j] * (1 - y[j]), (j, 1, l)): targets,
        Sum(ahead * y[j] * (1 - y_hat[j]), (j, 1, l)): targets,
        Sum(ahead * y[j] * (1 - y[j]), (j, 1, l)): targets,
    }


def _shared_examiner():
    _, _, E_by_beta, _ = _gradients()
    as_number = number(float(E_by_beta.sum()))
    as_formula = formula(
        _shared_gradient,
        axes=(),
        near=_near_shared_gradient,
        praise="One path for each unit that shares it, and the paths add up.",
    )

    def examine(answer):
        if as_number(answer).correct:
            return wrong("Asked is the formula; this is its value here.")
        return as_formula(answer)

    return examine


EXERCISES = (
    Exercise(
        id="06-misprint",
        prompt="Document D prints these numbers around output unit 1, in this order:\n\n"
        "| name | printed | how it follows |\n|:--|:--|:--|\n"
        "| net_o1 | 1.105905967 | 0.4 · out_h1 + 0.45 · out_h2 + 0.6 |\n"
        "| out_o1 | 0.75136079 | the sigmoid of net_o1 |\n"
        "| E_o1 | 0.274811083 | ½ (0.01 - out_o1)² |\n\n"
        "One of the three is misprinted. Recompute each. Which number should stand there? Give it "
        "to 8 decimals.",
        examine=_misprint_examiner(),
        answer=lambda: 0.75136507,
        hints=(
            "Compute each line from the line above it. Where does the first gap appear?",
            "E_o1 does not follow from the out_o1 that is printed. Would it follow from another "
            "out_o1? Solve ½ (0.01 - out_o1)² = 0.274811083.",
            "net_o1 is right. `sigmoid(1.105905967)` is the number wanted.",
        ),
        explanation="out_o1 is the sigmoid of 1.105905967, and with that value E_o1 comes out as "
        "printed. So the calculation used the right number, and one line was misprinted.",
    ),
    Exercise(
        id="06-other-weight",
        prompt="Find $\\partial E/\\partial$w8 before the step. w8 is our $w_{22}$: it joins "
        "hidden unit 2 to output 2. Give 4 significant digits.",
        examine=_other_weight_examiner(),
        answer=lambda: -0.02274024,
        hints=(
            "The three factors of w5 again. Which numbers belong to output 2 now, and which to "
            "hidden unit 2?",
            "Output 2 is 0.772928465 and its target is 0.99. The hidden output is b_2 = "
            "0.596884378.",
            "-(0.99 - 0.772928465) · 0.772928465 · (1 - 0.772928465) · 0.596884378",
        ),
        explanation="`substituted(E_by_w, arrays, {h: 2, j: 2})` shows it line by line.",
    ),
    Exercise(
        id="06-hidden-weight",
        prompt="Find $\\partial E/\\partial$w4 before the step. w4 is our $v_{22}$: it joins input "
        "2 to hidden unit 2. Give 4 significant digits.",
        examine=_hidden_weight_examiner(),
        answer=lambda: 0.000995425,
        hints=(
            "How many paths lead from hidden unit 2 to the error? Which weights lie on them?",
            "The factor ∂E/∂b_2 is a sum of two terms, with w6 = 0.45 and w8 = 0.55. The other "
            "factors are b_2 (1 - b_2) and x_2.",
            "The sum is 0.138498562 · 0.45 - 0.038098236 · 0.55 = 0.041370323. Multiply it by "
            "0.596884378 · 0.403115622 and by 0.1.",
        ),
        explanation="The sum over both outputs, times the slope of hidden unit 2, times input 2.",
    ),
    Exercise(
        id="06-two-signs",
        prompt="A student takes delta from convention one, 0.138498562, and the step from "
        "convention two: w5 + eta · delta · out_h1. Which number does w5 = 0.4 become? Give 4 "
        "significant digits.",
        examine=_two_signs_examiner(),
        answer=lambda: 0.44108352,
        hints=(
            "Which sign has the delta of convention one, and which does the step of convention two "
            "expect?",
            "Put the numbers in as the student does: η is 0.5 and out_h1 is 0.593269992.",
            "0.4 + 0.5 · 0.138498562 · 0.593269992",
        ),
        explanation="The weight should fall to 0.3589, and it rises: the mixture climbs.",
    ),
    Exercise(
        id="06-predict-printed",
        prompt="The published original prints eight new weights that agree with ours, and beside "
        'them the error 0.291027924. What is this error? `"a"` the error of these weights, rounded '
        'to eight decimals as they are, `"b"` the error of other weights, `"c"` a misprint.',
        examine=choice(
            {
                "a": "The printed weights give 0.291027774. Rounding moves a weight by at most "
                "0.000000005, and no derivative is as large as 0.1, so the error moves by less "
                "than 0.000000005. The gap to explain is 30 times that.",
                "b": "The printed weights give 0.291027774, rounded or not. The next section looks "
                "for the calculation whose weights give the printed error, to all nine digits.",
                "c": "A fair guess after section 2, and the printed weights, which give "
                "0.291027774, do not rule it out. The next section does: one calculation gives "
                "the printed error to all nine digits.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Three digits in a row differ. Is that one slip of the pen?",
            "How far can rounding at the eighth decimal move the error?",
            "If it is neither rounding nor a slip of the pen, what is left?",
        ),
    ),
    Exercise(
        id="06-predict-suspect",
        prompt='Which program printed 0.291027924? `"a"` `intercepts_too`, `"b"` `output_first`, '
        '`"c"` `no_transpose`.',
        examine=choice(
            {
                "a": "Intercepts that learn help a lot: the error falls to 0.280471447. The "
                "printed one is 0.000000150 away from ours.",
                "b": "All nine digits agree. The hidden layer's gradients were computed with the "
                "w5 to w8 that had just moved.",
                "c": "It comes near, but from the other side: 0.291027661 is below ours, and "
                "0.291027924 is above.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "The printed error is only a little above ours. Which change is a small one?",
            "Which of the three leaves w5 to w8 as they are in our step, and the intercepts, too?",
            "Two do. One of them changes which weights are summed, the other how new they are.",
        ),
    ),
    Exercise(
        id="06-mend-order",
        prompt="Document C lists its calculation in this order: forward; gradient of `W_ho`; move "
        "`W_ho`; gradient of `W_ih`, which holds `W_ho`; move `W_ih`. To take both gradients "
        "before either moves, as `all_at_old` does, would mend it. Which of these does, too?\n\n"
        "- **a** work on `W_ih` before `W_ho`, with the outputs of the one forward pass\n"
        "- **b** run a second forward pass after `W_ho` has moved\n"
        "- **c** halve the learning rate of `W_ih`",
        examine=choice(
            {
                "a": "The gradient of W_ih needs the old W_ho, but the gradient of W_ho needs only "
                "what the forward pass has kept, and no W_ih. So this order gives 0.291027774, as "
                "if all gradients were taken first.",
                "b": "Then each layer takes a step of its own, from another point: the error is "
                "0.291027900 in our example, a third number. The gradient of W_ih at the old "
                "values still needs the old W_ho.",
                "c": "The rate scales the step. The gradient of W_ih would still be computed with "
                "weights that have moved.",
            },
            "a",
        ),
        answer=lambda: "a",
        hints=(
            "Which of the two gradients needs the other layer's weights?",
            "The gradient of W_ho holds outputs, targets and hidden outputs. Which weights?",
            "None. So W_ih may move first, as long as the kept outputs are used.",
        ),
    ),
    Exercise(
        id="06-predict-lower",
        prompt="After 10,000 steps, which order has reached the lower error? "
        '`"a"` `all_at_old`, `"b"` `output_first`, `"c"` the same, to all nine decimals printed.',
        examine=choice(
            {
                "a": "After one step it has. Later the other order gets ahead, by about 0.05 %.",
                "b": "By about 0.05 %: from step 5 on, its error is the lower one. So the lower "
                "error comes from the calculation that is wrong.",
                "c": "Nearly: 0.000035102 and 0.000035085. The difference is small, but nine "
                "decimals show it.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "Does a gradient that is slightly wrong have to end higher?",
            "Remember lesson 05: what did a falling error prove?",
            "Document D prints 0.000035085 after 10,000 steps, and you know its order.",
        ),
    ),
    Exercise(
        id="06-predict-block",
        prompt="The step of `output_first` is checked as a gradient. Which weights differ? "
        '`"a"` w1 to w4, `"b"` w5 to w8, `"c"` both.',
        examine=choice(
            {
                "a": "The output weights move first, but their derivatives are taken before "
                "anything has moved. Those of w1 to w4 hold w5 to w8, which are new by then.",
                "b": "These move first, so their derivatives meet no weight that has moved. The "
                "derivatives of w1 to w4 do: they hold w5 to w8.",
                "c": "No derivative of w5 to w8 holds another weight that has moved: they are "
                "computed first. Only those of w1 to w4 meet new weights.",
            },
            "a",
        ),
        answer=lambda: "a",
        hints=(
            "Which gradient is computed before anything has moved?",
            "Which weights stand in the derivative by w1, and when do they move?",
            "The derivative by w1 holds w5 and w7. They have moved by then.",
        ),
    ),
    Exercise(
        id="06-five-outputs",
        prompt="Both calculations start from the same network with 5 outputs and the same rate. "
        "One takes the gradients of $\\frac{1}{n}\\sum (y_j - \\hat y_j)^2$ with $n = 5$, the "
        "other those of $\\frac{1}{2}\\sum (y_j - \\hat y_j)^2$. Give (length of the first's "
        "step) / (length of the second's step).",
        examine=number(
            0.4,
            near={
                0.2: "The 1/5 is there. What does the square bring down, when 1/n stands in front "
                "of it and no 1/2 cancels it?",
                2.5: "This is the second's step over the first's.",
                1.0: "With 2 outputs they are equal. With 5?",
                0.16: "This is the ratio of the squared lengths. Asked is that of the lengths.",
                0.1: "1/5 times 1/2. The second has its 1/2 cancelled by the square.",
            },
        ),
        answer=lambda: 0.4,
        hints=(
            "Differentiate both by one output. What comes in front of the difference?",
            "The first gives 2/n times the difference, the second 1 times it.",
            "2/5",
        ),
        explanation="The gradients are 2/n and 1 times the difference, so the ratio is 2/5. With "
        "n = 2 it is 1, and this example cannot tell the two apart.",
        written="2 / 5",
    ),
    Exercise(
        id="06-shared-intercept",
        prompt="All output units share one intercept $c_2$: $\\hat y_j = \\sigma(\\beta_j + c_2)$ "
        "for every $j$. Write $\\partial E/\\partial c_2$ with `y[j]`, `y_hat[j]` and `Sum`.",
        examine=_shared_examiner(),
        answer=_shared_gradient,
        hints=(
            "Move c_2 a little. Which outputs move?",
            "Along each path: how E changes with y_hat_j, times how y_hat_j changes with c_2. "
            "The slope of the sigmoid is y_hat_j (1 - y_hat_j), with a plus.",
            "`-Sum(y_hat[j] * (1 - y_hat[j]) * (...), (j, 1, l))`. Which difference stands in "
            "place of the dots?",
        ),
        explanation="It is minus the sum of the derivatives by the thresholds of the layer.",
    ),
)
