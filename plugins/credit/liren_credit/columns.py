# SPDX-License-Identifier: Apache-2.0
"""What an award list tells, by the titles communities give it, and by our own codes, names and communities."""

from liren.web.sheets import (
    Cell,
    Column,
    community_column,
    day_column,
    id_number_column,
    name_column,
    phone_column,
    whole_number,
)
from liren_credit.catalogue import Catalogue
from liren_credit.register import Register


def columns(register: Register, catalogue: Catalogue) -> tuple[Column, ...]:
    """Name, rule, quantity and day are needed; the others help."""
    return (
        name_column(known=register.names),
        phone_column(),
        id_number_column(),
        community_column(known=register.community),
        rule_column(catalogue),
        quantity_column(),
        day_column(),
        *OTHER_COLUMNS,
    )


def rule_column(catalogue: Catalogue) -> Column:
    words = (
        *(
            "积分细则编号",
            "细则编号",
            "积分细则",
            "细则",
            "项目编号",
            "行为代码",
            "编码",
            "细则代码",
            "积分编号",
            "行为编号",
        ),
        *(
            "积分项目",
            "赋分项目",
            "赋分事项",
            "积分事项",
            "积分类型",
            "服务项目",
            "项目",
            "事项",
            "行为",
            "项目名称",
            "细则名称",
        ),
        *("代码", "编号", "活动项目", "志愿项目", "rule", "rule code", "code", "item"),
    )
    never = ("证件", "身份", "人员编号", "志愿者编号", "居民编号", "积分值", "分值", "证明")
    return Column("rule", words, lambda cell: bool(catalogue.named(cell)), True, never)


def quantity_column() -> Column:
    words = (
        *(
            "数量",
            "次数",
            "时长",
            "小时数",
            "服务时长",
            "工时",
            "单位数",
            "计量",
            "个数",
            "服务时间",
            "数目",
            "件数",
            "册数",
        ),
        *("服务小时", "活动时长", "小时", "数", "次", "quantity", "qty", "count", "hours", "amount", "number of hours"),
    )
    never = ("积分", "分值", "得分", "分数", "人数", "电话", "手机", "证", "序号", "日期", "points", "score")
    return Column("quantity", words, lambda cell: whole_number(cell, "小时") is not None, True, never, telling=False)


def _any_text(cell: Cell) -> bool:
    return isinstance(cell, str)


OTHER_COLUMNS = (
    Column(
        "evidence",
        ("证明材料", "凭证", "凭据", "证明", "佐证材料", "佐证", "依据", "材料", "证据", "evidence", "proof"),
        _any_text,
        telling=False,
    ),
    Column(
        "note",
        ("备注", "说明", "备注说明", "附注", "note", "notes", "remark", "remarks", "comment"),
        _any_text,
        telling=False,
    ),
)
