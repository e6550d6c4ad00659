# SPDX-License-Identifier: Apache-2.0
"""``liren audit verify``: the chain of audit rows, replayed beside the running server."""

import sys

import click

from liren.audit import chain
from liren.audit.tables import TABLES, AuditRow
from liren.cli.run import run
from liren.settings import Settings
from liren.store import Store


@click.group()
def audit() -> None:
    """审计 The audit."""


@audit.command()
def verify() -> None:
    """从头核对审计记录 Replay the chain against its links and the heads in the ledger."""

    async def work() -> list[chain.Break]:
        store = await Store.open(Settings.from_env().database, read_only=True)
        try:
            store.bind(*TABLES, AuditRow)
            return await chain.verify(store)
        finally:
            await store.close()

    breaks = run(work())
    for found in breaks:
        click.echo(f"{found.zh}\n{found.en}")
    if breaks:
        sys.exit(1)
    click.echo("审计记录完好。 The audit rows are whole.")
