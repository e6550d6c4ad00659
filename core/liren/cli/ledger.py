# SPDX-License-Identifier: Apache-2.0
"""``liren ledger …``: export, verify, rebuild, stats."""

import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from rich.progress import Progress

from liren.app.street import open_street
from liren.cli.run import run
from liren.ledger import check
from liren.ledger import export as exporting
from liren.ledger.replay import Finding
from liren.ledger.stats import stats as sums
from liren.settings import Settings
from liren.store import Store

T = TypeVar("T")


def _read(what: str, work: Callable[[Store, check.Progress], Awaitable[T]]) -> T:
    """Run ``work`` on a read-only store, beside a running server too, with a progress bar."""

    async def go() -> T:
        store = await Store.open(Settings.from_env().database, read_only=True)
        try:
            with Progress(transient=True) as bar:
                task = bar.add_task(what, total=None)
                return await work(store, lambda done, total: bar.update(task, completed=done, total=total))
        finally:
            await store.close()

    return run(go(), level=logging.ERROR)


def _tell(findings: Sequence[Finding], clean: str) -> None:
    """One line a finding; exits with 1 if there is any."""
    for finding in findings[:50]:
        click.echo(f"{finding.zh} {finding.en}")
    if len(findings) > 50:
        click.echo(f"… {len(findings) - 50} 处未列出 more")
    if findings:
        sys.exit(1)
    click.echo(clean)


@click.group()
def ledger() -> None:
    """账本 The ledger."""


@ledger.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """导出全部记录，可用 liren-verify 核验 Write everything an auditor needs into FILE (a zip)."""

    done = _read("导出 export", lambda store, progress: exporting.export(store, file, progress))
    click.echo(f"{file}: {done.size} 条记录 records. 核验 verify: liren-verify {file}")


@ledger.command()
def verify() -> None:
    """核对库里的每一条记录 Check every stored record against its signatures, the head and the checkpoints."""
    _tell(_read("核对 verify", check.verify), "没有发现问题。 Nothing is wrong.")


@ledger.command()
@click.option("--mend", is_flag=True, help="按记录重写派生表（先停服务） Rewrite what differs; stop the server first.")
def rebuild(mend: bool) -> None:
    """按记录重放派生表，列出差别 Replay the log and compare the tables derived from it."""
    if not mend:
        found = _read("重放 rebuild", lambda store, progress: check.rebuild(store, progress=progress))
        _tell(found, "派生表与记录一致。 The derived tables agree with the log.")
        return

    async def work() -> list[Finding]:
        async with open_street(Settings.from_env()) as street:
            return await check.rebuild(street.store, mend=street.ledger)

    for finding in run(work()):
        click.echo(f"{finding.zh} {finding.en}")
    click.echo("派生表已与记录一致。 The derived tables now agree with the log.")


@ledger.command()
def stats() -> None:
    """各种积分的合计 Where the points of each asset lie."""
    found = _read("合计 stats", lambda store, _: sums(store))
    click.echo(f"{found.origin}: {found.size} 条记录 records, {found.accounts} 个账户 accounts")
    for asset in found.assets:
        parts = ", ".join(f"{kind} {amount}" for kind, amount in asset.held.items() if amount)
        click.echo(f"{asset.asset}: 已拨 issued {asset.issued}; 未兑换 liability {asset.liability} ({parts})")
