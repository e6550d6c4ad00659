# SPDX-License-Identifier: Apache-2.0
"""One batch, written: entries, derived rows and exactly one update of the head."""

import asyncio
from typing import Any, Final

from liren.ledger.engine.book import Account, AccountKey, Book
from liren.ledger.errors import ReadOnly
from liren.ledger.log.merkle import Edge, leaf_hash
from liren.ledger.log.nodes import NODE_LEVELS
from liren.ledger.log.records import Post, entry_bytes
from liren.store import WriterConnection

BREATH: Final = 500
"""Rows after which other tasks get their turn: an import of 5 000 must not freeze every page."""

Row = tuple[Any, ...]


async def write(conn: WriterConnection, book: Book, admitted_ms: int) -> Edge:
    """Write the batch of ``book``.

    :returns: the edge of the log with the batch in it, the book's own once COMMIT has succeeded
    """
    edge = book.edge.copy()
    first_line = entry_bytes(admitted_ms, b"")
    entries: list[Row] = []
    postings: list[Row] = []
    openings: list[Row] = []
    nodes: list[Row] = []
    touched: dict[AccountKey, Account] = {}
    new: list[Row] = []
    for drafted in book.batch.records:
        pos, record, note = edge.size, drafted.record, drafted.note
        leaf = leaf_hash(first_line + note)
        nodes += edge.append(leaf)[NODE_LEVELS - 1 :: NODE_LEVELS]
        why = record.why if isinstance(record, Post) else None
        entries.append(
            (pos, record.rid, record.kind, why, drafted.unit, admitted_ms, record.eff, drafted.ref, note, leaf)
        )
        for key, amount, balance in drafted.after:
            account = book.accounts[key]
            if not account.id:
                book.last_account_id += 1
                account.id = book.last_account_id
                end = account.expires_on.isoformat() if account.expires_on else None
                new.append((account.id, *key, account.holder, end, account.balance))
            elif key not in touched:
                touched[key] = account
            postings.append((account.id, pos, amount, balance))
        if drafted.opening is not None:
            openings.append((pos, *drafted.opening))
        if drafted.key_row is not None:
            await _key(conn, drafted.key_row, pos)
        if len(entries) % BREATH == 0:
            await asyncio.sleep(0)
    await _many(
        conn,
        "INSERT INTO log_entry (pos, rid, kind, why, unit, admitted_ms, eff, ref, body, leaf)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        entries,
    )
    await _many(
        conn,
        "INSERT INTO account (id, asset, address, holder, expires_on, balance) VALUES (?, ?, ?, ?, ?, ?)",
        new,
    )
    await _many(
        conn,
        "UPDATE account SET balance = ? WHERE id = ?",
        sorted(((account.balance, account.id) for account in touched.values()), key=lambda row: row[1]),
    )
    await _many(conn, "INSERT INTO posting (account, pos, amount, balance) VALUES (?, ?, ?, ?)", postings)
    await _many(conn, "INSERT INTO opening (pos, salt, ciphertext) VALUES (?, ?, ?)", openings)
    await _many(conn, "INSERT INTO log_node (level, idx, hash) VALUES (?, ?, ?)", nodes)
    await _head(conn, book, edge, admitted_ms)
    return edge


async def _head(conn: WriterConnection, book: Book, edge: Edge, admitted_ms: int) -> None:
    """Exactly one row changes, and only if the head still is what this batch was built on."""
    values = (edge.size, edge.root(), edge.dump(), admitted_ms)
    if book.size == 0:
        done = await conn.sql(
            "INSERT INTO log_head (one, origin, size, root, edge, last_ms) VALUES (1, ?, ?, ?, ?, ?)"
            " ON CONFLICT (one) DO NOTHING RETURNING size",
            book.origin,
            *values,
        )
    else:
        done = await conn.sql(
            "UPDATE log_head SET origin = ?, size = ?, root = ?, edge = ?, last_ms = ? WHERE one = 1 AND size = ?"
            " RETURNING size",
            book.origin,
            *values,
            book.size,
        )
    if len(done) != 1:
        raise ReadOnly(
            "账本被别的程序同时改动，这次没有保存。请重试；再次出现请联系管理员。",
            "The head of the log moved under this batch; nothing was saved. Try again.",
        )


async def _key(conn: WriterConnection, row: Row, pos: int) -> None:
    act, vkey, role, unit, may = row
    if act == "add":
        await conn.sql(
            "INSERT INTO key (vkey, role, unit, may, added) VALUES (?, ?, ?, ?, ?)", vkey, role, unit, may, pos
        )
    else:
        await conn.sql("UPDATE key SET revoked = ? WHERE vkey = ?", pos, vkey)


async def _many(conn: WriterConnection, query: str, rows: list[Row]) -> None:
    for start in range(0, len(rows), BREATH):
        await conn.many(query, rows[start : start + BREATH])
        if len(rows) > BREATH:
            await asyncio.sleep(0)
