# SPDX-License-Identifier: Apache-2.0
"""``liren backup`` beside the running server, ``liren restore`` with it stopped."""

from pathlib import Path

import click

from liren import clock
from liren.app import backup as copies
from liren.app import open_street
from liren.cli.run import run
from liren.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("target", type=FOLDER)
@click.option("--keys", type=FOLDER, help="密钥另存到这里 copy the keys to this place, apart from the data")
def backup(target: Path, keys: Path | None) -> None:
    """备份 Copy database and files into a new folder below TARGET; copies older than 30 days are deleted."""
    settings = Settings.from_env()
    made = run(copies.make(settings, target, clock.now(settings.tz), keys=keys))
    click.echo(f"{made}")
    if keys is None:
        click.echo(
            "密钥不在备份里，请另存一次（--keys）。 The keys are not in it: copy them apart once (--keys).", err=True
        )


@click.command()
@click.argument("copy", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="已有数据库也换掉 also where there is a database already")
def restore(copy: Path, replace: bool) -> None:
    """从备份恢复 Make this home from COPY; whoever was erased since is erased again."""
    settings = Settings.from_env()
    about = copies.restore(settings, copy, replace=replace)

    async def first_start() -> tuple[int, str]:
        async with open_street(settings, upgrade=True) as street:
            blocked = street.ledger.blocked
            return street.erased_again, f"{blocked.zh}\n{blocked.en}" if blocked is not None else ""

    again, blocked = run(first_start())
    click.echo(f"已恢复到 {about.made:%Y-%m-%d %H:%M}，{about.records} 条记录；再次删除 {again} 人的信息。")
    click.echo(f"Restored to {about.made:%Y-%m-%d %H:%M}: {about.records} records; {again} people erased again.")
    if blocked:
        click.echo(blocked, err=True)
