# SPDX-License-Identifier: Apache-2.0
"""Loads the core's packages and then every plugin, each by itself: one that is broken leaves the others up.

pluggy compares signatures and stores implementations; importing and calling are ours, because its own entry point
loader raises out of its loop on one broken import.
"""

import importlib
import inspect
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pluggy
import structlog

from liren import API_VERSION, hookspecs
from liren.errors import LirenError
from liren.plugins import checks, conform, manifest, order, routes
from liren.plugins.manifest import Found, Manifest, PluginRefused, Refusal
from liren.plugins.marker import Markers
from liren.plugins.plugin import BuiltIn, Impl, Plugin, Route
from liren.plugins.state import MIGRATIONS
from liren.store import MigrationSource

log = structlog.get_logger("liren.plugins")
LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is running, in load order (the core first), and what is not and why."""

    plugins: tuple[Plugin, ...]
    refused: tuple[Refusal, ...]

    def migration_sources(self) -> list[MigrationSource]:
        """The kernel's own, then those of everything that loaded, in load order."""
        apps = [plugin.tables for plugin in self.plugins if plugin.tables is not None]
        return [MIGRATIONS, *(MigrationSource(app.app_name, Path(app.migrations_folder_path)) for app in apps)]

    def without(self, refused: Sequence[Refusal]) -> "Loaded":
        """Leave out plugins found unfit after loading (their tables are not ready), and what requires them."""
        out = {refusal.plugin for refusal in refused}
        kept: list[Plugin] = []
        refusals = [*self.refused, *refused]
        for plugin in self.plugins:  # in load order: what is required comes first
            if gone := [need for need in plugin.manifest.requires if need in out]:
                out.add(plugin.id)
                error = order.needs_missing(plugin.id, gone)
                refusals.append(Refusal(plugin.id, plugin.distribution, error))
            if plugin.id not in out:
                kept.append(plugin)
        return Loaded(tuple(kept), tuple(refusals))

    @property
    def routes(self) -> tuple[Route, ...]:
        return tuple(route for plugin in self.plugins for route in plugin.routes)


def limit_s() -> float:
    """Seconds one plugin may take to load: ``LIREN_LOAD_LIMIT``, 20 where not said.

    :raises LirenError: the setting is no number of seconds
    """
    said = os.environ.get("LIREN_LOAD_LIMIT") or str(LIMIT_S)
    if re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", said) is None or float(said) == 0:
        raise LirenError(
            f"LIREN_LOAD_LIMIT 是模块启动最多用几秒，例如 20，现在是 {said}。",
            f"LIREN_LOAD_LIMIT is how many seconds a plugin may take to load, e.g. 20, not {said}.",
        )
    return float(said)


def load(
    home: Path,
    built_in: Sequence[BuiltIn] = (),
    *,
    found: Sequence[Found] | None = None,
    safe_mode: bool = False,
    strict: bool = False,
) -> Loaded:
    """Load everything installed.

    :param found: instead of what is installed (tests)
    :param safe_mode: the core alone
    :param strict: a refused plugin raises instead (CI)
    :raises Exception: a core package is broken: nothing can run without it
    """
    loading = _Loading(Markers(home, limit_s()), strict)
    loading.core(built_in)
    if not safe_mode:
        loading.installed(manifest.find() if found is None else list(found))
    return Loaded(tuple(loading.plugins), tuple(loading.refused))


class _Loading:
    """One start: what has loaded so far and what has been refused."""

    def __init__(self, markers: Markers, strict: bool) -> None:
        self.markers = markers
        self.strict = strict
        self.plugins: list[Plugin] = []
        self.refused: list[Refusal] = []
        self.pluggy = pluggy.PluginManager("liren")
        self.pluggy.add_hookspecs(hookspecs)

    def core(self, built_in: Sequence[BuiltIn]) -> None:
        core = [self._bring(_of_core(one), one.mount) for one in built_in]
        self.plugins += core
        for plugin in core:
            earlier = [r for p in core[: core.index(plugin)] for r in p.routes]
            routes.check(plugin.id, plugin.routes, earlier)
            checks.check(plugin, checks.known_permissions(plugin, core))

    def installed(self, found: list[Found]) -> None:
        usable, refused = manifest.read_all(found)
        for refusal in refused:
            self._refuse(refusal)
        by_id = {m.id: (f, m) for f, m in usable}
        core = {plugin.id for plugin in self.plugins}
        in_order, out = order.ordered({i: m.requires for i, (_, m) in by_id.items()}, core)
        for plugin, error in out.items():
            self._refuse(Refusal(plugin, by_id[plugin][0].distribution, error))
        for plugin in in_order:
            self._install(*by_id[plugin])

    def _install(self, found: Found, its: Manifest) -> None:
        there = {plugin.id for plugin in self.plugins}
        try:
            if gone := [need for need in its.requires if need not in there]:
                raise order.needs_missing(its.id, gone)
            with self.markers.watch(its.id, found.version):
                assert found.folder is not None
                plugin = self._bring((found, its, found.folder, False))
                routes.check(plugin.id, plugin.routes, [r for p in self.plugins for r in p.routes])
                checks.check(plugin, checks.known_permissions(plugin, self.plugins))
                routes.try_out(plugin.id, plugin.mount, plugin.routes)
        except LirenError as error:
            self._refuse(Refusal(its.id, found.distribution, error))
        except (Exception, SystemExit) as error:
            self._refuse(Refusal(its.id, found.distribution, _broken(its.id, error)), error)
        else:
            self.plugins.append(plugin)

    def _refuse(self, refusal: Refusal, cause: BaseException | None = None) -> None:
        if self.strict:
            raise refusal.error from cause
        self.refused.append(refusal)
        log.error(
            "plugin_refused",
            plugin=refusal.plugin,
            distribution=refusal.distribution,
            reason=refusal.error.en,
            exc_info=cause,
        )

    def _bring(self, source: "_Source", mount: str | None = None) -> Plugin:
        """Import one plugin, register its hooks, and call those that say what it brings."""
        found, its, folder, built_in = source
        target = _target(found.target)
        impls = self._register(its.id, target)
        mount = mount or f"/{its.id}"
        plugin = Plugin(its, found.distribution, found.version, built_in, mount, folder, impls)
        plugin = replace(plugin, warnings=_warned(its.id, impls))
        brought = {impl.hook: _call(impl) for impl in impls if hookspecs.SPECS[impl.hook].kind == "start"}
        handlers = brought.pop("register_routes", ())
        parts: dict[str, Any] = {hook.removeprefix("register_"): value for hook, value in brought.items()}
        plugin = replace(plugin, **parts)
        return replace(plugin, routes=routes.made(its.id, mount, handlers))

    def _register(self, plugin: str, target: Any) -> tuple[Impl, ...]:
        """:raises PluginRefused: a wrapper, a hook nobody calls, arguments the hook does not have"""
        try:
            self.pluggy.register(target, name=plugin)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise checks.refused(plugin, f"钩子写得不对：{error}", f"a hook is wrong: {error}") from error
        impls = [
            (caller.name, impl)
            for caller in self.pluggy.get_hookcallers(self.pluggy.get_plugin(plugin)) or []
            for impl in caller.get_hookimpls()
            if impl.plugin_name == plugin
        ]
        try:
            return tuple(_impl(plugin, hook, impl) for hook, impl in _once_each(plugin, impls))
        except PluginRefused:
            self.pluggy.unregister(name=plugin)
            raise


_Source = tuple[Found, Manifest, Path, bool]


def _of_core(one: BuiltIn) -> _Source:
    package = one.target.partition(":")[0]
    folder = Path(str(importlib.import_module(package).__file__)).parent
    found = Found("liren", API_VERSION, one.id, one.target, folder)
    return found, Manifest(api=API_VERSION, id=one.id, title=one.title), folder, True


def _target(value: str) -> Any:
    module, _, attributes = re.sub(r"\s*\[.*\]$", "", value).partition(":")
    target: Any = importlib.import_module(module.strip())
    for name in filter(None, attributes.strip().split(".")):
        target = getattr(target, name)
    return target


def _warned(plugin: str, impls: Sequence[Impl]) -> tuple[str, ...]:
    """What of this plugin will stop working, said in the log and in the console."""
    said = []
    for impl in impls:
        spec = hookspecs.SPECS[impl.hook]
        of_arguments = [(f"{impl.hook}({name})", spec.old_arguments.get(name)) for name in impl.arguments]
        for name, old in ((impl.hook, spec.deprecated), *of_arguments):
            if old is not None:
                said.append(f"{name}: {old.since} → {old.gone_in}: {old.instead}")
                log.warning("plugin_deprecated", plugin=plugin, uses=name, gone_in=old.gone_in, instead=old.instead)
    return tuple(said)


def _once_each(plugin: str, impls: list[tuple[str, pluggy.HookImpl]]) -> list[tuple[str, pluggy.HookImpl]]:
    names = [name for name, _ in impls]
    for name in names:
        if name not in hookspecs.SPECS:
            raise checks.refused(plugin, f"没有叫 {name} 的钩子", f"there is no hook called {name}")
        if names.count(name) > 1:
            raise checks.refused(plugin, f"钩子 {name} 写了两次", f"hook {name} is implemented twice")
    return impls


def _impl(plugin: str, hook: str, impl: pluggy.HookImpl) -> Impl:
    if impl.wrapper or impl.hookwrapper:
        raise checks.refused(
            plugin, f"钩子 {hook} 用了包裹方式（wrapper）", f"hook {hook} is a wrapper, which is not allowed"
        )
    function: Callable[..., Any] = impl.function
    return Impl(plugin, hook, function, tuple(impl.argnames), inspect.iscoroutinefunction(function))


def _call(impl: Impl) -> Any:
    """:raises PluginRefused: a start hook is async or returns something else than promised"""
    expected = conform.returns(impl.hook)
    if impl.is_async:
        raise checks.refused(
            impl.plugin, f"钩子 {impl.hook} 不能是 async", f"hook {impl.hook} must be a plain function"
        )
    value = impl.function()
    if not conform.conforms(value, expected):
        raise checks.refused(
            impl.plugin,
            f"钩子 {impl.hook} 返回了 {value!r:.80}，应为 {conform.named(expected)}",
            f"hook {impl.hook} returned {value!r:.80}, not {conform.named(expected)}",
        )
    return value


def _broken(plugin: str, error: BaseException) -> PluginRefused:
    what = f"{type(error).__name__}: {error}"[:300]
    return PluginRefused(
        f"模块 {plugin} 启动时出错（{what}），街道照常运行。请更新它，或把这段话发给模块作者。",
        f"Plugin {plugin} failed while loading ({what}); the street runs without it. "
        "Update it, or send this to its author.",
        code="plugin-broken",
    )
