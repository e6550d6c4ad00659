# SPDX-License-Identifier: Apache-2.0
"""``liren init``, ``liren migrate``, ``liren serve``."""

import logging

import click

from liren.app import open_street
from liren.app import serve as serve_street
from liren.cli.run import run
from liren.settings import Settings


@click.command()
def migrate() -> None:
    """升级数据库 Bring the database up to date (with the server stopped)."""

    async def work() -> None:
        async with open_street(Settings.from_env(), upgrade=True):
            click.echo("数据库已是最新。 The database is up to date.")

    run(work())


@click.command()
def serve() -> None:
    """启动 Serve the street until SIGTERM."""

    async def work() -> None:
        async with open_street(Settings.from_env()) as street:
            click.echo(f"http://{street.settings.host}:{street.settings.port}")
            await serve_street(street)

    run(work(), level=logging.INFO)
