# SPDX-License-Identifier: Apache-2.0
"""One award by form: a list of one row, checked by the same rules and submitted at once."""

from datetime import date

import msgspec

from liren.api import Context, Tx
from liren.web.sheets import Book, Sheet, choose_table
from liren_credit.errors import CreditError
from liren_credit.intake import new_list, send_on, store
from liren_credit.judging import checker_for, judge


class OneAward(msgspec.Struct, frozen=True):
    """Command: one person, one rule, one day."""

    name: str
    phone: str
    id_number: str
    rule: str
    quantity: int
    day: date
    evidence: str


class NotGood(CreditError):
    """A single award got another verdict than ok; the form says which."""

    def __init__(self, verdict: str) -> None:
        super().__init__("这一笔不能登记。", "This award cannot be entered.", code=verdict)
        self.verdict = verdict


async def enter_one(ctx: Context, key: str, award: OneAward) -> str:
    """A list of one row, checked and submitted at once.

    :raises NotGood: with the verdict
    """
    ctx.require("credit.collect")
    fields = msgspec.structs.asdict(award)
    sheet = Sheet("form", [list(fields), list(fields.values())])
    book = Book("csv", (sheet,))
    plain = await checker_for(ctx, book)
    columns = {name: index for index, name in enumerate(fields)}
    table = choose_table(book, plain.columns(), sheet="form", last=1, columns=columns)
    judged = await judge(ctx, plain, table)
    [checked] = judged.checked
    rule = checked.rule

    async def body(tx: Tx) -> str:
        if checked.verdict != "ok" or rule is None:
            raise NotGood(checked.verdict)
        title = f"{rule.title} {award.quantity} {rule.unit}"
        entered = await new_list(ctx, tx, title=title, origin="form", name="", digest=f"form/{key}", sheet="")
        await store(ctx, tx, entered, judged)
        await send_on(ctx, tx, entered)
        return str(entered.id)

    return await ctx.once(key, award, body, str)
