# SPDX-License-Identifier: Apache-2.0
"""The people of an area, leafed through without searching; and entries that may be one person, entered twice."""

from typing import Any

from litestar import Response

from liren.identity.at_hand import identity_of
from liren.identity.labels.label_sight import LABELS
from liren.identity.register import dossier, roll, twins
from liren.identity.register.numbers import mask_phone
from liren.identity.register.people_pages import PEOPLE, REGISTER, place_of
from liren.identity.register.register_pages import ROLES, Req
from liren.plugins.context import Context
from liren.units.errors import no_such_unit
from liren.web import ask, get

SIZE = 50


@get("/people/of/{unit:str}", allow=PEOPLE, name="of_unit")
async def of_unit(ctx: Context, request: Req, unit: str, page: str = "", role: str = "") -> Response[Any]:
    """Unit after unit, household after household; ``role`` narrows it to heads, members or tenants."""
    identity = identity_of(request)
    tree = await identity.units.tree()
    card = tree.get(unit)
    if card is None or not ctx.can(PEOPLE, unit):
        raise no_such_unit()
    role = role if role in dict(ROLES) else ""
    found = await roll.page(identity.people, tree, [unit], role, ask(page, size=SIZE))
    phones = await dossier.phones(identity.store, identity.vault, [each.person for each in found.items])
    counts = await identity.people.counts()
    here = ctx.url("of_unit", unit=unit)
    filters = [(ctx.t("全部"), here, not role)]
    filters += [(ctx.t(title), f"{here}?role={name}", role == name) for name, title in ROLES]
    below = [
        (f"{each.name} {counts.below(role).get(each.code, 0)}", ctx.url("of_unit", unit=each.code), False)
        for each in tree.children(unit)
    ]
    above = tree.get(card.parent) if card.parent else None
    return await ctx.render(
        "roll.html",
        unit=card,
        place=place_of(tree.way(unit)),
        above=above if above is not None and ctx.can(PEOPLE, above.code) else None,
        below=below,
        filters=filters,
        page=found,
        rows=[
            (each, place_of(tree.way(each.unit)), mask_phone(phones[each.person]) if each.person in phones else "")
            for each in found.items
        ],
        may_labels=ctx.can(LABELS, unit),
        may_register=card.parent is not None and card.closed is None and ctx.can(REGISTER, unit),
    )


@get("/people/twins", allow=REGISTER, name="twins")
async def twin_list(ctx: Context, request: Req, after: str = "") -> Response[Any]:
    """Likely double entries of people in the visitor's area; each leads to the page that merges."""
    identity = identity_of(request)
    scope = ctx.access.units_with(REGISTER)
    found = await twins.pairs(identity.people, scope, after=after[:60]) if scope else []
    cards = await identity.people.cards([each for pair in found for each in (pair.one, pair.other)])
    tree = await identity.units.tree()
    rows = []
    for pair in found:
        places = []
        for each in (pair.one, pair.other):
            home = await identity.people.home_of(each)
            inside = home is not None and home.unit is not None and ctx.can(PEOPLE, home.unit)
            place = place_of(tree.way(home.unit)) if inside and home is not None and home.unit else ctx.t("范围之外")
            places.append((cards[each], place, ctx.url("person", person=each) if inside else ""))
        rows.append((pair, *places))
    more = found[-1].name if len(found) == twins.SHOWN else ""
    return await ctx.render("twins.html", rows=rows, more=more, may_merge=ctx.can("privacy.merge"))


ROUTES = (of_unit, twin_list)
