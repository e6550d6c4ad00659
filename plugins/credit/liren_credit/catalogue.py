# SPDX-License-Identifier: Apache-2.0
"""The rule catalogue as values: versions of each rule, and which one is meant by what people write.

Rules are never retroactive: a day is judged by the version in force on that day.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from liren.web.sheets import Cell, clean, same_words

Behaviour = Literal["dedication", "good_faith", "breach_of_faith"]
"""奉献, 守信, 失信."""

_NOT_IN_CODES = re.compile(r"[^0-9a-z]")
_CODE_INSIDE = re.compile(r"[a-z]{1,6}-?\d{1,4}(?:-\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule."""

    code: str
    version: int
    title: str
    behaviour: Behaviour
    unit: str
    """What is counted: 小时, 次, 册 …"""
    points: int
    """For each unit."""
    daily_cap: int
    """Units a person can be credited with for one day."""
    evidence: str
    valid_from: date
    valid_to: date | None
    expiry: str
    source: str
    """Where it was published, for rules that applied on paper before."""
    subject: Literal["h", "o"] = "h"
    reviewers: int = 1
    template: str = ""
    """What it was adopted from, ``<plugin>.<what>``: events under it are claims."""

    @property
    def id(self) -> str:
        """Of the version: what a row of a list keeps."""
        return f"{self.code}.{self.version}"

    @property
    def ledger_code(self) -> str:
        """What the signed record says. The policy holds every version, so each has a code of its own."""
        return self.code if self.version == 1 else f"{self.code}.v{self.version}"

    @property
    def most(self) -> int:
        """Points one award can bring."""
        return self.points * self.daily_cap

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def rule_id(ledger_code: str) -> str:
    """Of the version a signed record names."""
    code, _dot, version = ledger_code.partition(".v")
    return f"{code}.{version or 1}"


class Catalogue:
    """Every version of every rule, found by code, by title, or by both in one cell."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: Sequence[Rule] = sorted(rules, key=lambda rule: (rule.code, -rule.version))
        self._by_code: dict[str, list[Rule]] = {}
        self._by_title: dict[str, set[str]] = {}
        self._seen: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            self._by_code.setdefault(_key(rule.code), []).append(rule)
            self._by_title.setdefault(same_words(rule.title), set()).add(_key(rule.code))

    def named(self, cell: Cell) -> tuple[Rule, ...]:
        """The versions of the rule a cell names, the newest first; empty where it names none or two."""
        if cell is None or cell == "":
            return ()
        text = cell if isinstance(cell, str) else clean(cell)
        found = self._seen.get(text)
        if found is None:
            if len(self._seen) > 10_000:
                self._seen.clear()
            found = self._seen[text] = self._find(text)
        return found

    def _find(self, text: str) -> tuple[Rule, ...]:
        words = same_words(text)
        if versions := self._by_code.get(_key(words)) if words.isascii() else None:
            return tuple(versions)
        keys = set(self._by_title.get(words, ()))
        if not keys:
            keys = {_key(part) for part in _CODE_INSIDE.findall(words)}
            known = keys & self._by_code.keys()
            if known != keys:
                return ()  # FX-01或FX-99: one of them is no rule of ours
            titled = {
                key for title, codes in self._by_title.items() if len(title) > 1 and title in words for key in codes
            }
            if known and titled and not known & titled:
                return ()  # the code of one rule, the title of another
        return tuple(self._by_code.get(keys.pop(), ())) if len(keys) == 1 else ()

    def on(self, cell: Cell, day: date) -> Rule | None:
        """The version of the rule in force on ``day``."""
        return next((rule for rule in self.named(cell) if rule.in_force(day)), None)

    def version(self, rule_id: str) -> Rule | None:
        """By :attr:`Rule.id`."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def newest(self) -> dict[str, Rule]:
        """Code → its latest version."""
        newest: dict[str, Rule] = {}
        for rule in self.rules:
            newest.setdefault(rule.code, rule)
        return newest

    def current(self, today: date) -> list[Rule]:
        """What applies today, one version a code."""
        newest: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.in_force(today):
                newest.setdefault(rule.code, rule)
        return list(newest.values())

    def announced(self, today: date) -> list[Rule]:
        """What is published and starts later."""
        return [rule for rule in self.rules if rule.valid_from > today]


def _key(code: str) -> str:
    return _NOT_IN_CODES.sub("", same_words(code))
