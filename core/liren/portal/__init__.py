# SPDX-License-Identifier: Apache-2.0
"""The front doors: the public board, a resident's home, the staff's desk. All they show comes from hooks."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from liren import hookimpl
from liren.plugins.types import NavItem
from liren.plugins.types import _ as mark
from liren.portal import pages


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [pages.board, pages.home, pages.desk, pages.search, pages.start, pages.livez, pages.readyz]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [NavItem(mark("公开栏"), "board", place="board", order=0)]
