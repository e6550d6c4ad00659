# SPDX-License-Identifier: Apache-2.0
"""What the canteen keeps. Points are the ledger's, people and units the core's: here stand their ids, no foreign keys.

Amounts are 分, times of the day minutes since midnight, moments Unix milliseconds. ``help_text`` says what a column
about a person is for.
"""

import secrets

from piccolo.columns import BigInt, Boolean, Bytea, Date, ForeignKey, OnDelete, Varchar
from piccolo.table import Table

ID_LENGTH = 12
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> str:
    """60 random bits, never reused: names a row in addresses, links and the ledger."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


class Kitchen(Table, tablename="canteen_kitchen"):
    """Where meals are cooked; one may cook for several sites."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    name = Varchar(60, null=False)
    unit = Varchar(32, null=False, index=True)
    """Code of the unit whose staff look after it."""
    phone = Varchar(30, null=False, default="")


class Site(Table, tablename="canteen_site"):
    """Where meals are eaten or fetched; its points are the ledger's ``merchant/canteen.<id>``."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
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
    """One meal at one site: on which days, from when to when, and until when it is ordered."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict, index=True)
    meal = Varchar(10, null=False)
    weekdays = Varchar(7, null=False, default="1111111")
    opens_min = BigInt(null=False)
    closes_min = BigInt(null=False)
    cutoff_min = BigInt(null=False)
    cutoff_days = BigInt(null=False, default=0)
    """Days before the meal on which ``cutoff_min`` stands; 0: the same day."""


class Photo(Table, tablename="canteen_photo"):
    """A picture of a meal, as the form drew it anew."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    kind = Varchar(4, null=False)
    content = Bytea(null=False)


class MenuLine(Table, tablename="canteen_menu"):
    """One meal that may be ordered: a set of dishes of one kitchen, day and meal."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    kitchen = ForeignKey(Kitchen, null=False, on_delete=OnDelete.restrict)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    title = Varchar(40, null=False)
    detail = Varchar(200, null=False, default="")
    price_fen = BigInt(null=False)
    portions = BigInt(null=False, default=0)
    """How many can be cooked; 0: as many as are ordered."""
    ordered = BigInt(null=False, default=0)
    points_most = BigInt(null=False, default=0)
    """Points that may be used for one portion; 0: none."""
    allergens = Varchar(80, null=False, default="")
    diets = Varchar(60, null=False, default="")
    photo = Varchar(ID_LENGTH, null=True, default=None)
    listed = Boolean(null=False, default=True)


class RuleVersion(Table, tablename="canteen_version"):
    """The subsidy rules as a whole, from a day on. A published version never changes."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    title = Varchar(60, null=False)
    source = Varchar(120, null=False, default="")
    """The paper that decided it (文号)."""
    starts = Date(null=True, default=None)
    """None: a draft."""
    published_ms = BigInt(null=True, default=None)
    published_by = Varchar(64, null=True, default=None)


class SubsidyRule(Table, tablename="canteen_rule"):
    """One rule of a version; see :class:`liren_canteen.subsidy.Rule`."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
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
    """What the canteen has to know of somebody: what raises their subsidy, what they must not eat."""

    person = Varchar(64, primary_key=True, default="", help_text="whose card")
    categories = Varchar(80, null=False, default="", help_text="which subsidy rules apply; canteen staff in scope")
    registration = Varchar(8, null=False, default="", help_text="which subsidy rules apply; canteen staff in scope")
    allergens = Varchar(80, null=False, default="", help_text="warns before ordering; sensitive, given by the diner")
    diets = Varchar(60, null=False, default="", help_text="which meal a standing order takes")
    site = Varchar(ID_LENGTH, null=False, default="", help_text="the usual canteen")
    deliver_to = Varchar(80, null=False, default="", help_text="where a meal is brought; volunteers of the day")
    card_hash = Varchar(64, null=True, default=None, unique=True, help_text="keyed hash of the card's number")
    checked_on = Date(null=True, default=None, help_text="when staff last saw the papers")
    checked_by = Varchar(64, null=True, default=None, help_text="who saw them")
    evidence = Varchar(120, null=False, default="", help_text="which papers were seen")


class MealOrder(Table, tablename="canteen_order"):
    """One meal of one person; its state follows the order's case."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    person = Varchar(64, null=False, help_text="who eats; empty once they asked to be forgotten")
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
    placed_by = Varchar(64, null=False, default="", help_text="who ordered it: the diner, somebody for them, a job")
    placed_ms = BigInt(null=False)
    paid_fen = BigInt(null=True, default=None)
    """What was taken at the counter; None: nothing was asked yet."""
    taken_ms = BigInt(null=True, default=None)
    taken_by = Varchar(64, null=True, default=None, help_text="the clerk or volunteer who handed it over")
    route = Varchar(ID_LENGTH, null=False, default="")
    """The delivery route it goes with."""


class SubsidyShare(Table, tablename="canteen_share"):
    """What one funder gives for one order; counted towards the month's cap while held or claimed."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    meal_order = ForeignKey(MealOrder, null=False, on_delete=OnDelete.restrict, index=True)
    person = Varchar(64, null=False, help_text="whose month it counts in")
    month = Varchar(7, null=False)
    funder = Varchar(40, null=False)
    rule = Varchar(ID_LENGTH, null=False)
    title = Varchar(60, null=False)
    fen = BigInt(null=False)
    reason = Varchar(8, null=False)
    state = Varchar(8, null=False, default="held")
    """``held`` ordered, ``earned`` eaten, ``freed`` cancelled or missed."""


class Standing(Table, tablename="canteen_standing"):
    """每周一三五: ordered by itself until the person says stop."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    person = Varchar(64, null=False, index=True, help_text="who eats")
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict)
    meal = Varchar(10, null=False)
    weekdays = Varchar(7, null=False)
    way = Varchar(8, null=False)
    since = Date(null=False, default=None)
    until = Date(null=True, default=None)
    told_on = Date(null=True, default=None)
    """The day that could not be ordered and was told about last."""
    placed_by = Varchar(64, null=False, default="", help_text="who set it up")


class KitchenSheet(Table, tablename="canteen_sheet"):
    """The count a kitchen cooks by, taken once, at cut-off."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    site = ForeignKey(Site, null=False, on_delete=OnDelete.restrict)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    made_ms = BigInt(null=False)
    portions = BigInt(null=False)


class Claim(Table, tablename="canteen_claim"):
    """What one funder owes for a month: the sheet as it was sealed, and the record that says so."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    month = Varchar(7, null=False)
    funder = Varchar(40, null=False)
    meals = BigInt(null=False)
    people = BigInt(null=False)
    fen = BigInt(null=False)
    content = Bytea(null=False)
    """The workbook; names in it are masked."""
    digest = Varchar(64, null=False)
    """SHA-256 of ``content``, in hex: what the ledger attests."""
    record = Varchar(22, null=False)
    made_ms = BigInt(null=False)
    made_by = Varchar(64, null=False, help_text="who sealed it")


class Route(Table, tablename="canteen_route"):
    """One volunteer's way with meals."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    site = Varchar(ID_LENGTH, null=False)
    day = Date(null=False, default=None)
    meal = Varchar(10, null=False)
    volunteer = Varchar(64, null=False, index=True, help_text="who brings the meals")
    meals = BigInt(null=False)
    homes = BigInt(null=False, default=0)
    """Reached, once it is over."""
    made_ms = BigInt(null=False)
    done_ms = BigInt(null=True, default=None)


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
    Claim,
    Route,
)
