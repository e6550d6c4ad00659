# SPDX-License-Identifier: Apache-2.0
"""Checks an export archive (spec section 13): every member, every entry, every stored column, in one pass.

Entries stream; what stays in memory is the replay's state.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from liren_verify import canonical, keysnote
from liren_verify.archive import Archive
from liren_verify.findings import Findings, Problem
from liren_verify.keysnote import KeysNote, check_trust, parse_keys
from liren_verify.manifest import MOST_MANIFEST, PER_FILE, POLICY_NAME, RECOVERY_NAME, check_names, parse_manifest
from liren_verify.note import Checkpoint, VerifierKey, parse_checkpoint
from liren_verify.policy import MOST_BYTES as MOST_POLICY
from liren_verify.receipt import check_log_signature
from liren_verify.records import MOST_ENTRY, Other, parse_entry
from liren_verify.recovery import MOST_BODY, Head, check_body
from liren_verify.replay import Replay
from liren_verify.signatures import SignatureQueue
from liren_verify.statements import MEMBER as STATEMENTS
from liren_verify.statements import MOST_BYTES as MOST_STATEMENTS
from liren_verify.statements import Stated, StatementsCheck, parse_stated
from liren_verify.stored import MOST_LINE, StoredIndex, index_line
from liren_verify.tree import Tree, leaf_hash

MOST_FILE = PER_FILE * (MOST_ENTRY + 4)
LARGE = 50_000
MOST_JOBS = 16
_REF = re.compile(rb'"ref":"([A-Za-z0-9_-]{22})"')


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What was checked."""

    origin: str
    size: int
    root: bytes
    last_ms: int
    root_key: VerifierKey | None
    recovered: tuple[tuple[int, Head], ...] = ()
    """Where the log went on under a new origin, and what had been published before."""


class ExportCheck:
    """One run over one archive; findings go to ``findings``."""

    def __init__(self, archive: Archive, findings: Findings, jobs: int | None) -> None:
        self.archive = archive
        self.jobs = jobs
        self.findings = findings
        self.tree = Tree()
        self._key_entries: dict[int, bytes] = {}
        self._old_root: bytes | None = None
        self._log = ""  # what the first record says the origin is
        self._index_digest = ""
        """SHA-256 hex of ``index.jsonl``; empty where it cannot be read."""
        self._policies_seen: set[str] = set()
        self._recovered: list[tuple[int, Head]] = []

    def run(self, trusted: KeysNote | None, old: Checkpoint | None) -> ExportFacts | None:
        try:
            self.manifest = parse_manifest(self.archive.bytes("manifest.json", MOST_MANIFEST))
        except Problem as problem:
            self.findings.problem("manifest.json", problem)
            return None
        check_names(self.archive, self.manifest, self.findings)
        size = self.manifest.size
        if old is not None and old.size == 0:
            self._old_root = self.tree.root()
        with contextlib.ExitStack() as stack:
            later = stack.enter_context(SignatureQueue(self.findings, self._jobs()))
            self.replay = Replay(self.manifest.origin, self.findings, self._policy_body, self._wanted(), later=later)
            self._entries(old.size if old else 0)
        bodies = (n for n in self.archive.names if POLICY_NAME.fullmatch(n) or RECOVERY_NAME.fullmatch(n))
        for name in sorted(n for n in bodies if n not in self._policies_seen):
            self.findings.add(name, "member-extra")
        if self.replay.origin != self.manifest.origin:
            self.findings.add("manifest.json", "log-wrong", log=self.replay.origin)
        if self.tree.size != size:
            self.findings.add("manifest.json", "entry-count", said=size, found=self.tree.size)
        self._check_keys(trusted)
        self._check_checkpoint()
        self._check_head()
        if old is not None:
            self._check_old(old)
        root = self.replay.ring.root
        return ExportFacts(
            self.manifest.origin,
            self.tree.size,
            self.tree.root(),
            self.replay.last_ms,
            root.vkey if root else None,
            tuple(self._recovered),
        )

    def _jobs(self) -> int:
        if self.jobs is not None:
            return max(1, min(self.jobs, MOST_JOBS))
        return min(os.cpu_count() or 1, MOST_JOBS) if self.manifest.size >= LARGE else 1

    # -- members

    def _check_digest(self, name: str, digest: str, findings: Findings) -> None:
        if digest != self.manifest.files.get(name):
            findings.add(name, "member-digest")

    def _small(self, name: str, most: int) -> bytes | None:
        """A member whole, its digest checked; None (and a finding) where it cannot be read."""
        try:
            data = self.archive.bytes(name, most)
        except Problem as problem:
            if problem.code != "member-missing":
                self.findings.problem(name, problem)
            return None
        self._check_digest(name, hashlib.sha256(data).hexdigest(), self.findings)
        return data

    def _policy_body(self, digest: str) -> bytes | None:
        name = f"policies/{digest}.json"
        if name in self._policies_seen:
            return self.archive.bytes(name, MOST_POLICY)
        self._policies_seen.add(name)
        return self._small(name, MOST_POLICY)

    def _most_index(self) -> int:
        return min(self.manifest.size, 2**40) * MOST_LINE

    def _wanted(self) -> set[str] | None:
        """rids that the stored index says others refer to: only those records are kept during the replay.

        The index is not trusted: where it lies about a ``ref``, its line differs from the entry, and that is found.
        """
        wanted: set[str] = set()
        try:
            with self.archive.open("index.jsonl", self._most_index()) as index:
                tail = b""
                while piece := index.read(2**16):
                    wanted.update(match.decode() for match in _REF.findall(tail + piece))
                    tail = piece[-32:]
                self._index_digest = index.digest()
        except Problem:
            return None
        return wanted

    def _stated(self) -> dict[str, Stated]:
        if STATEMENTS not in self.archive.names:
            return {}
        raw = self._small(STATEMENTS, MOST_STATEMENTS)
        try:
            return parse_stated(raw) if raw is not None else {}
        except Problem as problem:
            self.findings.problem(STATEMENTS, problem)
            return {}

    # -- entries

    def _raw_entries(self, findings: Findings) -> Iterator[bytes]:
        """Entry bytes in order; stops at the first gap, for positions after it would be guesses."""
        size = self.manifest.size
        for number in range(-(-size // PER_FILE)):
            name = f"entries/{number:06d}.bin"
            count = min(PER_FILE, size - number * PER_FILE)
            try:
                with self.archive.open(name, MOST_FILE) as member:
                    for _ in range(count):
                        raw = member.frame(MOST_ENTRY)
                        if raw is None:
                            raise Problem("entry-malformed", why="length, or cut off")
                        yield raw
                    if member.read(1):
                        findings.add(name, "entry-malformed", why="bytes after the last entry")
                    self._check_digest(name, member.digest(), findings)
            except Problem as problem:
                if problem.code != "member-missing" or name not in self.manifest.files:
                    findings.problem(name, problem)
                return

    def _entries(self, old_size: int) -> None:
        tree, replay, findings = self.tree, self.replay, self.findings
        columns, readable = hashlib.sha256(), True
        statements = StatementsCheck(self._stated(), findings)
        statements.roots(0, replay.scene.accounts)
        for position, raw in enumerate(self._raw_entries(findings)):
            leaf = leaf_hash(raw)
            below = tree.root() if b'"subject":"recovery"' in raw else b""
            tree.append(leaf)
            if tree.size == old_size:
                self._old_root = tree.root()
            try:
                entry = parse_entry(raw)
            except Problem as problem:
                findings.problem(f"entry {position}", problem)
                replay.skip()
                readable = False
                continue
            self._log = self._log or entry.record.log
            before = replay.origin
            replay.take(entry)
            statements.take(position, entry, replay.scene.day, replay.scene.accounts)
            if entry.record.kind == "key":
                self._key_entries[position] = raw
            elif below and isinstance(entry.record, Other):
                self._key_entries[position] = raw
                self._recovery(entry.record, (before, position, below.hex()))
            columns.update(index_line(position, entry, leaf))
        statements.finish()
        if STATEMENTS in self.archive.names and not statements.any:
            findings.add(STATEMENTS, "member-extra")
        if readable and columns.hexdigest() == self._index_digest:
            self._check_digest("index.jsonl", self._index_digest, findings)
        else:
            self._name_columns()

    def _name_columns(self) -> None:
        """The stored columns are not those of the entries: reads both once more, to say which differ."""
        try:
            with self.archive.open("index.jsonl", self._most_index()) as member:
                stored = StoredIndex(member, self.findings)
                for position, raw in enumerate(self._raw_entries(Findings())):  # what is wrong with them is said
                    try:
                        entry = parse_entry(raw)
                    except Problem:
                        entry = None
                    stored.compare(position, entry, leaf_hash(raw))
                stored.finish(self.tree.size, self.manifest.files.get("index.jsonl"))
        except Problem as problem:
            if problem.code != "member-missing":  # said already
                self.findings.problem("index.jsonl", problem)

    def _recovery(self, record: Other, restored: Head) -> None:
        name = f"recovery/{record.rid}.json"
        self._policies_seen.add(name)
        raw = self._small(name, MOST_BODY)
        if raw is None:
            self.findings.add(f"entry {restored[1]}", "recovery-wrong", why=name)
            return
        try:
            self._recovered.append((restored[1], check_body(raw, record, restored)))
        except Problem as problem:
            self.findings.problem(f"entry {restored[1]}", problem)

    # -- what the entries must agree with

    def _check_keys(self, trusted: KeysNote | None) -> None:
        root = self.replay.ring.root
        if trusted is not None:
            vkey = root.vkey.text if root else ""
            problem = check_trust(trusted, self.manifest.origin, vkey, self._key_entries, self.tree.size)
            if problem:
                self.findings.problem("keys.note", problem)
        raw = self._small("keys.note", keysnote.MOST_BYTES)
        if raw is None:
            return
        try:
            keys = parse_keys(raw)
        except Problem as problem:
            self.findings.problem("keys.note", problem)
            return
        same = dict(keys.entries) == self._key_entries
        if not same or keys.origin != self.manifest.origin or root is None or keys.root != root.vkey.text:
            self.findings.add("keys.note", "keys-mismatch")

    def _check_checkpoint(self) -> None:
        raw = self._small("checkpoint", 2**16)
        if raw is None:
            return
        try:
            checkpoint = parse_checkpoint(raw)
        except Problem as problem:
            self.findings.problem("checkpoint", problem)
            return
        try:
            check_log_signature(self.replay, checkpoint)
        except Problem as problem:
            self.findings.problem("checkpoint", problem)
        if checkpoint.size != self.manifest.size:
            self.findings.add("checkpoint", "checkpoint-size", said=checkpoint.size, found=self.manifest.size)
        elif checkpoint.root != self.tree.root():
            self.findings.add("checkpoint", "root-mismatch")

    def _check_head(self) -> None:
        raw = self._small("head.json", 2**16)
        if raw is None:
            return
        try:
            head = canonical.decode(raw, "head-mismatch")
        except Problem:
            head = None
        if not isinstance(head, dict):
            self.findings.add("head.json", "head-mismatch", column="head.json")
            return
        expected = {
            "edge": [node.hex() for node in self.tree.edge],
            "last_ms": self.replay.last_ms,
            "origin": self.replay.origin if self.replay.ended else self._log or self.manifest.origin,
            "root": self.tree.root().hex(),
            "size": self.tree.size,
        }
        for column in sorted(head.keys() | expected.keys()):
            if head.get(column) != expected.get(column):
                self.findings.add("head.json", "head-mismatch", column=column)

    def _check_old(self, old: Checkpoint) -> None:
        try:
            if old.size > self.replay.ended.get(old.origin, old.size):
                raise Problem("old-checkpoint", size=old.size)  # of the part that was lost
            check_log_signature(self.replay, old, revoked_counts=True)
            if old.size > self.tree.size or old.root != self._old_root:
                raise Problem("old-checkpoint", size=old.size)
        except Problem as problem:
            self.findings.problem("old checkpoint", problem)


def verify_export(
    archive: Archive,
    findings: Findings,
    trusted: KeysNote | None = None,
    old: Checkpoint | None = None,
    jobs: int | None = None,
) -> ExportFacts | None:
    """Checks an export; None where it has no usable manifest.

    :param jobs: processes for the signatures; None: one for a small log, every core for a large one
    """
    return ExportCheck(archive, findings, jobs).run(trusted, old)


def told(facts: ExportFacts, lang: str) -> list[str]:
    """What a clean export proves, in plain words."""
    zh, fingerprint = lang == "zh", facts.root_key.fingerprint if facts.root_key else "-"
    gaps = [
        f"从第 {at} 条起由旧备份接续：此前已公布到 {origin} 的 {size} 条，之后的没有找回。"
        if zh
        else f"From entry {at} on it goes on from an older backup: {origin} had been published up to {size} entries; "
        "what came after was lost."
        for at, (origin, size, _) in facts.recovered
    ]
    if zh:
        return [
            f"账本 {facts.origin}：{facts.size} 条记录，签名、权限、余额、树根全部核对一致。",
            *gaps,
            f"请与公告栏上的根密钥指纹核对：{fingerprint}",
        ]
    return [
        f"Log {facts.origin}: {facts.size} entries; signatures, rights, balances and root all agree.",
        *gaps,
        f"Compare the root's fingerprint with the notice board: {fingerprint}",
    ]
