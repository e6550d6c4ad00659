# SPDX-License-Identifier: Apache-2.0
"""Sealed claims of a month, and volunteers' delivery routes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Bytea, Date, Varchar
from piccolo.table import Table

ID = "0002"
DESCRIPTION = "canteen_claim, canteen_route"


class Claim(Table, tablename="canteen_claim"):
    id = Varchar(12, primary_key=True, default="")
    month = Varchar(7, null=False)
    funder = Varchar(40, null=False)
    meals = BigInt(null=False)
    people = BigInt(null=False)
    fen = BigInt(null=False)
    content = Bytea(null=False)
    digest = Varchar(64, null=False)
    record = Varchar(22, null=False)
    made_ms = BigInt(null=False)
    made_by = Varchar(64, null=False)


class Route(Table, tablename="canteen_route"):
    id = Varchar(12, primary_key=True, default="")
    site = Varchar(12, null=False)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    volunteer = Varchar(64, null=False, index=True)
    meals = BigInt(null=False)
    homes = BigInt(null=False, default=0)
    made_ms = BigInt(null=False)
    done_ms = BigInt(null=True, default=None)


INDEXES = (
    "CREATE UNIQUE INDEX canteen_claim_one ON canteen_claim (month, funder)",
    "CREATE INDEX canteen_order_route ON canteen_order (route) WHERE route <> ''",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="canteen", description=DESCRIPTION)

    async def run() -> None:
        for table in (Claim, Route):
            await table.create_table()
        for statement in INDEXES:
            await Claim.raw(statement)

    manager.add_raw(run)
    return manager
