# SPDX-License-Identifier: Apache-2.0
"""Nothing is signed that no verifier could read: whatever a caller names, the log stays one that verifies."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

import pytest
from tests.ledger.conftest import REVIEWER, RULES, Street

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.ledger.errors import LedgerError
from liren.ledger.keys.founding import appoint_reviewer
from liren.plugins.points import Award, Budget, PostDraft, Settle, Spend, Subject, Void
from liren_verify.cli import main as liren_verify

ANNA = Subject("h", "anna")
MOST = 2**53 - 1
Try = Callable[[Street], Awaitable[object]]


def attest(subject: str, *, digest: bytes = bytes(32), code: str = "market.slip", unit: str = "00") -> Try:
    return lambda street: street.once(lambda state: state.attest(subject, digest, code=code, unit=unit))


def adopt(deduct_h: Mapping[str, str]) -> Try:
    return lambda street: street.once(lambda state: state.adopt(RULES, reviewer=REVIEWER, deduct_h=deduct_h))


def draft(made: PostDraft) -> Try:
    return lambda street: street.post(made)


def spent(made: Callable[[str], PostDraft]) -> Try:
    async def attempt(street: Street) -> object:
        order = await street.post(Spend(ANNA, "market.order", 1))
        try:
            return await street.post(made(order.rid))
        finally:
            await street.post(Void(order.rid, "market.cancel"))

    return attempt


UNSAYABLE: dict[str, Try] = {
    "a subject of no kind": attest("nonsense"),
    "a thirteenth month": attest("statement/2026-13"),
    "a day that is none": attest("audit/2026-02-30"),
    "a slip with a stroke too many": attest("slip/a/b"),
    "a document of a plugin in capitals": attest("doc/Market/1"),
    "a digest of 31 bytes": attest("slip/x", digest=bytes(31)),
    "a unit in Chinese": attest("slip/x", unit="社区"),
    "a code in Chinese": attest("slip/x", code="market.结算"),
    "a code that says nothing": attest("slip/x", code="market."),
    "an asset in capitals": draft(Budget("01", 5, REVIEWER, asset="Resident")),
    "an asset of one letter": draft(Budget("01", 5, REVIEWER, asset="r")),
    "an amount no JSON number holds": draft(Budget("01", MOST + 1, REVIEWER)),
    "more than can be issued in all": draft(Budget("01", MOST, REVIEWER)),
    "a fund in Chinese": draft(Budget("补贴", 5, REVIEWER, asset="fen")),
    "a deduction without its law": adopt({"SX-1": ""}),
    "a law of 201 characters": adopt({"SX-1": "法" * 201}),
    "a deduction under no code": adopt({"SX 1": "某条例"}),
    "a spend under the bare module": draft(Spend(ANNA, "market", 1)),
    "a spend under a module and nothing": draft(Spend(ANNA, "market.", 1)),
    "a settlement under a module and nothing": spent(lambda rid: Settle(rid, "m1", "market.")),
    "a merchant in Chinese": spent(lambda rid: Settle(rid, "粮油店", "market.settle")),
    "a void in capitals": spent(lambda rid: Void(rid, "Market.void")),
    "a reason half a character long": draft(
        Award(ANNA, "01", "FX-01", 1, date(2026, 11, 1), reviewer=REVIEWER, reason={"what": "\ud800"})
    ),
    "a reason longer than 64 KiB": draft(
        Award(ANNA, "01", "FX-01", 1, date(2026, 11, 1), reviewer=REVIEWER, reason={"what": "好" * 22_000})
    ),
    "a reason in another normal form": draft(
        Award(ANNA, "01", "FX-01", 1, date(2026, 11, 1), reviewer=REVIEWER, reason={"what": "e\u0301"})
    ),
    "a reviewer of a unit in Chinese": lambda street: appoint_reviewer(
        street.store, person="p-2", unit="社区", key="a"
    ),
}


async def test_what_the_format_cannot_say_is_refused_before_it_is_signed(street: Street) -> None:
    await street.award("anna", 50)
    for name, attempt in UNSAYABLE.items():
        with pytest.raises(LedgerError) as refusal:
            await attempt(street)
        assert refusal.value.status < 500, name
        assert refusal.value.zh, name
    await street.post(Budget("01", MOST - 200_000, REVIEWER))  # issuance at its very bottom, and not below
    await street.refused(Budget("01", 1, REVIEWER))
    await street.award("anna", 1)
    assert await street.balance("anna") == 51
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []
    await street.ledger.checkpoints.sign()
    archive = await export(street.store, street.home / "export.zip")
    assert liren_verify([str(archive.path), "--lang", "en"]) == 0
