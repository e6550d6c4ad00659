# SPDX-License-Identifier: Apache-2.0
"""What the module holds in one community, for everybody of another to ask for (``liren.testing.foreign``)."""

from dataclasses import replace
from datetime import date

from liren.testing.foreign import Specimens
from liren.testing.points import Points
from liren.testing.street import Running
from liren.web.sheets import Book, Cell, Heading, Page, Sheet, write_book
from liren_credit import intake, review, rulemaking
from liren_credit.rulebook import read_rules
from liren_credit.tables import AwardRow

NAME, PHONE, LIST, EVIDENCE, FILE = "宓桂蓉", "13977770202", "隐泉志愿名单", "隐泉登记簿第九页", "隐泉三月.xlsx"
RULES: list[list[Cell]] = [
    ["编号", "积分事项", "类别", "计量单位", "分值", "每日上限", "依据"],
    ["ZY-01", "志愿服务", "奉献", "小时", 2, 8, "签到表"],
]
DAYS = 7


async def specimens(running: Running, community: str) -> Specimens:
    """A list in review, one in publicity, one with unnamed columns, one posted; all of people of the community."""
    street = running.street
    person = await running.person(NAME, unit=community, phone=PHONE)
    collector = await running.acting("credit", await running.person("宓收集", "credit.collector", unit=community))
    root = (await street.identity.units.street()).code
    drafter = await running.acting("credit", await running.person("宓拟稿", "credit.collector", unit=root))
    [(owner,)] = await street.store.read(
        "SELECT person FROM role_grant WHERE role = 'credit.reviewer' ORDER BY granted_ms LIMIT 1"
    )
    reviewer = await running.acting("credit", owner)
    rules = read_rules(Book("xlsx", (Sheet("积分细则", RULES),)), valid_from=date(2026, 1, 1), source="纸质公布").rules
    proposal = await rulemaking.propose(drafter, "specimen-propose", "积分细则", rules)
    await rulemaking.adopt(reviewer, "specimen-adopt", proposal)
    later = [replace(rules[0], code="ZY-02")]
    waiting = await rulemaking.propose(drafter, "specimen-propose-2", "积分细则补充", later)
    await Points(street).fund(community, 1000, owner)
    entered = {}
    for number, stage in enumerate(("review", "publicity")):
        book = _book([[NAME, PHONE, "志愿服务", 2 + number, date(2026, 3, 8 + number), EVIDENCE]])
        # A list's title is read by everybody once it is in publicity.
        title = LIST if stage == "review" else "三月志愿服务"
        entered[stage] = await intake.enter(collector, f"specimen-{stage}", title, f"{number}{FILE}", book)
        await intake.submit(collector, f"specimen-submit-{stage}", entered[stage])
    seen = [row.id for row in await AwardRow.objects().where(AwardRow.list == entered["publicity"])]
    await review.look_at(reviewer, "specimen-look", entered["publicity"], seen, [], "")
    await review.approve(reviewer, "specimen-approve", entered["publicity"])
    unnamed = write_book([Page("表", [Heading("甲"), Heading("乙")], [[NAME, PHONE]])])
    entered["columns"] = await intake.enter(collector, "specimen-columns", f"{LIST}2", f"2{FILE}", unnamed)
    posted = await Points(street).give(person, 5)
    rows = await AwardRow.objects().where(AwardRow.list == entered["review"])
    return Specimens(
        {
            "credit.id": entered["review"],
            "credit.columns/id": entered["columns"],
            "credit.name_columns/id": entered["columns"],
            "credit.published/id": entered["publicity"],
            "credit.post_list/id": entered["publicity"],
            "credit.stop/id": rows[0].id,
            "credit.freeze/id": rows[0].id,
            "credit.decide/id": rows[0].id,
            "credit.proposal/id": proposal,
            "credit.adopt_rules/id": waiting,
            "credit.withdraw_rules/id": waiting,
            "credit.shown": rows[0].id,
            "credit.bad": rows[0].id,
            "credit.community": community,
            "credit.rid": posted.rid,
            "credit.person": person,
        },
        [NAME, PHONE, LIST, EVIDENCE, FILE],
        plain={
            "credit.propose_rule/unit": "小时",
            "credit.code": "ZY-01",
            "credit.template": "",
            "credit.rule": "ZY-01",
            "credit.number": "13900001111",
        },
        # Rules are the street's, and publicity is everybody's: claim numbers and sums, no name.
        open_to_all=["credit.rule", "credit.proposal", "credit.published"],
    )


def _book(rows: list[list[Cell]]) -> bytes:
    titles = ("姓名", "手机号", "积分事项", "数量", "日期", "佐证")
    return write_book([Page("名单", [Heading(title) for title in titles], rows)])
