# SPDX-License-Identifier: Apache-2.0
"""Every leaf of every monthly statement, computed from the replayed log with the secrets of an export (section 13)."""

import hmac
from dataclasses import dataclass
from typing import Any

from liren_verify import canonical
from liren_verify.accounts import Accounts
from liren_verify.findings import Findings, Problem
from liren_verify.note import MOST, unbase64url
from liren_verify.records import Entry, Other, Post
from liren_verify.statement import CODE, digest_of, leaf_of
from liren_verify.tree import Tree

MOST_BYTES = 2**20
MEMBER = "statements.json"
_FIELDS = {"attest_salt", "leaves", "month", "secret", "size"}


@dataclass(frozen=True, slots=True)
class Stated:
    """One month of ``statements.json``."""

    month: str
    size: int
    leaves: int
    secret: bytes
    attest_salt: bytes


def parse_stated(raw: bytes) -> dict[str, Stated]:
    """Month → what is told of it.

    :raises Problem: ``statement-bad``
    """
    value = canonical.decode(raw, "statement-bad")
    if not isinstance(value, dict) or value.keys() != {"format", "statements"}:
        raise Problem("statement-bad", why="members")
    if value["format"] != "liren/statements/v1" or not isinstance(value["statements"], list):
        raise Problem("statement-bad", why="format")
    found: dict[str, Stated] = {}
    for one in value["statements"]:
        stated = _stated(one)
        if found and stated.month <= max(found):
            raise Problem("statement-bad", why="months do not ascend")
        found[stated.month] = stated
    return found


def _stated(one: Any) -> Stated:
    if not isinstance(one, dict) or one.keys() != _FIELDS:
        raise Problem("statement-bad", why="members")
    texts = [one[name] for name in ("month", "secret", "attest_salt")]
    numbers = [one[name] for name in ("size", "leaves")]
    if not all(isinstance(text, str) for text in texts):
        raise Problem("statement-bad", why="text")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MOST for n in numbers):
        raise Problem("statement-bad", why="number")
    secret, salt = unbase64url(texts[1], 32), unbase64url(texts[2], 32)
    if secret is None or salt is None:
        raise Problem("statement-bad", why="secret or salt")
    return Stated(texts[0], numbers[0], numbers[1], secret, salt)


class StatementsCheck:
    """Follows the replay: counts each holder's entries, and takes every root where its month ends."""

    def __init__(self, stated: dict[str, Stated], findings: Findings) -> None:
        self._stated = stated
        self._findings = findings
        self._by_size: dict[int, list[Stated]] = {}
        for one in stated.values():
            self._by_size.setdefault(one.size, []).append(one)
        self._entries: dict[bytes, int] = {}
        self._roots: dict[str, tuple[int, bytes]] = {}
        self._seen: set[str] = set()
        self._last_day = ""
        """Admission day of the last entry."""
        self._street_unit = ""

    def take(self, position: int, entry: Entry, day: str, accounts: Accounts) -> None:
        """After the replay took the entry at ``position``, admitted on ``day``: ``accounts`` count it already."""
        record = entry.record
        if position == 0:
            self._street_unit = record.unit or ""
        if isinstance(record, Other):
            if record.fields.get("subject", "").startswith("statement/"):
                self._attested(position, record)
        elif self._stated:
            self._count(record)
        if self._by_size:
            for one in self._by_size.get(position, ()):
                if not self._last_day[:7] <= one.month < day[:7]:  # it ends between the entry before and this one
                    self._findings.add(MEMBER, "statement-wrong", why=f"size of {one.month}")
            self._last_day = day
            self.roots(position + 1, accounts)

    def roots(self, size: int, accounts: Accounts) -> None:
        """Takes the roots of the statements that cover exactly the first ``size`` entries."""
        for one in self._by_size.get(size, ()):
            self._roots[one.month] = self._root(one, accounts)

    @property
    def any(self) -> bool:
        """Whether a statement is told of, or stands in the log."""
        return bool(self._stated or self._seen)

    def finish(self) -> None:
        """What is told of a month must stand in the log."""
        for month in sorted(self._stated.keys() - self._seen):
            self._findings.add(MEMBER, "statement-wrong", why=f"{month} is not in the log")

    def _count(self, post: Post) -> None:
        for _, src, dst, _ in post.postings:
            for address in (src, dst):
                if address[1] == "/":
                    holder = address[2:24].encode()
                    self._entries[holder] = self._entries.get(holder, 0) + 1
                    return  # all addresses of a record name one holder

    def _attested(self, position: int, record: Other) -> None:
        place, month = f"entry {position}", record.fields["subject"].removeprefix("statement/")
        if record.fields["code"] != CODE:
            self._findings.add(place, "statement-wrong", why="code")
            return
        if record.unit != self._street_unit:
            self._findings.add(place, "statement-wrong", why="unit")
        if month in self._seen:
            self._findings.add(place, "statement-wrong", why="a second one of this month")
            return
        self._seen.add(month)
        one = self._stated.get(month)
        if one is None:
            self._findings.add(place, "statement-wrong", why=f"not in {MEMBER}")
            return
        leaves, root = self._roots.get(month, (-1, b""))
        if leaves != one.leaves:
            self._findings.add(place, "statement-wrong", why="number of leaves")
        elif digest_of(one.attest_salt, leaves, root) != record.fields["digest"]:
            self._findings.add(place, "statement-wrong", why="root")

    def _root(self, one: Stated, accounts: Accounts) -> tuple[int, bytes]:
        held: dict[str, dict[tuple[str, str], int]] = {}
        for asset, holder, expiry, amount in accounts.holdings():
            lots = held.setdefault(holder, {})
            lots[asset, expiry] = lots.get((asset, expiry), 0) + amount
        tree = Tree()
        for raw in sorted(self._entries):
            name = raw.decode()
            salt = hmac.digest(one.secret, one.month.encode() + raw, "sha256")
            tree.append(
                leaf_of(
                    salt,
                    name,
                    [(*lot, n) for lot, n in sorted(held.get(name, {}).items())],
                    self._entries[raw],
                    one.size,
                )
            )
        return tree.size, tree.root()
