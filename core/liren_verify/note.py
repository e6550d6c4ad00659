# SPDX-License-Identifier: Apache-2.0
"""Signed notes, verifier keys, checkpoints (spec sections 2 and 3; C2SP signed-note and tlog-checkpoint)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from liren_verify.curve import is_strong
from liren_verify.findings import Problem

DASH = "— ".encode()
ORIGIN = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?)/log/[1-9][0-9]{0,8}")
BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?"
"""The one encoding of each byte string: unused bits are zero."""
_NAME = r"[^\s\x00-\x1f+]{1,200}"
SIGNATURE_LINE = rf"— {_NAME} [A-Za-z0-9+/]+={{0,2}}\n"
"""Whether it is the one encoding of its bytes is seen by encoding them again, which is quicker than a pattern."""
_BASE64 = re.compile(BASE64)
_VKEY = re.compile(rf"({_NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]{{44}})")
_CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
MOST = 2**53 - 1
MOST_LINES = 64
"""Signature lines under a checkpoint."""

SignatureLine = tuple[str, bytes, bytes]
"""Key name, 4-byte key id, signature bytes."""


def unbase64(text: str) -> bytes | None:
    """Strict RFC 4648 §4: None unless ``text`` is exactly what an encoder writes."""
    return binascii.a2b_base64(text) if _BASE64.fullmatch(text) else None


def unbase64url(text: str, size: int) -> bytes | None:
    """Unpadded base64url of exactly ``size`` bytes, else None."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if len(raw) == size and base64url(raw) == text else None


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_id(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and an Ed25519 public key; the loaded key object is kept, for loading costs as much as a hash."""

    text: str
    name: str
    id: bytes
    raw: bytes
    public: Ed25519PublicKey

    def __reduce__(self) -> tuple[Callable[[str], "VerifierKey"], tuple[str]]:
        """To another process it travels as its text."""
        return parse_vkey, (self.text,)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the verifier key, hex in groups of four: what people compare."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return " ".join(digest[i : i + 4] for i in range(0, 64, 4))


@lru_cache(maxsize=1024)
def parse_vkey(text: str) -> VerifierKey:
    """:raises Problem: ``key-bad`` for a malformed or weak key"""
    match = _VKEY.fullmatch(text)
    blob = unbase64(match[3]) if match else None
    if match is None or blob is None or len(blob) != 33 or blob[0] != 1:
        raise Problem("key-bad", why="vkey")
    name, raw = match[1], blob[1:]
    if key_id(name, raw).hex() != match[2]:
        raise Problem("key-bad", why="vkey id")
    if not is_strong(raw):
        raise Problem("key-bad", why="weak public key")
    return VerifierKey(text, name, bytes.fromhex(match[2]), raw, Ed25519PublicKey.from_public_bytes(raw))


def parse_lines(block: bytes, most: int) -> list[SignatureLine]:
    """The signature lines after the blank line.

    :raises Problem: ``note-bad``
    """
    try:
        text = block.decode()
    except UnicodeDecodeError:
        raise Problem("note-bad", why="not UTF-8") from None
    if not re.fullmatch(f"(?:{SIGNATURE_LINE})+", text):
        raise Problem("note-bad", why="signature lines")
    return read_lines(text, most)


def read_lines(text: str, most: int) -> list[SignatureLine]:
    """Lines that are known to fit :data:`SIGNATURE_LINE`.

    :raises Problem: ``note-bad`` for too many, one too short, or the same key twice
    """
    found: list[SignatureLine] = []
    for line in text[:-1].split("\n"):
        _, name, encoded = line.split(" ")  # a name holds no space
        try:
            blob = binascii.a2b_base64(encoded)
        except binascii.Error:
            blob = b""
        if binascii.b2a_base64(blob, newline=False).decode() != encoded:
            raise Problem("note-bad", why="signature lines")
        if len(blob) < 5:
            raise Problem("note-bad", why="signature line")
        found.append((name, blob[:4], blob[4:]))
    if len(found) > 1 and (len(found) > most or len({line[:2] for line in found}) < len(found)):
        raise Problem("note-bad", why="too many signatures, or the same key twice")
    return found


def split_note(note: bytes) -> tuple[bytes, bytes]:
    """(text, signature block), divided at the last blank line."""
    at = note.rfind(b"\n\n")
    if at < 0:
        raise Problem("note-bad", why="no blank line")
    return note[: at + 1], note[at + 2 :]


def verifies(key: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    text: bytes
    lines: tuple[SignatureLine, ...]


def parse_checkpoint(note: bytes) -> Checkpoint:
    """:raises Problem: ``checkpoint-bad`` or ``note-bad``"""
    text, block = split_note(note)
    try:
        match = _CHECKPOINT.fullmatch(text.decode())
    except UnicodeDecodeError:
        match = None
    root = unbase64(match[3]) if match else None
    if match is None or root is None or len(root) != 32:
        raise Problem("checkpoint-bad", why="text")
    if not ORIGIN.fullmatch(match[1]) or int(match[2]) > MOST:
        raise Problem("checkpoint-bad", why="origin or size")
    return Checkpoint(match[1], int(match[2]), root, text, tuple(parse_lines(block, MOST_LINES)))
