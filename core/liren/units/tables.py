# SPDX-License-Identifier: Apache-2.0
"""Tables of the unit tree, its dwellings, posts and teams. ``help_text`` says purpose and who sees it.

Units are never deleted: a code, once given, names that unit for ever. Days are half-open: what is said holds on
``since`` and no longer on ``until``.
"""

from typing import Any

from piccolo.columns import BigInt, Date, ForeignKey, Text
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
    area_dm2 = BigInt(null=True, default=None, help_text="built area, in hundredths of a square metre")
    closed = Date(null=True, default=None, help_text="first day on which it was no longer lived in for good")


class Post(Table, tablename="post"):
    """An office of this street's own making, or a preset's as this street changed it."""

    key = Text(primary_key=True, default=None)
    title = Text()
    axis = Text(help_text="admin, party")
    levels = Text(help_text="levels it exists at, separated by blanks")
    roles = Text(help_text="roles it carries, separated by blanks; a party post carries none")
    single = BigInt(help_text="1: one holder a unit at a time")
    published = BigInt(help_text="1: residents see who holds it where they live")
    position = BigInt()
    retired = Date(null=True, default=None)


class Appointment(Table, tablename="appointment"):
    """Who holds a post at a unit, for which term."""

    id = Text(primary_key=True, default=None)
    post = Text()
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    person = Text(help_text="person id; who serves where is public to the residents served")
    since = Date(default=None)
    until = Date(null=True, default=None)
    phone = Text(default="", help_text="work phone, given to be published to the residents served")
    photo = Text(null=True, default=None, help_text="portrait given to be published; the file is sealed")
    made_by = Text()
    made_ms = BigInt()


class Team(Table, tablename="team"):
    """A joint group that serves a unit: 1+1+N, 2+1+N+X."""

    id = Text(primary_key=True, default=None)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    name = Text()
    pattern = Text(default="", help_text="how it is made up: 1+1+N")
    since = Date(default=None)
    until = Date(null=True, default=None)


class TeamMember(Table, tablename="team_member"):
    """A person or an organisation in a team."""

    id = Text(primary_key=True, default=None)
    team = ForeignKey(Team, null=False, on_delete=OnDelete.restrict)
    person = Text(null=True, default=None, help_text="person id; staff in scope")
    organisation = Text(null=True, default=None)
    part = Text(default="", help_text="what they do in it: grid lead, lawyer, property company")
    since = Date(default=None)
    until = Date(null=True, default=None)


class UnitChange(Table, tablename="unit_change"):
    """What became of a unit: one row for each heir."""

    id = Text(primary_key=True, default=None)
    change = Text(help_text="one act has one value")
    what = Text(help_text="merged, split, closed, moved, renamed")
    day = Date(default=None)
    gone: ForeignKey[Any] = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    heir: ForeignKey[Any] = ForeignKey(Unit, null=True, on_delete=OnDelete.restrict)
    detail = Text(default="", help_text="the name before it was renamed")
    actor = Text()
    at_ms = BigInt()


class UnitPast(Table, tablename="unit_past"):
    """Where in the tree a unit stood before it was moved."""

    id = Text(primary_key=True, default=None)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    path = Text()
    since = Date(default=None)
    until = Date(default=None)


TABLES = (Unit, Dwelling, Post, Appointment, Team, TeamMember, UnitChange, UnitPast)
