# SPDX-License-Identifier: Apache-2.0
"""What the canteen's codes are called. Codes stand in tables and rules, titles on pages."""

from typing import Final, Literal

from liren.api import RecordCode, _

Meal = Literal["breakfast", "lunch", "supper"]

MEALS: Final[dict[str, str]] = {"breakfast": _("早餐"), "lunch": _("午餐"), "supper": _("晚餐")}

WAYS: Final[dict[str, str]] = {"dine": _("堂食"), "pick": _("自取"), "deliver": _("送到家")}
"""How a meal reaches the diner."""

CATEGORIES: Final[dict[str, str]] = {
    "support": _("低保、特困"),
    "disabled": _("失能、重度残疾"),
    "alone": _("独居、空巢"),
    "honoured": _("优抚对象"),
    "bereft": _("计划生育特殊家庭"),
}
"""Circumstances that may raise a subsidy; somebody may be in several. Staff check them against papers."""

REGISTRATIONS: Final[dict[str, str]] = {"local": _("本地户籍"), "other": _("外地户籍")}
"""Household registration (户籍); unknown counts for no rule that asks for one."""

ALLERGENS: Final[dict[str, str]] = {
    "wheat": _("麸质（小麦）"),
    "egg": _("蛋"),
    "milk": _("奶"),
    "peanut": _("花生"),
    "nuts": _("坚果"),
    "soy": _("大豆"),
    "fish": _("鱼"),
    "crustacean": _("虾蟹"),
}
"""The eight groups of GB 7718 (食品安全国家标准 预包装食品标签通则), 4.4.3."""

DIETS: Final[dict[str, str]] = {
    "soft": _("软食"),
    "low_sugar": _("低糖"),
    "low_salt": _("低盐"),
    "vegetarian": _("素食"),
    "halal": _("清真"),
}

SITE_KINDS: Final[dict[str, str]] = {"canteen": _("幸福食堂"), "point": _("助餐点")}

WEEKDAYS: Final = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
EVERY_DAY: Final = "1111111"
"""Seven marks from Monday to Sunday; 1: open, or ordered."""


def split(codes: str) -> tuple[str, ...]:
    """``"egg,milk"`` → codes; how several choices stand in one column."""
    return tuple(code for code in codes.split(",") if code)


def weekdays_of(marks: str) -> tuple[str, ...]:
    """``1010100`` → 周一 周三 周五."""
    return tuple(title for title, mark in zip(WEEKDAYS, marks, strict=True) if mark == "1")


def marks_of(days: list[str]) -> str:
    """Chosen numbers ``0`` (Monday) … ``6`` → seven marks."""
    return "".join("1" if str(number) in days else "0" for number in range(7))


CODES: Final = (
    RecordCode("canteen.meal", _("订餐")),
    RecordCode("canteen.take", _("取餐核销")),
    RecordCode("canteen.cancel", _("取消订餐，积分退回")),
    RecordCode("canteen.void", _("订餐作废，积分退回")),
    RecordCode("canteen.miss", _("没来取餐，积分退回")),
    RecordCode("canteen.claim", _("补贴结算表")),
)
"""What stands in signed records as ``canteen.…``, as a passbook says it."""
