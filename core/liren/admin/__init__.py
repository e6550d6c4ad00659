# SPDX-License-Identifier: Apache-2.0
"""The console of street IT: what is installed, what is on, how the street is doing."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from liren import hookimpl
from liren.admin import events, pages, plugin_page, settings
from liren.plugins.types import NavItem, Permission, Role, _

PLUGIN = (plugin_page.page, plugin_page.enable, plugin_page.disable)
EVENTS = (events.events, events.decide)


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [pages.console, pages.health, pages.plugins, settings.show, settings.save, *PLUGIN, *EVENTS]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("admin.health", _("看系统状况"), street=True),
        Permission("admin.plugins", _("启用和停用模块"), street=True),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("admin.system", _("系统管理员"), ("admin.health", "admin.plugins", "ledger.keys"))]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(_("系统状况"), "health", order=80, icon="gear"),
        NavItem(_("模块"), "plugins", order=81, icon="spark"),
    ]
