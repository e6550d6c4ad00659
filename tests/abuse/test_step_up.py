# SPDX-License-Identifier: Apache-2.0
"""Whatever takes data out, takes points back or signs as somebody asks first for a fresh proof of who it is.

Found by following every page's program: what it calls in our own packages, down to a file that leaves, a record that
corrects one, or a reviewer's signature.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import pytest

from liren.plugins import points
from liren.plugins.plugin import Route
from liren.plugins.types import Gate
from liren.testing.foreign import routes_of
from liren.testing.street import small_street
from liren.web import download

SIGNS: Final = (points.Award, points.Budget, points.Refund, points.Reverse, points.Clear, points.Deduct, points.Close)
NEEDS_NONE: Final = {
    "canteen.menu_file": "a menu, no people",
    "ledger.audit_file": "one entry as everybody may check it; it names nobody",
    "ledger.receipt": "one's own receipt",
    "ledger.statement_file": "one's own statement",
    "units.dwellings_file": "houses, no people",
    "units.units_file": "names of units, no people",
    "workflow.file": "one picture of a case, for who handles it",
}
"""Routes that lead there and ask for nothing more, and why."""
TEMPLATES: Final = ("_list_template", "_list_marked")
"""An empty sheet, and one's own upload with marks: nothing leaves that was not brought."""


def found(route: Route) -> set[str]:
    """What the page's program leads to."""
    return _leads_to(route.handler.fn)


@cache
def _leads_to(start: FunctionType) -> set[str]:
    said, seen, waiting = set[str](), {id(start)}, [start]
    while waiting:
        function = waiting.pop()
        names = set(_names(function.__code__))
        said |= {f"{name}s" for name in ("adopt", "attest") if name in names}
        if "filled" in names:  # a file that is made in the background and fetched afterwards
            said.add("takes data out")
        for value in _named(function):
            if value is download:
                said.add("takes data out")
            elif value in SIGNS if isinstance(value, type) else False:
                said.add(f"signs {value.__name__}")
            elif isinstance(value, FunctionType) and _ours(value) and id(value) not in seen:
                seen.add(id(value))
                waiting.append(value)
    return said


def _ours(function: FunctionType) -> bool:
    """Pages and verbs; what every page is made of would lead everywhere."""
    module = function.__module__
    return module.startswith("liren") and not module.startswith(("liren.web", "liren.plugins", "liren.store"))


def _named(function: FunctionType) -> Iterator[Any]:
    """Every global the function, or one inside it, names: ``counter.refund`` as well as ``refund``."""
    names = list(_names(function.__code__))
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType) and value.__name__.startswith("liren"):
            yield from (getattr(value, each) for each in names if hasattr(value, each))
        elif isinstance(value, MethodType):
            yield value.__func__
        elif value is not None:
            yield value


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


async def test_exports_reversals_and_signatures_ask_who_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    async with small_street(home, str(home / "liren.sqlite")) as running:
        routes = [route for route in routes_of(running) if route.allow is not Gate.ANYONE]
        leading = {route.name: found(route) for route in routes}
        asking = {route.name for route in routes if route.step_up}
    leading = {name: what for name, what in leading.items() if what and not name.endswith(TEMPLATES)}
    with capsys.disabled():
        print(f"\n{len(leading)} of {len(routes)} routes export, reverse or sign; {len(asking)} ask for a fresh proof")
    missing = {name: sorted(what) for name, what in leading.items() if name not in asking | NEEDS_NONE.keys()}
    assert missing == {}, "step_up=True, or a reason in NEEDS_NONE"
    assert sorted(NEEDS_NONE.keys() - leading.keys()) == [], "a reason for nothing"
    assert sorted(NEEDS_NONE.keys() & asking) == []
    assert {"market.refund", "credit.post_list", "canteen.seal_month", "ledger.confirm_proposal"} <= asking
    assert {"identity.export_masked", "identity.export_whole"} <= asking & leading.keys()
    assert len(leading) > 15, "the program is followed no longer"
