# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a person and the street, said so that the person can mend it."""

from liren.errors import Conflict, Denied, LirenError, NotFound


class BadPerson(LirenError):
    """A name, number or date that cannot be right."""

    code = "bad-person"


class PersonTaken(Conflict):
    """Somebody with that ID number is in the register already."""

    code = "person-taken"


class BadLogin(LirenError):
    """Wrong name or wrong password: which of the two is never said."""

    status = 401
    code = "bad-login"


class BadCode(LirenError):
    """A one-time code that is wrong, too old, or used already."""

    status = 401
    code = "bad-code"


class TooMany(LirenError):
    """Too many attempts from one place or on one account."""

    status = 429
    code = "too-many"


class LinkSpent(LirenError):
    """A one-time link that was used, has expired or never was."""

    status = 410
    code = "link-spent"


class BadPassword(LirenError):
    """A new password that is too easy to guess."""

    code = "bad-password"


class SelfGrant(Denied):
    """Nobody gives a role to themself."""

    code = "self-grant"


class BadGrant(LirenError):
    """A role nobody declared, or a term that ends before it begins."""

    code = "bad-grant"


class GrantHeld(Conflict):
    """The role is held at that unit for some of that time."""

    code = "grant-held"


class LastAdministrator(Conflict):
    """Without this person nobody could give roles, or run the system, any more."""

    code = "last-administrator"


class DutiesApart(Denied):
    """One person would hold two of the duties that are kept apart."""

    code = "duties-apart"


class BadOrganisation(LirenError):
    """A name or kind that makes no organisation."""

    code = "bad-organisation"


class BadOwnership(LirenError):
    """Shares that exceed the whole, or an owner that is none."""

    code = "bad-ownership"


class BadGuardian(LirenError):
    """Somebody who cannot answer for the other, or a reason that does not hold."""

    code = "bad-guardian"


class BadLabel(LirenError):
    """A label, or a kind of label, that cannot be recorded like this."""

    code = "bad-label"


class NoGuardian(Conflict):
    """A child under fourteen, or an adult without capacity, whose guardian has to agree."""

    code = "no-guardian"


def no_such_label() -> NotFound:
    """For a label that does not exist and for one the visitor may not see: they look alike."""
    return NotFound("没有找到这个标签。", "There is no such label.")


def no_such_guardianship() -> NotFound:
    return NotFound("没有找到这项监护。", "There is no such guardianship.")


def no_such_person() -> NotFound:
    """For a person that does not exist and for one outside the visitor's scope: they look alike."""
    return NotFound("没有找到这位居民，或者不在您负责的范围内。", "No such person, or outside your area.")


def no_such_organisation() -> NotFound:
    return NotFound("没有找到这家组织。", "There is no such organisation.")
