# SPDX-License-Identifier: Apache-2.0
"""An event of another module becomes a claim, a list and points: by a rule the street adopted, past a reviewer."""

import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from credit_pages import credited
from credit_street import Town, award_street

from liren.api import Subject
from liren.testing.site import Site
from liren_credit.events import ListPosted
from liren_credit.tables import AwardList, AwardRow, HeardClaim

BELL = """
from liren import hookimpl
from liren.api import Event, RuleTemplate

class Rung(Event, frozen=True):
    name = "bell.rung"
    title = "摇铃"
    person: str
    day: str
    quantity: int = 1

@hookimpl
def register_events():
    return [Rung]

@hookimpl
def register_point_rules():
    return [RuleTemplate("bell.visit", "上门看望", "dedication", "次", 2, 3, "照片", event="bell.rung")]
"""


@pytest.fixture
async def town(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    site = Site(tmp_path / "site")
    site.write("liren-bell", {"liren.toml": 'api = "1.0"\nid = "bell"\ntitle = "铃"\n', "__init__.py": BELL})
    monkeypatch.syspath_prepend(site.path)
    async with award_street(tmp_path / "home", database) as made:
        await made.street.kernel.enable(made.street.store, "job:test", "bell")
        yield made
    sys.modules.pop("liren_bell", None)


async def ring(town: Town, *rings: tuple[str, int], days_ago: int = 1) -> None:
    """Emit, deliver, gather."""
    day = (town.street.today() - timedelta(days=days_ago)).isoformat()
    async with (await town.acting("bell")).transaction() as tx:
        for person, quantity in rings:
            await tx.emit(sys.modules["liren_bell"].Rung(person, day, quantity))
    await town.street.events.look()
    await town.street.jobs.run_now("credit", "gather")


async def adopt_template(town: Town) -> None:
    collector = await town.enter("赵磊")
    page = (await collector.get("/credit/rules")).text
    assert "上门看望" in page
    form = "/credit/drafts/new?template=bell.visit"
    assert 'value="上门看望"' in (await collector.get(form)).text
    answer = await collector.send_form(
        form, "/credit/drafts/new", template="bell.visit", code="BL-01", title="上门看望", behaviour="dedication",
        unit="次", points="2", daily_cap="3", evidence="照片", valid_from="2026-01-01", source="纸质公布",
        expiry="next-year-end",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    reviewer = await town.enter("李敏")
    proposal = answer.headers["location"]
    assert (await reviewer.send_form(proposal, f"{proposal}/adopt")).status_code == 303
    assert "上门看望" in (await reviewer.get("/credit/rules/BL-01")).text


async def residents(town: Town) -> list[str]:
    keys = await town.street.identity.people.keys()
    return [each.id for each in keys if each.community and each.household]


async def test_without_an_adopted_rule_an_event_claims_nothing(town: Town) -> None:
    first, *_ = await residents(town)
    await ring(town, (first, 1))
    assert await HeardClaim.count() == 0
    assert await AwardList.count() == 0


async def test_events_become_one_reviewed_list_cut_to_the_daily_cap_and_then_points(town: Town) -> None:
    await adopt_template(town)
    first, second, *_ = await residents(town)
    await ring(town, (first, 1), (second, 2), (first, 1), (second, 2), ("nobody", 1))
    entered = await AwardList.objects().first()
    assert entered is not None
    assert (entered.state, entered.origin) == ("review", "events")
    found = await AwardRow.objects().where(AwardRow.list == entered.id).order_by(AwardRow.number)
    assert [(row.verdict, row.quantity, row.points) for row in found] == [
        ("ok", 2, 4),
        ("ok", 3, 6),
        ("unknown-person", 1, 0),
    ]
    await town.street.jobs.run_now("credit", "gather")
    assert await AwardList.count() == 1, "nothing is gathered twice"
    reviewer = await town.enter("李敏")
    await credited(reviewer, f"/credit/lists/{entered.id}")
    balances = [(await (await town.as_("李敏")).ledger.balance(Subject("h", each))).total for each in (first, second)]
    assert balances == [4, 6]
    told = await town.street.store.read("SELECT event, payload FROM outbox WHERE plugin = 'credit' ORDER BY id")
    assert [event for event, _payload in told] == ["credit.rules_adopted", "credit.rules_adopted", "credit.list_posted"]
    posted = msgspec.json.decode(told[-1][1], type=ListPosted)
    assert (posted.list, posted.awards, posted.points) == (entered.id, 2, 10)


async def test_a_day_that_is_not_over_waits_and_a_second_list_brings_no_second_award(town: Town) -> None:
    await adopt_template(town)
    first, second, *_ = await residents(town)
    await ring(town, (first, 1), days_ago=0)
    assert await AwardList.count() == 0
    await ring(town, (first, 1), days_ago=1)
    await ring(town, (first, 1), days_ago=1)
    assert await AwardList.count() == 1, "a list of duplicates alone is none"
    await ring(town, (first, 1), (second, 1), days_ago=1)
    found = await AwardRow.objects().order_by(AwardRow.id)
    assert [row.verdict for row in found] == ["ok", "duplicate", "ok"]
    assert await HeardClaim.count().where(HeardClaim.list.is_null()) == 1, "today's"
