# SPDX-License-Identifier: Apache-2.0
"""What the tables of units say of people, for the field register."""

from typing import Final

from liren.plugins.types import Field, TableFields
from liren.web import N_

_SERVING: Final = N_("任期结束、换人或者本人被删除为止，历任名单留存")
_RESIDENTS: Final = N_("本楼、本网格的居民；街道工作人员")
_STAFF: Final = N_("本人；负责这个片区的工作人员")

FIELDS: Final = (
    TableFields("unit", plain=("code", "level", "parent", "path", "name", "party_title", "opened", "closed")),
    TableFields("dwelling", plain=("id", "unit", "number", "area_dm2", "closed")),
    TableFields(
        "post",
        plain=("key", "title", "axis", "levels", "roles", "single", "published", "position", "retired"),
    ),
    TableFields(
        "appointment",
        (
            Field(
                N_("担任的岗位和任期"),
                ("person", "post", "unit", "since", "until"),
                N_("让居民知道谁在为自己服务"),
                _SERVING,
                _RESIDENTS,
            ),
            Field(
                N_("工作电话和照片"),
                ("phone", "photo"),
                N_("本人同意公布，方便居民联系和辨认"),
                N_("任期结束、换人或者本人被删除为止"),
                _RESIDENTS,
            ),
            Field(N_("由谁任命"), ("made_by", "made_ms"), N_("有据可查"), _SERVING, N_("街道管理员")),
        ),
        ("id",),
    ),
    TableFields("team", plain=("id", "unit", "name", "pattern", "since", "until")),
    TableFields(
        "team_member",
        (
            Field(
                N_("参加的队伍和分工"),
                ("person", "part", "since", "until"),
                N_("安排上门和值守"),
                N_("本人被删除为止"),
                _STAFF,
            ),
        ),
        ("id", "team", "organisation"),
    ),
    TableFields(
        "unit_change",
        (Field(N_("谁调整了组织"), ("actor", "at_ms"), N_("有据可查"), N_("长期：组织沿革"), N_("街道管理员")),),
        ("id", "change", "what", "day", "gone", "heir", "detail"),
    ),
    TableFields("unit_past", plain=("id", "unit", "path", "since", "until")),
)
