# SPDX-License-Identifier: Apache-2.0
"""A list of residents, judged row by row: pure rules, no database.

Columns are recognised by meaning (``liren.web.sheets``); every row below the header gets one verdict, and only rows
that leave no doubt are taken.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from liren.identity.names import is_name, normalise
from liren.identity.numbers import birthday_in, id_number, phone, text_of
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
    "known": _("已经登记过"),
    "duplicate": _("和前面的行重复"),
    "ignored": _("不是居民，已跳过"),
    "missing-name": _("缺姓名"),
    "bad-name": _("这不像姓名"),
    "missing-number": _("身份证号和手机号至少填一项"),
    "bad-id-number": _("身份证号不对，请照证件核对"),
    "other-name": _("这个身份证号登记的是另一个姓名"),
    "bad-phone": _("手机号不对"),
    "bad-birthday": _("出生日期读不懂"),
    "birthday-differs": _("出生日期和身份证号对不上"),
    "missing-community": _("缺社区"),
    "unknown-community": _("街道里没有这个社区"),
    "bad-place": _("住址里有不能用的名称"),
}
"""Verdict code → what the page says beside the row."""

TAKEN: Final = ("ok", "phone-shared")

_SUM_ROW = re.compile(r"^(合计|总计|小计|共计|共\d+人|制表|填表|审核|备注|说明)")


@dataclass(frozen=True, slots=True)
class Verdict:
    row: int
    """As Excel shows it."""
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row, read and in order."""

    row: int
    name: str
    private: Private
    places: tuple[tuple[str, str], ...]
    """(level, name) from the community down; levels left blank are skipped."""
    room: str
    role: str
    person: str | None = None
    """Id of the person this row is about, where they are registered already."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the register holds already, by keyed hash."""

    hash_of: Callable[[str, str], str]
    today: date
    """The street's day: nobody is born after it."""
    by_id_number: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """hash → (person id, name)"""
    by_phone: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """hash → {name: person id}"""
    without_number: Collection[str] = ()
    """Ids of people registered without an ID number: a phone and a name may stand for them."""
    communities: Collection[str] | None = None
    """Name keys of the street's communities; None: the list may bring new ones."""


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on every row, and the rows that can be taken."""

    verdicts: tuple[Verdict, ...]
    new: tuple[Candidate, ...]
    known: tuple[Candidate, ...]

    def counts(self) -> dict[str, int]:
        return dict(Counter(v.code for v in self.verdicts))

    def wrong(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.code not in (*TAKEN, "known", "ignored"))


def judge(table: Table, known: Known) -> Report:
    """A verdict for every row that is not blank."""
    judging = _Judging(table, known)
    for row in table.rows():
        judging.take(row)
    return Report(tuple(judging.verdicts), tuple(judging.new), tuple(judging.known))


class _Judging:
    def __init__(self, table: Table, known: Known) -> None:
        self._table, self._register = table, known
        self._titles = {normalise(title) for title in table.titles}
        self._numbers: dict[str, str] = {}
        self._people: set[tuple[str, str]] = set()
        self._phones: dict[str, str] = {}
        self._checked: dict[tuple[str, str], bool] = {}
        self.verdicts: list[Verdict] = []
        self.new: list[Candidate] = []
        self.known: list[Candidate] = []

    def take(self, row: Row) -> None:
        name = normalise(self._table.get(row, "name"))
        if (name in self._titles and self._table.repeats_header(row)) or self._is_sum(row, name):
            self.verdicts.append(Verdict(row.number, "ignored"))
            return
        candidate = self._read(row, name)
        code = candidate if isinstance(candidate, str) else self._compare(candidate)
        self.verdicts.append(Verdict(row.number, code, name[:40]))

    def _is_sum(self, row: Row, name: str) -> bool:
        first = next((text_of(cell) for cell in row.cells if not blank(cell)), "")
        numbers = any(not blank(self._table.get(row, key)) for key in ("id_number", "phone"))
        return not numbers and bool(_SUM_ROW.match(name or first) or _SUM_ROW.match(first))

    def _read(self, row: Row, name: str) -> Candidate | str:
        """The row's values, or the code of what is wrong with them."""
        if not name:
            return "missing-name"
        if not is_name(name):
            return "bad-name"
        private = self._private(row)
        if isinstance(private, str):
            return private
        places = tuple((level, text_of(cell)) for level in PLACES if not blank(cell := self._table.get(row, level)))
        if not places or places[0][0] != "community":
            return "missing-community"
        if self._register.communities is not None and not self._community_known(places[0][1]):
            return "unknown-community"
        if not all(self._place_fits(level, place) for level, place in places):
            return "bad-place"
        room = "" if blank(cell := self._table.get(row, "room")) else text_of(cell)[:20]
        return Candidate(row.number, name, private, places, room, _role(self._table.get(row, "role")))

    def _private(self, row: Row) -> Private | str:
        cells = {key: self._table.get(row, key) for key in ("id_number", "phone", "birthday", "address")}
        given = {key: not blank(cell) for key, cell in cells.items()}
        number, mobile = id_number(cells["id_number"]), phone(cells["phone"])
        born = day(cells["birthday"]) if given["birthday"] else None
        if given["id_number"] and number is None:
            return "bad-id-number"
        if given["phone"] and mobile is None:
            return "bad-phone"
        if number is None and mobile is None:
            return "missing-number"
        if given["birthday"] and (born is None or born > self._register.today):
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
            assert self._register.communities is not None
            self._checked[key] = name_key("community", name) in self._register.communities
        return self._checked[key]

    def _place_fits(self, level: str, name: str) -> bool:
        key = (level, name)
        if key not in self._checked:
            self._checked[key] = len(name) <= 30 and name.isprintable()
        return self._checked[key]

    def _compare(self, candidate: Candidate) -> str:
        """Against the rows before and against the register."""
        name, private = candidate.name, candidate.private
        if private.id_number is not None:
            earlier = self._numbers.get(private.id_number)
            if earlier is not None:
                return "duplicate" if earlier == name else "other-name"
        if private.phone is not None and private.id_number is None and (name, private.phone) in self._people:
            return "duplicate"
        code, person = self._in_register(candidate)
        if code == "other-name":
            return code
        if private.id_number is not None:
            self._numbers[private.id_number] = name
        shared = False
        if private.phone is not None:
            self._people.add((name, private.phone))
            shared = self._phones.setdefault(private.phone, name) != name or code == "phone-shared"
        if person is not None:
            self.known.append(replace(candidate, person=person))
            return "known"
        self.new.append(candidate)
        return "phone-shared" if shared else "ok"

    def _in_register(self, candidate: Candidate) -> tuple[str, str | None]:
        private, register = candidate.private, self._register
        if private.id_number is not None and register.by_id_number:
            found = register.by_id_number.get(register.hash_of("id_number", private.id_number))
            if found is not None:
                return ("known", found[0]) if found[1] == candidate.name else ("other-name", None)
        if private.phone is not None and register.by_phone:
            holders = register.by_phone.get(register.hash_of("phone", private.phone), {})
            person = holders.get(candidate.name)
            if person is not None and (private.id_number is None or person in register.without_number):
                return "known", person
            if holders:
                return "phone-shared", None
        return "ok", None


def _role(cell: Cell) -> str:
    text = text_of(cell)
    if text in ("户主", "本人"):
        return "head"
    return "tenant" if "租" in text else "member"
