# SPDX-License-Identifier: Apache-2.0
"""Every statement behind the daily pages of people finds its rows by an index, in a register of any size."""

import re
from pathlib import Path

import asyncpg
import pytest
from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import Browser
from tests.identity.test_import import HEADER, book
from tests.identity.test_lists import until_done

from liren.identity.register.directory import Directory
from liren.identity.register.lookup import queries_of, ways
from liren.identity.service import Identity
from liren.store.sqlite import SQLiteBackend
from liren.web.app import PageApp

TABLES = "person|residence|dwelling|consent|subject_key|organisation|organisation_member|ownership|departure"
ALIASES = "p|r|o|d|m|s"
SCANS = re.compile(rf"SCAN ({TABLES}|{ALIASES})\b(?! USING (COVERING )?INDEX organisation_name)")
SEQUENTIAL = re.compile(rf"Seq Scan on ({TABLES})\b")


@pytest.fixture
async def statements(identity_: Identity, app: PageApp, chief: str, staff: str, folk: dict[str, str]) -> set[str]:
    """What the pages asked of a SQLite database; nothing on PostgreSQL."""
    backend = identity_.store.backend
    if not isinstance(backend, SQLiteBackend):
        return set()
    seen: set[str] = set()
    for connection in (backend.engine.writer, backend.engine.reader):
        assert connection is not None
        connection.set_trace_callback(seen.add)
    for name in ("limin", "zhaolei"):
        browser = Browser(app)
        await browser.sign_in(name, PASSWORD)
        for page in (
            "/people", "/people?q=wxl", "/people?q=王", "/people?q=0001", "/people?q=19900000001",
            "/people?q=379901196411220003", "/people/of/taoyuan", "/people/of/taoyuan?role=head&page=2",
            f"/people/{folk['王秀兰']}", f"/people/{folk['王秀兰']}/move", f"/people/{folk['王秀兰']}/leave",
            f"/people/{folk['王秀兰']}/guardians", "/people?q=0003", "/me/labels",
            "/people/twins", "/units", "/units/taoyuan-b7", "/people/of/taoyuan/on?day=2026-01-01",
            "/people/of/taoyuan/on", "/people/of/taoyuan/on?after=taoyuan-b7.1", "/people/of/taoyuan/on?after=x.y.z",
        ):  # fmt: skip
            assert (await browser.get(page)).status_code == 200, page
    new = "/people/of/taoyuan-b7/new"
    await browser.send(new, new, {"name": "王小兰", "phone": "19900000002", "birthday": "1990-01-01", "role": "head"})
    people = [("赵磊", None, "19900000001", "桃园", "7号楼", "1"), ("孙一", None, "19900000003", "桃园", "7号楼", "2")]
    rows = book([HEADER, *people])
    kept = await browser.upload("/people/lists", "/people/lists", "名单.xlsx", rows)
    page = kept.headers["location"]
    assert (await browser.send(page, page, {})).status_code == 303
    assert "没有收下" not in await until_done(browser, page)
    return {s for s in seen if s.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE"))}


async def test_no_page_reads_a_whole_table(
    statements: set[str], identity_: Identity, postgres_database: str, tmp_path: Path
) -> None:
    if not statements:
        pytest.skip("PostgreSQL explains what SQLite was asked")
    assert len(statements) > 60
    bad = []
    for statement in statements:
        for *_, step in await identity_.store.read(f"EXPLAIN QUERY PLAN {statement}"):
            if SCANS.match(step):
                bad.append(("sqlite", step, statement[:300]))
    connection = await asyncpg.connect(postgres_database)
    # So few rows are read whole by choice; without that choice a sequential scan means that no index serves.
    await connection.execute("SET enable_seqscan = off")
    for statement in statements:
        if statement.startswith("SELECT") and not re.search(r"\bX'|sqlite_|login_session|attempts", statement):
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}"))
            if SEQUENTIAL.search(plan):
                bad.append(("postgres", plan[:300], statement[:300]))
    await connection.close()
    assert not bad, "\n".join(" | ".join(each) for each in bad)


async def test_a_lookup_inside_a_community_begins_with_it(directory: Directory, folk: dict[str, str]) -> None:
    store = directory.store
    async with store.transaction("job:test") as tx:
        # Twenty communities of a hundred people each: who lives in another one must not be looked at.
        for n in range(20):
            await tx.sql(
                "INSERT INTO unit (code, level, parent, path, name, opened) VALUES (?, 'community', 'liren', ?, ?, ?)",
                f"a{n}", f"liren/a{n}/", f"第{n}社区", TODAY,
            )  # fmt: skip
        people = [f"x{n}" for n in range(2000)]
        await tx.many(
            "INSERT INTO person (id, name, given, pinyin, initials, created_ms) VALUES (?, '王五', '五', ?, 'ww', 0)",
            [(person, f"wangwu{person}") for person in people],
        )
        await tx.many(
            "INSERT INTO residence (id, person, unit, role, since) VALUES (?, ?, ?, 'member', ?)",
            [(f"r{person}", person, f"a{n % 20}", TODAY) for n, person in enumerate(people)],
        )
    if store.kind == "postgres":
        async with store.transaction("job:test") as tx:
            await tx.sql("ANALYZE")
    tree = await directory.tree()
    explain = "EXPLAIN QUERY PLAN" if store.kind == "sqlite" else "EXPLAIN"
    for text, indexes in (("ww", ("initials", "pinyin")), ("王", ("name", "given"))):
        for condition, column in zip(ways(text, directory.hash_of), indexes, strict=True):
            (query,) = queries_of(condition, ["liren/a3/"], tree)
            plan = "\n".join(str(row[-1]) for row in await store.read(f"{explain} {query.text}", *query.args, 20))
            assert f"person_area_{column}" in plan, plan
    assert len(await directory.search("ww", ["liren/a3/"], limit=200)) == 100
    assert {hit.unit for hit in await directory.search("ww", ["liren/a3/", "liren/a4/"], limit=200)} == {"a3", "a4"}
