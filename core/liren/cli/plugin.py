# SPDX-License-Identifier: Apache-2.0
"""``liren plugin …``: what is installed; switching on and off with the server stopped."""

import click

from liren.app import Street, open_street
from liren.cli.home import ACTOR
from liren.cli.install import check, install
from liren.cli.remove import remove, restore
from liren.cli.run import run
from liren.errors import NotFound
from liren.packaging.remains import left_behind
from liren.packaging.stage import Stage
from liren.plugins.marker import Markers
from liren.settings import Settings


@click.group()
def plugin() -> None:
    """模块 Plugins."""


plugin.add_command(check)
plugin.add_command(install)
plugin.add_command(remove)
plugin.add_command(restore)


@plugin.command("list")
def show() -> None:
    """列出已安装的模块 What is installed, what is on, what was left out and why."""

    async def work() -> None:
        async with open_street(Settings.from_env()) as street:
            _show(street)
            if not street.settings.safe_mode:
                await _show_gone(street)
        for one in Stage(street.settings.home).interrupted():
            click.echo(f"没装完 unfinished  {one.name} {one.version}: liren plugin install {one.name}")

    run(work())


def _show(street: Street) -> None:
    kernel = street.kernel
    for one in kernel.plugins.values():
        if not one.built_in:
            state = "启用 on " if one.id in kernel.enabled else "停用 off"
            click.echo(f"{state}  {one.id}  {one.manifest.title}  ({one.distribution} {one.version})")
            for name, why in kernel.unfit.get(one.id, {}).items():
                click.echo(
                    f"  设置 {name} 不再合用，先按默认值运行，请在管理页面改好。\n"
                    f"  Setting {name} no longer fits, the default holds; correct it in the console. ({why})"
                )
    for refusal in kernel.refused:
        click.echo(
            f"未启动 out  {refusal.plugin}  ({refusal.distribution})\n  {refusal.error.zh}\n  {refusal.error.en}"
        )


async def _show_gone(street: Street) -> None:
    there = [*street.kernel.plugins, *(refusal.plugin for refusal in street.kernel.refused)]
    for left in await left_behind(street.store, there):
        drop = f"liren plugin remove {left.plugin} --drop-tables --export"
        click.echo(
            f"不见了 gone  {left.plugin}\n"
            f"  程序不在了，数据还在（{left.total} 行）。请重新安装；不要数据了，就运行 {drop} 文件。\n"
            f"  Its program is not here, but {left.total} rows are. Install it again; to drop them: {drop} FILE"
        )


@plugin.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--pilot", default="", help="只在一个社区试用（社区代码） for one community only (its unit code)")
def enable(names: tuple[str, ...], pilot: str) -> None:
    """启用 Switch plugins on, in this order."""

    async def work() -> None:
        async with open_street(Settings.from_env()) as street:
            for name in names:
                await street.kernel.enable(street.store, ACTOR, name, pilot=pilot)
            _show(street)

    run(work())


@plugin.command()
@click.argument("name")
def disable(name: str) -> None:
    """停用（数据不动） Switch a plugin off; its data stays."""

    async def work() -> None:
        async with open_street(Settings.from_env()) as street:
            await street.kernel.disable(street.store, ACTOR, name)
            _show(street)

    run(work())


@plugin.command()
@click.argument("name")
def retry(name: str) -> None:
    """再试一次被隔离的模块 Let a quarantined plugin load again at the next start."""
    settings = Settings.from_env()
    markers = Markers(settings.home, 20)
    if markers.quarantined(name) is None:
        raise NotFound(
            f"模块 {name} 没有被隔离，不用再试。liren plugin list 会说明每个模块的情况。",
            f"Plugin {name} is not quarantined: there is nothing to try again. liren plugin list says how each stands.",
        )
    markers.retry(name)
    click.echo(f"{name}: 下次启动时再试。 It is tried again at the next start.")
