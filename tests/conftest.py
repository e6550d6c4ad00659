# SPDX-License-Identifier: Apache-2.0
"""Stores, and the demo street; ``database`` and ``postgres_url`` come from :mod:`liren.testing.pytest_plugin`."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from liren.store import MigrationSource, Store, migrate
from liren.testing.memory import memory_folder
from liren.testing.patience import PATIENCE_S
from tests.jitter import Jitter
from tests.prove import PROVING, TITLES, note
from tests.served import LIREN, Served, environment, start

# A busy machine is slow, not wrong. And what only chance would find is looked for in ``make prove``: the suite that
# judges a change tries the same examples for everybody.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not PROVING
)
settings.load_profile("any machine")


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store with the store's own tables."""
    opened = await Store.open(database)
    await migrate(opened, [])
    yield opened
    await opened.close()


async def migrated(store: Store, app: str, folder: Path) -> None:
    """Run the migrations of one app."""
    await migrate(store, [MigrationSource(app, folder)])


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo street, built once; copy it before writing to it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    subprocess.run([LIREN, "demo", "--build-only"], env=environment(home), check=True, timeout=PATIENCE_S * 3)
    return home


@pytest.fixture
def street(demo_home: Path, tmp_path: Path) -> Iterator[Served]:
    """A street of one's own, served; stops on SIGTERM within ten seconds."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    served = start(home)
    yield served
    if served.process.poll() is None:
        assert served.stop() == 0


def pytest_configure(config: pytest.Config) -> None:
    """What the tests write lies in memory where there is room; what a failed one wrote stays (see pyproject.toml).

    And what Python compiled is kept, whatever the machine is set to: they start our commands hundreds of times.
    """
    config.addinivalue_line("markers", "proves(fault, on=''): shows a row of the fault matrix (tests/prove/faults.py)")
    if (seed := config.getoption("--jitter")) is not None:
        config.pluginmanager.register(Jitter(seed), "jitter")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if not hasattr(config, "workerinput") and (folder := memory_folder()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """For ``make prove``: which test showed which fault, on which database."""
    report = yield
    if PROVING and (report.when == "call" or report.skipped):
        for mark in item.iter_markers("proves"):
            params = getattr(item, "callspec", None)
            on = next((kind for kind in TITLES if params and kind in params.params.values()), "")
            test = f"{item.location[0]}::{item.originalname if isinstance(item, pytest.Function) else item.name}"
            kind = mark.kwargs.get("on") or on
            why = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
            note({"fault": mark.args[0], "on": kind, "test": test, "held": report.passed, "why": why})
    return report


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage has to look through it."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: each goes to one worker as a whole, and begun last they are waited for alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="write the README's screenshots to docs/images")
    parser.addoption(
        "--jitter", type=int, metavar="SEED", help="background work comes late by chance (tests/jitter.py)"
    )
