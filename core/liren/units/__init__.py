# SPDX-License-Identifier: Apache-2.0
"""The unit tree of a street: street, communities, grids, buildings, stairs, and the dwellings in them."""

from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.plugins.context import Context
from liren.plugins.types import Hit, NavItem, Permission
from liren.units import dwelling_list, pages
from liren.units.tables import TABLES
from liren.web import N_
from liren.web.lists import list_routes


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("units", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [pages.tree, pages.unit, pages.add_form, pages.add, *list_routes(dwelling_list.KIND)]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("units.view", N_("查看组织")),
        Permission("units.manage", N_("增设组织"), N_("在自己负责的范围内增设下级")),
    ]


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    return await pages.hits(ctx, text)


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [NavItem(N_("组织"), "tree", place="desk", order=70, icon="building")]
