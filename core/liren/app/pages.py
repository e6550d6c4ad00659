# SPDX-License-Identifier: Apache-2.0
"""Gives the kernel the web floor's templates and translations, and fills in the bar of every page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from litestar import Response
from markupsafe import Markup

from liren.plugins import gather
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.services import Who
from liren.plugins.types import Link
from liren.web import Chrome, NavLink, Scene, i18n
from liren.web.site import Site


class SitePages:
    """:class:`liren.plugins.services.Pages` on a :class:`liren.web.Site`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def render(self, ctx: Context, template: str, view: Mapping[str, Any], status: int) -> Response[Any]:
        return await self._site.respond(template, status=status, ctx=ctx, **view)

    async def fragment(self, ctx: Context, template: str, view: Mapping[str, Any]) -> Markup:
        return await self._site.fragment(template, ctx=ctx, **view)

    async def fault(self, ctx: Context, plugin: str, what: str) -> Markup:
        return await self._site.fragment("fault.html", plugin=plugin, what=what)

    def translate(self, plugin: str, language: str, text: str) -> str:
        return self._site.catalogs.one(language or i18n.language(), text)


def chrome_of(kernel: Kernel, who_of: Callable[[Scene], Awaitable[Who]]) -> Callable[[Scene], Awaitable[Chrome]]:
    """The bar for one visitor: the desk's entries for people at work, a resident's own for everybody else."""

    async def chrome(scene: Scene) -> Chrome:
        who = await who_of(scene)
        ctx = kernel.context("portal", who)
        if who.visitor is None:
            links = await gather.navigation(kernel, ctx, "board")
            return Chrome(nav=_links(links))
        desk = await gather.navigation(kernel, ctx, "desk")
        home = await gather.navigation(kernel, ctx, "home")
        account = (NavLink(ctx.t("我的账号"), "/me"),)
        own = NavLink(ctx.t("我的主页"), "/home")
        if not desk:
            return Chrome(nav=(own, *_links(home)), account=account, home="/home")
        return Chrome(
            nav=(NavLink(ctx.t("工作台"), "/desk"), *_links(desk)), account=(own, *account), role=who.role, home="/desk"
        )

    return chrome


def _links(links: Sequence[Link]) -> tuple[NavLink, ...]:
    return tuple(NavLink(link.title, link.url) for link in links)
