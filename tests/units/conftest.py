# SPDX-License-Identifier: Apache-2.0
"""A small street in process, as plugin authors test with; both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from liren.testing.databases import Postgres
from liren.testing.moulds import Moulds
from liren.testing.street import Running


@pytest_asyncio.fixture
async def street(street_moulds: Moulds, street_server: Postgres | None, tmp_path: Path) -> AsyncIterator[Running]:
    async with street_moulds.street(tmp_path / "home", street_server) as running:
        yield running
