# SPDX-License-Identifier: Apache-2.0
"""One cell to one value, as people really type it: full-width digits, spaces, units, six kinds of date.

Each reader answers ``None`` where it cannot be sure; guessing is left to people.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from liren.web.sheets.reading import Cell

_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣_", "-"))
_DOTS = str.maketrans(dict.fromkeys("•・‧∙●.．﹒。", "·"))
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_LONG = 6
"""Letters and digits: more than any of these marks has."""
_NOTHING = {"", "-", "--", "/", "\\", "无", "暂无", "没有", "空", "n/a", "na", "none", "null", "nan"}

# GB 11643: weights and check characters of the citizen ID number.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"

_EPOCH = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 110_000  # 1954 to 2201: numbers outside are no dates of today's lists

_YMD = re.compile(r"(\d{4})(?:-|/|·|,|年)(\d{1,2})(?:-|/|·|,|月)(\d{1,2})(?:日|号)?$")
_SHORT_YMD = re.compile(r"(\d{2})年(\d{1,2})月(\d{1,2})(?:日|号)$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_MD = re.compile(r"(\d{1,2})月(\d{1,2})(?:日|号)?$")
_ENGLISH = re.compile(r"(?:(\d{1,2})([a-z]{3,9})|([a-z]{3,9})(\d{1,2})),?(\d{4})$")
_TIME = re.compile(
    r"[t ]*(?:上午|下午|晚上|中午|凌晨|早上|[ap]m)?[ ]*"
    r"\d{1,2}(?::|时|点)(?:\d{1,2}(?::\d{1,2}(?:·\d+)?)?分?)?[ ]*(?:[ap]m)?z?$"
)
_HALF_DAY = re.compile(r"[ ]*(?:上午|下午|晚上|中午|凌晨|早上|全天)$")
_WEEKDAY = re.compile(r"[ ]*[(\[]?[ ]*(?:星期|周|礼拜)[一二三四五六日天][ ]*[)\]]?")
_MONTHS = dict(
    zip(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), range(1, 13), strict=True)
)

_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.0*)?$")
_UNIT_FAMILIES = (
    {"小时", "时", "h", "hr", "hrs", "hour", "hours", "个小时", "钟头", "个钟头"},
    {"次", "回", "趟", "人次", "场", "time", "times"},
    {"册", "本", "book", "books"},
    {"年", "年度", "year", "years"},
    {"周", "星期", "个星期", "week", "weeks"},
    {"天", "日", "day", "days"},
    {"月", "个月", "month", "months"},
    {"件", "个", "份", "项", "piece", "pieces"},
)


def clean(cell: Cell) -> str:
    """The cell as one line of text: half-width, no invisible characters, whole numbers without ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if (cell.hour, cell.minute, cell.second) != (0, 0, 0) else cell.date().isoformat()
    text = str(cell)
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char.isspace() else "" for char in text)
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", text).translate(_INVISIBLE).split())


def blank(cell: Cell) -> bool:
    """Empty, or one of the marks people leave in a cell they have nothing for."""
    if cell is None or cell == "":
        return True
    if isinstance(cell, str):
        return _says_nothing(cell) if len(cell) < _LONG or not cell.isalnum() else False
    return clean(cell).lower().translate(_DASHES) in _NOTHING


@lru_cache(maxsize=10_000)
def _says_nothing(text: str) -> bool:
    """Remembered: a list says the same few places and rooms over and over."""
    return clean(text).lower().translate(_DASHES) in _NOTHING


def same_words(text: str) -> str:
    """A form in which two spellings of one label are equal: no spaces, one kind of dash, lower case."""
    return "".join(clean(text).split()).translate(_DASHES).lower()


def person_name(cell: Cell) -> str:
    """A name without the spaces that make two characters as wide as three; ``·`` is one character."""
    text = clean(cell)
    return text if text.isalnum() else "".join(text.split()).translate(_DOTS)


def phone(cell: Cell) -> str | None:
    """Eleven digits of a mainland mobile number, however it was typed; ``None`` for anything else."""
    digits = re.sub(r"[\s\-().]", "", clean(cell).translate(_DASHES)).lstrip("'")
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            digits = digits[len(prefix) :]
    if len(digits) == 12 and digits.startswith("01"):
        digits = digits[1:]
    return digits if len(digits) == 11 and digits.isascii() and digits.isdigit() and digits[0] == "1" else None


def id_number(cell: Cell) -> str | None:
    """Eighteen characters with a right check character (GB 11643); a number cell has lost digits already."""
    text = re.sub(r"[\s\-']", "", clean(cell).translate(_DASHES)).upper()
    if len(text) != 18 or not text.isascii() or not text[:17].isdigit():
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text, strict=False))
    return text if text[17] == _ID_CHECKS[total % 11] else None


@dataclass(frozen=True, slots=True)
class YearHint:
    """What the heading of a list says about the year its days without a year belong to."""

    year: int
    not_after: date | None = None


_FILED = re.compile(r"(?:填报|填表|制表|上报|报送|登记|统计)(?:日期|时间)[::]?(\d{4})[-/·年](\d{1,2})[-/·月](\d{1,2})")
_PERIOD = re.compile(r"(20\d{2})(?:年度?|[-/·]\d{1,2})")


def year_hint(headings: Iterable[str]) -> YearHint | None:
    """From the lines above the header: the period of the title, and the day it was handed in.

    ``三月份 2026年`` gives 2026; handed in on 2026-01-05, ``12月28日`` is of 2025.
    """
    lines = [same_words(line).translate(_DOTS) for line in headings]
    not_after = next((_date(*found.groups()) for line in lines if (found := _FILED.search(line))), None)
    titles = [_FILED.sub("", line) for line in lines]
    years = {int(year) for line in titles for year in _PERIOD.findall(line)}
    if len(years) == 1:
        return YearHint(years.pop(), not_after)
    return YearHint(not_after.year, not_after) if not years and not_after else None


def day(cell: Cell, hint: YearHint | None = None) -> date | None:
    """A calendar day in street time. Not read: two-digit orders nobody can tell apart (``03/08/26``)."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool) or cell is None or isinstance(cell, timedelta):
        return None
    if isinstance(cell, int | float):
        return _serial(cell)
    return _typed_day(str(cell), hint)


def _serial(number: float) -> date | None:
    whole = int(number) if abs(number) < 1e9 else 0
    if _FIRST_SERIAL <= whole <= _LAST_SERIAL:
        return _EPOCH + timedelta(days=whole)
    if whole == number and (found := _COMPACT.match(str(whole))):
        return _date(*found.groups())
    return None


def _typed_day(typed: str, hint: YearHint | None) -> date | None:
    text = clean(typed).lower().translate(_DASHES)
    if found := _YMD.match(text):
        return _date(*found.groups())
    text = _WEEKDAY.sub("", text.lstrip("'"))
    text = _HALF_DAY.sub("", _TIME.sub("", text.translate(_DOTS)))
    text = "".join(text.split()).translate(_HAN_DIGITS)
    text = re.sub("十", _ten, text)
    for pattern in (_YMD, _COMPACT):
        if found := pattern.match(text):
            return _date(*found.groups())
    if found := _SHORT_YMD.match(text):
        return _date(f"20{found[1]}", found[2], found[3])
    if found := _ENGLISH.match(text):
        month = _MONTHS.get((found[2] or found[3])[:3])
        return _date(found[5], str(month), found[1] or found[4]) if month else None
    if hint and (found := _MD.match(text)):
        guess = _date(str(hint.year), found[1], found[2])
        if guess and hint.not_after and guess > hint.not_after:
            return _date(str(hint.year - 1), found[1], found[2])
        return guess
    return _serial(int(text)) if re.fullmatch(r"\d{5}", text) else None


def _ten(match: re.Match[str]) -> str:
    """十 between digits adds nothing (二十六 is 2, 6), at the end a 0, at the start a 1."""
    before = match.string[: match.start()][-1:].isdigit()
    after = match.string[match.end() :][:1].isdigit()
    return "" if before and after else "0" if before else "1" if after else "10"


def _date(year: str, month: str, of_month: str) -> date | None:
    try:
        found = date(int(year), int(month), int(of_month))
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2199 else None


def whole_number(cell: Cell, unit: str = "") -> int | None:
    """A whole number, with or without its unit (``3小时`` where the rule counts hours); may be 0 or less."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else None
    if not isinstance(cell, str):
        return None
    text = same_words(cell).lstrip("'")
    if text and not text[-1].isdigit() and text[-1] != ".":
        number = text.rstrip("".join(set(text) - set("0123456789.,+-")))
        if text[len(number) :] not in _family(unit):
            return None
        text = number
    found = _NUMBER.match(text)
    if not found or len(text) > 15:
        return None
    return int(found[2].replace(",", "")) * (-1 if found[1] == "-" else 1)


def _family(unit: str) -> set[str]:
    word = same_words(unit)
    return next((family for family in _UNIT_FAMILIES if word in family), set()) | ({word} if word else set())
