# SPDX-License-Identifier: Apache-2.0
"""Acting for somebody on the pages, without JavaScript: the worker's visit, the elder's undo, the daughter's help."""

import re

from tests.acting.conftest import MAKE, Town


async def cap_field(town: Town) -> str:
    """The field of wishes in the form of a delegation: other modules have theirs."""
    acting = await town.acting("张秀英")
    return f"cap_{[deed.name for deed in acting.desk.deeds(acting.ctx) if deed.family].index(MAKE)}"


async def test_a_workers_visit_from_looking_up_to_the_slip_and_the_elder_undoes_it(town: Town) -> None:
    worker = await town.browser("周敏")
    desk = await worker.get("/acting/desk?q=zxy")
    person = town.people["张秀英"]
    assert f"/acting/for/{person}" in desk.text
    page = f"/acting/for/{person}"
    assert (await worker.get(page)).text.count("许一个心愿") == 1
    refused = await worker.send_form(page, page, deeds="wishes.make", how="on-site")
    assert refused.status_code == 422
    assert "念给本人听" in refused.text
    agreed = await worker.send_form(page, page, deeds="wishes.make", how="on-site", read_out="on")
    assert agreed.status_code == 303
    mandate = agreed.headers["location"]
    assert re.search(r'href="/wishes/?\?mandate=[a-z2-7]{20}"', (await worker.get(mandate)).text)
    slip = await town.wish(mandate.rsplit("/", 1)[1])
    at = f"/acting/slips/{slip.id}"
    assert f"{slip.number[:4]} {slip.number[4:]}" in (await worker.get(f"{at}/paper")).text

    elder = await town.browser("张秀英")
    assert "想有人陪着下盘棋" in (await elder.get("/acting/")).text
    undone = await elder.send_form("/acting/", f"{at}/undo")
    assert undone.status_code == 303
    assert "已经撤销" in (await elder.get(at)).text
    assert await town.wishes() == 0
    again = await elder.send_form(f"{at}", f"{at}/undo")
    assert again.status_code == 409

    stranger = await town.browser("路人")
    for path in (at, f"{at}/paper", mandate):
        assert (await stranger.get(path)).status_code == 404
    foreign = await town.browser("邻区网格员")
    for path in (at, page, f"{page}/delegation", mandate):
        assert (await foreign.get(path)).status_code == 404
    assert (await stranger.get("/acting/desk")).status_code == 403


async def test_a_slip_is_found_by_its_number_by_a_worker_of_the_area_alone(town: Town) -> None:
    slip = await town.wish(await town.begin())
    colleague = await town.browser("赵强")
    found = await colleague.get("/acting/desk", params={"number": f" {slip.number[:4]} {slip.number[4:]} "})
    assert found.headers["location"] == f"/acting/slips/{slip.id}"
    undone = await colleague.send_form(f"/acting/slips/{slip.id}", f"/acting/slips/{slip.id}/undo")
    assert (undone.status_code, await town.wishes()) == (303, 0)
    foreign = await town.browser("邻区网格员")
    assert "没有单号是" in (await foreign.get("/acting/desk", params={"number": slip.number})).text
    assert len(await town.audited("acting.slip-seen")) == 1


async def test_a_daughter_is_named_accepts_acts_and_is_let_go(town: Town) -> None:
    await town.person("李静", phone="13800000009")
    elder, daughter = await town.browser("张秀英"), await town.browser("李静")
    cap = await cap_field(town)
    fields = {"name": "李静", "months": "6", cap: "2"}
    for wrong in ("13800000004", "13800000001", "not a number"):
        refused = await elder.send_form("/acting/name", "/acting/name", phone=wrong, **fields)
        assert refused.status_code == 422
        assert "没有找到这个人" in refused.text
    nothing = await elder.send_form("/acting/name", "/acting/name", phone="13800000009", **(fields | {cap: "0"}))
    assert nothing.status_code == 422
    assert "至少留一件" in nothing.text
    asked = await elder.send_form("/acting/name", "/acting/name", phone="138 0000 0009", **fields)
    assert asked.status_code == 303
    [(mandate,)] = await town.read("SELECT id FROM acting_mandate")
    assert (await elder.send_form("/acting/", f"/acting/mandates/{mandate}/accept")).status_code == 404
    assert (await daughter.send_form("/acting/", f"/acting/mandates/{mandate}/accept")).status_code == 303
    await town.wish(mandate, by="李静")
    seen = await daughter.get(f"/acting/mandates/{mandate}")
    assert "还可以办 1 次（最多 2 次）" in seen.text
    changed = await elder.send_form("/acting/name", "/acting/name", phone="13800000009", **(fields | {cap: "1"}))
    assert changed.status_code == 303
    [(now,)] = await town.read("SELECT id FROM acting_mandate WHERE ended_ms IS NULL AND given_ms IS NOT NULL")
    assert now != mandate
    assert (await elder.send_form("/acting/", f"/acting/mandates/{now}/end")).status_code == 303
    assert "有效" not in (await elder.get("/acting/")).text
    assert (await elder.get("/acting/")).text.count("想有人陪着下盘棋") >= 1


async def test_a_worker_records_what_was_signed_but_never_for_themself(town: Town) -> None:
    worker = await town.browser("周敏")
    page = f"/acting/for/{town.people['张秀英']}/delegation"
    fields = {"months": "6", await cap_field(town): "2"}
    own = await worker.send_form(page, page, name="周敏", phone="13800000003", **fields)
    assert own.status_code == 422
    assert "不能登记给自己" in own.text
    made = await worker.send_form(page, page, name="王芳", phone="13800000002", **fields)
    assert made.status_code == 303
    [(how, given, by)] = await town.read("SELECT how, given_ms, recorded_by FROM acting_mandate")
    assert (how, given, by) == ("paper", None, town.people["周敏"])
    assert any("按您签的字" in text for text in await town.notices("张秀英"))


async def test_workers_can_be_refused_altogether_and_called(town: Town) -> None:
    elder = await town.browser("张秀英")
    mandate = await town.begin()
    assert (await elder.send_form("/acting/", "/acting/staff")).status_code == 303
    worker = await town.browser("周敏")
    assert "不要工作人员代办" in (await worker.get(f"/acting/for/{town.people['张秀英']}")).text
    assert "已经结束" in (await worker.get(f"/acting/mandates/{mandate.id}")).text
    assert (await elder.send_form("/acting/", "/acting/staff", staff="on")).status_code == 303
    await town.begin()
    asked = await elder.send_form("/acting/call", "/acting/call", what="想用积分换点米")
    assert asked.status_code == 303
    assert "看看办到哪了" in (await elder.get("/acting/")).text
    twice = await elder.send_form("/acting/call", "/acting/call", what="再来一次")
    assert twice.status_code == 409
    assert "请人上门帮忙" in (await worker.get("/cases/")).text
