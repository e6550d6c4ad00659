# SPDX-License-Identifier: Apache-2.0
"""Receipts: what the holder keeps at home must stand alone, and stand up."""

import base64
from pathlib import Path

import pytest
from tests.liren_verify.judge import judged, verdict
from tests.liren_verify.street import Street, b64u, dumps, path_of, zipped


def _award(street: Street) -> int:
    return next(i for i, record in enumerate(street.records) if record.get("why") == "award")


def test_every_entry_of_a_street_has_a_receipt_that_holds(lived: Street, tmp_path: Path) -> None:
    for position in range(len(lived.entries)):
        assert verdict(zipped(lived.receipt_members(position)), tmp_path, trust=lived.keys_note()) == set()


def test_a_flipped_byte_of_any_member_of_a_receipt_is_found(lived: Street, tmp_path: Path) -> None:
    members = lived.receipt_members(_award(lived))
    assert set(members) == {"entry", "proof.tlog-proof", "keys.note", "opening.json", "custody.json"}
    for name, data in members.items():
        for at in {*range(0, len(data), max(1, len(data) // 40)), len(data) - 1}:
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            assert judged(zipped({**members, name: changed}), tmp_path), (name, at)


def test_a_receipt_whose_opening_was_erased_still_holds(lived: Street, tmp_path: Path) -> None:
    members = lived.receipt_members(_award(lived))
    del members["opening.json"]
    assert verdict(zipped(members), tmp_path) == set()


@pytest.mark.parametrize("name", ["entry", "proof.tlog-proof", "keys.note"])
def test_a_receipt_without_one_of_its_parts_does_not_hold(lived: Street, tmp_path: Path, name: str) -> None:
    members = lived.receipt_members(_award(lived))
    del members[name]
    path = tmp_path / "x"
    assert path.parent.exists()
    assert (name, "member-missing") in verdict(zipped(members), tmp_path)


def test_anothers_opening_does_not_fit(lived: Street, tmp_path: Path) -> None:
    members = lived.receipt_members(_award(lived))
    others = [opening for opening in lived.openings.values() if opening != members["opening.json"]]
    assert verdict(zipped({**members, "opening.json": others[0]}), tmp_path) == {("opening.json", "opening-mismatch")}


def test_a_nicer_reason_does_not_fit(lived: Street, tmp_path: Path) -> None:
    members = lived.receipt_members(_award(lived))
    nicer = members["opening.json"].replace("志愿服务".encode(), "无偿献血".encode())
    assert verdict(zipped({**members, "opening.json": nicer}), tmp_path) == {("opening.json", "opening-mismatch")}


def test_an_entry_signed_by_a_key_of_one_s_own_does_not_hold(street: Street, tmp_path: Path) -> None:
    street.award(5, "unit/99")
    found = verdict(zipped(street.receipt_members(len(street.entries) - 1)), tmp_path)
    assert found == {("entry", "signature-missing")}


def test_a_key_revoked_before_the_entry_does_not_count(street: Street, tmp_path: Path) -> None:
    street.revoke("unit/03", "unit", "root")
    street.award(5)
    found = verdict(zipped(street.receipt_members(len(street.entries) - 1)), tmp_path)
    assert found == {("entry", "key-revoked")}


def test_a_key_registered_after_the_entry_does_not_count(street: Street, tmp_path: Path) -> None:
    street.award(5, "unit/03#2")
    street.add_key("unit/03#2", "unit", "root", unit="03", may={"kinds": ["post"], "why": ["award"]})
    found = verdict(zipped(street.receipt_members(len(street.entries) - 2)), tmp_path)
    assert found == {("entry", "signature-missing")}


def test_a_whole_street_made_up_at_home_fails_against_the_trusted_root(street: Street, tmp_path: Path) -> None:
    forged = Street(seed=3).founded()
    forged.award(100)
    receipt = zipped(forged.receipt_members(_award(forged)))
    assert verdict(receipt, tmp_path) == set()
    assert verdict(receipt, tmp_path, trust=street.keys_note()) == {("keys.note", "trust-mismatch")}


def test_a_proof_for_another_place_does_not_hold(lived: Street, tmp_path: Path) -> None:
    at = _award(lived)
    members = lived.receipt_members(at)
    other = lived.receipt_members(at + 1)["proof.tlog-proof"]
    assert ("proof.tlog-proof", "proof-wrong") in verdict(zipped({**members, "proof.tlog-proof": other}), tmp_path)


def test_a_checkpoint_that_the_log_key_did_not_sign_does_not_hold(street: Street, tmp_path: Path) -> None:
    street.award(5)
    members = street.receipt_members(len(street.entries) - 1)
    path = "".join(base64.b64encode(node).decode() + "\n" for node in path_of(len(street.entries) - 1, street.leaves))
    head = f"c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex {len(street.entries) - 1}\n{path}\n"
    for signer, findings in (("log/1", set()), ("unit/03", {("proof.tlog-proof", "checkpoint-unsigned")})):
        proof = head.encode() + street.checkpoint(signer)
        assert verdict(zipped({**members, "proof.tlog-proof": proof}), tmp_path) == findings


def test_an_opening_of_a_record_without_commitment_does_not_fit(lived: Street, tmp_path: Path) -> None:
    at = next(i for i, record in enumerate(lived.records) if record.get("why") == "settle")
    opening = dumps(
        {"format": "liren/opening/v1", "rid": lived.records[at]["rid"], "salt": b64u(bytes(32)), "part": {}}
    )
    members = {**lived.receipt_members(at), "opening.json": opening}
    assert verdict(zipped(members), tmp_path) == {("opening.json", "opening-mismatch")}
