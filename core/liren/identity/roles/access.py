# SPDX-License-Identifier: Apache-2.0
"""Who may do what where: role grants times the permissions of roles, over the unit tree."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from liren.identity.roles.administrators import DUTIES
from liren.plugins.services import NOBODY, Access, Connection, Visitor, Who
from liren.plugins.types import Role
from liren.store import Store
from liren.store.parts import marks
from liren.units.service import UnitsService
from liren.units.tree import Tree
from liren.web.scene import current

Roles = Mapping[str, Sequence[str]]
"""Role → its permissions, as the plugins declared them."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of one person at one unit."""

    id: str
    role: str
    unit: str
    since: date
    until: date | None
    """First day on which it no longer holds."""
    post: str = ""
    """The post that carries it; empty for a role that was granted by itself."""


class Granted:
    """One person's :class:`liren.plugins.services.Access`, as it stands at this request."""

    __slots__ = ("_tree", "_where", "powers")

    def __init__(
        self, grants: Iterable[tuple[str, str]], roles: Roles, tree: Tree, at_street: Collection[str] = ()
    ) -> None:
        """
        :param grants: (role, unit code) each
        :param at_street: permissions that hold only where they are granted at the street itself
        """
        grants = list(grants)
        self.powers = hashlib.sha256(repr(sorted(set(grants))).encode()).hexdigest()[:16] if grants else ""
        """Changes whenever what was granted does."""
        where: dict[str, set[str]] = {}
        for role, unit in grants:
            card = tree.get(unit)
            if card is not None:
                for permission in roles.get(role, ()):
                    if permission in at_street and card.parent is not None:
                        continue
                    where.setdefault(permission, set()).add(card.path)
        self._where = {permission: _widest(paths) for permission, paths in where.items()}
        self._tree = tree

    @property
    def permissions(self) -> frozenset[str]:
        """Held anywhere."""
        return frozenset(self._where)

    def can(self, permission: str, unit: str | None = None) -> bool:
        prefixes = self._where.get(permission, ())
        if unit is None:
            return bool(prefixes)
        card = self._tree.get(unit)
        return card is not None and card.path.startswith(tuple(prefixes))

    def units_with(self, permission: str) -> tuple[str, ...]:
        return self._where.get(permission, ())


def held_permissions(access: Access) -> frozenset[str]:
    """What somebody holds anywhere; empty for a resident. Whoever holds any works for the street."""
    return access.permissions if isinstance(access, Granted) else frozenset()


def powers_of(access: Access) -> str:
    """A digest of somebody's grants; empty for a resident."""
    return access.powers if isinstance(access, Granted) and access.permissions else ""


def _widest(paths: set[str]) -> tuple[str, ...]:
    """Without subtrees of subtrees."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)


class WhoIsIt:
    """Answers :class:`liren.plugins.services.Sessions`: who is this request from, and what may they do."""

    def __init__(self, store: Store, units: UnitsService, today: Callable[[], date]) -> None:
        self._store = store
        self.units = units
        self._today = today
        self.roles: Roles = {}
        self.titles: Mapping[str, str] = {}
        self.at_street: frozenset[str] = frozenset()

    def know(self, roles: Iterable[Role], at_street: Collection[str] | None = None) -> None:
        """Every role the plugins declared; once they have loaded.

        :param at_street: permissions that hold only where they are granted at the street; None: as said before
        """
        if at_street is not None:
            self.at_street = frozenset(at_street)
        declared = list(roles)
        self.roles = {role.name: role.permissions for role in declared}
        self.titles = {role.name: role.title for role in declared}
        # No post carries one of the three duties: they are given by name, to people of whom one always remains.
        self.units.role_titles = {name: title for name, title in self.titles.items() if name not in DUTIES}

    async def who(self, connection: Connection) -> Who:
        """Reads the session that the page kit took up for this request."""
        return current().session.who

    async def grants_of(self, person: str) -> list[Grant]:
        """The grants that hold today or later, those that a post carries too."""
        today = self._today()
        await self.units.tree()
        rows = await self._store.read(
            "SELECT id, role, unit, since, until, '' FROM role_grant WHERE person = ? AND (until IS NULL OR until > ?)"
            " UNION ALL SELECT id, '', unit, since, until, post FROM appointment"
            " WHERE person = ? AND (until IS NULL OR until > ?) ORDER BY 2, 3",
            person, today, person, today,
        )  # fmt: skip
        return [
            Grant(identity, each, unit, since, until, post)
            for identity, role, unit, since, until, post in rows
            for each in ((role,) if role else self.units.carried.get(post, ()))
        ]

    async def held(self, person: str) -> list[tuple[str, str]]:
        """(role, unit code) of what holds today."""
        today = self._today()
        return [(grant.role, grant.unit) for grant in await self.grants_of(person) if grant.since <= today]

    async def who_is(self, person: str) -> Who:
        rows = await self._store.read(
            "SELECT p.name, a.id, a.elder, a.language FROM person p LEFT JOIN login_account a ON a.person = p.id"
            " WHERE p.id = ?",
            person,
        )
        if not rows:
            return Who()
        name, account, elder, language = rows[0]
        return await self.of(Visitor(person, account or "", name, bool(elder), language or "zh"))

    async def access_of(self, person: str) -> Access:
        """What a person may do today, for jobs and checks without a request."""
        return (await self.who_is(person)).access

    async def holding(self, permission: str, unit: str, *, limit: int = 50) -> Sequence[str]:
        """Who holds the permission at the unit today, by a grant there or above; the nearest first."""
        way = [card.code for card in (await self.units.tree()).way(unit)]
        if permission in self.at_street:
            way = way[:1]
        roles = [role for role, permissions in self.roles.items() if permission in permissions]
        if not way or not roles:
            return ()
        posts = [post for post, carried in self.units.carried.items() if not set(carried).isdisjoint(roles)]
        today = self._today()
        rows = await self._store.read(
            "SELECT person, unit FROM role_grant WHERE since <= ? AND (until IS NULL OR until > ?)"  # noqa: S608 - marks
            f" AND unit IN ({marks(way)}) AND role IN ({marks(roles)})"
            " UNION ALL SELECT person, unit FROM appointment WHERE since <= ? AND (until IS NULL OR until > ?)"
            f" AND unit IN ({marks(way)}) AND post IN ({marks(posts) or 'NULL'}) ORDER BY 1",
            today, today, *way, *roles, today, today, *way, *posts,
        )  # fmt: skip
        rows.sort(key=lambda row: -way.index(row[1]))
        return list(dict.fromkeys(person for person, _ in rows))[:limit]

    async def of(self, visitor: Visitor) -> Who:
        """One query for grants, posts and home."""
        tree, today = await self.units.tree(), self._today()
        rows: list[tuple[Any, ...]] = await self._store.read(
            "SELECT role, '', unit FROM role_grant WHERE person = ? AND since <= ? AND (until IS NULL OR until > ?)"
            " UNION ALL SELECT '', post, unit FROM appointment"
            " WHERE person = ? AND since <= ? AND (until IS NULL OR until > ?)"
            " UNION ALL SELECT '', '', unit FROM residence WHERE person = ? AND until IS NULL ORDER BY 1, 2, 3",
            visitor.person, today, today, visitor.person, today, today, visitor.person,
        )  # fmt: skip
        carried = self.units.carried
        grants = [(each, unit) for role, post, unit in rows for each in ((role,) if role else carried.get(post, ()))]
        home = next((unit for role, post, unit in rows if not role and not post), None)
        places = [unit for _, unit in grants] or ([home] if home else [])
        paths = sorted((card.path for unit in places if (card := tree.get(unit))), key=len)
        path = paths[0] if paths else ""
        unit = path.rstrip("/").rpartition("/")[2] or None
        access = Granted(grants, self.roles, tree, self.at_street) if grants else NOBODY
        role = self.titles.get(grants[0][0], "") if grants else ""
        return Who(visitor, access, unit, path, role, home)
