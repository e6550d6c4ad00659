# SPDX-License-Identifier: Apache-2.0
"""The printed receipt with its two codes, and what their addresses open on a phone that is online."""

from datetime import date
from typing import Any, Final

from litestar import Response

from liren.ledger import words
from liren.ledger.at_hand import reader_of
from liren.ledger.authority import keepers
from liren.ledger.errors import Malformed
from liren.ledger.log import merkle, records
from liren.ledger.log.note import open_note
from liren.ledger.papers import paper
from liren.ledger.papers.receipts import fingerprint, receipts_of, root_of
from liren.ledger.reading import whose
from liren.ledger.reading.reader import amount_for_holder, not_there
from liren.ledger.reading.whose import is_own
from liren.plugins.context import Context
from liren.web import ANYONE, SIGNED_IN, current, get, qr

WHERE: Final = "/R"
"""Upper case: a QR of capitals and digits is a third smaller."""


@get("/ledger/paper/{rid:str}", allow=SIGNED_IN)
async def paper_receipt(ctx: Context, rid: str) -> Response[Any]:
    """One's own receipt for the printer, or that of somebody a worker looks after.

    :raises NotFound: no such record, or somebody else's
    """
    owner = await reader_of(ctx).owner(rid)
    if owner is None:
        raise not_there()
    if not await is_own(ctx, owner):
        if owner.kind != "h" or not ctx.can(whose.PEOPLE):
            raise not_there()
        await whose.in_area(ctx, owner.id)
        await whose.looked(ctx, owner.id, f"receipt/{rid}")
    shown = await receipts_of(ctx).everyday(await ctx.ledger.receipt_token(rid))
    codes = await receipts_of(ctx).paper(rid)
    unit = await ctx.units.get(shown.unit)
    address = f"{current().site.public_url}{WHERE}"
    pictures = None
    if codes is not None:
        pictures = (
            qr(f"{address}/A/{codes.a}".upper(), label=ctx.t("甲码：谁签了什么")),
            qr(f"{address}/B/{codes.b}".upper(), label=ctx.t("乙码：这一笔在账里")),
        )
    return await ctx.render(
        "paper.html",
        shown=shown,
        why=words.WHY[shown.why],
        titles=await ctx.titles([shown.code]),
        signers=await keepers.told(ctx, shown.signers),
        unit=unit.name if unit is not None else shown.unit,
        pictures=pictures,
        print=fingerprint(await root_of(reader_of(ctx).store)),
    )


@get("/R/A/{code:str}", allow=ANYONE)
async def code_a(ctx: Context, code: str) -> Response[Any]:
    """Whether the record and the signatures on the paper are those in the log, to the byte.

    :raises Malformed: not a code of ours
    """
    half = paper.read_a(code)
    post = _post(half.text)
    stored = await receipts_of(ctx).stored(post.rid)
    signatures = open_note(stored[2])[1] if stored is not None else ()
    same = stored is not None and (
        stored[1] == half.admitted_ms
        and open_note(stored[2])[0] == half.text
        and tuple((s.key_id, s.value) for s in signatures) == half.signatures
    )
    unit = await ctx.units.get(post.unit)
    return await ctx.render(
        "paper_a.html",
        same=same,
        why=words.WHY[post.why],
        amount=amount_for_holder(post),
        code=post.code,
        titles=await ctx.titles([post.code]),
        unit=unit.name if unit is not None else post.unit,
        eff=date.fromisoformat(post.eff),
        signers=await keepers.told(ctx, await keepers.keepers(reader_of(ctx).store.read, signatures)),
    )


def _post(text: bytes) -> records.Post:
    post = records.decode(text)
    if not isinstance(post, records.Post):
        raise Malformed("这个码不是积分凭证。", "This code is no receipt of points.")
    return post


@get("/R/B/{code:str}", allow=ANYONE)
async def code_b(ctx: Context, code: str) -> Response[Any]:
    """Whether the paper's way leads from the entry that stands there to a root this log has signed.

    :raises Malformed: not a code of ours
    """
    way = paper.read_b(code)
    size, _ = await ctx.ledger.head()
    entry = await receipts_of(ctx).entry_at(way.index) if way.index < way.size <= size else None
    root = merkle.root_from_inclusion(merkle.leaf_hash(entry), way.index, way.size, way.path) if entry else None
    holds = root is not None and await receipts_of(ctx).signed(way.size, root, way.key_id, way.signature)
    return await ctx.render("paper_b.html", holds=holds, index=way.index, size=way.size)


ROUTES = (paper_receipt, code_a, code_b)
