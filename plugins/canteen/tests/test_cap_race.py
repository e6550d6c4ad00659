# SPDX-License-Identifier: Apache-2.0
"""A hundred clients of a served street at once: the month's cap is given out to the last 分, and not one more."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from plugins.canteen.tests.table import lay
from tests.served import free_port

from liren.testing.clock import Clock
from liren.testing.patience import PATIENCE_S
from liren.testing.points import Points
from liren.testing.served import served
from liren.testing.street import reopened, small_street
from liren_canteen import subsidy
from liren_canteen.rulebook import RuleForm

CLIENTS = 100
CAP, EACH, PRICE = 4200, 500, 1500
"""Eight whole subsidies and one of 2.00, of the meals of a week."""
KEYS = re.compile(r'name="(_csrf|_key|own_fen)" value="([^"]*)"')


async def wants(url: str, session: str, page: str) -> tuple[str, int]:
    """One client: opens the page, presses the button; where the bill changed meanwhile, agrees to the new one.

    :returns: (what came of it, tries)
    """
    async with httpx.AsyncClient(base_url=url, cookies={"liren": session}, timeout=PATIENCE_S) as client:
        shown = await client.get(page)
        assert shown.status_code == 200, shown.text
        for tries in range(1, 30):
            fields = dict(KEYS.findall(shown.text))
            if "own_fen" not in fields:
                return "refused before", tries
            site = page.partition("site=")[2]
            shown = await client.post(page.partition("?")[0], data={**fields, "site": site, "way": "dine"})
            if shown.status_code == 303:
                return "ordered", tries
            assert shown.status_code == 409, f"{shown.status_code} {shown.text[:2000]}"
            if "要付的钱刚刚变了" not in shown.text:
                return "refused", tries
        raise AssertionError("the bill never stood still")


@pytest.mark.usefixtures("machine_time")
async def test_a_cap_race_of_a_hundred_clients_is_exact_to_the_fen(tmp_path: Path, database: str) -> None:
    home = tmp_path / "street" / "home"
    home.parent.mkdir()
    port = free_port()
    async with small_street(home, database, PORT=str(port)) as running:
        table = await lay(running, Points(running.street), Clock())
        await table.rules(RuleForm("80 岁以上", "区民政局", "off", EACH, age_from=80, monthly_cap_fen=CAP))
        person = await table.elder()
        days = [table.today + timedelta(days=n) for n in range(1, 8)]
        lines = [
            (await table.line(day=day, meal=meal, price=PRICE), day) for day in days for meal in ("lunch", "supper")
        ]
        visitor = await running.signed_in("王秀兰")
        session = visitor.cookies["liren"]
        await visitor.aclose()
        site = table.site
    with served(home, database, port) as url:
        asked = [lines[n % len(lines)][0] for n in range(CLIENTS)]
        found = await asyncio.gather(*(wants(url, session, f"/canteen/order/{line}?site={site}") for line in asked))
    said = Counter(what for what, _tries in found)
    assert said["ordered"] == len(lines), said
    assert said["refused"] + said["refused before"] == CLIENTS - len(lines), said
    assert any(tries > 1 for _what, tries in found), "no bill changed under anybody: this was no race"
    async with reopened(home, database) as running:
        rows = await running.street.store.read(
            "SELECT s.month, s.fen, s.reason, o.price_fen, o.subsidy_fen, o.due_fen FROM canteen_share s"
            " JOIN canteen_order o ON o.id = s.meal_order WHERE s.person = ? AND o.state <> 'cancelled'",
            person,
        )
    assert len(rows) == len(lines)
    for month in {subsidy.month_of(day) for _line, day in lines}:
        given = [row[1] for row in rows if row[0] == month]
        assert sum(given) == min(CAP, EACH * len(given)), month
        assert sorted(given, reverse=True)[: CAP // EACH] == [EACH] * min(len(given), CAP // EACH)
    assert all(price == given + due and given == fen for _month, fen, _why, price, given, due in rows)
