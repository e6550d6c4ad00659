# SPDX-License-Identifier: Apache-2.0
"""Units in and out of Excel: where, which level, what they are called; every row judged, taken all or nothing.

A row without a code is a new unit, or the one of that name; a row with the code of our own export changes that unit:
its titles, or where it hangs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import Progress, UnitCard
from liren.plugins.types import UnitChange
from liren.store import Tx
from liren.units import changes, verbs
from liren.units.errors import BadUnit
from liren.units.places import SEPARATOR, Places, way_text
from liren.units.rules import LEVELS, check_parent, clean_name, depth, name_key
from liren.units.scope import MANAGE, VIEW, level_names, service, within
from liren.units.tree import Tree
from liren.web import N_, Upload, download, get
from liren.web import gettext as _
from liren.web.i18n import both
from liren.web.lists import LIST_KINDS, ListKind, Summary, list_routes
from liren.web.sheets import CheckedRecords, FaultyRow, read_records, write_records


class UnitRow(msgspec.Struct, frozen=True):
    """One row of the list."""

    parent: Annotated[str, Meta(title=N_("上级单位"), max_length=200, extra={"titles": ("上级", "所属上级", "parent")})]
    level: Annotated[str, Meta(title=N_("层级"), max_length=20, extra={"titles": ("级别", "类型", "level")})]
    name: Annotated[str, Meta(title=N_("单位名称"), max_length=60, extra={"titles": ("名称", "组织名称", "name")})]
    party_title: Annotated[str, Meta(title=N_("党组织名称"), max_length=60, extra={"titles": ("党组织", "party")})] = ""
    code: Annotated[str, Meta(title=N_("代码"), max_length=48, extra={"titles": ("单位代码", "code")})] = ""


class UnitUpload(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=N_("单位名单"), extra=LIST_KINDS)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a good row asks for; ``parent`` is a code, or ``#3`` for what the third new row makes."""

    level: str
    name: str
    party_title: str | None
    parent: str
    code: str = ""


@dataclass(slots=True)
class Judging:
    """The rows of one list against the tree; a row may hang below what an earlier row makes."""

    ctx: Context
    tree: Tree
    places: Places
    levels: dict[str, str]
    """What people write → level."""
    new: list[Wanted] = field(default_factory=list)
    changed: list[Wanted] = field(default_factory=list)
    same: int = 0
    _made: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _hung: dict[str, str] = field(default_factory=dict)
    """Unit → the parent this list gives it."""

    def take(self, row: UnitRow) -> str | None:
        """What is wrong with a row, or None."""
        level = self.levels.get("".join(row.level.split()))
        if level is None or level == LEVELS[0]:
            return _("没有这个层级：%(level)s", level=row.level[:20])
        parent = self._parent(row.parent)
        if parent is None:
            return _("没有这个单位，或者不在您负责的范围内：%(place)s", place=row.parent[:60])
        above, above_level = parent
        try:
            name = clean_name(row.name)
            party = clean_name(row.party_title) if row.party_title.strip() else None
            if (card := self.tree.get(above)) is not None and card.closed is not None:
                return _("%(name)s已经撤销", name=card.name)
            if row.code:
                return self._known(row.code.strip(), Wanted(level, name, party, above, row.code.strip()), above_level)
            check_parent(level, above_level)
        except LirenError as error:
            return both(error.zh, error.en)
        return self._new(Wanted(level, name, party, above))

    def _parent(self, text: str) -> tuple[str, str] | None:
        """(code or place of a new row, level)."""
        found = self.places.find(text)
        if found is not None:
            return (found.code, found.level) if self.ctx.can(MANAGE, found.code) else None
        head, _sep, last = text.replace("／", SEPARATOR).strip(SEPARATOR).rpartition(SEPARATOR)
        above = self._parent(head) if head else None
        if above is None:
            return None
        for level in LEVELS[1:]:
            made = self._made.get((above[0], level, name_key(level, last) if last.strip() else ""))
            if made is not None:
                return made, level
        return None

    def _new(self, wanted: Wanted) -> str | None:
        key = (wanted.parent, wanted.level, name_key(wanted.level, wanted.name))
        if key in self._made:
            return _("和前面的一行重复")
        there = self.tree.named(wanted.parent, wanted.level, wanted.name)
        if there is not None:
            self._made[key] = there.code
            if wanted.party_title is not None and wanted.party_title != there.party_name:
                self.changed.append(Wanted(there.level, there.name, wanted.party_title, wanted.parent, there.code))
            else:
                self.same += 1
            return None
        self._made[key] = f"#{len(self.new)}"
        self.new.append(wanted)
        return None

    def _known(self, code: str, wanted: Wanted, above_level: str) -> str | None:
        card = self.tree.get(code)
        if card is None or not self.ctx.can(MANAGE, code):
            return _("没有这个代码，或者不在您负责的范围内：%(code)s", code=code[:48])
        if card.closed is not None:
            return _("%(name)s已经撤销", name=card.name)
        if card.level != wanted.level:
            return _("层级不能改：%(name)s", name=card.name)
        if code in self._hung:
            return _("和前面的一行重复")
        if self._makes_a_cycle(code, wanted.parent):
            raise BadUnit(
                f"不能把{card.name}挂到它自己或它的下级下面。",
                f"{card.name} cannot hang below itself or its own units.",
            )
        check_parent(wanted.level, above_level)
        self._hung[code] = wanted.parent
        party = wanted.party_title if wanted.party_title is not None else card.party_name
        if (wanted.name, wanted.parent, party) == (card.name, card.parent, card.party_name):
            self.same += 1
        else:
            self.changed.append(Wanted(wanted.level, wanted.name, party, wanted.parent, code))
        return None

    def _makes_a_cycle(self, code: str, parent: str) -> bool:
        """Following the parents as this list would leave them leads back to the unit."""
        at: str | None = parent
        for _step in range(20):
            if at is None or at.startswith("#"):
                return False
            if at == code:
                return True
            card = self.tree.get(at)
            at = self._hung.get(at) or (card.parent if card else None)
        return True


async def judged(ctx: Context, data: bytes) -> tuple[CheckedRecords[UnitRow], Judging]:
    """Every row with its verdict, and what the list would do.

    :raises SheetError: no workbook, or a needed column that is not there
    """
    tree, names = await service(ctx).tree(), level_names(ctx).admin
    levels = {level: level for level in LEVELS} | {"".join(title.split()): level for level, title in names.items()}
    for level, usual in zip(LEVELS, ("街道", "社区", "网格", "楼栋", "单元"), strict=True):
        levels.setdefault(usual, level)
    judging = Judging(ctx, tree, Places(tree), levels)
    read = await read_records(data, UnitRow)
    good, faulty = [], list(read.faulty)
    for each in read.good:
        problem = judging.take(each.value)
        if problem is None:
            good.append(each)
        else:
            row = each.value
            typed = (row.parent, row.level, row.name, row.party_title, row.code)
            faulty.append(FaultyRow(each.number, typed, (problem,)))
    faulty.sort(key=lambda row: row.number)
    titles = tuple(_(t) for t in (N_("上级单位"), N_("层级"), N_("单位名称"), N_("党组织名称"), N_("代码")))
    return CheckedRecords(read.sheet, titles, good, faulty, read.skipped), judging


async def check(ctx: Context, sent: UnitUpload) -> Summary:
    checked, judging = await judged(ctx, sent.file.content)
    return Summary.of(
        ready=len(judging.new) + len(judging.changed),
        same=judging.same,
        skipped=checked.skipped,
        mend=checked.mend,
        ready_note=_("其中 %(n)s 行改动已有单位", n=len(judging.changed)) if judging.changed else "",
    )


async def take(ctx: Context, tx: Tx, sent: UnitUpload, progress: Progress) -> str:
    """New units in the order of the list, then changes; what hangs elsewhere is told to everybody."""
    _checked, judging = await judged(ctx, sent.file.content)
    today, total = ctx.today(), len(judging.new) + len(judging.changed)
    codes: list[str] = []
    for wanted in judging.new:
        made = await verbs.add(
            tx,
            level=wanted.level,
            name=wanted.name,
            parent=_code(wanted.parent, codes),
            opened=today,
            party_title=wanted.party_title,
        )
        codes.append(made.code)
        progress(len(codes), total)
    for done, wanted in enumerate(judging.changed, len(codes) + 1):
        change = await _apply(tx, ctx, wanted, _code(wanted.parent, codes))
        if change.moved:
            await ctx.every("unit_changed", change=change)
        progress(done, total)
    return ctx.t("增设了 {new} 个单位，改动了 {changed} 个。", new=len(judging.new), changed=len(judging.changed))


async def _apply(tx: Tx, ctx: Context, wanted: Wanted, parent: str) -> UnitChange:
    card = await verbs.known(tx, wanted.code)
    if (wanted.name, wanted.party_title) != (card.name, card.party_name):
        await verbs.rename(tx, card.code, name=wanted.name, party_title=wanted.party_title, day=ctx.today())
    return await changes.move(tx, card.code, parent, ctx.today())


def _code(place: str, codes: Sequence[str]) -> str:
    return codes[int(place[1:])] if place.startswith("#") else place


def template(ctx: Context) -> bytes:
    names = level_names(ctx).admin
    rows = [
        UnitRow("桃园社区", names["grid"], "第3网格", "第3网格党支部"),
        UnitRow("桃园社区/第3网格", names["building"], "7号楼"),
    ]
    return write_records(UnitRow, rows, ctx.t(N_("单位名单")))


async def export(ctx: Context, tree: Tree, top: UnitCard) -> bytes:
    """The open units below one, as :func:`judged` reads them again."""
    names = level_names(ctx).admin
    below = sorted((card for card in tree.below(top.code) if card.parent is not None), key=lambda c: depth(c.level))
    rows = [
        UnitRow(way_text(tree, card.parent or ""), names[card.level], card.name, card.party_name or "", card.code)
        for card in below
    ]
    return write_records(UnitRow, rows, ctx.t(N_("单位名单")))


KIND: Final = ListKind(
    name="units.units",
    title=N_("单位名单"),
    path="/lists/units",
    route="units",
    permission=MANAGE,
    form=UnitUpload,
    check=check,
    take=take,
    template=template,
    back="tree",
    back_title=N_("单位"),
    about=(
        N_("一行一个单位：上级单位、层级、名称，有党组织的写上党组织名称。上级写在前面的行里就行。"),
        N_("要给已有单位改名、换上级，先下载现在的名单，在有代码的行上改。"),
    ),
)


@get("/{code:str}/units.xlsx", allow=VIEW, name="units_file")
async def units_file(ctx: Context, code: str) -> Response[Any]:
    """The units of a subtree as a workbook that can be uploaded again."""
    tree = await service(ctx).tree()
    unit = within(ctx, tree, code, VIEW)
    return download(await export(ctx, tree, unit), f"{unit.name}{ctx.t('单位名单')}.xlsx")


ROUTES = (units_file, *list_routes(KIND))
