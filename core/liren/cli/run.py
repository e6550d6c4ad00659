# SPDX-License-Identifier: Apache-2.0
"""Runs one coroutine of a command with a quiet, readable log."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from liren.app.serve import new_event_loop

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], *, level: int = logging.WARNING) -> T:
    """:param level: what the log shows; the server shows more than a command"""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),  # stdout is for what was asked
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Plain traces: the pretty ones print local variables, and with them people's data.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)
