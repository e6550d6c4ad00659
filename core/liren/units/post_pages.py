# SPDX-License-Identifier: Apache-2.0
"""The street's posts: what they are called, where they exist, what they are worth in rights."""

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import Denied, LirenError, NotFound
from liren.plugins.context import Context
from liren.units import posts
from liren.units.posts import PostCard
from liren.units.rules import LEVELS
from liren.units.scope import GRANT, MANAGE, VIEW, level_names, naming, posts_of, service
from liren.web import N_, Form, get, post, redirect

AXES: Final = (("admin", N_("行政岗位")), ("party", N_("党内岗位")))


class PostForm(msgspec.Struct, frozen=True):
    """The form of a post."""

    title: Annotated[str, Meta(title=N_("岗位名称"), max_length=20)]
    axis: Annotated[Literal["admin", "party"], Meta(title=N_("属于哪一边"))]
    levels: Annotated[list[str], Meta(title=N_("设在哪一级"), min_length=1)]
    roles: Annotated[list[str], Meta(title=N_("带哪些系统角色"))] = []
    single: Annotated[bool, Meta(title=N_("每个单位只设一人"))] = False
    published: Annotated[bool, Meta(title=N_("居民可以看到谁在任"))] = False
    position: Annotated[int, Meta(title=N_("排在第几"), ge=0, le=999)] = 50


async def _street(ctx: Context) -> str:
    return (await service(ctx).street()).code


@get("/posts", allow=VIEW, name="posts")
async def show(ctx: Context) -> Response[Any]:
    found, names, roles = await posts_of(ctx), level_names(ctx).admin, service(ctx).role_titles
    rows = [
        (
            card,
            ctx.t(card.title),
            "、".join(names[level] for level in card.levels),
            "、".join(ctx.t(roles.get(role, role)) for role in card.roles),
        )
        for card in found.open()
    ]
    street = await _street(ctx)
    return await ctx.render(
        "posts.html",
        rows=rows,
        axes={key: ctx.t(title) for key, title in AXES},
        levels=[(names[level], level_names(ctx).party[level] or "–") for level in LEVELS],
        preset=naming(ctx).preset,
        may=ctx.can(MANAGE, street),
        names_it=ctx.can("admin.plugins"),
    )


async def _page(ctx: Context, card: PostCard | None, form: Form[PostForm], status: int = 200) -> Response[Any]:
    names, roles = level_names(ctx).admin, service(ctx).role_titles
    return await ctx.render(
        "post.html",
        status=status,
        card=card,
        title=ctx.t(card.title) if card else "",
        form=form,
        axes=[(key, ctx.t(title)) for key, title in AXES],
        levels=[(level, names[level]) for level in LEVELS],
        roles=sorted((name, ctx.t(title)) for name, title in roles.items()),
        may_roles=ctx.can(GRANT, await _street(ctx)),
    )


@get("/posts/new", allow=MANAGE, name="new_post_form")
async def new_form(ctx: Context) -> Response[Any]:
    ctx.require(MANAGE, await _street(ctx))
    first = {"axis": "admin", "levels": ["grid"], "published": True, "position": 50}
    return await _page(ctx, None, Form(PostForm, first))


@post("/posts/new", allow=MANAGE, name="new_post")
async def new(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """A post of the street's own making."""
    return await _save(ctx, request, None)


@get("/posts/{key:str}", allow=MANAGE, name="post_form")
async def edit_form(ctx: Context, key: str) -> Response[Any]:
    ctx.require(MANAGE, await _street(ctx))
    card = await _known(ctx, key)
    first = {
        "title": ctx.t(card.title),
        "axis": card.axis,
        "levels": list(card.levels),
        "roles": list(card.roles),
        "single": card.single,
        "published": card.published,
        "position": card.position,
    }
    return await _page(ctx, card, Form(PostForm, first))


@post("/posts/{key:str}", allow=MANAGE, name="save_post")
async def save(ctx: Context, request: Request[Any, Any, Any], key: str) -> Response[Any]:
    return await _save(ctx, request, await _known(ctx, key))


async def _known(ctx: Context, key: str) -> PostCard:
    card = (await posts_of(ctx)).get(key)
    if card is None or card.retired is not None:
        raise NotFound("没有这个岗位。", "There is no such post.")
    return card


async def _save(ctx: Context, request: Request[Any, Any, Any], old: PostCard | None) -> Response[Any]:
    street = await _street(ctx)
    ctx.require(MANAGE, street)
    form = await Form.read(request, PostForm)
    if form.command is not None:
        sent = form.command
        key = old.key if old else await _free_key(ctx)
        card = PostCard(
            key,
            sent.title,
            sent.axis,
            tuple(sent.levels),
            tuple(sent.roles),
            sent.single,
            sent.published,
            sent.position,
        )
        try:
            if set(card.roles) != set(old.roles if old else ()) and not ctx.can(GRANT, street):
                raise Denied(
                    "岗位带哪些角色，要由能在全街道授予角色的管理员来定。",
                    "Which roles a post carries is decided by who may grant roles in the whole street.",
                )
            async with service(ctx).store.transaction(ctx.actor) as tx:
                await posts.save(tx, card, old=old, known_roles=service(ctx).role_titles, today=ctx.today())
        except LirenError as error:
            form.refuse_with(error)
        else:
            return redirect(ctx.url("posts"), notice=ctx.t("岗位“{title}”已保存。", title=sent.title))
    return await _page(ctx, old, form, 422)


async def _free_key(ctx: Context) -> str:
    known = (await posts_of(ctx)).by_key
    return next(key for n in range(1, 1000) if (key := f"own_{n}") not in known)


@post("/posts/{key:str}/retire", allow=MANAGE, name="retire_post")
async def retire(ctx: Context, key: str) -> Response[Any]:
    """Not filled any more; who held it stays known."""
    ctx.require(MANAGE, await _street(ctx))
    card = await _known(ctx, key)
    card = replace(card, title=ctx.t(card.title))
    async with service(ctx).store.transaction(ctx.actor) as tx:
        await posts.retire(tx, card, ctx.today())
    return redirect(ctx.url("posts"), notice=ctx.t("“{title}”不再设了。", title=card.title))


ROUTES = (show, new_form, new, edit_form, save, retire)
