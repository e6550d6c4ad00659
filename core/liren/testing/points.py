# SPDX-License-Identifier: Apache-2.0
"""Points for the people of a test, through the real ledger: a rule of its own, a budget, signed awards."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from secrets import token_hex
from typing import Any, Final, TypeVar

import msgspec

from liren.app import Street
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.ledger.archive import check
from liren.ledger.desk.proposals import REVIEW
from liren.ledger.engine.posting import LedgerState
from liren.plugins.points import Award, Budget, PointRule, Posted, Subject
from liren.plugins.services import EntryView
from liren.plugins.types import Role
from liren.store import Tx

T = TypeVar("T")
ACTOR: Final = "job:test.points"
RULE: Final = "TEST-01"
SINCE: Final = date(2020, 1, 1)
BUDGET: Final = 1_000_000
REVIEWER: Final = Role("test.reviewer", "审核员", (REVIEW,))


class Points:
    """What tests do with points."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._reviewer = ""
        self._unit = ""

    async def give(self, person: str, points: int) -> Posted:
        """Award a person points (1 to 1 000 000), as if a claim had been reviewed and published."""
        await self._ready()
        title = {"title": "试验积分"}
        award = Award(
            Subject("h", person), self._unit, RULE, points, self._street.today(), reviewer=self._reviewer, reason=title
        )
        return await self._once(lambda state: state.post(award), Posted)

    async def fund(self, unit: str, points: int, reviewer: str) -> Posted:
        """Points for a unit to award from, as if ``reviewer`` (a person id) had signed for them."""
        return await self._once(lambda state: state.post(Budget(unit, points, reviewer)), Posted)

    async def balance(self, person: str) -> int:
        """What the person holds, in points."""
        return (await self._street.kernel.services.ledger.balance(Subject("h", person))).total

    async def held_at(self, address: str) -> int:
        """Points at ``merchant/<plugin>.<id>``, ``escrow/<rid>``, ``budget/<unit>`` …"""
        return await self._street.kernel.services.ledger.balance_of(address)

    async def entries(self, person: str) -> Sequence[EntryView]:
        """What happened to the person's points, the latest first."""
        return await self._street.kernel.services.ledger.entries(Subject("h", person), limit=100)

    async def verify(self) -> None:
        """:raises AssertionError: the stored log is not what was signed"""
        found = await check.verify(self._street.store)
        assert not found, "\n".join(finding.en for finding in found)

    # --- the first time: who reviews, under which rule, out of which budget

    async def _ready(self) -> None:
        """Once for each street; a rule that is there already (a home opened again) is kept."""
        if self._unit:
            return
        street = self._street
        [community, *_] = await street.identity.units.all("community")
        street.identity.know([*(role for one in street.kernel.plugins.values() for role in one.roles), REVIEWER])
        root = (await street.identity.units.street()).code
        async with street.store.transaction(ACTOR) as tx:
            [reviewer] = await register(tx, street.vault, [NewPerson("郑平")], street.today())
            known = set(street.identity.who.titles)
            await grants.grant(tx, person=reviewer, role=REVIEWER.name, unit=root, roles=known, since=SINCE)
        await self._once(lambda state: _with_rule(state, reviewer), Posted)
        await self.fund(community.code, BUDGET, reviewer)
        self._reviewer, self._unit = reviewer, community.code

    async def _once(self, body: Callable[[LedgerState], Awaitable[T]], returns: type[T]) -> T:
        async def run(tx: Tx) -> T:
            return await body(tx.part("ledger"))

        key = token_hex(8)
        return await self._street.store.once(ACTOR, key, key, run, returns=returns)


async def _with_rule(state: LedgerState, reviewer: str) -> Posted:
    """The policy in force and the tests' own rule beside it."""
    policy = state.view.policy
    rules = [_draft(rule) for rule in policy.body.rules if rule.code != RULE] if policy is not None else []
    rules.append(PointRule(RULE, "resident", "h", 1, BUDGET, SINCE, "never", 1))
    return await state.adopt(rules, reviewer=reviewer)


def _draft(rule: Any) -> PointRule:
    fields = {name: value for name, value in msgspec.structs.asdict(rule).items() if value is not msgspec.UNSET}
    return msgspec.convert(fields, PointRule)
