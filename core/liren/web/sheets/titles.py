# SPDX-License-Identifier: Apache-2.0
"""What a column's title says: the text of a header cell against the words people use for one thing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from liren.web.sheets.reading import Cell, Sheet
from liren.web.sheets.values import clean, same_words

_BRACKETS = re.compile(r"[(\[【〔{<《].*?[)\]】〕}>》]")
_DECORATION = str.maketrans(dict.fromkeys("*:：、,，;；.。·#-/|'\"“”?？!！"))
_LONGEST_TITLE = 24
_WIDEST_GROUP = 6
"""A merged cell above more columns than this is the list's title, not a group of columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing a list should tell."""

    key: str
    words: tuple[str, ...]
    """Titles people give it, in any language, the usual one first."""
    fits: Callable[[Cell], bool]
    """Whether a value looks like one; judges columns, never rows."""
    needed: bool = False
    never: tuple[str, ...] = ()
    """Words that make a title mean something else: the collector's name is not the resident's."""
    telling: bool = True
    """Whether the content alone may decide: true for phones and known codes, false for small numbers."""


class Reader:
    """One column's words, prepared once for a whole workbook."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._words = {norm(word): 100 - 0.1 * place for place, word in reversed(list(enumerate(column.words)))}
        # Short Latin words (id, name) would be found inside unrelated ones.
        self._parts = [word for word in self._words if len(word) > (3 if word.isascii() else 1)]
        self._never = [norm(word) for word in column.never]

    def may(self, title: str) -> bool:
        """False where a word says that the title means something else.

        Not inside one of the column's own words: 发生日期 holds 生日 and is no birthday.
        """
        words = norm(title, brackets=True)
        own = [part for part in self._parts if part in words]
        return not any(
            words.count(never) > sum(part.count(never) for part in own if len(part) > len(never))
            for never in self._never
            if never in words
        )

    def score(self, title: str) -> float:
        """0 for another thing, 60 to 90 where the title contains one of the words, about 100 where it is one."""
        words = norm(title)
        if not words or len(words) > _LONGEST_TITLE or not self.may(title):
            return 0.0
        if words in self._words:
            return self._words[words]
        return max((60 + 30 * len(part) / len(words) for part in self._parts if part in words), default=0.0)


def norm(text: str, *, brackets: bool = False) -> str:
    """A title as compared: ``服务时长 （小时）*`` is ``服务时长``."""
    words = same_words(text)
    if not brackets:
        words = _BRACKETS.sub("", words) or words
    return words.translate(_DECORATION)


def titles_of(sheet: Sheet, first: int, rows: int, width: int) -> list[tuple[str, ...]]:
    """For each column the ways to read its title: over two rows joined (group and name), and the name alone."""
    found: list[tuple[str, ...]] = []
    for index in range(width):
        upper = title_at(sheet, first, index)
        lower = title_at(sheet, first + 1, index) if rows == 2 else ""
        if not lower or lower == upper:
            found.append((upper,) if upper else ())
        else:
            found.append((f"{upper} {lower}", lower) if upper else (lower,))
    return found


def title_at(sheet: Sheet, row: int, index: int) -> str:
    """The cell's text, or that of the merged area it lies in."""
    cells = sheet.rows[row]
    text = clean(cells[index]) if index < len(cells) else ""
    if text:
        return text
    for (top, left), (bottom, right) in sheet.merged:
        if top <= row <= bottom and left <= index <= right and right - left < _WIDEST_GROUP:
            source: Sequence[Cell] = sheet.rows[top] if top < len(sheet.rows) else ()
            return clean(source[left]) if left < len(source) else ""
    return ""
