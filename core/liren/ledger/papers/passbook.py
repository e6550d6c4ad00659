# SPDX-License-Identifier: Apache-2.0
"""A passbook: a holder's records between two positions of the log, oldest first, each with the balance after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from liren.ledger.lines import lines
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.services import EntryView

MOST = 2000
"""Records of one passbook; who has more takes several."""
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One line."""

    entry: EntryView
    title: str
    where: str
    balance: int
    """After it."""


@dataclass(frozen=True, slots=True)
class Passbook:
    """What was there before, every record since, what is there now."""

    opening: int
    rows: tuple[Row, ...]

    @property
    def closing(self) -> int:
        return self.rows[-1].balance if self.rows else self.opening

    def sum_of(self, *why: str) -> int:
        """What records of these kinds did to the balance, signed."""
        return sum(row.entry.amount for row in self.rows if row.entry.why in why)

    def leaves(self, size: int) -> list[tuple[int, tuple[Row, ...]]]:
        """(balance carried over, rows) of each printed page; at least one page."""
        parts = [self.rows[at : at + size] for at in range(0, len(self.rows), size)] or [()]
        carried, found = self.opening, []
        for part in parts:
            found.append((carried, part))
            carried = part[-1].balance if part else carried
        return found


async def held_at(reader: Reader, subject: Subject, asset: str, position: int) -> int:
    """All a subject held when the log had ``position`` entries, expired or not."""
    ((held,),) = await reader.store.read(
        "SELECT COALESCE(SUM(p.amount), 0) FROM account a JOIN posting p ON p.account = a.id"
        " WHERE a.asset = ? AND p.pos < ? AND a.holder IN"
        " (SELECT holder FROM pseudonym WHERE kind = ? AND subject = ?)",
        asset,
        position,
        subject.kind,
        subject.id,
    )
    return int(held)


async def passbook(ctx: Context, reader: Reader, subject: Subject, asset: str, start: int, end: int) -> Passbook:
    """Records at positions ``start … end − 1``."""
    found: list[EntryView] = []
    before = end
    while len(found) < MOST:
        chunk = await reader.entries(subject, limit=CHUNK, before=before)
        found += [entry for entry in chunk if entry.pos >= start and entry.asset == asset]
        if len(chunk) < CHUNK or chunk[-1].pos < start:
            break
        before = chunk[-1].pos
    opening = balance = await held_at(reader, subject, asset, found[-1].pos if found else start)
    rows = []
    for line in await lines(ctx, found[::-1]):
        balance += line.entry.amount
        rows.append(Row(line.entry, line.title, line.where, balance))
    return Passbook(opening, tuple(rows))


def summed(lots: Sequence[tuple[str, str, int]], asset: str) -> dict[str, int]:
    """Expiry → points, of the lots of one asset, ascending."""
    found: dict[str, int] = {}
    for kind, expiry, amount in lots:
        if kind == asset:
            found[expiry] = found.get(expiry, 0) + amount
    return dict(sorted(found.items()))
