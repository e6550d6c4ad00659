# SPDX-License-Identifier: Apache-2.0
"""One street, opened: the database, the keys, the plugins and everything they are wired to.

The web server, the command line and the demo all start here, so that each does what the others do.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from liren import clock
from liren.acting.service import ActingDesk
from liren.app.built_in import BUILT_IN, own_sources
from liren.app.gate import reviewer_gate
from liren.app.writing import StoreWriting
from liren.errors import LirenError
from liren.identity.service import Identity
from liren.identity.settings import AccountSettings
from liren.inbox.service import InboxService
from liren.jobs import BackgroundTasks, Deliverer, Runner
from liren.ledger.authority.custody import Custody
from liren.ledger.engine.participant import Ledger
from liren.ledger.reading.reader import Reader
from liren.plugins.kernel import Kernel
from liren.plugins.loader import Loaded, load
from liren.plugins.manifest import Refusal
from liren.plugins.services import Services, Who
from liren.portal.chrome import chrome_of
from liren.privacy.journal import WITHDRAWN, Journal
from liren.privacy.replay import replay as erase_again
from liren.privacy.taking_back import replay as take_back_again
from liren.settings import Settings
from liren.store import MigrationSource, Store, Vault, migrate, pending
from liren.store.lists import Lists
from liren.store.migrations import MigrationFailed
from liren.units.photos import Photos
from liren.web.pages import SitePages
from liren.web.site import Look, Site
from liren.web.templates import Package
from liren.web.themes import choose
from liren.workflow.service import CaseDesk


class NoStreet(LirenError):
    """Nothing was founded here, or the settings name another place than the one where it was."""

    code = "no-street"


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
    identity: Identity
    ledger: Ledger
    site: Site
    jobs: Runner
    tasks: BackgroundTasks
    events: Deliverer
    erased_again: int = 0
    """People whom a restored backup had brought back, erased anew before anybody was served."""

    def now(self) -> datetime:
        return clock.now(self.settings.tz)

    def today(self) -> date:
        return self.now().date()

    async def look(self) -> None:
        """Read the street's name from its unit tree (after it was founded)."""
        roots = await self.identity.units.all("street")
        if roots:
            self.site.look = Look(street=roots[0].name, seal=roots[0].name[:2])


@asynccontextmanager
async def open_street(settings: Settings, *, create: bool = False, upgrade: bool = False) -> AsyncIterator[Street]:
    """
    :param create: make the home, its keys and its tables where there are none (``liren init``, the demo)
    :param upgrade: run pending migrations instead of refusing to start (``liren migrate``)
    :raises Busy: another process writes to this SQLite file
    :raises MigrationsPending: the tables are older than the program
    :raises NoStreet: there is neither key nor database, and none are to be made
    :raises VaultError: the master key is missing
    """
    if create:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    else:
        must_be_there(settings)
    vault = Vault.open(settings.home / "keys", create=create)
    store = await Store.open(settings.database)
    try:
        loaded = load(settings.home, BUILT_IN, safe_mode=settings.safe_mode, strict=settings.strict)
        loaded = await _bring_up_to_date(store, loaded, upgrade=create or upgrade)
        kernel = Kernel(loaded, strict=settings.strict)
        street = _wired(settings, store, vault, kernel)
        await kernel.refresh(store)
        await street.ledger.start(store)
        nobody = kernel.context("privacy", Who())
        again = await erase_again(store, vault, nobody, Journal(settings.erased), kernel.plugins)
        await take_back_again(store, Journal(settings.withdrawn, WITHDRAWN))
        street = replace(street, erased_again=again)
        await street.look()
        try:
            yield street
        finally:
            await street.events.stop()
            await street.jobs.stop()
            await street.tasks.stop()
            await street.ledger.stop()
    finally:
        await store.close()


def must_be_there(settings: Settings) -> None:
    """A slip in LIREN_HOME or LIREN_DATABASE must not begin an empty street beside the real one."""
    file = None if settings.on_postgres else Path(settings.database)
    if not (settings.home / "keys").exists() and not (file is not None and file.exists()):
        raise NoStreet(
            f"{settings.home} 里还没有街道。请先运行 liren init，它会打印第一批一次性登录链接；"
            "已经建过的，请核对 LIREN_HOME。",
            f"There is no street in {settings.home}. Run liren init first: it prints the first one-time links; if it "
            "was founded before, check LIREN_HOME.",
        )
    if file is not None and not file.exists():
        raise NoStreet(
            f"找不到数据库 {file}。请核对 LIREN_DATABASE；文件丢了就从备份恢复（liren restore）。",
            f"There is no database {file}. Check LIREN_DATABASE; if the file is lost, restore a backup: liren restore.",
        )


async def _bring_up_to_date(store: Store, loaded: Loaded, *, upgrade: bool) -> Loaded:
    """A core that is not up to date stops the start; a plugin that is not is left out of it."""
    sources = own_sources(loaded.migration_sources())
    failed = await _upgrade(store, loaded, sources) if upgrade else {}
    behind = {migration.app for migration in await pending(store, sources)}
    late = [plugin for plugin in loaded.plugins if plugin.id in behind and not plugin.built_in]
    if core := sorted(behind - {plugin.id for plugin in late}):
        raise _behind(", ".join(core))
    for plugin in loaded.plugins:
        if plugin.tables is not None:
            store.bind(*plugin.tables.table_classes)
    why = {plugin.id: failed.get(plugin.id) or _behind(plugin.id) for plugin in late}
    return loaded.without([Refusal(plugin.id, plugin.distribution, why[plugin.id]) for plugin in late])


async def _upgrade(store: Store, loaded: Loaded, sources: Sequence[MigrationSource]) -> dict[str, MigrationFailed]:
    """The core first, then each plugin by itself: one whose upgrade fails holds up no other.

    :returns: plugin → what went wrong; nothing of the failed migration was kept
    :raises MigrationFailed: the core's own upgrade failed
    """
    plugins = {plugin.id for plugin in loaded.plugins if not plugin.built_in}
    await migrate(store, [source for source in sources if source.app not in plugins])
    failed = {}
    for source in sources:
        if source.app in plugins:
            try:
                await migrate(store, [source])
            except MigrationFailed as error:
                failed[source.app] = error
    return failed


def _behind(names: str) -> MigrationsPending:
    return MigrationsPending(
        f"数据库还没有升级（{names}）。请先停下服务，运行 liren migrate。",
        f"The database has not been upgraded ({names}). Stop the server and run: liren migrate",
    )


def _wired(settings: Settings, store: Store, vault: Vault, kernel: Kernel) -> Street:
    def now() -> datetime:
        return clock.now(settings.tz)

    identity = Identity(store, vault, now, profile=settings.profile)
    identity.units.photos = Photos(store, vault, settings.home / "files")
    identity.settings = lambda: kernel.settings("identity") or AccountSettings()
    identity.know(
        (role for plugin in kernel.plugins.values() for role in plugin.roles),
        [one.name for plugin in kernel.plugins.values() for one in plugin.permissions if one.street],
    )
    signers = {plugin.id: plugin.signer for plugin in kernel.plugins.values() if plugin.signer is not None}
    custody = Custody(vault, signers, settings.signer)
    ledger = Ledger(
        vault,
        tz=settings.tz,
        anchor=settings.anchor,
        gate=reviewer_gate(identity.who),
        custody=custody,
        keys=settings.home / "keys",
    )
    store.join(ledger)
    site = _site(settings, vault, kernel, identity)
    tasks = BackgroundTasks(store)
    kernel.wire(
        Services(
            people=identity.people,
            secrets=vault,
            units=identity.units,
            ledger=Reader(store, ledger),
            writing=StoreWriting(store, lambda plugin: kernel.plugins[plugin].events),
            inbox=InboxService(store),
            sessions=identity.who,
            pages=SitePages(site),
            tasks=tasks,
            cases=CaseDesk(store, vault, settings.home / "files", kernel, identity.who, settings.tz),
            acting=ActingDesk(
                store, vault, settings.home / "files", kernel, identity.people, identity.throttle, identity.who
            ),
            clock=now,
        )
    )
    jobs = Runner(kernel, store, settings.tz)
    events = Deliverer(kernel, store, settings.tz)
    return Street(settings, store, vault, kernel, identity, ledger, site, jobs, tasks, events)


def _site(settings: Settings, vault: Vault, kernel: Kernel, identity: Identity) -> Site:
    theme, fallback = choose(settings.theme)
    site = Site(
        secret=vault.derived("web"),
        packages=[Package(plugin.id, plugin.folder) for plugin in kernel.plugins.values()],
        theme=theme,
        fallback=fallback,
        sessions=identity.sessions,
        drafts=identity.drafts,
        lists=Lists(identity.store, vault),
        public_url=settings.public_url,
        tz=settings.tz,
    )
    site.chrome = chrome_of(kernel)
    site.remember = identity.remember
    return site
