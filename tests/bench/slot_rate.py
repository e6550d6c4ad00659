# SPDX-License-Identifier: Apache-2.0
"""What a plugin costs a page: a slot over a direct call, and a page with 0, 5 and 20 plugins of two slots."""

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path
from string import ascii_lowercase

from markupsafe import Markup

from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.services import Who
from liren.testing.site import Site
from liren.testing.street import Running, small_street
from tests.bench import Measure

CALLS, REQUESTS, MOST = 10_000, 400, 20
SLOTS = ("board.figures", "board.main")
PIECE = '<p class="quiet">{{ n }} {{ slot }}</p>'
PLUGIN = """
from liren import hookimpl

PLAIN = None

@hookimpl
{kind} page_slot(ctx, slot, subject):
    if slot == "bench.plain":
        return PLAIN
    if slot in ("board.figures", "board.main"):
        return {answer}
"""
RENDERS = 'await ctx.fragment("piece.html", n=1, slot=slot)'
NAMES = tuple(f"fill{letter}" for letter in ascii_lowercase[:MOST])


def _install(folder: Path) -> None:
    site = Site(folder)
    for name in NAMES:
        manifest = f'api = "1.0"\nid = "{name}"\ntitle = "{name}"\n'
        code = PLUGIN.format(kind="async def", answer=RENDERS)
        files = {"liren.toml": manifest, "__init__.py": code, "templates/piece.html": PIECE}
        site.write(f"liren-{name}", files)
    quick = PLUGIN.format(kind="def", answer="None")
    site.write("liren-quick", {"liren.toml": 'api = "1.0"\nid = "quick"\ntitle = "quick"\n', "__init__.py": quick})
    sys.path.insert(0, str(folder))


async def _only(running: Running, *wanted: str) -> None:
    kernel, store = running.street.kernel, running.street.store
    for name in (*NAMES, "quick"):
        if (name in kernel.enabled) != (name in wanted):
            await (kernel.enable if name in wanted else kernel.disable)(store, "job:bench", name)


async def _slot_us(kernel: Kernel, ctx: Context, plugin: str) -> float:
    """Microseconds the slot takes over calling the plugin's function oneself."""
    [impl] = [impl for impl in kernel.plugins[plugin].impls if impl.hook == "page_slot"]
    own = ctx.of(plugin)
    began = time.perf_counter()
    for _ in range(CALLS):
        answer = impl.function(ctx=own, slot="bench.plain", subject=None)
        if impl.is_async:
            await answer
    direct_s = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(CALLS):
        await kernel.slot(ctx, "bench.plain", None)
    return (time.perf_counter() - began - direct_s) / CALLS * 1e6


async def _own_ms(kernel: Kernel, plugins: tuple[str, ...]) -> float:
    """What the plugins' own rendering of their pieces takes, called directly."""
    contexts = [kernel.context(plugin, Who()) for plugin in plugins]
    began = time.perf_counter()
    for _ in range(REQUESTS):
        for ctx in contexts:
            for slot in SLOTS:
                piece: Markup = await ctx.fragment("piece.html", n=1, slot=slot)
                assert piece
    return (time.perf_counter() - began) / REQUESTS * 1000


async def _slots(running: Running, plugin: str) -> float:
    """Median microseconds with this one plugin on."""
    kernel = running.street.kernel
    sys.modules[f"liren_{plugin}"].PLAIN = Markup("<p></p>")  # type: ignore[attr-defined]
    await _only(running, plugin)
    kernel.caller.enable({plugin})
    ctx = kernel.context("portal", Who())
    await _slot_us(kernel, ctx, plugin)
    return statistics.median([await _slot_us(kernel, ctx, plugin) for _ in range(5)])


async def _pages(running: Running) -> dict[int, tuple[float, float]]:
    """Plugins → median milliseconds of the public board, and of their pieces alone.

    The counts take turns at every request: on a shared machine a page drifts by more than twenty plugins cost.
    """
    kernel = running.street.kernel
    await _only(running, *NAMES)
    others = kernel.enabled - set(NAMES)
    took: dict[int, list[float]] = {count: [] for count in (0, 5, MOST)}
    async with running.visitor() as visitor:
        for turn in range(REQUESTS + 10):
            for count, times in took.items():
                kernel.caller.enable(others | set(NAMES[:count]))
                began = time.perf_counter()
                assert (await visitor.get("/")).status_code == 200
                if turn >= 10:  # warm
                    times.append((time.perf_counter() - began) * 1000)
    return {count: (statistics.median(times), await _own_ms(kernel, NAMES[:count])) for count, times in took.items()}


async def _measured(home: Path) -> tuple[dict[str, float], dict[int, tuple[float, float]]]:
    async with small_street(home, str(home / "liren.sqlite")) as running:
        pages = await _pages(running)
        slots = {"plain": await _slots(running, "quick"), "async": await _slots(running, NAMES[0])}
    return slots, pages


def measures() -> list[Measure]:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        _install(Path(folder) / "site")
        slots, pages = asyncio.run(_measured(Path(folder) / "home"))
    empty, _ = pages[0]
    rows = [
        Measure(f"a slot of one plugin, {kind} hook", f"{us:.1f} µs over a direct call", "", None, "≤ 20 µs")
        for kind, us in slots.items()
    ]
    rows.append(Measure("public board, no such plugin", f"{empty:.2f} ms", "", None, ""))
    for count in (5, MOST):
        page, own = pages[count]
        grown = page - empty
        rows.append(
            Measure(
                f"the same with {count} plugins of two slots",
                f"{page:.2f} ms: {grown:.2f} more",
                f"their own rendering alone {own:.2f} ms",
                grown / own,
                "≈ 1",
            )
        )
    return rows
