# SPDX-License-Identifier: Apache-2.0
"""Calls hooks one plugin at a time, so that a broken one costs its own contribution and nothing else.

Implementations of enabled plugins are kept in one tuple per hook: a call costs microseconds. A plugin that fails or
is slow again and again is left alone for a while (circuit breaker) before it is tried once more.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Generator, Iterable
from dataclasses import dataclass, field
from types import coroutine
from typing import Any

import structlog

from liren import clock, hookspecs
from liren.errors import LirenError
from liren.plugins import conform
from liren.plugins.context import Context
from liren.plugins.plugin import Impl

log = structlog.get_logger("liren.plugins")

FAULTS = 5
"""So many faults of one plugin in one hook …"""
WINDOW_S = 60.0
"""… within this time open its circuit …"""
REST_S = 60.0
"""… for so long; then one call tries again, and each failed trial doubles the rest …"""
LONGEST_REST_S = 3600.0
"""… up to this."""
REMEMBERED = 20
STRICT_LIMIT_S = 60.0
"""Where faults raise (CI), no answer has less time than this: a machine that runs tests is busy, and slow is not wrong
there. What hangs still ends."""


class HookFault(Exception):
    """A plugin's answer could not be used: it raised, was too slow, or returned the wrong thing."""


@dataclass(frozen=True, slots=True)
class Answer:
    plugin: str
    value: Any


@dataclass(frozen=True, slots=True)
class Fault:
    """What administrators see of it; the trace stands in the log."""

    plugin: str
    hook: str
    at: float
    """Unix seconds."""
    what: str


@dataclass(slots=True)
class Circuit:
    """Of one plugin in one hook. Times are monotonic seconds."""

    faults: deque[float] = field(default_factory=lambda: deque(maxlen=FAULTS))
    rest_s: float = 0.0
    """0: closed, every call goes through."""
    open_until: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Closed, or rested long enough for one trial; the others wait for what becomes of it."""
        if not self.rest_s:
            return True
        if now < self.open_until:
            return False
        self.open_until = now + self.rest_s
        return True

    def fault(self, now: float) -> bool:
        """Note one; returns whether the circuit opened, or stays open for longer."""
        self.faults.append(now)
        often = len(self.faults) == FAULTS and now - self.faults[0] <= WINDOW_S
        if self.rest_s or often:
            self.rest_s = min(self.rest_s * 2 or REST_S, LONGEST_REST_S)
            self.open_until = now + self.rest_s
            self.faults.clear()
            return True
        return False

    def success(self) -> None:
        """An answer after a rest: the past is forgotten."""
        if self.rest_s:
            self.faults.clear()
            self.rest_s = 0.0


class Caller:
    """Every call of every hook goes through here."""

    def __init__(
        self,
        impls: Iterable[Impl],
        *,
        visible: Callable[[Context, str], bool],
        strict: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        :param visible: whether a plugin works for the visitor of this Context (pilots)
        :param strict: faults raise (CI)
        """
        self._impls = tuple(impls)
        self._visible = visible
        self._strict = strict
        self._clock = clock
        self._active: dict[str, tuple[Impl, ...]] = {}
        self._circuits: dict[tuple[str, str], Circuit] = {}
        self.faults: deque[Fault] = deque(maxlen=REMEMBERED)

    def enable(self, plugins: Collection[str]) -> None:
        """From now on call these only."""
        self._active = {
            hook: tuple(impl for impl in self._impls if impl.hook == hook and impl.plugin in plugins)
            for hook in hookspecs.SPECS
        }

    async def each(
        self, hook: str, ctx: Context, faults: list[Fault] | None = None, *, plugin: str = "", **arguments: Any
    ) -> list[Answer]:
        """Ask every enabled plugin; a fault is logged and counted, and that plugin's answer is missing.

        :param faults: what went wrong in this very round is added here
        :param plugin: ask this one alone
        """
        answers = []
        faults = [] if faults is None else faults
        for impl in self._active.get(hook, ()):
            if plugin not in ("", impl.plugin) or not self._visible(ctx, impl.plugin):
                continue
            circuit = self._circuits.get((impl.plugin, hook))
            if circuit is not None and not circuit.lets_through(self._clock()):
                continue
            try:
                value = await self._ask(impl, ctx, arguments)
            except LirenError as refusal:
                # "Not yours to see" is an answer: nothing to show.
                if refusal.status < 500:
                    continue
                faults.append(self._fault(impl, refusal))
            except (Exception, SystemExit) as error:
                faults.append(self._fault(impl, error))
            else:
                if circuit is not None:
                    circuit.success()
                answers.append(Answer(impl.plugin, value))
        return answers

    async def every(self, hook: str, ctx: Context, *, plugin: str = "", **arguments: Any) -> list[Answer]:
        """Fail as a whole if one plugin fails: duties that must not be half done.

        :param plugin: ask this one alone

        Hooks of kind *data* go to disabled plugins too: they still hold what they held.

        :raises Exception: what the plugin raised, or :class:`HookFault`
        """
        impls = self._active.get(hook, ())
        if hookspecs.SPECS[hook].kind == "data":
            impls = tuple(impl for impl in self._impls if impl.hook == hook and plugin in ("", impl.plugin))
        return [Answer(impl.plugin, await self._ask(impl, ctx, arguments)) for impl in impls]

    async def one(self, plugin: str, hook: str, ctx: Context, **arguments: Any) -> Any:
        """Ask one plugin, whatever its circuit says; what goes wrong is the caller's to handle.

        :raises LookupError: it does not implement the hook, or is off
        """
        for impl in self._active.get(hook, ()):
            if impl.plugin == plugin:
                return await self._ask(impl, ctx, arguments)
        raise LookupError(f"{plugin} does not implement {hook}")

    def who(self, hook: str) -> tuple[str, ...]:
        """The enabled plugins that implement a hook."""
        return tuple(impl.plugin for impl in self._active.get(hook, ()))

    async def _ask(self, impl: Impl, ctx: Context, arguments: dict[str, Any]) -> Any:
        offered = {"ctx": ctx.of(impl.plugin), **arguments}
        chosen = {name: offered[name] for name in impl.arguments}
        limit_s = max(hookspecs.SPECS[impl.hook].limit_s, STRICT_LIMIT_S if self._strict else 0)
        began = self._clock()
        value = impl.function(**chosen)
        if asyncio.iscoroutine(value):
            value = await _within(limit_s, value)
        elif (took := self._clock() - began) > limit_s:
            # Its answer is good, but it held up everyone: counts towards the circuit breaker.
            self._fault(impl, HookFault(f"took {took:.1f} s, {limit_s:g} s allowed"))
        if not conform.conforms(value, conform.returns(impl.hook)):
            expected = conform.named(conform.returns(impl.hook))
            raise HookFault(f"returned {value!r:.80}, not {expected}")
        return value

    def _fault(self, impl: Impl, error: BaseException) -> Fault:
        fault = self.complain(impl.plugin, impl.hook, error)
        circuit = self._circuits.setdefault((impl.plugin, impl.hook), Circuit())
        if circuit.fault(self._clock()):
            log.error("plugin_circuit_open", plugin=impl.plugin, hook=impl.hook, rest_s=circuit.rest_s)
        return fault

    def complain(self, plugin: str, hook: str, error: BaseException) -> Fault:
        """Log a fault and remember it for administrators; raises it where faults must not be contained (CI)."""
        if self._strict:
            raise error
        what = f"{type(error).__name__}: {error}"[:300]
        log.error("plugin_fault", plugin=plugin, hook=hook, what=what, exc_info=error)
        fault = Fault(plugin, hook, clock.now_ms() / 1000, what)
        self.faults.append(fault)
        return fault

    def resting(self) -> list[tuple[str, str]]:
        """(plugin, hook) that are left alone for now: for the console and ``/readyz``."""
        return [key for key, circuit in self._circuits.items() if circuit.rest_s]


async def _within(limit_s: float, answer: Coroutine[Any, Any, Any]) -> Any:
    """The answer of an async hook, cancelled at its limit.

    Most hooks of a page answer without waiting for anything. They are run up to where they first wait, and only then
    is the alarm set: setting and taking it back costs 12 µs, more than all the rest of a call.

    :raises HookFault: too slow, or it cancelled itself
    """
    try:
        waits_for = answer.send(None)
    except StopIteration as done:
        return done.value
    except asyncio.CancelledError:
        raise HookFault("cancelled itself") from None
    try:
        async with asyncio.timeout(limit_s):
            return await _rest(answer, waits_for)
    except TimeoutError as error:
        raise HookFault(f"no answer within {limit_s:g} s, or a time-out of its own") from error
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # the whole request is being cancelled, not this hook
        raise HookFault("cancelled itself") from None


@coroutine
def _rest(begun: Coroutine[Any, Any, Any], waits_for: Any) -> Generator[Any, Any, Any]:
    """Goes on with a coroutine that has already said what it waits for first; what ``yield from`` does, one step in."""
    try:
        while True:
            try:
                sent = yield waits_for
            except BaseException as error:
                waits_for = begun.throw(error)
            else:
                waits_for = begun.send(sent)
    except StopIteration as done:
        return done.value
