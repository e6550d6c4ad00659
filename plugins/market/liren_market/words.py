# SPDX-License-Identifier: Apache-2.0
"""Titles of categories, kinds and states: source strings, translated by the page that shows them."""

from typing import Final, Literal

from liren.api import RecordCode, _

CATEGORIES: Final[dict[str, str]] = {
    "daily": _("日用百货"),
    "food": _("餐饮小吃"),
    "service": _("便民服务"),
    "books": _("图书文具"),
    "care": _("康养保健"),
    "leisure": _("文体休闲"),
    "travel": _("出行维修"),
}

KINDS: Final[dict[str, str]] = {"thing": _("实物"), "service": _("服务")}

ORDER_STATES: Final[dict[str, tuple[str, str]]] = {
    "placed": (_("待取"), "wait"),
    "settled": (_("已取"), "good"),
    "voided": (_("已取消，积分已退"), ""),
    "expired": (_("过期未取，积分已退"), ""),
    "refunded": (_("已退货，积分已退"), ""),
}
"""(title, kind of tag)."""

MerchantState = Literal["applied", "signed", "open", "suspended", "closed"]

MERCHANT_STATES: Final[dict[MerchantState, tuple[str, str]]] = {
    "applied": (_("申请中"), "wait"),
    "signed": (_("已签约，待开业"), "wait"),
    "open": (_("营业"), "good"),
    "suspended": (_("暂停"), "wait"),
    "closed": (_("已退出"), ""),
}
"""(title, kind of tag)."""

CODES: Final = (
    RecordCode("market.order", _("兑换下单")),
    RecordCode("market.settle", _("取货核销")),
    RecordCode("market.refund", _("退货，积分退回")),
    RecordCode("market.cancel", _("取消兑换，积分退回")),
    RecordCode("market.undo", _("撤销代办的兑换，积分退回")),
    RecordCode("market.expire", _("过期没取，积分退回")),
    RecordCode("market.slip", _("商户结算单")),
)
"""What stands in signed records as ``market.…``, as a passbook says it."""
