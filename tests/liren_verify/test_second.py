# SPDX-License-Identifier: Apache-2.0
"""The verifier and a reader written from the specification alone agree on files that went wrong at random places."""

import json
import random
from collections.abc import Iterator
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.liren_verify.judge import judged
from tests.liren_verify.second import export as second
from tests.liren_verify.second.files import paper
from tests.liren_verify.second.forms import Bad, good_point, root_of
from tests.liren_verify.second.forms import leaf as leaf_of
from tests.liren_verify.stating import Stating
from tests.liren_verify.street import Street, b64u, dumps, zipped

from liren_verify.findings import Findings, Unusable
from liren_verify.keysnote import parse_keys
from liren_verify.paper import verify_paper

FORMATS = json.loads((Path(__file__).parents[1] / "vectors" / "formats.json").read_text())
TEXTS = ["", "x", "03", "04", "street", "FX-02", "market.x", "ledger.x", "fen", "never", "2026-11-20", "2026-02-30"]
TEXTS += ["2026-W47-6", "liren.example/log/2", "issuance", "expired", "budget/04", "merchant/market.b", "recovery", "é"]
ODD: list[Any] = [None, True, 0, -1, 1, 2**53 - 1, 2**53, 1.5, [], {}, *TEXTS, *TEXTS]
SIGNERS = ["root", "unit/street", "reviewer/1", "reviewer/2", "service/ledger", "service/market", "unit/03", "log/1"]


class Signed(Street):
    """A street that remembers who signed each record, so that it can be told again with one thing changed."""

    def __init__(self, seed: int = 1) -> None:
        self.signers: list[tuple[str, ...]] = []
        super().__init__(seed)

    def add(self, record: Any, *signers: str) -> str:
        self.signers.append(signers)
        return super().add(record, *signers)

    def told_again(self, steps: list[tuple[int, dict[str, Any], tuple[str, ...]]]) -> Street:
        again = Street()
        again.keys, again.policies, again.openings = dict(self.keys), self.policies, self.openings
        for ms, record, signers in steps:
            again.ms = ms
            text = b"liren/point-record/v1\n" + dumps(record) + b"\n"
            again.append(again.signed(text, *signers), record)
        return again


def _changed(r: random.Random, record: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    if "p" in record and r.random() < 0.6:
        posting, place = r.choice(record["p"]), r.randrange(4)
        elsewhere = r.choice([one for one in others if "p" in one])["p"][0]
        posting[place] = posting[3] + r.choice([-1, 1, 40]) if place == 3 else elsewhere[place]
        return record
    name = r.choice([*record, "ref", "commit", "unit", "extra"])
    value = r.choice([*ODD, r.choice(others)["rid"], b64u(bytes(32))])
    return {**{k: v for k, v in record.items() if k != name}, **({} if value is None else {name: value})}


def _stories(r: random.Random, street: Signed) -> Iterator[Street]:
    """The street's life again and again, with one thing changed in each."""
    for turn in range(150):
        steps = [
            (ms, deepcopy(rec), by) for ms, rec, by in zip(street.times, street.records, street.signers, strict=True)
        ]
        at = r.randrange(len(steps))
        ms, record, signers = steps[at]
        match turn % 6:
            case 0 | 1 | 2:
                steps[at] = ms, _changed(r, record, street.records), signers
            case 3:
                steps[at] = ms, record, (*signers[1:], r.choice(SIGNERS)) if r.random() < 0.5 else signers[:-1]
            case 4:
                steps[at] = ms + r.choice([-1, 1, 86_400_000, -86_400_000, 40 * 86_400_000]), record, signers
            case _:
                del steps[at]
        yield street.told_again(steps)


def _agree(archive: bytes, folder: Path) -> bool:
    """Whether both find nothing.

    :raises AssertionError: they disagree
    """
    try:
        found = [(finding.place, finding.code) for finding in judged(archive, folder)]
    except Unusable:
        found = [("", "unusable")]
    other = second.verdict(archive)
    assert (other is None) == (not found), (found[:3], other)
    return not found


def test_on_the_files_of_a_street_that_did_everything(tmp_path: Path, lived: Street) -> None:
    assert _agree(lived.export(), tmp_path)
    for position in range(len(lived.entries)):
        assert _agree(zipped(lived.receipt_members(position)), tmp_path), position


def test_on_logs_with_one_thing_changed_and_all_signed_again(tmp_path: Path) -> None:
    street = Signed()
    street.founded().lived()
    fine = [_agree(changed.export(), tmp_path) for changed in _stories(random.Random(6), street)]
    assert 3 < sum(fine) < 50  # most changes are wrong, some are not


@pytest.mark.parametrize("kind", ["receipt", "statement", "export"])
def test_on_members_with_a_byte_changed(kind: str, tmp_path: Path, lived: Street) -> None:
    r = random.Random(8)
    members = {
        "receipt": lambda: lived.receipt_members(11),
        "statement": lambda: Stating().lived().members(),
        "export": lived.members,
    }[kind]()
    for name, data in members.items():
        for _ in range(12):
            at = r.randrange(len(data))
            changed = {**members, name: data[:at] + bytes([data[at] ^ 1 << r.randrange(8)]) + data[at + 1 :]}
            fine = _agree(lived.export(changed) if kind == "export" else zipped(changed), tmp_path)
            # Of the entries enclosed in a statement neither position nor admission time is proved.
            assert not fine or name == "entries.bin", (name, at)


def test_on_paper(lived: Street) -> None:
    keys = lived.keys_note()
    a, b = lived.paper(11)
    other = lived.paper(12)
    fresh = Street(seed=3).founded()
    fresh.award(40)
    size = len(fresh.entries)
    first, _ = fresh.paper(size - 1)
    fresh.revoke("log/1", "log", "root")
    fresh.add_key("log/1#2", "log", "root")
    _, later = fresh.paper(size - 1)
    stale = _with_log_signature(fresh, size)
    cases = [(a, b, keys), (a.lower(), "x/" + b, keys), (a, other[1], keys), (other[0], b, keys), (b, a, keys)]
    cases += [(a[:-8], b, keys), (a, b + "A", keys), (a, "", keys), (first, later, fresh.keys_note())]
    cases += [(first, stale, fresh.keys_note())]  # a log key that was added after the size it signed
    fine: list[bool] = []
    for one, two, trust in cases:
        findings = Findings()
        verify_paper(one, two, parse_keys(trust), findings)
        fine.append(not findings)
        with nullcontext() if fine[-1] else pytest.raises(Bad):
            paper(one, two, trust)
    assert sum(fine) == 3


def _with_log_signature(street: Street, size: int) -> str:
    """Code B of the last of the first ``size`` entries, under a checkpoint of that size by the key added later."""
    small = Street(seed=3).founded()
    small.award(40)
    small.keys["log/1"] = street.key("log/1#2")
    assert small.entries == street.entries[:size]
    return small.paper(size - 1)[1]


def test_on_the_numbers_of_the_formats() -> None:
    leaves = [leaf_of(bytes.fromhex(entry)) for entry in FORMATS["leaves"]]
    assert [root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)] == FORMATS["roots"]
    assert not any(good_point(bytes.fromhex(key)) for key in FORMATS["weak_public_keys"])
