# SPDX-License-Identifier: Apache-2.0
"""The audit: chained, attested each day, read by the auditor alone; whatever is changed afterwards shows."""

import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import liren
from liren.audit import chain, proof
from liren.audit.tables import AuditRow, Head, Link
from liren.audit.titles import SHARED, TITLES
from liren.audit.wanted import Wanted, page
from liren.cli import cli
from liren.store.audit import write
from liren.testing.street import Running, small_street
from liren.web.sheets import read_book

DAY_S = 24 * 3600


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Puts the clock forward by so many seconds."""
    real, ahead = time.time_ns, 0

    def forward(seconds: float) -> None:
        nonlocal ahead
        ahead += int(seconds * 1e9)

    monkeypatch.setattr(time, "time_ns", lambda: real() + ahead)
    return forward


async def busy(running: Running, times: int = 5) -> None:
    ctx = await running.acting("portal")
    for n in range(times):
        async with ctx.transaction() as tx:
            await tx.audit("tested", f"thing/{n}", n=n)


async def sealed(running: Running, later: Callable[[float], None]) -> None:
    """Two busy days, each attested on the next."""
    for _day in range(2):
        await busy(running)
        later(DAY_S)
        await running.run("audit", "seal")


async def test_every_row_is_chained_and_every_day_that_is_over_stands_in_the_ledger(
    running: Running, later: Callable[[float], None]
) -> None:
    await sealed(running, later)
    store = running.street.store
    assert await Link.count() >= await AuditRow.count() - 20
    heads = await Head.objects().order_by(Head.day)
    assert len(heads) == 2
    subjects = await store.read("SELECT body FROM log_entry WHERE kind = 'attest' ORDER BY pos")
    assert all(f"audit/{head.day}" in bytes(row[0]).decode() for head, row in zip(heads, subjects, strict=True))
    await running.run("audit", "seal")
    assert await Head.count() == 2, "a day is attested once"
    assert await chain.verify(store) == []


async def tamper(running: Running, statement: str, *values: object) -> list[chain.Break]:
    async with running.street.store.transaction("job:test") as tx:
        await tx.sql(statement, *values)
    return await chain.verify(running.street.store)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET actor = 'somebody else' WHERE id = ?", "was altered"),
        ("UPDATE audit SET detail = '{}' WHERE id = ?", "was altered"),
        ("DELETE FROM audit WHERE id = ?", "was altered"),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE id = ?", "was altered"),
        ("UPDATE audit_link SET digest = (SELECT digest FROM audit_link WHERE id = 2) WHERE id = ?", "was altered"),
    ],
)
async def test_one_changed_row_is_named(
    running: Running, later: Callable[[float], None], statement: str, says: str
) -> None:
    await sealed(running, later)
    assert (await Head.objects().order_by(Head.day).first()) is not None
    [found] = await tamper(running, statement, 8)
    assert says in found.en
    assert found.row in (8, 9)


async def test_who_writes_the_whole_chain_anew_is_found_by_the_ledger(
    running: Running, later: Callable[[float], None]
) -> None:
    await sealed(running, later)
    async with running.street.store.transaction("job:test") as tx:
        await tx.sql("UPDATE audit SET actor = 'somebody else' WHERE id = 8")
        before = chain.FIRST
        for row in await chain.raw_rows(0, 100_000):
            before = chain.link(before, row)
            await tx.sql("UPDATE audit_link SET digest = ? WHERE id = ?", before, row[0])
            await tx.sql("UPDATE audit_head SET digest = ? WHERE last = ?", before, row[0])
    breaks = await chain.verify(running.street.store)
    assert len(breaks) == 2, "both days"
    assert "not those the ledger attested" in breaks[0].en


async def test_rows_cut_off_at_the_end_are_missed(running: Running, later: Callable[[float], None]) -> None:
    await sealed(running, later)
    breaks = await tamper(running, "DELETE FROM audit WHERE id >= ?", 10)
    assert breaks
    assert any("gone" in found.en for found in breaks)


async def test_only_the_auditor_reads_searches_and_takes_away(running: Running) -> None:
    await busy(running)
    await running.person("何静", "audit.auditor")
    await running.person("吴强", "admin.system", "identity.security", "identity.registrar")
    admin = await running.signed_in("吴强")
    assert (await admin.get("/audit/")).status_code == 403
    auditor = await running.signed_in("何静")
    page = (await auditor.get("/audit/?what=portal.tested")).text
    assert "thing/4" in page
    assert "plugin/credit" not in page
    assert "没有这样的记录" in (await auditor.get("/audit/?what=portal.tested&until=2020-01-01")).text
    assert (await auditor.get("/audit/?since=yesterday&page=x&who=%25")).status_code == 200
    file = await auditor.send_form("/audit/", "/audit/file?what=portal.tested")
    rows = read_book(file.content).sheets[0].rows
    assert [row[5] for row in rows[1:]] == ["portal.tested"] * 5
    assert "下载了审计记录" in (await auditor.get("/audit/")).text
    assert "audit.rows" in (await auditor.get("/audit/?result=refused")).text, "who was turned away is on record"
    assert "audit.rows" not in (await auditor.get("/audit/?result=done")).text
    assert "一条没少" in (await auditor.send_form("/audit/", "/audit/check")).text
    await admin.aclose()
    await auditor.aclose()


async def test_whole_days_are_taken_away_with_their_proof_and_checked_without_the_street(
    running: Running, later: Callable[[float], None]
) -> None:
    await sealed(running, later)
    await running.person("何静", "audit.auditor")
    auditor = await running.signed_in("何静")
    since = running.street.today() - timedelta(days=2)
    answer = await auditor.send_form("/audit/", f"/audit/proof?since={since}")
    found = proof.check(answer.content.splitlines(keepends=True))
    assert found.en == ""
    assert len(found.days) == 2
    assert (await auditor.send_form("/audit/", "/audit/proof?until=2020-01-01")).status_code == 303
    await auditor.aclose()


def altered(lines: list[bytes], number: int, old: bytes, new: bytes) -> list[bytes]:
    assert old in lines[number]
    return [*lines[:number], lines[number].replace(old, new), *lines[number + 1 :]]


async def test_a_file_of_whole_days_shows_every_change(
    running: Running, later: Callable[[float], None], tmp_path: Path
) -> None:
    await sealed(running, later)
    store = running.street.store
    [(first, last)] = await store.read("SELECT min(id), max(id) FROM audit")
    day = running.street.today()
    whole = [line async for line in proof.lines(store, day, day, first, last)]
    found = proof.check(whole)
    assert (found.rows, len(found.days), found.en) == (last - first + 1, 2, "")
    tested = next(n for n, line in enumerate(whole) if b"portal.tested" in line)
    for broken in (
        altered(whole, tested, b"portal.tested", b"portal.fudged"),
        [*whole[:tested], *whole[tested + 1 :]],
        [*whole[: tested + 1], *whole[tested:]],
        whole[1:],
        [b"nonsense\n"],
    ):
        assert "does not fit" in proof.check(broken).en
    middle = next(n for n, line in enumerate(whole) if b'"line":"day"' in line)
    rest = proof.check([whole[0], *whole[middle + 1 :]])
    assert rest.en, "days cannot be left out either"
    file = tmp_path / "audit.jsonl"
    file.write_bytes(b"".join(whole))
    said = CliRunner().invoke(cli, ["audit", "verify", str(file)])
    assert said.exit_code == 0, said.output
    assert "2 days attested" in said.output


async def test_the_auditor_searches_by_who_whom_what_unit_day_and_result(running: Running) -> None:
    ctx = await running.acting("portal")
    async with running.street.store.transaction("somebody") as tx:
        await write(tx, "credit", "credit.list-refused", "L1", unit="taoyuan")
        await write(tx, "credit", "credit.list-approved", "L2", unit="hepan")
    zone, store = ctx.now().tzinfo, running.street.store

    async def found(**wanted: str) -> list[str]:
        return [row.what for row in await page(store, Wanted.of(wanted), zone, None, 50)]

    both = ["credit.list-approved", "credit.list-refused"]
    assert await found(who="somebody") == both
    assert await found(who="somebody", result="refused") == both[1:]
    assert await found(whom="L2", result="done") == both[:1]
    assert await found(what="credit.") == both
    assert await found(what="credit.list-approved", unit="hepan") == both[:1]
    assert await found(who="somebody", until="2020-01-01") == []
    [first] = await page(store, Wanted(who="somebody"), zone, None, 1)
    assert [row.what for row in await page(store, Wanted(who="somebody"), zone, first.id, 50)] == both[1:]


async def test_no_search_reads_the_whole_audit(tmp_path: Path) -> None:
    async with small_street(tmp_path / "home", str(tmp_path / "home/liren.sqlite")) as running:
        for wanted in ({}, {"who": "p"}, {"whom": "p"}, {"what": "credit."}, {"what": "credit.x"}, {"unit": "hepan"}):
            where, values = Wanted.of(wanted).where(None)
            query = f"EXPLAIN QUERY PLAN SELECT id FROM audit WHERE {where} AND id < ? ORDER BY id DESC LIMIT 50"
            plan = " ".join(str(row[3]) for row in await running.street.store.read(query, *values, 10**9))
            assert "SCAN" not in plan, f"{wanted}: {plan}"


def test_every_code_of_the_core_has_a_title() -> None:
    """Also of packages written later: what writes an audit row says what it is called."""
    code = re.compile(r'"((?:acting|admin|audit|identity|ledger|plugins|portal|privacy|units)\.[a-z]+-?[a-z-]*)"')
    core = Path(liren.__file__).parent
    written = set()
    for path in core.rglob("*.py"):
        text = path.read_text("utf-8")
        for call in re.finditer(r"(?:audit|write_down|_change)\((?:[^()]|\([^()]*\))*\)", text):
            written |= set(code.findall(call[0]))
        package = path.relative_to(core).parts[0]
        if package in ("authoring", "plugins"):
            continue  # the starter is somebody else's module; the gate writes as portal
        own = re.findall(r'tx\.audit\("([a-z-]+)"', text)
        written |= {f"{package}.{each}" for each in own}
    assert len(written) > 40
    assert sorted(written - set(TITLES) - set(SHARED)) == []


async def test_what_a_handler_refuses_is_written_down_as_the_gate_does(running: Running) -> None:
    await running.person("钱进", "identity.clerk")
    [(boss,)] = await running.street.store.read("SELECT id FROM person WHERE name = '吴志强'")
    clerk = await running.signed_in("钱进")
    assert (await clerk.get(f"/people/{boss}/account")).status_code == 403, "in scope, and not theirs to look after"
    [(detail,)] = await running.street.store.read("SELECT detail FROM audit WHERE what = 'portal.page-refused'")
    assert "identity.account" in detail
    await clerk.aclose()
