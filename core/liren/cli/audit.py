# SPDX-License-Identifier: Apache-2.0
"""``liren audit verify``: the chain of audit rows, replayed beside the running server."""

import sys
from pathlib import Path

import click

from liren.audit import chain, proof
from liren.audit.tables import TABLES, AuditRow
from liren.cli.run import run
from liren.settings import Settings
from liren.store import Store


@click.group()
def audit() -> None:
    """审计 The audit."""


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path | None) -> None:
    """核对审计记录 Replay the chain here, or of an exported FILE, which needs neither street nor network."""
    if file is not None:
        _verify_file(file)
        return

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


def _verify_file(file: Path) -> None:
    with file.open("rb") as lines:
        found = proof.check(lines)
    for day, rid in found.days:
        click.echo(f"{day.isoformat()}  {rid}")
    if found.en:
        click.echo(f"{found.zh}\n{found.en}")
        sys.exit(1)
    click.echo(
        f"{found.rows} 条相连，{len(found.days)} 天有凭证。 {found.rows} rows chain, {len(found.days)} days attested."
    )
