# SPDX-License-Identifier: Apache-2.0
"""Roles as they are given and taken: inside one's scope, for a term, never to oneself, and never the last away."""

import io
from contextlib import aclosing
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from liren.identity.errors import BadGrant, DutiesApart, GrantHeld, LastAdministrator, SelfGrant
from liren.identity.register import departures, people
from liren.identity.roles import grants
from liren.identity.roles.administrators import keep_an_administrator
from liren.identity.roles.grants import check_reach, check_term
from liren.identity.signin import accounts, links
from liren.plugins.types import Health
from liren.testing.browser import Browser
from liren.testing.clock import Clock
from liren.testing.street import Running

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "until"),
    [(TODAY - DAY, TODAY + DAY), (TODAY, TODAY), (TODAY, TODAY - DAY), (TODAY + 2 * DAY, TODAY + DAY)],
    ids=["a term that begins in the past", "a term that is empty", "a term in the past", "an end before its beginning"],
)
def test_a_term_that_cannot_be_is_refused(since: date, until: date) -> None:
    with pytest.raises(BadGrant):
        check_term(since, until, TODAY)
    check_term(TODAY, TODAY + DAY, TODAY)
    check_term(TODAY, None, TODAY)


def test_a_role_of_the_whole_street_is_not_given_in_a_community() -> None:
    with pytest.raises(BadGrant):
        check_reach(("admin.health", "admin.plugins"), {"admin.plugins"}, unit_is_street=False)
    check_reach(("admin.plugins",), {"admin.plugins"}, unit_is_street=True)
    check_reach(("identity.people",), {"admin.plugins"}, unit_is_street=False)


async def admin_of(street: Running) -> str:
    """吴志强, who founded it."""
    keys = await street.street.identity.people.keys()
    return next(one.id for one in keys if one.name == "吴志强")


async def test_nobody_grants_to_themself_beyond_their_scope_or_twice(street: Running, clock: Clock) -> None:
    identity, store, today = street.street.identity, street.street.store, street.street.today()
    [first, second, *_] = await identity.units.all("community")
    granter = await street.person("赵安国", "identity.security", unit=first.code)
    clerk = await street.person("李敏芝", unit=first.code)
    end = (today + 30 * DAY).isoformat()
    async with aclosing(await street.signed_in("赵安国")) as desk:
        page = await Browser(desk).open(f"/people/{clerk}/roles")
        choices = [option.get("value") for option in page.main.all("option")]
        assert first.code in choices
        assert second.code not in choices
        url = f"/people/{clerk}/roles"
        outside = await desk.send_form(url, url, role="identity.clerk", unit=second.code, until=end)
        street_wide = await desk.send_form(url, url, role="admin.system", unit=first.code, until=end)
        past = await desk.send_form(url, url, role="identity.clerk", unit=first.code, until="2020-01-01")
        assert [answer.status_code for answer in (outside, street_wide, past)] == [422, 422, 422]
        assert "只能在街道一级授予" in street_wide.text
        assert (await desk.send_form(url, url, role="identity.clerk", unit=first.code, until=end)).status_code == 303
        twice = await desk.send_form(url, url, role="identity.clerk", unit=first.code, until=end)
        assert "已经授予过" in twice.text
        own = await desk.send_form("/me", f"/people/{granter}/roles", role="identity.clerk", unit=first.code, until=end)
        assert own.status_code == 404
    with pytest.raises(SelfGrant):
        async with store.transaction(granter) as tx:
            await grants.grant(
                tx, person=granter, role="identity.clerk", unit=first.code, roles=identity.who.titles, since=today
            )
    with pytest.raises(GrantHeld):
        async with store.transaction("job:test") as tx:
            await grants.grant(
                tx, person=clerk, role="identity.clerk", unit=first.code, roles=identity.who.titles,
                since=today + 29 * DAY, until=today + 60 * DAY,
            )  # fmt: skip
    async with store.transaction("job:test") as tx:
        await grants.grant(
            tx, person=clerk, role="identity.clerk", unit=first.code, roles=identity.who.titles,
            since=today + 30 * DAY, until=today + 60 * DAY,
        )  # fmt: skip
    async with aclosing(await street.signed_in("李敏芝")) as hers:
        assert (await hers.get("/people")).status_code == 200
    clock.forward(days=61)
    async with store.transaction("job:test") as tx:
        street.links["李敏芝"] = "/login/once/" + await links.make(tx, await accounts.open_account(tx, clerk))
    async with aclosing(await street.signed_in("李敏芝")) as hers:
        assert (await hers.get("/people")).status_code == 403, "the term is over"


async def test_the_last_administrator_stays(street: Running) -> None:
    store, today, admin = street.street.store, street.street.today(), await admin_of(street)
    await street.person("周大海", "identity.security", "audit.auditor")  # may give roles; nobody else runs the system
    [(account,)] = await store.read("SELECT id FROM login_account WHERE person = ?", admin)
    [(system,)] = await store.read("SELECT id FROM role_grant WHERE person = ? AND role = 'admin.system'", admin)
    [(security,)] = await store.read("SELECT id FROM role_grant WHERE person = ? AND role = 'identity.security'", admin)
    other = await street.person("王秀兰")
    steps = {
        "disabled": lambda tx: accounts.disable(tx, account),
        "revoked": lambda tx: grants.revoke(tx, system, today),
        "merged": lambda tx: people.merge(tx, kept=other, gone=admin, day=today),
        "moved away": lambda tx: departures.depart(tx, admin, today),
        "erased": lambda tx: keep_an_administrator(tx, admin),
    }
    for how, step in steps.items():
        with pytest.raises(LastAdministrator):
            async with store.transaction("job:test") as tx:
                await step(tx)
        assert await store.read("SELECT disabled_ms FROM login_account WHERE person = ?", admin) == [(None,)], how
    async with store.transaction("job:test") as tx:
        await grants.revoke(tx, security, today)  # 周大海 can
    await street.person("郑小虎", "admin.system")
    async with store.transaction("job:test") as tx:
        await accounts.disable(tx, account)


async def test_the_page_says_why_the_last_administrator_stays(street: Running) -> None:
    admin = await admin_of(street)
    await street.person("周大海", "identity.security")
    async with aclosing(await street.signed_in("周大海")) as desk:
        page = await Browser(desk).open(f"/people/{admin}/account")
        await page.press("停用账号")
        assert page.status == 409
        assert "这是最后一位" in page.text
        erase = await desk.send_form("/me", f"/people/{admin}/account/off")
        assert erase.status_code == 409


async def test_three_duties_are_three_people_where_the_street_wants_it(street: Running) -> None:
    it, identity = street.street, street.street.identity
    root = (await identity.units.street()).code
    await it.kernel.configure(
        it.store, "job:test", "identity", it.kernel.settings("identity").__class__(separate_duties=True)
    )
    auditor = await street.person("何静怡", "audit.auditor")
    await street.person("周大海", "identity.security")
    async with aclosing(await street.signed_in("周大海")) as desk:
        url = f"/people/{auditor}/roles"
        end = (it.today() + DAY).isoformat()
        refused = await desk.send_form(url, url, role="admin.system", unit=root, until=end)
        assert refused.status_code == 422
        assert "三员分立" in refused.text
        assert (await desk.send_form(url, url, role="identity.clerk", unit=root, until=end)).status_code == 303
    with pytest.raises(DutiesApart):
        async with it.store.transaction("job:test") as tx:
            await grants.grant(
                tx, person=auditor, role="identity.security", unit=root, roles=identity.who.titles, since=it.today(),
                duties_apart=True,
            )  # fmt: skip
    ctx = await street.acting("identity")
    found: dict[str, Health] = {
        check.name: await check.run(ctx) for check in it.kernel.plugins["identity"].health_checks
    }
    assert not found["duties"].ok
    assert "吴志强" in found["duties"].text, "the founder holds two of them until somebody takes one over"
    assert found["administrators"].ok


async def test_the_health_page_warns_before_the_last_administrators_term_ends(street: Running) -> None:
    it, admin = street.street, await admin_of(street)
    async with it.store.transaction("job:test") as tx:
        await tx.sql("UPDATE role_grant SET until = ? WHERE person = ?", it.today() + 20 * DAY, admin)
    ctx = await street.acting("identity")
    checks = {check.name: check for check in it.kernel.plugins["identity"].health_checks}
    assert not (await checks["administrators"].run(ctx)).ok
    await street.person("郑小虎", "admin.system", "identity.security")
    assert (await checks["administrators"].run(ctx)).ok


async def test_who_has_what_is_listed_inside_ones_scope_and_can_be_taken_away(street: Running) -> None:
    [first, second, *_] = await street.street.identity.units.all("community")
    await street.person("赵安国", "identity.security", unit=first.code)
    await street.person("李敏芝", "identity.clerk", unit=first.code)
    await street.person("孙桂香", "identity.clerk", unit=second.code)
    async with aclosing(await street.signed_in("赵安国")) as desk:
        page = await Browser(desk).open("/roles")
        assert "社区工作人员" in page.text
        assert "授予角色" in page.text
        await page.open("/roles/held")
        assert [row["姓名"] for row in page.rows()] == ["李敏芝", "赵安国"]
        await page.open(f"/roles/held?role=identity.clerk&unit={second.code}")
        assert [row["姓名"] for row in page.rows()] == ["李敏芝"], "a unit outside one's scope narrows nothing"
        await page.open("/roles/held?role=' OR 1=1 --&page=-3")
        assert page.status == 200
        book = load_workbook(io.BytesIO((await desk.get("/roles/held.xlsx")).content))
        names = [row[0].value for row in book.active.iter_rows(min_row=2)]
        assert "孙桂香" not in names
        assert "李敏芝" in names
    async with aclosing(await street.signed_in("李敏芝")) as clerk:
        assert (await clerk.get("/roles")).status_code == 403
