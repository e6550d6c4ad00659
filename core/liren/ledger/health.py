# SPDX-License-Identifier: Apache-2.0
"""Whether the ledger takes records, whether its head is signed, whether the disk takes anything at all."""

import asyncio
import logging
import shutil
from typing import Final, cast

from liren.errors import LirenError
from liren.ledger.keys import sheet
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.plugins.types import Health, _

log = logging.getLogger("liren.ledger")

ACTOR: Final = "job:ledger.health"
PATIENCE_S: Final = 3.0
"""Whoever looks at the health page does not want to wait for what hangs: that it hangs is the answer."""
LEAST_MB: Final = 256
"""Free on the disk of the home or of the anchor; a small street writes about a gigabyte a year."""


async def sheet_kept(ctx: Context) -> Health:
    """Not ok until somebody has the master key and the root key on paper, and the root is off this machine."""
    ledger = cast(Reader, ctx.ledger).ledger
    if ledger.keys_folder is None:
        return Health(True, "")
    parts = await sheet.parts(cast(Reader, ctx.ledger).store, ledger.keys_folder)
    if not all(part.checked for part in parts if part.here or part.which == "master"):
        return Health(False, ctx.t(_("请打印恢复单（liren ledger sheet），再照纸输入要核对的词。")))
    if any(part.here for part in parts if part.which == "root"):
        return Health(False, ctx.t(_("根密钥还在服务器上，请移走（liren ledger remove-root）。")))
    return Health(True, ctx.t(_("恢复单已核对，根密钥在纸上。")))


async def writable(ctx: Context) -> Health:
    """Not ok where the ledger is read-only (an older backup, a damaged head), who holds its keys is not there, or its
    head stays unsigned.
    """
    reader = cast(Reader, ctx.ledger)
    if (blocked := reader.ledger.blocked) is not None:
        return Health(False, _said(ctx, blocked))
    if (gone := reader.ledger.custody.missing()) is not None:
        return Health(False, _said(ctx, gone))
    signed, _ = await reader.head()
    rows = await reader.store.read("SELECT size FROM log_head")
    size = rows[0][0] if rows else 0
    if size > signed:
        try:
            async with asyncio.timeout(PATIENCE_S):
                signed = await reader.ledger.checkpoints.sign()
        except (LirenError, OSError) as error:
            log.warning("the head stays unsigned: %r", error)
            why = ctx.t("共 {size} 条记录，只签到第 {signed} 条：锚文件或数据库写不进去。", size=size, signed=signed)
            return Health(False, why)
    text = ctx.t("共 {size} 条记录，已签到第 {signed} 条。", size=size, signed=signed)
    return Health(signed >= size, text)


async def storable(ctx: Context) -> Health:
    """Not ok where the database takes nothing (full, broken, held by somebody else), or a disk of ours is nearly full.

    Asked by writing: a row that is deleted again in the same transaction.
    """
    reader = cast(Reader, ctx.ledger)
    try:
        async with asyncio.timeout(PATIENCE_S), reader.store.transaction(ACTOR) as tx:
            await tx.sql("DELETE FROM request WHERE actor = ?", ACTOR)
            await tx.sql(
                "INSERT INTO request (actor, key, digest, result, at_ms) VALUES (?, 'probe', ?, ?, ?)",
                ACTOR, b"", b"", tx.now_ms,
            )  # fmt: skip
            await tx.sql("DELETE FROM request WHERE actor = ?", ACTOR)
    except TimeoutError:
        return Health(False, ctx.t("数据库被别的程序占着，写不进去。"))
    except LirenError as error:
        return Health(False, _said(ctx, error))
    folders = [reader.ledger.anchor.path.parent]
    if reader.ledger.keys_folder is not None:
        folders.append(reader.ledger.keys_folder)
    left = min(shutil.disk_usage(folder).free for folder in folders if folder.exists()) // 2**20
    if left < LEAST_MB:
        return Health(False, ctx.t("磁盘快满了，只剩 {left} MB。请清理，或换大一点的磁盘。", left=left))
    return Health(True, ctx.t("能写；磁盘还有 {left} MB。", left=left))


def _said(ctx: Context, error: LirenError) -> str:
    return error.zh if ctx.visitor is None or ctx.visitor.language == "zh" else error.en
