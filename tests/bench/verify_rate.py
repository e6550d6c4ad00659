# SPDX-License-Identifier: Apache-2.0
"""Full verification beside raw Ed25519 verification of the same signatures, on one core, in one run.

Processor time, not wall time, so that what else the machine does matters little. The log is made by the independent
street of ``tests/liren_verify``: awards with one signature, the worst case for all that is not a signature, and two.
"""

import os
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from liren_verify.archive import Archive
from liren_verify.export import verify_export
from liren_verify.findings import Findings
from liren_verify.note import parse_vkey
from liren_verify.records import parse_entry
from tests.bench import Measure, in_turns, median_of
from tests.liren_verify.street import Street

ENTRIES = 4000
MANY = 12_000


def grown(entries: int, reviewed: bool) -> Street:
    """A founded street whose last ``entries`` records are awards to as many people, with one signature or two."""
    street = Street().founded()
    street.budget(100 * entries)
    for _ in range(entries):
        street.ms += 1
        if reviewed:
            street.award(5, "unit/03", "reviewer/2", code="FX-02", to=street.h("2026-12-31", street.id()))
        else:
            street.award(5, to=street.h("2027-12-31", street.id()))
    return street


def signatures(street: Street) -> list[tuple[Ed25519PublicKey, bytes, bytes]]:
    """Every signature of the log with its loaded key: as raw as it gets."""
    keys = {}
    for name in street.keys:
        key = parse_vkey(street.vkey(name))
        keys[key.name, key.id] = key.public
    entries = [parse_entry(raw) for raw in street.entries]
    return [(keys[name, short], signature, entry.text) for entry in entries for name, short, signature in entry.lines]


def ratio_of(street: Street, path: Path) -> tuple[float, float, float]:
    """(entries/s verified in full, entries/s of raw signature checks alone, ratio)."""
    path.write_bytes(street.export())
    checks = signatures(street)
    rates: list[tuple[float, float]] = []

    def run() -> float:
        begin = time.process_time()
        for public, signature, text in checks:
            public.verify(signature, text)
        middle = time.process_time()
        findings = Findings()
        with Archive(path) as archive:
            verify_export(archive, findings, jobs=1)
        end = time.process_time()
        if findings:
            raise AssertionError(findings.kept[0].line("en"))
        rates.append((len(street.entries) / (end - middle), len(street.entries) / (middle - begin)))
        return (middle - begin) / (end - middle)

    ratio = median_of(run)
    return sorted(full for full, _ in rates)[len(rates) // 2], sorted(raw for _, raw in rates)[len(rates) // 2], ratio


def measures() -> list[Measure]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for reviewed, what in ((False, "one signature"), (True, "two signatures")):
            full, raw, ratio = ratio_of(grown(ENTRIES, reviewed), Path(folder) / "export.zip")
            found.append(
                Measure(
                    f"full verification of an export, {what} a record",
                    f"{full:,.0f} entries/s",
                    f"raw Ed25519 of the same signatures: {raw:,.0f} entries/s",
                    ratio,
                    "≥ 0.85",
                )
            )
        found.append(cores(grown(MANY, reviewed=False), Path(folder) / "export.zip"))
    return found


def cores(street: Street, path: Path) -> Measure:
    """Wall time: the one thing here that other work on the machine disturbs."""
    path.write_bytes(street.export())
    count = os.cpu_count() or 1
    all_of_them, [(one, ratio)] = in_turns(lambda: _rate(street, path, count), lambda: _rate(street, path, 1))
    return Measure(
        f"full verification of {MANY:,} entries, {count} processes",
        f"{all_of_them:,.0f} entries/s",
        f"one process: {one:,.0f} entries/s",
        ratio,
        "grows with the cores",
    )


def _rate(street: Street, path: Path, jobs: int) -> float:
    started, findings = time.perf_counter(), Findings()
    with Archive(path) as archive:
        verify_export(archive, findings, jobs=jobs)
    if findings:
        raise AssertionError(findings.kept[0].line("en"))
    return len(street.entries) / (time.perf_counter() - started)
