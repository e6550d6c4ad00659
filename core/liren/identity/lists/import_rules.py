# SPDX-License-Identifier: Apache-2.0
"""A list of residents, judged row by row: pure rules, no database.

Columns are recognised by meaning (``liren.web.sheets``); every row below the header gets one verdict, and only rows
that leave no doubt are taken. What the register says of a row is asked afterwards (``import_register.py``).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.identity.register.names import Sound, is_name, normalise, sound
from liren.identity.register.numbers import birthday_in, id_number, phone, text_of, too_young_to_agree
from liren.identity.sealed import Private
from liren.units.rules import name_key
from liren.web.sheets import Cell, Row, Table, blank, day


def _(text: str) -> str:
    """Marks a text for translation."""
    return text


PLACES: Final = ("community", "grid", "building", "stair")

TEXTS: Final[Mapping[str, str]] = {
    "ok": _("可以登记"),
    "phone-shared": _("可以登记；这个手机号也登记在别人名下，请留意"),
    "child": _("可以登记；不满十四周岁，同意的事要监护人来定：登记监护人以后，到孩子的“同意的事”里记"),
    "known": _("已经登记过"),
    "duplicate": _("和前面的行重复"),
    "ignored": _("不是居民，已跳过"),
    "missing-name": _("缺姓名"),
    "bad-name": _("这不像姓名"),
    "missing-number": _("身份证号和手机号至少填一项"),
    "number-rounded": _("身份证号存成了数字，末几位已经丢了；请把这一列设成文本，重新填写"),
    "bad-id-number": _("身份证号不对，请照证件核对"),
    "other-name": _("这个身份证号登记的是另一个姓名"),
    "bad-phone": _("手机号不对"),
    "bad-birthday": _("出生日期读不懂"),
    "birthday-differs": _("出生日期和身份证号对不上"),
    "missing-community": _("缺社区"),
    "unknown-community": _("街道里没有这个社区"),
    "bad-place": _("住址里有不能用的名称"),
    "formula": _("格子里是公式，请改成普通文字"),
    "gone": _("登记为已迁出或去世，请到本人页面办理"),
}
"""Verdict code → what the page says beside the row."""

TAKEN: Final = ("ok", "phone-shared", "child")
IN_ORDER: Final = (*TAKEN, "known", "ignored")

_TEXTS: Final = ("name", *PLACES, "room", "address")
_EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number."""
_SCIENTIFIC = re.compile(r"\d\.\d+[eE]\+?1[67]")
_SUM_ROW = re.compile(r"^(合计|总计|小计|共计|共\d+人|制表|填表|审核|备注|说明)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row, read and in order."""

    name: str
    heard: Sound
    private: Private
    places: tuple[tuple[str, str], ...]
    """(level, name) from the community down; levels left blank are skipped."""
    room: str
    role: str
    person: str | None = None
    """Id of the person this row is about, where they are registered already."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one row."""

    row: int
    """As Excel shows it."""
    code: str
    name: str = ""
    candidate: Candidate | None = None
    """Where the row is in order."""
    cells: tuple[str, ...] = ()
    """As they were typed, where it is not."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What rows are judged by, beside themselves."""

    today: date
    """The street's day: nobody is born after it."""
    communities: frozenset[str] | None = None
    """Name keys of the street's communities; None: the list may bring new ones."""


def judge(table: Table, bounds: Bounds) -> Iterator[Judged]:
    """A verdict for every row that is not blank."""
    judging = _Judging(table, bounds)
    return map(judging.take, table.rows())


class _Judging:
    def __init__(self, table: Table, bounds: Bounds) -> None:
        self._table, self._bounds = table, bounds
        self._titles = {normalise(title) for title in table.titles}
        self._numbers: dict[str, str] = {}
        self._people: set[tuple[str, str]] = set()
        self._phones: dict[str, str] = {}
        self._checked: dict[tuple[str, str], bool] = {}

    def take(self, row: Row) -> Judged:
        name = normalise(self._table.get(row, "name"))
        if (name in self._titles and self._table.repeats_header(row)) or self._is_sum(row, name):
            return Judged(row.number, "ignored")
        candidate = self._read(row, name)
        if isinstance(candidate, str):
            return Judged(row.number, candidate, name[:40], cells=_cells(row))
        code = self._compare(candidate)
        if code in TAKEN:
            code = "child" if too_young_to_agree(candidate.private.birthday, self._bounds.today) else code
            return Judged(row.number, code, name[:40], candidate)
        return Judged(row.number, code, name[:40], cells=_cells(row))

    def _is_sum(self, row: Row, name: str) -> bool:
        first = next((text_of(cell) for cell in row.cells if not blank(cell)), "")
        numbers = any(not blank(self._table.get(row, key)) for key in ("id_number", "phone"))
        return not numbers and bool(_SUM_ROW.match(name or first) or _SUM_ROW.match(first))

    def _read(self, row: Row, name: str) -> Candidate | str:
        """The row's values, or the code of what is wrong with them."""
        if any(
            isinstance(cell := self._table.get(row, key), str) and cell.lstrip(" '").startswith("=") for key in _TEXTS
        ):
            return "formula"
        if not name:
            return "missing-name"
        if not is_name(name) or isinstance(self._table.get(row, "name"), bool):
            return "bad-name"
        private = self._private(row)
        if isinstance(private, str):
            return private
        places = tuple((level, text_of(cell)) for level in PLACES if not blank(cell := self._table.get(row, level)))
        if not places or places[0][0] != "community":
            return "missing-community"
        if self._bounds.communities is not None and not self._community_known(places[0][1]):
            return "unknown-community"
        if not all(self._place_fits(level, place) for level, place in places):
            return "bad-place"
        room = "" if blank(cell := self._table.get(row, "room")) else text_of(cell)[:20]
        role = _role(self._table.get(row, "role"))
        return Candidate(name, sound(name), private, places, room, role)

    def _private(self, row: Row) -> Private | str:
        cells = {key: self._table.get(row, key) for key in ("id_number", "phone", "birthday", "address")}
        given = {key: not blank(cell) for key, cell in cells.items()}
        number, mobile = id_number(cells["id_number"]), phone(cells["phone"])
        born = day(cells["birthday"]) if given["birthday"] else None
        if isinstance(cells["id_number"], int | float) and abs(cells["id_number"]) >= _EXACT:
            return "number-rounded"
        if given["id_number"] and number is None:
            return "number-rounded" if _SCIENTIFIC.fullmatch(text_of(cells["id_number"])) else "bad-id-number"
        if given["phone"] and mobile is None:
            return "bad-phone"
        if number is None and mobile is None:
            return "missing-number"
        if given["birthday"] and (born is None or born > self._bounds.today):
            return "bad-birthday"
        if number is not None:
            in_number = birthday_in(number)
            if born is not None and in_number != born:
                return "birthday-differs"
            born = in_number
        return Private(mobile, number, born, text_of(cells["address"])[:120] or None)

    def _community_known(self, name: str) -> bool:
        key = ("?", name)
        if key not in self._checked:
            assert self._bounds.communities is not None
            self._checked[key] = name_key("community", name) in self._bounds.communities
        return self._checked[key]

    def _place_fits(self, level: str, name: str) -> bool:
        key = (level, name)
        if key not in self._checked:
            self._checked[key] = len(name) <= 30 and name.isprintable()
        return self._checked[key]

    def _compare(self, candidate: Candidate) -> str:
        """Against the rows before."""
        name, private = candidate.name, candidate.private
        if private.id_number is not None:
            earlier = self._numbers.get(private.id_number)
            if earlier is not None:
                return "duplicate" if earlier == name else "other-name"
            self._numbers[private.id_number] = name
        if private.phone is None:
            return "ok"
        if private.id_number is None and (name, private.phone) in self._people:
            return "duplicate"
        self._people.add((name, private.phone))
        return "ok" if self._phones.setdefault(private.phone, name) == name else "phone-shared"


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(text_of(cell)[:60] for cell in row.cells[:30])


def _role(cell: Cell) -> str:
    text = text_of(cell)
    if text in ("户主", "本人"):
        return "head"
    return "tenant" if "租" in text else "member"
