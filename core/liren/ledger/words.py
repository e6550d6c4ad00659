# SPDX-License-Identifier: Apache-2.0
"""What records are called on pages."""

from typing import Final

from liren.plugins.services import EntryView
from liren.web import N_

WHY: Final = {
    "award": N_("得分"),
    "spend": N_("兑换"),
    "settle": N_("核销"),
    "void": N_("取消订单，积分退回"),
    "refund": N_("退货，积分退回"),
    "expire": N_("到期清零"),
    "deduct": N_("扣分"),
    "reverse": N_("更正"),
    "close": N_("注销"),
    "budget": N_("预算"),
    "clear": N_("结算"),
}
"""Each move in a resident's words."""


def title_of(entry: EntryView) -> str:
    """What happened, from the personal part where it is still there."""
    reason = entry.reason
    said = reason.get("title") or reason.get("what")
    if not said or "quantity" not in reason:
        return str(said or "")
    return f"{said} {reason['quantity']} {reason.get('unit', '')}".rstrip()
