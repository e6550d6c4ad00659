# SPDX-License-Identifier: Apache-2.0
"""Runs a plugin's coroutine by itself: fresh context variables, a time limit, and every fault turned into words."""

import asyncio
import contextvars
import secrets
from collections.abc import Coroutine
from typing import Any

import structlog

from liren.errors import LirenError

log = structlog.get_logger("liren.jobs")


def launch(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start a task that inherits nothing: the caller's transaction is a context variable and would leak into it."""
    return asyncio.get_running_loop().create_task(work, name=name, context=contextvars.Context())


def in_words(error: BaseException, *, what: str, limit_s: float, language: str = "zh") -> str:
    """What went wrong and what to do, for the page that shows it; the trace goes to the log.

    :param what: names the work in the log
    """
    if isinstance(error, LirenError) and error.status < 500:
        return error.zh if language == "zh" else error.en
    reference = secrets.token_hex(4)
    log.error("work_failed", what=what, reference=reference, exc_info=error)
    if isinstance(error, TimeoutError):
        zh, en = f"超过 {limit_s:g} 秒没有做完，已停下。", f"Not done within {limit_s:g} s, so it was stopped."
    else:
        zh, en = "没有做完，出了意外。", "Something unexpected stopped it."
    zh += f"可以再试一次；还不行，请告诉街道管理员编号 {reference}。"
    en += f" Try again; if that fails too, tell the street's administrator number {reference}."
    return zh if language == "zh" else en
