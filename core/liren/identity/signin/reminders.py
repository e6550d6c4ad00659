# SPDX-License-Identifier: Apache-2.0
"""What staff are reminded of, kindly and until it is done: a second factor beside the password (ASVS 6.3.3)."""

from collections.abc import Sequence

from liren.identity.roles.access import held_permissions
from liren.identity.tables import SecondFactor
from liren.plugins.context import Context
from liren.plugins.types import Todo
from liren.web import N_


async def second_factor(ctx: Context) -> Sequence[Todo]:
    """For whoever works for the street and has no authenticator; residents are left in peace."""
    if ctx.visitor is None or not held_permissions(ctx.access):
        return ()
    mine = (SecondFactor.account == ctx.visitor.account) & SecondFactor.confirmed_ms.is_not_null()
    if await SecondFactor.exists().where(mine):
        return ()
    return [Todo(ctx.t(N_("给登录加上动态码，两分钟就好")), ctx.url("totp_form"))]
