# SPDX-License-Identifier: Apache-2.0
"""What has ended is deleted: sessions, links, counters; uploaded lists after a week, drafts
after a month, sign-ins after six months.
"""

from typing import Final

from liren.identity import pending
from liren.identity.directory import Directory
from liren.identity.tables import (
    Attempts,
    FormDraft,
    LoginPending,
    LoginSession,
    OneTimeLogin,
    PeoplePending,
    SignIn,
)
from liren.plugins.context import Context

DAY_MS: Final = 86_400_000
KEEP_SIGN_INS_MS: Final = 183 * DAY_MS
KEEP_LISTS_MS: Final = 7 * DAY_MS
KEEP_DRAFTS_MS: Final = 30 * DAY_MS
KEEP_LINKS_MS: Final = 30 * DAY_MS


async def sweep_ended(ctx: Context) -> None:
    """The hourly job."""
    now_ms = int(ctx.now().timestamp() * 1000)
    async with ctx.transaction():
        await sweep(now_ms)
    assert isinstance(ctx.people, Directory)
    old = PeoplePending.select(PeoplePending.id).where(PeoplePending.started_ms <= now_ms - KEEP_LISTS_MS)
    for row in await old:
        await pending.give_up(ctx.people.store, row["id"], ctx.actor)


async def sweep(now_ms: int) -> None:
    """Inside a transaction."""
    await LoginSession.raw("DELETE FROM login_session WHERE seen_ms + idle_ms <= {}", now_ms)
    await LoginSession.delete().where(LoginSession.ends_ms <= now_ms)
    await OneTimeLogin.delete().where(OneTimeLogin.ends_ms <= now_ms - KEEP_LINKS_MS)
    await LoginPending.delete().where(LoginPending.ends_ms <= now_ms)
    await Attempts.delete().where(Attempts.started_ms <= now_ms - DAY_MS)
    await PeoplePending.raw(
        "DELETE FROM subject_key WHERE subject IN (SELECT 'list/' || id FROM uploaded_list WHERE at_ms <= {})",
        now_ms - KEEP_LISTS_MS,
    )
    await PeoplePending.raw("DELETE FROM uploaded_list WHERE at_ms <= {}", now_ms - KEEP_LISTS_MS)
    await PeoplePending.raw(
        "DELETE FROM subject_key WHERE subject IN"
        " (SELECT 'list/' || id FROM uploaded_list WHERE kind = 'identity.people-out' AND at_ms <= {})",
        now_ms - DAY_MS,
    )
    await PeoplePending.raw(
        "DELETE FROM uploaded_list WHERE kind = 'identity.people-out' AND at_ms <= {}", now_ms - DAY_MS
    )
    await FormDraft.delete().where(FormDraft.at_ms <= now_ms - KEEP_DRAFTS_MS)
    await SignIn.delete().where(SignIn.at_ms <= now_ms - KEEP_SIGN_INS_MS)
