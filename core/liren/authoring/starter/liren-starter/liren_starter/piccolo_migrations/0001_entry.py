# SPDX-License-Identifier: Apache-2.0
"""The first table, frozen as it is now; what changes later gets a migration of its own."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Date, Text, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "starter_entry"


class Entry(Table, tablename="starter_entry"):
    id = Varchar(length=16, primary_key=True)
    title = Varchar(length=40)
    body = Text()
    author = Varchar(length=40, index=True)
    written_on = Date()


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="starter", description=DESCRIPTION)

    async def up() -> None:
        await Entry.create_table()

    async def down() -> None:
        await Entry.alter().drop_table()

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
