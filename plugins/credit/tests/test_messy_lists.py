# SPDX-License-Identifier: Apache-2.0
"""Lists as other streets hand them in: nobody has seen our template, and every row still gets its verdict."""

import io
from datetime import date, datetime

import openpyxl
import pytest
from credit_lists import check, checker, people, verdicts, workbook

from liren.web.sheets import Cell, choose_table, find_tables, read_book

HEAD: list[Cell] = ["姓名", "手机号", "身份证号", "所在社区", "细则编号", "数量", "日期"]
ZHONG: list[Cell] = ["钟琴", "19900004479", "", "老街社区", "FX-04", 3, "2026/3/26"]
LIN: list[Cell] = ["林涛国", "", "379901200608214888", "洸河社区", "FX-02", 1, "2026.03.07"]


def row(**changes: Cell) -> list[Cell]:
    """A good row of 钟琴 with some cells changed."""
    keys = ("name", "phone", "id", "community", "rule", "quantity", "day")
    return [changes.get(key, value) for key, value in zip(keys, ZHONG, strict=True)]


def of(*cells: Cell, **changes: Cell) -> str:
    """The verdict on one row between two good ones of other people."""
    lines = [HEAD, LIN, list(cells) or row(**changes), [*LIN[:4], "FX-01", 2, "2026-03-08"]]
    return verdicts(workbook(*lines))[3]


def test_the_usual_row_is_good() -> None:
    assert of() == "ok"


@pytest.mark.parametrize("typed", ["钟 琴", "　钟　琴　", "钟琴\n", "钟\u200b琴"])
def test_spaces_in_a_name_do_not_matter(typed: str) -> None:
    assert of(name=typed) == "ok"


@pytest.mark.parametrize(
    "typed",
    ["fx-04", "ＦＸ－０４", "FX 04", "FX04", " fx—04 ", "幸福食堂帮厨", "FX-04 幸福食堂帮厨", "幸福食堂帮厨（FX-04）"],
)
def test_a_rule_may_be_named_by_code_title_or_both(typed: str) -> None:
    assert of(rule=typed) == "ok"


@pytest.mark.parametrize("typed", ["FX-99", "FX-04/FX-05", "FX-04 无偿献血", "打麻将", "", None, "4", "FX-04或FX-99"])
def test_a_rule_nobody_knows_or_two_rules_at_once_are_refused(typed: Cell) -> None:
    assert of(rule=typed) == "unknown-rule"


@pytest.mark.parametrize(
    "typed", [19900004479, 19900004479.0, "199 0000 4479", "+86-19900004479", "１９９００００４４７９"]
)
def test_a_phone_may_be_a_number_or_text(typed: Cell) -> None:
    assert of(phone=typed) == "ok"


@pytest.mark.parametrize("typed", ["桃源", "洸河", "", "不知道"])
def test_phone_and_name_decide_even_where_the_community_is_wrong_or_missing(typed: str) -> None:
    assert of(community=typed) == "ok"
    assert next(r for r in check(workbook(HEAD, row(community=typed))) if r.number == 2).community == "370001-04"


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        *(("2026年3月26日", "ok"), (date(2026, 3, 26), "ok"), (datetime(2026, 3, 26, 9, 30), "ok"), (46107, "ok")),
        *(
            ("20260326", "ok"),
            ("2026-03-26 09:30", "ok"),
            ("2026年3月26日（周四）", "ok"),
            ("3月26日", "date-unreadable"),
        ),
        *(
            ("3月32日", "date-unreadable"),
            ("", "date-unreadable"),
            ("上周四", "date-unreadable"),
            ("2099/3/5", "date-in-future"),
        ),
        *(("2026-11-22", "date-in-future"), ("2026-11-21", "ok"), ("2025-12-31", "rule-not-valid-on-day")),
    ],
)
def test_days_in_all_their_spellings(typed: Cell, verdict: str) -> None:
    assert of(day=typed) == verdict


def test_a_day_without_a_year_is_read_from_the_title() -> None:
    data = workbook(["里仁街道 2026年3月 赋分登记表"], HEAD, row(day="3月26日"), row(day="3月32日"), LIN)
    assert verdicts(data) == {3: "ok", 4: "date-unreadable", 5: "ok"}


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        *(
            ("3小时", "ok"),
            ("３", "ok"),
            (3.0, "ok"),
            ("3.0", "ok"),
            ("两小时", "quantity-unreadable"),
            (1.5, "quantity-unreadable"),
        ),
        *(
            ("3次", "quantity-unreadable"),
            ("", "quantity-unreadable"),
            (0, "quantity-not-positive"),
            (-2, "quantity-not-positive"),
        ),
        *(("－2", "quantity-not-positive"), (6, "ok"), (7, "over-daily-cap"), ("若干", "quantity-unreadable")),
    ],
)
def test_quantities_in_all_their_spellings(typed: Cell, verdict: str) -> None:
    assert of(quantity=typed) == verdict


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({"name": ""}, "name-missing"),
        ({"name": "无"}, "name-missing"),
        ({"phone": "19911112222"}, "unknown-person"),
        ({"phone": "1990000447"}, "unknown-person"),
        ({"phone": "19900003248"}, "phone-and-name-differ"),
        ({"phone": "", "community": "老街"}, "ok"),
        ({"phone": "无", "community": "老街社区居委会"}, "ok"),
        ({"phone": "", "community": "桃园社区"}, "unknown-person"),
        ({"phone": "0538-3211234"}, "ok"),
        ({"phone": "", "name": "汪东", "community": ""}, "ambiguous-person"),
        ({"phone": "", "name": "查无此"}, "unknown-person"),
        ({"phone": "", "id": "37990120060821488x"}, "id-number-wrong"),
        ({"phone": "", "id": "379901200608214888"}, "id-number-wrong"),
        ({"id": "379901200608214888"}, "id-number-wrong"),
        ({"id": 3.79901200608215e17}, "ok"),
    ],
)
def test_who_is_meant(cells: dict[str, Cell], verdict: str) -> None:
    assert of(**cells) == verdict


def test_an_id_number_in_small_letters_and_full_width_is_found() -> None:
    peng = ["彭勇玉", "", "37990119531218003x", "", "FX-05", 1, "2026-03-02"]
    assert of(*peng) == "ok"
    assert of(*[peng[0], "", "３７９９０１１９５３１２１８００３Ｘ", *peng[3:]]) == "ok"


def test_the_same_person_rule_and_day_counts_once_however_it_is_typed() -> None:
    data = workbook(
        HEAD,
        row(quantity=9),
        row(),
        row(phone="", name="钟 琴", rule="幸福食堂帮厨", day=date(2026, 3, 26)),
        row(quantity=2),
        row(day="2026-03-27"),
        row(rule="FX-01"),
    )
    assert list(verdicts(data).values()) == ["over-daily-cap", "ok", "duplicate", "duplicate", "ok", "ok"]
    assert [r.same_as for r in check(data)] == [None, None, 3, 3, None, None]


def test_totals_notes_signatures_and_repeated_headers_are_no_data() -> None:
    data = workbook(
        HEAD,
        ZHONG,
        HEAD,
        LIN,
        [],
        ["小计", None, None, None, None, 4, None],
        [None, None, None, "合计：", None, "=SUM(F2:F4)", None],
        ["总计 2 人", None, None, None, None, 4, None],
        ["填表人：赵磊", None, "审核人：", None, None, None, "2026-04-02"],
        ["注：本表一式两份，社区与街道各留存一份。"],
        [None, None, None, "老街社区"],
    )
    assert verdicts(data) == {2: "ok", 3: "ignored", 4: "ok", **dict.fromkeys((6, 7, 8, 9, 10, 11), "ignored")}


def test_serial_numbers_printed_in_advance_are_no_rows() -> None:
    data = workbook(["序号", *HEAD], [1, *ZHONG], [2], [3])
    assert verdicts(data) == {2: "ok", 3: "ignored", 4: "ignored"}


def test_other_titles_another_order_a_low_header_and_merged_communities() -> None:
    data = workbook(
        ["2026年第一季度志愿服务积分申报明细"],
        ["填报单位（盖章）：老街社区", None, None, None, "填报日期：2026年4月2日"],
        [],
        [],
        [
            "序号",
            "所属社区",
            "服务日期\n(年/月/日)",
            "志愿者\n姓 名",
            "联系方式",
            "积分项目",
            "服务时长（小时）",
            "采集员",
            "凭证",
        ],
        [1, "老街社区", "3月26日", "钟琴", 19900004479, "幸福食堂帮厨", "3小时", "赵磊", "签到表"],
        [2, None, "3月27日", "钟琴", 19900004479, "志愿服务", 2, "赵磊", "签到表"],
        ["合计", None, None, None, None, None, 5, None, None],
        merge=("A1:I1", "B6:B7"),
    )
    rows = check(data)
    assert [(r.number, r.verdict, r.points, r.evidence) for r in rows] == [
        (6, "ok", 6, "签到表"),
        (7, "ok", 4, "签到表"),
        (8, "ignored", 0, ""),
    ]


def test_an_english_header_is_understood() -> None:
    data = workbook(
        ["Rule code", "Name", "Mobile", "Hours", "Service date"], ["FX-04", "钟琴", "19900004479", 3, "26 Mar 2026"]
    )
    assert verdicts(data) == {2: "ok"}


def test_a_header_in_the_first_row_and_only_the_needed_columns() -> None:
    data = workbook(["名字", "行为代码", "次数", "时间"], ["林涛国", "FX-02", 1, "2026-03-07"])
    assert verdicts(data) == {2: "ok"}


def test_a_list_as_text_with_chinese_windows_encoding() -> None:
    text = "三月\n姓名,电话,项目,时长,日期\n钟琴,19900004479,FX-04,3,2026/3/26\n查无此,19911112222,FX-04,3,2026/3/26\n"
    assert verdicts(text.encode("gb18030")) == {3: "ok", 4: "unknown-person"}


def test_one_sheet_a_community_is_not_silently_cut_to_one_sheet() -> None:
    book = openpyxl.Workbook()
    for name in ("桃园", "老街"):
        sheet = book.create_sheet(name)
        for line in (HEAD, ZHONG if name == "老街" else LIN):
            sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    tables = find_tables(read_book(out.getvalue()), checker().columns())
    assert {table.sheet for table in tables if not table.doubts} == {"桃园", "老街"}


def test_a_column_nobody_can_name_is_asked_for_and_then_the_list_is_checked() -> None:
    book = read_book(workbook(["姓名", "手机号", "细则", "干了多少", "日期"], *[[*ZHONG[:2], *ZHONG[4:]]] * 2))
    judge = checker()
    table = find_tables(book, judge.columns())[0]
    assert [doubt.key for doubt in table.doubts] == ["quantity"]
    chosen = choose_table(
        book, judge.columns(), sheet=table.sheet, last=table.last, columns={**table.columns, "quantity": 3}
    )
    assert [r.verdict for r in judge.check(chosen)] == ["ok", "duplicate"]


def test_nobody_enters_points_for_themself_or_their_household() -> None:
    zhong = next(each for each in people()[0] if each.name == "钟琴" and each.phone_hash)
    data = workbook(HEAD, ZHONG, LIN)
    own = {r.person for r in check(data) if r.name == "钟琴"}
    assert verdicts(data, own=own) == {2: "own-award", 3: "ok"}
    assert zhong.household


def test_a_closed_community_credits_nothing_from_its_last_day_on() -> None:
    data = workbook(HEAD, ZHONG, row(day="2026-03-20"), LIN)
    assert verdicts(data, closed={"370001-04": date(2026, 3, 26)}) == {2: "closed-unit", 3: "ok", 4: "ok"}


def test_formulas_and_markup_in_text_stay_text() -> None:
    head: list[Cell] = [*HEAD, "证明材料", "备注"]
    rows = check(workbook(head, [*ZHONG, "<script>alert(1)</script>", "'=HYPERLINK(1)"]))
    assert (rows[0].verdict, rows[0].evidence) == ("ok", "<script>alert(1)</script>")
