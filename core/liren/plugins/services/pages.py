# SPDX-License-Identifier: Apache-2.0
"""Templates and translations: the web floor answers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from litestar import Response
from markupsafe import Markup

if TYPE_CHECKING:
    from liren.plugins.context import Context


class Pages(Protocol):
    """The web floor: templates and translations."""

    async def render(self, ctx: "Context", template: str, view: Mapping[str, Any], status: int) -> Response[Any]:
        """``template`` is always ``<plugin>/<file>``; ``view`` plus ``ctx`` is what it sees."""
        ...

    async def fragment(self, ctx: "Context", template: str, view: Mapping[str, Any]) -> Markup: ...

    async def fault(self, ctx: "Context", plugin: str, what: str) -> Markup:
        """A small notice for administrators: this plugin's piece of the page is missing."""
        ...

    def translate(self, plugin: str, language: str, text: str) -> str:
        """From the plugin's own catalogue, then the core's; the text itself where there is none."""
        ...
