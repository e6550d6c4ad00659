# SPDX-License-Identifier: Apache-2.0
"""What the tables of credit say of people, for the field register."""

from typing import Final

from liren.api import Field, TableFields, _

_ERASED: Final = _("您被删除为止")
_REVIEW: Final = _("本人；采集和审核积分的工作人员")
_TRACE: Final = _("有据可查")

FIELDS: Final = (
    TableFields(
        "credit_rule",
        plain=(
            "id", "code", "version", "title", "behaviour", "unit", "points", "daily_cap", "evidence", "valid_from",
            "valid_to", "expiry", "source", "subject", "reviewers", "proposal", "adopted", "template",
        ),
    ),
    TableFields(
        "credit_proposal",
        (
            Field(
                _("谁提出、谁通过了细则"),
                ("entered_by", "entered_ms", "decided_by", "decided_ms"),
                _TRACE,
                _("长期：细则沿革"),
                _("所有人看得到细则，编号只有工作人员看得到"),
            ),
        ),
        ("id", "title", "state", "policy"),
    ),
    TableFields(
        "credit_list",
        (
            Field(
                _("谁采集、谁审核了名单"),
                ("collector", "reviewer", "entered_ms", "submitted_ms", "reviewed_ms"),
                _TRACE,
                _("长期：账目凭据"),
                _("采集和审核积分的工作人员"),
            ),
            Field(
                _("名单的标题和文件名"),
                ("title", "file_name", "reason"),
                _("分清是哪一份名单"),
                _("长期：账目凭据"),
                _("采集和审核积分的工作人员；公示时标题公开"),
            ),
        ),
        (
            "id", "number", "state", "origin", "unit", "file_digest", "sheet", "layout", "publicity_from", "posts_on",
            "posted_ms", "task",
        ),
    ),
    TableFields(
        "credit_upload",
        (Field(_("还没认出列的名单"), ("data",), _("等人指明每一列是什么"), _("核对完就删除，最多三十天"), _REVIEW),),
        ("list",),
    ),
    TableFields(
        "credit_row",
        (
            Field(
                _("做了什么好事、哪天、几分"),
                (
                    "person", "household", "unit", "rule", "quantity", "day", "points", "evidence", "state", "verdict",
                    "remark", "award_key", "rid",
                ),
                _("记分、公示、接受监督"),
                _ERASED,
                _("本人；采集和审核积分的工作人员；公示期内公开编号、分值，姓名打码且要您同意"),
            ),
            Field(
                _("名单上原样填的内容"),
                ("name", "cells"),
                _("填错了能对照着改"),
                _("名单办结后三十天"),
                _("采集和审核积分的工作人员"),
            ),
        ),
        ("id", "list", "number", "same_as", "sampled", "live"),
    ),
    TableFields(
        "credit_claim",
        (
            Field(
                _("别的模块报来的积分"),
                ("person", "day", "quantity", "rule"),
                _("合并成名单送去审核"),
                _("进了名单后三十天"),
                _REVIEW,
            ),
        ),
        ("id", "plugin", "list"),
    ),
)  # fmt: skip
