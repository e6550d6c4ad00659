# SPDX-License-Identifier: Apache-2.0
"""ID numbers, phone numbers and days as people write them in Excel, turned into one form each: pure rules.

A value that cannot be right gives ``None``; the caller says so in the words of its page or row.
"""

import re
import unicodedata
from datetime import date, datetime
from operator import mul
from typing import Final

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_ID_NUMBER = re.compile(r"\d{17}[\dX]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_OLDEST: Final = 1880

Cell = str | int | float | bool | date | datetime | None
"""What a spreadsheet cell may hold."""


def text_of(value: object) -> str:
    """A cell as text: full-width made half-width, a whole float without its ``.0``, outer spaces gone."""
    if value is None:
        return ""
    if isinstance(value, str) and value.isascii():
        return value.strip()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def check_digit(first_17: str) -> str:
    """The last character of an ID number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(map(mul, _WEIGHTS, map(int, first_17))) % 11]


def id_number(value: object) -> str | None:
    """18 characters with a right check digit and a real birthday, X in upper case; None otherwise."""
    number = text_of(value)
    if not _ID_NUMBER.fullmatch(number):
        number = re.sub(r"[\s\-'‘’`]", "", number).upper()
    if not _ID_NUMBER.fullmatch(number) or birthday_in(number) is None:
        return None
    return number if check_digit(number[:17]) == number[17] else None


_CREDIT: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(value: object) -> str | None:
    """A unified social credit code of 18 characters with a right check character (GB 32100-2015); None otherwise."""
    code = re.sub(r"[\s\-]", "", text_of(value)).upper()
    if len(code) != 18 or any(c not in _CREDIT for c in code):
        return None
    total = sum(w * _CREDIT.index(c) for w, c in zip(_CREDIT_WEIGHTS, code, strict=False))
    return code if _CREDIT[-total % 31] == code[17] else None


def birthday_in(number: str) -> date | None:
    """The birthday an 18-character ID number carries; None where it is no day."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= _OLDEST else None


def phone(value: object) -> str | None:
    """11 digits of a mobile, or a landline with its area code; None otherwise.

    Reads ``199 0000-0001``, ``+86 199…``, ``0086199…``, full-width digits, and Excel's ``1.99e10``.
    """
    text = text_of(value)
    if _MOBILE.fullmatch(text):
        return text
    if re.fullmatch(r"1\.\d+[eE]\+?10", text):
        text = text_of(float(text))
    digits = re.sub(r"[\s\-().'‘’`]", "", text)
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    return None


def day(value: object) -> date | None:
    """A date cell, or a day written ``1964-11-22``, ``1964/11/22``, ``1964.11.22``, ``1964年11月22日``, 8 digits."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    parts = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+00:00:00)?", text_of(value))
    if parts is None:
        parts = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text_of(value))
    if parts is None:
        return None
    try:
        found = date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return None
    return found if found.year >= _OLDEST else None


def age_on(born: date, today: date) -> int:
    """Whole years; who was born on 29 February ages on 1 March of other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


SENSITIVE_UNDER: Final = 14
"""《个人信息保护法》第二十八条、第三十一条: below this age all data are sensitive, and a guardian has to agree."""


def too_young_to_agree(born: date | None, day: date) -> bool:
    """Whose birthday nobody knows is taken for grown up, as everywhere else."""
    return born is not None and age_on(born, day) < SENSITIVE_UNDER


def mask_phone(number: str) -> str:
    """``138****1234``."""
    return f"{number[:3]}****{number[-4:]}"
