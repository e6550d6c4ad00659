# SPDX-License-Identifier: Apache-2.0
"""The audit: chained, attested each day, read by the auditor alone; whatever is changed afterwards shows."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from liren.audit import chain
from liren.audit.tables import AuditRow, Head, Link
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
        await running.street.jobs.run_now("audit", "seal")


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
    await running.street.jobs.run_now("audit", "seal")
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
    assert "plugins.enable" not in page
    assert "没有这样的记录" in (await auditor.get("/audit/?what=portal.tested&until=2020-01-01")).text
    assert (await auditor.get("/audit/?since=yesterday&page=x&who=%25")).status_code == 200
    file = await auditor.send_form("/audit/", "/audit/file?what=portal.tested")
    rows = read_book(file.content).sheets[0].rows
    assert [row[4] for row in rows[1:]] == ["portal.tested"] * 5
    assert "taken-away" in (await auditor.get("/audit/")).text
    assert "一条没少" in (await auditor.send_form("/audit/", "/audit/check")).text
    await admin.aclose()
    await auditor.aclose()
