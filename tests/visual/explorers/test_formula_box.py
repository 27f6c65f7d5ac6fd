"""The box that typesets a formula while it is typed: what it says, when, and what it must not."""

import contextlib
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from backprop_kit.exercises import exercise, progress
from backprop_kit.exercises.parsing import Unreadable, parse, read_so_far
from backprop_kit.symbolic import derive_updates, textbook_latex
from backprop_kit.symbolic.typeset import as_text
from backprop_kit.visual.controls import TextBox
from backprop_kit.visual.explorers import Frame, Live, formula_box

UPDATES = ("w", "theta", "gamma", "v")
WRONG = "eta (y_j - y_hat_j) b_h"


def box(start="", names=UPDATES):
    return formula_box([exercise(f"update-{name}") for name in names], read_so_far, start=start)


def tried(explorer, **values):
    explorer.move(**values)
    return explorer.press("judge")


@pytest.mark.parametrize("name", UPDATES)
def test_a_right_formula_is_typeset_as_in_the_lesson_and_called_right(name):
    formula = derive_updates().formula(name)
    frame = tried(box(), question=f"update-{name}", text=as_text(formula.right))
    assert frame.latex == rf"$\displaystyle {formula.latex(colour=True)}$"
    assert frame.says == str(exercise(f"update-{name}").examine(formula.right))
    assert frame.says.startswith("✓ Right.")


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("text", [WRONG, "eta", "b_h w_jh", "Σ_j w_hj ŷ_j", "0"])
def test_a_wrong_formula_gets_the_exercise_s_own_words(name, text):
    frame = tried(box(), question=f"update-{name}", text=text)
    assert frame.says == str(exercise(f"update-{name}").examine(text))
    assert frame.says.startswith("✗ Not yet. ")
    assert textbook_latex(parse(text), colour=True) in frame.latex


@pytest.mark.parametrize("name", UPDATES)
def test_nothing_is_judged_while_the_student_types(name):
    explorer = box()
    text = as_text(derive_updates().formula(name).right)
    for end in range(1, len(text) + 1):
        frame = explorer.move(question=f"update-{name}", text=text[:end])
        assert frame.says.startswith(("Read so far: ", "All of it was read. "))
        assert "examine" not in frame.code
    assert explorer.press("judge").says.startswith("✓")
    assert explorer.move(text=text + " ").says.startswith("All of it was read. ")
    assert explorer.move(text=text).says.startswith("✓")  # this one was judged
    other = next(one for one in UPDATES if one != name)
    frame = explorer.move(question=f"update-{other}", text=text + " ")
    assert frame.says.startswith("All of it was read. ")


def test_another_question_empties_the_box():
    explorer = box(start=WRONG)
    frame = explorer.move(question="update-theta")
    assert explorer.values["text"] == ""
    assert frame.says == "Nothing is written yet."
    assert frame.latex.endswith(r"\theta_{j}} = \;\cdots$")


def test_an_unfinished_text_is_shown_as_far_as_it_was_read():
    frame = box().move(text="η ŷ_j (1 - ŷ_j) (y_j - ")
    assert frame.says == "Read so far: η ŷ_j (1 - ŷ_j) (y_j …"
    formula = textbook_latex(parse("η ŷ_j (1 - ŷ_j) y_j"), colour=True)
    assert frame.latex.endswith(rf"= {formula} \;\cdots$")
    assert box().move(text="(").says == "Read so far: nothing yet."
    assert box().move(text="(").latex.endswith(r"= \;\cdots$")


@pytest.mark.parametrize("text", ["eta*b_q", "b_h (1 - b_h", "eta **", "import os", "b_h @ 2"])
def test_an_unreadable_text_gets_the_parser_s_sentence_and_the_place(text):
    with pytest.raises(Unreadable) as stopped:
        parse(text)
    at = stopped.value.position
    says = tried(box(), text=text).says
    assert says.startswith(f"○ Not readable yet. {stopped.value.reason}\n")
    assert says.endswith(f": {text[:at]}▸{text[at:]}")


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_box_is_not_judged(text):
    assert tried(box(), text=text).says == "Nothing is written yet."


def test_a_trial_leaves_the_record_alone():
    for text in (WRONG, "eta*b_q", as_text(derive_updates().w)):
        tried(box(), text=text)
    assert not Path(os.environ["BACKPROP_PROGRESS"]).exists()
    assert str(progress()).startswith("Nothing on record yet")


def test_a_trial_does_not_open_the_solution():
    untouched = replace(exercise("update-w"))
    tried(formula_box([untouched], read_so_far), text=WRONG)
    assert str(untouched.solution()).startswith("Try an answer first")


@pytest.mark.parametrize("judged", [False, True])
@pytest.mark.parametrize("text", [WRONG, "eta*b_q", "", "b_h '\\eta\\ \""])
def test_the_code_gives_what_the_box_shows(text, judged):
    explorer = box()
    frame = explorer.move(question="update-theta", text=text)
    frame = explorer.press("judge") if judged else frame
    values = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(frame.code, values)
    assert values["reading"].formula == read_so_far(text).formula
    assert ("verdict" in values) == (judged and bool(text))
    if "verdict" in values and values["reading"].stop is None:
        assert str(values["verdict"]) == frame.says
    elif "verdict" in values:
        assert values["verdict"].message in frame.says


def test_it_opens_with_an_example_that_is_not_judged_and_is_stored():
    explorer = box(start=WRONG)
    bundle = explorer._repr_mimebundle_()
    assert explorer.frame.says.startswith("All of it was read.")
    left, _, example = bundle["text/latex"].partition(" = ")
    assert left == r"$\displaystyle \textcolor{#B84E00}{\Delta w_{hj}}"
    assert example == textbook_latex(parse(WRONG), colour=True) + "$"
    assert bundle["text/plain"] == "Explorer: type a formula"
    assert explorer.view.children[0].value == bundle["text/latex"]  # above what may grow
    tried(explorer, question="update-v", text="x_i")
    assert explorer.view.children[0].value == explorer.frame.latex
    assert explorer.reset() == box(start=WRONG).frame


def test_any_exercise_whose_answer_is_a_formula_may_be_asked():
    explorer = formula_box([exercise("04-count")], read_so_far)
    assert [control["key"] for control in explorer.view.children[1].controls] == ["text", "judge"]
    assert tried(explorer, text="d q + q l + q + l").says.startswith("✓ Right.")
    assert not explorer.frame.latex.startswith("$\\displaystyle =")


def test_the_words_typed_never_reach_the_page_as_markup():
    frame = tried(box(), text="<b>b_h</b>")
    assert "<" not in frame.latex


def test_questions_must_be_there_and_differ():
    for questions, got in ([], "none"), ([exercise("update-w")] * 2, "update-w, update-w"):
        with pytest.raises(ValueError, match=f"one or more, each once; got {got}"):
            formula_box(questions, read_so_far)
    with pytest.raises(ValueError, match="text must have 300 characters at most, got 301"):
        box().move(text="b" * 301)
    with pytest.raises(ValueError, match="question must be one of update-w, "):
        box().move(question="update-x")


def test_a_text_box_may_only_press_a_button_that_is_there():
    with pytest.raises(ValueError, match="there is no button 'go'"):
        Live("x", [TextBox("text", "text", "", then="go")], lambda values: Frame("", "x"))
