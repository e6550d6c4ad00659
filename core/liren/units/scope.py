# SPDX-License-Identifier: Apache-2.0
"""What the pages of units share: their permissions, the service behind the protocol, what a visitor may reach."""

from typing import Final

from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.units.errors import no_such_unit
from liren.units.names import LevelNames, Naming
from liren.units.posts import Posts
from liren.units.service import UnitsService
from liren.units.tree import Tree

VIEW: Final = "units.view"
MANAGE: Final = "units.manage"
APPOINT: Final = "units.appoint"
GRANT: Final = "identity.grant"
"""Identity's permission: a post that carries roles is filled by who may grant them there."""


def service(ctx: Context) -> UnitsService:
    """The core's own service behind the protocol."""
    assert isinstance(ctx.units, UnitsService)
    return ctx.units


def roots(ctx: Context, tree: Tree, permission: str = VIEW) -> list[UnitCard]:
    """The tops of the subtrees in which the visitor holds the permission."""
    codes = (prefix.rstrip("/").rpartition("/")[2] for prefix in ctx.access.units_with(permission))
    return [card for code in codes if (card := tree.get(code)) is not None]


def within(ctx: Context, tree: Tree, code: str, permission: str) -> UnitCard:
    """The unit, if the visitor holds the permission there.

    :raises NotFound: otherwise; it does not exist for them
    """
    card = tree.get(code)
    if card is None or not ctx.can(permission, code):
        raise no_such_unit()
    return card


def naming(ctx: Context) -> Naming:
    """The street's settings of units, whoever's Context this is."""
    settings = ctx.of("units").settings
    assert isinstance(settings, Naming)
    return settings


def level_names(ctx: Context) -> LevelNames:
    """What each level is called here, in the visitor's language."""
    names = LevelNames.of(naming(ctx))
    return LevelNames(
        {level: ctx.t(title) for level, title in names.admin.items()},
        {level: ctx.t(title) if title else "" for level, title in names.party.items()},
    )


async def posts_of(ctx: Context) -> Posts:
    """The street's posts."""
    return await service(ctx).posts(naming(ctx).preset)
