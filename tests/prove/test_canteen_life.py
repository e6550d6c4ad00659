# SPDX-License-Identifier: Apache-2.0
"""The canteen through its whole life by ``liren plugin``, on both databases: at work, switched off, removed with an
export, installed again with its data. The rest goes on: the market serves, the ledger's entries can be read.
"""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from plugins.canteen.tests.table import OFF_80, Table, lay

from liren.packaging import index as indexes
from liren.packaging import keys
from liren.store import Store
from liren.testing.clock import Clock
from liren.testing.points import Points
from liren.testing.street import small_street
from liren_canteen.tables import Claim
from tests.packaging.fresh import Fresh, fresh
from tests.prove import PROVING
from tests.third_party.test_a_modules_life import until

ROOT = Path(__file__).parents[2]
MODULES = ("canteen", "market", "credit")
ROWS = "SELECT id, person, state, price_fen, subsidy_fen, points, due_fen, spend FROM canteen_order ORDER BY id"
JOBS = "SELECT name, last_ms FROM job_run WHERE plugin = 'canteen' ORDER BY 1, 2"
KEYS = re.compile(r'name="(_csrf|_key)" value="([^"]+)"')
CODE = re.compile(r'class="code"[^>]*>(\d{4}\s\d{4})')
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PROVING, reason="two minutes: make prove")]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The street's own modules as wheels, in an index that is built and signed."""
    folder = tmp_path_factory.mktemp("published")
    for module in MODULES:
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check"]
        whither = ["--outdir", str(folder / "index"), str(ROOT / "plugins" / module)]
        done = subprocess.run([*build, *whither], capture_output=True)
        assert done.returncode == 0, done.stderr[-1500:]
    indexes.build(folder / "index", date(2026, 11, 2))
    indexes.sign(folder / "index", keys.make("it.example/modules", folder / "key"))
    return folder


async def eaten_here(place: Fresh) -> tuple[str, str]:
    """A street with an order on points, made as on any day; :returns: (the elder's one-time link, the order)"""
    async with small_street(place.home, place.database or str(place.home / "liren.sqlite")) as running:
        table: Table = await lay(running, Points(running.street), Clock())
        await table.rules(OFF_80)
        person = await table.elder(points=9)
        order = await table.order(person, await table.line(points_most=3), points=2)
        later = await table.line("家常套餐", price=1000, day=table.tomorrow + timedelta(days=1))
        await table.order(person, later)
        ctx = await table.ctx()
        async with ctx.transaction():
            sheet = Claim(month="2020-02", funder="区民政局", meals=1, people=1, fen=500, content=b"sealed")
            sheet.digest, sheet.record, sheet.made_ms, sheet.made_by = "d", "r", 1, table.manager
            await Claim.insert(sheet)
        await running.new_link("王秀兰", person)
        return running.links["王秀兰"].partition("/login/")[2], order


async def rows(place: Fresh, query: str) -> list[tuple[Any, ...]]:
    store = await Store.open(place.database or str(place.home / "liren.sqlite"), read_only=True)
    try:
        return await store.read(query)
    finally:
        await store.close()


async def test_switched_off_removed_and_installed_again_with_its_data(
    tmp_path: Path, published: Path, database: str
) -> None:
    place = fresh(tmp_path, database if database.startswith("postgresql") else "")
    link, order = await eaten_here(place)
    (place.home / "trusted-keys").write_text(f"{keys.read(published / 'key').verifier}\n", "utf-8")
    index = ("--index", str(published / "index"), "--yes")
    for module in MODULES:
        place.liren("plugin", "install", module, *index)
    place.liren("migrate")
    before = await rows(place, ROWS)
    assert {row[2] for row in before} == {"placed"}
    assert len(before) == 2

    with place.serving() as client:
        page = client.get(f"/login/{link}").text
        assert client.post(f"/login/{link}", data=dict(KEYS.findall(page))).status_code == 303
        assert "取餐时报这个码" in client.get(f"/canteen/mine/{order}").text
        [other] = [row[0] for row in before if row[0] != order]
        code = CODE.findall(client.get(f"/canteen/mine/{other}").text)
        assert "订好的餐" in client.get("/home").text
        cookie = client.cookies["liren"]

    refused = place.liren("plugin", "remove", "canteen", "--export", "x.zip", "--drop-tables", "--yes", code=1)
    assert "1 open orders" in refused, "points that are frozen keep it here"

    place.liren("plugin", "disable", "canteen")
    ran = await rows(place, JOBS)
    with place.serving() as client:
        client.cookies["liren"] = cookie
        assert client.get(f"/canteen/mine/{order}").status_code == 404
        home = client.get("/home").text
        assert "订好的餐" not in home
        assert "吃饭" not in home
        assert client.get("/market/").status_code == 200
        assert "红烧鱼块套餐" in client.get("/credit/mine").text, "what was spent stays readable"
    assert await rows(place, JOBS) == ran, "its jobs do not run"
    assert await rows(place, ROWS) == before, "and it keeps everything"

    place.liren("plugin", "enable", "canteen")
    with place.serving() as client:
        client.cookies["liren"] = cookie
        assert cancelled(client, order) == 303
    before = await rows(place, ROWS)
    away = ("--export", "canteen.zip", "--drop-tables", "--yes")
    assert "Removed; restart the server" in place.liren("plugin", "remove", "canteen", *away)
    assert not list(place.site.glob("liren_canteen*"))
    with place.serving() as client:
        client.cookies["liren"] = cookie
        assert client.get("/canteen/").status_code == 404
        assert client.get("/market/").status_code == 200
        assert "红烧鱼块套餐" in client.get("/credit/mine").text
        assert client.get("/readyz").text.startswith("ok")

    place.liren("plugin", "install", "canteen", *index)
    place.liren("migrate")
    assert "restored" in place.liren("plugin", "restore", "canteen.zip")
    place.liren("plugin", "enable", "canteen")
    assert await rows(place, ROWS) == before
    assert [bytes(row[0]) for row in await rows(place, "SELECT content FROM canteen_claim")] == [b"sealed"]
    [other] = [str(row[0]) for row in before if row[0] != order]
    with place.serving() as client:
        client.cookies["liren"] = cookie
        page = until(client, f"/canteen/mine/{other}", "取餐时报这个码")
        assert CODE.findall(page) == code, "the code is the same"
        assert cancelled(client, other) == 303, "and it goes on where it was"
    assert {row[2] for row in await rows(place, ROWS)} == {"cancelled"}


def cancelled(client: httpx.Client, order: str) -> int:
    page = client.get(f"/canteen/mine/{order}").text
    form = page[page.index(f"/canteen/mine/{order}/cancel") :]
    return client.post(f"/canteen/mine/{order}/cancel", data=dict(KEYS.findall(form))).status_code
