# SPDX-License-Identifier: Apache-2.0
"""kill −9 of the serving process while it posts an award list and takes orders.

What was acknowledged is there, nothing is there twice, the list goes on where it stopped, and the ledger verifies.
This is the end of a process, not of the power: what the disk itself loses is not tried here.
"""

import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path
from secrets import token_urlsafe

import httpx
import openpyxl
import pytest
from tests.prove import figures
from tests.served import CSRF, KEY, Client, Served

from liren.demo.build import SAMPLES
from liren.testing.patience import PATIENCE_S, wait_until

KILLS = int(os.environ.get("LIREN_KILLS") or 8)
RULES = ("SX-03", "SX-01", "FX-03", "FX-01", "FX-04", "FX-06")
MOST_RECORDS = 300
"""At most so many before a kill, and a chunk of the list (256) more."""
PEOPLE = min(5500, KILLS * 400 // len(RULES))
"""So many that the list about outlasts the kills."""
LATEST_S = 0.01
"""How long after that record a kill may come: less than a chunk of the list takes."""
SLICE_S = 0.005
CHEAP = "豆浆两杯"

pytestmark = [pytest.mark.slow, pytest.mark.proves("kill-serving")]


def long_list(path: Path) -> int:
    """Many residents of the sample under several rules; how many rows that is."""
    people = openpyxl.load_workbook(SAMPLES / "people.xlsx", read_only=True).active
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(["姓名", "手机号", "细则", "数量", "日期"])
    rows = 0
    for row in people.iter_rows(min_row=2, max_row=PEOPLE + 1, values_only=True):
        for rule in RULES:
            sheet.append([row[0], row[2], rule, 1, "2026-01-10"])
            rows += 1
    book.save(path)
    return rows


def approved_list(served: Served, file: Path) -> str:
    """Upload, submit, look at the sample, approve: the list's address."""
    collector = served.client("采集员")
    done = collector.send_form(
        "/credit/lists/new", "/credit/lists/new", files={"file": (file.name, file.read_bytes())}, title="一月"
    )
    assert done.status_code == 303, done.text[-2000:]
    where = done.headers["location"]
    assert collector.send_form(where, f"{where}/submit").status_code == 303
    reviewer = served.client("审核员")
    while shown := re.findall(r'name="shown" value="([^"]+)"', reviewer.get(where).text):
        assert reviewer.send_form(where, f"{where}/look", shown=shown).status_code == 303
    assert reviewer.send_form(where, f"{where}/approve").status_code == 303
    return str(where)


class Shopper(threading.Thread):
    """Orders and cancels in turn until the server dies; remembers what was acknowledged and what was not answered."""

    def __init__(self, client: Client, goods: str) -> None:
        super().__init__(daemon=True)
        self.client, self.goods = client, goods
        self.acknowledged: list[tuple[str, str]] = []
        """(what was posted to, where the answer sent us)"""
        self.unanswered: list[tuple[str, dict[str, str]]] = []
        """(path, form)"""

    def run(self) -> None:
        try:
            while True:
                form = self.client.keys_on(f"{self.goods}/confirm?count=1") | {"count": "1", "points": "1"}
                order = self.send(f"{self.goods}/confirm", form)
                self.cancel(order)
        except (httpx.TransportError, IndexError):
            return

    def cancel(self, order: str) -> None:
        page = self.client.get(order).text
        button = page[page.index(f"{order}/cancel") :]
        self.send(f"{order}/cancel", {"_csrf": CSRF.findall(button)[0], "_key": KEY.findall(button)[0]})

    def send(self, path: str, form: dict[str, str]) -> str:
        try:
            answer = self.client.post(path, data=form)
        except httpx.TransportError:
            self.unanswered.append((path, form))
            raise
        assert answer.status_code == 303, answer.text[-2000:]
        self.acknowledged.append((path, answer.headers["location"]))
        return str(answer.headers["location"])

    def repeat(self) -> None:
        """What got no answer is sent again under its key, twice, by the same person: it counts once."""
        while self.unanswered:
            path, form = self.unanswered.pop()
            token = self.client.keys_on(f"{self.goods}/confirm?count=1")["_csrf"]
            places = {self.send(path, form | {"_csrf": token}) for _ in range(2)}
            assert len(places) == 1

    @property
    def orders(self) -> set[str]:
        return {place for path, place in self.acknowledged if path == f"{self.goods}/confirm"}

    @property
    def cancelled(self) -> set[str]:
        return {place for path, place in self.acknowledged if path.endswith("/cancel")}


def cheap_goods(served: Served) -> str:
    """Something on the shelf, now for a point, as often as one likes: its address."""
    found = re.search(rf'href="(/market/goods/[^"]+)">{CHEAP}', served.client("居民").get("/market/").text)
    assert found is not None, "the cheap thing is not on the shelf"
    wanted = f"id = '{found[1].rpartition('/')[2]}'"
    served.sql(f"UPDATE market_goods SET points = 1, stock = 100000, monthly_limit = 0 WHERE {wanted}")
    return found[1]


def counted(served: Served) -> Counter[str]:
    """Records in the log by what they move."""
    return Counter(dict(served.sql("SELECT why, COUNT(*) FROM log_entry WHERE why IS NOT NULL GROUP BY why")))


def begin_posting(reviewer: Client, where: str) -> None:
    """Press the button anew; a page that believes the dead process still posts does not show it for a while."""
    keys = reviewer.keys_on(where) | {"_key": token_urlsafe(16)}
    answer = reviewer.post(f"{where}/post", data=keys)
    assert answer.status_code == 303 or "已全部入账" in reviewer.get(where).text, answer.text[-2000:]


def run_until_grown(served: Served, records: int) -> None:
    """Until the log has so many more records, or the list is done and only the shopper is left.

    In slices, with the process stopped while we look: a busy machine would else post the whole list meanwhile.
    """
    wanted, deadline = size_of(served) + records, time.monotonic() + 6
    while size_of(served) < wanted and time.monotonic() < deadline:
        served.process.send_signal(signal.SIGCONT)
        time.sleep(SLICE_S)
        served.process.send_signal(signal.SIGSTOP)
    served.process.send_signal(signal.SIGCONT)


def size_of(served: Served) -> int:
    """Entries in the log; 0 where the process was stopped in the midst of changing the index of SQLite's own log."""
    try:
        ((size,),) = served.sql("SELECT size FROM log_head")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_BUSY):
            raise
        return 0
    return int(size)


def ready_again(served: Served) -> float:
    since = time.monotonic()
    served.again()
    return time.monotonic() - since


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(served: Served, tmp_path: Path) -> None:
    rows = long_list(tmp_path / "一月.xlsx")
    before = counted(served)
    where = approved_list(served, tmp_path / "一月.xlsx")
    goods, resident = cheap_goods(served), served.client("居民")
    reviewer = served.client("审核员")
    chance = random.Random(20261121)
    orders, cancelled = set[str](), set[str]()
    ready_s: list[float] = []
    midst = 0
    for _ in range(KILLS):
        shopper = Shopper(resident, goods)
        begin_posting(reviewer, where)
        shopper.start()
        run_until_grown(served, chance.randrange(MOST_RECORDS))
        time.sleep(chance.uniform(0, LATEST_S))
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        shopper.join(PATIENCE_S)
        assert not shopper.is_alive()
        midst += (counted(served) - before)["award"] < rows  # a part of it is one transaction
        ready_s.append(ready_again(served))
        shopper.repeat()
        for order in shopper.orders:
            assert resident.get(order).status_code == 200, "an acknowledged order is gone"
        for order in shopper.orders - shopper.cancelled:
            shopper.cancel(order)  # nobody runs out of points
        orders |= shopper.orders
        cancelled |= shopper.cancelled
    begin_posting(reviewer, where)
    wait_until(lambda: "已全部入账" in reviewer.get(where).text)
    assert served.stop() == 0
    found = counted(served) - before
    assert found == {"award": rows, "spend": len(orders), "void": len(cancelled)}
    assert orders == cancelled
    assert served.liren("ledger", "verify").returncode == 0
    assert served.liren("ledger", "rebuild").returncode == 0
    ready_s.sort()
    figures(
        f"{KILLS} kills, {midst} of them before the list was done, in {rows:,} awards, {len(orders):,} orders and"
        f" {len(cancelled):,} cancellations: 0 acknowledged lost, 0 twice;"
        f" ready again in {ready_s[len(ready_s) // 2]:.1f} s (median), {ready_s[-1]:.1f} s at most",
        fault="kill-serving",
        on=served.kind,
    )
