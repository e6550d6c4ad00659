# SPDX-License-Identifier: Apache-2.0
"""A log that goes on under a new origin after its tail was lost (spec section 16)."""

import hashlib
import re

from liren_verify import canonical
from liren_verify.findings import Problem
from liren_verify.note import MOST, ORIGIN, unbase64url
from liren_verify.records import Other, Record

ATTEST_TAG = b"liren/attest/v1\n"
CODE = "ledger.recovery"
MOST_BODY = 2**16
Head = tuple[str, int, str]
"""(origin, size, root in hex)."""


def recovers(record: Record) -> bool:
    return isinstance(record, Other) and record.kind == "attest" and record.fields.get("subject") == "recovery"


def number(origin: str) -> int:
    return int(origin.rpartition("/")[2])


def follows(later: str, earlier: str) -> bool:
    """Whether an origin is a later one of the same street."""
    return later.rpartition("/")[0] == earlier.rpartition("/")[0] and number(later) > number(earlier)


def same_street(one: str, other: str) -> bool:
    return one.rpartition("/")[0] == other.rpartition("/")[0]


def check_body(raw: bytes, record: Other, restored: Head) -> Head:
    """What was published beyond, as ``recovery/<rid>.json`` says and the record attests.

    :param restored: the log below the record, as replayed
    :raises Problem: ``recovery-wrong``
    """
    body = canonical.decode(raw, "recovery-wrong")
    if not isinstance(body, dict) or body.keys() != {"anchor", "format", "restored", "salt"}:
        raise Problem("recovery-wrong", why="members")
    salt = unbase64url(body["salt"], 32) if isinstance(body["salt"], str) else None
    if salt is None or body["format"] != "liren/recovery/v1":
        raise Problem("recovery-wrong", why="format")
    attested = canonical.encode({name: value for name, value in body.items() if name != "salt"})
    digest = hashlib.sha256(ATTEST_TAG + salt + attested).digest()
    if unbase64url(record.fields["digest"], 32) != digest:
        raise Problem("recovery-wrong", why="digest")
    anchor = body["anchor"]
    if body["restored"] != list(restored):
        raise Problem("recovery-wrong", why="restored")
    if not isinstance(anchor, list) or len(anchor) != 3 or anchor == body["restored"]:
        raise Problem("recovery-wrong", why="anchor")
    origin, size, root = anchor
    if not isinstance(origin, str) or not ORIGIN.fullmatch(origin) or not same_street(origin, restored[0]):
        raise Problem("recovery-wrong", why="anchor")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MOST or not isinstance(root, str):
        raise Problem("recovery-wrong", why="anchor")
    if not re.fullmatch("[0-9a-f]{64}", root) or not follows(record.log, origin):
        raise Problem("recovery-wrong", why="anchor")  # its number was used before
    return origin, size, root
