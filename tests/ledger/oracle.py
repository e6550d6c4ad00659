# SPDX-License-Identifier: Apache-2.0
"""What the ledger must say, in a page of dictionaries: it knows the rules of posting, and nothing of records, keys,
trees or databases. Amounts and verdicts come from here; pseudonyms are the ledger's own, learnt from what it posted.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

Lots = list[tuple[date, int]]


def month_end(day: date, months: int = 0) -> date:
    first = date(day.year + (day.month + months) // 12, (day.month + months) % 12 + 1, 1)
    return first - timedelta(days=1)


ENDS = {
    "FX-01": lambda eff: date(eff.year + 1, 12, 31),
    "FX-02": lambda eff: date(eff.year, 12, 31),
    "FX-03": lambda eff: date.max,
    "FX-04": lambda eff: month_end(eff, 1),
}


@dataclass
class Taken:
    """Points of one pseudonym that were set aside, deducted or closed: they come back latest first."""

    holder: str
    lots: Lots
    held: int = 0  # of an order: not settled and not given back
    back: int = 0

    def end_at(self, nth: int) -> date:
        """Where the point ends that comes back after ``nth`` others."""
        return [end for end, n in sorted(self.lots, reverse=True) for _ in range(n)][nth]


@dataclass
class Oracle:
    today: date
    most: int = 100  # what rule FX-03 gives at most
    law: bool = False  # whether points may be deducted from people
    lots: defaultdict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))
    owned: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # person → pseudonyms
    merchant: int = 0
    redeemed: int = 0
    fund: int = 0
    paid: int = 0  # money the merchant got
    shop: int = 0
    awards: list[list] = field(default_factory=list)  # [holder, end, amount, reversed]
    orders: list[list[Taken]] = field(default_factory=list)
    settles: list[list[list]] = field(default_factory=list)  # [[part of the order, amount, refunded] …]
    taken: list[Taken] = field(default_factory=list)  # by deductions and closings
    clears: list[list[int]] = field(default_factory=list)  # [amount, reversed]

    def mine(self, person: str) -> list[tuple[str, date, int]]:
        """(pseudonym, end, points) of what can be spent, what ends first first."""
        found = [(who, end, n) for (who, end), n in self.lots.items() if who in self.owned[person] and n]
        return sorted((lot for lot in found if lot[1] >= self.today), key=lambda lot: (lot[1], lot[0]))

    def balance(self, person: str) -> int:
        return sum(n for _, _, n in self.mine(person))

    def award(self, code: str, amount: int, eff: date) -> date | None:
        end = ENDS[code](eff)
        return end if end >= self.today and amount <= (self.most if code == "FX-03" else 100) else None

    def draw(self, person: str, amount: int) -> list[Taken]:
        by_holder: dict[str, Taken] = {}
        for who, end, n in self.mine(person):
            if part := min(n, amount):
                by_holder.setdefault(who, Taken(who, [])).lots.append((end, part))
                self.lots[who, end] -= part
                amount -= part
        return list(by_holder.values())

    def give_back(self, taken: Taken, amount: int) -> None:
        skip, left = taken.back, amount
        for end, part in sorted(taken.lots, reverse=True):
            come = min(max(part - skip, 0), left)
            skip, left = max(skip - part, 0), left - come
            self.lots[taken.holder, end if end >= self.today else month_end(self.today + timedelta(days=30))] += come
        assert not left
        taken.back += amount

    def shares(self, order: list[Taken], amount: int) -> list[tuple[Taken, int]]:
        """How much of each part of an order; nothing where the order holds less."""
        found, left = [], amount if amount <= sum(part.held for part in order) else 0
        for part in order:
            if share := min(part.held, left):
                found.append((part, share))
                part.held, left = part.held - share, left - share
        return found

    def backwards(self, parts: list[tuple[Taken, int]], amount: int) -> list[int]:
        """How much comes back to each part of an order, point by point: what ends last first, then the later part."""
        shares = [0] * len(parts)
        for _ in range(amount):
            open_ = [n for n, (_, most) in enumerate(parts) if shares[n] < most]
            shares[max(open_, key=lambda n: (parts[n][0].end_at(parts[n][0].back + shares[n]), n))] += 1
        return shares

    def void(self, order: list[Taken], amount: int) -> bool:
        if amount > sum(part.held for part in order):
            return False
        for part, share in zip(order, self.backwards([(part, part.held) for part in order], amount), strict=True):
            part.held -= share
            self.give_back(part, share)
        return True

    def refund(self, settle: list[list], amount: int) -> bool:
        if amount > sum(settled - refunded for _, settled, refunded in settle):
            return False
        held = min(amount, self.merchant)
        self.merchant, self.redeemed = self.merchant - held, self.redeemed - (amount - held)
        shares = self.backwards([(part, settled - refunded) for part, settled, refunded in settle], amount)
        for line, share in zip(settle, shares, strict=True):
            self.give_back(line[0], share)
            line[2] += share
        return True

    def reverse_award(self, award: list, amount: int, *, known: bool) -> bool:
        holder, end, awarded, done = award
        come = min(amount, self.lots[holder, end])
        if not known or done + amount > awarded or end < self.today or not come:
            return False
        self.lots[holder, end] -= come
        award[3] += come
        return True

    def reverse_taken(self, taken: Taken, amount: int, *, known: bool) -> bool:
        if not known or taken.back + amount > sum(n for _, n in taken.lots):
            return False
        self.give_back(taken, amount)
        return True

    def close(self, person: str) -> list[Taken]:
        closed = []
        for who in sorted(self.owned[person]):
            mine = sorted((end, n) for (holder, end), n in self.lots.items() if holder == who and n)
            if mine:
                closed.append(Taken(who, mine))
                self.lots.update({(who, end): 0 for end, _ in mine})
        return closed

    def erase(self, person: str) -> bool:
        if any(n for (who, _), n in self.lots.items() if who in self.owned[person]):
            return False
        self.owned[person] = []
        return True
