# SPDX-License-Identifier: Apache-2.0
"""Addresses: everything that can hold points is an account with one of these names.

``issuance`` · ``budget/<unit>`` · ``h/<holder>/<last day or never>`` · ``o/<holder>/…`` · ``escrow/<rid>`` ·
``merchant/<plugin>.<id>`` · ``fund/<name>`` · ``redeemed`` · ``expired``. An address is unique per asset and
never reused.
"""

import os
import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal, cast

from liren.ledger.errors import Malformed

Kind = Literal["issuance", "budget", "h", "o", "escrow", "merchant", "fund", "redeemed", "expired"]
HOLDERS: Final[frozenset[Kind]] = frozenset({"h", "o"})
ISSUANCE: Final = "issuance"
REDEEMED: Final = "redeemed"
EXPIRED: Final = "expired"
NEVER: Final = "never"

ID22 = r"[A-Za-z0-9_-]{21}[AQgw]"
"""128 bits in unpadded base64url: the last character carries two of them."""
UNIT_CODE = r"[A-Za-z0-9][A-Za-z0-9-]{0,31}"
ASSET = r"[a-z]{2,20}"
CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
PLUGIN = r"[a-z]{2,20}"

_FORMS: Final[dict[Kind, re.Pattern[str]]] = {
    "h": re.compile(rf"h/({ID22})/([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|never)"),
    "o": re.compile(rf"o/({ID22})/([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|never)"),
    "escrow": re.compile(rf"escrow/({ID22})"),
    "budget": re.compile(rf"budget/({UNIT_CODE})"),
    "merchant": re.compile(rf"merchant/({PLUGIN}\.[A-Za-z0-9_-]{{1,40}})"),
    "fund": re.compile(r"fund/([a-z0-9][a-z0-9-]{0,39})"),
    "issuance": re.compile("issuance"),
    "redeemed": re.compile("redeemed"),
    "expired": re.compile("expired"),
}
"""By what stands before the first stroke."""
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address. ``name`` is the holder, unit, rid, merchant or fund; empty for the three ends."""

    kind: Kind
    name: str = ""
    expires_on: date | None = None
    """The last day its points can be spent (inclusive, street time); None: never ends."""

    @property
    def of_holder(self) -> bool:
        return self.kind in HOLDERS


@lru_cache(maxsize=65536)
def parse(text: str) -> Address:
    """:raises Malformed: not an address"""
    kind = cast(Kind, text.partition("/")[0])
    form = _FORMS.get(kind)
    match = form.fullmatch(text) if form is not None else None
    if match is None:
        raise _malformed(text)
    if kind not in HOLDERS:
        return Address(kind, match[1] if match.groups() else "")
    return Address(kind, match[1], _last_day(match[2], text))


def points(kind: Literal["h", "o"], holder: str, expires_on: date | None) -> str:
    """The account of one holder for one expiry."""
    return f"{kind}/{holder}/{expires_on.isoformat() if expires_on else NEVER}"


def budget(unit: str) -> str:
    return f"budget/{unit}"


def escrow(spend_rid: str) -> str:
    return f"escrow/{spend_rid}"


def merchant(plugin: str, id_: str) -> str:
    return f"merchant/{plugin}.{id_}"


def new_id() -> str:
    """128 random bits as 22 characters: a record's ``rid`` or a holder's pseudonym."""
    return encode_id(os.urandom(16))


def encode_id(raw: bytes) -> str:
    """Unpadded base64url (RFC 4648 §5)."""
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()


def decode_id(text: str) -> bytes:
    """:raises Malformed: not unpadded base64url, or not its only spelling"""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise _malformed(text) from error
    if encode_id(raw) != text:
        raise _malformed(text)
    return raw


def holder_of(moves: object) -> tuple[Kind, str] | None:
    """The one holder a record's postings touch; None where they touch none."""
    for _, source, target, _ in cast("list[tuple[str, str, str, int]]", moves):
        for text in (source, target):
            address = parse(text)
            if address.of_holder:
                return address.kind, address.name
    return None


def merchant_of(moves: object) -> str:
    """``<plugin>.<id>`` of the merchant a record's postings touch; empty where they touch none."""
    for _, source, target, _ in cast("list[tuple[str, str, str, int]]", moves):
        for text in (source, target):
            address = parse(text)
            if address.kind == "merchant":
                return address.name
    return ""


def _last_day(text: str, address: str) -> date | None:
    if text == NEVER:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _malformed(address) from error
    if day.day != monthrange(day.year, day.month)[1]:
        raise _malformed(address)
    return day


def _malformed(text: str) -> Malformed:
    return Malformed(
        f"账户地址“{text[:80]}”不合规范，账本不接受。请联系软件维护人员。",
        f"“{text[:80]}” is not an address of the ledger. Tell the maintainer.",
    )
