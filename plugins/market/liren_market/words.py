# SPDX-License-Identifier: Apache-2.0
"""Titles of categories, kinds and states: source strings, translated by the page that shows them."""

from typing import Final

from liren.api import _

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

MERCHANT_STATES: Final[dict[str, tuple[str, str, str]]] = {
    "applied": (_("待开业"), "wait", "not open yet"),
    "open": (_("营业"), "good", "open"),
    "suspended": (_("暂停"), "wait", "suspended"),
    "closed": (_("已退出"), "", "closed"),
}
"""(title, kind of tag, English for messages)."""

MERCHANT_MOVES: Final[dict[str, tuple[str, str]]] = {
    "open": (_("开始营业"), _("开始营业后，居民就能下单。")),
    "suspend": (_("暂停"), _("暂停期间不接新单；已经下的单照样能取、能取消、能退。")),
    "close": (_("退出"), _("退出后不能再恢复；已经下的单照样能取、能取消、能退。")),
}
"""(button, what it means)."""
