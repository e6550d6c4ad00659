# SPDX-License-Identifier: Apache-2.0
"""``liren dev``: the author's street with the module on, served; and served anew after every save."""

import logging
import secrets
import shutil
import sys
from pathlib import Path
from typing import Final

import click

from liren.app import open_street, serve
from liren.app.address import can_be_had
from liren.authoring.folder import PluginFolder
from liren.authoring.street import DevStreet, first_page
from liren.authoring.watch import keep_running
from liren.plugins.manifest import Refusal
from liren.plugins.marker import Markers
from liren.plugins.plugin import Plugin
from liren.settings import Settings

NOTES: Final = "dev.json"
LIREN: Final = "from liren.cli import main; main()"


def settings_of(folder: PluginFolder) -> Settings:
    """On loopback, in the module's own folder: whatever else the environment says is for real streets."""
    port = Settings.from_env().port
    return Settings.from_env({"LIREN_HOME": str(folder.own / "home"), "PORT": str(port)})


def dev(folder: PluginFolder, *, fresh: bool) -> None:
    """Serve until SIGTERM or Ctrl-C, anew after every save.

    :param fresh: a new street instead of the one that is there
    :raises LirenError: the port cannot be had
    """
    settings = settings_of(folder)
    can_be_had(settings, command="liren dev")
    if fresh:
        forget(folder)
    command = [sys.executable, "-c", LIREN, "dev", str(folder.path), "--once", "--run", secrets.token_hex(8)]
    keep_running(folder.path, command, _tell)


def forget(folder: PluginFolder) -> None:
    shutil.rmtree(folder.own / "home", ignore_errors=True)
    (folder.own / NOTES).unlink(missing_ok=True)


def _tell(code: int) -> None:
    click.echo(f"没有运行（{code}）。改好保存，会再试。 Not running ({code}): it is tried again at the next save.")


async def serve_once(folder: PluginFolder, run: str) -> int:
    """One start: migrations, people, links, pages.

    :param run: names the ``liren dev`` this start belongs to
    :returns: exit code: 3 where the module did not load
    """
    folder.put_on_path()
    # A file saved twice within a second must not be answered from the compiled first.
    sys.dont_write_bytecode = True
    settings = settings_of(folder)
    _forgive(settings.home, folder.plugin)
    if not (folder.own / NOTES).exists():  # never got as far as its people
        shutil.rmtree(settings.home, ignore_errors=True)
    async with open_street(settings, create=True) as street:
        plugin = street.kernel.plugins.get(folder.plugin)
        if plugin is None:
            _say_why(folder, [one for one in street.kernel.refused if one.plugin == folder.plugin])
            return 3
        logins = await DevStreet(street, plugin, folder.own / NOTES).settle(run)
        _say_where(plugin, settings, new=bool(logins))
        for login in logins:
            click.echo(f"  {login.title}  {login.name}\n    {login.url}")
        await serve(street)
    return 0


def _forgive(home: Path, plugin: str) -> None:
    """A module that hung or crashed at the last start has been changed since: that is what an author does."""
    if home.is_dir():
        Markers(home, 20).retry(plugin)
        (home / f"loading:{plugin}").unlink(missing_ok=True)


def _say_why(folder: PluginFolder, refused: list[Refusal]) -> None:
    for one in refused:
        click.echo(f"{one.error.zh}\n{one.error.en}", err=True)
    if not refused:
        click.echo(
            f"{folder.plugin}: liren.toml 里的 id 与 pyproject.toml 里的名字不同。 "
            f"The id in liren.toml is not the name in pyproject.toml.",
            err=True,
        )


def _say_where(plugin: Plugin, settings: Settings, *, new: bool) -> None:
    click.echo(f"{plugin.manifest.title}  {settings.public_url}{first_page(plugin)}")
    if new:
        click.echo("每个链接只能用一次；保存后自动重来，Ctrl-C 停止。 Each link works once; saving reloads.")


LEVEL: Final = logging.ERROR
"""What is wrong with the module shows in the terminal, nothing else."""
