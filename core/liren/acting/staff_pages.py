# SPDX-License-Identifier: Apache-2.0
"""A worker's pages: whom to act for, how they agreed, and from there to the module that does it."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.acting import consent, errors, rules, slips
from liren.acting.consent import Ask
from liren.acting.mandates import lines_of, offered
from liren.acting.rules import ACT
from liren.errors import LirenError
from liren.identity.register import dossier
from liren.identity.register.numbers import mask_phone
from liren.identity.register.people_pages import place_of
from liren.plugins.context import Context
from liren.store.audit import write as audit
from liren.web import N_, SIGNED_IN, Form, Nothing, Upload, ask, get, gettext, post, redirect

Req = Request[Any, Any, Any]
SHOWN: Final = 20


class OnTheSpot(msgspec.Struct, frozen=True, kw_only=True):
    """Consent as the worker takes it."""

    deeds: Annotated[list[str], Meta(title=N_("要替本人办什么"), min_length=1)]
    how: Annotated[Literal["on-site", "paper", "sms"], Meta(title=N_("本人怎么同意的"))]
    read_out: Annotated[bool, Meta(title=N_("我把要办的事念给本人听了，本人同意"))] = False
    paper: Annotated[Upload | None, Meta(title=N_("签字的照片"), extra={"kinds": ("jpg", "png")})] = None


class Code(msgspec.Struct, frozen=True):
    code: Annotated[str, Meta(title=N_("本人念给您的 6 位数字"), min_length=1, max_length=20, extra={"secret": True})]


@get("/desk", allow=ACT, name="desk")
async def desk(ctx: Context, q: str = "", number: str = "", page: str = "") -> Response[Any]:
    """Look somebody up; find a slip by its number; what one did so far."""
    acting, text = slips.own(ctx), q[:60].strip()
    wrong = ""
    if number.strip():
        found = await slips.numbered(ctx, number)
        if found is not None:
            return redirect(ctx.url("slip", slip=found.id))
        wrong = gettext("没有单号是 %(number)s 的代办单，或不在您负责的范围里。", number=number[:12])
    hits = await acting.desk.directory.search(text, ctx.access.units_with(ACT), limit=SHOWN + 1) if text else []
    people = [(hit.card, place_of(await ctx.units.path(hit.unit)) if hit.unit else "") for hit in hits[:SHOWN]]
    asked = ask(page, size=SHOWN)
    done, total = await acting.desk.records.slips_by(ctx.actor, asked.size, asked.offset)
    return await ctx.render(
        "desk.html",
        q=text,
        people=people,
        more=len(hits) > SHOWN,
        number=number.strip()[:12],
        wrong=wrong,
        page=asked.page(await slips.lines(ctx, done), total),
        mandates=await lines_of(ctx, await acting.desk.records.consents_to(ctx.actor, acting.now_ms()), kind="staff"),
    )


@get("/for/{person:str}", allow=ACT, name="someone")
async def someone(ctx: Context, person: str) -> Response[Any]:
    """What can be done for this person, and how they agree to it."""
    deeds = [deed.name for deed in slips.own(ctx).desk.deeds(ctx) if deed.staff]
    return await _someone(ctx, person, Form(OnTheSpot, {"deeds": deeds if len(deeds) == 1 else []}))


async def _someone(ctx: Context, person: str, form: Form[OnTheSpot], status: int = 200) -> Response[Any]:
    """:raises NotFound: outside the visitor's area"""
    acting = slips.own(ctx)
    home = await acting.desk.directory.home_of(person)
    if home is None or not ctx.can(ACT, await acting.unit_of(home)):
        raise errors.nothing_here()
    why_not = await acting.why_not_as_staff(person)
    phones = await dossier.phones(acting.desk.directory.store, acting.desk.directory.vault, [person])
    return await ctx.render(
        "someone.html",
        status=status,
        person=home.card,
        place=place_of(await ctx.units.path(home.unit)) if home.unit else "",
        phone=mask_phone(phones[person]) if person in phones else "",
        why_not=why_not,
        form=form,
        deeds=await offered(ctx, "staff"),
        can_send=consent.can_send(ctx) and person in phones,
    )


@post("/for/{person:str}", allow=ACT, name="agree")
async def agree(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Write the consent down, or send the code."""
    form = await Form.read(request, OnTheSpot)
    if form.command is not None and not form.command.read_out:
        form.refuse("read_out", gettext("请先把要办的事念给本人听，再打钩"))
    if form.command is None:
        return await _someone(ctx, person, form, 422)
    try:
        mandate = await _agreed(ctx, form.key, person, form.command)
    except LirenError as error:
        if error.status == 404:
            raise
        form.refuse_with(error)
        return await _someone(ctx, person, form, error.status)
    return redirect(ctx.url("mandate", mandate=mandate))


async def _agreed(ctx: Context, key: str, person: str, sent: OnTheSpot) -> str:
    wanted = Ask(person, sent.how, tuple(sorted(set(sent.deeds))))
    if sent.how == "sms":
        return await consent.send_code(ctx, key, wanted)
    photo = sent.paper if sent.how == "paper" else None
    return await consent.on_the_spot(ctx, key, wanted, photo=photo)


@get("/mandates/{mandate:str}", allow=SIGNED_IN, name="mandate")
async def mandate_page(ctx: Context, mandate: str) -> Response[Any]:
    """For who may act: the code to enter, or what can be done now and how much is left."""
    return await _mandate(ctx, mandate, Form(Code))


async def _mandate(ctx: Context, mandate: str, form: Form[Code], status: int = 200) -> Response[Any]:
    """:raises NotFound: not the visitor's"""
    acting = slips.own(ctx)
    found = await acting.desk.records.consent(mandate) if len(mandate) == 20 else None
    if found is None or found.actor != ctx.actor:
        raise errors.nothing_here()
    [line] = await lines_of(ctx, [found])
    back = ctx.url("desk") if found.kind == "staff" else ctx.url("help")
    return await ctx.render("mandate.html", status=status, mandate=line, form=form, back=back)


@post("/mandates/{mandate:str}/code", allow=ACT, name="answer")
async def answer(ctx: Context, request: Req, mandate: str) -> Response[Any]:
    form = await Form.read(request, Code)
    if form.command is not None:
        try:
            await consent.answer(ctx, mandate, form.command.code)
        except errors.WrongCode as error:
            form.refuse_with(error, "code")
    if form.errors:
        return await _mandate(ctx, mandate, form, 422)
    return redirect(ctx.url("mandate", mandate=mandate), notice=gettext("本人同意了，可以办了。"))


@post("/mandates/{mandate:str}/end", allow=SIGNED_IN, name="end")
async def end(ctx: Context, request: Req, mandate: str) -> Response[Any]:
    """Withdraw, give up, decline."""
    await Form.read(request, Nothing)
    found = await slips.own(ctx).desk.records.consent(mandate) if len(mandate) == 20 else None
    await consent.end(ctx, mandate)
    staff = found is not None and ctx.actor not in (found.person,) and ctx.can(ACT)
    return redirect(ctx.url("desk" if staff else "help"), notice=gettext("已经结束，马上生效。"))


@get("/mandates/{mandate:str}/paper", allow=SIGNED_IN, name="evidence")
async def evidence(ctx: Context, mandate: str) -> Response[Any]:
    """The signed paper: for the person, and for who reviews there; each look is on record."""
    acting = slips.own(ctx)
    found = await acting.desk.records.consent(mandate) if len(mandate) == 20 else None
    allowed = found is not None and (ctx.actor == found.person or ctx.can(rules.REVIEW, found.unit))
    if found is None or not allowed or found.paper is None:
        raise errors.nothing_here()
    content = await acting.desk.papers.content(found.person, found.paper)
    async with acting.ctx.transaction():
        await audit(acting.desk.records.tx(), "acting", "acting.paper-seen", found.person, unit=found.unit)
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return Response(content, media_type=kind, headers={"content-disposition": "inline"})


ROUTES = (desk, someone, agree, mandate_page, answer, end, evidence)
