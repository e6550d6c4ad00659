# SPDX-License-Identifier: Apache-2.0
"""Accounts: opened, given a password, disabled. Each verb runs inside the caller's transaction."""

import re
from dataclasses import dataclass
from typing import Final

from liren.errors import Conflict, NotFound
from liren.identity.errors import BadPerson, no_such_person
from liren.identity.roles.administrators import keep_an_administrator
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id

_LOGIN_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as pages show it."""

    id: str
    login_name: str | None
    has_password: bool
    disabled: bool
    sessions: int


async def account_of(store: Store, person: str) -> AccountView | None:
    """None for who has no account."""
    rows = await store.read(
        "SELECT a.id, a.login_name, a.password_hash IS NOT NULL, a.disabled_ms IS NOT NULL,"
        " (SELECT count(*) FROM login_session s WHERE s.account = a.id) FROM login_account a WHERE a.person = ?",
        person,
    )
    if not rows:
        return None
    account, login_name, has_password, disabled, sessions = rows[0]
    return AccountView(account, login_name, bool(has_password), bool(disabled), int(sessions))


def clean_login_name(name: str) -> str:
    """Lower case; letters, digits, dots, hyphens, beginning with a letter (so it is never a phone)."""
    text = name.strip().lower()
    if not _LOGIN_NAME.fullmatch(text):
        raise BadPerson(
            "登录名要以字母开头，2 到 32 个字母、数字或 . _ - 。",
            "A login name begins with a letter and has 2 to 32 letters, digits or . _ - .",
        )
    return text


async def open_account(tx: Tx, person: str, *, login_name: str | None = None, password_hash: str | None = None) -> str:
    """Give a person an account; :returns: its id, the old one where they have one already.

    :param login_name: for staff; residents log in with their phone
    :param password_hash: from :meth:`Passwords.hash`; without it only one-time links sign in
    :raises Conflict: the login name is somebody else's
    """
    if not await tx.sql("SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL", person):
        raise no_such_person()
    if login_name is not None:
        login_name = clean_login_name(login_name)
        taken = await tx.sql("SELECT person FROM login_account WHERE login_name = ?", login_name)
        if taken and taken[0][0] != person:
            raise Conflict(
                f"登录名 {login_name} 已经有人用了，请换一个。",
                f"The login name {login_name} is taken; choose another.",
            )
    known = await tx.sql("SELECT id FROM login_account WHERE person = ?", person)
    account = str(known[0][0]) if known else new_id()
    if not known:
        await tx.sql("INSERT INTO login_account (id, person, created_ms) VALUES (?, ?, ?)", account, person, tx.now_ms)
        await audit(tx, "identity", "identity.account-opened", person)
    if login_name is not None:
        await tx.sql("UPDATE login_account SET login_name = ? WHERE id = ?", login_name, account)
    if password_hash is not None:
        await set_password(tx, account, password_hash)
    return account


async def set_password(
    tx: Tx, account: str, password_hash: str, *, keep_session: str = "", remembered: int = 0
) -> None:
    """Replace the password and end every session but ``keep_session`` (its stored key).

    :param remembered: keep so many hashes, this one among them, that may not be used again
    """
    rows = await tx.sql(
        "UPDATE login_account SET password_hash = ?, password_ms = ? WHERE id = ? RETURNING person",
        password_hash, tx.now_ms, account,
    )  # fmt: skip
    if not rows:
        raise no_such_account()
    if remembered:
        await tx.sql(
            "INSERT INTO former_password (id, account, password_hash, at_ms) VALUES (?, ?, ?, ?)",
            new_id(), account, password_hash, tx.now_ms,
        )  # fmt: skip
    await tx.sql(
        "DELETE FROM former_password WHERE account = ? AND id NOT IN"
        " (SELECT id FROM former_password WHERE account = ? ORDER BY at_ms DESC, id LIMIT ?)",
        account, account, remembered,
    )  # fmt: skip
    await tx.sql("DELETE FROM login_session WHERE account = ? AND token_hash <> ?", account, keep_session)
    await audit(tx, "identity", "identity.password-set", rows[0][0])


async def end_sessions(tx: Tx, account: str, *, but: str = "", of: str = "") -> None:
    """Sign the account out everywhere, except in the session stored as ``but``.

    :param of: whose it is, where an administrator does it
    """
    await tx.sql("DELETE FROM login_session WHERE account = ? AND token_hash <> ?", account, but)
    await audit(tx, "identity", "identity.devices-ended", of or tx.actor)


async def end_session(tx: Tx, account: str, session: str) -> None:
    """End one session of the account, named as its list names it.

    :raises NotFound: no such session, or it has ended
    """
    rows = await tx.sql("DELETE FROM login_session WHERE account = ? AND id = ? RETURNING id", account, session)
    if not rows:
        raise NotFound("这台设备已经退出登录了。", "That device is signed out already.")
    person = await tx.sql("SELECT person FROM login_account WHERE id = ?", account)
    await audit(tx, "identity", "identity.device-ended", str(person[0][0]))


async def disable(tx: Tx, account: str) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out at once.

    :raises LastAdministrator: nobody else could give roles or run the system
    """
    person = await tx.sql("SELECT person FROM login_account WHERE id = ?", account)
    if person:
        await keep_an_administrator(tx, str(person[0][0]))
    rows = await tx.sql(
        "UPDATE login_account SET disabled_ms = coalesce(disabled_ms, ?) WHERE id = ? RETURNING person",
        tx.now_ms,
        account,
    )
    if not rows:
        raise no_such_account()
    await tx.sql("DELETE FROM login_session WHERE account = ?", account)
    await audit(tx, "identity", "identity.account-disabled", rows[0][0])


async def enable(tx: Tx, account: str) -> None:
    rows = await tx.sql("UPDATE login_account SET disabled_ms = NULL WHERE id = ? RETURNING person", account)
    if not rows:
        raise no_such_account()
    await audit(tx, "identity", "identity.account-enabled", rows[0][0])


async def remember_look(tx: Tx, account: str, *, language: str, elder: bool) -> None:
    """How this person likes pages: on every device from now on."""
    await tx.sql("UPDATE login_account SET language = ?, elder = ? WHERE id = ?", language, int(elder), account)


def no_such_account() -> NotFound:
    return NotFound("没有这个账号。", "There is no such account.")
