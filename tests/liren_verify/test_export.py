# SPDX-License-Identifier: Apache-2.0
"""Exports: any byte changed anywhere is found and named; a hostile archive is refused, not suffered."""

import base64
import contextlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.liren_verify.judge import judged, unzipped, verdict, with_member
from tests.liren_verify.street import Street, dumps, sha, zipped

from liren_verify.findings import Unusable


def _flipped(data: bytes, at: int, bit: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def _places(length: int) -> set[int]:
    return {0, length // 2, length - 1}


def test_a_flipped_byte_of_any_member_is_found_and_the_member_named(lived: Street, tmp_path: Path) -> None:
    members = unzipped(lived.export())
    tried = 0
    for name, data in members.items():
        for at in _places(len(data)):
            for bit in (0, 5):
                found = judged(with_member(members, name, _flipped(data, at, bit)), tmp_path)
                assert found, (name, at)
                if name != "manifest.json":
                    assert name in {finding.place for finding in found}, (name, at, list(found))
                tried += 1
    assert tried == len(members) * 6


def test_a_flipped_byte_of_any_entry_in_the_database_is_found_and_the_entry_named(
    lived: Street, tmp_path: Path
) -> None:
    """The exporter is honest and computes digests from what is stored; only the stored entry is wrong."""
    base = lived.members()
    for position, entry in enumerate(lived.entries):
        for at in _places(len(entry)) | {entry.rindex(b"\n\n") + 2}:
            changed = [*lived.entries[:position], _flipped(entry, at), *lived.entries[position + 1 :]]
            raw = b"".join(len(e).to_bytes(4, "big") + e for e in changed)
            found = verdict(lived.export(base, **{"entries/000000.bin": raw}), tmp_path)
            assert (f"entry {position}", "index-mismatch") in found
            assert ("checkpoint", "root-mismatch") in found


def test_a_changed_column_in_the_database_is_found_and_named(lived: Street, tmp_path: Path) -> None:
    rows, base, seen = lived.index().splitlines(), lived.members(), set()
    for position, row in enumerate(rows):
        columns = json.loads(row)
        shape = (columns["kind"], columns.get("why"))
        if shape in seen:
            continue
        seen.add(shape)
        for column, value in columns.items():
            other = value + 1 if isinstance(value, int) else _flipped(value.encode(), len(value) - 1).decode()
            changed = [*rows[:position], dumps({**columns, column: other}), *rows[position + 1 :]]
            found = judged(lived.export(base, **{"index.jsonl": b"\n".join(changed) + b"\n"}), tmp_path)
            named = [finding for finding in found if finding.code == "index-mismatch"]
            assert [(f.place, f.values) for f in named] == [(f"entry {position}", (("column", column),))]
            if column != "ref":  # a changed ref also hides its record from the replay
                assert found.count == 1


@pytest.mark.parametrize("column", ["edge", "last_ms", "origin", "root", "size"])
def test_a_changed_column_of_the_head_is_found_and_named(lived: Street, tmp_path: Path, column: str) -> None:
    head = json.loads(lived.members()["head.json"])
    head[column] = {"edge": head["edge"][1:], "last_ms": 1, "origin": "x", "root": "00" * 32, "size": 1}[column]
    found = judged(lived.export(**{"head.json": dumps(head)}), tmp_path)
    assert [(f.place, f.code, f.values) for f in found] == [("head.json", "head-mismatch", (("column", column),))]


def test_a_member_that_is_missing_or_extra_is_named(lived: Street, tmp_path: Path) -> None:
    members = unzipped(lived.export())
    for name in members:
        if name == "manifest.json":
            continue
        less = {other: data for other, data in members.items() if other != name}
        assert (name, "member-missing") in verdict(zipped(less), tmp_path)
    for name in (
        "../../etc/passwd",
        "/etc/passwd",
        "entries/000001.bin",
        "entries/00000.bin",
        "x\x1b[31m",
        "policies/",
    ):
        found = verdict(with_member(members, name, b"x"), tmp_path)
        assert found == {(name.replace("\x1b", "?"), "member-extra")}


def test_a_listed_policy_that_no_record_adopted_is_named(lived: Street, tmp_path: Path) -> None:
    name = f"policies/{'A' * 43}.json"
    assert verdict(lived.export(**{name: b"{}"}), tmp_path) == {(name, "member-extra")}


def test_a_name_that_stands_twice_is_named(lived: Street, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in unzipped(lived.export()).items():
            archive.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("checkpoint", b"another")
    assert ("checkpoint", "member-extra") in verdict(out.getvalue(), tmp_path)


def test_a_log_cut_short_or_with_a_gap_is_found(lived: Street, tmp_path: Path) -> None:
    frames = [len(e).to_bytes(4, "big") + e for e in lived.entries]
    cases = {
        "cut": frames[:-1],
        "gap": frames[:9] + frames[10:],
        "swapped": [*frames[:9], frames[10], frames[9], *frames[11:]],
    }
    for name, kept in cases.items():
        found = verdict(lived.export(**{"entries/000000.bin": b"".join(kept)}), tmp_path)
        assert ("checkpoint", "root-mismatch") in found, name
        if name != "swapped":
            assert ("manifest.json", "entry-count") in found, name


@pytest.mark.parametrize(
    "frame", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x00\x00", b"\x00\x00\x20\x21" + b"x" * 8225]
)
def test_a_frame_of_a_wrong_length_is_found(lived: Street, tmp_path: Path, frame: bytes) -> None:
    found = verdict(lived.export(**{"entries/000000.bin": frame}), tmp_path)
    assert ("entries/000000.bin", "entry-malformed") in found


def test_a_checkpoint_by_another_key_or_for_another_log_is_found(street: Street, tmp_path: Path) -> None:
    street.award(5)
    assert verdict(street.export(checkpoint=street.checkpoint("unit/03")), tmp_path) == {
        ("checkpoint", "checkpoint-unsigned")
    }
    assert verdict(street.export(checkpoint=street.checkpoint(size=4)), tmp_path) == {("checkpoint", "checkpoint-size")}
    text = f"other.example/log/1\n{len(street.entries)}\n{base64.b64encode(sha()).decode()}\n".encode()
    assert verdict(street.export(checkpoint=street.signed(text, "log/1")), tmp_path) == {
        ("checkpoint", "checkpoint-origin"),
        ("checkpoint", "root-mismatch"),
    }


def test_a_checkpoint_by_a_revoked_log_key_is_found(lived: Street, tmp_path: Path) -> None:
    found = verdict(lived.export(checkpoint=lived.checkpoint("log/1")), tmp_path)
    assert found == {("checkpoint", "checkpoint-unsigned")}


def test_an_older_checkpoint_must_be_a_beginning_of_the_log(street: Street, tmp_path: Path) -> None:
    street.award(5)
    old = street.checkpoint()
    for size in range(3, len(street.entries)):  # the log key stands at position 2
        assert verdict(street.export(), tmp_path, old=street.checkpoint(size=size)) == set()
    street.entries.pop()
    street.records.pop()
    street.times.pop()
    assert verdict(street.export(), tmp_path, old=old) == {("old checkpoint", "old-checkpoint")}
    street.award(6)
    assert verdict(street.export(), tmp_path, old=old) == {("old checkpoint", "old-checkpoint")}
    assert verdict(street.export(), tmp_path, old=street.checkpoint("unit/03", 3)) == {
        ("old checkpoint", "checkpoint-unsigned")
    }


def test_keys_one_trusts_are_held_against_the_log(street: Street, tmp_path: Path) -> None:
    early = street.keys_note()
    street.add_key("unit/04", "unit", "root", unit="04", may={"kinds": ["post"], "why": ["award"]})
    assert verdict(street.export(), tmp_path, trust=early) == set()
    assert verdict(street.export(), tmp_path, trust=street.keys_note()) == set()
    other = Street(seed=2).founded()
    assert verdict(street.export(), tmp_path, trust=other.keys_note()) == {("keys.note", "trust-mismatch")}
    lines = early.splitlines(keepends=True)
    moved = b"".join([*lines[:4], b"2 " + lines[4].split(b" ")[1], *lines[6:]])
    assert verdict(street.export(), tmp_path, trust=moved) == {("keys.note", "trust-mismatch")}


def test_a_key_list_that_hides_a_revocation_is_found(lived: Street, tmp_path: Path) -> None:
    lines = lived.keys_note().splitlines(keepends=True)
    found = verdict(lived.export(**{"keys.note": b"".join(lines[:-3] + lines[-2:])}), tmp_path)
    assert found == {("keys.note", "keys-mismatch")}


def test_a_policy_body_that_is_not_what_was_adopted_is_found(street: Street, tmp_path: Path) -> None:
    [name] = [name for name in street.members() if name.startswith("policies/")]
    changed = dumps(street.body(deduct_h={"SX-1": "basis"}))
    assert ("entry 9", "policy-missing") in verdict(street.export(**{name: changed}), tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"tz": "Nowhere/Land"},
        {"tz": "../../etc/localtime"},
        {"tz": 8},
        {"rules": [{**Street.RULES[0], "min": 0}]},
        {"rules": [{**Street.RULES[0], "max": True}]},
        {"rules": [{**Street.RULES[0], "expiry": "months:0"}]},
        {"rules": [{**Street.RULES[0], "valid_to": "2026-02-30"}]},
        {"rules": [{**Street.RULES[0], "asset": "fen"}]},
        {"rules": [{**Street.RULES[0], "more": 1}]},
        {"rules": list(reversed(Street.RULES))},
        {"deduct_h": {"SX-1": ""}},
        {"extra": 1},
    ],
)
def test_a_malformed_policy_is_found(tmp_path: Path, changes: dict[str, object]) -> None:
    street = Street().keyed()
    street.adopt(street.body(**changes))
    assert verdict(street.export(), tmp_path) == {("entry 8", "policy-missing")}


def test_another_time_zone_moves_the_day(tmp_path: Path) -> None:
    street = Street().keyed()
    street.adopt(street.body(tz="UTC"))
    street.budget(10)
    street.ms += 7 * 3_600_000  # 16:20 in UTC, 00:20 of the next day in Shanghai
    street.budget(10, eff="2026-11-21")
    assert verdict(street.export(), tmp_path) == set()


def test_a_damaged_zip_stream_is_found_and_the_member_named(lived: Street, tmp_path: Path) -> None:
    archive = lived.export()
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        infos = opened.infolist()
    for info in infos:
        at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
        places = {finding.place for finding in judged(_flipped(archive, at), tmp_path)}
        assert info.filename in places


def test_a_bomb_is_refused_without_unpacking_it(lived: Street, tmp_path: Path) -> None:
    members = unzipped(lived.export())
    bomb = b"\0" * (40 * 2**20)
    for name in ("entries/000000.bin", "index.jsonl", "keys.note", "checkpoint", "head.json", "manifest.json"):
        assert (name, "member-broken") in verdict(with_member(members, name, bomb), tmp_path)


def test_a_manifest_that_promises_too_much_is_only_a_finding(lived: Street, tmp_path: Path) -> None:
    members = unzipped(lived.export())
    manifest = json.loads(members["manifest.json"])
    for size in (0, 10**6, 2**53 - 1):
        found = verdict(with_member(members, "manifest.json", dumps({**manifest, "size": size})), tmp_path)
        assert ("checkpoint", "checkpoint-size") in found


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_no_change_to_the_file_ever_crashes_the_verifier(lived: Street, tmp_path: Path, data: st.DataObject) -> None:
    archive = bytearray(lived.export())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(archive) - 1))
        archive[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    with contextlib.suppress(Unusable):
        judged(bytes(archive), tmp_path)
