# SPDX-License-Identifier: Apache-2.0
"""A rule catalogue out of a workbook: columns by meaning, every fault of every row at once. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from liren.web.sheets import (
    Book,
    Cell,
    Column,
    Row,
    SheetError,
    Table,
    blank,
    clean,
    find_tables,
    same_words,
    whole_number,
)
from liren_credit.catalogue import Behaviour, Rule

BEHAVIOURS: dict[str, Behaviour] = {
    **dict.fromkeys(("奉献", "奉献类", "奉献行为", "dedication"), "dedication"),
    **dict.fromkeys(("守信", "守信类", "守信行为", "good faith", "goodfaith"), "good_faith"),
}
MAX_POINTS = 10_000
MAX_CAP = 1_000


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with one row."""

    number: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    rules: tuple[Rule, ...]
    faults: tuple[RuleFault, ...]


def read_rules(
    book: Book,
    *,
    valid_from: date,
    source: str,
    expiry: str = "next-year-end",
    versions: "dict[str, int] | None" = None,
) -> RuleBook:
    """The rules of the best sheet.

    :param valid_from: first day they apply; with ``source`` it may lie in the past (already published on paper)
    :param versions: newest version of each code so far; a rule read now is the next one
    :raises SheetError: no list of rules in it, or a needed column is missing
    """
    table = find_tables(book, COLUMNS)[0]
    missing = [
        LABELS[doubt.key] for doubt in table.doubts if doubt.reason == "missing" or doubt.key in ("code", "points")
    ]
    if missing:
        raise SheetError(
            f"没有认出这些列：{'、'.join(missing)}。请在表头写明编号、名称、类别、计量单位、每单位积分。",
            "Some columns were not recognised. The header should name code, title, class, unit and points per unit.",
            code="columns-missing",
        )
    rules: list[Rule] = []
    faults: list[RuleFault] = []
    seen: set[str] = set()
    for row in table.rows():
        if table.repeats_header(row) or (blank(table.get(row, "code")) and blank(table.get(row, "points"))):
            continue
        found = _fault(table, row, seen)
        if found:
            faults.append(RuleFault(row.number, *found))
            continue
        rule = _rule(table, row, valid_from, source, expiry, versions or {})
        seen.add(rule.code)
        rules.append(rule)
    return RuleBook(tuple(rules), tuple(faults))


def _rule(table: Table, row: Row, valid_from: date, source: str, expiry: str, versions: dict[str, int]) -> Rule:
    code = clean(table.get(row, "code")).upper()
    cap = whole_number(table.get(row, "cap"), clean(table.get(row, "unit")))
    return Rule(
        code=code,
        version=versions.get(code, 0) + 1,
        title=clean(table.get(row, "title")),
        behaviour=BEHAVIOURS[same_words(clean(table.get(row, "behaviour")))],
        unit=clean(table.get(row, "unit")),
        points=whole_number(table.get(row, "points"), "分") or 0,
        daily_cap=cap or 1,
        evidence=clean(table.get(row, "evidence")),
        valid_from=valid_from,
        valid_to=None,
        expiry=expiry,
        source=source,
    )


def _fault(table: Table, row: Row, seen: Collection[str]) -> tuple[str, str] | None:
    code = clean(table.get(row, "code")).upper()
    points = whole_number(table.get(row, "points"), "分")
    cap = whole_number(table.get(row, "cap"), clean(table.get(row, "unit")))
    if not code.isascii() or not any(char.isdigit() for char in code) or len(code) > 20:
        return "编号要用字母和数字，如 FX-01", "the code should be letters and digits, such as FX-01"
    if code in seen:
        return f"编号 {code} 出现了两次", f"the code {code} occurs twice"
    if blank(table.get(row, "title")) or blank(table.get(row, "unit")):
        return "名称和计量单位都要填", "title and unit are both needed"
    if same_words(clean(table.get(row, "behaviour"))) not in BEHAVIOURS:
        return "行为类别只能是“奉献”或“守信”", "the class is either 奉献 (dedication) or 守信 (good faith)"
    if points is None or not 1 <= points <= MAX_POINTS:
        return f"每单位积分要填 1 到 {MAX_POINTS} 的整数", f"points per unit: a whole number from 1 to {MAX_POINTS}"
    if not blank(table.get(row, "cap")) and (cap is None or not 1 <= cap <= MAX_CAP):
        return f"每日上限要填 1 到 {MAX_CAP} 的整数", f"the daily cap: a whole number from 1 to {MAX_CAP}"
    return None


def _text(known: Collection[str] | None = None) -> Callable[[Cell], bool]:
    return lambda cell: isinstance(cell, str) and (known is None or same_words(cell) in known)


COLUMNS = (
    Column("code", ("编号", "细则编号", "编码", "代码", "项目编号", "行为代码", "code"), _text(), True, telling=False),
    Column(
        "title", ("名称", "细则名称", "项目名称", "项目", "事项", "行为", "title", "name"), _text(), True, telling=False
    ),
    Column("behaviour", ("行为类别", "类别", "类型", "行为类型", "class", "category"), _text(BEHAVIOURS), True),
    Column("unit", ("计量单位", "单位", "计量", "unit"), _text(), True, ("每",), telling=False),
    Column(
        "points",
        ("每单位积分", "积分", "分值", "积分标准", "每单位分值", "赋分标准", "分数", "points", "points per unit"),
        lambda cell: whole_number(cell, "分") is not None,
        True,
        ("上限", "cap"),
        telling=False,
    ),
    Column(
        "cap",
        ("每日上限", "每天上限", "日上限", "每人每日上限", "上限", "每天最多", "daily cap", "cap"),
        lambda cell: whole_number(cell) is not None,
        telling=False,
    ),
    Column(
        "evidence",
        ("证明材料", "凭证", "凭据", "证明", "佐证材料", "佐证", "材料", "依据", "evidence"),
        _text(),
        telling=False,
    ),
)
LABELS = {
    "code": "编号",
    "title": "名称",
    "behaviour": "行为类别",
    "unit": "计量单位",
    "points": "每单位积分",
    "cap": "每日上限",
    "evidence": "证明材料",
}
