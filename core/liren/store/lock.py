# SPDX-License-Identifier: Apache-2.0
"""One writing process per SQLite file: the second one refuses to start and says why."""

import fcntl
import os
from pathlib import Path

from liren.errors import Busy


class WriterLock:
    """An advisory lock beside the database; the kernel frees it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(database.with_name(database.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise Busy(
                f"另一个里仁程序正在使用数据库 {database}。请先停下它，再重新启动。",
                f"Another Liren process is using the database {database}. Stop it first, then start again.",
            ) from error

    def release(self) -> None:
        os.close(self._file)
