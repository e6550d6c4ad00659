# SPDX-License-Identifier: Apache-2.0
"""``liren ledger …``: export, import, verify, rebuild, recover, stats."""

import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from liren.app import open_street
from liren.app.street import must_be_there
from liren.cli import ledger_keys
from liren.cli.run import run
from liren.ledger.archive import check, importing, recovery
from liren.ledger.archive import export as exporting
from liren.ledger.archive.digests import digests
from liren.ledger.archive.replay import Finding
from liren.ledger.errors import Refused
from liren.ledger.reading.stats import stats as sums
from liren.settings import Settings
from liren.store import Store

T = TypeVar("T")
Tell = Callable[[int, int], None]
CLEAN = "干净 clean"


@click.group()
def ledger() -> None:
    """账本 The ledger."""


for command in ledger_keys.COMMANDS:
    ledger.add_command(command)


@ledger.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """导出全部记录，可用 liren-verify 核验 Write everything an auditor needs into FILE (a zip)."""
    if file.exists():
        raise Refused(
            f"已经有 {file} 这个文件，没有覆盖。请换一个名字，或先把它移走。",
            f"There is a file {file} already; it was not replaced. Choose another name, or move it away first.",
        )
    done = _reading("导出 export", lambda store, tell: exporting.export(store, file, tell))
    click.echo(f"{file}: {done.size} 条记录 records. 核验 verify: liren-verify {file}")


@ledger.command()
def verify() -> None:
    """就地核对 Check the stored log against its signatures, while the server runs."""
    _report(_reading("核对 verify", check.verify))


@ledger.command()
@click.option("--mend", is_flag=True, help="先停服务，再按日志重写 With the server stopped: rewrite them from the log")
@click.option("--digests", "told", is_flag=True, help="列出每张表的摘要 Print a digest of each table")
def rebuild(mend: bool, told: bool) -> None:
    """按日志重放派生表 Replay the derived tables from the log and compare."""
    if told:
        found = _reading("重放 rebuild", digests)
        for each in found:
            sign = "=" if each.equal else "≠"
            click.echo(f"{each.table:14} {each.rows:>10} {each.stored} {sign} {each.replayed}")
        sys.exit(not all(each.equal for each in found))
    if not mend:
        _report(_reading("重放 rebuild", lambda store, tell: check.rebuild(store, progress=tell)))
        return

    async def work() -> Sequence[Finding]:
        async with open_street(Settings.from_env()) as street:
            return await check.rebuild(street.store, mend=street.ledger)

    different = run(work(), level=logging.ERROR)
    for finding in different:
        click.echo(f"{finding.zh} {finding.en}")
    click.echo(f"已按日志重写 rewritten from the log: {len(different)}" if different else CLEAN)


@ledger.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """导入导出的账本 Bring an export back into a database without a log; private parts are not in it."""
    importing.look(file)  # before anything is begun in an empty home

    async def work() -> Sequence[Finding]:
        async with open_street(Settings.from_env(), create=True) as street:
            return await importing.import_export(street.store, street.ledger, file)

    _report(run(work(), level=logging.ERROR))


@ledger.command()
@click.option("--yes", is_flag=True, help="不再询问 Do not ask")
def recover(yes: bool) -> None:
    """旧备份接续（见 docs/recovery.md）Let a log that is behind its anchor go on under the next origin."""

    async def work() -> None:
        settings = Settings.from_env()
        async with open_street(settings) as street:
            if street.ledger.blocked is not None:
                click.echo(f"{street.ledger.blocked.zh}\n{street.ledger.blocked.en}")
                if not yes:
                    click.confirm("确定没有更新的备份？ Is there really no newer backup?", abort=True)
            done = await recovery.recover(street.ledger, street.store, settings.home / "keys", key=token_hex(8))
            click.echo(f"{done.restored.origin} {done.restored.size} → {done.origin}")
            click.echo(
                f"至少 {done.lost} 条已公布的记录没有找回，请按居民手里的凭证补记。"
                f" At least {done.lost} published entries were lost: issue them anew from people's receipts."
            )

    run(work(), level=logging.ERROR)


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
        settings = Settings.from_env()
        must_be_there(settings)
        store = await Store.open(settings.database, read_only=True)
        try:
            quiet = not title or not sys.stderr.isatty()
            with Progress(transient=True, console=Console(stderr=True), disable=quiet) as bar:
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
    click.echo(CLEAN)
