# SPDX-License-Identifier: Apache-2.0
"""What pages show of lists: read here, drawn in the templates. Reviewers and the public see masked names only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec
from piccolo.columns.combination import And, Where

from liren.api import Context, PersonCard
from liren.web import Page, ask
from liren_credit import budgets, errors, rows, words
from liren_credit.catalogue import Catalogue, Rule
from liren_credit.intake import Layout
from liren_credit.judging import household_of
from liren_credit.rulemaking import catalogue
from liren_credit.sampling import Average, Candidate, averages
from liren_credit.tables import AwardList, AwardRow

Show = Literal["sample", "fix", "duplicate", "good", "frozen", "all"]
A_PAGE = 20
A_SAMPLE = 60
NO_FAULT = ("ok", "duplicate", "ignored")


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as the desk sees it."""

    id: str
    number: int
    name: str
    community: str
    rule: str
    quantity: str
    day: date | None
    day_typed: str
    points: int | None
    words: words.Words
    evidence: str
    sampled: int
    state: str
    same_as: int | None
    other_reviewer: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What stands at the top of a list's page."""

    good: int
    points: int
    people: int
    duplicates: int
    faults: int
    ignored: int
    struck: int
    frozen: int
    credited: int
    drawn: int
    looked_at: int

    @property
    def all(self) -> int:
        return self.good + self.duplicates + self.faults + self.ignored + self.struck

    @property
    def to_look_at(self) -> int:
        return self.drawn - self.looked_at


@dataclass(frozen=True, slots=True)
class UnitView:
    """One community's part of a list."""

    name: str
    rows: int
    points: int
    average: Average
    budget: int
    """What is left to give out before this list."""

    @property
    def enough(self) -> bool:
        return self.budget >= self.points


async def any_list(ctx: Context, list_id: str) -> tuple[AwardList, bool]:
    """(the list, whether the visitor may review it).

    :raises NotFound: neither the collector nor a reviewer there
    """
    found = await AwardList.objects().where(AwardList.id == list_id).first()
    reviewer = found is not None and found.submitted_ms is not None and ctx.can("credit.review", found.unit)
    if found is None or not (reviewer or found.collector == ctx.actor):
        raise errors.no_such_list()
    return found, reviewer and found.collector != ctx.actor


async def tally(list_id: str) -> Tally:
    counts = await rows.counts(list_id)

    def total(*, verdict: str = "", state: str = "", points: bool = False) -> int:
        chosen = [
            pair
            for (is_verdict, is_state), pair in counts.items()
            if (not verdict or is_verdict == verdict) and (not state or is_state == state)
        ]
        return sum(pair[1 if points else 0] for pair in chosen)

    struck = total(verdict="ok", state="struck")
    drawn = await AwardRow.count().where((AwardRow.list == list_id) & (AwardRow.sampled > 0))
    seen = await AwardRow.count().where((AwardRow.list == list_id) & (AwardRow.sampled == 2))
    everything = sum(pair[0] for pair in counts.values())
    ok, duplicates, ignored = total(verdict="ok"), total(verdict="duplicate"), total(verdict="ignored")
    return Tally(
        good=ok - struck,
        points=total(verdict="ok", points=True) - total(verdict="ok", state="struck", points=True),
        people=await rows.people_of(list_id),
        duplicates=duplicates,
        faults=everything - ok - duplicates - ignored,
        ignored=ignored,
        struck=struck,
        frozen=total(state="frozen"),
        credited=total(state="credited"),
        drawn=drawn,
        looked_at=seen,
    )


async def rows_page(ctx: Context, entered: AwardList, show: Show, page: str, *, masked: bool) -> Page[RowView]:
    """:param masked: names as reviewers see them; collectors see what they typed"""
    where: Where | And = AwardRow.list == entered.id
    if show == "sample":
        where = where & (AwardRow.sampled == 1)
    elif show == "fix":
        where = where & AwardRow.verdict.not_in(list(NO_FAULT))
    elif show == "duplicate":
        where = where & (AwardRow.verdict == "duplicate")
    elif show == "good":
        where = where & (AwardRow.verdict == "ok") & (AwardRow.state != "struck")
    elif show == "frozen":
        where = where & AwardRow.state.is_in(["frozen", "struck"])
    asked = ask(page, size=A_SAMPLE if show == "sample" else A_PAGE)
    total = await AwardRow.count().where(where)
    found = await AwardRow.objects().where(where).order_by(AwardRow.number).limit(asked.size).offset(asked.offset)
    return asked.page(await _views(ctx, entered, found, masked=masked), total)


async def every_row(ctx: Context, entered: AwardList, *, masked: bool) -> list[RowView]:
    """The whole list, for a file."""
    found = await AwardRow.objects().where(AwardRow.list == entered.id).order_by(AwardRow.number)
    return await _views(ctx, entered, found, masked=masked)


async def _views(ctx: Context, entered: AwardList, found: Sequence[AwardRow], *, masked: bool) -> list[RowView]:
    rules = await catalogue()
    cards = await ctx.people.cards([row.person for row in found if row.person])
    names = {unit.code: short_name(unit.name) for unit in await ctx.units.all("community")}
    mine = await _household_if_reviewing(ctx, masked)
    layout = msgspec.json.decode(entered.layout, type=Layout) if entered.layout else Layout((), {})
    return [_view(row, rules, cards, names, layout, mine, masked=masked) for row in found]


async def _household_if_reviewing(ctx: Context, masked: bool) -> frozenset[str]:
    return await household_of(ctx) if masked and ctx.visitor else frozenset()


def _view(
    row: AwardRow,
    rules: Catalogue,
    cards: Mapping[str, PersonCard],
    names: Mapping[str, str],
    layout: Layout,
    mine: frozenset[str],
    *,
    masked: bool,
) -> RowView:
    typed = msgspec.json.decode(row.cells, type=list[str]) if row.cells else []

    def as_typed(key: str) -> str:
        index = layout.columns.get(key)
        return typed[index] if index is not None and index < len(typed) else ""

    rule = rules.version(row.rule) if row.rule else None
    card = cards.get(row.person) if row.person else None
    name = card.masked if card and masked else card.name if card and not row.name else row.name
    said = words.VERDICTS[row.verdict]
    if row.verdict == "ok" and row.state in words.ROW_STATES:
        said = words.ROW_STATES[row.state]
    return RowView(
        id=row.id,
        number=row.number,
        name=name if card or not masked else mask(row.name),
        community=names.get(row.unit or "", as_typed("community")),
        rule=f"{rule.code} {rule.title}" if rule else as_typed("rule"),
        quantity=f"{row.quantity} {rule.unit}" if rule and row.quantity is not None else as_typed("quantity"),
        day=row.day,
        day_typed=as_typed("day"),
        points=row.points if row.verdict == "ok" else None,
        words=said,
        evidence=row.evidence,
        sampled=row.sampled,
        state=row.state,
        same_as=row.same_as,
        other_reviewer=bool(row.person and row.person in mine),
        remark=row.remark,
    )


def mask(name: str) -> str:
    """For names nobody in the register has; known people carry their own masked form."""
    return name[:1] + "*" * (len(name) - 1) if name else ""


def short_name(name: str) -> str:
    """桃园社区 → 桃园: what tables have room for."""
    return name.removesuffix("社区") or name


async def units_of(ctx: Context, list_id: str, *, with_budgets: bool = True) -> list[UnitView]:
    """Communities in a list, with what they get on average and what their budget holds."""
    found = await rows.by_unit(list_id)
    good = await AwardRow.select(AwardRow.id, AwardRow.unit, AwardRow.person, AwardRow.points).where(
        (AwardRow.list == list_id) & (AwardRow.verdict == "ok") & (AwardRow.state != "struck")
    )
    by_unit = {each.unit: each for each in averages([Candidate(**row) for row in good])}
    left = await budgets.left_to(ctx, found) if with_budgets else dict.fromkeys(found, 0)
    names = {unit.code: short_name(unit.name) for unit in await ctx.units.all("community")}
    return [
        UnitView(names.get(unit, unit), n, points, by_unit[unit], left[unit]) for unit, (n, points, _) in found.items()
    ]


async def rules_in(list_id: str) -> list[tuple[Rule, int]]:
    """The rules a list stands on, each with its number of good rows."""
    found = await AwardRow.raw(
        "SELECT rule, count(*) AS n FROM credit_row WHERE list = {} AND verdict = 'ok'"
        " AND state <> 'struck' GROUP BY rule ORDER BY rule",
        list_id,
    )
    rules = await catalogue()
    return [(rule, int(row["n"])) for row in found if (rule := rules.version(row["rule"]))]
