# SPDX-License-Identifier: Apache-2.0
"""What others may hear of awards. Ids and numbers only."""

from liren.api import Event, _


class ListPosted(Event, frozen=True):
    """Every award of a list stands in the ledger."""

    name = "credit.list_posted"
    title = _("一份名单已入账")
    list: str
    unit: str
    """Smallest unit that holds everyone in it."""
    awards: int
    points: int
    day: str


class RulesAdopted(Event, frozen=True):
    """Rules became policy; they apply from their own days on."""

    name = "credit.rules_adopted"
    title = _("积分细则已审定")
    proposal: str
    policy: str
    """Record id of the policy in the ledger."""
    rules: int


EVENTS = (ListPosted, RulesAdopted)
