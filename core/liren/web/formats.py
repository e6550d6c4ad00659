# SPDX-License-Identifier: Apache-2.0
"""Numbers, amounts and days as people here read them; filters of every template.

Grouping by a no-break space (4 472) reads the same in both languages and is never taken for a decimal point.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from markupsafe import Markup

from liren import clock
from liren.web.html import element
from liren.web.i18n import gettext as _
from liren.web.i18n import language

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
DASH = "–"
UNCUT = 24

_zone = ZoneInfo("Asia/Shanghai")


def set_zone(zone: ZoneInfo) -> None:
    """The street's time zone (one for the whole process, from ``LIREN_TZ``)."""
    global _zone
    _zone = zone


def num(value: int | float | None) -> str:
    """4472 → ``4 472``; nothing → ``–``."""
    if value is None:
        return DASH
    return f"{value:,}".replace(",", NO_BREAK_SPACE).replace("-", MINUS)


def signed(value: int) -> str:
    """4 → ``+4``, −20 → ``−20``: what an entry did to somebody's points."""
    return num(value) if value <= 0 else f"+{num(value)}"


def yuan(fen: int) -> str:
    """分 → yuan: 1550 → ``15.50 元``, 1500 → ``15 元``."""
    whole, rest = divmod(abs(fen), 100)
    amount = num(whole) if rest == 0 else f"{num(whole)}.{rest:02d}"
    return _("%(amount)s 元", amount=f"{MINUS if fen < 0 else ''}{amount}")


def day(value: date | datetime | None, *, year: bool | None = None) -> str:
    """``11月19日`` / ``19 Nov``; the year is written when it is not this one, or when asked for."""
    if value is None:
        return DASH
    value = _local(value)
    with_year = value.year != clock.now(_zone).year if year is None else year
    if language() == "zh":
        return f"{value.year}年{value.month}月{value.day}日" if with_year else f"{value.month}月{value.day}日"
    return format_date(value, "d MMM y" if with_year else "d MMM", locale="en")


def weekday(value: date | datetime) -> str:
    """``11月21日 星期六`` / ``Saturday, 21 Nov``."""
    value = _local(value)
    name = format_date(value, "EEEE", locale="zh_CN" if language() == "zh" else "en")
    return f"{day(value)} {name}" if language() == "zh" else f"{name}, {day(value)}"


def month(value: date) -> str:
    """``2026年3月`` / ``Mar 2026``."""
    if language() == "zh":
        return f"{value.year}年{value.month}月"
    return format_skeleton("yMMM", value, locale="en")


def month_name(value: date) -> str:
    """``3月`` / ``Mar``: under the bars of a chart."""
    return f"{value.month}月" if language() == "zh" else format_date(value, "MMM", locale="en")


def moment(value: datetime | int | None, *, year: bool | None = None) -> str:
    """A point in time (aware, or milliseconds since 1970) to the minute, on the 24-hour clock; year: as for a day."""
    if value is None:
        return DASH
    at = datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else value
    at = at.astimezone(_zone)
    return f"{day(at, year=year)} {at:%H:%M}"


def digest(value: str) -> Markup:
    """A hash or a key to be compared by eye: where a line is too short for it, it breaks in the middle.

    A number of a record (22 characters) is not cut: it is searched for and typed.
    """
    if len(value) <= UNCUT:
        return element("code", value)
    half = (len(value) + 1) // 2
    return element("code", value[:half], element("wbr"), value[half:])


def iso(value: int) -> str:
    """Milliseconds since 1970 as ``2026-11-21T18:03+08:00``: for a machine, in ``<time datetime>``."""
    return datetime.fromtimestamp(value / 1000, _zone).isoformat(timespec="minutes")


def _local(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return value.astimezone(_zone).date() if value.tzinfo else value.date()
    return value


FILTERS = {
    "num": num,
    "signed": signed,
    "yuan": yuan,
    "day": day,
    "weekday": weekday,
    "month": month,
    "month_name": month_name,
    "moment": moment,
    "digest": digest,
    "iso": iso,
}
