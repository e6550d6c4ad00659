# SPDX-License-Identifier: Apache-2.0
"""The second factor of an account: begun, confirmed by its first code, asked at login, reset when the phone is lost.

The secret is sealed under the person's own key (gone with it when they are erased). A code is taken once: the last step
is raised in one statement, so that of two at once one is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from liren.identity.errors import BadCode
from liren.identity.signin import totp
from liren.identity.signin.accounts import no_such_account
from liren.identity.signin.profiles import Profile
from liren.identity.signin.throttle import Limit, Throttle
from liren.store import Store, SubjectKey, Tx, Vault
from liren.store.audit import write as audit
from liren.units.ids import new_id

CONTEXT: Final = "second-factor"
ACTOR: Final = "job:identity.login"


@dataclass(frozen=True, slots=True)
class Factor:
    """How somebody's second factor stands."""

    confirmed: bool
    codes_left: int


NONE: Final = Factor(confirmed=False, codes_left=0)


class Factors:
    """One per process; everything lies in the database."""

    def __init__(
        self, store: Store, vault: Vault, throttle: Throttle, profile: Callable[[], Profile], now_ms: Callable[[], int]
    ) -> None:
        self._store, self._vault, self._throttle = store, vault, throttle
        self._profile, self._now_ms = profile, now_ms

    def bucket(self, account: str) -> tuple[Limit, str]:
        """Where tries on this account's codes are counted."""
        return self._profile().limit("totp"), account

    async def of(self, account: str) -> Factor:
        rows = await self._store.read(
            "SELECT f.confirmed_ms, (SELECT count(*) FROM recovery_code r WHERE r.account = f.account"
            " AND r.used_ms IS NULL) FROM second_factor f WHERE f.account = ?",
            account,
        )
        return Factor(rows[0][0] is not None, int(rows[0][1])) if rows else NONE

    async def begin(self, account: str) -> bytes:
        """A new secret, not in use until its first code comes; what was confirmed before stays until then."""
        secret = totp.new_secret()
        async with self._store.transaction(ACTOR) as tx:
            person = await _person(tx, account)
            key = (await self._vault.ensure_keys(tx, [person]))[person]
            await tx.sql(
                "INSERT INTO second_factor (account, waiting) VALUES (?, ?)"
                " ON CONFLICT (account) DO UPDATE SET waiting = excluded.waiting",
                account, key.seal(secret, CONTEXT),
            )  # fmt: skip
        return secret

    async def waiting(self, account: str) -> bytes:
        """The secret that was shown and waits for its first code; begun now where there is none."""
        secret = await self._secret(account, "waiting")
        return secret if secret is not None else await self.begin(account)

    async def confirm(self, account: str, typed: str) -> list[str]:
        """The phone shows the right code: from now on it is asked for. :returns: ten recovery codes, shown once.

        :raises BadCode: not the code of the secret that was shown
        :raises TooMany: too many tries
        """
        await self._throttle.count(self.bucket(account))
        secret = await self._secret(account, "waiting")
        step = totp.fits(secret, totp.typed(typed), self._now_ms()) if secret is not None else None
        if step is None:
            raise _wrong()
        async with self._store.transaction(ACTOR) as tx:
            rows = await tx.sql(
                "UPDATE second_factor SET secret = waiting, waiting = NULL, confirmed_ms = ?, last_step = ?"
                " WHERE account = ? AND waiting IS NOT NULL RETURNING account",
                tx.now_ms, step, account,
            )  # fmt: skip
            if not rows:
                raise _wrong()
            codes = await self._replace_codes(tx, account)
            await audit(tx, "identity", "identity.totp-on", await _person(tx, account))
        await self._throttle.clear(self.bucket(account))
        return codes

    async def accept(self, account: str, typed: str) -> bool:
        """A code at login or for a fresh proof; :returns: whether it was one of the recovery codes.

        :raises BadCode: wrong, too old, or used already
        :raises TooMany: too many tries
        """
        await self._throttle.count(self.bucket(account))
        text = totp.typed(typed)
        by_recovery = not totp.is_code(text)
        right = await (self._use_recovery(account, text) if by_recovery else self._use_code(account, text))
        if not right:
            raise _wrong()
        await self._throttle.clear(self.bucket(account))
        return by_recovery

    async def _use_code(self, account: str, code: str) -> bool:
        secret = await self._secret(account, "secret")
        step = totp.fits(secret, code, self._now_ms()) if secret is not None else None
        if step is None:
            return False
        async with self._store.transaction(ACTOR) as tx:
            return bool(
                await tx.sql(
                    "UPDATE second_factor SET last_step = ? WHERE account = ? AND last_step < ? RETURNING account",
                    step, account, step,
                )
            )  # fmt: skip

    async def _use_recovery(self, account: str, code: str) -> bool:
        async with self._store.transaction(ACTOR) as tx:
            rows = await tx.sql(
                "UPDATE recovery_code SET used_ms = ? WHERE account = ? AND code_hash = ? AND used_ms IS NULL"
                " RETURNING id",
                tx.now_ms, account, self._hash(account, code),
            )  # fmt: skip
            if rows:
                await audit(tx, "identity", "identity.recovery-code-used", await _person(tx, account))
        return bool(rows)

    async def new_codes(self, account: str) -> list[str]:
        """Ten new recovery codes; those before are void."""
        async with self._store.transaction(ACTOR) as tx:
            await audit(tx, "identity", "identity.recovery-codes-made", await _person(tx, account))
            return await self._replace_codes(tx, account)

    async def _replace_codes(self, tx: Tx, account: str) -> list[str]:
        codes = totp.recovery_codes()
        await tx.sql("DELETE FROM recovery_code WHERE account = ?", account)
        rows = [(new_id(), account, self._hash(account, totp.typed(code))) for code in codes]
        await tx.many("INSERT INTO recovery_code (id, account, code_hash) VALUES (?, ?, ?)", rows)
        return codes

    def _hash(self, account: str, code: str) -> str:
        """Fifty random bits under a key of the vault: nothing to guess at in a stolen database."""
        return self._vault.keyed_hash("recovery-code", f"{account}/{code}")

    async def _secret(self, account: str, column: str) -> bytes | None:
        rows = await self._store.read(
            f"SELECT a.person, f.{column} FROM second_factor f"  # noqa: S608 - one of two own names
            " JOIN login_account a ON a.id = f.account WHERE f.account = ?",
            account,
        )
        if not rows or rows[0][1] is None:
            return None
        person, sealed = rows[0]
        key: SubjectKey | None = (await self._vault.keys(self._store, [person])).get(person)
        return key.open(bytes(sealed), CONTEXT) if key is not None else None


async def reset(tx: Tx, account: str, *, but: str = "") -> None:
    """The phone is lost: the factor and its codes are void, every session but ``but`` ends.

    Whoever must have one sets it up anew at the next login.
    """
    await tx.sql("DELETE FROM recovery_code WHERE account = ?", account)
    await tx.sql("DELETE FROM second_factor WHERE account = ?", account)
    await tx.sql("DELETE FROM login_session WHERE account = ? AND token_hash <> ?", account, but)
    await audit(tx, "identity", "identity.totp-reset", await _person(tx, account))


async def _person(tx: Tx, account: str) -> str:
    rows = await tx.sql("SELECT person FROM login_account WHERE id = ?", account)
    if not rows:
        raise no_such_account()
    return str(rows[0][0])


def _wrong() -> BadCode:
    return BadCode(
        "动态码不对，或者已经用过了。请等手机上换一个新码再填；还是不对，请看看手机时间是不是“自动设置”。",
        "That code is wrong or was used already. Wait for the next one on your phone; if it fails again, "
        "see that the phone sets its time automatically.",
    )
