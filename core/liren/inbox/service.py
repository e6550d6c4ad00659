# SPDX-License-Identifier: Apache-2.0
"""Writes and reads notices; joins the transaction that is open, or makes one of its own."""

from liren import clock
from liren.inbox.tables import Notice
from liren.store import Store


class InboxService:
    """:class:`liren.plugins.services.Inbox` on the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def notify(self, person: str, text: str, link: str) -> None:
        """Tell ``person`` something; inside a transaction the notice is stored or rolled back with it."""
        notice = Notice(person=person, plugin="", text=text, link=link, at_ms=clock.now_ms())
        if self._store.engine.current_transaction.get() is not None:
            await notice.save()
            return
        async with self._store.transaction("job:inbox.notify"):
            await notice.save()

    async def unread(self, person: str) -> int:
        rows = await self._store.read("SELECT COUNT(*) FROM inbox_notice WHERE person = ? AND read_ms IS NULL", person)
        return int(rows[0][0])
