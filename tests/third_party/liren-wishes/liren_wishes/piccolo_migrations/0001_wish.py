# SPDX-License-Identifier: Apache-2.0
"""The table of wishes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Text, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "wishes_wish"


class Wish(Table, tablename="wishes_wish"):
    id = Varchar(length=16, primary_key=True)
    text = Text()
    person = Varchar(length=40)
    heard = BigInt()
    unit = Text(default="")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="wishes", description=DESCRIPTION)

    async def run() -> None:
        await Wish.create_table()

    manager.add_raw(run)
    return manager
