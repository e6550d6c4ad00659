# SPDX-License-Identifier: Apache-2.0
"""``reference.md`` and ``registered.md`` of ``docs/plugins``: every hook as the code has it, and what is registered."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from liren import API_VERSION, hookspecs
from liren.plugins.loader import Loaded
from liren.plugins.plugin import Plugin
from liren.plugins.specs import HookSpec
from liren.plugins.types import Gate

SOURCE = Path(str(hookspecs.__file__))
HEAD = f"""# Every hook

Contract {API_VERSION}. Written by `make docs` from `liren/hookspecs.py`; what hooks are and how they are called says
[contract.md](contract.md), what is registered today [registered.md](registered.md). Types come from `liren.api`, or
from Piccolo, Litestar, click, msgspec and markupsafe.

"""
KINDS = {
    "start": "called once while the plugin loads; a plain function",
    "page": "asked while a page is made; a fault costs that piece of the page",
    "fact": "told after the commit, at least once",
    "data": "inside the core's transaction, for disabled plugins too; a fault undoes the whole",
    "provider": "work the core hands on",
    "life": "when the demo street is made",
}
REGISTERED = """# What is registered

Written by `make docs` from the core and the modules of this repository: names to rely on, and names that are taken.
Components stand in [components.md](components.md), workflows in [workflows.md](workflows.md).
"""


def pages(loaded: Loaded) -> Mapping[str, str]:
    return {
        "plugins/reference.md": HEAD + "\n".join(_hooks()).rstrip() + "\n",
        "plugins/registered.md": REGISTERED + "\n".join(_registered(loaded.plugins)).rstrip() + "\n",
    }


# --- hooks


def _hooks() -> Iterator[str]:
    functions = {
        node.name: node for node in ast.parse(SOURCE.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    }
    for kind, how in KINDS.items():
        yield f"## {kind.capitalize()}: {how}\n"
        for name, spec in hookspecs.SPECS.items():
            if spec.kind == kind:
                yield from _hook(functions[name], spec)


def _hook(function: ast.FunctionDef, spec: HookSpec) -> Iterator[str]:
    text, _, example = (ast.get_docstring(function) or "").partition("Example::")
    yield f"### `{spec.name}`\n"
    yield _markdown(text)
    yield "\n```python"
    assert function.returns is not None
    yield f"def {spec.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns)}"
    yield "```\n"
    if spec.kind != "start":
        yield f"Limit: {spec.limit_s:g} s.\n"
    yield "```python"
    yield textwrap.dedent(example).strip("\n")
    yield "```\n"


def _markdown(doc: str) -> str:
    """A docstring's marks as a page writes them."""
    doc = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", doc)
    return doc.replace("``", "`").strip()


# --- what is there


def _registered(plugins: Sequence[Plugin]) -> Iterator[str]:
    yield "\n## Slots\n"
    yield from _table("slot|page", _slots(plugins))
    yield "\n## Events\n"
    yield "`name` version: its fields. Fields may be added within a version.\n"
    yield from _table("event|title|fields|for points", _events(plugins))
    yield "\n## Permissions\n"
    yield from _table("permission|title|pages", _permissions(plugins))
    yield "\n## Roles\n"
    roles = [(f"`{r.name}`", r.title, _codes(sorted(r.permissions))) for p in plugins for r in p.roles]
    yield from _table("role|title|permissions", roles)
    yield "\n## Rule templates\n"
    rules = [(f"`{r.name}`", r.title, f"{r.points} / {r.unit}") for p in plugins for r in p.point_rules]
    yield from _table("rule|title|suggested points", rules)
    yield "\n## Jobs, health checks, commands\n"
    yield from _table("plugin|jobs|health checks|commands", _work(plugins))


def _table(head: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        yield "None."
        return
    columns = head.split("|")
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _codes(names: Sequence[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


CALL = re.compile(r"""\.slot\(\s*["']([\w.]+)["']""")


def _slots(plugins: Sequence[Plugin]) -> list[tuple[str, ...]]:
    """Read where pages ask for them: ``ctx.slot("home.main", …)``."""
    found: dict[str, set[str]] = {}
    for plugin in plugins:
        for path in sorted(plugin.folder.rglob("*.py")):
            for name in CALL.findall(path.read_text("utf-8")):
                found.setdefault(name, set()).add(plugin.manifest.title)
    return [(f"`{name}`", "、".join(sorted(where))) for name, where in sorted(found.items())]


def _events(plugins: Sequence[Plugin]) -> list[tuple[str, ...]]:
    claims = {rule.event for plugin in plugins for rule in plugin.point_rules}
    return [
        (
            f"`{event.name}` {event.version}",
            event.title,
            ", ".join(f"`{name}`: {_type(kind)}" for name, kind in inspect.get_annotations(event).items()),
            "yes" if event.name in claims else "",
        )
        for plugin in plugins
        for event in plugin.events
    ]


def _type(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _permissions(plugins: Sequence[Plugin]) -> list[tuple[str, ...]]:
    pages: dict[str, list[str]] = {}
    for plugin in plugins:
        for route in plugin.routes:
            if not isinstance(route.allow, Gate) and route.path not in pages.setdefault(route.allow, []):
                pages[route.allow].append(route.path)
    return [
        (f"`{one.name}`", one.title, _codes(pages.get(one.name, ())))
        for plugin in plugins
        for one in plugin.permissions
    ]


def _work(plugins: Sequence[Plugin]) -> list[tuple[str, ...]]:
    rows = []
    for plugin in plugins:
        jobs = ", ".join(f"{job.title} `{job.name}`" for job in plugin.jobs)
        checks = ", ".join(f"{check.title} `{check.name}`" for check in plugin.health_checks)
        commands = _codes([f"liren {plugin.id} {command.name}" for command in plugin.commands])
        if jobs or checks or commands:
            rows.append((f"`{plugin.id}`", jobs, checks, commands))
    return rows
