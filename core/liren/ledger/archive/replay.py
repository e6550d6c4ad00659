# SPDX-License-Identifier: Apache-2.0
"""The log replayed from its signed bytes alone: what every other table must say.

Used by ``liren ledger verify`` (the log in place) and ``liren ledger rebuild`` (the derived tables). Whether the rules
of posting were kept is ``judge``'s to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from liren.ledger.authority import keys, policy
from liren.ledger.authority.keys import KeyBook
from liren.ledger.authority.policy import PolicyInForce
from liren.ledger.engine.recovered import CODE, read_body, recovers
from liren.ledger.errors import LedgerError
from liren.ledger.log import merkle, records
from liren.ledger.log.anchor import Mark, number_of
from liren.ledger.log.merkle import Edge
from liren.ledger.log.nodes import NODE_LEVELS
from liren.ledger.log.note import Signature, VerifierKey, open_note
from liren.ledger.log.records import Attest, Key, Policy, Post, Record
from liren.ledger.rules import addresses

COLUMNS: Final = "pos, rid, kind, why, unit, admitted_ms, eff, ref, body, leaf"
AccountKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    zh: str
    en: str
    pos: int | None = None


@dataclass(slots=True)
class Held:
    """An account as the replay has it."""

    id: int
    balance: int = 0
    postings: int = 0
    """Sum of the row digests: equal sets of rows have equal sums, in any order."""


class Replay:
    """Takes every row of ``log_entry`` in order."""

    def __init__(self, bodies: dict[str, bytes], recoveries: dict[str, bytes], *, rights: bool = True) -> None:
        """
        :param bodies: the policy bodies by digest
        :param recoveries: the bodies of recoveries by rid
        :param rights: check signatures too, the dear part; derived tables do not depend on it
        """
        self._bodies, self._recoveries = bodies, recoveries
        self._check_rights = rights
        self.edge = Edge()
        self.last_ms = 0
        self.origin: str | None = None
        self._root_below = b""
        self.keys = KeyBook()
        self.policy: PolicyInForce | None = None
        self.accounts: dict[AccountKey, Held] = {}
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.postings: list[tuple[int, int, int, int]] = []
        """(account, pos, amount, balance) of the row taken last."""
        self.record: Record | None = None
        """Of the row taken last; None: its bytes are none."""

    def take(self, row: tuple[Any, ...]) -> Iterator[Finding]:
        """One stored row: what is wrong with it."""
        pos, rid, kind, why, unit, admitted_ms, eff, ref, body, leaf = row
        self.postings, self.record = [], None
        expected = self.edge.size
        if pos != expected:
            yield _finding(expected, f"位置不连续（实为 {pos}）", f"positions are not gapless (found {pos})")
        if admitted_ms < self.last_ms:
            yield _finding(pos, "时间倒退", "its time goes back")
        self.last_ms = max(self.last_ms, admitted_ms)
        real = merkle.leaf_hash(records.entry_bytes(admitted_ms, bytes(body)))
        if real != bytes(leaf):
            yield _finding(pos, "内容与树叶不符", "its bytes do not give its leaf")
        self._root_below = self.edge.root() if kind == "attest" else b""
        for node in self.edge.append(bytes(leaf)):
            if node[0] % NODE_LEVELS == 0:
                self.nodes[node[0], node[1]] = node[2]
        try:
            text, signatures = open_note(bytes(body))
            record = self.record = records.decode(text)
        except LedgerError as error:
            yield _finding(pos, "内容不合规范", f"it is not a record: {error.en}")
            return
        stored = (rid, kind, why, unit, eff, ref)
        if stored != columns_of(record):
            yield _finding(pos, "索引列与签名内容不符", "its columns do not say what was signed")
        if recovers(record):
            yield from self._go_on(pos, record)
        self.origin = self.origin or record.log
        if record.log != self.origin:
            yield _finding(pos, "属于另一本账", "it belongs to another log")
        if self._check_rights:
            yield from self._rights(pos, record, text, signatures)
        yield from self._apply(pos, record)

    def _go_on(self, pos: int, record: Record) -> Iterator[Finding]:
        """A recovery: what it attests is the log below it, and the next origin."""
        assert isinstance(record, Attest)
        try:
            restored, published, digest = read_body(self._recoveries.get(record.rid, b""))
            below = Mark(self.origin or "", pos, self._root_below)
            good = restored == below and addresses.encode_id(digest) == record.digest and record.code == CODE
            good = good and number_of(record.log) > max(number_of(restored.origin), number_of(published.origin))
        except LedgerError:
            good = False
        if good:
            self.origin = record.log
        else:
            yield _finding(pos, "恢复记录不成立", "the recovery it attests does not hold")

    def _rights(self, pos: int, record: Record, text: bytes, signatures: tuple[Signature, ...]) -> Iterator[Finding]:
        """Signatures and the rights of those who signed."""
        known = {(key.vkey.name, key.vkey.key_id): key.vkey for key in self.keys}
        if isinstance(record, Key) and record.role == "root":
            root = VerifierKey.parse(record.vkey)
            known[root.name, root.key_id] = root
        signers = []
        for signature in signatures:
            vkey = known.get((signature.name, signature.key_id))
            if vkey is None:
                continue
            if not vkey.verifies(text, signature.value):
                yield _finding(pos, f"{vkey.name} 的签名不对", f"the signature of {vkey.name} is wrong")
                continue
            signers.append(vkey)
        reviewers = 1
        if isinstance(record, Post) and record.why == "award" and self.policy is not None:
            rule = self.policy.rules.get(record.code)
            reviewers = rule.reviewers if rule is not None else 1
        try:
            right = keys.enough(self.keys, record, signers, pos, reviewers=reviewers)
        except LedgerError:
            right = False
        if not right:
            yield _finding(pos, "签名人无权签署", "those who signed it had no right to")

    def _apply(self, pos: int, record: Record) -> Iterator[Finding]:
        if isinstance(record, Key):
            try:
                self.keys.apply(record, pos)
            except LedgerError as error:
                yield _finding(pos, "密钥记录不合规范", error.en)
        elif isinstance(record, Policy):
            body = self._bodies.get(record.digest)
            if body is None or policy.digest_of(body) != record.digest:
                yield _finding(pos, "细则正文缺失或被改", "the body of this policy is missing or altered")
            else:
                self.policy = policy.read_body(body)
        elif isinstance(record, Post):
            yield from self._move(pos, record)

    def _move(self, pos: int, post: Post) -> Iterator[Finding]:
        if self.policy is not None and post.policy != self.policy.digest:
            yield _finding(pos, "所依细则不是当时生效的", "it does not name the policy in force")
        deltas: dict[AccountKey, int] = {}
        for asset, source, target, amount in post.p:
            deltas[asset, source] = deltas.get((asset, source), 0) - amount
            deltas[asset, target] = deltas.get((asset, target), 0) + amount
        for key, amount in deltas.items():
            held = self.accounts.get(key)
            if held is None:
                held = self.accounts[key] = Held(len(self.accounts) + 1)
            held.balance += amount
            row = (held.id, pos, amount, held.balance)
            held.postings += row_digest(row)
            self.postings.append(row)
            if held.balance < 0 and key[1] != addresses.ISSUANCE:
                yield _finding(pos, f"账户 {key[1]} 变成负数", f"account {key[1]} falls below 0")


def columns_of(record: Record) -> tuple[str | None, ...]:
    """(rid, kind, why, unit, eff, ref) as the log stores them beside the signed bytes."""
    post = record if isinstance(record, Post) else None
    unit = getattr(record, "unit", None)
    return (
        record.rid,
        record.kind,
        post.why if post is not None else None,
        unit if isinstance(unit, str) else None,
        record.eff,
        records.text_or_none(post.ref) if post is not None else None,
    )


def row_digest(row: tuple[Any, ...]) -> int:
    """128 bits of SHA-256 over a row's values."""
    return int.from_bytes(sha256(repr(row).encode()).digest()[:16], "big")


def _finding(pos: int, zh: str, en: str) -> Finding:
    return Finding(f"第 {pos} 笔：{zh}。", f"Entry {pos}: {en}.", pos)
