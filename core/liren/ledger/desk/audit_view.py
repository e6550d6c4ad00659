# SPDX-License-Identifier: Apache-2.0
"""The log as an auditor leafs through it: by position, by number, by unit, code and day. Pseudonyms only, no person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from liren.ledger.authority import policy
from liren.ledger.authority.keepers import Keeper, keepers
from liren.ledger.errors import LedgerError
from liren.ledger.log import merkle, nodes, records
from liren.ledger.log.history import end_of, position_at
from liren.ledger.log.note import open_note
from liren.ledger.papers.receipts import Receipts, keys_note, pack, proof_file
from liren.ledger.reading.reader import Reader, not_there, read_checkpoint
from liren.ledger.rules.addresses import CODE

GROWTH_DAYS: Final = 14
SCANNED: Final = 20_000
"""Entries that one search looks through, newest first; a day narrows it."""
MOST: Final = 200
_CODE: Final = re.compile(rf'"code":"({CODE})"'.encode())


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in a list."""

    pos: int
    rid: str
    kind: str
    why: str | None
    unit: str | None
    admitted_ms: int
    code: str
    """Empty for records that have none."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the auditor looks for; empty: everything."""

    unit: str = ""
    code: str = ""
    day: date | None = None

    @property
    def any(self) -> bool:
        return bool(self.unit or self.code or self.day)


@dataclass(frozen=True, slots=True)
class Whole:
    """One entry with all that proves it."""

    pos: int
    admitted_ms: int
    note: str
    fields: tuple[tuple[str, str], ...]
    """Members of the record but its postings, as written."""
    postings: tuple[tuple[str, str, str, int], ...]
    signers: tuple[Keeper, ...]
    code: str
    """Empty for records that have none."""
    size: int
    root: bytes
    path: tuple[bytes, ...]
    holds: bool
    """Leaf and path lead to the signed root: computed for this page."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A policy record, and what it changed against the one before."""

    pos: int
    digest: str
    admitted_ms: int
    rules: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]
    """(code, before, after)."""


async def lines(reader: Reader, first: int, last: int) -> list[Line]:
    """Entries at positions ``first … last``, newest first."""
    rows = await reader.store.read(
        "SELECT pos, rid, kind, why, unit, admitted_ms, body FROM log_entry"
        " WHERE pos BETWEEN ? AND ? ORDER BY pos DESC",
        first,
        last,
    )
    return [_line(row) for row in rows]


def _line(row: Sequence[Any]) -> Line:
    # Searched and not decoded: a list has to show a damaged entry too.
    code = _CODE.search(bytes(row[6]))
    return Line(*[*row[:6], code[1].decode() if code else ""])


async def search(reader: Reader, wanted: Search) -> tuple[list[Line], bool]:
    """(what was found, newest first; whether older entries were not looked at)."""
    start, end = 0, await size_of(reader)
    if wanted.day is not None:
        start = await position_at(reader.store.read, end_of(wanted.day - timedelta(days=1), reader.tz))
        end = await position_at(reader.store.read, end_of(wanted.day, reader.tz))
    first = max(start, end - SCANNED)
    found: list[Line] = []
    mark = f'"code":"{wanted.code}"'.encode()
    query = (
        "SELECT pos, rid, kind, why, unit, admitted_ms, body FROM log_entry WHERE pos >= ? AND pos < ?"
        " AND (? = '' OR unit = ?) ORDER BY pos DESC"
    )
    async for rows in reader.store.stream(query, first, end, wanted.unit, wanted.unit):
        found += [_line(row) for row in rows if not wanted.code or mark in bytes(row[6])]
        if len(found) >= MOST:
            return found[:MOST], True
    return found, first > start


async def position_of(reader: Reader, text: str) -> int | None:
    """The entry a number or a rid names; None where there is none."""
    if text.isdecimal() and len(text) < 16:
        return int(text) if int(text) < await size_of(reader) else None
    rows = await reader.store.read("SELECT pos FROM log_entry WHERE rid = ?", text)
    return int(rows[0][0]) if rows else None


async def size_of(reader: Reader) -> int:
    rows = await reader.store.read("SELECT size FROM log_head")
    return int(rows[0][0]) if rows else 0


async def whole(reader: Reader, pos: int) -> Whole:
    """:raises NotFound: no such entry"""
    rows = await reader.store.read("SELECT rid, admitted_ms, body FROM log_entry WHERE pos = ?", pos)
    if not rows:
        raise not_there()
    rid, admitted_ms, note = rows[0][0], rows[0][1], bytes(rows[0][2])
    text, signatures = open_note(note)
    record = records.decode(text)
    _, entry, size, path, checkpoint = await Receipts(reader.store, reader.ledger, reader).proven(rid)
    root = read_checkpoint(checkpoint)[1]
    built = msgspec.to_builtins(record)
    return Whole(
        pos,
        admitted_ms,
        note.decode(),
        tuple((name, _said(value)) for name, value in built.items() if name != "p"),
        tuple(record.p) if isinstance(record, records.Post) else (),
        await keepers(reader.store.read, signatures),
        str(built.get("code", "")),
        size,
        root,
        tuple(path),
        merkle.root_from_inclusion(merkle.leaf_hash(entry), pos, size, path) == root,
    )


async def evidence(reader: Reader, pos: int) -> bytes:
    """The file ``liren-verify`` takes, of any entry; without the personal part, which is its holder's."""
    rows = await reader.store.read("SELECT rid FROM log_entry WHERE pos = ?", pos)
    if not rows:
        raise not_there()
    _, entry, size, path, checkpoint = await Receipts(reader.store, reader.ledger, reader).proven(rows[0][0])
    return pack(
        {
            "entry": entry,
            "proof.tlog-proof": proof_file(pos, path, checkpoint),
            "keys.note": await keys_note(reader.store, size),
        }
    )


async def growth(reader: Reader, today: date) -> list[tuple[date, int]]:
    """Entries admitted on each of the last days, today last."""
    days = [today - timedelta(days=back) for back in range(GROWTH_DAYS, -1, -1)]
    ends = [await position_at(reader.store.read, end_of(day, reader.tz)) for day in days]
    return [(day, end - start) for day, start, end in zip(days[1:], ends, ends[1:], strict=False)]


async def consistency(reader: Reader, old: int, new: int) -> tuple[bytes, bytes, list[bytes], bool] | None:
    """(older root, newer root, proof, whether it holds) of two signed checkpoints; None where one is missing."""
    notes = []
    for size in (old, new):
        rows = await reader.store.read("SELECT note FROM checkpoint WHERE size = ?", size)
        if not rows:
            return None
        notes.append(read_checkpoint(bytes(rows[0][0])))
    if not 0 < old <= new:
        return None
    proof = await nodes.consistency(reader.store.read, old, new)
    (_, old_root), (_, new_root) = notes
    return old_root, new_root, proof, merkle.consistent(old, old_root, new, new_root, proof)


async def adopted(reader: Reader) -> Sequence[Adopted]:
    """Every policy of the log, newest first, each against the one before it."""
    rows = await reader.store.read(
        "SELECT pos, admitted_ms, body FROM log_entry WHERE kind <> 'post' AND kind = 'policy' ORDER BY pos"
    )
    found: list[Adopted] = []
    before: dict[str, str] = {}
    for pos, admitted_ms, body in rows:
        digest = policy.read_record(bytes(body))
        now = await _rules(reader, digest)
        both = sorted(before.keys() & now.keys())
        found.append(
            Adopted(
                pos,
                digest,
                admitted_ms,
                len(now),
                tuple(sorted(now.keys() - before.keys())),
                tuple(sorted(before.keys() - now.keys())),
                tuple((code, before[code], now[code]) for code in both if before[code] != now[code]),
            )
        )
        before = now
    return found[::-1]


async def _rules(reader: Reader, digest: str) -> dict[str, str]:
    rows = await reader.store.read("SELECT body FROM policy WHERE digest = ?", digest)
    try:
        body = policy.read_body(bytes(rows[0][0])).body if rows else None
    except LedgerError:
        body = None
    if body is None:
        return {}
    return {rule.code: _rule(msgspec.to_builtins(rule)) for rule in body.rules}


def _rule(rule: dict[str, Any]) -> str:
    return " ".join(f"{name}={rule[name]}" for name in sorted(rule) if name != "code")


def _said(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()
