# SPDX-License-Identifier: Apache-2.0
"""The store of a home without its modules: what installs and removes them must not depend on their loading."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from liren.settings import Settings
from liren.store import Store, migrate

ACTOR = "job:cli"


@asynccontextmanager
async def home_store(settings: Settings) -> AsyncIterator[Store]:
    """
    :raises Busy: the server runs on this SQLite file: stop it first
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = await Store.open(settings.database)
    try:
        try:
            await store.read("SELECT 1 FROM audit LIMIT 1")
        except Exception:  # a home before its street was founded: the audit begins here
            await migrate(store, [])
        yield store
    finally:
        await store.close()
