# SPDX-License-Identifier: Apache-2.0
"""The console's page of keys, the log for programs, and the nightly check, in a real street."""

import asyncio
import base64
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from liren.ledger.log import merkle
from liren.ledger.reading.reader import read_checkpoint
from liren.testing.street import Running, small_street


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def test_the_administrator_prints_the_sheet_checks_it_and_takes_the_root_away(
    running: Running, tmp_path: Path
) -> None:
    admin = await running.signed_in("吴志强")
    assert "还没有抄在纸上" in (await admin.get("/ledger/keys")).text
    for which in ("master", "root"):
        page = (await admin.get(f"/ledger/keys/sheet/{which}")).text
        words = re.findall(r"<li><span>\d+</span><code>(\w{5})</code></li>", page)
        assert len(words) == 17
        asked = [int(n) for n in re.findall(r"\d+", re.findall(r"第 [\d、 ]+ 个词", page)[0])]
        path = f"/ledger/keys/sheet/{which}"
        wrong = await admin.send_form(path, path, words="babab babab babab")
        assert wrong.status_code == 422
        assert "和恢复单上的词不一样" in wrong.text
        right = await admin.send_form(path, path, words=" ".join(words[n - 1] for n in asked))
        assert right.status_code == 303
        assert (await admin.get(path)).status_code == 403, "never again"
    assert (tmp_path / "home" / "keys" / "root").exists()
    assert (await admin.send_form("/ledger/keys", "/ledger/keys/root/remove")).status_code == 303
    assert not (tmp_path / "home" / "keys" / "root").exists()
    page = (await admin.get("/ledger/keys")).text
    assert "restore-key root" in page
    assert "还没有抄在纸上" not in page
    await admin.aclose()


async def test_keys_are_rotated_on_the_page_by_whoever_keeps_them_and_by_nobody_else(running: Running) -> None:
    store = running.street.store
    admin = await running.signed_in("吴志强")
    ((at,),) = await store.read("SELECT added FROM key WHERE vkey LIKE '%/service/ledger+%' AND revoked IS NULL")
    assert "收不回来" in (await admin.get(f"/ledger/keys/{at}")).text, "what follows stands beside the button"
    assert (await admin.get("/ledger/keys/0")).status_code == 404, "the root is not ended here"
    assert (await admin.send_form("/ledger/keys", f"/ledger/keys/{at}/rotate")).status_code == 303
    ((now,),) = await store.read("SELECT added FROM key WHERE vkey LIKE '%/service/ledger+%' AND revoked IS NULL")
    assert now > at
    assert "已撤销" in (await admin.get("/ledger/keys?all=1")).text
    assert (await admin.send_form("/ledger/keys", f"/ledger/keys/{at}/rotate")).status_code == 404
    await running.person("王秀兰")
    resident = await running.signed_in("王秀兰")
    for path in ("/ledger/keys", "/ledger/keys/sheet/root"):
        assert (await resident.get(path)).status_code in (403, 404)
    for client in (admin, resident):
        await client.aclose()


async def test_anybody_follows_the_log_from_an_older_checkpoint(running: Running) -> None:
    ledger, store = running.street.ledger, running.street.store
    old = await ledger.checkpoints.sign()
    admin = await running.signed_in("吴志强")
    ((at,),) = await store.read("SELECT added FROM key WHERE vkey LIKE '%/service/ledger+%' AND revoked IS NULL")
    await admin.send_form("/ledger/keys", f"/ledger/keys/{at}/rotate")
    new = await ledger.checkpoints.sign()
    assert new == old + 2
    async with running.visitor() as anyone:
        roots = [read_checkpoint((await anyone.get(f"/ledger/checkpoint/{n}")).content)[1] for n in (old, new)]
        said = (await anyone.get(f"/ledger/consistency?old={old}&new={new}")).text.splitlines()
        assert said[:3] == ["liren/consistency/v1", f"old {old}", f"new {new}"]
        path = [base64.b64decode(line) for line in said[3:]]
        assert merkle.consistent(old, roots[0], new, roots[1], path)
        assert not merkle.consistent(old, roots[1], new, roots[1], path)
        assert (await anyone.get("/ledger/checkpoint/99999999999999999999")).status_code == 404
        for query in ("old=0&new=1", f"old={new}&new={old}", f"old=1&new={new + 1}", "old=x&new=2", ""):
            assert (await anyone.get(f"/ledger/consistency?{query}")).status_code in (400, 422)
    await admin.aclose()


async def test_a_check_that_is_stopped_leaves_no_process_behind(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun = asyncio.create_subprocess_exec, asyncio.Queue[asyncio.subprocess.Process]()

    async def noted(*command: Any, **more: Any) -> asyncio.subprocess.Process:
        process = await real(*command, **more)
        begun.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    asking = asyncio.create_task(running.street.jobs.run_now("ledger", "verify"))
    process = await begun.get()
    await running.street.jobs.stop()
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_the_nightly_check_says_when_something_was_touched(running: Running) -> None:
    jobs, store = running.street.jobs, running.street.store
    await running.run("ledger", "verify")
    assert [run.state for run in await jobs.runs() if run.name == "verify"] == ["done"]
    async with store.transaction("p-thief") as tx:
        await tx.sql("UPDATE log_entry SET eff = '2020-01-01' WHERE pos = 3")
    await running.run("ledger", "verify")
    (run,) = [run for run in await jobs.runs() if run.name == "verify"]
    assert run.state == "failed"
    assert "核对发现" in run.text
