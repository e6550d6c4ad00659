# SPDX-License-Identifier: Apache-2.0
"""Who is signed in: a random id in a cookie, everything else in the database.

Ours, because Litestar's server-side sessions take an id the client made up (session fixation) and write
the store on every answer. Here an unknown id is nobody, signing in makes a new id, and the store is
written only on change. Visitors who are not signed in have no session at all.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from liren.plugins.services import Visitor, Who

ID_BYTES = 32


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session as the store knows it."""

    who: Who
    """The visitor (never None here), what they may do, and the unit they belong to: found out once per request."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Small things remembered for this session, e.g. for whom somebody acts."""
    name: str = ""
    """Names the session for as long as it lasts, also when its id changes: forms are bound to it. Opens nothing."""
    way: str = ""
    """How it was proved who it is: ``password``, ``link+totp`` …"""
    renew: bool = False
    """What its owner may do has changed: the next page that is read gives it a new id."""


class SessionStore(Protocol):
    """What identity keeps in the database. ``key`` is a digest: the store never sees what the cookie
    holds.
    """

    async def open(self, key: str) -> SessionRow | None:
        """The live session, or None when unknown, ended, or idle for too long."""
        ...

    async def create(self, key: str, account: str, *, address: str, device: str, way: str = "") -> SessionRow:
        """A new session of an account that has just proved who it is.

        :param address: network address it came from; kept apart from the audit chain, dropped after six
            months
        :param device: the browser's own description, at most 200 characters
        :param way: how it was proved
        """
        ...

    async def rename(self, key: str, new_key: str) -> None:
        """The same session under a new id."""
        ...

    async def update(self, key: str, values: Mapping[str, str]) -> None:
        """Only called when a value changed."""
        ...

    async def end(self, key: str) -> None: ...


def digest(session_id: str) -> str:
    """What the store knows a session by: 64 hex characters of SHA-256."""
    return hashlib.sha256(session_id.encode()).hexdigest()


class Session:
    """The session of this request; pages reach it as ``liren.web.current().session``."""

    def __init__(self, store: SessionStore | None, *, address: str = "", device: str = "") -> None:
        self._store = store
        self._address = address
        self._device = device[:200]
        self._id: str | None = None
        self._row: SessionRow | None = None
        self._values: dict[str, str] = {}
        self.cookie: str | None = None
        """What to send: None leaves the cookie as it is, an empty text ends it."""

    async def resume(self, session_id: str | None, *, reading: bool = False) -> None:
        """Take up the session of a cookie; an id the store does not know is dropped, never adopted.

        :param reading: the request changes nothing: a good moment for a new id where one is due
        """
        if not session_id or self._store is None:
            return
        row = await self._store.open(digest(session_id))
        if row is None:
            self.cookie = ""
            return
        self._id, self._row, self._values = session_id, row, dict(row.values)
        if row.renew and reading:
            await self.renew()

    async def renew(self) -> None:
        """Go on under a new id: whoever learned the one before has nothing. After every new proof of who it is."""
        if self._id is None or self._store is None:
            return
        session_id = secrets.token_urlsafe(ID_BYTES)
        await self._store.rename(digest(self._id), digest(session_id))
        self._id = self.cookie = session_id

    @property
    def who(self) -> Who:
        return self._row.who if self._row else Who()

    @property
    def visitor(self) -> Visitor | None:
        return self.who.visitor

    @property
    def id(self) -> str | None:
        """Opens the session; never shown, never logged."""
        return self._id

    @property
    def way(self) -> str:
        """How this session was proved: ``password``, ``link+totp`` …; empty where nobody is signed in."""
        return self._row.way if self._row else ""

    @property
    def bound(self) -> str | None:
        """What CSRF tokens are bound to: stays the same when the id changes, so that forms in other tabs hold."""
        return (self._row.name if self._row else "") or self._id

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    async def put(self, name: str, value: str | None) -> None:
        """Remember (or with None forget) something for this session; writes only when it changed."""
        if self._id is None or self._store is None:
            raise RuntimeError("only a signed-in visitor has a session to write to")
        if self._values.get(name) == value:
            return
        if value is None:
            del self._values[name]
        else:
            self._values[name] = value
        await self._store.update(digest(self._id), self._values)

    async def sign_in(self, account: str, *, way: str = "") -> Who:
        """After the proof: end what there was, start anew under a new id.

        :param way: how it was proved: ``password``, ``totp``, ``link``, the name of a login method
        """
        if self._store is None:
            raise RuntimeError("this site keeps no sessions")
        if self._id is not None:
            await self._store.end(digest(self._id))
        session_id = secrets.token_urlsafe(ID_BYTES)
        self._row = await self._store.create(
            digest(session_id), account, address=self._address, device=self._device, way=way
        )
        self._id, self._values = session_id, dict(self._row.values)
        self.cookie = session_id
        return self._row.who

    async def sign_out(self) -> None:
        if self._id is not None and self._store is not None:
            await self._store.end(digest(self._id))
        self._id, self._row, self._values = None, None, {}
        self.cookie = ""
