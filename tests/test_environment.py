from importlib import metadata

import pytest

from backprop_kit.environment import DISTRIBUTION, check_environment

pytest.importorskip("packaging")


@pytest.fixture
def installed(monkeypatch):
    """The workbook's metadata as if it asked for two packages."""
    monkeypatch.setattr(
        metadata, "requires", lambda name: ["numpy>=2.0", "sympy>=1.13", 'ruff; extra == "lint"']
    )
    monkeypatch.setattr(metadata, "metadata", lambda name: {"Requires-Python": ">=3.11"})


def test_all_well_is_one_line_without_versions(installed):
    report = check_environment(version={"numpy": "2.4.0", "sympy": "1.14"}.__getitem__)
    assert report.ready
    assert str(report) == "✓ Ready. Found: numpy, sympy."


def test_a_missing_package_is_named_with_what_is_needed(installed):
    def version(name):
        if name == "sympy":
            raise metadata.PackageNotFoundError(name)
        return "2.4.0"

    report = check_environment(version=version)
    assert not report.ready
    assert "sympy is missing; needed is sympy>=1.13" in str(report)
    assert "python3 workbook.py" in str(report)


def test_an_old_package_is_named_with_both_versions(installed):
    report = check_environment(version={"numpy": "1.26.4", "sympy": "1.14"}.__getitem__)
    assert report.problems == ("numpy is 1.26.4, needed is numpy>=2.0.",)


def test_an_old_python_is_named(installed, monkeypatch):
    monkeypatch.setattr(metadata, "metadata", lambda name: {"Requires-Python": ">=99"})
    report = check_environment(version={"numpy": "2.4.0", "sympy": "1.14"}.__getitem__)
    assert "needed is >=99" in str(report)


def test_a_workbook_that_is_not_installed_is_said_so():
    assert "is not installed" in str(check_environment("no-such-workbook"))


def test_this_environment_is_ready():
    try:
        metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        pytest.skip("the package is on the path, but not installed")
    assert check_environment().ready, check_environment()
