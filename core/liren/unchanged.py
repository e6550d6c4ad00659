# SPDX-License-Identifier: Apache-2.0
"""What was read out of a file is not read again while the file is the same.

A street is opened once in a server's life and a thousand times in a test run, each time from the same files.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
MOST = 1024
"""Files remembered for each function; the one asked for longest ago is forgotten first."""


def read_once(read: Callable[[Path], T]) -> Callable[[Path], T]:
    """Remember what ``read(path)`` returned until the file's time or size changes; an exception is not remembered.

    What is returned is shared by everyone who asks: it must not be changed.
    """

    @lru_cache(MOST)
    def remembered(path: Path, changed_ns: int, size: int) -> T:
        return read(path)

    @wraps(read)
    def asked(path: Path) -> T:
        about = path.stat()
        return remembered(path, about.st_mtime_ns, about.st_size)

    return asked
