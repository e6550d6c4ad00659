# SPDX-License-Identifier: Apache-2.0
"""``liren plugin check`` and ``liren plugin install``: command line only: a stolen session must not install code."""

import tempfile
from pathlib import Path

import click

from liren.app.built_in import BUILT_IN
from liren.cli.home import ACTOR, home_store
from liren.cli.index import index_option, today, warn_old
from liren.cli.run import run
from liren.packaging import install as installing
from liren.packaging.brings import PARTS
from liren.packaging.install import Offer, Prepared
from liren.packaging.stage import Stage, stage
from liren.settings import Settings

UNSIGNED = "没有签名 UNSIGNED"


@click.command()
@click.argument("what")
@index_option
def check(what: str, folder: Path | None) -> None:
    """装之前看一看：合不合用，带来什么 Whether a wheel, bundle or project folder fits, before it is installed.

    This runs the module's code, in a process of its own.
    """
    settings = Settings.from_env()
    with tempfile.TemporaryDirectory(prefix="liren-check-") as name:
        scratch = Path(name)
        source = installing.locate(settings.home, what, folder, today(settings), scratch)
        prepared = installing.prepare(source, Stage(scratch), BUILT_IN, scratch, vouched=False)
        _show(prepared)
        if source.shelf.doubt is not None and not prepared.files[0][1]:
            click.echo(f"安装时会说 an installation would say:\n  {source.shelf.doubt.zh}\n  {source.shelf.doubt.en}")
    click.echo("合用。 It fits.")


@click.command()
@click.argument("what")
@index_option
@click.option("--yes", is_flag=True, help="不再询问 do not ask")
@click.option("--allow-unsigned", is_flag=True, help="没有签名也装（会留下记录） also unsigned files; this is recorded")
@click.option("--downgrade", is_flag=True, help="换回旧版 an older version than the installed one")
@click.option("--again", is_flag=True, help="同一版再装一遍 the same version once more")
def install(what: str, folder: Path | None, yes: bool, allow_unsigned: bool, downgrade: bool, again: bool) -> None:
    """安装或升级模块 Install or upgrade a module: WHAT is a name in the index, a wheel or a bundle."""
    settings = Settings.from_env()

    async def work() -> None:
        async with home_store(settings) as store:
            with stage(settings.home) as its, tempfile.TemporaryDirectory(prefix="liren-install-") as name:
                for one in its.resume():
                    click.echo(
                        f"上次没装完的 {one.name} {one.version} 已装好。 An interrupted installation was finished."
                    )
                scratch = Path(name)
                source = installing.locate(settings.home, what, folder, today(settings), scratch)
                warn_old(source.shelf)
                if installing.installed_version(source.wheel) == source.wheel.version and not again:
                    click.echo(f"{source.wheel.name} {source.wheel.version} 已经装好。 It is installed already.")
                    return
                installing.check_version(source.wheel, downgrade=downgrade)
                prepared = installing.prepare(source, its, BUILT_IN, scratch, vouched=not allow_unsigned)
                _show(prepared)
                if not yes:
                    click.confirm("安装吗 Install?", abort=True)
                await installing.carry_out(settings.home, store, ACTOR, source, prepared, its)
            _what_next(prepared)

    run(work())


def _show(prepared: Prepared) -> None:
    for offer in prepared.offers:
        _show_offer(offer)
    for one, signers in prepared.files:
        click.echo(f"{one.path.name}: {f'签名 signed by {signers}' if signers else UNSIGNED}")


def _show_offer(offer: Offer) -> None:
    its = offer.brings
    version = f"{offer.was} → {its.version}" if offer.was else its.version
    click.echo(f"{its.title} {its.plugin}  ({its.distribution} {version}, 接口 contract {its.api})")
    if its.summary:
        click.echo(f"  {its.summary}")
    if its.personal_data:
        click.echo("  会保存个人信息 keeps personal data")
    if offer.was and offer.installed is None:
        click.echo(
            "  现在装着的这一版启动不了，只能列出新的 the installed version does not load: all of the new one follows"
        )
    for change in offer.changes:
        click.echo(f"  {change.sign} {' '.join(PARTS[change.part])}  {change.line}")
    if not offer.changes:
        click.echo("  带来的东西没有变化 what it brings has not changed")


def _what_next(prepared: Prepared) -> None:
    names = [offer.brings.plugin for offer in prepared.offers]
    click.echo("已装好。接下来 Installed. Next:")
    if any(offer.brings.tables for offer in prepared.offers):
        click.echo("  liren migrate")
    for name in names:
        click.echo(f"  liren plugin enable {name}")
    click.echo("  重新启动服务 restart the server")
