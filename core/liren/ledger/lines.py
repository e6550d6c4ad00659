# SPDX-License-Identifier: Apache-2.0
"""Records as lines of somebody's passbook: what it was, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liren.ledger import words
from liren.ledger.at_hand import unit_names
from liren.plugins.context import Context
from liren.plugins.services import EntryView
from liren.plugins.titles import Titles


@dataclass(frozen=True, slots=True)
class Line:
    """One record."""

    entry: EntryView
    title: str
    where: str


async def lines(ctx: Context, entries: Sequence[EntryView]) -> list[Line]:
    """Records their reader may see, in the reader's words."""
    if not entries:
        return []
    titles = await ctx.titles([each.code for each in entries], [each.merchant for each in entries if each.merchant])
    units = await unit_names(ctx)
    return [Line(each, _title(ctx, each, titles), _where(each, titles, units)) for each in entries]


def _title(ctx: Context, entry: EntryView, titles: Titles) -> str:
    """From the personal part where it is still there; else what its code is called, else what moved."""
    return words.title_of(entry) or titles.codes.get(entry.code) or ctx.t(words.WHY[entry.why])


def _where(entry: EntryView, titles: Titles, units: Mapping[str, str]) -> str:
    said = str(entry.reason.get("where", "")) or titles.accounts.get(entry.merchant, "")
    return said or units.get(entry.unit, entry.unit)
