# SPDX-License-Identifier: Apache-2.0
"""Modules of the tests beside ours, and a clock that stands still: for streets with a life of their own."""

import atexit
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

import pytest

from liren.testing.site import Site

TESTS = Path(__file__).parent
REPAIRS, WISHES = TESTS / "workflow/liren-repairs", TESTS / "third_party/liren-wishes"
TZ = ZoneInfo("Asia/Shanghai")


class StandingClock:
    """The machine's clock; stands still between two settings, so that a day has no length in a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ns = time.time_ns()
        monkeypatch.setattr(time, "time_ns", lambda: self._ns)

    def set(self, *when: int) -> None:
        """To year, month, day, hour … of street time."""
        self._ns = int(datetime(*when, tzinfo=TZ).timestamp() * 1e9)  # type: ignore[arg-type, misc]

    def later(self, **more: float) -> None:
        self._ns += int(timedelta(**more).total_seconds() * 1e9)


@cache
def _laid_out(module: Path) -> Path:
    folder = Path(mkdtemp(prefix="liren-site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    site = Site(folder)
    site.install(module)
    return site.path


@contextmanager
def installed(module: Path) -> Iterator[None]:
    """The module can be found, here and only here; what was imported stays imported, for the next test."""
    site = str(_laid_out(module))
    sys.path.insert(0, site)
    yield
    sys.path.remove(site)
