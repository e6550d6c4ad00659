# SPDX-License-Identifier: Apache-2.0
"""What every chart is put together from: the figure around it, its table of numbers, lines and labels.

No viewBox around text: positions across are percentages and heights are in em, so a label keeps its size on every width
and grows with large print. Only the curve itself is stretched, inside an SVG of its own.
"""

from collections.abc import Sequence

from markupsafe import Markup

from liren.web.charts.scale import Value, percent, shown
from liren.web.html import element, join
from liren.web.i18n import gettext as _
from liren.web.scene import current

HEIGHT_EM = 9.0
"""Of the drawing, without the line of labels under it."""
Row = tuple[str, Sequence[Markup | str]]


def figure(title: str, note: str, *parts: Markup | None, kind: str) -> Markup:
    """The whole chart: title and note (which says the n) first, then the drawing and its numbers."""
    caption = element(
        "figcaption",
        element("strong", title, class_="chart__title"),
        element("span", note, class_="quiet") if note else None,
        class_="chart__caption",
    )
    return element("figure", caption, *[p for p in parts if p is not None], class_=f"chart chart--{kind}")


def numbers(title: str, heads: Sequence[str], rows: Sequence[Row]) -> Markup:
    """The same in numbers, a table that stays one on a phone."""
    head = element("tr", *[element("th", h, scope="col", class_="end" if i else None) for i, h in enumerate(heads)])
    body = [
        element("tr", element("th", name, scope="row"), *[element("td", cell, class_="end") for cell in cells])
        for name, cells in rows
    ]
    table = element(
        "table",
        element("caption", title, class_="hidden"),
        element("thead", head),
        element("tbody", join(body)),
        class_="numbers num",
    )
    return element(
        "div", table, class_="chart__numbers", role="region", tabindex=0, aria_label=_("%(title)s：数字", title=title)
    )


def drawing(title: str, said: str, *parts: Markup, height_em: float, kind: str = "") -> Markup:
    """An SVG as wide as its place; ``said`` is its description in words."""
    words = (element("title", title), element("desc", said))
    return element(
        "svg",
        *words,
        *parts,
        class_=f"plot{f' plot--{kind}' if kind else ''}",
        role="img",
        width="100%",
        height=f"{height_em:g}em",
    )


def scaled(bottom: float, top: float, unit: str, picture: Markup, *, height_em: float) -> Markup:
    """A drawing with its scale to the left: three values, as wide as the longest."""
    said = [shown(value, unit) for value in _three(bottom, top)]
    labels = [
        element("text", words, x="100%", y=across(value, bottom, top, height_em), dy=".32em", text_anchor="end")
        for value, words in zip(_three(bottom, top), said, strict=True)
    ]
    width = max(_ems(words) for words in said)
    size = {"width": f"{width:g}em", "height": f"{height_em + 1.8:g}em"}
    scale = element("svg", *labels, class_="plot plot--scale", aria_hidden="true", **size)
    return element("div", scale, picture, class_="plots")


def grid(bottom: float, top: float, *, height_em: float) -> Markup:
    """Three lines across; the lowest is the ground."""
    heights = [across(value, bottom, top, height_em) for value in _three(bottom, top)]
    return join(element("line", x1="0", x2="100%", y1=y, y2=y, class_="plot__grid") for y in heights)


def _three(bottom: float, top: float) -> tuple[float, float, float]:
    return bottom, (bottom + top) / 2, top


def _ems(words: str) -> float:
    """How wide a label is at most: a Chinese character is one em, a digit less."""
    return sum(1.05 if character > "\u2e80" else 0.62 for character in words)


def across(value: float, bottom: float, top: float, height_em: float) -> str:
    """The height of a value, in em from the top; room for the highest label is left above."""
    return f"{1.4 + (height_em - 1.4) * (100 - percent(value, bottom, top)) / 100:.2f}em"


def text(words: str, x: str, y: str, anchor: str = "middle", kind: str = "plot__label") -> Markup:
    return element("text", words, x=x, y=y, text_anchor=anchor, class_=kind)


def most_labels() -> int:
    """How many labels fit side by side on a phone, in this visitor's letters."""
    try:
        return 4 if current().elder else 6
    except LookupError:
        return 6


def cells(values: Sequence[Value], unit: str) -> list[str]:
    """Values of a row; their unit stands in the head, a percent sign at each."""
    return [shown(value, unit if unit == "%" else "") for value in values]


def with_unit(head: str, unit: str) -> str:
    """``发放（分）``"""
    return head if unit in {"", "%"} else _("%(head)s（%(unit)s）", head=head, unit=unit)
