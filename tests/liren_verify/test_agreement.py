# SPDX-License-Identifier: Apache-2.0
"""Engine, verifier and second reader, written apart from one spec, agree: what the engine admits, both find clean."""

import contextlib
import random
import sqlite3
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.ledger.conftest import REVIEWER, Street, founded
from tests.liren_verify.judge import judged
from tests.liren_verify.second import export as second

from liren.errors import LirenError
from liren.ledger.archive.export import export
from liren.ledger.papers.receipts import Receipts
from liren.ledger.reading.reader import Reader
from liren.plugins.points import (
    Award,
    Budget,
    Close,
    Expire,
    PostDraft,
    Posted,
    Refund,
    Reverse,
    Settle,
    Spend,
    Subject,
    Void,
)
from liren.store import Store
from liren_verify.archive import Archive
from liren_verify.export import ExportCheck
from liren_verify.findings import Findings

TZ = ZoneInfo("Asia/Shanghai")
PEOPLE = ("anna", "bela", "cong")
STEPS = 160


class Clock:
    """The machine's clock, as the ledger sees it; it stands still between settings, so nothing depends on speed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set(datetime(2026, 11, 21, 9, 0, tzinfo=TZ))
        monkeypatch.setattr(time, "time_ns", lambda: self._now_ns)

    def set(self, now: datetime) -> None:
        self.now = now
        self._now_ns = int(now.timestamp()) * 10**9


class Life:
    """A street where things happen at random; what the engine refuses has not happened."""

    def __init__(self, street: Street, clock: Clock, seed: int) -> None:
        self.street = street
        self.clock = clock
        self.random = random.Random(seed)
        self.posted: list[tuple[PostDraft, Posted]] = []
        self.refused = 0

    def of(self, *kinds: type[PostDraft]) -> str:
        rids = [posted.rid for draft, posted in self.posted if isinstance(draft, kinds)]
        return self.random.choice(rids) if rids else "A" * 22

    def draft(self) -> PostDraft:
        pick, amount = self.random, self.random.randint(1, 30)
        who = Subject("h", pick.choice(PEOPLE))
        eff = self.clock.now.date() - timedelta(days=pick.randint(0, 20))
        merchant = pick.choice(("m1", "m2"))
        choices: list[tuple[int, PostDraft]] = [
            (
                6,
                Award(
                    who,
                    pick.choice(("01", "02")),
                    pick.choice(("FX-01", "FX-02", "FX-03")),
                    amount,
                    eff,
                    reviewer=REVIEWER,
                ),
            ),
            (2, Award(Subject("o", "shop"), "01", "HB-01", amount, eff, asset="partner", reviewer=REVIEWER)),
            (6, Spend(who, "market.order", amount)),
            (5, Settle(self.of(Spend), merchant, "market.settle", pick.choice((None, amount)))),
            (4, Void(self.of(Spend), "market.cancel", pick.choice((None, amount)))),
            (4, Refund(self.of(Settle), "market.refund", pick.choice((None, amount)))),
            (3, Reverse(self.of(Award, Close), "FX-01", amount, REVIEWER)),
            (1, Budget(pick.choice(("01", "02")), pick.randint(-50, 50), REVIEWER)),
        ]
        if pick.random() < 0.02:
            return Close(who, "01", REVIEWER)
        return pick.choices([draft for _, draft in choices], [weight for weight, _ in choices])[0]

    async def expire_what_is_past(self) -> None:
        today = self.clock.now.date().isoformat()
        rows = await self.street.store.read(
            "SELECT asset, address FROM account WHERE holder IS NOT NULL AND balance > 0"
        )
        for asset, address in rows:
            if address[25:] < today:
                await self.post(Expire(asset, address))

    async def post(self, draft: PostDraft) -> None:
        try:
            self.posted.append((draft, await self.street.post(draft)))
        except LirenError:
            self.refused += 1

    async def go_on(self) -> None:
        for step in range(STEPS):
            if step % 20 == 19:
                self.clock.set(self.clock.now + timedelta(days=self.random.randint(1, 60)))
                if self.random.random() < 0.5:
                    await self.expire_what_is_past()
            await self.post(self.draft())


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_the_engine_admits_the_verifier_finds_clean(
    seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = Clock(monkeypatch)
    street = await founded(str(tmp_path / "liren.sqlite"), tmp_path)
    try:
        await _lives(street, clock, seed, tmp_path)
    finally:
        await _end(street)


async def _lives(street: Street, clock: Clock, seed: int, folder: Path) -> None:
    life = Life(street, clock, seed)
    await life.go_on()
    kinds = {type(draft) for draft, _ in life.posted}
    assert len(kinds) >= 7, kinds
    path, findings = folder / "export.zip", Findings()
    await export(street.store, path)
    with Archive(path) as archive:
        check = ExportCheck(archive, findings, 1)
        check.run(None, None)
    assert [finding.line("en") for finding in findings] == []
    assert second.verdict(path.read_bytes()) is None
    rows = await street.store.read("SELECT asset, address, balance FROM account")
    for asset, address, balance in rows:
        assert check.replay.scene.accounts.balance(asset, address) == balance, address
    receipts = Receipts(street.store, street.ledger, Reader(street.store, street.ledger))
    for _, posted in life.posted[:: len(life.posted) // 10]:
        receipt = await receipts.file(posted.rid)
        assert not judged(receipt, folder)
        assert second.verdict(receipt) is None


async def _end(street: Street) -> None:
    await street.ledger.stop()  # which signs the head
    await street.store.close()


def _other(value: object) -> object:
    """A stored value with its last bit, digit or letter changed."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("A" if value[-1] != "A" else "B")
    assert isinstance(value, bytes)
    return value[:-2] + bytes([value[-2] ^ 1]) + value[-1:]


async def test_any_stored_value_of_the_log_that_was_changed_is_found_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = Clock(monkeypatch)
    database = tmp_path / "liren.sqlite"
    street = await founded(str(database), tmp_path)
    await Life(street, clock, seed=4).go_on()
    await _end(street)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as raw:
        for table, columns, rows in (
            ("log_entry", "rid kind why unit admitted_ms eff ref body leaf pos", "pos IN (0, 5, 15, 20, 25)"),
            ("log_head", "origin root edge last_ms", "one = 1"),
            ("checkpoint", "note", "size = (SELECT size FROM log_head)"),
            ("policy", "body", "1 = 1"),
        ):
            for column in columns.split():
                found = raw.execute(f"SELECT rowid, {column} FROM {table} WHERE {rows}").fetchall()
                assert found
                for rowid, value in found:
                    if value is None:
                        continue
                    update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                    changed = -1 if column == "pos" else _other(value)
                    raw.execute(update, (changed, rowid))
                    places = await _places(database, tmp_path)
                    raw.execute(update, (value, rowid))
                    if table == "log_head":
                        assert places & {"head.json", "manifest.json"}, column
                    elif table == "log_entry" and column != "pos":
                        ((position,),) = raw.execute("SELECT pos FROM log_entry WHERE rowid = ?", (rowid,)).fetchall()
                        assert f"entry {position}" in places, (column, position, places)
                    else:
                        assert places, (table, column)
    assert await _places(database, tmp_path) == set()


async def _places(database: Path, folder: Path) -> set[str]:
    """Exports what is stored, as it is, and gives the places of the verifier's findings."""
    store = await Store.open(str(database))
    try:
        await export(store, folder / "export.zip")
    finally:
        await store.close()
    findings = Findings()
    with Archive(folder / "export.zip") as archive:
        ExportCheck(archive, findings, 1).run(None, None)
    assert (second.verdict((folder / "export.zip").read_bytes()) is None) == (not findings)
    return {finding.place for finding in findings}
