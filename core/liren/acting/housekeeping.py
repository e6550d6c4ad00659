# SPDX-License-Identifier: Apache-2.0
"""What is not kept: codes, photos half a year after the consent ended, and the rest once nobody can claim any more."""

from typing import Final

from liren.acting import review, slips
from liren.plugins.context import Context

DAY_MS: Final = 24 * 3_600_000
PAPER_DAYS: Final = 180
"""Photos of signed papers, after the consent is over."""
KEPT_DAYS: Final = 3 * 365
"""Consents and acts: as long as somebody may claim what they lost (《民法典》第一百八十八条, three years)."""
AT_ONCE: Final = 2000


async def sweep(ctx: Context) -> None:
    """The daily job."""
    acting = slips.own(ctx)
    async with ctx.transaction():
        tx = acting.desk.records.tx()
        # The moment a code is over nobody needs its hash; a consent nobody gave is no consent.
        await tx.sql("UPDATE acting_mandate SET code_hash = NULL WHERE code_until_ms < ?", tx.now_ms)
        paper_ms, kept_ms = tx.now_ms - PAPER_DAYS * DAY_MS, tx.now_ms - KEPT_DAYS * DAY_MS
        await tx.sql(
            "UPDATE acting_mandate SET paper = NULL WHERE paper IS NOT NULL AND COALESCE(ended_ms, until_ms) < ?",
            paper_ms,
        )
        await tx.sql(
            "DELETE FROM acting_slip WHERE id IN (SELECT id FROM acting_slip WHERE at_ms < ? LIMIT ?)", kept_ms, AT_ONCE
        )
        old = await tx.sql(
            "SELECT m.id FROM acting_mandate m WHERE (m.until_ms < ? OR (m.given_ms IS NULL AND m.until_ms < ?))"
            " AND NOT EXISTS (SELECT 1 FROM acting_slip s WHERE s.mandate = m.id) LIMIT ?",
            kept_ms, tx.now_ms - DAY_MS, AT_ONCE,
        )  # fmt: skip
        for (mandate,) in old:
            await tx.sql("DELETE FROM acting_limit WHERE mandate = ?", mandate)
            await tx.sql("DELETE FROM acting_use WHERE scope = ?", mandate)
            await tx.sql("DELETE FROM acting_mandate WHERE id = ?", mandate)
        first = f"{ctx.today().year - 1}-{ctx.today():%m}"
        await tx.sql("DELETE FROM acting_use WHERE month < ?", first)
    await acting.desk.papers.sweep()


async def sample(ctx: Context) -> None:
    """At least one act a week of every worker is checked."""
    await review.one_a_week(ctx)
