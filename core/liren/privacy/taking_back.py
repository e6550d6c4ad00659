# SPDX-License-Identifier: Apache-2.0
"""A consent taken back stays taken back: a restored backup knows it as given, the journal beside the anchor does not.

Consents are named by their own random ids: who agrees anew has another one, and no day has to be compared.
"""

import asyncio
from typing import cast

import structlog

from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.privacy.journal import WITHDRAWN, Journal
from liren.store import Store
from liren.store.audit import write as audit
from liren.store.parts import in_parts, marks
from liren.units.version import raise_version

log = structlog.get_logger("liren.privacy")


def journal_of(ctx: Context) -> Journal:
    """Beside the anchor of the street's ledger."""
    anchor = cast(Reader, ctx.ledger).ledger.anchor.path
    return Journal(anchor.with_name(anchor.name + ".withdrawn"), WITHDRAWN)


async def remember(store: Store, journal: Journal) -> None:
    """What the table knows, the journal knows too; a full disk keeps nobody from taking back: the job tries again."""
    rows = await store.read("SELECT id, withdrawn FROM consent WHERE withdrawn IS NOT NULL")
    try:
        await asyncio.to_thread(journal.add, dict(rows))
    except OSError:
        log.exception("the journal of consents taken back could not be written; it is tried again in five minutes")


async def keep_journal(ctx: Context) -> None:
    """The job: whichever page took a consent back."""
    await remember(cast(Reader, ctx.ledger).store, journal_of(ctx))


async def replay(store: Store, journal: Journal) -> int:
    """Before anybody is served: what came back as given is taken back again.

    :returns: how many consents
    :raises JournalDamaged: nobody can say what was taken back
    """
    await remember(store, journal)
    known, back = journal.read(), list[str]()
    wanted = list(known)
    for part in in_parts(wanted):
        query = f"SELECT id FROM consent WHERE withdrawn IS NULL AND id IN ({marks(part)})"  # noqa: S608 - marks only
        back += [str(identity) for (identity,) in await store.read(query, *part)]
    if not back:
        return 0
    async with store.transaction("job:privacy") as tx:
        for identity in back:
            rows = await tx.sql(
                "UPDATE consent SET withdrawn = ? WHERE id = ? RETURNING person, purpose", known[identity], identity
            )
            for person, purpose in rows:
                await audit(tx, "privacy", "privacy.consent-withdrawn", person, detail={"purpose": purpose[:40]})
        await raise_version(tx, "people")
    log.warning("taken back again after a restored backup", consents=len(back))
    return len(back)
