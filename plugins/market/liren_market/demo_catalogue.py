# SPDX-License-Identifier: Apache-2.0
"""The demo street's merchants and what they offer: invented, in the prices of streets that do this (a few points
for a small thing, ten to forty for a large one).
"""

from dataclasses import dataclass
from typing import Final

from liren_market.shops import GoodsForm


@dataclass(frozen=True, slots=True)
class Stall:
    """``community`` is the beginning of a community's name."""

    name: str
    category: str
    community: str
    address: str
    hours: str
    goods: tuple[GoodsForm, ...]


def _thing(title: str, points: int, stock: int, limit: int = 0, detail: str = "") -> GoodsForm:
    return GoodsForm(title, "thing", points, stock, limit, detail, listed=True)


def _service(title: str, points: int, stock: int, limit: int = 0, detail: str = "") -> GoodsForm:
    return GoodsForm(title, "service", points, stock, limit, detail, listed=True)


STALLS: Final[tuple[Stall, ...]] = (
    Stall(
        "老街信用超市", "daily", "老街", "老街 18 号，菜市场东门旁", "每天 7:30–20:00",
        (
            _thing("洗衣液 2 千克", 20, 60, 2, "薰衣草香，送货要另约。"),
            _thing("大米 5 千克", 30, 40, 2, "当年新米，拿不动可以请网格员帮忙捎。"),
            _thing("食用油 1.8 升", 28, 36, 2, "非转基因花生油。"),
            _thing("抽纸 6 包", 8, 120, 4),
            _thing("鸡蛋 30 枚", 18, 30, 2, "每周二、周五到货。"),
            _thing("垃圾袋 5 卷", 4, 200, 0, "分类用，绿、灰两色。"),
            _thing("暖水袋", 12, 0, 1, "入冬前补货。"),
        ),
    ),
    Stall(
        "桃园便民理发", "service", "桃园", "桃园社区服务中心一楼", "周二到周日 8:30–17:30",
        (
            _service("理发一次", 10, 80, 1, "洗剪吹，65 岁以上优先，不用排队。"),
            _service("上门理发", 16, 12, 1, "腿脚不便的老人，提前一天约。"),
            _service("修面一次", 6, 40, 2),
        ),
    ),
    Stall(
        "银山早餐铺", "food", "银山", "银山路 6 号，小学对面", "每天 6:00–10:30",
        (
            _thing("早餐一份", 5, 200, 10, "一碗粥、两个包子、一个鸡蛋。"),
            _thing("手工馒头 10 个", 6, 60, 4),
            _thing("豆浆两杯", 3, 100, 0),
        ),
    ),
    Stall(
        "荷畔粮油店", "daily", "荷畔", "荷畔小区北门，快递柜旁", "每天 7:00–19:30",
        (
            _thing("小米 2 千克", 14, 50, 2, "熬粥用的黄小米。"),
            _thing("挂面 4 把", 9, 80, 4),
            _thing("杂粮礼盒", 36, 15, 1, "五样，每样一斤。"),
            _thing("酱油一瓶", 6, 70, 2),
        ),
    ),
    Stall(
        "宝发家电维修", "travel", "宝发", "宝发社区南门，公交站后", "每天 8:00–18:30",
        (
            _service("清洗油烟机一次", 24, 20, 1, "上门，提前一天约。"),
            _service("换灯泡、插座（工时）", 5, 60, 2, "材料按进价另算，当面付。"),
            _service("自行车补胎", 4, 60, 2),
            _service("磨刀两把", 3, 80, 2),
            _thing("电动车头盔", 35, 10, 1, "3C 认证，均码。"),
        ),
    ),
    Stall(
        "洸河书屋", "books", "洸河", "洸河社区文化站二楼", "周一闭馆，其余 9:00–18:00",
        (
            _service("借书卡三个月", 15, 100, 1, "免押金，一次借五本。"),
            _thing("作业本 10 本", 5, 150, 2),
            _thing("儿童绘本一本", 18, 25, 1, "书单在柜台，可以自己挑。"),
            _service("毛笔字体验课一次", 10, 30, 2, "每周六上午，纸笔都有。"),
        ),
    ),
)  # fmt: skip


def stall_of(name: str) -> Stall:
    """Any other merchant of a city, known by its name: a library lends books, every other one is a supermarket."""
    place = name[:2]
    if name.endswith("图书馆"):
        lent, hours = STALLS[-1].goods, "每天 9:00–20:00"
        return Stall(name, "books", place, f"{place}社区文化站", hours, lent)
    return Stall(name, "daily", place, f"{place}社区商业街", "每天 7:30–20:00", STALLS[0].goods)
