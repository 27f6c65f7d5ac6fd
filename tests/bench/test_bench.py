"""The bench measures like with like, or refuses; its tables say what was found, losses too."""

import copy
import doctest
import importlib
import json
import tomllib

import numpy as np
import pytest

from bench import __main__ as command
from bench import goals, report, works
from bench.measure import TOLERANCE, Process, Ratio, WrongPeerError, deviation, race, verify
from bench.peers import GROWTH_PEERS, MANY_PEERS, OURS, PEERS, Peer
from tools.run_tests import ROOT

SHORT = {"rounds": 1, "seconds": 0.001}
ALL_PEERS = {peer.name: peer for peer in PEERS + MANY_PEERS + GROWTH_PEERS}
MODULES = ("goals", "measure", "report", "works")


def wrong(attribute):
    return Peer(attribute, "tests.bench.wrong_peers", attribute, "numpy", "")


# ---------------------------------------------------------------- like with like


@pytest.mark.parametrize(
    ("work", "peers"),
    [
        (works.example_222(), PEERS),
        (works.xor(), PEERS),
        (works.digits_64("softmax"), PEERS),
        (works.images_784(3, (7, 5, 4, 2), n_batches=3), PEERS),
        (works.many_xor(3), MANY_PEERS),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_every_peer_does_the_same_mathematics(work, peers):
    found = race(work, peers, **SHORT)
    able = {peer.name: peer for peer in peers if peer.can(work)}
    assert found.keys() == able.keys()
    for name, of_peer in found.items():
        if able[name].installed:
            assert of_peer["error"] <= TOLERANCE
            assert of_peer["us"] > 0
            assert name != peers[0].name or of_peer["ratio"]["median"] == 1
            assert of_peer["ratio"]["low"] <= of_peer["ratio"]["high"]
        else:
            assert able[name].library in of_peer["skipped"]


def test_the_verification_moves_the_parameters_far():
    # At the start all peers agree; a verification that takes no step would pass everything.
    work = works.xor()
    with Process(OURS) as process:
        process.ask("start", work)
        process.ask("run", 199)
        moved = process.ask("parameters")
    assert deviation(moved, (work.weights, work.thresholds)) > 0.01


@pytest.mark.parametrize("attribute", ["RateOff", "OneStepLess", "NotANumber"])
def test_a_wrong_peer_is_refused_by_name(attribute):
    with pytest.raises(WrongPeerError, match=f"{attribute} does other mathematics"):
        race(works.xor(), (OURS, wrong(attribute)), **SHORT)


def test_a_peer_that_fails_is_named():
    with pytest.raises(RuntimeError, match=r"Stuck failed:(.|\n)*out of luck"):
        race(works.xor(), (OURS, wrong("Stuck")), **SHORT)


def test_a_missing_library_is_skipped_by_name():
    said = []
    absent = Peer("absent", "bench.peers.none", "None", "no_such_library", "")
    found = race(works.xor(), (OURS, absent), say=said.append, **SHORT)
    assert found["absent"] == {"skipped": "no_such_library is not installed"}
    assert said == ["  absent: skipped, no_such_library is not installed"]


def test_verify_holds_each_block_to_its_own_largest_entry():
    start = ([np.array([1e6])], [np.array([1e-3])])
    off = copy.deepcopy(start)
    off[1][0] *= 1 + 1e-10
    assert verify("same", start, start) == 0
    with pytest.raises(WrongPeerError):
        verify("off", off, start)


def test_times_are_paired_by_round():
    # The second round was disturbed for both: their ratio does not see it.
    assert Ratio.of([2.0, 20.0, 2.2], [1.0, 10.0, 1.0]) == Ratio(2.0, 2.0, 2.2)


# ---------------------------------------------------------------- the works


def test_growth_runs_from_nine_parameters_to_a_million():
    n_parameters = [work.n_parameters for work in works.growing()]
    assert n_parameters[0] == 9
    assert n_parameters[-1] >= 1e6
    assert n_parameters == sorted(n_parameters)


def test_many_networks_start_apart_and_each_is_its_own():
    work = works.many_xor(3)
    assert work.n_parameters == 9
    assert not np.array_equal(work.network(0).weights[0], work.network(2).weights[0])
    assert np.array_equal(work.network(2).weights[1], work.weights[1][2])


@pytest.mark.parametrize("module", MODULES)
def test_doctests(module):
    outcome = doctest.testmod(importlib.import_module(f"bench.{module}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0


# ---------------------------------------------------------------- goals and tables


def of_peer(ratio):
    return {
        "us": 10 * ratio,
        "ratio": {"median": ratio, "low": 0.9 * ratio, "high": 1.1 * ratio},
        "importing": 0.5,
        "first": 0.25,
        "memory": 200.0,
        "error": 0.0,
        "cores": 1.0,
    }


@pytest.fixture
def results():
    """Give results as a whole run has them, invented: peer k takes k + 1 times as long as ours."""
    lesson = {"kernel": 0.5, "run": 3.0, "first_figure": 1.0}

    def a_race(work, peers):
        able = (peer for peer in peers if peer.can(work))
        return {peer.name: of_peer(k + 1.0) for k, peer in enumerate(able)}

    return {
        "about": {
            "processor": "Abacus",
            "system": "Wood",
            "python": "3.99",
            "libraries": {"numpy": "9.9"},
        },
        "quick": False,
        "steps": {work.name: a_race(work, PEERS) for work in works.table()},
        "many": {goals.MANY: {peer.name: of_peer(k + 1.0) for k, peer in enumerate(MANY_PEERS)}},
        "gradients": {
            "work": goals.GRADIENT_CHECK,
            "backward_ms": 1.0,
            "check_ms": 3.0,
            "structured_ms": 10.0,
            "plain_ms": 300.0,
            "check": {"median": 3.0, "low": 3.0, "high": 3.0},
            "plain": {"median": 30.0, "low": 30.0, "high": 30.0},
            "error": 1e-16,
        },
        "growth": [
            {"parameters": 10**k, **{peer.name: of_peer(k + 1.0) for peer in GROWTH_PEERS}}
            for k in range(1, 5)
        ],
        "course": {
            "whole": True,
            "lessons": {"00_start": {**lesson, "first_figure": None}, "07_slow": lesson},
            "imports": {"numpy_ms": 70.0, "package_ms": 12.0},
        },
    }


def test_every_goal_is_about_peers_and_works_that_there_are(results):
    # A misspelt name would be "not measured" for ever.
    assert {outcome.met for outcome in goals.outcomes(results)} == {True, False}


def test_goals_are_judged_on_the_right_side(results):
    steps = results["steps"][goals.EXAMPLE]
    race_of = {(r.work, r.slower, r.faster): r for r in goals.RACES}
    at_least = race_of[goals.EXAMPLE, "PyTorch", "ours"]
    steps["PyTorch"] = of_peer(15.1)
    assert at_least.judge(results).met is True
    steps["PyTorch"] = of_peer(14.9)
    assert at_least.judge(results) == goals.Outcome(
        goals.EXAMPLE, "PyTorch / ours ≥ 15", "14.9", False, floor="2.98"
    )
    at_most = race_of[goals.EXAMPLE, "ours", "NumPy floor"]
    steps["NumPy floor"] = of_peer(0.51)
    assert at_most.judge(results).met is True
    steps["NumPy floor"] = of_peer(0.49)
    assert at_most.judge(results).met is False


def test_the_report_shows_losses_misses_and_who_was_skipped(results):
    results["steps"][goals.XOR]["JAX loop"] = of_peer(0.02)
    results["steps"][goals.XOR]["autograd"] = {"skipped": "autograd is not installed"}
    text = report.markdown(results)
    assert "| **0.02** (0.018–0.022) |" in text
    assert "skipped" in text
    assert "| whole course | import ≤ NumPy's + 10 ms | + 12.0 ms | missed |  |" in text
    assert "| whole course | kernel to first figure ≤ 2 s | 1.0 s (07) | met |  |" in text
    assert "Abacus" in text
    assert "numpy 9.9" in text
    for peer in ALL_PEERS.values():
        assert f"- {peer.name}: {peer.what}" in text


def test_every_row_of_a_table_has_the_columns_of_its_head(results):
    for table in report.markdown(results).split("\n\n"):
        if table.startswith("|"):
            assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_summary_counts_the_goals(results):
    outcomes = goals.outcomes(results)
    met = sum(outcome.met is True for outcome in outcomes)
    text = report.summary(results)
    assert f"Of {len(outcomes)} goals, {met} are met. These are not:" in text
    assert text.count("| missed |") == len(outcomes) - met


def test_the_figure_has_all_works_and_peers(results):
    upper, lower = report.figure(results).axes
    assert [label.get_text() for label in upper.get_yticklabels()] == list(results["steps"])
    names = {text.get_text() for text in upper.get_legend().get_texts()}
    assert names == {peer.name for peer in PEERS} - {"ours"}
    assert {peer.name for peer in GROWTH_PEERS} <= {
        text.get_text() for text in lower.get_legend().get_texts()
    }
    looks = list(report.LOOKS.values())
    assert len(set(looks)) == len(looks) == len(PEERS)


# ---------------------------------------------------------------- the command


def test_the_command_measures_writes_and_reports_again(tmp_path, capsys):
    arguments = ["--out", str(tmp_path)]
    assert command.main(["--quick", "--only", "many", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "train_many(), µs a step" in printed
    assert (tmp_path / "report.md").read_text(encoding="utf-8") + "\n" == printed
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert found.keys() == {"about", "quick", "many"}
    assert "not to be quoted" in printed
    assert command.main(["--report", *arguments]) == 0
    assert capsys.readouterr().out == printed
    assert command.main(["--report", "--readme", *arguments]) == 1
    assert "README.md is as it was" in capsys.readouterr().err


def test_a_part_of_a_run_is_kept_out_of_the_readme(capsys):
    with pytest.raises(SystemExit):
        command.main(["--quick", "--readme"])
    assert "takes a whole run" in capsys.readouterr().err


def test_a_whole_run_goes_into_the_readme(results, tmp_path, monkeypatch, capsys):
    (tmp_path / "README.md").write_text(
        f"above\n{report.BEGIN}\nstale numbers\n{report.END}\nbelow\n"
    )
    (tmp_path / "results.json").write_text(json.dumps(results))
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert command.main(["--report", "--readme", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "Abacus" in text
    assert "stale numbers" not in text
    assert text.startswith("above\n")
    assert text.endswith("below\n")
    assert (tmp_path / "how_fast.png").stat().st_size > 10_000
    assert "# How fast" in capsys.readouterr().out


def test_the_readme_has_one_place_for_the_tables():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    assert "-m bench --readme" in text
    with pytest.raises(ValueError, match="must hold"):
        report.put_into(text.replace(report.END, ""), "new")


def test_the_peers_libraries_are_in_the_extra_and_not_in_the_students_install():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = " ".join(project["optional-dependencies"]["bench"])
    students = " ".join(project["dependencies"])
    for library in {peer.library for peer in ALL_PEERS.values()} - {"numpy", "sympy"}:
        name = {"sklearn": "scikit-learn"}.get(library, library)
        assert f"{name}>=" in extra
        assert name not in students
