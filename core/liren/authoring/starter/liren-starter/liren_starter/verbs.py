# SPDX-License-Identifier: Apache-2.0
"""What can be done here."""

import secrets
from collections.abc import Sequence
from typing import Annotated

import msgspec

from liren.api import Context, NotFound, Tx, _
from liren_starter.events import EntryAdded
from liren_starter.tables import Entry


class NewEntry(msgspec.Struct, frozen=True):
    """What the form asks for: labels and limits are read from here."""

    title: Annotated[str, msgspec.Meta(title=_("标题"), min_length=2, max_length=40)]
    body: Annotated[str, msgspec.Meta(title=_("内容"), min_length=2, max_length=2000)]


async def add(ctx: Context, key: str, new: NewEntry) -> str:
    """:param key: of the form: sent twice, it adds one entry
    :returns: id of the entry
    """
    author, day, unit = ctx.actor, ctx.today(), ctx.unit or ""

    async def body(tx: Tx) -> str:
        entry = Entry(id=secrets.token_hex(8), title=new.title, body=new.body, author=author, written_on=day)
        await entry.save()
        await tx.audit("added", entry.id)
        await tx.emit(EntryAdded(author, day.isoformat(), unit))
        return entry.id

    return await ctx.once(key, new, body, str)


async def latest(limit: int) -> Sequence[Entry]:
    return await Entry.objects().order_by(Entry.written_on, Entry.id, ascending=False).limit(limit)


async def one(entry: str) -> Entry:
    """:raises NotFound: there is none"""
    found = await Entry.objects().get(Entry.id == entry)
    if found is None:
        raise NotFound("没有找到这一条，可能已经删掉了。", "There is no such entry; it may have been deleted.")
    return found


async def written_by(person: str) -> Sequence[dict[str, str | int | None]]:
    rows = await Entry.objects().where(Entry.author == person)
    return [{"title": row.title, "body": row.body, "day": row.written_on.isoformat()} for row in rows]


async def forget(person: str) -> int:
    """The entry stays, its author goes; :returns: how many."""
    count: int = await Entry.count().where(Entry.author == person)
    await hand_over(person, "")
    return count


async def hand_over(gone: str, kept: str) -> None:
    await Entry.update({Entry.author: kept}).where(Entry.author == gone)
