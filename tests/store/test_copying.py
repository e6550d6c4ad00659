# SPDX-License-Identifier: Apache-2.0
"""The log of writes is copied back into the file beside the writer; a copy that fails holds up nobody."""

import logging
import sqlite3
from pathlib import Path

import pytest

from liren.store import Store
from liren.store.copying import COPY_ROWS, CopyingBack
from liren.store.sqlite import connect
from liren.testing.patience import until, wait_until

MARK = "written-before-the-copy"


async def test_after_so_many_rows_the_file_itself_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "street.sqlite"
    store = await Store.open(path)
    async with store.transaction("test") as tx:
        await tx.sql("CREATE TABLE pebble (id BIGINT PRIMARY KEY, note TEXT NOT NULL)")
        await tx.sql("INSERT INTO pebble (id, note) VALUES (0, ?)", MARK)
    assert MARK.encode() not in path.read_bytes()  # so far in the log alone

    async with store.transaction("test", limit_s=60) as tx:
        await tx.many("INSERT INTO pebble (id, note) VALUES (?, 'x')", [(n,) for n in range(1, COPY_ROWS + 1)])

    async def copied() -> bool:
        return MARK.encode() in path.read_bytes()

    await until(copied)
    async with store.transaction("test") as tx:  # and goes on being written to
        await tx.sql("UPDATE pebble SET note = 'after' WHERE id = 0")
    assert await store.read("SELECT note FROM pebble WHERE id = 0") == [("after",)]

    await store.close()
    assert MARK.encode() not in path.read_bytes()
    with sqlite3.connect(path) as left:
        assert left.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert left.execute("SELECT count(*) FROM pebble").fetchall() == [(COPY_ROWS + 1,)]


def test_a_copy_that_fails_is_logged_and_tried_again_after_the_next_rows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = connect(tmp_path / "street.sqlite", read_only=False)
    copying = CopyingBack(broken)
    broken.close()
    with caplog.at_level(logging.ERROR, logger="liren.store"):
        copying.committed(COPY_ROWS - 1)
        assert caplog.records == []
        for tried in (1, 2):

            def told(tried: int = tried) -> bool:
                copying.committed(tried * COPY_ROWS)
                return len(caplog.records) == tried

            wait_until(told)
        copying.close()
    assert {record.message.partition(";")[0] for record in caplog.records} == {
        "the log of writes could not be copied back"
    }
    assert len(caplog.records) == 2
