# SPDX-License-Identifier: Apache-2.0
"""The stored columns of an export (``index.jsonl``), held against entry bytes: a byte flipped in the database shows.

The lines the entries make are hashed; only where that is not the digest of the member are the lines themselves read.
"""

from typing import Any

from liren_verify import canonical
from liren_verify.archive import Member
from liren_verify.findings import Findings, Problem
from liren_verify.records import Entry, Post

MOST_LINE = 1024


def index_line(position: int, entry: Entry, leaf: bytes) -> bytes:
    """The columns the database must hold for an entry: canonical JSON, built directly (no field needs an escape)."""
    record = entry.record
    ref = why = ""
    if isinstance(record, Post):
        why = f',"why":"{record.why}"'
        if record.ref is not None:
            ref = f'"ref":"{record.ref}",'
    unit = f',"unit":"{record.unit}"' if record.unit is not None else ""
    return (
        f'{{"admitted_ms":{entry.admitted_ms},"eff":"{record.eff}","kind":"{record.kind}","leaf":"{leaf.hex()}",'
        f'"pos":{position},{ref}"rid":"{record.rid}"{unit}{why}}}\n'
    ).encode()


class StoredIndex:
    """Compares line after line; once the member cannot be read, says so and compares no more."""

    def __init__(self, member: Member | None, findings: Findings) -> None:
        self._member = member
        self._findings = findings

    def _line(self, most: int) -> bytes | None:
        if self._member is None:
            return None
        try:
            return self._member.line(most)
        except Problem as problem:
            self._findings.problem("index.jsonl", problem)
            self._member = None
            return None

    def compare(self, position: int, entry: Entry | None, leaf: bytes) -> None:
        """Takes the next line; ``entry`` is None where its bytes could not be read (the leaf still can be compared)."""
        line = self._line(MOST_LINE)
        if line is None:
            return
        wanted = index_line(position, entry, leaf) if entry else b""
        if line != wanted:
            self._name_columns(position, line, wanted or b'{"leaf":"%s"}\n' % leaf.hex().encode(), entry is not None)

    def _name_columns(self, position: int, line: bytes, wanted: bytes, whole: bool) -> None:
        try:
            stored: Any = canonical.decode(line[:-1], "index-malformed") if line.endswith(b"\n") else None
        except Problem:
            stored = None
        if not isinstance(stored, dict):
            self._findings.add(f"entry {position}", "index-malformed", line=position + 1)
            return
        expected = canonical.decode(wanted[:-1], "index-malformed")
        for column in sorted(stored.keys() | expected.keys() if whole else expected.keys()):
            if stored.get(column) != expected.get(column):
                self._findings.add(f"entry {position}", "index-mismatch", column=column)

    def finish(self, size: int, digest: str | None) -> None:
        """After the last entry: no further line, and the digest the manifest gives."""
        if self._line(1):
            self._findings.add("index.jsonl", "index-malformed", line=size + 1)
        if self._member is None:
            return
        try:
            if self._member.digest() != digest:
                self._findings.add("index.jsonl", "member-digest")
        except Problem as problem:
            self._findings.problem("index.jsonl", problem)
