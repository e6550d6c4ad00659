# SPDX-License-Identifier: Apache-2.0
"""``liren ledger …``: export, verify, rebuild, stats."""

import logging
from pathlib import Path

import click
from rich.progress import Progress

from liren.cli.run import run
from liren.ledger import export as exporting
from liren.settings import Settings
from liren.store import Store


@click.group()
def ledger() -> None:
    """账本 The ledger."""


@ledger.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """导出全部记录，可用 liren-verify 核验 Write everything an auditor needs into FILE (a zip)."""

    async def work() -> exporting.Exported:
        store = await Store.open(Settings.from_env().database, read_only=True)
        try:
            with Progress(transient=True) as bar:
                task = bar.add_task("导出 export", total=None)
                return await exporting.export(
                    store, file, lambda done, total: bar.update(task, completed=done, total=total)
                )
        finally:
            await store.close()

    done = run(work(), level=logging.ERROR)
    click.echo(f"{file}: {done.size} 条记录 records. 核验 verify: liren-verify {file}")
