# SPDX-License-Identifier: Apache-2.0
"""The desk: lists handed in, checked, reviewed, published, posted. One page a list, whatever its state."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, LirenError, _
from liren.web import Form, Upload, ask, get, post, redirect
from liren.web.sheets import Table, choose_table, letter
from liren_credit import intake, posting, review, views, words
from liren_credit.list_flow import case_of
from liren_credit.tables import AwardList

Req = Request[Any, Any, Any]
SEE = "credit.see"
COLLECT = "credit.collect"
REVIEW = "credit.review"
EXCEL = (".xlsx", ".xls", ".csv")


class NewList(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=_("名单文件"))]
    title: Annotated[str, Meta(title=_("名单叫什么"), max_length=60)] = ""


class LookForm(msgspec.Struct, frozen=True):
    """Drawn rows shown on one page, and those that are not right."""

    shown: Annotated[list[str], Meta(title=_("抽查的行"))]
    bad: Annotated[list[str], Meta(title=_("有问题的行"))] = []
    remark: Annotated[str, Meta(title=_("有什么问题"), max_length=200)] = ""


class ReturnForm(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(title=_("退回的原因"), min_length=2, max_length=200)]


class NoFields(msgspec.Struct, frozen=True):
    """A button: only the request key is sent."""


@get("/lists", allow=SEE, name="lists")
async def lists(ctx: Context, page: str = "") -> Response[Any]:
    """What one has handed in, and what waits for one's review."""
    asked = ask(page, size=views.A_PAGE)
    mine = AwardList.collector == ctx.actor
    where = mine if not ctx.can(REVIEW) else (mine | AwardList.state.not_in(["columns", "checked", "dropped"]))
    found = await AwardList.objects().where(where).order_by(AwardList.number, ascending=False).limit(500)
    visible = [each for each in found if each.collector == ctx.actor or ctx.can(REVIEW, each.unit)]
    shown = visible[asked.offset : asked.offset + asked.size]
    people = await ctx.people.cards([each.collector for each in shown])
    return await ctx.render(
        "lists.html",
        page=asked.page(shown, len(visible)),
        people=people,
        words=words.LIST_STATES,
        may_collect=ctx.can(COLLECT),
    )


@get("/lists/new", allow=COLLECT, name="new_list")
async def new_list(ctx: Context) -> Response[Any]:
    return await _new_list(ctx, Form(NewList))


async def _new_list(ctx: Context, form: Form[NewList], status: int = 200) -> Response[Any]:
    return await ctx.render("new_list.html", status=status, form=form, accept=",".join(EXCEL))


@post("/lists/new", allow=COLLECT, name="enter_list")
async def enter_list(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, NewList)
    if form.command is None:
        return await _new_list(ctx, form, 422)
    file = form.command.file
    title = form.command.title.strip() or file.name.rpartition(".")[0][:60] or ctx.t("未命名的名单")
    try:
        entered = await intake.enter(ctx, form.key, title, file.name, file.content)
    except LirenError as error:
        if error.status >= 500:
            raise
        form.refuse_with(error, "file")
        return await _new_list(ctx, form, error.status)
    return redirect(ctx.url("show_list", id=entered))


@get("/lists/{id:str}/columns", allow=COLLECT, name="columns")
async def columns(ctx: Context, id: str, sheet: str = "", last: str = "") -> Response[Any]:
    """Ask which column is which. ``sheet`` and ``last`` (row of the header) may be chosen anew."""
    if (await intake.own_list(ctx, id)).state != "columns":
        return redirect(ctx.url("show_list", id=id))
    return await _columns(ctx, id, sheet, last, None)


async def _columns(ctx: Context, id: str, sheet: str, last: str, error: LirenError | None) -> Response[Any]:
    entered, tables, book, plain = await intake.tables_of(ctx, id)
    table = next((each for each in tables if each.sheet == sheet), tables[0])
    if last.isdecimal() and int(last) != table.last:
        wanted = plain.columns()
        table = choose_table(book, wanted, sheet=table.sheet, last=min(int(last), 60), columns=table.columns)
    return await ctx.render(
        "columns.html",
        status=error.status if error else 200,
        entered=entered,
        tables=tables,
        table=table,
        choices=_choices(table),
        wanted=[(each.key, words.COLUMNS[each.key], each.needed) for each in plain.columns()],
        doubts={doubt.key: doubt for doubt in table.doubts},
        error=error,
    )


def _choices(table: Table) -> list[tuple[int, str, str]]:
    """(index, letter and title, samples) of every column that holds something."""
    found = []
    for index, title in enumerate(table.titles):
        samples = table.sample(index)
        if title or samples:
            found.append((index, f"{letter(index)} {title}".strip(), "、".join(samples)))
    return found


@post("/lists/{id:str}/columns", allow=COLLECT, name="name_columns")
async def name_columns(ctx: Context, request: Req, id: str) -> Response[Any]:
    sent = await request.form()
    form = Form.of(NoFields, {"_key": sent.get("_key", "")})
    sheet, last = str(sent.get("sheet", "")), str(sent.get("last", ""))
    chosen = {
        key: int(value) for key in words.COLUMNS if (value := str(sent.get(key, ""))).isdecimal() and len(value) < 4
    }
    try:
        await intake.name_columns(ctx, form.key, id, sheet, int(last) if last.isdecimal() else 0, chosen)
    except LirenError as error:
        if error.status != 422:
            raise
        return await _columns(ctx, id, sheet, last, error)
    return redirect(ctx.url("show_list", id=id))


@get("/lists/{id:str}", allow=SEE, name="show_list")
async def show_list(ctx: Context, id: str, show: str = "", page: str = "") -> Response[Any]:
    return await _show(ctx, id, show, page, Form(ReturnForm), None)


async def _show(
    ctx: Context, id: str, show: str, page: str, form: Form[ReturnForm], error: LirenError | None
) -> Response[Any]:
    entered, reviewing = await views.any_list(ctx, id)
    if entered.state == "columns":
        return redirect(ctx.url("columns", id=id))
    tally = await views.tally(id)
    chips = _chips(entered, tally, reviewing)
    chosen: Any = show if show in dict(chips) else chips[0][0]
    people = await ctx.people.cards([each for each in (entered.collector, entered.reviewer) if each])
    task = await ctx.task(entered.task) if entered.task else None
    return await ctx.render(
        "list.html",
        status=error.status if error else 200,
        entered=entered,
        reviewing=reviewing,
        own=entered.collector == ctx.actor,
        tally=tally,
        chips=chips,
        chosen=chosen,
        page=await views.rows_page(ctx, entered, chosen, page, masked=entered.collector != ctx.actor),
        units=await views.units_of(ctx, id),
        rules=await views.rules_in(id),
        behaviours=words.BEHAVIOURS,
        people=people,
        task=task,
        case=await ctx.cases.panel(await case_of(ctx, id), acts=False),
        days=ctx.settings.publicity_days,
        today=ctx.today(),
        form=form,
        error=error,
        words=words.LIST_STATES,
    )


def _chips(entered: AwardList, tally: views.Tally, reviewing: bool) -> list[tuple[str, int]]:
    """(what to show, how many) in the order that suits who looks; the first is shown first."""
    found = [("fix", tally.faults), ("duplicate", tally.duplicates), ("good", tally.good), ("all", tally.all)]
    if tally.frozen or tally.struck:
        found.insert(0, ("frozen", tally.frozen + tally.struck))
    if reviewing and entered.state == "review" and tally.to_look_at:
        found.insert(0, ("sample", tally.to_look_at))
    elif reviewing or not tally.faults:
        found.insert(0, found.pop(found.index(("good", tally.good))))
    return found


async def _do(ctx: Context, request: Req, id: str, act: Any, notice: str) -> Response[Any]:
    """A button of the list's page: done, or the same page with what stands in the way."""
    form = Form.of(NoFields, {"_key": (await request.form()).get("_key", "")})
    try:
        await act(ctx, form.key, id)
    except LirenError as error:
        if error.status != 422:
            raise
        return await _show(ctx, id, "", "", Form(ReturnForm), error)
    return redirect(ctx.url("show_list", id=id), notice=ctx.t(notice))


@post("/lists/{id:str}/submit", allow=COLLECT, name="submit_list")
async def submit_list(ctx: Context, request: Req, id: str) -> Response[Any]:
    return await _do(ctx, request, id, intake.submit, _("已提交，等审核员来审。"))


@post("/lists/{id:str}/drop", allow=COLLECT, name="drop_list")
async def drop_list(ctx: Context, request: Req, id: str) -> Response[Any]:
    return await _do(ctx, request, id, intake.drop, _("已作废，没有留下任何待入账的行。"))


@post("/lists/{id:str}/look", allow=REVIEW, name="look_at_rows")
async def look_at_rows(ctx: Context, request: Req, id: str) -> Response[Any]:
    form = await Form.read(request, LookForm)
    if form.command is None:
        raise LirenError("请先打开要抽查的行。", "Open the drawn rows first.", status=422)
    struck = [each for each in form.command.bad if each in form.command.shown]
    if struck and len(form.command.remark.strip()) < 2:
        error = LirenError("剔除的行要写明有什么问题。", "Say what is wrong with the rows you strike.", status=422)
        return await _show(ctx, id, "sample", "", Form(ReturnForm), error)
    fine = [each for each in form.command.shown if each not in struck]
    await review.look_at(ctx, form.key, id, fine, struck, form.command.remark.strip())
    return redirect(ctx.url("show_list", id=id), notice=ctx.t(_("抽查结果已记下。")))


@post("/lists/{id:str}/approve", allow=REVIEW, name="approve_list")
async def approve_list(ctx: Context, request: Req, id: str) -> Response[Any]:
    return await _do(ctx, request, id, review.approve, _("审核通过，已开始公示。"))


@post("/lists/{id:str}/return", allow=REVIEW, name="return_list")
async def return_list(ctx: Context, request: Req, id: str) -> Response[Any]:
    form = await Form.read(request, ReturnForm)
    if form.command is None:
        return await _show(
            ctx, id, "", "", form, LirenError("请写明退回的原因。", "Say why it is returned.", status=422)
        )
    await review.send_back(ctx, form.key, id, form.command.reason.strip())
    return redirect(ctx.url("lists"), notice=ctx.t(_("已退回登记人。")))


@post("/lists/{id:str}/post", allow=REVIEW, name="post_list", step_up=True)
async def post_list(ctx: Context, request: Req, id: str) -> Response[Any]:
    return await _do(ctx, request, id, posting.start_posting, _("正在入账，可以离开这一页。"))


HANDLERS = [
    lists,
    new_list,
    enter_list,
    columns,
    name_columns,
    show_list,
    submit_list,
    drop_list,
    look_at_rows,
    approve_list,
    return_list,
    post_list,
]
