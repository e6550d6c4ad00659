# SPDX-License-Identifier: Apache-2.0
"""Entries, checkpoints, the anchor and proofs: on real files, and judged by the independent verifier."""

import asyncio
import shutil
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.conftest import Clock, Street, award, founded, opened

from liren.ledger.archive.check import rebuild
from liren.ledger.archive.digests import digests
from liren.ledger.archive.export import export
from liren.ledger.engine.checkpoints import LATEST_S
from liren.ledger.engine.posting import LedgerState
from liren.ledger.errors import Malformed, ReadOnly, Refused
from liren.ledger.log import merkle, nodes, records
from liren.ledger.log.anchor import Mark
from liren.ledger.log.merkle import Edge
from liren.ledger.log.note import verify_note
from liren.ledger.papers.receipts import Receipts
from liren.ledger.reading import months
from liren.ledger.reading.reader import read_checkpoint
from liren.plugins.points import Refund, Settle, Spend, Subject, Void
from liren.testing.patience import PATIENCE_S, until
from liren_verify.cli import main as liren_verify


async def head(street: Street) -> tuple[int, bytes]:
    ((size, root),) = await street.store.read("SELECT size, root FROM log_head")
    return size, bytes(root)


async def a_life(street: Street) -> list[str]:
    """A few of everything; the rids in order."""
    posted = [await street.award("anna", 30), await street.award("bela", 20, "FX-02")]
    order = await street.post(Spend(Subject("h", "anna"), "market.order", 25))
    settled = await street.post(Settle(order.rid, "m1", "market.settle", 20))
    posted += [order, settled, await street.post(Void(order.rid, "market.cancel"))]
    posted.append(await street.post(Refund(settled.rid, "market.refund", 4)))
    return [one.rid for one in posted]


async def test_the_head_is_signed_soon_after_commit_and_anchored(street: Street) -> None:
    await street.award("anna", 5)
    wanted = await head(street)

    async def signed() -> bytes | None:
        note = await street.reader.checkpoint()
        return note if note is not None and read_checkpoint(note) == wanted else None

    note = await until(signed)
    assert note is not None
    log_key = street.ledger.log_key()
    assert log_key is not None
    verify_note(note, log_key.verifier)
    mark = street.ledger.anchor.read()
    assert mark == Mark("liren.example/log/1", *await head(street))


async def test_a_busy_ledger_is_signed_at_least_every_second(street: Street) -> None:
    checkpoints = street.ledger.checkpoints
    signed = await checkpoints.sign()
    async with asyncio.timeout(PATIENCE_S):
        while checkpoints.signed_size == signed:  # never idle: the next record follows at once
            await street.award("anna", 1)
    assert LATEST_S <= 1


async def test_a_list_under_way_is_no_pause_in_which_the_head_is_signed(street: Street) -> None:
    seen: list[bool] = []

    async def posts(state: LedgerState) -> bool:
        seen.append(street.ledger.writing)
        return True

    async def fails(state: LedgerState) -> bool:
        await posts(state)
        raise Refused("不行", "no")

    await street.once(posts, bool)
    assert not street.ledger.writing
    with pytest.raises(Refused):
        await street.once(fails, bool)
    await street.award("anna", 5)  # shares the batch of what failed, or ends it
    assert seen == [True, True]
    assert not street.ledger.writing


async def test_a_restart_signs_what_the_last_process_left_unsigned(clock: Clock, database: str, tmp_path: Path) -> None:
    street = await founded(database, tmp_path)
    await street.ledger.stop()
    await street.award("anna", 5)  # the process dies before it signs
    await street.store.close()
    again = await opened(database, tmp_path)
    try:
        note = await again.reader.checkpoint()
        assert note is not None
        assert read_checkpoint(note) == await head(again)
        assert await again.balance("anna") == 5
    finally:
        await again.ledger.stop()
        await again.store.close()


async def test_every_stored_entry_gives_the_head_and_every_proof_holds(street: Street) -> None:
    await street.once(lambda state: state.post_many([award(f"p{n % 40}", 1) for n in range(600)]))
    rows = await street.store.read("SELECT admitted_ms, body, leaf FROM log_entry ORDER BY pos")
    edge, leaves = Edge(), []
    for admitted_ms, body, leaf in rows:
        assert merkle.leaf_hash(records.entry_bytes(admitted_ms, bytes(body))) == bytes(leaf)
        edge.append(bytes(leaf))
        leaves.append(bytes(leaf))
    size, root = await head(street)
    assert (edge.size, edge.root()) == (size, root)
    roots = {}
    for n in (1, 2, 255, 256, 257, 511, 512, 513, size):
        small = Edge()
        for leaf in leaves[:n]:
            small.append(leaf)
        roots[n] = small.root()
        assert await nodes.root_at(street.store.read, n, size, edge) == small.root()
    for index in (0, 1, 254, 255, 256, 511, 512, size - 1):
        path = await nodes.inclusion(street.store.read, index, size)
        assert merkle.root_from_inclusion(leaves[index], index, size, path) == root
    for old, old_root in roots.items():
        for new, new_root in roots.items():
            if old < new:
                proof = await nodes.consistency(street.store.read, old, new)
                assert merkle.consistent(old, old_root, new, new_root, proof)
                changed = [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]
                assert not merkle.consistent(old, old_root, new, new_root, changed)


async def test_receipts_and_export_satisfy_the_independent_verifier(
    street: Street, capsys: pytest.CaptureFixture[str]
) -> None:
    rids = await a_life(street)
    receipts = Receipts(street.store, street.ledger, street.reader)
    files = []
    for number, rid in enumerate(rids):
        files.append(street.home / f"{number}.liren-receipt")
        files[-1].write_bytes(await receipts.file(rid))
    exported = await export(street.store, street.home / "export.zip")
    assert (exported.size, exported.root) == await head(street)
    for path in (*files, exported.path):
        assert liren_verify([str(path), "--lang", "zh"]) == 0, capsys.readouterr().out


async def test_a_changed_receipt_is_refused(street: Street) -> None:
    (rid, *_) = await a_life(street)
    good = await Receipts(street.store, street.ledger, street.reader).file(rid)
    path = street.home / "r.liren-receipt"
    path.write_bytes(good)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert members.keys() == {"entry", "proof.tlog-proof", "keys.note", "custody.json", "opening.json"}
    for name, old, new in (
        ("entry", b",30]", b",31]"),
        ("opening.json", "楼道".encode(), "楼顶".encode()),
        ("proof.tlog-proof", b"index ", b"index 1"),
    ):
        assert old in members[name]
        with zipfile.ZipFile(path, "w") as archive:
            for member, data in members.items():
                archive.writestr(member, data.replace(old, new, 1) if member == name else data)
        assert liren_verify([str(path), "--lang", "en"]) == 1


async def test_the_everyday_page_proves_without_naming_anyone(street: Street) -> None:
    (rid, *_) = await a_life(street)
    token = await street.reader.receipt_token(rid)
    assert len(token) == 22
    assert await street.reader.receipt_token(rid) == token
    shown = await Receipts(street.store, street.ledger, street.reader).everyday(token.lower())
    assert (shown.amount, shown.code, shown.unit, shown.proven) == (30, "FX-01", "01", True)
    assert shown.root == b64encode((await street.reader.head())[1]).decode()
    ((holder,),) = await street.store.read("SELECT holder FROM pseudonym WHERE subject = 'anna'")
    assert holder not in repr(shown)
    assert "anna" not in repr(shown)


async def test_an_older_backup_under_a_newer_anchor_only_answers_questions(
    clock: Clock, database: str, tmp_path: Path
) -> None:
    street = await founded(database, tmp_path)
    await street.ledger.stop()
    size, _ = await head(street)
    await street.store.close()
    if street.store.kind == "sqlite":
        shutil.copy(database, tmp_path / "backup")
        later = await opened(database, tmp_path)
        await later.award("anna", 5)
        await later.ledger.stop()
        await later.store.close()
        shutil.copy(tmp_path / "backup", database)
    else:  # the same seen from the other side: something newer was published
        street.ledger.anchor.grow(Mark("liren.example/log/1", size + 3, bytes(32)))
    again = await opened(database, tmp_path)
    try:
        assert isinstance(again.ledger.blocked, ReadOnly)
        with pytest.raises(ReadOnly, match="older backup"):
            await again.award("anna", 5)
        async with again.store.transaction("p-x") as tx:  # everything else goes on
            await tx.sql("INSERT INTO receipt_token (token, rid) VALUES ('t', 'r')")
        await again.ledger.checkpoints.sign()
        note = await again.reader.checkpoint()
        assert note is not None
        assert read_checkpoint(note)[0] == (await head(again))[0] == size
    finally:
        await again.ledger.stop()
        await again.store.close()


async def test_another_history_of_the_same_length_is_noticed(street: Street, database: str) -> None:
    await street.award("anna", 5)
    await street.ledger.stop()
    size, _ = await head(street)
    street.ledger.anchor.path.write_bytes(Mark("liren.example/log/1", size - 1, b"\x01" * 32).text())
    assert isinstance(await street.ledger.checkpoints.start(street.store), ReadOnly)


def test_the_anchor_only_grows_and_knows_when_it_is_damaged(tmp_path: Path) -> None:
    from liren.ledger.log.anchor import Anchor

    anchor = Anchor(tmp_path / "elsewhere" / "anchor")
    assert anchor.read() is None
    anchor.grow(Mark("s.example/log/1", 5, b"\x05" * 32))
    anchor.grow(Mark("s.example/log/1", 3, b"\x03" * 32))
    assert anchor.read() == Mark("s.example/log/1", 5, b"\x05" * 32)
    for text in (b"", b"s.example/log/1\n5\n", b"s.example/log/1\n05\n" + b64encode(bytes(32)) + b"\n"):
        anchor.path.write_bytes(text)
        with pytest.raises(Malformed):
            anchor.read()


@pytest.mark.proves("clock")
async def test_a_clock_that_goes_back_stops_records_but_nothing_else(street: Street, clock: Clock) -> None:
    await street.award("anna", 5)
    clock.set(2026, 11, 20, 9, 0)
    with pytest.raises(ReadOnly, match="clock"):
        await street.award("anna", 5)
    async with street.store.transaction("p-x") as tx:
        await tx.sql("INSERT INTO receipt_token (token, rid) VALUES ('t', 'r')")
    clock.set(2026, 11, 22, 9, 0)
    await street.award("anna", 5)
    times = [ms for (ms,) in await street.store.read("SELECT admitted_ms FROM log_entry ORDER BY pos")]
    assert times == sorted(times)


FLIPS = {
    "rid": "UPDATE log_entry SET rid = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE pos = 12",
    "kind": "UPDATE log_entry SET kind = 'attest' WHERE pos = 12",
    "why": "UPDATE log_entry SET why = 'close' WHERE pos = 12",
    "unit": "UPDATE log_entry SET unit = '02' WHERE pos = 12",
    "admitted_ms": "UPDATE log_entry SET admitted_ms = admitted_ms + 1 WHERE pos = 12",
    "eff": "UPDATE log_entry SET eff = '2026-11-02' WHERE pos = 12",
    "ref": "UPDATE log_entry SET ref = rid WHERE pos = 12",
    "leaf": "UPDATE log_entry SET leaf = root FROM log_head WHERE pos = 12",
    "head size": "UPDATE log_head SET size = size + 1",
    "head origin": "UPDATE log_head SET origin = 'liren.example/log/2'",
    "head last_ms": "UPDATE log_head SET last_ms = last_ms + 1",
    "head root": "UPDATE log_head SET root = leaf FROM log_entry WHERE pos = 1",
    "policy": "UPDATE policy SET body = leaf FROM log_entry WHERE pos = 1",
    "checkpoint beyond the log": "UPDATE checkpoint SET size = size + 1000",
}


@pytest.mark.parametrize("what", [*FLIPS, "body", "checkpoint"])
async def test_any_changed_value_of_the_log_is_found_in_place_and_by_the_verifier(
    clock: Clock, tmp_path: Path, what: str
) -> None:
    from liren.ledger.archive.check import verify

    street = await founded(str(tmp_path / "liren.sqlite"), tmp_path)
    await a_life(street)
    await street.ledger.stop()
    assert await verify(street.store) == []
    async with street.store.transaction("p-thief") as tx:
        if what in FLIPS:
            await tx.sql(FLIPS[what])
        elif what == "body":
            await _flip(tx, "log_entry", "body", "pos = 12", 180)
        else:
            ((size,),) = await tx.sql("SELECT size FROM log_head")
            await _flip(tx, "checkpoint", "note", f"size = {size}", -5)
    assert await verify(street.store)
    if what not in ("head size", "checkpoint beyond the log"):  # then none fits, and nothing is exported at all
        exported = await export(street.store, tmp_path / "export.zip")
        assert liren_verify([str(exported.path), "--lang", "en"]) == 1
    await street.store.close()


async def _flip(tx: Any, table: str, column: str, where: str, at: int) -> None:
    ((value,),) = await tx.sql(f"SELECT {column} FROM {table} WHERE {where}")
    broken = bytearray(value)
    broken[at] ^= 1
    await tx.sql(f"UPDATE {table} SET {column} = ? WHERE {where}", bytes(broken))


DERIVED = [
    "UPDATE account SET balance = balance + 1 WHERE id = 4",
    "UPDATE account SET holder = 'x' WHERE id = 4",
    "UPDATE account SET expires_on = '2030-12-31' WHERE id = 4",
    "DELETE FROM account WHERE id = 4",
    "UPDATE posting SET amount = amount + 1 WHERE account = 4",
    "UPDATE posting SET balance = balance + 1 WHERE account = 4",
    "DELETE FROM posting WHERE account = 4",
    "UPDATE key SET revoked = 9 WHERE added = 3",
    "UPDATE key SET may = NULL WHERE added = 3",
    "UPDATE log_node SET level = 16",
]


async def test_any_changed_value_of_a_derived_table_is_found_and_mended_by_rebuild(street: Street) -> None:
    from liren.ledger.archive.check import rebuild, verify

    await a_life(street)
    await street.once(lambda state: state.post_many([award(f"p{n % 40}", 1) for n in range(300)]))
    assert await rebuild(street.store) == []
    for statement in DERIVED:
        async with street.store.transaction("p-thief") as tx:
            await tx.sql(statement)
        assert await rebuild(street.store), statement
        assert await rebuild(street.store, mend=street.ledger)
        assert await rebuild(street.store) == [], statement
    await street.award("anna", 5)
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []


async def test_the_digests_of_every_derived_table_are_those_of_the_replay(street: Street) -> None:
    order = (await street.award("anna", 40), await street.post(Spend(Subject("h", "anna"), "market.order", 20)))[1]
    await street.post(Settle(order.rid, "m1", "market.settle"))
    await months.count(street.reader)
    found = {each.table: each for each in await digests(street.store)}
    assert found.keys() >= {"account", "posting", "log_node", "key", "ledger_month", "ledger_budget"}
    assert all(each.equal for each in found.values())
    assert all(each.rows for each in found.values() if each.table != "log_node")
    async with street.store.transaction("job:test") as tx:
        await tx.sql("UPDATE posting SET amount = amount + 1 WHERE pos = (SELECT max(pos) FROM posting)")
        await tx.sql("UPDATE ledger_month SET held = held + 1 WHERE why = 'award'")
    found = {each.table: each for each in await digests(street.store)}
    assert [name for name, each in found.items() if not each.equal] == ["posting", "ledger_month"]
    assert {finding.en.split()[1] for finding in await rebuild(street.store)} == {"posting:", "ledger_month:"}
