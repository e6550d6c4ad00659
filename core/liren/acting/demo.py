# SPDX-License-Identifier: Apache-2.0
"""The demo's elder lets somebody she knows act for her: through the same verbs as her page."""

from typing import Final

from liren.acting import consent, slips
from liren.acting.consent import Name
from liren.acting.settings import FAMILY
from liren.plugins.context import Context
from liren.plugins.types import Demo

ELDER: Final = "卢淑萍"
HELPER: Final = "孙桂芳"
"""Also the demo's clerk: she can be signed in as."""


async def fill(ctx: Context, demo: Demo) -> None:
    """One delegation, given and accepted; nothing where the sample does not know her."""
    acting = slips.own(ctx)
    elders, helpers = [await ctx.people.lookup(name, limit=1) for name in (ELDER, HELPER)]
    caps = {deed.name: FAMILY[deed.measure] for deed in acting.desk.deeds(ctx) if deed.family}
    if not elders or not helpers or not caps:
        return
    elder, helper = elders[0].id, helpers[0].id
    hers, theirs = [
        acting.desk.kernel.context("acting", await acting.desk.sessions.who_is(person)) for person in (elder, helper)
    ]
    mandate = await consent.name_helper(hers, "demo/family", Name(elder, helper, caps, 6, "page"))
    await consent.accept(theirs, mandate)
