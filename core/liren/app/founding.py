# SPDX-License-Identifier: Apache-2.0
"""Founds a real street: the unit tree's first nodes, its keys and log, its first two people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from liren.app.street import Street
from liren.errors import Conflict, LirenError
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.signin import accounts, links
from liren.ledger.keys import founding
from liren.ledger.log.records import STREET
from liren.ledger.papers import receipts
from liren.store import Tx
from liren.units.build import Builder

ACTOR = "job:init"


class OneForTwo(LirenError):
    """One name stands for two duties that are not one person's."""

    code = "one-for-two"


class BadPlan(LirenError):
    """What the street is to be founded with cannot be."""

    code = "bad-plan"


class FoundedAlready(Conflict):
    """A street is founded once; what changes afterwards changes on its pages."""

    code = "founded-already"


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

    @property
    def names(self) -> list[str]:
        return [name for name in (self.reviewer, self.admin, self.security, self.auditor) if name]


@dataclass(frozen=True, slots=True)
class Founded:
    fingerprint: str
    links: tuple[tuple[str, str], ...]
    """(whose, one-time address)."""
    next_steps: tuple[tuple[str, str], ...] = ()
    """What to do now about who does what, in Chinese and English."""


async def found_street(street: Street, plan: Plan) -> Founded:
    """Safe to repeat after a kill, until the links are there.

    :raises BadPlan: a name of the ledger that is none, or no community
    :raises OneForTwo: one person for two duties
    :raises FoundedAlready: there is a street here
    """
    check_plan(plan)
    if await street.store.read("SELECT 1 FROM role_grant LIMIT 1"):
        raise FoundedAlready(
            "这里的街道已经建好，没有改动。登录链接过期了，请运行 liren link 姓名；"
            "要建新的街道，请用 LIREN_HOME 另指一个空目录。",
            "There is a street here already; nothing was changed. If its links have expired: liren link NAME. For "
            "another street, point LIREN_HOME at an empty folder.",
        )
    today = street.today()
    async with street.store.transaction(ACTOR) as tx:
        builder = await Builder.load(tx, today)
        root = builder.root() or builder.unit("street", plan.name, None)
        codes = [builder.unit("community", name.strip(), root) for name in plan.communities]
        await builder.write(tx)
        people = await _people(street, tx, plan.names, today)
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


def check_plan(plan: Plan) -> None:
    """Before anything is written: a name of the ledger is for ever."""
    if re.fullmatch(STREET, plan.domain) is None:
        raise BadPlan(
            f"账本名（--domain）用小写字母、数字、点和横线，例如 liren.example，不能是 {plan.domain}。它以后不能改。",
            f"The ledger's name (--domain) is small letters, digits, dots and hyphens, e.g. liren.example, not "
            f"{plan.domain}. It never changes.",
        )
    if not any(name.strip() for name in plan.communities) or len(set(plan.communities)) != len(plan.communities):
        raise BadPlan(
            "请至少写一个社区，同一个社区只写一次（--communities）。",
            "Name at least one community, and each of them once (--communities).",
        )
    if len(set(plan.names)) != len(plan.names):
        raise OneForTwo(
            "审核员、管理员、权限管理员、审计员要由不同的人担任。",
            "Reviewer, administrator, security administrator and auditor are different people.",
        )


async def _people(street: Street, tx: Tx, names: Sequence[str], today: date) -> dict[str, str]:
    """Name → person; whom a founding that was cut off had entered already is not entered twice."""
    there = {str(name): str(person) for person, name in await tx.sql("SELECT id, name FROM person")}
    new = [name for name in names if name not in there]
    made = await register(tx, street.vault, [NewPerson(name) for name in new], today)
    there |= dict(zip(new, made, strict=True))
    return {name: there[name] for name in names}


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
