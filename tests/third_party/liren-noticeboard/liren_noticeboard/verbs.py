# SPDX-License-Identifier: Apache-2.0
"""What can be done with notices."""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from liren.api import Context, NotFound, _
from liren_noticeboard.tables import Notice


class NewNotice(msgspec.Struct, frozen=True):
    title: Annotated[str, msgspec.Meta(title=_("标题"), min_length=2, max_length=80)]
    body: Annotated[str, msgspec.Meta(title=_("内容"), min_length=2, max_length=2000)]


async def publish(ctx: Context, key: str, new: NewNotice) -> str:
    """:returns: id of the notice; the same form sent twice publishes once"""
    assert ctx.visitor is not None
    author = ctx.visitor.person

    async def body(tx: Any) -> str:
        notice = Notice(id=secrets.token_hex(8), title=new.title, body=new.body, author=author)
        notice.published_on = ctx.today()
        await notice.save()
        await tx.audit("published", notice.id)
        return str(notice.id)

    return await ctx.once(key, new, body, str)


async def latest(limit: int) -> Sequence[Notice]:
    return await Notice.objects().order_by(Notice.published_on, Notice.id, ascending=False).limit(limit)


async def one(notice: str) -> Notice:
    found = await Notice.objects().get(Notice.id == notice)
    if found is None:
        raise NotFound("没有这条公告，可能已撤下。", "There is no such notice; it may have been taken down.")
    return found


async def count() -> int:
    return int(await Notice.count())


async def written_by(person: str) -> Sequence[dict[str, Any]]:
    rows = await Notice.select(Notice.title, Notice.published_on).where(Notice.author == person)
    return [{"title": row["title"], "day": row["published_on"].isoformat()} for row in rows]


async def forget(person: str) -> int:
    """The notice stays, its author goes."""
    mine = await Notice.count().where(Notice.author == person)
    await Notice.update({Notice.author: ""}).where(Notice.author == person)
    return int(mine)
