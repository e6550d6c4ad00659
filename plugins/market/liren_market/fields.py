# SPDX-License-Identifier: Apache-2.0
"""What the market's tables say of people, for the field register."""

from typing import Final

from liren.api import Field, TableFields, _

_CLERKS: Final = _("商户店员、管兑换的工作人员")
_SELF: Final = _("只有本人")
_ACCOUNTS: Final = _("结算凭据的法定年限")

FIELDS: Final = (
    TableFields(
        "market_merchant",
        plain=(
            "id", "organisation", "name", "category", "unit", "address", "hours", "state", "since_ms", "wrong_codes",
            "wrong_since_ms",
        ),
    ),
    TableFields(
        "market_goods",
        plain=("id", "merchant", "title", "kind", "detail", "points", "stock", "monthly_limit", "listed"),
    ),
    TableFields(
        "market_order",
        (
            Field(
                _("兑换了什么、用了多少积分"),
                (
                    "person", "goods", "merchant", "title", "pieces", "points", "state", "placed_ms", "placed_on",
                    "expires_on", "settled_ms", "settled_on", "ended_ms",
                ),
                _("把东西交给您，积分算清"),
                _("您被删除为止；已经结算的，只去掉您的编号"),
                _("本人；核销的店员"),
            ),
            Field(_("取货码（只存摘要）"), ("code_hash", "code_try"), _("认得出是您的单"), _("随这一单"), _SELF),
            Field(_("核销的店员"), ("settled_by",), _("有据可查"), _ACCOUNTS, _CLERKS),
        ),
        ("id", "spend", "settle", "back"),
    ),
    TableFields(
        "market_slip",
        (
            Field(
                _("谁起草、谁确认了结算单"),
                ("drafted_by", "drafted_ms", "agreed_by", "agreed_ms"),
                _("有据可查"),
                _ACCOUNTS,
                _CLERKS,
            ),
        ),
        ("id", "place", "merchant", "month", "orders", "points", "salt", "rid"),
    ),
)  # fmt: skip
