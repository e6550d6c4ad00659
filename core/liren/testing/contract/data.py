# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: everything is exported, nothing is left after erasure."""

from typing import Any

import pytest

from liren.plugins.types import Erased, PersonalData, Retain
from liren.testing.contract.subject import its
from liren.testing.street import Running

__all__ = [
    "test_a_person_without_entries_can_be_exported_and_erased",
    "test_everything_about_a_person_is_exported_and_nothing_is_left_after_erasure",
]


async def answer_of(street: Running, hook: str, plugin: str, person: str) -> Any:
    ctx = await street.acting(plugin)
    answers = await street.street.kernel.caller.every(hook, ctx, person=person)
    return next(answer.value for answer in answers if answer.plugin == plugin)


async def test_a_person_without_entries_can_be_exported_and_erased(street: Running, plugin: str) -> None:
    hooks = {impl.hook for impl in its(street, plugin).impls}
    if not {"export_person", "erase_person"} & hooks:
        pytest.skip("the plugin holds no personal data")
    person = await street.person("过路人")
    async with street.street.store.transaction("job:test"):
        exported = await answer_of(street, "export_person", plugin, person)
        assert all(isinstance(one, PersonalData) for one in exported)
        erased = await answer_of(street, "erase_person", plugin, person)
        assert isinstance(erased, Erased | Retain)
        assert erased.rows == 0, f"it says it erased {erased.rows} rows of somebody it does not know"


async def test_everything_about_a_person_is_exported_and_nothing_is_left_after_erasure(
    street: Running, plugin: str, known_person: str
) -> None:
    if not its(street, plugin).manifest.personal_data:
        pytest.skip("the plugin says it holds no personal data")
    assert known_person, "give the id of somebody the plugin holds data about, in a fixture known_person"
    held = await rows_that_name(street, plugin, known_person)
    assert held, "no table of the plugin names the person of the fixture known_person"
    async with street.street.store.transaction("job:test"):
        exported = sum(len(one.rows) for one in await answer_of(street, "export_person", plugin, known_person))
        assert exported >= sum(held.values()), f"exported {exported} rows, but these tables name the person: {held}"
        erased = await answer_of(street, "erase_person", plugin, known_person)
    if isinstance(erased, Retain):
        assert erased.law, "it retains data without naming the law"
        assert erased.until > street.street.today(), f"it retains data until {erased.until}, which is past"
        return
    left = await rows_that_name(street, plugin, known_person)
    assert not left, f"after erasure the person still stands in {left}"


async def rows_that_name(street: Running, plugin: str, person: str) -> dict[str, int]:
    """Own table → how many of its rows hold the person's id in any column; tables without are left out."""
    found = {}
    tables = its(street, plugin).tables
    for table in tables.table_classes if tables is not None else ():
        rows = await table.select()
        count = sum(any(person in str(value) for value in row.values()) for row in rows)
        if count:
            found[table._meta.tablename] = count
    return found
