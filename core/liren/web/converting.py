# SPDX-License-Identifier: Apache-2.0
"""Between what stands typed in a field and its value: one way or the other, or what to do about it in a sentence with
the field's own name.

Pure: no request, no database. People type full-width digits (１２), group thousands (1,200) and write dates as
2026年3月9日: all of it is read.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, time
from enum import Enum
from typing import Any

from liren.web.fields import MAX_INT, MAX_TEXT, MISSING, Field
from liren.web.i18n import gettext as _
from liren.web.uploads import Upload

FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2199, 12, 31)
"""Days people can mean. A day more or less than the calendar's ends is a fault of reckoning, and nobody's answer."""
DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
TIME = re.compile(r"(\d{1,2})\s*[:.点时]\s*(\d{2})\s*分?")
TRUE = frozenset({"on", "true", "1", "yes"})
FALSE = frozenset({"", "off", "false", "0", "no"})


def convert(field: Field, raw: Sequence[Any]) -> tuple[Any, str]:
    """(value, "") or (MISSING, what to do about it)."""
    title = _(field.title)
    if field.kind is bool and not field.many:
        return _bool(str(raw[-1]) if raw else "", title)
    present = [one for one in raw if isinstance(one, Upload) or str(one).strip()]
    if not present:
        return _absent(field, title)
    if field.many:
        values = []
        for one in present:
            value, problem = _one(field, one, title)
            if problem:
                return MISSING, problem
            values.append(value)
        return values, _check_length(field, len(values), title, _("项"))
    return _one(field, present[0], title)


def _absent(field: Field, title: str) -> tuple[Any, str]:
    if not field.needed:
        return _emptied(field), ""
    if field.kind is Upload:
        return MISSING, _("请选择文件：%(title)s", title=title)
    if field.options or field.many:
        return MISSING, _("请选择%(title)s", title=title)
    return MISSING, _("请填写%(title)s", title=title)


def _emptied(field: Field) -> Any:
    """What an empty field means: nothing chosen, nothing written; the default only where neither can be."""
    if field.many:
        return []
    if field.optional:
        return None
    return "" if field.kind is str and not field.options else field.default


def _one(field: Field, raw: Any, title: str) -> tuple[Any, str]:
    if field.kind is Upload or isinstance(raw, Upload):
        return _upload(field, raw, title)
    text = str(raw)
    if field.options:
        return _option(field, text.strip(), title)
    if field.fen:
        return _fen(field, text, title)
    if field.kind is int:
        return _int(field, text, title)
    if field.kind is date:
        return _date(text, title)
    if field.kind is time:
        return _time(text, title)
    return _text(field, text, title)


def _bool(text: str, title: str) -> tuple[Any, str]:
    plain = text.strip().lower()
    if plain in TRUE or plain in FALSE:
        return plain in TRUE, ""
    return MISSING, _("%(title)s只能是“是”或“否”", title=title)


def _text(field: Field, raw: str, title: str) -> tuple[Any, str]:
    text = raw.replace("\r\n", "\n").strip()
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in text):
        return MISSING, _("%(title)s里有看不见的特殊字符，请删掉重打", title=title)
    problem = _check_length(field, len(text), title, _("个字"))
    if not problem and "pattern" in field.limits and not re.search(field.limits["pattern"], text):
        problem = _("%(title)s的格式不对，请检查后重填", title=title)
    return (MISSING, problem) if problem else (text, "")


def _check_length(field: Field, length: int, title: str, unit: str) -> str:
    low, high = field.limits.get("min_length", 0), field.limits.get("max_length", MAX_TEXT)
    if length < low:
        return _("%(title)s至少要%(n)s%(unit)s", title=title, n=low, unit=unit)
    if length > high:
        return _(
            "%(title)s最多%(n)s%(unit)s，现在有%(length)s%(unit)s",
            title=title,
            n=high,
            unit=unit,
            length=length,
        )
    return ""


def _fen(field: Field, raw: str, title: str) -> tuple[Any, str]:
    """``12``, ``12.5``, ``１２．５０``, ``¥1,200`` or ``12元`` in yuan → 分; more than two decimals are refused."""
    text = unicodedata.normalize("NFKC", raw).strip().replace(",", "").replace(" ", "")
    found = re.fullmatch(r"[¥￥]?(-?)(\d{1,13})(?:\.(\d{1,2}))?元?", text)
    if found is None:
        return MISSING, _("%(title)s要填金额，最多两位小数，例如 12.50", title=title)
    minus, whole, rest = found.groups()
    value = (int(whole) * 100 + int((rest or "").ljust(2, "0"))) * (-1 if minus else 1)
    low, high = field.limits.get("ge", 0), field.limits.get("le", MAX_INT)
    if value < low:
        return MISSING, _("%(title)s不能少于 %(n)s 元", title=title, n=_plain_yuan(low))
    if value > high:
        return MISSING, _("%(title)s不能多于 %(n)s 元", title=title, n=_plain_yuan(high))
    return value, ""


def _int(field: Field, raw: str, title: str) -> tuple[Any, str]:
    text = unicodedata.normalize("NFKC", raw).strip().replace(",", "").replace(" ", "").replace("\u2212", "-")
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        return MISSING, _("%(title)s要填整数，例如 12", title=title)
    value = int(text)
    low, high = field.limits.get("ge"), field.limits.get("le")
    low = field.limits["gt"] + 1 if "gt" in field.limits else low
    high = field.limits["lt"] - 1 if "lt" in field.limits else high
    if low is not None and value < low:
        return MISSING, _("%(title)s不能小于 %(n)s", title=title, n=low)
    if value > (MAX_INT if high is None else high) or value < -MAX_INT:
        return MISSING, _("%(title)s不能大于 %(n)s", title=title, n=MAX_INT if high is None else high)
    return value, ""


def _date(raw: str, title: str) -> tuple[Any, str]:
    found = DATE.fullmatch(unicodedata.normalize("NFKC", raw).strip())
    if found is None:
        return MISSING, _("%(title)s要写成年月日，例如 2026-03-09", title=title)
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return MISSING, _("%(title)s里没有这一天：%(text)s", title=title, text=raw.strip()[:20])
    if not FIRST_DAY <= day <= LAST_DAY:
        return MISSING, _("%(title)s的年份不对：%(text)s", title=title, text=raw.strip()[:20])
    return day, ""


def typed_day(text: str) -> date | None:
    """A day in an address (``?day=2026-03-09``), or None: no such day, or one for which nobody can reckon."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _time(raw: str, title: str) -> tuple[Any, str]:
    """``7:00``, ``19：00``, ``19点00分`` on the 24-hour clock; a bare ``7`` or ``7:00 PM`` could mean two moments."""
    found = TIME.fullmatch(unicodedata.normalize("NFKC", raw).strip())
    if found is None:
        return MISSING, _("%(title)s要按 24 小时写，例如 7:00 或 19:00", title=title)
    hour, minute = (int(part) for part in found.groups())
    if hour > 23 or minute > 59:
        return MISSING, _("%(title)s里没有这个钟点：%(text)s", title=title, text=raw.strip()[:20])
    return time(hour, minute), ""


def _option(field: Field, text: str, title: str) -> tuple[Any, str]:
    for option in field.options:
        if text == str(option.value if isinstance(option, Enum) else option):
            return option, ""
    return MISSING, _("请从列出的里面选择%(title)s", title=title)


def _upload(field: Field, raw: Any, title: str) -> tuple[Any, str]:
    if field.kind is not Upload or not isinstance(raw, Upload):
        return MISSING, _("%(title)s这一项收到的内容不对，请重新填写", title=title)
    if len(raw.content) > field.megabytes * 1024 * 1024:
        return MISSING, _("%(name)s 太大了，一次最多 %(n)s MB。请压小或分几次上传", name=raw.name, n=field.megabytes)
    if not raw.content:
        return MISSING, _("%(name)s 是空的，请换一个文件", name=raw.name)
    if field.kinds and raw.kind not in field.kinds:
        kinds = "、".join(kind.upper() if kind != "xlsx" else "Excel (.xlsx)" for kind in field.kinds)
        return MISSING, _("%(name)s 打不开，请换成 %(kinds)s 文件", name=raw.name, kinds=kinds)
    return raw, ""


def typed(value: Any, *, fen: bool = False) -> list[str]:
    """A value as it would stand in its field; ``fen`` writes 分 as yuan."""
    if fen and isinstance(value, int):
        return [_plain_yuan(value)]
    if value is None or value is MISSING or value is False or isinstance(value, Upload):
        return []
    if isinstance(value, list | tuple):
        return [text for one in value for text in typed(one)]
    if value is True:
        return ["on"]
    if isinstance(value, time):
        return [value.strftime("%H:%M")]
    return [str(value.value if isinstance(value, Enum) else value)]


def _plain_yuan(fen: int) -> str:
    """1550 → ``15.50``, 1500 → ``15``: what stands in the field."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}{f'.{rest:02d}' if rest else ''}"
