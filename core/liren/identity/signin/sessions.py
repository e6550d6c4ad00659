# SPDX-License-Identifier: Apache-2.0
"""Sessions in the database (``liren.web.sessions.SessionStore``): unknown ones are nobody, disabled ones end.

A session never gains power by itself: a resident who was given a role signs in anew, staff whose roles changed go on
under a new id, and whoever the rules ask for a second factor is out until they have shown one.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from liren.errors import Busy
from liren.identity.roles.access import WhoIsIt, held_permissions, powers_of
from liren.identity.signin.accounts import no_such_account
from liren.identity.signin.entering import enough
from liren.identity.signin.profiles import ASVS, MINUTE_MS, Profile
from liren.plugins.services import Visitor, Who
from liren.store import Store
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.web.sessions import SessionRow

log = logging.getLogger("liren.identity")

TOUCH_MS: Final = 5 * MINUTE_MS
"""``seen`` is written no more often than this: reading a page is not a write."""
AT_MOST: Final = 10
"""Sessions of one account; the one unseen for longest ends."""
GRACE_MS: Final = 20_000
"""So long pages that were under way when the id changed may still use the one before."""

LIVING: Final = "a.disabled_ms IS NULL AND p.merged_into IS NULL AND p.died IS NULL"
"""Whose account is open, and whose entry is neither merged into another nor that of somebody who died."""


@dataclass(frozen=True, slots=True)
class Device:
    """One signed-in browser, as its owner and an administrator see it. Moments are Unix milliseconds."""

    id: str
    device: str
    """The browser's own description."""
    address: str
    started_ms: int
    seen_ms: int
    here: bool
    """It is the one that asks."""


class Sessions:
    """One per process; the rows are shared."""

    def __init__(
        self, store: Store, who: WhoIsIt, now_ms: Callable[[], int], profile: Callable[[], Profile] = lambda: ASVS
    ) -> None:
        self._store = store
        self._who = who
        self._now_ms = now_ms
        self._profile = profile

    async def open(self, key: str) -> SessionRow | None:
        now_ms = self._now_ms()
        rows = await self._store.read(  # LIVING is our own words
            "SELECT a.person, a.id, p.name, a.elder, a.language, s.token_hash, s.remembered, s.seen_ms, s.idle_ms,"  # noqa: S608
            " s.ends_ms, s.id, s.way, s.proven_ms, s.powers"
            " FROM login_session s JOIN login_account a ON a.id = s.account JOIN person p ON p.id = a.person"
            f" WHERE (s.token_hash = ? OR (s.former_hash = ? AND s.former_until_ms > ?)) AND {LIVING}",
            key, key, now_ms,
        )  # fmt: skip
        if not rows:
            return None
        person, account, name, elder, language, stored, remembered, seen_ms, idle_ms, ends_ms, *proof = rows[0]
        session, way, proven_ms, powers = proof
        if now_ms >= ends_ms or now_ms - seen_ms >= idle_ms:
            return None
        who = await self._who.of(Visitor(person, account, name, bool(elder), language))
        profile, now_held = self._profile(), powers_of(who.access)
        permissions = held_permissions(who.access)
        if permissions and now_ms - seen_ms >= profile.staff_idle_ms:  # the rules became stricter meanwhile
            return None
        if (now_held and not powers) or not enough(profile, permissions, way):
            return None
        if now_ms - seen_ms > TOUCH_MS:
            await self._touch(person, stored, now_ms)
        return SessionRow(
            replace(who, fresh=now_ms - proven_ms < profile.proof_ms),
            json.loads(remembered),
            name=session,
            way=way,
            renew=now_held != powers and stored == key,
        )

    async def _touch(self, person: str, key: str, now_ms: int) -> None:
        try:
            async with self._store.transaction(person) as tx:
                await tx.sql("UPDATE login_session SET seen_ms = ? WHERE token_hash = ?", now_ms, key)
        except Busy:
            log.info("a session could not be marked as seen; the next page tries again")

    async def create(self, key: str, account: str, *, address: str, device: str, way: str = "") -> SessionRow:
        """:raises NotFound: no such account, or it is disabled"""
        rows = await self._store.read(
            "SELECT a.person, p.name, a.elder, a.language FROM login_account a JOIN person p ON p.id = a.person"  # noqa: S608 - own words
            f" WHERE a.id = ? AND {LIVING}",
            account,
        )
        if not rows:
            raise no_such_account()
        person, name, elder, language = rows[0]
        who: Who = await self._who.of(Visitor(person, account, name, bool(elder), language))
        now_ms, session, staff = self._now_ms(), new_id(), bool(held_permissions(who.access))
        idle_ms, ends_ms = self._profile().idle_ms(staff=staff), now_ms + self._profile().ends_ms(staff=staff)
        address, device = address[:64], device[:200]
        async with self._store.transaction(person) as tx:
            await tx.sql(
                "INSERT INTO login_session (token_hash, account, remembered, started_ms, seen_ms, idle_ms, ends_ms,"
                " id, way, proven_ms, powers, address, device) VALUES (?, ?, '{}', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                key, account, now_ms, now_ms, idle_ms, ends_ms,
                session, way, now_ms, powers_of(who.access), address, device,
            )  # fmt: skip
            await tx.sql(
                "DELETE FROM login_session WHERE account = ? AND token_hash NOT IN (SELECT token_hash FROM"
                " login_session WHERE account = ? ORDER BY seen_ms DESC, started_ms DESC LIMIT ?)",
                account, account, AT_MOST,
            )  # fmt: skip
            await tx.sql(
                "INSERT INTO sign_in (id, account, at_ms, address, device) VALUES (?, ?, ?, ?, ?)",
                new_id(), account, now_ms, address, device,
            )  # fmt: skip
            await audit(tx, "identity", "identity.signed-in", person, detail={"way": way} if way else None)
        return SessionRow(replace(who, fresh=True), name=session, way=way)

    async def of(self, account: str, here: str = "") -> list[Device]:
        """Where an account is signed in, the latest first.

        :param here: key of the session that asks
        """
        now_ms = self._now_ms()
        rows = await self._store.read(
            "SELECT id, device, address, started_ms, seen_ms, token_hash, former_hash FROM login_session"
            " WHERE account = ? AND ends_ms > ? AND seen_ms + idle_ms > ? ORDER BY seen_ms DESC, started_ms DESC",
            account, now_ms, now_ms,
        )  # fmt: skip
        return [
            Device(session, device, address, started_ms, seen_ms, bool(here) and here in keys)
            for session, device, address, started_ms, seen_ms, *keys in rows
        ]

    async def rename(self, key: str, new_key: str) -> None:
        """The same session under a new id; the one before still opens it for a moment."""
        rows = await self._store.read(
            "SELECT a.person FROM login_session s JOIN login_account a ON a.id = s.account"
            " WHERE s.token_hash = ? OR s.former_hash = ?",
            key, key,
        )  # fmt: skip
        if not rows:
            return
        powers = powers_of((await self._who.who_is(rows[0][0])).access)
        async with self._store.transaction("job:identity.session") as tx:
            await tx.sql(
                "UPDATE login_session SET token_hash = ?, former_hash = ?, former_until_ms = ?, powers = ?"
                " WHERE token_hash = ? OR former_hash = ?",
                new_key, key, self._now_ms() + GRACE_MS, powers, key, key,
            )  # fmt: skip

    async def prove(self, key: str, *, way: str = "", at_ms: int | None = None) -> None:
        """This session has just shown again who it is.

        :param way: the session counts as begun this way from now on (a second factor was set up); empty: as before
        """
        async with self._store.transaction("job:identity.session") as tx:
            await tx.sql(
                "UPDATE login_session SET proven_ms = ?, way = CASE WHEN ? = '' THEN way ELSE ? END"
                " WHERE token_hash = ? OR former_hash = ?",
                self._now_ms() if at_ms is None else at_ms, way, way, key, key,
            )  # fmt: skip

    async def update(self, key: str, values: Mapping[str, str]) -> None:
        async with self._store.transaction("job:identity.session") as tx:
            text = json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
            await tx.sql(
                "UPDATE login_session SET remembered = ? WHERE token_hash = ? OR former_hash = ?", text, key, key
            )

    async def end(self, key: str) -> None:
        async with self._store.transaction("job:identity.session") as tx:
            rows = await tx.sql(
                "DELETE FROM login_session WHERE token_hash = ? OR former_hash = ? RETURNING account", key, key
            )
            if rows:
                await audit(tx, "identity", "identity.signed-out", rows[0][0])
