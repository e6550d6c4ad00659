# SPDX-License-Identifier: Apache-2.0
"""``liren plugin remove`` and ``liren plugin restore``; with the server stopped."""

from pathlib import Path

import click

from liren.cli.home import ACTOR, home_store
from liren.cli.run import run
from liren.packaging import remove as removing
from liren.packaging.remove import Leaving
from liren.packaging.restore import restore as bring_back
from liren.packaging.stage import stage
from liren.settings import Settings

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("name")
@click.option("--export", "target", type=FILE, help="先导出到这个文件 first write its data to this file (zip)")
@click.option("--drop-tables", is_flag=True, help="连数据表一起删 drop its tables, too")
@click.option("--yes", is_flag=True, help="不再询问 do not ask")
def remove(name: str, target: Path | None, drop_tables: bool, yes: bool) -> None:
    """卸载模块 Remove a module; its tables stay unless --drop-tables is said."""
    settings = Settings.from_env()

    async def work() -> None:
        async with home_store(settings) as store:
            with stage(settings.home):
                leaving = await removing.look(store, name)
                if leaving.found is None and not leaving.remains.anything:
                    click.echo(f"{leaving.plugin}: 早已卸载，什么都没有留下。 Removed earlier; nothing is left of it.")
                    return
                _show(leaving, drop_tables)
                removing.check(leaving, exported=target is not None, drop_tables=drop_tables, signer=settings.signer)
                if not yes:
                    click.confirm("卸载吗 Remove?", abort=True)
                await removing.switch_off(store, ACTOR, leaving)
                if target is not None:
                    head = await removing.export_of(settings.home, store, leaving, target)
                    click.echo(
                        f"{target}: {sum(t.rows for t in head.tables)} 行 rows, {len(head.grants)} 项授权 grants"
                    )
                await removing.clear(store, ACTOR, leaving, drop_tables=drop_tables)
                removing.uninstall(settings.home, leaving)
        click.echo("已卸载，请重新启动服务。 Removed; restart the server.")
        if not drop_tables and leaving.remains.tables:
            click.echo("数据表还在，重新安装就能接着用。 Its tables are still there for a later installation.")

    run(work())


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="换掉现有数据 delete the rows that are there now")
def restore(file: Path, replace: bool) -> None:
    """恢复导出的数据 Bring back an export, after the module was installed again and migrated."""
    settings = Settings.from_env()

    async def work() -> None:
        async with home_store(settings) as store:
            head, done = await bring_back(store, file, ACTOR, files=settings.home / "files", replace=replace)
        rows = sum(table.rows for table in head.tables)
        said = "已恢复 restored" if done else "早已恢复，没有变化 restored earlier, nothing changed"
        click.echo(f"{head.plugin}: {said}: {rows} 行 rows, {len(head.grants)} 项授权 grants")
        click.echo(f"  liren plugin enable {head.plugin}")

    run(work())


def _show(leaving: Leaving, drop_tables: bool) -> None:
    its = leaving.remains
    if leaving.found is None:
        click.echo(f"{its.plugin}: 程序已经不在，数据还在。 Its program is not here any more; its data is.")
    else:
        click.echo(f"{its.plugin}  ({leaving.found.distribution} {leaving.found.version})")
    fate = "会删除 will be dropped" if drop_tables else "保留 stays"
    for part, count in its.rows.items():
        click.echo(f"  数据表 table  {part.table}: {count} 行 rows, {fate}")
    click.echo(f"  授权 grants: {its.grants}, 会收回 will be taken back")
    if leaving.open_spends:
        click.echo(
            f"  注意：{leaving.open_spends} 笔兑换没办完，装回来之前没法核销。 "
            f"{leaving.open_spends} open orders cannot be settled until it is installed again."
        )
