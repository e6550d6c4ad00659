# SPDX-License-Identifier: Apache-2.0
"""Settlement slips: what a merchant handed out in a month, confirmed by both sides."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Varchar
from piccolo.table import Table

ID = "0020"
DESCRIPTION = "market_slip"


class MarketSlip(Table, tablename="market_slip"):
    id = Varchar(12, primary_key=True, default="")
    place = Varchar(24, null=False, unique=True)
    merchant = Varchar(12, null=False, index=True)
    month = Varchar(7, null=False)
    orders = BigInt(null=False)
    points = BigInt(null=False)
    drafted_by = Varchar(64, null=False)
    drafted_ms = BigInt(null=False)
    agreed_by = Varchar(64, null=True, default=None)
    agreed_ms = BigInt(null=True, default=None)
    salt = Varchar(64, null=False, default="")
    rid = Varchar(22, null=True, default=None)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="market", description=DESCRIPTION)

    async def run() -> None:
        await MarketSlip.create_table()

    manager.add_raw(run)
    return manager
