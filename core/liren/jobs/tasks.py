# SPDX-License-Identifier: Apache-2.0
"""Work that outlasts its request, with progress a page can show after any reload.

Progress lives in memory and goes to its row about once a second; a row whose process fell silent counts as
interrupted. Starting under a request key already used gives the task that is there.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal, cast

from liren import clock
from liren.jobs.contain import in_words, launch
from liren.plugins.context import Context
from liren.plugins.services import Progress, TaskView
from liren.store import Store

Work = Callable[[Context, Progress], Awaitable[str]]
State = Literal["running", "done", "failed", "interrupted"]

FLUSH_S = 1.0
"""How often progress is written."""
HEARTBEAT_MS = 5_000
SILENT_MS = 30_000
"""A running task not heard of for so long: its process is gone."""


@dataclass(slots=True)
class _Live:
    """A task of this process."""

    view: TaskView
    task: asyncio.Task[None] | None = None


class BackgroundTasks:
    """Implements :class:`liren.plugins.services.Tasks`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._live: dict[str, _Live] = {}
        self._since_ms = clock.now_ms()

    async def start(self, ctx: Context, key: str, title: str, work: Work, limit_s: float) -> str:
        """Start ``work`` unless this visitor already started it under ``key``.

        :returns: the task's id
        """
        task = secrets.token_urlsafe(12)
        async with self._store.transaction(ctx.actor) as tx:
            rows = await tx.sql(
                "INSERT INTO task (id, plugin, actor, key, title, state, done, total, text, started_ms, changed_ms)"
                " VALUES (?, ?, ?, ?, ?, 'running', 0, 0, '', ?, ?)"
                " ON CONFLICT (plugin, actor, key) DO NOTHING RETURNING id",
                task,
                ctx.plugin,
                ctx.actor,
                key,
                title,
                tx.now_ms,
                tx.now_ms,
            )
            if not rows:
                rows = await tx.sql(
                    "SELECT id FROM task WHERE plugin = ? AND actor = ? AND key = ?", ctx.plugin, ctx.actor, key
                )
        if (there := str(rows[0][0])) != task:
            return there
        live = self._live[task] = _Live(TaskView(task, ctx.plugin, title, "running", 0, 0, ""))
        live.task = launch(self._run(live, ctx, work, limit_s), f"task {ctx.plugin} {task}")
        return task

    async def view(self, plugin: str, task: str) -> TaskView | None:
        """How far it is; None where this plugin has no such task."""
        if (live := self._live.get(task)) is not None:
            return live.view if live.view.plugin == plugin else None
        rows = await self._store.read(
            "SELECT title, state, done, total, text, changed_ms FROM task WHERE plugin = ? AND id = ?", plugin, task
        )
        if not rows:
            return None
        title, stored, done, total, text, changed_ms = rows[0]
        state = cast(State, stored)
        if state == "running" and self._is_gone(changed_ms):
            state = "interrupted"
        return TaskView(task, plugin, title, state, done, total, text)

    def _is_gone(self, changed_ms: int) -> bool:
        """Whether the process of a task that is not ours has ended."""
        # SQLite has one writing process: whatever ran before this one ends with it, and may be begun again at once.
        if self._store.kind == "sqlite" and changed_ms < self._since_ms:
            return True
        return clock.now_ms() - changed_ms > SILENT_MS

    async def idle(self) -> None:
        """Wait for every task of this process to end."""
        await asyncio.gather(*(live.task for live in self._live.values() if live.task), return_exceptions=True)

    async def stop(self) -> None:
        """Cancel what runs, and say so in its row. Before the store closes."""
        tasks = [live.task for live in self._live.values() if live.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, live: _Live, ctx: Context, work: Work, limit_s: float) -> None:
        def progress(done: int, total: int) -> None:
            live.view = replace(live.view, done=done, total=total)

        language = ctx.visitor.language if ctx.visitor else "zh"
        writing = launch(self._keep_writing(live), f"progress of {live.view.id}")
        state: State = "interrupted"
        text = ""
        try:
            async with asyncio.timeout(limit_s):
                text = str(await work(ctx, progress))
            state = "done"
        except (Exception, SystemExit) as error:
            state = "failed"
            text = in_words(error, what=f"{ctx.plugin}: {live.view.title}", limit_s=limit_s, language=language)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            live.view = replace(live.view, state=state, text=text)
            await self._write(live.view)
            del self._live[live.view.id]

    async def _keep_writing(self, live: _Live) -> None:
        written, at_ms = live.view, time.monotonic_ns() // 1_000_000
        while True:
            await asyncio.sleep(FLUSH_S)
            now_ms = time.monotonic_ns() // 1_000_000
            if live.view != written or now_ms - at_ms >= HEARTBEAT_MS:
                written, at_ms = live.view, now_ms
                await self._write(written)

    async def _write(self, view: TaskView) -> None:
        async with self._store.transaction(f"job:{view.plugin}") as tx:
            await tx.sql(
                "UPDATE task SET state = ?, done = ?, total = ?, text = ?, changed_ms = ? WHERE id = ?",
                view.state,
                view.done,
                view.total,
                view.text,
                tx.now_ms,
                view.id,
            )
