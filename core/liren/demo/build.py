# SPDX-License-Identifier: Apache-2.0
"""Builds the demo street: people, keys, budgets, then every plugin's own demo data, in the order they require."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from liren import clock
from liren.app import Street
from liren.demo import before, cast, family, of_city, serving
from liren.demo.steps import Steps
from liren.identity.lists.importer import import_people
from liren.identity.on_paper import POINTS
from liren.identity.organisations import verbs as organisations
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.sealed import Private
from liren.ledger.keys import founding
from liren.plugins.context import Context
from liren.plugins.points import Budget, Posted
from liren.plugins.services import Tx
from liren.plugins.types import Demo
from liren.store.parts import marks

SAMPLES = Path(__file__).parent / "samples"
SETTINGS = {"credit": {"publicity_days": 0}}
"""What the demo sets so that its month can be seen to the end in one go."""

Progress = Callable[[str, int, int], None]
Step = Callable[[str, Callable[[], Awaitable[object]]], Awaitable[None]]


async def build(street: Street, progress: Progress, steps: Steps) -> None:
    """Every step can be done again: a city that was killed goes on where it was.

    :param progress: ``progress(what, done, total)``
    :param steps: how large, and what an earlier run did already
    """
    city = steps.scale == "city"
    ago_ms = 0 if city else before.how_long_ago(street)
    with clock.behind(ago_ms):
        staff = await _street(street, progress, steps, city=city)
    await plugin_data(street, staff, progress, steps, ago_ms)
    for job in ("months", "statement"):
        await steps.step(job, lambda job=job: street.jobs.run_now("ledger", job))  # type: ignore[misc]


async def _street(street: Street, progress: Progress, steps: Steps, *, city: bool) -> dict[str, str]:
    """People, keys, modules, roles and budgets; :returns: name → person id of the staff."""
    await steps.step("people", lambda: _people(street, progress))
    if city:
        await steps.step("city-people", lambda: of_city.people(street, progress))
    await street.look()
    await steps.step("staff", lambda: _staff(street))
    staff = await _who(street)
    await steps.step("found", lambda: _found(street, staff[cast.REVIEWER]))
    await steps.step("plugins", lambda: _plugins_on(street))
    await steps.step("roles", lambda: _roles(street, staff))
    await steps.step("family", lambda: family.move_in(street))
    await steps.step("serving", lambda: serving.appoint(street, progress, every_building=city))
    if city:
        await steps.step("partners", lambda: of_city.partners(street, progress))
        await steps.step("volunteers", lambda: of_city.volunteers(street, progress))
    await steps.step("budgets", lambda: _budgets(street, staff[cast.REVIEWER]))
    return staff


async def _people(street: Street, progress: Progress) -> None:
    identity = street.identity
    await import_people(
        street.store,
        street.vault,
        identity.people,
        identity.units,
        (SAMPLES / "people.xlsx").read_bytes(),
        actor=cast.ACTOR,
        street=cast.STREET,
        day=street.today(),
        consent=POINTS,
        progress=lambda _, done, total: progress("people", done, total),
    )


async def _who(street: Street) -> dict[str, str]:
    """Name → person id, of the staff who are there."""
    hashes = {street.identity.people.hash_of("phone", part.phone): part.name for part in cast.STAFF}
    query = f"SELECT phone_hash, id FROM person WHERE phone_hash IN ({marks(hashes)})"  # noqa: S608 - marks
    return {hashes[phone]: person for phone, person in await street.store.read(query, *hashes)}


async def _staff(street: Street) -> None:
    """The people at work; and the merchants, with the clerk acting for theirs."""
    if await _who(street):
        return
    today = street.today()
    async with street.store.transaction(cast.ACTOR) as tx:
        new = [NewPerson(part.name, Private(phone=part.phone)) for part in cast.STAFF]
        people = await register(tx, street.vault, new, today, consent=POINTS)
        staff = {part.name: person for part, person in zip(cast.STAFF, people, strict=True)}
        communities = {unit.name: unit.code for unit in await street.identity.units.all("community")}
        for name in cast.MERCHANTS:
            unit = next((code for title, code in communities.items() if title[:2] == name[:2]), None)
            merchant = await organisations.add(tx, name=name, kind="merchant", unit=unit, opened=today)
            for part in cast.STAFF:
                if part.organisation == name:
                    await organisations.join(
                        tx, organisation=merchant, person=staff[part.name], role="clerk", since=today
                    )


async def _found(street: Street, reviewer: str) -> None:
    units = street.identity.units
    if await street.store.read("SELECT 1 FROM key LIMIT 1"):
        return
    await founding.found(
        street.store,
        keys_folder=street.settings.home / "keys",
        street=cast.DOMAIN,
        unit=(await units.street()).code,
        communities=[unit.code for unit in await units.all("community")],
        reviewer=reviewer,
    )


async def _plugins_on(street: Street) -> None:
    for plugin in street.kernel.plugins.values():
        if plugin.built_in:
            continue
        await street.kernel.enable(street.store, cast.ACTOR, plugin.id)
        if plugin.settings is not None and plugin.id in SETTINGS:
            settings = plugin.settings(**SETTINGS[plugin.id])
            await street.kernel.configure(street.store, cast.ACTOR, plugin.id, settings)


async def _roles(street: Street, staff: dict[str, str]) -> None:
    known = set(street.identity.who.titles)
    unit = (await street.identity.units.street()).code
    async with street.store.transaction(cast.ACTOR) as tx:
        for part in cast.STAFF:
            if await tx.sql("SELECT 1 FROM role_grant WHERE person = ?", staff[part.name]):
                continue
            for role in known.intersection(part.roles):
                await grants.grant(tx, person=staff[part.name], role=role, unit=unit, roles=known, since=street.today())


async def _budgets(street: Street, reviewer: str) -> None:
    writing = street.kernel.services.writing
    for unit in await street.identity.units.all("community"):
        draft = Budget(unit=unit.code, amount=cast.BUDGET, reviewer=reviewer)

        async def body(tx: Tx, draft: Budget = draft) -> Posted:
            return await tx.post(draft)

        await writing.once(cast.ACTOR, f"budget/{unit.code}", draft, body, Posted, "ledger")


async def plugin_data(street: Street, staff: Mapping[str, str], progress: Progress, steps: Steps, ago_ms: int) -> None:
    """Every plugin's ``demo_data``, one after the other; what is done already is passed over.

    :param staff: name → person id
    :param ago_ms: when a small street began
    """
    kernel, who = street.kernel, street.identity.who

    async def acting(role: str) -> Context:
        name = next(part.name for part in cast.STAFF if role in part.roles)
        return kernel.context(role.partition(".")[0], await who.who_is(staff[name]))

    ctx = kernel.context("portal", await who.who_is(staff[cast.ADMINISTRATOR]))
    city = steps.scale == "city"
    samples = await asyncio.to_thread(of_city.samples if city else before.samples, street, SAMPLES)
    for plugin in sorted(kernel.caller.who("demo_data"), key=lambda plugin: plugin not in before.FIRST):

        async def step(name: str, work: Callable[[], Awaitable[object]], plugin: str = plugin) -> None:
            its = f"{plugin}/{name}"
            with clock.behind(ago_ms if its in before.STEPS else 0):
                await steps.step(its, work)

        async def fill(plugin: str = plugin, step: Step = step) -> None:
            await kernel.caller.one(plugin, "demo_data", ctx, demo=Demo(samples, acting, progress, steps.scale, step))

        await steps.step(plugin, fill)
    shutil.rmtree(samples)
