# SPDX-License-Identifier: Apache-2.0
"""Every page and form of a module, asked for the objects of another community: nothing is shown, nothing changes.

A module names one real object of a community for every parameter of its addresses and forms (:class:`Specimens`).
A parameter nobody named is a finding: a new page cannot slip through.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import getsource, signature
from types import CodeType, FunctionType
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from liren.plugins.plugin import Route
from liren.store import Store
from liren.testing.street import CSRF, Running, Visitor
from liren.testing.tables import shape

PLACE: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
FORM: Final = re.compile(r"\bForm(?:\.\w+)?\(\s*(?:request,\s*)?([A-Z]\w*)")
"""``Form(Struct)``, ``Form.read(request, Struct)`` …"""
GIVEN: Final = ("ctx", "request")
_SAID: Final = "这是一条说明"
_PASSWORD: Final = "long-enough-word-9"  # noqa: S105 - typed into a form that has to refuse it, or take it as a visitor's own
NO_OBJECTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("reason", "note", "remark", "text", "detail", "evidence", "source"), _SAID),
    **dict.fromkeys(("title", "name"), "试一试"),
    **dict.fromkeys(("new", "again"), _PASSWORD),
    **dict.fromkeys(("files", "file"), ""),
    "q": "王", "page": "1", "n": "1", "month": "2026-10", "year": "2026", "paper": "", "before": "9",
    "show": "all", "sheet": "1", "last": "1", "address": "老街 1 号",
    "hours": "每天", "phone": "13900001111", "old": "x", "language": "zh", "code": "12345678", "next": "/",
    "password": "x", "typed": "1", "back": "/", "since": "2026-01-01", "until": "2026-12-31",
}  # fmt: skip
"""Parameters and fields that name nothing of a community, and something plausible for each."""
BUSY: Final = (
    "audit", "audit_link", "audit_head", "attempts", "sign_in", "one_time_login", "job_run",
    "task", "event_listener", "event_retry", "register_version", "request", "checkpoint",
)  # fmt: skip
"""Tables that change by being looked at, or by the street's own jobs."""


@dataclass(frozen=True)
class Specimens:
    """What stands in one community, for everybody of another to ask for."""

    objects: Mapping[str, str] = field(default_factory=dict)
    """Parameter or form field → the id of a real object of the community. A key is ``order``, or
    ``market.order/order`` (route/parameter) where one word means different things on different pages."""
    secrets: Sequence[str] = ()
    """Names, titles, texts, phones planted there and nowhere else: nobody of another community may read one."""
    plain: Mapping[str, str] = field(default_factory=dict)
    """Parameters and fields that name nothing of a community (``month``), and something plausible for each; keys
    as in ``objects``."""
    open_to_all: Collection[str] = ()
    """Routes that show an object to everybody by design (``market.goods``): their secrets still are none's."""

    def __or__(self, other: "Specimens") -> "Specimens":
        return Specimens(
            {**self.objects, **other.objects},
            [*self.secrets, *other.secrets],
            {**self.plain, **other.plain},
            [*self.open_to_all, *other.open_to_all],
        )

    def fill(self, route: str, name: str) -> tuple[str, bool] | None:
        """(value, whether it names an object); None: nobody said what belongs there."""
        for key in (f"{route}/{name}", f"{route.partition('.')[0]}.{name}", name):
            if key in self.objects:
                return self.objects[key], True
            if key in self.plain:
                return self.plain[key], False
        return (NO_OBJECTS[name], False) if name in NO_OBJECTS else None


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to be made."""

    route: Route
    method: str
    path: str
    fields: Mapping[str, str]
    names_object: bool
    """An object of the other community stands in the path."""


def routes_of(running: Running, plugins: Collection[str] = ()) -> list[Route]:
    """:param plugins: ids; empty: core and all plugins"""
    found = [route for plugin in running.street.kernel.plugins.values() for route in plugin.routes]
    return [route for route in found if not plugins or route.plugin in plugins]


def asks(routes: Iterable[Route], specimens: Specimens) -> tuple[list[Ask], list[str]]:
    """Every request there is to make, and every parameter that has no specimen."""
    found, unknown = list[Ask](), list[str]()
    for route in routes:
        filled = {name: specimens.fill(route.name, name) for name, _ in PLACE.findall(route.path)}
        query = {name: specimens.fill(route.name, name) for name in _asked_for(route) if name not in filled}
        typed = {name: _typed(route, name, kind, specimens) for name, kind in form_fields(route).items()}
        missing = [name for name, value in {**filled, **query, **typed}.items() if value is None]
        unknown += [f"{route.name}: no specimen for {name}" for name in missing]
        if missing:
            continue
        path = _path(route, {name: value[0] for name, value in filled.items() if value})
        named = any(value is not None and value[1] for value in filled.values())
        if "GET" in route.methods:
            found.append(Ask(route, "GET", path, {}, named))
            if query:
                more = "&".join(f"{name}={quote(value[0])}" for name, value in query.items() if value)
                found.append(Ask(route, "GET", f"{path}?{more}", {}, named))
        if "POST" in route.methods:
            fields = {name: value[0] for name, value in {**query, **typed}.items() if value}
            found.append(Ask(route, "POST", path, fields, named))
    return found, unknown


def _path(route: Route, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: quote(values[place[1]], safe=""), route.path)


def _asked_for(route: Route) -> list[str]:
    return [name for name in signature(route.handler.fn).parameters if name not in GIVEN]


def _typed(route: Route, name: str, kind: Any, specimens: Specimens) -> tuple[str, bool] | None:
    """What to type into a field; texts and ids are told apart by nobody but the module's author."""
    known = specimens.fill(route.name, name)
    if known is not None:
        return known
    text = str(kind)
    for sort, value in (("bool", "on"), ("int", "1"), ("date", "2026-03-08"), ("Upload", ""), ("Literal", "")):
        if sort in text and "str" not in text.replace("'", ""):
            return value, False
    return None


def form_fields(route: Route) -> dict[str, Any]:
    """Fields of every Struct the handler, or a function of its module it calls, makes a ``Form`` of."""
    found: dict[str, Any] = {}
    if "POST" not in route.methods:
        return found
    waiting: list[Any] = [route.handler.fn]
    seen = set[int]()
    while waiting:
        function = waiting.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        for name in FORM.findall(getsource(function)):
            value = function.__globals__.get(name)
            if isinstance(value, type) and issubclass(value, msgspec.Struct):
                found |= {each.encode_name: each.type for each in msgspec.structs.fields(value)}
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            if isinstance(value, FunctionType) and value.__module__ == function.__module__:
                waiting.append(value)
    return found


def _names(code: CodeType) -> set[str]:
    return set(code.co_names).union(*(_names(each) for each in code.co_consts if isinstance(each, CodeType)))


async def trespass(visitor: Visitor, who: str, wanted: Iterable[Ask], specimens: Specimens) -> list[str]:
    """Make every request as this visitor of another community; :returns: what they could see or do."""
    token = await _token(visitor)
    found = []
    for ask in wanted:
        if ask.route.name == "identity.logout":
            continue
        if ask.method == "GET":
            answer = await visitor.get(ask.path)
        else:
            keys = {"_csrf": token, "_key": f"trespass-{abs(hash((who, ask.path)))}"}
            # Some forms stand twice on a page, with a prefix each.
            answer = await visitor.post(ask.path, data={**ask.fields, **_prefixed(ask.fields), **keys})
        said = f"{ask.method} {ask.path} ({ask.route.name}) by {who}: {answer.status_code}"
        if answer.status_code >= 500:
            found.append(said)
        if ask.names_object and ask.route.name not in specimens.open_to_all and not turned_away(answer):
            found.append(f"{said} {answer.headers.get('location', '')}")
        found += [f"{said} shows {secret!r}" for secret in specimens.secrets if secret in readable(answer)]
    return found


def _prefixed(fields: Mapping[str, str]) -> dict[str, str]:
    return {f"r-{name}": value for name, value in fields.items()}


async def _token(visitor: Visitor) -> str:
    for page in ("/me", "/login"):
        if found := CSRF.search((await visitor.get(page)).text):
            return found[1]
    raise AssertionError("no page gives a CSRF token")


def turned_away(answer: httpx.Response) -> bool:
    """403, 404, or on to the login page."""
    if answer.status_code in (303, 302):
        return answer.headers["location"].startswith("/login")
    return answer.status_code in (403, 404)


def readable(answer: httpx.Response) -> str:
    """The text of an answer; what is packed (a workbook, a zip) is unpacked first."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    return "\n".join(_unpacked(answer.content))


def _unpacked(content: bytes) -> list[str]:
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            part = packed.read(name)
            found += _unpacked(part) if part.startswith(b"PK") else [part.decode("utf-8", "replace")]
    return found


async def rows_of(store: Store) -> dict[str, Counter[str]]:
    """Every table's rows as text, but for the tables that change by being looked at."""
    found = {}
    for table in await shape(store):
        if table not in BUSY:
            rows = await store.read(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            found[table] = Counter(repr(row) for row in rows)
    return found


def changed(before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]], own: Collection[str]) -> list[str]:
    """Rows that are gone or altered, but for those that name one of ``own`` ids."""
    found = []
    for table, rows in before.items():
        for row in rows - after.get(table, Counter()):
            if not any(each in row for each in own):
                found.append(f"{table}: {row[:300]}")
    return found
