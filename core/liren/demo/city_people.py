# SPDX-License-Identifier: Apache-2.0
"""The residents of a city's street, the same every time: 16 communities, hundreds of grids, thousands of buildings.

Nobody in it exists: the ID numbers carry region codes that were never given (379910 to 379999), with a right check
digit.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import xlsxwriter

from liren.identity.register.numbers import check_digit

TITLES: Final = ("姓名", "身份证号", "手机号", "社区", "网格", "楼栋", "单元", "房号", "与户主关系")
COMMUNITIES, GRIDS, BUILDINGS, PEOPLE = 16, 479, 3_925, 326_000
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘蔡蒋余于杜叶程魏苏吕丁"
    "任沈姚卢姜崔钟谭陆汪范石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔"
    "向汤单仇解查"
)
_GIVEN: Final = (
    "秀兰英华玉梅建国志强明丽军红霞平芳敏静伟勇艳娟涛超刚磊洋杰娜鑫宇浩然子涵雨欣梓轩一诺思远海燕春生"
    "桂珍淑文德福永贵小东晓晨光辉振"
)
_ROLES: Final = ("户主", "配偶", "子女", "租户")
PLACES: Final = (
    "桃园", "洸河", "荷畔", "宝发", "银山", "老街", "和平", "新华",
    "东风", "胜利", "建设", "文化", "人民", "解放", "光明", "幸福",
)  # fmt: skip
_REGIONS: Final = 90
_BLOCK: Final = 1000


class Resident(NamedTuple):
    """One row of the list, in the order of :data:`TITLES`."""

    name: str
    number: str
    phone: str
    community: str
    grid: str
    building: str
    stair: str
    room: str
    role: str


def residents(
    people: int = PEOPLE, *, grids: int | None = None, buildings: int | None = None, after_grid: int = 0
) -> Iterator[Resident]:
    """Households of two or three, building after building.

    :param grids, buildings: how many; in the measure of the people where it is not said
    :param after_grid: so many grids each community has already
    """
    draw = random.Random(326)  # noqa: S311 - the same list every time
    share = people / PEOPLE
    buildings = buildings or max(COMMUNITIES, round(BUILDINGS * share))
    grids = grids or max(COMMUNITIES, round(GRIDS * share))
    made = 0
    for building in range(buildings):
        grid = building * grids // buildings
        community = f"{PLACES[grid * COMMUNITIES // grids]}社区"
        upto = people * (building + 1) // buildings
        room = 0
        while made < upto:
            room += 1
            for member in range(min(draw.choice((2, 3, 3)), upto - made)):
                made += 1
                name = draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=draw.choice((1, 2, 2, 2))))
                stair, floor = room % 4 + 1, room // 4 + 1
                yield Resident(
                    name, _number(made, draw), f"199{10_000_000 + made}", community, f"第{grid + after_grid + 1}网格",
                    f"{building + 1}号楼", f"{stair}单元", f"{floor}{stair:02}", _ROLES[member],
                )  # fmt: skip


def _number(made: int, draw: random.Random) -> str:
    """An ID number nobody else has: region, day of the month and last digits together are used once."""
    block = made // _BLOCK
    day = draw.randrange(1, 8) + 7 * (block // _REGIONS)
    born = f"{draw.randrange(1936, 2010)}{draw.randrange(1, 13):02}{day:02}"
    first = f"3799{10 + block % _REGIONS}{born}{made % _BLOCK:03}"
    return first + check_digit(first)


def workbook(path: Path, rows: Iterable[Sequence[str]], titles: Sequence[str] = TITLES, sheet: str = "居民") -> Path:
    """Write a list as .xlsx, row by row."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, titles)
        for n, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                page.write_string(n, column, value)
    return path
