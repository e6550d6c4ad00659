# SPDX-License-Identifier: Apache-2.0
"""My labels, and those of whom I answer for: what each is for, who agreed, who looked; taken back by one button."""

from typing import Any, Final

from litestar import Response

from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_label
from liren.identity.labels import guardians, labels
from liren.identity.labels.label_pages import HOW_ALL
from liren.identity.register.register_pages import Req
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.web import SIGNED_IN, get, post, redirect

LOOKS: Final = 20


async def _wards(ctx: Context, identity: Identity) -> list[str]:
    """Whose guardian the visitor is today."""
    found = await guardians.ties(identity.store, identity.vault, ctx.actor, as_guardian=True)
    ages = await identity.people.ages([each.person for each in found], ctx.today())
    return [each.person for each in found if each.until is None and guardians.holds(each.kind, ages.get(each.person))]


@get("/me/labels", allow=SIGNED_IN, name="own_labels")
async def own_labels(ctx: Context, request: Req) -> Response[Any]:
    identity = identity_of(request)
    people = [ctx.actor, *await _wards(ctx, identity)]
    held = await labels.of(identity.store, people)
    looks = await identity.store.read(
        "SELECT at_ms, actor FROM audit WHERE subject = ? AND what = 'identity.labels-seen' ORDER BY id DESC LIMIT ?",
        ctx.actor, LOOKS,
    )  # fmt: skip
    cards = await identity.people.cards([*people, *(actor for _, actor in looks), *(e.given_by or "" for e in held)])
    return await ctx.render(
        "own_labels.html",
        people=[(cards[each], [label for label in held if label.person == each]) for each in people if each in cards],
        names={card.id: card.name for card in cards.values()},
        looks=looks,
        said=HOW_ALL,
    )


@post("/me/labels/{label:str}/withdraw", allow=SIGNED_IN, name="withdraw_label")
async def withdraw(ctx: Context, request: Req, label: str) -> Response[Any]:
    """The consent is taken back and the label with it; no service is lost by that.

    :raises NotFound: no label of the visitor's, or of somebody they answer for
    """
    identity = identity_of(request)
    people = [ctx.actor, *await _wards(ctx, identity)]
    found = next((each for each in await labels.of(identity.store, people) if each.id == label), None)
    if found is None:
        raise no_such_label()
    async with identity.store.transaction(ctx.actor) as tx:
        await labels.end(tx, label, found.person, ctx.today(), what="label-withdrawn")
    return redirect(ctx.url("own_labels"), notice=ctx.t("已撤回，标签没有了。街道的服务一样也不少。"))


ROUTES = (own_labels, withdraw)
