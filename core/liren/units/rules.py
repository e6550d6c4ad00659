# SPDX-License-Identifier: Apache-2.0
"""Levels, codes and paths of the unit tree: pure rules.

A code is what the ledger writes: ASCII, given once, never reused. It is spelled after the name
(``桃园社区`` → ``taoyuan``, its ``第3网格`` → ``taoyuan-g3``), so that a person can read an export.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from liren.units.errors import BadUnit

LEVELS: Final = ("street", "community", "grid", "building", "stair")
"""From the root down; a level may be skipped, never turned round."""

CODE_MAX: Final = 48
NAME_MAX: Final = 60
_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LETTER = {"grid": "g", "building": "b", "stair": "s"}
_SUFFIX = {
    "street": ("街道办事处", "街道", "镇", "乡"),
    "community": ("社区居委会", "居委会", "社区", "村委会", "村"),
    "grid": ("网格", "片区"),
    "building": ("号楼", "号院", "楼栋", "楼院", "幢", "栋", "楼", "座"),
    "stair": ("单元", "门栋", "楼道", "梯"),
}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百]+")


def depth(level: str) -> int:
    """0 for the street … 4 for the stair; :raises BadUnit: for another word."""
    if level not in LEVELS:
        raise BadUnit("没有这个层级。", f"There is no level “{level}”.")
    return LEVELS.index(level)


def check_parent(level: str, parent_level: str | None) -> None:
    """A street is the root; everything else hangs below a higher level."""
    if parent_level is None:
        if level != "street":
            raise BadUnit("最上面一级必须是街道。", "The top of the tree must be a street.")
    elif depth(level) <= depth(parent_level):
        raise BadUnit("下级单位的层级必须低于上级。", "A unit must be of a lower level than its parent.")


@lru_cache(maxsize=10_000)
def clean_name(name: str) -> str:
    """Half-width, without spaces: ``" 第３ 网格"`` → ``"第3网格"``."""
    cleaned = "".join(unicodedata.normalize("NFKC", name).split())
    if not cleaned:
        raise BadUnit("请填写单位名称。", "Please give the unit a name.")
    if len(cleaned) > NAME_MAX or any(unicodedata.category(c)[0] == "C" for c in cleaned):
        raise BadUnit(
            f"单位名称不能超过 {NAME_MAX} 个字，也不能有看不见的符号。",
            f"A unit name has at most {NAME_MAX} characters and no control characters.",
        )
    return cleaned


def han_number(text: str) -> int | None:
    """``十二`` → 12, ``一百零二`` → 102; None for anything else."""
    if not _HAN_NUMBER.fullmatch(text):
        return None
    if not set(text) & {"十", "百"}:
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in "十百":
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit


def _stem(level: str, name: str) -> str:
    for suffix in _SUFFIX[level]:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def same_name(level: str, a: str, b: str) -> bool:
    """``第三网格`` and ``第3网格``, ``桃园`` and ``桃园社区`` name one unit."""
    return name_key(level, a) == name_key(level, b)


@lru_cache(maxsize=10_000)
def name_key(level: str, name: str) -> str:
    """What two spellings of one unit's name have in common."""
    stem = _stem(level, clean_name(name)).removeprefix("第")
    number = han_number(stem)
    return str(number) if number is not None else (stem.lstrip("0") or "0" if stem.isdecimal() else stem.lower())


def slug(level: str, name: str) -> str:
    """The ASCII word for a name: ``g3`` for ``第三网格``, ``heping`` for ``和平社区``."""
    from pypinyin import lazy_pinyin  # its dictionaries take a sixth of a start

    key = name_key(level, name)
    letters = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(key)).lower())[:24]
    if re.fullmatch(r"\d+[a-z]?", letters):
        return _LETTER.get(level, "n") + letters
    if not letters:
        return _LETTER.get(level, "u")
    return letters if letters[0].isalpha() else "n" + letters


def code_base(level: str, name: str, parent: str | None) -> str:
    """What every code for this name begins with."""
    word = slug(level, name)
    base = f"{parent}-{word}" if parent is not None and depth(level) > depth("community") else word
    return base[: CODE_MAX - 4].rstrip("-") if len(base) > CODE_MAX - 4 else base


RESERVED_CODES: Final = frozenset({"mine", "posts", "lists", "dwellings", "appointments", "teams", "photo"})
"""Addresses of pages of their own beside ``/units/<code>``."""


def make_code(level: str, name: str, parent: str | None, taken: Callable[[str], bool]) -> str:
    """A code nobody ever had. Communities stand alone; below them the parent's code comes first.

    :param taken: whether a code was ever given, to a closed unit too
    """
    base = code_base(level, name, parent)
    code, n = base, 1
    while code in RESERVED_CODES or taken(code):
        n += 1
        code = f"{base}-{n}"
    return check_code(code)


def check_code(code: str) -> str:
    """:raises BadUnit: unless the code is lower-case ASCII letters, digits and single hyphens."""
    if len(code) > CODE_MAX or not _CODE.fullmatch(code):
        raise BadUnit(
            "单位代码只能用小写字母、数字和连字符，以字母开头。",
            "A unit code is lower-case letters, digits and hyphens, beginning with a letter.",
        )
    return code


def path_of(code: str, parent_path: str | None) -> str:
    """Codes from the root, each followed by ``/``."""
    return f"{parent_path or ''}{code}/"


def within(path: str, prefix: str) -> bool:
    """Whether a unit's path lies in the subtree of another (a unit lies in its own)."""
    return path.startswith(prefix)


def codes_in(path: str) -> tuple[str, ...]:
    """The codes of a path, root first."""
    return tuple(path.rstrip("/").split("/")) if path else ()


def area_of(path: str) -> str | None:
    """Code of the unit right below the street, its community as a rule; None for the street itself."""
    codes = codes_in(path)
    return codes[1] if len(codes) > 1 else None


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts ``2号楼`` before ``10号楼``."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part)
