# SPDX-License-Identifier: Apache-2.0
"""Away and back again, on both databases: export, clear, restore; repeated, refused, broken files."""

import datetime
import hashlib
import json
import zipfile
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from liren.app.built_in import BUILT_IN, own_sources
from liren.errors import LirenError, NotFound
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.packaging import remove, restore
from liren.packaging.errors import BadExport, CannotRemove
from liren.packaging.export import Head, read_head
from liren.packaging.parts import SETTLED, SHARED
from liren.packaging.remains import left_behind, remains
from liren.plugins.loader import load
from liren.plugins.manifest import RESERVED
from liren.store import MigrationSource, Store, Vault, migrate
from liren.units.build import Builder

ACTOR = "job:cli"
MIGRATION = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import *
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table
ID = "0001"

class Kitchen(Table, tablename="pantry_kitchen"):
    id = BigSerial(primary_key=True)
    name = Text()
    next = BigInt(null=True)

class Order(Table, tablename="pantry_order"):
    id = UUID(primary_key=True)
    kitchen = ForeignKey(Kitchen, null=False, on_delete=OnDelete.restrict)
    before = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    day = Date()
    at = Timestamptz()
    fen = BigInt()
    share = Numeric(digits=(8, 2))
    warm = Boolean()
    sealed = Bytea()
    note = Varchar(length=40, null=True)

async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="pantry", description="")
    async def run():
        await Kitchen.create_table()
        await Order.create_table()
    manager.add_raw(run)
    return manager
"""
SECOND = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
ID = "0002"
async def forwards():
    return MigrationManager(migration_id=ID, app_name="pantry", description="")
"""
A, B = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"


@pytest.fixture
async def street(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A street with a pantry whose program somebody took away by hand: orders, a setting, a role, a job's last run."""
    store = await Store.open(database)
    await migrate(store, own_sources(load(tmp_path, BUILT_IN, safe_mode=True).migration_sources()))
    (tmp_path / "pantry").mkdir()
    (tmp_path / "pantry" / "a.py").write_text(MIGRATION)
    await prepared(store, tmp_path)
    day, at = datetime.date(2026, 11, 2), datetime.datetime(2026, 11, 2, 4, 30, tzinfo=datetime.UTC)
    async with store.transaction("test") as tx:
        await tx.sql("INSERT INTO pantry_kitchen (name, next) VALUES ('一号食堂', NULL)")
        await tx.sql("INSERT INTO pantry_kitchen (name, next) VALUES (?, 7)", '"引号"\n换行')
        row = (day, at, 1250, Decimal("0.25"), True, b"\x00\xff")
        insert = 'INSERT INTO pantry_order (id, kitchen, before, day, at, fen, "share", warm, sealed, note)'
        places = " VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)"
        await tx.sql(insert + places, UUID(B), None, *row, None)
        await tx.sql(insert + places, UUID(A), UUID(B), *row, "少盐")  # comes first, names one that comes later
        await tx.sql("INSERT INTO plugin_state VALUES ('pantry', 1, '', ?, 0, 0)", '{"cut_off_hour":8}')
        await tx.sql("INSERT INTO job_run VALUES ('pantry', 'no_shows', 1, 'done', 1, '')")
        await tx.sql("INSERT INTO job_run VALUES ('other', 'no_shows', 1, 'done', 1, '')")
        for plugin, case in (("pantry", "c1"), ("other", "c2")):
            await tx.sql(
                "INSERT INTO workflow_case VALUES (?, ?, 'feedback', ?, 'u', 'u/', '饭凉了', NULL, NULL, 'open', 1, 1,"
                " NULL, NULL, NULL, 1)",
                *(case, plugin, case),
            )
            await tx.sql("INSERT INTO workflow_step VALUES (?, 1, 'open', '', 'open', 'p', 1, '', NULL, NULL)", case)
            await tx.sql("INSERT INTO workflow_file VALUES (?, ?, 1, '照片.jpg', 'jpg', 6)", f"{case}photo", case)
            photo = tmp_path / "files" / "cases" / case / f"{case}photo"
            photo.parent.mkdir(parents=True)
            photo.write_bytes(b"sealed")
        builder = await Builder.load(tx, day)
        unit = builder.unit("street", "里仁街道", None)
        await builder.write(tx)
        [person] = await register(tx, Vault.open(tmp_path / "keys", create=True), [NewPerson("周敏")], day)
        for role in ("pantry.clerk", "credit.reviewer"):
            await grants.grant(tx, person=person, role=role, unit=unit, roles={role}, since=day)
    yield store
    await store.close()


async def prepared(store: Store, tmp_path: Path) -> None:
    await migrate(store, [MigrationSource("pantry", tmp_path / "pantry")])


async def bring_back(store: Store, file: Path, *, replace: bool = False) -> tuple[Head, bool]:
    return await restore.restore(store, file, ACTOR, files=file.parent / "files", replace=replace)


async def everything(store: Store) -> list[Any]:
    orders = await store.read("SELECT * FROM pantry_order ORDER BY id")
    cases = await store.read("SELECT case_id, number FROM workflow_step ORDER BY case_id")
    return [await store.read("SELECT * FROM pantry_kitchen ORDER BY id"), orders, cases]


async def removed(store: Store, tmp_path: Path, *, drop_tables: bool = True, name: str = "pantry.zip") -> None:
    """As ``liren plugin remove`` does."""
    leaving = await remove.look(store, "pantry")
    remove.check(leaving, exported=True, drop_tables=drop_tables)
    await remove.switch_off(store, ACTOR, leaving)
    await remove.export_of(tmp_path, store, leaving, tmp_path / name)
    await remove.clear(store, ACTOR, leaving, drop_tables=drop_tables)
    remove.uninstall(tmp_path, leaving)


async def test_what_was_removed_comes_back_as_it_was(street: Store, tmp_path: Path) -> None:
    before = await everything(street)
    await removed(street, tmp_path)
    gone = await remains(street, "pantry")
    assert not gone.anything
    assert await street.read("SELECT plugin FROM job_run") == [("other",)]
    assert await street.read("SELECT role FROM role_grant") == [("credit.reviewer",)]
    assert await street.read("SELECT id FROM workflow_case") == [("c2",)]
    photo = tmp_path / "files" / "cases" / "c1" / "c1photo"
    photo.unlink()  # as the sweep does, a day later

    await prepared(street, tmp_path)
    head, done = await bring_back(street, tmp_path / "pantry.zip")
    assert done
    assert {table.name: table.rows for table in head.tables} == {
        "pantry_kitchen": 2,
        "pantry_order": 2,
        "workflow_case": 1,
        "workflow_step": 1,
        "workflow_file": 1,
    }
    assert photo.read_bytes() == b"sealed"
    assert await everything(street) == before
    assert await street.read("SELECT enabled, settings FROM plugin_state WHERE id = 'pantry'") == [
        (0, '{"cut_off_hour":8}')
    ]
    assert len(await street.read("SELECT 1 FROM role_grant WHERE role = 'pantry.clerk'")) == 1
    async with street.transaction("test") as tx:  # ids go on where they were
        await tx.sql("INSERT INTO pantry_kitchen (name) VALUES ('三号食堂')")
    assert await street.read("SELECT MAX(id) FROM pantry_kitchen") == [(3,)]
    with pytest.raises(Exception, match="(?i)foreign key"):  # and the references are checked again
        async with street.transaction("test") as tx:
            await tx.sql("UPDATE pantry_order SET kitchen = 99")
            if tx.kind == "sqlite":
                await tx.sql("PRAGMA defer_foreign_keys = OFF")


async def test_who_was_forgotten_since_the_export_is_forgotten_again(street: Store, tmp_path: Path) -> None:
    await removed(street, tmp_path)
    exported = datetime.datetime.fromtimestamp(read_head(tmp_path / "pantry.zip").exported_ms / 1000, datetime.UTC)
    async with street.transaction("test") as tx:
        for person, days in (("p1", 0), ("p2", 9), ("p0", -9)):
            day = exported.date() + datetime.timedelta(days=days)
            await tx.sql("INSERT INTO privacy_erasure VALUES (?, ?, 'officer')", person, day)
    await prepared(street, tmp_path)
    for _ in range(2):
        await bring_back(street, tmp_path / "pantry.zip")
    waiting = await street.read("SELECT person, plugin FROM privacy_retained ORDER BY person")
    assert waiting == [("p1", "pantry"), ("p2", "pantry")], "the daily job asks the module for them again"


async def test_removing_and_restoring_twice_changes_nothing(street: Store, tmp_path: Path) -> None:
    before = await everything(street)
    await removed(street, tmp_path)
    first = (tmp_path / "pantry.zip").read_bytes()
    assert (await remove.look(street, "pantry")).found is None, "it was removed earlier: no error"
    leaving = await remove.look(street, "pantry")
    await remove.export_of(tmp_path, street, leaving, tmp_path / "pantry.zip")
    assert (tmp_path / "pantry.zip").read_bytes() == first, "an empty export never takes the place of a full one"
    await prepared(street, tmp_path)
    for done in (True, False):
        assert (await bring_back(street, tmp_path / "pantry.zip"))[1] is done
    assert await everything(street) == before


async def test_killed_after_the_export_a_removal_is_repeated_with_the_same_file(street: Store, tmp_path: Path) -> None:
    leaving = await remove.look(street, "pantry")
    await remove.switch_off(street, ACTOR, leaving)
    await remove.export_of(tmp_path, street, leaving, tmp_path / "pantry.zip")
    await removed(street, tmp_path)
    assert sum(table.rows for table in read_head(tmp_path / "pantry.zip").tables) == 7


async def test_an_export_never_takes_the_place_of_another(street: Store, tmp_path: Path) -> None:
    leaving = await remove.look(street, "pantry")
    await remove.export_of(tmp_path, street, leaving, tmp_path / "pantry.zip")
    async with street.transaction("test") as tx:
        await tx.sql("INSERT INTO pantry_kitchen (name) VALUES ('三号食堂')")
    with pytest.raises(CannotRemove, match="holds other data"):
        await remove.export_of(tmp_path, street, leaving, tmp_path / "pantry.zip")
    (tmp_path / "letter.zip").write_text("a letter")
    with pytest.raises(BadExport, match="not a complete export"):
        await remove.export_of(tmp_path, street, leaving, tmp_path / "letter.zip")
    assert (tmp_path / "letter.zip").read_text() == "a letter"
    assert (tmp_path / "pantry.zip").stat().st_mode & 0o777 == 0o600


async def test_rows_are_not_dropped_without_an_export(street: Store) -> None:
    leaving = await remove.look(street, "pantry")
    with pytest.raises(CannotRemove, match="holds 7 rows, which would be lost for good"):
        remove.check(leaving, exported=False, drop_tables=True)
    remove.check(leaving, exported=False, drop_tables=False)
    with pytest.raises(CannotRemove, match="holds the ledger's private keys"):
        remove.check(leaving, exported=True, drop_tables=False, signer="pantry")


async def test_without_drop_tables_the_rows_wait_for_a_later_installation(street: Store, tmp_path: Path) -> None:
    before = await everything(street)
    await removed(street, tmp_path, drop_tables=False)
    assert await everything(street) == before
    left = await remains(street, "pantry")
    assert (left.total, left.migrations, left.known, left.grants) == (7, ("0001",), False, 0)
    assert [one.plugin for one in await left_behind(street, [one.id for one in BUILT_IN])] == ["pantry"]


async def test_a_module_whose_program_was_taken_away_by_hand_is_found_by_its_data(street: Store) -> None:
    [found] = await left_behind(street, [one.id for one in BUILT_IN])
    assert (found.plugin, found.enabled, found.tables, found.total) == (
        "pantry",
        True,
        ["pantry_kitchen", "pantry_order"],
        7,
    )
    assert (await remove.look(street, "pantry")).gone_by_hand


async def test_what_never_was_and_what_is_the_cores_cannot_be_removed(street: Store) -> None:
    with pytest.raises(NotFound, match="There is no module nobody"):
        await remove.look(street, "nobody")
    with pytest.raises(NotFound, match="belongs to Liren itself"):
        await remove.look(street, "ledger")


async def test_rows_of_another_version_or_other_rows_are_not_mixed_in(street: Store, tmp_path: Path) -> None:
    await removed(street, tmp_path)
    file = tmp_path / "pantry.zip"
    with pytest.raises(BadExport, match="then run: liren migrate"):
        await bring_back(street, file)
    await prepared(street, tmp_path)
    async with street.transaction("test") as tx:
        await tx.sql("INSERT INTO pantry_kitchen (name) VALUES ('新食堂')")
    with pytest.raises(BadExport, match="holds 1 other rows already"):
        await bring_back(street, file)
    assert (await bring_back(street, file, replace=True))[1]
    (tmp_path / "pantry" / "b.py").write_text(SECOND)
    await prepared(street, tmp_path)
    with pytest.raises(BadExport, match="0001 in the export, 0002 here"):
        await bring_back(street, file)


@pytest.mark.parametrize(
    "damage", ["row lost", "other words", "points nowhere", "cut off", "unknown kind", "other module"]
)
async def test_of_a_damaged_export_nothing_is_restored(street: Store, tmp_path: Path, damage: str) -> None:
    await removed(street, tmp_path)
    await prepared(street, tmp_path)
    file, bad = tmp_path / "pantry.zip", tmp_path / "bad.zip"
    with zipfile.ZipFile(file) as source:
        content = {name: source.read(name) for name in source.namelist()}
    orders = content["tables/pantry_order.jsonl"]
    if damage == "row lost":
        content["tables/pantry_order.jsonl"] = orders.splitlines(keepends=True)[1]
    elif damage == "other words":
        content["tables/pantry_order.jsonl"] = orders.replace("少盐".encode(), "多盐".encode())
    elif damage == "unknown kind":
        content["tables/pantry_order.jsonl"] = orders.replace(b'{"uuid":', b'{"import":')
    elif damage == "other module":
        cases = content["tables/workflow_case.jsonl"].replace(b'"pantry"', b'"other"')
        content["tables/workflow_case.jsonl"] = cases
        head = json.loads(content["export.json"])
        table = next(t for t in head["tables"] if t["name"] == "workflow_case")
        table["sha256"] = hashlib.sha256(cases).hexdigest()
        content["export.json"] = json.dumps(head).encode()
    elif damage == "points nowhere":
        kitchens = content["tables/pantry_kitchen.jsonl"].splitlines(keepends=True)[1:]
        content["tables/pantry_kitchen.jsonl"] = b"".join(kitchens)
        head = json.loads(content["export.json"])
        head["tables"][0] |= {"rows": 1, "sha256": hashlib.sha256(kitchens[0]).hexdigest()}
        content["export.json"] = json.dumps(head).encode()
    with zipfile.ZipFile(bad, "w") as target:
        for name, text in content.items():
            target.writestr(name, text)
    if damage == "cut off":
        bad.write_bytes(bad.read_bytes()[:-60])
    with pytest.raises(LirenError):
        await bring_back(street, bad)
    assert await everything(street) == [[], [], [("c2", 1)]]
    assert (await bring_back(street, file))[1], "a good copy still can be"


async def test_no_module_can_own_a_table_of_the_core(street: Store) -> None:
    """What stands before the first underscore of a core table is a name no plugin gets."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if street.kind == "postgres":
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    names = {str(name) for (name,) in await street.read(query)}
    core = {name for name in names if not name.startswith(("pantry_", "sqlite_"))}
    assert {name.partition("_")[0] for name in core if "_" in name} <= RESERVED


async def test_every_row_of_the_core_that_names_a_module_is_cleared_or_kept_on_purpose(street: Store) -> None:
    # What happened stays readable, events and notices run out by themselves, a duty towards a person stays a duty.
    kept = {"audit", "outbox", "inbox_notice", "privacy_retained"}
    cleared = {table for table, _ in SETTLED} | {part.table for part in SHARED}
    if street.kind == "sqlite":
        query = "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE c.name = 'plugin'"
    else:
        query = "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'plugin'"
        query += " AND table_schema = current_schema()"
    naming = {str(name) for (name,) in await street.read(query)}
    assert naming <= kept | cleared
