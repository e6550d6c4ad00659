# SPDX-License-Identifier: Apache-2.0
"""Drafts in the database: a person's own, sealed, for a month at most, and gone with the person."""

import re
from pathlib import Path

import pytest

from liren.identity.housekeeping import sweep
from liren.identity.service import Identity
from liren.identity.signin.accounts import open_account
from liren.identity.signin.drafts import AT_MOST
from liren.identity.tables import TABLES
from liren.plugins.services import Visitor
from liren.store import Store
from liren.testing.street import Running, small_street

from .conftest import Clock

DRAFT = re.compile(r'name="_draft" value="([^"]+)"')
TYPED = {"title": ["李奶奶家的水管"], "days": ["1", "3"]}


async def visitor_of(store: Store, person: str, name: str) -> Visitor:
    async with store.transaction("job:test") as tx:
        account = await open_account(tx, person)
    return Visitor(person, account, name)


@pytest.fixture
async def wang(store: Store, folk: dict[str, str]) -> Visitor:
    return await visitor_of(store, folk["王秀兰"], "王秀兰")


async def test_what_was_typed_comes_back_to_its_account_alone(
    store: Store, identity_: Identity, folk: dict[str, str], wang: Visitor
) -> None:
    other = await visitor_of(store, folk["王小兰"], "王小兰")
    at_ms = await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-1")
    found = await identity_.drafts.open(wang, "grid.visit")
    assert found is not None
    assert (found.values, found.at_ms) == (TYPED, at_ms)
    assert await identity_.drafts.open(wang, "grid.visit.2") is None
    assert await identity_.drafts.open(other, "grid.visit") is None
    await identity_.drafts.keep(wang, "grid.visit", {"title": ["改过"]}, "key-2")
    found = await identity_.drafts.open(wang, "grid.visit")
    assert found is not None
    assert found.values == {"title": ["改过"]}


async def test_nothing_of_it_can_be_read_in_the_database(store: Store, identity_: Identity, wang: Visitor) -> None:
    await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-1")
    rows = await store.read("SELECT id, account, name, content, key FROM form_draft")
    assert "李奶奶".encode() not in bytes(rows[0][3])
    assert "李奶奶" not in repr(rows)


async def test_a_form_that_was_sent_is_not_kept_again_by_a_late_message(identity_: Identity, wang: Visitor) -> None:
    await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-1")
    await identity_.drafts.drop(wang, "grid.visit", "key-1")
    assert await identity_.drafts.open(wang, "grid.visit") is None
    assert await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-1") is None, "the very form that was sent"
    assert await identity_.drafts.open(wang, "grid.visit") is None
    assert await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-2") is not None, "a new form of the same kind"
    assert await identity_.drafts.open(wang, "grid.visit") is not None


async def test_a_draft_lasts_thirty_days_and_then_is_deleted(
    store: Store, identity_: Identity, clock: Clock, wang: Visitor
) -> None:
    await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-1")
    clock.pass_time(days=29)
    assert await identity_.drafts.open(wang, "grid.visit") is not None
    clock.pass_time(days=1, minutes=1)
    store.bind(*TABLES)
    assert await identity_.drafts.open(wang, "grid.visit") is None
    async with store.transaction("job:test"):
        await sweep(identity_.now_ms())
    assert await store.read("SELECT 1 FROM form_draft") == []


async def test_an_account_keeps_a_few_dozen_drafts_and_the_oldest_gives_way(identity_: Identity, wang: Visitor) -> None:
    for number in range(AT_MOST + 2):
        await identity_.drafts.keep(wang, f"grid.visit.{number}", TYPED, f"key-{number}")
    kept = [await identity_.drafts.open(wang, f"grid.visit.{number}") for number in range(AT_MOST + 2)]
    assert sum(draft is not None for draft in kept) == AT_MOST
    assert kept[-1] is not None


async def test_with_a_persons_key_their_drafts_are_gone(store: Store, identity_: Identity, wang: Visitor) -> None:
    await identity_.drafts.keep(wang, "grid.visit", TYPED, "key-1")
    async with store.transaction("job:test") as tx:
        await identity_.vault.destroy(tx, wang.person)
    assert await identity_.drafts.open(wang, "grid.visit") is None


async def test_the_pages_of_drafts_take_nothing_that_is_not_theirs(tmp_path: Path) -> None:
    async with small_street(tmp_path / "home", str(tmp_path / "liren.sqlite")) as running:
        await running.person("赵磊", "credit.collector")
        zhao = await running.signed_in("赵磊")
        page = "/credit/lists/one"
        seal = DRAFT.search((await zhao.get(page)).text)
        assert seal is not None
        kept = {"_draft": seal[1], "name": "卢淑萍", "number": "", "somebody": "else", "_password": "x"}
        assert (await zhao.send_form(page, "/drafts", **kept)).status_code == 303
        who = (await running.acting("identity", await person_of(running, "赵磊"))).visitor
        assert who is not None
        found = await running.street.identity.drafts.open(who, "credit.award")
        assert found is not None
        assert found.values == {"name": ["卢淑萍"]}, "only fields of that form, and only filled ones"

        forged = seal[1].replace("credit.award", "credit.other")
        assert (await zhao.send_form(page, "/drafts", **{**kept, "_draft": forged})).status_code == 403
        assert (await zhao.send_form(page, "/drafts", name="卢淑萍")).status_code == 403
        assert (await zhao.send_form(page, "/drafts", **{**kept, "name": "长" * 60_001})).status_code == 413
        assert (await zhao.post("/drafts", data=kept)).status_code == 403, "without its token"
        async with running.visitor() as stranger:
            assert (await stranger.send_form("/login", "/drafts", **kept)).headers["location"].startswith("/login")


async def person_of(running: Running, name: str) -> str:
    rows = await running.street.store.read("SELECT id FROM person WHERE name = ?", name)
    return str(rows[0][0])
