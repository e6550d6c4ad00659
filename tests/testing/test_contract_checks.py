# SPDX-License-Identifier: Apache-2.0
"""Each contract check finds what it is there for: the starter module, spoiled in one place each."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from liren.authoring import write_plugin
from liren.plugins import guard
from liren.testing import contract
from liren.testing.contract.queries import narrow
from liren.testing.databases import Postgres
from liren.testing.moulds import Moulds
from liren.testing.site import Site
from liren.testing.street import Running

PLUGIN = "bulletin"


@dataclass(frozen=True)
class Fault:
    """One line of one file, made wrong."""

    file: str
    right: str
    wrong: str


@pytest.fixture
def spoiled(street_moulds: Moulds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``async with spoiled(fault)``: a street with the spoiled module on."""

    @asynccontextmanager
    async def street(*faults: Fault, server: Postgres | None = None) -> AsyncIterator[Running]:
        folder = write_plugin(PLUGIN, "布告栏", tmp_path).folder
        for fault in faults:
            path = folder / f"liren_{PLUGIN}" / fault.file
            text = path.read_text("utf-8")
            assert fault.right in text
            path.write_text(text.replace(fault.right, fault.wrong), "utf-8")
        site = Site(tmp_path / "site")
        site.install(folder)
        monkeypatch.syspath_prepend(site.path)
        try:
            async with street_moulds.street(tmp_path / "home", server) as running:
                yield running
        finally:
            for name in [name for name in sys.modules if name.startswith(f"liren_{PLUGIN}")]:
                del sys.modules[name]

    return street


Check = Callable[[Running], Awaitable[None]]
FAULTS: dict[str, tuple[Fault, Check, str]] = {
    "a public page that breaks": (
        Fault("pages.py", "await verbs.latest(50)", "await verbs.latest(50 // 0)"),
        lambda street: contract.test_its_public_pages_open(street, PLUGIN),
        "bulletin.entries: 500",
    ),
    "a form that breaks when it is empty": (
        Fault("pages.py", "if form.command is None:", "if form.command.title is None:"),
        lambda street: contract.test_an_empty_form_is_answered(street, PLUGIN),
        "POST /bulletin/new: 500",
    ),
    "a text without English": (
        Fault("locale/en.po", 'msgid "看全文"', 'msgid "看别的"'),
        lambda street: contract.test_every_text_has_its_english(street, PLUGIN),
        "看全文",
    ),
    "an inline script": (
        Fault("templates/entry.html", "<p>{{ entry.body }}</p>", "<p>{{ entry.body|safe }}</p><script>x()</script>"),
        lambda street: contract.test_its_templates_keep_the_house_rules(street, PLUGIN),
        r"(?s)\|safe lets unescaped text through.*an inline script",
    ),
    "a query over the whole table": (
        Fault("verbs.py", "ascending=False).limit(limit)", "ascending=False)"),
        lambda street: contract.test_no_page_reads_a_table_without_a_limit(street, PLUGIN, pytest.MonkeyPatch()),
        "/bulletin: SELECT",
    ),
    "a column no migration makes": (
        Fault("tables.py", "    written_on = Date()", "    written_on = Date()\n    until = Date(null=True)"),
        lambda street: contract.test_its_migrations_make_its_tables_and_can_be_taken_back(
            street, PLUGIN, None, street.street.settings.home
        ),
        "differ: until",
    ),
    "a table outside the prefix": (
        Fault(
            "piccolo_migrations/0001_entry.py",
            "        await Entry.create_table()",
            '        await Entry.create_table()\n        await Entry.raw("CREATE TABLE board_entry (id TEXT)")',
        ),
        lambda street: contract.test_its_migrations_make_its_tables_and_can_be_taken_back(
            street, PLUGIN, None, street.street.settings.home
        ),
        "outside the prefix bulletin_: board_entry",
    ),
    "a way back that leaves the table": (
        Fault("piccolo_migrations/0001_entry.py", "await Entry.alter().drop_table()", "await Entry.delete(force=True)"),
        lambda street: contract.test_its_migrations_make_its_tables_and_can_be_taken_back(
            street, PLUGIN, None, street.street.settings.home
        ),
        "left after going down: {'bulletin_entry'}",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
async def test_it_finds(what: str, spoiled: Callable[..., Any]) -> None:
    fault, check, says = FAULTS[what]
    async with spoiled(fault) as street:
        with pytest.raises(AssertionError, match=says):
            await check(street)


FORGETS_NOTHING = Fault(
    "verbs.py", "await Entry.update({Entry.author: kept}).where(Entry.author == gone)", "return None"
)
EXPORTS_NOTHING = Fault("__init__.py", "await verbs.written_by(person))", "[])")
KEEPS_FOR_NO_LAW = Fault(
    "__init__.py", "    return Erased(await verbs.forget(person))", '    return Retain(date(2020, 1, 1), "")'
)
IMPORTS = Fault(
    "__init__.py", "from liren.api import Context,", "from datetime import date\nfrom liren.api import Retain, Context,"
)


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ([FORGETS_NOTHING], "after erasure the person still stands in {'bulletin_entry': 1}"),
        ([EXPORTS_NOTHING], "exported 0 rows, but these tables name the person: {'bulletin_entry': 1}"),
        ([KEEPS_FOR_NO_LAW, IMPORTS, Fault("__init__.py", "-> Erased:", "-> Retain:")], "without naming the law"),
    ],
)
async def test_it_finds_what_is_not_exported_or_not_erased(
    faults: list[Fault], says: str, spoiled: Callable[..., Any]
) -> None:
    check = contract.test_everything_about_a_person_is_exported_and_nothing_is_left_after_erasure
    async with spoiled(*faults) as street:
        person = await street.person("白露", "bulletin.editor")
        verbs = sys.modules["liren_bulletin.verbs"]
        await verbs.add(await street.acting(PLUGIN, person), "an-entry", verbs.NewEntry("周三停水", "上午八点。"))
        with pytest.raises(AssertionError, match=says):
            await check(street, PLUGIN, person)
        with pytest.raises(AssertionError, match="in a fixture known_person"):
            await check(street, PLUGIN, "")
        with pytest.raises(AssertionError, match="no table of the plugin names"):
            await check(street, PLUGIN, await street.person("过路人"))


async def test_it_finds_pages_that_let_in_whom_they_should_not(
    spoiled: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module cannot leave the core's gate open; here the gate itself is taken away."""

    async def let_in(*_: object) -> None:
        return None

    async with spoiled() as street:
        await contract.test_every_role_opens_what_it_may_and_nothing_else(street, PLUGIN)
        await contract.test_its_pages_ask_who_one_is(street, PLUGIN)
        monkeypatch.setattr(guard, "admit", let_in)
        with pytest.raises(AssertionError, match=r"bulletin.write opens without login"):
            await contract.test_its_pages_ask_who_one_is(street, PLUGIN)
        with pytest.raises(AssertionError, match=r"GET /bulletin/new by nobody in particular: 200"):
            await contract.test_every_role_opens_what_it_may_and_nothing_else(street, PLUGIN)
        with pytest.raises(AssertionError, match=r"GET /bulletin answers \d+ while off"):
            await contract.test_its_pages_are_gone_while_it_is_off(street, PLUGIN)


@pytest.mark.parametrize(
    ("query", "is_narrow"),
    [
        ('SELECT "a" FROM "x_t"', False),
        ('SELECT "a" FROM "x_t" WHERE "x_t"."day" > ? ORDER BY "a"', False),
        ('SELECT "a" FROM "x_t" ORDER BY "a" LIMIT 50', True),
        ('SELECT "a" FROM "x_t" WHERE "x_t"."person" = ?', True),
        ('SELECT "a" FROM "x_t" WHERE "x_t"."person" = $1', True),
        ('SELECT "a" FROM "x_t" WHERE "x_t"."state" IN (?, ?)', True),
        ('SELECT ALL COUNT(*) AS "count" FROM "x_t"', True),
        ('SELECT SUM("n") FROM "x_t" GROUP BY "day"', False),
        ('UPDATE "x_t" SET "a" = 1', True),
    ],
)
def test_a_query_is_narrow_when_its_answer_does_not_grow_with_the_table(query: str, is_narrow: bool) -> None:
    assert narrow(query) is is_narrow
