# SPDX-License-Identifier: Apache-2.0
"""Runs a command and runs it anew whenever something below a folder is saved."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

POLL_S: Final = 0.5
SETTLE_S: Final = 0.1
"""Editors write a file in several steps: saved means unchanged for so long."""
STOP_S: Final = 10.0
PASSED_OVER: Final = frozenset({"__pycache__", "node_modules", "dist", "build"})

Saved = dict[str, tuple[int, int]]
"""Path → (mtime in ns, size)."""


def look(folder: Path) -> Saved:
    """Every file of the module as it is now; hidden folders and what builds leave behind are passed over."""
    found: Saved = {}
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in PASSED_OVER]
        for name in files:
            path = os.path.join(where, name)
            try:
                state = os.stat(path)
            except OSError:  # deleted between the two looks
                continue
            found[path] = (state.st_mtime_ns, state.st_size)
    return found


def keep_running(folder: Path, command: Sequence[str], tell: Callable[[int], None]) -> None:
    """Until SIGTERM or Ctrl-C, which end the command too.

    :param tell: called with the exit code where the command ends by itself; it is run again at the next save
    """
    previous = signal.signal(signal.SIGTERM, _interrupt)
    child: subprocess.Popen[bytes] | None = None
    try:
        while True:
            seen = look(folder)
            child = subprocess.Popen(command)  # noqa: S603 - ours, built by the caller
            _until_saved(folder, seen, child, tell)
            _settled(folder)
            _stop(child)
    except KeyboardInterrupt:
        pass
    finally:
        if child is not None:
            _stop(child)
        signal.signal(signal.SIGTERM, previous)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _until_saved(folder: Path, seen: Saved, child: subprocess.Popen[bytes], tell: Callable[[int], None]) -> None:
    told = False
    while look(folder) == seen:
        if not told and (code := child.poll()) is not None:
            told = True
            tell(code)
        time.sleep(POLL_S)


def _settled(folder: Path) -> None:
    before: Saved = {}
    while (now := look(folder)) != before:
        before = now
        time.sleep(SETTLE_S)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Asks, then insists: only one process may write to the street."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
