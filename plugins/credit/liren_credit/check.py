# SPDX-License-Identifier: Apache-2.0
"""A verdict for every row of an award list. Pure: values in, verdicts out; the order of questions is fixed.

The first question a row fails gives its verdict: is it data at all, who, which rule, which day, how much, may it
be credited, was it credited before, is it within the day's cap. So a row has one reason, and mending it may
bring up the next.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from liren.api import PersonKeys
from liren.web.sheets import (
    Column,
    Row,
    Table,
    YearHint,
    blank,
    clean,
    day,
    person_name,
    says_signed,
    says_total,
    whole_number,
    year_hint,
)
from liren_credit.catalogue import Catalogue, Rule
from liren_credit.columns import columns
from liren_credit.register import Register

Verdict = Literal[
    "ok",
    "duplicate",
    "ignored",
    "name-missing",
    "unknown-person",
    "ambiguous-person",
    "phone-and-name-differ",
    "id-number-wrong",
    "unknown-rule",
    "rule-not-valid-on-day",
    "date-unreadable",
    "date-in-future",
    "quantity-unreadable",
    "quantity-not-positive",
    "own-award",
    "consent-taken-back",
    "outside-area",
    "no-community",
    "closed-unit",
    "over-daily-cap",
]

_WIDE_NOTE = 13


@dataclass(frozen=True, slots=True)
class Checked:
    """One row with its verdict; what could be read stands beside it, whatever the verdict."""

    number: int
    """Sheet row, as Excel shows it."""
    verdict: Verdict
    name: str = ""
    person: str | None = None
    community: str | None = None
    """Unit code of the person's community: whose budget pays."""
    rule: Rule | None = None
    quantity: int | None = None
    day: date | None = None
    points: int = 0
    evidence: str = ""
    note: str = ""
    same_as: int | None = None
    """For a duplicate: the row of this list that has it already; None if it was credited before."""

    @property
    def key(self) -> "AwardKey | None":
        """What must not be credited twice; None where the row does not tell it."""
        if self.person is None or self.rule is None or self.day is None:
            return None
        return self.person, self.rule.code, self.day


AwardKey = tuple[str, str, date]
"""(person, rule code, day): at most one award stands for each."""


@dataclass(frozen=True, slots=True)
class Checker:
    """What a list is judged against."""

    register: Register
    catalogue: Catalogue
    today: date
    credited_before: Collection[AwardKey] = frozenset()
    """Of every award that stands or is on its way."""
    own: Collection[str] = frozenset()
    """Person ids nobody in this list may be: the collector and whoever lives with them."""
    declined: Collection[str] = frozenset()
    """Person ids who took back their consent to points: nothing new is recorded of them."""
    area: Collection[str] | None = None
    """Unit codes of the communities the collector looks after; None: every one."""
    closed: Mapping[str, date] = field(default_factory=dict)
    """Unit code → first day on which the unit no longer stands."""

    def columns(self) -> tuple[Column, ...]:
        """What an award list should tell, recognised by title and by our own codes and names."""
        return columns(self.register, self.catalogue)

    def check(self, table: Table) -> Iterator[Checked]:
        """Verdicts in the order of the rows."""
        so_far = _SoFar(year_hint(table.above))
        for row in table.rows():
            checked = self._row(table, row, so_far)
            if checked.verdict == "ok" and checked.key:
                so_far.taken[checked.key] = row.number
            yield checked

    def _row(self, table: Table, row: Row, so_far: "_SoFar") -> Checked:
        name_cell, phone_cell, id_cell = table.get(row, "name"), table.get(row, "phone"), table.get(row, "id_number")
        rule_cell, count_cell, day_cell = table.get(row, "rule"), table.get(row, "quantity"), table.get(row, "day")
        name = "" if blank(name_cell) else person_name(name_cell)
        read = _Read(row.number, name, clean(table.get(row, "evidence")), clean(table.get(row, "note")))
        bare = not name or name in table.words or blank(rule_cell) or blank(day_cell)
        if bare and self._is_no_data(table, row, name):
            return read.says("ignored")
        if not name:
            return read.says("name-missing")
        match = self.register.match(name, phone_cell, id_cell, table.get(row, "community"))
        versions = self.catalogue.named(rule_cell)
        the_day = day(day_cell, so_far.hint)
        rule = next((each for each in versions if the_day is None or each.in_force(the_day)), None)
        quantity = whole_number(count_cell, versions[0].unit if versions else "")
        read = read.with_(match.person, rule, quantity, the_day)
        if match.person is None:
            return read.says(match.problem)  # type: ignore[arg-type]
        if not versions:
            return read.says("unknown-rule")
        if the_day is None:
            return read.says("date-unreadable")
        if the_day > self.today:
            return read.says("date-in-future")
        if rule is None:
            return read.says("rule-not-valid-on-day")
        if quantity is None:
            return read.says("quantity-unreadable")
        if quantity <= 0:
            return read.says("quantity-not-positive")
        return self._may(read, match.person, rule, quantity, the_day, so_far.taken)

    def _may(
        self,
        read: "_Read",
        person: PersonKeys,
        rule: Rule,
        quantity: int,
        the_day: date,
        taken: Mapping[AwardKey, int],
    ) -> Checked:
        """The row can be read; may it be credited?"""
        if person.id in self.own:
            return read.says("own-award")
        if person.id in self.declined:
            return read.says("consent-taken-back")
        if person.community is None:
            return read.says("no-community")
        if self.area is not None and person.community not in self.area:
            return read.says("outside-area")
        if (closed := self.closed.get(person.community)) is not None and closed <= the_day:
            return read.says("closed-unit")
        key = (person.id, rule.code, the_day)
        if key in taken or key in self.credited_before:
            return read.says("duplicate", same_as=taken.get(key))
        if quantity > rule.daily_cap:
            return read.says("over-daily-cap")
        return read.says("ok", points=quantity * rule.points)

    def moved(self, checked: Checked, community: str | None) -> Checked:
        """The same row for somebody who lived in ``community`` on its day."""
        if checked.verdict != "ok" or community is None or community == checked.community:
            return checked
        elsewhere = replace(checked, community=community)
        if self.area is not None and community not in self.area:
            return replace(elsewhere, verdict="outside-area", points=0)
        return elsewhere

    def _is_no_data(self, table: Table, row: Row, name: str) -> bool:
        """Totals, signatures, notes, a header printed again, or a serial number with nothing beside it."""
        if table.repeats_header(row):
            return True
        telling = ("name", "phone", "id_number", "rule", "quantity", "day")
        given = [key for key in telling if not blank(table.get(row, key))]
        if not given:
            return True
        if says_total(row):
            return "rule" not in given or "day" not in given
        if blank(table.get(row, "rule")) and blank(table.get(row, "quantity")):
            if says_signed(row):
                return True
            lone = len(given) == 1 and isinstance(table.get(row, given[0]), str)
            return lone and len(clean(table.get(row, given[0]))) >= _WIDE_NOTE and name not in self.register.names
        return False


@dataclass(slots=True)
class _SoFar:
    """What the list itself has told up to here."""

    hint: YearHint | None
    taken: dict[AwardKey, int] = field(default_factory=dict)
    """(person, rule code, day) → the good row that has it."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one row told, as far as it could be read."""

    number: int
    name: str
    evidence: str
    note: str
    person: PersonKeys | None = None
    rule: Rule | None = None
    quantity: int | None = None
    day: date | None = None

    def with_(
        self, person: PersonKeys | None, rule: Rule | None, quantity: int | None, the_day: date | None
    ) -> "_Read":
        return _Read(self.number, self.name, self.evidence, self.note, person, rule, quantity, the_day)

    def says(self, verdict: Verdict, *, points: int = 0, same_as: int | None = None) -> Checked:
        person = self.person
        return Checked(
            self.number,
            verdict,
            self.name,
            person.id if person else None,
            person.community if person else None,
            self.rule,
            self.quantity,
            self.day,
            points,
            self.evidence,
            self.note,
            same_as,
        )


def points_of(rows: Iterable[Checked]) -> int:
    """What the good rows add up to."""
    return sum(row.points for row in rows)
