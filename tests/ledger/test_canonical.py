# SPDX-License-Identifier: Apache-2.0
"""One spelling of every value: byte-equal to the reference library, and nothing else is read."""

from unicodedata import normalize

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from liren.ledger.errors import Malformed
from liren.ledger.log import canonical

texts = st.text(st.characters(codec="utf-8")).map(lambda text: normalize("NFC", text))
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
integers = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
values = st.recursive(
    texts | integers | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
).filter(lambda value: _depth(value) <= canonical.MAX_DEPTH)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@given(values)
def test_our_bytes_are_those_of_the_reference_and_read_back(value: object) -> None:
    data = canonical.encode(value)
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert canonical.decode(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":null}',
        b'{"a":9007199254740992}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        '{"a":"e\u0301"}'.encode(),
        '{"é":1}'.encode(),
        b'{"a":"\xff"}',
        b'{"a":1}\n',
        b"[" * 9 + b"]" * 9,
        b"",
        b"{",
    ],
)
def test_any_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        canonical.decode(data)


@pytest.mark.parametrize("value", [1.5, None, {"é": 1}, "e\u0301", 2**53, {1: 2}, b"x", "\ud800"])
def test_what_the_profile_cannot_say_is_never_written(value: object) -> None:
    with pytest.raises(Malformed):
        canonical.encode(value)
