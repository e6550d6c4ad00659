# SPDX-License-Identifier: Apache-2.0
"""One number for each of several things, or for each of several months."""

from collections.abc import Sequence

from markupsafe import Markup

from liren.web.charts.parts import (
    HEIGHT_EM,
    across,
    cells,
    drawing,
    figure,
    grid,
    most_labels,
    numbers,
    scaled,
    text,
    with_unit,
)
from liren.web.charts.scale import Value, axis, in_words, percent, shown, ticks
from liren.web.html import element, join
from liren.web.i18n import gettext as _

MAX_POINTS = 60
"""More is a table's work, not a picture's."""
Point = tuple[str, Value]


def bars(title: str, points: Sequence[Point], *, unit: str = "", note: str = "", mark: str = "") -> Markup:
    """Things compared, one line each: the name, its bar and the number. The chart is its own table.

    :param points: (name, value), in the order to show; None is written as – and has no bar
    :param note: says the n or the period, below the title
    :param mark: the name of the one to stand out: bold, and in the theme's colour
    """
    _bounded(points)
    bottom, top = axis([value for _name, value in points])
    rows = [
        element(
            "tr",
            element("th", name, scope="row"),
            element("td", _bar(value, bottom, top), class_="bars__bar", aria_hidden="true"),
            element("td", shown(value, unit), class_="end"),
            class_="bars--mark" if name == mark else None,
        )
        for name, value in points
    ]
    heads = [
        element("th", element("span", words, class_="hidden"), scope="col") for words in (_("名称"), _("图"), _("数值"))
    ]
    table = element(
        "table",
        element("caption", title, class_="hidden"),
        element("thead", element("tr", *heads), class_="hidden"),
        element("tbody", join(rows)),
        class_="bars num",
    )
    return figure(title, note, table, kind="bars")


def columns(title: str, points: Sequence[Point], *, unit: str = "", note: str = "", first: str = "") -> Markup:
    """One number over time, a column a period; the last one is marked.

    :param points: (label of the period, value), oldest first
    :param first: what the labels are (月份): the head of the table's first column
    """
    _bounded(points)
    labels, values = [label for label, _value in points], [value for _label, value in points]
    bottom, top = axis(values)
    wide = 100 / max(len(points), 6)
    drawn = []
    for i, value in enumerate(values):
        last = i == len(points) - 1
        if value is not None:
            drawn.append(_column(value, bottom, top, i * wide + wide * 0.16, wide * 0.68, last))
        if i in ticks(len(points), most_labels()):
            kind = "plot__label plot__label--now" if last else "plot__label"
            drawn.append(text(labels[i], f"{(i + 0.5) * wide:.1f}%", f"{HEIGHT_EM + 1.3:g}em", kind=kind))
    picture = drawing(
        title,
        in_words(labels, values, unit),
        grid(bottom, top, height_em=HEIGHT_EM),
        *drawn,
        height_em=HEIGHT_EM + 1.8,
    )
    rows = [(label, cells([value], unit)) for label, value in points]
    heads = [first or _("月份"), with_unit(_("数值"), unit)]
    plot = scaled(bottom, top, unit, picture, height_em=HEIGHT_EM)
    return figure(title, note, plot, numbers(title, heads, rows), kind="columns")


def _bar(value: Value, bottom: float, top: float) -> Markup:
    if value is None:
        return element("svg", class_="bar-line")
    zero, end = percent(0, bottom, top), percent(value, bottom, top)
    left, right = min(zero, end), max(zero, end)
    rect = element("rect", x=f"{left:g}%", y="0", width=f"{max(right - left, 0.5):.1f}%", height="100%", rx="2")
    return element("svg", rect, class_="bar-line", width="100%", height=".8em")


def _column(value: float, bottom: float, top: float, left: float, width: float, last: bool) -> Markup:
    high, low = max(value, 0.0), min(value, 0.0)
    y, end = across(high, bottom, top, HEIGHT_EM), across(low, bottom, top, HEIGHT_EM)
    height = max(float(end.removesuffix("em")) - float(y.removesuffix("em")), 0.1)
    kind = "plot__bar plot__bar--now" if last else "plot__bar"
    return element("rect", x=f"{left:.1f}%", y=y, width=f"{width:.1f}%", height=f"{height:.2f}em", rx="2", class_=kind)


def _bounded(points: Sequence[Point]) -> None:
    if len(points) > MAX_POINTS:
        raise ValueError(f"a chart shows at most {MAX_POINTS} points, not {len(points)}: sum them up first")
