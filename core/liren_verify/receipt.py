# SPDX-License-Identifier: Apache-2.0
"""Checks a holder's receipt file (spec section 12): entry, proof, keys, opening; no server is asked."""

import hashlib
import re
from dataclasses import dataclass

from liren_verify import canonical
from liren_verify.archive import Archive
from liren_verify.findings import Findings, Problem, safe
from liren_verify.keysnote import MOST_BYTES, KeysNote, check_trust, feed, parse_keys
from liren_verify.note import MOST, Checkpoint, VerifierKey, parse_checkpoint, unbase64, unbase64url
from liren_verify.records import MOST_ENTRY, Entry, Post, parse_entry
from liren_verify.recovery import recovers
from liren_verify.replay import Replay
from liren_verify.tree import leaf_hash, root_from_path

COMMIT_TAG = b"liren/commit/v1\n"
MOST_PART = 2**16
"""Bytes of the canonical personal part."""
MEMBERS = frozenset({"entry", "proof.tlog-proof", "keys.note", "opening.json", "custody.json"})
CUSTODY = {"server": ("服务器", "the server"), "device": ("签名设备", "a signing device"), "paper": ("纸", "paper")}
_PROOF = re.compile(
    rb"c2sp\.org/tlog-proof@v1\n(?:extra ([A-Za-z0-9+/=]{4,1024})\n)?"
    rb"index (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n){0,64})\n"
)


@dataclass(frozen=True, slots=True)
class Proof:
    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a clean receipt proves."""

    position: int
    entry: Entry
    checkpoint: Checkpoint
    root: VerifierKey
    part: dict[str, object] | None
    """The opened personal part, or None where it was erased."""
    custody: dict[str, str] | None = None
    """Key name → who keeps it, as the street says; None where the file does not tell."""


def parse_proof(raw: bytes) -> Proof:
    """:raises Problem: ``proof-bad``, ``checkpoint-bad``, ``note-bad``"""
    match = _PROOF.match(raw)
    if match is None or int(match[2]) > MOST or (match[1] and unbase64(match[1].decode()) is None):
        raise Problem("proof-bad", why="first lines")
    path: list[bytes] = []
    for row in match[3].decode().split("\n")[:-1]:
        node = unbase64(row)
        if node is None:
            raise Problem("proof-bad", why="path")
        path.append(node)
    return Proof(int(match[2]), tuple(path), parse_checkpoint(raw[match.end() :]))


def check_log_signature(replay: Replay, checkpoint: Checkpoint, *, revoked_counts: bool = False) -> None:
    """Whether a log key that is valid at the checkpoint's size signed it; a key list may go further than that.

    :raises Problem: ``checkpoint-origin``, ``checkpoint-unsigned`` or ``signature-wrong``
    """
    if checkpoint.origin != replay.origin and checkpoint.size > replay.ended.get(checkpoint.origin, -1):
        raise Problem("checkpoint-origin", origin=checkpoint.origin)
    for key in replay.ring.signers(checkpoint.text, checkpoint.lines):
        if key.role != "log" or key.name != checkpoint.origin or key.added_at >= checkpoint.size:
            continue
        if revoked_counts or key.revoked_at is None or key.revoked_at >= checkpoint.size:
            return
    raise Problem("checkpoint-unsigned")


def check_opening(raw: bytes, entry: Entry) -> dict[str, object]:
    """The personal part, once it is shown to be what the record commits to.

    :raises Problem: ``opening-bad`` or ``opening-mismatch``
    """
    opening = canonical.decode(raw, "opening-bad")
    if not isinstance(opening, dict) or opening.keys() != {"format", "part", "rid", "salt"}:
        raise Problem("opening-bad", why="members")
    part, salt = opening["part"], opening["salt"]
    if opening["format"] != "liren/opening/v1" or not isinstance(part, dict) or not isinstance(salt, str):
        raise Problem("opening-bad", why="format")
    bare = unbase64url(salt, 32)
    if bare is None:
        raise Problem("opening-bad", why="salt")
    record = entry.record
    personal = canonical.encode(part)
    if len(personal) > MOST_PART:
        raise Problem("opening-bad", why="part over 64 KiB")
    commit = hashlib.sha256(COMMIT_TAG + bare + personal).digest()
    if opening["rid"] != record.rid or not isinstance(record, Post) or record.commit is None:
        raise Problem("opening-mismatch")
    if unbase64url(record.commit, 32) != commit:
        raise Problem("opening-mismatch")
    return part


def check_keys(archive: Archive, findings: Findings, trusted: KeysNote | None) -> KeysNote:
    """``keys.note`` of a receipt or statement, compared with the list one trusts.

    :raises Problem: ``keys-bad``, or a member that cannot be read
    """
    keys = parse_keys(archive.bytes("keys.note", MOST_BYTES))
    if trusted is not None:
        size = keys.entries[-1][0] + 1
        problem = check_trust(trusted, keys.origin, keys.root, dict(keys.entries), size)
        if problem:
            findings.problem("keys.note", problem)
    return keys


def verify_receipt(archive: Archive, findings: Findings, trusted: KeysNote | None = None) -> ReceiptFacts | None:
    """Checks a receipt; None where it is too broken to say what it would prove."""
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
    except Problem as problem:
        findings.problem(name, problem)
        return None
    if keys.entries[-1][0] >= proof.checkpoint.size:
        findings.add("keys.note", "keys-bad", why="entries beyond the checkpoint")
    root = judge(findings, keys, entry, raw, proof)
    part = None
    if "opening.json" in archive.names:
        try:
            part = check_opening(archive.bytes("opening.json", 2**17), entry)
        except Problem as problem:
            findings.problem("opening.json", problem)
    custody = None
    if "custody.json" in archive.names:
        try:
            custody = check_custody(archive.bytes("custody.json", 2**14), entry)
        except Problem as problem:
            findings.problem("custody.json", problem)
    return ReceiptFacts(proof.index, entry, proof.checkpoint, root, part, custody) if root else None


def check_custody(raw: bytes, entry: Entry) -> dict[str, str]:
    """Who keeps the keys that signed the entry: the street's own word.

    :raises Problem: ``custody-bad``
    """
    value = canonical.decode(raw, "custody-bad")
    if not isinstance(value, dict) or value.keys() != {"format", "keys"} or value["format"] != "liren/custody/v1":
        raise Problem("custody-bad", why="members")
    keys, names = value["keys"], {name for name, _, _ in entry.lines}
    if not isinstance(keys, dict) or not keys.keys() <= names:
        raise Problem("custody-bad", why="keys")
    if not all(isinstance(kept, str) and kept in CUSTODY for kept in keys.values()):
        raise Problem("custody-bad", why="custody")
    return keys


def judge(findings: Findings, keys: KeysNote, entry: Entry, raw: bytes, proof: Proof) -> VerifierKey | None:
    """Signatures, proof and checkpoint of an entry against a key list; :returns: the root they rest on."""
    replay = Replay(keys.origin, findings, lambda _: None, judge_days=False)
    feed(replay, tuple(row for row in keys.entries if row[0] < proof.index), findings)
    _check_entry(replay, entry, proof.index, findings, dict(keys.entries).get(proof.index), raw)
    feed(replay, tuple(row for row in keys.entries if row[0] >= proof.index), findings)
    root = replay.ring.root
    if root is None or root.vkey.text != keys.root:
        findings.add("keys.note", "keys-bad", why="root")
    elif replay.origin != keys.origin:
        findings.add("keys.note", "keys-bad", why="origin")
    try:
        check_log_signature(replay, proof.checkpoint)
    except Problem as problem:
        findings.problem("proof.tlog-proof", problem)
    reached = root_from_path(leaf_hash(raw), proof.index, proof.checkpoint.size, proof.path)
    if reached != proof.checkpoint.root:
        findings.add("proof.tlog-proof", "proof-wrong")
    return root.vkey if root else None


def _check_entry(
    replay: Replay, entry: Entry, index: int, findings: Findings, listed: bytes | None, raw: bytes
) -> None:
    """Signatures of the receipt's own entry, by the keys that were valid where it stands."""
    record = entry.record
    if not isinstance(record, Post) and (record.kind == "key" or recovers(record)):
        if listed != raw:
            findings.add("entry", "keys-mismatch")
        return  # the rest is asked of the list, which it stands in
    if record.log != replay.origin:
        findings.add("entry", "log-wrong", log=record.log)
    if listed is not None:
        findings.add("keys.note", "keys-mismatch")
    try:
        replay.ring.authorise(record, replay.ring.signers(entry.text, entry.lines))
    except Problem as problem:
        findings.problem("entry", problem)


_WHY = {
    "award": ("得分", "award"),
    "budget": ("预算", "budget"),
    "clear": ("结算", "clearing"),
    "close": ("注销", "closing"),
    "deduct": ("扣分", "deduction"),
    "expire": ("到期清零", "expiry"),
    "refund": ("退货，积分退回", "refund"),
    "reverse": ("更正", "reversal"),
    "settle": ("核销", "settlement"),
    "spend": ("兑换", "spending"),
    "void": ("取消订单，积分退回", "cancellation"),
}
_ASSETS = {
    "resident": ("居民分", "resident points"),
    "partner": ("伙伴分", "partner points"),
    "fen": ("分（人民币）", "fen"),
}


def _custody_told(custody: dict[str, str] | None, zh: bool) -> str:
    if not custody:
        return "签名密钥由谁保管：没有写明。" if zh else "Who keeps the signing keys: not told."
    if zh:
        return "签名密钥的保管（街道自己说的）：" + "、".join(f"{k} {CUSTODY[v][0]}" for k, v in custody.items()) + "。"
    return "Signing keys kept by (as the street says): " + ", ".join(f"{k} {CUSTODY[v][1]}" for k, v in custody.items())


def told(facts: ReceiptFacts, lang: str) -> list[str]:
    """What a clean receipt proves, in plain words; no holder, for the reader may not be the holder."""
    zh, record, at = lang == "zh", facts.entry.record, facts.position
    lines: list[str] = []
    if isinstance(record, Post):
        totals: dict[str, int] = {}
        for asset, _, _, amount in record.postings:
            totals[asset] = totals.get(asset, 0) + amount
        amounts = ", ".join(f"{n} {_ASSETS.get(a, (a, a))[0 if zh else 1]}" for a, n in totals.items())
        why = _WHY[record.why][0 if zh else 1]
        lines.append(
            f"这份凭证证明：{record.eff}，单位 {record.unit} 按 {record.code} 办理{why}，{amounts}。"
            if zh
            else f"This receipt proves: on {record.eff}, unit {record.unit}, {why} under {record.code}: {amounts}."
        )
    else:
        lines.append(
            f"这份凭证证明：{record.eff} 有一条 {record.kind} 记录。"
            if zh
            else f"This receipt proves a record of kind {record.kind} on {record.eff}."
        )
    lines.append(
        f"它是账本 {record.log} 的第 {at} 条，当时账本共 {facts.checkpoint.size} 条。"
        if zh
        else f"It is entry {at} of log {record.log}, which then held {facts.checkpoint.size}."
    )
    lines.append(_custody_told(facts.custody, zh))
    if facts.part is not None:
        shown = safe(canonical.encode(facts.part).decode(), 4000)
        lines.append(f"附言与记录一致：{shown}" if zh else f"The personal part is what was committed to: {shown}")
    print_ = facts.root.fingerprint
    lines.append(
        f"请与公告栏上的根密钥指纹核对：{print_}"
        if zh
        else f"Compare the root's fingerprint with the notice board: {print_}"
    )
    return lines
