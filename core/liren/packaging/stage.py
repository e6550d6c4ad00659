# SPDX-License-Identifier: Apache-2.0
"""``LIREN_HOME/installing``: the checked files of an installation under way, so that a killed one gets finished.

The list is written last and removed last: with one, pip may have begun and is made to finish; without one, nothing was
changed.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from liren.errors import Busy
from liren.packaging import pip
from liren.packaging.index import write
from liren.packaging.wheels import Wheel, wheel

LIST = "list.json"


class Stage:
    """One home's; made by :func:`stage`."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "installing"

    def interrupted(self) -> list[Wheel]:
        """What an installation that was killed had begun to install."""
        try:
            names = json.loads((self.folder / LIST).read_text("utf-8"))
        except FileNotFoundError:
            return []
        return [wheel(self.folder / name) for name in names]

    def clear(self) -> None:
        (self.folder / LIST).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def bring(self, wheels: Sequence[Wheel]) -> list[Wheel]:
        """Copies of these files, on the disk: what is checked next is what is installed then."""
        self.clear()
        self.folder.mkdir(parents=True, mode=0o700)
        copies = []
        for one in wheels:
            copy = self.folder / one.path.name
            shutil.copyfile(one.path, copy)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            copies.append(wheel(copy))
        return copies

    def install(self, wheels: Sequence[Wheel]) -> None:
        """Install what was brought here and checked. Killed anywhere, :meth:`resume` finishes it."""
        write(self.folder / LIST, json.dumps([one.path.name for one in wheels]).encode())
        pip.install([one.path for one in wheels])
        self.clear()

    def resume(self) -> list[Wheel]:
        """Finish what was interrupted; :returns: what it was."""
        wheels = self.interrupted()
        if wheels:
            for one in wheels:
                pip.tidy(one.name)
            pip.install([one.path for one in wheels])
        self.clear()
        return wheels


@contextmanager
def stage(home: Path) -> Iterator[Stage]:
    """One installation or removal at a time.

    :raises Busy: another one is under way
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "installing.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(
                "另一个安装或卸载正在进行。请等它做完。",
                "Another installation or removal is under way. Wait until it is done.",
            ) from error
        yield Stage(home)
