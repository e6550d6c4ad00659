# SPDX-License-Identifier: Apache-2.0
"""The pages, read and sent the way a browser without script does."""

import re
from typing import Any

from liren_market import rules, shops

COUNTER = "/market/counter"


async def test_a_resident_chooses_checks_confirms_and_gets_a_code(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20, stock=3)
    page = await (await town.browser(resident)).open("/market/")
    assert "50 分" in page.text
    assert "老街信用超市 我的社区" in page.text
    assert "洗衣液 2 千克" in page.text
    await page.open(f"/market/goods/{goods}")
    assert "还有 3 份" in page.text
    await page.open(f"/market/goods/{goods}/confirm?count=2")
    assert "兑换后还剩 10 分" in page.text
    await page.send(f"/market/goods/{goods}/confirm")
    assert page.status == 200
    order = str(page.answer.url).rpartition("/")[2]
    code = rules.in_groups(await town.code(order))
    assert code in page.text
    assert f'aria-label="兑换码 {code}"' in page.answer.text
    assert await town.points_of(resident) == 10
    await page.open(f"/market/orders/{order}/voucher")
    assert code in page.text
    assert "领取人 王秀兰" in page.text
    await page.open("/market/orders")
    assert "洗衣液 2 千克 × 2" in page.text
    await page.open("/home")
    assert "等您来取" in page.text


async def test_pressing_confirm_twice_orders_once(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20)
    page = await (await town.browser(resident)).open(f"/market/goods/{goods}/confirm")
    sent = page.fields(f"/market/goods/{goods}/confirm")
    first = await page.client.post(f"/market/goods/{goods}/confirm", data=sent)
    again = await page.client.post(f"/market/goods/{goods}/confirm", data=sent)
    assert first.headers["location"] == again.headers["location"]
    other = await page.client.post(f"/market/goods/{goods}/confirm", data={**sent, "count": "2"})
    assert other.status_code == 409
    assert await town.points_of(resident) == 30


async def test_a_changed_price_is_shown_on_the_same_page_with_the_new_one_to_confirm(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20)
    action = f"/market/goods/{goods}/confirm"
    page = await (await town.browser(resident)).open(action)
    await town.reprice(goods, 25)
    await page.send(action)
    assert page.status == 409
    assert "原来每份 20 分，现在每份 25 分" in page.text
    assert await town.points_of(resident) == 50
    await page.send(action)
    assert page.status == 200
    assert await town.points_of(resident) == 25


async def test_bad_numbers_of_pieces_are_questions_not_errors(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20)
    action = f"/market/goods/{goods}/confirm"
    page = await town.browser(resident)
    for count in ("0", "-1", "11", "99999999999999999999", "abc", ""):
        await page.open(f"{action}?count={count}")
        assert page.status == 200
        await page.send(action, count=count)
        assert page.status == 422, count
        assert "份数" in page.text
    assert await town.points_of(resident) == 50
    await page.send(action, count="１")
    assert await town.points_of(resident) == 30


async def test_nobody_else_sees_a_code_and_strangers_are_asked_to_sign_in(town: Any) -> None:
    resident, other = await town.person("王秀兰", points=50), await town.person("赵磊", points=50)
    order = await town.order(resident, await town.goods())
    for path in (f"/market/orders/{order}", f"/market/orders/{order}/voucher", "/market/orders/aaaaaaaaaaaa"):
        page = await (await town.browser(other)).open(path)
        assert page.status == 404
        assert rules.in_groups(await town.code(order)) not in page.answer.text
    stranger = await town.browser()
    assert (await stranger.client.get("/market/")).headers["location"].startswith("/login?next=")
    page = await (await town.browser(other)).open(COUNTER)
    assert page.status == 403
    page = await (await town.browser(other)).open("/market/desk")
    assert page.status == 403


async def test_a_resident_cancels_and_the_page_says_what_came_back(town: Any) -> None:
    resident = await town.person("王秀兰", points=50)
    order = await town.order(resident, await town.goods(points=20))
    page = await (await town.browser(resident)).open(f"/market/orders/{order}")
    await page.send(f"/market/orders/{order}/cancel")
    assert "已取消，20 分退回来了" in page.text
    assert await town.points_of(resident) == 50
    late = await page.client.post(f"/market/orders/{order}/cancel", data=page.fields("/logout"))
    assert late.status_code == 409
    assert "已经取消" in late.text


async def test_the_clerk_types_checks_and_hands_out_then_refunds(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=50)
    order = await town.order(resident, await town.goods(points=20))
    page = await (await town.browser(clerk)).open(COUNTER)
    await page.send(COUNTER, code=rules.in_groups(await town.code(order)))
    assert "洗衣液 2 千克" in page.text
    assert "王**" in page.text
    assert "王秀兰" not in page.answer.text
    await page.send(f"{COUNTER}/redeem")
    assert "已核销：洗衣液 2 千克，20 分" in page.text
    assert "核销 1 笔 20 分" in page.text
    await page.send(COUNTER, code=await town.code(order))
    assert page.status == 409
    assert "已经核销过了" in page.text
    await page.open(f"{COUNTER}/orders/{order}")
    await page.send(f"{COUNTER}/orders/{order}/refund")
    assert "已退货：洗衣液 2 千克，20 分退给了居民" in page.text
    assert await town.points_of(resident) == 50
    await page.open(f"{COUNTER}/orders/{order}")
    assert "已经退过了" in page.text
    await page.open(f"{COUNTER}/redemptions?at={town.shop}")
    assert "已退货，积分已退" in page.text


async def test_a_wrong_code_comes_back_with_its_value_and_what_to_do(town: Any, employ: Any) -> None:
    clerk = await employ("孙桂芳", town.shop)
    page = await (await town.browser(clerk)).open(COUNTER)
    await page.send(COUNTER, code="1234 5678")
    assert page.status == 404
    assert "本店没有这个兑换码" in page.text
    assert 'value="1234 5678"' in page.answer.text
    await page.send(COUNTER, code="")
    assert page.status == 422
    await page.send(COUNTER, code="<script>", merchant="nosuchshop")
    assert page.status == 404
    await page.open(f"{COUNTER}?lang=en")
    await page.send(COUNTER, code="1234 5678")
    assert "This shop has no such code" in page.text


async def test_a_clerk_without_a_shop_is_told_whom_to_ask(town: Any) -> None:
    page = await (await town.browser(await town.person("新店员", "market.clerk"))).open(COUNTER)
    assert page.status == 200
    assert "请街道管理员把您登记为商户的店员" in page.text


async def test_the_manager_takes_a_merchant_in_and_fills_its_shelf(town: Any) -> None:
    async with town.street.store.transaction("job:test") as tx:
        from liren.identity.organisations import verbs as organisations

        made = await organisations.add(tx, name="荷畔粮油店", kind="merchant", unit="laojie", opened=town.today())
    page = await (await town.browser(await town.person("周静", "market.manager"))).open("/market/desk/new-merchant")
    await page.send("/market/desk/new-merchant", name="荷", organisation="", category="nothing", unit="nowhere")
    assert page.status == 422
    for sentence in (
        "请填写哪家单位",
        "店名至少要2个字",
        "请从列出的里面选择类别",
        "请从列出的里面选择所在社区",
        "请填写地址",
    ):
        assert sentence in page.text, page.text
    assert 'value="荷"' in page.answer.text
    fields = {"organisation": made, "category": "daily", "unit": "laojie", "address": "北门"}
    await page.send("/market/desk/new-merchant", name="老街信用超市", **fields)
    assert page.status == 409
    assert "已经有一家“老街信用超市”了" in page.text
    await page.send("/market/desk/new-merchant", name="荷畔粮油店", **fields)
    assert "商户建好了" in page.text
    merchant = str(page.answer.url).rpartition("/")[2]
    await page.open(f"/market/desk/merchants/{merchant}/new-goods")
    await page.send(f"/market/desk/merchants/{merchant}/new-goods", title="", points="0", stock="-1", kind="thing")
    assert page.status == 422
    for sentence in ("请填写名称", "每份积分不能小于 1", "库存不能小于 0"):
        assert sentence in page.text, page.text
    await page.send(
        f"/market/desk/merchants/{merchant}/new-goods",
        title="小米",
        points="１４",
        stock="50",
        kind="thing",
        listed="on",
    )
    assert "“小米”放好了" in page.text
    await page.open(f"/market/desk/merchants/{merchant}")
    assert "申请中" in page.text
    [case] = re.findall(r'action="(/cases/[^"]+)/sign"', page.answer.text)
    await page.send(f"{case}/sign", note="三年一签")
    assert str(page.answer.url).endswith(f"/market/desk/merchants/{merchant}"), "back where the button stands"
    assert "三年一签" in page.text
    await page.send(f"{case}/open")
    assert "开始营业 → 营业" in page.text
    resident = await (await town.browser(await town.person("王秀兰", points=50))).open("/market/?within=1")
    assert "小米" in resident.text
    await page.open("/market/desk")
    assert "荷畔粮油店" in page.text


async def test_stock_that_changed_while_the_manager_typed_is_not_overwritten(town: Any) -> None:
    goods = await town.goods(stock=10)
    page = await (await town.browser(await town.person("周静", "market.manager"))).open(f"/market/desk/goods/{goods}")
    await town.order(await town.person("王秀兰", points=50), goods)
    await page.send(f"/market/desk/goods/{goods}", stock="30", kind="thing")
    assert page.status == 409
    assert "库存又变了" in page.text
    assert await town.stock(goods) == 9
    await page.send(f"/market/desk/goods/{goods}", stock="30", kind="thing")
    assert await town.stock(goods) == 30


async def test_a_manager_of_one_community_does_not_find_the_merchants_of_another(town: Any) -> None:
    from liren.identity.register import people
    from liren.identity.roles import grants
    from liren.identity.signin import accounts

    async with town.street.store.transaction("job:test") as tx:
        (person,) = await people.register(tx, town.street.vault, [people.NewPerson("郑平")], town.today())
        await accounts.open_account(tx, person)
        known = set(town.street.identity.who.titles)
        await grants.grant(tx, person=person, role="market.manager", unit="taoyuan", roles=known, since=town.today())
    goods = await town.goods()
    page = await (await town.browser(person)).open("/market/desk")
    assert "桃园便民理发" in page.text
    assert "老街信用超市" not in page.text
    for path in (f"/market/desk/merchants/{town.shop}", f"/market/desk/goods/{goods}"):
        assert (await page.open(path)).answer.status_code == 404
    await page.open(f"/market/desk/merchants/{town.other_shop}")
    keys = page.fields(f"/market/desk/merchants/{town.other_shop}")
    case = (await shops.case_of(town.ctx(), town.shop)).id
    for path in (f"/market/desk/merchants/{town.shop}", f"/cases/{case}/close"):
        assert (await page.client.post(path, data={**keys, "version": "3", "note": "不办了"})).status_code == 404
    assert (await page.open(f"/cases/{case}")).status == 404


async def test_the_public_board_shows_the_month_without_a_login(town: Any) -> None:
    order = await town.order(await town.person("王秀兰", points=50), await town.goods(points=20))
    await town.settle(order)
    page = await (await town.browser()).open("/")
    assert "本月核销 1 笔，20 分，1 家商户参加" in page.text
    assert "王" not in page.text


async def test_every_page_is_written_in_english_too(town: Any, employ: Any) -> None:
    clerk, resident = await employ("Sun Guifang", town.shop), await town.person("Wang Xiulan", points=90)
    manager = await town.person("Zhou Jing", "market.manager")
    goods = await town.goods(title="Laundry liquid", points=20)
    order = await town.order(resident, goods)
    paths = {
        resident: ["/market/", f"/market/goods/{goods}", f"/market/goods/{goods}/confirm", "/market/orders",
                   f"/market/orders/{order}", f"/market/orders/{order}/voucher"],
        clerk: [COUNTER, f"{COUNTER}/redemptions?at={town.shop}"],
        manager: ["/market/desk", "/market/desk/new-merchant", f"/market/desk/merchants/{town.shop}",
                  f"/market/desk/merchants/{town.shop}/new-goods", f"/market/desk/goods/{goods}"],
    }  # fmt: skip
    names = ("老街信用超市", "桃园便民理发", "老街社区", "桃园社区", "老街", "号", "每天", "里仁街道", "里仁", "中文")
    for person, pages in paths.items():
        browser = await town.browser(person)
        await browser.open("/me?lang=en")
        for path in pages:
            text = (await browser.open(path)).text
            assert browser.answer.status_code == 200, path
            for name in names:
                text = text.replace(name, "")
            assert not [c for c in text if "\u4e00" <= c <= "\u9fff"], (path, text)


async def test_nonsense_in_an_address_or_a_code_is_never_the_servers_fault(town: Any, employ: Any) -> None:
    resident, clerk = await town.person("王秀兰", points=50), await employ("孙桂芳", town.shop)
    pages = {
        resident: [
            "/market/?merchant={0}&category={0}&within={0}&page={0}", "/market/goods/{0}",
            "/market/goods/{0}/confirm?count={0}", "/market/orders/{0}", "/market/orders?page={0}",
        ],
        clerk: [COUNTER + "?at={0}", COUNTER + "/redemptions?at={0}&page={0}", COUNTER + "/orders/{0}"],
        await town.person("周静", "market.manager"): [
            "/market/desk/merchants/{0}", "/market/desk/goods/{0}", "/market/desk/merchants/{0}/new-goods",
        ],
    }  # fmt: skip
    for person, paths in pages.items():
        browser = await town.browser(person)
        for path in paths:
            for bad in ("%00", "%ff", "%F0%9F%8D%8E", "..%2f..", "'", "a" * 3000, "%ED%A0%80", "-1", "%E5%BA%97"):
                assert (await browser.open(path.format(bad))).status < 500, (path, bad)
    page = await town.browser(clerk)
    for code in ("\x00" * 8, "1" * 5000, "🍎", "１２３４５６７８", "-1", "' OR 1=1"):
        await (await page.open(COUNTER)).send(COUNTER, code=code)
        assert 400 <= page.status < 500, code
