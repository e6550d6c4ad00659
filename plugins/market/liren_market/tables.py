# SPDX-License-Identifier: Apache-2.0
"""What the market keeps: merchants, goods, orders. Points are the ledger's; here stand only the records' ids.

People, organisations and units are named by the core's ids, without foreign keys.
"""

import secrets

from piccolo.columns import BigInt, Boolean, Date, ForeignKey, OnDelete, Text, Varchar
from piccolo.table import Table

ID_LENGTH = 12
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> str:
    """60 random bits, never reused: names a row in addresses, links and the ledger."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


class Merchant(Table, tablename="market_merchant"):
    """A counter where points are redeemed; several may belong to one organisation."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    organisation = Varchar(64, null=False, index=True)
    """Identity's id: who acts for it may redeem here."""
    name = Varchar(60, null=False)
    category = Varchar(12, null=False)
    unit = Varchar(32, null=False, index=True)
    """Code of the community it stands in."""
    address = Varchar(120, null=False, default="")
    hours = Varchar(60, null=False, default="")
    state = Varchar(12, null=False, default="applied")
    """Follows the merchant's case, in the same transaction."""
    since_ms = BigInt(null=False, default=0)
    """When the state last changed, Unix ms."""
    wrong_codes = BigInt(null=False, default=0)
    wrong_since_ms = BigInt(null=False, default=0)


class Goods(Table, tablename="market_goods"):
    """Something a merchant gives for points: a thing or a service."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    merchant = ForeignKey(Merchant, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(60, null=False)
    kind = Varchar(10, null=False, default="thing")
    """``thing`` or ``service``."""
    detail = Text(null=False, default="")
    points = BigInt(null=False)
    """Apiece."""
    stock = BigInt(null=False, default=0)
    monthly_limit = BigInt(null=False, default=0)
    """Pieces a person a month; 0: no limit."""
    listed = Boolean(null=False, default=True)


class MarketOrder(Table, tablename="market_order"):
    """Points of one person in escrow for one thing, until it is fetched, cancelled or expired."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    person = Varchar(64, null=False)
    """Identity's person id; empty once the person asked to be forgotten."""
    goods = ForeignKey(Goods, null=False, on_delete=OnDelete.restrict)
    merchant = ForeignKey(Merchant, null=False, on_delete=OnDelete.restrict)
    title = Varchar(60, null=False)
    """As it was called when ordered."""
    pieces = BigInt(null=False)
    points = BigInt(null=False)
    """All pieces together."""
    state = Varchar(10, null=False, default="placed")
    code_try = BigInt(null=False, default=0)
    """Which of the order's possible codes is in force (another order may have had the same digits)."""
    code_hash = Varchar(64, null=False, unique=True)
    spend = Varchar(22, null=False)
    settle = Varchar(22, null=True, default=None)
    back = Varchar(22, null=True, default=None)
    """Record of the void or refund."""
    placed_ms = BigInt(null=False)
    placed_on = Date(null=False, default=None)
    expires_on = Date(null=False, default=None)
    """Last day it can be fetched, inclusive."""
    settled_ms = BigInt(null=True, default=None)
    settled_on = Date(null=True, default=None)
    settled_by = Varchar(64, null=True, default=None)
    """Person id of the clerk."""
    ended_ms = BigInt(null=True, default=None)
    """Cancelled, expired or refunded."""


class MarketSlip(Table, tablename="market_slip"):
    """What a merchant handed out in one month: drafted by the street, agreed to by the merchant, attested then."""

    id = Varchar(ID_LENGTH, primary_key=True, default=new_id)
    place = Varchar(24, null=False, unique=True)
    """``<merchant>/<month>``: one slip each."""
    merchant = Varchar(ID_LENGTH, null=False, index=True)
    month = Varchar(7, null=False)
    orders = BigInt(null=False)
    points = BigInt(null=False)
    drafted_by = Varchar(64, null=False, help_text="拟定的工作人员的编号：公务记录，随会计凭证保存三十年")
    """Person id of the manager, who acted for the street."""
    drafted_ms = BigInt(null=False)
    agreed_by = Varchar(64, null=True, default=None, help_text="代商户确认的人的编号：随会计凭证保存三十年")
    """Person id of the clerk, who acted for the merchant."""
    agreed_ms = BigInt(null=True, default=None)
    salt = Varchar(64, null=False, default="")
    """Hex: with it and the slip's text anyone computes the digest in the ledger."""
    rid = Varchar(22, null=True, default=None)
    """The ledger's record of the slip."""


TABLES = (Merchant, Goods, MarketOrder, MarketSlip)
