# SPDX-License-Identifier: Apache-2.0
"""Organisations at the counter, who acts for them, who owns what; on both databases."""

from datetime import date
from fractions import Fraction

import pytest
from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import Browser, resident

from liren.identity.errors import BadOwnership
from liren.identity.register import history, ownership
from liren.identity.register.numbers import credit_code
from liren.identity.register.ownership import fits, parse_share
from liren.identity.register.people import merge, move
from liren.identity.service import Identity
from liren.store import Store
from liren.units.tree import Tree
from liren.web.app import PageApp

CODE = "91379900MA00000008"


def test_a_credit_code_is_believed_only_with_its_check_character() -> None:
    right = next(code for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if (code := credit_code(CODE[:17] + c)))
    assert credit_code(f" {right[:8]}-{right[8:].lower()} ") == right
    assert credit_code("91350100M000100Y43") == "91350100M000100Y43"  # the standard's own example
    assert credit_code("91350100M000100Y34") is None
    assert credit_code("9135O100M000100Y43") is None


async def test_an_organisation_is_registered_found_mended_and_closed(
    app: PageApp, identity_: Identity, chief: str, staff: str, folk: dict[str, str]
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    form = {"name": "桃园物业有限公司", "kind": "property", "unit": "taoyuan", "credit_code": "1", "contact": "周经理"}
    wrong = await boss.send("/organisations/new", "/organisations/new", form)
    assert "统一社会信用代码不对" in wrong.text
    form["credit_code"] = "91350100m000100y43"
    made = await boss.send("/organisations/new", "/organisations/new", form)
    assert made.status_code == 303
    page = made.headers["location"]
    twice = await boss.send("/organisations/new", "/organisations/new", {**form, "name": "另一家"})
    assert "已经登记过了" in twice.text
    for text in ("桃园物业", "tywy", "taoyuanwu"):
        assert "桃园物业有限公司" in (await boss.get(f"/organisations?q={text}")).text
    assert "桃园物业有限公司" not in (await boss.get("/organisations?kind=merchant")).text
    assert folk["欧阳锋"] in (await boss.get(f"{page}?q=oyf")).text
    joined = await boss.send(f"{page}?q=oyf", f"{page}/join", {"person": folk["欧阳锋"], "role": "项目经理"})
    assert joined.status_code == 303
    own = await resident(app, identity_, folk["欧阳锋"])
    identifier = page.rpartition("/")[2]
    assert "项目经理" in (await own.get(f"/me/organisations/{identifier}")).text
    stranger = await resident(app, identity_, folk["王小兰"])
    assert (await stranger.get(f"/me/organisations/{identifier}")).status_code == 404
    renamed = await boss.send(f"{page}/edit", f"{page}/edit", {**form, "name": "桃源物业"})
    assert renamed.status_code == 303
    assert "桃源物业" in (await boss.get(f"/people/{folk['欧阳锋']}")).text
    assert (await boss.send(page, f"{page}/leave/{folk['欧阳锋']}")).status_code == 303
    assert (await own.get(f"/me/organisations/{identifier}")).status_code == 404
    assert (await boss.send(page, f"{page}/close")).status_code == 303
    assert "桃源物业" in (await boss.get("/organisations?closed=1")).text
    clerk = Browser(app)
    await clerk.sign_in("limin", PASSWORD)
    assert (await clerk.get(page)).status_code == 403


def test_shares_of_a_dwelling_never_exceed_the_whole_on_any_day() -> None:
    half, day = Fraction(1, 2), date(2026, 1, 1)
    others = [(half, day, date(2026, 6, 1)), (half, date(2026, 9, 1), None)]
    assert fits(others, (half, day, None))
    assert not fits(others, (Fraction(2, 3), date(2026, 7, 1), None))
    assert fits(others, (Fraction(1), date(2026, 6, 1), date(2026, 9, 1)))
    assert [parse_share(text) for text in ("1/2", "50%", "1", "0", "3/2", "x", "1/0")] == [
        half, half, Fraction(1), None, None, None, None,
    ]  # fmt: skip


async def test_a_dwelling_tells_who_owned_it_and_who_lived_there_on_a_day(
    store: Store, folk: dict[str, str], identity_: Identity
) -> None:
    ((home,),) = await store.read("SELECT id FROM dwelling")
    sold = date(2026, 12, 1)
    async with store.transaction("job:test") as tx:
        whole = await ownership.own(tx, dwelling=home, share=Fraction(1), since=TODAY, person=folk["王秀兰"])
    with pytest.raises(BadOwnership):
        async with store.transaction("job:test") as tx:
            await ownership.own(tx, dwelling=home, share=Fraction(1, 2), since=TODAY, person=folk["王小兰"])
    async with store.transaction("job:test") as tx:
        await ownership.end(tx, whole, sold)
        await ownership.own(tx, dwelling=home, share=Fraction(1, 2), since=sold, person=folk["王小兰"])
        await move(tx, folk["王秀兰"], unit="laojie", day=sold)
        await merge(tx, kept=folk["欧阳锋"], gone=folk["王小兰"], day=date(2026, 12, 24))
    assert [each.name for each in await ownership.owners(store, home, TODAY)] == ["王秀兰"]
    assert [(o.name, o.share) for o in await ownership.owners(store, home, date(2026, 12, 24))] == [
        ("欧阳锋", Fraction(1, 2))
    ]
    assert [each.name for each in await history.lived_in(store, home, TODAY)] == ["王秀兰", "王小兰"]
    assert [each.name for each in await history.lived_in(store, home, sold)] == ["王小兰"]
    tree: Tree = await identity_.units.tree()
    before = await history.community_on(store, tree, list(folk.values()), TODAY)
    assert before == {folk["王秀兰"]: "taoyuan", folk["王小兰"]: "taoyuan", folk["欧阳锋"]: "laojie"}
    assert (await history.community_on(store, tree, [folk["王秀兰"]], sold)) == {folk["王秀兰"]: "laojie"}
    kinds = {each.kind for each in await history.relations_of(store, folk["王小兰"])}
    assert kinds == {"home", "ownership"}
