# SPDX-License-Identifier: Apache-2.0
"""The table of beds."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "garden_bed"


class Bed(Table, tablename="garden_bed"):
    wish = Varchar(length=16, primary_key=True)
    watered = BigInt()


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="garden", description=DESCRIPTION)

    async def run() -> None:
        await Bed.create_table()

    manager.add_raw(run)
    return manager
