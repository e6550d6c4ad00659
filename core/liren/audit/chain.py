# SPDX-License-Identifier: Apache-2.0
"""Each audit row's digest holds the digest of the row before it; a day's last one is attested in the ledger.

Whoever changes, adds or removes a row afterwards has to change every digest behind it, and the attested one they
cannot: it lies under the log's signatures and in every checkpoint people took home.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from liren.audit.tables import AuditRow, Head, Link
from liren.ledger.log import records
from liren.ledger.log.note import open_note
from liren.ledger.log.records import Attest, attest_digest
from liren.ledger.rules.addresses import decode_id
from liren.plugins.context import Context
from liren.plugins.services import Tx
from liren.store import Store

TAG: Final = b"liren/audit/v1\n"
FIRST: Final = bytes(32)
"""What stands before the first row."""
AT_ONCE: Final = 5000
CODE: Final = "ledger.audit"
Raw = tuple[int, int, str, str, str, str, str | None, str]
"""(id, at_ms, actor, plugin, what, subject, unit, detail)"""


class Sealed(msgspec.Struct, frozen=True):
    """Command: one day's head goes into the ledger."""

    day: str
    digest: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold."""

    row: int
    zh: str
    en: str


def link(before: bytes, row: Raw) -> bytes:
    """32 bytes: SHA-256 over a tag, the digest before, and the row as a JSON array (RFC 8785 needs no more here:
    integers, strings and null)."""
    return hashlib.sha256(TAG + before + msgspec.json.encode(row)).digest()


def document(day: date, last: int, digest: bytes) -> bytes:
    """What is attested of a day."""
    return f"audit\n{day.isoformat()}\n{last}\n{digest.hex()}\n".encode()


async def extend(ctx: Context) -> int:
    """Chain what was written since; :returns: how many rows."""
    done = 0
    while True:
        async with ctx.transaction():
            last = await Link.objects().order_by(Link.id, ascending=False).first()
            rows = await raw_rows(last.id if last else 0, AT_ONCE)
            before = bytes(last.digest) if last else FIRST
            links = []
            for row in rows:
                before = link(before, row)
                links.append(Link(id=row[0], digest=before))
            for start in range(0, len(links), 400):
                await Link.insert(*links[start : start + 400])
        done += len(rows)
        if len(rows) < AT_ONCE:
            return done


async def raw_rows(after: int, limit: int) -> list[Raw]:
    found = await AuditRow.select().where(AuditRow.id > after).order_by(AuditRow.id).limit(limit)
    return [
        (
            row["id"],
            row["at_ms"],
            row["actor"],
            row["plugin"],
            row["what"],
            row["subject"],
            row["unit"],
            row["detail"],
        )
        for row in found
    ]


async def seal_days(ctx: Context) -> None:
    """The daily job: attest the head of every day that is over and has rows; made up for after the server was off."""
    await extend(ctx)
    sealed = await Head.objects().order_by(Head.day, ascending=False).first()
    since = sealed.last if sealed else 0
    street = (await ctx.units.street()).code
    midnight = datetime.combine(ctx.today(), time(), ctx.now().tzinfo)
    while True:
        first = await AuditRow.objects().where(AuditRow.id > since).order_by(AuditRow.id).first()
        if first is None or first.at_ms >= midnight.timestamp() * 1000:
            return
        day = datetime.fromtimestamp(first.at_ms / 1000, midnight.tzinfo).date()
        since = await _seal(ctx, street, day)


async def _seal(ctx: Context, street: str, day: date) -> int:
    """:returns: ``audit.id`` of the day's last row"""
    end = datetime.combine(day + timedelta(days=1), time(), ctx.now().tzinfo)
    before_end = AuditRow.at_ms < int(end.timestamp() * 1000)
    row = await AuditRow.objects().where(before_end).order_by(AuditRow.id, ascending=False).first()
    assert row is not None
    last = int(row.id)
    chained = await Link.objects().where(Link.id == last).first()
    assert chained is not None
    digest, salt = bytes(chained.digest), secrets.token_bytes(32)

    async def body(tx: Tx) -> int:
        attested = attest_digest(salt, document(day, last, digest))
        posted = await tx.attest(f"audit/{day.isoformat()}", attested, code=CODE, unit=street)
        await Head.insert(Head(day=day, last=last, digest=digest, salt=salt, rid=posted.rid))
        return last

    return await ctx.once(f"audit/{day.isoformat()}", Sealed(day.isoformat(), digest.hex()), body, int)


async def verify(store: Store) -> list[Break]:
    """Replay the whole chain against its links, its heads and the ledger; stops at the first row that does not fit."""
    heads = {head.last: head for head in await Head.objects().order_by(Head.day)}
    before, position, found = FIRST, 0, list[Break]()
    while rows := await raw_rows(position, AT_ONCE):
        links = {
            each.id: bytes(each.digest)
            for each in await Link.objects().where((Link.id >= rows[0][0]) & (Link.id <= rows[-1][0]))
        }
        for row in rows:
            before = link(before, row)
            if row[0] in links and links[row[0]] != before:
                return [*found, _altered(row[0])]
            if (head := heads.pop(row[0], None)) is not None:
                found += await _head_breaks(head, before, store)
        position = rows[-1][0]
    found += [_gone(head) for head in heads.values()]
    latest = await Link.objects().order_by(Link.id, ascending=False).first()
    if latest is not None and latest.id > position:
        found.append(
            Break(latest.id, f"第 {latest.id} 条之前的审计记录被删掉了。", f"Rows up to {latest.id} are gone.")
        )
    return found


async def _attested(store: Store, rid: str) -> bytes | None:
    """The digest an attest record signs; None where there is no such record."""
    rows = await store.read("SELECT body FROM log_entry WHERE rid = ? AND kind = 'attest'", rid)
    if not rows:
        return None
    record = records.decode(open_note(bytes(rows[0][0]))[0])
    return decode_id(record.digest) if isinstance(record, Attest) else None


async def _head_breaks(head: Head, digest: bytes, store: Store) -> Sequence[Break]:
    day = head.day.isoformat()
    said = await _attested(store, head.rid)
    if said is None or said != attest_digest(bytes(head.salt), document(head.day, head.last, digest)):
        return [
            Break(
                head.last,
                f"{day} 及以前的审计记录和账本里登记的不一样。",
                f"The audit rows up to {day} are not those the ledger attested.",
            )
        ]
    return ()


def _altered(row: int) -> Break:
    return Break(
        row,
        f"第 {row} 条审计记录（或它前面紧挨着的）被改过、加进来或删掉了。",
        f"Audit row {row}, or the one just before it, was altered, added or removed.",
    )


def _gone(head: Head) -> Break:
    return Break(
        head.last,
        f"{head.day.isoformat()} 的最后一条审计记录不见了。",
        f"The last audit row of {head.day.isoformat()} is gone.",
    )
