# SPDX-License-Identifier: Apache-2.0
"""Who may put the second signature under a record: identity's roles, asked by the ledger."""

from liren.identity.roles.access import WhoIsIt
from liren.ledger.desk.proposals import REVIEW
from liren.ledger.engine.posting import ReviewerGate


def reviewer_gate(who: WhoIsIt) -> ReviewerGate:
    """``await gate(person, unit)``: code of the widest unit the person reviews for that covers ``unit``, else None."""

    async def gate(person: str, unit: str) -> str | None:
        card = await who.units.get(unit)
        access = await who.access_of(person)
        # Prefixes are the paths of the units a role was granted at; the shortest that covers the unit is the widest.
        for prefix in sorted(access.units_with(REVIEW), key=len):
            if card is not None and card.path.startswith(prefix):
                return prefix.rstrip("/").rpartition("/")[2]
        return None

    return gate
