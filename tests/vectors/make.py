# SPDX-License-Identifier: Apache-2.0
"""Writes the receipt and export vectors with their verdicts: for verifiers in other languages, and for ours.

Run ``python -m tests.vectors.make`` after a change of format; a test compares what it would write with what is there.
"""

import json
from pathlib import Path

from tests.liren_verify.stating import SALT, Stating, framed
from tests.liren_verify.street import Street, b64u, dumps, zipped
from tests.vectors import edges
from tests.vectors.broken import broken

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
    recovered = Street(seed=2).founded()
    recovered.award(40)
    order = recovered.spend(("2027-12-31", 25))
    before = recovered.receipt_members(len(recovered.entries) - 2)
    recovered.recover()
    at = len(recovered.entries) - 2
    recovered.settle(order, 25)  # an order of the old origin goes on in the new one
    recovered.award(3)
    twice = Street(seed=2).founded()
    twice.recover(restored=["liren.example/log/1", 3, "00"])
    unrooted = Street(seed=2).founded()
    unrooted.recover()
    unrooted.revoke("log/2", "log", "root")
    selfish = Street(seed=1).founded()
    selfish.revoke("reviewer/2", "reviewer", "unit/03", "reviewer/2")
    selfish.award(40)
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
        "self-revocation.liren-receipt": (
            zipped(selfish.receipt_members(len(selfish.entries) - 1)),
            [[f"entry {len(selfish.entries) - 2}", "signature-missing"]],
        ),
        "good.liren-export.zip": (street.export(), []),
        "recovered.liren-export.zip": (recovered.export(), []),
        "recovered.liren-receipt": (zipped(recovered.receipt_members(len(recovered.entries) - 1)), []),
        "before-recovery.liren-receipt": (zipped(before), []),
        "old-entry-new-proof.liren-receipt": (zipped(recovered.receipt_members(at - 2)), []),
        "hidden-recovery.liren-export.zip": (
            recovered.export({k: v for k, v in recovered.members().items() if not k.startswith("recovery/")}),
            [[f"entry {at}", "recovery-wrong"]],
        ),
        "wrong-recovery.liren-export.zip": (twice.export(), [[f"entry {len(twice.entries) - 2}", "recovery-wrong"]]),
        "recovery-without-log-key.liren-export.zip": (unrooted.export(), [["checkpoint", "checkpoint-unsigned"]]),
        "checkpoint-of-the-old-log.liren-export.zip": (
            recovered.export(checkpoint=recovered.checkpoint("log/1")),
            [["checkpoint", "checkpoint-origin"]],
        ),
        "above-the-rule.liren-export.zip": (cheat.export(), [["entry 10", "rule-broken"]]),
        **edges.zips(good),
        **edges.receipts(good),
        **edges.statements(),
        **edges.exports(),
        **broken(),
    }


def main() -> None:
    for name, (data, _) in vectors().items():
        (HERE / name).write_bytes(data)
    verdicts = {name: findings for name, (_, findings) in vectors().items()}
    (HERE / "verdicts.json").write_text(json.dumps(verdicts, indent=1) + "\n")


if __name__ == "__main__":
    main()
