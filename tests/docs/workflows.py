# SPDX-License-Identifier: Apache-2.0
"""``docs/plugins/workflows.md``: every workflow of what is installed, drawn and as tables."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from liren.plugins.flows import Party, State, Transition, Workflow
from liren.plugins.loader import Loaded
from liren.workflow.diagram import svg

HEAD = """# Workflows of what is installed

Written by `make docs`; [workflows-howto.md](workflows-howto.md) says how to declare one. Orange: somebody has to act;
dashed: waits for a day; green: in force or well ended; red: stopped. The thick frame is where it begins.
"""
PARTIES = {Party.HOLDER: "its holder", Party.WORKER: "whom it was given to", Party.CODE: "the module"}


def pages(loaded: Loaded) -> Mapping[str, str]:
    flows = [(plugin.id, flow) for plugin in loaded.plugins for flow in plugin.workflows]
    found = {f"plugins/workflows/{plugin}.{flow.name}.svg": f"{svg(flow)}\n" for plugin, flow in flows}
    text = HEAD + "".join(line + "\n" for plugin, flow in flows for line in _page(plugin, flow))
    return {"plugins/workflows.md": text, **found}


def _page(plugin: str, flow: Workflow) -> Iterator[str]:
    name = f"{plugin}.{flow.name}"
    yield ""
    yield f"## {flow.title} `{name}`"
    yield ""
    yield f"![{flow.title}](workflows/{name}.svg)"
    yield ""
    yield "| state | | kind | may stay | reminded | then told too |"
    yield "|---|---|---|---|---|---|"
    for state in flow.states:
        kind = f"{state.kind}, private" if state.private else state.kind
        yield _row(f"`{state.name}`", state.title, kind, *_times(state), _code(state.escalate or ""))
    yield ""
    yield "| move | | from | to | who | asks for |"
    yield "|---|---|---|---|---|---|"
    for each in flow.transitions:
        source = " ".join(f"`{name}`" for name in each.source)
        yield _row(f"`{each.name}`", each.title, source, f"`{each.target}`", _who(each), _asks(each))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _times(state: State) -> tuple[str, str]:
    return _long(state.due), f"{_long(state.remind)} before" if state.remind else ""


def _long(time: timedelta | None) -> str:
    if time is None:
        return ""
    days, rest = divmod(int(time.total_seconds()), 86_400)
    if not rest:
        return f"{days} day{'s' * (days > 1)}"
    return f"{int(time.total_seconds()) // 3600} h"


def _who(each: Transition) -> str:
    who = ", ".join(PARTIES[one] if isinstance(one, Party) else _code(one) for one in each.allow)
    others = [PARTIES[one] if isinstance(one, Party) else f"who made {_code(one)}" for one in each.unlike]
    return f"{who}; not {' or '.join(others)}" if others else who


def _asks(each: Transition) -> str:
    asked = [{"none": "", "optional": "note if any", "required": "note"}[each.note]]
    asked += ["files" if each.files else "", f"one with {_code(each.assign)}" if each.assign else ""]
    asked += ["its own page" if each.on_page else "", "says what it undoes" if each.confirm else ""]
    return ", ".join(each for each in asked if each)
