# SPDX-License-Identifier: Apache-2.0
"""Fills in the bar of every page: the desk's entries for people at work, a resident's own for everybody else."""

from collections.abc import Awaitable, Callable, Sequence

from liren.plugins.kernel import Kernel
from liren.plugins.types import Link
from liren.web import Chrome, NavLink, Scene


def chrome_of(kernel: Kernel) -> Callable[[Scene], Awaitable[Chrome]]:
    async def chrome(scene: Scene) -> Chrome:
        ctx = kernel.context("portal", scene.session.who)
        if ctx.visitor is None:
            return Chrome(nav=_links(await ctx.menu("board")))
        desk, home = await ctx.menu("desk"), await ctx.menu("home")
        account = (NavLink(ctx.t("我的账号"), "/me"),)
        own = NavLink(ctx.t("我的主页"), "/home")
        if not desk:
            return Chrome(nav=(own, *_links(home)), account=account, home="/home")
        nav = (NavLink(ctx.t("工作台"), "/desk"), *_links(desk))
        return Chrome(nav=nav, account=(own, *account), role=ctx.t(ctx.who.role), home="/desk")

    return chrome


def _links(links: Sequence[Link]) -> tuple[NavLink, ...]:
    return tuple(NavLink(link.title, link.url) for link in links)
