# SPDX-License-Identifier: Apache-2.0
"""What the tables of acting for someone say of people, for the field register."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

_THREE_YEARS: Final = N_("结束后三年，追讨的期限过了就删除")
_BOTH: Final = N_("委托人、帮忙的人；负责这个片区的复核员")

FIELDS: Final = (
    TableFields(
        "acting_mandate",
        (
            Field(
                N_("谁委托谁、怎么同意的"),
                (
                    "person", "actor", "kind", "how", "unit", "asked_ms", "given_ms", "until_ms",
                    "ended_ms", "ended_by", "recorded_by",
                ),
                N_("证明代办是本人同意的"),
                _THREE_YEARS,
                _BOTH,
            ),
            Field(
                N_("短信验证码（只存摘要）"),
                ("code_hash", "code_tries", "code_until_ms"),
                N_("确认是本人同意"),
                N_("用过或者过期就删除"),
                N_("谁也看不到"),
            ),
            Field(
                N_("签字委托书的照片（加密）"),
                ("paper",),
                N_("证明代办是本人同意的"),
                N_("委托结束后半年"),
                N_("复核员，每次查看都有记录"),
            ),
        ),
        ("id",),
    ),
    TableFields("acting_limit", plain=("mandate", "deed", "cap")),
    TableFields(
        "acting_use",
        (Field(N_("每月代办用了多少额度"), ("scope", "used", "month"), N_("不超过约定的上限"), N_("一年"), _BOTH),),
        ("deed",),
    ),
    TableFields(
        "acting_slip",
        (
            Field(
                N_("替您办的每一件事"),
                (
                    "person", "actor", "text", "amount", "at_ms", "undone_ms", "undone_by", "objected_ms",
                    "unit", "kind", "how",
                ),
                N_("您能核对、能撤销、能提异议"),
                _THREE_YEARS,
                _BOTH,
            ),
        ),
        ("id", "number", "mandate", "deed", "measure", "subject", "record", "month", "undo_until_ms", "sampled"),
    ),
    TableFields(
        "acting_block",
        (
            Field(
                N_("不要工作人员代办"),
                ("person", "at_ms"),
                N_("照您说的，不替您办"),
                N_("您改主意或者被删除为止"),
                N_("本人；想替您办事的工作人员"),
            ),
        ),
    ),
)  # fmt: skip
