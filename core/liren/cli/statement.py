# SPDX-License-Identifier: Apache-2.0
"""``liren ledger statement``: the monthly statement by hand, where the nightly job is too far away."""

import logging

import click

from liren.app import open_street
from liren.cli.run import run
from liren.ledger.papers.statements import Statement, Statements
from liren.ledger.reading.reader import Reader
from liren.settings import Settings


@click.command()
@click.argument("month")
def statement(month: str) -> None:
    """出某月的对账单（先停服务） Make the statement of MONTH, e.g. 2026-10 (with the server stopped)."""

    async def work() -> Statement:
        async with open_street(Settings.from_env()) as street:
            reader = Reader(street.store, street.ledger)
            return await Statements(street.store, street.ledger, reader).make(month)

    made = run(work(), level=logging.ERROR)
    click.echo(f"{made.month}: {made.leaves} 户 holders, 前 {made.size} 条记录 entries. 根 root {made.root.hex()}")
