# SPDX-License-Identifier: Apache-2.0
"""A plugin without a fault: what the others must leave alone."""

from litestar import MediaType, Response
from markupsafe import Markup

from liren import hookimpl
from liren.api import Context
from liren.web import ANYONE, element, get


@get("/", allow=ANYONE)
async def hello(ctx: Context) -> Response[str]:
    return Response("steady as ever", media_type=MediaType.TEXT)


@hookimpl
def register_routes() -> list[object]:
    return [hello]


@hookimpl
def page_slot(ctx: Context, slot: str) -> Markup | None:
    return element("p", "steady in the slot") if slot == "board.main" else None
