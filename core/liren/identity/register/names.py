# SPDX-License-Identifier: Apache-2.0
"""Names of people: one spelling, a mask for the public, pinyin for looking up. Pure rules."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

NAME_MAX: Final = 40
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･●．.", "·"))
_HAN_ONLY: Final = re.compile(r"[\u4e00-\u9fff]+")
"""Characters that have one spelling only: nothing of such a name is changed."""
_SHORT: Final = 4
_COMPOUND: Final = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳"
        "公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙"
        "壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生公户公玉"
        "公仪梁丘左丘公门公山西门第五公乘贯丘公皙南荣东里东宫仲长子书子桑即墨达奚褚师"
        "完颜叶赫纳兰耶律",
    )
)


@dataclass(frozen=True, slots=True)
class Sound:
    """How a name is looked up on a keyboard without Chinese input."""

    pinyin: str
    """``wangxiulan``; empty where the name has no letters."""
    initials: str
    """``wxl``."""


def normalise(value: object) -> str:
    """One spelling: half-width, every dot as ``·``, no spaces in a Chinese name, single ones in a Latin name.

    Empty where nothing is left.
    """
    if isinstance(value, str) and _HAN_ONLY.fullmatch(value):
        return value
    text = unicodedata.normalize("NFKC", "" if value is None else str(value))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    text = re.sub(r"\s+", " ", text).strip()
    if any(_is_han(c) for c in text):
        text = text.translate(_DOTS).replace(" ", "")
    return unicodedata.normalize("NFKC", text)


def is_name(text: str) -> bool:
    """Whether a normalised text can be a name: letters of some script with ``·``, ``-``, ``'``, ``.`` or spaces."""
    if _HAN_ONLY.fullmatch(text):
        return len(text) <= NAME_MAX
    return (
        0 < len(text) <= NAME_MAX
        and all(c.isalpha() or unicodedata.category(c)[0] == "M" or c in "·-' ." for c in text)
        and text[0].isalpha()
    )


def _is_han(c: str) -> bool:
    return "一" <= c <= "鿿" or "㐀" <= c <= "䶿" or "\U00020000" <= c <= "\U0003ffff" or c == "〇"


def mask(name: str) -> str:
    """What publicity shows: the surname, then a star a character: ``欧阳*``, ``龚**``.

    A name with ``·`` keeps its first part; a single character is starred; a Latin name keeps its first letter.
    """
    text = normalise(name)
    if not text:
        return "*"
    first, dot, rest = text.partition("·")
    if dot:
        return (first if len(first) > 1 else "*") + dot + "*" * min(max(len(rest), 1), 3)
    if not _is_han(text[0]):
        return text[0] + "*" * min(max(len(text) - 1, 1), 5)
    if len(text) == 1:
        return "*"
    keep = 2 if len(text) > 2 and text[:2] in _COMPOUND else 1
    return text[:keep] + "*" * (len(text) - keep)


def given_of(name: str) -> str:
    """The name without its surname: what is remembered when the surname is not. Empty for a single character."""
    text = normalise(name)
    if not text or not _is_han(text[0]):
        return text.partition(" ")[2]
    if "·" in text:
        return text.partition("·")[2]
    return text[2 if len(text) > 2 and text[:2] in _COMPOUND else 1 :]


def sound(name: str) -> Sound:
    """Pinyin and initials, lower-case ASCII; a surname in its own reading (单 shan, 仇 qiu, 曾 zeng)."""
    text = normalise(name)
    if not text:
        return Sound("", "")
    syllables = _surname_first(text)
    letters = ["".join(c for c in s.lower() if c.isascii() and c.isalnum()) for s in syllables]
    return Sound("".join(letters), "".join(s[0] for s in letters if s))


def _surname_first(text: str) -> list[str]:
    keep = 2 if text[:2] in _COMPOUND else 1
    first = _SURNAMES.get(text[:keep])
    if first is None:
        return _syllables(text)
    return [*first.split("-"), *_syllables(text[keep:])]


def _syllables(text: str) -> list[str]:
    """As pypinyin reads it. Where no two neighbours make a word of its dictionary, that is character by character,
    and each character is worked out once: a city's list has some thousand of them in 326 000 names.
    """
    if not 0 < len(text) <= _SHORT or not _HAN_ONLY.fullmatch(text) or _has_a_word(text):
        return _whole(text)
    return [_syllable(character) for character in text]


def _whole(text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a sixth of a start

    read: list[str] = lazy_pinyin(text, style=Style.NORMAL, v_to_u=False)
    return read


def _has_a_word(text: str) -> bool:
    from pypinyin.constants import PHRASES_DICT

    length = len(text)
    return any(text[start:end] in PHRASES_DICT for start in range(length - 1) for end in range(start + 2, length + 1))


@lru_cache(maxsize=20_000)
def _syllable(character: str) -> str:
    return "".join(_whole(character))


_SURNAMES: Final = dict(
    re.findall(
        r"(\w+) ([a-z-]+)",
        "单 shan 仇 qiu 曾 zeng 解 xie 查 zha 朴 piao 区 ou 任 ren 盖 ge 员 yun 种 chong 缪 miao 翟 zhai 华 hua "
        "覃 qin 召 shao 折 she 冼 xian 逄 pang 纪 ji 宁 ning 晁 chao 燕 yan 葛 ge 宓 mi 隗 wei "
        "尉迟 yu-chi 万俟 mo-qi 澹台 tan-tai 长孙 zhang-sun 令狐 ling-hu",
    )
)
