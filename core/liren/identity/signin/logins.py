# SPDX-License-Identifier: Apache-2.0
"""Proving who one is: a name or phone with a password, or a one-time link. Says nothing about who exists."""

from collections.abc import Callable, Sequence
from typing import Final

from liren.identity.errors import BadLogin
from liren.identity.register.numbers import phone
from liren.identity.sealed import hash_of
from liren.identity.signin import links
from liren.identity.signin.passwords import Passwords
from liren.identity.signin.profiles import ASVS, Profile
from liren.identity.signin.throttle import Limit, Throttle
from liren.store import Store, Vault
from liren.store.audit import write as audit

ACCOUNT: Final = "login-account"
PER_ACCOUNT: Final = ASVS.limit(ACCOUNT)
PER_ADDRESS: Final = Limit("login-address", tries=60, window_s=900)
"""A street office sits behind one address: good logins are taken off again."""
PER_ADDRESS_LINKS: Final = Limit("link-address", tries=60, window_s=900)
FAMILY: Final = 4
"""One phone may be several people's; the password tells them apart."""


class Logins:
    """One per process."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        passwords: Passwords,
        throttle: Throttle,
        profile: Callable[[], Profile] = lambda: ASVS,
    ) -> None:
        self._store = store
        self._vault = vault
        self._passwords = passwords
        self._throttle = throttle
        self._profile = profile

    def buckets(self, person: str, names: Sequence[str | None]) -> list[tuple[Limit, str]]:
        """Where tries on somebody's password are counted.

        :param names: what they sign in with: login name, phone
        """
        limit = self._profile().limit(ACCOUNT)
        return [(limit, name) for name in names if name] + [(limit, f"again/{person}")]

    async def by_password(self, name: str, password: str, *, address: str) -> str:
        """:returns: the account's id

        :param name: login name or phone
        :raises BadLogin: wrong name, wrong password or a disabled account: one answer for all three
        :raises TooMany: too many tries on this account or from this address
        """
        wanted = phone(name) or name.strip().lower()[:64]
        on_account, from_there = (self._profile().limit(ACCOUNT), wanted), (PER_ADDRESS, address)
        await self._throttle.count(on_account, from_there)
        candidates = await self._accounts(wanted)
        found: str | None = None
        for account, stored, disabled in candidates or [("", None, False)]:
            if await self._passwords.fits(stored, password) and not disabled:
                found = account
                break
        if found is None:
            await self._refused(candidates)
            raise BadLogin(
                "登录名或密码不对，请再试一次。忘了密码，可以请社区工作人员发一个登录链接。",
                "The login name or the password is wrong; please try again. "
                "If you forgot it, the community's staff can give you a sign-in link.",
            )
        await self._throttle.clear(on_account)
        await self._throttle.forgive(from_there)
        return found

    async def persons(self, name: str) -> list[tuple[str, str]]:
        """(person, name) of whoever has this login name or phone, or by their name of those who hold a role and may
        have neither yet: for a command on the server.
        """
        wanted = phone(name)
        return [
            (str(person), str(called))
            for person, called in await self._store.read(
                "SELECT p.id, p.name FROM person p LEFT JOIN login_account a ON a.person = p.id"
                " WHERE (a.login_name = ? OR p.phone_hash = ?"
                " OR p.name = ? AND EXISTS (SELECT 1 FROM role_grant g WHERE g.person = p.id))"
                " AND p.merged_into IS NULL ORDER BY p.name, p.id LIMIT ?",
                name.strip().lower(), hash_of(self._vault, "phone", wanted) if wanted else "", name.strip(), FAMILY,
            )
        ]  # fmt: skip

    async def _refused(self, candidates: list[tuple[str, str | None, bool]]) -> None:
        """A refused login stands in the audit; of a name nobody has, only that it happened."""
        async with self._store.transaction("job:identity.login") as tx:
            await audit(tx, "identity", "identity.login-refused", candidates[0][0] if candidates else "unknown")

    async def _accounts(self, wanted: str) -> list[tuple[str, str | None, bool]]:
        if phone(wanted) is not None:
            rows = await self._store.read(
                "SELECT a.id, a.password_hash, a.disabled_ms FROM login_account a JOIN person p ON p.id = a.person"
                " WHERE p.phone_hash = ? AND p.merged_into IS NULL AND p.died IS NULL ORDER BY a.created_ms LIMIT ?",
                hash_of(self._vault, "phone", wanted),
                FAMILY,
            )
        else:
            rows = await self._store.read(
                "SELECT id, password_hash, disabled_ms FROM login_account WHERE login_name = ?", wanted
            )
        return [(account, stored, disabled is not None) for account, stored, disabled in rows]

    async def by_link(self, token: str, *, address: str) -> links.Used:
        """Consume a one-time link; :returns: the account, and who made the link.

        :raises LinkSpent: used, expired or unknown
        :raises TooMany: somebody is guessing
        """
        await self._throttle.count((PER_ADDRESS_LINKS, address))
        async with self._store.transaction("job:identity.login") as tx:
            used = await links.use(tx, token)
        await self._throttle.forgive((PER_ADDRESS_LINKS, address))
        return used
