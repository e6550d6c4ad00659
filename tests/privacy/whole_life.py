# SPDX-License-Identifier: Apache-2.0
"""Somebody with everything a street can hold of a person, and what to look for afterwards."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import serving_life as serving
from liren_repairs.tables import Repair

from liren.acting.tables import Block, SlipRow
from liren.identity.organisations import verbs as organisations
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.sealed import Private, hashes
from liren.identity.signin import accounts, links
from liren.plugins.points import Budget, Posted
from liren.plugins.services import Tx
from liren.privacy.tables import ErasureRequest
from liren.store.lists import Lists
from liren.testing.points import Points
from liren.testing.street import Running
from liren.units.build import Builder
from liren.web import Upload
from liren.web.sheets import Book, Heading, Page, Sheet, write_book
from liren_credit import intake, review, rulemaking
from liren_credit.rulebook import read_rules
from liren_credit.tables import AwardRow
from liren_market import counter, orders, shops
from liren_market.orders import PlaceOrder
from liren_market.shops import GoodsForm, NewMerchant

NEIGHBOUR = "眭长风"
NAME, PINYIN = "冼馥荔", "xianfuli"
PHONE, OTHER, NUMBER, ADDRESS = "13977770001", "13977770003", "370103198801012342", "槐荫里七十九弄"
EVIDENCE, CASE, NOTE, NOTICE, ACT, REASON = (
    "隐泉登记簿第九页",
    "阁楼漏雨成河",
    "换了冼家的接头",
    "冼馥荔，请到隐泉来一趟。",
    "替冼家阿婆挑了棉被",
    "照顾沉香楼老人",
)
PHOTO = b"\x89PNG\r\n\x1a\n" + b"LIREN-TEST-PHOTOGRAPH" * 20


class Life:
    """One person, in the register twice (merged since), with everything."""

    def __init__(self, running: Running) -> None:
        self.running, self.street = running, running.street
        self.person = self.twin = self.neighbour = self.link = ""

    async def live(self) -> None:
        street = self.street
        [first, *_] = await street.identity.units.all("community")
        self.unit, self.today = first.code, street.today()
        private = Private(PHONE, NUMBER, date(1988, 1, 1), ADDRESS)
        async with street.store.transaction("job:test") as tx:
            builder = await Builder.load(tx, self.today)
            building = builder.unit("building", "沉香楼", self.unit)
            home = builder.dwelling(building, "101")
            await builder.write(tx)
        async with street.store.transaction("job:test") as tx:
            consent = ("points", "2026-01", "paper")
            new = [NewPerson(NAME, private, self.unit, home, "head"), NewPerson(NAME, Private(OTHER), self.unit)]
            self.person, self.twin = await register(tx, street.vault, new, self.today, consent=consent)
            [self.neighbour] = await register(
                tx, street.vault, [NewPerson(NEIGHBOUR, unit=self.unit)], self.today, consent=consent
            )
            link = await links.make(tx, await accounts.open_account(tx, self.neighbour))
            self.running.links[NEIGHBOUR] = f"{street.settings.public_url}/login/once/{link}"
            firm = await organisations.add(tx, name="鹿鸣坊", kind="property", unit=self.unit, opened=self.today)
            await organisations.join(tx, organisation=firm, person=self.person, role="owner", since=self.today)
            roles = set(street.identity.who.titles)
            await grants.grant(
                tx, person=self.person, role="credit.collector", unit=self.unit, roles=roles, since=self.today
            )
        points = Points(street)
        await points.give(self.person, 60)
        await points.give(self.twin, 7)
        await self._acts()
        await self._awards()
        await self._orders()
        await self._case()
        await serving.serves(self.running, self.person, building, PHOTO)
        await serving.owns(self.running, self.person, home)
        await serving.lets_others_act(self.running, self.person, self.unit, PHOTO)
        await serving.is_cared_for(self.running, self.person, self.unit)
        await serving.eats(self.running, self.person, self.unit)
        await serving.stands_in_files(self.running, self.person, NAME, PHONE)
        await self._pages()

    async def _acts(self) -> None:
        street = self.street
        await (await self.running.acting("inbox")).notify(self.person, NOTICE, "/home")
        listed = write_book([Page("名单", [Heading("姓名"), Heading("手机号")], [[NAME, PHONE]])])
        await Lists(street.store, street.vault).keep(
            "job:test", kind="units.dwellings", file_name="名单.xlsx", content=listed, options=b"{}", summary=b"{}"
        )
        async with street.store.transaction("job:test") as tx:
            await SlipRow.insert(
                SlipRow(
                    id="slip2345", number="40404040", mandate="m1", person=self.person, actor=self.person, kind="staff",
                    how="on-site", deed="market.place", measure="分", amount=1, text=ACT, subject="o1", unit=self.unit,
                    at_ms=1, month="2026-11", undo_until_ms=1, sampled=0,
                )
            )  # fmt: skip
            await Block.insert(Block(person=self.person, at_ms=1))
            await ErasureRequest.insert(ErasureRequest(person=self.person, at_ms=tx.now_ms))

    async def _awards(self) -> None:
        """A list that names them, reviewed and in publicity."""
        running, street = self.running, self.street
        [(owner,)] = await street.store.read("SELECT person FROM role_grant WHERE role = 'credit.reviewer'")
        reviewer = await running.acting("credit", owner)
        collector = await running.acting("credit", await running.person("赵磊", "credit.collector"))
        table = Sheet("细则", [["编号", "积分事项", "类别", "计量单位", "分值", "每日上限", "依据"],
                             ["ZY-01", "志愿服务", "奉献", "小时", 2, 8, "签到表"]])  # fmt: skip
        rules = read_rules(Book("xlsx", (table,)), valid_from=date(2026, 1, 1), source="纸质公布").rules
        await rulemaking.adopt(reviewer, "adopt", await rulemaking.propose(collector, "propose", "积分细则", rules))
        draft = Budget(self.unit, 1000, owner)

        async def budget(tx: Tx) -> Posted:
            return await tx.post(draft)

        await street.kernel.services.writing.once("job:test", "budget", draft, budget, Posted, "ledger")
        titles = ("姓名", "手机号", "积分事项", "数量", "日期", "佐证")
        rows = [[NAME, PHONE, "志愿服务", 3, date(2026, 3, 8), EVIDENCE]]
        book = write_book([Page("名单", [Heading(title) for title in titles], rows)])
        entered = await intake.enter(collector, "enter", "三月志愿服务", "三月.xlsx", book)
        await intake.submit(collector, "submit", entered)
        seen = [row.id for row in await AwardRow.objects().where(AwardRow.list == entered)]
        await review.look_at(reviewer, "look", entered, seen, [], "")
        await review.approve(reviewer, "approve", entered)

    async def _orders(self) -> None:
        """One thing fetched, one cancelled."""
        market = await self.running.acting("market")
        async with self.street.store.transaction("job:test") as tx:
            firm = await organisations.add(tx, name="杂货", kind="merchant", unit=self.unit, opened=self.today)
        form = NewMerchant(firm, "老街杂货", "daily", self.unit, "老街 3 号", "每天")
        shop = await shops.insert_merchant(market, "shop", form, steps=("sign", "open"))
        ware = GoodsForm("毛巾", "thing", 10, 9, 0, "", listed=True)
        [goods] = await shops.stock_shelf(market, "goods", shop, (ware,))
        buyer = await self.running.acting("market", self.person)
        placed = [await orders.place(buyer, f"order-{n}", PlaceOrder(self.person, goods, 1, 10)) for n in range(2)]
        await counter.settle(
            market, "settle", counter.Redeem(shop, placed[0].order, orders.code_of(market, placed[0].order, 0))
        )
        await orders.cancel(buyer, "cancel", self.person, placed[1].order)

    async def _case(self) -> None:
        """A repair with a photograph and notes, some written by others."""
        running = self.running
        ctx = await running.acting("repairs", self.person)

        async def body(tx: Tx) -> str:
            await Repair(id="r1", text="漏雨", state="", parts=1, fixed=0).save()
            opened = await ctx.cases.open(
                tx, "repair", subject="r1", unit=self.unit, title=CASE, holder=self.person, note=NOTE
            )
            return str(opened.id)

        case = await ctx.cases.get(await ctx.once("case", "r1", body, str))
        boss = await running.acting("repairs", await running.person("派单员", "repairs.dispatcher", unit=self.unit))
        fixer = await running.person("赵师傅", "repairs.fixer", unit=self.unit)
        async with boss.transaction() as tx:
            case = await boss.cases.move(tx, case, "dispatch", worker=fixer)
        hands = await running.acting("repairs", fixer)
        async with hands.transaction() as tx:
            await hands.cases.move(tx, case, "fix", note=NOTE, files=[Upload("阁楼.png", PHOTO)])

    async def _pages(self) -> None:
        """Signed in, something typed and not sent, everything taken home; looked at by staff."""
        street = self.street
        async with street.store.transaction("job:test") as tx:
            token = await links.make(tx, await accounts.open_account(tx, self.person))
        self.running.links[NAME] = f"{street.settings.public_url}/login/once/{token}"
        visitor = await self.running.signed_in(NAME)
        await visitor.send_form("/privacy/mine", "/privacy/mine/download")
        await visitor.send_form("/me", "/drafts", _form="credit.award", name=NAME, evidence=EVIDENCE)
        await visitor.aclose()

    @property
    def needles(self) -> dict[str, str]:
        """What nobody may find any more, in words."""
        _, _, number = hashes(self.street.vault, Private(PHONE, NUMBER))
        phone, tail, _ = hashes(self.street.vault, Private(PHONE, NUMBER))
        return {
            "name": NAME,
            "given name": NAME[1:],
            "pinyin": PINYIN,
            "pinyin in words": "xian fu li",
            "phone": PHONE,
            "other phone": OTHER,
            "ID number": NUMBER,
            "address": ADDRESS,
            "evidence": EVIDENCE,
            "case": CASE,
            "note": NOTE,
            "notice": NOTICE,
            "act": ACT,
            "hash of the phone": str(phone),
            "hash of its tail": str(tail),
            "hash of the number": str(number),
            "photograph": "LIREN-TEST-PHOTOGRAPH",
            "file name": "阁楼.png",
            "work phone": serving.WORK_PHONE,
            "part in a team": serving.PART,
            "where meals go": serving.DELIVER_TO,
            "papers seen": serving.PAPERS,
            "work begun": serving.TASK,
            "ruling": serving.RULING,
        }


def found_in(files: Iterator[Path], needles: dict[str, str]) -> list[str]:
    """Which file holds which needle, in UTF-8 or UTF-16."""
    found = []
    for path in files:
        data = path.read_bytes()
        for what, text in needles.items():
            if any(text.encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be")):
                found.append(f"{what} in {path.name}")
    return found
