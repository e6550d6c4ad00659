# SPDX-License-Identifier: Apache-2.0
"""``liren demo``: makes the demo street where there is none, prints one-time logins, serves it on loopback."""

import json
import logging
import shutil
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from liren.app import Street, open_street, serve
from liren.cli.run import run
from liren.demo import build, logins
from liren.errors import LirenError
from liren.settings import Settings

MARKER = "demo.json"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WHAT = {"people": "居民 people", "awards": "赋分 awards", "market": "兑换 orders"}


@click.command()
@click.option("--build-only", is_flag=True, help="只建好，不启动 Build the street and stop.")
def demo(build_only: bool) -> None:
    """示范街道 Make the demo street and serve it."""
    settings = Settings.from_env()
    if settings.host not in LOOPBACK:
        raise LirenError(
            "示范街道会打印免密登录链接，只能在本机（127.0.0.1）运行。",
            "The demo prints links that log in without a password: it runs on 127.0.0.1 only.",
        )

    async def work() -> None:
        fresh = _prepare(settings)
        async with open_street(settings, create=True) as street:
            if fresh:
                await _make(street)
                _mark(settings.home, "ready")
            if build_only:
                return
            await _print_logins(street)
            await serve(street)

    run(work(), level=logging.WARNING)


def _prepare(settings: Settings) -> bool:
    """Whether the street has to be made; what an interrupted demo left is cleared, nothing else ever is."""
    marker = settings.home / MARKER
    state = json.loads(marker.read_text())["state"] if marker.exists() else None
    if state == "ready":
        return False
    held = settings.home.exists() and any(settings.home.iterdir())
    if held and state is None:
        raise LirenError(
            f"{settings.home} 里已经有别的东西，示范街道不会动它。请用 LIREN_HOME 指一个空目录。",
            f"{settings.home} holds something else, and the demo leaves it alone. Point LIREN_HOME at an empty folder.",
        )
    if held:
        shutil.rmtree(settings.home)
    _mark(settings.home, "started")
    return True


def _mark(home: Path, state: str) -> None:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / MARKER).write_text(json.dumps({"state": state}) + "\n")


async def _make(street: Street) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    click.echo("正在建示范街道，约一分钟。 Making the demo street, about a minute.")
    with Progress(*columns) as bars:
        tasks = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(WHAT.get(what, what), total=total)
            bars.update(tasks[what], completed=done, total=total)

        await build(street, progress)


async def _print_logins(street: Street) -> None:
    click.echo(f"\n里仁街道 · 示范  {street.settings.public_url}/  （公开栏，不用登录 public board, no login）\n")
    for login in await logins(street):
        click.echo(f"  {login.title:　<8} {login.name:　<4} {login.url}")
    click.echo("\n每个链接只能用一次，下次启动会换新的。 Each link works once; every start prints new ones.")
    click.echo("根密钥还在 keys/root：正式街道要打印出来、离线保存。")
    click.echo("The root key lies in keys/root here; a real street prints it and keeps it offline.\n")
