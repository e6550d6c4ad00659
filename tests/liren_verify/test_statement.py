# SPDX-License-Identifier: Apache-2.0
"""A monthly statement holds only where the attested root, the leaf and the enclosed entries agree; exports show all."""

from pathlib import Path

import pytest
from tests.liren_verify.judge import verdict
from tests.liren_verify.stating import Stating, framed
from tests.liren_verify.street import b64u, dumps, zipped

from liren_verify.cli import main as liren_verify


@pytest.fixture(scope="module")
def stating() -> Stating:
    return Stating().lived()


def test_a_statement_is_told_in_plain_words(
    stating: Stating, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, keys = tmp_path / "m.liren-statement", tmp_path / "keys.note"
    file.write_bytes(stating.file())
    keys.write_bytes(stating.street.keys_note())
    assert liren_verify([str(file), "--trust", str(keys), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert "2026-11 月底" in said
    assert "35 居民分（到 2027-12-31）" in said
    assert "您的 3 条" in said
    assert stating.street.fingerprint in said
    assert liren_verify([str(file), "--lang", "en"]) == 0
    assert "35 resident points (until 2027-12-31)" in capsys.readouterr().out


def test_an_entry_or_account_left_out_shows(stating: Stating, tmp_path: Path) -> None:
    own, told = stating.own(), stating.told()
    short = {**told, "entries": told["entries"] - 1}
    assert verdict(stating.file(entries_bin=framed(own[:-1])), tmp_path) == {("entries.bin", "statement-sum")}
    found = verdict(stating.file(entries_bin=framed(own[:-1]), statement_json=dumps(short)), tmp_path)
    assert ("statement.json", "statement-wrong") in found
    poorer = {**told, "balances": []}
    assert ("statement.json", "statement-wrong") in verdict(stating.file(statement_json=dumps(poorer)), tmp_path)
    assert verdict(stating.file(entries_bin=framed([*own, *stating.own(stating.other)])), tmp_path) >= {
        (f"entry {stating.own(stating.other)[0][0]}", "statement-sum"),
        ("entries.bin", "statement-sum"),
    }


@pytest.mark.parametrize(
    ("changed", "place", "code"),
    [
        ({"month": "2026-10"}, "statement.json", "statement-wrong"),
        ({"month": "2026-13"}, "statement.json", "statement-bad"),
        ({"size": 999}, "statement.json", "statement-wrong"),
        ({"leaves": 3}, "statement.json", "statement-wrong"),
        ({"index": 7}, "statement.json", "statement-wrong"),
        ({"salt": b64u(b"x" * 32)}, "statement.json", "statement-wrong"),
        ({"attest_salt": "short"}, "statement.json", "statement-bad"),
        ({"path": "none"}, "statement.json", "statement-bad"),
        ({"balances": [["resident", "2027-12-31", 0]]}, "statement.json", "statement-bad"),
        ({"balances": [["resident", "never", 1], ["resident", "never", 1]]}, "statement.json", "statement-bad"),
        ({"entries": -1}, "statement.json", "statement-bad"),
        ({"more": 1}, "statement.json", "statement-bad"),
    ],
)
def test_what_was_changed_is_found(
    stating: Stating, changed: dict[str, object], place: str, code: str, tmp_path: Path
) -> None:
    found = verdict(stating.file(statement_json=dumps(stating.told(**changed))), tmp_path)
    assert (place, code) in found


def test_only_the_cores_own_record_is_a_root(tmp_path: Path) -> None:
    market = Stating()
    market.street.add_key(
        "service/shop",
        "service",
        "unit/street",
        "reviewer/1",
        may={"kinds": ["attest"], "prefix": "shop."},
    )
    market.lived()
    fields = market.street.records[market.position]
    market.position = len(market.street.entries)
    market.street.add({**fields, "rid": market.street.id(), "code": "shop.statement"}, "service/shop")
    assert verdict(market.file(), tmp_path) == {("statement.json", "statement-wrong")}


def test_every_flipped_byte_of_a_statement_shows(stating: Stating, tmp_path: Path) -> None:
    members = stating.members()
    for name, data in members.items():
        for at in sorted({0, 1, len(data) // 2, len(data) - 2, len(data) - 1}):
            broken = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            assert verdict(zipped({**members, name: broken}), tmp_path), f"{name} byte {at}"


def test_an_auditor_checks_every_leaf_of_every_month(stating: Stating, tmp_path: Path) -> None:
    assert verdict(stating.export(), tmp_path) == set()
    one = {"attest_salt": b64u(b"a" * 32), "leaves": 2, "month": "2026-11", "secret": b64u(b"s" * 32)}
    at = f"entry {stating.position}"
    size = stating.size
    cases = {
        (at, "root"): {**one, "size": size, "secret": b64u(b"t" * 32)},
        (at, "leaves"): {**one, "size": size, "leaves": 3},
        ("statements.json", "size"): {**one, "size": size - 1},
        ("statements.json", "month"): {**one, "size": size, "month": "2026-10"},
    }
    for (place, _), told in cases.items():
        assert (place, "statement-wrong") in verdict(stating.export(told), tmp_path), told
    assert ("statements.json", "statement-bad") in verdict(stating.export({**one, "size": "x"}), tmp_path)


def test_a_root_that_leaves_a_holder_out_is_found_in_the_export(tmp_path: Path) -> None:
    cheat = Stating()
    cheat.street.award(5, to=cheat.street.h(holder=cheat.street.id()))  # the writer's statement omits this one
    cheat.lived()
    assert verdict(cheat.export(), tmp_path) == {(f"entry {cheat.position}", "statement-wrong")}


def test_an_export_without_its_statements_is_not_whole(stating: Stating, tmp_path: Path) -> None:
    assert verdict(stating.street.export(), tmp_path) == {(f"entry {stating.position}", "statement-wrong")}
