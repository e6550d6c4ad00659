# SPDX-License-Identifier: Apache-2.0
"""``liren ledger verify`` and ``liren ledger rebuild``: the database against its own signed bytes."""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from liren.ledger.archive import recovery
from liren.ledger.archive.judge import Judge
from liren.ledger.archive.replay import COLUMNS, Finding, Held, Replay, row_digest
from liren.ledger.authority import policy
from liren.ledger.engine.participant import Ledger
from liren.ledger.errors import LedgerError, Refused
from liren.ledger.log.note import verify_note
from liren.ledger.log.records import Post
from liren.ledger.papers import statements
from liren.ledger.reading import months
from liren.ledger.reading.reader import read_checkpoint
from liren.ledger.rules import addresses
from liren.ledger.rules.days import day_of
from liren.store import Store, Tx

Progress = Callable[[int, int], None]
"""``progress(entries done, entries in all)``."""

CHUNK: Final = 1000
ACTOR: Final = "job:ledger.rebuild"


async def verify(store: Store, progress: Progress | None = None) -> list[Finding]:
    """Check every stored entry, the head and the checkpoints against the signed bytes, and every record against the
    rules of posting; beside a running server too.

    :returns: what is wrong; empty: nothing
    """
    # One statement, one snapshot: the log may grow while it is checked.
    head = await store.read("SELECT origin, size, root, edge, last_ms, (SELECT count(*) FROM log_entry) FROM log_head")
    size = head[0][1] if head else 0
    notes = await store.read("SELECT size, note FROM checkpoint ORDER BY size")
    grown = await store.read("SELECT size FROM log_head")
    judge = await _judge(store, head[0][0], size) if head else None
    replay, findings, roots = await _replayed(store, progress, rights=True, below=size if head else None, judge=judge)
    findings += _head_findings(replay, head)
    if judge is not None:
        findings += judge.finish()
    log_keys = [key.vkey for key in replay.keys if key.role == "log"]
    for at, note in notes:
        if size < at <= (grown[0][0] if grown else 0):
            continue  # of what came in meanwhile
        try:
            verify_note(bytes(note), *log_keys)
            good = read_checkpoint(bytes(note)) == (at, roots.get(at))
        except (LedgerError, ValueError):
            good = False
        if not good:
            findings.append(Finding(f"{at} 笔时的检查点不对。", f"The checkpoint at {at} entries is wrong."))
    return findings


async def _judge(store: Store, origin: str, size: int) -> Judge:
    bodies = {digest: bytes(body) for digest, body in await store.read("SELECT digest, body FROM policy")}
    query = "SELECT DISTINCT ref FROM log_entry WHERE ref IS NOT NULL AND pos < ?"
    wanted = {ref async for rows in store.stream(query, size, size=CHUNK) for (ref,) in rows}
    return Judge(origin, bodies, wanted, await statements.export_json(store, size))


async def rebuild(store: Store, *, mend: Ledger | None = None, progress: Progress | None = None) -> list[Finding]:
    """Compare ``account``, ``posting``, ``log_node``, ``key`` and the sums by month with a replay of the log; with the
    web stopped.

    :param mend: with this ledger: make the tables equal to the replay, in one transaction
    :returns: the differences found
    :raises Refused: the log itself is wrong, and no table can say what it says
    """
    counting = Counting(await months.counted(store))
    replay, _, _ = await _replayed(store, progress, rights=False, counting=counting)
    findings = [
        *await _accounts(store, replay),
        *await _postings(store, replay),
        *await _nodes(store, replay),
        *await _keys(store, replay),
        *await _sums(store, replay, counting),
    ]
    if findings and mend is not None:
        _check_sayable(replay)
        async with store.transaction(ACTOR, limit_s=24 * 3600) as tx:
            await _rewrite(store, tx, replay)
        mend.forget()
    return findings


async def _replayed(
    store: Store,
    progress: Progress | None,
    *,
    rights: bool,
    below: int | None = None,
    counting: "Counting | None" = None,
    judge: Judge | None = None,
) -> tuple[Replay, list[Finding], dict[int, bytes]]:
    """The replay of the log, what is wrong with its entries, and the roots at checkpoint sizes.

    :param below: only positions below it
    """
    bodies = {digest: bytes(body) for digest, body in await store.read("SELECT digest, body FROM policy")}
    wanted = {size for (size,) in await store.read("SELECT size FROM checkpoint")}
    ((total,),) = await store.read("SELECT count(*) FROM log_entry")
    recoveries = dict(await recovery.bodies(store))
    replay, findings = Replay(bodies, recoveries, rights=rights), list[Finding]()
    roots: dict[int, bytes] = {}
    query = f"SELECT {COLUMNS} FROM log_entry WHERE pos < ? ORDER BY pos"  # noqa: S608 - our own columns
    async for rows in store.stream(query, 2**62 if below is None else below, size=CHUNK):
        for row in rows:
            findings += replay.take(row)
            if judge is not None:
                judge.take(row)
            if counting is not None:
                counting.take(row, replay)
            if replay.edge.size in wanted:
                roots[replay.edge.size] = replay.edge.root()
        if progress is not None:
            progress(replay.edge.size, total)
        await asyncio.sleep(0)
    return replay, findings, roots


def _head_findings(replay: Replay, rows: list[tuple[Any, ...]]) -> list[Finding]:
    if not rows:
        empty = replay.edge.size == 0
        return [] if empty else [Finding("日志头丢失。", "The head of the log is missing.")]
    origin, size, root, edge, last_ms, count = rows[0]
    stored = (origin, size, bytes(root), bytes(edge), last_ms, count)
    real = (replay.origin, replay.edge.size, replay.edge.root(), replay.edge.dump(), replay.last_ms, size)
    names = ("origin", "size", "root", "edge", "last_ms", "number of entries")
    return [
        Finding(f"日志头的 {name} 与记录不符。", f"The head's {name} does not agree with the entries.")
        for name, a, b in zip(names, stored, real, strict=True)
        if a != b
    ]


class Counting:
    """The sums by month as they must stand, of the entries that were counted so far."""

    def __init__(self, below: int) -> None:
        self.below = below
        self.sums = months.Counted({}, {})

    def take(self, row: tuple[Any, ...], replay: Replay) -> None:
        if row[0] < self.below and isinstance(replay.record, Post):
            tz = replay.policy.tz if replay.policy is not None else ZoneInfo(policy.DEFAULT_TZ)
            self.sums.add(f"{day_of(row[5], tz):%Y-%m}", replay.record)


def account_row(key: tuple[str, str], held: Held) -> tuple[Any, ...]:
    """The row of ``account``."""
    address = addresses.parse(key[1])
    end = address.expires_on.isoformat() if address.expires_on else None
    return (held.id, *key, address.name if address.of_holder else None, end, held.balance)


async def _accounts(store: Store, replay: Replay) -> list[Finding]:
    query = "SELECT id, asset, address, holder, expires_on, balance FROM account ORDER BY id"
    findings, seen = list[Finding](), set[tuple[str, str]]()
    async for rows in store.stream(query, size=CHUNK):
        for row in rows:
            held = replay.accounts.get((row[1], row[2]))
            if held is None or row != account_row((row[1], row[2]), held):
                findings.append(_different("account", row[2]))
            seen.add((row[1], row[2]))
    return findings + [_different("account", key[1]) for key in replay.accounts.keys() - seen]


async def _postings(store: Store, replay: Replay) -> list[Finding]:
    stored: dict[int, int] = {}
    async for rows in store.stream("SELECT account, pos, amount, balance FROM posting", size=CHUNK):
        for row in rows:
            stored[row[0]] = stored.get(row[0], 0) + row_digest(row)
    real = {held.id: held.postings for held in replay.accounts.values()}
    names = {held.id: key[1] for key, held in replay.accounts.items()}
    return [
        _different("posting", names.get(id_, str(id_)))
        for id_ in sorted(stored.keys() | real.keys())
        if stored.get(id_) != real.get(id_)
    ]


async def _nodes(store: Store, replay: Replay) -> list[Finding]:
    rows = await store.read("SELECT level, idx, hash FROM log_node")
    stored = {(level, index): bytes(node) for level, index, node in rows}
    return [
        _different("log_node", f"{level}/{index}")
        for level, index in sorted(stored.keys() | replay.nodes.keys())
        if stored.get((level, index)) != replay.nodes.get((level, index))
    ]


def key_rows(replay: Replay) -> dict[str, tuple[Any, ...]]:
    """The rows of ``key`` by verifier key."""
    return {
        str(key.vkey): (
            str(key.vkey),
            key.role,
            key.unit,
            msgspec.json.encode(key.may).decode() if key.may is not None else None,
            key.added,
            key.revoked,
        )
        for key in replay.keys
    }


async def _keys(store: Store, replay: Replay) -> list[Finding]:
    rows = await store.read("SELECT vkey, role, unit, may, added, revoked FROM key")
    stored, real = {row[0]: row for row in rows}, key_rows(replay)
    return [
        _different("key", vkey.partition("+")[0])
        for vkey in sorted(stored.keys() | real.keys())
        if stored.get(vkey) != real.get(vkey)
    ]


def _check_sayable(replay: Replay) -> None:
    for (_, address), held in replay.accounts.items():
        if held.balance < 0 and address != addresses.ISSUANCE:
            raise Refused(
                f"日志里账户 {address} 是负数，日志本身有错，派生表没有改动。请先用 liren ledger verify 核对。",
                f"In the log itself account {address} is below 0: no table was touched. Run liren ledger verify first.",
            )


async def _rewrite(store: Store, tx: Tx, replay: Replay) -> None:
    for table in ("posting", "account", "log_node", "key", "ledger_month", "ledger_budget", "ledger_counted"):
        await tx.sql(f"DELETE FROM {table}")  # noqa: S608 - our own names; the sums are counted anew by their job
    accounts = [account_row(key, held) for key, held in replay.accounts.items()]
    await tx.many(
        "INSERT INTO account (id, asset, address, holder, expires_on, balance) VALUES (?, ?, ?, ?, ?, ?)", accounts
    )
    nodes = [(*place, node) for place, node in replay.nodes.items()]
    await tx.many("INSERT INTO log_node (level, idx, hash) VALUES (?, ?, ?)", nodes)
    await tx.many(
        "INSERT INTO key (vkey, role, unit, may, added, revoked) VALUES (?, ?, ?, ?, ?, ?)",
        list(key_rows(replay).values()),
    )
    bodies = {digest: bytes(body) for digest, body in await tx.sql("SELECT digest, body FROM policy")}
    again = Replay(bodies, dict(await recovery.bodies(store)), rights=False)
    async for rows in store.stream(f"SELECT {COLUMNS} FROM log_entry ORDER BY pos", size=CHUNK):  # noqa: S608
        postings: list[tuple[Any, ...]] = []
        for row in rows:
            for _ in again.take(row):
                pass
            postings += again.postings
        await tx.many("INSERT INTO posting (account, pos, amount, balance) VALUES (?, ?, ?, ?)", postings)


async def _sums(store: Store, replay: Replay, counting: Counting) -> list[Finding]:
    findings = []
    if counting.below > replay.edge.size:
        findings.append(_different("ledger_counted", str(counting.below)))
    wanted = {
        "ledger_month": ("month, asset, why, records, held, moved", counting.sums.moves),
        "ledger_budget": ("month, unit, asset, funded, awarded", counting.sums.budgets),
    }
    for table, (columns, real) in wanted.items():
        rows = await store.read(f"SELECT {columns} FROM {table}")  # noqa: S608 - our own names
        stored = {tuple(row[:3]): [int(value) for value in row[3:]] for row in rows}
        for key in sorted(stored.keys() | real.keys()):
            if stored.get(key) != real.get(key):
                findings.append(_different(table, " ".join(key)))
    return findings


def _different(table: str, name: str) -> Finding:
    return Finding(
        f"派生表 {table} 的“{name}”与日志重放结果不同。", f"Table {table}: “{name}” differs from the replayed log."
    )
