# SPDX-License-Identifier: Apache-2.0
"""The auditor's own pages: the log, its keys, its checkpoints and policies, and how to check all of it elsewhere."""

import asyncio
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response

from liren.errors import LirenError
from liren.ledger import accounts, words
from liren.ledger.archive import export as exporting
from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.authority.keepers import told
from liren.ledger.desk import audit_view
from liren.ledger.keys import life as key_life
from liren.ledger.papers.receipts import fingerprint, root_of
from liren.plugins.context import Context
from liren.web import ask, download, get, post, redirect, typed_day

Req = Request[Any, Any, Any]
AUDIT: Final = "ledger.audit"
SHOWN: Final = 50
EXPORTED: Final = 50_000
"""Entries of an export made while somebody waits; longer logs are exported by command."""


class TooLong(LirenError):
    """The log is too long to be exported from a page."""

    status = 409
    code = "ledger-too-long"


@get("/ledger/audit", allow=AUDIT, name="audit")
async def overview(ctx: Context) -> Response[Any]:
    """How the log grows, and where to go from here."""
    reader = reader_of(ctx)
    note = await reader.checkpoint()
    size = await audit_view.size_of(reader)
    others = await reader.store.read(
        "SELECT kind, COUNT(*) FROM log_entry WHERE kind <> 'post' GROUP BY kind ORDER BY kind"
    )
    return await ctx.render(
        "audit.html",
        words=words,
        size=size,
        note=note.decode() if note is not None else "",
        growth=[(f"{day.month}/{day.day}", count) for day, count in await audit_view.growth(reader, ctx.today())],
        print=fingerprint(await root_of(reader.store)) if note is not None else "",
        # Postings are nearly all of them: counting the others is quick at any size.
        kinds=[("post", size - sum(count for _, count in others)), *others],
    )


@get("/ledger/audit/log", allow=AUDIT, name="audit_log")
async def log(ctx: Context, request: Req) -> Response[Any]:
    """By position, newest first; or what a search finds."""
    reader, given = reader_of(ctx), request.query_params
    text = given.get("q", "").strip()[:64]
    if text:
        pos = await audit_view.position_of(reader, text)
        if pos is not None:
            return redirect(ctx.url("audit_entry", pos=pos))
    wanted = audit_view.Search(given.get("unit", "").strip()[:32], given.get("code", "").strip()[:64], _day(given))
    if wanted.any or text:
        found, more = await audit_view.search(reader, wanted) if wanted.any else ([], False)
        return await _listed(ctx, found, wanted, text, more=more)
    size, asked = await audit_view.size_of(reader), ask(given.get("page"), size=SHOWN)
    last = size - 1 - asked.offset
    found = await audit_view.lines(reader, max(0, last - SHOWN + 1), last) if last >= 0 else []
    return await _listed(ctx, found, wanted, text, page=asked.page(found, size))


async def _listed(
    ctx: Context,
    found: Sequence[audit_view.Line],
    wanted: audit_view.Search,
    text: str,
    *,
    page: object = None,
    more: bool = False,
) -> Response[Any]:
    return await ctx.render(
        "audit_log.html",
        lines=found,
        page=page,
        more=more,
        wanted=wanted,
        text=text,
        words=words,
        units=await unit_names(ctx),
        titles=await ctx.titles({line.code for line in found if line.code}),
    )


@get("/ledger/audit/entries/{pos:int}", allow=AUDIT, name="audit_entry")
async def entry(ctx: Context, pos: int) -> Response[Any]:
    """:raises NotFound: no such entry"""
    shown = await audit_view.whole(reader_of(ctx), pos)
    ends = sorted({end for posting in shown.postings for end in posting[1:3]})
    return await ctx.render(
        "audit_entry.html",
        words=words,
        units=await unit_names(ctx),
        entry=shown,
        titles=await ctx.titles([shown.code] if shown.code else []),
        ends=await accounts.said(ctx, ends),
        signers=list(zip([keeper.name for keeper in shown.signers], await told(ctx, shown.signers), strict=True)),
        root=b64encode(shown.root).decode(),
        path=[b64encode(node).decode() for node in shown.path],
        size=await audit_view.size_of(reader_of(ctx)),
    )


@get("/ledger/audit/entries/{pos:int}/file", allow=AUDIT, name="audit_file")
async def entry_file(ctx: Context, pos: int) -> Response[bytes]:
    """:raises NotFound: no such entry"""
    file = await audit_view.evidence(reader_of(ctx), pos)
    return download(file, f"entry-{pos}.liren-receipt", media_type="application/zip")


@get("/ledger/audit/keys", allow=AUDIT, name="audit_keys")
async def keys(ctx: Context) -> Response[Any]:
    """Every key, with the positions where it is valid; whose a reviewer's key is stays out."""
    return await ctx.render("audit_keys.html", keys=await key_life.listed(reader_of(ctx).store), words=words)


@get("/ledger/audit/checkpoints", allow=AUDIT, name="audit_checkpoints")
async def checkpoints(ctx: Context, request: Req) -> Response[Any]:
    """The signed checkpoints, and whether one continues another."""
    store, given = reader_of(ctx).store, request.query_params
    asked = ask(given.get("page"), size=SHOWN)
    ((total,),) = await store.read("SELECT COUNT(*) FROM checkpoint")
    rows = await store.read(
        "SELECT size, at_ms FROM checkpoint ORDER BY size DESC LIMIT ? OFFSET ?", asked.size, asked.offset
    )
    old, new = (given.get(name, "") for name in ("old", "new"))
    compared = None
    if old.isdecimal() and new.isdecimal() and len(old) < 16 and len(new) < 16:
        compared = await audit_view.consistency(reader_of(ctx), int(old), int(new))
    return await ctx.render(
        "audit_checkpoints.html",
        page=asked.page(rows, total),
        old=old,
        new=new,
        asked=bool(old or new),
        compared=compared,
        proof=[b64encode(node).decode() for node in compared[2]] if compared else [],
        roots=[b64encode(root).decode() for root in compared[:2]] if compared else [],
    )


@get("/ledger/audit/policies", allow=AUDIT, name="audit_policies")
async def policies(ctx: Context) -> Response[Any]:
    found = await audit_view.adopted(reader_of(ctx))
    codes = {code for one in found for code in (*one.added, *one.removed, *(code for code, _, _ in one.changed))}
    return await ctx.render("audit_policies.html", policies=found, titles=await ctx.titles(codes))


@get("/ledger/audit/how", allow=AUDIT, name="audit_how")
async def how(ctx: Context) -> Response[Any]:
    """How to verify everything without us, step by step."""
    return await ctx.render("audit_how.html", limit=EXPORTED)


@post("/ledger/audit/export", allow=AUDIT, name="audit_export", step_up=True)
async def take_export(ctx: Context) -> Response[bytes]:
    """The whole log as ``liren-verify`` takes it; that it was taken is on record.

    :raises TooLong: the log is too long for a page
    """
    store = reader_of(ctx).store
    size = await audit_view.size_of(reader_of(ctx))
    if size > EXPORTED:
        raise TooLong(
            f"账本有 {size} 条记录，网页上导不完。请系统管理员运行：liren ledger export 文件名。",
            f"The log has {size} entries, too many for a page: the administrator runs “liren ledger export FILE”.",
        )
    async with ctx.transaction() as tx:
        await tx.audit("exported", "log", size=size)
    await reader_of(ctx).ledger.checkpoints.sign()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        await exporting.export(store, path)
        content = await asyncio.to_thread(path.read_bytes)
    return download(content, f"ledger-{ctx.today()}.liren-export.zip", media_type="application/zip")


def _day(given: Any) -> date | None:
    return typed_day(given.get("day", ""))


ROUTES = (overview, log, entry, entry_file, keys, checkpoints, policies, how, take_export)
