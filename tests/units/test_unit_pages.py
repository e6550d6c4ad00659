# SPDX-License-Identifier: Apache-2.0
"""The pages of units as people at work and residents use them, without script; on both databases."""

import io
import os
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

from PIL import Image
from tests.units.lists import rows_in

from liren.store.sqlite import SQLiteBackend
from liren.testing.street import Running
from liren.units import appointments, dwellings, verbs
from liren.units.appointments import Term
from liren.units.housekeeping import sweep_old
from liren.web import Upload


async def a_building(street: Running) -> dict[str, str]:
    """第3网格 in 桃园社区 with 7号楼 and 8号楼; 王芳 lives in 7号楼 503."""
    today = street.street.today()
    async with street.street.store.transaction("job:test") as tx:
        grid = await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=today)
        house = await verbs.add(tx, level="building", name="7号楼", parent=grid.code, opened=today)
        other = await verbs.add(tx, level="building", name="8号楼", parent=grid.code, opened=today)
        room = await dwellings.add(tx, unit=house.code, number="503", area_dm2=8954)
    person = await street.person("王芳", unit=house.code)
    async with street.street.store.transaction("job:test") as tx:
        await tx.sql("UPDATE residence SET dwelling = ? WHERE person = ?", room, person)
    return {"grid": grid.code, "house": house.code, "other": other.code, "room": room, "王芳": person}


def picture() -> bytes:
    """A photograph that says where it was taken."""
    made = Image.new("RGB", (60, 75), (30, 90, 200))
    exif = made.getexif()
    exif[0x010F] = "Canon EOS"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    made.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_grid_worker_is_appointed_with_photo_and_phone_and_residents_see_who_serves_them(
    street: Running,
) -> None:
    of = await a_building(street)
    await street.person("张管", "identity.registrar", "identity.security")
    await street.person("赵网格", unit=of["other"], phone="19900011111")
    await street.person("外人", unit="hepan")
    async with aclosing(await street.signed_in("张管")) as boss:
        page = await boss.open(f"/units/{of['grid']}")
        await page.follow("任命")
        await page.open(f"{page.path}?q=赵网格")
        await page.follow("选这个人 赵网格")
        await page.press("任命", 岗位="网格员", 工作电话="０５３３-8201234")
        assert "赵网格已任网格员" in page.root.text
        assert "0533-8201234" in page.text
        await page.open(f"/units/{of['grid']}")
        address = next(a.get("href") for a in page.main.all("a") if "/units/appointments/" in (a.get("href") or ""))
        await page.open(address)
        wrong = await page.press("保存", 照片=("a.jpg", b"%PDF-1.7"))
        assert wrong.status == 422
        await page.open(address)
        await page.press("保存", 照片=("a.jpg", picture()))
        found = next(i.get("src") for i in page.main.all("img"))
        shown = await boss.get(found)
        assert shown.headers["content-type"] == "image/jpeg"
        assert b"Canon" not in shown.content
        notice = await page.open(f"/units/{of['house']}/notice")
        assert "赵网格" in notice.text
        assert "0533-8201234" in notice.text
    files = list((street.street.settings.home / "files").glob("portraits/*/*"))
    assert len(files) == 1
    assert b"JFIF" not in files[0].read_bytes()
    async with aclosing(await street.signed_in("王芳")) as resident:
        home = await resident.open("/home")
        assert "谁为我们楼服务" in home.text
        assert "0533-8201234" in home.text
        mine = await resident.open("/units/mine")
        assert "赵网格" in mine.text
        assert (await resident.get(found)).status_code == 200
        assert (await resident.get(f"/units/{of['grid']}")).status_code == 403
    async with aclosing(await street.signed_in("外人")) as outsider:
        assert (await outsider.get(found)).status_code == 404
        assert "赵网格" not in (await outsider.get("/units/mine")).text
    async with aclosing(await street.signed_in("赵网格")) as worker:
        assert (await worker.get("/people?q=王芳")).status_code == 200, "the post is worth its role"


async def test_the_right_to_appoint_ends_where_the_roles_of_a_post_begin(street: Running) -> None:
    of = await a_building(street)
    await street.person("社区管", "identity.registrar", unit="taoyuan")
    await street.person("赵网格", unit=of["other"], phone="19900011111")
    async with aclosing(await street.signed_in("社区管")) as clerk:
        person = of["王芳"]
        form = await clerk.open(f"/units/{of['grid']}/appoint?person={person}")
        assert "网格员" not in form.text, "it carries roles, and a registrar grants none"
        today = street.street.today().isoformat()
        address = f"/units/{of['grid']}/appoint?person={person}"
        sneaked = await clerk.send_form(
            f"/units/{of['house']}/appoint?person={person}", address, post="grid_worker", since=today
        )
        assert sneaked.status_code == 422
        assert "带有系统角色" in sneaked.text
        lead = await clerk.open(f"/units/{of['house']}/appoint?person={person}")
        await lead.press("任命", 岗位="楼长", 到哪天止=today)
        assert lead.status == 422
        await lead.press("任命", 岗位="楼长", 到哪天止="")
        assert "王芳已任楼长" in lead.root.text
        again = await clerk.open(f"/units/{of['house']}/appoint?q=19900011111")
        assert "赵网格" in again.text
        for code in ("hepan", "nowhere"):
            for path in ("", "/appoint", "/titles", "/merge", "/split", "/close", "/notice", "/dwelling", "/team"):
                assert (await clerk.get(f"/units/{code}{path}")).status_code == 404, (code, path)


async def test_units_merge_after_a_look_at_what_it_would_do(street: Running) -> None:
    of = await a_building(street)
    await street.person("张管", "identity.registrar", "identity.security")
    async with aclosing(await street.signed_in("张管")) as boss:
        close = await boss.open(f"/units/{of['house']}/close")
        assert "现在不能撤销：还有 1 位居民" in close.text
        page = await boss.open(f"/units/{of['house']}/merge")
        await page.press("下一步", 并入哪个单位="桃园社区 第3网格 8号楼")
        assert "核对合并" in page.text
        assert "居民 1 人" in page.text
        assert "房屋 1 处" in page.text
        await page.press("确定合并")
        assert page.path == f"/units/{of['other']}"
        assert "7号楼并入" in page.text
        old = await page.open(f"/units/{of['house']}")
        assert "已撤销" in old.text
        assert "并入8号楼" in old.text
        room = await page.open(f"/units/dwellings/{of['room']}")
        assert "王芳" in room.text
        assert "89.54 平方米" in room.text
        assert "第3网格 8号楼" in room.text
        past = await page.open(f"/people/of/{of['house']}/on")
        assert "那一天没有人登记住在这里" in past.text


async def test_a_grid_is_split_by_hand_without_script(street: Running) -> None:
    of = await a_building(street)
    await street.person("张管", "identity.registrar", "identity.security")
    async with aclosing(await street.signed_in("张管")) as boss:
        page = await boss.open(f"/units/{of['grid']}/split")
        await page.press("下一步", 拆成哪几个单位="第3网格")
        assert page.status == 422
        await page.press("下一步", 拆成哪几个单位="第3网格\n第4网格")
        form = page.form("下一步")
        assert form.values[f"unit.{of['house']}"] == "0"
        await page.send(f"/units/{of['grid']}/split/do", **{f"unit.{of['other']}": "1"})
        assert "第4网格 1 个下级，0 处房屋" in page.text
        await page.press("确定拆分")
        assert page.title == "第3网格"
    tree = await street.street.identity.units.tree()
    way = [card.name for card in tree.way(of["other"])]
    assert way == ["里仁街道", "桃园社区", "第4网格", "8号楼"]


async def test_posts_and_level_names_are_the_streets_own_on_every_page(street: Running) -> None:
    of = await a_building(street)
    await street.person("张管", "identity.registrar", "identity.security", "admin.system")
    async with aclosing(await street.signed_in("张管")) as boss:
        page = await boss.open("/admin/settings/units")
        await page.press("保存", {"按哪里的叫法": "济阳：网格（小区）、楼院", "第四级（楼栋）叫": "院落"})
        tree = await page.open("/units")
        assert "网格（小区）" in tree.text
        assert "院落 2" in tree.text
        unit = await page.open(f"/units/{of['house']}")
        assert "层级 院落" in unit.text
        posts = await page.open("/units/posts")
        assert "专职网格员" in posts.text
        new = await page.open("/units/posts/new")
        assert "社区工作人员" in new.text
        assert "权限管理员" not in new.text, "the three duties are given to people by name, by no post"
        await new.press("保存", {"岗位名称": "支部书记", "属于哪一边": "党内岗位", "带哪些系统角色": ["社区工作人员"]})
        assert new.status == 422
        assert "党内岗位不能带角色" in new.text
        await new.press("保存", {"岗位名称": "支部书记", "属于哪一边": "党内岗位", "带哪些系统角色": []})
        assert "支部书记" in new.text
    await street.person("社区管", "identity.registrar", unit="taoyuan")
    async with aclosing(await street.signed_in("社区管")) as clerk:
        assert (await clerk.get("/units/posts/new")).status_code == 404, "posts are the whole street's"


async def test_dwellings_and_teams_are_kept_up_on_their_own_pages(street: Running) -> None:
    of = await a_building(street)
    await street.person("张管", "identity.registrar")
    async with aclosing(await street.signed_in("张管")) as boss:
        page = await boss.open(f"/units/dwellings/{of['room']}")
        await page.press("保存", {"房号": "５０４", "面积（平方米）": "很大"})
        assert page.status == 422
        await page.press("保存", {"房号": "５０４", "面积（平方米）": "９０"})
        assert "90 平方米" in page.text
        assert page.title == "504"
        await page.press("确定停用")
        assert page.status == 409
        assert "还住着 1 人" in page.root.text
        new = await boss.open(f"/units/{of['house']}/dwelling")
        await new.press("登记", {"房号": "504"})
        assert new.status == 422
        await new.press("登记", {"房号": "601", "面积（平方米）": ""})
        await new.press("确定停用")
        assert "已停用" in new.text
        await new.press("重新启用")
        assert "601 已重新启用" in new.root.text
        team = await boss.open(f"/units/{of['grid']}/team")
        await team.press("建队", 队伍名称="第3网格服务队", 人员构成="1+1+N")
        await team.open(f"{team.path}?q=王芳")
        await team.press("加入", 在队里的分工="志愿者")
        assert "王芳" in (await boss.get(f"/units/{of['grid']}")).text
        exported = rows_in((await boss.get(f"/units/{of['grid']}/dwellings.xlsx")).content)
        assert exported == [
            ("所在单位", "房号", "面积（平方米）"),
            ("桃园社区/第3网格/7号楼", "504", "90"),
            ("桃园社区/第3网格/7号楼", "601", None),
        ]


async def test_the_tree_asks_the_same_few_questions_however_large_it_is(street: Running) -> None:
    backend = street.street.store.backend
    if not isinstance(backend, SQLiteBackend):
        return
    of = await a_building(street)
    await street.person("张管", "identity.registrar", "identity.security")
    seen: list[str] = []
    async with aclosing(await street.signed_in("张管")) as boss:

        async def asked(path: str) -> int:
            assert (await boss.get(path)).status_code == 200
            seen.clear()
            connection = backend.engine.reader
            assert connection is not None
            connection.set_trace_callback(seen.append)
            assert (await boss.get(path)).status_code == 200
            connection.set_trace_callback(None)
            return len([each for each in seen if each.startswith(("SELECT", "WITH"))])

        paths = ("/units", f"/units/{of['grid']}", f"/units/{of['grid']}/branch", "/units?q=楼")
        before = [await asked(path) for path in paths]
        today = street.street.today()
        async with street.street.store.transaction("job:test") as tx:
            for n in range(60):
                house = await verbs.add(tx, level="building", name=f"{n + 20}号楼", parent=of["grid"], opened=today)
                await dwellings.add(tx, unit=house.code, number="101")
        after = [await asked(path) for path in paths]
        assert after == before
        assert max(after) <= 8 + 5
        page = await boss.open(f"/units/{of['grid']}")
        rows = [a for a in page.main.all("a") if (a.get("href") or "").startswith(f"/units/{of['grid']}-b")]
        assert len(rows) <= 2 * 40


async def test_old_lists_and_photographs_without_an_appointment_are_swept(street: Running) -> None:
    of, today = await a_building(street), street.street.today()
    photos = street.street.identity.units.photos
    assert photos is not None
    posts = (await street.street.identity.units.posts()).by_key
    async with street.street.store.transaction("job:test") as tx:
        term = Term(posts["building_lead"], of["house"], of["王芳"], today, today + timedelta(days=9))
        made = await appointments.appoint(tx, term, today=today)
        kept = await photos.keep(tx, of["王芳"], Upload("a.jpg", picture()))
        lost = await photos.keep(tx, of["王芳"], Upload("b.jpg", picture()))
        card = appointments.Appointment(made, "building_lead", of["house"], of["王芳"], today, None)
        await appointments.set_contact(tx, card, phone="", photo=kept)
    folder: Path = street.street.settings.home / "files/portraits"
    for path in folder.glob("*/*"):
        os.utime(path, (1, 1))
    ctx = await street.acting("units")
    await sweep_old(ctx)
    assert [path.name for path in folder.glob("*/*")] == [kept]
    assert kept != lost
