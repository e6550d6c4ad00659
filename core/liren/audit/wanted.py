# SPDX-License-Identifier: Apache-2.0
"""What the auditor looks for, each condition served by an index; pages go by position, never by offset."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from liren.audit.tables import AuditRow
from liren.store import Store
from liren.web import typed_day

SHOWN: Final = 50
COLUMNS: Final = "id, at_ms, actor, plugin, what, subject, unit, detail"
_ENDINGS: Final = ("refused", "denied")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty: everything."""

    who: str = ""
    """By whom: a person's id, or a job such as ``job:credit``."""
    whom: str = ""
    """For whom or about what: the row's subject."""
    what: str = ""
    """A code: ``credit.rules-adopted``; ``credit.`` for all of a module."""
    unit: str = ""
    result: str = ""
    """``refused`` or ``done``."""
    since: date | None = None
    until: date | None = None
    """Inclusive."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        texts = {name: given.get(name, "").strip()[:64] for name in ("who", "whom", "what", "unit", "result")}
        return cls(**texts, since=typed_day(given.get("since", "")), until=typed_day(given.get("until", "")))

    def where(self, zone: tzinfo | None) -> tuple[str, list[object]]:
        """SQL with ``?`` and its values."""
        found, values = ["1 = 1"], list[object]()
        for column, value in (("actor", self.who), ("subject", self.whom), ("unit", self.unit)):
            if value:
                found.append(f"{column} = ?")
                values.append(value)
        if self.what.endswith("."):
            found.append("what >= ? AND what < ?")
            values += [self.what, f"{self.what[:-1]}/"]  # "/" is what comes after "."
        elif self.what:
            found.append("what = ?")
            values.append(self.what)
        if self.result in ("refused", "done"):
            either = " OR ".join("what LIKE ?" for _ in _ENDINGS)
            found.append(f"({either})" if self.result == "refused" else f"NOT ({either})")
            values += [f"%{ending}" for ending in _ENDINGS]
        if self.since is not None:
            found.append("at_ms >= ?")
            values.append(_ms(self.since, zone))
        if self.until is not None:
            found.append("at_ms < ?")
            values.append(_ms(self.until + timedelta(days=1), zone))
        return " AND ".join(found), values


async def page(store: Store, wanted: Wanted, zone: tzinfo | None, before: int | None, limit: int) -> list[AuditRow]:
    """The latest first, ``limit`` of them before position ``before``."""
    where, values = wanted.where(zone)
    if before is not None:
        where, values = f"{where} AND id < ?", [*values, before]
    query = f"SELECT {COLUMNS} FROM audit WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - own columns, marks
    names = COLUMNS.split(", ")
    return [AuditRow(**dict(zip(names, row, strict=True))) for row in await store.read(query, *values, limit)]


def _ms(day: date, zone: tzinfo | None) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)
