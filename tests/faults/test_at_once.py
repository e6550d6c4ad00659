# SPDX-License-Identifier: Apache-2.0
"""Many at once over HTTP on a real server: the same request fifty times, two hundred people for the last piece, and a
database that somebody else holds for half a minute."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from tests.faults.test_kill_server import cheap_goods
from tests.prove import PROVING, figures
from tests.served import CSRF, KEY, Client, Served

from liren.app import open_street
from liren.identity.signin import accounts, links
from liren.settings import Settings

PEOPLE = 200 if PROVING else 40
HELD_S = 31


async def all_at_once(served: Served, path: str, wanted: list[tuple[Client, dict[str, str]]]) -> list[httpx.Response]:
    """Each form posted by its own browser, over connections of their own."""

    async def one(client: Client, form: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(base_url=served.url, cookies=client.cookies, timeout=120) as browser:
            return await browser.post(path, data=form)

    return list(await asyncio.gather(*(one(client, form) for client, form in wanted)))


def spends(served: Served) -> int:
    ((count,),) = served.sql("SELECT count(*) FROM log_entry WHERE why = 'spend'")
    return int(count)


def order_form(client: Client, goods: str) -> dict[str, str]:
    return client.keys_on(f"{goods}/confirm?count=1") | {"count": "1", "points": "1"}


def residents(served: Served, many: int) -> list[Client]:
    """So many people with points, each signed in with a browser of their own; the server starts anew meanwhile."""

    async def tokens() -> list[str]:
        found = []
        async with open_street(Settings.from_env(served.env)) as street:
            rows = await street.store.read(
                "SELECT s.subject FROM account a JOIN pseudonym s ON s.holder = a.holder"
                " WHERE a.asset = 'resident' AND a.balance > 0 AND s.kind = 'h'"
                " GROUP BY s.subject ORDER BY s.subject LIMIT ?",
                many,
            )
            async with street.store.transaction("job:test") as tx:
                for (person,) in rows:
                    found.append(await links.make(tx, await accounts.open_account(tx, person)))
        return found

    assert served.stop() == 0
    made = asyncio.run(tokens())
    assert len(made) == many
    served.again()
    clients = []
    for token in made:
        client = Client(base_url=served.url, timeout=120)
        page = client.get(f"/login/once/{token}").text
        keys = {"_csrf": CSRF.findall(page)[0], "_key": KEY.findall(page)[0]}
        assert client.post(f"/login/once/{token}", data=keys).status_code == 303
        clients.append(client)
    return clients


@pytest.mark.slow
@pytest.mark.proves("at-once")
def test_equal_requests_make_one_order_and_the_last_piece_goes_once(served: Served) -> None:
    goods, resident = cheap_goods(served), served.client("居民")
    form, before = order_form(resident, goods), spends(served)
    same = asyncio.run(all_at_once(served, f"{goods}/confirm", [(resident, form)] * 50))
    assert {answer.status_code for answer in same} == {303}
    assert len({answer.headers["location"] for answer in same}) == 1
    assert spends(served) == before + 1

    people = residents(served, PEOPLE)
    served.sql(f"UPDATE market_goods SET stock = 1 WHERE id = '{goods.rpartition('/')[2]}'")
    wanted = [(client, order_form(client, goods)) for client in people]
    answers = asyncio.run(all_at_once(served, f"{goods}/confirm", wanted))
    codes = Counter(answer.status_code for answer in answers)
    assert codes[303] == 1
    assert sum(codes[code] for code in (409, 422)) == PEOPLE - 1, codes
    assert all("兑完了" in answer.text for answer in answers if answer.status_code != 303)
    assert spends(served) == before + 2
    assert served.stop() == 0
    assert served.liren("ledger", "verify").returncode == 0
    figures(
        f"50 equal requests: one order, one answer; {PEOPLE} people for the last piece: 1 success,"
        f" {PEOPLE - 1} refused in words",
        fault="at-once",
        on=served.kind,
    )


@asynccontextmanager
async def held(served: Served) -> AsyncIterator[None]:
    """Somebody else's transaction that has the head of the log, and on SQLite the whole database."""
    if served.kind == "sqlite":
        holder = sqlite3.connect(served.home / "liren.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")
        holder.close()
        return
    other = await asyncpg.connect(served.database)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT * FROM log_head FOR UPDATE")
    yield
    await transaction.rollback()
    await other.close()


@pytest.mark.proves("locked")
@pytest.mark.skipif(not PROVING, reason="half a minute of waiting: make prove")
def test_a_database_somebody_holds_for_half_a_minute_is_a_503_while_pages_are_read(served: Served) -> None:
    goods, resident = cheap_goods(served), served.client("居民")
    admin = served.client("系统管理员")
    forms = [order_form(resident, goods) for _ in range(2)]
    before, since = spends(served), time.monotonic()

    async def meanwhile() -> tuple[list[httpx.Response], list[int], str]:
        refused, seen, red = list[httpx.Response](), list[int](), ""
        async with (
            httpx.AsyncClient(base_url=served.url, cookies=resident.cookies, timeout=120) as browser,
            httpx.AsyncClient(base_url=served.url, cookies=admin.cookies, timeout=120) as console,
            held(served),
        ):
            for form, language in zip(forms, ("zh", "en"), strict=True):
                browser.cookies.set("liren-look", f"{language}.0")
                waiting = asyncio.create_task(browser.post(f"{goods}/confirm", data=form))
                while not waiting.done() or (form is forms[0] and time.monotonic() - since < HELD_S - 5):
                    seen.append((await browser.get("/market/")).status_code)
                    await asyncio.sleep(1)
                refused.append(await waiting)
                red = red or (await console.get("/admin/health")).text
        return refused, seen, red

    refused, seen, red = asyncio.run(meanwhile())
    waited_s = time.monotonic() - since
    assert waited_s > HELD_S - 6
    assert [answer.status_code for answer in refused] == [503, 503]
    assert "请稍后再试" in refused[0].text
    assert "try again" in refused[1].text
    assert set(seen) == {200}
    assert "要看一看" in red
    assert spends(served) == before
    for form in forms:
        assert resident.post(f"{goods}/confirm", data=form).status_code == 303
    assert spends(served) == before + 2
    assert served.stop() == 0
    assert served.liren("ledger", "verify").returncode == 0
    figures(
        f"held for {waited_s:.0f} s: 503 in words, {len(seen)} pages read meanwhile, the health page red, nothing"
        " partial; then the same requests served",
        fault="locked",
        on=served.kind,
    )
