# SPDX-License-Identifier: Apache-2.0
"""Serves a street: one process, SIGTERM stops it, what was acknowledged is stored."""

import asyncio
import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from liren.app.factory import create_app
from liren.app.street import Street

try:
    import uvloop
except ImportError:  # another Python than CPython
    uvloop = None  # type: ignore[assignment]

log = structlog.get_logger("liren.app")
STOP_S = 5


class Server(uvicorn.Server):
    """uvicorn raises the signal again once it has stopped, which would end us before the store is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop where there is one: head and body of an answer leave in one piece, a tenth of the time of a small form."""
    return asyncio.new_event_loop() if uvloop is None else uvloop.new_event_loop()


def collect_seldom() -> None:
    """What a batch of postings makes is gone with it, by counting references. Python's default has the collector walk
    through every account in memory while a batch is under way, some of them several times: a tenth of all posting.

    What was made up to now (modules, routes, templates) stays to the end: walking through it took a quarter of a
    second each time, for which every page waited.
    """
    gc.set_threshold(50_000, 20, 20)
    gc.freeze()


async def serve(street: Street) -> None:
    """Until SIGTERM or Ctrl-C: requests under way get ``STOP_S`` seconds, then the store commits and closes."""
    settings = street.settings
    collect_seldom()
    config = uvicorn.Config(
        create_app(street),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
        timeout_keep_alive=30,
    )
    log.info("serving", address=f"http://{settings.host}:{settings.port}")
    await Server(config).serve()
