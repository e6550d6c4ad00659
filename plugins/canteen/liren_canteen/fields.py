# SPDX-License-Identifier: Apache-2.0
"""What the canteen's tables say of people, for the field register."""

from typing import Final

from liren.api import Field, TableFields, _

_STAFF: Final = _("本人；管食堂的工作人员")
_ACCOUNTS: Final = _("会计档案的法定年限；没有补贴的，您被删除为止")
_SELF: Final = _("只有本人")
_ERASED: Final = _("您被删除为止")
_TRACE: Final = _("有据可查")

FIELDS: Final = (
    TableFields("canteen_kitchen", plain=("id", "name", "unit", "phone")),
    TableFields(
        "canteen_site", plain=("id", "kitchen", "name", "kind", "unit", "address", "phone", "seats", "delivers", "open")
    ),
    TableFields(
        "canteen_hours",
        plain=("id", "site", "meal", "weekdays", "opens_min", "closes_min", "cutoff_min", "cutoff_days"),
    ),
    TableFields("canteen_photo", plain=("id", "kind", "content")),
    TableFields(
        "canteen_menu",
        plain=(
            "id", "kitchen", "day", "meal", "title", "detail", "price_fen", "portions", "ordered", "points_most",
            "allergens", "diets", "photo", "listed",
        ),
    ),
    TableFields(
        "canteen_version",
        (Field(_("谁公布了补贴办法"), ("published_by", "published_ms"), _TRACE, _("长期：办法沿革"), _STAFF),),
        ("id", "title", "source", "starts"),
    ),
    TableFields(
        "canteen_rule",
        plain=(
            "id", "version", "place", "title", "funder", "kind", "amount_fen", "meal", "category", "registration",
            "age_from", "age_to", "monthly_cap_fen",
        ),
    ),
    TableFields(
        "canteen_diner",
        (
            Field(
                _("属于哪类、户籍、看过什么证件"),
                ("person", "categories", "registration", "checked_on", "checked_by", "evidence"),
                _("算出您能享受的补贴"),
                _ERASED,
                _STAFF,
                sensitive=True,
            ),
            Field(
                _("不能吃的和要吃的"),
                ("allergens", "diets"),
                _("点餐前提醒，免得吃坏身体"),
                _ERASED,
                _("本人；厨房只看到份数"),
                sensitive=True,
            ),
            Field(
                _("送到哪里、常去哪家"),
                ("deliver_to", "site"),
                _("把饭送到"),
                _ERASED,
                _("本人；当天送餐的志愿者；管食堂的工作人员"),
            ),
            Field(_("餐卡号（只存摘要）"), ("card_hash",), _("刷卡认出是您"), _ERASED, _("谁也看不到")),
        ),
    ),
    TableFields(
        "canteen_order",
        (
            Field(
                _("订了哪一餐、付了多少、补贴多少"),
                (
                    "person", "site", "line", "day", "meal", "way", "title", "price_fen", "subsidy_fen", "points",
                    "points_fen", "due_fen", "state", "placed_by", "placed_ms", "paid_fen", "taken_ms",
                ),
                _("备餐、结算补贴"),
                _ACCOUNTS,
                _STAFF,
            ),
            Field(_("取餐码（只存摘要）"), ("code_hash", "code_try"), _("取餐时认出是您"), _("随这一餐"), _SELF),
            Field(_("谁把饭交给您"), ("taken_by",), _TRACE, _ACCOUNTS, _STAFF),
        ),
        ("id", "spend", "settle", "back", "route"),
    ),
    TableFields(
        "canteen_share",
        (
            Field(
                _("谁补贴了多少"),
                ("person", "month", "funder", "rule", "title", "fen", "reason", "state"),
                _("不超过每月上限，跟出钱的单位结算"),
                _ACCOUNTS,
                _STAFF,
            ),
        ),
        ("id", "meal_order"),
    ),
    TableFields(
        "canteen_standing",
        (
            Field(
                _("每周自动订"),
                ("person", "site", "meal", "weekdays", "way", "since", "until", "told_on", "placed_by"),
                _("到日子自动替您订"),
                _ERASED,
                _STAFF,
            ),
        ),
        ("id",),
    ),
    TableFields("canteen_sheet", plain=("id", "site", "day", "meal", "made_ms", "portions")),
    TableFields(
        "canteen_claim",
        (
            Field(
                _("结算表（姓名打码）和谁封存的"),
                ("content", "made_by", "made_ms"),
                _("跟出钱的单位结算"),
                _("会计档案的法定年限"),
                _("管食堂的工作人员、出钱的单位"),
            ),
        ),
        ("id", "month", "funder", "meals", "people", "fen", "digest", "record"),
    ),
    TableFields(
        "canteen_route",
        (
            Field(
                _("志愿者送了哪一趟"),
                ("volunteer", "made_ms", "done_ms"),
                _("记志愿服务"),
                _ERASED,
                _STAFF,
            ),
        ),
        ("id", "site", "day", "meal", "meals", "homes"),
    ),
)  # fmt: skip
