# SPDX-License-Identifier: Apache-2.0
"""A real street for tests of awards: residents, a collector, two reviewers, budgets, the sample's rules in force."""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from credit_lists import SAMPLES, workbook

from liren.app import Street, create_app, open_street
from liren.identity.lists.importer import import_people
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.sealed import Private
from liren.ledger.keys import founding
from liren.plugins.context import Context
from liren.testing.points import Points
from liren.testing.street import Running, Visitor, in_own_task, reopened, settings_for
from liren.web.sheets import Cell, read_book
from liren_credit import rulemaking
from liren_credit.rulebook import read_rules
from liren_credit.settings import Settings

USUAL_BUDGET = BUDGET = 100_000
STAFF = {
    "赵磊": ("19900010001", ("credit.collector",)),
    "李敏": ("19900010002", ("credit.reviewer",)),
    "周静": ("19900010004", ("credit.reviewer", "credit.collector")),
}
RESIDENTS = 40
ACTOR = "job:test"


class Town(Running):
    """A running street whose people can be acted for and signed in as."""

    people: dict[str, str]
    """Name → person id."""

    async def as_(self, name: str) -> Context:
        """The plugin's Context of this person: for calling verbs directly."""
        return await self.acting("credit", self.people[name])

    async def enter(self, name: str) -> Visitor:
        """A signed-in browser."""
        await self.new_link(name, self.people[name])
        return await self.signed_in(name)


def register_rows(count: int = RESIDENTS) -> list[list[Cell]]:
    """The sample register's header and first residents."""
    return [list(row) for row in read_book((SAMPLES / "people.xlsx").read_bytes()).sheets[0].rows[: count + 1]]


@asynccontextmanager
async def award_street(
    home: Path, database: str, *, everyone: bool = False, publicity_days: int = 0, rules: bool = True
) -> AsyncIterator[Town]:
    """:param everyone: all 6 000 of the sample instead of the first forty"""
    usual = not everyone and rules and BUDGET == USUAL_BUDGET and "://" not in database
    if usual and _founded:
        _copy(_founded[0], home, database)
    else:
        await _found(home, database, everyone, rules)
        if usual:
            pristine = Path(tempfile.mkdtemp(prefix="liren-credit-"))
            atexit.register(shutil.rmtree, pristine, ignore_errors=True)
            _founded.append((pristine / "home", str(pristine / "liren.sqlite")))
            _copy((home, database), *_founded[0])
    async with in_own_task(_open(home, database, publicity_days)) as town:
        yield town


_founded: list[tuple[Path, str]] = []
"""A street of the usual kind that was founded once; the next tests get copies, which takes a tenth of the time."""


def _copy(founded: tuple[Path, str], home: Path, database: str) -> None:
    shutil.copytree(founded[0], home)
    shutil.copy(founded[1], database)


async def _found(home: Path, database: str, everyone: bool, rules: bool) -> None:
    async with open_street(settings_for(home, database), create=True) as street:
        data = (SAMPLES / "people.xlsx").read_bytes() if everyone else workbook(*register_rows())
        await import_people(
            street.store,
            street.vault,
            street.identity.people,
            street.identity.units,
            data,
            actor=ACTOR,
            street="里仁街道",
            day=street.today(),
        )
        people = await _staff(street)
        await _keys(street, people["李敏"])
        await street.kernel.enable(street.store, ACTOR, "credit")
        await _grant(street, people)
        await _budgets(street, people["李敏"])
        if rules:
            town = Town(street, create_app(street), {})
            town.people = people
            await adopt_sample_rules(town)


@asynccontextmanager
async def _open(home: Path, database: str, publicity_days: int) -> AsyncIterator[Town]:
    async with reopened(home, database) as running:
        street = running.street
        await street.kernel.configure(street.store, ACTOR, "credit", Settings(publicity_days=publicity_days))
        town = Town(street, running.app, {})
        town.people = {keys.name: keys.id for keys in await street.identity.people.keys()}
        yield town


async def _staff(street: Street) -> dict[str, str]:
    async with street.store.transaction(ACTOR) as tx:
        new = [NewPerson(name, Private(phone=phone)) for name, (phone, _roles) in STAFF.items()]
        return dict(zip(STAFF, await register(tx, street.vault, new, street.today()), strict=True))


async def _keys(street: Street, reviewer: str) -> None:
    units = street.identity.units
    await founding.found(
        street.store,
        keys_folder=street.settings.home / "keys",
        street="liren.example",
        unit=(await units.street()).code,
        communities=[unit.code for unit in await units.all("community")],
        reviewer=reviewer,
    )


async def _grant(street: Street, people: dict[str, str]) -> None:
    known = set(street.identity.who.titles)
    unit = (await street.identity.units.street()).code
    async with street.store.transaction(ACTOR) as tx:
        for name, (_phone, roles) in STAFF.items():
            for role in roles:
                await grants.grant(tx, person=people[name], role=role, unit=unit, roles=known, since=street.today())


async def _budgets(street: Street, reviewer: str) -> None:
    for unit in await street.identity.units.all("community"):
        await Points(street).fund(unit.code, BUDGET, reviewer)


async def adopt_sample_rules(town: Town) -> None:
    book = read_rules(
        read_book((SAMPLES / "rules.xlsx").read_bytes()), valid_from=date(2026, 1, 1), source="2026年1月1日纸质公布"
    )
    proposal = await rulemaking.propose(await town.as_("赵磊"), "sample-rules-propose", "积分细则", book.rules)
    await rulemaking.adopt(await town.as_("李敏"), "sample-rules-adopt", proposal)
