# SPDX-License-Identifier: Apache-2.0
"""Raw audit rows: ids and codes only, never a name or a number of a person; the audit floor chains them."""

import json
from collections.abc import Mapping

from liren.store.tx import Tx


async def write(
    tx: Tx,
    plugin: str,
    what: str,
    subject: str,
    *,
    unit: str | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> None:
    """Who (``tx.actor``) did what to what, in the transaction that does it.

    :param what: ``<plugin>.<verb>``, e.g. ``credit.batch-approved``
    :param subject: id of what it was done to
    """
    await tx.sql(
        "INSERT INTO audit (at_ms, actor, plugin, what, subject, unit, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        tx.now_ms,
        tx.actor,
        plugin,
        what,
        subject,
        unit,
        json.dumps(dict(detail or {}), sort_keys=True, ensure_ascii=False),
    )
