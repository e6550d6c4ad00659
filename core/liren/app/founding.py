# SPDX-License-Identifier: Apache-2.0
"""Founds a real street: the unit tree's first nodes, its keys and log, its first two people."""

from dataclasses import dataclass

from liren.app.street import Street
from liren.identity import accounts, grants, links
from liren.identity.people import NewPerson, register
from liren.ledger import founding, receipts
from liren.units.build import Builder

ACTOR = "job:init"


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    domain: str
    """Begins every key's name, e.g. ``liren.example``; never changes."""
    communities: tuple[str, ...]
    reviewer: str
    admin: str


@dataclass(frozen=True, slots=True)
class Founded:
    fingerprint: str
    links: tuple[tuple[str, str], ...]
    """(whose, one-time address)."""


async def found_street(street: Street, plan: Plan) -> Founded:
    """:raises LirenError: a name that is none; the street exists already with other keys"""
    today = street.today()
    async with street.store.transaction(ACTOR) as tx:
        builder = await Builder.load(tx, today)
        root = builder.root() or builder.unit("street", plan.name, None)
        codes = [builder.unit("community", name.strip(), root) for name in plan.communities]
        await builder.write(tx)
        reviewer, admin = await register(tx, street.vault, [NewPerson(plan.reviewer), NewPerson(plan.admin)], today)
    await founding.found(
        street.store,
        keys_folder=street.settings.home / "keys",
        street=plan.domain,
        unit=root,
        communities=codes,
        reviewer=reviewer,
    )
    for plugin in street.kernel.plugins.values():
        if not plugin.built_in:
            await street.kernel.enable(street.store, ACTOR, plugin.id)
    known = set(street.identity.who.titles)
    # Four duties in one hand to begin with; the administrator appoints others and gives three of them away.
    duties = ("admin.system", "identity.registrar", "identity.security", "privacy.officer")
    wanted = [(reviewer, "credit.reviewer"), *((admin, duty) for duty in duties)]
    async with street.store.transaction(ACTOR) as tx:
        for person, role in wanted:
            if role in known:
                await grants.grant(tx, person=person, role=role, unit=root, roles=known, since=today)
        made = []
        for title, person in ((plan.reviewer, reviewer), (plan.admin, admin)):
            token = await links.make(tx, await accounts.open_account(tx, person))
            made.append((title, f"{street.settings.public_url}/login/once/{token}"))
    root = await receipts.root_of(street.store)
    return Founded(receipts.fingerprint(root), tuple(made))
