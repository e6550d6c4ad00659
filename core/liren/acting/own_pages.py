# SPDX-License-Identifier: Apache-2.0
"""请人帮忙: a resident's side. Who may act for me, what they did, whom I help; given and withdrawn with one button."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.acting import calls, consent, errors, slips
from liren.acting.consent import Name
from liren.acting.mandates import lines_of, offered
from liren.acting.rules import ACT
from liren.acting.settings import FAMILY, FAMILY_MOST
from liren.errors import LirenError
from liren.identity.register.people_pages import place_of
from liren.plugins.acting import Deed
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Fen, Form, Nothing, Upload, ask, get, gettext, post, redirect

Req = Request[Any, Any, Any]
A_PAGE: Final = 10
DAY_MS: Final = 24 * 3_600_000


@get("/", allow=SIGNED_IN, name="help")
async def help_page(ctx: Context, page: str = "") -> Response[Any]:
    """Everything about help, on one page."""
    acting = slips.own(ctx)
    records, since_ms = acting.desk.records, acting.now_ms()
    asked = ask(page, size=A_PAGE)
    done, total = await records.slips_for(ctx.actor, asked.size, asked.offset)
    given = await lines_of(ctx, await records.consents_of(ctx.actor, since_ms), kind="family")
    held = await lines_of(ctx, await records.consents_to(ctx.actor, since_ms), kind="family")
    did, times = await records.slips_by(ctx.actor, A_PAGE)
    return await ctx.render(
        "help.html",
        given=given,
        invited=[line for line in held if line.asked],
        held=[line for line in held if line.holds],
        page=asked.page(await slips.lines(ctx, done), total),
        did=await slips.lines(ctx, did),
        times=times,
        blocked=await records.blocked(ctx.actor),
        called=await calls.open_call(ctx),
        can_name=bool(await offered(ctx, "family")),
    )


def naming(deeds: list[tuple[Deed, str]], months: int, *, paper: bool) -> type[msgspec.Struct]:
    """The form of a delegation: who, for how long, and for every deed how much of it a month."""
    fields: list[Any] = [
        ("name", Annotated[str, Meta(title=N_("帮忙的人的姓名"), min_length=1, max_length=60)]),
        ("phone", Annotated[str, Meta(title=N_("帮忙的人的手机号"), min_length=1, max_length=30)]),
        ("months", Annotated[int, Meta(title=N_("委托几个月"), ge=1, le=months)]),
    ]
    for number, (deed, title) in enumerate(deeds):
        kind: Any = Fen if deed.measure == "fen" else int
        limits = Meta(title=title, ge=0, le=FAMILY_MOST[deed.measure])
        fields.append((f"cap_{number}", Annotated[kind, limits], 0))
    if paper:
        signed = Meta(title=N_("签字的照片"), extra={"kinds": ("jpg", "png")})
        fields.append(("paper", Annotated[Upload | None, signed], None))
    return msgspec.defstruct("Naming", fields, frozen=True, kw_only=True)


async def naming_form(ctx: Context, *, paper: bool) -> tuple[type[msgspec.Struct], list[tuple[Deed, str]]]:
    deeds = await offered(ctx, "family")
    return naming(deeds, slips.own(ctx).settings.months, paper=paper), deeds


@get("/name", allow=SIGNED_IN, name="name_form")
async def name_form(ctx: Context) -> Response[Any]:
    struct, deeds = await naming_form(ctx, paper=False)
    return await _naming(ctx, Form(struct, _first(ctx, deeds)), deeds)


def _first(ctx: Context, deeds: list[tuple[Deed, str]]) -> dict[str, Any]:
    caps = {f"cap_{number}": FAMILY[deed.measure] for number, (deed, _) in enumerate(deeds)}
    return {"months": min(6, slips.own(ctx).settings.months), **caps}


async def _naming(
    ctx: Context, form: Form[Any], deeds: list[tuple[Deed, str]], status: int = 200, **view: Any
) -> Response[Any]:
    shown = [(f"cap_{number}", title, deed.measure) for number, (deed, title) in enumerate(deeds)]
    action = view.pop("action", ctx.url("name"))
    back = view.pop("back", ctx.url("help"))
    person = view.pop("person", "")
    most = slips.own(ctx).settings.months
    return await ctx.render(
        "name.html", status=status, form=form, deeds=shown, action=action, back=back, person=person, most=most
    )


@post("/name", allow=SIGNED_IN, name="name")
async def name(ctx: Context, request: Req) -> Response[Any]:
    """Name a helper: in force once they accept."""
    struct, deeds = await naming_form(ctx, paper=False)
    form: Form[Any] = await Form.read(request, struct)
    if form.command is not None:
        try:
            await _name(ctx, form, ctx.actor, deeds, paper=False)
        except LirenError as error:
            if error.status == 404:
                raise
            form.refuse_with(error, "phone" if isinstance(error, errors.NoSuchHelper) else "")
    if form.errors:
        return await _naming(ctx, form, deeds, 422)
    return redirect(ctx.url("help"), notice=gettext("已经发出去了，等对方答应就生效。"))


async def _name(ctx: Context, form: Form[Any], person: str, deeds: list[tuple[Deed, str]], *, paper: bool) -> None:
    sent: Any = form.command
    helper = await consent.helper_of(ctx, person, sent.name, sent.phone)
    caps = {deed.name: getattr(sent, f"cap_{number}") for number, (deed, _) in enumerate(deeds)}
    named = Name(person, helper, caps, sent.months, "paper" if paper else "page")
    await consent.name_helper(ctx, form.key, named, photo=sent.paper if paper else None)


@post("/mandates/{mandate:str}/accept", allow=SIGNED_IN, name="accept")
async def accept(ctx: Context, request: Req, mandate: str) -> Response[Any]:
    await Form.read(request, Nothing)
    await consent.accept(ctx, mandate)
    return redirect(ctx.url("help"), notice=gettext("谢谢您帮忙，现在就可以办。"))


class Wish(msgspec.Struct, frozen=True):
    staff: bool = False


@post("/staff", allow=SIGNED_IN, name="staff")
async def staff(ctx: Context, request: Req) -> Response[Any]:
    """Whether workers may act for me, asked each time: yes or no."""
    form = await Form.read(request, Wish)
    yes = form.command is not None and form.command.staff
    await consent.block(ctx, on=not yes)
    said = gettext("好的，工作人员经您同意可以替您办。") if yes else gettext("好的，工作人员不再替您办任何事。")
    return redirect(ctx.url("help"), notice=said)


# --- a worker writes down what somebody signed


@get("/for/{person:str}/delegation", allow=ACT, name="paper_form")
async def paper_form(ctx: Context, person: str) -> Response[Any]:
    struct, deeds = await naming_form(ctx, paper=True)
    return await _naming(ctx, Form(struct, _first(ctx, deeds)), deeds, **await _on_paper(ctx, person))


async def _on_paper(ctx: Context, person: str) -> dict[str, Any]:
    """:raises NotFound: outside the visitor's area; :raises NotForThem: as for every act"""
    acting = slips.own(ctx)
    home = await acting.helped(person)
    await acting.may_as_staff(home, await acting.unit_of(home))
    place = place_of(await ctx.units.path(home.unit)) if home.unit else ""
    return {
        "person": " · ".join(filter(None, (home.card.name, place))),
        "action": ctx.url("record", person=person),
        "back": ctx.url("someone", person=person),
    }


@post("/for/{person:str}/delegation", allow=ACT, name="record")
async def record(ctx: Context, request: Req, person: str) -> Response[Any]:
    """For somebody without a phone: what stands on the paper they signed."""
    view = await _on_paper(ctx, person)
    struct, deeds = await naming_form(ctx, paper=True)
    form: Form[Any] = await Form.read(request, struct)
    if form.command is not None:
        try:
            await _name(ctx, form, person, deeds, paper=True)
        except LirenError as error:
            if error.status == 404:
                raise
            form.refuse_with(error, "phone" if isinstance(error, errors.NoSuchHelper) else "")
    if form.errors:
        return await _naming(ctx, form, deeds, 422, **view)
    return redirect(view["back"], notice=gettext("登记好了，等帮忙的人答应就生效。"))


ROUTES = (help_page, name_form, name, accept, staff, paper_form, record)
