# SPDX-License-Identifier: Apache-2.0
"""The register of people: sealed, found in scope, moved, merged; on both databases."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.identity.conftest import TODAY

from liren.errors import NotFound
from liren.identity.errors import BadPerson, PersonTaken
from liren.identity.organisations import verbs as organisations
from liren.identity.register import changes, departures, dossier, number_tails, people
from liren.identity.register.directory import Directory
from liren.identity.sealed import Private
from liren.identity.tables import TABLES
from liren.store import Store, Vault
from liren.units.rules import area_of

Folk = dict[str, str]


async def test_a_card_shows_the_name_the_mask_and_the_community(directory: Directory, folk: Folk) -> None:
    cards = await directory.cards([*folk.values(), "nobody"])
    assert len(cards) == 4
    card = cards[folk["欧阳锋"]]
    assert (card.name, card.masked, card.community, card.active) == ("欧阳锋", "欧阳*", "laojie", True)
    assert cards[folk["李敏"]].community is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王", {"王秀兰", "王小兰"}), ("王 秀兰", {"王秀兰"}), ("wxl", {"王秀兰", "王小兰"}), ("wangxiu", {"王秀兰"}),
        ("OYF", {"欧阳锋"}), ("0001", {"王秀兰", "欧阳锋"}), ("199 0000 0002", {"王小兰"}),
        ("379901196411220003", {"王秀兰"}),
        ("小兰", {"王小兰"}), ("%", set()), ("", set()), ("赵", set()), ("9", set()), ("'; DROP TABLE person", set()),
    ],
)  # fmt: skip
async def test_people_are_found_however_staff_remember_them(
    directory: Directory, folk: Folk, text: str, names: set[str]
) -> None:
    assert {card.name for card in await directory.lookup(text)} == names


async def test_a_lookup_stays_inside_its_subtree(directory: Directory, folk: Folk) -> None:
    assert {c.name for c in await directory.lookup("0001", unit="laojie")} == {"欧阳锋"}
    assert {c.name for c in await directory.lookup("0001", unit="liren")} == {"王秀兰", "欧阳锋"}
    assert await directory.lookup("王", unit="laojie") == []
    assert await directory.search("王", ()) == []
    with pytest.raises(NotFound):
        await directory.lookup("王", unit="nowhere")


async def test_a_lookup_in_two_communities_sorts_them_as_one(directory: Directory, folk: Folk) -> None:
    prefixes = ["liren/laojie/", "liren/taoyuan/"]
    assert [hit.card.name for hit in await directory.search("w", prefixes)] == ["王小兰", "王秀兰"]
    assert [hit.card.name for hit in await directory.search("o", [*prefixes, "liren/taoyuan/taoyuan-b7/"])] == [
        "欧阳锋"
    ]
    assert [hit.card.name for hit in await directory.search("w", prefixes, limit=1)] == ["王小兰"]


async def test_the_community_of_the_index_follows_every_move_merge_and_departure(
    store: Store, vault: Vault, directory: Directory, folk: Folk
) -> None:
    async def areas() -> dict[str, str | None]:
        rows = await store.read(
            "SELECT p.name, p.area, u.path FROM person p LEFT JOIN residence r ON r.person = p.id AND r.until IS NULL"
            " LEFT JOIN unit u ON u.code = r.unit"
        )
        assert all(area == (area_of(path) if path else None) for _, area, path in rows), rows
        return {name: area for name, area, _ in rows}

    assert await areas() == {"王秀兰": "taoyuan", "王小兰": "taoyuan", "欧阳锋": "laojie", "李敏": None}
    later = TODAY + timedelta(days=3)
    async with store.transaction("job:test") as tx:
        await people.move(tx, folk["王小兰"], unit="laojie", day=later)
        await people.move(tx, folk["李敏"], unit="liren", day=later)
        departure = await departures.depart(tx, folk["欧阳锋"], later, died=False)
    assert await areas() == {"王秀兰": "taoyuan", "王小兰": "laojie", "欧阳锋": None, "李敏": None}
    assert {card.name for card in await directory.lookup("王", unit="laojie")} == {"王小兰"}
    async with store.transaction("job:test") as tx:
        await departures.undo(tx, departure, folk["欧阳锋"])
        await people.merge(tx, kept=folk["李敏"], gone=folk["王秀兰"], day=later)
        await tx.sql("UPDATE unit SET path = 'liren/laojie/taoyuan-b7/', parent = 'laojie' WHERE code = 'taoyuan-b7'")
        await people.register(tx, vault, [people.NewPerson("桃七", unit="taoyuan-b7")], later)
    assert await areas() == {"王秀兰": None, "王小兰": "laojie", "欧阳锋": "laojie", "李敏": None, "桃七": "laojie"}
    async with store.transaction("job:test") as tx:
        await tx.sql("UPDATE unit SET path = 'liren/taoyuan/taoyuan-b7/', parent = 'taoyuan' WHERE code = 'taoyuan-b7'")
    assert (await areas())["桃七"] == "taoyuan"
    async with store.transaction("job:test") as tx:
        await tx.sql("DELETE FROM residence WHERE unit = 'taoyuan-b7' AND until IS NULL")
    assert (await areas())["桃七"] is None


async def test_an_importer_gets_hashes_and_households_never_numbers(directory: Directory, folk: Folk) -> None:
    keys = {key.name: key for key in await directory.keys()}
    assert keys["王秀兰"].phone_hash == directory.hash_of("phone", "19900000001")
    assert keys["王秀兰"].id_number_hash == directory.hash_of("id_number", "379901196411220003")
    assert keys["王秀兰"].household == keys["王小兰"].household is not None
    assert keys["欧阳锋"].household is None
    assert keys["欧阳锋"].id_number_hash is None
    assert (keys["王秀兰"].community, keys["李敏"].community) == ("taoyuan", None)


async def test_the_keys_are_read_again_only_after_a_change(
    directory: Directory, folk: Folk, store: Store, vault: Vault
) -> None:
    first = await directory.keys()
    assert await directory.keys() is first
    async with store.transaction("job:test") as tx:
        await people.move(tx, folk["欧阳锋"], unit="taoyuan", day=TODAY)
    second = await directory.keys()
    assert {key.name: key.community for key in second}["欧阳锋"] == "taoyuan"


async def test_sealed_fields_are_not_in_the_database(store: Store, folk: Folk, directory: Directory) -> None:
    opened = await dossier.private(directory.store, directory.vault, folk["王秀兰"])
    assert opened == Private("19900000001", "379901196411220003", date(1964, 11, 22), None)
    secrets = [b"19900000001", b"379901196411220003", b"1964-11-22", b"19900010001"]
    if store.kind == "sqlite":
        await store.read("SELECT 1")
        folder = Path(store.backend.path).parent  # type: ignore[union-attr]
        files = [file.read_bytes() for file in folder.glob("liren.sqlite*")]
        assert any("王秀兰".encode() in content for content in files)  # this is where it would stand
        assert not any(secret in content for content in files for secret in secrets)
    else:
        for (row,) in await store.read("SELECT p::text FROM person p"):
            plain = row.encode() + b"".join(bytes.fromhex(part.split('"')[0]) for part in row.split("\\x")[1:])
            assert not any(secret in plain for secret in secrets)


async def test_an_erased_person_cannot_be_opened_again(
    store: Store, vault: Vault, folk: Folk, directory: Directory
) -> None:
    async with store.transaction("job:test") as tx:
        await vault.destroy(tx, folk["王秀兰"])
    assert await dossier.private(directory.store, directory.vault, folk["王秀兰"]) == Private()


async def test_one_id_number_is_one_person(store: Store, vault: Vault, folk: Folk) -> None:
    twin = people.NewPerson("王秀蓝", Private(id_number="379901196411220003"))
    with pytest.raises(PersonTaken):
        async with store.transaction("job:test") as tx:
            await people.register(tx, vault, [twin], TODAY)


async def test_a_name_that_is_none_is_refused(store: Store, vault: Vault) -> None:
    with pytest.raises(BadPerson):
        async with store.transaction("job:test") as tx:
            await people.register(tx, vault, [people.NewPerson("合计 12")], TODAY)


async def test_moving_keeps_where_somebody_lived(store: Store, folk: Folk, directory: Directory) -> None:
    later = date(2026, 12, 1)
    async with store.transaction("job:test") as tx:
        await people.move(tx, folk["王小兰"], unit="laojie", day=later)
    assert (await directory.cards([folk["王小兰"]]))[folk["王小兰"]].community == "laojie"
    history = await store.read(
        "SELECT unit, since, until FROM residence WHERE person = ? ORDER BY since", folk["王小兰"]
    )
    assert history == [("taoyuan-b7", TODAY, later), ("laojie", later, None)]
    with pytest.raises(BadPerson):
        async with store.transaction("job:test") as tx:
            await people.move(tx, folk["王小兰"], unit="taoyuan", day=TODAY)


async def test_who_died_is_shown_as_no_longer_here_and_in_no_list(
    store: Store, folk: Folk, directory: Directory
) -> None:
    async with store.transaction("job:test") as tx:
        await departures.depart(tx, folk["欧阳锋"], TODAY, died=True)
    assert (await directory.cards([folk["欧阳锋"]]))[folk["欧阳锋"]].active is False
    assert "欧阳锋" not in {key.name for key in await directory.keys()}


async def test_merging_keeps_both_entries_and_shows_one(store: Store, folk: Folk, directory: Directory) -> None:
    async with store.transaction("job:test") as tx:
        await people.merge(tx, kept=folk["王秀兰"], gone=folk["王小兰"], day=TODAY)
    assert {card.name for card in await directory.lookup("王")} == {"王秀兰"}
    assert (await directory.cards([folk["王小兰"]]))[folk["王小兰"]].active is False
    with pytest.raises(NotFound):
        async with store.transaction("job:test") as tx:
            await people.move(tx, folk["王小兰"], unit="laojie", day=TODAY)


async def test_a_person_acts_for_an_organisation_as_long_as_both_say_so(
    store: Store, folk: Folk, directory: Directory
) -> None:
    async with store.transaction("job:test") as tx:
        shop = await organisations.add(tx, name="老街信用超市", kind="merchant", unit="laojie", opened=TODAY)
        for _ in range(2):
            await organisations.join(tx, organisation=shop, person=folk["欧阳锋"], role="owner", since=TODAY)
    assert [o.name for o in await directory.organisations_of(folk["欧阳锋"], kind="merchant")] == ["老街信用超市"]
    assert await directory.organisations_of(folk["欧阳锋"], kind="partner") == []
    assert await directory.organisations_of(folk["王秀兰"]) == []
    assert (await directory.organisations([shop]))[shop].unit == "laojie"
    assert [o.id for o in await directory.organisations_by_kind("merchant")] == [shop]
    async with store.transaction("job:test") as tx:
        await organisations.close(tx, shop, TODAY)
    assert await directory.organisations_of(folk["欧阳锋"]) == []
    assert (await directory.organisations([shop]))[shop].active is False
    assert await directory.organisations_by_kind("merchant") == []


async def test_the_declared_tables_are_the_real_ones(empty: Store) -> None:
    for table in TABLES:
        columns = ", ".join(f'"{c._meta.name}"' for c in table._meta.columns)
        assert await empty.read(f'SELECT {columns} FROM "{table._meta.tablename}"') == []


async def test_the_last_four_of_the_id_number_find_who_lives_there_and_nothing_of_it_is_readable(
    store: Store, vault: Vault, directory: Directory, folk: Folk
) -> None:
    async def found(text: str, *prefixes: str) -> list[str]:
        return [hit.card.name for hit in await directory.by_number_tail(text, prefixes)]

    tree = await directory.tree()
    home, other = tree.get("taoyuan"), tree.get("laojie")
    assert home is not None
    assert other is not None
    assert await found("0003", home.path) == ["王秀兰"]
    assert await found("0003", other.path) == []
    assert await found("0003") == []
    assert await found("003", home.path) == []
    async with store.transaction("job:test") as tx:
        await tx.sql("UPDATE person SET number_tail = NULL")
    assert await found("0003", home.path) == []
    assert await number_tails.fill(directory, "job:test") == 1
    assert await found("0003", home.path) == ["王秀兰"]
    assert await number_tails.fill(directory, "job:test") == 0
    async with store.transaction("job:test") as tx:
        wanted = changes.Amendment(private=Private(id_number="379901196507150011"))
        await changes.amend(tx, vault, folk["王秀兰"], wanted)
    assert await found("0003", home.path) == []
    assert await found("0011", home.path) == ["王秀兰"]
