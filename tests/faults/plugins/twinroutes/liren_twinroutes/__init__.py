# SPDX-License-Identifier: Apache-2.0
"""Two pages at one address."""

from liren import hookimpl
from liren.api import Context
from liren.web import ANYONE, get


@get("/here", allow=ANYONE)
async def one(ctx: Context) -> str:
    return "one"


@get("/here", allow=ANYONE)
async def two(ctx: Context) -> str:
    return "two"


@hookimpl
def register_routes() -> list[object]:
    return [one, two]
