# SPDX-License-Identifier: Apache-2.0
"""A street where people make wishes for each other: an elder, grid workers, a reviewer, a daughter."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.towns import WISHES, installed
from tests.towns import StandingClock as Clock

from liren.acting.service import PluginActing
from liren.identity.signin import links
from liren.plugins.acting import How, Mandate, Slip
from liren.plugins.context import Context
from liren.testing.databases import Postgres
from liren.testing.moulds import Moulds
from liren.testing.street import Running, Visitor

MAKE = "wishes.make"


@dataclass
class Town:
    """The street, and who is who in it."""

    running: Running
    clock: Clock
    people: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    browsers: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def person(self, name: str, *roles: str, unit: str | None = None, phone: str | None = None) -> str:
        self.people[name] = await self.running.person(name, *roles, unit=unit, phone=phone)
        return self.people[name]

    async def ctx(self, name: str | None, plugin: str = "wishes") -> Context:
        return await self.running.acting(plugin, self.people[name] if name else None)

    async def acting(self, name: str) -> PluginActing:
        found = (await self.ctx(name, "acting")).acting
        assert isinstance(found, PluginActing)
        return found

    async def begin(
        self, by: str = "周敏", person: str = "张秀英", how: How = "on-site", deeds: Sequence[str] = (MAKE,)
    ) -> Mandate:
        """A worker's consent taken on the spot."""
        ctx = await self.ctx(by)
        async with ctx.transaction() as tx:
            return await ctx.acting.begin(tx, self.people[person], how, deeds)

    async def wish(self, mandate: Mandate | str, text: str = "想有人陪着下盘棋", by: str = "周敏") -> Slip:
        from liren_wishes import api

        made: Slip = await api.make_for(await self.ctx(by), mandate if isinstance(mandate, str) else mandate.id, text)
        return made

    async def wishes(self) -> int:
        rows = await self.read("SELECT count(*) FROM wishes_wish")
        return int(rows[0][0])

    async def read(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        return await self.running.street.store.read(query, *args)

    async def sql(self, query: str, *args: Any) -> None:
        async with self.running.street.store.transaction("job:test") as tx:
            await tx.sql(query, *args)

    async def notices(self, name: str) -> list[str]:
        rows = await self.read("SELECT text FROM inbox_notice WHERE person = ? ORDER BY id", self.people[name])
        return [row[0] for row in rows]

    async def audited(self, what: str) -> list[tuple[Any, ...]]:
        return await self.read("SELECT actor, subject, unit, detail FROM audit WHERE what = ? ORDER BY id", what)

    async def browser(self, name: str) -> Visitor:
        """Signed in now, by a fresh link."""
        street = self.running.street
        [(account,)] = await self.read("SELECT id FROM login_account WHERE person = ?", self.people[name])
        async with street.store.transaction("job:test") as tx:
            token = await links.make(tx, account)
        self.running.links[name] = f"{street.settings.public_url}/login/once/{token}"
        return await self.browsers.enter_async_context(aclosing(await self.running.signed_in(name)))


async def settle(running: Running) -> dict[str, str]:
    """:returns: who is who"""
    here, there = [unit.code for unit in await running.street.identity.units.all("community")]
    return {
        "张秀英": await running.person("张秀英", unit=here, phone="13800000001"),
        "王芳": await running.person("王芳", unit=there, phone="13800000002"),
        "周敏": await running.person("周敏", "acting.helper", unit=here, phone="13800000003"),
        "赵强": await running.person("赵强", "acting.helper", unit=here),
        "邻区网格员": await running.person("邻区网格员", "acting.helper", unit=there),
        "回访员": await running.person("回访员", "acting.reviewer", "acting.helper", unit=here),
        "路人": await running.person("路人", unit=there, phone="13800000004"),
    }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday morning, 16 November 2026."""
    made = Clock(monkeypatch)
    made.set(2026, 11, 16, 9, 0)
    return made


@pytest.fixture
async def town(
    street_moulds: Moulds, street_server: Postgres | None, tmp_path: Path, clock: Clock
) -> AsyncIterator[Town]:
    """A street of its own for each test, on both databases."""
    with installed(WISHES):
        clock.set(2026, 11, 16, 8, 0)
        mould = await street_moulds.mould(settle, street_server)
        clock.set(2026, 11, 16, 9, 0)
        async with street_moulds.copy(mould, tmp_path / "home", street_server) as running:
            units = await running.street.identity.units.all("community")
            town = Town(running, clock, dict(mould.settled), codes=tuple(unit.code for unit in units))
            async with town.browsers:
                yield town
