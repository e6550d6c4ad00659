# SPDX-License-Identifier: Apache-2.0
"""Charts: every number stands there as text, nothing needs a style or a script, and bad input is said to its author."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.web import charts
from liren.web.charts import Series
from liren.web.charts.scale import axis, percent, shown, ticks

VALUES = st.lists(st.none() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9), min_size=1, max_size=24)


def rows(markup: str) -> list[list[str]]:
    """The cells of the chart's table."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", markup)
    return [[re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row)] for row in found]


def test_bars_are_a_table_with_a_bar_in_each_row() -> None:
    chart = charts.bars(
        "每人平均", [("桃园", 12.9), ("老街", 1972), ("荷畔", None)], unit="分", mark="老街", note="n = 3"
    )
    assert rows(chart)[1:] == [["桃园", "", "12.9\u00a0分"], ["老街", "", "1\u00a0972\u00a0分"], ["荷畔", "", "–"]]
    assert 'class="bars--mark"' in chart
    assert "n = 3" in chart


def test_columns_and_lines_give_their_numbers_in_a_table_and_in_words() -> None:
    chart = charts.columns("得分", [("9月", 21), ("10月", 16), ("11月", 26)], unit="分")
    assert rows(chart) == [["月份", "数值（分）"], ["9月", "21"], ["10月", "16"], ["11月", "26"]]
    assert "<desc>最低 16\u00a0分（10月），最高 26\u00a0分（11月），最后 26\u00a0分</desc>" in chart
    chart = charts.lines("办结", ["9月", "10月"], [Series("桃园", (92, None)), Series("荷畔", (88, 90))], unit="%")
    assert rows(chart) == [["月份", "桃园", "荷畔"], ["9月", "92%", "88%"], ["10月", "–", "90%"]]


def test_a_missing_value_is_a_gap_not_a_zero() -> None:
    chart = charts.lines("办结", ["1", "2", "3", "4", "5"], [Series("桃园", (1, 2, None, 2, 3))])
    assert chart.count("<polyline") == 2
    lonely = charts.lines("办结", ["1", "2", "3"], [Series("桃园", (None, 2, None))])
    assert "<polyline" not in lonely
    assert lonely.count("●") == 1, "a point alone still has its mark"


def test_lines_differ_by_shape_and_not_by_colour_alone() -> None:
    chart = charts.lines("四条", ["1", "2"], [Series(name, (1, 2)) for name in "甲乙丙丁"])
    for shape in "●■▲◆":
        assert chart.count(shape) == 2, "once in the legend, once at the line's end"


def test_small_multiples_share_one_scale_and_say_which() -> None:
    chart = charts.multiples("办结", ["6月", "7月"], [Series("桃园", (92, 97)), Series("老街", (71, 86))], unit="%")
    assert "6月到7月，高低都从 60% 到 100%" in chart
    assert chart.count("<svg") == 4, "a plot and its curve for each place"


def test_a_trend_says_in_words_what_the_curve_shows() -> None:
    assert "↑ 比上月多 1\u00a0188\u00a0分" in charts.trend([39060, 40248], unit="分")
    assert "↓ 比上月少 3" in charts.trend([5, 4, 1])
    assert "→ 和上月一样" in charts.trend([5, 5])
    assert "↑ 比去年多 1" in charts.trend([4, 5], than="去年")
    assert charts.trend([5]) == "<span></span>"


def test_names_are_text_whatever_they_contain() -> None:
    for chart in (
        charts.bars("<b>", [("<script>", 1)], note="<i>"),
        charts.lines("<b>", ["<u>"], [Series("<s>", (1,))]),
    ):
        assert not re.search("<(b|script|i|u|s)>", chart)


def test_what_no_chart_can_show_is_an_error_of_its_author() -> None:
    with pytest.raises(ValueError, match="at most 60"):
        charts.columns("多", [(str(i), i) for i in range(61)])
    with pytest.raises(ValueError, match="use multiples"):
        charts.lines("多", ["1"], [Series(str(i), (i,)) for i in range(5)])
    with pytest.raises(ValueError, match="2 values for 1 labels"):
        charts.lines("长", ["1"], [Series("甲", (1, 2))])
    with pytest.raises(ValueError, match="infinite"):
        charts.bars("无穷", [("甲", float("inf"))])


@given(VALUES)
def test_whatever_the_numbers_a_chart_stands_inside_its_axis(values: list[float | None]) -> None:
    for from_zero in (True, False):
        bottom, top = axis(values, from_zero=from_zero)
        assert bottom < top
        there = [value for value in values if value is not None]
        assert all(-0.1 <= percent(value, bottom, top) <= 100.1 for value in there)
        assert not from_zero or bottom <= 0 <= top
    labels = [str(i) for i in range(len(values))]
    for chart in (
        charts.bars("图", list(zip(labels, values, strict=True))),
        charts.columns("图", list(zip(labels, values, strict=True))),
        charts.lines("图", labels, [Series("甲", values)]),
        charts.multiples("图", labels, [Series("甲", values)]),
    ):
        assert "style=" not in chart
        assert "nan" not in chart


def test_axes_end_in_round_numbers() -> None:
    assert axis([0, 40248]) == (0, 50000)
    assert axis([71, 97], from_zero=False) == (60, 100)
    assert axis([-3, 4]) == (-5, 5)
    assert axis([]) == (0, 1)
    assert axis([0, 0]) == (0, 1)
    assert axis([5e-324]) == (0, 1)
    assert axis([5, 5], from_zero=False)[0] <= 5 <= axis([5, 5], from_zero=False)[1]


@given(st.integers(0, 60), st.integers(1, 12))
def test_labels_never_crowd_and_the_last_is_always_there(count: int, most: int) -> None:
    chosen = ticks(count, most)
    assert len(chosen) <= most + 1
    assert not count or chosen[-1] == count - 1


def test_numbers_are_written_as_everywhere_else() -> None:
    assert [shown(v, "分") for v in (None, 4472, 12.9, 13.0, -20)] == [
        "–",
        "4\u00a0472\u00a0分",
        "12.9\u00a0分",
        "13\u00a0分",
        "−20\u00a0分",
    ]
