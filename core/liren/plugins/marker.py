# SPDX-License-Identifier: Apache-2.0
"""Survives what no ``try`` can catch while a plugin loads: a hang, ``os._exit``, a crash in C code.

Before the import a marker ``loading:<id>`` is written and locked. The lock dies with the process, the file does
not: a marker that nobody holds is the trace of a plugin that took the process down, and it is quarantined until
someone says retry or installs another version.
"""

import contextlib
import faulthandler
import fcntl
import json
import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from liren import clock
from liren.plugins.manifest import PluginRefused

STDERR = 2


class Markers:
    """The markers in one ``LIREN_HOME``."""

    def __init__(self, home: Path, limit_s: float) -> None:
        self.home = home
        self.limit_s = limit_s
        home.mkdir(parents=True, exist_ok=True)

    def _loading(self, plugin: str) -> Path:
        return self.home / f"loading:{plugin}"

    def _quarantined(self, plugin: str) -> Path:
        return self.home / f"quarantined:{plugin}"

    @contextlib.contextmanager
    def watch(self, plugin: str, version: str) -> Iterator[None]:
        """Inside, the process ends after ``limit_s``, and however it ends, the next start knows of it.

        :raises PluginRefused: an earlier start did not survive this version of the plugin
        """
        lock = self._lock(plugin, version)
        # Another version is another chance.
        if (known := self.quarantined(plugin)) is not None and known != version:
            self.retry(plugin)
        try:
            if known == version:
                raise _quarantined(plugin)
            faulthandler.dump_traceback_later(self.limit_s, exit=True, file=STDERR)
            try:
                yield
            finally:
                faulthandler.cancel_dump_traceback_later()
        finally:
            self._loading(plugin).unlink(missing_ok=True)
            os.close(lock)

    def _lock(self, plugin: str, version: str) -> int:
        """Take the marker; waits while another process loads the same plugin."""
        path = self._loading(plugin)
        while True:
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            # The one we waited for removed its marker when it was done: take a new one.
            if path.exists() and os.stat(path).st_ino == os.fstat(lock).st_ino:
                break
            os.close(lock)
        if died_with := os.read(lock, 200).decode("utf-8", "replace"):
            self._quarantined(plugin).write_text(
                json.dumps({"version": died_with, "at": clock.now(UTC).isoformat(timespec="seconds")})
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, version.encode(), 0)
        return lock

    def quarantined(self, plugin: str) -> str | None:
        """The version that took the process down; None where nothing did."""
        try:
            return str(json.loads(self._quarantined(plugin).read_text("utf-8"))["version"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            return "?"

    def retry(self, plugin: str) -> bool:
        """Let the plugin load again at the next start. Safe to repeat.

        :returns: whether it was quarantined
        """
        was = self._quarantined(plugin).exists()
        self._quarantined(plugin).unlink(missing_ok=True)
        return was


def _quarantined(plugin: str) -> PluginRefused:
    return PluginRefused(
        f"模块 {plugin} 上次启动时让整个系统停了下来（卡住或强行退出），已隔离，街道照常运行。"
        f"请更新它，或确认没问题后运行 liren plugin retry {plugin}。",
        f"Plugin {plugin} took the whole process down at an earlier start (it hung or exited) and is quarantined; "
        f"the street runs without it. Update it, or run: liren plugin retry {plugin}",
        code="quarantined",
    )
