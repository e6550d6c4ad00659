# SPDX-License-Identifier: Apache-2.0
"""A list of residents from Excel, in three steps: upload, look at the verdicts, register."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity import importer, people_lists
from liren.identity.at_hand import identity_of
from liren.identity.import_rules import TAKEN, TEXTS
from liren.identity.people_lists import PeopleList, Summary
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.plugins.services import Progress
from liren.web import N_, Form, Upload, download, get, post, redirect
from liren.web.sheets import Heading, Page, write_book

IMPORT: Final = "identity.import"
ROWS_SHOWN: Final = 100
KINDS: Final = {"kinds": ("xlsx", "xls", "csv")}


class NewList(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=N_("居民名单"), extra=KINDS)]
    consent: Annotated[bool, Meta(title=N_("名单上的人都已签字，同意参加积分"))] = False


async def _allowed(ctx: Context, identity: Identity) -> None:
    """A list names people of the whole street, so its uploader must be trusted with all of it."""
    ctx.require(IMPORT, (await identity.units.street()).code)


@get("/people/lists", allow=IMPORT, name="list_form")
async def list_form(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    await _allowed(ctx, identity_of(request))
    return await ctx.render("list.html", form=Form(NewList))


@post("/people/lists", allow=IMPORT, name="list_check")
async def list_check(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Read and judge; nothing is registered yet."""
    identity = identity_of(request)
    await _allowed(ctx, identity)
    form = await Form.read(request, NewList)
    if form.command is not None:
        sent = form.command
        try:
            report = await importer.check(sent.file.content, identity.people, identity.units)
        except LirenError as error:
            form.refuse_with(error, "file")
        else:
            async with identity.store.transaction(ctx.actor) as tx:
                kept = await people_lists.keep(
                    tx,
                    identity.vault,
                    file_name=sent.file.name,
                    content=sent.file.content,
                    consent=sent.consent,
                    summary=Summary.of(report),
                )
            return redirect(ctx.url("list_verdicts", list=kept))
    return await ctx.render("list.html", status=422, form=form)


async def _mine(ctx: Context, identity: Identity, wanted: str) -> PeopleList:
    await _allowed(ctx, identity)
    return await people_lists.find(identity.store, identity.vault, ctx.actor, wanted)


@get("/people/lists/{list:str}", allow=IMPORT, name="list_verdicts")
async def list_verdicts(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """What can be registered, what has to be mended; then how far the registration is."""
    people_list = await _mine(ctx, identity_of(request), request.path_params["list"])
    counts, summary = people_list.summary.counts, people_list.summary
    return await ctx.render(
        "list_verdicts.html",
        list=people_list,
        taken=sum(counts.get(code, 0) for code in TAKEN),
        shared=counts.get("phone-shared", 0),
        known=counts.get("known", 0),
        ignored=counts.get("ignored", 0),
        wrong=sum(n for code, n in counts.items() if code not in (*TAKEN, "known", "ignored")),
        rows=[(verdict, TEXTS[verdict.code]) for verdict in summary.verdicts[:ROWS_SHOWN]],
        task=await ctx.task(people_list.task) if people_list.task else None,
    )


@post("/people/lists/{list:str}", allow=IMPORT, name="list_register")
async def list_register(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Register in the background; pressed twice it runs once."""
    identity, wanted = identity_of(request), request.path_params["list"]
    people_list = await _mine(ctx, identity, wanted)
    if not people_list.done:

        async def work(ctx: Context, progress: Progress) -> str:
            return await _register(ctx, identity, people_list, progress)

        earlier = await ctx.task(people_list.task) if people_list.task else None
        if earlier is None or earlier.state != "running":
            # The key names the attempt: an attempt that failed may be made again, a running one may not.
            key = f"list/{wanted}/{people_list.task or 'first'}"
            task = await ctx.start(key, ctx.t("登记居民"), work)
            async with identity.store.transaction(ctx.actor) as tx:
                await people_lists.started(tx, wanted, task)
    return redirect(ctx.url("list_verdicts", list=wanted))


async def _register(ctx: Context, identity: Identity, people_list: PeopleList, progress: Progress) -> str:
    content = await people_lists.content(identity.store, identity.vault, people_list.id)
    report = await importer.check(content, identity.people, identity.units)
    today = ctx.today()
    consent = ("points", f"{today:%Y-%m}", "paper") if people_list.consent else None
    street = (await identity.units.street()).name
    async with identity.store.transaction(ctx.actor, limit_s=importer.LIMIT_S) as tx:
        done = await importer.commit(
            tx,
            identity.vault,
            report,
            street=street,
            day=today,
            consent=consent,
            progress=lambda _, n, total: progress(n, total),
        )
        await people_lists.registered(tx, people_list.id)
    return ctx.t("登记了 {new} 人，更新住址 {moved} 人。", new=done.registered, moved=done.moved)


@get("/people/lists/{list:str}/wrong", allow=IMPORT, name="list_wrong")
async def list_wrong(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """The rows to mend, as a workbook."""
    people_list = await _mine(ctx, identity_of(request), request.path_params["list"])
    headings = [Heading(ctx.t("行"), 8, "number"), Heading(ctx.t("姓名"), 14), Heading(ctx.t("要改什么"), 44)]
    rows = [(v.row, v.name, ctx.t(TEXTS[v.code])) for v in people_list.summary.verdicts]
    return download(write_book([Page(ctx.t("要改的行"), headings, rows)]), ctx.t("居民名单要改的行") + ".xlsx")


ROUTES = (list_form, list_check, list_verdicts, list_register, list_wrong)
