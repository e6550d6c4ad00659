# SPDX-License-Identifier: Apache-2.0
"""Records, to the byte."""

import pytest

from liren.ledger.errors import LedgerError, Malformed
from liren.ledger.log import records
from liren.ledger.log.note import SigningKey, seal_note
from liren.ledger.log.records import Attest, Erase, Key, May, Policy, Post, Record

RID, HOLDER, DIGEST, DAY, LOG = "C" * 21 + "Q", "A" * 22, "D" * 42 + "E", "2026-11-21", "liren.example/log/1"
VKEY = str(SigningKey("liren.example/unit/01", bytes(31) + b"\x01").verifier)

POST = Post(
    code="FX-01",
    commit=DIGEST,
    eff=DAY,
    log=LOG,
    p=(("resident", "budget/03", f"h/{HOLDER}/2027-12-31", 5),),
    policy=DIGEST,
    rid=RID,
    unit="03",
    why="award",
)
MAY = May(kinds=("post",), why=("award",))
EACH: list[Record] = [
    POST,
    Key(act="add", eff=DAY, log=LOG, may=MAY, rid=RID, role="unit", unit="01", vkey=VKEY),
    Policy(digest=DIGEST, eff=DAY, log=LOG, rid=RID),
    Attest(code="ledger.x", digest=DIGEST, eff=DAY, log=LOG, rid=RID, subject="audit/2026-11-20", unit="01"),
    Erase(eff=DAY, holder=HOLDER, log=LOG, rid=RID),
]


def test_a_post_is_written_as_the_specification_shows_it() -> None:
    assert records.encode(POST).decode() == (
        "liren/point-record/v1\n"
        f'{{"code":"FX-01","commit":"{DIGEST}","eff":"2026-11-21","kind":"post","log":"liren.example/log/1",'
        f'"p":[["resident","budget/03","h/{HOLDER}/2027-12-31",5]],"policy":"{DIGEST}","rid":"{RID}",'
        '"unit":"03","why":"award"}\n'
    )


@pytest.mark.parametrize("record", EACH, ids=lambda record: record.kind)
def test_each_kind_reads_back(record: Record) -> None:
    assert records.decode(records.encode(record)) == record


@pytest.mark.parametrize("record", EACH, ids=lambda record: record.kind)
def test_no_field_can_be_missing_unknown_or_in_disorder(record: Record) -> None:
    line = records.encode(record)[len(records.TYPE_LINE) : -1]
    spoiled = [
        line.replace(b'"log":"liren.example/log/1",', b""),
        line.replace(b'"eff"', b'"efg"'),
        line[:-1] + b',"zzz":1}',
        line.replace(b'"eff":"2026-11-21"', b'"eff":"2026-11-31"'),
        line.replace(b'"eff":"2026-11-21"', b'"eff":null'),
        line.replace(b'"kind":"' + record.kind.encode(), b'"kind":"other'),
        line.replace(RID.encode(), b"C" * 22),
        line.replace(RID.encode(), RID.encode() + b"\\n"),
        b" " + line,
        b"[]",
    ]
    for text in spoiled:
        assert text != line
        with pytest.raises(LedgerError):
            records.decode(records.TYPE_LINE + text + b"\n")


def test_an_entry_wraps_the_record_and_comes_apart_again() -> None:
    note = seal_note(records.encode(POST), SigningKey.generate("liren.example/unit/03"))
    entry = records.entry_bytes(1_795_000_000_000, note)
    assert records.split_entry(entry) == (1_795_000_000_000, note)
    for bad in (b"", b"liren/entry/v1 01\nx", b"liren/entry/v2 1\nx", b"liren/entry/v1 9999999999999999\nx"):
        with pytest.raises(Malformed):
            records.split_entry(bad)


def test_a_commitment_hides_and_binds_the_personal_part() -> None:
    part = records.personal_part({"what": "楼道清扫", "hours": 2}, "p1")
    assert part.decode() == '{"actor":"p1","reason":{"hours":2,"what":"楼道清扫"}}'
    first = records.commitment(bytes(32), part)
    assert len(first) == 43
    assert first != records.commitment(b"\x01" * 32, part)
    assert first != records.commitment(bytes(32), part.replace(b"2", b"3"))
    with pytest.raises(Malformed):
        records.personal_part({"what": "x" * 70_000}, None)
    with pytest.raises(Malformed):
        records.personal_part({"hours": 1.5}, None)  # type: ignore[dict-item]
