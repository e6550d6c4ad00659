# SPDX-License-Identifier: Apache-2.0
"""What a list of residents may tell, and the titles people give it."""

import re
from collections.abc import Callable
from typing import Final

from liren.identity.register.names import is_name, normalise
from liren.identity.register.numbers import phone, text_of
from liren.web.sheets import Cell, Column, day


def _fits_name(cell: Cell) -> bool:
    return is_name(normalise(cell)) and len(normalise(cell)) >= 2


def _fits_place(pattern: str) -> Callable[[Cell], bool]:
    return lambda cell: re.search(pattern, text_of(cell)) is not None


COLUMNS: Final = (
    Column(
        "name",
        ("姓名", "居民姓名", "名字", "name"),
        _fits_name,
        needed=True,
        never=("网格", "楼长", "填表", "户主姓名"),
        telling=False,
    ),
    Column(
        "id_number",
        ("身份证号", "身份证号码", "身份证", "公民身份号码", "证件号码", "证件号", "id number"),
        lambda cell: len(text_of(cell)) == 18,
    ),
    Column(
        "phone",
        ("手机号", "手机号码", "联系电话", "电话", "联系方式", "手机", "phone", "mobile"),
        lambda cell: phone(cell) is not None,
        never=("网格", "紧急", "楼长"),
    ),
    Column(
        "birthday",
        ("出生日期", "生日", "出生年月日", "birthday", "date of birth"),
        lambda cell: day(cell) is not None,
        telling=False,
    ),
    Column(
        "community", ("社区", "所在社区", "所属社区", "居委会", "community"), _fits_place("社区|村|居委会"), needed=True
    ),
    Column(
        "grid",
        ("网格", "所在网格", "所属网格", "网格名称", "grid"),
        _fits_place("网格|片区"),
        never=("网格员", "网格长"),
    ),
    Column(
        "building",
        ("楼栋", "楼号", "楼院", "幢", "栋", "楼", "building"),
        _fits_place("楼|栋|幢|座|院"),
        never=("楼长", "楼层"),
        telling=False,
    ),
    Column(
        "stair",
        ("单元", "单元号", "门栋", "stair", "entrance"),
        _fits_place("单元|门栋|梯"),
        never=("单元长",),
        telling=False,
    ),
    Column(
        "room",
        ("房号", "室", "门牌", "门牌号", "房间号", "户号", "room", "flat"),
        _fits_place(r"^\d{2,5}室?$"),
        telling=False,
    ),
    Column(
        "role",
        ("与户主关系", "关系", "居住类型", "人员类别", "relation"),
        _fits_place("户主|配偶|子|女|租"),
        telling=False,
    ),
    Column(
        "address",
        ("详细地址", "住址", "家庭住址", "地址", "address"),
        lambda cell: len(text_of(cell)) > 5,
        telling=False,
    ),
)
