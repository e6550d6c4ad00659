# SPDX-License-Identifier: Apache-2.0
"""An export brought back into an empty database: the log, its policies and its last checkpoint; the rest is replayed.

What an export does not hold cannot come back: private keys, who the pseudonyms are, why points moved. It is for an
auditor's own machine, and for a street that has lost every backup but not its exports.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from liren.ledger.archive import check
from liren.ledger.archive.export import PER_FILE
from liren.ledger.archive.replay import Finding, columns_of
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.recovered import recovers
from liren.ledger.errors import LedgerError, Malformed, Refused
from liren.ledger.log import merkle, records
from liren.ledger.log.merkle import Edge
from liren.ledger.log.note import open_note
from liren.ledger.log.records import Record
from liren.ledger.reading.reader import read_checkpoint
from liren.store import Store, Tx
from liren.store.trouble import of_the_row

ACTOR: Final = "job:ledger.import"
LONGEST_S: Final = 24 * 3600
MOST_ENTRY: Final = records.MAX_RECORD + 64
MOST_MEMBER: Final = PER_FILE * (MOST_ENTRY + 4)
BROKEN: Final = (OSError, EOFError, RuntimeError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)
"""What a zip that is none, is cut off, encrypted or packed in an unknown way makes the library say."""
_POLICY = re.compile(r"policies/([A-Za-z0-9_-]{43})\.json")
_RECOVERY = re.compile(r"recovery/([A-Za-z0-9_-]{22})\.json")
_ENTRY = re.compile(rb"liren/entry/v1 ([1-9][0-9]{0,14})\n")


def look(path: Path) -> None:
    """:raises Malformed: at first sight no export"""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except BROKEN as error:
        raise _malformed() from error
    if not {"manifest.json", "checkpoint", "entries/000000.bin"} <= set(names):
        raise _malformed()


async def import_export(
    store: Store, ledger: Ledger, path: Path, progress: check.Progress | None = None
) -> list[Finding]:
    """
    :returns: what the log's own check finds; empty: it is whole
    :raises Refused: there is a log already, or an account of the export's falls below 0
    :raises Malformed: not an export
    """
    await _check_empty(store)
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise _malformed() from error
    with archive:
        try:
            async with store.transaction(ACTOR, limit_s=LONGEST_S) as tx:
                await _take(tx, archive, progress)
        except Exception as error:
            if of_the_row(error):  # one id twice
                raise _malformed() from error
            raise
    try:
        await check.rebuild(store, mend=ledger)
    except Refused:
        await _undo(store)
        raise
    await ledger.start(store)
    return await check.verify(store)


async def _check_empty(store: Store) -> None:
    if await store.read("SELECT 1 FROM log_entry LIMIT 1") == []:
        return
    if await store.read("SELECT 1 FROM key LIMIT 1") == []:  # killed between the log and its tables
        raise Refused(
            "上次导入没有做完：账本已经导入，账户还没有算出来。请运行 liren ledger rebuild --mend，不用再导入。",
            "The last import was cut off: the log is here, its accounts are not yet. Run liren ledger rebuild --mend; "
            "nothing has to be imported again.",
        )
    raise Refused("数据库里已经有账本，没有导入。", "There is a log in this database already; nothing was imported.")


async def _undo(store: Store) -> None:
    async with store.transaction(ACTOR, limit_s=LONGEST_S) as tx:
        for table in ("log_entry", "log_head", "checkpoint", "policy", "recovery"):
            await tx.sql(f"DELETE FROM {table}")  # noqa: S608 - our own names


async def _take(tx: Tx, archive: zipfile.ZipFile, progress: check.Progress | None) -> None:
    edge, last_ms, origin, recovered = Edge(), 0, "", dict[str, int]()
    for number in range(len([name for name in archive.namelist() if name.startswith("entries/")])):
        rows: list[tuple[Any, ...]] = []
        for last_ms, note in _entries(_member(archive, f"entries/{number:06}.bin")):
            record = _record(edge.size, note)
            origin = record.log
            rid, kind, why, unit, eff, ref = columns_of(record)
            leaf = merkle.leaf_hash(records.entry_bytes(last_ms, note))
            if recovers(record):
                recovered[record.rid] = edge.size
            rows.append((edge.size, rid, kind, why, unit, last_ms, eff, ref, note, leaf))
            for _ in edge.append(leaf):
                pass
        await tx.many(
            "INSERT INTO log_entry (pos, rid, kind, why, unit, admitted_ms, eff, ref, body, leaf)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        if progress is not None:
            progress(edge.size, (number + 1) * PER_FILE)
    if not edge.size:
        raise _malformed()
    await tx.sql(
        "INSERT INTO log_head (one, origin, size, root, edge, last_ms) VALUES (1, ?, ?, ?, ?, ?)",
        origin,
        edge.size,
        edge.root(),
        edge.dump(),
        last_ms,
    )
    note = _member(archive, "checkpoint")
    size, _ = read_checkpoint(note)
    await tx.sql("INSERT INTO checkpoint (size, note, at_ms) VALUES (?, ?, ?)", size, note, last_ms)
    for name in archive.namelist():
        if match := _POLICY.fullmatch(name):
            await tx.sql("INSERT INTO policy (digest, body) VALUES (?, ?)", match[1], _member(archive, name))
        elif (match := _RECOVERY.fullmatch(name)) and match[1] in recovered:
            body, pos = _member(archive, name), recovered[match[1]]
            await tx.sql("INSERT INTO recovery (rid, pos, body) VALUES (?, ?, ?)", match[1], pos, body)


def _record(pos: int, note: bytes) -> Record:
    try:
        return records.decode(open_note(note)[0])
    except LedgerError as error:
        raise Malformed(
            f"导出文件的第 {pos} 笔读不懂（{error.zh}）没有导入。请用 liren-verify 检查这个文件。",
            f"Entry {pos} of the export is no record ({error.en}); nothing was imported. Check it with liren-verify.",
        ) from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        if archive.getinfo(name).file_size <= MOST_MEMBER:
            return archive.read(name)
    except BROKEN as error:
        raise _malformed() from error
    raise _malformed()


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(admission time, record) of each frame."""
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        entry = data[at + 4 : end]
        match = _ENTRY.match(entry)
        if match is None or end > len(data) or len(entry) > MOST_ENTRY:
            raise _malformed()
        yield int(match[1]), entry[match.end() :]
        at = end


def _malformed() -> LedgerError:
    return Malformed(
        "这不是完整的账本导出文件，没有导入。请先用 liren-verify 检查。",
        "This is no complete export; nothing was imported. Check it with liren-verify first.",
    )
