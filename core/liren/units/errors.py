# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a unit, said so that the person can mend it."""

from liren.errors import Conflict, LirenError, NotFound


class BadUnit(LirenError):
    """A name, level or parent that makes no tree."""

    code = "bad-unit"


class UnitTaken(Conflict):
    """A sibling of that level already has that name."""

    code = "unit-taken"


class UnitInUse(Conflict):
    """A unit with people or open units in it cannot be closed."""

    code = "unit-in-use"


def no_such_unit() -> NotFound:
    """The answer for a unit that does not exist and for one outside the visitor's scope: they look alike."""
    return NotFound("没有这个单位，或者不在您负责的范围内。", "There is no such unit, or it is outside your area.")
