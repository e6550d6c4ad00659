# SPDX-License-Identifier: Apache-2.0
"""A table judged: every row against the register, the rules and what was credited before; nothing is written."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from liren.api import Context
from liren.web.sheets import (
    Book,
    Row,
    Table,
    clean,
    day,
)
from liren_credit import rows
from liren_credit.check import Checked, Checker
from liren_credit.register import Register, mentioned
from liren_credit.rows import RowDraft
from liren_credit.rulemaking import catalogue


@dataclass(frozen=True, slots=True)
class Judged:
    """A table that needed no question, with its verdicts."""

    table: Table
    checked: Sequence[Checked]
    drafts: Sequence[RowDraft]
    """The same rows as they will be stored."""


async def checker_for(ctx: Context, book: Book) -> Checker:
    """Everything a list of this collector is judged against, but for what was credited before: :func:`judge` adds it.

    Of the register only whoever the workbook may mean is read.
    """
    said = await asyncio.to_thread(mentioned, book, ctx.people.hash_of)
    keys = await ctx.people.keys_of(names=said.names, phones=said.phones, id_numbers=said.id_numbers)
    communities = list(await ctx.units.all("community"))
    register = Register(keys, communities, ctx.people.hash_of)
    prefixes = ctx.access.units_with("credit.collect")
    area = {unit.code for unit in communities if any(unit.path.startswith(prefix) for prefix in prefixes)}
    return Checker(
        register=register,
        catalogue=await catalogue(),
        today=ctx.today(),
        own=await household_of(ctx),
        declined=await ctx.people.declined("points"),
        area=area,
        closed={unit.code: unit.closed for unit in communities if unit.closed},
    )


async def household_of(ctx: Context) -> frozenset[str]:
    """The visitor and whoever lives with them."""
    return frozenset(await ctx.people.household(ctx.actor))


async def judge(ctx: Context, plain: Checker, table: Table) -> Judged:
    """Verdicts on every row; what was credited before is looked up for the days of the list only."""
    days = await asyncio.to_thread(_days, table)
    full = replace(plain, credited_before=await rows.live_keys(*days)) if days else plain
    homes = plain.register.households

    checked = await asyncio.to_thread(lambda: list(full.check(table)))
    checked = await _of_their_day(ctx, full, checked)

    def work() -> Judged:
        drafts = [_draft(each, row, homes) for each, row in zip(checked, table.rows(), strict=True)]
        return Judged(table, checked, drafts)

    return await asyncio.to_thread(work)


async def _of_their_day(ctx: Context, checker: Checker, checked: Sequence[Checked]) -> list[Checked]:
    """A good deed belongs to the community its person lived in on that day: its budget pays, its staff enter it."""
    good = {(each.person, each.day) for each in checked if each.verdict == "ok" and each.person and each.day}
    homes = await communities_on(ctx, good)
    return [checker.moved(each, homes.get((each.person or "", each.day or date.min))) for each in checked]


async def communities_on(ctx: Context, wanted: Collection[tuple[str, date]]) -> dict[tuple[str, date], str]:
    """(person, day) → community on that day; who came later is left out, and counts where they live now."""
    found: dict[tuple[str, date], str] = {}
    for the_day in sorted({each for _, each in wanted}):
        people = [person for person, each in wanted if each == the_day]
        homes = await ctx.people.community_on(people, the_day)
        found |= {(person, the_day): code for person, code in homes.items()}
    return found


def _days(table: Table) -> tuple[date, date] | None:
    found = [each for row in table.rows() if (each := day(table.get(row, "day"))) is not None]
    return (date(min(found).year, 1, 1), max(found)) if found else None


def _draft(checked: Checked, source: Row, homes: Mapping[str, str | None]) -> RowDraft:
    key = checked.key
    return RowDraft(
        number=checked.number,
        verdict=checked.verdict,
        name=checked.name[:100],
        person=checked.person,
        household=homes.get(checked.person) if checked.person else None,
        unit=checked.community,
        rule=checked.rule.id if checked.rule else None,
        quantity=checked.quantity if checked.quantity is not None and abs(checked.quantity) < 2**31 else None,
        day=checked.day,
        points=checked.points,
        evidence=checked.evidence[:200],
        same_as=checked.same_as,
        cells="" if checked.verdict == "ok" else _as_typed(source),
        award_key=f"{key[0]}|{key[1]}|{key[2].isoformat()}" if key else None,
    )


def _as_typed(source: Row) -> str:
    return msgspec.json.encode([clean(cell)[:300] for cell in source.cells[:60]]).decode()
