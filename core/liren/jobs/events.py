# SPDX-License-Identifier: Apache-2.0
"""Carries events from the outbox to the plugins that listen: after commit, at least once, each listener by itself.

A listener keeps one number, the last event it heard. What fails is put aside and tried again later, so that one bad
event holds up nothing behind it; what keeps failing stays for staff to see, and to try again or let go.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

import msgspec
import structlog

from liren import clock
from liren.errors import LirenError, NotFound
from liren.jobs.contain import launch
from liren.plugins.events import Received
from liren.plugins.kernel import Kernel
from liren.plugins.services import Who
from liren.store import Store, Tx

log = structlog.get_logger("liren.jobs")
TICK_S: Final = 1.0
BATCH: Final = 200
OWNED_MS: Final = 60_000
"""A process that dies while it delivers frees its listener after this."""
WAITS_S: Final = (1, 5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
"""Between tries; after the last one the event is given up on."""
TIDY_S: Final = 3600.0
KEPT_MS: Final = 30 * 24 * 3600 * 1000
HOOK: Final = "on_event"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event a plugin could not take."""

    event: int
    plugin: str
    name: str
    tries: int
    at_ms: int
    error: str


class Deliverer:
    """One per process; of several processes one at a time serves a listener."""

    def __init__(self, kernel: Kernel, store: Store, tz: tzinfo) -> None:
        self._kernel = kernel
        self._store = store
        self._tz = tz
        self._me = secrets.token_hex(8)
        self._loop: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    def start(self) -> None:
        self._loop = launch(self._keep_looking(), "events")

    async def stop(self) -> None:
        """Before the store closes. An event half way through is delivered again at the next start."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def look(self) -> int:
        """Deliver what is due now; :returns: how many events were taken without fault."""
        taken = 0
        async with self._looking:
            for plugin in self._kernel.caller.who(HOOK):
                while (got := await self._fresh(plugin)) is not None:
                    taken += got
                taken += await self._again(plugin)
        return taken

    async def dead(self, *, limit: int = 200) -> Sequence[DeadLetter]:
        """What was given up on, newest first."""
        rows = await self._store.read(
            "SELECT r.event, r.plugin, o.event, r.tries, o.at_ms, r.error FROM event_retry r"
            " JOIN outbox o ON o.id = r.event WHERE r.dead = 1 ORDER BY r.event DESC, r.plugin LIMIT ?",
            limit,
        )
        return [DeadLetter(*row) for row in rows]

    async def revive(self, tx: Tx, event: int, plugin: str) -> None:
        """Try a dead letter again, from the first wait.

        :raises NotFound: somebody decided about it already
        """
        rows = await tx.sql(
            "UPDATE event_retry SET dead = 0, tries = 1, next_ms = ? WHERE event = ? AND plugin = ? AND dead = 1"
            " RETURNING event", tx.now_ms, event, plugin,
        )  # fmt: skip
        _one(rows)

    async def let_go(self, tx: Tx, event: int, plugin: str) -> None:
        """Never try a dead letter again.

        :raises NotFound: somebody decided about it already
        """
        _one(
            await tx.sql(
                "DELETE FROM event_retry WHERE event = ? AND plugin = ? AND dead = 1 RETURNING event", event, plugin
            )
        )

    async def tidy(self) -> None:
        """Forget what is older than thirty days and waits for nobody."""
        async with self._store.transaction("job:jobs.events") as tx:
            await tx.sql(
                "DELETE FROM outbox WHERE at_ms < ? AND id NOT IN (SELECT event FROM event_retry)", tx.now_ms - KEPT_MS
            )

    # --- one listener

    async def _fresh(self, plugin: str) -> int | None:
        """One batch of events it has not heard; None where there are none, or another process serves it."""
        heard = await self._heard(plugin)
        rows = await self._store.read(
            "SELECT id, plugin, event, version, payload, at_ms FROM outbox WHERE id > ? ORDER BY id LIMIT ?",
            heard,
            BATCH,
        )
        if not rows or not await self._own(plugin, heard):
            return None
        faults: list[tuple[int, str]] = []
        for row in rows:
            if (fault := await self._deliver(plugin, row)) is not None:
                faults.append((row[0], fault))
        async with self._store.transaction(f"job:{plugin}") as tx:
            await tx.sql(
                "UPDATE event_listener SET heard = ?, owned_until_ms = 0 WHERE plugin = ? AND owner = ?",
                rows[-1][0],
                plugin,
                self._me,
            )
            for event, fault in faults:
                await tx.sql(
                    "INSERT INTO event_retry (event, plugin, tries, next_ms, dead, error) VALUES (?, ?, 1, ?, 0, ?)"
                    " ON CONFLICT (plugin, event) DO NOTHING",
                    event,
                    plugin,
                    tx.now_ms + WAITS_S[0] * 1000,
                    fault,
                )
        return len(rows) - len(faults)

    async def _again(self, plugin: str) -> int:
        """What failed before and is due once more."""
        rows = await self._store.read(
            "SELECT o.id, o.plugin, o.event, o.version, o.payload, o.at_ms, r.tries FROM event_retry r"
            " JOIN outbox o ON o.id = r.event WHERE r.plugin = ? AND r.dead = 0 AND r.next_ms <= ?"
            " ORDER BY r.next_ms LIMIT ?",
            plugin,
            clock.now_ms(),
            BATCH,
        )
        if not rows or not await self._own(plugin, await self._heard(plugin)):
            return 0
        taken = 0
        for *row, tries in rows:
            fault = await self._deliver(plugin, tuple(row))
            taken += fault is None
            await self._note(plugin, row[0], tries, fault)
        async with self._store.transaction(f"job:{plugin}") as tx:
            await tx.sql(
                "UPDATE event_listener SET owned_until_ms = 0 WHERE plugin = ? AND owner = ?", plugin, self._me
            )
        return taken

    async def _note(self, plugin: str, event: int, tries: int, fault: str | None) -> None:
        """Taken, put off once more, or given up."""
        async with self._store.transaction(f"job:{plugin}") as tx:
            if fault is None:
                await tx.sql("DELETE FROM event_retry WHERE plugin = ? AND event = ?", plugin, event)
                return
            dead = tries >= len(WAITS_S)
            wait_s = 0 if dead else WAITS_S[tries]
            await tx.sql(
                "UPDATE event_retry SET tries = ?, next_ms = ?, dead = ?, error = ? WHERE plugin = ? AND event = ?",
                tries + 1,
                tx.now_ms + wait_s * 1000,
                int(dead),
                fault,
                plugin,
                event,
            )
        if dead:
            log.error("event_given_up", plugin=plugin, number=event, why=fault)

    async def _deliver(self, plugin: str, row: tuple[Any, ...]) -> str | None:
        """:returns: what went wrong; None: taken, or not of this plugin's concern"""
        event = self._received(row)
        unit = event.data.get("unit")
        if not await self._kernel.hears(plugin, unit if isinstance(unit, str) else None):
            return None
        try:
            await self._kernel.caller.one(plugin, HOOK, self._kernel.context(plugin, Who()), event=event)
        except LookupError:
            return None  # switched off this moment: it hears the rest when it is on again
        except LirenError as error:
            return error.zh
        except (Exception, SystemExit) as error:
            self._kernel.caller.complain(plugin, HOOK, error)
            return f"{type(error).__name__}: {error}"[:300]
        return None

    def _received(self, row: tuple[Any, ...]) -> Received:
        event, plugin, name, version, payload, at_ms = row
        at = datetime.fromtimestamp(at_ms / 1000, self._tz)
        return Received(name, version, f"event-{event}", at, plugin, msgspec.json.decode(payload))

    async def _heard(self, plugin: str) -> int:
        rows = await self._store.read("SELECT heard FROM event_listener WHERE plugin = ?", plugin)
        if rows:
            return int(rows[0][0])
        async with self._store.transaction(f"job:{plugin}") as tx:
            # The core's own packages have no state and hear everything.
            await tx.sql(
                "INSERT INTO event_listener (plugin, heard, owner, owned_until_ms) VALUES (?, COALESCE("
                "(SELECT heard_from FROM plugin_state WHERE id = ?), 0), '', 0) ON CONFLICT (plugin) DO NOTHING",
                plugin,
                plugin,
            )
        return await self._heard(plugin)

    async def _own(self, plugin: str, heard: int) -> bool:
        """Take the listener for a while; whoever heard more meanwhile keeps it."""
        async with self._store.transaction(f"job:{plugin}") as tx:
            rows = await tx.sql(
                "UPDATE event_listener SET owner = ?, owned_until_ms = ? WHERE plugin = ? AND heard = ?"
                " AND (owned_until_ms < ? OR owner = ?) RETURNING heard",
                self._me,
                tx.now_ms + OWNED_MS,
                plugin,
                heard,
                tx.now_ms,
                self._me,
            )
        return bool(rows)

    async def _keep_looking(self) -> None:
        tidied = 0.0
        while True:
            try:
                await self.look()
                if time.monotonic() - tidied > TIDY_S:
                    tidied = time.monotonic()
                    await self.tidy()
            except Exception as error:
                # The database is away for a moment, say: delivery must outlive that.
                log.error("events_look_failed", exc_info=error)
            await asyncio.sleep(TICK_S)


def _one(rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        raise NotFound(
            "这条事件已经有人处理了。请刷新页面。", "Somebody dealt with this event already. Reload the page."
        )
