# SPDX-License-Identifier: Apache-2.0
"""A merchant from its application to its leave: who moves it on, by when, and what the shelf learns of it."""

from datetime import timedelta
from typing import Final

from liren.api import Case, Context, Party, State, Transition, Tx, Workflow, _
from liren_market import words
from liren_market.tables import Merchant

MANAGE: Final = "market.manage"
STAFF: Final = (MANAGE, Party.CODE)
"""Managers on the case's page; the demo's merchants are taken in by the plugin itself."""


def _waits(name: words.MerchantState, days: int) -> State:
    """For the managers to act within so many days."""
    return State(name, words.MERCHANT_STATES[name][0], due=timedelta(days=days), remind=timedelta(days=2))


async def follow(ctx: Context, tx: Tx, case: Case) -> None:
    """The shelf asks the merchant's own row: it changes with the case and nowhere else."""
    await Merchant.update({Merchant.state: case.state, Merchant.since_ms: case.since_ms}).where(
        Merchant.id == case.subject
    )


MERCHANT: Final = Workflow(
    "merchant",
    _("商户"),
    initial="applied",
    states=(
        _waits("applied", 7),
        _waits("signed", 30),
        State("open", words.MERCHANT_STATES["open"][0], "running"),
        _waits("suspended", 30),
        State("closed", words.MERCHANT_STATES["closed"][0], "stopped", quiet=True),
    ),
    transitions=(
        Transition("sign", _("签约"), ("applied",), "signed", STAFF, note="optional", files=True),
        Transition("open", _("开始营业"), ("signed",), "open", STAFF),
        Transition("resume", _("恢复营业"), ("suspended",), "open", STAFF, note="optional"),
        Transition(
            "suspend",
            _("暂停营业"),
            ("open",),
            "suspended",
            STAFF,
            note="required",
            confirm=_("暂停期间不接新单；已经下的单照样能取、能取消、能退。"),
        ),
        Transition(
            "close",
            _("退出"),
            ("applied", "signed", "open", "suspended"),
            "closed",
            STAFF,
            note="required",
            confirm=_("退出后不能再恢复；已经下的单照样能取、能取消、能退。"),
        ),
    ),
    entered=follow,
    page=lambda ctx, case: ctx.url("merchant", merchant=case.subject),
)
