# SPDX-License-Identifier: Apache-2.0
"""``liren <plugin> …``: the commands plugins registered, run on the opened street."""

from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from typing import Any

import click

from liren.app import open_street
from liren.app.built_in import BUILT_IN
from liren.cli.run import run
from liren.errors import NotFound
from liren.plugins.loader import load
from liren.plugins.plugin import Plugin
from liren.plugins.services import Who
from liren.settings import Settings


class WithPlugins(click.Group):
    """A group that knows the plugins' groups too; they are loaded only when one of them is asked for."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        if own is not None:
            return own
        plugin = next((p for p in _loaded() if p.id == name and p.commands), None)
        return None if plugin is None else _group(plugin)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_commands(ctx, formatter)
        rows = [(plugin.id, plugin.manifest.title) for plugin in _loaded() if plugin.commands]
        if rows:
            with formatter.section("Plugins"):
                formatter.write_dl(rows)


def _loaded() -> Sequence[Plugin]:
    settings = Settings.from_env()
    return load(settings.home, BUILT_IN, safe_mode=settings.safe_mode).plugins


def _group(plugin: Plugin) -> click.Group:
    group = click.Group(plugin.id, help=plugin.manifest.title)
    for command in plugin.commands:
        mine = copy(command)  # the author's object may serve in tests of the same process
        if command.callback is not None:
            mine.callback = _on_street(plugin.id, command.callback)
        group.add_command(mine)
    return group


def _on_street(plugin: str, callback: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """The command as click calls it: opens the street, hands the plugin its Context."""

    def command(**parameters: Any) -> None:
        async def work() -> None:
            async with open_street(Settings.from_env()) as street:
                if plugin not in street.kernel.enabled:
                    raise NotFound(
                        f"模块 {plugin} 没有启用。请先运行 liren plugin enable {plugin}。",
                        f"Plugin {plugin} is not enabled. First run: liren plugin enable {plugin}",
                    )
                await callback(street.kernel.context(plugin, Who()), **parameters)

        run(work())

    return command
