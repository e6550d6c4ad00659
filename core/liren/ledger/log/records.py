# SPDX-License-Identifier: Apache-2.0
"""The five kinds of record, to the byte, and the entry that wraps one (``docs/ledger-spec.md`` 6 and 10).

A field is absent, never null. Because every field is plain ASCII, each content has exactly one byte string.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from liren.ledger.errors import Malformed
from liren.ledger.log import canonical
from liren.ledger.log.note import VerifierKey
from liren.ledger.rules import addresses, moves
from liren.ledger.rules.moves import Posting

TYPE_LINE: Final = b"liren/point-record/v1\n"
ENTRY_LINE: Final = b"liren/entry/v1 "
MAX_RECORD: Final = 8192
MAX_SIGNATURES: Final = 4
MAX_PART: Final = 65536
MAX_MS: Final = 253370764800000

COMMIT_TAG: Final = b"liren/commit/v1\n"
ATTEST_TAG: Final = b"liren/attest/v1\n"

STREET = r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?"
DIGEST = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

Origin = Annotated[str, Meta(pattern=rf"^{STREET}/log/[1-9][0-9]{{0,8}}\Z")]
Id22 = Annotated[str, Meta(pattern=rf"^{addresses.ID22}\Z")]
Digest = Annotated[str, Meta(pattern=rf"^{DIGEST}\Z")]
Day = Annotated[str, Meta(pattern=rf"^{DAY}\Z")]
Unit = Annotated[str, Meta(pattern=rf"^{addresses.UNIT_CODE}\Z")]
Code = Annotated[str, Meta(pattern=rf"^{addresses.CODE}\Z")]
AttestSubject = Annotated[
    str,
    Meta(
        pattern=rf"^(statement/[0-9]{{4}}-(?:0[1-9]|1[0-2])|audit/{DAY}|slip/[A-Za-z0-9._-]{{1,64}}"
        rf"|doc/{addresses.PLUGIN}/[A-Za-z0-9._-]{{1,64}}|recovery)\Z"
    ),
]

_ASSET: Final = re.compile(addresses.ASSET)
_CODE: Final = re.compile(addresses.CODE)

Role = Literal["root", "unit", "reviewer", "service", "log"]
Kind = Literal["post", "key", "policy", "attest", "erase"]


class May(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a key may sign (section 7). Every tuple ascends, repeats nothing and is never empty."""

    kinds: tuple[str, ...]
    why: tuple[str, ...] | UnsetType = UNSET
    certify: tuple[str, ...] | UnsetType = UNSET
    units: tuple[str, ...] | UnsetType = UNSET
    assets: tuple[str, ...] | UnsetType = UNSET
    prefix: str | UnsetType = UNSET


class Post(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points move."""

    code: Code
    commit: Digest | UnsetType = UNSET
    eff: Day
    kind: Literal["post"] = "post"
    log: Origin
    p: tuple[Posting, ...]
    policy: Digest | UnsetType = UNSET
    ref: Id22 | UnsetType = UNSET
    rid: Id22
    unit: Unit
    why: str


class Key(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key begins or ceases to be valid after this position."""

    act: Literal["add", "revoke"]
    eff: Day
    kind: Literal["key"] = "key"
    log: Origin
    may: May | UnsetType = UNSET
    rid: Id22
    role: Role
    unit: Unit | UnsetType = UNSET
    vkey: str


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From the next position on these are the rules."""

    digest: Digest
    eff: Day
    kind: Literal["policy"] = "policy"
    log: Origin
    rid: Id22


class Attest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document existed: its salted digest."""

    code: Code
    digest: Digest
    eff: Day
    kind: Literal["attest"] = "attest"
    log: Origin
    rid: Id22
    subject: AttestSubject
    unit: Unit


class Erase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The private side of one pseudonym was deleted."""

    eff: Day
    holder: Id22
    kind: Literal["erase"] = "erase"
    log: Origin
    rid: Id22


Record = Post | Key | Policy | Attest | Erase
_TYPES: Final[dict[str, type[Record]]] = {
    "post": Post,
    "key": Key,
    "policy": Policy,
    "attest": Attest,
    "erase": Erase,
}


class _Kind(Struct):
    kind: str


_kind: Final = msgspec.json.Decoder(_Kind)
_DECODERS: Final = {kind: msgspec.json.Decoder(type_) for kind, type_ in _TYPES.items()}


def encode(record: Record) -> bytes:
    """The text of a record: what its signatures cover."""
    return b"%b%b\n" % (TYPE_LINE, canonical.encode_trusted(record))


def decode(text: bytes) -> Record:
    """:raises Malformed: not the text of a record of this version, or not its only spelling"""
    if not text.startswith(TYPE_LINE) or not text.endswith(b"\n"):
        raise _malformed("it does not begin with its type line")
    data = text[len(TYPE_LINE) : -1]
    try:
        decoder = _DECODERS.get(_kind.decode(data).kind)
        if decoder is None:
            raise _malformed("its kind is unknown")
        record = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(str(error)) from error
    check(record)
    # Writing spells every content in one way alone: this refuses any other, duplicate keys and escapes included.
    if encode(record) != text:
        raise _malformed("it is not the canonical spelling of its content")
    return record


def read_stored(note: bytes) -> Record:
    """The record of a note this ledger wrote itself. What was checked before it was signed is not checked again, nor
    are its signatures: ``liren ledger verify`` does both, for whoever doubts the database.

    :raises Malformed: the stored bytes are no record at all
    """
    data = note[len(TYPE_LINE) : note.rfind(b"\n\n")]
    try:
        return _DECODERS[_kind.decode(data).kind].decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise _malformed(str(error)) from error


def check(record: Record) -> None:
    """What the types alone cannot say. Whether the log allows it is not judged here.

    :raises Malformed: the record could never be valid
    """
    read_day(record.eff)
    if isinstance(record, Post):
        moves.check_shape(record.why, record.rid, record.p, text_or_none(record.ref))
        if record.commit is UNSET and record.why in moves.COMMITTED:
            raise _malformed(f"a {record.why} commits to its personal part")
        for asset, _, _, amount in record.p:
            check_asset(asset)
            if amount > canonical.MAX_INTEGER:
                raise _malformed("an amount is too large")
    elif isinstance(record, Key):
        VerifierKey.parse(record.vkey)
    elif isinstance(record, Attest) and record.subject.startswith("audit/"):
        read_day(record.subject.removeprefix("audit/"))


def entry_bytes(admitted_ms: int, record: bytes) -> bytes:
    """What the log's leaf covers."""
    return b"%b%d\n%b" % (ENTRY_LINE, admitted_ms, record)


def split_entry(entry: bytes) -> tuple[int, bytes]:
    """The admission time (Unix milliseconds) and the record of an entry.

    :raises Malformed: not an entry
    """
    line, _, record = entry.partition(b"\n")
    number = line.removeprefix(ENTRY_LINE)
    if not line.startswith(ENTRY_LINE) or not re.fullmatch(rb"[1-9][0-9]{0,14}", number):
        raise _malformed("it does not begin with its entry line")
    admitted_ms = int(number)
    if admitted_ms > MAX_MS:
        raise _malformed("its time lies beyond the calendar")
    return admitted_ms, record


def commitment(salt: bytes, part: bytes) -> str:
    """``commit`` of a post: ``part`` is the canonical JSON of its personal part."""
    return addresses.encode_id(sha256(COMMIT_TAG + salt + part).digest())


def attest_digest(salt: bytes, document: bytes) -> bytes:
    """``digest`` of an attest record over a document's bytes; the salt (32 bytes) stays with the document."""
    return sha256(ATTEST_TAG + salt + document).digest()


def personal_part(reason: Mapping[str, str | int], actor: str | None) -> bytes:
    """The canonical personal part of a post.

    :raises Malformed: not text or whole numbers, or longer than 64 KiB
    """
    part: dict[str, object] = {}
    if reason:
        part["reason"] = dict(reason)
    if actor:
        part["actor"] = actor
    data = canonical.encode(part)
    if len(data) > MAX_PART:
        raise _malformed("its reason is longer than 64 KiB")
    return data


def opening(rid: str, salt: bytes, part: bytes) -> bytes:
    """``opening.json``: what shows a record's holder that ``commit`` stands for this personal part."""
    value = {
        "format": "liren/opening/v1",
        "part": canonical.decode(part),
        "rid": rid,
        "salt": addresses.encode_id(salt),
    }
    return canonical.encode(value)


@lru_cache(maxsize=4096)
def read_day(text: str) -> date:
    """:raises Malformed: no such day"""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _malformed(f"{text} is no day") from error
    if not date(1970, 1, 1) <= day <= date(9998, 12, 31):
        raise _malformed(f"{text} lies beyond the calendar")
    return day


@lru_cache(maxsize=4096)
def check_asset(asset: str) -> None:
    """:raises Malformed: not the name of an asset"""
    if not _ASSET.fullmatch(asset):
        raise _malformed(f"“{asset[:40]}” is no asset")


@lru_cache(maxsize=4096)
def check_code(code: str) -> None:
    """:raises Malformed: not a code"""
    if not _CODE.fullmatch(code):
        raise _malformed(f"“{code[:80]}” is no code")


@lru_cache(maxsize=4096)
def check_module_code(code: str) -> None:
    """:raises Malformed: not ``<plugin>.<what>``: under what a service key signs"""
    check_code(code)
    if not re.fullmatch(rf"{addresses.PLUGIN}\..+", code):
        raise _malformed(f"“{code[:80]}” is not <module>.<what>")


def text_or_none(value: str | UnsetType) -> str | None:
    return None if value is UNSET else value


def _malformed(why: str) -> Malformed:
    return Malformed(
        f"这笔记录不合账本规范（{why}），没有记入。请联系软件维护人员。",
        f"This is not a record of the ledger: {why}. Nothing was recorded; tell the maintainer.",
    )
