# SPDX-License-Identifier: Apache-2.0
"""Sessions in the database (``liren.web.sessions.SessionStore``): unknown ones are nobody, disabled ones end."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from liren.errors import Busy
from liren.identity.access import WhoIsIt
from liren.identity.accounts import no_such_account
from liren.plugins.services import Visitor
from liren.store import Store
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.web.sessions import SessionRow

log = logging.getLogger("liren.identity")

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
STAFF_IDLE_MS, STAFF_ENDS_MS = 8 * HOUR_MS, 12 * HOUR_MS
"""A working day: a desk is left for lunch, a PAD is left on a bench."""
RESIDENT_IDLE_MS, RESIDENT_ENDS_MS = 30 * DAY_MS, 90 * DAY_MS
TOUCH_MS: Final = 5 * 60_000
"""``seen`` is written no more often than this: reading a page is not a write."""
AT_MOST: Final = 10
"""Sessions of one account; the one unseen for longest ends."""


class Sessions:
    """One per process; the rows are shared."""

    def __init__(self, store: Store, who: WhoIsIt, now_ms: Callable[[], int], today: Callable[[], date]) -> None:
        self._store = store
        self._who = who
        self._now_ms = now_ms
        self._today = today

    async def open(self, key: str) -> SessionRow | None:
        rows = await self._store.read(
            "SELECT a.person, a.id, p.name, a.elder, a.language, s.remembered, s.seen_ms, s.idle_ms, s.ends_ms"
            " FROM login_session s JOIN login_account a ON a.id = s.account JOIN person p ON p.id = a.person"
            " WHERE s.token_hash = ? AND a.disabled_ms IS NULL",
            key,
        )
        if not rows:
            return None
        person, account, name, elder, language, remembered, seen_ms, idle_ms, ends_ms = rows[0]
        now_ms = self._now_ms()
        if now_ms >= ends_ms or now_ms - seen_ms >= idle_ms:
            return None
        if now_ms - seen_ms > TOUCH_MS:
            await self._touch(person, key, now_ms)
        return SessionRow(
            await self._who.of(Visitor(person, account, name, bool(elder), language)), json.loads(remembered)
        )

    async def _touch(self, person: str, key: str, now_ms: int) -> None:
        try:
            async with self._store.transaction(person) as tx:
                await tx.sql("UPDATE login_session SET seen_ms = ? WHERE token_hash = ?", now_ms, key)
        except Busy:
            log.info("a session could not be marked as seen; the next page tries again")

    async def create(self, key: str, account: str, *, address: str, device: str) -> SessionRow:
        """:raises NotFound: no such account, or it is disabled"""
        rows = await self._store.read(
            "SELECT a.person, p.name, a.elder, a.language FROM login_account a JOIN person p ON p.id = a.person"
            " WHERE a.id = ? AND a.disabled_ms IS NULL",
            account,
        )
        if not rows:
            raise no_such_account()
        person, name, elder, language = rows[0]
        now_ms, today = self._now_ms(), self._today()
        async with self._store.transaction(person) as tx:
            staff = await tx.sql(
                "SELECT 1 FROM role_grant WHERE person = ? AND since <= ? AND (until IS NULL OR until > ?) LIMIT 1",
                person, today, today,
            )  # fmt: skip
            idle_ms, ends_ms = (STAFF_IDLE_MS, STAFF_ENDS_MS) if staff else (RESIDENT_IDLE_MS, RESIDENT_ENDS_MS)
            await tx.sql(
                "INSERT INTO login_session (token_hash, account, remembered, started_ms, seen_ms, idle_ms, ends_ms)"
                " VALUES (?, ?, '{}', ?, ?, ?, ?)",
                key, account, now_ms, now_ms, idle_ms, now_ms + ends_ms,
            )  # fmt: skip
            await tx.sql(
                "DELETE FROM login_session WHERE account = ? AND token_hash NOT IN (SELECT token_hash FROM"
                " login_session WHERE account = ? ORDER BY seen_ms DESC, started_ms DESC LIMIT ?)",
                account, account, AT_MOST,
            )  # fmt: skip
            await tx.sql(
                "INSERT INTO sign_in (id, account, at_ms, address, device) VALUES (?, ?, ?, ?, ?)",
                new_id(), account, now_ms, address[:64], device[:200],
            )  # fmt: skip
            await audit(tx, "identity", "identity.signed-in", person)
        return SessionRow(await self._who.of(Visitor(person, account, name, bool(elder), language)))

    async def update(self, key: str, values: Mapping[str, str]) -> None:
        async with self._store.transaction("job:identity.session") as tx:
            text = json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
            await tx.sql("UPDATE login_session SET remembered = ? WHERE token_hash = ?", text, key)

    async def end(self, key: str) -> None:
        async with self._store.transaction("job:identity.session") as tx:
            rows = await tx.sql("DELETE FROM login_session WHERE token_hash = ? RETURNING account", key)
            if rows:
                await audit(tx, "identity", "identity.signed-out", rows[0][0])
