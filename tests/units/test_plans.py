# SPDX-License-Identifier: Apache-2.0
"""No question of units, posts and changes walks through a table that grows with the city."""

import re
from contextlib import aclosing
from pathlib import Path

from tests.units.test_unit_pages import a_building

from liren.store.sqlite import SQLiteBackend
from liren.testing.moulds import Moulds
from liren.units import appointments
from liren.units.appointments import Term

OURS = r"(unit|u|dwelling|d|a|b|appointment|team|t|team_member|m|unit_change|unit_past|p|residence|r|role_grant|person)"
GROWING = re.compile(rf"SCAN {OURS}\b(?!.*USING (COVERING )?INDEX (unit_path|sqlite_autoindex_unit_\d))")
WHOLE_TREE = re.compile(r"SELECT code, level, name, party_title, path, parent, closed FROM unit$")
"""Read into memory once after each change: pages ask memory."""
UPDATED_ALL = re.compile(r"UPDATE unit SET opened|UPDATE residence SET dwelling")


async def test_every_statement_uses_an_index(street_moulds: Moulds, tmp_path: Path) -> None:
    async with street_moulds.street(tmp_path / "home", None) as street:
        of = await a_building(street)
        await street.person("张管", "identity.registrar", "identity.security")
        backend = street.street.store.backend
        assert isinstance(backend, SQLiteBackend)
        seen: set[str] = set()
        async with (
            aclosing(await street.signed_in("张管")) as boss,
            aclosing(await street.signed_in("王芳")) as resident,
        ):
            for connection in (backend.engine.writer, backend.engine.reader):
                assert connection is not None
                connection.set_trace_callback(seen.add)
            for path in (
                "/units", "/units?q=7", f"/units/{of['grid']}", f"/units/{of['house']}", f"/units/{of['grid']}/branch",
                f"/units/dwellings/{of['room']}", f"/units/{of['house']}/notice", f"/units/{of['grid']}/served",
                f"/units/{of['grid']}/close", f"/units/{of['house']}/merge", "/units/posts",
                f"/units/{of['grid']}/units.xlsx", f"/units/{of['grid']}/dwellings.xlsx",
                f"/units/{of['grid']}/appointments.xlsx", f"/people/of/{of['grid']}/on?day=2026-01-01",
                f"/units/{of['grid']}/appoint?person={of['王芳']}",
            ):  # fmt: skip
                assert (await boss.get(path)).status_code == 200, path
            page = await boss.open(f"/units/{of['house']}/appoint?person={of['王芳']}")
            await page.press("任命", 岗位="楼长")
            page = await boss.open(f"/units/{of['house']}/merge")
            await page.press("下一步", 并入哪个单位="桃园社区 第3网格 8号楼")
            await page.press("确定合并")
            assert page.path == f"/units/{of['other']}"
            today = street.street.today()
            posts = (await street.street.identity.units.posts()).by_key
            async with street.street.store.transaction("job:test") as tx:
                lead = Term(posts["building_lead"], of["other"], of["王芳"], today, None)
                made = await appointments.appoint(tx, lead, today=today)
                await appointments.end(tx, made, today)
                await appointments.depart(tx, of["王芳"], today)
                await appointments.merged(tx, kept=of["王芳"], gone="nobody", day=today)
            assert (await resident.get("/home")).status_code == 200
            assert (await resident.get("/units/mine")).status_code == 200
            for connection in (backend.engine.writer, backend.engine.reader):
                assert connection is not None
                connection.set_trace_callback(None)
        mine = {s for s in seen if re.match(r"(SELECT|WITH|UPDATE|DELETE)", s) and _ours(s)}
        assert len(mine) > 40
        bad = []
        for statement in mine:
            if WHOLE_TREE.match(statement) or UPDATED_ALL.match(statement):
                continue
            for *_, step in await street.street.store.read(f"EXPLAIN QUERY PLAN {statement}"):
                if GROWING.match(step) or "AUTOMATIC" in step:
                    bad.append((step, statement[:200]))
        assert bad == []


def _ours(statement: str) -> bool:
    names = r"\b(unit|dwelling|appointment|team|team_member|unit_change|unit_past)\b"
    return re.search(names, statement.partition("WHERE")[0]) is not None
