# SPDX-License-Identifier: Apache-2.0
"""The export archive: everything an auditor needs and nothing private (``docs/ledger-spec.md`` 13).

Columns are written as they stand in the database, never recomputed: the verifier compares them with the signed
bytes, so that one flipped byte of any stored value shows.
"""

import asyncio
import contextlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from liren.ledger.errors import LedgerError, ReadOnly
from liren.ledger.log import canonical
from liren.ledger.papers import receipts, statements
from liren.store import Store

PER_FILE: Final = 4096
ATTEMPTS: Final = 100
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    origin: str
    size: int
    root: bytes


class NotFounded(LedgerError):
    """There is no log yet."""

    status = 409
    code = "ledger-not-founded"


async def export(store: Store, path: Path, progress: Callable[[int, int], None] | None = None) -> Exported:
    """Write the archive to ``path``; safe beside a running server, for it only reads.

    :param progress: ``progress(entries written, entries in all)``
    :raises ReadOnly: the server keeps committing, so that no checkpoint covers exactly the whole log
    """
    head, checkpoint = await _signed_head(store)
    origin, size, root, edge, last_ms = head
    archive = _Archive(path)
    try:
        archive.add("keys.note", await receipts.keys_note(store, size))
        archive.add("checkpoint", checkpoint)
        archive.add("head.json", _head_json(origin, size, root, edge, last_ms))
        index = await _entries(store, archive, size, progress)
        archive.add("index.jsonl", index)
        query = (
            "SELECT DISTINCT p.digest, p.body FROM policy p"
            " WHERE EXISTS (SELECT 1 FROM log_entry WHERE kind = 'policy' AND pos < ?) ORDER BY p.digest"
        )
        for digest, body in await store.read(query, size):
            archive.add(f"policies/{digest}.json", bytes(body))
        told = await statements.export_json(store, size)
        if told is not None:
            archive.add("statements.json", told)
        for rid, body in await store.read("SELECT rid, body FROM recovery WHERE pos < ? ORDER BY pos", size):
            archive.add(f"recovery/{rid}.json", bytes(body))
        archive.finish(origin, size)
    except BaseException:
        archive.abandon()
        raise
    return Exported(path, origin, size, root)


async def _signed_head(store: Store) -> tuple[tuple[str, int, bytes, bytes, int], bytes]:
    """The stored head and the checkpoint of exactly that size, read in one statement."""
    query = (
        "SELECT h.origin, h.size, h.root, h.edge, h.last_ms, c.note FROM log_head h"
        " LEFT JOIN checkpoint c ON c.size = h.size"
    )
    for attempt in range(ATTEMPTS):
        rows = await store.read(query)
        if not rows:
            raise NotFounded("账本还没有启用，没有可以导出的内容。", "The ledger was not founded: nothing to export.")
        origin, size, root, edge, last_ms, note = rows[0]
        if note is not None:
            return (origin, size, bytes(root), bytes(edge), last_ms), bytes(note)
        await asyncio.sleep(min(0.02 * (attempt + 1), 0.2))
    raise ReadOnly(
        "账本一直有新记录，暂时无法导出。请过几分钟再试，或先停下服务。",
        "The log keeps growing, or its head is not signed: try again in a few minutes, or stop the server.",
    )


async def _entries(store: Store, archive: "_Archive", size: int, progress: Callable[[int, int], None] | None) -> bytes:
    """Writes ``entries/…``; returns ``index.jsonl``."""
    lines: list[bytes] = []
    entries: list[bytes] = []
    query = (
        "SELECT pos, rid, kind, why, unit, admitted_ms, eff, ref, leaf, body FROM log_entry WHERE pos < ? ORDER BY pos"
    )
    async for rows in store.stream(query, size, size=PER_FILE):
        for row in rows:
            lines.append(_index_line(row))
            # The stored time and the stored body, joined as they are: a flipped digit shows.
            entry = b"liren/entry/v1 %d\n%b" % (row[5], bytes(row[9]))
            entries.append(len(entry).to_bytes(4, "big") + entry)
            if len(entries) == PER_FILE:
                archive.add(f"entries/{(len(lines) - 1) // PER_FILE:06}.bin", b"".join(entries))
                entries = []
        if progress is not None:
            progress(len(lines), size)
        await asyncio.sleep(0)
    if entries:
        archive.add(f"entries/{(len(lines) - 1) // PER_FILE:06}.bin", b"".join(entries))
    return b"".join(lines)


def _index_line(row: tuple[Any, ...]) -> bytes:
    pos, rid, kind, why, unit, admitted_ms, eff, ref, leaf, _ = row
    columns = {
        "admitted_ms": admitted_ms,
        "eff": eff,
        "kind": kind,
        "leaf": bytes(leaf).hex(),
        "pos": pos,
        "ref": ref,
        "rid": rid,
        "unit": unit,
        "why": why,
    }
    present = {name: value for name, value in columns.items() if value is not None}
    return canonical.encode_trusted(present) + b"\n"


def _head_json(origin: str, size: int, root: bytes, edge: bytes, last_ms: int) -> bytes:
    hashes = [edge[i : i + 32].hex() for i in range(0, len(edge), 32)]
    return canonical.encode({"edge": hashes, "last_ms": last_ms, "origin": origin, "root": root.hex(), "size": size})


class _Archive:
    """A zip written beside its place and moved there when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._zip = zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._files: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        self._zip.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data, zipfile.ZIP_DEFLATED)
        self._files[name] = sha256(data).hexdigest()

    def finish(self, origin: str, size: int) -> None:
        manifest = {"files": self._files, "format": "liren/export/v1", "origin": origin, "size": size}
        self._zip.writestr(
            zipfile.ZipInfo("manifest.json", _ZIP_TIME), canonical.encode(manifest), zipfile.ZIP_DEFLATED
        )
        self._zip.close()
        self._part.replace(self._path)

    def abandon(self) -> None:
        try:
            with contextlib.suppress(OSError, ValueError):  # on a full disk its end cannot be written either
                self._zip.close()
        finally:
            self._part.unlink(missing_ok=True)
