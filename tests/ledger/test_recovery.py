# SPDX-License-Identifier: Apache-2.0
"""An older backup under a newer anchor goes on under the next origin; and an export fills an empty database."""

import hashlib
import shutil
from pathlib import Path

import pytest
from tests.ledger.conftest import Clock, Street, founded, opened

from liren.ledger.archive import recovery
from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.ledger.archive.importing import import_export
from liren.ledger.authority.keyring import RootMissing
from liren.ledger.errors import Behind, Malformed, ReadOnly, Refused
from liren.ledger.log.anchor import Mark
from liren.ledger.papers.receipts import Receipts
from liren.ledger.reading.reader import read_checkpoint
from liren.plugins.points import Settle, Spend, Subject
from liren_verify.cli import main as liren_verify

ANNA = Subject("h", "anna")
DERIVED = {
    "account": "asset, address, holder, expires_on, balance",
    "posting": "account, pos, amount, balance",
    "log_node": "level, idx, hash",
    "key": "vkey, role, unit, may, added, revoked",
}


async def closed(street: Street) -> None:
    await street.ledger.stop()
    await street.store.close()


async def receipt(street: Street, rid: str, name: str) -> Path:
    path = street.home / f"{name}.liren-receipt"
    path.write_bytes(await Receipts(street.store, street.ledger, street.reader).file(rid))
    return path


async def digests(street: Street) -> dict[str, str]:
    """Of the sorted rows of every derived table."""
    found = {}
    for table, columns in DERIVED.items():
        rows = await street.store.read(f"SELECT {columns} FROM {table}")
        lines = sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in rows)
        found[table] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found


async def test_a_restored_backup_goes_on_under_a_new_origin_that_says_what_was_lost(
    clock: Clock, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    street = await founded(database, tmp_path)
    folder, keys = tmp_path, tmp_path / "keys"
    first = await street.award("anna", 30)
    order = await street.post(Spend(ANNA, "market.order", 20))
    await street.ledger.checkpoints.sign()
    kept = await receipt(street, first.rid, "kept")
    (folder / "old").write_bytes(await street.reader.checkpoint() or b"")
    with pytest.raises(Refused, match="not behind"):
        await recovery.recover(street.ledger, street.store, keys, key="a")
    size = read_checkpoint((folder / "old").read_bytes())[0]
    if street.store.kind == "sqlite":
        await closed(street)
        shutil.copy(database, tmp_path / "backup")
        street = await opened(database, tmp_path)
        lost = await street.award("anna", 7)
        await street.ledger.checkpoints.sign()
        lost_receipt = await receipt(street, lost.rid, "lost")
        (folder / "beyond").write_bytes(await street.reader.checkpoint() or b"")
        await closed(street)
        shutil.copy(tmp_path / "backup", database)
    else:  # the same seen from the other side: something newer was published
        street.ledger.anchor.grow(Mark("liren.example/log/1", size + 1, bytes(32)))
        await closed(street)
    street = await opened(database, tmp_path)
    assert isinstance(street.ledger.blocked, Behind)

    root = (keys / "root").rename(folder / "on-paper")
    with pytest.raises(RootMissing):
        await recovery.recover(street.ledger, street.store, keys, key="b")
    with pytest.raises(ReadOnly):
        await street.award("anna", 5)
    root.rename(keys / "root")
    done = await recovery.recover(street.ledger, street.store, keys, key="c")
    assert (done.origin, done.restored.size, done.lost) == ("liren.example/log/2", size, 1)
    assert Mark.parse((folder / "anchor.log-1").read_bytes()).size == size + 1
    assert await street.balance("anna") == 10, "accounts carry over"
    settled = await street.post(Settle(order.rid, "m1", "market.settle"))  # an order of the old log goes on
    again = await street.award("anna", 7)
    await street.ledger.checkpoints.sign()
    await closed(street)
    street = await opened(database, tmp_path)  # and a restart finds nothing amiss
    assert street.ledger.blocked is None
    after = await street.award("anna", 1)
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []
    await street.ledger.checkpoints.sign()
    archive = await export(street.store, folder / "export.zip")
    capsys.readouterr()
    assert liren_verify([str(archive.path), "--old-checkpoint", str(folder / "old"), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert f"From entry {size} on it goes on from an older backup" in said
    for name, rid in (("settled", settled.rid), ("again", again.rid), ("after", after.rid), ("first", first.rid)):
        assert liren_verify([str(await receipt(street, rid, name)), "--lang", "en"]) == 0
    assert liren_verify([str(kept), "--lang", "en"]) == 0, "a receipt of before stays what it was"
    if street.store.kind == "sqlite":
        assert liren_verify([str(lost_receipt), "--lang", "en"]) == 0, "and so does that of a lost record"
        assert liren_verify([str(archive.path), "--old-checkpoint", str(folder / "beyond"), "--lang", "en"]) == 1

    street.ledger.anchor.grow(Mark("liren.example/log/2", archive.size + 5, bytes(32)))
    await closed(street)
    street = await opened(database, tmp_path)
    assert isinstance(street.ledger.blocked, Behind)
    third = await recovery.recover(street.ledger, street.store, keys, key="d")
    assert (third.origin, third.lost) == ("liren.example/log/3", 5)
    await street.award("anna", 1)
    await street.ledger.checkpoints.sign()
    archive = await export(street.store, folder / "export.zip")
    assert liren_verify([str(archive.path), "--lang", "en"]) == 0

    async with street.store.transaction("p-thief") as tx:  # what a recovery says cannot be changed afterwards
        await tx.sql("UPDATE recovery SET body = ? WHERE pos = ?", b"{}", size)
    assert await verify(street.store)
    archive = await export(street.store, folder / "export.zip")
    assert liren_verify([str(archive.path), "--lang", "en"]) == 1
    await closed(street)


async def test_an_export_fills_an_empty_database_and_every_derived_table_is_equal(
    clock: Clock, database: str, tmp_path: Path
) -> None:
    street = await founded(str(tmp_path / "first.sqlite"), tmp_path)
    for n in range(300):
        await street.award(f"p{n % 7}", 1)
    order = await street.post(Spend(Subject("h", "p1"), "market.order", 2))
    await street.post(Settle(order.rid, "m1", "market.settle", 1))
    await street.ledger.checkpoints.sign()
    archive = await export(street.store, tmp_path / "export.zip")
    wanted = await digests(street)
    with pytest.raises(Refused, match="There is a log"):
        await import_export(street.store, street.ledger, archive.path)
    await closed(street)

    home = tmp_path / "auditor"
    empty = await opened(database, home)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(archive.path.read_bytes()[:-5000])
    with pytest.raises(Malformed):
        await import_export(empty.store, empty.ledger, broken)
    assert await empty.store.read("SELECT count(*) FROM log_entry") == [(0,)]
    assert await import_export(empty.store, empty.ledger, archive.path) == []
    assert await digests(empty) == wanted
    assert await rebuild(empty.store) == []
    assert await rebuild(empty.store, mend=empty.ledger) == []
    assert await digests(empty) == wanted
    assert (await empty.reader.head())[0] == archive.size
    for table in ("posting", "account", "log_node", "key"):  # as a kill between the log and its tables leaves them
        async with empty.store.transaction("job:test") as tx:
            await tx.sql(f"DELETE FROM {table}")
    with pytest.raises(Refused, match="rebuild --mend"):
        await import_export(empty.store, empty.ledger, archive.path)
    assert await rebuild(empty.store, mend=empty.ledger)
    assert await digests(empty) == wanted
    second = await export(empty.store, home / "again.zip")
    assert (second.size, second.root) == (archive.size, archive.root)
    assert liren_verify([str(second.path), "--lang", "en"]) == 0
    await closed(empty)
