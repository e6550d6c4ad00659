# SPDX-License-Identifier: Apache-2.0
"""A small real site: the page kit with one plugin, sessions kept in memory, and a visitor who can sign in."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from litestar import Request, Response
from msgspec import Meta, Struct

from liren.errors import Busy, Conflict, Denied
from liren.plugins.services import Visitor, Who
from liren.web import ANYONE, N_, Form, Upload, current, get, gettext, post, redirect, render
from liren.web.app import PageApp
from liren.web.sessions import SessionRow
from liren.web.site import Site
from liren.web.styleguide import HANDLERS
from liren.web.templates import Package
from liren.web.themes import choose

NOTICES = Package("notices", Path(__file__).parent / "notices")
SECRET = bytes(range(32))
WANG = Visitor("p-wang", "a-wang", "王秀兰")


class NewNotice(Struct, frozen=True, kw_only=True):
    title: Annotated[str, Meta(title=N_("标题"), min_length=2, max_length=20)]
    days: Annotated[int, Meta(title=N_("几天"), ge=1, le=30)]
    where: Annotated[list[str], Meta(title=N_("贴在哪里"))] = []
    loud: Annotated[bool, Meta(title=N_("大字"))] = False
    sheet: Annotated[Upload | None, Meta(title=N_("附件"), extra={"kinds": ("xlsx",)})] = None


KEPT: list[NewNotice] = []
WORK = [0]


@get("/notices", allow=ANYONE)
async def notices(request: Request[Any, Any, Any]) -> Response[Any]:
    return await render("notices/list.html", said=request.query_params.get("said", ""))


@get("/notices/new", allow=ANYONE)
async def new() -> Response[Any]:
    return await render("notices/new.html", form=Form(NewNotice))


@post("/notices/new", allow=ANYONE)
async def new_sent(request: Request[Any, Any, Any]) -> Response[Any]:
    form = await Form.read(request, NewNotice)
    if form.command is None:
        return await render("notices/new.html", form=form, status=422)
    KEPT.append(form.command)
    return redirect("/notices", notice=gettext("贴好了。"))


@get("/notices/{number:int}", allow=ANYONE)
async def one(number: int, size: int = 1) -> Response[Any]:
    return await render("notices/list.html", said=str(number * size))


@get("/work", allow=ANYONE)
async def work() -> Response[Any]:
    """Work that is a third further at every look."""
    WORK.append(min(WORK[-1] + 1000, 3000))
    return await render("notices/work.html", done=WORK[-1], total=3000)


@post("/sign-in", allow=ANYONE)
async def sign_in() -> Response[Any]:
    await current().session.sign_in("a-wang")
    return redirect("/notices")


@post("/sign-out", allow=ANYONE)
async def sign_out() -> Response[Any]:
    await current().session.sign_out()
    return redirect("/notices")


@post("/remember", allow=ANYONE)
async def remember(request: Request[Any, Any, Any]) -> Response[Any]:
    await current().session.put("act_for", str((await request.form())["person"]))
    return redirect("/notices")


@get("/fails/{how:str}", allow=ANYONE)
async def fails(how: str) -> Response[Any]:
    raise {
        "bug": RuntimeError("a secret detail"),
        "denied": Denied("您不能办这件事。请找社区。", "You may not do this. Ask your community."),
        "conflict": Conflict("这一单已经取消了。", "This order has been cancelled."),
        "busy": Busy("请稍后再试。", "Try again later."),
    }[how]


@get("/api/fails", allow=ANYONE)
async def api_fails() -> Response[Any]:
    raise RuntimeError("a secret detail")


ROUTES = [notices, new, new_sent, one, work, sign_in, sign_out, remember, fails, api_fails, *HANDLERS]


class Sessions:
    """A session store in memory: what identity keeps in the database."""

    def __init__(self) -> None:
        self.rows: dict[str, SessionRow] = {}
        self.writes = 0

    async def open(self, key: str) -> SessionRow | None:
        return self.rows.get(key)

    async def create(self, key: str, account: str, *, address: str, device: str, way: str = "") -> SessionRow:
        self.writes += 1
        self.rows[key] = SessionRow(Who(visitor=WANG))
        return self.rows[key]

    async def rename(self, key: str, new_key: str) -> None:
        self.writes += 1
        self.rows[new_key] = self.rows.pop(key)

    async def update(self, key: str, values: Mapping[str, str]) -> None:
        self.writes += 1
        self.rows[key] = SessionRow(self.rows[key].who, dict(values))

    async def end(self, key: str) -> None:
        self.writes += 1
        self.rows.pop(key, None)


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
def build(sessions: Sessions) -> Callable[..., PageApp]:
    """Makes the application; keyword arguments change the site."""

    def made(**changes: Any) -> PageApp:
        theme, fallback = choose("plain")
        settings: dict[str, Any] = {
            "secret": SECRET,
            "packages": [NOTICES],
            "theme": theme,
            "fallback": fallback,
            "sessions": sessions,
        }
        return PageApp(ROUTES, Site(**{**settings, **changes}))

    return made


@pytest.fixture
def app(build: Callable[..., PageApp]) -> PageApp:
    return build()


@pytest.fixture
async def client(app: PageApp) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(app) as client:
        yield client


def browser_of(app: PageApp, base_url: str = "http://127.0.0.1:8000") -> httpx.AsyncClient:
    """A visitor with a cookie jar of their own."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base_url)


def token_in(page: httpx.Response) -> str:
    """The CSRF token of the first form on a page."""
    return page.text.split('name="_csrf" value="')[1].split('"')[0]


async def send(client: httpx.AsyncClient, url: str, data: Mapping[str, Any], **more: Any) -> httpx.Response:
    """Open the form page and send it, as a browser does."""
    page = await client.get("/notices/new")
    return await client.post(url, data={"_csrf": token_in(page), **data}, **more)
