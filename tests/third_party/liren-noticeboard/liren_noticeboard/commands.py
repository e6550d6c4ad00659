# SPDX-License-Identifier: Apache-2.0
"""``liren noticeboard …``."""

import click

from liren.api import Context
from liren_noticeboard import verbs


@click.command("list")
@click.option("--last", default=10, show_default=True)
async def show(ctx: Context, last: int) -> None:
    """列出最近的公告 Print the latest notices."""
    for notice in await verbs.latest(last):
        click.echo(f"{notice.published_on}  {notice.title}")
