# SPDX-License-Identifier: Apache-2.0
"""Merchants, goods, orders: the tables as they were first released."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Boolean, Date, ForeignKey, OnDelete, Text, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "market_merchant, market_goods, market_order"


class Merchant(Table, tablename="market_merchant"):
    id = Varchar(12, primary_key=True, default="")
    organisation = Varchar(64, null=False, index=True)
    name = Varchar(60, null=False)
    category = Varchar(12, null=False)
    unit = Varchar(32, null=False, index=True)
    address = Varchar(120, null=False, default="")
    hours = Varchar(60, null=False, default="")
    state = Varchar(12, null=False, default="applied")
    since_ms = BigInt(null=False, default=0)
    wrong_codes = BigInt(null=False, default=0)
    wrong_since_ms = BigInt(null=False, default=0)


class Goods(Table, tablename="market_goods"):
    id = Varchar(12, primary_key=True, default="")
    merchant = ForeignKey(Merchant, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(60, null=False)
    kind = Varchar(10, null=False, default="thing")
    detail = Text(null=False, default="")
    points = BigInt(null=False)
    stock = BigInt(null=False, default=0)
    monthly_limit = BigInt(null=False, default=0)
    listed = Boolean(null=False, default=True)


class MarketOrder(Table, tablename="market_order"):
    id = Varchar(12, primary_key=True, default="")
    person = Varchar(64, null=False)
    goods = ForeignKey(Goods, null=False, on_delete=OnDelete.restrict)
    merchant = ForeignKey(Merchant, null=False, on_delete=OnDelete.restrict)
    title = Varchar(60, null=False)
    pieces = BigInt(null=False)
    points = BigInt(null=False)
    state = Varchar(10, null=False, default="placed")
    code_try = BigInt(null=False, default=0)
    code_hash = Varchar(64, null=False, unique=True)
    spend = Varchar(22, null=False)
    settle = Varchar(22, null=True, default=None)
    back = Varchar(22, null=True, default=None)
    placed_ms = BigInt(null=False)
    placed_on = Date(null=False, default=None)
    expires_on = Date(null=False, default=None)
    settled_ms = BigInt(null=True, default=None)
    settled_on = Date(null=True, default=None)
    settled_by = Varchar(64, null=True, default=None)
    ended_ms = BigInt(null=True, default=None)


INDEXES = (
    "CREATE INDEX market_order_person ON market_order (person, placed_ms)",
    "CREATE INDEX market_order_held ON market_order (goods, person, placed_on)",
    "CREATE INDEX market_order_taken ON market_order (merchant, settled_ms)",
    "CREATE INDEX market_order_month ON market_order (settled_on)",
    "CREATE INDEX market_order_due ON market_order (expires_on) WHERE state = 'placed'",
    "CREATE INDEX market_order_waiting ON market_order (merchant) WHERE state = 'placed'",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="market", description=DESCRIPTION)

    async def run() -> None:
        for table in (Merchant, Goods, MarketOrder):
            await table.create_table()
        for statement in INDEXES:
            await MarketOrder.raw(statement)

    manager.add_raw(run)
    return manager
