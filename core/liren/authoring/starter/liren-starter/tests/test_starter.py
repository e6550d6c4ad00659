# SPDX-License-Identifier: Apache-2.0
"""样板间, as people use it; and the checks every module has to pass."""

from typing import Any

import pytest

from liren.testing.contract import *  # noqa: F403
from liren_starter import verbs


@pytest.fixture
def plugin() -> str:
    return "starter"


async def test_what_is_written_once_is_read_by_everybody(staff: Any, client: Any) -> None:
    editor = await staff("starter.editor")
    sent = await editor.send_form("/starter/new", "/starter/new", title="周三停水", body="上午八点到十二点。")
    assert sent.status_code == 303
    assert "上午八点到十二点。" in (await client.get(sent.headers["location"])).text
    for page in ("/starter", "/"):
        assert "周三停水" in (await client.get(page)).text


async def test_every_mistake_is_shown_and_what_was_typed_stays(staff: Any) -> None:
    editor = await staff("starter.editor")
    answer = await editor.send_form("/starter/new", "/starter/new", title="停", body="上午八点到十二点。")
    assert answer.status_code == 422
    assert "上午八点到十二点。" in answer.text


async def test_an_author_can_be_forgotten(street: Any) -> None:
    person = await street.person("白露", "starter.editor")
    ctx = await street.acting("starter", person)
    await verbs.add(ctx, "an-entry-of-somebody", verbs.NewEntry("周三停水", "上午八点到十二点。"))
    assert len(await verbs.written_by(person)) == 1
    async with street.street.store.transaction("job:test"):
        assert await verbs.forget(person) == 1
    assert await verbs.written_by(person) == []
