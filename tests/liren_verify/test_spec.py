# SPDX-License-Identifier: Apache-2.0
"""What ``docs/ledger-spec.md`` says in numbers is what the verifier holds to, and its worked example is the vector."""

import base64
import hashlib
import json
import re
from pathlib import Path

from tests.liren_verify.judge import unzipped

from liren_verify import (
    archive,
    canonical,
    keysnote,
    manifest,
    note,
    paper,
    policy,
    receipt,
    records,
    recovery,
    statement,
    statements,
    stored,
)

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "docs" / "ledger-spec.md").read_text()
LIMITS = {
    "integer": note.MOST,
    "record, with its signature lines": records.MOST_RECORD,
    "entry": records.MOST_ENTRY,
    "`admitted_ms`": records.MOST_MS,
    "signature lines of a record": records.MOST_SIGNATURES,
    "signature lines of a checkpoint": note.MOST_LINES,
    "depth of JSON": canonical.DEPTH,
    "policy body": policy.MOST_BYTES,
    "rules of a policy": policy.MOST_RULES,
    "personal part": receipt.MOST_PART,
    "`keys.note`": keysnote.MOST_BYTES,
    "`statement.json`": statement.MOST_TOLD,
    "`entries.bin`": statement.MOST_ENTRIES,
    "`manifest.json`": manifest.MOST_MANIFEST,
    "`statements.json`": statements.MOST_BYTES,
    "`recovery/<rid>.json`": recovery.MOST_BODY,
    "a line of `index.jsonl`": stored.MOST_LINE,
    "entries of a file in `entries/`": manifest.PER_FILE,
    "members of an archive": archive.MOST_MEMBERS,
    "directory of an archive": archive.MOST_DIRECTORY,
    "a code of a paper receipt": paper.MOST_CODE,
}


def test_the_limits_of_the_spec_are_those_of_the_verifier() -> None:
    told = dict(re.findall(r"^\| (.+?) \| ([0-9]+)(?: [a-z]+)? \|$", SPEC.partition("## 17.")[2], re.M))
    assert {name: int(told[name]) for name in LIMITS} == LIMITS


def test_the_worked_example_is_the_vector() -> None:
    members = unzipped((ROOT / "tests" / "vectors" / "good.liren-receipt").read_bytes())
    entry, opening = members["entry"], json.loads(members["opening.json"])
    text = SPEC.partition("## 18.")[2]
    shown = "".join(line.removeprefix("    ") + "\n" for line in text.split("\n"))
    assert entry.decode() in shown
    record = entry.partition(b"\n")[2]
    signed = record[: record.rindex(b"\n\n") + 1]
    blob = base64.b64decode(record.split(b" ")[-1])
    six = next(line.split(b" ")[1] for line in members["keys.note"].split(b"\n") if line.startswith(b"6 "))
    vkey = json.loads(base64.b64decode(six).split(b"\n")[2])["vkey"]
    public = base64.b64decode(vkey.split("+", 2)[2])
    salt = base64.urlsafe_b64decode(opening["salt"] + "=")
    part = json.dumps(opening["part"], ensure_ascii=False, separators=(",", ":")).encode()
    commit = hashlib.sha256(b"liren/commit/v1\n" + salt + part)
    key_id = hashlib.sha256(b"liren.example/unit/03\n" + public).digest()[:4]
    assert key_id == blob[:4]
    for said in (
        f"{len(entry)} bytes",
        f"the second line and has {len(record)}",
        f"the blank line and has {len(signed)}",
        hashlib.sha256(b"\0" + entry).hexdigest(),
        hashlib.sha256(signed).hexdigest(),
        f"line  = {key_id.hex()}",
        public[1:].hex(),
        salt.hex(),
        part.decode(),
        commit.hexdigest(),
        base64.urlsafe_b64encode(commit.digest()).decode().rstrip("="),
        base64.b64decode(members["proof.tlog-proof"].split(b"\n\n")[1].split(b"\n")[2]).hex(),
    ):
        assert said in text, said
