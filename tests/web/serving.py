# SPDX-License-Identifier: Apache-2.0
"""Serves an application on a free port of this machine while a browser looks at it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from liren.testing.patience import PATIENCE_S, wait_until


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The application's address; the server stops at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE_S)
