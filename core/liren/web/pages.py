# SPDX-License-Identifier: Apache-2.0
"""What the kernel asks of the web floor (:class:`liren.plugins.services.Pages`), answered by a site."""

from collections.abc import Mapping
from typing import Any

from litestar import Response
from markupsafe import Markup

from liren.plugins.context import Context
from liren.web.html import element
from liren.web.i18n import gettext as _
from liren.web.scene import Scene, current
from liren.web.site import Site


class SitePages:
    """Pages and fragments of plugins; every template sees ``ctx`` (its own plugin's) and ``scene``."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def render(self, ctx: Context, template: str, view: Mapping[str, Any], status: int) -> Response[Any]:
        return await self.site.respond(template, status=status, **{**view, "ctx": ctx})

    async def fragment(self, ctx: Context, template: str, view: Mapping[str, Any]) -> Markup:
        return await self.site.fragment(template, **{**view, "ctx": ctx})

    async def fault(self, ctx: Context, plugin: str, what: str) -> Markup:
        words = _(
            "模块 %(plugin)s 的这一块暂时显示不了（%(what)s）。只有管理员看得到这句话。", plugin=plugin, what=what
        )
        return element("p", words, class_="card quiet", role="status")

    def translate(self, plugin: str, language: str, text: str) -> str:
        """In the language of the page being made, which a visitor may have switched by link; else in ``language``."""
        scene = _scene()
        return self.site.translate(scene.language if scene else language, text)


def _scene() -> Scene | None:
    try:
        return current()
    except LookupError:
        return None
