# SPDX-License-Identifier: Apache-2.0
"""Runs the jobs of enabled plugins when they are due, one run at a time each, in whichever process claims it first."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal, cast

import structlog

from liren import clock
from liren.errors import Conflict, NotFound
from liren.jobs.contain import in_words, launch
from liren.jobs.schedule import due
from liren.plugins.kernel import Kernel
from liren.plugins.services import Who
from liren.plugins.types import Job
from liren.store import Store

log = structlog.get_logger("liren.jobs")
TICK_S = 5.0
State = Literal["running", "done", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class JobRun:
    """How a job's latest run went."""

    plugin: str
    name: str
    last_ms: int
    state: State
    took_ms: int
    text: str


class Runner:
    """One per process."""

    def __init__(self, kernel: Kernel, store: Store, tz: tzinfo, *, tick_s: float = TICK_S) -> None:
        self._kernel = kernel
        self._store = store
        self._tz = tz
        self._tick_s = tick_s
        self._began_ms = clock.now_ms()
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look for due jobs every few seconds until :meth:`stop`."""
        self._loop = launch(self._keep_looking(), "jobs")

    async def stop(self) -> None:
        """Before the store closes: cancel what runs."""
        tasks = [*self._running.values(), *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Wait for every job that is running now; how each went is in its row."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def runs(self) -> Sequence[JobRun]:
        """The latest run of every job that ever ran."""
        rows = await self._store.read(
            "SELECT plugin, name, last_ms, state, took_ms, text FROM job_run ORDER BY plugin, name LIMIT 500"
        )
        return [JobRun(p, n, last, cast(State, state), took, text) for p, n, last, state, took, text in rows]

    async def run_now(self, plugin: str, name: str) -> None:
        """Run one job at once and wait for it (console, command line).

        :raises NotFound: no such job in an enabled plugin
        :raises Conflict: it is running
        """
        job = next((j for p, j in self._jobs() if p == plugin and j.name == name), None)
        if job is None:
            raise NotFound(f"没有任务 {plugin}.{name}，或模块没有启用。", f"There is no job {plugin}.{name}.")
        if (plugin, name) in self._running or not await self._claim(plugin, job, await self._last(plugin, name)):
            raise Conflict("这个任务正在运行，请稍后再看。", "This job is running: look again in a moment.")
        await self._launch(plugin, job)

    async def look(self) -> None:
        """Start whatever is due now."""
        last = {(run.plugin, run.name): run.last_ms for run in await self.runs()}
        now = clock.now(self._tz)
        for plugin, job in self._jobs():
            key = (plugin, job.name)
            last_ms = last.get(key)
            began = datetime.fromtimestamp((last_ms or self._began_ms) / 1000, self._tz)
            if key not in self._running and due(job, began, now) and await self._claim(plugin, job, last_ms):
                self._launch(plugin, job)

    def _jobs(self) -> list[tuple[str, Job]]:
        return [(p.id, job) for p in self._kernel.plugins.values() if p.id in self._kernel.enabled for job in p.jobs]

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._kernel.refresh(self._store)  # another process may have switched a plugin off
                await self.look()
            except Exception as error:
                # The database is away for a moment, say: jobs must outlive that.
                log.error("jobs_look_failed", exc_info=error)
            await asyncio.sleep(self._tick_s)

    async def _last(self, plugin: str, name: str) -> int | None:
        rows = await self._store.read("SELECT last_ms FROM job_run WHERE plugin = ? AND name = ?", plugin, name)
        return int(rows[0][0]) if rows else None

    async def _claim(self, plugin: str, job: Job, last_ms: int | None) -> bool:
        """Take this run; of several processes one succeeds."""
        async with self._store.transaction(f"job:{plugin}.{job.name}") as tx:
            rows = await tx.sql(
                "INSERT INTO job_run (plugin, name, last_ms, state, took_ms, text) VALUES (?, ?, ?, 'running', 0, '')"
                " ON CONFLICT (plugin, name) DO UPDATE SET last_ms = excluded.last_ms, state = 'running'"
                " WHERE job_run.last_ms = ? RETURNING last_ms",
                plugin,
                job.name,
                tx.now_ms,
                -1 if last_ms is None else last_ms,
            )
        return bool(rows)

    def _launch(self, plugin: str, job: Job) -> asyncio.Task[None]:
        key = (plugin, job.name)
        task = self._running[key] = launch(self._run(plugin, job), f"job {plugin}.{job.name}")
        task.add_done_callback(lambda _: self._running.pop(key, None))
        return task

    async def _run(self, plugin: str, job: Job) -> None:
        began = time.monotonic()
        state: State = "interrupted"
        text = ""
        try:
            async with asyncio.timeout(job.limit_s):
                await job.run(self._kernel.context(plugin, Who()))
            state = "done"
        except (Exception, SystemExit) as error:
            state = "failed"
            text = in_words(error, what=f"{plugin}.{job.name}", limit_s=job.limit_s)
        finally:
            took_ms = int((time.monotonic() - began) * 1000)
            async with self._store.transaction(f"job:{plugin}.{job.name}") as tx:
                await tx.sql(
                    "UPDATE job_run SET state = ?, took_ms = ?, text = ? WHERE plugin = ? AND name = ?",
                    state,
                    took_ms,
                    text,
                    plugin,
                    job.name,
                )
