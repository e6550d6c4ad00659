# SPDX-License-Identifier: Apache-2.0
"""The one family of errors a person may meet.

Every domain subclasses :class:`LirenError`; the web floor turns any of them into a friendly page, the
command line into one line. ``zh`` and ``en`` say what happened, why, and what to do next.
"""


class LirenError(Exception):
    """Something a person can act on.

    :param zh: what happened, why, what to do: natural Chinese, one or two short sentences
    :param en: the same in English
    :param status: HTTP status the web floor answers with (4xx for input, 503 for "try again")
    """

    status = 400
    code = "refused"
    heading: tuple[str, str] | None = None
    """(zh, en) above the page; None: what is said above every error of this status."""
    told: tuple[str, str] | None = None
    """(zh, en) on the page, where the message is for the machine's keeper and would only frighten others."""

    def __init__(self, zh: str, en: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        if status is not None:
            self.status = status
        if code is not None:
            self.code = code


class NotFound(LirenError):
    """No such thing, or nothing this person may see: the two look alike on purpose."""

    status = 404
    code = "not-found"


class Denied(LirenError):
    """The person is known, the thing is theirs to see, but this act is not theirs to do."""

    status = 403
    code = "denied"


class Conflict(LirenError):
    """The same request key with another command, or a state that has moved on."""

    status = 409
    code = "conflict"


class Busy(LirenError):
    """Nothing was done; the same request may simply be repeated."""

    status = 503
    code = "busy"
