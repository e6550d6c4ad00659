# SPDX-License-Identifier: Apache-2.0
"""What has ended is deleted: sessions, links, counters; uploaded lists after a week, drafts
after a month, sign-ins after six months.
"""

from typing import Final

from liren.identity.tables import Attempts, FormDraft, LoginPending, LoginSession, OneTimeLogin, PeopleList, SignIn
from liren.plugins.context import Context

DAY_MS: Final = 86_400_000
KEEP_SIGN_INS_MS: Final = 183 * DAY_MS
KEEP_LISTS_MS: Final = 7 * DAY_MS
KEEP_DRAFTS_MS: Final = 30 * DAY_MS
KEEP_LINKS_MS: Final = 30 * DAY_MS


async def sweep_ended(ctx: Context) -> None:
    """The hourly job."""
    async with ctx.transaction():
        await sweep(int(ctx.now().timestamp() * 1000))


async def sweep(now_ms: int) -> None:
    """Inside a transaction."""
    await LoginSession.raw("DELETE FROM login_session WHERE seen_ms + idle_ms <= {}", now_ms)
    await LoginSession.delete().where(LoginSession.ends_ms <= now_ms)
    await OneTimeLogin.delete().where(OneTimeLogin.ends_ms <= now_ms - KEEP_LINKS_MS)
    await LoginPending.delete().where(LoginPending.ends_ms <= now_ms)
    await Attempts.delete().where(Attempts.started_ms <= now_ms - DAY_MS)
    old = PeopleList.select(PeopleList.id).where(PeopleList.at_ms <= now_ms - KEEP_LISTS_MS)
    for row in await old:
        await PeopleList.raw("DELETE FROM subject_key WHERE subject = {}", row["id"])
    await PeopleList.delete().where(PeopleList.at_ms <= now_ms - KEEP_LISTS_MS)
    await FormDraft.delete().where(FormDraft.at_ms <= now_ms - KEEP_DRAFTS_MS)
    await SignIn.delete().where(SignIn.at_ms <= now_ms - KEEP_SIGN_INS_MS)
