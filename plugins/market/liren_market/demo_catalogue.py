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
        "荷畔书屋", "books", "荷畔", "荷畔社区文化站二楼", "周一闭馆，其余 9:00–18:00",
        (
            _service("借书卡三个月", 15, 100, 1, "免押金，一次借五本。"),
            _thing("作业本 10 本", 5, 150, 2),
            _thing("儿童绘本一本", 18, 25, 1, "书单在柜台，可以自己挑。"),
            _thing("中性笔 12 支", 8, 60, 2),
        ),
    ),
    Stall(
        "宝发修车铺", "travel", "宝发", "宝发社区南门，公交站后", "每天 8:00–18:30",
        (
            _service("自行车补胎", 4, 60, 2),
            _service("电动车检查一次", 9, 30, 1, "刹车、轮胎、线路，十五分钟。"),
            _service("磨刀两把", 3, 80, 2),
            _thing("电动车头盔", 35, 10, 1, "3C 认证，均码。"),
        ),
    ),
    Stall(
        "洸河康养驿站", "care", "洸河", "洸河社区 3 号楼底商", "每天 9:00–19:00",
        (
            _service("泡脚一次", 10, 50, 2, "四十分钟，请自带毛巾。"),
            _service("肩颈放松半小时", 22, 24, 1),
            _service("八段锦班四次课", 14, 40, 1, "每周三、周六上午，穿软底鞋。"),
        ),
    ),
)  # fmt: skip
