# SPDX-License-Identifier: Apache-2.0
"""Whether the ledger takes records, and whether its head is signed."""

from typing import cast

from liren.ledger.reader import Reader
from liren.plugins.context import Context
from liren.plugins.types import Health


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
