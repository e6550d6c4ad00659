# SPDX-License-Identifier: Apache-2.0
"""The market keeps the contract, as any plugin must."""

from typing import Any

import pytest
from plugins.market.tests.specimens import specimens as planted

from liren.identity.organisations import verbs as organisations
from liren.testing.contract import *  # noqa: F403
from liren.testing.points import Points
from liren.testing.street import Running
from liren_market import orders, shops
from liren_market.orders import PlaceOrder
from liren_market.shops import GoodsForm, NewMerchant


@pytest.fixture
def plugin() -> str:
    return "market"


@pytest.fixture
def specimens() -> Any:
    return planted


@pytest.fixture
async def known_person(street: Running, ledger: Points) -> str:
    """Somebody with an order, cancelled: one still to be fetched is kept."""
    person, market = await street.person("王秀兰"), await street.acting("market")
    await ledger.give(person, 50)
    [unit, *_] = await street.street.identity.units.all("community")
    async with street.street.store.transaction("job:test") as tx:
        shop = await organisations.add(tx, name="老街信用超市", kind="merchant", unit=unit.code, opened=market.today())
    form = NewMerchant(shop, "老街信用超市", "daily", unit.code, "老街 18 号", "每天 8:00–18:00")
    merchant = await shops.insert_merchant(market, "merchant-of-the-test", form, steps=("sign", "open"))
    shelf = (GoodsForm("洗衣液 2 千克", "thing", 20, 10, 0, "", listed=True),)
    [goods] = await shops.stock_shelf(market, "goods-of-the-test", merchant, shelf)
    ctx = await street.acting("market", person)
    placed = await orders.place(ctx, "order-of-the-test", PlaceOrder(person, goods, 1, 20))
    await orders.cancel(ctx, "cancel-of-the-test", person, placed.order)
    return person
