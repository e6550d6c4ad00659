# SPDX-License-Identifier: Apache-2.0
"""The roles there are, what each may do, and who holds them where: inside the visitor's own scope, also as Excel."""

from typing import Any, Final

from litestar import Request, Response

from liren.identity.at_hand import identity_of
from liren.identity.register.people_pages import GRANT
from liren.identity.roles import holders
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.store.audit import write as audit
from liren.web import ask, download, get
from liren.web.sheets import Cell, Heading, Page, write_book

Req = Request[Any, Any, Any]
SHOWN: Final = 50
AT_MOST: Final = 50_000
"""Rows of one file."""


@get("/roles", allow=GRANT, name="role_list")
async def role_list(ctx: Context, request: Req) -> Response[Any]:
    """Every role with its permissions, and how many hold it in my scope."""
    identity = identity_of(request)
    kernel: Kernel = request.app.state.kernel
    titles = {one.name: one for plugin in kernel.plugins.values() for one in plugin.permissions}
    held = await holders.by_role(identity.store, ctx.access.units_with(GRANT), ctx.today())
    rows = [
        (name, title, [titles[one] for one in identity.who.roles[name] if one in titles], held.get(name, 0))
        for name, title in sorted(identity.who.titles.items())
    ]
    return await ctx.render("role_list.html", rows=rows)


@get("/roles/held", allow=GRANT, name="holders")
async def held(ctx: Context, request: Req, role: str = "", unit: str = "") -> Response[Any]:
    """Who has what where, until when."""
    identity = identity_of(request)
    scope, today = ctx.access.units_with(GRANT), ctx.today()
    path = await _path(ctx, unit)
    asked = ask(request.query_params.get("page"), size=SHOWN)
    total = await holders.count(identity.store, scope, role=role, unit_path=path, today=today)
    found = await holders.some(
        identity.store, scope, role=role, unit_path=path, today=today, limit=asked.size, offset=asked.offset
    )
    units = [
        (each.code, each.name)
        for each in await identity.units.all()
        if each.level in ("street", "community") and ctx.can(GRANT, each.code)
    ]
    return await ctx.render(
        "holders.html",
        page=asked.page(found, total),
        titles=identity.who.titles,
        roles=sorted(identity.who.titles.items()),
        role=role,
        unit=unit if path else "",
        units=units,
    )


async def _path(ctx: Context, unit: str) -> str:
    """Of the unit asked for; empty where it is none, or outside the visitor's scope."""
    card = await ctx.units.get(unit) if unit and ctx.can(GRANT, unit) else None
    return card.path if card is not None else ""


@get("/roles/held.xlsx", allow=GRANT, name="holders_file", step_up=True)
async def holders_file(ctx: Context, request: Req, role: str = "", unit: str = "") -> Response[bytes]:
    """The same list to take away; audited."""
    identity = identity_of(request)
    found = await holders.some(
        identity.store,
        ctx.access.units_with(GRANT),
        role=role,
        unit_path=await _path(ctx, unit),
        today=ctx.today(),
        limit=AT_MOST,
    )
    async with identity.store.transaction(ctx.actor) as tx:
        await audit(tx, "identity", "identity.holders-taken-away", "role_grant", detail={"rows": len(found)})
    titles = [ctx.t(one) for one in ("姓名", "角色", "在哪里", "从哪天起", "到哪天为止")]
    cells: list[list[Cell]] = [
        [one.name, ctx.t(identity.who.titles.get(one.role, one.role)), one.unit_name, one.since, one.until or ""]
        for one in found
    ]
    book = write_book([Page(ctx.t("角色"), [Heading(title, 16) for title in titles], cells)])
    return download(book, f"{ctx.t('角色')} {ctx.today().isoformat()}.xlsx")


ROUTES = (role_list, held, holders_file)
