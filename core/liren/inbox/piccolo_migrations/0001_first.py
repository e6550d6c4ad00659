# SPDX-License-Identifier: Apache-2.0
"""Notices."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, BigSerial, Text, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "inbox_notice"


class Notice(Table, tablename="inbox_notice"):
    id = BigSerial(primary_key=True)
    person = Varchar(length=40, index=True)
    plugin = Varchar(length=20)
    text = Text()
    link = Text()
    at_ms = BigInt()
    read_ms = BigInt(null=True, default=None)
    forwarded_ms = BigInt(null=True, default=None)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="inbox", description=DESCRIPTION)

    async def run() -> None:
        await Notice.create_table()

    manager.add_raw(run)
    return manager
