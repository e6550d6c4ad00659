# SPDX-License-Identifier: Apache-2.0
"""The sheet for the notice board: how long the log is, what locks it, and the month's figures. For anyone, no login."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response

from liren.ledger.at_hand import reader_of
from liren.ledger.log.nodes import Read
from liren.ledger.papers.receipts import fingerprint, root_of
from liren.ledger.papers.statement_job import statements_of
from liren.ledger.papers.statements import Statement
from liren.ledger.reading import months
from liren.ledger.reading.reader import read_checkpoint
from liren.plugins.context import Context
from liren.web import ANYONE, current, get, qr


@dataclass(frozen=True, slots=True)
class Locked:
    """The checkpoint on the sheet."""

    size: int
    root: str
    """Base64, as in the checkpoint."""


@get("/ledger/board", allow=ANYONE)
async def board(ctx: Context, month: str = "") -> Response[Any]:
    """A month's sheet; without a month: the last one that has a statement, else the running one."""
    store = reader_of(ctx).store
    made = await statements_of(ctx).all()
    shown = next((one for one in made if one.month == month), made[0] if made and not month else None)
    known = months.told(found := await months.sums(store))
    if shown is None:
        month = month if month in known else f"{ctx.today():%Y-%m}"
    else:
        month = shown.month
    locked = await _locked(store.read, shown)
    return await ctx.render(
        "board.html",
        first=date.fromisoformat(f"{month}-01"),
        until=ctx.today() if month == f"{ctx.today():%Y-%m}" else None,
        chips=[
            (one, date.fromisoformat(f"{one}-01"), one == month)
            for one in sorted({*known, *(one.month for one in made), month}, reverse=True)[:12]
        ],
        statement=shown,
        counted=await months.counted(store),
        locked=locked,
        print=fingerprint(await root_of(store)) if locked is not None else "",
        picture=qr(f"{current().site.public_url}{ctx.url('proof')}", label=ctx.t("打开检查点页面的二维码")),
        owed=months.owed([one for one in found if one.month <= month]),
        lines=[
            (title, months.records_of(found, month, *why), months.of_month(found, month, *why))
            for title, why in (
                (ctx.t("记入"), ("award",)),
                (ctx.t("兑换（已领取）"), ("settle",)),
                (ctx.t("退回"), ("refund",)),
                (ctx.t("更正、扣分"), ("reverse", "deduct")),
                (ctx.t("到期清零"), ("expire",)),
            )
        ],
    )


async def _locked(read: Read, statement: Statement | None) -> Locked | None:
    """The first checkpoint that covers the statement's entries, so that the sheet stays the same; else the latest."""
    query = "SELECT note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1"
    rows = await read(query, statement.size) if statement is not None else []
    rows = rows or await read("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
    if not rows:
        return None
    note = bytes(rows[0][0])
    return Locked(read_checkpoint(note)[0], note.decode().split("\n")[2])


ROUTES = (board,)
