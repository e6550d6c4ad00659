# SPDX-License-Identifier: Apache-2.0
"""The author's own tests: run where the plugin is installed."""

from contextlib import aclosing
from typing import Any

import pytest

from liren.testing.contract import *  # noqa: F403


@pytest.fixture
def plugin() -> str:
    return "noticeboard"


@pytest.fixture
async def known_person(street: Any) -> str:
    """Somebody who wrote a notice."""
    person: str = await street.person("白露", "noticeboard.editor")
    async with aclosing(await street.signed_in("白露")) as editor:
        await editor.send_form("/noticeboard/new", "/noticeboard/new", title="停水通知", body="周三上午停水。")
    return person


async def test_a_notice_is_written_once_and_read_by_everybody(street: Any, staff: Any, client: Any) -> None:
    editor = await staff("noticeboard.editor")
    sent = await editor.send_form("/noticeboard/new", "/noticeboard/new", title="停水通知", body="周三上午停水。")
    assert sent.status_code == 303
    assert "停水通知" in (await client.get("/noticeboard")).text
    assert "停水通知" in (await client.get("/")).text


async def test_every_mistake_is_shown_and_what_was_typed_stays(staff: Any) -> None:
    editor = await staff("noticeboard.editor")
    answer = await editor.send_form("/noticeboard/new", "/noticeboard/new", title="停", body="周三上午停水。")
    assert answer.status_code == 422
    assert "周三上午停水。" in answer.text


async def test_its_author_can_be_forgotten(street: Any, known_person: str) -> None:
    from liren_noticeboard import verbs

    assert len(await verbs.written_by(known_person)) == 1
    async with street.street.store.transaction("job:test"):
        assert await verbs.forget(known_person) == 1
    assert await verbs.written_by(known_person) == []
