# SPDX-License-Identifier: Apache-2.0
"""Claims that enter themselves: an event a module emits, under a rule the street adopted from its template.

What was heard during a day becomes one list the night after, reviewed and published like any other list: a module can
claim, never award. One row stands for one person, rule and day; more than the daily cap is cut to it.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from liren.api import Context, PersonKeys, Received, RuleTemplate, Tx, _
from liren_credit import rows
from liren_credit.catalogue import Catalogue, Rule
from liren_credit.check import AwardKey
from liren_credit.intake import new_list, send_on, settle_layout
from liren_credit.judging import communities_on
from liren_credit.rows import RowDraft
from liren_credit.rulemaking import catalogue
from liren_credit.tables import HeardClaim

AT_ONCE = 5000
"""Claims in one list."""


class Claim(msgspec.Struct, frozen=True):
    """The fields of an event that make it a claim."""

    person: str
    day: date
    quantity: int = 1


class Gather(msgspec.Struct, frozen=True):
    """Command: claims become a list."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Summed:
    """All that was heard of one person under one rule on one day."""

    person: str
    rule: str
    """Of the version: ``FX-07.1``."""
    day: date
    quantity: int


def rule_for(known: Catalogue, templates: Sequence[RuleTemplate], event: str, day: date) -> Rule | None:
    """The rule in force on ``day`` that the street adopted for an event, if it did."""
    names = {template.name for template in templates if template.event == event}
    return next((rule for rule in known.rules if rule.template in names and rule.in_force(day)), None)


def summed(claims: Sequence[HeardClaim]) -> list[Summed]:
    """One for each person, rule and day, in the order they were first heard."""
    total: Counter[tuple[str, str, date]] = Counter()
    for claim in claims:
        total[claim.person, claim.rule, claim.day] += claim.quantity
    return [Summed(*key, quantity) for key, quantity in total.items()]


def verdict_on(
    claim: Summed, rule: Rule, holder: PersonKeys | None, taken: Collection[AwardKey], declined: Collection[str] = ()
) -> str:
    """The same verdicts a list by hand gets."""
    if holder is None:
        return "unknown-person"
    if holder.id in declined:
        return "consent-taken-back"
    if holder.community is None:
        return "no-community"
    return "duplicate" if (claim.person, rule.code, claim.day) in taken else "ok"


def drafted(number: int, claim: Summed, rule: Rule, holder: PersonKeys | None, verdict: str, where: str) -> RowDraft:
    """The row of one claim."""
    quantity = min(claim.quantity, rule.daily_cap)
    return RowDraft(
        number=number,
        verdict=verdict,
        name=holder.name if holder else "",
        person=holder.id if holder else None,
        household=holder.household if holder else None,
        unit=holder.community if holder else None,
        rule=rule.id,
        quantity=quantity,
        day=claim.day,
        points=rule.points * quantity if verdict == "ok" else 0,
        evidence=where,
        same_as=None,
        cells="",
        award_key=f"{claim.person}|{rule.code}|{claim.day.isoformat()}" if verdict == "ok" else None,
    )


async def hear(ctx: Context, event: Received) -> None:
    """Keep an event that a rule of the street names; whatever else happens is not ours."""
    templates = ctx.rule_templates()
    if all(template.event != event.name for template in templates):
        return
    claim = event.read(Claim)
    rule = rule_for(await catalogue(), templates, event.name, claim.day)
    if rule is None or claim.quantity < 1:
        return
    heard = HeardClaim(
        id=event.key, rule=rule.id, person=claim.person, day=claim.day, quantity=claim.quantity, plugin=event.plugin
    )

    async def body(tx: Tx) -> bool:
        await HeardClaim.insert(heard)
        return True

    await ctx.once(event.key, claim, body, bool)


async def gather(ctx: Context) -> None:
    """What was heard of days that are over becomes a list that waits for review; in parts where it is long."""
    known = await catalogue()
    while claims := await _waiting(ctx.today()):
        await _one_list(ctx, known, claims)


async def _waiting(today: date) -> list[HeardClaim]:
    over = HeardClaim.list.is_null() & (HeardClaim.day < today)
    found = await HeardClaim.objects().where(over).order_by(HeardClaim.day, HeardClaim.id).limit(AT_ONCE)
    # Keys end with a number: as text, the tenth would come before the second.
    return sorted(found, key=lambda claim: (claim.day, len(claim.id), claim.id))


async def _one_list(ctx: Context, known: Catalogue, claims: Sequence[HeardClaim]) -> None:
    ids = [claim.id for claim in claims]
    holders = {each.id: each for each in await ctx.people.keys_of(ids={claim.person for claim in claims})}
    taken = await rows.live_keys(claims[0].day, claims[-1].day)
    declined = await ctx.people.declined("points")
    homes = await communities_on(ctx, {(claim.person, claim.day) for claim in claims})
    where = ctx.t(_("模块自动登记"))
    drafts = []
    for number, claim in enumerate(summed(claims), 1):
        rule, holder = known.version(claim.rule), holders.get(claim.person)
        assert rule is not None  # adopted versions stay
        if holder is not None and (home := homes.get((holder.id, claim.day))):
            holder = replace(holder, community=home)
        drafts.append(drafted(number, claim, rule, holder, verdict_on(claim, rule, holder, taken, declined), where))
    good = any(draft.verdict == "ok" for draft in drafts)
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
    title = ctx.t(_("自动登记 {day}"), day=claims[-1].day.isoformat())

    async def body(tx: Tx) -> str:
        if not good:  # nothing for a reviewer to see: told to the audit, and done with
            await HeardClaim.update({HeardClaim.list: ""}).where(HeardClaim.id.is_in(ids))
            await tx.audit("claims-refused", digest[:16], rows=len(drafts))
            return ""
        entered = await new_list(ctx, tx, title=title, origin="events", name="", digest=digest, sheet="")
        await rows.insert(entered.id, entered.number, drafts)
        await settle_layout(ctx, tx, entered, (), {})
        await HeardClaim.update({HeardClaim.list: entered.id}).where(HeardClaim.id.is_in(ids))
        await send_on(ctx, tx, entered)
        await tx.audit("claims-gathered", entered.id, rows=len(drafts))
        return str(entered.id)

    await ctx.once(f"gather/{digest}", Gather(ids[0], ids[-1]), body, str)
