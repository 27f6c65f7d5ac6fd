"""What holds for every test of the project: unit tests, doctests, and lessons run by nbval."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

# A slow computer is no fault of the code.
settings.register_profile("any speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any speed")

# Removed when this process ends, but for what a kernel on Windows still holds.
_records = TemporaryDirectory(prefix="workbook-records-", ignore_cleanup_errors=True)
_numbers = count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Give each test an empty record of its own; a lesson's kernel keeps that of its first cell.

    No fixture: nbval's cells take none, and their kernel starts within this very step.
    """
    os.environ["BACKPROP_PROGRESS"] = str(Path(_records.name) / f"{next(_numbers)}.json")
