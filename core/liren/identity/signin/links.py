# SPDX-License-Identifier: Apache-2.0
"""One-time logins: a link that signs in once, for the first administrator, the demo, and whoever forgot the password.

Only a digest is stored. Opening the page of a link changes nothing (messengers fetch links to draw a preview); its
button consumes it, in one statement, so that of many at once exactly one succeeds.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from liren.identity.errors import LinkSpent
from liren.identity.signin.accounts import no_such_account
from liren.store import Store, Tx
from liren.store.audit import write as audit

VALID_S: Final = 24 * 3600
TOKEN_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Used:
    """A link that has just been consumed."""

    account: str
    made_by: str

    @property
    def from_console(self) -> bool:
        """A command on the server printed it; nobody acts as a job through a page."""
        return self.made_by.startswith("job:")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link that can still be used: for whom."""

    name: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def spent() -> LinkSpent:
    return LinkSpent(
        "这个登录链接已经用过或者过期了。请向社区工作人员再要一个。",
        "This sign-in link was used already or has expired. Please ask the community's staff for a new one.",
    )


async def make(tx: Tx, account: str, *, valid_s: int = VALID_S, recognised: str | None = None) -> str:
    """A new link for an account; :returns: the token of ``/login/once/<token>``, shown once and stored nowhere.

    :param recognised: how staff knew whom they hand it to, where a person makes it
    """
    rows = await tx.sql("SELECT person FROM login_account WHERE id = ? AND disabled_ms IS NULL", account)
    if not rows:
        raise no_such_account()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await tx.sql(
        "INSERT INTO one_time_login (token_hash, account, made_by, created_ms, ends_ms, recognised)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        _digest(token), account, tx.actor, tx.now_ms, tx.now_ms + valid_s * 1000, recognised,
    )  # fmt: skip
    detail = {"recognised": recognised} if recognised else None
    await audit(tx, "identity", "identity.link-made", rows[0][0], detail=detail)
    return token


async def look(store: Store, token: str, now_ms: int) -> Waiting:
    """For whom a link is, without using it.

    :raises LinkSpent: used, expired, unknown, or the account is disabled
    """
    rows = await store.read(
        "SELECT p.name FROM one_time_login o JOIN login_account a ON a.id = o.account JOIN person p ON p.id = a.person"
        " WHERE o.token_hash = ? AND o.used_ms IS NULL AND o.ends_ms > ? AND a.disabled_ms IS NULL",
        _digest(token),
        now_ms,
    )
    if not rows:
        raise spent()
    return Waiting(rows[0][0])


async def use(tx: Tx, token: str) -> Used:
    """Consume a link.

    :raises LinkSpent: used, expired, unknown, or the account is disabled
    """
    rows = await tx.sql(
        "UPDATE one_time_login SET used_ms = ? WHERE token_hash = ? AND used_ms IS NULL AND ends_ms > ?"
        " AND account IN (SELECT id FROM login_account WHERE disabled_ms IS NULL) RETURNING account, made_by",
        tx.now_ms,
        _digest(token),
        tx.now_ms,
    )
    if not rows:
        raise spent()
    account, made_by = rows[0]
    return Used(str(account), str(made_by))
