# SPDX-License-Identifier: Apache-2.0
"""Closing a unit: the tree's own verb, told how many people live there; roles held at it end with it."""

from datetime import date

from liren.store import Tx
from liren.units import verbs
from liren.units.verbs import known


async def close_unit(tx: Tx, code: str, day: date) -> None:
    """Inside the caller's transaction.

    :raises NotFound: no such unit
    :raises UnitInUse: people live in it or below it, it has open units below it, or it is closed already
    """
    card = await known(tx, code)
    rows = await tx.sql(
        "SELECT count(*) FROM residence r JOIN unit u ON u.code = r.unit"
        " WHERE r.until IS NULL AND u.path >= ? AND u.path < ?",
        card.path,
        card.path + "{",
    )
    await verbs.close(tx, code, day, residents=int(rows[0][0]))
    await tx.sql("UPDATE role_grant SET until = ? WHERE unit = ? AND (until IS NULL OR until > ?)", day, code, day)
