# SPDX-License-Identifier: Apache-2.0
"""One page, one command."""

from typing import Any

import click
from litestar import Response

from liren.api import Context
from liren.web import ANYONE, SIGNED_IN, download, get
from liren_wishes import api


@get("/", allow=ANYONE)
async def wishes(ctx: Context) -> Response[Any]:
    return await ctx.render("wishes.html", wishes=await api.latest(50))


@get("/file", allow=SIGNED_IN, step_up=True)
async def file(ctx: Context) -> Response[bytes]:
    """All wishes to take away: only for who proved a moment ago who they are."""
    text = "\n".join(wish.text for wish in await api.latest(1000))
    return download(text.encode(), "wishes.txt")


@click.command("make")
@click.argument("text")
@click.argument("unit")
async def make(ctx: Context, text: str, unit: str) -> None:
    """替居民许愿 Make a wish for somebody of a unit."""
    click.echo(await api.make(ctx, text, unit))
