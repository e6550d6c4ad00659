# SPDX-License-Identifier: Apache-2.0
"""The ledger as it stood at the end of a day: positions are in order of time, and every posting keeps its balance."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from liren.ledger.log.nodes import Read
from liren.ledger.rules import days
from liren.plugins.points import Subject
from liren.plugins.services import Balance, Lot


def end_of(day: date, tz: ZoneInfo) -> int:
    """The first moment after ``day`` in this zone, Unix milliseconds."""
    return int(datetime.combine(day + timedelta(days=1), time(), tz).timestamp() * 1000)


async def position_at(read: Read, before_ms: int) -> int:
    """How many entries were admitted before a moment: some twenty short reads in a log of any length."""
    rows = await read("SELECT size FROM log_head")
    low, high = 0, rows[0][0] if rows else 0
    while low < high:
        middle = (low + high) // 2
        ((admitted_ms,),) = await read("SELECT admitted_ms FROM log_entry WHERE pos = ?", middle)
        low, high = (middle + 1, high) if admitted_ms < before_ms else (low, middle)
    return low


async def balance_on(read: Read, subject: Subject, day: date, asset: str, tz: ZoneInfo) -> Balance:
    """What a subject could spend at the end of ``day``; by the pseudonyms that are theirs today."""
    rows = await read(
        "SELECT a.expires_on, (SELECT p.balance FROM posting p WHERE p.account = a.id AND p.pos < ?"
        " ORDER BY p.pos DESC LIMIT 1) FROM account a WHERE a.asset = ?"
        " AND a.holder IN (SELECT holder FROM pseudonym WHERE kind = ? AND subject = ?)",
        await position_at(read, end_of(day, tz)),
        asset,
        subject.kind,
        subject.id,
    )
    lots: dict[date | None, int] = {}
    for expires_on, held in rows:
        end = date.fromisoformat(expires_on) if expires_on else None
        if held and not days.is_past(end, day):
            lots[end] = lots.get(end, 0) + held
    return spendable(asset, lots)


def spendable(asset: str, lots: dict[date | None, int]) -> Balance:
    """Lots by their last day, earliest first."""
    parts = sorted(lots.items(), key=lambda lot: lot[0] or date.max)
    return Balance(asset, sum(lots.values()), tuple(Lot(*lot) for lot in parts))
