# SPDX-License-Identifier: Apache-2.0
"""The ledger's own pages: the everyday QR, the passbook, a receipt's file, and how to check everything oneself."""

from typing import Any, Final

from litestar import Response

from liren.errors import NotFound
from liren.ledger import words
from liren.ledger.at_hand import reader_of
from liren.ledger.authority import keepers
from liren.ledger.lines import lines
from liren.ledger.papers.receipts import SUFFIX, fingerprint, receipts_of, root_of
from liren.ledger.papers.receipts import keys_note as write_keys_note
from liren.ledger.reading.reader import not_there, read_checkpoint
from liren.ledger.reading.whose import is_own
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.web import ANYONE, SIGNED_IN, current, download, get, qr, redirect

ENTRIES: Final = 20


@get("/r/{token:str}", allow=ANYONE)
async def everyday(ctx: Context, token: str) -> Response[Any]:
    """What a receipt's QR opens, for anyone: unit, rule, points, day and proof; nobody's name."""
    shown = await receipts_of(ctx).everyday(token)
    owner = await reader_of(ctx).owner(shown.rid) if ctx.visitor is not None else None
    unit = await ctx.units.get(shown.unit)
    # Upper case alone keeps the code small: QR has a denser alphabet for it.
    address = f"{current().site.public_url}/r/{token}".upper()
    return await ctx.render(
        "everyday.html",
        shown=shown,
        why=words.WHY[shown.why],
        titles=await ctx.titles([shown.code]),
        signers=await keepers.told(ctx, shown.signers),
        unit=unit.name if unit is not None else shown.unit,
        picture=qr(address, label=ctx.t("这张凭证的二维码")),
        mine=owner is not None and ctx.visitor is not None and await is_own(ctx, owner),
    )


@get("/R/{token:str}", allow=ANYONE)
async def everyday_from_qr(ctx: Context, token: str) -> Response[Any]:
    """The same page: a QR is printed in capitals."""
    response: Response[Any] = await everyday.fn(ctx, token)
    return response


@get("/ledger", allow=ANYONE)
async def proof(ctx: Context) -> Response[Any]:
    """How to check everything oneself: the latest checkpoint, the root's fingerprint, what to download."""
    note = await reader_of(ctx).checkpoint()
    if note is None:
        return await ctx.render("proof.html", note=None, size=0, print="", root="")
    size, _ = read_checkpoint(note)
    root = await root_of(reader_of(ctx).store)
    return await ctx.render("proof.html", note=note.decode(), size=size, print=fingerprint(root), root=root)


@get("/ledger/checkpoint", allow=ANYONE)
async def checkpoint(ctx: Context) -> Response[bytes]:
    """The latest checkpoint, to the byte, for programs.

    :raises NotFound: nothing has been signed yet
    """
    note = await reader_of(ctx).checkpoint()
    if note is None:
        raise NotFound("还没有签出检查点，请过一分钟再来。", "No checkpoint is signed yet: come back in a minute.")
    return Response(note, media_type="text/plain; charset=utf-8")


@get("/ledger/keys.note", allow=ANYONE)
async def keys_note(ctx: Context) -> Response[bytes]:
    """The chain of keys, to the byte: what ``liren-verify --trust`` takes."""
    size, _ = await ctx.ledger.head()
    return download(await write_keys_note(reader_of(ctx).store, max(size, 1)), "keys.note", media_type="text/plain")


@get("/ledger/mine", allow=SIGNED_IN)
async def mine(ctx: Context, before: str = "") -> Response[Any]:
    """The passbook: every record that touched one's points, newest first."""
    subject = Subject("h", ctx.actor)
    start = int(before) if before.isdecimal() and len(before) < 18 else None
    entries = await ctx.ledger.entries(subject, limit=ENTRIES + 1, before=start)
    return await ctx.render(
        "mine.html",
        balance=await ctx.ledger.balance(subject),
        lines=await lines(ctx, entries[:ENTRIES]),
        more=entries[ENTRIES - 1].pos if len(entries) > ENTRIES else None,
    )


@get("/ledger/receipt/{rid:str}", allow=SIGNED_IN)
async def receipt(ctx: Context, rid: str) -> Response[bytes]:
    """The receipt's file, for its holder alone: it says why.

    :raises NotFound: no such record, or somebody else's
    """
    owner = await reader_of(ctx).owner(rid)
    if owner is None or not await is_own(ctx, owner):
        raise not_there()
    return download(await receipts_of(ctx).file(rid), f"{rid}{SUFFIX}", media_type="application/zip")


@get("/ledger/check/{rid:str}", allow=SIGNED_IN)
async def check(ctx: Context, rid: str) -> Response[Any]:
    """On to the everyday page of one's own record; makes its token at the first question.

    :raises NotFound: no such record, or somebody else's
    """
    owner = await reader_of(ctx).owner(rid)
    if owner is None or not await is_own(ctx, owner):
        raise not_there()
    return redirect(ctx.url("ledger.everyday", token=await ctx.ledger.receipt_token(rid)))
