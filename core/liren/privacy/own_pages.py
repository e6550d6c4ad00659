# SPDX-License-Identifier: Apache-2.0
"""A resident's own pages: what the street holds of me, take it home, take consent back, ask to be forgotten."""

from typing import Any, Final

from litestar import Request, Response

from liren.errors import NotFound
from liren.identity.at_hand import identity_of
from liren.identity.labels.agreeing import guardians_who_agree
from liren.identity.register import dossier
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.points import Subject
from liren.privacy import consents
from liren.privacy.archive import archive
from liren.privacy.duties import held
from liren.privacy.register import register
from liren.privacy.tables import ErasureRequest
from liren.privacy.taking_back import keep_journal
from liren.store.audit import write as audit
from liren.store.parts import marks
from liren.web import ANYONE, N_, SIGNED_IN, download, get, post, redirect

Req = Request[Any, Any, Any]


LOOKS: Final = {
    "identity.phone-seen": N_("看了手机号"),
    "identity.number-looked-up": N_("用身份证末四位找过您"),
    "identity.labels-seen": N_("看了标签"),
    "identity.guardians-seen": N_("看了监护关系"),
    "ledger.printed": N_("看了或打印了积分记录"),
    "privacy.looked": N_("看了个人信息"),
    "privacy.handed-out": N_("下载了个人信息"),
    "acting.slip-seen": N_("看了代办单"),
    "acting.paper-seen": N_("看了签字的照片"),
}
"""Codes of audit rows a resident is shown, and what they say."""


@get("/mine", allow=SIGNED_IN)
async def mine(ctx: Context, request: Req) -> Response[Any]:
    """What is held, by whom, how much of it; consents; the way to take it home or have it deleted."""
    assert ctx.visitor is not None
    identity, person = identity_of(request), ctx.visitor.person
    tables = await held(ctx, person)
    asked = await ErasureRequest.objects().where(ErasureRequest.person == person).first()
    balance = await ctx.ledger.balance(Subject("h", person))
    return await ctx.render(
        "mine.html",
        tables=tables,
        consents=await consents.of(person),
        history=await dossier.consents_of(identity.store, person),
        purposes=consents.PURPOSES,
        asked=asked.at_ms if asked else None,
        points=balance.total,
        looks=await _looks(ctx, request, person),
    )


async def _looks(ctx: Context, request: Req, person: str) -> list[tuple[int, str, str]]:
    """Who looked at sealed fields or took data out, the latest first: (Unix milliseconds, name, what)."""
    rows = await identity_of(request).store.read(
        f"SELECT at_ms, actor, what FROM audit WHERE subject = ? AND what IN ({marks(LOOKS)})"  # noqa: S608 - marks only
        " AND actor <> ? ORDER BY id DESC LIMIT 20",
        person,
        *LOOKS,
        person,
    )
    cards = await ctx.people.cards([actor for _, actor, _ in rows])
    return [(at_ms, cards[actor].name if actor in cards else actor, LOOKS[what]) for at_ms, actor, what in rows]


@post("/mine/download", allow=SIGNED_IN, name="take_home", step_up=True)
async def take_home(ctx: Context, request: Req) -> Response[Any]:
    """Everything as a file; that it was taken stands in the audit."""
    assert ctx.visitor is not None
    tables = await held(ctx, ctx.visitor.person)
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await audit(tx, "privacy", "privacy.taken-home", ctx.visitor.person)
    return download(archive(ctx.visitor.name, ctx.today(), tables), "我的信息.zip")


@post("/mine/erase", allow=SIGNED_IN, name="ask_erasure")
async def ask_erasure(ctx: Context, request: Req) -> Response[Any]:
    """Staff decide within fifteen days; asking twice is asking once."""
    assert ctx.visitor is not None
    person = ctx.visitor.person
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        if not await ErasureRequest.exists().where(ErasureRequest.person == person):
            await ErasureRequest.insert(ErasureRequest(person=person, at_ms=tx.now_ms))
            await audit(tx, "privacy", "privacy.erasure-asked", person)
    return redirect(ctx.url("mine"), notice=ctx.t("收到了。社区会在十五天内联系您、办好这件事。"))


@post("/mine/keep", allow=SIGNED_IN, name="keep")
async def keep(ctx: Context, request: Req) -> Response[Any]:
    """The request is taken back."""
    assert ctx.visitor is not None
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await ErasureRequest.delete().where(ErasureRequest.person == ctx.visitor.person)
        await audit(tx, "privacy", "privacy.erasure-withdrawn", ctx.visitor.person)
    return redirect(ctx.url("mine"), notice=ctx.t("好的，您的信息照旧保留。"))


@post("/consents/{purpose:str}/withdraw", allow=SIGNED_IN, name="withdraw_consent")
async def withdraw_consent(ctx: Context, request: Req, purpose: str) -> Response[Any]:
    """As easy as giving it was; no service is lost by it."""
    assert ctx.visitor is not None
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await consents.withdraw(tx, ctx.visitor.person, purpose, ctx.today())
    await keep_journal(ctx)
    return redirect(ctx.url("mine"), notice=ctx.t("已撤回。街道的服务一样也不少。"))


@post("/consents/{purpose:str}/give", allow=SIGNED_IN, name="give_consent")
async def give_consent(ctx: Context, request: Req, purpose: str) -> Response[Any]:
    """To the text the page shows: the latest."""
    assert ctx.visitor is not None
    if purpose not in consents.PURPOSES:
        raise NotFound("没有这一项同意。", "There is no such consent.")
    counts = await guardians_who_agree(ctx, ctx.visitor.person)
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await consents.give(tx, ctx.visitor.person, purpose, ctx.today(), counts=counts)
    return redirect(ctx.url("mine"), notice=ctx.t("已记下您的同意，随时可以撤回。"))


@get("/consents/{purpose:str}", allow=ANYONE, name="consent")
async def consent(ctx: Context, purpose: str) -> Response[Any]:
    """Every version of one text: what people agreed to stays readable."""
    found = consents.PURPOSES.get(purpose)
    if found is None:
        raise NotFound("没有这一项同意。", "There is no such consent.")
    return await ctx.render("consent.html", purpose=found)


@get("/fields", allow=ANYONE)
async def fields(ctx: Context, request: Req) -> Response[Any]:
    """The field register: what is kept of people, what for, how long, who sees it; as every package declares it."""
    return await ctx.render("fields.html", packages=register(_kernel(request)))


@get("/fields/print", allow=ANYONE)
async def fields_paper(ctx: Context, request: Req) -> Response[Any]:
    """The same on A4, to hang up beside the counter."""
    return await ctx.render("fields_paper.html", packages=register(_kernel(request)), today=ctx.today())


def _kernel(request: Req) -> Kernel:
    kernel: Kernel = request.app.state.kernel
    return kernel


ROUTES = (mine, take_home, ask_erasure, keep, withdraw_consent, give_consent, consent, fields, fields_paper)
