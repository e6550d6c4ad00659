# SPDX-License-Identifier: Apache-2.0
"""Brings an export back after the module was installed again and migrated: in one transaction, or not at all."""

import hashlib
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from liren.packaging import rows
from liren.packaging.errors import BadExport
from liren.packaging.export import Head, TableOut, case_file, columns_of, read_head, table_out
from liren.packaging.index import write
from liren.packaging.parts import Part, parts, quoted
from liren.store import Store, Tx
from liren.store.audit import write as write_audit

CHUNK: Final = 1000
FILE_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")
LIMIT_S: Final = 4 * 3600.0
"""A street's ten years of one module, on a slow disk."""


async def restore(store: Store, file: Path, actor: str, *, files: Path, replace: bool = False) -> tuple[Head, bool]:
    """
    :param files: ``files/`` of the home
    :param replace: rows that are there now are deleted first
    :returns: what was in the file, and whether anything had to be done: repeating it changes nothing
    :raises BadExport: the file does not fit what is installed, is damaged, or there are other rows already
    """
    head = read_head(file)
    its = await _check_schema(store, head)
    now = [await table_out(store, head.plugin, part, lambda _: None) for part in its.values()]
    there = sum(table.rows for table in now)
    done = set(head.tables) <= set(now) and there == sum(table.rows for table in head.tables)
    if there and not done and not replace:
        raise BadExport(
            f"模块 {head.plugin} 里已经有 {there} 行别的数据，没有恢复。确实要换成导出文件里的，请加 --replace。",
            f"Module {head.plugin} holds {there} other rows already; nothing was restored. "
            "To have those of the export instead, add --replace.",
        )
    async with store.transaction(actor, limit_s=LIMIT_S) as tx:
        if not done:
            with zipfile.ZipFile(file) as archive:
                await _rows(tx, head, its, archive)
                await _files(tx, head.plugin, files, archive)
        await _settings(tx, head, replace)
        await _grants(tx, head)
        await _erase_again(tx, head)
        detail: dict[str, str | int] = {"rows": sum(t.rows for t in head.tables), "version": head.version}
        await write_audit(tx, "plugins", "plugins.restore", f"plugin/{head.plugin}", detail=detail)
    return head, not done


async def _check_schema(store: Store, head: Head) -> dict[str, Part]:
    """:returns: the module's tables by name, and its parts of the core's"""
    ran = tuple(str(i) for (i,) in await store.read("SELECT id FROM migration WHERE app = ? ORDER BY id", head.plugin))
    if not ran and head.schema:
        raise BadExport(
            f"模块 {head.plugin} 的数据表还没有建。"
            f"请先安装它（{head.distribution} {head.version}），再运行 liren migrate。",
            f"The tables of module {head.plugin} are not there. First install it ({head.distribution} {head.version}), "
            "then run: liren migrate",
        )
    if ran != head.schema:
        raise BadExport(
            f"数据表的版本不同：导出时是 {_last(head.schema)}，现在是 {_last(ran)}。"
            f"请装回 {head.distribution} {head.version}，恢复以后再升级。",
            f"The tables are of another version: {_last(head.schema)} in the export, {_last(ran)} here. "
            f"Install {head.distribution} {head.version}, restore, then upgrade.",
        )
    here = {part.table: part for part in await parts(store, head.plugin)}
    for table in head.tables:
        if table.name not in here or set(await columns_of(store, table.name)) != set(table.columns):
            raise BadExport(
                f"数据表 {table.name} 和导出文件里的不一样，没有恢复。请装回 {head.distribution} {head.version}。",
                f"Table {table.name} is not as in the export; nothing was restored. "
                f"Install {head.distribution} {head.version}.",
            )
    return here


def _last(schema: Sequence[str]) -> str:
    return schema[-1] if schema else "–"


async def _rows(tx: Tx, head: Head, its: dict[str, Part], archive: zipfile.ZipFile) -> None:
    async with _references_later(tx, head.tables):
        for part in reversed(its.values()):
            where, args = part.of(head.plugin)
            await tx.sql(f"DELETE FROM {quoted(part.table)}{where}", *args)
        for table in head.tables:
            await _fill(tx, table, archive)
            await _only_its_own(tx, its[table.name], table, head.plugin)
    if tx.kind == "postgres":
        for table in head.tables:
            if not its[table.name].shared:
                await _count_on(tx, table)


async def _only_its_own(tx: Tx, part: Part, table: TableOut, plugin: str) -> None:
    """Nobody puts rows into another module's cases by way of an export."""
    where, args = part.of(plugin)
    if await tx.sql(f"SELECT COUNT(*) FROM {quoted(part.table)}{where}", *args) != [(table.rows,)]:
        raise _damaged(table)


async def _files(tx: Tx, plugin: str, folder: Path, archive: zipfile.ZipFile) -> None:
    """What was handed in with its cases, sealed as it was; what a rollback leaves behind is swept later."""
    for info in archive.infolist():
        identity = info.filename.removeprefix("files/")
        if identity == info.filename or not FILE_ID.fullmatch(identity):
            continue
        query = "SELECT 1 FROM workflow_file f JOIN workflow_case c ON c.id = f.case_id WHERE f.id = ? AND c.plugin = ?"
        if await tx.sql(query, identity, plugin):
            target = case_file(folder, identity)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write(target, archive.read(info), 0o600)


async def _fill(tx: Tx, table: TableOut, archive: zipfile.ZipFile) -> None:
    names = ", ".join(quoted(column) for column in table.columns)
    places = ", ".join("?" for _ in table.columns)
    system = " OVERRIDING SYSTEM VALUE" if tx.kind == "postgres" else ""
    insert = f"INSERT INTO {quoted(table.name)} ({names}){system} VALUES ({places})"
    digest = hashlib.sha256()
    try:
        with archive.open(f"tables/{table.name}.jsonl") as lines:
            for chunk in _chunks(iter(lines)):
                digest.update(b"".join(chunk))
                await tx.many(insert, [rows.row(table.columns, line) for line in chunk])
    except (OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(table) from error
    if digest.hexdigest() != table.sha256:
        raise _damaged(table)


def _chunks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _references_later(tx: Tx, of: Sequence[TableOut]) -> AbstractAsyncContextManager[None]:
    """Inside, a row may name one that comes later; at the end every name has to be there."""
    return _sqlite_later(tx) if tx.kind == "sqlite" else _postgres_later(tx, [table.name for table in of])


@asynccontextmanager
async def _sqlite_later(tx: Tx) -> Any:
    await tx.sql("PRAGMA defer_foreign_keys = ON")  # until COMMIT, which would fail for everyone: look before
    yield
    if broken := await tx.sql("PRAGMA foreign_key_check"):
        raise _dangling(str(broken[0][0]))


@asynccontextmanager
async def _postgres_later(tx: Tx, names: list[str]) -> Any:
    found = await tx.sql(
        "SELECT c.relname::text, k.conname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
        " WHERE k.contype = 'f' AND NOT k.condeferrable AND c.relnamespace = current_schema()::regnamespace"
        " AND c.relname = ANY(?::text[])",
        names,
    )
    for table, constraint in found:
        await tx.sql(f"ALTER TABLE {quoted(table)} ALTER CONSTRAINT {quoted(constraint)} DEFERRABLE INITIALLY DEFERRED")
    yield
    try:
        await tx.sql("SET CONSTRAINTS ALL IMMEDIATE")
    except Exception as error:
        raise _dangling(str(getattr(error, "table_name", ""))) from error
    for table, constraint in found:
        await tx.sql(f"ALTER TABLE {quoted(table)} ALTER CONSTRAINT {quoted(constraint)} NOT DEFERRABLE")


async def _count_on(tx: Tx, table: TableOut) -> None:
    """Let the sequences of a table go on above the restored ids."""
    for column in table.columns:
        [(sequence,)] = await tx.sql("SELECT pg_get_serial_sequence(?, ?)", quoted(table.name), column)
        if sequence is not None:
            top = f"(SELECT COALESCE(MAX({quoted(column)}), 0) + 1 FROM {quoted(table.name)})"
            await tx.sql(f"SELECT setval(?::text::regclass, {top}, false)", sequence)


async def _settings(tx: Tx, head: Head, replace: bool) -> None:
    """As they were saved; the module stays off until somebody enables it."""
    if head.settings:
        await tx.sql(
            "INSERT INTO plugin_state (id, enabled, pilot, settings, changed_ms, heard_from)"
            " VALUES (?, 0, '', ?, ?, (SELECT COALESCE(MAX(id), 0) FROM outbox))"
            " ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, changed_ms = excluded.changed_ms"
            + ("" if replace else " WHERE plugin_state.settings = ''"),
            head.plugin,
            head.settings,
            tx.now_ms,
        )


async def _grants(tx: Tx, head: Head) -> None:
    """Of people and units that are still there."""
    for one in head.grants:
        if not one.role.startswith(f"{head.plugin}."):
            continue
        if await tx.sql("SELECT 1 FROM person WHERE id = ?", one.person) and await tx.sql(
            "SELECT 1 FROM unit WHERE code = ?", one.unit
        ):
            await tx.sql(
                "INSERT INTO role_grant (id, person, role, unit, since, until, granted_by, granted_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                *(one.id, one.person, one.role, one.unit, date.fromisoformat(one.since)),
                *(None if one.until is None else date.fromisoformat(one.until), one.granted_by, one.granted_ms),
            )


async def _erase_again(tx: Tx, head: Head) -> None:
    """People forgotten since the export are in it: the daily job that asks for what a law kept asks for them again."""
    day = datetime.fromtimestamp(head.exported_ms / 1000, UTC).date() - timedelta(days=1)  # once too often does no harm
    for (person,) in await tx.sql("SELECT person FROM privacy_erasure WHERE day >= ?", day):
        await tx.sql(
            "INSERT INTO privacy_retained (id, person, plugin, until, law) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            *(f"{person}/{head.plugin}", person, head.plugin, datetime.fromtimestamp(tx.now_ms / 1000, UTC).date()),
            "恢复导出 restored from an export",
        )


def _damaged(table: TableOut) -> BadExport:
    return BadExport(
        f"导出文件里的 {table.name} 损坏了，什么都没有恢复。请换一份导出文件。",
        f"{table.name} is damaged in the export; nothing was restored. Use another copy of the export.",
    )


def _dangling(table: str) -> BadExport:
    return BadExport(
        f"导出文件里 {table} 有一行指向不存在的数据，什么都没有恢复。请联系模块作者。",
        f"A row of {table} in the export points at one that is not there; nothing was restored. Tell the author.",
    )
