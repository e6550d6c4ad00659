# SPDX-License-Identifier: Apache-2.0
"""``liren serve`` as a process of its own: for what only many clients at once, or a restart, can show."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

START_S: Final = 60
STOP_S: Final = 20


@contextmanager
def served(home: Path, database: str, port: int) -> Iterator[str]:
    """The street in ``home``, which nobody else has open; stopped by SIGTERM, as a service manager does.

    :yields: its address, once it answers that it is ready
    :raises AssertionError: it did not start (with what it said), or did not stop in order
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIREN_")}
    env = kept | {"LIREN_HOME": str(home), "LIREN_DATABASE": database, "PORT": str(port)}
    log = home.parent / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen([Path(sys.prefix) / "bin" / "liren", "serve"], env=env, stdout=out, stderr=out)  # noqa: S603 - our own command
    try:
        url = f"http://127.0.0.1:{port}"
        _until_ready(process, url, log)
        yield url
    finally:
        process.terminate()
        assert process.wait(STOP_S) == 0


def _until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
