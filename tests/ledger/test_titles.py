# SPDX-License-Identifier: Apache-2.0
"""What a record names is shown in words: a module's codes and merchants, the street's rules, the core's own."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from secrets import token_hex

import pytest
from tests.ledger.test_pages import awarded
from tests.towns import WISHES, installed

from liren.testing.street import Running, Visitor, small_street


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    with installed(WISHES):
        async with small_street(tmp_path / "home", database) as street:
            await street.street.kernel.enable(street.street.store, "job:test", "wishes")
            yield street


async def given(running: Running) -> tuple[str, str]:
    """王秀兰 has 30 points and gives 10 to a wish; :returns: (rid of the settlement, the wish's id)"""
    from liren_wishes import api

    person = await running.person("王秀兰")
    await awarded(running, person)
    ctx = await running.acting("wishes", person)
    wish = await api.make(ctx, "想要一盏路灯", (await ctx.units.street()).code)
    return await api.give(ctx, token_hex(4), wish, 10), wish


async def page_of(auditor: Visitor, running: Running, rid: str) -> str:
    """What the auditor sees of a record."""
    ((pos,),) = await running.street.store.read("SELECT pos FROM log_entry WHERE rid = ?", rid)
    return (await auditor.get(f"/ledger/audit/entries/{pos}")).text


async def test_a_modules_codes_and_accounts_are_shown_in_its_words_as_long_as_it_is_there(running: Running) -> None:
    settled, wish = await given(running)
    await running.person("郑明", "audit.auditor")
    async with aclosing(await running.signed_in("王秀兰")) as resident:
        for path in ("/ledger/mine", "/credit/mine", "/ledger/passbook", "/home"):
            assert "捐给心愿" in (await resident.get(path)).text, path
    async with aclosing(await running.signed_in("郑明")) as auditor:
        page = await page_of(auditor, running, settled)
        for words in ("心愿收到积分", "wishes.given", "想要一盏路灯", f"merchant/wishes.{wish}", "已下单、还没取"):
            assert words in page, words
        listed = (await auditor.get("/ledger/audit/log")).text
        assert "捐给心愿" in listed
        assert "想要一盏路灯" not in listed, "a list names no account"
        await running.street.kernel.disable(running.street.store, "job:test", "wishes")
        page = await page_of(auditor, running, settled)
        assert "心愿收到积分" in page, "a record says the same while its module is off"
        assert f"{wish}（模块 wishes）" in page


async def test_removed_modules_and_unknown_codes_are_shown_as_they_stand(running: Running) -> None:
    ctx = await running.acting("wishes")
    said = {
        "core.expire": "到期清零",
        "wishes.give": "捐给心愿",
        "wishes.thanks-7": "谢谢您的心意",
        "wishes.lost": "wishes.lost（模块 wishes）",
        "gone.sold": "gone.sold（模块 gone）",
        "ZY-09": "ZY-09",
        "ZY-09.v2": "ZY-09.v2",
    }
    titles = await ctx.titles(list(said), ["wishes.nobody", "gone.shop-1"])
    assert {code: titles.code(code) for code in said} == said
    assert titles.account("wishes.nobody") == "nobody（模块 wishes）"
    assert titles.account("gone.shop-1") == "shop-1（模块 gone）"


async def test_a_module_that_fails_to_name_its_accounts_costs_their_names_only(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled, wish = await given(running)
    await running.person("郑明", "audit.auditor")
    caller = running.street.kernel.caller
    monkeypatch.setattr(caller, "_strict", False)
    import liren_wishes

    def broken(*_: object) -> None:
        raise RuntimeError("no such table")

    monkeypatch.setattr(liren_wishes.Wish, "objects", broken)
    async with aclosing(await running.signed_in("郑明")) as auditor:
        page = await page_of(auditor, running, settled)
    assert f"{wish}（模块 wishes）" in page
    assert "心愿收到积分" in page
