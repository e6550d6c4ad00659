# SPDX-License-Identifier: Apache-2.0
"""What the ledger refuses, in words a person can act on."""

from liren.errors import Busy, LirenError


class LedgerError(LirenError):
    """The family of everything the ledger refuses."""

    code = "ledger"


class Malformed(LedgerError):
    """Bytes or values that no ledger of this format would write."""

    code = "ledger-malformed"


class Refused(LedgerError):
    """A draft that the rules of posting do not allow."""

    code = "ledger-refused"


class NotEnough(Refused):
    """The account, the budget or the escrow holds less than the draft wants to move."""

    code = "not-enough-points"


class NotSigned(Refused):
    """No key that may sign this record is valid at this position."""

    status = 403
    code = "no-key"


class ReadOnly(LedgerError, Busy):
    """The ledger answers questions but takes no new record until someone has looked at it."""

    status = 503
    code = "ledger-read-only"
    heading = ("积分账暂时只能看", "The points ledger can only be read for now")
    told = (
        "您的积分一分没少，随时可以查；只是暂时记不了新的，刚才这一步没有办成。街道已经看得到，请过些时候再来。",
        "Your points are all there and can be looked up; nothing new can be recorded for the moment, so this step was"
        " not done. The street can see it: please come back later.",
    )


class Behind(ReadOnly):
    """The database is older than what was published: it must not go on under its origin."""

    code = "ledger-behind"
