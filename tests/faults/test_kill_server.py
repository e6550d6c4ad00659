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
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import openpyxl
import pytest
from tests.prove import figures
from tests.served import LIREN, Client, Served, environment, start

from liren.demo.build import SAMPLES

KILLS = int(os.environ.get("LIREN_KILLS") or 8)
MANY = KILLS > 20
RULES = ("SX-03", "SX-01", "FX-03", "FX-01", "FX-04", "FX-06") if MANY else ("SX-03", "SX-01", "FX-03")
PEOPLE = 5500 if MANY else 3000
LATEST_S = 0.12 if MANY else 0.3
"""How long after the posting began a kill may come; so short that the list outlasts the kills."""
CHEAP = "豆浆两杯"
READY_S = 60
"""Alone it takes two seconds; a test machine has other things to do. The proof says how long it took."""

pytestmark = pytest.mark.slow


def long_list(path: Path) -> int:
    """Many residents of the sample under several rules; how many rows that is."""
    people = openpyxl.load_workbook(SAMPLES / "people.xlsx", read_only=True).active
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(["姓名", "手机号", "细则", "数量", "日期"])
    rows = 0
    for row in people.iter_rows(min_row=2, max_row=PEOPLE + 1, values_only=True):
        for rule in RULES:
            sheet.append([row[0], row[2], rule, 1, "2026-02-10"])
            rows += 1
    book.save(path)
    return rows


def approved_list(served: Served, file: Path) -> str:
    """Upload, submit, look at the sample, approve: the list's address."""
    collector = served.client("采集员")
    done = collector.send_form(
        "/credit/lists/new", "/credit/lists/new", files={"file": (file.name, file.read_bytes())}, title="二月"
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
    """Orders one after another until the server dies, and remembers what was acknowledged and what was not."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self.client = client
        text = client.get("/market/").text
        found = re.search(rf'href="(/market/goods/[^"]+)">{CHEAP}', text)
        assert found is not None, "the cheap thing is not on the shelf"
        self.goods = found[1]
        points = re.search(r'name="points" value="(\d+)"', client.get(f"{self.goods}/confirm?count=1").text)
        self.fields = {"count": "1", "points": points[1]} if points is not None else None  # None: the points are spent
        self.acknowledged: list[str] = []
        self.unanswered: list[dict[str, str]] = []

    def run(self) -> None:
        while self.fields is not None:
            try:
                fields = self.client.keys_on(f"{self.goods}/confirm?count=1") | self.fields
            except (httpx.TransportError, IndexError):
                return
            try:
                answer = self.client.post(f"{self.goods}/confirm", data=fields)
            except httpx.TransportError:
                self.unanswered.append(fields)
                return
            if answer.status_code != 303:
                return  # the points are spent
            self.acknowledged.append(answer.headers["location"])
            time.sleep(0.02)


def again(served: Served, ready_s: list[float]) -> Served:
    """The same street, served anew; its cookies still hold, for sessions live in the database."""
    since = time.monotonic()
    fresh = start(served.home)
    ready_s.append(time.monotonic() - since)
    return fresh


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(street: Served, tmp_path: Path) -> None:
    rows = long_list(tmp_path / "二月.xlsx")
    before = awards_of(street)
    where = approved_list(street, tmp_path / "二月.xlsx")
    chance = random.Random(20261121)
    orders: list[str] = []
    ready_s: list[float] = []
    served = street
    for _ in range(KILLS):
        reviewer, shopper = served.client("审核员"), Shopper(served.client("居民"))
        reviewer.send_form(where, f"{where}/post")
        shopper.start()
        time.sleep(chance.uniform(0.02, LATEST_S))
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        shopper.join(10)
        served = again(served, ready_s)
        resident = served.client("居民")
        for order in shopper.acknowledged:
            assert resident.get(order).status_code == 200, "an acknowledged order is gone"
        orders += shopper.acknowledged + repeated(resident, shopper)
    reviewer = served.client("审核员")
    reviewer.send_form(where, f"{where}/post")
    for _ in range(120):
        if "已全部入账" in (text := reviewer.get(where).text):
            break
        time.sleep(0.5)
    assert "已全部入账" in text
    assert served.stop() == 0
    assert awards_of(served) == before + rows
    assert len(orders) == len(set(orders))
    assert liren(served, "ledger", "verify").returncode == 0
    assert liren(served, "ledger", "rebuild").returncode == 0
    assert max(ready_s) < READY_S
    figures(
        f"{KILLS} kills of the server in {rows:,} awards and {len(orders)} orders: 0 acknowledged lost, 0 twice;"
        f" ready again in {sorted(ready_s)[len(ready_s) // 2]:.1f} s (median), {max(ready_s):.1f} s at most"
    )


def repeated(client: Client, shopper: Shopper) -> list[str]:
    """The request whose answer was lost, sent again under its key, by the same person: it counts once."""
    found = []
    for fields in shopper.unanswered:
        token = client.keys_on(f"{shopper.goods}/confirm?count=1")["_csrf"]
        answers = [client.post(f"{shopper.goods}/confirm", data=fields | {"_csrf": token}) for _ in range(2)]
        places = {answer.headers.get("location") for answer in answers}
        assert len(places) == 1
        found += [place for place in places if place]
    return found


def liren(served: Served, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LIREN, *words], env=environment(served.home), capture_output=True, text=True)


def awards_of(served: Served) -> int:
    """Award records in the log."""
    with closing(sqlite3.connect(f"file:{served.home / 'liren.sqlite'}?mode=ro", uri=True)) as reader:
        count: int = reader.execute("SELECT COUNT(*) FROM log_entry WHERE why = 'award'").fetchone()[0]
    return count
