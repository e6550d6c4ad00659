# SPDX-License-Identifier: Apache-2.0
"""I have another phone number: proved by the code that went to it; where no module sends codes, staff look at it.

A number a family shares is no mistake: it is taken, and whoever signs in with it is asked which of them they are.
The number there was is told, as far as the street sends messages: whoever borrowed a phone for a minute is noticed.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import address_of, identity_of
from liren.identity.errors import BadLogin
from liren.identity.register import changes, dossier
from liren.identity.register.changes import Amendment
from liren.identity.register.numbers import mask_phone, phone
from liren.identity.register.pending import VISIBLE
from liren.identity.register.register_pages import SECRET, Req
from liren.identity.sealed import Private
from liren.identity.service import Identity
from liren.identity.signin import methods
from liren.identity.signin.methods import PER_ADDRESS, PER_STEP, PER_TYPED, Step
from liren.identity.signin.ways import method_of, offered
from liren.plugins.context import Context
from liren.plugins.types import LoginMethod
from liren.store.audit import write as audit
from liren.web import N_, SIGNED_IN, Form, get, post, redirect

MARK: Final = "own-phone:"
"""Before the way's name: a step of signing in is none of this, nor the other way round."""


CHANGED: Final = "identity.own-phone-changed"
SHOWN: Final = 5
"""Changes an account's page tells of."""


class NewPhone(msgspec.Struct, frozen=True):
    """The number from now on."""

    number: Annotated[str, Meta(title=N_("新手机号"), min_length=1, max_length=24, extra=SECRET)]


class Answer(msgspec.Struct, frozen=True):
    """What was sent to it."""

    answer: Annotated[str, Meta(title=N_("短信里的数字"), min_length=1, max_length=64)]
    step: Annotated[str, Meta(max_length=4000)]


def _way(ctx: Context, request: Req) -> tuple[str, LoginMethod, Context] | None:
    """The first way that sends something to what was typed; one that leads through another site proves no number."""
    for each in offered(ctx, request):
        method, its = method_of(request, each.name)
        if method.leave is None:
            return each.name, method, its
    return None


@get("/me/phone", allow=SIGNED_IN, name="own_phone_form", step_up=True)
async def own_phone_form(ctx: Context, request: Req) -> Response[Any]:
    return await _page(ctx, request, Form(NewPhone))


async def _page(ctx: Context, request: Req, form: Form[NewPhone], status: int = 200) -> Response[Any]:
    identity = identity_of(request)
    now = (await dossier.phones(identity.store, identity.vault, [ctx.actor])).get(ctx.actor)
    by_staff = "privacy" in request.app.state.kernel.plugins
    return await ctx.render(
        "own_phone.html",
        status=status,
        form=form,
        now=mask_phone(now) if now else "",
        by_code=_way(ctx, request) is not None,
        by_staff=ctx.url("privacy.correct_form") if by_staff else "",
    )


@post("/me/phone", allow=SIGNED_IN, name="own_phone", step_up=True)
async def own_phone(ctx: Context, request: Req) -> Response[Any]:
    """A code goes to the new number."""
    identity, way = identity_of(request), _way(ctx, request)
    form = await Form.read(request, NewPhone)
    number = phone(form.command.number) if form.command is not None else None
    if form.command is not None and number is None:
        form.refuse("number", ctx.t("手机号不对：要 11 位，或带区号的座机"))
    if way is None or number is None or not form.valid:
        return await _page(ctx, request, form, 422)
    name, method, its = way
    try:
        await identity.throttle.count((PER_TYPED, f"{name}/{number}"), (PER_ADDRESS, address_of(request)))
        state = await method.begin(its, number)
    except LirenError as error:
        form.refuse_with(error, "number")
        return await _page(ctx, request, form, error.status)
    ends_ms = identity.now_ms() + methods.VALID_MS
    step = methods.seal(identity.vault, Step(MARK + name, state, ends_ms, (ctx.actor, number)))
    return await _answer_page(ctx, its, method, Form(Answer, {"step": step}), number)


async def _answer_page(
    ctx: Context, its: Context, method: LoginMethod, form: Form[Answer], number: str, status: int = 200
) -> Response[Any]:
    shown = mask_phone(number) if number else ""
    return await ctx.render("own_phone_answer.html", status=status, form=form, label=its.t(method.answer), number=shown)


@post("/me/phone/answer", allow=SIGNED_IN, name="own_phone_answer", step_up=True)
async def own_phone_answer(ctx: Context, request: Req) -> Response[Any]:
    """The right code proves that the number is theirs."""
    identity, way = identity_of(request), _way(ctx, request)
    form = await Form.read(request, Answer)
    if way is None:
        return redirect(ctx.url("own_phone_form"))
    name, method, its = way
    if form.command is None:
        return await _answer_page(ctx, its, method, form, "", 422)
    number = ""
    try:
        step = methods.unseal(identity.vault, form.command.step, MARK + name, identity.now_ms())
        person, number = step.persons
        await identity.throttle.count((PER_STEP, form.command.step), (PER_ADDRESS, address_of(request)))
        proved = await method.finish(its, step.state, form.command.answer.strip())
        if person != ctx.actor or proved is None or not proved.phone or phone(proved.phone) != number:
            raise BadLogin(
                "没有对上，请看清楚再填一次。还不行，请找社区工作人员。",
                "That did not match. Please look again; if it fails once more, ask the community's staff.",
            )
    except LirenError as error:
        form.refuse_with(error, "answer")
        return await _answer_page(ctx, its, method, form, number, error.status)
    told = await _tell_the_old_number(ctx, identity, number)
    shared = await _change(ctx, identity, number, told=told)
    said = ctx.t("新手机号已经生效。")
    if shared:
        said += ctx.t("这个号码家里还有人在用：登录时会问您是哪一位。")
    return redirect(ctx.url("me"), notice=said)


async def _tell_the_old_number(ctx: Context, identity: Identity, number: str) -> bool:
    """While it still is theirs, for messages go to a person's number. :returns: whether a message went out"""
    before = (await dossier.phones(identity.store, identity.vault, [ctx.actor])).get(ctx.actor)
    if not before or before == number or not ctx.who_implements("notifier"):
        return False
    text = ctx.t(
        "您登记的手机号要换成 {number}，以后消息发到新号码。不是您本人办的，请马上联系社区工作人员。",
        number=mask_phone(number),
    )
    answers = await ctx.each("notifier", person=ctx.actor, text=text, link="")
    return any(sent.sent for _, sent in answers)


async def changed_ms(identity: Identity, person: str) -> list[int]:
    """When they changed their number themself, the latest first."""
    rows = await identity.store.read(
        "SELECT at_ms FROM audit WHERE subject = ? AND what = ? ORDER BY id DESC LIMIT ?", person, CHANGED, SHOWN
    )
    return [int(at_ms) for (at_ms,) in rows]


async def _change(ctx: Context, identity: Identity, number: str, *, told: bool) -> bool:
    """:returns: whether somebody else has this number too"""
    async with identity.store.transaction(ctx.actor) as tx:
        await changes.amend(tx, identity.vault, ctx.actor, Amendment(private=Private(phone=number)))
        await audit(tx, "identity", CHANGED, ctx.actor, detail={"told": int(told)})
        said = ctx.t("您换了手机号：{number}。不是您本人办的，请马上联系社区工作人员。", number=mask_phone(number))
        await ctx.notify(ctx.actor, said, ctx.url("me"))
        others = await tx.sql(
            "SELECT 1 FROM person p"  # noqa: S608 - own words
            f" WHERE p.phone_hash = ? AND p.id <> ? AND p.merged_into IS NULL AND {VISIBLE} LIMIT 1",
            identity.people.hash_of("phone", number), ctx.actor,
        )  # fmt: skip
    return bool(others)


ROUTES = (own_phone_form, own_phone, own_phone_answer)
