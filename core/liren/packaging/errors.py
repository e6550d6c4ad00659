# SPDX-License-Identifier: Apache-2.0
"""Why a module is not installed, removed or brought back."""

from liren.errors import LirenError


class NotTrusted(LirenError):
    """The index or the wheel is not what a trusted key has signed."""

    status = 403
    code = "not-trusted"


class BadIndex(LirenError):
    """Not an index, or not one that can be used here."""

    code = "bad-index"


class BadWheel(LirenError):
    """Not a wheel, or not one of a module."""

    code = "bad-wheel"


class DoesNotFit(LirenError):
    """It cannot be installed beside what is here."""

    status = 409
    code = "does-not-fit"


class CannotRemove(LirenError):
    """Removing it now would lose something."""

    status = 409
    code = "cannot-remove"


class BadExport(LirenError):
    """Not an export of a module, or not one that fits here."""

    code = "bad-export"
