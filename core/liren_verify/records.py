# SPDX-License-Identifier: Apache-2.0
"""Entries and records, parsed strictly (spec sections 1, 6, 7).

Every field of a post is ASCII from a fixed alphabet, so one pattern both reads a post and proves that its bytes are
canonical; the four rarer kinds go through the JSON profile.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from liren_verify import canonical
from liren_verify.findings import Problem
from liren_verify.note import MOST, ORIGIN, SIGNATURE_LINE, SignatureLine, parse_lines, read_lines

TYPE = b"liren/point-record/v1\n"
MOST_RECORD = 8192
MOST_ENTRY = MOST_RECORD + 32
MOST_SIGNATURES = 4
MOST_MS = 253370764800000

RID = r"[A-Za-z0-9_-]{21}[AQgw]"
DIGEST = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
UNIT = r"[A-Za-z0-9][A-Za-z0-9-]{0,31}"
CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ASSET = r"[a-z]{2,20}"
PLUGIN = r"[a-z]{2,20}"
ID = r"[A-Za-z0-9._-]{1,64}"
WITH_REF = frozenset({"clear", "refund", "reverse", "settle", "void"})
WITH_COMMIT = frozenset({"award", "close", "deduct", "reverse"})
WHY = "award|budget|clear|close|deduct|expire|refund|reverse|settle|spend|void"
ADDRESS = (
    rf"(?:[ho]/{RID}/(?:never|{DAY})|budget/{UNIT}|escrow/{RID}|merchant/{PLUGIN}\.[A-Za-z0-9_-]{{1,40}}"
    r"|fund/[a-z0-9][a-z0-9-]{0,39}|redeemed|expired|issuance)"
)
_AMOUNT = "[1-9][0-9]{0,15}"
_POSTING = rf'\["{ASSET}","{ADDRESS}","{ADDRESS}",{_AMOUNT}\]'
_POSTINGS = re.compile(r'\["([^"]+)","([^"]+)","([^"]+)",([0-9]+)\]')
_POST = (
    rf'\{{"code":"({CODE})",(?:"commit":"({DIGEST})",)?"eff":"({DAY})","kind":"post",'
    rf'"log":"([a-z0-9./-]{{1,130}})","p":\[\["({ASSET})","({ADDRESS})","({ADDRESS})",({_AMOUNT})\]'
    rf'((?:,{_POSTING}){{0,31}})\],(?:"policy":"({DIGEST})",)?'
    rf'(?:"ref":"({RID})",)?"rid":"({RID})","unit":"({UNIT})","why":"({WHY})"\}}\n'
)
_HEAD = re.compile(rb"liren/entry/v1 ([1-9][0-9]{0,14})\n")
_POST_ENTRY = re.compile(
    rf"liren/entry/v1 ([1-9][0-9]{{0,14}})\nliren/point-record/v1\n{_POST}\n((?:{SIGNATURE_LINE}){{1,4}})"
)
_LAST = _POST_ENTRY.groups
"""The group of the signature lines."""
SUBJECT = rf"(?:statement/[0-9]{{4}}-(?:0[1-9]|1[0-2])|audit/{DAY}|slip/{ID}|doc/{PLUGIN}/{ID}|recovery)"
_FIELDS = {
    "act": "add|revoke",
    "code": CODE,
    "digest": DIGEST,
    "eff": DAY,
    "holder": RID,
    "kind": "attest|erase|key|policy",
    "log": ORIGIN.pattern,
    "rid": RID,
    "role": "root|unit|reviewer|service|log",
    "subject": SUBJECT,
    "unit": UNIT,
    "vkey": r"[!-~]{1,300}",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _FIELDS.items()}
_ALL = {"kind", "log", "rid", "eff"}
_REQUIRED = {
    "key": _ALL | {"act", "vkey", "role"},
    "policy": _ALL | {"digest"},
    "attest": _ALL | {"subject", "digest", "code", "unit"},
    "erase": _ALL | {"holder"},
}
_OPTIONAL = {"key": {"unit", "may"}}

Posting = tuple[str, str, str, int]
"""Asset, from address, to address, amount."""


@dataclass(slots=True)
class Post:
    """A record that moves points."""

    log: str
    rid: str
    eff: str
    why: str
    postings: tuple[Posting, ...]
    code: str
    unit: str
    policy: str | None
    ref: str | None
    commit: str | None
    kind: ClassVar[str] = "post"


@dataclass(slots=True)
class Other:
    """A ``key``, ``policy``, ``attest`` or ``erase`` record; ``fields`` are checked for presence and alphabet."""

    log: str
    rid: str
    eff: str
    kind: str
    fields: Mapping[str, Any]

    @property
    def unit(self) -> str | None:
        return self.fields.get("unit")


Record = Post | Other


@dataclass(slots=True)
class Entry:
    admitted_ms: int
    text: bytes
    """What the signatures cover."""
    lines: list[SignatureLine]
    record: Record


@lru_cache(maxsize=4096)
def is_day(text: str) -> bool:
    try:
        return 1970 <= date.fromisoformat(text).year <= 9998
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def is_month_end(text: str) -> bool:
    if not is_day(text):
        return False
    day = date.fromisoformat(text)
    return date.fromordinal(day.toordinal() + 1).day == 1


@lru_cache(maxsize=4096)
def is_expiry(text: str) -> bool:
    """Whether what ends ``h/<holder>/…`` is ``never`` or a real month end."""
    return text == "never" or is_month_end(text)


def _post(groups: Sequence[str]) -> Post:
    code, commit, eff, log, asset, src, dst, first, more, policy, ref, rid, unit, why = groups
    postings: tuple[Posting, ...] = ((asset, src, dst, int(first)),)
    if more:
        postings += tuple([(asset, src, dst, int(n)) for asset, src, dst, n in _POSTINGS.findall(more)])
    for _, src, dst, amount in postings:
        if amount > MOST:
            raise Problem("entry-malformed", why="posting")
        if (src[1] == "/" and not is_expiry(src[25:])) or (dst[1] == "/" and not is_expiry(dst[25:])):
            raise Problem("entry-malformed", why="posting")
    if len(postings) > 1 and len({posting[:3] for posting in postings}) < len(postings):
        raise Problem("entry-malformed", why="the same posting twice")
    if (ref is None) == (why in WITH_REF):
        raise Problem("entry-malformed", why="ref")
    if commit is None and why in WITH_COMMIT:
        raise Problem("entry-malformed", why="commit is missing")
    return Post(log, rid, eff, why, postings, code, unit, policy, ref, commit)


def _other(raw: bytes) -> Other:
    fields = canonical.decode(raw, "entry-malformed")
    if not isinstance(fields, dict):
        raise Problem("entry-malformed", why="not an object")
    kind = fields.get("kind")
    if kind == "post":
        raise Problem("entry-malformed", why="a field of the post")
    if not isinstance(kind, str) or kind not in _REQUIRED:
        raise Problem("entry-malformed", why="kind")
    required = _REQUIRED[kind]
    for name in sorted(required - fields.keys()):
        raise Problem("entry-malformed", why=f"{name} is missing")
    for name in sorted(fields.keys() - required - _OPTIONAL.get(kind, set())):
        raise Problem("entry-malformed", why=f"{name} does not belong here")
    for name, value in fields.items():
        if name != "may" and not (isinstance(value, str) and _PATTERNS[name].fullmatch(value)):
            raise Problem("entry-malformed", why=name)
    subject = fields.get("subject", "")
    if subject.startswith("audit/") and not is_day(subject[6:]):
        raise Problem("entry-malformed", why="subject")
    return Other(fields["log"], fields["rid"], fields["eff"], kind, fields)


def _timed(admitted_ms: int, record_size: int, record: Record) -> None:
    if admitted_ms > MOST_MS:
        raise Problem("entry-malformed", why="admission time")
    if record_size > MOST_RECORD:
        raise Problem("entry-malformed", why="over 8192 bytes")
    if not is_day(record.eff):
        raise Problem("entry-malformed", why="eff")


def parse_entry(raw: bytes) -> Entry:
    """An entry's bytes, taken apart.

    :raises Problem: ``entry-malformed`` or ``note-bad``
    """
    try:
        match = _POST_ENTRY.fullmatch(raw.decode())
    except UnicodeDecodeError:
        raise Problem("entry-malformed", why="not UTF-8") from None
    if match is None:
        return _parse_other(raw)
    first, *fields, lines = match.groups()
    head = match.end(1) + 1  # all before the signatures is ASCII: characters are bytes
    post, admitted_ms = _post(fields), int(first)
    _timed(admitted_ms, len(raw) - head, post)
    return Entry(admitted_ms, raw[head : match.start(_LAST) - 1], read_lines(lines, MOST_SIGNATURES), post)


def _parse_other(raw: bytes) -> Entry:
    """Every kind but a well-formed post; for a malformed post, says what is wrong."""
    match = _HEAD.match(raw)
    if match is None:
        raise Problem("entry-malformed", why="first line")
    head, blank = match.end(), raw.rfind(b"\n\n")
    if blank < head:
        raise Problem("entry-malformed", why="no signatures")
    text = raw[head : blank + 1]
    lines = parse_lines(raw[blank + 2 :], MOST_SIGNATURES)
    if not text.startswith(TYPE):
        raise Problem("entry-malformed", why="type line")
    record = _other(text[len(TYPE) : -1])
    _timed(int(match[1]), len(raw) - head, record)
    return Entry(int(match[1]), text, lines, record)
