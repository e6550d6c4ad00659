# SPDX-License-Identifier: Apache-2.0
"""Migrations make the tables that are declared, under the plugin's own prefix, and can be taken back."""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from liren.plugins.plugin import Plugin
from liren.store import MigrationSource, Store, Tx, migrate
from liren.store import migrations as runner
from liren.testing.contract.subject import its
from liren.testing.databases import Postgres
from liren.testing.street import Running
from liren.testing.tables import Shape, shape

__all__ = ["test_its_migrations_make_its_tables_and_can_be_taken_back"]


async def test_its_migrations_make_its_tables_and_can_be_taken_back(
    street: Running, plugin: str, street_server: Postgres | None, tmp_path: Path
) -> None:
    """On an empty database: up, down, and up again.

    Down is what each migration says (``add_raw_backwards``); where one says nothing, the plugin's tables are dropped,
    as ``liren plugin remove --drop-tables`` does.
    """
    loaded = its(street, plugin)
    if loaded.tables is None:
        pytest.skip("the plugin has no tables")
    source = MigrationSource(plugin, Path(loaded.tables.migrations_folder_path))
    database = str(tmp_path / "empty.sqlite") if street_server is None else await street_server.create()
    store = await Store.open(database)
    try:
        await migrate(store, [])
        before = await shape(store)
        first = await up(store, source, before)
        _as_declared(loaded, first)
        await down(store, source, first)
        assert await shape(store) == before, f"left after going down: {set(await shape(store)) - set(before)}"
        assert await up(store, source, before) == first, "the second way up led somewhere else"
    finally:
        await store.close()
        if street_server is not None:
            await street_server.drop(database)


def _as_declared(plugin: Plugin, made: Shape) -> None:
    assert plugin.tables is not None
    foreign = sorted(table for table in made if not table.startswith(f"{plugin.id}_"))
    assert not foreign, f"migrations make tables outside the prefix {plugin.id}_: {', '.join(foreign)}"
    declared = {
        table._meta.tablename: {column._meta.db_column_name for column in table._meta.columns}
        for table in plugin.tables.table_classes
    }
    for table, columns in declared.items():
        assert table in made, f"no migration makes {table}"
        odd = sorted(columns ^ made[table])
        assert not odd, f"{table}: columns of tables.py and of the migrations differ: {', '.join(odd)}"


async def up(store: Store, source: MigrationSource, before: Shape) -> Shape:
    await migrate(store, [source])
    return {table: columns for table, columns in (await shape(store)).items() if table not in before}


async def down(store: Store, source: MigrationSource, made: Shape) -> None:
    """Backwards, the last first; in one transaction with the history, as forwards."""
    steps = list(reversed(runner.load(source)))
    managers = [await _manager(step.module()) for step in steps]
    if all(manager.raw_backwards for manager in managers):
        for manager in managers:
            await _inside(store, manager.raw_backwards)
    else:
        await _inside(store, [], drop=sorted(made))
    async with store.transaction("job:test") as tx:
        await tx.sql("DELETE FROM migration WHERE app = ?", source.app)


async def _manager(module: Any) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return await module.forwards()


async def _inside(store: Store, steps: Sequence[Any], *, drop: Sequence[str] = ()) -> None:
    tx: Tx
    async with store.transaction("job:test") as tx:
        for table in drop:
            await tx.sql(f'DROP TABLE "{table}"' + (" CASCADE" if store.kind == "postgres" else ""))
        for step in steps:
            answer = step()
            if hasattr(answer, "__await__"):
                await answer
