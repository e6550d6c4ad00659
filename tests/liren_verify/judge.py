# SPDX-License-Identifier: Apache-2.0
"""Runs the verifier over bytes and gives back its findings."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.liren_verify.street import Street, zipped

from liren_verify.archive import Archive
from liren_verify.export import verify_export
from liren_verify.findings import Findings
from liren_verify.keysnote import parse_keys
from liren_verify.note import parse_checkpoint
from liren_verify.receipt import verify_receipt
from liren_verify.statement import verify_statement


def judged(archive: bytes, folder: Path, trust: bytes | None = None, old: bytes | None = None) -> Findings:
    path, findings = folder / "file.zip", Findings()
    path.write_bytes(archive)
    with Archive(path) as opened:
        if "manifest.json" in opened.names:
            trusted = parse_keys(trust) if trust else None
            verify_export(opened, findings, trusted, parse_checkpoint(old) if old else None)
        elif "statement.json" in opened.names:
            verify_statement(opened, findings, parse_keys(trust) if trust else None)
        else:
            verify_receipt(opened, findings, parse_keys(trust) if trust else None)
    for finding in findings:
        assert finding.line("zh")
        assert finding.line("en")
    return findings


def verdict(archive: bytes, folder: Path, trust: bytes | None = None, old: bytes | None = None) -> set[tuple[str, str]]:
    """(place, code) of every finding."""
    return {(finding.place, finding.code) for finding in judged(archive, folder, trust, old)}


def of_log(street: Street, folder: Path) -> set[str]:
    """Codes of the findings about entries of a street's export."""
    found = verdict(street.export(), folder)
    assert all(place.startswith("entry ") for place, _ in found), found
    return {code for _, code in found}


def unzipped(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def with_member(members: Mapping[str, bytes], name: str, data: bytes) -> bytes:
    return zipped({**members, name: data})
