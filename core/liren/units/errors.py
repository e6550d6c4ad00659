# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a unit or a post, said so that the person can mend it."""

from liren.errors import Conflict, Denied, LirenError, NotFound


class BadUnit(LirenError):
    """A name, level or parent that makes no tree."""

    code = "bad-unit"


class UnitTaken(Conflict):
    """A sibling of that level already has that name."""

    code = "unit-taken"


class UnitInUse(Conflict):
    """A unit with people or open units in it cannot be closed."""

    code = "unit-in-use"


class BadPost(LirenError):
    """A post that makes no sense, or would give away what it must not."""

    code = "bad-post"


class BadAppointment(LirenError):
    """A post that does not exist there, or a term that cannot be."""

    code = "bad-appointment"


class SeatTaken(Conflict):
    """Somebody holds the post at that unit in that time already."""

    code = "seat-taken"


class SelfAppointment(Denied):
    """Nobody appoints themself."""

    code = "self-appointment"


class BadTeam(LirenError):
    """A team without a name, or a member it cannot have."""

    code = "bad-team"


def no_such_unit() -> NotFound:
    """The answer for a unit that does not exist and for one outside the visitor's scope: they look alike."""
    return NotFound("没有这个单位，或者不在您负责的范围内。", "There is no such unit, or it is outside your area.")


def no_such_appointment() -> NotFound:
    return NotFound(
        "没有这项任职，或者不在您负责的范围内。", "There is no such appointment, or it is outside your area."
    )
