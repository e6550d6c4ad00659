# SPDX-License-Identifier: Apache-2.0
"""A street with a plugin that provides rather than shows: installed the way an installer lays it out."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest

from liren.testing.site import Site
from liren.testing.street import Running, small_street

PLUGINS = Path(__file__).parent / "plugins"


@pytest.fixture
async def running(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    site = Site(tmp_path / "site")
    site.install(PLUGINS / "liren-relay")
    monkeypatch.syspath_prepend(site.path)
    async with small_street(tmp_path / "home", database) as street:
        yield street
    sys.modules.pop("liren_relay", None)


@pytest.fixture
def relay(running: Running) -> ModuleType:
    """The plugin's own module, with what it sent and heard."""
    return sys.modules["liren_relay"]
