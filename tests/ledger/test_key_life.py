# SPDX-License-Identifier: Apache-2.0
"""Keys come and go, what they signed stays valid; and the recovery sheet brings a lost key back."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.conftest import REVIEWER, Clock, Street, award, founded, opened

from liren.errors import Denied, NotFound
from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.ledger.authority.keyring import RootMissing
from liren.ledger.errors import Malformed, NotSigned, Refused
from liren.ledger.keys import life as key_life
from liren.ledger.keys import sheet
from liren.ledger.keys.founding import appoint_reviewer
from liren.plugins.points import Award, Spend, Subject
from liren_verify.cli import main as liren_verify

ANNA = Subject("h", "anna")


@pytest.fixture
async def street(clock: Clock, database: str, tmp_path: Path) -> AsyncIterator[Street]:
    made = await founded(database, tmp_path)
    yield made
    await made.ledger.stop()
    await made.store.close()


async def clean(street: Street) -> None:
    """By its own check and by the independent verifier."""
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []
    await street.ledger.checkpoints.sign()
    archive = await export(street.store, street.home / "export.zip")
    assert liren_verify([str(archive.path), "--lang", "en"]) == 0


async def valid(street: Street, name: str) -> key_life.KeyView:
    """The one valid key of this name."""
    (found,) = [key for key in await key_life.listed(street.store) if key.name == name and key.valid]
    return found


async def test_every_kind_of_key_is_rotated_and_the_street_goes_on(street: Street, database: str) -> None:
    folder = street.home / "keys"
    await street.award("anna", 20)
    await street.post(Spend(ANNA, "market.order", 1))
    names = ["unit/00", "unit/01", "log/1", "reviewer/1", "service/market", "service/ledger"]
    for name in names:
        old = await valid(street, f"liren.example/{name}")
        new = await key_life.rotate(street.store, vkey=old.vkey, key=f"rotate {name}", keys_folder=folder)
        assert new != old.vkey
        again = await key_life.rotate(street.store, vkey=old.vkey, key=f"rotate {name}", keys_folder=folder)
        assert again == new, "a repeated request makes no second key"
        with pytest.raises(NotFound):
            await key_life.rotate(street.store, vkey=old.vkey, key="once more", keys_folder=folder)
        now = await valid(street, f"liren.example/{name}")
        assert (now.may, now.unit, now.person) == (old.may, old.unit, old.person)
        await street.award("anna", 1)
        await street.post(Spend(ANNA, "market.order", 1))
    assert await street.store.read("SELECT count(*) FROM key_secret WHERE length(sealed) = 0") == [(len(names),)]
    await street.ledger.stop()
    await street.store.close()
    again = await opened(database, street.home)
    street.store, street.ledger = again.store, again.ledger
    await street.award("anna", 1)
    await clean(street)


async def test_keys_change_between_the_records_of_one_batch(street: Street) -> None:
    """Each record is signed by the key that is valid at its very position."""
    folder, names = street.home / "keys", ("unit/01", "reviewer/1", "service/market")
    await street.post(award("anna", 40))
    await street.post(Spend(ANNA, "market.order", 1))
    old = [await valid(street, f"liren.example/{name}") for name in names]
    rotations = [key_life.rotate(street.store, vkey=k.vkey, key=k.vkey, keys_folder=folder) for k in old]
    awards = [street.post(award("anna", 1)) for _ in names]
    spends = [street.post(Spend(ANNA, "market.order", 1)) for _ in names]
    mixed = [each for three in zip(awards, rotations, spends, strict=True) for each in three]
    await asyncio.gather(*mixed)
    assert await street.balance("anna") == 39
    await clean(street)


async def test_what_needs_the_root_is_refused_where_the_root_is_on_paper(street: Street) -> None:
    (street.home / "keys" / "root").rename(street.home / "on-paper")
    for name in ("unit/01", "log/1"):
        key = await valid(street, f"liren.example/{name}")
        with pytest.raises(RootMissing):
            await key_life.rotate(street.store, vkey=key.vkey, key="a", keys_folder=street.home / "keys")
        with pytest.raises(NotSigned):
            await key_life.revoke(street.store, vkey=key.vkey, key="b")
    await appoint_reviewer(street.store, person="p-second", unit="00", key="c")
    assert await key_life.dismiss(street.store, person=REVIEWER, unit="00", key="d") == 1
    stale = Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer=REVIEWER)
    await street.refused(stale, NotSigned)
    await street.post(Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-second"))
    await clean(street)


async def test_the_last_reviewer_of_the_street_stays(street: Street) -> None:
    key = await valid(street, "liren.example/reviewer/1")
    with pytest.raises(Refused, match="last reviewer"):
        await key_life.revoke(street.store, vkey=key.vkey, key="a", keys_folder=street.home / "keys")
    await street.award("anna", 5)


async def test_a_community_ends_its_reviewers_key_without_the_root(street: Street) -> None:
    (street.home / "keys" / "root").rename(street.home / "on-paper")
    await appoint_reviewer(street.store, person="p-local", unit="01", key="a")
    await street.post(Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-local"))
    assert await key_life.dismiss(street.store, person="p-local", unit="01", key="b") == 1
    await street.refused(Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-local"), NotSigned)
    reviews = {REVIEWER: "00", "p-new": "01"}

    async def gate(person: str, unit: str) -> str | None:
        return reviews.get(person)

    street.ledger.gate = gate
    await street.post(Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-new"))
    del reviews["p-new"]
    await key_life.follow_roles(type("Ctx", (), {"ledger": street.reader})())
    valid = {key.person for key in await key_life.listed(street.store) if key.role == "reviewer" and key.valid}
    assert valid == {REVIEWER}, "that night, without the root"
    await clean(street)


async def test_a_street_that_lost_its_master_key_issues_new_keys_from_the_root(
    clock: Clock, database: str, tmp_path: Path
) -> None:
    street = await founded(database, tmp_path)
    await street.award("anna", 5)
    await street.ledger.stop()
    await street.store.close()
    (tmp_path / "keys" / "master").write_bytes(os.urandom(32))
    street = await opened(database, tmp_path)
    try:
        await street.refused(award("bela", 5), NotSigned)
        names = await key_life.renew(street.store, key="renew", keys_folder=tmp_path / "keys")
        assert len(names) == 6
        await street.award("bela", 5)
        assert await street.balance("anna") == 5
        await clean(street)
    finally:
        await street.ledger.stop()
        await street.store.close()


@given(st.binary(min_size=32, max_size=32), st.integers(0, 16), st.sampled_from(sheet.WHICH))
def test_words_give_the_key_back_and_no_others_do(key: bytes, at: int, which: sheet.Which) -> None:
    words = list(sheet.to_words(which, key))
    assert sheet.from_words(which, " ".join(words).upper()) == key
    for text in (words[:at] + words[at + 1 :], [*words, "babab"], [*words[:at], "hello", *words[at + 1 :]]):
        with pytest.raises(Malformed):
            sheet.from_words(which, " ".join(text))
    if sheet._check(which, key)[:2] != sheet._check("root" if which == "master" else "master", key)[:2]:
        with pytest.raises(Malformed):
            sheet.from_words("root" if which == "master" else "master", " ".join(words))


async def test_the_sheet_is_shown_until_somebody_typed_its_words_and_then_the_root_may_go(street: Street) -> None:
    folder, store = street.home / "keys", street.store
    root = (folder / "root").read_bytes()
    with pytest.raises(Refused, match="checked the sheet"):
        await sheet.remove_root(store, folder)
    for which in sheet.WHICH:
        words = await sheet.show(store, folder, which)
        assert await sheet.show(store, folder, which) == words
        part = next(part for part in await sheet.parts(store, folder) if part.which == which)
        assert (len(part.asked), part.checked) == (3, False)
        right = [words[n - 1] for n in part.asked]
        with pytest.raises(Refused, match="Not the words"):
            await sheet.confirm(store, folder, which, [*right[1:], right[0] + "x"])
        await sheet.confirm(store, folder, which, [word.upper() for word in right])
        with pytest.raises(Denied):
            await sheet.show(store, folder, which)
    kept = " ".join(sheet.to_words("root", root))
    await sheet.remove_root(store, folder)
    assert not (folder / "root").exists()
    with pytest.raises(Malformed):
        sheet.restore(folder, "root", kept[:-1])
    sheet.restore(folder, "root", kept)
    assert (folder / "root").read_bytes() == root
    assert all(part.checked for part in await sheet.parts(store, folder)), "the key is the one that was checked"
    with pytest.raises(Refused, match="already"):
        sheet.restore(folder, "root", kept)


async def test_who_no_longer_reviews_loses_the_key_that_night(street: Street) -> None:
    reviews = {"p-new": "00"}

    async def gate(person: str, unit: str) -> str | None:
        return reviews.get(person)

    street.ledger.gate = gate
    await street.post(Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-new"))
    ctx = type("Ctx", (), {"ledger": street.reader})()
    await key_life.follow_roles(ctx)
    assert {key.person for key in await key_life.listed(street.store) if key.role == "reviewer" and key.valid} == {
        "p-new"
    }, "the founder's first reviewer has no role here"
    reviews.clear()
    await key_life.follow_roles(ctx)
    assert [key.valid for key in await key_life.listed(street.store) if key.person == "p-new"] == [True], "the last"
    await clean(street)
