# SPDX-License-Identifier: Apache-2.0
"""A month's settlement slip: drafted by the street, agreed to by the merchant, attested, and then it stands."""

from hashlib import sha256
from typing import Any

import pytest

from liren.api import NotFound, Retain
from liren_market import personal, slips
from liren_market.tables import Merchant


async def sold(town: Any, clerk: str, points: int = 20) -> str:
    resident = await town.person("王秀兰", points=points)
    order = str(await town.order(resident, await town.goods(points=points)))
    await town.redeem(clerk, order)
    return order


async def test_both_sides_confirm_and_the_digest_stands_in_the_ledger(town: Any, employ: Any) -> None:
    clerk, manager = await employ("孙桂芳", town.shop), await town.person("周静", "market.manager")
    await sold(town, clerk)
    first = town.today().replace(day=1)
    month = f"{first:%Y-%m}"
    shop = await Merchant.objects().get(Merchant.id == town.shop)
    with pytest.raises(NotFound):
        slips.first_of(month, town.today())
    town.clock.days(32)
    assert slips.first_of(month, town.today()) == first

    street = await town.browser(manager)
    page = await street.open(f"/market/desk/merchants/{town.shop}/settlement?month={month}")
    assert "20 分" in page.text
    page = await page.press("出结算单")
    assert "等商户确认" in page.text
    other = await town.browser(await employ("别家店员", town.other_shop))
    assert (await other.open(f"/market/counter/settlement?at={town.shop}&month={month}")).status == 404

    counter = await town.browser(clerk)
    page = await counter.open(f"/market/counter/settlement?month={month}")
    paper = f"/market/counter/settlement/{town.shop}/{month}/paper"
    assert "还不能用来结算" in (await counter.open(paper)).text
    page = await counter.open(f"/market/counter/settlement?at={town.shop}&month={month}")
    page = await page.press("核对无误，确认")
    assert "双方已确认" in page.text

    slip = await slips.slip_of(town.shop, month)
    assert slip is not None
    assert (slip.points, slip.orders, slip.drafted_by, slip.agreed_by) == (20, 1, manager, clerk)
    for who, path in ((counter, paper), (street, f"/market/desk/merchants/{town.shop}/settlement/{month}/paper")):
        printed = (await who.open(path)).text
        assert all(each in printed for each in ("孙桂芳", "周静", slip.rid, "双方各留一份"))
        assert "还不能用来结算" not in printed
    assert (await other.open(paper)).status == 404
    rows = await town.street.store.read("SELECT body FROM log_entry WHERE rid = ? AND kind = 'attest'", slip.rid)
    told = await slips.month_of(town.shop, first)
    digest = sha256(slips.TAG + bytes.fromhex(slip.salt) + told.document(slip.id)).digest()
    from base64 import urlsafe_b64encode

    assert urlsafe_b64encode(digest).rstrip(b"=") in bytes(rows[0][0])
    assert await town.takings(town.shop) == 20, "the core clears the points, not the market"
    assert shop is not None
    await slips.draft(await town.as_(manager), town.key(), shop, first)
    again = await slips.slip_of(town.shop, month)
    assert again is not None
    assert again.rid == slip.rid, "what both agreed to stands"

    (told,) = [table for table in await personal.export(town.ctx(), clerk) if table.title == "经办的结算单"]
    assert [row["身份"] for row in told.rows] == ["代商户确认"]
    async with town.street.store.transaction("job:test"):
        kept = await personal.erase(town.ctx(), manager)
        await personal.merged("somebody", clerk)
    assert isinstance(kept, Retain)
    assert (kept.until.year, kept.rows) == (first.year + 30, 1), "like a voucher"
    slip = await slips.slip_of(town.shop, month)
    assert slip is not None
    assert (slip.drafted_by, slip.agreed_by) == (manager, "somebody")


async def test_a_slip_that_no_longer_fits_is_not_agreed_to(town: Any, employ: Any) -> None:
    clerk, manager = await employ("孙桂芳", town.shop), await town.person("周静", "market.manager")
    await sold(town, clerk)
    first = town.today().replace(day=1)
    shop = await Merchant.objects().get(Merchant.id == town.shop)
    assert shop is not None
    staff, seller = await town.as_(manager), await town.as_(clerk)
    await slips.draft(staff, town.key(), shop, first)
    await sold(town, clerk, points=5)
    slip = await slips.slip_of(town.shop, f"{first:%Y-%m}")
    assert slip is not None
    with pytest.raises(slips.SlipChanged):
        await slips.agree(seller, town.key(), slip, first)
    await slips.draft(staff, town.key(), shop, first)
    fresh = await slips.slip_of(town.shop, f"{first:%Y-%m}")
    assert fresh is not None
    assert fresh.points == 25
    assert await slips.agree(seller, town.key(), fresh, first)
    other = await Merchant.objects().get(Merchant.id == town.other_shop)
    assert other is not None
    with pytest.raises(slips.NothingToSettle):
        await slips.draft(staff, town.key(), other, first)
