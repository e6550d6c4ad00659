# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text and the signatures under it (C2SP signed-note), with Ed25519 keys (RFC 8032).

A note is a text that ends in a newline, a blank line, and one signature line per signer. Records and
checkpoints are notes, so any tool that knows the public format can check them.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from binascii import b2a_base64
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from liren.ledger.errors import Malformed

ED25519: Final = b"\x01"
MAX_SIGNATURES: Final = 16
"""What we read; our own engine writes at most 4."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")

_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
_PRIME: Final = 2**255 - 19


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the signer's name, the four-byte key id, and the signature itself."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name; its text form is ``<name>+<key id>+<base64(0x01 ‖ key)>``."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return _key_id(self.name, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises Malformed: not a verifier key, its id does not fit, or the key is a weak one"""
        parts = text.split("+", 2)
        try:
            name, key_id, raw = parts[0], bytes.fromhex(parts[1]), b64decode(parts[2], validate=True)
        except (IndexError, ValueError) as error:
            raise _malformed("it is not a verifier key") from error
        key = cls(check_name(name), raw[1:])
        if raw[:1] != ED25519 or str(key) != text or key.key_id != key_id:
            raise _malformed("its key id does not belong to it")
        check_public(key.public)
        return key

    def verifies(self, message: bytes, signature: bytes) -> bool:
        try:
            _public(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class NoteSigner:
    """Whoever can sign notes under a name: a private key here, or one that somebody else holds."""

    __slots__ = ("_begins", "key_id", "verifier")

    def __init__(self, verifier: VerifierKey) -> None:
        self.verifier = verifier
        self.key_id = verifier.key_id
        self._begins = f"— {verifier.name} ".encode()

    @property
    def name(self) -> str:
        return self.verifier.name

    def raw(self, text: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032)."""
        raise NotImplementedError

    def sign(self, text: bytes) -> bytes:
        """The signature line (UTF-8) over a note text."""
        return self._begins + b2a_base64(self.key_id + self.raw(text))  # which ends the line


class SigningKey(NoteSigner):
    """A private key with its name."""

    __slots__ = ("_private", "_seed")

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        super().__init__(VerifierKey(check_name(name), self._private.public_key().public_bytes_raw()))

    @property
    def seed(self) -> bytes:
        """The 32 private bytes: to be sealed or printed, never logged."""
        return self._seed

    @classmethod
    def generate(cls, name: str) -> Self:
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    def raw(self, text: bytes) -> bytes:
        return self._private.sign(text)


def seal_note(text: bytes, *keys: NoteSigner) -> bytes:
    """The note: ``text`` (which ends in a newline), a blank line, and one line per key."""
    return b"".join([text, b"\n", *[key.sign(text) for key in keys]])


def open_note(note: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    """The text of a note and its signatures, none of them verified yet.

    :raises Malformed: not a signed note
    """
    cut = note.rfind(b"\n\n")
    if cut < 0:
        raise _malformed("it has no signatures")
    text, tail = note[: cut + 1], note[cut + 2 :]
    try:
        lines = tail.decode().split("\n")
        if _CONTROL.search(text.decode()):
            raise _malformed("it holds a control character")
    except UnicodeDecodeError as error:
        raise _malformed("it is not UTF-8") from error
    if lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _malformed("its signature lines are not as they should be")
    signatures = tuple(_signature(line) for line in lines)
    if len({(s.name, s.key_id) for s in signatures}) < len(signatures):
        raise _malformed("one key has signed it twice")
    return text, signatures


def verify_note(note: bytes, *known: VerifierKey) -> tuple[bytes, tuple[VerifierKey, ...]]:
    """The text of a note and those of the ``known`` keys that signed it (at least one).

    :raises Malformed: no known key signed it, or a known key's signature is wrong
    """
    text, signatures = open_note(note)
    keys = {(key.name, key.key_id): key for key in known}
    signers: dict[VerifierKey, None] = {}
    for signature in signatures:
        key = keys.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.verifies(text, signature.value):
            raise _malformed(f"the signature of {key.name} is wrong")
        signers[key] = None
    if not signers:
        raise _malformed("none of the known keys has signed it")
    return text, tuple(signers)


def check_name(name: str) -> str:
    """:raises Malformed: not a key name: empty, or with a space or a plus sign"""
    if not 1 <= len(name) <= 200 or "+" in name or any(c.isspace() for c in name) or not name.isprintable():
        raise _malformed("a key name is empty or holds a space or a plus sign")
    return name


def check_public(public: bytes) -> None:
    """:raises Malformed: not a canonical Ed25519 point, or one of small order that signs anything"""
    if len(public) != 32:
        raise _malformed("a public key has 32 bytes")
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    bare = public[:31] + bytes([public[31] & 0x7F])
    if y >= _PRIME or bare in _SMALL_ORDER or public in _SMALL_ORDER:
        raise _malformed("this public key is a weak one")


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise _malformed("a signature line is not as it should be")
    try:
        raw = b64decode(match[2], validate=True)
    except (BinasciiError, ValueError) as error:
        raise _malformed("a signature line is not base64") from error
    if len(raw) < 5 or b64encode(raw).decode() != match[2]:
        raise _malformed("a signature line is not as it should be")
    return Signature(match[1], raw[:4], raw[4:])


@lru_cache(maxsize=4096)
def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@lru_cache(maxsize=4096)
def _public(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def _malformed(why: str) -> Malformed:
    return Malformed(
        f"签名或密钥不合格式（{why}），账本不接受。请确认文件完整，再试一次。",
        f"The signature or key is not well formed: {why}. Check that the file is complete and try again.",
    )
