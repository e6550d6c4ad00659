# SPDX-License-Identifier: Apache-2.0
"""Whether the ledger takes records, and whether its head is signed."""

from typing import cast

from liren.ledger.keys import sheet
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.plugins.types import Health, _


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
    """Not ok where the ledger is read-only (an older backup, a damaged head) or its head stays unsigned."""
    reader = cast(Reader, ctx.ledger)
    blocked = reader.ledger.blocked
    if blocked is not None:
        zh = ctx.visitor is None or ctx.visitor.language == "zh"
        return Health(False, blocked.zh if zh else blocked.en)
    signed, _ = await reader.head()
    rows = await reader.store.read("SELECT size FROM log_head")
    size = rows[0][0] if rows else 0
    if size > signed:
        signed = await reader.ledger.checkpoints.sign()
    text = ctx.t("共 {size} 条记录，已签到第 {signed} 条。", size=size, signed=signed)
    return Health(signed >= size, text)
