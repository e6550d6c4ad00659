# SPDX-License-Identifier: Apache-2.0
"""Every test begins on one and the same morning, in whichever year and at whichever hour it is run.

Samples, rules and terms in the tests are of that year, and a day has to be long enough for a test: run a minute before
midnight, or on the last day of a year, many would see another day than the one they began on. Servers and commands
that tests start as processes of their own have the machine's time, and so has a test that asks for it.
"""

import time
from datetime import datetime, timedelta, timezone
from typing import Final

import pytest

MORNING: Final = datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=8)))
MACHINE: Final = time.time_ns
"""The machine's own clock."""


def pytest_configure() -> None:
    ahead_ns = round(MORNING.timestamp() * 1e9) - MACHINE()
    time.time_ns = lambda: MACHINE() + ahead_ns


@pytest.fixture
def machine_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that shares a street with a process of its own: both have the machine's time."""
    monkeypatch.setattr(time, "time_ns", MACHINE)
