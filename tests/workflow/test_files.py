# SPDX-License-Identifier: Apache-2.0
"""Files of a case: sealed on the disk, gone with their person."""

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from liren.errors import NotFound
from liren.web import Upload


def photograph(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(out, kind)
    return out.getvalue()


def on_disk(town: Any) -> list[Path]:
    return sorted((town.running.street.settings.home / "files").glob("cases/*/*"))


async def test_files_lie_sealed_and_open_for_who_may_see_the_case(town: Any) -> None:
    case = await town.move("赵师傅", await town.given(), "fix", files=[Upload("前.jpg", photograph("JPEG"))])
    [path] = on_disk(town)
    sealed = path.read_bytes()
    assert b"JFIF" not in sealed
    assert oct(path.stat().st_mode)[-3:] == "600"
    cases = (await town.acting("王芳")).cases
    [kept] = (await cases.steps(case))[-1].files
    assert await cases.desk.files.content(case.id, kept) == photograph("JPEG")
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(Exception, match="altered"):
        await cases.desk.files.content(case.id, kept)


async def test_erasing_a_person_makes_their_files_unreadable_and_the_sweep_removes_them(town: Any) -> None:
    case = await town.move(
        "赵师傅", await town.given(), "fix", note="换了接头", files=[Upload("a.jpg", photograph("JPEG"))]
    )
    cases = (await town.acting(None)).cases
    [kept] = (await cases.steps(case))[-1].files
    exported = await hook(town, "export_person", person=town.people["王芳"])
    assert "水管漏水" in str(exported)
    assert "换了接头" in str(exported)
    erased = await hook(town, "erase_person", person=town.people["王芳"])
    assert erased.rows == 1
    left = await cases.get(case.id)
    assert (left.holder, left.title) == (None, "–")
    assert [(step.note, step.files) for step in await cases.steps(case)] == [("", ())] * 3
    with pytest.raises(NotFound):
        await cases.desk.files.content(case.id, kept)
    [path] = on_disk(town)
    os.utime(path, (time.time_ns() / 1e9 - 90_000,) * 2)
    await town.running.run("workflow", "sweep")
    assert on_disk(town) == []


async def test_what_a_refused_step_left_on_the_disk_is_swept(town: Any) -> None:
    case = await town.given(text="拆墙")
    with pytest.raises(Exception, match="permit"):
        await town.move("赵师傅", case, "fix", files=[Upload("a.jpg", photograph("JPEG"))])
    fine = await town.given("r2")
    await town.move("赵师傅", fine, "fix", files=[Upload("b.jpg", photograph("JPEG"))])
    assert len(on_disk(town)) == 2
    for path in on_disk(town):
        os.utime(path, (time.time_ns() / 1e9 - 90_000,) * 2)
    await town.running.run("workflow", "sweep")
    assert len(on_disk(town)) == 1


async def test_two_entries_of_one_person_become_one(town: Any) -> None:
    case = await town.ask()
    await town.person("王方")
    await hook(town, "person_merged", kept=town.people["王方"], gone=town.people["王芳"])
    assert (await (await town.acting(None)).cases.get(case.id)).holder == town.people["王方"]
    assert (await town.move("王方", case, "withdraw")).state == "withdrawn"


async def hook(town: Any, name: str, **arguments: str) -> Any:
    """As the core calls it: inside a transaction of its own."""
    ctx = await town.acting(None)
    async with town.running.street.store.transaction("job:test"):
        answers = await town.running.street.kernel.caller.every(name, ctx, **arguments)
    return next(answer.value for answer in answers if answer.plugin == "workflow")
