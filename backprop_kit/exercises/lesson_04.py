"""Exercises of lesson 04: the four updates, with less and less help (SOURCES A9, A12-A15)."""

from sympy import Integer, Sum

from backprop_kit.exercises.checks import choice
from backprop_kit.exercises.exercise import Exercise
from backprop_kit.exercises.formulas import formula
from backprop_kit.symbolic import Change, E, derive_updates, differentiate
from backprop_kit.symbolic.notation import (
    alpha,
    b,
    beta,
    d,
    eta,
    gamma,
    h,
    i,
    j,
    l,
    q,
    sigma,
    theta,
    v,
    w,
    x,
    y,
    y_hat,
)

_WRONG_UNIT = (
    "This is the slope of output unit j, so it leaves j free. b[h] belongs to hidden unit h: whose "
    "slope lies between alpha[h] and b[h]?"
)


def _output_term():
    """Return ∂E/∂beta_j, which every update holds."""
    return differentiate(E, y_hat[j]) * differentiate(y_hat[j], beta[j])


def _error_at_hidden():
    """Return ∂E/∂b_h from the derived Δgamma_h, divided by its other factors."""
    return derive_updates().gamma / (-eta * differentiate(b[h], gamma[h]))


def _error_at_input():
    """Return ∂E/∂x_i: ∂E/∂alpha_h is -∂E/∂gamma_h, and alpha_h holds v_ih x_i."""
    return Sum(v[i, h] * derive_updates().gamma / eta, (h, 1, q))


def _product_of_sums(rest):
    """Return the mistake that splits a sum of products into a product of sums."""
    split = Sum(w[h, j], (j, 1, l)) * Sum(_output_term(), (j, 1, l))
    return {
        rest * split: "A sum of products is not a product of sums: w[h, j] changes with j, so it "
        "belongs inside the same Sum as the terms it multiplies."
    }


def _exchange(expected, there, absent):
    """Return a formula with one factor in another's place, inside its sum if it has one."""
    if not expected.has(Sum):
        return expected * there / absent
    return expected.replace(
        lambda part: isinstance(part, Sum),
        lambda total: Sum(total.function * there / absent, *total.limits),
    )


def _slips(expected, parameter=None):
    """Return slips of the pen that are named in every formula with the output unit's slope."""
    slope = differentiate(y_hat[j], beta[j])
    slips = {
        _exchange(expected, y[j] * (1 - y[j]), slope): "y[j] is the target. A slope is computed "
        "from the unit's own output, y_hat[j].",
    }
    if parameter is not None:
        slips[parameter + expected] = f"This is the new {parameter}. Only its change is asked."
    return slips


def _hidden_slips(expected, parameter=None):
    """Return the slips of a formula that runs through the hidden unit, too."""
    own = b[h] * (1 - b[h])
    short = sigma(alpha[h])
    slips = {
        _exchange(expected, b[h], w[h, j]): "Inside the sum, b[h] stands where another factor "
        "should. In beta[j], what stands beside b[h]?",
        expected * short * (1 - short) / own: "sigma(alpha[h]) is not b[h]: the threshold is "
        "missing.",
        expected * alpha[h] * (1 - alpha[h]) / own: "alpha[h] is the net input. A slope is "
        "computed from the unit's output.",
    }
    needless = (
        "There is no sum over h: what one hidden unit sends on does not pass through the others. "
        "h stays free."
    )
    summed = expected.replace(lambda part: isinstance(part, Sum), _over_hidden)
    slips |= {_over_hidden(expected): needless, summed: needless}
    return slips | _slips(expected, parameter)


def _over_hidden(expected):
    """Return the sum over the hidden units."""
    return Sum(expected, (h, 1, q))


EXERCISES = (
    Exercise(
        id="04-count",
        prompt="How many parameters has the d-q-l network: all `v`, all `w`, all `gamma`, all "
        "`theta` together? Write it with the letters `d`, `q`, `l`.",
        examine=formula(
            lambda: (d + l + 1) * q + l,
            axes=(),
            praise="Each hidden unit brings d + l + 1 of them, each output unit one more.",
            near=lambda: {
                d * q + q * l: "These are the weights. The thresholds are parameters, too: "
                "q of the hidden units and l of the outputs.",
                d * q + q * l + q: "The thresholds of the output units are missing.",
                d * q + q * l + l: "The thresholds of the hidden units are missing.",
                d * q + q * l + q + l + d: "Input nodes only carry signals: they have no "
                "thresholds.",
                d + q + l: "These are the units. Each link between two units carries a weight.",
                Integer(19): "19 is right for the drawing. Write it with d, q, l, for every size.",
                d * q * l + q + l: "No link joins an input to an output: the weights of the two "
                "layers add up, they do not multiply.",
            },
        ),
        answer=lambda: (d + l + 1) * q + l,
        hints=(
            "How many links go into one hidden unit? And how many go out of it?",
            "One hidden unit has d links in, l links out, and one threshold.",
            "That is (d + l + 1) for each of q hidden units. Which parameters are not counted yet?",
        ),
        explanation="Each of the q hidden units has d links in, l links out and one threshold; "
        "the l output units have one threshold each.",
    ),
    Exercise(
        id="04-predict-first-factor",
        prompt="What is ∂E/∂y_hat[j], for one output j?",
        examine=choice(
            {
                "a": "Only the term with this one j changes when y_hat[j] moves. The 2 from the "
                "square cancels the 1/2, and the inner derivative of y[j] - y_hat[j] is -1.",
                "b": "This adds up the derivatives by all l outputs. Only one of them was moved: "
                "the other terms of E stand still, so their derivatives are 0.",
                "c": "The size is right. The inner derivative of y[j] - y_hat[j] by y_hat[j] is "
                "-1: that is where the minus comes from.",
            },
            "a",
        ),
        answer=lambda: "a",
        hints=(
            "Write E out for l = 3. Which of the three terms hold y_hat[2]?",
            "One term is left: (1/2)(y[j] - y_hat[j])². What are its outer and inner derivative?",
            "The outer derivative is (y[j] - y_hat[j]), the inner one is -1.",
        ),
    ),
    Exercise(
        id="04-predict-slope",
        prompt="What is ∂y_hat[j]/∂beta[j]?",
        examine=choice(
            {
                "a": "That is the value, not the slope. Lesson 03: the slope of σ is σ (1 - σ).",
                "b": "The slope of the sigmoid, through its own output. The threshold shifts the "
                "curve; it does not change this form.",
                "c": "The sign would turn for theta[j], which is subtracted. beta[j] enters with a "
                "plus.",
            },
            "b",
        ),
        answer=lambda: "b",
        hints=(
            "What is the slope of the sigmoid, written through its output?",
            "σ' = σ (1 - σ). What is the output σ(beta[j] - theta[j]) called here?",
            "It is y_hat[j], and the inner derivative by beta[j] is +1.",
        ),
    ),
    Exercise(
        id="04-predict-last-factor",
        prompt="What is ∂beta[j]/∂w[h, j], for one h and one j?",
        examine=choice(
            {
                "a": "That is the derivative by b[h]. Here the weight moves; b[h] stands still.",
                "b": "Only one of the q terms holds this weight. The other terms are constants "
                "here.",
                "c": "Of the q terms in beta[j], only one holds this weight: w[h, j] b[h]. The "
                "others are not 0, their derivatives are.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Write beta[1] out for q = 3. Where does w[2, 1] stand?",
            "Only in w[2, 1] b[2]. What is its derivative by w[2, 1]?",
            "The derivative of w b by w is b.",
        ),
    ),
    Exercise(
        id="update-w",
        prompt="Write $\\Delta w_{hj}$: minus `eta` times the three factors. "
        "The answer holds the free indices `h` and `j`.",
        examine=formula(
            lambda: derive_updates().w,
            axes=(h, j),
            asked="w",
            praise="The slope and the difference belong to output j; b[h] is what came through "
            "this one link.",
            near=lambda: (
                _slips(derive_updates().w, w[h, j])
                | {
                    derive_updates().w * alpha[h] / b[h]: "alpha[h] is the net input of the "
                    "hidden unit. What it sends on, through this link, is its output.",
                    _exchange(
                        derive_updates().w,
                        differentiate(b[h], alpha[h]),
                        differentiate(y_hat[j], beta[j]),
                    ): "This is the slope of the hidden unit. The path of w[h, j] leads through "
                    "output unit j.",
                }
            ),
        ),
        left=Change(w[h, j]),
        answer=lambda: derive_updates().w,
        hints=(
            "Which three quantities lie on the path from w[h, j] to E, and what is each factor?",
            "The factors are -(y[j] - y_hat[j]), y_hat[j] (1 - y_hat[j]) and b[h]. How many minus "
            "signs meet when -eta joins them?",
            "Two minus signs make a plus: eta times the slope, times the difference "
            "y[j] - y_hat[j], times b[h].",
        ),
        explanation="The minus of gradient descent meets the minus of the first factor.",
    ),
    Exercise(
        id="04-factor-theta",
        prompt="Write $\\partial \\hat y_j / \\partial \\theta_j$ through `y_hat[j]`.",
        examine=formula(
            lambda: differentiate(y_hat[j], theta[j]),
            axes=(j,),
            praise="A threshold that rises pulls the output down: hence the minus.",
            near=lambda: {
                derive_updates().theta: "This is the whole update. Only one factor is asked.",
                -derive_updates().theta: "This looks like the whole update. Only one factor is "
                "asked.",
                -differentiate(
                    y_hat[j], theta[j]
                ): "This is the derivative by beta[j]. theta[j] is "
                "subtracted: raise it, and the output falls.",
                -y_hat[j]: "The sign is right. The rest is the value; the slope is σ (1 - σ).",
            },
        ),
        answer=lambda: differentiate(y_hat[j], theta[j]),
        hints=(
            "How does y_hat[j] change when the threshold theta[j] rises: up or down?",
            "The outer derivative is the slope y_hat[j] (1 - y_hat[j]). What is the derivative of "
            "beta[j] - theta[j] by theta[j]?",
            "The inner derivative is -1. Put it before the slope.",
        ),
        explanation="The slope of the sigmoid times the inner derivative, -1.",
    ),
    Exercise(
        id="update-theta",
        prompt="Write $\\Delta \\theta_j$. The answer holds the free index `j` only.",
        examine=formula(
            lambda: derive_updates().theta,
            axes=(j,),
            asked="theta",
            praise="Where the output is too low, the threshold falls, and the output rises.",
            near=lambda: (
                _slips(derive_updates().theta, theta[j])
                | {
                    -derive_updates().theta: "Everything is right but the sign. Three minus signs "
                    "meet here: of the step, of the first factor, and of the threshold."
                }
            ),
        ),
        left=Change(theta[j]),
        answer=lambda: derive_updates().theta,
        hints=(
            "Which factors lie on the path from theta[j] to E?",
            "There are two: -(y[j] - y_hat[j]) and the one you have found. The step adds -eta.",
            "Three minus signs leave one minus: -eta times the slope, times y[j] - y_hat[j].",
        ),
        explanation="The same as Δw[h, j] without b[h], and with the other sign.",
    ),
    Exercise(
        id="04-predict-paths",
        prompt="Along how many paths does a change of b[1] reach E?",
        examine=choice(
            {
                "a": "One is right for w[1, 2] or theta[2], which touch a single output. b[1] is "
                "sent to all of them.",
                "b": "Two is the number of hidden units. b[1] does not pass through b[2]: there "
                "are no links within a layer.",
                "c": "b[1] feeds every output, and every output enters E. One path per output: l "
                "of them, here 3.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "To which units does hidden unit 1 send its output?",
            "It is linked to every output unit. Does every output enter E?",
            "Count the outputs.",
        ),
    ),
    Exercise(
        id="04-error-at-hidden",
        prompt="Question A. Write $\\partial E/\\partial b_h$. On each path, multiply three "
        "factors; then add the paths.",
        examine=formula(
            _error_at_hidden,
            axes=(h,),
            praise="One term for each output that b[h] feeds.",
            near=lambda: _product_of_sums(1) | _hidden_slips(_error_at_hidden()),
        ),
        answer=_error_at_hidden,
        hints=(
            "Which of the factors of section 3 come back, and which one is new?",
            "The new one is ∂beta[j]/∂b[h]. In beta[j], what stands beside b[h]?",
            "Each path gives -w[h, j] y_hat[j] (1 - y_hat[j])(y[j] - y_hat[j]). Put that into "
            "Sum(..., (j, 1, l)).",
        ),
        explanation="One term for each output, and all l terms are added.",
    ),
    Exercise(
        id="04-factor-gamma",
        prompt="Question B. Write $\\partial b_h / \\partial \\gamma_h$ through `b[h]`.",
        examine=formula(
            lambda: differentiate(b[h], gamma[h]),
            axes=(h,),
            praise="It is the factor of theta[j] again, one layer earlier.",
            near=lambda: {
                -differentiate(b[h], gamma[h]): "This is the derivative by alpha[h]. gamma[h] is "
                "subtracted, so the sign turns.",
                differentiate(y_hat[j], theta[j]): _WRONG_UNIT,
                differentiate(y_hat[j], beta[j]): _WRONG_UNIT,
            },
        ),
        answer=lambda: differentiate(b[h], gamma[h]),
        hints=(
            "Which factor of section 4 looks like this one?",
            "It is the slope of hidden unit h, with the sign of a subtracted threshold.",
            "The slope is b[h] (1 - b[h]), the inner derivative is -1.",
        ),
        explanation="The slope of unit h times the inner derivative, -1.",
    ),
    Exercise(
        id="update-gamma",
        prompt="Question C. Write $\\Delta \\gamma_h$.",
        examine=formula(
            lambda: derive_updates().gamma,
            axes=(h,),
            asked="gamma",
            praise="The errors of all outputs come back over the weights w[h, j] and are added; "
            "then the slope of unit h scales them.",
            near=lambda: (
                _hidden_slips(derive_updates().gamma, gamma[h])
                | _product_of_sums(-eta * b[h] * (1 - b[h]))
                | _product_of_sums(eta * b[h] * (1 - b[h]))
                | {
                    -derive_updates().gamma: "Everything is right but the sign. Three minus signs "
                    "meet here: of the step, of ∂E/∂y_hat[j] (in A), of the threshold (in B). "
                    "Which one is lost?"
                }
            ),
        ),
        left=Change(gamma[h]),
        answer=lambda: derive_updates().gamma,
        hints=(
            "From b[h] there is one path for each output. So j is summed, and h stays free.",
            "Multiply -eta by your answers to A and B. How many minus signs meet?",
            "-eta times the slope of unit h, times the sum over j of "
            "w[h, j] y_hat[j] (1 - y_hat[j])(y[j] - y_hat[j]).",
        ),
        explanation="The sum collects one term for each output that b[h] feeds.",
    ),
    Exercise(
        id="04-predict-slip",
        prompt="If b[h] were the sigmoid of the sum of v[i, h] x[i] alone, what would Δgamma[h] "
        "be?",
        examine=choice(
            {
                "a": "It cannot stay: the factor ∂b[h]/∂gamma[h] asks how b[h] changes with "
                "gamma[h], and this b[h] does not hold gamma[h].",
                "b": "A sign turns when a term is added instead of subtracted. Here the term is "
                "gone.",
                "c": "This b[h] does not hold gamma[h], so its derivative is 0: the threshold "
                "would never move.",
            },
            "c",
        ),
        answer=lambda: "c",
        hints=(
            "Which factor of Δgamma[h] asks how b[h] depends on gamma[h]?",
            "Differentiate something that does not hold gamma[h] by gamma[h].",
            "The derivative of a constant is 0.",
        ),
    ),
    Exercise(
        id="update-v",
        prompt="Write $\\Delta v_{ih}$.",
        examine=formula(
            lambda: derive_updates().v,
            axes=(i, h),
            asked="v",
            praise="All of it but x[i] is the same for every weight that enters unit h.",
            near=lambda: (
                _hidden_slips(derive_updates().v, v[i, h])
                | _product_of_sums(eta * b[h] * (1 - b[h]) * x[i])
                | _product_of_sums(-eta * b[h] * (1 - b[h]) * x[i])
                | {
                    _exchange(derive_updates().v, v[i, h], w[h, j]): "The paths from b[h] to the "
                    "outputs lead over w[h, j]. v[i, h] leads into b[h].",
                    derive_updates().v / x[i]: "This is the change by alpha[h]. One factor is left "
                    "between v[i, h] and alpha[h].",
                    derive_updates().gamma: "This is Δgamma[h]. Which sign does alpha[h] have "
                    "inside the sigmoid, and what stands beside v[i, h] in alpha[h]?",
                    derive_updates().gamma
                    * x[i]: "Everything is right but the sign. Is it that of the step, of your "
                    "∂E/∂b[h], or of ∂b[h]/∂alpha[h]? alpha[h] is not subtracted, gamma[h] is.",
                }
            ),
        ),
        left=Change(v[i, h]),
        answer=lambda: derive_updates().v,
        hints=(
            "One path leads from v[i, h] to b[h], and from there one to each output. So j is "
            "summed; i and h stay free.",
            "From b[h] on, everything is known: ∂E/∂b[h]. Before it stand ∂b[h]/∂alpha[h] and "
            "∂alpha[h]/∂v[i, h].",
            "Take Δgamma[h], turn its sign, and multiply by what stands beside v[i, h] in "
            "alpha[h].",
        ),
        explanation="From b[h] on, all is as in Δgamma[h]; alpha[h] enters with a plus, and "
        "x[i] stands beside v[i, h].",
    ),
    Exercise(
        id="04-bias",
        prompt="Another book adds a bias: $\\hat y_j = \\sigma(\\beta_j + c_j)$. "
        "Write $\\Delta c_j$, in our letters.",
        examine=formula(
            lambda: -derive_updates().theta,
            axes=(j,),
            praise="Added or subtracted: only the sign of the update turns.",
            near=lambda: {
                derive_updates().theta: "This is Δtheta[j], of a threshold that is subtracted. "
                "A bias is added: which factor changes its sign?",
            },
        ),
        answer=lambda: -derive_updates().theta,
        hints=(
            "What is the inner derivative of beta[j] + c_j by c_j?",
            "It is +1, where theta[j] had -1. Nothing else changes.",
            "Write Δtheta[j] with the other sign.",
        ),
        explanation="The inner derivative is +1 instead of -1, so the sign turns.",
    ),
    Exercise(
        id="04-input",
        prompt="How does the error change with an input? Write $\\partial E/\\partial x_i$ "
        "(no `eta`: an input is not learnt).",
        examine=formula(
            _error_at_input,
            axes=(i,),
            praise="Two forks, two sums. A deeper network would go on from here, layer by layer.",
            near=lambda: {
                -eta * _error_at_input(): "This is what a step would be, and a step is -eta times "
                "the derivative: undo both, eta and the sign.",
                Sum(v[i, h] * _error_at_hidden(), (h, 1, q)): "The path from x[i] to b[h] leads "
                "through the sigmoid of hidden unit h: its slope is missing.",
                Sum(differentiate(b[h], alpha[h]) * _error_at_hidden(), (h, 1, q)) * x[i]: "In "
                "alpha[h], what stands beside x[i]? That is the factor, not x[i] itself.",
            },
        ),
        answer=_error_at_input,
        hints=(
            "Which index is summed, and why? Count the paths from x[i] to E.",
            "x[i] feeds every hidden unit, and each of those feeds every output: two sums, one "
            "inside the other. The factor ∂alpha[h]/∂x[i] is v[i, h].",
            "Sum(v[i, h] * b[h] * (1 - b[h]) * Sum(..., (j, 1, l)), (h, 1, q)): the inner sum is "
            "∂E/∂b[h].",
        ),
        explanation="Two forks, two sums: x[i] feeds every hidden unit, each b[h] every output.",
    ),
)
