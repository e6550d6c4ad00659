# SPDX-License-Identifier: Apache-2.0
"""People and organisations for everybody else: :class:`liren.plugins.services.People`."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from liren.identity.labels import guardians
from liren.identity.organisations import register as organisations
from liren.identity.register import history
from liren.identity.register.counts import COUNTS, Counts
from liren.identity.register.lookup import CARD, CARD_WIDTH, NUMBER_TAIL, Condition, exactly, queries_of, ways
from liren.identity.register.names import is_name, mask, normalise
from liren.identity.register.numbers import age_on
from liren.identity.register.pending import VISIBLE
from liren.identity.register.people import VERSION
from liren.identity.sealed import hash_of, unseal
from liren.plugins.services import Guardian, OrganisationCard, PersonCard, PersonKeys
from liren.store import Store, Vault
from liren.store.parts import in_parts, marks
from liren.units.errors import no_such_unit
from liren.units.ids import is_id
from liren.units.rules import codes_in
from liren.units.service import UnitsService
from liren.units.tree import Tree
from liren.units.version import Watch

KEEP_AT_MOST: Final = 60_000
"""More people than this are read again for each list: keeping 326 000 would cost 150 MB of memory."""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit of a lookup, as staff see it."""

    card: PersonCard
    unit: str | None
    """Code of the deepest unit the person lives in."""


class Directory:
    """One per process."""

    def __init__(self, store: Store, vault: Vault, units: UnitsService, today: Callable[[], date]) -> None:
        self.store = store
        self.vault = vault
        self._units = units
        self.today = today
        self._watch = Watch(store, VERSION)
        self._keys: list[PersonKeys] = []
        self._keys_version: tuple[int, int] | None = None
        self._counted = Counts()
        self._counted_version: tuple[int, int] | None = None

    # --- protocol People

    async def cards(self, ids: Sequence[str]) -> dict[str, PersonCard]:
        """Unknown ids are left out."""
        tree, found = await self._units.tree(), {}
        wanted = [each for each in dict.fromkeys(ids) if is_id(each)]
        for part in in_parts(wanted):
            query = f"{CARD} WHERE p.id IN ({marks(part)})"
            for row in await self.store.read(query, *part):
                found[row[0]] = _card(row, tree)
        return found

    async def ages(self, ids: Sequence[str], on: date) -> dict[str, int]:
        found = {}
        wanted = [each for each in dict.fromkeys(ids) if is_id(each)]
        for part in in_parts(wanted):
            query = f"{_BIRTHDAYS} AND id IN ({marks(part)})"
            sealed = await self.store.read(query, *part)
            keys = await self.vault.keys(self.store, [person for person, _ in sealed])
            for person, value in sealed:
                born = unseal(keys.get(person), {"birthday": value}).birthday
                if born is not None and born <= on:
                    found[person] = age_on(born, on)
        return found

    async def guardians(self, ids: Sequence[str], on: date) -> dict[str, Sequence[Guardian]]:
        found = await guardians.of(self.store, [each for each in dict.fromkeys(ids) if is_id(each)], on)
        ages = await self.ages(list(found), on)
        held = {
            ward: [each for each in those if guardians.holds(each.kind, ages.get(ward))]
            for ward, those in found.items()
        }
        return {ward: those for ward, those in held.items() if those}

    async def keys(self) -> Sequence[PersonKeys]:
        """Everyone who was not merged away; one streamed query, kept until the register changes."""
        tree = await self._units.tree()
        version = (await self._watch.current(), id(tree))
        if self._keys_version == version:
            return self._keys
        communities: dict[str | None, str | None] = {None: None}
        keys: list[PersonKeys] = []
        async for rows in self.store.stream(f"{_KEYS} ORDER BY p.id", size=1000):
            for person, name, phone_hash, number_hash, unit, dwelling in rows:
                if unit not in communities:
                    communities[unit] = _community(tree, unit)
                keys.append(PersonKeys(person, name, communities[unit], phone_hash, number_hash, dwelling))
        if len(keys) <= KEEP_AT_MOST:
            self._keys, self._keys_version = keys, version
        return keys

    async def keys_of(
        self,
        *,
        ids: Collection[str] = (),
        names: Collection[str] = (),
        phones: Collection[str] = (),
        id_numbers: Collection[str] = (),
    ) -> Sequence[PersonKeys]:
        tree, found = await self._units.tree(), dict[str, PersonKeys]()
        spelled = {name for each in names if is_name(name := normalise(each))}
        columns = {"id": ids, "name": spelled, "phone_hash": phones, "id_number_hash": id_numbers}
        for column, wanted in columns.items():
            values = list(dict.fromkeys(wanted))
            for part in in_parts(values):
                query = f"{_KEYS} AND p.{column} IN ({marks(part)})"
                for person, name, phone_hash, number_hash, unit, dwelling in await self.store.read(query, *part):
                    community = _community(tree, unit) if unit is not None else None
                    found[person] = PersonKeys(person, name, community, phone_hash, number_hash, dwelling)
                await asyncio.sleep(0)  # a list of fifty thousand rows lets pages through
        return list(found.values())

    async def matching(self, kind: str, hashes: Sequence[str]) -> dict[str, Sequence[PersonCard]]:
        column = {"phone": "phone_hash", "id_number": "id_number_hash"}[kind]
        found: dict[str, list[str]] = {}
        wanted = list(dict.fromkeys(hashes))
        for part in in_parts(wanted):
            rows = await self.store.read(
                f"SELECT {column}, id FROM person WHERE merged_into IS NULL"  # noqa: S608 - one of two own names
                f" AND {column} IN ({marks(part)})",
                *part,
            )
            for value, person in rows:
                found.setdefault(value, []).append(person)
        cards = await self.cards([person for people in found.values() for person in people])
        return {value: [cards[person] for person in people if person in cards] for value, people in found.items()}

    def hash_of(self, kind: str, value: str) -> str:
        return hash_of(self.vault, kind, value)

    async def lookup(self, text: str, *, unit: str | None = None, limit: int = 20) -> Sequence[PersonCard]:
        """:raises NotFound: no such unit"""
        if unit is None:
            prefixes = None
        else:
            card = await self._units.get(unit)
            if card is None:
                raise no_such_unit()
            prefixes = (card.path,)
        return [hit.card for hit in await self.search(text, prefixes, limit=limit)]

    async def community_on(self, ids: Sequence[str], day: date) -> dict[str, str]:
        return await history.community_on(self.store, await self._units.tree(), ids, day)

    async def household(self, person: str) -> Sequence[str]:
        rows = await self.store.read(
            "SELECT o.person FROM residence r JOIN residence o ON o.dwelling = r.dwelling AND o.until IS NULL"
            " WHERE r.person = ? AND r.until IS NULL",
            person,
        )
        return sorted({person, *(row[0] for row in rows)})

    async def organisations(self, ids: Sequence[str]) -> dict[str, OrganisationCard]:
        return await organisations.cards(self.store, ids)

    async def organisations_of(self, person: str, *, kind: str | None = None) -> Sequence[OrganisationCard]:
        return await organisations.cards_of(self.store, person, self.today(), kind=kind)

    async def organisations_by_kind(self, kind: str, *, limit: int = 500) -> Sequence[OrganisationCard]:
        return await organisations.cards_by_kind(self.store, kind, limit=limit)

    # --- for identity's own pages

    async def search(self, text: str, prefixes: Sequence[str] | None, *, limit: int = 20) -> list[Found]:
        """By name, given name, pinyin, initials, phone, its last four digits, or ID number.

        :param prefixes: paths of the subtrees to look in; None for everywhere
        """
        if prefixes == ():
            return []
        tree = await self._units.tree()
        found: dict[str, Found] = {}
        for condition in ways(text, self.hash_of):
            for row in await self._hits(condition, prefixes, tree, limit - len(found)):
                found.setdefault(row[0], Found(_card(row, tree), row[5]))
            if len(found) >= limit:
                break
        return list(found.values())

    async def by_number_tail(self, text: str, prefixes: Sequence[str], *, limit: int = 20) -> list[Found]:
        """By the last four of the ID number, in these subtrees; who calls this puts every hit on record."""
        if not prefixes or not NUMBER_TAIL.fullmatch(text):
            return []
        tree = await self._units.tree()
        condition = exactly("number_tail", self.hash_of("number_tail", text.upper()))
        return [Found(_card(row, tree), row[5]) for row in await self._hits(condition, prefixes, tree, limit)]

    async def tree(self) -> Tree:
        """The units as they hang today."""
        return await self._units.tree()

    async def _hits(
        self, condition: Condition, prefixes: Sequence[str] | None, tree: Tree, limit: int
    ) -> list[tuple[Any, ...]]:
        """The first of them, whichever subtree they live in."""
        queries = queries_of(condition, prefixes, tree)
        # An index that begins with the community is kept by triggers; who is shown is decided by the tree all the same.
        inside = ("",) if prefixes is None else tuple(prefixes)
        rows = [row for query in queries for row in await self.store.read(query.text, *query.args, limit)]
        if len(queries) > 1:
            rows = sorted({row[0]: row for row in rows}.values(), key=lambda row: row[CARD_WIDTH:])[:limit]
        return [row[:CARD_WIDTH] for row in rows if row[5] is None or _path(tree, row[5]).startswith(inside)]

    async def home_of(self, person: str) -> Found | None:
        """One person with the unit they live in; None for an unknown id."""
        if not is_id(person):
            return None
        rows = await self.store.read(f"{CARD} WHERE p.id = ?", person)
        return Found(_card(rows[0], await self._units.tree()), rows[0][5]) if rows else None

    async def declined(self, purpose: str) -> frozenset[str]:
        """Who took this consent back and has not given it anew."""
        rows = await self.store.read(
            "SELECT DISTINCT person FROM consent c WHERE purpose = ? AND withdrawn IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM consent s WHERE s.person = c.person AND s.purpose = c.purpose AND s.withdrawn IS NULL)",
            purpose,
        )
        return frozenset(person for (person,) in rows)

    async def agreed(self, purpose: str, ids: Sequence[str]) -> frozenset[str]:
        """Which of them have given this consent and not taken it back."""
        found: set[str] = set()
        for part in in_parts(ids):
            query = f"SELECT person FROM consent WHERE person IN ({marks(part)}) AND purpose = ? AND withdrawn IS NULL"  # noqa: S608
            found |= {person for (person,) in await self.store.read(query, *part, purpose)}
        return frozenset(found)

    async def residents_in(self, prefix: str) -> int:
        """How many people live in a subtree today."""
        return (await self.counts()).below("").get(codes_in(prefix)[-1], 0)

    async def counts(self) -> Counts:
        """How many people live where; added up once a change of the register."""
        tree = await self._units.tree()
        version = (await self._watch.current(), id(tree))
        if self._counted_version != version:
            self._counted, self._counted_version = Counts.of(await self.store.read(COUNTS), tree), version
        return self._counted


_KEYS: Final = (
    "SELECT p.id, p.name, p.phone_hash, p.id_number_hash, r.unit, r.dwelling FROM person p"  # noqa: S608 - own names
    " LEFT JOIN residence r ON r.person = p.id AND r.until IS NULL"
    f" WHERE p.merged_into IS NULL AND p.died IS NULL AND p.left_on IS NULL AND {VISIBLE}"
)
_BIRTHDAYS: Final = "SELECT id, birthday_sealed FROM person WHERE birthday_sealed IS NOT NULL"


def _community(tree: Tree, unit: str) -> str | None:
    card = tree.ancestor(unit, "community")
    return card.code if card else None


def _path(tree: Tree, unit: str) -> str:
    card = tree.get(unit)
    return card.path if card is not None else ""


def _card(row: tuple[Any, ...], tree: Tree) -> PersonCard:
    person, name, died, left_on, merged_into, unit = row
    community = _community(tree, unit) if unit is not None else None
    return PersonCard(person, name, mask(name), community, died is None and left_on is None and merged_into is None)
