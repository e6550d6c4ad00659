# SPDX-License-Identifier: Apache-2.0
"""Which labels there are is the street's own decision: what each is called, what for, who may see it."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.labels import kinds, labels
from liren.identity.labels.label_sight import LABELS
from liren.identity.register.register_pages import Req
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.web import N_, Form, get, post, redirect

KINDS: Final = "identity.label-kinds"


class KindForm(msgspec.Struct, frozen=True):
    """One kind of label."""

    title: Annotated[str, Meta(title=N_("名称"), min_length=1, max_length=kinds.TITLE_MAX)]
    text: Annotated[str, Meta(title=N_("给居民看的说明"), min_length=kinds.TEXT_MIN, max_length=600)]
    code: Annotated[str, Meta(title=N_("代号"), max_length=20)] = ""
    sensitive: Annotated[bool, Meta(title=N_("敏感：平时不显示，每次查看都记录"))] = False
    seen_by: Annotated[str, Meta(title=N_("只给哪个角色看"), max_length=60)] = ""


def _roles(identity: Identity) -> list[tuple[str, str]]:
    """Roles that may see labels at all: a kind may be kept to one of them."""
    titles = identity.who.titles
    return sorted((name, titles[name]) for name, held in identity.who.roles.items() if LABELS in held)


@get("/labels", allow=KINDS, name="label_kinds")
async def listed(ctx: Context, request: Req) -> Response[Any]:
    identity = identity_of(request)
    return await ctx.render(
        "label_kinds.html",
        kinds=await kinds.every(identity.store),
        counts=await labels.counts(identity.store),
        titles=identity.who.titles,
    )


@get("/labels/new", allow=KINDS, name="new_label_kind_form")
async def new_form(ctx: Context, request: Req) -> Response[Any]:
    return await _page(ctx, identity_of(request), Form(KindForm, {"sensitive": True}), None)


async def _page(
    ctx: Context, identity: Identity, form: Form[KindForm], kind: kinds.Kind | None, status: int = 200
) -> Response[Any]:
    return await ctx.render("label_kind.html", status=status, form=form, kind=kind, roles=_roles(identity))


@post("/labels/new", allow=KINDS, name="new_label_kind")
async def new(ctx: Context, request: Req) -> Response[Any]:
    identity = identity_of(request)
    form = await Form.read(request, KindForm)
    if (sent := _checked(ctx, identity, form)) is not None:

        async def body(tx: Any) -> str:
            return await kinds.add(
                tx, code=sent.code, title=sent.title, sensitive=sent.sensitive, seen_by=sent.seen_by, text=sent.text,
                day=ctx.today(),
            )  # fmt: skip

        try:
            await identity.store.once(
                ctx.actor, form.key, ["label-kind", msgspec.structs.asdict(sent)], body, returns=str
            )
        except LirenError as error:
            form.refuse_with(error, "code")
        else:
            return redirect(ctx.url("label_kinds"), notice=ctx.t("已添加。"))
    return await _page(ctx, identity, form, None, 422)


def _checked(ctx: Context, identity: Identity, form: Form[KindForm]) -> KindForm | None:
    sent = form.command
    if sent is not None and sent.seen_by and sent.seen_by not in dict(_roles(identity)):
        form.refuse("seen_by", ctx.t("请从列出的里面选择"))
        return None
    return sent


@get("/labels/{kind:str}", allow=KINDS, name="label_kind")
async def show(ctx: Context, request: Req, kind: str) -> Response[Any]:
    identity = identity_of(request)
    found = await kinds.find(identity.store, kind)
    first = {name: getattr(found, name) for name in KindForm.__struct_fields__}
    return await _page(ctx, identity, Form(KindForm, first), found)


@post("/labels/{kind:str}", allow=KINDS, name="change_label_kind")
async def change(ctx: Context, request: Req, kind: str) -> Response[Any]:
    """Where more people may see it than was said, the text changes with it and the old consents end."""
    identity = identity_of(request)
    found = await kinds.find(identity.store, kind)
    form = await Form.read(request, KindForm)
    if (sent := _checked(ctx, identity, form)) is not None:
        try:
            async with identity.store.transaction(ctx.actor) as tx:
                await kinds.change(
                    tx, found, title=sent.title, sensitive=sent.sensitive, seen_by=sent.seen_by, text=sent.text,
                    day=ctx.today(),
                )  # fmt: skip
        except LirenError as error:
            form.refuse_with(error, "text")
        else:
            return redirect(ctx.url("label_kinds"), notice=ctx.t("改好了。"))
    return await _page(ctx, identity, form, found, 422)


@post("/labels/{kind:str}/close", allow=KINDS, name="close_label_kind")
async def close(ctx: Context, request: Req, kind: str) -> Response[Any]:
    identity = identity_of(request)
    found = await kinds.find(identity.store, kind)
    async with identity.store.transaction(ctx.actor) as tx:
        ended = await kinds.close(tx, found, ctx.today())
    said = ctx.t("{title}停用了，{n} 个人身上的这个标签一起结束。", title=found.title, n=ended)
    return redirect(ctx.url("label_kinds"), notice=said)


ROUTES = (listed, new_form, new, show, change, close)
