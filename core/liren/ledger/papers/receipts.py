# SPDX-License-Identifier: Apache-2.0
"""Receipts: the everyday page behind a QR code, and the file that proves a record with the server gone."""

import io
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from liren.errors import NotFound
from liren.ledger.at_hand import reader_of
from liren.ledger.authority.keepers import Keeper, custody_json, keepers
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.plans import read_post
from liren.ledger.errors import ReadOnly
from liren.ledger.log import merkle, nodes, records
from liren.ledger.log.anchor import Mark
from liren.ledger.log.note import VerifierKey, open_note
from liren.ledger.papers import paper
from liren.ledger.reading.reader import Reader, amount_for_holder, not_there, read_checkpoint
from liren.plugins.context import Context
from liren.store import Store

SUFFIX = ".liren-receipt"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Everyday:
    """What the page behind an everyday QR shows to anyone: no holder, no balance, no name."""

    rid: str
    why: str
    code: str
    unit: str
    asset: str
    amount: int
    """Signed, from the holder's side."""
    eff: date
    admitted_ms: int
    index: int
    size: int
    """Entries in the checkpoint the proof leads to."""
    root: str
    """Base64, as in the checkpoint."""
    path: tuple[str, ...]
    """Base64 hashes, leaf to root."""
    signers: tuple[Keeper, ...]
    """Whose keys signed the record, and who keeps them."""
    proven: bool
    """The stored leaf and path lead to the signed root: recomputed for this page."""


class Receipts:
    """Makes proofs from the stored hashes and the latest checkpoint."""

    def __init__(self, store: Store, ledger: Ledger, reader: Reader) -> None:
        self._store = store
        self._ledger = ledger
        self._reader = reader

    async def everyday(self, token: str) -> Everyday:
        """:raises NotFound: no such token, or deleted with its person"""
        rid = await self._reader.record_of_token(token)
        if rid is None:
            raise not_there()
        pos, admitted_ms, note = await self._post(rid)
        text, signatures = open_note(note)
        post = records.decode(text)
        if not isinstance(post, records.Post):
            raise not_there()
        size, root, path, _ = await self._proof(pos)
        leaf = merkle.leaf_hash(records.entry_bytes(admitted_ms, note))
        return Everyday(
            rid=rid,
            why=post.why,
            code=post.code,
            unit=post.unit,
            asset=post.p[0][0],
            amount=amount_for_holder(post),
            eff=date.fromisoformat(post.eff),
            admitted_ms=admitted_ms,
            index=pos,
            size=size,
            root=b64encode(root).decode(),
            path=tuple(b64encode(node).decode() for node in path),
            signers=await keepers(self._store.read, signatures),
            proven=merkle.root_from_inclusion(leaf, pos, size, path) == root,
        )

    async def file(self, rid: str) -> bytes:
        """The ``.liren-receipt`` of a record (``docs/ledger-spec.md`` 12). Only for its holder: it holds why.

        :raises NotFound: no such post
        """
        pos, admitted_ms, note = await self._post(rid)
        read_post(note)
        size, _, path, checkpoint = await self._proof(pos)
        members = {
            "entry": records.entry_bytes(admitted_ms, note),
            "proof.tlog-proof": proof_file(pos, path, checkpoint),
            "keys.note": await keys_note(self._store, size),
            "custody.json": custody_json(await keepers(self._store.read, open_note(note)[1])),
        }
        opening = await self._reader.opening(rid)
        if opening is not None:
            members["opening.json"] = opening
        return pack(members)

    async def proven(self, rid: str) -> tuple[int, bytes, int, list[bytes], bytes]:
        """(position, entry, size, path, checkpoint) of a record of any kind.

        :raises NotFound: no such record
        """
        rows = await self._store.read("SELECT pos, admitted_ms, body FROM log_entry WHERE rid = ?", rid)
        if not rows:
            raise not_there()
        pos, admitted_ms, note = rows[0]
        size, _, path, checkpoint = await self._proof(pos)
        return pos, records.entry_bytes(admitted_ms, bytes(note)), size, path, checkpoint

    async def paper(self, rid: str) -> paper.Codes | None:
        """The two codes of a printed receipt; None for a record too long for paper.

        :raises NotFound: no such post
        """
        pos, admitted_ms, note = await self._post(rid)
        if not paper.fits(note):
            return None
        size, _, path, checkpoint = await self._proof(pos)
        return paper.codes(admitted_ms, note, pos, size, path, checkpoint)

    async def stored(self, rid: str) -> tuple[int, int, bytes] | None:
        """(position, admission time, record) of a post."""
        rows = await self._store.read(
            "SELECT pos, admitted_ms, body FROM log_entry WHERE rid = ? AND kind = 'post'", rid
        )
        return (rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None

    async def entry_at(self, index: int) -> bytes | None:
        """The entry at a position of the log."""
        rows = await self._store.read("SELECT admitted_ms, body FROM log_entry WHERE pos = ?", index)
        return records.entry_bytes(rows[0][0], bytes(rows[0][1])) if rows else None

    async def signed(self, size: int, root: bytes, key_id: bytes, signature: bytes) -> bool:
        """Whether a log key that was valid at ``size`` signed this root."""
        rows = await self._store.read(
            "SELECT vkey FROM key WHERE role = 'log' AND added < ? AND (revoked IS NULL OR revoked >= ?)", size, size
        )
        keys = (VerifierKey.parse(vkey) for (vkey,) in rows)
        # A log key is named after its log: a recovery has given it another one.
        return any(key.key_id == key_id and key.verifies(Mark(key.name, size, root).text(), signature) for key in keys)

    async def _post(self, rid: str) -> tuple[int, int, bytes]:
        found = await self.stored(rid)
        if found is None:
            raise not_there()
        return found

    async def _proof(self, pos: int) -> tuple[int, bytes, list[bytes], bytes]:
        """(size, root, path, checkpoint) of the latest checkpoint that covers ``pos``; signs one if need be."""
        checkpoint = await self._reader.checkpoint()
        if checkpoint is None or read_checkpoint(checkpoint)[0] <= pos:
            await self._ledger.checkpoints.sign()
            checkpoint = await self._reader.checkpoint()
        size, root = read_checkpoint(checkpoint) if checkpoint is not None else (0, b"")
        if size <= pos or checkpoint is None:
            raise ReadOnly(
                "这笔记录刚刚入账，证明还没有签出。请过一分钟再打开。",
                "This record is so new that its proof is not signed yet. Open it again in a minute.",
            )
        return size, root, await nodes.inclusion(self._store.read, pos, size), checkpoint


def proof_file(index: int, path: list[bytes], checkpoint: bytes) -> bytes:
    """A ``.tlog-proof`` (C2SP tlog-proof)."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64encode(node).decode() for node in path), "", ""]
    return "\n".join(lines).encode() + checkpoint


async def keys_note(store: Store, size: int) -> bytes:
    """``keys.note``: the root, every ``key`` entry and every recovery below ``size`` (``docs/ledger-spec.md`` 7).

    :raises NotFound: the street was not founded
    """
    rows = await store.read(
        # The first condition tells SQLite that the small index of everything but posts will do.
        "SELECT pos, admitted_ms, body FROM log_entry WHERE kind <> 'post' AND kind = 'key' AND pos < ? ORDER BY pos",
        size,
    )
    recovered = "SELECT e.pos, e.admitted_ms, e.body FROM recovery r JOIN log_entry e ON e.rid = r.rid WHERE r.pos < ?"
    rows = sorted([*rows, *await store.read(recovered, size)])
    if not rows:
        raise NotFound("账本还没有启用。", "The ledger has not been founded yet.")
    # Not from entry 0 itself: an export must go out even where that entry is damaged, for the verifier to name it.
    ((origin, root),) = await store.read(
        "SELECT h.origin, k.vkey FROM log_head h, key k WHERE k.role = 'root' ORDER BY k.added LIMIT 1"
    )
    lines = ["liren/keys/v1", f"origin {origin}", f"root {root}"]
    for pos, admitted_ms, body in rows:
        lines.append(f"{pos} {b64encode(records.entry_bytes(admitted_ms, bytes(body))).decode()}")
    return ("\n".join(lines) + "\n").encode()


async def root_of(store: Store) -> str:
    """The root's verifier key, as entry 0 names it.

    :raises NotFound: the street was not founded
    """
    return (await keys_note(store, 1)).decode().splitlines()[2].removeprefix("root ")


def fingerprint(root_vkey: str) -> str:
    """What is printed on the notice board: SHA-256 of the root's verifier key, hex in groups of four."""
    digest = sha256(root_vkey.encode()).hexdigest()
    return " ".join(digest[i : i + 4] for i in range(0, 64, 4))


def pack(members: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on its members alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def receipts_of(ctx: Context) -> Receipts:
    """For a page."""
    reader = reader_of(ctx)
    return Receipts(reader.store, reader.ledger, reader)
