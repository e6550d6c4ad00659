# SPDX-License-Identifier: Apache-2.0
"""In which order plugins load: what a plugin requires comes first. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from liren.plugins.manifest import PluginRefused


def ordered(
    requires: Mapping[str, Sequence[str]], given: Collection[str] = ()
) -> tuple[list[str], dict[str, PluginRefused]]:
    """Load order (alphabetical where free), and who cannot load and why.

    :param requires: plugin id → ids it needs
    :param given: ids that are there anyway: the core's own
    """
    order: list[str] = []
    refused: dict[str, PluginRefused] = {}
    waiting = dict(sorted(requires.items()))
    while waiting:
        ready = [p for p, needs in waiting.items() if all(n in order or n in given for n in needs)]
        missing = {
            p: gone
            for p, needs in waiting.items()
            if (gone := [n for n in needs if (n not in requires and n not in given) or n in refused])
        }
        for plugin in ready:
            order.append(plugin)
            del waiting[plugin]
        for plugin, gone in missing.items():
            refused[plugin] = needs_missing(plugin, gone)
            del waiting[plugin]
        if not ready and not missing:
            for plugin in waiting:
                refused[plugin] = _circular(plugin, _circle(plugin, waiting))
            waiting = {}
    return order, refused


def _circle(start: str, requires: Mapping[str, Sequence[str]]) -> list[str]:
    """Follow what is waited for until a plugin repeats."""
    seen: list[str] = []
    here = start
    while here not in seen:
        seen.append(here)
        here = next(n for n in requires[here] if n in requires)
    return [*seen[seen.index(here) :], here]


def needs_missing(plugin: str, gone: Iterable[str]) -> PluginRefused:
    names = ", ".join(gone)
    return PluginRefused(
        f"模块 {plugin} 需要模块 {names}，但它没有安装或没能启动。请先处理 {names}。",
        f"Plugin {plugin} requires {names}, which is not installed or did not load. See to {names} first.",
    )


def _circular(plugin: str, circle: list[str]) -> PluginRefused:
    ring = " → ".join(circle)
    return PluginRefused(
        f"模块 {plugin} 无法启动：模块互相依赖，绕成了一圈（{ring}）。请模块作者改正。",
        f"Plugin {plugin} cannot load: plugins require each other in a circle ({ring}). Their authors have to mend it.",
    )
