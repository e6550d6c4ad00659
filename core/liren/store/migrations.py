# SPDX-License-Identifier: Apache-2.0
"""Runs migrations of the core and of plugins: Piccolo's files, our runner.

Stock Piccolo imports migration files by bare name (two plugins with the same file name collide, and the second re-runs
the first's) and keeps history outside the migration's transaction. Here a file is loaded by its path, and each
migration runs under the writer's lock in one transaction with its history row: killed in the middle, it never ran.
"""

import contextlib
import importlib.util
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from liren import clock
from liren.errors import LirenError
from liren.store.store import Store
from liren.store.tx import Tx
from liren.unchanged import read_once

HISTORY = (
    "CREATE TABLE IF NOT EXISTS migration"
    " (app TEXT NOT NULL, id TEXT NOT NULL, ran_ms BIGINT NOT NULL, PRIMARY KEY (app, id))"
)


class MigrationFailed(LirenError):
    """A migration file is wrong, or its statements failed; nothing of it was kept."""

    code = "migration-failed"


@dataclass(frozen=True, slots=True)
class MigrationSource:
    """Where the migrations of one app lie."""

    app: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Migration:
    app: str
    id: str
    path: Path

    def module(self) -> ModuleType:
        """Imported anew each time: a table that stands in a migration remembers the database it was first used on."""
        return _module(self.path)


OWN = MigrationSource("store", Path(__file__).with_name("piccolo_migrations"))


def load(source: MigrationSource) -> list[Migration]:
    """The migrations of one app in order of their ids.

    :raises MigrationFailed: a file cannot be imported, has no ``ID`` or shares one
    """
    found: dict[str, Migration] = {}
    for path in sorted(source.folder.glob("[!_]*.py")):
        try:
            identity = _identity(path)
        except Exception as error:
            raise _failed(source.app, path.name, error) from error
        if identity in found:
            raise _failed(source.app, path.name, f"ID {identity} is also in {found[identity].path.name}")
        found[identity] = Migration(source.app, identity, path)
    return [found[identity] for identity in sorted(found)]


@read_once
def _identity(path: Path) -> str:
    return str(_module(path).ID)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"liren_migrations.{path.parent.parent.name}.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def pending(store: Store, sources: Sequence[MigrationSource]) -> list[Migration]:
    """What has not run yet, the store's own first, then in the order of ``sources``."""
    try:
        ran = set(await store.read("SELECT app, id FROM migration"))
    except Exception:  # no history table yet: the database is new
        ran = set()
    return [m for source in (OWN, *sources) for m in load(source) if (m.app, m.id) not in ran]


async def migrate(store: Store, sources: Sequence[MigrationSource]) -> list[tuple[str, str]]:
    """Run what is pending; with the web stopped, for it bypasses the writer.

    :returns: (app, id) of each migration that ran now
    """
    _announce_engine(store)
    backend = store.backend
    await backend.begin()
    await backend.sql(HISTORY)
    await backend.commit()
    done = []
    for migration in await pending(store, sources):
        await _run(store, migration)
        done.append((migration.app, migration.id))
    return done


async def _run(store: Store, migration: Migration) -> None:
    backend = store.backend
    if backend.kind == "sqlite":  # SQLite alters a table by create, copy, rename
        await backend.sql("PRAGMA foreign_keys = OFF")
    try:
        await backend.begin()
        tx = Tx(backend, clock.now_ms(), f"job:migrate.{migration.app}")
        token = store.engine.current_transaction.set(tx)
        try:
            # Piccolo's manager prints its progress; the command line prints ours.
            with contextlib.redirect_stdout(io.StringIO()):
                manager = await migration.module().forwards()
                await manager.run()
            if backend.kind == "sqlite" and (broken := await backend.sql("PRAGMA foreign_key_check")):
                raise ValueError(f"foreign keys point nowhere: {broken[:3]}")
            await tx.sql(
                "INSERT INTO migration (app, id, ran_ms) VALUES (?, ?, ?)",
                migration.app,
                migration.id,
                tx.now_ms,
            )
            await tx.end(failed=False)
            await backend.commit()
        finally:
            store.engine.current_transaction.reset(token)
    except Exception as error:
        await backend.rollback()
        raise _failed(migration.app, migration.path.name, error) from error
    finally:
        if backend.kind == "sqlite":
            await backend.sql("PRAGMA foreign_keys = ON")


def _announce_engine(store: Store) -> None:
    """Piccolo's manager finds its engine through a module called ``piccolo_conf``: give it one for this database."""
    conf = ModuleType("piccolo_conf")
    conf.DB = store.engine  # type: ignore[attr-defined]
    sys.modules["piccolo_conf"] = conf


def _failed(app: str, file: str, why: object) -> MigrationFailed:
    return MigrationFailed(
        f"模块 {app} 的数据库升级 {file} 没有成功，已全部撤回：{why}。请把这段话发给模块作者。",
        f"Migration {file} of {app} failed and was rolled back completely: {why}. Send this to the module's author.",
    )
