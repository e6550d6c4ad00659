# SPDX-License-Identifier: Apache-2.0
"""``liren demo``: makes the demo street where there is none, prints one-time logins, serves it on loopback."""

import logging
import shutil

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from liren.app import Street, open_street, serve
from liren.app.address import can_be_had
from liren.cli.run import run
from liren.demo import Scale, Steps, build, logins
from liren.errors import LirenError
from liren.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
WHAT = {
    "people": "居民 people",
    "list": "名单 list",
    "serving": "任职 posts",
    "partners": "共建伙伴 partners",
    "volunteers": "志愿者 volunteers",
    "积分细则": "积分细则 rules",
    "awards": "赋分 awards",
    "market": "兑换 orders",
    "canteen": "助餐 meals",
    "canteen past": "往日助餐 past meals",
    "wishes": "心愿 wishes",
}


@click.command()
@click.option("--build-only", is_flag=True, help="只建好，不启动 Build the street and stop.")
@click.option(
    "--scale",
    type=click.Choice(["street", "city"]),
    default="street",
    show_default=True,
    help="city：326 000 人，约十分钟 326 000 people, about ten minutes.",
)
def demo(build_only: bool, scale: Scale) -> None:
    """示范街道 Make the demo street and serve it."""
    settings = Settings.from_env()
    if settings.host not in LOOPBACK:
        raise LirenError(
            "示范街道会打印免密登录链接，只能在本机（127.0.0.1）运行。",
            "The demo prints links that log in without a password: it runs on 127.0.0.1 only.",
        )

    if not build_only:
        can_be_had(settings, command="make demo")

    async def work() -> None:
        steps = _prepare(settings, scale)
        async with open_street(settings, create=True) as street:
            if not steps.ready:
                await _make(street, steps)
                steps.finish()
            if build_only:
                return
            await _print_logins(street)
            await serve(street)

    run(work(), level=logging.WARNING)


def _prepare(settings: Settings, scale: Scale) -> Steps:
    """How far the street is. A city goes on where it was interrupted; of a small street what is half made is cleared.

    Nothing else is ever cleared.
    """
    steps = Steps.read(settings.home)
    if steps is not None and steps.ready and (steps.scale, scale) == ("street", "city"):
        raise LirenError(
            f"{settings.home} 里是小的示范街道。全城规模的请用 LIREN_HOME 另指一个空目录。",
            f"{settings.home} holds the small demo street. Point LIREN_HOME at an empty folder for a city.",
        )
    if steps is not None and (steps.ready or steps.scale == "city"):
        return steps
    if settings.home.exists() and any(settings.home.iterdir()):
        if steps is None:
            raise LirenError(
                f"{settings.home} 里已经有别的东西，示范街道不会动它。请用 LIREN_HOME 指一个空目录。",
                f"{settings.home} holds something else; the demo leaves it alone. Point LIREN_HOME at an empty folder.",
            )
        shutil.rmtree(settings.home)
    return Steps.begin(settings.home, scale)


async def _make(street: Street, steps: Steps) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    if steps.scale == "city":
        click.echo("正在建全城规模的示范街道，约十分钟；中断了再运行一次就接着建。")
        click.echo("Making a demo street of a city's size, about ten minutes; interrupted, it goes on next time.")
    else:
        click.echo("正在建示范街道，约一分钟。 Making the demo street, about a minute.")
    with Progress(*columns) as bars:
        tasks, tenths = {}, dict[str, int]()

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(WHAT.get(what, what), total=total)
            bars.update(tasks[what], completed=done, total=total)
            # A log has no bars: a line for every tenth.
            if not bars.console.is_terminal and done * 10 // max(total, 1) != tenths.get(what):
                tenths[what] = done * 10 // max(total, 1)
                click.echo(f"  {WHAT.get(what, what)} {done}/{total}", err=True)

        await build(street, progress, steps)


async def _print_logins(street: Street) -> None:
    click.echo(f"\n里仁街道 · 示范  {street.settings.public_url}/  （公开栏，不用登录 public board, no login）\n")
    for login in await logins(street):
        click.echo(f"  {login.title:　<8} {login.name:　<4} {login.url}")
    click.echo("\n每个链接只能用一次，下次启动会换新的。 Each link works once; every start prints new ones.")
    click.echo("根密钥还在 keys/root：正式街道要打印出来、离线保存。")
    click.echo("The root key lies in keys/root here; a real street prints it and keeps it offline.\n")
