# SPDX-License-Identifier: Apache-2.0
"""Many at once over HTTP on a real server: the same request fifty times, two hundred for the last piece, and a database
that somebody else holds for half a minute."""

import asyncio
import os
import re
import sqlite3
import time
from collections import Counter
from contextlib import closing
from secrets import token_urlsafe

import httpx
import pytest
from tests.faults.test_kill_server import CHEAP, liren
from tests.prove import FIGURES, figures
from tests.served import Client, Served


def shelf(served: Served) -> sqlite3.Connection:
    """The served street's database, beside the server."""
    return sqlite3.connect(served.home / "liren.sqlite", timeout=10, isolation_level=None)


def goods_of(client: Client) -> str:
    found = re.search(rf'href="(/market/goods/[^"]+)">{CHEAP}', client.get("/market/").text)
    assert found is not None, "the cheap thing is not on the shelf"
    return found[1]


async def all_at_once(client: Client, path: str, forms: list[dict[str, str]]) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=client.base_url, cookies=client.cookies, timeout=120, limits=limits) as many:
        return list(await asyncio.gather(*(many.post(path, data=form) for form in forms)))


def orders_in(served: Served) -> int:
    with closing(shelf(served)) as rows:
        count: int = rows.execute("SELECT count(*) FROM log_entry WHERE why = 'spend'").fetchone()[0]
    return count


@pytest.mark.slow
def test_equal_requests_make_one_order_and_the_last_piece_goes_once(street: Served) -> None:
    resident = street.client("居民")
    goods = goods_of(resident)
    page = f"{goods}/confirm?count=1"
    points = re.search(r'name="points" value="(\d+)"', resident.get(page).text)
    assert points is not None
    form = {**resident.keys_on(page), "count": "1", "points": points[1]}
    before = orders_in(street)
    same = asyncio.run(all_at_once(resident, f"{goods}/confirm", [form] * 50))
    assert {answer.status_code for answer in same} == {303}
    assert len({answer.headers["location"] for answer in same}) == 1
    assert orders_in(street) == before + 1
    with closing(shelf(street)) as rows:
        rows.execute("UPDATE market_goods SET stock = 1, monthly_limit = 0 WHERE id = ?", (goods.rpartition("/")[2],))
    wanted = [{**form, "_key": token_urlsafe(16)} for _ in range(200)]
    answers = asyncio.run(all_at_once(resident, f"{goods}/confirm", wanted))
    codes = Counter(answer.status_code for answer in answers)
    assert codes[303] == 1
    assert sum(codes[code] for code in (409, 422)) == 199, codes
    assert orders_in(street) == before + 2
    assert street.stop() == 0
    assert liren(street, "ledger", "verify").returncode == 0
    figures(f"over HTTP: 50 equal requests: one order; 200 for the last piece: {dict(codes)}")


@pytest.mark.skipif(not os.environ.get(FIGURES), reason="half a minute of waiting: make prove")
def test_a_database_somebody_holds_for_half_a_minute_is_a_503_while_pages_are_read(street: Served) -> None:
    resident = street.client("居民")
    goods = goods_of(resident)
    page = f"{goods}/confirm?count=1"
    points = re.search(r'name="points" value="(\d+)"', resident.get(page).text)
    assert points is not None
    form = {**resident.keys_on(page), "count": "1", "points": points[1]}
    before = orders_in(street)
    with closing(shelf(street)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()

        async def meanwhile() -> tuple[httpx.Response, list[int]]:
            async with httpx.AsyncClient(base_url=resident.base_url, cookies=resident.cookies, timeout=120) as both:
                order = asyncio.create_task(both.post(f"{goods}/confirm", data=form))
                seen = []
                while not order.done():
                    seen.append((await both.get("/market/")).status_code)
                    await asyncio.sleep(1)
                return await order, seen

        refused, seen = asyncio.run(meanwhile())
        waited_s = time.monotonic() - started
        holder.execute("ROLLBACK")
    assert refused.status_code == 503
    assert set(seen) == {200}
    assert orders_in(street) == before
    assert resident.post(f"{goods}/confirm", data=form).status_code == 303
    assert orders_in(street) == before + 1
    assert street.stop() == 0
    assert liren(street, "ledger", "verify").returncode == 0
    figures(f"database held for {waited_s:.0f} s: 503, {len(seen)} pages read meanwhile, nothing partial, then served")
