# SPDX-License-Identifier: Apache-2.0
"""repairs_repair."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Text
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "repairs_repair"


class Repair(Table, tablename="repairs_repair"):
    id = Text(primary_key=True, default=None)
    text = Text()
    state = Text()
    parts = BigInt(default=1)
    fixed = BigInt(default=0)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="repairs", description=DESCRIPTION)

    async def run() -> None:
        await Repair.create_table()

    manager.add_raw(run)
    return manager
