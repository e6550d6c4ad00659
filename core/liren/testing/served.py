# SPDX-License-Identifier: Apache-2.0
"""``liren serve`` as a process of its own: for what only many clients at once, or a restart, can show."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from liren.testing.patience import PATIENCE_S, wait_until


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
        until_ready(url, process, log)
        yield url
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0


def until_ready(url: str, process: subprocess.Popen[Any], log: Path | None = None, page: str = "/readyz") -> None:
    """Wait until a server that was started answers on this page.

    :raises AssertionError: it ended instead; with the last of what it said
    """

    def said() -> str:
        return log.read_text("utf-8")[-2000:] if log is not None else ""

    def answers() -> bool:
        assert process.poll() is None, f"the server ended: {said()}"
        try:
            return httpx.get(f"{url}{page}", timeout=PATIENCE_S).status_code == 200
        except httpx.TransportError:
            return False

    wait_until(answers, said)
