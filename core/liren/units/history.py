# SPDX-License-Identifier: Apache-2.0
"""What became of a unit and what it was made of, in sentences for its page."""

from dataclasses import dataclass
from datetime import date

from liren.plugins.context import Context
from liren.units.scope import service
from liren.units.tree import Tree


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a unit."""

    day: date
    text: str
    unit: str
    """Code of the other unit; empty where there is none."""


async def of_unit(ctx: Context, tree: Tree, code: str) -> list[Happened]:
    """The newest first."""
    rows = await service(ctx).store.read(
        "SELECT what, day, gone, heir, detail FROM unit_change WHERE gone = ?"
        " UNION SELECT what, day, gone, heir, detail FROM unit_change WHERE heir = ? ORDER BY 2 DESC, 3 LIMIT 60",
        code, code,
    )  # fmt: skip
    found = []
    for what, day, gone, heir, detail in rows:
        if what == "moved" and code == heir:
            continue  # its own history, not the new parent's
        other = heir if code == gone else gone
        card = tree.get(other) if other and other != code else None
        when = day if isinstance(day, date) else date.fromisoformat(day)
        found.append(Happened(when, _say(ctx, what, code == gone, card.name if card else "", detail), other or ""))
    return found


def _say(ctx: Context, what: str, own: bool, name: str, detail: str) -> str:
    """One sentence.

    :param own: it happened to this unit itself, not to the other one
    """
    if what == "merged":
        return ctx.t("并入{name}", name=name) if own else ctx.t("{name}并入", name=name)
    if what == "split":
        return ctx.t("分出{name}", name=name) if own else ctx.t("从{name}分出", name=name)
    if what == "moved":
        return ctx.t("改挂到{name}下面", name=name)
    if what == "renamed":
        return ctx.t("改名，原来叫{name}", name=detail)
    return ctx.t("撤销")
