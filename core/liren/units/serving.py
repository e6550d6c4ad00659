# SPDX-License-Identifier: Apache-2.0
"""Who serves my building: the grid lead, the grid worker, the building lead, with photo and work phone.

For a resident it is their own building's; for staff a unit's; and a sheet of paper for the building's door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response
from markupsafe import Markup

from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.plugins.types import Fragment
from liren.units import appointments
from liren.units.appointments import Appointment
from liren.units.errors import no_such_appointment
from liren.units.posts import PostCard
from liren.units.rules import depth
from liren.units.scope import VIEW, posts_of, service, within
from liren.web import N_, SIGNED_IN, get

PHOTO_HEADERS: Final = {"cache-control": "private, max-age=3600"}
HOME_SLOT: Final = "home.side"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a post, as pages show them."""

    appointment: Appointment
    post: PostCard
    title: str
    name: str
    unit: UnitCard
    begun: bool


async def holders(ctx: Context, units: Sequence[str], *, published: bool = False) -> list[Holder]:
    """Who holds which post at these units, the nearest unit first, then in the order of posts.

    :param published: only what residents see: published posts, held today
    """
    tree, posts, today = await service(ctx).tree(), await posts_of(ctx), ctx.today()
    found = await appointments.at(service(ctx).store, units, today)
    if published:
        found = [each for each in found if each.holds(today) and (p := posts.get(each.post)) and p.published]
    people = await ctx.people.cards([each.person for each in found]) if found else {}
    shown = []
    for each in found:
        post, unit = posts.get(each.post), tree.get(each.unit)
        if post is not None and unit is not None and each.person in people:
            name = people[each.person].name
            shown.append(Holder(each, post, ctx.t(post.title), name, unit, each.holds(today)))
    shown.sort(key=lambda one: (-depth(one.unit.level), one.post.position, one.appointment.since, one.name))
    return shown


async def _way(ctx: Context, code: str) -> list[str]:
    return [card.code for card in await ctx.units.path(code)]


async def at_home(ctx: Context, slot: str) -> Fragment | None:
    """On a resident's own page: who serves where they live."""
    if slot != HOME_SLOT or ctx.who.home is None:
        return None
    shown = await holders(ctx, await _way(ctx, ctx.who.home), published=True)
    if not shown:
        return None
    html: Markup = await ctx.fragment("serving_card.html", holders=shown[:4], more=len(shown) > 4)
    return Fragment(html, order=30)


@get("/mine", allow=SIGNED_IN)
async def mine(ctx: Context) -> Response[Any]:
    """A resident's: everybody who serves their building, grid and community."""
    home = ctx.who.home
    way = await ctx.units.path(home) if home else ()
    shown = await holders(ctx, [card.code for card in way], published=True)
    place = " ".join(card.name for card in way if card.level != "street")
    return await ctx.render("mine.html", holders=shown, place=place, lives=home is not None)


@get("/{code:str}/notice", allow=VIEW)
async def notice(ctx: Context, code: str) -> Response[Any]:
    """A sheet for the door: who serves this building, with photo and phone."""
    tree = await service(ctx).tree()
    card = within(ctx, tree, code, VIEW)
    shown = await holders(ctx, await _way(ctx, code), published=True)
    return await ctx.render(
        "notice.html",
        unit=card,
        place=" ".join(each.name for each in tree.way(code) if each.level != "street"),
        holders=shown,
        today=ctx.today(),
    )


@get("/photo/{appointment:str}", allow=SIGNED_IN)
async def photo(ctx: Context, appointment: str) -> Response[bytes]:
    """The portrait, for who is served there and for staff of the place; for anybody else there is none."""
    found = await appointments.find(service(ctx).store, appointment)
    photos = service(ctx).photos
    if found.photo is None or photos is None:
        raise no_such_appointment()
    if not ctx.can(VIEW, found.unit):
        post = (await posts_of(ctx)).get(found.post)
        served = ctx.who.home is not None and found.unit in await _way(ctx, ctx.who.home)
        if not (served and post is not None and post.published and found.holds(ctx.today())):
            raise no_such_appointment()
    content, kind = await photos.content(found.person, found.photo)
    return Response(content, media_type=kind, headers=PHOTO_HEADERS)


ROUTES = (mine, notice, photo)
NAV: Final = N_("楼里找谁")
