# SPDX-License-Identifier: Apache-2.0
"""All a module holds, in one file: ``export.json`` says what, ``tables/<table>.jsonl`` has a JSON object a row,
``files/`` what was handed in with its cases.

Rows go from the database to the file a thousand at a time. The file appears whole or not at all. It holds personal
data: only its owner may read it, and sealed fields stay sealed with this street's key.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from liren import clock
from liren.packaging import rows
from liren.packaging.errors import BadExport, CannotRemove
from liren.packaging.parts import Part, has_table, quoted
from liren.packaging.remains import Remains
from liren.packaging.remains import remains as remains_of
from liren.store import Store

FORMAT: Final = 1
HEAD: Final = "export.json"


class TableOut(msgspec.Struct, frozen=True):
    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str
    """Of its ``.jsonl``, in hexadecimal."""


class Grant(msgspec.Struct, frozen=True):
    """A row of ``role_grant``."""

    id: str
    person: str
    role: str
    unit: str
    since: str
    until: str | None
    granted_by: str
    granted_ms: int


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``export.json``."""

    format: int
    plugin: str
    distribution: str
    version: str
    """Of the module when it was exported; empty where its program was gone already."""
    schema: tuple[str, ...]
    """Migrations that had run: the version of the tables."""
    settings: str
    """JSON as last saved; empty: defaults."""
    exported_ms: int
    manifest: str
    """``liren.toml``; empty where it was gone."""
    tables: tuple[TableOut, ...]
    grants: tuple[Grant, ...]

    def same_data(self, other: "Head") -> bool:
        return (self.plugin, self.schema, self.tables) == (other.plugin, other.schema, other.tables)


async def export(
    store: Store, plugin: str, target: Path, *, files: Path, distribution: str, version: str, manifest: str
) -> Head:
    """Write all the module holds to ``target``. Safe to repeat: the same data again leaves the file as it is.

    :param files: ``files/`` of the home
    :raises CannotRemove: ``target`` is there and holds something else
    """
    part = target.with_name(f".{target.name}.part")
    found = await remains_of(store, plugin)
    known = read_head(target) if target.exists() else None
    if known is not None and known.plugin == plugin and not found.total and not found.migrations:
        return known  # an earlier removal came as far as dropping the tables
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            tables = tuple([await _table(store, plugin, part, archive) for part in found.rows])
            await _files(store, plugin, files, archive)
            head = Head(
                format=FORMAT,
                plugin=plugin,
                distribution=distribution,
                version=version,
                schema=found.migrations,
                settings=await _settings(store, plugin) if found.known else "",
                exported_ms=clock.now_ms(),
                manifest=manifest,
                tables=tables,
                grants=await _grants(store, found),
            )
            archive.writestr(HEAD, msgspec.json.format(msgspec.json.encode(head), indent=1))
        file.flush()
        os.fsync(file.fileno())
    if known is not None:
        part.unlink()
        if not known.same_data(head):
            raise CannotRemove(
                f"{target} 已经有了，里面是别的数据，没有覆盖。请换一个文件名。",
                f"{target} is there already and holds other data; it was not overwritten. Choose another file name.",
            )
        return known
    part.replace(target)
    return head


def read_head(file: Path) -> Head:
    """:raises BadExport: not an export of a module"""
    try:
        with zipfile.ZipFile(file) as archive:
            head = msgspec.json.decode(archive.read(HEAD), type=Head)
    except (OSError, zipfile.BadZipFile, KeyError, msgspec.MsgspecError) as error:
        raise BadExport(
            f"{file} 不是完整的模块导出文件。请核对文件。",
            f"{file} is not a complete export of a module. Check the file.",
        ) from error
    if head.format != FORMAT:
        raise BadExport(
            f"{file} 是另一种格式（{head.format}）的导出文件，这个版本读不了。请用写它的那个版本恢复。",
            f"{file} is an export of another format ({head.format}). Restore it with the version that wrote it.",
        )
    return head


async def table_out(store: Store, plugin: str, part: Part, keep: Callable[[bytes], object]) -> TableOut:
    """Every row as a line to ``keep``, in the order of the primary key: equal data, equal lines."""
    table = part.table
    columns = await columns_of(store, table)
    where, args = part.of(plugin)
    names = ", ".join(quoted(column) for column in columns)
    order = ", ".join(quoted(column) for column in await _key_of(store, table)) or "1"
    digest, count = hashlib.sha256(), 0
    async for chunk in store.stream(f"SELECT {names} FROM {quoted(table)}{where} ORDER BY {order}", *args):
        text = b"".join(rows.line(columns, row) for row in chunk)
        digest.update(text)
        keep(text)
        count += len(chunk)
    return TableOut(table, tuple(columns), count, digest.hexdigest())


async def _table(store: Store, plugin: str, part: Part, archive: zipfile.ZipFile) -> TableOut:
    with archive.open(f"tables/{part.table}.jsonl", "w", force_zip64=True) as out:
        return await table_out(store, plugin, part, out.write)


async def _files(store: Store, plugin: str, folder: Path, archive: zipfile.ZipFile) -> None:
    """As they lie there: sealed."""
    if await has_table(store, "workflow_file"):
        query = (
            "SELECT f.id FROM workflow_file f JOIN workflow_case c ON c.id = f.case_id WHERE c.plugin = ? ORDER BY f.id"
        )
        async for chunk in store.stream(query, plugin):
            for (identity,) in chunk:
                path = case_file(folder, identity)
                if path.is_file():
                    archive.write(path, f"files/{identity}", zipfile.ZIP_STORED)


def case_file(folder: Path, identity: str) -> Path:
    """Where the core keeps a file of a case."""
    return folder / "cases" / identity[:2] / identity


async def columns_of(store: Store, table: str) -> list[str]:
    """Names of the columns, in their order."""
    if store.kind == "sqlite":
        found = await store.read("SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
    else:
        found = await store.read(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = ? ORDER BY ordinal_position",
            table,
        )
    return [str(name) for (name,) in found]


async def _key_of(store: Store, table: str) -> list[str]:
    """Columns of the primary key; none where there is no key."""
    if store.kind == "sqlite":
        found = await store.read("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table)
    else:
        found = await store.read(
            "SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (num, nth)"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num"
            " WHERE i.indisprimary AND i.indrelid = ?::text::regclass ORDER BY k.nth",
            quoted(table),
        )
    return [str(name) for (name,) in found]


async def _settings(store: Store, plugin: str) -> str:
    found = await store.read("SELECT settings FROM plugin_state WHERE id = ?", plugin)
    return str(found[0][0])


async def _grants(store: Store, found: Remains) -> tuple[Grant, ...]:
    if not found.grants:
        return ()
    rows_ = await store.read(
        "SELECT id, person, role, unit, since, until, granted_by, granted_ms FROM role_grant"
        " WHERE role LIKE ? ORDER BY id",
        f"{found.plugin}.%",
    )
    return tuple(
        Grant(i, person, role, unit, str(since), None if until is None else str(until), by, ms)
        for i, person, role, unit, since, until, by, ms in rows_
    )
