# SPDX-License-Identifier: Apache-2.0
"""What a plugin's code gets to work with: who asks, what they may, and every service, in one frozen value.

The core's own pages get exactly the same. One is made for each request, hook call and job run.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from litestar import Response
from markupsafe import Markup

from liren.errors import Denied, NotFound
from liren.plugins.fence import PluginTx
from liren.plugins.points import RuleTemplate
from liren.plugins.services import (
    Access,
    Acting,
    Cases,
    LedgerReader,
    Outbox,
    People,
    Progress,
    Services,
    TaskView,
    Tx,
    Units,
    Visitor,
    Who,
)
from liren.plugins.titles import Titles
from liren.plugins.types import Figure, Link, Place, Todo

T = TypeVar("T")


class Host(Protocol):
    """What a Context asks of the kernel that made it."""

    def url(self, plugin: str, name: str, params: dict[str, Any]) -> str: ...

    async def slot(self, ctx: "Context", name: str, subject: str | None) -> Markup: ...

    def sibling(self, ctx: "Context", plugin: str) -> "Context": ...

    async def menu(self, ctx: "Context", place: Place) -> Sequence[Link]: ...

    async def todos(self, ctx: "Context") -> Sequence[Todo]: ...

    async def figures(self, ctx: "Context") -> Sequence[Figure]: ...

    async def titles(self, ctx: "Context", codes: Collection[str], accounts: Collection[str]) -> Titles: ...

    async def each(self, ctx: "Context", hook: str, arguments: dict[str, Any]) -> Sequence[tuple[str, Any]]: ...

    async def every(
        self, ctx: "Context", hook: str, plugin: str, arguments: dict[str, Any]
    ) -> Sequence[tuple[str, Any]]: ...

    def rule_templates(self) -> Sequence[RuleTemplate]: ...

    def who_implements(self, hook: str) -> Sequence[str]: ...

    def title_of(self, plugin: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Context:
    """A plugin's view of one request, hook call or job run."""

    plugin: str
    visitor: Visitor | None
    unit: str | None
    """Code of the org unit the visitor works in or lives in."""
    settings: Any
    """An instance of the Struct from ``register_settings``; None for a plugin without settings."""
    people: People
    units: Units
    ledger: LedgerReader
    access: Access
    who: Who = field(repr=False)
    built_in: bool = field(repr=False)
    _services: Services = field(repr=False)
    _host: Host = field(repr=False)

    # --- who may what

    def can(self, permission: str, unit: str | None = None) -> bool:
        """Whether the visitor holds the permission at ``unit`` (a code), or anywhere if that is None."""
        return self.access.can(permission, unit)

    def require(self, permission: str, unit: str | None = None) -> None:
        """:raises Denied: the visitor does not hold the permission at all
        :raises NotFound: they hold it, but not where this object is: for them it does not exist
        """
        if self.access.can(permission, unit):
            return
        if unit is not None and self.access.can(permission):
            raise NotFound("没有找到，或不在您管理的范围内。", "Not found, or outside the area you look after.")
        raise Denied(
            "您没有做这件事的权限。需要的话，请联系街道管理员。",
            "You do not have permission to do this. If you need it, ask the street's administrator.",
        )

    @property
    def actor(self) -> str:
        """In whose name writes are recorded: the visitor's person id, or ``job:<plugin>``."""
        return self.visitor.person if self.visitor else f"job:{self.plugin}"

    def keyed_hash(self, kind: str, value: str) -> str:
        """64 hex digits that only this street can compute, the plugin's own: for codes and tokens a stolen
        database must not give away. Equal values of one kind have equal hashes."""
        return self._services.secrets.keyed_hash(f"{self.plugin}/{kind}", value)

    # --- pages

    def url(self, name: str, /, **params: Any) -> str:
        """Address of a route: ``<plugin>.<handler>``, or ``<handler>`` of the own plugin.

        What the path has no place for becomes the query string; None is left out.
        """
        return self._host.url(self.plugin, name, params)

    async def render(self, template: str, /, *, status: int = 200, **view: Any) -> Response[Any]:
        """A whole page from ``<plugin>/page.html``, or ``page.html`` of the own plugin."""
        return await self._services.pages.render(self, self._template(template), view, status)

    async def fragment(self, template: str, /, **view: Any) -> Markup:
        """A piece of a page, for slots and for htmx."""
        return await self._services.pages.fragment(self, self._template(template), view)

    async def slot(self, name: str, subject: str | None = None) -> Markup:
        """What the enabled plugins put into a named slot: await it, then pass it to the template."""
        return await self._host.slot(self, name, subject)

    async def menu(self, place: Place) -> Sequence[Link]:
        """The entries of one menu the visitor may follow, every plugin's."""
        return await self._host.menu(self, place)

    async def todos(self) -> Sequence[Todo]:
        """Work waiting for the visitor, from every plugin."""
        return await self._host.todos(self)

    async def figures(self) -> Sequence[Figure]:
        """Every plugin's figures."""
        return await self._host.figures(self)

    def rule_templates(self) -> Sequence[RuleTemplate]:
        """What enabled plugins propose as rules for points; a street adopts them in ``credit``."""
        return self._host.rule_templates()

    async def titles(self, codes: Collection[str], accounts: Collection[str] = ()) -> Titles:
        """What codes of signed records are called, whoever posted them, in the visitor's language.

        :param accounts: merchants as records name them (``<plugin>.<id>``): ask only about records the visitor may see
        """
        return await self._host.titles(self, codes, accounts)

    def t(self, text: str, /, **values: Any) -> str:
        """``text`` in the visitor's language, ``{name}`` places filled from ``values``."""
        language = self.visitor.language if self.visitor else "zh"
        translated = self._services.pages.translate(self.plugin, language, text)
        return translated.format(**values) if values else translated

    def _template(self, name: str) -> str:
        return name if "/" in name else f"{self.plugin}/{name}"

    # --- writing

    async def once(self, key: str, command: Any, body: Callable[[Tx], Awaitable[T]], returns: type[T]) -> T:
        """Run ``body(tx)`` and commit, exactly once for this visitor and request key.

        :param key: the form's ``_key``; an equal repetition returns the first result without running ``body``
        :param command: what was asked (Struct, dataclass or JSON value), the same under the same key
        :param returns: the type of the result, for repetitions are answered from its stored JSON
        :raises Conflict: the same key came with another command
        """
        guarded = body
        if not self.built_in:

            async def guarded(tx: Tx) -> T:
                return await body(PluginTx(self.plugin, tx))

        return await self._services.writing.once(self.actor, key, command, guarded, returns, self.plugin)

    def transaction(self) -> AbstractAsyncContextManager[Outbox]:
        """For rows without points: ``async with ctx.transaction() as tx``: ``tx.emit``, ``tx.audit``."""
        return self._services.writing.transaction(self.plugin, self.actor)

    async def start(
        self,
        key: str,
        title: str,
        work: "Callable[[Context, Progress], Awaitable[str]]",
        *,
        limit_s: float = 600,
    ) -> str:
        """Start work that outlasts the request: ``work(ctx, progress)`` returns a sentence on what came of it.

        :param key: the form's ``_key``: the same key again gives the same task, ``work`` is not run twice
        :returns: id of the task, for a page that shows ``ctx.task(id)``
        """
        return await self._services.tasks.start(self, key, title, work, limit_s)

    async def task(self, task: str) -> TaskView | None:
        """How far a task of this plugin is; None where there is none."""
        return await self._services.tasks.view(self.plugin, task)

    @property
    def cases(self) -> Cases:
        """The cases of this plugin's workflows."""
        return self._services.cases.of(self)

    @property
    def acting(self) -> Acting:
        """Acting for someone (代办): who agreed to what, and what was done."""
        return self._services.acting.of(self)

    async def notify(self, person: str, text: str, link: str) -> None:
        """A notice on the person's page, forwarded where the street has a way to."""
        await self._services.inbox.notify(person, text, link)

    # --- time

    def now(self) -> datetime:
        """Aware, in the street's time zone."""
        return self._services.clock()

    def today(self) -> date:
        """The street's day."""
        return self._services.clock().date()

    # --- for the core

    def of(self, plugin: str) -> "Context":
        """The same visitor's Context for another plugin: how hooks are called."""
        return self._host.sibling(self, plugin)

    async def each(self, hook: str, **arguments: Any) -> Sequence[tuple[str, Any]]:
        """Ask every enabled plugin; :returns: (plugin, what its hook returned), without those that failed."""
        return await self._host.each(self, hook, arguments)

    async def every(self, hook: str, *, plugin: str = "", **arguments: Any) -> Sequence[tuple[str, Any]]:
        """Ask every plugin, disabled ones too, for a duty that must not be half done.

        :param plugin: ask this one alone
        :raises Exception: what a plugin raised
        """
        return await self._host.every(self, hook, plugin, arguments)

    def who_implements(self, hook: str) -> Sequence[str]:
        """The enabled plugins that have this hook."""
        return self._host.who_implements(hook)

    def title_of(self, plugin: str) -> str:
        """What a plugin is called, in the visitor's language; its id where it is installed no more."""
        title = self._host.title_of(plugin)
        return plugin if title is None else self.of(plugin).t(title)
