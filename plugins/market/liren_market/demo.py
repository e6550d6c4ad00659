# SPDX-License-Identifier: Apache-2.0
"""Fills the demo street's market through the same verbs its pages use: every order is signed, settled and refunded
for real, so the day of each is the day the demo was made.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from liren.api import Context, Demo, OrganisationCard, Subject
from liren_market import counter, for_someone, orders, queries, shops
from liren_market.demo_catalogue import STALLS, Stall, stall_of
from liren_market.errors import MarketError
from liren_market.orders import PlaceOrder
from liren_market.shops import NewMerchant
from liren_market.views import GoodsView

ORDERS = 72
CITY_ORDERS = 1_700
"""As many as a city redeems in a year."""
CITY_LOOKED_AT = 60_000
PART = 1_000
"""Balances read at a stretch."""
ELDER = "卢淑萍"
LOOKED_AT = 600
"""People whose balance is read to find buyers."""
ENDINGS = ("settle", "settle", "open", "settle", "settle", "refund", "settle", "settle", "cancel", "settle", "open")
"""What becomes of the orders, in turn."""


@dataclass(frozen=True, slots=True)
class Buyer:
    person: str
    points: int


async def fill(ctx: Context, demo: Demo) -> None:
    """Six merchants with goods, and about seventy orders: fetched, open, cancelled, refunded.

    Needs organisations of kind ``merchant`` and people with points; where either is missing it does what it can.
    """
    clerk = await demo.acting("market.clerk")
    own = [o.name for o in await ctx.people.organisations_of(clerk.visitor.person)] if clerk.visitor else []
    organisations = await ctx.people.organisations_by_kind("merchant")
    if not organisations:
        return
    stalls, orders_wanted, looked_at = list(STALLS), ORDERS, LOOKED_AT
    if demo.scale == "city":
        named = {stall.name for stall in stalls}
        stalls += [stall_of(each.name) for each in organisations if each.name not in named]
        orders_wanted, looked_at = CITY_ORDERS, CITY_LOOKED_AT
    shelves = [await _open(ctx, stall, _owner(stall, organisations, own)) for stall in stalls]
    # One of each shelf in turn, so that every merchant has something to show.
    wares = [goods for row in zip(*(_cycle(shelf) for shelf in shelves), strict=False) for goods in row]
    await demo.step("orders", lambda: _orders(ctx, clerk, demo, wares, orders_wanted, looked_at))
    await demo.step("elder", lambda: _for_an_elder(ctx, demo, wares))


async def _orders(
    ctx: Context, clerk: Context, demo: Demo, wares: Sequence[GoodsView], wanted: int, looked_at: int
) -> None:
    counters = {merchant.id for merchant in await counter.counters_of(clerk)}
    for number, buyer in enumerate((await _buyers(ctx, looked_at))[:wanted]):
        affordable = [goods for goods in wares if goods.stock and goods.points <= buyer.points]
        if affordable:
            goods = affordable[number % len(affordable)]
            await _one(ctx, clerk if goods.merchant in counters else ctx, number, buyer, goods)
        demo.progress("market", number + 1, wanted)


async def _for_an_elder(ctx: Context, demo: Demo, wares: Sequence[GoodsView]) -> None:
    """The grid worker orders for an elder at her door, as she signed."""
    worker = (await demo.acting("acting.helper")).of(ctx.plugin)
    found = await ctx.people.lookup(ELDER, limit=1)
    points = (await ctx.ledger.balance(Subject("h", found[0].id))).total if found else 0
    within = next((goods for goods in wares if goods.stock and goods.points <= points), None)
    if within is None:
        return
    async with worker.transaction() as tx:
        mandate = await worker.acting.begin(tx, found[0].id, "paper", [for_someone.ORDER])
    await for_someone.place(worker, "demo/for", PlaceOrder(found[0].id, within.id, 1, within.points), mandate)


def _owner(stall: Stall, organisations: Sequence[OrganisationCard], own: Sequence[str]) -> OrganisationCard:
    """The organisation of that name; else the clerk's, so that at least somebody can redeem there."""
    by_name = {organisation.name: organisation for organisation in organisations}
    return by_name.get(stall.name) or next((by_name[n] for n in own if n in by_name), organisations[0])


async def _open(ctx: Context, stall: Stall, owner: OrganisationCard) -> list[GoodsView]:
    units = await ctx.units.all("community")
    unit = next((unit for unit in units if unit.name.startswith(stall.community)), units[0])
    form = NewMerchant(owner.id, stall.name, stall.category, unit.code, stall.address, stall.hours)
    merchant = await shops.insert_merchant(ctx, f"demo/{stall.name}", form, steps=("sign", "open"))
    await shops.stock_shelf(ctx, f"demo/{stall.name}/goods", merchant, stall.goods)
    return await queries.goods_of(merchant)


def _cycle(shelf: Sequence[GoodsView]) -> Iterator[GoodsView]:
    """The shelf again and again, as far as the largest shelf needs."""
    for number in range(max(len(stall.goods) for stall in STALLS)):
        yield shelf[number % len(shelf)]


async def _buyers(ctx: Context, looked_at: int) -> list[Buyer]:
    """People with enough points, spread over the whole street; the demo's residents with the most come first."""
    people = await ctx.people.keys()
    step = max(1, len(people) // looked_at)
    found = []
    for number, person in enumerate(people[::step]):
        if number % PART == 0:
            await asyncio.sleep(0)
        points = (await ctx.ledger.balance(Subject("h", person.id))).total
        if points >= 3:
            found.append(Buyer(person.id, points))
    return sorted(found, key=lambda buyer: (-buyer.points, buyer.person))


async def _one(ctx: Context, clerk: Context, number: int, buyer: Buyer, goods: GoodsView) -> None:
    key = f"demo/order/{buyer.person}"
    try:
        placed = await orders.place(ctx, key, PlaceOrder(buyer.person, goods.id, 1, goods.points))
    except MarketError:  # a monthly limit, or the last piece is gone: as on any street
        return
    ending = ENDINGS[number % len(ENDINGS)]
    if ending == "cancel":
        await orders.cancel(ctx, f"{key}/cancel", buyer.person, placed.order)
    if ending not in ("settle", "refund"):
        return
    code = orders.code_of(ctx, placed.order, 0)
    await counter.settle(clerk, f"{key}/settle", counter.Redeem(goods.merchant, placed.order, code))
    if ending == "refund":
        await counter.take_back(clerk, f"{key}/refund", counter.TakeBack(placed.order, restock=True))
