# SPDX-License-Identifier: Apache-2.0
"""Writes the receipt and export vectors with their verdicts: for verifiers in other languages, and for ours.

Run ``python -m tests.vectors.make`` after a change of format; a test compares what it would write with what is there.
"""

import json
from pathlib import Path

from tests.liren_verify.stating import SALT, Stating, framed
from tests.liren_verify.street import Street, b64u, dumps, zipped

HERE = Path(__file__).parent


def vectors() -> dict[str, tuple[bytes, list[list[str]]]]:
    """File name → (bytes, expected findings as [place, code])."""
    street = Street().founded().lived()
    award = next(i for i, record in enumerate(street.records) if record.get("why") == "award")
    settle = next(i for i, record in enumerate(street.records) if record.get("why") == "settle")
    good = street.receipt_members(award)
    erased = {name: data for name, data in good.items() if name != "opening.json"}
    other = street.receipt_members(settle)
    nicer = good["opening.json"].replace("志愿服务".encode(), "无偿献血".encode())
    forged = Street(seed=1).founded()
    forged.award(40, "unit/99")
    late = Street(seed=1).founded()
    late.revoke("unit/03", "unit", "root")
    late.award(40)
    cheat = Street(seed=1).founded()
    cheat.award(101)
    stating = Stating().lived()
    own = stating.own()
    hidden = dumps(
        stating.told(entries=len(own) - 1, balances=[["resident", "2026-12-31", 20], ["resident", "2027-12-31", 40]])
    )
    return {
        "good.liren-statement": (stating.file(), []),
        "entry-left-out.liren-statement": (
            stating.file(entries_bin=framed(own[:-1])),
            [["entries.bin", "statement-sum"], ["entries.bin", "statement-sum"]],
        ),
        "spend-hidden.liren-statement": (
            stating.file(entries_bin=framed(own[:-1]), statement_json=hidden),
            [["statement.json", "statement-wrong"]],
        ),
        "other-month.liren-statement": (
            stating.file(statement_json=dumps(stating.told(month="2026-10"))),
            [["statement.json", "statement-wrong"]],
        ),
        "stated.liren-export.zip": (stating.export(), []),
        "other-secret.liren-export.zip": (
            stating.export(
                {"attest_salt": b64u(SALT), "leaves": 2, "month": "2026-11", "secret": b64u(SALT), "size": stating.size}
            ),
            [[f"entry {stating.position}", "statement-wrong"]],
        ),
        "good.liren-receipt": (zipped(good), []),
        "erased-opening.liren-receipt": (zipped(erased), []),
        "settled.liren-receipt": (zipped(other), []),
        "other-reason.liren-receipt": (
            zipped({**good, "opening.json": nicer}),
            [["opening.json", "opening-mismatch"]],
        ),
        "other-custody.liren-receipt": (
            zipped({**good, "custody.json": good["custody.json"].replace(b"unit/03", b"unit/04")}),
            [["custody.json", "custody-bad"]],
        ),
        "other-proof.liren-receipt": (
            zipped({**erased, "proof.tlog-proof": other["proof.tlog-proof"]}),
            [["proof.tlog-proof", "proof-wrong"]],
        ),
        "unknown-signer.liren-receipt": (
            zipped(forged.receipt_members(len(forged.entries) - 1)),
            [["entry", "signature-missing"]],
        ),
        "revoked-signer.liren-receipt": (
            zipped(late.receipt_members(len(late.entries) - 1)),
            [["entry", "key-revoked"]],
        ),
        "good.liren-export.zip": (street.export(), []),
        "above-the-rule.liren-export.zip": (cheat.export(), [["entry 10", "rule-broken"]]),
    }


def main() -> None:
    for name, (data, _) in vectors().items():
        (HERE / name).write_bytes(data)
    verdicts = {name: findings for name, (_, findings) in vectors().items()}
    (HERE / "verdicts.json").write_text(json.dumps(verdicts, indent=1) + "\n")


if __name__ == "__main__":
    main()
