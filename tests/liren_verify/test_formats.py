# SPDX-License-Identifier: Apache-2.0
"""Notes, trees and JSON: reference values of the formats, and everything that only looks like them."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.liren_verify.street import Street, path_of, root_of

from liren_verify import canonical
from liren_verify.curve import is_strong
from liren_verify.findings import Problem
from liren_verify.note import key_id, parse_checkpoint, parse_vkey, unbase64, unbase64url, verifies
from liren_verify.records import Post, parse_entry
from liren_verify.tree import Tree, leaf_hash, root_from_path

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "formats.json").read_text())
LEAVES, ROOTS, VKEY = VECTORS["leaves"], VECTORS["roots"], VECTORS["vkey"]
CHECKPOINT = VECTORS["checkpoint"].encode()


def test_the_tree_grows_to_the_reference_roots() -> None:
    tree = Tree()
    assert tree.root().hex() == ROOTS[0]
    for size, leaf in enumerate(LEAVES, start=1):
        tree.append(leaf_hash(bytes.fromhex(leaf)))
        assert (tree.size, tree.root().hex()) == (size, ROOTS[size])


def test_the_reference_path_leads_to_the_reference_root() -> None:
    leaf = leaf_hash(bytes.fromhex(LEAVES[4]))
    path = [bytes.fromhex(node) for node in VECTORS["path_of_leaf_4_in_the_tree_of_7"]]
    root = root_from_path(leaf, 4, 7, path)
    assert root is not None
    assert root.hex() == ROOTS[7]


@given(st.integers(1, 70), st.data())
def test_every_path_of_every_tree_verifies_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, root = path_of(index, leaves), root_of(leaves)
    assert root_from_path(leaves[index], index, size, path) == root
    other = data.draw(st.integers(0, size))
    if other != index:
        assert root_from_path(leaves[index], other, size, path) != root
    assert root_from_path(leaves[index], index, size, [*path, root]) != root
    if path:
        assert root_from_path(leaves[index], index, size, path[:-1]) != root


def test_the_reference_checkpoint_is_signed_by_the_reference_key() -> None:
    key, checkpoint = parse_vkey(VKEY), parse_checkpoint(CHECKPOINT)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == ("street.example/log/1", 7, ROOTS[7])
    [(name, short, signature)] = checkpoint.lines
    assert (name, short) == (key.name, key.id)
    assert verifies(key.public, signature, checkpoint.text)
    assert not verifies(key.public, signature, checkpoint.text.replace(b"7\n", b"8\n", 1))


@pytest.mark.parametrize(
    "broken",
    [
        CHECKPOINT.replace(b"\n7\n", b"\n07\n"),
        CHECKPOINT.replace(b"\n7\n", b"\n-7\n"),
        CHECKPOINT.replace(b"TIw=\n", b"TIx=\n"),
        CHECKPOINT.replace(b"TIw=\n", b"TIw=\nextension\n"),
        CHECKPOINT.replace(b"\n\n", b"\n"),
        CHECKPOINT.replace("— ".encode(), b"- "),
        CHECKPOINT.rstrip(b"\n"),
        CHECKPOINT + CHECKPOINT.splitlines(keepends=True)[-1],
        CHECKPOINT.replace(b"street.example/log/1\n", b"Street/log/1\n", 1),
        CHECKPOINT.replace(b"street", b"\xff"),
        b"",
        b"\n\n",
    ],
)
def test_a_checkpoint_with_one_thing_wrong_is_refused(broken: bytes) -> None:
    with pytest.raises(Problem):
        parse_checkpoint(broken)


@pytest.mark.parametrize(
    "text",
    [
        VKEY.replace("c217a652", "c217a653"),
        VKEY.replace("c217a652", "C217A652"),
        VKEY.replace("/log/1+", "/log/2+"),
        VKEY[:-1],
        VKEY + "=",
        VKEY.replace("+AQ", "+Ag"),
        "",
    ],
)
def test_a_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        parse_vkey(text)


@pytest.mark.parametrize("encoded", VECTORS["weak_public_keys"])
def test_a_key_that_anyone_could_sign_for_is_refused(encoded: str) -> None:
    raw = bytes.fromhex(encoded)
    assert not is_strong(raw)
    vkey = f"a+{key_id('a', raw).hex()}+"
    with pytest.raises(Problem):
        parse_vkey(vkey + base64.b64encode(b"\x01" + raw).decode())


def test_real_keys_are_strong_and_points_off_the_curve_are_not() -> None:
    street = Street(seed=5)
    assert all(is_strong(street.public(f"unit/{n}")) for n in range(20))
    assert not is_strong((2).to_bytes(32, "little"))
    assert not is_strong(b"\x09")


def test_base64_is_taken_in_its_one_encoding_only() -> None:
    assert unbase64("TIw=") == b"L\x8c"
    assert [unbase64(text) for text in ("TIx=", "TIw", "TIw==", "T Iw=", "TIw=\n", "—")] == [None] * 6
    assert unbase64url("AA", 1) == b"\x00"
    assert [unbase64url(text, 1) for text in ("AB", "AA==", "A", "AAA", "+A", "é")] == [None] * 6


json_values = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126)), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_our_encoding_is_rfc_8785_and_reads_back(value: object) -> None:
    raw = rfc8785.dumps(value)  # type: ignore[arg-type]
    assert canonical.encode(value) == raw
    try:
        read = canonical.decode(raw, "manifest-bad")
    except Problem as problem:
        assume(problem.values["why"] not in ("too deep", "text is not NFC"))  # beyond the profile
        raise
    assert read == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"9007199254740992",
        b"NaN",
        b"Infinity",
        b"null",
        b'{"a":null}',
        b'"\\u0041"',
        b'"\\ud800"',
        '"e\u0301"'.encode(),
        '{"é":1}'.encode(),
        b'"\xff"',
        b'"\x01"',
        b"[[[[[[[[[1]]]]]]]]]",
        b"[" * 100_000,
        b"9" * 100_000,
        b"",
        b" 1",
        b"1\n",
        b"\xef\xbb\xbf1",
    ],
)
def test_json_that_has_another_encoding_is_refused(raw: bytes) -> None:
    with pytest.raises(Problem):
        canonical.decode(raw, "manifest-bad")


def test_every_record_of_a_street_is_read_as_it_was_written(lived: Street) -> None:
    for raw, record, ms in zip(lived.entries, lived.records, lived.times, strict=True):
        entry = parse_entry(raw)
        assert entry.admitted_ms == ms
        assert (entry.record.rid, entry.record.eff, entry.record.kind) == (record["rid"], record["eff"], record["kind"])
        if isinstance(entry.record, Post):
            assert [list(posting) for posting in entry.record.postings] == record["p"]
            assert (entry.record.why, entry.record.ref) == (record["why"], record.get("ref"))


def _changed(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert old in raw
    return raw.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"liren/entry/v1 1", b"liren/entry/v1 01"),
        (b"liren/entry/v1", b"liren/entry/v2"),
        (b"liren/point-record/v1\n", b"liren/point-record/v1\r\n"),
        (b'{"code"', b'{ "code"'),
        (b'"kind":"post"', b'"kind":"past"'),
        (b",40]", b",040]"),
        (b",40]", b",-40]"),
        (b",40]", b",40.0]"),
        (b",40]", b",0]"),
        (b",40]", b",9007199254740992]"),
        (b"/2027-12-31", b"/2027-12-30"),
        (b"/2027-12-31", b"/2027-02-31"),
        (b"budget/03", b"budget/0 3"),
        (b'"eff":"2026-11-21"', b'"eff":"2026-11-31"'),
        (b'"eff":"2026-11-21"', b'"eff":"2026-11-21","extra":"1"'),
        (b'"unit":"03",', b""),
        (b'"why":"award"', b'"why":"gift"'),
        (b"}\n\n", b"}\n"),
        (b"}\n\n", b"}\n\n\n"),
    ],
)
def test_a_record_in_any_other_spelling_is_refused(lived: Street, old: bytes, new: bytes) -> None:
    award = next(i for i, record in enumerate(lived.records) if record.get("why") == "award")
    with pytest.raises(Problem):
        parse_entry(_changed(lived.entries[award], old, new))


@given(st.binary(max_size=300))
def test_noise_is_refused_without_a_crash(noise: bytes) -> None:
    for parse in (parse_entry, parse_checkpoint):
        with pytest.raises(Problem):
            parse(noise)
    with pytest.raises(Problem):
        parse_entry(b"liren/entry/v1 5\nliren/point-record/v1\n" + noise)
