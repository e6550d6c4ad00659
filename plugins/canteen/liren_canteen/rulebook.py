# SPDX-License-Identifier: Apache-2.0
"""The subsidy rules in versions: drafted, published for a day to come, in force until the next one begins.

Announced before they hold and never changed afterwards: a bill of last year is explained by the rules of last year.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from liren.api import Context, Tx, _
from liren.web import Fen
from liren_canteen import subsidy
from liren_canteen.errors import EmptyVersion, Published, StartsTooSoon, nothing_here
from liren_canteen.tables import RuleVersion, SubsidyRule, new_id

SUBSIDY: Final = "canteen.subsidy"
MOST_RULES: Final = 200
MOST_VERSIONS: Final = 100


class VersionForm(msgspec.Struct, frozen=True):
    title: Annotated[str, Meta(title=_("叫什么"), min_length=2, max_length=60)]
    source: Annotated[str, Meta(title=_("依据的文件"), max_length=120)] = ""


class RuleForm(msgspec.Struct, frozen=True):
    title: Annotated[str, Meta(title=_("补给谁"), min_length=2, max_length=60)]
    funder: Annotated[str, Meta(title=_("谁出钱"), min_length=2, max_length=40)]
    kind: Annotated[Literal["off", "pays"], Meta(title=_("怎么补"))]
    amount_fen: Annotated[Fen, Meta(title=_("金额"), ge=0, le=100_000)]
    meal: Annotated[Literal["", "breakfast", "lunch", "supper"], Meta(title=_("哪一餐"))] = ""
    category: Annotated[
        Literal["", "support", "disabled", "alone", "honoured", "bereft"], Meta(title=_("哪类老人"))
    ] = ""
    registration: Annotated[Literal["", "local", "other"], Meta(title=_("户籍"))] = ""
    age_from: Annotated[int, Meta(title=_("满几岁"), ge=0, le=150)] = 0
    age_to: Annotated[int | None, Meta(title=_("到几岁"), ge=0, le=150)] = None
    monthly_cap_fen: Annotated[Fen, Meta(title=_("每人每月最多"), ge=0, le=10_000_000)] = 0


class PublishForm(msgspec.Struct, frozen=True):
    starts: Annotated[date, Meta(title=_("哪天起执行"))]


class Saved(msgspec.Struct, frozen=True):
    id: str


async def draft(ctx: Context, key: str, form: VersionForm) -> str:
    """A new version, beginning as a copy of the one in force: only what changes is typed."""
    ctx.require(SUBSIDY)

    async def body(tx: Tx) -> Saved:
        version = RuleVersion(id=new_id(), title=form.title, source=form.source)
        await RuleVersion.insert(version)
        before = await in_force(ctx.today() + timedelta(days=3650))
        for row in await rows_of(before.id) if before else []:
            await SubsidyRule.insert(_copied(row, version.id))
        await tx.audit("rules-drafted", version.id)
        return Saved(version.id)

    return (await ctx.once(key, form, body, Saved)).id


def _copied(row: SubsidyRule, version: str) -> SubsidyRule:
    kept = (*RuleForm.__struct_fields__, "place")
    return SubsidyRule(id=new_id(), version=version, **{name: getattr(row, name) for name in kept})


async def add_rule(ctx: Context, key: str, version: str, form: RuleForm) -> str:
    """:raises Published: this version cannot change any more"""
    ctx.require(SUBSIDY)

    async def body(tx: Tx) -> Saved:
        await _draft_of(version)
        rows = await rows_of(version)
        rule = SubsidyRule(
            id=new_id(),
            version=version,
            place=max((row.place for row in rows), default=0) + 1,
            **msgspec.structs.asdict(form),
        )
        await SubsidyRule.insert(rule)
        await tx.audit("rule-added", rule.id, amount=form.amount_fen)
        return Saved(rule.id)

    return (await ctx.once(key, (version, form), body, Saved)).id


async def drop_rule(ctx: Context, version: str, rule: str) -> None:
    """:raises Published: this version cannot change any more"""
    ctx.require(SUBSIDY)
    async with ctx.transaction() as tx:
        await _draft_of(version)
        await SubsidyRule.delete().where((SubsidyRule.id == rule) & (SubsidyRule.version == version))
        await tx.audit("rule-dropped", rule)


async def publish(ctx: Context, key: str, version: str, form: PublishForm) -> None:
    """
    :raises StartsTooSoon: before tomorrow, or not after the versions published already; the street's very first rules
        may hold from today
    :raises EmptyVersion: it has no rules
    :raises Published: published before
    """
    ctx.require(SUBSIDY)

    async def body(tx: Tx) -> Saved:
        await _draft_of(version)
        if not await rows_of(version):
            raise EmptyVersion
        last = await in_force(date.max)
        first = ctx.today() if last is None else max(ctx.today(), last.starts) + timedelta(days=1)
        if form.starts < first:
            raise StartsTooSoon(first)
        await RuleVersion.update(
            {
                RuleVersion.starts: form.starts,
                RuleVersion.published_ms: int(ctx.now().timestamp() * 1000),
                RuleVersion.published_by: ctx.actor,
            }
        ).where(RuleVersion.id == version)
        await tx.audit("rules-published", version, starts=form.starts.isoformat())
        return Saved(version)

    await ctx.once(key, (version, form), body, Saved)


async def _draft_of(version: str) -> RuleVersion:
    found = await version_of(version)
    if found.starts is not None:
        raise Published
    return found


# --- reading


async def version_of(version: str) -> RuleVersion:
    """:raises NotFound: no such version"""
    found = await RuleVersion.objects().where(RuleVersion.id == version).first()
    if found is None:
        raise nothing_here()
    return found


async def versions() -> list[RuleVersion]:
    """Drafts first, then the latest."""
    rows = await RuleVersion.objects().limit(MOST_VERSIONS)
    return sorted(rows, key=lambda row: (row.starts is not None, -(row.starts or date.max).toordinal(), row.id))


async def rows_of(version: str) -> list[SubsidyRule]:
    """In their order."""
    return (
        await SubsidyRule.objects().where(SubsidyRule.version == version).order_by(SubsidyRule.place).limit(MOST_RULES)
    )


async def in_force(day: date) -> RuleVersion | None:
    """The version that holds on ``day``."""
    return (
        await RuleVersion.objects()
        .where(RuleVersion.starts.is_not_null() & (RuleVersion.starts <= day))
        .order_by(RuleVersion.starts, ascending=False)
        .first()
    )


async def rules_on(day: date) -> Sequence[subsidy.Rule]:
    """What :func:`subsidy.bill` takes; nothing where no version holds yet."""
    version = await in_force(day)
    return [as_rule(row) for row in await rows_of(version.id)] if version else []


def as_rule(row: SubsidyRule) -> subsidy.Rule:
    names = [name for name in subsidy.Rule.__dataclass_fields__ if name != "id"]
    return subsidy.Rule(id=row.id, **{name: getattr(row, name) for name in names})
