# SPDX-License-Identifier: Apache-2.0
"""One street, opened: the database, the keys, the plugins and everything they are wired to.

The web server, the command line and the demo all start here, so that each does what the others do.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime

from liren.app.built_in import BUILT_IN
from liren.app.pages import SitePages, chrome_of
from liren.app.writing import StoreWriting
from liren.errors import LirenError
from liren.identity.access import WhoIsIt
from liren.identity.directory import Directory
from liren.identity.sessions import Sessions
from liren.inbox.service import InboxService
from liren.jobs import BackgroundTasks, Runner
from liren.ledger import Ledger
from liren.plugins.kernel import Kernel
from liren.plugins.loader import load
from liren.plugins.services import Services
from liren.settings import Settings
from liren.store import Store, Vault, migrate, pending
from liren.units.service import UnitsService
from liren.web.site import Look, Site
from liren.web.templates import Package
from liren.web.themes import choose


class MigrationsPending(LirenError):
    """The database is older than the program."""

    status = 503
    code = "migrations-pending"


@dataclass(frozen=True, slots=True)
class Street:
    """Everything that is running; closed by leaving :func:`open_street`."""

    settings: Settings
    store: Store
    vault: Vault
    kernel: Kernel
    units: UnitsService
    directory: Directory
    who: WhoIsIt
    ledger: Ledger
    site: Site
    jobs: Runner

    def now(self) -> datetime:
        return datetime.now(self.settings.tz)

    def today(self) -> date:
        return self.now().date()


@asynccontextmanager
async def open_street(settings: Settings, *, create: bool = False, upgrade: bool = False) -> AsyncIterator[Street]:
    """
    :param create: make the home, its keys and its tables where there are none (``liren init``, the demo)
    :param upgrade: run pending migrations instead of refusing to start (``liren migrate``)
    :raises Busy: another process writes to this SQLite file
    :raises MigrationsPending: the tables are older than the program
    :raises VaultError: the master key is missing
    """
    if create:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault = Vault.open(settings.home / "keys", create=create)
    store = await Store.open(settings.database)
    try:
        loaded = load(settings.home, BUILT_IN, safe_mode=settings.safe_mode, strict=settings.strict)
        kernel = Kernel(loaded, strict=settings.strict)
        await _bring_up_to_date(store, kernel, upgrade=create or upgrade)
        street = await _wired(settings, store, vault, kernel)
        try:
            yield street
        finally:
            await street.jobs.stop()
            await street.ledger.close()
    finally:
        await store.close()


async def _bring_up_to_date(store: Store, kernel: Kernel, *, upgrade: bool) -> None:
    sources = kernel.migration_sources()
    if upgrade:
        await migrate(store, sources)
    elif left := await pending(store, sources):
        names = ", ".join(sorted({migration.app for migration in left}))
        raise MigrationsPending(
            f"数据库还没有升级（{names}）。请先运行 liren migrate。",
            f"The database has not been upgraded ({names}). Run: liren migrate",
        )
    for plugin in kernel.plugins.values():
        if plugin.tables is not None:
            store.bind(*plugin.tables.table_classes)
    await kernel.refresh(store)


async def _wired(settings: Settings, store: Store, vault: Vault, kernel: Kernel) -> Street:
    def now() -> datetime:
        return datetime.now(settings.tz)

    def today() -> date:
        return now().date()

    def now_ms() -> int:
        return time.time_ns() // 1_000_000

    units = UnitsService(store)
    directory = Directory(store, vault, units, today)
    who = WhoIsIt(store, units, today)
    who.roles = {role.name: role.permissions for plugin in kernel.plugins.values() for role in plugin.roles}
    ledger = await Ledger.open(store, vault, anchor=settings.anchor, keys=settings.home / "keys")
    site = await _site(settings, vault, kernel, units, Sessions(store, now_ms, today))
    kernel.wire(
        Services(
            people=directory,
            secrets=vault,
            units=units,
            ledger=ledger.reader,
            writing=StoreWriting(store),
            inbox=InboxService(store),
            sessions=who,
            pages=SitePages(site),
            tasks=BackgroundTasks(store),
            clock=now,
        )
    )
    site.chrome = chrome_of(kernel, who)
    jobs = Runner(kernel, store, settings.tz)
    return Street(settings, store, vault, kernel, units, directory, who, ledger, site, jobs)


async def _site(settings: Settings, vault: Vault, kernel: Kernel, units: UnitsService, sessions: Sessions) -> Site:
    theme, fallback = choose(None)
    roots = await units.all("street")
    look = Look(street=roots[0].name, seal=roots[0].name[:2]) if roots else Look()
    return Site(
        secret=vault.derived("web"),
        packages=[Package(plugin.id, plugin.folder) for plugin in kernel.plugins.values()],
        theme=theme,
        fallback=fallback,
        sessions=sessions,
        look=look,
        public_url=settings.public_url,
        tz=settings.tz,
    )
