# SPDX-License-Identifier: Apache-2.0
"""The restricted JSON profile (spec section 5): there is exactly one byte string for each value."""

import json
import unicodedata
from typing import Any, NoReturn

from liren_verify.findings import Problem

MOST = 2**53 - 1
DEPTH = 8


class _NotCanonical(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotCanonical("a key stands twice")
    return found


def _integer(text: str) -> int:
    if len(text) > 17 or not -MOST <= int(text) <= MOST:
        raise _NotCanonical("number out of range")
    return int(text)


def _refuse(_: str) -> NoReturn:
    raise _NotCanonical("not an integer")


_decoder = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse, strict=True
)


def _check(value: Any, depth: int) -> None:
    if value is None:
        raise _NotCanonical("null")
    if isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            raise _NotCanonical("text is not NFC")
    elif isinstance(value, dict | list):
        if depth >= DEPTH:
            raise _NotCanonical("too deep")
        if isinstance(value, dict):
            for key in value:
                if not key.isascii() or not key.isprintable():
                    raise _NotCanonical("a key is not ASCII")
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth + 1)


def encode(value: Any) -> bytes:
    """RFC 8785 bytes of a value of the profile."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(raw: bytes, code: str) -> Any:
    """The value of canonical bytes.

    :raises Problem: with ``code``, where the bytes are not the one encoding of a value of the profile
    """
    try:
        value = _decoder.decode(raw.decode())
        _check(value, 0)
        same = encode(value) == raw
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _NotCanonical) else "not JSON"
        raise Problem(code, why=why) from None
    if not same:
        raise Problem(code, why="not in canonical form")
    return value
