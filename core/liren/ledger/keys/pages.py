# SPDX-License-Identifier: Apache-2.0
"""The console's page of keys: who signs since when, rotating and ending a key, and the recovery sheet with its check.

What needs the root works here while the root lies on this machine; later by the command line, with the words typed in.
"""

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError, NotFound
from liren.ledger import words
from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.errors import Behind
from liren.ledger.keys import life as key_life
from liren.ledger.keys import sheet
from liren.ledger.keys.life import KeyView
from liren.ledger.papers.receipts import fingerprint, root_of
from liren.plugins.context import Context
from liren.web import N_, Form, get, post, qr, redirect
from liren.web.i18n import both

KEYS: Final = "ledger.keys"
"""Who may rotate and end keys, and print the recovery sheet."""

CALLED: Final = {"master": N_("主密钥"), "root": N_("根密钥")}


class Pressed(msgspec.Struct, frozen=True):
    """A button alone."""


class Typed(msgspec.Struct, frozen=True):
    """Words typed back from the paper."""

    words: Annotated[str, Meta(title=N_("恢复单上的词"), max_length=60)]


def _folder(ctx: Context) -> Path:
    """:raises NotFound: this process has no key folder"""
    folder = reader_of(ctx).ledger.keys_folder
    if folder is None:
        raise NotFound("这里没有密钥。", "There are no keys here.")
    return folder


@get("/ledger/keys", allow=KEYS, name="keys")
async def keys(ctx: Context, all: str = "") -> Response[Any]:
    """Every key that signs today; with ``all`` those that no longer do too."""
    store = reader_of(ctx).store
    listed = [key for key in await key_life.listed(store) if key.valid or all]
    cards = await ctx.people.cards([key.person for key in listed if key.person])
    return await ctx.render(
        "keys.html",
        keys=listed,
        names={person: card.name for person, card in cards.items()},
        units=await unit_names(ctx),
        words=words,
        called=CALLED,
        parts_of_sheet=await sheet.parts(store, _folder(ctx)),
        print=await _fingerprint(ctx),
        blocked=both(blocked.zh, blocked.en) if (blocked := reader_of(ctx).ledger.blocked) is not None else "",
        behind=isinstance(blocked, Behind),
        all=all,
    )


@get("/ledger/keys/{position:int}", allow=KEYS, name="key")
async def one_key(ctx: Context, position: int) -> Response[Any]:
    """One key, and what can be done about it: replace it, end it, and how to tell which.

    :raises NotFound: no such key, it is revoked, or it is the root
    """
    found = await _key(ctx, position)
    cards = await ctx.people.cards([found.person] if found.person else [])
    unit = await ctx.units.get(found.unit) if found.unit else None
    return await ctx.render(
        "key.html",
        key=found,
        words=words,
        person=cards[found.person].name if found.person in cards else "",
        unit=unit.name if unit is not None else found.unit or "",
        rooted=found.role in ("unit", "log"),
        root_here=(_folder(ctx) / "root").exists(),
    )


async def _fingerprint(ctx: Context) -> str:
    """Empty before the founding."""
    try:
        return fingerprint(await root_of(reader_of(ctx).store))
    except NotFound:
        return ""


@post("/ledger/keys/{position:int}/rotate", allow=KEYS, name="rotate_key", step_up=True)
async def rotate(ctx: Context, request: Request[Any, Any, Any], position: int) -> Response[Any]:
    """A new key in its place."""
    key = await _key(ctx, position)
    form = await Form.read(request, Pressed)
    await key_life.rotate(reader_of(ctx).store, vkey=key.vkey, key=form.key, actor=ctx.actor, keys_folder=_folder(ctx))
    return await _done(ctx, "key-rotated", key, ctx.t(N_("已换成新密钥，旧的从现在起无效。")))


@post("/ledger/keys/{position:int}/revoke", allow=KEYS, name="revoke_key", step_up=True)
async def revoke(ctx: Context, request: Request[Any, Any, Any], position: int) -> Response[Any]:
    """The key signs nothing from now on."""
    key = await _key(ctx, position)
    form = await Form.read(request, Pressed)
    await key_life.revoke(reader_of(ctx).store, vkey=key.vkey, key=form.key, actor=ctx.actor, keys_folder=_folder(ctx))
    return await _done(ctx, "key-revoked", key, ctx.t(N_("已撤销。以前签过的仍然有效。")))


async def _key(ctx: Context, position: int) -> KeyView:
    for key in await key_life.listed(reader_of(ctx).store):
        if key.added == position and key.valid and key.role != "root":
            return key
    raise NotFound("没有这把密钥，或者已经撤销。", "There is no such key, or it is revoked already.")


async def _done(ctx: Context, what: str, key: KeyView, notice: str) -> Response[Any]:
    async with ctx.transaction() as tx:
        await tx.audit(what, key.name, position=key.added)
    return redirect(ctx.url("keys"), notice=notice)


@get("/ledger/keys/sheet/{which:str}", allow=KEYS, name="sheet", step_up=True)
async def print_sheet(ctx: Context, which: str) -> Response[Any]:
    """A key as words and a code, for the printer; once it was checked it is not shown again.

    :raises Denied: it was checked
    """
    return await _sheet(ctx, _which(which), Form(Typed))


async def _sheet(ctx: Context, which: sheet.Which, form: Form[Typed], status: int = 200) -> Response[Any]:
    store, folder = reader_of(ctx).store, _folder(ctx)
    said = await sheet.show(store, folder, which)
    async with ctx.transaction() as tx:
        await tx.audit("sheet-shown", which)
    part = next(part for part in await sheet.parts(store, folder) if part.which == which)
    return await ctx.render(
        "sheet.html",
        which=which,
        called=CALLED[which],
        words=said,
        print=await _fingerprint(ctx),
        asked=part.asked,
        picture=qr(" ".join(said).upper(), label=ctx.t(N_("恢复单的码"))),
        form=form,
        status=status,
    )


@post("/ledger/keys/sheet/{which:str}", allow=KEYS, name="check_sheet", step_up=True)
async def check_sheet(ctx: Context, request: Request[Any, Any, Any], which: str) -> Response[Any]:
    """Three words, typed from the paper."""
    form = await Form.read(request, Typed)
    if form.command is None:
        return await _sheet(ctx, _which(which), form, 422)
    try:
        await sheet.confirm(reader_of(ctx).store, _folder(ctx), _which(which), form.command.words.split())
    except LirenError as error:
        form.refuse_with(error, "words")
        return await _sheet(ctx, _which(which), form, 422)
    async with ctx.transaction() as tx:
        await tx.audit("sheet-checked", which)
    return redirect(ctx.url("keys"), notice=ctx.t(N_("核对无误。请把纸收进保险柜。")))


@post("/ledger/keys/root/remove", allow=KEYS, name="remove_root", step_up=True)
async def remove_root(ctx: Context) -> Response[Any]:
    """The root leaves this machine; it is on paper."""
    await sheet.remove_root(reader_of(ctx).store, _folder(ctx))
    async with ctx.transaction() as tx:
        await tx.audit("root-removed", "root")
    return redirect(ctx.url("keys"), notice=ctx.t(N_("根密钥已从服务器移走。")))


def _which(text: str) -> sheet.Which:
    if text not in sheet.WHICH:
        raise NotFound("没有这把密钥。", "There is no such key.")
    return text


ROUTES: Final[tuple[Any, ...]] = (keys, one_key, rotate, revoke, print_sheet, check_sheet, remove_root)
