# SPDX-License-Identifier: Apache-2.0
"""Dwellings: where one household lives. Each verb runs inside the caller's transaction."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.errors import NotFound
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.units.errors import BadUnit, UnitInUse, UnitTaken
from liren.units.ids import is_id, new_id
from liren.units.rules import clean_name
from liren.units.verbs import known
from liren.web import Page, ask

NUMBER_MAX: Final = 20
AREA_MAX_DM2: Final = 10_000_00
"""10 000 m²: beyond that somebody mistyped."""
_AREA = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?(?:平方米|平方|平米|㎡|m2|m²)?")


@dataclass(frozen=True, slots=True)
class DwellingCard:
    """One dwelling as pages show it."""

    id: str
    unit: str
    number: str
    area_dm2: int | None
    """Built area in hundredths of a square metre."""
    closed: date | None = None


def parse_area(text: str) -> int | None:
    """``89.5``, ``８９．５平方米`` → 8950 hundredths of a square metre; empty → None.

    :raises BadUnit: no area, or one no dwelling has
    """
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace(",", "")
    if not plain:
        return None
    found = _AREA.fullmatch(plain)
    area_dm2 = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if not 0 < area_dm2 <= AREA_MAX_DM2:
        raise BadUnit(
            "面积要写平方米数，最多两位小数，例如 89.54。",
            "The area is a number of square metres with at most two decimals, e.g. 89.54.",
        )
    return area_dm2


def area_text(area_dm2: int | None) -> str:
    """8950 → ``89.5``; empty where it is not known."""
    if area_dm2 is None:
        return ""
    return f"{area_dm2 // 100}.{area_dm2 % 100:02d}".rstrip("0").rstrip(".")


def clean_number(number: str) -> str:
    """Half-width, without spaces; ``503室`` stays as people say it.

    :raises BadUnit: empty or too long
    """
    cleaned = clean_name(number)
    if len(cleaned) > NUMBER_MAX:
        raise BadUnit(f"房号最多 {NUMBER_MAX} 个字。", f"A dwelling's number has at most {NUMBER_MAX} characters.")
    return cleaned


async def add(tx: Tx, *, unit: str, number: str, area_dm2: int | None = None) -> str:
    """:returns: its id

    :raises UnitTaken: the unit has a dwelling of that number
    :raises UnitInUse: the unit is closed
    """
    card, number = await known(tx, unit), clean_number(number)
    if card.closed is not None:
        raise UnitInUse(f"{card.name}已经撤销，不能再登记房屋。", f"{card.name} is closed.")
    await _refuse_namesake(tx, unit, number)
    identity = new_id()
    await tx.sql(
        "INSERT INTO dwelling (id, unit, number, area_dm2) VALUES (?, ?, ?, ?)", identity, unit, number, area_dm2
    )
    await audit(tx, "units", "units.dwelling-added", identity, unit=unit)
    return identity


async def _refuse_namesake(tx: Tx, unit: str, number: str) -> None:
    rows = await tx.sql("SELECT closed FROM dwelling WHERE unit = ? AND number = ?", unit, number)
    if rows and rows[0][0] is not None:
        raise UnitTaken(
            f"{number} 已经停用，打开它的页面可以重新启用。",
            f"{number} was given up; its page puts it back into use.",
        )
    if rows:
        raise UnitTaken(f"这里已经有 {number} 了。", f"There is a {number} here already.")


async def change(tx: Tx, card: DwellingCard, *, number: str, area_dm2: int | None) -> None:
    """Another number or area; whoever lives there stays.

    :raises UnitTaken: the unit has a dwelling of that number
    """
    number = clean_number(number)
    if number != card.number:
        await _refuse_namesake(tx, card.unit, number)
    await tx.sql("UPDATE dwelling SET number = ?, area_dm2 = ? WHERE id = ?", number, area_dm2, card.id)
    await audit(tx, "units", "units.dwelling-changed", card.id, unit=card.unit)


async def close(tx: Tx, card: DwellingCard, day: date, *, residents: int) -> None:
    """Nobody will live in it any more: torn down, or joined with another.

    :param residents: how many live in it today (identity counts them)
    :raises UnitInUse: somebody lives in it, or it is closed already
    """
    if card.closed is not None:
        raise UnitInUse(f"{card.number} 已经停用了。", f"{card.number} was given up already.")
    if residents:
        raise UnitInUse(
            f"{card.number} 还住着 {residents} 人，请先给他们办理搬迁。",
            f"{residents} people still live in {card.number}: move them first.",
        )
    await tx.sql("UPDATE dwelling SET closed = ? WHERE id = ?", day, card.id)
    await audit(tx, "units", "units.dwelling-closed", card.id, unit=card.unit)


async def reopen(tx: Tx, card: DwellingCard) -> None:
    """Lived in again.

    :raises UnitInUse: its unit is closed
    """
    unit = await known(tx, card.unit)
    if unit.closed is not None:
        raise UnitInUse(f"{unit.name}已经撤销。", f"{unit.name} is closed.")
    await tx.sql("UPDATE dwelling SET closed = NULL WHERE id = ?", card.id)
    await audit(tx, "units", "units.dwelling-reopened", card.id, unit=card.unit)


async def find(store: Store, identity: str) -> DwellingCard:
    """:raises NotFound: none has this id"""
    rows = (
        await store.read("SELECT id, unit, number, area_dm2, closed FROM dwelling WHERE id = ?", identity)
        if is_id(identity)
        else []
    )
    if not rows:
        raise no_such_dwelling()
    return DwellingCard(*rows[0])


async def shown(store: Store, unit: str, page: str, *, size: int) -> tuple[Page[DwellingCard], int]:
    """A part of a unit's dwellings in the order of their numbers, and how many there are."""
    asked = ask(page, size=size)
    rows = await store.read(
        "SELECT id, unit, number, area_dm2, closed, count(*) OVER () FROM dwelling WHERE unit = ?"
        " ORDER BY length(number), number LIMIT ? OFFSET ?",
        unit, asked.size, asked.offset,
    )  # fmt: skip
    total = int(rows[0][5]) if rows else 0
    return asked.page([DwellingCard(*row[:5]) for row in rows], total), total


def no_such_dwelling() -> NotFound:
    """For a dwelling that does not exist and for one outside the visitor's scope: they look alike."""
    return NotFound("没有这处房屋，或者不在您负责的范围内。", "There is no such dwelling, or it is outside your area.")
