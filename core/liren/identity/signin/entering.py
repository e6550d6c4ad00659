# SPDX-License-Identifier: Apache-2.0
"""What still stands between a first proof and a session: a second factor, its enrolment, a new password.

:func:`next_step` decides and is pure. In between there is no session: a row in ``login_pending``, named by a random
token in the page, remembers what was proved; it ends after some minutes.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from liren.identity.errors import LinkSpent
from liren.identity.signin.profiles import Profile
from liren.store import Store, Tx

Step = Literal["code", "enrol", "renew"]

CONSOLE: Final = "console"
"""Signed in by a link that a command on the server printed (``liren init``, ``liren demo``, ``liren link``).

Such a link proves more than a code could: whoever reads that console holds the master key beside it. So it opens the
door to an administrator who lost phone and papers, and lets the demo be used as it is.
"""
PASSWORD: Final = "password"  # noqa: S105 - the name of a way
LINK: Final = "link"
TOTP: Final = "+totp"
"""Behind the first way, where a second factor was shown too."""
PENDING_MS: Final = 20 * 60_000
"""Enough to install an authenticator."""
TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Standing:
    """What identity knows of an account whose first proof was right."""

    permissions: frozenset[str]
    """Held anywhere; empty for a resident."""
    has_totp: bool
    password_age_ms: int | None

    @property
    def staff(self) -> bool:
        return bool(self.permissions)


def next_step(profile: Profile, standing: Standing, way: str, *, second: bool) -> Step | None:
    """What is missing; None: nothing, the session may begin.

    :param way: how the first proof was given: ``password``, ``link``, ``console`` or a login method's name
    :param second: a code of the second factor was right already
    """
    if way == CONSOLE:
        return None
    if not second and standing.has_totp:
        return "code"
    if way == PASSWORD and profile.outgrown(staff=standing.staff, age_ms=standing.password_age_ms):
        return "renew"
    if not second and profile.demands_totp(standing.permissions):
        return "enrol"  # last: the recovery codes are shown after it
    return None


def strength(way: str, *, second: bool) -> str:
    """What the session remembers of how it was proved: ``password+totp``."""
    return way.removesuffix(TOTP) + (TOTP if second else "")


def forgot(way: str) -> bool:
    """Whether somebody signed in without a password: then a new one needs no old one."""
    return way.partition("+")[0] not in ("", PASSWORD)


def with_password(way: str) -> str:
    """What a session counts as whose owner has just set a password: as strong as before, and nothing forgotten."""
    return f"{PASSWORD}{TOTP}" if way.endswith(TOTP) else f"{PASSWORD}+{CONSOLE}" if CONSOLE in way else PASSWORD


def enough(profile: Profile, permissions: frozenset[str], way: str) -> bool:
    """Whether a session begun this way may go on: the rules, or the person's roles, may have changed meanwhile."""
    return CONSOLE in way.split("+") or way.endswith(TOTP) or not profile.demands_totp(permissions)


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody on the way in."""

    account: str
    way: str
    second: bool
    wanted: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def open_pending(tx: Tx, account: str, way: str, wanted: str) -> str:
    """:returns: the token for the next page; only its digest is stored"""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await tx.sql(
        "INSERT INTO login_pending (token_hash, account, way, second, wanted, ends_ms) VALUES (?, ?, ?, 0, ?, ?)",
        _digest(token), account, way, wanted[:500], tx.now_ms + PENDING_MS,
    )  # fmt: skip
    return token


async def read_pending(store: Store, token: str, now_ms: int) -> Pending:
    """:raises LinkSpent: made up, over, or done already"""
    rows = await store.read(
        "SELECT account, way, second, wanted FROM login_pending WHERE token_hash = ? AND ends_ms > ?",
        _digest(token), now_ms,
    )  # fmt: skip
    if not rows:
        raise over()
    account, way, second, wanted = rows[0]
    return Pending(account, way, bool(second), wanted)


async def second_was_right(tx: Tx, token: str) -> None:
    await tx.sql("UPDATE login_pending SET second = 1 WHERE token_hash = ?", _digest(token))


async def close_pending(tx: Tx, token: str) -> bool:
    """:returns: whether it was open: of two at once one goes on"""
    return bool(await tx.sql("DELETE FROM login_pending WHERE token_hash = ? RETURNING account", _digest(token)))


def over() -> LinkSpent:
    return LinkSpent(
        "时间过了，请从登录页重新来一次。", "That took too long. Please start again from the sign-in page."
    )
