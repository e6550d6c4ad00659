# SPDX-License-Identifier: Apache-2.0
"""What the market holds in one community, for everybody of another to ask for (``liren.testing.foreign``)."""

from liren.identity.organisations import verbs as organisations
from liren.testing.foreign import Specimens
from liren.testing.points import Points
from liren.testing.street import Running
from liren_market import counter, for_someone, orders, shops
from liren_market.orders import PlaceOrder
from liren_market.shops import GoodsForm, NewMerchant
from liren_market.tables import MarketSlip

BUYER, CLERK, HELPER = "麴采薇", "麴掌柜", "麴帮手"


async def specimens(running: Running, community: str) -> Specimens:
    """A shop with goods and three orders of a resident: one to be fetched, one fetched, one a worker placed for her."""
    street = running.street
    person = await running.person(BUYER, unit=community)
    clerk = await running.person(CLERK, "market.clerk", unit=community)
    await Points(street).give(person, 60)
    market = await running.acting("market")
    async with street.store.transaction("job:test") as tx:
        firm = await organisations.add(tx, name="采薇杂货", kind="merchant", unit=community, opened=market.today())
        await organisations.join(tx, organisation=firm, person=clerk, role="clerk", since=market.today())
    form = NewMerchant(firm, "采薇杂货", "daily", community, "槐荫里 3 号", "每天")
    shop = await shops.insert_merchant(market, "specimen-shop", form, steps=("sign", "open"))
    [goods] = await shops.stock_shelf(
        market, "specimen-goods", shop, (GoodsForm("毛巾", "thing", 10, 9, 0, "", listed=True),)
    )
    buyer = await running.acting("market", person)
    placed = [await orders.place(buyer, f"specimen-order-{n}", PlaceOrder(person, goods, 1, 10)) for n in range(2)]
    codes = [orders.code_of(market, one.order, 0) for one in placed]
    behind = await running.acting("market", clerk)
    await counter.settle(behind, "specimen-settle", counter.Redeem(shop, placed[1].order, codes[1]))
    helper = await running.acting("market", await running.person(HELPER, "acting.helper", unit=community))
    async with helper.transaction() as tx:
        mandate = await helper.acting.begin(tx, person, "paper", [for_someone.ORDER])
    await for_someone.place(helper, "specimen-for-her", PlaceOrder(person, goods, 1, 10), mandate)
    [(of_helper,)] = await street.store.read("SELECT subject FROM acting_slip WHERE mandate = ?", mandate.id)
    month = "2026-10"
    async with street.store.transaction("job:test"):
        await MarketSlip.insert(
            MarketSlip(
                id="slip2345abcd",
                place=f"{shop}/{month}",
                merchant=shop,
                month=month,
                orders=1,
                points=10,
                drafted_by=clerk,
                drafted_ms=1,
            )
        )
    return Specimens(
        {
            "market.order": placed[0].order,
            "market.voucher_for/order": of_helper,
            "market.mandate": mandate.id,
            "market.taken/order": placed[1].order,
            "market.refund/order": placed[1].order,
            "market.merchant": shop,
            "market.goods": goods,
            "market.at": shop,
            "market.code": codes[0],
            "market.organisation": firm,
            "market.unit": community,
        },
        [BUYER, CLERK, HELPER, codes[0]],
        plain={
            "market.slip_paper/month": month,
            "market.own_slip_paper/month": month,
            "market.category": "daily",
            "market.within": "50",
            "market.kind": "thing",
            "market.count": "1",
        },
        # Everybody's points are taken in every shop of the street.
        open_to_all=["market.goods", "market.confirm", "market.place"],
    )
