# SPDX-License-Identifier: Apache-2.0
"""A full disk, a locked database, an anchor one cannot write: refused in words, nothing half done, then it recovers.

The database says "full" by its own limit of pages, which is the same error a full disk gives it.
"""

import resource
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.ledger.conftest import Clock, Street, award, founded, opened

from liren.errors import Busy
from liren.ledger.archive.check import rebuild, verify
from liren.ledger.reading.reader import read_checkpoint
from liren.store import sqlite as sqlite_backend
from liren.store.sqlite import SQLiteBackend
from liren.testing.pytest_plugin import KINDS

pytestmark = pytest.mark.skipif("sqlite" not in KINDS, reason="SQLite was not asked for")


@pytest.fixture
async def street(clock: Clock, tmp_path: Path) -> AsyncIterator[Street]:
    made = await founded(str(tmp_path / "liren.sqlite"), tmp_path)
    await made.award("anna", 5)
    yield made
    await made.ledger.stop()
    await made.store.close()


async def whole(street: Street, size: int) -> None:
    """The log has exactly ``size`` entries, all of them sound, and the head gets signed."""
    assert await street.store.read("SELECT size FROM log_head") == [(size,)]
    assert await street.store.read("SELECT count(*) FROM log_entry") == [(size,)]
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []
    assert await street.ledger.checkpoints.sign() == size


async def size_of(street: Street) -> int:
    return int((await street.store.read("SELECT size FROM log_head"))[0][0])


def writer_of(street: Street) -> sqlite3.Connection:
    backend = street.store.backend
    assert isinstance(backend, SQLiteBackend)
    assert backend.engine.writer is not None
    return backend.engine.writer


@pytest.mark.proves("disk-full", on="sqlite")
async def test_a_full_disk_refuses_the_posting_and_nothing_else_and_it_recovers_by_itself(street: Street) -> None:
    await street.ledger.checkpoints.sign()
    before, writer = await size_of(street), writer_of(street)
    ((pages,),) = writer.execute("PRAGMA page_count").fetchall()
    writer.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(Busy) as refused:
        await street.once(lambda state: state.post_many([award(f"p{n}", 1) for n in range(400)]))
    assert (refused.value.status, bool(refused.value.zh)) == (503, True)
    assert await street.reader.balance_of("budget/01") == 99_995, "reads go on"
    await whole(street, before)
    writer.execute("PRAGMA max_page_count = 1000000")
    await street.once(lambda state: state.post_many([award(f"p{n}", 1) for n in range(400)]))
    await whole(street, before + 400)


@pytest.mark.proves("io-error", on="sqlite")
async def test_a_disk_that_takes_no_more_bytes_refuses_and_the_same_process_goes_on_later(street: Street) -> None:
    """The kernel's own limit on a file's size: writing beyond it fails as on a disk that is full or broken."""
    await street.ledger.checkpoints.sign()
    before, log = await size_of(street), street.home / "liren.sqlite-wal"
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 20_000, hard))
    try:
        with pytest.raises(Busy) as refused:
            await street.once(lambda state: state.post_many([award(f"p{n}", 1) for n in range(400)]))
        assert refused.value.status == 503
        assert await street.reader.balance_of("budget/01") == 99_995, "reads go on"
        assert await size_of(street) == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await street.once(lambda state: state.post_many([award(f"p{n}", 1) for n in range(400)]))
    await whole(street, before + 400)


@pytest.mark.proves("locked", on="sqlite")
async def test_a_database_locked_by_somebody_else_refuses_after_a_while_and_serves_when_it_is_free(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_backend, "BUSY_LIMIT_S", 0.3)
    before = await size_of(street)
    await street.ledger.checkpoints.sign()
    other = sqlite3.connect(tmp_path / "liren.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy) as refused:
        await street.award("anna", 5)
    assert refused.value.status == 503
    assert (await street.reader.head())[0] == before, "reads go on"
    other.execute("ROLLBACK")
    other.close()
    await street.award("anna", 5)
    await whole(street, before + 1)


@pytest.mark.proves("two-writers", on="sqlite")
async def test_a_second_process_on_the_same_file_is_refused_in_words(street: Street, tmp_path: Path) -> None:
    with pytest.raises(Busy) as refused:
        await opened(str(tmp_path / "liren.sqlite"), tmp_path)
    assert refused.value.zh
    await street.award("anna", 1)


@pytest.mark.proves("anchor", on="sqlite")
async def test_a_signature_that_did_not_reach_the_anchor_was_never_published(street: Street, clock: Clock) -> None:
    await street.ledger.checkpoints.sign()
    await street.ledger.stop()  # from here on nobody signs in the background
    signed = await street.reader.checkpoint()
    assert signed is not None
    anchor = street.ledger.anchor.path
    kept = anchor.read_bytes()
    anchor.unlink()
    anchor.mkdir()  # whatever is written there fails
    await street.award("anna", 5)
    with pytest.raises(OSError, match="anchor"):
        await street.ledger.checkpoints.sign()
    assert await street.reader.checkpoint() == signed, "what is not anchored is not shown either"
    anchor.rmdir()
    anchor.write_bytes(kept)
    size = await size_of(street)
    assert await street.ledger.checkpoints.sign() == size
    note = await street.reader.checkpoint()
    assert note is not None
    assert read_checkpoint(note)[0] == size
