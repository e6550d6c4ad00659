# SPDX-License-Identifier: Apache-2.0
"""The whole table of moves: no other way exists, and nobody else may sign; the street's own check says the same."""

from copy import copy
from itertools import product
from pathlib import Path

import pytest
from tests.liren_verify.judge import verdict
from tests.liren_verify.street import Street

from liren.ledger.archive.replay import Replay, columns_of
from liren.ledger.log import records
from liren.ledger.log.merkle import leaf_hash
from liren.ledger.log.note import open_note

FOUR = ("unit/03", "reviewer/2")
STREET = ("unit/street", "reviewer/1")
MARKET = "service/market"
NEXT = "2027-12-31"
WITH_REF = ("clear", "refund", "reverse", "settle", "void")

TABLE = {  # section 8, in points
    "budget": "issuance>budget budget>issuance",
    "award": "budget>h budget>o",
    "spend": "h>escrow o>escrow",
    "settle": "escrow>merchant",
    "void": "escrow>h escrow>o",
    "refund": "merchant>h merchant>o redeemed>h redeemed>o",
    "clear": "merchant>redeemed",
    "expire": "h>expired o>expired",
    "deduct": "h>expired o>expired",
    "close": "h>expired o>expired",
    "reverse": "h>budget o>budget expired>h expired>o redeemed>merchant",
}
FEN = {
    "budget": "issuance>fund fund>issuance",
    "clear": "fund>merchant merchant>fund",
    "reverse": "fund>merchant merchant>fund",
}
SIGNERS = {
    **dict.fromkeys(("budget", "clear"), STREET),
    **dict.fromkeys(("award", "deduct", "reverse", "close"), FOUR),
    **dict.fromkeys(("spend", "settle", "void", "refund"), (MARKET,)),
    "expire": ("service/ledger",),
}


def ends(street: Street, rid: str) -> dict[str, str]:
    return {
        "issuance": "issuance",
        "budget": "budget/03",
        "h": street.h(),
        "o": f"o/{street.holder}/{NEXT}",
        "escrow": f"escrow/{rid}",
        "merchant": "merchant/market.shop1",
        "fund": "fund/help",
        "redeemed": "redeemed",
        "expired": "expired",
    }


def test_only_the_moves_of_the_table_exist(tmp_path: Path) -> None:
    for asset, table in (("resident", TABLE), ("fen", FEN)):
        for why, signers in SIGNERS.items():
            street, wrong = Street().founded(), set()
            rid = street.id()
            accounts = ends(street, rid)
            for src, dst in product(accounts, accounts):
                if f"{src}>{dst}" not in table.get(why, "").split():
                    p = [[asset, accounts[src], accounts[dst], 1]]
                    code = "market.x" if MARKET in signers else "ledger.x"
                    ref = street.id() if why in WITH_REF else None
                    street.post(why, p, *signers, code=code, unit="street" if signers == STREET else "03", ref=ref)
                    wrong.add((f"entry {len(street.entries) - 1}", "move-wrong"))
            assert len(wrong) >= 75
            assert wrong <= verdict(street.export(), tmp_path), (asset, why)


def of_rights(street: Street, folder: Path) -> set[int]:
    """Entries whose signers had no right to sign, by the verifier; and by the street's own check, which must agree."""
    codes = {"signature-missing", "key-may", "key-revoked", "unit-wrong"}
    found = {int(place.split()[1]) for place, code in verdict(street.export(), folder) if code in codes}
    replay, own = Replay(street.policies, street.recoveries), set[int]()
    for pos, (entry, ms) in enumerate(zip(street.entries, street.times, strict=True)):
        note = entry.partition(b"\n")[2]
        rid, kind, why, unit, eff, ref = columns_of(records.decode(open_note(note)[0]))
        for finding in replay.take((pos, rid, kind, why, unit, ms, eff, ref, note, leaf_hash(entry))):
            if "no right" in finding.en:
                own.add(pos)
    assert own == found
    return found


@pytest.mark.parametrize("name", ["a post", "another record"])
def test_whoever_else_signs_any_move_is_found(lived: Street, tmp_path: Path, name: str) -> None:
    """Every post and every attest, erase and policy of a street's life, signed anew by each key and each pair."""
    keys = ["root", "log/1", "unit/street", "unit/03", "reviewer/1", "reviewer/2", MARKET, "service/ledger"]
    signers: list[tuple[str, ...]] = [(key,) for key in keys]
    signers += [(unit, reviewer) for unit in ("unit/street", "unit/03") for reviewer in ("reviewer/1", "reviewer/2")]
    lived = copy(lived)
    lived.entries = list(genuine := lived.entries)
    lines = [entry.rpartition(b"\n\n")[2] for entry in lived.entries]
    tried = [
        pos
        for pos, record in enumerate(lived.records)
        if record["kind"] != "key" and (record["kind"] == "post") == (name == "a post")
    ]
    for names in signers:
        right = set()
        for pos in tried:
            head, _, note = genuine[pos].partition(b"\n")
            text = note.rpartition(b"\n\n")[0] + b"\n"
            signed = lived.signed(text, *names)
            lived.entries[pos] = head + b"\n" + signed
            needed = {line.split(b" ")[1] for line in lines[pos].splitlines()}
            given = {lived.full(each).encode() for each in names}
            if needed <= given or (needed - given == {b"liren.example/reviewer/2"} and "reviewer/1" in names):
                right.add(pos)
        assert of_rights(lived, tmp_path) == set(tried) - right, names
