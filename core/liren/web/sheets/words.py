# SPDX-License-Identifier: Apache-2.0
"""The columns every list of people shares, with the titles communities really give them."""

import re
from collections.abc import Callable, Collection

from liren.web.sheets.reading import Cell
from liren.web.sheets.titles import Column
from liren.web.sheets.values import day, id_number, person_name, phone

_NOT_THE_RESIDENT = (
    *(
        "采集员",
        "登记人",
        "填报",
        "填表",
        "审核",
        "复核",
        "经办",
        "负责人",
        "联系人",
        "制表",
        "录入",
        "证明人",
        "推荐人",
        "家属",
    ),
    *("collector", "reviewer", "entered by", "approved by", "contact person"),
)
_NAME = re.compile(r"[\u3400-\u9fff·]{2,12}$")


def name_column(*, needed: bool = True, known: Collection[str] | None = None) -> Column:
    """:param known: normalised names (:func:`person_name`) that exist, where the caller has them"""

    def fits(cell: Cell) -> bool:
        if not isinstance(cell, str):
            return False
        name = person_name(cell)
        return name in known if known is not None else bool(_NAME.match(name))

    words = (
        *(
            "姓名",
            "名字",
            "居民姓名",
            "志愿者姓名",
            "志愿者",
            "居民",
            "人员姓名",
            "参与人员",
            "参加人员",
            "受益人",
            "赋分对象",
        ),
        *("对象姓名", "服务人员", "参与人", "人员", "称呼", "name", "full name", "resident", "volunteer"),
    )
    never = (*_NOT_THE_RESIDENT, "社区", "项目", "街道", "拼音", "人数", "细则", "类别", "类型", "编号", "证")
    return Column("name", words, fits, needed, never, telling=known is not None)


def phone_column(*, needed: bool = False) -> Column:
    words = (
        *("手机号", "手机号码", "手机", "电话", "联系电话", "联系方式", "电话号码", "移动电话", "居民电话", "本人电话"),
        *("phone", "mobile", "mobile phone", "phone number", "tel", "cell"),
    )
    never = (*_NOT_THE_RESIDENT, "紧急", "固定", "座机", "单位电话", "社区电话", "网格员")
    return Column("phone", words, lambda cell: phone(cell) is not None, needed, never)


def id_number_column(*, needed: bool = False) -> Column:
    words = (
        *("身份证号", "身份证号码", "身份证", "证件号码", "证件号", "公民身份号码", "公民身份证号码", "身份号码"),
        *("id number", "id no", "id card", "citizen id", "identity number"),
    )
    return Column("id_number", words, lambda cell: id_number(cell) is not None, needed, _NOT_THE_RESIDENT)


def community_column(*, needed: bool = False, known: Callable[[str], object | None] | None = None) -> Column:
    """:param known: answers a community for a name, or ``None``"""

    def fits(cell: Cell) -> bool:
        if not isinstance(cell, str) or not cell.strip():
            return False
        return known(cell) is not None if known else person_name(cell).endswith(("社区", "村", "居委会"))

    words = (
        *(
            "社区",
            "所在社区",
            "所属社区",
            "居住社区",
            "社区名称",
            "村居",
            "社区(村)",
            "所属村居",
            "居委会",
            "所在村(居)",
        ),
        *("community", "neighbourhood", "neighborhood"),
    )
    return Column("community", words, fits, needed, ("服务", "活动", "地点", "地址", "电话", "审核", "意见"))


def day_column(*, needed: bool = True) -> Column:
    words = (
        *(
            "日期",
            "服务日期",
            "发生日期",
            "活动日期",
            "行为日期",
            "时间",
            "服务时间",
            "活动时间",
            "发生时间",
            "参与日期",
        ),
        *("赋分日期", "事项日期", "参加日期", "date", "day", "service date", "date of service", "event date"),
    )
    never = ("出生", "生日", "填报", "填表", "登记日", "登记时", "审核", "录入", "上报", "制表", "时长", "birth")
    return Column("day", words, lambda cell: day(cell) is not None, needed, never)
