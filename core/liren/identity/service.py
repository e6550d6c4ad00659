# SPDX-License-Identifier: Apache-2.0
"""Everything identity offers, put together once at start: the application wires its parts into the kernel."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime

from argon2 import PasswordHasher

from liren.identity.register import dossier
from liren.identity.register.directory import Directory
from liren.identity.roles.access import WhoIsIt, held_permissions
from liren.identity.settings import AccountSettings, profile_of, separated
from liren.identity.signin.accounts import remember_look, set_password
from liren.identity.signin.drafts import Drafts
from liren.identity.signin.entering import Standing
from liren.identity.signin.factors import Factors
from liren.identity.signin.logins import ACCOUNT, Logins
from liren.identity.signin.passwords import Passwords
from liren.identity.signin.profiles import ASVS, Profile
from liren.identity.signin.sessions import Sessions
from liren.identity.signin.throttle import Limit, Throttle
from liren.plugins.types import Role
from liren.store import Store, Vault
from liren.units.service import UnitsService
from liren.web.scene import Scene


class Identity:
    """One per process.

    For the kernel's ``Services``: ``units``, ``people``, ``who`` (as ``sessions``). For the page kit's ``Site``:
    ``sessions``, ``drafts``, and ``remember`` as ``site.remember``. After the plugins have loaded: :meth:`know`.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Callable[[], datetime],
        *,
        hasher: PasswordHasher | None = None,
        profile: str = ASVS.name,
    ) -> None:
        """
        :param clock: now, aware, in the street's time zone
        :param profile: rules for signing in where the street has not chosen any
        :param hasher: argon2id parameters; the library's recommended ones unless said otherwise
        """
        self.store, self.vault, self.clock = store, vault, clock
        self.units = UnitsService(store)
        self.people = Directory(store, vault, self.units, self.today)
        self.who = WhoIsIt(store, self.units, self.today)
        self.default_profile = profile
        self.settings: Callable[[], AccountSettings] = AccountSettings
        """What the street decided; the application has the kernel answer."""
        self.sessions = Sessions(store, self.who, self.now_ms, self.profile)
        self.drafts = Drafts(store, vault, self.now_ms)
        self.passwords = Passwords(hasher)
        self.throttle = Throttle(store, vault)
        self.logins = Logins(store, vault, self.passwords, self.throttle, self.profile)
        self.factors = Factors(store, vault, self.throttle, self.profile, self.now_ms)

    def today(self) -> date:
        """The street's day."""
        return self.clock().date()

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def know(self, roles: Iterable[Role], at_street: Collection[str] | None = None) -> None:
        """Every role the plugins declared, and the permissions that only the street itself can give; once they
        have loaded."""
        self.who.know(roles, at_street)

    def profile(self) -> Profile:
        """The rules for signing in that hold now."""
        return profile_of(self.settings(), self.default_profile)

    def duties_apart(self) -> bool:
        """Whether system, security and audit belong to three people."""
        return separated(self.settings(), self.default_profile)

    async def name_of(self, account: str) -> str:
        """What an authenticator calls the account: the login name, else the person's name."""
        rows = await self.store.read(
            "SELECT a.login_name, p.name FROM login_account a JOIN person p ON p.id = a.person WHERE a.id = ?", account
        )
        return str(rows[0][0] or rows[0][1]) if rows else ""

    async def last_sign_in(self, account: str) -> tuple[int, str] | None:
        """(when, from where) somebody last signed in with this account."""
        rows = await self.store.read(
            "SELECT at_ms, address FROM sign_in WHERE account = ? ORDER BY at_ms DESC LIMIT 1", account
        )
        return (int(rows[0][0]), str(rows[0][1])) if rows else None

    async def _buckets(self, person: str, account: str) -> list[tuple[Limit, str]]:
        """Where somebody's failed tries are counted: password by name and by phone, again, code."""
        rows = await self.store.read("SELECT login_name FROM login_account WHERE id = ?", account)
        names = [rows[0][0] if rows else None, (await dossier.private(self.store, self.vault, person)).phone]
        return [*self.logins.buckets(person, names), self.factors.bucket(account)]

    async def locked_until_ms(self, person: str, account: str) -> int:
        """Until when the account takes no more tries, Unix milliseconds; 0: it does."""
        until_ms = await self.throttle.full_until_ms(*await self._buckets(person, account))
        return until_ms if until_ms > self.now_ms() else 0

    async def unlock(self, person: str, account: str) -> None:
        """Forget the tries; where a family shares one phone, theirs are forgotten too."""
        await self.throttle.clear(*await self._buckets(person, account))

    async def standing(self, account: str) -> Standing:
        """What decides which steps a login still has."""
        rows = await self.store.read("SELECT person, password_ms FROM login_account WHERE id = ?", account)
        person, set_ms = rows[0] if rows else ("", None)
        permissions = held_permissions((await self.who.who_is(person)).access)
        factor = await self.factors.of(account)
        return Standing(permissions, factor.confirmed, self.now_ms() - set_ms if set_ms is not None else None)

    async def right_password(self, person: str, password: str) -> bool:
        """Whether this is the person's own password, for a step that asks for it again; counted like a login."""
        bucket = (self.profile().limit(ACCOUNT), f"again/{person}")
        await self.throttle.count(bucket)
        rows = await self.store.read("SELECT password_hash FROM login_account WHERE person = ?", person)
        right = await self.passwords.fits(rows[0][0] if rows else None, password)
        if right:
            await self.throttle.clear(bucket)
        return right

    async def hashed(self, account: str, password: str, *, staff: bool, about: tuple[str, ...]) -> str:
        """A new password for the account, ready for :func:`set_password`.

        :raises BadPassword: not by the rules that hold
        """
        profile, former = self.profile(), []
        if profile.remembered:
            rows = await self.store.read(
                "SELECT password_hash FROM former_password WHERE account = ? ORDER BY at_ms DESC LIMIT ?",
                account, profile.remembered,
            )  # fmt: skip
            now = await self.store.read("SELECT password_hash FROM login_account WHERE id = ?", account)
            former = list(dict.fromkeys(stored for (stored,) in [*now, *rows] if stored))[: profile.remembered]
        return await self.passwords.hash(password, about=about, profile=profile, staff=staff, former=former)

    async def set_password(self, actor: str, account: str, stored: str, *, keep_session: str = "") -> None:
        """Replace it; every session but ``keep_session`` ends."""
        remembered = self.profile().remembered
        async with self.store.transaction(actor) as tx:
            await set_password(tx, account, stored, keep_session=keep_session, remembered=remembered)

    async def remember(self, scene: Scene) -> None:
        """The signed-in visitor switched language or size: keep it with the account."""
        if scene.visitor is not None:
            async with self.store.transaction(scene.visitor.person) as tx:
                await remember_look(tx, scene.visitor.account, language=scene.language, elder=scene.elder)
