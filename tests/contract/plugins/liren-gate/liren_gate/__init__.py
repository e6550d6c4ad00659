# SPDX-License-Identifier: Apache-2.0
"""A way to sign in that leads through another site and back, as WeChat's does."""

from urllib.parse import parse_qs, urlencode

from liren import hookimpl
from liren.api import Context, LoginMethod, Proved, _

KNOWN = {"ticket-1": "13800138000"}


async def leave(ctx: Context, state: str, back: str) -> str:
    return f"https://gate.example/authorize?{urlencode({'redirect_uri': back, 'state': state})}"


async def unused(ctx: Context, typed: str) -> str:
    raise AssertionError("nothing is typed here")


async def finish(ctx: Context, state: str, answer: str) -> Proved | None:
    phone = KNOWN.get(parse_qs(answer).get("code", [""])[0])
    return Proved(phone=phone) if phone else None


@hookimpl
def login_method() -> LoginMethod:
    return LoginMethod("site", _("用大门登录"), "", "", unused, finish, leave=leave)
