# SPDX-License-Identifier: Apache-2.0
"""Events in a test: what was emitted, delivery on demand, and events of plugins that are not installed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from liren.app import Street
from liren.plugins.events import Received
from liren.store import outbox

QUERY = "SELECT id, plugin, event, version, payload, at_ms FROM outbox ORDER BY id"


class Outbox:
    """What tests do with events."""

    def __init__(self, street: Street) -> None:
        self._street = street

    async def emitted(self, name: str = "") -> Sequence[Received]:
        """What was emitted and committed, the first first.

        :param name: of this name only, e.g. ``canteen.meal_missed``
        """
        rows = await self._street.store.read(
            "SELECT id, plugin, event, version, payload, at_ms FROM outbox ORDER BY id"
        )
        events = [
            Received(event, version, f"event-{number}", self._at(at_ms), plugin, msgspec.json.decode(payload))
            for number, plugin, event, version, payload, at_ms in rows
        ]
        return [event for event in events if not name or event.name == name]

    async def put(self, name: str, /, *, version: int = 1, **fields: Any) -> None:
        """As if the plugin before the dot had emitted this; it need not be installed."""
        payload = msgspec.defstruct("Payload", list(fields), frozen=True)(**fields)
        async with self._street.store.transaction("job:test") as tx:
            await outbox.emit(tx, name.partition(".")[0], name, version, payload)

    async def deliver(self) -> None:
        """Hand every event to everyone who listens; returns when all have heard.

        :raises AssertionError: a listener failed; on a street it would be asked again later
        """
        await self._street.events.look()
        failed = await self._street.store.read("SELECT plugin, error FROM event_retry ORDER BY event")
        assert not failed, "; ".join(f"{plugin}: {error}" for plugin, error in failed)

    def _at(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, self._street.settings.tz)
