# SPDX-License-Identifier: Apache-2.0
"""Checks a holder's monthly statement (spec section 12): attested root, leaf, and the entries that add up to it.

Whoever left out one of the holder's entries, or an account, would have to leave it out of the root as well, and there
the auditor's export shows it.
"""

import base64
import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liren_verify import canonical
from liren_verify.archive import Archive
from liren_verify.findings import Findings, Problem
from liren_verify.keysnote import KeysNote, feed
from liren_verify.note import MOST, Checkpoint, VerifierKey, unbase64url
from liren_verify.receipt import check_keys, judge, parse_proof
from liren_verify.records import MOST_ENTRY, Entry, Other, Post, parse_entry
from liren_verify.replay import Replay
from liren_verify.tree import leaf_hash, root_from_path

ATTEST_TAG = b"liren/attest/v1\n"
CODE = "ledger.statement"
MEMBERS = frozenset({"statement.json", "entries.bin", "entry", "proof.tlog-proof", "keys.note"})
MOST_TOLD = 2**18
MOST_ENTRIES = 2**25
_FIELDS = frozenset(
    ["attest_salt", "balances", "entries", "format", "holder", "index", "leaves", "month", "path", "salt", "size"],
)
_HOLDER = re.compile("[A-Za-z0-9_-]{21}[AQgw]")
_MONTH = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])")
_ASSET = re.compile("[a-z]{2,20}")
_EXPIRY = re.compile("never|[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Told:
    """``statement.json``."""

    month: str
    holder: str
    balances: tuple[tuple[str, str, int], ...]
    entries: int
    size: int
    index: int
    leaves: int
    path: tuple[bytes, ...]
    salt: bytes
    attest_salt: bytes

    def root(self) -> bytes | None:
        """Where the leaf's path leads."""
        leaf = leaf_of(self.salt, self.holder, self.balances, self.entries, self.size)
        return root_from_path(leaf, self.index, self.leaves, self.path)


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """What a clean statement proves."""

    told: Told
    position: int
    """Of the attest entry."""
    checkpoint: Checkpoint
    root: VerifierKey


def leaf_of(salt: bytes, holder: str, balances: Any, entries: int, size: int) -> bytes:
    return leaf_hash(salt + canonical.encode([holder, [list(lot) for lot in balances], entries, size]))


def digest_of(salt: bytes, leaves: int, root: bytes) -> str:
    """The digest an attest record must carry for a root over so many leaves."""
    raw = hashlib.sha256(ATTEST_TAG + salt + leaves.to_bytes(8) + root).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parse_told(raw: bytes) -> Told:
    """:raises Problem: ``statement-bad``"""
    value = canonical.decode(raw, "statement-bad")
    if not isinstance(value, dict) or value.keys() != _FIELDS or value["format"] != "liren/statement/v1":
        raise Problem("statement-bad", why="members")
    for name in ("entries", "index", "leaves", "size"):
        if not _count(value[name]):
            raise Problem("statement-bad", why=name)
    for name, pattern in (("holder", _HOLDER), ("month", _MONTH)):
        if not isinstance(value[name], str) or not pattern.fullmatch(value[name]):
            raise Problem("statement-bad", why=name)
    return Told(
        value["month"],
        value["holder"],
        _balances(value["balances"]),
        value["entries"],
        value["size"],
        value["index"],
        value["leaves"],
        _path(value["path"]),
        _salt(value, "salt"),
        _salt(value, "attest_salt"),
    )


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _salt(value: dict[str, Any], name: str) -> bytes:
    raw = unbase64url(value[name], 32) if isinstance(value[name], str) else None
    if raw is None:
        raise Problem("statement-bad", why=name)
    return raw


def _path(value: Any) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > 64:
        raise Problem("statement-bad", why="path")
    nodes = [unbase64url(node, 32) if isinstance(node, str) else None for node in value]
    if None in nodes:
        raise Problem("statement-bad", why="path")
    return tuple(node for node in nodes if node is not None)


def _balances(value: Any) -> tuple[tuple[str, str, int], ...]:
    lots: list[tuple[str, str, int]] = []
    for lot in value if isinstance(value, list) else [None]:
        if not isinstance(lot, list) or len(lot) != 3 or not all(isinstance(part, str) for part in lot[:2]):
            raise Problem("statement-bad", why="balances")
        asset, expiry, amount = lot
        if not _ASSET.fullmatch(asset) or not _EXPIRY.fullmatch(expiry) or not _count(amount) or not amount:
            raise Problem("statement-bad", why="balances")
        lots.append((asset, expiry, amount))
    if any(before[:2] >= after[:2] for before, after in itertools.pairwise(lots)):
        raise Problem("statement-bad", why="balances do not ascend")
    return tuple(lots)


def _frames(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(position, entry bytes) of each frame.

    :raises Problem: ``statement-bad``
    """
    at = 0
    while at < len(raw):
        position, length = int.from_bytes(raw[at : at + 8]), int.from_bytes(raw[at + 8 : at + 12])
        at += 12 + length
        if at > len(raw) or not 0 < length <= MOST_ENTRY or position > MOST:
            raise Problem("statement-bad", why="entries.bin")
        yield position, raw[at - length : at]


def verify_statement(archive: Archive, findings: Findings, trusted: KeysNote | None = None) -> StatementFacts | None:
    """Checks a statement; None where it is too broken to say what it would prove."""
    for name in sorted(archive.names - MEMBERS) + archive.repeated:
        findings.add(name, "member-extra")
    name = "keys.note"
    try:
        keys = check_keys(archive, findings, trusted)
        name = "proof.tlog-proof"
        proof = parse_proof(archive.bytes(name, 2**18))
        name = "entry"
        raw = archive.bytes(name, MOST_ENTRY)
        entry = parse_entry(raw)
        name = "statement.json"
        told = parse_told(archive.bytes(name, MOST_TOLD))
        name = "entries.bin"
        own = list(_frames(archive.bytes(name, MOST_ENTRIES)))
    except Problem as problem:
        findings.problem(name, problem)
        return None
    if keys.entries[-1][0] >= proof.checkpoint.size:
        findings.add("keys.note", "keys-bad", why="entries beyond the checkpoint")
    root = judge(findings, keys, entry, raw, proof)
    try:
        _check_root(told, entry, proof.index, root_unit(keys))
    except Problem as problem:
        findings.problem("statement.json", problem)
    _check_own(told, own, keys, findings)
    return StatementFacts(told, proof.index, proof.checkpoint, root) if root else None


def root_unit(keys: KeysNote) -> str:
    """The unit code of the street itself, as entry 0 names it."""
    try:
        first = parse_entry(keys.entries[0][1]).record
    except Problem:  # told already
        return ""
    return first.unit or ""


def _check_root(told: Told, entry: Entry, index: int, street_unit: str) -> None:
    """:raises Problem: ``statement-wrong``"""
    record = entry.record
    if not isinstance(record, Other) or record.kind != "attest":
        raise Problem("statement-wrong", why="not an attest record")
    if record.fields["subject"] != f"statement/{told.month}" or record.fields["code"] != CODE:
        raise Problem("statement-wrong", why="subject or code")
    if record.unit != street_unit:
        raise Problem("statement-wrong", why="unit")
    if told.size > index:
        raise Problem("statement-wrong", why="size")
    root = told.root()
    if root is None or digest_of(told.attest_salt, told.leaves, root) != record.fields["digest"]:
        raise Problem("statement-wrong", why="root")


def _check_own(told: Told, own: list[tuple[int, bytes]], keys: KeysNote, findings: Findings) -> None:
    """Signatures of the enclosed entries, and whether they add up to the leaf."""
    replay = Replay(keys.origin, Findings(), lambda _: None, judge_days=False)  # the keys' own faults are told already
    fed, last = 0, -1
    balances: dict[tuple[str, str], int] = {}
    rids: set[str] = set()
    for position, raw in own:
        while fed < len(keys.entries) and keys.entries[fed][0] < position:
            feed(replay, keys.entries[fed : fed + 1], findings=Findings())
            fed += 1
        try:
            if not last < position < told.size:
                raise Problem("statement-sum", why="positions")
            last = position
            _take(parse_entry(raw), told.holder, replay, balances, rids)
        except Problem as problem:
            findings.problem(f"entry {position}", problem)
    if len(own) != told.entries:
        findings.add("entries.bin", "statement-sum", why="number of entries")
    left = sorted((asset, expiry, amount) for (asset, expiry), amount in balances.items() if amount)
    if left != list(told.balances):
        findings.add("entries.bin", "statement-sum", why="balances")


def _take(entry: Entry, holder: str, replay: Replay, balances: dict[tuple[str, str], int], rids: set[str]) -> None:
    record = entry.record
    if record.log != replay.origin:
        raise Problem("log-wrong", log=record.log)
    if record.rid in rids:
        raise Problem("rid-repeated", rid=record.rid)
    rids.add(record.rid)
    if not isinstance(record, Post):
        raise Problem("statement-sum", why="not a post")
    named = False
    for asset, src, dst, amount in record.postings:
        for address, change in ((src, -amount), (dst, amount)):
            if address[1] == "/" and address[2:24] == holder:
                named = True
                lot = asset, address[25:]
                balances[lot] = balances.get(lot, 0) + change
    if not named:
        raise Problem("statement-sum", why="does not name the holder")
    replay.ring.authorise(record, replay.ring.signers(entry.text, entry.lines))


def told(facts: StatementFacts, lang: str) -> list[str]:
    """What a clean statement proves, in plain words."""
    zh, said = lang == "zh", facts.told
    assets = {"resident": ("居民分", "resident points"), "partner": ("伙伴分", "partner points")}
    lots = [
        f"{amount} {assets.get(asset, (asset, asset))[0 if zh else 1]}"
        + ("" if expiry == "never" else f"（到 {expiry}）" if zh else f" (until {expiry})")
        for asset, expiry, amount in said.balances
    ]
    total = ("、" if zh else ", ").join(lots) or ("0 分" if zh else "0")
    if zh:
        return [
            f"这份对账单证明：{said.month} 月底，账本前 {said.size} 条里有您的 {said.entries} 条，余额 {total}。",
            f"所附 {said.entries} 条记录签名齐全，加起来正好是这个余额；少一条、少一户都对不上。",
            f"对账单的根写在账本 {facts.checkpoint.origin} 的第 {facts.position} 条，全街道共 {said.leaves} 户。",
            f"请与公告栏上的根密钥指纹核对：{facts.root.fingerprint}",
        ]
    return [
        f"This statement proves: at the end of {said.month}, {said.entries} of the log's first {said.size} entries "
        f"were yours; balance {total}.",
        f"The {said.entries} entries enclosed are signed and add up to it: one left out would show.",
        f"Its root stands in entry {facts.position} of log {facts.checkpoint.origin}, over {said.leaves} holders.",
        f"Compare the root's fingerprint with the notice board: {facts.root.fingerprint}",
    ]
