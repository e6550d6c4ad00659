# SPDX-License-Identifier: Apache-2.0
"""A copy of everything but the keys, made while the street is open; and a home made from one.

What is in a copy, and in which order, decides what can be lost:

``database``   one snapshot: SQLite's online backup, or ``pg_dump``. First, so that every file a row names is older.
``files/``     sealed files, copied after it. One that was swept meanwhile belonged to a row that is going as well.
``anchor`` and its journals        copied along for an empty machine; where the machine has its own, theirs only grow.
``about.json`` program, time, size of the log, SHA-256 of the database.

The keys are never in it: a stolen copy opens nothing, and a person erased since is readable nowhere once the copies of
before are gone (:data:`KEEP_DAYS`). They are copied apart, once, with ``--keys``.
"""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from liren.errors import LirenError
from liren.ledger.log.anchor import Anchor
from liren.privacy.journal import WITHDRAWN as TAKEN_BACK
from liren.privacy.journal import Journal
from liren.settings import Settings
from liren.store import Store
from liren.store.lock import WriterLock

KEEP_DAYS: Final = 30
ABOUT, DATABASE, FILES, ANCHOR, ERASED = "about.json", "database", "files", "anchor", "anchor.erased"
WITHDRAWN = "anchor.withdrawn"
PREFIX: Final = "liren-"
PIECE: Final = 1 << 20


class About(msgspec.Struct, frozen=True):
    """What a copy says of itself."""

    version: str
    kind: str
    """sqlite or postgres."""
    made: datetime
    records: int
    """Size of the log."""
    sha256: str


class BadBackup(LirenError):
    """The copy is not whole, or does not fit where it is to go."""

    status = 422
    code = "backup"


async def make(settings: Settings, target: Path, now: datetime, *, keys: Path | None = None) -> Path:
    """Copy the street into a new folder below ``target``; copies older than :data:`KEEP_DAYS` are deleted.

    :param keys: where the keys go; never below ``target``
    :returns: the new folder
    :raises BadBackup: keys and data would lie together; no ``pg_dump``
    """
    target = target.resolve()
    if keys is not None and keys.resolve().is_relative_to(target):
        raise BadBackup(
            "密钥不能和备份放在一起：谁拿到备份，谁就能打开里面的内容。请给 --keys 另一个地方。",
            "Keys must not lie with the backup: whoever takes it could open it. Give --keys another place.",
        )
    fresh = target / f".{PREFIX}{now:%Y%m%d-%H%M%S}.part"
    fresh.mkdir(parents=True, mode=0o700)
    try:
        kind = await asyncio.to_thread(_copy_database, settings.database, fresh / DATABASE)
        await asyncio.to_thread(_copy_rest, settings, fresh)
        about = About(version("liren"), kind, now, await _records(settings), _digest(fresh / DATABASE))
        (fresh / ABOUT).write_bytes(msgspec.json.encode(about))
        done = target / f"{PREFIX}{now:%Y%m%d-%H%M%S}"
        fresh.rename(done)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if keys is not None:
        keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copytree(settings.home / "keys", keys, dirs_exist_ok=True)
    expire(target, now)
    return done


def expire(target: Path, now: datetime) -> list[Path]:
    """Delete copies older than :data:`KEEP_DAYS`: an erased person must not stay readable in one; :returns: which."""
    oldest = f"{PREFIX}{now - timedelta(days=KEEP_DAYS):%Y%m%d-%H%M%S}"
    gone = [copy for copy in sorted(target.glob(f"{PREFIX}*")) if copy.name < oldest and (copy / ABOUT).is_file()]
    for copy in gone:
        shutil.rmtree(copy)
    return gone


def restore(settings: Settings, copy: Path, *, replace: bool = False) -> About:
    """Make the home from a copy. The next start erases again whom the journal beside the anchor knows.

    :param replace: also where there is a database already; it is kept beside as ``….before``
    :raises BadBackup: the copy is damaged, of another kind, or there is a database already
    :raises Busy: the server runs
    """
    about = _read(copy)
    wanted = "postgres" if "://" in settings.database else "sqlite"
    if about.kind != wanted:
        raise BadBackup(
            f"这份备份是 {about.kind} 的，这里用的是 {wanted}。请把 LIREN_DATABASE 设成同一种再恢复。",
            f"This backup is of {about.kind}, this home uses {wanted}. Set LIREN_DATABASE to the same kind first.",
        )
    if about.kind == "sqlite":
        _restore_file(Path(settings.database), copy / DATABASE, replace=replace)
    else:
        _postgres("pg_restore", settings.database, "--clean", "--if-exists", "--no-owner", str(copy / DATABASE))
    if (copy / FILES).is_dir():
        shutil.copytree(copy / FILES, settings.home / FILES, dirs_exist_ok=True)
    mark = Anchor(copy / ANCHOR).read()
    if mark is not None:
        Anchor(settings.anchor).grow(mark)  # never back: a larger one of this machine stays
    Journal(settings.erased).add(Journal(copy / ERASED).read())
    Journal(settings.withdrawn, TAKEN_BACK).add(Journal(copy / WITHDRAWN, TAKEN_BACK).read())
    return about


def _copy_database(database: str, to: Path) -> str:
    if "://" in database:
        _postgres("pg_dump", database, "--format=custom", "--no-owner", f"--file={to}")
        return "postgres"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as source, sqlite3.connect(to) as target:
        source.backup(target, pages=4096, sleep=0.01)  # in pieces: writers wait for a few pages, not for the whole
        target.execute("PRAGMA journal_mode = DELETE")
    os.chmod(to, 0o600)
    return "sqlite"


def _copy_rest(settings: Settings, to: Path) -> None:
    if (settings.home / FILES).is_dir():
        shutil.copytree(settings.home / FILES, to / FILES, ignore_dangling_symlinks=True)
    for source, name in ((settings.anchor, ANCHOR), (settings.erased, ERASED), (settings.withdrawn, WITHDRAWN)):
        if source.is_file():
            shutil.copyfile(source, to / name)


async def _records(settings: Settings) -> int:
    store = await Store.open(settings.database, read_only=True)
    try:
        rows = await store.read("SELECT size FROM log_head")
    finally:
        await store.close()
    return int(rows[0][0]) if rows else 0


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _read(copy: Path) -> About:
    try:
        about = msgspec.json.decode((copy / ABOUT).read_bytes(), type=About)
        whole = _digest(copy / DATABASE) == about.sha256
    except (OSError, msgspec.DecodeError) as error:
        raise _damaged(copy) from error
    if not whole:
        raise _damaged(copy)
    return about


def _damaged(copy: Path) -> BadBackup:
    return BadBackup(
        f"{copy} 不是一份完整的备份，没有恢复。请换另一份。",
        f"{copy} is no whole backup; nothing was restored. Use another one.",
    )


def _restore_file(database: Path, copy: Path, *, replace: bool) -> None:
    lock = WriterLock(database)
    try:
        if database.exists():
            if not replace:
                raise BadBackup(
                    f"{database} 已经有数据库了。确定要换成备份，请加 --replace；原来的会留在旁边。",
                    f"There is a database at {database} already. Add --replace to put the backup in its place;"
                    " the present one is kept beside it.",
                )
            with sqlite3.connect(database) as present:
                present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.replace(database.with_name(f"{database.name}.before"))
        for name in ("-wal", "-shm"):
            database.with_name(database.name + name).unlink(missing_ok=True)
        shutil.copyfile(copy, database)
        os.chmod(database, 0o600)
    finally:
        lock.release()


def _postgres(program: str, database: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; a password goes by the environment, where other users do not see it."""
    found = shutil.which(program)
    if found is None:
        raise BadBackup(
            f"找不到 {program}。请安装 PostgreSQL 客户端（postgresql-client）后再试。",
            f"{program} was not found. Install the PostgreSQL client (postgresql-client) and try again.",
        )
    address = urlsplit(database)
    shown = address._replace(netloc=f"{address.username or ''}@{address.netloc.rpartition('@')[2]}")
    secret = {"PGPASSWORD": unquote(address.password)} if address.password else {}
    call = [found, *arguments, f"--dbname={shown.geturl()}"]
    done = subprocess.run(call, env=os.environ | secret, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BadBackup(f"{program} 没有成功：{done.stderr[-300:]}", f"{program} failed: {done.stderr[-300:]}")
