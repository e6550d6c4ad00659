# SPDX-License-Identifier: Apache-2.0
"""Budgets, settlements and corrections take two people: what one proposed, another signs; nobody signs their own."""

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from tests.ledger.conftest import Clock
from tests.ledger.test_pages import awarded

from liren.ledger import duties
from liren.ledger.log import records
from liren.plugins.points import Settle, Spend, Subject
from liren.plugins.types import Erased, Retain
from liren.store import Tx
from liren.testing.street import Running, Visitor, small_street


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def proposed(visitor: Visitor, kind: str, **fields: str) -> str:
    answer = await visitor.send_form(f"/ledger/desk/{kind}", f"/ledger/desk/{kind}", **fields)
    assert answer.status_code == 303, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
    return str(answer.headers["location"])


async def signed(visitor: Visitor, page: str) -> str:
    """Sign as reviewer; the page it leads to, or the refusal."""
    answer = await visitor.send_form(page, f"{page}/confirm")
    return (await visitor.get(answer.headers["location"])).text if answer.status_code == 303 else answer.text


async def test_a_budget_takes_two_people(running: Running) -> None:
    await awarded(running, await running.person("王秀兰"))
    code = (await running.street.identity.units.all("community"))[1].code
    balance = running.street.kernel.services.ledger.balance_of
    await running.person("钱会计", "ledger.treasurer")
    clerk, reviewer = await running.signed_in("钱会计"), await running.signed_in("李敏")
    for wrong in ({"amount": "0"}, {"amount": "x"}, {"unit": "nowhere"}, {"reason": ""}):
        given = {"unit": code, "asset": "resident", "amount": "500", "reason": "区里下拨", **wrong}
        assert (await clerk.send_form("/ledger/desk/budget", "/ledger/desk/budget", **given)).status_code == 422
    page = await proposed(clerk, "budget", unit=code, asset="resident", amount="500", reason="区里下拨")
    assert await balance(f"budget/{code}") == 0
    assert "要另一位审核员签名" in (await clerk.get(page)).text
    assert "等另一人签" in (await reviewer.get("/ledger/desk")).text
    assert (await clerk.post(f"{page}/confirm", data={})).status_code in (400, 403)
    assert "已入账" in await signed(reviewer, page)
    assert await balance(f"budget/{code}") == 500
    assert (await reviewer.send_form("/ledger/desk/reverse", f"{page}/confirm")).status_code == 409

    own = await proposed(reviewer, "budget", unit=code, asset="resident", amount="-100", reason="收回")
    assert (await reviewer.send_form("/ledger/desk/reverse", f"{own}/confirm")).status_code == 403, "four eyes"
    assert await balance(f"budget/{code}") == 500
    back = await reviewer.send_form(own, f"{own}/refuse", note="写错了")
    assert back.status_code == 303
    assert "已撤回" in (await reviewer.get("/ledger/desk")).text
    await running.run("ledger", "months")
    assert "500" in (await reviewer.get("/ledger/desk")).text
    rows = await running.street.store.read("SELECT what FROM audit WHERE what LIKE 'ledger.%' ORDER BY id")
    assert [what for (what,) in rows] == [
        "ledger.proposed",
        "ledger.confirmed",
        "ledger.proposed",
        "ledger.withdrawn",
    ]
    resident = await running.signed_in("王秀兰")
    for path in ("/ledger/desk", "/ledger/desk/budget", page):
        assert (await resident.get(path)).status_code in (403, 404)
    for visitor in (resident, clerk, reviewer):
        await visitor.aclose()
    await what_they_did_in_office(running, page.rpartition("/")[2])


async def what_they_did_in_office(running: Running, proposal: str) -> None:
    """Theirs to read, kept as long as a voucher, carried along when two entries were one person."""
    store, ctx = running.street.store, await running.acting("ledger")
    ((who, decided),) = await store.read("SELECT proposed_by, decided_by FROM ledger_proposal WHERE id = ?", proposal)
    (told,) = await duties.export(ctx, who)
    assert [row["身份"] for row in told.rows] == ["提出"]
    async with store.transaction("job:test"):
        kept = await duties.erase(ctx, decided)
    assert isinstance(kept, Retain)
    assert kept.until == date(running.street.today().year + 30, 12, 31)
    assert "会计档案" in kept.law
    async with store.transaction("job:test"):
        await duties.merged("somebody", who)
    found = await store.read("SELECT proposed_by, decided_by FROM ledger_proposal WHERE id = ?", proposal)
    assert found == [("somebody", decided)]
    async with store.transaction("job:test") as tx:
        await tx.sql("UPDATE ledger_proposal SET proposed_ms = 0 WHERE id = ?", proposal)
        assert await duties.erase(ctx, "somebody") == Erased(1)
    assert await store.read("SELECT proposed_by FROM ledger_proposal WHERE id = ?", proposal) == [("",)]


async def test_an_award_is_corrected_in_part_and_the_resident_reads_why(running: Running) -> None:
    person = await running.person("王秀兰")
    posted = await awarded(running, person)
    await running.person("钱会计", "ledger.treasurer")
    clerk, reviewer = await running.signed_in("钱会计"), await running.signed_in("李敏")
    assert "最多还能更正" in (await clerk.get(f"/ledger/desk/reverse?record={posted.rid}")).text
    too_much = {"record": posted.rid, "amount": "31", "reason": "重复登记"}
    assert (await clerk.send_form("/ledger/desk/reverse", "/ledger/desk/reverse", **too_much)).status_code == 422
    page = await proposed(clerk, "reverse", record=posted.rid, amount="10", reason="重复登记")
    assert "已入账" in await signed(reviewer, page)
    assert (await running.street.kernel.services.ledger.balance(Subject("h", person))).total == 20
    resident = await running.signed_in("王秀兰")
    assert "重复登记" in (await resident.get("/ledger/mine")).text
    assert (await clerk.get("/ledger/desk/reverse?record=AAAAAAAAAAAAAAAAAAAAAA")).status_code == 404
    typo = {"record": "A" * 22, "amount": "1", "reason": "重复登记"}
    sent = await clerk.send_form("/ledger/desk/reverse", "/ledger/desk/reverse", **typo)
    assert (sent.status_code, "再核对一遍" in sent.text, "重复登记" in sent.text) == (404, True, True), (
        "nothing typed is lost"
    )

    again = await proposed(clerk, "reverse", record=posted.rid, amount="20", reason="全部更正")

    async def spend(tx: Tx) -> bool:
        await tx.part("ledger").post(Spend(Subject("h", person), "market.order", 20))
        return True

    await running.street.store.once("job:test", "spend", "spend", spend, returns=bool)
    assert "已经用完" in await signed(reviewer, again), "what is gone is never a debt"
    assert "不同意" in (await reviewer.get(again)).text, "it stays open, to be refused"
    assert (await reviewer.send_form(again, f"{again}/refuse", note="已用完")).status_code == 303
    for visitor in (resident, clerk, reviewer):
        await visitor.aclose()


async def test_who_moved_away_is_told_and_the_account_closed_a_month_later(running: Running, clock: Clock) -> None:
    person = await running.person("王秀兰")
    await awarded(running, person)
    await running.person("钱会计", "ledger.treasurer")
    clerk, reviewer = await running.signed_in("钱会计"), await running.signed_in("李敏")
    address = f"/ledger/desk/close/{person}"
    assert (await clerk.get(address)).status_code == 404, "she lives here"
    assert "王" not in (await clerk.get("/ledger/desk")).text
    await running.departs(person)
    for _ in range(2):
        await running.street.events.look()
    queue = (await clerk.get("/ledger/desk")).text
    assert address in queue, "who may not look people up finds who left with points"
    assert "王**" in queue
    assert "王秀兰" not in queue
    assert "30" in (await clerk.get(address)).text
    answer = await clerk.send_form(address, address, reason="已迁出，家属同意")
    page = str(answer.headers["location"])
    store = running.street.store
    ((told,),) = await store.read("SELECT text FROM inbox_notice WHERE person = ?", person)
    assert "注销" in told
    assert address not in (await clerk.get("/ledger/desk")).text, "proposed once"
    shown = (await reviewer.get(page)).text
    assert "签名并入账" not in shown
    for words in ("王**", "30 分", "已迁出，家属同意", "才能签名", "迁出"):
        assert words in shown, words
    assert "王秀兰" not in shown
    assert page in (await reviewer.get("/ledger/desk")).text
    assert "通知期" in await signed(reviewer, page), "the notice is not over"
    balance = running.street.kernel.services.ledger.balance
    assert (await balance(Subject("h", person))).total == 30
    clock.set(2026, 12, 21, 9, 0)
    await running.new_link("李敏", (await running.street.identity.people.lookup("李敏"))[0].id)
    reviewer = await running.signed_in("李敏")
    assert "已入账" in await signed(reviewer, page)
    assert (await balance(Subject("h", person))).total == 0
    noted = "SELECT COUNT(*) FROM ledger_proposal WHERE state = 'noted'"
    assert await store.read(noted) == [(1,)]
    clock.set(2027, 3, 21, 9, 0)
    await running.street.jobs.run_now("ledger", "expire")
    assert await store.read(noted) == [(0,)], "nothing is left of it, and it is forgotten"
    ctx = await running.acting("ledger")
    assert [row["为什么"] for table in await duties.export(ctx, person) for row in table.rows] == ["已迁出，家属同意"]
    async with store.transaction("job:test"):
        await duties.erase(ctx, person)
    assert await store.read("SELECT 1 FROM ledger_proposal WHERE body LIKE ?", f"%{person}%") == []
    for visitor in (clerk, reviewer):
        await visitor.aclose()


async def test_a_merchant_is_settled_against_its_slip(running: Running) -> None:
    person = await running.person("王秀兰")
    await awarded(running, person)

    async def sell(tx: Tx) -> str:
        ledger = tx.part("ledger")
        order = await ledger.post(Spend(Subject("h", person), "market.order", 12))
        await ledger.post(Settle(order.rid, "market.shop1", "market.fetched"))
        digest = records.attest_digest(b"s" * 32, b"slip")
        street = (await running.street.identity.units.street()).code
        return str((await ledger.attest("slip/one", digest, code="market.slip", unit=street)).rid)

    slip = await running.street.store.once("job:test", "sell", "sell", sell, returns=str)
    await running.person("钱会计", "ledger.treasurer")
    clerk, reviewer = await running.signed_in("钱会计"), await running.signed_in("李敏")
    asked = f"/ledger/desk/clear?slip={slip}&merchant=market.shop1&points=12"
    assert slip in (await clerk.get(asked)).text
    good = {"slip": slip, "merchant": "market.shop1", "points": "12", "reason": "十一月结算"}
    for wrong in (
        {"points": "13"},
        {"slip": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"merchant": "canteen.shop1"},
        {"merchant": "shop1"},
    ):
        sent = await clerk.send_form("/ledger/desk/clear", "/ledger/desk/clear", **{**good, **wrong})
        assert sent.status_code == 422
    page = await proposed(clerk, "clear", **good)
    assert "已入账" in await signed(reviewer, page)
    balance = running.street.kernel.services.ledger.balance_of
    assert (await balance("merchant/market.shop1"), await balance("redeemed")) == (0, 12)
    assert (await clerk.send_form("/ledger/desk/clear", "/ledger/desk/clear", **good)).status_code == 422

    led = re.search(r'href="(/ledger/desk/reverse\?record=([^"]{22}))"', (await clerk.get(page)).text)
    assert led is not None, "the settled slip leads to its reversal"
    asking = (await clerk.get(led[1])).text
    assert "market.shop1" in asking
    assert "退回商户账上" in asking
    wrong_way = await proposed(clerk, "reverse", record=led[2], amount="12", reason="结算到别家去了")
    assert "结算 12 分" in (await reviewer.get(wrong_way)).text, "who signs sees what is reversed"
    assert "已入账" in await signed(reviewer, wrong_way)
    assert (await balance("merchant/market.shop1"), await balance("redeemed")) == (12, 0)
    one, other = await proposed(clerk, "clear", **good), await proposed(clerk, "clear", **good)
    assert "已入账" in await signed(reviewer, one)
    assert "已经结算过了" in await signed(reviewer, other), "two open proposals of one slip are not both posted"
    assert await balance("redeemed") == 12
    assert led[1] not in (await clerk.get(page)).text, "nothing of the first is left to reverse"
    for visitor in (clerk, reviewer):
        await visitor.aclose()
