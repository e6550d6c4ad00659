# SPDX-License-Identifier: Apache-2.0
"""Tables of the unit tree. Rows are never deleted: a code, once given, names that unit for ever."""

from typing import Any

from piccolo.columns import Date, ForeignKey, Text
from piccolo.columns.base import OnDelete
from piccolo.table import Table


class Unit(Table, tablename="unit"):
    """One node: an administrative title and, where the two nets coincide, a party title."""

    code = Text(primary_key=True, default=None)
    level = Text(help_text="street, community, grid, building, stair")
    parent: ForeignKey[Any] = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    path = Text(unique=True, help_text="codes from the root, each followed by /: a subtree is one prefix scan")
    name = Text()
    party_title = Text(null=True, default=None)
    opened = Date(default=None)
    closed = Date(null=True, default=None, help_text="first day on which it no longer stood")


class Dwelling(Table, tablename="dwelling"):
    """Where one household lives; not a unit."""

    id = Text(primary_key=True, default=None)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    number = Text(help_text="503")


TABLES = (Unit, Dwelling)
