# SPDX-License-Identifier: Apache-2.0
"""What a meal costs whom: the subsidy rules applied to one diner and one meal, explained line by line.

Pure. Of the rules of one funder only the best counts; different funders add up, in the order of their rules, until
the price is met: nobody is ever paid for eating. A monthly cap is the funder's, for one person and calendar month.
Points come last, and only as far as own share is left. All amounts are 分.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

ANY: Final = ""
Kind = Literal["off", "pays"]
"""``off``: the funder gives this much. ``pays``: the diner pays this much, the funder the rest of the price."""

Reason = Literal["full", "cap", "cap-used", "price"]
"""Why a line gives what it gives: the rule's whole amount; what the month's cap left; nothing, the cap is used up;
what was left of the price."""
FULL: Final[Reason] = "full"
CAP: Final[Reason] = "cap"
CAP_USED: Final[Reason] = "cap-used"
PRICE: Final[Reason] = "price"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a rule version in force."""

    id: str
    title: str
    funder: str
    kind: Kind
    amount_fen: int
    meal: str = ANY
    category: str = ANY
    registration: str = ANY
    age_from: int = 0
    """Completed years; the birthday itself counts (民法典 1259: 以上 includes the number itself)."""
    age_to: int | None = None
    """Inclusive; None: no end."""
    monthly_cap_fen: int = 0
    """A person and calendar month; 0: no cap."""


@dataclass(frozen=True, slots=True)
class Diner:
    """What the rules ask about a person, on the day of the meal."""

    age: int | None = None
    """Completed years; None: not known, so no rule that asks for an age applies."""
    categories: tuple[str, ...] = ()
    registration: str = ANY


@dataclass(frozen=True, slots=True)
class Line:
    """One funder's part, and why it is so much."""

    rule: Rule
    fen: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Bill:
    """``price = subsidy + points' worth + due``, always."""

    price_fen: int
    lines: tuple[Line, ...]
    points: int
    points_fen: int
    due_fen: int
    """To be paid at the counter."""

    @property
    def subsidy_fen(self) -> int:
        return sum(line.fen for line in self.lines)

    @property
    def own_fen(self) -> int:
        """Before points."""
        return self.price_fen - self.subsidy_fen


def applies(rule: Rule, diner: Diner, meal: str) -> bool:
    """Whether this rule speaks of such a person and such a meal."""
    asks_age = rule.age_from > 0 or rule.age_to is not None
    if asks_age:
        if diner.age is None or diner.age < rule.age_from:
            return False
        if rule.age_to is not None and diner.age > rule.age_to:
            return False
    return (
        rule.meal in (ANY, meal)
        and (rule.category == ANY or rule.category in diner.categories)
        and rule.registration in (ANY, diner.registration)
    )


def bill(
    price_fen: int,
    meal: str,
    diner: Diner,
    rules: Sequence[Rule],
    used_fen: Mapping[str, int],
    *,
    points: int = 0,
    point_fen: int = 100,
) -> Bill:
    """
    :param rules: of the version in force on the day of the meal, in its order
    :param used_fen: funder → what it gave this person in the month of the meal already
    :param points: how many the diner wants to use; no more are taken than fit into own share
    :param point_fen: what one point is worth
    """
    assert price_fen >= 0
    assert point_fen > 0
    left, lines = price_fen, list[Line]()
    funders = dict.fromkeys(rule.funder for rule in rules if applies(rule, diner, meal))
    for funder in funders:
        mine = [rule for rule in rules if rule.funder == funder and applies(rule, diner, meal)]
        best = max((_line(rule, price_fen, left, used_fen.get(funder, 0)) for rule in mine), key=lambda line: line.fen)
        lines.append(best)
        left -= best.fen
    taken = max(0, min(points, left // point_fen))
    return Bill(price_fen, tuple(lines), taken, taken * point_fen, left - taken * point_fen)


def _line(rule: Rule, price_fen: int, left_fen: int, used_fen: int) -> Line:
    wanted = rule.amount_fen if rule.kind == "off" else max(0, price_fen - rule.amount_fen)
    fen = wanted
    reason: Reason = FULL
    if rule.monthly_cap_fen:
        room = max(0, rule.monthly_cap_fen - used_fen)
        if room < fen:
            fen, reason = room, CAP if room else CAP_USED
    # A rule that says what the diner pays counts another funder's part towards it.
    rest = left_fen if rule.kind == "off" else max(0, left_fen - rule.amount_fen)
    if rest < fen:
        fen, reason = rest, PRICE
    return Line(rule, fen, reason)


def month_of(day: date) -> str:
    """``2026-11``: what caps and claims are counted by."""
    return f"{day.year:04d}-{day.month:02d}"


def points_that_fit(own_fen: int, balance: int, point_fen: int) -> int:
    """How many points a diner could use for this own share."""
    return max(0, min(balance, own_fen // point_fen))
