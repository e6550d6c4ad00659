# SPDX-License-Identifier: Apache-2.0
"""Scheduled jobs and background work: due on time, alone, contained, and visible after a reload."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from liren import jobs
from liren.errors import Conflict, LirenError
from liren.jobs import BackgroundTasks, Runner, schedule, tasks
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.loader import Loaded
from liren.plugins.manifest import Manifest
from liren.plugins.plugin import Plugin
from liren.plugins.services import Progress, TaskView, Visitor, Who
from liren.plugins.types import Job
from liren.store import MigrationSource, Store, migrate
from liren.testing.clock import Clock
from liren.testing.patience import until

MIGRATIONS = MigrationSource("jobs", Path(jobs.register_tables().migrations_folder_path))
TZ = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(TZ)


@pytest.mark.parametrize(
    ("last", "now", "is_due"),
    [
        ("2026-11-21 02:29", "2026-11-21 02:29:59", False),
        ("2026-11-20 02:30", "2026-11-21 02:29:59", False),
        ("2026-11-20 02:30", "2026-11-21 02:30", True),
        ("2026-11-21 02:30", "2026-11-21 23:59", False),
        ("2026-11-18 02:30", "2026-11-21 01:00", True),  # the server was off: made up for once
    ],
)
def test_a_daily_job_is_due_once_a_day_in_street_time(last: str, now: str, is_due: bool) -> None:
    job = Job("tidy", "", nothing, daily=time(2, 30))
    assert schedule.due(job, at(last), at(now)) is is_due


def test_a_repeating_job_is_due_after_its_time() -> None:
    job = Job("tidy", "", nothing, every=timedelta(minutes=5))
    assert not schedule.due(job, at("2026-11-21 09:00"), at("2026-11-21 09:04:59"))
    assert schedule.due(job, at("2026-11-21 09:00"), at("2026-11-21 09:05"))


async def nothing(ctx: Context) -> None:
    return


def kernel_with(*jobs: Job) -> Kernel:
    """A kernel whose one built-in plugin brings these jobs."""
    its = Manifest(api="1.0", id="core", title="core")
    kernel = Kernel(Loaded((Plugin(its, "liren", "1", True, "/core", Path(), (), jobs=jobs),), ()))
    kernel.wire(Anything())  # type: ignore[arg-type]  # these jobs ask for no service
    return kernel


class Anything:
    people = units = ledger = None


@pytest.fixture
async def at_work(store: Store) -> AsyncIterator[Callable[..., Runner]]:
    await migrate(store, [*kernel_with().migration_sources(), MIGRATIONS])
    runners = []

    def make(*jobs: Job) -> Runner:
        runners.append(Runner(kernel_with(*jobs), store, TZ, tick_s=0.01))
        return runners[-1]

    yield make
    for runner in runners:
        await runner.stop()


async def test_due_jobs_run_one_at_a_time_and_faults_are_kept_for_the_health_page(
    at_work: Callable[..., Runner],
) -> None:
    ran: list[str] = []
    most = 0

    async def count(ctx: Context) -> None:
        nonlocal most
        ran.append("begin")
        most = max(most, ran.count("begin") - ran.count("end"))
        await asyncio.sleep(0.03)
        ran.append("end")

    async def fail(ctx: Context) -> None:
        raise LirenError("没有菜单，请先发布。", "No menu: publish one first.")

    runner = at_work(Job("count", "", count, every=timedelta(0)), Job("fail", "", fail, every=timedelta(days=0)))
    runner.start()

    async def three() -> bool:
        return ran.count("end") >= 3

    await until(three)
    assert most == 1

    async def failed() -> bool:  # between two runs: it is due again at every look
        runs = {run.name: run for run in await runner.runs()}
        return runs["fail"].state == "failed" and runs["fail"].text == "没有菜单，请先发布。"

    await until(failed)


async def test_of_two_processes_one_runs_the_job(at_work: Callable[..., Runner], clock: Clock) -> None:
    ran = []

    async def count(ctx: Context) -> None:
        ran.append(1)

    jobs = [Job("count", "", count, every=timedelta(days=1))]
    one, two = at_work(*jobs), at_work(*jobs)
    clock.forward(days=1)
    await asyncio.gather(one.look(), two.look())

    async def over() -> bool:
        return [run.state for run in await one.runs()] == ["done"]

    await until(over)
    assert ran == [1]


async def test_a_job_can_be_run_by_hand_unless_it_is_running(at_work: Callable[..., Runner]) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(ctx: Context) -> None:
        begun.set()
        await go_on.wait()

    runner = at_work(Job("wait", "", wait, every=timedelta(days=1)))
    running = asyncio.create_task(runner.run_now("core", "wait"))
    await begun.wait()
    assert [run.state for run in await runner.runs()] == ["running"]
    with pytest.raises(Conflict):
        await runner.run_now("core", "wait")
    go_on.set()
    await running
    assert [run.state for run in await runner.runs()] == ["done"]


async def test_a_job_is_stopped_at_its_limit(at_work: Callable[..., Runner]) -> None:
    async def hang(ctx: Context) -> None:
        await asyncio.Event().wait()

    runner = at_work(Job("hang", "", hang, every=timedelta(days=1), limit_s=0.05))
    await runner.run_now("core", "hang")
    [run] = await runner.runs()
    assert run.state == "failed"
    assert "0.05 秒" in run.text


async def test_a_task_shows_progress_and_its_end_survives_the_process(store: Store) -> None:
    await migrate(store, [MIGRATIONS])
    background, ctx = BackgroundTasks(store), a_context()
    go_on = asyncio.Event()

    async def work(ctx: Context, progress: Progress) -> str:
        progress(3, 10)
        await go_on.wait()
        return "已入账 10 条"

    task = await background.start(ctx, "key1", "入账", work, 60)
    assert await background.start(ctx, "key1", "入账", work, 60) == task, "the same form sent twice"

    async def begun() -> TaskView | None:
        view = await background.view("credit", task)
        return view if view is not None and view.done else None

    assert await until(begun) == TaskView(task, "credit", "入账", "running", 3, 10, "")
    assert await background.view("market", task) is None, "another plugin's task"
    go_on.set()

    async def done() -> bool:
        view = await BackgroundTasks(store).view("credit", task)
        return view is not None and view.state == "done"

    await until(done)
    assert await BackgroundTasks(store).view("credit", task) == TaskView(
        task, "credit", "入账", "done", 3, 10, "已入账 10 条"
    )


async def test_a_task_runs_outside_the_transaction_that_started_it(store: Store) -> None:
    await migrate(store, [MIGRATIONS])
    background, ctx = BackgroundTasks(store), a_context()

    async def work(ctx: Context, progress: Progress) -> str:
        await asyncio.sleep(0.02)
        async with store.transaction("p1") as tx:
            return str((await tx.sql("SELECT 40 + 2"))[0][0])

    task = await background.start(ctx, "key1", "算", work, 60)

    async def done() -> bool:
        view = await background.view("credit", task)
        return view is not None and (view.state, view.text) == ("done", "42")

    await until(done)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (LirenError("预算不够，请先申请。", "x"), "预算不够，请先申请。"),
        (ValueError("inner details"), "没有做完，出了意外。"),
        (SystemExit(1), "没有做完，出了意外。"),
    ],
)
async def test_a_failed_task_says_what_to_do(store: Store, fault: BaseException, said: str) -> None:
    await migrate(store, [MIGRATIONS])
    background, ctx = BackgroundTasks(store), a_context()

    async def work(ctx: Context, progress: Progress) -> str:
        raise fault

    task = await background.start(ctx, "key1", "入账", work, 60)

    async def failed() -> bool:
        view = await background.view("credit", task)
        return view is not None and view.state == "failed"

    await until(failed)
    view = await background.view("credit", task)
    assert view is not None
    assert said in view.text
    assert "inner details" not in view.text


async def test_a_stopped_server_leaves_interrupted_tasks(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(store, [MIGRATIONS])
    background, ctx = BackgroundTasks(store), a_context()
    begun = asyncio.Event()

    async def work(ctx: Context, progress: Progress) -> str:
        begun.set()
        await asyncio.Event().wait()
        return ""

    stopped = await background.start(ctx, "key1", "入账", work, 60)
    await begun.wait()
    await background.stop()
    view = await BackgroundTasks(store).view("credit", stopped)
    assert view is not None
    assert view.state == "interrupted"

    killed = await background.start(ctx, "key2", "入账", work, 60)
    clock.forward(seconds=1)
    view = await BackgroundTasks(store).view("credit", killed)
    assert view is not None
    alone = store.kind == "sqlite"
    assert view.state == ("interrupted" if alone else "running"), "of several processes another may still be at it"
    monkeypatch.setattr(tasks, "SILENT_MS", -1)
    view = await BackgroundTasks(store).view("credit", killed)
    assert view is not None
    assert view.state == "interrupted", "its process fell silent"
    await background.stop()


def a_context() -> Context:
    """Of plugin ``credit``, for somebody signed in."""
    return replace(kernel_with().context("core", Who(Visitor("p1", "a1", "王芳"))), plugin="credit")
