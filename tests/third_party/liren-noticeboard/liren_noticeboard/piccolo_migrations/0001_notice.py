# SPDX-License-Identifier: Apache-2.0
"""The table of notices, frozen as it was in 0.1."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Date, Text, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "noticeboard_notice"


class Notice(Table, tablename="noticeboard_notice"):
    id = Varchar(length=16, primary_key=True)
    title = Varchar(length=80)
    body = Text()
    author = Varchar(length=40)
    published_on = Date()


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="noticeboard", description=DESCRIPTION)

    async def run() -> None:
        await Notice.create_table()

    manager.add_raw(run)
    return manager
