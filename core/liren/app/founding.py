# SPDX-License-Identifier: Apache-2.0
"""Founds a real street: the unit tree's first nodes, its keys and log, its first two people."""

from dataclasses import dataclass

from liren.app.street import Street
from liren.errors import LirenError
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.signin import accounts, links
from liren.ledger.keys import founding
from liren.ledger.papers import receipts
from liren.units.build import Builder

ACTOR = "job:init"


class OneForTwo(LirenError):
    """One name stands for two duties that are not one person's."""

    code = "one-for-two"


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    domain: str
    """Begins every key's name, e.g. ``liren.example``; never changes."""
    communities: tuple[str, ...]
    reviewer: str
    admin: str
    security: str = ""
    """Who gives roles; empty: the administrator, until somebody takes it over."""
    auditor: str = ""
    """Who reads what was done; empty: nobody yet."""


@dataclass(frozen=True, slots=True)
class Founded:
    fingerprint: str
    links: tuple[tuple[str, str], ...]
    """(whose, one-time address)."""
    next_steps: tuple[tuple[str, str], ...] = ()
    """What to do now about who does what, in Chinese and English."""


async def found_street(street: Street, plan: Plan) -> Founded:
    """:raises LirenError: a name that is none; the street exists already with other keys"""
    today = street.today()
    async with street.store.transaction(ACTOR) as tx:
        builder = await Builder.load(tx, today)
        root = builder.root() or builder.unit("street", plan.name, None)
        codes = [builder.unit("community", name.strip(), root) for name in plan.communities]
        await builder.write(tx)
        names = [name for name in (plan.reviewer, plan.admin, plan.security, plan.auditor) if name]
        if len(set(names)) != len(names):
            raise OneForTwo(
                "审核员、管理员、权限管理员、审计员要由不同的人担任。",
                "Reviewer, administrator, security administrator and auditor are different people.",
            )
        people = dict(
            zip(names, await register(tx, street.vault, [NewPerson(name) for name in names], today), strict=True)
        )
        reviewer, admin = people[plan.reviewer], people[plan.admin]
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
    # Several duties in one hand to begin with, unless others are named; the administrator gives them away.
    wanted = [(reviewer, "credit.reviewer")]
    wanted += [(admin, duty) for duty in ("admin.system", "identity.registrar", "privacy.officer")]
    wanted += [(people.get(plan.security, admin), "identity.security")]
    wanted += [(people[plan.auditor], "audit.auditor")] if plan.auditor else []
    async with street.store.transaction(ACTOR) as tx:
        for person, role in wanted:
            if role in known:
                await grants.grant(tx, person=person, role=role, unit=root, roles=known, since=today)
        made = []
        for title, person in people.items():
            token = await links.make(tx, await accounts.open_account(tx, person))
            made.append((title, f"{street.settings.public_url}/login/once/{token}"))
    root = await receipts.root_of(street.store)
    return Founded(receipts.fingerprint(root), tuple(made), tuple(_next_steps(plan, street.identity.duties_apart())))


def _next_steps(plan: Plan, duties_apart: bool) -> list[tuple[str, str]]:
    """Who does what is not settled by founding."""
    steps = [
        (
            f"{plan.admin}登录后先设置密码和动态码（“我的账号”）：链接只能用一次。",
            f"{plan.admin} signs in and sets a password and one-time codes first (My account): the link works once.",
        )
    ]
    if not plan.auditor:
        steps.append(
            (
                "请授予一位同事“审计员”，不要是管理员自己：“居民”里找到这位，点“角色”。",
                "Give somebody else the role of auditor: find them under People, then Roles.",
            )
        )
    if duties_apart and not plan.security:
        steps.append(
            (
                f"三员分立还没有做到：{plan.admin}现在兼着系统和权限。请把“权限管理员”授予别人，再由那位从{plan.admin}收回。",
                f"Duties are not apart yet: {plan.admin} holds system and security. Give the security role to somebody "
                f"else, who then takes it back from {plan.admin}.",
            )
        )
    return steps
