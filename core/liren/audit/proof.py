# SPDX-License-Identifier: Apache-2.0
"""Whole days of the audit as JSON Lines, which anybody can chain again without the server.

The first line says where the chain stands before the first row; each row follows as it was chained; a head follows the
last row of its day, with the salt and the signed record that attests it. Changing, adding or leaving out one row
breaks every digest behind it, up to a head the street signed. That the record itself stands in the street's log is
shown by a ledger export: ``liren-verify``, and the record's id printed by the check.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from liren.audit.chain import FIRST, Raw, document, link
from liren.audit.tables import Head
from liren.ledger.errors import Malformed
from liren.ledger.log import records
from liren.ledger.log.note import open_note
from liren.ledger.log.records import Attest, attest_digest
from liren.ledger.rules.addresses import decode_id
from liren.store import Store

FORMAT: Final = "liren/audit-lines/v1"


class Start(msgspec.Struct, frozen=True, tag="start", tag_field="line"):
    """First line."""

    format: str
    before: str
    """Digest before the first row, hex."""
    since: date
    until: date


class Row(msgspec.Struct, frozen=True, tag="row", tag_field="line"):
    """One audit row, as it was chained."""

    row: Raw


class Day(msgspec.Struct, frozen=True, tag="day", tag_field="line"):
    """A day's head and what attests it."""

    day: date
    last: int
    digest: str
    salt: str
    rid: str
    record: str
    """The signed note, base64."""


Line = Start | Row | Day
_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds, and the first thing wrong with it."""

    rows: int
    days: tuple[tuple[date, str], ...]
    """Attested days and the ids of their records."""
    zh: str = ""
    en: str = ""


async def lines(store: Store, since: date, until: date, first: int, last: int) -> AsyncIterator[bytes]:
    """:param first: position of the first row of ``since``; ``last`` of the last one of ``until``"""
    before = await store.read("SELECT digest FROM audit_link WHERE id < ? ORDER BY id DESC LIMIT 1", first)
    digest = bytes(before[0][0]) if before else FIRST
    yield _encode(Start(FORMAT, digest.hex(), since, until)) + b"\n"
    heads = {head.last: head for head in await Head.objects().where((Head.last >= first) & (Head.last <= last))}
    query = (
        "SELECT id, at_ms, actor, plugin, what, subject, unit, detail FROM audit WHERE id >= ? AND id <= ? ORDER BY id"
    )
    async for part in store.stream(query, first, last):
        for row in part:
            yield _encode(Row(row)) + b"\n"
            head = heads.get(row[0])
            if head is not None:
                yield _encode(await _day(store, head)) + b"\n"


async def _day(store: Store, head: Head) -> Day:
    [(body,)] = await store.read("SELECT body FROM log_entry WHERE rid = ?", head.rid)
    record = base64.b64encode(bytes(body)).decode()
    return Day(head.day, head.last, bytes(head.digest).hex(), bytes(head.salt).hex(), head.rid, record)


def check(content: Iterable[bytes]) -> Checked:
    """Chain a file again, offline; stops at the first line that does not fit."""
    rows, days, digest, last = 0, list[tuple[date, str]](), b"", 0
    for number, line in enumerate(content, 1):
        try:
            one = _decode(line)
            if isinstance(one, Start) == (number > 1) or (isinstance(one, Start) and one.format != FORMAT):
                raise ValueError("a start in the middle, or none")
            if isinstance(one, Start):
                digest = bytes.fromhex(one.before)
            elif isinstance(one, Row):
                digest, last, rows = link(digest, one.row), one.row[0], rows + 1
            elif not _attested(one, digest, last):
                return _wrong(rows, days, number)
            else:
                days.append((one.day, one.rid))
        except (ValueError, msgspec.DecodeError, Malformed, binascii.Error):
            return _wrong(rows, days, number)
    return Checked(rows, tuple(days))


def _attested(day: Day, digest: bytes, last: int) -> bool:
    record = records.decode(open_note(base64.b64decode(day.record, validate=True))[0])
    said = document(day.day, day.last, digest)
    return (
        isinstance(record, Attest)
        and record.rid == day.rid
        and last == day.last
        and digest.hex() == day.digest
        and decode_id(record.digest) == attest_digest(bytes.fromhex(day.salt), said)
    )


def _wrong(rows: int, days: list[tuple[date, str]], number: int) -> Checked:
    return Checked(
        rows,
        tuple(days),
        f"第 {number} 行对不上：这里或前面有记录被改过、加进来或删掉了。",
        f"Line {number} does not fit: a row here or before it was altered, added or left out.",
    )
