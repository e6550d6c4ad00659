# SPDX-License-Identifier: Apache-2.0
"""Whose consent counts for a person today: asked by labels and by every other consent."""

from typing import Final

from liren.identity.labels.labels import who_agrees
from liren.plugins.context import Context
from liren.web import N_

HOW: Final = (("paper", N_("纸上签字")), ("on-site", N_("当面同意")))
"""How staff may have been told."""


async def guardians_who_agree(ctx: Context, person: str) -> frozenset[str] | None:
    """The guardians, of whom one has to agree; None: the person's own consent counts."""
    today = ctx.today()
    ages, guardians = await ctx.people.ages([person], today), await ctx.people.guardians([person], today)
    return who_agrees(ages.get(person), guardians.get(person, ()))
