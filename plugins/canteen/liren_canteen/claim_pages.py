# SPDX-License-Identifier: Apache-2.0
"""The street's page: the month in pictures, what each funder owes, and the sealed sheets."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import Form, ask, download, get, gettext, post, redirect
from liren.web.sheets import Heading, Page, write_book
from liren_canteen import claims, queries, sites
from liren_canteen.claims import ClaimForm
from liren_canteen.errors import CanteenError
from liren_canteen.rulebook import SUBSIDY

Req = Request[Any, Any, Any]
MONTHS = 6


@get("/desk/report", allow=SUBSIDY, name="report")
async def report(ctx: Context, page: str | None = None) -> Response[Any]:
    return await _report(ctx, Form(ClaimForm, {"month": claims.last_month(ctx.today())}), page)


async def _report(ctx: Context, form: Form[ClaimForm], page: str | None = None, status: int = 200) -> Response[Any]:
    first = ctx.today().replace(day=1)
    asked = ask(page, size=20)
    sealed, total = await claims.sealed(asked.size, asked.offset)
    return await ctx.render(
        "report.html",
        status=status,
        first=first,
        months=await queries.months(first, MONTHS),
        by_site=await queries.sites_in(first, (first + timedelta(days=31)).replace(day=1)),
        names={site.id: site.name for site in await sites.all_sites()},
        owed=await claims.owed(form.value("month")) if form.command is not None or not form.errors else {},
        month=form.value("month"),
        is_sealed=await claims.is_sealed(form.value("month")),
        cards=await queries.cards(),
        form=form,
        page=asked.page(sealed, total),
    )


@get("/desk/report.xlsx", allow=SUBSIDY, name="report_file", step_up=True)
async def report_file(ctx: Context) -> Response[bytes]:
    """This month by site, as Excel."""
    first = ctx.today().replace(day=1)
    names = {site.id: site.name for site in await sites.all_sites()}
    headings = [
        Heading(gettext("食堂"), 24),
        Heading(gettext("餐数"), 10, "number"),
        Heading(gettext("人数"), 10, "number"),
        Heading(gettext("没有来"), 10, "number"),
        Heading(gettext("补贴（分）"), 14, "number"),
    ]
    found = await queries.sites_in(first, (first + timedelta(days=31)).replace(day=1))
    rows: list[list[Any]] = [
        [names.get(one.site, one.site), one.meals, one.people, one.missed, one.subsidy_fen] for one in found
    ]
    return download(write_book([Page(gettext("助餐"), headings, rows)]), f"{first:%Y-%m}-canteen.xlsx")


@post("/desk/report", allow=SUBSIDY, name="seal_month", step_up=True)
async def seal_month(ctx: Context, request: Req) -> Response[Any]:
    """Seal a month that is over; its meals are settled in the background."""
    form = await Form.read(request, ClaimForm)
    if form.command is None:
        return await _report(ctx, form, status=422)
    try:
        made = await claims.seal(ctx, form.key, form.command)
    except CanteenError as error:
        form.refuse_with(error, "month")
        return await _report(ctx, form, status=error.status)
    return redirect(ctx.url("report"), notice=gettext("结算好了，%(n)s 家出资方各一份。", n=made))


@get("/desk/claims/{claim:str}", allow=SUBSIDY, name="claim", step_up=True)
async def claim_file(ctx: Context, claim: str) -> Response[bytes]:
    """The very file whose hash the ledger attests."""
    found = await claims.claim_of(claim)
    return download(bytes(found.content), f"{found.month}-{found.funder}.xlsx")


HANDLERS = [report, report_file, seal_month, claim_file]
