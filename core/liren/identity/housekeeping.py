# SPDX-License-Identifier: Apache-2.0
"""What has ended is deleted: sessions, links, counters; uploaded lists after a week, drafts
after a month, sign-ins after six months.
"""

from datetime import date, timedelta
from typing import Final

from liren.identity.register import number_tails, pending
from liren.identity.register.directory import Directory
from liren.identity.tables import (
    Attempts,
    FormDraft,
    LoginPending,
    LoginSession,
    OneTimeLogin,
    PeoplePending,
    PersonLabel,
    SignIn,
)
from liren.plugins.context import Context

DAY_MS: Final = 86_400_000
KEEP_SIGN_INS_MS: Final = 183 * DAY_MS
KEEP_LISTS_MS: Final = 7 * DAY_MS
KEEP_DRAFTS_MS: Final = 30 * DAY_MS
KEEP_LINKS_MS: Final = 30 * DAY_MS
KEEP_LABELS: Final = timedelta(days=30)
"""A label that ended is kept so long, to see why it is gone; then it is deleted (《个人信息保护法》第四十七条)."""


async def sweep_ended(ctx: Context) -> None:
    """The hourly job."""
    now_ms = int(ctx.now().timestamp() * 1000)
    async with ctx.transaction():
        await sweep(now_ms)
        await forget_labels(ctx.today() - KEEP_LABELS)
    assert isinstance(ctx.people, Directory)
    await number_tails.fill(ctx.people, ctx.actor)
    old = PeoplePending.select(PeoplePending.id).where(PeoplePending.started_ms <= now_ms - KEEP_LISTS_MS)
    for row in await old:
        await pending.give_up(ctx.people.store, row["id"], ctx.actor)


async def forget_labels(before: date) -> None:
    await PersonLabel.raw(
        "UPDATE consent SET withdrawn = {} WHERE withdrawn IS NULL AND id IN"
        " (SELECT consent FROM person_label WHERE until IS NOT NULL AND until < {})",
        before, before,
    )  # fmt: skip
    await PersonLabel.raw("DELETE FROM person_label WHERE until IS NOT NULL AND until < {}", before)
    # The consent was taken back elsewhere, and nobody has looked since.
    await PersonLabel.raw(
        "DELETE FROM person_label WHERE until IS NULL AND consent IN"
        " (SELECT id FROM consent WHERE purpose LIKE 'label/%' AND withdrawn < {})",
        before,
    )


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
