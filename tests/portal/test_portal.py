# SPDX-License-Identifier: Apache-2.0
"""The front doors, on both databases: what a stranger, a reviewer and an administrator find first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liren.testing.street import Running, small_street


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def test_anyone_reads_the_public_board_without_login(running: Running) -> None:
    async with running.visitor() as visitor:
        answer = await visitor.get("/")
        assert answer.status_code == 200
        assert "里仁街道公开栏" in answer.text
        assert "public board" in (await visitor.get("/?lang=en")).text


async def test_somebody_not_signed_in_is_sent_to_the_login_page_and_comes_back(running: Running) -> None:
    async with running.visitor() as visitor:
        answer = await visitor.get("/desk")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=%2Fdesk"


async def test_an_unknown_page_is_friendly_and_says_what_to_do(running: Running) -> None:
    async with running.visitor() as visitor:
        answer = await visitor.get("/no/such/page")
        assert answer.status_code == 404
        assert "没有找到" in answer.text
        assert "Traceback" not in answer.text


async def test_a_one_time_link_works_once(running: Running) -> None:
    first = await running.signed_in("李敏")
    assert (await first.get("/me")).status_code == 200
    async with running.visitor() as second:
        again = await second.get(running.links["李敏"])
        assert again.status_code in (404, 410)
    await first.aclose()


async def test_the_administrator_switches_a_module_off_and_on_again(running: Running) -> None:
    admin = await running.signed_in("吴志强")
    assert "信用超市" in (await admin.get("/admin/plugins")).text
    assert (await admin.get("/market/")).status_code == 200
    off = await admin.send_form("/admin/plugins", "/admin/plugins/market/off")
    assert off.status_code == 303
    assert (await admin.get("/market/")).status_code == 404
    on = await admin.send_form("/admin/plugins/market", "/admin/plugins/market/on", pilot="*")
    assert on.status_code == 303
    assert (await admin.get("/market/")).status_code == 200
    await admin.aclose()


async def test_who_may_not_look_after_modules_is_refused(running: Running) -> None:
    reviewer = await running.signed_in("李敏")
    answer = await reviewer.get("/admin/plugins")
    assert answer.status_code == 403
    assert "没有" in answer.text
    await reviewer.aclose()


async def test_switching_an_unknown_module_is_not_found(running: Running) -> None:
    admin = await running.signed_in("吴志强")
    answer = await admin.send_form("/admin/plugins", "/admin/plugins/nothing/on")
    assert answer.status_code == 404
    await admin.aclose()


async def test_readiness_says_how_long_the_signed_ledger_is(running: Running) -> None:
    async with running.visitor() as visitor:
        await running.idle()
        answer = await visitor.get("/readyz")
        assert answer.status_code == 200
        ((size,),) = await running.street.store.read("SELECT size FROM log_head")
        assert f"ledger {size}\n" in answer.text
        assert size > 5


async def test_a_request_without_a_cookie_asks_the_database_nothing_and_one_with_a_session_little(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its page does: the gate turns a stranger away unasked, a session is found in three statements at most."""
    staff, asked, read = await running.signed_in("李敏"), list[str](), running.street.store.read

    async def noted(query: str, *args: object) -> list[tuple[object, ...]]:
        asked.append(query)
        return await read(query, *args)

    monkeypatch.setattr(running.street.store, "read", noted)
    async with running.visitor() as visitor:
        assert (await visitor.get("/desk")).status_code == 303
        assert asked == []
    assert (await staff.get("/nowhere")).status_code == 404
    before_the_page = next(n for n, query in enumerate(asked, 1) if "FROM role_grant" in query)
    assert "FROM login_session" in asked[0]
    assert before_the_page <= 3
