# SPDX-License-Identifier: Apache-2.0
"""A month's statement is made from the log, attested, and leads every holder's file to the attested root."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.ledger.conftest import REVIEWER, Clock, Street

from liren.errors import NotFound
from liren.ledger.archive.export import export
from liren.ledger.papers import statement_tree
from liren.ledger.papers.statements import Statements, month_after, month_before
from liren.plugins.points import Close, Spend, Subject
from liren_verify.cli import main as liren_verify


def statements(street: Street) -> Statements:
    return Statements(street.store, street.ledger, street.reader)


async def holders(street: Street, person: str) -> list[str]:
    rows = await street.store.read("SELECT holder FROM pseudonym WHERE subject = ?", person)
    return [holder for (holder,) in rows]


async def test_a_month_is_attested_and_every_file_leads_to_its_root(
    street: Street, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [f"p-{n}" for n in range(5)]
    for person in people:
        await street.award(person, 10)
        await street.award(person, 5, "FX-02")
    await street.post(Spend(Subject("h", people[0]), "market.order", 12))
    made = statements(street)
    assert await made.due() == []
    with pytest.raises(NotFound):
        await made.make("2026-11")
    clock.set(2026, 12, 1, 1, 0)
    await street.award("p-late", 7)  # admitted in December: not in November's statement
    await street.award(people[0], 1)
    assert await made.due() == ["2026-11"]
    november = await made.make("2026-11")
    assert (november.leaves, await made.due()) == (5, [])
    assert await made.make("2026-11") == november, "one a month, however often it is asked for"
    with pytest.raises(NotFound):
        await made.file(november, (await holders(street, "p-late"))[0])

    (holder,) = await holders(street, people[0])
    leaf = await made.leaf(november, holder)
    assert leaf is not None
    assert leaf.entries == 3
    assert [amount for _, _, amount in leaf.balances] == [3], "the points of this year were used first"
    for person in people:
        path = tmp_path / f"{person}.liren-statement"
        path.write_bytes(await made.file(november, (await holders(street, person))[0]))
        assert liren_verify([str(path), "--lang", "zh"]) == 0
        assert f"{november.month} 月底" in capsys.readouterr().out

    await street.ledger.checkpoints.sign()
    await export(street.store, tmp_path / "all.zip")
    assert liren_verify([str(tmp_path / "all.zip"), "--lang", "en"]) == 0
    await street.store.once("job:test", "x", "x", _spoil_secret, returns=bool)
    await export(street.store, tmp_path / "spoiled.zip")
    assert liren_verify([str(tmp_path / "spoiled.zip"), "--lang", "en"]) == 1
    assert "statement-wrong" in capsys.readouterr().out


async def _spoil_secret(tx: object) -> bool:
    from liren.store import Tx

    assert isinstance(tx, Tx)
    await tx.sql("UPDATE statement SET secret = ?", b"z" * 32)
    return True


async def test_who_was_erased_keeps_a_leaf_that_leads_to_nobody(street: Street, clock: Clock, tmp_path: Path) -> None:
    gone = Subject("h", "p-gone")
    await street.award("p-gone", 10)
    await street.award("p-here", 10)
    (holder,) = await holders(street, "p-gone")
    await street.post(Close(gone, "01", REVIEWER))
    await street.once(lambda state: state.erase(gone))
    clock.set(2026, 12, 1, 1, 0)
    made = await statements(street).make("2026-11")
    assert made.leaves == 2
    leaf = await statements(street).leaf(made, holder)
    assert leaf is not None
    assert (leaf.balances, leaf.entries) == ((), 2)
    assert await holders(street, "p-gone") == []
    await street.ledger.checkpoints.sign()
    await export(street.store, tmp_path / "all.zip")
    assert liren_verify([str(tmp_path / "all.zip")]) == 0


async def test_statements_of_a_later_day_come_out_the_same(street: Street, clock: Clock) -> None:
    await street.award("p-1", 10)
    clock.set(2027, 2, 3, 9, 0)
    await street.award("p-1", 20)
    made = statements(street)
    assert await made.due() == ["2026-11", "2026-12", "2027-01"]
    found = [await made.make(month) for month in await made.due()]
    assert [one.size for one in found] == [found[0].size] * 3
    assert len({one.root for one in found}) == 3, "the month salts every leaf"
    assert [one.month for one in await made.all()] == ["2027-01", "2026-12", "2026-11"]


@pytest.mark.parametrize("count", [1, 255, 256, 257, 512, 600])
def test_the_path_through_tiles_is_that_of_the_whole_tree(count: int) -> None:
    leaves = [n.to_bytes(32, "big") for n in range(count)]
    tiles = [leaves[at : at + 256] for at in range(0, count, 256)]
    tops = [statement_tree.root_of(tile) for tile in tiles]
    assert statement_tree.root_of(tops) == statement_tree.root_of(leaves)
    for index in {0, count // 2, count - 1}:
        path = _through(tiles, tops, index)
        assert path == statement_tree.path_of(index, leaves)


def _through(tiles: Sequence[list[bytes]], tops: list[bytes], index: int) -> list[bytes]:
    number, place = divmod(index, 256)
    return [*statement_tree.path_of(place, tiles[number]), *statement_tree.path_of(number, tops)]


async def test_many_holders_take_several_tiles(street: Street, clock: Clock, tmp_path: Path) -> None:
    from tests.ledger.conftest import award

    await street.once(lambda state: state.post_many([award(f"p-{n}", 1, "FX-03") for n in range(300)]))
    clock.set(2026, 12, 1, 1, 0)
    made = statements(street)
    november = await made.make("2026-11")
    assert november.leaves == 300
    assert len(await street.store.read("SELECT idx FROM statement_tile")) == 2
    ordered = sorted([(await holders(street, f"p-{n}"))[0] for n in range(300)])
    for place in (0, 255, 256, 299):
        path = tmp_path / "one.liren-statement"
        path.write_bytes(await made.file(november, ordered[place]))
        assert (await made.proof(november, ordered[place])).index == place
        assert liren_verify([str(path)]) == 0


def test_months_follow_one_another() -> None:
    assert (month_before("2026-01"), month_after("2026-12"), month_before("2026-11")) == (
        "2025-12",
        "2027-01",
        "2026-10",
    )
