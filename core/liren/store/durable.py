# SPDX-License-Identifier: Apache-2.0
"""A small file replaced for good: after this returns, a power cut finds the new one; before, the old one, whole."""

import os
from pathlib import Path


def replace(path: Path, content: bytes, mode: int = 0o600) -> None:
    """:param mode: of the new file, before the umask"""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
