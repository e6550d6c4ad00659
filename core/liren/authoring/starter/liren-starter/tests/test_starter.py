# SPDX-License-Identifier: Apache-2.0
"""样板间, as people use it; and the checks every module has to pass."""

from typing import Any

import pytest

from liren.testing.contract import *  # noqa: F403
from liren_starter import verbs


@pytest.fixture
def plugin() -> str:
    return "starter"


@pytest.fixture
async def known_person(street: Any) -> str:
    """Somebody who wrote something: what is held about them is exported, and forgotten when they ask."""
    person: str = await street.person("白露", "starter.editor")
    ctx = await street.acting("starter", person)
    await verbs.add(ctx, "an-entry-of-somebody", verbs.NewEntry("周三停水", "上午八点到十二点。"))
    return person


async def test_what_is_written_once_is_read_by_everybody(staff: Any, client: Any, outbox: Any) -> None:
    editor = await staff("starter.editor")
    page = await editor.open("/starter/new")
    await page.press("发布", 标题="周三停水", 内容="上午八点到十二点。")
    assert page.title == "周三停水"
    for path in ("/starter", "/"):
        assert "周三停水" in (await client.open(path)).text
    assert [event.name for event in await outbox.emitted()] == ["starter.entry_added"]


async def test_every_mistake_is_shown_and_what_was_typed_stays(staff: Any) -> None:
    page = await (await staff("starter.editor")).open("/starter/new")
    await page.press("发布", 标题="停", 内容="上午八点到十二点。")
    assert page.status == 422
    assert len(page.errors) == 1
    assert page.form("发布").value("内容") == "上午八点到十二点。"


async def test_an_entry_outlives_its_author(street: Any, client: Any, known_person: str) -> None:
    async with street.street.store.transaction("job:test"):
        assert await verbs.forget(known_person) == 1
    assert await verbs.written_by(known_person) == []
    assert "周三停水" in (await client.open("/starter")).text
