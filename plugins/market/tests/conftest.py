# SPDX-License-Identifier: Apache-2.0
"""A small street with a market, on both databases: the real application, real keys, real points."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from plugins.market.tests.town import LONG_AGO, Clock, Town, settle_in

from liren.api import Role
from liren.app.factory import create_app
from liren.app.street import open_street
from liren.identity.organisations import verbs as organisations
from liren.ledger import REVIEW
from liren.settings import Settings
from liren.testing.databases import Postgres


@dataclass
class Founded:
    """A street that was founded once and is copied for every test: founding costs a second, copying a blink."""

    home: Path
    database: str
    reviewer: str = ""
    shop: str = ""
    other_shop: str = ""


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    home = tmp_path_factory.mktemp("town") / "home"
    return asyncio.run(_found(Founded(home, str(home / "liren.sqlite"))))


@pytest.fixture(scope="session")
def postgres_town(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    return asyncio.run(_found(Founded(tmp_path_factory.mktemp("town") / "home", asyncio.run(postgres_server.create()))))


@pytest.fixture(params=["sqlite", "postgres"])
def founded(request: pytest.FixtureRequest) -> Founded:
    """On both databases."""
    found: Founded = request.getfixturevalue(f"{request.param}_town")
    return found


@pytest.fixture
async def town(founded: Founded, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    """A street of its own for each test."""
    home = tmp_path / "home"
    shutil.copytree(founded.home, home)
    if not founded.database.startswith("postgresql://"):
        async with _opened(replace(founded, home=home, database=str(home / "liren.sqlite"))) as town:
            yield town
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    database = await server.create(like=founded.database)
    async with _opened(replace(founded, home=home, database=database)) as town:
        yield town
    await server.drop(database)


@asynccontextmanager
async def _opened(founded: Founded, *, create: bool = False) -> AsyncIterator[Town]:
    clock = Clock()
    settings = Settings.from_env({"LIREN_HOME": str(founded.home), "LIREN_DATABASE": founded.database})
    async with open_street(settings, create=create) as street:
        street.kernel.wire(replace(street.kernel.services, clock=clock))
        roles = [role for plugin in street.kernel.plugins.values() for role in plugin.roles]
        street.identity.know([*roles, Role("test.reviewer", "审核员", (REVIEW,))])
        ids = (founded.reviewer, founded.shop, founded.other_shop)
        town = Town(street, create_app(street), clock, *ids)
        async with town.browsers:
            yield town


async def _found(founded: Founded) -> Founded:
    async with _opened(founded, create=True) as town:
        await settle_in(town)
    return replace(founded, reviewer=town.reviewer, shop=town.shop, other_shop=town.other_shop)


@pytest.fixture
def employ(town: Town) -> Any:
    """``await employ("孙桂芳", shop)``: a clerk who acts for the shop's organisation."""

    async def make(name: str, shop: str) -> str:
        clerk = await town.person(name, "market.clerk")
        rows = await town.street.store.read("SELECT organisation FROM market_merchant WHERE id = ?", shop)
        async with town.street.store.transaction("job:test") as tx:
            await organisations.join(tx, organisation=rows[0][0], person=clerk, role="clerk", since=LONG_AGO)
        return clerk

    return make
