# SPDX-License-Identifier: Apache-2.0
"""No question of posting or reading walks through a table that grows with the street."""

import re
from datetime import date
from pathlib import Path

from tests.ledger.conftest import REVIEWER, Clock, award, founded, opened

from liren.ledger.papers.receipts import Receipts, keys_note
from liren.plugins.points import Budget, Close, Refund, Reverse, Settle, Spend, Subject, Void
from liren.store.sqlite import SQLiteBackend

GROWING = r"SCAN (log_entry|e|account|a|posting|p|opening|o|pseudonym|checkpoint|log_node|receipt_token)\b"
BY_ASSET = r"SEARCH (account|a) USING .*\(asset=\?\)$"
"""Not called a scan, and yet it reads every account of the asset: 39 ms a balance with 20 000 accounts."""
UP_TO = r"SEARCH (log_entry|e) USING .*\((pos|rowid)<\?\)$"
"""Every entry up to there: neither is this called a scan."""
SORTED_BY_KEY = re.compile(r"ORDER BY size DESC LIMIT 1|max\(")
"""Reads one row from the end of an index, which SQLite's plan calls a scan."""


async def test_every_statement_uses_an_index(clock: Clock, tmp_path: Path) -> None:
    database = str(tmp_path / "liren.sqlite")
    first = await founded(database, tmp_path)
    await first.ledger.stop()
    await first.store.close()
    street = await opened(database, tmp_path)
    backend = street.store.backend
    assert isinstance(backend, SQLiteBackend)
    seen: set[str] = set()
    for connection in (backend.engine.writer, backend.engine.reader):
        assert connection is not None
        connection.set_trace_callback(seen.add)
    street.ledger.forget()
    anna = Subject("h", "anna")
    posted = await street.post(award("anna", 40))
    order = await street.post(Spend(anna, "market.order", 20))
    settled = await street.post(Settle(order.rid, "m1", "market.settle", 10))
    await street.post(Void(order.rid, "market.cancel"))
    await street.post(Refund(settled.rid, "market.refund", 5))
    await street.post(Reverse(posted.rid, "FX-01", 5, REVIEWER))
    await street.post(Budget("01", 5, REVIEWER))
    await street.once(lambda state: state.post_many([award(f"p{n}", 1) for n in range(300)]))
    await street.ledger.checkpoints.sign()
    reader = street.reader
    await reader.entries(anna)
    await reader.balance(anna)
    await reader.balance_on(anna, date(2026, 11, 20))
    await reader.balance_of("budget/01")
    await reader.earned(anna, date(2026, 6, 1))
    await reader.entry(posted.rid)
    await reader.owner(settled.rid)
    receipts = Receipts(street.store, street.ledger, reader)
    await receipts.everyday(await reader.receipt_token(posted.rid))
    await receipts.file(posted.rid)
    await keys_note(street.store, 5)
    await street.post(Close(anna, "01", REVIEWER))
    await street.once(lambda state: state.erase(anna))
    statements = {s for s in seen if re.match(r"(SELECT|UPDATE|DELETE)", s) and not SORTED_BY_KEY.search(s)}
    assert len(statements) > 40
    bad = []
    for statement in statements:
        for *_, step in await street.store.read(f"EXPLAIN QUERY PLAN {statement}"):
            if re.match(GROWING, step) or re.match(BY_ASSET, step) or re.match(UP_TO, step):
                bad.append((step, statement[:200]))
    assert bad == []
    await street.ledger.stop()
    await street.store.close()
