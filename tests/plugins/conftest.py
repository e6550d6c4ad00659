# SPDX-License-Identifier: Apache-2.0
"""Plugins written as text, installed into a folder of their own, loaded by the real loader.

The floors above the kernel are not needed to test it: :class:`Town` answers for identity and pages.
"""

import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest
from litestar import Litestar, Request, Response, datastructures
from markupsafe import Markup, escape

from liren.errors import LirenError
from liren.plugins import manifest
from liren.plugins.context import Context
from liren.plugins.guard import routers
from liren.plugins.kernel import Kernel
from liren.plugins.loader import Loaded, load
from liren.plugins.plugin import BuiltIn
from liren.plugins.services import Connection, Services, Visitor, Who
from liren.plugins.state import State
from liren.testing.site import Site

TZ = ZoneInfo("Asia/Shanghai")
ENABLED = State(enabled=True)
HEAD = """
from liren import hookimpl
from liren.api import *
from liren.plugins.types import Gate
from litestar import get, post
"""


@dataclass
class Street:
    """A home and a folder of plugins."""

    home: Path
    site: Site
    head: str = HEAD

    def plugin(self, plugin: str, code: str, *, more: str = "", **files: str) -> None:
        """Install ``liren-<plugin>`` with this ``__init__.py``; ``a__b="…"`` is the file ``a/b.py``."""
        toml = f'api = "1.0"\nid = "{plugin}"\ntitle = "{plugin}"\n{more}'
        modules = {name.replace("__", "/") + ".py": text for name, text in files.items()}
        self.site.write(f"liren-{plugin}", {"liren.toml": toml, "__init__.py": HEAD + code, **modules})

    def load(self, *built_in: BuiltIn, **options: Any) -> Loaded:
        mine = [f for f in manifest.find() if f.folder is None or f.folder.is_relative_to(self.site.path)]
        return load(self.home, built_in, found=mine, **options)

    def kernel(self, *on: str, town: "Town | None" = None, **options: Any) -> Kernel:
        """A kernel with these plugins switched on."""
        kernel = Kernel(self.load(), **options)
        kernel.wire(cast(Services, town or Town()))
        kernel.states._states = dict.fromkeys(on, ENABLED)
        kernel._apply()
        return kernel

    def person(self, name: str, *, unit: str = "", path: str = "", **permissions: tuple[str, ...]) -> Who:
        """A signed-in person; ``credit__review=("c1",)`` is a permission at a unit."""
        holds = Holds({key.replace("__", "."): units for key, units in permissions.items()})
        return Who(Visitor(name, name, name), holds, unit or None, path)

    def town(self, *people: Who) -> "Town":
        return Town({who.visitor.person: who for who in people if who.visitor})

    @asynccontextmanager
    async def browser(self, kernel: Kernel) -> AsyncIterator[httpx.AsyncClient]:
        """The kernel's pages in a real application."""
        app = Litestar(
            routers(kernel.plugins.values()),
            state=datastructures.State({"kernel": kernel}),
            exception_handlers={LirenError: errors},
            openapi_config=None,
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://street") as client:
            yield client


@dataclass(frozen=True)
class Holds:
    """Identity's answer for one person: permission → unit codes."""

    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def can(self, permission: str, unit: str | None = None) -> bool:
        units = self.permissions.get(permission, ())
        return bool(units) if unit is None else unit in units

    def units_with(self, permission: str) -> tuple[str, ...]:
        return self.permissions.get(permission, ())


class Town:
    """The floors above the kernel, as small as they can be: who one is stands in a header."""

    people = units = ledger = inbox = tasks = secrets = None

    def __init__(self, people: Mapping[str, Who] | None = None) -> None:
        self.everyone = people or {}
        self.sessions = self
        self.pages = self
        self.writing = self
        self.audited: list[tuple[str, str, str]] = []
        """(by whom, what, about whom)."""

    async def who(self, connection: Connection) -> Who:
        return self.everyone.get(connection.headers.get("x-person", ""), Who())

    @asynccontextmanager
    async def transaction(self, plugin: str, actor: str) -> AsyncIterator["Page"]:
        yield Page(self, actor)

    async def render(self, ctx: Context, template: str, view: Mapping[str, Any], status: int) -> Response[Any]:
        return Response(f"{template}|{dict(view)}", status_code=status, media_type="text/html")

    async def fragment(self, ctx: Context, template: str, view: Mapping[str, Any]) -> Markup:
        return Markup("<b>{}</b>").format(f"{template}|{dict(view)}")

    async def fault(self, ctx: Context, plugin: str, what: str) -> Markup:
        return escape(f"[{plugin}: {what}]")

    def translate(self, plugin: str, language: str, text: str) -> str:
        return f"{text}@{language}" if language != "zh" else text

    def clock(self) -> datetime:
        return datetime(2026, 11, 21, 9, 30, tzinfo=TZ)


@dataclass(frozen=True)
class Page:
    """One transaction's page of the audit."""

    town: Town
    actor: str

    async def audit(self, what: str, subject: str, **detail: str | int) -> None:
        self.town.audited.append((self.actor, what, subject))


def errors(request: Request[Any, Any, Any], error: LirenError) -> Response[str]:
    return Response(error.zh, status_code=error.status, media_type="text/plain")


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """Real plugins of the same name, imported by an earlier test, stand aside meanwhile."""
    site = Site(tmp_path / "site")
    sys.path.insert(0, str(site.path))
    real = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("liren_")}
    yield Street(tmp_path / "home", site)
    sys.path.remove(str(site.path))
    for name in [name for name in sys.modules if name.startswith("liren_")]:
        del sys.modules[name]
    sys.modules.update(real)
