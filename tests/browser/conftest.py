"""What the browser tests share: a real Chromium, and a student in front of it."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from tests.browser.lab import CHROMIUM, chromium, lab_server, reader


@pytest.fixture(scope="session")
def _browser_is_here():
    missing = [] if Path(CHROMIUM).exists() else [f"no browser at {CHROMIUM}"]
    if importlib.util.find_spec("playwright") is None:
        missing.append("playwright is not installed (pip install -e '.[browser]')")
    if missing and os.environ.get("CI"):
        pytest.fail("; ".join(missing))
    if missing:
        pytest.skip("; ".join(missing))


@pytest.fixture(scope="session")
def browser(_browser_is_here):
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def student(tmp_path_factory, browser):
    with (
        lab_server(tmp_path_factory.mktemp("lab")) as address,
        reader(browser, address) as person,
    ):
        yield person
