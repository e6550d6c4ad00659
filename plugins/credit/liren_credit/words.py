# SPDX-License-Identifier: Apache-2.0
"""What each verdict, state and class is called, and what to do about it. Source language Chinese."""

from dataclasses import dataclass
from typing import Literal

from liren.api import _

Tone = Literal["", "good", "wait", "bad"]


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    """A few characters, beside the row."""
    advice: str
    tone: Tone = "bad"


VERDICTS: dict[str, Words] = {
    "ok": Words(_("可以入账"), "", "good"),
    "duplicate": Words(_("重复"), _("同一个人、同一条细则、同一天只记一次，不用再报。"), "wait"),
    "ignored": Words(_("不是数据"), _("合计、说明这样的行，不用管。"), ""),
    "name-missing": Words(_("没写姓名"), _("请补上姓名。")),
    "unknown-person": Words(_("查不到这个人"), _("请核对姓名、手机号和身份证号；新搬来的居民请先登记。")),
    "ambiguous-person": Words(_("有同名的人"), _("请补上手机号、身份证号或所在社区。")),
    "phone-and-name-differ": Words(_("手机号是别人的"), _("姓名和手机号对不上，请改正其中一个。")),
    "id-number-wrong": Words(_("身份证号不对"), _("身份证号写错了，或是别人的，请核对。")),
    "unknown-rule": Words(_("没有这条细则"), _("请写现行细则的编号或名称。")),
    "rule-not-valid-on-day": Words(_("那天细则还没起用"), _("这条细则在那一天不适用，请核对日期。")),
    "date-unreadable": Words(_("日期读不懂"), _("请写成 2026-03-08 这样的年月日。")),
    "date-in-future": Words(_("日期还没到"), _("请核对年份和日期。")),
    "quantity-unreadable": Words(_("数量读不懂"), _("请只写整数，如 3。")),
    "quantity-not-positive": Words(_("数量要大于 0"), _("没有发生的，请删去这一行。")),
    "own-award": Words(_("是登记人自己或同户"), _("自己和家里人的积分，请别的采集员登记。")),
    "consent-taken-back": Words(_("本人不参加积分"), _("这位居民撤回了同意，好事不再记分；其他服务照常。")),
    "outside-area": Words(_("不在您的辖区"), _("请交给这位居民所在社区登记。")),
    "no-community": Words(_("没有登记住址"), _("请先在人员名册里登记所在社区。")),
    "closed-unit": Words(_("社区已撤并"), _("那一天这个社区已经不在了，请先把居民转到新社区。")),
    "over-daily-cap": Words(_("超过每天上限"), _("请按细则的每日上限改正数量。")),
}

ROW_STATES: dict[str, Words] = {
    "waiting": Words(_("待入账"), "", "wait"),
    "frozen": Words(_("本人要求暂停"), "", "bad"),
    "credited": Words(_("已入账"), "", "good"),
    "struck": Words(_("已剔除"), "", "bad"),
    "other_reviewer": Words(_("与审核员同户，另请人审"), "", "wait"),
}

LIST_STATES: dict[str, Words] = {
    "columns": Words(_("等您指认列"), "", "wait"),
    "checked": Words(_("核对完，待提交"), "", "wait"),
    "review": Words(_("待审核"), "", "wait"),
    "publicity": Words(_("公示中"), "", "wait"),
    "posting": Words(_("正在入账"), "", "wait"),
    "posted": Words(_("已入账"), "", "good"),
    "returned": Words(_("已退回"), "", "bad"),
    "dropped": Words(_("已作废"), "", ""),
}

BEHAVIOURS: dict[str, str] = {
    "dedication": _("奉献"),
    "good_faith": _("守信"),
    "breach_of_faith": _("失信"),
}

COLUMNS: dict[str, str] = {
    "name": _("姓名"),
    "phone": _("手机号"),
    "id_number": _("身份证号"),
    "community": _("所在社区"),
    "rule": _("细则编号或名称"),
    "quantity": _("数量"),
    "day": _("日期"),
    "evidence": _("证明材料"),
    "note": _("备注"),
}

EXPIRIES: dict[str, str] = {
    "never": _("长期有效"),
    "year-end": _("当年年底到期"),
    "next-year-end": _("次年年底到期"),
}
