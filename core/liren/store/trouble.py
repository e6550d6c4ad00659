# SPDX-License-Identifier: Apache-2.0
"""Which errors of a database are nobody's mistake: the same request may simply be sent again once it is well.

A full disk, a disk that refuses a write, a lock somebody else holds, a server that is gone. Everything else an engine
raises says something of the statement, and is a fault of ours.
"""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

import asyncpg

from liren.errors import Busy, LirenError
from liren.store.tx import BatchGone

DISK: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
"""Primary result codes of SQLite that say nothing of the statement."""
CLASSES: Final = frozenset({"08", "40", "53", "57", "58", "XX"})
"""Classes of PostgreSQL's SQLSTATE likewise: connection, rollback, resources, operator, system, internal."""
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
LOCKED: Final = "55P03"
"""Of class 55 only this one: somebody else held a row for longer than ``lock_timeout``."""


def of_the_disk(error: BaseException) -> bool:
    """A full disk, an I/O error, a lock, a lost connection: nobody's mistake, and worth another try."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in DISK
    if type(error) is asyncpg.InterfaceError:  # "connection is closed", and nothing else to tell it by
        return "closed" in str(error)
    state = getattr(error, "sqlstate", None) or ""
    return isinstance(error, BatchGone | OSError) or state[:2] in CLASSES or state == LOCKED


def of_the_row(error: BaseException) -> bool:
    """A row that breaks a constraint of its table."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return bool((code & 0xFF) == sqlite3.SQLITE_CONSTRAINT)
    return (getattr(error, "sqlstate", None) or "")[:2] == "23"


def lost(error: BaseException) -> LirenError:
    """What everybody in a dead batch is told."""
    if isinstance(error, LirenError):
        return error
    return Busy(
        "保存没有成功，什么都没有改动。请稍后再试一次。",
        "Saving failed and nothing was changed. Please try again shortly.",
    )


def unreadable() -> LirenError:
    """What a reader is told."""
    return Busy(
        "数据库暂时读不到。请稍后再试一次。",
        "The database cannot be read just now. Please try again shortly.",
    )


def unopened(error: BaseException) -> LirenError:
    """The database cannot be opened at all: what a command says instead of starting."""
    return Busy(
        f"数据库打不开（{error}）。请看看磁盘是不是满了、这个用户能不能读写、数据库服务有没有启动，然后再试。",
        f"The database cannot be opened ({error}). Is the disk full, may this user read and write it, does the "
        "database server run? Then try again.",
    )


def no_database(path: Path) -> LirenError:
    """What was named as the database is another file, or one that was damaged at its very beginning."""
    return LirenError(
        f"{path} 不是 SQLite 数据库，或者已经损坏。请核对 LIREN_DATABASE；损坏了就从备份恢复（docs/backup.md）。",
        f"{path} is no SQLite database, or a damaged one. Check LIREN_DATABASE; if it is damaged, restore a backup "
        "(docs/backup.md).",
    )


def in_words(error: BaseException) -> LirenError | None:
    """What a command line says of an error that reached its end; None: a fault of ours, which keeps its trace."""
    full = isinstance(error, OSError) and error.errno in NO_ROOM
    if isinstance(error, OSError) and error.filename is not None and not full:
        return _of_a_file(error, os.fsdecode(error.filename))
    if full or (not isinstance(error, OSError) and of_the_disk(error)):
        return Busy(
            f"磁盘满了，或者写不进去（{error}）。请清理磁盘后再试。",
            f"The disk is full, or refuses to be written ({error}). Make room and try again.",
        )
    return None


def _of_a_file(error: OSError, name: str) -> LirenError:
    """A path somebody named, or a home somebody else owns: theirs to put right."""
    if isinstance(error, PermissionError):
        return LirenError(
            f"没有权限读写 {name}。请用运行服务的那个用户来运行，或者改好文件的属主和权限。",
            f"{name} may not be read or written. Run this as the user the server runs as, or mend owner and mode.",
        )
    if isinstance(error, FileNotFoundError):
        return LirenError(f"找不到 {name}。请核对路径。", f"There is no {name}. Check the path.")
    if isinstance(error, FileExistsError):
        return LirenError(
            f"{name} 已经有了，没有动它。请换一个名字。",
            f"{name} is there already and was left alone. Take another name.",
        )
    return LirenError(
        f"{name} 打不开（{error.strerror}）。请核对路径。",
        f"{name} cannot be opened ({error.strerror}). Check the path.",
    )
