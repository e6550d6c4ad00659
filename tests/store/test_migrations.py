# SPDX-License-Identifier: Apache-2.0
"""Migrations: in order, once, and never half."""

from pathlib import Path

import pytest

from liren.store import MigrationSource, Store, migrate, pending
from liren.store.migrations import MigrationFailed

GOOD = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Varchar
from piccolo.table import Table

ID = "{id}"
DESCRIPTION = "test"

class T(Table, tablename="{table}"):
    name = Varchar()

async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="{app}", description=DESCRIPTION)
    async def run():
        await T.create_table()
        {more}
    manager.add_raw(run)
    return manager
"""


def write(folder: Path, name: str, *, id: str, table: str, app: str = "x", more: str = "pass") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(GOOD.format(id=id, table=table, app=app, more=more))


async def test_two_apps_with_the_same_file_name_each_run_their_own_once(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "x", "m1.py", id="1", table="x_one", app="x")
    write(tmp_path / "y", "m1.py", id="1", table="y_one", app="y")
    sources = [MigrationSource("x", tmp_path / "x"), MigrationSource("y", tmp_path / "y")]
    assert await migrate(store, sources) == [("x", "1"), ("y", "1")]
    assert await migrate(store, sources) == []
    assert await store.read("SELECT COUNT(*) FROM x_one") == [(0,)]
    assert await store.read("SELECT COUNT(*) FROM y_one") == [(0,)]


async def test_a_migration_that_fails_half_way_leaves_nothing_and_runs_again_when_mended(
    store: Store, tmp_path: Path
) -> None:
    source = MigrationSource("x", tmp_path / "x")
    write(tmp_path / "x", "m1.py", id="1", table="x_one", more="raise ValueError('half-way')")
    with pytest.raises(MigrationFailed, match="half-way"):
        await migrate(store, [source])
    assert [m.id for m in await pending(store, [source])] == ["1"]
    write(tmp_path / "x", "m1.py", id="1", table="x_one")
    assert await migrate(store, [source]) == [("x", "1")]


async def test_two_files_with_one_id_are_refused(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "x", "m1.py", id="1", table="x_one")
    write(tmp_path / "x", "m2.py", id="1", table="x_two")
    with pytest.raises(MigrationFailed, match="also in m1.py"):
        await migrate(store, [MigrationSource("x", tmp_path / "x")])


async def test_a_file_that_cannot_be_imported_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "broken.py").write_text("import nothing_like_this")
    with pytest.raises(MigrationFailed, match="broken.py"):
        await migrate(store, [MigrationSource("x", tmp_path / "x")])
