# SPDX-License-Identifier: Apache-2.0
"""A street with a module of repairs, a clock that can be set, and the people a repair passes through."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.towns import REPAIRS, installed
from tests.towns import StandingClock as Clock

from liren.identity.signin import links
from liren.plugins.context import Context
from liren.plugins.flows import Case
from liren.testing.databases import Postgres
from liren.testing.moulds import Moulds
from liren.testing.street import Running, Visitor


@dataclass
class Town:
    """The street, and who is who in it."""

    running: Running
    clock: Clock
    people: dict[str, str] = field(default_factory=dict)
    browsers: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def community(self) -> str:
        return self.codes[0]

    @property
    def other(self) -> str:
        return self.codes[1]

    codes: tuple[str, ...] = ()

    async def person(self, name: str, *roles: str, unit: str | None = None) -> str:
        self.people[name] = await self.running.person(name, *roles, unit=unit)
        return self.people[name]

    async def acting(self, name: str | None, plugin: str = "repairs") -> Context:
        return await self.running.acting(plugin, self.people[name] if name else None)

    async def browser(self, name: str) -> Visitor:
        """Signed in now, by a fresh link."""
        street = self.running.street
        [(account,)] = await street.store.read("SELECT id FROM login_account WHERE person = ?", self.people[name])
        async with street.store.transaction("job:test") as tx:
            token = await links.make(tx, account)
        self.running.links[name] = f"{street.settings.public_url}/login/once/{token}"
        return await self.browsers.enter_async_context(aclosing(await self.running.signed_in(name)))

    async def ask(
        self, subject: str = "r1", *, text: str = "水管漏水", unit: str | None = None, by: str = "王芳"
    ) -> Case:
        """A resident asks for a repair."""
        from liren_repairs.tables import Repair

        ctx = await self.acting(by)

        async def body(tx: Any) -> str:
            await Repair(id=subject, text=text, state="", parts=1, fixed=0).save()
            case = await ctx.cases.open(
                tx, "repair", subject=subject, unit=unit or self.community, title=text, holder=self.people[by]
            )
            return case.id

        return await ctx.cases.get(await ctx.once(f"ask-{subject}", (subject, text), body, str))

    async def move(self, name: str | None, case: Case, transition: str, **more: Any) -> Case:
        """Somebody makes a move, as a module's verb would."""
        ctx = await self.acting(name)
        async with ctx.transaction() as tx:
            return await ctx.cases.move(tx, case, transition, **more)

    async def given(self, subject: str = "r1", **more: Any) -> Case:
        """A repair in the hands of 赵师傅."""
        case = await self.ask(subject, **more)
        return await self.move("派单员", case, "dispatch", worker=self.people["赵师傅"])

    async def row(self, subject: str = "r1") -> Any:
        from liren_repairs.tables import Repair

        return await Repair.objects().where(Repair.id == subject).first()

    async def notices(self, name: str) -> list[str]:
        rows = await self.running.street.store.read(
            "SELECT text FROM inbox_notice WHERE person = ? ORDER BY id", self.people[name]
        )
        return [row[0] for row in rows]

    async def ring(self) -> None:
        await self.running.run("workflow", "deadlines")


async def settle(running: Running) -> dict[str, str]:
    """:returns: who is who"""
    here, there = [unit.code for unit in await running.street.identity.units.all("community")]
    every = ("repairs.dispatcher", "repairs.fixer", "repairs.chief")
    return {
        "王芳": await running.person("王芳", unit=here),
        "派单员": await running.person("派单员", "repairs.dispatcher", unit=here),
        "赵师傅": await running.person("赵师傅", "repairs.fixer", unit=here),
        "督办员": await running.person("督办员", "repairs.chief"),
        "邻区派单员": await running.person("邻区派单员", "repairs.dispatcher", unit=there),
        "多面手": await running.person("多面手", *every, unit=here),
    }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday morning, 23 November 2026."""
    made = Clock(monkeypatch)
    made.set(2026, 11, 23, 9, 0)
    return made


@pytest.fixture
async def town(
    street_moulds: Moulds, street_server: Postgres | None, tmp_path: Path, clock: Clock
) -> AsyncIterator[Town]:
    """A street of its own for each test, on both databases."""
    with installed(REPAIRS):
        clock.set(2026, 11, 23, 8, 0)
        mould = await street_moulds.mould(settle, street_server)
        clock.set(2026, 11, 23, 9, 0)
        async with street_moulds.copy(mould, tmp_path / "home", street_server) as running:
            units = await running.street.identity.units.all("community")
            town = Town(running, clock, dict(mould.settled), codes=tuple(unit.code for unit in units))
            async with town.browsers:
                yield town
