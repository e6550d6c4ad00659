# SPDX-License-Identifier: Apache-2.0
"""Consents as pages show them: what they allow, how much is left, whether they hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from liren.acting import rules, slips
from liren.acting.records import Consent
from liren.plugins.acting import Deed, How, Kind, Measure
from liren.plugins.context import Context
from liren.web import gettext
from liren.web.formats import yuan


@dataclass(frozen=True, slots=True)
class Allowed:
    """One deed of a consent."""

    name: str
    title: str
    cap: str
    left: str
    url: str
    """Where it begins; empty where it cannot be done now."""


@dataclass(frozen=True, slots=True)
class Line:
    """One consent."""

    id: str
    person: str
    helper: str
    kind: Kind
    how: How
    holds: bool
    asked: bool
    ended_ms: int | None
    given_ms: int | None
    until_ms: int
    deeds: Sequence[Allowed]


def title_of(ctx: Context, deed: Deed) -> str:
    """In the visitor's language, by its own module's catalogue."""
    return ctx.of(deed.name.partition(".")[0]).t(deed.title)


async def offered(ctx: Context, kind: Kind) -> list[tuple[Deed, str]]:
    """(deed, its title) of what staff, or family, can do for somebody."""
    deeds = slips.own(ctx).desk.deeds(ctx)
    return [(deed, title_of(ctx, deed)) for deed in deeds if (deed.staff if kind == "staff" else deed.family)]


def measured(amount: int, measure: Measure) -> str:
    """``20 分``, ``12.50 元``, ``3 次``."""
    if measure == "fen":
        return yuan(amount)
    return gettext("%(n)s 分", n=amount) if measure == "points" else gettext("%(n)s 次", n=amount)


async def lines_of(ctx: Context, consents: Sequence[Consent], *, kind: Kind | None = None) -> list[Line]:
    """:param kind: these only, and of them those that hold or wait"""
    acting = slips.own(ctx)
    now_ms = acting.now_ms()
    if kind is not None:
        consents = [each for each in consents if each.kind == kind and (each.holds(now_ms) or each.asked(now_ms))]
    cards = await ctx.people.cards([person for each in consents for person in (each.person, each.actor)])
    names = {card.id: card.name for card in cards.values()}
    gone = gettext("（已注销）")
    return [
        Line(
            each.id, names.get(each.person, gone), names.get(each.actor, gone), each.kind, each.how, each.holds(now_ms),
            each.asked(now_ms), each.ended_ms, each.given_ms, each.until_ms, await _allowed(ctx, each),
        )
        for each in consents
    ]  # fmt: skip


async def _allowed(ctx: Context, consent: Consent) -> list[Allowed]:
    acting = slips.own(ctx)
    month = rules.month_of(acting.now_ms(), ctx.now().tzinfo)
    scope = consent.person if consent.kind == "staff" else consent.id
    may = consent.holds(acting.now_ms()) and ctx.actor == consent.actor
    found = []
    for name, cap in (await acting.desk.records.caps(consent.id)).items():
        deed = acting.desk.deed(name)
        if deed is None:
            continue
        left = max(0, cap - await acting.desk.records.used(scope, name, month))
        url = ctx.of(name.partition(".")[0]).url(deed.page, mandate=consent.id) if may else ""
        found.append(Allowed(name, title_of(ctx, deed), measured(cap, deed.measure), measured(left, deed.measure), url))
    return found
