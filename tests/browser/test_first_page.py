"""What JupyterLab shows first, with no settings of our tests: on Binder, and from workbook.py.

Not among the default tests: `python -m pytest tests/browser -m browser`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.browser.lab import SETTINGS, lab_server, reader
from tools.run_tests import ROOT

pytestmark = pytest.mark.browser
LESSON = "notebooks/00_start_here.ipynb"
TRACKER = "@jupyterlab/notebook-extension/tracker"


@pytest.fixture
def visitor(tmp_path, browser):
    """Give a reader of a server with Binder's start page and the default settings about news."""
    script = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    config = re.search(r"echo '(\{.+\})' \\\n\s+>\"\$prefix/etc/jupyter/(\S+)\"", script)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / config[2]).write_text(config[1], encoding="utf-8")
    with (
        lab_server(tmp_path, settings={TRACKER: SETTINGS[TRACKER]}) as address,
        reader(browser, address) as person,
    ):
        yield person


def test_lesson_00_opens_first_and_nobody_is_asked_about_news(visitor):
    server = urlsplit(visitor.address)
    visitor.page.goto(f"http://{server.netloc}/?{server.query.partition('&')[2]}")
    visitor.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
    assert urlsplit(visitor.page.url).path == f"/lab/tree/{LESSON}"
    visitor.page.wait_for_timeout(5000)  # the question about news comes when all else is there
    assert visitor.page.locator(".Toastify__toast, .jp-Dialog").all_inner_texts() == []
    assert visitor.left_the_machine == []
