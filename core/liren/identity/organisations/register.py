# SPDX-License-Identifier: Apache-2.0
"""Reading organisations: one, a page of an area, who acts for it, cards for everybody else. A lookup is one range of
one index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from liren.identity.register.lookup import AFTER_PATH
from liren.identity.register.names import normalise
from liren.plugins.services import OrganisationCard
from liren.store import Store
from liren.store.parts import in_parts, marks
from liren.units.ids import is_id
from liren.web.paging import Ask, Page

_LAST: Final = "\U0010ffff"
_CARD: Final = "SELECT o.id, o.name, o.kind, o.unit, o.closed FROM organisation o"
_COLUMNS: Final = "o.id, o.name, o.kind, o.unit, o.opened, o.closed, o.credit_code, o.contact, o.phone"


@dataclass(frozen=True, slots=True)
class Organisation:
    """As staff see it."""

    id: str
    name: str
    kind: str
    """partner, merchant, property, department"""
    unit: str | None
    opened: date
    closed: date | None
    credit_code: str | None
    contact: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who acts for an organisation, or did."""

    person: str
    name: str
    role: str
    since: date
    until: date | None


async def find(store: Store, organisation: str) -> Organisation | None:
    if not is_id(organisation):
        return None
    rows = await store.read(f"SELECT {_COLUMNS} FROM organisation o WHERE o.id = ?", organisation)  # noqa: S608
    return Organisation(*rows[0]) if rows else None


async def page(
    store: Store, prefixes: Sequence[str], *, whole: bool, kind: str, text: str, closed: bool, ask: Ask
) -> Page[Organisation]:
    """Organisations of an area by name.

    :param prefixes: paths of the subtrees
    :param whole: whether those that belong to no unit are shown too (to who is responsible for the street)
    :param text: beginning of the name, its pinyin or its initials; empty for all
    """
    conditions = [f"o.closed IS {'NOT ' if closed else ''}NULL"]
    args: list[object] = []
    scope = [*["u.path >= ? AND u.path < ?" for _ in prefixes], *(["o.unit IS NULL"] if whole else [])]
    args += [bound for prefix in prefixes for bound in (prefix, prefix + AFTER_PATH)]
    conditions.append(f"({' OR '.join(scope)})")
    if kind:
        conditions.append("o.kind = ?")
        args.append(kind)
    wanted = normalise(text)
    if wanted:
        columns = ("o.initials", "o.pinyin") if wanted.isascii() else ("o.name",)
        conditions.append("(" + " OR ".join(f"({each} >= ? AND {each} < ?)" for each in columns) + ")")
        start = wanted.lower() if wanted.isascii() else wanted
        args += [bound for _ in columns for bound in (start, start + _LAST)]
    where = f"FROM organisation o LEFT JOIN unit u ON u.code = o.unit WHERE {' AND '.join(conditions)}"
    total = int((await store.read(f"SELECT count(*) {where}", *args))[0][0])
    rows = await store.read(
        f"SELECT {_COLUMNS} {where} ORDER BY o.name, o.id LIMIT ? OFFSET ?",
        *args, ask.size, ask.offset,
    )  # fmt: skip
    return ask.page([Organisation(*row) for row in rows], total)


async def acting(store: Store, organisation: str) -> list[Acting]:
    """Everybody who acts for it or did, those of today first."""
    rows = await store.read(
        "SELECT p.id, p.name, m.role, m.since, m.until FROM organisation_member m JOIN person p ON p.id = m.person"
        " WHERE m.organisation = ? ORDER BY m.until IS NOT NULL, m.since DESC, p.pinyin LIMIT 200",
        organisation,
    )
    return [Acting(*row) for row in rows]


async def cards(store: Store, ids: Sequence[str]) -> dict[str, OrganisationCard]:
    """Unknown ids are left out."""
    found = {}
    for part in in_parts([each for each in dict.fromkeys(ids) if is_id(each)]):
        for row in await store.read(f"{_CARD} WHERE o.id IN ({marks(part)})", *part):
            found[row[0]] = _card(row)
    return found


async def cards_of(store: Store, person: str, day: date, *, kind: str | None = None) -> list[OrganisationCard]:
    """Those that exist and that the person acts for on that day, by name."""
    query = (
        f"{_CARD} JOIN organisation_member m ON m.organisation = o.id WHERE m.person = ?"
        " AND m.since <= ? AND (m.until IS NULL OR m.until > ?) AND o.closed IS NULL"
    )
    if kind is None:
        rows = await store.read(f"{query} ORDER BY o.name", person, day, day)
    else:
        rows = await store.read(f"{query} AND o.kind = ? ORDER BY o.name", person, day, day, kind)
    return [_card(row) for row in rows]


async def cards_by_kind(store: Store, kind: str, *, limit: int) -> list[OrganisationCard]:
    """Those that exist today, by name."""
    rows = await store.read(f"{_CARD} WHERE o.kind = ? AND o.closed IS NULL ORDER BY o.name, o.id LIMIT ?", kind, limit)
    return [_card(row) for row in rows]


def _card(row: tuple[Any, ...]) -> OrganisationCard:
    identity, name, kind, unit, closed = row
    return OrganisationCard(identity, name, kind, unit, closed is None)
