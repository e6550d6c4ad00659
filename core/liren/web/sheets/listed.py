# SPDX-License-Identifier: Apache-2.0
"""A Struct's field as a column of a list: how it is called there, how a cell is read, how a value is written.

What a list needs to know beyond a form stands in ``Meta(extra={…})``: ``titles`` (other titles of the column),
``names`` (a choice's value → what people write), ``unit`` (3小时) and ``holds`` (``"name"``, ``"phone"`` or
``"id_number"``: found and read however it was typed).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from liren.web.converting import convert
from liren.web.fields import MISSING, Field, fields_of
from liren.web.i18n import gettext as _
from liren.web.sheets.reading import Cell
from liren.web.sheets.titles import Column
from liren.web.sheets.values import YearHint, blank, clean, day, id_number, person_name, phone, same_words, whole_number
from liren.web.sheets.words import id_number_column, name_column, phone_column
from liren.web.sheets.writing import Heading

HOLDS: Mapping[str, tuple[Callable[..., Column], Callable[[Cell], str | None]]] = {
    "name": (name_column, person_name),
    "phone": (phone_column, phone),
    "id_number": (id_number_column, id_number),
}
YES = frozenset({"是", "有", "√", "✓", "对", "yes", "y", "true", "1", "on"})
NO = frozenset({"否", "无", "没有", "×", "不", "no", "n", "false", "0", "off"})


@dataclass(frozen=True, slots=True)
class ListedField:
    """One column of a Struct's list."""

    field: Field
    titles: Sequence[str]
    names: Mapping[str, str]
    unit: str
    holds: str

    @property
    def title(self) -> str:
        return _(self.field.title)

    def column(self) -> Column:
        """How it is found in a sheet."""

        def fits(cell: Cell) -> bool:
            return not self.read(cell)[1]

        words = dict.fromkeys((self.field.title, self.title, *self.titles))
        if self.holds:
            usual = HOLDS[self.holds][0](needed=self.field.needed)
            return replace(usual, key=self.field.name, words=tuple(dict.fromkeys((*words, *usual.words))))
        return Column(self.field.name, (*words, self.field.name), fits, self.field.needed, telling=False)

    def read(self, cell: Cell, hint: YearHint | None = None) -> tuple[Any, str]:
        """(value, "") or (MISSING, what is wrong in words).

        :param hint: the year of days written without one
        """
        if self.holds and not blank(cell):
            read = HOLDS[self.holds][1](cell)
            if not read:
                return MISSING, _("%(title)s不对，请核对", title=self.title)
            return convert(self.field, [read])
        return convert(self.field, self._typed(cell, hint))

    def _typed(self, cell: Cell, hint: YearHint | None) -> list[str]:
        """The cell as somebody would type it into the form's field."""
        field = self.field
        if blank(cell):
            return []
        if field.kind is date and (found := day(cell, hint)) is not None:
            return [found.isoformat()]
        if field.fen and isinstance(cell, int | float) and not isinstance(cell, bool):
            return [f"{cell:.2f}"]
        if field.kind is int and not field.fen and (number := whole_number(cell, self.unit)) is not None:
            return [str(number)]
        if field.kind is bool:
            word = same_words(clean(cell))
            return ["on" if word in YES else "off" if word in NO else "?"]
        values = {same_words(said): value for value, said in self.names.items()}
        texts = _several(clean(cell), values) if field.many else [clean(cell)]
        return [values.get(same_words(text), text) for text in texts]

    def heading(self) -> Heading:
        """Of the column that is written; a Chinese character takes two places."""
        kind = self.field.kind
        width = 12 if kind is date else 10 if kind is int else 18
        whole = kind is int and not self.field.fen and not self.field.many
        return Heading(
            self.title, max(2 * len(self.title) + 2, width), "day" if kind is date else "number" if whole else "text"
        )

    def cell(self, value: Any) -> Cell:
        """A value as it is written."""
        if value is None or isinstance(value, date):
            return value
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if isinstance(value, list | tuple):
            return "、".join(str(self.cell(each)) for each in value)
        if isinstance(value, int):
            return f"{value / 100:.2f}" if self.field.fen else value
        plain = str(getattr(value, "value", value))
        return self.names.get(plain, plain)


def _several(text: str, known: Mapping[str, str]) -> list[str]:
    """鱼、大豆 → two; a title that has the sign within itself (低保、特困) stays whole."""
    parts = [part for part in text.replace("，", "、").replace(",", "、").split("、") if part.strip()]
    found = []
    while parts:
        most = next((n for n in range(len(parts), 1, -1) if same_words("、".join(parts[:n])) in known), 1)
        found.append("、".join(parts[:most]))
        parts = parts[most:]
    return found


def listed_fields(struct: type[msgspec.Struct]) -> list[ListedField]:
    """Every field of a Struct, in order."""
    declared = {info.name: info.type for info in msgspec.structs.fields(struct)}
    found = []
    for field in fields_of(struct):
        said: dict[str, Any] = {}
        for meta in getattr(declared[field.name], "__metadata__", ()):
            said |= (meta.extra or {}) if isinstance(meta, msgspec.Meta) else {}
        titles, names = tuple(said.get("titles", ())), dict(said.get("names", {}))
        found.append(ListedField(field, titles, names, said.get("unit", ""), said.get("holds", "")))
    return found
