# SPDX-License-Identifier: Apache-2.0
"""A figure's small curve, with what it did in words beside it."""

from collections.abc import Sequence

from markupsafe import Markup

from liren.web.charts.scale import known, percent, shown
from liren.web.html import element
from liren.web.i18n import gettext as _


def trend(values: Sequence[int | float], *, unit: str = "", than: str = "") -> Markup:
    """``↑ 比上月多 12 分`` with a small curve; one value alone says nothing and gives nothing.

    :param values: oldest first, the present one last
    :param than: what the value before is of; 上月 where nothing is said
    """
    there = known(values)
    if len(there) < 2:
        return element("span")
    change = there[-1] - there[-2]
    size, before = shown(abs(change), unit), than or _("上月")
    words = _("→ 和%(than)s一样", than=before)
    if change:
        words = _("↑ 比%(than)s多 %(n)s", than=before, n=size)
        words = words if change > 0 else _("↓ 比%(than)s少 %(n)s", than=before, n=size)
    low, high = min(there), max(there)
    points = " ".join(
        f"{i / (len(there) - 1) * 100:.1f},{50 if low == high else 100 - percent(value, low, high):g}"
        for i, value in enumerate(there)
    )
    line = element("polyline", points=points, class_="plot__line plot__line--1", vector_effect="non-scaling-stroke")
    curve = element(
        "svg", line, class_="trend__curve", viewBox="0 0 100 100", preserveAspectRatio="none", aria_hidden="true"
    )
    return element("span", curve, element("span", words, class_="num"), class_="trend")
