# SPDX-License-Identifier: Apache-2.0
"""The running kernel: which plugins there are, which are on, and a Context for whoever calls.

Made before the database is open (its routes are part of the web application), then wired to the services, then
started. One per process.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from markupsafe import Markup

from liren.errors import Conflict, NotFound
from liren.plugins import gather, titles
from liren.plugins.caller import Caller
from liren.plugins.context import Context
from liren.plugins.loader import Loaded
from liren.plugins.manifest import Refusal
from liren.plugins.plugin import Plugin
from liren.plugins.points import RuleTemplate
from liren.plugins.routes import Addresses
from liren.plugins.services import Services, Who
from liren.plugins.state import States, read_settings, save
from liren.plugins.titles import Titles
from liren.plugins.types import Figure, Link, Place, Todo
from liren.store import MigrationSource, Store


class Kernel:
    def __init__(self, loaded: Loaded, *, strict: bool = False) -> None:
        self.plugins: Mapping[str, Plugin] = {plugin.id: plugin for plugin in loaded.plugins}
        self.refused: tuple[Refusal, ...] = loaded.refused
        self.routes = loaded.routes
        self.addresses = Addresses(loaded.routes)
        self.codes: Mapping[str, tuple[str, str]] = {
            code.name: (plugin.id, code.title) for plugin in loaded.plugins for code in plugin.codes
        }
        """Code in signed records → (plugin, title)."""
        impls = [impl for plugin in loaded.plugins for impl in plugin.impls]
        self.caller = Caller(impls, visible=lambda ctx, plugin: self.visible(ctx.who, plugin), strict=strict)
        self.states = States()
        self.enabled: frozenset[str] = frozenset()
        self._settings: dict[str, Any] = {}
        self.unfit: Mapping[str, Mapping[str, str]] = {}
        """Plugin → stored settings that no longer fit it, and why: the defaults hold instead."""
        self._pilots: dict[str, str] = {}
        """Plugin → path of the one unit it is on for."""
        self._services: Services | None = None
        self._apply()

    # --- start

    @property
    def services(self) -> Services:
        if self._services is None:
            raise RuntimeError("the kernel is not wired to its services yet")
        return self._services

    def wire(self, services: Services) -> None:
        """Once, before the first request."""
        self._services = services

    def migration_sources(self) -> list[MigrationSource]:
        """The kernel's own, then every plugin's that loaded, in load order."""
        return Loaded(tuple(self.plugins.values()), ()).migration_sources()

    async def refresh(self, store: Store) -> None:
        """Read who is enabled; at start, after a change, and now and then for what other processes changed."""
        changed = await self.states.refresh(store)
        pilots = {plugin: self.states.of(plugin).pilot for plugin in self.plugins if self.states.of(plugin).pilot}
        cards = {code: await self.services.units.get(code) for code in set(pilots.values())}
        # A pilot in a unit that is gone is on for nobody. Known before the plugin is on, so that nobody else sees it.
        self._pilots = {plugin: card.path if (card := cards[code]) else "?" for plugin, code in pilots.items()}
        if changed:
            self._apply()

    def _apply(self) -> None:
        on: set[str] = set()
        for plugin in self.plugins.values():  # in load order: what is required comes first
            wanted = plugin.built_in or self.states.of(plugin.id).enabled
            if wanted and all(need in on for need in plugin.manifest.requires):
                on.add(plugin.id)
        self.enabled = frozenset(on)
        read = {p.id: read_settings(p.settings, self.states.of(p.id).settings) for p in self.plugins.values()}
        self._settings = {plugin: settings for plugin, (settings, _) in read.items()}
        self.unfit = {plugin: unfit for plugin, (_, unfit) in read.items() if unfit}
        self.caller.enable(self.enabled)

    # --- life cycle

    async def enable(self, store: Store, actor: str, plugin: str, *, pilot: str = "") -> None:
        """Switch on for the street, or for one community (its unit code). Safe to repeat.

        :raises NotFound: not loaded, or no such unit
        :raises Conflict: something it requires is off
        """
        its = self._loaded(plugin)
        if pilot and await self.services.units.get(pilot) is None:
            raise NotFound(
                f"没有代码为 {pilot} 的单位。请核对社区代码。",
                f"There is no unit with the code {pilot}. Check the community's code.",
            )
        if off := [need for need in its.manifest.requires if need not in self.enabled]:
            names = ", ".join(off)
            raise Conflict(
                f"模块 {its.manifest.title} 需要先启用：{names}。",
                f"Plugin {plugin} requires {names}: enable that first.",
            )
        await self._change(store, actor, plugin, "plugins.enable", enabled=True, pilot=pilot)

    async def disable(self, store: Store, actor: str, plugin: str) -> None:
        """Switch off: pages answer 404, jobs stop, slots vanish, data stays. Safe to repeat.

        :raises Conflict: an enabled plugin requires it
        """
        its = self._loaded(plugin)
        if users := [p for p in sorted(self.enabled) if plugin in self.plugins[p].manifest.requires]:
            names = ", ".join(users)
            raise Conflict(
                f"模块 {its.manifest.title} 还被 {names} 使用。请先停用 {names}。",
                f"Plugin {plugin} is required by {names}: disable that first.",
            )
        await self._change(store, actor, plugin, "plugins.disable", enabled=False)

    async def configure(self, store: Store, actor: str, plugin: str, settings: msgspec.Struct) -> None:
        """Save a plugin's settings, or those of a core package; they hold from the next request on."""
        its = self.plugins[plugin]
        assert its.settings is not None
        assert isinstance(settings, its.settings)
        text = msgspec.json.encode(settings).decode()
        await self._change(store, actor, plugin, "plugins.configure", settings=text)

    def _loaded(self, plugin: str) -> Plugin:
        if plugin not in self.plugins or self.plugins[plugin].built_in:
            raise NotFound(
                f"没有叫 {plugin} 的模块，或它没能启动。请在模块页面查看原因。",
                f"There is no plugin {plugin}, or it did not load. The page of plugins says why.",
            )
        return self.plugins[plugin]

    async def _change(self, store: Store, actor: str, plugin: str, what: str, **changes: Any) -> None:
        old = self.states.of(plugin)
        await save(store, actor, plugin, replace(old, **changes), what)
        await self.refresh(store)

    # --- who sees what

    def visible(self, who: Who, plugin: str) -> bool:
        """Whether the plugin is on for this person: a pilot is there for one unit, and for staff of those above it."""
        if plugin not in self.enabled:
            return False
        pilot, own = self._pilots.get(plugin), who.unit_path
        return pilot is None or (own != "" and (own.startswith(pilot) or pilot.startswith(own)))

    async def hears(self, plugin: str, unit: str | None) -> bool:
        """Whether what happened in a unit (its code) is of this plugin's concern: a pilot hears its own community."""
        pilot = self._pilots.get(plugin)
        if pilot is None or unit is None:
            return True
        card = await self.services.units.get(unit)
        return card is not None and card.path.startswith(pilot)

    def settings(self, plugin: str) -> Any:
        """The plugin's settings as they hold now; None for one without."""
        return self._settings.get(plugin)

    def context(self, plugin: str, who: Who) -> Context:
        """What this plugin gets to work with for this person."""
        services = self.services
        return Context(
            plugin=plugin,
            visitor=who.visitor,
            unit=who.unit,
            settings=self._settings.get(plugin),
            people=services.people,
            units=services.units,
            ledger=services.ledger,
            access=who.access,
            who=who,
            built_in=self.plugins[plugin].built_in,
            _services=services,
            _host=self,
        )

    # --- what a Context asks

    def url(self, plugin: str, name: str, params: dict[str, Any]) -> str:
        return self.addresses.url(plugin, name, params)

    async def slot(self, ctx: Context, name: str, subject: str | None) -> Markup:
        return await gather.slot(self, ctx, name, subject)

    def sibling(self, ctx: Context, plugin: str) -> Context:
        return ctx if plugin == ctx.plugin else self.context(plugin, ctx.who)

    async def menu(self, ctx: Context, place: Place) -> Sequence[Link]:
        return await gather.navigation(self, ctx, place)

    async def todos(self, ctx: Context) -> Sequence[Todo]:
        return await gather.todos(self, ctx)

    async def figures(self, ctx: Context) -> Sequence[Figure]:
        return await gather.figures(self, ctx)

    async def titles(self, ctx: Context, codes: Collection[str], accounts: Collection[str]) -> Titles:
        return await titles.gather(self, ctx, codes, accounts)

    async def each(self, ctx: Context, hook: str, arguments: dict[str, Any]) -> Sequence[tuple[str, Any]]:
        return [(answer.plugin, answer.value) for answer in await self.caller.each(hook, ctx, **arguments)]

    def rule_templates(self) -> Sequence[RuleTemplate]:
        return [rule for plugin in self.plugins.values() if plugin.id in self.enabled for rule in plugin.point_rules]

    async def every(self, ctx: Context, hook: str, plugin: str, arguments: dict[str, Any]) -> Sequence[tuple[str, Any]]:
        answers = await self.caller.every(hook, ctx, plugin=plugin, **arguments)
        return [(answer.plugin, answer.value) for answer in answers]

    def who_implements(self, hook: str) -> Sequence[str]:
        return self.caller.who(hook)

    def title_of(self, plugin: str) -> str | None:
        found = self.plugins.get(plugin)
        return found.manifest.title if found is not None else None
