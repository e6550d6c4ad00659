# SPDX-License-Identifier: Apache-2.0
"""One page, one command."""

from typing import Any

import click
from litestar import Response

from liren.api import Context
from liren.web import ANYONE, get
from liren_wishes import api


@get("/", allow=ANYONE)
async def wishes(ctx: Context) -> Response[Any]:
    return await ctx.render("wishes.html", wishes=await api.latest(50))


@click.command("make")
@click.argument("text")
@click.argument("unit")
async def make(ctx: Context, text: str, unit: str) -> None:
    """替居民许愿 Make a wish for somebody of a unit."""
    click.echo(await api.make(ctx, text, unit))
