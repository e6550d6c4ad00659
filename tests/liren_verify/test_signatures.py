# SPDX-License-Identifier: Apache-2.0
"""Signatures checked in runs, in this process or in several, give the same findings."""

from pathlib import Path

import pytest
from tests.liren_verify.street import DAY_MS, Street

from liren_verify.archive import Archive
from liren_verify.export import verify_export
from liren_verify.findings import Findings


def _forged(street: Street, position: int) -> None:
    """Another signature by the same key stands under the record: the right shape, the wrong text."""
    note = street.entries[position].partition(b"\n")[2]
    text = note.rpartition(b"\n\n")[0]
    lines = street.signed(b"another text\n", "unit/03").rpartition(b"\n\n")[2]
    street.entries[position] = b"liren/entry/v1 %d\n" % street.times[position] + text + b"\n\n" + lines


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_forged_signature_is_found_where_it_stands(street: Street, tmp_path: Path, jobs: int) -> None:
    street.budget(10_000)
    for _ in range(40):
        street.award(5)
    first = len(street.entries) - 40
    for position in (first, first + 7, first + 39):
        _forged(street, position)
    path, findings = tmp_path / "export.zip", Findings()
    path.write_bytes(street.export())
    with Archive(path) as archive:
        verify_export(archive, findings, jobs=jobs)
    found = [(finding.place, finding.code) for finding in findings]
    assert found == [(f"entry {position}", "signature-wrong") for position in (first, first + 7, first + 39)]


def test_a_log_over_many_files_and_runs_is_clean(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liren_verify.signatures.RUN", 16)
    monkeypatch.setattr("liren_verify.export.PER_FILE", 16)
    monkeypatch.setattr("liren_verify.manifest.PER_FILE", 16)
    for day in range(50):
        street.award(1 + day % 3)
        street.ms += DAY_MS // 4
    members = street.members()
    del members["entries/000000.bin"]
    for number in range(-(-len(street.entries) // 16)):
        part = street.entries[number * 16 : number * 16 + 16]
        members[f"entries/{number:06d}.bin"] = b"".join(len(e).to_bytes(4, "big") + e for e in part)
    path, findings = tmp_path / "export.zip", Findings()
    path.write_bytes(street.export(members))
    with Archive(path) as archive:
        facts = verify_export(archive, findings, jobs=2)
    assert list(findings) == []
    assert facts is not None
    assert facts.size == len(street.entries) == 60
