# SPDX-License-Identifier: Apache-2.0
"""Kitchens, sites, menus, subsidy rules, diners, orders: the tables as they were first released."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Boolean, Bytea, Date, ForeignKey, OnDelete, Varchar
from piccolo.table import Table

ID = "0001"
DESCRIPTION = "canteen_kitchen … canteen_sheet"


class Kitchen(Table, tablename="canteen_kitchen"):
    id = Varchar(12, primary_key=True, default="")
    name = Varchar(60, null=False)
    unit = Varchar(32, null=False, index=True)
    phone = Varchar(30, null=False, default="")


class Site(Table, tablename="canteen_site"):
    id = Varchar(12, primary_key=True, default="")
    kitchen = ForeignKey(Kitchen, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(60, null=False)
    kind = Varchar(10, null=False, default="canteen")
    unit = Varchar(32, null=False, index=True)
    address = Varchar(120, null=False, default="")
    phone = Varchar(30, null=False, default="")
    seats = BigInt(null=False, default=0)
    delivers = Boolean(null=False, default=False)
    open = Boolean(null=False, default=True)


class Hours(Table, tablename="canteen_hours"):
    id = Varchar(12, primary_key=True, default="")
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict, index=True)
    meal = Varchar(10, null=False)
    weekdays = Varchar(7, null=False, default="1111111")
    opens_min = BigInt(null=False)
    closes_min = BigInt(null=False)
    cutoff_min = BigInt(null=False)
    cutoff_days = BigInt(null=False, default=0)


class Photo(Table, tablename="canteen_photo"):
    id = Varchar(12, primary_key=True, default="")
    kind = Varchar(4, null=False)
    content = Bytea(null=False)


class MenuLine(Table, tablename="canteen_menu"):
    id = Varchar(12, primary_key=True, default="")
    kitchen = ForeignKey(Kitchen, null=False, on_delete=OnDelete.restrict)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    title = Varchar(40, null=False)
    detail = Varchar(200, null=False, default="")
    price_fen = BigInt(null=False)
    portions = BigInt(null=False, default=0)
    ordered = BigInt(null=False, default=0)
    points_most = BigInt(null=False, default=0)
    allergens = Varchar(80, null=False, default="")
    diets = Varchar(60, null=False, default="")
    photo = Varchar(12, null=True, default=None)
    listed = Boolean(null=False, default=True)


class RuleVersion(Table, tablename="canteen_version"):
    id = Varchar(12, primary_key=True, default="")
    title = Varchar(60, null=False)
    source = Varchar(120, null=False, default="")
    starts = Date(null=True, default=None)
    published_ms = BigInt(null=True, default=None)
    published_by = Varchar(64, null=True, default=None)


class SubsidyRule(Table, tablename="canteen_rule"):
    id = Varchar(12, primary_key=True, default="")
    version = ForeignKey(RuleVersion, null=False, on_delete=OnDelete.restrict, index=True)
    place = BigInt(null=False)
    title = Varchar(60, null=False)
    funder = Varchar(40, null=False)
    kind = Varchar(4, null=False)
    amount_fen = BigInt(null=False)
    meal = Varchar(10, null=False, default="")
    category = Varchar(12, null=False, default="")
    registration = Varchar(8, null=False, default="")
    age_from = BigInt(null=False, default=0)
    age_to = BigInt(null=True, default=None)
    monthly_cap_fen = BigInt(null=False, default=0)


class DinerCard(Table, tablename="canteen_diner"):
    person = Varchar(64, primary_key=True, default="")
    categories = Varchar(80, null=False, default="")
    registration = Varchar(8, null=False, default="")
    allergens = Varchar(80, null=False, default="")
    diets = Varchar(60, null=False, default="")
    site = Varchar(12, null=False, default="")
    deliver_to = Varchar(80, null=False, default="")
    card_hash = Varchar(64, null=True, default=None, unique=True)
    checked_on = Date(null=True, default=None)
    checked_by = Varchar(64, null=True, default=None)
    evidence = Varchar(120, null=False, default="")


class MealOrder(Table, tablename="canteen_order"):
    id = Varchar(12, primary_key=True, default="")
    person = Varchar(64, null=False)
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict)
    line = ForeignKey(MenuLine, null=False, on_delete=OnDelete.restrict)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    way = Varchar(8, null=False)
    title = Varchar(40, null=False)
    price_fen = BigInt(null=False)
    subsidy_fen = BigInt(null=False)
    points = BigInt(null=False, default=0)
    points_fen = BigInt(null=False, default=0)
    due_fen = BigInt(null=False)
    state = Varchar(10, null=False, default="placed")
    code_try = BigInt(null=False, default=0)
    code_hash = Varchar(64, null=False, unique=True)
    spend = Varchar(22, null=True, default=None)
    settle = Varchar(22, null=True, default=None)
    back = Varchar(22, null=True, default=None)
    placed_by = Varchar(64, null=False, default="")
    placed_ms = BigInt(null=False)
    paid_fen = BigInt(null=True, default=None)
    taken_ms = BigInt(null=True, default=None)
    taken_by = Varchar(64, null=True, default=None)
    route = Varchar(12, null=False, default="")


class SubsidyShare(Table, tablename="canteen_share"):
    id = Varchar(12, primary_key=True, default="")
    meal_order = ForeignKey(MealOrder, null=False, on_delete=OnDelete.restrict, index=True)
    person = Varchar(64, null=False)
    month = Varchar(7, null=False)
    funder = Varchar(40, null=False)
    rule = Varchar(12, null=False)
    title = Varchar(60, null=False)
    fen = BigInt(null=False)
    reason = Varchar(8, null=False)
    state = Varchar(8, null=False, default="held")


class Standing(Table, tablename="canteen_standing"):
    id = Varchar(12, primary_key=True, default="")
    person = Varchar(64, null=False, index=True)
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict)
    meal = Varchar(10, null=False)
    weekdays = Varchar(7, null=False)
    way = Varchar(8, null=False)
    since = Date(null=False, default=None)
    until = Date(null=True, default=None)
    told_on = Date(null=True, default=None)
    placed_by = Varchar(64, null=False, default="")


class KitchenSheet(Table, tablename="canteen_sheet"):
    id = Varchar(12, primary_key=True, default="")
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    made_ms = BigInt(null=False)
    portions = BigInt(null=False)


TABLES = (
    Kitchen,
    Site,
    Hours,
    Photo,
    MenuLine,
    RuleVersion,
    SubsidyRule,
    DinerCard,
    MealOrder,
    SubsidyShare,
    Standing,
    KitchenSheet,
)
INDEXES = (
    "CREATE UNIQUE INDEX canteen_hours_one ON canteen_hours (site, meal)",
    "CREATE INDEX canteen_menu_day ON canteen_menu (kitchen, day, meal)",
    "CREATE INDEX canteen_order_person ON canteen_order (person, day, meal)",
    "CREATE INDEX canteen_order_day ON canteen_order (site, day, meal)",
    "CREATE INDEX canteen_order_open ON canteen_order (day) WHERE state IN ('placed', 'cooking', 'ready', 'onway')",
    "CREATE INDEX canteen_order_eaten ON canteen_order (day, state)",
    "CREATE INDEX canteen_share_used ON canteen_share (person, month, funder)",
    "CREATE INDEX canteen_share_month ON canteen_share (month, funder)",
    "CREATE UNIQUE INDEX canteen_sheet_one ON canteen_sheet (site, day, meal)",
    "CREATE INDEX canteen_standing_live ON canteen_standing (until)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="canteen", description=DESCRIPTION)

    async def run() -> None:
        for table in TABLES:
            await table.create_table()
        for statement in INDEXES:
            await MealOrder.raw(statement)

    manager.add_raw(run)
    return manager
