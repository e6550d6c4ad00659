# SPDX-License-Identifier: Apache-2.0
"""The sample month in other clothes: other titles, order, header row, extra columns, spellings; the verdicts stay."""

import io
import random
from datetime import datetime

import openpyxl
import pytest
from credit_lists import SAMPLES, check, expected

TITLES = {
    1: ["姓名", "居民姓名", "志愿者姓名", "服务人员", "名字", "积分对象"],
    2: ["手机号", "联系电话", "手机号码", "电话", "联系方式", "手机"],
    3: ["身份证号", "身份证号码", "证件号码", "公民身份号码", "身份证"],
    4: ["所在社区", "社区", "所属社区", "社区名称"],
    5: ["积分细则编号", "细则编号", "项目编号", "行为代码", "积分项目", "编码", "细则"],
    6: ["数量", "次数", "时长（小时）", "数量/时长", "服务时长", "次数/小时数"],
    7: ["日期", "服务日期", "活动日期", "发生日期", "时间"],
    8: ["证明材料", "凭证", "佐证", "材料"],
    9: ["备注", "说明", "备 注"],
}
SPARE = ("组别", "网格", "审核意见", "积分", "采集人", "性别")


def dressed(seed: int) -> tuple[bytes, dict[int, str]]:
    """The month rewritten, and the verdict expected at each row of the new sheet."""
    chance = random.Random(seed)
    rows = list(openpyxl.load_workbook(SAMPLES / "awards.xlsx").worksheets[0].iter_rows(values_only=True))
    known = expected()
    order = list(TITLES)
    chance.shuffle(order)
    layout: list[int | str] = [0, *order]
    for title in chance.sample(SPARE, chance.randint(0, 2)):
        layout.insert(chance.randint(1, len(layout)), title)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = chance.choice(["Sheet1", "三月", "登记表"])
    for line in range(chance.randint(0, 5)):
        sheet.append([None] * chance.randint(0, 2) + [f"里仁街道2026年3月赋分登记表（第{line + 1}页）"])
    sheet.append(["序号" if c == 0 else c if isinstance(c, str) else chance.choice(TITLES[c]) for c in layout])
    verdicts = {}
    for number, row in enumerate(rows[3:], 4):
        cells = [row[c] if isinstance(c, int) else filler(chance, c, row) for c in layout]
        sheet.append([worn(chance, c, value) for c, value in zip(layout, cells, strict=True)])
        if number in known:
            verdicts[sheet.max_row] = known[number]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), verdicts


def filler(chance: random.Random, title: str, row: tuple[object, ...]) -> object:
    if row[0] is None or row[0] == "合计":
        return None
    return {"性别": chance.choice("男女"), "积分": None, "网格": f"第{chance.randint(1, 5)}网格"}.get(title, "")


def worn(chance: random.Random, column: int | str, value: object) -> object:
    """The same value in another spelling."""
    if column == 7 and isinstance(value, datetime):
        return chance.choice([value, value.strftime("%Y-%m-%d"), value.strftime("%Y%m%d"), value.strftime("%Y/%m/%d")])
    if column == 6 and isinstance(value, int):
        return chance.choice([value, str(value), f"{value}.0", f" {value}"])
    if column == 1 and isinstance(value, str):
        return chance.choice([value, value + " ", value[0] + "\u3000" + value[1:]])
    if column == 2 and isinstance(value, str) and value.isascii():
        return chance.choice([value, f"{value[:3]}-{value[3:7]}-{value[7:]}", f"+86 {value}"])
    return value


@pytest.mark.parametrize("seed", [3, 5])
def test_the_verdicts_stay_whatever_the_month_wears(seed: int) -> None:
    data, verdicts = dressed(seed)
    found = {row.number: row.verdict for row in check(data)}
    wrong = {n: (found.get(n), verdict) for n, verdict in verdicts.items() if found.get(n) != verdict}
    assert wrong == {}
