# SPDX-License-Identifier: Apache-2.0
"""社区花园: builds on the wishes module through its ``api`` and nothing else of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from liren_wishes import api
from litestar import Response
from piccolo.columns import BigInt, Varchar
from piccolo.conf.apps import AppConfig
from piccolo.table import Table

from liren import hookimpl
from liren.api import Context, Received
from liren.web import ANYONE, get

FOLDER = Path(__file__).parent


class Bed(Table, tablename="garden_bed"):
    wish = Varchar(length=16, primary_key=True)
    watered = BigInt()


class Made(msgspec.Struct, frozen=True):
    wish: str


@get("/", allow=ANYONE)
async def beds(ctx: Context) -> Response[Any]:
    wishes = {wish.id: wish.text for wish in await api.latest(50)}
    found = await Bed.objects().order_by(Bed.wish).limit(50)
    return await ctx.render("beds.html", beds=[(wishes.get(bed.wish, ""), bed.watered) for bed in found])


@click.command("plant")
@click.argument("text")
@click.argument("unit")
async def plant(ctx: Context, text: str, unit: str) -> None:
    """种花 A bed is a wish first; it is planted when its event comes."""
    click.echo(await api.make(ctx.of("wishes"), text, unit))


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("garden", str(FOLDER / "piccolo_migrations"), table_classes=[Bed])


@hookimpl
def register_routes() -> Sequence[Any]:
    return [beds]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [plant]


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    if event.name == "wishes.made":
        async with ctx.transaction():
            wish = event.read(Made).wish
            if not await Bed.exists().where(Bed.wish == wish):
                await Bed(wish=wish, watered=1).save()
