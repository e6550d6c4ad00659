# SPDX-License-Identifier: Apache-2.0
"""Rules from draft to policy: one person puts them forward, another adopts them, the ledger signs the whole.

A change makes a new version and ends the one before it on the day before; nothing is retroactive. Rules a street
had published on paper before it had Liren keep their day and name the source.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec

from liren.api import Conflict, Context, PointRule, Titled, Tx
from liren_credit import errors
from liren_credit.catalogue import Catalogue, Rule, rule_id
from liren_credit.events import RulesAdopted
from liren_credit.settings import Settings
from liren_credit.tables import Proposal, RuleRow


class Propose(msgspec.Struct, frozen=True):
    """Command: rules put forward."""

    title: str
    digest: str


class Adopt(msgspec.Struct, frozen=True):
    """Command: a proposal becomes policy."""

    proposal: str


class Withdraw(msgspec.Struct, frozen=True):
    proposal: str


async def catalogue() -> Catalogue:
    """Every adopted version."""
    return Catalogue(_rule(row) for row in await RuleRow.objects().where(RuleRow.adopted == 1))


async def titles(codes: Sequence[str]) -> list[Titled]:
    """What the rules are called that signed records name (:attr:`Rule.ledger_code`)."""
    by_id = {rule_id(code): code for code in codes}
    rows = await RuleRow.select(RuleRow.id, RuleRow.title).where(RuleRow.id.is_in(list(by_id)) & (RuleRow.adopted == 1))
    return [Titled(by_id[row["id"]], row["title"]) for row in rows]


async def proposed(proposal: str) -> list[Rule]:
    rows = await RuleRow.objects().where(RuleRow.proposal == proposal).order_by(RuleRow.code)
    return [_rule(row) for row in rows]


async def last_versions() -> dict[str, int]:
    """Code → newest version, adopted or only put forward."""
    rows = await RuleRow.select(RuleRow.code, RuleRow.version)
    found: dict[str, int] = {}
    for row in rows:
        found[row["code"]] = max(found.get(row["code"], 0), row["version"])
    return found


async def propose(ctx: Context, key: str, title: str, rules: Sequence[Rule]) -> str:
    """Put rules forward.

    :returns: id of the proposal
    :raises CreditError: a rule would apply before it was announced, or change the past
    """
    ctx.require("credit.rules")
    check_starts(rules, await catalogue(), ctx.today(), ctx.settings)
    digest = hashlib.sha256(repr(rules).encode()).hexdigest()

    async def body(tx: Tx) -> str:
        versions = await last_versions()
        proposal = f"{tx.now_ms:x}-{digest[:8]}"
        await Proposal.insert(
            Proposal(id=proposal, title=title, state="proposed", entered_by=ctx.actor, entered_ms=tx.now_ms)
        )
        await RuleRow.insert(*(_row(replace(rule, version=versions.get(rule.code, 0) + 1), proposal) for rule in rules))
        await tx.audit("rules-proposed", proposal, rules=len(rules))
        return proposal

    return await ctx.once(key, Propose(title, digest), body, str)


def check_starts(rules: Sequence[Rule], known: Catalogue, today: date, settings: Settings) -> None:
    """:raises CreditError: see :func:`propose`"""
    announced = today + timedelta(days=settings.announce_days)
    before = known.newest()
    for rule in rules:
        old = before.get(rule.code)
        if old is not None:
            earliest = max(announced, old.valid_from + timedelta(days=1))
            if rule.valid_from < earliest:
                raise errors.retroactive(rule.code, earliest.isoformat())
        elif rule.valid_from < announced and not rule.source:
            raise errors.bad_start(announced.isoformat())


async def adopt(ctx: Context, key: str, proposal: str) -> str:
    """The second person's decision.

    :returns: record id of the policy
    :raises Denied: the drafter's own
    :raises Conflict: decided meanwhile
    """
    ctx.require("credit.adopt")

    async def body(tx: Tx) -> str:
        row = await _open_proposal(proposal)
        if row.entered_by == ctx.actor:
            raise errors.own_proposal()
        new = await proposed(proposal)
        for rule in new:
            await _end_before(rule)
        await RuleRow.update({RuleRow.adopted: 1}).where(RuleRow.proposal == proposal)
        policy = [point_rule(rule) for rule in (await catalogue()).rules]
        posted = await tx.adopt(policy, reviewer=ctx.actor)
        await Proposal.update(
            {
                Proposal.state: "adopted",
                Proposal.decided_by: ctx.actor,
                Proposal.decided_ms: tx.now_ms,
                Proposal.policy: posted.rid,
            }
        ).where(Proposal.id == proposal)
        await tx.emit(RulesAdopted(proposal, posted.rid, len(new)))
        await tx.audit("rules-adopted", proposal, rules=len(new))
        return posted.rid

    return await ctx.once(key, Adopt(proposal), body, str)


async def withdraw(ctx: Context, key: str, proposal: str) -> str:
    """Taken back by the drafter, or refused by who would adopt it."""

    async def body(tx: Tx) -> str:
        row = await _open_proposal(proposal)
        if row.entered_by != ctx.actor:
            ctx.require("credit.adopt")
        await RuleRow.delete().where(RuleRow.proposal == proposal)
        await Proposal.update(
            {Proposal.state: "withdrawn", Proposal.decided_by: ctx.actor, Proposal.decided_ms: tx.now_ms}
        ).where(Proposal.id == proposal)
        await tx.audit("rules-withdrawn", proposal)
        return proposal

    return await ctx.once(key, Withdraw(proposal), body, str)


async def _open_proposal(proposal: str) -> Proposal:
    row = await Proposal.objects().where(Proposal.id == proposal).first()
    if row is None:
        raise errors.no_such_rule()
    if row.state != "proposed":
        raise Conflict("这份细则已经有了决定。", "These rules have been decided on already.")
    return row


async def _end_before(rule: Rule) -> None:
    last = rule.valid_from - timedelta(days=1)
    await RuleRow.update({RuleRow.valid_to: last}).where(
        (RuleRow.code == rule.code)
        & (RuleRow.adopted == 1)
        & (RuleRow.version < rule.version)
        & (RuleRow.valid_to.is_null() | (RuleRow.valid_to > last))
    )


def point_rule(rule: Rule) -> PointRule:
    """What the ledger enforces of it."""
    return PointRule(
        code=rule.ledger_code,
        asset="resident" if rule.subject == "h" else "partner",
        subject=rule.subject,
        min=rule.points,
        max=rule.most,
        valid_from=rule.valid_from,
        expiry=rule.expiry,
        reviewers=rule.reviewers,
        valid_to=rule.valid_to,
    )


def _row(rule: Rule, proposal: str) -> RuleRow:
    return RuleRow(
        id=rule.id,
        code=rule.code,
        version=rule.version,
        title=rule.title,
        behaviour=rule.behaviour,
        unit=rule.unit,
        points=rule.points,
        daily_cap=rule.daily_cap,
        evidence=rule.evidence,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        expiry=rule.expiry,
        source=rule.source,
        subject=rule.subject,
        reviewers=rule.reviewers,
        proposal=proposal,
        template=rule.template,
    )


def _rule(row: RuleRow) -> Rule:
    return Rule(
        code=row.code,
        version=row.version,
        title=row.title,
        behaviour=row.behaviour,  # type: ignore[arg-type]  # written by _row
        unit=row.unit,
        points=row.points,
        daily_cap=row.daily_cap,
        evidence=row.evidence,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        expiry=row.expiry,
        source=row.source,
        subject=row.subject,  # type: ignore[arg-type]
        reviewers=row.reviewers,
        template=row.template,
    )
