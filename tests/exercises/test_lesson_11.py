import json
import math
from pathlib import Path

import numpy as np
import pytest

from backprop_kit.exercises import exercise
from backprop_kit.exercises.lesson_11 import (
    _PLACE,
    _PROGRAMS,
    _SHARED,
    SAMPLE,
    SKIP,
    TARGET,
    _any_program,
    _sweep,
)
from backprop_kit.numeric import Network

LESSON = Path(__file__).parents[2] / "notebooks" / "11_from_backprop_to_autodiff.ipynb"


def cells():
    """Return the code of each cell; of those that define and then draw, the definitions."""
    notebook = json.loads(LESSON.read_text(encoding="utf8"))
    code = {
        cell["id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    }
    return code | {name: code[name].rpartition("\n\n\n")[0] for name in ("helpers", "sweep")}


@pytest.fixture(scope="module")
def lesson():
    """Return the names that the lesson's own cells define, without its exercises and figures."""
    names = {}
    wanted = ("imports", "number", "helpers", "sweep", "gradient", "overwriting", "pass-on")
    wanted += ("network", "judge", "compare", "dual", "forward", "counted", "cost")
    code = cells()
    for name in wanted:
        exec(code[name], names)
    return names


# ------------------------------------------------------------------ choices and numbers


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("11-predict-assign", "a", "keeps only the last one"),
        ("11-predict-assign", "c", "overwrites the 1"),
        ("11-predict-paths", "a", "calls twice for each of its links"),
        ("11-predict-paths", "b", "a power of 2"),
        ("11-predict-slopes", "a", "4 times as many passes, too"),
        ("11-predict-slopes", "c", "forward mode also needs a pass for each"),
        ("11-predict-wide", "a", "forty sweeps"),
        ("11-predict-wide", "c", "once for each output"),
        ("11-predict-text", "a", "every number of every sample"),
        ("11-predict-text", "c", "a fixed price"),
        ("11-ratio", 5600, "local slope"),
        ("11-ratio", 5500, "5 for every number"),
        ("11-ratio", 4200, "the sweep alone"),
        ("11-ratio", 7000, "one link only"),
        ("11-ratio", 6000, "one link, not two"),
        ("11-ratio", 5000, "sigmoids are missing"),
        ("11-ratio", 1400, "the evaluation alone"),
        ("11-ratio", "5800", "without quotation marks"),
        ("11-skip-link", 0, "does not reach the error"),
        ("11-skip-link", -0.1014, "the sign is not"),
        ("11-skip-link", -0.02536, "The sign is wrong"),
        ("11-skip-link", 0.0701, "at c = 0"),
        ("11-skip-link", -0.04477, "works against the output"),
        ("11-skip-link", 0.101, "more digits"),
        ("11-skip-link", 0.5, "too large"),
        ("11-skip-link", -0.0845, "One factor is missing"),
        ("11-skip-link", 0.0845, "This is ∂E/∂θ_1"),
    ],
)
def test_a_wrong_answer_is_told_why(name, answer, reply):
    verdict = exercise(name).check(answer)
    assert verdict.tried
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("name", "answer"), [("11-ratio", 5800.0), ("11-skip-link", 0.1014), ("11-skip-link", 0.10144)]
)
def test_a_right_answer_is_right_whatever_its_form(name, answer):
    assert exercise(name).check(answer).correct


def test_the_right_ratio_is_taken_apart():
    assert "8 · 100 = 5,800: about 4.1 times" in exercise("11-ratio").check(5800).message


# ------------------------------------------------------------------ a node


def tanh(lesson, slope, value=math.tanh):
    def node(u):
        if not hasattr(u, "value"):
            return value(u)
        return lesson["Number"](value(u.value), [(u, slope(u.value))], "tanh")

    return node


def test_a_node_made_with_the_lessons_class_is_right(lesson):
    node = tanh(lesson, lambda u: 1 - math.tanh(u) ** 2)
    assert exercise("11-node").check(node).correct
    assert lesson["gradient"](lambda p: node(p[0] * p[0]), [0.5])[0] == pytest.approx(
        1 - math.tanh(0.25) ** 2
    )


@pytest.mark.parametrize(
    ("slope", "reply"),
    [
        (lambda u: 1 - u**2, "what goes in or what comes out"),
        (math.tanh, "the value itself"),
        (lambda u: 1.0, "as if tanh were the identity"),
        (lambda u: math.tanh(u) * (1 - math.tanh(u)), "the sigmoid's pattern"),
        (lambda u: 1 + math.tanh(u) ** 2, "Look at the sign"),
        (lambda u: math.tanh(u) ** 2 - 1, "sign is turned"),
        (lambda u: 0.3, "compare it with a difference"),
    ],
)
def test_a_wrong_slope_is_told_why(lesson, slope, reply):
    verdict = exercise("11-node").check(tanh(lesson, slope))
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    "code",
    [
        "def tanh(u):\n    if isinstance(u, Number):\n        f = tanh(u.value)\n"
        "        return Number(f, [(u, 1 - f * f)], 'tanh')\n    return math.tanh(u)",
        "def tanh(u):\n    return 2 * sigmoid(2 * u) - 1",
        "def tanh(u):\n    f = 2 * sigmoid(2 * getattr(u, 'value', u)) - 1\n"
        "    return Number(f, ((u, 1 - f * f),)) if hasattr(u, 'value') else f",
        "Number.tanh = lambda u: Number(math.tanh(u.value), [(u, 1 - math.tanh(u.value) ** 2)])\n"
        "def tanh(u):\n    return u.tanh() if hasattr(u, 'tanh') else math.tanh(u)",
    ],
)
def test_what_is_right_in_the_notebook_is_right(lesson, code):
    names = dict(lesson)
    for name in ("number", "helpers"):  # a class of its own: one answer adds a method
        exec(cells()[name], names)
    exec(code, names)
    verdict = exercise("11-node").check(names["tanh"])
    assert verdict.correct, verdict


@pytest.mark.parametrize(
    "code", ["def tanh(u):\n    return math.tanh(u)", "def tanh(u):\n    return u.slope"]
)
def test_a_message_names_only_the_lessons_class(lesson, code):
    for names in (dict(lesson), {"math": math}):
        exec(code, names)
        message = exercise("11-node").check(names["tanh"]).message
        assert "stopped with" in message
        assert "Number" in message
        assert "_" not in message


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        ("f = math.tanh(u.value)", "stopped with AttributeError"),
        ("u = as_number(u)\n    f = math.tanh(u.value)", "For 0.5 it gives"),
    ],
)
def test_a_node_that_refuses_plain_numbers_is_told_why(lesson, code, reply):
    names = dict(lesson)
    exec(f"def tanh(u):\n    {code}\n    return Number(f, [(u, 1 - f * f)])", names)
    verdict = exercise("11-node").check(names["tanh"])
    assert not verdict.correct
    assert "right for a Number" in verdict.message
    assert reply in verdict.message
    with pytest.raises((AttributeError, TypeError)):
        lesson["differences"](lambda p: names["tanh"](p[0]), [0.5])


def test_a_wrong_composition_is_told_why(lesson):
    names = dict(lesson)
    exec("def tanh(u):\n    return 2 * sigmoid(2 * u) - 2", names)
    assert "not tanh u" in exercise("11-node").check(names["tanh"]).message


def test_a_node_of_another_form_is_told_why(lesson):
    number, check = lesson["Number"], exercise("11-node").check
    replies = {
        "plain number back": lambda u: math.tanh(u.value),
        "no links": lambda u: number(math.tanh(u.value)),
        "to u itself": lambda u: number(math.tanh(u.value), [(u.value, 1.0)]),
        "one link is enough": lambda u: number(math.tanh(u.value), [(u, 1.0), (u, 1.0)]),
        "A link is a pair": lambda u: number(math.tanh(u.value), [(u,)]),
        "list of pairs": lambda u: number(math.tanh(u.value), (u, 1.0)),
        "not tanh u": lambda u: number(u.value, [(u, 1.0)]),
        "stopped with TypeError": lambda u: number(math.tanh(u), [(u, 1.0)]),
        "Return a Number": lambda u: "tanh",
        "by its name, without brackets": 0.46,
    }
    for reply, answer in replies.items():
        verdict = check(answer)
        assert not verdict.correct
        assert reply in verdict.message, verdict
    assert not check(lambda u: ...).tried
    verdict = check(lambda u: None)
    assert verdict.tried
    assert "Is `return` missing?" in verdict.message


# ------------------------------------------------------------------ a sweep


def test_the_lessons_own_sweep_is_right(lesson):
    mine = variant(lesson, ("def backward(", "def sweep("), name="sweep")
    assert exercise("11-sweep").check(mine).correct


def test_backward_itself_is_no_mended_sweep(lesson):
    verdict = exercise("11-sweep").check(lesson["backward"])
    assert verdict.tried
    assert not verdict.correct
    assert "`backward` itself" in verdict.message


def test_a_sweep_that_calls_backward_is_right_but_not_taken(lesson):
    names = dict(lesson)
    exec("def sweep(result):\n    backward(result)", names)
    verdict = exercise("11-sweep").check(names["sweep"])
    assert not verdict.correct
    assert "Write its steps out" in verdict.message


def breadth_first(result, *, last=True):
    """Return each number once, as found breadth-first; by its first or its last place."""
    found, seen, waiting = [], set(), [result]
    while waiting:
        number = waiting.pop(0 if last else -1)
        if number.born in seen:
            continue
        seen.add(number.born)
        found.append(number)
        waiting += [source for source, _ in number.links]
    return found


def at_once(result):
    for number in breadth_first(result):
        number.grad = 0.0
    result.grad = 1.0
    waiting, seen = [result], set()
    while waiting:
        number = waiting.pop(0)
        if number.born in seen:
            continue
        seen.add(number.born)
        for source, slope in number.links:
            source.grad += slope * number.grad
            waiting.append(source)


def by_order(order):
    def sweep(result):
        numbers = order(result)
        for number in numbers:
            number.grad = 0.0
        result.grad = 1.0
        for number in numbers:
            for source, slope in number.links:
                source.grad += slope * number.grad

    return sweep


def by_distance(result):
    """Order by the shortest way from the result, the newest first where it is alike."""
    distance, row = {}, [result]
    while row:
        fresh = {number.born: number for number in row if number not in distance}
        distance |= dict.fromkeys(fresh.values(), len(distance))
        row = [source for number in fresh.values() for source, _ in number.links]
    return sorted(distance, key=lambda number: (distance[number], -number.born))


def by_value(result):
    others = [number for number in breadth_first(result) if number is not result]
    return [result, *sorted(others, key=lambda number: -number.value)]


@pytest.mark.parametrize(
    "sweep",
    [
        at_once,
        by_order(breadth_first),
        by_order(lambda result: breadth_first(result, last=False)),
        by_order(by_distance),
        by_order(by_value),
        by_order(lambda result: breadth_first(result)[::-1]),
    ],
)
def test_a_sweep_in_an_order_that_is_right_for_some_programs_is_wrong(sweep):
    verdict = exercise("11-sweep").check(sweep)
    assert not verdict.correct
    assert "after all" in verdict.message or "handed on too early" in verdict.message


def test_breadth_first_gives_what_the_reader_found(lesson):
    def small(p):
        t = p[0] * p[0]
        return t + t * t

    assert lesson["gradient"](small, [2.0], at_once) == [4.0]
    assert lesson["gradient"](small, [2.0]) == [36.0]
    assert "t + t t, at s = 2: ∂r/∂s comes out as 4.0 in place of 36" in (
        exercise("11-sweep").check(at_once).message
    )


def test_the_programs_that_a_sweep_is_tried_on_agree_with_differences():
    for steps, seed in _PROGRAMS:
        (s, t), result, text = _any_program(steps, seed)
        _sweep(result)
        lines = "\n".join(text.replace("×", "*").split(", "))
        values = []
        for shift_s, shift_t in ((1e-6, 0), (-1e-6, 0), (0, 1e-6), (0, -1e-6)):
            names = {"s": _PLACE[0] + shift_s, "t": _PLACE[1] + shift_t}
            exec(lines, names)
            values.append(names["abcdefgh"[steps - 1]])
        by_s, by_t = (values[0] - values[1]) / 2e-6, (values[2] - values[3]) / 2e-6
        assert (s.grad, t.grad) == pytest.approx((by_s, by_t), rel=1e-5, abs=1e-5)
    for _, program, expected in _SHARED:
        slope = (program((2 + 1e-6) ** 2) - program((2 - 1e-6) ** 2)) / 2e-6
        assert slope == pytest.approx(expected, rel=1e-6)


def variant(lesson, change, name="backward"):
    names = dict(lesson)
    code = cells()["sweep"].replace(*change)
    assert code != cells()["sweep"]
    exec(code, names)
    return names[name]


@pytest.mark.parametrize(
    ("change", "reply"),
    [
        (("+= slope", "= slope"), "must be added"),
        (("reverse=True", "reverse=False"), "it handed on too early"),
        (("type(result.value)(1)", "0.0"), "start with 1"),
        (("type(result.value)(1)", "2.0"), "each number is used once"),
        (("        number.grad = 0.0", "        pass"), "A second one over the same numbers"),
        (("slope * number.grad", "slope * missing"), "NameError"),
    ],
)
def test_a_broken_sweep_is_told_why(lesson, change, reply):
    verdict = exercise("11-sweep").check(variant(lesson, change))
    assert not verdict.correct
    assert reply in verdict.message


def test_the_sweep_to_mend_is_broken_in_its_order(lesson):
    names = dict(lesson)
    exec(cells()["broken"].partition("\n\n\n")[0], names)
    assert lesson["gradient"](lambda p: p[0] * p[0] + p[0], [3.0], names["sweep"]) == [7.0]
    verdict = exercise("11-sweep").check(names["sweep"])
    assert not verdict.correct
    assert "has several users" in verdict.message


def test_a_sweep_along_every_path_is_right_but_too_long():
    def pass_on(number, arriving):
        number.grad += arriving
        for source, slope in number.links:
            pass_on(source, slope * arriving)

    def clear(number):
        number.grad = 0.0
        for source, _ in number.links:
            clear(source)

    def sweep(result):
        clear(result)
        pass_on(result, 1.0)

    verdict = exercise("11-sweep").check(sweep)
    assert not verdict.correct
    assert "walks every path" in verdict.message


def test_a_sweep_without_end_is_stopped():
    def sweep(result):
        while result.links:
            pass

    assert "come to an end" in exercise("11-sweep").check(sweep).message


def test_a_topological_order_found_otherwise_is_right():
    def sweep(result):
        order, seen = [], set()

        def visit(number):
            if id(number) not in seen:
                seen.add(id(number))
                for source, _ in number.links:
                    visit(source)
                number.grad = 0.0
                order.append(number)

        visit(result)
        result.grad = 1.0
        for number in reversed(order):
            for source, slope in number.links:
                source.grad += slope * number.grad

    assert exercise("11-sweep").check(sweep).correct


# ------------------------------------------------------------------ links that skip


def test_the_skip_links_gradient_is_that_of_the_lessons_own_numbers(lesson):
    def with_skip(p, source=1, target=0):
        v, gamma, w, theta = lesson["unpack"](p, (3, 4, 2))
        theta[target] = theta[target] - p[26] * SAMPLE[source]
        y_hat = lesson["layer"](lesson["layer"](list(SAMPLE), v, gamma), w, theta)
        return lesson["half_squares"](y_hat, TARGET)

    point = [*lesson["one_row"](Network((3, 4, 2), rng=11)), SKIP]
    swept = lesson["gradient"](with_skip, point)
    np.testing.assert_allclose(swept, lesson["differences"](with_skip, point), atol=1e-6)
    assert exercise("11-skip-link").check(swept[-1]).correct
    for whole in (swept, np.array(swept)):
        verdict = exercise("11-skip-link").check(whole)
        assert verdict.tried
        assert "Take the last entry" in verdict.message
    assert "∂E/∂θ_2" in exercise("11-skip-link").check(swept[-2]).message
    assert "∂E/∂θ_1" in exercise("11-skip-link").check(swept[-3]).message
    for source, target, reply in ((0, 0, "x_1"), (2, 0, "x_3"), (1, 1, "output 2")):

        def other(p, source=source, target=target):
            return with_skip(p, source, target)

        verdict = exercise("11-skip-link").check(lesson["gradient"](other, point)[-1])
        assert not verdict.correct
        assert reply in verdict.message
    code = cells()["skip-answer"]
    assert f"{list(SAMPLE)}, {list(TARGET)}" in code
    assert f"rng=11)), {SKIP}]" in code


def xor_error(lesson):
    sigmoid = lesson["sigmoid"]

    def error(p):
        v1, v2, gamma, w, c1, c2, theta = p
        parts = []
        for (x1, x2), y in (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)):
            b = sigmoid(v1 * x1 + v2 * x2 - gamma)
            parts.append(sigmoid(w * b + c1 * x1 + c2 * x2 - theta) - y)
        return sum(part * part for part in parts) * 0.5

    return error


def test_the_last_exercise_can_be_trained_as_its_hints_say(lesson):
    error = xor_error(lesson)
    p = np.random.default_rng(1).normal(size=7).tolist()
    check = exercise("11-capstone").check
    assert "not on the right side" in check(p).message
    for _ in range(2000):
        p = [a - 5 * slope for a, slope in zip(p, lesson["gradient"](error, p), strict=True)]
    assert check(p).correct
    assert check(np.array([p])).correct
    assert not check([a / 2.5 for a in p]).correct


def test_from_all_zeros_no_step_moves_anything(lesson):
    assert not any(lesson["gradient"](xor_error(lesson), [0.0] * 7))


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ((0, 0, 0, 0, 0, 0, 0), "every derivative is 0"),
        ((10, 10, -15, -20, 10, 10, -5), "turn the signs of gamma and theta"),
        ((10, 10, 15, 10, 10, -20, 5), "w stands before"),
        ((4, 4, 6, -8, 4, 4, 2), "go on training"),
        ((1, 2, 3), "seven numbers"),
        ((1, 2, 3, 4, 5, 6, "a"), "seven numbers"),
        ((1e9,) * 7, "seven numbers"),
        ((10, 10, 15, 0, 10, 10, 5), "1 of 4 not on the right side"),
    ],
)
def test_an_xor_network_that_is_not_one_is_told_why(answer, reply):
    verdict = exercise("11-capstone").check(answer)
    assert not verdict.correct
    assert reply in verdict.message


@pytest.mark.parametrize(
    ("order", "reply"),
    [
        ((0, 1, 2, 4, 5, 3, 6), "in the order v, gamma, c, w"),
        ((0, 1, 3, 4, 5, 6, 2), "with gamma at the end"),
        ((0, 1, 3, 4, 5, 2, 6), "with both thresholds at the end"),
        ((3, 4, 5, 6, 0, 1, 2), "Check the order"),
        ((2, 0, 1, 6, 3, 4, 5), "in the order gamma, v, theta, w, c."),
    ],
)
def test_another_order_of_the_seven_is_named(order, reply):
    mine = (9.0, 8.0, 13.0, -22.0, 10.0, 11.0, 5.0)  # no two alike
    assert exercise("11-capstone").check(mine).correct
    verdict = exercise("11-capstone").check([mine[place] for place in order])
    assert not verdict.correct
    assert reply in verdict.message


# ------------------------------------------------------------------ what the lesson says


def test_reverse_mode_takes_under_80_lines():
    code = cells()
    whole = [code[name] for name in ("number", "helpers", "sweep", "network")]
    whole.append(code["gradient"].partition("\n\n\n")[0])  # without the differences
    assert sum(len(part.splitlines()) for part in whole) < 80


@pytest.mark.parametrize("sizes", [(2, 2, 1), (3, 4, 2), (6, 6, 3)])
def test_the_counts_are_what_the_text_and_the_exercise_say(lesson, sizes):
    error, point = lesson["problem"](sizes)
    ways = lesson["WAYS"]
    once, by_differences, _, reverse = (lesson["cost"](way, error, point) for way in ways.values())
    graph = lesson["newest_first"](error([lesson["Number"](value) for value in point]))
    made = [number for number in graph if number.links]
    sigmoids = sum(number.name == "sigmoid" for number in made)
    others = len(made) - sigmoids
    assert once == others + 4 * sigmoids
    assert reverse == 5 * others + 8 * sigmoids
    assert reverse <= 5 * once
    assert by_differences == (len(point) + 1) * once + 3 * len(point)
    if sizes == (3, 4, 2):
        assert once == 4 * 11 + 2 * 13 + 7
        explanation = exercise("11-ratio").explanation
        assert f"5 · {others} + 8 · {sigmoids} = {reverse}" in explanation


def test_the_replies_on_paths_and_on_overwriting_are_true(lesson):
    start = r = lesson["Number"](1.0)
    for _ in range(16):
        r = r + r
    assert lesson["pass_on"](r, 1.0) == 131_071
    assert start.grad == 2**16
    swept = lesson["gradient"](lambda p: p[0] * p[0] + p[0], [3.0], lesson["overwriting"])
    assert swept == [3.0]


def test_duals_inside_numbers_give_second_derivatives(lesson):
    s = lesson["Number"](lesson["Dual"](3.0, 1.0))
    lesson["backward"](s * s * s)
    assert (s.grad.value, s.grad.tangent) == (27.0, 18.0)
    with pytest.raises(TypeError, match="unsupported operand"):
        lesson["sigmoid"](s)
