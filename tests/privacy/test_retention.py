# SPDX-License-Identifier: Apache-2.0
"""The clock walks past every term the field register names: what is over goes by itself, and nothing before it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from liren import clock as real
from liren.acting.tables import MandateRow, SlipRow, Use
from liren.identity.tables import Attempts, FormDraft, LoginPending
from liren.plugins.context import Context
from liren.plugins.services import Progress, Who
from liren.store.lists import Lists
from liren.testing.clock import Clock
from liren.testing.street import Running, small_street
from liren.units import appointments
from liren.units.appointments import Term
from liren.units.build import Builder
from liren.web import Upload
from liren_canteen.tables import Kitchen, MealOrder, MenuLine, Site, SubsidyShare
from liren_credit.tables import AwardList, AwardRow, HeardClaim, UploadedFile

DAY_MS: Final = 86_400_000
PICTURE: Final = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
NAME: Final = "冼馥荔"
JOBS: Final = (
    "identity.sweep", "units.sweep", "acting.sweep", "workflow.sweep", "inbox.sweep", "credit.tidy", "privacy.sweep",
    "privacy.retained", "canteen.tidy",
)  # fmt: skip

KEPT: Final = {
    "login not finished": (0.02, "SELECT 1 FROM login_pending"),
    "code sent by phone": (0.02, "SELECT 1 FROM acting_mandate WHERE code_hash IS NOT NULL"),
    "tries counted": (1, "SELECT 1 FROM attempts WHERE bucket = 'specimen'"),
    "exported list": (1, "SELECT 1 FROM uploaded_list WHERE kind = 'identity.people-out'"),
    "uploaded list": (7, "SELECT 1 FROM uploaded_list WHERE kind = 'units.dwellings'"),
    "serving: phone and photograph": (10, "SELECT 1 FROM appointment WHERE phone <> '' OR photo IS NOT NULL"),
    "what a law kept": (20, "SELECT 1 FROM privacy_retained"),
    "typed and not sent": (30, "SELECT 1 FROM form_draft WHERE content IS NOT NULL"),
    "work in the background": (30, "SELECT 1 FROM task"),
    "message between modules": (30, "SELECT 1 FROM outbox WHERE payload LIKE '%specimen%'"),
    "typed of whom nobody knew": (7, "SELECT 1 FROM credit_row WHERE person IS NULL AND (name <> '' OR cells <> '')"),
    "typed in a list": (30, "SELECT 1 FROM credit_row WHERE person IS NOT NULL AND name <> ''"),
    "list without columns": (30, "SELECT 1 FROM credit_upload"),
    "claim in a list": (30, "SELECT 1 FROM credit_claim"),
    "one-time link": (31, "SELECT 1 FROM one_time_login WHERE made_by = 'specimen'"),
    "signed in": (60, "SELECT 1 FROM login_session"),
    "paper of a consent": (180, "SELECT 1 FROM acting_mandate WHERE paper IS NOT NULL"),
    "from where": (183, "SELECT 1 FROM sign_in"),
    "notice": (365, "SELECT 1 FROM inbox_notice"),
    "form sent": (400, "SELECT 1 FROM request WHERE key = 'specimen'"),
    "cap used": (425, "SELECT 1 FROM acting_use"),
    "act": (1095, "SELECT 1 FROM acting_slip"),
    "consent to act": (1095, "SELECT 1 FROM acting_mandate"),
}
"""What is kept → after how many days it is gone at the latest, and how to look for it."""
EARLIEST: Final = {
    "signed in": 0,
    "cap used": 365,
    "serving: phone and photograph": 9,
    "what a law kept": 19,
    "claim in a list": 29,
}
"""Where a term is no number of hours: browsers not used end sooner, caps go by months, others by the day."""


DAYS_LATE: Final = {"serving: phone and photograph": 1, "what a law kept": 1, "claim in a list": 1}
"""Terms by the calendar's day may end any hour of it."""


@pytest.fixture
async def running(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def test_everything_kept_goes_on_its_day_and_nothing_before(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(real, "now_ms", clock.now_ms)
    person = await _fill(running)
    began = clock.now_ms()
    assert await _there(running) == set(KEPT), "a specimen that is none proves nothing"
    days = {limit for limit, _ in KEPT.values()}
    for when in sorted({moment for day in days for moment in _around(day)}):
        clock.forward(days=when - (clock.now_ms() - began) / DAY_MS)
        await _sweep(running)
        left = await _there(running)
        over = {what for what, (limit, _) in KEPT.items() if limit + DAYS_LATE.get(what, 0) < when}
        still = {what for what, (limit, _) in KEPT.items() if EARLIEST.get(what, limit) > when}
        assert left & over == set(), f"after {when} days"
        assert still - left == set(), f"gone before its time, after {when} days"
    await _after_the_law(running, clock)
    cards = await running.street.identity.people.cards([person])
    assert cards[person].name == NAME, "the person themself stays"


async def _after_the_law(running: Running, clock: Clock) -> None:
    """A meal somebody paid a subsidy for names its diner until the term of accounts is over, and not a day longer."""
    years = running.street.kernel.context("canteen", Who()).settings.keep_years
    [(day,)] = await running.street.store.read("SELECT day FROM canteen_order")
    for moment, people in ((datetime(day.year + years, 12, 31, 12), 1), (datetime(day.year + years + 1, 1, 1, 12), 0)):
        clock.set(moment)
        await _sweep(running)
        for table in ("canteen_order", "canteen_share"):
            rows = await running.street.store.read(f"SELECT 1 FROM {table} WHERE person <> ''")
            assert len(rows) == people, (table, moment)


def _around(day: float) -> tuple[float, float]:
    """Shortly before, and surely after: some hours for terms of days, some minutes for those of minutes."""
    return day - min(day * 0.1, 0.4), day + min(day * 0.5, 0.6)


async def _there(running: Running) -> set[str]:
    return {what for what, (_, query) in KEPT.items() if await running.street.store.read(f"{query} LIMIT 1")}


async def _sweep(running: Running) -> None:
    street = running.street
    for job in JOBS:
        plugin, _, name = job.partition(".")
        [found] = [one for one in street.kernel.plugins[plugin].jobs if one.name == name]
        await found.run(await running.acting(plugin))
    await street.events.tidy()


async def _fill(running: Running) -> str:
    """One of everything, through the verbs pages use where there is one."""
    street, today = running.street, running.street.today()
    [first, *_] = await street.identity.units.all("community")
    person = await running.person(NAME, unit=first.code)
    await (await running.signed_in(NAME, fresh=False)).aclose()
    await (await running.acting("inbox")).notify(person, "请到社区来一趟。", "/home")
    await _work(await running.acting("identity", person))
    lists = Lists(street.store, street.vault)
    for kind in ("units.dwellings", "identity.people-out"):
        await lists.keep(person, kind=kind, file_name="名单.xlsx", content=b"x", options=b"{}", summary=b"{}")
    async with street.store.transaction("job:test") as tx:
        builder = await Builder.load(tx, today)
        grid = builder.unit("grid", "一网格", first.code)
        await builder.write(tx)
    posts = (await street.identity.units.posts()).by_key
    assert street.identity.units.photos is not None
    async with street.store.transaction("job:test") as tx:
        lead = Term(posts["grid_lead"], grid, person, today, today + timedelta(days=10), "0533-1")
        made = await appointments.appoint(tx, lead, today=today)
        held = appointments.Appointment(made, "grid_lead", grid, person, today, today + timedelta(days=10))
        photo = await street.identity.units.photos.keep(tx, person, Upload("像.png", PICTURE))
        await appointments.set_contact(tx, held, phone="0533-1", photo=photo)
        paper = await street.kernel.services.acting.papers.keep(tx, person, Upload("纸.png", PICTURE))
        await _acts(tx.now_ms, person, paper, first.code, today)
        await _logins(tx.now_ms)
        await _meal(person, first.code, today)
        await _lists(tx.now_ms, person, today)
        row = ("gone/credit", person, "nobody", today + timedelta(days=20), "law")
        await tx.sql("INSERT INTO privacy_retained (id, person, plugin, until, law) VALUES (?, ?, ?, ?, ?)", *row)
        [(account,)] = await tx.sql("SELECT id FROM login_account WHERE person = ?", person)
        await tx.sql(
            "INSERT INTO one_time_login (token_hash, account, made_by, created_ms, ends_ms)"
            " VALUES ('h', ?, 'specimen', ?, ?)", account, tx.now_ms, tx.now_ms + DAY_MS,
        )  # fmt: skip
        await FormDraft.insert(FormDraft(id="d", account=account, name="x", content=b"x", key="k", at_ms=tx.now_ms))
        await tx.sql(
            "INSERT INTO outbox (plugin, event, version, payload, at_ms) VALUES ('x', 'x.y', 1, 'specimen', ?)",
            tx.now_ms,
        )
        await tx.sql(
            "INSERT INTO request (actor, key, digest, result, at_ms) VALUES (?, 'specimen', ?, ?, ?)",
            person, b"d", b"r", tx.now_ms,
        )  # fmt: skip
    return person


async def _work(ctx: Context) -> None:
    async def work(_ctx: Context, progress: Progress) -> str:
        progress(1, 1)
        return "好了"

    task = await ctx.start("specimen", "报表", work)
    while (view := await ctx.task(task)) is not None and view.state == "running":
        await asyncio.sleep(0.01)


async def _acts(now_ms: int, person: str, paper: str, unit: str, today: date) -> None:
    row = MandateRow(id="m1", person=person, actor="x", kind="staff", how="paper", unit=unit, recorded_by="x")
    row.asked_ms = row.given_ms = row.until_ms = now_ms
    row.code_until_ms = now_ms + DAY_MS // 50
    row.code_hash, row.paper = "h", paper
    await MandateRow.insert(row)
    slip = SlipRow(id="s1", number="1", mandate="m1", person=person, actor="x", kind="staff", how="paper", deed="d")
    slip.measure, slip.amount, slip.text, slip.subject, slip.unit, slip.month = (
        "分",
        1,
        "t",
        "o",
        unit,
        f"{today:%Y-%m}",
    )
    slip.at_ms = slip.undo_until_ms = now_ms
    slip.sampled = 0
    await SlipRow.insert(slip)
    await Use.insert(Use(scope=person, deed="d", month=f"{today:%Y-%m}", used=1))


async def _meal(person: str, unit: str, day: date) -> None:
    kitchen = Kitchen(name="东厨", unit=unit)
    await Kitchen.insert(kitchen)
    site = Site(kitchen=kitchen.id, name="东食堂", unit=unit)
    await Site.insert(site)
    line = MenuLine(kitchen=kitchen.id, day=day, meal="lunch", title="素面", price_fen=900)
    await MenuLine.insert(line)
    meal = MealOrder(person=person, site=site.id, line=line.id, day=day, meal="lunch", way="dine", title="素面")
    meal.price_fen, meal.subsidy_fen, meal.due_fen, meal.code_hash, meal.placed_ms = 900, 200, 700, "h", 1
    meal.state = "settled"
    await MealOrder.insert(meal)
    share = SubsidyShare(
        meal_order=meal.id, person=person, month=f"{day:%Y-%m}", funder="区民政局", rule="r", title="t"
    )
    share.fen, share.reason, share.state = 200, "rule", "earned"
    await SubsidyShare.insert(share)


async def _logins(now_ms: int) -> None:
    await Attempts.insert(Attempts(bucket="specimen", started_ms=now_ms, tries=1))
    account = await LoginPending.raw("SELECT id FROM login_account LIMIT 1")
    pending = LoginPending(token_hash="h", account=account[0]["id"], way="password", second=0, wanted="/")
    pending.ends_ms = now_ms + DAY_MS // 50
    await LoginPending.insert(pending)


async def _lists(now_ms: int, person: str, today: date) -> None:
    for number, state in enumerate(("posted", "columns"), 1):
        name = f"l{number}"
        entered = AwardList(id=name, number=number, title="三月", state=state, origin="file", unit="u", collector="c")
        entered.file_name, entered.file_digest, entered.sheet, entered.entered_ms = "三月.xlsx", name, "表", now_ms
        await AwardList.insert(entered)
    await UploadedFile.insert(UploadedFile(list="l2", data=b"x"))
    for number, known in enumerate((None, person)):
        row = AwardRow(id=f"0001-{number}", list="l1", number=number, verdict="x", state="checked", name=NAME)
        row.person, row.cells = known, "[]"
        await AwardRow.insert(row)
    await HeardClaim.insert(HeardClaim(id="k", plugin="x", rule="r.1", person=person, day=today, quantity=1, list="l1"))
