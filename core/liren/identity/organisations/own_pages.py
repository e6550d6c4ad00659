# SPDX-License-Identifier: Apache-2.0
"""The organisations somebody acts for, for themself: what the street knows of each, who else acts for it, points."""

from typing import Any

from litestar import Response

from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_organisation
from liren.identity.organisations import register as organisation_register
from liren.identity.organisations.pages import KINDS
from liren.identity.register.people_pages import place_of
from liren.identity.register.register_pages import Req
from liren.plugins.context import Context
from liren.web import SIGNED_IN, get


@get("/me/organisations/{organisation:str}", allow=SIGNED_IN, name="own_organisation")
async def own_organisation(ctx: Context, request: Req, organisation: str) -> Response[Any]:
    """For who acts for it today; for everybody else it does not exist."""
    identity = identity_of(request)
    own = {each.id for each in await identity.people.organisations_of(ctx.actor)}
    found = await organisation_register.find(identity.store, organisation)
    if found is None or organisation not in own:
        raise no_such_organisation()
    tree = await identity.units.tree()
    acting = await organisation_register.acting(identity.store, organisation)
    return await ctx.render(
        "own_organisation.html",
        organisation=found,
        place=place_of(tree.way(found.unit)) if found.unit else "",
        kinds=dict(KINDS),
        acting=[each for each in acting if each.until is None],
        body=await ctx.slot("organisation.main", organisation),
    )


ROUTES = (own_organisation,)
