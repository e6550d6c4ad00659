# SPDX-License-Identifier: Apache-2.0
"""Numbers over time: several on one plot, or each place on a small plot of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from liren.web.charts.bars import MAX_POINTS
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

MAX_LINES = 4
"""As many as can be told apart by dash and shape."""
SMALL_EM = 3.2
PAD = 7.0
"""Percent left free at both ends: half a label."""
SHAPES = ("●", "■", "▲", "◆")


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name and a value for each label; None is a gap."""

    name: str
    values: Sequence[Value]


def lines(
    title: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = "", note: str = "", first: str = ""
) -> Markup:
    """Up to four numbers over time, told apart by dash, shape and colour.

    :param labels: the periods, oldest first
    :param first: what the labels are (月份): the head of the table's first column
    """
    _fits(labels, series)
    if len(series) > MAX_LINES:
        raise ValueError(f"{len(series)} lines cannot be told apart: use multiples()")
    bottom, top = axis([value for one in series for value in one.values], from_zero=False)
    drawn = [
        text(labels[i], f"{_x(i, len(labels))}%", f"{HEIGHT_EM + 1.3:g}em") for i in ticks(len(labels), most_labels())
    ]
    for order, one in enumerate(series):
        drawn.append(_curve(one.values, bottom, top, HEIGHT_EM, f"plot__line plot__line--{order + 1}"))
        drawn.append(_mark_of_last(one.values, bottom, top, HEIGHT_EM, order))
    said = "；".join(f"{one.name}：{in_words(labels, one.values, unit)}" for one in series)
    picture = drawing(title, said, grid(bottom, top, height_em=HEIGHT_EM), *drawn, height_em=HEIGHT_EM + 1.8)
    table = numbers(
        title,
        [first or _("月份"), *[with_unit(one.name, unit) for one in series]],
        [(label, cells([one.values[i] for one in series], unit)) for i, label in enumerate(labels)],
    )
    plot = scaled(bottom, top, unit, picture, height_em=HEIGHT_EM)
    return figure(title, note, _legend(series) if len(series) > 1 else None, plot, table, kind="lines")


def multiples(
    title: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = "", note: str = "", first: str = ""
) -> Markup:
    """Small multiples: each place its own plot, all on one scale, so that they compare at a glance.

    :param first: what the series are (社区): the head of the table's first column
    """
    _fits(labels, series)
    bottom, top = axis([value for one in series for value in one.values], from_zero=False)
    ground = across(bottom, bottom, top, SMALL_EM)
    plots = []
    for one in series:
        picture = drawing(
            one.name,
            in_words(labels, one.values, unit),
            element("line", x1="0", x2="100%", y1=ground, y2=ground, class_="plot__grid"),
            _curve(one.values, bottom, top, SMALL_EM, "plot__line plot__line--1"),
            _mark_of_last(one.values, bottom, top, SMALL_EM, 0),
            height_em=SMALL_EM + 0.4,
            kind="small",
        )
        last = next((value for value in reversed(one.values) if value is not None), None)
        name = element(
            "p", element("span", one.name), element("strong", shown(last, unit)), class_="multiple__head num"
        )
        plots.append(element("li", name, picture, class_="multiple"))
    ends = element("p", _ends(labels, bottom, top, unit), class_="quiet num") if labels else None
    table = numbers(
        title, [with_unit(first or _("地方"), unit), *labels], [(one.name, cells(one.values, unit)) for one in series]
    )
    return figure(title, note, element("ul", join(plots), class_="multiples"), ends, table, kind="multiples")


def _ends(labels: Sequence[str], bottom: float, top: float, unit: str) -> str:
    return _(
        "%(first)s到%(last)s，高低都从 %(bottom)s 到 %(top)s",
        first=labels[0],
        last=labels[-1],
        bottom=shown(bottom, unit),
        top=shown(top, unit),
    )


def _fits(labels: Sequence[str], series: Sequence[Series]) -> None:
    if len(labels) > MAX_POINTS:
        raise ValueError(f"a chart shows at most {MAX_POINTS} points, not {len(labels)}: sum them up first")
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"{one.name!r} has {len(one.values)} values for {len(labels)} labels")


def _x(i: int, count: int) -> float:
    return round(PAD + (100 - 2 * PAD) * (i / (count - 1) if count > 1 else 0.5), 1)


def _curve(values: Sequence[Value], bottom: float, top: float, height_em: float, kind: str) -> Markup:
    """The line itself, stretched to its place; broken where a value is missing."""
    pieces: list[list[str]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{_x(i, len(values))},{100 - percent(value, bottom, top):g}")
    drawn = [
        element("polyline", points=" ".join(piece), class_=kind, vector_effect="non-scaling-stroke")
        for piece in pieces
        if len(piece) > 1
    ]
    place = {"x": "0", "y": "1.4em", "width": "100%", "height": f"{height_em - 1.4:.2f}em", "overflow": "visible"}
    return element("svg", *drawn, viewBox="0 0 100 100", preserveAspectRatio="none", **place)


def _mark_of_last(values: Sequence[Value], bottom: float, top: float, height_em: float, order: int) -> Markup:
    """The series' own shape where its line ends (and on points that stand alone)."""
    marks = []
    for i, value in enumerate(values):
        alone = (i == 0 or values[i - 1] is None) and (i + 1 == len(values) or values[i + 1] is None)
        if value is not None and (alone or all(later is None for later in values[i + 1 :])):
            y = across(value, bottom, top, height_em)
            x = f"{_x(i, len(values))}%"
            kind = f"plot__mark plot__mark--{order + 1}"
            marks.append(element("text", SHAPES[order], x=x, y=y, dy=".34em", text_anchor="middle", class_=kind))
    return join(marks)


def _legend(series: Sequence[Series]) -> Markup:
    items = []
    for order, one in enumerate(series):
        line = element("line", x1="0", x2="100%", y1="50%", y2="50%", class_=f"plot__line plot__line--{order + 1}")
        shape = element(
            "text",
            SHAPES[order],
            x="50%",
            y="50%",
            dy=".34em",
            text_anchor="middle",
            class_=f"plot__mark plot__mark--{order + 1}",
        )
        sample = element("svg", line, shape, class_="legend__sample", width="2.6em", height="1em", aria_hidden="true")
        items.append(element("li", sample, one.name))
    return element("ul", join(items), class_="legend")
