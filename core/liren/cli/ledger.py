# SPDX-License-Identifier: Apache-2.0
"""``liren ledger …``: export, verify, rebuild, stats."""

import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from liren.app import open_street
from liren.cli import ledger_keys
from liren.cli.run import run
from liren.ledger import check
from liren.ledger import export as exporting
from liren.ledger.replay import Finding
from liren.ledger.stats import stats as sums
from liren.settings import Settings
from liren.store import Store

T = TypeVar("T")
Tell = Callable[[int, int], None]


@click.group()
def ledger() -> None:
    """账本 The ledger."""


for command in ledger_keys.COMMANDS:
    ledger.add_command(command)


@ledger.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """导出全部记录，可用 liren-verify 核验 Write everything an auditor needs into FILE (a zip)."""
    done = _reading("导出 export", lambda store, tell: exporting.export(store, file, tell))
    click.echo(f"{file}: {done.size} 条记录 records. 核验 verify: liren-verify {file}")


@ledger.command()
def verify() -> None:
    """就地核对 Check the stored log against its signatures, while the server runs."""
    _report(_reading("核对 verify", check.verify))


@ledger.command()
@click.option("--mend", is_flag=True, help="先停服务，再按日志重写 With the server stopped: rewrite them from the log")
def rebuild(mend: bool) -> None:
    """按日志重放派生表 Replay the derived tables from the log and compare."""
    if not mend:
        _report(_reading("重放 rebuild", lambda store, tell: check.rebuild(store, progress=tell)))
        return

    async def work() -> Sequence[Finding]:
        async with open_street(Settings.from_env()) as street:
            return await check.rebuild(street.store, mend=street.ledger)

    _report(run(work(), level=logging.ERROR))


@ledger.command()
def stats() -> None:
    """记录和积分的总数 How many records, and where the points are."""
    found = _reading("", lambda store, _: sums(store))
    click.echo(f"{found.origin}: {found.size} 条记录 records, {found.accounts} 个账户 accounts")
    for asset in found.assets:
        parts = ", ".join(f"{kind} {amount}" for kind, amount in asset.held.items() if amount)
        click.echo(f"{asset.asset}: 已拨 issued {asset.issued}; 未兑换 liability {asset.liability} ({parts})")


def _reading(title: str, work: Callable[[Store, Tell], Awaitable[T]]) -> T:
    """Run ``work`` on a store opened for reading, beside a running server, with a progress bar."""

    async def bar_and_work() -> T:
        store = await Store.open(Settings.from_env().database, read_only=True)
        try:
            with Progress(transient=True, console=Console(stderr=True), disable=not title) as bar:
                task = bar.add_task(title, total=None)
                return await work(store, lambda done, total: bar.update(task, completed=done, total=total))
        finally:
            await store.close()

    return run(bar_and_work(), level=logging.ERROR)


def _report(found: Sequence[Finding]) -> None:
    for finding in found:
        click.echo(f"{finding.zh} {finding.en}")
    if found:
        sys.exit(1)
    click.echo("干净 clean")
