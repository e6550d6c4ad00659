# SPDX-License-Identifier: Apache-2.0
"""What a plugin may post, whatever it tries."""

from datetime import date

import pytest

from liren.plugins.fence import Fenced, PluginTx, check_code, fenced
from liren.plugins.points import (
    Award,
    Budget,
    Close,
    Expire,
    PostDraft,
    Refund,
    Reverse,
    Settle,
    Spend,
    Subject,
    Void,
)

P = Subject("h", "p1")
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "draft",
    [
        Award(P, "c1", "D01", 5, DAY),
        Reverse("r1", "D01", 5, "p2"),
        Budget("c1", 5, "p2"),
        Expire("resident", "h/x/2027-12-31"),
        Close(P, "c1", "p2"),
        Spend(P, "credit.spend", 5),
        Spend(P, "market", 5),
        Spend(P, "market.", 5),
        Spend(P, "marketing.order", 5),
        Settle("r1", "m1", "canteen.settle"),
        Void("r1", "void"),
        Refund("r1", ""),
    ],
)
def test_a_foreign_move_or_code_is_refused(draft: PostDraft) -> None:
    with pytest.raises(Fenced) as refusal:
        fenced("market", draft)
    assert "market" in refusal.value.zh
    assert refusal.value.status == 403


def test_its_own_moves_pass_with_its_own_merchants() -> None:
    spend = Spend(P, "market.order", 5)
    assert fenced("market", spend) is spend
    settled = fenced("market", Settle("r1", "m1", "market.settle"))
    assert isinstance(settled, Settle)
    assert settled.merchant == "market.m1"
    # Another plugin's merchant can be named, but not reached.
    settled = fenced("market", Settle("r1", "canteen.m1", "market.settle"))
    assert isinstance(settled, Settle)
    assert settled.merchant == "market.canteen.m1"


def test_only_credit_awards_and_reverses() -> None:
    award = Award(P, "c1", "D01", 5, DAY)
    assert fenced("credit", award) is award
    with pytest.raises(Fenced):
        fenced("credit", Budget("c1", 5, "p2"))


async def test_attesting_and_adopting_stand_behind_the_fence_too() -> None:
    tx = PluginTx("market", None)  # type: ignore[arg-type]  # the fence answers before anything is called
    with pytest.raises(Fenced):
        await tx.attest("doc/market/1", b"", code="credit.doc", unit="c1")
    for subject in ("claim/1", "doc/credit/1", "doc/market/", "doc/market/1/2", "audit/2026-11-22"):
        with pytest.raises(Fenced):
            await tx.attest(subject, b"", code="market.doc", unit="c1")
    with pytest.raises(Fenced):
        await tx.adopt([], reviewer="p2")
    with pytest.raises(Fenced):
        await tx.post_many([Spend(P, "market.order", 5), Award(P, "c1", "D01", 5, DAY)])
    check_code("market", "market.order")
