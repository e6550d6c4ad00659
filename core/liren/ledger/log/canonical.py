# SPDX-License-Identifier: Apache-2.0
"""The one spelling of a value that is ever signed or hashed: RFC 8785 JSON, restricted.

Restricted profile: ASCII keys, integers within ±(2^53−1), no floats, no null, strings in NFC, no duplicate
key. Two programs that agree on the value then agree on every byte, in any language. msgspec writes it
(25 times faster than the reference library, byte for byte the same on this profile: a property test keeps
it so), and reading accepts only what writing would have produced.
"""

from typing import Final
from unicodedata import is_normalized

import msgspec

from liren.ledger.errors import Malformed

Json = str | int | bool | list["Json"] | dict[str, "Json"]
"""What the restricted profile can say."""

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 8

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


def encode(value: object) -> bytes:
    """The canonical bytes of ``value``: a JSON value or a Struct whose fields are JSON values.

    :raises Malformed: the value cannot be said in the restricted profile
    """
    _check(value, MAX_DEPTH)
    return _encoder.encode(value)


def encode_trusted(value: object) -> bytes:
    """As :func:`encode`, for a value this package has built from parts it has already checked."""
    return _encoder.encode(value)


def decode(data: bytes) -> Json:
    """The value of canonical ``data``.

    :raises Malformed: not JSON, not in the profile, or not the canonical spelling of its value
    """
    try:
        value: Json = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(str(error)) from error
    if encode(value) != data:
        raise _malformed("it is not the canonical spelling of its value")
    return value


def check_text(text: str) -> None:
    """:raises Malformed: ``text`` is not in NFC or holds a lone surrogate"""
    if text.isascii():
        return
    if not is_normalized("NFC", text):
        raise _malformed("a text is not in Unicode normal form C")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _malformed("a text holds half a character") from error


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise _malformed("a number lies beyond ±(2^53−1)")
    elif depth <= 0:
        raise _malformed("it is nested too deeply")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not (key.isascii() and key.isprintable()):
                raise _malformed("a key is not ASCII text")
            if type(item) is not str or not item.isascii():  # most are; this runs for every record
                _check(item, depth - 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            item = getattr(value, name)
            if item is not msgspec.UNSET:
                _check(item, depth - 1)
    else:
        raise _malformed(f"a value of type {type(value).__name__} has no place in it")


def _malformed(why: str) -> Malformed:
    return Malformed(
        f"这段数据不是账本的规范写法（{why}），账本不接受。请联系软件维护人员。",
        f"This is not the ledger's canonical JSON: {why}. The ledger refuses it; tell the maintainer.",
    )
