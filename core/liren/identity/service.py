# SPDX-License-Identifier: Apache-2.0
"""Everything identity offers, put together once at start: the application wires its parts into the kernel."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime

from argon2 import PasswordHasher

from liren.identity.access import WhoIsIt
from liren.identity.accounts import remember_look
from liren.identity.directory import Directory
from liren.identity.drafts import Drafts
from liren.identity.logins import PER_ACCOUNT, Logins
from liren.identity.passwords import Passwords
from liren.identity.sessions import Sessions
from liren.identity.throttle import Throttle
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
        self, store: Store, vault: Vault, clock: Callable[[], datetime], *, hasher: PasswordHasher | None = None
    ) -> None:
        """
        :param clock: now, aware, in the street's time zone
        :param hasher: argon2id parameters; the library's recommended ones unless said otherwise
        """
        self.store, self.vault, self.clock = store, vault, clock
        self.units = UnitsService(store)
        self.people = Directory(store, vault, self.units, self.today)
        self.who = WhoIsIt(store, self.units, self.today)
        self.sessions = Sessions(store, self.who, self.now_ms, self.today)
        self.drafts = Drafts(store, vault, self.now_ms)
        self.passwords = Passwords(hasher)
        self.throttle = Throttle(store, vault)
        self.logins = Logins(store, vault, self.passwords, self.throttle)

    def today(self) -> date:
        """The street's day."""
        return self.clock().date()

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def know(self, roles: Iterable[Role], at_street: Collection[str] | None = None) -> None:
        """Every role the plugins declared, and the permissions that only the street itself can give; once they
        have loaded."""
        self.who.know(roles, at_street)

    async def right_password(self, person: str, password: str) -> bool:
        """Whether this is the person's own password, for a step that asks for it again; counted like a login."""
        await self.throttle.count((PER_ACCOUNT, f"again/{person}"))
        rows = await self.store.read("SELECT password_hash FROM login_account WHERE person = ?", person)
        right = await self.passwords.fits(rows[0][0] if rows else None, password)
        if right:
            await self.throttle.clear(PER_ACCOUNT, f"again/{person}")
        return right

    async def remember(self, scene: Scene) -> None:
        """The signed-in visitor switched language or size: keep it with the account."""
        if scene.visitor is not None:
            async with self.store.transaction(scene.visitor.person) as tx:
                await remember_look(tx, scene.visitor.account, language=scene.language, elder=scene.elder)
