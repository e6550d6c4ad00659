# SPDX-License-Identifier: Apache-2.0
"""A founded street to copy: founding takes seconds, copying does not."""

import shutil
from pathlib import Path

import pytest
from tests.faults.town import PLUGINS, Town

ON_PAGES = ["slotraises", "slowslot", "wrongtype"]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A street founded with the plugins that load, so that they are on; and its administrator's one-time link."""
    town = Town(tmp_path_factory.mktemp("founded"))
    for plugin in ("steady", *ON_PAGES):
        town.site.install(PLUGINS / plugin)
    link = town.found()
    return town.home, link


@pytest.fixture
def town(founded: tuple[Path, str], tmp_path: Path) -> Town:
    shutil.copytree(founded[0], tmp_path / "home")
    return Town(tmp_path)
