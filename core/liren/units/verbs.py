# SPDX-License-Identifier: Apache-2.0
"""What is done to the tree: open a unit, name it, close it. Each verb runs inside the caller's transaction."""

from datetime import date

from liren.plugins.services import UnitCard
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.errors import UnitInUse, UnitTaken, no_such_unit
from liren.units.ids import new_id
from liren.units.rules import (
    RESERVED_CODES,
    check_code,
    check_parent,
    clean_name,
    code_base,
    make_code,
    name_key,
    path_of,
)
from liren.units.version import raise_version

VERSION = "units"
COLUMNS = "code, level, name, party_title, path, parent, closed"


def card_of(row: tuple[str, str, str, str | None, str, str | None, date | None]) -> UnitCard:
    """A row of :data:`COLUMNS` as the card that other floors see."""
    code, level, name, party_title, path, parent, closed = row
    return UnitCard(code, code, level, name, party_title, path, parent, closed)


async def known(tx: Tx, code: str) -> UnitCard:
    """:raises NotFound: there is none"""
    rows = await tx.sql(f"SELECT {COLUMNS} FROM unit WHERE code = ?", code)  # noqa: S608 - own column names
    if not rows:
        raise no_such_unit()
    return card_of(rows[0])


async def add(
    tx: Tx,
    *,
    level: str,
    name: str,
    parent: str | None,
    opened: date,
    party_title: str | None = None,
    code: str | None = None,
) -> UnitCard:
    """Open a unit below ``parent`` (None for the street).

    :param code: spelled after the name where left out; given once, never reused
    :raises BadUnit: level, name or code that makes no tree
    :raises UnitTaken: an open sibling has that name, or the code was given before
    :raises UnitInUse: the parent is closed
    """
    above = await known(tx, parent) if parent is not None else None
    check_parent(level, above.level if above else None)
    if above is not None and above.closed is not None:
        raise UnitInUse(
            f"{above.name}已经撤销，不能再增设下级。",
            f"{above.name} is closed: nothing can be opened below it.",
        )
    name = clean_name(name)
    await refuse_namesake(tx, parent, level, name)
    begin = code_base(level, name, parent) if code is None else check_code(code)
    taken = {row[0] for row in await tx.sql("SELECT code FROM unit WHERE code >= ? AND code < ?", begin, begin + "~")}
    if code is None:
        code = make_code(level, name, parent, taken.__contains__)
    elif code in taken or code in RESERVED_CODES:
        raise UnitTaken(f"代码 {code} 已经用过了，请换一个。", f"The code {code} was given before; choose another.")
    path = path_of(code, above.path if above else None)
    await tx.sql(
        "INSERT INTO unit (code, level, parent, path, name, party_title, opened) VALUES (?, ?, ?, ?, ?, ?, ?)",
        code, level, parent, path, name, party_title, opened,
    )  # fmt: skip
    await raise_version(tx, VERSION)
    await audit(tx, "units", "units.added", code, unit=code)
    return UnitCard(code, code, level, name, party_title, path, parent)


async def refuse_namesake(tx: Tx, parent: str | None, level: str, name: str) -> None:
    """:raises UnitTaken: an open sibling has that name, in whichever spelling"""
    if parent is None:
        siblings = await tx.sql("SELECT name FROM unit WHERE parent IS NULL AND closed IS NULL")
        clash = bool(siblings)
    else:
        siblings = await tx.sql(
            "SELECT name FROM unit WHERE parent = ? AND level = ? AND closed IS NULL", parent, level
        )
        clash = name_key(level, name) in {name_key(level, row[0]) for row in siblings}
    if clash:
        there = siblings[0][0] if parent is None else name
        raise UnitTaken(f"已经有“{there}”了，不能重复设立。", f"There is a “{there}” already.")


async def rename(tx: Tx, code: str, *, name: str, party_title: str | None, day: date) -> None:
    """Change the titles from ``day`` on; the code stays, the old name stays known."""
    card = await known(tx, code)
    name = clean_name(name)
    if name_key(card.level, name) != name_key(card.level, card.name):
        await refuse_namesake(tx, card.parent, card.level, name)
    await tx.sql("UPDATE unit SET name = ?, party_title = ? WHERE code = ?", name, party_title or None, code)
    if name != card.name:
        await tx.sql(
            "INSERT INTO unit_change (id, change, what, day, gone, heir, detail, actor, at_ms)"
            " VALUES (?, ?, 'renamed', ?, ?, ?, ?, ?, ?)",
            new_id(), new_id(), day, code, code, card.name, tx.actor, tx.now_ms,
        )  # fmt: skip
    await raise_version(tx, VERSION)
    await audit(tx, "units", "units.renamed", code, unit=code)


async def close(tx: Tx, code: str, day: date, *, residents: int) -> None:
    """Close a unit from ``day`` on; its history stays.

    :param residents: how many people live in it today (identity counts them)
    :raises UnitInUse: people live in it, or it has open units below it
    """
    card = await known(tx, code)
    if card.closed is not None:
        raise UnitInUse(f"{card.name}已经撤销了。", f"{card.name} is closed already.")
    if residents:
        raise UnitInUse(
            f"{card.name}还有 {residents} 位居民，请先把他们迁到别的单位。",
            f"{residents} people still live in {card.name}: move them to another unit first.",
        )
    below = await tx.sql("SELECT count(*) FROM unit WHERE parent = ? AND closed IS NULL", code)
    if below[0][0]:
        raise UnitInUse(
            f"{card.name}还有 {below[0][0]} 个下级单位，请先撤销下级。",
            f"{card.name} still has {below[0][0]} units below it: close those first.",
        )
    await tx.sql("UPDATE unit SET closed = ? WHERE code = ?", day, code)
    await raise_version(tx, VERSION)
    await audit(tx, "units", "units.closed", code, unit=code)
