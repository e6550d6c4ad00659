# SPDX-License-Identifier: Apache-2.0
"""A city's list of people, the same every time: 16 communities, 479 grids, 3 925 buildings, 326 000 people.

Nobody in it exists: the ID numbers carry the region code 379901, which was never given, with a right check digit.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from liren.identity.numbers import check_digit

TITLES = ("姓名", "身份证号", "手机号", "社区", "网格", "楼栋", "单元", "房号", "与户主关系")
COMMUNITIES, GRIDS, BUILDINGS, PEOPLE = 16, 479, 3_925, 326_000
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘蔡蒋余于杜叶程魏苏吕丁"
    "任沈姚卢姜崔钟谭陆汪范石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔"
    "向汤单仇解查"
)
_GIVEN = (
    "秀兰英华玉梅建国志强明丽军红霞平芳敏静伟勇艳娟涛超刚磊洋杰娜鑫宇浩然子涵雨欣梓轩一诺思远海燕春生"
    "桂珍淑文德福永贵小东晓晨光辉振"
)
_ROLES = ("户主", "配偶", "子女", "租户")
_PLACES = (
    "桃园",
    "洸河",
    "荷畔",
    "宝发",
    "银山",
    "老街",
    "和平",
    "新华",
    "东风",
    "胜利",
    "建设",
    "文化",
    "人民",
    "解放",
    "光明",
    "幸福",
)


def rows(people: int = PEOPLE) -> Iterator[tuple[str, ...]]:
    """Households of two or three, building after building; scaled down, there are fewer buildings and grids."""
    draw = random.Random(326)  # the same list every time
    share = people / PEOPLE
    buildings, grids = max(16, round(BUILDINGS * share)), max(16, round(GRIDS * share))
    made = 0
    for building in range(buildings):
        grid = building * grids // buildings
        community = f"{_PLACES[grid * COMMUNITIES // grids]}社区"
        upto = people * (building + 1) // buildings
        room = 0
        while made < upto:
            room += 1
            for member in range(min(draw.choice((2, 3, 3)), upto - made)):
                made += 1
                week = 7 * (made // 100_000)  # keeps numbers apart beyond what region and last digits can
                born = f"{draw.randrange(1936, 2010)}{draw.randrange(1, 13):02}{draw.randrange(1, 8) + week:02}"
                number = f"3799{made // 1000 % 100:02}{born}{made % 1000:03}"
                name = draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=draw.choice((1, 2, 2, 2))))
                stair, floor = room % 4 + 1, room // 4 + 1
                yield (
                    name, number + check_digit(number), f"199{made:08}", community, f"第{grid + 1}网格",
                    f"{building + 1}号楼", f"{stair}单元", f"{floor}{stair:02}", _ROLES[member],
                )  # fmt: skip


def workbook(path: Path, people: int = PEOPLE) -> Path:
    """Write the list as .xlsx, row by row."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("居民")
        sheet.write_row(0, 0, TITLES)
        for n, row in enumerate(rows(people), 1):
            for column, value in enumerate(row):
                sheet.write_string(n, column, value)
    return path
