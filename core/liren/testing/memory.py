# SPDX-License-Identifier: Apache-2.0
"""A folder in memory for what a test run writes: a thousand databases made and dropped cost a disk minutes.

Nothing tested here is about a power cut: a process that is killed leaves the same files in memory as on a disk.
"""

import shutil
from pathlib import Path
from typing import Final

SHARED: Final = Path("/dev/shm")  # noqa: S108
ROOM_BYTES: Final = 3 * 1024**3
"""A run takes about a tenth of it; several runs may share a machine, and a container often has next to none."""


def memory_folder() -> Path | None:
    """Where files are kept in memory; None where there is no such folder, or no room in it."""
    if not SHARED.is_dir() or shutil.disk_usage(SHARED).free < ROOM_BYTES:
        return None
    return SHARED
