# SPDX-License-Identifier: Apache-2.0
"""Every statement behind the daily pages of people finds its rows by an index, in a register of any size."""

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest
from tests.identity.conftest import PASSWORD
from tests.identity.street import Browser
from tests.identity.test_import import HEADER, book

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
            "/people/twins", "/units", "/units/taoyuan-b7",
        ):  # fmt: skip
            assert (await browser.get(page)).status_code == 200, page
    new = "/people/of/taoyuan-b7/new"
    await browser.send(new, new, {"name": "王小兰", "phone": "19900000002", "birthday": "1990-01-01", "role": "head"})
    people = [("赵磊", None, "19900000001", "桃园", "7号楼", "1"), ("孙一", None, "19900000003", "桃园", "7号楼", "2")]
    rows = book([HEADER, *people])
    kept = await browser.upload("/people/lists", "/people/lists", "名单.xlsx", rows)
    page = kept.headers["location"]
    assert (await browser.send(page, page, {})).status_code == 303
    async with asyncio.timeout(60):
        while "收下了" not in (answer := (await browser.get(page)).text):
            assert "没有收下" not in answer
            await asyncio.sleep(0.05)
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
