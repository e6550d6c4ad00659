# SPDX-License-Identifier: Apache-2.0
"""``/cases`` as people use it: their work, one page a case, the same form for every step."""

import io
import json
import re
from typing import Any

from PIL import Image
from tests.workflow.test_files import photograph

from liren.testing.street import CSRF, KEY

JPEG = photograph("JPEG")


def text_of(html: str) -> str:
    main = html.split("<main", 1)[-1].split("</main>", 1)[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


async def test_a_repair_is_dispatched_mended_and_confirmed_on_the_cores_pages(town: Any) -> None:
    case = await town.ask()
    place = f"/cases/{case.id}"
    dispatcher, fixer, resident = [await town.browser(name) for name in ("派单员", "赵师傅", "王芳")]
    listed = text_of((await dispatcher.get("/cases")).text)
    assert "水管漏水 报修单" in listed
    assert "还剩 2 天" in listed
    sent = await dispatcher.send_form(place, f"{place}/dispatch", version="1", worker=town.people["赵师傅"])
    assert sent.headers["location"] == place
    page = (await fixer.get(place)).text
    token, key = CSRF.search(page), KEY.search(page)
    assert token is not None
    assert key is not None
    fields = {"_csrf": token[1], "_key": key[1], "version": "2", "note": "换了接头"}
    sent = await fixer.post(f"{place}/fix", data=fields, files={"files": ("后.jpg", JPEG, "image/jpeg")})
    assert sent.status_code == 303
    shown = text_of((await resident.get(place)).text)
    assert "修好了 → 等您确认" in shown
    assert "换了接头" in shown
    assert "住户写的：水管漏水" in shown, "the module's own part"
    [picture] = re.findall(r'href="(/cases/[^"]+/files/[^"]+)"', (await resident.get(place)).text)
    answer = await resident.get(picture)
    assert Image.open(io.BytesIO(answer.content)).size == (40, 30), "drawn anew, and still the picture"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (await resident.send_form(place, f"{place}/confirm", version="3")).status_code == 303
    assert (await town.row()).state == "confirmed"
    assert "没有事项" in text_of((await dispatcher.get("/cases?show=mine")).text)


async def test_another_communitys_staff_find_nothing_there(town: Any) -> None:
    case = await town.ask()
    await town.person("过路人")
    for name in ("邻区派单员", "赵师傅", "过路人"):
        browser = await town.browser(name)
        assert (await browser.get(f"/cases/{case.id}")).status_code == 404
        assert "水管漏水" not in (await browser.get("/cases?show=open")).text
        assert (await browser.send_form("/me", f"/cases/{case.id}/refuse", version="1", note="不修")).status_code == 404
    assert (await town.running.visitor().get(f"/cases/{case.id}")).status_code == 303


async def test_a_missing_reason_is_asked_for_and_what_was_typed_stays(town: Any) -> None:
    case = await town.ask()
    place, browser = f"/cases/{case.id}", await town.browser("派单员")
    refused = await browser.send_form(place, f"{place}/refuse", version="1", note=" 不 ")
    assert refused.status_code == 422
    assert "请写明情况或理由" in refused.text
    assert " 不 </textarea>" in refused.text
    assert (await browser.send_form(place, f"{place}/dispatch", version="1", worker="x")).status_code == 422
    assert (await town.row()).state == "asked"


async def test_an_older_page_is_told_that_somebody_was_faster(town: Any) -> None:
    case = await town.ask()
    place, browser = f"/cases/{case.id}", await town.browser("派单员")
    await town.move("派单员", case, "dispatch", worker=town.people["赵师傅"])
    late = await browser.send_form(place, f"{place}/remark", version="1", note="住户不在家")
    assert late.status_code == 409
    assert "刚才有人先办了一步，现在是“处理中”" in late.text


async def test_the_same_form_sent_twice_is_one_step(town: Any) -> None:
    case = await town.given()
    place, browser = f"/cases/{case.id}", await town.browser("派单员")
    page = (await browser.get(place)).text
    token, key = CSRF.search(page), KEY.search(page)
    assert token is not None
    assert key is not None
    fields = {"_csrf": token[1], "_key": key[1], "version": "2", "note": "住户下午在家"}
    for _ in range(2):
        assert (await browser.post(f"{place}/remark", data=fields)).status_code == 303
    assert len(await (await town.acting("派单员")).cases.steps(case)) == 3


async def test_moves_of_the_modules_code_and_of_nobody_are_not_for_forms(town: Any) -> None:
    case = await town.move("赵师傅", await town.given(), "fix")
    place, browser = f"/cases/{case.id}", await town.browser("派单员")
    assert (await browser.send_form(place, f"{place}/lapse", version="3")).status_code == 403
    assert (await browser.send_form(place, f"{place}/fly", version="3")).status_code == 404


async def test_what_is_overdue_leads_in_words_and_red(town: Any, clock: Any) -> None:
    await town.ask("old", text="路灯不亮")
    clock.set(2026, 11, 28, 9, 0)
    await town.ask("new", text="门锁坏了")
    browser = await town.browser("派单员")
    page = (await browser.get("/cases")).text
    assert page.index("路灯不亮") < page.index("门锁坏了")
    assert re.search(r'class="why">已超期 3 天<', page)
    late = (await browser.get("/cases?show=late")).text
    assert "路灯不亮" in late
    assert "门锁坏了" not in late
    assert "报修单 · 待派单（超期 1 件）" in (await browser.get("/desk")).text


async def test_a_list_can_be_narrowed_and_leafed_through(town: Any) -> None:
    for number in range(23):
        await town.ask(f"r{number:02}", text=f"漏水{number:02}", unit=town.other if number % 2 else None)
    browser = await town.browser("督办员")
    first = (await browser.get("/cases?show=open&flow=repairs.repair&at=asked")).text
    assert len(re.findall(r"漏水\d\d</a>", first)) == 20
    second = (await browser.get("/cases?show=open&flow=repairs.repair&at=asked&page=2")).text
    assert len(re.findall(r"漏水\d\d</a>", second)) == 3
    there = (await browser.get(f"/cases?show=open&unit={town.other}")).text
    assert len(re.findall(r"漏水\d\d</a>", there)) == 11
    assert "漏水" not in (await browser.get("/cases?show=open&flow=repairs.repair&at=fixed")).text


async def test_a_resident_finds_their_own_matters_at_home(town: Any) -> None:
    case = await town.ask()
    browser = await town.browser("王芳")
    assert f'href="/cases/{case.id}"' in (await browser.get("/home")).text
    page = (await browser.get("/cases")).text
    assert "我的事" in page
    assert "水管漏水" in page
    await town.move("王芳", case, "withdraw")
    assert "水管漏水" not in (await browser.get("/home")).text


async def test_a_fault_in_the_modules_part_leaves_the_page(town: Any) -> None:
    case = await town.ask(text="broken")
    page = await (await town.browser("派单员")).get(f"/cases/{case.id}")
    assert page.status_code == 200
    assert "待派单" in page.text


async def test_a_module_that_is_off_shows_no_cases_and_loses_none(town: Any) -> None:
    case = await town.ask()
    street, browser = town.running.street, await town.browser("王芳")
    await street.kernel.disable(street.store, "job:test", "repairs")
    assert (await browser.get(f"/cases/{case.id}")).status_code == 404
    assert "水管漏水" not in (await browser.get("/cases")).text
    await street.kernel.enable(street.store, "job:test", "repairs")
    assert (await browser.get(f"/cases/{case.id}")).status_code == 200


async def test_a_pilots_cases_are_there_for_its_community_only(town: Any) -> None:
    here, there = await town.ask("here"), await town.ask("there", unit=town.other)
    street = town.running.street
    await street.kernel.enable(street.store, "job:test", "repairs", pilot=town.community)
    assert (await (await town.browser("派单员")).get(f"/cases/{here.id}")).status_code == 200
    outside = await town.browser("邻区派单员")
    assert (await outside.get(f"/cases/{there.id}")).status_code == 404
    assert "水管漏水" not in (await outside.get("/cases?show=open")).text


async def test_a_case_whose_state_its_module_dropped_is_reported_and_holds_nobody_up(town: Any, clock: Any) -> None:
    case, street = await town.ask(), town.running.street
    async with street.store.transaction("job:test") as tx:
        await tx.sql("UPDATE workflow_case SET state = 'forgotten' WHERE id = ?", case.id)
    clock.set(2026, 12, 1, 9, 0)
    await town.ring()
    assert await town.notices("督办员") == []
    [check] = [each for each in street.kernel.plugins["workflow"].health_checks if each.name == "states"]
    found = await check.run(await town.acting(None, "workflow"))
    assert not found.ok
    assert "1 件事" in found.text
    assert (await (await town.browser("派单员")).get(f"/cases/{case.id}")).status_code == 404
    assert (await (await town.browser("派单员")).get("/cases?show=open")).status_code == 200


async def test_the_page_speaks_english_too(town: Any) -> None:
    case = await town.ask()
    page = text_of((await (await town.browser("派单员")).get(f"/cases/{case.id}?lang=en")).text)
    assert "2 days left" in page
    assert "Confirm: Dispatch" in page


async def test_cases_are_found_by_their_title_where_one_may_see_them(town: Any) -> None:
    await town.ask(text="100%漏水_三单元")
    await town.ask("r2", text="路灯不亮")
    found = (await (await town.browser("派单员")).get("/search?q=100%25漏水_")).text
    assert "100%漏水_三单元" in found
    assert "路灯不亮" not in found
    assert "漏水" not in text_of((await (await town.browser("邻区派单员")).get("/search?q=三单元")).text)


async def test_other_plugins_hear_of_every_step_without_names(town: Any) -> None:
    case = await town.given()
    rows = await town.running.street.store.read(
        "SELECT payload FROM outbox WHERE plugin = 'workflow' AND event = 'workflow.moved' ORDER BY id"
    )
    told = [json.loads(payload) for (payload,) in rows]
    assert [(each["of"], each["step"], each["state"]) for each in told] == [
        ("repairs.repair", "opened", "asked"),
        ("repairs.repair", "dispatch", "given"),
    ]
    assert told[0]["case"] == case.id
    assert "水管漏水" not in str(told)
