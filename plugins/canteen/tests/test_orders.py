# SPDX-License-Identifier: Apache-2.0
"""From the wish to the order: what it costs, who is refused and why, cancelling, the month's cap; on both databases."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from plugins.canteen.tests.table import CAPPED, EVERY, OFF_65, OFF_80, Table

from liren.api import Conflict, NotFound
from liren.privacy import duties
from liren.testing.outbox import Outbox
from liren_canteen import counter, diners, doubles, errors, kitchen, menus, orders, rulebook, sites, standing
from liren_canteen.tables import MealOrder, Site


async def refused(wish: Any, error: type[errors.CanteenError]) -> errors.CanteenError:
    with pytest.raises(error) as caught:
        await wish
    return caught.value


async def test_an_order_holds_the_shares_and_the_points_and_a_cancelled_one_gives_all_back(table: Table) -> None:
    await table.rules(OFF_80, OFF_65)
    person, line = await table.elder(points=5), await table.line(points_most=3, portions=2)
    key = table.key()
    order = await table.order(person, line, points=2, key=key)
    row = await table.row(order)
    assert (row.price_fen, row.subsidy_fen, row.points, row.due_fen, row.state) == (1500, 700, 2, 600, "placed")
    assert await table.shares(person) == [("区民政局", 500), ("街道", 200)]
    assert await table.ledger.balance(person) == 3
    assert await table.ledger.held_at(f"escrow/{row.spend}") == 2
    assert await table.order(person, line, points=2, own=800, key=key) == order, "the same request again"
    with pytest.raises(Conflict):
        await table.order(person, line, points=1, own=800, key=key)
    ended = await orders.cancel(await table.ctx(person), table.key(), person, order)
    assert ended.points == 2
    assert await table.ledger.balance(person) == 5
    assert await table.shares(person) == []
    assert await table.ordered(line) == 0
    assert (await table.row(order)).state == "cancelled"
    await refused(orders.cancel(await table.ctx(person), table.key(), person, order), errors.CannotCancel)
    assert await table.order(person, line), "it can be ordered again"
    await table.ledger.verify()


async def test_an_order_after_cut_off_is_refused_to_the_minute(table: Table) -> None:
    person, line = await table.elder(), await table.line()
    late = await table.elder("赵德厚")
    table.clock.set(datetime(2031, 3, 4, 9, 29))
    order = await table.order(person, line)
    table.clock.set(datetime(2031, 3, 4, 9, 30))
    said = await refused(table.order(late, line), errors.TooLate)
    assert "09:30" in said.zh
    await refused(orders.cancel(await table.ctx(person), table.key(), person, order), errors.CannotCancel)


async def test_supper_is_ordered_in_the_afternoon_and_not_until_seven_the_next_morning(table: Table) -> None:
    """The 12-hour clock of a real system took 7:00 for 19:00."""
    person, supper = await table.elder(), await table.line(meal="supper", day=table.today)
    table.clock.set(datetime(2031, 3, 3, 14, 59))
    await table.order(person, supper)
    other = await table.elder("赵德厚")
    table.clock.set(datetime(2031, 3, 3, 18, 59))
    await refused(table.order(other, supper), errors.TooLate)


async def test_a_double_claim_at_two_sites_is_subsidised_once(table: Table) -> None:
    await table.rules(OFF_80)
    person, line = await table.elder(), await table.line()
    await table.order(person, line)
    said = await refused(table.order(person, line, site=await table.second_site()), errors.OrderedAlready)
    assert "老街幸福食堂" in said.zh
    assert await table.shares(person) == [("区民政局", 500)]


async def test_a_cap_race_of_a_hundred_wishes_ends_on_the_last_fen(table: Table) -> None:
    """One diner, a hundred meals at once: the cap of 12.00 is given out exactly, whoever comes first."""
    await table.rules(CAPPED)
    person = await table.elder()
    (await table.ctx()).settings  # noqa: B018 - the street's own
    days = [table.tomorrow + timedelta(days=n) for n in range(7)]
    lines = [await table.line(day=day, meal=meal) for day in days for meal in ("lunch", "supper")]
    wishes = [(line, own) for line in lines for own in (1000, 1300, 1500)] * 3
    tries = [table.order(person, line, own=own) for line, own in wishes[:100]]
    done = [one for one in await asyncio.gather(*tries, return_exceptions=True) if isinstance(one, str)]
    shares = await table.shares(person)
    assert sum(fen for _, fen in shares) == 1200
    assert sorted(fen for _, fen in shares if fen) == [200, 500, 500]
    rows = await MealOrder.objects().where(MealOrder.id.is_in(done))
    assert all(row.price_fen == row.subsidy_fen + row.due_fen for row in rows)
    assert len({(row.day, row.meal) for row in rows}) == len(rows)


async def test_a_hundred_people_get_the_last_three_portions_once_each(table: Table) -> None:
    people = [await table.elder(f"王{c}") for c in "甲乙丙丁戊己庚辛壬癸"]
    line = await table.line(portions=3)
    tries = [table.order(person, line, own=1500) for person in people for _ in range(10)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, str) for one in found) == 3
    assert await table.ordered(line) == 3


async def test_the_bill_that_changed_is_shown_before_anything_is_ordered(table: Table) -> None:
    person, line = await table.elder(), await table.line()
    await table.rules(OFF_80)
    said = await refused(table.order(person, line, own=1500), errors.BillChanged)
    assert "原来 15 元，现在 10 元" in said.zh
    assert await MealOrder.count() == 0


async def test_who_died_or_moved_away_orders_nothing_and_what_is_open_is_void(table: Table, outbox: Outbox) -> None:
    await table.rules(OFF_80)
    gone = {await table.elder(points=3): False, await table.elder("赵德厚", points=3): True}
    neighbour = await table.elder("孙桂芳")
    tuesday, wednesday = await table.line(points_most=3), await table.line(day=table.tomorrow + timedelta(days=1))
    kept = await table.order(neighbour, tuesday)
    wish = standing.StandingForm(table.site, "lunch", EVERY)  # type: ignore[arg-type]
    open_orders = []
    for person in gone:
        open_orders.append(await table.order(person, tuesday, points=3))
        await standing.begin(await table.ctx(person), table.key(), person, wish)
    table.clock.set(datetime(2031, 3, 4, 9, 30))
    await table.jobs(kitchen.count_due)
    open_orders += [await table.order(person, wednesday) for person in gone]
    for person, died in gone.items():
        await table.street.departs(person, died=died)
        assert await standing.live_of(person) == [], "at once"
        await refused(table.order(person, wednesday, own=1000), errors.NotHereAnyMore)
    clerk = await table.ctx(table.manager)
    for order in open_orders[:2]:
        row = await table.row(order)
        taking = counter.take(clerk, table.key(), counter.Take(order, table.site, row.due_fen))
        with pytest.raises((errors.NotHereAnyMore, errors.CodeOver)):  # void already, where the event was quicker
            await taking
    await outbox.deliver()
    await table.jobs(standing.order_ahead)
    for person in gone:
        assert await table.shares(person) == []
        assert await table.ledger.balance(person) == 3
    assert {(await table.row(order)).state for order in open_orders} == {"cancelled"}
    assert (await table.row(kept)).state == "cooking"
    assert (await table.ordered(tuesday), await table.ordered(wednesday)) == (3, 0), "what is cooked stays cooked"
    await table.ledger.verify()


async def test_two_entries_that_ordered_one_meal_keep_the_first_order(table: Table, outbox: Outbox) -> None:
    await table.rules(OFF_80)
    kept, gone = await table.elder(points=3), await table.elder("王秀蓝", points=3)
    noon, later = await table.line(points_most=3), await table.line(day=table.tomorrow + timedelta(days=1))
    first = await table.order(gone, noon)
    table.clock.forward(minutes=1)
    second, other = await table.order(kept, noon, points=3), await table.order(kept, later)
    street = table.street.street
    privacy = await table.street.acting("privacy", table.manager)
    await duties.merge(street.store, privacy, table.key(), kept=kept, gone=gone)
    assert await doubles.second_orders(kept) == [second]
    await outbox.deliver()
    states = {order: (await table.row(order)).state for order in (first, second, other)}
    assert states == {first: "placed", second: "cancelled", other: "placed"}
    assert (await table.row(first)).person == kept
    assert await table.ledger.balance(kept) == 6
    assert await doubles.second_orders(kept) == []
    notices = await street.store.read("SELECT text FROM inbox_notice WHERE person = ?", kept)
    assert [text for (text,) in notices if "后订的那份取消了" in text] != []
    assert await table.ordered(noon) == 1
    await table.ledger.verify()


async def test_an_allergen_on_the_card_stops_the_order(table: Table) -> None:
    person, line = await table.elder(), await table.line(allergens=["fish", "soy"])
    await table.card(person, allergens=["fish"])
    said = await refused(table.order(person, line), errors.AllergenIn)
    assert "鱼" in said.zh
    await table.card(person, allergens=["egg"])
    assert await table.order(person, line)


async def test_delivery_needs_a_site_that_delivers_and_an_address(table: Table) -> None:
    person, line = await table.elder(), await table.line()
    await refused(table.order(person, line, way="deliver"), errors.NoAddress)
    await table.card(person, deliver_to="3 号楼 2 单元 501")
    await refused(table.order(person, line, way="deliver", site=await table.second_site()), errors.NoDelivery)
    assert (await table.row(await table.order(person, line, way="deliver"))).way == "deliver"


async def test_what_is_not_served_is_not_ordered(table: Table) -> None:
    person, line = await table.elder(), await table.line()
    await refused(table.order(person, await table.line(meal="breakfast")), errors.NotServed)
    far = await table.line(day=table.today + timedelta(days=8))
    await refused(table.order(person, far), errors.TooEarly)
    async with (await table.ctx()).transaction():
        await Site.update({Site.open: False}).where(Site.id == table.site)
    await refused(table.order(person, line), errors.NotServed)
    with pytest.raises(NotFound):
        await table.order(person, line, site="nosuchsite00")


async def test_points_that_are_not_there_order_nothing(table: Table) -> None:
    person, line = await table.elder(points=1), await table.line(points_most=5)
    await refused(table.order(person, line, points=3), errors.NotEnoughPoints)
    assert await table.ordered(line) == 0
    assert await table.ledger.balance(person) == 1


async def test_nobody_cancels_or_sees_somebody_elses_order(table: Table) -> None:
    person, other = await table.elder(), await table.elder("赵德厚")
    order = await table.order(person, await table.line())
    with pytest.raises(NotFound):
        await orders.cancel(await table.ctx(other), table.key(), other, order)


async def test_whose_birthday_it_is_on_the_day_of_the_meal_gets_the_subsidy_that_day(table: Table) -> None:
    await table.rules(OFF_80)
    birthday = table.tomorrow.replace(year=table.tomorrow.year - 80)
    person = await table.street.person("寿星", unit=table.unit, born=birthday)
    assert await table.own_share(person, await table.line(day=table.today, meal="supper")) == 1500
    assert await table.own_share(person, await table.line(day=table.tomorrow)) == 1000
    leap, unknown = await table.street.person("闰月", born=date(1948, 2, 29)), await table.elder("赵德厚", age=None)
    ages = (await table.ctx()).people.ages
    for day, age in ((date(2028, 2, 28), 79), (date(2028, 2, 29), 80), (date(2029, 2, 28), 80), (date(2029, 3, 1), 81)):
        assert await ages([leap, unknown, "nobody"], day) == {leap: age}


async def test_rules_hold_from_their_day_and_explain_the_bills_of_theirs(table: Table) -> None:
    await table.rules(OFF_80)
    person, line = await table.elder(), await table.line()
    order = await table.order(person, line)
    with pytest.raises(errors.StartsTooSoon):
        await table.rules(OFF_65, starts=table.today)
    later = await table.rules(OFF_65, starts=table.tomorrow + timedelta(days=1))
    assert await table.own_share(person, line) == 1000
    assert await table.own_share(person, await table.line(day=table.tomorrow + timedelta(days=1))) == 1300
    assert (await table.row(order)).subsidy_fen == 500
    ctx = await table.ctx(table.manager)
    with pytest.raises(errors.Published):
        await rulebook.add_rule(ctx, table.key(), later, OFF_80)
    empty = await rulebook.draft(ctx, table.key(), rulebook.VersionForm("空的"))
    for row in await rulebook.rows_of(empty):
        await rulebook.drop_rule(ctx, empty, row.id)
    with pytest.raises(errors.EmptyVersion):
        await rulebook.publish(ctx, table.key(), empty, rulebook.PublishForm(table.today + timedelta(days=9)))


async def test_somebody_elses_card_is_not_given_out_twice(table: Table) -> None:
    ctx, person, other = await table.ctx(table.manager), await table.elder(), await table.elder("赵德厚")
    await diners.check(ctx, person, diners.CheckForm(card="０００１-23"))
    assert await diners.holder_of(ctx, "000123") == person
    with pytest.raises(errors.CardTaken):
        await diners.check(ctx, other, diners.CheckForm(card="000123"))
    await diners.check(ctx, person, diners.CheckForm(lost=True))
    assert await diners.holder_of(ctx, "000123") is None
    await diners.check(ctx, other, diners.CheckForm(card="000123"))


async def test_a_meal_somebody_ordered_keeps_its_price_and_a_week_is_copied_once(table: Table) -> None:
    ctx, person = await table.ctx(table.manager), await table.elder()
    line = await table.line(price=1500)
    row = await menus.line_of(line)
    form = menus.LineForm(row.day, "lunch", row.title, 1600, listed=True)
    await menus.edit_line(ctx, line, form)
    await table.order(person, line)
    with pytest.raises(errors.Orders):
        await menus.edit_line(ctx, line, menus.LineForm(row.day, "lunch", row.title, 1700, listed=True))
    await menus.edit_line(ctx, line, menus.LineForm(row.day, "lunch", row.title, 1600, listed=False))
    await refused(table.order(await table.elder("赵德厚"), line), errors.LineGone)
    await menus.edit_line(ctx, line, form)
    week = menus.CopyForm(table.today + timedelta(days=7))
    assert await menus.copy_week(ctx, table.key(), table.kitchen, week) == 1
    assert await menus.copy_week(ctx, table.key(), table.kitchen, week) == 0


async def test_times_out_of_order_and_other_communities_are_refused(table: Table) -> None:
    from datetime import time

    ctx = await table.ctx(table.manager)
    for opens, closes, cutoff in ((13, 11, 9), (11, 13, 12), (7, 7, 6)):
        with pytest.raises(errors.WrongTimes):
            await sites.set_hours(
                ctx, table.site, sites.HoursForm("lunch", ["0"], time(opens), time(closes), time(cutoff))
            )
    units = await ctx.units.all("community")
    elsewhere = await table.street.person("外人", "canteen.manager", unit=units[1].code)
    with pytest.raises(NotFound):
        await sites.end_hours(await table.ctx(elsewhere), table.site, "lunch")
    assert await sites.hours_of(table.site)
